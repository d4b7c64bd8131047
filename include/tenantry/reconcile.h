/* Reconciliation: what Acronis runs (observed), what the BSS has (subscriptions), and every difference proved
 * between them. Reading, joining and classifying are apart: observe.c talks to Acronis, snapshot.c reads and
 * writes observations, join.c and classify.c are pure. Classes, severities and owners: design section 7. */
#ifndef TENANTRY_RECONCILE_H
#define TENANTRY_RECONCILE_H

#include "tenantry/acronis.h"
#include "tenantry/billing.h"
#include "tenantry/facts.h"
#include "tenantry/ledger.h"
#include "tenantry/subscription.h"
#include "tenantry/text_index.h"

/* id, code, severity, owner, sentence template for people is in classify.c */
#define FINDINGS(X)                                                                                          \
	X(FINDING_TENANT_MISSING, "tenant-missing", SEVERITY_HIGH, "operations")                             \
	X(FINDING_SUBSCRIPTION_MISSING, "subscription-missing", SEVERITY_HIGH, "finance")                    \
	X(FINDING_TIER_MISMATCH, "tier-mismatch", SEVERITY_HIGH, "finance")                                  \
	X(FINDING_SUSPENDED_BUT_ENABLED, "suspended-but-enabled", SEVERITY_HIGH, "operations")               \
	X(FINDING_CANCELLED_BUT_ENABLED, "cancelled-but-enabled", SEVERITY_HIGH, "operations")               \
	X(FINDING_ACTIVE_BUT_DISABLED, "active-but-disabled", SEVERITY_HIGH, "operations")                   \
	X(FINDING_CANCELLED_BUT_PRESENT, "cancelled-but-present", SEVERITY_MEDIUM, "finance")                \
	X(FINDING_IMPORT_PENDING, "import-pending", SEVERITY_INFO, "operations")                             \
	X(FINDING_CURRENCY_MISMATCH, "currency-mismatch", SEVERITY_MEDIUM, "finance")                        \
	X(FINDING_LICENSING_MISMATCH, "licensing-mismatch", SEVERITY_MEDIUM, "finance")                      \
	X(FINDING_PRICING_MODE, "pricing-mode", SEVERITY_MEDIUM, "finance")                                  \
	X(FINDING_DUPLICATE_SUBSCRIPTION, "duplicate-subscription", SEVERITY_HIGH, "operations")             \
	X(FINDING_DUPLICATE_TENANT, "duplicate-tenant", SEVERITY_HIGH, "operations")                         \
	X(FINDING_LOGIN_MISMATCH, "login-mismatch", SEVERITY_LOW, "account-manager")                         \
	X(FINDING_NAME_DRIFT, "name-drift", SEVERITY_LOW, "account-manager")                                 \
	X(FINDING_EXTERNAL_ID_MISMATCH, "external-id-mismatch", SEVERITY_LOW, "account-manager")             \
	X(FINDING_PARENT_MISMATCH, "parent-mismatch", SEVERITY_LOW, "account-manager")                       \
	X(FINDING_SUBSCRIPTION_QUANTITY, "subscription-quantity", SEVERITY_MEDIUM, "operations")             \
	X(FINDING_ORDER_STUCK, "order-stuck", SEVERITY_MEDIUM, "operations")                                 \
	X(FINDING_SHORTFALL_UNBILLED, "commitment-shortfall-unbilled", SEVERITY_HIGH, "finance")             \
	X(FINDING_COMMITMENT_OVERBILLED, "commitment-overbilled", SEVERITY_HIGH, "finance")                  \
	X(FINDING_AMOUNT_MISMATCH, "amount-mismatch", SEVERITY_HIGH, "finance")                              \
	X(FINDING_USAGE_UNBILLED, "usage-unbilled", SEVERITY_HIGH, "finance")                                \
	X(FINDING_NOT_COMPARED, "not-compared", SEVERITY_HIGH, "operations")                                 \
	X(FINDING_USAGE_IMPLAUSIBLE, "usage-implausible", SEVERITY_INFO, "finance")
