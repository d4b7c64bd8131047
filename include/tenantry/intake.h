/* Intake: order files in, a verdict for every row out. Streaming: memory does not grow with the files.
 *
 * read = accepted + rejected + ignored, always: intake_run() checks it and fails (ERR_INTERNAL) when it does
 * not close.
 */
#ifndef TENANTRY_INTAKE_H
#define TENANTRY_INTAKE_H

#include "tenantry/rules.h"

#define IGNORED_REASONS(X)                                                                                   \
	X(IGNORED_STATUS, "status") /* an order status the job ignores */                                    \
	X(IGNORED_ALREADY_DONE, "already-done")                                                              \
	X(IGNORED_REPEATED, "repeated")         /* the same item again with the same content */              \
	X(IGNORED_PARKED, "parked")             /* waits for a decision */                                   \
	X(IGNORED_LIMIT, "limit")               /* beyond --limit */                                         \
	X(IGNORED_DECIDED, "decided")           /* a person decided that it is not done */                   \
	X(IGNORED_NOT_SELECTED, "not-selected") /* of a retry: none of the orders it is about */
enum ignored_reason {
#define X(id, name) id,
	IGNORED_REASONS(X)
#undef X
	    IGNORED_COUNT
};
const char *ignored_name(enum ignored_reason reason);

struct intake_counts {
	uint64_t read, accepted, rejected, ignored;
	uint64_t by_rule[RULE_COUNT], by_warning[WARNING_COUNT], by_ignored[IGNORED_COUNT];
};

/* One input file as run.json reports it. Texts in the arena given to intake_run(). */
struct input_file {
	const char *role; /* "orders", "subscriptions" */
	const char *path;
	uint64_t bytes, rows;
	char digest[DIGEST_TEXT_SIZE];
	const char *note; /* "" or "same content as FILE: not read again" */
};

/* A rejected row. Texts never NULL ("" in a row that cannot be read); borrowed during the call. */
struct rejected_item {
	const char *key, *order_id, *account_id, *source;
	unsigned long line;
	int64_t
	    order_time; /* milliseconds, 0 when the row has no readable date: how long it has been waiting */
	struct verdict verdict;
};

/* What is known of a row's item before it is judged. Texts are borrowed until the next row. */
struct known_order {
	bool ignored;
	enum ignored_reason reason; /* of an ignored one */
	uint64_t warnings;          /* bits: of an ignored one, they count too */
	/* Work on it has begun: what the subscription is by now rejects it no more (no-tier-change,
	 * subscription-unknown), nor does its day (date-too-far): it goes on to its end. */
	bool begun;
	struct strv item_key; /* what the ledger has it under, behind bss.name; empty: what the job says */
	const struct item_record
	    *owner;               /* another order that is known under its key: order-key-reused; NULL */
	struct comparison unlike; /* how the row differs from that */
};

struct bss_snapshot;
struct intake {
	const struct job *job;
	const struct bss_snapshot
	    *snapshot; /* has the orders when they come from a database (bss_database.h); NULL: files */
	const struct facts
	    *facts; /* NULL: rules that need the world are not held (validate without subscriptions) */
	const char *folder;       /* where accepted.csv and rejected.csv appear; NULL: written nowhere */
	uint64_t limit;           /* accepted rows at most, 0 none; the rest is ignored as `limit` */
	const volatile int *stop; /* not 0: give up with ERR_INTERRUPTED or ERR_TERMINATED; may be NULL */
	/* What the ledger says of an item whose key and terms are read: fills in `known`, which is empty
	 * before; -1 ends the intake. NULL: nothing is known. */
	int (*known)(void *user, const struct order *order, struct known_order *known, struct error *err);
	bool selected_only; /* `known` says which items are wanted: a row without a readable key is ignored as
			       not-selected */
	/* The day on which a run first read the item with this key, today's for one that none did; 0, or -1
	 * ends the intake. Asked only where a rule depends on it. NULL: rules on it are not held. */
	int (*first_read)(void *user, struct strv key, struct date *day, struct error *err);
	/* An accepted item; borrowed, keep with order_item_keep(). NULL: not wanted. */
	int (*accepted)(void *user, const struct order_item *item, struct error *err);
	int (*rejected)(
	    void *user, const struct rejected_item *item, struct error *err); /* NULL: not wanted */
	/* A row whose status says that it is not pending; borrowed, its ids are read. NULL: not wanted. */
	void (*passed_by)(void *user, const struct order *order);
	void (*progress)(void *user, uint64_t bytes_done, uint64_t bytes_total); /* NULL: not wanted */
	void *user;
};

struct intake_result {
	struct intake_counts counts;
	struct input_file *files; /* in the arena */
	size_t file_count;
};

/* Reads all of bss.orders: the files of a glob in the byte order of their names, their rows in file order;
 * "earlier" in a rule means that order. What a row is, in turn: unreadable (rejected), ignored by its status,
 * ignored by `known`, an identical repeat (ignored), rejected by rules, beyond the limit (ignored), accepted.
 * A row that is ignored by its status still counts as other content of its item: an item that one row calls
 * pending and another executed needs a person. The callbacks are called while reading; when intake_run()
 * fails, drop what they were given. ERR_SOURCE: a file is missing, unreadable, empty of a header, lacks a
 * needed column (named, with what was there), or changed while it was read: then neither accepted.csv nor
 * rejected.csv appears. */
int intake_run(
    const struct intake *intake, struct arena *arena, struct intake_result *out, struct error *err) MUST_USE;

#endif
