/* What is opened as a ledger, what is refused and how, and with which rights. */
#include "ledger_fixture.h"

#include <fcntl.h>
#include <sys/wait.h>

static void spoil(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void write_file(const char *path, const char *text, size_t n)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	fclose(file);
}

/* A path in the fixture's folder, where nothing is yet. */
static const char *other(struct fixture *f)
{
	return arena_printf(f->arena, "%s/other.db", f->folder);
}

static void refused_open(
    struct fixture *f, const char *path, enum ledger_mode mode, const char *text, const char *hint)
{
	struct ledger *ledger = ledger_open(path, mode, &f->clock, &f->err);

	assert_null(ledger);
	assert_int_equal(f->err.code, ERR_LEDGER);
	assert_string_equal(f->err.source, path);
	if (!strstr(f->err.text, text) || !strstr(f->err.hint, hint))
		fail_msg("\"%s\" (hint \"%s\") does not say \"%s\" (\"%s\")", f->err.text, f->err.hint, text,
		    hint);
	error_clear(&f->err);
}

static unsigned mode_of(struct fixture *f, const char *end)
{
	struct stat st;

	assert_int_equal(stat(arena_printf(f->arena, "%s%s", f->path, end), &st), 0);
	return st.st_mode & 07777;
}

static void nobody_else_reads_it(void **state)
{
	struct fixture *f = *state;
	mode_t before = umask(0);

	ledger_close(f->ledger);
	unlink(f->path);
	f->ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	umask(before);
	put_item(f, "", "k1", ITEM_DONE);
	assert_int_equal(mode_of(f, ""), 0600);
	assert_int_equal(mode_of(f, "-wal"), 0600);
	assert_int_equal(mode_of(f, "-shm"), 0600);
	ledger_rollback(f->ledger);
	chmod(f->path, 0644);
	reopen(f);
	assert_int_equal(mode_of(f, ""), 0600);
	assert_true(log_says(f, "was open to other users"));
}

static void it_is_made_with_its_folders(void **state)
{
	struct fixture *f = *state;
	const char *folder = arena_printf(f->arena, "%s/var", f->folder),
		   *path = arena_printf(f->arena, "%s/a.db", folder);
	struct ledger *made = ledger_open(path, LEDGER_WRITE, &f->clock, &f->err);

	if (!made)
		fail_msg("%s", f->err.text);
	ledger_close(made);
	unlink(path);
	rmdir(folder);
}

static void reading_wants_one_that_is_there(void **state)
{
	struct fixture *f = *state;

	refused_open(f, other(f), LEDGER_READ, "there is no ledger yet", "the first run makes it");
	assert_int_not_equal(access(other(f), F_OK), 0);
	write_file(other(f), "", 0);
	refused_open(f, other(f), LEDGER_READ, "no ledger in this file yet", "the first run makes it");
	struct ledger *made = ledger_open(other(f), LEDGER_WRITE, &f->clock, &f->err);
	assert_non_null(made);
	ledger_close(made);
}

static void a_reader_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct run_record run = {.run_id = "r1"};

	ok(f, ledger_bind(f->ledger, "main", "11111111-1111-4111-8111-111111111111", &f->err));
	ledger_close(f->ledger);
	f->ledger = ledger_open(f->path, LEDGER_READ, &f->clock, &f->err);
	assert_non_null(f->ledger);
	refused(f, ledger_run_begin(f->ledger, &run, &f->err), ERR_LEDGER, "for reading only");
	ok(f, ledger_bind(f->ledger, "main", "11111111-1111-4111-8111-111111111111", &f->err));
	refused(f, ledger_bind(f->ledger, "other", "11111111-1111-4111-8111-111111111111", &f->err),
	    ERR_LEDGER, "belongs to BSS");
	ok(f, ledger_check(f->ledger, &f->err));
}

static void what_is_no_file_is_refused(void **state)
{
	struct fixture *f = *state;

	refused_open(f, f->folder, LEDGER_WRITE, "this is a folder", "");
	refused_open(f, f->folder, LEDGER_READ, "this is a folder", "");
	refused_open(f, "/dev/null", LEDGER_WRITE, "this is something else", "");
	refused_open(f, arena_printf(f->arena, "%s/x.db", f->path), LEDGER_WRITE,
	    "cannot be opened: Not a directory", "");
	refused_open(f, "/proc/none/of/ours.db", LEDGER_WRITE, "folder cannot be made", "");
}

