/* What a query of a role must give: names, types. Each column that we know is held against the kind of value
 * it has in the CSV files, so that a wrong one is named before a million rows have been rejected for it.
 * Leaves running queries to pg_snapshot.c. */
#include <stdlib.h>
#include <string.h>

#include "bss/csv_impl.h"
#include "bss/pg_source.h"
#include "bss/source_columns.h"
#include "tenantry/mem.h"
#include "tenantry/order.h"

static const struct csv_column order_columns[] = {
#define X(id, header, needed)                                                                                \
	[id] = {header, needed                                         ? CSV_NEEDED                          \
			: id == ORDER_PRODUCT_CODE || id == ORDER_TIER ? CSV_EITHER                          \
								       : CSV_OPTIONAL},
    ORDER_FIELDS(X)
#undef X
};

const struct csv_column *bss_role_columns(enum bss_role role, size_t *count)
{
	switch (role) {
	case BSS_SUBSCRIPTIONS:
		return subscription_columns(count);
	case BSS_INVOICES:
		return invoice_columns(count);
	case BSS_RATES:
		return rate_columns(count);
	case BSS_ORDERS:
	case BSS_ROLE_COUNT:
		break;
	}
	*count = ARRAY_LEN(order_columns);
	return order_columns;
}

enum kind { KIND_TEXT, KIND_ID, KIND_FLAG, KIND_DAY, KIND_NUMBER };

static const struct {
	const char *expected, *cast;
} kinds[] = {
    [KIND_TEXT] = {"text", "::text"},
    [KIND_ID] = {"text, a uuid or a whole number", "::text"},
    [KIND_FLAG] = {"boolean (or text: true, false)", " is true"},
    [KIND_DAY] = {"date, timestamp or text in ISO 8601", "::date"},
    [KIND_NUMBER] = {"numeric, a whole number or text", "::numeric"},
};

static enum kind kind_of(const char *name)
{
	static const struct {
		const char *name;
		enum kind kind;
	} known[] = {{"Order Id", KIND_ID}, {"Order Item Id", KIND_ID}, {"Order Date", KIND_DAY},
	    {"Parent Order Id", KIND_ID}, {"Account Id", KIND_ID}, {"Is Reseller", KIND_FLAG},
	    {"End Customer Id", KIND_ID}, {"Quantity", KIND_NUMBER}, {"Terms Accepted", KIND_FLAG},
	    {"Subscription Id", KIND_ID}, {"Subscription External Id", KIND_ID}, {"Start Date", KIND_DAY},
	    {"End Date", KIND_DAY}, {"Ramp Up Months", KIND_NUMBER}, {"Is Trial", KIND_FLAG},
	    {"Updated At", KIND_DAY}, {"Invoice Id", KIND_ID}, {"Invoice Date", KIND_DAY},
	    {"Period Start", KIND_DAY}, {"Period End", KIND_DAY}, {"Amount", KIND_NUMBER},
	    {"Cost Amount", KIND_NUMBER}, {"Rate", KIND_NUMBER}, {"Valid From", KIND_DAY},
	    {"Valid To", KIND_DAY}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].kind;
	return KIND_TEXT;
}

/* pg_type.oid of the types that are never right, or right in few places; all else goes by
 * pg_type.typcategory. */
enum {
	OID_BOOL = 16,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_FLOAT4 = 700,
	OID_FLOAT8 = 701,
	OID_MONEY = 790,
	OID_TIME = 1083,
	OID_TIMETZ = 1266,
	OID_NUMERIC = 1700,
	OID_UUID = 2950
};

static bool is_whole(unsigned type)
{
	return type == OID_INT2 || type == OID_INT4 || type == OID_INT8;
}

static bool fits(enum kind kind, const struct pg_column *column)
{
	if (column->category == 'S' || column->category == 'E' || column->category == 'X')
		return true;
	switch (kind) {
	case KIND_TEXT:
		return false;
	case KIND_ID:
		return is_whole(column->type) || column->type == OID_NUMERIC || column->type == OID_UUID;
	case KIND_FLAG:
		return column->type == OID_BOOL || is_whole(column->type);
	case KIND_DAY:
		return column->category == 'D' && column->type != OID_TIME && column->type != OID_TIMETZ;
	case KIND_NUMBER:
		return is_whole(column->type) || column->type == OID_NUMERIC;
	}
	return false;
}

static int wrong_type(const struct pg_column *column, const char *ours, const char *shown, struct error *err)
{
	enum kind kind = kind_of(ours);

	error_set(err, ERR_SOURCE, "the column \"%s\" is %s, and %s is %s%s", column->name, column->type_name,
	    ours, kinds[kind].expected,
	    column->type == OID_FLOAT4 || column->type == OID_FLOAT8 ? ": binary fractions are not exact"
								     : "");
	error_place(err, shown, 0, 0, column->name);
	return error_hint(err, "cast it in the query: (...)%s", kinds[kind].cast);
}

int pg_columns_check(enum bss_role role, const struct pg_columns *columns, const struct job *job,
    const char *shown, struct strbuf *absent, struct error *err)
{
	size_t count;
	struct csv_header header = {.columns = bss_role_columns(role, &count)};
	struct csv_settings settings = bss_csv_settings(job);
	struct strv *names = mem_zalloc((columns->count + 1) * sizeof *names);
	struct csv_row row = {.fields = names, .count = columns->count, .line = 0};

	header.column_count = count;
	for (size_t i = 0; i < columns->count; i++)
		names[i] = strv_of(columns->items[i].name);
	int rc = csv_header_map(&header, shown, &row, &settings, err);
	for (size_t i = 0; rc == 0 && i < columns->count; i++) {
		int ours = header.column_at[i];
		if (ours >= 0 && !fits(kind_of(header.columns[ours].name), &columns->items[i]))
			rc = wrong_type(&columns->items[i], header.columns[ours].name, shown, err);
	}
	for (size_t i = 0; rc == 0 && absent && i < count; i++)
		if (header.index_of[i] < 0)
			strbuf_addf(absent, "%s%s", absent->n > 0 ? ", " : "", header.columns[i].name);
	csv_header_free(&header);
	free(names);
	return rc;
}

static void add_identifier(struct strbuf *out, const char *name)
{
	strbuf_addc(out, '"');
	for (const char *p = name; *p; p++) {
		strbuf_addc(out, *p);
		if (*p == '"')
			strbuf_addc(out, '"');
	}
	strbuf_addc(out, '"');
}

/* The site's text was prepared before, alone: it is one statement, whatever it says. */
void pg_columns_copy(const struct pg_columns *columns, const char *query, struct strbuf *out)
{
	strbuf_adds(out, "copy (select ");
	for (size_t i = 0; i < columns->count; i++) {
		const struct pg_column *column = &columns->items[i];
		strbuf_addf(out, "%s%sq.", i > 0 ? ", " : "", column->type == OID_BOOL ? "(" : "");
		add_identifier(out, column->name);
		if (column->type == OID_BOOL) {
			strbuf_adds(out, ")::pg_catalog.text as ");
			add_identifier(out, column->name);
		}
	}
	strbuf_addf(out, " from (\n%s\n) q) to stdout (format csv, header true)", query);
}
