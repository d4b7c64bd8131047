/* Provisioning and time: an action that takes too long, calls that give no answer after a signal, and a wall
 * clock that jumps in the middle of a night. */
#include "provision_fixture.h"

enum { HOUR_MS = 3600000 };

static void test_an_action_that_takes_too_long_ends_between_two_calls(void **state)
{
	struct fixture *f = *state;
	int nights = 0;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	f->job->provision.action_timeout_ms = 8000;
	f->cloud->delay_ms = 2000;
	night(f);
	assert_int_equal(f->result.failed, 1);
	assert_item(f, 0, ITEM_FAILED, "took-too-long");
	struct item_state_of item = item_of(f, 0);
	assert_non_null(strstr(item.text, "took longer than 8 s"));
	assert_int_equal(item.in_doubt, 0);
	assert_true(item.steps > 0);
	while (item_of(f, 0).state == ITEM_FAILED && ++nights < 20)
		night(f);
	assert_provisioned(f, 0);
	assert_true(nights > 1);
}

static void test_an_action_in_time_is_left_alone(void **state)
{
	struct fixture *f = *state;

	f->job->provision.action_timeout_ms = 5000;
	f->cloud->delay_ms = 50;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_provisioned(f, 0);
}

/* A lost answer and no time left: what is in doubt is called so, and looked for in the next night. */
static void test_too_long_with_a_call_in_doubt(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	f->job->provision.action_timeout_ms = 3000;
	f->job->acronis.settle_ms = 5000;
	cloud_fault(f->cloud, FAULT_LOST_AFTER, CALL_TENANT_CREATE, 0, 1);
	f->cloud->hidden_listings = 1;
	night(f);
	assert_item(f, 0, ITEM_FAILED, "in-doubt");
	assert_int_equal(item_of(f, 0).in_doubt, 1);
	f->job->provision.action_timeout_ms = 600000;
	night(f);
	assert_provisioned(f, 0);
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 1);
}

/* Half a minute after a signal nobody waits any more: what has no answer is in doubt, and found by the next
 * night. */
static void test_calls_without_an_answer_do_not_hold_up_a_stop(void **state)
{
	struct fixture *f = *state;
	struct night n;

	f->job->acronis.connections = 4;
	for (unsigned i = 1; i <= 4; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	begin_night(f, &n);
	make_plan(f, &n);
	f->cloud->delay_ms = 10 * 60000;
	f->stop_after_heartbeats = 3;
	int64_t before = clock_mono_ms(&f->clock);
	assert_int_equal(apply_night(f, &n), 0);
	assert_in_range(clock_mono_ms(&f->clock) - before, 30000, 40000);
	assert_int_equal(f->result.end, APPLY_INTERRUPTED);
	assert_int_equal(f->result.not_started, 4);
	assert_non_null(strstr(f->result.text, "4 calls had no answer"));
	end_night(f, &n);
	f->stop = f->stop_after_heartbeats = 0;
	f->cloud->delay_ms = 50;
	night(f);
	assert_int_equal(f->result.done, 4);
	for (size_t i = 0; i < 4; i++)
		assert_provisioned(f, i);
}

/* ---- A wall clock that is set back or forward an hour each time it is read. */

static struct clock_ops jumping_ops;
static unsigned readings;

static int64_t jumping_wall(struct clock *clock)
{
	return clock->wall + (readings++ % 2 ? HOUR_MS : -HOUR_MS);
}

static void let_the_clock_jump(struct clock *clock)
{
	jumping_ops = *clock->ops;
	jumping_ops.wall_ms = jumping_wall;
	clock->ops = &jumping_ops;
}

static int64_t long_night(struct fixture *f, bool jumps)
{
	start_over(f);
	clock_manual(&f->clock, START_SECONDS * INT64_C(1000));
	if (jumps)
		let_the_clock_jump(&f->clock);
	for (unsigned i = 1; i <= 12; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	cloud_fault(f->cloud, FAULT_LOST_AFTER, CALL_TENANT_CREATE, 2, 2);
	cloud_fault(f->cloud, FAULT_LOST_BEFORE, CALL_USER_CREATE, 3, 1);
	f->cloud->hidden_listings = 2;
	night(f);
	assert_int_equal(f->result.done, 12);
	for (size_t i = 0; i < 12; i++)
		assert_provisioned(f, i);
	return clock_mono_ms(&f->clock);
}

static void test_jumps_of_the_wall_clock_change_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t quiet, jumping;

	f->job->provision.action_timeout_ms = 600000;
	quiet = long_night(f, false);
	jumping = long_night(f, true);
	assert_int_equal(quiet, jumping);
}

struct rows {
	int64_t last_id;
	size_t count;
};

static int in_order(void *user, const struct step_record *step)
{
	struct rows *rows = user;

	assert_true(step->id > rows->last_id);
	assert_true(step->outcome_at != 0);
	rows->last_id = step->id;
	rows->count++;
	return 0;
}

/* The order of runs and of changes is that in which they were begun, whatever the times beside them say. */
static void test_order_is_by_beginning(void **state)
{
	struct fixture *f = *state;
	struct arena *arena = arena_new();
	struct run_record first, last;
	struct rows rows = {0};

	let_the_clock_jump(&f->clock);
	readings = 1; /* an hour ahead when the first night begins */
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	f->clock.wall -= 48 * (int64_t)HOUR_MS;
	add_order(f, ACTION_NEW, 2, "Tier 1");
	night(f);
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_READ, &f->clock, &f->err);
	assert_int_equal(ledger_run_find(ledger, "run-001", arena, &first, &f->err), 1);
	assert_int_equal(ledger_run_find(ledger, "last", arena, &last, &f->err), 1);
	assert_int_equal(strncmp(last.run_id, "run-002", 7), 0);
	assert_true(last.started_at < first.started_at);
	assert_int_equal(ledger_run_steps(ledger, last.run_id, in_order, &rows, &f->err), 0);
	assert_int_equal(ledger_run_steps(ledger, first.run_id, in_order, &(struct rows){0}, &f->err), 0);
	assert_true(rows.count > 5);
	ledger_close(ledger);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		test_an_action_that_takes_too_long_ends_between_two_calls, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_an_action_in_time_is_left_alone, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_too_long_with_a_call_in_doubt, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_calls_without_an_answer_do_not_hold_up_a_stop, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_jumps_of_the_wall_clock_change_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_order_is_by_beginning, setup, teardown),
	};

	return cmocka_run_group_tests_name("apply_time", tests, NULL, NULL);
}
