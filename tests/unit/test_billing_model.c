/* 100,000 random contracts against an independent model of what they owe. The model knows nothing of the
 * code: it walks the days of the month, and computes in scaled 128-bit integers with a division of its own.
 * Tolerances are 0, so that one smallest unit of difference anywhere shows. */
#include "billing_fixture.h"

enum { BATCHES = 40, CASES = 2500, DAYS = 31 };
#define RATE_SCALE 100000000 /* eight decimals */
typedef __int128 wide;

static const char *const codes[] = {"USD", "EUR", "GBP", "AUD", "JPY", "CAD"};

/* ---- Chance: the same every time. */

static uint64_t seed;
static uint64_t chance(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

/* ---- The model. */

static int64_t divide(wide number, wide by, enum rounding rule)
{
	bool negative = number < 0;
	wide n = negative ? -number : number, whole = n / by, twice = n % by * 2;

	if (rule == ROUNDING_HALF_UP && twice >= by)
		whole++;
	if (rule == ROUNDING_HALF_EVEN && (twice > by || (twice == by && whole % 2 == 1)))
		whole++;
	return (int64_t)(negative ? -whole : whole);
}

static int64_t unit_of(int currency)
{
	return currency == CURRENCY_JPY ? 1 : 100;
}

struct table {
	int64_t commitment[9][CURRENCY_COUNT]; /* smallest units; -1 none */
	int64_t rate[CURRENCY_COUNT][2];       /* of USD, scaled: on the first, from the second; 0 none */
	int64_t discount;                      /* hundredths of a per cent; -1 none */
	const struct job *job;
};
struct made {
	int currency, tier, old_tier, changed; /* changed: day of October; 0 never, 32 later */
	int start, end; /* days counted from the first of October: -31 is a month before; end 1000: none */
	int64_t ramp_up;
	bool trial, has_lines;
	int invoice_day; /* 1 or 2 of November */
	int64_t usage, commitment, credit, cost, cost_expected;
	bool has_cost;
	/* what it owes */
	bool gap, runs;
	int64_t owes;
};

/* A tier's commitment in a currency over RATE_SCALE * 100, or -1 when it cannot be said. */
static wide amount_of(const struct table *t, int tier, int currency, int day)
{
	if (t->commitment[tier][currency] >= 0)
		return (wide)t->commitment[tier][currency] * RATE_SCALE * 100;
	if (t->commitment[tier][CURRENCY_USD] < 0)
		return -1;
	if (t->commitment[tier][CURRENCY_USD] == 0)
		return 0;
	if (t->rate[currency][day - 1] == 0)
		return -1;
	return (wide)t->commitment[tier][CURRENCY_USD] * t->rate[currency][day - 1] * unit_of(currency);
}

static int tier_on(const struct made *m, int day)
{
	return m->changed && day < m->changed ? m->old_tier : m->tier;
}

static bool was_active(const struct made *m, int day)
{
	return day >= m->start && day <= m->end;
}

static bool is_free_month(const struct table *t, const struct made *m, int active)
{
	int began =
	    m->start >= 1 ? 0 : (30 - m->start) / 30; /* whole months before October: September is -29 to 0 */
	int64_t most = t->job->billing.ramp_up_max;

	return m->trial || began < (m->ramp_up < most ? m->ramp_up : most) ||
	       (active < DAYS && t->job->billing.short_month == SHORT_MONTH_FREE);
}

static void owe(const struct table *t, struct made *m)
{
	enum rounding rounding = t->job->billing.rounding;
	bool full = t->job->billing.short_month == SHORT_MONTH_FULL;
	wide sum = 0, by_day = 0, highest = -1;
	int active = 0, counted = 0, first = 0, last = 0;

	for (int day = 1; day <= DAYS; day++)
		active += was_active(m, day);
	m->runs = active > 0;
	if (!m->runs || is_free_month(t, m, active)) {
		m->owes = m->usage;
		return;
	}
	for (int day = 1; day <= DAYS; day++) {
		if (!full && !was_active(m, day))
			continue;
		wide amount = amount_of(t, tier_on(m, day), m->currency, m->invoice_day);
		bool matters = t->job->billing.tier_change == TIER_CHANGE_HIGHER ||
			       t->job->billing.tier_change == TIER_CHANGE_DAYS;
		m->gap |= matters && amount < 0;
		by_day += amount;
		highest = amount > highest ? amount : highest;
		first = first ? first : day;
		last = day;
		counted++;
	}
	switch (t->job->billing.tier_change) {
	case TIER_CHANGE_END:
	case TIER_CHANGE_START:
		sum = amount_of(t, tier_on(m, t->job->billing.tier_change == TIER_CHANGE_END ? last : first),
		    m->currency, m->invoice_day);
		m->gap |= sum < 0;
		sum *= counted;
		break;
	case TIER_CHANGE_HIGHER:
		sum = highest * counted;
		break;
	case TIER_CHANGE_DAYS:
		sum = by_day;
		break;
	}
	int64_t commitment = divide(sum, (wide)RATE_SCALE * 100 * DAYS, rounding);
	m->owes = m->usage > commitment ? m->usage : commitment;
}

/* ---- A world of it, for the code. */

static const char *decimal(struct bills *b, int64_t scaled, int64_t scale, int digits)
{
	return arena_printf(b->f->arena, "%s%lld.%0*lld", scaled < 0 ? "-" : "",
	    (long long)(llabs(scaled) / scale), digits, (long long)(llabs(scaled) % scale));
}

static void make_table(struct bills *b, struct table *t)
{
	struct job *job = b->f->job;

	job->billing.rounding = (enum rounding)chance(3);
	job->billing.short_month = (enum short_month)chance(3);
	job->billing.tier_change = (enum tier_change_rule)chance(4);
	job->billing.ramp_up_max = (int64_t)chance(4);
	t->discount = chance(4) ? (int64_t)chance(10000) : -1;
	job->billing.discount = t->discount < 0 ? NULL : decimal(b, t->discount, 100, 2);
	t->job = job;
	for (int tier = 0; tier < 9; tier++) {
		for (int c = 0; c < CURRENCY_COUNT; c++) {
			bool native = c == CURRENCY_USD ? chance(12) > 0 : chance(3) == 0;
			int64_t amount = tier == 0 ? 0 : (int64_t)chance(2500000) + 1;
			t->commitment[tier][c] = native ? amount : -1;
			job->contract.tiers[tier].commitment[c] = (struct money){0};
			if (native) {
				job->contract.tiers[tier].commitment[c].minor = amount;
				memcpy(job->contract.tiers[tier].commitment[c].currency, codes[c], 4);
			}
		}
	}
	for (int c = 1; c < CURRENCY_COUNT; c++) {
		for (int day = 0; day < 2; day++) {
			int64_t most = c == CURRENCY_JPY ? 200 : 2;
			t->rate[c][day] = chance(6) ? (int64_t)chance((uint64_t)(most * RATE_SCALE)) + 1 : 0;
			if (t->rate[c][day])
				strbuf_addf(&b->rate_rows, "USD,%s,%s,2026-11-0%d,%s\n", codes[c],
				    decimal(b, t->rate[c][day], RATE_SCALE, 8), day + 1,
				    day ? "" : "2026-11-01");
		}
	}
}

/* A line of some millionths; gives what it comes to in smallest units. */
static int64_t add_some_line(struct bills *b, const struct table *t, struct made *m, const char *id,
    const char *kind, int64_t millionths, bool with_cost)
{
	enum rounding rounding = t->job->billing.rounding;
	const char *cost = "";

	if (with_cost && t->discount >= 0) {
		int64_t expected = divide((wide)millionths * (10000 - t->discount) * unit_of(m->currency),
		    (wide)1000000 * 10000, rounding);
		int64_t booked = expected + (chance(3) ? 0 : (int64_t)chance(5) - 2);
		cost = decimal(b, booked, unit_of(m->currency), m->currency == CURRENCY_JPY ? 1 : 2);
		if (m->currency == CURRENCY_JPY)
			cost = arena_printf(b->f->arena, "%lld", (long long)booked);
		m->has_cost = true;
		m->cost += booked;
		m->cost_expected += expected;
	}
	strbuf_addf(&b->lines, "I-%s,2026-11-0%d,%s,A,2026-10-01,2026-10-31,%s,%s,%s,%s,\n", id,
	    m->invoice_day, id, kind, codes[m->currency], decimal(b, millionths, 1000000, 6), cost);
	return divide((wide)millionths * unit_of(m->currency), 1000000, rounding);
}

static void make_lines(struct bills *b, const struct table *t, struct made *m, const char *id)
{
	int64_t unit = 1000000 / unit_of(m->currency), shortfall;

	m->has_lines = chance(20) > 0;
	m->invoice_day = m->has_lines ? 1 + (int)chance(2) : 1;
	for (uint64_t n = m->has_lines ? 1 + chance(3) : 0; n > 0; n--) {
		uint64_t most = chance(2) ? UINT64_C(30000000000) : UINT64_C(500000000);
		int64_t amount = (int64_t)chance(most);
		if (chance(2))
			amount = amount / unit * unit +
				 (chance(4) ? 0 : unit / 2); /* whole units, and exact halves */
		m->usage += add_some_line(b, t, m, id, "usage", amount, chance(2));
	}
	owe(t, m);
	if (!m->has_lines)
		return;
	shortfall = m->owes - m->usage;
	m->commitment = shortfall + (chance(2) ? 0 : (int64_t)chance(7) - 3);
	if (m->commitment < 0 || m->gap)
		m->commitment = 0;
	if (m->commitment > 0 || chance(2))
		m->commitment = add_some_line(b, t, m, id, "commitment", m->commitment * unit, false);
	if (chance(8) == 0)
		m->credit = add_some_line(b, t, m, id, "credit", -(int64_t)chance(900) * unit, false);
}

static void make_one(struct bills *b, const struct table *t, struct made *m, int number)
{
	static const struct date october = {2026, 10, 1};
	const char *id = arena_printf(b->f->arena, "S-%d", number);
	int64_t first = date_to_ms(october), day = INT64_C(86400000);

	*m = (struct made){.currency = (int)chance(CURRENCY_COUNT),
	    .tier = (int)chance(9),
	    .start = chance(3) ? -29 - (int)chance(200) : 1 + (int)chance(34),
	    .end = 1000,
	    .ramp_up = chance(3) ? 0 : (int64_t)chance(5),
	    .trial = chance(12) == 0};
	/* Only whole months before October are told apart here: the first of a month of 30 days. */
	if (m->start < 1)
		m->start = 1 - 30 * (1 + (int)chance(2));
	struct subscription *s = contract(b, id, (size_t)m->tier, codes[m->currency]);
	s->start_date = date_of_ms(first + (m->start - 1) * day);
	if (m->start < 1) {
		int months = (1 - m->start) / 30;
		s->start_date = month_first(OCTOBER - months);
		m->start = months == 1 ? -29 : -59;
	}
	s->ramp_up_months = (int16_t)m->ramp_up;
	s->is_trial = m->trial;
	s->updated_at = date_to_ms((struct date){2026, 11, 19});
	if (chance(6) == 0) {
		m->end = m->start > 1 ? m->start + (int)chance(40) : (int)chance(45) - 5;
		s->status = SUBSCRIPTION_CANCELLED;
		s->end_date = date_of_ms(first + (m->end - 1) * day);
	}
	if (chance(4) == 0) {
		m->changed = (m->start > 1 ? m->start : 1) + (int)chance(33);
		m->old_tier = (int)chance(9);
	}
	make_lines(b, t, m, id);
}

/* What the code must have found of it, in the order of the entries. */
static size_t expect(const struct made *m, const struct billing_entry *e, size_t left)
{
	int64_t difference = m->usage + m->commitment + m->credit - m->owes;
	size_t used = 0;

	if (!m->has_lines) {
		if (m->runs && !m->trial && !m->gap) {
			assert_true(left > 0);
			assert_int_equal(e->kind, BILLING_NO_LINES);
			assert_true(e->should == m->owes && e->difference == -m->owes);
			return 1;
		}
		if (!m->gap)
			return 0;
	}
	if (m->gap) {
		assert_true(left > 0);
		assert_int_equal(e->kind, BILLING_GAP);
		return 1;
	}
	if (difference != 0) {
		assert_true(left > used);
		int64_t short_of = m->commitment - (m->owes - m->usage);
		assert_int_equal(e[used].kind, difference > 0 ? BILLING_OVERBILLED
					       : short_of < 0 ? BILLING_SHORTFALL
							      : BILLING_AMOUNT);
		assert_true(e[used].should == m->owes && e[used].difference == difference);
		assert_true(e[used].expected.usage == m->usage);
		used++;
	}
	if (m->has_cost && m->cost != m->cost_expected) {
		assert_true(left > used);
		assert_int_equal(e[used].kind, BILLING_COST);
		assert_true(e[used].difference == m->cost - m->cost_expected);
		used++;
	}
	return used;
}

static void add_changes(struct bills *b, const struct made *made, struct tier_change *changes)
{
	const struct job *job = b->f->job;

	for (size_t i = 0, n = 0; i < CASES; i++) {
		struct subscription *s = &b->subscriptions.items[i];
		if (!made[i].changed)
			continue;
		changes[n] = (struct tier_change){.account_id = s->account_id,
		    .subscription_id = "",
		    .day = s->start_date,
		    .at = date_to_ms(s->start_date) + 1,
		    .tier = &job->contract.tiers[made[i].old_tier],
		    .first = true};
		changes[n + 1] = changes[n];
		changes[n + 1].first = false;
		changes[n + 1].tier = s->tier;
		changes[n + 1].day = date_of_ms(
		    date_to_ms((struct date){2026, 10, 1}) + (made[i].changed - 1) * INT64_C(86400000));
		changes[n + 1].at = date_to_ms(changes[n + 1].day) + 2;
		n += 2;
		b->change_count = n;
	}
}

static void play(void **state, int batch)
{
	struct bills *b = *state;
	struct table table = {0};
	struct made *made = mem_zalloc(CASES * sizeof *made);
	struct tier_change *changes = mem_zalloc(2 * CASES * sizeof *changes);
	struct error err = {0};
	struct invoice_window window = {OCTOBER, OCTOBER, {2026, 11, 20}};

	make_table(b, &table);
	for (int i = 0; i < CASES; i++)
		make_one(b, &table, &made[i], batch * CASES + i);
	add_changes(b, made, changes);
	put(b->f, "invoices.csv", b->lines.p);
	put(b->f, "rates.csv", b->rate_rows.p);
	b->f->job->bss.invoices =
	    (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(b->f, "invoices.csv")};
	b->f->job->bss.rates = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(b->f, "rates.csv")};
	b->invoices = invoices_load(b->f->job, NULL, &window, &err);
	b->rates = rates_load(b->f->job, NULL, &err);
	assert_true(b->invoices && b->rates && b->rates->quarantined_count == 0);
	struct billing_input input = {.job = b->f->job,
	    .subscriptions = &b->subscriptions,
	    .invoices = b->invoices,
	    .rates = b->rates,
	    .changes = changes,
	    .change_count = b->change_count};
	b->billing = billing_compare(&input);
	for (uint32_t i = 0; i < CASES; i++) {
		size_t count;
		const struct billing_entry *entries = billing_entries(b->billing, i, &count);
		size_t used = expect(&made[i], entries, count);
		if (used != count)
			fail_msg("%s: %zu findings, %zu expected; kind %d, difference %lld",
			    b->subscriptions.items[i].id, count, used,
			    count ? (int)entries[used < count ? used : 0].kind : -1,
			    count ? (long long)entries[used < count ? used : 0].difference : 0);
	}
	assert_int_equal(b->billing->of_subscriptions, b->billing->count);
	free(changes);
	free(made);
}

static void contracts_owe_what_the_model_says(void **state)
{
	for (int batch = 0; batch < BATCHES; batch++) {
		void *bills = NULL;
		seed = UINT64_C(88172645463325252) + (uint64_t)batch * UINT64_C(0x9e3779b97f4a7c15);
		assert_int_equal(bills_set_up(&bills), 0);
		play(&bills, batch);
		assert_int_equal(bills_tear_down(&bills), 0);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(contracts_owe_what_the_model_says)};

	return cmocka_run_group_tests_name("billing_model", tests, NULL, NULL);
}
