/* Which order item is which: the key under which it is remembered, and the name that people give it.
 *
 * The key is bss.name + "/" + an id. With bss.order_key: item the id is the Order Item Id, which must be
 * unique over all orders then; with order_item it is "ORDER/ITEM", for line numbers that begin anew in each
 * order. A row without an item id has its order's id. The order of a sub-order is the one that it was split
 * from: the BSS moves items there, and an item keeps its key. */
#ifndef TENANTRY_ORDER_KEY_H
#define TENANTRY_ORDER_KEY_H

#include "tenantry/job.h"
#include "tenantry/ledger.h"

struct order_ids {
	struct strv order_id, item_id, parent_order_id; /* trimmed; empty: none */
};

/* The id in the key. Borrowed from the ids or from `scratch`, whose text it is made in; empty without ids. */
struct strv order_key_id(enum order_key kind, struct order_ids ids, struct strbuf *scratch);

/* What people call an item, and what every command takes for it: its key without bss.name, where the key ends
 * with its ids; else its own id, else its order's. Borrowed from the record. */
const char *item_record_name(const struct item_record *item);

/* The other way round, for a key that was made with `kind`: false when it is none of this BSS. The texts are
 * in the buffers; what the key does not say is the same as the other. */
bool order_key_split(enum order_key kind, const char *bss_name, const char *key, struct strbuf *order_id,
    struct strbuf *item_id);

#endif
