/* The validation rules: one table, held against every order item at once, no I/O. Codes and texts are fixed
 * by design section 5; the numbers in brackets are the domain notes' business rules. */
#ifndef TENANTRY_RULES_H
#define TENANTRY_RULES_H

#include <stdint.h>

#include "tenantry/facts.h"
#include "tenantry/order.h"
#include "tenantry/same_order.h"

/* id, code, sentence for people (a whole sentence a sales clerk understands, what is wrong and what to do) */
#define RULES(X)                                                                                             \
	X(RULE_ROW_MALFORMED, "row-malformed", "the row cannot be read as a record")                         \
	X(RULE_ENCODING_INVALID, "encoding-invalid", "the row is not valid text in the file's encoding")     \
	X(RULE_FIELD_TOO_LONG, "field-too-long", "a field is longer than 64 KiB")                            \
	X(RULE_ORDER_ID_MISSING, "order-id-missing", "Order Id is empty")                                    \
	X(RULE_ORDER_DUPLICATE, "order-duplicate",                                                           \
	    "the same order item stands in this intake again with other content")                            \
	X(RULE_ORDER_KEY_REUSED, "order-key-reused", "another order is known under this order item id")      \
	X(RULE_ACTION_UNKNOWN, "action-unknown",                                                             \
	    "Action is not new, upgrade, downgrade, suspend, reactivate or cancel")                          \
	X(RULE_DATE_INVALID, "date-invalid", "a date is not an ISO 8601 date that exists")                   \
	X(RULE_DATE_TOO_FAR, "date-too-far",                                                                 \
	    "a new contract starts over 31 days before or 2 years after its order was first read")           \
	X(RULE_STATUS_UNKNOWN, "status-unknown",                                                             \
	    "Order Status is neither pending nor ignored in the job file")                                   \
	X(RULE_PRODUCT_UNKNOWN, "product-unknown", "Product Code is not in contract.tiers")                  \
	X(RULE_TIER_UNKNOWN, "tier-unknown",                                                                 \
	    "Tier is not in contract.tiers, or neither product nor tier is given")                           \
	X(RULE_ORDER_TIER_MISMATCH, "order-tier-mismatch", "Product Code and Tier name different tiers")     \
	X(RULE_TIER_NOT_SOLD, "tier-not-sold", "this tier is no longer sold")                                \
	X(RULE_QUANTITY_NOT_ONE, "quantity-not-one", "Quantity must be exactly 1 for a contract")            \
	X(RULE_BUYER_NOT_RESELLER, "buyer-not-reseller", "a contract is sold to resellers only")             \
	X(RULE_NOT_OWN_USE, "not-own-use",                                                                   \
	    "a contract is for the reseller's own use, not for an end customer")                             \
	X(RULE_CURRENCY_MISSING, "currency-missing", "Currency is empty")                                    \
	X(RULE_CURRENCY_NOT_ALLOWED, "currency-not-allowed",                                                 \
	    "Currency is not one that contracts are billed in")                                              \
	X(RULE_BILLING_ADDRESS_INCOMPLETE, "billing-address-incomplete",                                     \
	    "the billing address is not complete")                                                           \
	X(RULE_EMAIL_MISSING, "email-missing", "Email and Username are both empty")                          \
	X(RULE_EMAIL_INVALID, "email-invalid", "Email is not an address that Acronis accepts as a login")    \
	X(RULE_USERNAME_INVALID, "username-invalid", "Username is not in email form")                        \
	X(RULE_USERNAME_TAKEN, "username-taken", "the login belongs to another account")                     \
	X(RULE_TERMS_NOT_ACCEPTED, "terms-not-accepted", "the Acronis terms of use were not accepted")       \
	X(RULE_CONTRACT_EXISTS, "contract-exists", "the account already has a contract")                     \
	X(RULE_SUBSCRIPTION_UNKNOWN, "subscription-unknown",                                                 \
	    "the subscription to be changed is not known for this account")                                  \
	X(RULE_NO_TIER_CHANGE, "no-tier-change", "the change does not go to another tier in its direction")

enum rule_code {
#define X(id, code, text) id,
	RULES(X)
#undef X
	    RULE_COUNT
};

#define WARNINGS(X) /* id, code, sentence */                                                                 \
	X(WARNING_CURRENCY_ALIAS, "currency-alias", "the currency code was read as another one")             \
	X(WARNING_ID_PLACEHOLDER, "id-placeholder",                                                          \
	    "a word that stands for nothing, such as NULL or #N/A, was read as an empty id")                 \
	X(WARNING_CHANGED_AFTER_DONE, "changed-after-done",                                                  \
	    "an order that was done says something else now; it is not done again")
enum warning_code {
#define X(id, code, text) id,
	WARNINGS(X)
#undef X
	    WARNING_COUNT
};

const char *rule_name(enum rule_code code); /* "quantity-not-one" */
const char *rule_text(enum rule_code code);
const char *warning_name(enum warning_code code);
const char *warning_text(enum warning_code code);

/* Breaches as a set of bits, rule n is bit n; the order of the table is the order in reports. */
struct verdict {
	uint64_t broken, warnings;
};
#define RULE_BIT(code) (UINT64_C(1) << (code))

