/* Opaque page cursors: they carry the operation, the filters, the page size and the place, look like base64
 * and end in "==".
 *
 * The place is a key, not a number of rows, so pages stay right while rows are added. Each holds a '+', so
 * that a client that forgets to URL-encode is found out. A changed cursor, or one of another operation or
 * caller, is refused.
 */
#ifndef SANDBOX_CURSOR_H
#define SANDBOX_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "tenantry/arena.h"

struct cursor {
	const char *operation, *root_id; /* whose it is */
	const char *filters;             /* the query that began the listing, decoded name=value pairs */
	int64_t limit;
	int64_t key[3];
	int64_t until; /* the moment that a lagging list shows; 0: all */
	int64_t page;  /* number of the page it leads to, from 1 */
	int64_t skip;  /* so many rows after the key are passed over: a fault that shifts them */
	bool again;    /* it leads to the page that gave it: a fault */
};

/* The page is part of the text, so that no two pages of a listing give the same one. */
char *cursor_write(const struct cursor *cursor, struct arena *arena);
/* false: not ours or changed. Whose it is remains to be seen. */
bool cursor_open(const char *text, struct arena *arena, struct cursor *out);
/* false: not ours, changed, or of another operation or root. */
bool cursor_read(
    const char *text, const char *operation, const char *root_id, struct arena *arena, struct cursor *out);

#endif
