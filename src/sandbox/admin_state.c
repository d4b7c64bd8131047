/* GET /admin/state: everything there is as JSON in a fixed order, for comparing two sandboxes or one before
 * and after.
 *
 * ?stable=1 leaves out what may differ between two runs that did the same: ids, versions and times.
 */
#include <stdlib.h>
#include <string.h>

#include "sandbox/catalog.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"
#include "sandbox/world.h"
#include "sandbox_sql.h"

struct dump {
	struct exchange *x;
	bool stable;
	struct tenant *tenants;
	const char **keys;   /* names from the root down */
	const char **by_seq; /* the same by number of the tenant, 0 to last */
	int64_t last;
	size_t count, cap;
};

static void set(json_t *object, const char *name, json_t *value)
{
	json_object_set_new(object, name, value);
}

static const char *key_of_id(const struct dump *d, const char *id)
{
	struct tenant t;

	if (!tenant_load(d->x->box->store, d->x->arena, id, &t) || t.seq > d->last || !d->by_seq[t.seq])
		return id;
	return d->by_seq[t.seq];
}

static bool collect(void *ctx, const struct tenant *t)
{
	struct dump *d = ctx;

	if (d->count == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 256;
		struct tenant *tenants = arena_alloc(d->x->arena, cap * sizeof *tenants);
		const char **keys = arena_alloc(d->x->arena, cap * sizeof *keys);
		if (d->count > 0) {
			memcpy(tenants, d->tenants, d->count * sizeof *tenants);
			memcpy(keys, d->keys, d->count * sizeof *keys);
		}
		d->tenants = tenants;
		d->keys = keys;
		d->cap = cap;
	}
	d->tenants[d->count++] = *t;
	return true;
}

/* The number of the parent: the last but one of the path "/1/2/17/"; 0 at the top. */
static int64_t parent_seq(const char *path)
{
	const char *end = path + strlen(path) - 1, *at = end;

	for (int slashes = 0; at > path && slashes < 2;)
		slashes += *--at == '/';
	return at == path && strchr(at + 1, '/') == end ? 0 : strtoll(at + 1, NULL, 10);
}

/* Parents come before their children (order of level), so their keys are there already. */
static void name_keys(struct dump *d)
{
	for (size_t i = 0; i < d->count; i++)
		d->last = d->tenants[i].seq > d->last ? d->tenants[i].seq : d->last;
	d->by_seq = arena_alloc(d->x->arena, (size_t)(d->last + 1) * sizeof *d->by_seq);
	for (size_t i = 0; i < d->count; i++) {
		const struct tenant *t = &d->tenants[i];
		int64_t parent = parent_seq(t->path);
		const char *above = parent <= d->last ? d->by_seq[parent] : NULL;
		d->keys[i] =
		    arena_printf(d->x->arena, "%s%s%s", above ? above : "", above ? " / " : "", t->name);
		d->by_seq[t->seq] = d->keys[i];
	}
}

static json_t *contact(const struct dump *d, const char *text)
{
	json_t *value = text ? json_loads(text, 0, NULL) : NULL;

	if (!value)
		return json_null();
	if (d->stable) {
		json_object_del(value, "id");
		json_object_del(value, "created_at");
		json_object_del(value, "updated_at");
	}
	return value;
}

static json_t *items_of(const struct dump *d, const struct tenant *t)
{
	json_t *list = json_array();
	struct item_state s;

	for (int64_t i = 0; i < (int64_t)catalog_count(); i++) {
		if (!item_load(d->x->box->store, t->id, i, &s))
			continue;
		json_t *item = json_pack("{s:s, s:b, s:o, s:o, s:I}", "name", catalog[i].name, "on",
		    (int)s.on, "value", s.has_value ? json_integer(s.value) : json_null(), "overage",
		    s.has_overage ? json_integer(s.overage) : json_null(), "usage",
		    (json_int_t)usage_load(d->x->box->store, t->id, i));
		if (!d->stable)
			set(item, "version", json_integer(s.version));
		json_array_append_new(list, item);
	}
	return list;
}

static json_t *settings_of(const struct dump *d, const struct tenant *t)
{
	json_t *object = json_object();
	sqlite3_stmt *q = store_query(d->x->box->store, sql_settings_of_tenant, "t", t->id);

	while (store_next(d->x->box->store, q))
		set(object, column_text(q, 0, d->x->arena),
		    json_loads(column_text(q, 1, d->x->arena), JSON_DECODE_ANY, NULL));
	return object;
}

struct users_dump {
	const struct dump *d;
	json_t *list;
};

static bool add_role(void *ctx, const struct policy *p)
{
	const struct users_dump *u = ctx;

	json_array_append_new(
	    u->list, json_pack("{s:s, s:s}", "role", p->role_id, "tenant", key_of_id(u->d, p->tenant_id)));
	return true;
}

