/* Observations on disk: tenants.csv (design section 5), compressed when the name ends in .zst. Sorted by id
 * and with fixed column order, so that the same state gives the same bytes. A detail that was not read is an
 * empty cell, one that was read and has no value of its own is "none": the two must never be mistaken for
 * each other. */
#include "reconcile/reconcile_impl.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "tenantry/csv.h"
#include "tenantry/mem.h"
#include "tenantry/packed_file.h"
#include "tenantry/parallel.h"

#define COLUMNS(X)                                                                                           \
	X(COLUMN_TENANT_ID, "Tenant Id", CSV_NEEDED)                                                         \
	X(COLUMN_PARENT_ID, "Parent Id", CSV_OPTIONAL)                                                       \
	X(COLUMN_CUSTOMER_ID, "Customer Id", CSV_NEEDED)                                                     \
	X(COLUMN_INTERNAL_TAG, "Internal Tag", CSV_OPTIONAL)                                                 \
	X(COLUMN_NAME, "Name", CSV_NEEDED)                                                                   \
	X(COLUMN_KIND, "Kind", CSV_OPTIONAL)                                                                 \
	X(COLUMN_ENABLED, "Enabled", CSV_NEEDED)                                                             \
	X(COLUMN_TIER_VALUE, "Tier Value", CSV_NEEDED)                                                       \
	X(COLUMN_LICENSING_MODE, "Licensing Mode", CSV_OPTIONAL)                                             \
	X(COLUMN_CURRENCY, "Currency", CSV_OPTIONAL)                                                         \
	X(COLUMN_PRICING_MODE, "Pricing Mode", CSV_NEEDED)                                                   \
	X(COLUMN_LOGIN, "Login", CSV_OPTIONAL)                                                               \
	X(COLUMN_UPDATED_AT, "Updated At", CSV_OPTIONAL)                                                     \
	X(COLUMN_DELETED_AT, "Deleted At", CSV_OPTIONAL)                                                     \
	X(COLUMN_DETAILS_AT, "Details Read At", CSV_OPTIONAL)
enum column {
#define X(id, name, need) id,
	COLUMNS(X)
#undef X
	    COLUMN_COUNT
};
static const struct csv_column columns[COLUMN_COUNT] = {
#define X(id, name, need) [id] = {name, need},
    COLUMNS(X)
#undef X
};

/* ---- Writing. */

enum { BLOCK_SIZE = 128 * 1024 };

static void write_details(struct csv_writer *w, const struct observed_tenant *t)
{
	if (t->tier_read && t->has_tier)
		csv_writer_number(w, t->tier_value);
	else
		csv_writer_text(w, t->tier_read ? "none" : "");
	csv_writer_text(w, !t->licensing_read ? "" : t->licensing_mode[0] ? t->licensing_mode : "none");
	csv_writer_text(w, !t->pricing_read ? "" : t->currency[0] ? t->currency : "none");
	csv_writer_text(w, t->pricing_read ? t->pricing_mode : "");
	csv_writer_text(w, !t->login_read ? "" : t->login[0] ? t->login : "none");
}

static void write_tenant(struct csv_writer *w, const struct observed_tenant *t)
{
	char details_at[TIME_TEXT_SIZE];

	csv_writer_text(w, t->id);
	csv_writer_text(w, t->parent_id);
	csv_writer_text(w, t->customer_id);
	csv_writer_text(w, t->internal_tag);
	csv_writer_text(w, t->name);
	csv_writer_text(w, t->kind);
	csv_writer_text(w, t->unreadable ? "" : t->gone ? "gone" : t->enabled ? "true" : "false");
	write_details(w, t);
	csv_writer_text(w, t->updated_at);
	csv_writer_text(w, t->deleted_at);
	csv_writer_text(w, t->details_at ? time_text_ms(t->details_at, details_at) : "");
}

static void write_all(const struct observation *observation, struct packed_writer *out)
{
	struct id_place *places = observation_by_id(observation);
	struct csv_writer w = {0};

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		csv_writer_text(&w, columns[i].name);
	csv_writer_end_packed(&w, out, 0);
	for (size_t i = 0; i < observation->count; i++) {
		if (i + INDEX_AHEAD < observation->count)
			fetch(
			    &observation->items[places[i + INDEX_AHEAD].number], sizeof *observation->items);
		if (i + INDEX_AHEAD / 2 < observation->count)
			fetch(observation->items[places[i + INDEX_AHEAD / 2].number].id, USUAL_TEXTS);
		write_tenant(&w, &observation->items[places[i].number]);
		csv_writer_end_packed(&w, out, BLOCK_SIZE);
	}
	packed_writer_add(out, strbuf_view(&w.row));
	csv_writer_free(&w);
	free(places);
}

