/* Statements, each waited for with a limit and an ear for signals, and what the server says when it says no.
 * Nothing here repeats anything: whether a statement may be sent again is the business of who sent it. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_impl.h"
#include "tenantry/mem.h"

enum { EAR_MS = 200 };

const char *pg_one_line(const char *text, char *out, size_t size)
{
	size_t n = strcspn(text, "\n");

	snprintf(out, size, "%.*s", (int)(n < size ? n : size - 1), text);
	return out;
}

enum pg_trouble pg_trouble_of(const char *sqlstate)
{
	static const struct {
		const char *prefix;
		enum pg_trouble trouble;
	} known[] = {
	    {"08", PG_TROUBLE_LOST},
	    {"57P01", PG_TROUBLE_LOST},
	    {"57P02", PG_TROUBLE_LOST},
	    {"57P03", PG_TROUBLE_LOST},
	    {"57P05", PG_TROUBLE_LOST},
	    {"25P03", PG_TROUBLE_LOST}, /* idle too long in a transaction */
	    {"42501", PG_TROUBLE_RIGHT},
	    {"40", PG_TROUBLE_LATER},
	    {"53", PG_TROUBLE_LATER},
	    {"55", PG_TROUBLE_LATER},
	    {"57014", PG_TROUBLE_LATER},
	    {"58", PG_TROUBLE_LATER},
	    {"XX", PG_TROUBLE_LATER},
	};

	if (!sqlstate || !sqlstate[0])
		return PG_TROUBLE_LOST;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strncmp(sqlstate, known[i].prefix, strlen(known[i].prefix)) == 0)
			return known[i].trouble;
	return PG_TROUBLE_QUERY;
}

static void note(struct pg_failure *failure, enum pg_trouble trouble, const char *sqlstate)
{
	if (!failure)
		return;
	failure->trouble = trouble;
	snprintf(failure->sqlstate, sizeof failure->sqlstate, "%s", sqlstate ? sqlstate : "");
}

int pg_lost(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err)
{
	char line[300];

	note(failure, PG_TROUBLE_LOST, "");
	error_set(err, ERR_BSS, "BSS database %s, %s: the connection was lost: %s", pg->where, what,
	    pg_one_line(PQerrorMessage(pg->conn), line, sizeof line));
	return error_hint(
	    err, "look at the database server's log; run the same command again when it answers");
}

static int stopped(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err)
{
	char ignored[256];
	PGcancel *cancel = PQgetCancel(pg->conn);

	if (cancel)
		PQcancel(cancel, ignored, sizeof ignored);
	PQfreeCancel(cancel);
	note(failure, PG_TROUBLE_STOPPED, "");
	return error_set(err, *pg->stop == SIGTERM ? ERR_TERMINATED : ERR_INTERRUPTED,
	    "stopped while waiting for the BSS database (%s)", what);
}

static int silent(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err)
{
	note(failure, PG_TROUBLE_LOST, "");
	error_set(err, ERR_BSS,
	    "BSS database %s, %s: no answer for longer than bss.statement_timeout, though the connection is up",
	    pg->where, what);
	return error_hint(
	    err, "look whether the server or the network between hangs; run the same command again later");
}

int pg_wait(struct pg *pg, const char *what, int64_t deadline, struct pg_failure *failure, struct error *err)
{
	for (;;) {
		int unsent = PQflush(pg->conn);
		struct pollfd fd = {
		    .fd = PQsocket(pg->conn), .events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN)};
		if (unsent < 0 || fd.fd < 0)
			return pg_lost(pg, what, failure, err);
		int ready = poll(&fd, 1, EAR_MS);
		if (pg->stop && *pg->stop)
			return stopped(pg, what, failure, err);
		if (ready > 0 && (fd.revents & (POLLIN | POLLERR | POLLHUP)))
			return PQconsumeInput(pg->conn) ? 0 : pg_lost(pg, what, failure, err);
		if (clock_mono_ms(clock_machine()) >= deadline)
			return silent(pg, what, failure, err);
	}
}

PGresult *pg_next_result(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err)
{
	int64_t deadline = clock_mono_ms(clock_machine()) + pg->patience_ms;

	while (PQisBusy(pg->conn))
		if (pg_wait(pg, what, deadline, failure, err) < 0)
			return NULL;
	return PQgetResult(pg->conn);
}

