/* See sim_check.h. What the checks know of the world is what the BSS ordered, what the portal and the weather
 * did (the excuses), and the cloud itself; what the program says of it is held against that. */
#include "sim_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

/* ---- The run's own words. */

static void check_counts(struct sim *sim, const struct report *report)
{
	const struct intake_counts *in = &report->intake;
	const struct apply_result *apply = &report->apply;

	if (report->has_intake && in->read != in->accepted + in->rejected + in->ignored)
		sim_fail(sim,
		    "read %" PRIu64 " = accepted %" PRIu64 " + rejected %" PRIu64 " + ignored %" PRIu64
		    " does not close",
		    in->read, in->accepted, in->rejected, in->ignored);
	if (report->has_provision && !report->dry_run &&
	    apply->planned !=
		apply->done + apply->failed + apply->parked + apply->deferred + apply->not_started)
		sim_fail(sim, "planned %" PRIu64 " does not close", apply->planned);
	/* What is looked up in a database, for its order may have been executed, and what is missed is
	 * planned beside what was accepted. */
	if (report->has_intake && report->has_provision && !report->dry_run &&
	    (apply->planned < in->accepted ||
		(!sim->database && apply->planned > in->accepted + apply->parked + apply->not_started)))
		sim_fail(sim, "accepted %" PRIu64 ", but planned %" PRIu64, in->accepted, apply->planned);
	if (report->has_provision && report->exit_status == 0 &&
	    apply->failed + apply->parked + apply->not_started > 0)
		sim_fail(sim,
		    "exit status 0 with %" PRIu64 " failed, %" PRIu64 " parked, %" PRIu64 " not started",
		    apply->failed, apply->parked, apply->not_started);
}

/* Each row that uses the id of another order is refused for it, and no other row, but for those of orders
 * that somebody changed after they were done or decided. */
static void check_reused(struct sim *sim, const struct world *w, const struct report *report)
{
	uint64_t refused = report->intake.by_rule[RULE_ORDER_KEY_REUSED], changed = 0;

	for (int i = 0; i < w->order_count; i++)
		changed += w->orders[i].known && w->orders[i].changed &&
			   (w->orders[i].state == ITEM_DONE || w->orders[i].state == ITEM_REJECTED) &&
			   w->orders[i].status == ORDER_SUBMITTED;
	if (report->has_intake && (refused < sim->reused_rows || refused > sim->reused_rows + changed))
		sim_fail(sim, "%u rows use the id of another order, and %" PRIu64 " were refused for it",
		    sim->reused_rows, refused);
}

/* run.json says what the program says. */
static void check_document(struct sim *sim, const struct report *report, int exit_status)
{
	char path[200];
	struct error err = {0};
	size_t n;

	snprintf(path, sizeof path, "%s/run.json", report->folder);
	char *text = file_read_all(path, 16 << 20, &n, &err);
	json_t *document = text ? json_loads(text, 0, NULL) : NULL;
	const json_t *status = json_object_get(document, "exit_status");
	if (!document)
		sim_fail(sim, "run.json cannot be read: %s", err.text);
	else if (!json_is_integer(status) || json_integer_value(status) != exit_status)
		sim_fail(sim, "run.json has exit status %lld, the program %d",
		    (long long)json_integer_value(status), exit_status);
	json_decref(document);
	free(text);
}

static bool may_be(const struct sim *sim, int exit_status)
{
	if (exit_status == 143)
		return sim->stopped;
	return exit_status == 0 || exit_status == 1 || exit_status == 3 || exit_status == 5;
}

static bool any_known(const struct world *w)
{
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].known)
			return true;
	return false;
}

void check_run(
    struct sim *sim, const struct world *world, const struct run_output *out, int rc, const struct error *err)
{
	int exit_status = rc < 0 ? error_exit_status(err) : out->exit_status;

	sim->stats.exits[exit_status & 255]++;
	/* A dry run after a first night that was killed while it made its ledger. */
	if (rc < 0 && !any_known(world) && strcmp(err->text, "there is no ledger in this file yet") == 0)
		return;
	if (rc < 0) {
		sim_fail(sim, "the run could not begin: %s", err->text);
		return;
	}
	if ((exit_status == 143 || exit_status == 130) && !sim->stopped)
		sim_fail(sim, "nothing is known to be broken: the simulation itself was interrupted");
	else if (!may_be(sim, exit_status))
		sim_fail(sim, "exit status %d: %s", exit_status, out->report->error_text);
	if (strcmp(out->report->error_code, "internal") == 0)
		sim_fail(sim, "internal error: %s", out->report->error_text);
	if (exit_status != out->report->exit_status)
		sim_fail(sim, "exit status %d, the report says %d", exit_status, out->report->exit_status);
	check_counts(sim, out->report);
	check_reused(sim, world, out->report);
	if (!out->report->dry_run)
		check_document(sim, out->report, exit_status);
	if (!out->report->dry_run && out->report->has_reconcile)
		check_observed(sim, world, out->report);
}

