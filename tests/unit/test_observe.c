/* Reading Acronis: all pages, details, ids that the listing lacks, logins; and what becomes of answers that
 * do not come. */
#include "observe_fixture.h"

static void one_tenant(struct setup *s)
{
	list(s, "/tenants?subtree_root_id=", tenant_json(s, 1, ""), NULL);
	details(s, 1, PRICING, TIER(2), PER_GB);
}

static void test_all_pages_with_details(void **state)
{
	struct setup *s = *state;

	list(s, "/tenants?subtree_root_id=" PARENT "&limit=2", tenant_json(s, 2, ""), "b2==");
	list(s, "/tenants?limit=2&after=b2%3D%3D",
	    arena_printf(s->n->arena, "%s,%s", tenant_json(s, 1, ",\"pricing_mode\":\"trial\""),
		tenant_json(s, 3, ",\"kind\":\"customer\"")),
	    NULL);
	details(s, 1, PRICING, TIER(-1), PER_GB);
	details(s, 2, "{\"mode\":\"trial\",\"currency\":null,\"version\":1,\"production_start_date\":null}",
	    "null", "null");
	struct observation *o = observe(s);
	assert_true(o->complete);
	assert_int_equal(o->count, 3);
	assert_string_equal(o->items[0].id, tenant_id(s->n, 1));
	assert_string_equal(o->items[0].name, "Company 1");
	assert_string_equal(o->items[0].customer_id, "1");
	assert_string_equal(o->items[0].internal_tag, "main/OI-1");
	assert_string_equal(o->items[0].pricing_mode, "production");
	assert_string_equal(o->items[0].currency, "USD");
	assert_string_equal(o->items[0].licensing_mode, "per_gb");
	assert_true(o->items[0].enabled && o->items[0].has_tier && o->items[0].tier_read &&
		    o->items[0].licensing_read);
	assert_int_equal(o->items[0].tier_value, -1);
	assert_true(o->items[1].tier_read && !o->items[1].has_tier && o->items[1].pricing_read);
	assert_string_equal(o->items[1].currency, "");
	assert_string_equal(o->items[2].kind, "customer");
	assert_false(o->items[2].tier_read || o->items[2].pricing_read);
	assert_int_equal(o->unread, 0);
	assert_int_equal(o->requests, 2 + 2 * 3 + 1); /* and the token */
	assert_string_equal(o->api_timestamp, "2026-11-22T00:00:01");
	assert_string_equal(o->parent, PARENT);
	assert_string_equal(o->source, "https://cloud.example.com");
	assert_int_equal(o->taken_at, s->n->now);
	observation_free(o);
}

/* A tenant that is passed over would be missing on one side. */
static void test_an_element_without_an_id_is_not_passed_over(void **state)
{
	static const char *const items[] = {
	    "{\"name\":\"Northwind\",\"offering_items\":[]}", "{\"name\":\"Northwind\",\"id\":null}", "{}"};
	struct setup *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		list(s, "/tenants?subtree_root_id=",
		    arena_printf(s->n->arena, "%s,%s", tenant_json(s, 2, ""), items[i]), NULL);
		details(s, 2, PRICING, TIER(2), PER_GB);
		struct observation *o = observe(s);
		assert_false(o->complete);
		observation_free(o);
	}
}

static void test_unread_detail_is_not_a_value(void **state)
{
	struct setup *s = *state;
	char *pricing = arena_printf(s->n->arena, "/tenants/%s/pricing", tenant_id(s->n, 1));

	list(s, "/tenants?subtree_root_id=",
	    arena_printf(
		s->n->arena, "%s,%s,%s", tenant_json(s, 1, ""), tenant_json(s, 2, ""), tenant_json(s, 3, "")),
	    NULL);
	details(s, 1, PRICING, TIER(2), PER_GB);
	details(s, 2, "{\"mode\":7}", TIER("2"), TIER(true));
	details(s, 3, PRICING, TIER(2), PER_GB);
	fake_on(s->fake, HTTP_GET, pricing, 503, "");
	struct observation *o = observe(s);
	assert_true(o->complete);
	assert_int_equal(o->unread, 2);
	assert_false(o->items[0].pricing_read);
	assert_true(o->items[0].tier_read && o->items[0].licensing_read);
	assert_false(o->items[1].pricing_read || o->items[1].tier_read || o->items[1].licensing_read);
	assert_true(o->items[2].pricing_read && o->items[2].tier_read && o->items[2].licensing_read);
	assert_int_equal(fake_count(s->fake, HTTP_GET, pricing), 2); /* repeated once, as the client is set */
	observation_free(o);
}