enum finding_code {
#define X(id, code, severity, owner) id,
	FINDINGS(X)
#undef X
	    FINDING_COUNT
};
const char *finding_code_name(enum finding_code code);
const char *finding_owner(enum finding_code code);
/* Severity as the job sets it (reconcile.severity), else the table's: of a money finding the highest that it
 * can have. */
enum severity finding_severity(const struct job *job, enum finding_code code);
/* How a finding is treated, by what the job says of its class and its tier. `tier`: its name, or all names of
 * a value
 * ("Tier 0 / Promo"); "" not known. */
struct finding_policy {
	bool severity_set; /* by the job; else by amount, where the class has it so */
	enum severity severity;
	const char *owner; /* borrowed from the job, or static */
	bool never;        /* fails no night */
	enum severity fail_on;
};
struct finding_policy finding_policy(const struct job *job, enum finding_code code, const char *tier);
/* Does it make the exit status 1? What is acknowledged or timing does not. */
bool finding_fails(const struct job *job, const struct finding_record *finding);
int finding_code_parse(const char *code); /* enum finding_code, -1 when it is none */
/* Is it a money finding: of one month's billing, its severity by amount unless the job sets it? */
bool finding_is_money(enum finding_code code);

/* ---- One side: Acronis. Texts never NULL, "" unknown. */
struct observed_tenant {
	const char *id, *parent_id, *customer_id, *internal_tag, *name, *kind, *updated_at, *deleted_at;
	const char *licensing_mode, *currency, *pricing_mode;
	const char *login; /* of its administrator; "" when not read */
	int64_t tier_value;
	int64_t details_at; /* milliseconds: when pricing, tier and licensing mode were read; 0 never, or not
			       known */
	bool enabled;
	bool has_tier; /* the setting was read and has a value of its own */
	bool tier_read, pricing_read, licensing_read, login_read; /* false: could not be, or was not, read */
	bool login_failed; /* its users were asked for, and the answer did not come */
	bool unreadable;   /* asked for by id and no answer: nothing but the id is known */
	bool gone; /* asked for by its id, and the answer was that it is not there (404): that is proved, as
		      its absence from a list is not. Nothing but the id is known */
	bool unlisted; /* a full list did not have it, and it is there by its id, wherever it stands */
};
struct observation {
	struct arena *arena;
	struct observed_tenant *items; /* the parent's children of any kind, partners in its folders (details
					  of partners only), and known tenants wherever they are now */
	size_t count, cap;
	struct text_index ids; /* of the items; empty when nobody has made it yet */
	int64_t taken_at;      /* milliseconds */
	char api_timestamp[40];
	const char *parent;        /* "" when read from a file that does not say */
	const char *source;        /* "https://..." or the file */
	uint64_t requests, unread; /* unread: tenants of which a detail could not be read */
	bool complete;       /* the list came to its end and nothing speaks against it (completeness.h) */
	const char *trouble; /* why not complete; "" */
	enum listing_fault fault;       /* what speaks against the list; LISTING_WHOLE also where it broke */
	const struct error *list_error; /* of a list that broke, with its hint; NULL */
	bool list_final;                /* it would break again: another reading makes no sense */
	uint64_t listed, elements;      /* of a full list: live tenants below the parent; all that it had */
	uint64_t logins_read;
	uint64_t deep_others; /* listed below other partners: not ours, and not among the items. 0 when read
				 from a file */
	/* A file without these optional columns: what they would say is not compared, and does not count
	 * against coverage. */
	bool without_currency, without_licensing;
	/* What an observation of changes goes on from, and what it did. */
	int64_t full_at;      /* when all tenants were last listed and read; of a full one taken_at */
	const char *base_run; /* the run whose snapshot it began from; "" a full one */
	uint64_t changed,
	    reread;      /* tenants in the list of changes; tenants whose details were read tonight */
	bool mistrusted; /* the list of changes lacks something: `trouble` says what, a full one is due */
	char digest[DIGEST_TEXT_SIZE]; /* of the text of a compressed file that was read; "" */
};
void observation_free(struct observation *observation); /* NULL is fine */
/* Is the tenant among its items? The first of many questions makes its index. */
bool observation_has(struct observation *observation, const char *tenant_id);
/* One that it lacks and that is known to have answered, when it was taken, that it is not there. */
void observation_note_gone(struct observation *observation, const char *tenant_id);
/* What the guards count: the items without those that are gone. */
uint64_t observation_rows(const struct observation *observation);
/* Its tenants of these ids, letters without case; NULL where it has none. Borrowed from it. */
void observation_pick(const struct observation *observation, const char *const *ids, size_t count,
    const struct observed_tenant **out);

