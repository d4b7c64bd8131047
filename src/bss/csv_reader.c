/* Records of a CSV file with their physical lines; see csv.h for what counts as a record. Two ways read one:
 * csv_scan() where there is no quote or only simple ones, libcsv (strict, white space kept) where they are
 * doubled, span lines or are broken; test_csv.c holds the two equal. Beware: the buffer moves when it is
 * filled, so places in a record are kept as offsets from its beginning. */
#include <stdio.h>
#include <string.h>

#include "bss/csv_impl.h"
#include "tenantry/mem.h"

static int not_a_space(unsigned char c)
{
	(void)c;
	return 0;
}

void csv_parser_restart(struct csv_reader *reader)
{
	if (reader->parser_used)
		csv_free(&reader->parser);
	/* Fails for unknown options only. */
	csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&reader->parser, (unsigned char)reader->delimiter);
	csv_set_space_func(&reader->parser, not_a_space);
	reader->parser_used = true;
}

bool csv_fill(struct csv_reader *reader, struct error *err)
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
	ptrdiff_t k = csv_input_read(
	    reader->input, reader->buffer + used, room < reader->at_once ? room : reader->at_once, err);
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

ptrdiff_t csv_find_break(const struct csv_reader *reader, size_t from)
{
	const char *p = reader->buffer + reader->start + from, *end = reader->buffer + reader->end;
	const char *lf = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	const char *limit = lf ? lf : end;
	const char *cr = p < limit ? memchr(p, '\r', (size_t)(limit - p)) : NULL;
	const char *at = cr ? cr : limit;

	if (!reader->eof && (at == end || (cr && cr + 1 == end)))
		return CSV_NEED_MORE;
	return at - (reader->buffer + reader->start);
}

bool csv_skip_line(struct csv_reader *reader, struct error *err)
{
	for (;;) {
		ptrdiff_t at = csv_find_break(reader, 0);
		if (at >= 0) {
			reader->start += (size_t)at + break_length(reader, (size_t)at);
			reader->line++;
			return true;
		}
		/* A CR that ends the bytes may be half of a CRLF. */
		size_t keep = reader->end > reader->start && reader->buffer[reader->end - 1] == '\r';
		reader->start = reader->end - keep;
		if (!csv_fill(reader, err))
			return false;
	}
}

static enum csv_next bad_record(
    struct csv_reader *reader, struct csv_row *row, enum csv_fault fault, struct error *err)
{
	size_t there = reader->end - reader->start;
	ptrdiff_t at = csv_find_break(reader, 0);
	size_t n = at >= 0 ? (size_t)at : there;

	strbuf_clear(&reader->kept);
	strbuf_add(&reader->kept, reader->buffer + reader->start, n > CSV_FIELD_MAX ? CSV_FIELD_MAX : n);
	*row = (struct csv_row){.raw = strbuf_view(&reader->kept),
	    .line = reader->line,
	    .fault = fault,
	    .problem = reader->problem};
	return csv_skip_line(reader, err) ? CSV_BAD : CSV_FAILED;
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
		snprintf(reader->problem, sizeof reader->problem, "%zu fields where the header has %zu%s",
		    row->count, width,
		    row->count > width ? " (a field with a delimiter in it needs quotes)" : "");
		return CSV_FAULT_MALFORMED;
	}
	for (size_t i = 0; row->raw.n > CSV_FIELD_MAX && i < row->count; i++) {
		if (row->fields[i].n <= CSV_FIELD_MAX)
			continue;
		snprintf(reader->problem, sizeof reader->problem,
		    "field %zu (%.60s) has %zu bytes, more than %d", i + 1, field_name(reader, i),
		    row->fields[i].n, CSV_FIELD_MAX);
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
		    "field %zu (%.60s) is not UTF-8: byte 0x%02x at place %zu; name the file's encoding in bss.csv.encoding",
		    i + 1, field_name(reader, i), (unsigned)(unsigned char)row->fields[i].p[bad],
		    (size_t)bad + 1);
		return CSV_FAULT_ENCODING;
	}
	return CSV_FAULT_NONE;
}

