/* The end of a world: what was ordered is there, once, and everybody knows it. See sim_check.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_check.h"
#include "tenantry/audit.h"
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
	return blocked ||
	       (w->sim->excuses[o->account] & (EXCUSE_LOCKED | EXCUSE_MOVED | EXCUSE_DELETED | EXCUSE_USER));
}

/* With on_error: stop an order that can never be done keeps all after it waiting, as the job wants it. */
static bool may_wait_for_ever(const struct world *w, const struct world_order *o)
{
	for (int i = 0; i < w->order_count && !w->goes_on && o->state == ITEM_ACCEPTED; i++)
		if (w->orders[i].known && w->orders[i].state == ITEM_FAILED &&
		    may_stay_failed(w, &w->orders[i]))
			return true;
	return false;
}

static bool was_reused(const struct world *w, int account)
{
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].account == account && w->orders[i].was_reused)
			return true;
	return false;
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
	if (o->state == ITEM_DONE || o->state == ITEM_PARKED || o->state == ITEM_REJECTED ||
	    (o->state == ITEM_RECEIVED && o->status == ORDER_WITHDRAWN))
		return;
	/* While another row stood in the place of one, a second order of the account went by it. */
	bool overtaken = o->state == ITEM_RUNNING && was_reused(w, o->account) && may_stay_rejected(w, o);
	/* What was held back first, and breaks a rule since. */
	bool held = o->state == ITEM_RECEIVED && may_stay_rejected(w, o);
	if (!(o->state == ITEM_FAILED || o->state == ITEM_ACCEPTED || overtaken || held) ||
	    !(may_stay_failed(w, o) || may_stay_rejected(w, o) || may_wait_for_ever(w, o)))
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

/* An order that was changed when half of it was done waits for a person or was given up by one; what it has
 * done stays. */
static bool stays_half_done(const struct world *w, int account)
{
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].account == account && w->orders[i].changed && w->orders[i].known &&
		    (w->orders[i].state == ITEM_PARKED || w->orders[i].state == ITEM_REJECTED))
			return true;
	return false;
}

void check_end(struct world *w)
{
	struct sim *sim = w->sim;

	for (int i = 0; i < w->order_count; i++)
		check_order_ended(w, i);
	if (sim->database && !sim->failure[0])
		database_check(w);
	for (int account = 0; account < w->account_count; account++) {
		const struct world_order *o = last_done(w, account, true);
		if (!o ||
		    (sim->excuses[account] &
			~(unsigned)(EXCUSE_MAIL | EXCUSE_USER | EXCUSE_RENAMED | EXCUSE_LOCKED)) ||
		    stays_half_done(w, account))
			continue;
		check_contract(w, account, o);
		if (!sim->failure[0] && !(sim->excuses[account] & EXCUSE_LOCKED))
			check_bss_knows(w, account, o);
	}
}

/* ---- What the ledger has of it all: audits that fit, and no finding where nothing went wrong. */

struct ending {
	struct world *world;
	struct ledger *ledger;
	struct arena *arena;
};

static int each_run(void *user, const struct run_record *listed)
{
	struct ending *e = user;
	struct audit_result result;
	struct run_record whole, *run = &whole;
	struct error err = {0};
	struct sim *sim = e->world->sim;

	if (ledger_run_find(e->ledger, listed->run_id, e->arena, run, &err) != 1)
		sim_fail(sim, "run %s is listed and not found: %s", listed->run_id, err.text);
	else if (audit_verify(e->ledger, run, e->arena, &result, &err) < 0)
		sim_fail(sim, "the audit of run %s cannot be verified: %s", run->run_id, err.text);
	else if (result.count > 0)
		sim_fail(sim, "the audit of run %s does not fit: %s:%lu: %s", run->run_id,
		    result.problems[0].file, result.problems[0].line, result.problems[0].text);
	return 0;
}

static bool had_a_quiet_life(const struct world *w, int account)
{
	if (account < 0 || w->sim->excuses[account])
		return false;
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].account == account &&
		    (!w->orders[i].known || w->orders[i].state != ITEM_DONE))
			return false;
	return true;
}

static int each_finding(void *user, const struct finding_record *finding)
{
	struct ending *e = user;
	int account = sim_account_number(finding->account_id);

	/* A cancelled tenant stays until a person deletes it. */
	if (strcmp(finding->code, finding_code_name(FINDING_CANCELLED_BUT_PRESENT)) == 0)
		return 0;
	if (had_a_quiet_life(e->world, account) && strcmp(finding->severity, "info") != 0)
		sim_fail(e->world->sim, "nothing went wrong with account A%d, and yet: %s: %s", account,
		    finding->code, finding->sentence);
	return 0;
}

void check_records(struct world *world)
{
	struct error err = {0};
	struct ending e = {.world = world, .arena = arena_new()};

	e.ledger = ledger_open(world->job->ledger, LEDGER_READ, &world->sim->clock, &err);
	if (!e.ledger || ledger_runs(e.ledger, 0, each_run, &e, &err) < 0 ||
	    ledger_findings(e.ledger, NULL, NULL, each_finding, &e, &err) < 0)
		sim_fail(world->sim, "the ledger cannot be read: %s", err.text);
	ledger_close(e.ledger);
	arena_free(e.arena);
}
