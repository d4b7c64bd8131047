/* What one invoice line says; see invoice_line.h. A line is read to its end even when something is wrong, so
 * that its amount is counted. The first thing that is wrong is its reason. */
#include "bss/invoice_line.h"

#include <stdarg.h>
#include <stdio.h>

#define COLUMNS(X) /* id, header, need */                                                                    \
	X(LINE_INVOICE_ID, "Invoice Id", CSV_NEEDED)                                                         \
	X(LINE_INVOICE_DATE, "Invoice Date", CSV_NEEDED)                                                     \
	X(LINE_SUBSCRIPTION_ID, "Subscription Id", CSV_NEEDED)                                               \
	X(LINE_ACCOUNT_ID, "Account Id", CSV_OPTIONAL)                                                       \
	X(LINE_PERIOD_START, "Period Start", CSV_NEEDED)                                                     \
	X(LINE_PERIOD_END, "Period End", CSV_NEEDED)                                                         \
	X(LINE_KIND, "Kind", CSV_NEEDED)                                                                     \
	X(LINE_CURRENCY, "Currency", CSV_NEEDED)                                                             \
	X(LINE_AMOUNT, "Amount", CSV_NEEDED)                                                                 \
	X(LINE_COST, "Cost Amount", CSV_OPTIONAL)                                                            \
	X(LINE_RATE, "Rate", CSV_OPTIONAL)

enum column {
#define X(id, header, need) id,
	COLUMNS(X)
#undef X
	    COLUMN_COUNT
};

static const struct csv_column columns[COLUMN_COUNT] = {
#define X(id, header, need) {header, need},
    COLUMNS(X)
#undef X
};

const struct csv_column *invoice_columns(size_t *count)
{
	*count = COLUMN_COUNT;
	return columns;
}

void invoice_reader_begin(struct invoice_reader *reader, const struct job *job)
{
	struct rational *percent;

	*reader = (struct invoice_reader){.job = job, .value = rational_new()};
	if (!job->billing.discount)
		return;
	reader->keep = rational_new();
	percent = rational_new();
	rational_parse(percent, strv_of(job->billing.discount));
	rational_set(reader->keep, 100, 1);
	rational_subtract(reader->keep, percent);
	rational_set(percent, 1, 100);
	rational_multiply(reader->keep, percent);
	rational_free(percent);
}

void invoice_reader_end(struct invoice_reader *reader)
{
	rational_free(reader->keep);
	rational_free(reader->value);
	strbuf_free(&reader->reason);
}

const char *invoice_reason(struct invoice_reader *reader, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	strbuf_clear(&reader->reason);
	strbuf_adds(&reader->reason, text);
	return reader->reason.p;
}

struct reading {
	struct invoice_reader *reader;
	const struct source_row *row;
	const struct invoice_window *window;
	struct invoice_line *line;
};

static void wrong(const struct reading *r, enum column column, const char *why)
{
	if (r->line->reason)
		return;
	source_problem(r->row, &columns[column], column, why, &r->reader->reason);
	r->line->reason = r->reader->reason.p;
}

/* ---- Amounts. */

static bool to_minor(const struct reading *r, int64_t millionths, const struct rational *factor, int64_t *out)
{
	int64_t unit = currency_exponent(r->line->currency) == 0 ? 1000000 : 10000;

	if (!factor && millionths % unit == 0) { /* nearly every line: nothing to round */
		*out = millionths / unit;
		return true;
	}
	rational_set(r->reader->value, millionths, 1000000);
	if (factor)
		rational_multiply(r->reader->value, factor);
	return rational_round(
	    r->reader->value, currency_exponent(r->line->currency), r->reader->job->billing.rounding, out);
}

static void read_amount(const struct reading *r)
{
	const char *why = "";

	if (!source_currency(r->reader->job, source_field(r->row, LINE_CURRENCY), r->line->currency)) {
		r->line->currency[0] = '\0';
		wrong(r, LINE_CURRENCY, "must be a code of three letters");
	}
	if (!amount_parse(r->row->format, source_field(r->row, LINE_AMOUNT), &r->line->amount, &why)) {
		wrong(r, LINE_AMOUNT, why);
		return;
	}
	r->line->has_amount = r->line->currency[0] != '\0';
	if (r->line->has_amount && !to_minor(r, r->line->amount, NULL, &r->line->minor))
		wrong(r, LINE_AMOUNT, "it is larger than any amount of money should be");
}

/* A correction is a credit: only that may be below 0. */
static void check_sign(const struct reading *r)
{
	if (r->line->kind == INVOICE_CREDIT && r->line->amount > 0)
		wrong(r, LINE_AMOUNT, "a credit must not be above 0");
	else if (r->line->kind != INVOICE_CREDIT && r->line->amount < 0)
		wrong(r, LINE_AMOUNT,
		    r->line->kind == INVOICE_USAGE
			? "usage must not be negative; a correction is a credit"
			: "a commitment must not be negative; a correction is a credit");
}