static bool add_user(void *ctx, const struct user *user)
{
	const struct users_dump *u = ctx;
	struct users_dump roles = {u->d, json_array()};

	policy_list(u->d->x->box->store, u->d->x->arena, user->id, false, add_role, &roles);
	json_t *out = json_pack("{s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:I, s:s}", "login", user->login,
	    "enabled", (int)user->enabled, "activated", (int)user->activated, "deleted", user->deleted != 0,
	    "external_id", render_text(user->external_id), "contact", contact(u->d, user->contact), "roles",
	    roles.list, "mails", (json_int_t)user->mails, "language", user->language);
	if (!u->d->stable) {
		set(out, "id", json_string(user->id));
		set(out, "version", json_integer(user->version));
		set(out, "created_at", render_time_fraction(user->created));
		set(out, "updated_at", render_time_fraction(user->updated));
	}
	json_array_append_new(u->list, out);
	return true;
}

struct entry {
	json_t *item;
};

static const char *text_of(const void *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(((const struct entry *)entry)->item, name));

	return text ? text : "";
}

static int by_login(const void *a, const void *b)
{
	return strcmp(text_of(a, "login"), text_of(b, "login"));
}

/* A JSON list sorted by `compare`, which gets entries. */
static json_t *sorted(struct exchange *x, json_t *list, int (*compare)(const void *, const void *))
{
	size_t n = json_array_size(list), i;
	struct entry *entries = arena_alloc(x->arena, (n + 1) * sizeof *entries);
	json_t *item, *out = json_array();

	json_array_foreach(list, i, item)
	{
		entries[i].item = item;
	}
	qsort(entries, n, sizeof *entries, compare);
	for (i = 0; i < n; i++)
		json_array_append(out, entries[i].item);
	json_decref(list);
	return out;
}

static json_t *users_of(const struct dump *d, const struct tenant *t)
{
	struct user_filter filter = {.tenant_id = t->id, .root = t, .deleted_too = true, .limit = -1};
	struct users_dump users = {d, json_array()};

	user_list(d->x->box->store, d->x->arena, &filter, add_user, &users);
	return sorted(d->x, users.list, by_login);
}

static json_t *tenant_dump(const struct dump *d, size_t i)
{
	const struct tenant *t = &d->tenants[i];
	json_t *out =
	    json_pack("{s:s, s:s, s:b, s:b, s:o, s:o, s:s, s:b, s:b, s:b, s:o, s:o, s:s, s:o, s:o, s:o, s:o}",
		"path", d->keys[i], "kind", t->kind, "enabled", (int)t->enabled, "deleted", t->deleted != 0,
		"customer_id", render_text(t->customer_id), "internal_tag", render_text(t->internal_tag),
		"language", t->language, "mfa", (int)t->mfa, "update_lock", (int)t->update_lock,
		"ancestral_access", (int)t->ancestral_access, "contact", contact(d, t->contact),
		"billing_contact", contact(d, t->billing_contact), "pricing_mode", t->pricing_mode,
		"currency", render_text(t->currency), "settings", settings_of(d, t), "offering_items",
		items_of(d, t), "users", users_of(d, t));

	if (!d->stable) {
		set(out, "id", json_string(t->id));
		set(out, "version", json_integer(t->version));
		set(out, "pricing_version", json_integer(t->pricing_version));
		set(out, "created_at", render_time_fraction(t->created));
		set(out, "updated_at", render_time_fraction(t->updated));
		set(out, "deleted_at", render_time_fraction(t->deleted));
	}
	return out;
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(text_of(a, "path"), text_of(b, "path"));

	if (order == 0)
		order = json_is_true(json_object_get(x->item, "deleted")) -
			json_is_true(json_object_get(y->item, "deleted"));
	return order ? order : strcmp(text_of(a, "customer_id"), text_of(b, "customer_id"));
}

void admin_state(struct exchange *x)
{
	struct dump d = {.x = x};
	struct tenant root;
	struct tenant_filter filter = {.root = &root, .deleted_too = true, .limit = -1};
	bool all = false;

	if (!query_bool(x, "stable", &d.stable) || !query_bool(x, "all", &all))
		return;
	if (!world_distributor(x, &root) || (all && !tenant_load_seq(x->box->store, x->arena, 1, &root))) {
		reply_error(x, API_NOT_FOUND, "the state has no distributor");
		return;
	}
	tenant_list(x->box->store, x->arena, &filter, collect, &d);
	name_keys(&d);
	json_t *tenants = json_array();
	for (size_t i = 0; i < d.count; i++)
		json_array_append_new(tenants, tenant_dump(&d, i));
	reply_json(x, 200, json_pack("{s:o}", "tenants", sorted(x, tenants, by_path)));
}
