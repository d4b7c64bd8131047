/* Ids that are used again: in place of an order that the ledger knows, the export has another one under its
 * id for some nights. No night may take it for the order that it is not: it is refused, nothing is made for
 * it, and the order that it stands for goes on afterwards as if nothing had been. See sim_world.h. */
#include <stdio.h>

#include "sim_world.h"
#include "tenantry/mem.h"

static bool chance(struct world *w, unsigned permille)
{
	return sim_chance(&w->sim->world, permille);
}

static int below(struct world *w, int n)
{
	return (int)sim_below(&w->sim->world, (uint64_t)n);
}

/* What is done is never exported again; what is open comes back after a night or two. */
static int nights_of(struct world *w, const struct world_order *o)
{
	if (!o->known || o->reused_nights)
		return 0;
	if (o->state == ITEM_DONE)
		return o->status == ORDER_EXECUTED && o->executed_seen ? 1000 : 0;
	if (o->status != ORDER_SUBMITTED || o->state == ITEM_REJECTED)
		return 0;
	return 1 + below(w, 2);
}

/* Of an open order another action or tier is a correction. */
static enum reuse draw_reuse(struct world *w, const struct world_order *o)
{
	int kind = below(w, o->state == ITEM_DONE ? REUSE_KINDS : REUSE_ACTION);

	return kind == REUSE_TIER && o->tier < 0 ? REUSE_ACTION : (enum reuse)kind;
}

void world_reuse(struct world *w)
{
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].reused_nights > 0)
			w->orders[i].reused_nights = w->calm ? 0 : w->orders[i].reused_nights - 1;
	for (int n = 0; n < 2 && !w->calm && w->order_count > 0; n++) {
		struct world_order *o = &w->orders[below(w, w->order_count)];
		int nights = chance(w, 350) ? nights_of(w, o) : 0;
		if (nights == 0)
			continue;
		o->reused_nights = nights;
		o->was_reused = true;
		o->reuse = draw_reuse(w, o);
	}
}

void world_add_reused(struct world *w, int number, struct strbuf *out)
{
	const struct world_order *o = &w->orders[number];
	bool another = o->reuse == REUSE_ACCOUNT, order = o->reuse == REUSE_ORDER;
	enum action action = o->action;
	int tier = o->reuse == REUSE_TIER ? (o->tier + 1) % SIM_TIERS : o->tier;
	char day[DATE_TEXT_SIZE], name[16];

	/* With both ids as the key it would be an order of its own. */
	if (order && w->job->bss.order_key == ORDER_KEY_ORDER_ITEM)
		return;
	if (o->reuse == REUSE_ACTION)
		action = action == ACTION_CANCEL ? ACTION_SUSPEND : ACTION_CANCEL;
	date_text(date_of_ms(o->placed + (order ? INT64_C(5) * 86400000 : 0)), day);
	strbuf_addf(out,
	    "ORD-%s%d,OI-%d,%s,Submitted,Storefront,%s,%s%d,Reused %d Ltd,true,%s,1,USD,reused%d@reseller.example.com,"
	    "Ann,Lee,9 Main Street,Town,02110,US,true,%s\n",
	    order ? "R" : "", number, number, day, action_name(action), another ? "R" : "A", o->account,
	    o->account, world_tier_name(tier, name), o->account, o->subscription_id);
	w->sim->reused_rows++;
	w->sim->stats.reused++;
}
