/* Rows of tenants; see records.h. Paths are numbers of tenants from the root down, so that a subtree is one
 * range. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/records.h"
#include "sandbox/store.h"
#include "sandbox_sql.h"

/* The order of the view tenant_row in schema.sql. */
static void read_row(sqlite3_stmt *q, struct arena *arena, struct tenant *t)
{
	int c = 0;

	t->seq = column_int(q, c++);
	t->id = column_text(q, c++, arena);
	t->parent_id = column_text(q, c++, arena);
	t->path = column_text(q, c++, arena);
	t->level = column_int(q, c++);
	t->kind = column_text(q, c++, arena);
	t->name = column_text(q, c++, arena);
	t->version = column_int(q, c++);
	t->enabled = column_bool(q, c++);
	t->has_children = column_bool(q, c++);
	t->customer_type = column_text(q, c++, arena);
	t->customer_id = column_text(q, c++, arena);
	t->internal_tag = column_text(q, c++, arena);
	t->language = column_text(q, c++, arena);
	t->contact = column_text(q, c++, arena);
	t->billing_contact = column_text(q, c++, arena);
	t->default_idp_id = column_text(q, c++, arena);
	t->operation_status = column_text(q, c++, arena);
	t->update_lock = column_bool(q, c++);
	t->ancestral_access = column_bool(q, c++);
	t->mfa = column_bool(q, c++);
	t->enhanced_security = column_bool(q, c++);
	t->lock_owner = column_text(q, c++, arena);
	t->created = column_int(q, c++);
	t->updated = column_int(q, c++);
	t->deleted = column_int(q, c++);
	t->pricing_mode = column_text(q, c++, arena);
	t->currency = column_text(q, c++, arena);
	t->pricing_version = column_int(q, c++);
	t->production_start = column_int(q, c++);
}

static bool load_one(struct store *store, struct arena *arena, sqlite3_stmt *q, struct tenant *out)
{
	if (!store_next(store, q))
		return false;
	read_row(q, arena, out);
	store_done(q);
	return true;
}

bool tenant_load(struct store *store, struct arena *arena, const char *id, struct tenant *out)
{
	return load_one(store, arena, store_query(store, sql_tenant_by_id, "t", id), out);
}

bool tenant_load_seq(struct store *store, struct arena *arena, int64_t seq, struct tenant *out)
{
	return load_one(store, arena, store_query(store, sql_tenant_by_seq, "i", seq), out);
}

void tenant_add(struct store *store, struct arena *arena, const struct tenant *parent, struct tenant *tenant)
{
	int64_t now = store_stamp(store);

	/* A seed may say that it is an old one: then it was last changed that long ago, too. */
	tenant->updated = tenant->created && tenant->created < now ? tenant->created : now;
	tenant->created = tenant->created ? tenant->created : now;
	tenant->parent_id = parent ? parent->id : tenant->id;
	tenant->level = parent ? parent->level + 1 : 1;
	store_run(
	    store, sql_tenant_insert, "ttti", tenant->id, tenant->parent_id, tenant->kind, tenant->created);
	tenant->seq = store_last_row(store);
	tenant->path = arena_printf(arena, "%s%" PRId64 "/", parent ? parent->path : "/", tenant->seq);
	store_run(store, sql_tenant_place, "tti", tenant->id, tenant->path, tenant->level);
	tenant_save(store, tenant);
}

void tenant_save(struct store *store, const struct tenant *t)
{
	store_run(store, sql_tenant_save,
	    "ttttt"
	    "ib"
	    "ttt"
	    "ttttt"
	    "bbbb"
	    "tii"
	    "ttiii",
	    t->id, t->parent_id, t->kind, t->name, store_fold(store, NULL, t->name), t->version,
	    (int)t->enabled, t->customer_type, t->customer_id, t->internal_tag, t->language, t->contact,
	    t->billing_contact, t->default_idp_id, t->operation_status, (int)t->update_lock,
	    (int)t->ancestral_access, (int)t->mfa, (int)t->enhanced_security, t->lock_owner, t->updated,
	    t->deleted, t->pricing_mode, t->currency, t->pricing_version, t->production_start, t->created);
}

void tenant_touch(struct store *store, const char *id, int64_t when)
{
	store_run(store, sql_tenant_touch, "ti", id, when);
}

bool tenant_name_free(struct store *store, const char *parent_id, const char *name, const char *but)
{
	sqlite3_stmt *q =
	    store_query(store, sql_tenant_name_taken, "ttt", parent_id, store_fold(store, NULL, name), but);
	bool taken = store_next(store, q);

	if (taken)
		store_done(q);
	return !taken;
}

void tenant_move(
    struct store *store, struct arena *arena, const struct tenant *tenant, const struct tenant *parent)
{
	const char *path = arena_printf(arena, "%s%" PRId64 "/", parent->path, tenant->seq);

	store_run(store, sql_tenant_move_tree, "tti", tenant->path, path, parent->level + 1 - tenant->level);
}

void tenant_delete_tree(struct store *store, const struct tenant *tenant, int64_t when)
{
	store_run(store, sql_user_delete_tree, "ti", tenant->path, when);
	store_run(store, sql_tenant_delete_tree, "ti", tenant->path, when);
}

void tenant_restore_tree(struct store *store, const struct tenant *tenant, int64_t when)
{
	store_run(store, sql_user_restore_tree, "tii", tenant->path, tenant->deleted, when);
	store_run(store, sql_tenant_restore_tree, "tii", tenant->path, tenant->deleted, when);
}

bool tenant_path_dead(struct store *store, const struct tenant *tenant)
{
	sqlite3_stmt *q = store_query(store, sql_tenant_path_dead, "t", tenant->id);
	bool dead = store_next(store, q);

	if (dead)
		store_done(q);
	return dead;
}

void tenant_list(struct store *store, struct arena *arena, const struct tenant_filter *f,
    bool (*each)(void *ctx, const struct tenant *), void *ctx)
{
	const char *root = f->root->path;
	int deleted = f->deleted_too;
	int64_t until = f->made_until ? f->made_until : INT64_MAX;
	struct tenant tenant;
	sqlite3_stmt *q;

	if (f->ids)
		q = store_query(store, sql_tenants_of_ids, "tbtiiiii", f->ids, deleted, root, f->after_level,
		    f->after_seq, f->updated_after, f->limit, until);
	else if (f->parent_id)
		q = store_query(store, sql_tenants_of_parent, "tbtiiii", f->parent_id, deleted, root,
		    f->after_seq, f->updated_after, f->limit, until);
	else
		q = store_query(store, sql_tenants_below, "tbiiiii", root, deleted, f->after_level,
		    f->after_seq, f->updated_after, f->limit, until);
	while (store_next(store, q)) {
		read_row(q, arena, &tenant);
		if (each(ctx, &tenant))
			continue;
		store_done(q);
		return;
	}
}
