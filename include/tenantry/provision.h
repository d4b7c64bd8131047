/* Provisioning: what is there (world), what to do about each accepted order (plan, pure), and doing it
 * (apply, journalled).
 *
 * Sources: design section 6, acronis-notes.md section 8, domain notes section 2. Exactly one tenant per order
 * item: intent before each changing call, look-up before any repeat, and no mail twice.
 */
#ifndef TENANTRY_PROVISION_H
#define TENANTRY_PROVISION_H

#include "tenantry/acronis.h"
#include "tenantry/bss_writer.h"
#include "tenantry/budget.h"
#include "tenantry/facts.h"
#include "tenantry/ledger.h"
#include "tenantry/order.h"

/* ---- The world: every tenant below the parent, deleted ones included (one subtree read). */
struct world; /* opaque: tenants and indexes */
struct world *world_new(const char *parent);
void world_free(struct world *world); /* NULL is fine */

/* Reading it and proving that it is whole (world_load.c). */
struct world_question {
	const struct job *job; /* reconcile.max_shrink, allow_empty; acronis.settle */
	const struct acronis_session *session;
	struct clock *clock;
	/* Tenants that the ledger or the BSS knows: each is in the list or is asked for by its id. */
	const char *const *known;
	size_t known_count;
	int64_t last_listed, last_elements;              /* of the last list that was proved; -1 never */
	const volatile int *stop;                        /* NULL */
	int (*heartbeat)(void *user, struct error *err); /* NULL */
	void *user;
};
struct world_proof {
	uint64_t listed;   /* live tenants below the parent, directly or in its folders */
	uint64_t elements; /* all that the list had, deleted ones and those below others too */
	const char **gone; /* known ids that answered 404 or as deleted, in the arena */
	size_t gone_count;
};
/* GET /tenants?subtree_root_id=PARENT&allow_deleted=true, all pages, then the known ones that it lacks by
 * their ids. A list that fails, or that completeness.h speaks against, is read again twice, acronis.settle
 * apart; then ERR_ACRONIS or ERR_COVERAGE: nothing may be made on its word. What was asked for by its id is
 * in the world as well, wherever it stands; what answered 404 is absent. Free with world_free(). */
struct world *world_load(const struct world_question *question, struct arena *arena,
    struct world_proof *proof, struct error *err) MUST_USE;
/* A GET by its id said that it is not there. */
void world_note_absent(struct world *world, const char *id);
bool world_is_absent(const struct world *world, const char *id);
/* Live tenants below the parent, directly or in its folders (partners and folders; customers only directly).
 */
uint64_t world_listed(const struct world *world);
/* Up to where it was filled; and, of what came up to there, a live child of the parent that `ids` does not
 * have, or NULL: a list of the parent's children that was begun at the mark and lacks it is cut, or lags. */
uint64_t world_mark(const struct world *world);
const struct acronis_tenant *world_child_not_in(
    const struct world *world, uint64_t mark, const struct id_set *ids);
/* Deep copy in; replaces one with the same id. What was handed out before stays readable until world_free().
 */
void world_put(struct world *world, const struct acronis_tenant *tenant);
size_t world_count(const struct world *world);
const char *world_parent(const struct world *world);
const struct acronis_tenant *world_by_id(const struct world *world, const char *id);
const struct acronis_tenant *world_by_tag(const struct world *world, const char *internal_tag);
/* A partner with this customer_id, directly below the parent or in folders there, that is not deleted (a
 * deleted one only when there is no other). White space counts as in account_name_normal(), here and for
 * names. */
const struct acronis_tenant *world_by_customer(const struct world *world, const char *customer_id);
/* Does it carry the id of another account than this one? White space counts as in account_name_normal(); one
 * that carries none is nobody else's. */
bool tenant_names_another(const struct acronis_tenant *tenant, const char *account_id);
/* Contracts by what Acronis has: partners below the parent that are not deleted. */
uint64_t world_contracts(const struct world *world);
/* End customers: tenants of kind customer, at any depth below these tenants, that are not deleted. */
uint64_t world_customers_below(const struct world *world, const char *const *ids, size_t count);
/* A live direct child of the parent with this name, letters compared without case. */
const struct acronis_tenant *world_by_name(const struct world *world, const char *name);

