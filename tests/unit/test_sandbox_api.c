/* The sandbox's operations without a socket: what outlives what, who sees what, and that a refusal leaves
 * nothing behind. */
#include "sandbox_fixture.h"

#include "sandbox/catalog.h"

#define OWN WELL_KNOWN_TENANT
#define STRANGER "d157b000-0000-4000-8000-000000000002"

static struct fixture f;

static int open_plain(void **state)
{
	(void)state;
	fixture_open(&f, NULL);
	return 0;
}

static int close_it(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

/* The id of a new partner, in memory that the caller frees. */
static char *make_partner(const char *name)
{
	char *body = mem_printf("{\"name\":\"%s\",\"parent_id\":\"" OWN "\",\"kind\":\"partner\"}", name);

	fixture_request(&f, "POST", "/api/2/tenants", body);
	assert_int_equal(f.x.status, 201);
	free(body);
	return mem_strdup(fixture_text(&f, "id"));
}

static void ask(const char *method, const char *format, const char *id, const char *body)
{
	char target[512];

	/* One %s in each format, for the id. */
	const char *at = strstr(format, "%s");
	snprintf(target, sizeof target, "/api/2%.*s%s%s", at ? (int)(at - format) : (int)strlen(format),
	    format, at ? id : "", at ? at + 2 : "");
	fixture_request(&f, method, target, body);
}

static bool noted(const char *text)
{
	for (size_t i = 0; i < f.x.note_count; i++)
		if (strstr(f.x.notes[i], text))
			return true;
	return false;
}

static void test_versions_count_by_themselves(void **state)
{
	char *id = make_partner("One");

	(void)state;
	assert_int_equal(fixture_number(&f, "version"), 1);
	ask("PUT", "/tenants/%s/mfa/status", id, "{\"enabled\":true}");
	assert_int_equal(f.x.status, 200);
	ask("GET", "/tenants/%s/pricing", id, NULL);
	int64_t pricing = fixture_number(&f, "version");
	assert_int_equal(pricing, VERSION_64_BIT);
	ask("PUT", "/tenants/%s/pricing", id, "{\"version\":1497533157730,\"currency\":\"USD\"}");
	assert_int_equal(f.x.status, 200);
	assert_int_equal(fixture_number(&f, "version"), pricing + 1);
	ask("GET", "/tenants/%s", id, NULL);
	assert_int_equal(fixture_number(&f, "version"), 1);
	ask("PUT", "/tenants/%s", id, "{\"version\":1,\"customer_id\":\"C\"}");
	assert_int_equal(fixture_number(&f, "version"), 2);
	ask("GET", "/tenants/%s/pricing", id, NULL);
	assert_int_equal(fixture_number(&f, "version"), pricing + 1);
	free(id);
}

static void test_a_refused_change_leaves_nothing(void **state)
{
	char *id = make_partner("One"), *body;

	(void)state;
	body = mem_printf(
	    "{\"offering_items\":[{\"application_id\":\"%s\",\"name\":\"vms\",\"status\":1},"
	    "{\"application_id\":\"%s\",\"name\":\"vms\",\"quota\":{\"value\":1,\"overage\":1,\"version\":5}}]}",
	    application_by_type("backup")->id, application_by_type("backup")->id);
	ask("PUT", "/tenants/%s/offering_items", id, body);
	assert_int_equal(f.x.status, 426);
	ask("GET", "/tenants/%s/offering_items?edition=*", id, NULL);
	assert_int_equal(json_array_size(fixture_items(&f)), 0);
	free(body);
	free(id);
}

static void test_visibility(void **state)
{
	(void)state;
	ask("GET", "/tenants/%s", STRANGER, NULL);
	assert_int_equal(f.x.status, 403);
	assert_int_equal(fixture_code(&f), 1002);
	ask("GET", "/tenants?uuids=%s", OWN "," STRANGER, NULL);
	assert_int_equal(f.x.status, 403);
	ask("GET", "/tenants/%s", "d157b000-0000-4000-8000-00000000ffff", NULL);
	assert_int_equal(f.x.status, 404);
	ask("POST", "/tenants", NULL, "{\"name\":\"x\",\"parent_id\":\"" STRANGER "\",\"kind\":\"partner\"}");
	assert_int_equal(f.x.status, 403);
	ask("GET", "/users/%s", "d157b000-0000-4000-8000-000000000004", NULL);
	assert_int_equal(f.x.status, 403);
	/* The root above is not below either. */
	ask("GET", "/tenants/%s", "d157b000-0000-4000-8000-000000000000", NULL);
	assert_int_equal(f.x.status, 403);
}

static void test_deleting_takes_the_subtree_and_restoring_brings_it_back(void **state)
{
	char *id = make_partner("One"), *child, *user, body[512];

	(void)state;
	snprintf(body, sizeof body, "{\"name\":\"Child\",\"parent_id\":\"%s\",\"kind\":\"customer\"}", id);
	ask("POST", "/tenants", NULL, body);
	assert_string_equal(fixture_text(&f, "pricing_mode"), "trial");
	child = mem_strdup(fixture_text(&f, "id"));
	snprintf(body, sizeof body,
	    "{\"tenant_id\":\"%s\",\"login\":\"c@example.com\",\"contact\":{\"email\":\"\"}}", child);
	ask("POST", "/users", NULL, body);
	assert_int_equal(f.x.status, 200);
	user = mem_strdup(fixture_text(&f, "id"));
	ask("DELETE", "/tenants/%s?version=1", id, NULL);
	assert_int_equal(f.x.status, 400);
	assert_int_equal(fixture_code(&f), 1006);
	ask("PUT", "/tenants/%s", id, "{\"version\":1,\"enabled\":false}");
	ask("DELETE", "/tenants/%s?version=1", id, NULL);
	assert_int_equal(fixture_code(&f), 1001);
	ask("DELETE", "/tenants/%s?version=2", id, NULL);
	assert_int_equal(f.x.status, 204);
	assert_null(f.x.reply);
	ask("GET", "/tenants/%s", child, NULL);
	assert_int_equal(f.x.status, 404);
	ask("GET", "/users/%s", user, NULL);
	assert_int_equal(f.x.status, 404);
	ask("POST", "/tenants/%s/restore", id, NULL);
	assert_int_equal(f.x.status, 204);
	ask("GET", "/users/%s", user, NULL);
	assert_int_equal(f.x.status, 200);
	ask("GET", "/tenants/%s?embed_path=1", child, NULL);
	assert_string_equal(json_string_value(json_array_get(json_object_get(f.x.reply, "path"), 0)), id);
	free(id);
	free(child);
	free(user);
}

static void test_moving(void **state)
{
	char *a = make_partner("A"), *b = make_partner("B"), body[256];

	(void)state;
	snprintf(body, sizeof body, "{\"version\":1,\"parent_id\":\"%s\"}", a);
	ask("PUT", "/tenants/%s", b, body);
	assert_int_equal(f.x.status, 200);
	ask("GET", "/tenants?subtree_root_id=%s&lod=basic", a, NULL);
	assert_int_equal(json_array_size(fixture_items(&f)), 2);
	snprintf(body, sizeof body, "{\"version\":1,\"parent_id\":\"%s\"}", b);
	ask("PUT", "/tenants/%s", a, body);
	assert_int_equal(fixture_code(&f), 1007);
	free(a);
	free(b);
}

static void test_locks(void **state)
{
	char *id = make_partner("One");

	(void)state;
	ask("PUT", "/tenants/%s", id, "{\"version\":1,\"update_lock\":{\"enabled\":true}}");
	assert_int_equal(f.x.status, 200);
	ask("PUT", "/tenants/%s", id, "{\"version\":2,\"language\":\"de\"}");
	assert_int_equal(f.x.status, 200);
	fixture_request(&f, "POST", "/admin/drift", "{\"tenant\":\"One\",\"lock_owner\":\"" STRANGER "\"}");
	assert_int_equal(f.x.status, 200);
	ask("PUT", "/tenants/%s", id, "{\"version\":4,\"language\":\"en\"}");
	assert_int_equal(f.x.status, 403);
	assert_int_equal(fixture_code(&f), 1012);
	free(id);
}

static void test_tokens(void **state)
{
	(void)state;
	ask("GET", "/applications", NULL, NULL);
	assert_int_equal(f.x.status, 200);
	clock_advance(&f.clock, 7200000);
	ask("GET", "/applications", NULL, NULL);
	assert_int_equal(f.x.status, 401);
	fixture_sign_in(&f);
	fixture_request(&f, "POST", "/admin/drift", "{\"tenant\":\"" OWN "\",\"enabled\":false}");
	assert_int_equal(f.x.status, 200);
	ask("GET", "/applications", NULL, NULL);
	assert_int_equal(f.x.status, 401);
	assert_true(noted("disabled tenant"));
}

static void test_narrowed_token(void **state)
{
	char *id = make_partner("One"), *form;

	(void)state;
	form =
	    mem_printf("grant_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Agrant-type%%3Ajwt-bearer&assertion=%s&"
		       "scope=urn%%3Aacronis.com%%3Atenant-id%%3A%s",
		f.token, id);
	exchange_free(&f.x);
	exchange_init(&f.x, &f.box);
	f.x.method = "POST";
	f.x.target = "/bc/idp/token";
	f.x.content_type = "application/x-www-form-urlencoded";
	f.x.body = strv_of(form);
	sandbox_handle(&f.box, &f.x);
	assert_int_equal(f.x.status, 200);
	free(f.token);
	f.token = mem_strdup(fixture_text(&f, "access_token"));
	ask("GET", "/tenants/%s", id, NULL);
	assert_int_equal(f.x.status, 200);
	ask("GET", "/tenants/%s", OWN, NULL);
	assert_int_equal(f.x.status, 403);
	free(form);
	free(id);
}

static void test_pages_have_each_tenant_once(void **state)
{
	char name[16], target[1024];
	bool seen[25] = {false};
	size_t pages = 0;
	json_t *item;

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "T%d", i);
		free(make_partner(name));
	}
	snprintf(target, sizeof target, "/tenants?parent_id=" OWN "&limit=3&lod=basic");
	for (; pages < 30; pages++) {
		size_t i;
		ask("GET", target, NULL, NULL);
		assert_int_equal(f.x.status, 200);
		json_array_foreach(fixture_items(&f), i, item)
		{
			int number = atoi(json_string_value(json_object_get(item, "name")) + 1);
			assert_false(seen[number]);
			seen[number] = true;
		}
		json_t *paging = json_object_get(json_object_get(f.x.reply, "paging"), "cursors");
		const char *after = json_string_value(json_object_get(paging, "after"));
		if (!after)
			break;
		struct strbuf next = {0};
		strbuf_adds(&next, "/tenants?after=");
		strbuf_add_url(&next, strv_of(after));
		snprintf(target, sizeof target, "%s", next.p);
		strbuf_free(&next);
		if (pages == 2)
			free(make_partner("T20")); /* stable under inserts */
	}
	assert_int_equal(pages, 6);
	for (int i = 0; i < 21; i++)
		assert_true(seen[i]);
}

