/* What is known of the world: which subscription, tenant or login belongs to whom. */
#include "intake_fixture.h"

/* id, external id, account, login, status */
#define SUB(i, e, a, l, s)                                                                                   \
	{                                                                                                    \
		.id = i, .account_id = a, .account = "", .username = l, .sync_status = "", .external_id = e, \
		.tier_text = "", .product_code = "", .status = s, .quantity = "1", .source = "s.csv"         \
	}

static const char uuid[] = "0a0b0c0d-0000-4000-8000-00000000000e";
static struct subscription items[] = {
    SUB("S-1", "", "A", "Ann@Example.com", SUBSCRIPTION_PENDING),
    SUB("S-2", "0a0b0c0d-0000-4000-8000-00000000000e", "A", "", SUBSCRIPTION_ACTIVE),
    SUB("S-3", "", "A", "", SUBSCRIPTION_SUSPENDED),
    SUB("S-4", "", "B", "bob@example.com", SUBSCRIPTION_CANCELLED),
    SUB("S-5", "", "C", "carl@example.com", SUBSCRIPTION_FAILED),
    SUB("5b2bd1ba-0000-4000-8000-00000000000a", "", "D", "ann@example.com", SUBSCRIPTION_SUSPENDED),
};
static struct quarantined_row unreadable[] = {
    {.source = "s.csv", .subscription_id = "S-9", .account_id = "Q", .reason = "x", .line = 9}};

static struct facts *loaded(void)
{
	static const struct known_tenant tenant = {
	    "T", "t-id", "Tim@example.com", "main/1", "S-T", "u", NULL};
	struct subscriptions list = {
	    .items = items, .count = ARRAY_LEN(items), .quarantined = unreadable, .quarantined_count = 1};
	struct facts *facts = facts_new();

	facts_add_subscriptions(facts, &list);
	facts_add_tenant(facts, &tenant);
	return facts;
}

static const char *id_of(const struct subscription *s)
{
	return s ? s->id : "none";
}

static void finds_contracts(void **state)
{
	struct facts *facts = loaded();

	(void)state;
	/* Active before suspended before pending; what is over or never began is no contract. */
	assert_string_equal(id_of(facts_live_subscription(facts, STRV("A"))), "S-2");
	assert_string_equal(id_of(facts_live_subscription(facts, STRV("B"))), "none");
	assert_string_equal(id_of(facts_live_subscription(facts, STRV("C"))), "none");
	assert_string_equal(id_of(facts_live_subscription(facts, STRV("a"))), "none");
	assert_string_equal(id_of(facts_live_subscription(facts, STRV(""))), "none");
	assert_string_equal(id_of(facts_subscription(facts, STRV("S-4"))), "S-4");
	assert_string_equal(id_of(facts_subscription(facts, STRV("s-4"))), "none");
	assert_string_equal(
	    id_of(facts_subscription(facts, STRV("5B2BD1BA-0000-4000-8000-00000000000A"))), items[5].id);
	assert_string_equal(id_of(facts_subscription_by_external(facts, strv_of(uuid))), "S-2");
	assert_string_equal(
	    id_of(facts_subscription_by_external(facts, STRV("0A0B0C0D-0000-4000-8000-00000000000E"))),
	    "S-2");
	assert_string_equal(id_of(facts_subscription_by_external(facts, STRV(""))), "none");
	assert_int_equal(facts_unreadable(facts, STRV("Q"))->line, 9);
	assert_null(facts_unreadable(facts, STRV("A")));
	facts_free(facts);
}

static void finds_owners(void **state)
{
	struct facts *facts = loaded();

	(void)state;
	assert_true(strv_eq(facts_login_owner(facts, STRV("ANN@example.com")), STRV("A")));
	assert_true(strv_eq(facts_login_owner(facts, STRV("carl@example.com")), STRV("C")));
	assert_null(facts_login_owner(facts, STRV("bob@example.com")).p);
	assert_true(strv_eq(facts_login_owner(facts, STRV("tim@example.com")), STRV("T")));
	assert_string_equal(facts_tenant(facts, STRV("T"))->tenant_id, "t-id");
	assert_null(facts_tenant(facts, STRV("A")));
	facts_free(facts);
}

