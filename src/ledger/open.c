/* Opening a ledger: the file, whose it is, the settings, the migrations; and closing it.
 *
 * Beware: closing any descriptor of a file drops all locks that this process has on it, SQLite's too. So a
 * ledger that is there is looked at by name only, and opened by SQLite alone. */
#include "ledger_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/file_system.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "sql.h"

enum {
	APPLICATION_ID = 0x544e5452, /* "TNTR", at offset 68 of the file */
	BUSY_TIMEOUT_MS = 10000,     /* far over the longest commit, far under a person's patience */
	CHECKED_ON_OPEN = 4 << 20    /* bytes; a quick check of so much takes some milliseconds */
};

static const char *const migrations[] = {sql_migrate_001, sql_migrate_002, sql_migrate_003, sql_migrate_004,
    sql_migrate_005, sql_migrate_006, sql_migrate_007, sql_migrate_008, sql_migrate_009, sql_migrate_010,
    sql_migrate_011, sql_migrate_012, sql_migrate_013, sql_migrate_014, sql_migrate_015, sql_migrate_016};
_Static_assert(ARRAY_LEN(migrations) == LEDGER_SCHEMA_VERSION, "a migration for each schema version");

struct identity {
	int64_t application_id, version, tables;
};

static int open_failed(const char *path, struct error *err, const char *what, int number)
{
	error_set(err, ERR_LEDGER, "%s: %s", what, strerror(number));
	return error_place(err, path, 0, 0, NULL);
}

static int make_file(const char *path, struct error *err)
{
	struct error folder_err = {0};
	int rc = folder_make_for(path, &folder_err), fd;

	if (rc < 0) {
		error_set(err, ERR_LEDGER, "the ledger's folder cannot be made: %s", folder_err.text);
		error_hint(err, "%s", folder_err.hint);
		return error_place(err, path, 0, 0, NULL);
	}
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST) {
		open_failed(path, err, "the ledger cannot be made", errno);
		return error_hint(err, "the user that runs the job must be able to write to its folder");
	}
	if (fd >= 0)
		close(fd);
	return 0;
}

/* Names and addresses are in there: closed to others, with the files that SQLite keeps beside it. */
static void close_to_others(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char *name = mem_printf("%s%s", path, ends[i]);
		if (stat(name, &st) == 0 && (st.st_mode & 077) != 0 && chmod(name, 0600) == 0)
			log_warn("%s was open to other users; its mode is 0600 now", name);
		free(name);
	}
}

/* SQLite keeps its log under the name that it was given: through two names two runs would have a log each,
 * and a lock file each. */
static int refuse_second_name(const char *path, struct error *err)
{
	error_set(err, ERR_JOB,
	    "the ledger has a second name (a hard link): through two names at once it would be damaged");
	error_place(err, path, 0, 0, NULL);
	return error_hint(err,
	    "remove the other name (find . -samefile %s), or make it a copy; a symbolic link is fine", path);
}

int ledger_check_place(const char *path, struct error *err)
{
	const char *name = shared_file_system_of(path);
	struct stat st;

	if (!name && stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink > 1)
		return refuse_second_name(path, err);
	if (!name)
		return 0;
	error_set(err, ERR_JOB,
	    "the ledger lies on a file system that is shared with other machines (%s), where neither SQLite's locks nor ours hold",
	    name);
	error_place(err, path, 0, 0, NULL);
	return error_hint(err,
	    "put it on a disk of the machine that runs the job, and say so in the job file (`ledger`); run folders may stay where they are");
}

static int look_at_file(const char *path, enum ledger_mode mode, struct error *err)
{
	struct stat st;

	if (mode == LEDGER_WRITE && ledger_check_place(path, err) < 0)
		return -1;
	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return open_failed(path, err, "the ledger cannot be opened", errno);
		if (mode == LEDGER_WRITE)
			return make_file(path, err);
		error_set(err, ERR_LEDGER, "there is no ledger yet");
		error_hint(err, "the first run makes it; if there was one, look at `ledger` in the job file");
		return error_place(err, path, 0, 0, NULL);
	}
	if (!S_ISREG(st.st_mode)) {
		error_set(err, ERR_LEDGER, "the ledger must be a file, this is %s",
		    S_ISDIR(st.st_mode) ? "a folder" : "something else");
		return error_place(err, path, 0, 0, NULL);
	}
	if (mode == LEDGER_WRITE)
		close_to_others(path);
	return 0;
}