/* ---- The plan. */
#define PARK_REASONS(X) /* id, code, what it means, what a person can decide */                                     \
	X(PARK_TENANT_EXISTS, "tenant-exists",                                                                      \
	    "a tenant with this account id is there already and was not made for this order",                       \
	    "adopt it, or skip the order")                                                                          \
	X(PARK_NAME_CLASH, "name-clash", "another tenant below the parent has this name",                           \
	    "rename one of the two, or adopt the tenant")                                                           \
	X(PARK_LOGIN_TAKEN, "login-taken", "the login belongs to a user elsewhere in Acronis",                      \
	    "ask the reseller for another address and correct the order")                                           \
	X(PARK_TENANT_NOT_FOUND, "tenant-not-found",                                                                \
	    "the subscription's tenant was not found below the parent",                                             \
	    "correct the external id, or adopt a tenant")                                                           \
	X(PARK_TENANT_OF_ANOTHER, "tenant-of-another-account",                                                      \
	    "the subscription's tenant carries the id of another account, or another account's order names it too", \
	    "correct the external id in the BSS, or adopt the right tenant")                                        \
	X(PARK_EXTERNAL_ID_DIFFERS, "external-id-differs",                                                          \
	    "the subscription's external id is not the tenant that the ledger has for this account",                \
	    "find out which of the two is right: correct the external id in the BSS, or adopt the tenant")          \
	X(PARK_TENANT_DELETED, "tenant-deleted", "the tenant was deleted in Acronis",                               \
	    "restore it there, or skip the order")                                                                  \
	X(PARK_TENANT_DISABLED, "tenant-disabled", "the tenant is disabled in Acronis",                             \
	    "enable it there, or skip the order")                                                                   \
	X(PARK_TENANT_MOVED, "tenant-moved", "the tenant stands below another parent now",                          \
	    "move it back, or skip the order")                                                                      \
	X(PARK_TENANT_LOCKED, "tenant-locked", "the tenant is locked against changes by others",                    \
	    "have the lock taken off, then retry")                                                                  \
	X(PARK_ORDER_CHANGED, "order-changed", "the order was changed after work on it had begun",                  \
	    "check what was made, then skip it or correct the order")                                               \
	X(PARK_MAIL_IN_DOUBT, "mail-in-doubt", "it is not known whether the activation mail went out",              \
	    "ask the reseller; then resend or skip the mail")                                                       \
	X(PARK_USER_GONE, "user-gone",                                                                              \
	    "the reseller's administrator was removed from Acronis after it was made",                              \
	    "retry to have the user made again, with a new activation mail, or skip the order")                     \
	X(PARK_ORDER_GONE, "order-gone",                                                                            \
	    "the order is no longer among the pending ones of the source, and was not done",                        \
	    "bring it back, or skip it")                                                                            \
	X(PARK_TIER_LOST, "tier-lost", "after reactivation the tenant is not on the tier that was ordered",         \
	    "set the tier by hand or with an upgrade order")                                                        \
	X(PARK_TIER_UNPROVED, "tier-unproved",                                                                      \
	    "the tier table is not proved, and nothing was made for the order",                                     \
	    "name a partner on a paid tier under contract.confirmed, and the next run does it; or let this one pass as the first, and look its tier up in the portal")
enum park_reason {
	PARK_NONE,
#define X(id, code, text, decision) id,
	PARK_REASONS(X)
#undef X
	    PARK_REASON_COUNT
};
/* Why an action failed; a failed one can be retried as it is, or when the cause is gone. */
#define FAIL_REASONS(X) /* id, code, what it means and what to do */                                         \
	X(FAIL_UNAVAILABLE, "unavailable",                                                                   \
	    "Acronis could not be reached or was in trouble; the next run tries again")                      \
	X(FAIL_UNREADABLE, "unreadable",                                                                     \
	    "an answer was not what this API gives; check the address and try again")                        \
	X(FAIL_IN_DOUBT, "in-doubt",                                                                         \
	    "it is not known yet whether a call was carried out; the next run looks first")                  \
	X(FAIL_TOO_LONG, "took-too-long",                                                                    \
	    "the action took longer than provision.action_timeout; the next run goes on with it")            \
	X(FAIL_STALE, "stale", "the object was changed by others again and again; the next run tries again") \
	X(FAIL_NOT_KEPT, "not-kept", "Acronis took the value and then had another one; look at the tenant")  \
	X(FAIL_REFUSED, "refused", "Acronis refused the call; the text says why")                            \
	X(FAIL_FORBIDDEN, "forbidden",                                                                       \
	    "the API client may not do this; check its rights on the parent tenant")                         \
	X(FAIL_LOGIN_NOT_ACCEPTABLE, "login-not-acceptable",                                                 \
	    "Acronis does not accept this login; correct the order")                                         \
	X(FAIL_ITEM_NOT_AVAILABLE, "offering-item-not-available",                                            \
	    "contract.offering_items names an item that the parent cannot hand on")                          \
	X(FAIL_ITEM_LOCKED, "offering-item-locked",                                                          \
	    "an offering item of the contract is locked on the tenant")                                      \
	X(FAIL_BSS_BUSY, "bss-busy",                                                                         \
	    "somebody else has the order locked in the BSS database; the next run tries again")              \
	X(FAIL_BSS_REFUSED, "bss-refused", "the BSS database refused the write-back; the text says why")
