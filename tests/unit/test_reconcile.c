/* The whole comparison over random worlds: counts tie, identities are stable, and the order of the rows
 * changes nothing. */
#include "reconcile_fixture.h"

#include <sched.h>

struct random {
	uint64_t state;
};

/* splitmix64 */
static uint64_t next(struct random *r, uint64_t below)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

/* Small ranges, so that duplicates, clashes and orphans come up all the time. */
static void random_world_of(
    struct night *n, struct random *r, size_t subscriptions, size_t tenants, uint64_t accounts)
{
	char id[32], account[16];

	for (size_t i = 0; i < tenants; i++) {
		snprintf(account, sizeof account, "%d", (int)next(r, accounts));
		struct observed_tenant *t =
		    acronis(n, (int)i, next(r, 4) ? account : "", (int64_t)next(r, 10) - 2);
		t->enabled = next(r, 3) > 0;
		t->kind = next(r, 6) ? "partner" : "customer";
		t->deleted_at = next(r, 6) ? "" : "2026-11-01T00:00:00";
		t->tier_read = next(r, 8) > 0;
		t->pricing_read = next(r, 8) > 0;
		t->unreadable = next(r, 10) == 0;
		t->parent_id = next(r, 8) ? PARENT : tenant_id(n, 99);
	}
	for (size_t i = 0; i < subscriptions; i++) {
		snprintf(id, sizeof id, "S-%zu", i);
		snprintf(account, sizeof account, "%d", (int)next(r, accounts));
		struct subscription *s = bss(
		    n, id, account, next(r, 9), (enum subscription_status)next(r, SUBSCRIPTION_STATUS_COUNT));
		s->external_id = next(r, 2) ? "" : tenant_id(n, (int)next(r, tenants + 2));
		s->quantity = next(r, 8) ? "1" : "2";
		if (next(r, 10) == 0)
			s->tier = NULL;
	}
	for (size_t i = next(r, 3); i > 0; i--)
		quarantine(n, next(r, 2) ? "3" : "", "S-q");
	for (size_t i = next(r, 3); i > 0; i--)
		remember(n, "5", (int)next(r, 14), NULL);
	for (size_t i = next(r, 3); i > 0; i--)
		did(n, "6", (int)next(r, 14), (enum action)next(r, ACTION_COUNT), "Tier 2",
		    (int64_t)next(r, 60));
	for (size_t i = next(r, 3); i > 0; i--)
		pend(n, "4", (enum action)next(r, ACTION_COUNT), 2,
		    (enum item_state)next(r, ITEM_STATE_COUNT), (int64_t)next(r, 60));
	n->observation->complete = next(r, 10) > 0;
}

static void random_world(struct night *n, struct random *r)
{
	size_t subscriptions = next(r, 14);

	random_world_of(n, r, subscriptions, next(r, 14), 8);
}

/* The accounts of each side counted in another way: by comparing every text with every other. */
static uint64_t slow_bss_accounts(const struct night *n)
{
	const struct subscriptions *s = &n->subscriptions;
	uint64_t count = 0;

	for (size_t i = 0; i < s->count + s->quarantined_count; i++) {
		const char *account =
		    i < s->count ? s->items[i].account_id : s->quarantined[i - s->count].account_id;
		bool first = account[0] != '\0';
		for (size_t j = 0; j < i; j++)
			first = first &&
				strcmp(account, j < s->count ? s->items[j].account_id
							     : s->quarantined[j - s->count].account_id) != 0;
		count += first;
	}
	return count;
}

static uint64_t slow_tenants(const struct night *n, uint64_t *deleted)
{
	uint64_t partners = 0;

	*deleted = 0;
	for (size_t i = 0; i < n->observation->count; i++) {
		const struct observed_tenant *t = &n->observation->items[i];
		*deleted += t->deleted_at[0] != '\0';
		partners += !t->deleted_at[0] && strcmp(t->kind, "partner") == 0;
	}
	return partners;
}

static void assert_ties(const struct night *n)
{
	const struct coverage *c = &n->result->coverage;
	uint64_t deleted, partners = slow_tenants(n, &deleted), bss_accounts = slow_bss_accounts(n);

	assert_closes(n);
	assert_int_equal(c->tenants_deleted, deleted);
	assert_true(c->tenants >= partners);
	/* An account of a contract that we made counts where neither side has it. */
	assert_true(c->accounts >= bss_accounts && c->accounts <= bss_accounts + c->tenants + n->done_count);
	assert_true(c->accounts_matched <= bss_accounts);
	/* What is not examined is said: no gap without a finding or an account in the list. */
	if (c->subscriptions_examined + c->subscriptions_quarantined < c->subscriptions ||
	    c->tenants_examined < c->tenants)
		assert_true(n->result->by_code[FINDING_NOT_COMPARED] > 0);
	for (size_t i = 1; i < n->result->count; i++) {
		assert_true(n->result->findings[i - 1].severity >= n->result->findings[i].severity);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(n->result->findings[i].id, n->result->findings[j].id);
	}
}

static void test_counts_tie_in_random_worlds(void **state)
{
	struct random r = {7};
	uint64_t by_code[FINDING_COUNT] = {0};

	(void)state;
	for (int round = 0; round < 4000; round++) {
		struct night *n = night_new();
		random_world(n, &r);
		compare(n);
		assert_ties(n);
		for (int code = 0; code < FINDING_COUNT; code++)
			by_code[code] += n->result->by_code[code];
		night_free(n);
	}
	/* The worlds are rich enough to mean something. */
	assert_true(by_code[FINDING_DUPLICATE_TENANT] > 100 && by_code[FINDING_CANCELLED_BUT_PRESENT] > 100);
	assert_true(by_code[FINDING_TENANT_MISSING] > 100 && by_code[FINDING_IMPORT_PENDING] > 10);
}

