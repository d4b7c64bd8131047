/* What the ledger remembers of what was taken away: the last 24 hours, clocks that are set back, what is
 * over, and what a ledger of before brings along. */
#include "ledger_fixture.h"

#include "sql.h"

enum { HOUR = 3600 * 1000, MINUTE = 60 * 1000 };

static void put(struct fixture *f, const char *key, bool counted, bool later)
{
	ok(f, ledger_loss_put(f->ledger,
		  &(struct loss_record){.account_id = "A1",
		      .key = key,
		      .run_id = "r1",
		      .kind = "cancel",
		      .from_tier = "Tier 2",
		      .to_tier = "",
		      .counted = counted,
		      .later = later},
		  &f->err));
}

static struct losses_counted count(struct fixture *f)
{
	struct losses_counted out;

	ok(f, ledger_losses_count(f->ledger, &out, &f->err));
	return out;
}

static void a_day_is_24_hours(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(count(f).counted, 0);
	put(f, "k1", true, false);
	put(f, "k2", true, true);
	put(f, "k3", false, false); /* one step */
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	assert_int_equal(count(f).counted, 2);
	clock_advance(&f->clock, 23 * HOUR);
	put(f, "k4", true, false);
	assert_int_equal(count(f).counted, 3);
	clock_advance(&f->clock, HOUR - 1);
	assert_int_equal(count(f).counted, 3);
	clock_advance(&f->clock, 1);
	assert_int_equal(count(f).counted, 1);
	assert_int_equal(count(f).ahead, 0);
	clock_advance(&f->clock, 23 * HOUR);
	assert_int_equal(count(f).counted, 0);
}

static void run_sees_the_clock(struct fixture *f)
{
	ok(f, ledger_losses_settle(f->ledger, &f->err));
}

static void a_clock_that_is_set_back_gives_nothing_back(void **state)
{
	struct fixture *f = *state;

	run_sees_the_clock(f);
	put(f, "k1", true, false);
	f->clock.wall -= 72 * HOUR; /* at this moment 20 hours later */
	run_sees_the_clock(f);
	put(f, "k2", true, false);
	assert_int_equal(count(f).counted, 2);
	assert_int_equal(count(f).ahead, 2);
	/* Right again, more than a day after the first: the second may be an hour old. */
	f->clock.wall += 72 * HOUR + 25 * HOUR;
	run_sees_the_clock(f);
	assert_int_equal(count(f).counted, 1);
	assert_int_equal(count(f).ahead, 0);
	clock_advance(&f->clock, 24 * HOUR);
	assert_int_equal(count(f).counted, 0);
}

static void without_a_settled_clock_it_stays(void **state)
{
	struct fixture *f = *state;

	run_sees_the_clock(f);
	put(f, "k1", true, false);
	f->clock.wall -= 72 * HOUR;
	put(f, "k2", true, false);
	clock_advance(&f->clock, 48 * HOUR);
	run_sees_the_clock(f);
	assert_int_equal(count(f).counted, 2);
	/* A clock that was ahead for good: a person lets something pass. */
	ok(f, ledger_losses_redate(f->ledger, &f->err));
	assert_int_equal(count(f).counted, 2);
	assert_int_equal(count(f).ahead, 0);
	clock_advance(&f->clock, 24 * HOUR);
	assert_int_equal(count(f).counted, 0);
}

static void its_own_corrections_are_none(void **state)
{
	struct fixture *f = *state;

	run_sees_the_clock(f);
	put(f, "k1", true, false);
	f->clock.wall -= 5 * MINUTE;
	put(f, "k2", true, false);
	clock_advance(&f->clock, 24 * HOUR + 6 * MINUTE);
	assert_int_equal(count(f).counted, 0);
}

/* It stood behind when nothing had been taken yet: the run before has seen the time. */
static void the_first_loss_is_held_against_the_runs(void **state)
{
	struct fixture *f = *state;

	run_sees_the_clock(f);
	f->clock.wall -= 72 * HOUR;
	run_sees_the_clock(f);
	put(f, "k1", true, false);
	f->clock.wall += 72 * HOUR + 20 * HOUR;
	run_sees_the_clock(f);
	assert_int_equal(count(f).counted, 1);
	clock_advance(&f->clock, 24 * HOUR);
	assert_int_equal(count(f).counted, 0);
}

struct seen {
	size_t count, recent, later;
	char kinds[64];
};

