/* The BSS as a database: what people ordered is in it, a night writes to it under the night's weather
 * (connections that break before or after a write, locks, a constraint, a database that is gone, a kill
 * around each write), somebody changes an order while it is being written, and what was written is there at
 * once. The database itself is fake_bss. See sim_world.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_world.h"
#include "tenantry/mem.h"

static const int64_t bss_clock_behind_ms = 90000;

static struct fake_bss_order *order_of(struct sim *sim, int number)
{
	char item[24];

	snprintf(item, sizeof item, "OI-%d", number);
	return fake_bss_find(&sim->bss, item);
}

/* ---- By day. */

static const char *product_tier(const char *product, char text[16])
{
	snprintf(text, 16, "Tier %.8s", strncmp(product, "CCSP-T", 6) == 0 ? product + 6 : "?");
	return text;
}

static void import_subscription(struct world *w, const struct fake_bss_subscription *from)
{
	struct world_subscription *s = bss_subscription(w, from->id), before;
	char tier[16];

	if (!s)
		return;
	before = *s;
	s->account = sim_account_number(from->account_id);
	snprintf(s->external_id, sizeof s->external_id, "%s", from->external_id);
	snprintf(s->tier, sizeof s->tier, "%s", product_tier(from->product, tier));
	snprintf(s->status, sizeof s->status, "%s", from->status);
	snprintf(s->currency, sizeof s->currency, "%s", from->currency);
	snprintf(s->start, sizeof s->start, "%s", from->start_date);
	snprintf(s->sync, sizeof s->sync, "%s", from->sync_status);
	if (memcmp(&before, s, sizeof before) != 0)
		time_text(w->sim->written_at, s->updated);
}

void database_import(struct world *w)
{
	const struct fake_bss *bss = &w->sim->bss;

	for (int i = 0; i < w->order_count; i++) {
		const struct fake_bss_order *order = order_of(w->sim, i);
		if (!order || !order->executed || w->orders[i].executed_seen)
			continue;
		w->sim->stats.imports++;
		w->orders[i].executed_seen = true;
		w->orders[i].status = ORDER_EXECUTED;
	}
	for (size_t i = 0; i < bss->subscription_count; i++)
		import_subscription(w, &bss->subscriptions[i]);
}

void database_export(struct world *w)
{
	char item[24], account[16], tier[16];

	for (int i = 0; i < w->order_count; i++) {
		const struct world_order *o = &w->orders[i];
		struct fake_bss_order *order = order_of(w->sim, i);
		snprintf(item, sizeof item, "OI-%d", i);
		snprintf(account, sizeof account, "A%d", o->account);
		if (!order)
			order = fake_bss_add(&w->sim->bss, item, account, action_name(o->action));
		if (order->executed)
			continue;
		snprintf(order->tier, sizeof order->tier, "%s", world_tier_name(o->tier, tier));
		snprintf(order->status, sizeof order->status, "%s",
		    o->status == ORDER_WITHDRAWN ? "Canceled" : "Submitted");
	}
}

/* ---- By night. */

/* Somebody thinks better of an order at the very moment that it is written about. */
static void meddle(struct sim *sim, const char *order_item_id)
{
	struct fake_bss_order *order = fake_bss_find(&sim->bss, order_item_id);
	char tier[16];

	if (!order || order->executed || strcmp(order->status, "Submitted") != 0)
		return;
	if (strcmp(order->action, "new") == 0 && sim_chance(&sim->weather, 500))
		snprintf(order->tier, sizeof order->tier, "%s",
		    world_tier_name((int)sim_below(&sim->weather, SIM_TIERS), tier));
	else
		snprintf(order->status, sizeof order->status, "Canceled");
	sim->meddled[sim_order_number(order_item_id)] = true;
	sim->stats.meddled++;
}