static enum csv_next deliver(struct csv_reader *reader, struct csv_row *row, size_t lines, size_t consumed,
    bool check_text, struct error *err)
{
	enum csv_fault fault = reader->wanted > 0 ? CSV_FAULT_NONE : judge(reader, row, check_text);
	size_t on = reader->rows ? 1 : lines;

	row->line = reader->line;
	if (fault == CSV_FAULT_NONE) {
		reader->start += consumed;
		reader->line += on;
		return CSV_ROW;
	}
	/* A field that is too long may have swallowed its neighbours. Else only the record itself is bad:
	 * what follows it is not. */
	if (lines == 1 || fault == CSV_FAULT_TOO_LONG)
		return bad_record(reader, row, fault, err);
	strbuf_clear(&reader->kept);
	strbuf_add(&reader->kept, row->raw.p, row->raw.n > CSV_FIELD_MAX ? CSV_FIELD_MAX : row->raw.n);
	*row = (struct csv_row){.raw = strbuf_view(&reader->kept),
	    .line = reader->line,
	    .fault = fault,
	    .problem = reader->problem};
	reader->start += consumed;
	reader->line += on;
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
	int n = snprintf(reader->problem, sizeof reader->problem, "field %zu (%.60s): %s", field + 1,
	    field_name(reader, field),
	    c == '"' ? "a quote inside a field that does not begin with one"
		     : "text after its closing quote");

	if (lines > 0 && n > 0 && (size_t)n < sizeof reader->problem)
		snprintf(reader->problem + n, sizeof reader->problem - (size_t)n,
		    " in line %lu: is the end of a quote missing in line %lu?",
		    (unsigned long)(reader->line + lines), reader->line);
}

static void describe_open(struct csv_reader *reader)
{
	size_t field = reader->text_count;

	snprintf(reader->problem, sizeof reader->problem,
	    "field %zu (%.60s): a quote is opened and not closed before the end of "
	    "the file",
	    field + 1, field_name(reader, field));
}

static void set_quoted_fields(struct csv_reader *reader, struct csv_row *row, size_t raw)
{
	size_t begin = 0, kept = reader->text_count < CSV_COLUMNS_MAX ? reader->text_count : CSV_COLUMNS_MAX;

	for (size_t i = 0; i < kept; i++) {
		reader->fields[i] = (struct strv){reader->texts.p + begin, reader->text_ends[i] - begin};
		begin = reader->text_ends[i];
	}
	reader->whole = true;
	*row = (struct csv_row){.fields = reader->fields,
	    .count = reader->text_count,
	    .raw = {reader->buffer + reader->start, raw}};
}

/* One physical line of the record, from offset `pos` to its break at `at`, through libcsv. */
static enum csv_fault feed_line(struct csv_reader *reader, size_t pos, size_t at, size_t lines)
{
	const char *p = reader->buffer + reader->start;
	size_t broken = break_length(reader, at), n = at - pos + (broken > 0);

	if (memchr(p + pos, '\0', at - pos)) {
		snprintf(reader->problem, sizeof reader->problem, "a NUL byte in line %lu",
		    (unsigned long)(reader->line + lines));
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
		snprintf(reader->problem, sizeof reader->problem,
		    "field %zu (%.60s) has more than %d bytes: is the end of a quote "
		    "missing?",
		    reader->text_count + 1, field_name(reader, reader->text_count), CSV_FIELD_MAX);
		return CSV_FAULT_TOO_LONG;
	}
	return CSV_FAULT_NONE;
}

