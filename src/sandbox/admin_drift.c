/* POST /admin/drift: what people do in the portal behind the job's back. One change object, or {"changes":
 * [...]}. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/bodies.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/seed.h"
#include "sandbox/store.h"
#include "sandbox/world.h"
#include "tenantry/mem.h"

static const struct check_member change_members[] = {
    {.name = "tenant", .type = CHECK_TEXT},
    {.name = "user", .type = CHECK_TEXT},
    {.name = "add", .type = CHECK_OBJECT},
    {.name = "name", .type = CHECK_TEXT},
    {.name = "enabled", .type = CHECK_BOOL},
    {.name = "customer_id", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "internal_tag", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "parent", .type = CHECK_TEXT},
    {.name = "lock_owner", .type = CHECK_UUID, .flags = CHECK_NULLABLE},
    {.name = "currency", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "pricing_mode", .type = CHECK_TEXT, .choices = "trial|production|suspended"},
    {.name = "tier", .type = CHECK_INT, .flags = CHECK_NULLABLE},
    {.name = "commitment", .type = CHECK_ANY, .flags = CHECK_NULLABLE},
    {.name = "licensing_mode", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "settings", .type = CHECK_OBJECT},
    {.name = "offering_items", .type = CHECK_ANY},
    {.name = "usages", .type = CHECK_OBJECT},
    {.name = "contact", .type = CHECK_OBJECT, .object = &contact_shape},
    {.name = "delete", .type = CHECK_BOOL},
    {.name = "restore", .type = CHECK_BOOL},
    {.name = "login", .type = CHECK_TEXT},
    {.name = "activated", .type = CHECK_BOOL},
    {0},
};
static const struct check_object change_shape = {change_members, false};

struct tenant_search {
	const char *text;
	struct tenant *found;
	size_t count;
};

static bool match_tenant(void *ctx, const struct tenant *t)
{
	struct tenant_search *search = ctx;
	bool same = strcmp(t->id, search->text) == 0 || strcmp(t->name, search->text) == 0 ||
		    (t->customer_id && strcmp(t->customer_id, search->text) == 0);

	if (same && search->count++ == 0)
		*search->found = *t;
	return true;
}

/* By id, customer id or name below the distributor; more than one is an error, as a change must not hit at
 * random. */
static bool named_tenant(struct exchange *x, const char *text, struct tenant *out)
{
	struct tenant root;
	struct tenant_filter filter = {.root = &root, .deleted_too = true, .limit = -1};
	struct tenant_search search = {text, out, 0};

	if (tenant_load(x->box->store, x->arena, text, out))
		return true;
	if (world_distributor(x, &root))
		tenant_list(x->box->store, x->arena, &filter, match_tenant, &search);
	if (search.count != 1)
		reply_error(x, API_NOT_FOUND, "%zu tenants are called \"%s\" (id, customer id or name)",
		    search.count, text);
	return search.count == 1;
}

static void take_text(const json_t *change, const char *name, const char **field)
{
	const json_t *value = json_object_get(change, name);

	if (value)
		*field = json_string_value(value);
}

static bool move(struct exchange *x, const json_t *change, struct tenant *t)
{
	const char *to = json_string_value(json_object_get(change, "parent"));
	struct tenant parent = {0};

	if (!to)
		return true;
	if (!named_tenant(x, to, &parent))
		return false;
	if (tenant_below(&parent, t)) {
		reply_error(x, API_MOVE_BELOW_CHILD, "the new parent is below the tenant");
		return false;
	}
	tenant_move(x->box->store, x->arena, t, &parent);
	t->parent_id = parent.id;
	return true;
}

/* Settings, pricing and usage are written beside the tenant: its version and its stamp stay (notes section
 * 9). */
static bool changes_itself(const json_t *change)
{
	static const char *const own[] = {
	    "name", "enabled", "customer_id", "internal_tag", "parent", "lock_owner", "contact"};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (json_object_get(change, own[i]))
			return true;
	return false;
}

