/* What a night makes of a finding: a table of pasts and sights, and what it is afterwards. Pure, no ledger.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/ledger_impl.h"
#include "tenantry/mem.h"

enum { HOUR = 3600000 };
#define DAY INT64_C(86400000)
#define NOW INT64_C(1795305600000) /* 2026-11-22T00:00:00Z */

static struct finding_record sight(const char *severity, const char *money, const char *bss)
{
	return (struct finding_record){.finding_id = "F-1",
	    .run_id = "tonight",
	    .code = "tier-mismatch",
	    .severity = severity,
	    .owner = "finance",
	    .expected = "Tier 2",
	    .bss = bss,
	    .acronis = "Tier 0",
	    .currency = money[0] ? "USD" : "",
	    .money = money};
}

/* As a night left it, `days` ago, acknowledged as it was then when `until` says so. */
static struct finding_record past(const char *state, int days, const char *until)
{
	static char sides[FINDING_SIDES_SIZE];
	struct finding_record f = sight("medium", "250.00", "Tier 2");

	finding_sides(&f, sides);
	f.state = state;
	f.news = "new";
	f.first_seen = NOW - 40 * DAY;
	f.opened_at = f.last_seen = NOW - days * DAY;
	f.runs_open = 3;
	f.cycles_open = 2;
	f.assigned = f.note = f.resolved_run = f.resolved_how = "";
	f.ack = (struct finding_ack){.reason = "agreed",
	    .who = "ana",
	    .until = until,
	    .severity = f.severity,
	    .currency = f.currency,
	    .money = f.money,
	    .sides = until[0] ? sides : ""};
	return f;
}

static struct finding_change live(
    struct arena *arena, struct finding_record *f, const struct finding_record *before)
{
	return finding_live(f, before, false, NOW, arena);
}

static void the_first_night(void **state)
{
	struct arena *arena = arena_new();
	struct finding_record f = sight("high", "250.00", "Tier 2"), young = f;

	(void)state;
	assert_string_equal(live(arena, &f, NULL).event, "opened");
	assert_string_equal(f.state, "open");
	assert_string_equal(f.news, "new");
	assert_int_equal(f.first_seen, NOW);
	assert_int_equal(f.runs_open, 1);
	assert_int_equal(f.cycles_open, 1);
	young.window_ms = 6 * HOUR;
	assert_string_equal(live(arena, &young, NULL).event, "timing");
	assert_string_equal(young.state, "timing");
	arena_free(arena);
}

static void timing_ends_with_the_cut_off(void **state)
{
	struct arena *arena = arena_new();
	struct finding_record before = past("timing", 0, ""), f = sight("high", "250.00", "Tier 2");

	(void)state;
	before.opened_at = NOW - 2 * HOUR;
	f.window_ms = 6 * HOUR;
	assert_string_equal(live(arena, &f, &before).event, ""); /* the same night again */
	assert_string_equal(f.state, "timing");
	before.opened_at = NOW - 6 * HOUR;
	struct finding_change change = live(arena, &f, &before);
	assert_string_equal(change.event, "opened");
	assert_string_equal(change.detail, "still there after the cut-off");
	assert_string_equal(f.state, "open");
	before.opened_at = NOW - 2 * HOUR;
	f.window_ms = 0; /* it does not come of a change any more */
	assert_string_equal(live(arena, &f, &before).event, "opened");
	before.state = "open"; /* what is open once does not become timing */
	f.window_ms = 6 * HOUR;
	live(arena, &f, &before);
	assert_string_equal(f.state, "open");
	arena_free(arena);
}

static void what_was_resolved_is_open_again(void **state)
{
	struct arena *arena = arena_new();
	struct finding_record before = past("resolved", 10, ""), f = sight("high", "250.00", "Tier 2");

	(void)state;
	before.assigned = "ana";
	assert_string_equal(live(arena, &f, &before).event, "reopened");
	assert_string_equal(f.state, "open");
	assert_string_equal(f.news, "reopened");
	assert_string_equal(f.owner, "ana"); /* people's owner stays */
	assert_int_equal(f.times_reopened, 1);
	assert_int_equal(f.first_seen, NOW - 40 * DAY);
	assert_int_equal(f.opened_at, NOW);
	assert_int_equal(f.runs_open, 4);
	arena_free(arena);
}

