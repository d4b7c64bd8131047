/* Invoice lines: what is added up, what is refused and why, and that the sums close. */
#include "intake_fixture.h"

#include "tenantry/invoice.h"

#define OCTOBER (2026 * 12 + 9)
#define HEADER                                                                                               \
	"Invoice Id;Invoice Date;Subscription Id;Account Id;Period Start;Period End;Kind;Currency;Amount;Cost Amount;Rate\n"

static const struct invoice_window window = {OCTOBER, OCTOBER, {2026, 11, 20}};

static struct invoices *load_file(struct fixture *f, const char *file)
{
	struct error err = {0};

	f->job->bss.invoices = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(f, file)};
	struct invoices *invoices = invoices_load(f->job, NULL, &window, &err);
	if (!invoices)
		error_print(&err, stderr, true);
	assert_non_null(invoices);
	/* Whatever the lines are: each readable amount is in the whole and in one part. */
	for (size_t i = 0; i < invoices->total_count; i++) {
		const struct invoice_total *t = &invoices->totals[i];
		int64_t in_months = 0;
		for (size_t j = 0; j < invoices->count; j++)
			if (strcmp(invoices->items[j].currency, t->currency) == 0)
				in_months += invoices->items[j].exact;
		assert_true(t->total == t->in_months + t->other_months + t->unusable);
		assert_true(t->in_months == in_months);
	}
	return invoices;
}

static struct invoices *load(struct fixture *f, const char *rows)
{
	char *text = mem_printf("%s%s", HEADER, rows);

	put(f, "invoices.csv", text);
	free(text);
	return load_file(f, "invoices.csv");
}

static void lines_are_added_up_by_month(void **state)
{
	struct fixture *f = *state;
	struct strbuf places = {0};
	struct invoices *v =
	    load(f, "I-1;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;100.10;;\n"
		    "I-1;2026-11-01;s-1;A;2026-10-01;2026-11-01;Usage;eur;50;;\n"
		    "I-2;2026-11-02;S-2;B;2026-10-05;2026-10-31;COMMITMENT;JPY;37343;;149.37\n"
		    "I-1;2026-11-03;S-1;;2026-10-01;2026-10-31;commitment;EUR;79.90;;0.9213\n"
		    "I-3;2026-11-09;S-1;A;2026-10-01;2026-10-31;credit;EUR;-10.00;;\n"
		    "I-0;2026-10-01;S-1;A;2026-09-01;2026-09-30;usage;EUR;7;;\n"
		    "I-4;2026-11-15;S-1;A;2026-11-01;2026-11-15;usage;EUR;8;;\n");
	const struct invoice_month *m = invoices_find(v, STRV("S-1"), OCTOBER);

	assert_int_equal(v->rows_read, 7);
	assert_int_equal(v->count, 2);
	assert_non_null(m);
	assert_int_equal(m->lines[INVOICE_USAGE], 2);
	assert_int_equal(m->sum[INVOICE_USAGE], 15010);
	assert_int_equal(m->sum[INVOICE_COMMITMENT], 7990);
	assert_int_equal(m->sum[INVOICE_CREDIT], -1000);
	assert_null(m->gap);
	assert_string_equal(m->account_id, "A");
	assert_int_equal(m->date.day, 3); /* the commitment's, whatever comes later */
	assert_string_equal(m->rate, "0.9213");
	invoice_places(v, m, &places);
	assert_string_equal(places.p, "invoices.csv:2-3, 5-6");
	strbuf_free(&places);
	assert_int_equal(invoices_find(v, STRV("S-2"), OCTOBER)->sum[INVOICE_COMMITMENT], 37343);
	assert_null(invoices_find(v, STRV("S-1"), OCTOBER - 1));
	assert_null(invoices_find(v, STRV("S-3"), OCTOBER));
	assert_string_equal(v->totals[0].currency, "EUR");
	assert_true(v->totals[0].total == 235000000 && v->totals[0].other_months == 15000000);
	assert_int_equal(v->totals[0].lines, 6);
	assert_int_equal(v->files[0].rows, 7);
	assert_string_equal(v->files[0].role, "invoices");
	invoices_free(v);
}

static void a_line_is_rounded_once(void **state)
{
	struct fixture *f = *state;

	f->job->billing.discount = "20";
	/* Worked examples B and F: 312.456 less 20 % is 249.96, not 80 % of 312.46; three lines of 60 USD in
	 * yen. */
	struct invoices *v = load(f, "I-1;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;USD;312.456;249.96;\n"
				     "I-2;2026-11-01;S-2;A;2026-10-01;2026-10-31;usage;JPY;8962.2;;\n"
				     "I-2;2026-11-01;S-2;A;2026-10-01;2026-10-31;usage;JPY;8962.2;;\n"
				     "I-2;2026-11-01;S-2;A;2026-10-01;2026-10-31;usage;JPY;8962.2;;\n"
				     "I-3;2026-11-01;S-3;A;2026-10-01;2026-10-31;usage;USD;0.125;;\n");
	const struct invoice_month *m = invoices_find(v, STRV("S-1"), OCTOBER);

	assert_int_equal(m->sum[INVOICE_USAGE], 31246);
	assert_int_equal(m->cost_expected, 24996);
	assert_int_equal(m->cost, 24996);
	assert_int_equal(m->cost_lines, 1);
	assert_int_equal(invoices_find(v, STRV("S-2"), OCTOBER)->sum[INVOICE_USAGE], 26886);
	assert_int_equal(invoices_find(v, STRV("S-2"), OCTOBER)->cost_lines, 0);
	assert_int_equal(invoices_find(v, STRV("S-3"), OCTOBER)->sum[INVOICE_USAGE], 13);
	assert_true(v->totals[1].total == 312581000);
	invoices_free(v);
	f->job->billing.rounding = ROUNDING_HALF_EVEN;
	v = load_file(f, "invoices.csv");
	assert_int_equal(invoices_find(v, STRV("S-3"), OCTOBER)->sum[INVOICE_USAGE], 12);
	invoices_free(v);
}

