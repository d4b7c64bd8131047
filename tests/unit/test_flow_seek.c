/* What is looked at before a tenant is made: the second look of another kind, and the list after a lost
 * create. None is ever made that is there, whatever a list says; and none on a look that could not be had. */
#include "provision_fixture.h"

static struct order_item *new_order(struct fixture *f, unsigned number)
{
	struct order_item *item = add_order(f, ACTION_NEW, number, "Tier 1");

	item->account_id = arena_printf(f->arena, "ACC-%u", 1000 + number);
	return item;
}

/* The plan's list lacks what `unlisted` says; then the second look is had. */
static void night_on_a_cut_list(struct fixture *f)
{
	struct night n;

	begin_night(f, &n);
	assert_non_null(n.world);
	make_plan(f, &n);
	assert_int_equal(n.plan->to_do, f->item_count);
	assert_int_equal(apply_night(f, &n), 0);
	end_night(f, &n);
}

static struct cloud_tenant *cut_out(
    struct fixture *f, const char *name, const char *customer, const char *tag)
{
	struct cloud_tenant *tenant = cloud_add(f->cloud, name, customer, tag);

	tenant->unlisted = true;
	return tenant;
}

static void test_our_own_tenant_is_found(void **state)
{
	struct fixture *f = *state;

	new_order(f, 1);
	cut_out(f, "Reseller 1", "ACC-1001", "main/O-1");
	night_on_a_cut_list(f);
	assert_int_equal(f->cloud->tenant_count, 1);
	assert_provisioned(f, 0);
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 0);
}

static void parked_as(struct fixture *f, const char *reason)
{
	night_on_a_cut_list(f);
	assert_item(f, 0, ITEM_PARKED, reason);
	assert_text(f, 0, f->cloud->tenants[0].id);
	assert_text(f, 0, "nothing was created");
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 0);
	/* The next night's list has it, and the plan says the same. */
	f->include_parked = true;
	f->cloud->tenants[0].unlisted = false;
	night(f);
	assert_item(f, 0, ITEM_PARKED, reason);
	f->include_parked = false;
}

static void test_a_tenant_of_the_account_is_found(void **state)
{
	struct fixture *f = *state;

	new_order(f, 1);
	cut_out(f, "Somebody", "ACC-1001", "another's tag");
	parked_as(f, "tenant-exists");
}

static void test_a_tenant_of_the_name_is_found(void **state)
{
	struct fixture *f = *state;

	new_order(f, 1);
	cut_out(f, "RESELLER 1", "ACC-9", "");
	parked_as(f, "name-clash");
}

/* Account ids and names that hold ours are others. */
static void test_what_only_holds_the_words_is_not_it(void **state)
{
	struct fixture *f = *state;

	new_order(f, 1);
	cut_out(f, "Reseller 1 and Sons", "ACC-10011", "");
	cut_out(f, "Other", "XACC-1001", "");
	night_on_a_cut_list(f);
	assert_provisioned(f, 0);
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 1);
	assert_int_equal(f->cloud->arrivals[CALL_TENANT], 1 + 2); /* both by their ids, once */
}

/* What the world knows already costs no call. */
static void test_two_calls_a_create(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i <= 4; i++)
		new_order(f, i);
	cloud_add(f->cloud, "Reseller 11", "ACC-10011", "");
	night(f);
	for (size_t i = 0; i < 4; i++)
		assert_provisioned(f, i);
	assert_int_equal(f->cloud->arrivals[CALL_SEARCH], 2 * 4);
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 1);
}

/* Found in a folder that the list lacked too: whose it is, the way up says. */
static void test_what_is_found_in_a_folder(void **state)
{
	struct fixture *f = *state;

	new_order(f, 1);
	struct cloud_tenant *found = cut_out(f, "Somebody", "ACC-1001", ""),
			    *folder = cut_out(f, "A folder", "", "");
	strcpy(found->parent, folder->id);
	folder->folder = true;
	f->cloud->search_below = true;
	night_on_a_cut_list(f);
	assert_item(f, 0, ITEM_PARKED, "tenant-exists");
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 0);
}