static void months_are_counted_when_it_is_seen_in_them(void **state)
{
	struct arena *arena = arena_new();
	struct finding_record f = sight("high", "250.00", "Tier 2");

	(void)state;
	for (int days = 1; days < 60; days += 20) {
		struct finding_record before = past("open", days, "");
		live(arena, &f, &before);
		assert_int_equal(f.cycles_open, days < 22 ? 2 : 3);
		assert_string_equal(f.news, "known");
	}
	arena_free(arena);
}

static void an_acknowledgement_covers_what_was_accepted(void **state)
{
	static const struct {
		const char *until, *severity, *money, *bss, *event, *note;
		bool amounts;
	} cases[] = {
	    {"2026-12-31", "medium", "250.00", "Tier 2", "", NULL, false},
	    {"2026-11-22", "medium", "250.00", "Tier 2", "", NULL, false}, /* the last day counts whole */
	    {"2026-11-21", "medium", "250.00", "Tier 2", "expired", "acknowledgement expired on 2026-11-21",
		false},
	    {"2026-12-31", "low", "250.00", "Tier 2", "", NULL, false},
	    {"2026-12-31", "high", "250.00", "Tier 2", "lifted",
		"acknowledgement of ana lifted: it has become graver", false},
	    {"2026-12-31", "medium", "250.01", "Tier 2", "lifted",
		"acknowledgement of ana lifted: more money is at stake", false},
	    {"2026-12-31", "medium", "", "Tier 2", "lifted",
		"acknowledgement of ana lifted: other money is at stake", false},
	    {"2026-12-31", "medium", "250.00", "Tier 5", "lifted",
		"acknowledgement of ana lifted: the sides say something else", false},
	    {"2026-12-31", "medium", "249.99", "Tier 1", "lifted",
		"acknowledgement of ana lifted: the sides say something else", false},
	    {"2026-12-31", "medium", "249.99", "249.99 USD", "", NULL, true},
	    {"2026-12-31", "medium", "250.01", "250.01 USD", "lifted",
		"acknowledgement of ana lifted: more money is at stake", true},
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct finding_record before = past("acknowledged", 1, cases[i].until);
		struct finding_record f = sight(cases[i].severity, cases[i].money, cases[i].bss);
		f.amounts = cases[i].amounts;
		struct finding_change change = live(arena, &f, &before);
		assert_string_equal(change.event, cases[i].event);
		assert_string_equal(f.state, cases[i].note ? "open" : "acknowledged");
		assert_string_equal(f.note, cases[i].note ? cases[i].note : "");
		assert_string_equal(f.ack.reason, cases[i].note ? "" : "agreed");
		assert_int_equal(cases[i].note && strstr(change.detail, "agreed") == NULL, 0);
	}
	arena_free(arena);
}

/* Of amounts that nobody could price the money says nothing. */
static void without_money_the_sides_decide(void **state)
{
	struct arena *arena = arena_new();
	struct finding_record before = past("acknowledged", 1, "2026-12-31"),
			      f = sight("medium", "", "Tier 2");

	(void)state;
	before.ack.money = before.ack.currency = "";
	f.amounts = true;
	live(arena, &f, &before);
	assert_string_equal(f.state, "acknowledged");
	f = sight("medium", "", "900.00 XXX");
	f.amounts = true;
	live(arena, &f, &before);
	assert_string_equal(f.state, "open");
	arena_free(arena);
}

static void it_ends_with_the_finding(void **state)
{
	struct arena *arena = arena_new();
	struct finding_record before = past("resolved", 1, ""), f = sight("medium", "250.00", "Tier 2");

	(void)state;
	live(arena, &f, &before);
	assert_string_equal(f.state, "open");
	assert_string_equal(f.ack.until, "");
	arena_free(arena);
}

static void twice_in_a_run_it_counts_once(void **state)
{
	struct arena *arena = arena_new();
	struct finding_record before = past("open", 0, ""), f = sight("medium", "250.00", "Tier 2");

	(void)state;
	finding_live(&f, &before, true, NOW, arena);
	assert_int_equal(f.runs_open, 3);
	assert_string_equal(f.news, "new");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_night),
	    cmocka_unit_test(timing_ends_with_the_cut_off),
	    cmocka_unit_test(what_was_resolved_is_open_again),
	    cmocka_unit_test(months_are_counted_when_it_is_seen_in_them),
	    cmocka_unit_test(an_acknowledgement_covers_what_was_accepted),
	    cmocka_unit_test(without_money_the_sides_decide),
	    cmocka_unit_test(it_ends_with_the_finding),
	    cmocka_unit_test(twice_in_a_run_it_counts_once),
	};
	return cmocka_run_group_tests_name("finding_life", tests, NULL, NULL);
}