static enum fake_bss_fault draw_fault(void *user, const struct bss_write *write)
{
	static const enum fake_bss_fault kinds[] = {BSS_LOSE_BEFORE, BSS_LOSE_BEFORE, BSS_LOSE_AFTER,
	    BSS_LOSE_AFTER, BSS_LOSE_AFTER, BSS_LOCKED_OUT, BSS_LOCKED_OUT, BSS_REFUSES, BSS_IS_GONE};
	struct sim *sim = user;

	sim->stats.writes++;
	sim->written_at = clock_wall_ms(&sim->clock) - bss_clock_behind_ms;
	if (sim_chance(&sim->weather, sim->meddle_permille))
		meddle(sim, write->order_item_id);
	if (!sim_chance(&sim->weather, sim->fault_permille))
		return BSS_FINE;
	enum fake_bss_fault fault = kinds[sim_below(&sim->weather, ARRAY_LEN(kinds))];
	sim->stats.bss_faults[fault]++;
	return fault;
}

static void write_event(void *user)
{
	sim_event(user);
}

struct bss_writer *sim_writer_new(struct sim *sim)
{
	sim->bss_hooks = (struct fake_bss_hooks){draw_fault, write_event, sim};
	return fake_bss_writer_new(&sim->bss, &sim->bss_hooks);
}

/* ---- The next morning. */

void database_notice(struct world *w)
{
	for (int i = 0; i < w->order_count; i++) {
		const struct fake_bss_order *order = order_of(w->sim, i);
		struct world_order *o = &w->orders[i];
		if (!w->sim->meddled[i])
			continue;
		w->sim->meddled[i] = false;
		w->sim->stats.changed_orders++;
		o->changed = true;
		o->version++;
		if (strcmp(order->status, "Canceled") == 0) {
			o->status = ORDER_WITHDRAWN;
			w->sim->excuses[o->account] |= EXCUSE_OVERLAP;
		} else {
			o->tier = atoi(order->tier + strlen("Tier "));
			o->tiers_seen |= 1U << o->tier;
		}
	}
	if (w->sim->bss.twice > 0)
		sim_fail(w->sim, "%u order items were executed, or given a subscription, twice",
		    w->sim->bss.twice);
}

static void check_subscription(
    struct sim *sim, const struct world_order *o, int number, const struct fake_bss_order *order)
{
	const struct fake_bss_subscription *s = fake_bss_subscription(&sim->bss, order->subscription_id);

	if (!s || strcmp(s->account_id, order->account_id) != 0)
		sim_fail(sim, "order item OI-%d was executed with subscription \"%s\"", number,
		    order->subscription_id);
	else if (o->action == ACTION_NEW && strcmp(s->order_item_id, order->order_item_id) != 0)
		sim_fail(sim, "order item OI-%d was executed with the subscription of %s", number,
		    s->order_item_id);
	else if (strcmp(s->sync_status, "Synchronized") != 0 || s->comment[0] ||
		 strcmp(s->status, "Pending") == 0)
		sim_fail(sim, "the subscription of OI-%d is %s, %s: %s", number, s->status, s->sync_status,
		    s->comment);
}

void database_check(struct world *w)
{
	for (int i = 0; i < w->order_count; i++) {
		const struct world_order *o = &w->orders[i];
		const struct fake_bss_order *order = order_of(w->sim, i);
		bool done = o->known && o->state == ITEM_DONE;
		if (done != order->executed)
			sim_fail(w->sim, "order item OI-%d is %s in the ledger and %s in the BSS", i,
			    o->known ? item_state_name(o->state) : "unknown",
			    order->executed ? "executed" : order->status);
		else if (done)
			check_subscription(w->sim, o, i, order);
	}
	for (size_t i = 0; i < w->sim->bss.subscription_count; i++) {
		const struct fake_bss_subscription *s = &w->sim->bss.subscriptions[i];
		const struct fake_bss_order *order = fake_bss_find(&w->sim->bss, s->order_item_id);
		if (!order->executed && strcmp(s->status, "Pending") != 0)
			sim_fail(w->sim, "the subscription of %s is %s, and the order is not executed",
			    s->order_item_id, s->status);
	}
}
