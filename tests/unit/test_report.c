/* The model of a run: its verdicts, the check that counts close, run.json and back. */
#include "report_fixture.h"

#include <jansson.h>

#include "cli/program.h"
#include "report/report_impl.h"

static char *to_json(const struct report *report)
{
	struct error err = {0};
	char *text = report_to_json(report, &err);

	assert_string_equal(err.text, "");
	return text;
}

/* ---- Verdicts. */

static void says(struct report *report, const char *verdict)
{
	assert_string_equal(report_verdict(report), verdict);
	assert_string_equal(report->verdict, verdict);
	char *text = to_json(report);
	assert_has(text, verdict);
	free(text);
	report_free(report);
}

static void a_good_night_says_so(void **state)
{
	(void)state;
	says(fake_report_good(), "all good: 41 orders done, 41 tenants compared, no findings");
	struct report *second = fake_report_good();
	second->intake = (struct intake_counts){.read = 41, .ignored = 41};
	second->intake.by_ignored[IGNORED_ALREADY_DONE] = 41;
	second->apply = (struct apply_result){0};
	says(second, "all good: nothing to provision, 41 tenants compared, no findings");
	struct report *one = fake_report_good();
	one->apply = (struct apply_result){.planned = 2, .done = 1, .deferred = 1};
	one->waiting = 1;
	one->exit_status = 1;
	one->coverage.tenants = one->coverage.tenants_examined = 1;
	says(one, "a person must look: 1 order waits for a decision, no findings");
}

static void findings_below_the_limit_are_named(void **state)
{
	(void)state;
	struct report *report = fake_report_good();

	fake_report_add_findings(report, 2);
	says(report, "all good: 41 orders done, 41 tenants compared, 2 findings (2 low)");
}

static void a_part_of_a_night_speaks_of_that_part(void **state)
{
	(void)state;
	struct report *validate = fake_report_good();
	validate->has_provision = validate->has_reconcile = false;
	says(validate, "all good: 41 orders accepted");
	struct report *dry = fake_report_good();
	dry->dry_run = true;
	dry->has_reconcile = false;
	dry->apply = (struct apply_result){.planned = 41, .not_started = 41};
	says(dry, "all good (dry run, nothing was changed): 41 orders would be done");
	struct report *empty = fake_report_good();
	empty->has_intake = empty->has_provision = empty->has_reconcile = false;
	says(empty, "all good: nothing to do");
}

static void what_a_person_must_look_at_is_counted(void **state)
{
	(void)state;
	says(fake_report(),
	    "a person must look: 26 orders rejected, 1 order failed, 3 parked, 2 not started, "
	    "2 orders wait for a decision, 3 subscriptions not compared, 1 tenant not compared, 1 login not read, "
	    "24 open findings (12 high), 1 acknowledged");
	struct report *rejected = fake_report_good();
	rejected->exit_status = 1;
	rejected->intake.read = 44;
	rejected->intake.rejected = 3;
	says(rejected, "a person must look: 3 orders rejected, no findings");
}

static void each_early_end_has_its_words(void **state)
{
	(void)state;
	says(fake_report_stopped(ERR_USAGE, "no such job", ""), "not started: no such job");
	says(fake_report_stopped(ERR_JOB, "jobs/nightly.yaml:3:1: unknown key", ""),
	    "not started: jobs/nightly.yaml:3:1: unknown key");
	says(fake_report_stopped(ERR_SOURCE, "orders.csv: cannot read", ""),
	    "could not run: orders.csv: cannot read");
	says(fake_report_stopped(ERR_ACRONIS, "no answer", ""), "could not run: no answer");
	says(fake_report_stopped(ERR_COVERAGE, "the listing was cut", ""),
	    "could not compare: the listing was cut");
	says(fake_report_stopped(ERR_LOCKED, "another run holds the lock", ""),
	    "locked, nothing was done: another run holds the lock");
	says(fake_report_stopped(ERR_DISPLACED, "run R2 has it", ""),
	    "stopped, the lock was lost: run R2 has it; this run changed nothing, the run that has the lock goes on from there");
	struct report *displaced = fake_report_stopped(ERR_DISPLACED, "run R2 has it", "");
	displaced->has_provision = true;
	displaced->apply = (struct apply_result){.planned = 5, .done = 2, .not_started = 3, .changes = 19};
	says(displaced,
	    "stopped, the lock was lost: run R2 has it; 2 of 5 orders done; 19 changes were sent before that and saved, the run that has the lock goes on from there");
	says(fake_report_stopped(ERR_LEDGER, "", ""), "could not run: see the log");
	struct report *compare = fake_report_stopped(ERR_ACRONIS, "no answer", "");
	compare->command = "reconcile";
	says(compare, "could not compare: no answer");
}

