/* Reading only what changed: which calls go out, what is believed, and when nothing of it is. */
#include "observe_fixture.h"

#define SINCE "/tenants?subtree_root_id=" PARENT "&allow_deleted=true&updated_since=2026-11-21T23%3A30%3A01Z"
#define STAMP(text) ",\"updated_at\":\"" text "\""

/* The night before: three partners, read whole a moment ago. */
static struct observation *base_of(struct setup *s)
{
	struct observation *base = s->n->observation;

	for (int i = 1; i <= 3; i++) {
		struct observed_tenant *t = acronis(s->n, i, arena_printf(s->n->arena, "%d", i), 0);
		t->details_at = s->n->now - 1;
		t->internal_tag = arena_printf(s->n->arena, "main/OI-%d", i);
	}
	s->n->job->reconcile.full_every_ms = INT64_C(7) * 24 * HOUR_MS;
	base->taken_at = base->full_at = s->n->now - 1;
	snprintf(base->api_timestamp, sizeof base->api_timestamp, "2026-11-21T23:45:01");
	s->observe.base = base;
	return base;
}

static struct observation *changes(struct setup *s)
{
	struct observation *o = observe(s);

	o->base_run = "before";
	return o;
}

static void test_only_what_changed_is_read(void **state)
{
	struct setup *s = *state;

	base_of(s);
	list(s, SINCE, tenant_json(s, 2, ",\"name\":\"Renamed\""), NULL);
	details(s, 2, PRICING, TIER(2), PER_GB);
	struct observation *o = changes(s);
	assert_true(o->complete && !o->mistrusted);
	assert_int_equal(o->count, 3);
	assert_string_equal(o->items[1].name, "Renamed");
	assert_int_equal(o->items[1].tier_value, 2);
	assert_int_equal(o->items[1].details_at, o->taken_at);
	assert_int_equal(o->items[0].details_at, s->n->now - 1);
	assert_int_equal(o->items[0].tier_value, 0);
	assert_int_equal(o->changed, 1);
	assert_int_equal(o->reread, 1);
	assert_int_equal(o->requests, 1 + 3 + 1); /* and the token */
	assert_int_equal(o->full_at, s->n->now - 1);
	assert_string_equal(o->api_timestamp, "2026-11-22T00:00:01");
	observation_free(o);
}

