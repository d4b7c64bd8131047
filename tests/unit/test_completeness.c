/* May a list be believed? Every fault that it can have, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tenantry/completeness.h"
#include "tenantry/mem.h"

static void ids_are_kept_once(void **state)
{
	struct id_set set = {0};
	char id[40];

	(void)state;
	assert_false(id_set_has(&set, "a"));
	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof id, "ABCDEF00-0000-4000-8000-%012d", i);
		assert_true(id_set_add(&set, id));
	}
	assert_int_equal(set.count, 5000);
	assert_false(id_set_add(&set, "abcdef00-0000-4000-8000-000000004999"));
	assert_true(id_set_has(&set, "abcdef00-0000-4000-8000-000000000000"));
	assert_false(id_set_has(&set, "abcdef00-0000-4000-8000-000000005000"));
	id_set_free(&set);
	assert_false(id_set_has(&set, "abcdef00-0000-4000-8000-000000000000"));
}

/* Pages as texts: a letter an element, '-' one without id, '|' another page follows. */
static enum listing_fault pages_of(const char *text, const struct listing_bounds *bounds)
{
	struct listing_pages pages;
	enum listing_fault fault = LISTING_WHOLE;

	listing_pages_begin(&pages, bounds);
	for (; fault == LISTING_WHOLE && *text; text++) {
		char id[2] = {*text, '\0'};
		fault = *text == '|'   ? listing_pages_turn(&pages, true)
			: *text == '-' ? listing_pages_element(&pages, "")
				       : listing_pages_element(&pages, id);
	}
	if (fault == LISTING_WHOLE)
		fault = listing_pages_turn(&pages, false);
	listing_pages_free(&pages);
	return fault;
}

static void pages(void **state)
{
	static const struct {
		const char *pages;
		struct listing_bounds bounds;
		enum listing_fault fault;
	} cases[] = {
	    {"", {0}, LISTING_WHOLE}, {"ab|cd|e", {0}, LISTING_WHOLE},
	    {"ab|bc", {0}, LISTING_WHOLE},                                  /* moved between two pages */
	    {"ab|cd|", {0}, LISTING_WHOLE},                                 /* an empty last one */
	    {"aa|b", {0}, LISTING_WHOLE}, {"ab|ab", {0}, LISTING_REPEATED}, /* the last page twice */
	    {"ab|ab|c", {0}, LISTING_REPEATED}, {"ab|BA|c", {0}, LISTING_REPEATED},
	    {"|ab", {0}, LISTING_REPEATED}, /* an empty page that says there is more */
	    {"ab||c", {0}, LISTING_REPEATED}, {"ab|c-", {0}, LISTING_NAMELESS},
	    {"ab|c-", {.changes = true}, LISTING_WHOLE}, {"-|-|-", {.changes = true}, LISTING_WHOLE},
	    {"a|a", {.changes = true}, LISTING_REPEATED}, {"abc", {.elements = 3}, LISTING_WHOLE},
	    {"abcd", {.elements = 3}, LISTING_ENDLESS},
	    {"----", {.elements = 3, .changes = true}, LISTING_ENDLESS},
	    {"a|b|c", {.pages = 3}, LISTING_WHOLE}, {"a|b|c|d", {.pages = 3}, LISTING_ENDLESS},
	    {"ab", {.asked = "uuids=a%2CB&allow_deleted=true"}, LISTING_WHOLE},
	    {"abc", {.asked = "uuids=a%2Cb"}, LISTING_STRANGER},
	    {"u", {.asked = "uuids=a%2Cb"}, LISTING_STRANGER}, /* not as a part of it */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (pages_of(cases[i].pages, &cases[i].bounds) != cases[i].fault)
			fail_msg("%s: %s, not %s", cases[i].pages,
			    listing_fault_word(pages_of(cases[i].pages, &cases[i].bounds)),
			    listing_fault_word(cases[i].fault));
}

static void bounds_follow_the_last_list(void **state)
{
	(void)state;
	assert_int_equal(listing_bounds_of(0, 1000).elements, 100000);
	assert_int_equal(listing_bounds_of(5000, 1000).elements, 150000);
	assert_true(listing_bounds_of(-1, 1000).elements >= 1000000);
	assert_int_equal(listing_guess(-1, 0), -1);
	assert_int_equal(listing_guess(-1, 50), 5000);
	assert_int_equal(listing_guess(7, 50), 7);
	/* Also where the server gives less on a page than it was asked for. */
	assert_true(listing_bounds_of(1000000, 1000).pages * 100 > 2000000);
}

static void shrinking(void **state)
{
	const struct share tenth = {true, true, 10}, three = {true, false, 3}, none = {0};

	(void)state;
	assert_false(listing_shrank(&tenth, -1, 0));
	assert_false(listing_shrank(&tenth, 100, 90));
	assert_true(listing_shrank(&tenth, 100, 89));
	assert_false(listing_shrank(&tenth, 100, 200));
	assert_false(listing_shrank(&three, 10, 7));
	assert_true(listing_shrank(&three, 10, 6));
	assert_false(listing_shrank(&none, 10, 0));
	assert_true(listing_shrank(&tenth, INT64_MAX, 0));
	assert_true(listing_emptied(false, 1, 0));
	assert_false(listing_emptied(true, 1, 0));
	assert_false(listing_emptied(false, 1, 1));
	assert_false(listing_emptied(false, 0, 0));
	assert_false(listing_emptied(false, -1, 0));
}

static void a_tenant_that_is_not_listed(void **state)
{
	(void)state;
	assert_int_equal(listing_judge_missing(BY_ID_HERE, true), LISTING_LACKING);
	assert_int_equal(listing_judge_missing(BY_ID_HERE, false), LISTING_WHOLE);
	assert_int_equal(listing_judge_missing(BY_ID_FAILED, false), LISTING_UNPROVED);
	for (enum by_id answer = BY_ID_NOT_ASKED; answer <= BY_ID_FAILED; answer++) {
		bool gone = answer == BY_ID_NOT_FOUND || answer == BY_ID_DELETED;
		assert_int_equal(by_id_is_gone(answer), gone);
		if (answer != BY_ID_HERE && answer != BY_ID_FAILED)
			assert_int_equal(listing_judge_missing(answer, true), LISTING_WHOLE);
	}
}

static void faults_have_words(void **state)
{
	(void)state;
	for (int i = 0; i < LISTING_FAULT_COUNT; i++) {
		assert_true(listing_fault_word((enum listing_fault)i)[0] != '\0');
		assert_true(listing_fault_text((enum listing_fault)i)[0] != '\0');
	}
	assert_string_equal(listing_fault_word(LISTING_FAULT_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids_are_kept_once),
	    cmocka_unit_test(pages),
	    cmocka_unit_test(bounds_follow_the_last_list),
	    cmocka_unit_test(shrinking),
	    cmocka_unit_test(a_tenant_that_is_not_listed),
	    cmocka_unit_test(faults_have_words),
	};

	return cmocka_run_group_tests_name("completeness", tests, NULL, NULL);
}
