/* The arithmetic of one subscription's month and the tolerance; see billing.h. */
#include "tenantry/billing.h"

/* One amount in the contract's own currency for all of the month: nothing is multiplied. */
static bool is_plain(const struct charge_terms *terms)
{
	return terms->part_count == 1 && !terms->parts[0].rate && terms->parts[0].days == terms->month_days;
}

static bool commitment_of(const struct charge_terms *terms, int64_t *out)
{
	if (is_plain(terms)) { /* nearly every contract */
		*out = terms->parts[0].amount.minor;
		return true;
	}
	struct rational *sum = rational_new(), *part = rational_new(), *share = rational_new();

	for (size_t i = 0; i < terms->part_count; i++) {
		rational_set_money(part, terms->parts[i].amount);
		if (terms->parts[i].rate)
			rational_multiply(part, terms->parts[i].rate);
		rational_set(share, terms->parts[i].days, terms->month_days);
		rational_multiply(part, share);
		rational_add(sum, part);
	}
	bool fits = rational_round(sum, currency_exponent(terms->currency), terms->rounding, out);
	rational_free(share);
	rational_free(part);
	rational_free(sum);
	return fits;
}

bool billing_charge(const struct charge_terms *terms, struct charge *out)
{
	int64_t missing;

	*out = (struct charge){.usage = terms->usage};
	if ((terms->part_count > 0 && !commitment_of(terms, &out->commitment)) ||
	    __builtin_sub_overflow(out->commitment, terms->usage, &missing))
		return false;
	if (missing > 0)
		out->shortfall = missing;
	else
		out->above = -missing;
	return !__builtin_add_overflow(out->usage, out->shortfall, &out->total);
}

/* 100 * |difference| <= percent * expected, exactly. */
static bool within_percent(const char *percent, int64_t expected, int64_t difference)
{
	struct rational *limit = rational_new(), *factor = rational_new();
	bool within;

	rational_parse(limit, strv_of(percent));
	rational_set(factor, expected, 100);
	rational_multiply(limit, factor);
	rational_set(factor, difference, 1);
	within = rational_compare(factor, limit) <= 0;
	rational_free(factor);
	rational_free(limit);
	return within;
}

bool billing_tolerates(const struct job *job, const char *currency, int64_t expected, int64_t difference)
{
	static const struct money none;
	int index = currency_index(strv_of(currency));
	struct money absolute = index < 0 ? none : job->reconcile.tolerance.absolute[index];

	if (difference == 0)
		return true;
	if (difference == INT64_MIN || (!absolute.currency[0] && !job->reconcile.tolerance.has_percent))
		return false;
	if (difference < 0)
		difference = -difference;
	if (absolute.currency[0] && difference > absolute.minor)
		return false;
	return !job->reconcile.tolerance.has_percent ||
	       within_percent(job->reconcile.tolerance.percent, expected, difference);
}
