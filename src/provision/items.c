/* What the ledger knows of an item and what it is told; see items.h. */
#include "items.h"

#include "tenantry/fix.h"

static void set_ordered(struct item_record *record, const struct order_item *item)
{
	record->digest = item->digest;
	record->content = item->content;
	record->ordered_action = action_name(item->action);
	record->ordered_product = item->product_code;
	record->ordered_tier = item->tier ? item->tier->name : item->tier_text;
	record->parent_order_id = item->parent_order_id;
}

static struct item_record record_of(const struct plan_action *action, const char *run_id,
    const struct item_record *known, struct arena *arena)
{
	const struct order_item *item = action->item;
	char day[DATE_TEXT_SIZE];
	struct item_record record =
	    known ? *known : (struct item_record){.tenant_id = "", .user_id = "", .reason = "", .text = ""};
	bool keeps_content = known && (action->park == PARK_ORDER_CHANGED || action->remembered);
	const struct tier *tier = item->tier ? item->tier : action->from;

	record.key = item->key;
	record.order_id = item->order_id;
	record.item_id = item->item_id;
	record.account_id = item->account_id;
	record.account = item->account;
	record.login = action->login;
	record.subscription_id = action->subscription_id;
	record.tier = tier ? tier->name : "";
	record.currency = action->currency;
	record.source = item->source;
	record.line = item->line;
	record.start_date = arena_strdup(arena, date_text(action->started, day));
	if (item->order_time)
		record.ordered_at = item->order_time;
	record.action = action->action;
	record.run_id = run_id;
	if (!record.tenant_id[0])
		record.tenant_id = action->tenant_id;
	if (!record.user_id[0])
		record.user_id = action->user_id;
	record.blocker = action->park != PARK_NONE ? action->blocker : "";
	/* A parked order-changed keeps the content that work began with: that is what the change is measured
	 * by. One that the source does not give any more is what the ledger remembers. */
	if (!keeps_content)
		set_ordered(&record, item);
	return record;
}

/* What was learned but never came into the item's record, because the run was cut off there. */
static void take_ids_from_rows(struct item_history *history)
{
	struct item_record *record = &history->record;

	for (size_t i = 0; i < history->row_count; i++) {
		const struct step_record *row = &history->rows[i];
		if (!row->object_id[0])
			continue;
		if (!record->tenant_id[0] && strcmp(row->call, acronis_call_name(CALL_TENANT_CREATE)) == 0)
			record->tenant_id = row->object_id;
		if (!record->user_id[0] && strcmp(row->call, acronis_call_name(CALL_USER_CREATE)) == 0)
			record->user_id = row->object_id;
	}
}

/* A correction has no order item: its record lives in the ledger's fixes, and what is in doubt about its
 * tenant is looked up by the tenant. Its calls are journalled without an item. */
static int fix_load(const struct journal *journal, const struct plan_action *action, struct arena *arena,
    struct item_history *out, struct error *err)
{
	*out = (struct item_history){.record = record_of(action, journal->run_id, NULL, arena)};
	out->record.key = "";
	return ledger_steps_in_doubt(
	    journal->ledger, action->tenant_id, arena, &out->rows, &out->row_count, err);
}

static int fix_save(struct journal *journal, const struct plan_action *action,
    const struct item_record *record, struct error *err)
{
	static const char *const states[ITEM_STATE_COUNT] = {[ITEM_ACCEPTED] = "not-started",
	    [ITEM_RUNNING] = "running",
	    [ITEM_DONE] = "done",
	    [ITEM_FAILED] = "failed",
	    [ITEM_PARKED] = "skipped"};
	const struct fix *fix = action->fix;
	const struct finding_record *f = &fix->finding;

	journal->dirty = true;
	return ledger_fix_put(journal->ledger,
	    &(struct fix_record){.run_id = journal->run_id,
		.finding_id = f->finding_id,
		.found_in = f->run_id,
		.code = f->code,
		.change = fix_change_name(fix->change),
		.account_id = f->account_id,
		.account = f->account,
		.subscription_id = f->subscription_id,
		.tenant_id = f->tenant_id,
		.was = fix->now,
		.wanted = fix->to,
		.currency = f->currency,
		.money = f->money,
		.state = states[record->state],
		.reason = record->reason,
		.text = record->text,
		.batch = record->batch},
	    err);
}

int item_save(struct journal *journal, const struct plan_action *action, const struct item_record *record,
    struct error *err)
{
	return action->fix ? fix_save(journal, action, record, err) : journal_item(journal, record, err);
}

int item_load(const struct journal *journal, const struct plan_action *action, struct arena *arena,
    struct item_history *out, struct error *err)
{
	struct item_record record;

	if (action->fix)
		return fix_load(journal, action, arena, out, err);
	int found = ledger_item_get(journal->ledger, action->item->key, arena, &record, err);

	*out = (struct item_history){.known = found == 1};
	if (found < 0)
		return -1;
	out->record = record_of(action, journal->run_id, out->known ? &record : NULL, arena);
	if (out->known &&
	    ledger_steps(journal->ledger, action->item->key, arena, &out->rows, &out->row_count, err) < 0)
		return -1;
	take_ids_from_rows(out);
	return 0;
}

int item_put_without_calls(struct journal *journal, const struct plan_action *action, int64_t batch,
    enum item_state state, const char *reason, const char *text, struct error *err)
{
	struct arena *arena = arena_new();
	struct item_history history;
	int rc = item_load(journal, action, arena, &history, err);

	if (rc == 0) {
		history.record.batch = batch;
		history.record.state = state;
		history.record.reason = reason;
		history.record.text = text;
		rc = item_save(journal, action, &history.record, err);
	}
	arena_free(arena);
	return rc;
}

int item_put_not_started(struct journal *journal, const struct plan_action *action, int64_t batch,
    const char *why, struct error *err)
{
	struct arena *arena = arena_new();
	struct item_history history;
	int rc = item_load(journal, action, arena, &history, err);

	if (rc == 0) {
		struct item_record *record = &history.record;
		bool begun = history.known && record->state != ITEM_ACCEPTED;
		record->batch = batch;
		record->state = ITEM_ACCEPTED;
		record->reason = REASON_NOT_STARTED;
		record->text = why;
		rc = begun ? journal_note(journal, record, err) : item_save(journal, action, record, err);
	}
	arena_free(arena);
	return rc;
}

/* A correction has no state of being received: it is not started. */
int item_put_held(struct journal *journal, const struct plan_action *action, int64_t batch, const char *why,
    struct error *err)
{
	struct arena *arena = arena_new();
	struct item_history history;
	int rc = item_load(journal, action, arena, &history, err);

	if (rc == 0) {
		struct item_record *record = &history.record;
		bool accepted =
		    history.known && record->state != ITEM_RECEIVED && record->state != ITEM_REJECTED;
		record->batch = batch;
		record->state = action->fix ? ITEM_ACCEPTED : ITEM_RECEIVED;
		record->reason = REASON_HELD;
		record->text = why;
		rc = accepted ? journal_note(journal, record, err) : item_save(journal, action, record, err);
	}
	arena_free(arena);
	return rc;
}
