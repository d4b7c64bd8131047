/* Records of a CSV file with their physical lines; see csv.h for what counts as a record. Two ways read one: csv_scan() where
 * there is no quote or only simple ones, libcsv (strict, white space kept) where they are doubled, span lines or are broken;
 * test_csv.c holds the two equal. Beware: the buffer moves when it is filled, so places in a record are kept as offsets from
 * its beginning. */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bss/csv_impl.h"
#include "tenantry/mem.h"

enum { BUFFER_START = 256 * 1024, AFTER_SEEK = 32 * 1024, NEED_MORE = -1 };

struct csv_reader {
	struct csv_input *input;
	char *buffer;
	size_t cap, start, end; /* the record to be read begins at `start` */
	size_t at_once;		/* bytes to be read in one go */
	bool eof;
	char delimiter;
	unsigned long line; /* of the record to be read */
	struct csv_header header;
	const char **ends;
	struct strv *fields;

	struct csv_parser parser;
	bool parser_used;
	struct strbuf texts;	/* the unquoted fields, one after the other */
	size_t *text_ends;
	size_t text_count;
	bool record_done;

	size_t wanted; /* fields to be split; 0: all, and checked */
	bool whole;    /* all fields of the current record are split */
	bool libcsv_only;
	struct strbuf kept; /* what a bad record's first line was */
	char problem[CSV_PROBLEM_SIZE];
};

static int not_a_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void parser_restart(struct csv_reader *reader)
{
	if (reader->parser_used)
		csv_free(&reader->parser);
	/* Fails for unknown options only. */
	csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&reader->parser, (unsigned char)reader->delimiter);
	csv_set_space_func(&reader->parser, not_a_space);
	reader->parser_used = true;
}

/* More bytes behind those that are there, which move to the front. False when reading failed. */
static bool fill(struct csv_reader *reader, struct error *err)
{
	size_t used = reader->end - reader->start;

	if (reader->start > 0)
		memmove(reader->buffer, reader->buffer + reader->start, used);
	reader->start = 0;
	reader->end = used;
	if (used == reader->cap) {
		reader->cap *= 2;
		reader->buffer = mem_resize(reader->buffer, reader->cap + CSV_SCAN_PAD, 1);
	}
	size_t room = reader->cap - used;
	ptrdiff_t k = csv_input_read(reader->input, reader->buffer + used, room < reader->at_once ? room : reader->at_once, err);
	if (k < 0)
		return false;
	reader->eof = k == 0;
	reader->end += (size_t)k;
	memset(reader->buffer + reader->end, 0, CSV_SCAN_PAD);
	return true;
}

/* The length of the line break at offset `at` from the record's beginning, 0 at the end of the file. */
static size_t break_length(const struct csv_reader *reader, size_t at)
{
	const char *p = reader->buffer + reader->start + at, *end = reader->buffer + reader->end;

	if (p >= end)
		return 0;
	return p[0] == '\r' && p + 1 < end && p[1] == '\n' ? 2 : 1;
}

/* The offset of the first line break at or after `from`, or of the end of the file; NEED_MORE when the bytes do not tell. */
static ptrdiff_t find_break(const struct csv_reader *reader, size_t from)
{
	const char *p = reader->buffer + reader->start + from, *end = reader->buffer + reader->end;
	const char *lf = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	const char *limit = lf ? lf : end;
	const char *cr = p < limit ? memchr(p, '\r', (size_t)(limit - p)) : NULL;
	const char *at = cr ? cr : limit;

	if (!reader->eof && (at == end || (cr && cr + 1 == end)))
		return NEED_MORE;
	return at - (reader->buffer + reader->start);
}

/* Past the physical line that begins at `start`, however long it is. */
static bool skip_line(struct csv_reader *reader, struct error *err)
{
	for (;;) {
		ptrdiff_t at = find_break(reader, 0);
		if (at >= 0) {
			reader->start += (size_t)at + break_length(reader, (size_t)at);
			reader->line++;
			return true;
		}
		/* A CR that ends the bytes may be half of a CRLF. */
		size_t keep = reader->end > reader->start && reader->buffer[reader->end - 1] == '\r';
		reader->start = reader->end - keep;
		if (!fill(reader, err))
			return false;
	}
}

