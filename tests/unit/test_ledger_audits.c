/* What the ledger keeps for audits: which changes and events no audit has shown, the chain, the key; the
 * persisted pause; and the step from schema version 1. */
#include "ledger_fixture.h"
#include "sql.h"

enum { MINUTE_MS = 60000 };

static int64_t intent(struct fixture *f, const char *run_id, const char *call)
{
	struct step_record step = {.item_key = "", .run_id = run_id, .call = call, .version_before = 7};
	int64_t id = ledger_intent(f->ledger, &step, &f->err);

	assert_true(id > 0);
	return id;
}

static void begin_audited(struct fixture *f, const char *run_id)
{
	ok(f, ledger_audit_open(f->ledger, run_id, &f->err));
	begin_run(f, run_id);
	ok(f, ledger_commit(f->ledger, &f->err));
}

static int note_call(void *user, const struct step_record *step)
{
	return note(user, step->call);
}

static int note_event(void *user, const struct event_record *event)
{
	return note(user, event->event);
}

static const char *unaudited(struct fixture *f, const char *run_id)
{
	struct names *names = arena_alloc(f->arena, sizeof *names);

	ok(f, ledger_steps_unaudited(f->ledger, run_id, note_call, names, &f->err));
	return names->text;
}

static void close_audit(struct fixture *f, const char *run_id, const char *hash)
{
	char head[LEDGER_HASH_SIZE];

	ok(f, ledger_audit_start(f->ledger, head, &f->err));
	ok(f, ledger_audit_close(f->ledger,
		  &(struct audit_record){
		      .run_id = run_id, .prev = head, .head = hash, .lines = 2, .closed_by = ""},
		  &f->err));
	end_run(f, run_id, 0);
}

static void a_change_is_shown_once_and_again_when_it_was_settled(void **state)
{
	struct fixture *f = *state;
	struct step_record row;

	begin_audited(f, "r1");
	int64_t first = intent(f, "r1", "one"), second = intent(f, "r1", "two");
	ok(f, ledger_outcome_put(f->ledger,
		  &(struct step_record){.id = first, .outcome = "ok", .status = 200, .version_after = 8},
		  &f->err));
	assert_string_equal(unaudited(f, "r1"), "one two ");
	close_audit(f, "r1", "h1");
	begin_audited(f, "r2");
	assert_string_equal(unaudited(f, "r2"), "");
	assert_int_equal(ledger_step_find(f->ledger, first, f->arena, &row, &f->err), 1);
	assert_int_equal(row.version_before, 7);
	assert_int_equal(row.version_after, 8);
	assert_string_equal(row.audited_in, "r1");
	ok(f, ledger_outcome(f->ledger, second, "settled", 0, "", "", &f->err));
	assert_string_equal(unaudited(f, "r2"), "two ");
	close_audit(f, "r2", "h2");
	assert_int_equal(ledger_step_find(f->ledger, second, f->arena, &row, &f->err), 1);
	assert_string_equal(row.run_id, "r1");
	assert_string_equal(row.audited_in, "r2");
	assert_int_equal(ledger_step_find(f->ledger, 99, f->arena, &row, &f->err), 0);
}

static void what_another_run_at_work_did_is_left_to_it(void **state)
{
	struct fixture *f = *state;
	struct names events = {0};

	begin_audited(f, "r1");
	begin_audited(f, "r2");
	intent(f, "r1", "one");
	intent(f, "r2", "two");
	intent(f, "", "by-hand");
	ok(f, ledger_event_put(
		  f->ledger, &(struct event_record){.run_id = "r1", .event = "limit-raised"}, &f->err));
	ok(f, ledger_event_put(f->ledger,
		  &(struct event_record){.event = "decision", .item_key = "main/1", .reason = "asked"},
		  &f->err));
	assert_string_equal(unaudited(f, "r2"), "two by-hand ");
	ok(f, ledger_events_unaudited(f->ledger, "r2", note_event, &events, &f->err));
	assert_string_equal(events.text, "decision ");
	close_audit(f, "r2", "h");
	assert_string_equal(unaudited(f, "r1"), "one ");
	events = (struct names){0};
	ok(f, ledger_events_audited(f->ledger, "r2", note_event, &events, &f->err));
	assert_string_equal(events.text, "decision ");
	events = (struct names){0};
	ok(f, ledger_events_unaudited(f->ledger, "r1", note_event, &events, &f->err));
	assert_string_equal(events.text, "limit-raised ");
}

