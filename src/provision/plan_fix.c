/* The plan of corrections: what a person said yes to, as actions that apply.c works through like orders. */
#include "plan_impl.h"

#include "tenantry/fix.h"
#include "tenantry/mem.h"

static const char *sentence_of(const struct fix *fix, struct arena *arena)
{
	const struct finding_record *f = &fix->finding;
	const char *what = arena_printf(arena, "%s of \"%s\": %s -> %s", fix_change_name(fix->change),
	    f->account[0] ? f->account : f->account_id, fix->now, fix->to);

	if (fix->skip == SKIP_NONE)
		return what;
	return arena_printf(arena, "%s: skipped (%s), %s", what, fix_skip_code(fix->skip), fix->why);
}

/* The finding's id stands for the order item's key where actions are told apart. */
static const struct order_item *item_of(const struct fix *fix, struct arena *arena)
{
	struct order_item *item = arena_alloc(arena, sizeof *item);
	const struct finding_record *f = &fix->finding;

	item->key = item->order_id = f->finding_id;
	item->account_id = f->account_id;
	item->account = f->account;
	item->subscription_id = f->subscription_id;
	item->parent_order_id = "";
	item->item_id = item->email = item->login = item->first_name = item->last_name = item->phone = "";
	item->address1 = item->address2 = item->city = item->region = item->post_code = item->country = "";
	item->product_code = item->tier_text = item->source = "";
	item->tier = fix->tier;
	return item;
}

struct plan *plan_of_fixes(const struct fix *fixes, size_t count)
{
	struct plan *plan = mem_zalloc(sizeof *plan);

	plan->arena = arena_new();
	for (size_t i = 0; i < count; i++) {
		const struct fix *fix = &fixes[i];
		MEM_GROW(plan->actions, plan->count, plan->cap);
		plan->actions[plan->count++] = (struct plan_action){.fix = fix,
		    .item = item_of(fix, plan->arena),
		    .verdict = fix->skip == SKIP_NONE ? PLAN_DO : PLAN_PARK,
		    .tenant_id = fix->finding.tenant_id,
		    .user_id = "",
		    .subscription_id = fix->finding.subscription_id,
		    .login = "",
		    .currency = "",
		    .made_by = "",
		    .why = fix->why,
		    .sentence = sentence_of(fix, plan->arena)};
		plan->to_do += fix->skip == SKIP_NONE;
		plan->parked += fix->skip != SKIP_NONE;
	}
	return plan;
}

void plan_skip_fix(struct plan *plan, size_t index)
{
	struct plan_action *action = &plan->actions[index];

	action->verdict = PLAN_PARK;
	action->why = action->fix->why;
	action->sentence = sentence_of(action->fix, plan->arena);
	plan->to_do--;
	plan->parked++;
}
