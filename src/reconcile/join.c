/* The union of both sides by account. A tenant belongs to an account by a subscription's external id, else by
 * its customer_id, else by the ledger's memory (design section 7); a login or a name never decides. Hash
 * indexes and chains of numbers only: no copies of texts, no quadratic walk whatever the data. Which of an
 * account's rows go together is pairing.c's. */
#include "reconcile/reconcile_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/parallel.h"

static uint32_t *numbers(size_t count)
{
	uint32_t *list = mem_resize(NULL, count + 1, sizeof *list);

	memset(list, 0xff, (count + 1) * sizeof *list); /* all INDEX_NONE */
	return list;
}

static struct tenant_link *no_links(size_t count)
{
	static const struct tenant_link none = {
	    INDEX_NONE, INDEX_NONE, INDEX_NONE, INDEX_NONE, INDEX_NONE, MATCH_NONE};
	struct tenant_link *links = mem_table(count + 1, sizeof *links);

	for (size_t i = 0; i < count; i++)
		links[i] = none;
	return links;
}

uint32_t join_unit(const struct join *join, const char *account_id)
{
	struct strv account = strv_of(account_id);
	uint64_t hash = hash_text(account);
	size_t at = INDEX_START;
	uint32_t i = INDEX_NONE;

	if (account.n == 0)
		return INDEX_NONE;
	while ((i = index_next(&join->unit_index, hash, &at)) != INDEX_NONE)
		if (strv_eq(strv_of(join->units[i].account_id), account))
			break;
	return i;
}

static uint32_t find_tenant(const struct join *join, const char *tenant_id)
{
	return observation_find(join->in->observation, &join->tenant_index, strv_of(tenant_id));
}

static uint32_t new_unit(struct join *join, const char *account_id)
{
	MEM_GROW(join->units, join->unit_count, join->unit_cap);
	uint32_t i = (uint32_t)join->unit_count++;

	join->units[i] = (struct unit){.account_id = account_id,
	    .subscriptions = INDEX_NONE,
	    .tenants = INDEX_NONE,
	    .done = INDEX_NONE,
	    .pending = INDEX_NONE,
	    .quarantined = INDEX_NONE,
	    .lacking = INDEX_NONE};
	if (account_id[0])
		index_add(&join->unit_index, hash_text(strv_of(account_id)), i);
	return i;
}

static uint32_t unit_for(struct join *join, const char *account_id)
{
	uint32_t i = join_unit(join, account_id);

	return i == INDEX_NONE ? new_unit(join, account_id) : i;
}

/* Of two subscriptions that name the same tenant, which one has it? The account that the tenant itself names,
 * then a live one before another, then the smaller account id: never the order of the file. */
static bool claims_better(
    const struct observed_tenant *tenant, const struct subscription *a, const struct subscription *b)
{
	bool a_own = strcmp(a->account_id, tenant->customer_id) == 0,
	     b_own = strcmp(b->account_id, tenant->customer_id) == 0;

	if (a_own != b_own)
		return a_own;
	if (subscription_is_live(a) != subscription_is_live(b))
		return subscription_is_live(a);
	return strcmp(a->account_id, b->account_id) < 0;
}

/* Units of the BSS side. */
static void add_accounts(struct join *join)
{
	const struct subscriptions *subscriptions = join->in->subscriptions;

	index_reserve(&join->unit_index, subscriptions->count);
	join->unit_cap = subscriptions->count + 1;
	join->units = mem_table(join->unit_cap, sizeof *join->units);
	for (size_t i = 0; i < subscriptions->count; i++) {
		const struct subscription *s = &subscriptions->items[i];
		if (i + INDEX_AHEAD < subscriptions->count)
			index_prefetch(&join->unit_index, hash_text(strv_of(s[INDEX_AHEAD].account_id)));
		uint32_t u = unit_for(join, s->account_id);
		struct unit *unit = &join->units[u];

		join->subscription_unit[i] = u;
		join->subscription_next[i] = unit->subscriptions;
		unit->subscriptions = (uint32_t)i;
		unit->has_live |= subscription_is_live(s);
	}
	for (size_t i = 0; i < subscriptions->quarantined_count; i++) {
		const char *account = subscriptions->quarantined[i].account_id;
		if (!account[0])
			continue;
		uint32_t u = unit_for(join, account);
		struct unit *unit = &join->units[u];
		join->quarantined_next[i] = unit->quarantined;
		unit->quarantined = (uint32_t)i;
		unit->not_compared = true;
	}
}