/* ---- The cloud. */

static bool is_ours(const struct sim *sim, size_t tenant)
{
	return !sim->stranger[tenant];
}

static void check_tenants(struct sim *sim)
{
	unsigned live[SIM_ACCOUNTS] = {0}, tagged[SIM_ORDERS] = {0};

	for (size_t i = 0; i < sim->cloud.tenant_count; i++) {
		const struct cloud_tenant *t = &sim->cloud.tenants[i];
		int account = sim_account_number(t->customer), order = sim_order_number(t->tag);
		if (!is_ours(sim, i))
			continue;
		if (account < 0 || order < 0) {
			sim_fail(sim, "tenant %s was made for account \"%s\", order item \"%s\"", t->id,
			    t->customer, t->tag);
			return;
		}
		if (++tagged[order] > 1)
			sim_fail(sim, "two tenants were made for order item OI-%d", order);
		if (!t->deleted && ++live[account] > 1)
			sim_fail(sim, "two live tenants were made for account A%d", account);
		if (sim->account_of[order] != account)
			sim_fail(sim, "the tenant of order item OI-%d has account A%d", order, account);
	}
}

static void check_strangers(struct sim *sim)
{
	for (size_t i = 0; i < sim->cloud.tenant_count; i++) {
		const struct cloud_tenant *t = &sim->cloud.tenants[i];
		if (is_ours(sim, i))
			continue;
		if (t->has_tier || t->licensing[0] || t->item_on[0] || !t->enabled)
			sim_fail(sim, "a stranger's tenant %s (%s) was changed", t->id, t->name);
	}
}

static void check_users(struct sim *sim)
{
	unsigned made[SIM_ORDERS] = {0};

	for (size_t i = 0; i < sim->cloud.user_count; i++) {
		const struct cloud_user *u = &sim->cloud.users[i];
		int order = sim_order_number(u->external);
		if (u->mails > 1 + (order >= 0 ? sim->mails_resent[order] : 0))
			sim_fail(sim, "%d activation mails went to %s", u->mails, u->login);
		if (order >= 0 && ++made[order] > 1)
			sim_fail(sim, "two users were made for order item OI-%d", order);
	}
}

uint64_t check_cloud_digest(const struct sim *sim)
{
	const struct cloud *cloud = &sim->cloud;
	struct digest tenants = digest_of(
	    (struct strv){(const char *)cloud->tenants, cloud->tenant_count * sizeof *cloud->tenants});
	struct digest users =
	    digest_of((struct strv){(const char *)cloud->users, cloud->user_count * sizeof *cloud->users});

	return tenants.low ^ (users.low * 3);
}

/* ---- The ledger: states and how they may follow each other, the journal. */

struct ledger_check {
	struct world *world;
	struct ledger *ledger;
	struct arena *arena;
	bool ended;
};

static bool may_follow(const struct world_order *order, const struct item_record *item)
{
	enum item_state state = item->state;
	bool held = strcmp(item->reason, REASON_HELD) == 0;
	bool withdrawn = order->status == ORDER_WITHDRAWN;

	switch (order->known ? order->state : ITEM_RECEIVED) {
	case ITEM_RECEIVED: /* held back before it was accepted */
		return state != ITEM_REJECTED && (state != ITEM_RECEIVED || held || withdrawn);
	case ITEM_ACCEPTED:
		return (state != ITEM_RECEIVED || withdrawn) && state != ITEM_REJECTED;
	case ITEM_RUNNING:
	case ITEM_FAILED:
		return state == ITEM_RUNNING || state == ITEM_FAILED || state == ITEM_PARKED ||
		       state == ITEM_DONE || (state == ITEM_ACCEPTED && held);
	case ITEM_PARKED:
		/* What was missed goes on by itself when it comes back. */
		return state == ITEM_PARKED ||
		       (order->park == PARK_ORDER_GONE && state != ITEM_RECEIVED && state != ITEM_REJECTED);
	case ITEM_DONE:
	case ITEM_REJECTED: /* by a person */
		return state == order->state;
	default:
		return false;
	}
}

