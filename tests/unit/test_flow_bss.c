/* Writing back to the BSS: each order item begun, activated and executed once, whatever becomes of a single
 * write; what is failed, parked or left for the next night; and kills between any two steps. */
#include "provision_fixture.h"

#include "../fake/fake_bss.h"

/* What a test has of its own, shared with nights that are killed. */
struct stage {
	struct fake_bss bss;
	unsigned events, kill_at;
	enum bss_write_kind fault_kind;
	enum fake_bss_fault fault;
	unsigned fault_from, fault_times, seen; /* the nth write of that kind, and how many */
	unsigned lost_looks;                    /* so many looks get no answer */
};
struct test {
	struct fixture *f;
	struct stage *stage;
	struct fake_bss_hooks hooks;
};

static enum fake_bss_fault next_fault(void *user, const struct bss_write *write)
{
	struct stage *stage = user;

	if (write->kind == BSS_LOOK && stage->lost_looks > 0) {
		stage->lost_looks--;
		return BSS_LOSE_BEFORE;
	}
	if (stage->fault == BSS_FINE || write->kind != stage->fault_kind)
		return BSS_FINE;
	stage->seen++;
	return stage->seen >= stage->fault_from && stage->seen < stage->fault_from + stage->fault_times
		   ? stage->fault
		   : BSS_FINE;
}

static void kill_here(void *user)
{
	struct stage *stage = user;

	if (stage->kill_at && ++stage->events == stage->kill_at)
		_exit(9);
}

static struct test begin_test(void **state)
{
	struct test t = {.f = *state};

	t.stage = mmap(NULL, sizeof *t.stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(t.stage != MAP_FAILED);
	memset(t.stage, 0, sizeof *t.stage);
	t.hooks = (struct fake_bss_hooks){next_fault, kill_here, t.stage};
	return t;
}

/* After begin_test() returned: the hooks have their place then. */
static void open_writer(struct test *t)
{
	t->f->writer = fake_bss_writer_new(&t->stage->bss, &t->hooks);
}

static void end_test(struct test *t)
{
	bss_writer_close(t->f->writer);
	t->f->writer = NULL;
	munmap(t->stage, sizeof *t->stage);
}

static void order(struct test *t, unsigned number)
{
	const struct order_item *item = add_order(t->f, ACTION_NEW, number, "Tier 1");

	fake_bss_add(&t->stage->bss, item->order_id, item->account_id, "new");
}

static void two_orders(struct test *t)
{
	start_over(t->f);
	t->stage->bss = (struct fake_bss){0};
	t->stage->seen = t->stage->events = t->stage->kill_at = 0;
	t->stage->fault = BSS_FINE;
	order(t, 1);
	order(t, 2);
}

static void fault(
    struct test *t, enum bss_write_kind kind, enum fake_bss_fault what, unsigned from, unsigned times)
{
	t->stage->fault_kind = kind;
	t->stage->fault = what;
	t->stage->fault_from = from;
	t->stage->fault_times = times;
	t->stage->seen = 0;
}

/* The end that every story has. */
static void assert_converged(struct test *t)
{
	struct fake_bss *bss = &t->stage->bss;

	for (size_t i = 0; i < t->f->item_count; i++) {
		assert_item(t->f, i, ITEM_DONE, "");
		assert_provisioned(t->f, i);
		const struct fake_bss_order *o = &bss->orders[i];
		const struct fake_bss_subscription *s = fake_bss_subscription(bss, o->subscription_id);
		assert_true(o->executed);
		assert_string_equal(o->status, "Executed");
		assert_non_null(s);
		assert_string_equal(s->status, "Active");
		assert_string_equal(s->sync_status, "Synchronized");
		assert_string_equal(s->comment, "");
		assert_string_equal(s->external_id, item_of(t->f, i).tenant_id);
		assert_string_equal(s->order_item_id, o->order_item_id);
	}
	assert_int_equal(bss->subscription_count, t->f->item_count);
	assert_int_equal(bss->begun, t->f->item_count);
	assert_int_equal(bss->activated, t->f->item_count);
	assert_int_equal(bss->twice, 0);
}

static void test_a_night_writes_each_order_once(void **state)
{
	struct test t = begin_test(state);

	open_writer(&t);
	two_orders(&t);
	night(t.f);
	assert_int_equal(t.f->result.done, 2);
	assert_converged(&t);
	assert_int_equal(t.stage->bss.failed, 0);
	assert_int_equal(item_of(t.f, 0).in_doubt, 0);
	night(t.f);
	assert_int_equal(t.f->result.changes, 0);
	assert_converged(&t);
	end_test(&t);
}

static void test_lost_answers_are_settled_within_the_night(void **state)
{
	static const enum fake_bss_fault faults[] = {BSS_LOSE_BEFORE, BSS_LOSE_AFTER};
	static const enum bss_write_kind kinds[] = {BSS_BEGIN, BSS_ACTIVATE};
	struct test t = begin_test(state);

	open_writer(&t);
	for (size_t f = 0; f < ARRAY_LEN(faults); f++) {
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			for (unsigned times = 1; times <= 2; times++) {
				two_orders(&t);
				fault(&t, kinds[k], faults[f], 1, times);
				night(t.f);
				assert_converged(&t);
				assert_int_equal(item_of(t.f, 0).in_doubt, 0);
			}
		}
	}
	end_test(&t);
}

