/* When a difference of each class is true (design section 7). A few lines each and no I/O: the view has all
 * they need. What is merely unknown is never a difference: it is not-compared (the view's gap). */
#include "reconcile/class_impl.h"

#include <stdlib.h>

bool has_status(const struct view *v, enum subscription_status status)
{
	return v->subscription && v->subscription->status == status;
}

bool expects(const struct view *v, enum subscription_status status)
{
	return v->subscription && v->expected.status == status;
}

const struct item_record *tier_is_ours(const struct view *v)
{
	const struct tier *row = v->subscription ? v->subscription->tier : NULL;

	return row && v->expected.tier_by && v->expected.tier->acronis != row->acronis ? v->expected.tier_by
										       : NULL;
}

const struct item_record *status_is_ours(const struct view *v)
{
	return v->subscription && v->expected.status != v->subscription->status ? v->expected.status_by
										: NULL;
}

static bool has_tenant(const struct view *v)
{
	return v->tenant && !v->tenant->unreadable && tenant_is_partner(v->tenant);
}

/* Both sides are there and the contract runs (or is suspended): then their properties must agree. A pending
 * one is still being made. */
static bool both(const struct view *v)
{
	return (expects(v, SUBSCRIPTION_ACTIVE) || expects(v, SUBSCRIPTION_SUSPENDED)) && has_tenant(v);
}

const char *view_parent(const struct view *v)
{
	if (v->in->observation->parent[0])
		return v->in->observation->parent;
	return v->in->job->acronis.parent ? v->in->job->acronis.parent : "";
}

static bool stands_elsewhere(const struct view *v)
{
	const char *parent = view_parent(v);

	return parent[0] && v->tenant->parent_id[0] &&
	       !observation_is_ours(v->in->observation, &v->join->tenant_index, parent, v->tenant);
}

bool when_tenant_missing(const struct view *v)
{
	if (v->kind == VIEW_MADE)
		return !v->gap;
	return expects(v, SUBSCRIPTION_ACTIVE) && !v->tenant && !v->gap &&
	       v->subscription == v->main_subscription && !state_is_due_later(v);
}

static bool is_unbilled(const struct view *v)
{
	return !v->subscription && !v->gap && v->unit->subscriptions == INDEX_NONE && !stands_elsewhere(v);
}

bool when_subscription_missing(const struct view *v)
{
	return is_unbilled(v) && !v->done;
}

bool tier_differs(const struct view *v)
{
	return both(v) && v->tenant->tier_read && v->subscription->tier &&
	       !(v->tenant->has_tier && v->tenant->tier_value == v->expected.tier->acronis);
}

/* The tenant is to be on while the contract is active, and off once it is suspended or cancelled. */
static bool state_differs(const struct view *v)
{
	bool known = both(v) || (expects(v, SUBSCRIPTION_CANCELLED) && has_tenant(v));

	return known && v->tenant->enabled != expects(v, SUBSCRIPTION_ACTIVE);
}

/* A difference of states is told once: of a cancelled row with the tenant that is left of it (pairing.c), of
 * any other with the subscription. */
static bool is_told_here(const struct view *v)
{
	return v->subscription && (v->kind == VIEW_TENANT) == has_status(v, SUBSCRIPTION_CANCELLED);
}

/* Done by us, as the tenant shows, and not in the BSS's row. */
const struct item_record *import_waited_for(const struct view *v)
{
	const struct item_record *tier = both(v) && !tier_differs(v) ? tier_is_ours(v) : NULL;

	if (tier || (!v->tenant && !expects(v, SUBSCRIPTION_CANCELLED)) || state_differs(v))
		return tier;
	return status_is_ours(v);
}

bool when_import_pending(const struct view *v)
{
	if (v->kind == VIEW_TENANT && !v->subscription)
		return v->done && !v->gap && !v->unit->has_live && !stands_elsewhere(v);
	return is_told_here(v) && import_waited_for(v);
}

bool when_tier_mismatch(const struct view *v)
{
	return tier_differs(v) && !tier_is_due_later(v);
}

bool when_suspended_but_enabled(const struct view *v)
{
	return is_told_here(v) && expects(v, SUBSCRIPTION_SUSPENDED) && state_differs(v) &&
	       !state_is_due_later(v);
}

bool when_active_but_disabled(const struct view *v)
{
	return is_told_here(v) && expects(v, SUBSCRIPTION_ACTIVE) && state_differs(v) &&
	       !state_is_due_later(v);
}

/* Told with the tenant always: it is what is left. */
bool when_cancelled_but_enabled(const struct view *v)
{
	return expects(v, SUBSCRIPTION_CANCELLED) && !v->gap && v->tenant->enabled && !state_is_due_later(v);
}

/* Only when the BSS has it too: until then it is import-pending. */
bool when_cancelled_but_present(const struct view *v)
{
	return has_status(v, SUBSCRIPTION_CANCELLED) && expects(v, SUBSCRIPTION_CANCELLED) && !v->gap &&
	       !v->tenant->enabled;
}

bool when_currency_mismatch(const struct view *v)
{
	return both(v) && v->tenant->pricing_read && !v->in->observation->without_currency &&
	       v->subscription->currency[0] && strcmp(v->subscription->currency, v->tenant->currency) != 0;
}

