/* The budget for loss in the simulation: a day on which somebody asks for the whole fleet to be switched off,
 * what our calls take from tenants, and that the ledger counts no more of it in a day than the job allows.
 * See sim.h.
 *
 * The time here is the monotonic one: the wall clock of the machine may be set back. */
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "sim_check.h"

enum { DAY_MS = 86400000 };

/* ---- Around a call. */

void losses_look(const struct sim *sim, struct sim_before *before)
{
	before->count = sim->cloud.tenant_count;
	for (size_t i = 0; i < before->count; i++) {
		before->enabled[i] = sim->cloud.tenants[i].enabled;
		before->tier[i] = sim->cloud.tenants[i].has_tier ? sim->cloud.tenants[i].tier : -99;
	}
}

/* Each row of the sim's table is a step; what a tenant had in the last day counts. */
static bool dropped(const struct sim *sim, int account, int from, int to)
{
	int highest = from;

	for (unsigned i = 0; i < sim->losses.had_count[account]; i++)
		if (sim->losses.had[account][i].at > clock_mono_ms((struct clock *)&sim->clock) - DAY_MS &&
		    sim->losses.had[account][i].tier > highest)
			highest = sim->losses.had[account][i].tier;
	return to < from && highest - to > 1;
}

static void remember(struct sim *sim, int account, int tier)
{
	unsigned *count = &sim->losses.had_count[account];

	if (*count == 16) {
		memmove(sim->losses.had[account], sim->losses.had[account] + 1,
		    15 * sizeof sim->losses.had[account][0]);
		--*count;
	}
	sim->losses.had[account][*count].at = clock_mono_ms(&sim->clock);
	sim->losses.had[account][(*count)++].tier = tier;
}

void losses_note(struct sim *sim, const struct sim_before *before)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct cloud_tenant *t = &sim->cloud.tenants[i];
		int account = sim_account_number(t->customer);
		int tier = t->has_tier ? t->tier : -99;
		if (account < 0)
			continue;
		if ((before->enabled[i] && !t->enabled) || dropped(sim, account, before->tier[i], tier))
			sim->losses.seen[account]++;
		if (tier < before->tier[i])
			remember(sim, account, before->tier[i]);
	}
}

/* ---- After a night: what the ledger says of it. */

/* 0; -1 when there is no ledger yet. */
static int read_rows(struct world *w, uint64_t *fresh)
{
	struct sim *sim = w->sim;
	sqlite3_stmt *query;
	sqlite3 *db;
	int rc = -1;

	if (sqlite3_open_v2(w->job->ledger, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db,
		"SELECT id, account_id FROM losses WHERE counted = 1 AND id > ? ORDER BY id", -1, &query,
		NULL) == SQLITE_OK) {
		sqlite3_bind_int64(query, 1, sim->losses.last_row);
		while (sqlite3_step(query) == SQLITE_ROW) {
			int account = sim_account_number((const char *)sqlite3_column_text(query, 1));
			sim->losses.last_row = sqlite3_column_int64(query, 0);
			if (account < 0 || sim->losses.row_count == SIM_LOSSES)
				continue;
			sim->losses.counted[account]++;
			sim->losses.rows[sim->losses.row_count++] = clock_mono_ms(&sim->clock);
			++*fresh;
		}
		sqlite3_finalize(query);
		rc = 0;
	}
	sqlite3_close(db);
	return rc;
}

void check_losses(struct world *w)
{
	struct sim *sim = w->sim;
	int64_t since = clock_mono_ms(&sim->clock) - DAY_MS;
	uint64_t fresh = 0, today = 0;

	if (access(w->job->ledger, F_OK) != 0 || read_rows(w, &fresh) < 0)
		return;
	for (size_t i = 0; i < sim->losses.row_count; i++)
		today += sim->losses.rows[i] > since;
	for (int i = 0; i < w->order_count; i++)
		sim->stats.held += w->orders[i].known && w->orders[i].state == ITEM_RECEIVED;
	if (fresh > 0 && today > w->max_disables && fresh > sim->losses.may_pass)
		sim_fail(sim, "%u were taken away tonight, %u in a day: the budget is %u, %u were let pass",
		    (unsigned)fresh, (unsigned)today, (unsigned)w->max_disables,
		    (unsigned)sim->losses.may_pass);
	for (int i = 0; i < w->account_count; i++)
		if (sim->losses.seen[i] > sim->losses.counted[i] &&
		    !(sim->excuses[i] & (EXCUSE_DISABLED | EXCUSE_TIER)))
			sim_fail(sim, "A%d lost something %u times, and the ledger counted %u", i,
			    sim->losses.seen[i], sim->losses.counted[i]);
}

/* ---- The day. */

static void ask_for_all(struct world *w)
{
	w->sim->stats.mass_days++;
	for (int account = 0; account < w->account_count && w->order_count < SIM_ORDERS - 8; account++) {
		const struct world_subscription *s = world_live(w, account);
		if (!s || world_has_open(w, account))
			continue;
		world_place(
		    w, account, sim_chance(&w->sim->world, 700) ? ACTION_SUSPEND : ACTION_CANCEL, -1, s);
		w->orders[w->order_count - 1].panic = true;
	}
}

/* What nobody has begun may go without a trace. */
static void take_back(struct world *w)
{
	for (int i = 0; i < w->order_count; i++) {
		struct world_order *o = &w->orders[i];
		if (o->panic && o->status == ORDER_SUBMITTED && (!o->known || o->state == ITEM_RECEIVED))
			o->status = ORDER_WITHDRAWN;
	}
}

void people_panic(struct world *w)
{
	if (sim_chance(&w->sim->world, w->calm ? 0 : 60))
		ask_for_all(w);
	else if (sim_chance(&w->sim->world, w->calm ? 0 : 150))
		take_back(w);
}
