/* CSV in and out: RFC 4180 and what spreadsheets really write (design section 5). Streaming both ways.
 *
 * Reading: columns are found by the header's names (case-blind; space, `_` and `-` equal). A record whose
 * quotes are simple, or that has none, is split by a scan for the delimiter; libcsv, strict, reads the
 * others. White space belongs to a field: callers trim. A line break is LF, CRLF or a lone CR, inside quotes
 * too: all three count as one physical line. Blank lines (nothing but spaces and tabs that are not the
 * delimiter) are no records. What cannot be read is given as CSV_BAD, and reading goes on at the next
 * physical line after the bad record's first one, so that one broken quote never swallows its neighbours.
 */
#ifndef TENANTRY_CSV_H
#define TENANTRY_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tenantry/atomic_file.h"
#include "tenantry/digest.h"
#include "tenantry/error.h"
#include "tenantry/job.h"
#include "tenantry/str.h"

enum {
	CSV_FIELD_MAX = 64 * 1024,    /* bytes of one field; more is CSV_FAULT_TOO_LONG */
	CSV_RECORD_MAX = 1024 * 1024, /* bytes of one record; more is CSV_FAULT_MALFORMED */
	CSV_COLUMNS_MAX = 1000,
	CSV_PROBLEM_SIZE = 256
};

enum csv_need {
	CSV_OPTIONAL,
	CSV_NEEDED,
	CSV_EITHER /* at least one of the columns marked so must be there */
};
struct csv_column {
	const char *name; /* as users know it: "Order Id" */
	enum csv_need need;
};

struct csv_settings {
	char delimiter; /* 0: found from the header line among , ; TAB | */
	enum csv_encoding encoding;
	const struct text_pair *aliases; /* header in the file -> our column's name */
	size_t alias_count;
	bool no_digest;   /* csv_reader_digest() is not wanted */
	bool libcsv_only; /* no fast way: for tests that hold the two ways equal */
	bool rows; /* `line` is the number of the record, from 1 after the header: for rows of a database */
};
/* The job's `bss.csv`. Borrows from the job. */
struct csv_settings csv_settings_of(const struct job *job);

enum csv_next { CSV_ROW, CSV_BAD, CSV_DONE, CSV_FAILED };
enum csv_fault { CSV_FAULT_NONE, CSV_FAULT_MALFORMED, CSV_FAULT_ENCODING, CSV_FAULT_TOO_LONG };

/* One record. Borrowed until the next call on the reader. */
struct csv_row {
	const struct strv *fields; /* in the file's order, unquoted; CSV_ROW: one a header column (but see
				      csv_reader_want()) */
	size_t count;
	struct strv raw; /* the record's bytes without its line break; CSV_BAD: its first physical line (cut
			    at CSV_FIELD_MAX) */
	unsigned long line; /* physical line where the record begins, from 1 */
	enum csv_fault fault;
	const char *problem; /* CSV_BAD: what is wrong, for people */
};

struct csv_reader; /* opaque */

/* Opens a file and reads its header. ERR_SOURCE: missing, unreadable, a directory, empty, binary, a needed
 * column missing (named, with what was there), a column given twice. `columns` is borrowed. */
struct csv_reader *csv_reader_open(const char *path, const struct csv_column *columns, size_t count,
    const struct csv_settings *settings, struct error *err) MUST_USE;

/* The same from bytes that come from elsewhere (a compressed snapshot, a test). `read` gives the number of
 * bytes put into `p`, 0 at the end, -1 with err set. `name` is for errors. csv_reader_rewind() is not
 * possible then. */
struct csv_stream {
	ptrdiff_t (*read)(void *user, char *p, size_t n, struct error *err);
	void *user;
};
struct csv_reader *csv_reader_open_stream(const char *name, const struct csv_stream *stream,
    const struct csv_column *columns, size_t count, const struct csv_settings *settings,
    struct error *err) MUST_USE;

