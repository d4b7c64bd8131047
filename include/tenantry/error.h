/* Errors: what stopped the work at hand, where, and what to do about it.
 *
 * A function that can fail returns 0 or -1 (or a pointer or NULL, or a small enum), takes `struct error *err`
 * last and must have its result used. The first error stays: setting a second one over it is ignored, callers
 * add context with error_prefix() and advice with error_hint(). One place (the end of main) prints it. A
 * *finding* or a *rejection* is not an error: it is data, counted and reported while the run goes on.
 */
#ifndef TENANTRY_ERROR_H
#define TENANTRY_ERROR_H

#include <stdbool.h>
#include <stdio.h>

/* code, name (shown in --json), exit status (design section 4) */
#define ERROR_CODES(X)                                                                                       \
	X(ERR_NONE, "none", 0)                                                                               \
	X(ERR_USAGE, "usage", 2)                                                                             \
	X(ERR_JOB, "job", 2)                                                                                 \
	X(ERR_TIERS, "tier-table", 2) /* contract.tiers is contradicted by what Acronis has */               \
	X(ERR_SOURCE, "source", 3)                                                                           \
	X(ERR_BSS, "bss", 3)                                                                                 \
	X(ERR_LEDGER, "ledger", 3)                                                                           \
	X(ERR_ACRONIS, "acronis", 3)                                                                         \
	X(ERR_OUTPUT, "output", 3)                                                                           \
	X(ERR_COVERAGE, "coverage", 3)                                                                       \
	X(ERR_DEADLINE, "deadline", 3)                                                                       \
	X(ERR_INTERNAL, "internal", 3)                                                                       \
	X(ERR_LOCKED, "locked", 4)                                                                           \
	X(ERR_DISPLACED, "displaced", 4)                                                                     \
	X(ERR_STOPPED, "stopped", 5)                                                                         \
	X(ERR_MOVED, "moved", 5)                                                                             \
	X(ERR_INTERRUPTED, "interrupted", 130)                                                               \
	X(ERR_TERMINATED, "terminated", 143)

enum error_code {
#define X(code, name, status) code,
	ERROR_CODES(X)
#undef X
	    ERROR_CODE_COUNT
};

struct error {
	enum error_code code;
	char source[256];     /* a file, a URL, a table: "" when there is no place */
	unsigned long line;   /* 0: none */
	unsigned long column; /* 0: none */
	char field[64];       /* "" none */
	char text[1024];      /* lower case, no full stop */
	char hint[512];       /* what to do next; "" none */
	char more[2048];      /* further errors found with it, ready to be printed; "" none */
	const char *file;     /* our own source, for --verbose */
	int file_line;
};

#define MUST_USE __attribute__((warn_unused_result))

/* Sets the error unless one is set already; always gives -1, so that `return error_set(...)` reads well. */
#define error_set(err, code, ...) error_set_at((err), (code), __FILE__, __LINE__, __VA_ARGS__)
int error_set_at(struct error *err, enum error_code code, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Adds where in the input it happened (line and column 0, field NULL: not known). Only the first place stays.
 * -1. */
int error_place(
    struct error *err, const char *source, unsigned long line, unsigned long column, const char *field);
/* Puts "prefix: " before the text. Gives -1. */
int error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Advice, printed on a line of its own after "hint: ". Only the first hint stays. Gives -1. */
int error_hint(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Another error found on the way, printed after this one, as long as there is room for it. */
void error_also(struct error *err, const struct error *other);
void error_clear(struct error *err);
const char *error_code_name(enum error_code code);
int error_exit_status(const struct error *err);
/* "file:line:column: field: text\nhint: ...\n" and what error_also() added; with `verbose` our own place too.
 */
void error_print(const struct error *err, FILE *out, bool verbose);

#endif
