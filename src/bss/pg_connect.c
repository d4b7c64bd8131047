/* A connection to the BSS's PostgreSQL: the hosts in turn, again with back-off while none answers, and each
 * new session put into the shape that reading and writing count on. What may be connected to at all was
 * decided in pg_target.c.
 *
 * libpq's own way through a list of hosts has no limit a host when it is not to block for good, so the hosts
 * are tried here one by one, each with its own deadline and its own words about what went wrong. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
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
	OLDEST_SERVER = 120000
};

/* What became of a try at one host. */
struct
try {
	enum pg_reach reach;
	char sqlstate[6];
	char text[400];
};

static int stopped(const struct pg_settings *settings, struct error *err)
{
	if (!settings->stop || *settings->stop == 0)
		return 0;
	return error_set(err, *settings->stop == SIGTERM ? ERR_TERMINATED : ERR_INTERRUPTED,
	    "stopped while connecting to the BSS database; nothing was changed");
}

/* ---- What libpq says about a connection that failed. */

/* "...: FATAL:  28P01: password authentication failed": the code stands between two blanks and a colon,
 * whatever the language. */
static const char *find_sqlstate(const char *message, char out[6])
{
	for (const char *p = strstr(message, ":  "); p; p = strstr(p + 1, ":  "))
		if (strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 &&
		    strncmp(p + 8, ": ", 2) == 0) {
			memcpy(out, p + 3, 5);
			out[5] = '\0';
			return p + 10;
		}
	out[0] = '\0';
	return NULL;
}

/* Without libpq's own "connection to server at ..., port ... failed: ", for the place is named by us. */
static const char *without_address(const char *message)
{
	const char *failed = strstr(message, " failed: ");

	return strncmp(message, "connection to server ", 21) == 0 && failed ? failed + 9 : message;
}

static bool mentions(const char *message, const char *const *words)
{
	for (; *words; words++)
		if (strstr(message, *words))
			return true;
	return false;
}

static void judge_failure(const char *message, struct try *out)
{
	static const char *const later[] = {"57P01", "57P02", "57P03", "53300", "08006", "08001", NULL};
	static const char *const refused[] = {"SSL", "certificate", "read-only", "hot standby",
	    "not in recovery", "password", "authentication", "GSSAPI", NULL};
	const char *text = find_sqlstate(message, out->sqlstate);

	pg_one_line(text ? text : without_address(message), out->text, sizeof out->text);
	if (out->sqlstate[0])
		out->reach = mentions(out->sqlstate, later) ? PG_UNREACHABLE : PG_REFUSED;
	else
		out->reach = mentions(message, refused) ? PG_REFUSED : PG_UNREACHABLE;
}

static const char *advice(const struct try *last)
{
	static const struct {
		const char *sqlstate, *text;
	} known[] = {{"28P01", "check user and password in the connection text (bss.database)"},
	    {"28000", "check the user in the connection text, and pg_hba.conf on the server"},
	    {"3D000", "check dbname in the connection text (bss.database)"},
	    {"42501", "the user needs the right to connect to this database"},
	    {"53300", "the server has no free connection: try again later"}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].sqlstate, last->sqlstate) == 0)
			return known[i].text;
	if (strstr(last->text, "read-only") || strstr(last->text, "standby"))
		return "writing back needs the primary: name it in host=, or set bss.write_back: false to write files instead";
	if (strstr(last->text, "certificate") || strstr(last->text, "SSL"))
		return "check sslmode and sslrootcert in the connection text, and that the server has TLS switched on";
	return "check that the server runs and that host and port in the connection text (bss.database) are right";
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

static int check_server(
    const struct pg *pg, const struct pg_target *target, const struct job *job, struct try *out)
{
	const char *encoding = PQparameterStatus(pg->conn, "server_encoding");

	out->reach = PG_REFUSED;
	if (!pg->ours && !PQsslInUse(pg->conn) && (target->encrypted || !job->bss.allow_plain))
		snprintf(out->text, sizeof out->text, "the connection is not encrypted");
	else if (PQserverVersion(pg->conn) < OLDEST_SERVER)
		snprintf(out->text, sizeof out->text,
		    "the server is PostgreSQL %s, and 12 is the oldest that is supported",
		    PQparameterStatus(pg->conn, "server_version"));
	else if (encoding && strcmp(encoding, "SQL_ASCII") == 0)
		snprintf(out->text, sizeof out->text,
		    "the database's encoding is SQL_ASCII, which does not say what its bytes mean: no name in it can be relied on");
	else
		out->reach = PG_REACHED;
	return out->reach == PG_REACHED ? 0 : -1;
}