static void the_chain_is_in_the_order_of_closing(void **state)
{
	struct fixture *f = *state;
	struct audit_record audit;
	char head[LEDGER_HASH_SIZE];

	begin_audited(f, "r1");
	begin_audited(f, "r2");
	begin_audited(f, "r3");
	assert_int_equal(ledger_audit_find(f->ledger, "r1", f->arena, &audit, &f->err), 1);
	assert_int_equal(audit.number, 0);
	ok(f, ledger_audit_start(f->ledger, head, &f->err));
	assert_string_equal(head, "");
	ledger_rollback(f->ledger);
	close_audit(f, "r2", "h2");
	close_audit(f, "r1", "h1");
	assert_int_equal(ledger_audit_find(f->ledger, "r2", f->arena, &audit, &f->err), 1);
	assert_int_equal(audit.number, 1);
	assert_string_equal(audit.prev, "");
	assert_string_equal(audit.run_before, "");
	assert_string_equal(audit.run_after, "r1");
	assert_string_equal(audit.prev_after, "h2");
	assert_int_equal(ledger_audit_find(f->ledger, "r1", f->arena, &audit, &f->err), 1);
	assert_string_equal(audit.prev, "h2");
	assert_string_equal(audit.head_before, "h2");
	assert_string_equal(audit.run_after, "");
	assert_int_equal(audit.lines, 2);
	assert_int_equal(ledger_audit_find(f->ledger, "r9", f->arena, &audit, &f->err), 0);
	ok(f, ledger_audit_start(f->ledger, head, &f->err));
	assert_string_equal(head, "h1");
	refused(f, ledger_audit_close(f->ledger, &(struct audit_record){.run_id = "r1"}, &f->err), ERR_LEDGER,
	    "no audit that could be closed");
	ledger_rollback(f->ledger);
}

static void runs_that_did_not_end_are_found_by_job(void **state)
{
	struct fixture *f = *state;
	struct run_record *runs;
	size_t count;

	begin_audited(f, "r1");
	begin_audited(f, "r2");
	begin_run(f, "looked-only");
	close_audit(f, "r1", "h1");
	ok(f, ledger_runs_unclosed(f->ledger, "nightly", f->arena, &runs, &count, &f->err));
	assert_int_equal(count, 1);
	assert_string_equal(runs[0].run_id, "r2");
	assert_string_equal(runs[0].folder, "/runs/x");
	ok(f, ledger_runs_unclosed(f->ledger, "weekly", f->arena, &runs, &count, &f->err));
	assert_int_equal(count, 0);
}

static void the_key_is_made_once(void **state)
{
	struct fixture *f = *state;
	char key[LEDGER_AUDIT_KEY_SIZE] = "", again[LEDGER_AUDIT_KEY_SIZE] = "";
	struct ledger *reader = ledger_open(f->path, LEDGER_READ, &f->clock, &f->err);

	assert_int_equal(ledger_audit_key(reader, key, &f->err), 0);
	assert_int_equal(ledger_audit_key(f->ledger, key, &f->err), 1);
	assert_int_equal(strlen(key), 64);
	assert_int_equal(strspn(key, "0123456789abcdef"), 64);
	assert_int_equal(ledger_audit_key(reader, again, &f->err), 1);
	assert_string_equal(again, key);
	reopen(f);
	assert_int_equal(ledger_audit_key(f->ledger, again, &f->err), 1);
	assert_string_equal(again, key);
	ledger_close(reader);
}

