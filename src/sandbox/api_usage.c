/* Usage and search (notes sections 6 and 2.1). Usage is what the seed or drift said; nothing here measures
 * anything. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/catalog.h"
#include "sandbox/items.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"
#include "sandbox_sql.h"

static json_t *render_usage(struct exchange *x, const struct tenant *tenant, const struct item_state *state)
{
	const struct catalog_item *item = &catalog[state->item];
	struct date today = date_of_ms(store_clock(x->box->store));
	json_int_t value = usage_load(x->box->store, tenant->id, state->item);
	json_t *row = render_item(tenant, state, false);
	json_t *usage = json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:I, s:o, s:I, s:I, s:{s:O, s:O}}",
	    "application_id", applications[item->application].id, "name", item->name, "edition",
	    render_text(item->edition), "usage_name", item->usage_name, "type", item->type,
	    "measurement_unit", item->unit, "tenant_uuid", tenant->id, "tenant_id", (json_int_t)tenant->seq,
	    "range_start", render_time_bare(date_to_ms((struct date){today.year, today.month, 1})),
	    "absolute_value", value, "value", value, "offering_item", "status",
	    json_object_get(row, "status"), "quota", json_object_get(row, "quota"));

	if (item->infra_id)
		json_object_set_new(usage, "infra_id", json_string(item->infra_id));
	json_decref(row);
	return usage;
}

static json_t *usages_of(struct exchange *x, const struct tenant *tenant)
{
	const char *names = query_text(x, "usage_names"), *editions = query_text(x, "editions");
	json_t *list = json_array();
	struct item_state state;

	for (int64_t i = 0; i < (int64_t)catalog_count(); i++)
		if (item_load(x->box->store, tenant->id, i, &state) && state.on &&
		    strcmp(catalog[i].type, "feature") != 0 && in_list(names, catalog[i].usage_name) &&
		    in_list(editions, catalog[i].edition))
			json_array_append_new(list, render_usage(x, tenant, &state));
	return list;
}

void api_usages_get(struct exchange *x)
{
	struct tenant tenant;

	if (find_tenant(x, x->param[0], FIND_LIVE, &tenant))
		reply_json(x, 200, json_pack("{s:o}", "items", usages_of(x, &tenant)));
}

void api_usages_list(struct exchange *x)
{
	const char *ids = NULL;
	struct tenant tenant;
	size_t i;
	json_t *id;

	if (!query_text(x, "tenants")) {
		reply_error(x, API_MALFORMED, "query parameter tenants is required");
		return;
	}
	exchange_note(x, "assumption: at most 100 tenants in one call");
	if (!query_ids(x, "tenants", 100, &ids))
		return;
	json_t *list = json_loads(ids, 0, NULL), *items = json_array();
	json_array_foreach(list, i, id)
	{
		if (!find_tenant(x, json_string_value(id), FIND_LIVE, &tenant))
			goto replied;
		json_array_append_new(
		    items, json_pack("{s:s, s:o}", "tenant", tenant.id, "usages", usages_of(x, &tenant)));
	}
	reply_json(x, 200, json_pack("{s:O}", "items", items));
replied:
	json_decref(items);
	json_decref(list);
}

/* What software vendors report for their own items; for the sandbox a way to set figures. */
void api_usages_put(struct exchange *x)
{
	static const struct check_member item_members[] = {
	    {.name = "tenant_id", .type = CHECK_UUID, .flags = CHECK_REQUIRED},
	    {.name = "offering_item", .type = CHECK_TEXT, .flags = CHECK_REQUIRED},
	    {.name = "usage_value", .type = CHECK_INT, .flags = CHECK_REQUIRED | CHECK_NOT_NEGATIVE}, {0}};
	static const struct check_object item_shape = {item_members, true};
	static const struct check_member item = {.type = CHECK_OBJECT, .object = &item_shape};
	static const struct check_member members[] = {
	    {.name = "items", .type = CHECK_ARRAY, .flags = CHECK_REQUIRED, .element = &item}, {0}};
	static const struct check_object shape = {members, true};
	struct tenant tenant;
	json_t *given;
	size_t i;

	if (!body_read(x, &shape))
		return;
	json_array_foreach(json_object_get(x->json, "items"), i, given)
	{
		const char *name = json_string_value(json_object_get(given, "offering_item"));
		int64_t known = catalog_find_name(name);
		if (!find_tenant(
			x, json_string_value(json_object_get(given, "tenant_id")), FIND_LIVE, &tenant))
			return;
		if (known < 0) {
			reply_error(x, API_ITEM_UNAVAILABLE, "no item %s", name);
			return;
		}
		usage_save(x->box->store, tenant.id, known,
		    json_integer_value(json_object_get(given, "usage_value")));
		json_object_del(given, "usage_value");
	}
	reply_json(x, 200, json_pack("{s:O}", "items", json_object_get(x->json, "items")));
}