/* The rows of a function's own trace are of no use to who reads a nightly message; its last words are. */
static const char *hint_for(const char *sqlstate)
{
	static const struct {
		const char *prefix, *text;
	} known[] = {
	    {"42501",
		"grant the role this right (samples/bss/schema.sql and tenantry.sql have all that are needed)"},
	    {"57014", "raise bss.statement_timeout, or make the query faster"},
	    {"55P03", "another session holds the lock; the next run tries again"},
	    {"53100", "the server's disk is full: make room, then run the same command again"},
	    {"53", "the server is short of resources; run the same command again later"},
	    {"42P01", "give the query that fits this database: {database: NAME, query: FILE}"},
	    {"42703", "give the query that fits this database: {database: NAME, query: FILE}"},
	    {"42601", "mend the query"},
	    {"22",
		"a value in the database does not fit its place in the query: look for it, or cast it to text"},
	    {"25006", "the server is read-only: name the primary in host=, or set bss.write_back: false"},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strncmp(sqlstate, known[i].prefix, strlen(known[i].prefix)) == 0)
			return known[i].text;
	return "look at the database server's log";
}

int pg_result_error(const struct pg *pg, const char *what, const PGresult *result, struct pg_failure *failure,
    struct error *err)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE),
		   *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL),
		   *column = PQresultErrorField(result, PG_DIAG_COLUMN_NAME);
	char line[400];

	note(failure, pg_trouble_of(sqlstate), sqlstate);
	if (!sqlstate || pg_trouble_of(sqlstate) == PG_TROUBLE_LOST) {
		error_set(err, ERR_BSS, "BSS database %s, %s: the connection was lost: %s", pg->where, what,
		    pg_one_line(text ? text : PQresultErrorMessage(result), line, sizeof line));
		return error_hint(
		    err, "look at the database server's log; run the same command again when it answers");
	}
	error_set(err, ERR_BSS, "BSS database %s, %s: %s%s%s%s%s (%s)", pg->where, what,
	    pg_one_line(text ? text : "no reason was given", line, sizeof line), column ? ", column " : "",
	    column ? column : "", detail && detail[0] ? ": " : "", detail ? detail : "", sqlstate);
	return error_hint(err, "%s", hint_for(sqlstate));
}

/* All results of what was sent; gives the last one. */
static PGresult *last_result(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err)
{
	PGresult *kept = NULL, *next;
	struct error trouble = {0};

	while ((next = pg_next_result(pg, what, failure, &trouble)) != NULL) {
		/* The first that is bad says why. */
		if (kept && PQresultStatus(kept) == PGRES_FATAL_ERROR) {
			PQclear(next);
			continue;
		}
		PQclear(kept);
		kept = next;
	}
	if (trouble.code != ERR_NONE) {
		PQclear(kept);
		*err = err->code == ERR_NONE ? trouble : *err;
		return NULL;
	}
	if (!kept)
		pg_lost(pg, what, failure, err);
	return kept;
}

static PGresult *checked(
    struct pg *pg, const char *what, PGresult *result, struct pg_failure *failure, struct error *err)
{
	ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;

	if (!result || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY)
		return result;
	pg_result_error(pg, what, result, failure, err);
	PQclear(result);
	return NULL;
}

PGresult *pg_query(struct pg *pg, const char *what, const char *sql, int count, const char *const *values,
    struct pg_failure *failure, struct error *err)
{
	if (!PQsendQueryParams(pg->conn, sql, count, NULL, values, NULL, NULL, 0)) {
		pg_lost(pg, what, failure, err);
		return NULL;
	}
	return checked(pg, what, last_result(pg, what, failure, err), failure, err);
}

int pg_command(
    struct pg *pg, const char *what, const char *sql, struct pg_failure *failure, struct error *err)
{
	if (!PQsendQuery(pg->conn, sql))
		return pg_lost(pg, what, failure, err);
	PGresult *result = checked(pg, what, last_result(pg, what, failure, err), failure, err);
	PQclear(result);
	return result ? 0 : -1;
}

int pg_begin_reading(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err)
{
	return pg_command(pg, what,
	    "begin transaction isolation level repeatable read, read only; set local search_path to default",
	    failure, err);
}
