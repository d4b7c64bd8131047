/* kill -9 at every point where a night touches Acronis: before and after each call is carried out. The next
 * night resumes from the ledger alone; the end must be that of an undisturbed night, but for a mail in doubt.
 */
#include "provision_fixture.h"

static void orders_of_every_kind(struct fixture *f)
{
	start_over(f);
	add_order(f, ACTION_NEW, 1, "Tier 1");
	add_order(f, ACTION_NEW, 2, "Tier 2");
	add_change(f, ACTION_UPGRADE, 3, "Tier 1", "Tier 4");
	add_change(f, ACTION_SUSPEND, 4, "Tier 1", NULL);
	add_change(f, ACTION_REACTIVATE, 5, "Tier 2", NULL)->enabled = false;
}

static void assert_changes_made(struct fixture *f)
{
	for (size_t i = 0; i < f->cloud->tenant_count; i++) {
		const struct cloud_tenant *t = &f->cloud->tenants[i];
		if (strcmp(t->customer, "A3") == 0)
			assert_int_equal(t->tier, 3);
		if (strcmp(t->customer, "A4") == 0)
			assert_false(t->enabled);
		if (strcmp(t->customer, "A5") == 0)
			assert_true(t->enabled);
	}
	for (size_t i = 2; i < 5; i++)
		assert_item(f, i, ITEM_DONE, "");
}

/* A new order ends done with one mail, or parked for its mail with none or one. */
static bool new_order_is_right(struct fixture *f, size_t index)
{
	struct item_state_of item = item_of(f, index);

	if (item.state == ITEM_DONE) {
		assert_provisioned(f, index);
		assert_int_equal(item.in_doubt, 0);
		return true;
	}
	assert_item(f, index, ITEM_PARKED, "mail-in-doubt");
	for (size_t i = 0; i < f->cloud->user_count; i++)
		assert_true(f->cloud->users[i].mails <= 1);
	return false;
}

static void kill_everywhere(struct fixture *f, bool twice)
{
	unsigned points = 0, in_doubt = 0;

	for (unsigned k = 1;; k += twice ? 2 : 1) {
		orders_of_every_kind(f);
		if (!killed_night(f, k))
			break;
		points++;
		if (twice)
			killed_night(f, 3 + k % 11);
		night(f);
		assert_int_equal(f->cloud->tenant_count, 5);
		assert_int_equal(f->cloud->user_count, 2);
		in_doubt += !new_order_is_right(f, 0);
		in_doubt += !new_order_is_right(f, 1);
		assert_changes_made(f);
		night(f);
		assert_int_equal(f->result.changes, 0);
	}
	print_message("killed at %u points, %u mails in doubt\n", points, in_doubt);
	assert_true(points > 40);
	assert_true(in_doubt > 0 && in_doubt <= points / 4);
}

static void test_killed_at_every_point(void **state)
{
	kill_everywhere(*state, false);
}

static void test_killed_again_while_resuming(void **state)
{
	kill_everywhere(*state, true);
}

static void test_killed_with_resend(void **state)
{
	struct fixture *f = *state;

	f->job->provision.activation_in_doubt = ACTIVATION_RESEND;
	for (unsigned k = 1;; k++) {
		start_over(f);
		add_order(f, ACTION_NEW, 1, "Tier 1");
		if (!killed_night(f, k))
			break;
		night(f);
		assert_item(f, 0, ITEM_DONE, "");
		assert_int_equal(f->cloud->tenant_count, 1);
		assert_int_equal(f->cloud->user_count, 1);
		assert_true(f->cloud->users[0].mails == 1 || f->cloud->users[0].mails == 2);
		assert_int_equal(item_of(f, 0).in_doubt, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_killed_at_every_point, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_killed_again_while_resuming, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_killed_with_resend, setup, teardown),
	};

	return cmocka_run_group_tests_name("flow_kills", tests, NULL, NULL);
}
