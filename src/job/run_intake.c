/* The first step of a run: facts of the world, then every order held against the rules. Leaves what was
 * accepted in the run for planning, and what is pending, accepted or not, for reconciliation (order-stuck,
 * changes that are due later). */
#include "run_impl.h"

#include <stdlib.h>

#include "tenantry/bss_database.h"
#include "tenantry/intake.h"
#include "tenantry/mem.h"
#include "tenantry/progress.h"
#include "tenantry/signals.h"

/* What was rejected is kept for order-stuck up to here; beyond it the reject file is the place to look. */
enum { PENDING_REJECTED_MAX = 10000 };

void run_add_input(struct run *run, const struct input_file *file)
{
	struct report *report = run->report;
	struct input_file *files = arena_alloc(report->arena, (report->file_count + 1) * sizeof *files);

	if (report->file_count > 0)
		memcpy(files, report->files, report->file_count * sizeof *files);
	files[report->file_count] = *file;
	report->files = files;
	report->file_count++;
}

const char *run_subscriptions_shown(const struct run *run)
{
	const struct bss_rows *rows = bss_snapshot_rows(run->snapshot, BSS_SUBSCRIPTIONS);

	return rows ? rows->shown : run->job->bss.subscriptions.csv;
}

static void show_rows(void *user, const char *query, uint64_t rows)
{
	(void)user;
	(void)query;
	progress_show("database", rows, 0, "rows");
}

/* Invoices and rates are read for reconciliation only. */
static unsigned snapshot_roles(const struct run *run)
{
	unsigned money = 1u << BSS_INVOICES | 1u << BSS_RATES;

	return BSS_RUN_ROLES | (run->options->steps & STEP_RECONCILE ? money : 0);
}

/* All that is read of the BSS database, at one moment. */
static int take_snapshot(struct run *run, struct error *err)
{
	struct bss_snapshot_settings settings = {.job = run->job,
	    .roles = snapshot_roles(run),
	    .run_id = run->run_id,
	    .clock = run->clock,
	    .stop = signals_stop(),
	    .progress = run->options->progress ? show_rows : NULL};

	if (!bss_reads_database(run->job, snapshot_roles(run)))
		return 0;
	run->snapshot = bss_snapshot_take(&settings, err);
	progress_clear();
	return run->snapshot ? 0 : error_prefix(err, "nothing was done");
}

static void add_subscriptions_input(struct run *run)
{
	struct input_file file = {.role = "subscriptions", .path = run_subscriptions_shown(run), .note = ""};

	file.rows = run->subscriptions->rows_read;
	digest_text(run->subscriptions->digest, file.digest);
	run_add_input(run, &file);
	run->report->subscriptions_as_of = run->subscriptions->as_of;
}

/* Nothing is wrong with the rows, and whoever makes the export should know. */
static void warn_of_placeholders(struct run *run)
{
	const struct subscriptions *list = run->subscriptions;

	if (list->placeholders == 0)
		return;
	char *text =
	    mem_printf("%llu subscription%s %s a word for nothing as Subscription External Id, read as "
		       "empty: the first is \"%.40s\" in %s:%lu",
		(unsigned long long)list->placeholders, list->placeholders == 1 ? "" : "s",
		list->placeholders == 1 ? "has" : "have", list->placeholder.word, list->placeholder.source,
		list->placeholder.line);
	report_warn(
	    run->report, "id-placeholder", text, "have the export leave it empty where there is no id");
	free(text);
}

int run_facts(struct run *run, struct error *err)
{
	run->facts = facts_new();
	if (take_snapshot(run, err) < 0)
		return -1;
	if (run->job->bss.subscriptions.kind != SOURCE_NONE) {
		run->subscriptions = subscriptions_load_from(run->job, run->snapshot, err);
		if (!run->subscriptions)
			return -1;
		facts_add_subscriptions(run->facts, run->subscriptions);
		add_subscriptions_input(run);
		warn_of_placeholders(run);
	}
	if (!run->ledger)
		return 0;
	if (ledger_tenants(run->ledger, run->job, run->arena, &run->known, &run->known_count, err) < 0)
		return -1;
	for (size_t i = 0; i < run->known_count; i++)
		facts_add_tenant(run->facts, &run->known[i]);
	return 0;
}

/* Kept in the ledger by the first run that reads the item, so that waiting does not make a good day too far
 * away, nor a bad one near. A run that changes nothing counts from today. */
static int first_read_of(void *user, struct strv key, struct date *day, struct error *err)
{
	struct run *run = user;
	int64_t at = run->report->started_at;

	if (run->ledger && ledger_first_read(run->ledger, key, !run->options->dry_run, &at, err) < 0)
		return -1;
	*day = date_of_ms(at);
	return 0;
}

