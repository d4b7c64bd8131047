/* Files that appear whole or not at all: a temporary file beside the target, fsync, rename, fsync of the
 * folder. */
#ifndef TENANTRY_ATOMIC_FILE_H
#define TENANTRY_ATOMIC_FILE_H

#include <stdbool.h>

#include "tenantry/error.h"
#include "tenantry/str.h"

struct atomic_file; /* opaque; buffered */

/* Begins PATH. Mode 0600. ERR_OUTPUT when the folder cannot be written. */
struct atomic_file *atomic_file_new(const char *path, struct error *err) MUST_USE;
/* Appends. A failed write is remembered and reported by commit. */
void atomic_file_write(struct atomic_file *file, const char *p, size_t n);
void atomic_file_writev(struct atomic_file *file, struct strv v);
void atomic_file_puts(struct atomic_file *file, const char *s);
/* The descriptor of the temporary file with all buffered bytes written, for libraries that write by
 * themselves. -1 on failure. */
int atomic_file_fd(struct atomic_file *file);
/* Makes it appear and frees `file` in every case. On failure (disk full: says so) the target is as it was. */
int atomic_file_commit(struct atomic_file *file, struct error *err) MUST_USE;
/* Removes the temporary file and frees. NULL is fine. */
void atomic_file_abort(struct atomic_file *file);
/* All at once. */
int atomic_file_put(const char *path, struct strv content, struct error *err) MUST_USE;
/* Makes PATH another name of OTHER where both hold the same bytes, so that they are on the disk once. Where
 * they do not, or the disk has no such names, both stay as they are. */
void file_share(const char *other, const char *path);
/* mkdir -p with mode 0700 for each folder made. */
int folder_make(const char *path, struct error *err) MUST_USE;
/* The folder that a file of this name lies in. */
int folder_make_for(const char *file, struct error *err) MUST_USE;
/* Makes the names in the folder of this file durable; a file system that cannot do that is no failure. -1 with
 * errno. */
int folder_sync_for(const char *file);
/* The whole of a file, at most `max` bytes. Gives NULL and ERR_SOURCE (missing, a directory, too large). The
 * caller frees. */
char *file_read_all(const char *path, size_t max, size_t *n, struct error *err) MUST_USE;

#endif