enum order_standing { ORDER_PENDING, ORDER_IGNORED, ORDER_STANDING_UNKNOWN };
struct order_place {
	const char *source; /* NULL: nowhere */
	unsigned long line;
};

/* An order item as it was read, before it is judged. A source (CSV, database) sets `source` and `line`; who
 * keeps track of the whole intake sets the three places and first_read; order_read_key() and order_read() set
 * the rest. Borrows everything. */
struct order {
	struct strv field[ORDER_FIELD_COUNT];
	const char *source;
	unsigned long line;

	struct order_place duplicate_of;    /* the same item with other content */
	bool duplicate_is_others;           /* that row is another account's, or another order's */
	struct order_place contract_before; /* an accepted new item of this account */
	struct order_place login_before;    /* an accepted item of another account with this login */

	enum order_standing standing;
	enum action action; /* ACTION_COUNT: unknown */
	struct strv key; /* what tells it from other items of the intake (order_key.h); empty: nothing does */
	struct strv
	    item_key; /* the same, or what the ledger has it under: behind bss.name in an item's key */
	const struct item_record *owner; /* another order that is known under its key; NULL: none */
	struct comparison unlike;        /* how it differs from that */
	struct {
		enum order_field id;
		struct strv written;
	} placeholders[5]; /* ids that hold a word for nothing, as they are written; empty in `field` */
	unsigned placeholder_count;
	bool terms_read;
	struct strv login;                /* Username, else Email */
	bool email_valid, username_valid; /* in email form; what is not given is not valid */
	const struct tier *tier_named, *tier_of_product, *tier;
	char currency[4]; /* alias resolved; "" when it is not three letters */
	bool currency_alias;

	/* From the facts; all NULL without them. */
	const struct facts *facts;
	const struct subscription
	    *subject;                     /* what a change is for; the live contract of the account for new */
	const struct known_tenant *known; /* of the account, when the ledger has one */
	const struct quarantined_row
	    *unreadable; /* a subscription row of this account that could not be read */
	struct strv login_owner;
	struct date
	    first_read;  /* the day on which a run first read the item; none: rules on it are not held */
	bool own_tenant; /* the ledger's tenant, or the BSS's subscription, was made for this very item: the
			    item resumes */
};

/* The job's rule settings, compiled for speed. Borrows the job. */
struct rulebook;
struct rulebook *rulebook_new(const struct job *job);
void rulebook_free(struct rulebook *rulebook); /* NULL is fine */

/* First: takes the fields, trimmed, from a row (`map`: where each stands in it, -1 nowhere) and sets
 * `standing`, `key` and `item_key`, which may be in `scratch`. */
void order_read_key(const struct rulebook *rulebook, const struct strv *fields, const int *map,
    struct strbuf *scratch, struct order *order);
/* Then, where it is asked what the ledger knows of it: action and tier. */
void order_read_terms(const struct rulebook *rulebook, struct order *order);
/* Then: all else that follows from the fields and from the facts (NULL: rules that need the world are not
 * held). `item_key` is what it will be known under. */
void order_read(const struct rulebook *rulebook, const struct facts *facts, struct order *order);
/* Holds every rule against an order that was read. Pure. */
struct verdict rules_judge(const struct rulebook *rulebook, const struct order *order);
/* Does it depend on the day on which the item was first read? (A `new` with a Start Date.) */
bool rules_first_read_counts(const struct order *order);
/* Does the order's login have to be free? (Not where the rules on it do not hold.) */
bool rules_login_counts(const struct order *order);
/* "code: sentence with the offending value | code: ..." in the table's order. */
void rules_reasons(
    const struct rulebook *rulebook, const struct order *order, struct verdict verdict, struct strbuf *out);
/* "code code", in the table's order. */
void rules_codes(struct verdict verdict, struct strbuf *out);
void warnings_codes(struct verdict verdict, struct strbuf *out);
/* A field as it is written: an id that holds a word for nothing is empty in `field`. */
struct strv order_written(const struct order *order, enum order_field id);
/* The fingerprint of an order's content: all fields of design section 5, trimmed; columns we do not know do
 * not count, nor does Parent Order Id. */
struct digest order_digest(const struct order *order, struct strbuf *scratch);
/* The same for rows of one intake: equal too for one item in an order and in its sub-order. */
struct digest order_row_digest(const struct order *order, enum order_key key, struct strbuf *scratch);
/* The fingerprints of its parts (ORDER_PARTS). */
void order_content(const struct order *order, struct strbuf *scratch, char text[ORDER_CONTENT_SIZE]);
/* What is compared with the ledger; after order_read_terms(). Borrows the order, and its own buffers. */
struct order_told {
	struct order_now now;
	char digest[DIGEST_TEXT_SIZE], content[ORDER_CONTENT_SIZE];
};
void order_tell(const struct order *order, struct strbuf *scratch, struct order_told *out);
/* A good order as plain data, in the arena. */
struct order_item *order_item_of(
    const struct rulebook *rulebook, const struct order *order, struct arena *arena);

/* Assigned ISO 3166-1 alpha-2 code, any case? */
bool country_is_assigned(struct strv code);
/* The email form of design section 5: one @, a dotted domain, no doubled dots, only A-Za-z0-9._+- and @. */
bool email_is_valid(struct strv text);

/* The README's table of rules. */
void rules_reference_markdown(struct strbuf *out);

#endif
