/* Exchange rates: direction, validity, what is no rate, and how amounts are written. */
#include "intake_fixture.h"

#include "bss/amount.h"
#include "tenantry/rates.h"

static struct rates *load(struct fixture *f, const char *rows)
{
	struct error err = {0};
	char *text = mem_printf("From;To;Rate;Valid From;Valid To\n%s", rows);

	put(f, "rates.csv", text);
	free(text);
	f->job->bss.rates = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(f, "rates.csv")};
	struct rates *rates = rates_load(f->job, NULL, &err);
	if (!rates)
		error_print(&err, stderr, true);
	assert_non_null(rates);
	return rates;
}

static const char *rate_of(const struct rates *rates, const char *from, const char *to, struct date day)
{
	const struct rate *rate;

	switch (rates_find(rates, from, to, day, &rate)) {
	case RATE_FOUND:
		return rate->text;
	case RATE_MISSING:
		return "missing";
	case RATE_AMBIGUOUS:
		break;
	}
	return "ambiguous";
}

static void each_direction_is_its_own(void **state)
{
	struct rates *rates = load(*state, "EUR;GBP;0.87828;2026-11-01;\ngbd;eur;1.1302;2026-11-01;\n");
	struct date day = {2026, 11, 1};

	assert_int_equal(rates->count, 2);
	assert_string_equal(rate_of(rates, "EUR", "GBP", day), "0.87828");
	assert_string_equal(rate_of(rates, "GBP", "EUR", day), "1.1302");
	assert_string_equal(rate_of(rates, "EUR", "USD", day), "missing");
	assert_string_equal(rate_of(NULL, "EUR", "GBP", day), "missing");
	rates_free(rates);
}

static void the_day_decides(void **state)
{
	struct rates *rates = load(*state, "USD;EUR;0.91;2026-10-01;2026-10-31\n"
					   "USD;EUR;0.93;2026-12-01;\n"
					   "USD;EUR;0.95;2026-12-10T00:00:00+01:00;\n");

	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 9, 30}), "missing");
	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 10, 1}), "0.91");
	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 10, 31}), "0.91");
	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 11, 1}), "missing");
	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 12, 9}), "0.93");
	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 12, 10}), "0.95");
	rates_free(rates);
}

static void what_overlaps_is_not_chosen_from(void **state)
{
	struct rates *rates =
	    load(*state, "USD;EUR;0.91;2026-10-01;2026-11-15\n"
			 "USD;EUR;0.93;2026-11-01;\n"
			 "USD;GBP;0.7;2026-10-01;2026-11-01\n" /* its end is the next one's begin */
			 "USD;GBP;0.8;2026-11-01;\n"
			 "USD;JPY;150;2026-11-01;\n"
			 "USD;JPY;150.0;2026-11-01;\n"
			 "USD;CAD;1.3;2026-11-01;\n"
			 "USD;CAD;1.4;2026-11-01;\n");

	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 10, 20}), "0.91");
	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 11, 1}), "ambiguous");
	assert_string_equal(rate_of(rates, "USD", "EUR", (struct date){2026, 11, 16}), "0.93");
	assert_string_equal(rate_of(rates, "USD", "GBP", (struct date){2026, 11, 1}), "0.8");
	assert_string_equal(rate_of(rates, "USD", "JPY", (struct date){2026, 11, 2}), "150.0");
	assert_string_equal(rate_of(rates, "USD", "CAD", (struct date){2026, 11, 2}), "ambiguous");
	rates_free(rates);
}

static void unusable_rows_are_kept_with_their_place(void **state)
{
	static const struct {
		const char *row, *reason;
	} cases[] = {
	    {"US;EUR;1;2026-11-01;", "From is \"US\""},
	    {"USD;EURO;1;2026-11-01;", "To is \"EURO\""},
	    {"USD;USD;1;2026-11-01;", "converts from"},
	    {"USD;EUR;;2026-11-01;", "Rate is empty"},
	    {"USD;EUR;0;2026-11-01;", "above 0"},
	    {"USD;EUR;-1;2026-11-01;", "above 0"},
	    {"USD;EUR;9e-1;2026-11-01;", "exponents"},
	    {"USD;EUR;0,92;2026-11-01;", "bss.csv.decimal: comma"},
	    {"USD;EUR;1;01.11.2026;", "Valid From is \"01.11.2026\""},
	    {"USD;EUR;1;2026-11-01;2026-02-30", "Valid To is \"2026-02-30\""},
	    {"USD;EUR;1;2026-11-01;2026-10-31", "lies before Valid From"},
	    {"USD;EUR", "fields"},
	};
	struct strbuf rows = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		strbuf_addf(&rows, "%s\n", cases[i].row);
	struct rates *rates = load(*state, rows.p);
	strbuf_free(&rows);
	assert_int_equal(rates->count, 0);
	assert_int_equal(rates->quarantined_count, ARRAY_LEN(cases));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (!strstr(rates->quarantined[i].reason, cases[i].reason))
			fail_msg("%s: %s", cases[i].row, rates->quarantined[i].reason);
		assert_int_equal(rates->quarantined[i].line, i + 2);
		assert_string_equal(rates->quarantined[i].source, "rates.csv");
	}
	rates_free(rates);
}

