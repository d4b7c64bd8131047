/* What the files of the CSV reader share: the byte input, the scan and the header. */
#ifndef TENANTRY_CSV_IMPL_H
#define TENANTRY_CSV_IMPL_H

#include <csv.h>

#include "tenantry/csv.h"

/* --- csv_input.c: bytes of a file or stream as UTF-8 --- */
struct csv_input;
struct csv_input *csv_input_file(const char *path, enum csv_encoding encoding, struct error *err);
struct csv_input *csv_input_stream(
    const char *name, const struct csv_stream *stream, enum csv_encoding encoding, struct error *err);
void csv_input_close(struct csv_input *input);
/* At most n bytes (n >= 16); 0 at the end, -1 with err. What cannot be converted becomes the byte 0xff, which
 * is never UTF-8. */
ptrdiff_t csv_input_read(struct csv_input *input, char *p, size_t n, struct error *err);
int csv_input_seek(struct csv_input *input, uint64_t offset, struct error *err);
int csv_input_rewind(struct csv_input *input, struct error *err);
int csv_input_unchanged(const struct csv_input *input, struct error *err);
const char *csv_input_name(const struct csv_input *input);
uint64_t csv_input_bytes(const struct csv_input *input);
uint64_t csv_input_size(const struct csv_input *input);
int64_t csv_input_modified_ms(const struct csv_input *input);
void csv_input_no_digest(struct csv_input *input);
struct digest csv_input_identity(const struct csv_input *input);
struct digest csv_input_digest(const struct csv_input *input);

/* --- csv_scan.c: one record without quotes, or with simple ones --- */
enum { CSV_SCAN_PAD = 64 }; /* bytes that must be readable after `end` */
enum scan_end {
	SCAN_LINE,    /* `at` is the line break */
	SCAN_SPECIAL, /* `at` is a quote or a NUL: not for this path */
	SCAN_SHORT    /* the bytes ended first */
};
struct scan {
	const char *at;
	size_t delimiters; /* in `ends`; counted up to `cap` */
	bool high;         /* a byte above 0x7f was there */
	bool quoted;       /* there are fields in quotes */
	bool complex;      /* skimmed: one has doubled quotes or line breaks inside */
	size_t breaks;     /* of those */
};
/* From `begin`: the places of delimiters up to the line break. `skim`: the record's end matters, not all of
 * its fields. */
enum scan_end csv_scan(const char *begin, const char *end, char delimiter, const char **ends, size_t cap,
    bool skim, struct scan *out);

/* --- csv_header.c --- */
struct csv_header {
	const struct csv_column *columns; /* ours */
	size_t column_count;
	int *index_of;  /* our column -> index in the file or -1 */
	char **names;   /* the file's, as written */
	int *column_at; /* index in the file -> our column or -1 */
	size_t width;
};
char csv_header_delimiter(struct strv line);
int csv_header_map(struct csv_header *header, const char *file, const struct csv_row *row,
    const struct csv_settings *settings, struct error *err);
void csv_header_free(struct csv_header *header);

/* --- csv_reader.c: records; csv_open.c opens, moves about and tells of the file --- */
enum { CSV_NEED_MORE = -1 };

struct csv_reader {
	struct csv_input *input;
	char *buffer;
	size_t cap, start, end; /* the record to be read begins at `start` */
	size_t at_once;         /* bytes to be read in one go */
	bool eof;
	char delimiter;
	unsigned long line; /* of the record to be read */
	struct csv_header header;
	const char **ends;
	struct strv *fields;

	struct csv_parser parser;
	bool parser_used;
	struct strbuf texts; /* the unquoted fields, one after the other */
	size_t *text_ends;
	size_t text_count;
	bool record_done;

	size_t wanted; /* fields to be split; 0: all, and checked */
	bool whole;    /* all fields of the current record are split */
	bool skimmed;  /* and if not, because its quotes are not simple */
	bool libcsv_only;
	bool rows;          /* `line` counts records */
	struct strbuf kept; /* what a bad record's first line was */
	char problem[CSV_PROBLEM_SIZE];
};

void csv_parser_restart(struct csv_reader *reader);
/* More bytes behind those that are there, which move to the front. False when reading failed. */
bool csv_fill(struct csv_reader *reader, struct error *err);
/* The offset of the first line break at or after `from`, or of the end of the file; CSV_NEED_MORE when the
 * bytes do not tell. */
ptrdiff_t csv_find_break(const struct csv_reader *reader, size_t from);
/* Past the physical line that begins at `start`, however long it is. False when reading failed. */
bool csv_skip_line(struct csv_reader *reader, struct error *err);

#endif
