/* The budget for loss as a decision: the ladder of tiers, the limit of a site, all or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../fake/fake_job.h"
#include "tenantry/budget.h"

static struct tier row(const char *name, int acronis, int64_t usd)
{
	struct tier tier = {.name = name, .acronis = acronis, .sold = true};

	if (usd >= 0)
		tier.commitment[CURRENCY_USD] = (struct money){usd * 100, "USD"};
	return tier;
}

static void steps_are_rows_by_commitment(void **state)
{
	const struct tier tiers[] = {row("Tier 0", -1, 0), row("Tier 1", 0, 250), row("Tier 2", 1, 500),
	    row("Tier 3", 2, 1000), row("Promo", -1, 99)};

	(void)state;
	assert_int_equal(loss_steps(tiers, 5, &tiers[3], &tiers[2]), 1);
	assert_int_equal(loss_steps(tiers, 5, &tiers[3], &tiers[1]), 2);
	assert_int_equal(loss_steps(tiers, 5, &tiers[1], &tiers[3]), 0);
	assert_int_equal(loss_steps(tiers, 5, &tiers[2], &tiers[2]), 0);
	/* Promo is a row between them, whether it is sold or not; Acronis has one value for it and Tier 0. */
	assert_int_equal(loss_steps(tiers, 5, &tiers[1], &tiers[0]), 2);
	assert_int_equal(loss_steps(tiers, 5, &tiers[1], &tiers[4]), 1);
	assert_int_equal(loss_steps(tiers, 5, &tiers[4], &tiers[0]), 1);
	assert_int_equal(loss_steps(tiers, 5, NULL, &tiers[0]), LOSS_STEPS_UNKNOWN);
}

static void rows_without_a_commitment_stand_by_their_value(void **state)
{
	/* As the sample job of a real data centre has them. */
	const struct tier tiers[] = {row("Tier 0", -1, 0), row("Tier 1", 0, 250), row("Tier 2", 1, -1),
	    row("Tier 3", 2, -1), row("Tier 7", 6, 25000)};

	(void)state;
	assert_int_equal(loss_steps(tiers, 5, &tiers[3], &tiers[2]), 1);
	assert_int_equal(loss_steps(tiers, 5, &tiers[3], &tiers[1]), 2);
	/* Next to each other by amount, and not by value: the greater number counts. */
	assert_int_equal(loss_steps(tiers, 5, &tiers[4], &tiers[1]), 3);
	assert_int_equal(loss_steps(tiers, 5, &tiers[2], &tiers[1]), 1);
}

static void equal_rows_are_one_step(void **state)
{
	const struct tier tiers[] = {
	    row("A", 0, 100), row("A old", 0, 100), row("B", 1, 100), row("C", 2, 300)};

	(void)state;
	assert_int_equal(loss_steps(tiers, 4, &tiers[1], &tiers[0]), 0);
	assert_int_equal(loss_steps(tiers, 4, &tiers[3], &tiers[2]), 1);
	/* Of one amount, and yet a value lower. */
	assert_int_equal(loss_steps(tiers, 4, &tiers[2], &tiers[1]), 1);
	assert_int_equal(loss_steps(tiers, 4, &tiers[3], &tiers[0]), 2);
}

static void every_currency_counts(void **state)
{
	struct tier tiers[] = {row("A", 0, 100), row("B", 1, 200), row("C", 2, 300)};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		tiers[i].commitment[CURRENCY_EUR] = (struct money){(int64_t[]){100, 900, 500}[i], "EUR"};
	/* In euro B stands above C. */
	assert_int_equal(loss_steps(tiers, 3, &tiers[1], &tiers[0]), 2);
	assert_int_equal(loss_steps(tiers, 3, &tiers[1], &tiers[2]), 1);
}

static void values_of_acronis_are_the_highest_row(void **state)
{
	const struct tier tiers[] = {
	    row("Tier 0", -1, 0), row("Tier 1", 0, 250), row("Tier 2", 1, 500), row("Gold", 1, 900)};

	(void)state;
	assert_int_equal(loss_steps_from_value(tiers, 4, 1, &tiers[1]), 2);
	assert_int_equal(loss_steps_from_value(tiers, 4, 0, &tiers[1]), 0);
	assert_int_equal(loss_steps_from_value(tiers, 4, -1, &tiers[1]), 0);
	assert_int_equal(loss_steps_from_value(tiers, 4, 7, &tiers[1]), LOSS_STEPS_UNKNOWN);
	assert_int_equal(loss_steps_from_value(tiers, 4, -2, &tiers[1]), 0);
}

static struct share number(int64_t n)
{
	return (struct share){true, false, n};
}
static struct share percent(int64_t n)
{
	return (struct share){true, true, n};
}

