/* Open addressing, numbers only: a million records take 16 bytes each; see text_index.h. */
#include "tenantry/text_index.h"

#include <stdlib.h>

#include "tenantry/digest.h"
#include "tenantry/mem.h"

enum { SMALLEST = 16 };

static void put(struct text_index *index, uint64_t entry)
{
	size_t at = (size_t)(entry >> 32) & index->mask;

	while (index->slots[at])
		at = (at + 1) & index->mask;
	index->slots[at] = entry;
}

static void resize(struct text_index *index, size_t slots)
{
	struct text_index old = *index;

	/* Written at once: a page that is read before would be copied when it is written to. */
	index->slots = memset(mem_table(slots, sizeof *index->slots), 0, slots * sizeof *index->slots);
	index->mask = slots - 1;
	for (size_t i = 0; old.slots && i <= old.mask; i++)
		if (old.slots[i])
			put(index, old.slots[i]);
	free(old.slots);
}

void index_reserve(struct text_index *index, size_t records)
{
	size_t slots = index->slots ? index->mask + 1 : SMALLEST;

	while (slots < records + records / 2)
		slots *= 2;
	if (!index->slots || slots > index->mask + 1)
		resize(index, slots);
}

void index_add(struct text_index *index, uint64_t hash, uint32_t number)
{
	index_reserve(index, ++index->count);
	put(index, (hash & UINT64_C(0xffffffff00000000)) | ((uint64_t)number + 1));
}

uint32_t index_next(const struct text_index *index, uint64_t hash, size_t *at)
{
	if (!index->slots)
		return INDEX_NONE;
	*at = (*at == INDEX_START ? (size_t)(hash >> 32) : *at + 1) & index->mask;
	for (; index->slots[*at]; *at = (*at + 1) & index->mask)
		if (index->slots[*at] >> 32 == hash >> 32)
			return (uint32_t)(index->slots[*at] & UINT32_MAX) - 1;
	return INDEX_NONE;
}

void index_replace(struct text_index *index, size_t at, uint32_t number)
{
	index->slots[at] = (index->slots[at] & UINT64_C(0xffffffff00000000)) | ((uint64_t)number + 1);
}

void index_free(struct text_index *index)
{
	free(index->slots);
	*index = (struct text_index){0};
}

uint64_t hash_text(struct strv text)
{
	return digest64(text);
}

uint64_t hash_nocase(struct strv text)
{
	char lower[512];
	uint64_t hash = 0;

	for (size_t from = 0; from == 0 || from < text.n; from += sizeof lower) {
		size_t n = text.n - from < sizeof lower ? text.n - from : sizeof lower;
		for (size_t i = 0; i < n; i++) {
			char c = text.p[from + i];
			lower[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
		}
		hash = hash * UINT64_C(0x9e3779b97f4a7c15) + digest64((struct strv){lower, n});
	}
	return hash;
}