/* Each way in which the second look cannot be had: nothing is made, and the next night makes it. */
static void test_without_a_second_look_nothing_is_made(void **state)
{
	struct fixture *f = *state;
	static const int statuses[] = {503, 403, 404, 400};

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		for (unsigned nth = 0; nth < 2; nth++) {
			start_over(f);
			new_order(f, 1);
			cloud_fault(f->cloud, FAULT_STATUS, CALL_SEARCH, nth, 999);
			f->cloud->faults[0].status = statuses[i];
			night(f);
			assert_item(f, 0, ITEM_FAILED, "unavailable");
			assert_text(f, 0, "so none was created");
			assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 0);
			f->cloud->faults[0].kind = FAULT_NONE;
			night(f);
			assert_provisioned(f, 0);
		}
	}
}

/* No list has it, not even one of its id: its own answer has. */
static void test_what_only_its_own_answer_has(void **state)
{
	struct fixture *f = *state;

	new_order(f, 1);
	cloud_add(f->cloud, "Somebody", "A9", "");
	cloud_add(f->cloud, "Reseller 1", "ACC-1001", "main/O-1");
	f->cloud->listed_most = 1; /* of any list */
	night(f);
	assert_provisioned(f, 0);
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 0);
}

/* A find that cannot be read is no look at all; one that is gone since is not in the way. */
static void test_a_find_without_an_answer(void **state)
{
	struct fixture *f = *state;

	new_order(f, 1);
	cut_out(f, "Reseller 1", "ACC-1001", "another's tag");
	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANT, 0, 999);
	f->cloud->faults[0].status = 503;
	night_on_a_cut_list(f);
	assert_item(f, 0, ITEM_FAILED, "unavailable");
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 0);
	f->cloud->faults[0].status = 404;
	f->cloud->faults[0].nth = f->cloud->arrivals[CALL_TENANT];
	f->cloud->faults[0].times = 1;
	f->cloud->names_repeat = true;
	night(f);
	assert_provisioned(f, 0);
}

/* ---- Texts that cannot be searched for, and answers that are full: all children of the parent. */

static void test_short_texts_share_one_list(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i <= 8; i++)
		add_order(f, ACTION_NEW, i, "Tier 1"); /* A1 ... */
	night(f);
	for (size_t i = 0; i < 8; i++)
		assert_provisioned(f, i);
	assert_int_equal(f->cloud->arrivals[CALL_SEARCH], 8);  /* by name */
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 2); /* the plan's, and one for all */
}

static void test_a_short_id_is_found_in_the_list(void **state)
{
	struct fixture *f = *state;
	struct night n;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cut_out(f, "Somebody", "A1", "");
	begin_night(f, &n);
	make_plan(f, &n);
	f->cloud->tenants[0].unlisted = false;
	assert_int_equal(apply_night(f, &n), 0);
	end_night(f, &n);
	assert_item(f, 0, ITEM_PARKED, "tenant-exists");
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 0);
}

static void test_a_full_answer_says_nothing(void **state)
{
	struct fixture *f = *state;

	new_order(f, 1)->account_id = "ACC-1";
	for (unsigned i = 0; i < 120; i++)
		cloud_add(f->cloud, arena_printf(f->arena, "Other %u", i),
		    arena_printf(f->arena, "ACC-1%03u", i), "");
	night(f);
	assert_provisioned(f, 0);
	assert_int_equal(f->cloud->arrivals[CALL_SEARCH], 2);
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 2);
}

/* A list that lacks what the plan's list had proves nothing: read again twice, then nothing is made. */
static void test_a_list_that_lacks_what_was_there(void **state)
{
	struct fixture *f = *state;
	struct night n;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	cloud_add(f->cloud, "Somebody", "A9", "");
	begin_night(f, &n);
	make_plan(f, &n);
	f->cloud->tenants[0].unlisted = true;
	int64_t before = clock_mono_ms(&f->clock);
	assert_int_equal(apply_night(f, &n), 0);
	end_night(f, &n);
	assert_item(f, 0, ITEM_FAILED, "unavailable");
	assert_text(f, 0, f->cloud->tenants[0].id);
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 1 + 3);
	assert_true(clock_mono_ms(&f->clock) - before >= 2 * f->job->acronis.settle_ms);
	f->cloud->tenants[0].unlisted = false;
	night(f);
	assert_item(f, 0, ITEM_DONE, "");
}

