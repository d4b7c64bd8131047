/* Doing the plan: the calls of an undisturbed night, the changes, what is parked and why, and that a second
 * night changes nothing. Faults and kills are in test_flow_faults.c and test_flow_kills.c. */
#include "provision_fixture.h"

#include "ledger/ledger_impl.h"

static void assert_calls(const struct fixture *f, size_t from, const enum acronis_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (from + i >= f->cloud->log_count || f->cloud->log[from + i] != calls[i])
			fail_msg("call %zu is %s, not %s", i,
			    from + i < f->cloud->log_count ? acronis_call_name(f->cloud->log[from + i])
							   : "none",
			    acronis_call_name(calls[i]));
	assert_int_equal(f->cloud->log_count, from + count);
}

static void test_new_order_makes_exactly_these_calls(void **state)
{
	static const enum acronis_call calls[] = {CALL_TENANTS, CALL_CHECK_LOGIN, CALL_SEARCH, CALL_SEARCH,
	    CALL_TENANT_CREATE, CALL_TENANT, CALL_OFFERING_ITEMS, CALL_OFFERING_ITEMS_SET,
	    CALL_OFFERING_ITEMS, CALL_PRICING, CALL_PRICING_SET, CALL_PRICING, CALL_SETTING, CALL_SETTING_SET,
	    CALL_SETTING, CALL_SETTING, CALL_SETTING_SET, CALL_SETTING, CALL_USER_CREATE,
	    CALL_ACCESS_POLICIES, CALL_ACCESS_POLICIES_SET, CALL_ACCESS_POLICIES, CALL_ACTIVATION_MAIL};
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1")->account_id = "A-1001";
	night(f);
	assert_calls(f, 0, calls, ARRAY_LEN(calls));
	assert_provisioned(f, 0);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->result.done, 1);
	assert_int_equal(f->result.changes, 8);
	struct item_state_of item = item_of(f, 0);
	assert_int_equal(item.step, STEP_ACTIVATE);
	assert_int_equal(item.steps, 8);
	assert_int_equal(item.in_doubt, 0);
	assert_string_equal(item.tenant_id, f->cloud->tenants[0].id);
	assert_string_equal(item.user_id, f->cloud->users[0].id);
}

static void test_two_factor_when_the_job_says_so(void **state)
{
	struct fixture *f = *state;

	f->job->contract.mfa = true;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_provisioned(f, 0);
	assert_true(f->cloud->tenants[0].mfa);
}

static void test_exactly_the_offering_items_of_the_contract(void **state)
{
	struct fixture *f = *state;
	struct offering_item_ref refs[] = {
	    {"backup", "storage", true, 1000}, {CLOUD_BACKUP, "notary", false, 0}};

	f->job->contract.all_offering_items = false;
	f->job->contract.offering_items = refs;
	f->job->contract.offering_item_count = 2;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	struct cloud_tenant *t =
	    cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1"); /* ours by its tag, and too much is on */
	t->item_on[1] = true;
	night(f);
	assert_true(t->item_on[0] && !t->item_on[1] && t->item_on[2]);
	assert_int_equal(t->quota[0], 1000);
	assert_int_equal(t->quota[2], -1);

	refs[1].name = "no-such-item";
	add_order(f, ACTION_NEW, 2, "Tier 1");
	night(f);
	assert_item(f, 1, ITEM_FAILED, "offering-item-not-available");
}

static void test_second_night_changes_nothing(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i <= 5; i++)
		add_order(f, ACTION_NEW, i, "Tier 2");
	night(f);
	assert_int_equal(f->result.done, 5);
	unsigned changes = f->cloud->changes;
	night(f);
	assert_int_equal(f->cloud->changes, changes);
	assert_int_equal(f->result.planned, 0);
	assert_int_equal(f->result.changes, 0);
	/* Even when the ledger lets it through again: everything is read, nothing written, no mail. */
	for (size_t i = 0; i < 5; i++)
		assert_provisioned(f, i);
}

