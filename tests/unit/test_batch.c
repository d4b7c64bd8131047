/* When to go on and when to stop, and whose turn it is. */
#include "provision_fixture.h"

#include "provision/accounts.h"
#include "provision/batch.h"

static void test_too_many(void **state)
{
	static const struct {
		struct share share;
		uint64_t errors, tried;
		bool too_many;
	} cases[] = {
	    {{false, false, 0}, 100, 100, false}, /* no limit set */
	    {{true, false, 0}, 0, 5, false},
	    {{true, false, 0}, 1, 5, true},
	    {{true, false, 3}, 3, 5, false},
	    {{true, false, 3}, 4, 5, true},
	    {{true, true, 10}, 9, 9, false}, /* not 10 tried yet */
	    {{true, true, 10}, 1, 10, false},
	    {{true, true, 10}, 2, 10, true},
	    {{true, true, 0}, 1, 10, true},
	    {{true, true, 100}, 10, 10, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(
		    batch_too_many(&cases[i].share, cases[i].errors, cases[i].tried), cases[i].too_many);
}

/* A batch begins early only when waiting for the open actions could not have led to another decision. */
static void test_early_is_never_different_from_late(void **state)
{
	(void)state;
	for (int percent = 0; percent < 2; percent++) {
		for (unsigned done = 0; done < 24; done++) {
			for (unsigned failed = 0; failed < 8; failed++) {
				for (unsigned open = 1; open < 8; open++) {
					struct share share = {true, percent != 0, percent ? 20 : 3};
					struct tally tally = {
					    .begun = done + failed + open, .done = done, .failed = failed};
					if (batch_next(&share, ON_ERROR_CONTINUE, &tally) != BATCH_GO)
						continue;
					for (unsigned more = 0; more <= open; more++) {
						struct tally late = {.begun = tally.begun,
						    .done = done + open - more,
						    .failed = failed + more};
						assert_int_equal(
						    batch_next(&share, ON_ERROR_CONTINUE, &late), BATCH_GO);
					}
				}
			}
		}
	}
}

static void test_on_error_stop_waits_and_stops(void **state)
{
	struct share none = {0};

	(void)state;
	assert_int_equal(
	    batch_next(&none, ON_ERROR_STOP, &(struct tally){.begun = 5, .done = 4}), BATCH_WAIT);
	assert_int_equal(
	    batch_next(&none, ON_ERROR_STOP, &(struct tally){.begun = 5, .done = 4, .failed = 1}),
	    BATCH_STOP);
	assert_int_equal(
	    batch_next(&none, ON_ERROR_STOP, &(struct tally){.begun = 5, .done = 4, .parked = 1}), BATCH_GO);
	assert_int_equal(
	    batch_next(&none, ON_ERROR_CONTINUE, &(struct tally){.begun = 5, .failed = 5}), BATCH_GO);
}

static void test_circuit(void **state)
{
	struct circuit circuit = {0};

	(void)state;
	for (int i = 0; i < 20; i++)
		circuit_failed(&circuit, "A1");
	assert_false(circuit.open); /* one account's trouble is not theirs */
	circuit_failed(&circuit, "A2");
	assert_true(circuit.open);
	circuit = (struct circuit){0};
	for (int i = 0; i < 7; i++)
		circuit_failed(&circuit, i % 2 ? "A1" : "A2");
	circuit_answered(&circuit);
	for (int i = 0; i < 7; i++)
		circuit_failed(&circuit, i % 2 ? "A1" : "A2");
	assert_false(circuit.open);
}

static void test_accounts_take_turns(void **state)
{
	struct order_item items[5] = {{.account_id = "A"}, {.account_id = "B"}, {.account_id = "A"},
	    {.account_id = "A"}, {.account_id = "C"}};
	struct plan_action actions[5] = {{.item = &items[0]}, {.item = &items[1]}, {.item = &items[2]},
	    {.item = &items[3]}, {.item = &items[4]}};
	struct plan plan = {.actions = actions, .count = 5};
	struct accounts *accounts = accounts_new(&plan);

	(void)state;
	assert_true(accounts_enter(accounts, 0));
	assert_true(accounts_enter(accounts, 1));
	assert_false(accounts_enter(accounts, 2));
	assert_false(accounts_enter(accounts, 3));
	assert_ptr_equal(accounts_of(accounts, 0), accounts_of(accounts, 3));
	assert_true(accounts_leave(accounts, 1) == SIZE_MAX);
	assert_int_equal(accounts_leave(accounts, 0), 2);
	assert_int_equal(accounts_leave(accounts, 2), 3);
	assert_true(accounts_leave(accounts, 3) == SIZE_MAX);
	assert_true(accounts_enter(accounts, 4));
	accounts_free(accounts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_too_many),
	    cmocka_unit_test(test_early_is_never_different_from_late),
	    cmocka_unit_test(test_on_error_stop_waits_and_stops),
	    cmocka_unit_test(test_circuit),
	    cmocka_unit_test(test_accounts_take_turns),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
