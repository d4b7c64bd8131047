/* The budget for loss where it is enforced: what an action takes, what is held back and how it stays, what is
 * counted once, and a property: whatever orders, subscriptions, corrections and Acronis say, over many
 * nights, kills, lost answers and a clock that is set back, no more is taken away in 24 hours than the budget
 * allows.
 */
#include "provision_fixture.h"

#include <sqlite3.h>

#include "tenantry/fix.h"
#include "tenantry/loss.h"

enum { HOUR = 3600 * 1000 };

/* ---- A night as run_budget.c plays it. */

struct evening {
	const struct fix *fixes; /* corrections in place of orders; NULL */
	size_t fix_count;
	bool guard_only; /* the plan holds nothing back: what stands right before each call is alone */
	uint64_t asked;  /* of the last night */
};

static void check_budget(struct fixture *f, struct night *n, struct evening *e)
{
	struct losses_counted used;
	struct plan_losses losses;

	assert_int_equal(ledger_losses_settle(n->ledger, &f->err), 0);
	assert_int_equal(ledger_losses_count(n->ledger, &used, &f->err), 0);
	assert_int_equal(plan_losses(n->plan, f->job, n->ledger, n->arena, &losses, &f->err), 0);
	f->budget.used = used.counted;
	struct budget_decision decision = budget_decide(&f->budget, losses.items, losses.count);
	e->asked = decision.asked;
	if (!e->guard_only)
		plan_hold(n->plan, &losses, &decision);
}

static int play(struct fixture *f, struct evening *e)
{
	struct night n;
	int rc = -1;

	begin_night(f, &n);
	if (n.world) {
		if (e->fixes)
			n.plan = plan_of_fixes(e->fixes, e->fix_count);
		else
			make_plan(f, &n);
		check_budget(f, &n, e);
		rc = apply_night(f, &n);
	}
	end_night(f, &n);
	return rc;
}

static void budgeted_night(struct fixture *f)
{
	struct evening e = {0};

	if (play(f, &e) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(f->result.planned, f->result.done + f->result.failed + f->result.parked +
						f->result.deferred + f->result.not_started);
}

static size_t losses_of(struct fixture *f, size_t index)
{
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_READ, &f->clock, &f->err);
	struct losses_counted counted = {0};

	assert_non_null(ledger);
	(void)index;
	assert_int_equal(ledger_losses_count(ledger, &counted, &f->err), 0);
	ledger_close(ledger);
	return counted.counted;
}

/* ---- One by one. */

static void what_is_over_is_held_and_all_else_goes_on(void **state)
{
	struct fixture *f = *state;

	f->budget.limit = 2;
	for (unsigned i = 1; i <= 3; i++)
		add_change(f, ACTION_SUSPEND, i, "Tier 2", NULL);
	add_order(f, ACTION_NEW, 9, "Tier 1");
	add_change(f, ACTION_UPGRADE, 8, "Tier 1", "Tier 3");
	budgeted_night(f);
	assert_int_equal(f->result.done, 2);
	assert_int_equal(f->result.held, 3);
	assert_int_equal(f->result.not_started, 3);
	assert_int_equal(f->result.parked + f->result.failed, 0);
	for (size_t i = 0; i < 3; i++) {
		assert_item(f, i, ITEM_RECEIVED, REASON_HELD);
		assert_true(f->cloud->tenants[i].enabled);
	}
	assert_int_equal(losses_of(f, 0), 0);
	f->budget.may_exceed = true;
	f->budget.allowed = 2;
	budgeted_night(f);
	assert_int_equal(f->result.held, 3);
	f->budget.allowed = 3;
	budgeted_night(f);
	assert_int_equal(f->result.done, 3);
	assert_true(f->result.exceeded);
	for (size_t i = 0; i < 3; i++)
		assert_false(f->cloud->tenants[i].enabled);
}

