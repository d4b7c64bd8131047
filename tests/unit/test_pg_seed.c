/* samples/bss/seed.sql is the same month as samples/ *.csv: made from them by this program, which also proves
 * that it still is. After a change of the samples: TENANTRY_WRITE_SEED=1 make check T=pg_seed
 *
 * What a database with keys and types cannot hold is left out and said so: rows that are no records, a second
 * row of an order item, an order without an id, a date that does not exist, an amount that is no number, a
 * line of an unknown subscription. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "tenantry/arena.h"
#include "tenantry/atomic_file.h"
#include "tenantry/bss_database.h"
#include "tenantry/clock.h"
#include "tenantry/digest.h"
#include "tenantry/mem.h"
#include "tenantry/order.h"

enum { SEED_MAX = 1 << 20, TEXT_MAX = 1000 };

struct account {
	unsigned long id;
	const char *name, *email, *username, *phone, *first, *last, *reseller, *currency, *tenant;
	const char *ramp_up; /* months */
	const char *address1, *address2, *city, *region, *post_code, *country;
	bool has_address;
};

struct invoice {
	const char *id, *date, *account, *currency, *rate;
};

struct seed {
	struct arena *arena;
	struct account accounts[256];
	size_t account_count;
	const char *items[256];
	size_t item_count;
	struct invoice invoices[128];
	size_t invoice_count;
	struct strbuf orders, order_items, subscriptions, invoice_items, rates, left_out;
};

static const char *const products[][2] = {{"CCSP-T0", "Tier 0"}, {"CCSP-T1", "Tier 1"}, {"CCSP-T2", "Tier 2"},
    {"CCSP-T3", "Tier 3"}, {"CCSP-T4", "Tier 4"}, {"CCSP-T5", "Tier 5"}, {"CCSP-T6", "Tier 6"},
    {"CCSP-T7", "Tier 7"}, {"CCSP-PROMO", "Promo"}, {"CPC-GB-100", NULL}};

/* ---- SQL. */

static void add_text(struct strbuf *out, const char *text)
{
	bool special = strpbrk(text, "\r\n\t\\") != NULL;

	if (!text[0]) {
		strbuf_adds(out, "null");
		return;
	}
	strbuf_adds(out, special ? "E'" : "'");
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			strbuf_adds(out, "''");
		else if (*p == '\r' || *p == '\n' || *p == '\t' || *p == '\\')
			strbuf_addf(out, "\\%c",
			    *p == '\r'   ? 'r'
			    : *p == '\n' ? 'n'
			    : *p == '\t' ? 't'
					 : '\\');
		else
			strbuf_addc(out, *p);
	}
	strbuf_addc(out, '\'');
}

/* A row of values: s text (NULL when empty), v as it stands. */
static void add_row(struct strbuf *out, const char *kinds, ...)
{
	va_list args;

	strbuf_adds(out, out->n > 0 ? ",\n(" : "(");
	va_start(args, kinds);
	for (const char *k = kinds; *k; k++) {
		const char *value = va_arg(args, const char *);
		if (k > kinds)
			strbuf_adds(out, ", ");
		if (*k == 's')
			add_text(out, value ? value : "");
		else
			strbuf_adds(out, value);
	}
	va_end(args);
	strbuf_addc(out, ')');
}

static const char *uuid(struct seed *seed, const char *space, const char *name)
{
	char text[UUID_TEXT_SIZE];

	return arena_strdup(seed->arena, uuid_from_name(space, strv_of(name), text));
}

/* "'UUID'" of a product code, "null" for none. */
static const char *product(struct seed *seed, const char *code)
{
	if (!code[0])
		return "null";
	for (size_t i = 0; i < ARRAY_LEN(products); i++)
		if (strcmp(products[i][0], code) == 0)
			return arena_printf(seed->arena, "'%s'", uuid(seed, "product", code));
	fail_msg("the samples have a new product: %s", code);
	return NULL;
}

static const char *flag(const char *text)
{
	int value = strv_to_bool(strv_of(text));

	return value == 1 ? "true" : value == 0 ? "false" : "null";
}

/* ---- Rows of the samples. */

static const char *get(
    struct seed *seed, const struct csv_reader *reader, const struct csv_row *row, size_t column)
{
	struct strv v = csv_reader_field(reader, row, column);

	return arena_strndup(seed->arena, v.p ? v.p : "", v.n);
}

