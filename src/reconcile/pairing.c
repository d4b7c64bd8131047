/* Within one account: the order of its rows, and which subscription is compared with which tenant. The order
 * is by what the rows say, never by their place in a file, so that the same world gives the same findings. */
#include "reconcile/reconcile_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

static int rank_of(const struct subscription *s)
{
	static const int ranks[SUBSCRIPTION_STATUS_COUNT] = {[SUBSCRIPTION_ACTIVE] = 0,
	    [SUBSCRIPTION_SUSPENDED] = 1,
	    [SUBSCRIPTION_PENDING] = 2,
	    [SUBSCRIPTION_FAILED] = 3,
	    [SUBSCRIPTION_CANCELLED] = 4};

	return ranks[s->status];
}

static int compare_subscriptions(const void *a, const void *b, void *user)
{
	const struct join *join = user;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct subscription *x = &join->in->subscriptions->items[i],
				  *y = &join->in->subscriptions->items[j];
	int order = rank_of(x) - rank_of(y);

	if (order == 0)
		order = date_compare(y->start_date, x->start_date);
	if (order == 0)
		order = strcmp(x->id, y->id);
	return order ? order : (i > j) - (i < j);
}

/* Lower first: there before deleted, partner before others, unclaimed before named by a subscription, enabled
 * before disabled. */
static int tenant_rank(const struct join *join, uint32_t i)
{
	const struct observed_tenant *t = &join->in->observation->items[i];

	return (tenant_is_present(t) ? 0 : 8) + (tenant_is_partner(t) ? 0 : 4) +
	       (join->links[i].match == MATCH_EXTERNAL_ID ? 2 : 0) + (t->enabled ? 0 : 1);
}

static int compare_tenants(const void *a, const void *b, void *user)
{
	const struct join *join = user;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	int order = tenant_rank(join, i) - tenant_rank(join, j);

	if (order == 0)
		order = strcmp(join->in->observation->items[i].id, join->in->observation->items[j].id);
	return order ? order : (i > j) - (i < j);
}

void join_rows(const struct join *join, const struct unit *unit, struct unit_rows *rows)
{
	rows->subscription_count = rows->tenant_count = 0;
	for (uint32_t i = unit->subscriptions; i != INDEX_NONE; i = join->subscription_next[i]) {
		MEM_GROW(rows->subscriptions, rows->subscription_count, rows->subscription_cap);
		rows->subscriptions[rows->subscription_count++] = i;
	}
	for (uint32_t i = unit->tenants; i != INDEX_NONE; i = join->links[i].next) {
		MEM_GROW(rows->tenants, rows->tenant_count, rows->tenant_cap);
		rows->tenants[rows->tenant_count++] = i;
	}
	if (rows->subscription_count > 1)
		qsort_r(rows->subscriptions, rows->subscription_count, sizeof *rows->subscriptions,
		    compare_subscriptions, (void *)join);
	if (rows->tenant_count > 1)
		qsort_r(
		    rows->tenants, rows->tenant_count, sizeof *rows->tenants, compare_tenants, (void *)join);
}

void unit_rows_free(struct unit_rows *rows)
{
	free(rows->subscriptions);
	free(rows->tenants);
	*rows = (struct unit_rows){0};
}

static void pair(struct join *join, uint32_t s, uint32_t t)
{
	join->subscription_tenant[s] = t;
	join->links[t].subscription = s;
}

static bool is_free(const struct join *join, uint32_t t)
{
	return join->links[t].subscription == INDEX_NONE &&
	       tenant_is_present(&join->in->observation->items[t]);
}

/* The tenant that the subscription's external id names, when it is this account's, there, and not taken yet.
 */
static void pair_named(struct join *join, uint32_t s)
{
	uint32_t t = join->subscription_names[s];

	if (t != INDEX_NONE && join->links[t].unit == join->subscription_unit[s] && is_free(join, t))
		pair(join, s, t);
}

/* Each of the subscriptions from..to that has no tenant takes the account's next free one. */
static void pair_remaining(struct join *join, const struct unit_rows *rows, size_t from, size_t to)
{
	size_t next = 0;

	for (size_t i = from; i < to; i++) {
		if (join->subscription_tenant[rows->subscriptions[i]] != INDEX_NONE)
			continue;
		while (next < rows->tenant_count && !is_free(join, rows->tenants[next]))
			next++;
		if (next == rows->tenant_count)
			return;
		pair(join, rows->subscriptions[i], rows->tenants[next]);
	}
}

/* Made by us for a new contract whose subscription none of the cancelled ones can be? Then it only waits for
 * the import. */
static bool waits_for_import(const struct join *join, const struct unit_rows *rows, uint32_t t)
{
	if (join->links[t].done == INDEX_NONE)
		return false;
	for (size_t i = 0; i < rows->subscription_count; i++) {
		const struct subscription *s = &join->in->subscriptions->items[rows->subscriptions[i]];
		const struct item_record *done = &join->in->done_items[join->links[t].done];
		if (!s->external_id[0] || join->subscription_names[rows->subscriptions[i]] == t ||
		    strcmp(s->id, done->subscription_id) == 0)
			return false;
	}
	return true;
}

/* What is left of an account whose contract was cancelled belongs to that contract (never "running, not
 * billed"). */
static void pair_with_cancelled(struct join *join, const struct unit_rows *rows, uint32_t cancelled)
{
	for (size_t i = 0; i < rows->tenant_count; i++)
		if (is_free(join, rows->tenants[i]) && !waits_for_import(join, rows, rows->tenants[i]))
			join->links[rows->tenants[i]].subscription = cancelled;
}

void join_pair(struct join *join, const struct unit_rows *rows)
{
	const struct subscription *items = join->in->subscriptions->items;
	size_t live = 0, open = 0;

	/* By preference: live, then failed, then cancelled; they stand in this order. */
	while (live < rows->subscription_count && subscription_is_live(&items[rows->subscriptions[live]]))
		live++;
	for (open = live; open < rows->subscription_count &&
			  items[rows->subscriptions[open]].status == SUBSCRIPTION_FAILED;)
		open++;
	for (size_t i = 0; i < live; i++)
		pair_named(join, rows->subscriptions[i]);
	pair_remaining(join, rows, 0, live);
	for (size_t i = live; i < rows->subscription_count; i++)
		pair_named(join, rows->subscriptions[i]);
	pair_remaining(join, rows, live, open);
	if (open < rows->subscription_count && live == 0)
		pair_with_cancelled(join, rows, rows->subscriptions[open]);
}
