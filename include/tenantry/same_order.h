/* Is an order item that comes now the one that the ledger remembers? A key alone proves nothing: line numbers
 * begin anew in each order, ids are typed twice, and whole exports say NULL. Pure. */
#ifndef TENANTRY_SAME_ORDER_H
#define TENANTRY_SAME_ORDER_H

#include "tenantry/ledger.h"

/* What makes an order item what it is: id, word for people. Of changes (all but new) the subscription too:
 * suspending one is not suspending another. */
#define ORDER_TRAITS(X)                                                                                      \
	X(TRAIT_ORDER, "order")                                                                              \
	X(TRAIT_ACCOUNT, "account")                                                                          \
	X(TRAIT_ACTION, "action")                                                                            \
	X(TRAIT_PRODUCT, "product")                                                                          \
	X(TRAIT_TIER, "tier")                                                                                \
	X(TRAIT_SUBSCRIPTION, "subscription")
enum order_trait {
#define X(id, word) id,
	ORDER_TRAITS(X)
#undef X
	    ORDER_TRAIT_COUNT
};
const char *order_trait_word(enum order_trait trait);

/* The one that comes now; borrowed. `tier`: its name in contract.tiers, else as written. */
struct order_now {
	struct strv order_id, item_id, parent_order_id, account_id, product, tier, subscription_id;
	bool tier_named;    /* else it is that of the product */
	enum action action; /* ACTION_COUNT: not one of ours */
	int64_t ordered_at; /* milliseconds, 0 no date */
	const char *digest, *content;
};

enum likeness {
	LIKE_ANOTHER, /* of another account, or of another order that is not proved to be the same */
	LIKE_ALTERED, /* the same order's, and another action, product, tier or subscription */
	LIKE_CHANGED, /* the same, and other content */
	LIKE_SAME
};
struct comparison {
	enum likeness likeness;
	unsigned traits; /* bits of what differs, of another or an altered one */
	unsigned parts;  /* bits (enum order_part) of what differs, of a changed one; 0: the record is of a
			    version that cannot tell what */
	bool moved;      /* the same under another order id: into a sub-order */
};
/* `by_date`: the two have the same item id, which is unique over all orders as far as the job says. Then the
 * same item under another order id is proved by account, action, product, tier and Order Date; else only by
 * the parent order. What a record of an earlier version does not know differs from nothing. */
struct comparison order_compare(const struct order_now *now, const struct item_record *then, bool by_date);

/* Does the item say something else than when work on it began? Moving into a sub-order is no change, nor is
 * another status. */
struct order_item;
bool order_item_changed(const struct order_item *now, const struct item_record *then);

/* "tier and address": what differs, for people. `out` is added to; "content" when it cannot be told. */
void order_add_differences(struct strbuf *out, struct comparison comparison);

#endif
