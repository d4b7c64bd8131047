/* Who could do more through us, or with our role, than a night needs. The questions are in sql/security_*.sql
 * and look at the catalog alone; here they are asked, in a read-only transaction with a path of pg_catalog,
 * whatever the session has, and their answers handed on. Nothing here decides what becomes of an answer:
 * `check` fails on what concerns the functions, a night goes on and says it. */
#include "bss/pg_security.h"

#include <stdlib.h>
#include <string.h>

#include "bss/pg_items.h"
#include "bss_sql.h"
#include "tenantry/mem.h"
#include "tenantry/order.h"

static const char what[] = "security";

/* A question whose rows are sentences, in their last column. All but the last go without the hint. */
static int ask(struct pg *pg, const char *sql, int count, const char *const *values,
    const struct pg_listener *listener, const char *hint, struct error *err)
{
	struct pg_failure failure;
	PGresult *result = pg_query(pg, what, sql, count, values, &failure, err);

	if (!result)
		return -1;
	for (int row = 0, rows = PQntuples(result); row < rows; row++)
		listener->say(listener->user, PQgetvalue(result, row, PQnfields(result) - 1),
		    row + 1 < rows ? "" : hint);
	PQclear(result);
	return 0;
}

static int begin(struct pg *pg, struct error *err)
{
	struct pg_failure failure;

	return pg_command(pg, what,
	    "begin transaction read only; set local search_path = pg_catalog, pg_temp", &failure, err);
}

/* Gives rc, or -1 when the transaction could not be ended. */
static int end(struct pg *pg, int rc, struct error *err)
{
	struct error ignored = {0};
	struct pg_failure failure;

	if (PQstatus(pg->conn) != CONNECTION_OK)
		return -1;
	return pg_command(pg, what, "rollback", &failure, rc < 0 ? &ignored : err) < 0 ? -1 : rc;
}

static bool is_true(const PGresult *result, int column)
{
	return strcmp(PQgetvalue(result, 0, column), "t") == 0;
}

static int read_version(struct pg *pg, int *version, struct error *err)
{
	struct pg_failure failure;
	PGresult *result = pg_query(pg, what, "select tenantry.version()", 0, NULL, &failure, err);

	if (!result)
		return -1;
	*version = (int)strtol(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return 0;
}

/* What is there, and of which version. */
static int read_about(struct pg *pg, struct pg_functions *about, bool *words_readable, struct error *err)
{
	struct pg_failure failure;
	PGresult *result = pg_query(pg, what, sql_security_about, 0, NULL, &failure, err);

	if (!result)
		return -1;
	bool callable = is_true(result, 0) && is_true(result, 1);
	about->shipped = is_true(result, 2);
	about->has_words = is_true(result, 3);
	*words_readable = is_true(result, 4);
	snprintf(about->owner, sizeof about->owner, "%s", PQgetvalue(result, 0, 5));
	PQclear(result);
	return callable ? read_version(pg, &about->version, err) : 0;
}

static void say_version(const struct pg_functions *about, const struct pg_listener *listener)
{
	int version = about->version > 0 ? about->version : 1;

	if (!about->shipped || version >= PG_FUNCTIONS_VERSION)
		return;
	char *text = mem_printf(
	    "the functions of the schema tenantry are of version %d, and those of this program of version %d",
	    version, PG_FUNCTIONS_VERSION);
	listener->say(listener->user, text,
	    "renew them as an administrator of the database: psql -f samples/bss/tenantry.sql; where they were changed here, "
	    "change a copy of that file the same way");
	free(text);
}

static int compare_words(
    struct pg *pg, const struct job *job, const struct pg_listener *listener, struct error *err)
{
	struct strbuf actions = {0}, statuses = {0};

	for (int i = 0; i < ACTION_COUNT; i++) {
		pg_array_add(&actions, action_name((enum action)i));
		pg_array_add(&statuses, action_status((enum action)i));
	}
	char *words = pg_pending_words(job), *names = pg_array_take(&actions),
	     *after = pg_array_take(&statuses);
	const char *const values[] = {words, names, after};
	int rc = ask(pg, sql_security_words, 3, values, listener,
	    "make the two agree: bss.order_status in the job file, and the rows of tenantry.word", err);
	free(words);
	free(names);
	free(after);
	return rc;
}

static int look_at_functions(struct pg *pg, const struct job *job, const struct pg_listener *listener,
    struct pg_functions *about, struct error *err)
{
	bool words_readable = false;

	if (read_about(pg, about, &words_readable, err) < 0 ||
	    ask(pg, sql_security_functions, 0, NULL, listener,
		"samples/bss/tenantry.sql gives the shipped functions an owner and a path that are safe; for functions of your own "
		"docs/bss-database.md says what they need",
		err) < 0)
		return -1;
	say_version(about, listener);
	if (about->has_words && words_readable)
		return compare_words(pg, job, listener, err);
	if (about->has_words)
		listener->say(listener->user,
		    "no right to read tenantry.word: its pending words cannot be held against the job's",
		    "grant select on tenantry.word to the role");
	return 0;
}

int pg_security_functions(struct pg *pg, const struct job *job, const struct pg_listener *listener,
    struct pg_functions *about, struct error *err)
{
	struct pg_functions found = {0};
	int rc = begin(pg, err) < 0 ? -1 : end(pg, look_at_functions(pg, job, listener, &found, err), err);

	if (about)
		*about = found;
	return rc;
}

int pg_security_role(struct pg *pg, bool writes_back, const struct pg_listener *listener, struct error *err)
{
	const char *const values[] = {writes_back ? "true" : "false"};

	if (begin(pg, err) < 0)
		return -1;
	return end(pg,
	    ask(pg, sql_security_role, 1, values, listener,
		"docs/bss-database.md says which rights the role needs", err),
	    err);
}