static bool change_tenant(struct exchange *x, const json_t *change, struct tenant *t)
{
	const json_t *enabled = json_object_get(change, "enabled"),
		     *lock = json_object_get(change, "lock_owner");
	const json_t *contact = json_object_get(change, "contact");
	struct error err = {0};

	if (!move(x, change, t))
		return false;
	take_text(change, "name", &t->name);
	take_text(change, "customer_id", &t->customer_id);
	take_text(change, "internal_tag", &t->internal_tag);
	take_text(change, "currency", &t->currency);
	take_text(change, "pricing_mode", &t->pricing_mode);
	t->enabled = enabled ? json_is_true(enabled) : t->enabled;
	if (lock) {
		t->lock_owner = json_string_value(lock);
		t->update_lock = t->lock_owner != NULL;
	}
	if (contact)
		t->contact = contact_merge(x, t->contact, contact, NULL, t->id);
	if (json_object_get(change, "currency") || json_object_get(change, "pricing_mode"))
		t->pricing_version++;
	if (changes_itself(change)) {
		t->version++;
		t->updated = store_stamp(x->box->store);
	}
	tenant_save(x->box->store, t);
	if (seed_services(x, t, change, "change", &err) < 0) {
		reply_error(x, API_MALFORMED, "%s", err.text);
		return false;
	}
	if (json_is_true(json_object_get(change, "delete")))
		tenant_delete_tree(x->box->store, t, store_stamp(x->box->store));
	if (json_is_true(json_object_get(change, "restore")) && t->deleted)
		tenant_restore_tree(x->box->store, t, store_stamp(x->box->store));
	return true;
}

static bool change_user(struct exchange *x, const json_t *change, const char *login)
{
	const json_t *enabled = json_object_get(change, "enabled"),
		     *activated = json_object_get(change, "activated");
	const json_t *contact = json_object_get(change, "contact");
	struct user user;

	if (!user_load_login(x->box->store, x->arena, login, &user)) {
		reply_error(x, API_NOT_FOUND, "no user with login %s", login);
		return false;
	}
	take_text(change, "login", &user.login);
	if (!user_login_free(x->box->store, user.login, user.id)) {
		reply_error(x, API_LOGIN_TAKEN, "login %s is taken", user.login);
		return false;
	}
	user.enabled = enabled ? json_is_true(enabled) : user.enabled;
	user.activated = activated ? json_is_true(activated) : user.activated;
	if (contact)
		user.contact = contact_merge(x, user.contact, contact, NULL, user.id);
	user.version++;
	user.updated = store_stamp(x->box->store);
	user.deleted = json_is_true(json_object_get(change, "delete")) ? user.updated : 0;
	user_save(x->box->store, &user);
	return true;
}

static bool add_tenant(struct exchange *x, json_t *object, json_t *done)
{
	struct tenant parent, tenant;
	struct error err = {0};

	if (!world_distributor(x, &parent) || seed_tenant(x, &parent, object, "add", &tenant, &err) < 0) {
		reply_error(x, API_MALFORMED, "%s", err.text);
		return false;
	}
	json_array_append_new(done, json_string(tenant.id));
	return true;
}

/* One change: of a tenant, of a user, or a tenant more. False: replied. */
static bool apply(struct exchange *x, json_t *change, json_t *done)
{
	struct check_report report = {.lenient = false};
	const char *name = json_string_value(json_object_get(change, "tenant"));
	const char *login = json_string_value(json_object_get(change, "user"));
	json_t *add = json_object_get(change, "add");
	struct tenant tenant = {0};

	if (!check_body(&change_shape, change, &report) ||
	    (name != NULL) + (login != NULL) + (add != NULL) != 1) {
		reply_error(x, API_MALFORMED, "%s %s", report.where,
		    report.text[0] ? report.text : "a change names one of tenant, user and add");
		return false;
	}
	if (add)
		return add_tenant(x, add, done);
	if (login)
		return change_user(x, change, login) && json_array_append_new(done, json_string(login)) == 0;
	return named_tenant(x, name, &tenant) && change_tenant(x, change, &tenant) &&
	       json_array_append_new(done, json_string(tenant.id)) == 0;
}

void admin_drift(struct exchange *x)
{
	json_t *list = json_object_get(x->json, "changes"), *single = NULL, *change, *done = json_array();
	bool good = true;
	size_t i;

	if (list && !json_is_array(list)) {
		json_decref(done);
		reply_error(x, API_MALFORMED, "changes must be an array");
		return;
	}
	if (!list)
		list = single = json_pack("[O]", x->json);
	json_array_foreach(list, i, change)
	{
		good = good && apply(x, change, done);
	}
	if (good)
		reply_json(x, 200, json_pack("{s:O}", "changed", done));
	json_decref(single);
	json_decref(done);
}
