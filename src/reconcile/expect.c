/* Whose word is newer: the BSS's row, or a change of ours that was carried out after it. The journal is the
 * third side: what we executed for an order stands until the BSS's export is newer than it, however many
 * nights that takes, for the order came from the BSS. Pure. */
#include "reconcile/reconcile_impl.h"

int64_t subscription_said_at(const struct subscription *subscription, int64_t now)
{
	/* A time to come tells nothing about what the row knew: such a row would outdo every change of ours.
	 */
	return subscription->updated_at <= now ? subscription->updated_at : 0;
}

static const struct {
	bool sets_tier;
	int status; /* of the subscription, as the change leaves it; -1: as it was */
} effects[ACTION_COUNT] = {[ACTION_NEW] = {true, SUBSCRIPTION_ACTIVE},
    [ACTION_UPGRADE] = {true, -1},
    [ACTION_DOWNGRADE] = {true, -1},
    [ACTION_SUSPEND] = {false, SUBSCRIPTION_SUSPENDED},
    [ACTION_REACTIVATE] = {false, SUBSCRIPTION_ACTIVE},
    [ACTION_CANCEL] = {false, SUBSCRIPTION_CANCELLED}};

int action_leads_to(enum action action)
{
	return effects[action].status;
}

bool action_sets_tier(enum action action)
{
	return effects[action].sets_tier;
}

bool change_is_of(
    const struct item_record *change, const struct subscription *subscription, const char *tenant_id)
{
	struct strv tenant = strv_of(change->tenant_id);

	if (change->subscription_id[0] &&
	    strv_eq_nocase(strv_of(change->subscription_id), strv_of(subscription->id)))
		return true;
	return tenant.n > 0 && (strv_eq_nocase(tenant, strv_of(tenant_id)) ||
				   strv_eq_nocase(tenant, strv_of(subscription->external_id)));
}

bool change_shows(const struct item_record *change, const struct subscription *subscription)
{
	if (change->action == ACTION_NEW)
		return true;
	if (effects[change->action].sets_tier)
		return subscription->tier &&
		       strv_eq_nocase(strv_of(change->tier), strv_of(subscription->tier->name));
	return effects[change->action].status == (int)subscription->status;
}

void expected_of_row(struct expected *expected, const struct subscription *subscription)
{
	*expected = (struct expected){.status = subscription->status, .tier = subscription->tier};
}

static bool is_later(const struct item_record *than, const struct item_record *change)
{
	return !than || done_at(than) < done_at(change);
}

/* What is pending or failed in the BSS is still being made: nothing that was done before says what it is. */
static bool has_settled(const struct subscription *subscription)
{
	return subscription->status == SUBSCRIPTION_ACTIVE ||
	       subscription->status == SUBSCRIPTION_SUSPENDED ||
	       subscription->status == SUBSCRIPTION_CANCELLED;
}

void expected_after(struct expected *expected, const struct job *job, const struct subscription *subscription,
    const struct item_record *change, int64_t now)
{
	const struct tier *tier =
	    effects[change->action].sets_tier ? job_tier_by_name(job, strv_of(change->tier)) : NULL;

	int64_t said_at = subscription_said_at(subscription, now);

	/* A row without a time may be the very contract that a `new` made, as it is by now. */
	if (!has_settled(subscription) || said_at >= done_at(change) ||
	    (change->action == ACTION_NEW && said_at == 0))
		return;
	if (tier && is_later(expected->tier_by, change)) {
		expected->tier = tier;
		expected->tier_by = change;
	}
	if (effects[change->action].status >= 0 && is_later(expected->status_by, change)) {
		expected->status = (enum subscription_status)effects[change->action].status;
		expected->status_by = change;
	}
}
