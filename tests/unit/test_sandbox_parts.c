/* The sandbox's parts by themselves: routing, fault specs, cursors, strict bodies, forms. */
#include "sandbox_fixture.h"

#include "sandbox/check.h"
#include "sandbox/cursor.h"
#include "sandbox/fault.h"
#include "sandbox/form.h"

/* ---- routing ---- */

static const char *routed(
    const char *method, const char *path, struct arena *arena, struct route_match *match)
{
	return route_find(method, path, arena, match) == ROUTE_FOUND ? match->operation->id : "none";
}

static void test_routes(void **state)
{
	struct arena *arena = arena_new();
	struct route_match m;

	(void)state;
	assert_string_equal(routed("GET", "/api/2/tenants", arena, &m), "FetchTenantsBatch");
	assert_string_equal(routed("GET", "/api/2//tenants/", arena, &m), "FetchTenantsBatch");
	assert_string_equal(routed("GET", "/api/2/tenants/usages", arena, &m), "FetchTenantsUsagesBatch");
	assert_string_equal(
	    routed("GET", "/api/2/users/check_login", arena, &m), "CheckLoginNameAvailability");
	assert_string_equal(routed("HEAD", "/api/2/tenants/abc", arena, &m), "FetchTenant");
	assert_string_equal(m.param[0], "abc");
	assert_string_equal(routed("PUT", "/api/2/applications/a/settings/tenants/b/c", arena, &m),
	    "UpdateTenantApplicationSetting");
	assert_string_equal(m.param[0], "a");
	assert_string_equal(m.param[1], "b");
	assert_string_equal(m.param[2], "c");
	assert_string_equal(routed("GET", "/api/2/applications/a/settings/tenants/b", arena, &m), "none");
	assert_int_equal(route_find("GET", "/api/2/nothing", arena, &m), ROUTE_NO_PATH);
	assert_int_equal(route_find("GET", "/", arena, &m), ROUTE_NO_PATH);
	assert_int_equal(route_find("PATCH", "/api/2/tenants/abc", arena, &m), ROUTE_NO_METHOD);
	assert_string_equal(m.allow, "GET, HEAD, PUT, DELETE");
	/* A path that also fits a pattern is not taken for a tenant called "usages". */
	assert_int_equal(route_find("DELETE", "/api/2/tenants/usages", arena, &m), ROUTE_NO_METHOD);
	assert_string_equal(m.allow, "GET, HEAD, PUT");
	arena_free(arena);
}

static void test_all_documented_operations_are_there(void **state)
{
	static const char *const ids[] = {"RequestTokens", "FetchClient", "FetchTenantsBatch", "CreateTenant",
	    "FetchTenant", "UpdateTenant", "DeleteTenant", "RestoreDeletedTenant", "FetchTenantChildren",
	    "FetchTenantUsers", "FetchTenantMFAStatus", "ManageTenantMFAStatus", "FetchTenantPricingSettings",
	    "UpdateTenantPricingSettings", "FetchTenantApplicationSetting", "UpdateTenantApplicationSetting",
	    "DeleteTenantApplicationSetting", "FetchTenantPriceLists", "FetchApplications",
	    "FetchApplication", "TurnOnTenantApplication", "TurnOffTenantApplication",
	    "FetchAvailableTenantApplications", "FetchOfferingItemsAvailableForTenantChild",
	    "FetchTenantOfferingItems", "SetTenantOfferingItems", "FetchTenantOfferingItemsBatch",
	    "FetchTenantsUsagesBatch", "FetchTenantUsages", "FetchUsersBatch", "CreateUser",
	    "CheckLoginNameAvailability", "FetchUser", "UpdateUser", "DeleteUser", "SendActivationEmail",
	    "FetchUserAccessPolicies", "UpdateUserAccessPolicies", "Search"};

	(void)state;
	assert_int_equal(ARRAY_LEN(ids), 39);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		const struct operation *op = operation_named(ids[i]);
		if (!op)
			fail_msg("no operation %s", ids[i]);
		assert_false(op->flags & (OP_EXTRA | OP_ADMIN));
	}
	size_t documented = 0;
	for (size_t i = 0; i < operation_count(); i++)
		documented += !(operations[i].flags & (OP_EXTRA | OP_ADMIN));
	assert_int_equal(documented, 39);
	assert_true(operation_lists(operation_named("CreateTenant"), 201));
	assert_false(operation_lists(operation_named("CreateTenant"), 409));
}

/* ---- faults ---- */

static struct fault_set *faults(const char *spec)
{
	struct fault_set *set = fault_set_new(1);
	struct error err = {0};

	if (fault_add(set, spec, 1, &err) < 0)
		fail_msg("%s: %s", spec, err.text);
	return set;
}

