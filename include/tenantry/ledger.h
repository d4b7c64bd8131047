/* The ledger: runs, batches, items, steps, known tenants, findings, snapshots. SQLite behind this contract
 * (PostgreSQL can stand behind the same one); callers see records, never rows of a database.
 *
 * Every change joins one open transaction that the first change begins; nothing is durable before
 * ledger_commit(). The exceptions (lock, run begin and end) say so. All functions give -1 with ERR_LEDGER
 * when the store fails; times are milliseconds UTC taken from the ledger's clock. Texts given to the ledger
 * are copied; texts in results live in the arena.
 *
 * What is "durable at once" has a transaction of its own when none is open. When one is open it joins it (it
 * must not make half of the caller's work durable) and is durable with the next ledger_commit(), undone by
 * ledger_rollback(). When a change fails, the open transaction is lost: further changes and the commit are
 * refused until ledger_rollback(). Only the functions that are durable at once roll it back by themselves, so
 * that a failed run can still record its end and leave its lock. Other writers wait while a transaction is
 * open (10 s, then they fail): commit before waiting for anything.
 *
 * An item must be put before a step of it is journalled, a run begun before anything is noted under its id
 * ("" or NULL: under none). Texts given may be NULL for ""; texts in results never are. `each` callbacks: the
 * record and its texts last for the call; 0 goes on, more than 0 stops with success, less gives -1 (the error
 * is then the callback's to set). They may read from the ledger and change it, but not roll back. A handle is
 * for one thread; any number of processes may have the ledger open.
 */
#ifndef TENANTRY_LEDGER_H
#define TENANTRY_LEDGER_H

#include "tenantry/arena.h"
#include "tenantry/clock.h"
#include "tenantry/error.h"
#include "tenantry/facts.h"
#include "tenantry/lock_file.h"
#include "tenantry/order.h"

struct ledger; /* opaque */

enum { LEDGER_SCHEMA_VERSION = 16, LEDGER_REJECTIONS_KEPT = 10000 /* of a run */ };
enum ledger_mode { LEDGER_READ /* must exist */, LEDGER_WRITE /* made or migrated when needed */ };

/* May a ledger lie there? ERR_JOB: on a file system that is shared with other machines, or under a second
 * name (a hard link). Opening one to write asks this too; reading a copy of one is fine anywhere. */
int ledger_check_place(const char *path, struct error *err) MUST_USE;
/* ERR_LEDGER: cannot open, corrupt, not a ledger, of a newer version (says which), or (LEDGER_READ) not
 * there. The file and SQLite's two beside it have mode 0600; missing folders are made. Small files are
 * checked for damage here. */
struct ledger *ledger_open(
    const char *path, enum ledger_mode mode, struct clock *clock, struct error *err) MUST_USE;
void ledger_close(struct ledger *ledger); /* rolls an open transaction back; NULL is fine */
int ledger_commit(struct ledger *ledger, struct error *err) MUST_USE;
void ledger_rollback(struct ledger *ledger);
/* Reads all of it and proves that it is whole; ERR_LEDGER when not. Takes about a second for each 100 MB. For
 * `check`. */
int ledger_check(struct ledger *ledger, struct error *err) MUST_USE;
/* Binds the ledger to one BSS name and one parent tenant the first time; later another one is refused.
 * Durable. A handle for reading only compares. */
int ledger_bind(
    struct ledger *ledger, const char *bss, const char *parent_tenant, struct error *err) MUST_USE;

/* ---- One run at a time, of a job and of all jobs that share the ledger. Durable at once. */
struct lock_owner {
	const char *run_id, *host, *boot_id;
	int64_t pid, process_start; /* field 22 of /proc/PID/stat */
	int64_t heartbeat;          /* milliseconds, set by the ledger */
	bool by_file; /* set by the ledger: it holds the lock file; false: a program from before there was one
		       */
};
/* May the owner of a row be alive, though nobody on this machine holds the lock file? `now`: of the ledger's
 * clock. */
typedef bool lock_alive(const struct lock_owner *owner, int64_t now);
/* A heartbeat younger than this is a run at work where only the heartbeat tells. */
enum { LOCK_FRESH_MS = 60 * 1000 };
/* Should the owner hold the lock file, was it removed, and is its heartbeat fresh? Then it may be about to
 * take it again. */
