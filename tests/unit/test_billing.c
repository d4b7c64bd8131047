/* The arithmetic of contracts: the worked examples of the domain notes, free months, tiers, rates and
 * tolerances. */
#include "billing_fixture.h"

static int64_t stake(const struct billing_entry *entry)
{
	return entry->difference;
}

static void agrees(struct bills *b)
{
	compare_bills(b);
	if (b->billing->count > 0)
		fail_msg("%s: kind %d, %lld", b->billing->entries[0].object, (int)b->billing->entries[0].kind,
		    (long long)b->billing->entries[0].difference);
	assert_int_equal(b->billing->compared, b->billing->contracts);
}

/* ---- Domain notes section 4: Tier 1 (250 USD), discount 20 %. */

static void example_a_under(void **state)
{
	struct bills *b = *state;

	b->f->job->billing.discount = "20";
	contract(b, "S", 1, "USD");
	line(b, "S", "usage", "USD", "180.00", "144.00,");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_SHORTFALL);
	assert_int_equal(e->expected.commitment, 25000);
	assert_int_equal(e->expected.shortfall, 7000);
	assert_int_equal(e->expected.above, 0);
	assert_int_equal(e->should, 25000);
	assert_int_equal(e->billed, 18000);
	assert_int_equal(stake(e), -7000);
	assert_int_equal(e->lines->cost_expected, 14400);
	line(b, "S", "commitment", "USD", "70.00", "");
	agrees(b);
}

static void a_shortfall_of_the_smallest_unit(void **state)
{
	struct bills *b = *state;

	contract(b, "S", 1, "USD");
	line(b, "S", "usage", "USD", "249.99", "");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->expected.shortfall, 1);
	assert_int_equal(stake(e), -1);
}

static void example_b_over(void **state)
{
	struct bills *b = *state;

	b->f->job->billing.discount = "20";
	contract(b, "S", 1, "USD");
	line(b, "S", "usage", "USD", "312.456", "249.96,");
	line(b, "S", "commitment", "USD", "250.00", "");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_OVERBILLED);
	assert_int_equal(e->expected.total, 31246);
	assert_int_equal(e->expected.above, 6246);
	assert_int_equal(e->lines->cost_expected, 24996);
	assert_int_equal(stake(e), 25000);
}

static void example_c_in_ramp_up(void **state)
{
	struct bills *b = *state;
	struct subscription *s = contract(b, "S", 1, "USD");

	s->start_date = (struct date){2026, 10, 1};
	s->ramp_up_months = 1;
	line(b, "S", "usage", "USD", "180.00", "");
	agrees(b);
	line(b, "S", "commitment", "USD", "70.00", "");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_OVERBILLED);
	assert_int_equal(e->should, 18000);
	assert_string_equal(e->free, "ramp-up month 1 of 1");
}

static void example_d_promo(void **state)
{
	struct bills *b = *state;

	contract(b, "S", 8, "USD");
	line(b, "S", "usage", "USD", "60.00", "48.00,");
	line(b, "S", "commitment", "USD", "39.00", "");
	agrees(b);
}

static void example_e_in_euro(void **state)
{
	struct bills *b = *state;

	strbuf_adds(&b->rate_rows, "USD,EUR,0.9213,2026-11-01,\nEUR,USD,1.0854,2026-01-01,\n");
	contract(b, "S", 1, "EUR");
	line(b, "S", "usage", "EUR", "165.83", "");
	line(b, "S", "commitment", "EUR", "64.50", ",0.9213");
	agrees(b);
	/* The shortfall converted on its own would be a cent less than the balancing line. */
	bills_forget(b);
	strbuf_clear(&b->lines);
	strbuf_adds(&b->lines, INVOICE_HEADER);
	line(b, "S", "usage", "EUR", "165.83", "");
	line(b, "S", "commitment", "EUR", "64.49", "");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->expected.commitment, 23033);
	assert_int_equal(e->expected.shortfall, 6450);
	assert_int_equal(stake(e), -1);
	assert_string_equal(e->rate->text, "0.9213");
}