static void what_a_shortfall_costs_is_a_setting(void **state)
{
	struct fixture *f = *state;
	static const struct {
		enum shortfall_cost rule;
		uint32_t lines;
		int64_t expected;
	} cases[] = {{SHORTFALL_COST_UNKNOWN, 0, 0}, {SHORTFALL_COST_NONE, 1, 0},
	    {SHORTFALL_COST_DISCOUNTED, 1, 5600}};

	f->job->billing.discount = "20";
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f->job->billing.shortfall_cost = cases[i].rule;
		struct invoices *v =
		    load(f, "I-1;2026-11-01;S-1;A;2026-10-01;2026-10-31;commitment;USD;70;56;\n");
		assert_int_equal(v->items[0].cost_lines, cases[i].lines);
		assert_int_equal(v->items[0].cost_expected, cases[i].expected);
		invoices_free(v);
	}
}

static void unusable_lines_spoil_their_month(void **state)
{
	static const struct {
		const char *row, *reason;
		int64_t unusable; /* millionths; -1: its amount cannot be read */
	} cases[] = {
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;1e3;;", "exponents", -1},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;1,234.00;;", "comma", -1},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;12,50;;", "bss.csv.decimal", -1},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;;;", "Amount is empty", -1},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EURO;5;;", "Currency is \"EURO\"", -1},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;commitment;EUR;-5;;",
		"commitment must not be negative", -5000000},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;-5;;", "usage must not be negative",
		-5000000},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;credit;EUR;5;;", "credit must not be above 0",
		5000000},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;rebate;EUR;5;;", "bss.invoice_kinds", 5000000},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;4e0;", "Cost Amount is \"4e0\"", 5000000},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;0", "Rate is \"0\"", 5000000},
	    {"I;2026-11-01;S-1;A;2026-10-01;2026-11-15;usage;EUR;5;;", "ends in the month", 5000000},
	    {"I;2026-11-01;S-1;A;2026-10-20;2026-10-01;usage;EUR;5;;", "ends in the month", 5000000},
	    {"I;2026-11-01;S-1;A;2026-12-01;2026-12-31;usage;EUR;5;;", "not begun", 5000000},
	    {"I;2026-11-01;S-1;A;01.10.2026;2026-10-31;usage;EUR;5;;", "Period Start is \"01.10.2026\"",
		5000000},
	    {"I;2026-09-30;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;", "in arrears", 5000000},
	    {"I;2026-11-21;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;", "in the future", 5000000},
	    {"I;2026-11-31;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;", "Invoice Date", 5000000},
	    {";2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;", "Invoice Id is empty", 5000000},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct invoices *v = load(*state, cases[i].row);
		const struct invoice_month *m = invoices_find(v, STRV("S-1"), OCTOBER);
		if (!m)
			m = invoices_find(v, STRV("s-1"), INVOICE_ANY_MONTH);
		if (!m || m->bad_lines != 1 || !m->gap || !strstr(m->gap, cases[i].reason) ||
		    strncmp(m->gap, "invoices.csv:2: ", 16) != 0)
			fail_msg("%s: %s", cases[i].row, m && m->gap ? m->gap : "usable");
		assert_int_equal(
		    m->sum[INVOICE_USAGE] + m->sum[INVOICE_COMMITMENT] + m->sum[INVOICE_CREDIT], 0);
		if (cases[i].unusable == -1)
			assert_true(v->unreadable == 1 && v->total_count == 0);
		else
			assert_true(v->totals[0].unusable == cases[i].unusable);
		invoices_free(v);
	}
}

static void months_that_were_not_asked_for_are_left_alone(void **state)
{
	struct invoices *v = load(*state, "I;2026-09-01;S-1;A;2026-08-01;2026-08-31;rebate;EUR;5;;\n"
					  "I;2026-09-01;;A;2026-08-01;2026-08-31;usage;EUR;6;;\n");

	assert_int_equal(v->count + v->loose_count, 0);
	assert_true(v->totals[0].other_months == 11000000);
	invoices_free(v);
}

