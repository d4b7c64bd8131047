/* The parts that keep the intake's memory bounded: what may repeat, and the map that moves to disk. */
#include "intake_fixture.h"

#include "bss/repeat_finder.h"
#include "bss/spill_map.h"

static uint64_t hash_of(uint64_t i)
{
	return digest64((struct strv){(const char *)&i, sizeof i});
}

/* Each of 1.5 million values once, some of them again far away: more than is kept in memory. */
static void finds_all_repeats(void **state)
{
	enum { VALUES = 1500000, EVERY = 10007 };
	struct repeat_finder *finder = repeat_finder_new(VALUES * UINT64_C(150));
	struct error err = {0};
	size_t false_alarms = 0;

	(void)state;
	for (uint64_t i = 0; i < VALUES; i++)
		repeat_finder_add(finder, REPEAT_ITEM, hash_of(i), (uint32_t)(i / 20));
	for (uint64_t i = 0; i < VALUES; i += EVERY)
		repeat_finder_add(finder, REPEAT_ITEM, hash_of(i), REPEAT_BLOCKS - 1);
	repeat_finder_add(finder, REPEAT_ACCOUNT, hash_of(1), 0);
	repeat_finder_add(finder, REPEAT_ACCOUNT, hash_of(2), 1);
	repeat_finder_add(finder, REPEAT_ACCOUNT, hash_of(2), 2);
	assert_int_equal(repeat_finder_finish(finder, &err), 0);
	assert_int_equal(repeat_finder_count(finder, REPEAT_ITEM), (VALUES + EVERY - 1) / EVERY);
	assert_int_equal(repeat_finder_count(finder, REPEAT_ACCOUNT), 1);
	assert_int_equal(repeat_finder_count(finder, REPEAT_LOGIN), 0);
	for (uint64_t i = 0; i < VALUES; i++) {
		bool maybe = repeat_finder_maybe(finder, REPEAT_ITEM, hash_of(i));
		if (i % EVERY == 0) {
			assert_true(maybe);
			assert_true(repeat_finder_block(finder, (uint32_t)(i / 20)));
		} else {
			false_alarms += maybe;
		}
	}
	assert_true(false_alarms < VALUES / 1000);
	assert_true(repeat_finder_block(finder, REPEAT_BLOCKS - 1));
	assert_true(repeat_finder_maybe(finder, REPEAT_ACCOUNT, hash_of(2)));
	assert_false(repeat_finder_maybe(finder, REPEAT_LOGIN, hash_of(2)));
	repeat_finder_free(finder);
}

/* So many that the filter takes its full size. */
static void finds_very_many(void **state)
{
	struct repeat_finder *finder = repeat_finder_new(0);
	struct error err = {0};

	(void)state;
	for (int round = 0; round < 2; round++)
		for (uint64_t i = 0; i < 200000; i++)
			repeat_finder_add(finder, REPEAT_LOGIN, hash_of(i), 0);
	assert_int_equal(repeat_finder_finish(finder, &err), 0);
	assert_int_equal(repeat_finder_count(finder, REPEAT_LOGIN), 200000);
	for (uint64_t i = 0; i < 200000; i++)
		assert_true(repeat_finder_maybe(finder, REPEAT_LOGIN, hash_of(i)));
	repeat_finder_free(finder);
}

static void needs_room(void **state)
{
	struct repeat_finder *finder = repeat_finder_new(0);
	struct error err = {0};
	const char *before = getenv("TMPDIR");
	char *kept = mem_strdup(before);

	(void)state;
	setenv("TMPDIR", "/nonexistent/folder", 1);
	for (uint64_t i = 0; i < 1000000; i++)
		repeat_finder_add(finder, REPEAT_ITEM, hash_of(i), 0);
	assert_int_equal(repeat_finder_finish(finder, &err), -1);
	assert_int_equal(err.code, ERR_OUTPUT);
	assert_non_null(strstr(err.hint, "TMPDIR"));
	repeat_finder_free(finder);
	if (kept)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
}

static struct strv number(char text[24], const char *prefix, int i)
{
	return (struct strv){text, (size_t)snprintf(text, 24, "%s%d", prefix, i)};
}

/* The same answers in memory and after the move to disk. */
static void spills(void **state)
{
	struct spill_map *map = spill_map_new(64 * 1024);
	struct error err = {0};
	struct strv value;
	char key[24], text[24];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(spill_map_get(map, number(key, "k", i), &value, &err), 0);
		assert_int_equal(spill_map_put(map, number(key, "k", i), number(text, "v", i), &err), 0);
		if (i == 100)
			assert_false(spill_map_spilled(map));
		if (i % 7 == 0)
			assert_int_equal(
			    spill_map_put(map, number(key, "k", i), number(text, "changed", i), &err), 0);
	}
	assert_int_equal(spill_map_put(map, STRV("empty"), STRV(""), &err), 0);
	assert_true(spill_map_spilled(map));
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(spill_map_get(map, number(key, "k", i), &value, &err), 1);
		assert_true(strv_eq(value, number(text, i % 7 == 0 ? "changed" : "v", i)));
	}
	assert_int_equal(spill_map_get(map, STRV("empty"), &value, &err), 1);
	assert_int_equal(value.n, 0);
	assert_int_equal(spill_map_get(map, STRV("k5000"), &value, &err), 0);
	spill_map_free(map);
}

static void stays_in_memory(void **state)
{
	struct spill_map *map = spill_map_new(1 << 20);
	struct error err = {0};
	struct strv value;

	(void)state;
	assert_int_equal(spill_map_put(map, STRV("a"), STRV("12"), &err), 0);
	assert_int_equal(spill_map_put(map, STRV("a"), STRV("34"), &err), 0);
	assert_int_equal(spill_map_get(map, STRV("a"), &value, &err), 1);
	assert_true(strv_eq(value, STRV("34")));
	assert_int_equal(spill_map_put(map, STRV("a"), STRV("longer"), &err), 0);
	assert_int_equal(spill_map_get(map, STRV("a"), &value, &err), 1);
	assert_true(strv_eq(value, STRV("longer")));
	assert_false(spill_map_spilled(map));
	spill_map_free(map);
	spill_map_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(finds_all_repeats),
	    cmocka_unit_test(finds_very_many), cmocka_unit_test(needs_room), cmocka_unit_test(spills),
	    cmocka_unit_test(stays_in_memory)};

	return cmocka_run_group_tests_name("intake sets", tests, NULL, NULL);
}
