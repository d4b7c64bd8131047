/* The budget for loss in a run: how much of its plan takes something away, whether so much may be in a day,
 * and what stands behind it, for whoever has to decide. The decision is budget.c's, what an action takes is
 * loss.c's; each is looked at again right before it is done (apply.c). */
#include "run_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/loss.h"
#include "tenantry/mem.h"

/* ---- How many contracts there are: of a percentage, and of the rule where a site sets nothing. */

static uint64_t live_subscriptions(const struct run *run)
{
	uint64_t live = 0;

	for (size_t i = 0; i < run->subscriptions->count; i++)
		live += subscription_is_live(&run->subscriptions->items[i]);
	return live;
}

/* The smaller of both sides: an export or a listing that suddenly has many more rows must not let more be
 * taken away. Corrections count the tenants that the last comparison saw. */
static int count_live(struct run *run, const struct world *world, uint64_t *out, struct error *err)
{
	int64_t seen_at;

	*out = 0;
	if (world)
		*out = world_contracts(world);
	else if (run->ledger && ledger_side_last(run->ledger, "tenants", out, &seen_at, err) < 0)
		return -1;
	if (run->subscriptions && live_subscriptions(run) < *out)
		*out = live_subscriptions(run);
	return 0;
}

/* ---- What stands behind: money. */

static const char *const currencies[CURRENCY_COUNT] = {
#define X(code) [CURRENCY_##code] = #code,
    CURRENCIES(X)
#undef X
};

struct at_stake {
	struct money sums[CURRENCY_COUNT];
	uint64_t unknown;
};

/* In the contract's currency; where the row has no amount in it, in the one that it is converted from. */
static struct money commitment_of(const struct job *job, const struct tier *tier, int currency)
{
	if (currency >= 0 && tier->commitment[currency].currency[0])
		return tier->commitment[currency];
	return tier->commitment[job->billing.commitment_currency];
}

/* Of a drop the difference. */
static bool stake_of(const struct job *job, const struct loss *loss, struct money *out)
{
	int currency = currency_index(strv_of(loss->currency));

	if (!loss->from)
		return false;
	*out = commitment_of(job, loss->from, currency);
	if (!out->currency[0] || loss->kind != LOSS_TIER_DROP)
		return out->currency[0] != '\0';
	struct money left =
	    loss->to ? loss->to->commitment[currency_index(strv_of(out->currency))] : (struct money){0};
	return left.currency[0] && !__builtin_sub_overflow(out->minor, left.minor, &out->minor);
}

static void add_stake(struct at_stake *stake, struct money money)
{
	struct money *sum = &stake->sums[currency_index(strv_of(money.currency))];

	if (!sum->currency[0])
		*sum = (struct money){0, {money.currency[0], money.currency[1], money.currency[2], '\0'}};
	if (!money_add(sum, money))
		stake->unknown++;
}

static bool add_converted(
    const struct rates *rates, struct money money, const char *to, struct date day, struct rational *sum)
{
	struct rational *value = rational_new();
	const struct rate *rate = NULL;
	bool known = strcmp(money.currency, to) == 0;

	rational_set_money(value, money);
	if (!known && rates_find(rates, money.currency, to, day, &rate) == RATE_FOUND) {
		rational_multiply(value, rate->value);
		known = true;
	}
	if (known)
		rational_add(sum, value);
	rational_free(value);
	return known;
}

/* All of it or nothing: a part would look like the whole. Rates that cannot be read now stop nothing here;
 * what reads them next says why. */
static void fill_report_money(struct run *run, const struct at_stake *stake)
{
	const char *to = currencies[run->job->report.currency];
	struct budget_report *b = &run->report->budget;
	struct rational *sum = rational_new();
	struct error ignored = {0};
	struct rates *rates =
	    run->job->bss.rates.kind == SOURCE_NONE ? NULL : rates_load(run->job, run->snapshot, &ignored);
	struct date today = date_of_ms(clock_wall_ms(run->clock));
	char text[MONEY_TEXT_SIZE];
	struct money money;
	bool known = b->sum_count > 0;

	for (int i = 0; i < CURRENCY_COUNT; i++)
		if (stake->sums[i].currency[0])
			known &= add_converted(rates, stake->sums[i], to, today, sum);
	if (known && rational_money(sum, to, run->job->billing.rounding, &money)) {
		b->in_report = arena_strdup(run->report->arena, money_text(money, text));
		b->report_currency = to;
	}
	rates_free(rates);
	rational_free(sum);
}