static void example_f_in_yen(void **state)
{
	struct bills *b = *state;

	strbuf_adds(&b->rate_rows, "USD,JPY,149.37,2026-11-01,\n");
	contract(b, "S", 1, "JPY");
	for (int i = 0; i < 3; i++)
		line(b, "S", "usage", "JPY", "8962.2", "");
	line(b, "S", "commitment", "JPY", "10457", "");
	agrees(b);
	b->f->job->billing.rounding = ROUNDING_HALF_EVEN;
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->expected.commitment, 37342);
	assert_int_equal(e->expected.usage, 26886);
	assert_int_equal(e->kind, BILLING_OVERBILLED);
	assert_int_equal(stake(e), 1);
}

/* ---- Free months, short months. */

static void ramp_up_has_a_maximum_by_age(void **state)
{
	static const struct {
		struct date start;
		int64_t months;
		bool free;
	} cases[] = {
	    {{2026, 10, 1}, 0, false},
	    {{2026, 10, 31}, 1, true},
	    {{2026, 9, 30}, 1, false}, /* the month of the start counts */
	    {{2026, 9, 30}, 2, false}, /* two months are over the maximum of today */
	    {{2026, 10, 5}, 3, true},
	};
	struct bills *b = *state;
	struct subscription *s = contract(b, "S", 1, "USD");

	line(b, "S", "usage", "USD", "1.00", "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		s->start_date = cases[i].start;
		s->ramp_up_months = (int16_t)cases[i].months;
		compare_bills(b);
		assert_int_equal(b->billing->count == 0, cases[i].free);
	}
	b->f->job->billing.ramp_up_since = (struct date){2026, 10, 1};
	s->start_date = (struct date){2026, 8, 1};
	s->ramp_up_months = 3;
	agrees(b);
	s->ramp_up_months = 2;
	assert_int_equal(only_entry(b)->kind, BILLING_SHORTFALL);
}

static void trials_owe_nothing_but_usage(void **state)
{
	struct bills *b = *state;
	struct subscription *s = contract(b, "S", 7, "USD");

	s->is_trial = 1;
	contract(b, "other", 0, "USD");
	line(b, "other", "usage", "USD", "1", "");
	agrees(b); /* no lines either */
	line(b, "S", "commitment", "USD", "25000", "");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_OVERBILLED);
	assert_string_equal(e->free, "it is a trial");
}

static void short_months_by_the_rule(void **state)
{
	static const struct {
		enum short_month rule;
		int64_t commitment;
	} cases[] = {{SHORT_MONTH_FULL, 25000}, {SHORT_MONTH_PRORATED, 9677}, {SHORT_MONTH_FREE, 0}};
	struct bills *b = *state;
	struct subscription *s = contract(b, "S", 1, "USD");

	s->start_date = (struct date){2026, 10, 20}; /* 12 of 31 days: 96.774 */
	line(b, "S", "usage", "USD", "300.00", "");
	line(b, "S", "commitment", "USD", "0.01", "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		b->f->job->billing.short_month = cases[i].rule;
		assert_int_equal(only_entry(b)->expected.commitment, cases[i].commitment);
	}
	b->f->job->billing.short_month = SHORT_MONTH_PRORATED;
	s->start_date = (struct date){2026, 1, 1};
	s->status = SUBSCRIPTION_CANCELLED;
	s->end_date = (struct date){2026, 10, 12};
	assert_int_equal(only_entry(b)->expected.commitment, 9677);
	s->end_date = (struct date){2026, 9, 30};
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->expected.commitment, 0);
	assert_string_equal(e->free, "it ended on 2026-09-30");
}

static void suspended_contracts_owe_as_before(void **state)
{
	struct bills *b = *state;

	contract(b, "S", 1, "USD")->status = SUBSCRIPTION_SUSPENDED;
	line(b, "S", "usage", "USD", "180.00", "");
	assert_int_equal(only_entry(b)->kind, BILLING_SHORTFALL);
}

/* ---- Tiers of the month. */

static void change(struct bills *b, struct date day, size_t tier, bool first)
{
	b->changes[b->change_count++] = (struct tier_change){.account_id = "A-S",
	    .subscription_id = "s",
	    .day = day,
	    .at = date_to_ms(day) + 1000,
	    .tier = &b->f->job->contract.tiers[tier],
	    .first = first};
}

