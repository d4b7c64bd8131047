/* Memory that is there or ends the process.
 *
 * Running out of memory is treated as a kill: what matters is in the ledger before it is done, so a process
 * that stops here (one line to stderr, exit status 3, no clean-up of files but the registered temporary ones)
 * is repaired by the next run like any other that was cut short. Callers therefore never see NULL.
 */
#ifndef TENANTRY_MEM_H
#define TENANTRY_MEM_H

#include <stddef.h>

/* Once, before anything is allocated: large blocks always go back to the system when they are freed. The C
 * library would keep them for reuse once it has seen some go, and the peak of a large night would be higher
 * for it. */
void mem_setup(void);
/* n bytes, zeroed. The caller frees with free(). Never NULL. */
void *mem_zalloc(size_t n) __attribute__((malloc, returns_nonnull));
/* A resized block of count * size bytes (overflow checked); new bytes are not set. Never NULL. */
void *mem_resize(void *p, size_t count, size_t size) __attribute__((returns_nonnull));
/* count * size bytes for a table that is looked up all over, not set: on large pages where the system has
 * them and the table is large. Grows with mem_resize() like any other; the caller frees. Never NULL. */
void *mem_table(size_t count, size_t size) __attribute__((returns_nonnull));
/* The same for a list that grows: after the first LIST_SAMPLE entries it is moved to a table for `foreseen`
 * of them. */
enum { LIST_SAMPLE = 4096 };
#define MEM_FORESEE(items, count, cap, foreseen)                                                             \
	do {                                                                                                 \
		if ((count) == LIST_SAMPLE && (foreseen) > (cap))                                            \
			(items) = mem_move(                                                                  \
			    (items), (count), ((cap) = (foreseen) + (foreseen) / 16), sizeof *(items));      \
	} while (0)
void *mem_move(void *p, size_t count, size_t cap, size_t size) __attribute__((returns_nonnull));
/* A copy of a text; mem_strdup(NULL) is NULL. The caller frees. */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n);
/* printf into new memory. The caller frees. Never NULL. */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

/* A growing array: `items` (any pointer), `count`, `cap`. Makes room for one more; the caller then sets
 * items[count++]. */
#define MEM_GROW(items, count, cap)                                                                          \
	do {                                                                                                 \
		if ((count) == (cap)) {                                                                      \
			(cap) = (cap) ? (cap)*2 : 8;                                                         \
			(items) = mem_resize((items), (cap), sizeof *(items));                               \
		}                                                                                            \
	} while (0)

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