#define ELSEWHERE_ID "00000000-0000-4000-8000-0000000000aa"

/* The parent that ELSEWHERE names is not ours to see. */
static void hide_elsewhere(struct setup *s)
{
	const char *denied =
	    "{\"error\":{\"code\":1002,\"message\":\"access denied\",\"domain\":\"Access\"}}";

	fake_on(s->fake, HTTP_GET, "/tenants?uuids=" ELSEWHERE_ID, 403, denied);
	fake_on(s->fake, HTTP_GET, "/tenants/" ELSEWHERE_ID, 403, denied);
}

static void test_known_ids_are_read_directly(void **state)
{
	struct setup *s = *state;

	one_tenant(s);
	remember(s->n, "1", 1, NULL); /* listed: not asked again */
	remember(s->n, "2", 2, NULL);
	bss(s->n, "S-3", "3", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(s->n, 3);
	bss(s->n, "S-4", "4", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(s->n, 3);
	bss(s->n, "S-5", "5", 1, SUBSCRIPTION_ACTIVE)->external_id = "no-uuid";
	bss(s->n, "S-6", "6", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(s->n, 6); /* nowhere */
	char *batch = arena_printf(s->n->arena, "/tenants?uuids=%s%%2C%s%%2C%s&allow_deleted=true",
	    tenant_id(s->n, 2), tenant_id(s->n, 3), tenant_id(s->n, 6));
	list(s, batch,
	    arena_printf(s->n->arena, "%s,%s", tenant_json(s, 2, ELSEWHERE),
		tenant_json(s, 3, ",\"deleted_at\":\"2026-11-20T10:00:00\"")),
	    NULL);
	/* What the batch passes over in silence is gone only when its own answer says so. */
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 6)), 404,
	    "{\"error\":{\"code\":1005,\"message\":\"no\",\"domain\":\"x\"}}");
	details(s, 2, PRICING, TIER(0), PER_GB);
	hide_elsewhere(s);
	struct observation *o = observe(s);
	assert_int_equal(o->count, 4);
	assert_string_equal(o->items[3].id, tenant_id(s->n, 6));
	assert_true(o->items[3].gone && !o->items[3].unreadable);
	assert_string_equal(o->items[1].parent_id, "00000000-0000-4000-8000-0000000000aa");
	assert_true(o->items[1].tier_read);
	assert_string_equal(o->items[2].deleted_at, "2026-11-20T10:00:00");
	assert_false(o->items[2].tier_read); /* there is nothing to read any more */
	assert_int_equal(o->unread, 0);
	assert_int_equal(
	    fake_count(s->fake, HTTP_GET, "/tenants?uuids="), 2); /* them, and what one stands below */
	observation_free(o);
}

static void test_refused_batch_is_read_one_by_one(void **state)
{
	struct setup *s = *state;

	one_tenant(s);
	for (int i = 2; i <= 5; i++)
		remember(s->n, "x", i, NULL);
	fake_on(s->fake, HTTP_GET, "/tenants?uuids=", 403,
	    "{\"error\":{\"code\":1002,\"message\":\"access denied\",\"domain\":\"Access\"}}");
	fake_on(s->fake, HTTP_GET,
	    arena_printf(s->n->arena, "/tenants/%s?allow_deleted=true", tenant_id(s->n, 2)), 200,
	    tenant_json(s, 2, ELSEWHERE));
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 5)), 403,
	    "{\"error\":{\"code\":1002,\"message\":\"access denied\",\"domain\":\"Access\"}}");
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 3)), 404,
	    "{\"error\":{\"code\":1005,\"message\":\"no\",\"domain\":\"x\"}}");
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 4)), 500, "");
	details(s, 2, PRICING, TIER(0), PER_GB);
	hide_elsewhere(s);
	struct observation *o = observe(s);
	assert_true(o->complete);
	assert_int_equal(o->count, 5);
	assert_true(o->items[1].tier_read);
	assert_true(o->items[2].gone); /* not there is known, no answer is not */
	assert_string_equal(o->items[3].id, tenant_id(s->n, 4));
	assert_true(o->items[3].unreadable && !o->items[3].gone);
	assert_string_equal(o->items[4].id, tenant_id(s->n, 5)); /* nor is what we may not see */
	assert_true(o->items[4].unreadable && !o->items[4].gone);
	assert_int_equal(o->unread, 2);
	observation_free(o);
}