static void two_currencies_of_one_month_are_not_mixed(void **state)
{
	struct invoices *v = load(*state, "I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;\n"
					  "I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;USD;6;;\n");

	assert_int_equal(v->items[0].sum[INVOICE_USAGE], 500);
	assert_non_null(strstr(v->items[0].gap, "invoices.csv:3: Currency is USD"));
	assert_true(v->totals[1].unusable == 6000000);
	invoices_free(v);
}

static void an_invoice_in_two_files_is_not_billed_twice(void **state)
{
	struct fixture *f = *state;

	put(f, "a.csv",
	    HEADER "I-1;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;\n"
		   "I-2;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;\n");
	put(f, "b.csv",
	    HEADER "I-1;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;\n"
		   "I-3;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;\n");
	put(f, "c.csv",
	    HEADER "I-1;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;\n"
		   "I-3;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;5;;\n");
	struct invoices *v = load_file(f, "*.csv");
	assert_int_equal(v->items[0].sum[INVOICE_USAGE], 1500);
	assert_int_equal(v->items[0].bad_lines, 1);
	assert_non_null(strstr(v->items[0].gap, "b.csv:2: invoice I-1 stands in another file too"));
	assert_non_null(strstr(v->files[2].note, "same content"));
	invoices_free(v);
}

static void lines_without_a_subscription_are_kept(void **state)
{
	struct fixture *f = *state;
	struct strbuf rows = {0};
	struct error err = {0};
	struct invoices *v = load(f, "I;2026-11-01;;A-7;2026-10-01;2026-10-31;usage;EUR;5;;\n"
				     "broken\n");

	assert_int_equal(v->loose_count, 2);
	assert_string_equal(v->loose[0].account_id, "A-7");
	assert_string_equal(v->loose[0].reason, "Subscription Id is empty");
	assert_int_equal(v->loose[1].line, 3);
	assert_true(v->totals[0].unusable == 5000000);
	assert_int_equal(v->unreadable, 1);
	invoices_free(v);
	strbuf_adds(&rows, HEADER);
	for (int i = 0; i <= INVOICE_LOOSE_MAX; i++)
		strbuf_adds(&rows, "I;2026-11-01;;;2026-10-01;2026-10-31;usage;EUR;5;;\n");
	put(f, "invoices.csv", rows.p);
	strbuf_free(&rows);
	assert_null(invoices_load(f->job, NULL, &window, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	assert_int_equal(err.line, INVOICE_LOOSE_MAX + 2);
}

static void the_sites_own_words_and_formats(void **state)
{
	struct fixture *f = *state;
	struct text_pair kinds[] = {{"Shortfall", "commitment"}};

	f->job->bss.invoice_kinds = kinds;
	f->job->bss.invoice_kind_count = 1;
	f->job->bss.csv.decimal = DECIMAL_COMMA;
	f->job->bss.csv.thousands = THOUSANDS_POINT;
	struct invoices *v =
	    load(f, "I;2026-11-01;S-1;A;2026-10-01;2026-10-31;shortfall;GBD;1.234,50;;0,9213\n");
	assert_int_equal(v->items[0].sum[INVOICE_COMMITMENT], 123450);
	assert_string_equal(v->items[0].currency, "GBP");
	assert_string_equal(v->items[0].rate, "0.9213");
	invoices_free(v);
}

static void sums_that_cannot_be_held_are_an_error(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};

	put(f, "invoices.csv",
	    HEADER "I;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;9000000000000;;\n"
		   "I;2026-11-01;S-2;A;2026-10-01;2026-10-31;usage;EUR;9000000000000;;\n");
	f->job->bss.invoices = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(f, "invoices.csv")};
	assert_null(invoices_load(f->job, NULL, &window, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	assert_non_null(strstr(err.text, "more than can be held"));
}

static void many_lines_and_subscriptions(void **state)
{
	struct strbuf rows = {0};

	for (int i = 0; i < 20000; i++)
		strbuf_addf(&rows, "I-%d;2026-11-01;S-%d;A;2026-10-01;2026-10-31;usage;EUR;0.01;;\n",
		    i % 4000, i % 4000);
	struct invoices *v = load(*state, rows.p);
	strbuf_free(&rows);
	assert_int_equal(v->count, 4000);
	for (size_t i = 0; i < v->count; i++) {
		assert_int_equal(v->items[i].sum[INVOICE_USAGE], 5);
		assert_int_equal(v->items[i].place_count, 5);
		assert_ptr_equal(
		    invoices_find(v, strv_of(v->items[i].subscription_id), OCTOBER), &v->items[i]);
	}
	invoices_free(v);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(lines_are_added_up_by_month),
	    CASE(a_line_is_rounded_once),
	    CASE(what_a_shortfall_costs_is_a_setting),
	    CASE(unusable_lines_spoil_their_month),
	    CASE(months_that_were_not_asked_for_are_left_alone),
	    CASE(two_currencies_of_one_month_are_not_mixed),
	    CASE(an_invoice_in_two_files_is_not_billed_twice),
	    CASE(lines_without_a_subscription_are_kept),
	    CASE(the_sites_own_words_and_formats),
	    CASE(sums_that_cannot_be_held_are_an_error),
	    CASE(many_lines_and_subscriptions),
	};
	return cmocka_run_group_tests_name("invoices", tests, NULL, NULL);
}