int observation_write(
    const struct observation *observation, const char *path, char digest[DIGEST_TEXT_SIZE], struct error *err)
{
	struct packed_writer *out = packed_writer_new(path, err);

	if (!out)
		return -1;
	write_all(observation, out);
	return packed_writer_commit(out, digest, err);
}

/* ---- Reading. */

struct loading {
	struct observation *observation;
	struct csv_reader *csv;
	struct csv_row row;
	const char *path;
	struct strv fields[COLUMN_COUNT]; /* of the row, as they are */
	struct word_cache words;
	struct text_index ids; /* the observation's, when all is read */
};

static void take_fields(struct loading *l)
{
	const int *map = csv_reader_map(l->csv);

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		l->fields[i] = map[i] < 0 ? (struct strv){NULL, 0} : l->row.fields[map[i]];
}

static struct strv cell(const struct loading *l, enum column column)
{
	return strv_trim(l->fields[column]);
}

static int cell_error(const struct loading *l, enum column column, struct error *err, const char *wanted)
{
	struct strv text = cell(l, column);

	error_set(err, ERR_SOURCE, "\"%.*s\" is not %s", text.n > 60 ? 60 : (int)text.n, text.n ? text.p : "",
	    wanted);
	return error_place(err, l->path, l->row.line, 0, columns[column].name);
}

/* A detail: false when it was not read. "none" is read and has no value. */
static bool detail_of(struct loading *l, enum column column, const char **out)
{
	struct strv text = cell(l, column);

	*out = text.n == 0 || strv_eq_nocase(text, STRV("none"))
		   ? ""
		   : observation_word(l->observation, &l->words, text);
	return text.n > 0;
}

static int load_details(struct loading *l, struct observed_tenant *t, struct error *err)
{
	struct strv tier = cell(l, COLUMN_TIER_VALUE), details_at = cell(l, COLUMN_DETAILS_AT);

	if (details_at.n > 0 && !time_parse(details_at, &t->details_at, NULL))
		return cell_error(l, COLUMN_DETAILS_AT, err, "a time such as 2026-11-22T01:30:00Z");
	t->tier_read = tier.n > 0;
	t->has_tier = t->tier_read && !strv_eq_nocase(tier, STRV("none"));
	if (t->has_tier && !strv_to_int64(tier, &t->tier_value))
		return cell_error(l, COLUMN_TIER_VALUE, err, "a tier_level_value (an integer, or none)");
	t->licensing_read = detail_of(l, COLUMN_LICENSING_MODE, &t->licensing_mode);
	t->pricing_read = detail_of(l, COLUMN_PRICING_MODE, &t->pricing_mode);
	detail_of(l, COLUMN_CURRENCY, &t->currency);
	return 0;
}

/* The texts of its own. As they came from Acronis, white space too: a snapshot must compare like the reading
 * that it keeps. */
static void load_texts(struct loading *l, struct observed_tenant *t, const char *id)
{
	static const enum column own[] = {
	    COLUMN_CUSTOMER_ID, COLUMN_INTERNAL_TAG, COLUMN_NAME, COLUMN_UPDATED_AT, COLUMN_DELETED_AT};
	const char **const members[] = {
	    &t->id, &t->login, &t->customer_id, &t->internal_tag, &t->name, &t->updated_at, &t->deleted_at};
	struct strv login = cell(l, COLUMN_LOGIN), texts[ARRAY_LEN(members)] = {strv_of(id), login};
	const char *kept[ARRAY_LEN(members)];

	t->login_read = login.n > 0;
	if (strv_eq_nocase(login, STRV("none")))
		texts[1].n = 0;
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		texts[i + 2] = l->fields[own[i]];
	observation_texts(l->observation, texts, ARRAY_LEN(members), kept);
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		*members[i] = kept[i];
}

static bool is_repeated(const struct loading *l, uint64_t hash, const struct observed_tenant *t)
{
	size_t at = INDEX_START;
	uint32_t i;

	while ((i = index_next(&l->ids, hash, &at)) != INDEX_NONE)
		if (strcmp(l->observation->items[i].id, t->id) == 0)
			return true;
	return false;
}

