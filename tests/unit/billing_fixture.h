/* Invoices, contracts and rates by hand, and what they come to. October 2026 is compared, on 2026-11-20. */
#ifndef BILLING_FIXTURE_H
#define BILLING_FIXTURE_H

#include "intake_fixture.h"

#include "tenantry/billing.h"

#define OCTOBER (2026 * 12 + 9)
#define INVOICE_HEADER                                                                                       \
	"Invoice Id,Invoice Date,Subscription Id,Account Id,Period Start,Period End,Kind,Currency,Amount,Cost Amount,Rate\n"

struct bills {
	struct fixture *f;
	struct subscriptions subscriptions;
	struct strbuf lines, rate_rows;
	struct tier_change changes[16];
	size_t change_count;
	struct invoices *invoices;
	struct rates *rates;
	struct billing *billing;
};

static inline int bills_set_up(void **state)
{
	struct bills *b = mem_zalloc(sizeof *b);

	if (set_up((void **)&b->f) < 0)
		return -1;
	b->f->job->billing.months = 1;
	b->f->job->billing.invoiced_by = 3;
	b->f->job->billing.ramp_up_max = 1;
	b->f->job->billing.ramp_up_max_before = 3;
	b->f->job->billing.ramp_up_since = (struct date){2023, 11, 1};
	b->f->job->billing.medium_from = 10;
	b->f->job->billing.high_from = 100;
	strbuf_adds(&b->lines, INVOICE_HEADER);
	strbuf_adds(&b->rate_rows, "From,To,Rate,Valid From,Valid To\n");
	*state = b;
	return 0;
}

static inline void bills_forget(struct bills *b)
{
	billing_free(b->billing);
	invoices_free(b->invoices);
	rates_free(b->rates);
	b->billing = NULL;
	b->invoices = NULL;
	b->rates = NULL;
}

static inline int bills_tear_down(void **state)
{
	struct bills *b = *state;
	struct fixture *f = b->f;

	bills_forget(b);
	strbuf_free(&b->lines);
	strbuf_free(&b->rate_rows);
	free(b->subscriptions.items);
	free(b->subscriptions.quarantined);
	free(b);
	return tear_down((void **)&f);
}

/* An active contract that began in January. Tier: its index, 8 is Promo. Good until the next one is added. */
static inline struct subscription *contract(
    struct bills *b, const char *id, size_t tier, const char *currency)
{
	MEM_GROW(b->subscriptions.items, b->subscriptions.count, b->subscriptions.cap);
	struct subscription *s = &b->subscriptions.items[b->subscriptions.count++];

	*s = (struct subscription){.id = arena_strdup(b->f->arena, id),
	    .account_id = arena_printf(b->f->arena, "A-%s", id),
	    .account = "",
	    .username = "",
	    .sync_status = "",
	    .external_id = "",
	    .tier_text = "",
	    .product_code = "",
	    .tier = &b->f->job->contract.tiers[tier],
	    .status = SUBSCRIPTION_ACTIVE,
	    .quantity = "1",
	    .start_date = {2026, 1, 15},
	    .source = "subscriptions.csv",
	    .line = (uint32_t)b->subscriptions.count + 1};
	memcpy(s->currency, currency, 3);
	return s;
}

/* An October line of 2026-11-01; rest: "cost,rate" or "". */
static inline void line(struct bills *b, const char *id, const char *kind, const char *currency,
    const char *amount, const char *rest)
{
	strbuf_addf(&b->lines, "I-%s,2026-11-01,%s,A-%s,2026-10-01,2026-10-31,%s,%s,%s,%s\n", id, id, id,
	    kind, currency, amount, rest[0] ? rest : ",");
}

static inline void compare_bills(struct bills *b)
{
	struct error err = {0};
	struct job *job = b->f->job;
	struct invoice_window window = billing_window(job, (struct date){2026, 11, 20});

	bills_forget(b);
	put(b->f, "invoices.csv", b->lines.p);
	put(b->f, "rates.csv", b->rate_rows.p);
	job->bss.invoices = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(b->f, "invoices.csv")};
	job->bss.rates = (struct source_spec){.kind = SOURCE_CSV, .csv = in_folder(b->f, "rates.csv")};
	b->invoices = invoices_load(job, NULL, &window, &err);
	b->rates = rates_load(job, NULL, &err);
	if (err.code)
		error_print(&err, stderr, true);
	assert_non_null(b->invoices);
	assert_non_null(b->rates);
	struct billing_input input = {.job = job,
	    .subscriptions = &b->subscriptions,
	    .invoices = b->invoices,
	    .rates = b->rates,
	    .changes = b->changes,
	    .change_count = b->change_count};
	b->billing = billing_compare(&input);
	for (size_t i = 0; i < b->billing->amount_count; i++) {
		const struct billing_amounts *a = &b->billing->amounts[i];
		assert_true(a->total == a->tied + a->other_months + a->untied);
	}
	assert_true(
	    b->billing->agreed <= b->billing->compared && b->billing->compared <= b->billing->contracts);
}

/* The one entry; fails when there is none or more than one. */
static inline const struct billing_entry *only_entry(struct bills *b)
{
	compare_bills(b);
	assert_int_equal(b->billing->count, 1);
	return &b->billing->entries[0];
}

#endif
