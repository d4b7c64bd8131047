/* Money: integers of minor units with the currency's exponent. Never binary floating point. */
#ifndef TENANTRY_MONEY_H
#define TENANTRY_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "tenantry/str.h"

struct money {
	int64_t minor;
	char currency[4]; /* ISO 4217, upper case; "" none */
};

/* Digits after the point: JPY 0, the other currencies of rule 5 (domain notes) and all that Acronis prices
 * in 2. */
int currency_exponent(const char *currency);
/* Three ASCII letters? (After trimming and upper-casing by the caller.) */
bool currency_is_code(struct strv code);
/* "250", "250.00", "-1.5": exact or refused (more decimals than the currency has that are not zero;
 * exponents; thousands separators; a decimal comma). */
bool money_parse(struct strv text, const char *currency, struct money *out);
/* Sum; false on overflow or when the currencies differ. */
bool money_add(struct money *sum, struct money add);
enum { MONEY_TEXT_SIZE = 32 };
/* "250.00", "-1.50", "37343"; without the currency. */
const char *money_text(struct money money, char text[MONEY_TEXT_SIZE]);

#endif
