/* What the sandbox remembers, as structs: tenants, users and what hangs on them. Rows of the store
 * (store_*.c).
 *
 * Texts belong to the arena they were loaded into. Times are milliseconds since 1970, 0 is none; they never
 * repeat (store_stamp), so that "changed since" is exact.
 */
#ifndef SANDBOX_RECORDS_H
#define SANDBOX_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "tenantry/arena.h"

struct store;

/* The pricing settings and quotas count from a number that needs 64 bits, as the real ones do (notes
 * section 2.3). */
#define VERSION_64_BIT INT64_C(1497533157730)

struct tenant {
	int64_t seq;                /* order of creation */
	const char *id, *parent_id; /* the root's parent is itself */
	const char *path;           /* "/1/2/17/": numbers of the ancestors and its own */
	int64_t level;
	const char *kind, *name;
	int64_t version;
	bool enabled, has_children;
	const char *customer_type, *customer_id, *internal_tag, *language;
	const char *contact, *billing_contact; /* JSON objects; billing may be NULL */
	const char *default_idp_id, *operation_status;
	bool update_lock, ancestral_access, mfa, enhanced_security;
	const char *lock_owner;
	int64_t created, updated, deleted;
	const char *pricing_mode, *currency;
	int64_t pricing_version, production_start;
};

bool tenant_load(struct store *store, struct arena *arena, const char *id, struct tenant *out);
bool tenant_load_seq(struct store *store, struct arena *arena, int64_t seq, struct tenant *out);
/* Gives it a number, path, level and times; the rest must be set. */
void tenant_add(struct store *store, struct arena *arena, const struct tenant *parent, struct tenant *tenant);
void tenant_save(struct store *store, const struct tenant *tenant);
void tenant_touch(struct store *store, const char *id, int64_t when); /* only its time of change */
/* Is the name free below the parent, apart from the tenant `but`? Case-blind, deleted ones do not count. */
bool tenant_name_free(struct store *store, const char *parent_id, const char *name, const char *but);
/* Moves it and all below it. */
void tenant_move(
    struct store *store, struct arena *arena, const struct tenant *tenant, const struct tenant *parent);
/* Marks the subtree and its users deleted at `when`. */
void tenant_delete_tree(struct store *store, const struct tenant *tenant, int64_t when);
/* Undoes that for all that was deleted at the same moment. */
void tenant_restore_tree(struct store *store, const struct tenant *tenant, int64_t when);
/* Is it or one of its ancestors disabled or deleted? */
bool tenant_path_dead(struct store *store, const struct tenant *tenant);
static inline bool tenant_below(const struct tenant *tenant, const struct tenant *root)
{
	return __builtin_strncmp(tenant->path, root->path, __builtin_strlen(root->path)) == 0;
}

struct tenant_filter {
	const char *ids;           /* JSON array, or NULL */
	const char *parent_id;     /* or NULL */
	const struct tenant *root; /* the subtree to stay in, never NULL */
	bool deleted_too;
	int64_t updated_after; /* 0: all */
	int64_t made_until;    /* only what was made by then (and changed, with updated_after); 0: all */
	int64_t after_level, after_seq; /* 0, 0: from the start */
	int64_t limit;
};
/* In order of level and creation; stops when `each` gives false. */
void tenant_list(struct store *store, struct arena *arena, const struct tenant_filter *filter,
    bool (*each)(void *ctx, const struct tenant *), void *ctx);

struct user {
	int64_t seq;
	const char *id, *tenant_id, *login;
	int64_t version;
	bool enabled, activated;
	const char *external_id, *idp_id, *language;
	const char *business_types, *notifications; /* JSON arrays */
	const char *contact;                        /* JSON object */
	const char *origin_id, *origin_external_id, *disable_after;
	int64_t mails; /* activation mails sent */
	int64_t created, updated, deleted;
	const char *tenant_path;
};

bool user_load(struct store *store, struct arena *arena, const char *id, struct user *out);
bool user_load_login(struct store *store, struct arena *arena, const char *login, struct user *out);
void user_add(struct store *store, struct user *user);
void user_save(struct store *store, const struct user *user);
bool user_login_free(struct store *store, const char *login, const char *but);

struct user_filter {
	const char *ids, *external_ids, *tenant_id; /* JSON array, JSON array, id; NULL: any */
	const struct tenant *root;
	bool deleted_too;
	int64_t updated_after, made_until, after_seq, limit; /* as of tenants */
};
void user_list(struct store *store, struct arena *arena, const struct user_filter *filter,
    bool (*each)(void *ctx, const struct user *), void *ctx);

struct policy {
	const char *id, *user_id, *tenant_id, *role_id, *trustee_type, *issuer_id;
	int64_t version, created, updated, deleted;
};
void policy_list(struct store *store, struct arena *arena, const char *user_id, bool deleted_too,
    bool (*each)(void *ctx, const struct policy *), void *ctx);
void policy_add(struct store *store, const struct policy *policy);
void policy_delete(struct store *store, const char *id, int64_t when);

struct mail {
	int64_t at;
	const char *login, *email, *user_id, *tenant_id;
};
void mail_add(struct store *store, const struct mail *mail);
void mail_list(
    struct store *store, struct arena *arena, bool (*each)(void *ctx, const struct mail *), void *ctx);

/* A row exists only once an item was set for the tenant; `item` is its number in the catalog. */
struct item_state {
	int64_t item;
	bool on, has_value, has_overage;
	int64_t value, overage, version, updated; /* version 0: no quota was ever set */
};
bool item_load(struct store *store, const char *tenant_id, int64_t item, struct item_state *out);
void item_save(struct store *store, const char *tenant_id, const struct item_state *state);
bool binding_exists(struct store *store, const char *tenant_id, const char *application_id);
void binding_set(struct store *store, const char *tenant_id, const char *application_id, bool on);

struct setting {
	const char *value; /* JSON */
	bool lock, exclusive;
};
bool setting_load(
    struct store *store, struct arena *arena, const char *tenant_id, const char *name, struct setting *out);
void setting_save(
    struct store *store, const char *tenant_id, const char *name, const struct setting *setting);
void setting_delete(struct store *store, const char *tenant_id, const char *name);

int64_t usage_load(struct store *store, const char *tenant_id, int64_t item);
void usage_save(struct store *store, const char *tenant_id, int64_t item, int64_t value);

struct api_client {
	const char *id, *secret, *tenant_id, *auth_method, *data, *created_by;
	int64_t created, last_access;
	bool enabled;
};
bool client_load(struct store *store, struct arena *arena, const char *id, struct api_client *out);
void client_save(struct store *store, const struct api_client *client);
bool client_first(struct store *store, struct arena *arena, struct api_client *out);

struct token {
	const char *text, *client_id, *tenant_id, *use; /* "access" or "refresh" */
	int64_t expires;
};
bool token_load(struct store *store, struct arena *arena, const char *text, struct token *out);
void token_add(struct store *store, const struct token *token);
void tokens_forget(struct store *store, const char *text); /* NULL: all */

#endif