static void a_stop_says_how_far_it_came(void **state)
{
	(void)state;
	struct report *safety = fake_report_stopped(ERR_STOPPED, "600 actions planned, 500 allowed", "");
	safety->has_provision = true;
	safety->apply = (struct apply_result){
	    .planned = 600, .done = 50, .not_started = 550, .end = APPLY_TOO_MANY_ERRORS};
	says(safety,
	    "safety stop: 600 actions planned, 500 allowed; 50 of 600 orders done; nothing further was changed");
	struct report *late = fake_report_stopped(ERR_DEADLINE, "not all batches were begun", "");
	late->has_provision = true;
	late->apply =
	    (struct apply_result){.planned = 60, .done = 50, .not_started = 10, .end = APPLY_DEADLINE};
	says(late, "stopped at the deadline, the state is saved: not all batches were begun; 50 of 60 orders "
		   "done; the next run goes on from here");
	struct report *interrupt = fake_report_stopped(ERR_INTERRUPTED, "a signal came", "");
	interrupt->has_provision = true;
	interrupt->apply =
	    (struct apply_result){.planned = 41, .done = 12, .not_started = 29, .end = APPLY_INTERRUPTED};
	assert_int_equal(interrupt->exit_status, 130);
	says(interrupt,
	    "interrupted, the state is saved: a signal came; 12 of 41 orders done; the next run goes on from here");
	struct report *terminated = fake_report_stopped(ERR_TERMINATED, "a signal came", "");
	assert_int_equal(terminated->exit_status, 143);
	says(terminated, "interrupted, the state is saved: a signal came; the next run goes on from here");
}

/* What takes away waits, all else went on; in a dry run it is foreseen. */
static void what_was_held_back_is_said(void **state)
{
	struct report *held = fake_report_held();
	struct strbuf lines = {0}, command = {0};

	(void)state;
	report_held_lines(held, &lines);
	assert_string_equal(lines.p,
	    "held back: SO-5010 (account 1010), SO-5011 (account 1011)\n"
	    "behind it: 460.00 EUR + 1,250.00 USD of minimum commitments a month (1,750.00 USD), 1 without a known "
	    "amount; 1,234 end customers\n");
	report_add_allow_command(&command, held);
	assert_non_null(strstr(command.p, "tenantry run "));
	assert_non_null(strstr(command.p, " --allow-disables 2"));
	strbuf_free(&lines);
	strbuf_free(&command);
	says(held,
	    "safety stop: 3 disables are asked for (1 suspend, 2 cancel): none of them was done; 5 of 12 orders done; "
	    "all else of the night went on");
	struct report *dry = fake_report_good();
	dry->dry_run = true;
	dry->budget.any = true;
	dry->budget.held = 7;
	report_verdict(dry);
	assert_non_null(strstr(dry->verdict, "7 would be held back by max_disables"));
	report_free(dry);
}

static void a_verdict_is_one_line_without_secrets(void **state)
{
	(void)state;
	log_secret("hunter2-secret");
	struct report *report = fake_report_stopped(ERR_ACRONIS, "refused:\nhunter2-secret\x1b[31m", "");
	says(report, "could not run: refused: **** [31m");
	log_secret_forget("hunter2-secret");
}

