/* Rows of what a tenant has: offering items, bindings, settings, usage; see records.h. */
#include "sandbox/records.h"
#include "sandbox/store.h"
#include "sandbox_sql.h"

bool item_load(struct store *store, const char *tenant_id, int64_t item, struct item_state *out)
{
	sqlite3_stmt *q = store_query(store, sql_item_state, "ti", tenant_id, item);

	*out = (struct item_state){.item = item};
	if (!store_next(store, q))
		return false;
	out->on = column_bool(q, 0);
	out->has_value = sqlite3_column_type(q, 1) != SQLITE_NULL;
	out->value = column_int(q, 1);
	out->has_overage = sqlite3_column_type(q, 2) != SQLITE_NULL;
	out->overage = column_int(q, 2);
	out->version = column_int(q, 3);
	out->updated = column_int(q, 4);
	store_done(q);
	return true;
}

void item_save(struct store *store, const char *tenant_id, const struct item_state *s)
{
	store_run(store, sql_item_save, "tibbibiii", tenant_id, s->item, (int)s->on, (int)s->has_value,
	    s->value, (int)s->has_overage, s->overage, s->version, s->updated);
}

static bool any_row(struct store *store, sqlite3_stmt *q)
{
	if (!store_next(store, q))
		return false;
	store_done(q);
	return true;
}

bool binding_exists(struct store *store, const char *tenant_id, const char *application_id)
{
	return any_row(store, store_query(store, sql_binding_exists, "tt", tenant_id, application_id));
}

void binding_set(struct store *store, const char *tenant_id, const char *application_id, bool on)
{
	store_run(store, on ? sql_binding_add : sql_binding_remove, "tt", tenant_id, application_id);
}

bool setting_load(
    struct store *store, struct arena *arena, const char *tenant_id, const char *name, struct setting *out)
{
	sqlite3_stmt *q = store_query(store, sql_setting, "tt", tenant_id, name);

	if (!store_next(store, q))
		return false;
	*out = (struct setting){column_text(q, 0, arena), column_bool(q, 1), column_bool(q, 2)};
	store_done(q);
	return true;
}

void setting_save(struct store *store, const char *tenant_id, const char *name, const struct setting *s)
{
	store_run(
	    store, sql_setting_save, "tttbb", tenant_id, name, s->value, (int)s->lock, (int)s->exclusive);
}

void setting_delete(struct store *store, const char *tenant_id, const char *name)
{
	store_run(store, sql_setting_delete, "tt", tenant_id, name);
}

int64_t usage_load(struct store *store, const char *tenant_id, int64_t item)
{
	sqlite3_stmt *q = store_query(store, sql_usage_value, "ti", tenant_id, item);
	int64_t value = 0;

	if (!store_next(store, q))
		return 0;
	value = column_int(q, 0);
	store_done(q);
	return value;
}

void usage_save(struct store *store, const char *tenant_id, int64_t item, int64_t value)
{
	store_run(store, sql_usage_save, "tii", tenant_id, item, value);
}