static const struct fault *pick(struct fault_set *set, const char *operation, const char *method)
{
	return fault_pick(set, &(struct fault_question){.operation = operation,
				   .method = method,
				   .target = "/t?match-me",
				   .filters = "",
				   .body = STRV("body")});
}

/* Which of the next requests are hit, as "..x.x". */
static const char *hits(
    struct fault_set *set, const char *operation, const char *method, int count, char *out)
{
	for (int i = 0; i < count; i++)
		out[i] = pick(set, operation, method) ? 'x' : '.';
	out[count] = '\0';
	return out;
}

static void test_fault_counts(void **state)
{
	static const struct {
		const char *spec, *hits;
	} cases[] = {
	    {"CreateTenant:500", "x......."},
	    {"CreateTenant:500:nth=3", "..x....."},
	    {"CreateTenant:500:nth=3:count=2", "..xx...."},
	    {"CreateTenant:500:every=3", "x..x..x."},
	    {"CreateTenant:500:every=3:nth=2:count=2", ".x..x..."},
	    {"CreateTenant:500:count=0", "xxxxxxxx"},
	    {"*:500:percent=100", "xxxxxxxx"},
	    {"*:500:percent=0", "........"},
	    {"POST:500", "x......."},
	    {"GET:500", "........"},
	    {"UpdateTenant:500", "........"},
	    {"*:500:match=match-me", "x......."},
	    {"*:500:match=ody", "x......."},
	    {"*:500:match=nowhere", "........"},
	    {"*:500:match=!match-me", "........"},
	    {"*:500:match=!nowhere", "x......."},
	    {"*:500:page=1", "........"}, /* no list has no page */
	    {"*:list-cut", "........"},
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fault_set *set = faults(cases[i].spec);
		if (strcmp(hits(set, "CreateTenant", "POST", 8, out), cases[i].hits) != 0)
			fail_msg("%s: %s instead of %s", cases[i].spec, out, cases[i].hits);
		fault_set_free(set);
	}
}

static void test_fault_settings(void **state)
{
	struct fault_set *set = faults("FetchTenant:503:retry-after=9:commit=yes");
	const struct fault *f = pick(set, "FetchTenant", "GET");

	(void)state;
	assert_non_null(f);
	assert_int_equal(f->kind, FAULT_503);
	assert_int_equal(f->retry_after, 9);
	assert_true(f->commit);
	fault_set_free(set);
	set = faults("*:slow:for=250ms");
	assert_int_equal(pick(set, "FetchTenant", "GET")->delay_ms, 250);
	fault_set_free(set);
}

static void test_fault_percent_is_repeatable(void **state)
{
	struct fault_set *one = faults("*:500:percent=20"), *two = faults("*:500:percent=20");
	char a[1001], b[1001];
	int n = 0;

	(void)state;
	assert_string_equal(
	    hits(one, "FetchTenant", "GET", 1000, a), hits(two, "FetchTenant", "GET", 1000, b));
	for (const char *at = a; *at; at++)
		n += *at == 'x';
	assert_in_range(n, 150, 250);
	fault_set_free(one);
	fault_set_free(two);
}

static void test_first_due_fault_wins_and_all_count(void **state)
{
	struct fault_set *set = faults("CreateTenant:500:nth=2");
	struct error err = {0};

	(void)state;
	assert_int_equal(fault_add(set, "*:429:nth=2:count=2", 1, &err), 0);
	assert_null(pick(set, "CreateTenant", "POST"));
	assert_int_equal(pick(set, "CreateTenant", "POST")->kind, FAULT_500);
	assert_int_equal(pick(set, "CreateTenant", "POST")->kind, FAULT_429);
	fault_set_free(set);
}

