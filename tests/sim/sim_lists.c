/* Nights whose lists of tenants lie, or whose searches do; never both, for nobody could find out then. How
 * often is the night's: now and then, or always. What it means for the night is in the invariants: one tenant
 * an order, none parked without a reason, and all good only where all was compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_cloud_impl.h"
#include "tenantry/mem.h"

static const struct {
	const char *name;
	bool of_searches;
} lies[] = {
#define X(id, name, of_searches) [id] = {name, of_searches},
    SIM_LIES(X)
#undef X
};

const char *sim_lie_name(enum sim_lie lie)
{
	return lies[lie].name;
}

void sim_draw_lie(struct sim *sim)
{
	struct sim_random *r = &sim->weather;

	sim->lie_permille = 0;
	if (!sim_chance(r, 200))
		return;
	sim->lie = (enum sim_lie)sim_below(r, SIM_LIE_COUNT);
	sim->lie_permille = sim_chance(r, 500) ? 1000 : 300;
}

static void take_away(json_t *items, size_t from)
{
	while (json_array_size(items) > from)
		json_array_remove(items, json_array_size(items) - 1);
}

static void set_after(json_t *body, json_t *after)
{
	json_object_set_new(body, "paging", json_pack("{s:{s:o}}", "cursors", "after", after));
}

/* False: there is nothing to lie about. */
static bool lie(struct sim *sim, json_t *body)
{
	json_t *items = json_object_get(body, "items");
	size_t count = json_array_size(items), at = count > 0 ? (size_t)sim_below(&sim->weather, count) : 0;
	char cursor[32];

	if (count == 0 && sim->lie != LIE_ENDLESS && sim->lie != LIE_END_NULL && sim->lie != LIE_END_EMPTY)
		return false;
	switch (sim->lie) {
	case LIE_EMPTY:
	case LIE_SEARCH_EMPTY:
		json_array_clear(items);
		break;
	case LIE_CUT:
		take_away(items, count / 2);
		break;
	case LIE_SHORT:
	case LIE_SEARCH_SHORT:
		json_array_remove(items, at);
		break;
	case LIE_LAGGING: /* they are listed as they were made */
		take_away(items, count - 1 - (size_t)sim_below(&sim->weather, count > 3 ? 3 : count));
		break;
	case LIE_TWICE:
		json_array_append(items, json_array_get(items, at));
		break;
	case LIE_NAMELESS:
		json_object_del(json_array_get(items, at), "id");
		break;
	case LIE_ENDLESS: /* whatever cursor comes back gets the whole list again */
		snprintf(cursor, sizeof cursor, "page-%llu",
		    (unsigned long long)sim_below(&sim->weather, 1u << 30));
		set_after(body, json_string(cursor));
		break;
	case LIE_END_NULL:
		set_after(body, json_null());
		break;
	case LIE_END_EMPTY:
		set_after(body, json_string(""));
		break;
	default:
		break;
	}
	return true;
}

static bool is_of_the_kind(const struct arrival *a)
{
	const char *prefix = lies[a->sim->lie].of_searches ? "/search?" : "/tenants?";

	return a->request->method == HTTP_GET && strncmp(a->call.path, prefix, strlen(prefix)) == 0;
}

void lists_arrive(struct arrival *a)
{
	static char text[256 * 1024]; /* borrowed until the flight has copied it */
	struct sim *sim = a->sim;

	if (sim->lie_permille == 0 || !is_of_the_kind(a) || a->reply.failure != TRANSPORT_OK ||
	    a->reply.status != 200 || !sim_chance(&sim->weather, sim->lie_permille))
		return;
	if (sim->lie == LIE_SEARCH_FAILS) {
		arrival_fail(a, 503, "no search tonight");
		sim->stats.lies[sim->lie]++;
		return;
	}
	json_t *body = json_loads(a->reply.body ? a->reply.body : "", 0, NULL);
	if (body && lie(sim, body)) {
		char *dump = json_dumps(body, JSON_COMPACT);
		snprintf(text, sizeof text, "%s", dump);
		free(dump);
		a->reply.body = text;
		sim->lied = sim->lied_ever = true;
		sim->stats.lies[sim->lie]++;
	}
	json_decref(body);
}
