/* Types of answers: each member that is taken apart later, with each wrong type, is known at once; what
 * decode.c would refuse for its type is refused here as well, for the call can only be made again here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "acronis/shape_impl.h"
#include "tenantry/mem.h"

#define ID "5f0c2a1e-7d34-4b0e-9a55-2f6f1f0a9c11"
#define TENANT                                                                                                       \
	"{\"id\":\"" ID "\",\"parent_id\":\"" ID                                                                     \
	"\",\"name\":\"N\",\"kind\":\"partner\",\"customer_id\":\"A\",\"internal_tag\":\"t\","                       \
	"\"pricing_mode\":\"production\",\"updated_at\":\"x\",\"deleted_at\":\"x\",\"enabled\":true,\"version\":1,"  \
	"\"update_lock\":{\"enabled\":true},\"contact\":{\"types\":[\"legal\"],\"email\":\"e\",\"firstname\":\"f\"," \
	"\"lastname\":\"l\",\"phone\":\"1\",\"address1\":\"a\",\"address2\":\"b\",\"city\":\"c\",\"state\":\"s\","   \
	"\"zipcode\":\"z\",\"country\":\"DE\"}}"
#define USER                                                                                                 \
	"{\"id\":\"" ID "\",\"tenant_id\":\"" ID                                                             \
	"\",\"login\":\"l\",\"external_id\":\"e\",\"deleted_at\":\"x\",\"enabled\":true,\"activated\":true,\"version\":1}"
#define PRICING "{\"mode\":\"production\",\"currency\":\"EUR\",\"version\":1}"
#define SETTING "{\"name\":\"n\",\"own\":{\"lock\":false}}"
#define OFFERING                                                                                               \
	"{\"application_id\":\"" ID                                                                            \
	"\",\"name\":\"n\",\"infra_id\":\"i\",\"edition\":\"e\",\"type\":\"t\",\"status\":1,\"locked\":false," \
	"\"quota\":{\"value\":1,\"overage\":2,\"version\":3}}"
#define HIT                                                                                                  \
	"{\"obj_type\":\"tenant\",\"id\":\"" ID "\",\"parent_id\":\"" ID                                     \
	"\",\"kind\":\"partner\",\"name\":\"n\",\"deleted_at\":\"x\"}"
#define LIST(item)                                                                                           \
	"{\"timestamp\":\"t\",\"paging\":{\"cursors\":{\"after\":\"a\"}},\"items\":[" item "," item "]}"

static const struct {
	enum acronis_call call;
	const char *body;
} whole[] = {
    {CALL_CLIENT, "{\"tenant_id\":\"" ID "\",\"status\":\"enabled\"}"},
    {CALL_APPLICATIONS, LIST("{\"id\":\"" ID "\",\"type\":\"platform\",\"name\":\"n\"}")},
    {CALL_TENANTS, LIST(TENANT)},
    {CALL_TENANT, TENANT},
    {CALL_TENANT_USERS, LIST("\"" ID "\"")},
    {CALL_MFA, "{\"mfa_status\":\"enabled\"}"},
    {CALL_PRICING, PRICING},
    {CALL_SETTING, SETTING},
    {CALL_AVAILABLE, LIST(OFFERING)},
    {CALL_OFFERING_ITEMS, LIST(OFFERING)},
    {CALL_USAGES, LIST("{\"tenant\":\"" ID
		       "\",\"usages\":[{\"name\":\"n\",\"value\":1},{\"name\":\"m\",\"value\":2.5}]}")},
    {CALL_USERS, LIST(USER)},
    {CALL_USER, USER},
    {CALL_SEARCH, LIST(HIT)},
    {CALL_ACCESS_POLICIES, LIST("{\"role_id\":\"r\",\"tenant_id\":\"" ID "\"}")},
};

static bool fits(enum acronis_call call, const json_t *body, char why[256])
{
	why[0] = '\0';
	return shape_fits(call, body, why, 256);
}

/* Puts `value` in the place of the nth value below `json`, counted in depth; false: there are not so many. */
static bool replace_nth(json_t *json, size_t *n, json_t *value)
{
	const char *name;
	json_t *member;
	size_t i;
	void *next;

	json_object_foreach_safe(json, next, name, member)
	{
		if ((*n)-- == 0)
			return json_object_set(json, name, value) == 0;
		if (replace_nth(member, n, value))
			return true;
	}
	json_array_foreach(json, i, member)
	{
		if ((*n)-- == 0)
			return json_array_set(json, i, value) == 0;
		if (replace_nth(member, n, value))
			return true;
	}
	return false;
}