static void what_follows_on_the_account_waits(void **state)
{
	struct fixture *f = *state;

	f->budget.limit = 0;
	add_change(f, ACTION_UPGRADE, 1, "Tier 1", "Tier 2");
	const char *subscription = f->items[0].subscription_id;
	add_order(f, ACTION_SUSPEND, 1, NULL)->subscription_id = subscription;
	add_order(f, ACTION_REACTIVATE, 1, NULL)->subscription_id = subscription;
	budgeted_night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_item(f, 1, ITEM_RECEIVED, REASON_HELD);
	assert_item(f, 2, ITEM_ACCEPTED, REASON_NOT_STARTED);
	assert_text(f, 2, "which was held back");
	f->budget.limit = 1;
	f->subscriptions[0].tier = job_tier_by_name(f->job, STRV("Tier 2"));
	budgeted_night(f);
	assert_int_equal(f->result.done, 2);
}

/* Without a plan that holds: the look before each is enough. */
static void the_last_look_is_enough(void **state)
{
	struct fixture *f = *state;
	struct evening e = {.guard_only = true};
	size_t off = 0;

	f->budget.limit = 2;
	for (unsigned i = 1; i <= 12; i++)
		add_change(f, i % 2 ? ACTION_CANCEL : ACTION_SUSPEND, i, "Tier 2", NULL);
	assert_int_equal(play(f, &e), 0);
	for (size_t i = 0; i < f->cloud->tenant_count; i++)
		off += !f->cloud->tenants[i].enabled;
	assert_int_equal(off, 2);
	assert_int_equal(f->result.held, 10);
}

/* The BSS believes that it goes up. */
static void an_upgrade_that_leads_down_is_met_at_its_moment(void **state)
{
	struct fixture *f = *state;

	f->budget.limit = 0;
	struct cloud_tenant *tenant = add_change(f, ACTION_UPGRADE, 1, "Tier 1", "Tier 3");
	tenant->tier = job_tier_by_name(f->job, STRV("Tier 7"))->acronis;
	budgeted_night(f);
	assert_item(f, 0, ITEM_ACCEPTED, REASON_HELD);
	assert_int_equal(f->result.held, 1);
	assert_int_equal(tenant->tier, 6);
	assert_int_equal(f->cloud->changes, 0);
	f->budget.limit = 1;
	budgeted_night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_int_equal(tenant->tier, 2);
	assert_int_equal(losses_of(f, 0), 1);
}

static void steps_add_up(void **state)
{
	struct fixture *f = *state;

	f->job->contract.downgrade = CHANGE_AT_ONCE;
	f->budget.limit = 0;
	struct cloud_tenant *tenant = add_change(f, ACTION_DOWNGRADE, 1, "Tier 5", "Tier 4");
	add_order(f, ACTION_DOWNGRADE, 1, "Tier 3")->subscription_id = f->items[0].subscription_id;
	budgeted_night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_item(f, 1, ITEM_RECEIVED, REASON_HELD);
	assert_int_equal(tenant->tier, 3);
	f->subscriptions[0].tier = job_tier_by_name(f->job, STRV("Tier 4"));
	clock_advance(&f->clock, 23 * HOUR);
	budgeted_night(f);
	assert_item(f, 1, ITEM_RECEIVED, REASON_HELD);
	clock_advance(&f->clock, 2 * HOUR);
	budgeted_night(f);
	assert_item(f, 1, ITEM_DONE, "");
}

static void later_counts_when_it_is_accepted(void **state)
{
	struct fixture *f = *state;

	f->budget.limit = 2;
	for (unsigned i = 1; i <= 2; i++)
		add_change(f, ACTION_CANCEL, i, "Tier 2", NULL);
	f->items[0].start_date = f->items[1].start_date = (struct date){2026, 11, 25};
	budgeted_night(f);
	assert_int_equal(f->result.deferred, 2);
	assert_int_equal(losses_of(f, 0), 2);
	budgeted_night(f); /* again: nothing is counted twice */
	assert_int_equal(losses_of(f, 0), 2);
	add_change(f, ACTION_SUSPEND, 3, "Tier 2", NULL);
	budgeted_night(f);
	assert_item(f, 2, ITEM_RECEIVED, REASON_HELD);
	assert_int_equal(f->result.deferred, 2);
	clock_advance(&f->clock, 72 * HOUR);
	f->budget.limit = 1;
	budgeted_night(f);
	assert_int_equal(f->result.done, 3);
	assert_int_equal(losses_of(f, 0), 1);
}

