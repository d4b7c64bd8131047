/* What the parts of reconciliation share and no other folder needs: the join, and the view
 * that a class of findings is held against. */
#ifndef TENANTRY_RECONCILE_IMPL_H
#define TENANTRY_RECONCILE_IMPL_H

#include "tenantry/reconcile.h"

/* ---- Records are all over the memory: who walks through them asks early for what comes some rows later.
 * Always inline, like its callers: a function that only prefetches has no effect for the compiler, and its
 * calls would be dropped. */
enum { CACHE_LINE = 64, USUAL_TEXTS = 128 /* bytes of one record's texts */ };
static inline __attribute__((always_inline)) void fetch(const void *p, size_t n)
{
	for (size_t at = 0; at < n; at += CACHE_LINE)
		__builtin_prefetch((const char *)p + at);
	__builtin_prefetch((const char *)p + n - 1);
}

/* ---- names.c. */
/* Names as the tenant's name rule sees them (trimmed, each run of white space or control characters one
 * space). */
bool name_equal(struct strv a, struct strv b);
void name_add(struct strbuf *out, struct strv name);
/* Also without ASCII case: for suggestions. */
bool name_alike(struct strv a, struct strv b);
uint64_t name_hash(struct strv name);

/* ---- observation.c */
struct observation *observation_new(void);
/* A new item with "" for every text; its strings are put in with observation_text(). Moves items. */
struct observed_tenant *observation_add(struct observation *observation);
const char *observation_text(struct observation *observation, struct strv text);
/* Several at once, side by side: a million tenants are a million small blocks otherwise. */
void observation_texts(
    struct observation *observation, const struct strv *texts, size_t count, const char **out);
/* One that comes again and again (kinds, currencies, the parent's id). */
const char *observation_word(struct observation *observation, struct word_cache *words, struct strv text);
/* Tenants by id, letters without case; of two with the same id the first. */
void observation_index(const struct observation *observation, struct text_index *index);
/* Does it stand below `parent`, directly or in folders only? What stands below another partner is that one's.
 */
bool observation_is_ours(const struct observation *observation, const struct text_index *index,
    const char *parent, const struct observed_tenant *tenant);
/* A customer or a unit that does not stand directly below `parent`. */
bool observation_is_deep_kind(const char *parent, const char *kind, const char *parent_id);
/* Is it among what a listing of the observation's own parent keeps: there, below it, none of the above? */
bool observation_lists(const struct observation *observation, const struct text_index *index,
    const struct observed_tenant *tenant);
uint32_t observation_find(
    const struct observation *observation, const struct text_index *index, struct strv id);
/* The same for up to INDEX_AHEAD ids at once: what each of them waits for is fetched together. */
void observation_find_all(const struct observation *observation, const struct text_index *index,
    const struct strv *ids, size_t count, uint32_t *out);
bool tenant_is_present(const struct observed_tenant *tenant); /* neither deleted nor gone */
bool tenant_is_partner(const struct observed_tenant *tenant); /* also when its kind is not known */
bool tenant_has_details(
    const struct observed_tenant *tenant); /* a partner that is there and was seen: it can carry a contract */
bool tenant_details_read(
    const struct observed_tenant *tenant); /* pricing, tier and licensing mode, all three */
/* Details and their time from another one of the same observation; or none, so that they are read again. */
void tenant_keep_details(struct observed_tenant *to, const struct observed_tenant *was);
void tenant_drop_details(struct observed_tenant *tenant);
/* Sets `unread` and `logins_read` from the items. */
void observation_count(struct observation *observation);
/* The items by id, so that the same state gives the same bytes. The caller frees. */
struct id_place {
	uint64_t
	    key; /* the id's first bytes: they decide nearly always, and the texts are all over the memory */
	uint32_t number;
};
struct id_place *observation_by_id(const struct observation *observation);
/* Puts the items in this order. */
void observation_sort(struct observation *observation);

