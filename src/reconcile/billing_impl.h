/* What the parts of the billing comparison share. */
#ifndef TENANTRY_BILLING_IMPL_H
#define TENANTRY_BILLING_IMPL_H

#include "reconcile/reconcile_impl.h"
#include "tenantry/billing.h"

enum { SEGMENTS_MAX = 31 }; /* tiers of one month: one a day at most */

/* What a subscription owes for a month, before its usage is known. */
struct month_terms {
	bool runs; /* the contract was in force on at least one day */
	bool paid; /* and was no trial: there must be invoice lines */
	bool said; /* another finding says the gap */
	const char *gap;
	const char *free; /* why no commitment is due; "" */
	const struct tier *tier;
	const struct rate *rate;
	size_t part_count;
	struct commitment_part parts[SEGMENTS_MAX];
};
/* Tiers that changes of ours say, by account. */
struct tier_history {
	const struct tier_change *items; /* in the arena: by account, then by time */
	size_t count;
};
struct tier_history tier_history_make(const struct billing_input *in, struct arena *arena);

/* Ramp-up months that a contract of its age may have at most. */
int64_t billing_ramp_up_max(const struct job *job, const struct subscription *subscription);
/* billing_terms.c: `day` is the invoice's, whose exchange rate counts. Texts in the arena or static. */
void month_terms_of(const struct billing_input *in, const struct tier_history *history, struct arena *arena,
    const struct subscription *subscription, int month, struct date day, struct month_terms *out);

/* ---- The comparison at work. */

/* Differences that were let pass, of one currency and month. */
struct small_sum {
	char currency[4];
	int month;
	bool cost, failed;
	int64_t difference;
	uint64_t contracts;
};
struct month_count {
	uint64_t due, with_lines; /* contracts that must have lines, and those that have */
	uint64_t contracts, compared, agreed;
};
struct maker {
	const struct billing_input *in;
	struct billing *billing;
	struct tier_history history;
	bool *tied; /* each of the invoices' entries: it is one of our subscriptions' */
	struct month_count *months;
	struct small_sum *small;
	size_t small_count, small_cap;
};

/* Moves the entries. Texts in the arena or static. */
struct billing_entry *billing_add(struct maker *m, enum billing_kind kind, int month, const char *object);
/* "WHATMORE 2026-10" */
const char *billing_object_of(struct maker *m, const char *what, int month, const char *more);

/* billing_totals.c, in this order. */
void billing_judge_months(struct maker *m);
void billing_judge_small(struct maker *m);
void billing_look_at_untied(struct maker *m);
void billing_look_at_rows(struct maker *m);
void billing_tie_amounts(struct maker *m);

#endif