static void test_a_look_without_an_answer_is_had_again(void **state)
{
	struct test t = begin_test(state);

	open_writer(&t);
	two_orders(&t);
	fault(&t, BSS_BEGIN, BSS_LOSE_AFTER, 1, 1);
	night(t.f);
	assert_converged(&t);
	two_orders(&t);
	fault(&t, BSS_ACTIVATE, BSS_LOSE_AFTER, 1, 1);
	t.stage->lost_looks = 3;
	night(t.f);
	assert_converged(&t);
	/* One that never gets an answer: the night ends, and the next one looks. */
	two_orders(&t);
	fault(&t, BSS_ACTIVATE, BSS_LOSE_AFTER, 1, 1);
	t.stage->lost_looks = 100;
	night(t.f);
	assert_int_equal(t.f->result.end, APPLY_BSS_UNAVAILABLE);
	t.stage->lost_looks = 0;
	night(t.f);
	assert_converged(&t);
	end_test(&t);
}

static void test_locked_orders_fail_and_are_done_the_next_night(void **state)
{
	static const enum bss_write_kind kinds[] = {BSS_BEGIN, BSS_ACTIVATE};
	struct test t = begin_test(state);

	open_writer(&t);
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		two_orders(&t);
		fault(&t, kinds[k], BSS_LOCKED_OUT, 1, 1);
		night(t.f);
		assert_int_equal(t.f->result.failed, 1);
		assert_item(t.f, 0, ITEM_FAILED, "bss-busy");
		assert_int_equal(t.f->cloud->tenant_count, kinds[k] == BSS_BEGIN ? 1 : 2);
		assert_int_equal(t.stage->bss.failed, kinds[k] == BSS_BEGIN ? 0 : 1);
		night(t.f);
		assert_converged(&t);
	}
	end_test(&t);
}

static void test_refused_writes_fail_with_their_words(void **state)
{
	struct test t = begin_test(state);

	open_writer(&t);
	two_orders(&t);
	fault(&t, BSS_BEGIN, BSS_REFUSES, 1, 1);
	night(t.f);
	assert_item(t.f, 0, ITEM_FAILED, "bss-refused");
	assert_non_null(strstr(item_of(t.f, 0).text, "a constraint says no"));
	assert_item(t.f, 1, ITEM_DONE, "");
	night(t.f);
	assert_converged(&t);
	end_test(&t);
}

static void test_a_changed_order_is_parked_and_the_bss_shows_why(void **state)
{
	struct test t = begin_test(state);

	open_writer(&t);
	two_orders(&t);
	snprintf(t.stage->bss.orders[0].status, sizeof t.stage->bss.orders[0].status, "Canceled");
	snprintf(t.stage->bss.orders[1].tier, sizeof t.stage->bss.orders[1].tier, "Tier 2");
	night(t.f);
	assert_item(t.f, 0, ITEM_PARKED, "order-changed");
	assert_item(t.f, 1, ITEM_PARKED, "order-changed");
	assert_int_equal(t.f->cloud->tenant_count, 0);
	assert_int_equal(t.stage->bss.subscription_count, 0);
	end_test(&t);
}

