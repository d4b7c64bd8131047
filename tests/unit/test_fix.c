/* Corrections, as far as they are decided without a call (reconcile/fix.c): what is proposed for which
 * finding, what is in the way, and whether the BSS still says what the finding says. The findings are
 * reconciliation's own. */
#include "reconcile_fixture.h"

#include "tenantry/fix.h"

/* The only finding of the night with this code, as the ledger has it. */
static struct finding_record found(struct night *n, enum finding_code code)
{
	compare(n);
	const struct finding *f = only(n, code);
	const char *texts[] = {
	    f->account_id, f->account, f->subscription_id, f->tenant_id, f->expected, f->bss, f->acronis};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		texts[i] = arena_strdup(n->arena, texts[i]);
	return (struct finding_record){.finding_id = "F-1",
	    .run_id = "R",
	    .state = "open",
	    .money = "",
	    .code = finding_code_name(code),
	    .severity = "high",
	    .account_id = texts[0],
	    .account = texts[1],
	    .subscription_id = texts[2],
	    .tenant_id = texts[3],
	    .expected = texts[4],
	    .bss = texts[5],
	    .acronis = texts[6]};
}

static void assert_fix(
    struct night *n, const struct finding_record *f, enum fix_change change, const char *now, const char *to)
{
	struct fix fix;
	const char *why;

	assert_true(fix_of_finding(n->job, f, n->arena, &fix, &why));
	assert_int_equal(fix.change, change);
	assert_string_equal(fix.now, now);
	assert_string_equal(fix.to, to);
	fix_check_bss(&fix, n->job, &n->subscriptions, n->arena);
	assert_int_equal(fix.skip, SKIP_NONE);
}

static void assert_none(struct night *n, const struct finding_record *f, const char *words)
{
	struct fix fix;
	const char *why;

	assert_false(fix_of_finding(n->job, f, n->arena, &fix, &why));
	assert_non_null(strstr(why, words));
}

static enum fix_skip checked(struct night *n, const struct finding_record *f)
{
	struct fix fix;
	const char *why;

	assert_true(fix_of_finding(n->job, f, n->arena, &fix, &why));
	fix_check_bss(&fix, n->job, &n->subscriptions, n->arena);
	assert_true(fix.skip == SKIP_NONE || fix.why[0]);
	return fix.skip;
}

static void test_switches(void **state)
{
	static const struct {
		enum subscription_status status;
		bool enabled;
		enum finding_code code;
		enum fix_change change;
	} cases[] = {{SUBSCRIPTION_SUSPENDED, true, FINDING_SUSPENDED_BUT_ENABLED, FIX_DISABLE},
	    {SUBSCRIPTION_CANCELLED, true, FINDING_CANCELLED_BUT_ENABLED, FIX_DISABLE},
	    {SUBSCRIPTION_ACTIVE, false, FINDING_ACTIVE_BUT_DISABLED, FIX_ENABLE}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct night *n = night_new();
		bss(n, "S", "1", 1, cases[i].status);
		acronis(n, 1, "1", 0)->enabled = cases[i].enabled;
		struct finding_record f = found(n, cases[i].code);
		assert_fix(n, &f, cases[i].change, cases[i].enabled ? "enabled" : "disabled",
		    cases[i].enabled ? "disabled" : "enabled");
		/* The BSS changed its mind, or has it no more. */
		n->subscriptions.items[0].status = SUBSCRIPTION_PENDING;
		assert_int_equal(checked(n, &f), SKIP_BSS_MOVED);
		n->subscriptions.items[0].status = cases[i].status;
		n->subscriptions.items[0].account_id = "2";
		assert_int_equal(checked(n, &f), SKIP_BSS_MOVED);
		n->subscriptions.items[0].id = "other";
		assert_int_equal(checked(n, &f), SKIP_BSS_MOVED);
		night_free(n);
	}
}

/* What a live subscription runs on is not switched off, whoever's it is. */
static void test_in_use(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S", "1", 1, SUBSCRIPTION_CANCELLED);
	acronis(n, 1, "1", 0);
	struct finding_record f = found(n, FINDING_CANCELLED_BUT_ENABLED);
	assert_int_equal(checked(n, &f), SKIP_NONE);
	bss(n, "new", "1", 1, SUBSCRIPTION_ACTIVE);
	assert_int_equal(checked(n, &f), SKIP_IN_USE);
	n->subscriptions.items[1].status = SUBSCRIPTION_SUSPENDED;
	assert_int_equal(checked(n, &f), SKIP_NONE);
	n->subscriptions.items[1].status = SUBSCRIPTION_PENDING;
	n->subscriptions.items[1].account_id = "2";
	assert_int_equal(checked(n, &f), SKIP_NONE);
	n->subscriptions.items[1].external_id = tenant_id(n, 1);
	assert_int_equal(checked(n, &f), SKIP_IN_USE);
	night_free(n);
}