bool ledger_lock_is_vague(const struct lock_owner *owner, const struct lock_file *file, int64_t now);
/* Takes the job's lock: the file beside the ledger, until the lock is released or the ledger closed, and the
 * row. When another holds the file it is refused; when it is free and there are rows of other runs (of this
 * job or of others), `alive` decides about each (NULL: all are), and a dead owner's lock is taken over
 * (logged). ERR_LOCKED names owner, host, pid, run and age. From then on each transaction of this handle asks
 * first whether the lock still is the run's (ERR_DISPLACED) and the file still the ledger (ERR_LEDGER), and
 * nothing is written when not. */
int ledger_lock(struct ledger *ledger, const char *job, const struct lock_owner *owner, lock_alive *alive,
    struct error *err) MUST_USE;
/* Gives the lock file to the caller, who keeps it beyond the ledger's close. NULL: there was none. */
struct lock_file *ledger_lock_detach(struct ledger *ledger);
/* Who holds the file on this machine: see lock_file_holder(). */
int ledger_lock_holder(struct ledger *ledger, char holder[LOCK_HOLDER_SIZE], struct error *err) MUST_USE;
/* ERR_DISPLACED when the run does not hold the lock any more (taken over): it must change nothing further. */
int ledger_lock_beat(struct ledger *ledger, const char *job, const char *run_id, struct error *err) MUST_USE;
/* Comes last: what is open and not committed is rolled back. 0 too when the run does not hold the lock. */
int ledger_lock_release(
    struct ledger *ledger, const char *job, const char *run_id, struct error *err) MUST_USE;
/* Who holds the job's lock: 1 found, 0 nobody, -1 error. */
int ledger_lock_owner(struct ledger *ledger, const char *job, struct arena *arena, struct lock_owner *out,
    struct error *err) MUST_USE;

/* ---- Runs. */
struct run_record {
	const char *run_id, *job, *command, *folder, *job_path;
	int64_t started_at, ended_at; /* ended_at 0: did not end */
	int exit_status;              /* -1 while it runs */
	const char *document;         /* run.json as written; "" until the end */
	uint64_t changes;             /* calls that changed Acronis */
};
/* started_at 0: now. ended_at, exit_status, changes and document are not looked at. */
int ledger_run_begin(
    struct ledger *ledger, const struct run_record *run, struct error *err) MUST_USE; /* durable */
/* Commits what is open as well (or rolls it back, when a change in it failed). */
int ledger_run_end(struct ledger *ledger, const char *run_id, int exit_status, uint64_t changes,
    const char *document, struct error *err) MUST_USE;
/* "last" (begun last, whatever the clock says), a run id or an unambiguous beginning of one. 1 found, 0 not,
 * -1 error (ambiguous is ERR_USAGE). */
int ledger_run_find(struct ledger *ledger, const char *run_id, struct arena *arena, struct run_record *out,
    struct error *err) MUST_USE;
/* Newest first, at most `limit` (0: all). `each` gives 0 to go on. document is "" here. */
int ledger_runs(struct ledger *ledger, size_t limit, int (*each)(void *user, const struct run_record *),
    void *user, struct error *err) MUST_USE;

/* Puts a run of a ledger that was lost: all of the record. Not durable by itself. */
int ledger_run_restore(struct ledger *ledger, const struct run_record *run, struct error *err) MUST_USE;

/* Notes that the run's folder is removed on purpose, and when that was (0: it was not). */
int ledger_run_pruned(struct ledger *ledger, const char *run_id, struct error *err) MUST_USE;
int ledger_run_pruned_at(struct ledger *ledger, const char *run_id, int64_t *at, struct error *err) MUST_USE;

struct batch_record {
	const char *run_id;
	int64_t number, planned, done, failed, parked;
	int64_t started_at, ended_at;
};
int ledger_batch_put(struct ledger *ledger, const struct batch_record *batch,
    struct error *err) MUST_USE; /* insert or update */
int ledger_batches(struct ledger *ledger, const char *run_id, struct arena *arena, struct batch_record **out,
    size_t *count, struct error *err) MUST_USE;

