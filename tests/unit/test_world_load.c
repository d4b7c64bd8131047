/* Reading the world: what proves that the list is whole, what is asked by its id, and what is tried again. */
#include "provision_fixture.h"

#define NOBODY "aaaaaaaa-0000-4000-8000-000000000001"

static void test_loaded_with_deleted_ones(void **state)
{
	struct fixture *f = *state;
	struct night n;

	for (int i = 0; i < 10; i++)
		cloud_add(
		    f->cloud, arena_printf(f->arena, "Tenant %d", i), arena_printf(f->arena, "A%d", i), "");
	f->cloud->tenants[3].deleted = true;
	begin_night(f, &n);
	assert_non_null(n.world);
	assert_int_equal(world_count(n.world), 10);
	assert_true(world_by_customer(n.world, "A3")->deleted_at[0] != '\0');
	assert_non_null(strstr(fake_last(n.transport, HTTP_GET, "/tenants")->path, "allow_deleted=true"));
	end_night(f, &n);
}

static void test_a_listing_that_fails_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct night n;

	f->cloud->down = true;
	begin_night(f, &n);
	assert_null(n.world);
	assert_int_equal(f->err.code, ERR_ACRONIS);
	end_night(f, &n);
}

/* It may be the tenant of an order of this night. */
static void test_a_tenant_without_an_id_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct night n;

	cloud_add(f->cloud, "Reseller 1", "A1", "");
	cloud_add(f->cloud, "Reseller 2", "A2", "")->without_id = true;
	begin_night(f, &n);
	assert_null(n.world);
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 3); /* and it was read again twice */
	assert_int_equal(f->err.code, ERR_ACRONIS);
	assert_non_null(strstr(f->err.text, "\"Reseller 2\": an element has no id"));
	end_night(f, &n);
}

static void add_tenants(struct fixture *f, unsigned count)
{
	for (unsigned i = 1; i <= count; i++)
		cloud_add(
		    f->cloud, arena_printf(f->arena, "Reseller %u", i), arena_printf(f->arena, "A%u", i), "");
}

static void refused(struct fixture *f, const char *text)
{
	struct night n;

	begin_night(f, &n);
	assert_null(n.world);
	assert_int_equal(f->err.code, ERR_COVERAGE);
	if (!strstr(f->err.text, text))
		fail_msg("\"%s\" does not say \"%s\"", f->err.text, text);
	assert_non_null(strstr(f->err.text, "after 3 readings: the list of tenants is not whole: "));
	assert_true(f->err.hint[0] != '\0');
	end_night(f, &n);
}

/* The page that the tenant was on is missing: the BSS knows the tenant, and it says itself that it is there.
 */
static void test_a_list_that_lacks_a_known_tenant(void **state)
{
	struct fixture *f = *state;
	int64_t before = clock_mono_ms(&f->clock);

	add_tenants(f, 5);
	add_subscription(f, 3, "Tier 1", f->cloud->tenants[2].id);
	f->cloud->tenants[2].unlisted = true;
	refused(f, "stands below the parent, and is not in it");
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 3 * 2); /* the list, and by its id */
	assert_true(clock_mono_ms(&f->clock) - before >= 2 * f->job->acronis.settle_ms);
}

/* Its folder is lacking too, so the list does not say where it stands: those above it are asked. */
static void test_where_a_lacking_tenant_stands_is_asked(void **state)
{
	struct fixture *f = *state;

	add_tenants(f, 5);
	strcpy(f->cloud->tenants[2].parent, f->cloud->tenants[3].id);
	strcpy(f->cloud->tenants[3].parent, f->cloud->tenants[4].id);
	add_subscription(f, 3, "Tier 1", f->cloud->tenants[2].id);
	for (size_t i = 2; i < 5; i++)
		f->cloud->tenants[i].unlisted = true;
	refused(f, "stands below the parent, and is not in it");
}

