/* What Acronis runs, read as changes since an earlier observation: the list of changed tenants merged into
 * it, and again the details of what could have changed without a stamp. The calls grow with the changes and
 * with the share whose turn it is, not with the fleet.
 *
 * The list of changes is believed as far as it can be proved: where a tenant that is read by its id shows a
 * change that the list lacks, nothing of it is believed, and the caller reads all. */
#include "reconcile/observe_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

/* Acronis' times are compared with each other only, so clocks do not matter; what was being written while the
 * earlier listing went out does. And a change younger than LAG_MS may lack in a listing: then its own answer
 * is the word. */
enum { OVERLAP_MS = 15 * 60 * 1000, LAG_MS = 60 * 1000 };

struct reading {
	const struct observe *observe;
	struct observation *changes, *merged;
	const char *query;    /* the list that is asked for next; NULL none */
	struct wanted listed; /* folders whose contents were listed */
	struct text_index changed_ids;
	struct wanted wanted; /* ids that the ledger or the BSS knows */
	bool *seen;           /* of the merged items: asked for by its id, and there */
	size_t seen_count;
	int64_t base_stamp, list_stamp; /* Acronis' time of both listings, 0 not known */
	uint64_t nameless;
};

static void mistrust(struct observation *o, const char *why)
{
	o->complete = false;
	o->mistrusted = true;
	o->trouble = observation_text(o, strv_of(why));
}

static int64_t stamp_of(const char *text)
{
	int64_t ms = 0;

	return time_parse(strv_of(text), &ms, NULL) ? ms : 0;
}

/* ---- The list of changes. */

static int take_change(struct gather *g, const json_t *json, struct error *err)
{
	struct reading *r = g->state;
	struct acronis_tenant tenant;

	/* Of offering items that were taken away; it does not say from whom (notes section 2.1). */
	if (!json_object_get(json, "id") && json_object_get(json, "offering_items")) {
		r->nameless++;
		return 0;
	}
	if (acronis_tenant_decode(json, g->scratch, &tenant, err) < 0)
		return -1;
	if (!strv_eq_nocase(strv_of(tenant.id), strv_of(g->observation->parent)))
		gather_keep_tenant(g, &tenant);
	return 0;
}

static void list_end(struct gather *g, const struct ask_list *list, enum api_result result,
    const char *timestamp, const struct error *err)
{
	struct observation *o = g->observation;

	(void)list;
	if (!o->api_timestamp[0])
		snprintf(o->api_timestamp, sizeof o->api_timestamp, "%s", timestamp);
	/* A folder's list that came after one that broke does not mend it. */
	if (result != API_OK)
		gather_list_ended(o, result, err);
}

static bool feed_list(struct gather *g)
{
	struct reading *r = g->state;

	if (!r->query)
		return false;
	gather_list(g, &(struct ask_list){.changes = true, .item = take_change, .end = list_end},
	    CALL_TENANTS, r->query);
	r->query = NULL;
	return true;
}

static int list_into_changes(struct reading *r, struct gather *g, char *query, struct error *err)
{
	r->query = query;
	g->state = r;
	int rc = gather_run(g, feed_list, err);
	g->state = NULL;
	free(query);
	return rc;
}

static char *changes_query(const struct reading *r)
{
	char since[TIME_TEXT_SIZE];
	struct strbuf query = {0};

	strbuf_addf(&query, "subtree_root_id=%s&allow_deleted=true&updated_since=", r->changes->parent);
	strbuf_add_url(&query, strv_of(time_text(r->base_stamp - OVERLAP_MS, since)));
	return strbuf_take(&query);
}

static void merge(struct reading *r)
{
	const struct observe *observe = r->observe;

	observation_free(r->merged);
	r->merged = observation_merge(&(struct merge_input){.base = observe->base,
	    .changes = r->changes,
	    .known = observe->known,
	    .known_count = observe->known_count,
	    .subscriptions = observe->subscriptions});
}

