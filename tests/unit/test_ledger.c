/* Runs, batches, the journal, known tenants and sides: what is put comes back. The rest of the ledger is in
 * the other test_ledger_ programs. */
#include "ledger_fixture.h"

static void runs_are_found_by_id_beginning_and_last(void **state)
{
	struct fixture *f = *state;
	struct run_record run = {.run_id = "20261122-a1",
	    .job = "nightly",
	    .command = "run",
	    .folder = "/runs/a1",
	    .job_path = "jobs/nightly.yaml",
	    .started_at = 77};

	ok(f, ledger_run_begin(f->ledger, &run, &f->err));
	assert_int_equal(ledger_run_find(f->ledger, "20261122-a1", f->arena, &run, &f->err), 1);
	assert_int_equal(run.exit_status, -1);
	assert_int_equal(run.ended_at, 0);
	assert_int_equal(run.started_at, 77);
	assert_string_equal(run.document, "");
	clock_advance(&f->clock, 5000);
	ok(f, ledger_run_end(f->ledger, "20261122-a1", 1, 12, "{\"x\":1}", &f->err));
	clock_advance(&f->clock,
	    -86400000); /* the machine's clock is set back a day: the next run is still the newer */
	begin_run(f, "20261122-a2");
	begin_run(f, "20261121-b");
	assert_int_equal(ledger_run_find(f->ledger, "last", f->arena, &run, &f->err), 1);
	assert_string_equal(run.run_id, "20261121-b");
	assert_int_equal(run.started_at, START_MS * INT64_C(1000) + 5000 - 86400000);
	assert_int_equal(ledger_run_find(f->ledger, "20261122-a1", f->arena, &run, &f->err), 1);
	assert_string_equal(run.job, "nightly");
	assert_string_equal(run.command, "run");
	assert_string_equal(run.folder, "/runs/a1");
	assert_string_equal(run.job_path, "jobs/nightly.yaml");
	assert_string_equal(run.document, "{\"x\":1}");
	assert_int_equal(run.exit_status, 1);
	assert_int_equal(run.changes, 12);
	assert_int_equal(run.ended_at, START_MS * INT64_C(1000) + 5000);
	assert_int_equal(ledger_run_find(f->ledger, "20261121", f->arena, &run, &f->err), 1);
	assert_string_equal(run.run_id, "20261121-b");
	assert_int_equal(ledger_run_find(f->ledger, "2025", f->arena, &run, &f->err), 0);
	assert_int_equal(ledger_run_find(f->ledger, "", f->arena, &run, &f->err), 0);
	assert_int_equal(ledger_run_find(f->ledger, "2026112%", f->arena, &run, &f->err), 0);
	refused(f, ledger_run_find(f->ledger, "20261122", f->arena, &run, &f->err), ERR_USAGE,
	    "several runs begin with \"20261122\": 20261122-a1, 20261122-a2");
}

static void a_run_id_that_begins_another_is_itself(void **state)
{
	struct fixture *f = *state;
	struct run_record run;
	char id[16];

	for (int i = 0; i < 8; i++) {
		snprintf(id, sizeof id, "r%.*s", i, "00000000");
		begin_run(f, id);
	}
	assert_int_equal(ledger_run_find(f->ledger, "r00", f->arena, &run, &f->err), 1);
	assert_string_equal(run.run_id, "r00");
	begin_run(f, "s1");
	for (int i = 0; i < 9; i++) {
		snprintf(id, sizeof id, "t%d", i);
		begin_run(f, id);
	}
	refused(f, ledger_run_find(f->ledger, "t", f->arena, &run, &f->err), ERR_USAGE,
	    "t0, t1, t2, t3, t4, ...");
	refused(f, ledger_run_begin(f->ledger, &(struct run_record){.run_id = "s1"}, &f->err), ERR_LEDGER,
	    "UNIQUE");
	refused(f, ledger_run_end(f->ledger, "none", 0, 0, "", &f->err), ERR_LEDGER, "no run none");
}

