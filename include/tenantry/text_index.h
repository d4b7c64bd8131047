/* From a text's hash to the numbers of records: a hash index over lists that others own. The record's own
 * text is compared by the caller: a hash never stands for an id. Numbers are below 2^32 - 1. Zero-initialised
 * is ready to use. */
#ifndef TENANTRY_TEXT_INDEX_H
#define TENANTRY_TEXT_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "tenantry/str.h"

struct text_index {
	uint64_t *slots; /* upper half: hash, lower half: number + 1; 0 is free */
	size_t mask, count;
};
enum { INDEX_NONE = UINT32_MAX };

void index_reserve(struct text_index *index, size_t records);
void index_add(struct text_index *index, uint64_t hash, uint32_t number);
/* The next number under this hash, INDEX_NONE at the end. *at begins as INDEX_START. */
#define INDEX_START SIZE_MAX
uint32_t index_next(const struct text_index *index, uint64_t hash, size_t *at);
/* Another number in the place that index_next() has just given. */
void index_replace(struct text_index *index, size_t at, uint32_t number);
/* The first number under this hash: the record to fetch early, not yet known to be the one that is looked
 * for. */
static inline uint32_t index_first(const struct text_index *index, uint64_t hash)
{
	size_t at = INDEX_START;

	return index_next(index, hash, &at);
}
/* Who looks up many texts asks for the slots of some ahead: a big index is in memory, not in a cache. Always
 * inline: a function that only prefetches has no effect for the compiler, and its calls would be dropped. */
enum { INDEX_AHEAD = 32 };
static inline __attribute__((always_inline)) void index_prefetch(
    const struct text_index *index, uint64_t hash)
{
	if (index->slots)
		__builtin_prefetch(&index->slots[(size_t)(hash >> 32) & index->mask]);
}
void index_free(struct text_index *index);

uint64_t hash_text(struct strv text);
/* ASCII letters without case, as ids and logins are compared. */
uint64_t hash_nocase(struct strv text);

#endif