static void test_changed_since(void **state)
{
	char *a = make_partner("A"), *b = make_partner("B"), target[256];

	(void)state;
	ask("GET", "/tenants?parent_id=%s", OWN, NULL);
	struct strbuf stamp = {0};
	strbuf_add_url(&stamp, strv_of(fixture_text(&f, "timestamp")));
	snprintf(target, sizeof target, "/tenants?parent_id=%%s&updated_since=%s", stamp.p);
	strbuf_free(&stamp);
	/* The clock stands still, and yet nothing is missed and nothing comes twice. */
	ask("GET", target, OWN, NULL);
	assert_int_equal(json_array_size(fixture_items(&f)), 0);
	ask("PUT", "/tenants/%s", b, "{\"version\":1,\"language\":\"de\"}");
	ask("GET", target, OWN, NULL);
	assert_int_equal(json_array_size(fixture_items(&f)), 1);
	free(a);
	free(b);
}

static void test_assumptions_are_noted(void **state)
{
	char *id = make_partner("One");

	(void)state;
	assert_int_equal(f.x.note_count, 0);
	ask("POST", "/tenants", NULL, "{\"name\":\"ONE\",\"parent_id\":\"" OWN "\",\"kind\":\"partner\"}");
	assert_int_equal(f.x.status, 409);
	assert_true(noted("status 409 is not listed"));
	assert_true(noted("1004"));
	ask("DELETE", "/tenants/%s?version=1", id, NULL);
	assert_int_equal(f.x.note_count, 0); /* 400 with 1006 is documented */
	free(id);
}

