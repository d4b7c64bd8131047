/* A connection to the BSS's PostgreSQL: the hosts in turn, again with back-off while none answers, and each
 * new session put into the shape that reading and writing count on. What may be connected to at all was
 * decided in pg_target.c, and what libpq's words about a failure mean is in pg_said.c.
 *
 * libpq's own way through a list of hosts has no limit a host when it is not to block for good, so the hosts
 * are tried here one by one, each with its own deadline and its own words about what went wrong. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_impl.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

enum {
	EAR_MS = 200 /* a signal is noticed within */,
	FIRST_PAUSE_MS = 500,
	LONGEST_PAUSE_MS = 30000,
	GRACE_MS = 5000 /* after the server should have given up */,
	MAX_WORDS = 900 /* of what all hosts said */,
	OLDEST_SERVER = 120000
};

static int stopped(const struct pg_settings *settings, struct error *err)
{
	if (!settings->stop || *settings->stop == 0)
		return 0;
	return error_set(err, *settings->stop == SIGTERM ? ERR_TERMINATED : ERR_INTERRUPTED,
	    "stopped while connecting to the BSS database; nothing was changed");
}

/* ---- One host. */

static PGconn *start(
    const struct pg_target *target, const struct pg_host *host, const struct pg_settings *settings)
{
	size_t n = 0, room = target->param_count + 8;
	const char **keywords = mem_zalloc(room * sizeof *keywords),
		   **values = mem_zalloc(room * sizeof *values);
	char *application = mem_printf("tenantry/%s", settings->application);
	const struct pg_param own[] = {{"host", host->host}, {"hostaddr", host->address},
	    {"port", host->port}, {"target_session_attrs", target->session},
	    {"application_name", application}, {"client_encoding", (char *)"UTF8"}};

	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		keywords[n] = own[i].keyword;
		values[n++] = own[i].value;
	}
	for (size_t i = 0; i < target->param_count; i++) {
		keywords[n] = target->params[i].keyword;
		values[n++] = target->params[i].value;
	}
	PGconn *conn = PQconnectStartParams(keywords, values, 0);
	free(application);
	free(keywords);
	free(values);
	return conn;
}

/* 0 connected, 1 not (the connection has the words), -1 stopped. */
static int finish(PGconn *conn, const struct pg_settings *settings, struct error *err)
{
	int64_t deadline = clock_mono_ms(clock_machine()) + settings->job->bss.connect_timeout_ms;
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	/* The SQLSTATE, which decides whether trying again can help, is in the long form only. */
	PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
	while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
		struct pollfd fd = {
		    .fd = PQsocket(conn), .events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT};
		int ready = fd.fd < 0 ? 1 : poll(&fd, 1, EAR_MS);
		if (stopped(settings, err) < 0)
			return -1;
		if (ready > 0)
			next = PQconnectPoll(conn);
		else if (clock_mono_ms(clock_machine()) >= deadline)
			return 1;
	}
	PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
	return next == PGRES_POLLING_OK ? 0 : 1;
}

static void describe(struct pg *pg)
{
	const char *encoding = PQparameterStatus(pg->conn, "server_encoding"),
		   *version = PQparameterStatus(pg->conn, "server_version");

	pg->about =
	    mem_printf("PostgreSQL %s, encoding %s, %s", version ? version : "?", encoding ? encoding : "?",
		PQsslInUse(pg->conn) ? PQsslAttribute(pg->conn, "protocol")
		: pg->ours           ? "on this machine"
				     : "not encrypted");
}

