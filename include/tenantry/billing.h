/* What contracts should have been billed, and what invoices say (domain notes section 4).
 *
 * Per subscription and calendar month: charge = max(usage, commitment); the shortfall is the balancing line.
 * The commitment is the tier's in force, 0 in a trial, in ramp-up months and on a tier without one; a
 * configured amount in the contract's own currency wins over a conversion at the rate of the invoice date.
 * Every multiplication is exact and rounded once (billing.rounding); sums are of integers and checked for
 * overflow. Pure: no I/O.
 */
#ifndef TENANTRY_BILLING_H
#define TENANTRY_BILLING_H

#include "tenantry/invoice.h"
#include "tenantry/rates.h"

/* ---- The arithmetic of one month. */

/* An amount in force for some days of the month. */
struct commitment_part {
	struct money amount;
	const struct rational *rate; /* to the contract's currency; NULL: it is in it */
	int days;
};
struct charge_terms {
	char currency[4]; /* the contract's */
	const struct commitment_part *parts;
	size_t part_count; /* 0: no commitment */
	int month_days;    /* that a part's days are a share of */
	enum rounding rounding;
	int64_t usage; /* smallest units, of lines that were each rounded */
};
/* Smallest units of the contract's currency. */
struct charge {
	int64_t commitment, usage;
	int64_t shortfall; /* max(0, commitment - usage) */
	int64_t above;     /* max(0, usage - commitment): inside the usage, for information */
	int64_t total;     /* usage + shortfall */
};
/* False when it does not fit. */
bool billing_charge(const struct charge_terms *terms, struct charge *out);
/* Is the difference one that reconcile.tolerance lets pass? It must be within both, the amount of the
 * currency and the percentage of what is expected, where both are given. */
bool billing_tolerates(const struct job *job, const char *currency, int64_t expected, int64_t difference);

/* ---- What is compared. */

/* A change of a contract's tier that we carried out: the export only says what it is now. */
struct tier_change {
	const char *account_id, *subscription_id; /* "" when not known */
	struct date day;                          /* the first one with the new tier */
	int64_t at;                               /* milliseconds */
	const struct tier *tier;
	bool first; /* a new contract: there was none before */
};
struct billing_input {
	const struct job *job;
	const struct subscriptions *subscriptions;
	const struct invoices *invoices;
	const struct rates *rates; /* NULL: none */
	const struct tier_change *changes;
	size_t change_count;
};

enum billing_kind {
	BILLING_GAP,        /* cannot be compared */
	BILLING_SHORTFALL,  /* too little: the minimum commitment is not made up */
	BILLING_OVERBILLED, /* too much: a commitment that is not due */
	BILLING_AMOUNT,     /* the commitment is right, the charge is not: credits */
	BILLING_COST,       /* costs are not the sell price less the discount */
	BILLING_NO_LINES,   /* a contract that ran has no invoice line at all */
	BILLING_TOTAL       /* many differences that were let pass go the same way */
};
enum { BILLING_NO_SUBSCRIPTION = UINT32_MAX };
/* A month of a subscription that is not as expected. */
struct billing_entry {
	enum billing_kind kind;
	uint32_t subscription; /* its number, or BILLING_NO_SUBSCRIPTION */
	int month;             /* INVOICE_ANY_MONTH: it concerns none */
	const char *object;    /* "SUBSCRIPTION 2026-10": what a finding is about, the same every night */
	const char *account_id, *subscription_id; /* without a subscription of ours: as the lines say; "" */
	const char *subject; /* of its sentence, when it has no account: "The invoices"; "" */
	const char *place;   /* evidence without lines; "" */
	const char *gap;
	bool said; /* another finding says it already: the row is quarantined, or its tier is unknown */
	const struct invoice_month *lines; /* NULL: none */
	const struct tier *tier;           /* whose commitment counts; NULL: none */
	const char *free;                  /* why no commitment is due: "it is a trial"; "" */
	const struct rate *rate;           /* the commitment was converted with it; NULL */
	struct date day;                   /* of the invoice, or the first day after the month */
	char currency[4];
	struct charge expected;
	int64_t billed;     /* usage + commitment + credits, or the costs */
	int64_t should;     /* expected.total, or the costs expected */
	int64_t difference; /* billed - should */
	bool cost;          /* BILLING_COST, or a total of costs */
	uint64_t contracts; /* BILLING_TOTAL: how many */
};

/* Of one currency, in millionths: total = tied + other_months + untied. */
struct billing_amounts {
	char currency[4];
	int64_t total, tied, other_months, untied;
	uint64_t lines;
};
struct billing {
	struct arena *arena;
	const struct invoices *invoices; /* borrowed */
	struct billing_entry *entries;   /* by subscription; those without one come last */
	size_t count, cap;
	size_t of_subscriptions; /* how many of them have one */
	int first_month, last_month;
	bool *month_compared; /* each of them */
	uint64_t contracts;   /* months of subscriptions that ran or have lines */
	uint64_t compared;    /* of those: the others are gaps */
	uint64_t agreed;      /* of those: nothing to say */
	uint64_t lines, unreadable;
	struct billing_amounts *amounts; /* by currency */
	size_t amount_count;
};
/* The months to read: closed ones, counted back from the last one that is invoiced by now. */
struct invoice_window billing_window(const struct job *job, struct date today);
/* Never NULL. ERR-free: what is wrong with the input is in the entries. Free with billing_free(). */
struct billing *billing_compare(const struct billing_input *input);
void billing_free(struct billing *billing); /* NULL is fine */
/* The entries of a subscription, by its number. */
const struct billing_entry *billing_entries(
    const struct billing *billing, uint32_t subscription, size_t *count);
/* The month in an object, "SUBSCRIPTION 2026-10" or "SUBSCRIPTION cost 2026-10", and what stands before it.
 * False: none. */
bool billing_object(struct strv object, struct strv *what, int *month);
/* Was that month of the subscription (BILLING_NO_SUBSCRIPTION: the whole month) held against invoices? Then
 * tonight's word on it is final. `billing` NULL: no. */
bool billing_covers(const struct billing *billing, uint32_t subscription, int month);

#endif