static enum csv_next bad_record(struct csv_reader *reader, struct csv_row *row, enum csv_fault fault, struct error *err)
{
	size_t there = reader->end - reader->start;
	ptrdiff_t at = find_break(reader, 0);
	size_t n = at >= 0 ? (size_t)at : there;

	strbuf_clear(&reader->kept);
	strbuf_add(&reader->kept, reader->buffer + reader->start, n > CSV_FIELD_MAX ? CSV_FIELD_MAX : n);
	*row = (struct csv_row){.raw = strbuf_view(&reader->kept), .line = reader->line, .fault = fault,
	    .problem = reader->problem};
	return skip_line(reader, err) ? CSV_BAD : CSV_FAILED;
}

static const char *field_name(const struct csv_reader *reader, size_t index)
{
	return index < reader->header.width ? reader->header.names[index] : "";
}

/* A record that has its fields: are there as many as there should be, and are they text? */
static enum csv_fault judge(struct csv_reader *reader, const struct csv_row *row, bool maybe_bad_text)
{
	size_t width = reader->header.width;

	if (width > 0 && row->count != width) {
		snprintf(reader->problem, sizeof reader->problem, "%zu fields where the header has %zu%s", row->count, width,
		    row->count > width ? " (a field with a delimiter in it needs quotes)" : "");
		return CSV_FAULT_MALFORMED;
	}
	for (size_t i = 0; row->raw.n > CSV_FIELD_MAX && i < row->count; i++) {
		if (row->fields[i].n <= CSV_FIELD_MAX)
			continue;
		snprintf(reader->problem, sizeof reader->problem, "field %zu (%.60s) has %zu bytes, more than %d", i + 1,
		    field_name(reader, i), row->fields[i].n, CSV_FIELD_MAX);
		return CSV_FAULT_TOO_LONG;
	}
	/* Delimiters and quotes are ASCII: the record is well-formed when its fields are. */
	if (!maybe_bad_text || strv_bad_utf8(row->raw) < 0)
		return CSV_FAULT_NONE;
	for (size_t i = 0; i < row->count; i++) {
		ptrdiff_t bad = strv_bad_utf8(row->fields[i]);
		if (bad < 0)
			continue;
		snprintf(reader->problem, sizeof reader->problem,
		    "field %zu (%.60s) is not UTF-8: byte 0x%02x at place %zu; name the file's encoding in bss.csv.encoding", i + 1,
		    field_name(reader, i), (unsigned)(unsigned char)row->fields[i].p[bad], (size_t)bad + 1);
		return CSV_FAULT_ENCODING;
	}
	return CSV_FAULT_NONE;
}

static enum csv_next deliver(struct csv_reader *reader, struct csv_row *row, size_t lines, size_t consumed, bool check_text,
    struct error *err)
{
	enum csv_fault fault = reader->wanted > 0 ? CSV_FAULT_NONE : judge(reader, row, check_text);

	row->line = reader->line;
	if (fault == CSV_FAULT_NONE) {
		reader->start += consumed;
		reader->line += lines;
		return CSV_ROW;
	}
	/* A field that is too long may have swallowed its neighbours. Else only the record itself is bad: what follows it is not. */
	if (lines == 1 || fault == CSV_FAULT_TOO_LONG)
		return bad_record(reader, row, fault, err);
	strbuf_clear(&reader->kept);
	strbuf_add(&reader->kept, row->raw.p, row->raw.n > CSV_FIELD_MAX ? CSV_FIELD_MAX : row->raw.n);
	*row = (struct csv_row){.raw = strbuf_view(&reader->kept), .line = reader->line, .fault = fault,
	    .problem = reader->problem};
	reader->start += consumed;
	reader->line += lines;
	return CSV_BAD;
}

/* --- with libcsv --- */

static void add_field(void *text, size_t n, void *user)
{
	struct csv_reader *reader = user;

	if (reader->text_count < CSV_COLUMNS_MAX) {
		strbuf_add(&reader->texts, text, n);
		reader->text_ends[reader->text_count] = reader->texts.n;
	}
	reader->text_count++;
}

