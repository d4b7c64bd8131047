/* Exact fractions: exchange rates, percentages, shares of a month. Nothing is lost until rational_round(),
 * which a sum of money meets once per line.
 *
 * A rational is made by rational_new() (it is 0 then) and freed by rational_free(). Operations change their
 * first argument; the second may be the same object.
 */
#ifndef TENANTRY_RATIONAL_H
#define TENANTRY_RATIONAL_H

#include <stdbool.h>
#include <stdint.h>

#include "tenantry/money.h"
#include "tenantry/str.h"

/* How a fraction of the smallest unit becomes a whole one: a half away from zero; a half to the even
 * neighbour; always towards zero. The order is that of the job file's words. */
enum rounding { ROUNDING_HALF_UP, ROUNDING_HALF_EVEN, ROUNDING_DOWN };
const char *rounding_name(enum rounding rounding); /* "half-up", for people */

struct rational; /* opaque */

struct rational *rational_new(void);
void rational_free(struct rational *rational); /* NULL is fine */

/* "0.9213", "-1.5", "12": digits with at most one point, which has digits on both sides, at most
 * RATIONAL_DIGITS of them; no exponent, no sign but '-', no white space. False: it is not one, and the value
 * is as before. */
enum { RATIONAL_DIGITS = 40 };
bool rational_parse(struct rational *rational, struct strv text);
void rational_set(struct rational *rational, int64_t numerator, int64_t denominator); /* denominator > 0 */
void rational_copy(struct rational *rational, const struct rational *from);
/* The amount in the currency's unit: 250.00 USD is 250. */
void rational_set_money(struct rational *rational, struct money money);

void rational_add(struct rational *rational, const struct rational *other);
void rational_subtract(struct rational *rational, const struct rational *other);
void rational_multiply(struct rational *rational, const struct rational *other);
/* Below 0, 0, above 0. */
int rational_compare(const struct rational *a, const struct rational *b);
int rational_sign(const struct rational *rational);

/* In units of 10^-decimals: 230.325 with 2 decimals is 23033 half-up, 23032 half-even and down. False when it
 * does not fit. */
bool rational_round(const struct rational *rational, int decimals, enum rounding rounding, int64_t *out);
/* The same as money of a currency. */
bool rational_money(
    const struct rational *rational, const char *currency, enum rounding rounding, struct money *out);

#endif
