/* What Acronis runs: the parent's children, also those in folders, by listing, and the tenants that we or the BSS know by id but that
 * the listing does not have (moved below another parent, or deleted). Details are observe_details.c's, logins
 * observe_logins.c's. */
#include "reconcile/observe_impl.h"

#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { IDS_A_CALL = 100, DETAILS_A_TENANT = 3 };

/* ---- One tenant into the observation. */

static struct observed_tenant *new_item(struct gather *g, const char *id)
{
	struct observed_tenant *item = observation_add(g->observation);

	index_add(&g->ids, hash_nocase(strv_of(id)), (uint32_t)(g->observation->count - 1));
	return item;
}

static int keep_tenant(struct gather *g, const struct acronis_tenant *tenant)
{
	struct observation *o = g->observation;

	/* A tenant that moves between two pages comes twice: the later word counts. */
	uint32_t known = observation_find(o, &g->ids, strv_of(tenant->id));
	struct observed_tenant *item = known == INDEX_NONE ? new_item(g, tenant->id) : &o->items[known];
	const struct strv texts[] = {strv_of(tenant->id), strv_of(tenant->customer_id),
	    strv_of(tenant->internal_tag), strv_of(tenant->name), strv_of(tenant->updated_at),
	    strv_of(tenant->deleted_at)};
	const char *kept[ARRAY_LEN(texts)];
	observation_texts(o, texts, ARRAY_LEN(texts), kept);
	*item = (struct observed_tenant){.id = kept[0],
	    .customer_id = kept[1],
	    .internal_tag = kept[2],
	    .name = kept[3],
	    .updated_at = kept[4],
	    .deleted_at = kept[5],
	    .parent_id = observation_word(o, &g->words, strv_of(tenant->parent_id)),
	    .kind = observation_word(o, &g->words, strv_of(tenant->kind)),
	    .licensing_mode = "",
	    .currency = "",
	    .pricing_mode = "",
	    .login = "",
	    .enabled = tenant->enabled};
	return 0;
}

static int take_tenant(struct gather *g, const json_t *json, struct error *err)
{
	struct acronis_tenant tenant;

	return acronis_tenant_decode(json, g->scratch, &tenant, err) < 0 ? -1 : keep_tenant(g, &tenant);
}

/* ---- The listing: all below the parent, because only the chain of parents says what stands in a folder. */

/* Whose own customers and units these are the chain of parents would say; a partner of ours they never are. */
static bool is_deep_other(const struct observation *o, const struct acronis_tenant *tenant)
{
	return tenant->kind[0] && strcmp(tenant->kind, "partner") != 0 && strcmp(tenant->kind, "folder") != 0 &&
	       !strv_eq_nocase(strv_of(tenant->parent_id), strv_of(o->parent));
}

