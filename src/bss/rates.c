/* The exchange rates; see rates.h. */
#include "tenantry/rates.h"

#include <stdlib.h>

#include "bss/source_columns.h"
#include "bss/source_read.h"
#include "tenantry/mem.h"

#define COLUMNS(X) /* id, header, need */                                                                    \
	X(RATE_FROM, "From", CSV_NEEDED)                                                                     \
	X(RATE_TO, "To", CSV_NEEDED)                                                                         \
	X(RATE_VALUE, "Rate", CSV_NEEDED)                                                                    \
	X(RATE_VALID_FROM, "Valid From", CSV_NEEDED)                                                         \
	X(RATE_VALID_TO, "Valid To", CSV_OPTIONAL)

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

const struct csv_column *rate_columns(size_t *count)
{
	*count = COLUMN_COUNT;
	return columns;
}

struct loading {
	const struct job *job;
	struct rates *rates;
	struct rational *value; /* of the row at hand */
	struct strbuf problem;
};

static bool problem(struct loading *l, const struct source_row *row, enum column column, const char *why)
{
	source_problem(row, &columns[column], column, why, &l->problem);
	return false;
}

static bool read_code(struct loading *l, const struct source_row *row, enum column column, char out[4])
{
	return source_currency(l->job, source_field(row, column), out) ||
	       problem(l, row, column, "must be a code of three letters");
}

static bool read_dates(struct loading *l, const struct source_row *row, struct rate *rate)
{
	struct strv to = source_field(row, RATE_VALID_TO);

	if (!time_parse(source_field(row, RATE_VALID_FROM), NULL, &rate->valid_from))
		return problem(l, row, RATE_VALID_FROM, "must be an ISO 8601 date");
	if (to.n > 0 && !time_parse(to, NULL, &rate->valid_to))
		return problem(l, row, RATE_VALID_TO, "must be an ISO 8601 date");
	if (to.n > 0 && date_compare(rate->valid_to, rate->valid_from) < 0)
		return problem(l, row, RATE_VALID_TO, "lies before Valid From");
	return true;
}

static bool read_values(
    struct loading *l, const struct source_row *row, struct rate *rate, char text[AMOUNT_TEXT_SIZE])
{
	const char *why = "";

	if (!read_code(l, row, RATE_FROM, rate->from) || !read_code(l, row, RATE_TO, rate->to))
		return false;
	if (strcmp(rate->from, rate->to) == 0)
		return problem(l, row, RATE_TO, "is the currency that it converts from");
	if (!amount_normal(row->format, source_field(row, RATE_VALUE), text, &why))
		return problem(l, row, RATE_VALUE, why);
	if (!rational_parse(l->value, strv_of(text)) || rational_sign(l->value) <= 0)
		return problem(l, row, RATE_VALUE, "a rate is above 0 and has at most 40 digits");
	return read_dates(l, row, rate);
}

static void quarantine(struct loading *l, const struct source_row *row, const char *reason)
{
	struct rates *rates = l->rates;

	MEM_GROW(rates->quarantined, rates->quarantined_count, rates->quarantined_cap);
	rates->quarantined[rates->quarantined_count++] = (struct quarantined_row){.source = row->shown,
	    .subscription_id = "",
	    .account_id = "",
	    .reason = arena_strdup(rates->arena, reason),
	    .line = row->row->line};
}

static int read_row(void *user, const struct source_row *row, struct error *err)
{
	struct loading *l = user;
	struct rate rate = {.source = row->shown, .line = row->row->line};
	char text[AMOUNT_TEXT_SIZE];

	(void)err;
	if (row->row->fault != CSV_FAULT_NONE) {
		quarantine(l, row, row->row->problem);
		return 0;
	}
	if (!read_values(l, row, &rate, text)) {
		quarantine(l, row, l->problem.p);
		return 0;
	}
	rate.text = arena_strdup(l->rates->arena, text);
	rate.value = l->value;
	l->value = rational_new();
	MEM_GROW(l->rates->items, l->rates->count, l->rates->cap);
	l->rates->items[l->rates->count++] = rate;
	return 0;
}

static int by_pair_and_day(const void *a, const void *b)
{
	const struct rate *x = a, *y = b;
	int order = strcmp(x->from, y->from);

	if (order == 0)
		order = strcmp(x->to, y->to);
	if (order == 0)
		order = date_compare(x->valid_from, y->valid_from);
	if (order == 0)
		order = strcmp(x->source, y->source);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

struct rates *rates_load(const struct job *job, const struct bss_snapshot *snapshot, struct error *err)
{
	struct source_side side = {.snapshot = snapshot};

	return rates_load_side(job, &side, err);
}

struct rates *rates_load_side(const struct job *job, struct source_side *side, struct error *err)
{
	struct rates *rates = mem_zalloc(sizeof *rates);
	struct loading l = {.job = job, .rates = rates, .value = rational_new()};
	struct source_reading reading = {.job = job,
	    .role = BSS_RATES,
	    .side = side,
	    .columns = columns,
	    .column_count = COLUMN_COUNT,
	    .row = read_row,
	    .user = &l};
	struct source_seen seen;

	rates->arena = arena_new();
	int rc = source_read(&reading, rates->arena, &seen, err);
	rational_free(l.value);
	strbuf_free(&l.problem);
	if (rc < 0) {
		rates_free(rates);
		return NULL;
	}
	if (rates->count > 1)
		qsort(rates->items, rates->count, sizeof *rates->items, by_pair_and_day);
	rates->files = seen.files;
	rates->file_count = seen.file_count;
	rates->digest = seen.digest;
	return rates;
}

void rates_free(struct rates *rates)
{
	if (!rates)
		return;
	for (size_t i = 0; i < rates->count; i++)
		rational_free(rates->items[i].value);
	free(rates->items);
	free(rates->quarantined);
	arena_free(rates->arena);
	free(rates);
}

static int compare_pair(const struct rate *rate, const char *from, const char *to)
{
	int order = strcmp(rate->from, from);

	return order ? order : strcmp(rate->to, to);
}

/* The first record of a pair. */
static size_t first_of(const struct rates *rates, const char *from, const char *to)
{
	size_t low = 0, high = rates->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_pair(&rates->items[middle], from, to) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool covers(const struct rate *rate, struct date day)
{
	return date_compare(rate->valid_from, day) <= 0 &&
	       (!date_is_set(rate->valid_to) || date_compare(day, rate->valid_to) <= 0);
}

/* Does a record claim to be valid beside one that began later? One that ends on the day on which the later
 * one begins does not: some systems write the end so. */
static bool says_still(const struct rate *rate, const struct rate *latest)
{
	if (date_compare(rate->valid_from, latest->valid_from) == 0)
		return true;
	return date_is_set(rate->valid_to) && date_compare(rate->valid_to, latest->valid_from) > 0;
}

enum rate_answer rates_find(
    const struct rates *rates, const char *from, const char *to, struct date day, const struct rate **out)
{
	const struct rate *latest = NULL;

	*out = NULL;
	if (!rates)
		return RATE_MISSING;
	size_t first = first_of(rates, from, to), end = first;
	for (; end < rates->count && compare_pair(&rates->items[end], from, to) == 0; end++)
		if (covers(&rates->items[end], day))
			latest = &rates->items[end];
	if (!latest)
		return RATE_MISSING;
	for (size_t i = first; i < end; i++) {
		const struct rate *other = &rates->items[i];
		if (covers(other, day) && says_still(other, latest) &&
		    rational_compare(other->value, latest->value) != 0)
			return RATE_AMBIGUOUS;
	}
	*out = latest;
	return RATE_FOUND;
}