static void fill_money(struct run *run, const struct plan_losses *losses)
{
	struct budget_report *b = &run->report->budget;
	struct at_stake stake = {0};
	char text[MONEY_TEXT_SIZE];
	struct money money;

	for (size_t i = 0; i < losses->count; i++) {
		if (!loss_counts(&losses->items[i]) || losses->items[i].standing)
			continue;
		if (stake_of(run->job, &losses->items[i], &money))
			add_stake(&stake, money);
		else
			stake.unknown++;
	}
	b->unknown = stake.unknown;
	b->sums = arena_alloc(run->report->arena, CURRENCY_COUNT * sizeof *b->sums);
	for (int i = 0; i < CURRENCY_COUNT; i++)
		if (stake.sums[i].currency[0])
			b->sums[b->sum_count++] = (struct loss_sum){
			    currencies[i], arena_strdup(run->report->arena, money_text(stake.sums[i], text))};
	fill_report_money(run, &stake);
}

/* ---- What stands behind: people. */

static void fill_customers(struct run *run, const struct world *world, const struct plan_losses *losses)
{
	const char **ids = mem_zalloc((losses->count + 1) * sizeof *ids);
	struct error unknown = {0};
	struct world *own = NULL;
	size_t count = 0;

	for (size_t i = 0; i < losses->count; i++)
		if (loss_counts(&losses->items[i]) && !losses->items[i].standing &&
		    losses->items[i].tenant_id[0])
			ids[count++] = losses->items[i].tenant_id;
	if (!world && run_connect(run, false, &unknown) == 0 && run_read_world(run, &own, &unknown) == 0)
		world = own;
	if (world)
		run->report->budget.customers = (int64_t)world_customers_below(world, ids, count);
	else
		log_warn("how many end customers stand behind is not known: %s", unknown.text);
	world_free(own);
	free(ids);
}

/* ---- The decision, and what is said about it. */

static void add_kinds(struct strbuf *out, const uint64_t *by_kind)
{
	const char *before = " (";

	for (int kind = LOSS_NONE + 1; kind < LOSS_KIND_COUNT; kind++) {
		if (by_kind[kind] == 0)
			continue;
		strbuf_addf(
		    out, "%s%" PRIu64 " %s", before, by_kind[kind], loss_kind_name((enum loss_kind)kind));
		before = ", ";
	}
	strbuf_adds(out, before[0] == ',' ? ")" : "");
}

/* "300 disables are asked for (300 cancel), 2 were in the last 24 hours, max_disables is 6 (2% of ...)": made
 * of numbers and settings only, for the audit carries it. */
static void add_asked(struct strbuf *out, const struct budget_report *b)
{
	strbuf_addf(out, "%" PRIu64 " disable%s asked for", b->asked, b->asked == 1 ? " is" : "s are");
	add_kinds(out, b->by_kind);
	strbuf_addf(out, ", %" PRIu64 " %s in the last 24 hours, more than max_disables (%s)", b->used,
	    b->used == 1 ? "was" : "were", b->rule);
}

int run_note_budget(struct run *run, struct error *err)
{
	struct strbuf text = {0};

	if (!run->report->budget.passed)
		return 0;
	add_asked(&text, &run->report->budget);
	strbuf_addf(&text, "; --allow-disables %s let them pass", run->report->budget.allowed);
	log_warn("%s", text.p);
	int rc = run_note_raised(run, text.p, err);
	strbuf_free(&text);
	/* A person has seen what is dated later than now. */
	return rc == 0 && run->report->budget.ahead > 0 ? ledger_losses_redate(run->ledger, err) : rc;
}

static int count_used(struct run *run, struct losses_counted *out, struct error *err)
{
	*out = (struct losses_counted){0};
	if (run->ledger && !run->options->dry_run && ledger_losses_settle(run->ledger, err) < 0)
		return -1;
	return run->ledger ? ledger_losses_count(run->ledger, out, err) : 0;
}

static void report_decision(
    struct run *run, const struct budget_decision *decision, const struct losses_counted *used, uint64_t live)
{
	struct budget_report *b = &run->report->budget;
	struct strbuf rule = {0};

