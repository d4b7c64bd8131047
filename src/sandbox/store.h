/* The sandbox's memory: SQLite, in a file or not. This part: opening, queries, time stamps and ids; the rows
 * are in store_*.c.
 *
 * A failed query is remembered (store_failed) and makes the rest of the exchange do nothing; the exchange
 * then ends as 500 and is rolled back. So the callers need no error path of their own.
 */
#ifndef SANDBOX_STORE_H
#define SANDBOX_STORE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "tenantry/arena.h"
#include "tenantry/clock.h"
#include "tenantry/digest.h"
#include "tenantry/error.h"

struct store;

/* path NULL: in memory. With `seeded`, ids come from the seed and the natural key, in whatever order they are
 * made. */
struct store *store_open(
    const char *path, struct clock *clock, bool seeded, uint64_t seed, struct error *err) MUST_USE;
void store_close(struct store *store);    /* NULL is fine */
bool store_is_empty(struct store *store); /* no world in it yet */

void store_begin(struct store *store);
void store_commit(struct store *store);
void store_rollback(struct store *store);
/* The first failure since store_begin(), or NULL. */
const char *store_failed(const struct store *store);

/* A moment later than every earlier stamp and not before the clock: for what is written. */
int64_t store_stamp(struct store *store);
/* The moment of a reading: whatever is written later has a later stamp. */
int64_t store_mark(struct store *store);
int64_t store_clock(struct store *store);
/* `key` is what the thing is by nature ("tenant", parent + name); only used when seeded. */
void store_new_id(struct store *store, const char *key, char id[UUID_TEXT_SIZE]);
/* Unguessable even when seeded. */
void store_new_token(char *text, size_t size);

/* A cached statement with its parameters bound: 't' text or NULL, 'i' int64_t, 'b' bool (as int). `sql` must
 * be static. */
sqlite3_stmt *store_query(struct store *store, const char *sql, const char *types, ...);
/* The next row; false at the end (the statement is reset then). A reader that stops early calls store_done().
 */
bool store_next(struct store *store, sqlite3_stmt *query);
void store_done(sqlite3_stmt *query);
/* For statements without rows. Gives the number of changed rows. */
int store_run(struct store *store, const char *sql, const char *types, ...);

const char *column_text(sqlite3_stmt *query, int column, struct arena *arena); /* NULL stays NULL */
int64_t column_int(sqlite3_stmt *query, int column);
bool column_bool(sqlite3_stmt *query, int column);
int64_t store_last_row(struct store *store);
/* Case-blind form of a name or login: every letter that has a lower case, not only ASCII. With arena NULL it
 * lives until the next statement is bound: good as a parameter only. */
const char *store_fold(struct store *store, struct arena *arena, const char *text);

#endif
