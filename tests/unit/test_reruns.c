/* What of a run is done again, what a decision leaves as it was, and when a ledger is behind its run folders.
 */
#include "ledger_fixture.h"

#include "job/run_impl.h"
#include "tenantry/atomic_file.h"

#include "../fake/fake_job.h"

static const char run_1[] = "20261121T013000Z-00000a", run_2[] = "20261122T013000Z-00000b";

struct again {
	struct fixture *f;
	struct job *job;
	struct retry retry;
};

static int start(void **state)
{
	struct again *a = mem_zalloc(sizeof *a);
	void *fixture = NULL;

	if (setup(&fixture) < 0)
		return -1;
	a->f = fixture;
	a->job = fake_job_new();
	a->job->name = "nightly";
	a->job->path = "nightly.yaml";
	a->job->ledger = a->f->path;
	a->job->output = arena_printf(a->job->arena, "%s/runs", a->f->folder);
	*state = a;
	return 0;
}

static int stop(void **state)
{
	struct again *a = *state;
	void *fixture = a->f;
	char *command = mem_printf("rm -rf '%s'", a->job->output);
	int rc = system(command);

	free(command);
	fake_job_free(a->job);
	free(a);
	return teardown(&fixture) || rc;
}

struct given {
	const char *item, *order, *reason;
	enum item_state state;
	int64_t batch;
};

static struct item_record record_of(const char *run_id, const struct given *g)
{
	static char keys[16][32];
	static size_t next;
	char *key = keys[next++ % 16];

	snprintf(key, sizeof keys[0], "main/%s", g->item);
	return (struct item_record){.key = key,
	    .order_id = g->order,
	    .item_id = g->item,
	    .account_id = g->item,
	    .reason = g->reason,
	    .run_id = run_id,
	    .state = g->state,
	    .batch = g->batch};
}

static void put(struct again *a, const char *run_id, const struct given *g)
{
	struct item_record item = record_of(run_id, g);

	ok(a->f, ledger_item_put(a->f->ledger, &item, &a->f->err));
}

/* One of each kind, in no order. */
static void put_night(struct again *a)
{
	static const struct given night[] = {{"OI-9", "O-9", "unavailable", ITEM_FAILED, 1},
	    {"OI-1", "O-1", "", ITEM_DONE, 1}, {"OI-5", "O-5", "refused", ITEM_FAILED, 2},
	    {"OI-2", "O-2", "", ITEM_RUNNING, 2}, {"OI-3", "O-3", "mail-in-doubt", ITEM_PARKED, 2},
	    {"OI-4", "O-4", REASON_NOT_STARTED, ITEM_ACCEPTED, 0},
	    {"OI-6", "O-6", "", ITEM_ACCEPTED, 0} /* due later */};

	begin_run(a->f, run_1);
	for (size_t i = 0; i < ARRAY_LEN(night); i++)
		put(a, run_1, &night[i]);
	ok(a->f, ledger_commit(a->f->ledger, &a->f->err));
	end_run(a->f, run_1, 1);
}

static int select_again(struct again *a, const struct retry_filter *filter)
{
	return retry_select(a->job, run_1, filter, a->f->arena, &a->retry, &a->f->err);
}

static void selects(struct again *a, const struct retry_filter *filter, const char *wanted)
{
	struct strbuf keys = {0};

	ok(a->f, select_again(a, filter));
	strbuf_adds(&keys, "");
	for (size_t i = 0; i < a->retry.selection.count; i++)
		strbuf_addf(&keys, "%s%s", i ? " " : "", a->retry.selection.keys[i] + strlen("main/"));
	assert_string_equal(keys.p ? keys.p : "", wanted);
	strbuf_free(&keys);
}

static void what_is_open_is_done_again(void **state)
{
	struct again *a = *state;
	struct retry_filter all = {0}, parked = {.include_parked = true};

	put_night(a);
	selects(a, &all, "OI-2 OI-4 OI-5 OI-9");
	assert_int_equal(a->retry.failed, 2);
	assert_int_equal(a->retry.in_doubt, 1);
	assert_int_equal(a->retry.not_started, 1);
	assert_int_equal(a->retry.parked_left, 1);
	assert_false(a->retry.selection.parked);
	selects(a, &parked, "OI-2 OI-3 OI-4 OI-5 OI-9");
	assert_int_equal(a->retry.parked, 1);
	assert_true(a->retry.selection.parked);
	assert_string_equal(a->retry.selection.run_id, run_1);
}