static int see(void *user, const struct loss_record *loss)
{
	struct seen *seen = user;

	seen->count++;
	seen->recent += loss->recent;
	seen->later += loss->later;
	snprintf(
	    seen->kinds + strlen(seen->kinds), sizeof seen->kinds - strlen(seen->kinds), "%s ", loss->kind);
	return 0;
}

static struct seen of_key(struct fixture *f, const char *key)
{
	struct seen seen = {0};

	ok(f, ledger_losses_of_key(f->ledger, key, see, &seen, &f->err));
	return seen;
}

static void it_is_known_by_key_and_by_account(void **state)
{
	struct fixture *f = *state;
	struct seen seen = {0};

	put(f, "k1", true, true);
	clock_advance(&f->clock, 30 * HOUR);
	put(f, "k1", false, false);
	put(f, "k2", true, false);
	assert_int_equal(of_key(f, "k1").count, 2);
	assert_int_equal(of_key(f, "k1").recent, 1);
	assert_int_equal(of_key(f, "k1").later, 1);
	assert_int_equal(of_key(f, "k9").count, 0);
	ok(f, ledger_losses_of_account(f->ledger, "A1", see, &seen, &f->err));
	assert_int_equal(seen.count, 2);
	seen = (struct seen){0};
	ok(f, ledger_losses_of_account(f->ledger, "A2", see, &seen, &f->err));
	assert_int_equal(seen.count, 0);
}

static void what_was_not_done_is_given_back(void **state)
{
	struct fixture *f = *state;

	put(f, "k1", true, true); /* accepted for later: stays */
	put(f, "k1", true, false);
	put(f, "k2", true, false);
	ok(f, ledger_loss_release(f->ledger, "k1", "r2", &f->err));
	assert_int_equal(count(f).counted, 3);
	ok(f, ledger_loss_release(f->ledger, "k1", "r1", &f->err));
	assert_int_equal(count(f).counted, 2);
	assert_int_equal(of_key(f, "k1").later, 1);
}

/* The ledger as the version before the budget left it: its last day and what it had accepted are known. */
static void a_ledger_of_before_brings_its_day_along(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	put_item(f, "", "main/O-1", ITEM_DONE);
	put_item(f, "", "main/O-2", ITEM_DONE);
	put_item(f, "", "main/O-3", ITEM_ACCEPTED);
	ok(f, ledger_commit(f->ledger, &f->err));
	ledger_close(f->ledger);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	const char *sql = arena_printf(f->arena,
	    "UPDATE items SET action = 'cancel', executed_at = %lld WHERE key = 'main/O-1';"
	    "UPDATE items SET action = 'suspend', executed_at = %lld WHERE key = 'main/O-2';"
	    "UPDATE items SET action = 'downgrade', tier = 'Tier 1', text = 'due 2026-12-01' WHERE key = 'main/O-3';"
	    "DROP TABLE losses; DROP TABLE loss_clock; PRAGMA user_version = 12;",
	    (long long)clock_wall_ms(&f->clock) - HOUR, (long long)clock_wall_ms(&f->clock) - 30 * HOUR);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	/* What later versions made is there already: only this migration is played. */
	sqlite3_close(db);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql_migrate_013, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	sqlite3_exec(
	    db, arena_printf(f->arena, "PRAGMA user_version = %d", LEDGER_SCHEMA_VERSION), NULL, NULL, NULL);
	sqlite3_close(db);
	f->ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	assert_non_null(f->ledger);
	assert_int_equal(of_key(f, "main/O-1").recent, 1);
	assert_string_equal(of_key(f, "main/O-1").kinds, "cancel ");
	assert_int_equal(of_key(f, "main/O-2").recent, 0);
	assert_string_equal(of_key(f, "main/O-3").kinds, "tier-drop ");
	assert_int_equal(of_key(f, "main/O-3").later, 1);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_day_is_24_hours),
	    T(a_clock_that_is_set_back_gives_nothing_back),
	    T(without_a_settled_clock_it_stays),
	    T(its_own_corrections_are_none),
	    T(the_first_loss_is_held_against_the_runs),
	    T(it_is_known_by_key_and_by_account),
	    T(what_was_not_done_is_given_back),
	    T(a_ledger_of_before_brings_its_day_along),
	};
	return cmocka_run_group_tests_name("ledger_losses", tests, NULL, NULL);
}
