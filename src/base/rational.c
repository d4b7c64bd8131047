/* GMP's mpq behind our own few operations; see rational.h. GMP ends the process when it is out of memory,
 * which is what mem.h promises too. */
#include "tenantry/rational.h"

#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "tenantry/mem.h"

struct rational {
	mpq_t q; /* always canonical */
};

const char *rounding_name(enum rounding rounding)
{
	static const char *const names[] = {
	    [ROUNDING_HALF_UP] = "half-up", [ROUNDING_HALF_EVEN] = "half-even", [ROUNDING_DOWN] = "down"};

	return names[rounding];
}

struct rational *rational_new(void)
{
	struct rational *rational = mem_zalloc(sizeof *rational);

	mpq_init(rational->q);
	return rational;
}

void rational_free(struct rational *rational)
{
	if (!rational)
		return;
	mpq_clear(rational->q);
	free(rational);
}

/* A long has 64 bits wherever this is built; GMP has no int64_t of its own. */
_Static_assert(sizeof(long) == sizeof(int64_t), "mpz_set_si takes a long");

void rational_set(struct rational *rational, int64_t numerator, int64_t denominator)
{
	mpz_set_si(mpq_numref(rational->q), numerator);
	mpz_set_si(mpq_denref(rational->q), denominator);
	mpq_canonicalize(rational->q);
}

static void set_scaled(struct rational *rational, const char *digits, int decimals)
{
	mpz_set_str(mpq_numref(rational->q), digits, 10);
	mpz_ui_pow_ui(mpq_denref(rational->q), 10, (unsigned long)decimals);
	mpq_canonicalize(rational->q);
}

bool rational_parse(struct rational *rational, struct strv text)
{
	char digits[RATIONAL_DIGITS + 2];
	size_t n = 0, count = 0;
	int decimals = -1; /* before the point */

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '-' && i == 0) {
			digits[n++] = c;
		} else if (c == '.' && decimals < 0 && count > 0) {
			decimals = 0;
		} else if (c >= '0' && c <= '9' && count < RATIONAL_DIGITS) {
			digits[n++] = c;
			count++;
			decimals += decimals >= 0;
		} else {
			return false;
		}
	}
	if (count == 0 || decimals == 0)
		return false;
	digits[n] = '\0';
	set_scaled(rational, digits, decimals < 0 ? 0 : decimals);
	return true;
}

void rational_copy(struct rational *rational, const struct rational *from)
{
	mpq_set(rational->q, from->q);
}

void rational_set_money(struct rational *rational, struct money money)
{
	rational_set(rational, money.minor, currency_exponent(money.currency) == 0 ? 1 : 100);
}

void rational_add(struct rational *rational, const struct rational *other)
{
	mpq_add(rational->q, rational->q, other->q);
}

void rational_subtract(struct rational *rational, const struct rational *other)
{
	mpq_sub(rational->q, rational->q, other->q);
}

void rational_multiply(struct rational *rational, const struct rational *other)
{
	mpq_mul(rational->q, rational->q, other->q);
}

int rational_compare(const struct rational *a, const struct rational *b)
{
	return mpq_cmp(a->q, b->q);
}

int rational_sign(const struct rational *rational)
{
	return mpq_sgn(rational->q);
}

/* Does the rest of a division towards zero carry the result one further from zero? `rest` and `whole` are not
 * negative. */
static bool goes_up(const mpz_t quotient, mpz_t rest, const mpz_t whole, enum rounding rounding)
{
	if (rounding == ROUNDING_DOWN)
		return false;
	mpz_mul_2exp(rest, rest, 1);
	int half = mpz_cmp(rest, whole);
	return half > 0 || (half == 0 && (rounding == ROUNDING_HALF_UP || mpz_odd_p(quotient)));
}

bool rational_round(const struct rational *rational, int decimals, enum rounding rounding, int64_t *out)
{
	mpz_t number, rest;
	bool negative = mpq_sgn(rational->q) < 0, fits;

	mpz_init(number);
	mpz_init(rest);
	mpz_ui_pow_ui(number, 10, (unsigned long)decimals);
	mpz_mul(number, number, mpq_numref(rational->q));
	mpz_abs(number, number);
	mpz_tdiv_qr(number, rest, number, mpq_denref(rational->q));
	if (goes_up(number, rest, mpq_denref(rational->q), rounding))
		mpz_add_ui(number, number, 1);
	if (negative)
		mpz_neg(number, number);
	fits = mpz_fits_slong_p(number) != 0;
	if (fits)
		*out = mpz_get_si(number);
	mpz_clear(rest);
	mpz_clear(number);
	return fits;
}

bool rational_money(
    const struct rational *rational, const char *currency, enum rounding rounding, struct money *out)
{
	if (!rational_round(rational, currency_exponent(currency), rounding, &out->minor))
		return false;
	snprintf(out->currency, sizeof out->currency, "%s", currency);
	return true;
}