struct observe {
	const struct job *job;
	const struct acronis_session *session;
	const struct known_tenant *known; /* read directly by id when the listing does not have them */
	size_t known_count;
	const struct subscriptions
	    *subscriptions; /* their external ids are read directly too when not listed; may be NULL */
	int64_t last_listed, last_elements; /* of the last list that was proved; 0 or less: never */
	struct clock *clock;
	const volatile int *stop;
	void (*progress)(void *user, uint64_t done, uint64_t total);
	int (*heartbeat)(void *user, struct error *err);
	void *user;
	/* NULL: all is read. Else a complete observation of this parent, with api_timestamp and full_at: only
	 * what changed since is listed. */
	const struct observation *base;
	const char *const *accounts; /* with a base: details of these accounts' tenants are read again */
	size_t account_count;
};
/* Lists what is below the parent (all pages) and keeps what stands there directly or in its folders, then
 * reads pricing, tier and licensing mode of each partner in parallel. A detail that cannot be read leaves
 * *_read false and is counted. A list that breaks, or that completeness.h speaks against (it lacks a known
 * tenant, shrank), is read again twice, acronis.settle apart; then complete = false with trouble, not an
 * error (of one that lacks a known tenant the details are read all the same: what it has can be compared, and
 * the rest is said). Gives NULL with ERR_ACRONIS only when nothing could be read, ERR_INTERRUPTED on a
 * signal. */
struct observation *observe_tenants(const struct observe *observe, struct error *err) MUST_USE;
/* With a base: lists what changed since (deleted ones too, from OVERLAP before the base's own timestamp,
 * which is Acronis' clock and not ours), merges it, and reads the details of the changed, of `accounts`, and
 * of those whose turn it is: each comes at least every reconcile.full_every, spread by a hash of its id.
 * Where the list of changes cannot be right, mistrusted is set and complete is not. */

/* Details of tenants that are older than this observation and whose account is in `accounts`, again: a
 * difference must never rest on an old value. Gives how many tenants were read. */
int observe_again(const struct observe *observe, struct observation *observation, const char *const *accounts,
    size_t count, uint64_t *reread, struct error *err) MUST_USE;
/* Reads the logins of the tenants whose account is in `accounts` (all of them when job->reconcile.users is
 * USERS_ALL). */
int observe_logins(const struct observe *observe, struct observation *observation,
    const char *const *accounts, size_t count, struct error *err) MUST_USE;
/* Requests that a full observation of n tenants takes. */
uint64_t observe_requests(const struct job *job, uint64_t tenants);

/* tenants.csv of design section 5, zstd-compressed when the name ends in .zst; sorted by tenant id, so that
 * the same state gives the same bytes. *_read false is an empty cell; read, but without a value of its own,
 * is "none"; Enabled is empty for a tenant that was asked for by id and gave no answer, "gone" for one that
 * answered that it is not there. Gives digest of the
 * uncompressed text. ERR_OUTPUT. */
int observation_write(const struct observation *observation, const char *path, char digest[DIGEST_TEXT_SIZE],
    struct error *err) MUST_USE;
/* Reads one (or a hand-made tenants.csv); taken_at is the file's time, parent is "". ERR_SOURCE with file,
 * line and column. */
struct observation *observation_read(const char *path, struct error *err) MUST_USE;

/* The same on a thread of its own, while the caller reads the other side. `path` is borrowed until the end.
 */
struct observation_reading; /* opaque */
struct observation_reading *observation_read_start(const char *path);
/* Waits for it. NULL with err as observation_read(); err may be NULL. */
struct observation *observation_read_end(struct observation_reading *reading, struct error *err) MUST_USE;

