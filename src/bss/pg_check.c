/* What `tenantry check` says of the BSS database: the server, each query by itself, and whether the role may
 * write back. Every query has a transaction of its own, so that one that fails does not hide what is wrong
 * with the next. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_source.h"
#include "tenantry/bss_writer.h"
#include "tenantry/mem.h"

struct checking {
	const struct job *job;
	const struct bss_check *check;
	struct pg *pg;
};

static void good(struct checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void good(struct checking *c, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	c->check->good(c->check->user, text);
}

static int count_rows(struct checking *c, const struct pg_statement *statement, const struct strbuf *absent,
    size_t columns, struct error *err)
{
	char *sql = mem_printf("select pg_catalog.count(*) from (\n%s\n) q", statement->text);
	struct pg_failure failure;
	PGresult *result = pg_query(c->pg, statement->shown, sql, 0, NULL, &failure, err);

	free(sql);
	if (!result)
		return -1;
	good(c, "%s: %s rows, %zu columns%s%s", statement->shown, PQgetvalue(result, 0, 0), columns,
	    absent->n > 0 ? "; not given: " : "", absent->n > 0 ? absent->p : "");
	PQclear(result);
	return 0;
}

static int check_statement(struct checking *c, enum bss_role role, struct error *err)
{
	struct pg_statement statement;
	struct pg_columns columns = {0};
	struct pg_failure failure;
	struct strbuf absent = {0};
	int rc;

	if (pg_statement_read(c->job, role, &statement, err) < 0)
		return -1;
	rc = pg_statement_describe(c->pg, &statement, &columns, &failure, err);
	if (rc == 0)
		rc = pg_columns_check(role, &columns, c->job, statement.shown, &absent, err);
	if (rc == 0)
		rc = count_rows(c, &statement, &absent, columns.count, err);
	strbuf_free(&absent);
	pg_columns_free(&columns);
	pg_statement_free(&statement);
	return rc;
}

static void check_role(struct checking *c, enum bss_role role)
{
	struct error err = {0}, ignored = {0};
	struct pg_failure failure;

	if (bss_role_spec(c->job, role)->kind != SOURCE_DATABASE)
		return;
	if (pg_begin_reading(c->pg, "check", &failure, &err) < 0 || check_statement(c, role, &err) < 0)
		c->check->bad(c->check->user, &err);
	if (PQstatus(c->pg->conn) == CONNECTION_OK &&
	    pg_command(c->pg, "check", "rollback", &failure, &ignored) < 0)
		c->check->bad(c->check->user, &ignored);
}

static void check_write_back(struct checking *c)
{
	struct error err = {0};

	if (!bss_writes_back(c->job))
		return;
	if (pg_write_rights(c->pg, &err) < 0)
		c->check->bad(c->check->user, &err);
	else
		good(c,
		    "write-back: the four functions of the schema tenantry are there, and the role may call them");
}

/* More rights than needed are no error, but a person should know. */
static void check_user(struct checking *c)
{
	struct error err = {0};
	struct pg_failure failure;
	PGresult *result = pg_query(c->pg, "check",
	    "select current_user, rolsuper from pg_catalog.pg_roles where rolname = current_user", 0, NULL,
	    &failure, &err);

	if (!result) {
		c->check->bad(c->check->user, &err);
		return;
	}
	bool superuser = PQntuples(result) > 0 && strcmp(PQgetvalue(result, 0, 1), "t") == 0;
	good(c, "%s: %s, as %s%s", pg_where(c->pg), pg_about(c->pg),
	    PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "?",
	    superuser ? ", a superuser: a role with only the rights of samples/bss/schema.sql is safer" : "");
	PQclear(result);
}

void bss_database_check(const struct job *job, struct clock *clock, const struct bss_check *check)
{
	struct pg_settings settings = {
	    .job = job, .application = "check", .read_write = bss_writes_back(job), .clock = clock};
	struct checking c = {.job = job, .check = check};
	struct error err = {0};

	c.pg = pg_open(&settings, &err);
	if (!c.pg) {
		check->bad(check->user, &err);
		return;
	}
	check_user(&c);
	for (int role = 0; role < BSS_ROLE_COUNT; role++)
		check_role(&c, (enum bss_role)role);
	check_write_back(&c);
	pg_close(c.pg);
}