	budget_add_rule(&rule, run->job->provision.max_disables, live);
	b->any = decision->asked > 0;
	b->limit = run->budget.limit;
	b->live = live;
	b->rule = arena_strdup(run->report->arena, rule.p);
	strbuf_free(&rule);
	b->used = used->counted;
	b->ahead = used->ahead;
	b->asked = decision->asked;
	memcpy(b->by_kind, decision->by_kind, sizeof b->by_kind);
	b->over = decision->over;
	b->passed = decision->passed;
	b->held = decision->over && !decision->passed ? decision->asked : 0;
	if (run->budget.may_exceed)
		b->allowed = arena_printf(run->report->arena, "%" PRIu64, run->budget.allowed);
}

int run_check_budget(struct run *run, const struct world *world, struct error *err)
{
	struct losses_counted used;
	struct plan_losses losses;
	uint64_t live;

	if (count_live(run, world, &live, err) < 0 || count_used(run, &used, err) < 0 ||
	    plan_losses(run->plan, run->job, run->ledger, run->arena, &losses, err) < 0)
		return -1;
	run->budget = (struct budget){.limit = budget_limit(run->job->provision.max_disables, live),
	    .used = used.counted,
	    .may_exceed = run->options->allow_disables.set,
	    .allowed = (uint64_t)run->options->allow_disables.number};
	struct budget_decision decision = budget_decide(&run->budget, losses.items, losses.count);
	report_decision(run, &decision, &used, live);
	if (!decision.over)
		return 0;
	fill_money(run, &losses);
	fill_customers(run, world, &losses);
	if (!decision.passed)
		plan_hold(run->plan, &losses, &decision);
	return 0;
}

/* ---- Afterwards. */

static void say_held(struct run *run, uint64_t held, struct error *err)
{
	struct budget_report *b = &run->report->budget;
	struct strbuf text = {0}, command = {0};

	b->held = held;
	b->any = true;
	if (b->over) {
		add_asked(&text, b);
	} else {
		/* Acronis had another tier than the BSS believes, or another run came before. */
		strbuf_addf(&text,
		    "%" PRIu64
		    " disable%s met while the plan was carried out that max_disables (%s) does not let pass",
		    held, held == 1 ? " was" : "s were", b->rule);
	}
	strbuf_adds(&text, held == 1 ? ": it was not done" : ": none of them was done");
	report_add_allow_command(&command, run->report);
	error_set(err, ERR_STOPPED, "%s", text.p);
	error_hint(err, "look at what was held back; if it is right, let it pass once: %s", command.p);
	strbuf_free(&text);
	strbuf_free(&command);
}

void run_note_no_room(void *user, const struct loss *loss)
{
	struct run *run = user;

	MEM_GROW(run->met, run->met_count, run->met_cap);
	run->met[run->met_count++] = *loss;
}

/* What the plan did not know of has money and people behind it too. */
static void add_met(struct run *run, const struct world *world)
{
	struct plan_losses met = {.items = run->met, .count = run->met_count};
	struct budget_report *b = &run->report->budget;

	if (b->over || met.count == 0)
		return;
	b->over = true;
	b->asked += met.count;
	for (size_t i = 0; i < met.count; i++)
		b->by_kind[met.items[i].kind]++;
	fill_money(run, &met);
	fill_customers(run, world, &met);
}

int run_budget_end(struct run *run, const struct world *world, struct error *err)
{
	struct apply_result *apply = &run->report->apply;
	struct error held = {0};
	int rc = run_apply_end(run, err);

	run->report->budget.held = apply->held;
	if (apply->exceeded && !run->report->budget.passed) {
		run->report->budget.passed = true;
		if (run_note_raised(run,
			"max_disables was passed by what was met while the plan was carried out",
			rc < 0 ? &held : err) < 0)
			return -1;
	}
	if (apply->held == 0)
		return rc;
	say_held(run, apply->held, &held);
	add_met(run, world);
	/* What ends the run before it is over is said first; what was held is pending all the same. */
	if (rc < 0 &&
	    exit_status_worse(error_exit_status(err), error_exit_status(&held)) != error_exit_status(&held)) {
		log_error("%s", held.text);
		run_note_status(run, error_exit_status(&held));
		return rc;
	}
	run->report->budget.stopped = !run->report->error_code[0];
	run_note_error(run, &held);
	return rc;
}
