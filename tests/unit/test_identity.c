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

static void test_owner(void **state)
{
	struct identity me;
	struct lock_owner owner;
	pid_t child;

	(void)state;
	identity_of_run(&me, clock_machine());
	owner = owner_of(&me);
	assert_true(identity_owner_alive(&owner));
	owner.process_start++; /* the pid was given to another process */
	assert_false(identity_owner_alive(&owner));
	owner.process_start--;
	owner.boot_id = "00000000-0000-0000-0000-000000000000";
	assert_false(identity_owner_alive(&owner));
	owner.host = "another.example.com"; /* cannot be known from here */
	assert_true(identity_owner_alive(&owner));

	owner = owner_of(&me);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	siginfo_t info;
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	owner.pid = child; /* a zombie */
	assert_false(identity_owner_alive(&owner));
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(identity_owner_alive(&owner));
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
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_run_id), cmocka_unit_test(test_owner), cmocka_unit_test(test_prune)};

	return cmocka_run_group_tests_name("identity", tests, setup, teardown);
}