/* Which tenant each external id names. */
static void find_named(struct join *join)
{
	const struct subscription *items = join->in->subscriptions->items;
	struct strv ids[INDEX_AHEAD];

	for (size_t begin = 0, n, count = join->in->subscriptions->count; begin < count; begin += n) {
		n = count - begin < INDEX_AHEAD ? count - begin : INDEX_AHEAD;
		for (size_t i = 0; i < n; i++)
			ids[i] = strv_of(items[begin + i].external_id);
		observation_find_all(
		    join->in->observation, &join->tenant_index, ids, n, &join->subscription_names[begin]);
	}
}

/* Two things that know nothing of each other: accounts (part 0), and the tenants that are named (part 1). */
static void make_indexes(void *user, size_t part)
{
	struct join *join = user;

	if (part == 0) {
		add_accounts(join);
		return;
	}
	if (join->in->observation->ids.slots)
		join->tenant_index = join->in->observation->ids;
	else
		observation_index(join->in->observation, &join->tenant_index);
	find_named(join);
}

/* In the links' subscription the best claim by external id (replaced by the pairing later). */
static void add_claims(struct join *join)
{
	const struct subscriptions *subscriptions = join->in->subscriptions;
	const struct observed_tenant *tenants = join->in->observation->items;

	for (size_t i = 0; i < subscriptions->count; i++) {
		uint32_t t = join->subscription_names[i];
		if (i + INDEX_AHEAD < subscriptions->count &&
		    join->subscription_names[i + INDEX_AHEAD] != INDEX_NONE)
			fetch(&join->links[join->subscription_names[i + INDEX_AHEAD]], 1);
		if (t == INDEX_NONE)
			continue;
		uint32_t *claim = &join->links[t].subscription;
		if (*claim == INDEX_NONE ||
		    claims_better(&tenants[t], &subscriptions->items[i], &subscriptions->items[*claim]))
			*claim = (uint32_t)i;
	}
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* What a row without an account bills cannot be said: the tenant that it names is not one that none bills. */
static void find_disputed(struct join *join)
{
	const struct subscriptions *subscriptions = join->in->subscriptions;
	size_t cap = 0;

	for (size_t i = 0; i < subscriptions->quarantined_count; i++) {
		const struct quarantined_row *row = &subscriptions->quarantined[i];
		uint32_t t = row->account_id[0] || !row->external_id ? INDEX_NONE
								     : find_tenant(join, row->external_id);
		if (t == INDEX_NONE)
			continue;
		MEM_GROW(join->disputed, join->disputed_count, cap);
		join->disputed[join->disputed_count++] = t;
	}
	if (join->disputed_count > 1)
		qsort(join->disputed, join->disputed_count, sizeof *join->disputed, by_number);
}

bool join_is_disputed(const struct join *join, const struct observed_tenant *tenant)
{
	uint32_t t = (uint32_t)(tenant - join->in->observation->items);

	return join->disputed_count > 0 &&
	       bsearch(&t, join->disputed, join->disputed_count, sizeof t, by_number) != NULL;
}

static void remember_known(struct join *join)
{
	for (size_t i = 0; i < join->in->known_count; i++) {
		const struct known_tenant *known = &join->in->known[i];
		uint32_t t = find_tenant(join, known->tenant_id), u;
		if (t != INDEX_NONE)
			join->links[t].known = (uint32_t)i;
		else if (known->tenant_id[0] && (u = join_unit(join, known->account_id)) != INDEX_NONE)
			join->units[u].lacking = (uint32_t)i;
	}
}

/* An account that the BSS has; one that only tenants name is no match. */
static uint32_t bss_unit(const struct join *join, const char *account_id)
{
	uint32_t u = join_unit(join, account_id);
	bool known = u != INDEX_NONE &&
		     (join->units[u].subscriptions != INDEX_NONE || join->units[u].quarantined != INDEX_NONE);

	return known ? u : INDEX_NONE;
}

static uint32_t account_of_tenant(struct join *join, uint32_t t)
{
	const struct observed_tenant *tenant = &join->in->observation->items[t];
	uint32_t claim = join->links[t].subscription, known = join->links[t].known, unit;
	const char *remembered = known == INDEX_NONE ? "" : join->in->known[known].account_id;

	if (claim != INDEX_NONE) {
		join->links[t].match = MATCH_EXTERNAL_ID;
		return join->subscription_unit[claim];
	}
	/* A customer of the distributor's own may carry any reference; only a partner can carry a contract.
	 */
	if (!tenant_is_present(tenant) || (!tenant->unreadable && !tenant_is_partner(tenant)))
		return INDEX_NONE;
	if ((unit = bss_unit(join, tenant->customer_id)) != INDEX_NONE) {
		join->links[t].match = MATCH_CUSTOMER_ID;
		return unit;
	}
	if (remembered[0]) {
		join->links[t].match = MATCH_LEDGER;
		return unit_for(join, remembered);
	}
	return tenant->customer_id[0] ? unit_for(join, tenant->customer_id) : new_unit(join, "");
}

/* The chains reach into all of the units' memory: what some tenants ahead will touch is asked for early. */
static void add_tenants(struct join *join)
{
	const struct observed_tenant *tenants = join->in->observation->items;

	for (size_t begin = 0, count = join->in->observation->count, end; begin < count; begin = end) {
		end = count - begin < INDEX_AHEAD ? count : begin + INDEX_AHEAD;
		for (size_t i = begin; i < end; i++) {
			uint32_t claim = join->links[i].subscription;
			if (claim != INDEX_NONE)
				__builtin_prefetch(&join->subscription_unit[claim]);
			else
				index_prefetch(&join->unit_index, hash_text(strv_of(tenants[i].customer_id)));
		}
		for (size_t i = begin; i < end; i++) {
			join->links[i].unit = account_of_tenant(join, (uint32_t)i);
			if (join->links[i].unit != INDEX_NONE)
				__builtin_prefetch(&join->units[join->links[i].unit], 1);
		}
		for (size_t i = begin; i < end; i++) {
			uint32_t u = join->links[i].unit;
			if (u == INDEX_NONE)
				continue;
			join->links[i].next = join->units[u].tenants;
			join->units[u].tenants = (uint32_t)i;
			join->units[u].present_tenants += tenant_is_present(&tenants[i]);
		}
	}
}

int64_t done_at(const struct item_record *item)
{
	return item->executed_at ? item->executed_at : item->updated_at;
}

static void add_orders(struct join *join)
{
	const struct reconcile_input *in = join->in;

	for (size_t i = 0; i < in->done_count; i++) {
		uint32_t t = find_tenant(join, in->done_items[i].tenant_id);
		bool is_there = t != INDEX_NONE && tenant_is_present(&in->observation->items[t]);
		/* A contract that we made has its account even where neither side has anything of it. */
		uint32_t u = in->done_items[i].action == ACTION_NEW && !is_there
				 ? unit_for(join, in->done_items[i].account_id)
				 : join_unit(join, in->done_items[i].account_id);
		if (u != INDEX_NONE) {
			join->done_next[i] = join->units[u].done;
			join->units[u].done = (uint32_t)i;
		}
		if (t == INDEX_NONE || in->done_items[i].action != ACTION_NEW)
			continue;
		uint32_t *latest = &join->links[t].done;
		if (*latest == INDEX_NONE || done_at(&in->done_items[*latest]) < done_at(&in->done_items[i]))
			*latest = (uint32_t)i;
	}
	for (size_t i = 0; i < in->pending_count; i++) {
		uint32_t u = join_unit(join, in->pending[i].item->account_id);
		if (u == INDEX_NONE)
			continue;
		join->pending_next[i] = join->units[u].pending;
		join->units[u].pending = (uint32_t)i;
	}
}

void join_make(struct join *join, const struct reconcile_input *in)
{
	size_t subscriptions = in->subscriptions->count, tenants = in->observation->count;

	*join = (struct join){.in = in,
	    .subscription_next = numbers(subscriptions),
	    .subscription_unit = numbers(subscriptions),
	    .subscription_tenant = numbers(subscriptions),
	    .subscription_names = numbers(subscriptions),
	    .links = no_links(tenants),
	    .done_next = numbers(in->done_count),
	    .pending_next = numbers(in->pending_count),
	    .quarantined_next = numbers(in->subscriptions->quarantined_count)};
	join->parts = parallel_parts(subscriptions + tenants, JOIN_PART_LEAST);
	if (join->parts > 1) {
		parallel_run(2, make_indexes, join);
	} else {
		make_indexes(join, 0);
		make_indexes(join, 1);
	}
	add_claims(join);
	find_disputed(join);
	remember_known(join);
	add_tenants(join);
	add_orders(join);
	for (size_t i = 0; i < tenants; i++)
		join->links[i].subscription = INDEX_NONE;
}

void join_free(struct join *join)
{
	uint32_t *lists[] = {join->subscription_next, join->subscription_unit, join->subscription_tenant,
	    join->subscription_names, join->done_next, join->pending_next, join->quarantined_next};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		free(lists[i]);
	free(join->links);
	free(join->disputed);
	free(join->units);
	index_free(&join->unit_index);
	if (join->tenant_index.slots != join->in->observation->ids.slots)
		index_free(&join->tenant_index);
}
