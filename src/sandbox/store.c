/* SQLite behind a few functions; see store.h. */
#include "sandbox/store.h"

#include <inttypes.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <wctype.h>

#include "sandbox_sql.h"
#include "tenantry/mem.h"

enum { SCHEMA_VERSION = 1 };

struct cached {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct store {
	sqlite3 *db;
	struct clock *clock;
	bool seeded, in_transaction;
	uint64_t seed;
	int64_t last; /* the newest stamp */
	locale_t locale;
	struct arena *scratch;
	struct cached *cache;
	size_t count, cap;
	char failure[256];
};

static int open_failed(struct store *store, const char *path, struct error *err)
{
	error_set(err, ERR_SOURCE, "cannot open the state: %s", sqlite3_errmsg(store->db));
	error_place(err, path ? path : "memory", 0, 0, NULL);
	if (sqlite3_errcode(store->db) == SQLITE_BUSY)
		return error_hint(
		    err, "another tenantry-sandbox uses that file: stop it, or give --state another name");
	return error_hint(
	    err, "give --state a file that this version of tenantry-sandbox made, or a new name");
}

static int64_t single_number(struct store *store, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value = -1;

	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

static void fold_in_sql(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = (const char *)sqlite3_value_text(values[0]);

	(void)count;
	if (text)
		sqlite3_result_text(
		    context, store_fold(sqlite3_user_data(context), NULL, text), -1, SQLITE_TRANSIENT);
}

static int prepare_schema(struct store *store, const char *path, struct error *err)
{
	/* One process at a time, from the first access on: its clock and counters live in memory. A crash of
	 * the machine may cost the sandbox's state; a crash of the process does not. */
	bool ready = sqlite3_exec(store->db,
			 "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
			 NULL, NULL, NULL) == SQLITE_OK;
	int64_t version = ready ? single_number(store, "PRAGMA user_version") : -1;

	sqlite3_create_function(
	    store->db, "sandbox_fold", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, store, fold_in_sql, NULL, NULL);
	if (version < 0)
		return open_failed(store, path, err);
	if (version == 0 && sqlite3_exec(store->db, sql_schema, NULL, NULL, NULL) != SQLITE_OK)
		return open_failed(store, path, err);
	if (version != 0 && version != SCHEMA_VERSION) {
		error_set(err, ERR_SOURCE, "the state has schema version %" PRId64 ", this program writes %d",
		    version, SCHEMA_VERSION);
		error_place(err, path, 0, 0, NULL);
		return error_hint(err, "give --state a new file name");
	}
	store->last = single_number(store, sql_last_stamp);
	return 0;
}

struct store *store_open(const char *path, struct clock *clock, bool seeded, uint64_t seed, struct error *err)
{
	struct store *store = mem_zalloc(sizeof *store);
	mode_t mask = umask(077);

	store->clock = clock;
	store->seeded = seeded;
	store->seed = seed;
	store->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	store->scratch = arena_new();
	int rc = sqlite3_open(path ? path : ":memory:", &store->db) == SQLITE_OK
		     ? prepare_schema(store, path, err)
		     : open_failed(store, path, err);
	umask(mask);
	if (rc < 0) {
		store_close(store);
		return NULL;
	}
	return store;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->count; i++)
		sqlite3_finalize(store->cache[i].stmt);
	free(store->cache);
	sqlite3_close(store->db);
	arena_free(store->scratch);
	if (store->locale)
		freelocale(store->locale);
	free(store);
}

bool store_is_empty(struct store *store)
{
	return single_number(store, "SELECT count(*) FROM tenants") <= 0;
}

static void fail(struct store *store, const char *what)
{
	if (!store->failure[0])
		snprintf(store->failure, sizeof store->failure, "%s: %s", what, sqlite3_errmsg(store->db));
}

static void execute(struct store *store, const char *sql)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(store, sql);
}

void store_begin(struct store *store)
{
	store->failure[0] = '\0';
	execute(store, "BEGIN");
	store->in_transaction = true;
}

void store_commit(struct store *store)
{
	if (store->in_transaction)
		execute(store, "COMMIT");
	store->in_transaction = false;
}

void store_rollback(struct store *store)
{
	if (store->in_transaction)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->in_transaction = false;
}

const char *store_failed(const struct store *store)
{
	return store->failure[0] ? store->failure : NULL;
}

int64_t store_clock(struct store *store)
{
	return clock_wall_ms(store->clock);
}

int64_t store_mark(struct store *store)
{
	int64_t now = store_clock(store);

	if (now > store->last)
		store->last = now;
	return store->last;
}

int64_t store_stamp(struct store *store)
{
	store->last++;
	return store_mark(store);
}