static void test_upgrade_moves_the_tier_only(void **state)
{
	static const enum acronis_call calls[] = {
	    CALL_TENANTS, CALL_TENANT, CALL_SETTING, CALL_SETTING_SET, CALL_SETTING};
	struct fixture *f = *state;
	struct cloud_tenant *t = add_change(f, ACTION_UPGRADE, 1, "Tier 1", "Tier 3");

	night(f);
	assert_calls(f, 0, calls, ARRAY_LEN(calls));
	assert_int_equal(t->tier, 2);
	assert_int_equal(t->version, 1);
	assert_item(f, 0, ITEM_DONE, "");
}

static void test_downgrade_waits_for_the_first(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *t = add_change(f, ACTION_DOWNGRADE, 1, "Tier 3", "Tier 1");

	night(f);
	assert_int_equal(f->result.deferred, 1);
	assert_item(f, 0, ITEM_ACCEPTED, "");
	assert_string_equal(item_of(f, 0).text, "due 2026-12-01");
	assert_int_equal(t->tier, 2);
	clock_advance(&f->clock, 9 * INT64_C(86400000));
	night(f);
	assert_int_equal(t->tier, 0);
	assert_item(f, 0, ITEM_DONE, "");
}

static void test_suspend_cancel_reactivate(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *a = add_change(f, ACTION_SUSPEND, 1, "Tier 1", NULL),
			    *b = add_change(f, ACTION_CANCEL, 2, "Tier 1", NULL),
			    *c = add_change(f, ACTION_REACTIVATE, 3, "Tier 1", NULL);

	c->enabled = false;
	night(f);
	assert_int_equal(f->result.done, 3);
	assert_false(a->enabled || b->enabled);
	assert_true(c->enabled);
	assert_false(a->deleted || b->deleted);
	assert_int_equal(f->result.changes, 3);
}

static void test_unchanged_tenant_costs_no_change(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *a = add_change(f, ACTION_SUSPEND, 1, "Tier 1", NULL);

	add_change(f, ACTION_UPGRADE, 2, "Tier 3", "Tier 3");
	a->enabled = false;
	night(f);
	assert_int_equal(f->result.done, 2);
	assert_int_equal(f->cloud->changes, 0);
}

static void test_reactivation_without_its_tier_is_parked(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *a = add_change(f, ACTION_REACTIVATE, 1, "Tier 3", NULL),
			    *b = add_change(f, ACTION_REACTIVATE, 2, "Tier 3", NULL);

	a->enabled = b->enabled = false;
	a->tier = -1;
	b->has_tier = false;
	night(f);
	assert_item(f, 0, ITEM_PARKED, "tier-lost");
	assert_item(f, 1, ITEM_PARKED, "tier-lost");
	assert_true(a->enabled);
	assert_int_equal(a->tier, -1);
}

/* ---- Parked: nothing is created. */

static void test_login_taken_elsewhere(void **state)
{
	struct fixture *f = *state;

	strcpy(f->cloud->taken_login, "Owner@Reseller1.example.com");
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "login-taken");
	assert_int_equal(f->cloud->changes, 0);
	night(f); /* waits for its decision */
	assert_int_equal(f->result.planned, 0);
}

static void test_login_that_acronis_does_not_accept(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1")->login = "unacceptable@example.com";
	night(f);
	assert_item(f, 0, ITEM_FAILED, "login-not-acceptable");
	assert_int_equal(f->cloud->changes, 0);
}

static void test_planned_parks_are_recorded(void **state)
{
	struct fixture *f = *state;

	cloud_add(f->cloud, "RESELLER 1", "other", "");
	cloud_add(f->cloud, "Another name", "A2", "");
	add_order(f, ACTION_NEW, 1, "Tier 1");
	add_order(f, ACTION_NEW, 2, "Tier 1");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "name-clash");
	assert_text(f, 0, f->cloud->tenants[0].id);
	assert_item(f, 1, ITEM_PARKED, "tenant-exists");
	assert_text(f, 1, f->cloud->tenants[1].id);
	assert_int_equal(f->result.parked, 2);
	assert_int_equal(f->cloud->changes, 0);
}

