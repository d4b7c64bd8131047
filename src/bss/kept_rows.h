/* Rows of a source kept in a compressed CSV file: the columns by our names, then what it takes to read them
 * as they were read (what is wrong with an unreadable row, how amounts are written, file and line). */
#ifndef TENANTRY_KEPT_ROWS_H
#define TENANTRY_KEPT_ROWS_H

#include "bss/source_read.h"

struct kept_writer; /* opaque */
/* `columns` is borrowed. ERR_OUTPUT. */
struct kept_writer *kept_writer_new(
    const char *path, const struct csv_column *columns, size_t count, struct error *err) MUST_USE;
void kept_writer_row(struct kept_writer *writer, const struct source_row *row);
/* Makes the file appear, gives its digest and rows, and frees, in every case. ERR_OUTPUT. */
int kept_writer_commit(struct kept_writer *writer, struct source_side *side, struct error *err) MUST_USE;
void kept_writer_abort(struct kept_writer *writer); /* NULL is fine */

/* Gives each row of reading->side->kept to reading->row as the source gave it: place and format are the
 * source's. `seen` has the source's files, of which there is a row. ERR_SOURCE: not such a file. */
int kept_rows_read(const struct source_reading *reading, struct arena *arena, struct source_seen *seen,
    struct error *err) MUST_USE;

#endif
