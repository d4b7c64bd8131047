/* What `tenantry check` says of the BSS database: the server, each query by itself, and whether the role may
 * write back. Every query has a transaction of its own, so that one that fails does not hide what is wrong
 * with the next. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_calls.h"
#include "bss/pg_rehearse.h"
#include "bss/pg_security.h"
#include "bss/pg_source.h"
#include "tenantry/bss_writer.h"
#include "tenantry/mem.h"

struct checking {
	const struct job *job;
	const struct bss_check *check;
	struct pg *pg;
};

static int count_rows(struct checking *c, const struct pg_statement *statement, const struct strbuf *absent,
    size_t columns, struct error *err)
{
	char *sql = mem_printf("select pg_catalog.count(*) from (\n%s\n) q", statement->text);
	struct pg_failure failure;
	PGresult *result = pg_query(c->pg, statement->shown, sql, 0, NULL, &failure, err);

	free(sql);
	if (!result)
		return -1;
	pg_good(c->check, "%s: %s rows, %zu columns%s%s", statement->shown, PQgetvalue(result, 0, 0), columns,
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

static void check_functions(struct checking *c)
{
	const struct pg_listener unsafe = {c->check->unsafe, c->check->user};
	struct pg_functions about;
	struct error err = {0};

	if (!bss_writes_back(c->job))
		return;
	if (pg_write_rights(c->pg, &err) < 0) {
		c->check->bad(c->check->user, &err);
	} else {
		pg_good(c->check,
		    "write-back: the four functions of the schema tenantry are there, and the role may call them");
		pg_calls_check(c->pg, c->check);
	}
	if (PQstatus(c->pg->conn) != CONNECTION_OK)
		return;
	if (pg_security_functions(c->pg, c->job, &unsafe, &about, &err) < 0)
		c->check->bad(c->check->user, &err);
	else if (about.version > 0)
		pg_good(c->check, "write-back: functions of version %d, with the rights of %s", about.version,
		    about.owner[0] ? about.owner : "this role");
	else if (!about.shipped)
		pg_good(c->check, "write-back: functions of this site, with the rights of %s",
		    about.owner[0] ? about.owner : "this role");
}

static void check_session(struct checking *c, const struct pg_settings *settings)
{
	struct error err = {0};
	enum pg_session session;

	if (!bss_writes_back(c->job))
		return;
	if (pg_session_prove(c->pg, settings, &session, &err) < 0)
		c->check->bad(c->check->user, &err);
	else
		pg_good(c->check, "session: %s, so one night at a time writes",
		    session == PG_SESSION_DIRECT ? "ours alone"
						 : "ours alone, through a pooler in session mode");
}

static void check_user(struct checking *c)
{
	const struct pg_listener note = {c->check->note, c->check->user};
	struct error err = {0};
	struct pg_failure failure;
	PGresult *result = pg_query(c->pg, "check", "select current_user", 0, NULL, &failure, &err);

	if (result)
		pg_good(
		    c->check, "%s: %s, as %s", pg_where(c->pg), pg_about(c->pg), PQgetvalue(result, 0, 0));
	PQclear(result);
	/* More rights than needed are no error, but a person should know. */
	if (!result || pg_security_role(c->pg, bss_writes_back(c->job), &note, &err) < 0)
		c->check->bad(c->check->user, &err);
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
	check_session(&c, &settings);
	check_user(&c);
	for (int role = 0; role < BSS_ROLE_COUNT; role++)
		check_role(&c, (enum bss_role)role);
	check_functions(&c);
	pg_close(c.pg);
}

void bss_database_rehearse(
    const struct job *job, struct clock *clock, const struct bss_write *write, const struct bss_check *check)
{
	struct pg_settings settings = {
	    .job = job, .application = "check", .read_write = true, .clock = clock};
	struct error err = {0};
	struct pg *pg = pg_open(&settings, &err);

	if (!pg || pg_write_rights(pg, &err) < 0)
		check->bad(check->user, &err);
	else
		pg_rehearse(pg, job, write, check);
	pg_close(pg);
}
