/* Which tenant belongs to which account and subscription. */
#include "reconcile_fixture.h"

#include <time.h>

static void test_external_id_before_customer_id_before_ledger(void **state)
{
	struct night *n = night_new();

	(void)state;
	/* By external id, letters without case, although the tenant's own reference names nobody. */
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = "00000000-0000-4000-8000-00000000000A";
	struct observed_tenant *t = acronis(n, 10, "", 0);
	t->id = "00000000-0000-4000-8000-00000000000a";
	t->name = "Company 1";
	/* By customer id. */
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 11, "2", 0);
	/* By the ledger's memory. */
	bss(n, "S-3", "3", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 12, "", 0)->name = "Company 3";
	remember(n, "3", 12, NULL);
	assert_findings(n, "");
	assert_int_equal(n->result->coverage.accounts, 3);
	assert_int_equal(n->result->coverage.accounts_matched, 3);
	assert_int_equal(n->result->coverage.accounts_clean, 3);
	assert_closes(n);
	night_free(n);
}

static void test_ledger_does_not_beat_customer_id(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE);
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 1, "1", 0);
	remember(n, "2", 1, NULL);
	assert_findings(n, "tenant-missing");
	assert_string_equal(only(n, FINDING_TENANT_MISSING)->account_id, "2");
	night_free(n);
}

static void test_login_and_name_only_suggest(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE)->account = "Northwind  Ltd";
	acronis(n, 7, "", 0)->name = "northwind ltd ";
	assert_findings(n, "subscription-missing tenant-missing");
	assert_non_null(strstr(only(n, FINDING_TENANT_MISSING)->evidence,
	    "perhaps tenant 00000000-0000-4000-8000-000000000007 (same name)"));
	assert_non_null(strstr(only(n, FINDING_SUBSCRIPTION_MISSING)->evidence,
	    "perhaps account 1, subscription S-1 (same name)"));
	n->observation->items[0].login = "ADMIN@c1.example.com";
	n->observation->items[0].name = "Other";
	compare(n);
	assert_non_null(strstr(only(n, FINDING_SUBSCRIPTION_MISSING)->evidence,
	    "perhaps account 1, subscription S-1 (same login)"));
	assert_non_null(strstr(only(n, FINDING_TENANT_MISSING)->evidence,
	    "perhaps tenant 00000000-0000-4000-8000-000000000007 (same login)"));
	night_free(n);
}

static void test_two_accounts_name_one_tenant(void **state)
{
	struct night *n = night_new();

	(void)state;
	/* The tenant names account 2 itself: it has it, whatever the order of the rows. */
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 5);
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 5);
	acronis(n, 5, "2", 0);
	assert_findings(n, "tenant-missing external-id-mismatch");
	assert_string_equal(only(n, FINDING_TENANT_MISSING)->account_id, "1");
	assert_non_null(strstr(only(n, FINDING_TENANT_MISSING)->sentence, "which is another account's"));
	assert_string_equal(only(n, FINDING_EXTERNAL_ID_MISMATCH)->account_id, "1");
	night_free(n);
}

static void test_reused_tenant_goes_with_the_live_subscription(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-old", "1", 1, SUBSCRIPTION_CANCELLED)->external_id = tenant_id(n, 1);
	bss(n, "S-new", "1", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 1, "1", 0);
	assert_findings(n, "");
	/* A second, unclaimed tenant is the new contract's; the old one is what the cancelled subscription
	 * left. */
	acronis(n, 2, "1", 0);
	assert_findings(n, "cancelled-but-enabled");
	assert_string_equal(only(n, FINDING_CANCELLED_BUT_ENABLED)->tenant_id, tenant_id(n, 1));
	night_free(n);
}

