/* What was taken away from resellers before the ledger was lost: the budget of a day (budget.h) is not whole
 * again because the ledger is new. A folder does not say from which tier a drop led down, so each counts: for
 * a day more may be held back than need be, never less. */
#include "rebuild_impl.h"

#include <string.h>

#include "tenantry/budget.h"
#include "tenantry/fix.h"

static enum loss_kind kind_of(enum action action)
{
	switch (action) {
	case ACTION_SUSPEND:
		return LOSS_SUSPEND;
	case ACTION_CANCEL:
		return LOSS_CANCEL;
	case ACTION_DOWNGRADE:
		return LOSS_TIER_DROP;
	default:
		return LOSS_NONE;
	}
}

/* What is still to be done about it comes after the loss. What only began is asked for again, and counts
 * then. */
static bool is_carried_out(const struct item_record *record)
{
	if (record->state != ITEM_RUNNING && record->state != ITEM_FAILED)
		return record->state == ITEM_DONE;
	return record->step >= (record->action == ACTION_DOWNGRADE ? STEP_CONTRACT : STEP_SWITCH) ||
	       fail_reason_parse(record->reason) == FAIL_IN_DOUBT;
}

/* When it counts; 0: it took nothing. */
static int64_t time_of(const struct item_record *record)
{
	if (record->state == ITEM_ACCEPTED && item_due(record)[0])
		return record->received_at;
	if (!is_carried_out(record))
		return 0;
	return record->executed_at ? record->executed_at : record->updated_at;
}

int rebuild_put_item_loss(struct ledger *ledger, const struct item_record *record, struct error *err)
{
	enum loss_kind kind = kind_of(record->action);
	int64_t at = time_of(record);

	if (kind == LOSS_NONE || at == 0)
		return 0;
	return ledger_loss_restore(ledger,
	    &(struct loss_record){.account_id = record->account_id,
		.key = record->key,
		.run_id = record->run_id,
		.kind = loss_kind_name(kind),
		.from_tier = "",
		.to_tier = kind == LOSS_TIER_DROP ? record->tier : "",
		.counted = true,
		.later = record->state == ITEM_ACCEPTED,
		.at = at},
	    err);
}

static const struct tier *tier_shown(const struct job *job, const char *text)
{
	const struct tier *found = NULL;
	struct strbuf shown = {0};

	for (size_t i = 0; !found && i < job->contract.tier_count; i++) {
		strbuf_clear(&shown);
		fix_add_tier(&shown, job, true, job->contract.tiers[i].acronis);
		if (strcmp(shown.p, text) == 0)
			found = &job->contract.tiers[i];
	}
	strbuf_free(&shown);
	return found;
}

static int put_fix_loss(const struct job *job, struct ledger *ledger, const char *run_id,
    const struct fix_record *fix, struct error *err)
{
	const struct tier *to = job_tier_by_name(job, strv_of(fix->wanted)), *from = NULL;
	struct loss loss = {.kind = LOSS_DISABLE};

	if (strcmp(fix->change, fix_change_name(FIX_SET_TIER)) == 0) {
		from = tier_shown(job, fix->was);
		loss = (struct loss){.kind = LOSS_TIER_DROP,
		    .steps = loss_steps(job->contract.tiers, job->contract.tier_count, from, to)};
	} else if (strcmp(fix->change, fix_change_name(FIX_DISABLE)) != 0) {
		return 0;
	}
	if (loss.kind == LOSS_TIER_DROP && loss.steps == 0)
		return 0;
	return ledger_loss_restore(ledger,
	    &(struct loss_record){.account_id = fix->account_id,
		.key = fix->finding_id,
		.run_id = run_id,
		.kind = loss_kind_name(loss.kind),
		.from_tier = from ? from->name : "",
		.to_tier = loss.kind == LOSS_TIER_DROP && to ? to->name : "",
		.counted = loss_counts(&loss),
		.at = fix->updated_at},
	    err);
}

int rebuild_put_fix_losses(
    const struct job *job, struct ledger *ledger, const struct report *report, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < report->fix_count; i++) {
		const struct fix_record *fix = &report->fixes[i];
		if (strcmp(fix->state, "done") == 0 || strcmp(fix->state, "running") == 0)
			rc = put_fix_loss(job, ledger, report->run_id, fix, err);
	}
	return rc;
}