/* What was accepted was another thing. */
static void another_order_under_the_same_key_counts_anew(void **state)
{
	struct fixture *f = *state;

	f->budget.limit = 1;
	add_change(f, ACTION_DOWNGRADE, 1, "Tier 5", "Tier 2");
	budgeted_night(f);
	assert_int_equal(f->result.deferred, 1);
	f->items[0].action = ACTION_CANCEL;
	f->items[0].tier = NULL;
	snprintf(f->items[0].digest, sizeof f->items[0].digest, "changed");
	budgeted_night(f);
	assert_int_equal(f->result.held, 1);
	assert_int_equal(f->cloud->changes, 0);
}

static void what_began_is_counted_once(void **state)
{
	struct fixture *f = *state;

	f->budget.limit = 1;
	add_change(f, ACTION_SUSPEND, 1, "Tier 2", NULL);
	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANT_UPDATE, 0, 99);
	f->cloud->faults[0].status = 503;
	budgeted_night(f);
	assert_int_equal(f->result.failed, 1);
	assert_int_equal(losses_of(f, 0), 1);
	f->cloud->faults[0].kind = FAULT_NONE;
	add_change(f, ACTION_SUSPEND, 2, "Tier 2", NULL);
	budgeted_night(f);
	assert_item(f, 0, ITEM_DONE, "");
	assert_item(f, 1, ITEM_RECEIVED, REASON_HELD);
	assert_int_equal(losses_of(f, 0), 1);
}

/* Once, and from the moment at which it was done. */
static void what_goes_on_counts_from_then(void **state)
{
	struct fixture *f = *state;

	f->budget.limit = 1;
	add_change(f, ACTION_SUSPEND, 1, "Tier 2", NULL);
	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANT_UPDATE, 0, 99);
	f->cloud->faults[0].status = 503;
	budgeted_night(f);
	f->cloud->faults[0].kind = FAULT_NONE;
	clock_advance(&f->clock, 23 * HOUR);
	budgeted_night(f);
	assert_item(f, 0, ITEM_DONE, "");
	add_change(f, ACTION_SUSPEND, 2, "Tier 2", NULL);
	clock_advance(&f->clock, 2 * HOUR);
	budgeted_night(f);
	assert_item(f, 1, ITEM_RECEIVED, REASON_HELD);
	clock_advance(&f->clock, 22 * HOUR);
	budgeted_night(f);
	assert_item(f, 1, ITEM_DONE, "");
}

/* No call is needed, and the BSS is told all the same. */
static void what_is_off_already_counts_too(void **state)
{
	struct fixture *f = *state;
	struct evening e = {.guard_only = true};

	f->budget.limit = 2;
	for (unsigned i = 1; i <= 5; i++)
		add_change(f, ACTION_CANCEL, i, "Tier 2", NULL)->enabled = false;
	assert_int_equal(play(f, &e), 0);
	assert_int_equal(f->result.done, 2);
	assert_int_equal(f->result.held, 3);
}

/* It took nothing, so it keeps nothing. */
static void what_came_to_nothing_is_given_back(void **state)
{
	struct fixture *f = *state;

	f->budget.limit = 1;
	add_change(f, ACTION_SUSPEND, 1, "Tier 2", NULL)->locked = true;
	cloud_fault(f->cloud, FAULT_STATUS, CALL_TENANT, 0, 99);
	f->cloud->faults[0].status = 403;
	budgeted_night(f);
	assert_int_equal(f->result.parked, 1);
	assert_int_equal(losses_of(f, 0), 0);
}

/* ---- The property. */

enum { ACCOUNTS = 40, CASES = 120, EVENTS = 1024, DAY = 24 * HOUR };

struct random {
	uint64_t state;
};

static uint64_t below(struct random *r, uint64_t n)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state % n;
}

static bool chance(struct random *r, unsigned percent)
{
	return below(r, 100) < percent;
}

/* What somebody with the true time sees. */
struct seen_account {
	bool enabled;
	int tier;
	struct {
		int64_t at;
		int tier;
	} had[64]; /* the tier until then */
	size_t had_count;
	uint64_t rows, later; /* that the ledger had counted */
	uint64_t promised;    /* counted, and not seen in the cloud yet */
	int64_t promised_until;
};
struct witness {
	int64_t now;        /* true time */
	int64_t skew, seen; /* of the wall clock; the latest that a run has seen */
	int64_t taken[EVENTS];
	size_t taken_count;
	struct seen_account of[ACCOUNTS + 1];
	/* Tonight: counted when it began more than a day ago, and a clock that was set back does not know
	 * that it is so long. */
	uint64_t resumed;
};