/* ---- Items. */
#define ITEM_STATES(X)                                                                                       \
	X(ITEM_RECEIVED, "received")                                                                         \
	X(ITEM_REJECTED, "rejected")                                                                         \
	X(ITEM_ACCEPTED, "accepted") /* also: a change that is due later */                                  \
	X(ITEM_RUNNING, "running")                                                                           \
	X(ITEM_DONE, "done")                                                                                 \
	X(ITEM_FAILED, "failed")                                                                             \
	X(ITEM_PARKED, "parked")
enum item_state {
#define X(id, name) id,
	ITEM_STATES(X)
#undef X
	    ITEM_STATE_COUNT
};
const char *item_state_name(enum item_state state);

/* The eight steps of design section 6 and the ones of changes. */
#define STEPS(X)                                                                                             \
	X(STEP_NONE, "")                                                                                     \
	X(STEP_SUBSCRIPTION, "subscription")                                                                 \
	X(STEP_TENANT, "tenant")                                                                             \
	X(STEP_SERVICES, "services")                                                                         \
	X(STEP_PRICING, "pricing")                                                                           \
	X(STEP_CONTRACT, "contract")                                                                         \
	X(STEP_USER, "user")                                                                                 \
	X(STEP_ACTIVATION, "activation")                                                                     \
	X(STEP_SWITCH, "switch") /* enable or disable a tenant: suspend, reactivate, cancel */               \
	X(STEP_ACTIVATE, "activate")
enum step {
#define X(id, name) id,
	STEPS(X)
#undef X
	    STEP_COUNT
};
const char *step_name(enum step step);

struct item_record {
	const char *key, *order_id, *item_id, *account_id, *account, *login, *subscription_id, *tenant_id,
	    *user_id;
	const char *tier, *currency; /* tier name; "" none */
	const char *digest;          /* of the order's content when it was accepted */
	const char *reason; /* code when failed or parked: "name-clash", "mail-in-doubt", "refused" ...; "" */
	const char *text;   /* sentence for people; "" */
	const char *run_id; /* the run that touched it last */
	const char *source;
	const char *start_date; /* ISO, "" none */
	/* What the order was when it was accepted, by which a row that comes under its key is told from
	 * another order (same_order.h): as ordered, not as done. All "" in rows of versions that did not keep
	 * it. */
	const char *ordered_action, *ordered_product, *ordered_tier, *parent_order_id, *content;
	const char *blocker; /* the tenant that is in the way while it is parked; "" none */
	unsigned long line;
	enum action action;
	enum item_state state;
	enum step step; /* the last one finished */
	int64_t batch, attempts, updated_at, received_at, executed_at;
	int64_t ordered_at; /* as the BSS says; 0 not known */
};
/* What apply notes as the text of an item that waits for its day, before that day. */
#define ITEM_DUE "due "
/* The day that it waits for, "2026-12-01" (days as text sort by time); "" it waits for none. Borrowed. */
const char *item_due(const struct item_record *item);
/* 1 found, 0 not there, -1 error. */
int ledger_item_get(struct ledger *ledger, const char *key, struct arena *arena, struct item_record *out,
    struct error *err) MUST_USE;
/* Inserts or replaces all but received_at (kept from the first time; 0 then: now); updated_at is set. Also
 * notes it under run_id for reports. */
int ledger_item_put(struct ledger *ledger, const struct item_record *item, struct error *err) MUST_USE;
/* The same for what no run does (a decision): the item changes, and how it stood in its runs stays. */
int ledger_item_settle(struct ledger *ledger, const struct item_record *item, struct error *err) MUST_USE;
/* The other half: how the item stood in the run of the record (such as planned and not started), and the item
 * stays as it is. It must have been put before. */
int ledger_item_note(struct ledger *ledger, const struct item_record *item, struct error *err) MUST_USE;
/* Items that are done and that no export of the BSS was seen to show (ledger_import_put()) at `until`; of
 * changes of a contract all, for only their row's time tells. Ordered by key. */
int ledger_items_unimported(struct ledger *ledger, int64_t until,
    int (*each)(void *user, const struct item_record *), void *user, struct error *err) MUST_USE;
/* The BSS's export shows what the item did: noted once, with the time of the first note. */
int ledger_import_put(struct ledger *ledger, const char *key, int64_t at, struct error *err) MUST_USE;
/* *at 0: it was never seen to. */
int ledger_import_at(struct ledger *ledger, const char *key, int64_t *at, struct error *err) MUST_USE;