static void test_what_fails_later_marks_the_pending_subscription(void **state)
{
	struct test t = begin_test(state);

	open_writer(&t);
	two_orders(&t);
	cloud_add(t.f->cloud, "Stranger", "A9", "");
	snprintf(t.f->cloud->users[t.f->cloud->user_count].login, sizeof t.f->cloud->users[0].login, "%s",
	    t.f->items[0].login);
	t.f->cloud->user_count++;
	night(t.f);
	assert_item(t.f, 0, ITEM_PARKED, "login-taken");
	const struct fake_bss_subscription *s = &t.stage->bss.subscriptions[0];
	assert_string_equal(s->status, "Pending");
	assert_string_equal(s->sync_status, "Failed");
	assert_int_equal(strncmp(s->comment, "login-taken: ", 13), 0);
	assert_item(t.f, 1, ITEM_DONE, "");
	end_test(&t);
}

static void test_a_bss_that_is_gone_ends_the_night_and_the_next_goes_on(void **state)
{
	static const enum bss_write_kind kinds[] = {BSS_BEGIN, BSS_ACTIVATE};
	struct test t = begin_test(state);

	open_writer(&t);
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		two_orders(&t);
		fault(&t, kinds[k], BSS_IS_GONE, 1, 100);
		night(t.f);
		assert_int_equal(t.f->result.end, APPLY_BSS_UNAVAILABLE);
		assert_non_null(strstr(t.f->result.text, "cannot be reached"));
		assert_int_equal(t.f->result.failed, 0);
		assert_int_equal(t.f->result.not_started, 2);
		assert_int_equal(t.stage->bss.failed, 0);
		if (kinds[k] == BSS_BEGIN)
			assert_int_equal(t.f->cloud->tenant_count, 0);
		t.stage->fault = BSS_FINE;
		night(t.f);
		assert_converged(&t);
	}
	end_test(&t);
}

/* A change of a contract: nothing is begun, the subscription that is there changes with the order. */
static void test_a_change_is_written_once(void **state)
{
	struct test t = begin_test(state);

	open_writer(&t);
	two_orders(&t);
	start_over(t.f);
	t.stage->bss = (struct fake_bss){0};
	add_change(t.f, ACTION_CANCEL, 3, "Tier 1", NULL);
	fake_bss_add(&t.stage->bss, t.f->items[0].order_id, "A3", "cancel");
	struct fake_bss_subscription *s = &t.stage->bss.subscriptions[t.stage->bss.subscription_count++];
	*s = (struct fake_bss_subscription){
	    .id = "S-3", .account_id = "A3", .status = "Active", .sync_status = "Synchronized"};
	fault(&t, BSS_ACTIVATE, BSS_LOSE_AFTER, 1, 1);
	night(t.f);
	assert_item(t.f, 0, ITEM_DONE, "");
	assert_string_equal(s->status, "Cancelled");
	assert_true(t.stage->bss.orders[0].executed);
	assert_int_equal(t.stage->bss.begun, 0);
	assert_int_equal(t.stage->bss.activated, 1);
	end_test(&t);
}

static void test_killed_at_every_write(void **state)
{
	struct test t = begin_test(state);
	unsigned points = 0;

	for (unsigned k = 1;; k++) {
		open_writer(&t);
		two_orders(&t);
		t.f->job->provision.activation_in_doubt = ACTIVATION_RESEND;
		t.stage->kill_at = k;
		bool killed = killed_night(t.f, 0);
		t.stage->kill_at = 0;
		if (!killed) {
			bss_writer_close(t.f->writer);
			break;
		}
		points++;
		night(t.f);
		for (size_t i = 0; i < t.f->cloud->user_count; i++)
			t.f->cloud->users[i].mails = 1; /* one that was in doubt was sent again */
		assert_converged(&t);
		assert_int_equal(item_of(t.f, 0).in_doubt, 0);
		bss_writer_close(t.f->writer);
	}
	t.f->writer = NULL;
	assert_true(points >= 8);
	munmap(t.stage, sizeof *t.stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_night_writes_each_order_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lost_answers_are_settled_within_the_night, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_look_without_an_answer_is_had_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_locked_orders_fail_and_are_done_the_next_night, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refused_writes_fail_with_their_words, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_a_changed_order_is_parked_and_the_bss_shows_why, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_what_fails_later_marks_the_pending_subscription, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_a_bss_that_is_gone_ends_the_night_and_the_next_goes_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_change_is_written_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_killed_at_every_write, setup, teardown),
	};

	return cmocka_run_group_tests_name("flow_bss", tests, NULL, NULL);
}
