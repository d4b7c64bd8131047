/* Queries: the shipped ones and the site's own, and what they will give. A site's text is prepared by itself
 * before it is made a part of anything: so it is one statement and no more, and what the server finds wrong
 * has its line and column in the file. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_source.h"
#include "bss_sql.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

enum { QUERY_MAX = 1024 * 1024 };

static const struct {
	const char *name, *text;
} shipped[] = {{"pending_orders", sql_pending_orders}, {"subscriptions", sql_subscriptions},
    {"invoices", sql_invoices}, {"rates", sql_rates}};

static int unknown_query(
    const struct job *job, const struct source_spec *spec, const char *role, struct error *err)
{
	struct strbuf names = {0};

	for (size_t i = 0; i < ARRAY_LEN(shipped); i++)
		strbuf_addf(&names, "%s%s", i > 0 ? ", " : "", shipped[i].name);
	error_set(err, ERR_JOB, "no query named \"%s\" is shipped; there are %s", spec->database, names.p);
	error_place(err, job->path, spec->line, 0, role);
	strbuf_free(&names);
	return error_hint(
	    err, "name one of them, or give your own: {database: %s, query: FILE}", spec->database);
}

/* Without the semicolon that ends it in a file for psql. */
static void trim_end(char *text)
{
	size_t n = strlen(text);

	while (n > 0 && (text[n - 1] == ';' || isspace((unsigned char)text[n - 1])))
		text[--n] = '\0';
}

static char *read_file(const struct source_spec *spec, struct error *err)
{
	size_t n;
	char *text = file_read_all(spec->query, QUERY_MAX, &n, err);

	if (!text)
		return NULL;
	if (strlen(text) != n || strv_bad_utf8((struct strv){text, n}) >= 0) {
		error_set(err, ERR_SOURCE, "the query is not UTF-8 text");
		error_place(err, spec->query, 0, 0, NULL);
		free(text);
		return NULL;
	}
	trim_end(text);
	if (text[0])
		return text;
	error_set(err, ERR_SOURCE, "there is no query in the file");
	error_place(err, spec->query, 0, 0, NULL);
	free(text);
	return NULL;
}

int pg_statement_read(const struct job *job, enum bss_role role, struct pg_statement *out, struct error *err)
{
	const struct source_spec *spec = bss_role_spec(job, role);

	*out = (struct pg_statement){0};
	for (size_t i = 0; !spec->query && i < ARRAY_LEN(shipped) && !out->text; i++)
		if (strcmp(shipped[i].name, spec->database) == 0)
			out->text = mem_strdup(shipped[i].text);
	if (spec->query)
		out->text = read_file(spec, err);
	else if (!out->text)
		unknown_query(job, spec, bss_role_name(role), err);
	if (!out->text)
		return -1;
	out->shown = mem_printf("database:%s", spec->database);
	out->file = mem_strdup(spec->query ? spec->query : "");
	return 0;
}

void pg_statement_free(struct pg_statement *statement)
{
	free(statement->text);
	free(statement->shown);
	free(statement->file);
	*statement = (struct pg_statement){0};
}

/* Where in the site's file: the server counts characters from 1. */
static void place_in_file(const struct pg_statement *statement, const PGresult *result, struct error *err)
{
	const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION), *p = statement->text;
	unsigned long line = 1, column = 1;

	if (!statement->file[0])
		return;
	for (long left = position ? strtol(position, NULL, 10) - 1 : 0; left > 0 && *p; p++) {
		if (((unsigned char)*p & 0xc0) == 0x80)
			continue;
		left--;
		column = *p == '\n' ? 1 : column + 1;
		line += *p == '\n';
	}
	error_place(err, statement->file, position ? line : 0, position ? column : 0, NULL);
}

static int refused(struct pg *pg, const struct pg_statement *statement, const PGresult *result,
    struct pg_failure *failure, struct error *err)
{
	pg_result_error(pg, statement->shown, result, failure, err);
	place_in_file(statement, result, err);
	return -1;
}