static void test_drift_is_checked(void **state)
{
	static const char *const bad[] = {"{\"changes\":7}", "{\"changes\":[7]}", "[]", "{}",
	    "{\"tenant\":\"One\",\"user\":\"x\"}", "{\"tenant\":\"One\",\"colour\":1}",
	    "{\"tenant\":\"" OWN "\",\"parent\":\"One\"}", "{\"tenant\":\"One\",\"parent\":\"One\"}",
	    "{\"tenant\":\"One\",\"offering_items\":[\"nothing\"]}", "{\"tenant\":\"nobody\"}",
	    "{\"user\":\"nobody@example.com\"}", "{\"add\":{\"name\":\"One\"}}",
	    "{\"add\":{\"name\":\"q\",\"children\":[{\"name\":\"z\",\"kind\":\"root\"}]}}"};
	char *id = make_partner("One"), *before;

	(void)state;
	fixture_request(&f, "GET", "/admin/state", NULL);
	before = json_dumps(f.x.reply, JSON_SORT_KEYS);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		fixture_request(&f, "POST", "/admin/drift", bad[i]);
		if (f.x.status != 400 && f.x.status != 404)
			fail_msg("%s: %d", bad[i], f.x.status);
	}
	fixture_request(&f, "GET", "/admin/state", NULL);
	char *after = json_dumps(f.x.reply, JSON_SORT_KEYS);
	assert_string_equal(before, after);
	free(before);
	free(after);
	free(id);
}

