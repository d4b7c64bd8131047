/* A night that reads only changes must say the same as one that reads all. Held against the cloud itself: who
 * is there, and as what, always; a tier only as of the time that stands beside it, and never older than
 * full_every. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_check.h"
#include "reconcile/reconcile_impl.h"
#include "tenantry/reconcile.h"

static const struct observed_tenant *observed_of(const struct observation *o, const char *id)
{
	for (size_t i = 0; i < o->count; i++)
		if (strcmp(o->items[i].id, id) == 0)
			return &o->items[i];
	return NULL;
}

/* What somebody clicked in the portal before the night has its own sign; the night itself changes tiers
 * before it looks, and what it changed it reads again. */
static void check_tier(struct sim *sim, const struct world *world, const struct observation *o,
    const struct observed_tenant *seen, const struct cloud_tenant *real)
{
	int account = sim_account_number(real->customer);
	int64_t every = world->job->reconcile.full_every_ms, age = o->taken_at - seen->details_at;
	bool same = seen->has_tier == real->has_tier && (!real->has_tier || seen->tier_value == real->tier);

	if (!seen->tier_read || seen->deleted_at[0])
		return;
	if (seen->details_at == 0 || age < 0 || (age > 0 && age >= every))
		sim_fail(sim, "the tier of tenant %s is %lld ms old, full_every is %lld ms", real->id,
		    (long long)age, (long long)every);
	else if (!same && age == 0)
		sim_fail(sim, "the tier of tenant %s was read tonight and is another", real->id);
	else if (!same && !(account >= 0 && (sim->excuses[account] & EXCUSE_TIER)))
		sim_fail(sim,
		    "the tier of tenant %s changed by no click in the portal, and was not read again",
		    real->id);
}

static bool ledger_knew(const struct world *world, const char *tenant_id)
{
	for (int i = 0; i < world->order_count; i++)
		if (strcmp(world->orders[i].tenant_id, tenant_id) == 0)
			return true;
	return false;
}

/* A night that was lied to may have seen less, as long as it says so: 3 where it could know of the tenant
 * before it began, and never that all is good. Of a stranger's tenant nobody knows but the list, that of the
 * last full read included. */
static bool may_be_unseen(
    const struct sim *sim, const struct world *world, const struct report *report, size_t number)
{
	if (sim->stranger[number])
		return sim->lied_ever;
	if (!sim->lied || report->exit_status == 0)
		return false;
	return report->exit_status == 3 || !ledger_knew(world, sim->cloud.tenants[number].id);
}

static void check_tenant(struct sim *sim, const struct world *world, const struct report *report,
    const struct observation *o, size_t number)
{
	const struct cloud_tenant *real = &sim->cloud.tenants[number];
	const struct observed_tenant *seen = observed_of(o, real->id);
	bool ours = !real->deleted && strcmp(real->parent, CLOUD_PARENT) == 0;

	if (!seen) {
		if (ours && !real->unlisted && sim->unlisted_until[number] == 0 &&
		    !may_be_unseen(sim, world, report, number))
			sim_fail(sim, "tenant %s is there, and the night did not see it (exit status %d)",
			    real->id, report->exit_status);
		return;
	}
	if (seen->unreadable)
		return;
	/* Who left the subtree is in no list any more: that shows when it is its turn, or when its details
	 * are asked for and refused, which the night says of it. */
	if (strcmp(real->parent, CLOUD_ELSEWHERE) == 0 && seen->details_at == 0 && !tenant_details_read(seen))
		return;
	if (strcmp(real->parent, CLOUD_ELSEWHERE) == 0 && seen->details_at < o->taken_at &&
	    o->taken_at - seen->details_at < world->job->reconcile.full_every_ms)
		return;
	if (strcmp(seen->name, real->name) != 0 || strcmp(seen->customer_id, real->customer) != 0 ||
	    strcmp(seen->parent_id, real->parent) != 0 || seen->enabled != real->enabled ||
	    (seen->deleted_at[0] != '\0') != real->deleted)
		sim_fail(sim, "tenant %s looks otherwise than the night says (%s)", real->id, seen->name);
	else
		check_tier(sim, world, o, seen, real);
}

void check_observed(struct sim *sim, const struct world *world, const struct report *report)
{
	struct error err = {0};
	char path[400];

	snprintf(path, sizeof path, "%.300s/tenants.csv.zst", report->folder);
	struct observation *o = observation_read(path, &err);
	if (!o) {
		sim_fail(sim, "the snapshot of the night cannot be read: %s", err.text);
		return;
	}
	o->taken_at = report->observed_at;
	sim->stats.partial += strcmp(report->observation.mode, "changes") == 0;
	sim->stats.whole += strcmp(report->observation.mode, "full") == 0;
	for (size_t i = 0; i < sim->cloud.tenant_count && !sim->failure[0]; i++)
		check_tenant(sim, world, report, o, i);
	observation_free(o);
}
