/* Both sides of a night by hand: subscriptions, tenants, what the ledger knows. Everything agrees until a
 * test changes it. */
#ifndef RECONCILE_FIXTURE_H
#define RECONCILE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "../fake/fake_job.h"
#include "reconcile/reconcile_impl.h"
#include "tenantry/mem.h"

#define HOUR_MS INT64_C(3600000)
#define PARENT "00000000-0000-4000-8000-00000000ffff"

struct night {
	struct job *job;
	struct arena *arena;
	struct subscriptions subscriptions;
	struct observation *observation;
	struct known_tenant known[8];
	struct item_record done[8];
	struct order_item orders[8];
	struct pending_order pending[8];
	size_t known_count, done_count, pending_count;
	struct billing billing; /* of October 2026; none without entries */
	struct billing_entry entries[4];
	struct invoices invoices;
	struct invoice_month lines;
	struct rates *rates;
	struct usage_note usages[2];
	size_t usage_count;
	int64_t now;
	struct reconcile_result *result;
};

static inline struct night *night_new(void)
{
	struct night *n = mem_zalloc(sizeof *n);

	n->job = fake_job_new();
	n->job->reconcile.stuck_after_ms = 24 * HOUR_MS;
	n->arena = arena_new();
	n->observation = observation_new();
	n->observation->complete = true;
	n->observation->parent = PARENT;
	n->observation->source = "https://cloud.example.com";
	n->now = date_to_ms((struct date){2026, 11, 22});
	n->observation->taken_at = n->now - HOUR_MS;
	return n;
}

static inline void night_free(struct night *n)
{
	reconcile_result_free(n->result);
	observation_free(n->observation);
	free(n->subscriptions.items);
	free(n->subscriptions.quarantined);
	arena_free(n->arena);
	fake_job_free(n->job);
	free(n);
}

/* 1 is "00000000-0000-4000-8000-000000000001". */
static inline const char *tenant_id(struct night *n, int number)
{
	return arena_printf(n->arena, "00000000-0000-4000-8000-%012d", number);
}

/* Tier: its index, Tier N is N. The pointer is good until the next one is added. */
static inline struct subscription *bss(
    struct night *n, const char *id, const char *account, size_t tier, enum subscription_status status)
{
	MEM_GROW(n->subscriptions.items, n->subscriptions.count, n->subscriptions.cap);
	struct subscription *s = &n->subscriptions.items[n->subscriptions.count++];

	*s = (struct subscription){.id = arena_strdup(n->arena, id),
	    .account_id = arena_strdup(n->arena, account),
	    .account = arena_printf(n->arena, "Company %s", account),
	    .username = arena_printf(n->arena, "admin@c%s.example.com", account),
	    .sync_status = "Synchronized",
	    .external_id = "",
	    .tier_text = n->job->contract.tiers[tier].name,
	    .product_code = n->job->contract.tiers[tier].product,
	    .tier = &n->job->contract.tiers[tier],
	    .status = status,
	    .quantity = "1",
	    .currency = "USD",
	    .start_date = {2026, 1, 1},
	    .is_trial = 0,
	    .source = "subscriptions.csv",
	    .line = (uint32_t)n->subscriptions.count + 1};
	return s;
}

static inline struct observed_tenant *acronis(
    struct night *n, int number, const char *customer_id, int64_t tier_value)
{
	struct observed_tenant *t = observation_add(n->observation);

	t->id = tenant_id(n, number);
	t->parent_id = PARENT;
	t->customer_id = arena_strdup(n->arena, customer_id);
	t->name = arena_printf(n->arena, "Company %s", customer_id);
	t->kind = "partner";
	t->enabled = true;
	t->tier_read = t->has_tier = t->pricing_read = t->licensing_read = true;
	t->tier_value = tier_value;
	t->licensing_mode = "per_gb";
	t->currency = "USD";
	t->pricing_mode = "production";
	return t;
}

static inline void quarantine(struct night *n, const char *account, const char *id)
{
	MEM_GROW(n->subscriptions.quarantined, n->subscriptions.quarantined_count,
	    n->subscriptions.quarantined_cap);
	n->subscriptions.quarantined[n->subscriptions.quarantined_count++] =
	    (struct quarantined_row){.source = "subscriptions.csv",
		.subscription_id = id,
		.account_id = account,
		.reason = "its status \"In-Active\" is not known",
		.line = 99};
}

static inline struct known_tenant *remember(
    struct night *n, const char *account, int number, const struct tier *tier)
{
	struct known_tenant *k = &n->known[n->known_count++];

	*k = (struct known_tenant){.account_id = account,
	    .tenant_id = tenant_id(n, number),
	    .login = "",
	    .item_key = "main/1",
	    .subscription_id = "",
	    .user_id = "",
	    .tier = tier};
	return k;
}

static inline struct item_record *did(
    struct night *n, const char *account, int number, enum action action, const char *tier, int64_t hours_ago)
{
	struct item_record *d = &n->done[n->done_count++];

	*d = (struct item_record){.key = "main/OI-7",
	    .order_id = "O-7",
	    .item_id = "OI-7",
	    .account_id = account,
	    .account = "",
	    .login = "",
	    .subscription_id = "ours",
	    .tenant_id = tenant_id(n, number),
	    .user_id = "",
	    .tier = tier,
	    .currency = "USD",
	    .digest = "",
	    .reason = "",
	    .text = "",
	    .run_id = "",
	    .source = "",
	    .start_date = "",
	    .action = action,
	    .state = ITEM_DONE,
	    .executed_at = n->now - hours_ago * HOUR_MS};
	return d;
}

