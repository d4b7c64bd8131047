/* A CSV reader's beginning and end: the file's first line, what is no CSV file at all, going back, and what
 * there is to tell of the file. Records are csv_reader.c's. */
#include <stdlib.h>

#include "bss/csv_impl.h"
#include "tenantry/mem.h"

enum { BUFFER_START = 256 * 1024, AFTER_SEEK = 32 * 1024 };

static int header_error(struct csv_reader *reader, const char *text, const char *hint, struct error *err)
{
	error_set(err, ERR_SOURCE, "%s", text);
	error_place(err, csv_input_name(reader->input), reader->line, 0, NULL);
	return error_hint(err, "%s", hint);
}

static int skip_bom(struct csv_reader *reader, struct error *err)
{
	if (!csv_fill(reader, err))
		return -1;
	if (reader->end - reader->start >= 3 &&
	    memcmp(reader->buffer + reader->start, "\xef\xbb\xbf", 3) == 0)
		reader->start += 3;
	return 0;
}

/* Makes the first line that is not blank whole and gives it. */
static int first_line(struct csv_reader *reader, struct strv *line, struct error *err)
{
	for (;;) {
		ptrdiff_t at = csv_find_break(reader, 0);
		if (at < 0 && reader->end - reader->start <= CSV_FIELD_MAX) {
			if (!csv_fill(reader, err))
				return -1;
			continue;
		}
		const char *p = reader->buffer + reader->start;
		size_t n = at < 0 ? reader->end - reader->start : (size_t)at;
		*line = (struct strv){p, n};
		if (strv_trim(*line).n > 0)
			return 0;
		if (reader->eof && reader->start + n == reader->end)
			return header_error(
			    reader, "the file has no header line", "check that the export finished", err);
		if (!csv_skip_line(reader, err))
			return -1;
	}
}

static int refuse_binary(struct csv_reader *reader, struct strv line, struct error *err)
{
	static const char text[] = "this is not a text file";

	if (strv_has_prefix(line, STRV("PK\x03\x04")))
		return header_error(
		    reader, text, "it looks like a workbook or a ZIP archive: save it as CSV", err);
	if (strv_has_prefix(line, STRV("\x1f\x8b")))
		return header_error(reader, text, "it looks like a gzip archive: unpack it first", err);
	if (strv_has_prefix(line, STRV("\xff\xfe")) || strv_has_prefix(line, STRV("\xfe\xff")))
		return header_error(reader, text,
		    "it looks like UTF-16: set bss.csv.encoding in the job file, or export as UTF-8", err);
	if (memchr(line.p, '\0', line.n))
		return header_error(reader, "this is not a text file: NUL bytes in its header line",
		    "export the list as CSV in UTF-8", err);
	if (strv_bad_utf8(line) >= 0)
		return header_error(reader, "the header line is not UTF-8",
		    "set bss.csv.encoding in the job file, or export as UTF-8", err);
	return 0;
}

static int read_header(struct csv_reader *reader, const struct csv_settings *settings, struct error *err)
{
	struct strv line = {0};
	struct csv_row row;

	if (skip_bom(reader, err) < 0 || first_line(reader, &line, err) < 0 ||
	    refuse_binary(reader, line, err) < 0)
		return -1;
	reader->delimiter = settings->delimiter ? settings->delimiter : csv_header_delimiter(line);
	csv_parser_restart(reader);
	switch (csv_reader_next(reader, &row, err)) {
	case CSV_ROW:
		break;
	case CSV_BAD:
		reader->line = row.line;
		error_set(err, ERR_SOURCE, "the header line cannot be read: %s", row.problem);
		return error_place(err, csv_input_name(reader->input), row.line, 0, NULL);
	case CSV_DONE:
	case CSV_FAILED:
		return header_error(
		    reader, "the file has no header line", "check that the export finished", err);
	}
	if (row.count > CSV_COLUMNS_MAX)
		return header_error(
		    reader, "the header line has too many columns", "check the delimiter", err);
	return csv_header_map(&reader->header, csv_input_name(reader->input), &row, settings, err);
}

static struct csv_reader *open_input(struct csv_input *input, const struct csv_column *columns, size_t count,
    const struct csv_settings *settings, struct error *err)
{
	struct csv_reader *reader;

	if (!input)
		return NULL;
	reader = mem_zalloc(sizeof *reader);
	reader->input = input;
	reader->cap = reader->at_once = BUFFER_START;
	reader->buffer = mem_resize(NULL, reader->cap + CSV_SCAN_PAD, 1);
	reader->ends = mem_resize(NULL, CSV_COLUMNS_MAX, sizeof *reader->ends);
	reader->fields = mem_resize(NULL, CSV_COLUMNS_MAX, sizeof *reader->fields);
	reader->text_ends = mem_resize(NULL, CSV_COLUMNS_MAX, sizeof *reader->text_ends);
	reader->line = 1;
	reader->libcsv_only = settings->libcsv_only;
	reader->rows = settings->rows;
	if (settings->no_digest)
		csv_input_no_digest(input);
	reader->header.columns = columns;
	reader->header.column_count = count;
	if (read_header(reader, settings, err) == 0) {
		if (reader->rows)
			reader->line = 1;
		return reader;
	}
	csv_reader_close(reader);
	return NULL;
}

