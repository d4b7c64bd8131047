/* Invoices against contracts, month by month: each subscription's months; see billing.h. What only shows over
 * all of them is billing_totals.c's. */
#include "reconcile/billing_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/mem.h"

struct invoice_window billing_window(const struct job *job, struct date today)
{
	int last = month_of(today) - (today.day < job->billing.invoiced_by ? 2 : 1);
	int months = job->billing.months < 1 ? 1 : (int)job->billing.months;

	return (struct invoice_window){last - months + 1, last, today};
}

/* ---- One subscription's month. */

struct look {
	struct maker *m;
	uint32_t number;
	const struct subscription *subscription;
	int month;
	struct invoice_month *lines, *any; /* any: lines that name no month; NULL */
	struct month_terms terms;
	struct date day;
	struct charge charge;
	struct month_count *count;
};

static struct billing_entry *add_look(struct look *l, enum billing_kind kind, const char *more)
{
	struct billing_entry *entry =
	    billing_add(l->m, kind, l->month, billing_object_of(l->m, l->subscription->id, l->month, more));

	entry->subscription = l->number;
	entry->lines = l->lines;
	entry->tier = l->terms.tier;
	entry->free = l->terms.free;
	entry->rate = l->terms.rate;
	entry->day = l->day;
	entry->expected = l->charge;
	entry->should = l->charge.total;
	memcpy(entry->currency, l->subscription->currency, sizeof entry->currency);
	return entry;
}

static void add_gap(struct look *l, const char *gap, bool said)
{
	struct billing_entry *entry = add_look(l, BILLING_GAP, "");

	entry->gap = gap;
	entry->said = said;
	if (l->any && !l->lines)
		entry->lines = l->any;
}

/* Why the lines cannot be used, or NULL. */
static const char *lines_gap(const struct look *l)
{
	struct arena *arena = l->m->billing->arena;
	const struct invoice_month *bad = l->any ? l->any : l->lines;

	if (bad && bad->gap) {
		if (bad->bad_lines == 1)
			return bad->gap;
		return arena_printf(arena, "%s, and %" PRIu32 " more line%s", bad->gap, bad->bad_lines - 1,
		    bad->bad_lines == 2 ? "" : "s");
	}
	if (l->lines && l->subscription->currency[0] &&
	    strcmp(l->lines->currency, l->subscription->currency) != 0)
		return arena_printf(arena, "its invoice is in %s, its subscription in %s", l->lines->currency,
		    l->subscription->currency);
	return NULL;
}

static void add_small(struct maker *m, const char *currency, int month, bool cost, int64_t difference)
{
	size_t i = 0;

	if (difference == 0)
		return;
	while (i < m->small_count && (strcmp(m->small[i].currency, currency) != 0 ||
					 m->small[i].month != month || m->small[i].cost != cost))
		i++;
	if (i == m->small_count) {
		MEM_GROW(m->small, m->small_count, m->small_cap);
		m->small[m->small_count++] = (struct small_sum){.month = month, .cost = cost};
		memcpy(m->small[i].currency, currency, 3);
	}
	m->small[i].contracts++;
	if (__builtin_add_overflow(m->small[i].difference, difference, &m->small[i].difference))
		m->small[i].failed = true;
}

static enum billing_kind kind_of(const struct look *l, int64_t difference)
{
	int64_t commitment = l->lines->sum[INVOICE_COMMITMENT] - l->charge.shortfall;

	if (difference > 0)
		return BILLING_OVERBILLED;
	return commitment < 0 && !billing_tolerates(
				     l->m->in->job, l->subscription->currency, l->charge.total, commitment)
		   ? BILLING_SHORTFALL
		   : BILLING_AMOUNT;
}

/* Gives whether something was found. */
static bool compare_side(struct look *l, bool cost, int64_t should, int64_t billed, int64_t difference)
{
	const char *currency = l->subscription->currency;

	if (billing_tolerates(l->m->in->job, currency, should, difference)) {
		add_small(l->m, currency, l->month, cost, difference);
		return false;
	}
	struct billing_entry *entry =
	    add_look(l, cost ? BILLING_COST : kind_of(l, difference), cost ? " cost" : "");
	entry->should = should;
	entry->cost = cost;
	entry->billed = billed;
	entry->difference = difference;
	return true;
}

static void compare_lines(struct look *l)
{
	const struct invoice_month *lines = l->lines;
	int64_t billed, difference, cost;

	if (__builtin_add_overflow(lines->sum[INVOICE_USAGE], lines->sum[INVOICE_COMMITMENT], &billed) ||
	    __builtin_add_overflow(billed, lines->sum[INVOICE_CREDIT], &billed) ||
	    __builtin_sub_overflow(billed, l->charge.total, &difference) ||
	    __builtin_sub_overflow(lines->cost, lines->cost_expected, &cost)) {
		add_gap(l, "its amounts are larger than can be held", false);
		return;
	}
	bool found = compare_side(l, false, l->charge.total, billed, difference);
	if (lines->cost_lines > 0)
		found |= compare_side(l, true, lines->cost_expected, lines->cost, cost);
	l->count->compared++;
	l->count->agreed += !found;
}

static void compare_nothing(struct look *l)
{
	l->count->compared++;
	if (!l->terms.runs || !l->terms.paid) {
		l->count->agreed++;
		return;
	}
	struct billing_entry *entry = add_look(l, BILLING_NO_LINES, "");
	entry->difference = -l->charge.total;
}

