/* Which actions take something away, and what the ledger remembers of it; see loss.h. */
#include "tenantry/loss.h"

#include "plan_impl.h"

#include <stdlib.h>

#include "tenantry/fix.h"
#include "tenantry/mem.h"

/* ---- What an action takes. */

static unsigned steps_between(const struct job *job, const struct tier *from, const struct tier *to)
{
	return loss_steps(job->contract.tiers, job->contract.tier_count, from, to);
}

static void measure_from(const struct job *job, struct loss *loss, const struct tier *from)
{
	unsigned steps = steps_between(job, from, loss->to);

	if (steps > loss->steps) {
		loss->steps = steps;
		loss->from = from;
	}
}

/* A correction says what Acronis has in words. They are made again for each row and compared, as the flow
 * does with what it reads. The row that stands highest above the wanted one counts; NULL: none of the table.
 */
static const struct tier *tier_of_fix(const struct job *job, const struct fix *fix)
{
	const struct tier *highest = NULL;
	struct strbuf text = {0};

	for (size_t i = 0; i < job->contract.tier_count; i++) {
		const struct tier *tier = &job->contract.tiers[i];
		strbuf_clear(&text);
		fix_add_tier(&text, job, true, tier->acronis);
		if (strv_eq_nocase(strbuf_view(&text), strv_of(fix->now)) &&
		    (!highest ||
			steps_between(job, tier, fix->tier) > steps_between(job, highest, fix->tier)))
			highest = tier;
	}
	strbuf_free(&text);
	return highest;
}

static bool fix_says_no_tier(const struct job *job, const struct fix *fix)
{
	struct strbuf text = {0};

	fix_add_tier(&text, job, false, 0);
	bool same = strv_eq_nocase(strbuf_view(&text), strv_of(fix->now));
	strbuf_free(&text);
	return same;
}

static enum loss_kind kind_of_fix(const struct job *job, const struct fix *fix)
{
	if (fix->change == FIX_DISABLE)
		return LOSS_DISABLE;
	return fix->change == FIX_SET_TIER && !fix_says_no_tier(job, fix) ? LOSS_TIER_DROP : LOSS_NONE;
}

static enum loss_kind kind_of_order(const struct plan_action *action)
{
	switch (action->action) {
	case ACTION_SUSPEND:
		return LOSS_SUSPEND;
	case ACTION_CANCEL:
		return LOSS_CANCEL;
	case ACTION_DOWNGRADE:
		return LOSS_TIER_DROP;
	case ACTION_UPGRADE: /* the word is the order's; where it leads, the table says */
		return action->from ? LOSS_TIER_DROP : LOSS_NONE;
	default:
		return LOSS_NONE;
	}
}

static void fill(const struct plan_action *action, struct loss *out)
{
	*out = (struct loss){.key = action->item->key,
	    .account_id = action->item->account_id,
	    .tenant_id = action->tenant_id,
	    .from = action->from,
	    .currency = action->fix ? action->fix->finding.currency : action->currency,
	    .later = action->verdict == PLAN_DEFER};
}

bool loss_of_action(const struct job *job, const struct plan_action *action, struct loss *out)
{
	fill(action, out);
	if (action->verdict == PLAN_PARK)
		return false;
	out->kind = action->fix ? kind_of_fix(job, action->fix) : kind_of_order(action);
	if (action->fix && out->kind == LOSS_TIER_DROP)
		out->from = tier_of_fix(job, action->fix);
	else if (action->fix && action->fix->subscription)
		out->from = action->fix->subscription->tier;
	if (out->kind == LOSS_TIER_DROP) {
		out->to = action->item->tier;
		out->steps = steps_between(job, out->from, out->to);
		if (out->steps == 0)
			out->kind = LOSS_NONE;
		else if (action->highest)
			measure_from(job, out, action->highest);
	}
	return out->kind != LOSS_NONE;
}

/* The row with that value that stands highest above the wanted one. */
static const struct tier *tier_of_value(const struct job *job, int64_t value, const struct tier *to)
{
	const struct tier *highest = NULL;

	for (size_t i = 0; i < job->contract.tier_count; i++) {
		const struct tier *tier = &job->contract.tiers[i];
		if (tier->acronis == value &&
		    (!highest || steps_between(job, tier, to) > steps_between(job, highest, to)))
			highest = tier;
	}
	return highest;
}

