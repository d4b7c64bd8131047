/* The verdict about the tier table is pure: partners, a confirmed one and price lists in, verdict and
 * sentences out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tenantry/mem.h"
#include "tenantry/tier_proof.h"

#define TENANT(n) "a0000000-0000-4000-8000-00000000000" #n

struct stage {
	struct job job;
	struct tier tiers[8];
	struct tier_witness witnesses[8];
	struct tier_price prices[4];
	struct tier_evidence evidence;
	struct arena *arena;
	struct tier_proof proof;
};

static void put_tier(
    struct stage *s, const char *name, int value, const char *usd, const char *eur, bool sold)
{
	struct tier *tier = &s->tiers[s->job.contract.tier_count];

	*tier = (struct tier){
	    .name = name, .acronis = value, .sold = sold, .index = s->job.contract.tier_count++};
	if (usd)
		assert_true(money_parse(strv_of(usd), "USD", &tier->commitment[CURRENCY_USD]));
	if (eur)
		assert_true(money_parse(strv_of(eur), "EUR", &tier->commitment[CURRENCY_EUR]));
}

static int set_up(void **state)
{
	struct stage *s = mem_zalloc(sizeof *s);

	s->arena = arena_new();
	s->job.bss.name = "main";
	s->job.contract.tiers = s->tiers;
	put_tier(s, "Tier 0", -1, "0", NULL, true);
	put_tier(s, "Tier 1", 0, "250", "230", true);
	put_tier(s, "Tier 2", 1, "500", NULL, true);
	put_tier(s, "Tier 3", 2, NULL, NULL, true);
	put_tier(s, "Promo", -1, "99", NULL, false);
	s->evidence = (struct tier_evidence){
	    .job = &s->job, .as_of = "read now", .witnesses = s->witnesses, .prices = s->prices};
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	arena_free(s->arena);
	free(s);
	return 0;
}

static const struct tier *tier(struct stage *s, const char *name)
{
	const struct tier *found = job_tier_by_name(&s->job, strv_of(name));

	assert_non_null(found);
	return found;
}

static void confirm(struct stage *s, const char *name, bool has_value, int64_t value)
{
	s->evidence.confirmed = (struct tier_confirmed){tier(s, name), TENANT(9), has_value, value};
}

static void partner(struct stage *s, const char *name, int64_t value)
{
	s->witnesses[s->evidence.witness_count++] = (struct tier_witness){.tenant_id = TENANT(1),
	    .account_id = "7",
	    .account = "Secret Name Ltd",
	    .currency = "USD",
	    .tier = tier(s, name),
	    .has_value = true,
	    .value = value};
	s->evidence.possible = s->evidence.witness_count;
}

static void price(struct stage *s, int64_t value, const char *commitment, const char *currency)
{
	s->evidence.prices_asked = true;
	s->prices[s->evidence.price_count++] = (struct tier_price){.tenant_id = TENANT(2),
	    .value = value,
	    .answer = PRICE_SAID,
	    .month = "2026-11",
	    .currency = currency,
	    .commitment = commitment,
	    .text = "",
	    .scope = ""};
}

static enum tier_verdict verdict(struct stage *s)
{
	s->proof = tier_prove(&s->evidence, s->arena);
	assert_true(s->proof.note_count > 0);
	for (size_t i = 0; i < s->proof.note_count; i++)
		assert_null(strstr(s->proof.notes[i], "Secret Name"));
	assert_true((s->proof.verdict == TIERS_PROVED) == (s->proof.advice[0] == '\0'));
	return s->proof.verdict;
}

static bool says(const struct stage *s, const char *text)
{
	for (size_t i = 0; i < s->proof.note_count; i++)
		if (strstr(s->proof.notes[i], text))
			return true;
	return strstr(s->proof.summary, text) != NULL;
}

/* ---- What is paid, and what tells the numberings apart. */

static void paid_and_counted(void **state)
{
	struct stage *s = *state;

	assert_false(tier_is_paid(tier(s, "Tier 0")));
	assert_true(tier_is_paid(tier(s, "Tier 1")));
	assert_true(tier_is_paid(tier(s, "Tier 3"))); /* whatever it costs, it is no "none" */
	assert_true(tier_is_paid(tier(s, "Promo")));
	assert_false(tier_is_counted(tier(s, "Tier 0")));
	assert_false(tier_is_counted(tier(s, "Promo")));
	assert_true(tier_is_counted(tier(s, "Tier 1")));
	s->tiers[0].acronis = 0; /* a Tier 0 that is mapped to what others call Tier 1 */
	assert_true(tier_is_paid(&s->tiers[0]));
}