/* A folder that came below the parent brings what stands in it, and that has no stamp of it. */
static const char *next_new_folder(
    struct reading *r, const struct text_index *base, const struct text_index *now)
{
	for (size_t i = 0; i < r->merged->count; i++) {
		const struct observed_tenant *t = &r->merged->items[i];
		if (strcmp(t->kind, "folder") == 0 && observation_lists(r->merged, now, t) &&
		    observation_find(r->observe->base, base, strv_of(t->id)) == INDEX_NONE &&
		    !wanted_has(&r->listed, strv_of(t->id)))
			return t->id;
	}
	return NULL;
}

/* The ids of `listed` live in the changes, which are not freed before it. */
static int list_new_folders(struct reading *r, struct gather *g, struct error *err)
{
	struct text_index base = {0};
	int rc = 0;

	observation_index(r->observe->base, &base);
	while (rc == 0 && r->changes->complete) {
		struct text_index now = {0};
		observation_index(r->merged, &now);
		const char *folder = next_new_folder(r, &base, &now);
		index_free(&now);
		if (!folder)
			break;
		folder = observation_text(r->changes, strv_of(folder));
		wanted_add(&r->listed, folder);
		rc = list_into_changes(r, g, mem_printf("subtree_root_id=%s", folder), err);
		merge(r);
	}
	index_free(&base);
	return rc;
}

static int read_changes(struct reading *r, struct error *err)
{
	struct gather *g = gather_new(r->observe, r->changes);
	int rc = list_into_changes(r, g, changes_query(r), err);

	merge(r);
	if (rc == 0)
		rc = list_new_folders(r, g, err);
	gather_free(g);
	r->list_stamp = stamp_of(r->changes->api_timestamp);
	r->merged->list_final = r->changes->list_final;
	if (rc == 0 && r->merged->complete && r->list_stamp && r->list_stamp < r->base_stamp)
		mistrust(r->merged, "the clock at Acronis was set back since the last observation");
	if (r->nameless > 0)
		log_info(
		    "%" PRIu64 " removed offering items in the list of changes name no tenant", r->nameless);
	return rc;
}

/* ---- Whose details are read again. */

static bool is_changed(const struct reading *r, const char *id)
{
	return observation_find(r->changes, &r->changed_ids, strv_of(id)) != INDEX_NONE;
}

static bool below_changed_folder(const struct reading *r, const struct observed_tenant *t)
{
	return !strv_eq_nocase(strv_of(t->parent_id), strv_of(r->merged->parent)) &&
	       is_changed(r, t->parent_id);
}

/* ---- Tenants by their ids. */

/* A list that lacks this change lacks others too. */
static bool should_have_been_listed(const struct reading *r, const struct acronis_tenant *now)
{
	int64_t at = stamp_of(now->updated_at);

	return r->list_stamp && at > r->base_stamp && at <= r->list_stamp - LAG_MS && !is_changed(r, now->id);
}

static int take_again(struct gather *g, const json_t *json, struct error *err)
{
	const struct id_reading *ids = g->state;
	struct reading *r = ids->user;
	struct observation *o = g->observation;
	struct acronis_tenant tenant;

	if (acronis_tenant_decode(json, g->scratch, &tenant, err) < 0)
		return -1;
	uint32_t before = observation_find(o, &g->ids, strv_of(tenant.id));
	const struct observed_tenant *item = gather_keep_tenant(g, &tenant);
	if (before != INDEX_NONE && before < r->seen_count)
		r->seen[before] = true;
	if (!o->complete || !observation_lists(o, &g->ids, item))
		return 0;
	if (should_have_been_listed(r, &tenant))
		mistrust(
		    o, arena_printf(o->arena, "tenant %s changed at %s, and the list of changes lacks it",
			   item->id, item->updated_at));
	else if (before == INDEX_NONE && stamp_of(tenant.updated_at) <= r->list_stamp - LAG_MS)
		mistrust(o,
		    arena_printf(o->arena,
			"tenant %s stands below the parent, and neither the last observation nor the list of "
			"changes has it",
			item->id));
	return 0;
}

