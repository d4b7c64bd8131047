/* What Acronis runs, read in full: the parent's children, also those in folders, by listing, and the tenants
 * that we or the BSS know by id but that the listing does not have (moved below another parent, or deleted).
 * Reading only what changed is observe_changes.c's, details are observe_details.c's, logins
 * observe_logins.c's. */
#include "reconcile/observe_impl.h"

#include <inttypes.h>
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
	o->elements++;
	id_set_add(&g->listed, tenant.id);
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

void gather_list_ended(struct observation *o, enum api_result result, const struct error *err)
{
	o->complete = result == API_OK;
	if (o->complete)
		return;
	struct error *kept = arena_alloc(o->arena, sizeof *kept);
	*kept = *err;
	o->list_error = kept;
	o->list_final = !list_may_be_read_again(result);
	o->trouble = arena_strdup(o->arena, err->text[0] ? err->text : api_result_name(result));
}

static void children_end(struct gather *g, const struct ask_list *list, enum api_result result,
    const char *timestamp, const struct error *err)
{
	struct observation *o = g->observation;

	(void)list;
	snprintf(o->api_timestamp, sizeof o->api_timestamp, "%s", timestamp);
	gather_list_ended(o, result, err);
}

static bool feed_children(struct gather *g)
{
	char *query = g->state;

	if (!query)
		return false;
	const struct observe *observe = g->observe;
	uint64_t known = observe->known_count + (observe->subscriptions ? observe->subscriptions->count : 0);
	int64_t last = listing_guess(observe->last_elements > 0 ? observe->last_elements : -1, known);
	struct ask_list list = {
	    .last = last > 0 ? (uint64_t)last : 0, .item = take_listed, .end = children_end};
	gather_list(g, &list, CALL_TENANTS, query);
	g->state = NULL;
	return true;
}

static void not_whole(struct observation *o, enum listing_fault fault, const char *why)
{
	if (!o->complete || fault == LISTING_WHOLE)
		return;
	o->complete = false;
	o->fault = fault;
	o->trouble = why;
}

static void judge_size(struct gather *g)
{
	const struct job *job = g->observe->job;
	struct observation *o = g->observation;
	int64_t last = g->observe->last_listed, now = (int64_t)o->listed;

	enum listing_fault fault = listing_emptied(job->reconcile.allow_empty, last, now) ? LISTING_EMPTIED
				   : now > 0 && listing_shrank(&job->reconcile.max_shrink, last, now)
				       ? LISTING_SHRUNKEN
				       : LISTING_WHOLE;

	not_whole(o, fault,
	    arena_printf(o->arena, "it has %" PRId64 " tenants below the parent, the last one had %" PRId64,
		now, last));
}

static int list_children(struct gather *g, struct error *err)
{
	char *query = mem_printf("subtree_root_id=%s", g->observe->session->parent);

	g->state = query;
	int rc = gather_run(g, feed_children, err);
	free(query);
	if (rc < 0)
		return rc;
	drop_others(g);
	g->observation->listed = g->observation->count;
	judge_size(g);
	return 0;
}

/* ---- Known ids that the listing does not have. */

/* Of those above what was read by its id, who nobody has told of: they say where it stands. */
struct missing {
	struct wanted above;
};

static void lacks(struct gather *g, const char *id)
{
	struct observation *o = g->observation;

	not_whole(o, listing_judge_missing(BY_ID_HERE, true),
	    arena_printf(o->arena, "tenant %s stands below the parent, and it was not listed", id));
}

/* Below one that is listed it must be listed too: the list goes down to the last. Filling in the known ones
 * would make a cut list look whole, and what else it lacks nobody knows. */
static void judge_place(struct gather *g, struct missing *missing, const char *id, const char *parent_id)
{
	struct observation *o = g->observation;

	if (strv_eq_nocase(strv_of(parent_id), strv_of(o->parent)) || id_set_has(&g->listed, parent_id))
		lacks(g, id);
	else if (!strv_eq_nocase(strv_of(id), strv_of(parent_id)))
		wanted_add(&missing->above, observation_text(o, strv_of(parent_id)));
}

static int take_missing(struct gather *g, const json_t *json, struct error *err)
{
	const struct id_reading *ids = g->state;
	struct observation *o = g->observation;
	size_t before = o->count;

	if (gather_take_tenant(g, json, err) < 0)
		return -1;
	struct observed_tenant *item = &o->items[o->count - 1];
	if (o->count == before || item->deleted_at[0] || id_set_has(&g->listed, item->id))
		return 0;
	item->unlisted = true;
	judge_place(g, ids->user, item->id, item->parent_id);
	return 0;
}

