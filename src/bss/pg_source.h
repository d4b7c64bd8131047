/* What the files that read from PostgreSQL share: a query, its columns, its rows on their way to a file. */
#ifndef TENANTRY_PG_SOURCE_H
#define TENANTRY_PG_SOURCE_H

#include "bss/pg_impl.h"
#include "tenantry/bss_database.h"

struct pg_column {
	char *name, *type_name; /* "double precision" */
	unsigned type;          /* pg_type.oid */
	char category;          /* pg_type.typcategory */
};
struct pg_columns {
	struct pg_column *items;
	size_t count;
};

/* pg_columns.c. ERR_SOURCE: a needed column is missing (named, with what was there), is there twice, or is of
 * a type that cannot be what it should be. `shown`: "database:pending_orders". `absent` (NULL: not wanted)
 * gets the names of those that are not needed and not there, with commas. */
int pg_columns_check(enum bss_role role, const struct pg_columns *columns, const struct job *job,
    const char *shown, struct strbuf *absent, struct error *err) MUST_USE;
/* COPY (query) TO STDOUT as CSV, with booleans as words. */
void pg_columns_copy(const struct pg_columns *columns, const char *query, struct strbuf *out);

/* pg_query.c. The text of a role's query: shipped, or the site's file. */
struct pg_statement {
	char *text, *shown, *file; /* file "" when it was shipped */
};
int pg_statement_read(
    const struct job *job, enum bss_role role, struct pg_statement *out, struct error *err) MUST_USE;
void pg_statement_free(struct pg_statement *statement);
/* Asks the server what the statement will give, without running it. */
int pg_statement_describe(struct pg *pg, const struct pg_statement *statement, struct pg_columns *out,
    struct pg_failure *failure, struct error *err) MUST_USE;
void pg_columns_free(struct pg_columns *columns);

/* pg_spool.c: rows into a file without a name. */
struct pg_spool {
	int fd;
	uint64_t rows, bytes, header_bytes;
	char *buffer;
	size_t used;
};
int pg_spool_open(struct pg_spool *spool, struct error *err) MUST_USE;
void pg_spool_close(struct pg_spool *spool);
/* Sends a COPY ... TO STDOUT and keeps what comes. `progress` may be NULL. */
int pg_spool_copy(struct pg *pg, const char *what, const char *copy, struct pg_spool *spool,
    const struct bss_snapshot_settings *settings, struct pg_failure *failure, struct error *err) MUST_USE;

#endif