static void the_limit_of_a_site(void **state)
{
	static const struct share none;
	struct strbuf text = {0};

	(void)state;
	assert_int_equal(budget_limit(none, 0), 5);
	assert_int_equal(budget_limit(none, 250), 5);
	assert_int_equal(budget_limit(none, 300), 6);
	assert_int_equal(budget_limit(none, 1249), 24);
	assert_int_equal(budget_limit(none, 1250), 25);
	assert_int_equal(budget_limit(none, UINT64_MAX), 25);
	assert_int_equal(budget_limit(number(0), 300), 0);
	assert_int_equal(budget_limit(number(40), 3), 40);
	assert_int_equal(budget_limit(percent(10), 99), 9);
	assert_int_equal(budget_limit(percent(100), UINT64_MAX), UINT64_MAX);
	assert_int_equal(budget_limit(percent(0), 1000), 0);
	budget_add_rule(&text, none, 300);
	assert_string_equal(text.p, "6: 2% of 300 live contracts, at least 5, at most 25");
	strbuf_clear(&text);
	budget_add_rule(&text, percent(10), 1);
	assert_string_equal(text.p, "0: 10% of 1 live contract");
	strbuf_clear(&text);
	budget_add_rule(&text, number(12), 300);
	assert_string_equal(text.p, "12");
	strbuf_free(&text);
}

enum { LOSSES = 8 };

/* One of each kind, then drops of one step and losses that stand. */
static void make_losses(struct loss losses[LOSSES])
{
	static const enum loss_kind kinds[LOSSES] = {LOSS_DISABLE, LOSS_SUSPEND, LOSS_CANCEL, LOSS_TIER_DROP,
	    LOSS_TIER_DROP, LOSS_TIER_DROP, LOSS_CANCEL, LOSS_NONE};

	memset(losses, 0, LOSSES * sizeof *losses);
	for (size_t i = 0; i < LOSSES; i++)
		losses[i] = (struct loss){.key = "k", .kind = kinds[i], .steps = 2};
	losses[4].steps = 1;
	losses[5].steps = LOSS_STEPS_UNKNOWN;
	losses[6].standing = true;
}

static void it_is_all_or_nothing(void **state)
{
	struct loss losses[LOSSES];

	(void)state;
	make_losses(losses);
	for (uint64_t limit = 0; limit <= 12; limit++) {
		for (uint64_t used = 0; used <= 12; used++) {
			struct budget budget = {.limit = limit, .used = used};
			struct budget_decision d = budget_decide(&budget, losses, LOSSES);
			size_t held = 0;
			assert_int_equal(d.asked, 5);
			assert_int_equal(d.by_kind[LOSS_TIER_DROP], 2);
			assert_int_equal(d.by_kind[LOSS_CANCEL], 1);
			assert_int_equal(d.over, used + 5 > limit);
			assert_false(d.passed);
			for (size_t i = 0; i < LOSSES; i++)
				held += budget_holds(&d, &losses[i]);
			assert_int_equal(held, d.over ? 5 : 0);
			assert_false(budget_holds(&d, &losses[4]));
			assert_false(budget_holds(&d, &losses[6]));
			assert_int_equal(budget_has_room(&budget, 3), used < limit);
		}
	}
}

static void only_as_many_as_are_asked_for_let_it_pass(void **state)
{
	struct loss losses[LOSSES];

	(void)state;
	make_losses(losses);
	for (uint64_t allowed = 0; allowed <= 9; allowed++) {
		struct budget budget = {.limit = 3, .used = 1, .may_exceed = true, .allowed = allowed};
		struct budget_decision d = budget_decide(&budget, losses, LOSSES);
		assert_true(d.over);
		assert_int_equal(d.passed, allowed >= 5);
		assert_int_equal(budget_holds(&d, &losses[0]), allowed < 5);
		budget.used = 3;
		assert_int_equal(budget_has_room(&budget, 4), allowed > 4);
	}
	/* Nothing is asked for: nothing is over, however much was used. */
	assert_false(budget_decide(&(struct budget){.limit = 1, .used = 9}, losses + 6, 2).over);
	assert_false(budget_decide(&(struct budget){.limit = 0, .used = UINT64_MAX}, NULL, 0).over);
}

static void kinds_have_names(void **state)
{
	(void)state;
	for (int i = LOSS_NONE + 1; i < LOSS_KIND_COUNT; i++)
		assert_int_equal(loss_kind_parse(loss_kind_name((enum loss_kind)i)), i);
	assert_int_equal(loss_kind_parse("delete"), LOSS_NONE);
	assert_string_equal(loss_kind_name(LOSS_NONE), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(steps_are_rows_by_commitment),
	    cmocka_unit_test(rows_without_a_commitment_stand_by_their_value),
	    cmocka_unit_test(equal_rows_are_one_step),
	    cmocka_unit_test(every_currency_counts),
	    cmocka_unit_test(values_of_acronis_are_the_highest_row),
	    cmocka_unit_test(the_limit_of_a_site),
	    cmocka_unit_test(it_is_all_or_nothing),
	    cmocka_unit_test(only_as_many_as_are_asked_for_let_it_pass),
	    cmocka_unit_test(kinds_have_names),
	};
	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
