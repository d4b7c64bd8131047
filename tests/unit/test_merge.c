/* An observation and the list of changes since: what comes, goes, moves and comes back; and how old values
 * get. */
#include "reconcile_fixture.h"

struct sides {
	struct night *n; /* its observation is the base */
	struct observation *changes, *merged;
};

static int setup(void **state)
{
	struct sides *s = mem_zalloc(sizeof *s);

	s->n = night_new();
	s->n->observation->taken_at = 1000;
	s->n->observation->full_at = 500;
	s->changes = observation_new();
	s->changes->complete = true;
	s->changes->parent = PARENT;
	s->changes->taken_at = 2000;
	snprintf(s->changes->api_timestamp, sizeof s->changes->api_timestamp, "2026-11-22T00:00:00");
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct sides *s = *state;

	observation_free(s->merged);
	observation_free(s->changes);
	night_free(s->n);
	free(s);
	return 0;
}

/* A tenant as the list of changes shows it: without details. */
static struct observed_tenant *change(
    struct sides *s, int number, const char *customer_id, const char *parent)
{
	struct observed_tenant *t = observation_add(s->changes);

	t->id = tenant_id(s->n, number);
	t->parent_id = parent;
	t->customer_id = arena_strdup(s->n->arena, customer_id);
	t->name = arena_printf(s->n->arena, "Company %s", customer_id);
	t->kind = "partner";
	t->enabled = true;
	return t;
}

static const struct observation *merge(struct sides *s)
{
	observation_free(s->merged);
	s->merged = observation_merge(&(struct merge_input){.base = s->n->observation,
	    .changes = s->changes,
	    .known = s->n->known,
	    .known_count = s->n->known_count,
	    .subscriptions = &s->n->subscriptions});
	return s->merged;
}

static const struct observed_tenant *of(const struct sides *s, int number)
{
	for (size_t i = 0; i < s->merged->count; i++)
		if (strcmp(s->merged->items[i].id, tenant_id(s->n, number)) == 0)
			return &s->merged->items[i];
	return NULL;
}

static void test_no_change_is_the_base(void **state)
{
	struct sides *s = *state;

	acronis(s->n, 2, "2", 1)->details_at = 700;
	acronis(s->n, 1, "1", 0);
	merge(s);
	assert_int_equal(s->merged->count, 2);
	assert_string_equal(s->merged->items[0].id, tenant_id(s->n, 1));
	assert_int_equal(of(s, 2)->tier_value, 1);
	assert_true(of(s, 2)->tier_read && of(s, 2)->pricing_read && of(s, 2)->licensing_read);
	assert_int_equal(of(s, 2)->details_at, 700);
	assert_int_equal(s->merged->taken_at, 2000);
	assert_int_equal(s->merged->full_at, 500);
	assert_string_equal(s->merged->api_timestamp, "2026-11-22T00:00:00");
	assert_true(s->merged->complete);
}

/* Nothing points into what it was made of. */
static void test_outlives_its_inputs(void **state)
{
	struct sides *s = *state;

	acronis(s->n, 1, "1", 0);
	change(s, 2, "2", PARENT);
	merge(s);
	observation_free(s->n->observation);
	observation_free(s->changes);
	s->n->observation = observation_new();
	s->changes = observation_new();
	assert_string_equal(of(s, 1)->customer_id, "1");
	assert_string_equal(of(s, 2)->customer_id, "2");
	assert_string_equal(of(s, 1)->currency, "USD");
}

static void test_new_and_renamed(void **state)
{
	struct sides *s = *state;

	acronis(s->n, 1, "1", 3)->details_at = 700;
	change(s, 1, "1", PARENT)->name = "Renamed Ltd";
	change(s, 5, "5", PARENT);
	merge(s);
	assert_int_equal(s->merged->count, 2);
	assert_string_equal(of(s, 1)->name, "Renamed Ltd");
	assert_int_equal(of(s, 1)->tier_value, 3);
	assert_int_equal(of(s, 1)->details_at, 700);
	assert_false(of(s, 5)->tier_read || of(s, 5)->pricing_read || of(s, 5)->licensing_read);
	assert_int_equal(of(s, 5)->details_at, 0);
	assert_int_equal(s->merged->changed, 2);
}

