/* Differences that our own work explains: a change that we finished and that the BSS's export cannot show
 * yet, and one that the BSS shows already and that we carry out on its day (design section 6: downgrades on
 * the next first of the month; whatever has a Start Date to come on that day). */
#include "reconcile/reconcile_impl.h"

static bool made_the_tier(const struct view *view, const struct item_record *done)
{
	const struct tier *tier;

	if (done->action != ACTION_UPGRADE && done->action != ACTION_DOWNGRADE && done->action != ACTION_NEW)
		return false;
	tier = job_tier_by_name(view->in->job, strv_of(done->tier));
	return tier && view->tenant->has_tier && view->tenant->tier_value == tier->acronis;
}

static bool made_the_state(const struct view *view, const struct item_record *done)
{
	if (done->action == ACTION_REACTIVATE)
		return view->tenant->enabled;
	return (done->action == ACTION_SUSPEND || done->action == ACTION_CANCEL) && !view->tenant->enabled;
}

const struct item_record *done_change(const struct view *view, bool tier)
{
	const struct item_record *latest = NULL;

	for (uint32_t i = view->unit ? view->unit->done : INDEX_NONE; i != INDEX_NONE;
	     i = view->join->done_next[i]) {
		const struct item_record *done = &view->in->done_items[i];
		int64_t age = view->in->now - done_at(done);
		if (view->subscription->updated_at >= done_at(done) ||
		    age > view->in->job->reconcile.stuck_after_ms)
			continue;
		if (!(tier ? made_the_tier(view, done) : made_the_state(view, done)))
			continue;
		if (!latest || done_at(latest) < done_at(done))
			latest = done;
	}
	return latest;
}

/* The account's next order that is to be carried out on a day to come, from `at` on; INDEX_NONE. */
static uint32_t next_due_later(const struct view *view, uint32_t at)
{
	struct date today = date_of_ms(view->in->now);

	while (at != INDEX_NONE && date_compare(view->in->pending[at].due, today) <= 0)
		at = view->join->pending_next[at];
	return at;
}

static uint32_t first_due_later(const struct view *view)
{
	return view->unit ? next_due_later(view, view->unit->pending) : INDEX_NONE;
}

bool state_is_due_later(const struct view *view)
{
	static const int leads_to[ACTION_COUNT] = {[ACTION_NEW] = SUBSCRIPTION_ACTIVE,
	    [ACTION_UPGRADE] = -1,
	    [ACTION_DOWNGRADE] = -1,
	    [ACTION_SUSPEND] = SUBSCRIPTION_SUSPENDED,
	    [ACTION_REACTIVATE] = SUBSCRIPTION_ACTIVE,
	    [ACTION_CANCEL] = SUBSCRIPTION_CANCELLED};

	for (uint32_t i = first_due_later(view); i != INDEX_NONE;
	     i = next_due_later(view, view->join->pending_next[i]))
		if (leads_to[view->in->pending[i].item->action] == (int)view->subscription->status)
			return true;
	return false;
}

bool tier_is_due_later(const struct view *view)
{
	uint32_t known = view->join->links[view->tenant - view->in->observation->items].known;
	const struct tier *ours = known == INDEX_NONE ? NULL : view->in->known[known].tier;

	/* Somebody has moved it off the tier that we set last: that is no waiting change. */
	if (ours && (!view->tenant->has_tier || view->tenant->tier_value != ours->acronis))
		return false;
	for (uint32_t i = first_due_later(view); i != INDEX_NONE;
	     i = next_due_later(view, view->join->pending_next[i])) {
		const struct order_item *item = view->in->pending[i].item;
		if (item->tier && item->tier->acronis == view->subscription->tier->acronis)
			return true;
	}
	return false;
}