static void test_a_known_tenant_without_an_answer(void **state)
{
	struct fixture *f = *state;

	add_subscription(f, 3, "Tier 1", NOBODY);
	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANT, 0, 999);
	f->cloud->faults[0].status = 503;
	refused(f, "gave no answer by its id");
}

/* What was wrong once is not wrong: the third reading is as good as the first. */
static void test_a_list_that_is_whole_the_next_time(void **state)
{
	struct fixture *f = *state;
	struct night n;

	add_tenants(f, 5);
	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANTS, 0, 2);
	f->cloud->faults[0].status = 400;
	begin_night(f, &n);
	assert_non_null(n.world);
	assert_int_equal(n.proof.listed, 5);
	assert_int_equal(n.proof.elements, 5);
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 3);
	end_night(f, &n);
}

/* A client that may not read, or is told to stop, tries nothing again. */
static void test_what_is_not_tried_again(void **state)
{
	struct fixture *f = *state;
	struct night n;

	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANTS, 0, 999);
	f->cloud->faults[0].status = 403;
	f->cloud->faults[0].code = 1002;
	begin_night(f, &n);
	assert_null(n.world);
	assert_int_equal(f->cloud->arrivals[CALL_TENANTS], 1);
	end_night(f, &n);
}

static void test_a_list_that_shrank(void **state)
{
	struct fixture *f = *state;

	add_tenants(f, 7);
	f->last_listed = 10;
	f->job->reconcile.max_shrink = (struct share){true, true, 20};
	refused(f, "it has 7 tenants below the parent, the last one had 10");
	start_over(f);
	refused(f, "it has 0 tenants below the parent, the last one had 10");
	f->job->reconcile.allow_empty = true;
	struct night n;
	begin_night(f, &n);
	assert_non_null(n.world);
	end_night(f, &n);
	add_tenants(f, 8);
	begin_night(f, &n);
	assert_non_null(n.world);
	end_night(f, &n);
}

/* Gone, out of our reach, or below somebody else: the list need not have them, and who is gone is told. */
static void test_known_tenants_that_need_not_be_listed(void **state)
{
	struct fixture *f = *state;
	struct night n;

	add_tenants(f, 4);
	add_subscription(f, 1, "Tier 1", NOBODY);
	add_subscription(f, 2, "Tier 1", f->cloud->tenants[1].id);
	strcpy(f->cloud->tenants[1].parent, CLOUD_ELSEWHERE); /* 403 */
	add_subscription(f, 3, "Tier 1", f->cloud->tenants[2].id);
	strcpy(f->cloud->tenants[2].parent, NOBODY); /* of a parent that is not there */
	f->cloud->tenants[2].unlisted = true;
	add_subscription(f, 4, "Tier 1", f->cloud->tenants[3].id);
	f->cloud->tenants[3].deleted = f->cloud->tenants[3].unlisted = true;
	begin_night(f, &n);
	assert_non_null(n.world);
	assert_int_equal(n.proof.listed, 1);
	assert_int_equal(n.proof.gone_count, 2);
	assert_true(world_is_absent(n.world, NOBODY));
	assert_false(world_is_absent(n.world, f->cloud->tenants[1].id));
	assert_non_null(world_by_id(n.world, f->cloud->tenants[2].id));
	assert_true(world_by_id(n.world, f->cloud->tenants[3].id)->deleted_at[0] != '\0');
	end_night(f, &n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_loaded_with_deleted_ones, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_listing_that_fails_is_an_error, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_tenant_without_an_id_is_an_error, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_list_that_lacks_a_known_tenant, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_where_a_lacking_tenant_stands_is_asked, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_known_tenant_without_an_answer, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_list_that_is_whole_the_next_time, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_is_not_tried_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_list_that_shrank, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_known_tenants_that_need_not_be_listed, setup, teardown),
	};

	return cmocka_run_group_tests_name("world_load", tests, NULL, NULL);
}