/* ---- After a lost create. */

/* All lists are as of before this run: the lost tenant is there, and no list shows it, nor the one that was
 * made before it. */
static void test_a_list_that_lags_proves_nothing(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 2; i++) {
		start_over(f);
		f->job->acronis.connections = 1;
		f->cloud->names_repeat = true; /* nor is a second one refused */
		cloud_add(f->cloud, "Somebody", "A9", "");
		new_order(f, 1);
		new_order(f, 2);
		cloud_fault(
		    f->cloud, i == 0 ? FAULT_LOST_AFTER : FAULT_LOST_BEFORE, CALL_TENANT_CREATE, 1, 1);
		f->cloud->listed_most = 1;
		night(f);
		assert_item(f, 0, ITEM_DONE, "");
		assert_item(f, 1, ITEM_FAILED, "in-doubt");
		assert_text(f, 1, f->cloud->tenants[1].id);
		assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 2);
		f->cloud->listed_most = 0;
		night(f);
		assert_provisioned(f, 0);
		assert_provisioned(f, 1);
		assert_int_equal(f->cloud->tenant_count, 3);
	}
	f->job->acronis.connections = 4;
}

/* One list for all of them, and one more after the pause: not one each. */
static void test_lost_creates_share_their_lists(void **state)
{
	struct fixture *f = *state;

	f->job->acronis.connections = 8;
	for (unsigned i = 1; i <= 8; i++)
		new_order(f, i);
	cloud_fault(f->cloud, FAULT_LOST_BEFORE, CALL_TENANT_CREATE, 0, 8);
	night(f);
	for (size_t i = 0; i < 8; i++)
		assert_provisioned(f, i);
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 16);
	/* The plan's; then in two rounds at most two each, as who comes while one is read waits for the next.
	 */
	assert_true(f->cloud->arrivals[CALL_TENANTS] <= 1 + 4);
	assert_int_equal(f->cloud->arrivals[CALL_SEARCH], 2 * 16); /* before the second create too */
}

/* Everything lost after the work: found by the tag, nothing made twice. */
static void test_lost_creates_are_found(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i <= 8; i++)
		new_order(f, i);
	cloud_fault(f->cloud, FAULT_LOST_AFTER, CALL_TENANT_CREATE, 0, 8);
	night(f);
	for (size_t i = 0; i < 8; i++)
		assert_provisioned(f, i);
	assert_int_equal(f->cloud->arrivals[CALL_TENANT_CREATE], 8);
	assert_int_equal(f->cloud->tenant_count, 8);
}

static void test_a_stop_while_flows_wait_for_the_list(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 1; i <= 8; i++)
		new_order(f, i);
	cloud_fault(f->cloud, FAULT_LOST_BEFORE, CALL_TENANT_CREATE, 0, 8);
	f->cloud->delay_ms = 2000;
	f->stop_after_heartbeats = 4;
	night(f);
	assert_int_equal(f->result.end, APPLY_INTERRUPTED);
	f->stop = f->stop_after_heartbeats = 0;
	f->cloud->delay_ms = 50;
	f->cloud->faults[0].kind = FAULT_NONE;
	night(f);
	for (size_t i = 0; i < 8; i++)
		assert_provisioned(f, i);
	assert_int_equal(f->cloud->tenant_count, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_our_own_tenant_is_found, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_tenant_of_the_account_is_found, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_tenant_of_the_name_is_found, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_only_holds_the_words_is_not_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_two_calls_a_create, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_is_found_in_a_folder, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_without_a_second_look_nothing_is_made, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_only_its_own_answer_has, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_find_without_an_answer, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_short_texts_share_one_list, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_short_id_is_found_in_the_list, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_full_answer_says_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_list_that_lacks_what_was_there, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_list_that_lags_proves_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lost_creates_share_their_lists, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_lost_creates_are_found, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_stop_while_flows_wait_for_the_list, setup, teardown),
	};

	return cmocka_run_group_tests_name("flow_seek", tests, NULL, NULL);
}
