/* The summary for terminals and mails: counts that close, what to do next, the verdict last, no personal
 * data. */
#include "report_fixture.h"

static char *text_of(struct report *report, bool color, int width)
{
	struct strbuf out = {0};

	report_verdict(report);
	report_text(report, color, width, &out);
	return strbuf_take(&out);
}

static void the_night_is_told_in_counts_that_close(void **state)
{
	static const char *const lines[] = {"Tenantry nightly\n", "Run          20261122T020001Z-7f3a, run\n",
	    "Time         2026-11-22T02:00:01Z, took 42 s\n",
	    "Orders       53 read = 12 accepted + 26 rejected + 15 ignored\n",
	    "Actions      12 planned = 5 done + 1 failed + 3 parked + 1 deferred +\n             2 not started\n",
	    "  waiting    2 orders of earlier runs wait for a decision\n",
	    "Coverage     examined: subscriptions 41 of 44 (93.1%), tenants 42 of 43 (97.6%)\n",
	    "  not ours   5 tenants that are no partners of ours, 2 deleted\n",
	    "  logins     compared 12 of 13\nNOT COMPARED logins not read for 1 tenant: what was found",
	    "NOT COMPARED 3 subscriptions (2 unreadable), 1 tenant:", "3 quantity-not-one,",
	    "  ignored    3 status,", "1 currency-alias",
	    "Findings     25 = 13 high + 6 medium + 4 low + 2 info; 2 resolved since",
	    "  high    tier-mismatch                    1 assigned\n",
	    "WARNING      begin_subscriptions runs with the rights of <postgres>,",
	    "  hint       run samples/bss/tenantry.sql again as an administrator",
	    "Billing      2026-10: 39 of 41 contracts compared, 35 agree",
	    "  JPY        74,000 = 74,000 tied + 0 other",
	    "At stake     -302.00 EUR, 149,372 JPY, 6,250.00 USD a month", "What to do next\n",
	    "       tenantry decide ITEM-7 --resend-mail --job jobs/nightly.yaml\n",
	    "tenantry decide '$(reboot) '\\''SO'\\''' --adopt TENANT --job",
	    "tenantry retry 20261122T020001Z-7f3a --order ITEM-8 --include-parked --job",
	    "tenantry retry 20261122T020001Z-7f3a --job", "tenantry show parked --job",
	    "tenantry show f00000000 --job jobs/nightly.yaml\n", "correct 26 rejected orders in the BSS",
	    "Reports in   var/runs/20261122T020001Z-7f3a/\n"};
	struct report *report = fake_report();
	char *text = text_of(report, false, 80);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		assert_has(text, lines[i]);
	free(text);
	report_free(report);
}

static void the_last_line_is_the_verdict(struct report *report)
{
	char *text = text_of(report, false, 80);
	size_t n = strlen(text), v = strlen(report->verdict);

	assert_int_equal(text[n - 1], '\n');
	assert_true(n > v + 2 && text[n - v - 2] == '\n');
	assert_int_equal(strncmp(text + n - v - 1, report->verdict, v), 0);
	free(text);
	report_free(report);
}

static void the_verdict_is_last_whatever_happened(void **state)
{
	(void)state;
	the_last_line_is_the_verdict(fake_report());
	the_last_line_is_the_verdict(fake_report_good());
	for (int code = ERR_USAGE; code < ERROR_CODE_COUNT; code++)
		the_last_line_is_the_verdict(
		    fake_report_stopped((enum error_code)code, "some reason", "some hint"));
}

static void lines_fit_the_width(void **state)
{
	static const int widths[] = {0, 60, 80, 100};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		struct report *report = fake_report();
		size_t limit = widths[i] ? (size_t)widths[i] : 80;
		char *text = text_of(report, false, widths[i]);
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			if (strlen(line) > limit && strcmp(line, report->verdict) != 0 &&
			    !strstr(line, "       tenantry "))
				fail_msg("%zu columns: %s", strlen(line), line);
		free(text);
		report_free(report);
	}
}

