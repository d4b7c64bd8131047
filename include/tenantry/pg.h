/* A connection to PostgreSQL, as careful as the one to Acronis: encrypted unless it stays on this machine,
 * with an end to every wait, and with errors that name host, database and what was asked, never the password.
 *
 * The connection text (libpq's, keywords or URI) is a secret; several hosts are tried in their order. Nothing
 * of libpq shows here: who needs it includes src/bss/pg_impl.h.
 */
#ifndef TENANTRY_PG_H
#define TENANTRY_PG_H

#include "tenantry/clock.h"
#include "tenantry/error.h"
#include "tenantry/job.h"

struct pg; /* opaque; for one thread */

struct pg_settings {
	const struct job *job;    /* bss.database and the limits beside it */
	const char *application;  /* shown by the server as tenantry/APPLICATION: a run id */
	bool read_write;          /* a standby is refused */
	struct clock *clock;      /* for the pauses between tries */
	const volatile int *stop; /* not 0: give up with ERR_INTERRUPTED or ERR_TERMINATED; may be NULL */
};

/* Tries each host, and all of them again with back-off (bss.retries) while none can be reached; a refusal
 * (wrong password, no such database, no right) is final. ERR_BSS; ERR_JOB: the connection text is missing,
 * unreadable or would send plain text over a network. Close with pg_close(). */
struct pg *pg_open(const struct pg_settings *settings, struct error *err) MUST_USE;
void pg_close(struct pg *pg); /* NULL is fine */
/* "db.example.com:5432/bss", for people. Borrowed. */
const char *pg_where(const struct pg *pg);
/* "15.4, encoding LATIN1, TLSv1.3" */
const char *pg_about(const struct pg *pg);

#endif