/* Names of the tenants from the search root down to (and with) the hit's own place. */
static json_t *name_path(struct exchange *x, const struct tenant *root, const char *tenant_id)
{
	json_t *path = json_array();
	struct tenant at;

	while (tenant_load(x->box->store, x->arena, tenant_id, &at)) {
		json_array_insert_new(path, 0, json_string(at.name));
		if (strcmp(at.id, root->id) == 0 || strcmp(at.id, at.parent_id) == 0)
			break;
		tenant_id = at.parent_id;
	}
	return path;
}

static json_t *found_tenant(struct exchange *x, const struct tenant *root, const char *id)
{
	struct tenant t;

	if (!tenant_load(x->box->store, x->arena, id, &t))
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:o}", "obj_type", "tenant", "id", t.id, "parent_id",
	    t.parent_id, "path", name_path(x, root, t.parent_id), "kind", t.kind, "name", t.name,
	    "deleted_at", render_time_bare(t.deleted));
}

static json_t *found_user(struct exchange *x, const struct tenant *root, const char *id)
{
	struct user u;

	if (!user_load(x->box->store, x->arena, id, &u))
		return json_null();
	json_t *contact = json_loads(u.contact, 0, NULL);
	json_t *hit = json_pack("{s:s, s:s, s:s, s:o, s:s, s:O?, s:O?, s:o}", "obj_type", "user", "id", u.id,
	    "parent_id", u.tenant_id, "path", name_path(x, root, u.tenant_id), "login", u.login, "first_name",
	    json_object_get(contact, "firstname"), "last_name", json_object_get(contact, "lastname"),
	    "deleted_at", render_time(u.deleted));
	json_decref(contact);
	return hit;
}

static void collect(struct exchange *x, const char *sql, const struct tenant *root, const char *text,
    bool deleted, int64_t limit, json_t *items,
    json_t *(*show)(struct exchange *, const struct tenant *, const char *))
{
	int64_t room = limit - (int64_t)json_array_size(items);
	sqlite3_stmt *q = store_query(x->box->store, sql, "ttbii", root->path, text, (int)deleted,
	    room > 0 ? room : 0, x->made_until ? x->made_until : INT64_MAX);

	while (store_next(x->box->store, q))
		json_array_append_new(items, show(x, root, column_text(q, 1, x->arena)));
}

/* Characters, not bytes: a name of two umlauts is too short as well. */
static bool too_short(const char *text)
{
	size_t characters = 0;

	for (; *text; text++)
		characters += ((unsigned char)*text & 0xc0) != 0x80;
	return characters < 3;
}

void api_search(struct exchange *x)
{
	const char *tenant = query_text(x, "tenant"), *text = query_text(x, "text");
	bool deleted = false;
	int64_t limit = 10;
	struct tenant root;

	if (!tenant || !form_get(&x->query, "text")) {
		reply_error(x, API_MALFORMED, "query parameters tenant and text are required");
		return;
	}
	if (!query_int(x, "limit", 1, 10000, &limit) || !query_bool(x, "allow_deleted", &deleted) ||
	    !find_tenant(x, tenant, FIND_LIVE, &root))
		return;
	json_t *items = json_array();
	if (!text || too_short(text)) {
		exchange_note(x, "assumption: a text of fewer than 3 characters finds nothing");
	} else {
		const char *key = store_fold(x->box->store, x->arena, text);
		collect(x, sql_search_tenants, &root, key, deleted, limit, items, found_tenant);
		collect(x, sql_search_users, &root, key, deleted, limit, items, found_user);
	}
	reply_json(x, 200, json_pack("{s:o}", "items", items));
}