struct item_filter {
	const char *run_id, *account_id, *order_id; /* NULL: any */
	int state;                                  /* -1: any */
};
/* With run_id: as the item stood at the end of that run. Ordered by key. */
int ledger_items(struct ledger *ledger, const struct item_filter *filter,
    int (*each)(void *user, const struct item_record *), void *user, struct error *err) MUST_USE;
/* For intake, which asks about each row: the state of an item, and the digest of what it was accepted with
 * (NULL: not wanted), without copying it. 1 found, 0 not, -1 error. One that another process has put may be
 * taken for unknown in the next 1,024 look-ups; ledger_item_get() is exact. */
int ledger_item_state(struct ledger *ledger, struct strv key, enum item_state *out,
    char digest[DIGEST_TEXT_SIZE], struct error *err) MUST_USE;
/* The items of an order with this item id, whatever their keys; item_id.p NULL: with any; order_id.p NULL:
 * of any order, where the item's id is not its key. At most 1,000 of them. As cheap as ledger_item_state()
 * for an order that is not known, and as exact. */
int ledger_items_named(struct ledger *ledger, struct strv order_id, struct strv item_id,
    int (*each)(void *user, const struct item_record *), void *user, struct error *err) MUST_USE;

/* When a run first read the order item, whatever became of it: *at is that time, or stays what the caller put
 * there (now) when none did; with `note` it is kept then. 0, -1 error. */
int ledger_first_read(
    struct ledger *ledger, struct strv key, bool note, int64_t *at, struct error *err) MUST_USE;

/* What became of a rejected order in a run, for `show`. The first 10,000 of a run are kept. */
struct rejection_record {
	const char *run_id, *key, *order_id, *account_id, *source, *codes;
	unsigned long line;
};
int ledger_rejection_put(
    struct ledger *ledger, const struct rejection_record *rejection, struct error *err) MUST_USE;
int ledger_rejections(struct ledger *ledger, const char *run_id, const char *order_id,
    int (*each)(void *user, const struct rejection_record *), void *user,
    struct error *err) MUST_USE; /* either may be NULL */

/* ---- The journal: intent before a changing call, outcome after it. */
struct step_record {
	int64_t id;
	const char *item_key, *run_id, *call, *target; /* operationId; path part it is about ("" none) */
	const char *request_digest;
	enum step step;
	int64_t intent_at, outcome_at; /* outcome_at 0: in doubt */
	const char *outcome; /* api_result_name, "" while in doubt; "settled" when a look-up decided */
	int status;
	const char *object_id; /* what it made: tenant id, user id, ""; for people elsewhere */
	const char *detail;
	int64_t version_before,
	    version_after; /* of the object changed, as sent and as answered; 0: it has none, or not known */
	const char *audited_in; /* run whose audit shows the row as it stands; "" none yet, "-" from before
				   there were audits */
};
/* Gives the id of the new row, -1 on error. The times, the outcome and what follows it are not looked at, but
 * version_before is. item_key "": a change that belongs to no order item. */
int64_t ledger_intent(struct ledger *ledger, const struct step_record *step, struct error *err) MUST_USE;
/* The last outcome written stands. */
int ledger_outcome(struct ledger *ledger, int64_t step_id, const char *outcome, int status,
    const char *object_id, const char *detail, struct error *err) MUST_USE;
/* The same with the version after: id, outcome, status, object_id, detail and version_after are looked at. */
int ledger_outcome_put(struct ledger *ledger, const struct step_record *step, struct error *err) MUST_USE;
/* All steps of an item in the order of their ids. */
int ledger_steps(struct ledger *ledger, const char *item_key, struct arena *arena, struct step_record **out,
    size_t *count, struct error *err) MUST_USE;
/* Steps of no order item (corrections) about this tenant of which it is not known whether they were carried
 * out. */
int ledger_steps_in_doubt(struct ledger *ledger, const char *tenant_id, struct arena *arena,
    struct step_record **out, size_t *count, struct error *err) MUST_USE;
/* All steps of a run, in the order of their ids. */
int ledger_run_steps(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct step_record *), void *user, struct error *err) MUST_USE;

/* 1 found, 0 not there, -1 error. */
int ledger_step_find(struct ledger *ledger, int64_t id, struct arena *arena, struct step_record *out,
    struct error *err) MUST_USE;

