/* Authentication; see caller.h. */
#include "sandbox/caller.h"

#include <string.h>

#include "sandbox/operations.h"
#include "sandbox/store.h"
#include "tenantry/digest.h"

bool caller_basic(struct exchange *x, const char **user, const char **password)
{
	struct strv plain;

	if (!x->authorization || strncasecmp(x->authorization, "Basic ", 6) != 0 ||
	    !base64_decode(x->arena, strv_trim(strv_of(x->authorization + 6)), &plain))
		return false;
	char *text = arena_strndup(x->arena, plain.p, plain.n), *colon = strchr(text, ':');
	if (!colon)
		return false;
	*colon = '\0';
	*user = text;
	*password = colon + 1;
	return true;
}

enum credentials caller_check(struct exchange *x, const char *client_id, const char *secret,
    struct api_client *client, struct tenant *tenant)
{
	char id[UUID_TEXT_SIZE];

	if (!client_id || !secret || !uuid_normal(strv_of(client_id), id) ||
	    !client_load(x->box->store, x->arena, id, client) || strcmp(client->secret, secret) != 0)
		return CREDENTIALS_WRONG;
	if (!client->enabled || !tenant_load(x->box->store, x->arena, client->tenant_id, tenant) ||
	    tenant_path_dead(x->box->store, tenant))
		return CREDENTIALS_DISABLED;
	return CREDENTIALS_GOOD;
}

static bool refuse(struct exchange *x, const char *why)
{
	reply_error(x, API_UNAUTHORIZED, "%s", why);
	return false;
}

/* Example clients that make their own API client do it with a person's login; here the client id and secret
 * serve. */
static bool by_basic(struct exchange *x)
{
	const char *user, *password;
	struct api_client client;

	if (!caller_basic(x, &user, &password) ||
	    caller_check(x, user, password, &client, &x->root) != CREDENTIALS_GOOD)
		return refuse(x, "wrong user name or password");
	exchange_note(x, "the sandbox has no people's passwords: the client id and secret served as login");
	x->client_id = client.id;
	return true;
}

bool caller_authenticate(struct exchange *x)
{
	struct store *store = x->box->store;
	struct token token;

	if ((x->operation->flags & OP_EXTRA) && x->authorization &&
	    strncasecmp(x->authorization, "Basic ", 6) == 0)
		return by_basic(x);
	if (!x->authorization || strncasecmp(x->authorization, "Bearer ", 7) != 0)
		return refuse(x, "a Bearer token is needed");
	if (!token_load(store, x->arena, x->authorization + 7, &token) || strcmp(token.use, "access") != 0)
		return refuse(x, "unknown token");
	if (token.expires <= store_clock(store))
		return refuse(x, "the token has expired");
	if (!tenant_load(store, x->arena, token.tenant_id, &x->root) || tenant_path_dead(store, &x->root)) {
		exchange_note(x,
		    "assumption: clients of a disabled tenant get 401 (only that they stop working is documented)");
		return refuse(x, "the client's tenant is disabled");
	}
	x->client_id = token.client_id;
	return true;
}
