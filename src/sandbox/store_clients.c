/* Rows of API clients and their tokens; see records.h. */
#include "sandbox/records.h"
#include "sandbox/store.h"
#include "sandbox_sql.h"

static bool read_client(struct store *store, struct arena *arena, sqlite3_stmt *q, struct api_client *out)
{
	if (!store_next(store, q))
		return false;
	*out = (struct api_client){.id = column_text(q, 0, arena),
	    .secret = column_text(q, 1, arena),
	    .tenant_id = column_text(q, 2, arena),
	    .auth_method = column_text(q, 3, arena),
	    .data = column_text(q, 4, arena),
	    .created_by = column_text(q, 5, arena),
	    .created = column_int(q, 6),
	    .last_access = column_int(q, 7),
	    .enabled = column_bool(q, 8)};
	store_done(q);
	return true;
}

bool client_load(struct store *store, struct arena *arena, const char *id, struct api_client *out)
{
	return read_client(store, arena, store_query(store, sql_client_by_id, "t", id), out);
}

bool client_first(struct store *store, struct arena *arena, struct api_client *out)
{
	return read_client(store, arena, store_query(store, sql_client_first, ""), out);
}

void client_save(struct store *store, const struct api_client *c)
{
	store_run(store, sql_client_save, "ttttttiib", c->id, c->secret, c->tenant_id, c->auth_method,
	    c->data, c->created_by, c->created, c->last_access, (int)c->enabled);
}

bool token_load(struct store *store, struct arena *arena, const char *text, struct token *out)
{
	sqlite3_stmt *q = store_query(store, sql_token_by_text, "t", text);

	if (!store_next(store, q))
		return false;
	*out = (struct token){column_text(q, 0, arena), column_text(q, 1, arena), column_text(q, 2, arena),
	    column_text(q, 3, arena), column_int(q, 4)};
	store_done(q);
	return true;
}

void token_add(struct store *store, const struct token *t)
{
	store_run(store, sql_token_add, "tttti", t->text, t->client_id, t->tenant_id, t->use, t->expires);
}

void tokens_forget(struct store *store, const char *text)
{
	store_run(store, sql_token_forget, "t", text);
}
