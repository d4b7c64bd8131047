/* What only shows over all subscriptions (an export that is cut, many small differences that go one way) and
 * what belongs to none of ours; the sums that must tie. */
#include "reconcile/billing_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "tenantry/mem.h"

enum {
	SOURCE_ROWS_MAX = 100
}; /* unusable rows that are findings of their own; beyond them their number is one */

/* ---- Entries. */

struct billing_entry *billing_add(struct maker *m, enum billing_kind kind, int month, const char *object)
{
	struct billing *billing = m->billing;

	MEM_GROW(billing->entries, billing->count, billing->cap);
	struct billing_entry *entry = &billing->entries[billing->count++];
	*entry = (struct billing_entry){.kind = kind,
	    .subscription = BILLING_NO_SUBSCRIPTION,
	    .month = month,
	    .object = object,
	    .account_id = "",
	    .subscription_id = "",
	    .subject = "",
	    .place = "",
	    .free = ""};
	return entry;
}

const char *billing_object_of(struct maker *m, const char *what, int month, const char *more)
{
	char text[MONTH_TEXT_SIZE];

	return arena_printf(m->billing->arena, "%s%s %s", what, more, month_text(month, text));
}

static const char *in_month(struct maker *m, const char *what, int month)
{
	char text[MONTH_TEXT_SIZE];

	return arena_printf(m->billing->arena, "%s of %s", what, month_name(month, text));
}

/* ---- What only shows over all subscriptions. */

/* Too few contracts with lines: an export that is not there yet, or cut. Then what was found is no finding.
 */
static bool month_is_cut(const struct maker *m, const struct month_count *count)
{
	return (unsigned __int128)count->with_lines * 1000 <
	       (unsigned __int128)count->due * (uint64_t)m->in->job->billing.min_lines_permille;
}

static void add_cut_month(struct maker *m, int month, const struct month_count *count)
{
	struct billing_entry *entry =
	    billing_add(m, BILLING_GAP, month, billing_object_of(m, "invoices", month, ""));

	entry->subject = in_month(m, "The invoices", month);
	entry->gap = count->with_lines == 0 ? "there is no line of that month yet"
					    : arena_printf(m->billing->arena,
						  "only %" PRIu64 " of %" PRIu64
						  " contracts have a line: they look cut (billing.min_lines)",
						  count->with_lines, count->due);
}

void billing_judge_months(struct maker *m)
{
	struct billing *billing = m->billing;
	int count = billing->last_month - billing->first_month + 1;
	size_t kept = 0;

	for (int i = 0; i < count; i++)
		billing->month_compared[i] = !month_is_cut(m, &m->months[i]);
	for (size_t i = 0; i < billing->count; i++)
		if (billing->month_compared[billing->entries[i].month - billing->first_month])
			billing->entries[kept++] = billing->entries[i];
	billing->count = billing->of_subscriptions = kept;
	for (int i = 0; i < count; i++) {
		billing->contracts += m->months[i].contracts;
		if (billing->month_compared[i]) {
			billing->compared += m->months[i].compared;
			billing->agreed += m->months[i].agreed;
		} else {
			add_cut_month(m, billing->first_month + i, &m->months[i]);
		}
	}
}

/* Unconditional: no percentage, and one tolerance for all of them together. */
void billing_judge_small(struct maker *m)
{
	const struct job *job = m->in->job;

	for (size_t i = 0; i < m->small_count; i++) {
		const struct small_sum *sum = &m->small[i];
		int index = currency_index(strv_of(sum->currency));
		int64_t limit = index < 0 ? 0 : job->reconcile.tolerance.absolute[index].minor;
		bool passes = !sum->failed && sum->difference >= -limit && sum->difference <= limit;
		if (passes || !m->billing->month_compared[sum->month - m->billing->first_month])
			continue;
		char what[16];
		snprintf(what, sizeof what, "total %s", sum->currency);
		struct billing_entry *entry = billing_add(m, sum->failed ? BILLING_GAP : BILLING_TOTAL,
		    sum->month, billing_object_of(m, what, sum->month, sum->cost ? " cost" : ""));
		entry->subject = in_month(m, "The invoices", sum->month);
		entry->gap = sum->failed ? "their differences are larger than can be held" : NULL;
		entry->difference = sum->difference;
		entry->contracts = sum->contracts;
		entry->day = month_first(sum->month + 1);
		entry->cost = sum->cost;
		memcpy(entry->currency, sum->currency, sizeof entry->currency);
	}
}

