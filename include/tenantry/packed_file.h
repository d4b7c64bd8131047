/* Texts in files that may be compressed: written whole or not at all, read a piece at a time, and hashed on
 * the way. A name that ends in .zst is a zstd file, any other one is the text itself. The digest is of the
 * text either way. */
#ifndef TENANTRY_PACKED_FILE_H
#define TENANTRY_PACKED_FILE_H

#include <stddef.h>

#include "tenantry/digest.h"
#include "tenantry/error.h"
#include "tenantry/str.h"

bool packed_is_compressed(const char *path);

struct packed_writer; /* opaque */
/* ERR_OUTPUT. */
struct packed_writer *packed_writer_new(const char *path, struct error *err) MUST_USE;
/* Cheap for large pieces; a failure is kept until the commit. */
void packed_writer_add(struct packed_writer *writer, struct strv text);
/* Makes the file appear, gives the digest and frees the writer, in every case. ERR_OUTPUT: then the file is
 * as it was. */
int packed_writer_commit(
    struct packed_writer *writer, char digest[DIGEST_TEXT_SIZE], struct error *err) MUST_USE;

/* Nothing appears; frees. NULL is fine. */
void packed_writer_abort(struct packed_writer *writer);

struct packed_reader; /* opaque */
/* Of a compressed file. ERR_SOURCE with the path. */
struct packed_reader *packed_reader_open(const char *path, struct error *err) MUST_USE;
/* The next bytes of the text; 0 at its end. ERR_SOURCE: cut off, damaged, unreadable. `reader` is a
 * packed_reader: the shape is that of struct csv_stream. */
ptrdiff_t packed_reader_read(void *reader, char *p, size_t n, struct error *err);
/* NULL is fine. The digest is of what was read: of the whole text when its end was seen. */
void packed_reader_close(struct packed_reader *reader, char digest[DIGEST_TEXT_SIZE]);
/* The digest of the whole text of a compressed file. ERR_SOURCE. */
int packed_file_digest(const char *path, char digest[DIGEST_TEXT_SIZE], struct error *err) MUST_USE;

#endif