bool loss_of_value(
    const struct job *job, const struct plan_action *action, bool has_value, int64_t value, struct loss *out)
{
	const struct tier *to = action->item->tier;

	fill(action, out);
	out->later = false;
	out->to = to;
	if (!has_value || !to)
		return false;
	out->from = tier_of_value(job, value, to);
	out->steps = loss_steps_from_value(job->contract.tiers, job->contract.tier_count, value, to);
	out->kind = out->steps > 0 ? LOSS_TIER_DROP : LOSS_NONE;
	return out->kind != LOSS_NONE;
}

/* ---- What the ledger remembers. */

struct memory {
	const struct job *job;
	struct loss *loss;
	bool finished; /* the journal has it as carried out already */
	bool noted;    /* there is a row for it that a new one would only repeat */
	bool began;    /* it stands because it began in the last 24 hours */
};

static const char *tier_name(const struct tier *tier)
{
	return tier ? tier->name : "";
}

/* What was accepted for a day to come stands until that day; what began stands for the day in which it
 * counts, and once the loss itself was carried out, for what is left to do about it. */
static int look_at_key(void *user, const struct loss_record *record)
{
	struct memory *m = user;
	struct loss *loss = m->loss;

	if (strcmp(record->kind, loss_kind_name(loss->kind)) != 0 ||
	    strcmp(record->account_id, loss->account_id) != 0 ||
	    strcmp(record->to_tier, tier_name(loss->to)) != 0)
		return 0;
	if (record->counted && (record->later || record->recent || m->finished))
		loss->standing = true;
	m->began |= record->counted && record->recent && !record->later && !m->finished;
	m->noted |= loss->later ? record->later : record->recent && !record->later;
	return 0;
}

/* Several drops of one step are a drop of several. */
static int look_at_account(void *user, const struct loss_record *record)
{
	struct memory *m = user;
	const struct tier *from = job_tier_by_name(m->job, strv_of(record->from_tier));

	if (from && strcmp(record->kind, loss_kind_name(LOSS_TIER_DROP)) == 0)
		measure_from(m->job, m->loss, from);
	return 0;
}

static bool was_carried_out(const struct plan_action *action, const struct loss *loss)
{
	return action->verdict == PLAN_RESUME &&
	       action->after == (loss->kind == LOSS_TIER_DROP ? STEP_CONTRACT : STEP_SWITCH);
}

static int remember(struct ledger *ledger, const struct job *job, const struct plan_action *action,
    struct loss *loss, struct memory *out, struct error *err)
{
	*out = (struct memory){.job = job, .loss = loss, .finished = was_carried_out(action, loss)};
	int rc = ledger_losses_of_key(ledger, loss->key, look_at_key, out, err);

	if (rc == 0 && loss->kind == LOSS_TIER_DROP)
		rc = ledger_losses_of_account(ledger, loss->account_id, look_at_account, out, err);
	return rc;
}

/* ---- All of a plan. */

struct by_account {
	const char *account_id;
	size_t loss;
};

static int compare_accounts(const void *a, const void *b)
{
	const struct by_account *x = a, *y = b;
	int d = strcmp(x->account_id, y->account_id);

	return d ? d : x->loss < y->loss ? -1 : x->loss > y->loss;
}

/* An account's drops of this plan one after the other are measured like those of several nights. */
static void measure_in_plan(const struct job *job, struct plan_losses *losses)
{
	const struct tier *tiers = job->contract.tiers;
	size_t tier_count = job->contract.tier_count, count = 0;
	struct by_account *sorted = mem_zalloc((losses->count + 1) * sizeof *sorted);
	bool *had = mem_zalloc(tier_count + 1); /* of each row: the account had it before */

	for (size_t i = 0; i < losses->count; i++)
		if (losses->items[i].kind == LOSS_TIER_DROP)
			sorted[count++] = (struct by_account){losses->items[i].account_id, i};
	if (count > 0)
		qsort(sorted, count, sizeof *sorted, compare_accounts);
	for (size_t i = 0; i < count; i++) {
		struct loss *loss = &losses->items[sorted[i].loss];
		const struct tier *own = loss->from;
		if (i == 0 || strcmp(sorted[i - 1].account_id, sorted[i].account_id) != 0)
			memset(had, 0, tier_count);
		for (size_t k = 0; k < tier_count; k++)
			if (had[k])
				measure_from(job, loss, &tiers[k]);
		if (own)
			had[own - tiers] = true;
	}
	free(had);
	free(sorted);
}