static void check_reason(struct sim *sim, const struct item_record *item)
{
	if (item->state == ITEM_PARKED && park_reason_parse(item->reason) == PARK_NONE)
		sim_fail(sim, "%s is parked with the reason \"%s\"", item->key, item->reason);
	else if (item->state == ITEM_FAILED && fail_reason_parse(item->reason) == FAIL_NONE)
		sim_fail(sim, "%s failed with the reason \"%s\"", item->key, item->reason);
	else if (item->state == ITEM_ACCEPTED && item->reason[0] &&
		 strcmp(item->reason, REASON_NOT_STARTED) != 0 && strcmp(item->reason, REASON_HELD) != 0)
		sim_fail(sim, "%s waits with the reason \"%s\"", item->key, item->reason);
	else if ((item->state == ITEM_DONE || item->state == ITEM_RUNNING) && item->reason[0])
		sim_fail(sim, "%s is %s with the reason \"%s\"", item->key, item_state_name(item->state),
		    item->reason);
}

/* What must have happened before an item may be parked for that reason. */
static unsigned needed_excuse(enum park_reason reason)
{
	static const unsigned needs[PARK_REASON_COUNT] = {
	    [PARK_TENANT_EXISTS] = EXCUSE_STRANGER | EXCUSE_DELETED,
	    [PARK_NAME_CLASH] = EXCUSE_STRANGER | EXCUSE_MOVED,
	    [PARK_LOGIN_TAKEN] = EXCUSE_LOGIN,
	    [PARK_TENANT_NOT_FOUND] = EXCUSE_DELETED | EXCUSE_MOVED | EXCUSE_OVERLAP,
	    [PARK_EXTERNAL_ID_DIFFERS] = EXCUSE_STRANGER | EXCUSE_DELETED | EXCUSE_MOVED | EXCUSE_OVERLAP,
	    [PARK_TENANT_DELETED] = EXCUSE_DELETED,
	    [PARK_TENANT_DISABLED] = EXCUSE_DISABLED | EXCUSE_OVERLAP,
	    [PARK_TENANT_MOVED] = EXCUSE_MOVED,
	    [PARK_TENANT_LOCKED] = EXCUSE_LOCKED,
	    [PARK_ORDER_CHANGED] = EXCUSE_OVERLAP,
	    /* A first contract again finds the user of the one that was cancelled. */
	    [PARK_MAIL_IN_DOUBT] =
		EXCUSE_MAIL | EXCUSE_USER | EXCUSE_STRANGER | EXCUSE_LOGIN | EXCUSE_OVERLAP,
	    [PARK_USER_GONE] = EXCUSE_USER | EXCUSE_DELETED | EXCUSE_OVERLAP,
	    [PARK_TIER_LOST] = EXCUSE_TIER | EXCUSE_OVERLAP,
	};

	return needs[reason];
}

static void check_park(struct sim *sim, const struct world_order *order, const struct item_record *item)
{
	enum park_reason reason = park_reason_parse(item->reason);
	bool excused = (sim->excuses[order->account] & needed_excuse(reason)) != 0;

	if (item->state != ITEM_PARKED)
		return;
	if (reason == PARK_ORDER_CHANGED && order->changed)
		excused = true;
	/* Withdrawn while it waited or after it had failed, or another row under its id. */
	if (reason == PARK_ORDER_GONE && (order->status != ORDER_SUBMITTED || order->was_reused))
		excused = true;
	if (!excused)
		sim_fail(sim, "%s is parked as %s, and nothing happened that would explain it (%s)",
		    item->key, item->reason, item->text);
	if (order->state != ITEM_PARKED || !order->known)
		sim->stats.parked[reason]++;
}

static void check_steps(struct ledger_check *c, const struct item_record *item)
{
	struct sim *sim = c->world->sim;
	struct step_record *steps;
	size_t count, made = 0, mails = 0, open = 0;
	struct error err = {0};

	if (ledger_steps(c->ledger, item->key, c->arena, &steps, &count, &err) < 0) {
		sim_fail(sim, "the journal of %s cannot be read: %s", item->key, err.text);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		bool ok = strcmp(steps[i].outcome, "ok") == 0;
		made += ok && strcmp(steps[i].call, "CreateTenant") == 0;
		mails += ok && strcmp(steps[i].call, "SendActivationEmail") == 0;
		open += steps[i].outcome_at == 0;
	}
	if (made > 1 || mails > 1 + (size_t)sim->mails_resent[sim_order_number(item->key)])
		sim_fail(sim, "the journal of %s has %zu tenants and %zu mails", item->key, made, mails);
	if (item->state == ITEM_DONE && open > 0)
		sim_fail(sim, "%s is done with %zu steps that have no outcome", item->key, open);
}

