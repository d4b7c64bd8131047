/* The third step of a run: both sides side by side, what may be believed of them, and the findings into the
 * ledger. */
#include "run_impl.h"

#include <stdlib.h>

#include "tenantry/facts.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/progress.h"
#include "tenantry/reconcile.h"

static int side_memory(struct run *run, struct side_memory *memory, struct error *err)
{
	uint64_t rows;
	int64_t seen_at;
	int64_t elements;
	int found;

	*memory = (struct side_memory){-1, -1, -1};
	if (!run->ledger)
		return 0;
	if ((found = ledger_side_last(run->ledger, "subscriptions", &rows, &seen_at, err)) < 0)
		return -1;
	if (found)
		memory->last_subscriptions = (int64_t)rows;
	if ((found = ledger_side_last(run->ledger, "tenants", &rows, &seen_at, err)) < 0)
		return -1;
	if (found)
		memory->last_tenants = (int64_t)rows;
	return run_last_listing(run, &memory->last_listed, &elements, err);
}

int run_guard_subscriptions(struct run *run, struct error *err)
{
	struct side_memory memory;

	if (side_memory(run, &memory, err) < 0)
		return -1;
	return reconcile_guard_subscriptions(
	    run->job, run->subscriptions, &memory, clock_wall_ms(run->clock), err);
}

/* Money texts are put into `money` and `in_report`. */
static struct finding_record record_of(struct run *run, const struct finding *f, char *money, char *in_report)
{
	return (struct finding_record){.finding_id = f->id,
	    .run_id = run->run_id,
	    .code = finding_code_name(f->code),
	    .severity = severity_name(f->severity),
	    .owner = f->owner,
	    .state = "open",
	    .account_id = f->account_id,
	    .account = f->account,
	    .subscription_id = f->subscription_id,
	    .tenant_id = f->tenant_id,
	    .object = f->object,
	    .expected = f->expected,
	    .bss = f->bss,
	    .acronis = f->acronis,
	    .currency = f->at_stake.currency,
	    .money = f->at_stake.currency[0] ? money_text(f->at_stake, money) : "",
	    .tier = f->tier,
	    .report_currency = f->in_report.currency,
	    .report_money = f->in_report.currency[0] ? money_text(f->in_report, in_report) : "",
	    .sentence = run->options->as_of.set
			    ? arena_printf(run->arena, "As of %s: %s", run->report->as_of.day, f->sentence)
			    : f->sentence,
	    .amounts = finding_is_money(f->code),
	    .window_ms = f->in_window ? run->job->reconcile.cut_off_ms : 0,
	    .evidence = run->report->in_part
			    ? arena_printf(run->arena, "%s; compared in part: not conclusive", f->evidence)
			    : f->evidence};
}

/* ---- What may be resolved. */

struct untouched {
	const struct run *run;
	const char **accounts;
	size_t count, cap;
};

static void add_untouched(struct untouched *list, const char *account)
{
	MEM_GROW(list->accounts, list->count, list->cap);
	list->accounts[list->count++] = account;
}

static int keep_if_lost(void *user, const struct finding_record *finding)
{
	struct untouched *list = user;

	if (finding->subscription_id[0] &&
	    !facts_subscription(list->run->facts, strv_of(finding->subscription_id)))
		add_untouched(list, arena_strdup(list->run->arena, finding->account_id));
	return 0;
}

/* A row that cannot be used and says no account may be any subscription that is missing tonight: what was
 * found of those is not gone with them. */
static int find_untouched(struct untouched *list, const struct reconcile_result *result, struct error *err)
{
	const struct subscriptions *subscriptions = list->run->subscriptions;
	bool lost = false;

	for (size_t i = 0; i < result->not_compared_count; i++)
		add_untouched(list, result->not_compared[i]);
	for (size_t i = 0; i < subscriptions->quarantined_count && !lost; i++)
		lost = !subscriptions->quarantined[i].account_id[0];
	return lost ? ledger_findings(list->run->ledger, NULL, NULL, keep_if_lost, list, err) : 0;
}

static int resolve(struct run *run, const struct reconcile_result *result, struct error *err)
{
	struct untouched list = {.run = run};
	struct findings_settled settled = {0};
	int rc = find_untouched(&list, result, err);

	if (rc == 0)
		rc = ledger_findings_resolve(
		    run->ledger, run->run_id, list.accounts, list.count, &settled, err);
	free(list.accounts);
	if (rc < 0)
		return -1;
	run->report->before = settled.before;
	run->report->resolved = settled.resolved;
	run->report->left = settled.left;
	return 0;
}

