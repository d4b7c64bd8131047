/* Is the session ours alone? The guard that lets one night at a time write to a BSS is an advisory lock of
 * the session: behind a pooler that hands its connections from transaction to transaction (PgBouncer's modes
 * transaction and statement, and their like) it stays with a connection that others get next, and two nights
 * hold it at once.
 *
 * A server names its process at login, for cancelling. A pooler cannot pass that on for a process that many
 * share, so it makes one up: who is told the process that then answers is connected directly. Behind a pooler
 * a second connection of ours begins a transaction: with a session each, it is another process, and ours
 * stays what it was. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_impl.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

enum pg_session pg_session_judge(const struct pg_seen *seen)
{
	for (size_t i = 1; i < seen->looks; i++)
		if (seen->ours[i] != seen->ours[0])
			return PG_SESSION_SHARED;
	for (size_t i = 0; i < seen->others; i++)
		if (seen->other[i] == seen->ours[0])
			return PG_SESSION_SHARED;
	if (seen->told == seen->ours[0])
		return PG_SESSION_DIRECT;
	return seen->others > 0 ? PG_SESSION_POOLED : PG_SESSION_UNKNOWN;
}

static int see(struct pg *pg, int *out, struct error *err)
{
	struct pg_failure failure;
	PGresult *result =
	    pg_query(pg, "session", "select pg_catalog.pg_backend_pid()", 0, NULL, &failure, err);

	if (!result)
		return -1;
	*out = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return 0;
}

static int see_ours(struct pg *pg, struct pg_seen *seen, struct error *err)
{
	if (see(pg, &seen->ours[seen->looks], err) < 0)
		return -1;
	seen->looks++;
	return 0;
}

/* One transaction of the second connection, and ours beside it: while it is open, the other has its process
 * for itself. A process that is ours too settles it, and then ours must not be asked: it would wait. */
static int look_beside(struct pg *pg, struct pg *other, struct pg_seen *seen, struct error *err)
{
	struct pg_failure failure;

	if (pg_command(other, "session", "begin", &failure, err) < 0 ||
	    see(other, &seen->other[seen->others], err) < 0)
		return -1;
	seen->others++;
	if (pg_session_judge(seen) != PG_SESSION_SHARED && see_ours(pg, seen, err) < 0)
		return -1;
	return pg_command(other, "session", "rollback", &failure, err);
}

static int look_through_pooler(
    struct pg *pg, const struct pg_settings *settings, struct pg_seen *seen, struct error *err)
{
	/* An answer that a pool without room keeps back must not keep the night back as well. */
	struct job once = *settings->job;
	struct pg_settings second = *settings;
	int64_t patience = pg->patience_ms;
	int rc = 0;

	once.bss.retries = 0;
	once.bss.statement_timeout_ms = once.bss.connect_timeout_ms;
	second.job = &once;
	struct pg *other = pg_open(&second, err);
	if (!other)
		return -1;
	pg->patience_ms = once.bss.connect_timeout_ms;
	while (rc == 0 && seen->others < PG_BESIDE && pg_session_judge(seen) != PG_SESSION_SHARED)
		rc = look_beside(pg, other, seen, err);
	pg->patience_ms = patience;
	pg_close(other);
	return rc;
}

static int refuse(const struct pg *pg, const struct job *job, const char *why, struct error *err)
{
	error_set(err, ERR_JOB, "BSS database %s: %s", pg->where, why);
	error_place(err, job->path, job->bss.database.line, 0, "bss.database");
	return error_hint(err,
	    "connect directly to the server, or through a pool in session mode (PgBouncer: pool_mode = session) with room for two connections; bss.write_back: false needs neither");
}

int pg_session_prove(
    struct pg *pg, const struct pg_settings *settings, enum pg_session *out, struct error *err)
{
	struct pg_seen seen = {.told = PQbackendPID(pg->conn)};
	struct error trouble = {0};

	for (int i = 0; i < PG_LOOKS; i++)
		if (see_ours(pg, &seen, err) < 0)
			return -1;
	if (pg_session_judge(&seen) == PG_SESSION_UNKNOWN)
		(void)!look_through_pooler(pg, settings, &seen, &trouble);
	*out = pg_session_judge(&seen);
	if (*out == PG_SESSION_SHARED)
		return refuse(pg, settings->job,
		    "a pooler hands the connection to others between transactions, so the lock that lets one night at a time write is nobody's",
		    err);
	if (trouble.code == ERR_NONE)
		return 0;
	char *why = mem_printf(
	    "a pooler stands between, and whether it keeps the session for one client could not be seen: %s",
	    trouble.text);
	int rc = refuse(pg, settings->job, why, err);
	free(why);
	return rc;
}
