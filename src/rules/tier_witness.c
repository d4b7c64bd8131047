/* Who can speak for the table of tiers; see tier_proof.h. Everybody whose value we may have written, or whose
 * tenant may not be the contract's, is left out: a wrong witness is worse than none. */
#include <stdlib.h>
#include <strings.h>

#include "tenantry/mem.h"
#include "tenantry/tier_proof.h"

bool tier_is_counted(const struct tier *tier)
{
	return tier->acronis >= 0;
}

bool tier_is_paid(const struct tier *tier)
{
	if (tier->acronis != -1)
		return true;
	for (size_t i = 0; i < CURRENCY_COUNT; i++)
		if (tier->commitment[i].currency[0] && tier->commitment[i].minor > 0)
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A change of tier may stand in the BSS before it is carried out; who is suspended or cancelled stays on its
 * tier and goes on speaking, or a few orders could outvote the partners that contradict the table. */
static bool moves_the_tier(enum action action)
{
	return action == ACTION_NEW || action == ACTION_UPGRADE || action == ACTION_DOWNGRADE;
}

/* The accounts whose tier tonight's orders move, sorted. The caller frees. */
static const char **accounts_on_the_move(const struct tier_search *search, size_t *count)
{
	const char **accounts = mem_zalloc((search->item_count + 1) * sizeof *accounts);

	*count = 0;
	for (size_t i = 0; i < search->item_count; i++)
		if (moves_the_tier(search->items[i]->action))
			accounts[(*count)++] = search->items[i]->account_id;
	if (*count > 0)
		qsort(accounts, *count, sizeof *accounts, by_text);
	return accounts;
}

static bool may_speak(const struct tier_search *search, const char *const *moving, size_t moving_count,
    const struct subscription *s)
{
	struct strv account = strv_of(s->account_id);

	if ((s->status != SUBSCRIPTION_ACTIVE && s->status != SUBSCRIPTION_SUSPENDED) || s->is_trial == 1)
		return false;
	if (!s->tier || !tier_is_counted(s->tier) || !uuid_is(strv_of(s->external_id)))
		return false;
	/* What the ledger knows was made by us, or put on its tier by us. */
	if (facts_tenant(search->facts, account) ||
	    facts_tenant_rival(search->facts, strv_of(s->external_id), account).n > 0)
		return false;
	/* Two live contracts of one account: which of them its tenant is on nobody can say. */
	if (facts_live_subscription(search->facts, account) != s)
		return false;
	return moving_count == 0 || !bsearch(&s->account_id, moving, moving_count, sizeof *moving, by_text);
}

/* One of each tier, then the second of each; within that in the table's order. */
static int by_turn(const void *a, const void *b)
{
	const struct tier_witness *x = a, *y = b;

	if (x->turn != y->turn)
		return x->turn < y->turn ? -1 : 1;
	return x->tier->index < y->tier->index ? -1 : x->tier->index > y->tier->index;
}

struct tier_witness *tier_witnesses(const struct tier_search *search, struct arena *arena, size_t *count)
{
	size_t rows = search->subscriptions ? search->subscriptions->count : 0, n = 0;
	struct tier_witness *found = NULL;
	size_t cap = 0, *turns = mem_zalloc((search->job->contract.tier_count + 1) * sizeof *turns);
	size_t moving_count;
	const char **moving = accounts_on_the_move(search, &moving_count);

	for (size_t i = 0; i < rows; i++) {
		const struct subscription *s = &search->subscriptions->items[i];
		if (!may_speak(search, moving, moving_count, s))
			continue;
		MEM_GROW(found, n, cap);
		found[n++] = (struct tier_witness){.tenant_id = s->external_id,
		    .account_id = s->account_id,
		    .account = s->account,
		    .currency = s->currency,
		    .tier = s->tier,
		    .start = s->start_date,
		    .updated_at = s->updated_at,
		    .turn = turns[s->tier->index]++};
	}
	if (n > 0)
		qsort(found, n, sizeof *found, by_turn);
	struct tier_witness *kept = arena_alloc(arena, (n + 1) * sizeof *kept);
	if (n > 0)
		memcpy(kept, found, n * sizeof *kept);
	free(found);
	free(moving);
	free(turns);
	*count = n;
	return kept;
}

/* "main/ORD-1": what our tag on a tenant looks like. */
static bool is_our_tag(const struct job *job, const char *tag)
{
	size_t n = strlen(job->bss.name);

	return strncmp(tag, job->bss.name, n) == 0 && tag[n] == '/';
}

bool tier_witness_see(struct tier_witness *witness, const struct job *job, const struct tier_sight *sight)
{
	struct strv customer = strv_trim(strv_of(sight->customer_id));

	if (sight->deleted || strcmp(sight->kind, "partner") != 0 || !sight->has_value ||
	    is_our_tag(job, sight->internal_tag))
		return false;
	if (customer.n > 0 && !strv_eq(customer, strv_of(witness->account_id)))
		return false;
	witness->has_value = true;
	witness->value = sight->value;
	return true;
}