/* What we ourselves say of a server that let us in. -1. */
static int dislike(struct pg_said *out, enum pg_says says, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static int dislike(struct pg_said *out, enum pg_says says, const char *hint, const char *format, ...)
{
	va_list args;

	*out = (struct pg_said){.says = says, .reach = PG_REFUSED, .hint = hint};
	va_start(args, format);
	vsnprintf(out->text, sizeof out->text, format, args);
	va_end(args);
	return -1;
}

static int check_server(
    const struct pg *pg, const struct pg_target *target, const struct job *job, struct pg_said *out)
{
	const char *encoding = PQparameterStatus(pg->conn, "server_encoding");

	if (!pg->ours && !PQsslInUse(pg->conn) && (target->encrypted || !job->bss.allow_plain))
		return dislike(out, PG_SAYS_TLS,
		    "check sslmode in the connection text, and that the server has TLS switched on",
		    "the connection is not encrypted");
	if (PQserverVersion(pg->conn) < OLDEST_SERVER)
		return dislike(out, PG_SAYS_OTHER,
		    "let the BSS write files instead (bss: {orders: {csv: FILE}})",
		    "the server is PostgreSQL %s, and 12 is the oldest that is supported",
		    PQparameterStatus(pg->conn, "server_version"));
	if (encoding && strcmp(encoding, "SQL_ASCII") == 0)
		return dislike(out, PG_SAYS_OTHER, "move the BSS into a database with the encoding UTF8",
		    "the database's encoding is SQL_ASCII, which does not say what its bytes mean: no name in it can be relied on");
	return 0;
}

/* Our own statements find PostgreSQL's own functions, operators and types, and none that somebody put into a
 * schema of the role's path: they would run with the role's rights. A query of the site's has the role's path
 * (pg_begin_reading). */
static int set_session(struct pg *pg, const struct job *job, struct pg_said *out)
{
	char *sql = mem_printf(
	    "set search_path = pg_catalog, pg_temp; set datestyle = 'ISO, YMD'; set timezone = 'UTC'; set intervalstyle = 'postgres'; set bytea_output = 'hex'; "
	    "set client_min_messages = warning; set statement_timeout = %" PRId64
	    "; set lock_timeout = %" PRId64 "; set idle_in_transaction_session_timeout = %" PRId64,
	    job->bss.statement_timeout_ms, job->bss.lock_timeout_ms,
	    job->bss.statement_timeout_ms ? job->bss.statement_timeout_ms + 60000 : 0);
	struct error err = {0};
	int rc = pg_command(pg, "session", sql, NULL, &err);

	free(sql);
	if (rc == 0)
		return 0;
	dislike(out, PG_SAYS_BROKEN, "look at the database server's log", "%s", err.text);
	out->reach = PG_UNREACHABLE;
	return -1;
}

static void ignore_notice(void *user, const PGresult *result)
{
	(void)user;
	log_debug("BSS database: %s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

/* What the tries at one host came to; one that is still under way let its time pass. */
static void read_failure(const struct pg *pg, struct pg_said *out)
{
	bool failed = !pg->conn || PQstatus(pg->conn) == CONNECTION_BAD;
	char *message =
	    mem_printf("%s%s", pg->conn ? PQerrorMessage(pg->conn) : "", failed ? "" : PG_NO_ANSWER);

	pg_said_read(message, out);
	free(message);
}

/* A connection, or NULL with what is to be said; *halt: a signal came, err is set. */
static struct pg *try_host(const struct pg_target *target, const struct pg_host *host,
    const struct pg_settings *settings, struct pg_said *out, bool *halt, struct error *err)
{
	const struct job *job = settings->job;
	struct pg *pg = mem_zalloc(sizeof *pg);
	int rc;

	pg->where = mem_strdup(host->where);
	pg->ours = host->local;
	pg->stop = settings->stop;
	pg->patience_ms =
	    job->bss.statement_timeout_ms ? job->bss.statement_timeout_ms + GRACE_MS : INT64_MAX / 2;
	pg->conn = start(target, host, settings);
	rc = pg->conn && PQstatus(pg->conn) != CONNECTION_BAD ? finish(pg->conn, settings, err) : 1;
	*halt = rc < 0;
	if (rc == 0 && check_server(pg, target, job, out) == 0 && set_session(pg, job, out) == 0) {
		PQsetNoticeReceiver(pg->conn, ignore_notice, NULL);
		describe(pg);
		return pg;
	}
	if (rc == 1)
		read_failure(pg, out);
	pg_close(pg);
	return NULL;
}

/* ---- All of them. */

/* `prefer-standby` is libpq's only wish that is no condition: first round a standby, second round any. */
static size_t rounds(const struct pg_target *target)
{
	return strcmp(target->session, "prefer-standby") == 0 && target->count > 1 ? 2 : 1;
}

/* "host:port/db: why" for each host, and advice: both begin with the one that says most. */
static void all_failed(const struct pg_target *target, const struct pg_said *said, struct error *err)
{
	struct strbuf words = {0};
	size_t best = 0;

	for (size_t i = 1; i < target->count; i++)
		if (said[i].says > said[best].says)
			best = i;
	strbuf_addf(&words, "%s: %s", target->hosts[best].where, said[best].text);
	for (size_t i = 0; i < target->count; i++)
		if (i != best)
			strbuf_addf(&words, "; %s: %s", target->hosts[i].where, said[i].text);
	error_set(err, ERR_BSS, "cannot connect to the BSS database %.*s",
	    (int)(words.n < MAX_WORDS ? words.n : MAX_WORDS), words.p);
	error_hint(err, "%s", said[best].hint);
	strbuf_free(&words);
}

static struct pg *try_all(
    struct pg_target *target, const struct pg_settings *settings, bool *later, struct error *err)
{
	struct pg_said *said = mem_zalloc(target->count * sizeof *said);
	struct pg *pg = NULL;
	size_t count = rounds(target);
	bool halt = false;
	char *wish = target->session;

	*later = false;
	for (size_t round = 0; round < count && !pg && !halt; round++) {
		target->session = count == 1 ? wish : round == 0 ? (char *)"standby" : (char *)"any";
		for (size_t i = 0; i < target->count && !pg && !halt; i++) {
			pg = try_host(target, &target->hosts[i], settings, &said[i], &halt, err);
			*later |= !pg && !halt && said[i].reach == PG_UNREACHABLE;
		}
	}
	target->session = wish;
	if (!pg && !halt)
		all_failed(target, said, err);
	if (halt)
		*later = false;
	free(said);
	return pg;
}

struct pg *pg_open(const struct pg_settings *settings, struct error *err)
{
	struct pg_target target;
	int64_t pause = FIRST_PAUSE_MS;
	bool later = true;
	struct pg *pg = NULL;

	if (pg_target_read(settings->job, settings->read_write, &target, err) < 0)
		return NULL;
	for (int64_t tries = 0; !pg && later; tries++) {
		struct error now = {0};
		pg = try_all(&target, settings, &later, &now);
		if (pg)
			break;
		later = later && tries < settings->job->bss.retries;
		if (!later) {
			*err = now;
			break;
		}
		log_warn("%s: trying again in %" PRId64 " ms", now.text, pause);
		clock_sleep_ms(settings->clock, pause);
		pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
		if (stopped(settings, err) < 0)
			break;
	}
	pg_target_free(&target);
	return pg;
}

void pg_close(struct pg *pg)
{
	if (!pg)
		return;
	PQfinish(pg->conn);
	free(pg->where);
	free(pg->about);
	free(pg);
}

const char *pg_where(const struct pg *pg)
{
	return pg->where;
}

const char *pg_about(const struct pg *pg)
{
	return pg->about;
}