static int set_session(struct pg *pg, const struct job *job, struct try *out)
{
	char *sql = mem_printf(
	    "set datestyle = 'ISO, YMD'; set timezone = 'UTC'; set intervalstyle = 'postgres'; set bytea_output = 'hex'; "
	    "set client_min_messages = warning; set statement_timeout = %" PRId64
	    "; set lock_timeout = %" PRId64 "; set idle_in_transaction_session_timeout = %" PRId64,
	    job->bss.statement_timeout_ms, job->bss.lock_timeout_ms,
	    job->bss.statement_timeout_ms ? job->bss.statement_timeout_ms + 60000 : 0);
	struct error err = {0};
	int rc = pg_command(pg, "session", sql, NULL, &err);

	free(sql);
	if (rc == 0)
		return 0;
	out->reach = PG_UNREACHABLE;
	snprintf(out->text, sizeof out->text, "%.*s", (int)sizeof out->text - 1, err.text);
	return -1;
}

static void ignore_notice(void *user, const PGresult *result)
{
	(void)user;
	log_debug("BSS database: %s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
}

/* A connection, or NULL with what is to be said; *halt: a signal came, err is set. */
static struct pg *try_host(const struct pg_target *target, const struct pg_host *host,
    const struct pg_settings *settings, struct try *out, bool *halt, struct error *err)
{
	const struct job *job = settings->job;
	struct pg *pg = mem_zalloc(sizeof *pg);
	int rc;

	*out = (struct try){0};
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
	if (rc == 1 && pg->conn && PQstatus(pg->conn) == CONNECTION_BAD)
		judge_failure(PQerrorMessage(pg->conn), out);
	else if (rc == 1)
		*out = (struct try){.reach = PG_UNREACHABLE, .text = "no answer within bss.connect_timeout"};
	pg_close(pg);
	return NULL;
}

/* ---- All of them. */

/* "host:port/db: why" for each host, one after the other. */
static void add_words(struct strbuf *words, const struct pg_host *host, const struct try *failed)
{
	strbuf_addf(words, "%s%s: %s", words->n > 0 ? "; " : "", host->where,
	    failed->text[0] ? failed->text : "no reason was given");
}

/* `prefer-standby` is libpq's only wish that is no condition: first round a standby, second round any. */
static size_t rounds(const struct pg_target *target)
{
	return strcmp(target->session, "prefer-standby") == 0 && target->count > 1 ? 2 : 1;
}

static struct pg *try_all(struct pg_target *target, const struct pg_settings *settings, struct try *last,
    bool *later, struct error *err)
{
	struct strbuf words = {0};
	struct pg *pg = NULL;
	size_t count = rounds(target);
	bool halt = false;
	char *wish = target->session;

	*later = false;
	for (size_t round = 0; round < count && !pg && !halt; round++) {
		target->session = count == 1 ? wish : round == 0 ? (char *)"standby" : (char *)"any";
		strbuf_clear(&words);
		for (size_t i = 0; i < target->count && !pg && !halt; i++) {
			pg = try_host(target, &target->hosts[i], settings, last, &halt, err);
			if (pg || halt)
				break;
			*later |= last->reach == PG_UNREACHABLE;
			add_words(&words, &target->hosts[i], last);
		}
	}
	target->session = wish;
	if (!pg && !halt) {
		error_set(err, ERR_BSS, "cannot connect to the BSS database %.*s",
		    (int)(words.n < 900 ? words.n : 900), words.p);
		error_hint(err, "%s", advice(last));
	}
	if (halt)
		*later = false;
	strbuf_free(&words);
	return pg;
}

struct pg *pg_open(const struct pg_settings *settings, struct error *err)
{
	struct pg_target target;
	struct try last = {0};
	int64_t pause = FIRST_PAUSE_MS;
	bool later = true;
	struct pg *pg = NULL;

	if (pg_target_read(settings->job, settings->read_write, &target, err) < 0)
		return NULL;
	for (int64_t tries = 0; !pg && later; tries++) {
		struct error now = {0};
		pg = try_all(&target, settings, &last, &later, &now);
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
