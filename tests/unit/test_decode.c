/* Answers as data: full answers, the least that is allowed, and each wrong type by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tenantry/acronis.h"
#include "tenantry/mem.h"

#define UPPER_ID "\"5F0C2A1E-7D34-4B0E-9A55-2F6F1F0A9C11\""
#define LOWER_ID "5f0c2a1e-7d34-4b0e-9a55-2f6f1f0a9c11"

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_DECODE_ANY, &error);

	assert_non_null(json);
	return json;
}

static void a_whole_tenant(void **state)
{
	struct arena *arena = arena_new();
	struct acronis_tenant t;
	struct error err = {0};
	json_t *json = parse(
	    "{\"id\":" UPPER_ID ",\"parent_id\":" UPPER_ID ",\"version\":1497533157730123456,"
	    "\"name\":\"Bäcker AG\",\"kind\":\"partner\",\"enabled\":true,\"customer_id\":\"A-1\","
	    "\"internal_tag\":\"main/7\",\"pricing_mode\":\"production\",\"updated_at\":\"2026-11-22T12:43:40\","
	    "\"deleted_at\":null,\"update_lock\":{\"enabled\":true,\"owner_id\":null},\"brand_id\":4,\"new_member\":[1],"
	    "\"contact\":{\"types\":[\"legal\",\"billing\",\"primary\"],\"email\":\"a@example.com\",\"firstname\":\"A\","
	    "\"lastname\":\"B\",\"phone\":null,\"address1\":\"S 1\",\"address2\":\"\",\"city\":\"C\",\"state\":\"ST\","
	    "\"zipcode\":\"1\",\"country\":\"DE\",\"fax\":\"2\"}}");

	(void)state;
	assert_int_equal(acronis_tenant_decode(json, arena, &t, &err), 0);
	assert_string_equal(t.id, LOWER_ID);
	assert_string_equal(t.parent_id, LOWER_ID);
	assert_int_equal(t.version, INT64_C(1497533157730123456));
	assert_string_equal(t.name, "Bäcker AG");
	assert_string_equal(t.kind, "partner");
	assert_string_equal(t.customer_id, "A-1");
	assert_string_equal(t.internal_tag, "main/7");
	assert_string_equal(t.pricing_mode, "production");
	assert_string_equal(t.updated_at, "2026-11-22T12:43:40");
	assert_string_equal(t.deleted_at, "");
	assert_true(t.enabled && t.locked);
	assert_true(t.contact.legal && t.contact.billing);
	assert_string_equal(t.contact.email, "a@example.com");
	assert_string_equal(t.contact.first_name, "A");
	assert_string_equal(t.contact.last_name, "B");
	assert_string_equal(t.contact.phone, "");
	assert_string_equal(t.contact.address1, "S 1");
	assert_string_equal(t.contact.city, "C");
	assert_string_equal(t.contact.state, "ST");
	assert_string_equal(t.contact.zipcode, "1");
	assert_string_equal(t.contact.country, "DE");
	json_decref(json);
	arena_free(arena);
}

#define LEAST_TENANT                                                                                         \
	"\"id\":\"x\",\"parent_id\":\"y\",\"version\":1,\"name\":\"n\",\"kind\":\"partner\",\"enabled\":false"

static void the_least_tenant(void **state)
{
	struct arena *arena = arena_new();
	struct acronis_tenant t;
	struct error err = {0};
	json_t *json = parse("{" LEAST_TENANT "}");

	(void)state;
	assert_int_equal(acronis_tenant_decode(json, arena, &t, &err), 0);
	assert_string_equal(t.id, "x"); /* not a UUID: as it is */
	assert_string_equal(t.customer_id, "");
	assert_string_equal(t.contact.email, "");
	assert_false(t.enabled || t.locked || t.contact.legal || t.contact.billing);
	json_decref(json);
	arena_free(arena);
}

enum shape { TENANT, PRICING, SETTING, USER, OFFERING_ITEM };