static size_t column_of(enum bss_role role, const char *name)
{
	size_t count;
	const struct csv_column *columns = bss_role_columns(role, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(columns[i].name, name) == 0)
			return i;
	fail_msg("no column %s", name);
	return 0;
}

static size_t sub_column(const char *name)
{
	return column_of(BSS_SUBSCRIPTIONS, name);
}

static struct account *account_of(struct seed *seed, const char *id)
{
	unsigned long number = strtoul(id, NULL, 10);

	for (size_t i = 0; i < seed->account_count; i++)
		if (seed->accounts[i].id == number)
			return &seed->accounts[i];
	assert_true(seed->account_count < ARRAY_LEN(seed->accounts));
	struct account *account = &seed->accounts[seed->account_count++];
	*account = (struct account){.id = number,
	    .name = "",
	    .email = "",
	    .username = "",
	    .phone = "",
	    .first = "",
	    .last = "",
	    .reseller = "true",
	    .currency = "",
	    .tenant = "",
	    .ramp_up = "0",
	    .address1 = "",
	    .address2 = "",
	    .city = "",
	    .region = "",
	    .post_code = "",
	    .country = ""};
	return account;
}

static const char *first_of(const char *a, const char *b)
{
	return a[0] ? a : b;
}

static bool is_currency(const char *text)
{
	return strlen(text) == 3;
}

static void leave_out(struct seed *seed, const char *file, unsigned long line, const char *why)
{
	strbuf_addf(&seed->left_out, "-- %s:%lu: %s\n", file, line, why);
}

static void take_order_account(struct seed *seed, const struct csv_reader *reader, const struct csv_row *row)
{
	struct account *a = account_of(seed, get(seed, reader, row, ORDER_ACCOUNT_ID));

	a->name = get(seed, reader, row, ORDER_ACCOUNT);
	a->email = get(seed, reader, row, ORDER_EMAIL);
	a->username = first_of(get(seed, reader, row, ORDER_USERNAME), a->username);
	a->phone = get(seed, reader, row, ORDER_PHONE);
	a->first = get(seed, reader, row, ORDER_FIRST_NAME);
	a->last = get(seed, reader, row, ORDER_LAST_NAME);
	a->reseller = get(seed, reader, row, ORDER_IS_RESELLER);
	a->currency = first_of(a->currency, get(seed, reader, row, ORDER_CURRENCY));
	a->address1 = get(seed, reader, row, ORDER_ADDRESS_1);
	a->address2 = get(seed, reader, row, ORDER_ADDRESS_2);
	a->city = get(seed, reader, row, ORDER_CITY);
	a->region = get(seed, reader, row, ORDER_REGION);
	a->post_code = get(seed, reader, row, ORDER_POST_CODE);
	a->country = get(seed, reader, row, ORDER_COUNTRY_CODE);
	a->has_address = true;
}

/* Why a row cannot be in the database; NULL: it can. */
static const char *cannot_exist(struct seed *seed, const char *order, const char *item, const char *date)
{
	if (!order[0])
		return "an order without an id";
	if (date[0] && !time_parse(strv_of(date), NULL, NULL))
		return "a date that does not exist";
	for (size_t i = 0; i < seed->item_count; i++)
		if (strcmp(seed->items[i], item) == 0)
			return "a second row of an order item";
	return NULL;
}

static void take_order(
    struct seed *seed, const char *file, const struct csv_reader *reader, const struct csv_row *row)
{
	const char *order = get(seed, reader, row, ORDER_ID),
		   *item = first_of(get(seed, reader, row, ORDER_ITEM_ID), order);
	const char *date = get(seed, reader, row, ORDER_DATE),
		   *terms = flag(get(seed, reader, row, ORDER_TERMS_ACCEPTED));
	const char *status = get(seed, reader, row, ORDER_STATUS),
		   *customer = get(seed, reader, row, ORDER_END_CUSTOMER_ID);
	const char *currency = get(seed, reader, row, ORDER_CURRENCY),
		   *why = cannot_exist(seed, order, item, date);
	const char *quantity = get(seed, reader, row, ORDER_QUANTITY);
	bool executed = strcmp(status, "Executed") == 0;