/* ---- Counts that close. */

static void refuses(struct report *report, const char *why)
{
	struct error err = {0};

	assert_null(report_to_json(report, &err));
	assert_int_equal(err.code, ERR_INTERNAL);
	assert_has(err.text, why);
	report_free(report);
}

static void counts_that_do_not_close_are_an_error(void **state)
{
	(void)state;
	struct report *r = fake_report();
	r->intake.read++;
	refuses(r, "read = accepted + rejected + ignored (54 and 53)");
	r = fake_report();
	r->intake.by_ignored[IGNORED_STATUS]++;
	refuses(r, "ignored = the sum of its reasons");
	r = fake_report();
	r->apply.done++;
	refuses(r, "planned = done + failed + parked + deferred + not started (12 and 13)");
	r = fake_report();
	r->by_code[FINDING_TIER_MISMATCH]++;
	refuses(r, "findings = the sum of their codes");
	r = fake_report();
	r->by_severity[SEVERITY_LOW]--;
	refuses(r, "findings = the sum of their severities");
	r = fake_report();
	r->coverage.subscriptions_examined = 43;
	refuses(r, "subscriptions >= examined + quarantined");
	r = fake_report();
	r->coverage.tenants_examined = 44;
	refuses(r, "tenants >= examined");
}

static void a_status_that_disagrees_is_an_error(void **state)
{
	(void)state;
	struct report *r = fake_report();
	r->exit_status = 0;
	refuses(r, "exit status 0 with 27 orders rejected or failed");
	r = fake_report_stopped(ERR_ACRONIS, "no answer", "");
	r->exit_status = 1;
	refuses(r, "exit status 1 with the error acronis");
	r = fake_report_held();
	r->exit_status = 1;
	refuses(r, "exit status 1 with 2 held back");
}

/* ---- run.json and back. */

static void round_trip(struct report *report)
{
	struct error err = {0};
	report_verdict(report);
	char *first = to_json(report);
	struct report *again = report_from_json(first, &err);

	assert_string_equal(err.text, "");
	assert_non_null(again);
	char *verdict = mem_strdup(again->verdict), *second = to_json(again);
	assert_string_equal(first, second);
	assert_string_equal(report_verdict(again), verdict);
	free(first);
	free(second);
	free(verdict);
	report_free(report);
	report_free(again);
}

static void a_round_trip_gives_the_same_bytes(void **state)
{
	(void)state;
	round_trip(fake_report());
	round_trip(fake_report_good());
	round_trip(fake_report_held());
	round_trip(fake_report_stopped(ERR_COVERAGE, "cut", "wait \"and\" try\tagain\n"));
	struct report *large = fake_report();
	fake_report_add_findings(large, 3000);
	round_trip(large);
}

static void the_model_comes_back_whole(void **state)
{
	struct error err = {0};
	struct report *report = fake_report();
	char *text = to_json(report);
	struct report *again = report_from_json(text, &err);

	(void)state;
	assert_int_equal(again->item_count, report->item_count);
	assert_string_equal(again->items[0].account, FAKE_FORMULA);
	assert_string_equal(again->items[4].account, FAKE_LINES);
	assert_int_equal(again->items[5].state, ITEM_FAILED);
	assert_int_equal(again->items[9].action, ACTION_DOWNGRADE);
	assert_int_equal(again->items[0].step, STEP_ACTIVATE);
	assert_int_equal(again->items[3].line, 5);
	assert_true(again->findings[2].first_seen == report->findings[2].first_seen);
	assert_string_equal(again->findings[3].account, FAKE_EMOJI);
	assert_int_equal(again->warning_count, 2);
	assert_string_equal(again->warnings[1].hint, report->warnings[1].hint);
	assert_string_equal(again->files[1].note, report->files[1].note);
	assert_int_equal(again->intake.by_rule[RULE_QUANTITY_NOT_ONE], 3);
	assert_int_equal(again->coverage.permille, 931);
	assert_int_equal(again->by_code[FINDING_NOT_COMPARED], 1);
	assert_true(again->has_intake && again->has_provision && again->has_reconcile);
	free(text);
	report_free(report);
	report_free(again);
}

