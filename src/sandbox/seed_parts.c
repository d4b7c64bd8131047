/* Settings, offering items, usage and users of seeded tenants; see seed_parts.h. */
#include "sandbox/seed_parts.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/bodies.h"
#include "sandbox/catalog.h"
#include "sandbox/items.h"
#include "sandbox/price_table.h"
#include "sandbox/render.h"
#include "sandbox/store.h"
#include "sandbox/user_rules.h"
#include "tenantry/digest.h"

static void save_setting(
    struct exchange *x, const struct tenant *tenant, const char *name, const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY);
	struct setting setting = {.value = text};

	if (json_is_null(value))
		setting_delete(x->box->store, tenant->id, name);
	else
		setting_save(x->box->store, tenant->id, name, &setting);
	free(text);
}

static void save_settings(struct exchange *x, const struct tenant *tenant, const json_t *object)
{
	const json_t *tier = json_object_get(object, "tier"),
		     *mode = json_object_get(object, "licensing_mode"),
		     *commitment = json_object_get(object, "commitment");
	const char *name;
	json_t *value;

	if (tier)
		save_setting(x, tenant, "tier_level_value", tier);
	if (mode)
		save_setting(x, tenant, "licensing_mode", mode);
	if (commitment)
		save_setting(x, tenant, COMMITMENT_SETTING, commitment);
	json_object_foreach(json_object_get(object, "settings"), name, value)
	{
		save_setting(x, tenant, name, value);
	}
}

/* "vms" or {"name": "vms", "status": 0, "value": 5, "overage": null}. */
static int save_item(struct exchange *x, const struct tenant *tenant, const json_t *given, const char *where,
    struct error *err)
{
	const char *name = json_is_string(given) ? json_string_value(given)
						 : json_string_value(json_object_get(given, "name"));
	const json_t *value = json_object_get(given, "value"), *overage = json_object_get(given, "overage");
	const json_t *status = json_object_get(given, "status");
	int64_t item = name ? catalog_find_name(name) : -1;

	if (item < 0)
		return error_set(err, ERR_SOURCE, "%s.offering_items: no item \"%s\" in the catalog", where,
		    name ? name : "(without a name)");
	struct item_state state = {.item = item,
	    .has_value = json_is_integer(value),
	    .value = json_integer_value(value),
	    .has_overage = json_is_integer(overage),
	    .overage = json_integer_value(overage)};
	state.version = state.has_value || state.has_overage ? VERSION_64_BIT : 0;
	item_switch(x, tenant, &state, !status || json_integer_value(status) == 1);
	return 0;
}

static int save_items(struct exchange *x, const struct tenant *tenant, const json_t *items, const char *where,
    struct error *err)
{
	json_t *given;
	size_t i;

	if (!items)
		return 0;
	if (json_is_string(items) && strcmp(json_string_value(items), "all") == 0) {
		for (int64_t item = 0; item < (int64_t)catalog_count(); item++) {
			struct item_state state = {.item = item};
			if (in_list(catalog[item].kinds, tenant->kind))
				item_switch(x, tenant, &state, true);
		}
		return 0;
	}
	if (!json_is_array(items))
		return error_set(err, ERR_SOURCE, "%s.offering_items must be \"all\" or a list", where);
	json_array_foreach(items, i, given)
	{
		if (save_item(x, tenant, given, where, err) < 0)
			return -1;
	}
	return 0;
}

int seed_services(struct exchange *x, const struct tenant *tenant, const json_t *object, const char *where,
    struct error *err)
{
	const char *name;
	json_t *value;

	binding_set(x->box->store, tenant->id, application_by_type("platform")->id, true);
	save_settings(x, tenant, object);
	if (save_items(x, tenant, json_object_get(object, "offering_items"), where, err) < 0)
		return -1;
	json_object_foreach(json_object_get(object, "usages"), name, value)
	{
		int64_t item = catalog_find_name(name);
		if (item < 0 || !json_is_integer(value))
			return error_set(err, ERR_SOURCE,
			    "%s.usages.%s: not an item of the catalog with an integer", where, name);
		usage_save(x->box->store, tenant->id, item, json_integer_value(value));
	}
	return 0;
}