static bool charge_of(struct look *l)
{
	struct charge_terms terms = {.parts = l->terms.parts,
	    .part_count = l->terms.part_count,
	    .month_days = month_days(l->month),
	    .rounding = l->m->in->job->billing.rounding,
	    .usage = l->lines ? l->lines->sum[INVOICE_USAGE] : 0};

	memcpy(terms.currency, l->subscription->currency, sizeof terms.currency);
	return billing_charge(&terms, &l->charge);
}

/* Without lines and without a contract in force there is nothing to say, and it does not count. */
static bool is_idle(const struct look *l)
{
	enum subscription_status status = l->subscription->status;

	if (l->lines || l->any)
		return false;
	return status == SUBSCRIPTION_PENDING || status == SUBSCRIPTION_FAILED ||
	       (!l->terms.runs && !l->terms.gap);
}

static void look_at(struct maker *m, uint32_t number, int month)
{
	const struct subscription *s = &m->in->subscriptions->items[number];
	const struct invoices *invoices = m->in->invoices;
	struct look l = {.m = m,
	    .number = number,
	    .subscription = s,
	    .month = month,
	    .lines = invoices_find(invoices, strv_of(s->id), month),
	    .any = invoices_find(invoices, strv_of(s->id), INVOICE_ANY_MONTH),
	    .count = &m->months[month - m->billing->first_month]};
	const char *gap;

	l.day = l.lines && date_is_set(l.lines->date) ? l.lines->date : month_first(month + 1);
	if (l.lines)
		m->tied[l.lines - invoices->items] = true;
	if (l.any)
		m->tied[l.any - invoices->items] = true;
	month_terms_of(m->in, &m->history, m->billing->arena, s, month, l.day, &l.terms);
	if (is_idle(&l))
		return;
	l.count->contracts++;
	l.count->due += l.terms.paid;
	l.count->with_lines += l.terms.paid && (l.lines || l.any);
	if ((gap = lines_gap(&l)) != NULL)
		add_gap(&l, gap, false);
	else if (l.terms.gap)
		add_gap(&l, l.terms.gap, l.terms.said);
	else if (!charge_of(&l))
		add_gap(&l, "its commitment is larger than can be held", false);
	else if (l.lines)
		compare_lines(&l);
	else
		compare_nothing(&l);
}

/* ---- The whole. */

struct billing *billing_compare(const struct billing_input *in)
{
	struct billing *billing = mem_zalloc(sizeof *billing);
	struct maker m = {.in = in, .billing = billing};
	int months = in->invoices->last_month - in->invoices->first_month + 1;

	billing->arena = arena_new();
	billing->invoices = in->invoices;
	billing->first_month = in->invoices->first_month;
	billing->last_month = in->invoices->last_month;
	billing->lines = in->invoices->rows_read;
	billing->unreadable = in->invoices->unreadable;
	billing->month_compared =
	    arena_alloc(billing->arena, (size_t)months * sizeof *billing->month_compared);
	m.history = tier_history_make(in, billing->arena);
	m.months = mem_zalloc((size_t)months * sizeof *m.months);
	m.tied = mem_zalloc((in->invoices->count + 1) * sizeof *m.tied);
	for (size_t i = 0; i < in->subscriptions->count; i++)
		for (int month = billing->first_month; month <= billing->last_month; month++)
			look_at(&m, (uint32_t)i, month);
	billing_judge_months(&m);
	billing_judge_small(&m);
	billing_look_at_untied(&m);
	billing_look_at_rows(&m);
	billing_tie_amounts(&m);
	free(m.tied);
	free(m.months);
	free(m.small);
	return billing;
}

void billing_free(struct billing *billing)
{
	if (!billing)
		return;
	arena_free(billing->arena);
	free(billing->entries);
	free(billing);
}

const struct billing_entry *billing_entries(
    const struct billing *billing, uint32_t subscription, size_t *count)
{
	size_t low = 0, high = billing ? billing->of_subscriptions : 0, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (billing->entries[middle].subscription < subscription)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; billing && end < billing->of_subscriptions &&
			billing->entries[end].subscription == subscription;)
		end++;
	*count = end - low;
	return billing ? &billing->entries[low] : NULL;
}

bool billing_object(struct strv object, struct strv *what, int *month)
{
	static const struct strv cost = {" cost", 5};

	if (object.n < 9 || object.p[object.n - 8] != ' ' ||
	    !month_parse((struct strv){object.p + object.n - 7, 7}, month))
		return false;
	*what = (struct strv){object.p, object.n - 8};
	if (what->n > cost.n && memcmp(what->p + what->n - cost.n, cost.p, cost.n) == 0)
		what->n -= cost.n;
	return true;
}

bool billing_covers(const struct billing *billing, uint32_t subscription, int month)
{
	size_t count;

	if (!billing || month < billing->first_month || month > billing->last_month ||
	    !billing->month_compared[month - billing->first_month])
		return false;
	if (subscription == BILLING_NO_SUBSCRIPTION)
		return true;
	const struct billing_entry *entries = billing_entries(billing, subscription, &count);
	for (size_t i = 0; i < count; i++)
		if (entries[i].month == month && entries[i].kind == BILLING_GAP)
			return false;
	return true;
}