/* A name that only the server knows to be taken (a fold that ours does not make). */
static void test_name_clash_found_by_the_server(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANT_CREATE, 0, 1);
	f->cloud->faults[0].status = 409;
	f->cloud->faults[0].code = 1004;
	night(f);
	assert_item(f, 0, ITEM_PARKED, "name-clash");
	assert_int_equal(f->cloud->tenant_count, 0);
	assert_int_equal(f->cloud->user_count, 0);
}

static void test_changes_of_tenants_in_other_states(void **state)
{
	struct fixture *f = *state;

	add_change(f, ACTION_UPGRADE, 1, "Tier 1", "Tier 3")->deleted = true;
	add_change(f, ACTION_UPGRADE, 2, "Tier 1", "Tier 3")->enabled = false;
	strcpy(add_change(f, ACTION_SUSPEND, 3, "Tier 1", NULL)->parent, f->cloud->tenants[0].id);
	strcpy(add_change(f, ACTION_SUSPEND, 4, "Tier 1", NULL)->parent, CLOUD_ELSEWHERE);
	add_change(f, ACTION_SUSPEND, 5, "Tier 1", NULL)->locked = true;
	add_order(f, ACTION_SUSPEND, 6, NULL)->subscription_id =
	    add_subscription(f, 6, "Tier 1", "aaaaaaaa-0000-4000-8000-000000000001")->id;
	night(f);
	assert_item(f, 0, ITEM_PARKED, "tenant-deleted");
	assert_item(f, 1, ITEM_PARKED, "tenant-disabled");
	assert_item(f, 2, ITEM_PARKED, "tenant-moved");
	assert_item(f, 3, ITEM_PARKED, "tenant-moved"); /* 403: it is out of our reach, not gone */
	assert_item(f, 4, ITEM_PARKED, "tenant-locked");
	assert_item(f, 5, ITEM_PARKED, "tenant-not-found");
}

/* Between the plan and the step a person corrected the account id of a tenant: it is somebody else's. */
static void test_tenant_of_another_when_its_turn_comes(void **state)
{
	static const enum action actions[] = {ACTION_UPGRADE, ACTION_SUSPEND};
	struct fixture *f = *state;
	struct night n;

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		start_over(f);
		struct cloud_tenant *tenant = add_change(f, actions[i], 1, "Tier 1", "Tier 3");
		begin_night(f, &n);
		make_plan(f, &n);
		strcpy(tenant->customer, "A2");
		assert_int_equal(apply_night(f, &n), 0);
		end_night(f, &n);
		assert_item(f, 0, ITEM_PARKED, "tenant-of-another-account");
		assert_string_equal(item_of(f, 0).tenant_id, "");
		assert_int_equal(f->cloud->changes, 0);
	}
}

/* The ledger knows the tenant; what became of it since is read directly. */
static void test_own_tenant_that_changed_since(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i <= 3; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	f->item_count = 0;
	for (unsigned i = 1; i <= 3; i++) {
		struct order_item *item = add_order(f, ACTION_SUSPEND, i, NULL);
		item->key = arena_printf(f->arena, "main/change-%u", i);
		item->subscription_id = arena_printf(f->arena, "S-%u", i);
	}
	strcpy(f->cloud->tenants[0].parent, CLOUD_ELSEWHERE);
	strcpy(f->cloud->tenants[1].id, "10000000-0000-4000-8000-00000000dead");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "tenant-moved");
	assert_item(f, 1, ITEM_PARKED, "tenant-not-found");
	assert_item(f, 2, ITEM_DONE, "");
}

static void test_order_changed_after_work_began(void **state)
{
	struct fixture *f = *state;

	cloud_fault(f->cloud, FAULT_STATUS, CALL_PRICING_SET, 0, 99);
	f->cloud->faults[0].status = 400;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_item(f, 0, ITEM_FAILED, "refused");
	f->cloud->faults[0].kind = FAULT_NONE;
	strcpy(f->items[0].digest, "another");
	unsigned changes = f->cloud->changes;
	night(f);
	assert_item(f, 0, ITEM_PARKED, "order-changed");
	assert_int_equal(f->cloud->changes, changes);
	strcpy(f->items[0].digest, "content-of-1");
	f->include_parked = true;
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_provisioned(f, 0);
}

