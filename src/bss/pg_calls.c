/* What the four functions that write back promise, asked without calling them: the columns that each answers,
 * their types, whether it answers a row an item, and whether it may change anything. Leaves what it does to
 * pg_rehearse.c. */
#include "bss/pg_calls.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bss/pg_source.h"
#include "bss_sql.h"
#include "tenantry/mem.h"

enum { COLUMNS_MAX = 7, OID_BPCHAR = 1042, OID_UUID = 2950 };

static const struct call {
	const char *name, *arguments;
	bool writes;
	const char *columns[COLUMNS_MAX + 1];
} calls[] = {
    {"begin_subscriptions", "$1::pg_catalog.jsonb, $2::pg_catalog.text[]", true,
	{"order_item_id", "outcome", "detail"}},
    {"activate_subscriptions", "$1::pg_catalog.jsonb, $2::pg_catalog.text[]", true,
	{"order_item_id", "outcome", "detail"}},
    {"fail_subscriptions", "$1::pg_catalog.jsonb", true, {"order_item_id", "outcome", "detail"}},
    {"order_item_states", "$1::pg_catalog.text[]", false,
	{"order_item_id", "order_status", "item_status", "subscription_id", "external_id", "status",
	    "sync_status"}},
};

void pg_good(const struct bss_check *check, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	check->good(check->user, text);
}

static int bad(struct error *err, const struct call *call, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int bad(struct error *err, const struct call *call, const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(err, ERR_BSS, "tenantry.%s %s", call->name, text);
	return error_hint(err, "docs/bss-database.md says what each function has to answer");
}

static const struct pg_column *find_column(const struct pg_columns *columns, const char *name)
{
	for (size_t i = 0; i < columns->count; i++)
		if (strcmp(columns->items[i].name, name) == 0)
			return &columns->items[i];
	return NULL;
}

static int missing(
    struct error *err, const struct call *call, const struct pg_columns *columns, const char *name)
{
	struct strbuf there = {0};

	for (size_t i = 0; i < columns->count; i++)
		strbuf_addf(&there, "%s%s", i > 0 ? ", " : "", columns->items[i].name);
	bad(err, call, "answers no column %s; it has: %.400s", name, there.p);
	strbuf_free(&there);
	return -1;
}

/* Answers are read as texts, and words compared: char(n) would fill them up with blanks. */
static int check_type(struct error *err, const struct call *call, const struct pg_column *column)
{
	size_t n = strlen(column->name);
	bool id = n > 3 && strcmp(column->name + n - 3, "_id") == 0;

	if (column->type == OID_BPCHAR)
		return bad(err, call, "answers %s as %s, which is filled up with blanks: make it text",
		    column->name, column->type_name);
	if (column->category == 'S' || column->category == 'E' || column->category == 'X' ||
	    (id && (column->type == OID_UUID || column->category == 'N')))
		return 0;
	return bad(err, call, "answers %s as %s, and it must be text", column->name, column->type_name);
}

static int check_columns(struct error *err, const struct call *call, const struct pg_columns *columns)
{
	for (size_t i = 0; i < COLUMNS_MAX && call->columns[i]; i++) {
		const struct pg_column *column = find_column(columns, call->columns[i]);
		if (!column)
			return missing(err, call, columns, call->columns[i]);
		if (check_type(err, call, column) < 0)
			return -1;
	}
	return 0;
}

static void say_columns(
    const struct call *call, const struct pg_columns *columns, const struct bss_check *check)
{
	struct strbuf text = {0};

	strbuf_addf(&text, "tenantry.%s answers", call->name);
	for (size_t i = 0; i < COLUMNS_MAX && call->columns[i]; i++)
		strbuf_addf(&text, "%s %s %s", i > 0 ? "," : "", call->columns[i],
		    find_column(columns, call->columns[i])->type_name);
	check->good(check->user, text.p);
	strbuf_free(&text);
}

/* The rows of sql/calls.sql: name, answers rows, may change. */
static int check_declared(struct error *err, const struct call *call, const PGresult *declared)
{
	for (int row = 0; row < PQntuples(declared); row++) {
		if (strcmp(PQgetvalue(declared, row, 0), call->name) != 0)
			continue;
		if (PQgetvalue(declared, row, 1)[0] != 't')
			return bad(err, call,
			    "answers one row, and it must be one for each order item: returns table (...)");
		if (call->writes && PQgetvalue(declared, row, 2)[0] != 't')
			return bad(err, call,
			    "is declared stable or immutable, so it can change nothing: make it volatile");
	}
	return 0;
}

static void check_call(
    struct pg *pg, const struct call *call, const PGresult *declared, const struct bss_check *check)
{
	struct error err = {0};
	struct pg_failure failure;
	struct pg_columns columns = {0};
	char *text = mem_printf("select * from tenantry.%s(%s)", call->name, call->arguments),
	     *shown = mem_printf("tenantry.%s", call->name);
	const struct pg_statement statement = {.text = text, .shown = shown, .file = (char *)""};

	if (pg_statement_describe(pg, &statement, &columns, &failure, &err) == 0 &&
	    check_columns(&err, call, &columns) == 0 && check_declared(&err, call, declared) == 0)
		say_columns(call, &columns, check);
	else
		check->bad(check->user, &err);
	pg_columns_free(&columns);
	free(text);
	free(shown);
}

void pg_calls_check(struct pg *pg, const struct bss_check *check)
{
	struct error err = {0};
	struct pg_failure failure;
	PGresult *declared = pg_query(pg, "check", sql_calls, 0, NULL, &failure, &err);

	if (!declared) {
		check->bad(check->user, &err);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		check_call(pg, &calls[i], declared, check);
	PQclear(declared);
}
