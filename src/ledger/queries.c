/* One query at a time: prepared once and kept, bound by name, read in the order of its columns. The meaning
 * of queries is with the files that use them; a failure of the store becomes an error for people here.
 *
 * Beware: rows are read through callbacks that may ask the same question again, so a kept statement can be in
 * use when it is wanted; then a second one is prepared for that time. */
#include "ledger_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tenantry/mem.h"

static bool no_space(int code, int number)
{
	/* EFBIG: a limit on file sizes, which is a full disk to the one who meets it. */
	return code == SQLITE_FULL ||
	       (code == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT || number == EFBIG));
}

int store_failed(struct ledger *ledger, int code, struct error *err)
{
	int last = errno, primary = code & 0xff, number = ledger->db ? sqlite3_system_errno(ledger->db) : 0;
	const char *said = ledger->db ? sqlite3_errmsg(ledger->db) : sqlite3_errstr(code);

	/* SQLite keeps the cause of what failed in open only; of a write that failed just now it is the last
	 * one there was. */
	if (code == SQLITE_IOERR_WRITE && number == 0)
		number = last;
	if (no_space(primary, number)) {
		error_set(err, ERR_LEDGER, "no space left for the ledger");
		error_hint(err,
		    "free some space on its disk and run the same command again; what was committed is safe");
	} else if (primary == SQLITE_NOTADB) {
		error_set(err, ERR_LEDGER, "this is not a ledger (not even an SQLite file)");
		error_hint(err, "give the ledger's own file, or move this one away");
	} else if (primary == SQLITE_CORRUPT) {
		error_set(err, ERR_LEDGER, "the ledger is damaged: %s", said);
		error_hint(err,
		    "move it away, then restore a backup copy or make a new one with `tenantry rebuild`");
	} else if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
		error_set(err, ERR_LEDGER, "the ledger is busy: another process goes on writing to it");
		error_hint(
		    err, "run the same command again later; `fuser` on the file shows who has it open");
	} else if (primary == SQLITE_CANTOPEN || primary == SQLITE_READONLY || primary == SQLITE_PERM) {
		error_set(err, ERR_LEDGER, "the ledger cannot be %s: %s",
		    ledger->writable ? "written" : "read", number ? strerror(number) : said);
		error_hint(err,
		    "the user that runs the job must own the file and be able to write its folder, where "
		    "SQLite keeps two more files beside it");
	} else if (code == SQLITE_CONSTRAINT_FOREIGNKEY) {
		error_set(err, ERR_LEDGER,
		    "the ledger does not know the run or the order item that this belongs to");
	} else {
		error_set(err, ERR_LEDGER, "the ledger failed: %s%s%s", said, number ? ": " : "",
		    number ? strerror(number) : "");
	}
	return error_place(err, ledger->path, 0, 0, NULL);
}

static struct cached_statement *find_statement(struct ledger *ledger, const char *sql)
{
	for (size_t i = 0; i < ledger->statement_count; i++)
		if (ledger->statements[i].sql == sql)
			return &ledger->statements[i];
	return NULL;
}

static struct cached_statement *keep_statement(
    struct ledger *ledger, const char *sql, sqlite3_stmt *statement)
{
	MEM_GROW(ledger->statements, ledger->statement_count, ledger->statement_cap);
	struct cached_statement *kept = &ledger->statements[ledger->statement_count++];

	*kept = (struct cached_statement){.sql = sql, .statement = statement};
	return kept;
}

int query_begin(
    struct query *q, struct ledger *ledger, const char *sql, struct arena *arena, struct error *err)
{
	struct cached_statement *kept = find_statement(ledger, sql);

	*q = (struct query){.ledger = ledger, .arena = arena, .err = err};
	if (!kept || kept->busy) {
		int code =
		    sqlite3_prepare_v3(ledger->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->statement, NULL);
		if (code != SQLITE_OK)
			return store_failed(ledger, code, err);
		if (kept)
			return 0;
		kept = keep_statement(ledger, sql, q->statement);
	}
	kept->busy = true;
	q->statement = kept->statement;
	return 0;
}

int change_begin(struct query *q, struct ledger *ledger, const char *sql, struct error *err)
{
	if (transaction_begin(ledger, err) < 0)
		return -1;
	if (query_begin(q, ledger, sql, NULL, err) < 0) {
		ledger->broken = true;
		return -1;
	}
	q->change = true;
	return 0;
}

static void bound(struct query *q, int code)
{
	if (q->bound == SQLITE_OK)
		q->bound = code;
}

/* 0 (which SQLite refuses as out of range) when the query has no such parameter: a slip of ours, found by any
 * test. */
static int parameter(struct query *q, const char *name)
{
	return sqlite3_bind_parameter_index(q->statement, name);
}

void bind_strv(struct query *q, const char *name, struct strv value)
{
	bound(q, sqlite3_bind_text64(q->statement, parameter(q, name), value.n ? value.p : "", value.n,
		     SQLITE_STATIC, SQLITE_UTF8));
}

void bind_text(struct query *q, const char *name, const char *value)
{
	bind_strv(q, name, strv_of(value));
}

void bind_reference(struct query *q, const char *name, const char *value)
{
	if (value && value[0])
		bind_text(q, name, value);
}

void bind_int(struct query *q, const char *name, int64_t value)
{
	bound(q, sqlite3_bind_int64(q->statement, parameter(q, name), value));
}

int query_step(struct query *q)
{
	int code = q->bound == SQLITE_OK ? sqlite3_step(q->statement) : q->bound;

	q->column = 0;
	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	return store_failed(q->ledger, code, q->err);
}

int query_end(struct query *q, int rc)
{
	struct ledger *ledger = q->ledger;

	if (rc < 0 && q->change)
		ledger->broken = true;
	for (size_t i = 0; i < ledger->statement_count; i++) {
		if (ledger->statements[i].statement != q->statement)
			continue;
		sqlite3_reset(q->statement);
		sqlite3_clear_bindings(q->statement);
		ledger->statements[i].busy = false;
		return rc < 0 ? -1 : 0;
	}
	sqlite3_finalize(q->statement);
	return rc < 0 ? -1 : 0;
}

int query_run(struct query *q)
{
	int rc;

	while ((rc = query_step(q)) > 0)
		;
	return query_end(q, rc);
}

const char *next_text(struct query *q)
{
	const char *text = (const char *)sqlite3_column_text(q->statement, q->column++);

	if (!text)
		text = "";
	return q->arena ? arena_strdup(q->arena, text) : text;
}

int64_t next_int(struct query *q)
{
	return sqlite3_column_int64(q->statement, q->column++);
}

int next_name(struct query *q, const char *const *names, int count)
{
	const char *text = (const char *)sqlite3_column_text(q->statement, q->column);

	for (int i = 0; text && i < count; i++)
		if (strcmp(names[i], text) == 0) {
			q->column++;
			return i;
		}
	error_set(q->err, ERR_LEDGER, "the ledger says \"%s\" as %s, which is none of ours", text ? text : "",
	    sqlite3_column_name(q->statement, q->column));
	error_place(q->err, q->ledger->path, 0, 0, NULL);
	return error_hint(q->err, "it was changed by hand or by another program: restore a backup copy");
}

void *rows_keep(struct arena *arena, void *rows, size_t count, size_t size)
{
	void *kept = NULL;

	if (count > 0)
		kept = memcpy(arena_alloc(arena, count * size), rows, count * size);
	free(rows);
	return kept;
}