/* ---- The audit: see audit.h for what it looks like. A run that takes the lock is given a place for its
 * audit when it begins (open) and has its place in the chain when it ends (close), or when the next run finds
 * that it did not end. */
enum { LEDGER_HASH_SIZE = 65, LEDGER_AUDIT_KEY_SIZE = 65 };

/* What is no call and belongs into the audit: "limit-raised", "safety-stop", "decision" ... run_id "": done
 * outside of a run; the next audit shows it. `detail` must be free of personal data; of `reason` (a person's
 * words) audits carry a keyed digest. */
struct event_record {
	int64_t id, at; /* not looked at when put */
	const char *run_id, *event, *item_key, *detail, *reason;
};
int ledger_event_put(struct ledger *ledger, const struct event_record *event, struct error *err) MUST_USE;

struct audit_record {
	const char *run_id;
	int64_t number, lines;   /* number: place in the chain, 1 and up; 0 not closed yet */
	const char *prev, *head; /* hash of the last line of the audit before, and of its own last line */
	const char *closed_by;   /* run that closed it, when it did not end; "" itself */
	const char *run_before, *head_before, *run_after,
	    *prev_after; /* its neighbours in the chain; "" none. Not looked at by close */
};
/* Not durable by itself: for one transaction with ledger_run_begin(). */
int ledger_audit_open(struct ledger *ledger, const char *run_id, struct error *err) MUST_USE;
/* Begins the transaction in which an audit is written, so that two never follow the same one: gives the
 * chain's head ("" none). */
int ledger_audit_start(struct ledger *ledger, char head[LEDGER_HASH_SIZE], struct error *err) MUST_USE;
/* Changes (and events) that no audit shows as they stand: of this run, and of none that will write its own.
 * By id. */
int ledger_steps_unaudited(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct step_record *), void *user, struct error *err) MUST_USE;
int ledger_events_unaudited(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct event_record *), void *user, struct error *err) MUST_USE;
int ledger_events_audited(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct event_record *), void *user, struct error *err) MUST_USE;
/* Ends the chain with it: run_id, prev, head, lines, closed_by. All that was unaudited is audited now.
 * Durable with the commit, so together with the ledger_run_end() that follows. */
int ledger_audit_close(struct ledger *ledger, const struct audit_record *audit, struct error *err) MUST_USE;
/* 1 found, 0 that run has none, -1 error. */
int ledger_audit_find(struct ledger *ledger, const char *run_id, struct arena *arena,
    struct audit_record *out, struct error *err) MUST_USE;
/* Runs of the job whose audit is open, oldest first. With the job's lock held they are dead. */
int ledger_runs_unclosed(struct ledger *ledger, const char *job, struct arena *arena, struct run_record **out,
    size_t *count, struct error *err) MUST_USE;
/* The key of keyed digests, made when it is first asked for (durable then): 64 hex digits. 1; 0: none yet and
 * the handle only reads; -1 error. */
int ledger_audit_key(struct ledger *ledger, char key[LEDGER_AUDIT_KEY_SIZE], struct error *err) MUST_USE;

/* ---- The pause that Acronis asked everybody to keep (429, Retry-After), for the process after this one.
 * Durable at once. */
int ledger_pause_put(struct ledger *ledger, int64_t until_ms, struct error *err) MUST_USE; /* wall clock */
/* Milliseconds still to wait, 0 none: never more than the pause was long, nor 15 minutes; none when the clock
 * was set back by more than its length. */
int ledger_pause_get(struct ledger *ledger, int64_t *left_ms, struct error *err) MUST_USE;

/* ---- What people decided about parked items. Kept for good. */
struct decision_record {
	const char *account_id, *item_key;
	const char *decision;  /* adopt, resend-mail, skip-mail, skip, DECIDED_TIER_PROVED */
	const char *parked_as; /* the reason that the item was parked for */
	const char *tenant_id; /* of adopt; "" */
	const char *note;      /* in the person's words; "" none */
	const char *who;       /* login name */
	int64_t decided_at;    /* set by the ledger */
};
int ledger_decision_put(
    struct ledger *ledger, const struct decision_record *decision, struct error *err) MUST_USE;
