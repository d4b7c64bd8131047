/* What Acronis and the BSS show of our order items: tenants with our tags, the users made for them,
 * subscriptions. Only reads. */
#include "rebuild_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/order_key.h"
#include "tenantry/progress.h"
#include "tenantry/signals.h"

/* The part of a tag behind "BSS/"; NULL when it is none of ours. */
static const char *item_of_tag(const struct job *job, const char *tag)
{
	size_t n = strlen(job->bss.name);

	return strncmp(tag, job->bss.name, n) == 0 && tag[n] == '/' && tag[n + 1] ? tag + n + 1 : NULL;
}

static const char *tier_of_value(const struct job *job, const struct observed_tenant *tenant)
{
	for (size_t i = 0; tenant->has_tier && i < job->contract.tier_count; i++)
		if (job->contract.tiers[i].acronis == tenant->tier_value && job->contract.tiers[i].sold)
			return job->contract.tiers[i].name;
	return "";
}

/* An item that no run folder remembers. What the order said is not known: the digest is none. */
static void describe(struct rebuild *r, struct found_item *item, const struct observed_tenant *tenant)
{
	struct item_record *record = &item->record;
	char subscription[UUID_TEXT_SIZE];
	struct strbuf order_id = {0}, item_id = {0};

	order_key_split(r->job->bss.order_key, r->job->bss.name, record->key, &order_id, &item_id);

	*record = (struct item_record){.key = record->key,
	    .order_id = order_id.p,
	    .item_id = item_id.p,
	    .account_id = tenant->customer_id,
	    .account = tenant->name,
	    .login = "",
	    .subscription_id = uuid_from_name("subscription", strv_of(record->key), subscription),
	    .tenant_id = tenant->id,
	    .user_id = "",
	    .tier = tier_of_value(r->job, tenant),
	    .currency = tenant->currency,
	    .digest = "",
	    .reason = "",
	    .text = "",
	    .run_id = "",
	    .source = "",
	    .start_date = "",
	    .ordered_action = "",
	    .ordered_product = "",
	    .ordered_tier = "",
	    .parent_order_id = "",
	    .content = "",
	    .blocker = "",
	    .action = ACTION_NEW,
	    .state = ITEM_RUNNING,
	    .step = STEP_SUBSCRIPTION,
	    .attempts = 1};
	item_record_keep(record, r->arena);
	strbuf_free(&order_id);
	strbuf_free(&item_id);
}

static void take_tenants(struct rebuild *r)
{
	for (size_t i = 0; i < r->observation->count; i++) {
		const struct observed_tenant *tenant = &r->observation->items[i];
		if (tenant->unreadable || tenant->deleted_at[0] || !item_of_tag(r->job, tenant->internal_tag))
			continue;
		struct found_item *item = rebuild_item(r, tenant->internal_tag);
		r->out->tenants++;
		if (!item->from_folder && !item->tenant)
			describe(r, item, tenant);
		item->tenant = tenant;
		if (!item->record.tenant_id[0])
			item->record.tenant_id = arena_strdup(r->arena, tenant->id);
	}
}

/* ---- Users: one paged listing, since a call a tenant would take far longer. */

static int take_user(void *user, const json_t *json, struct error *err)
{
	struct rebuild *r = user;
	struct arena *scratch = arena_new();
	struct acronis_user found;
	int rc = acronis_user_decode(json, scratch, &found, err);
	struct found_item *item = rc == 0 && found.external_id[0] ? rebuild_find(r, found.external_id) : NULL;

	if (item && !found.deleted_at[0] &&
	    strv_eq_nocase(strv_of(found.tenant_id), strv_of(item->record.tenant_id))) {
		item->has_user = true;
		item->user_activated = found.activated;
		item->record.user_id = arena_strdup(r->arena, found.id);
		if (!item->record.login[0])
			item->record.login = arena_strdup(r->arena, found.login);
	}
	arena_free(scratch);
	return rc;
}

static int read_users(struct rebuild *r, const struct connection *connection, struct error *err)
{
	char *query = mem_printf("subtree_root_tenant_id=%s", r->parent);
	struct acronis_listing listing = {.call = CALL_USERS, .query = query, .item = take_user, .user = r};
	int rc = acronis_list_wait(connection->client, &listing, NULL, err);

	free(query);
	return rc < 0 ? error_prefix(err, "users below %s", r->parent) : 0;
}

/* ---- The BSS: a subscription that is past its beginning was written back, so the order had come to its end.
 */

static bool is_billed(const struct facts *facts, const struct found_item *item)
{
	char id[UUID_TEXT_SIZE];

	if (!uuid_normal(strv_of(item->record.tenant_id), id))
		return false;
	const struct subscription *s = facts_subscription_by_external(facts, strv_of(id));
	return s && strcmp(s->account_id, item->record.account_id) == 0 &&
	       s->status != SUBSCRIPTION_PENDING && s->status != SUBSCRIPTION_FAILED;
}

static int read_subscriptions(struct rebuild *r, struct error *err)
{
	struct subscriptions *subscriptions;
	struct facts *facts;

	if (r->job->bss.subscriptions.kind == SOURCE_NONE)
		return 0;
	subscriptions = subscriptions_load(r->job, err);
	if (!subscriptions)
		return -1;
	facts = facts_new();
	facts_add_subscriptions(facts, subscriptions);
	for (struct found_item *item = r->first; item; item = item->next)
		item->billed = is_billed(facts, item);
	facts_free(facts);
	subscriptions_free(subscriptions);
	return 0;
}

static int read_world(struct rebuild *r, const struct connection *connection, struct error *err)
{
	struct observe observe = {
	    .job = r->job, .session = &connection->session, .clock = r->clock, .stop = signals_stop()};

	r->parent = arena_strdup(r->arena, connection->session.parent);
	r->observation = observe_tenants(&observe, err);
	progress_clear();
	if (!r->observation)
		return -1;
	/* A part of the tenants would make a ledger that has forgotten the others. */
	if (!r->observation->complete) {
		error_set(err, ERR_ACRONIS, "the listing of tenants did not come to its end: %s",
		    r->observation->trouble);
		return error_hint(err, "nothing was made; try again later");
	}
	take_tenants(r);
	return read_users(r, connection, err);
}

int rebuild_observe(struct rebuild *r, struct error *err)
{
	struct connection connection;
	int rc;

	if (connection_open(&connection, r->job, false, r->clock, r->arena, err) < 0)
		return -1;
	rc = read_world(r, &connection, err);
	connection_close(&connection);
	return rc < 0 ? -1 : read_subscriptions(r, err);
}
