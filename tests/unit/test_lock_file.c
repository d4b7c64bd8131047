/* The lock in the kernel beside a ledger: one holds it, however the ledger is named and wherever the holder's
 * process is seen from; it ends with its process, and a file that was removed keeps the next one out all the
 * same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tenantry/lock_file.h"
#include "tenantry/mem.h"

static char folder[] = "/tmp/tenantry-lock-XXXXXX";
static char holder[LOCK_HOLDER_SIZE];

static const char *in_folder(const char *name)
{
	static char path[4][256];
	static int next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof path[next], "%s/%s", folder, name);
	return path[next];
}

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	make_file(in_folder("night.db"));
	return 0;
}

static int tear_down(void **state)
{
	char *command = mem_printf("rm -rf %s", folder);
	int rc = system(command);

	(void)state;
	free(command);
	return rc;
}

static struct lock_file *take(const char *name, const char *run_id)
{
	struct error err = {0};
	struct lock_file *file = lock_file_take(in_folder(name), run_id, holder, &err);

	if (!file)
		fail_msg("%s: %s", name, err.text);
	return file;
}

static void held(const char *name, const char *by)
{
	struct error err = {0};

	assert_null(lock_file_take(in_folder(name), "r9", holder, &err));
	assert_int_equal(err.code, ERR_LOCKED);
	assert_string_equal(holder, by);
	assert_non_null(strstr(err.text, by));
	error_clear(&err);
	assert_int_equal(lock_file_holder(in_folder(name), holder, &err), 1);
	assert_string_equal(holder, by);
}

static void is_free(const char *name)
{
	struct error err = {0};

	assert_int_equal(lock_file_holder(in_folder(name), holder, &err), 0);
	lock_file_free(take(name, "r8"));
}

static void one_holds_it(void **state)
{
	struct stat st;

	(void)state;
	is_free("night.db");
	struct lock_file *file = take("night.db", "r1");
	held("night.db", "r1");
	assert_int_equal(stat(in_folder("night.db.lock"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	is_free("other.db"); /* which is not there yet */
	lock_file_free(file);
	is_free("night.db");
	assert_int_equal(stat(in_folder("night.db.lock"), &st), 0);
	lock_file_free(NULL);
}

/* The file lies beside the real ledger, whatever leads to it. */
static void links_lead_to_the_same(void **state)
{
	(void)state;
	assert_int_equal(symlink("night.db", in_folder("link.db")), 0);
	assert_int_equal(mkdir(in_folder("far"), 0700), 0);
	assert_int_equal(symlink("../link.db", in_folder("far/away.db")), 0);
	assert_int_equal(symlink(folder, in_folder("far/door")), 0);
	struct lock_file *file = take("far/away.db", "r1");
	held("night.db", "r1");
	held("link.db", "r1");
	held("far/door/night.db", "r1");
	lock_file_free(file);
	/* Before the ledger is made: by its folder. */
	file = take("far/door/new.db", "r2");
	held("new.db", "r2");
	lock_file_free(file);
}

static void it_ends_with_its_process(void **state)
{
	int ready[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct lock_file *mine = take("night.db", "child");
		if (!mine || write(ready[1], "x", 1) != 1)
			_exit(2);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	held("night.db", "child");
	kill(child, SIGSTOP); /* shows no sign of life, and is alive */
	held("night.db", "child");
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	is_free("night.db");
	close(ready[0]);
	close(ready[1]);
}

/* A child that writes a workbook and outlives a killed parent does not hold the night. */
static void children_do_not_have_it(void **state)
{
	struct lock_file *file = take("night.db", "parent");
	int end[2], begun[2];
	char byte = 'x';

	(void)state;
	assert_int_equal(pipe(end), 0);
	assert_int_equal(pipe(begun), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (write(begun[1], &byte, 1) != 1)
			_exit(2);
		_exit(read(end[0], &byte, 1) == 1 ? 0 : 2);
	}
	assert_int_equal(read(begun[0], &byte, 1), 1);
	held("night.db", "parent"); /* and what the child closed did not end it */
	lock_file_free(file);
	is_free("night.db");
	assert_int_equal(write(end[1], &byte, 1), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
	for (int i = 0; i < 2; i++) {
		close(end[i]);
		close(begun[i]);
	}
}

static void a_removed_file_is_made_again(void **state)
{
	struct error err = {0};
	struct lock_file *file = take("night.db", "r1");

	(void)state;
	assert_int_equal(lock_file_renew(file, &err), 0);
	assert_int_equal(unlink(in_folder("night.db.lock")), 0);
	assert_int_equal(lock_file_renew(file, &err), 0);
	held("night.db", "r1");
	/* Somebody was quicker: that one has it, until it gives it up. */
	assert_int_equal(unlink(in_folder("night.db.lock")), 0);
	struct lock_file *other = take("night.db", "r2");
	assert_true(lock_file_is_new(other));
	assert_int_equal(lock_file_renew(file, &err), 0);
	held("night.db", "r2");
	lock_file_discard(other); /* who only wanted to look leaves nothing that says it was there */
	assert_int_equal(access(in_folder("night.db.lock"), F_OK), -1);
	assert_int_equal(lock_file_renew(file, &err), 0);
	held("night.db", "r1");
	lock_file_keep(file);
	lock_file_discard(file);
	other = take("night.db", "r3");
	assert_false(lock_file_is_new(other));
	lock_file_discard(other);
	assert_int_equal(access(in_folder("night.db.lock"), F_OK), 0);
}

/* What root makes must not keep out the user whose ledger it is. */
static void it_belongs_to_the_ledgers_owner(void **state)
{
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(in_folder("night.db"), 12345, 23456), 0);
	lock_file_free(take("night.db", "r1"));
	assert_int_equal(stat(in_folder("night.db.lock"), &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 23456);
}

static void what_cannot_be_locked_is_told(void **state)
{
	struct error err = {0};

	(void)state;
	assert_null(lock_file_take(in_folder("nowhere/night.db"), "r1", holder, &err));
	assert_int_equal(err.code, ERR_LEDGER);
	error_clear(&err);
	assert_int_equal(lock_file_holder(in_folder("nowhere/night.db"), holder, &err), 0);
	/* A link in the place of the lock file could lead anywhere. */
	assert_int_equal(symlink("night.db", in_folder("night.db.lock")), 0);
	assert_null(lock_file_take(in_folder("night.db"), "r1", holder, &err));
	assert_int_equal(err.code, ERR_LEDGER);
	assert_non_null(strstr(err.hint, "must be able to write"));
	error_clear(&err);
	assert_int_equal(lock_file_holder(in_folder("night.db"), holder, &err), -1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    T(one_holds_it),
	    T(links_lead_to_the_same),
	    T(it_ends_with_its_process),
	    T(children_do_not_have_it),
	    T(a_removed_file_is_made_again),
	    T(it_belongs_to_the_ledgers_owner),
	    T(what_cannot_be_locked_is_told),
	};

	return cmocka_run_group_tests_name("lock_file", tests, NULL, NULL);
}