#define DECIDED_TIER_PROVED "tier-proved"
/* Of an item, or (item_key NULL) all of them. Oldest first. */
int ledger_decisions(struct ledger *ledger, const char *item_key,
    int (*each)(void *user, const struct decision_record *), void *user, struct error *err) MUST_USE;

/* ---- Known tenants: what we made or adopted. */
int ledger_tenant_put(struct ledger *ledger, const struct known_tenant *tenant, struct error *err) MUST_USE;
/* All of them, into the arena; tiers resolved by name through the job. */
int ledger_tenants(struct ledger *ledger, const struct job *job, struct arena *arena,
    struct known_tenant **out, size_t *count, struct error *err) MUST_USE;

/* ---- Tenants that answered 404, or as deleted, to a call by their id: not asked for again before the next
 * full read, which forgets them all. */
int ledger_absent_put(
    struct ledger *ledger, const char *run_id, const char *tenant_id, struct error *err) MUST_USE;
/* Their ids, as far as they answered after `since` (and not later than now), into the arena. */
int ledger_absents(struct ledger *ledger, int64_t since, struct arena *arena, const char ***out,
    size_t *count, struct error *err) MUST_USE;
int ledger_absents_clear(struct ledger *ledger, struct error *err) MUST_USE;

/* ---- Findings: identity is account + code + object; what nights and people did to one is kept with it. */
/* What a person accepted, until when, and how it stood then: what has become worse since is not covered. */
struct finding_ack {
	const char *reason, *who;
	const char *until;                       /* the last day, 2026-12-31; "": not acknowledged */
	const char *severity, *currency, *money; /* as it was accepted */
	const char *sides;                       /* digest of what was expected and what each side said */
	int64_t at;
};
struct finding_record {
	const char *finding_id; /* short and stable, made of account, code and object (digest) */
	const char *run_id, *code, *severity, *owner;
	const char *state; /* open, acknowledged, timing, resolved */
	const char *account_id, *account, *subscription_id, *tenant_id, *object;
	const char *expected, *bss, *acronis, *currency,
	    *money; /* money at stake as decimal text; "" unknown */
	const char *sentence, *evidence;
	int64_t first_seen, last_seen, runs_open;
	const char *tier; /* whose contract it is about, with all names of a value; "" */
	const char *report_money,
	    *report_currency; /* the money at stake in the report's currency; "" not known */
	/* Of the nights: */
	const char *news;    /* against the last comparison: new, known, reopened */
	int64_t opened_at;   /* since when without a break; first_seen is the very first time */
	int64_t cycles_open; /* calendar months in which it was seen */
	int64_t times_reopened;
	int64_t resolved_at;                     /* 0: it is not */
	const char *resolved_run, *resolved_how; /* gone: no longer found; own-change: we changed its tenant
						    since; own-fix: we corrected it */
	/* Of people: */
	const char *assigned; /* the owner that a person named; "" its class's */
	const char *note;     /* why an acknowledgement does not hold any more; "" */
	struct finding_ack ack;
	bool amounts;      /* not kept: the sides say amounts, so what is accepted of it is the money */
	int64_t window_ms; /* not kept: it lies within the cut-off, and may be timing for so long; 0: it does
			      not */
};
/* Notes a finding of this run. What earlier nights and people did to it comes from the ledger and is given
 * back in *finding: an acknowledged one stays so until the day is over or it has become worse, a timing one
 * opens when the cut-off is over, a resolved one is open again. Put twice in a run it counts once. */
int ledger_finding_put(struct ledger *ledger, struct finding_record *finding, struct error *err) MUST_USE;
/* The same without noting anything: what a put would give back. `ledger` NULL: nothing is remembered. Texts
 * are the given ones, static or in the arena. */
int ledger_finding_look(struct ledger *ledger, struct finding_record *finding, int64_t now,
    struct arena *arena, struct error *err) MUST_USE;
struct findings_settled {
	uint64_t before;   /* not resolved before this run: = known + resolved + left */
	uint64_t resolved; /* this run did not find them any more */
	uint64_t left;     /* nor them, but their account was not compared: they stay as they are */
};
/* Findings that this run did not put again become resolved, except those of accounts in `not_compared`. */
int ledger_findings_resolve(struct ledger *ledger, const char *run_id, const char *const *not_compared,
    size_t count, struct findings_settled *out, struct error *err) MUST_USE;