static inline struct pending_order *pend(struct night *n, const char *account, enum action action,
    size_t tier, enum item_state state, int64_t hours_ago)
{
	struct order_item *item = &n->orders[n->pending_count];
	struct pending_order *p = &n->pending[n->pending_count++];

	*item = (struct order_item){.key = "main/OI-9",
	    .order_id = "O-9",
	    .item_id = "OI-9",
	    .account_id = account,
	    .account = "Company in waiting",
	    .subscription_id = "",
	    .tier = &n->job->contract.tiers[tier],
	    .action = action,
	    .currency = "USD",
	    .source = "orders.csv",
	    .line = 12};
	*p = (struct pending_order){.item = item, .state = state, .since = n->now - hours_ago * HOUR_MS};
	return p;
}

/* What invoices say of the contract that was added last: billed and owed in smallest units, a commitment of
 * 500. */
static inline struct billing_entry *bill(
    struct night *n, enum billing_kind kind, int64_t billed, int64_t should)
{
	static struct input_file file = {.path = "invoices.csv"};
	const struct subscription *s = &n->subscriptions.items[n->subscriptions.count - 1];
	struct billing_entry *e = &n->entries[n->billing.count++];

	*e = (struct billing_entry){.kind = kind,
	    .subscription = (uint32_t)n->subscriptions.count - 1,
	    .month = 2026 * 12 + 9,
	    .object = arena_printf(n->arena, "%s 2026-10", s->id),
	    .account_id = "",
	    .subscription_id = "",
	    .subject = "",
	    .place = "",
	    .free = "",
	    .tier = s->tier,
	    .day = {2026, 11, 1},
	    .currency = "USD",
	    .expected = {.commitment = 50000, .usage = 18000, .shortfall = should - 18000, .total = should},
	    .billed = billed,
	    .should = should,
	    .difference = billed - should};
	n->lines = (struct invoice_month){
	    .rate = "", .sum = {18000, billed - 18000, 0}, .places = {{0, 7, 9}}, .place_count = 1};
	if (kind != BILLING_NO_LINES)
		e->lines = &n->lines;
	n->invoices.files = &file;
	n->billing.invoices = &n->invoices;
	n->billing.entries = n->entries;
	n->billing.of_subscriptions = n->billing.count;
	n->job->billing.medium_from = 10;
	n->job->billing.high_from = 100;
	return e;
}

static inline struct reconcile_input night_input(const struct night *n)
{
	return (struct reconcile_input){.job = n->job,
	    .usages = n->usages,
	    .usage_count = n->usage_count,
	    .subscriptions = &n->subscriptions,
	    .observation = n->observation,
	    .known = n->known,
	    .known_count = n->known_count,
	    .done_items = n->done,
	    .done_count = n->done_count,
	    .pending = n->pending,
	    .pending_count = n->pending_count,
	    .billing = n->billing.count ? &n->billing : NULL,
	    .rates = n->rates,
	    .now = n->now};
}

static inline const struct reconcile_result *compare(struct night *n)
{
	struct reconcile_input input = night_input(n);

	reconcile_result_free(n->result);
	n->result = reconcile(&input);
	return n->result;
}

/* The one finding of this code; fails when there is none or more than one. */
static inline const struct finding *only(const struct night *n, enum finding_code code)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < n->result->count; i++) {
		if (n->result->findings[i].code != code)
			continue;
		assert_null(found);
		found = &n->result->findings[i];
	}
	assert_non_null(found);
	return found;
}

/* Exactly these findings, by code and in the result's order: "tier-mismatch name-drift". */
static inline void assert_findings(struct night *n, const char *expected)
{
	struct strbuf codes = {0};

	compare(n);
	strbuf_adds(&codes, "");
	for (size_t i = 0; i < n->result->count; i++)
		strbuf_addf(&codes, "%s%s", i ? " " : "", finding_code_name(n->result->findings[i].code));
	assert_string_equal(codes.p, expected);
	strbuf_free(&codes);
}

/* Counts that must tie whatever the night looks like. */
static inline void assert_closes(const struct night *n)
{
	const struct coverage *c = &n->result->coverage;
	uint64_t by_code = 0, by_severity = 0;

	assert_int_equal(c->subscriptions, n->subscriptions.count + n->subscriptions.quarantined_count);
	assert_int_equal(c->subscriptions_quarantined, n->subscriptions.quarantined_count);
	assert_true(c->subscriptions_examined + c->subscriptions_quarantined <= c->subscriptions);
	assert_int_equal(c->tenants + c->tenants_other + c->tenants_deleted, n->observation->count);
	assert_true(c->tenants_examined <= c->tenants);
	assert_true(c->accounts_matched <= c->accounts && c->accounts_clean <= c->accounts);
	for (int i = 0; i < FINDING_COUNT; i++)
		by_code += n->result->by_code[i];
	for (int i = 0; i < 4; i++)
		by_severity += n->result->by_severity[i];
	assert_int_equal(by_code, n->result->count);
	assert_int_equal(by_severity, n->result->count);
}

#endif