enum fail_reason {
	FAIL_NONE,
#define X(id, code, text) id,
	FAIL_REASONS(X)
#undef X
	    FAIL_REASON_COUNT
};
const char *fail_reason_code(enum fail_reason reason);
const char *fail_reason_text(enum fail_reason reason);
enum fail_reason fail_reason_parse(const char *code); /* FAIL_NONE when it is none */

const char *park_reason_code(enum park_reason reason);
const char *park_reason_text(enum park_reason reason);
const char *park_reason_decision(enum park_reason reason);
enum park_reason park_reason_parse(const char *code); /* PARK_NONE when it is none */

/* Reason of an item that was planned in a run and not begun there; its state is accepted. */
#define REASON_NOT_STARTED "not-started"
/* Reason of one that takes away more than the budget for loss lets pass (budget.h): it was not done, and what
 * was not begun before is not accepted either (its state is received). */
#define REASON_HELD "held-back"

enum plan_verdict { PLAN_DO, PLAN_RESUME, PLAN_DEFER, PLAN_PARK, PLAN_HOLD };
const char *plan_verdict_name(enum plan_verdict verdict); /* "do", "resume", "defer", "park", "hold" */

struct fix; /* fix.h */
struct plan_action {
	const struct fix *fix; /* a correction and no order: `item` names it and its account, and no order
				  item is touched */
	const struct order_item *item; /* in the plan's arena */
	enum action action; /* what will be done: a `new` may have become a tier change (second_contract) */
	enum plan_verdict verdict;
	enum park_reason park;
	const char *tenant_id; /* known already; "" when it is to be made */
	bool tenant_is_known;  /* the ledger has it as this account's: made or adopted, whatever account id it
				  carries */
	const char *user_id;   /* known already; "" */
	const char *subscription_id;  /* the BSS's, or ours (uuid_from_name) for a new one */
	const struct tier *from;      /* what it has now as far as known; NULL */
	const struct tier *highest;   /* set by plan_losses(): the highest that the account has before it, in
					 this plan or in the last 24 hours; NULL not known */
	const char *login, *currency; /* of the order; where it is silent, of the subscription; "" */
	struct date
	    started; /* the subscription's start: of the order, else of the subscription; may be none */
	const char
	    *made_by;    /* key of the item that the tenant was made for, this one's when that is not known */
	struct date due; /* DEFER: the day on which it is done */
	struct date effective; /* of a tier change */
	enum step after;       /* RESUME: the last step that the ledger has as finished */
	bool remembered;       /* the source does not give the item any more: its content is the ledger's */
	const char *blocker;   /* PARK: the tenant that it is about; "" */
	const char *why;       /* PARK: the reason in words, with that tenant; "" */
	const char *sentence;  /* "create tenant "X" on Tier 1 (USD)" */
};
struct plan {
	struct arena *arena;
	struct plan_action *actions; /* in the order of intake */
	size_t count, cap;
	size_t to_do, deferred, parked, held; /* to_do = DO + RESUME */
	char digest[DIGEST_TEXT_SIZE];        /* of everything that apply would act on */
};

/* What holds orders for paid tiers back before anything is made for them: nobody has shown that the table's
 * values are right (tier_proof.h). One whose tier was written already goes on. */
struct plan_gate {
	bool tiers_unproved;
	const bool *let_pass; /* of each item: a person let it pass; NULL: none */
};
/* Pure: no I/O. `records[i]` is the ledger's record for items[i], or NULL. `world` NULL: without Acronis
 * (nothing known). `gate` NULL: nothing is held back. */
struct plan *plan_make(const struct job *job, const struct order_item *const *items,
    const struct item_record *const *records, size_t count, const struct facts *facts,
    const struct world *world, struct date today, const struct plan_gate *gate);
/* Adds an item that is to be done again and that the source does not have any more: to be parked as
 * order-gone. */
void plan_add_gone(struct plan *plan, const struct job *job, const struct item_record *record);
/* Adds an item whose last write to the BSS is in doubt, and that the source does not have any more, perhaps
 * for that write: it is looked up there. */
