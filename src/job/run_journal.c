/* The journal's side of a comparison: what we finished and the BSS's export does not show. A change of ours
 * stands until the BSS's row is newer; a row without a time, until it was once seen to show the change. The
 * ledger remembers what was seen, so that a contract whose row is taken out of the export later is no
 * contract that waits for its import. */
#include "run_impl.h"

#include <stdlib.h>

#include "tenantry/facts.h"
#include "tenantry/mem.h"
#include "tenantry/reconcile.h"

struct journal_side {
	struct run *run;
	int64_t now;   /* of the comparison: the night's, or when what is compared was kept */
	int64_t until; /* what was done and seen up to then */
	bool note;
	struct error *err;
};

/* A live row of the tenant is its import too, whatever id the BSS gave it. */
static const struct subscription *row_of(const struct run *run, const struct item_record *item)
{
	const struct subscription *row = facts_subscription(run->facts, strv_of(item->subscription_id));

	if (row || item->action != ACTION_NEW)
		return row;
	row = facts_subscription_by_external(run->facts, strv_of(item->tenant_id));
	return row && subscription_is_live(row) ? row : NULL;
}

/* 1, 0, -1 error. */
static int is_shown(struct journal_side *side, const struct item_record *item)
{
	struct run *run = side->run;
	const struct subscription *row = row_of(run, item);
	int64_t at;

	if (!row || item->action == ACTION_NEW)
		return row != NULL;
	/* What was written to the BSS before this run began (or before what is compared was kept) is in what
	 * it read, whatever the BSS's own clock says. */
	if (run_writes_back(run))
		return item->executed_at <
		       (run->options->as_of.set ? run->subscriptions->as_of : run->report->started_at);
	int64_t said_at = subscription_said_at(row, side->now);
	if (said_at > 0)
		return said_at >= item->executed_at;
	if (ledger_import_at(run->ledger, item->key, &at, side->err) < 0)
		return -1;
	return at > 0 && at <= side->until;
}

static void keep(struct run *run, const struct item_record *item)
{
	MEM_GROW(run->done, run->done_count, run->done_cap);
	run->done[run->done_count] = *item;
	item_record_keep(&run->done[run->done_count++], run->arena);
}

static int take(void *user, const struct item_record *item)
{
	struct journal_side *side = user;
	struct run *run = side->run;

	if (item->executed_at > side->until || (run->options->as_of.set && item->executed_at == 0))
		return 0;
	int shown = is_shown(side, item);
	if (shown < 0)
		return -1;
	if (shown)
		return side->note && item->action == ACTION_NEW
			   ? ledger_import_put(run->ledger, item->key, side->now, side->err)
			   : 0;
	keep(run, item);
	return 0;
}

/* ---- Changes that were made in Acronis, and then something else of the order failed. */

static int take_begun(void *user, const struct item_record *item)
{
	struct journal_side *side = user;
	const struct subscription *row = row_of(side->run, item);
	enum step made = action_sets_tier(item->action) ? STEP_CONTRACT : STEP_SWITCH;

	if (item->action == ACTION_NEW || item->step < made)
		return 0;
	if (!row || (subscription_said_at(row, side->now) < item->updated_at && !change_shows(item, row)))
		keep(side->run, item);
	return 0;
}

static int take_all_begun(struct journal_side *side)
{
	static const enum item_state states[] = {ITEM_RUNNING, ITEM_FAILED, ITEM_PARKED};

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		struct item_filter begun = {.state = (int)states[i]};
		if (ledger_items(side->run->ledger, &begun, take_begun, side, side->err) < 0)
			return -1;
	}
	return 0;
}

/* ---- Rows without a time: seen once, the change is the BSS's word too. */

static int by_contract(const void *a, const void *b)
{
	const struct item_record *x = *(const struct item_record *const *)a,
				 *y = *(const struct item_record *const *)b;
	int order = strcmp(x->subscription_id, y->subscription_id);

	if (order == 0)
		order = (int)action_sets_tier(x->action) - (int)action_sets_tier(y->action);
	return order ? order : (x->executed_at > y->executed_at) - (x->executed_at < y->executed_at);
}

static bool same_contract(const struct item_record *x, const struct item_record *y)
{
	return strcmp(x->subscription_id, y->subscription_id) == 0 &&
	       action_sets_tier(x->action) == action_sets_tier(y->action);
}

/* The last change of each kind tells for those before it. */
static int note_seen(struct journal_side *side, const struct item_record **changes, size_t count)
{
	struct run *run = side->run;

	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count && same_contract(changes[first], changes[end]); end++)
			;
		const struct subscription *row = row_of(run, changes[first]);
		if (!row || subscription_said_at(row, side->now) > 0 || !change_shows(changes[end - 1], row))
			continue;
		for (size_t i = first; i < end; i++)
			if (ledger_import_put(run->ledger, changes[i]->key, side->now, side->err) < 0)
				return -1;
	}
	return 0;
}

static int note_changes(struct journal_side *side)
{
	struct run *run = side->run;
	const struct item_record **changes = mem_zalloc((run->done_count + 1) * sizeof *changes);
	size_t count = 0;

	for (size_t i = 0; i < run->done_count; i++)
		if (run->done[i].action != ACTION_NEW)
			changes[count++] = &run->done[i];
	if (count > 1)
		qsort(changes, count, sizeof *changes, by_contract);
	int rc = note_seen(side, changes, count);
	free(changes);
	return rc;
}

int run_journal_side(struct run *run, int64_t now, struct error *err)
{
	/* A night takes all there is: a clock that was set back makes nothing undone. */
	struct journal_side side = {.run = run,
	    .now = now,
	    .until = run->options->as_of.set ? now : INT64_MAX,
	    .note = !run->options->dry_run && !run->options->as_of.set,
	    .err = err};

	run->done_count = 0;
	if (!run->ledger)
		return 0;
	if (ledger_items_unimported(run->ledger, side.until, take, &side, err) < 0)
		return -1;
	if (side.note && !run_writes_back(run) && note_changes(&side) < 0)
		return -1;
	/* How they stood on a past day nobody kept. */
	if (!run->options->as_of.set && take_all_begun(&side) < 0)
		return -1;
	/* Other writers of the ledger must not wait while Acronis is asked. */
	return side.note ? ledger_commit(run->ledger, err) : 0;
}

struct fix_journal run_fix_journal(const struct run *run)
{
	return (struct fix_journal){.subscriptions = run->subscriptions,
	    .done = run->done,
	    .done_count = run->done_count,
	    .now = clock_wall_ms(run->clock)};
}
