/* What a commit promises when a process is killed, when two work at once and when the disk is full; and the
 * lock. */
#include "ledger_fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int item_found(struct fixture *f, struct ledger *ledger, const char *key)
{
	struct item_record item;

	return ledger_item_get(ledger, key, f->arena, &item, &f->err);
}

/* ---- Killed. */

/* A process that puts k1 and commits, puts k2 and does not, says so, and is killed. */
static void work_and_wait(struct fixture *f, int said)
{
	struct ledger *ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	struct item_record item = {.key = "k1", .account_id = "1", .state = ITEM_RUNNING};

	if (!ledger || ledger_item_put(ledger, &item, &f->err) < 0 || ledger_commit(ledger, &f->err) < 0)
		_exit(1);
	if (ledger_intent(ledger, &(struct step_record){.item_key = "k1", .call = "createTenant"}, &f->err) <
		0 ||
	    ledger_commit(ledger, &f->err) < 0)
		_exit(1);
	item.key = "k2";
	if (ledger_item_put(ledger, &item, &f->err) < 0 || write(said, "!", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void what_was_committed_outlives_a_kill(void **state)
{
	struct fixture *f = *state;
	struct step_record *steps;
	int said[2], status;
	size_t count;
	char byte;

	assert_int_equal(pipe(said), 0);
	pid_t pid = fork();
	if (pid == 0)
		work_and_wait(f, said[1]);
	close(said[1]);
	assert_int_equal(read(said[0], &byte, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	close(said[0]);
	reopen(f);
	assert_int_equal(item_found(f, f->ledger, "k1"), 1);
	assert_int_equal(item_found(f, f->ledger, "k2"), 0);
	ok(f, ledger_steps(f->ledger, "k1", f->arena, &steps, &count, &f->err));
	assert_int_equal(count, 1);
	assert_int_equal(steps[0].outcome_at, 0); /* in doubt, as it must be */
	put_item(f, "", "k2", ITEM_DONE);         /* and the dead writer holds nobody up */
	ok(f, ledger_commit(f->ledger, &f->err));
}

static void closing_without_a_commit_keeps_nothing(void **state)
{
	struct fixture *f = *state;

	put_item(f, "", "k1", ITEM_DONE);
	reopen(f);
	assert_int_equal(item_found(f, f->ledger, "k1"), 0);
	put_item(f, "", "k1", ITEM_DONE);
	ledger_rollback(f->ledger);
	ok(f, ledger_commit(f->ledger, &f->err)); /* nothing to commit is fine */
	assert_int_equal(item_found(f, f->ledger, "k1"), 0);
}

static void intents_are_synced_when_committed(void **state)
{
	struct fixture *f = *state;
	sqlite3_stmt *statement;

	assert_int_equal(
	    sqlite3_prepare_v2(f->ledger->db, "PRAGMA synchronous", -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(statement, 0), 2); /* FULL */
	sqlite3_finalize(statement);
	assert_int_equal(
	    sqlite3_prepare_v2(f->ledger->db, "PRAGMA journal_mode", -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(statement, 0), "wal");
	sqlite3_finalize(statement);
}

/* ---- Two at once. */

static void a_reader_sees_what_is_committed_while_another_writes(void **state)
{
	struct fixture *f = *state;
	struct ledger *reader = ledger_open(f->path, LEDGER_READ, &f->clock, &f->err);

	assert_non_null(reader);
	put_item(f, "", "k1", ITEM_DONE);
	assert_int_equal(item_found(f, reader, "k1"), 0);
	ok(f, ledger_commit(f->ledger, &f->err));
	assert_int_equal(item_found(f, reader, "k1"), 1);
	put_item(f, "", "k2", ITEM_DONE);
	ledger_rollback(f->ledger);
	assert_int_equal(item_found(f, reader, "k2"), 0);
	ledger_close(reader);
}

static void a_second_writer_waits_and_then_says_why(void **state)
{
	struct fixture *f = *state;
	struct ledger *second = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	struct item_record item = {.key = "k2", .account_id = "1"};

	assert_non_null(second);
	sqlite3_busy_timeout(second->db, 0); /* else the test would wait as long as people do */
	put_item(f, "", "k1", ITEM_DONE);
	refused(f, ledger_item_put(second, &item, &f->err), ERR_LEDGER, "the ledger is busy");
	ok(f, ledger_commit(f->ledger, &f->err));
	ok(f, ledger_item_put(second, &item, &f->err));
	ok(f, ledger_commit(second, &f->err));
	assert_int_equal(item_found(f, f->ledger, "k2"), 1);
	ledger_close(second);
}

/* ---- A change that fails. */

static void a_failed_change_cannot_be_committed_by_halves(void **state)
{
	struct fixture *f = *state;
	struct item_record of_unknown_run = {.key = "k2", .account_id = "1", .run_id = "none"};

	begin_run(f, "r1");
	put_item(f, "r1", "k1", ITEM_DONE);
	refused(f, ledger_item_put(f->ledger, &of_unknown_run, &f->err), ERR_LEDGER, "does not know the run");
	refused(f, ledger_tenant_put(f->ledger, &(struct known_tenant){.account_id = "1"}, &f->err),
	    ERR_LEDGER, "an earlier change to the ledger failed");
	refused(f, ledger_commit(f->ledger, &f->err), ERR_LEDGER, "an earlier change to the ledger failed");
	assert_int_equal(item_found(f, f->ledger, "k1"), 0);
	assert_int_equal(item_found(f, f->ledger, "k2"), 0);
	/* The refused commit rolled back: work goes on. */
	put_item(f, "r1", "k3", ITEM_DONE);
	ok(f, ledger_commit(f->ledger, &f->err));
	assert_int_equal(item_found(f, f->ledger, "k3"), 1);
}

static void a_failed_run_still_records_its_end(void **state)
{
	struct fixture *f = *state;
	struct item_record of_unknown_run = {.key = "k2", .account_id = "1", .run_id = "none"};
	struct lock_owner owner = {.run_id = "r1", .host = "a", .boot_id = "b", .pid = 7};
	struct run_record run;

	ok(f, ledger_lock(f->ledger, "nightly", &owner, NULL, &f->err));
	begin_run(f, "r1");
	put_item(f, "r1", "k1", ITEM_DONE);
	refused(f, ledger_item_put(f->ledger, &of_unknown_run, &f->err), ERR_LEDGER, "does not know the run");
	end_run(f, "r1", 3);
	put_item(f, "r1", "k4", ITEM_DONE); /* open when the lock is left: undone, as closing would */
	ok(f, ledger_lock_release(f->ledger, "nightly", "r1", &f->err));
	reopen(f);
	assert_int_equal(ledger_run_find(f->ledger, "r1", f->arena, &run, &f->err), 1);
	assert_int_equal(run.exit_status, 3);
	assert_int_equal(item_found(f, f->ledger, "k1"), 0);
	assert_int_equal(item_found(f, f->ledger, "k4"), 0);
	assert_int_equal(ledger_lock_owner(f->ledger, "nightly", f->arena, &owner, &f->err), 0);
}

static void a_full_disk_is_told_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, little;
	char key[32], text[4000];
	struct item_record item = {.key = key, .account_id = "1", .text = text};
	int rc = 0, put = 0;

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	put_item(f, "", "kept", ITEM_DONE);
	ok(f, ledger_commit(f->ledger, &f->err));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	little = before;
	little.rlim_cur = 512 * 1024;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	for (; rc == 0 && put < 1000; put++) {
		snprintf(key, sizeof key, "main/%d", put);
		rc = ledger_item_put(f->ledger, &item, &f->err);
		if (rc == 0)
			rc = ledger_commit(f->ledger, &f->err);
	}
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rc, -1);
	assert_int_equal(f->err.code, ERR_LEDGER);
	assert_string_equal(f->err.text, "no space left for the ledger");
	assert_non_null(strstr(f->err.hint, "free some space"));
	error_clear(&f->err);
	ledger_rollback(f->ledger);
	assert_int_equal(item_found(f, f->ledger, "kept"), 1);
	/* There is space again: the handle works on, and each commit that came back is there after opening
	 * anew. */
	put_item(f, "", "later", ITEM_DONE);
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	ok(f, ledger_check(f->ledger, &f->err));
	assert_int_equal(item_found(f, f->ledger, "later"), 1);
	assert_true(put > 1);
	for (int i = 0; i < put; i++) {
		snprintf(key, sizeof key, "main/%d", i);
		assert_int_equal(item_found(f, f->ledger, key), i < put - 1);
	}
}

/* ---- The lock. */

static const struct lock_owner first_owner = {
    .run_id = "r1", .host = "mill", .boot_id = "b1", .pid = 4711, .process_start = 88};
static const struct lock_owner second_owner = {
    .run_id = "r2", .host = "mill", .boot_id = "b1", .pid = 4712, .process_start = 90};

/* As a run does it: of another host nothing is known, so its owner counts as alive. */
static bool dead_on_this_host(const struct lock_owner *owner, int64_t now)
{
	(void)now;
	return strcmp(owner->host, "mill") != 0;
}

static bool alive(const struct lock_owner *owner, int64_t now)
{
	(void)now;
	assert_string_equal(owner->boot_id, "b1");
	assert_int_equal(owner->process_start, 88);
	return true;
}

static void a_lock_is_held_by_one(void **state)
{
	struct fixture *f = *state;
	struct lock_owner owner;

	assert_int_equal(ledger_lock_owner(f->ledger, "nightly", f->arena, &owner, &f->err), 0);
	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	struct ledger *second = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	clock_advance(&f->clock, 60000);
	ok(f, ledger_lock_beat(f->ledger, "nightly", "r1", &f->err));
	clock_advance(&f->clock, 15000);
	assert_int_equal(ledger_lock(second, "nightly", &second_owner, alive, &f->err), -1);
	assert_int_equal(f->err.code, ERR_LOCKED);
	assert_string_equal(f->err.text,
	    "job \"nightly\" is locked by run r1 on host mill, process 4711, for 75 s, last sign of life 15 s ago");
	assert_non_null(strstr(f->err.hint, "wait until it has ended"));
	error_clear(&f->err);
	refused(
	    f, ledger_lock(second, "nightly", &second_owner, NULL, &f->err), ERR_LOCKED, "locked by run r1");
	refused(f, ledger_lock(second, "other-job", &second_owner, alive, &f->err), ERR_LOCKED,
	    "job \"nightly\" is locked by run r1"); /* it would work on the same items */
	assert_int_equal(ledger_lock_owner(second, "other-job", f->arena, &owner, &f->err), 0);
	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err)); /* one's own is no obstacle */
	ok(f, ledger_lock_release(second, "nightly", "r2", &f->err)); /* and not another's to give away */
	assert_int_equal(ledger_lock_owner(second, "nightly", f->arena, &owner, &f->err), 1);
	assert_string_equal(owner.run_id, "r1");
	assert_string_equal(owner.host, "mill");
	assert_int_equal(owner.pid, 4711);
	assert_int_equal(owner.heartbeat, START_MS * INT64_C(1000) + 75000);
	ok(f, ledger_lock_release(f->ledger, "nightly", "r1", &f->err));
	ok(f, ledger_lock(second, "nightly", &second_owner, alive, &f->err));
	ledger_close(second);
}

/* On one machine the file alone decides: who holds it is alive whatever the row says, and where nobody holds
 * it the row says whether the owner can be on another machine. */
static void the_file_decides_on_this_machine(void **state)
{
	struct fixture *f = *state;
	struct lock_owner owner;

	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	struct ledger *second = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	clock_advance(&f->clock, INT64_C(36000000));
	refused(f, ledger_lock(second, "nightly", &second_owner, dead_on_this_host, &f->err), ERR_LOCKED,
	    "locked by run r1 on host mill, process 4711, for 36000 s");
	reopen(f); /* as after a kill: the row stays */
	assert_int_equal(ledger_lock_owner(second, "nightly", f->arena, &owner, &f->err), 1);
	assert_true(owner.by_file);
	assert_int_equal(ledger_lock(second, "nightly", &second_owner, alive, &f->err), -1);
	assert_non_null(strstr(f->err.hint, "tenantry unlock"));
	error_clear(&f->err);
	ok(f, ledger_lock(second, "nightly", &second_owner, dead_on_this_host, &f->err));
	/* What was refused has left no lock behind. */
	ok(f, ledger_lock_release(second, "nightly", "r2", &f->err));
	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	ledger_close(second);
}

/* That nobody holds a file which was just made proves nothing, as long as the heartbeat is fresh: the owner
 * is about to make it again. */
static void a_removed_file_is_no_proof(void **state)
{
	struct fixture *f = *state;
	char *file = mem_printf("%s.lock", f->path);

	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	struct ledger *second = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	for (int i = 0; i < 2; i++) {
		unlink(file);
		clock_advance(&f->clock, 29000);
		refused(f, ledger_lock(second, "nightly", &second_owner, dead_on_this_host, &f->err),
		    ERR_LOCKED, "locked by run r1");
		assert_int_equal(access(file, F_OK), -1);
	}
	ok(f, ledger_lock_beat(f->ledger, "nightly", "r1", &f->err));
	assert_int_equal(access(file, F_OK), 0);
	clock_advance(&f->clock, 3600000);
	refused(f, ledger_lock(second, "nightly", &second_owner, dead_on_this_host, &f->err), ERR_LOCKED,
	    "locked by run r1");
	unlink(file);
	ok(f, ledger_lock(second, "nightly", &second_owner, dead_on_this_host, &f->err));
	ledger_close(second);
	free(file);
}

/* Nothing that a displaced run would write is kept: no intent, no state, no end. */
static void a_displaced_run_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct step_record step = {.item_key = "k1", .run_id = "r1", .call = "createTenant"};

	begin_run(f, "r1");
	put_item(f, "r1", "k1", ITEM_RUNNING);
	ok(f, ledger_commit(f->ledger, &f->err));
	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	assert_true(ledger_intent(f->ledger, &step, &f->err) > 0);
	ok(f, ledger_commit(f->ledger, &f->err));
	struct ledger *second = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	ok(f, ledger_lock_release(second, "nightly", "r1", &f->err)); /* as `tenantry unlock` does */
	refused(f, ledger_intent(f->ledger, &step, &f->err), ERR_DISPLACED,
	    "run r1 no longer holds the lock of job \"nightly\": it was taken from it");
	refused(
	    f, ledger_outcome(f->ledger, 1, "ok", 200, "", "", &f->err), ERR_DISPLACED, "no longer holds");
	refused(f, ledger_run_end(f->ledger, "r1", 0, 1, "{}", &f->err), ERR_DISPLACED, "no longer holds");
	refused(f, ledger_lock_beat(f->ledger, "nightly", "r1", &f->err), ERR_DISPLACED, "no longer holds");
	ok(f, ledger_lock_release(f->ledger, "nightly", "r1", &f->err));
	ok(f, ledger_lock(second, "nightly", &second_owner, alive, &f->err));
	ledger_close(second);
}

/* A file that took the ledger's place has not what was written to the one before. */
static void a_replaced_ledger_is_noticed(void **state)
{
	struct fixture *f = *state;
	char *aside = mem_printf("%s.aside", f->path);

	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	assert_int_equal(rename(f->path, aside), 0);
	refused(f, ledger_lock_beat(f->ledger, "nightly", "r1", &f->err), ERR_LEDGER,
	    "was moved away or replaced while run r1 was at work");
	FILE *other = fopen(f->path, "w");
	assert_non_null(other);
	fclose(other);
	refused(f, ledger_event_put(f->ledger, &(struct event_record){.event = "decision"}, &f->err),
	    ERR_LEDGER, "was moved away or replaced");
	assert_int_equal(rename(aside, f->path), 0);
	ok(f, ledger_lock_beat(f->ledger, "nightly", "r1", &f->err));
	free(aside);
}

/* The owner may stand still in the middle of a transaction (stopped, swapped out): who comes is told whose
 * turn it is, not that the store is busy. */
static void an_owner_in_a_transaction_is_named(void **state)
{
	struct fixture *f = *state;

	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	struct ledger *second = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	ok(f, ledger_event_put(f->ledger, &(struct event_record){.event = "decision"}, &f->err));
	refused(
	    f, ledger_lock(second, "nightly", &second_owner, alive, &f->err), ERR_LOCKED, "locked by run r1");
	ok(f, ledger_commit(f->ledger, &f->err));
	ledger_close(second);
}

static void a_dead_owner_is_taken_over(void **state)
{
	struct fixture *f = *state;

	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	ok(f, ledger_lock(f->ledger, "nightly", &second_owner, dead_on_this_host, &f->err));
	assert_true(log_says(f, "taken over from run r1 (host mill, process 4711)"));
	/* Should the dead one wake up again, it learns that it must stop. */
	refused(f, ledger_lock_beat(f->ledger, "nightly", "r1", &f->err), ERR_DISPLACED,
	    "run r1 no longer holds the lock");
	ok(f, ledger_lock_beat(f->ledger, "nightly", "r2", &f->err));
}

static void a_dead_run_of_another_job_is_no_obstacle(void **state)
{
	struct fixture *f = *state;
	struct lock_owner owner;

	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	ok(f, ledger_lock(f->ledger, "other-job", &second_owner, dead_on_this_host, &f->err));
	/* Its own next run finds it and closes what was left open. */
	assert_int_equal(ledger_lock_owner(f->ledger, "nightly", f->arena, &owner, &f->err), 1);
	assert_string_equal(owner.run_id, "r1");
}

static void an_owner_elsewhere_is_not(void **state)
{
	struct fixture *f = *state;
	struct lock_owner elsewhere = first_owner;

	elsewhere.host = "barn";
	ok(f, ledger_lock(f->ledger, "nightly", &elsewhere, alive, &f->err));
	refused(f, ledger_lock(f->ledger, "nightly", &second_owner, dead_on_this_host, &f->err), ERR_LOCKED,
	    "on host barn");
}

static void a_clock_set_back_shows_no_negative_age(void **state)
{
	struct fixture *f = *state;

	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	clock_advance(&f->clock, -3600000);
	refused(f, ledger_lock(f->ledger, "nightly", &second_owner, alive, &f->err), ERR_LOCKED, "for 0 s");
}

static void a_beat_joins_what_is_open(void **state)
{
	struct fixture *f = *state;
	struct lock_owner owner;

	ok(f, ledger_lock(f->ledger, "nightly", &first_owner, alive, &f->err));
	put_item(f, "", "half", ITEM_RUNNING);
	clock_advance(&f->clock, 5000);
	ok(f, ledger_lock_beat(f->ledger, "nightly", "r1", &f->err));
	reopen(f); /* as after a kill: neither half a group nor its beat */
	assert_int_equal(item_found(f, f->ledger, "half"), 0);
	assert_int_equal(ledger_lock_owner(f->ledger, "nightly", f->arena, &owner, &f->err), 1);
	assert_int_equal(owner.heartbeat, START_MS * INT64_C(1000));
	ok(f, ledger_lock_beat(f->ledger, "nightly", "r1", &f->err));
	reopen(f);
	assert_int_equal(ledger_lock_owner(f->ledger, "nightly", f->arena, &owner, &f->err), 1);
	assert_int_equal(owner.heartbeat, START_MS * INT64_C(1000) + 5000);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(what_was_committed_outlives_a_kill),
	    T(closing_without_a_commit_keeps_nothing),
	    T(intents_are_synced_when_committed),
	    T(a_reader_sees_what_is_committed_while_another_writes),
	    T(a_second_writer_waits_and_then_says_why),
	    T(a_failed_change_cannot_be_committed_by_halves),
	    T(a_failed_run_still_records_its_end),
	    T(a_full_disk_is_told_and_loses_nothing),
	    T(a_lock_is_held_by_one),
	    T(the_file_decides_on_this_machine),
	    T(a_removed_file_is_no_proof),
	    T(a_displaced_run_writes_nothing),
	    T(a_replaced_ledger_is_noticed),
	    T(an_owner_in_a_transaction_is_named),
	    T(a_dead_owner_is_taken_over),
	    T(a_dead_run_of_another_job_is_no_obstacle),
	    T(an_owner_elsewhere_is_not),
	    T(a_clock_set_back_shows_no_negative_age),
	    T(a_beat_joins_what_is_open),
	};
	return cmocka_run_group_tests_name("ledger_faults", tests, NULL, NULL);
}