int plan_losses(struct plan *plan, const struct job *job, struct ledger *ledger, struct arena *arena,
    struct plan_losses *out, struct error *err)
{
	struct memory memory;

	*out = (struct plan_losses){.items = arena_alloc(arena, (plan->count + 1) * sizeof *out->items),
	    .actions = arena_alloc(arena, (plan->count + 1) * sizeof *out->actions)};
	for (size_t i = 0; i < plan->count; i++) {
		struct loss *loss = &out->items[out->count];
		if (!loss_of_action(job, &plan->actions[i], loss))
			continue;
		if (ledger && remember(ledger, job, &plan->actions[i], loss, &memory, err) < 0)
			return -1;
		out->actions[out->count++] = i;
	}
	measure_in_plan(job, out);
	for (size_t i = 0; i < out->count; i++)
		plan->actions[out->actions[i]].highest = out->items[i].from;
	return 0;
}

void plan_hold(struct plan *plan, const struct plan_losses *losses, const struct budget_decision *decision)
{
	for (size_t i = 0; i < losses->count; i++) {
		struct plan_action *action = &plan->actions[losses->actions[i]];
		if (!budget_holds(decision, &losses->items[i]))
			continue;
		*(action->verdict == PLAN_DEFER ? &plan->deferred : &plan->to_do) -= 1;
		action->verdict = PLAN_HOLD;
		if (!action->fix)
			plan_say(action, plan->arena);
		plan->held++;
	}
}

/* ---- One, right before it is done. */

static struct loss_record record_of(const struct loss_guard *guard, const struct loss *loss, bool counted)
{
	return (struct loss_record){.account_id = loss->account_id,
	    .key = loss->key,
	    .run_id = guard->run_id,
	    .kind = loss_kind_name(loss->kind),
	    .from_tier = tier_name(loss->from),
	    .to_tier = tier_name(loss->to),
	    .counted = counted,
	    .later = loss->later};
}

/* It does not count, or stands already: the tier that it had is noted, and what began counts from now on. */
static int go_on(
    struct loss_guard *guard, const struct loss *loss, const struct memory *memory, struct error *err)
{
	struct loss_record record = record_of(guard, loss, false);

	if (memory->began && !loss->later && ledger_loss_touch(guard->ledger, &record, err) < 0)
		return -1;
	return memory->noted || ledger_loss_put(guard->ledger, &record, err) == 0 ? 1 : -1;
}

int loss_begin(struct loss_guard *guard, const struct plan_action *action, struct error *err)
{
	struct loss loss;

	return loss_of_action(guard->job, action, &loss) ? loss_take(guard, action, &loss, err) : 1;
}

int loss_take(
    struct loss_guard *guard, const struct plan_action *action, struct loss *loss, struct error *err)
{
	struct losses_counted in_window;
	struct memory memory;

	if (remember(guard->ledger, guard->job, action, loss, &memory, err) < 0)
		return -1;
	if (loss->standing || !loss_counts(loss))
		return go_on(guard, loss, &memory, err);
	if (ledger_losses_count(guard->ledger, &in_window, err) < 0)
		return -1;
	guard->budget.used = in_window.counted;
	if (!budget_has_room(&guard->budget, guard->taken)) {
		if (guard->no_room)
			guard->no_room(guard->user, loss);
		return 0;
	}
	guard->exceeded |= guard->budget.used >= guard->budget.limit;
	guard->taken++;
	struct loss_record record = record_of(guard, loss, true);
	return ledger_loss_put(guard->ledger, &record, err) == 0 ? 1 : -1;
}
