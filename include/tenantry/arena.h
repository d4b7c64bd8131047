/* Memory that is given back all at once: one arena a batch, a file, a run. */
#ifndef TENANTRY_ARENA_H
#define TENANTRY_ARENA_H

#include <stddef.h>

#include "tenantry/str.h"

struct arena; /* opaque */

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */
/* Forgets all that was given out; keeps one block for the next use. */
void arena_reset(struct arena *arena);
/* Zeroed, aligned for any type, valid until reset or free. Never NULL. */
void *arena_alloc(struct arena *arena, size_t n) __attribute__((returns_nonnull));
/* Copies, terminated. arena_strdup(a, NULL) is NULL. */
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *p, size_t n) __attribute__((returns_nonnull));
struct strv arena_strv(struct arena *arena, struct strv v);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3), returns_nonnull));

#endif
