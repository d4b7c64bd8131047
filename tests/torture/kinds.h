/* What can be made to fail, for the shim that does it and the driver that asks for it. */
#ifndef TORTURE_KINDS_H
#define TORTURE_KINDS_H

#include <stdatomic.h>
#include <stdint.h>

/* kind, name, what it is */
#define TORTURE_KINDS(X)                                                                                     \
	X(ALLOC, "alloc", "malloc, calloc, realloc and their like, of the program and of all its libraries") \
	X(WRITE, "write", "a write to a file, stdout or stderr: no space left")                              \
	X(SHORT, "short-write", "a write that takes half of the bytes: no failure at all")                   \
	X(SYNC, "sync", "fsync and fdatasync: I/O error")                                                    \
	X(RENAME, "rename", "rename: I/O error")                                                             \
	X(OPEN, "open", "open for writing: too many open files")                                             \
	X(READ, "read", "open for reading, read, pread and stat: I/O error")                                 \
	X(FOLDER, "folder", "mkdir, unlink and ftruncate: I/O error")                                        \
	X(NETWORK, "network", "socket, connect, send and receive: connection reset")                         \
	X(SQLITE, "sqlite", "open, prepare, step, exec: full, I/O error, busy or out of memory, not done")   \
	X(SQLITE_LATE, "sqlite-late", "step and exec: done, and yet an I/O error is reported")               \
	X(CURL, "curl",                                                                                      \
	    "easy and multi interface, options, lists, URLs: out of memory or an internal error")            \
	X(CODEC, "codec", "zstd and iconv: an error")

enum torture_kind {
#define X(kind, name, what) TORTURE_##kind,
	TORTURE_KINDS(X)
#undef X
	    TORTURE_KIND_COUNT
};

/* A file that both sides map: the process may end in any way and what it counted is still there. */
struct torture_counts {
	atomic_uint_fast64_t passed[TORTURE_KIND_COUNT]; /* calls of each kind */
	atomic_uint_fast64_t struck;                     /* calls that were made to fail */
};

#endif
