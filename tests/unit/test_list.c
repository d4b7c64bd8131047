/* Pages: every way a cursor can end, encode, loop or be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../fake/fake_transport.h"
#include "tenantry/acronis.h"
#include "tenantry/mem.h"

struct stage {
	struct clock clock;
	struct fake_transport *fake;
	struct acronis_client *client;
	int64_t sum, stop_at;
	int items;
};

static void open_stage(struct stage *s)
{
	memset(s, 0, sizeof *s);
	clock_manual(&s->clock, INT64_C(1795351420000));
	s->fake = fake_transport_new(&s->clock);
	s->client = acronis_client_new(&(struct acronis_settings){.url = "http://127.0.0.1:1",
					   .client_id = "id",
					   .client_secret = "secret",
					   .connections = 4,
					   .timeout_ms = 30000,
					   .retries = 2,
					   .page_size = 2,
					   .random_seed = 7},
	    fake_transport_base(s->fake), &s->clock);
}

static void close_stage(struct stage *s)
{
	acronis_client_free(s->client);
	fake_transport_free(s->fake);
}

static int add_item(void *user, const json_t *item, struct error *err)
{
	const char *id = json_string_value(json_object_get(item, "id"));
	long long number = id ? atoll(id) : 0;
	struct stage *s = user;

	s->items++;
	s->sum += number;
	if (s->stop_at && number == s->stop_at)
		return error_set(err, ERR_ACRONIS, "item %lld is not wanted", number);
	return 0;
}

static int list(struct stage *s, const char *query, char timestamp[40], struct error *err)
{
	return acronis_list_wait(s->client,
	    &(struct acronis_listing){.call = CALL_TENANTS, .query = query, .item = add_item, .user = s},
	    timestamp, err);
}

static void pages_are_followed_to_the_end(void **state)
{
	static const char *const ends[] = {"", ",\"paging\":{}", ",\"paging\":{\"cursors\":{}}",
	    ",\"paging\":{\"cursors\":{\"after\":null}}", ",\"paging\":{\"cursors\":{\"after\":\"\"}}",
	    ",\"paging\":null"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct stage s;
		struct error err = {0};
		char timestamp[40], last[128];
		open_stage(&s);
		snprintf(
		    last, sizeof last, "{\"items\":[{\"id\":\"5\"}],\"timestamp\":\"later\"%s}", ends[i]);
		fake_on(s.fake, HTTP_GET, "/tenants?parent_id=p&limit=2", 200,
		    "{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"timestamp\":\"2026-11-22T12:43:40\",\"paging\":{\"cursors\":{\"after\":\"a+b/c==\"}}}");
		fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=a%2Bb%2Fc%3D%3D", 200,
		    "{\"items\":[{\"id\":\"3\"},{\"id\":\"4\"}],\"paging\":{\"cursors\":{\"after\":\"2\"}}}");
		fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=2", 200, last);
		assert_int_equal(list(&s, "parent_id=p", timestamp, &err), 0);
		assert_int_equal(s.items, 5);
		assert_int_equal(s.sum, 15);
		assert_string_equal(timestamp, "2026-11-22T12:43:40");
		assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants"), 3);
		close_stage(&s);
	}
}

static void no_filters_and_no_timestamp(void **state)
{
	struct stage s;
	struct error err = {0};
	char timestamp[40] = "x";

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants?limit=2", 200, "{\"items\":[]}");
	assert_int_equal(list(&s, NULL, timestamp, &err), 0);
	assert_string_equal(timestamp, "");
	assert_int_equal(s.items, 0);
	close_stage(&s);
}

static void a_failing_page_is_repeated_not_the_listing(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=2", 200, "{\"items\":[{\"id\":\"3\"}]}");
	fake_once(s.fake, HTTP_GET, "/tenants?limit=2&after=2", 503, "");
	fake_on(s.fake, HTTP_GET, "/tenants?parent_id", 200,
	    "{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"paging\":{\"cursors\":{\"after\":\"2\"}}}");
	assert_int_equal(list(&s, "parent_id=p", NULL, &err), 0);
	assert_int_equal(s.sum, 6);
	assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants"), 3);
	close_stage(&s);
}

/* Each broken listing: what is said, and that it ends. */
static void broken_listings_are_errors(void **state)
{
	static const struct {
		const char *first, *second, *text;
	} cases[] = {
	    {"{\"items\":[{\"id\":\"1\"}],\"paging\":{\"cursors\":{\"after\":\"x\"}}}",
		"{\"items\":[{\"id\":\"2\"}],\"paging\":{\"cursors\":{\"after\":\"x\"}}}",
		"page 2 gives the cursor of page 1 again"},
	    {"{\"items\":{}}", "{}", "items is not an array of objects"},
	    {"{}", "{}", "it has no items"},
	    {"{\"items\":[],\"paging\":{\"cursors\":{\"after\":7}}}", "{}", "cursors.after is not a text"},
	    {"<html>", "", "not JSON"},
	    /* What a list that can be believed never does (completeness.h). */
	    {"{\"items\":[{\"id\":\"1\"},{\"name\":\"Somebody\"}]}", "{}",
		"page 1, \"Somebody\": an element has no id"},
	    {"{\"items\":[{\"id\":\"1\"},{\"id\":\"\"}]}", "{}", "page 1: an element has no id"},
	    {"{\"items\":[{\"id\":\"1\"},7]}", "{}", "items[1] is not an object"},
	    {"{\"items\":[{\"id\":\"1\"}],\"paging\":{\"cursors\":[]}}", "{}",
		"paging.cursors is not an object"},
	    {"{\"items\":[{\"id\":\"1\"}],\"paging\":7}", "{}", "paging is not an object"},
	    {"{\"items\":[{\"id\":\"1\"}],\"timestamp\":7}", "{}", "timestamp is not a text"},
	    {"{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"paging\":{\"cursors\":{\"after\":\"x\"}}}",
		"{\"items\":[{\"id\":\"2\"},{\"id\":\"1\"}],\"paging\":{\"cursors\":{\"after\":\"y\"}}}",
		"page 2: a page brings no id that the pages before it had not"},
	    {"{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"paging\":{\"cursors\":{\"after\":\"x\"}}}",
		"{\"items\":[{\"id\":\"1\"}]}",
		"page 2: a page brings no id that the pages before it had not"},
	    {"{\"items\":[],\"paging\":{\"cursors\":{\"after\":\"x\"}}}", "{\"items\":[{\"id\":\"1\"}]}",
		"page 1: a page brings no id that the pages before it had not"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage s;
		struct error err = {0};
		open_stage(&s);
		fake_on(s.fake, HTTP_GET, "/tenants?q", 200, cases[i].first);
		fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=x", 200, cases[i].second);
		assert_int_equal(list(&s, "q=1", NULL, &err), -1);
		assert_int_equal(err.code, ERR_ACRONIS);
		assert_non_null(strstr(err.text, cases[i].text));
		assert_true(err.hint[0] != '\0');
		close_stage(&s);
	}
}

/* A loop of several pages comes back to a cursor that is not the last one. */
static void a_longer_loop_is_found_too(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants?q", 200,
	    "{\"items\":[{\"id\":\"1\"}],\"paging\":{\"cursors\":{\"after\":\"a\"}}}");
	fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=a", 200,
	    "{\"items\":[{\"id\":\"2\"}],\"paging\":{\"cursors\":{\"after\":\"b\"}}}");
	fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=b", 200,
	    "{\"items\":[{\"id\":\"3\"}],\"paging\":{\"cursors\":{\"after\":\"a\"}}}");
	assert_int_equal(list(&s, "q=1", NULL, &err), -1);
	assert_non_null(strstr(err.text, "page 3 gives the cursor of page 1 again"));
	close_stage(&s);
}