/* A known child of the parent that the listing lacks: what else it lacks nobody knows. */
static void test_listing_without_a_known_child_is_cut(void **state)
{
	struct setup *s = *state;

	list(s, "/tenants?subtree_root_id=", "", NULL);
	remember(s->n, "2", 2, NULL);
	list(s, "/tenants?uuids=", tenant_json(s, 2, ""), NULL);
	struct observation *o = observe(s);
	assert_false(o->complete);
	assert_non_null(strstr(o->trouble, tenant_id(s->n, 2)));
	observation_free(o);
	/* one by one too, and where both lists lack it */
	list(s, "/tenants?uuids=", "", NULL);
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 2)), 200,
	    tenant_json(s, 2, ""));
	o = observe(s);
	assert_false(o->complete);
	observation_free(o);
	fake_on(s->fake, HTTP_GET, "/tenants?uuids=", 403, "{}");
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s?", tenant_id(s->n, 2)), 200,
	    tenant_json(s, 2, ""));
	o = observe(s);
	assert_false(o->complete);
	observation_free(o);
	assert_int_equal(
	    fake_count(s->fake, HTTP_GET, "/tenants?subtree_root_id="), 9); /* three times each */
}

/* It and the folder that it stands in were on the page that is missing. */
static void test_a_lacking_folder_is_found_by_what_stands_in_it(void **state)
{
	struct setup *s = *state;

	one_tenant(s);
	remember(s->n, "2", 2, NULL);
	list(s, arena_printf(s->n->arena, "/tenants?uuids=%s", tenant_id(s->n, 2)),
	    tenant_json(s, 2, ELSEWHERE), NULL);
	list(s, "/tenants?uuids=" ELSEWHERE_ID,
	    tenant_json(s, 3, ",\"id\":\"" ELSEWHERE_ID "\",\"kind\":\"folder\""), NULL);
	details(s, 2, PRICING, TIER(0), PER_GB);
	struct observation *o = observe(s);
	assert_false(o->complete);
	assert_int_equal(o->fault, LISTING_LACKING);
	/* What the last list has is read to its details, and what it lacks is said. */
	assert_true(o->items[0].tier_read && !o->items[0].unlisted);
	assert_true(o->items[1].tier_read && o->items[1].unlisted);
	assert_non_null(strstr(o->trouble, ELSEWHERE_ID));
	observation_free(o);
}

/* A list that lost more than it may is read again, and then not compared. */
static void test_a_list_that_shrank_is_not_whole(void **state)
{
	struct setup *s = *state;
	int64_t before = clock_mono_ms(&s->clock);

	one_tenant(s);
	s->n->job->reconcile.max_shrink = (struct share){true, true, 20};
	s->n->job->acronis.settle_ms = 4000;
	s->observe.last_listed = 2;
	struct observation *o = observe(s);
	assert_false(o->complete);
	assert_string_equal(o->trouble, "it has 1 tenants below the parent, the last one had 2");
	assert_int_equal(fake_count(s->fake, HTTP_GET, "/tenants?subtree_root_id="), 3);
	assert_true(clock_mono_ms(&s->clock) - before >= 8000);
	observation_free(o);
	s->observe.last_listed = 1;
	o = observe(s);
	assert_true(o->complete);
	assert_int_equal(o->listed, 1);
	assert_int_equal(o->elements, 1);
	observation_free(o);
}

#define FOLDER_1 "00000000-0000-4000-8000-0000000000f1"
#define FOLDER_2 "00000000-0000-4000-8000-0000000000f2"
#define STANDS(kind, id, parent) ",\"kind\":\"" kind "\",\"id\":\"" id "\",\"parent_id\":\"" parent "\""