static void nothing_proves_nothing(void **state)
{
	struct stage *s = *state;

	assert_int_equal(verdict(s), TIERS_UNPROVED);
	assert_true(says(s, "names no partner"));
	assert_true(says(s, "no paid partner"));
	assert_non_null(strstr(s->proof.advice, "contract.confirmed"));
}

/* ---- The confirmed partner. */

static void a_confirmed_tier_0_proves_nothing(void **state)
{
	struct stage *s = *state;

	confirm(s, "Tier 0", true, -1);
	assert_int_equal(verdict(s), TIERS_UNPROVED);
	assert_true(says(s, "-1 however tiers are counted"));
	confirm(s, "Promo", true, -1);
	assert_int_equal(verdict(s), TIERS_UNPROVED);
}

static void a_confirmed_paid_partner_proves(void **state)
{
	struct stage *s = *state;

	confirm(s, "Tier 1", true, 0);
	assert_int_equal(verdict(s), TIERS_PROVED);
	assert_string_equal(s->proof.by, "contract.confirmed");
}

static void a_confirmed_partner_with_another_value_contradicts(void **state)
{
	struct stage *s = *state;

	confirm(s, "Tier 1", true, 1);
	assert_int_equal(verdict(s), TIERS_CONTRADICTED);
	assert_true(says(s, "has tier_level_value 1, but Tier 1 is mapped to 0"));
	assert_true(says(s, "As the table has it: Tier 1 = 0, Tier 2 = 1, Tier 3 = 2"));
	assert_true(says(s, "Tier 1 = 1, Tier 2 = 2, Tier 3 = 3"));
	confirm(s, "Tier 1", false, 0);
	assert_int_equal(verdict(s), TIERS_CONTRADICTED);
	assert_true(says(s, "has no tier_level_value"));
	confirm(s, "Tier 0", true, 0);
	assert_int_equal(verdict(s), TIERS_CONTRADICTED);
}

/* ---- Partners. */

static void three_partners_that_agree_prove(void **state)
{
	struct stage *s = *state;

	partner(s, "Tier 1", 0);
	partner(s, "Tier 2", 1);
	assert_int_equal(verdict(s), TIERS_UNPROVED);
	assert_true(says(s, "3 are needed"));
	partner(s, "Tier 1", 0);
	assert_int_equal(verdict(s), TIERS_PROVED);
	assert_string_equal(s->proof.by, "paid partners that agree");
	assert_int_equal(s->proof.partners, 3);
	assert_int_equal(s->proof.agree, 3);
	partner(s, "Tier 2", 5);
	assert_int_equal(verdict(s), TIERS_UNPROVED);
	assert_true(says(s, "1 of 4 paid partners"));
	assert_true(says(s, "has 5, not 1"));
}

static void more_than_half_by_one_offset_contradict(void **state)
{
	static const struct {
		int64_t values[5];
		size_t count;
		enum tier_verdict verdict;
	} cases[] = {
	    {{1, 1}, 2, TIERS_UNPROVED}, /* two are too few to say so */
	    {{1, 1, 1}, 3, TIERS_CONTRADICTED}, {{1, 1, 0}, 3, TIERS_CONTRADICTED},
	    {{1, 0, 0}, 3, TIERS_UNPROVED},
	    {{1, 1, 0, 0}, 4, TIERS_UNPROVED}, /* half is not more than half */
	    {{1, 1, 1, 0}, 4, TIERS_CONTRADICTED},
	    {{1, 2, 3}, 3, TIERS_UNPROVED}, /* not one and the same offset */
	    {{1, 1, 2, 3, 0}, 5, TIERS_UNPROVED},
	    {{-1, -1, -1}, 3, TIERS_UNPROVED}, /* no commitment: no count of tiers gives that */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage *s;
		void *fresh;
		(void)state;
		set_up(&fresh);
		s = fresh;
		for (size_t n = 0; n < cases[i].count; n++)
			partner(s, "Tier 1", cases[i].values[n]);
		if (verdict(s) != cases[i].verdict)
			fail_msg("case %zu: %s", i, tier_verdict_name(s->proof.verdict));
		assert_int_equal(s->proof.offset, cases[i].verdict == TIERS_CONTRADICTED);
		tear_down(&fresh);
	}
}