/* What the line should cost: the exact sell price less the discount, rounded once (worked example B). */
static bool expect_cost(const struct reading *r, int64_t *out)
{
	enum shortfall_cost shortfall = r->reader->job->billing.shortfall_cost;

	if (!r->reader->keep || !r->line->has_amount)
		return false;
	if (r->line->kind == INVOICE_COMMITMENT && shortfall == SHORTFALL_COST_UNKNOWN)
		return false;
	if (r->line->kind == INVOICE_COMMITMENT && shortfall == SHORTFALL_COST_NONE) {
		*out = 0;
		return true;
	}
	return to_minor(r, r->line->amount, r->reader->keep, out);
}

static void read_cost(const struct reading *r)
{
	struct strv text = source_field(r->row, LINE_COST);
	int64_t millionths, expected;
	const char *why = "";

	if (text.n == 0)
		return;
	if (!amount_parse(r->row->format, text, &millionths, &why)) {
		wrong(r, LINE_COST, why);
		return;
	}
	if (!expect_cost(r, &expected))
		return;
	r->line->cost_expected = expected;
	r->line->has_cost = to_minor(r, millionths, NULL, &r->line->cost);
}

static void read_rate(const struct reading *r)
{
	struct strv text = source_field(r->row, LINE_RATE);
	const char *why = "";

	if (text.n > 0 && (!amount_normal(r->row->format, text, r->line->rate, &why) ||
			      !rational_parse(r->reader->value, strv_of(r->line->rate)) ||
			      rational_sign(r->reader->value) <= 0)) {
		r->line->rate[0] = '\0';
		wrong(r, LINE_RATE, why[0] ? why : "a rate is above 0");
	}
}

static void read_kind(const struct reading *r)
{
	static const char *const names[] = {
#define X(id, name) [id] = name,
	    INVOICE_KINDS(X)
#undef X
	};
	struct strv text = source_field(r->row, LINE_KIND), word = text;
	const struct job *job = r->reader->job;

	for (size_t i = 0; i < job->bss.invoice_kind_count; i++)
		if (strv_eq_nocase(strv_of(job->bss.invoice_kinds[i].from), text))
			word = strv_of(job->bss.invoice_kinds[i].to);
	for (int kind = 0; kind < INVOICE_KIND_COUNT; kind++) {
		if (!strv_eq_nocase(strv_of(names[kind]), word))
			continue;
		r->line->kind = (enum invoice_kind)kind;
		check_sign(r);
		return;
	}
	wrong(r, LINE_KIND,
	    "must be usage, commitment or credit; name the words of the export under bss.invoice_kinds");
}

/* ---- Days. */

static bool read_day(const struct reading *r, enum column column, struct date *out)
{
	if (time_parse(source_field(r->row, column), NULL, out))
		return true;
	wrong(r, column, "must be an ISO 8601 date");
	return false;
}

/* A period lies within one calendar month. Its end is its last day, or (as some systems write it) the first
 * day of the next month. */
static bool ends_in_month(struct date start, struct date end)
{
	if (date_compare(end, start) < 0)
		return false;
	return month_of(end) == month_of(start) || date_compare(end, date_next_first(start)) == 0;
}

static void read_days(const struct reading *r)
{
	struct date start, end;

	r->line->month = INVOICE_ANY_MONTH;
	if (!read_day(r, LINE_PERIOD_START, &start) || !read_day(r, LINE_PERIOD_END, &end))
		return;
	if (!ends_in_month(start, end)) {
		wrong(r, LINE_PERIOD_END, "a period ends in the month in which it starts");
		return;
	}
	if (date_compare(start, r->window->today) > 0) {
		wrong(r, LINE_PERIOD_START, "the period has not begun yet");
		return;
	}
	r->line->month = month_of(start);
	r->line->outside = r->line->month < r->window->first_month || r->line->month > r->window->last_month;
	if (!read_day(r, LINE_INVOICE_DATE, &r->line->date))
		return;
	if (date_compare(r->line->date, start) < 0)
		wrong(r, LINE_INVOICE_DATE, "lies before the period: contracts are billed in arrears");
	else if (date_compare(r->line->date, r->window->today) > 0)
		wrong(r, LINE_INVOICE_DATE, "lies in the future");
}

void invoice_line_read(struct invoice_reader *reader, const struct source_row *row,
    const struct invoice_window *window, struct invoice_line *line)
{
	*line = (struct invoice_line){
	    .source = row->shown, .line = row->row->line, .file = row->file, .month = INVOICE_ANY_MONTH};
	struct reading r = {reader, row, window, line};
	if (row->row->fault != CSV_FAULT_NONE) {
		line->reason = row->row->problem;
		return;
	}
	line->invoice_id = source_field(row, LINE_INVOICE_ID);
	line->subscription_id = source_field(row, LINE_SUBSCRIPTION_ID);
	line->account_id = source_field(row, LINE_ACCOUNT_ID);
	if (line->subscription_id.n == 0)
		wrong(&r, LINE_SUBSCRIPTION_ID, "");
	if (line->invoice_id.n == 0)
		wrong(&r, LINE_INVOICE_ID, "");
	read_days(&r);
	read_amount(&r);
	read_kind(&r);
	read_cost(&r);
	read_rate(&r);
}