/* What somebody knows is kept as what it is now; the rest goes (drop_gone). */
static void keep_as_gone(struct reading *r, uint32_t i)
{
	struct observed_tenant *t = &r->merged->items[i];

	if (!wanted_has(&r->wanted, strv_of(t->id)))
		return;
	*t = (struct observed_tenant){.id = t->id,
	    .parent_id = "",
	    .customer_id = "",
	    .internal_tag = "",
	    .name = "",
	    .kind = "",
	    .updated_at = "",
	    .deleted_at = "",
	    .licensing_mode = "",
	    .currency = "",
	    .pricing_mode = "",
	    .login = "",
	    .gone = true};
	if (i < r->seen_count)
		r->seen[i] = true;
}

/* What the list of changes vouches for stays when its own answer fails, and its details then tell. What may
 * not be seen any more is not below the parent any more. */
static void again_failed(struct gather *g, const char *id, enum api_result result)
{
	const struct id_reading *ids = g->state;
	struct reading *r = ids->user;
	struct observation *o = g->observation;
	uint32_t i = observation_find(o, &g->ids, strv_of(id));

	if (i == INDEX_NONE) {
		if (result == API_NOT_FOUND)
			gather_gone(g, id);
		else
			gather_unreadable(g, id);
		return;
	}
	if (result == API_NOT_FOUND) {
		keep_as_gone(r, i);
		return;
	}
	if (result != API_FORBIDDEN && observation_lists(o, &g->ids, &o->items[i])) {
		r->seen[i] = true;
		return;
	}
	if (!wanted_has(&r->wanted, strv_of(id)))
		return;
	tenant_drop_details(&o->items[i]);
	o->items[i].unreadable = true;
	r->seen[i] = true;
}

static void drop_gone(struct reading *r, const bool *asked)
{
	struct observation *o = r->merged;
	size_t kept = 0;

	for (size_t i = 0; i < o->count; i++)
		if (i >= r->seen_count || !asked[i] || r->seen[i])
			o->items[kept++] = o->items[i];
	o->count = kept;
}

/* Of what is in the list: those whose turn it is or that were named. Of what is not: all, for no list shows
 * their changes; a deleted one below the parent would be in it if it came back, and one that is gone is asked
 * for again with the next full read. */
static bool is_to_ask(
    const struct reading *r, const struct gather *g, const struct observed_tenant *t, bool again)
{
	if (is_changed(r, t->id) || t->gone)
		return false;
	if (observation_lists(r->merged, &g->ids, t))
		return again || below_changed_folder(r, t);
	return t->unreadable || tenant_is_present(t) ||
	       !observation_is_ours(r->merged, &g->ids, r->merged->parent, t);
}

static int read_ids(struct reading *r, struct gather *g, const bool *again, struct error *err)
{
	struct observation *o = r->merged;
	struct id_reading reading = {.take = take_again, .failed = again_failed, .user = r};
	bool *asked = mem_zalloc((o->count + 1) * sizeof *asked);

	r->seen_count = o->count;
	r->seen = mem_zalloc((o->count + 1) * sizeof *r->seen);
	for (size_t i = 0; i < o->count; i++) {
		asked[i] = is_to_ask(r, g, &o->items[i], again[i]);
		/* An item may move while its id is asked for: the text stays. */
		if (asked[i] && !wanted_add(&reading.ids, o->items[i].id))
			asked[i] = false;
	}
	for (size_t i = 0; i < r->wanted.count; i++)
		if (observation_find(o, &g->ids, strv_of(r->wanted.ids[i])) == INDEX_NONE)
			wanted_add(&reading.ids, r->wanted.ids[i]);
	int rc = gather_ids(g, &reading, err);
	drop_gone(r, asked);
	wanted_free(&reading.ids);
	free(asked);
	return rc;
}

/* ---- Accounts whose tenants are read again. */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_among(const char *const *sorted, size_t count, const char *text)
{
	return count > 0 && bsearch(&text, sorted, count, sizeof *sorted, by_text) != NULL;
}

