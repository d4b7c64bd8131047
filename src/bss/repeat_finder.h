/* Which of very many values occur more than once, in constant memory: what set rules need to look at closely.
 */
#ifndef TENANTRY_REPEAT_FINDER_H
#define TENANTRY_REPEAT_FINDER_H

#include <stdbool.h>
#include <stdint.h>

#include "tenantry/error.h"

struct repeat_finder;

enum { REPEAT_BLOCKS = 1 << 17 };
enum repeat_kind { REPEAT_NONE, REPEAT_ITEM, REPEAT_ACCOUNT, REPEAT_LOGIN, REPEAT_KINDS };

/* `bytes`: the size of the input, which decides the number of partitions. */
struct repeat_finder *repeat_finder_new(uint64_t bytes);
void repeat_finder_free(struct repeat_finder *finder); /* NULL is fine */
/* `block`: where the value stands, 0 to REPEAT_BLOCKS - 1, as the caller counts. */
void repeat_finder_add(struct repeat_finder *finder, enum repeat_kind kind, uint64_t hash, uint32_t block);
/* After all were added. ERR_OUTPUT: the temporary file could not be written. */
int repeat_finder_finish(struct repeat_finder *finder, struct error *err) MUST_USE;
/* False: this value was added once at most. True: likely more than once; compare the values themselves. */
bool repeat_finder_maybe(const struct repeat_finder *finder, enum repeat_kind kind, uint64_t hash);
/* Does an item that occurs more than once stand in this block? */
bool repeat_finder_block(const struct repeat_finder *finder, uint32_t block);
/* How many were not the first with their hash. */
uint64_t repeat_finder_count(const struct repeat_finder *finder, enum repeat_kind kind);

#endif
