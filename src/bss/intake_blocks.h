/* Blocks of rows: small pieces of the order files that can be found again, so that a few rows can be read a
 * second time without all that lies between them. */
#ifndef TENANTRY_INTAKE_BLOCKS_H
#define TENANTRY_INTAKE_BLOCKS_H

#include "bss/input_files.h"

struct intake_block {
	uint64_t offset; /* of its first row in the file */
	unsigned long line;
	uint32_t file;
};
struct intake_blocks {
	struct intake_block *items;
	size_t count, cap;
	uint64_t size; /* bytes that a block has at least */
	bool unusable; /* too many files for blocks, or places in the file are not known (its encoding is
			  converted) */
};

void intake_blocks_init(struct intake_blocks *blocks, const struct source_files *files, bool places_known);
void intake_blocks_free(struct intake_blocks *blocks);
/* The block of a row. Rows come in the order of files and lines. */
uint32_t intake_blocks_of(struct intake_blocks *blocks, size_t file, uint64_t offset, unsigned long line);
/* Where block n ends in its file; UINT64_MAX: with the file. */
uint64_t intake_blocks_end(const struct intake_blocks *blocks, size_t n);

#endif