static int decode(enum shape shape, const json_t *json, struct arena *arena, struct error *err)
{
	struct acronis_tenant tenant;
	struct acronis_pricing pricing;
	struct acronis_setting setting;
	struct acronis_user user;
	struct acronis_offering_item item;

	switch (shape) {
	case TENANT:
		return acronis_tenant_decode(json, arena, &tenant, err);
	case PRICING:
		return acronis_pricing_decode(json, arena, &pricing, err);
	case SETTING:
		return acronis_setting_decode(json, arena, &setting, err);
	case USER:
		return acronis_user_decode(json, arena, &user, err);
	case OFFERING_ITEM:
		return acronis_offering_item_decode(json, arena, &item, err);
	}
	return -1;
}

static void wrong_types_are_named(void **state)
{
	static const struct {
		enum shape shape;
		const char *json, *text;
	} cases[] = {
	    {TENANT, "[]", "tenant: the answer is an array, expected an object"},
	    {TENANT, "{}", "tenant: id is absent, expected a text"},
	    {TENANT, "{\"id\":7}", "tenant: id is an integer, expected a text"},
	    {TENANT, "{\"name\":\"Northwind\"}", "tenant \"Northwind\": id is absent, expected a text"},
	    {TENANT, "{\"id\":\"\"}", "tenant: id is a text, expected a text that is not empty"},
	    {TENANT, "{" LEAST_TENANT ",\"customer_id\":7}",
		"tenant: customer_id is an integer, expected a text"},
	    {TENANT, "{" LEAST_TENANT ",\"version\":\"1\"}",
		"tenant: version is a text, expected an integer"},
	    {TENANT, "{" LEAST_TENANT ",\"version\":1.5}",
		"tenant: version is a fraction, expected an integer"},
	    {TENANT, "{" LEAST_TENANT ",\"enabled\":\"true\"}",
		"tenant: enabled is a text, expected true or false"},
	    {TENANT, "{" LEAST_TENANT ",\"enabled\":null}",
		"tenant: enabled is null, expected true or false"},
	    {TENANT, "{" LEAST_TENANT ",\"contact\":[]}", "tenant: contact is an array, expected an object"},
	    {TENANT, "{" LEAST_TENANT ",\"contact\":{\"city\":true}}",
		"tenant: contact: city is true, expected a text"},
	    {TENANT, "{" LEAST_TENANT ",\"contact\":{\"types\":\"legal\"}}",
		"tenant: contact: types is a text, expected an array"},
	    {TENANT, "{" LEAST_TENANT ",\"contact\":{\"types\":[1]}}",
		"tenant: contact: types is an array, expected an array of texts"},
	    {TENANT, "{" LEAST_TENANT ",\"update_lock\":{\"enabled\":1}}",
		"tenant: update_lock: enabled is an integer, expected true or false"},
	    {TENANT, "{" LEAST_TENANT ",\"update_lock\":true}",
		"tenant: update_lock is true, expected an object"},
	    {PRICING, "{\"mode\":\"trial\",\"version\":1,\"currency\":5}",
		"pricing: currency is an integer, expected a text"},
	    {PRICING, "{\"mode\":\"trial\"}", "pricing: version is absent, expected an integer"},
	    {SETTING, "{\"own\":5}", "setting: own is an integer, expected an object"},
	    {USER, "{\"id\":\"x\",\"tenant_id\":\"y\",\"login\":null}",
		"user: login is null, expected a text"},
	    {OFFERING_ITEM, "{\"application_id\":\"a\",\"name\":\"n\",\"status\":true}",
		"offering item: status is true, expected an integer"},
	    {OFFERING_ITEM,
		"{\"application_id\":\"a\",\"name\":\"n\",\"status\":1,\"quota\":{\"value\":\"1\",\"version\":0}}",
		"offering item: quota: value is a text, expected an integer"},
	    {OFFERING_ITEM, "{\"application_id\":\"a\",\"name\":\"n\",\"status\":1,\"quota\":{\"value\":1}}",
		"offering item: quota: version is absent, expected an integer"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = {0};
		json_t *json = parse(cases[i].json);
		assert_int_equal(decode(cases[i].shape, json, arena, &err), -1);
		assert_int_equal(err.code, ERR_ACRONIS);
		assert_string_equal(err.text, cases[i].text);
		json_decref(json);
	}
	arena_free(arena);
}

static void pricing(void **state)
{
	struct arena *arena = arena_new();
	struct acronis_pricing p;
	struct error err = {0};
	json_t *json = parse(
	    "{\"mode\":\"production\",\"currency\":null,\"version\":1497533157730,\"production_start_date\":null}");

	(void)state;
	assert_int_equal(acronis_pricing_decode(json, arena, &p, &err), 0);
	assert_string_equal(p.mode, "production");
	assert_string_equal(p.currency, "");
	assert_int_equal(p.version, INT64_C(1497533157730));
	json_decref(json);
	arena_free(arena);
}

static void settings(void **state)
{
	static const struct {
		const char *json;
		bool has_own, is_number;
		int64_t number;
		const char *text;
	} cases[] = {
	    {"{\"name\":\"tier_level_value\",\"own\":null,\"effective\":null}", false, false, 0, ""},
	    {"{\"name\":\"tier_level_value\",\"effective\":{\"value\":3}}", false, false, 0, ""},
	    {"{\"own\":{\"value\":-1,\"lock\":false}}", true, true, -1, ""},
	    {"{\"own\":{\"value\":\"per_gb\"}}", true, false, 0, "per_gb"},
	    {"{\"own\":{\"value\":null}}", true, false, 0, ""},
	    {"{\"own\":{\"value\":2.0}}", true, false, 0, ""},
	    {"{\"own\":{\"value\":true}}", true, false, 0, ""},
	    {"{\"own\":{\"value\":{\"a\":1}}}", true, false, 0, ""},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct acronis_setting s;
		struct error err = {0};
		json_t *json = parse(cases[i].json);
		assert_int_equal(acronis_setting_decode(json, arena, &s, &err), 0);
		assert_int_equal(s.has_own, cases[i].has_own);
		assert_int_equal(s.is_number, cases[i].is_number);
		assert_int_equal(s.number, cases[i].number);
		assert_string_equal(s.text, cases[i].text);
		json_decref(json);
	}
	arena_free(arena);
}

static void users(void **state)
{
	struct arena *arena = arena_new();
	struct acronis_user u;
	struct error err = {0};
	json_t *json = parse(
	    "{\"id\":" UPPER_ID ",\"tenant_id\":" UPPER_ID ",\"login\":\"a@example.com\",\"version\":3,"
	    "\"enabled\":true,\"activated\":true,\"external_id\":null,\"deleted_at\":\"2026-01-01T00:00:00+00:00\"}");

	(void)state;
	assert_int_equal(acronis_user_decode(json, arena, &u, &err), 0);
	assert_string_equal(u.id, LOWER_ID);
	assert_string_equal(u.tenant_id, LOWER_ID);
	assert_string_equal(u.login, "a@example.com");
	assert_string_equal(u.external_id, "");
	assert_string_equal(u.deleted_at, "2026-01-01T00:00:00+00:00");
	assert_true(u.enabled && u.activated);
	assert_int_equal(u.version, 3);
	json_decref(json);
	arena_free(arena);
}

static void offering_items(void **state)
{
	static const struct {
		const char *quota;
		bool has_quota, unlimited, overage_unlimited;
		int64_t value, overage, version;
	} cases[] = {
	    {"", false, false, false, 0, 0, 0},
	    {",\"quota\":null", false, false, false, 0, 0, 0},
	    {",\"quota\":{\"value\":null,\"overage\":null,\"version\":0}", false, true, true, 0, 0, 0},
	    {",\"quota\":{\"value\":null,\"overage\":null,\"version\":1497533157730}", true, true, true, 0, 0,
		INT64_C(1497533157730)},
	    {",\"quota\":{\"value\":10995116277760,\"overage\":0,\"version\":2}", true, false, false,
		INT64_C(10995116277760), 0, 2},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct acronis_offering_item item;
		struct error err = {0};
		char text[512];
		snprintf(text, sizeof text,
		    "{\"application_id\":%s,\"name\":\"storage\",\"edition\":null,\"status\":1,\"type\":\"infra\","
		    "\"infra_id\":%s,\"locked\":true%s}",
		    UPPER_ID, UPPER_ID, cases[i].quota);
		json_t *json = parse(text);
		assert_int_equal(acronis_offering_item_decode(json, arena, &item, &err), 0);
		assert_string_equal(item.application_id, LOWER_ID);
		assert_string_equal(item.infra_id, LOWER_ID);
		assert_string_equal(item.edition, "");
		assert_true(item.enabled && item.locked);
		assert_int_equal(item.has_quota, cases[i].has_quota);
		assert_int_equal(item.quota_unlimited, cases[i].unlimited);
		assert_int_equal(item.overage_unlimited, cases[i].overage_unlimited);
		assert_int_equal(item.quota, cases[i].value);
		assert_int_equal(item.overage, cases[i].overage);
		assert_int_equal(item.quota_version, cases[i].version);
		json_decref(json);
	}
	arena_free(arena);
}

#define HIT(type) "{\"obj_type\":\"" type "\",\"id\":" UPPER_ID ",\"parent_id\":" UPPER_ID ",\"path\":[\"A\"]"

static void finds(void **state)
{
	struct arena *arena = arena_new();
	struct acronis_hits hits;
	struct error err = {0};
	json_t *json = parse(
	    "{\"items\":[" HIT("tenant") ",\"kind\":\"partner\",\"name\":\"B\303\244cker\",\"deleted_at\":null}," HIT(
		"user") ",\"login\":\"a@example.com\","
			"\"deleted_at\":\"2026-01-01T00:00:00\"}]}");

	(void)state;
	assert_int_equal(acronis_hits_decode(json, 3, arena, &hits, &err), 0);
	assert_int_equal(hits.count, 2);
	assert_false(hits.cut);
	assert_true(hits.items[0].is_tenant);
	assert_string_equal(hits.items[0].id, LOWER_ID);
	assert_string_equal(hits.items[0].parent_id, LOWER_ID);
	assert_string_equal(hits.items[0].kind, "partner");
	assert_string_equal(hits.items[0].name, "B\303\244cker");
	assert_string_equal(hits.items[0].deleted_at, "");
	assert_false(hits.items[1].is_tenant);
	assert_string_equal(hits.items[1].name, "");
	assert_string_equal(hits.items[1].deleted_at, "2026-01-01T00:00:00");
	/* As many as were asked for: who is not among them may still be there. */
	assert_int_equal(acronis_hits_decode(json, 2, arena, &hits, &err), 0);
	assert_true(hits.cut);
	json_decref(json);
	json = parse("{\"items\":[]}");
	assert_int_equal(acronis_hits_decode(json, 10, arena, &hits, &err), 0);
	assert_int_equal(hits.count, 0);
	assert_false(hits.cut);
	json_decref(json);
	arena_free(arena);
}

static void finds_of_wrong_types(void **state)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
	    {"{\"items\":{}}", "Search: items is not an array"},
	    {"{}", "Search: items is not an array"},
	    {"[]", "Search: items is not an array"},
	    {"{\"items\":[7]}", "search: find: the answer is an integer, expected an object"},
	    {"{\"items\":[{\"obj_type\":\"tenant\",\"parent_id\":\"x\"}]}",
		"search: find: id is absent, expected a text"},
	    {"{\"items\":[{\"id\":\"x\",\"parent_id\":\"x\"}]}",
		"search: find: obj_type is absent, expected a text"},
	    {"{\"items\":[{\"obj_type\":\"tenant\",\"id\":\"x\",\"parent_id\":3}]}",
		"search: find: parent_id is an integer, expected a text"},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct acronis_hits hits;
		struct error err = {0};
		json_t *json = parse(cases[i].json);
		assert_int_equal(acronis_hits_decode(json, 10, arena, &hits, &err), -1);
		assert_string_equal(err.text, cases[i].says);
		json_decref(json);
	}
	arena_free(arena);
}