static void test_bad_faults(void **state)
{
	static const struct {
		const char *spec, *text;
	} cases[] = {
	    {"CreateTenant", "OPERATION:KIND"},
	    {"", "OPERATION:KIND"},
	    {"CreateTennant:500", "unknown operation"},
	    {"CreateTenant:501", "unknown kind"},
	    {"CreateTenant:500:nth=0", "nth=0"},
	    {"CreateTenant:500:percent=101", "percent=101"},
	    {"CreateTenant:500:nth", "name=value"},
	    {"CreateTenant:500:color=red", "color=red"},
	    {"CreateTenant:slow:for=5", "for=5"},
	    {"CreateTenant:500:match=", "match="},
	    {"FetchTenantsBatch:list-short:item=0", "item=0"},
	    {"FetchTenantsBatch:list-stale:behind=0", "behind=0"},
	    {"FetchTenantsBatch:list-shifted:by=1001", "by=1001"},
	    {"FetchTenantsBatch:list-short:holds=", "holds="},
	    {"FetchTenantsBatch:list-cutt", "unknown kind"},
	    {"FetchTenant:list-cut", "FetchTenant gives no list"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fault_set *set = fault_set_new(1);
		struct error err = {0};
		assert_int_equal(fault_add(set, cases[i].spec, 1, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, cases[i].text))
			fail_msg("%s: %s", cases[i].spec, err.text);
		assert_true(err.hint[0] != '\0');
		fault_set_free(set);
	}
}

/* ---- cursors ---- */

static void test_cursor_round_trip(void **state)
{
	static const char *const filters[] = {
	    "", "a=b", "parent_id=x&lod=full", "text=ends%20", "a=b ", "a=b."};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		struct cursor in = {"FetchTenantsBatch", "root", filters[i], 100, {3, 17, -1}, 9, 2, 1, true},
			      out;
		const char *text = cursor_write(&in, arena);
		size_t n = strlen(text);
		assert_string_equal(text + n - 2, "==");
		assert_non_null(strchr(text, '+'));
		assert_true(cursor_read(text, "FetchTenantsBatch", "root", arena, &out));
		assert_string_equal(out.filters, filters[i]);
		assert_int_equal(out.limit, 100);
		assert_int_equal(out.key[0], 3);
		assert_int_equal(out.key[1], 17);
		assert_int_equal(out.key[2], -1);
		assert_int_equal(out.until, 9);
		assert_int_equal(out.page, 2);
		assert_int_equal(out.skip, 1);
		assert_true(out.again);
		assert_false(cursor_read(text, "FetchUsersBatch", "root", arena, &out));
		assert_false(cursor_read(text, "FetchTenantsBatch", "other", arena, &out));
	}
	arena_free(arena);
}

static void test_changed_cursors_are_refused(void **state)
{
	struct arena *arena = arena_new();
	struct cursor in = {"FetchTenantsBatch", "root", "a=b", 1, {1, 2, 3}, 0, 2, 0, false}, out;
	char *text = cursor_write(&in, arena);
	size_t n = strlen(text);

	(void)state;
	for (size_t i = 0; i + 2 < n; i++) {
		char kept = text[i];
		text[i] = kept == 'A' ? 'B' : 'A';
		if (cursor_read(text, "FetchTenantsBatch", "root", arena, &out))
			fail_msg("changed at %zu", i);
		text[i] = kept;
	}
	assert_false(cursor_read("", "FetchTenantsBatch", "root", arena, &out));
	assert_false(cursor_read("====", "FetchTenantsBatch", "root", arena, &out));
	assert_false(cursor_read("not a cursor", "FetchTenantsBatch", "root", arena, &out));
	text[n - 4] = '\0';
	assert_false(cursor_read(text, "FetchTenantsBatch", "root", arena, &out));
	arena_free(arena);
}

/* ---- bodies ---- */

static const struct check_member element = {.type = CHECK_TEXT, .choices = "a|b"};
static const struct check_member inner[] = {
    {.name = "deep", .type = CHECK_INT, .flags = CHECK_NOT_NEGATIVE}, {0}};
static const struct check_object inner_shape = {inner, false};
static const struct check_member outer[] = {
    {.name = "name", .type = CHECK_TEXT, .flags = CHECK_REQUIRED, .max = 3},
    {.name = "id", .type = CHECK_UUID},
    {.name = "on", .type = CHECK_BOOL},
    {.name = "mail", .type = CHECK_EMAIL},
    {.name = "when", .type = CHECK_TIME},
    {.name = "none", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "list", .type = CHECK_ARRAY, .flags = CHECK_UNIQUE | CHECK_NOT_EMPTY, .element = &element},
    {.name = "inner", .type = CHECK_OBJECT, .object = &inner_shape},
    {.name = "old", .type = CHECK_TEXT, .flags = CHECK_LENIENT_ONLY},
    {0},
};
static const struct check_object outer_shape = {outer, false};