/* ---- How old what it says is. */
/* Is it a tenant's turn to be read again? Pure: each id has a moment of its own in every period of `every`
 * ms, and what was last read before that moment is due after it. So no value is ever older than `every`, and
 * a night reads the share that belongs to the time since the last one. */
bool details_due(const char *tenant_id, int64_t read_at, int64_t now, int64_t every);
/* Tenants by the age of their details at taken_at; unread ones (no details, or not all) are counted apart. */
struct detail_ages {
	uint64_t tonight, day, three_days, week, older, unknown, unread;
	int64_t oldest_at; /* 0 none */
};
struct detail_ages observation_ages(const struct observation *observation);

/* ---- What changes make of an observation. Pure. */
struct merge_input {
	const struct observation *base;
	const struct observation
	    *changes; /* tenants as the list of changes has them, deleted ones too; no details */
	const struct known_tenant *known; /* deleted and moved ones are kept when these or... */
	size_t known_count;
	const struct subscriptions *subscriptions; /* ...an external id names them; may be NULL */
};
/* Base with the changes in: new, renamed, moved, deleted and restored tenants as they are now, what does not
 * stand below the parent any more only when somebody knows it. The details of a changed tenant stay what they
 * were, with their time. Sorted by id. Never NULL; the caller frees. Nothing points into the inputs. */
struct observation *observation_merge(const struct merge_input *in);

/* ---- What a night has to compare. */
struct pending_order { /* for order-stuck and changes that are due later */
	const struct order_item *item;
	enum item_state state;
	int64_t since;     /* milliseconds: order date, or when it was first received */
	int64_t parked_at; /* milliseconds; 0 not parked */
	struct date due;   /* the day on which it is, or was, to be carried out, where that is not the day of
			      the order; else none */
};
/* What /tenants/usages says of a tenant whose invoices bill no usage: a hint, never a difference of figures.
 */
struct usage_note {
	const char *tenant_id;
	const char *text;  /* "storage 120, workstations 3" */
	const char *month; /* whose invoices bill none: "2026-10" */
};
/* Asks for the usage of these tenants, a hundred a call; gives those that have any, by id, in the arena. What
 * cannot be read is left out, with a warning: a hint is worth no night. -1: a signal, the lock lost. */
int observe_usages(const struct observe *observe, const char *const *tenant_ids, size_t count,
    const char *month, struct arena *arena, struct usage_note **out, size_t *found,
    struct error *err) MUST_USE;

/* ---- Whose word is newer (expect.c). Pure. */
/* When the BSS changed the row, as far as that can be believed: 0 where it says nothing, or a time to come.
 */
int64_t subscription_said_at(const struct subscription *subscription, int64_t now);
/* Is the change about this contract: its subscription, or the tenant it runs on ("" not known)? */
bool change_is_of(
    const struct item_record *change, const struct subscription *subscription, const char *tenant_id);
/* Does the row show what the change did? Of a `new`: it is there. */
bool change_shows(const struct item_record *change, const struct subscription *subscription);
/* The status that a subscription has after this action; -1: the one it had. */
int action_leads_to(enum action action);
bool action_sets_tier(enum action action);
/* What a contract should be: what the BSS's row says, unless changes of ours were carried out after it. */
struct expected {
	enum subscription_status status;
	const struct tier *tier;                       /* NULL not known */
	const struct item_record *status_by, *tier_by; /* the change that says so; NULL: the row */
};
void expected_of_row(struct expected *expected, const struct subscription *subscription);
/* The same after one more change of this contract (in any order). */
void expected_after(struct expected *expected, const struct job *job, const struct subscription *subscription,
    const struct item_record *change, int64_t now);

struct reconcile_input {
	const struct usage_note *usages; /* by tenant id; of tenants with usage and invoices without */
	size_t usage_count;
	const struct job *job;
	const struct subscriptions *subscriptions;
	const struct observation *observation;
	const struct known_tenant *known;
	size_t known_count;
	const struct item_record *done_items; /* done by us, new contracts and changes, as far as the BSS did
						 not show them: the journal's side */
	size_t done_count;
	const struct pending_order *pending;
	size_t pending_count;
	const struct billing *billing; /* invoices held against contracts; NULL: no invoices */
	const struct rates *rates;     /* for money in the report's currency; NULL: none */
	int64_t now;
};