static void a_refused_page_says_why(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(
	    s.fake, HTTP_GET, "/tenants", 403, "{\"error\":{\"code\":1002,\"message\":\"Access denied\"}}");
	assert_int_equal(list(&s, NULL, NULL, &err), -1);
	assert_string_equal(err.text, "FetchTenantsBatch: 403, 1002 Access denied");
	assert_non_null(strstr(err.hint, "rights"));
	close_stage(&s);
}

static void an_item_can_end_the_listing(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	s.stop_at = 2;
	fake_on(s.fake, HTTP_GET, "/tenants", 200,
	    "{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"}],\"paging\":{\"cursors\":{\"after\":\"x\"}}}");
	assert_int_equal(list(&s, NULL, NULL, &err), -1);
	assert_string_equal(err.text, "item 2 is not wanted");
	assert_int_equal(s.items, 2);
	assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants"), 1);
	close_stage(&s);
}

static void stopping_ends_a_listing(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	acronis_stop(s.client);
	assert_int_equal(list(&s, NULL, NULL, &err), -1);
	assert_non_null(strstr(err.text, "told to stop"));
	close_stage(&s);
}

/* A tenant that moved between two pages comes twice, and the last page of a list whose length is a multiple
 * of the page's may be empty. */
static void pages_may_overlap_and_end_empty(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants?q", 200,
	    "{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"paging\":{\"cursors\":{\"after\":\"a\"}}}");
	fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=a", 200,
	    "{\"items\":[{\"id\":\"2\"},{\"id\":\"3\"}],\"paging\":{\"cursors\":{\"after\":\"b\"}}}");
	fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=b", 200, "{\"items\":[]}");
	assert_int_equal(list(&s, "q=1", NULL, &err), 0);
	assert_int_equal(s.items, 4);
	close_stage(&s);
}