static void random_bytes(unsigned char *out, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t k = getrandom(out + got, n - got, 0);
		if (k > 0)
			got += (size_t)k;
	}
}

static bool id_taken(struct store *store, const char *id)
{
	sqlite3_stmt *query = store_query(store, sql_id_taken, "t", id);
	bool taken = store_next(store, query);

	if (taken)
		store_done(query);
	return taken;
}

void store_new_id(struct store *store, const char *key, char id[UUID_TEXT_SIZE])
{
	char space[64];

	if (!store->seeded) {
		unsigned char raw[16];
		random_bytes(raw, sizeof raw);
		uuid_from_name("sandbox", (struct strv){(char *)raw, sizeof raw}, id);
		id[14] = '4'; /* looks like the random kind, which it is */
		return;
	}
	for (unsigned again = 0;; again++) {
		snprintf(space, sizeof space, "sandbox/%" PRIu64 "/%u", store->seed, again);
		uuid_from_name(space, strv_of(key), id);
		if (!id_taken(store, id) || store_failed(store))
			return;
	}
}

void store_new_token(char *text, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	random_bytes((unsigned char *)text, size - 1);
	for (size_t i = 0; i + 1 < size; i++)
		text[i] = digits[(unsigned char)text[i] & 63];
	text[size - 1] = '\0';
}

static sqlite3_stmt *cached_statement(struct store *store, const char *sql)
{
	for (size_t i = 0; i < store->count; i++)
		if (store->cache[i].sql == sql)
			return store->cache[i].stmt;
	sqlite3_stmt *stmt = NULL;
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
		fail(store, "prepare");
		return NULL;
	}
	MEM_GROW(store->cache, store->count, store->cap);
	store->cache[store->count++] = (struct cached){sql, stmt};
	return stmt;
}

static sqlite3_stmt *bind(struct store *store, const char *sql, const char *types, va_list args)
{
	sqlite3_stmt *stmt = cached_statement(store, sql);

	if (!stmt)
		return NULL;
	sqlite3_reset(stmt);
	for (int i = 0; types[i]; i++) {
		if (types[i] == 't')
			sqlite3_bind_text(stmt, i + 1, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
		else if (types[i] == 'i')
			sqlite3_bind_int64(stmt, i + 1, va_arg(args, int64_t));
		else
			sqlite3_bind_int(stmt, i + 1, va_arg(args, int));
	}
	arena_reset(store->scratch); /* SQLite has its copy */
	return stmt;
}

sqlite3_stmt *store_query(struct store *store, const char *sql, const char *types, ...)
{
	va_list args;

	va_start(args, types);
	sqlite3_stmt *stmt = bind(store, sql, types, args);
	va_end(args);
	return stmt;
}

bool store_next(struct store *store, sqlite3_stmt *query)
{
	if (!query)
		return false;
	int rc = sqlite3_step(query);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		fail(store, "step");
	sqlite3_reset(query);
	return false;
}

void store_done(sqlite3_stmt *query)
{
	if (query)
		sqlite3_reset(query);
}

int store_run(struct store *store, const char *sql, const char *types, ...)
{
	va_list args;

	va_start(args, types);
	sqlite3_stmt *stmt = bind(store, sql, types, args);
	va_end(args);
	while (store_next(store, stmt))
		continue;
	return sqlite3_changes(store->db);
}

const char *column_text(sqlite3_stmt *query, int column, struct arena *arena)
{
	return arena_strdup(arena, (const char *)sqlite3_column_text(query, column));
}

int64_t column_int(sqlite3_stmt *query, int column)
{
	return sqlite3_column_int64(query, column);
}

bool column_bool(sqlite3_stmt *query, int column)
{
	return sqlite3_column_int(query, column) != 0;
}

int64_t store_last_row(struct store *store)
{
	return sqlite3_last_insert_rowid(store->db);
}

/* Decodes one well-formed UTF-8 character (jansson and the URL reader let nothing else in). */
static size_t decode(const unsigned char *p, wint_t *c)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	wint_t value = n == 1 ? p[0] : p[0] & (0x7fu >> n);

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*c = p[0];
			return 1;
		}
		value = value << 6 | (p[i] & 0x3f);
	}
	*c = value;
	return n;
}

static size_t encode(wint_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf00u >> n & 0xf0) | c);
	return n;
}

const char *store_fold(struct store *store, struct arena *arena, const char *text)
{
	size_t n = strlen(text), at = 0;
	char *out = arena_alloc(arena ? arena : store->scratch, n * 2 + 4);

	for (size_t i = 0; i < n;) {
		wint_t c;
		i += decode((const unsigned char *)text + i, &c);
		at += encode(store->locale ? towlower_l(c, store->locale) : c, out + at);
	}
	out[at] = '\0';
	return out;
}
