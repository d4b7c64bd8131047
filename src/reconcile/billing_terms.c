/* What a contract owes for a month by its terms: whether it ran, in trial or ramp-up, on which tier, and the
 * tier's commitment in the contract's currency. What is not known is a gap and never guessed (domain notes,
 * rules 10 to 19, sections 2 and 4). */
#include "reconcile/billing_impl.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- Which tier was in force. */

struct segment {
	struct date from, to;
	const struct tier *tier;
};

static int by_account_and_time(const void *a, const void *b)
{
	const struct tier_change *x = a, *y = b;
	int order = strcmp(x->account_id, y->account_id);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

struct tier_history tier_history_make(const struct billing_input *in, struct arena *arena)
{
	struct tier_change *items = arena_alloc(arena, (in->change_count + 1) * sizeof *items);

	if (in->change_count > 0)
		memcpy(items, in->changes, in->change_count * sizeof *items);
	qsort(items, in->change_count, sizeof *items, by_account_and_time);
	return (struct tier_history){items, in->change_count};
}

static const struct tier_change *changes_of(
    const struct tier_history *history, const struct subscription *s, size_t *count)
{
	size_t low = 0, high = history->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(history->items[middle].account_id, s->account_id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (high = low;
	     high < history->count && strcmp(history->items[high].account_id, s->account_id) == 0;)
		high++;
	*count = high - low;
	return &history->items[low];
}

static bool concerns(const struct tier_change *change, const struct subscription *s)
{
	return change->tier && (!change->subscription_id[0] ||
				   strv_eq_nocase(strv_of(change->subscription_id), strv_of(s->id)));
}

/* From the last change on the export's word counts, unless it is older than the change. */
static const struct tier *tier_after(
    const struct tier_change *change, const struct subscription *s, bool is_last)
{
	return is_last && s->updated_at >= change->at ? s->tier : change->tier;
}

/* The export's row is older than the change: it still says the tier of before. */
static bool is_before(const struct subscription *s, const struct tier_change *change)
{
	return s->updated_at > 0 && s->updated_at < change->at;
}

/* The tiers from one day to another, one after the other; 0 when the first one is not known. */
static size_t segments_of(const struct tier_history *history, const struct subscription *s, struct date from,
    struct date to, struct segment out[SEGMENTS_MAX])
{
	size_t count, last = 0, found = 1;
	const struct tier_change *changes = changes_of(history, s, &count);
	bool any = false, known = true;

	for (size_t i = 0; i < count; i++)
		if (concerns(&changes[i], s))
			last = i;
	out[0] = (struct segment){from, to, s->tier};
	for (size_t i = 0; i < count; i++) {
		const struct tier_change *change = &changes[i];
		if (!concerns(change, s))
			continue;
		const struct tier *tier = tier_after(change, s, i == last);
		if (date_compare(change->day, from) <= 0 || (!any && change->first)) {
			out[0].tier = tier;
		} else if (!any && !is_before(s, change)) {
			known = false; /* changed later, and nothing says from what */
			break;
		} else if (date_compare(change->day, to) <= 0) {
			if (date_compare(out[found - 1].from, change->day) < 0 && found < SEGMENTS_MAX)
				found++;
			out[found - 1] = (struct segment){change->day, to, tier};
		}
		any = true;
	}
	for (size_t i = 0; i + 1 < found; i++)
		out[i].to = date_of_ms(date_to_ms(out[i + 1].from) - INT64_C(86400000));
	return known ? found : 0;
}

static int days_of(const struct segment *segment)
{
	return (int)((date_to_ms(segment->to) - date_to_ms(segment->from)) / INT64_C(86400000)) + 1;
}

/* ---- The commitment of a tier in the contract's currency. */

static const char *rate_gap(
    struct arena *arena, enum rate_answer answer, const char *from, const char *to, struct date day)
{
	char text[DATE_TEXT_SIZE];

	return arena_printf(arena, "%s from %s to %s for %s, the day of the invoice",
	    answer == RATE_MISSING ? "there is no exchange rate" : "the exchange rates say different things",
	    from, to, date_text(day, text));
}

static bool add_part(const struct billing_input *in, struct arena *arena, const struct tier *tier,
    const char *currency, struct date day, int days, struct month_terms *out)
{
	int own = currency_index(strv_of(currency)), base = in->job->billing.commitment_currency;
	struct commitment_part *part = &out->parts[out->part_count];

	*part = (struct commitment_part){.days = days};
	if (own >= 0 && tier->commitment[own].currency[0]) {
		part->amount = tier->commitment[own];
		out->part_count++;
		return true;
	}
	part->amount = tier->commitment[base];
	if (!part->amount.currency[0]) {
		out->gap = arena_printf(
		    arena, "no commitment of %s in %s is configured (contract.tiers)", tier->name, currency);
		return false;
	}
	if (part->amount.minor != 0) { /* nothing is nothing in any currency */
		enum rate_answer answer =
		    rates_find(in->rates, part->amount.currency, currency, day, &out->rate);
		if (answer != RATE_FOUND || !out->rate) {
			out->gap = rate_gap(arena, answer, part->amount.currency, currency, day);
			return false;
		}
		part->rate = out->rate->value;
	}
	out->part_count++;
	return true;
}

/* The one whose commitment is the higher one, each in the contract's currency. */
static bool add_higher(const struct billing_input *in, struct arena *arena, const struct subscription *s,
    const struct segment *segments, size_t count, struct date day, int days, int month,
    struct month_terms *out)
{
	struct commitment_part best = {0};
	const struct rate *rate = NULL;
	int64_t highest = -1;

	for (size_t i = 0; i < count; i++) {
		struct charge charge;
		out->part_count = 0;
		out->rate = NULL;
		if (!add_part(in, arena, segments[i].tier, s->currency, day, days, out))
			return false;
		struct charge_terms terms = {
		    .parts = out->parts, .part_count = 1, .month_days = month_days(month)};
		memcpy(terms.currency, s->currency, sizeof terms.currency);
		if (!billing_charge(&terms, &charge)) {
			out->gap = "its commitment is larger than can be held";
			return false;
		}
		if (charge.commitment <= highest)
			continue;
		highest = charge.commitment;
		best = out->parts[0];
		rate = out->rate;
		out->tier = segments[i].tier;
	}
	out->parts[0] = best;
	out->part_count = 1;
	out->rate = rate;
	return true;
}

static void add_parts(const struct billing_input *in, struct arena *arena, const struct subscription *s,
    const struct segment *segments, size_t count, struct date day, int month, struct month_terms *out)
{
	enum tier_change_rule rule = in->job->billing.tier_change;
	int days = 0;

	for (size_t i = 0; i < count; i++) {
		if (!segments[i].tier) {
			out->gap = "one of the tiers it had is not in contract.tiers";
			return;
		}
		days += days_of(&segments[i]);
	}
	out->tier = segments[rule == TIER_CHANGE_START ? 0 : count - 1].tier;
	if (rule == TIER_CHANGE_HIGHER && count > 1) {
		add_higher(in, arena, s, segments, count, day, days, month, out);
		return;
	}
	if (rule != TIER_CHANGE_DAYS || count == 1) {
		add_part(in, arena, out->tier, s->currency, day, days, out);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!add_part(in, arena, segments[i].tier, s->currency, day, days_of(&segments[i]), out))
			return;
}

/* ---- Whether it ran, and what makes a month free. */

static const char *on_day(struct arena *arena, const char *what, struct date day)
{
	char text[DATE_TEXT_SIZE];

	return arena_printf(arena, "%s %s", what, date_text(day, text));
}

/* The last day of a contract that is cancelled. Without an End Date the row's last change is not earlier. */
static struct date end_of(const struct subscription *s, int month)
{
	struct date seen = s->updated_at > 0 ? date_of_ms(s->updated_at) : (struct date){0};

	if (date_is_set(s->end_date) || !date_is_set(seen) || date_compare(seen, month_first(month)) >= 0)
		return s->end_date;
	return seen;
}

/* The days of the month on which the contract was in force. False: none, or it cannot be said (out->gap). */
static bool active_days(struct arena *arena, const struct subscription *s, int month, struct date *from,
    struct date *to, struct month_terms *out)
{
	bool cancelled = s->status == SUBSCRIPTION_CANCELLED;
	struct date ended = end_of(s, month);

	*from = month_first(month);
	*to = month_last(month);
	if (s->status == SUBSCRIPTION_PENDING || s->status == SUBSCRIPTION_FAILED)
		out->gap = s->status == SUBSCRIPTION_PENDING ? "its subscription is still pending"
							     : "its subscription failed and never ran";
	else if (cancelled && date_is_set(ended) && date_compare(ended, *from) < 0)
		out->free = on_day(arena, "it ended on", ended);
	else if (date_is_set(s->start_date) && date_compare(s->start_date, *to) > 0)
		out->free = on_day(arena, "it began only on", s->start_date);
	else if (!date_is_set(s->start_date))
		out->gap = "its subscription has no Start Date";
	else if (cancelled && !date_is_set(ended))
		out->gap = "its subscription is cancelled and has no End Date";
	if (out->gap || out->free[0])
		return false;
	if (date_compare(s->start_date, *from) > 0)
		*from = s->start_date;
	if (cancelled && date_compare(ended, *to) < 0)
		*to = ended;
	return date_compare(*from, *to) <= 0;
}

int64_t billing_ramp_up_max(const struct job *job, const struct subscription *subscription)
{
	bool before = date_compare(subscription->start_date, job->billing.ramp_up_since) < 0;

	return before ? job->billing.ramp_up_max_before : job->billing.ramp_up_max;
}

static int64_t ramp_up_of(const struct job *job, const struct subscription *s)
{
	int64_t most = billing_ramp_up_max(job, s);

	return s->ramp_up_months < most ? s->ramp_up_months : most;
}

static bool is_free(const struct billing_input *in, struct arena *arena, const struct subscription *s,
    int month, bool is_short, struct month_terms *out)
{
	int64_t ramp_up = ramp_up_of(in->job, s), since = month - month_of(s->start_date);

	if (s->is_trial == 1)
		out->free = "it is a trial";
	else if (since < ramp_up)
		out->free = arena_printf(arena, "ramp-up month %" PRId64 " of %" PRId64, since + 1, ramp_up);
	else if (is_short && in->job->billing.short_month == SHORT_MONTH_FREE)
		out->free = "the contract did not run for the whole month";
	return out->free[0] != '\0';
}

/* Of an active contract an unknown tier or currency is a finding of its own. */
static bool has_gap(const struct subscription *s, struct month_terms *out)
{
	out->said = s->status == SUBSCRIPTION_ACTIVE || s->status == SUBSCRIPTION_SUSPENDED;
	if (!s->currency[0])
		out->gap = "its subscription names no currency";
	else if (!s->tier)
		out->gap = "its tier is not in contract.tiers";
	else
		out->said = false;
	return out->gap != NULL;
}

void month_terms_of(const struct billing_input *in, const struct tier_history *history, struct arena *arena,
    const struct subscription *subscription, int month, struct date day, struct month_terms *out)
{
	struct segment segments[SEGMENTS_MAX];
	struct date from, to;
	bool is_short;

	memset(out, 0, offsetof(struct month_terms, parts)); /* parts are only read as far as they are set */
	out->free = "";
	out->runs = active_days(arena, subscription, month, &from, &to, out);
	if (out->gap || has_gap(subscription, out) || !out->runs)
		return;
	out->paid = subscription->is_trial != 1;
	is_short = from.day > 1 || date_compare(to, month_last(month)) < 0;
	if (is_free(in, arena, subscription, month, is_short, out))
		return;
	if (in->job->billing.short_month == SHORT_MONTH_FULL) {
		from = month_first(month);
		to = month_last(month);
	}
	size_t count = segments_of(history, subscription, from, to, segments);
	if (count == 0)
		out->gap = "its tier was changed since, and nothing says from which";
	else
		add_parts(in, arena, subscription, segments, count, day, month, out);
}