static void end_record(int terminator, void *user)
{
	struct csv_reader *reader = user;

	(void)terminator;
	reader->record_done = true;
}

/* What libcsv refused at offset `at`: a quote where none may be, or text after one. */
static void describe_quote(struct csv_reader *reader, size_t at, size_t lines)
{
	char c = reader->buffer[reader->start + at];
	size_t field = reader->text_count;
	int n = snprintf(reader->problem, sizeof reader->problem, "field %zu (%.60s): %s", field + 1, field_name(reader, field),
	    c == '"' ? "a quote inside a field that does not begin with one" : "text after its closing quote");

	if (lines > 0 && n > 0 && (size_t)n < sizeof reader->problem)
		snprintf(reader->problem + n, sizeof reader->problem - (size_t)n,
		    " in line %lu: is the end of a quote missing in line %lu?", reader->line + lines, reader->line);
}

static void describe_open(struct csv_reader *reader)
{
	size_t field = reader->text_count;

	snprintf(reader->problem, sizeof reader->problem, "field %zu (%.60s): a quote is opened and not closed before the end of "
	    "the file", field + 1, field_name(reader, field));
}

static void set_quoted_fields(struct csv_reader *reader, struct csv_row *row, size_t raw)
{
	size_t begin = 0, kept = reader->text_count < CSV_COLUMNS_MAX ? reader->text_count : CSV_COLUMNS_MAX;

	for (size_t i = 0; i < kept; i++) {
		reader->fields[i] = (struct strv){reader->texts.p + begin, reader->text_ends[i] - begin};
		begin = reader->text_ends[i];
	}
	reader->whole = true;
	*row = (struct csv_row){.fields = reader->fields, .count = reader->text_count,
	    .raw = {reader->buffer + reader->start, raw}};
}

/* One physical line of the record, from offset `pos` to its break at `at`, through libcsv. */
static enum csv_fault feed_line(struct csv_reader *reader, size_t pos, size_t at, size_t lines)
{
	const char *p = reader->buffer + reader->start;
	size_t broken = break_length(reader, at), n = at - pos + (broken > 0);

	if (memchr(p + pos, '\0', at - pos)) {
		snprintf(reader->problem, sizeof reader->problem, "a NUL byte in line %lu", reader->line + lines);
		return CSV_FAULT_MALFORMED;
	}
	size_t done = csv_parse(&reader->parser, p + pos, n, add_field, end_record, reader);
	if (done != n) {
		describe_quote(reader, pos + done, lines);
		return CSV_FAULT_MALFORMED;
	}
	if (!reader->record_done && broken == 2)
		csv_parse(&reader->parser, "\n", 1, add_field, end_record, reader);
	if (!reader->record_done && at + broken == reader->end - reader->start && reader->eof &&
	    (csv_fini(&reader->parser, add_field, end_record, reader) < 0 || !reader->record_done)) {
		describe_open(reader);
		return CSV_FAULT_MALFORMED;
	}
	if (!reader->record_done && reader->parser.entry_pos > CSV_FIELD_MAX) {
		snprintf(reader->problem, sizeof reader->problem, "field %zu (%.60s) has more than %d bytes: is the end of a quote "
		    "missing?", reader->text_count + 1, field_name(reader, reader->text_count), CSV_FIELD_MAX);
		return CSV_FAULT_TOO_LONG;
	}
	return CSV_FAULT_NONE;
}

static enum csv_next too_large(struct csv_reader *reader, struct csv_row *row, struct error *err)
{
	snprintf(reader->problem, sizeof reader->problem, "the record has a field of more than %d bytes or more than %d bytes in all",
	    CSV_FIELD_MAX, CSV_RECORD_MAX);
	return bad_record(reader, row, CSV_FAULT_TOO_LONG, err);
}

static enum csv_next quoted_record(struct csv_reader *reader, struct csv_row *row, struct error *err)
{
	size_t pos = 0, lines = 0;