/* A folder is no owner: partners in it are ours. What is below another partner is that one's. */
static void test_partners_in_folders_are_ours(void **state)
{
	struct setup *s = *state;
	struct arena *a = s->n->arena;
	const char *tenants[] = {
	    tenant_json(s, 90, STANDS("partner", PARENT, "00000000-0000-4000-8000-0000000000aa")),
	    tenant_json(s, 3, ",\"parent_id\":\"" FOLDER_2 "\""), tenant_json(s, 1, ""),
	    tenant_json(s, 91, STANDS("folder", FOLDER_2, FOLDER_1)),
	    tenant_json(s, 92, STANDS("folder", FOLDER_1, PARENT)),
	    tenant_json(s, 4, arena_printf(a, ",\"parent_id\":\"%s\"", tenant_id(s->n, 1))),
	    tenant_json(
		s, 5, arena_printf(a, ",\"kind\":\"customer\",\"parent_id\":\"%s\"", tenant_id(s->n, 1))),
	    tenant_json(s, 6, ",\"kind\":\"customer\"")};
	struct strbuf items = {0};

	for (size_t i = 0; i < ARRAY_LEN(tenants); i++)
		strbuf_addf(&items, "%s%s", i ? "," : "", tenants[i]);
	list(s, "/tenants?subtree_root_id=", items.p, NULL);
	strbuf_free(&items);
	details(s, 1, PRICING, TIER(0), PER_GB);
	details(s, 3, PRICING, TIER(1), PER_GB);
	struct observation *o = observe(s);
	assert_true(o->complete);
	assert_int_equal(o->count, 5); /* 1, 3, 6 and the folders: the count of the guard */
	assert_int_equal(o->deep_others, 2);
	assert_string_equal(o->items[1].id, tenant_id(s->n, 3));
	assert_true(o->items[1].tier_read);
	assert_int_equal(o->items[1].tier_value, 1);
	assert_int_equal(o->unread, 0);
	observation_free(o);
}

/* Foreign data may be a ring; and a known tenant below another partner is still read by its id. */
static void test_known_tenant_below_another_partner(void **state)
{
	struct setup *s = *state;
	const char *below = arena_printf(s->n->arena, ",\"parent_id\":\"%s\"", tenant_id(s->n, 1));

	list(s, "/tenants?subtree_root_id=",
	    arena_printf(s->n->arena, "%s,%s,%s,%s", tenant_json(s, 1, ""), tenant_json(s, 2, below),
		tenant_json(s, 91, STANDS("folder", FOLDER_1, FOLDER_2)),
		tenant_json(s, 92, STANDS("folder", FOLDER_2, FOLDER_1))),
	    NULL);
	remember(s->n, "2", 2, NULL);
	list(s, "/tenants?uuids=", tenant_json(s, 2, below), NULL);
	details(s, 1, PRICING, TIER(0), PER_GB);
	details(s, 2, PRICING, TIER(0), PER_GB);
	struct observation *o = observe(s);
	assert_true(o->complete);
	assert_int_equal(o->count, 2);
	assert_true(o->items[1].tier_read);
	observation_free(o);
}

static void test_unavailable_batch_is_unreadable(void **state)
{
	struct setup *s = *state;

	one_tenant(s);
	remember(s->n, "2", 2, NULL);
	fake_on(s->fake, HTTP_GET, "/tenants?uuids=", 500, "");
	struct observation *o = observe(s);
	assert_int_equal(o->count, 2);
	assert_true(o->items[1].unreadable);
	observation_free(o);
}

