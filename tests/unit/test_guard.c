/* What may not be believed stops the comparison, with the reason. */
#include "reconcile_fixture.h"

struct guarded {
	struct night *n;
	struct side_memory memory;
	struct error err;
};

static struct guarded guarded_new(void)
{
	struct guarded g = {.n = night_new(), .memory = {-1, -1, -1}};

	g.n->job->reconcile.max_shrink = (struct share){.set = true, .percent = true, .number = 20};
	g.n->job->reconcile.max_age_ms = 26 * HOUR_MS;
	return g;
}

static int subscriptions(struct guarded *g)
{
	error_clear(&g->err);
	return reconcile_guard_subscriptions(g->n->job, &g->n->subscriptions, &g->memory, g->n->now, &g->err);
}

static int observation(struct guarded *g)
{
	error_clear(&g->err);
	return reconcile_guard_observation(g->n->job, g->n->observation, &g->memory, &g->err);
}

static void assert_refused(const struct guarded *g, int rc, const char *text)
{
	assert_int_equal(rc, -1);
	assert_int_equal(g->err.code, ERR_COVERAGE);
	assert_non_null(strstr(g->err.text, text));
	assert_true(g->err.hint[0]);
}

static void fill(struct guarded *g, size_t rows)
{
	char id[32];

	while (g->n->subscriptions.count < rows) {
		snprintf(id, sizeof id, "%zu", g->n->subscriptions.count);
		bss(g->n, id, id, 1, SUBSCRIPTION_ACTIVE);
		acronis(g->n, (int)g->n->observation->count, id, 0);
	}
}

static void test_empty(void **state)
{
	struct guarded g = guarded_new();

	(void)state;
	assert_int_equal(subscriptions(&g), 0); /* never seen any: empty is what there is */
	assert_int_equal(observation(&g), 0);
	g.memory = (struct side_memory){0, 0, 0};
	assert_int_equal(subscriptions(&g), 0);
	g.memory = (struct side_memory){1, 1, 1};
	assert_refused(&g, subscriptions(&g), "there are no subscriptions, but the last run saw 1");
	assert_refused(&g, observation(&g), "there are no tenants, but the last run saw 1");
	g.n->job->reconcile.allow_empty = true;
	assert_int_equal(subscriptions(&g), 0);
	assert_int_equal(observation(&g), 0);
	night_free(g.n);
}

static void test_shrunken(void **state)
{
	struct guarded g = guarded_new();

	(void)state;
	fill(&g, 80);
	g.memory = (struct side_memory){100, 100, 100};
	assert_int_equal(subscriptions(&g), 0); /* exactly 20% */
	assert_int_equal(observation(&g), 0);
	g.memory = (struct side_memory){101, 101, 101};
	assert_refused(&g, subscriptions(&g), "from 101 to 80");
	assert_refused(&g, observation(&g), "reconcile.max_shrink (20%)");
	g.n->job->reconcile.max_shrink = (struct share){.set = true, .number = 21};
	assert_int_equal(subscriptions(&g), 0);
	g.n->job->reconcile.max_shrink.number = 20;
	assert_refused(&g, subscriptions(&g), "reconcile.max_shrink (20)");
	g.n->job->reconcile.max_shrink.set = false;
	assert_int_equal(subscriptions(&g), 0);
	g.memory = (struct side_memory){10, 10, 10}; /* growth is fine */
	g.n->job->reconcile.max_shrink.set = true;
	assert_int_equal(subscriptions(&g), 0);
	night_free(g.n);
}

static void test_stale(void **state)
{
	struct guarded g = guarded_new();

	(void)state;
	fill(&g, 1);
	g.n->subscriptions.as_of = g.n->now - 26 * HOUR_MS;
	assert_int_equal(subscriptions(&g), 0);
	g.n->subscriptions.as_of--;
	assert_refused(&g, subscriptions(&g), "26 hours old, more than reconcile.max_age (26 hours)");
	g.n->job->reconcile.max_age_ms = 0;
	assert_int_equal(subscriptions(&g), 0);
	night_free(g.n);
}

static void test_cut(void **state)
{
	struct guarded g = guarded_new();

	(void)state;
	fill(&g, 1);
	g.n->observation->complete = false;
	g.n->observation->trouble = "FetchTenantsBatch: 500 (5 tries)";
	assert_refused(&g, observation(&g), "FetchTenantsBatch: 500 (5 tries)");
	/* One that lacks a tenant is compared in part, one that shrank says from what to what. */
	g.n->observation->fault = LISTING_LACKING;
	assert_int_equal(observation(&g), 0);
	g.n->observation->fault = LISTING_SHRUNKEN;
	g.n->observation->listed = 15;
	g.memory.last_listed = 20;
	assert_refused(
	    &g, observation(&g), "the tenants shrank from 20 to 15, more than reconcile.max_shrink");
	g.n->observation->fault = LISTING_EMPTIED;
	g.n->observation->listed = 0;
	assert_refused(&g, observation(&g), "there are no tenants, but the last run saw 20");
	night_free(g.n);
}

static void test_coverage(void **state)
{
	struct guarded g = guarded_new();
	struct coverage coverage = {.subscriptions = 1000,
	    .subscriptions_examined = 950,
	    .tenants = 10,
	    .tenants_examined = 10,
	    .permille = 950};

	(void)state;
	assert_int_equal(reconcile_guard_coverage(g.n->job, &coverage, &g.err), 0);
	coverage.permille = 949;
	assert_refused(&g, reconcile_guard_coverage(g.n->job, &coverage, &g.err),
	    "only 94.9% could be compared (950 of 1000 subscriptions");
	night_free(g.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_empty),
	    cmocka_unit_test(test_shrunken),
	    cmocka_unit_test(test_stale),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_coverage),
	};
	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