	if (why) {
		leave_out(seed, file, row->line, why);
		return;
	}
	seed->items[seed->item_count++] = item;
	take_order_account(seed, reader, row);
	if (customer[0])
		account_of(seed, customer)->name = "Somebody Else Ltd";
	add_row(&seed->orders, "ssvvvssvv", order, date, get(seed, reader, row, ORDER_ACCOUNT_ID),
	    customer[0] ? customer : "null", arena_printf(seed->arena, "'%s'", status),
	    executed ? "Automatic Execute" : "In progress", get(seed, reader, row, ORDER_CHANNEL),
	    is_currency(currency) ? arena_printf(seed->arena, "'%s'", currency) : "null", terms);
	add_row(&seed->order_items, "ssvssvsss", item, order,
	    product(seed, get(seed, reader, row, ORDER_PRODUCT_CODE)), get(seed, reader, row, ORDER_TIER),
	    get(seed, reader, row, ORDER_SUBSCRIPTION_ID),
	    arena_printf(seed->arena, "%ld", strtol(quantity, NULL, 10)),
	    get(seed, reader, row, ORDER_ACTION), get(seed, reader, row, ORDER_START_DATE),
	    executed ? "Executed" : "");
}

/* The invoice of a line: the first of its lines makes it, any of them may know the rate. */
static void take_invoice(
    struct seed *seed, const struct csv_reader *reader, const struct csv_row *row, const char *id)
{
	const char *rate = get(seed, reader, row, column_of(BSS_INVOICES, "Rate"));
	size_t i = 0;

	while (i < seed->invoice_count && strcmp(seed->invoices[i].id, id) != 0)
		i++;
	if (i == seed->invoice_count) {
		assert_true(i < ARRAY_LEN(seed->invoices));
		seed->invoices[seed->invoice_count++] = (struct invoice){.id = id,
		    .date = get(seed, reader, row, column_of(BSS_INVOICES, "Invoice Date")),
		    .account = get(seed, reader, row, column_of(BSS_INVOICES, "Account Id")),
		    .currency = get(seed, reader, row, column_of(BSS_INVOICES, "Currency")),
		    .rate = ""};
	}
	seed->invoices[i].rate = first_of(seed->invoices[i].rate, rate);
}

static bool is_amount(const char *text)
{
	return text[0] && strspn(text, "-0123456789.") == strlen(text);
}

static void take_invoice_line(
    struct seed *seed, const char *file, const struct csv_reader *reader, const struct csv_row *row)
{
	const char *id = get(seed, reader, row, column_of(BSS_INVOICES, "Invoice Id"));
	const char *subscription = get(seed, reader, row, column_of(BSS_INVOICES, "Subscription Id"));
	const char *amount = get(seed, reader, row, column_of(BSS_INVOICES, "Amount"));
	const char *cost = get(seed, reader, row, column_of(BSS_INVOICES, "Cost Amount"));

	if (!is_amount(amount) || !strstr(seed->subscriptions.p, subscription)) {
		leave_out(seed, file, row->line,
		    is_amount(amount) ? "an invoice line of an unknown subscription"
				      : "an amount that is no number");
		return;
	}
	take_invoice(seed, reader, row, id);
	add_row(&seed->invoice_items, "sssssssvv", arena_printf(seed->arena, "%s-%lu", id, row->line), id,
	    subscription, get(seed, reader, row, column_of(BSS_INVOICES, "Period Start")),
	    get(seed, reader, row, column_of(BSS_INVOICES, "Period End")),
	    get(seed, reader, row, column_of(BSS_INVOICES, "Kind")), "1", amount, cost[0] ? cost : "null");
}

static void take_rate(struct seed *seed, const struct csv_reader *reader, const struct csv_row *row)
{
	add_row(&seed->rates, "ssvss", get(seed, reader, row, column_of(BSS_RATES, "From")),
	    get(seed, reader, row, column_of(BSS_RATES, "To")),
	    get(seed, reader, row, column_of(BSS_RATES, "Rate")),
	    get(seed, reader, row, column_of(BSS_RATES, "Valid From")),
	    get(seed, reader, row, column_of(BSS_RATES, "Valid To")));
}