static int put_findings(struct run *run, const struct observation *observation,
    const struct reconcile_result *result, struct error *err)
{
	for (size_t i = 0; i < result->count; i++) {
		char money[MONEY_TEXT_SIZE], in_report[MONEY_TEXT_SIZE];
		struct finding_record record = record_of(run, &result->findings[i], money, in_report);
		if (ledger_finding_put(run->ledger, &record, err) < 0)
			return -1;
	}
	if (run_billing_carry(run, err) < 0 || run_logins_carry(run, observation, err) < 0)
		return -1;
	return resolve(run, result, err);
}

static int foresee_findings(struct run *run, const struct reconcile_result *result, struct error *err)
{
	run->report->findings =
	    arena_alloc(run->report->arena, (result->count + 1) * sizeof *run->report->findings);
	for (size_t i = 0; i < result->count; i++) {
		char money[MONEY_TEXT_SIZE], in_report[MONEY_TEXT_SIZE];
		struct finding_record record = record_of(run, &result->findings[i], money, in_report);
		if (run_findings_foresee(run, &record, err) < 0)
			return -1;
	}
	return 0;
}

static int keep_sides(struct run *run, const struct observation *observation, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE];
	int rc = run_keep_observation(run, observation, err);

	if (rc == 0)
		rc = run_keep_subscriptions(run, err);
	if (rc == 0)
		rc = run_keep_money(run, err);

	digest_text(run->subscriptions->digest, digest);
	if (rc == 0)
		rc = ledger_side_put(run->ledger, run->run_id, "subscriptions", run->subscriptions->count,
		    run_subscriptions_shown(run), digest, err);
	if (rc == 0 && run->invoices) {
		digest_text(run->invoices->digest, digest);
		rc = ledger_side_put(run->ledger, run->run_id, "invoices", run->invoices->rows_read,
		    run->job->bss.invoices.csv ? run->job->bss.invoices.csv : "", digest, err);
	}
	return rc;
}

static void report_result(
    struct run *run, const struct reconcile_result *result, const struct observation *observation)
{
	struct report *report = run->report;

	report->has_reconcile = true;
	report->coverage = result->coverage;
	report_count_ties(report);
	report->observed_at = observation->taken_at;
	run_observe_report(run, observation);
	if (result->coverage.logins_unread > 0)
		run_note_status(run, 1);
}

static int compare(struct run *run, struct observation *observation, struct error *err)
{
	struct reconcile_input input = {.job = run->job,
	    .subscriptions = run->subscriptions,
	    .observation = observation,
	    .known = run->known,
	    .known_count = run->known_count,
	    .done_items = run->done,
	    .done_count = run->done_count,
	    .pending = run->pending,
	    .pending_count = run->pending_count,
	    .billing = run->billing,
	    .rates = run->rates,
	    .now = clock_wall_ms(run->clock)};
	struct reconcile_result *result = reconcile(&input);
	struct error partly = {0};
	int rc = 0;

	uint64_t reread;
	rc = run_observe_findings(run, observation, result, &reread, err);
	if (rc == 0 && reread > 0) {
		reconcile_result_free(result);
		result = reconcile(&input);
	}
	if (rc == 0)
		rc = run_read_usages(run, observation, &input, err);
	if (rc == 0 && !run->options->tenants_file) {
		struct observe settings = run_observe_settings(run);
		rc = run_read_logins(run, &settings, observation, result, err);
		reconcile_result_free(result);
		result = reconcile(&input);
	}
	/* What there is of a result is shown; it proves nothing, so what nights remember stays as it was. */
	if (rc == 0)
		run->report->in_part = reconcile_guard_list(observation, &partly) < 0 ||
				       reconcile_guard_coverage(run->job, &result->coverage, &partly) < 0;
	if (rc == 0)
		rc = run->options->dry_run || run->report->in_part
			 ? foresee_findings(run, result, err)
			 : put_findings(run, observation, result, err);
	if (rc == 0 && !run->options->dry_run)
		rc = keep_sides(run, observation, err);
	if (rc == 0 && !run->options->dry_run)
		rc = ledger_commit(run->ledger, err);
	/* Last: counts of findings that were not kept would not close, and the run would have no run.json. */
	if (rc == 0)
		report_result(run, result, observation);
	if (rc == 0)
		run_billing_report(run);
	reconcile_result_free(result);
	if (rc == 0 && run->report->in_part) {
		*err = partly;
		return -1;
	}
	return rc;
}

int run_compare_kept(struct run *run, const struct observation *observation,
    const struct reconcile_input *input, struct error *err)
{
	struct reconcile_result *result = reconcile(input);
	struct error partly = {0};

	run->report->in_part = reconcile_guard_coverage(run->job, &result->coverage, &partly) < 0;
	int rc = foresee_findings(run, result, err);
	if (rc == 0) {
		report_result(run, result, observation);
		run_billing_report(run);
	}
	reconcile_result_free(result);
	if (rc == 0 && run->report->in_part) {
		*err = partly;
		return -1;
	}
	return rc;
}

