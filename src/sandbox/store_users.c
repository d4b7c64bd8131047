/* Rows of users, their roles and their mails; see records.h. */
#include <string.h>

#include "sandbox/records.h"
#include "sandbox/store.h"
#include "sandbox_sql.h"

/* The order of the view user_row in schema.sql. */
static void read_row(sqlite3_stmt *q, struct arena *arena, struct user *u)
{
	int c = 0;

	u->seq = column_int(q, c++);
	u->id = column_text(q, c++, arena);
	u->tenant_id = column_text(q, c++, arena);
	u->login = column_text(q, c++, arena);
	u->version = column_int(q, c++);
	u->enabled = column_bool(q, c++);
	u->activated = column_bool(q, c++);
	u->external_id = column_text(q, c++, arena);
	u->idp_id = column_text(q, c++, arena);
	u->language = column_text(q, c++, arena);
	u->business_types = column_text(q, c++, arena);
	u->notifications = column_text(q, c++, arena);
	u->contact = column_text(q, c++, arena);
	u->origin_id = column_text(q, c++, arena);
	u->origin_external_id = column_text(q, c++, arena);
	u->disable_after = column_text(q, c++, arena);
	u->mails = column_int(q, c++);
	u->created = column_int(q, c++);
	u->updated = column_int(q, c++);
	u->deleted = column_int(q, c++);
	u->tenant_path = column_text(q, c++, arena);
}

static bool load_one(struct store *store, struct arena *arena, sqlite3_stmt *q, struct user *out)
{
	if (!store_next(store, q))
		return false;
	read_row(q, arena, out);
	store_done(q);
	return true;
}

bool user_load(struct store *store, struct arena *arena, const char *id, struct user *out)
{
	return load_one(store, arena, store_query(store, sql_user_by_id, "t", id), out);
}

bool user_load_login(struct store *store, struct arena *arena, const char *login, struct user *out)
{
	const char *key = store_fold(store, arena, login);

	return load_one(store, arena, store_query(store, sql_user_by_login, "t", key), out);
}

static void write_row(struct store *store, const char *sql, const struct user *u)
{
	store_run(store, sql,
	    "tttt"
	    "ibb"
	    "tttttt"
	    "ttt"
	    "iiii",
	    u->id, u->tenant_id, u->login, store_fold(store, NULL, u->login), u->version, (int)u->enabled,
	    (int)u->activated, u->external_id, u->idp_id, u->language, u->business_types, u->notifications,
	    u->contact, u->origin_id, u->origin_external_id, u->disable_after, u->mails, u->created,
	    u->updated, u->deleted);
}

void user_add(struct store *store, struct user *user)
{
	user->updated = store_stamp(store);
	user->created = user->created ? user->created : user->updated;
	write_row(store, sql_user_insert, user);
}

void user_save(struct store *store, const struct user *user)
{
	write_row(store, sql_user_save, user);
}

bool user_login_free(struct store *store, const char *login, const char *but)
{
	sqlite3_stmt *q = store_query(store, sql_user_login_taken, "tt", store_fold(store, NULL, login), but);
	bool taken = store_next(store, q);

	if (taken)
		store_done(q);
	return !taken;
}

void user_list(struct store *store, struct arena *arena, const struct user_filter *f,
    bool (*each)(void *ctx, const struct user *), void *ctx)
{
	int deleted = f->deleted_too;
	int64_t until = f->made_until ? f->made_until : INT64_MAX;
	struct user user;
	sqlite3_stmt *q;

	if (f->tenant_id && !f->ids)
		q = store_query(store, sql_users_of_tenant, "tibitii", f->tenant_id, f->after_seq, deleted,
		    f->updated_after, f->external_ids, f->limit, until);
	else
		q = store_query(store, sql_users_below, "tbiitttii", f->root->path, deleted, f->after_seq,
		    f->updated_after, f->tenant_id, f->ids, f->external_ids, f->limit, until);
	while (store_next(store, q)) {
		read_row(q, arena, &user);
		if (each(ctx, &user))
			continue;
		store_done(q);
		return;
	}
}

void policy_list(struct store *store, struct arena *arena, const char *user_id, bool deleted_too,
    bool (*each)(void *ctx, const struct policy *), void *ctx)
{
	sqlite3_stmt *q = store_query(store, sql_policies_of_user, "tb", user_id, (int)deleted_too);
	struct policy p;

	while (store_next(store, q)) {
		p = (struct policy){column_text(q, 0, arena), column_text(q, 1, arena),
		    column_text(q, 2, arena), column_text(q, 3, arena), column_text(q, 4, arena),
		    column_text(q, 5, arena), column_int(q, 6), column_int(q, 7), column_int(q, 8),
		    column_int(q, 9)};
		if (each(ctx, &p))
			continue;
		store_done(q);
		return;
	}
}

void policy_add(struct store *store, const struct policy *p)
{
	store_run(store, sql_policy_insert, "ttttttiii", p->id, p->user_id, p->tenant_id, p->role_id,
	    p->trustee_type, p->issuer_id, p->version, p->created, p->updated);
}

void policy_delete(struct store *store, const char *id, int64_t when)
{
	store_run(store, sql_policy_delete, "ti", id, when);
}

void mail_add(struct store *store, const struct mail *mail)
{
	store_run(store, sql_mail_insert, "itttt", mail->at, mail->login, mail->email, mail->user_id,
	    mail->tenant_id);
}

void mail_list(
    struct store *store, struct arena *arena, bool (*each)(void *ctx, const struct mail *), void *ctx)
{
	sqlite3_stmt *q = store_query(store, sql_mails, "");
	struct mail mail;

	while (store_next(store, q)) {
		mail = (struct mail){column_int(q, 0), column_text(q, 1, arena), column_text(q, 2, arena),
		    column_text(q, 3, arena), column_text(q, 4, arena)};
		if (each(ctx, &mail))
			continue;
		store_done(q);
		return;
	}
}
