/* Whose usage a night asks for: contracts that ran and whose last invoiced month bills none. A plausibility
 * check; it never demands equality, and without it the night is the same. */
#include "run_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/reconcile.h"

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The subscriptions that the month bills usage for, sorted. */
static const char **billed(const struct invoices *invoices, int month, size_t *count)
{
	const char **ids = mem_zalloc((invoices->count + 1) * sizeof *ids);

	*count = 0;
	for (size_t i = 0; i < invoices->count; i++) {
		const struct invoice_month *m = &invoices->items[i];
		/* What cannot be read may be usage. */
		if (m->month == month && (m->sum[INVOICE_USAGE] != 0 || m->bad_lines > 0))
			ids[(*count)++] = m->subscription_id;
	}
	qsort(ids, *count, sizeof *ids, by_text);
	return ids;
}

static const struct observed_tenant **by_tenant_id(const struct observation *observation)
{
	const struct observed_tenant **sorted = mem_zalloc((observation->count + 1) * sizeof *sorted);

	for (size_t i = 0; i < observation->count; i++)
		sorted[i] = &observation->items[i];
	return sorted;
}

static int same_id(const void *key, const void *entry)
{
	return strcmp(key, (*(const struct observed_tenant *const *)entry)->id);
}

static int ids_order(const void *a, const void *b)
{
	return strcmp(
	    (*(const struct observed_tenant *const *)a)->id, (*(const struct observed_tenant *const *)b)->id);
}

/* One that is there, below the parent and read: the call is refused as a whole for any other. */
static bool can_be_asked(
    const struct run *run, const struct observed_tenant **tenants, size_t count, const char *id)
{
	const struct observed_tenant **found =
	    count ? bsearch(id, tenants, count, sizeof *tenants, same_id) : NULL;

	return found && (*found)->pricing_read && (*found)->deleted_at[0] == '\0' &&
	       strv_eq_nocase(strv_of((*found)->parent_id), strv_of(run->connection.session.parent));
}

int run_read_usages(
    struct run *run, const struct observation *observation, struct reconcile_input *input, struct error *err)
{
	const struct billing *billing = run->billing;
	struct observe settings = run_observe_settings(run);
	struct usage_note *notes = NULL;
	char month[MONTH_TEXT_SIZE];
	size_t billed_count, wanted = 0;

	if (!run->job->reconcile.usages || run->options->tenants_file || !billing ||
	    !billing_covers(billing, BILLING_NO_SUBSCRIPTION, billing->last_month))
		return 0;
	const char **with_usage = billed(run->invoices, billing->last_month, &billed_count);
	const struct observed_tenant **tenants = by_tenant_id(observation);
	const char **ids = mem_zalloc((run->subscriptions->count + 1) * sizeof *ids);
	qsort(tenants, observation->count, sizeof *tenants, ids_order);
	for (size_t i = 0; i < run->subscriptions->count; i++) {
		const struct subscription *s = &run->subscriptions->items[i];
		if (s->status == SUBSCRIPTION_ACTIVE &&
		    !bsearch(&s->id, with_usage, billed_count, sizeof *with_usage, by_text) &&
		    can_be_asked(run, tenants, observation->count, s->external_id))
			ids[wanted++] = s->external_id;
	}
	int rc = observe_usages(&settings, ids, wanted,
	    arena_strdup(run->arena, month_text(billing->last_month, month)), run->arena, &notes,
	    &input->usage_count, err);
	input->usages = notes;
	free(ids);
	free(tenants);
	free(with_usage);
	return rc;
}