static void tier_changes_by_the_rule(void **state)
{
	/* From Tier 1 (250) to Tier 3 (1,000) on the 11th: ten days and twenty-one. */
	static const struct {
		enum tier_change_rule rule;
		int64_t commitment;
		size_t tier;
	} cases[] = {{TIER_CHANGE_END, 100000, 3}, {TIER_CHANGE_START, 25000, 1},
	    {TIER_CHANGE_HIGHER, 100000, 3}, {TIER_CHANGE_DAYS, 75806, 3}};
	struct bills *b = *state;
	struct subscription *s = contract(b, "S", 3, "USD");

	s->updated_at = date_to_ms((struct date){2026, 11, 19});
	change(b, (struct date){2026, 3, 1}, 1, true);
	change(b, (struct date){2026, 10, 11}, 3, false);
	line(b, "S", "commitment", "USD", "5000.00", "");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		b->f->job->billing.tier_change = cases[i].rule;
		const struct billing_entry *e = only_entry(b);
		assert_int_equal(e->expected.commitment, cases[i].commitment);
		assert_string_equal(e->tier->name, b->f->job->contract.tiers[cases[i].tier].name);
	}
}

static void the_tier_of_today_is_not_that_of_october(void **state)
{
	struct bills *b = *state;
	struct subscription *s = contract(b, "S", 3, "USD");

	s->updated_at = date_to_ms((struct date){2026, 11, 19});
	line(b, "S", "usage", "USD", "180.00", "");
	line(b, "S", "commitment", "USD", "70.00", "");
	change(b, (struct date){2026, 11, 10}, 3, false);
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_GAP);
	assert_non_null(strstr(e->gap, "nothing says from which"));
	change(b, (struct date){2026, 3, 1}, 1, true);
	agrees(b);
	/* An export from before the change still says the tier of before. */
	b->change_count = 1;
	s->tier = &b->f->job->contract.tiers[1];
	s->updated_at = date_to_ms((struct date){2026, 11, 9});
	agrees(b);
	/* A change of another subscription of the account is none of this one. */
	b->changes[0].subscription_id = "T";
	s->updated_at = date_to_ms((struct date){2026, 11, 19});
	agrees(b);
}

/* ---- Currencies and rates. */

static void a_configured_amount_wins_over_conversion(void **state)
{
	struct bills *b = *state;

	strbuf_adds(&b->rate_rows, "USD,EUR,0.9213,2026-11-01,\n");
	b->f->job->contract.tiers[1].commitment[CURRENCY_EUR] = (struct money){20000, "EUR"};
	contract(b, "S", 1, "EUR");
	line(b, "S", "usage", "EUR", "150.00", "");
	line(b, "S", "commitment", "EUR", "50.00", "");
	agrees(b);
}

static void the_rate_of_the_invoices_day_counts(void **state)
{
	struct bills *b = *state;

	strbuf_adds(&b->rate_rows,
	    "USD,EUR,0.90,2026-01-01,2026-10-31\nUSD,EUR,0.80,2026-11-02,\nEUR,USD,1.1,2026-01-01,\n");
	contract(b, "S", 1, "EUR");
	strbuf_adds(&b->lines, "I,2026-10-31,S,A,2026-10-01,2026-10-31,usage,EUR,1,,\n"
			       "I,2026-11-02,S,A,2026-10-01,2026-10-31,commitment,EUR,199,,\n"
			       "I,2026-11-09,S,A,2026-10-01,2026-10-31,usage,EUR,0,,\n");
	agrees(b);
	line(b, "T", "usage", "EUR", "1", "");
	contract(b, "T", 1, "EUR"); /* invoiced on the first: a day without a rate */
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_GAP);
	assert_string_equal(
	    e->gap, "there is no exchange rate from USD to EUR for 2026-11-01, the day of the invoice");
	b->subscriptions.items[1].tier = &b->f->job->contract.tiers[0]; /* nothing needs no rate */
	agrees(b);
	b->f->job->billing.commitment_currency = CURRENCY_GBP;
	e = &b->billing->entries[0];
	compare_bills(b);
	e = &b->billing->entries[0];
	assert_non_null(strstr(e->gap, "no commitment of Tier 1 in EUR is configured"));
}

/* ---- Tolerance and totals. */