static void broken_utf8_and_secrets_do_not_reach_the_record(void **state)
{
	struct report *report = fake_report();

	(void)state;
	log_secret("s3cr3t-value");
	report->items[0].text = "bad \xff byte, s3cr3t-value";
	char *text = to_json(report);
	assert_has(text, "bad \xef\xbf\xbd byte, ****");
	assert_lacks(text, "s3cr3t-value");
	log_secret_forget("s3cr3t-value");
	free(text);
	report_free(report);
}

static void reads_not(const char *text, const char *field)
{
	struct error err = {0};

	assert_null(report_from_json(text, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	assert_string_equal(err.field, field);
}

/* The document with one part replaced. */
static char *changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return mem_printf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void what_is_no_record_is_refused_by_name(void **state)
{
	static const struct {
		const char *from, *to, *field;
	} changes[] = {
	    {"\"schema\": 1", "\"schema\": 2", "schema"},
	    {"\"exit_status\": 1", "\"exit_status\": \"1\"", "exit_status"},
	    {"\"command\": \"run\"", "\"command\": 7", "command"},
	    {"\"dry_run\": false", "\"dry_run\": 0", "dry_run"},
	    {"\"started_at\": \"2026", "\"started_at\": \"x2026", "started_at"},
	    {"\"state\": \"done\"", "\"state\": \"odd\"", "state"},
	    {"\"quantity-not-one\": 3", "\"quantity-none\": 3", "quantity-none"},
	    {"\"waiting\": 2", "\"waiting\": -2", "waiting"},
	    {"\"findings\": [", "\"finding\": [", "findings"},
	    {"\"digest\": \"aaaa", "\"digest\": \"aaaaaaaaaaaa", "digest"},
	    {"\"intake\": {", "\"intake\": 3, \"x\": {", "intake"},
	};
	struct report *report = fake_report();
	char *text = to_json(report);

	(void)state;
	reads_not("", "");
	reads_not("[]", "schema");
	reads_not("<html>", "");
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		char *bad = changed(text, changes[i].from, changes[i].to);
		reads_not(bad, changes[i].field);
		free(bad);
	}
	free(text);
	report_free(report);
}

static void the_head_is_read_without_items_and_findings(void **state)
{
	struct error err = {0};
	struct report *report = fake_report();
	report->items[0].account = "x,\n  \"items\": [";
	char *text = to_json(report);
	struct report *head = report_read_json(text, true, &err);

	(void)state;
	assert_string_equal(err.text, "");
	assert_int_equal(head->item_count, 0);
	assert_int_equal(head->finding_count, 0);
	assert_int_equal(head->by_severity[SEVERITY_HIGH], 13);
	assert_int_equal(head->apply.done, 5);
	assert_true(head->has_billing);
	assert_string_equal(head->billing.sums[1].untied, "138.34");
	free(text);
	report_free(report);
	report_free(head);
}

/* ---- Words, sums, advice. */

/* A record of a version that did not have them: findings are then open (or acknowledged) and known. */
static void a_record_of_before_findings_had_a_memory(void **state)
{
	static const char *const of_findings[] = {"tier", "report_currency", "report_money", "news",
	    "opened_at", "cycles_open", "times_reopened", "resolved_at", "resolved_run", "resolved_how",
	    "assigned", "note", "ack_reason", "ack_who", "ack_until", "ack_at"};
	static const char *const of_reconciliation[] = {
	    "by_state", "by_news", "open_by_age", "before", "left"};
	struct report *report = fake_report();
	struct error err = {0};
	char *text = to_json(report);
	json_t *root = json_loads(text, 0, NULL), *finding;
	size_t i;

	(void)state;
	json_object_del(root, "resolved");
	for (size_t j = 0; j < ARRAY_LEN(of_reconciliation); j++)
		json_object_del(json_object_get(root, "reconciliation"), of_reconciliation[j]);
	json_array_foreach(json_object_get(root, "findings"), i, finding)
	{
		for (size_t j = 0; j < ARRAY_LEN(of_findings); j++)
			json_object_del(finding, of_findings[j]);
	}
	free(text);
	text = json_dumps(root, 0);
	struct report *old = report_from_json(text, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(old->by_state[STATE_ACKNOWLEDGED], 1);
	assert_int_equal(old->by_news[NEWS_KNOWN], old->finding_count);
	assert_string_equal(old->findings[0].ack.until, "");
	assert_int_equal(old->gone_count, 0);
	struct strbuf page = {0};
	report_text(old, false, 0, &page);
	assert_has(page.p, "24 open + 1 acknowledged");
	strbuf_free(&page);
	free(text);
	json_decref(root);
	report_free(old);
	report_free(report);
}

static void findings_fall_into_five_ages(void **state)
{
	static const int64_t days[] = {0, 7, 8, 30, 31, 60, 61, 90, 91, 4000};
	struct report *report = fake_report();
	struct finding_record f = report->findings[0];
	struct age_table ages;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		f.first_seen = report->started_at - days[i] * 86400000;
		assert_int_equal(report_age_bucket(report, &f), i / 2);
	}
	report_ages(report, &ages);
	uint64_t all = 0;
	for (int bucket = 0; bucket < AGE_BUCKET_COUNT; bucket++)
		for (int s = SEVERITY_INFO; s <= SEVERITY_HIGH; s++)
			all += ages.count[bucket][s];
	assert_int_equal(all, report->by_state[STATE_OPEN]);
	report_free(report);
}

static void counts_of_the_memory_must_close(void **state)
{
	struct report *report = fake_report();
	struct error err = {0};

	(void)state;
	report->by_state[STATE_OPEN]++;
	assert_null(report_to_json(report, &err));
	assert_has(err.text, "findings = open + acknowledged + timing");
	report->by_state[STATE_OPEN]--;
	report->by_news[NEWS_NEW]++;
	error_clear(&err);
	assert_null(report_to_json(report, &err));
	assert_has(err.text, "findings = new + known + reopened");
	report->by_news[NEWS_NEW]--;
	report->before++;
	error_clear(&err);
	assert_null(report_to_json(report, &err));
	assert_has(err.text, "findings before = known + resolved + left");
	report_free(report);
}

/* The gravest, and of those the ones with the most money in the report's currency; none that somebody
 * accepted. */
static void what_to_do_first_goes_by_money(void **state)
{
	struct report *report = fake_report();
	struct arena *arena = arena_new();
	struct next_step steps[NEXT_STEPS_MAX];
	static const struct {
		size_t finding;
		const char *severity, *money;
	} rows[] = {{6, "medium", "900.00"}, {12, "medium", "20000.00"}, {8, "high", "5.00"},
	    {3, "high", "99999.00"}};
	static const char *const accounts[] = {"account 2008", "account 2012", "account 2006"};
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < report->finding_count; i++)
		report->findings[i].severity = "low";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		report->findings[rows[i].finding].severity = rows[i].severity;
		report->findings[rows[i].finding].report_currency = "EUR";
		report->findings[rows[i].finding].report_money = rows[i].money;
	}
	size_t count = report_next_steps(report, arena, steps);
	for (size_t i = 0; i < count; i++)
		if (strstr(steps[i].command, "tenantry show f"))
			assert_has(steps[i].what, accounts[at++]);
	assert_int_equal(at, ARRAY_LEN(accounts));
	arena_free(arena);
	report_free(report);
}

