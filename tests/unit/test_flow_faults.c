/* One fault in each changing call: an answer lost before or after the work was done, a stale version, a
 * refusal that is over the next night. Afterwards there must be exactly one of everything, as after an
 * undisturbed night. */
#include "provision_fixture.h"

static const enum acronis_call changing[] = {CALL_TENANT_CREATE, CALL_TENANT_UPDATE, CALL_MFA_SET,
    CALL_OFFERING_ITEMS_SET, CALL_PRICING_SET, CALL_SETTING_SET, CALL_USER_CREATE, CALL_ACCESS_POLICIES_SET};

/* Three orders; the second one's tenant is there already (by its tag) with an old contact, so that its update
 * is needed. */
static void three_orders(struct fixture *f)
{
	start_over(f);
	f->job->contract.mfa = true;
	for (unsigned i = 1; i <= 3; i++)
		add_order(f, ACTION_NEW, i, "Tier 2");
	cloud_add(f->cloud, "Reseller 2", "A2", "main/O-2");
}

static void assert_all_provisioned(struct fixture *f)
{
	assert_int_equal(f->cloud->tenant_count, f->item_count);
	assert_int_equal(f->cloud->user_count, f->item_count);
	for (size_t i = 0; i < f->item_count; i++) {
		assert_item(f, i, ITEM_DONE, "");
		assert_provisioned(f, i);
		assert_int_equal(item_of(f, i).in_doubt, 0);
	}
}

static void each_call_with(struct fixture *f, enum cloud_fault_kind kind, unsigned times)
{
	for (size_t c = 0; c < ARRAY_LEN(changing); c++) {
		for (unsigned nth = 0; nth < 3; nth++) {
			three_orders(f);
			cloud_fault(f->cloud, kind, changing[c], nth, times);
			night(f);
			assert_all_provisioned(f);
		}
	}
}

static void test_answer_lost_after_the_work(void **state)
{
	each_call_with(*state, FAULT_LOST_AFTER, 1);
}

static void test_answer_lost_before_the_work(void **state)
{
	each_call_with(*state, FAULT_LOST_BEFORE, 1);
}

static void test_answers_lost_twice(void **state)
{
	each_call_with(*state, FAULT_LOST_BEFORE, 2);
	each_call_with(*state, FAULT_LOST_AFTER, 2);
}

static void test_others_write_in_between(void **state)
{
	each_call_with(*state, FAULT_OTHERS_WRITE, 1);
	each_call_with(*state, FAULT_OTHERS_WRITE, 2);
}

/* The whole night every answer to a change of this kind is lost although it was carried out. */
static void test_all_answers_lost_after_the_work(void **state)
{
	each_call_with(*state, FAULT_LOST_AFTER, 999);
}

/* Nothing comes through: failed, with a reason that says so, and the next night completes it. */
static void test_nothing_comes_through_until_the_next_night(void **state)
{
	struct fixture *f = *state;

	for (size_t c = 0; c < ARRAY_LEN(changing); c++) {
		three_orders(f);
		cloud_fault(f->cloud, FAULT_LOST_BEFORE, changing[c], 0, 999);
		night(f);
		assert_true(f->result.failed > 0);
		f->cloud->faults[0].kind = FAULT_NONE;
		night(f);
		assert_all_provisioned(f);
	}
}

static void refused_once(struct fixture *f, int status, int code)
{
	for (size_t c = 0; c < ARRAY_LEN(changing); c++) {
		three_orders(f);
		cloud_fault(f->cloud, FAULT_STATUS, changing[c], 0, 1);
		f->cloud->faults[0].status = status;
		f->cloud->faults[0].code = code;
		night(f);
		night(f);
		assert_all_provisioned(f);
	}
}

static void test_refused_and_retried(void **state)
{
	refused_once(*state, 400, 400);
	refused_once(*state, 500, 1000);
	refused_once(*state, 503, 503);
	refused_once(*state, 429, 429);
}

/* A listing that does not show a new tenant yet: one reading without it is not enough to create another. */
static void test_one_empty_reading_is_not_enough(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_LOST_AFTER, CALL_TENANT_CREATE, 0, 1);
	f->cloud->hidden_listings = 1;
	int64_t before = clock_mono_ms(&f->clock);
	night(f);
	assert_all_provisioned(f);
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 1);
	assert_true(clock_mono_ms(&f->clock) - before >= 5000);
}

/* The look-up after a lost answer meets a tenant whose id cannot be read: it may be the one that was made. */
static void test_no_second_create_on_an_unreadable_listing(void **state)
{
	struct fixture *f = *state;
	struct night n;

	cloud_add(f->cloud, "Somebody", "A9", "");
	add_order(f, ACTION_NEW, 1, "Tier 1")->account_id = "A-1001";
	cloud_fault(f->cloud, FAULT_LOST_BEFORE, CALL_TENANT_CREATE, 0, 1);
	begin_night(f, &n);
	make_plan(f, &n);
	f->cloud->tenants[0].without_id = true;
	assert_int_equal(apply_night(f, &n), 0);
	end_night(f, &n);
	assert_item(f, 0, ITEM_FAILED, "in-doubt");
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 1 + 3); /* the plan's, and then three tries */
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 1);
}

/* While one account waits for its second reading, the others go on. */
static void test_a_pause_holds_nobody_else_up(void **state)
{
	struct fixture *f = *state;

	f->job->acronis.connections = 1;
	f->job->acronis.settle_ms = 60000;
	for (unsigned i = 1; i <= 6; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	cloud_fault(f->cloud, FAULT_LOST_BEFORE, CALL_TENANT_CREATE, 0, 1);
	int64_t before = clock_mono_ms(&f->clock);
	night(f);
	assert_all_provisioned(f);
	assert_true(clock_mono_ms(&f->clock) - before < 65000);
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 7);
}