static int take_listed(struct gather *g, const json_t *json, struct error *err)
{
	struct observation *o = g->observation;
	struct acronis_tenant tenant;

	if (acronis_tenant_decode(json, g->scratch, &tenant, err) < 0)
		return -1;
	if (strv_eq_nocase(strv_of(tenant.id), strv_of(o->parent))) /* the root of a subtree is listed with it */
		return 0;
	if (is_deep_other(o, &tenant)) {
		o->deep_others++;
		return 0;
	}
	return keep_tenant(g, &tenant);
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

struct missing {
	const char **ids;
	size_t count, cap, next;
	size_t *alone; /* batches that were refused as a whole: each id by itself */
	size_t alone_count, alone_cap, alone_next;
	struct text_index wanted;
};

static bool is_wanted(const struct missing *m, struct strv id)
{
	size_t at = INDEX_START;
	uint32_t i;

	while (m->ids && (i = index_next(&m->wanted, hash_nocase(id), &at)) != INDEX_NONE)
		if (strv_eq_nocase(strv_of(m->ids[i]), id))
			return true;
	return false;
}

static void want(struct gather *g, struct missing *m, const char *id)
{
	struct strv text = strv_of(id);

	if (!uuid_is(text) || observation_find(g->observation, &g->ids, text) != INDEX_NONE ||
	    is_wanted(m, text))
		return;
	index_add(&m->wanted, hash_nocase(text), (uint32_t)m->count);
	MEM_GROW(m->ids, m->count, m->cap);
	m->ids[m->count++] = id;
}

/* Read by its id, there and below the parent: then the listing should have had it, and what else it lacks
 * nobody knows. Filling in the known ones would make a cut listing look whole. */
static int take_missing(struct gather *g, const json_t *json, struct error *err)
{
	struct observation *o = g->observation;
	size_t before = o->count;

	if (take_tenant(g, json, err) < 0)
		return -1;
	const struct observed_tenant *item = &o->items[o->count - 1];
	if (o->count == before || !o->complete || item->deleted_at[0] ||
	    !observation_is_ours(o, &g->ids, o->parent, item))
		return 0;
	o->complete = false;
	o->trouble =
	    arena_printf(o->arena, "tenant %s stands below the parent, and it was not listed", item->id);
	return 0;
}

static void unreadable(struct gather *g, const char *id)
{
	char normal[UUID_TEXT_SIZE];

	if (observation_find(g->observation, &g->ids, strv_of(id)) != INDEX_NONE ||
	    !uuid_normal(strv_of(id), normal))
		return;
	struct observed_tenant *item = new_item(g, normal);
	item->id = observation_text(g->observation, strv_of(normal));
	item->unreadable = true;
}

/* A batch is refused as a whole when one of its tenants is not below us (notes section 7). */
static bool is_refused(enum api_result result)
{
	return result == API_NOT_FOUND || result == API_FORBIDDEN || result == API_REFUSED;
}

static void one_answered(struct gather *g, const struct ask *ask, const struct acronis_answer *answer)
{
	const struct missing *m = g->state;
	struct error err = {0};

	/* 404 says that it is not there. 403 says that we may not see it: it may be there, switched on and
	 * billed. */
	if (answer->result == API_NOT_FOUND)
		return;
	if (answer->result != API_OK || take_missing(g, answer->body, &err) < 0) {
		log_warn("tenant %s could not be read: %s", m->ids[ask->number],
		    err.code ? err.text : answer->text);
		unreadable(g, m->ids[ask->number]);
	}
}

static void batch_end(struct gather *g, const struct ask_list *list, enum api_result result,
    const char *timestamp, const struct error *err)
{
	struct missing *m = g->state;

	(void)timestamp;
	for (size_t i = list->number; result != API_OK && i < list->number + IDS_A_CALL && i < m->count;
	     i++) {
		if (is_refused(result)) {
			MEM_GROW(m->alone, m->alone_count, m->alone_cap);
			m->alone[m->alone_count++] = i;
		} else {
			unreadable(g, m->ids[i]);
		}
	}
	if (result != API_OK && !is_refused(result))
		log_warn("known tenants could not be read: %s", err->text);
}

static void send_batch(struct gather *g, struct missing *m)
{
	struct strbuf query = {0};
	size_t first = m->next;

	for (; m->next < m->count && m->next < first + IDS_A_CALL; m->next++) {
		strbuf_adds(&query, m->next == first ? "uuids=" : "%2C");
		strbuf_adds(&query, m->ids[m->next]);
	}
	strbuf_adds(&query, "&allow_deleted=true");
	gather_list(g, &(struct ask_list){.number = first, .item = take_missing, .end = batch_end},
	    CALL_TENANTS, query.p);
	strbuf_free(&query);
}

static bool feed_missing(struct gather *g)
{
	struct missing *m = g->state;

	if (m->next < m->count) {
		send_batch(g, m);
		return true;
	}
	if (m->alone_next == m->alone_count)
		return false;
	size_t number = m->alone[m->alone_next++];
	gather_ask(g, &(struct ask){.number = number, .answered = one_answered},
	    &(struct acronis_request){
		.call = CALL_TENANT, .a = m->ids[number], .query = "allow_deleted=true"});
	return true;
}

static int read_missing(struct gather *g, struct error *err)
{
	const struct observe *observe = g->observe;
	struct missing m = {0};
	int rc;

	for (size_t i = 0; i < observe->known_count; i++)
		want(g, &m, observe->known[i].tenant_id);
	for (size_t i = 0; observe->subscriptions && i < observe->subscriptions->count; i++)
		want(g, &m, observe->subscriptions->items[i].external_id);
	g->state = &m;
	do {
		rc = gather_run(g, feed_missing, err);
	} while (rc == 0 && m.alone_next < m.alone_count);
	g->state = NULL;
	free(m.ids);
	free(m.alone);
	index_free(&m.wanted);
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

struct observation *observe_tenants(const struct observe *observe, struct error *err)
{
	struct observation *o = observation_new();
	struct gather *g = gather_new(observe, o);

	o->taken_at = clock_wall_ms(observe->clock);
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

uint64_t observe_requests(const struct job *job, uint64_t tenants)
{
	uint64_t page = job->acronis.page_size > 0 ? (uint64_t)job->acronis.page_size : 1;
	uint64_t pages = tenants == 0 ? 1 : (tenants + page - 1) / page;

	return pages + tenants * DETAILS_A_TENANT + (job->reconcile.users == USERS_ALL ? pages : 0);
}