/* What is over claims nothing, and an account is no rival of itself. */
static void finds_rivals_for_a_tenant(void **state)
{
	static struct subscription subs[] = {SUB("S-1", "t-1", "A", "", SUBSCRIPTION_ACTIVE),
	    SUB("S-2", "t-1", "A", "", SUBSCRIPTION_PENDING),
	    SUB("S-3", "t-1", "B", "", SUBSCRIPTION_CANCELLED),
	    SUB("S-4", "t-2", "B", "", SUBSCRIPTION_SUSPENDED), SUB("S-5", "", "C", "", SUBSCRIPTION_ACTIVE),
	    SUB("S-6", "", "D", "", SUBSCRIPTION_ACTIVE)};
	static const struct known_tenant tenant = {"E", "t-2", "", "main/1", "", "", NULL};
	struct subscriptions list = {.items = subs, .count = ARRAY_LEN(subs)};
	struct facts *facts = facts_new();

	(void)state;
	facts_add_subscriptions(facts, &list);
	facts_add_tenant(facts, &tenant);
	assert_int_equal(facts_tenant_rival(facts, STRV("t-1"), STRV("A")).n, 0);
	assert_true(strv_eq(facts_tenant_rival(facts, STRV("t-1"), STRV("B")), STRV("A")));
	assert_true(strv_eq(facts_tenant_rival(facts, STRV("t-2"), STRV("B")), STRV("E")));
	assert_true(strv_eq(facts_tenant_rival(facts, STRV("t-2"), STRV("E")), STRV("B")));
	assert_int_equal(facts_tenant_rival(facts, STRV(""), STRV("C")).n, 0);
	assert_int_equal(facts_tenant_rival(facts, STRV("t-3"), STRV("C")).n, 0);
	facts_free(facts);
}

static void knows_nothing_at_first(void **state)
{
	struct facts *facts = facts_new();

	(void)state;
	assert_null(facts_live_subscription(facts, STRV("A")));
	assert_null(facts_tenant(facts, STRV("A")));
	assert_null(facts_login_owner(facts, STRV("a@example.com")).p);
	facts_free(facts);
	facts_free(NULL);
}

/* Enough to make every index grow, in two lists. */
static void grows(void **state)
{
	enum { COUNT = 3000 };
	struct arena *arena = arena_new();
	struct subscription *many = arena_alloc(arena, COUNT * sizeof *many);
	struct known_tenant *tenants = arena_alloc(arena, COUNT * sizeof *tenants);
	struct facts *facts = facts_new();

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		many[i] = (struct subscription)SUB(arena_printf(arena, "S-%d", i), "",
		    arena_printf(arena, "A-%d", i), arena_printf(arena, "u%d@example.com", i),
		    SUBSCRIPTION_ACTIVE);
		tenants[i] = (struct known_tenant){arena_printf(arena, "K-%d", i), "",
		    arena_printf(arena, "k%d@example.com", i), "", "", "", NULL};
		facts_add_tenant(facts, &tenants[i]);
	}
	facts_add_subscriptions(facts, &(struct subscriptions){.items = many, .count = COUNT / 2});
	facts_add_subscriptions(
	    facts, &(struct subscriptions){.items = many + COUNT / 2, .count = COUNT / 2});
	for (int i = 0; i < COUNT; i++) {
		assert_ptr_equal(facts_live_subscription(facts, strv_of(many[i].account_id)), &many[i]);
		assert_ptr_equal(facts_subscription(facts, strv_of(many[i].id)), &many[i]);
		assert_ptr_equal(facts_tenant(facts, strv_of(tenants[i].account_id)), &tenants[i]);
		assert_true(strv_eq(
		    facts_login_owner(facts, strv_of(tenants[i].login)), strv_of(tenants[i].account_id)));
	}
	facts_free(facts);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(finds_contracts), cmocka_unit_test(finds_owners),
	    cmocka_unit_test(finds_rivals_for_a_tenant), cmocka_unit_test(knows_nothing_at_first),
	    cmocka_unit_test(grows)};

	return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