static void a_missing_file_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};

	f->job->bss.rates = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(f, "none.csv")};
	assert_null(rates_load(f->job, NULL, &err));
	assert_int_equal(err.code, ERR_SOURCE);
}

/* ---- Amounts. */

static void amounts_are_read_as_stated_only(void **state)
{
	static const struct {
		enum decimal_mark decimal;
		enum thousands_mark thousands;
		const char *text;
		int64_t millionths;
		const char *why;
	} cases[] = {
	    {DECIMAL_POINT, THOUSANDS_NONE, "1234.56", 1234560000, NULL},
	    {DECIMAL_POINT, THOUSANDS_NONE, "-0.000001", -1, NULL},
	    {DECIMAL_POINT, THOUSANDS_NONE, "312.456", 312456000, NULL},
	    {DECIMAL_POINT, THOUSANDS_NONE, "0007", 7000000, NULL},
	    {DECIMAL_POINT, THOUSANDS_NONE, "1.00000000000", 1000000, NULL},
	    {DECIMAL_POINT, THOUSANDS_NONE, "1,234.56", 0, "comma"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "1234,56", 0, "bss.csv.decimal: comma"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "1e3", 0, "exponents"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "1 234", 0, "bss.csv.thousands"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "$12", 0, "plain decimal"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "(12)", 0, "plain decimal"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "12.", 0, "plain decimal"},
	    {DECIMAL_POINT, THOUSANDS_NONE, ".5", 0, "plain decimal"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "-", 0, "plain decimal"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "+1", 0, "plain decimal"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "0.0000001", 0, "six decimals"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "9223372036854.775807", INT64_MAX, NULL},
	    {DECIMAL_POINT, THOUSANDS_NONE, "9223372036854.775808", 0, "larger"},
	    {DECIMAL_POINT, THOUSANDS_NONE, "99999999999999999999999999999999999999999999999999", 0,
		"too many digits"},
	    {DECIMAL_COMMA, THOUSANDS_NONE, "1234,56", 1234560000, NULL},
	    {DECIMAL_COMMA, THOUSANDS_NONE, "1234.56", 0, "bss.csv.thousands: point"},
	    {DECIMAL_COMMA, THOUSANDS_POINT, "1.234.567,8", 1234567800000, NULL},
	    {DECIMAL_COMMA, THOUSANDS_POINT, "1234,8", 1234800000, NULL},
	    {DECIMAL_COMMA, THOUSANDS_POINT, "12.34,8", 0, "not of three"},
	    {DECIMAL_COMMA, THOUSANDS_POINT, "1234.567", 0, "not of three"},
	    {DECIMAL_POINT, THOUSANDS_COMMA, "1,234.56", 1234560000, NULL},
	    {DECIMAL_POINT, THOUSANDS_COMMA, "1,23", 0, "not of three"},
	    {DECIMAL_POINT, THOUSANDS_SPACE,
		"1 234\xc2\xa0"
		"567.5",
		1234567500000, NULL},
	    {DECIMAL_COMMA, THOUSANDS_SPACE,
		"1\xe2\x80\xaf"
		"234,5",
		1234500000, NULL},
	    {DECIMAL_POINT, THOUSANDS_APOSTROPHE, "1'234.5", 1234500000, NULL},
	    {DECIMAL_POINT, THOUSANDS_APOSTROPHE,
		"-1\xe2\x80\x99"
		"234.5",
		-1234500000, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct amount_format format = {cases[i].decimal, cases[i].thousands};
		const char *why = NULL;
		int64_t value = 0;
		bool read = amount_parse(format, strv_of(cases[i].text), &value, &why);
		if (read != !cases[i].why)
			fail_msg(
			    "\"%s\" is %s: %s", cases[i].text, read ? "read" : "refused", why ? why : "");
		if (read)
			assert_true(value == cases[i].millionths);
		else if (!strstr(why, cases[i].why))
			fail_msg("\"%s\": %s", cases[i].text, why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_direction_is_its_own, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(the_day_decides, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_overlaps_is_not_chosen_from, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(unusable_rows_are_kept_with_their_place, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_missing_file_is_an_error, set_up, tear_down),
	    cmocka_unit_test(amounts_are_read_as_stated_only),
	};
	return cmocka_run_group_tests_name("rates", tests, NULL, NULL);
}
