/* Findings over several nights: since when, how often, resolved and come back. */
#include "ledger_fixture.h"

enum { DAY_MS = 86400000 };

static void night(struct fixture *f, const char *run_id)
{
	clock_advance(&f->clock, DAY_MS);
	begin_run(f, run_id);
}

static struct finding_record put(
    struct fixture *f, const char *run_id, const char *id, const char *account, const char *severity)
{
	struct finding_record finding = {.finding_id = id,
	    .run_id = run_id,
	    .code = "tier-mismatch",
	    .severity = severity,
	    .owner = "finance",
	    .account_id = account,
	    .object = "T-1",
	    .state = "open"};

	ok(f, ledger_finding_put(f->ledger, &finding, &f->err));
	return finding;
}

static uint64_t resolve(struct fixture *f, const char *run_id, const char *const *not_compared, size_t count)
{
	struct findings_settled settled;

	ok(f, ledger_findings_resolve(f->ledger, run_id, not_compared, count, &settled, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	return settled.resolved;
}

struct seen {
	char ids[256], states[256], events[256];
	struct finding_record last;
	char evidence[64];
	size_t count;
};

static void append(char *text, size_t size, const char *word)
{
	size_t n = strlen(text);

	snprintf(text + n, size - n, "%s ", word);
}

static int see(void *user, const struct finding_record *finding)
{
	struct seen *seen = user;

	seen->count++;
	append(seen->ids, sizeof seen->ids, finding->finding_id);
	append(seen->states, sizeof seen->states, finding->state);
	seen->last = *finding;
	snprintf(seen->evidence, sizeof seen->evidence, "%s", finding->evidence);
	return 0;
}

static int see_event(void *user, const struct finding_event *event)
{
	struct seen *seen = user;
	char text[128];

	snprintf(text, sizeof text, "%s:%s:%s@%lld", event->finding_id, event->run_id, event->event,
	    (long long)(event->at - START_MS * INT64_C(1000)) / DAY_MS);
	append(seen->events, sizeof seen->events, text);
	return 0;
}

static struct seen findings(struct fixture *f, const char *run_id, const char *id)
{
	struct seen seen = {0};

	ok(f, ledger_findings(f->ledger, run_id, id, see, &seen, &f->err));
	return seen;
}

static int same_finding(void *user, const struct finding_record *got)
{
	const struct finding_record *put_in = user;

	assert_string_equal(got->finding_id, put_in->finding_id);
	assert_string_equal(got->run_id, put_in->run_id);
	assert_string_equal(got->code, put_in->code);
	assert_string_equal(got->severity, put_in->severity);
	assert_string_equal(got->owner, put_in->owner);
	assert_string_equal(got->state, "open");
	assert_string_equal(got->account_id, put_in->account_id);
	assert_string_equal(got->account, put_in->account);
	assert_string_equal(got->subscription_id, put_in->subscription_id);
	assert_string_equal(got->tenant_id, put_in->tenant_id);
	assert_string_equal(got->object, put_in->object);
	assert_string_equal(got->expected, put_in->expected);
	assert_string_equal(got->bss, put_in->bss);
	assert_string_equal(got->acronis, put_in->acronis);
	assert_string_equal(got->currency, put_in->currency);
	assert_string_equal(got->money, put_in->money);
	assert_string_equal(got->sentence, put_in->sentence);
	assert_string_equal(got->evidence, put_in->evidence);
	assert_int_equal(got->first_seen, START_MS * INT64_C(1000) + DAY_MS);
	assert_int_equal(got->last_seen, START_MS * INT64_C(1000) + DAY_MS);
	assert_int_equal(got->runs_open, 1);
	return 1;
}

static void a_finding_comes_back_whole(void **state)
{
	struct fixture *f = *state;
	struct finding_record finding = {.finding_id = "F1",
	    .run_id = "r1",
	    .code = "tier-mismatch",
	    .severity = "high",
	    .owner = "finance",
	    .account_id = "1001",
	    .account = "Cloud Nine Ltd",
	    .subscription_id = "S-1",
	    .tenant_id = "T-1",
	    .object = "T-1 tier",
	    .expected = "Tier 2",
	    .bss = "Tier 2 in BSS",
	    .acronis = "value 0",
	    .currency = "EUR",
	    .money = "250.00",
	    .sentence = "billed higher than run",
	    .evidence = "subscriptions.csv:3"};

	night(f, "r1");
	ok(f, ledger_finding_put(f->ledger, &finding, &f->err));
	ok(f, ledger_findings(f->ledger, NULL, "F1", same_finding, &finding, &f->err));
	ok(f, ledger_findings(f->ledger, "r1", NULL, same_finding, &finding, &f->err));
	ok(f, ledger_findings(f->ledger, NULL, NULL, same_finding, &finding, &f->err));
	assert_int_equal(findings(f, NULL, "F1").count, 1);
}

static void a_finding_ages_over_nights(void **state)
{
	struct fixture *f = *state;

	night(f, "r1");
	struct finding_record finding = put(f, "r1", "F1", "1", "high");
	assert_int_equal(finding.runs_open, 1);
	assert_int_equal(finding.first_seen, START_MS * INT64_C(1000) + DAY_MS);
	clock_advance(&f->clock, 10);
	finding = put(f, "r1", "F1", "1", "high"); /* again in the same night: counts once */
	assert_int_equal(finding.runs_open, 1);
	night(f, "r2");
	put(f, "r1", "F1", "1", "high");
	finding = put(f, "r2", "F1", "1", "low");
	assert_int_equal(finding.runs_open, 2);
	assert_int_equal(finding.first_seen, START_MS * INT64_C(1000) + DAY_MS);
	assert_int_equal(finding.last_seen, START_MS * INT64_C(1000) + 2 * DAY_MS + 10);
	/* The first night's copy stays as it was put then. */
	struct seen first = findings(f, "r1", NULL), second = findings(f, "r2", "F1");
	assert_int_equal(first.count, 1);
	assert_int_equal(first.last.runs_open, 1);
	assert_int_equal(second.last.runs_open, 2);
	assert_int_equal(findings(f, "r2", "F2").count, 0);
}

static void what_is_gone_is_resolved_and_may_come_back(void **state)
{
	struct fixture *f = *state;
	struct seen seen;

	night(f, "r1");
	put(f, "r1", "F1", "1", "high");
	put(f, "r1", "F2", "1", "high");
	assert_int_equal(resolve(f, "r1", NULL, 0), 0);
	night(f, "r2");
	put(f, "r2", "F2", "1", "high");
	assert_int_equal(resolve(f, "r2", NULL, 0), 1);
	assert_string_equal(findings(f, NULL, NULL).ids, "F2 ");
	assert_string_equal(findings(f, NULL, "F1").states, "resolved ");
	assert_string_equal(findings(f, "r1", "F1").states, "open ");
	night(f, "r3");
	put(f, "r3", "F2", "1", "high");
	assert_int_equal(resolve(f, "r3", NULL, 0), 0); /* resolved once, not every night again */
	night(f, "r4");
	struct finding_record again = put(f, "r4", "F1", "1", "high");
	assert_string_equal(again.state, "open");
	assert_int_equal(again.first_seen, START_MS * INT64_C(1000) + DAY_MS);
	assert_int_equal(again.runs_open, 2);
	seen = (struct seen){0};
	ok(f, ledger_finding_events(f->ledger, "F1", see_event, &seen, &f->err));
	assert_string_equal(seen.events, "F1:r1:opened@1 F1:r2:resolved@2 F1:r4:reopened@4 ");
}

static void what_was_not_compared_stays_open(void **state)
{
	struct fixture *f = *state;
	const char *const not_compared[] = {"2", "3", "2"};

	night(f, "r1");
	put(f, "r1", "F1", "1", "high");
	put(f, "r1", "F2", "2", "high");
	put(f, "r1", "F3", "3", "high");
	night(f, "r2");
	assert_int_equal(resolve(f, "r2", not_compared, ARRAY_LEN(not_compared)), 1);
	assert_string_equal(findings(f, NULL, NULL).ids, "F2 F3 ");
	assert_int_equal(findings(f, NULL, "F2").last.runs_open, 1);
	night(f, "r3"); /* the list is this night's, not the last one's */
	assert_int_equal(resolve(f, "r3", not_compared, 1), 1);
	assert_string_equal(findings(f, NULL, NULL).ids, "F2 ");
}

static void an_acknowledged_one_stays_so(void **state)
{
	struct fixture *f = *state;

	night(f, "r1");
	put(f, "r1", "F1", "1", "high");
	ok(f, ledger_commit(f->ledger, &f->err));
	assert_int_equal(
	    sqlite3_exec(f->ledger->db, "UPDATE findings SET state = 'acknowledged'", NULL, NULL, NULL),
	    SQLITE_OK);
	night(f, "r2");
	struct finding_record finding = put(f, "r2", "F1", "1", "high");
	assert_string_equal(finding.state, "acknowledged");
	assert_int_equal(finding.runs_open, 2);
	assert_string_equal(findings(f, NULL, NULL).states, "acknowledged ");
	assert_string_equal(findings(f, "r2", NULL).states, "acknowledged ");
	night(f, "r3");
	assert_int_equal(resolve(f, "r3", NULL, 0), 1);
	assert_int_equal(findings(f, NULL, NULL).count, 0);
}

static void the_gravest_come_first(void **state)
{
	struct fixture *f = *state;
	const char *const expected = "h1 h2 m l i ";

	night(f, "r1");
	put(f, "r1", "i", "1", "info");
	put(f, "r1", "l", "1", "low");
	put(f, "r1", "h2", "9", "high");
	put(f, "r1", "m", "1", "medium");
	put(f, "r1", "h1", "2", "high");
	assert_string_equal(findings(f, "r1", NULL).ids, expected);
	assert_string_equal(findings(f, NULL, NULL).ids, expected);
}

static void a_rolled_back_night_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	struct findings_settled settled;

	night(f, "r1");
	put(f, "r1", "F1", "1", "high");
	ok(f, ledger_commit(f->ledger, &f->err));
	night(f, "r2");
	put(f, "r2", "F2", "1", "high");
	ok(f, ledger_findings_resolve(f->ledger, "r2", NULL, 0, &settled, &f->err));
	assert_int_equal(settled.resolved, 1);
	ledger_rollback(f->ledger);
	assert_string_equal(findings(f, NULL, NULL).ids, "F1 ");
	assert_int_equal(findings(f, "r2", NULL).count, 0);
	assert_int_equal(findings(f, NULL, "F2").count, 0);
}

static int see_how(void *user, const struct finding_record *finding)
{
	snprintf(((struct seen *)user)->ids, sizeof((struct seen *)user)->ids, "%s", finding->resolved_how);
	return 0;
}

/* What we changed after the finding was seen last, to its tenant or for its account, counts as the reason
 * that it is gone. */
static void a_change_of_ours_is_remembered(void **state)
{
	static const struct {
		const char *id, *account, *tenant, *target, *outcome, *how;
	} cases[] = {
	    {"F1", "1", "T-1", "T-1", "ok", "own-change"},
	    {"F2", "2", "T-2", "T-2", "failed", "gone"},
	    {"F3", "3", "T-3", "T-9", "ok", "gone"},
	    {"F4", "4", "", "", "ok", "gone"},
	};
	struct fixture *f = *state;

	night(f, "r1");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct finding_record finding = {.finding_id = cases[i].id,
		    .run_id = "r1",
		    .code = "tier-mismatch",
		    .severity = "high",
		    .account_id = cases[i].account,
		    .tenant_id = cases[i].tenant};
		ok(f, ledger_finding_put(f->ledger, &finding, &f->err));
	}
	night(f, "r2");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t id = ledger_intent(f->ledger,
		    &(struct step_record){.run_id = "r2", .call = "SetTier", .target = cases[i].target},
		    &f->err);
		assert_true(id > 0);
		ok(f, ledger_outcome(f->ledger, id, cases[i].outcome, 200, "", "", &f->err));
	}
	assert_int_equal(resolve(f, "r2", NULL, 0), ARRAY_LEN(cases));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct seen one = {0};
		ok(f, ledger_findings(f->ledger, NULL, cases[i].id, see_how, &one, &f->err));
		assert_string_equal(one.ids, cases[i].how);
	}
	struct seen gone = {0};
	ok(f, ledger_findings_resolved(f->ledger, "r2", see, &gone, &f->err));
	assert_string_equal(gone.ids, "F1 F2 F3 F4 ");
}

