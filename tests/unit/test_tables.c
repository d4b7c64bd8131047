/* What large nights rest on: an index by text, one copy of each word, texts side by side, shares of work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tenantry/arena.h"
#include "tenantry/digest.h"
#include "tenantry/mem.h"
#include "tenantry/parallel.h"
#include "tenantry/text_index.h"

/* Past the size from which a table has large pages. */
enum { MANY = 300000 };

static void test_index_finds_each(void **state)
{
	struct text_index index = {0};
	size_t at = INDEX_START;
	char text[24];

	(void)state;
	assert_int_equal(index_first(&index, hash_text(STRV("nothing"))), INDEX_NONE);
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "ACC-%u", i);
		index_add(&index, hash_text(strv_of(text)), i);
	}
	for (uint32_t i = 0, found; i < MANY; i++) {
		snprintf(text, sizeof text, "ACC-%u", i);
		at = INDEX_START;
		while (
		    (found = index_next(&index, hash_text(strv_of(text)), &at)) != INDEX_NONE && found != i)
			;
		assert_int_equal(found, i);
	}
	assert_int_equal(index_next(&index, hash_text(STRV("ACC-7")), &(size_t){INDEX_START}), 7);
	at = INDEX_START;
	index_next(&index, hash_text(STRV("ACC-7")), &at);
	index_replace(&index, at, 70);
	assert_int_equal(index_first(&index, hash_text(STRV("ACC-7"))), 70);
	assert_int_equal(hash_nocase(STRV("Anna@Example.com")), hash_nocase(STRV("anna@example.COM")));
	index_free(&index);
	assert_int_equal(index_first(&index, 1), INDEX_NONE);
}

static void test_words_are_kept_once(void **state)
{
	struct arena *arena = arena_new();
	struct word_cache cache = {0};
	char text[24];

	(void)state;
	const char *usd = arena_word(arena, &cache, STRV("USD"));
	assert_string_equal(usd, "USD");
	assert_ptr_equal(arena_word(arena, &cache, STRV("USD")), usd);
	assert_string_equal(arena_word(arena, &cache, (struct strv){"USDX", 2}), "US");
	assert_string_equal(arena_word(arena, &cache, (struct strv){NULL, 0}), "");
	/* More words than it has room for are right all the same, and stay good. */
	for (int i = 0; i < 2000; i++) {
		snprintf(text, sizeof text, "word %d", i);
		assert_string_equal(arena_word(arena, &cache, strv_of(text)), text);
	}
	assert_string_equal(usd, "USD");
	arena_free(arena);
}

static void test_texts_and_records_share_an_arena(void **state)
{
	struct arena *arena = arena_new(), *other = arena_new();

	(void)state;
	for (size_t i = 1; i < 3000; i++) {
		memset(arena_bytes(arena, i % 7 + 1), 'x', i % 7 + 1);
		uint64_t *number = arena_alloc(arena, sizeof *number);
		assert_int_equal((uintptr_t)number % _Alignof(max_align_t), 0);
		assert_int_equal(*number, 0);
		*number = UINT64_MAX;
	}
	const char *kept = arena_strdup(other, "kept");
	arena_take_over(arena, other);
	assert_string_equal(kept, "kept");
	arena_take_over(arena, arena_new());
	arena_free(arena);
}

static void test_shares_are_all_of_it(void **state)
{
	(void)state;
	for (size_t count = 0; count < 40; count++) {
		for (size_t parts = 1; parts <= 7; parts++) {
			size_t next = 0, begin, end;
			for (size_t part = 0; part < parts; part++) {
				parallel_share(count, part, parts, &begin, &end);
				assert_int_equal(begin, next);
				assert_true(end - begin <= count / parts + 1);
				next = end;
			}
			assert_int_equal(next, count);
		}
	}
	assert_int_equal(parallel_parts(10, 11), 1);
	assert_int_equal(parallel_parts(0, 1), 1);
	assert_true(parallel_parts(SIZE_MAX, 1) <= 16);
}

struct sums {
	uint64_t of[4];
};

static void add_share(void *user, size_t part)
{
	struct sums *sums = user;
	size_t begin, end;

	parallel_share(MANY, part, ARRAY_LEN(sums->of), &begin, &end);
	for (size_t i = begin; i < end; i++)
		sums->of[part] += i;
}

static void add_first(void *user)
{
	add_share(user, 0);
}

static void test_every_part_is_done(void **state)
{
	struct sums sums = {{0}};

	(void)state;
	parallel_run(ARRAY_LEN(sums.of), add_share, &sums);
	assert_int_equal(sums.of[0] + sums.of[1] + sums.of[2] + sums.of[3], (uint64_t)MANY * (MANY - 1) / 2);
	uint64_t first = sums.of[0];
	sums.of[0] = 0;
	background_wait(background_start(add_first, &sums));
	assert_int_equal(sums.of[0], first);
	background_wait(NULL);
}

static void test_lists_move_once(void **state)
{
	uint32_t *list = NULL;
	size_t count = 0, cap = 0, moved = 0;

	(void)state;
	for (uint32_t i = 0; i < 3 * MANY; i++) {
		size_t before = cap;
		MEM_GROW(list, count, cap);
		list[count++] = i;
		MEM_FORESEE(list, count, cap, (size_t)2 * MANY);
		moved += before >= LIST_SAMPLE && cap != before;
	}
	assert_int_equal(moved, 2); /* to what was foreseen, and when that was too little */
	for (uint32_t i = 0; i < 3 * MANY; i++)
		assert_int_equal(list[i], i);
	free(list);
}

static void test_uuids(void **state)
{
	static const char *const wrong[] = {"", "0a0b0c0d-0000-4000-8000-00000000000",
	    "0a0b0c0d-0000-4000-8000-00000000000g", "0a0b0c0d+0000-4000-8000-00000000000e",
	    "0a0b0c0d-0000-4000-8000_00000000000e", "0a0b0c0d-0000-4000-8000-00000000000e ",
	    "-a0b0c0d-0000-4000-8000-00000000000e"};
	char text[UUID_TEXT_SIZE];

	(void)state;
	assert_true(uuid_normal(STRV("0A0B0C0D-0000-4000-8000-00000000000e"), text));
	assert_string_equal(text, "0a0b0c0d-0000-4000-8000-00000000000e");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(uuid_normal(strv_of(wrong[i]), text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_index_finds_each),
	    cmocka_unit_test(test_words_are_kept_once),
	    cmocka_unit_test(test_texts_and_records_share_an_arena),
	    cmocka_unit_test(test_shares_are_all_of_it),
	    cmocka_unit_test(test_every_part_is_done),
	    cmocka_unit_test(test_lists_move_once),
	    cmocka_unit_test(test_uuids),
	};
	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