static void add_pending(struct run *run, const struct order_item *item, enum item_state state)
{
	MEM_GROW(run->pending, run->pending_count, run->pending_cap);
	run->pending[run->pending_count++] = (struct pending_order){.item = item,
	    .state = state,
	    .since = item->order_time ? item->order_time : run->report->started_at};
}

static int keep_accepted(void *user, const struct order_item *item, struct error *err)
{
	struct run *run = user;
	const struct order_item *kept = order_item_keep(run->arena, item);

	(void)err;
	MEM_GROW(run->items, run->item_count, run->item_cap);
	run->items[run->item_count++] = kept;
	add_pending(run, kept, ITEM_ACCEPTED);
	return 0;
}

static void note_codes(struct verdict verdict, struct strbuf *out)
{
	for (unsigned code = 0; code < RULE_COUNT; code++)
		if (verdict.broken >> code & 1)
			strbuf_addf(out, "%s%s", out->n ? " " : "", rule_name((enum rule_code)code));
}

/* A retry that meets it as rejected leaves it as it is, and the next retry must find it. */
static int note_rejected_again(struct run *run, const char *key, struct error *err)
{
	struct item_record record;
	struct arena *arena = arena_new();
	int rc = ledger_item_get(run->ledger, key, arena, &record, err);

	if (rc == 1) {
		record.run_id = run->run_id;
		record.batch = 0;
		rc = ledger_item_note(run->ledger, &record, err);
	}
	arena_free(arena);
	return rc;
}

static int keep_rejected(void *user, const struct rejected_item *item, struct error *err)
{
	struct run *run = user;
	struct strbuf codes = {0};
	int rc = 0;

	if (run->ledger && !run->options->dry_run) {
		note_codes(item->verdict, &codes);
		struct rejection_record record = {.run_id = run->run_id,
		    .key = item->key,
		    .order_id = item->order_id,
		    .account_id = item->account_id,
		    .source = item->source,
		    .line = item->line,
		    .codes = codes.p ? codes.p : ""};
		rc = ledger_rejection_put(run->ledger, &record, err);
		if (rc == 0 && run->options->selection)
			rc = note_rejected_again(run, item->key, err);
		strbuf_free(&codes);
	}
	if (rc == 0 && item->order_time > 0 && run->pending_count - run->item_count < PENDING_REJECTED_MAX) {
		struct order_item *pending = arena_alloc(run->arena, sizeof *pending);
		pending->key = arena_strdup(run->arena, item->key);
		pending->order_id = arena_strdup(run->arena, item->order_id);
		pending->item_id = pending->account = pending->subscription_id = pending->parent_order_id =
		    "";
		pending->account_id = arena_strdup(run->arena, item->account_id);
		pending->source = arena_strdup(run->arena, item->source);
		pending->line = item->line;
		pending->order_time = item->order_time;
		add_pending(run, pending, ITEM_REJECTED);
	}
	return rc;
}

static void show_bytes(void *user, uint64_t done, uint64_t total)
{
	(void)user;
	progress_show("orders", done, total, "bytes");
}

int run_intake(struct run *run, struct error *err)
{
	bool keep_items = (run->options->steps & (STEP_PROVISION | STEP_RECONCILE)) != 0;
	struct intake intake = {.job = run->job,
	    .snapshot = run->snapshot,
	    .facts =
		run->job->bss.subscriptions.kind == SOURCE_NONE && run->known_count == 0 ? NULL : run->facts,
	    .folder = run->options->keep_order_files ? run->folder : NULL,
	    .limit = run->options->limit,
	    .stop = signals_stop(),
	    .known = run->ledger ? run_known : NULL,
	    .first_read = first_read_of,
	    .selected_only = run->options->selection != NULL,
	    .accepted = keep_items ? keep_accepted : NULL,
	    .rejected = keep_rejected,
	    .passed_by = run_gone_not_pending,
	    .progress = run->options->progress ? show_bytes : NULL,
	    .user = run};
	struct intake_result result;

	if (run->options->selection)
		run->seen = mem_zalloc(run->options->selection->count + 1);
	if (run_gone_begin(run, err) < 0 || intake_run(&intake, run->report->arena, &result, err) < 0)
		return -1;
	progress_clear();
	for (size_t i = 0; i < result.file_count; i++)
		run_add_input(run, &result.files[i]);
	if (run_gone_settle(run, err) < 0)
		return -1;
	/* Rejections must not keep other writers of the ledger waiting while Acronis is called. */
	if (run->ledger && !run->options->dry_run && ledger_commit(run->ledger, err) < 0)
		return -1;
	if (!(run->options->steps & (STEP_VALIDATE | STEP_PROVISION)))
		return 0;
	run->report->has_intake = true;
	run->report->intake = result.counts;
	if (result.counts.rejected > 0)
		run_note_status(run, 1);
	return 0;
}
