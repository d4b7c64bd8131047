/* From invoice lines to sums per subscription and month; see invoice.h. What a line says is invoice_line.c's.
 */
#include "tenantry/invoice.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bss/invoice_line.h"
#include "tenantry/mem.h"

struct loading {
	struct invoices *list;
	struct invoice_reader reader;
	const struct invoice_window *window;
};

/* ---- The entries, found by subscription and month. */

/* 32 bits of each id's hash stand in the slots beside the entry's number: only ids that are likely the same
 * are compared. */
static uint32_t hash_of(struct strv id, int month)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)(unsigned)month;

	for (size_t i = 0; i < id.n; i++) {
		unsigned char c = (unsigned char)id.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + ('a' - 'A'));
		hash = (hash ^ c) * UINT64_C(0x100000001b3);
	}
	hash ^= hash >> 32;
	return (uint32_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* Its slot, taken or free. */
static size_t slot_of(const struct invoices *list, uint32_t hash, struct strv id, int month)
{
	size_t at = hash & list->mask;

	for (; list->slots[at]; at = (at + 1) & list->mask) {
		if (list->slots[at] >> 32 != hash)
			continue;
		const struct invoice_month *entry = &list->items[(uint32_t)list->slots[at] - 1];
		if (entry->month == month && strv_eq_nocase(strv_of(entry->subscription_id), id))
			break;
	}
	return at;
}

/* No id is looked at: they are all different. */
static void widen(struct invoices *list)
{
	uint64_t *old = list->slots;
	size_t old_mask = list->mask;

	if (old && list->count * 2 <= list->mask)
		return;
	list->mask = old ? old_mask * 2 + 1 : 255;
	list->slots = mem_zalloc((list->mask + 1) * sizeof *list->slots);
	for (size_t i = 0; old && i <= old_mask; i++) {
		size_t at = (size_t)(old[i] >> 32) & list->mask;
		while (old[i] && list->slots[at])
			at = (at + 1) & list->mask;
		if (old[i])
			list->slots[at] = old[i];
	}
	free(old);
}

struct invoice_month *invoices_find(const struct invoices *invoices, struct strv subscription_id, int month)
{
	uint64_t found =
	    invoices->slots
		? invoices->slots[slot_of(invoices, hash_of(subscription_id, month), subscription_id, month)]
		: 0;

	return found ? &invoices->items[(uint32_t)found - 1] : NULL;
}

static struct invoice_month *entry_of(struct loading *l, const struct invoice_line *line, int month)
{
	struct invoices *list = l->list;

	widen(list);
	uint32_t hash = hash_of(line->subscription_id, month);
	size_t at = slot_of(list, hash, line->subscription_id, month);
	if (list->slots[at])
		return &list->items[(uint32_t)list->slots[at] - 1];
	MEM_GROW(list->items, list->count, list->cap);
	struct invoice_month *entry = &list->items[list->count++];
	*entry = (struct invoice_month){.month = month, .account_id = "", .rate = ""};
	entry->subscription_id = arena_strndup(list->arena, line->subscription_id.p, line->subscription_id.n);
	list->slots[at] = (uint64_t)hash << 32 | (uint64_t)list->count;
	return entry;
}

/* ---- The totals of the file. */

static int no_room(const struct invoice_line *line, struct error *err)
{
	error_set(
	    err, ERR_SOURCE, "the amounts in %s add up to more than can be held exactly", line->currency);
	error_place(err, line->source, line->line, 0, "Amount");
	return error_hint(
	    err, "look whether the amounts of this export are in another unit than the currency's");
}

static struct invoice_total *total_of(struct loading *l, const struct invoice_line *line, struct error *err)
{
	struct invoices *list = l->list;
	size_t i = 0;

	while (i < list->total_count && strcmp(list->totals[i].currency, line->currency) < 0)
		i++;
	if (i < list->total_count && strcmp(list->totals[i].currency, line->currency) == 0)
		return &list->totals[i];
	if (list->total_count == INVOICE_CURRENCIES_MAX) {
		error_set(
		    err, ERR_SOURCE, "the invoices are in more than %d currencies", INVOICE_CURRENCIES_MAX);
		error_place(err, line->source, line->line, 0, "Currency");
		return NULL;
	}
	MEM_GROW(list->totals, list->total_count, list->total_cap);
	memmove(&list->totals[i + 1], &list->totals[i], (list->total_count++ - i) * sizeof *list->totals);
	list->totals[i] = (struct invoice_total){0};
	memcpy(list->totals[i].currency, line->currency, sizeof line->currency);
	return &list->totals[i];
}

/* Each amount is counted twice, in the whole and in one part, so that the parts can be held against the
 * whole. */
static int count_amount(struct loading *l, const struct invoice_line *line, struct error *err)
{
	if (!line->has_amount) {
		l->list->unreadable++;
		return 0;
	}
	struct invoice_total *total = total_of(l, line, err);
	if (!total)
		return -1;
	total->lines++;
	int64_t *part = line->outside  ? &total->other_months
			: line->reason ? &total->unusable
				       : &total->in_months;
	if (__builtin_add_overflow(total->total, line->amount, &total->total) ||
	    __builtin_add_overflow(*part, line->amount, part))
		return no_room(line, err);
	return 0;
}

/* ---- One line. */

static void note_place(struct invoice_month *entry, const struct invoice_line *line)
{
	struct invoice_lines *last = entry->place_count ? &entry->places[entry->place_count - 1] : NULL;

	if (last && last->file == line->file && last->last + 1 == line->line && !entry->more_places)
		last->last = (uint32_t)line->line;
	else if (entry->place_count < INVOICE_PLACES)
		entry->places[entry->place_count++] =
		    (struct invoice_lines){line->file, (uint32_t)line->line, (uint32_t)line->line};
	else
		entry->more_places++;
}

static int keep_loose(struct loading *l, const struct invoice_line *line, struct error *err)
{
	struct invoices *list = l->list;

	if (list->loose_count == INVOICE_LOOSE_MAX) {
		error_set(err, ERR_SOURCE,
		    "more than %d invoice lines cannot be tied to a subscription; this one: %s",
		    INVOICE_LOOSE_MAX, line->reason);
		error_place(err, line->source, line->line, 0, NULL);
		return error_hint(err, "look whether this is the export of invoice lines that the job means");
	}
	MEM_GROW(list->loose, list->loose_count, list->loose_cap);
	list->loose[list->loose_count++] = (struct quarantined_row){.source = line->source,
	    .subscription_id = "",
	    .account_id = arena_strndup(list->arena, line->account_id.p, line->account_id.n),
	    .reason = arena_strdup(list->arena, line->reason),
	    .line = line->line};
	return 0;
}

static void spoil(struct loading *l, struct invoice_month *entry, const struct invoice_line *line)
{
	entry->bad_lines++;
	if (!entry->gap)
		entry->gap =
		    arena_printf(l->list->arena, "%s:%lu: %s", line->source, line->line, line->reason);
}

/* The invoice among those of this month; NULL when it stands in another file too, which would bill it twice
 * here. */
static struct invoice_ref *invoice_of(
    struct loading *l, struct invoice_month *entry, const struct invoice_line *line)
{
	struct invoice_ref *ref = entry->invoices;

	while (ref && !strv_eq(strv_of(ref->id), line->invoice_id))
		ref = ref->next;
	if (ref)
		return ref->file == line->file ? ref : NULL;
	ref = arena_alloc(l->list->arena, sizeof *ref);
	*ref = (struct invoice_ref){arena_strndup(l->list->arena, line->invoice_id.p, line->invoice_id.n),
	    line->date, line->file, entry->invoices};
	entry->invoices = ref;
	return ref;
}

/* What only shows beside the lines before it. */
static const char *clash(struct loading *l, struct invoice_month *entry, const struct invoice_line *line)
{
	if (entry->currency[0] && strcmp(entry->currency, line->currency) != 0)
		return invoice_reason(&l->reader,
		    "Currency is %s, but an earlier line of the same month is in %s", line->currency,
		    entry->currency);
	if (!invoice_of(l, entry, line))
		return invoice_reason(&l->reader, "invoice %.*s stands in another file too",
		    (int)(line->invoice_id.n < 60 ? line->invoice_id.n : 60), line->invoice_id.p);
	return NULL;
}

/* The day whose exchange rate counts: that of the commitment's line, without one the latest. */
static void note_date(struct loading *l, struct invoice_month *entry, const struct invoice_line *line)
{
	bool first = line->kind == INVOICE_COMMITMENT && entry->lines[INVOICE_COMMITMENT] == 0;
	bool same_rank = line->kind == INVOICE_COMMITMENT || entry->lines[INVOICE_COMMITMENT] == 0;

	if (!first && !(same_rank && date_compare(line->date, entry->date) > 0))
		return;
	entry->date = line->date;
	if (strcmp(entry->rate, line->rate) != 0)
		entry->rate = arena_strdup(l->list->arena, line->rate);
}

static const char *add_line(struct loading *l, struct invoice_month *entry, const struct invoice_line *line)
{
	int64_t sum, exact, cost, cost_expected;

	if (__builtin_add_overflow(entry->sum[line->kind], line->minor, &sum) ||
	    __builtin_add_overflow(entry->exact, line->amount, &exact) ||
	    __builtin_add_overflow(entry->cost, line->cost, &cost) ||
	    __builtin_add_overflow(entry->cost_expected, line->cost_expected, &cost_expected))
		return "the amounts of its month add up to more than can be held exactly";
	note_date(l, entry, line);
	memcpy(entry->currency, line->currency, sizeof entry->currency);
	entry->lines[line->kind]++;
	entry->sum[line->kind] = sum;
	entry->exact = exact;
	entry->cost_lines += line->has_cost;
	entry->cost = cost;
	entry->cost_expected = cost_expected;
	return NULL;
}

/* A line that names no month spoils every month of its subscription. */
static int keep_line(struct loading *l, struct invoice_line *line, struct error *err)
{
	if (line->outside)
		return 0;
	if (line->subscription_id.n == 0)
		return keep_loose(l, line, err);
	struct invoice_month *entry = entry_of(l, line, line->month);
	if (!entry->account_id[0] && line->account_id.n > 0)
		entry->account_id = arena_strndup(l->list->arena, line->account_id.p, line->account_id.n);
	if (!line->reason)
		line->reason = clash(l, entry, line);
	if (!line->reason)
		line->reason = add_line(l, entry, line);
	note_place(entry, line);
	if (line->reason)
		spoil(l, entry, line);
	return 0;
}

static int read_row(void *user, const struct source_row *row, struct error *err)
{
	struct loading *l = user;
	struct invoice_line line;

	l->list->rows_read++;
	invoice_line_read(&l->reader, row, l->window, &line);
	if (keep_line(l, &line, err) < 0 || count_amount(l, &line, err) < 0)
		return -1;
	return line.outside;
}

struct invoices *invoices_load(const struct job *job, const struct bss_snapshot *snapshot,
    const struct invoice_window *window, struct error *err)
{
	struct source_side side = {.snapshot = snapshot};

	return invoices_load_side(job, &side, window, err);
}

struct invoices *invoices_load_side(
    const struct job *job, struct source_side *side, const struct invoice_window *window, struct error *err)
{
	struct invoices *list = mem_zalloc(sizeof *list);
	struct loading l = {.list = list, .window = window};
	struct source_reading reading = {
	    .job = job, .role = BSS_INVOICES, .side = side, .row = read_row, .user = &l};
	struct source_seen seen;

	list->arena = arena_new();
	list->first_month = window->first_month;
	list->last_month = window->last_month;
	reading.columns = invoice_columns(&reading.column_count);
	invoice_reader_begin(&l.reader, job);
	int rc = source_read(&reading, list->arena, &seen, err);
	invoice_reader_end(&l.reader);
	if (rc < 0) {
		invoices_free(list);
		return NULL;
	}
	list->files = seen.files;
	list->file_count = seen.file_count;
	list->as_of = seen.as_of;
	list->digest = seen.digest;
	return list;
}

void invoices_free(struct invoices *invoices)
{
	if (!invoices)
		return;
	free(invoices->items);
	free(invoices->totals);
	free(invoices->loose);
	free(invoices->slots);
	arena_free(invoices->arena);
	free(invoices);
}

void invoice_places(const struct invoices *invoices, const struct invoice_month *month, struct strbuf *out)
{
	uint32_t file = UINT32_MAX;

	for (uint32_t i = 0; i < month->place_count; i++) {
		const struct invoice_lines *lines = &month->places[i];
		if (lines->file != file)
			strbuf_addf(out, "%s%s:", i ? ", " : "", invoices->files[lines->file].path);
		else
			strbuf_adds(out, ", ");
		strbuf_addf(out, "%" PRIu32, lines->first);
		if (lines->last > lines->first)
			strbuf_addf(out, "-%" PRIu32, lines->last);
		file = lines->file;
	}
	if (month->more_places)
		strbuf_addf(out, " and %" PRIu32 " more", month->more_places);
}
