/* A person goes through what is parked: a mail is sent once more or let be, an order is given up. See
 * sim_world.h. */
#include <stdio.h>
#include <string.h>

#include "sim_world.h"
#include "tenantry/decide.h"
#include "tenantry/mem.h"

static void decide_order(struct world *w, int number)
{
	struct world_order *o = &w->orders[number];
	struct sim *sim = w->sim;
	struct arena *arena = arena_new();
	struct error err = {0};
	struct decided out;
	char item[16];
	bool resend = o->park == PARK_MAIL_IN_DOUBT && sim_chance(&sim->world, 500);
	struct decision decision = {.kind = resend ? DECISION_RESEND_MAIL : DECISION_SKIP,
	    .order = item,
	    .note = "as the reseller said"};

	snprintf(item, sizeof item, "OI-%d", number);
	if (decide(w->job, &decision, &sim->clock, arena, &out, &err) < 0) {
		sim_fail(sim, "%s, parked as %s, cannot be decided: %s", item, park_reason_code(o->park),
		    err.text);
	} else {
		/* Given up half way while another row stood in its place: what it did stays. */
		if (!resend && o->was_reused && o->attempts > 0)
			sim->excuses[o->account] |= EXCUSE_OVERLAP;
		o->state = out.item.state;
		sim->mails_resent[number] += resend;
		sim->stats.decisions++;
	}
	arena_free(arena);
}

void people_decide(struct world *w)
{
	for (int i = 0; i < w->order_count && !w->decided; i++)
		if (w->orders[i].known && w->orders[i].state == ITEM_PARKED &&
		    sim_chance(&w->sim->world, w->calm ? 500 : 200))
			decide_order(w, i);
}
