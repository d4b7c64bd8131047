/* Transactions, and whose ledger it is. Opening is in open.c.
 *
 * One transaction at most is open in a handle; the first change begins it. When a change fails, half of what
 * belongs together may be written, so nothing more is taken until the caller rolls back: a commit can never
 * make half of it stay. */
#include "ledger_impl.h"

#include <string.h>
#include <strings.h>

#include "sql.h"
#include "tenantry/crash_point.h"

static int run_plain(struct ledger *ledger, const char *sql, struct error *err)
{
	struct query q;

	if (query_begin(&q, ledger, sql, NULL, err) < 0)
		return -1;
	return query_run(&q);
}

static int refuse_broken(struct ledger *ledger, struct error *err)
{
	error_set(err, ERR_LEDGER,
	    "an earlier change to the ledger failed, so the changes since the last commit are not kept");
	return error_place(err, ledger->path, 0, 0, NULL);
}

int transaction_begin(struct ledger *ledger, struct error *err)
{
	if (!ledger->writable) {
		error_set(err, ERR_LEDGER, "the ledger was opened for reading only");
		return error_place(err, ledger->path, 0, 0, NULL);
	}
	if (ledger->broken)
		return refuse_broken(ledger, err);
	if (ledger->open)
		return 0;
	if (run_plain(ledger, sql_begin, err) < 0)
		return -1;
	ledger->open = true;
	/* Within the transaction nobody can take the lock: what is committed was the holder's to write. */
	if (lock_is_held(ledger, err) == 0)
		return 0;
	ledger_rollback(ledger);
	return -1;
}

void ledger_rollback(struct ledger *ledger)
{
	/* After a full disk SQLite may have rolled back by itself already. */
	if (ledger->open && !sqlite3_get_autocommit(ledger->db))
		sqlite3_exec(ledger->db, sql_rollback, NULL, NULL, NULL);
	ledger->open = ledger->broken = false;
}

int ledger_commit(struct ledger *ledger, struct error *err)
{
	int rc = 0;

	if (ledger->broken)
		rc = refuse_broken(ledger, err);
	else if (ledger->open) {
		CRASH_POINT("commit", "");
		rc = run_plain(ledger, sql_commit, err);
		if (rc == 0)
			CRASH_POINT("committed", "");
	}
	if (rc < 0)
		ledger_rollback(ledger);
	ledger->open = false;
	return rc;
}

int durable_begin(struct ledger *ledger, bool *own, struct error *err)
{
	if (ledger->broken)
		ledger_rollback(ledger);
	*own = !ledger->open;
	return transaction_begin(ledger, err);
}

int durable_end(struct ledger *ledger, bool own, int rc, struct error *err)
{
	if (!own)
		return rc;
	if (rc < 0) {
		ledger_rollback(ledger);
		return rc;
	}
	return ledger_commit(ledger, err);
}

/* 1 bound already, and to these; 0 not bound yet; -1 to others. */
static int binding_matches(struct ledger *ledger, const char *bss, const char *parent, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_binding_get, NULL, err) < 0)
		return -1;
	bool found = (rc = query_step(&q)) > 0;
	if (found) {
		const char *bound_bss = next_text(&q), *bound_parent = next_text(&q);
		if (strcmp(bound_bss, bss) != 0 || strcasecmp(bound_parent, parent) != 0) {
			rc = error_set(err, ERR_LEDGER,
			    "the ledger belongs to BSS \"%s\" and parent tenant %s, not to BSS \"%s\" and parent tenant %s",
			    bound_bss, bound_parent, bss, parent);
			error_place(err, ledger->path, 0, 0, NULL);
			error_hint(err,
			    "correct bss.name or acronis.parent in the job file, or give this job a ledger of its own");
		}
	}
	return query_end(&q, rc) < 0 ? -1 : found;
}

static int binding_put(struct ledger *ledger, const char *bss, const char *parent, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_binding_put, err) < 0)
		return -1;
	bind_text(&q, ":bss", bss);
	bind_text(&q, ":parent_tenant", parent);
	return query_run(&q);
}

int ledger_bind(struct ledger *ledger, const char *bss, const char *parent_tenant, struct error *err)
{
	bool own;
	int rc = binding_matches(ledger, bss, parent_tenant, err);

	if (rc != 0 || !ledger->writable)
		return rc < 0 ? -1 : 0;
	if (durable_begin(ledger, &own, err) < 0)
		return -1;
	/* Another process may have bound it since. */
	rc = binding_matches(ledger, bss, parent_tenant, err);
	if (rc == 0)
		rc = binding_put(ledger, bss, parent_tenant, err);
	return durable_end(ledger, own, rc < 0 ? -1 : 0, err);
}
