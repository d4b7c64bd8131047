/* See price_table.h. The amounts are those of the sample jobs (jobs/demo.yaml, jobs/nightly.yaml), so that a
 * rehearsal with their tiers is told what they say. Only 0, 250 and 25,000 USD are public figures, and which
 * value they belong to is not: the rest is invented. */
#include "sandbox/price_table.h"

#include <string.h>

#include "tenantry/mem.h"

enum { LOWEST = -1, VALUES = 9 };

static const struct {
	const char *currency, *of_value[VALUES]; /* from -1 on */
} rows[] = {
    {"USD", {"0", "250", "500", "1000", "2500", "5000", "10000", "25000", "50000"}},
    {"EUR", {"0", "230", "460", "920", "2300", "4600", "9200", "23000", "46000"}},
    {"GBP", {"0", "200", "400", "800", "2000", "4000", "8000", "20000", "40000"}},
    {"AUD", {"0", "380", "760", "1520", "3800", "7600", "15200", "38000", "76000"}},
    {"JPY", {"0", "37000", "74000", "148000", "370000", "740000", "1480000", "3700000", "7400000"}},
    {"CAD", {"0", "345", "690", "1380", "3450", "6900", "13800", "34500", "69000"}},
};

const char *price_table_commitment(int64_t tier_value, const char **currency)
{
	size_t row = 0;

	for (size_t i = 0; *currency && i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].currency, *currency) == 0)
			row = i;
	*currency = rows[row].currency;
	return tier_value >= LOWEST && tier_value < LOWEST + VALUES ? rows[row].of_value[tier_value - LOWEST]
								    : "0";
}