static const struct check_member role = {.type = CHECK_TEXT};
static const struct check_member user_members[] = {
    {.name = "login", .type = CHECK_TEXT, .flags = CHECK_REQUIRED},
    {.name = "id", .type = CHECK_UUID},
    {.name = "email", .type = CHECK_EMAIL},
    {.name = "contact", .type = CHECK_OBJECT, .object = &contact_shape},
    {.name = "roles", .type = CHECK_ARRAY, .element = &role},
    {.name = "enabled", .type = CHECK_BOOL},
    {.name = "activated", .type = CHECK_BOOL},
    {.name = "deleted", .type = CHECK_BOOL},
    {.name = "external_id", .type = CHECK_TEXT},
    {.name = "mails", .type = CHECK_INT, .flags = CHECK_NOT_NEGATIVE},
    {0},
};
static const struct check_object user_shape = {user_members, false};

static void save_roles(struct exchange *x, const struct user *user, const json_t *roles)
{
	char id[UUID_TEXT_SIZE];
	json_t *given;
	size_t i;

	json_array_foreach(roles, i, given)
	{
		const char *name = json_string_value(given);
		int64_t now = store_stamp(x->box->store);
		store_new_id(x->box->store,
		    arena_printf(x->arena, "policy/%s/%s/%s", user->id, user->tenant_id, name), id);
		struct policy policy = {
		    id, user->id, user->tenant_id, name, "user", user->tenant_id, 1, now, now, 0};
		policy_add(x->box->store, &policy);
	}
}

static void fill_user(struct exchange *x, json_t *object, struct user *u)
{
	const json_t *enabled = json_object_get(object, "enabled");
	json_t *email = json_object_get(object, "email");

	u->enabled = enabled ? json_is_true(enabled) : true;
	u->activated = json_is_true(json_object_get(object, "activated"));
	u->external_id = json_string_value(json_object_get(object, "external_id"));
	u->mails = json_integer_value(json_object_get(object, "mails"));
	u->contact = contact_merge(x, u->contact, json_object_get(object, "contact"), NULL, u->id);
	json_t *address = json_pack("{s:o}", "email", email ? json_incref(email) : json_string(u->login));
	if (email || !json_object_get(json_object_get(object, "contact"), "email"))
		u->contact = contact_merge(x, u->contact, address, NULL, u->id);
	json_decref(address);
	if (json_is_true(json_object_get(object, "deleted")))
		u->deleted = store_stamp(x->box->store);
}

int seed_users(
    struct exchange *x, const struct tenant *tenant, json_t *users, const char *where, struct error *err)
{
	char fresh[UUID_TEXT_SIZE];
	json_t *object;
	size_t i;

	json_array_foreach(users, i, object)
	{
		const char *place = arena_printf(x->arena, "%s.users[%zu]", where, i);
		struct user user;
		if (seed_check(&user_shape, object, place, err) < 0)
			return -1;
		const char *login = json_string_value(json_object_get(object, "login"));
		const char *id = json_string_value(json_object_get(object, "id"));
		if (!json_is_true(json_object_get(object, "deleted")) &&
		    !user_login_free(x->box->store, login, ""))
			return error_set(err, ERR_SOURCE, "%s.login: %s is taken already", place, login);
		if (!id)
			store_new_id(x->box->store,
			    arena_printf(x->arena, "user/%s", store_fold(x->box->store, x->arena, login)),
			    fresh);
		user_defaults(x, id ? id : arena_strdup(x->arena, fresh), tenant, login, &user);
		fill_user(x, object, &user);
		user_add(x->box->store, &user);
		save_roles(x, &user, json_object_get(object, "roles"));
	}
	return 0;
}