/* What a person decided about it: keeps state, owner, assigned, note and ack, and adds the event with who and
 * what. Not durable before the commit; the next audit shows it. */
int ledger_finding_decide(struct ledger *ledger, const struct finding_record *finding, const char *event,
    const char *who, const char *detail, struct error *err) MUST_USE;
/* Of one run as it was put (run_id), or the ones not resolved now (NULL), or one by id (with a run_id: as
 * that run put it). Ordered by severity (high first), account, code, object. */
int ledger_findings(struct ledger *ledger, const char *run_id, const char *finding_id,
    int (*each)(void *user, const struct finding_record *), void *user, struct error *err) MUST_USE;
/* Those that this run resolved, in the same order. */
int ledger_findings_resolved(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct finding_record *), void *user, struct error *err) MUST_USE;
/* Its texts into the arena, "" for NULL: what is kept beyond a callback. */
void finding_record_keep(struct finding_record *finding, struct arena *arena);
/* What a finding says, as acknowledgements remember it. */
enum { FINDING_SIDES_SIZE = 33 };
void finding_sides(const struct finding_record *finding, char out[FINDING_SIDES_SIZE]);

/* What became of a finding over the nights, oldest first. */
struct finding_event {
	/* opened, timing, reopened, resolved, expired, lifted; of people: acknowledged, withdrawn, assigned
	 */
	const char *finding_id, *run_id, *event;
	const char *who, *detail; /* "" */
	int64_t at;
};
int ledger_finding_events(struct ledger *ledger, const char *finding_id,
    int (*each)(void *user, const struct finding_event *), void *user, struct error *err) MUST_USE;

/* ---- Corrections of findings (fix.h), as each run left them. Kept for good. */
struct fix_record {
	const char *run_id, *finding_id;
	const char *found_in; /* the run whose finding it is */
	const char *code, *change, *account_id, *account, *subscription_id, *tenant_id, *was, *wanted,
	    *currency, *money;
	const char *state;  /* running, done, skipped, failed, not-started */
	const char *reason; /* code of what is neither running nor done; "" */
	const char *text;   /* for people; "" */
	int64_t batch;      /* 0 none */
	int64_t updated_at; /* set by the ledger */
};
int ledger_fix_put(
    struct ledger *ledger, const struct fix_record *fix, struct error *err) MUST_USE; /* insert or update */
/* Of a run, or (run_id NULL) of a finding, the oldest first. */
int ledger_fixes(struct ledger *ledger, const char *run_id, const char *finding_id,
    int (*each)(void *user, const struct fix_record *), void *user, struct error *err) MUST_USE;

/* ---- What was taken away from resellers (budget.h): put when it begins or is accepted for a day to come. */
enum { LEDGER_LOSS_WINDOW_MS = 24 * 3600 * 1000 };
struct loss_record {
	const char *account_id, *key; /* of the order item; of a correction the finding's id */
	const char *run_id;
	const char *kind;                /* loss_kind_name() */
	const char *from_tier, *to_tier; /* names; "" not known */
	bool counted;                    /* false: a drop of one step, kept to measure further ones from */
	bool later;                      /* accepted for a day to come */
	int64_t at;                      /* set by the ledger: now, but never before what a run has seen */
	bool recent;                     /* not looked at when put: it counts in the last 24 hours */
};
int ledger_loss_put(struct ledger *ledger, const struct loss_record *loss, struct error *err) MUST_USE;
/* What was counted in the last 24 hours and goes on now (key, kind and to_tier are looked at): still once, and
 * from now on. */
int ledger_loss_touch(struct ledger *ledger, const struct loss_record *loss, struct error *err) MUST_USE;
/* The same as it was once, at `at`: for a ledger that is made anew. */
int ledger_loss_restore(struct ledger *ledger, const struct loss_record *loss, struct error *err) MUST_USE;
/* What the run put for this key and did not do after all; what was accepted for later stays. */
int ledger_loss_release(
    struct ledger *ledger, const char *key, const char *run_id, struct error *err) MUST_USE;