void plan_add_open(struct plan *plan, const struct job *job, const struct item_record *record);
/* The plan of corrections: one action each (the fixes must outlive it). What is known already not to be
 * carried out is a `park`. */
struct plan *plan_of_fixes(const struct fix *fixes, size_t count);
/* The fix of this action, one that would have been done, has got a `skip` since. */
void plan_skip_fix(struct plan *plan, size_t index);
void plan_free(struct plan *plan); /* NULL is fine */
/* The plan for people: what will be done, what is due later, what waits for a decision, each with its
 * sentence; then the counts. */
void plan_print(const struct plan *plan, struct strbuf *out);
/* A plan file (JSON): version, job, digests, actions with their sentences. For people to read and for `apply`
 * to compare. */
char *plan_to_json(
    const struct plan *plan, const struct job *job, const char *created); /* the caller frees */
/* Reads a plan file. ERR_USAGE when it is not one or was edited (its own digest). Gives job path and plan
 * digest, arena-owned. */
struct plan_file {
	const char *job_path, *job_name, *job_digest, *plan_digest, *created;
	size_t to_do;
};
int plan_file_read(const char *path, struct arena *arena, struct plan_file *out, struct error *err) MUST_USE;

/* ---- Apply. */
struct apply_progress {
	uint64_t done, total; /* actions */
};
struct apply {
	const struct job *job;
	const struct plan *plan;
	struct world *world; /* kept up to date with what is made */
	const struct acronis_session *session;
	struct ledger *ledger;
	struct bss_writer *writer; /* NULL: the run writes files for the BSS afterwards (export_write) */
	struct clock *clock;
	const char *run_id;
	const char *folder; /* of the run: activation mails are noted there too; NULL: in the ledger alone */
	struct share max_errors; /* from job or --max-errors */
	bool raise_stop;         /* --yes: the first stop by max_errors or on_error only counts anew */
	struct budget budget;    /* for what takes away; its `used` is counted anew before each */
	/* Each that finds no room in it; texts are borrowed from the plan. NULL: nobody asks. */
	void (*no_room)(void *user, const struct loss *loss);
	int64_t deadline_mono_ms; /* 0 none: no new batch after it */
	const volatile int *stop; /* a signal: no new call, what is in flight is awaited */
	void (*progress)(void *user, const struct apply_progress *progress);
	/* Called between batches and at least every few seconds: keeps the run's lock. */
	int (*heartbeat)(void *user, struct error *err);
	void *user;
};
enum apply_end {
	APPLY_ALL,
	APPLY_TOO_MANY_ERRORS,
	APPLY_INTERRUPTED,
	APPLY_DEADLINE,
	APPLY_CIRCUIT_OPEN,
	APPLY_UNAUTHORIZED,
	APPLY_BSS_UNAVAILABLE
};
struct apply_result {
	/* planned = the sum of the others. not_started: also what was interrupted (its item stays `running`
	 * and resumes), what waits behind a failed or held item of its account, and what was held. Of
	 * corrections, parked are those that were skipped. */
	uint64_t planned, done, failed, parked, deferred, not_started;
	uint64_t held; /* of the not started: held back by the budget for loss */
	bool exceeded; /* it let something pass only because of --allow-disables */
	uint64_t batches;
	uint64_t changes; /* changing calls sent */
	enum apply_end end;
	char text[512];   /* why it ended early */
	char raised[160]; /* the stop that raise_stop let pass; "" none */
};
/* What the plan has and no batch began, or came to, is noted as not-started in this run, so that a retry
 * finds it. Works through plan->actions in batches of job->provision.batch_size; calls of different accounts
 * in parallel, of one in order. Gives -1 only when the ledger or the client itself fails; everything about a
 * single action is a state of its item. */
int apply_run(const struct apply *apply, struct apply_result *out, struct error *err) MUST_USE;

/* ---- Write-back for CSV sources (export.c): what the BSS imports the next morning. Only items this run
 * touched. No files where the database was written to (bss_writes_back). */
struct export_counts {
	uint64_t subscriptions, orders;
};
int export_write(struct ledger *ledger, const struct job *job, const char *run_id, const char *folder,
    struct export_counts *out, struct error *err) MUST_USE;

/* subscriptions-fixes.csv, in the shape of a subscriptions file: what the BSS is to import of these
 * corrections. */
int export_fixes(const struct job *job, const struct fix *const *fixes, size_t count, const char *folder,
    struct error *err) MUST_USE;

#endif
