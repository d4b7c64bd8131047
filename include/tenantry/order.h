/* Order items: the unit of work. A CSV row or a database row becomes `struct order` once, at the edge; a good
 * one is kept as `struct order_item`, plain data that planning and provisioning work on. */
#ifndef TENANTRY_ORDER_H
#define TENANTRY_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "tenantry/arena.h"
#include "tenantry/clock.h"
#include "tenantry/digest.h"
#include "tenantry/job.h"
#include "tenantry/str.h"

/* id, header text (design section 5), needed in every file */
#define ORDER_FIELDS(X)                                                                                      \
	X(ORDER_ID, "Order Id", true)                                                                        \
	X(ORDER_ITEM_ID, "Order Item Id", false)                                                             \
	X(ORDER_DATE, "Order Date", false)                                                                   \
	X(ORDER_STATUS, "Order Status", false)                                                               \
	X(ORDER_CHANNEL, "Channel", false)                                                                   \
	X(ORDER_ACTION, "Action", false)                                                                     \
	X(ORDER_ACCOUNT_ID, "Account Id", true)                                                              \
	X(ORDER_ACCOUNT, "Account", true)                                                                    \
	X(ORDER_IS_RESELLER, "Is Reseller", true)                                                            \
	X(ORDER_END_CUSTOMER_ID, "End Customer Id", false)                                                   \
	X(ORDER_PRODUCT_CODE, "Product Code", false) /* this or Tier is needed */                            \
	X(ORDER_TIER, "Tier", false)                                                                         \
	X(ORDER_QUANTITY, "Quantity", true)                                                                  \
	X(ORDER_CURRENCY, "Currency", true)                                                                  \
	X(ORDER_EMAIL, "Email", true)                                                                        \
	X(ORDER_USERNAME, "Username", false)                                                                 \
	X(ORDER_FIRST_NAME, "First Name", false)                                                             \
	X(ORDER_LAST_NAME, "Last Name", false)                                                               \
	X(ORDER_PHONE, "Phone", false)                                                                       \
	X(ORDER_ADDRESS_1, "Address 1", true)                                                                \
	X(ORDER_ADDRESS_2, "Address 2", false)                                                               \
	X(ORDER_CITY, "City", true)                                                                          \
	X(ORDER_REGION, "Region", false)                                                                     \
	X(ORDER_POST_CODE, "Post Code", true)                                                                \
	X(ORDER_COUNTRY_CODE, "Country Code", true)                                                          \
	X(ORDER_TERMS_ACCEPTED, "Terms Accepted", false)                                                     \
	X(ORDER_SUBSCRIPTION_ID, "Subscription Id", false)                                                   \
	X(ORDER_START_DATE, "Start Date", false)                                                             \
	/* Behind what the fingerprint of an order covers: where it came from is not what it says. */        \
	X(ORDER_PARENT_ORDER_ID, "Parent Order Id", false)

enum order_field {
#define X(id, header, needed) id,
	ORDER_FIELDS(X)
#undef X
	    ORDER_FIELD_COUNT
};

#define ACTIONS(X) /* what an order item asks for (design section 1) */                                      \
	X(ACTION_NEW, "new")                                                                                 \
	X(ACTION_UPGRADE, "upgrade")                                                                         \
	X(ACTION_DOWNGRADE, "downgrade")                                                                     \
	X(ACTION_SUSPEND, "suspend")                                                                         \
	X(ACTION_REACTIVATE, "reactivate")                                                                   \
	X(ACTION_CANCEL, "cancel")
enum action {
#define X(id, name) id,
	ACTIONS(X)
#undef X
	    ACTION_COUNT
};
const char *action_name(enum action action);
bool action_parse(struct strv text, enum action *out); /* case-blind; empty is new */
/* What the subscription is after the action, in the platform's words: "Active". */
const char *action_status(enum action action);

/* What an order says beside what it is (account, action, product, tier): id, word for people. Each part has a
 * fingerprint of its own, so that what changed can be named without being kept. Not in any of them: Order
 * Status, which says how far the BSS is, and ids. */
#define ORDER_PARTS(X)                                                                                       \
	X(PART_QUANTITY, "quantity")                                                                         \
	X(PART_CURRENCY, "currency")                                                                         \
	X(PART_CONTACT, "contact")                                                                           \
	X(PART_ADDRESS, "address")                                                                           \
	X(PART_ORDER_DATE, "order date")                                                                     \
	X(PART_START_DATE, "start date")                                                                     \
	X(PART_TERMS, "terms") /* channel, terms accepted, reseller, end customer */
enum order_part {
#define X(id, word) id,
	ORDER_PARTS(X)
#undef X
	    ORDER_PART_COUNT
};
const char *order_part_word(enum order_part part);
enum { PART_TEXT = 8 /* hex digits of a part */, ORDER_CONTENT_SIZE = ORDER_PART_COUNT * PART_TEXT + 1 };

/* One order item, owned by the arena it was kept in. Texts are never NULL ("" when blank), trimmed, UTF-8. */
struct order_item {
	/* bss.name + "/" + what bss.order_key says (order_key.h); of an item that the ledger knows the key
	 * that it has there */
	const char *key;
	const char *order_id, *item_id; /* item_id "" when the row has none */
	const char *parent_order_id;    /* the order that a sub-order was split from; "" */
	const char *account_id;
	const char
	    *account; /* the tenant's name: trimmed, runs of white space and control characters one space */
	const char *email, *login; /* login = Username, else Email */
	const char *first_name, *last_name, *phone;
	const char *address1, *address2, *city, *region, *post_code, *country; /* country upper case */
	const char *subscription_id; /* the one that a change is for; "" for new */
	const char *product_code, *tier_text;
	enum action action;
	const struct tier *tier; /* NULL for suspend, reactivate, cancel when the row names none */
	char currency[4];        /* alias resolved; "" when blank on a change */
	struct date order_date, start_date;
	int64_t order_time;            /* milliseconds, 0 when there is no date */
	const char *source;            /* file as named in the run, or "database:QUERY" */
	unsigned long line;            /* physical line where the record begins; row number for a database */
	char digest[DIGEST_TEXT_SIZE]; /* of all fields as written: "is it the same row?" */
	char content[ORDER_CONTENT_SIZE]; /* its parts, PART_TEXT hex digits each; "" not known */
};

/* The tenant's name of an Account: trimmed, each run of white space (a no-break space too) or control
 * characters one space. `out` is emptied first. */
void account_name_normal(struct strv account, struct strbuf *out);

/* Keeps a deep copy in `arena`. */
struct order_item *order_item_keep(struct arena *arena, const struct order_item *item);

#endif