struct losses_counted {
	uint64_t counted; /* in the last 24 hours, by all runs and jobs of this ledger */
	uint64_t ahead;   /* of these: nobody knows when, for the clock was set back: dated later than now, or
			     put since */
};
int ledger_losses_count(struct ledger *ledger, struct losses_counted *out, struct error *err) MUST_USE;
/* For the beginning of a run, which sees what time it is: what is put later at an earlier time counts until
 * the clock is seen to be right again, and then for 24 hours from that moment. */
int ledger_losses_settle(struct ledger *ledger, struct error *err) MUST_USE;
/* A clock that was ahead once and is not any more: a person let something pass, so what is dated later than
 * now is dated now. */
int ledger_losses_redate(struct ledger *ledger, struct error *err) MUST_USE;
/* All of a key; those of an account in the last 24 hours. The oldest first. */
int ledger_losses_of_key(struct ledger *ledger, const char *key,
    int (*each)(void *user, const struct loss_record *), void *user, struct error *err) MUST_USE;
int ledger_losses_of_account(struct ledger *ledger, const char *account_id,
    int (*each)(void *user, const struct loss_record *), void *user, struct error *err) MUST_USE;

/* ---- Signatures under runs (sign.h). Kept for good. */
struct signature_record {
	int64_t id;                /* not looked at when put */
	const char *run_id, *role; /* preparer, reviewer */
	const char *name, *login;
	const char *manifest; /* SHA-256 of the manifest as it was signed */
	const char *document; /* the manifest; "" where all runs' are asked for */
	int64_t signed_at;
	int64_t withdrawn_at; /* 0: it stands. This and what follows is not looked at when put */
	const char *withdrawn_by, *withdrawn_reason;
};
/* One of a role stands in a run: a second one is ERR_LEDGER. Notes the event "signed" too, with run, role and
 * hash. */
int ledger_signature_put(
    struct ledger *ledger, const struct signature_record *signature, struct error *err) MUST_USE;
int ledger_signature_withdraw(struct ledger *ledger, const struct signature_record *signature,
    const char *login, const char *reason, struct error *err) MUST_USE;
/* Of a run, the oldest first, withdrawn ones too; run_id NULL: all that stand. */
int ledger_signatures(struct ledger *ledger, const char *run_id, struct arena *arena,
    struct signature_record **out, size_t *count, struct error *err) MUST_USE;
/* Do the events, which audits carry, know of it? */
int ledger_signature_noted(
    struct ledger *ledger, const struct signature_record *signature, bool *noted, struct error *err) MUST_USE;

/* ---- What each side held, for the guards against empty and shrunken sources, and snapshots. */
int ledger_side_put(struct ledger *ledger, const char *run_id, const char *side, uint64_t rows,
    const char *path, const char *digest, struct error *err) MUST_USE;
/* Rows of that side in the newest run that saw it and closed well (exit status 0 or 1). 1 found, 0 never
 * seen, -1 error. */
int ledger_side_last(
    struct ledger *ledger, const char *side, uint64_t *rows, int64_t *seen_at, struct error *err) MUST_USE;

/* ---- Snapshots: what each side held in a run, as a file in its folder. */
struct snapshot_record {
	const char *run_id, *side;   /* tenants, subscriptions, invoices, rates */
	const char *file, *digest;   /* its name in the run's folder; of its text */
	const char *source, *parent; /* the cloud's address or the export; parent: of tenants */
	const char *api_timestamp;   /* of tenants: for the changes since; "" */
	const char *months;          /* of invoices: those it has lines of, "2026-09 2026-10"; "" */
	uint64_t rows, others;       /* others: of tenants, below other partners when all were read */
	int64_t taken_at, full_at;   /* full_at: when all tenants were last read, 0 never */
	int64_t removed_at;          /* the file was pruned then; 0 it is there */
	const char *folder, *job; /* of the run; not looked at when put, nor are removed_at and exit_status */
	int exit_status;          /* of the run, -1 not ended */
};
int ledger_snapshot_put(
    struct ledger *ledger, const struct snapshot_record *snapshot, struct error *err) MUST_USE;
/* Of one side, newest run first; run_id NULL: of all runs. */
int ledger_snapshots(struct ledger *ledger, const char *side, const char *run_id,
    int (*each)(void *user, const struct snapshot_record *), void *user, struct error *err) MUST_USE;
/* Notes that the files of a run are gone. */
int ledger_snapshots_removed(struct ledger *ledger, const char *run_id, struct error *err) MUST_USE;

#endif