static void the_counts_of_before_close(void **state)
{
	const char *const not_compared[] = {"3"};
	struct fixture *f = *state;
	struct findings_settled settled;

	night(f, "r1");
	put(f, "r1", "F1", "1", "high");
	put(f, "r1", "F2", "2", "high");
	put(f, "r1", "F3", "3", "high");
	ok(f, ledger_findings_resolve(f->ledger, "r1", NULL, 0, &settled, &f->err));
	assert_int_equal(settled.before, 0);
	night(f, "r2");
	put(f, "r2", "F1", "1", "high");
	put(f, "r2", "F4", "4", "high");
	ok(f, ledger_findings_resolve(f->ledger, "r2", not_compared, 1, &settled, &f->err));
	assert_int_equal(settled.before, 3);
	assert_int_equal(settled.resolved, 1);
	assert_int_equal(settled.left, 1);
}

static void a_look_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct finding_record finding = {.finding_id = "F1", .run_id = "r2", .severity = "high"};

	night(f, "r1");
	put(f, "r1", "F1", "1", "high");
	ok(f, ledger_finding_look(f->ledger, &finding, clock_wall_ms(&f->clock) + DAY_MS, f->arena, &f->err));
	assert_int_equal(finding.runs_open, 2);
	assert_string_equal(finding.news, "known");
	assert_int_equal(findings(f, NULL, "F1").last.runs_open, 1);
	ok(f, ledger_finding_look(NULL, &finding, START_MS, f->arena, &f->err));
	assert_string_equal(finding.news, "new");
}

