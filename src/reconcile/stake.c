/* Money at stake per month: the minimum commitment of the contract concerned, in the currency it is billed
 * in, as the distributor configured it (contract.tiers). Nothing is converted and nothing is guessed: without
 * a configured amount it is not known. */
#include "reconcile/reconcile_impl.h"

static const struct money unknown;

static struct money commitment(const struct tier *tier, const char *currency)
{
	int index = currency_index(strv_of(currency));

	return tier && index >= 0 ? tier->commitment[index] : unknown;
}

struct money stake_of_subscription(const struct view *view)
{
	/* A trial has no commitment (domain rule 15). */
	if (view->subscription->is_trial == 1)
		return unknown;
	return commitment(view->subscription->tier, view->subscription->currency);
}

/* Several names can share a value (Tier 0 and Promo): the one that we set counts, else the commitment must be
 * the same for all. */
static struct money commitment_of_value(const struct view *view, const char *currency)
{
	const struct job *job = view->in->job;
	const struct observed_tenant *tenant = view->tenant;
	uint32_t number = (uint32_t)(tenant - view->in->observation->items);
	uint32_t known = view->join->links[number].known;
	struct money found = unknown;

	if (!tenant->tier_read || !tenant->has_tier)
		return unknown;
	const struct tier *ours = known == INDEX_NONE ? NULL : view->in->known[known].tier;
	if (ours && ours->acronis == tenant->tier_value)
		return commitment(ours, currency);
	for (size_t i = 0; i < job->contract.tier_count; i++) {
		if (job->contract.tiers[i].acronis != tenant->tier_value)
			continue;
		struct money money = commitment(&job->contract.tiers[i], currency);
		if (!money.currency[0] || (found.currency[0] && money.minor != found.minor))
			return unknown;
		found = money;
	}
	return found;
}

struct money stake_of_tenant(const struct view *view)
{
	const char *currency = view->tenant->pricing_read ? view->tenant->currency : "";

	if (!currency[0] && view->subscription)
		currency = view->subscription->currency;
	return commitment_of_value(view, currency);
}

struct money stake_of_difference(const struct view *view)
{
	const char *currency = view->subscription->currency;
	struct money acronis = commitment_of_value(view, currency);
	struct money bss =
	    view->subscription->is_trial == 1 ? unknown : commitment(view->expected.tier, currency);

	if (view->tenant->tier_read && !view->tenant->has_tier)
		return bss;
	if (!bss.currency[0] || !acronis.currency[0] ||
	    __builtin_sub_overflow(bss.minor, acronis.minor, &bss.minor))
		return unknown;
	if (bss.minor < 0)
		bss.minor = -bss.minor;
	return bss;
}

struct money stake_of_quantity(const struct view *view)
{
	struct money money = stake_of_subscription(view);
	int64_t quantity;

	if (!money.currency[0] ||
	    !strv_to_int64(strv_trim(strv_of(view->subscription->quantity)), &quantity) || quantity < 0 ||
	    __builtin_mul_overflow(money.minor, quantity > 1 ? quantity - 1 : 1 - quantity, &money.minor))
		return unknown;
	return money;
}

struct money stake_of_order(const struct view *view)
{
	if (view->order)
		return commitment(view->order->item->tier, view->order->item->currency);
	return stake_of_subscription(view);
}

struct money stake_of_done(const struct view *view)
{
	return commitment(job_tier_by_name(view->in->job, strv_of(view->done->tier)), view->done->currency);
}
