/* Writing and reading back the rows of a source; see kept_rows.h. What the rows mean is their readers'. */
#include "bss/kept_rows.h"

#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/packed_file.h"

/* After the columns of the source. */
#define EXTRAS(X)                                                                                            \
	X(KEPT_PROBLEM, "Unreadable")                                                                        \
	X(KEPT_FORMAT, "Amount Format")                                                                      \
	X(KEPT_SOURCE, "Source File")                                                                        \
	X(KEPT_LINE, "Source Line")
enum extra {
#define X(id, header) id,
	EXTRAS(X)
#undef X
	    EXTRA_COUNT
};
static const struct csv_column extras[EXTRA_COUNT] = {
#define X(id, header) {header, CSV_NEEDED},
    EXTRAS(X)
#undef X
};

enum { PIECE = 128 * 1024 };

/* The decimal mark, then that of thousands. */
static const char *const decimals[] = {[DECIMAL_POINT] = ".", [DECIMAL_COMMA] = ","};
static const char *const thousands[] = {[THOUSANDS_NONE] = "",
    [THOUSANDS_COMMA] = ",",
    [THOUSANDS_POINT] = ".",
    [THOUSANDS_SPACE] = " ",
    [THOUSANDS_APOSTROPHE] = "'"};

/* ---- Writing. */

struct kept_writer {
	struct packed_writer *out;
	struct csv_writer csv;
	size_t columns;
	uint64_t rows;
};

struct kept_writer *kept_writer_new(
    const char *path, const struct csv_column *columns, size_t count, struct error *err)
{
	struct packed_writer *out = packed_writer_new(path, err);
	struct kept_writer *w;

	if (!out)
		return NULL;
	w = mem_zalloc(sizeof *w);
	w->out = out;
	w->columns = count;
	for (size_t i = 0; i < count; i++)
		csv_writer_text(&w->csv, columns[i].name);
	for (size_t i = 0; i < EXTRA_COUNT; i++)
		csv_writer_text(&w->csv, extras[i].name);
	csv_writer_end_packed(&w->csv, out, PIECE);
	return w;
}

void kept_writer_row(struct kept_writer *w, const struct source_row *row)
{
	bool readable = row->row->fault == CSV_FAULT_NONE;
	char format[3] = {decimals[row->format.decimal][0], thousands[row->format.thousands][0], '\0'};

	for (size_t i = 0; i < w->columns; i++)
		csv_writer_field(&w->csv, readable ? source_field(row, i) : (struct strv){"", 0});
	csv_writer_text(&w->csv, readable ? "" : row->row->problem);
	csv_writer_text(&w->csv, format);
	csv_writer_text(&w->csv, row->shown);
	csv_writer_number(&w->csv, (int64_t)row->row->line);
	csv_writer_end_packed(&w->csv, w->out, PIECE);
	w->rows++;
}

static void dispose(struct kept_writer *w)
{
	csv_writer_free(&w->csv);
	free(w);
}

int kept_writer_commit(struct kept_writer *w, struct source_side *side, struct error *err)
{
	packed_writer_add(w->out, strbuf_view(&w->csv.row));
	side->rows = w->rows;
	int rc = packed_writer_commit(w->out, side->digest, err);
	dispose(w);
	return rc;
}

void kept_writer_abort(struct kept_writer *w)
{
	if (!w)
		return;
	packed_writer_abort(w->out);
	dispose(w);
}

/* ---- Reading. */

struct kept {
	const struct source_reading *reading;
	struct arena *arena;
	struct csv_reader *csv;
	struct csv_row row; /* as it stands in the kept file, then as it stood in the source */
	struct source_row shown;
	struct input_file *files;
	size_t file_count, file_cap;
};

static struct strv extra(const struct kept *k, enum extra column)
{
	return csv_reader_field(k->csv, &k->row, k->reading->column_count + column);
}

static int bad(const struct kept *k, enum extra column, struct error *err)
{
	struct strv text = extra(k, column);

	error_set(err, ERR_SOURCE, "\"%.*s\" is not what a snapshot has there",
	    text.n > 60 ? 60 : (int)text.n, text.n ? text.p : "");
	return error_place(err, k->reading->side->kept, k->row.line, 0, extras[column].name);
}