static void test_tier(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S", "1", 2, SUBSCRIPTION_ACTIVE);
	acronis(n, 1, "1", 4);
	struct finding_record f = found(n, FINDING_TIER_MISMATCH);
	assert_fix(n, &f, FIX_SET_TIER, "Tier 5 (value 4)", "Tier 2");
	n->subscriptions.items[0].tier = &n->job->contract.tiers[3];
	assert_int_equal(checked(n, &f), SKIP_BSS_MOVED);
	f.bss = "Tier 99";
	assert_none(n, &f, "not in contract.tiers");
	n->observation->items[0].has_tier = false;
	f = found(n, FINDING_TIER_MISMATCH);
	assert_fix(n, &f, FIX_SET_TIER, "no tier", "Tier 3");
	night_free(n);
}

/* Before it is proposed and before it is carried out: an order that was executed after the BSS's row is not
 * undone. */
static enum fix_skip after_orders(struct night *n, const struct finding_record *f)
{
	struct fix_journal journal = {&n->subscriptions, n->done, n->done_count, n->now};
	struct fix fix;
	const char *why;

	assert_true(fix_of_finding(n->job, f, n->arena, &fix, &why));
	fix_check_journal(&fix, n->job, &journal, n->arena);
	assert_true(fix.skip == SKIP_NONE || strstr(fix.why, " order O-7 was carried out on 2026-11-21"));
	return fix.skip;
}

