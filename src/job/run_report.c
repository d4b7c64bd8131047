/* What a run's reports show of items, findings and corrections: read back from the ledger when the run is
 * over. And the file of corrections that it proposes. */
#include "run_impl.h"

#include "tenantry/atomic_file.h"
#include "tenantry/fix.h"
#include "tenantry/mem.h"

void item_record_keep(struct item_record *record, struct arena *arena)
{
	const char **texts[] = {&record->key, &record->order_id, &record->item_id, &record->account_id,
	    &record->account, &record->login, &record->subscription_id, &record->tenant_id, &record->user_id,
	    &record->tier, &record->currency, &record->digest, &record->reason, &record->text,
	    &record->run_id, &record->source, &record->start_date, &record->ordered_action,
	    &record->ordered_product, &record->ordered_tier, &record->parent_order_id, &record->content,
	    &record->blocker};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_strdup(arena, *texts[i]);
}

struct kept {
	struct report *report;
	size_t cap;
};

/* Room for one more in the report's arena; what outgrew its place stays there until the end. */
static void *room_for_one(struct kept *kept, void *records, size_t count, size_t size)
{
	if (count < kept->cap)
		return records;
	kept->cap = kept->cap ? kept->cap * 2 : 64;
	void *grown = arena_alloc(kept->report->arena, kept->cap * size);
	if (count > 0)
		memcpy(grown, records, count * size);
	return grown;
}

static int keep_item(void *user, const struct item_record *item)
{
	struct kept *kept = user;
	struct report *r = kept->report;

	r->items = room_for_one(kept, r->items, r->item_count, sizeof *r->items);
	r->items[r->item_count] = *item;
	item_record_keep(&r->items[r->item_count++], r->arena);
	return 0;
}

static int keep_fix(void *user, const struct fix_record *fix)
{
	struct kept *kept = user;
	struct report *r = kept->report;

	r->fixes = room_for_one(kept, r->fixes, r->fix_count, sizeof *r->fixes);
	struct fix_record *copy = &r->fixes[r->fix_count++];
	*copy = *fix;
	const char **texts[] = {&copy->run_id, &copy->finding_id, &copy->found_in, &copy->code, &copy->change,
	    &copy->account_id, &copy->account, &copy->subscription_id, &copy->tenant_id, &copy->was,
	    &copy->wanted, &copy->currency, &copy->money, &copy->state, &copy->reason, &copy->text};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_strdup(r->arena, *texts[i]);
	return 0;
}

static int count_waiting(void *user, const struct item_record *item)
{
	struct run *run = user;

	if (strcmp(item->run_id, run->run_id) != 0)
		run->report->waiting++;
	return 0;
}

/* What the reports show of items and findings comes from the ledger, so that `tenantry report` shows the
 * same. */
int run_fill_report(struct run *run, struct error *err)
{
	struct item_filter mine = {.run_id = run->run_id, .state = -1}, parked = {.state = ITEM_PARKED};
	struct kept items = {run->report, 0};
	struct kept fixes = {run->report, 0};

	if (run->connected) {
		struct acronis_stats stats = acronis_stats(run->connection.client);
		run->report->requests = stats.requests;
		run->report->changes = stats.changes;
		run->report->repeats = stats.repeats;
	}
	if (!run->ledger || run->options->dry_run || run->options->as_of.set)
		return run_findings_report(run, err);
	if (ledger_items(run->ledger, &mine, keep_item, &items, err) < 0 ||
	    ledger_items(run->ledger, &parked, count_waiting, run, err) < 0 ||
	    ledger_fixes(run->ledger, run->run_id, NULL, keep_fix, &fixes, err) < 0)
		return -1;
	if (run->options->selection && run_count_left(run->ledger, run->options->selection,
					   run->report->arena, &run->report->still, err) < 0)
		return -1;
	if (run->report->still.failed + run->report->still.not_begun + run->report->still.in_doubt > 0)
		run_note_status(run, 1);
	/* Nobody may have seen the night that parked them. */
	if (run->report->waiting > 0 && (run->options->steps & STEP_PROVISION))
		run_note_status(run, 1);
	return run_findings_report(run, err);
}

/* Of what was compared in full only: a part proves nothing. */
int run_propose(struct run *run, struct error *err)
{
	const char *path = run->options->propose;
	char seal[FIXES_SEAL_SIZE];
	struct strbuf text = {0};

	if (!path || !run->report->has_reconcile || run->report->in_part)
		return 0;
	if (fixes_seal(run->ledger, run->run_id, seal, err) < 0)
		return -1;
	struct fix_journal journal = run_fix_journal(run);
	report_fixes(run->report, run->job, seal, &journal, &text);
	int rc = atomic_file_put(path, strbuf_view(&text), err);
	strbuf_free(&text);
	if (rc == 0)
		run->report->proposed = arena_strdup(run->report->arena, path);
	return rc;
}
