/* See spill_map.h. In memory: open addressing over entries that lie one after the other in one buffer; what
 * was replaced stays as waste until the map spills. The three statements stand here and not in files: the
 * table lives and dies with this map. */
#include "bss/spill_map.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "tenantry/digest.h"
#include "tenantry/mem.h"

/* Before the key's and the value's bytes in the buffer. */
struct entry {
	uint32_t key_n, value_n;
};

struct spill_map {
	size_t limit;
	char *bytes;
	size_t used, cap;
	uint32_t *slots; /* offset + 1 of the entry, 0 empty */
	size_t mask, count;
	sqlite3 *db;
	sqlite3_stmt *get, *put;
};

struct spill_map *spill_map_new(size_t memory_limit)
{
	struct spill_map *map = mem_zalloc(sizeof *map);

	map->limit = memory_limit;
	map->mask = 63;
	map->slots = mem_zalloc((map->mask + 1) * sizeof *map->slots);
	return map;
}

void spill_map_free(struct spill_map *map)
{
	if (!map)
		return;
	sqlite3_finalize(map->get);
	sqlite3_finalize(map->put);
	sqlite3_close(map->db);
	free(map->bytes);
	free(map->slots);
	free(map);
}

bool spill_map_spilled(const struct spill_map *map)
{
	return map->db != NULL;
}

static struct entry entry_at(const struct spill_map *map, uint32_t offset)
{
	struct entry entry;

	memcpy(&entry, map->bytes + offset, sizeof entry);
	return entry;
}

static struct strv key_at(const struct spill_map *map, uint32_t offset)
{
	return (struct strv){map->bytes + offset + sizeof(struct entry), entry_at(map, offset).key_n};
}

static struct strv value_at(const struct spill_map *map, uint32_t offset)
{
	struct entry entry = entry_at(map, offset);

	return (struct strv){map->bytes + offset + sizeof entry + entry.key_n, entry.value_n};
}

static uint32_t *slot_of(const struct spill_map *map, struct strv key)
{
	size_t at = (size_t)digest64(key) & map->mask;

	while (map->slots[at] && !strv_eq(key_at(map, map->slots[at] - 1), key))
		at = (at + 1) & map->mask;
	return &map->slots[at];
}

static void widen(struct spill_map *map)
{
	uint32_t *old = map->slots;
	size_t count = map->mask + 1;

	map->mask = map->mask * 2 + 1;
	map->slots = mem_zalloc((map->mask + 1) * sizeof *map->slots);
	for (size_t i = 0; i < count; i++)
		if (old[i])
			*slot_of(map, key_at(map, old[i] - 1)) = old[i];
	free(old);
}

static int database_error(struct spill_map *map, struct error *err)
{
	error_set(err, ERR_OUTPUT, "cannot keep a temporary database: %s",
	    map->db ? sqlite3_errmsg(map->db) : "out of memory");
	return error_hint(
	    err, "free some space in SQLITE_TMPDIR or TMPDIR (or /var/tmp), or point it elsewhere");
}

static int database_put(struct spill_map *map, struct strv key, struct strv value, struct error *err)
{
	sqlite3_reset(map->put);
	if (sqlite3_bind_blob64(map->put, 1, key.n ? key.p : "", key.n, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_bind_blob64(map->put, 2, value.n ? value.p : "", value.n, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(map->put) == SQLITE_DONE)
		return 0;
	return database_error(map, err);
}

/* An empty name is a private file that SQLite removes when it is closed. */
static int spill(struct spill_map *map, struct error *err)
{
	static const char set_up[] =
	    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2048;"
	    "CREATE TABLE entry (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID; BEGIN";

	if (sqlite3_open("", &map->db) != SQLITE_OK ||
	    sqlite3_exec(map->db, set_up, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(map->db, "SELECT value FROM entry WHERE key = ?", -1, &map->get, NULL) !=
		SQLITE_OK ||
	    sqlite3_prepare_v2(map->db, "INSERT OR REPLACE INTO entry VALUES (?, ?)", -1, &map->put, NULL) !=
		SQLITE_OK)
		return database_error(map, err);
	for (size_t i = 0; i <= map->mask; i++) {
		if (!map->slots[i])
			continue;
		uint32_t offset = map->slots[i] - 1;
		if (database_put(map, key_at(map, offset), value_at(map, offset), err) < 0)
			return -1;
	}
	free(map->bytes);
	free(map->slots);
	map->bytes = NULL;
	map->slots = NULL;
	return 0;
}

int spill_map_get(struct spill_map *map, struct strv key, struct strv *value, struct error *err)
{
	if (!map->db) {
		uint32_t slot = *slot_of(map, key);
		if (slot)
			*value = value_at(map, slot - 1);
		return slot != 0;
	}
	sqlite3_reset(map->get);
	if (sqlite3_bind_blob64(map->get, 1, key.n ? key.p : "", key.n, SQLITE_STATIC) != SQLITE_OK)
		return database_error(map, err);
	int rc = sqlite3_step(map->get);
	if (rc == SQLITE_DONE)
		return 0;
	if (rc != SQLITE_ROW)
		return database_error(map, err);
	*value = (struct strv){sqlite3_column_blob(map->get, 0), (size_t)sqlite3_column_bytes(map->get, 0)};
	return 1;
}

static void append(struct spill_map *map, const void *p, size_t n)
{
	if (n > 0)
		memcpy(map->bytes + map->used, p, n);
	map->used += n;
}

static void memory_put(struct spill_map *map, struct strv key, struct strv value)
{
	struct entry entry = {(uint32_t)key.n, (uint32_t)value.n};
	size_t size = sizeof entry + key.n + value.n, offset = map->used;

	while (map->cap - map->used < size) {
		map->cap = map->cap ? map->cap * 2 : 16 * 1024;
		map->bytes = mem_resize(map->bytes, map->cap, 1);
	}
	append(map, &entry, sizeof entry);
	append(map, key.p, key.n);
	append(map, value.p, value.n);
	uint32_t *slot = slot_of(map, key);
	map->count += *slot == 0;
	*slot = (uint32_t)offset + 1;
	if (map->count * 2 > map->mask)
		widen(map);
}

int spill_map_put(struct spill_map *map, struct strv key, struct strv value, struct error *err)
{
	if (!map->db) {
		size_t size =
		    map->used + sizeof(struct entry) + key.n + value.n + (map->mask + 1) * sizeof *map->slots;
		if (size <= map->limit) {
			uint32_t slot = *slot_of(map, key);
			struct strv old = slot ? value_at(map, slot - 1) : (struct strv){NULL, 0};
			if (slot && old.n == value.n && value.n > 0)
				memcpy(map->bytes + (old.p - map->bytes), value.p, value.n);
			else
				memory_put(map, key, value);
			return 0;
		}
		if (spill(map, err) < 0)
			return -1;
	}
	return database_put(map, key, value, err);
}