static void what_was_done_since_is_not(void **state)
{
	struct again *a = *state;
	static const struct given done = {"OI-9", "O-9", "", ITEM_DONE, 1},
				  otherwise = {"OI-5", "O-5", "stale", ITEM_FAILED, 1};
	const char *now[] = {"stale"}, *then[] = {"refused"};

	put_night(a);
	begin_run(a->f, run_2);
	put(a, run_2, &done);
	put(a, run_2, &otherwise);
	end_run(a->f, run_2, 1);
	selects(a, &(struct retry_filter){0}, "OI-2 OI-4 OI-5");
	selects(a, &(struct retry_filter){.codes = now, .code_count = 1}, "OI-5");
	selects(a, &(struct retry_filter){.codes = then, .code_count = 1}, "OI-5");
}

static void orders_batches_and_codes_narrow_it(void **state)
{
	struct again *a = *state;
	const char *orders[] = {"O-9", "OI-2", "main/OI-1"}, *doubt[] = {"in-doubt"},
		   *codes[] = {"refused", "unavailable"}, *mail[] = {"mail-in-doubt"};

	put_night(a);
	selects(a, &(struct retry_filter){.orders = orders, .order_count = 3}, "OI-2 OI-9");
	selects(a, &(struct retry_filter){.batch = 2}, "OI-2 OI-5");
	selects(a, &(struct retry_filter){.codes = doubt, .code_count = 1}, "OI-2");
	selects(a, &(struct retry_filter){.codes = codes, .code_count = 2}, "OI-5 OI-9");
	selects(a, &(struct retry_filter){.codes = codes, .code_count = 2, .batch = 1}, "OI-9");
	selects(a, &(struct retry_filter){.codes = mail, .code_count = 1}, "");
	assert_int_equal(a->retry.parked_left, 1);
}

static void what_the_run_does_not_have_is_refused(void **state)
{
	struct again *a = *state;
	const char *orders[] = {"O-77"}, *codes[] = {"refussed"};

	put_night(a);
	refused(a->f, select_again(a, &(struct retry_filter){.orders = orders, .order_count = 1}), ERR_USAGE,
	    "did not come to an order O-77");
	refused(
	    a->f, select_again(a, &(struct retry_filter){.batch = 7}), ERR_USAGE, "no order in a batch 7");
	assert_int_equal(select_again(a, &(struct retry_filter){.codes = codes, .code_count = 1}), -1);
	assert_non_null(strstr(a->f->err.hint, "refused"));
	error_clear(&a->f->err);
	refused(a->f,
	    retry_select(a->job, "20200101T000000Z-000000", &(struct retry_filter){0}, a->f->arena, &a->retry,
		&a->f->err),
	    ERR_USAGE, "no run");
}

static void a_run_at_work_is_left_alone(void **state)
{
	struct again *a = *state;
	struct identity identity;

	identity_of_run(&identity, &a->f->clock);
	begin_run(a->f, identity.run_id);
	ok(a->f, job_lock(a->f->ledger, a->job, &identity, &a->f->err));
	refused(a->f,
	    retry_select(
		a->job, identity.run_id, &(struct retry_filter){0}, a->f->arena, &a->retry, &a->f->err),
	    ERR_LOCKED, "still at work");
	ok(a->f, ledger_lock_release(a->f->ledger, "nightly", identity.run_id, &a->f->err));
	ok(a->f, retry_select(a->job, identity.run_id, &(struct retry_filter){0}, a->f->arena, &a->retry,
		     &a->f->err)); /* it died: what it touched can be done again */
}

static void a_key_is_found_in_a_selection(void **state)
{
	static const char *const keys[] = {"main/A", "main/A-1", "main/B", "main/BA"};
	struct run_selection selection = {.keys = keys, .count = ARRAY_LEN(keys)};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_int_equal(run_selection_find(&selection, strv_of(keys[i])), i);
	assert_int_equal(run_selection_find(&selection, STRV("main/")), -1);
	assert_int_equal(run_selection_find(&selection, STRV("main/A-")), -1);
	assert_int_equal(run_selection_find(&selection, STRV("main/C")), -1);
	assert_int_equal(run_selection_find(&selection, STRV("")), -1);
}

static void limits_are_written_and_read(void **state)
{
	static const struct share shares[] = {
	    {true, false, 3}, {true, true, 10}, {true, false, 0}, {false, false, 0}};
	char text[24];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		struct share back = share_parse(share_text(shares[i], text));
		assert_int_equal(back.set, shares[i].set);
		assert_int_equal(back.percent, shares[i].percent);
		assert_int_equal(back.number, shares[i].number);
	}
}

/* ---- Decisions. */

static int take_state(void *user, const struct item_record *item)
{
	*(enum item_state *)user = item->state;
	return 0;
}

static int take_decision(void *user, const struct decision_record *decision)
{
	struct names *names = user;

	note(names, decision->decision);
	note(names, decision->parked_as);
	note(names, decision->who);
	return note(names, decision->note);
}

