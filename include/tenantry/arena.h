/* Memory that is given back all at once: one arena a batch, a file, a run. */
#ifndef TENANTRY_ARENA_H
#define TENANTRY_ARENA_H

#include <stddef.h>

#include "tenantry/str.h"

struct arena; /* opaque */

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */
/* What `from` has given out lives as long as `arena` from now on; `from` is gone. */
void arena_take_over(struct arena *arena, struct arena *from);
/* Forgets all that was given out; keeps one block for the next use. */
void arena_reset(struct arena *arena);
/* Zeroed, aligned for any type, valid until reset or free. Never NULL. */
void *arena_alloc(struct arena *arena, size_t n) __attribute__((returns_nonnull));
/* n bytes for text, side by side with those before: not aligned, and not set. Never NULL. */
char *arena_bytes(struct arena *arena, size_t n) __attribute__((returns_nonnull));
/* For words that come again and again (states, currencies): one copy of each, as long as there are not too
 * many. "" is static. */
struct word_cache {
	const char *words[256];
};
const char *arena_word(struct arena *arena, struct word_cache *cache, struct strv word)
    __attribute__((returns_nonnull));
/* Copies, terminated. arena_strdup(a, NULL) is NULL. */
char *arena_strdup(struct arena *arena, const char *s);
char *arena_strndup(struct arena *arena, const char *p, size_t n) __attribute__((returns_nonnull));
struct strv arena_strv(struct arena *arena, struct strv v);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));

#endif
