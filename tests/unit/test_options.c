/* The command line parser on a small program of its own, and the table of tenantry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/program.h"
#include "tenantry/mem.h"

enum { O_FLAG, O_QUIET, O_TEXT, O_LIST, O_COUNT, O_SHARE, O_DURATION, O_TIME, O_DATE, O_CHOICE, O_OTHER };
static const struct option options[] = {{"flag", 0, OPTION_FLAG, NULL, NULL, NULL, "a flag"},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, NULL, "a flag with a letter"},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, NULL, "a text"},
    {"format", 0, OPTION_LIST, "F", NULL, NULL, "a list"},
    {"limit", 0, OPTION_COUNT, "N", NULL, NULL, "a count"},
    {"max", 0, OPTION_SHARE, "N|P%", NULL, NULL, "a share"},
    {"wait", 0, OPTION_DURATION, "TIME", NULL, NULL, "a duration"},
    {"now", 0, OPTION_TIME, "TIME", NULL, NULL, "a time"},
    {"as-of", 0, OPTION_DATE, "DATE", NULL, NULL, "a date"},
    {"color", 0, OPTION_CHOICE, "WHEN", "auto|always|never", "auto", "a choice"},
    {"other", 0, OPTION_FLAG, NULL, NULL, NULL, "of the other command"},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, NULL}};

static int run_nothing(const struct invocation *invocation, struct error *err)
{
	(void)invocation;
	(void)err;
	return 0;
}

static const struct command commands[] = {{.name = "work",
					      .arguments = "JOB",
					      .summary = "work",
					      .text = "Works.",
					      .min_args = 1,
					      .max_args = 2,
					      .options = OPTION_BIT(O_OTHER) - 1,
					      .run = run_nothing},
    {.name = "rest",
	.arguments = "",
	.summary = "rest",
	.text = "Rests.",
	.max_args = 0,
	.options = OPTION_BIT(O_OTHER),
	.run = run_nothing},
    {0}};
static const struct program program = {"prog", "a program", "Text.", options, commands, NULL};

static int parse(struct invocation *out, struct error *err, const char *words)
{
	static char line[512];
	char *argv[32] = {"prog"};
	int argc = 1;

	snprintf(line, sizeof line, "%s", words);
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return options_parse(&program, argc, argv, out, err);
}

static void refused(const char *words, const char *text, const char *hint)
{
	struct invocation invocation;
	struct error err = {0};

	assert_int_equal(parse(&invocation, &err, words), -1);
	if (!strstr(err.text, text) || !strstr(err.hint, hint))
		error_print(&err, stderr, true);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, text));
	assert_non_null(strstr(err.hint, hint));
	invocation_free(&invocation);
}

static void test_values(void **state)
{
	struct invocation in;
	struct error err = {0};

	(void)state;
	assert_int_equal(
	    parse(&in, &err,
		"--quiet work --limit=12 a --max 7% --wait 50ms --now 2026-11-22T00:00:00Z --as-of 2026-10-31 "
		"--color never --format x --format=y -oout -- -b"),
	    0);
	assert_string_equal(in.command->name, "work");
	assert_int_equal(in.arg_count, 2);
	assert_string_equal(in.args[1], "-b");
	assert_true(in.values[O_QUIET].set);
	assert_false(in.values[O_FLAG].set);
	assert_int_equal(in.values[O_COUNT].number, 12);
	assert_int_equal(in.values[O_SHARE].number, 7);
	assert_true(in.values[O_SHARE].percent);
	assert_int_equal(in.values[O_DURATION].number, 50);
	assert_int_equal(in.values[O_TIME].number, 1795305600000);
	assert_string_equal(in.values[O_DATE].text, "2026-10-31");
	assert_string_equal(in.values[O_CHOICE].text, "never");
	assert_int_equal(in.values[O_LIST].count, 2);
	assert_string_equal(in.values[O_LIST].list[1], "y");
	assert_string_equal(in.values[O_TEXT].text, "out");
	invocation_free(&in);
}

static void test_help_and_version(void **state)
{
	struct invocation in;
	struct error err = {0};

	(void)state;
	assert_int_equal(parse(&in, &err, "--help"), 0);
	assert_true(in.help && !in.command);
	invocation_free(&in);
	assert_int_equal(parse(&in, &err, "work -h"), 0); /* without its JOB */
	assert_true(in.help && in.command == &commands[0]);
	invocation_free(&in);
	assert_int_equal(parse(&in, &err, "--version"), 0);
	assert_true(in.version);
	invocation_free(&in);
}

