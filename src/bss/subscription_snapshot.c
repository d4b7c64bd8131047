/* Subscriptions as a night read them, on disk: what a closed month is compared from later, whatever the BSS
 * says by then. Written from records, not from the export's bytes, so that a database's rows are kept as a
 * file's are; a row that was quarantined stays so, with its reason. */
#include "tenantry/subscription.h"

#include <stdlib.h>

#include "tenantry/csv.h"
#include "tenantry/mem.h"
#include "tenantry/packed_file.h"

#define COLUMNS(X)                                                                                           \
	X(KEPT_ID, "Subscription Id")                                                                        \
	X(KEPT_EXTERNAL_ID, "Subscription External Id")                                                      \
	X(KEPT_ACCOUNT_ID, "Account Id")                                                                     \
	X(KEPT_ACCOUNT, "Account")                                                                           \
	X(KEPT_USERNAME, "Username")                                                                         \
	X(KEPT_TIER, "Tier")                                                                                 \
	X(KEPT_PRODUCT_CODE, "Product Code")                                                                 \
	X(KEPT_STATUS, "Status")                                                                             \
	X(KEPT_QUANTITY, "Quantity")                                                                         \
	X(KEPT_CURRENCY, "Currency")                                                                         \
	X(KEPT_START_DATE, "Start Date")                                                                     \
	X(KEPT_END_DATE, "End Date")                                                                         \
	X(KEPT_RAMP_UP_MONTHS, "Ramp Up Months")                                                             \
	X(KEPT_IS_TRIAL, "Is Trial")                                                                         \
	X(KEPT_SYNC_STATUS, "Provisioning Sync Status")                                                      \
	X(KEPT_UPDATED_AT, "Updated At")                                                                     \
	X(KEPT_QUARANTINED, "Quarantined")                                                                   \
	X(KEPT_SOURCE, "Source File")                                                                        \
	X(KEPT_LINE, "Source Line")
enum column {
#define X(id, header) id,
	COLUMNS(X)
#undef X
	    COLUMN_COUNT
};
static const struct csv_column columns[COLUMN_COUNT] = {
#define X(id, header) {header, CSV_NEEDED},
    COLUMNS(X)
#undef X
};

enum { PIECE = 128 * 1024 };

/* ---- Writing. */

static void write_place(struct csv_writer *w, const char *source, unsigned long line)
{
	csv_writer_text(w, source);
	csv_writer_number(w, (int64_t)line);
}

static void write_record(struct csv_writer *w, const struct subscription *s)
{
	char start[DATE_TEXT_SIZE], end[DATE_TEXT_SIZE], updated[TIME_TEXT_SIZE];
	const char *texts[] = {s->id, s->external_id, s->account_id, s->account, s->username, s->tier_text,
	    s->product_code, subscription_status_name(s->status), s->quantity, s->currency,
	    date_text(s->start_date, start), date_text(s->end_date, end)};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		csv_writer_text(w, texts[i]);
	csv_writer_number(w, s->ramp_up_months);
	csv_writer_text(w, s->is_trial < 0 ? "" : s->is_trial ? "true" : "false");
	csv_writer_text(w, s->sync_status);
	csv_writer_text(w, s->updated_at ? time_text_ms(s->updated_at, updated) : "");
	csv_writer_text(w, "");
	write_place(w, s->source, s->line);
}

static void write_quarantined(struct csv_writer *w, const struct quarantined_row *row)
{
	for (int column = 0; column < KEPT_QUARANTINED; column++)
		csv_writer_text(w, column == KEPT_ID                                ? row->subscription_id
				   : column == KEPT_ACCOUNT_ID                      ? row->account_id
				   : column == KEPT_EXTERNAL_ID && row->external_id ? row->external_id
										    : "");
	csv_writer_text(w, row->reason);
	write_place(w, row->source, row->line);
}

int subscriptions_write(const struct subscriptions *subscriptions, const char *path,
    char digest[DIGEST_TEXT_SIZE], struct error *err)
{
	struct packed_writer *out = packed_writer_new(path, err);
	struct csv_writer w = {0};

	if (!out)
		return -1;
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		csv_writer_text(&w, columns[i].name);
	csv_writer_end_packed(&w, out, PIECE);
	for (size_t i = 0; i < subscriptions->count; i++) {
		write_record(&w, &subscriptions->items[i]);
		csv_writer_end_packed(&w, out, PIECE);
	}
	for (size_t i = 0; i < subscriptions->quarantined_count; i++) {
		write_quarantined(&w, &subscriptions->quarantined[i]);
		csv_writer_end_packed(&w, out, PIECE);
	}
	packed_writer_add(out, strbuf_view(&w.row));
	csv_writer_free(&w);
	return packed_writer_commit(out, digest, err);
}

/* ---- Reading. */

struct kept {
	const struct job *job;
	struct subscriptions *list;
	struct csv_reader *csv;
	struct csv_row row;
	const char *path, *source; /* source: the last row's */
};

static struct strv cell(const struct kept *k, enum column column)
{
	return csv_reader_field(k->csv, &k->row, column);
}

static const char *keep(struct kept *k, enum column column)
{
	struct strv text = cell(k, column);

	return text.n ? arena_strndup(k->list->arena, text.p, text.n) : "";
}

/* Rows of one file come one after the other. */
static const char *keep_source(struct kept *k)
{
	if (!k->source || !strv_eq(strv_of(k->source), cell(k, KEPT_SOURCE)))
		k->source = keep(k, KEPT_SOURCE);
	return k->source;
}