/* ---- Users that were there. */

static void test_user_of_an_own_tenant(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *t = cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1");
	struct cloud_user *u = cloud_add_user(f->cloud, t->id, "owner@reseller1.example.com");

	u->activated = true;
	u->other_roles = 2;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->cloud->tenant_count, 1);
	assert_int_equal(f->cloud->user_count, 1);
	assert_int_equal(u->mails, 0); /* active already */
	assert_true(u->admin);
	assert_int_equal(u->other_roles, 2); /* kept */
}

static void test_user_without_a_journal_and_not_active(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *t = cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1");
	struct cloud_user *u = cloud_add_user(f->cloud, t->id, "owner@reseller1.example.com");

	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "mail-in-doubt");
	assert_int_equal(u->mails, 0);
}

/* Two ledgers, one order: who is refused the user cannot know about its mail. */
static void test_user_made_by_another_job_meanwhile(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_OTHERS_FIRST, CALL_USER_CREATE, 0, 1);
	night(f);
	assert_item(f, 0, ITEM_PARKED, "mail-in-doubt");
	assert_int_equal(f->cloud->user_count, 1);
	assert_int_equal(f->cloud->users[0].mails, 0);
}

/* A create that was refused made nobody: the user that is there the next night is somebody else's work. */
static void test_user_made_by_another_job_after_a_refusal(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_STATUS, CALL_USER_CREATE, 0, 1);
	f->cloud->faults[0].status = 400;
	cloud_fault(f->cloud, FAULT_OTHERS_FIRST, CALL_USER_CREATE, 1, 1);
	night(f);
	assert_item(f, 0, ITEM_FAILED, "refused");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "mail-in-doubt");
	assert_int_equal(f->cloud->user_count, 1);
	assert_int_equal(f->cloud->users[0].mails, 0);
}

static void test_a_user_behind_many_others_is_found(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *t = cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1");

	for (int i = 0; i < 200; i++)
		cloud_add_user(f->cloud, t->id, arena_printf(f->arena, "user%d@example.com", i));
	cloud_add_user(f->cloud, t->id, "owner@reseller1.example.com")->activated = true;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->cloud->arrivals[CALL_USER_CREATE], 0);
	assert_int_equal(f->cloud->arrivals[CALL_USERS], 3);
	assert_true(f->cloud->users[200].admin);
}

static void test_users_that_cannot_be_read_are_not_none(void **state)
{
	static const char *const items[] = {"{}", "null", "\"none\"", "[7]", "[\"\"]"};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		start_over(f);
		cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1");
		f->cloud->users_items = items[i];
		add_order(f, ACTION_NEW, 1, "Tier 1");
		night(f);
		assert_item(f, 0, ITEM_FAILED, "unreadable");
		assert_int_equal(f->cloud->user_count, 0);
	}
}

/* Between the user step and the mail: a person decides, and who retries gets a new user with a mail of its
 * own. */
static void test_user_removed_before_its_mail(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_STATUS, CALL_ACTIVATION_MAIL, 0, 1);
	f->cloud->faults[0].status = 400;
	night(f);
	assert_item(f, 0, ITEM_FAILED, "refused");
	assert_int_equal(f->cloud->user_count, 1);
	f->cloud->user_count = 0;
	night(f);
	assert_item(f, 0, ITEM_PARKED, "user-gone");
	assert_int_equal(f->cloud->user_count, 0);
	night(f);
	assert_item(f, 0, ITEM_PARKED, "user-gone");
	f->include_parked = true;
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->cloud->user_count, 1);
	assert_int_equal(f->cloud->users[0].mails, 1);
	assert_true(f->cloud->users[0].admin);
}

static void test_user_removed_before_its_role(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 2; i++) {
		start_over(f);
		add_order(f, ACTION_NEW, 1, "Tier 1");
		cloud_fault(
		    f->cloud, FAULT_STATUS, i ? CALL_ACCESS_POLICIES_SET : CALL_ACCESS_POLICIES, 0, 1);
		f->cloud->faults[0].status = 404;
		night(f);
		assert_item(f, 0, ITEM_PARKED, "user-gone");
	}
}

