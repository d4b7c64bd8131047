/* Creating, changing, deleting and restoring tenants (notes sections 2.2 and 2.3). */
#include <string.h>

#include "sandbox/bodies.h"
#include "sandbox/catalog.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"
#include "sandbox/tenant_rules.h"
#include "tenantry/digest.h"

static const struct check_member settings_members[] = {
    {.name = "enhanced_security", .type = CHECK_BOOL}, {0}};
static const struct check_object settings_shape = {settings_members, true};

#define SHARED_MEMBERS                                                                                       \
	{.name = "contact", .type = CHECK_OBJECT, .object = &contact_shape},                                 \
	    {.name = "enabled", .type = CHECK_BOOL},                                                         \
	    {.name = "internal_tag", .type = CHECK_TEXT, .flags = CHECK_NULLABLE, .max = 256},               \
	    {.name = "language", .type = CHECK_TEXT}, {.name = "default_idp_id", .type = CHECK_UUID},        \
	    {.name = "update_lock", .type = CHECK_OBJECT, .object = &lock_shape},                            \
	{                                                                                                    \
		.name = "ancestral_access", .type = CHECK_BOOL                                               \
	}

static const struct check_member post_members[] = {
    {.name = "name", .type = CHECK_TEXT, .flags = CHECK_REQUIRED},
    {.name = "parent_id", .type = CHECK_UUID, .flags = CHECK_REQUIRED},
    {.name = "kind", .type = CHECK_TEXT, .flags = CHECK_REQUIRED, .choices = TENANT_KINDS},
    {.name = "customer_id", .type = CHECK_TEXT},
    {.name = "company_billing_contact", .type = CHECK_OBJECT, .object = &contact_shape},
    {.name = "settings", .type = CHECK_OBJECT, .object = &settings_shape},
    SHARED_MEMBERS,
    {0},
};
static const struct check_object post_shape = {post_members, false};

static const struct check_member put_members[] = {
    {.name = "version", .type = CHECK_INT, .flags = CHECK_REQUIRED},
    {.name = "name", .type = CHECK_TEXT},
    {.name = "customer_type",
	.type = CHECK_TEXT,
	.choices = "default|enterprise|consumer|small_office|ti_unified"},
    {.name = "parent_id", .type = CHECK_UUID},
    {.name = "kind", .type = CHECK_TEXT, .choices = TENANT_KINDS},
    {.name = "customer_id", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "brand_id", .type = CHECK_INT, .flags = CHECK_NULLABLE},
    {.name = "external_operation_status", .type = CHECK_TEXT, .choices = "no_operation|deleting|recovering"},
    SHARED_MEMBERS,
    {0},
};
static const struct check_object put_shape = {put_members, false};

static const char *text_member(const json_t *body, const char *name)
{
	return json_string_value(json_object_get(body, name));
}

static void take_text(struct exchange *x, const char *name, const char **field)
{
	const json_t *value = json_object_get(x->json, name);

	if (value)
		*field = json_is_null(value) ? NULL : json_string_value(value);
}

static void take_bool(struct exchange *x, const char *name, bool *field)
{
	const json_t *value = json_object_get(x->json, name);

	if (json_is_boolean(value))
		*field = json_is_true(value);
}

/* The members that POST and PUT treat alike. */
static void take_shared(struct exchange *x, struct tenant *t)
{
	const json_t *lock = json_object_get(x->json, "update_lock"),
		     *contact = json_object_get(x->json, "contact");

	take_text(x, "internal_tag", &t->internal_tag);
	take_text(x, "customer_id", &t->customer_id);
	take_text(x, "customer_type", &t->customer_type);
	take_text(x, "language", &t->language);
	take_text(x, "default_idp_id", &t->default_idp_id);
	take_bool(x, "enabled", &t->enabled);
	take_bool(x, "ancestral_access", &t->ancestral_access);
	if (contact)
		t->contact = contact_merge(x, t->contact, contact, "legal", t->id);
	if (lock) {
		t->update_lock = json_is_true(json_object_get(lock, "enabled"));
		t->lock_owner = t->update_lock ? x->root.id : NULL;
	}
}

void api_tenant_create(struct exchange *x)
{
	struct store *store = x->box->store;
	struct tenant parent, tenant;
	char id[UUID_TEXT_SIZE];

	if (!body_read(x, &post_shape) ||
	    !find_tenant(x, text_member(x->json, "parent_id"), FIND_LIVE, &parent))
		return;
	const char *kind = text_member(x->json, "kind"), *name = tenant_name(x, text_member(x->json, "name"));
	if (!name || !tenant_may_hold(x, &parent, kind) || !tenant_name_allowed(x, parent.id, name, ""))
		return;
	const char *customer = text_member(x->json, "customer_id");
	store_new_id(
	    store, arena_printf(x->arena, "tenant/%s/%s/%s", parent.id, name, customer ? customer : ""), id);
	tenant_defaults(x, arena_strdup(x->arena, id), kind, name, &tenant);
	take_shared(x, &tenant);
	const json_t *billing = json_object_get(x->json, "company_billing_contact");
	if (billing)
		tenant.billing_contact = contact_merge(
		    x, NULL, billing, "company_billing", arena_printf(x->arena, "%s/billing", id));
	tenant.enhanced_security =
	    json_is_true(json_object_get(json_object_get(x->json, "settings"), "enhanced_security"));
	tenant_add(store, x->arena, &parent, &tenant);
	binding_set(store, tenant.id, application_by_type("platform")->id, true);
	if (!tenant.ancestral_access)
		exchange_note(x, "ancestral_access false: the sandbox does not take access away");
	reply_json(x, 201, render_tenant(x, &tenant, DETAIL_FULL, false));
}

