/* The money side of reconciliation in a run: invoices and exchange rates are held against the contracts, and
 * what they say goes into the report. What earlier nights found in months that are not compared tonight stays
 * open. */
#include "run_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/billing.h"
#include "tenantry/facts.h"
#include "tenantry/mem.h"

struct change_list {
	struct run *run;
	struct tier_change *items;
	size_t count, cap;
};

/* Which tier a contract had in an earlier month: the export only knows the one of today. */
static int keep_change(void *user, const struct item_record *item)
{
	struct change_list *list = user;
	struct run *run = list->run;
	const struct tier *tier = job_tier_by_name(run->job, strv_of(item->tier));
	bool first = item->action == ACTION_NEW;

	if (!tier || item->executed_at == 0 ||
	    (!first && item->action != ACTION_UPGRADE && item->action != ACTION_DOWNGRADE))
		return 0;
	MEM_GROW(list->items, list->count, list->cap);
	list->items[list->count++] =
	    (struct tier_change){.account_id = arena_strdup(run->arena, item->account_id),
		.subscription_id = arena_strdup(run->arena, item->subscription_id),
		.day = date_of_ms(item->executed_at),
		.at = item->executed_at,
		.tier = tier,
		.first = first};
	return 0;
}

/* Amounts are counted in the whole when they are read and in one part when they are used. */
static int check_sums(const struct billing *billing, struct error *err)
{
	for (size_t i = 0; i < billing->amount_count; i++) {
		const struct billing_amounts *a = &billing->amounts[i];
		if (a->total - a->tied - a->other_months == a->untied)
			continue;
		error_set(err, ERR_INTERNAL,
		    "the amounts in %s do not close: total = tied + other months + not tied", a->currency);
		return error_hint(err, "this is a fault of tenantry: keep the invoices and report it");
	}
	return 0;
}

int run_billing(struct run *run, struct error *err)
{
	struct item_filter all_done = {.state = ITEM_DONE};
	struct change_list changes = {.run = run};
	int rc = run_read_money(run, err);

	if (rc == 0 && run->invoices && run->ledger)
		rc = ledger_items(run->ledger, &all_done, keep_change, &changes, err);
	if (rc == 0 && run->invoices) {
		struct billing_input input = {.job = run->job,
		    .subscriptions = run->subscriptions,
		    .invoices = run->invoices,
		    .rates = run->rates,
		    .changes = changes.items,
		    .change_count = changes.count};
		run->billing = billing_compare(&input);
		rc = check_sums(run->billing, err);
	}
	free(changes.items);
	return rc;
}

void run_billing_free(struct run *run)
{
	billing_free(run->billing);
	invoices_free(run->invoices);
	rates_free(run->rates);
}

/* ---- Findings of earlier nights. */

struct finding_record run_keep_finding(const struct run *run, const struct finding_record *finding)
{
	struct finding_record kept = *finding;

	int code = finding_code_parse(finding->code);

	finding_record_keep(&kept, run->arena);
	kept.run_id = run->run_id;
	kept.amounts = code >= 0 && finding_is_money((enum finding_code)code);
	return kept;
}

/* What was found about a month stays until that month is held against invoices again: a new month's invoices
 * say nothing about the one before. */
static bool stays_open(const struct run *run, const struct finding_record *finding)
{
	int code = finding_code_parse(finding->code), month;
	struct strv what;

	if (strcmp(finding->run_id, run->run_id) == 0 || code < 0 ||
	    !billing_object(strv_of(finding->object), &what, &month))
		return false;
	const struct subscription *s = facts_subscription(run->facts, what);
	if (s)
		return (finding_is_money((enum finding_code)code) || code == FINDING_NOT_COMPARED) &&
		       !billing_covers(run->billing, (uint32_t)(s - run->subscriptions->items), month);
	if (finding_is_money((enum finding_code)code) && !strv_has_prefix(what, STRV("total ")))
		return true;
	return !billing_covers(run->billing, BILLING_NO_SUBSCRIPTION, month);
}

struct carried {
	struct run *run;
	struct finding_record *items;
	size_t count, cap;
};

static int keep_finding(void *user, const struct finding_record *finding)
{
	struct carried *carried = user;

	if (!stays_open(carried->run, finding))
		return 0;
	MEM_GROW(carried->items, carried->count, carried->cap);
	carried->items[carried->count++] = run_keep_finding(carried->run, finding);
	return 0;
}

int run_billing_carry(struct run *run, struct error *err)
{
	struct carried carried = {.run = run};
	int rc = ledger_findings(run->ledger, NULL, NULL, keep_finding, &carried, err);

	for (size_t i = 0; rc == 0 && i < carried.count; i++)
		rc = ledger_finding_put(run->ledger, &carried.items[i], err);
	free(carried.items);
	return rc;
}

/* ---- The report. */

/* Millionths with as many decimals as they need, at least the currency's. */
static const char *amount_text(struct arena *arena, int64_t millionths, const char *currency)
{
	uint64_t units = millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths;
	int decimals = 6, least = currency_exponent(currency);
	char *text = arena_printf(
	    arena, "%s%" PRIu64 ".%06" PRIu64, millionths < 0 ? "-" : "", units / 1000000, units % 1000000);
	size_t n = strlen(text);

	for (; decimals > least && text[n - 1] == '0'; decimals--)
		text[--n] = '\0';
	if (decimals == 0)
		text[n - 1] = '\0';
	return text;
}

static const char *months_text(struct arena *arena, const struct billing *billing)
{
	char first[MONTH_TEXT_SIZE], last[MONTH_TEXT_SIZE];

	month_text(billing->first_month, first);
	month_text(billing->last_month, last);
	return billing->first_month == billing->last_month ? arena_strdup(arena, first)
							   : arena_printf(arena, "%s to %s", first, last);
}

void run_billing_report(struct run *run)
{
	const struct billing *billing = run->billing;
	struct billing_summary *summary = &run->report->billing;
	struct arena *arena = run->report->arena;

	if (!billing)
		return;
	run->report->has_billing = true;
	*summary = (struct billing_summary){.months = months_text(arena, billing),
	    .contracts = billing->contracts,
	    .compared = billing->compared,
	    .agreed = billing->agreed,
	    .lines = billing->lines,
	    .unreadable = billing->unreadable,
	    .sum_count = billing->amount_count};
	summary->sums = arena_alloc(arena, (billing->amount_count + 1) * sizeof *summary->sums);
	for (size_t i = 0; i < billing->amount_count; i++) {
		const struct billing_amounts *a = &billing->amounts[i];
		summary->sums[i] = (struct billing_sum){.currency = arena_strdup(arena, a->currency),
		    .total = amount_text(arena, a->total, a->currency),
		    .tied = amount_text(arena, a->tied, a->currency),
		    .other_months = amount_text(arena, a->other_months, a->currency),
		    .untied = amount_text(arena, a->untied, a->currency),
		    .lines = a->lines};
	}
}
