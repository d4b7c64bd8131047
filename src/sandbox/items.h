/* Which offering items a tenant has and may have. */
#ifndef SANDBOX_ITEMS_H
#define SANDBOX_ITEMS_H

#include "sandbox/exchange.h"

/* Does the tenant itself have it turned on? The root has everything. */
bool item_on(struct exchange *x, const struct tenant *tenant, int64_t item);
/* Is it shown among the tenant's items: its application is bound, and it was set once or the parent offers
 * it. */
bool item_listed(struct exchange *x, const struct tenant *tenant, int64_t item, struct item_state *state);
/* Appends the tenant's items: all that are listed, or only those that were ever set. */
void items_render(struct exchange *x, const struct tenant *tenant, bool all, json_t *list);
/* Turns an item on or off and binds its application. The tenant counts as changed, its version stays (notes
 * section 2.2). */
void item_switch(struct exchange *x, const struct tenant *tenant, struct item_state *state, bool on);

#endif