/* One answer to what was sent, and the end of it. */
static PGresult *answer(struct pg *pg, int sent, const struct pg_statement *statement,
    struct pg_failure *failure, struct error *err)
{
	if (!sent) {
		pg_lost(pg, statement->shown, failure, err);
		return NULL;
	}
	PGresult *result = pg_next_result(pg, statement->shown, failure, err), *rest;
	while (result && (rest = pg_next_result(pg, statement->shown, failure, err)) != NULL)
		PQclear(rest);
	if (!result && err->code == ERR_NONE)
		pg_lost(pg, statement->shown, failure, err);
	return result;
}

/* Names and categories of the types, from the catalog: domains, enums and extensions have numbers of their
 * own. */
static int name_types(struct pg *pg, const struct pg_statement *statement, struct pg_columns *columns,
    struct pg_failure *failure, struct error *err)
{
	struct strbuf list = {0};

	for (size_t i = 0; i < columns->count; i++)
		strbuf_addf(&list, "%s%u", i > 0 ? "," : "{", columns->items[i].type);
	strbuf_adds(&list, "}");
	const char *const values[] = {list.p};
	PGresult *result = pg_query(pg, statement->shown,
	    "select t.oid, pg_catalog.format_type(t.oid, null), t.typcategory from pg_catalog.pg_type t "
	    "where t.oid operator(pg_catalog.=) any ($1::pg_catalog.oid[])",
	    1, values, failure, err);
	strbuf_free(&list);
	if (!result)
		return -1;
	for (int row = 0; row < PQntuples(result); row++) {
		unsigned long oid = strtoul(PQgetvalue(result, row, 0), NULL, 10);
		for (size_t i = 0; i < columns->count; i++) {
			struct pg_column *column = &columns->items[i];
			if (column->type != oid || column->type_name)
				continue;
			column->type_name = mem_strdup(PQgetvalue(result, row, 1));
			column->category = PQgetvalue(result, row, 2)[0];
		}
	}
	PQclear(result);
	return 0;
}

static int take_columns(struct pg *pg, const struct pg_statement *statement, const PGresult *result,
    struct pg_columns *out, struct pg_failure *failure, struct error *err)
{
	int count = PQnfields(result);

	if (count == 0) {
		if (failure)
			failure->trouble = PG_TROUBLE_QUERY;
		error_set(err, ERR_SOURCE,
		    "BSS database %s, %s: the statement gives no columns: it is not a query", pg->where,
		    statement->shown);
		if (statement->file[0])
			error_place(err, statement->file, 0, 0, NULL);
		return error_hint(err, "a select with the columns of the CSV file");
	}
	out->items = mem_zalloc((size_t)count * sizeof *out->items);
	for (int i = 0; i < count; i++)
		out->items[out->count++] =
		    (struct pg_column){.name = mem_strdup(PQfname(result, i)), .type = PQftype(result, i)};
	return name_types(pg, statement, out, failure, err);
}

int pg_statement_describe(struct pg *pg, const struct pg_statement *statement, struct pg_columns *out,
    struct pg_failure *failure, struct error *err)
{
	int rc = -1;

	*out = (struct pg_columns){0};
	PGresult *result =
	    answer(pg, PQsendPrepare(pg->conn, "", statement->text, 0, NULL), statement, failure, err);
	if (result && PQresultStatus(result) != PGRES_COMMAND_OK)
		refused(pg, statement, result, failure, err);
	else if (result) {
		PQclear(result);
		result = answer(pg, PQsendDescribePrepared(pg->conn, ""), statement, failure, err);
		if (result && PQresultStatus(result) != PGRES_COMMAND_OK)
			refused(pg, statement, result, failure, err);
		else if (result)
			rc = take_columns(pg, statement, result, out, failure, err);
	}
	PQclear(result);
	if (rc < 0)
		pg_columns_free(out);
	return rc;
}

void pg_columns_free(struct pg_columns *columns)
{
	for (size_t i = 0; i < columns->count; i++) {
		free(columns->items[i].name);
		free(columns->items[i].type_name);
	}
	free(columns->items);
	*columns = (struct pg_columns){0};
}