static int open_database(struct ledger *ledger, const char *name, int flags, struct error *err)
{
	int code =
	    sqlite3_open_v2(name, &ledger->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (code != SQLITE_OK)
		return store_failed(ledger, code, err);
	sqlite3_busy_timeout(ledger->db, BUSY_TIMEOUT_MS);
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* A file that may not be written is opened for reading without a word. */
	if (ledger->writable && sqlite3_db_readonly(ledger->db, "main") == 1)
		return store_failed(ledger, SQLITE_READONLY, err);
	return 0;
}

static void close_database(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->statement_count; i++)
		sqlite3_finalize(ledger->statements[i].statement);
	ledger->statement_count = 0;
	sqlite3_close(ledger->db);
	ledger->db = NULL;
}

static int read_identity(struct ledger *ledger, struct identity *out, struct error *err)
{
	struct query q;

	if (query_begin(&q, ledger, sql_identity, NULL, err) < 0)
		return -1;
	int rc = query_step(&q);
	if (rc > 0) {
		out->application_id = next_int(&q);
		out->version = next_int(&q);
		out->tables = next_int(&q);
	}
	return query_end(&q, rc);
}

/* A ledger that was closed well can be read where nothing may be written (a copy for an auditor): no process
 * can have changes on the way without its -wal file, so the file is taken as one that does not change. */
static bool is_still(struct ledger *ledger)
{
	int code = sqlite3_errcode(ledger->db) & 0xff;
	char *wal = mem_printf("%s-wal", ledger->path);
	bool still = !ledger->writable && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) &&
		     access(wal, F_OK) < 0 && errno == ENOENT;

	free(wal);
	return still;
}