static void both_tolerances_must_let_it_pass(void **state)
{
	struct fixture *f = ((struct bills *)*state)->f;
	struct job *job = f->job;

	assert_true(billing_tolerates(job, "USD", 10000, 0));
	assert_false(billing_tolerates(job, "USD", 10000, 1));
	job->reconcile.tolerance.absolute[CURRENCY_USD] = (struct money){100, "USD"};
	assert_true(billing_tolerates(job, "USD", 10000, -100));
	assert_false(billing_tolerates(job, "USD", 10000, 101));
	assert_false(billing_tolerates(job, "EUR", 10000, 1));
	job->reconcile.tolerance.has_percent = true;
	job->reconcile.tolerance.percent = "0.5";
	assert_true(billing_tolerates(job, "USD", 10000, 50));
	assert_false(billing_tolerates(job, "USD", 10000, 51));
	assert_true(billing_tolerates(job, "USD", 10000, -50));
	assert_false(billing_tolerates(job, "USD", 0, 1));
	assert_true(billing_tolerates(job, "EUR", 10000, 50));
	assert_true(billing_tolerates(job, "USD", INT64_MAX, 100));
	assert_false(billing_tolerates(job, "USD", INT64_MAX, INT64_MIN));
}

static void small_differences_that_go_one_way_are_one(void **state)
{
	struct bills *b = *state;
	struct job *job = b->f->job;

	job->reconcile.tolerance.absolute[CURRENCY_USD] = (struct money){100, "USD"};
	for (int i = 0; i < 5; i++) {
		const char *id = arena_printf(b->f->arena, "S-%d", i);
		contract(b, id, 1, "USD");
		line(b, id, "commitment", "USD", i == 4 ? "250.30" : "249.60", "");
	}
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_TOTAL);
	assert_string_equal(e->object, "total USD 2026-10");
	assert_int_equal(stake(e), -130);
	assert_int_equal(e->contracts, 5);
	assert_int_equal(b->billing->agreed, 5);
	job->reconcile.tolerance.absolute[CURRENCY_USD].minor = 130;
	agrees(b);
}

/* ---- Credits and costs. */

static void credits_correct_or_differ(void **state)
{
	struct bills *b = *state;

	contract(b, "S", 1, "USD");
	line(b, "S", "usage", "USD", "300.00", "");
	line(b, "S", "commitment", "USD", "250.00", "");
	line(b, "S", "credit", "USD", "-250.00", "");
	agrees(b);
	line(b, "S", "credit", "USD", "-40.00", "");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_AMOUNT);
	assert_int_equal(e->billed, 26000);
	assert_int_equal(stake(e), -4000);
}

static void costs_are_held_against_the_discount(void **state)
{
	struct bills *b = *state;

	contract(b, "S", 0, "USD");
	line(b, "S", "usage", "USD", "100.00", "85.00,");
	agrees(b); /* no discount is stated */
	b->f->job->billing.discount = "20";
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_COST);
	assert_string_equal(e->object, "S cost 2026-10");
	assert_int_equal(e->should, 8000);
	assert_int_equal(stake(e), 500);
}

/* ---- What is not compared, and what must not look equal. */

static void no_line_at_all(void **state)
{
	struct bills *b = *state;

	contract(b, "S", 1, "USD");
	contract(b, "T", 0, "USD");
	line(b, "T", "usage", "USD", "1", "");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_NO_LINES);
	assert_int_equal(e->should, 25000);
	assert_int_equal(stake(e), -25000);
	assert_int_equal(b->billing->compared, 2);
	assert_int_equal(b->billing->agreed, 1);
}

static void an_export_that_is_cut_proves_nothing(void **state)
{
	struct bills *b = *state;

	b->f->job->billing.min_lines_permille = 500;
	for (int i = 0; i < 5; i++)
		contract(b, i == 0 ? "S" : i == 1 ? "T" : i == 2 ? "U" : i == 3 ? "V" : "W", 1, "USD");
	const struct billing_entry *e = only_entry(b);
	assert_string_equal(e->object, "invoices 2026-10");
	assert_string_equal(e->subject, "The invoices of October 2026");
	assert_string_equal(e->gap, "there is no line of that month yet");
	line(b, "S", "commitment", "USD", "1", "");
	line(b, "T", "commitment", "USD", "250", "");
	e = only_entry(b);
	assert_non_null(strstr(e->gap, "only 2 of 5 contracts have a line"));
	assert_int_equal(b->billing->compared, 0);
	assert_false(billing_covers(b->billing, 0, OCTOBER));
	line(b, "U", "commitment", "USD", "250", "");
	compare_bills(b);
	assert_int_equal(b->billing->count, 3);
	assert_true(billing_covers(b->billing, 0, OCTOBER));
}

