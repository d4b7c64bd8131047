/* Text under construction: what a buffer gives when little or nothing was put in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tenantry/str.h"

/* The next allocation of a first buffer's size gets these bytes. */
static void leave_dirt(void)
{
	volatile char *dirt = malloc(64);

	assert_non_null((char *)dirt);
	for (size_t i = 0; i < 64; i++)
		dirt[i] = 'x';
	free((char *)dirt);
}

static void nothing_added_is_the_empty_text(void **state)
{
	(void)state;
	struct strbuf b = {0};

	leave_dirt();
	char *text = strbuf_take(&b);
	assert_string_equal(text, "");
	free(text);
}

static void too_much_is_the_empty_text(void **state)
{
	(void)state;
	struct strbuf b = {.max = 8};

	strbuf_adds(&b, "1234");
	strbuf_adds(&b, "123456789");
	assert_true(b.failed);
	char *text = strbuf_take(&b);
	assert_string_equal(text, "");
	free(text);
}

static void what_was_taken_is_gone_from_the_buffer(void **state)
{
	(void)state;
	struct strbuf b = {0};

	strbuf_addf(&b, "%s %d", "batch", 7);
	char *first = strbuf_take(&b);
	assert_string_equal(first, "batch 7");
	strbuf_adds(&b, "next");
	char *second = strbuf_take(&b);
	assert_string_equal(second, "next");
	assert_string_equal(first, "batch 7");
	free(first);
	free(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_added_is_the_empty_text),
	    cmocka_unit_test(too_much_is_the_empty_text),
	    cmocka_unit_test(what_was_taken_is_gone_from_the_buffer),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
