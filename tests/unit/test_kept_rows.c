/* Invoices and rates that a night kept say what they said that night: sums, refused lines with their places,
 * amounts as the export wrote them; also when the export and the job file are others by then. */
#include "intake_fixture.h"

#include "tenantry/invoice.h"
#include "tenantry/rates.h"

#define OCTOBER (2026 * 12 + 9)
#define HEADER                                                                                               \
	"Betrag;Invoice Id;Invoice Date;Subscription Id;Account Id;Period Start;Period End;Kind;Currency;Cost Amount;Rate\n"

static const struct invoice_window window = {OCTOBER, OCTOBER, {2026, 11, 20}};

static void write_exports(struct fixture *f)
{
	static struct text_pair betrag = {"Betrag", "Amount"};

	f->job->bss.csv.columns = &betrag;
	f->job->bss.csv.column_count = 1;
	f->job->bss.csv.decimal = DECIMAL_COMMA;
	f->job->bss.csv.thousands = THOUSANDS_POINT;
	put(f, "a.csv",
	    HEADER
	    "1.234,50;I-1;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;900,00;0,9\n"
	    "10;\"I \"\"2\"\", x\";2026-11-02;\" S,2\n3 \";B;2026-10-01;2026-11-01;Commitment;eur;;1,25\n"
	    "1e3;I-3;2026-11-01;S-3;C;2026-10-01;2026-10-31;usage;EUR;;\n"
	    "7;I-0;2026-10-01;S-1;A;2026-09-01;2026-09-30;usage;EUR;;\n"
	    "8;I-4;2026-11-01;S-4;D;2026-10-01;nie;usage;EUR;;\n"
	    "9;too few\n"
	    "9;\"I-5;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;;\n"
	    "11;I-6;2026-11-01;;E;2026-10-01;2026-10-31;usage;EUR;;\n");
	put(f, "b.csv",
	    HEADER "5;I-1;2026-11-01;S-1;A;2026-10-01;2026-10-31;usage;EUR;;\n"
		   "-2,5;I-7;2026-11-01;S-5;A;2026-10-01;2026-10-31;credit;JPY;;\n");
	put(f, "rates.csv",
	    "From;To;Rate;Valid From;Valid To\nEUR;GBP;0,87828;2026-11-01;2026-11-30\n"
	    "EUR;GBP;null;2026-11-01;\nGBD;EUR;1.130,2;2026-11-01;\n\"EUR;JPY;1;2026-11-01;\n");
	f->job->bss.invoices = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(f, "[ab].csv")};
	f->job->bss.rates = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(f, "rates.csv")};
}

/* As another export is read later. */
static void change_all(struct fixture *f)
{
	put(f, "a.csv", "");
	put(f, "b.csv", "");
	put(f, "rates.csv", "");
	f->job->bss.csv.column_count = 0;
	f->job->bss.csv.decimal = DECIMAL_POINT;
	f->job->bss.csv.thousands = THOUSANDS_NONE;
	f->job->bss.csv.delimiter = '\t';
	f->job->bss.csv.encoding = ENCODING_UTF16;
}

static void same_text(const char *a, const char *b)
{
	assert_true((a == NULL) == (b == NULL));
	if (a)
		assert_string_equal(a, b);
}

static void same_rows(
    const struct quarantined_row *a, size_t a_count, const struct quarantined_row *b, size_t b_count)
{
	assert_int_equal(a_count, b_count);
	for (size_t i = 0; i < a_count; i++) {
		same_text(a[i].source, b[i].source);
		same_text(a[i].reason, b[i].reason);
		same_text(a[i].account_id, b[i].account_id);
		assert_int_equal(a[i].line, b[i].line);
	}
}

