/* Differences that our own work explains: a change that we finished and that the BSS's export cannot show
 * yet, and one that the BSS shows already and that we carry out on its day (design section 6: downgrades on
 * the next first of the month; whatever has a Start Date to come on that day). */
#include "reconcile/reconcile_impl.h"

void view_expect(struct view *view)
{
	const struct subscription *s = view->subscription;
	const char *tenant_id = view->tenant ? view->tenant->id : "";

	if (!s)
		return;
	expected_of_row(&view->expected, s);
	for (uint32_t i = view->unit ? view->unit->done : INDEX_NONE; i != INDEX_NONE;
	     i = view->join->done_next[i]) {
		const struct item_record *done = &view->in->done_items[i];
		if (change_is_of(done, s, tenant_id))
			expected_after(&view->expected, view->in->job, s, done, view->in->now);
	}
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
	for (uint32_t i = first_due_later(view); i != INDEX_NONE;
	     i = next_due_later(view, view->join->pending_next[i]))
		if (action_leads_to(view->in->pending[i].item->action) == (int)view->subscription->status)
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
