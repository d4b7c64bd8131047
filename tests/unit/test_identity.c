/* Run ids, lock owners, old run folders. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tenantry/identity.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

static char folder[] = "/tmp/tenantry-identity-XXXXXX";

static struct lock_owner owner_of(const struct identity *identity)
{
	return (struct lock_owner){.run_id = identity->run_id,
	    .host = identity->host,
	    .boot_id = identity->boot_id,
	    .pid = identity->pid,
	    .process_start = identity->process_start};
}

static void test_run_id(void **state)
{
	struct clock clock;
	struct identity a, b;
	int64_t ms;

	(void)state;
	assert_true(time_parse(STRV("2026-11-22T01:30:00Z"), &ms, NULL));
	clock_manual(&clock, ms);
	identity_of_run(&a, &clock);
	identity_of_run(&b, &clock);
	assert_memory_equal(a.run_id, "20261122T013000Z-", 17);
	assert_true(run_id_is(a.run_id));
	assert_string_not_equal(a.run_id, b.run_id);
	clock_advance(&clock, 1000);
	identity_of_run(&b, &clock);
	assert_true(strcmp(a.run_id, b.run_id) < 0);
	assert_int_equal(a.pid, getpid());
	assert_true(a.process_start > 0);
	assert_true(a.host[0] && strlen(a.boot_id) == 36);
	assert_false(run_id_is(""));
	assert_false(run_id_is("20261122T013000Z-3f2a1"));
	assert_false(run_id_is("20261122T013000Z-3f2a1cc"));
	assert_false(run_id_is("20261122T013000Z-3F2A1C"));
	assert_false(run_id_is("2026112xT013000Z-3f2a1c"));
	assert_false(run_id_is("20261122 013000Z-3f2a1c"));
}

static enum owner_place place(const char *host, const char *boot_id, int64_t heartbeat)
{
	static const struct machine here = {"mill", "b1", 1000000};

	return owner_place(
	    &(struct lock_owner){.host = host, .boot_id = boot_id, .heartbeat = heartbeat}, &here);
}

/* The kernel is told by its boot id, not by a name: containers have the first in common and their own second.
 * A name without the boot id is a machine that was started again, unless it was heard of after that. */
static void test_owner_place(void **state)
{
	(void)state;
	assert_int_equal(place("mill", "b1", 2000000), OWNER_HERE);
	assert_int_equal(place("tenantry-28391-x7k2p", "b1", 2000000), OWNER_HERE);
	assert_int_equal(place("mill", "b0", 999999), OWNER_BEFORE_BOOT);
	assert_int_equal(place("mill", "b0", 1000000), OWNER_ELSEWHERE);
	assert_int_equal(place("mill", "b2", 2000000), OWNER_ELSEWHERE);
	assert_int_equal(place("barn", "b0", 5), OWNER_ELSEWHERE);
	/* Where /proc is hidden nothing proves that it is this kernel. */
	assert_int_equal(owner_place(&(struct lock_owner){.host = "barn", .boot_id = ""},
			     &(struct machine){"mill", "", 1000000}),
	    OWNER_ELSEWHERE);
}

/* Nobody has the lock file: what held one is gone, whatever its process id and its heartbeat say. A program
 * from before there was one is asked for by its process. */
static void test_owner_without_the_file(void **state)
{
	struct identity me;
	struct lock_owner owner;
	int64_t now = clock_wall_ms(clock_machine());
	pid_t child;

	(void)state;
	identity_of_run(&me, clock_machine());
	owner = owner_of(&me);
	owner.heartbeat = now;
	owner.by_file = true;
	assert_false(owner_may_be_alive(&owner, now));
	owner.host = "a-container";
	assert_false(owner_may_be_alive(&owner, now));
	owner.boot_id = "00000000-0000-0000-0000-000000000000";
	assert_true(owner_may_be_alive(&owner, now));
	owner.heartbeat = 1; /* silent for years: still a person's to say */
	assert_true(owner_may_be_alive(&owner, now));
	owner.host = me.host;
	assert_false(owner_may_be_alive(&owner, now));

	owner = owner_of(&me);
	assert_true(owner_may_be_alive(&owner, now));
	owner.process_start++; /* the pid was given to another process */
	assert_false(owner_may_be_alive(&owner, now));
	owner.host = "a-container"; /* its process ids are others */
	assert_true(owner_may_be_alive(&owner, now));

	owner = owner_of(&me);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	owner.pid = child; /* a zombie */
	assert_false(owner_may_be_alive(&owner, now));
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(owner_may_be_alive(&owner, now));
}

static void make(const char *name, const char *file)
{
	char *path = mem_printf("%s/%s", folder, name), *inner = mem_printf("%s/%s", path, file ? file : "");

	assert_int_equal(mkdir(path, 0700), 0);
	if (file) {
		int fd = open(inner, O_WRONLY | O_CREAT, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
	free(inner);
	free(path);
}

static bool there(const char *name)
{
	char *path = mem_printf("%s/%s", folder, name);
	bool is = access(path, F_OK) == 0;

	free(path);
	return is;
}

static void test_prune(void **state)
{
	struct error err = {0};
	char *link = mem_printf("%s/20260101T000000Z-00000f", folder),
	     *target = mem_printf("%s/mine", folder);
	char *inner = mem_printf("%s/20260101T000000Z-00000a/inner", folder);

	(void)state;
	make("20260101T000000Z-00000a", "run.json");
	assert_int_equal(mkdir(inner, 0700), 0);
	make("20260102T000000Z-00000b", NULL);
	make("20260103T000000Z-00000c", "diary.txt");
	make("20260104T000000Z-00000d", "accepted.csv.77.tmp");
	make("20260105T000000Z-00000e", "run.json");
	make("20260401T000000Z-00000a", "run.json");
	make("20260402T000000Z-00000b", "run.json");
	make("mine", "run.json");
	assert_int_equal(symlink(target, link), 0);

	static const char *const all[] = {
	    "20260101T000000Z-00000a", "20260102T000000Z-00000b", "20260104T000000Z-00000d"};
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		assert_int_equal(run_folder_remove(folder, all[i], &err), 0);
		assert_false(there(all[i]));
	}
	assert_int_equal(run_folder_remove(folder, all[0], &err), 0); /* gone already */
	assert_int_equal(run_folder_remove(folder, "20260103T000000Z-00000c", &err), -1);
	assert_true(there("20260103T000000Z-00000c")); /* not ours */
	error_clear(&err);
	assert_int_equal(run_folder_remove(folder, "mine", &err), -1);
	error_clear(&err);
	assert_int_equal(run_folder_remove(folder, "20260101T000000Z-00000f", &err), -1);
	assert_true(there("mine/run.json"));
	assert_true(there("20260101T000000Z-00000f")); /* a link */
	error_clear(&err);

	assert_int_equal(run_folder_remove("/nonexistent/runs", all[0], &err), 0);
	assert_int_equal(run_folder_remove("/dev/null", all[0], &err), -1);
	assert_int_equal(err.code, ERR_OUTPUT);
	free(inner);
	free(link);
	free(target);
}

static int setup(void **state)
{
	(void)state;
	log_setup(&(struct log_settings){.level = LOG_WARN});
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	char *command = mem_printf("rm -rf %s", folder);
	int rc = system(command);

	(void)state;
	free(command);
	return rc;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_run_id), cmocka_unit_test(test_owner_place),
	    cmocka_unit_test(test_owner_without_the_file), cmocka_unit_test(test_prune)};

	return cmocka_run_group_tests_name("identity", tests, setup, teardown);
}
