/* Exact fractions: parsing, arithmetic, rounding once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tenantry/mem.h"
#include "tenantry/month.h"
#include "tenantry/rational.h"

static int64_t rounded(const char *text, int decimals, enum rounding rounding)
{
	struct rational *r = rational_new();
	int64_t out = 0;

	assert_true(rational_parse(r, strv_of(text)));
	assert_true(rational_round(r, decimals, rounding, &out));
	rational_free(r);
	return out;
}

static void rounds_once_by_the_rule(void **state)
{
	static const struct {
		const char *text;
		int64_t up, even, down;
	} cases[] = {
	    {"230.325", 23033, 23032, 23032},
	    {"230.335", 23034, 23034, 23033},
	    {"230.3250000000000000000000000001", 23033, 23033, 23032},
	    {"230.3249999999999999999999999999", 23032, 23032, 23032},
	    {"-230.325", -23033, -23032, -23032},
	    {"-230.335", -23034, -23034, -23033},
	    {"0.005", 1, 0, 0},
	    {"-0.005", -1, 0, 0},
	    {"0", 0, 0, 0},
	    {"12", 1200, 1200, 1200},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(rounded(cases[i].text, 2, ROUNDING_HALF_UP), cases[i].up);
		assert_int_equal(rounded(cases[i].text, 2, ROUNDING_HALF_EVEN), cases[i].even);
		assert_int_equal(rounded(cases[i].text, 2, ROUNDING_DOWN), cases[i].down);
	}
	assert_int_equal(rounded("37342.5", 0, ROUNDING_HALF_UP), 37343);
	assert_int_equal(rounded("37342.5", 0, ROUNDING_HALF_EVEN), 37342);
}

static void refuses_what_is_no_plain_decimal(void **state)
{
	static const char *const bad[] = {"", "-", ".", "1.", ".5", "+1", "1e3", "1E3", "1,5", "1 000", " 1",
	    "1 ", "--1", "1-", "1.2.3", "0x10", "NaN", "\xd9\xa1",
	    "12345678901234567890123456789012345678901"};
	struct rational *r = rational_new(), *before = rational_new();

	(void)state;
	rational_set(r, 7, 3);
	rational_copy(before, r);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (rational_parse(r, strv_of(bad[i])))
			fail_msg("\"%s\" was read", bad[i]);
		assert_int_equal(rational_compare(r, before), 0);
	}
	assert_true(rational_parse(r, STRV("-0.9213")));
	assert_int_equal(rational_sign(r), -1);
	rational_free(r);
	rational_free(before);
}

static void is_exact_where_binary_is_not(void **state)
{
	struct rational *sum = rational_new(), *tenth = rational_new(), *third = rational_new();

	(void)state;
	rational_parse(tenth, STRV("0.1"));
	for (int i = 0; i < 10; i++)
		rational_add(sum, tenth);
	rational_set(third, 1, 1);
	assert_int_equal(rational_compare(sum, third), 0);
	rational_set(third, 1, 3);
	rational_set(sum, 3, 1);
	rational_multiply(sum, third);
	rational_subtract(sum, third);
	rational_subtract(sum, third);
	assert_int_equal(rational_compare(sum, third), 0);
	rational_free(sum);
	rational_free(tenth);
	rational_free(third);
}

static void says_when_it_does_not_fit(void **state)
{
	struct rational *r = rational_new();
	int64_t out = 42;

	(void)state;
	assert_true(rational_parse(r, STRV("92233720368547758.07")));
	assert_true(rational_round(r, 2, ROUNDING_HALF_UP, &out));
	assert_true(out == INT64_MAX);
	assert_true(rational_parse(r, STRV("-92233720368547758.08")));
	assert_true(rational_round(r, 2, ROUNDING_HALF_UP, &out));
	assert_true(out == INT64_MIN);
	assert_true(rational_parse(r, STRV("92233720368547758.075")));
	assert_false(rational_round(r, 2, ROUNDING_HALF_UP, &out));
	assert_true(rational_round(r, 2, ROUNDING_DOWN, &out));
	rational_free(r);
}

static void becomes_money_of_its_currency(void **state)
{
	struct rational *r = rational_new(), *rate = rational_new();
	struct money money = {25000, "USD"}, out;

	(void)state;
	rational_set_money(r, money);
	rational_parse(rate, STRV("149.37"));
	rational_multiply(r, rate);
	assert_true(rational_money(r, "JPY", ROUNDING_HALF_UP, &out));
	assert_int_equal(out.minor, 37343);
	assert_string_equal(out.currency, "JPY");
	rational_set_money(r, out);
	assert_true(rational_money(r, "JPY", ROUNDING_DOWN, &out));
	assert_int_equal(out.minor, 37343);
	rational_free(r);
	rational_free(rate);
}

static void months_are_counted(void **state)
{
	char text[MONTH_TEXT_SIZE];
	int month;

	(void)state;
	assert_true(month_parse(STRV("2026-12"), &month));
	assert_int_equal(month, month_of((struct date){2026, 12, 31}));
	assert_string_equal(month_text(month + 1, text), "2027-01");
	assert_string_equal(month_name(month - 2, text), "October 2026");
	assert_int_equal(month_last(month).day, 31);
	assert_int_equal(month_days(month_of((struct date){2028, 2, 1})), 29);
	assert_int_equal(month_days(month_of((struct date){2026, 2, 1})), 28);
	assert_false(month_parse(STRV("2026-13"), &month));
	assert_false(month_parse(STRV("2026-1"), &month));
	assert_false(month_parse(STRV("2026-101"), &month));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rounds_once_by_the_rule),
	    cmocka_unit_test(refuses_what_is_no_plain_decimal),
	    cmocka_unit_test(is_exact_where_binary_is_not),
	    cmocka_unit_test(says_when_it_does_not_fit),
	    cmocka_unit_test(becomes_money_of_its_currency),
	    cmocka_unit_test(months_are_counted),
	};
	return cmocka_run_group_tests_name("rational", tests, NULL, NULL);
}