struct finding {
	enum finding_code code;
	enum severity severity;
	const char *owner; /* borrowed: static, or the job's */
	const char *account_id, *account, *subscription_id, *tenant_id;
	const char *object; /* what it is about, part of its identity: subscription, tenant or order id */
	const char *expected, *bss, *acronis;
	struct money at_stake;  /* per month; currency "" when not known */
	struct money in_report; /* the same in report.currency; "" when the rate of the day is not known */
	const char *tier; /* that is billed, or runs where nothing is billed: all names of its value; "" */
	bool in_window;   /* it comes of a change so young that reconcile.cut_off makes it timing */
	const char *sentence; /* one plain sentence that finance understands */
	const char *evidence; /* "subscriptions.csv:17; GET /tenants/... at ..." */
	char id[20];          /* short, stable: digest of account, code and object */
};

/* Coverage, printed always. A subscription or tenant is examined when everything of it that the classes need
 * was at hand. */
struct coverage {
	uint64_t subscriptions, subscriptions_examined; /* total = examined + quarantined + not compared */
	uint64_t subscriptions_quarantined;
	uint64_t tenants,
	    tenants_examined; /* partners that are there, and what a subscription's external id names */
	uint64_t tenants_other, tenants_deleted; /* with `tenants`: all that was observed, also below
							 other partners */
	uint64_t accounts, accounts_matched,
	    accounts_clean; /* union of both sides; matched: on both; clean: no finding */
	uint64_t tiers_compared, pricing_compared, logins_compared;
	uint64_t logins_unread; /* should have been compared, and could not be read */
	uint64_t accounts_bss_only, accounts_acronis_only,
	    accounts_neither;  /* accounts = matched + these three; neither: only deleted tenants, or one that
				  we made and that is gone */
	uint64_t made_lacking; /* tenants that we made and that the observation says nothing of: neither there
				  nor proved gone */
	/* Minimum commitments of live subscriptions a month, in smallest units, by currency: all of the input
	 * (added up before anything is compared) = examined + not. */
	struct {
		int64_t total, examined, left;
	} commitment[CURRENCY_COUNT];
	int64_t permille; /* the smaller of both sides' examined / total; 1000 when both are empty */
};
struct reconcile_result {
	struct arena *arena;
	struct finding *findings; /* ordered: severity (high first), account, code, object */
	size_t count, cap;
	uint64_t by_code[FINDING_COUNT], by_severity[4];
	struct coverage coverage;
	const char **not_compared; /* account ids */
	size_t not_compared_count;
};
/* Pure. Never NULL. */
struct reconcile_result *reconcile(const struct reconcile_input *input);
void reconcile_result_free(struct reconcile_result *result); /* NULL is fine */

/* The guards (pure): may this night's sides be believed? 0, or -1 with ERR_COVERAGE and the reason: a listing
 * that did not end or that lacks a tenant that we made; a side that is empty though an earlier run saw rows
 * (allow_empty); one that shrank by more than max_shrink since the last run; subscriptions older than
 * max_age; coverage under min_coverage. last_* -1: never seen. */
struct side_memory {
	int64_t last_subscriptions, last_tenants;
	int64_t last_listed; /* live tenants below the parent in the last list that was proved */
};
int reconcile_guard_subscriptions(const struct job *job, const struct subscriptions *subscriptions,
    const struct side_memory *memory, int64_t now, struct error *err) MUST_USE;
int reconcile_guard_observation(const struct job *job, const struct observation *observation,
    const struct side_memory *memory, struct error *err) MUST_USE;
/* A list that lacks a tenant which is there by its id passes the guard before it and is compared in part:
 * what lacks is not-compared, nothing is resolved, and this gives ERR_COVERAGE. */
int reconcile_guard_list(const struct observation *observation, struct error *err) MUST_USE;
int reconcile_guard_coverage(
    const struct job *job, const struct coverage *coverage, struct error *err) MUST_USE;

/* The table of classes as markdown for the README. */
void findings_reference_markdown(struct strbuf *out);

#endif
