/* What a run reads first: its own tenant, the platform application, what a child partner can be offered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fake/fake_transport.h"
#include "tenantry/acronis.h"
#include "tenantry/mem.h"

#define OWN "5f0c2a1e-7d34-4b0e-9a55-2f6f1f0a9c11"
#define OTHER "8c2d0b7e-2a43-4a55-bb1a-0d7e0f5b6a10"
#define PLATFORM "7459244f-68f3-3bf4-9f53-5f63ecc1d91f"
#define BACKUP "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb"
#define APPLICATIONS                                                                                         \
	"{\"items\":[{\"id\":\"" BACKUP "\",\"type\":\"backup\",\"name\":\"Backup\",\"usages\":[]},"         \
	"{\"id\":\"7459244F-68F3-3BF4-9F53-5F63ECC1D91F\",\"type\":\"platform\",\"name\":\"Platform\"}]}"

struct stage {
	struct clock clock;
	struct fake_transport *fake;
	struct acronis_client *client;
	struct arena *arena;
	struct acronis_session session;
};

static void open_stage(struct stage *s)
{
	memset(s, 0, sizeof *s);
	clock_manual(&s->clock, INT64_C(1795351420000));
	s->fake = fake_transport_new(&s->clock);
	s->arena = arena_new();
	s->client = acronis_client_new(&(struct acronis_settings){.url = "http://127.0.0.1:1",
					   .client_id = "me",
					   .client_secret = "secret",
					   .connections = 4,
					   .timeout_ms = 30000,
					   .retries = 2,
					   .page_size = 100,
					   .random_seed = 7},
	    fake_transport_base(s->fake), &s->clock);
	fake_on(s->fake, HTTP_GET, "/clients/me", 200,
	    "{\"client_id\":\"me\",\"tenant_id\":\"" OWN "\",\"status\":\"enabled\"}");
	fake_on(s->fake, HTTP_GET, "/applications", 200, APPLICATIONS);
	fake_on(s->fake, HTTP_GET, "/tenants/", 200,
	    "{\"timestamp\":\"t\",\"items\":[{\"application_id\":\"" BACKUP
	    "\",\"name\":\"storage\",\"status\":1,\"type\":\"count\",\"edition\":null}]}");
}

static void close_stage(struct stage *s)
{
	acronis_client_free(s->client);
	fake_transport_free(s->fake);
	arena_free(s->arena);
}

static int open_session(struct stage *s, const char *parent, bool items, struct error *err)
{
	return acronis_session_open(s->client, "me", parent, items, s->arena, &s->session, err);
}

static void the_clients_own_tenant(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	assert_int_equal(open_session(&s, NULL, true, &err), 0);
	assert_ptr_equal(s.session.client, s.client);
	assert_string_equal(s.session.parent, OWN);
	assert_string_equal(s.session.platform_id, PLATFORM);
	assert_int_equal(s.session.application_count, 2);
	assert_string_equal(s.session.applications[0].id, BACKUP);
	assert_string_equal(s.session.applications[0].type, "backup");
	assert_string_equal(s.session.applications[0].name, "Backup");
	assert_int_equal(s.session.available_count, 1);
	assert_string_equal(s.session.available[0].name, "storage");
	assert_int_equal(fake_count(s.fake, HTTP_GET,
			     "/tenants/" OWN "/offering_items/available_for_child?kind=partner&edition=*"),
	    1);
	close_stage(&s);
}

static void a_configured_parent(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	assert_int_equal(open_session(&s, OTHER, false, &err), 0);
	assert_string_equal(s.session.parent, OTHER);
	assert_int_equal(s.session.available_count, 0);
	assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants/"), 0);
	close_stage(&s);
}

static void a_wrong_parent_is_named(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 404, "{\"error\":{\"code\":1005,\"message\":\"gone\"}}");
	assert_int_equal(open_session(&s, OTHER, true, &err), -1);
	assert_non_null(strstr(err.text, "acronis.parent " OTHER));
	assert_non_null(strstr(err.text, "404"));
	close_stage(&s);
}

static void broken_answers(void **state)
{
	static const struct {
		const char *path;
		int status;
		const char *body, *text;
	} cases[] = {
	    {"/clients/me", 200, "{\"tenant_id\":7}", "tenant_id is not a text"},
	    {"/clients/me", 200, "{\"tenant_id\":\"seven\"}", "tenant_id is not a UUID"},
	    {"/clients/me", 200, "{\"tenant_id\":\"" OWN "\",\"status\":\"disabled\"}",
		"the API client me is disabled"},
	    {"/clients/me", 404, "{\"error\":{\"code\":1005,\"message\":\"gone\"}}",
		"FetchClient: 404, 1005 gone"},
	    {"/applications", 200, "{\"items\":{}}", "items is not an array of objects (3 tries)"},
	    {"/applications", 200, "{\"items\":[{\"id\":\"x\",\"type\":\"platform\"}]}",
		"without a type or a UUID"},
	    {"/applications", 200, "{\"items\":[{\"id\":\"" BACKUP "\",\"type\":\"backup\"}]}",
		"no application of type platform"},
	    {"/applications", 200, "<html>", "not JSON"},
	    {"/tenants/", 200, "{\"items\":[{\"name\":1}]}", "items[0].name is not a text"},
	    {"/tenants/", 200, "{\"items\":[{\"name\":\"a\"}]}",
		"offering item: status is absent, expected an integer"},
	    {"/tenants/", 403, "{\"error\":{\"code\":1002,\"message\":\"no\"}}", "403, 1002 no"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage s;
		struct error err = {0};
		open_stage(&s);
		fake_on(s.fake, HTTP_GET, cases[i].path, cases[i].status, cases[i].body);
		assert_int_equal(open_session(&s, NULL, true, &err), -1);
		assert_int_equal(err.code, ERR_ACRONIS);
		assert_non_null(strstr(err.text, cases[i].text));
		close_stage(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_clients_own_tenant),
	    cmocka_unit_test(a_configured_parent),
	    cmocka_unit_test(a_wrong_parent_is_named),
	    cmocka_unit_test(broken_answers),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
