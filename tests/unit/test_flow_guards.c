/* Guards that a night without trouble never meets, each by what would happen without it. */
#include "provision_fixture.h"

/* ---- A tenant that is taken must stand where the plan saw it. */

static void move_between_plan_and_step(struct fixture *f, struct cloud_tenant *tenant, const char *to)
{
	struct night n;

	begin_night(f, &n);
	make_plan(f, &n);
	assert_int_equal(n.plan->to_do, 1);
	strcpy(tenant->parent, to);
	assert_int_equal(apply_night(f, &n), 0);
	end_night(f, &n);
}

static void test_a_taken_tenant_that_moved(void **state)
{
	static const enum action actions[] = {
	    ACTION_NEW, ACTION_UPGRADE, ACTION_SUSPEND, ACTION_REACTIVATE, ACTION_CANCEL};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		start_over(f);
		const char *other = cloud_add(f->cloud, "Another reseller", "A9", "")->id;
		struct cloud_tenant *tenant;
		if (actions[i] == ACTION_NEW) {
			add_order(f, ACTION_NEW, 1, "Tier 1");
			tenant = cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1");
		} else {
			tenant = add_change(f, actions[i], 1, "Tier 1", "Tier 3");
			tenant->enabled = actions[i] != ACTION_REACTIVATE;
		}
		move_between_plan_and_step(f, tenant, other);
		assert_item(f, 0, ITEM_PARKED, "tenant-moved");
		assert_text(f, 0, other);
		assert_int_equal(f->cloud->changes, 0);
	}
}

/* ---- The mail: what was sent to the user of another tenant says nothing of this one. */

/* As a person's adoption leaves the item (src/job/adopt.c): the mail in doubt is settled as not wanted. */
static void adopt_other(struct fixture *f, const char *tenant_id)
{
	struct error err = {0};
	struct item_record item;
	struct step_record *steps;
	size_t count;
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_WRITE, &f->clock, &err);

	assert_int_equal(ledger_item_get(ledger, f->items[0].key, f->arena, &item, &err), 1);
	assert_int_equal(ledger_steps(ledger, item.key, f->arena, &steps, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		if (steps[i].outcome_at == 0)
			assert_int_equal(ledger_outcome(ledger, steps[i].id, "skipped", 0, "", "", &err), 0);
	item.tenant_id = tenant_id;
	item.user_id = "";
	item.step = STEP_SUBSCRIPTION;
	assert_int_equal(ledger_item_settle(ledger, &item, &err), 0);
	struct known_tenant known = {.account_id = item.account_id,
	    .tenant_id = tenant_id,
	    .login = item.login,
	    .item_key = item.key,
	    .subscription_id = item.subscription_id,
	    .user_id = ""};
	assert_int_equal(ledger_tenant_put(ledger, &known, &err), 0);
	assert_int_equal(ledger_commit(ledger, &err), 0);
	ledger_close(ledger);
}

static void test_a_mail_to_another_tenants_user(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_LOST_BEFORE, CALL_ACTIVATION_MAIL, 0, 1);
	night(f);
	assert_item(f, 0, ITEM_PARKED, "mail-in-doubt");
	/* Another tenant is the right one; the user over there has another login, so that ours is free. */
	struct cloud_tenant *right = cloud_add(f->cloud, "The right one", "A1", "");
	strcpy(f->cloud->users[0].login, "somebody@example.com");
	adopt_other(f, right->id);
	f->include_parked = true;
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->cloud->user_count, 2);
	assert_string_equal(f->cloud->users[1].tenant, right->id);
	assert_int_equal(f->cloud->users[1].mails, 1);
	assert_int_equal(f->cloud->users[0].mails, 0);
	assert_string_equal(right->tag, ""); /* whosever it is */
}

/* ---- A user of the login is ours only in our tenant and with our key. */

/* The tenant's list of users names one of another tenant. */
static void test_a_user_of_another_tenant_in_the_list(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *ours = cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1"),
			    *other = cloud_add(f->cloud, "Another reseller", "A9", "");
	struct cloud_user *user = cloud_add_user(f->cloud, other->id, "owner@reseller1.example.com");

	(void)ours;
	user->activated = true;
	f->cloud->users_items = arena_printf(f->arena, "[\"%s\"]", user->id);
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "login-taken");
	assert_false(user->admin);
	assert_int_equal(user->mails, 0);
	assert_int_equal(f->cloud->user_count, 1);
}

