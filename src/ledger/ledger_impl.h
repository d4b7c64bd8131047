/* What the files of the SQLite ledger share: the handle, one query at a time, transactions. Nothing outside
 * src/ledger (and its tests) includes this; sqlite3.h stops here. */
#ifndef TENANTRY_LEDGER_IMPL_H
#define TENANTRY_LEDGER_IMPL_H

#include <sqlite3.h>
#include <sys/types.h>

#include "tenantry/ledger.h"

/* See known_keys.c. */
struct known_keys {
	unsigned char *bits; /* NULL: not loaded */
	uint64_t mask;       /* bits - 1, a power of two */
	int64_t data_version;
	unsigned trusted; /* look-ups until the next look at what others did */
	bool given_up;
};

struct ledger {
	sqlite3 *db;
	char *path;
	struct clock *clock;
	bool writable;
	bool open;   /* a transaction is */
	bool broken; /* a change of the open transaction failed: only a rollback is left */
	struct cached_statement {
		const char *sql; /* the identity of the query: sql_NAME itself */
		sqlite3_stmt *statement;
		bool busy; /* a callback may come back to a query that is still being read */
	} * statements;
	size_t statement_count, statement_cap;
	struct known_keys known;
	struct arena *scratch;  /* what the last put of a finding gave back; NULL: there was none */
	struct lock_file *hold; /* NULL: this handle did not take the lock, or gave it away */
	char *held_job,
	    *held_run; /* NULL: no lock was taken; else each transaction asks whether it still holds */
	dev_t device;  /* of the file, as it was opened */
	ino_t inode;
};

/* ---- queries.c: one query, from its text in sql/ to its last row. */
struct query {
	struct ledger *ledger;
	sqlite3_stmt *statement;
	struct arena *arena; /* texts of rows go there; NULL: they are borrowed until the next step */
	struct error *err;
	int column; /* the next one to read */
	int bound;  /* first failure while binding, SQLITE_OK none */
	bool change;
};

/* Prepared once and kept. After success end it with query_end() or query_run(), whatever happens in between.
 */
int query_begin(
    struct query *q, struct ledger *ledger, const char *sql, struct arena *arena, struct error *err) MUST_USE;
/* The same for a query that changes something: begins the transaction when none is open. */
int change_begin(struct query *q, struct ledger *ledger, const char *sql, struct error *err) MUST_USE;
/* What is bound must live until the end of the query. A text that is NULL is "". What is not bound is NULL in
 * SQL. */
void bind_text(struct query *q, const char *name, const char *value);
void bind_strv(struct query *q, const char *name, struct strv value);
void bind_reference(
    struct query *q, const char *name, const char *value); /* NULL in SQL when empty: refers to no row */
void bind_int(struct query *q, const char *name, int64_t value);
/* 1 a row, 0 no more, -1 error. */
int query_step(struct query *q) MUST_USE;
/* `rc` is what the reading came to: gives -1 when it is negative, else 0. */
int query_end(struct query *q, int rc) MUST_USE;
/* Steps and ends one that gives no rows. A failed change leaves the transaction broken. */
int query_run(struct query *q) MUST_USE;

/* The columns of a row, in order. Texts are never NULL. */
const char *next_text(struct query *q);
int64_t next_int(struct query *q);
/* A text that must be one of `names`: its index. -1 and an error when a hand was at the ledger. */
int next_name(struct query *q, const char *const *names, int count);

/* ERR_LEDGER for a result code of SQLite, in words for people, with a hint. Gives -1. */
int store_failed(struct ledger *ledger, int code, struct error *err);
/* Moves a growing array into the arena; gives NULL for none. */
void *rows_keep(struct arena *arena, void *rows, size_t count, size_t size);

/* ---- ledger.c: transactions. */
int transaction_begin(struct ledger *ledger, struct error *err) MUST_USE; /* nothing to do when one is open */
/* Around what is durable at once. It joins a transaction that is open (and sound); else it has one of its
 * own, and `own` says so. durable_end takes what the work came to, commits or undoes when it is its own, and
 * gives it on. */
int durable_begin(struct ledger *ledger, bool *own, struct error *err) MUST_USE;
int durable_end(struct ledger *ledger, bool own, int rc, struct error *err) MUST_USE;

/* ---- lock.c. In an open transaction: 0 when this handle took no lock or still has it. ERR_DISPLACED when
 * another run has it now; ERR_LEDGER when the file is not the ledger any more. */
int lock_is_held(struct ledger *ledger, struct error *err) MUST_USE;
void lock_close(struct ledger *ledger); /* comes last: the database is closed */

/* ---- runs.c: the runs of a job that a query with :job finds, into the arena. */
int runs_read(struct ledger *ledger, const char *sql, const char *job, struct arena *arena,
    struct run_record **out, size_t *count, struct error *err) MUST_USE;

/* ---- finding_life.c: what a finding is tonight. `before`: as the ledger has it, NULL never seen; `again`:
 * this run has put it already. Fills in all of it that nights and people decide; texts are those of `before`,
 * static, or in the arena. */
struct finding_change {
	const char *event, *detail; /* event "": nothing to note */
};
struct finding_change finding_live(struct finding_record *finding, const struct finding_record *before,
    bool again, int64_t now, struct arena *arena);

/* ---- known_keys.c: 0 the ledger does not have this item, 1 it may have, -1 error. */
int known_keys_may_have(struct ledger *ledger, struct strv key, struct error *err) MUST_USE;
int known_keys_may_have_order(struct ledger *ledger, struct strv order_id, struct error *err) MUST_USE;
int known_keys_may_have_line(struct ledger *ledger, struct strv item_id, struct error *err) MUST_USE;
void known_keys_add(struct known_keys *known, struct strv key, struct strv order_id, struct strv item_id);
void known_keys_free(struct known_keys *known);

/* ---- names.c: as they are written in the store. */
extern const char *const ledger_item_state_names[ITEM_STATE_COUNT];
extern const char *const ledger_step_names[STEP_COUNT];
extern const char *const ledger_action_names[ACTION_COUNT];

#endif