static void test_login_taken_found_late(void **state)
{
	struct fixture *f = *state;

	cloud_add(f->cloud, "Reseller 1", "A1", "main/O-1");
	strcpy(f->cloud->taken_login, "owner@reseller1.example.com");
	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "login-taken");
	assert_int_equal(f->cloud->user_count, 0);
}

/* A create whose answer was lost, and a list that does not have its user yet: the login is taken by our own.
 * It waits for the next run, which finds it and sends its mail, once. */
static void test_a_lost_user_that_no_list_has_yet(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_LOST_AFTER, CALL_USER_CREATE, 0, 1);
	f->cloud->users_items = "[]";
	night(f);
	assert_item(f, 0, ITEM_FAILED, "in-doubt");
	assert_int_equal(f->cloud->user_count, 1);
	f->cloud->users_items = NULL;
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(f->cloud->user_count, 1);
	assert_int_equal(f->cloud->users[0].mails, 1);
	assert_true(f->cloud->users[0].admin);
}

/* It waits once: whom the list of the next run does not have either is somebody else's. */
static void test_a_lost_user_of_somebody_elses_login(void **state)
{
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_fault(f->cloud, FAULT_LOST_AFTER, CALL_USER_CREATE, 0, 1);
	f->cloud->users_items = "[]";
	night(f);
	assert_item(f, 0, ITEM_FAILED, "in-doubt");
	night(f);
	assert_item(f, 0, ITEM_PARKED, "login-taken");
	assert_int_equal(f->cloud->user_count, 1);
	assert_int_equal(f->cloud->users[0].mails, 0);
}

/* ---- Several items of one account. */

static void test_items_of_one_account_keep_their_order(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *t = add_change(f, ACTION_UPGRADE, 1, "Tier 1", "Tier 3");

	add_order(f, ACTION_SUSPEND, 1, NULL)->subscription_id = "S-1";
	add_order(f, ACTION_REACTIVATE, 1, NULL)->subscription_id = "S-1";
	for (unsigned i = 2; i <= 8; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	assert_int_equal(f->result.done, 10);
	assert_int_equal(t->tier, 2);
	assert_true(t->enabled);
	assert_int_equal(t->version, 3); /* off, on */
	assert_true(f->most_in_flight > 1 && f->most_in_flight <= 4);
}

static void test_second_contract_becomes_a_tier_change(void **state)
{
	struct fixture *f = *state;

	f->job->rules.second_contract = SECOND_CONTRACT_TIER_CHANGE;
	add_order(f, ACTION_NEW, 1, "Tier 1");
	add_order(f, ACTION_NEW, 1, "Tier 4");
	night(f);
	assert_int_equal(f->result.done, 2);
	assert_int_equal(f->cloud->tenant_count, 1);
	assert_int_equal(f->cloud->tenants[0].tier, 3);
}

static void test_behind_a_failed_item_nothing_is_done(void **state)
{
	struct fixture *f = *state;
	struct cloud_tenant *t = add_change(f, ACTION_SUSPEND, 1, "Tier 1", NULL);

	add_order(f, ACTION_REACTIVATE, 1, NULL)->subscription_id = "S-1";
	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANT_UPDATE, 0, 1);
	f->cloud->faults[0].status = 400;
	night(f);
	assert_item(f, 0, ITEM_FAILED, "refused");
	assert_item(f, 1, ITEM_ACCEPTED, "not-started");
	assert_int_equal(f->result.not_started, 1);
	night(f);
	assert_int_equal(f->result.done, 2);
	assert_true(t->enabled);
	assert_int_equal(t->version, 3);
}

/* ---- When to stop. */

static void fail_all(struct fixture *f, enum acronis_call call)
{
	cloud_fault(f->cloud, FAULT_STATUS, call, 0, 9999);
	f->cloud->faults[0].status = 400;
}

