/* Amounts and rates as an export writes them: plain decimals, unless the job states another format
 * (bss.csv.decimal, bss.csv.thousands). Exponents, signs in other places, currency symbols and marks that
 * were not stated are refused with the reason, never read as something else. */
#ifndef TENANTRY_AMOUNT_H
#define TENANTRY_AMOUNT_H

#include "tenantry/job.h"

struct amount_format {
	enum decimal_mark decimal;
	enum thousands_mark thousands;
};

/* numeric(18,6) in the BSS (domain notes section 3): amounts are held in millionths until a line is rounded.
 */
enum { AMOUNT_DECIMALS = 6, AMOUNT_TEXT_SIZE = 48 };

/* "1.234,50" to "1234.50" in the stated format. False: *why says what is wrong, for after "... is \"TEXT\":
 * ". */
bool amount_normal(
    struct amount_format format, struct strv text, char out[AMOUNT_TEXT_SIZE], const char **why);
/* The same in millionths. Also refuses what does not fit and more than six decimals that are not zero. */
bool amount_parse(struct amount_format format, struct strv text, int64_t *millionths, const char **why);

#endif
