/* Tokens and clients (notes section 1). */
#include <stdlib.h>
#include <string.h>

#include "sandbox/caller.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"
#include "tenantry/digest.h"

static const char narrow_scope[] = "urn:acronis.com:tenant-id:";

static const char *new_token(
    struct exchange *x, const char *use, const char *client_id, const char *tenant_id, int64_t life_ms)
{
	char text[65];

	store_new_token(text, sizeof text);
	struct token token = {
	    arena_strdup(x->arena, text), client_id, tenant_id, use, store_clock(x->box->store) + life_ms};
	token_add(x->box->store, &token);
	return token.text;
}

static void reply_token(
    struct exchange *x, const struct form *form, const char *client_id, const char *tenant_id)
{
	int64_t life = x->box->settings->token_life_ms;
	const char *scope = form_get(form, "scope"),
		   *text = new_token(x, "access", client_id, tenant_id, life);
	char id_token[65];

	store_new_token(id_token, sizeof id_token);
	json_t *reply = json_pack("{s:s, s:s, s:s, s:I, s:I}", "access_token", text, "token_type", "bearer",
	    "id_token", id_token, "expires_in", (json_int_t)(life / 1000), "expires_on",
	    (json_int_t)((store_clock(x->box->store) + life) / 1000));
	if (scope && strstr(scope, "offline_access"))
		json_object_set_new(reply, "refresh_token",
		    json_string(new_token(x, "refresh", client_id, tenant_id, life * 12)));
	x->no_store = true;
	reply_json(x, 200, reply);
}

static void by_credentials(struct exchange *x, const struct form *form)
{
	const char *id = NULL, *secret = NULL;
	struct api_client client;
	struct tenant tenant;

	if (!caller_basic(x, &id, &secret)) {
		id = form_get(form, "client_id");
		secret = form_get(form, "client_secret");
		exchange_note(x,
		    "credentials in the body work for every client here; really only for client_secret_post ones");
	}
	switch (caller_check(x, id, secret, &client, &tenant)) {
	case CREDENTIALS_WRONG:
		reply_token_error(x, 401, "invalid_client", "unknown client or wrong secret");
		json_object_set_new(x->reply, "domain", json_string("Access"));
		json_object_set_new(x->reply, "reason", json_string("InvalidClient"));
		return;
	case CREDENTIALS_DISABLED:
		exchange_note(x, "assumption: 403 access_denied for clients of a disabled tenant");
		reply_token_error(x, 403, "access_denied", "the client or its tenant is disabled");
		return;
	case CREDENTIALS_GOOD:
		client.last_access = store_clock(x->box->store);
		client_save(x->box->store, &client);
		reply_token(x, form, client.id, client.tenant_id);
	}
}

/* A token for one tenant below the caller's, in exchange for the caller's own. */
static void by_assertion(struct exchange *x, const struct form *form)
{
	const char *assertion = form_get(form, "assertion"), *scope = form_get(form, "scope");
	const char *wanted = scope ? strstr(scope, narrow_scope) : NULL;
	struct token token;
	struct tenant from, to;
	char id[UUID_TEXT_SIZE];

	if (!assertion || !token_load(x->box->store, x->arena, assertion, &token) ||
	    token.expires <= store_clock(x->box->store)) {
		reply_token_error(x, 401, "invalid_grant", "the assertion is not a valid access token");
		return;
	}
	if (!wanted || strlen(wanted) < sizeof narrow_scope - 1 + 36 ||
	    !uuid_normal((struct strv){wanted + sizeof narrow_scope - 1, 36}, id)) {
		reply_token_error(x, 400, "invalid_request", "scope must be urn:acronis.com:tenant-id:UUID");
		return;
	}
	if (!tenant_load(x->box->store, x->arena, token.tenant_id, &from) ||
	    !tenant_load(x->box->store, x->arena, id, &to) || to.deleted || !tenant_below(&to, &from)) {
		reply_token_error(x, 403, "access_denied", "that tenant is not below the caller's");
		return;
	}
	reply_token(x, form, token.client_id, to.id);
}

static void by_refresh(struct exchange *x, const struct form *form)
{
	const char *text = form_get(form, "refresh_token");
	struct token token;

	if (!text || !token_load(x->box->store, x->arena, text, &token) ||
	    strcmp(token.use, "refresh") != 0 || token.expires <= store_clock(x->box->store)) {
		reply_token_error(x, 401, "invalid_grant", "unknown or expired refresh token");
		return;
	}
	reply_token(x, form, token.client_id, token.tenant_id);
}