struct world_of {
	struct fixture *f;
	struct random r;
	struct witness w;
	uint64_t seed;
	unsigned accounts;
	uint64_t taken, held, nights, kills, passed; /* over the case */
};

static const struct tier *tier(struct fixture *f, size_t n)
{
	return &f->job->contract.tiers[n];
}

static unsigned steps(struct fixture *f, int from, int to)
{
	return loss_steps_from_value(
	    f->job->contract.tiers, 8, from, tier(f, (size_t)(to + 1))); /* rows 0 to 7: value + 1 */
}

static void look(struct world_of *x)
{
	for (unsigned i = 1; i <= x->accounts; i++) {
		const struct cloud_tenant *t = &x->f->cloud->tenants[i - 1];
		x->w.of[i].enabled = t->enabled;
		x->w.of[i].tier = t->tier;
	}
}

static void note(struct world_of *x)
{
	assert_true(x->w.taken_count < EVENTS);
	x->w.taken[x->w.taken_count++] = x->w.now;
}

/* By more than a step from the highest that it had in the last 24 hours. */
static bool dropped(struct world_of *x, unsigned account, int to)
{
	int highest = x->w.of[account].tier;

	for (size_t i = 0; i < x->w.of[account].had_count; i++)
		if (x->w.of[account].had[i].at > x->w.now - DAY && x->w.of[account].had[i].tier > highest)
			highest = x->w.of[account].had[i].tier;
	return to < x->w.of[account].tier && steps(x->f, highest, to) > 1;
}

/* How often the ledger counted something of each account, and how much of it for a day to come. */
static void count_rows(struct world_of *x, uint64_t rows[ACCOUNTS + 1], uint64_t later[ACCOUNTS + 1])
{
	sqlite3_stmt *query;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(x->f->ledger_path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"SELECT CAST(substr(account_id, 2) AS INTEGER), sum(counted), sum(counted * later) "
		"FROM losses GROUP BY account_id",
		-1, &query, NULL),
	    SQLITE_OK);
	while (sqlite3_step(query) == SQLITE_ROW) {
		rows[sqlite3_column_int(query, 0)] = (uint64_t)sqlite3_column_int64(query, 1);
		later[sqlite3_column_int(query, 0)] = (uint64_t)sqlite3_column_int64(query, 2);
	}
	sqlite3_finalize(query);
	sqlite3_close(db);
}

/* What a night took from an account: as the cloud shows it, where the ledger did not count it before; and
 * what the ledger counted that does not show yet, because the night was cut off or its day is to come. What
 * began may come to its end within a day, what was accepted on any day. */
static void see_account(struct world_of *x, unsigned account, uint64_t rows, uint64_t later)
{
	struct seen_account *seen = &x->w.of[account];
	const struct cloud_tenant *t = &x->f->cloud->tenants[account - 1];
	bool lost = (seen->enabled && !t->enabled) || dropped(x, account, t->tier);
	uint64_t fresh = rows > seen->rows ? rows - seen->rows : 0;

	if (lost && seen->promised > 0 && seen->promised_until > x->w.now) {
		seen->promised--;
	} else if (lost) {
		note(x);
		x->w.resumed += seen->promised > 0 && fresh == 0;
		fresh -= fresh > 0;
	}
	for (uint64_t i = 0; i < fresh; i++)
		note(x);
	if (fresh > 0 && seen->promised_until <= x->w.now)
		seen->promised = 0;
	seen->promised += fresh;
	if (later > seen->later)
		seen->promised_until = INT64_MAX;
	else if (fresh > 0 && seen->promised_until < x->w.now + DAY)
		seen->promised_until = x->w.now + DAY;
	seen->rows = rows;
	seen->later = later;
	if (t->tier < seen->tier && seen->had_count < ARRAY_LEN(seen->had)) {
		seen->had[seen->had_count].at = x->w.now;
		seen->had[seen->had_count++].tier = seen->tier;
	}
}

