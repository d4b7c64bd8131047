/* Reading seed files; see seed.h. */
#include "sandbox/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/bodies.h"
#include "sandbox/render.h"
#include "sandbox/seed_parts.h"
#include "sandbox/store.h"
#include "sandbox/tenant_rules.h"
#include "tenantry/atomic_file.h"
#include "tenantry/digest.h"

enum { SEED_MAX = 1 << 30 };

static const struct check_member pricing_members[] = {
    {.name = "mode", .type = CHECK_TEXT, .choices = "trial|production|suspended"},
    {.name = "currency", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "production_start_date", .type = CHECK_TIME},
    {0},
};
static const struct check_object pricing_shape = {pricing_members, false};

static const struct check_member tenant_members[] = {
    {.name = "id", .type = CHECK_UUID},
    {.name = "name", .type = CHECK_TEXT, .flags = CHECK_REQUIRED},
    {.name = "kind", .type = CHECK_TEXT, .choices = TENANT_KINDS},
    {.name = "parent", .type = CHECK_UUID},
    {.name = "customer_id", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "internal_tag", .type = CHECK_TEXT, .flags = CHECK_NULLABLE},
    {.name = "language", .type = CHECK_TEXT},
    {.name = "enabled", .type = CHECK_BOOL},
    {.name = "deleted", .type = CHECK_BOOL},
    {.name = "mfa", .type = CHECK_BOOL},
    {.name = "created_at", .type = CHECK_TIME},
    {.name = "contact", .type = CHECK_OBJECT, .object = &contact_shape},
    {.name = "billing_contact", .type = CHECK_OBJECT, .object = &contact_shape},
    {.name = "lock_owner", .type = CHECK_UUID},
    {.name = "tier", .type = CHECK_INT},
    {.name = "commitment", .type = CHECK_ANY},
    {.name = "licensing_mode", .type = CHECK_TEXT},
    {.name = "settings", .type = CHECK_OBJECT},
    {.name = "pricing", .type = CHECK_OBJECT, .object = &pricing_shape},
    {.name = "offering_items", .type = CHECK_ANY},
    {.name = "usages", .type = CHECK_OBJECT},
    {.name = "users", .type = CHECK_ARRAY},
    {.name = "children", .type = CHECK_ARRAY},
    {0},
};
static const struct check_object tenant_shape = {tenant_members, false};

static const struct check_member client_members[] = {
    {.name = "id", .type = CHECK_UUID}, {.name = "secret", .type = CHECK_TEXT}, {0}};
static const struct check_object client_shape = {client_members, false};
static const struct check_member distributor_members[] = {
    {.name = "id", .type = CHECK_UUID}, {.name = "name", .type = CHECK_TEXT}, {0}};
static const struct check_object distributor_shape = {distributor_members, false};
static const struct check_member file_members[] = {
    {.name = "client", .type = CHECK_OBJECT, .object = &client_shape},
    {.name = "distributor", .type = CHECK_OBJECT, .object = &distributor_shape},
    {.name = "tenants", .type = CHECK_ARRAY},
    {0},
};
static const struct check_object file_shape = {file_members, false};

int seed_check(const struct check_object *shape, json_t *value, const char *where, struct error *err)
{
	struct check_report report = {.lenient = false};

	if (check_body(shape, value, &report))
		return 0;
	error_set(err, ERR_SOURCE, "%s%s%s %s", where, where[0] && report.where[0] ? "." : "", report.where,
	    report.text);
	return error_hint(err, "tenantry-sandbox --help describes seed files");
}

int seed_read(struct seed *seed, struct exchange *x, const char *path, struct error *err)
{
	json_error_t problem;
	size_t n;
	char *text = file_read_all(path, SEED_MAX, &n, err);

	(void)x;
	seed->path = path;
	if (!text)
		return -1;
	seed->json = json_loadb(text, n, JSON_REJECT_DUPLICATES, &problem);
	free(text);
	if (!seed->json) {
		error_set(err, ERR_SOURCE, "not JSON: %s", problem.text);
		return error_place(
		    err, path, (unsigned long)problem.line, (unsigned long)problem.column, NULL);
	}
	if (seed_check(&file_shape, seed->json, "", err) < 0)
		return error_place(err, path, 0, 0, NULL);
	const json_t *client = json_object_get(seed->json, "client"),
		     *own = json_object_get(seed->json, "distributor");
	seed->head = (struct seed_head){json_string_value(json_object_get(client, "id")),
	    json_string_value(json_object_get(client, "secret")),
	    json_string_value(json_object_get(own, "id")), json_string_value(json_object_get(own, "name"))};
	return 0;
}

void seed_free(struct seed *seed)
{
	json_decref(seed->json);
	*seed = (struct seed){0};
}

static int add_list(
    struct exchange *x, const struct tenant *parent, json_t *list, const char *where, struct error *err)
{
	struct tenant tenant;
	json_t *object;
	size_t i;

	json_array_foreach(list, i, object)
	{
		const char *place = arena_printf(x->arena, "%s[%zu]", where, i);
		if (seed_tenant(x, parent, object, place, &tenant, err) < 0)
			return -1;
	}
	return 0;
}

