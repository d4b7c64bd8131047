/* Help, man page, README tables and completion say all that the tables say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cli/program.h"
#include "tenantry/mem.h"
#include "tenantry/str.h"

static const struct option single_options[] = {
    {"port", 'p', OPTION_COUNT, "N", NULL, "0", "port; 0: the kernel's choice"},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, NULL}};
static const struct command single_commands[] = {{.name = "",
						     .arguments = "",
						     .summary = "serves",
						     .text = "More words.",
						     .examples = ".begins with a dot\nback\\slash",
						     .options = OPTION_BIT(0)},
    {0}};
static const struct heading_text single_sections[] = {
    {"FILES", "'quoted.db  the store\nother  more"}, {NULL, NULL}};
static const struct program single = {
    "a-single", "serves things", "One.\n\nTwo.", single_options, single_commands, single_sections};

static void has_text(const struct strbuf *text, char *wanted)
{
	if (!strstr(text->p, wanted))
		print_error("%s is not in:\n%s\n", wanted, text->p);
	assert_non_null(strstr(text->p, wanted));
	free(wanted);
}
#define has(text, ...) has_text(text, mem_printf(__VA_ARGS__))

/* No line wider than a terminal, no white space at its end. */
static void fits(const struct strbuf *text)
{
	const char *at = text->p;

	while (*at) {
		size_t n = strcspn(at, "\n");
		if (n > 80 && !memmem(at, n, "tenantry reconcile", 18)) /* an example cannot be wrapped */
			print_error("too wide: %.*s\n", (int)n, at);
		assert_true(n <= 80 || memmem(at, n, "tenantry reconcile", 18));
		assert_true(n == 0 || at[n - 1] != ' ');
		at += n + (at[n] == '\n');
	}
}

static void test_program(void **state)
{
	struct strbuf text = {0};

	(void)state;
	help_program(&tenantry_program, &text);
	for (const struct command *c = tenantry_program.commands; c->name; c++)
		has(&text, "\n  %s", c->name);
	has(&text, "usage: %s COMMAND", "tenantry");
	fits(&text);
	strbuf_clear(&text);
	help_program(&single, &text);
	has(&text, "usage: %s [OPTION...]\n", "a-single");
	has(&text, "  -p, --port N  %s [0]\n", "port; 0: the kernel's choice");
	has(&text, "%s", "--version");
	strbuf_free(&text);
}

static void test_commands(void **state)
{
	(void)state;
	for (const struct command *c = tenantry_program.commands; c->name; c++) {
		struct strbuf text = {0};
		help_command(&tenantry_program, c, &text);
		has(&text, "usage: tenantry %s [OPTION...]", c->name);
		for (size_t i = 0; i < TENANTRY_OPTION_COUNT; i++) {
			char *label = mem_printf("--%s", tenantry_program.options[i].name);
			if (c->options & OPTION_BIT(i))
				has(&text, " %s", label);
			free(label);
		}
		has(&text, "\nExamples:\n  tenantry %s", c->name);
		fits(&text);
		strbuf_free(&text);
	}
}

static void test_man(void **state)
{
	struct strbuf text = {0};

	(void)state;
	help_man(&tenantry_program, "1.2.3", &text);
	has(&text, ".TH TENANTRY 1 \"\" \"tenantry %s\"", "1.2.3");
	for (const struct command *c = tenantry_program.commands; c->name; c++)
		has(&text, "\n.BI %s", c->name);
	has(&text, "\\-\\-%s", "max\\-changes");
	has(&text, ".SH %s", "EXIT STATUS");
	has(&text, ".TP\n.B %s\n", "143");
	strbuf_clear(&text);
	help_man(&single, "1", &text);
	has(&text, ".TH %s", "A\\-SINGLE");
	has(&text, "\n\\&.begins %s", "with a dot\nback\\eslash");
	has(&text, "%s", "One.\n.PP\nTwo.\n.PP\nMore words.");
	has(&text, ".B %s", "\\&\\(aqquoted.db\nthe store");
	strbuf_free(&text);
}

static void test_markdown(void **state)
{
	struct strbuf text = {0};

	(void)state;
	help_markdown(&tenantry_program, &text);
	for (const struct command *c = tenantry_program.commands; c->name; c++)
		has(&text, "\n| `tenantry %s", c->name);
	has(&text, "| `--max-errors %s` |", "N\\|P%");
	has(&text, "(default `%s`)", "auto");
	strbuf_clear(&text);
	help_markdown(&single, &text);
	assert_memory_equal(text.p, "| Option |", 10);
	strbuf_free(&text);
}

/* The completion run by bash itself: what does it offer for these words? */
static void offered(const char *script, const char *words, int at, const char *wanted)
{
	char *command = mem_printf(
	    "bash -c 'source %s; COMP_WORDS=(%s); COMP_CWORD=%d; _tenantry; echo \"${COMPREPLY[*]}\"'",
	    script, words, at);
	FILE *out = popen(command, "r");
	char line[1024] = "";

	assert_non_null(out);
	if (!fgets(line, sizeof line, out))
		line[0] = '\0';
	assert_int_equal(pclose(out), 0);
	line[strcspn(line, "\n")] = '\0';
	assert_string_equal(line, wanted);
	free(command);
}

static void test_completion(void **state)
{
	const struct program *programs[] = {&tenantry_program, &single};
	char script[] = "/tmp/tenantry-completion-XXXXXX";
	struct strbuf text = {0};
	FILE *out;

	(void)state;
	help_completion(programs, 2, &text);
	out = fdopen(mkstemp(script), "w");
	assert_non_null(out);
	fputs(text.p, out);
	fclose(out);
	offered(script, "tenantry re", 1, "retry rebuild reconcile report");
	offered(script, "tenantry run --max-", 2, "--max-errors --max-changes");
	offered(script, "tenantry show --dry", 2, "");
	offered(script, "tenantry run --color a", 3, "auto always");
	offered(script, "tenantry run --color = n", 4, "never");
	offered(script, "tenantry run --color =", 3, "auto always never");
	offered(script, "tenantry run jobs/x", 2, "");
	offered(script, "tenantry plan -o f", 3, "");
	offered(script, "tenantry --v", 1, "--version");
	has(&text, "complete -o default -F _a_single %s\n", "a-single");
	remove(script);
	strbuf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_program), cmocka_unit_test(test_commands),
	    cmocka_unit_test(test_man), cmocka_unit_test(test_markdown), cmocka_unit_test(test_completion)};

	return cmocka_run_group_tests_name("help", tests, NULL, NULL);
}