static void test_ids_in_batches_of_a_hundred(void **state)
{
	struct setup *s = *state;

	one_tenant(s);
	for (int i = 2; i < 252; i++)
		bss(s->n, "S", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(s->n, i);
	list(s, "/tenants?uuids=", "", NULL);
	fake_on(s->fake, HTTP_GET, "/tenants/", 404,
	    "{\"error\":{\"code\":1005,\"message\":\"no\",\"domain\":\"x\"}}");
	struct observation *o = observe(s);
	assert_int_equal(fake_count(s->fake, HTTP_GET, "/tenants?uuids="), 3);
	assert_int_equal(o->count, 251);
	assert_true(o->items[250].gone);
	assert_int_equal(o->unread, 1); /* the one whose details are 404 */
	observation_free(o);
}

static void test_broken_listing_is_not_complete(void **state)
{
	struct setup *s = *state;

	list(s, "/tenants?subtree_root_id=", tenant_json(s, 1, ""), "next");
	fake_on(s->fake, HTTP_GET, "/tenants?limit=2&after=next", 500, "");
	struct observation *o = observe(s);
	assert_false(o->complete);
	assert_true(o->trouble[0]);
	assert_int_equal(o->count, 1);
	assert_int_equal(
	    fake_count(s->fake, HTTP_GET, "/applications"), 0); /* no details for what is refused anyway */
	observation_free(o);
}

static void test_nothing_read_is_an_error(void **state)
{
	struct setup *s = *state;

	fake_on(s->fake, HTTP_GET, "/tenants?subtree_root_id=", 500, "");
	assert_null(observe_tenants(&s->observe, &s->err));
	assert_int_equal(s->err.code, ERR_ACRONIS);
}

static void test_wrong_secret_stops_it(void **state)
{
	struct setup *s = *state;

	fake_on(s->fake, HTTP_POST, "/idp/token", 401,
	    "{\"error\":\"invalid_client\",\"error_description\":\"wrong\"}");
	assert_null(observe_tenants(&s->observe, &s->err));
	assert_int_equal(s->err.code, ERR_ACRONIS);
	assert_true(s->err.hint[0]);
}

static void test_listed_twice_is_one_tenant(void **state)
{
	struct setup *s = *state;

	list(s, "/tenants?subtree_root_id=", tenant_json(s, 1, ""), "b");
	list(s, "/tenants?limit=2&after=b", tenant_json(s, 1, ",\"name\":\"Renamed\""), NULL);
	details(s, 1, PRICING, TIER(2), PER_GB);
	struct observation *o = observe(s);
	assert_int_equal(o->count, 1);
	assert_string_equal(o->items[0].name, "Renamed");
	observation_free(o);
}

static void show(void *user, uint64_t done, uint64_t total)
{
	struct setup *s = user;

	assert_true(done >= s->progress_done && done <= total);
	s->progress_done = done;
	s->progress_total = total;
}

static int beat(void *user, struct error *err)
{
	struct setup *s = user;

	s->beats++;
	return s->beat_result < 0 ? error_set(err, ERR_LOCKED, "the lock is lost") : 0;
}

/* Thirty tenants whose pricing answers after a second. */
static void slow_fleet(struct setup *s)
{
	struct strbuf items = {0};

	for (int i = 1; i <= 30; i++) {
		strbuf_addf(&items, "%s%s", i > 1 ? "," : "", tenant_json(s, i, ""));
		details(s, i, PRICING, TIER(2), PER_GB);
		for (int k = 0; k < 2; k++)
			fake_once_reply(s->fake, HTTP_GET,
			    arena_printf(s->n->arena, "/tenants/%s/pricing", tenant_id(s->n, i)),
			    &(struct fake_reply){
				.failure = TRANSPORT_OK, .status = 200, .body = PRICING, .delay_ms = 900});
	}
	list(s, "/tenants?subtree_root_id=", items.p, NULL);
	strbuf_free(&items);
	s->observe.user = s;
}

static void test_parallel_bounded_with_progress_and_heartbeat(void **state)
{
	struct setup *s = *state;

	slow_fleet(s);
	s->observe.progress = show;
	s->observe.heartbeat = beat;
	struct observation *o = observe(s);
	assert_int_equal(o->unread, 0);
	assert_int_equal(s->progress_total, 90);
	assert_int_equal(s->progress_done, 90);
	assert_true(s->beats >= 1 && s->beats < 10);
	assert_int_equal(fake_most_in_flight(s->fake), 4);
	observation_free(o);
}

static void test_lost_lock_ends_it(void **state)
{
	struct setup *s = *state;

	slow_fleet(s);
	s->observe.heartbeat = beat;
	s->beat_result = -1;
	assert_null(observe_tenants(&s->observe, &s->err));
	assert_int_equal(s->err.code, ERR_LOCKED);
	/* What is still under way is answered into nothing by teardown. */
	assert_true(acronis_pending(s->client) > 0);
}

static void test_signals(void **state)
{
	struct setup *s = *state;

	one_tenant(s);
	s->stop = SIGTERM;
	assert_null(observe_tenants(&s->observe, &s->err));
	assert_int_equal(s->err.code, ERR_TERMINATED);
	error_clear(&s->err);
	s->stop = SIGINT;
	assert_null(observe_tenants(&s->observe, &s->err));
	assert_int_equal(s->err.code, ERR_INTERRUPTED);
}

static void test_gives_up_after_a_row_of_failures(void **state)
{
	struct setup *s = *state;
	struct strbuf items = {0};

	for (int i = 1; i <= 300; i++)
		strbuf_addf(&items, "%s%s", i > 1 ? "," : "", tenant_json(s, i, ""));
	list(s, "/tenants?subtree_root_id=", items.p, NULL);
	strbuf_free(&items);
	fake_on(s->fake, HTTP_GET, "/tenants/", 503, "");
	fake_on(s->fake, HTTP_GET, "/applications/", 503, "");
	struct observation *o = observe(s);
	assert_int_equal(o->unread, 300);
	assert_true(o->requests < 200); /* of 1,800 with their repetitions */
	observation_free(o);
}

/* ---- Logins. */

static char *user_json(struct setup *s, int number, int tenant, const char *login, const char *more)
{
	return arena_printf(s->n->arena,
	    "{\"id\":\"%s\",\"tenant_id\":\"%s\",\"version\":1,\"login\":\"%s\",\"activated\":true,\"enabled\":true,\"contact\":{},\"deleted_at\":null%s}",
	    tenant_id(s->n, number), tenant_id(s->n, tenant), login, more);
}

/* Accounts 1 and 2 with tenants 1 and 2 that were observed before. */
static void observed(struct setup *s)
{
	bss(s->n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE);
	bss(s->n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE);
	acronis(s->n, 1, "1", 0);
	acronis(s->n, 2, "2", 0);
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s/users", tenant_id(s->n, 1)), 200,
	    arena_printf(s->n->arena, "{\"items\":[\"%s\",\"%s\",\"%s\"]}", tenant_id(s->n, 101),
		tenant_id(s->n, 102), tenant_id(s->n, 103)));
}