	strbuf_clear(&reader->texts);
	strbuf_add(&reader->texts, "", 0);
	reader->text_count = 0;
	reader->record_done = false;
	for (;;) {
		ptrdiff_t at = find_break(reader, pos);
		if (at < 0 && reader->end - reader->start > CSV_RECORD_MAX)
			break;
		if (at < 0 && !fill(reader, err))
			return CSV_FAILED;
		if (at < 0)
			continue;
		enum csv_fault fault = feed_line(reader, pos, (size_t)at, lines);
		if (fault != CSV_FAULT_NONE) {
			parser_restart(reader);
			return bad_record(reader, row, fault, err);
		}
		pos = (size_t)at + break_length(reader, (size_t)at);
		lines++;
		if (reader->record_done) {
			set_quoted_fields(reader, row, (size_t)at);
			return deliver(reader, row, lines, pos, true, err);
		}
	}
	parser_restart(reader);
	return too_large(reader, row, err);
}

/* --- without --- */

/* The fields from `begin` between the delimiters that were found; those in quotes without them. */
static void set_plain_fields(struct csv_reader *reader, struct csv_row *row, const char *begin, const struct scan *scan)
{
	const char *p = begin;
	size_t last = scan->delimiters < CSV_COLUMNS_MAX ? scan->delimiters : CSV_COLUMNS_MAX - 1;

	for (size_t i = 0; i < last; i++) {
		reader->fields[i] = (struct strv){p, (size_t)(reader->ends[i] - p)};
		p = reader->ends[i] + 1;
	}
	reader->fields[last] = (struct strv){p, (size_t)(scan->at - p)};
	for (size_t i = 0; scan->quoted && i <= last; i++) {
		struct strv *field = &reader->fields[i];
		if (field->n >= 2 && field->p[0] == '"')
			*field = (struct strv){field->p + 1, field->n - 2};
	}
	row->fields = reader->fields;
	row->count = scan->delimiters + 1;
}

static enum csv_next plain_record(struct csv_reader *reader, struct csv_row *row, const struct scan *scan, struct error *err)
{
	const char *begin = reader->buffer + reader->start;

	*row = (struct csv_row){.raw = {begin, (size_t)(scan->at - begin)}};
	set_plain_fields(reader, row, begin, scan);
	reader->whole = reader->wanted == 0;
	return deliver(reader, row, 1, row->raw.n + break_length(reader, row->raw.n), scan->high, err);
}

void csv_reader_want(struct csv_reader *reader, const size_t *columns, size_t count)
{
	reader->wanted = 1;
	for (size_t i = 0; i < count; i++) {
		int index = reader->header.index_of[columns[i]];
		if (index >= 0 && (size_t)index >= reader->wanted)
			reader->wanted = (size_t)index + 1;
	}
}

bool csv_reader_complete(struct csv_reader *reader, struct csv_row *row)
{
	const char *end = row->raw.p + row->raw.n;
	struct scan scan;

	/* The record is still in the buffer, and its line break (or the padding) behind it. */
	if (!reader->whole) {
		csv_scan(row->raw.p, end + 1, reader->delimiter, reader->ends, CSV_COLUMNS_MAX, &scan);
		scan.at = end;
		set_plain_fields(reader, row, row->raw.p, &scan);
		reader->whole = true;
	}
	return judge(reader, row, true) == CSV_FAULT_NONE;
}

static bool is_blank(const struct csv_reader *reader, const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t') && *p != reader->delimiter)
		p++;
	return p == end;
}

enum csv_next csv_reader_next(struct csv_reader *reader, struct csv_row *row, struct error *err)
{
	struct scan scan;

	for (;;) {
		const char *begin = reader->buffer + reader->start, *end = reader->buffer + reader->end;
		size_t cap = reader->wanted > 0 ? reader->wanted : CSV_COLUMNS_MAX;
		enum scan_end how = csv_scan(begin, end, reader->delimiter, reader->ends, cap, &scan);
		if (how == SCAN_SPECIAL)
			return quoted_record(reader, row, err);
		bool half_break = how == SCAN_LINE && *scan.at == '\r' && scan.at + 1 == end;
		if (!reader->eof && (how == SCAN_SHORT || half_break)) {
			if (reader->end - reader->start > CSV_RECORD_MAX)
				return too_large(reader, row, err);
			if (!fill(reader, err))
				return CSV_FAILED;
			continue;
		}
		if (begin == end)
			return CSV_DONE;
		if (!is_blank(reader, begin, scan.at))
			return reader->libcsv_only ? quoted_record(reader, row, err) : plain_record(reader, row, &scan, err);
		if (!skip_line(reader, err))
			return CSV_FAILED;
	}
}

