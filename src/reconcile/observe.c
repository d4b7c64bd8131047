/* What Acronis runs, read in full: the parent's children, also those in folders, by listing, and the tenants
 * that we or the BSS know by id but that the listing does not have (moved below another parent, or deleted).
 * Reading only what changed is observe_changes.c's, details are observe_details.c's, logins
 * observe_logins.c's. */
#include "reconcile/observe_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

enum { DETAILS_A_TENANT = 3 };

/* ---- One tenant into the observation. */

static struct observed_tenant *new_item(struct gather *g, const char *id)
{
	struct observed_tenant *item = observation_add(g->observation);

	index_add(&g->ids, hash_nocase(strv_of(id)), (uint32_t)(g->observation->count - 1));
	return item;
}

struct observed_tenant *gather_keep_tenant(struct gather *g, const struct acronis_tenant *tenant)
{
	struct observation *o = g->observation;

	/* A tenant that moves between two pages comes twice: the later word counts. */
	uint32_t known = observation_find(o, &g->ids, strv_of(tenant->id));
	struct observed_tenant *item = known == INDEX_NONE ? new_item(g, tenant->id) : &o->items[known];
	const struct strv texts[] = {strv_of(tenant->id), strv_of(tenant->customer_id),
	    strv_of(tenant->internal_tag), strv_of(tenant->name), strv_of(tenant->updated_at),
	    strv_of(tenant->deleted_at)};
	const char *kept[ARRAY_LEN(texts)];
	const struct observed_tenant was = *item;
	observation_texts(o, texts, ARRAY_LEN(texts), kept);
	*item = (struct observed_tenant){.id = kept[0],
	    .customer_id = kept[1],
	    .internal_tag = kept[2],
	    .name = kept[3],
	    .updated_at = kept[4],
	    .deleted_at = kept[5],
	    .parent_id = observation_word(o, &g->words, strv_of(tenant->parent_id)),
	    .kind = observation_word(o, &g->words, strv_of(tenant->kind)),
	    .login = "",
	    .enabled = tenant->enabled};
	tenant_keep_details(item, &was);
	return item;
}

int gather_take_tenant(struct gather *g, const json_t *json, struct error *err)
{
	struct acronis_tenant tenant;

	if (acronis_tenant_decode(json, g->scratch, &tenant, err) < 0)
		return -1;
	gather_keep_tenant(g, &tenant);
	return 0;
}

/* An item with nothing but its id; NULL when it is there already. */
static struct observed_tenant *id_alone(struct gather *g, const char *id)
{
	char normal[UUID_TEXT_SIZE];

	if (observation_find(g->observation, &g->ids, strv_of(id)) != INDEX_NONE ||
	    !uuid_normal(strv_of(id), normal))
		return NULL;
	struct observed_tenant *item = new_item(g, normal);
	item->id = observation_text(g->observation, strv_of(normal));
	return item;
}

void gather_unreadable(struct gather *g, const char *id)
{
	struct observed_tenant *item = id_alone(g, id);

	if (item)
		item->unreadable = true;
}

void gather_gone(struct gather *g, const char *id)
{
	struct observed_tenant *item = id_alone(g, id);

	if (item)
		item->gone = true;
}

/* ---- The listing: all below the parent, because only the chain of parents says what stands in a folder. */

static int take_listed(struct gather *g, const json_t *json, struct error *err)
{
	struct observation *o = g->observation;
	struct acronis_tenant tenant;

	if (acronis_tenant_decode(json, g->scratch, &tenant, err) < 0)
		return -1;
	if (strv_eq_nocase(
		strv_of(tenant.id), strv_of(o->parent))) /* the root of a subtree is listed with it */
		return 0;
	if (observation_is_deep_kind(o->parent, tenant.kind, tenant.parent_id)) {
		o->deep_others++;
		return 0;
	}
	gather_keep_tenant(g, &tenant);
	return 0;
}

/* What stands below other partners is not ours: it is counted, and what we know by id is read by its id. */
static void drop_others(struct gather *g)
{
	struct observation *o = g->observation;
	bool *ours = mem_zalloc((o->count + 1) * sizeof *ours);
	size_t kept = 0;

	for (size_t i = 0; i < o->count; i++)
		ours[i] = observation_is_ours(o, &g->ids, o->parent, &o->items[i]);
	for (size_t i = 0; i < o->count; i++)
		if (ours[i])
			o->items[kept++] = o->items[i];
	o->deep_others += o->count - kept;
	o->count = kept;
	free(ours);
	index_free(&g->ids);
	observation_index(o, &g->ids);
}

