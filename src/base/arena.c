/* A chain of blocks with a bump pointer; see arena.h. */
#include "tenantry/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include "tenantry/digest.h"
#include "tenantry/mem.h"

enum { BLOCK_SIZE = 32 * 1024 };

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks; /* the newest first */
};

static struct block *block_new(size_t size, struct block *next)
{
	struct block *block = mem_resize(NULL, 1, sizeof *block + size);

	block->next = next;
	block->size = size;
	block->used = 0;
	return block;
}

struct arena *arena_new(void)
{
	return mem_zalloc(sizeof(struct arena));
}

static void free_chain(struct block *block)
{
	while (block) {
		struct block *next = block->next;
		free(block);
		block = next;
	}
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	free_chain(arena->blocks);
	free(arena);
}

void arena_take_over(struct arena *arena, struct arena *from)
{
	struct block **end = &arena->blocks;

	while (*end)
		end = &(*end)->next;
	*end = from->blocks;
	free(from);
}

void arena_reset(struct arena *arena)
{
	struct block *block = arena->blocks;

	if (!block)
		return;
	free_chain(block->next);
	block->next = NULL;
	block->used = 0;
}

/* The next n bytes that begin at a multiple of `align`. */
static void *take(struct arena *arena, size_t n, size_t align)
{
	struct block *block = arena->blocks;
	size_t begin = block ? (block->used + align - 1) / align * align : 0;

	if (!block || begin > block->size || block->size - begin < n) {
		block = block_new(n > BLOCK_SIZE ? n : BLOCK_SIZE, arena->blocks);
		arena->blocks = block;
		begin = 0;
	}
	block->used = begin + n;
	return block->bytes + begin;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	return memset(take(arena, n, alignof(max_align_t)), 0, n);
}

char *arena_bytes(struct arena *arena, size_t n)
{
	return take(arena, n, 1);
}

char *arena_strndup(struct arena *arena, const char *p, size_t n)
{
	char *copy = arena_bytes(arena, n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

const char *arena_word(struct arena *arena, struct word_cache *cache, struct strv word)
{
	enum { PROBES = 4 };
	size_t slot = (size_t)digest64(word) % ARRAY_LEN(cache->words);

	if (word.n == 0)
		return "";
	for (size_t i = 0; i < PROBES; i++) {
		const char **kept = &cache->words[(slot + i) % ARRAY_LEN(cache->words)];
		if (!*kept)
			*kept = arena_strndup(arena, word.p, word.n);
		if (strncmp(*kept, word.p, word.n) == 0 && (*kept)[word.n] == '\0')
			return *kept;
	}
	return cache->words[slot] = arena_strndup(arena, word.p, word.n);
}

char *arena_strdup(struct arena *arena, const char *s)
{
	return s ? arena_strndup(arena, s, strlen(s)) : NULL;
}

struct strv arena_strv(struct arena *arena, struct strv v)
{
	return (struct strv){arena_strndup(arena, v.p, v.n), v.n};
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = arena_alloc(arena, n < 0 ? 1 : (size_t)n + 1);
	if (n > 0)
		vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	return text;
}