static void test_no_order_is_undone(void **state)
{
	static const struct {
		enum subscription_status row;
		bool enabled;
		enum finding_code code;
		enum action undoes, agrees; /* executed since the finding was made */
	} cases[] = {
	    {SUBSCRIPTION_SUSPENDED, true, FINDING_SUSPENDED_BUT_ENABLED, ACTION_REACTIVATE, ACTION_CANCEL},
	    {SUBSCRIPTION_CANCELLED, true, FINDING_CANCELLED_BUT_ENABLED, ACTION_NEW, ACTION_CANCEL},
	    {SUBSCRIPTION_ACTIVE, false, FINDING_ACTIVE_BUT_DISABLED, ACTION_SUSPEND, ACTION_REACTIVATE},
	    {SUBSCRIPTION_ACTIVE, false, FINDING_ACTIVE_BUT_DISABLED, ACTION_CANCEL, ACTION_UPGRADE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct night *n = night_new();
		struct subscription *s = bss(n, "S", "1", 1, cases[i].row);
		acronis(n, 1, "1", 0)->enabled = cases[i].enabled;
		s->updated_at = n->now - 300 * HOUR_MS;
		struct finding_record f = found(n, cases[i].code);
		assert_int_equal(after_orders(n, &f), SKIP_NONE);
		did(n, "1", 1, cases[i].undoes, "Tier 1", 3);
		assert_int_equal(after_orders(n, &f), SKIP_ORDER_NEWER);
		s->updated_at = n->now - HOUR_MS; /* the BSS knew of it and says otherwise */
		assert_int_equal(after_orders(n, &f), SKIP_NONE);
		s->updated_at = n->now - 300 * HOUR_MS;
		n->done[0].account_id = "2";
		assert_int_equal(after_orders(n, &f), SKIP_NONE);
		n->done[0].account_id = "1";
		n->done[0].action = cases[i].agrees;
		assert_int_equal(after_orders(n, &f), SKIP_NONE);
		night_free(n);
	}
}

static void test_no_upgrade_is_undone(void **state)
{
	struct night *n = night_new();

	(void)state;
	struct subscription *s = bss(n, "S", "1", 1, SUBSCRIPTION_ACTIVE);
	s->updated_at = n->now - 300 * HOUR_MS;
	acronis(n, 1, "1", 2);
	struct finding_record f = found(n, FINDING_TIER_MISMATCH);
	assert_int_equal(after_orders(n, &f), SKIP_NONE);
	did(n, "1", 1, ACTION_UPGRADE, "Tier 3", 3);
	assert_int_equal(after_orders(n, &f), SKIP_ORDER_NEWER);
	n->done[0].executed_at = n->now - 20 * HOUR_MS;
	did(n, "1", 1, ACTION_DOWNGRADE, "Tier 1", 3); /* and back again */
	assert_int_equal(after_orders(n, &f), SKIP_NONE);
	n->done_count = 1;
	s->tier = &n->job->contract.tiers[3]; /* the BSS has it */
	s->updated_at = n->now - HOUR_MS;
	assert_int_equal(after_orders(n, &f), SKIP_NONE);
	assert_int_equal(checked(n, &f), SKIP_BSS_MOVED);
	night_free(n);
}

/* Of two live subscriptions on one tenant one is too many: which, no program knows. */
static void test_two_values(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S", "1", 2, SUBSCRIPTION_ACTIVE);
	acronis(n, 1, "1", 4)->currency = "EUR";
	struct finding_record tier = found(n, FINDING_TIER_MISMATCH),
			      currency = found(n, FINDING_CURRENCY_MISMATCH);
	struct subscription *other = bss(n, "T", "1", 2, SUBSCRIPTION_SUSPENDED);
	assert_int_equal(checked(n, &tier), SKIP_NONE);
	assert_int_equal(checked(n, &currency), SKIP_NONE);
	other->tier = &n->job->contract.tiers[5];
	strcpy(other->currency, "EUR");
	assert_int_equal(checked(n, &tier), SKIP_IN_USE);
	assert_int_equal(checked(n, &currency), SKIP_IN_USE);
	other->external_id = tenant_id(n, 7); /* it runs on another tenant */
	assert_int_equal(checked(n, &tier), SKIP_NONE);
	other->account_id = "2";
	other->external_id = tenant_id(n, 1);
	assert_int_equal(checked(n, &tier), SKIP_IN_USE);
	assert_int_equal(checked(n, &currency), SKIP_IN_USE);
	other->status = SUBSCRIPTION_CANCELLED;
	assert_int_equal(checked(n, &tier), SKIP_NONE);
	night_free(n);
}

static void test_currency(void **state)
{
	struct night *n = night_new();

	(void)state;
	strcpy(bss(n, "S", "1", 1, SUBSCRIPTION_ACTIVE)->currency, "JPY");
	acronis(n, 1, "1", 0)->currency = "";
	struct finding_record f = found(n, FINDING_CURRENCY_MISMATCH);
	assert_fix(n, &f, FIX_SET_CURRENCY, "no currency", "JPY");
	f.bss = "CHF";
	assert_none(n, &f, "does not price in this currency");
	night_free(n);
}

static void test_ids(void **state)
{
	struct night *n = night_new();

	(void)state;
	/* The tenant is right, its customer id is not. */
	bss(n, "S", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	acronis(n, 1, "old-1", 0);
	struct finding_record f = found(n, FINDING_EXTERNAL_ID_MISMATCH);
	assert_fix(n, &f, FIX_SET_CUSTOMER_ID, "old-1", "1");
	bss(n, "T", "old-1", 1, SUBSCRIPTION_CANCELLED);
	assert_int_equal(checked(n, &f), SKIP_IN_USE);
	night_free(n);

	/* The BSS names a tenant that is not there; ours is known by its customer id. */
	n = night_new();
	bss(n, "S", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 9);
	acronis(n, 1, "1", 0);
	f = found(n, FINDING_EXTERNAL_ID_MISMATCH);
	assert_fix(n, &f, FIX_SET_EXTERNAL_ID, tenant_id(n, 9), tenant_id(n, 1));
	n->subscriptions.items[0].external_id = tenant_id(n, 8);
	assert_int_equal(checked(n, &f), SKIP_BSS_MOVED);
	/* Said of a tenant that is another account's, nobody but a person knows. */
	f.acronis = "account 2";
	assert_none(n, &f, "another account");
	night_free(n);
}

static void test_not_proposed(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S", "1", 2, SUBSCRIPTION_ACTIVE);
	acronis(n, 1, "1", 4)->name = "Other";
	struct finding_record f = found(n, FINDING_NAME_DRIFT);
	assert_none(n, &f, "");
	f = found(n, FINDING_TIER_MISMATCH);
	f.state = "acknowledged";
	assert_none(n, &f, "it is acknowledged");
	f.state = "open";
	f.tenant_id = "";
	assert_none(n, &f, "no tenant");
	night_free(n);
}

static void test_names(void **state)
{
	(void)state;
	for (int i = 0; i < FIX_CHANGE_COUNT; i++)
		assert_int_equal(fix_change_find(strv_of(fix_change_name((enum fix_change)i))), i);
	assert_int_equal(fix_change_find(STRV("delete")), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_switches), cmocka_unit_test(test_in_use),
	    cmocka_unit_test(test_two_values), cmocka_unit_test(test_tier), cmocka_unit_test(test_currency),
	    cmocka_unit_test(test_ids), cmocka_unit_test(test_not_proposed), cmocka_unit_test(test_names),
	    cmocka_unit_test(test_no_order_is_undone), cmocka_unit_test(test_no_upgrade_is_undone)};

	return cmocka_run_group_tests_name("fix", tests, NULL, NULL);
}