static int load_tenant(struct loading *l, struct error *err)
{
	char normal[UUID_TEXT_SIZE];

	take_fields(l);
	struct strv enabled = cell(l, COLUMN_ENABLED), id = cell(l, COLUMN_TENANT_ID);
	if (!uuid_normal(id, normal))
		return cell_error(l, COLUMN_TENANT_ID, err, "a tenant id (a UUID)");
	bool gone = strv_eq_nocase(enabled, STRV("gone"));
	if (enabled.n > 0 && !gone && strv_to_bool(enabled) < 0)
		return cell_error(l, COLUMN_ENABLED, err, "true or false (or gone)");
	/* Its place is on the way while the other columns are read. */
	uint64_t hash = hash_nocase(strv_of(normal));
	index_prefetch(&l->ids, hash);
	struct observed_tenant *t = observation_add(l->observation);
	load_texts(l, t, normal);
	t->enabled = strv_to_bool(enabled) == 1;
	t->unreadable = enabled.n == 0;
	t->gone = gone;
	t->parent_id = observation_word(l->observation, &l->words, cell(l, COLUMN_PARENT_ID));
	t->kind = observation_word(l->observation, &l->words, cell(l, COLUMN_KIND));
	if (load_details(l, t, err) < 0)
		return -1;
	if (is_repeated(l, hash, t))
		return cell_error(
		    l, COLUMN_TENANT_ID, err, "unique: the tenant stands in an earlier line already");
	index_add(&l->ids, hash, (uint32_t)(l->observation->count - 1));
	return 0;
}

static int load_rows(struct loading *l, struct error *err)
{
	enum csv_next next;

	while ((next = csv_reader_next(l->csv, &l->row, err)) == CSV_ROW) {
		if (load_tenant(l, err) < 0)
			return -1;
		MEM_FORESEE(l->observation->items, l->observation->count, l->observation->cap,
		    csv_reader_foresee(l->csv, l->observation->count));
	}
	if (next == CSV_DONE)
		return 0;
	if (next == CSV_BAD)
		error_set(err, ERR_SOURCE, "%s", l->row.problem);
	error_place(err, l->path, next == CSV_BAD ? l->row.line : 0, 0, NULL);
	return error_hint(err, "an observed state is compared whole or not at all: take another snapshot");
}

static struct csv_reader *open_csv(const char *path, struct packed_reader **packed, struct error *err)
{
	static const struct csv_settings settings;

	if (!packed_is_compressed(path))
		return csv_reader_open(path, columns, COLUMN_COUNT, &settings, err);
	*packed = packed_reader_open(path, err);
	if (!*packed)
		return NULL;
	return csv_reader_open_stream(
	    path, &(struct csv_stream){packed_reader_read, *packed}, columns, COLUMN_COUNT, &settings, err);
}

static int64_t changed_at(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? 0 : (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

struct observation *observation_read(const char *path, struct error *err)
{
	struct observation *observation = observation_new();
	struct loading l = {.observation = observation, .path = path};
	struct packed_reader *packed = NULL;
	int rc = -1;

	l.csv = open_csv(path, &packed, err);
	if (l.csv)
		rc = load_rows(&l, err);
	if (rc == 0) {
		observation->source = observation_text(observation, strv_of(path));
		observation->complete = true;
		observation->taken_at = changed_at(path);
		observation->without_currency = !csv_reader_has(l.csv, COLUMN_CURRENCY);
		observation->without_licensing = !csv_reader_has(l.csv, COLUMN_LICENSING_MODE);
		observation_count(observation);
		observation->ids = l.ids;
	} else {
		index_free(&l.ids);
	}
	csv_reader_close(l.csv);
	packed_reader_close(packed, observation->digest);
	if (rc == 0)
		return observation;
	observation_free(observation);
	return NULL;
}

struct observation_reading {
	const char *path;
	struct observation *observation;
	struct error err;
	struct background *background;
};

static void read_it(void *user)
{
	struct observation_reading *reading = user;

	reading->observation = observation_read(reading->path, &reading->err);
}

struct observation_reading *observation_read_start(const char *path)
{
	struct observation_reading *reading = mem_zalloc(sizeof *reading);

	reading->path = path;
	reading->background = background_start(read_it, reading);
	return reading;
}

struct observation *observation_read_end(struct observation_reading *reading, struct error *err)
{
	background_wait(reading->background);
	struct observation *observation = reading->observation;
	if (!observation && err)
		*err = reading->err;
	free(reading);
	return observation;
}
