/* Invoice lines as the BSS has them, added up per subscription and calendar month while they are read: memory
 * grows with the contracts, not with the lines.
 *
 * A line that cannot be used (an amount that is no plain number, a negative commitment, a period beyond its
 * month, an unknown kind ...) marks its subscription's month: such a month is not compared, and nothing is
 * guessed or left out silently. Every readable amount is counted where it belongs, so that the sums close.
 */
#ifndef TENANTRY_INVOICE_H
#define TENANTRY_INVOICE_H

#include "tenantry/intake.h"
#include "tenantry/job.h"
#include "tenantry/month.h"
#include "tenantry/source_side.h"
#include "tenantry/subscription.h"

#define INVOICE_KINDS(X)                                                                                     \
	X(INVOICE_USAGE, "usage")                                                                            \
	X(INVOICE_COMMITMENT, "commitment")                                                                  \
	X(INVOICE_CREDIT, "credit")
enum invoice_kind {
#define X(id, name) id,
	INVOICE_KINDS(X)
#undef X
	    INVOICE_KIND_COUNT
};

enum { INVOICE_ANY_MONTH = -1, INVOICE_PLACES = 6 };

/* Lines that stand one after the other in a file. */
struct invoice_lines {
	uint32_t file, first, last;
};
/* One invoice that has lines for a subscription's month. */
struct invoice_ref {
	const char *id;
	struct date date;
	uint32_t file;
	struct invoice_ref *next;
};
/* One subscription and month. Sums are of lines that were each rounded once (billing.rounding), in smallest
 * units. */
struct invoice_month {
	const char *subscription_id, *account_id; /* as written; account "" when no line gives it */
	int month; /* INVOICE_ANY_MONTH: lines of the subscription whose period cannot be read */
	char currency[4];
	uint32_t lines[INVOICE_KIND_COUNT];
	int64_t sum[INVOICE_KIND_COUNT];
	int64_t exact;               /* of all its good lines, as written, in millionths */
	uint32_t cost_lines;         /* that have a Cost Amount and whose cost is known to us */
	int64_t cost, cost_expected; /* of those */
	struct date date;            /* of the invoice that charges the commitment, else of the latest one */
	const char *rate;            /* the Rate of that line, plain decimal; "" none */
	struct invoice_ref *invoices;
	struct invoice_lines places[INVOICE_PLACES];
	uint32_t place_count, more_places;
	uint32_t bad_lines;
	const char *gap; /* why it cannot be used: the first reason, with its place; NULL */
};

/* All amounts of a currency, in millionths as written: total = in months + other months + unusable. */
struct invoice_total {
	char currency[4];
	int64_t total;
	int64_t in_months;    /* of the good lines in `items` */
	int64_t other_months; /* good lines, and bad ones, of months that were not asked for */
	int64_t unusable;     /* of lines that cannot be used but whose amount is readable */
	uint64_t lines;
};
struct invoices {
	struct arena *arena;
	struct invoice_month *items; /* in the order of their first lines */
	size_t count, cap;
	struct invoice_total *totals; /* by currency code */
	size_t total_count, total_cap;
	uint64_t rows_read;
	uint64_t unreadable; /* lines whose amount or currency cannot be read: in no total */
	struct quarantined_row
	    *loose; /* lines that name no subscription (account "" when they name none either) */
	size_t loose_count, loose_cap;
	const char **file_names;
	struct input_file *files;
	size_t file_count;
	int64_t as_of;
	struct digest digest;
	int first_month, last_month; /* asked for */
	uint64_t *slots;             /* of invoices_find() */
	size_t mask;
};

struct invoice_window {
	int first_month, last_month;
	struct date today; /* nothing is invoiced for, or on, a day after it */
};
enum { INVOICE_LOOSE_MAX = 1000, INVOICE_CURRENCIES_MAX = 64 };

struct bss_snapshot;
/* Streams bss.invoices. ERR_SOURCE: a file cannot be read; more than INVOICE_LOOSE_MAX lines name no
 * subscription; sums that cannot be held exactly. Free with invoices_free(). */
struct invoices *invoices_load(const struct job *job, const struct bss_snapshot *snapshot,
    const struct invoice_window *window, struct error *err) MUST_USE;
/* The same from, and into, what is kept of them (source_side.h): lines of other months are not kept. */
struct invoices *invoices_load_side(const struct job *job, struct source_side *side,
    const struct invoice_window *window, struct error *err) MUST_USE;
void invoices_free(struct invoices *invoices); /* NULL is fine */
/* Ids are compared without case. NULL when there is no line. */
struct invoice_month *invoices_find(const struct invoices *invoices, struct strv subscription_id, int month);
/* "invoices.csv:12-14, 20 and 3 more places". */
void invoice_places(const struct invoices *invoices, const struct invoice_month *month, struct strbuf *out);

#endif
