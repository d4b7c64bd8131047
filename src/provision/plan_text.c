/* The plan in words: a sentence an action, and the page that `tenantry plan` prints. */
#include "plan_impl.h"

#include "tenantry/mem.h"

static const char *tier_name(const struct tier *tier)
{
	return tier ? tier->name : "the tier it has";
}

static const char *do_sentence(const struct plan_action *a, struct arena *arena)
{
	const char *account = a->item->account[0] ? a->item->account : a->item->account_id;

	switch (a->action) {
	case ACTION_NEW:
		if (a->tenant_id[0])
			return arena_printf(arena, "put tenant \"%s\" on %s (%s)", account,
			    tier_name(a->item->tier), a->currency);
		return arena_printf(
		    arena, "create tenant \"%s\" on %s (%s)", account, tier_name(a->item->tier), a->currency);
	case ACTION_UPGRADE:
	case ACTION_DOWNGRADE:
		return arena_printf(arena, "move tenant \"%s\" %s from %s to %s", account,
		    a->action == ACTION_UPGRADE ? "up" : "down", tier_name(a->from),
		    tier_name(a->item->tier));
	case ACTION_SUSPEND:
		return arena_printf(arena, "disable tenant \"%s\" (suspended)", account);
	case ACTION_CANCEL:
		return arena_printf(arena, "disable tenant \"%s\" (cancelled; it is not deleted)", account);
	default:
		return arena_printf(arena, "enable tenant \"%s\" and check that its tier survived", account);
	}
}

static const char *reason_to_park(const struct plan_action *a, struct arena *arena)
{
	const char *text = park_reason_text(a->park);

	return a->blocker[0] ? arena_printf(arena, "%s (tenant %s)", text, a->blocker) : text;
}

static const char *sentence_of(const struct plan_action *a, struct arena *arena)
{
	const char *what = do_sentence(a, arena);
	char due[DATE_TEXT_SIZE];

	switch (a->verdict) {
	case PLAN_DO:
		return what;
	case PLAN_RESUME:
		return a->after == STEP_NONE
			   ? arena_printf(arena, "go on: %s", what)
			   : arena_printf(arena, "go on after step %s: %s", step_name(a->after), what);
	case PLAN_DEFER:
		return arena_printf(arena, "on %s: %s", date_text(a->due, due), what);
	case PLAN_HOLD:
		return date_is_set(a->due) ? arena_printf(arena, "on %s: %s", date_text(a->due, due), what)
					   : what;
	default:
		return arena_printf(
		    arena, "not done (%s): %s; %s", what, a->why, park_reason_decision(a->park));
	}
}

void plan_say(struct plan_action *a, struct arena *arena)
{
	a->why = a->park == PARK_NONE ? "" : reason_to_park(a, arena);
	a->sentence = sentence_of(a, arena);
}

static void print_part(const struct plan *plan, const char *title, bool (*wanted)(const struct plan_action *),
    struct strbuf *out)
{
	bool any = false;

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_action *a = &plan->actions[i];
		if (!wanted(a))
			continue;
		if (!any)
			strbuf_addf(out, "%s\n", title);
		any = true;
		strbuf_addf(out, "  %s%s%s  %s%s%s\n", a->item->order_id, a->item->item_id[0] ? "/" : "",
		    a->item->item_id, park_reason_code(a->park), a->park ? ": " : "", a->sentence);
	}
	if (any)
		strbuf_addc(out, '\n');
}

static bool is_to_do(const struct plan_action *a)
{
	return a->verdict == PLAN_DO || a->verdict == PLAN_RESUME;
}

static bool is_deferred(const struct plan_action *a)
{
	return a->verdict == PLAN_DEFER;
}

static bool is_held(const struct plan_action *a)
{
	return a->verdict == PLAN_HOLD;
}

static bool is_parked(const struct plan_action *a)
{
	return a->verdict == PLAN_PARK;
}

void plan_print(const struct plan *plan, struct strbuf *out)
{
	print_part(plan, "To do:", is_to_do, out);
	print_part(plan, "Due later:", is_deferred, out);
	print_part(plan, "Needs a decision:", is_parked, out);
	print_part(plan,
	    "Held back, as more would be taken away than provision.max_disables lets pass (--allow-disables N):",
	    is_held, out);
	if (plan->count == 0)
		strbuf_adds(out, "Nothing to do.\n");
	else
		strbuf_addf(out, "%zu to do, %zu due later, %zu to decide", plan->to_do, plan->deferred,
		    plan->parked);
	if (plan->held > 0)
		strbuf_addf(out, ", %zu held back", plan->held);
	strbuf_adds(out, plan->count ? ".\n" : "");
}
