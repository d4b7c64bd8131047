/* Minimum commitments of the pretended cloud, by tier value and currency. */
#ifndef SANDBOX_PRICE_TABLE_H
#define SANDBOX_PRICE_TABLE_H

#include <stdint.h>

/* The name under which a seed or a drift keeps what a tenant's price list says in place of the table; no
 * operation of the API can read or write it. */
#define COMMITMENT_SETTING "price_list_commitment"

/* "250" for 0 in USD, as a price list says it. *currency is what it is in: the one that was asked for, USD
 * where the table has no amounts in it. Values outside of the table have no commitment. */
const char *price_table_commitment(int64_t tier_value, const char **currency);

#endif