static int take_above(struct gather *g, const json_t *json, struct error *err)
{
	const struct id_reading *ids = g->state;
	struct acronis_tenant tenant;

	if (acronis_tenant_decode(json, g->scratch, &tenant, err) < 0)
		return -1;
	if (!tenant.deleted_at[0])
		judge_place(g, ids->user, tenant.id, tenant.parent_id);
	return 0;
}

/* Not there, or not ours to see: then it is not below the parent. */
static void above_failed(struct gather *g, const char *id, enum api_result result)
{
	if (result != API_NOT_FOUND && result != API_FORBIDDEN)
		not_whole(g->observation, listing_judge_missing(BY_ID_FAILED, false),
		    arena_printf(g->observation->arena,
			"tenant %s, which a known one stands below, gave no answer", id));
}

/* Folders within folders end somewhere; a ring of foreign data does not. */
static int read_above(struct gather *g, struct missing *missing, struct error *err)
{
	enum { ROUNDS_MAX = 16 };
	int rc = 0;

	for (int i = 0; rc == 0 && i < ROUNDS_MAX && missing->above.count > 0 && g->observation->complete;
	     i++) {
		struct missing next = {0};
		struct id_reading reading = {
		    .ids = missing->above, .take = take_above, .failed = above_failed, .user = &next};
		rc = gather_ids(g, &reading, err);
		wanted_free(&missing->above);
		*missing = next;
	}
	wanted_free(&missing->above);
	return rc;
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
	struct missing missing = {0};
	struct id_reading reading = {.take = take_missing, .failed = missing_failed, .user = &missing};
	struct wanted wanted;

	wanted_make(&wanted, observe->known, observe->known_count, observe->subscriptions);
	for (size_t i = 0; i < wanted.count; i++)
		if (observation_find(g->observation, &g->ids, strv_of(wanted.ids[i])) == INDEX_NONE)
			wanted_add(&reading.ids, wanted.ids[i]);
	int rc = gather_ids(g, &reading, err);
	wanted_free(&reading.ids);
	wanted_free(&wanted);
	return rc == 0 ? read_above(g, &missing, err) : (wanted_free(&missing.above), rc);
}

/* ---- The whole. */

/* A list that broke is refused by the guard; reading the details of what there is would only cost calls. One
 * that lacks a tenant is read again, and what the last one has is compared. */
static int read_all(struct gather *g, bool last, struct error *err)
{
	const struct observation *o = g->observation;

	if (list_children(g, err) < 0)
		return -1;
	if (!o->complete)
		return 0;
	if (read_missing(g, err) < 0)
		return -1;
	return o->complete || (last && o->fault == LISTING_LACKING) ? observe_details(g, err) : 0;
}

static struct observation *observe_all(const struct observe *observe, bool last, struct error *err)
{
	struct observation *o = observation_new();
	struct gather *g = gather_new(observe, o);

	o->taken_at = o->full_at = clock_wall_ms(observe->clock);
	o->parent = observation_text(o, strv_of(observe->session->parent));
	o->source = observation_text(o, strv_of(observe->job->acronis.url));
	int rc = read_all(g, last, err);
	o->requests = acronis_stats(g->client).requests - g->requests_before;
	gather_free(g);
	if (rc < 0) {
		observation_free(o);
		return NULL;
	}
	observation_sort(o);
	return o;
}

/* Nothing at all is an error of its own, with its hint; a part is an observation that says it is one. */
static struct observation *or_error(const struct observe *observe, struct observation *o, struct error *err)
{
	if (o->complete || observe->base || o->count > 0 || !o->list_error)
		return o;
	*err = *o->list_error;
	observation_free(o);
	return NULL;
}

struct observation *observe_tenants(const struct observe *observe, struct error *err)
{
	struct list_again again = {.clock = observe->clock,
	    .pause_ms = observe->job->acronis.settle_ms,
	    .stop = observe->stop,
	    .heartbeat = observe->heartbeat,
	    .user = observe->user};
	uint64_t requests = 0;

	for (;;) {
		struct observation *o = observe->base
					    ? observe_changes(observe, err)
					    : observe_all(observe, again.reads + 1 == LISTING_READS, err);
		if (!o)
			return NULL;
		o->requests += requests;
		if (o->complete || o->mistrusted || o->list_final)
			return or_error(observe, o, err);
		if (!list_read_again(&again, "the list of tenants", o->trouble, err)) {
			if (err->code == ERR_NONE)
				return or_error(observe, o, err);
			observation_free(o);
			return NULL;
		}
		requests = o->requests;
		observation_free(o);
	}
}

uint64_t observe_requests(const struct job *job, uint64_t tenants)
{
	uint64_t page = job->acronis.page_size > 0 ? (uint64_t)job->acronis.page_size : 1;
	uint64_t pages = tenants == 0 ? 1 : (tenants + page - 1) / page;

	return pages + tenants * DETAILS_A_TENANT + (job->reconcile.users == USERS_ALL ? pages : 0);
}