/* The user that the ledger knows stands in another tenant now. */
static void test_a_known_user_that_moved(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_STATUS, CALL_ACCESS_POLICIES, 0, 1);
	f->cloud->faults[0].status = 400;
	night(f);
	assert_item(f, 0, ITEM_FAILED, "refused");
	struct cloud_tenant *other = cloud_add(f->cloud, "Another reseller", "A9", "");
	strcpy(f->cloud->users[0].tenant, other->id);
	night(f);
	assert_item(f, 0, ITEM_PARKED, "login-taken");
	assert_false(f->cloud->users[0].admin);
	assert_int_equal(f->cloud->users[0].mails, 0);
}

/* A create of ours was lost and made nobody; then somebody made a user of the login in the tenant, by hand
 * and so without our key. Whether it had a mail nobody knows: that is for a person to say. */
static void test_a_user_of_the_login_without_our_key(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_LOST_BEFORE, CALL_USER_CREATE, 0, 999);
	night(f);
	f->cloud->faults[0].kind = FAULT_NONE;
	struct cloud_user *user =
	    cloud_add_user(f->cloud, f->cloud->tenants[0].id, "owner@reseller1.example.com");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "mail-in-doubt");
	assert_int_equal(user->mails, 0);
	assert_int_equal(f->cloud->user_count, 1);
}

/* ---- Taken, and then as it was: written twice at most, and told as what it is. */
static void test_taken_but_not_kept(void **state)
{
	static const enum acronis_call calls[] = {CALL_TENANT_UPDATE, CALL_OFFERING_ITEMS_SET,
	    CALL_PRICING_SET, CALL_SETTING_SET, CALL_ACCESS_POLICIES_SET};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		start_over(f);
		add_order(f, ACTION_NEW, 1, "Tier 1");
		if (calls[i] == CALL_TENANT_UPDATE) /* its contact is not the order's */
			cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1");
		cloud_fault(f->cloud, FAULT_NOT_KEPT, calls[i], 0, 999);
		night(f);
		assert_item(f, 0, ITEM_FAILED, "not-kept");
		assert_text(f, 0, "was written and reads otherwise");
		assert_int_equal(f->cloud->arrivals[calls[i]], 2);
		f->cloud->faults[0].kind = FAULT_NONE;
		night(f);
		assert_provisioned(f, 0);
	}
}

/* ---- An answer that is of another object is believed of nobody. */

/* What was made is looked for by its tag, or its key, and found. */
static void test_a_create_answered_with_another(void **state)
{
	static const enum acronis_call calls[] = {CALL_TENANT_CREATE, CALL_USER_CREATE};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		start_over(f);
		add_order(f, ACTION_NEW, 1, "Tier 1");
		cloud_fault(f->cloud, FAULT_OF_ANOTHER, calls[i], 0, 1);
		night(f);
		assert_item(f, 0, ITEM_DONE, "");
		assert_provisioned(f, 0);
		assert_int_equal(f->cloud->arrivals[calls[i]], 1);
	}
}

static void test_a_read_answered_with_another(void **state)
{
	struct fixture *f = *state;
	static const enum action actions[] = {ACTION_NEW, ACTION_SUSPEND, ACTION_UPGRADE};

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		start_over(f);
		if (actions[i] == ACTION_NEW) {
			add_order(f, ACTION_NEW, 1, "Tier 1");
			cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1");
		} else {
			add_change(f, actions[i], 1, "Tier 1", "Tier 3");
		}
		cloud_fault(f->cloud, FAULT_OF_ANOTHER, CALL_TENANT, 0, 999);
		night(f);
		assert_item(f, 0, ITEM_FAILED, "unreadable");
		assert_text(f, 0, "of another id than the one that was asked for");
		assert_int_equal(f->cloud->changes, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_a_taken_tenant_that_moved, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_mail_to_another_tenants_user, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_user_of_another_tenant_in_the_list, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_known_user_that_moved, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_user_of_the_login_without_our_key, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_taken_but_not_kept, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_create_answered_with_another, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_read_answered_with_another, setup, teardown),
	};

	return cmocka_run_group_tests_name("flow_guards", tests, NULL, NULL);
}