static void test_logins_of_the_wanted_accounts(void **state)
{
	static const char *const accounts[] = {"1", "1", "77", ""};
	struct setup *s = *state;
	struct observation *o = s->n->observation;

	observed(s);
	list(s, "/users?uuids=",
	    arena_printf(s->n->arena, "%s,%s,%s", user_json(s, 101, 1, "a-second@example.com", ""),
		user_json(s, 102, 1, "Admin@C1.example.com", ",\"enabled\":false"),
		user_json(s, 103, 1, "gone@example.com", ",\"deleted_at\":\"2026-01-01T00:00:00\"")),
	    NULL);
	assert_int_equal(observe_logins(&s->observe, o, accounts, ARRAY_LEN(accounts), &s->err), 0);
	assert_true(o->items[0].login_read);
	assert_string_equal(
	    o->items[0].login, "Admin@C1.example.com"); /* the expected one, though another is enabled */
	assert_false(o->items[1].login_read);
	assert_int_equal(o->logins_read, 1);
	assert_int_equal(fake_count(s->fake, HTTP_GET, "/users?uuids="), 1);
	/* Without the expected one: an enabled one, not a deleted one. */
	s->n->subscriptions.items[0].username = "other@example.com";
	assert_int_equal(observe_logins(&s->observe, o, accounts, ARRAY_LEN(accounts), &s->err), 0);
	assert_string_equal(o->items[0].login, "a-second@example.com");
}

