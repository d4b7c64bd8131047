/* Columns of the sources that have a reader of their own, for those that read the same rows elsewhere. */
#ifndef TENANTRY_SOURCE_COLUMNS_H
#define TENANTRY_SOURCE_COLUMNS_H

#include "tenantry/csv.h"

const struct csv_column *subscription_columns(size_t *count); /* subscriptions.c */
const struct csv_column *invoice_columns(size_t *count);      /* invoices.c */
const struct csv_column *rate_columns(size_t *count);         /* rates.c */

#endif