static enum csv_next too_large(struct csv_reader *reader, struct csv_row *row, struct error *err)
{
	snprintf(reader->problem, sizeof reader->problem,
	    "the record has a field of more than %d bytes or more than %d bytes in all", CSV_FIELD_MAX,
	    CSV_RECORD_MAX);
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
		ptrdiff_t at = csv_find_break(reader, pos);
		if (at < 0 && reader->end - reader->start > CSV_RECORD_MAX)
			break;
		if (at < 0 && !csv_fill(reader, err))
			return CSV_FAILED;
		if (at < 0)
			continue;
		enum csv_fault fault = feed_line(reader, pos, (size_t)at, lines);
		if (fault != CSV_FAULT_NONE) {
			csv_parser_restart(reader);
			return bad_record(reader, row, fault, err);
		}
		pos = (size_t)at + break_length(reader, (size_t)at);
		lines++;
		if (reader->record_done) {
			set_quoted_fields(reader, row, (size_t)at);
			return deliver(reader, row, lines, pos, true, err);
		}
	}
	csv_parser_restart(reader);
	return too_large(reader, row, err);
}

/* --- without --- */

/* The fields from `begin` between the delimiters that were found; those in quotes without them. */
static void set_plain_fields(
    struct csv_reader *reader, struct csv_row *row, const char *begin, const struct scan *scan)
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

static enum csv_next plain_record(
    struct csv_reader *reader, struct csv_row *row, const struct scan *scan, struct error *err)
{
	const char *begin = reader->buffer + reader->start;

	*row = (struct csv_row){.raw = {begin, (size_t)(scan->at - begin)}};
	set_plain_fields(reader, row, begin, scan);
	reader->whole = reader->wanted == 0;
	reader->skimmed = scan->complex;
	return deliver(
	    reader, row, 1 + scan->breaks, row->raw.n + break_length(reader, row->raw.n), scan->high, err);
}

/* A skimmed record whose wanted fields came out as they would from libcsv, and that no limit concerns. */
static bool skimmed_well(const struct csv_reader *reader, const struct scan *scan)
{
	const char *p = reader->buffer + reader->start;

	if (scan->at - p > CSV_FIELD_MAX)
		return false;
	for (size_t i = 0; i < reader->wanted; i++) {
		const char *end = i < scan->delimiters ? reader->ends[i] : scan->at;
		if (end - p > 2 && p[0] == '"' && memchr(p + 1, '"', (size_t)(end - p - 2)))
			return false;
		if (end == scan->at)
			break;
		p = end + 1;
	}
	return true;
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

/* The record is still in the buffer, before `start`, and its line break (or the padding) behind it. */
bool csv_reader_complete(struct csv_reader *reader, struct csv_row *row)
{
	const char *end = row->raw.p + row->raw.n;
	struct error ignored = {0};
	struct scan scan;

	if (!reader->whole && reader->skimmed) {
		reader->start = (size_t)(row->raw.p - reader->buffer);
		reader->line = row->line;
		if (quoted_record(reader, row, &ignored) != CSV_ROW)
			return false;
	} else if (!reader->whole) {
		csv_scan(row->raw.p, end + 1, reader->delimiter, reader->ends, CSV_COLUMNS_MAX, false, &scan);
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
		enum scan_end how =
		    csv_scan(begin, end, reader->delimiter, reader->ends, cap, reader->wanted > 0, &scan);
		if (how == SCAN_SPECIAL)
			return quoted_record(reader, row, err);
		bool half_break = how == SCAN_LINE && *scan.at == '\r' && scan.at + 1 == end;
		if (!reader->eof && (how == SCAN_SHORT || half_break)) {
			if (reader->end - reader->start > CSV_RECORD_MAX)
				return too_large(reader, row, err);
			if (!csv_fill(reader, err))
				return CSV_FAILED;
			continue;
		}
		if (begin == end)
			return CSV_DONE;
		if (scan.complex && !skimmed_well(reader, &scan))
			return quoted_record(reader, row, err);
		if (!is_blank(reader, begin, scan.at))
			return reader->libcsv_only ? quoted_record(reader, row, err)
						   : plain_record(reader, row, &scan, err);
		if (!csv_skip_line(reader, err))
			return CSV_FAILED;
	}
}