static void test_versions_that_never_fit(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_OTHERS_WRITE, CALL_PRICING_SET, 0, 999);
	night(f);
	assert_item(f, 0, ITEM_FAILED, "stale");
	assert_int_equal(f->cloud->arrivals[CALL_PRICING_SET], 5);
}

static void test_quota_of_others_is_merged(void **state)
{
	struct fixture *f = *state;
	struct offering_item_ref refs[] = {{"backup", "storage", true, 500}};

	f->job->contract.all_offering_items = false;
	f->job->contract.offering_items = refs;
	f->job->contract.offering_item_count = 1;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_OTHERS_WRITE, CALL_OFFERING_ITEMS_SET, 0, 2);
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->cloud->tenants[0].quota[0], 500);
	assert_int_equal(f->cloud->arrivals[CALL_OFFERING_ITEMS_SET], 3);
}

/* ---- The mail. */

static void mail_lost(struct fixture *f, enum cloud_fault_kind kind, int mails)
{
	start_over(f);
	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, kind, CALL_ACTIVATION_MAIL, 0, 1);
	night(f);
	assert_item(f, 0, ITEM_PARKED, "mail-in-doubt");
	assert_int_equal(f->cloud->users[0].mails, mails);
	assert_int_equal(item_of(f, 0).in_doubt, 1);
	f->include_parked = true;
	night(f); /* again: still a person's decision */
	assert_item(f, 0, ITEM_PARKED, "mail-in-doubt");
	assert_int_equal(f->cloud->users[0].mails, mails);
	f->include_parked = false;
}

static void test_mail_in_doubt_is_parked(void **state)
{
	mail_lost(*state, FAULT_LOST_AFTER, 1);
	mail_lost(*state, FAULT_LOST_BEFORE, 0);
}

static void test_mail_in_doubt_is_sent_again_when_the_job_says_so(void **state)
{
	struct fixture *f = *state;

	f->job->provision.activation_in_doubt = ACTIVATION_RESEND;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_LOST_BEFORE, CALL_ACTIVATION_MAIL, 0, 1);
	night(f);
	assert_all_provisioned(f);
}

static void test_mail_that_was_not_sent_for_sure_is_sent_the_next_night(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_STATUS, CALL_ACTIVATION_MAIL, 0, 1);
	f->cloud->faults[0].status = 400;
	night(f);
	assert_item(f, 0, ITEM_FAILED, "refused");
	night(f);
	assert_all_provisioned(f);
}

/* What a person decides about a mail in doubt stands in the journal (`decide`). */
static void decide_mail(struct fixture *f, const char *outcome)
{
	struct error err = {0};
	struct step_record *steps;
	size_t count;
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_WRITE, &f->clock, &err);

	assert_int_equal(ledger_steps(ledger, f->items[0].key, f->arena, &steps, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		if (steps[i].outcome_at == 0)
			assert_int_equal(
			    ledger_outcome(ledger, steps[i].id, outcome, 0, "", "decided", &err), 0);
	assert_int_equal(ledger_commit(ledger, &err), 0);
	ledger_close(ledger);
}

static void test_mail_decided_by_a_person(void **state)
{
	struct fixture *f = *state;

	mail_lost(f, FAULT_LOST_BEFORE, 0);
	decide_mail(f, "settled");
	f->include_parked = true;
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->cloud->users[0].mails, 1);

	mail_lost(f, FAULT_LOST_AFTER, 1);
	decide_mail(f, "skipped");
	f->include_parked = true;
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->cloud->users[0].mails, 1);
}

/* ---- Changes of subscriptions under the same faults. */

static void changes_with(struct fixture *f, enum cloud_fault_kind kind)
{
	static const enum acronis_call calls[] = {CALL_TENANT_UPDATE, CALL_SETTING_SET};

	for (size_t c = 0; c < ARRAY_LEN(calls); c++) {
		start_over(f);
		struct cloud_tenant *a = add_change(f, ACTION_SUSPEND, 1, "Tier 1", NULL),
				    *b = add_change(f, ACTION_REACTIVATE, 2, "Tier 1", NULL),
				    *u = add_change(f, ACTION_UPGRADE, 3, "Tier 1", "Tier 5");
		b->enabled = false;
		cloud_fault(f->cloud, kind, calls[c], 0, 1);
		night(f);
		assert_int_equal(f->result.done, 3);
		assert_true(!a->enabled && b->enabled);
		assert_int_equal(u->tier, 4);
	}
}

static void test_changes_of_subscriptions(void **state)
{
	changes_with(*state, FAULT_LOST_BEFORE);
	changes_with(*state, FAULT_LOST_AFTER);
	changes_with(*state, FAULT_OTHERS_WRITE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_answer_lost_after_the_work, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_answer_lost_before_the_work, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_answers_lost_twice, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_others_write_in_between, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_all_answers_lost_after_the_work, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_nothing_comes_through_until_the_next_night, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refused_and_retried, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_one_empty_reading_is_not_enough, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_second_create_on_an_unreadable_listing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_pause_holds_nobody_else_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_versions_that_never_fit, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_quota_of_others_is_merged, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_mail_in_doubt_is_parked, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_mail_in_doubt_is_sent_again_when_the_job_says_so, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_mail_that_was_not_sent_for_sure_is_sent_the_next_night, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_mail_decided_by_a_person, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_changes_of_subscriptions, setup, teardown),
	};

	return cmocka_run_group_tests_name("flow_faults", tests, NULL, NULL);
}
