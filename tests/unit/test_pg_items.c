/* What goes to the BSS's functions and what comes from them: items as JSON, arrays, words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bss/pg_items.h"
#include "tenantry/mem.h"
#include "tenantry/order.h"

static void what_is_not_known_is_not_sent(void **state)
{
	const struct bss_write write = {.kind = BSS_BEGIN,
	    .order_item_id = "OI-\"1\"",
	    .account_id = "101",
	    .action = "new",
	    .currency = "",
	    .ordered_tier = "Tier 1"};
	json_t *item = pg_item(&write);
	char *text = json_dumps(item, JSON_COMPACT | JSON_PRESERVE_ORDER);

	(void)state;
	assert_string_equal(text,
	    "{\"order_item_id\":\"OI-\\\"1\\\"\",\"action\":\"new\",\"account_id\":\"101\",\"currency\":\"\","
	    "\"ordered\":{\"tier\":\"Tier 1\"}}");
	free(text);
	json_decref(item);
}

static void an_array_holds_any_text(void **state)
{
	struct strbuf none = {0}, some = {0};
	char *empty = pg_array_take(&none);

	(void)state;
	pg_array_add(&some, "");
	pg_array_add(&some, "a\"b\\c,{d}");
	char *filled = pg_array_take(&some);
	assert_string_equal(empty, "{}");
	assert_string_equal(filled, "{\"\",\"a\\\"b\\\\c,{d}\"}");
	free(empty);
	free(filled);
}

static void the_jobs_words_are_an_array(void **state)
{
	const char *words[] = {"Submitted", ""};
	struct job job = {0};

	(void)state;
	job.bss.pending.items = words;
	job.bss.pending.count = ARRAY_LEN(words);
	char *text = pg_pending_words(&job);
	assert_string_equal(text, "{\"Submitted\",\"\"}");
	free(text);
}

static void outcomes_are_five_words(void **state)
{
	static const struct {
		const char *word;
		enum bss_outcome outcome;
	} known[] = {{"done", BSS_DONE}, {"already", BSS_DONE}, {"changed", BSS_CHANGED},
	    {"refused", BSS_REFUSED}, {"busy", BSS_BUSY}};
	static const char *const others[] = {"", "Done", "ok", "done "};
	enum bss_outcome outcome;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		assert_true(pg_outcome_parse(known[i].word, &outcome));
		assert_int_equal(outcome, known[i].outcome);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(pg_outcome_parse(others[i], &outcome));
}

/* A login could overload what is not named in full. */
static void statements_name_the_schema_of_what_they_call(void **state)
{
	static const enum bss_write_kind kinds[] = {BSS_LOOK, BSS_BEGIN, BSS_ACTIVATE, BSS_FAIL};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *query = pg_write_query(kinds[i]);
		assert_non_null(strstr(query, "from tenantry."));
		for (const char *at = query; (at = strchr(at, '$')) != NULL; at++)
			assert_int_equal(strncmp(at + 2, "::pg_catalog.", 13), 0);
		assert_int_equal(strstr(query, "$2") ? 2 : 1, pg_write_parameters(kinds[i]));
	}
}

static void each_action_leaves_a_status(void **state)
{
	(void)state;
	for (int i = 0; i < ACTION_COUNT; i++)
		assert_true(strlen(action_status((enum action)i)) > 0);
	assert_string_equal(action_status(ACTION_SUSPEND), "Suspended");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_not_known_is_not_sent),
	    cmocka_unit_test(an_array_holds_any_text),
	    cmocka_unit_test(the_jobs_words_are_an_array),
	    cmocka_unit_test(outcomes_are_five_words),
	    cmocka_unit_test(statements_name_the_schema_of_what_they_call),
	    cmocka_unit_test(each_action_leaves_a_status),
	};

	return cmocka_run_group_tests_name("pg_items", tests, NULL, NULL);
}