/* CSV_DONE at the end of the file; CSV_FAILED with err (ERR_SOURCE: a read failed). */
enum csv_next csv_reader_next(struct csv_reader *reader, struct csv_row *row, struct error *err) MUST_USE;
/* For a first look at many rows: from now on CSV_ROW is split only as far as these columns need and is not
 * held against the header's width, the limit of a field or UTF-8; a column that a short row lacks is {NULL,
 * 0}. csv_reader_complete() makes up for it on the current row: false when it is a bad one. */
void csv_reader_want(struct csv_reader *reader, const size_t *columns, size_t count);
bool csv_reader_complete(struct csv_reader *reader, struct csv_row *row);
/* The field of a column by its index in `columns`; {NULL, 0} when the file does not have it. */
struct strv csv_reader_field(const struct csv_reader *reader, const struct csv_row *row, size_t column);
/* All columns at once: for each of `columns` its index in the file, or -1. Borrowed. */
const int *csv_reader_map(const struct csv_reader *reader);
bool csv_reader_has(const struct csv_reader *reader, size_t column);
/* Back to the first record after the header. */
int csv_reader_rewind(struct csv_reader *reader, struct error *err) MUST_USE;
/* Where a CSV_ROW begins in its file, and reading on from such a place (a little at a time). Not with a
 * converted encoding; the digest says nothing afterwards. */
uint64_t csv_reader_tell(const struct csv_reader *reader, const struct csv_row *row);
int csv_reader_seek(
    struct csv_reader *reader, uint64_t offset, unsigned long line, struct error *err) MUST_USE;
/* Call at the end: ERR_SOURCE when the file is not the one that was opened any more (size, time, inode). */
int csv_reader_unchanged(const struct csv_reader *reader, struct error *err) MUST_USE;
void csv_reader_close(struct csv_reader *reader); /* NULL is fine */

/* About the file. The header's texts as written; our column's index or -1 for one we do not know. */
size_t csv_reader_width(const struct csv_reader *reader);
const char *csv_reader_header(const struct csv_reader *reader, size_t index);
int csv_reader_column_at(const struct csv_reader *reader, size_t index);
char csv_reader_delimiter(const struct csv_reader *reader);
uint64_t csv_reader_bytes(const struct csv_reader *reader); /* of the file that were read so far */
uint64_t csv_reader_size(const struct csv_reader *reader);  /* of the file; 0 for a stream */
/* How many rows the file may have in all, by its size and the bytes that `rows` of them took; 0: a stream. */
size_t csv_reader_foresee(const struct csv_reader *reader, size_t rows);
int64_t csv_reader_modified_ms(const struct csv_reader *reader);
struct digest csv_reader_identity(
    const struct csv_reader *reader); /* of its place, size and time: the same file still? */
struct digest csv_reader_digest(const struct csv_reader *reader); /* of all bytes; after CSV_DONE */

/* "E-Mail_Address " -> "e mail address": how header names are compared. `out` is emptied first. */
void csv_header_normal(struct strv name, struct strbuf *out);

/* Writing. A field is quoted only when it must be. */
struct csv_writer {
	struct strbuf row; /* the record under construction */
	char delimiter;
	bool defuse; /* reports for people: a cell that a spreadsheet would run as a formula gets a leading '
		      */
	bool started;
};
void csv_writer_field(struct csv_writer *writer, struct strv field);
void csv_writer_text(struct csv_writer *writer, const char *text); /* NULL is "" */
void csv_writer_number(struct csv_writer *writer, int64_t number);
/* Ends the record with LF, writes it out and begins the next. */
void csv_writer_end(struct csv_writer *writer, struct atomic_file *out);
/* The same into a file that may be compressed; what there is goes out once it is at least `piece` bytes, and
 * the rest of it, writer->row, is the caller's to add at the end. */
struct packed_writer;
void csv_writer_end_packed(struct csv_writer *writer, struct packed_writer *out, size_t piece);
void csv_writer_free(struct csv_writer *writer);

#endif
