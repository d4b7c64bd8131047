/* Shapes of answers; see shape_impl.h. The members are those that decode.c and the flow take apart, so that
 * an answer that will not do later is known here, while the call can still be made again. */
#include "shape_impl.h"

#include <stdio.h>
#include <string.h>

#include "tenantry/mem.h"

enum type { TEXT, INTEGER, NUMBER, BOOLEAN, OBJECT, TEXTS, OBJECTS };

static const char *const type_names[] = {[TEXT] = "a text",
    [INTEGER] = "an integer",
    [NUMBER] = "a number",
    [BOOLEAN] = "true or false",
    [OBJECT] = "an object",
    [TEXTS] = "an array of texts",
    [OBJECTS] = "an array of objects"};

struct member {
	const char *name;
	enum type type;
	const struct member *inner; /* of an object, or of each object of an array; NULL: any */
};

static const struct member of_lock[] = {{"enabled", BOOLEAN, NULL}, {0}};
static const struct member of_contact[] = {
    {"types", TEXTS, NULL},
    {"email", TEXT, NULL},
    {"firstname", TEXT, NULL},
    {"lastname", TEXT, NULL},
    {"phone", TEXT, NULL},
    {"address1", TEXT, NULL},
    {"address2", TEXT, NULL},
    {"city", TEXT, NULL},
    {"state", TEXT, NULL},
    {"zipcode", TEXT, NULL},
    {"country", TEXT, NULL},
    {0},
};
static const struct member of_tenant[] = {
    {"id", TEXT, NULL},
    {"parent_id", TEXT, NULL},
    {"name", TEXT, NULL},
    {"kind", TEXT, NULL},
    {"customer_id", TEXT, NULL},
    {"internal_tag", TEXT, NULL},
    {"pricing_mode", TEXT, NULL},
    {"updated_at", TEXT, NULL},
    {"deleted_at", TEXT, NULL},
    {"enabled", BOOLEAN, NULL},
    {"version", INTEGER, NULL},
    {"update_lock", OBJECT, of_lock},
    {"contact", OBJECT, of_contact},
    {0},
};
static const struct member of_user[] = {
    {"id", TEXT, NULL},
    {"tenant_id", TEXT, NULL},
    {"login", TEXT, NULL},
    {"external_id", TEXT, NULL},
    {"deleted_at", TEXT, NULL},
    {"enabled", BOOLEAN, NULL},
    {"activated", BOOLEAN, NULL},
    {"version", INTEGER, NULL},
    {0},
};
static const struct member of_pricing[] = {
    {"mode", TEXT, NULL}, {"currency", TEXT, NULL}, {"version", INTEGER, NULL}, {0}};
/* A setting's value may be of any type; what stands around it says whether it is a setting at all. */
static const struct member of_own[] = {{"lock", BOOLEAN, NULL}, {0}};
static const struct member of_setting[] = {{"name", TEXT, NULL}, {"own", OBJECT, of_own}, {0}};
static const struct member of_quota[] = {
    {"value", INTEGER, NULL}, {"overage", INTEGER, NULL}, {"version", INTEGER, NULL}, {0}};
static const struct member of_offering_item[] = {
    {"application_id", TEXT, NULL},
    {"name", TEXT, NULL},
    {"infra_id", TEXT, NULL},
    {"edition", TEXT, NULL},
    {"type", TEXT, NULL},
    {"status", INTEGER, NULL},
    {"locked", BOOLEAN, NULL},
    {"quota", OBJECT, of_quota},
    {0},
};
static const struct member of_hit[] = {
    {"obj_type", TEXT, NULL},
    {"id", TEXT, NULL},
    {"parent_id", TEXT, NULL},
    {"kind", TEXT, NULL},
    {"name", TEXT, NULL},
    {"deleted_at", TEXT, NULL},
    {0},
};
static const struct member of_client[] = {{"tenant_id", TEXT, NULL}, {"status", TEXT, NULL}, {0}};
static const struct member of_application[] = {
    {"id", TEXT, NULL}, {"type", TEXT, NULL}, {"name", TEXT, NULL}, {0}};
static const struct member of_mfa[] = {{"mfa_status", TEXT, NULL}, {0}};
static const struct member of_policy[] = {{"role_id", TEXT, NULL}, {"tenant_id", TEXT, NULL}, {0}};
static const struct member of_usage[] = {{"name", TEXT, NULL}, {"value", NUMBER, NULL}, {0}};
static const struct member of_usages[] = {{"tenant", TEXT, NULL}, {"usages", OBJECTS, of_usage}, {0}};

static const struct member of_cursors[] = {{"after", TEXT, NULL}, {0}};
static const struct member of_paging[] = {{"cursors", OBJECT, of_cursors}, {0}};
static const struct member of_list[] = {{"timestamp", TEXT, NULL}, {"paging", OBJECT, of_paging}, {0}};