static void same_month(const struct invoices *x, const struct invoices *y, size_t i)
{
	const struct invoice_month *a = &x->items[i], *b = &y->items[i];
	struct strbuf a_places = {0}, b_places = {0};

	same_text(a->subscription_id, b->subscription_id);
	same_text(a->account_id, b->account_id);
	same_text(a->currency, b->currency);
	same_text(a->rate, b->rate);
	same_text(a->gap, b->gap);
	assert_int_equal(a->month, b->month);
	assert_int_equal(a->exact, b->exact);
	assert_int_equal(a->cost, b->cost);
	assert_int_equal(a->cost_lines, b->cost_lines);
	assert_int_equal(a->cost_expected, b->cost_expected);
	assert_int_equal(a->bad_lines, b->bad_lines);
	assert_int_equal(date_compare(a->date, b->date), 0);
	assert_memory_equal(a->sum, b->sum, sizeof a->sum);
	assert_memory_equal(a->lines, b->lines, sizeof a->lines);
	invoice_places(x, a, &a_places);
	invoice_places(y, b, &b_places);
	same_text(a_places.p, b_places.p);
	strbuf_free(&a_places);
	strbuf_free(&b_places);
}

static void invoices_come_back(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};
	char *path = mem_strdup(in_folder(f, "invoices.csv.zst"));
	struct source_side written = {.keep = path}, read = {.kept = path};

	write_exports(f);
	struct invoices *was = invoices_load_side(f->job, &written, &window, &err);
	assert_non_null(was);
	change_all(f);
	struct invoices *is = invoices_load_side(f->job, &read, &window, &err);
	assert_non_null(is);
	assert_string_equal(written.digest, read.digest);
	assert_int_equal(written.rows, read.rows);
	/* all but the line of September */
	assert_int_equal(is->rows_read, was->rows_read - 1);
	assert_int_equal(is->unreadable, was->unreadable);
	assert_true(was->unreadable > 0 && was->loose_count > 0);
	assert_int_equal(is->count, was->count);
	for (size_t i = 0; i < was->count; i++)
		same_month(was, is, i);
	same_rows(was->loose, was->loose_count, is->loose, is->loose_count);
	assert_int_equal(is->total_count, was->total_count);
	for (size_t i = 0; i < was->total_count; i++) {
		same_text(was->totals[i].currency, is->totals[i].currency);
		assert_int_equal(was->totals[i].in_months, is->totals[i].in_months);
		assert_int_equal(was->totals[i].unusable, is->totals[i].unusable);
		assert_int_equal(is->totals[i].other_months, 0);
	}
	invoices_free(was);
	invoices_free(is);
	free(path);
}

static void rates_come_back(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};
	char *path = mem_strdup(in_folder(f, "rates.csv.zst"));
	struct source_side written = {.keep = path}, read = {.kept = path};

	write_exports(f);
	struct rates *was = rates_load_side(f->job, &written, &err);
	assert_non_null(was);
	change_all(f);
	struct rates *is = rates_load_side(f->job, &read, &err);
	assert_non_null(is);
	assert_string_equal(written.digest, read.digest);
	assert_int_equal(was->count, 2);
	assert_int_equal(is->count, was->count);
	for (size_t i = 0; i < was->count; i++) {
		const struct rate *a = &was->items[i], *b = &is->items[i];
		same_text(a->from, b->from);
		same_text(a->to, b->to);
		same_text(a->text, b->text);
		same_text(a->source, b->source);
		assert_int_equal(a->line, b->line);
		assert_int_equal(rational_compare(a->value, b->value), 0);
		assert_int_equal(date_compare(a->valid_from, b->valid_from), 0);
		assert_int_equal(date_compare(a->valid_to, b->valid_to), 0);
	}
	assert_int_equal(was->quarantined_count, 2);
	same_rows(was->quarantined, was->quarantined_count, is->quarantined, is->quarantined_count);
	rates_free(was);
	rates_free(is);
	free(path);
}

static void what_is_broken_is_refused(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};
	char *path = mem_strdup(in_folder(f, "invoices.csv.zst"));
	struct source_side written = {.keep = path}, read = {.kept = path};

	write_exports(f);
	struct invoices *was = invoices_load_side(f->job, &written, &window, &err);
	invoices_free(was);
	/* of rates it is no file */
	assert_null(rates_load_side(f->job, &read, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	err = (struct error){0};
	assert_int_equal(truncate(path, 60), 0);
	assert_null(invoices_load_side(f->job, &read, &window, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	/* a source that cannot be read leaves nothing behind */
	assert_int_equal(unlink(path), 0);
	put(f, "b.csv", "no,such,columns\n");
	err = (struct error){0};
	assert_null(invoices_load_side(f->job, &written, &window, &err));
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(invoices_come_back, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(rates_come_back, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_is_broken_is_refused, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("kept rows", tests, NULL, NULL);
}