static int read_identity_anywhere(struct ledger *ledger, struct identity *out, struct error *err)
{
	struct strbuf uri = {0};
	struct error first = {0};

	if (read_identity(ledger, out, &first) == 0)
		return 0;
	if (!is_still(ledger)) {
		if (err)
			*err = first;
		return -1;
	}
	close_database(ledger);
	strbuf_adds(&uri, "file:");
	strbuf_add_url(&uri, strv_of(ledger->path));
	strbuf_adds(&uri, "?immutable=1");
	int rc = open_database(ledger, uri.p, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
	strbuf_free(&uri);
	return rc < 0 ? -1 : read_identity(ledger, out, err);
}

static int refuse_stranger(struct ledger *ledger, const struct identity *id, struct error *err)
{
	bool empty = id->application_id == 0 && id->version == 0 && id->tables == 0;

	if (empty && ledger->writable)
		return 0;
	if (empty) {
		error_set(err, ERR_LEDGER, "there is no ledger in this file yet");
		error_hint(err, "the first run makes it");
	} else if (id->application_id != APPLICATION_ID) {
		error_set(err, ERR_LEDGER, "this is not a ledger but the SQLite file of another program");
		error_hint(err, "give the ledger's own file, or move this one away");
	} else if (id->version > LEDGER_SCHEMA_VERSION) {
		error_set(err, ERR_LEDGER,
		    "the ledger has schema version %lld, this program knows versions up to %d",
		    (long long)id->version, LEDGER_SCHEMA_VERSION);
		error_hint(err, "use the newer tenantry that wrote it; it is left as it was");
	} else if (id->version < LEDGER_SCHEMA_VERSION && !ledger->writable) {
		error_set(err, ERR_LEDGER,
		    "the ledger has schema version %lld, this program reads version %d",
		    (long long)id->version, LEDGER_SCHEMA_VERSION);
		error_hint(err, "the next run brings it up to date");
	} else {
		return 0;
	}
	return error_place(err, ledger->path, 0, 0, NULL);
}

static int run_script(struct ledger *ledger, const char *sql, struct error *err)
{
	int code = sqlite3_exec(ledger->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : store_failed(ledger, code, err);
}

/* Switching to WAL needs the file alone for a moment, and SQLite does not wait for that by itself. */
static int use_settings(struct ledger *ledger, struct error *err)
{
	int code, waited = 0;

	while (((code = sqlite3_exec(ledger->db, sql_settings, NULL, NULL, NULL)) & 0xff) == SQLITE_BUSY &&
	       waited < BUSY_TIMEOUT_MS)
		waited += sqlite3_sleep(10);
	return code == SQLITE_OK ? 0 : store_failed(ledger, code, err);
}

static int migrate_from(struct ledger *ledger, int64_t version, struct error *err)
{
	char stamp[96];

	for (int64_t i = version; i < LEDGER_SCHEMA_VERSION; i++)
		if (run_script(ledger, migrations[i], err) < 0)
			return -1;
	/* A pragma takes no parameters. */
	snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
	    LEDGER_SCHEMA_VERSION);
	return run_script(ledger, stamp, err);
}

static int migrate(struct ledger *ledger, struct error *err)
{
	struct identity id = {0};
	int rc;

	if (transaction_begin(ledger, err) < 0)
		return -1;
	/* Another process may have done it while this one waited. */
	rc = read_identity(ledger, &id, err);
	if (rc == 0)
		rc = refuse_stranger(ledger, &id, err);
	if (rc == 0)
		rc = migrate_from(ledger, id.version, err);
	if (rc < 0)
		ledger->broken = true;
	/* On failure commit rolls back; the first error stays. */
	return ledger_commit(ledger, err);
}

static int run_check(struct ledger *ledger, const char *sql, struct error *err)
{
	struct query q;

	if (query_begin(&q, ledger, sql, NULL, err) < 0)
		return -1;
	int rc = query_step(&q);
	const char *said = rc > 0 ? next_text(&q) : "ok";
	if (strcmp(said, "ok") != 0) {
		rc = error_set(err, ERR_LEDGER, "the ledger is damaged: %s", said);
		error_place(err, ledger->path, 0, 0, NULL);
		error_hint(err,
		    "move it away, then restore a backup copy or make a new one with `tenantry rebuild`");
	}
	return query_end(&q, rc);
}

int ledger_check(struct ledger *ledger, struct error *err)
{
	return run_check(ledger, sql_full_check, err);
}

static int prepare(struct ledger *ledger, struct error *err)
{
	struct identity id = {0};
	struct stat st;

	if (open_database(ledger, ledger->path,
		ledger->writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, err) < 0 ||
	    read_identity_anywhere(ledger, &id, err) < 0 || refuse_stranger(ledger, &id, err) < 0)
		return -1;
	if (ledger->writable && use_settings(ledger, err) < 0)
		return -1;
	if (id.version < LEDGER_SCHEMA_VERSION && migrate(ledger, err) < 0)
		return -1;
	/* A large one is not read twice: damage shows when it is met, or by ledger_check(). */
	if (stat(ledger->path, &st) < 0)
		return open_failed(ledger->path, err, "the ledger cannot be opened", errno);
	ledger->device = st.st_dev;
	ledger->inode = st.st_ino;
	if (st.st_size <= CHECKED_ON_OPEN)
		return run_check(ledger, sql_quick_check, err);
	return 0;
}

struct ledger *ledger_open(const char *path, enum ledger_mode mode, struct clock *clock, struct error *err)
{
	if (look_at_file(path, mode, err) < 0)
		return NULL;
	struct ledger *ledger = mem_zalloc(sizeof *ledger);

	ledger->path = mem_strdup(path);
	ledger->clock = clock;
	ledger->writable = mode == LEDGER_WRITE;
	if (prepare(ledger, err) < 0) {
		ledger_close(ledger);
		return NULL;
	}
	return ledger;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	if (ledger->db)
		ledger_rollback(ledger);
	close_database(ledger);
	lock_close(ledger);
	free(ledger->statements);
	known_keys_free(&ledger->known);
	arena_free(ledger->scratch);
	free(ledger->path);
	free(ledger);
}