/* Gives how much it was. */
static uint64_t see_losses(struct world_of *x)
{
	uint64_t rows[ACCOUNTS + 1] = {0}, later[ACCOUNTS + 1] = {0};
	size_t before = x->w.taken_count;

	count_rows(x, rows, later);
	for (unsigned i = 1; i <= x->accounts; i++)
		see_account(x, i, rows[i], later[i]);
	look(x);
	return x->w.taken_count - before;
}

static uint64_t in_the_last_day(const struct world_of *x)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->w.taken_count; i++)
		n += x->w.taken[i] > x->w.now - DAY;
	return n;
}

/* ---- What is ordered. */

static struct order_item *order_of(struct world_of *x, enum action action, unsigned account, size_t to)
{
	struct order_item *item = add_order(x->f, action, account, NULL);

	item->tier = action == ACTION_CANCEL || action == ACTION_SUSPEND || action == ACTION_REACTIVATE
			 ? NULL
			 : tier(x->f, to);
	item->subscription_id = action == ACTION_NEW ? "" : x->f->subscriptions[account - 1].id;
	if (chance(&x->r, 15))
		item->start_date = date_of_ms(x->w.now + (int64_t)(1 + below(&x->r, 4)) * DAY);
	return item;
}

/* What has begun on a contract is not undone in the portal meanwhile: then it would rightly be done again. */
static bool has_begun(struct world_of *x, unsigned account)
{
	struct fixture *f = x->f;
	const char *id = f->subscriptions[account - 1].account_id;

	for (size_t k = 0; x->nights > 0 && k < f->item_count; k++) {
		if (strcmp(f->items[k].account_id, id) != 0)
			continue;
		enum item_state state = item_of(f, k).state;
		if (state == ITEM_RUNNING || state == ITEM_FAILED)
			return true;
	}
	return false;
}

/* One account asks for something that takes away, under one of its names. */
static void ask(struct world_of *x, unsigned account)
{
	struct fixture *f = x->f;
	struct cloud_tenant *t = &f->cloud->tenants[account - 1];
	struct subscription *s = &f->subscriptions[account - 1];

	/* It is a running contract on a high tier again, as far as the portal goes. */
	t->enabled = true;
	t->tier = 4 + (int)below(&x->r, 3);
	x->w.of[account].had_count = 0;
	s->tier = tier(f, (size_t)t->tier + 1);
	switch (below(&x->r, 7)) {
	case 0:
		order_of(x, ACTION_SUSPEND, account, 0);
		break;
	case 1:
		order_of(x, ACTION_CANCEL, account, 0);
		break;
	case 2:
		order_of(x, ACTION_DOWNGRADE, account, below(&x->r, 3));
		break;
	case 3: /* the BSS believes that it goes up */
		s->tier = tier(f, 0);
		order_of(x, ACTION_UPGRADE, account, 1 + below(&x->r, 2));
		break;
	case 4: /* a new contract that is a tier change */
		order_of(x, ACTION_NEW, account, below(&x->r, 3));
		break;
	case 5: /* step by step */
		for (size_t to = (size_t)t->tier; to + 3 > (size_t)t->tier && to > 0; to--)
			order_of(x, ACTION_DOWNGRADE, account, to);
		break;
	default: /* twice */
		order_of(x, ACTION_SUSPEND, account, 0);
		order_of(x, ACTION_CANCEL, account, 0);
		break;
	}
}

static void begin_world(struct world_of *x)
{
	struct fixture *f = x->f;

	f->job->rules.second_contract = SECOND_CONTRACT_TIER_CHANGE;
	f->job->contract.downgrade = chance(&x->r, 70) ? CHANGE_AT_ONCE : CHANGE_NEXT_FIRST;
	f->job->acronis.retries = 1;
	f->max_errors = (struct share){0};
	for (unsigned i = 1; i <= x->accounts; i++) {
		char name[64], account[16];
		snprintf(name, sizeof name, "Reseller %u", i);
		snprintf(account, sizeof account, "A%u", i);
		struct cloud_tenant *t = cloud_add(f->cloud, name, account, "");
		t->has_tier = true;
		t->tier = 5;
		add_subscription(f, i, "Tier 6", t->id);
	}
	x->w.now = clock_wall_ms(&f->clock);
	look(x);
}

