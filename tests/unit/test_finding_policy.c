/* How findings are treated by class and tier, and which of them may be a matter of timing. */
#include "reconcile_fixture.h"

static void night_of(struct night *n, size_t bss_tier, int64_t runs)
{
	bss(n, "S-1", "1", bss_tier, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	acronis(n, 1, "1", runs);
	reconcile_result_free(n->result);
	n->result = reconcile(&(struct reconcile_input){
	    .job = n->job, .subscriptions = &n->subscriptions, .observation = n->observation, .now = n->now});
}

static const struct finding *first(const struct night *n)
{
	assert_int_equal(n->result->count, 1);
	return &n->result->findings[0];
}

static void the_last_row_that_fits_counts(void **state)
{
	static struct class_rule rows[] = {
	    {.code = "tier-mismatch", .severity = "medium", .owner = "sales"},
	    {.tier = "Tier 2", .owner = "key accounts"},
	    {.code = "name-drift", .severity = "high"},
	    {.code = "tier-mismatch", .tier = "tier 2", .severity = "low"},
	};
	struct night *n = night_new(), *other = night_new();

	(void)state;
	n->job->reconcile.classes = other->job->reconcile.classes = rows;
	n->job->reconcile.class_count = other->job->reconcile.class_count = ARRAY_LEN(rows);
	night_of(n, 2, 0);
	assert_int_equal(first(n)->severity, SEVERITY_LOW);
	assert_string_equal(first(n)->owner, "key accounts");
	assert_string_equal(first(n)->tier, "Tier 2");
	night_of(other, 1, 1);
	assert_int_equal(first(other)->severity, SEVERITY_MEDIUM);
	assert_string_equal(first(other)->owner, "sales");
	night_free(n);
	night_free(other);
}

/* Nothing is billed: the tier is the one that runs, by any of its names. */
static void a_tier_has_all_its_names(void **state)
{
	static struct class_rule rows[] = {{.tier = "Promo", .severity = "info"}};
	struct night *n = night_new();

	(void)state;
	n->job->reconcile.classes = rows;
	n->job->reconcile.class_count = 1;
	acronis(n, 1, "1", -1);
	n->result = reconcile(&(struct reconcile_input){
	    .job = n->job, .subscriptions = &n->subscriptions, .observation = n->observation, .now = n->now});
	assert_string_equal(first(n)->tier, "Tier 0 / Promo");
	assert_int_equal(first(n)->severity, SEVERITY_INFO);
	night_free(n);
}

static void what_fails_a_night(void **state)
{
	static struct class_rule rows[] = {{.code = "name-drift", .fail_on = "low"},
	    {.code = "tier-mismatch", .tier = "Promo", .fail_on = "never"}};
	static const struct {
		const char *code, *tier, *severity, *state;
		bool fails;
	} cases[] = {
	    {"tier-mismatch", "Tier 2", "high", "open", true},
	    {"tier-mismatch", "Tier 2", "medium", "open", false},
	    {"tier-mismatch", "Tier 2", "high", "acknowledged", false},
	    {"tier-mismatch", "Tier 2", "high", "timing", false},
	    {"tier-mismatch", "Tier 0 / Promo", "high", "open", false},
	    {"name-drift", "Tier 2", "low", "open", true},
	    {"name-drift", "", "info", "open", false},
	    {"of-a-newer-version", "", "high", "open", true},
	};
	struct night *n = night_new();

	(void)state;
	n->job->reconcile.fail_on = SEVERITY_HIGH;
	n->job->reconcile.classes = rows;
	n->job->reconcile.class_count = ARRAY_LEN(rows);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct finding_record f = {.code = cases[i].code,
		    .tier = cases[i].tier,
		    .severity = cases[i].severity,
		    .state = cases[i].state};
		if (finding_fails(n->job, &f) != cases[i].fails)
			fail_msg("%s %s %s %s", f.code, f.tier, f.severity, f.state);
	}
	night_free(n);
}

/* Either side's change counts, back from when the older side was read. */
static void the_cut_off_looks_at_both_sides(void **state)
{
	static const struct {
		int64_t cut_off_hours, bss_hours, as_of_hours; /* before now; 0: not known */
		const char *tenant;
		bool in_window;
	} cases[] = {
	    {0, 1, 0, "", false}, {6, 1, 0, "", true}, {6, 8, 0, "", false},
	    {6, 8, 0, "2026-11-21T20:00:00Z", true}, {6, 8, 0, "2026-11-21T10:00:00Z", false},
	    {6, 8, 5, "", true},  /* the export is five hours old: it was read three hours after the change */
	    {6, 0, 0, "", false}, /* nobody knows of a change */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct night *n = night_new();
		n->job->reconcile.cut_off_ms = cases[i].cut_off_hours * HOUR_MS;
		n->subscriptions.as_of = cases[i].as_of_hours ? n->now - cases[i].as_of_hours * HOUR_MS : 0;
		bss(n, "S-1", "1", 2, SUBSCRIPTION_ACTIVE)->updated_at =
		    cases[i].bss_hours ? n->now - cases[i].bss_hours * HOUR_MS : 0;
		acronis(n, 1, "1", 0)->updated_at = cases[i].tenant;
		n->result = reconcile(&(struct reconcile_input){.job = n->job,
		    .subscriptions = &n->subscriptions,
		    .observation = n->observation,
		    .now = n->now});
		if (first(n)->in_window != cases[i].in_window)
			fail_msg("case %zu", i);
		night_free(n);
	}
}

/* A quantity is no matter of timing, however young its row is. */
static void not_every_class_may_lag(void **state)
{
	struct night *n = night_new();

	(void)state;
	n->job->reconcile.cut_off_ms = 6 * HOUR_MS;
	bss(n, "S-1", "1", 2, SUBSCRIPTION_ACTIVE)->quantity = "3";
	n->subscriptions.items[0].updated_at = n->now - HOUR_MS;
	acronis(n, 1, "1", 1);
	n->result = reconcile(&(struct reconcile_input){
	    .job = n->job, .subscriptions = &n->subscriptions, .observation = n->observation, .now = n->now});
	assert_int_equal(first(n)->code, FINDING_SUBSCRIPTION_QUANTITY);
	assert_false(first(n)->in_window);
	night_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_row_that_fits_counts),
	    cmocka_unit_test(a_tier_has_all_its_names),
	    cmocka_unit_test(what_fails_a_night),
	    cmocka_unit_test(the_cut_off_looks_at_both_sides),
	    cmocka_unit_test(not_every_class_may_lag),
	};
	return cmocka_run_group_tests_name("finding_policy", tests, NULL, NULL);
}