static void what_is_searched_for(void **state)
{
	char *query = acronis_search_query("5f0c2a1e-7d34-4b0e-9a55-2f6f1f0a9c11", "A & B+", 100);

	(void)state;
	assert_string_equal(
	    query, "tenant=5f0c2a1e-7d34-4b0e-9a55-2f6f1f0a9c11&text=A%20%26%20B%2B&limit=100");
	free(query);
	assert_false(acronis_search_can(""));
	assert_false(acronis_search_can("ab"));
	assert_true(acronis_search_can("abc"));
	/* Characters, not bytes: two umlauts are four bytes. */
	assert_false(acronis_search_can("\303\204\303\226"));
	assert_true(acronis_search_can("\303\204\303\226\303\234"));
}

static void commitments(void **state)
{
	static const struct {
		const char *answer;
		int found;
		const char *currency, *commitment;
	} cases[] = {
	    {"{\"price_lists\":[{\"month\":\"2026-10\",\"currency\":\"USD\",\"commitment\":\"1\"},"
	     "{\"month\":\"2026-11\",\"currency\":\"EUR\",\"commitment\":\"250.00\",\"prices\":[]}]}",
		1, "EUR", "250.00"},
	    {"{\"price_lists\":[]}", 0, "", ""},
	    {"{\"price_lists\":[{\"month\":\"2026-12\",\"currency\":\"EUR\",\"commitment\":\"250\"}]}", 0, "",
		""},
	    /* An amount is never taken from a JSON number. */
	    {"{\"price_lists\":[{\"month\":\"2026-11\",\"currency\":\"EUR\",\"commitment\":250}]}", 1, "EUR",
		""},
	    {"{\"price_lists\":[{\"month\":\"2026-11\",\"commitment\":null}]}", 1, "", ""},
	    {"{\"price_lists\":{}}", -1, "", ""},
	    {"{\"items\":[]}", -1, "", ""},
	    {"{\"price_lists\":[{\"commitment\":\"250\"}]}", -1, "", ""},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct acronis_commitment c;
		struct error err = {0};
		json_t *json = parse(cases[i].answer);
		assert_int_equal(acronis_commitment_decode(json, "2026-11", arena, &c, &err), cases[i].found);
		assert_string_equal(c.currency, cases[i].currency);
		assert_string_equal(c.commitment, cases[i].commitment);
		json_decref(json);
	}
	json_t *twice = parse("{\"price_lists\":[{\"month\":\"2026-11\"},{\"month\":\"2026-11\"}]}");
	struct acronis_commitment c;
	struct error err = {0};
	assert_int_equal(acronis_commitment_decode(twice, "2026-11", arena, &c, &err), 0);
	json_decref(twice);
	arena_free(arena);
}