/* ---- A case: some runs within some days. */

static const struct fix *corrections(struct world_of *x, size_t *count)
{
	struct fixture *f = x->f;
	struct fix *fixes = arena_alloc(f->arena, (x->accounts + 1) * sizeof *fixes);

	*count = 0;
	for (unsigned i = 1; i <= x->accounts; i++) {
		const struct cloud_tenant *t = &f->cloud->tenants[i - 1];
		bool drop = chance(&x->r, 40);
		struct strbuf is = {0};
		if (!t->enabled)
			continue;
		fix_add_tier(&is, f->job, true, t->tier);
		fixes[(*count)++] = (struct fix){.change = drop ? FIX_SET_TIER : FIX_DISABLE,
		    .now = drop ? arena_strdup(f->arena, is.p) : "enabled",
		    .to = drop ? "Tier 1" : "disabled",
		    .tier = drop ? tier(f, 1) : NULL,
		    .why = "",
		    .subscription = &f->subscriptions[i - 1],
		    .finding = {.finding_id = arena_printf(f->arena, "F-%u-%u", i, (unsigned)f->nights),
			.run_id = "r",
			.code = "tier-mismatch",
			.state = "open",
			.account_id = f->subscriptions[i - 1].account_id,
			.account = "",
			.subscription_id = f->subscriptions[i - 1].id,
			.tenant_id = t->id,
			.currency = "USD",
			.money = ""}};
		strbuf_free(&is);
	}
	return fixes;
}

static void draw_faults(struct world_of *x)
{
	static const enum acronis_call calls[] = {CALL_TENANT_UPDATE, CALL_SETTING_SET, CALL_TENANT};
	struct cloud *cloud = x->f->cloud;

	memset(cloud->faults, 0, sizeof cloud->faults);
	memset(cloud->arrivals, 0, sizeof cloud->arrivals);
	cloud->log_count = 0;
	for (size_t i = 0; i < ARRAY_LEN(calls) && chance(&x->r, 40); i++) {
		cloud_fault(cloud, chance(&x->r, 50) ? FAULT_LOST_AFTER : FAULT_LOST_BEFORE, calls[i],
		    (unsigned)below(&x->r, 12), 1 + (unsigned)below(&x->r, 6));
		if (chance(&x->r, 30)) {
			cloud->faults[i].kind = FAULT_STATUS;
			cloud->faults[i].status = 503;
		}
	}
}