static void ages_are_calendar_days(void **state)
{
	struct report *report = fake_report();

	(void)state;
	assert_int_equal(report_age_days(report, &report->findings[0]), 0); /* seen first during this run */
	assert_int_equal(
	    report_age_days(report, &report->findings[1]), 1); /* last night, some seconds later in the run */
	assert_int_equal(report_age_days(report, &report->findings[7]), 7);
	report_free(report);
}

static void money_is_summed_by_currency(void **state)
{
	struct report *report = fake_report();
	struct money_totals totals = report_money(report, NULL);
	char text[MONEY_TEXT_SIZE];

	(void)state;
	assert_int_equal(totals.count, 3);
	assert_string_equal(totals.sum[0].currency, "EUR");
	assert_string_equal(money_text(totals.sum[0], text), "-302.00");
	assert_string_equal(money_text(totals.sum[1], text), "149372");
	assert_string_equal(money_text(totals.sum[2], text), "6250.00");
	assert_int_equal(totals.findings[2], 9);
	assert_int_equal(totals.unknown, 5);
	report->findings[0].state = "acknowledged";
	totals = report_money(report, NULL);
	assert_string_equal(money_text(totals.sum[2], text), "6000.00");
	totals = report_money(report, "tier-mismatch");
	assert_int_equal(totals.count, 1);
	report_free(report);
}

