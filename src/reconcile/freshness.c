/* How old the details of tenants are, and whose turn it is to be read again. Pure. Tiers carry no change
 * stamp and no call reads many of them, so their age is the only thing that says what they are worth. */
#include "reconcile/reconcile_impl.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* Periods of `every` ms that have begun before `at`, when they begin at `phase`. */
static int64_t period(int64_t at, int64_t phase, int64_t every)
{
	int64_t since = at - phase;

	return since >= 0 ? since / every : -((-since + every - 1) / every);
}

bool details_due(const char *tenant_id, int64_t read_at, int64_t now, int64_t every)
{
	if (every <= 0 || read_at <= 0 || read_at > now)
		return true;
	int64_t phase = (int64_t)(hash_nocase(strv_of(tenant_id)) % (uint64_t)every);
	return period(now, phase, every) != period(read_at, phase, every);
}

static void count_age(struct detail_ages *ages, int64_t age)
{
	if (age <= 0)
		ages->tonight++;
	else if (age <= DAY_MS)
		ages->day++;
	else if (age <= 3 * (int64_t)DAY_MS)
		ages->three_days++;
	else if (age <= 7 * (int64_t)DAY_MS)
		ages->week++;
	else
		ages->older++;
}

struct detail_ages observation_ages(const struct observation *observation)
{
	struct detail_ages ages = {0};

	for (size_t i = 0; i < observation->count; i++) {
		const struct observed_tenant *t = &observation->items[i];
		if (!tenant_has_details(t))
			continue;
		if (!tenant_details_read(t)) {
			ages.unread++;
			continue;
		}
		if (t->details_at == 0) {
			ages.unknown++;
			continue;
		}
		count_age(&ages, observation->taken_at - t->details_at);
		if (ages.oldest_at == 0 || t->details_at < ages.oldest_at)
			ages.oldest_at = t->details_at;
	}
	return ages;
}