static const struct shape {
	enum acronis_call call;
	bool list;           /* its `items` are so */
	struct member whole; /* the answer, or the items of a list */
} shapes[] = {
    {CALL_CLIENT, false, {"", OBJECT, of_client}},
    {CALL_APPLICATIONS, true, {"items", OBJECTS, of_application}},
    {CALL_TENANTS, true, {"items", OBJECTS, of_tenant}},
    {CALL_TENANT, false, {"", OBJECT, of_tenant}},
    {CALL_TENANT_USERS, true, {"items", TEXTS, NULL}},
    {CALL_MFA, false, {"", OBJECT, of_mfa}},
    {CALL_PRICING, false, {"", OBJECT, of_pricing}},
    {CALL_SETTING, false, {"", OBJECT, of_setting}},
    {CALL_AVAILABLE, true, {"items", OBJECTS, of_offering_item}},
    {CALL_OFFERING_ITEMS, true, {"items", OBJECTS, of_offering_item}},
    {CALL_USAGES, true, {"items", OBJECTS, of_usages}},
    {CALL_USERS, true, {"items", OBJECTS, of_user}},
    {CALL_USER, false, {"", OBJECT, of_user}},
    {CALL_SEARCH, true, {"items", OBJECTS, of_hit}},
    {CALL_ACCESS_POLICIES, true, {"items", OBJECTS, of_policy}},
};

static bool is_plain(const json_t *value, enum type type)
{
	switch (type) {
	case TEXT:
		return json_is_string(value);
	case INTEGER:
		return json_is_integer(value);
	case NUMBER:
		return json_is_number(value);
	case BOOLEAN:
		return json_is_boolean(value);
	case OBJECT:
		return json_is_object(value);
	default:
		return json_is_array(value);
	}
}

/* The words for a misfit grow from the inside out: "items[3].contact.city is not a text". */
struct misfit {
	char *why;
	size_t size;
};

static void say(struct misfit *misfit, const char *outer, const char *what)
{
	char inner[256];

	snprintf(inner, sizeof inner, "%s", what);
	snprintf(misfit->why, misfit->size, "%s%s", outer, inner);
}

static bool object_fits(const json_t *object, const struct member *members, struct misfit *misfit);

static bool elements_fit(const json_t *list, const struct member *m, struct misfit *misfit)
{
	const json_t *element;
	char at[32];
	size_t i;

	json_array_foreach(list, i, element)
	{
		bool plain = is_plain(element, m->type == TEXTS ? TEXT : OBJECT);
		if (plain && (m->type == TEXTS || object_fits(element, m->inner, misfit)))
			continue;
		snprintf(at, sizeof at, "[%zu]%s", i, plain ? "." : "");
		say(misfit, at,
		    plain              ? misfit->why
		    : m->type == TEXTS ? " is not a text"
				       : " is not an object");
		return false;
	}
	return true;
}

/* What is inside a value of the right type. */
static bool inside_fits(const json_t *value, const struct member *m, struct misfit *misfit)
{
	if (m->type == TEXTS || m->type == OBJECTS)
		return elements_fit(value, m, misfit);
	if (m->type != OBJECT || object_fits(value, m->inner, misfit))
		return true;
	say(misfit, m->name[0] ? "." : "", misfit->why);
	return false;
}

static bool object_fits(const json_t *object, const struct member *members, struct misfit *misfit)
{
	for (const struct member *m = members; m && m->name; m++) {
		const json_t *value = json_object_get(object, m->name);
		char what[64];
		if (!value || json_is_null(value))
			continue;
		if (!is_plain(value, m->type)) {
			snprintf(what, sizeof what, " is not %s", type_names[m->type]);
			say(misfit, m->name, what);
			return false;
		}
		if (!inside_fits(value, m, misfit)) {
			say(misfit, m->name, misfit->why);
			return false;
		}
	}
	return true;
}

static bool list_fits(const json_t *body, const struct member *items, struct misfit *misfit)
{
	const struct member whole[] = {*items, {0}};

	if (!object_fits(body, of_list, misfit) || !object_fits(body, whole, misfit))
		return false;
	if (json_is_array(json_object_get(body, "items")))
		return true;
	say(misfit, "", "it has no items");
	return false;
}

bool shape_fits(enum acronis_call call, const json_t *body, char *why, size_t size)
{
	struct misfit misfit = {why, size};

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		if (shapes[i].call != call)
			continue;
		return shapes[i].list ? list_fits(body, &shapes[i].whole, &misfit)
				      : inside_fits(body, &shapes[i].whole, &misfit);
	}
	return true;
}