/* ---- merge.c */
/* Ids of tenants that somebody knows: the ledger, or a subscription's external id. Each once; borrowed. */
struct wanted {
	const char **ids;
	size_t count, cap;
	struct text_index index;
};
void wanted_make(struct wanted *wanted, const struct known_tenant *known, size_t known_count,
    const struct subscriptions *subscriptions);
bool wanted_add(struct wanted *wanted, const char *id); /* false: no id, or there already */
bool wanted_has(const struct wanted *wanted, struct strv id);
void wanted_free(struct wanted *wanted);
/* Drops what is neither below the parent nor wanted. Moves items. */
void observation_keep_ours(struct observation *observation, const struct wanted *wanted);

/* ---- join.c: the union of both sides by account, and which subscription goes with which tenant. */
enum match {
	MATCH_NONE,
	MATCH_EXTERNAL_ID,
	MATCH_CUSTOMER_ID,
	MATCH_LEDGER,
	MATCH_ACCOUNT /* another subscription names it */
};
struct unit { /* one account; a tenant that names none is a unit by itself */
	const char *account_id;
	uint32_t subscriptions, tenants; /* heads of chains; INDEX_NONE */
	uint32_t done, pending, quarantined;
	uint32_t lacking;              /* a known tenant of it that the observation says nothing of */
	uint32_t present_tenants : 29; /* not deleted */
	bool has_live : 1;             /* subscription */
	bool not_compared : 1, has_finding : 1;
};
struct tenant_link {
	uint32_t next, subscription, unit, known, done;
	enum match match;
};
enum { JOIN_PART_LEAST = 50000 }; /* rows of both sides; fewer are no work for a thread */
struct join {
	const struct reconcile_input *in;
	size_t parts; /* that the work is done in */
	struct unit *units;
	size_t unit_count, unit_cap;
	struct text_index unit_index, tenant_index; /* the latter may be the observation's own */
	/* one a subscription */
	uint32_t *subscription_next, *subscription_unit,
	    *subscription_tenant;     /* the tenant it is compared with */
	uint32_t *subscription_names; /* the tenant that its external id names, wherever that belongs */
	struct tenant_link *links;    /* one a tenant */
	uint32_t *done_next, *pending_next, *quarantined_next;
	uint32_t *disputed; /* tenants that a row without an account names, sorted */
	size_t disputed_count;
};
/* A row that cannot be used and says no account names the tenant: it may be its subscription. */
bool join_is_disputed(const struct join *join, const struct observed_tenant *tenant);
/* Subscriptions of a unit by preference (live before failed before cancelled, the newest first), tenants
 * likewise. */
struct unit_rows {
	uint32_t *subscriptions, *tenants;
	size_t subscription_count, tenant_count, subscription_cap, tenant_cap;
};
/* The units and their chains. Nothing is paired yet: subscription_tenant and the links' subscription are
 * join_pair()'s. */
void join_make(struct join *join, const struct reconcile_input *in);
void join_free(struct join *join);
/* INDEX_NONE when the account is on neither side. */
uint32_t join_unit(const struct join *join, const char *account_id);
/* pairing.c: one unit's rows in their order, and who goes with whom. */
void join_rows(const struct join *join, const struct unit *unit, struct unit_rows *rows);
void join_pair(struct join *join, const struct unit_rows *rows);
void unit_rows_free(struct unit_rows *rows);

/* ---- suggest.c: who an orphan might belong to. Only ever text in its evidence. */
struct suggestions;
struct suggestions *suggestions_make(const struct join *join);
void suggestions_free(struct suggestions *suggestions);
/* NULL when there is none. `why` gets "name" or "login". */
const struct subscription *suggest_for_tenant(
    const struct suggestions *suggestions, const struct observed_tenant *tenant, const char **why);
const struct observed_tenant *suggest_for_subscription(
    const struct suggestions *suggestions, const struct subscription *subscription, const char **why);