static void test_drift_changes_what_it_says(void **state)
{
	char *a = make_partner("A"), *b = make_partner("B");

	(void)state;
	fixture_request(&f, "POST", "/admin/drift",
	    "{\"changes\":[{\"tenant\":\"A\",\"tier\":4,\"currency\":\"EUR\",\"pricing_mode\":\"trial\","
	    "\"licensing_mode\":\"per_device\",\"parent\":\"B\",\"enabled\":false,\"customer_id\":\"9\"},"
	    "{\"add\":{\"name\":\"C\",\"users\":[{\"login\":\"c@example.com\"}]}},"
	    "{\"user\":\"c@example.com\",\"login\":\"d@example.com\",\"activated\":true},{\"tenant\":\"B\",\"delete\":true}]}");
	assert_int_equal(f.x.status, 200);
	ask("GET", "/tenants/%s?allow_deleted=1", a, NULL);
	assert_string_equal(fixture_text(&f, "parent_id"), b);
	assert_string_equal(fixture_text(&f, "pricing_mode"), "trial");
	assert_string_equal(fixture_text(&f, "customer_id"), "9");
	assert_false(json_is_true(json_object_get(f.x.reply, "enabled")));
	assert_non_null(fixture_text(&f, "deleted_at")); /* with its new parent */
	ask("GET", "/users/check_login?username=c@example.com", NULL, NULL);
	assert_int_equal(f.x.status, 204);
	ask("GET", "/users/check_login?username=d@example.com", NULL, NULL);
	assert_int_equal(f.x.status, 409);
	free(a);
	free(b);
}

static void test_admin_is_for_this_machine(void **state)
{
	(void)state;
	fixture_request(&f, "GET", "/admin/mails", NULL);
	assert_int_equal(f.x.status, 200);
	exchange_free(&f.x);
	exchange_init(&f.x, &f.box);
	f.x.method = "GET";
	f.x.target = "/admin/mails";
	f.x.loopback = false;
	sandbox_handle(&f.box, &f.x);
	assert_int_equal(f.x.status, 403);
}

/* What the same calls make is the same, down to the ids, whatever order they came in. */
static void test_seeded_ids_do_not_depend_on_order(void **state)
{
	char *a = make_partner("A"), *b = make_partner("B");

	(void)state;
	fixture_close(&f);
	fixture_open(&f, NULL);
	char *b2 = make_partner("B"), *a2 = make_partner("A");
	assert_string_equal(a, a2);
	assert_string_equal(b, b2);
	free(a);
	free(b);
	free(a2);
	free(b2);
}

static void test_faults_before_and_after(void **state)
{
	static const char *faults[] = {"CreateTenant:lost-before", "CreateTenant:lost-after",
	    "CreateTenant:500", "CreateTenant:503:commit=yes"};
	static const struct sandbox_settings settings = {.faults = faults, .fault_count = 4};
	static const char *const names[] = {"T0", "T1", "T2", "T3"};
	/* Faults that are due at the same request take turns: the first listed plays first. */
	static const size_t made[] = {0, 1, 1, 2}; /* tenants there after each */
	char body[256];

	(void)state;
	fixture_close(&f);
	fixture_open(&f, &settings);
	for (size_t i = 0; i < 4; i++) {
		snprintf(body, sizeof body,
		    "{\"name\":\"%s\",\"parent_id\":\"" OWN "\",\"kind\":\"partner\"}", names[i]);
		ask("POST", "/tenants", NULL, body);
		assert_int_equal(f.x.cut, i < 2 ? CUT_ALL : CUT_NONE);
		ask("GET", "/tenants?parent_id=%s", OWN, NULL);
		size_t count = json_array_size(fixture_items(&f));
		assert_int_equal(count, made[i]);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_plain, close_it)
	const struct CMUnitTest tests[] = {
	    TEST(test_versions_count_by_themselves),
	    TEST(test_a_refused_change_leaves_nothing),
	    TEST(test_visibility),
	    TEST(test_deleting_takes_the_subtree_and_restoring_brings_it_back),
	    TEST(test_moving),
	    TEST(test_locks),
	    TEST(test_tokens),
	    TEST(test_narrowed_token),
	    TEST(test_pages_have_each_tenant_once),
	    TEST(test_changed_since),
	    TEST(test_assumptions_are_noted),
	    TEST(test_drift_is_checked),
	    TEST(test_drift_changes_what_it_says),
	    TEST(test_admin_is_for_this_machine),
	    TEST(test_seeded_ids_do_not_depend_on_order),
	    TEST(test_faults_before_and_after),
	};

	return cmocka_run_group_tests_name("sandbox_api", tests, NULL, NULL);
}