static void test_strict_bodies(void **state)
{
	static const struct {
		const char *body, *where, *text; /* text NULL: fine */
	} cases[] = {
	    {"{\"name\":\"abc\"}", "", NULL},
	    {"{\"name\":\"\u00e4\u00f6\u00fc\"}", "", NULL},
	    {"{}", "name", "is required"},
	    {"[]", "", "must be an object"},
	    {"{\"name\":\"abcd\"}", "name", "at most 3"},
	    {"{\"name\":7}", "name", "a string"},
	    {"{\"name\":null}", "name", "not be null"},
	    {"{\"name\":\"a\",\"none\":null}", "", NULL},
	    {"{\"name\":\"a\",\"more\":1}", "more", "not a member"},
	    {"{\"name\":\"a\",\"old\":\"x\"}", "old", "not a member"},
	    {"{\"name\":\"a\",\"id\":\"12\"}", "id", "UUID"},
	    {"{\"name\":\"a\",\"on\":\"true\"}", "on", "a boolean"},
	    {"{\"name\":\"a\",\"on\":1}", "on", "a boolean"},
	    {"{\"name\":\"a\",\"mail\":\"\"}", "", NULL},
	    {"{\"name\":\"a\",\"mail\":\"x\"}", "mail", "e-mail"},
	    {"{\"name\":\"a\",\"when\":\"2026-11-22T12:00:00+00:00\"}", "", NULL},
	    {"{\"name\":\"a\",\"when\":\"2026-11-22\"}", "when", "date-time"},
	    {"{\"name\":\"a\",\"list\":[\"a\",\"b\"]}", "", NULL},
	    {"{\"name\":\"a\",\"list\":[]}", "list", "not be empty"},
	    {"{\"name\":\"a\",\"list\":[\"a\",\"a\"]}", "list[1]", "repeat"},
	    {"{\"name\":\"a\",\"list\":[\"a\",\"c\"]}", "list[1]", "one of"},
	    {"{\"name\":\"a\",\"inner\":{\"deep\":1.5}}", "inner.deep", "an integer"},
	    {"{\"name\":\"a\",\"inner\":{\"deep\":-1}}", "inner.deep", "negative"},
	    {"{\"name\":\"a\",\"inner\":{\"else\":1}}", "inner.else", "not a member"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct check_report report = {.lenient = false};
		json_t *body = json_loads(cases[i].body, 0, NULL);
		bool good = check_body(&outer_shape, body, &report);
		if (good != (cases[i].text == NULL) || strcmp(report.where, cases[i].where) != 0 ||
		    (!good && !strstr(report.text, cases[i].text)))
			fail_msg("%s: %d %s %s", cases[i].body, good, report.where, report.text);
		json_decref(body);
	}
}

static void test_lenient_repairs(void **state)
{
	struct check_report report = {.lenient = true};
	json_t *body =
	    json_loads("{\"name\":7,\"on\":\"false\",\"more\":1,\"old\":\"x\",\"inner\":{\"deep\":\"12\"},"
		       "\"id\":\"ABCDEF01-0000-4000-8000-00000000000F\"}",
		0, NULL);

	(void)state;
	assert_true(check_body(&outer_shape, body, &report));
	assert_true(report.repaired);
	assert_true(report.dropped);
	assert_string_equal(json_string_value(json_object_get(body, "name")), "7");
	assert_true(json_is_false(json_object_get(body, "on")));
	assert_null(json_object_get(body, "more"));
	assert_string_equal(json_string_value(json_object_get(body, "old")), "x");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(body, "inner"), "deep")), 12);
	assert_string_equal(
	    json_string_value(json_object_get(body, "id")), "abcdef01-0000-4000-8000-00000000000f");
	json_decref(body);
	body = json_loads("{\"name\":\"a\",\"on\":\"maybe\"}", 0, NULL);
	assert_false(check_body(&outer_shape, body, &report));
	json_decref(body);
}

/* ---- forms ---- */

static void test_forms(void **state)
{
	struct arena *arena = arena_new();
	struct form form;
	struct strv bytes;

	(void)state;
	assert_true(form_parse(&form, arena, STRV("a=1+2&b=%2B%3d&&c&a=9")));
	assert_string_equal(form_get(&form, "a"), "1 2");
	assert_string_equal(form_get(&form, "b"), "+=");
	assert_string_equal(form_get(&form, "c"), "");
	assert_null(form_get(&form, "d"));
	assert_false(form_parse(&form, arena, STRV("a=%2")));
	assert_false(form_parse(&form, arena, STRV("a=%zz")));
	assert_false(form_parse(&form, arena, STRV("a=%00")));
	for (size_t n = 0; n < 9; n++) {
		struct strv in = {"\xfb\xff\x00 abcde", n};
		char *text = base64_encode(arena, in);
		assert_true(base64_decode(arena, strv_of(text), &bytes));
		assert_true(strv_eq(in, bytes));
	}
	assert_string_equal(base64_encode(arena, STRV("M")), "TQ==");
	assert_false(base64_decode(arena, STRV("TQ="), &bytes));
	assert_false(base64_decode(arena, STRV("T!=="), &bytes));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_routes),
	    cmocka_unit_test(test_all_documented_operations_are_there),
	    cmocka_unit_test(test_fault_counts),
	    cmocka_unit_test(test_fault_settings),
	    cmocka_unit_test(test_fault_percent_is_repeatable),
	    cmocka_unit_test(test_first_due_fault_wins_and_all_count),
	    cmocka_unit_test(test_bad_faults),
	    cmocka_unit_test(test_cursor_round_trip),
	    cmocka_unit_test(test_changed_cursors_are_refused),
	    cmocka_unit_test(test_strict_bodies),
	    cmocka_unit_test(test_lenient_repairs),
	    cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests_name("sandbox_parts", tests, NULL, NULL);
}