/* ---- The view: one thing that the classes look at, with what belongs to it. */
enum view_kind {
	VIEW_SUBSCRIPTION = 1,
	VIEW_TENANT = 2,
	VIEW_ORDER = 4,
	VIEW_ROW = 8,
	VIEW_MONTH = 16, /* of a subscription's billing, or of what invoices say beside it */
	VIEW_MADE = 32   /* a contract that we made and that neither side has: `done`, no more */
};                       /* each with its other side */
struct view {
	enum view_kind kind;
	const struct reconcile_input *in;
	const struct join *join;
	const struct suggestions *suggestions;
	const struct unit *unit; /* NULL: an order or a row whose account is on neither side */
	const struct subscription *subscription, *main_subscription;
	const struct observed_tenant *tenant, *main_tenant;
	const struct observed_tenant *named; /* what the external id names: deleted, or another account's; of
						VIEW_MADE the tenant that we made, as it is now */
	const struct item_record *done;      /* our own work that the export does not show yet */
	const struct pending_order *order;
	const struct quarantined_row *row;
	const struct billing_entry *billing;
	struct expected expected; /* of the subscription */
	enum match match;
	bool explained;  /* the tenant of a cancelled subscription that names it: no duplicate */
	bool alone;      /* a tenant that no subscription is compared with */
	const char *gap; /* why it is not compared; NULL */
};

/* ---- explain.c: what our own work says about a difference. */
/* Sets `expected` of its subscription. */
void view_expect(struct view *view);
/* The subscription has its new tier, or its new state, already and our order for it is due later. */
bool tier_is_due_later(const struct view *view);
bool state_is_due_later(const struct view *view);

/* ---- stake.c: money at stake per month; currency "" when not known. */
struct money stake_of_subscription(const struct view *view);
struct money stake_of_tenant(const struct view *view);
struct money stake_of_difference(const struct view *view);
struct money stake_of_quantity(const struct view *view);
struct money stake_of_order(const struct view *view);
struct money stake_of_done(const struct view *view);

/* ---- classes.c: the table. */
struct class
{
	unsigned on; /* VIEW_ bits */
	bool (*when)(const struct view *view);
	struct money (*at_stake)(const struct view *view); /* NULL: none */
	void (*expected)(const struct view *view, struct strbuf *out);
	void (*bss)(const struct view *view, struct strbuf *out);
	void (*acronis)(const struct view *view, struct strbuf *out);
	bool by_amount; /* its severity follows the money at stake */
	bool may_lag;   /* it may come of a change that one side does not show yet */
	/* {account} {subscription} {tenant} {order} {expected} {bss} {acronis} {deed} {since} {gap} {money}
	 * {waiting} {billing}; a part in [] is left out when no money is known. */
	const char *sentence;
	/* The change of ours that makes it differ, where the BSS's row is older than that; NULL the row does.
	 * It becomes the view's `done`, and the sentence is the other one. */
	const struct item_record *(*ours)(const struct view *view);
	const char *sentence_ours;
	const char *reads;   /* the API path below the tenant that shows it: "/pricing"; "" the tenant itself;
				NULL none */
	const char *meaning; /* for the reference */
};
const struct class *class_of(enum finding_code code);
/* Of a subscription: our finished change that makes it differ from its tenant until the BSS's export shows
 * it, or NULL. */
const struct item_record *import_waited_for(const struct view *view);

/* ---- texts.c: what people read of a finding. */
void fill_sentence(
    const struct view *view, const struct class *class, const struct finding *finding, struct strbuf *out);
void fill_evidence(const struct view *view, enum finding_code code, struct strbuf *out);
const char *view_account(const struct view *view);    /* its name; "" unknown */
const char *view_account_id(const struct view *view); /* "" unknown */
/* "Tier 1 (value 0)": an Acronis value with all names that have it. */
void add_tier_value(struct strbuf *out, const struct job *job, int64_t value);
void add_day(struct strbuf *out, int64_t ms);
int64_t done_at(const struct item_record *item);        /* join.c */
int64_t order_since(const struct pending_order *order); /* its due day when that came after it */

#endif