struct csv_reader *csv_reader_open(const char *path, const struct csv_column *columns, size_t count,
    const struct csv_settings *settings, struct error *err)
{
	return open_input(csv_input_file(path, settings->encoding, err), columns, count, settings, err);
}

struct csv_reader *csv_reader_open_stream(const char *name, const struct csv_stream *stream,
    const struct csv_column *columns, size_t count, const struct csv_settings *settings, struct error *err)
{
	return open_input(
	    csv_input_stream(name, stream, settings->encoding, err), columns, count, settings, err);
}

void csv_reader_close(struct csv_reader *reader)
{
	if (!reader)
		return;
	if (reader->parser_used)
		csv_free(&reader->parser);
	csv_header_free(&reader->header);
	csv_input_close(reader->input);
	strbuf_free(&reader->texts);
	strbuf_free(&reader->kept);
	free(reader->text_ends);
	free(reader->fields);
	free(reader->ends);
	free(reader->buffer);
	free(reader);
}

int csv_reader_rewind(struct csv_reader *reader, struct error *err)
{
	struct csv_row row;
	size_t width = reader->header.width;

	if (csv_input_rewind(reader->input, err) < 0)
		return -1;
	reader->start = reader->end = 0;
	reader->eof = false;
	reader->line = 1;
	csv_parser_restart(reader);
	if (skip_bom(reader, err) < 0)
		return -1;
	reader->header.width = 0; /* the header itself is held against no width */
	enum csv_next next = csv_reader_next(reader, &row, err);
	reader->header.width = width;
	if (reader->rows)
		reader->line = 1;
	if (next == CSV_ROW && row.count == width)
		return 0;
	return header_error(
	    reader, "the file changed while it was read", "let the export finish first and run again", err);
}

uint64_t csv_reader_tell(const struct csv_reader *reader, const struct csv_row *row)
{
	return csv_input_bytes(reader->input) - reader->end + (uint64_t)(row->raw.p - reader->buffer);
}

int csv_reader_seek(struct csv_reader *reader, uint64_t offset, unsigned long line, struct error *err)
{
	if (csv_input_seek(reader->input, offset, err) < 0)
		return -1;
	reader->start = reader->end = 0;
	reader->eof = false;
	reader->line = line;
	reader->at_once = AFTER_SEEK;
	csv_parser_restart(reader);
	return 0;
}

/* --- about the file --- */

const int *csv_reader_map(const struct csv_reader *reader)
{
	return reader->header.index_of;
}

struct strv csv_reader_field(const struct csv_reader *reader, const struct csv_row *row, size_t column)
{
	int index = reader->header.index_of[column];

	return index < 0 || (size_t)index >= row->count ? (struct strv){NULL, 0} : row->fields[index];
}

bool csv_reader_has(const struct csv_reader *reader, size_t column)
{
	return reader->header.index_of[column] >= 0;
}

int csv_reader_unchanged(const struct csv_reader *reader, struct error *err)
{
	return csv_input_unchanged(reader->input, err);
}

size_t csv_reader_width(const struct csv_reader *reader)
{
	return reader->header.width;
}

const char *csv_reader_header(const struct csv_reader *reader, size_t index)
{
	return reader->header.names[index];
}

int csv_reader_column_at(const struct csv_reader *reader, size_t index)
{
	return reader->header.column_at[index];
}

char csv_reader_delimiter(const struct csv_reader *reader)
{
	return reader->delimiter;
}

uint64_t csv_reader_bytes(const struct csv_reader *reader)
{
	return csv_input_bytes(reader->input);
}

uint64_t csv_reader_size(const struct csv_reader *reader)
{
	return csv_input_size(reader->input);
}

size_t csv_reader_foresee(const struct csv_reader *reader, size_t rows)
{
	uint64_t taken = csv_reader_bytes(reader) - (reader->end - reader->start);

	return taken == 0 ? 0 : (size_t)((double)csv_reader_size(reader) / (double)taken * (double)rows);
}

int64_t csv_reader_modified_ms(const struct csv_reader *reader)
{
	return csv_input_modified_ms(reader->input);
}

struct digest csv_reader_identity(const struct csv_reader *reader)
{
	return csv_input_identity(reader->input);
}

struct digest csv_reader_digest(const struct csv_reader *reader)
{
	return csv_input_digest(reader->input);
}
