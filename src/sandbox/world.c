/* The first world; see world.h. */
#include "sandbox/world.h"

#include <string.h>

#include "sandbox/catalog.h"
#include "sandbox/items.h"
#include "sandbox/seed.h"
#include "sandbox/store.h"
#include "sandbox/tenant_rules.h"
#include "sandbox/user_rules.h"
#include "tenantry/log.h"

#define ROOT_TENANT "d157b000-0000-4000-8000-000000000000"
#define STRANGER_TENANT "d157b000-0000-4000-8000-000000000002"
#define STRANGER_CHILD "d157b000-0000-4000-8000-000000000003"
#define STRANGER_USER "d157b000-0000-4000-8000-000000000004"

bool world_distributor(struct exchange *x, struct tenant *out)
{
	struct api_client client;

	return client_first(x->box->store, x->arena, &client) &&
	       tenant_load(x->box->store, x->arena, client.tenant_id, out);
}

static void add_partner(
    struct exchange *x, const struct tenant *parent, const char *id, const char *name, struct tenant *out)
{
	tenant_defaults(x, id, parent ? "partner" : "root", name, out);
	tenant_add(x->box->store, x->arena, parent, out);
	for (size_t i = 0; i < application_count(); i++)
		binding_set(x->box->store, id, applications[i].id, true);
	for (int64_t i = 0; i < (int64_t)catalog_count(); i++) {
		struct item_state state = {.item = i};
		item_switch(x, out, &state, true);
	}
}

/* Somebody else's tenants: what a client must not see, and a login that is taken elsewhere. */
static void add_stranger(struct exchange *x, const struct tenant *root)
{
	struct tenant stranger, child;
	struct user user;

	add_partner(x, root, STRANGER_TENANT, "Another Distributor", &stranger);
	add_partner(x, &stranger, STRANGER_CHILD, "Somebody Else's Reseller", &child);
	user_defaults(x, STRANGER_USER, &child, "taken.elsewhere@example.com", &user);
	user_add(x->box->store, &user);
}

static void add_client(struct exchange *x, const struct seed_head *head, const char *tenant_id)
{
	const struct sandbox_settings *s = x->box->settings;
	struct api_client client = {.id = s->client_id      ? s->client_id
					  : head->client_id ? head->client_id
							    : WELL_KNOWN_CLIENT,
	    .secret = s->client_secret      ? s->client_secret
		      : head->client_secret ? head->client_secret
					    : WELL_KNOWN_SECRET,
	    .tenant_id = tenant_id,
	    .auth_method = "client_secret_basic",
	    .data = "{\"client_name\":\"sandbox\"}",
	    .created_by = ROOT_TENANT,
	    .created = store_stamp(x->box->store),
	    .enabled = true};

	client_save(x->box->store, &client);
}

static int make_world(struct exchange *x, struct error *err)
{
	struct seed seed = {0};
	struct tenant root, distributor;
	int rc = x->box->settings->seed ? seed_read(&seed, x, x->box->settings->seed, err) : 0;

	if (rc == 0) {
		const struct seed_head *head = &seed.head;
		add_partner(x, NULL, ROOT_TENANT, "Root", &root);
		add_partner(x, &root, head->tenant_id ? head->tenant_id : WELL_KNOWN_TENANT,
		    head->tenant_name ? head->tenant_name : "Example Distribution", &distributor);
		add_stranger(x, &root);
		add_client(x, head, distributor.id);
		x->root = distributor;
		rc = seed_apply(&seed, x, &distributor, err);
	}
	seed_free(&seed);
	return rc;
}

/* The command line names another client than the state has: the same tenant gets that one too. */
static void take_client(struct exchange *x)
{
	const struct sandbox_settings *s = x->box->settings;
	struct api_client client;
	bool known;

	if (!s->client_id && !s->client_secret)
		return;
	known = s->client_id ? client_load(x->box->store, x->arena, s->client_id, &client) : false;
	if (!known && !client_first(x->box->store, x->arena, &client))
		return;
	client.id = s->client_id ? s->client_id : client.id;
	client.secret = s->client_secret ? s->client_secret : client.secret;
	client_save(x->box->store, &client);
}

int world_prepare(struct sandbox *box, struct error *err)
{
	bool fresh = store_is_empty(box->store);
	struct exchange x;
	int rc = 0;

	exchange_init(&x, box);
	store_begin(box->store);
	if (fresh)
		rc = make_world(&x, err);
	else
		take_client(&x);
	if (!fresh && box->settings->seed)
		log_warn(
		    "the state in %s has a world already: --seed is not read again", box->settings->state);
	if (rc == 0 && store_failed(box->store))
		rc = error_set(
		    err, ERR_INTERNAL, "cannot make the sandbox's world: %s", store_failed(box->store));
	if (rc == 0)
		store_commit(box->store);
	else
		store_rollback(box->store);
	exchange_free(&x);
	return rc;
}