static void what_is_no_ledger_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	char text[4096];

	memset(text, 'x', sizeof text);
	write_file(other(f), text, sizeof text);
	refused_open(f, other(f), LEDGER_WRITE, "not even an SQLite file", "ledger's own file");
	write_file(other(f), "short", 5);
	refused_open(f, other(f), LEDGER_READ, "not even an SQLite file", "ledger's own file");
	unlink(other(f));
	spoil(other(f), "CREATE TABLE sheep (name TEXT)");
	refused_open(f, other(f), LEDGER_WRITE, "SQLite file of another program", "move this one away");
	spoil(other(f), "INSERT INTO sheep VALUES ('Dolly')");
	/* Not even its journal mode was changed: bytes 18 and 19 of the header are 1 without WAL. */
	int fd = open(other(f), O_RDONLY);
	assert_int_equal(pread(fd, text, 2, 18), 2);
	close(fd);
	assert_memory_equal(text, "\1\1", 2);
}

static void another_version_is_refused(void **state)
{
	struct fixture *f = *state;
	int ours = LEDGER_SCHEMA_VERSION;

	ledger_close(f->ledger);
	f->ledger = NULL;
	spoil(f->path, "PRAGMA user_version = 70");
	refused_open(f, f->path, LEDGER_WRITE,
	    arena_printf(f->arena, "schema version 70, this program knows versions up to %d", ours),
	    "newer tenantry");
	refused_open(f, f->path, LEDGER_READ, "schema version 70", "newer tenantry");
	spoil(f->path, "PRAGMA user_version = 0");
	refused_open(f, f->path, LEDGER_READ,
	    arena_printf(f->arena, "schema version 0, this program reads version %d", ours), "the next run");
	refused_open(f, f->path, LEDGER_WRITE, "already exists", "");
	spoil(f->path, arena_printf(f->arena, "PRAGMA user_version = %d", ours));
	f->ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	assert_non_null(f->ledger);
}

static void fill(struct fixture *f, int items)
{
	char key[32];

	for (int i = 0; i < items; i++) {
		snprintf(key, sizeof key, "main/%06d", i);
		put_item(f, "", key, ITEM_DONE);
	}
	ok(f, ledger_commit(f->ledger, &f->err));
}

/* Overwrites all pages from this one on. */
static void damage(const char *path, off_t from)
{
	char page[4096];
	struct stat st;
	int fd = open(path, O_WRONLY);

	memset(page, 0x55, sizeof page);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = from * (off_t)sizeof page; at < st.st_size; at += (off_t)sizeof page)
		assert_int_equal(pwrite(fd, page, sizeof page, at), sizeof page);
	close(fd);
}

static void a_damaged_one_is_refused(void **state)
{
	struct fixture *f = *state;

	fill(f, 200);
	ledger_close(f->ledger);
	f->ledger = NULL;
	damage(f->path, 1);
	refused_open(f, f->path, LEDGER_WRITE, "the ledger is damaged", "tenantry rebuild");
	refused_open(f, f->path, LEDGER_READ, "the ledger is damaged", "tenantry rebuild");
}

static void damage_in_a_large_one_shows_when_it_is_met(void **state)
{
	struct fixture *f = *state;
	enum item_state item;
	struct stat st;

	fill(f, 30000);
	ledger_close(f->ledger);
	assert_int_equal(stat(f->path, &st), 0);
	assert_true(st.st_size > 4 << 20);
	damage(f->path, 100); /* the schema and the tables' roots stay */
	f->ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	if (!f->ledger)
		fail_msg("%s", f->err.text);
	refused(f, ledger_item_state(f->ledger, STRV("main/000001"), &item, NULL, &f->err), ERR_LEDGER,
	    "damaged");
	refused(f, ledger_check(f->ledger, &f->err), ERR_LEDGER, "damaged");
}

static void a_cut_one_is_refused(void **state)
{
	struct fixture *f = *state;

	fill(f, 200);
	ledger_close(f->ledger);
	f->ledger = NULL;
	assert_int_equal(truncate(f->path, 12288), 0);
	refused_open(f, f->path, LEDGER_WRITE, "the ledger is damaged", "tenantry rebuild");
}

/* In a child that has no more rights than others: `work` gives the exit status. Skips where there is nobody
 * to be. */
static int as_nobody(struct fixture *f, int (*work)(struct fixture *))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (geteuid() == 0 && (setgid(65534) < 0 || setuid(65534) < 0))
			_exit(77);
		_exit(work(f));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int open_for_writing(struct fixture *f)
{
	struct ledger *ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);

	return !ledger && f->err.code == ERR_LEDGER && strstr(f->err.text, "denied") &&
		       strstr(f->err.hint, "write")
		   ? 0
		   : 1;
}