static void test_max_errors_by_count(void **state)
{
	struct fixture *f = *state;

	f->job->provision.batch_size = 5;
	f->max_errors = (struct share){true, false, 4};
	fail_all(f, CALL_PRICING_SET);
	for (unsigned i = 1; i <= 20; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	assert_int_equal(f->result.end, APPLY_TOO_MANY_ERRORS);
	assert_int_equal(f->result.failed, 5);
	assert_int_equal(f->result.not_started, 15);
	assert_int_equal(f->result.batches, 1);
	assert_non_null(strstr(f->result.text, "max_errors"));
}

/* Once: what failed before counts no more, and the next stop holds. */
static void test_a_stop_is_raised_once(void **state)
{
	struct fixture *f = *state;

	f->job->provision.batch_size = 5;
	f->max_errors = (struct share){true, false, 4};
	f->raise_stop = true;
	fail_all(f, CALL_PRICING_SET);
	for (unsigned i = 1; i <= 20; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	assert_int_equal(f->result.end, APPLY_TOO_MANY_ERRORS);
	assert_int_equal(f->result.batches, 2);
	assert_int_equal(f->result.failed, 10);
	assert_int_equal(f->result.not_started, 10);
	assert_non_null(strstr(f->result.raised, "5 of 5"));
	assert_non_null(strstr(f->result.raised, "max_errors"));
}

static int count_not_started(void *user, const struct item_record *item)
{
	size_t *count = user;

	assert_int_equal(item->state, ITEM_ACCEPTED);
	assert_non_null(strstr(item->text, "max_errors"));
	*count += strcmp(item->reason, REASON_NOT_STARTED) == 0;
	return 0;
}

/* A retry of the run must find what it did not come to, and what failed the night before stays failed. */
static void test_what_was_not_begun_is_noted(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};
	size_t count = 0;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	add_order(f, ACTION_NEW, 2, "Tier 1");
	fail_all(f, CALL_PRICING_SET);
	night(f);
	f->job->provision.batch_size = 1;
	f->max_errors = (struct share){true, false, 0};
	add_order(f, ACTION_NEW, 3, "Tier 1");
	night(f);
	assert_int_equal(f->result.not_started, 2);
	assert_item(f, 1, ITEM_FAILED, "refused");
	assert_item(f, 2, ITEM_ACCEPTED, REASON_NOT_STARTED);
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_READ, &f->clock, &err);
	struct arena *arena = arena_new();
	struct run_record run;
	assert_int_equal(ledger_run_find(ledger, "last", arena, &run, &err), 1);
	struct item_filter filter = {.run_id = run.run_id, .state = ITEM_ACCEPTED};
	assert_int_equal(ledger_items(ledger, &filter, count_not_started, &count, &err), 0);
	assert_int_equal(count, 2);
	arena_free(arena);
	ledger_close(ledger);
}