bool when_licensing_mismatch(const struct view *v)
{
	return both(v) && v->tenant->licensing_read &&
	       strcmp(v->tenant->licensing_mode, v->in->job->contract.licensing_mode) != 0;
}

/* A trial in the BSS may be one in Acronis, and suspended pricing goes with a suspended contract. */
bool when_pricing_mode(const struct view *v)
{
	if (!both(v) || !v->tenant->pricing_read)
		return false;
	if (strcmp(v->tenant->pricing_mode, "trial") == 0)
		return v->subscription->is_trial != 1;
	return strcmp(v->tenant->pricing_mode, "suspended") == 0 && !expects(v, SUBSCRIPTION_SUSPENDED);
}

bool when_duplicate_subscription(const struct view *v)
{
	return subscription_is_live(v->subscription) && v->subscription != v->main_subscription;
}

bool when_duplicate_tenant(const struct view *v)
{
	return !v->explained && v->main_tenant && v->tenant != v->main_tenant && tenant_is_partner(v->tenant);
}

bool when_login_mismatch(const struct view *v)
{
	struct strv username = strv_of(v->subscription->username);

	return both(v) && v->tenant->login_read && username.n > 0 &&
	       !strv_eq_nocase(username, strv_of(v->tenant->login));
}

bool when_name_drift(const struct view *v)
{
	return both(v) && v->subscription->account[0] &&
	       !name_equal(strv_of(v->subscription->account), strv_of(v->tenant->name));
}

/* An empty id contradicts nothing; the column is optional. */
bool wrong_external_id(const struct view *v)
{
	struct strv named = strv_of(v->subscription->external_id);

	if (named.n == 0)
		return false;
	return v->tenant ? !strv_eq_nocase(named, strv_of(v->tenant->id))
			 : v->named && tenant_is_present(v->named);
}

static bool wrong_customer_id(const struct view *v)
{
	return both(v) && v->tenant->customer_id[0] &&
	       strcmp(v->tenant->customer_id, v->subscription->account_id) != 0;
}

bool when_external_id_mismatch(const struct view *v)
{
	return subscription_is_live(v->subscription) && (wrong_external_id(v) || wrong_customer_id(v));
}

bool when_parent_mismatch(const struct view *v)
{
	return !v->tenant->unreadable && stands_elsewhere(v);
}

/* The same readings as for orders (design section 5): 1, 01 and 1.0 are 1. Not given is not another quantity.
 */
static bool quantity_is_one(struct strv text)
{
	size_t i = 0;

	while (i < text.n && text.p[i] == '0')
		i++;
	if (i == text.n || text.p[i++] != '1')
		return false;
	if (i < text.n && text.p[i] == '.' && i + 1 < text.n)
		for (i++; i < text.n && text.p[i] == '0';)
			i++;
	return i == text.n;
}

bool when_subscription_quantity(const struct view *v)
{
	struct strv quantity = strv_trim(strv_of(v->subscription->quantity));

	return subscription_is_live(v->subscription) && quantity.n > 0 && !quantity_is_one(quantity);
}

static bool order_is_stuck(const struct view *v)
{
	return v->order->state != ITEM_DONE && v->order->state != ITEM_REJECTED &&
	       v->in->now - order_since(v->order) > v->in->job->reconcile.stuck_after_ms;
}

/* The BSS's own word for it: pending, or failed (also "Provisioning Sync Status"), with no order of ours that
 * says more. */
static bool subscription_is_stuck(const struct view *v)
{
	const struct subscription *s = v->subscription;
	bool failed = s->status == SUBSCRIPTION_FAILED ||
		      strv_eq_nocase(strv_trim(strv_of(s->sync_status)), STRV("failed"));
	int64_t since = s->updated_at                ? s->updated_at
			: date_is_set(s->start_date) ? date_to_ms(s->start_date)
						     : 0;

	if (s->status == SUBSCRIPTION_CANCELLED || (!failed && s->status != SUBSCRIPTION_PENDING) ||
	    v->unit->pending != INDEX_NONE)
		return false;
	return v->in->now - since > v->in->job->reconcile.stuck_after_ms;
}

bool when_order_stuck(const struct view *v)
{
	return v->order ? order_is_stuck(v) : subscription_is_stuck(v);
}

/* A tenant's gap is its subscription's finding, and in an account with an unusable row that row's. */
bool when_not_compared(const struct view *v)
{
	if (v->billing)
		return v->billing->kind == BILLING_GAP && !v->billing->said;
	return v->gap && (v->kind != VIEW_TENANT || (v->alone && v->tenant->unreadable));
}

static int by_tenant(const void *key, const void *note)
{
	return strcmp(key, ((const struct usage_note *)note)->tenant_id);
}

const struct usage_note *usage_of(const struct view *v)
{
	if (!v->tenant || v->in->usage_count == 0)
		return NULL;
	return bsearch(v->tenant->id, v->in->usages, v->in->usage_count, sizeof *v->in->usages, by_tenant);
}

bool when_usage_implausible(const struct view *v)
{
	return has_status(v, SUBSCRIPTION_ACTIVE) && usage_of(v);
}