static int open_and_write(struct fixture *f)
{
	struct ledger *ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);

	if (!ledger)
		return strstr(f->err.text, "cannot be written") && strstr(f->err.hint, "its folder") ? 0 : 1;
	return 2;
}

static int open_for_reading(struct fixture *f)
{
	struct ledger *ledger = ledger_open(f->path, LEDGER_READ, &f->clock, &f->err);
	struct item_record item;

	if (!ledger)
		return 1;
	return ledger_item_get(ledger, "main/000007", f->arena, &item, &f->err) == 1 ? 0 : 2;
}

static void a_folder_that_may_not_be_written_is_told(void **state)
{
	struct fixture *f = *state;

	fill(f, 10);
	ledger_close(f->ledger);
	f->ledger = NULL;
	assert_int_equal(chmod(f->folder, 0555), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(f->path, 65534, 65534), 0);
	int status = as_nobody(f, open_and_write);
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
	/* One that was closed well can be read there all the same. */
	assert_int_equal(as_nobody(f, open_for_reading), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(f->path, 0, 0), 0);
	assert_int_equal(chmod(f->path, geteuid() == 0 ? 0600 : 0), 0);
	assert_int_equal(as_nobody(f, open_for_reading), 1);
	unlink(f->path);
	assert_int_equal(as_nobody(f, open_for_writing), 0);
	assert_int_equal(chmod(f->folder, 0700), 0);
}

/* Through two hard links SQLite would keep two logs of one file; a symbolic link it follows. */
static void a_second_name_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(link(f->path, other(f)), 0);
	assert_null(ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err));
	assert_int_equal(f->err.code, ERR_JOB);
	assert_non_null(strstr(f->err.text, "second name (a hard link)"));
	assert_non_null(strstr(f->err.hint, "find . -samefile"));
	error_clear(&f->err);
	struct ledger *reader = ledger_open(f->path, LEDGER_READ, &f->clock, &f->err);
	assert_non_null(reader);
	ledger_close(reader);
	assert_int_equal(unlink(other(f)), 0);
	assert_int_equal(symlink(f->path, other(f)), 0);
	struct ledger *linked = ledger_open(other(f), LEDGER_WRITE, &f->clock, &f->err);
	assert_non_null(linked);
	ledger_close(linked);
}

static void many_at_once_make_one_ledger(void **state)
{
	struct fixture *f = *state;
	pid_t children[8];
	int status, ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	for (size_t i = 0; i < ARRAY_LEN(children); i++) {
		children[i] = fork();
		if (children[i] != 0)
			continue;
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 0) /* all start when the parent lets go */
			_exit(2);
		struct ledger *ledger = ledger_open(other(f), LEDGER_WRITE, &f->clock, &f->err);
		if (!ledger)
			error_print(&f->err, stderr, true);
		_exit(!ledger || ledger_bind(ledger, "main", "p", &f->err) < 0);
	}
	close(ready[0]);
	close(ready[1]);
	for (size_t i = 0; i < ARRAY_LEN(children); i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
}

static void it_is_bound_to_one_bss_and_one_parent(void **state)
{
	struct fixture *f = *state;
	const char *parent = "AAAAAAAA-1111-4111-8111-111111111111";

	ok(f, ledger_bind(f->ledger, "main", parent, &f->err));
	reopen(f);
	ok(f, ledger_bind(f->ledger, "main", parent, &f->err));
	ok(f, ledger_bind(f->ledger, "main", "aaaaaaaa-1111-4111-8111-111111111111",
		  &f->err)); /* GUIDs in any case */
	refused(f, ledger_bind(f->ledger, "second", parent, &f->err), ERR_LEDGER,
	    "belongs to BSS \"main\" and parent tenant AAAAAAAA-1111-4111-8111-111111111111, not to BSS \"second\"");
	refused(f, ledger_bind(f->ledger, "main", "b", &f->err), ERR_LEDGER, "and parent tenant b");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(nobody_else_reads_it),
	    T(it_is_made_with_its_folders),
	    T(reading_wants_one_that_is_there),
	    T(a_reader_changes_nothing),
	    T(what_is_no_file_is_refused),
	    T(what_is_no_ledger_is_refused_and_left_alone),
	    T(another_version_is_refused),
	    T(a_damaged_one_is_refused),
	    T(damage_in_a_large_one_shows_when_it_is_met),
	    T(a_cut_one_is_refused),
	    T(a_folder_that_may_not_be_written_is_told),
	    T(a_second_name_is_refused),
	    T(many_at_once_make_one_ledger),
	    T(it_is_bound_to_one_bss_and_one_parent),
	};
	return cmocka_run_group_tests_name("ledger_open", tests, NULL, NULL);
}