int seed_apply(
    const struct seed *seed, struct exchange *x, const struct tenant *distributor, struct error *err)
{
	json_t *list = json_object_get(seed->json, "tenants"), *object;
	struct arena *kept = x->arena;
	struct tenant tenant;
	char where[32];
	int rc = 0;
	size_t i;

	/* What one tenant needs is given back before the next: seeds can be large. */
	x->arena = arena_new();
	json_array_foreach(list, i, object)
	{
		snprintf(where, sizeof where, "tenants[%zu]", i);
		if ((rc = seed_tenant(x, distributor, object, where, &tenant, err)) < 0)
			break;
		arena_reset(x->arena);
	}
	arena_free(x->arena);
	x->arena = kept;
	return rc < 0 ? error_place(err, seed->path, 0, 0, NULL) : 0;
}

static int find_parent(struct exchange *x, const struct tenant *fallback, const json_t *object,
    const char *where, struct tenant *out, struct error *err)
{
	const char *id = json_string_value(json_object_get(object, "parent"));

	*out = *fallback;
	if (!id || tenant_load(x->box->store, x->arena, id, out))
		return 0;
	error_set(err, ERR_SOURCE, "%s.parent: no tenant %s so far", where, id);
	return error_hint(err, "a parent must stand before its children");
}

static void fill(struct exchange *x, const json_t *object, struct tenant *t)
{
	const json_t *enabled = json_object_get(object, "enabled"),
		     *pricing = json_object_get(object, "pricing");
	const char *created = json_string_value(json_object_get(object, "created_at"));
	const char *language = json_string_value(json_object_get(object, "language"));
	const char *mode = json_string_value(json_object_get(pricing, "mode"));
	const char *start = json_string_value(json_object_get(pricing, "production_start_date"));
	const json_t *billing = json_object_get(object, "billing_contact");

	t->customer_id = json_string_value(json_object_get(object, "customer_id"));
	t->internal_tag = json_string_value(json_object_get(object, "internal_tag"));
	t->language = language ? language : t->language;
	t->enabled = enabled ? json_is_true(enabled) : true;
	t->mfa = json_is_true(json_object_get(object, "mfa"));
	t->lock_owner = json_string_value(json_object_get(object, "lock_owner"));
	t->update_lock = t->lock_owner != NULL;
	t->contact = contact_merge(x, t->contact, json_object_get(object, "contact"), "legal", t->id);
	if (billing)
		t->billing_contact = contact_merge(
		    x, NULL, billing, "company_billing", arena_printf(x->arena, "%s/billing", t->id));
	t->pricing_mode = mode ? mode : t->pricing_mode;
	t->currency = json_string_value(json_object_get(pricing, "currency"));
	if (created)
		time_parse(strv_of(created), &t->created, NULL);
	if (start)
		time_parse(strv_of(start), &t->production_start, NULL);
	else if (created)
		t->production_start = t->created;
}

static int place_tenant(struct exchange *x, const struct tenant *parent, const json_t *object,
    const char *where, struct tenant *out, struct error *err)
{
	const char *kind = json_string_value(json_object_get(object, "kind"));
	const char *name = json_string_value(json_object_get(object, "name"));
	const char *id = json_string_value(json_object_get(object, "id"));
	const char *customer = json_string_value(json_object_get(object, "customer_id"));
	bool gone = json_is_true(json_object_get(object, "deleted"));
	char fresh[UUID_TEXT_SIZE];
	struct tenant other;

	kind = kind ? kind : "partner";
	if (!kind_below(parent->kind, kind))
		return error_set(
		    err, ERR_SOURCE, "%s: a %s cannot stand below a %s", where, kind, parent->kind);
	if (!gone && !tenant_name_free(x->box->store, parent->id, name, ""))
		return error_set(err, ERR_SOURCE, "%s.name: \"%s\" stands there twice", where, name);
	if (id && tenant_load(x->box->store, x->arena, id, &other))
		return error_set(err, ERR_SOURCE, "%s.id: %s is used twice", where, id);
	if (!id)
		store_new_id(x->box->store,
		    arena_printf(x->arena, "tenant/%s/%s/%s", parent->id, name, customer ? customer : ""),
		    fresh);
	tenant_defaults(x, id ? id : arena_strdup(x->arena, fresh), kind, name, out);
	fill(x, object, out);
	tenant_add(x->box->store, x->arena, parent, out);
	return 0;
}

int seed_tenant(struct exchange *x, const struct tenant *parent, json_t *object, const char *where,
    struct tenant *out, struct error *err)
{
	struct tenant at;

	if (seed_check(&tenant_shape, object, where, err) < 0 ||
	    find_parent(x, parent, object, where, &at, err) < 0 ||
	    place_tenant(x, &at, object, where, out, err) < 0 ||
	    seed_services(x, out, object, where, err) < 0 ||
	    seed_users(x, out, json_object_get(object, "users"), where, err) < 0 ||
	    add_list(x, out, json_object_get(object, "children"),
		arena_printf(x->arena, "%s.children", where), err) < 0)
		return -1;
	if (json_is_true(json_object_get(object, "deleted")))
		tenant_delete_tree(x->box->store, out, store_stamp(x->box->store));
	return 0;
}