static void every_rule_and_class_has_advice(void **state)
{
	(void)state;
	for (int i = 0; i < RULE_COUNT; i++)
		assert_non_null(report_rule_advice((enum rule_code)i));
	for (int i = 0; i < FINDING_COUNT; i++) {
		assert_non_null(report_finding_advice(finding_code_name((enum finding_code)i)));
		assert_non_null(report_finding_meaning(finding_code_name((enum finding_code)i)));
	}
	assert_string_equal(report_finding_advice("of-a-later-version"), "");
}

static void knows_the_command(const char *line)
{
	const char *verb = line + strlen("tenantry ");
	char *name = mem_strndup(verb, strcspn(verb, " "));

	assert_int_equal(strncmp(line, "tenantry ", strlen("tenantry ")), 0);
	if (!program_command(&tenantry_program, name))
		fail_msg("\"%s\" names a command that there is not", line);
	free(name);
}

static void every_command_that_is_advised_exists(void **state)
{
	static const enum error_code codes[] = {
	    ERR_USAGE, ERR_SOURCE, ERR_LOCKED, ERR_STOPPED, ERR_MOVED, ERR_INTERRUPTED, ERR_TERMINATED};
	struct next_step steps[NEXT_STEPS_MAX];

	(void)state;
	for (size_t i = 0; i <= ARRAY_LEN(codes); i++) {
		struct report *report =
		    i < ARRAY_LEN(codes) ? fake_report_stopped(codes[i], "text", "a hint") : fake_report();
		size_t count = report_next_steps(report, report->arena, steps);
		assert_true(count > 0);
		for (size_t k = 0; k < count; k++)
			if (steps[k].command[0])
				knows_the_command(steps[k].command);
		report_free(report);
	}
	struct report *held = fake_report_held();
	size_t held_steps = report_next_steps(held, held->arena, steps);
	assert_true(held_steps >= 2);
	assert_non_null(strstr(steps[1].command, "--allow-disables 2"));
	for (size_t k = 0; k < held_steps; k++)
		if (steps[k].command[0])
			knows_the_command(steps[k].command);
	report_free(held);
	struct report *good = fake_report_good();
	assert_int_equal(report_next_steps(good, good->arena, steps), 0);
	report_free(good);
}

