/* What the files that speak to PostgreSQL share. */
#ifndef TENANTRY_PG_IMPL_H
#define TENANTRY_PG_IMPL_H

#include <libpq-fe.h>

#include "tenantry/pg.h"

struct pg {
	PGconn *conn;
	char *where, *about;
	bool ours;           /* over a local socket or the loopback interface */
	int64_t patience_ms; /* for one answer */
	const volatile int *stop;
};

/* ---- pg_target.c: the connection text taken apart, before anything is sent. */
struct pg_param {
	const char *keyword;
	char *value; /* NULL: libpq's default */
};
struct pg_host {
	char *host, *address, *port; /* "" libpq's default */
	bool local;
	char *where; /* "host:port/database" */
};
struct pg_target {
	struct pg_host *hosts;
	size_t count;
	struct pg_param *params; /* all others */
	size_t param_count;
	char *session;  /* target_session_attrs */
	bool encrypted; /* sslmode leaves no plain way */
};
int pg_target_read(const struct job *job, bool read_write, struct pg_target *out, struct error *err) MUST_USE;
void pg_target_free(struct pg_target *target);

/* ---- pg_said.c: what libpq said of a connection that failed. */
enum pg_reach { PG_REACHED, PG_UNREACHABLE /* later perhaps */, PG_REFUSED };
/* From what says least about the cause to what says most: what somebody refused tells more than that nobody
 * was there, and what is wrong with the way to a server more than what the server thought of the login. */
enum pg_says {
	PG_SAYS_NOTHING,
	PG_SAYS_NOBODY, /* refused by the machine: nobody listens */
	PG_SAYS_NO_WAY, /* no route, no such name */
	PG_SAYS_TIMEOUT,
	PG_SAYS_BROKEN, /* cut off in the middle */
	PG_SAYS_OTHER,
	PG_SAYS_BUSY,    /* the server: not now */
	PG_SAYS_FATAL,   /* the server: no */
	PG_SAYS_SESSION, /* a standby where the primary is wanted, or the other way round */
	PG_SAYS_LOGIN,
	PG_SAYS_TLS,
	PG_SAYS_CERTIFICATE
};
enum { PG_SAID_SIZE = 400 };
struct pg_said {
	enum pg_says says;
	enum pg_reach reach;
	const char *hint; /* static */
	char text[PG_SAID_SIZE];
};
/* Our own line for a host that let bss.connect_timeout pass; it may stand at the end of a message. */
#define PG_NO_ANSWER "no answer within bss.connect_timeout"
/* Reads PQerrorMessage() in its verbose form (PQERRORS_VERBOSE, for the SQLSTATE): the line that says most
 * decides and comes first in the text, and after it what other addresses of the same host said. */
void pg_said_read(const char *message, struct pg_said *out);

/* ---- pg_session.c: is the session ours alone, as an advisory lock needs it? */
enum pg_session {
	PG_SESSION_DIRECT, /* no pooler, or one that passes the server's own word on */
	PG_SESSION_POOLED, /* behind a pooler that keeps it for one client */
	PG_SESSION_SHARED, /* others get it between our transactions */
	PG_SESSION_UNKNOWN /* behind a pooler of which nothing else was seen */
};
enum { PG_LOOKS = 3, PG_BESIDE = 3 };
/* The server's processes, by their ids: which one was told at login, which ones answered us, and which ones
 * answered a second connection of ours in a transaction. */
struct pg_seen {
	int told, ours[PG_LOOKS + PG_BESIDE], other[PG_BESIDE];
	size_t looks, others;
};
enum pg_session pg_session_judge(const struct pg_seen *seen); /* pure */
/* Looks, behind a pooler with a second connection (settings), and refuses with ERR_JOB what is shared or not
 * known. */
int pg_session_prove(
    struct pg *pg, const struct pg_settings *settings, enum pg_session *out, struct error *err) MUST_USE;

/* ---- pg_exec.c: one statement, waited for with a limit and an open ear for signals. */
/* What an SQLSTATE means for the work at hand. */
enum pg_trouble {
	PG_TROUBLE_LOST,   /* the connection is gone: a change may have been carried out */
	PG_TROUBLE_LATER,  /* locks, limits, a full disk: not carried out, trying later helps */
	PG_TROUBLE_RIGHT,  /* no right */
	PG_TROUBLE_QUERY,  /* the statement itself */
	PG_TROUBLE_STOPPED /* a signal */
};
struct pg_failure {
	enum pg_trouble trouble;
	char sqlstate[6]; /* "" none */
};
/* The result (the caller clears), or NULL with err and *failure. `what` is for the error: "orders query".
 * `text` parameters. */
PGresult *pg_query(struct pg *pg, const char *what, const char *sql, int count, const char *const *values,
    struct pg_failure *failure, struct error *err);
int pg_command(
    struct pg *pg, const char *what, const char *sql, struct pg_failure *failure, struct error *err) MUST_USE;
/* Waits until the socket has something to read (or PQgetResult would not block): 0, or -1 with err. */
int pg_wait(struct pg *pg, const char *what, int64_t deadline_mono_ms, struct pg_failure *failure,
    struct error *err) MUST_USE;
/* Next result of what was sent; NULL without err: there is none any more. */
PGresult *pg_next_result(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err);
/* The server's answer as an error: host, database, what, its words, where in a query (`sql`: the text that
 * the position counts in, NULL none). -1. */
int pg_result_error(const struct pg *pg, const char *what, const PGresult *result, struct pg_failure *failure,
    struct error *err);
/* The connection broke. -1. */
int pg_lost(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err);
enum pg_trouble pg_trouble_of(const char *sqlstate);
/* A query and its parts: libpq's texts with their line break at the end, cut to one line. */
const char *pg_one_line(const char *text, char *out, size_t size);

/* Begins the read-only transaction in which queries that name no schema find their tables: it has the path of
 * the role (or of the connection text), where all other statements of a session have pg_catalog alone. Every
 * statement of ours in it names its functions and operators in full. End it with a rollback, unless nothing
 * follows on this connection: what a function in that path did to its settings is undone with it. */
int pg_begin_reading(struct pg *pg, const char *what, struct pg_failure *failure, struct error *err) MUST_USE;

/* ---- pg_writer.c. ERR_BSS: a function of the schema tenantry is not there, or this role may not call it. */
int pg_write_rights(struct pg *pg, struct error *err) MUST_USE;
/* The lock of a BSS among all machines; it goes with the session. ERR_LOCKED: another night has it. */
int pg_take_lock(struct pg *pg, const char *bss_name, struct error *err) MUST_USE;

#endif
