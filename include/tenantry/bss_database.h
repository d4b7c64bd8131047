/* The BSS's PostgreSQL as a source: what a run reads of it, all at one moment.
 *
 * Every source of the job that is a database (bss.orders, bss.subscriptions, ...) is a query.
 * bss_snapshot_take() runs them in one REPEATABLE READ, READ ONLY transaction and keeps their rows as CSV in
 * files without a name, so that intake, rules and export read them like any other file, as often as they
 * like, while the database is free again. Memory does not grow with the rows; disk does. The columns of a
 * query are found by the names of the CSV files (design section 5), in any order and spelling.
 */
#ifndef TENANTRY_BSS_DATABASE_H
#define TENANTRY_BSS_DATABASE_H

#include "tenantry/csv.h"
#include "tenantry/job.h"

#define BSS_ROLES(X) /* id, key below bss: and name of its CSV file, member of job->bss */                   \
	X(BSS_SUBSCRIPTIONS, "subscriptions", subscriptions)                                                 \
	X(BSS_ORDERS, "orders", orders)                                                                      \
	X(BSS_INVOICES, "invoices", invoices)                                                                \
	X(BSS_RATES, "rates", rates)
enum bss_role {
#define X(id, name, member) id,
	BSS_ROLES(X)
#undef X
	    BSS_ROLE_COUNT
};
const char *bss_role_name(enum bss_role role);
const struct source_spec *bss_role_spec(const struct job *job, enum bss_role role);
/* The columns of a role's rows. Static. */
const struct csv_column *bss_role_columns(enum bss_role role, size_t *count);
/* Is any of these roles (bits 1 << role) read from the database? */
bool bss_reads_database(const struct job *job, unsigned roles);
enum { BSS_ALL_ROLES = (1 << BSS_ROLE_COUNT) - 1, BSS_RUN_ROLES = 1 << BSS_SUBSCRIPTIONS | 1 << BSS_ORDERS };

struct bss_snapshot; /* opaque */

struct bss_snapshot_settings {
	const struct job *job;
	unsigned roles;     /* 1 << role: those of them that are a database are read */
	const char *run_id; /* the server shows tenantry/RUN_ID */
	struct clock *clock;
	const volatile int *stop;                                       /* may be NULL */
	void (*progress)(void *user, const char *query, uint64_t rows); /* NULL: not wanted */
	void *user;
};

/* All or nothing. A connection that breaks is made again (bss.retries) and everything read anew: nothing has
 * been handed on before all of it is there. ERR_BSS: the database (host, database, query and column are
 * named); ERR_JOB: connection text or query file; ERR_SOURCE: columns; ERR_OUTPUT: no room for the rows. Free
 * with bss_snapshot_free(). */
struct bss_snapshot *bss_snapshot_take(
    const struct bss_snapshot_settings *settings, struct error *err) MUST_USE;
void bss_snapshot_free(struct bss_snapshot *snapshot); /* NULL is fine */
/* The moment that all rows are of, by the server's clock. */
int64_t bss_snapshot_as_of(const struct bss_snapshot *snapshot);
/* "db.example.com:5432/bss", "PostgreSQL 15.4, encoding UTF8, TLSv1.3" */
const char *bss_snapshot_where(const struct bss_snapshot *snapshot);
const char *bss_snapshot_about(const struct bss_snapshot *snapshot);

/* The rows of one query as CSV: comma, UTF-8, a header line, NULL as an empty field. Borrowed from the
 * snapshot. */
struct bss_rows {
	const char *shown; /* "database:pending_orders" */
	const char *path;  /* to open, only by this process */
	uint64_t rows, bytes;
	uint64_t header_bytes; /* of those, the header line's */
};
/* NULL: the role was not read from the database. */
const struct bss_rows *bss_snapshot_rows(const struct bss_snapshot *snapshot, enum bss_role role);

/* Writes the role's rows as the CSV file that the role is otherwise read from; its time is the snapshot's.
 * ERR_OUTPUT. */
int bss_snapshot_export(const struct bss_snapshot *snapshot, const struct job *job, enum bss_role role,
    const char *path, struct error *err) MUST_USE;

/* How the file of a snapshot is to be read: places are row numbers. */
struct csv_settings bss_csv_settings(const struct job *job);

/* ---- What `check` says of the database beyond what a snapshot does. */
struct bss_check {
	void (*good)(void *user, const char *text);
	void (*bad)(void *user, struct error *err); /* clears it */
	/* A night goes on all the same, and its reports say it. */
	void (*unsafe)(void *user, const char *text, const char *hint); /* hint "": the next one has it */
	void (*note)(void *user, const char *text, const char *hint);   /* a person should know */
	void *user;
};
/* Server, each query's rights, columns and rows, what the role can do beyond its need, and with write-back
 * what the functions promise, who could act with their rights, and whether this role may call them. Changes
 * nothing. */
void bss_database_check(const struct job *job, struct clock *clock, const struct bss_check *check);

/* Begins, looks, activates and looks at one pending order item in a transaction that is rolled back, and says
 * what was answered. `write`: the item as activation would send it, with a made-up tenant; kind, done and
 * user do not matter. */
struct bss_write;
void bss_database_rehearse(
    const struct job *job, struct clock *clock, const struct bss_write *write, const struct bss_check *check);

#endif
