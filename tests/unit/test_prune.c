/* Which run folders stay: the newest, what was signed, what is needed, and the end of each month. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tenantry/prune.h"

#define DAY INT64_C(86400000)
enum { NIGHTS = 200 };

static int64_t at(int year, int month, int day)
{
	return date_to_ms((struct date){(int16_t)year, (int8_t)month, (int8_t)day});
}

/* A night a day from 2026-01-01, each with a whole snapshot, an hour after midnight. */
static void nights(struct prune_folder folders[NIGHTS])
{
	for (int i = 0; i < NIGHTS; i++)
		folders[i] = (struct prune_folder){.run_id = "",
		    .began = at(2026, 1, 1) + i * DAY + 3600000,
		    .snapshot_at = at(2026, 1, 1) + i * DAY + 3600000};
}

static struct prune_settings settings(void)
{
	return (struct prune_settings){
	    .now = at(2026, 1, 1) + (NIGHTS - 1) * DAY + 7200000, .keep_ms = 30 * DAY, .month_ends_ms = 0};
}

static size_t kept(const struct prune_folder *folders)
{
	size_t n = 0;

	for (size_t i = 0; i < NIGHTS; i++)
		n += folders[i].kept != NULL;
	return n;
}

static void test_month_ends_stay(void **state)
{
	struct prune_folder folders[NIGHTS];
	struct prune_settings s = settings();

	(void)state;
	nights(folders);
	prune_decide(folders, NIGHTS, &s);
	assert_non_null(folders[30].kept); /* January 31 */
	assert_null(folders[29].kept);
	assert_null(folders[31].kept);
	assert_non_null(folders[58].kept);       /* February 28 */
	assert_int_equal(kept(folders), 30 + 5); /* January to May; June's end is young */
	/* what is lost of a month's last night is not what the month ends with */
	folders[30].snapshot_at = 0;
	prune_decide(folders, NIGHTS, &s);
	assert_null(folders[30].kept);
	assert_non_null(folders[29].kept);
}

static void test_month_ends_have_their_time_too(void **state)
{
	struct prune_folder folders[NIGHTS];
	struct prune_settings s = settings();

	(void)state;
	nights(folders);
	s.month_ends_ms = 100 * DAY;
	prune_decide(folders, NIGHTS, &s);
	assert_null(folders[30].kept);
	assert_null(folders[58].kept);
	assert_non_null(folders[119].kept); /* April 30, 80 days ago */
}

/* In Tokyo the month is over nine hours sooner: the night of the first at 01:00 UTC is a day later there all
 * the same, but one at 16:00 UTC of the last day is the next month's. */
static void test_the_time_zone_says_when_a_month_ends(void **state)
{
	struct job job = {.timezone = {.minutes = 9 * 60}};
	struct prune_folder folders[3] = {
	    {.run_id = "", .began = at(2026, 1, 31), .snapshot_at = at(2026, 1, 31) + 3600000},
	    {.run_id = "", .began = at(2026, 1, 31), .snapshot_at = at(2026, 1, 31) + 16 * 3600000},
	    {.run_id = "", .began = at(2026, 7, 1)}};
	struct prune_settings s = settings();

	(void)state;
	prune_decide(folders, 3, &s);
	assert_null(folders[0].kept);
	assert_non_null(folders[1].kept);
	s.job = &job;
	prune_decide(folders, 3, &s);
	assert_non_null(folders[0].kept);
	assert_non_null(folders[1].kept); /* the only one of February there */
}

static void test_what_is_needed_stays(void **state)
{
	struct prune_folder folders[NIGHTS];
	struct prune_settings s = settings();

	(void)state;
	nights(folders);
	folders[3].is_signed = true;
	folders[4].has_open_items = true;
	folders[5].next_base = true;
	folders[6].at_work = true;
	prune_decide(folders, NIGHTS, &s);
	for (int i = 3; i <= 6; i++)
		assert_non_null(folders[i].kept);
	assert_int_equal(kept(folders), 30 + 5 + 4);
}

static void test_the_newest_stays_and_zero_is_never(void **state)
{
	struct prune_folder one = {.run_id = "", .began = at(2020, 1, 1)}, folders[NIGHTS];
	struct prune_settings s = settings();

	(void)state;
	prune_decide(&one, 1, &s);
	assert_string_equal(one.kept, "the newest");
	nights(folders);
	s.keep_ms = 0;
	prune_decide(folders, NIGHTS, &s);
	assert_int_equal(kept(folders), NIGHTS);
}

static void test_the_newest_invoices_of_a_month_stay(void **state)
{
	struct prune_folder folders[NIGHTS];
	struct prune_settings s = settings();

	(void)state;
	nights(folders);
	folders[35].invoices_at = folders[35].snapshot_at; /* of January, on February 5 */
	prune_decide(folders, NIGHTS, &s);
	assert_non_null(folders[35].kept);
	assert_string_equal(folders[35].kept, "the newest invoices of a month");
	assert_null(folders[34].kept);
	s.month_ends_ms = 100 * DAY;
	prune_decide(folders, NIGHTS, &s);
	assert_null(folders[35].kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_newest_invoices_of_a_month_stay),
	    cmocka_unit_test(test_month_ends_stay), cmocka_unit_test(test_month_ends_have_their_time_too),
	    cmocka_unit_test(test_the_time_zone_says_when_a_month_ends),
	    cmocka_unit_test(test_what_is_needed_stays),
	    cmocka_unit_test(test_the_newest_stays_and_zero_is_never)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
