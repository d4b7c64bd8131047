/* Lists that go wrong on demand: what each fault does to the pages that a client reads, for every operation
 * that gives a list, by page, by count and by the listing that a page belongs to. */
#include "sandbox_fixture.h"

#include "sandbox/fault.h"

#define OWN "d157b000-0000-4000-8000-000000000001"
#define MOST_PAGES 12

static struct fixture f;

/* Seven partners, P1 to P7, each with a user, in pages of three. */
static int open_world(void **state)
{
	static const struct sandbox_settings settings = {.page_size = 3};
	char body[256];

	(void)state;
	fixture_open(&f, &settings);
	for (int i = 1; i <= 7; i++) {
		snprintf(body, sizeof body,
		    "{\"add\":{\"name\":\"P%d\",\"customer_id\":\"ACC-%d\",\"users\":[{\"login\":\"u%d@example.com\"}]}}",
		    i, i, i);
		fixture_request(&f, "POST", "/admin/drift", body);
		if (f.x.status != 200)
			fail_msg("%s", f.json);
	}
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

static void set_fault(const char *spec)
{
	char *body = mem_printf("{\"clear\":true,\"add\":[\"%s\"]}", spec);

	fixture_request(&f, "POST", "/admin/faults", body);
	if (f.x.status != 200)
		fail_msg("%s: %s", spec, f.json);
	free(body);
}

static void add_partner(const char *name)
{
	char *body = mem_printf("{\"name\":\"%s\",\"parent_id\":\"" OWN "\",\"kind\":\"partner\"}", name);

	fixture_request(&f, "POST", "/api/2/tenants", body);
	assert_int_equal(f.x.status, 201);
	free(body);
}

/* The next page's query, or NULL at the end; the end's form is noted. */
static char *next_query(char end[16])
{
	json_t *after =
	    json_object_get(json_object_get(json_object_get(f.x.reply, "paging"), "cursors"), "after");
	const char *text = json_string_value(after);
	struct strbuf query = {0};

	snprintf(end, 16, "%s",
	    !after                ? "absent"
	    : json_is_null(after) ? "null"
	    : text && !text[0]    ? "empty"
				  : "?");
	if (!text || !text[0])
		return NULL;
	strbuf_adds(&query, "after=");
	strbuf_add_url(&query, strv_of(text));
	return strbuf_take(&query);
}

/* What an item is called: its name, login or id, "-" without id. */
static void add_item(struct strbuf *out, json_t *item)
{
	const char *name = json_string_value(json_object_get(item, "name")),
		   *login = json_string_value(json_object_get(item, "login"));

	strbuf_addf(out, " %s%s",
	    name    ? name
	    : login ? login
		    : "item",
	    json_object_get(item, "id") ? "" : "-");
}

/* All pages as a client reads them: "P1 P2 P3 | P4", and after that how the end looked. Stops at MOST_PAGES.
 */
static char *read_all(const char *path, const char *query)
{
	struct strbuf out = {0};
	char *next = mem_strdup(query), end[16] = "";
	json_t *item;
	size_t i, pages = 0;

	for (; next && pages < MOST_PAGES; pages++) {
		char *target = mem_printf("/api/2/%s?%s", path, next);
		fixture_request(&f, "GET", target, NULL);
		free(target);
		free(next);
		if (f.x.status != 200)
			fail_msg("%s: %d %s", path, f.x.status, f.json);
		strbuf_adds(&out, pages > 0 ? " |" : "");
		json_array_foreach(fixture_items(&f), i, item)
		{
			add_item(&out, item);
		}
		next = next_query(end);
	}
	strbuf_addf(&out, " %s", next ? "..." : end);
	free(next);
	return strbuf_take(&out);
}

static void expect(const char *path, const char *query, const char *wanted)
{
	char *got = read_all(path, query);

	if (strcmp(got, wanted) != 0)
		fail_msg("%s?%s\nwanted:%s\ngot:   %s", path, query, wanted, got);
	free(got);
}

#define WHOLE " P1 P2 P3 | P4 P5 P6 | P7 absent"

static void each_fault(void **state)
{
	static const struct {
		const char *spec, *pages;
	} cases[] = {
	    {"FetchTenantsBatch:list-empty", " absent"},
	    {"FetchTenantsBatch:list-empty:page=2", " P1 P2 P3 | absent"},
	    {"FetchTenantsBatch:list-cut", " P1 P2 P3 absent"},
	    {"FetchTenantsBatch:list-cut:page=2", " P1 P2 P3 | P4 P5 P6 absent"},
	    {"FetchTenantsBatch:list-cut:page=3", " P1 P2 P3 | P4 P5 P6 | absent"},
	    {"FetchTenantsBatch:list-short", " P2 P3 | P4 P5 P6 | P7 absent"},
	    {"FetchTenantsBatch:list-short:item=2:page=2", " P1 P2 P3 | P4 P6 | P7 absent"},
	    {"FetchTenantsBatch:list-short:item=9:nth=2", " P1 P2 P3 | P4 P5 | P7 absent"},
	    {"FetchTenantsBatch:list-short:holds=ACC-5", " P1 P2 P3 | P4 P6 | P7 absent"},
	    {"FetchTenantsBatch:list-repeated:item=3", " P1 P2 P3 P3 | P4 P5 P6 | P7 absent"},
	    {"FetchTenantsBatch:list-repeated:holds=ACC-7", " P1 P2 P3 | P4 P5 P6 | P7 P7 absent"},
	    {"FetchTenantsBatch:list-double", " P1 P2 P3 | P1 P2 P3 | P4 P5 P6 | P7 absent"},
	    {"FetchTenantsBatch:list-double:count=0",
		" P1 P2 P3 | P1 P2 P3 | P4 P5 P6 | P4 P5 P6 | P7 | P7 absent"},
	    {"FetchTenantsBatch:list-without-ids:page=2", " P1 P2 P3 | P4- P5- P6- | P7 absent"},
	    {"FetchTenantsBatch:list-without-ids:holds=ACC-6", " P1 P2 P3 | P4 P5 P6- | P7 absent"},
	    {"FetchTenantsBatch:list-endless", " P1 P2 P3 | P4 P5 P6 | P7 | | | | | | | | | ..."},
	    {"FetchTenantsBatch:list-endless:count=1", " P1 P2 P3 | P4 P5 P6 | P7 | absent"},
	    {"FetchTenantsBatch:list-same-page:nth=3",
		" P1 P2 P3 | P4 P5 P6 | P7 | P7 | P7 | P7 | P7 | P7 | P7 | P7 | P7 | P7 ..."},
	    {"FetchTenantsBatch:list-same-page:count=2",
		" P1 P2 P3 | P1 P2 P3 | P1 P2 P3 | P4 P5 P6 | P7 absent"},
	    {"FetchTenantsBatch:list-flood:nth=3:count=2", " P1 P2 P3 | P4 P5 P6 | P7 | P7 4 | P7 absent"},
	    {"FetchTenantsBatch:list-shifted", " P1 P2 P3 | P5 P6 P7 absent"},
	    {"FetchTenantsBatch:list-shifted:page=2", " P1 P2 P3 | P4 P5 P6 | absent"},
	    {"FetchTenantsBatch:list-shifted:by=2", " P1 P2 P3 | P6 P7 absent"},
	    {"FetchTenantsBatch:list-shifted:by=-1", " P1 P2 P3 | P3 P4 P5 | P6 P7 absent"},
	    {"FetchTenantsBatch:list-shifted:by=-5", " P1 P2 P3 | P1 P2 P3 | P4 P5 P6 | P7 absent"},
	    {"FetchTenantsBatch:end-absent", WHOLE},
	    {"FetchTenantsBatch:end-null", " P1 P2 P3 | P4 P5 P6 | P7 null"},
	    {"FetchTenantsBatch:end-empty", " P1 P2 P3 | P4 P5 P6 | P7 empty"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		set_fault(cases[i].spec);
		print_message("%s\n", cases[i].spec);
		expect("tenants", "parent_id=" OWN, cases[i].pages);
		set_fault("*:500:percent=0");
		expect("tenants", "parent_id=" OWN, WHOLE);
	}
}

/* Ends are counted by listings, for each listing has one last page. */
static void ends_of_the_nth_listing(void **state)
{
	(void)state;
	set_fault("FetchTenantsBatch:end-null:nth=2");
	expect("tenants", "parent_id=" OWN, WHOLE);
	expect("tenants", "parent_id=" OWN, " P1 P2 P3 | P4 P5 P6 | P7 null");
	expect("tenants", "parent_id=" OWN, WHOLE);
}

static char *ids_of(int first, int last)
{
	struct strbuf query = {0};

	fixture_request(&f, "GET", "/api/2/tenants?parent_id=" OWN "&limit=100", NULL);
	strbuf_adds(&query, "uuids=");
	for (int i = first; i <= last; i++) {
		char *target = mem_printf("/api/2/search?tenant=" OWN "&text=ACC-%d", i);
		fixture_request(&f, "GET", target, NULL);
		strbuf_addf(&query, "%s%s", i > first ? "," : "",
		    json_string_value(json_object_get(json_array_get(fixture_items(&f), 0), "id")));
		free(target);
	}
	return strbuf_take(&query);
}

/* A page belongs to the listing it began with, whatever stands in its own address. */
static void listings_are_told_apart(void **state)
{
	char *ids = ids_of(2, 5);

	(void)state;
	set_fault("FetchTenantsBatch:list-short:page=2:count=0:match=uuids=");
	expect("tenants", "parent_id=" OWN, WHOLE);
	expect("tenants", ids, " P2 P3 P4 | absent");
	set_fault("FetchTenantsBatch:list-cut:page=2:count=0:match=!updated_since");
	expect("tenants", "parent_id=" OWN "&updated_since=2020-01-01T00:00:00", WHOLE);
	expect("tenants", "parent_id=" OWN, " P1 P2 P3 | P4 P5 P6 absent");
	set_fault("FetchTenantsBatch:list-cut:page=2:count=0:match=updated_since");
	expect("tenants", "parent_id=" OWN, WHOLE);
	expect(
	    "tenants", "parent_id=" OWN "&updated_since=2020-01-01T00:00:00", " P1 P2 P3 | P4 P5 P6 absent");
	set_fault("FetchTenantsBatch:list-cut:page=3:match=subtree_root_id");
	expect("tenants", "parent_id=" OWN, WHOLE);
	expect("tenants", "subtree_root_id=" OWN, " Example Distribution P1 P2 | P3 P4 P5 | P6 absent");
	free(ids);
}

/* The other operations that have pages, and those that give all in one answer. */
static void every_list(void **state)
{
	static const struct {
		const char *spec, *path, *query, *pages;
	} cases[] = {
	    {"FetchUsersBatch:list-cut:page=2", "users", "subtree_root_tenant_id=" OWN,
		" u1@example.com u2@example.com u3@example.com | u4@example.com u5@example.com u6@example.com absent"},
	    {"FetchUsersBatch:list-without-ids:page=3", "users", "subtree_root_tenant_id=" OWN,
		" u1@example.com u2@example.com u3@example.com | u4@example.com u5@example.com u6@example.com | u7@example.com- "
		"absent"},
	    {"FetchUsersBatch:list-shifted", "users", "subtree_root_tenant_id=" OWN,
		" u1@example.com u2@example.com u3@example.com | u5@example.com u6@example.com u7@example.com absent"},
	    {"FetchTenantOfferingItemsBatch:list-cut", "tenants/offering_items",
		"subtree_root_tenant_id=" OWN, NULL},
	    {"FetchTenantOfferingItemsBatch:list-empty", "tenants/offering_items",
		"subtree_root_tenant_id=" OWN, " absent"},
	    {"Search:list-short:holds=P3", "search", "tenant=" OWN "&text=ACC-", " P1 P2 P4 P5 P6 P7 absent"},
	    {"Search:list-cut", "search", "tenant=" OWN "&text=ACC-", " P1 P2 P3 absent"},
	    {"Search:list-empty", "search", "tenant=" OWN "&text=ACC-", " absent"},
	    {"*:list-empty", "search", "tenant=" OWN "&text=ACC-", " absent"},
	    {"Search:list-same-page", "search", "tenant=" OWN "&text=ACC-", " P1 P2 P3 P4 P5 P6 P7 absent"},
	    {"FetchTenantUsers:list-short", "tenants/" OWN "/users", "include_grand_children=true", NULL},
	    {"FetchTenantChildren:list-empty", "tenants/" OWN "/children", "", " absent"},
	    {"GET:list-empty", "applications", "", " absent"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		set_fault("*:500:percent=0");
		char *whole = read_all(cases[i].path, cases[i].query);
		set_fault(cases[i].spec);
		char *got = read_all(cases[i].path, cases[i].query);
		/* One that has no listing to go on with leaves the answer as it is. */
		if (cases[i].pages && strcmp(cases[i].pages, got) != 0)
			fail_msg("%s\nwanted:%s\ngot:   %s", cases[i].spec, cases[i].pages, got);
		if (!cases[i].pages && strlen(got) >= strlen(whole))
			fail_msg("%s: %s", cases[i].spec, got);
		free(whole);
		free(got);
	}
}

static void stale_by_listings(void **state)
{
	static const char *const with_new = " P1 P2 P3 | P4 P5 P6 | P7 New absent";

	(void)state;
	set_fault("FetchTenantsBatch:list-stale:count=0:behind=2");
	expect("tenants", "parent_id=" OWN, WHOLE);
	add_partner("New");
	expect("tenants", "parent_id=" OWN, WHOLE);
	expect("tenants", "parent_id=" OWN, WHOLE);
	expect("tenants", "parent_id=" OWN, with_new);
	/* The first ones after the fault was set show what stood there then. */
	set_fault("FetchTenantsBatch:list-stale:count=2:behind=5");
	add_partner("Newer");
	expect("tenants", "parent_id=" OWN, with_new);
	expect("tenants", "parent_id=" OWN, with_new);
	expect("tenants", "parent_id=" OWN, " P1 P2 P3 | P4 P5 P6 | P7 New Newer absent");
	set_fault("FetchTenantsBatch:list-stale:nth=2");
	add_partner("Newest");
	expect("tenants", "parent_id=" OWN, " P1 P2 P3 | P4 P5 P6 | P7 New Newer | Newest absent");
	add_partner("Last");
	expect("tenants", "parent_id=" OWN, " P1 P2 P3 | P4 P5 P6 | P7 New Newer | Newest absent");
	expect("tenants", "parent_id=" OWN, " P1 P2 P3 | P4 P5 P6 | P7 New Newer | Newest Last absent");
}

static void stale_by_the_clock(void **state)
{
	(void)state;
	clock_advance(&f.clock, 3600000);
	set_fault("FetchTenantsBatch:list-stale:count=0:for=30s");
	expect("tenants", "parent_id=" OWN, WHOLE);
	clock_advance(&f.clock, 10000);
	add_partner("New");
	clock_advance(&f.clock, 29000);
	expect("tenants", "parent_id=" OWN, WHOLE);
	/* The list says itself of what moment it is, so that who goes on from there misses nothing. */
	fixture_request(&f, "GET", "/api/2/tenants?parent_id=" OWN, NULL);
	char *since = mem_strdup(fixture_text(&f, "timestamp")), *query;
	clock_advance(&f.clock, 1500);
	expect("tenants", "parent_id=" OWN, " P1 P2 P3 | P4 P5 P6 | P7 New absent");
	struct strbuf encoded = {0};
	strbuf_add_url(&encoded, strv_of(since));
	query = mem_printf("parent_id=" OWN "&updated_since=%s", encoded.p);
	expect("tenants", query, " New absent");
	strbuf_free(&encoded);
	free(query);
	free(since);
}

/* Changes come late to an incremental list, and what was made to users, searches and lists by id. */
static void stale_everywhere(void **state)
{
	(void)state;
	clock_advance(&f.clock, 60000);
	set_fault("GET:list-stale:count=0:for=30s");
	clock_advance(&f.clock, 60000);
	char *query = mem_strdup("parent_id=" OWN "&updated_since=2026-11-22T12:00:30");
	expect("tenants", query, " absent");
	fixture_request(&f, "POST", "/admin/drift", "{\"tenant\":\"ACC-2\",\"contact\":{\"city\":\"Kiel\"}}");
	assert_int_equal(f.x.status, 200);
	fixture_request(&f, "POST", "/admin/drift",
	    "{\"add\":{\"name\":\"P8\",\"customer_id\":\"ACC-8\",\"users\":[{\"login\":\"u8@example.com\"}]}}");
	assert_int_equal(f.x.status, 200);
	expect("tenants", query, " absent");
	expect("search", "tenant=" OWN "&text=ACC-8", " absent");
	expect("users", "subtree_root_tenant_id=" OWN "&updated_since=2026-11-22T12:00:30", " absent");
	fixture_request(&f, "GET", "/api/2/tenants/" OWN "/children", NULL);
	assert_int_equal(json_array_size(fixture_items(&f)), 7);
	clock_advance(&f.clock, 31000);
	expect("tenants", query, " P2 P8 absent");
	expect("search", "tenant=" OWN "&text=ACC-8", " P8 absent");
	expect("users", "subtree_root_tenant_id=" OWN "&updated_since=2026-11-22T12:00:30",
	    " u8@example.com absent");
	free(query);
}

/* A fault of the answer and one of the list can meet in one request; the log names both. */
static void two_in_one_request(void **state)
{
	(void)state;
	fixture_request(&f, "POST", "/admin/faults",
	    "{\"add\":[\"FetchTenantsBatch:slow:for=1s\",\"FetchTenantsBatch:list-cut\"]}");
	fixture_request(&f, "GET", "/api/2/tenants?parent_id=" OWN, NULL);
	assert_int_equal(f.x.delay_ms, 1000);
	assert_int_equal(json_array_size(fixture_items(&f)), 3);
	assert_string_equal(f.x.fault, "slow+list-cut");
}

/* Answers that nobody can read, for reads and for the token call. */
static void unreadable_answers(void **state)
{
	static const char *const kinds[] = {
	    "html", "half-json", "no-object", "no-body", "wrong-types", "redirect"};
	static const char *const calls[] = {"FetchTenantsBatch", "FetchTenant", "Search", "RequestTokens"};
	static const char *const targets[] = {"/api/2/tenants?parent_id=" OWN, "/api/2/tenants/" OWN,
	    "/api/2/search?tenant=" OWN "&text=ACC-1"};

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(calls); c++)
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
			char *spec = mem_printf("%s:%s", calls[c], kinds[k]);
			set_fault(spec);
			free(spec);
			if (c < ARRAY_LEN(targets)) {
				fixture_request(&f, "GET", targets[c], NULL);
			} else {
				exchange_free(&f.x);
				exchange_init(&f.x, &f.box);
				f.x.method = "POST";
				f.x.target = "/api/2/idp/token";
				f.x.content_type = "application/x-www-form-urlencoded";
				f.x.body = STRV("grant_type=client_credentials&client_id=" WELL_KNOWN_CLIENT
						"&client_secret=" WELL_KNOWN_SECRET);
				sandbox_handle(&f.box, &f.x);
			}
			assert_string_equal(f.x.fault, kinds[k]);
			assert_int_equal(f.x.status, strcmp(kinds[k], "redirect") == 0 ? 302 : 200);
			json_t *read = f.x.reply_text ? json_loads(f.x.reply_text, 0, NULL) : NULL;
			assert_null(read);
			if (strcmp(kinds[k], "no-object") == 0)
				assert_true(json_is_array(f.x.reply));
			if (strcmp(kinds[k], "no-body") == 0)
				assert_true(!f.x.reply && !f.x.reply_text);
			if (strcmp(kinds[k], "redirect") == 0)
				assert_non_null(f.x.location);
		}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
	    TEST(each_fault),
	    TEST(ends_of_the_nth_listing),
	    TEST(listings_are_told_apart),
	    TEST(every_list),
	    TEST(stale_by_listings),
	    TEST(stale_by_the_clock),
	    TEST(stale_everywhere),
	    TEST(two_in_one_request),
	    TEST(unreadable_answers),
	};

	return cmocka_run_group_tests_name("sandbox_lists", tests, NULL, NULL);
}