/* --- opening --- */

static int header_error(struct csv_reader *reader, const char *text, const char *hint, struct error *err)
{
	error_set(err, ERR_SOURCE, "%s", text);
	error_place(err, csv_input_name(reader->input), reader->line, 0, NULL);
	return error_hint(err, "%s", hint);
}

static int skip_bom(struct csv_reader *reader, struct error *err)
{
	if (!fill(reader, err))
		return -1;
	if (reader->end - reader->start >= 3 && memcmp(reader->buffer + reader->start, "\xef\xbb\xbf", 3) == 0)
		reader->start += 3;
	return 0;
}

/* Makes the first line that is not blank whole and gives it. */
static int first_line(struct csv_reader *reader, struct strv *line, struct error *err)
{
	for (;;) {
		ptrdiff_t at = find_break(reader, 0);
		if (at < 0 && reader->end - reader->start <= CSV_FIELD_MAX) {
			if (!fill(reader, err))
				return -1;
			continue;
		}
		const char *p = reader->buffer + reader->start;
		size_t n = at < 0 ? reader->end - reader->start : (size_t)at;
		*line = (struct strv){p, n};
		if (strv_trim(*line).n > 0)
			return 0;
		if (reader->eof && reader->start + n == reader->end)
			return header_error(reader, "the file has no header line", "check that the export finished", err);
		if (!skip_line(reader, err))
			return -1;
	}
}

static int refuse_binary(struct csv_reader *reader, struct strv line, struct error *err)
{
	static const char text[] = "this is not a text file";

	if (strv_has_prefix(line, STRV("PK\x03\x04")))
		return header_error(reader, text, "it looks like a workbook or a ZIP archive: save it as CSV", err);
	if (strv_has_prefix(line, STRV("\x1f\x8b")))
		return header_error(reader, text, "it looks like a gzip archive: unpack it first", err);
	if (strv_has_prefix(line, STRV("\xff\xfe")) || strv_has_prefix(line, STRV("\xfe\xff")))
		return header_error(reader, text, "it looks like UTF-16: set bss.csv.encoding in the job file, or export as UTF-8",
		    err);
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

	if (skip_bom(reader, err) < 0 || first_line(reader, &line, err) < 0 || refuse_binary(reader, line, err) < 0)
		return -1;
	reader->delimiter = settings->delimiter ? settings->delimiter : csv_header_delimiter(line);
	parser_restart(reader);
	switch (csv_reader_next(reader, &row, err)) {
	case CSV_ROW:
		break;
	case CSV_BAD:
		reader->line = row.line;
		error_set(err, ERR_SOURCE, "the header line cannot be read: %s", row.problem);
		return error_place(err, csv_input_name(reader->input), row.line, 0, NULL);
	case CSV_DONE:
	case CSV_FAILED:
		return header_error(reader, "the file has no header line", "check that the export finished", err);
	}
	if (row.count > CSV_COLUMNS_MAX)
		return header_error(reader, "the header line has too many columns", "check the delimiter", err);
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
	reader->header.columns = columns;
	reader->header.column_count = count;
	if (read_header(reader, settings, err) == 0)
		return reader;
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
	return open_input(csv_input_stream(name, stream, settings->encoding, err), columns, count, settings, err);
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
	parser_restart(reader);
	if (skip_bom(reader, err) < 0)
		return -1;
	reader->header.width = 0; /* the header itself is held against no width */
	enum csv_next next = csv_reader_next(reader, &row, err);
	reader->header.width = width;
	if (next == CSV_ROW && row.count == width)
		return 0;
	return header_error(reader, "the file changed while it was read", "let the export finish first and run again", err);
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
	parser_restart(reader);
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

int64_t csv_reader_modified_ms(const struct csv_reader *reader)
{
	return csv_input_modified_ms(reader->input);
}

struct digest csv_reader_digest(const struct csv_reader *reader)
{
	return csv_input_digest(reader->input);
}
