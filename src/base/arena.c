/* A chain of blocks with a bump pointer; see arena.h. */
#include "tenantry/arena.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

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

void arena_reset(struct arena *arena)
{
	struct block *block = arena->blocks;

	if (!block)
		return;
	free_chain(block->next);
	block->next = NULL;
	block->used = 0;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	size_t align = alignof(max_align_t), size = (n + align - 1) / align * align;
	struct block *block = arena->blocks;

	if (!block || block->size - block->used < size) {
		block = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE, arena->blocks);
		arena->blocks = block;
	}
	void *p = block->bytes + block->used;
	block->used += size;
	return memset(p, 0, size);
}

char *arena_strndup(struct arena *arena, const char *p, size_t n)
{
	char *copy = arena_alloc(arena, n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	return copy;
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