struct endless {
	unsigned pages, elements_a_page;
	char body[256 * 1024];
};

static void next_page(void *user, const struct fake_call *call, struct fake_reply *reply)
{
	struct endless *e = user;
	size_t n = (size_t)sprintf(e->body, "{\"items\":[");

	(void)call;
	for (unsigned i = 0; i < e->elements_a_page; i++)
		n += (size_t)sprintf(
		    e->body + n, "%s{\"id\":\"%u\"}", i ? "," : "", e->pages * e->elements_a_page + i);
	sprintf(e->body + n, "],\"paging\":{\"cursors\":{\"after\":\"%u\"}}}", ++e->pages);
	reply->body = e->body;
}

/* Always another tenant, always another cursor: it ends all the same, long before the memory does. */
static void a_list_without_an_end_is_given_up(void **state)
{
	struct endless *e = mem_zalloc(sizeof *e);
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	e->elements_a_page = 5000;
	fake_on_call(s.fake, HTTP_GET, "/tenants", next_page, e);
	assert_int_equal(
	    acronis_list_wait(s.client,
		&(struct acronis_listing){
		    .call = CALL_TENANTS, .query = "q=1", .last = 7, .item = add_item, .user = &s},
		NULL, &err),
	    -1);
	assert_non_null(strstr(err.text, "more pages or elements than such a list can have"));
	assert_true(s.items < 120000);
	close_stage(&s);
	free(e);
}

/* By their ids: what was not asked for is not believed, whoever sends it. */
static void ids_that_were_not_asked_for(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants?uuids=a1%2CB2&", 200,
	    "{\"items\":[{\"id\":\"b2\"},{\"id\":\"A1\"}]}");
	assert_int_equal(list(&s, "uuids=a1%2CB2&allow_deleted=true", NULL, &err), 0);
	fake_on(s.fake, HTTP_GET, "/tenants?uuids=a1%2CB2&", 200,
	    "{\"items\":[{\"id\":\"a1\"},{\"id\":\"c3\"}]}");
	assert_int_equal(list(&s, "uuids=a1%2CB2&allow_deleted=true", NULL, &err), -1);
	assert_non_null(strstr(err.text, "none of those that were asked for"));
	close_stage(&s);
}

/* Removed offering items come without an id in a list of changes, and there only. */
static void a_list_of_changes_has_nameless_elements(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants?q", 200,
	    "{\"items\":[{\"offering_items\":[]}],\"paging\":{\"cursors\":{\"after\":\"a\"}}}");
	fake_on(s.fake, HTTP_GET, "/tenants?limit=2&after=a", 200, "{\"items\":[{\"offering_items\":[]}]}");
	assert_int_equal(
	    acronis_list_wait(s.client,
		&(struct acronis_listing){
		    .call = CALL_TENANTS, .query = "q=1", .changes = true, .item = add_item, .user = &s},
		NULL, &err),
	    0);
	assert_int_equal(s.items, 2);
	close_stage(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_are_followed_to_the_end),
	    cmocka_unit_test(no_filters_and_no_timestamp),
	    cmocka_unit_test(a_failing_page_is_repeated_not_the_listing),
	    cmocka_unit_test(broken_listings_are_errors),
	    cmocka_unit_test(a_longer_loop_is_found_too),
	    cmocka_unit_test(a_refused_page_says_why),
	    cmocka_unit_test(an_item_can_end_the_listing),
	    cmocka_unit_test(stopping_ends_a_listing),
	    cmocka_unit_test(pages_may_overlap_and_end_empty),
	    cmocka_unit_test(a_list_without_an_end_is_given_up),
	    cmocka_unit_test(ids_that_were_not_asked_for),
	    cmocka_unit_test(a_list_of_changes_has_nameless_elements),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