static void the_scope_that_is_wanted(void **state)
{
	static const struct {
		const char *answer, *scope;
	} cases[] = {
	    {"{\"code\":\"X\",\"domain\":\"ACCESS\",\"context\":{\"scope\":\"urn:a\"}}", "urn:a"},
	    {"{\"error\":{\"code\":1002,\"context\":{\"scope\":[\"urn:b\"]}}}", "urn:b"},
	    {"{\"error\":{\"code\":1002,\"context\":{}}}", ""},
	    {"{\"context\":{\"scope\":7}}", ""},
	    {"{\"error\":\"invalid_client\"}", ""},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *json = parse(cases[i].answer);
		assert_string_equal(acronis_wanted_scope(json, arena), cases[i].scope);
		json_decref(json);
	}
	assert_string_equal(acronis_wanted_scope(NULL, arena), "");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_whole_tenant),
	    cmocka_unit_test(the_least_tenant),
	    cmocka_unit_test(wrong_types_are_named),
	    cmocka_unit_test(pricing),
	    cmocka_unit_test(settings),
	    cmocka_unit_test(users),
	    cmocka_unit_test(offering_items),
	    cmocka_unit_test(finds),
	    cmocka_unit_test(commitments),
	    cmocka_unit_test(the_scope_that_is_wanted),
	    cmocka_unit_test(finds_of_wrong_types),
	    cmocka_unit_test(what_is_searched_for),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
