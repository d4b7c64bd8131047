/* See fake_job.h. */
#include "fake_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tenantry/mem.h"

static struct text_list list_of(struct arena *arena, const char *const *items, size_t count)
{
	struct text_list list = {arena_alloc(arena, count * sizeof *list.items), count};

	for (size_t i = 0; i < count; i++)
		list.items[i] = arena_strdup(arena, items[i]);
	return list;
}

static void set_tiers(struct job *job)
{
	static const int64_t commitments[] = {0, 250, 500, 1000, 2500, 5000, 10000, 25000};

	job->contract.tier_count = 9;
	job->contract.tiers = arena_alloc(job->arena, 9 * sizeof *job->contract.tiers);
	for (size_t i = 0; i < 8; i++) {
		struct tier *tier = &job->contract.tiers[i];
		*tier = (struct tier){.name = arena_printf(job->arena, "Tier %zu", i),
		    .product = arena_printf(job->arena, "CCSP-T%zu", i),
		    .acronis = (int)i - 1,
		    .sold = true,
		    .index = i};
		tier->commitment[CURRENCY_USD] = (struct money){commitments[i] * 100, "USD"};
	}
	job->contract.tiers[8] =
	    (struct tier){.name = "Promo", .product = "CCSP-PROMO", .acronis = -1, .sold = false, .index = 8};
	job->contract.tiers[8].commitment[CURRENCY_USD] = (struct money){9900, "USD"};
	job->contract.licensing_mode = "per_gb";
	job->contract.all_offering_items = true;
	job->contract.downgrade = CHANGE_NEXT_FIRST;
}

static void set_bss(struct job *job)
{
	static const char *const pending[] = {"Submitted", ""};
	static const char *const ignored[] = {"Draft", "Executed", "Canceled", "Cancelled"};

	job->bss.name = "main";
	job->bss.orders = (struct source_spec){.kind = SOURCE_CSV, .csv = "orders.csv", .line = 1};
	job->bss.subscriptions =
	    (struct source_spec){.kind = SOURCE_CSV, .csv = "subscriptions.csv", .line = 2};
	job->bss.pending = list_of(job->arena, pending, ARRAY_LEN(pending));
	job->bss.ignored = list_of(job->arena, ignored, ARRAY_LEN(ignored));
}

static void set_rules(struct job *job)
{
	static const char *const currencies[] = {"USD", "EUR", "GBP", "AUD", "JPY", "CAD"};
	static const char *const no_post_code[] = {"AE", "HK", "IE", "QA"};

	job->rules.currencies = list_of(job->arena, currencies, ARRAY_LEN(currencies));
	job->rules.no_post_code = list_of(job->arena, no_post_code, ARRAY_LEN(no_post_code));
	job->rules.currency_aliases = arena_alloc(job->arena, sizeof *job->rules.currency_aliases);
	job->rules.currency_aliases[0] = (struct text_pair){"GBD", "GBP"};
	job->rules.currency_alias_count = 1;
	job->rules.terms = TERMS_STOREFRONT;
	job->rules.second_contract = SECOND_CONTRACT_REJECT;
}

struct job *fake_job_new(void)
{
	struct job *job = mem_zalloc(sizeof *job);

	job->arena = arena_new();
	job->path = "jobs/fake.yaml";
	job->name = "fake";
	job->root = "/nonexistent";
	job->steps = STEP_VALIDATE | STEP_PROVISION | STEP_RECONCILE | STEP_REPORT;
	job->provision.batch_size = 50;
	job->reconcile.min_coverage_permille = 950;
	job->reconcile.fail_on = SEVERITY_HIGH;
	job->report.csv_delimiter = ',';
	set_bss(job);
	set_tiers(job);
	set_rules(job);
	return job;
}

void fake_job_free(struct job *job)
{
	if (!job)
		return;
	arena_free(job->arena);
	free(job);
}