static void test_refused(void **state)
{
	(void)state;
	refused("", "which command?", "prog --help");
	refused("wrok a", "unknown command wrok", "did you mean prog work?");
	refused("zzzzzz", "unknown command zzzzzz", "prog --help lists");
	refused("work", "needs JOB", "prog work --help");
	refused("work a b c", "unexpected word c", "prog work --help");
	refused("work a --limt 3", "unknown option --limt", "did you mean --limit?");
	refused("work a --zzzzzzzz", "unknown option", "lists all options");
	refused("work a -x", "unknown option -x", "");
	refused("work a --other", "does not take --other", "prog work --help");
	refused("work a --limit", "--limit needs N", "");
	refused("work a --quiet=1", "takes no value", "");
	refused("work a --limit -1", "not a whole number", "");
	refused("work a --limit 1e3", "not a whole number", "");
	refused("work a --max 101%", "percentage", "");
	refused("work a --max %", "percentage", "");
	refused("work a --wait 30", "duration", "");
	refused("work a --now 2026-13-01", "time such as", "");
	refused("work a --as-of 2026-02-30", "date such as", "");
	refused("work a --color red", "not one of auto|always|never", "");
	refused("work a --color aut", "not one of auto|always|never", "");
}

/* The real table: rows in order, complete, and every command takes what the brief of all commands promises.
 */
static void test_tenantry(void **state)
{
	uint64_t used = 0;

	(void)state;
	for (size_t i = 0; i < TENANTRY_OPTION_COUNT; i++) {
		const struct option *o = &tenantry_program.options[i];
		assert_non_null(o->name);
		assert_true(o->help && o->help[0] && o->help[strlen(o->help) - 1] != '.');
		assert_int_equal(o->type == OPTION_FLAG, o->argument == NULL);
		assert_int_equal(o->type == OPTION_CHOICE, o->choices != NULL);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(o->name, tenantry_program.options[j].name);
			assert_true(!o->letter || o->letter != tenantry_program.options[j].letter);
		}
	}
	assert_null(tenantry_program.options[TENANTRY_OPTION_COUNT].name);
	for (const struct command *c = tenantry_program.commands; c->name; c++) {
		assert_true(c->summary[0] && c->text[0] && c->examples && c->run);
		assert_int_equal(c->options >> TENANTRY_OPTION_COUNT, 0);
		assert_true(c->options & OPTION_BIT(OPT_JSON));
		assert_true(c->options & OPTION_BIT(OPT_QUIET));
		/* What may be left out stands in brackets. */
		assert_int_equal(
		    c->min_args, c->arguments[0] && (c->arguments[0] != '[' || strchr(c->arguments, ' ')));
		used |= c->options;
	}
	assert_int_equal(used, OPTION_BIT(TENANTRY_OPTION_COUNT) - 1);
	static const char *const names[] = {
	    "run", "check", "validate", "plan", "apply", "reconcile", "report", "runs", "show"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_non_null(program_command(&tenantry_program, names[i]));
	assert_string_equal(tenantry_program.options[OPT_JOB].name, "job");
	assert_string_equal(tenantry_program.options[OPT_LOG_FORMAT].name, "log-format");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),
	    cmocka_unit_test(test_help_and_version), cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_tenantry)};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