static void gaps_are_named(void **state)
{
	static const struct {
		const char *what, *gap;
	} cases[] = {{"start", "no Start Date"}, {"end", "no End Date"}, {"pending", "still pending"},
	    {"failed", "never ran"}, {"tier", "not in contract.tiers"}, {"currency", "names no currency"},
	    {"other", "its invoice is in USD, its subscription in EUR"}};
	struct bills *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		contract(b, cases[i].what, 1, i == 6 ? "EUR" : "USD");
		line(b, cases[i].what, "usage", "USD", "300", "");
	}
	b->subscriptions.items[0].start_date = (struct date){0};
	b->subscriptions.items[1].status = SUBSCRIPTION_CANCELLED;
	b->subscriptions.items[2].status = SUBSCRIPTION_PENDING;
	b->subscriptions.items[3].status = SUBSCRIPTION_FAILED;
	b->subscriptions.items[4].tier = NULL;
	b->subscriptions.items[5].currency[0] = '\0';
	compare_bills(b);
	assert_int_equal(b->billing->count, ARRAY_LEN(cases));
	assert_int_equal(b->billing->compared, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct billing_entry *e = &b->billing->entries[i];
		if (e->kind != BILLING_GAP || !strstr(e->gap, cases[i].gap))
			fail_msg("%s: %s", cases[i].what, e->gap ? e->gap : "no gap");
		assert_int_equal(e->said, i == 4 || i == 5); /* of an active one that is a finding already */
		assert_false(billing_covers(b->billing, (uint32_t)i, OCTOBER));
	}
}

static void what_never_ran_and_was_not_billed_is_no_matter(void **state)
{
	struct bills *b = *state;

	contract(b, "S", 1, "USD")->status = SUBSCRIPTION_PENDING;
	contract(b, "F", 1, "USD")->status = SUBSCRIPTION_FAILED;
	contract(b, "T", 1, "USD")->start_date = (struct date){2026, 11, 1};
	struct subscription *s = contract(b, "U", 1, "USD");
	s->status = SUBSCRIPTION_CANCELLED;
	s->updated_at = date_to_ms((struct date){2026, 9, 12});
	agrees(b);
	assert_int_equal(b->billing->contracts, 0);
}

static void lines_of_nobody_are_not_tied(void **state)
{
	struct bills *b = *state;
	struct quarantined_row row = {
	    .source = "subscriptions.csv", .subscription_id = "Q", .account_id = "", .reason = "", .line = 9};

	b->subscriptions.quarantined = mem_zalloc(sizeof row);
	b->subscriptions.quarantined[0] = row;
	b->subscriptions.quarantined_count = 1;
	contract(b, "S", 0, "USD");
	line(b, "S", "usage", "USD", "10", "");
	line(b, "Q", "usage", "USD", "20", ""); /* its row is a finding already */
	line(b, "X", "usage", "USD", "40", "");
	strbuf_adds(&b->lines, "I,2026-11-01,,A-9,2026-10-01,2026-10-31,usage,USD,80,,\n");
	strbuf_adds(&b->rate_rows, "USD,EUR,zero,2026-11-01,\n");
	compare_bills(b);
	assert_int_equal(b->billing->count, 3);
	const struct billing_entry *e = b->billing->entries;
	assert_string_equal(e[0].object, "X 2026-10");
	assert_string_equal(e[0].account_id, "A-X");
	assert_string_equal(e[1].object, "invoices.csv:5");
	assert_string_equal(e[1].account_id, "A-9");
	assert_string_equal(e[2].object, "rates.csv:2");
	assert_true(b->billing->amounts[0].total == 150000000);
	assert_true(b->billing->amounts[0].tied == 10000000);
	assert_true(b->billing->amounts[0].untied == 140000000);
}