static void test_named_accounts_are_read_again(void **state)
{
	static const char *const accounts[] = {"3", "of-subscription", "of-ledger"};
	struct setup *s = *state;

	base_of(s);
	acronis(s->n, 4, "other", 0)->details_at = s->n->now - 1;
	remember(s->n, "of-ledger", 4, NULL);
	bss(s->n, "S-1", "of-subscription", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(s->n, 1);
	s->observe.accounts = accounts;
	s->observe.account_count = ARRAY_LEN(accounts);
	list(s, SINCE, "", NULL);
	list(s, "/tenants?uuids=",
	    arena_printf(
		s->n->arena, "%s,%s,%s", tenant_json(s, 1, ""), tenant_json(s, 3, ""), tenant_json(s, 4, "")),
	    NULL);
	for (int i = 1; i <= 4; i++)
		details(s, i, PRICING, TIER(5), PER_GB);
	struct observation *o = changes(s);
	assert_true(o->complete);
	assert_int_equal(o->reread, 3);
	assert_int_equal(o->items[0].tier_value, 5);
	assert_int_equal(o->items[1].tier_value, 0);
	assert_int_equal(o->items[2].tier_value, 5);
	assert_int_equal(o->items[3].tier_value, 5);
	observation_free(o);
}

/* What is due and cannot be read is not told from its old value. */
static void test_a_failed_reading_is_no_value(void **state)
{
	static const char *const accounts[] = {"1"};
	struct setup *s = *state;

	base_of(s);
	s->observe.accounts = accounts;
	s->observe.account_count = 1;
	list(s, SINCE, "", NULL);
	list(s, "/tenants?uuids=", tenant_json(s, 1, ""), NULL);
	details(s, 1, PRICING, TIER(0), PER_GB);
	fake_on(s->fake, HTTP_GET,
	    arena_printf(s->n->arena, "/applications/" PLATFORM "/settings/tenants/%s/tier_level_value",
		tenant_id(s->n, 1)),
	    503, "");
	struct observation *o = changes(s);
	assert_false(o->items[0].tier_read);
	assert_true(o->items[0].pricing_read);
	assert_int_equal(o->unread, 1);
	observation_free(o);
}

static void test_deleted_and_moved(void **state)
{
	struct setup *s = *state;

	base_of(s);
	remember(s->n, "1", 1, NULL);
	list(s, SINCE,
	    arena_printf(s->n->arena, "%s,%s,%s",
		tenant_json(s, 1, ",\"deleted_at\":\"2026-11-22T00:00:00\""),
		tenant_json(s, 2, ",\"deleted_at\":\"2026-11-22T00:00:00\""),
		tenant_json(s, 3, arena_printf(s->n->arena, ",\"parent_id\":\"%s\"", tenant_id(s->n, 1)))),
	    NULL);
	struct observation *o = changes(s);
	assert_true(o->complete);
	assert_int_equal(o->count, 1); /* known; nobody asks for the others any more */
	assert_string_equal(o->items[0].deleted_at, "2026-11-22T00:00:00");
	assert_int_equal(o->reread, 0);
	observation_free(o);
}

/* What answers that it is not there stays with its id, and is not asked for again before all is read. */
static void test_what_is_gone_stays_so(void **state)
{
	static const char *const accounts[] = {"1"};
	struct setup *s = *state;
	const char *not_there = "{\"error\":{\"code\":1005,\"message\":\"no\",\"domain\":\"x\"}}";

	base_of(s);
	remember(s->n, "1", 1, NULL);
	remember(s->n, "8", 8, NULL);
	s->observe.accounts = accounts;
	s->observe.account_count = 1;
	list(s, SINCE, "", NULL);
	list(s, "/tenants?uuids=", "", NULL);
	fake_on(
	    s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 1)), 404, not_there);
	fake_on(
	    s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 8)), 404, not_there);
	struct observation *o = changes(s);
	struct text_index ids = {0};
	observation_index(o, &ids);
	for (int i = 1; i <= 8; i += 7) {
		uint32_t t = observation_find(o, &ids, strv_of(tenant_id(s->n, i)));
		assert_true(t != INDEX_NONE);
		assert_true(o->items[t].gone);
		assert_false(tenant_is_present(&o->items[t]) || tenant_has_details(&o->items[t]));
	}
	index_free(&ids);
	unsigned asked = fake_count(s->fake, HTTP_GET, "/tenants?uuids=");
	/* The next night goes on from it. */
	s->observe.base = o;
	s->observe.account_count = 0;
	struct observation *next;
	snprintf(o->api_timestamp, sizeof o->api_timestamp, "2026-11-21T23:45:01");
	next = changes(s);
	assert_int_equal(fake_count(s->fake, HTTP_GET, "/tenants?uuids="), asked);
	assert_int_equal(next->count, o->count);
	observation_free(next);
	observation_free(o);
}

/* One that left the subtree is in no list of ours: its turn, or its account's, shows it. */
static void test_moved_out_of_sight(void **state)
{
	static const char *const accounts[] = {"1", "2", "3"};
	struct setup *s = *state;

	base_of(s);
	remember(s->n, "2", 2, NULL);
	s->observe.accounts = accounts;
	s->observe.account_count = 3;
	list(s, SINCE, "", NULL);
	fake_on(s->fake, HTTP_GET, "/tenants?uuids=", 403, "{}");
	for (int i = 1; i <= 2; i++)
		fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, i)), 403,
		    "{}");
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 3)), 404, "{}");
	struct observation *o = changes(s);
	assert_true(o->complete);
	assert_int_equal(o->count, 1);
	assert_string_equal(o->items[0].id, tenant_id(s->n, 2));
	assert_true(o->items[0].unreadable); /* it may be there, and somebody asks for it */
	observation_free(o);
}

static void test_a_list_that_breaks(void **state)
{
	struct setup *s = *state;

	base_of(s);
	list(s, SINCE, tenant_json(s, 1, ""), "b2==");
	fake_on(s->fake, HTTP_GET, "/tenants?limit=2&after=b2", 503, "");
	struct observation *o = changes(s);
	assert_false(o->complete);
	assert_false(o->mistrusted); /* trying again is what helps, not reading all */
	assert_int_equal(fake_count(s->fake, HTTP_GET, "/tenants/"), 0);
	observation_free(o);
}

/* An element of removed offering items has no id; anything else without one is no list. */
static void test_elements_without_an_id(void **state)
{
	struct setup *s = *state;

	base_of(s);
	list(s, SINCE, "{\"offering_items\":[{\"name\":\"storage\"}]}", NULL);
	struct observation *o = changes(s);
	assert_true(o->complete);
	assert_int_equal(o->count, 3);
	observation_free(o);
	list(s, SINCE, "{\"name\":\"Northwind\"}", NULL);
	o = changes(s);
	assert_false(o->complete);
	observation_free(o);
}

