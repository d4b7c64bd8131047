/* The decision of the budget for loss; see budget.h. Pure: numbers and rows of a table in, a verdict out. */
#include "tenantry/budget.h"

#include <inttypes.h>
#include <string.h>

#include "tenantry/mem.h"

enum { SHARE_PERCENT = 2, SHARE_LEAST = 5, SHARE_MOST = 25 };

static const char *const kinds[LOSS_KIND_COUNT] = {[LOSS_NONE] = "",
#define X(id, name) [id] = name,
    LOSS_KINDS(X)
#undef X
};

const char *loss_kind_name(enum loss_kind kind)
{
	return kinds[kind];
}

enum loss_kind loss_kind_parse(const char *name)
{
	for (int i = LOSS_NONE + 1; i < LOSS_KIND_COUNT; i++)
		if (strcmp(kinds[i], name) == 0)
			return (enum loss_kind)i;
	return LOSS_NONE;
}

/* ---- The ladder. */

/* Where a row stands in one order of the table: false, it has no place there. `order` below CURRENCY_COUNT is
 * that currency's commitments, above it the Acronis values. */
static bool place_of(const struct tier *tier, int order, int64_t *out)
{
	*out = order == CURRENCY_COUNT ? tier->acronis : tier->commitment[order].minor;
	return order == CURRENCY_COUNT || tier->commitment[order].currency[0];
}

/* Rungs are distinct places: a second row of the same amount is the same rung. */
static bool is_first_of_its_rung(const struct tier *tiers, size_t i, int order, int64_t place)
{
	int64_t other;

	for (size_t k = 0; k < i; k++)
		if (place_of(&tiers[k], order, &other) && other == place)
			return false;
	return true;
}

static unsigned steps_in(
    const struct tier *tiers, size_t count, const struct tier *from, const struct tier *to, int order)
{
	int64_t high, low, place;
	unsigned steps = 0;

	if (!place_of(from, order, &high) || !place_of(to, order, &low))
		return 0;
	for (size_t i = 0; i < count; i++)
		steps += place_of(&tiers[i], order, &place) && place >= low && place < high &&
			 is_first_of_its_rung(tiers, i, order, place);
	return steps;
}

unsigned loss_steps(const struct tier *tiers, size_t count, const struct tier *from, const struct tier *to)
{
	unsigned most = 0;

	if (!from || !to)
		return LOSS_STEPS_UNKNOWN;
	for (int order = 0; order <= CURRENCY_COUNT; order++) {
		unsigned steps = steps_in(tiers, count, from, to, order);
		if (steps > most)
			most = steps;
	}
	return most;
}

unsigned loss_steps_from_value(const struct tier *tiers, size_t count, int64_t value, const struct tier *to)
{
	bool found = false;
	unsigned most = 0;

	for (size_t i = 0; i < count; i++) {
		if (tiers[i].acronis != value)
			continue;
		unsigned steps = loss_steps(tiers, count, &tiers[i], to);
		found = true;
		if (steps > most)
			most = steps;
	}
	if (!found)
		return value > to->acronis ? LOSS_STEPS_UNKNOWN : 0;
	return most;
}

/* ---- The budget. */

bool loss_counts(const struct loss *loss)
{
	return loss->kind != LOSS_NONE && (loss->kind != LOSS_TIER_DROP || loss->steps > 1);
}

/* Without an intermediate that could overflow: live contracts may be any number. */
static uint64_t percent_of(uint64_t percent, uint64_t of)
{
	return of / 100 * percent + of % 100 * percent / 100;
}

uint64_t budget_limit(struct share max_disables, uint64_t live_contracts)
{
	uint64_t number = (uint64_t)max_disables.number;

	if (max_disables.set)
		return max_disables.percent ? percent_of(number, live_contracts) : number;
	number = percent_of(SHARE_PERCENT, live_contracts);
	return number < SHARE_LEAST ? SHARE_LEAST : number > SHARE_MOST ? SHARE_MOST : number;
}

void budget_add_rule(struct strbuf *out, struct share max_disables, uint64_t live_contracts)
{
	strbuf_addf(out, "%" PRIu64, budget_limit(max_disables, live_contracts));
	if (!max_disables.set)
		strbuf_addf(out, ": %d%% of %" PRIu64 " live contract%s, at least %d, at most %d",
		    SHARE_PERCENT, live_contracts, live_contracts == 1 ? "" : "s", SHARE_LEAST, SHARE_MOST);
	else if (max_disables.percent)
		strbuf_addf(out, ": %" PRId64 "%% of %" PRIu64 " live contract%s", max_disables.number,
		    live_contracts, live_contracts == 1 ? "" : "s");
}

static bool is_asked(const struct loss *loss)
{
	return loss_counts(loss) && !loss->standing;
}

struct budget_decision budget_decide(const struct budget *budget, const struct loss *losses, size_t count)
{
	struct budget_decision decision = {0};

	for (size_t i = 0; i < count; i++) {
		if (!is_asked(&losses[i]))
			continue;
		decision.asked++;
		decision.by_kind[losses[i].kind]++;
	}
	uint64_t left = budget->used < budget->limit ? budget->limit - budget->used : 0;
	decision.over = decision.asked > left;
	decision.passed = decision.over && budget->may_exceed && budget->allowed >= decision.asked;
	return decision;
}

bool budget_holds(const struct budget_decision *decision, const struct loss *loss)
{
	return decision->over && !decision->passed && is_asked(loss);
}

bool budget_has_room(const struct budget *budget, uint64_t taken)
{
	return budget->used < budget->limit || (budget->may_exceed && taken < budget->allowed);
}