static void both_readings_are_shown(void **state)
{
	struct stage *s = *state;

	confirm(s, "Tier 1", true, 0); /* what else speaks for it does not help */
	price(s, 0, "250", "USD");
	partner(s, "Tier 1", 1);
	partner(s, "Tier 2", 2);
	partner(s, "Tier 3", 3);
	assert_int_equal(verdict(s), TIERS_CONTRADICTED);
	assert_int_equal(s->proof.offset, 1);
	assert_true(says(s, "of 3 paid partners 3 have a tier_level_value that is 1 more"));
	assert_true(says(s, "As the table has it: Tier 1 = 0, Tier 2 = 1, Tier 3 = 2"));
	assert_true(says(s, "As Acronis has it: Tier 1 = 1, Tier 2 = 2, Tier 3 = 3"));
	assert_string_equal(tier_readings(&s->job, s->arena),
	    "N: Tier 1 = 1, Tier 2 = 2, Tier 3 = 3; N-1: Tier 1 = 0, Tier 2 = 1, Tier 3 = 2; the table follows N-1");
	s->tiers[2].acronis = 4;
	assert_non_null(strstr(tier_readings(&s->job, s->arena), "the table follows neither"));
	s->tiers[1].name = "Bronze";
	assert_string_equal(tier_readings(&s->job, s->arena),
	    "the table: Bronze = 0, Tier 2 = 4, Tier 3 = 2; one higher: Bronze = 1, Tier 2 = 5, Tier 3 = 3; one lower: "
	    "Bronze = -1, Tier 2 = 3, Tier 3 = 1");
}

/* ---- The price list. */