static void what_a_person_decided_is_kept(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {0};

	night(f, "r1");
	struct finding_record finding = put(f, "r1", "F1", "1", "high");
	finding.state = "acknowledged";
	finding.owner = finding.assigned = "Ben";
	finding.ack = (struct finding_ack){.reason = "agreed", .who = "ana", .until = "2026-12-31", .at = 7};
	ok(f, ledger_finding_decide(
		  f->ledger, &finding, "acknowledged", "ana", "until 2026-12-31: agreed", &f->err));
	assert_string_equal(findings(f, NULL, "F1").states, "acknowledged ");
	assert_string_equal(findings(f, "r1", "F1").states, "open "); /* the night's own copy stays */
	night(f, "r2");
	finding = put(f, "r2", "F1", "1", "high");
	assert_string_equal(finding.owner, "Ben");
	assert_string_equal(finding.ack.reason, "agreed");
	assert_int_equal(finding.ack.at, 7);
	ok(f, ledger_finding_events(f->ledger, "F1", see_event, &seen, &f->err));
	assert_string_equal(seen.events, "F1:r1:opened@1 F1:r1:acknowledged@1 ");
	night(f, "r3");
	assert_int_equal(resolve(f, "r3", NULL, 0), 1); /* and ends with it */
	night(f, "r4");
	finding = put(f, "r4", "F1", "1", "high");
	assert_string_equal(finding.state, "open");
	assert_string_equal(finding.ack.until, "");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_finding_comes_back_whole),
	    T(a_finding_ages_over_nights),
	    T(what_is_gone_is_resolved_and_may_come_back),
	    T(what_was_not_compared_stays_open),
	    T(an_acknowledged_one_stays_so),
	    T(the_gravest_come_first),
	    T(a_rolled_back_night_leaves_no_trace),
	    T(a_change_of_ours_is_remembered),
	    T(the_counts_of_before_close),
	    T(a_look_changes_nothing),
	    T(what_a_person_decided_is_kept),
	};
	return cmocka_run_group_tests_name("ledger_findings", tests, NULL, NULL);
}
