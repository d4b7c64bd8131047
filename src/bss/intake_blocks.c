/* See intake_blocks.h. Their number is bounded, so their size grows with the files. */
#include "bss/intake_blocks.h"

#include <stdlib.h>

#include "bss/repeat_finder.h"
#include "tenantry/mem.h"

enum { SIZE_MIN = 16 * 1024, START = 64 };

void intake_blocks_init(struct intake_blocks *blocks, const struct source_files *files, bool places_known)
{
	uint64_t size = files->bytes / (REPEAT_BLOCKS / 2) + 1;

	*blocks = (struct intake_blocks){.items = mem_resize(NULL, START, sizeof *blocks->items),
	    .cap = START,
	    .size = size > SIZE_MIN ? size : SIZE_MIN,
	    .unusable = !places_known || files->count >= REPEAT_BLOCKS / 2};
}

void intake_blocks_free(struct intake_blocks *blocks)
{
	free(blocks->items);
}

uint32_t intake_blocks_of(struct intake_blocks *blocks, size_t file, uint64_t offset, unsigned long line)
{
	const struct intake_block *last = blocks->count > 0 ? &blocks->items[blocks->count - 1] : NULL;

	if (blocks->unusable)
		return 0;
	if (last && last->file == file && offset - last->offset < blocks->size)
		return (uint32_t)(blocks->count - 1);
	/* A file that grew while it was read: the intake will fail for that, it must only get there. */
	if (blocks->count == REPEAT_BLOCKS) {
		blocks->unusable = true;
		return 0;
	}
	MEM_GROW(blocks->items, blocks->count, blocks->cap);
	struct intake_block *block = &blocks->items[blocks->count++];
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is room from the beginning */
	*block = (struct intake_block){offset, line, (uint32_t)file};
	return (uint32_t)(blocks->count - 1);
}

uint64_t intake_blocks_end(const struct intake_blocks *blocks, size_t n)
{
	const struct intake_block *next = n + 1 < blocks->count ? &blocks->items[n + 1] : NULL;

	return next && next->file == blocks->items[n].file ? next->offset : UINT64_MAX;
}