static void test_login_that_cannot_be_read(void **state)
{
	static const char *const accounts[] = {"1", "2"};
	struct setup *s = *state;
	struct observation *o = s->n->observation;

	observed(s);
	fake_on(s->fake, HTTP_GET, arena_printf(s->n->arena, "/tenants/%s/users", tenant_id(s->n, 2)), 200,
	    "{\"items\":[]}");
	fake_on(s->fake, HTTP_GET, "/users?uuids=", 500, "");
	assert_int_equal(observe_logins(&s->observe, o, accounts, 2, &s->err), 0);
	assert_false(o->items[0].login_read);
	assert_true(o->items[1].login_read); /* read: there is nobody */
	assert_string_equal(o->items[1].login, "");
	s->n->subscriptions.items[1].username = "admin@c2.example.com";
	compare(s->n);
	assert_int_equal(s->n->result->by_code[FINDING_LOGIN_MISMATCH], 1);
	assert_non_null(strstr(only(s->n, FINDING_LOGIN_MISMATCH)->sentence, "but nobody in Acronis"));
}

static void test_all_logins_in_one_list(void **state)
{
	struct setup *s = *state;
	struct observation *o = s->n->observation;

	observed(s);
	s->n->job->reconcile.users = USERS_ALL;
	list(s, "/users?subtree_root_tenant_id=" PARENT, user_json(s, 101, 1, "admin@c1.example.com", ""),
	    "u2");
	list(s, "/users?limit=2&after=u2", user_json(s, 104, 88, "elsewhere@example.com", ""), NULL);
	assert_int_equal(observe_logins(&s->observe, o, NULL, 0, &s->err), 0);
	assert_true(o->items[0].login_read && o->items[1].login_read);
	assert_string_equal(o->items[0].login, "admin@c1.example.com");
	assert_string_equal(o->items[1].login, "");
	assert_int_equal(fake_count(s->fake, HTTP_GET, "/tenants/"), 0);
	/* A list that breaks off has read nobody. */
	fake_on(s->fake, HTTP_GET, "/users?limit=2&after=u2", 500, "");
	assert_int_equal(observe_logins(&s->observe, o, NULL, 0, &s->err), 0);
	assert_false(o->items[0].login_read || o->items[1].login_read);
	/* Nor one with somebody in it who cannot be told. */
	list(s, "/users?limit=2&after=u2", "{\"no\":\"id\"}", NULL);
	assert_int_equal(observe_logins(&s->observe, o, NULL, 0, &s->err), 0);
	assert_false(o->items[0].login_read || o->items[1].login_read);
	assert_int_equal(o->logins_read, 0);
}

static void test_requests_of_a_full_observation(void **state)
{
	struct setup *s = *state;

	s->n->job->acronis.page_size = 1000;
	assert_int_equal(observe_requests(s->n->job, 0), 1);
	assert_int_equal(observe_requests(s->n->job, 1000), 3001);
	assert_int_equal(observe_requests(s->n->job, 1001), 3005);
	s->n->job->reconcile.users = USERS_ALL;
	assert_int_equal(observe_requests(s->n->job, 1001), 3007);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_all_pages_with_details),
	    TEST(test_unread_detail_is_not_a_value),
	    TEST(test_known_ids_are_read_directly),
	    TEST(test_refused_batch_is_read_one_by_one),
	    TEST(test_an_element_without_an_id_is_not_passed_over),
	    TEST(test_listing_without_a_known_child_is_cut),
	    TEST(test_partners_in_folders_are_ours),
	    TEST(test_known_tenant_below_another_partner),
	    TEST(test_unavailable_batch_is_unreadable),
	    TEST(test_ids_in_batches_of_a_hundred),
	    TEST(test_broken_listing_is_not_complete),
	    TEST(test_a_lacking_folder_is_found_by_what_stands_in_it),
	    TEST(test_a_list_that_shrank_is_not_whole),
	    TEST(test_nothing_read_is_an_error),
	    TEST(test_wrong_secret_stops_it),
	    TEST(test_listed_twice_is_one_tenant),
	    TEST(test_parallel_bounded_with_progress_and_heartbeat),
	    TEST(test_lost_lock_ends_it),
	    TEST(test_signals),
	    TEST(test_gives_up_after_a_row_of_failures),
	    TEST(test_logins_of_the_wanted_accounts),
	    TEST(test_login_that_cannot_be_read),
	    TEST(test_all_logins_in_one_list),
	    TEST(test_requests_of_a_full_observation),
	};
	return cmocka_run_group_tests_name("observe", tests, NULL, NULL);
}