/* A full read lists no deleted ones: they are there only when somebody knows them. */
static void test_deleted_and_restored(void **state)
{
	struct sides *s = *state;

	for (int i = 1; i <= 3; i++)
		acronis(s->n, i, "x", 0);
	remember(s->n, "1", 1, NULL);
	bss(s->n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(s->n, 2);
	for (int i = 1; i <= 3; i++)
		change(s, i, "x", PARENT)->deleted_at = "2026-11-20T00:00:00";
	merge(s);
	assert_int_equal(s->merged->count, 2);
	assert_string_equal(of(s, 1)->deleted_at, "2026-11-20T00:00:00");
	assert_non_null(of(s, 2));
	assert_null(of(s, 3));
	/* the next night: the third comes back, and the first */
	observation_free(s->n->observation);
	s->n->observation = s->merged;
	s->merged = NULL;
	s->changes->count = 0;
	change(s, 1, "x", PARENT);
	change(s, 3, "x", PARENT);
	merge(s);
	assert_int_equal(s->merged->count, 3);
	assert_string_equal(of(s, 1)->deleted_at, "");
	assert_false(of(s, 3)->tier_read);
}

static void test_moved_out_and_in(void **state)
{
	static const char elsewhere[] = "00000000-0000-4000-8000-0000000000aa";
	struct sides *s = *state;

	for (int i = 1; i <= 3; i++)
		acronis(s->n, i, "x", 0);
	remember(s->n, "1", 1, NULL);
	change(s, 1, "x", elsewhere);
	change(s, 2, "x", tenant_id(s->n, 3));
	merge(s);
	assert_int_equal(s->merged->count, 2);
	assert_string_equal(of(s, 1)->parent_id, elsewhere); /* somebody knows it */
	assert_null(of(s, 2));                               /* the other partner's now */
	change(s, 4, "4", PARENT);
	change(s, 5, "5", elsewhere);
	merge(s);
	assert_non_null(of(s, 4));
	assert_null(of(s, 5));
}

/* A folder is no owner: what stands in it goes with it. */
static void test_folders_move_with_what_stands_in_them(void **state)
{
	struct sides *s = *state;

	acronis(s->n, 9, "", 0)->kind = "folder";
	acronis(s->n, 1, "1", 0)->parent_id = tenant_id(s->n, 9);
	acronis(s->n, 2, "2", 0);
	struct observed_tenant *customer = change(s, 7, "7", tenant_id(s->n, 9));
	customer->kind = "customer"; /* whose it is only the chain says: a full read leaves it out */
	merge(s);
	assert_non_null(of(s, 1));
	assert_null(of(s, 7));
	s->changes->count = 0;
	change(s, 9, "", tenant_id(s->n, 2))->kind = "folder";
	merge(s);
	assert_null(of(s, 9));
	assert_null(of(s, 1));
	assert_non_null(of(s, 2));
}

static void test_a_cut_list_stays_cut(void **state)
{
	struct sides *s = *state;

	acronis(s->n, 1, "1", 0);
	s->changes->complete = false;
	s->changes->trouble = "the line went dead";
	merge(s);
	assert_false(s->merged->complete);
	assert_string_equal(s->merged->trouble, "the line went dead");
}

/* Logins are decided on anew each night. */
static void test_logins_are_not_kept(void **state)
{
	struct sides *s = *state;
	struct observed_tenant *t = acronis(s->n, 1, "1", 0);

	t->login = "a@example.com";
	t->login_read = true;
	merge(s);
	assert_false(of(s, 1)->login_read);
	assert_string_equal(of(s, 1)->login, "");
}

/* ---- Ages. */

#define DAY_MS (24 * HOUR_MS)

/* Whatever the nights' hours, no value that is kept is as old as the period. */
static void test_each_is_read_within_the_period(void **state)
{
	struct sides *s = *state;
	const int64_t start = s->n->now, every = 7 * DAY_MS;
	size_t reads = 0;

	for (int i = 0; i < 500; i++) {
		int64_t read_at = start;
		for (int64_t night = 1, now = start; night <= 60; night++) {
			now += DAY_MS + (night * 7919 % 120 - 60) * 60000;
			if (night % 11 == 0)
				now += 2 * DAY_MS;
			if (details_due(tenant_id(s->n, i), read_at, now, every)) {
				read_at = now;
				reads++;
			}
			assert_true(now - read_at < every);
		}
	}
	/* 70 days of 500: a little over ten times each, not each night */
	assert_in_range(reads, 500 * 9, 500 * 12);
}

static void test_the_share_is_spread(void **state)
{
	struct sides *s = *state;
	size_t due = 0;

	for (int i = 0; i < 7000; i++)
		due += details_due(tenant_id(s->n, i), s->n->now, s->n->now + DAY_MS, 7 * DAY_MS);
	assert_in_range(due, 800, 1200);
	due = 0;
	for (int i = 0; i < 7000; i++)
		due += details_due(tenant_id(s->n, i), s->n->now, s->n->now + 10 * 60000, 7 * DAY_MS);
	assert_in_range(due, 0, 25);
}

static void test_what_has_no_time_is_due(void **state)
{
	(void)state;
	assert_true(details_due("x", 0, 1000, 7 * DAY_MS));
	assert_true(
	    details_due("x", 2000, 1000, 7 * DAY_MS)); /* read later than now: the clock was set back */
	assert_true(details_due("x", 900, 1000, 0));
	assert_false(details_due("x", 1000, 1000, 7 * DAY_MS));
}

static void test_ages_close(void **state)
{
	struct sides *s = *state;
	struct observation *o = s->n->observation;
	const int64_t hours[] = {0, 5, 24, 25, 72, 73, 168, 169};

	o->taken_at = s->n->now;
	for (size_t i = 0; i < ARRAY_LEN(hours); i++)
		acronis(s->n, (int)i + 1, "x", 0)->details_at = s->n->now - hours[i] * HOUR_MS;
	acronis(s->n, 20, "x", 0)->details_at = 0;
	acronis(s->n, 21, "x", 0)->tier_read = false;
	acronis(s->n, 22, "x", 0)->kind = "customer";
	acronis(s->n, 23, "x", 0)->deleted_at = "2026-11-01T00:00:00";
	struct detail_ages ages = observation_ages(o);
	assert_int_equal(ages.tonight, 1);
	assert_int_equal(ages.day, 2);
	assert_int_equal(ages.three_days, 2);
	assert_int_equal(ages.week, 2);
	assert_int_equal(ages.older, 1);
	assert_int_equal(ages.unknown, 1);
	assert_int_equal(ages.unread, 1);
	assert_int_equal(ages.oldest_at, s->n->now - 169 * HOUR_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_no_change_is_the_base), TEST(test_outlives_its_inputs),
	    TEST(test_new_and_renamed), TEST(test_deleted_and_restored), TEST(test_moved_out_and_in),
	    TEST(test_folders_move_with_what_stands_in_them), TEST(test_a_cut_list_stays_cut),
	    TEST(test_logins_are_not_kept), TEST(test_each_is_read_within_the_period),
	    TEST(test_the_share_is_spread), TEST(test_what_has_no_time_is_due), TEST(test_ages_close)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