static int64_t left(struct fixture *f)
{
	int64_t ms = -1;

	ok(f, ledger_pause_get(f->ledger, &ms, &f->err));
	return ms;
}

static void a_pause_outlives_its_process(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(left(f), 0);
	ok(f, ledger_pause_put(f->ledger, clock_wall_ms(&f->clock) + 2 * MINUTE_MS, &f->err));
	reopen(f);
	assert_int_equal(left(f), 2 * MINUTE_MS);
	clock_advance(&f->clock, MINUTE_MS);
	assert_int_equal(left(f), MINUTE_MS);
	clock_advance(&f->clock, MINUTE_MS);
	assert_int_equal(left(f), 0);
	clock_advance(&f->clock, -MINUTE_MS); /* only now known to be over: the clock says otherwise again */
	assert_int_equal(left(f), MINUTE_MS);
}

static void a_pause_is_bounded_and_survives_no_large_jump(void **state)
{
	struct fixture *f = *state;

	ok(f, ledger_pause_put(f->ledger, clock_wall_ms(&f->clock) + 60 * MINUTE_MS, &f->err));
	assert_int_equal(left(f), 15 * MINUTE_MS);
	ok(f, ledger_pause_put(f->ledger, clock_wall_ms(&f->clock) + 2 * MINUTE_MS, &f->err));
	clock_advance(&f->clock, -MINUTE_MS);
	assert_int_equal(left(f), 2 * MINUTE_MS); /* no longer than it was */
	clock_advance(&f->clock, -2 * MINUTE_MS);
	assert_int_equal(left(f), 0); /* a clock that jumps so far says nothing */
	clock_advance(&f->clock, 24 * 60 * MINUTE_MS);
	assert_int_equal(left(f), 0);
}

/* A night of the first version goes on with its journal, and nothing of it comes into the first audit. */
static void a_ledger_of_version_1_is_brought_up_to_date(void **state)
{
	struct fixture *f = *state;
	struct step_record *steps;
	size_t count;
	sqlite3 *db;

	ledger_close(f->ledger);
	f->ledger = NULL;
	unlink(f->path);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql_migrate_001, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
		"INSERT INTO steps VALUES (1, '', NULL, NULL, 'tenant', 'CreateTenant', '', 'abc', 5, 0, '', 0, '', '');"
		"PRAGMA application_id = 0x544e5452; PRAGMA user_version = 1",
		NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_null(ledger_open(f->path, LEDGER_READ, &f->clock, &f->err));
	error_clear(&f->err);
	reopen(f);
	begin_audited(f, "r1");
	assert_string_equal(unaudited(f, "r1"), "");
	ok(f, ledger_steps(f->ledger, "", f->arena, &steps, &count, &f->err));
	assert_int_equal(count, 0); /* it belongs to no item */
	struct step_record row;
	assert_int_equal(ledger_step_find(f->ledger, 1, f->arena, &row, &f->err), 1);
	assert_string_equal(row.request_digest, "abc");
	assert_string_equal(row.audited_in, "-");
	ok(f, ledger_outcome(f->ledger, 1, "settled", 0, "T-1", "", &f->err));
	assert_string_equal(unaudited(f, "r1"), "CreateTenant ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		a_change_is_shown_once_and_again_when_it_was_settled, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_another_run_at_work_did_is_left_to_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_chain_is_in_the_order_of_closing, setup, teardown),
	    cmocka_unit_test_setup_teardown(runs_that_did_not_end_are_found_by_job, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_key_is_made_once, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_pause_outlives_its_process, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_pause_is_bounded_and_survives_no_large_jump, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_ledger_of_version_1_is_brought_up_to_date, setup, teardown),
	};

	return cmocka_run_group_tests_name("ledger_audits", tests, NULL, NULL);
}