static void check_item(struct ledger_check *c, const struct item_record *item, struct world_order *order)
{
	struct sim *sim = c->world->sim;

	if (!may_follow(order, item))
		sim_fail(sim, "%s went from %s to %s", item->key,
		    order->known ? item_state_name(order->state) : "nothing", item_state_name(item->state));
	/* A reactivation looks at its tier after the switch, and a user that is gone is made again. */
	bool back = item->step < order->step &&
		    !(item->step == STEP_CONTRACT && (item->action == ACTION_REACTIVATE ||
							 park_reason_parse(item->reason) == PARK_USER_GONE));
	if (order->known && back)
		sim_fail(sim, "%s went back from step %s to %s", item->key, step_name(order->step),
		    step_name(item->step));
	if (order->known && item->attempts < order->attempts)
		sim_fail(sim, "%s had %" PRId64 " attempts and has %" PRId64, item->key, order->attempts,
		    item->attempts);
	if (order->known && order->tenant_id[0] && strcmp(order->tenant_id, item->tenant_id) != 0)
		sim_fail(
		    sim, "the tenant of %s was %s and is %s", item->key, order->tenant_id, item->tenant_id);
	if (item->state == ITEM_DONE && !cloud_tenant(&sim->cloud, item->tenant_id))
		sim_fail(
		    sim, "%s is done with tenant \"%s\", which is not there", item->key, item->tenant_id);
	if (item->state == ITEM_DONE && item->executed_at == 0)
		sim_fail(sim, "%s is done at no time", item->key);
	check_reason(sim, item);
	check_park(sim, order, item);
	check_steps(c, item);
	order->known = true;
	order->state = item->state;
	order->park = item->state == ITEM_PARKED ? park_reason_parse(item->reason) : PARK_NONE;
	order->step = item->step;
	order->attempts = item->attempts;
	snprintf(order->tenant_id, sizeof order->tenant_id, "%s", item->tenant_id);
	snprintf(order->why, sizeof order->why, "%s: %s", item->reason, item->text);
}

static int each_item(void *user, const struct item_record *item)
{
	struct ledger_check *c = user;
	int number = sim_order_number(item->key);

	if (number < 0 || number >= c->world->order_count)
		sim_fail(c->world->sim, "the ledger has an item \"%s\" that nobody ordered", item->key);
	else
		check_item(c, item, &c->world->orders[number]);
	return 0;
}

static void check_nothing_forgotten(struct ledger_check *c, const bool *before)
{
	struct world *w = c->world;

	for (int i = 0; i < w->order_count; i++)
		if (before[i] && !w->orders[i].known)
			sim_fail(w->sim, "the ledger has forgotten order item OI-%d", i);
}

static void check_lock_is_free(struct ledger_check *c)
{
	struct lock_owner owner;
	struct error err = {0};

	if (c->ended && ledger_lock_owner(c->ledger, c->world->job->name, c->arena, &owner, &err) != 0)
		sim_fail(
		    c->world->sim, "the lock was left behind: %s", err.text[0] ? err.text : owner.run_id);
}

static void check_ledger(struct world *w, bool ended)
{
	struct item_filter all = {.state = -1};
	struct error err = {0};
	bool before[SIM_ORDERS];
	struct ledger_check c = {.world = w, .arena = arena_new(), .ended = ended};

	if (access(w->job->ledger, F_OK) != 0) {
		arena_free(c.arena);
		return;
	}
	c.ledger = ledger_open(w->job->ledger, LEDGER_READ, &w->sim->clock, &err);
	for (int i = 0; i < w->order_count; i++)
		before[i] = w->orders[i].known;
	/* Killed before the first night had made it. */
	if (!c.ledger && ended)
		sim_fail(w->sim, "the ledger cannot be opened: %s", err.text);
	if (c.ledger && ledger_items(c.ledger, &all, each_item, &c, &err) < 0)
		sim_fail(w->sim, "the items cannot be read: %s", err.text);
	if (c.ledger) {
		check_nothing_forgotten(&c, before);
		check_lock_is_free(&c);
	}
	ledger_close(c.ledger);
	arena_free(c.arena);
}

void check_night(struct world *world, bool ended)
{
	check_tenants(world->sim);
	check_strangers(world->sim);
	check_users(world->sim);
	check_ledger(world, ended);
	check_losses(world);
}