static const json_t *nth_of(const json_t *json, size_t *n)
{
	const json_t *member, *found;
	const char *name;
	size_t i;

	json_object_foreach((json_t *)json, name, member)
	{
		if ((*n)-- == 0)
			return member;
		if ((found = nth_of(member, n)) != NULL)
			return found;
	}
	json_array_foreach(json, i, member)
	{
		if ((*n)-- == 0)
			return member;
		if ((found = nth_of(member, n)) != NULL)
			return found;
	}
	return NULL;
}

static bool same_kind(const json_t *a, const json_t *b)
{
	if (json_is_boolean(a) || json_is_number(a))
		return json_is_boolean(a) ? json_is_boolean(b) : json_is_number(b);
	return json_typeof(a) == json_typeof(b);
}

/* Null is no wrong type where nothing stands; an element of a list cannot be null. */
static void each_wrong_type_is_known(void **state)
{
	static const char *const values[] = {"7", "\"text\"", "true", "[]", "{}"};
	size_t tried = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
		json_t *body = json_loads(whole[i].body, 0, NULL);
		char why[256];
		assert_non_null(body);
		if (!fits(whole[i].call, body, why))
			fail_msg("%s: %s", acronis_call_name(whole[i].call), why);
		for (size_t at = 0;; at++) {
			size_t n = at;
			const json_t *right = nth_of(body, &n);
			if (!right)
				break;
			for (size_t v = 0; v < ARRAY_LEN(values); v++) {
				json_t *value = json_loads(values[v], JSON_DECODE_ANY, NULL);
				json_t *spoilt = json_deep_copy(body);
				n = at;
				assert_true(replace_nth(spoilt, &n, value));
				bool taken = fits(whole[i].call, spoilt, why);
				char *text = json_dumps(spoilt, JSON_COMPACT);
				if (taken != same_kind(right, value))
					fail_msg("%s: %s: %s", acronis_call_name(whole[i].call),
					    taken ? "taken" : why, text);
				free(text);
				json_decref(spoilt);
				json_decref(value);
				tried++;
			}
		}
		json_decref(body);
	}
	assert_true(tried > 1000);
}

static void what_is_absent_or_null_is_of_no_wrong_type(void **state)
{
	static const struct {
		enum acronis_call call;
		const char *body, *why; /* NULL: it fits */
	} cases[] = {
	    {CALL_TENANT, "{}", NULL},
	    {CALL_TENANT, "{\"id\":null,\"contact\":null,\"update_lock\":null}", NULL},
	    {CALL_TENANTS, "{\"items\":[]}", NULL}, {CALL_TENANTS, "{\"items\":[],\"paging\":null}", NULL},
	    {CALL_TENANTS, "{\"items\":[],\"paging\":{\"cursors\":{\"after\":null}}}", NULL},
	    {CALL_TENANTS, "{\"items\":[{}]}", NULL}, {CALL_TENANTS, "{}", "it has no items"},
	    {CALL_TENANTS, "{\"items\":null}", "it has no items"},
	    {CALL_TENANTS, "{\"items\":[null]}", "items[0] is not an object"},
	    {CALL_TENANTS, "{\"items\":[{},{\"contact\":{\"city\":7}}]}",
		"items[1].contact.city is not a text"},
	    {CALL_TENANT_USERS, "{\"items\":[7]}", "items[0] is not a text"},
	    {CALL_USAGES, "{\"items\":[{\"usages\":[{\"value\":\"7\"}]}]}",
		"items[0].usages[0].value is not a number"},
	    {CALL_PRICING, "{\"version\":1.5}", "version is not an integer"},
	    {CALL_CHECK_LOGIN, "{\"anything\":7}", NULL},
	    {CALL_TENANT_CREATE, "{\"id\":7}", NULL}, /* changes are not judged by their answers */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *body = json_loads(cases[i].body, 0, NULL);
		char why[256];
		bool taken = fits(cases[i].call, body, why);
		if (taken != !cases[i].why || strcmp(why, cases[i].why ? cases[i].why : "") != 0)
			fail_msg("%s: %s", cases[i].body, why);
		json_decref(body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_wrong_type_is_known),
	    cmocka_unit_test(what_is_absent_or_null_is_of_no_wrong_type),
	};

	return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