static bool read_format(struct strv text, struct amount_format *out)
{
	struct strv rest = text.n ? (struct strv){text.p + 1, text.n - 1} : text;

	for (size_t i = 0; text.n > 0 && i < ARRAY_LEN(decimals); i++) {
		if (decimals[i][0] != text.p[0])
			continue;
		for (size_t j = 0; j < ARRAY_LEN(thousands); j++) {
			*out = (struct amount_format){(enum decimal_mark)i, (enum thousands_mark)j};
			if (strv_eq(strv_of(thousands[j]), rest))
				return true;
		}
	}
	return false;
}

/* Rows of one file come one after the other. */
static uint32_t file_of(struct kept *k)
{
	struct strv name = extra(k, KEPT_SOURCE);
	size_t i = k->file_count;

	while (i > 0 && !strv_eq(strv_of(k->files[i - 1].path), name))
		i--;
	if (i > 0)
		return (uint32_t)(i - 1);
	MEM_GROW(k->files, k->file_count, k->file_cap);
	k->files[k->file_count] = (struct input_file){.role = bss_role_name(k->reading->role),
	    .path = arena_strndup(k->arena, name.p, name.n),
	    .note = ""};
	return (uint32_t)k->file_count++;
}

static int read_row(struct kept *k, struct error *err)
{
	struct strv problem = extra(k, KEPT_PROBLEM);
	int64_t line;

	if (!strv_to_int64(extra(k, KEPT_LINE), &line) || line < 0)
		return bad(k, KEPT_LINE, err);
	if (!read_format(extra(k, KEPT_FORMAT), &k->shown.format))
		return bad(k, KEPT_FORMAT, err);
	k->shown.file = file_of(k);
	k->shown.shown = k->files[k->shown.file].path;
	k->files[k->shown.file].rows++;
	char *text = problem.n ? mem_printf("%.*s", (int)problem.n, problem.p) : NULL;
	k->row.line = (unsigned long)line;
	k->row.fault = text ? CSV_FAULT_MALFORMED : CSV_FAULT_NONE;
	k->row.problem = text;
	int rc = k->reading->row(k->reading->user, &k->shown, err);
	free(text);
	return rc < 0 ? -1 : 0;
}

static int read_rows(struct kept *k, struct error *err)
{
	enum csv_next next;

	while ((next = csv_reader_next(k->csv, &k->row, err)) == CSV_ROW) {
		k->reading->side->rows++;
		if (read_row(k, err) < 0)
			return -1;
	}
	if (next == CSV_DONE)
		return 0;
	if (next == CSV_BAD)
		error_set(err, ERR_SOURCE, "%s", k->row.problem);
	return error_place(err, k->reading->side->kept, next == CSV_BAD ? k->row.line : 0, 0, NULL);
}

/* Borrowed by the reader: in the arena. */
static const struct csv_column *kept_columns(const struct source_reading *reading, struct arena *arena)
{
	struct csv_column *columns =
	    arena_alloc(arena, (reading->column_count + EXTRA_COUNT) * sizeof *columns);

	for (size_t i = 0; i < reading->column_count; i++)
		columns[i] = (struct csv_column){reading->columns[i].name, CSV_NEEDED};
	memcpy(columns + reading->column_count, extras, sizeof extras);
	return columns;
}

int kept_rows_read(
    const struct source_reading *reading, struct arena *arena, struct source_seen *seen, struct error *err)
{
	static const struct csv_settings settings = {.delimiter = ','};
	struct source_side *side = reading->side;
	struct kept k = {.reading = reading, .arena = arena};
	struct packed_reader *packed = packed_reader_open(side->kept, err);
	int rc = -1;

	side->rows = 0;
	if (packed)
		k.csv = csv_reader_open_stream(side->kept, &(struct csv_stream){packed_reader_read, packed},
		    kept_columns(reading, arena), reading->column_count + EXTRA_COUNT, &settings, err);
	k.shown = (struct source_row){.reader = k.csv, .row = &k.row};
	if (k.csv)
		rc = read_rows(&k, err);
	csv_reader_close(k.csv);
	packed_reader_close(packed, side->digest);
	seen->files = arena_alloc(arena, (k.file_count + 1) * sizeof *seen->files);
	if (k.file_count > 0)
		memcpy(seen->files, k.files, k.file_count * sizeof *seen->files);
	seen->file_count = k.file_count;
	seen->rows = side->rows;
	free(k.files);
	return rc;
}