static void words_for_a_shell_are_quoted(void **state)
{
	static const struct {
		const char *word, *shown;
	} words[] = {{"SO-1", "SO-1"}, {"", "''"}, {"a b", "'a b'"}, {"$(x)", "'$(x)'"},
	    {"it's", "'it'\\''s'"}, {"a\nb", "'a b'"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct strbuf out = {0};
		report_add_shell(&out, words[i].word);
		assert_string_equal(out.p, words[i].shown);
		strbuf_free(&out);
	}
}

static void foreign_text_is_made_harmless(void **state)
{
	struct strbuf scratch = {0};

	(void)state;
	assert_string_equal(report_clean(&scratch, NULL, CLEAN_LINE), "");
	assert_string_equal(report_clean(&scratch, "a\x1b[2J\nb\x7f", CLEAN_LINE), "a [2J b ");
	assert_string_equal(report_clean(&scratch,
				"a\xe2\x80\xae"
				"b\xe2\x81\xa6"
				"c",
				CLEAN_LINE),
	    "abc");
	assert_string_equal(report_clean(&scratch,
				"a\xc2\x9b"
				"b",
				CLEAN_LINE),
	    "a b");
	assert_string_equal(report_clean(&scratch, FAKE_RTL FAKE_EMOJI, CLEAN_LINE), FAKE_RTL FAKE_EMOJI);
	assert_string_equal(report_clean(&scratch, "a\nb", CLEAN_KEEP), "a\nb");
	assert_string_equal(report_clean(&scratch, "\xe2\x80", CLEAN_LINE), "\xef\xbf\xbd\xef\xbf\xbd");
	strbuf_free(&scratch);
}

static void numbers_are_shown_for_people(void **state)
{
	struct strbuf out = {0};

	(void)state;
	report_add_number(&out, 1234567);
	strbuf_addc(&out, ' ');
	report_add_number(&out, 999);
	strbuf_addc(&out, ' ');
	report_add_money(&out, (struct money){-123456, "USD"});
	strbuf_addc(&out, ' ');
	report_add_percent(&out, 999999, 1000000);
	strbuf_addc(&out, ' ');
	report_add_percent(&out, 0, 0);
	strbuf_addc(&out, ' ');
	report_add_duration(&out, 187000);
	strbuf_addc(&out, ' ');
	report_add_duration(&out, 7500000);
	strbuf_addc(&out, ' ');
	report_add_duration(&out, -5);
	assert_string_equal(out.p, "1,234,567 999 -1,234.56 99.9% - 3 min 07 s 2 h 05 min under 1 s");
	strbuf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_good_night_says_so),
	    cmocka_unit_test(findings_below_the_limit_are_named),
	    cmocka_unit_test(a_part_of_a_night_speaks_of_that_part),
	    cmocka_unit_test(what_a_person_must_look_at_is_counted),
	    cmocka_unit_test(each_early_end_has_its_words),
	    cmocka_unit_test(a_stop_says_how_far_it_came),
	    cmocka_unit_test(what_was_held_back_is_said),
	    cmocka_unit_test(a_verdict_is_one_line_without_secrets),
	    cmocka_unit_test(counts_that_do_not_close_are_an_error),
	    cmocka_unit_test(a_status_that_disagrees_is_an_error),
	    cmocka_unit_test(a_round_trip_gives_the_same_bytes),
	    cmocka_unit_test(the_model_comes_back_whole),
	    cmocka_unit_test(broken_utf8_and_secrets_do_not_reach_the_record),
	    cmocka_unit_test(what_is_no_record_is_refused_by_name),
	    cmocka_unit_test(the_head_is_read_without_items_and_findings),
	    cmocka_unit_test(a_record_of_before_findings_had_a_memory),
	    cmocka_unit_test(findings_fall_into_five_ages),
	    cmocka_unit_test(counts_of_the_memory_must_close),
	    cmocka_unit_test(what_to_do_first_goes_by_money),
	    cmocka_unit_test(ages_are_calendar_days),
	    cmocka_unit_test(money_is_summed_by_currency),
	    cmocka_unit_test(every_rule_and_class_has_advice),
	    cmocka_unit_test(every_command_that_is_advised_exists),
	    cmocka_unit_test(words_for_a_shell_are_quoted),
	    cmocka_unit_test(foreign_text_is_made_harmless),
	    cmocka_unit_test(numbers_are_shown_for_people),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