static void no_run_no_last(void **state)
{
	struct fixture *f = *state;
	struct run_record run;

	assert_int_equal(ledger_run_find(f->ledger, "last", f->arena, &run, &f->err), 0);
}

static int note_run(void *user, const struct run_record *run)
{
	assert_string_equal(run->document, "");
	return note(user, run->run_id);
}

static int note_step(void *user, const struct step_record *step)
{
	return note(user, step->call);
}

static void runs_newest_first_with_a_limit(void **state)
{
	struct fixture *f = *state;
	struct names all = {0}, two = {0}, stopped = {.stop_at = 1, .answer = 1},
		     failed = {.stop_at = 2, .answer = -1};

	begin_run(f, "a");
	begin_run(f, "c");
	begin_run(f, "b");
	end_run(f, "b", 0);
	ok(f, ledger_runs(f->ledger, 0, note_run, &all, &f->err));
	assert_string_equal(all.text, "b c a ");
	ok(f, ledger_runs(f->ledger, 2, note_run, &two, &f->err));
	assert_string_equal(two.text, "b c ");
	assert_int_equal(ledger_runs(f->ledger, 0, note_run, &stopped, &f->err), 0);
	assert_string_equal(stopped.text, "b ");
	assert_int_equal(ledger_runs(f->ledger, 0, note_run, &failed, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NONE);
}

static void batches_are_updated_in_place(void **state)
{
	struct fixture *f = *state;
	struct batch_record *batches, batch = {.run_id = "a", .number = 2, .planned = 50, .started_at = 5};
	size_t count;

	begin_run(f, "a");
	begin_run(f, "b");
	ok(f, ledger_batch_put(f->ledger, &batch, &f->err));
	batch = (struct batch_record){"a", 2, 50, 40, 7, 3, 5, 9};
	ok(f, ledger_batch_put(f->ledger, &batch, &f->err));
	batch = (struct batch_record){"a", 1, 50, 50, 0, 0, 1, 4};
	ok(f, ledger_batch_put(f->ledger, &batch, &f->err));
	ok(f, ledger_batches(f->ledger, "a", f->arena, &batches, &count, &f->err));
	assert_int_equal(count, 2);
	assert_int_equal(batches[0].number, 1);
	assert_string_equal(batches[1].run_id, "a");
	assert_int_equal(batches[1].planned, 50);
	assert_int_equal(batches[1].done, 40);
	assert_int_equal(batches[1].failed, 7);
	assert_int_equal(batches[1].parked, 3);
	assert_int_equal(batches[1].started_at, 5);
	assert_int_equal(batches[1].ended_at, 9);
	ok(f, ledger_batches(f->ledger, "b", f->arena, &batches, &count, &f->err));
	assert_int_equal(count, 0);
	assert_null(batches);
}

static void the_journal_tells_intent_and_outcome(void **state)
{
	struct fixture *f = *state;
	struct step_record *steps, step = {.item_key = "k1",
				       .run_id = "r1",
				       .step = STEP_TENANT,
				       .call = "createTenant",
				       .target = "/tenants",
				       .request_digest = "abc"};
	struct names in_run = {0};
	size_t count;

	begin_run(f, "r1");
	put_item(f, "r1", "k1", ITEM_RUNNING);
	put_item(f, "r1", "k2", ITEM_RUNNING);
	int64_t first = ledger_intent(f->ledger, &step, &f->err);
	step.call = "createUser";
	step.step = STEP_USER;
	int64_t second = ledger_intent(f->ledger, &step, &f->err);
	step.item_key = "k2";
	step.call = "setPricing";
	int64_t other = ledger_intent(f->ledger, &step, &f->err);
	assert_true(first > 0 && second > first && other > second);
	clock_advance(&f->clock, 250);
	ok(f, ledger_outcome(f->ledger, second, "ok", 201, "U-1", "made", &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	ok(f, ledger_steps(f->ledger, "k1", f->arena, &steps, &count, &f->err));
	assert_int_equal(count, 2);
	assert_int_equal(steps[0].id, first);
	assert_int_equal(steps[0].outcome_at, 0); /* in doubt */
	assert_string_equal(steps[0].outcome, "");
	assert_string_equal(steps[0].item_key, "k1");
	assert_string_equal(steps[0].run_id, "r1");
	assert_string_equal(steps[0].call, "createTenant");
	assert_string_equal(steps[0].target, "/tenants");
	assert_string_equal(steps[0].request_digest, "abc");
	assert_int_equal(steps[0].step, STEP_TENANT);
	assert_int_equal(steps[0].intent_at, START_MS * INT64_C(1000));
	assert_int_equal(steps[1].outcome_at, START_MS * INT64_C(1000) + 250);
	assert_string_equal(steps[1].outcome, "ok");
	assert_int_equal(steps[1].status, 201);
	assert_string_equal(steps[1].object_id, "U-1");
	assert_string_equal(steps[1].detail, "made");
	ok(f, ledger_outcome(f->ledger, first, "settled", 0, "T-1", "", &f->err));
	ok(f, ledger_run_steps(f->ledger, "r1", note_step, &in_run, &f->err));
	assert_string_equal(in_run.text, "createTenant createUser setPricing ");
	ok(f, ledger_steps(f->ledger, "k3", f->arena, &steps, &count, &f->err));
	assert_int_equal(count, 0);
}

static void the_journal_refuses_what_belongs_nowhere(void **state)
{
	struct fixture *f = *state;
	struct step_record step = {.item_key = "k1", .call = "createTenant"};

	refused(f, ledger_outcome(f->ledger, 5, "ok", 200, "", "", &f->err), ERR_LEDGER, "no step 5");
	refused(f, ledger_intent(f->ledger, &step, &f->err), ERR_LEDGER,
	    "does not know the run or the order item");
	ledger_rollback(f->ledger);
	step.item_key = ""; /* a correction outside of any order */
	assert_true(ledger_intent(f->ledger, &step, &f->err) > 0);
}

static void known_tenants_come_back_with_their_tier(void **state)
{
	struct fixture *f = *state;
	struct tier tiers[] = {{.name = "Tier 0"}, {.name = "Tier 4"}};
	struct job job = {.contract = {.tiers = tiers, .tier_count = 2}};
	struct known_tenant *tenants, tenant = {.account_id = "2",
					  .tenant_id = "T-2",
					  .login = "a@example.com",
					  .item_key = "k2",
					  .subscription_id = "S-2",
					  .user_id = "U-2",
					  .tier = &tiers[1]};
	size_t count;

	ok(f, ledger_tenant_put(f->ledger, &tenant, &f->err));
	ok(f, ledger_tenant_put(
		  f->ledger, &(struct known_tenant){.account_id = "1", .tenant_id = "old"}, &f->err));
	ok(f, ledger_tenant_put(
		  f->ledger, &(struct known_tenant){.account_id = "1", .tenant_id = "T-1"}, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	ok(f, ledger_tenants(f->ledger, &job, f->arena, &tenants, &count, &f->err));
	assert_int_equal(count, 2);
	assert_string_equal(tenants[0].tenant_id, "T-1");
	assert_null(tenants[0].tier);
	assert_string_equal(tenants[0].login, "");
	assert_string_equal(tenants[1].account_id, "2");
	assert_string_equal(tenants[1].login, "a@example.com");
	assert_string_equal(tenants[1].item_key, "k2");
	assert_string_equal(tenants[1].subscription_id, "S-2");
	assert_string_equal(tenants[1].user_id, "U-2");
	assert_ptr_equal(tenants[1].tier, &tiers[1]);
	job.contract.tier_count = 1; /* a tier that the job no longer has is not known */
	ok(f, ledger_tenants(f->ledger, &job, f->arena, &tenants, &count, &f->err));
	assert_null(tenants[1].tier);
}

static void a_side_counts_once_its_run_closed_well(void **state)
{
	struct fixture *f = *state;
	uint64_t rows;
	int64_t seen_at;

	begin_run(f, "r1");
	ok(f, ledger_side_put(f->ledger, "r1", "tenants", 100, "tenants.csv.zst", "aa", &f->err));
	assert_int_equal(ledger_side_last(f->ledger, "tenants", &rows, &seen_at, &f->err), 0);
	end_run(f, "r1", 1);
	assert_int_equal(ledger_side_last(f->ledger, "tenants", &rows, &seen_at, &f->err), 1);
	assert_int_equal(rows, 100);
	assert_int_equal(seen_at, START_MS * INT64_C(1000));
	clock_advance(&f->clock, 60000);
	begin_run(f, "r0"); /* a cut listing: could not compare */
	ok(f, ledger_side_put(f->ledger, "r0", "tenants", 3, "", "", &f->err));
	end_run(f, "r0", 3);
	assert_int_equal(ledger_side_last(f->ledger, "tenants", &rows, &seen_at, &f->err), 1);
	assert_int_equal(rows, 100);
	begin_run(f, "r3");
	ok(f, ledger_side_put(f->ledger, "r3", "tenants", 102, "", "", &f->err));
	ok(f, ledger_side_put(f->ledger, "r3", "tenants", 103, "", "", &f->err));
	end_run(f, "r3", 0);
	assert_int_equal(ledger_side_last(f->ledger, "tenants", &rows, &seen_at, &f->err), 1);
	assert_int_equal(rows, 103);
	assert_int_equal(seen_at, START_MS * INT64_C(1000) + 60000);
	assert_int_equal(ledger_side_last(f->ledger, "subscriptions", &rows, &seen_at, &f->err), 0);
}

static void states_and_steps_have_their_words(void **state)
{
	(void)state;
	assert_string_equal(item_state_name(ITEM_PARKED), "parked");
	assert_string_equal(step_name(STEP_NONE), "");
	assert_string_equal(step_name(STEP_ACTIVATE), "activate");
	assert_string_equal(item_state_name((enum item_state)99), "unknown");
	assert_string_equal(step_name((enum step)99), "unknown");
}

static size_t gone_since(struct fixture *f, int64_t since, const char *first)
{
	const char **ids;
	size_t count;

	ok(f, ledger_absents(f->ledger, since, f->arena, &ids, &count, &f->err));
	if (count > 0)
		assert_string_equal(ids[0], first);
	return count;
}

/* Who answered that it is gone is remembered for a time, and until all is read again. */
static void the_absent_are_remembered_for_a_time(void **state)
{
	struct fixture *f = *state;
	int64_t first = clock_wall_ms(&f->clock);

	begin_run(f, "r1");
	ok(f, ledger_absent_put(f->ledger, "r1", "b", &f->err));
	clock_advance(&f->clock, 5000);
	ok(f, ledger_absent_put(f->ledger, "r1", "a", &f->err));
	ok(f, ledger_absent_put(f->ledger, "r1", "a", &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	assert_int_equal(gone_since(f, first - 1, "a"), 2);
	assert_int_equal(gone_since(f, first, "a"), 1);
	assert_int_equal(gone_since(f, first + 5000, ""), 0);
	clock_advance(&f->clock, -5000); /* what was asked after now is not known */
	assert_int_equal(gone_since(f, first - 1, "b"), 1);
	ok(f, ledger_absents_clear(f->ledger, &f->err));
	assert_int_equal(gone_since(f, 0, ""), 0);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(runs_are_found_by_id_beginning_and_last),
	    T(a_run_id_that_begins_another_is_itself),
	    T(no_run_no_last),
	    T(runs_newest_first_with_a_limit),
	    T(batches_are_updated_in_place),
	    T(the_journal_tells_intent_and_outcome),
	    T(the_journal_refuses_what_belongs_nowhere),
	    T(known_tenants_come_back_with_their_tier),
	    T(a_side_counts_once_its_run_closed_well),
	    T(states_and_steps_have_their_words),
	    T(the_absent_are_remembered_for_a_time),
	};
	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