/* Of the parked ones intake lets those through that wait for the proof of the tier table. */
static bool is_pending(const struct run *run, const struct item_record *item)
{
	if (park_reason_parse(item->reason) != PARK_TIER_UNPROVED)
		return false;
	for (size_t i = 0; i < run->pending_count; i++)
		if (strcmp(run->pending[i].item->key, item->key) == 0)
			return true;
	return false;
}

struct pending_order *run_add_pending_record(struct run *run, const struct item_record *item)
{
	struct order_item *order = arena_alloc(run->arena, sizeof *order);

	order->key = arena_strdup(run->arena, item->key);
	order->order_id = arena_strdup(run->arena, item->order_id);
	order->item_id = arena_strdup(run->arena, item->item_id);
	order->parent_order_id = "";
	order->account_id = arena_strdup(run->arena, item->account_id);
	order->account = arena_strdup(run->arena, item->account);
	order->subscription_id = arena_strdup(run->arena, item->subscription_id);
	order->source = arena_strdup(run->arena, item->source);
	order->line = item->line;
	order->action = item->action;
	order->tier = job_tier_by_name(run->job, strv_of(item->tier));
	memcpy(order->currency, item->currency, strnlen(item->currency, sizeof order->currency - 1));
	MEM_GROW(run->pending, run->pending_count, run->pending_cap);
	struct pending_order *pending = &run->pending[run->pending_count++];
	*pending = (struct pending_order){.item = order,
	    .state = item->state,
	    .since = item->ordered_at ? item->ordered_at : item->received_at};
	return pending;
}

/* Parked in an earlier night, so intake passed it by: it is pending all the same. */
static int add_parked(void *user, const struct item_record *item)
{
	struct run *run = user;

	if (strcmp(item->run_id, run->run_id) != 0 && !is_pending(run, item))
		run_add_pending_record(run, item)->parked_at = item->updated_at;
	return 0;
}

/* An order without a date waits since a night first saw it. */
static int note_received(struct run *run, struct pending_order *pending, struct error *err)
{
	struct item_record item;
	int found = ledger_item_get(run->ledger, pending->item->key, run->arena, &item, err);

	if (found > 0 && item.received_at > 0)
		pending->since = item.received_at;
	return found;
}

/* What provisioning has just done is pending no more; what it left has its state in the ledger now. */
static int settle_pending(struct run *run, struct error *err)
{
	struct item_filter parked = {.state = ITEM_PARKED};
	size_t kept = 0;

	if (!run->ledger)
		return 0;
	for (size_t i = 0; i < run->pending_count; i++) {
		struct pending_order *pending = &run->pending[i];
		enum item_state state;
		int found = ledger_item_state(run->ledger, strv_of(pending->item->key), &state, NULL, err);
		if (found < 0)
			return -1;
		if (found && state == ITEM_DONE)
			continue;
		if (found && !pending->item->order_time && note_received(run, pending, err) < 0)
			return -1;
		if (found && pending->state != ITEM_REJECTED)
			pending->state = state;
		if (pending->state == ITEM_PARKED)
			pending->parked_at = clock_wall_ms(run->clock);
		run->pending[kept++] = *pending;
	}
	run->pending_count = kept;
	if (ledger_items(run->ledger, &parked, add_parked, run, err) < 0)
		return -1;
	return ledger_tenants(run->ledger, run->job, run->arena, &run->known, &run->known_count, err);
}

int run_reconcile(struct run *run, struct error *err)
{
	struct observation *observation = NULL;
	struct side_memory memory;
	int rc = -1;

	if (!run->subscriptions) {
		error_set(err, ERR_COVERAGE, "nothing was compared: the job file names no bss.subscriptions");
		return error_hint(
		    err, "add bss.subscriptions to %s, or take reconcile out of steps", run->job->path);
	}
	if (side_memory(run, &memory, err) < 0 || run_note_due_dates(run, err) < 0 ||
	    settle_pending(run, err) < 0 ||
	    reconcile_guard_subscriptions(
		run->job, run->subscriptions, &memory, clock_wall_ms(run->clock), err) < 0)
		goto out;
	if (run_journal_side(run, clock_wall_ms(run->clock), err) < 0)
		goto out;
	if (run_billing(run, err) < 0)
		goto out;
	observation = run_observe(run, err);
	progress_clear();
	if (!observation || reconcile_guard_observation(run->job, observation, &memory, err) < 0)
		goto out;
	run_tiers_compared(run, observation);
	rc = compare(run, observation, err);
	progress_clear();
out:
	observation_free(observation);
	if (rc < 0)
		error_prefix(err, "not compared");
	return rc;
}