static void a_bad_line_without_a_month_spoils_them_all(void **state)
{
	struct bills *b = *state;

	contract(b, "S", 0, "USD");
	line(b, "S", "usage", "USD", "10", "");
	strbuf_adds(&b->lines, "I,2026-11-01,S,A,?,2026-10-31,usage,USD,80,,\n");
	const struct billing_entry *e = only_entry(b);
	assert_int_equal(e->kind, BILLING_GAP);
	assert_non_null(strstr(e->gap, "invoices.csv:3: Period Start"));
}

static void windows_are_closed_months(void **state)
{
	struct job *job = ((struct bills *)*state)->f->job;
	struct invoice_window w = billing_window(job, (struct date){2026, 11, 3});

	assert_true(w.first_month == OCTOBER && w.last_month == OCTOBER);
	w = billing_window(job, (struct date){2026, 11, 2});
	assert_true(w.first_month == OCTOBER - 1 && w.last_month == OCTOBER - 1);
	job->billing.months = 3;
	w = billing_window(job, (struct date){2027, 1, 31});
	assert_true(w.first_month == OCTOBER && w.last_month == OCTOBER + 2);
}

static void objects_name_their_month(void **state)
{
	struct strv what;
	int month;

	(void)state;
	assert_true(billing_object(STRV("S 1 2026-10"), &what, &month));
	assert_true(strv_eq(what, STRV("S 1")) && month == OCTOBER);
	assert_true(billing_object(STRV("S cost 2026-10"), &what, &month));
	assert_true(strv_eq(what, STRV("S")));
	assert_false(billing_object(STRV("S"), &what, &month));
	assert_false(billing_object(STRV("invoices.csv:2026-10"), &what, &month));
	assert_false(billing_object(STRV(" 2026-10"), &what, &month));
	assert_false(billing_covers(NULL, 0, OCTOBER));
}

static void what_does_not_fit_is_said(void **state)
{
	struct rational *huge = rational_new();
	struct commitment_part part = {{INT64_MAX, "USD"}, huge, 31};
	struct charge_terms terms = {.currency = "EUR", .parts = &part, .part_count = 1, .month_days = 31};
	struct charge charge;

	(void)state;
	rational_parse(huge, STRV("1.01"));
	assert_false(billing_charge(&terms, &charge));
	rational_parse(huge, STRV("1"));
	assert_true(billing_charge(&terms, &charge));
	assert_true(charge.commitment == INT64_MAX && charge.total == INT64_MAX);
	terms.usage = -1;
	assert_false(billing_charge(&terms, &charge));
	rational_free(huge);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, bills_set_up, bills_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(example_a_under),
	    CASE(a_shortfall_of_the_smallest_unit),
	    CASE(example_b_over),
	    CASE(example_c_in_ramp_up),
	    CASE(example_d_promo),
	    CASE(example_e_in_euro),
	    CASE(example_f_in_yen),
	    CASE(ramp_up_has_a_maximum_by_age),
	    CASE(trials_owe_nothing_but_usage),
	    CASE(short_months_by_the_rule),
	    CASE(suspended_contracts_owe_as_before),
	    CASE(tier_changes_by_the_rule),
	    CASE(the_tier_of_today_is_not_that_of_october),
	    CASE(a_configured_amount_wins_over_conversion),
	    CASE(the_rate_of_the_invoices_day_counts),
	    CASE(both_tolerances_must_let_it_pass),
	    CASE(small_differences_that_go_one_way_are_one),
	    CASE(credits_correct_or_differ),
	    CASE(costs_are_held_against_the_discount),
	    CASE(no_line_at_all),
	    CASE(an_export_that_is_cut_proves_nothing),
	    CASE(gaps_are_named),
	    CASE(what_never_ran_and_was_not_billed_is_no_matter),
	    CASE(lines_of_nobody_are_not_tied),
	    CASE(a_bad_line_without_a_month_spoils_them_all),
	    CASE(windows_are_closed_months),
	    CASE(objects_name_their_month),
	    CASE(what_does_not_fit_is_said),
	};
	return cmocka_run_group_tests_name("billing", tests, NULL, NULL);
}