static void what_was_held_back_stands_out(void **state)
{
	struct report *report = fake_report_held();
	char *text = text_of(report, false, 80);

	(void)state;
	assert_has(text, "Disables     3 asked for (1 suspend, 2 cancel), 4 in the last 24 hours");
	assert_has(text, "  behind     460.00 EUR + 1,250.00 USD");
	assert_has(text, "HELD BACK    2 of them were not done and stay pending:");
	assert_has(text, "SO-5010 (account 1010)");
	assert_has(text, " --allow-disables 2\n");
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strlen(line) > 80 && strcmp(line, report->verdict) != 0 &&
		    !strstr(line, "       tenantry "))
			fail_msg("%zu columns: %s", strlen(line), line);
	free(text);
	report_free(report);
}

static void no_personal_data_and_no_terminal_escapes(void **state)
{
	struct report *report = fake_report();

	(void)state;
	report->items[7].order_id = "SO\x1b]0;x\x07";
	report->error_text = "a\x1b[2Jb";
	report->findings[0].account_id = "20\xe2\x80\xae"
					 "00";
	char *text = text_of(report, false, 80);
	assert_lacks(text, "Example Hosting");
	assert_lacks(text, FAKE_RTL);
	assert_lacks(text, "@reseller");
	assert_lacks(text, "\x1b");
	assert_lacks(text, "\x07");
	assert_lacks(text, "\xe2\x80\xae");
	free(text);
	report_free(report);
}

static void colour_is_only_there_when_asked_for(void **state)
{
	struct report *good = fake_report_good(), *bad = fake_report_stopped(ERR_ACRONIS, "no answer", "");
	char *text = text_of(good, true, 80);

	(void)state;
	assert_has(text, "\033[32mall good: ");
	free(text);
	text = text_of(good, false, 80);
	assert_lacks(text, "\033");
	free(text);
	text = text_of(bad, true, 80);
	assert_has(text, "\033[31mcould not run: no answer\033[0m\n");
	free(text);
	report_free(good);
	report_free(bad);
}

static void a_night_without_comparison_says_so(void **state)
{
	struct report *validate = fake_report_good(),
		      *stopped = fake_report_stopped(ERR_SOURCE, "gone", "mend it");

	(void)state;
	validate->has_reconcile = false;
	char *text = text_of(validate, false, 80);
	assert_has(text, "Coverage     nothing was compared: reconciliation was not part of this run\n");
	free(text);
	text = text_of(stopped, false, 80);
	assert_has(text, "Coverage     nothing was compared: the run ended before it\n");
	assert_has(text, "  1. mend it\n");
	assert_has(text, "       tenantry run jobs/nightly.yaml\n");
	free(text);
	report_free(validate);
	report_free(stopped);
}

static void a_second_night_says_that_nothing_was_to_do(void **state)
{
	struct report *report = fake_report_good();

	(void)state;
	report->apply = (struct apply_result){0};
	char *text = text_of(report, false, 80);
	assert_has(text, "Actions      nothing to provision: every accepted order is done already\n");
	assert_has(text, "Findings     none\n");
	assert_lacks(text, "What to do next");
	free(text);
	report_free(report);
}

static void a_dry_run_is_marked(void **state)
{
	struct report *report = fake_report();

	(void)state;
	report->dry_run = true;
	char *text = text_of(report, false, 80);
	assert_has(text, "DRY RUN: nothing was changed");
	assert_has(text, "Plan         8 to do, 1 due later, 3 parked\n");
	free(text);
	report_free(report);
}

static void an_early_end_is_told(void **state)
{
	struct report *report = fake_report();

	(void)state;
	report->apply.end = APPLY_DEADLINE;
	snprintf(report->apply.text, sizeof report->apply.text, "the deadline passed");
	char *text = text_of(report, false, 80);
	assert_has(text, "  stopped    deadline: the deadline passed\n");
	free(text);
	report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_night_is_told_in_counts_that_close),
	    cmocka_unit_test(the_verdict_is_last_whatever_happened),
	    cmocka_unit_test(lines_fit_the_width),
	    cmocka_unit_test(what_was_held_back_stands_out),
	    cmocka_unit_test(no_personal_data_and_no_terminal_escapes),
	    cmocka_unit_test(colour_is_only_there_when_asked_for),
	    cmocka_unit_test(a_night_without_comparison_says_so),
	    cmocka_unit_test(a_second_night_says_that_nothing_was_to_do),
	    cmocka_unit_test(a_dry_run_is_marked),
	    cmocka_unit_test(an_early_end_is_told),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