static bool version_fits(struct exchange *x, int64_t have, int64_t given)
{
	if (have == given)
		return true;
	reply_error(x, API_STALE, "version is %lld, not %lld", (long long)have, (long long)given);
	return false;
}

/* May the caller change it at all? */
static bool may_change(struct exchange *x, const struct tenant *tenant)
{
	if (!tenant->update_lock || (tenant->lock_owner && strcmp(tenant->lock_owner, x->root.id) == 0))
		return true;
	reply_error(x, API_LOCKED, "the tenant is locked by %s",
	    tenant->lock_owner ? tenant->lock_owner : "nobody known");
	return false;
}

/* Name, kind and parent are checked together: a move needs the name free in the new place. */
static bool take_identity(struct exchange *x, struct tenant *t)
{
	const char *name = text_member(x->json, "name"), *kind = text_member(x->json, "kind");
	const char *parent_id = text_member(x->json, "parent_id");
	bool moves = parent_id && strcmp(parent_id, t->parent_id) != 0;
	struct tenant parent;

	if (kind && strcmp(kind, t->kind) != 0) {
		reply_error(x, API_RULE, "the sandbox does not change the kind of a tenant");
		return false;
	}
	if (name && !(name = tenant_name(x, name)))
		return false;
	if (moves && (!find_tenant(x, parent_id, FIND_LIVE, &parent) || !tenant_may_move(x, t, &parent)))
		return false;
	if ((name || moves) &&
	    !tenant_name_allowed(x, moves ? parent.id : t->parent_id, name ? name : t->name, t->id))
		return false;
	t->name = name ? name : t->name;
	if (moves) {
		tenant_move(x->box->store, x->arena, t, &parent);
		t->parent_id = parent.id;
	}
	return true;
}

void api_tenant_update(struct exchange *x)
{
	struct tenant tenant;

	if (!body_read(x, &put_shape) || !find_tenant(x, x->param[0], FIND_LIVE, &tenant) ||
	    !version_fits(x, tenant.version, json_integer_value(json_object_get(x->json, "version"))) ||
	    !may_change(x, &tenant))
		return;
	if (strcmp(tenant.id, x->root.id) == 0 && json_is_false(json_object_get(x->json, "enabled"))) {
		reply_error(x, API_FORBIDDEN, "a client cannot disable its own tenant");
		return;
	}
	if (!take_identity(x, &tenant))
		return;
	take_shared(x, &tenant);
	take_text(x, "external_operation_status", &tenant.operation_status);
	if (tenant.operation_status && strcmp(tenant.operation_status, "no_operation") == 0)
		tenant.operation_status = NULL;
	tenant.version++;
	tenant.updated = store_stamp(x->box->store);
	tenant_save(x->box->store, &tenant);
	reply_json(x, 200, render_tenant(x, &tenant, DETAIL_FULL, false));
}

void api_tenant_delete(struct exchange *x)
{
	int64_t version = -1;
	struct tenant tenant;

	if (!query_text(x, "version")) {
		reply_error(x, API_MALFORMED, "query parameter version is required");
		return;
	}
	if (!query_int(x, "version", 0, INT64_MAX, &version) ||
	    !find_tenant(x, x->param[0], FIND_LIVE, &tenant) || !version_fits(x, tenant.version, version) ||
	    !may_change(x, &tenant))
		return;
	if (strcmp(tenant.id, x->root.id) == 0) {
		reply_error(x, API_FORBIDDEN, "a client cannot delete its own tenant");
		return;
	}
	if (tenant.enabled) {
		reply_error(x, API_STILL_ENABLED, "disable the tenant first");
		return;
	}
	tenant_delete_tree(x->box->store, &tenant, store_stamp(x->box->store));
	reply_empty(x, 204);
}

void api_tenant_restore(struct exchange *x)
{
	struct store *store = x->box->store;
	struct tenant tenant, parent;
	bool force = false;

	if (!query_bool(x, "force", &force) || !find_tenant(x, x->param[0], FIND_DELETED_TOO, &tenant))
		return;
	if (!tenant.deleted || !tenant_load(store, x->arena, tenant.parent_id, &parent) || parent.deleted) {
		reply_error(
		    x, API_CONFLICT, tenant.deleted ? "the parent is deleted" : "the tenant is not deleted");
		return;
	}
	bool taken = !tenant_name_free(store, tenant.parent_id, tenant.name, tenant.id);
	if (taken && !force) {
		reply_error(x, API_NAME_CONFLICT, "the name was taken meanwhile; force adds a suffix");
		return;
	}
	tenant_restore_tree(store, &tenant, store_stamp(store));
	if (taken && tenant_load(store, x->arena, tenant.id, &tenant)) {
		tenant.name =
		    arena_printf(x->arena, "%s (restored %lld)", tenant.name, (long long)tenant.seq);
		tenant_save(store, &tenant);
	}
	reply_empty(x, 204);
}