static void reverse(struct night *n)
{
	for (size_t i = 0, j = n->subscriptions.count; i + 1 < j; i++) {
		struct subscription kept = n->subscriptions.items[i];
		n->subscriptions.items[i] = n->subscriptions.items[--j];
		n->subscriptions.items[j] = kept;
	}
	for (size_t i = 0, j = n->observation->count; i + 1 < j; i++) {
		struct observed_tenant kept = n->observation->items[i];
		n->observation->items[i] = n->observation->items[--j];
		n->observation->items[j] = kept;
	}
}

static char *as_text(const struct reconcile_result *result)
{
	struct strbuf out = {0};

	for (size_t i = 0; i < result->count; i++) {
		const struct finding *f = &result->findings[i];
		strbuf_addf(&out, "%s|%d|%s|%s|%s|%s|%s|%s|%s|%s\n", f->id, (int)f->severity, f->account_id,
		    f->object, f->tenant_id, f->expected, f->bss, f->acronis, f->sentence, f->evidence);
	}
	strbuf_addf(&out, "%llu %llu %lld", (unsigned long long)result->coverage.accounts_clean,
	    (unsigned long long)result->coverage.accounts_matched, (long long)result->coverage.permille);
	return strbuf_take(&out);
}

static void test_order_of_rows_changes_nothing(void **state)
{
	struct random r = {11};

	(void)state;
	for (int round = 0; round < 1000; round++) {
		struct night *n = night_new();
		random_world(n, &r);
		compare(n);
		char *forward = as_text(n->result);
		compare(n);
		char *again = as_text(n->result);
		reverse(n);
		compare(n);
		char *backward = as_text(n->result);
		assert_string_equal(forward, again);
		assert_string_equal(forward, backward);
		free(forward);
		free(again);
		free(backward);
		night_free(n);
	}
}

/* As many rows as several threads share, once on one processor and once on all. */
static void test_threads_change_nothing(void **state)
{
	struct night *n = night_new();
	struct random r = {12};
	struct coverage alone;
	cpu_set_t all, one;

	(void)state;
	random_world_of(n, &r, JOIN_PART_LEAST + 5000, JOIN_PART_LEAST + 5000, JOIN_PART_LEAST);
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	CPU_ZERO(&one);
	for (size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; i++)
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	compare(n);
	char *first = as_text(n->result);
	alone = n->result->coverage;
	assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
	compare(n);
	char *second = as_text(n->result);
	assert_true(n->result->count > JOIN_PART_LEAST / 2);
	assert_true(strcmp(first, second) == 0);
	assert_memory_equal(&alone, &n->result->coverage, sizeof alone);
	free(first);
	free(second);
	night_free(n);
}

static void test_ids_are_of_account_code_and_object(void **state)
{
	struct night *n = night_new();

	(void)state;
	acronis(n, 1, "1", 0);
	bss(n, "S-1", "1", 2, SUBSCRIPTION_ACTIVE);
	compare(n);
	char first[20], other[20];
	snprintf(first, sizeof first, "%s", only(n, FINDING_TIER_MISMATCH)->id);
	assert_int_equal(strlen(first), 18);
	/* Other words, another money, another line: the same finding. */
	n->subscriptions.items[0].tier = &n->job->contract.tiers[3];
	n->subscriptions.items[0].line = 5000;
	n->subscriptions.items[0].account = "Company 1 renamed";
	n->observation->items[0].name = "Company 1 renamed";
	compare(n);
	assert_string_equal(only(n, FINDING_TIER_MISMATCH)->id, first);
	/* Another subscription: another finding. */
	n->subscriptions.items[0].id = "S-2";
	compare(n);
	snprintf(other, sizeof other, "%s", only(n, FINDING_TIER_MISMATCH)->id);
	assert_string_not_equal(other, first);
	night_free(n);
}

static void test_nothing_on_either_side(void **state)
{
	struct night *n = night_new();

	(void)state;
	assert_findings(n, "");
	assert_int_equal(n->result->coverage.permille, 1000);
	assert_int_equal(n->result->coverage.accounts, 0);
	night_free(n);
}

static void test_what_was_compared_is_counted(void **state)
{
	struct night *n = night_new();

	(void)state;
	for (int i = 0; i < 10; i++) {
		char id[16];
		snprintf(id, sizeof id, "%d", i);
		bss(n, id, id, 1, i < 8 ? SUBSCRIPTION_ACTIVE : SUBSCRIPTION_CANCELLED);
		acronis(n, i, id, 0)->login_read = i < 3;
	}
	n->observation->items[0].tier_read = false;
	for (int i = 0; i < 3; i++)
		n->observation->items[i].login = arena_printf(n->arena, "admin@c%d.example.com", i);
	compare(n);
	assert_int_equal(n->result->coverage.subscriptions_examined, 9);
	assert_int_equal(n->result->coverage.tenants_examined, 9);
	assert_int_equal(n->result->coverage.permille, 900);
	assert_int_equal(n->result->coverage.tiers_compared, 7);
	assert_int_equal(n->result->coverage.pricing_compared, 8);
	assert_int_equal(n->result->coverage.logins_compared, 3);
	assert_int_equal(n->result->coverage.accounts_clean, 7);
	night_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counts_tie_in_random_worlds),
	    cmocka_unit_test(test_order_of_rows_changes_nothing),
	    cmocka_unit_test(test_threads_change_nothing),
	    cmocka_unit_test(test_ids_are_of_account_code_and_object),
	    cmocka_unit_test(test_nothing_on_either_side),
	    cmocka_unit_test(test_what_was_compared_is_counted),
	};
	return cmocka_run_group_tests_name("reconcile", tests, NULL, NULL);
}
