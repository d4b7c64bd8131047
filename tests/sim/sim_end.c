/* The end of a world: what was ordered is there, once, and everybody knows it. See sim_check.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_check.h"
#include "tenantry/mem.h"

static const struct world_subscription *subscription_of(
    const struct world *w, int account, const char *tenant)
{
	for (int i = 0; i < w->subscription_count; i++)
		if (w->subscriptions[i].account == account &&
		    strcmp(w->subscriptions[i].external_id, tenant) == 0)
			return &w->subscriptions[i];
	return NULL;
}

static bool may_stay_rejected(const struct world *w, const struct world_order *o)
{
	unsigned excuses = w->sim->excuses[o->account];

	return o->never || o->overlap || (excuses & EXCUSE_OVERLAP);
}

static bool may_stay_failed(const struct world *w, const struct world_order *o)
{
	bool blocked = false;

	for (int i = 0; i < w->order_count; i++)
		blocked = blocked || (w->orders[i].account == o->account && w->orders[i].bad_login);
	return blocked || (w->sim->excuses[o->account] & (EXCUSE_LOCKED | EXCUSE_MOVED | EXCUSE_DELETED));
}

static void check_order_ended(const struct world *w, int number)
{
	const struct world_order *o = &w->orders[number];
	struct sim *sim = w->sim;

	if (o->status == ORDER_WITHDRAWN)
		return;
	if (!o->known) {
		if (!may_stay_rejected(w, o))
			sim_fail(sim, "order item OI-%d (%s of A%d) never came into the ledger", number,
			    action_name(o->action), o->account);
		return;
	}
	if (o->never && o->state != ITEM_ACCEPTED)
		sim_fail(sim, "order item OI-%d breaks a rule and is %s", number, item_state_name(o->state));
	if (o->state == ITEM_DONE && !o->executed_seen)
		sim_fail(sim, "order item OI-%d is done, and no orders-executed.csv says so", number);
	if (o->state == ITEM_DONE || o->state == ITEM_PARKED)
		return;
	if (!(o->state == ITEM_FAILED || o->state == ITEM_ACCEPTED) ||
	    !(may_stay_failed(w, o) || may_stay_rejected(w, o)))
		sim_fail(sim, "order item OI-%d (%s of A%d) is still %s after the calm: %s", number,
		    action_name(o->action), o->account, item_state_name(o->state), o->why);
}

/* The newest order of the account that is done and sets the tier, or switches; NULL. */
static const struct world_order *last_done(const struct world *w, int account, bool tier)
{
	const struct world_order *last = NULL;

	for (int i = 0; i < w->order_count; i++) {
		const struct world_order *o = &w->orders[i];
		bool sets =
		    o->action == ACTION_NEW || o->action == ACTION_UPGRADE || o->action == ACTION_DOWNGRADE;
		bool fits = o->action == ACTION_NEW || sets == tier;
		if (o->account == account && o->known && o->state == ITEM_DONE && fits)
			last = o;
	}
	return last;
}

static void check_contract(const struct world *w, int account, const struct world_order *o)
{
	struct sim *sim = w->sim;
	const struct cloud_tenant *t = cloud_tenant(&sim->cloud, o->tenant_id);
	const struct world_order *switched = last_done(w, account, false);
	bool on = !switched || switched->action == ACTION_NEW || switched->action == ACTION_REACTIVATE;
	char login[64];

	if (!t || t->deleted)
		sim_fail(sim, "the tenant of account A%d is not there", account);
	else if (!t->has_tier || !(o->tiers_seen & 1U << (t->tier + 1)))
		sim_fail(sim, "account A%d ordered Tier %d and has tier value %d", account, o->tier,
		    t->has_tier ? t->tier : -99);
	else if (t->enabled != on)
		sim_fail(sim, "the tenant of account A%d is %s after its %s", account,
		    t->enabled ? "enabled" : "disabled", switched ? action_name(switched->action) : "order");
	else if (strcmp(t->mode, "production") != 0 ||
		 strcmp(t->currency, account % 3 ? "USD" : "EUR") != 0 || strcmp(t->licensing, "per_gb") != 0)
		sim_fail(sim, "account A%d: pricing %s %s, licensing %s", account, t->mode, t->currency,
		    t->licensing);
	if (sim->failure[0] || (sim->excuses[account] & EXCUSE_USER))
		return;
	const struct cloud_user *u = sim_user_of(sim, t->id, world_login(w, account, login));
	if (!u || !u->admin || (u->mails != 1 && !(sim->excuses[account] & EXCUSE_MAIL)))
		sim_fail(sim, "the user of account A%d: %s, %d mails", account,
		    !u         ? "none"
		    : u->admin ? "administrator"
			       : "no role",
		    u ? u->mails : 0);
}

static void check_bss_knows(const struct world *w, int account, const struct world_order *o)
{
	const struct world_subscription *s = subscription_of(w, account, o->tenant_id);

	if (!s)
		sim_fail(w->sim, "the BSS never heard of the contract of account A%d (tenant %s)", account,
		    o->tenant_id);
	else if (strcmp(s->sync, "Synchronized") != 0)
		sim_fail(w->sim, "the BSS still has the contract of account A%d as %s, %s", account,
		    s->status, s->sync);
}

/* An order that was changed when half of it was done waits for a person, and so does what it has done. */
static bool waits_half_done(const struct world *w, int account)
{
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].account == account && w->orders[i].changed && w->orders[i].known &&
		    w->orders[i].state == ITEM_PARKED)
			return true;
	return false;
}

void check_end(struct world *w)
{
	struct sim *sim = w->sim;

	for (int i = 0; i < w->order_count; i++)
		check_order_ended(w, i);
	for (int account = 0; account < w->account_count; account++) {
		const struct world_order *o = last_done(w, account, true);
		if (!o ||
		    (sim->excuses[account] &
			~(unsigned)(EXCUSE_MAIL | EXCUSE_USER | EXCUSE_RENAMED | EXCUSE_LOCKED)) ||
		    waits_half_done(w, account))
			continue;
		check_contract(w, account, o);
		if (!sim->failure[0] && !(sim->excuses[account] & EXCUSE_LOCKED))
			check_bss_knows(w, account, o);
	}
}