static void test_max_errors_by_percent(void **state)
{
	struct fixture *f = *state;

	f->job->provision.batch_size = 6;
	f->max_errors = (struct share){true, true, 50};
	fail_all(f, CALL_PRICING_SET);
	for (unsigned i = 1; i <= 20; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	assert_int_equal(f->result.end, APPLY_TOO_MANY_ERRORS);
	assert_int_equal(f->result.batches, 2); /* 6 tried are not 10 yet */
	assert_int_equal(f->result.failed, 12);
}

static void test_what_waits_for_the_tier_table_is_no_error(void **state)
{
	struct fixture *f = *state;

	f->job->provision.batch_size = 3;
	f->max_errors = (struct share){true, false, 0};
	f->gate.tiers_unproved = true;
	for (unsigned i = 1; i <= 12; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	add_order(f, ACTION_NEW, 13, "Tier 0");
	night(f);
	assert_int_equal(f->result.end, APPLY_ALL);
	assert_int_equal(f->result.parked, 12);
	assert_int_equal(f->result.done, 1);
	assert_item(f, 0, ITEM_PARKED, "tier-unproved");
}

static void test_on_error_stop_ends_after_the_batch(void **state)
{
	struct fixture *f = *state;

	f->job->provision.batch_size = 3;
	f->job->provision.on_error = ON_ERROR_STOP;
	cloud_fault(f->cloud, FAULT_STATUS, CALL_PRICING_SET, 1, 1);
	f->cloud->faults[0].status = 400;
	for (unsigned i = 1; i <= 9; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	assert_int_equal(f->result.end, APPLY_TOO_MANY_ERRORS);
	assert_int_equal(f->result.failed, 1);
	assert_int_equal(f->result.done, 2);
	assert_int_equal(f->result.not_started, 6);
}

static void test_stop_flag_saves_and_the_next_night_goes_on(void **state)
{
	struct fixture *f = *state;

	f->job->provision.batch_size = 4;
	f->stop_after_heartbeats = 4; /* begin, first batch, second batch, third */
	for (unsigned i = 1; i <= 12; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	assert_int_equal(f->result.end, APPLY_INTERRUPTED);
	assert_int_equal(f->result.done + f->result.not_started, 12);
	assert_true(f->result.not_started > 0 && f->result.done > 0);
	for (size_t i = 0; i < 12; i++)
		assert_true(item_of(f, i).in_doubt == 0);
	f->stop = f->stop_after_heartbeats = 0;
	night(f);
	assert_int_equal(f->result.end, APPLY_ALL);
	for (size_t i = 0; i < 12; i++)
		assert_provisioned(f, i);
}

static void test_deadline_begins_no_new_batch(void **state)
{
	struct fixture *f = *state;

	f->job->acronis.connections = 2;
	f->job->provision.batch_size = 2;
	f->deadline = 500;
	for (unsigned i = 1; i <= 6; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	assert_int_equal(f->result.end, APPLY_DEADLINE);
	assert_int_equal(f->result.done, 2);
	assert_int_equal(f->result.not_started, 4);
}

static void test_circuit_opens_when_they_are_down(void **state)
{
	struct fixture *f = *state;
	struct night n;

	for (unsigned i = 1; i <= 40; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	begin_night(f, &n);
	make_plan(f, &n);
	f->cloud->down = true;
	assert_int_equal(apply_night(f, &n), 0);
	end_night(f, &n);
	assert_int_equal(f->result.end, APPLY_CIRCUIT_OPEN);
	assert_true(f->result.failed >= 8 && f->result.failed < 14);
	assert_true(f->result.not_started > 20);
	f->cloud->down = false;
	night(f);
	for (size_t i = 0; i < 40; i++)
		assert_provisioned(f, i);
}

static void test_refused_client_stops_the_run(void **state)
{
	struct fixture *f = *state;

	cloud_fault(f->cloud, FAULT_STATUS, CALL_PRICING, 0, 99);
	f->cloud->faults[0].status = 401;
	for (unsigned i = 1; i <= 10; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	night(f);
	assert_int_equal(f->result.end, APPLY_UNAUTHORIZED);
	assert_int_equal(f->result.failed, 0);
	assert_int_equal(f->result.not_started, 10);
	f->cloud->faults[0].kind = FAULT_NONE;
	night(f);
	assert_int_equal(f->result.done, 10);
}

/* The night's plan with a heartbeat of the test's own. */
static int apply_with(
    struct fixture *f, const struct night *n, int (*heartbeat)(void *, struct error *), void *user)
{
	struct apply apply = {.job = f->job,
	    .plan = n->plan,
	    .world = n->world,
	    .session = &n->session,
	    .ledger = n->ledger,
	    .clock = &f->clock,
	    .run_id = n->run_id,
	    .folder = f->folder,
	    .heartbeat = heartbeat,
	    .user = user};

	return apply_run(&apply, &f->result, &f->err);
}

static int lost_lock(void *user, struct error *err)
{
	struct fixture *f = user;

	return ++f->heartbeats < 2 ? 0 : error_set(err, ERR_LEDGER, "the lock was taken over");
}

static void test_lost_lock_ends_the_run_with_its_error(void **state)
{
	struct fixture *f = *state;
	struct night n;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	begin_night(f, &n);
	make_plan(f, &n);
	assert_int_equal(apply_with(f, &n, lost_lock, f), -1);
	assert_string_equal(f->err.text, "the lock was taken over");
	end_night(f, &n);
	assert_int_equal(f->cloud->changes, 0);
}

/* The volume of the ledger goes back to a moment before the first mail, under the run. */
static int put_back_after_a_mail(void *user, struct error *err)
{
	struct night *n = user;
	int code =
	    sqlite3_exec(n->ledger->db, "DELETE FROM steps WHERE step = 'activation'", NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : error_set(err, ERR_INTERNAL, "the test cannot put it back");
}

static void test_no_mail_after_the_ledger_was_put_back(void **state)
{
	struct fixture *f = *state;
	struct night n;
	int mails = 0;

	f->job->provision.batch_size = 1;
	f->job->acronis.connections = 1;
	for (unsigned i = 1; i <= 3; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	begin_night(f, &n);
	make_plan(f, &n);
	assert_int_equal(apply_with(f, &n, put_back_after_a_mail, &n), -1);
	assert_int_equal(f->err.code, ERR_LEDGER);
	assert_non_null(strstr(f->err.text, "was put back to an earlier state while run"));
	end_night(f, &n);
	for (size_t i = 0; i < f->cloud->user_count; i++)
		mails += f->cloud->users[i].mails;
	assert_int_equal(mails, 1);
	assert_int_equal(f->result.done, 1);
}

static void test_batches_are_in_the_ledger(void **state)
{
	struct fixture *f = *state;
	struct batch_record *batches;
	size_t count;
	struct error err = {0};

	f->job->provision.batch_size = 4;
	f->max_errors = (struct share){true, true, 10};
	for (unsigned i = 1; i <= 10; i++)
		add_order(f, ACTION_NEW, i, "Tier 1");
	strcpy(f->cloud->taken_login, "owner@reseller6.example.com");
	night(f);
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_READ, &f->clock, &err);
	struct run_record run;
	assert_int_equal(ledger_run_find(ledger, "last", f->arena, &run, &err), 1);
	assert_int_equal(ledger_batches(ledger, run.run_id, f->arena, &batches, &count, &err), 0);
	assert_int_equal(count, 3);
	assert_int_equal(batches[0].done, 4);
	assert_int_equal(batches[1].done, 3);
	assert_int_equal(batches[1].parked, 1);
	assert_int_equal(batches[2].planned, 2);
	assert_true(batches[2].ended_at > 0);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_new_order_makes_exactly_these_calls, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_two_factor_when_the_job_says_so, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_exactly_the_offering_items_of_the_contract, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_second_night_changes_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_upgrade_moves_the_tier_only, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_downgrade_waits_for_the_first, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_suspend_cancel_reactivate, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_unchanged_tenant_costs_no_change, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reactivation_without_its_tier_is_parked, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_login_taken_elsewhere, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_login_that_acronis_does_not_accept, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_planned_parks_are_recorded, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_name_clash_found_by_the_server, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_changes_of_tenants_in_other_states, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_tenant_of_another_when_its_turn_comes, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_own_tenant_that_changed_since, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_order_changed_after_work_began, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_user_of_an_own_tenant, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_user_without_a_journal_and_not_active, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_user_made_by_another_job_meanwhile, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_user_made_by_another_job_after_a_refusal, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_user_behind_many_others_is_found, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_users_that_cannot_be_read_are_not_none, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_user_removed_before_its_mail, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_user_removed_before_its_role, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_login_taken_found_late, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_lost_user_that_no_list_has_yet, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_lost_user_of_somebody_elses_login, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_items_of_one_account_keep_their_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_second_contract_becomes_a_tier_change, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_behind_a_failed_item_nothing_is_done, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_max_errors_by_count, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_stop_is_raised_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_was_not_begun_is_noted, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_max_errors_by_percent, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_waits_for_the_tier_table_is_no_error, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_on_error_stop_ends_after_the_batch, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_stop_flag_saves_and_the_next_night_goes_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_deadline_begins_no_new_batch, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_circuit_opens_when_they_are_down, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_refused_client_stops_the_run, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lost_lock_ends_the_run_with_its_error, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_mail_after_the_ledger_was_put_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_batches_are_in_the_ledger, setup, teardown),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