static void a_decision_leaves_the_run_as_it_was(void **state)
{
	struct again *a = *state;
	struct fixture *f = a->f;
	static const struct given parked = {"OI-3", "O-3", "mail-in-doubt", ITEM_PARKED, 2};
	struct item_record item = record_of("", &parked), now;
	struct decision_record decision = {.account_id = "OI-3",
	    .item_key = "main/OI-3",
	    .decision = "skip-mail",
	    .parked_as = "mail-in-doubt",
	    .note = "why",
	    .who = "ann"};
	struct names names = {0};
	enum item_state in_run = ITEM_STATE_COUNT;

	put_night(a);
	item.state = ITEM_ACCEPTED;
	ok(f, ledger_item_settle(f->ledger, &item, &f->err));
	ok(f, ledger_decision_put(f->ledger, &decision, &f->err));
	decision.decision = "skip";
	ok(f, ledger_decision_put(f->ledger, &decision, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	assert_int_equal(ledger_item_get(f->ledger, "main/OI-3", f->arena, &now, &f->err), 1);
	assert_int_equal(now.state, ITEM_ACCEPTED);
	struct item_filter filter = {.run_id = run_1, .order_id = "O-3", .state = -1};
	ok(f, ledger_items(f->ledger, &filter, take_state, &in_run, &f->err));
	assert_int_equal(in_run, ITEM_PARKED);
	ok(f, ledger_decisions(f->ledger, "main/OI-3", take_decision, &names, &f->err));
	assert_string_equal(names.text, "skip-mail mail-in-doubt ann why skip mail-in-doubt ann why ");
	/* It is open again: nobody needs to ask for parked ones any more. */
	selects(a, &(struct retry_filter){0}, "OI-2 OI-3 OI-4 OI-5 OI-9");
}

static void a_run_is_put_back_whole(void **state)
{
	struct again *a = *state;
	struct fixture *f = a->f;
	struct run_record run = {.run_id = run_1,
			      .job = "nightly",
			      .command = "apply",
			      .folder = "/x",
			      .job_path = "n.yaml",
			      .started_at = 1000,
			      .ended_at = 2000,
			      .exit_status = 5,
			      .changes = 7,
			      .document = "{}"},
			  back;

	ok(f, ledger_run_restore(f->ledger, &run, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	assert_int_equal(ledger_run_find(f->ledger, "last", f->arena, &back, &f->err), 1);
	assert_string_equal(back.command, "apply");
	assert_int_equal(back.started_at, 1000);
	assert_int_equal(back.ended_at, 2000);
	assert_int_equal(back.exit_status, 5);
	assert_int_equal(back.changes, 7);
	assert_string_equal(back.document, "{}");
}

/* ---- A ledger that is behind. */

static void put_file(struct again *a, const char *run_id, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", a->job->output, run_id);

	ok(a->f, folder_make(path, &a->f->err));
	if (name) {
		char *file = mem_printf("%s/%s", path, name);
		ok(a->f, atomic_file_put(file, strv_of(text), &a->f->err));
		free(file);
	}
	free(path);
}

static void put_record(struct again *a, const char *run_id, const char *job, uint64_t changes)
{
	struct report *report = report_new();

	report->run_id = run_id;
	report->job = job;
	report->bss = "main";
	report->has_provision = true;
	report->apply.changes = changes;
	char *text = report_to_json(report, &a->f->err);
	assert_non_null(text);
	put_file(a, run_id, "run.json", text);
	free(text);
	report_free(report);
}

static int behind(struct again *a, struct ledger *ledger)
{
	struct ledger_behind out;
	int is = ledger_is_behind(a->job, ledger, &out, &a->f->err);

	assert_int_equal(is, out.run_id[0] != '\0');
	return is;
}

static void a_run_that_the_ledger_does_not_know(void **state)
{
	struct again *a = *state;
	struct ledger *ledger = a->f->ledger;

	assert_int_equal(behind(a, ledger), 0);
	assert_int_equal(behind(a, NULL), 0);
	put_file(a, run_1, NULL, "");
	put_file(a, "20261120T013000Z-00000c", "report.html", "x");
	assert_int_equal(behind(a, NULL), 0); /* nothing was done there */
	put_record(a, run_1, "nightly", 0);
	assert_int_equal(behind(a, NULL), 0); /* nothing was changed there */
	put_record(a, run_1, "nightly", 3);
	assert_int_equal(behind(a, NULL), 1);
	assert_int_equal(behind(a, ledger), 1);
	refused(a->f, refuse_lost_ledger(a->job, ledger, &a->f->err), ERR_LEDGER, run_1);
	refused(a->f, refuse_lost_ledger(a->job, NULL, &a->f->err), ERR_LEDGER, "the ledger is missing");
	begin_run(a->f, run_1);
	assert_int_equal(behind(a, ledger), 0);
	/* Older by name: its clock was wrong. */
	put_record(a, "20250101T000000Z-00000d", "nightly", 1);
	assert_int_equal(behind(a, ledger), 1);
}

/* Put back to the middle of a run: it is known, and not all of its mails are. A run that a rebuilt ledger has
 * from its folder has no journal at all, and that proves nothing. */
static void a_run_of_which_mails_are_not_known(void **state)
{
	struct again *a = *state;
	struct ledger *ledger = a->f->ledger;
	struct error *err = &a->f->err;

	begin_run(a->f, run_1);
	put_file(a, run_1, "accepted.csv", "Order Id\n");
	put_file(a, run_1, "activation-mails", "7 main/OI-1\n9 main/OI-2\n");
	assert_int_equal(behind(a, ledger), 0);
	ok(a->f, ledger_audit_open(ledger, run_1, err));
	ok(a->f, ledger_commit(ledger, err));
	assert_int_equal(behind(a, ledger), 1);
	refused(a->f, refuse_lost_ledger(a->job, ledger, err), ERR_LEDGER,
	    "put back to the middle of run 20261121T013000Z-00000a: it knows nothing of 2 activation mails of that run (main/OI-1, main/OI-2)");
}

/* Told once, and never of a folder that was pruned. */
static void a_folder_that_is_gone(void **state)
{
	struct again *a = *state;
	struct ledger *ledger = a->f->ledger;
	char run_id[RUN_ID_SIZE] = "";
	struct run_record run = {.run_id = run_1, .job = "nightly", .command = "run"},
			  other = {.run_id = run_2, .job = "another", .command = "run", .folder = "/nowhere"};

	assert_int_equal(newest_folder_is_gone(a->job, ledger, run_id, &a->f->err), 0);
	run.folder = arena_printf(a->job->arena, "%s/%s", a->job->output, run_1);
	ok(a->f, ledger_run_begin(ledger, &run, &a->f->err));
	ok(a->f, ledger_run_begin(ledger, &other, &a->f->err));
	assert_int_equal(newest_folder_is_gone(a->job, ledger, run_id, &a->f->err), 1);
	assert_string_equal(run_id, run_1);
	ok(a->f, ledger_run_pruned(ledger, run_1, &a->f->err));
	ok(a->f, ledger_commit(ledger, &a->f->err));
	assert_int_equal(newest_folder_is_gone(a->job, ledger, run_id, &a->f->err), 0);
}

static void a_run_that_was_killed_counts_unless_others_write_there(void **state)
{
	struct again *a = *state;

	put_file(a, run_1, "accepted.csv", "Order Id\n");
	assert_int_equal(behind(a, a->f->ledger), 1);
	put_record(a, run_2, "another", 9);
	assert_int_equal(behind(a, a->f->ledger), 0);
	assert_int_equal(behind(a, NULL), 0);
}

static void what_goes_on_needs_the_ledger(void **state)
{
	struct again *a = *state;

	a->job->ledger = "/nonexistent/ledger.db";
	assert_null(open_known_ledger(a->job, LEDGER_WRITE, &a->f->clock, &a->f->err));
	assert_string_equal(a->f->err.text, "there is no ledger yet");
	error_clear(&a->f->err);
	put_record(a, run_1, "nightly", 3);
	assert_null(open_known_ledger(a->job, LEDGER_WRITE, &a->f->clock, &a->f->err));
	assert_non_null(strstr(a->f->err.hint, "tenantry rebuild nightly.yaml"));
	error_clear(&a->f->err);
	a->job->ledger = a->f->path;
	assert_null(open_known_ledger(a->job, LEDGER_READ, &a->f->clock, &a->f->err));
	error_clear(&a->f->err);
	begin_run(a->f, run_1);
	struct ledger *ledger = open_known_ledger(a->job, LEDGER_READ, &a->f->clock, &a->f->err);
	assert_non_null(ledger);
	ledger_close(ledger);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_open_is_done_again),
	    TEST(what_was_done_since_is_not),
	    TEST(orders_batches_and_codes_narrow_it),
	    TEST(what_the_run_does_not_have_is_refused),
	    TEST(a_run_at_work_is_left_alone),
	    cmocka_unit_test(a_key_is_found_in_a_selection),
	    cmocka_unit_test(limits_are_written_and_read),
	    TEST(a_decision_leaves_the_run_as_it_was),
	    TEST(a_run_is_put_back_whole),
	    TEST(a_run_that_the_ledger_does_not_know),
	    TEST(a_run_of_which_mails_are_not_known),
	    TEST(a_folder_that_is_gone),
	    TEST(a_run_that_was_killed_counts_unless_others_write_there),
	    TEST(what_goes_on_needs_the_ledger),
	};

	return cmocka_run_group_tests_name("reruns", tests, NULL, NULL);
}
