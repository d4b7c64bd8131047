/* A map from text to bytes that stays in memory up to a limit and then moves to a temporary SQLite database.
 */
#ifndef TENANTRY_SPILL_MAP_H
#define TENANTRY_SPILL_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "tenantry/error.h"
#include "tenantry/str.h"

struct spill_map;

struct spill_map *spill_map_new(size_t memory_limit);
void spill_map_free(struct spill_map *map); /* NULL is fine */
/* 1 found, 0 not, -1 ERR_OUTPUT. `value` is borrowed until the next call on the map; its bytes have no
 * alignment. */
int spill_map_get(struct spill_map *map, struct strv key, struct strv *value, struct error *err) MUST_USE;
/* Adds or replaces. */
int spill_map_put(struct spill_map *map, struct strv key, struct strv value, struct error *err) MUST_USE;
bool spill_map_spilled(const struct spill_map *map);

#endif
