/* What a power cut leaves: a file that is said to be there is there, with all its bytes and under its name.
 * Each of these calls alone would be missed by no other test, for what a program wrote it can read back
 * without them. So the calls are watched here, in their order, and fail one at a time. */
#include "ledger_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "tenantry/atomic_file.h"
#include "tenantry/sent_mails.h"

enum { CALLS_MAX = 16 };
enum what { SYNC_FILE, SYNC_FOLDER, RENAME };

static struct {
	bool on;
	size_t count, fail_at; /* 1: the first; 0 none */
	enum what what[CALLS_MAX];
	off_t size[CALLS_MAX]; /* of the file at that moment */
} watched;

/* -1 when this one is to fail. */
static int watch(enum what what, off_t size)
{
	if (!watched.on)
		return 0;
	assert_true(watched.count < CALLS_MAX);
	watched.what[watched.count] = what;
	watched.size[watched.count++] = size;
	errno = EIO;
	return watched.count == watched.fail_at ? -1 : 0;
}

static int watch_sync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return watch(S_ISDIR(st.st_mode) ? SYNC_FOLDER : SYNC_FILE, st.st_size);
}

/* In place of the library's: the program's own objects are linked to these. */
int fsync(int fd)
{
	return watch_sync(fd) < 0 ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return watch_sync(fd) < 0 ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to)
{
	return watch(RENAME, 0) < 0 ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static void watch_from_here(size_t fail_at)
{
	memset(&watched, 0, sizeof watched);
	watched.fail_at = fail_at;
	watched.on = true;
}

static void saw(const enum what *wanted, size_t count)
{
	watched.on = false;
	assert_int_equal(watched.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(watched.what[i], wanted[i]);
}

static char *read_back(const char *path, struct error *err)
{
	size_t n;
	char *text = file_read_all(path, 1 << 20, &n, err);

	assert_non_null(text);
	return text;
}

static void a_file_is_on_disk_before_its_name_is(void **state)
{
	static const enum what order[] = {SYNC_FILE, RENAME, SYNC_FOLDER};
	struct fixture *f = *state;
	char *path = mem_printf("%s/orders.csv", f->folder), *big = mem_zalloc(700001);

	memset(big, 'x', 700000);
	watch_from_here(0);
	ok(f, atomic_file_put(path, strv_of(big), &f->err));
	saw(order, ARRAY_LEN(order));
	assert_int_equal(watched.size[0], 700000); /* all of it, not what a buffer held back */
	free(big);
	free(path);
}

/* Whichever of them fails, it is said; and until the rename what was there before stays. */
static void each_failure_is_told(void **state)
{
	struct fixture *f = *state;
	char *path = mem_printf("%s/orders.csv", f->folder);

	for (size_t nth = 1; nth <= 3; nth++) {
		ok(f, atomic_file_put(path, STRV("before"), &f->err));
		watch_from_here(nth);
		assert_int_equal(atomic_file_put(path, STRV("after"), &f->err), -1);
		watched.on = false;
		assert_int_equal(f->err.code, ERR_OUTPUT);
		assert_non_null(strstr(f->err.text, "cannot write: Input/output error"));
		error_clear(&f->err);
		assert_int_equal(watched.count, nth);
		char *text = read_back(path, &f->err);
		assert_string_equal(text, nth < 3 ? "before" : "after");
		free(text);
	}
	free(path);
}

/* A mail is asked for when its note is on disk, and the first time the note's name as well. */
static void a_mail_is_noted_on_disk(void **state)
{
	static const enum what first[] = {SYNC_FILE, SYNC_FOLDER}, later[] = {SYNC_FILE};
	struct fixture *f = *state;
	struct sent_mails *mails = sent_mails_new(f->folder, "r1");

	sent_mails_add(mails, 1, "main/OI-1");
	sent_mails_add(mails, 2, "main/OI-2");
	watch_from_here(0);
	ok(f, sent_mails_sync(mails, &f->err));
	saw(first, ARRAY_LEN(first));
	assert_int_equal(watched.size[0], 2 * strlen("1 main/OI-1\n"));
	sent_mails_add(mails, 3, "main/OI-3");
	watch_from_here(0);
	ok(f, sent_mails_sync(mails, &f->err));
	saw(later, ARRAY_LEN(later));
	assert_int_equal(watched.size[0], 3 * strlen("1 main/OI-1\n"));
	sent_mails_free(mails);
	for (size_t nth = 1; nth <= 2; nth++) {
		char *path = mem_printf("%s/activation-mails", f->folder);
		unlink(path);
		free(path);
		mails = sent_mails_new(f->folder, "r1");
		sent_mails_add(mails, 1, "main/OI-1");
		watch_from_here(nth);
		refused(f, sent_mails_sync(mails, &f->err), ERR_OUTPUT, "none is sent");
		watched.on = false;
		sent_mails_free(mails);
	}
}

/* SQLite syncs its log with each commit: an intent is on disk before its call leaves. */
static void a_commit_is_on_disk(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		put_item(f, "", "k1", ITEM_RUNNING);
		watch_from_here(0);
		ok(f, ledger_commit(f->ledger, &f->err));
		watched.on = false;
		assert_true(watched.count >= 1);
		assert_int_equal(watched.what[0], SYNC_FILE);
	}
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_file_is_on_disk_before_its_name_is),
	    T(each_failure_is_told),
	    T(a_mail_is_noted_on_disk),
	    T(a_commit_is_on_disk),
	};
	return cmocka_run_group_tests_name("synced", tests, NULL, NULL);
}