static void take_subscription(struct seed *seed, const struct csv_reader *reader, const struct csv_row *row)
{
	const char *id = get(seed, reader, row, sub_column("Subscription Id")),
		   *account_id = get(seed, reader, row, sub_column("Account Id"));
	const char *status = get(seed, reader, row, sub_column("Status")),
		   *currency = get(seed, reader, row, sub_column("Currency"));
	struct account *a = account_of(seed, account_id);

	a->name = get(seed, reader, row, sub_column("Account"));
	a->username = get(seed, reader, row, sub_column("Username"));
	a->email = first_of(a->email, a->username);
	a->currency = currency;
	a->tenant = get(seed, reader, row, sub_column("Subscription External Id"));
	a->ramp_up = get(seed, reader, row, sub_column("Ramp Up Months"));
	add_row(&seed->subscriptions, "ssvvssvssvs", id, a->tenant, account_id,
	    product(seed, get(seed, reader, row, sub_column("Product Code"))), status,
	    get(seed, reader, row, sub_column("Provisioning Sync Status")),
	    get(seed, reader, row, sub_column("Quantity")), currency,
	    get(seed, reader, row, sub_column("Start Date")),
	    arena_printf(
		seed->arena, "nullif('%s', '')::date", get(seed, reader, row, sub_column("End Date"))),
	    get(seed, reader, row, sub_column("Updated At")));
}

static void read_sample(struct seed *seed, const char *file, enum bss_role role)
{
	static const struct text_pair aliases[] = {{"E-Mail-Adresse", "Email"}};
	struct csv_settings settings = {.aliases = aliases, .alias_count = 1};
	const char *root = getenv("TENANTRY_ROOT"),
		   *path = arena_printf(seed->arena, "%s/samples/%s", root ? root : ".", file);
	struct error err = {0};
	struct csv_row row;
	size_t count;
	const struct csv_column *columns = bss_role_columns(role, &count);
	struct csv_reader *reader = csv_reader_open(path, columns, count, &settings, &err);
	enum csv_next next;

	assert_non_null(reader);
	while ((next = csv_reader_next(reader, &row, &err)) != CSV_DONE) {
		assert_true(next == CSV_ROW || next == CSV_BAD);
		if (next == CSV_BAD)
			leave_out(seed, file, row.line, "not readable as a record");
		else if (role == BSS_ORDERS)
			take_order(seed, file, reader, &row);
		else if (role == BSS_INVOICES)
			take_invoice_line(seed, file, reader, &row);
		else if (role == BSS_RATES)
			take_rate(seed, reader, &row);
		else
			take_subscription(seed, reader, &row);
	}
	csv_reader_close(reader);
}

/* ---- The file. */

static void add_table(struct strbuf *out, const char *table, struct strbuf *rows)
{
	strbuf_addf(out, "insert into %s values\n%s;\n\n", table, rows->p);
	strbuf_free(rows);
}

static void add_products(struct seed *seed, struct strbuf *out)
{
	struct strbuf rows = {0};

	for (size_t i = 0; i < ARRAY_LEN(products); i++) {
		const char *tier = products[i][1];
		add_row(&rows, "sssssv", uuid(seed, "product", products[i][0]), products[i][0],
		    tier ? arena_printf(seed->arena, "Acronis CSP Contract, %s", tier)
			 : "Cyber Protect Cloud, 100 GB",
		    tier ? "CCSP" : "CPC", tier ? tier : "",
		    tier && strcmp(tier, "Promo") == 0 ? "false" : "true");
	}
	add_table(out, "bss_product (product_id, code, name, product_type_code, tier_code, sellable)", &rows);
}