static void commitments(void **state)
{
	static const struct {
		int64_t value;
		const char *commitment, *currency;
		enum tier_verdict verdict;
		const char *says;
	} cases[] = {
	    {0, "250", "USD", TIERS_PROVED, "the commitment of Tier 1"},
	    {0, "250.00", "USD", TIERS_PROVED, "the commitment of Tier 1"},
	    {0, "230", "EUR", TIERS_PROVED, "the commitment of Tier 1"},
	    {0, "500", "USD", TIERS_UNPROVED, "value 0, which the table has as Tier 1, 250.00 USD"},
	    {0, "250.01", "USD", TIERS_UNPROVED, "which the table has as Tier 1"},
	    {1, "460", "EUR", TIERS_UNPROVED, "Tier 2 has no commitment in EUR"},
	    {2, "1000", "USD", TIERS_UNPROVED, "Tier 3 has no commitment in USD"},
	    {7, "1000", "USD", TIERS_UNPROVED, "value 7 of the table has no commitment"},
	    {0, "250", "RUB", TIERS_UNPROVED, "no commitment in RUB"},
	    {0, "1", "USD", TIERS_UNPROVED, "an amount or the number of a level"},
	    {0, "-1", "USD", TIERS_UNPROVED, "an amount or the number of a level"},
	    {0, "0", "USD", TIERS_UNPROVED, "an amount or the number of a level"},
	    {0, "Tier 1", "USD", TIERS_UNPROVED, "not readable as an amount"},
	    {0, "250,00", "USD", TIERS_UNPROVED, "not readable as an amount"},
	    {0, "2.5e2", "USD", TIERS_UNPROVED, "not readable as an amount"},
	    {0, "+250", "USD", TIERS_UNPROVED, "not readable as an amount"},
	    {0, "250.", "USD", TIERS_UNPROVED, "not readable as an amount"},
	    {0, ".250", "USD", TIERS_UNPROVED, "not readable as an amount"},
	    {0, "", "USD", TIERS_UNPROVED, "not readable as an amount"},
	    {0, "250", "", TIERS_UNPROVED, "not readable as an amount"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage *s;
		void *fresh;
		set_up(&fresh);
		s = fresh;
		price(s, cases[i].value, cases[i].commitment, cases[i].currency);
		if (verdict(s) != cases[i].verdict || !says(s, cases[i].says))
			fail_msg("case %zu: %s: %s", i, tier_verdict_name(s->proof.verdict),
			    s->proof.notes[s->proof.note_count - 1]);
		tear_down(&fresh);
	}
}

static void a_differing_commitment_outweighs_all(void **state)
{
	struct stage *s = *state;

	confirm(s, "Tier 1", true, 0);
	for (int i = 0; i < 3; i++)
		partner(s, "Tier 1", 0);
	price(s, 0, "250", "USD");
	assert_int_equal(verdict(s), TIERS_PROVED);
	assert_string_equal(s->proof.by, "contract.confirmed, the price list, paid partners that agree");
	price(s, 1, "250", "USD");
	assert_int_equal(verdict(s), TIERS_UNPROVED);
	assert_true(says(s, "another commitment"));
	assert_true(
	    says(s, "says 250 USD, but the tenant has value 1, which the table has as Tier 2, 500.00 USD"));
}

static void a_refused_price_list_names_the_scope(void **state)
{
	struct stage *s = *state;

	s->evidence.prices_asked = true;
	s->prices[s->evidence.price_count++] = (struct tier_price){.tenant_id = TENANT(2),
	    .answer = PRICE_FORBIDDEN,
	    .text = "FetchTenantPriceLists: 403",
	    .scope = "urn:x::price_list_reader"};
	s->prices[s->evidence.price_count++] = (struct tier_price){
	    .tenant_id = TENANT(3), .answer = PRICE_SILENT, .text = "503 Service unavailable", .scope = ""};
	confirm(s, "Tier 2", true, 1);
	assert_int_equal(verdict(s), TIERS_PROVED);
	assert_string_equal(s->proof.by, "contract.confirmed");
	assert_true(says(s, "lacks the scope urn:x::price_list_reader, so it proves nothing"));
	assert_true(says(s, "gives nothing: 503"));
}

/* ---- Witnesses. */

struct crowd {
	struct stage *s;
	struct subscription rows[12];
	struct subscriptions subscriptions;
	struct facts *facts;
	struct tier_witness *found;
	size_t count;
};

static void row(struct crowd *c, const char *account, const char *tenant, const char *tier_name,
    enum subscription_status status)
{
	c->rows[c->subscriptions.count++] = (struct subscription){.id = account,
	    .account_id = account,
	    .account = "X",
	    .username = "",
	    .external_id = tenant,
	    .tier = tier_name ? tier(c->s, tier_name) : NULL,
	    .currency = "USD",
	    .status = status,
	    .is_trial = -1};
}

static void find(struct crowd *c, const struct order_item *const *items, size_t count)
{
	c->facts = facts_new();
	c->subscriptions.items = c->rows;
	facts_add_subscriptions(c->facts, &c->subscriptions);
	struct tier_search search = {.job = &c->s->job,
	    .subscriptions = &c->subscriptions,
	    .facts = c->facts,
	    .items = items,
	    .item_count = count};
	c->found = tier_witnesses(&search, c->s->arena, &c->count);
}

static void who_can_speak(void **state)
{
	static const struct order_item moved = {.account_id = "12", .action = ACTION_UPGRADE},
				       suspended = {.account_id = "1", .action = ACTION_SUSPEND};
	const struct order_item *items[] = {&moved, &suspended};
	struct crowd c = {.s = *state};

	row(&c, "1", TENANT(1), "Tier 1", SUBSCRIPTION_ACTIVE);
	row(&c, "2", TENANT(2), "Tier 1", SUBSCRIPTION_SUSPENDED);
	row(&c, "3", TENANT(3), "Tier 2", SUBSCRIPTION_ACTIVE);
	row(&c, "4", TENANT(4), "Tier 0", SUBSCRIPTION_ACTIVE);
	row(&c, "5", TENANT(5), NULL, SUBSCRIPTION_ACTIVE);
	row(&c, "6", TENANT(6), "Tier 1", SUBSCRIPTION_PENDING);
	row(&c, "7", TENANT(7), "Tier 1", SUBSCRIPTION_CANCELLED);
	row(&c, "8", "not an id", "Tier 1", SUBSCRIPTION_ACTIVE);
	row(&c, "9", TENANT(9), "Tier 1", SUBSCRIPTION_ACTIVE);
	c.rows[c.subscriptions.count - 1].is_trial = 1;
	row(&c, "10", TENANT(3), "Tier 1", SUBSCRIPTION_ACTIVE); /* names 3's tenant: neither is believed */
	row(&c, "12", TENANT(0), "Tier 1", SUBSCRIPTION_ACTIVE); /* on the move tonight */
	find(&c, items, 2);
	assert_int_equal(c.count, 2);
	assert_string_equal(c.found[0].account_id, "1");
	assert_string_equal(c.found[1].account_id, "2");
	facts_free(c.facts);
}

static void one_of_each_tier_first(void **state)
{
	static const char *const order[] = {"1", "4", "2", "3"};
	struct crowd c = {.s = *state};

	row(&c, "1", TENANT(1), "Tier 1", SUBSCRIPTION_ACTIVE);
	row(&c, "2", TENANT(2), "Tier 1", SUBSCRIPTION_ACTIVE);
	row(&c, "3", TENANT(3), "Tier 1", SUBSCRIPTION_ACTIVE);
	row(&c, "4", TENANT(4), "Tier 3", SUBSCRIPTION_ACTIVE);
	find(&c, NULL, 0);
	assert_int_equal(c.count, 4);
	for (size_t i = 0; i < c.count; i++)
		assert_string_equal(c.found[i].account_id, order[i]);
	facts_free(c.facts);
}

static void what_we_made_does_not_speak(void **state)
{
	const struct known_tenant made = {.account_id = "2",
	    .tenant_id = TENANT(2),
	    .login = "",
	    .item_key = "main/O-2",
	    .subscription_id = "",
	    .user_id = ""};
	struct crowd c = {.s = *state};

	row(&c, "1", TENANT(1), "Tier 1", SUBSCRIPTION_ACTIVE);
	row(&c, "2", TENANT(2), "Tier 1", SUBSCRIPTION_ACTIVE);
	c.facts = facts_new();
	c.subscriptions.items = c.rows;
	facts_add_subscriptions(c.facts, &c.subscriptions);
	facts_add_tenant(c.facts, &made);
	c.found = tier_witnesses(
	    &(struct tier_search){.job = &c.s->job, .subscriptions = &c.subscriptions, .facts = c.facts},
	    c.s->arena, &c.count);
	assert_int_equal(c.count, 1);
	assert_string_equal(c.found[0].account_id, "1");
	facts_free(c.facts);
}

static void what_acronis_says_of_a_witness(void **state)
{
	static const struct {
		struct tier_sight sight;
		bool speaks;
	} cases[] = {
	    {{"partner", "1", "", false, true, 3}, true},
	    {{"partner", "", "", false, true, 3}, true},
	    {{"partner", " 1 ", "aps-abc-tier=-1", false, true, 3}, true},
	    {{"customer", "1", "", false, true, 3}, false},
	    {{"partner", "2", "", false, true, 3}, false},
	    {{"partner", "1", "main/O-1", false, true, 3}, false},
	    {{"partner", "1", "", true, true, 3}, false},
	    {{"partner", "1", "", false, false, 0}, false},
	};
	struct stage *s = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tier_witness w = {.account_id = "1", .tier = tier(s, "Tier 1")};
		assert_int_equal(tier_witness_see(&w, &s->job, &cases[i].sight), cases[i].speaks);
		assert_int_equal(w.value, cases[i].speaks ? 3 : 0);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(paid_and_counted),
	    CASE(nothing_proves_nothing),
	    CASE(a_confirmed_tier_0_proves_nothing),
	    CASE(a_confirmed_paid_partner_proves),
	    CASE(a_confirmed_partner_with_another_value_contradicts),
	    CASE(three_partners_that_agree_prove),
	    CASE(more_than_half_by_one_offset_contradict),
	    CASE(both_readings_are_shown),
	    CASE(commitments),
	    CASE(a_differing_commitment_outweighs_all),
	    CASE(a_refused_price_list_names_the_scope),
	    CASE(who_can_speak),
	    CASE(one_of_each_tier_first),
	    CASE(what_we_made_does_not_speak),
	    CASE(what_acronis_says_of_a_witness),
	};

	return cmocka_run_group_tests_name("tier_proof", tests, NULL, NULL);
}