static void children_end(struct gather *g, const struct ask_list *list, enum api_result result,
    const char *timestamp, const struct error *err)
{
	struct observation *o = g->observation;

	(void)list;
	snprintf(o->api_timestamp, sizeof o->api_timestamp, "%s", timestamp);
	o->complete = result == API_OK;
	if (!o->complete)
		o->trouble = arena_strdup(o->arena, err->text[0] ? err->text : api_result_name(result));
	/* Nothing at all is an error of its own, with its hint; a part is an observation that says it is one.
	 */
	if (!o->complete && o->count == 0 && g->fatal.code == ERR_NONE)
		g->fatal = *err;
}

static bool feed_children(struct gather *g)
{
	char *query = g->state;

	if (!query)
		return false;
	gather_list(g, &(struct ask_list){.item = take_listed, .end = children_end}, CALL_TENANTS, query);
	g->state = NULL;
	return true;
}

static int list_children(struct gather *g, struct error *err)
{
	char *query = mem_printf("subtree_root_id=%s", g->observe->session->parent);

	g->state = query;
	int rc = gather_run(g, feed_children, err);
	free(query);
	if (rc == 0)
		drop_others(g);
	return rc;
}

/* ---- Known ids that the listing does not have. */

/* Read by its id, there and below the parent: then the listing should have had it, and what else it lacks
 * nobody knows. Filling in the known ones would make a cut listing look whole. */
static int take_missing(struct gather *g, const json_t *json, struct error *err)
{
	struct observation *o = g->observation;
	size_t before = o->count;

	if (gather_take_tenant(g, json, err) < 0)
		return -1;
	const struct observed_tenant *item = &o->items[o->count - 1];
	if (o->count == before || !o->complete || item->deleted_at[0] || !observation_lists(o, &g->ids, item))
		return 0;
	o->complete = false;
	o->trouble =
	    arena_printf(o->arena, "tenant %s stands below the parent, and it was not listed", item->id);
	return 0;
}

/* 404 says that it is not there. 403 says that we may not see it: it may be there, switched on and billed. */
static void missing_failed(struct gather *g, const char *id, enum api_result result)
{
	if (result == API_NOT_FOUND)
		gather_gone(g, id);
	else
		gather_unreadable(g, id);
}

static int read_missing(struct gather *g, struct error *err)
{
	const struct observe *observe = g->observe;
	struct id_reading reading = {.take = take_missing, .failed = missing_failed};
	struct wanted wanted;

	wanted_make(&wanted, observe->known, observe->known_count, observe->subscriptions);
	for (size_t i = 0; i < wanted.count; i++)
		if (observation_find(g->observation, &g->ids, strv_of(wanted.ids[i])) == INDEX_NONE)
			wanted_add(&reading.ids, wanted.ids[i]);
	int rc = gather_ids(g, &reading, err);
	wanted_free(&reading.ids);
	wanted_free(&wanted);
	return rc;
}

/* ---- The whole. */

static int read_all(struct gather *g, struct error *err)
{
	if (list_children(g, err) < 0)
		return -1;
	/* A cut listing is refused by the guard; reading the details of what there is would only cost calls.
	 */
	if (!g->observation->complete)
		return 0;
	if (read_missing(g, err) < 0)
		return -1;
	return g->observation->complete ? observe_details(g, err) : 0;
}

static struct observation *observe_all(const struct observe *observe, struct error *err)
{
	struct observation *o = observation_new();
	struct gather *g = gather_new(observe, o);

	o->taken_at = o->full_at = clock_wall_ms(observe->clock);
	o->parent = observation_text(o, strv_of(observe->session->parent));
	o->source = observation_text(o, strv_of(observe->job->acronis.url));
	int rc = read_all(g, err);
	o->requests = acronis_stats(g->client).requests - g->requests_before;
	gather_free(g);
	if (rc < 0) {
		observation_free(o);
		return NULL;
	}
	observation_sort(o);
	return o;
}

struct observation *observe_tenants(const struct observe *observe, struct error *err)
{
	return observe->base ? observe_changes(observe, err) : observe_all(observe, err);
}

uint64_t observe_requests(const struct job *job, uint64_t tenants)
{
	uint64_t page = job->acronis.page_size > 0 ? (uint64_t)job->acronis.page_size : 1;
	uint64_t pages = tenants == 0 ? 1 : (tenants + page - 1) / page;

	return pages + tenants * DETAILS_A_TENANT + (job->reconcile.users == USERS_ALL ? pages : 0);
}