static int by_id(const void *a, const void *b)
{
	const struct account *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void add_accounts(struct seed *seed, struct strbuf *out)
{
	struct strbuf accounts = {0}, addresses = {0}, syncs = {0};

	qsort(seed->accounts, seed->account_count, sizeof *seed->accounts, by_id);
	for (size_t i = 0; i < seed->account_count; i++) {
		const struct account *a = &seed->accounts[i];
		const char *id = arena_printf(seed->arena, "%lu", a->id);
		add_row(&accounts, "vsssssvvv", id, a->name, a->email, a->phone, a->first, a->last,
		    flag(a->reseller),
		    is_currency(a->currency) ? arena_printf(seed->arena, "'%s'", a->currency) : "null",
		    a->ramp_up);
		if (a->has_address)
			add_row(&addresses, "svvssssss", uuid(seed, "address", id), id, "true", a->address1,
			    a->address2, a->city, a->region, a->post_code, a->country);
		if (a->username[0])
			add_row(&syncs, "vssss", id, "acronis", a->tenant, a->username,
			    a->tenant[0] ? "Synchronized" : "");
	}
	add_table(out,
	    "bss_account (account_id, name, email, phone, contact_first_name, contact_last_name, is_reseller, currency, ramp_up_months)",
	    &accounts);
	add_table(out,
	    "bss_account_address (address_id, account_id, is_billing, address1, address2, city, region, post_code, country_code)",
	    &addresses);
	add_table(
	    out, "bss_account_sync (account_id, system_code, external_id, username, sync_status)", &syncs);
}

static void add_invoices(struct seed *seed, struct strbuf *out)
{
	struct strbuf rows = {0};

	for (size_t i = 0; i < seed->invoice_count; i++) {
		const struct invoice *v = &seed->invoices[i];
		add_row(&rows, "sssvsvv", v->id, v->id, v->date, v->account, v->currency,
		    v->rate[0] ? v->rate : "null", "0");
	}
	add_table(out,
	    "bss_invoice (invoice_id, code, invoice_date, billing_account_id, currency, fx_rate, total)",
	    &rows);
	strbuf_adds(out,
	    "insert into bss_invoice_item (invoice_item_id, invoice_id, subscription_id, period_start, period_end, kind, quantity, "
	    "unit_price, unit_cost, total, total_cost)\n"
	    "select i, v, s::uuid, b::date, e::date, k, q::numeric, t, c, t, c from (values\n");
	strbuf_addf(out, "%s) as line (i, v, s, b, e, k, q, t, c);\n\n", seed->invoice_items.p);
	strbuf_adds(out,
	    "update bss_invoice v set total = (select sum(l.total) from bss_invoice_item l where l.invoice_id = v.invoice_id);\n\n");
	strbuf_free(&seed->invoice_items);
}

static void write_seed(struct seed *seed, struct strbuf *out)
{
	read_sample(seed, "subscriptions.csv", BSS_SUBSCRIPTIONS);
	read_sample(seed, "orders-backoffice.csv", BSS_ORDERS);
	read_sample(seed, "orders-legacy.csv", BSS_ORDERS);
	read_sample(seed, "orders-storefront.csv", BSS_ORDERS);
	read_sample(seed, "invoices.csv", BSS_INVOICES);
	read_sample(seed, "rates.csv", BSS_RATES);
	strbuf_adds(out,
	    "-- The month of samples/*.csv as a BSS database has it: for schema.sql. Made from those files by tests/unit/test_pg_seed.c,\n"
	    "-- which also fails when the two are not the same any more. What a database cannot hold is left out:\n");
	strbuf_addv(out, strbuf_view(&seed->left_out));
	strbuf_adds(out, "begin;\nset local timezone = 'UTC';\n\n");
	add_products(seed, out);
	add_accounts(seed, out);
	add_table(out,
	    "bss_order (order_id, order_date, account_id, end_customer_id, status_name, status_type, storefront_type, currency, terms_accepted)",
	    &seed->orders);
	strbuf_adds(out, "update bss_order set terms_accepted_at = order_date where terms_accepted;\n\n");
	add_table(out,
	    "bss_order_item (order_item_id, order_id, product_id, tier_code, subscription_id, quantity, action, requested_start, delivery_status)",
	    &seed->order_items);
	add_table(out,
	    "bss_subscription (subscription_id, external_id, account_id, product_id, status, sync_status, quantity, currency, start_date, end_date, "
	    "updated_at)",
	    &seed->subscriptions);
	add_invoices(seed, out);
	add_table(out, "bss_fx_rate (from_ccy, to_ccy, rate, valid_from, valid_to)", &seed->rates);
	strbuf_adds(out, "commit;\nanalyze;\n");
	strbuf_free(&seed->left_out);
}

static void the_seed_is_the_month_of_the_samples(void **state)
{
	const char *root = getenv("TENANTRY_ROOT");
	char *path = mem_printf("%s/samples/bss/seed.sql", root ? root : "."), *there;
	struct seed *seed = mem_zalloc(sizeof *seed);
	struct strbuf text = {0};
	struct error err = {0};
	size_t n;

	(void)state;
	seed->arena = arena_new();
	write_seed(seed, &text);
	if (getenv("TENANTRY_WRITE_SEED")) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fwrite(text.p, 1, text.n, file);
		fclose(file);
	}
	there = file_read_all(path, SEED_MAX, &n, &err);
	assert_non_null(there);
	assert_true(seed->item_count > 60);
	assert_string_equal(there, text.p);
	free(there);
	strbuf_free(&text);
	arena_free(seed->arena);
	free(seed);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_seed_is_the_month_of_the_samples)};

	return cmocka_run_group_tests_name("pg_seed", tests, NULL, NULL);
}