/* By its own account id, or because the ledger or a subscription of such an account names it. */
static bool *tenants_of(
    const struct observe *observe, const struct observation *o, const char *const *accounts, size_t count)
{
	bool *mark = mem_zalloc((o->count + 1) * sizeof *mark);
	const char **sorted = mem_zalloc((count + 1) * sizeof *sorted);
	const struct subscriptions *subscriptions = observe->subscriptions;
	struct wanted named = {0};

	if (count > 0)
		memcpy(sorted, accounts, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, by_text);
	for (size_t i = 0; i < observe->known_count; i++)
		if (is_among(sorted, count, observe->known[i].account_id))
			wanted_add(&named, observe->known[i].tenant_id);
	for (size_t i = 0; subscriptions && i < subscriptions->count; i++)
		if (is_among(sorted, count, subscriptions->items[i].account_id))
			wanted_add(&named, subscriptions->items[i].external_id);
	for (size_t i = 0; i < o->count; i++)
		mark[i] = is_among(sorted, count, o->items[i].customer_id) ||
			  is_among(sorted, count, o->items[i].id) ||
			  wanted_has(&named, strv_of(o->items[i].id));
	wanted_free(&named);
	free(sorted);
	return mark;
}

/* Changed ones, those of the named accounts, and those whose turn it is. */
static bool *mark_again(const struct reading *r)
{
	const struct observe *observe = r->observe;
	const struct observation *o = r->merged;
	bool *again = tenants_of(observe, o, observe->accounts, observe->account_count);

	for (size_t i = 0; i < o->count; i++) {
		const struct observed_tenant *t = &o->items[i];
		again[i] = again[i] || is_changed(r, t->id) ||
			   (tenant_has_details(t) && details_due(t->id, t->details_at, o->taken_at,
							 observe->job->reconcile.full_every_ms));
	}
	return again;
}

/* ---- The whole. */

static int read_merged(struct reading *r, struct error *err)
{
	struct gather *g = gather_new(r->observe, r->merged);
	int rc = 0;

	observation_index(r->merged, &g->ids);
	observation_index(r->changes, &r->changed_ids);
	wanted_make(&r->wanted, r->observe->known, r->observe->known_count, r->observe->subscriptions);
	bool *again = mark_again(r);
	for (size_t i = 0; i < r->merged->count; i++)
		if (again[i])
			tenant_drop_details(&r->merged->items[i]);
	rc = read_ids(r, g, again, err);
	observation_keep_ours(r->merged, &r->wanted);
	if (rc == 0 && r->merged->complete)
		rc = observe_details(g, err);
	free(again);
	gather_free(g);
	return rc;
}

struct observation *observe_changes(const struct observe *observe, struct error *err)
{
	uint64_t before = acronis_stats(observe->session->client).requests;
	struct reading r = {.observe = observe,
	    .changes = observation_new(),
	    .base_stamp = stamp_of(observe->base->api_timestamp)};

	r.changes->taken_at = clock_wall_ms(observe->clock);
	r.changes->parent = observation_text(r.changes, strv_of(observe->session->parent));
	r.changes->complete = true;
	int rc = read_changes(&r, err);
	/* A cut list is refused by the guard; more calls would prove nothing. */
	if (rc == 0 && r.merged->complete)
		rc = read_merged(&r, err);
	r.merged->requests = acronis_stats(observe->session->client).requests - before;
	observation_sort(r.merged);
	observation_free(r.changes);
	index_free(&r.changed_ids);
	wanted_free(&r.listed);
	wanted_free(&r.wanted);
	free(r.seen);
	if (rc == 0)
		return r.merged;
	observation_free(r.merged);
	return NULL;
}

int observe_again(const struct observe *observe, struct observation *observation, const char *const *accounts,
    size_t count, uint64_t *reread, struct error *err)
{
	bool *again = tenants_of(observe, observation, accounts, count);
	uint64_t before = acronis_stats(observe->session->client).requests;

	*reread = 0;
	for (size_t i = 0; i < observation->count; i++) {
		struct observed_tenant *t = &observation->items[i];
		if (!again[i] || !tenant_has_details(t) || t->details_at >= observation->taken_at)
			continue;
		tenant_drop_details(t);
		++*reread;
	}
	free(again);
	if (*reread == 0)
		return 0;
	struct gather *g = gather_new(observe, observation);
	int rc = observe_details(g, err);
	gather_free(g);
	observation->requests += acronis_stats(observe->session->client).requests - before;
	return rc;
}