/* ---- What belongs to no subscription of ours. */

static int by_text(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Ids of subscription rows that cannot be used: they are findings already. */
static const char **quarantined_ids(const struct subscriptions *subscriptions, size_t *count)
{
	const char **ids = mem_zalloc((subscriptions->quarantined_count + 1) * sizeof *ids);

	*count = 0;
	for (size_t i = 0; i < subscriptions->quarantined_count; i++)
		if (subscriptions->quarantined[i].subscription_id[0])
			ids[(*count)++] = subscriptions->quarantined[i].subscription_id;
	qsort(ids, *count, sizeof *ids, by_text);
	return ids;
}

static void add_untied(struct maker *m, const struct invoice_month *lines)
{
	bool any = lines->month == INVOICE_ANY_MONTH;
	const char *object = any ? arena_printf(m->billing->arena, "%s invoices", lines->subscription_id)
				 : billing_object_of(m, lines->subscription_id, lines->month, "");
	struct billing_entry *entry = billing_add(m, BILLING_GAP, lines->month, object);

	entry->subscription_id = lines->subscription_id;
	entry->account_id = lines->account_id;
	entry->lines = lines;
	entry->subject = arena_printf(m->billing->arena, "Subscription %s", lines->subscription_id);
	entry->gap =
	    lines->gap
		? lines->gap
		: arena_printf(m->billing->arena,
		      "invoice lines name subscription %s, which is not in the subscriptions of the BSS",
		      lines->subscription_id);
}

void billing_look_at_untied(struct maker *m)
{
	const struct invoices *invoices = m->in->invoices;
	size_t count;
	const char **known = quarantined_ids(m->in->subscriptions, &count);

	for (size_t i = 0; i < invoices->count; i++) {
		const char *id = invoices->items[i].subscription_id;
		if (!m->tied[i] && !bsearch(&id, known, count, sizeof *known, by_text))
			add_untied(m, &invoices->items[i]);
	}
	free(known);
}

/* Rows without a subscription: invoice lines that name none, exchange rates. */
static void look_at_source(struct maker *m, const struct quarantined_row *rows, size_t count,
    const char *subject, const char *object)
{
	struct arena *arena = m->billing->arena;

	for (size_t i = 0; i < count && i < SOURCE_ROWS_MAX; i++) {
		const char *place = arena_printf(arena, "%s:%lu", rows[i].source, rows[i].line);
		struct billing_entry *entry = billing_add(m, BILLING_GAP, INVOICE_ANY_MONTH, place);
		entry->subject = subject;
		entry->place = place;
		entry->account_id = rows[i].account_id;
		entry->gap = rows[i].reason;
	}
	if (count <= SOURCE_ROWS_MAX)
		return;
	struct billing_entry *entry = billing_add(m, BILLING_GAP, INVOICE_ANY_MONTH, object);
	entry->subject = subject;
	entry->gap = arena_printf(arena, "%zu more rows cannot be used", count - SOURCE_ROWS_MAX);
}

void billing_look_at_rows(struct maker *m)
{
	const struct invoices *invoices = m->in->invoices;

	look_at_source(m, invoices->loose, invoices->loose_count, "An invoice line", "invoice lines");
	if (m->in->rates)
		look_at_source(m, m->in->rates->quarantined, m->in->rates->quarantined_count,
		    "An exchange rate", "exchange rates");
}

/* ---- Sums. */

void billing_tie_amounts(struct maker *m)
{
	const struct invoices *invoices = m->in->invoices;
	struct billing *billing = m->billing;

	billing->amount_count = invoices->total_count;
	billing->amounts =
	    arena_alloc(billing->arena, (invoices->total_count + 1) * sizeof *billing->amounts);
	for (size_t i = 0; i < invoices->total_count; i++) {
		const struct invoice_total *total = &invoices->totals[i];
		struct billing_amounts *amounts = &billing->amounts[i];
		*amounts = (struct billing_amounts){.total = total->total,
		    .other_months = total->other_months,
		    .untied = total->unusable,
		    .lines = total->lines};
		memcpy(amounts->currency, total->currency, sizeof amounts->currency);
	}
	for (size_t i = 0; i < invoices->count; i++)
		for (size_t j = 0; j < billing->amount_count; j++)
			if (strcmp(billing->amounts[j].currency, invoices->items[i].currency) == 0)
				*(m->tied[i] ? &billing->amounts[j].tied : &billing->amounts[j].untied) +=
				    invoices->items[i].exact;
}