static void mistrusted(struct setup *s, const char *why)
{
	struct observation *o = changes(s);

	assert_true(o->mistrusted);
	assert_false(o->complete);
	if (!strstr(o->trouble, why))
		fail_msg("%s", o->trouble);
	observation_free(o);
}

/* A list that lacks one change lacks others too. */
static void test_a_list_that_lacks_a_change(void **state)
{
	static const char *const accounts[] = {"1"};
	struct setup *s = *state;

	base_of(s);
	s->observe.accounts = accounts;
	s->observe.account_count = 1;
	list(s, SINCE, "", NULL);
	list(s, "/tenants?uuids=", tenant_json(s, 1, STAMP("2026-11-21T23:50:00")), NULL);
	mistrusted(s, "the list of changes lacks it");
	/* what changed while the list went out is taken from its own answer */
	list(s, "/tenants?uuids=", tenant_json(s, 1, STAMP("2026-11-22T00:00:01") ",\"name\":\"Now\""), NULL);
	details(s, 1, PRICING, TIER(0), PER_GB);
	struct observation *o = changes(s);
	assert_true(o->complete);
	assert_string_equal(o->items[0].name, "Now");
	observation_free(o);
}

static void test_a_child_that_nobody_listed(void **state)
{
	struct setup *s = *state;

	base_of(s);
	remember(s->n, "7", 7, NULL);
	list(s, SINCE, "", NULL);
	list(s, "/tenants?uuids=", tenant_json(s, 7, ""), NULL);
	mistrusted(s, "neither the last observation nor the list of changes has it");
}

static void test_the_clock_at_acronis_goes_back(void **state)
{
	struct setup *s = *state;

	base_of(s);
	snprintf(s->n->observation->api_timestamp, 40, "2026-11-22T00:30:00");
	list(s, "/tenants?subtree_root_id=" PARENT "&allow_deleted=true&updated_since=", "", NULL);
	mistrusted(s, "was set back");
}

#define FOLDER "00000000-0000-4000-8000-0000000000f1"

/* What stands in it has no stamp of that. */
static void test_a_folder_that_comes_is_listed(void **state)
{
	struct setup *s = *state;

	base_of(s);
	list(s, SINCE, tenant_json(s, 91, ",\"kind\":\"folder\",\"id\":\"" FOLDER "\""), NULL);
	list(s,
	    "/tenants?subtree_root_id=" FOLDER "&limit=", tenant_json(s, 6, ",\"parent_id\":\"" FOLDER "\""),
	    NULL);
	details(s, 6, PRICING, TIER(1), PER_GB);
	struct observation *o = changes(s);
	assert_true(o->complete);
	assert_int_equal(o->count, 5);
	assert_string_equal(o->items[3].id, tenant_id(s->n, 6));
	assert_int_equal(o->items[3].tier_value, 1);
	assert_int_equal(fake_count(s->fake, HTTP_GET, "/tenants?subtree_root_id=" FOLDER), 1);
	observation_free(o);
}

/* A difference is never told from an old value. */
static void test_again_for_findings(void **state)
{
	static const char *const accounts[] = {"2"};
	struct setup *s = *state;
	uint64_t reread;

	base_of(s);
	list(s, SINCE, tenant_json(s, 1, ""), NULL);
	details(s, 1, PRICING, TIER(0), PER_GB);
	struct observation *o = changes(s);
	details(s, 2, PRICING, TIER(3), PER_GB);
	assert_int_equal(observe_again(&s->observe, o, accounts, 1, &reread, &s->err), 0);
	assert_int_equal(reread, 1);
	assert_int_equal(o->items[1].tier_value, 3);
	assert_int_equal(o->items[1].details_at, o->taken_at);
	/* once is enough */
	assert_int_equal(observe_again(&s->observe, o, accounts, 1, &reread, &s->err), 0);
	assert_int_equal(reread, 0);
	observation_free(o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_only_what_changed_is_read),
	    TEST(test_named_accounts_are_read_again), TEST(test_a_failed_reading_is_no_value),
	    TEST(test_deleted_and_moved), TEST(test_what_is_gone_stays_so), TEST(test_moved_out_of_sight),
	    TEST(test_a_list_that_breaks), TEST(test_elements_without_an_id),
	    TEST(test_a_list_that_lacks_a_change), TEST(test_a_child_that_nobody_listed),
	    TEST(test_the_clock_at_acronis_goes_back), TEST(test_a_folder_that_comes_is_listed),
	    TEST(test_again_for_findings)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