void api_token(struct exchange *x)
{
	struct form form = {0};
	const char *grant = NULL;

	if (!x->content_type || strncasecmp(x->content_type, "application/x-www-form-urlencoded", 33) != 0 ||
	    !form_parse(&form, x->arena, x->body))
		reply_token_error(
		    x, 400, "invalid_request", "the body must be application/x-www-form-urlencoded");
	else if (!(grant = form_get(&form, "grant_type")))
		reply_token_error(x, 400, "invalid_request", "grant_type is required");
	else if (strcmp(grant, "client_credentials") == 0)
		by_credentials(x, &form);
	else if (strcmp(grant, "urn:ietf:params:oauth:grant-type:jwt-bearer") == 0)
		by_assertion(x, &form);
	else if (strcmp(grant, "refresh_token") == 0)
		by_refresh(x, &form);
	else
		reply_token_error(
		    x, 400, "unsupported_grant_type", "the sandbox has no people who could log in");
}

static json_t *render_client(const struct api_client *c)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:o, s:s, s:o, s:s, s:o, s:n, s:s, s:[]}", "client_id", c->id,
	    "tenant_id", c->tenant_id, "client_secret_expires_at", 0, "type", "api_client", "data",
	    json_loads(c->data, 0, NULL), "token_endpoint_auth_method", c->auth_method, "created_at",
	    render_time(c->created), "created_by", c->created_by, "last_access_at",
	    render_time(c->last_access), "last_access_from_ip", "status", c->enabled ? "enabled" : "disabled",
	    "redirect_uris");
}

void api_client(struct exchange *x)
{
	struct api_client client;
	struct tenant tenant;
	char id[UUID_TEXT_SIZE];

	if (!uuid_normal(strv_of(x->param[0]), id) || !client_load(x->box->store, x->arena, id, &client)) {
		reply_error(x, API_NOT_FOUND, "no client %s", x->param[0]);
		return;
	}
	if (find_tenant(x, client.tenant_id, FIND_DELETED_TOO, &tenant))
		reply_json(x, 200, render_client(&client));
}

void api_client_create(struct exchange *x)
{
	static const struct check_member members[] = {
	    {.name = "tenant_id", .type = CHECK_UUID, .flags = CHECK_REQUIRED},
	    {.name = "token_endpoint_auth_method",
		.type = CHECK_TEXT,
		.choices = "client_secret_basic|client_secret_post"},
	    {.name = "data", .type = CHECK_OBJECT}, {0}};
	static const struct check_object shape = {members, true};
	char id[UUID_TEXT_SIZE], secret[41];
	struct tenant tenant;

	if (!body_read(x, &shape) ||
	    !find_tenant(x, json_string_value(json_object_get(x->json, "tenant_id")), FIND_LIVE, &tenant))
		return;
	const char *method = json_string_value(json_object_get(x->json, "token_endpoint_auth_method"));
	json_t *data = json_object_get(x->json, "data");
	char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
	store_new_id(x->box->store, arena_printf(x->arena, "client/%s/%s", tenant.id, text ? text : ""), id);
	store_new_token(secret, sizeof secret);
	struct api_client client = {.id = id,
	    .secret = secret,
	    .tenant_id = tenant.id,
	    .auth_method = method ? method : "client_secret_basic",
	    .data = text ? text : "{}",
	    .created_by = x->client_id,
	    .created = store_stamp(x->box->store),
	    .enabled = true};
	client_save(x->box->store, &client);
	json_t *reply = render_client(&client);
	json_object_set_new(reply, "client_secret", json_string(secret));
	free(text);
	reply_json(x, 201, reply);
}

/* Tools that are logged in as a person ask this for their root tenant; for a client there is no person behind
 * it. */
void api_me(struct exchange *x)
{
	reply_json(x, 200,
	    json_pack("{s:s, s:s, s:s, s:b, s:b, s:i, s:n}", "id", x->client_id, "tenant_id", x->root.id,
		"login", x->client_id, "enabled", 1, "activated", 1, "version", 1, "personal_tenant_id"));
}

/* Which data centre a login lives in: always this one. */
void api_account(struct exchange *x)
{
	const char *scheme = x->box->settings->tls ? "https" : "http";

	reply_json(x, 200,
	    json_pack("{s:o, s:o}", "login", render_text(query_text(x, "login")), "server_url",
		json_string(arena_printf(x->arena, "%s://%s", scheme, x->host ? x->host : "127.0.0.1"))));
}