static int bad(const struct kept *k, enum column column, struct error *err)
{
	struct strv text = cell(k, column);

	error_set(err, ERR_SOURCE, "\"%.*s\" is not what a snapshot has there",
	    text.n > 60 ? 60 : (int)text.n, text.n ? text.p : "");
	return error_place(err, k->path, k->row.line, 0, columns[column].name);
}

static bool status_of(struct strv text, enum subscription_status *out)
{
	for (int i = 0; i < SUBSCRIPTION_STATUS_COUNT; i++) {
		if (!strv_eq(text, strv_of(subscription_status_name((enum subscription_status)i))))
			continue;
		*out = (enum subscription_status)i;
		return true;
	}
	return false;
}

static int read_values(struct kept *k, struct subscription *s, struct error *err)
{
	struct strv currency = cell(k, KEPT_CURRENCY);
	int64_t line, months;

	if (!status_of(cell(k, KEPT_STATUS), &s->status))
		return bad(k, KEPT_STATUS, err);
	if (currency.n >= sizeof s->currency)
		return bad(k, KEPT_CURRENCY, err);
	if (currency.n > 0)
		memcpy(s->currency, currency.p, currency.n);
	if (cell(k, KEPT_START_DATE).n > 0 && !date_parse(cell(k, KEPT_START_DATE), &s->start_date))
		return bad(k, KEPT_START_DATE, err);
	if (cell(k, KEPT_END_DATE).n > 0 && !date_parse(cell(k, KEPT_END_DATE), &s->end_date))
		return bad(k, KEPT_END_DATE, err);
	if (!strv_to_int64(cell(k, KEPT_RAMP_UP_MONTHS), &months) || months < 0 || months > INT16_MAX)
		return bad(k, KEPT_RAMP_UP_MONTHS, err);
	s->ramp_up_months = (int16_t)months;
	if (cell(k, KEPT_UPDATED_AT).n > 0 && !time_parse(cell(k, KEPT_UPDATED_AT), &s->updated_at, NULL))
		return bad(k, KEPT_UPDATED_AT, err);
	if (!strv_to_int64(cell(k, KEPT_LINE), &line) || line < 0 || line > UINT32_MAX)
		return bad(k, KEPT_LINE, err);
	s->line = (uint32_t)line;
	s->is_trial = cell(k, KEPT_IS_TRIAL).n == 0 ? -1 : strv_eq(cell(k, KEPT_IS_TRIAL), STRV("true"));
	return 0;
}

static int read_record(struct kept *k, struct error *err)
{
	struct subscription s = {.id = keep(k, KEPT_ID),
	    .external_id = keep(k, KEPT_EXTERNAL_ID),
	    .account_id = keep(k, KEPT_ACCOUNT_ID),
	    .account = keep(k, KEPT_ACCOUNT),
	    .username = keep(k, KEPT_USERNAME),
	    .tier_text = keep(k, KEPT_TIER),
	    .product_code = keep(k, KEPT_PRODUCT_CODE),
	    .quantity = keep(k, KEPT_QUANTITY),
	    .sync_status = keep(k, KEPT_SYNC_STATUS),
	    .tier = subscription_tier(k->job, cell(k, KEPT_TIER), cell(k, KEPT_PRODUCT_CODE)),
	    .source = keep_source(k)};

	if (read_values(k, &s, err) < 0)
		return -1;
	MEM_GROW(k->list->items, k->list->count, k->list->cap);
	k->list->items[k->list->count++] = s;
	return 0;
}

static int read_quarantined(struct kept *k, struct error *err)
{
	struct subscriptions *list = k->list;
	int64_t line;

	if (!strv_to_int64(cell(k, KEPT_LINE), &line) || line < 0)
		return bad(k, KEPT_LINE, err);
	MEM_GROW(list->quarantined, list->quarantined_count, list->quarantined_cap);
	list->quarantined[list->quarantined_count++] = (struct quarantined_row){.source = keep_source(k),
	    .subscription_id = keep(k, KEPT_ID),
	    .account_id = keep(k, KEPT_ACCOUNT_ID),
	    .external_id = keep(k, KEPT_EXTERNAL_ID),
	    .reason = keep(k, KEPT_QUARANTINED),
	    .line = (unsigned long)line};
	return 0;
}

static int read_rows(struct kept *k, struct error *err)
{
	enum csv_next next;

	while ((next = csv_reader_next(k->csv, &k->row, err)) == CSV_ROW) {
		k->list->rows_read++;
		if ((cell(k, KEPT_QUARANTINED).n > 0 ? read_quarantined(k, err) : read_record(k, err)) < 0)
			return -1;
	}
	if (next == CSV_DONE)
		return 0;
	if (next == CSV_BAD)
		error_set(err, ERR_SOURCE, "%s", k->row.problem);
	return error_place(err, k->path, next == CSV_BAD ? k->row.line : 0, 0, NULL);
}

struct subscriptions *subscriptions_read(
    const struct job *job, const char *path, char text[DIGEST_TEXT_SIZE], struct error *err)
{
	static const struct csv_settings settings;
	struct kept k = {.job = job, .list = mem_zalloc(sizeof *k.list), .path = path};
	struct packed_reader *packed = packed_reader_open(path, err);
	int rc = -1;

	k.list->arena = arena_new();
	if (packed)
		k.csv = csv_reader_open_stream(path, &(struct csv_stream){packed_reader_read, packed},
		    columns, COLUMN_COUNT, &settings, err);
	if (k.csv)
		rc = read_rows(&k, err);
	csv_reader_close(k.csv);
	packed_reader_close(packed, text);
	if (rc == 0)
		return k.list;
	subscriptions_free(k.list);
	return NULL;
}