static void test_the_subscription_with_the_tenant_is_the_contract(void **state)
{
	struct night *n = night_new();

	(void)state;
	/* The newer one would come first, but the older one names the tenant. */
	bss(n, "S-old", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	bss(n, "S-new", "1", 1, SUBSCRIPTION_ACTIVE)->start_date = (struct date){2026, 10, 1};
	acronis(n, 1, "1", 0);
	assert_findings(n, "duplicate-subscription");
	assert_string_equal(only(n, FINDING_DUPLICATE_SUBSCRIPTION)->subscription_id, "S-new");
	night_free(n);
}

static void test_two_subscriptions_name_their_accounts_tenant(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	bss(n, "S-2", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	acronis(n, 1, "1", 0);
	assert_findings(n, "duplicate-subscription"); /* and no wrong external id */
	/* A second tenant is the account's second one, whatever its own name is. */
	n->subscriptions.count = 1;
	acronis(n, 2, "1", 0)->name = "Company 1 (2)";
	assert_findings(n, "duplicate-tenant");
	assert_string_equal(n->result->findings[0].account, "Company 1");
	night_free(n);
}

static void test_customers_of_our_own_are_counted_only(void **state)
{
	struct night *n = night_new();

	(void)state;
	acronis(n, 1, "1", 0)->kind = "customer";
	acronis(n, 2, "", 0)->kind = "folder";
	assert_findings(n, "");
	assert_int_equal(n->result->coverage.tenants, 0);
	assert_int_equal(n->result->coverage.tenants_other, 2);
	assert_closes(n);
	/* A customer id of an account does not make such a tenant a contract. */
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE);
	assert_findings(n, "tenant-missing");
	/* Named by the external id it is compared, and cannot be. */
	n->subscriptions.items[0].external_id = tenant_id(n, 1);
	assert_findings(n, "not-compared");
	assert_closes(n);
	night_free(n);
}

static void test_deleted_tenant_is_no_tenant(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	acronis(n, 1, "1", 0)->deleted_at = "2026-11-01T10:00:00";
	bss(n, "S-2", "2", 1, SUBSCRIPTION_CANCELLED)->external_id = tenant_id(n, 2);
	acronis(n, 2, "2", 0)->deleted_at = "2026-11-01T10:00:00";
	assert_findings(n, "tenant-missing");
	assert_non_null(strstr(n->result->findings[0].sentence, "only one that was deleted on 2026-11-01"));
	assert_int_equal(n->result->coverage.tenants_deleted, 2);
	assert_closes(n);
	night_free(n);
}

static double seconds(clock_t from)
{
	return (double)(clock() - from) / CLOCKS_PER_SEC;
}

/* One account with everything, one tenant named by all: no walk over all pairs. */
static void test_no_quadratic_walk(void **state)
{
	enum { ROWS = 50000 };
	struct night *n = night_new();
	char id[32];

	(void)state;
	for (int i = 0; i < ROWS; i++) {
		snprintf(id, sizeof id, "S-%d", i);
		bss(n, id, "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
		acronis(n, i, "1", 0);
	}
	clock_t from = clock();
	compare(n);
	assert_true(seconds(from) < 20); /* minutes when it is quadratic */
	assert_int_equal(n->result->by_code[FINDING_DUPLICATE_SUBSCRIPTION], ROWS - 1);
	assert_int_equal(n->result->by_code[FINDING_DUPLICATE_TENANT], ROWS - 1);
	assert_closes(n);
	night_free(n);
}

static void test_index_compares_texts(void **state)
{
	struct text_index index = {0};
	size_t at = INDEX_START;

	(void)state;
	/* The same hash twice, and one that lands in the same slot: each number comes out under its own hash
	 * only. */
	index_add(&index, UINT64_C(5) << 32, 1);
	index_add(&index, UINT64_C(5) << 32, 2);
	index_add(&index, UINT64_C(21) << 32, 3);
	assert_int_equal(index_next(&index, UINT64_C(5) << 32, &at), 1);
	assert_int_equal(index_next(&index, UINT64_C(5) << 32, &at), 2);
	assert_int_equal(index_next(&index, UINT64_C(5) << 32, &at), INDEX_NONE);
	for (uint32_t i = 0; i < 1000; i++)
		index_add(&index, hash_text((struct strv){(const char *)&i, sizeof i}), i + 10);
	for (uint32_t i = 0; i < 1000; i++) {
		at = INDEX_START;
		assert_int_equal(
		    index_next(&index, hash_text((struct strv){(const char *)&i, sizeof i}), &at), i + 10);
	}
	index_free(&index);
	assert_true(hash_nocase(STRV("AbC-1")) == hash_nocase(STRV("aBc-1")));
	assert_true(hash_nocase(STRV("abc")) != hash_nocase(STRV("abd")));
}

static void test_names_are_compared_in_their_normal_form(void **state)
{
	(void)state;
	assert_true(name_equal(STRV(" Sky\t\n Cloud "), STRV("Sky Cloud")));
	assert_true(name_equal(STRV("Sky\xc2\xa0"
				    "Cloud\xe3\x80\x80"),
	    STRV("Sky Cloud")));
	assert_true(name_equal(STRV(""), STRV(" \x7f")));
	assert_false(name_equal(STRV("Sky Cloud"), STRV("sky cloud")));
	assert_false(name_equal(STRV("SkyCloud"), STRV("Sky Cloud")));
	assert_false(name_equal(STRV("Sky"), STRV("Sky C")));
	assert_true(name_alike(STRV("SKY  cloud"), STRV(" sky Cloud")));
	assert_false(name_alike(STRV("SKY cloud"), STRV("sky clouds")));
	assert_true(name_hash(STRV("SKY  cloud")) == name_hash(STRV(" sky Cloud")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_external_id_before_customer_id_before_ledger),
	    cmocka_unit_test(test_ledger_does_not_beat_customer_id),
	    cmocka_unit_test(test_login_and_name_only_suggest),
	    cmocka_unit_test(test_two_accounts_name_one_tenant),
	    cmocka_unit_test(test_reused_tenant_goes_with_the_live_subscription),
	    cmocka_unit_test(test_the_subscription_with_the_tenant_is_the_contract),
	    cmocka_unit_test(test_two_subscriptions_name_their_accounts_tenant),
	    cmocka_unit_test(test_customers_of_our_own_are_counted_only),
	    cmocka_unit_test(test_deleted_tenant_is_no_tenant),
	    cmocka_unit_test(test_no_quadratic_walk),
	    cmocka_unit_test(test_index_compares_texts),
	    cmocka_unit_test(test_names_are_compared_in_their_normal_form),
	};
	return cmocka_run_group_tests_name("join", tests, NULL, NULL);
}