/* In a child that may be killed anywhere; what it counted is lost with it. */
static void killed(struct world_of *x, struct evening *e)
{
	struct fixture *f = x->f;
	int status = 0;

	f->cloud->events = 0;
	f->cloud->kill_at = 1 + (unsigned)below(&x->r, 60);
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(play(f, e) < 0 ? 1 : 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	f->nights++;
	f->cloud->kill_at = 0;
	x->kills += WIFEXITED(status) && WEXITSTATUS(status) == 9;
}

static void pass_time(struct world_of *x)
{
	static const int64_t hours[] = {1, 3, 8, 20, 23, 25, 49};

	x->w.now += hours[below(&x->r, ARRAY_LEN(hours))] * HOUR;
	/* Set back so that a run can see it, and right again at the latest when it would pass for right. Half
	 * hours, so that it never stands a few minutes before what it was. */
	if (x->nights > 0 && chance(&x->r, 30))
		x->w.skew = chance(&x->r, 40)
				? 0
				: x->w.now - x->w.seen + (int64_t)below(&x->r, 60) * HOUR + HOUR / 2;
	if (x->w.now - x->w.skew >= x->w.seen)
		x->w.skew = 0;
	if (x->w.now - x->w.skew > x->w.seen)
		x->w.seen = x->w.now - x->w.skew;
	x->f->clock.wall = x->w.now - x->w.skew;
}

static void play_run(struct world_of *x)
{
	struct fixture *f = x->f;
	struct evening e = {.guard_only = chance(&x->r, 40)};
	uint64_t limit = f->budget.limit, before;

	pass_time(x);
	before = in_the_last_day(x);
	draw_faults(x);
	if (chance(&x->r, 20))
		e.fixes = corrections(x, &e.fix_count);
	f->budget.may_exceed = chance(&x->r, 12);
	f->budget.allowed = below(&x->r, 2 * x->accounts);
	look(x);
	x->nights++;
	if (chance(&x->r, 25))
		killed(x, &e);
	else if (play(f, &e) < 0)
		fail_msg("seed %lu: %s", (unsigned long)x->seed, f->err.text);
	else
		x->held += f->result.held;
	x->w.resumed = 0;
	uint64_t lost = see_losses(x), left = before < limit ? limit - before : 0;
	uint64_t most = f->budget.may_exceed && f->budget.allowed > left ? f->budget.allowed : left;
	if (f->budget.may_exceed || x->w.skew > 0)
		most += x->w.resumed;
	x->taken += lost;
	if (lost > most)
		fail_msg(
		    "seed %lu, night %lu: %lu were taken, %lu were in the last 24 hours, the budget is %lu%s",
		    (unsigned long)x->seed, (unsigned long)x->nights, (unsigned long)lost,
		    (unsigned long)before, (unsigned long)limit,
		    f->budget.may_exceed ? " (allowed more)" : "");
}

/* LOSS_SEED=N plays that case alone, LOSS_CASES=N so many. Every second case asks for at least ten times the
 * budget in its first night alone. */
static bool play_case(void **state, uint64_t seed, uint64_t *taken, uint64_t *held)
{
	struct fixture *f = *state;
	struct world_of *x = mem_zalloc(sizeof *x);
	bool heavy = seed % 2 == 0;

	*x = (struct world_of){.f = f, .r = {seed * 2654435761u + 88172645463325252u}, .seed = seed};
	f->budget.limit = heavy ? 1 + below(&x->r, 3) : below(&x->r, 6);
	x->accounts =
	    heavy ? (unsigned)(10 * f->budget.limit + below(&x->r, 8)) : 1 + (unsigned)below(&x->r, 20);
	uint64_t limit = f->budget.limit;
	begin_world(x);
	for (unsigned n = 2 + (unsigned)below(&x->r, 5); n > 0; n--) {
		for (unsigned i = 1; i <= x->accounts && f->item_count + 4 < ITEMS_MAX; i++)
			if ((x->nights == 0 ? heavy || chance(&x->r, 40) : chance(&x->r, 15)) &&
			    !has_begun(x, i))
				ask(x, i);
		play_run(x);
	}
	heavy = x->accounts >= 10 * limit && limit > 0 && heavy;
	*taken += x->taken;
	*held += x->held;
	free(x);
	return heavy;
}

static void no_input_passes_the_budget(void **state)
{
	uint64_t taken = 0, held = 0, heavy = 0;
	const char *only = getenv("LOSS_SEED"), *more = getenv("LOSS_CASES");
	uint64_t cases = more ? strtoull(more, NULL, 10) : CASES;
	uint64_t first = only ? strtoull(only, NULL, 10) : 1, last = only ? first : cases;

	(void)state;
	for (uint64_t seed = first; seed <= last; seed++) {
		void *fixture = NULL;
		assert_int_equal(setup(&fixture), 0);
		heavy += play_case(&fixture, seed, &taken, &held);
		teardown(&fixture);
	}
	if (only)
		return;
	assert_true(heavy >= cases / 2);
	/* It is no budget that lets nothing pass. */
	assert_true(taken > cases);
	assert_true(held > 10 * taken / 2);
	print_message("%lu cases: %lu taken, %lu held back\n", (unsigned long)cases, (unsigned long)taken,
	    (unsigned long)held);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(what_is_over_is_held_and_all_else_goes_on),
	    T(what_follows_on_the_account_waits),
	    T(the_last_look_is_enough),
	    T(an_upgrade_that_leads_down_is_met_at_its_moment),
	    T(steps_add_up),
	    T(later_counts_when_it_is_accepted),
	    T(another_order_under_the_same_key_counts_anew),
	    T(what_began_is_counted_once),
	    T(what_goes_on_counts_from_then),
	    T(what_is_off_already_counts_too),
	    T(what_came_to_nothing_is_given_back),
	    cmocka_unit_test(no_input_passes_the_budget),
	};
	return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
