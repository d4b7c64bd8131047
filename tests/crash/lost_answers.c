/* Every changing call in turn gets an answer that says nothing, too little, too late or no, once; the next
 * night finds nothing in its way. The end must be that of a night that nobody disturbed: one of everything,
 * whatever Acronis did and did not say.
 *
 * With --fault lists lie in the disturbed night as well.
 *
 * Only the activation mail cannot be looked up: when its answer was lost, the order is parked for a person,
 * with one mail or none, never two. And a name that Acronis says is taken is believed: such an order is
 * parked too, and nothing is created for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "tenantry/mem.h"
#include "workers.h"

static const struct call {
	const char *operation, *match;
} calls[] = {
    {"CreateTenant", ""},
    {"UpdateTenant", ""},
    {"SetTenantOfferingItems", ""},
    {"ManageTenantMFAStatus", ""},
    {"UpdateTenantPricingSettings", ""},
    {"UpdateTenantApplicationSetting", ":match=licensing_mode"},
    {"UpdateTenantApplicationSetting", ":match=tier_level_value"},
    {"CreateUser", ""},
    {"UpdateUserAccessPolicies", ""},
    {"SendActivationEmail", ""},
};

static const struct fault {
	const char *spec;
	const char *only;   /* the one operation that it fits; NULL: all */
	bool lost;          /* the answer does not tell whether the change was made */
	bool slow;          /* by the time-out of the job */
	const char *reason; /* the order ends parked for it; NULL: it ends as it should */
} faults[] = {
    {.spec = "lost-after", .lost = true},
    {.spec = "lost-before", .lost = true},
    {.spec = "cut-body", .lost = true},
    {.spec = "500:commit=yes", .lost = true},
    {.spec = "500", .lost = true},
    {.spec = "503:commit=yes", .lost = true},
    {.spec = "503", .lost = true},
    {.spec = "html", .lost = true},
    {.spec = "html:commit=yes", .lost = true},
    {.spec = "wrong-types", .lost = true},
    {.spec = "half-json", .lost = true},
    {.spec = "no-body", .lost = true},
    {.spec = "slow:for=20s", .lost = true, .slow = true},
    {.spec = "429"},
    {.spec = "429-date"},
    {.spec = "expired-token"},
    {.spec = "1001", .only = "UpdateTenant"},
    {.spec = "1001", .only = "UpdateTenantPricingSettings"},
    {.spec = "1001", .only = "UpdateUserAccessPolicies"},
    {.spec = "426", .only = "SetTenantOfferingItems"},
    {.spec = "1004", .only = "CreateTenant", .reason = "name-clash"},
};

struct one {
	const struct call *call;
	const struct fault *fault;
};

struct lost_test {
	const char *lists; /* what is wrong with lists beside the answer; NULL nothing */
	struct one *cases;
	size_t count, cap;
	json_t *wanted;
};

static bool end_is_right(
    const struct lost_test *test, struct stage *stage, const struct one *one, const char *name, size_t *noted)
{
	json_t *facts = stage_facts(stage, true);
	size_t in_doubt = facts_in_doubt(facts),
	       allowed = one->fault->lost && strcmp(one->call->operation, "SendActivationEmail") == 0;
	bool well;

	if (one->fault->reason) {
		const json_t *order = json_object_get(json_object_get(facts, "orders"), "ORD-101");
		const char *reason = json_string_value(json_object_get(order, "reason"));
		well = reason && strcmp(reason, one->fault->reason) == 0 &&
		       json_object_size(json_object_get(facts, "mails")) == 1;
	} else {
		well = facts_same(test->wanted, facts, name);
	}
	if (in_doubt > allowed) {
		printf("    %s: %zu mails are in doubt\n", name, in_doubt);
		well = false;
	}
	json_decref(facts);
	*noted += in_doubt;
	return well;
}

static bool play_one(struct worker *worker, size_t index)
{
	const struct lost_test *test = worker->user;
	const struct one *one = &test->cases[index];
	struct stage *stage = worker->stage;
	char *name = mem_printf(
		 "%s%s answered with %s", one->call->operation, one->call->match, one->fault->spec),
	     *spec = mem_printf("%s:%s%s", one->call->operation, one->fault->spec, one->call->match);
	bool well = true;

	stage_clear(stage);
	stage_fault(stage, spec);
	if (test->lists)
		stage_fault(stage, test->lists);
	int first = stage_night(stage, 1, 0);
	json_int_t hits = stage_hits(stage);
	stage_fault(stage, NULL);
	int second = stage_night(stage, 2, 0);
	/* With lists that lie the call may not be made at all that night. */
	if ((hits != 1 && !test->lists) || (first != 0 && first != 1 && first != 3) ||
	    (second != 0 && second != 1)) {
		printf("    %s: %d faults, the nights end with %d and %d\n", name, (int)hits, first, second);
		well = false;
	}
	well = end_is_right(test, stage, one, name, &worker->noted) && well;
	stage_changes(stage);
	stage_night(stage, 3, 0);
	json_int_t changes = stage_changes(stage);
	if (changes != 0) {
		printf("    %s: the night after made %d changes\n", name, (int)changes);
		well = false;
	}
	if (index % 4 == 0 && !stage_reused_night(stage, 4, name))
		well = false;
	if (index % 4 == 2 && !stage_fleet_night(stage, 4, name))
		well = false;
	well = stage_verify(stage, name) && well;
	if (!well)
		printf("not ok %s\n", name);
	free(name);
	free(spec);
	return well;
}

static void choose_cases(struct lost_test *test, bool slow, unsigned long every)
{
	unsigned long n = 0;

	test->count = 0;
	for (size_t c = 0; c < ARRAY_LEN(calls); c++) {
		for (size_t f = 0; f < ARRAY_LEN(faults); f++) {
			/* Whom a refusal is believed of, the lists had to show first. */
			if (faults[f].slow != slow || (faults[f].reason && test->lists) ||
			    (faults[f].only && strcmp(faults[f].only, calls[c].operation) != 0) ||
			    n++ % every != 0)
				continue;
			MEM_GROW(test->cases, test->count, test->cap);
			test->cases[test->count++] = (struct one){&calls[c], &faults[f]};
		}
	}
}

static bool play_wanted(struct lost_test *test, const struct stage_settings *settings)
{
	struct stage *stage = stage_open(settings);

	stage_clear(stage);
	int status = stage_night(stage, 1, 0);
	test->wanted = stage_facts(stage, true);
	bool well = status == 0 && json_object_size(json_object_get(test->wanted, "mails")) == 2;
	printf("%s an undisturbed night\n", well ? "ok" : "not ok");
	stage_close(stage);
	return well;
}

int main(int argc, char **argv)
{
	struct lost_test test = {0};
	struct driver driver;
	size_t wrong = 1, tried = 0, parked = 0;

	driver_options(argc, argv, &driver);
	driver.settings.mfa = true;
	test.lists = driver.fault;
	if (play_wanted(&test, &driver.settings)) {
		choose_cases(&test, false, driver.every);
		wrong = play_all(&driver.settings, driver.workers, test.count, play_one, &test, &parked);
		tried = test.count;
		choose_cases(&test, true, driver.every);
		driver.settings.timeout = "2s";
		wrong += play_all(&driver.settings, driver.workers, test.count, play_one, &test, &parked);
		tried += test.count;
		printf(
		    "%s %zu answers lost, cut, late or refused%s%s: %zu park an order for its mail, %zu end otherwise than an undisturbed night\n",
		    wrong ? "not ok" : "ok", tried, test.lists ? " under " : "", test.lists ? test.lists : "",
		    parked, wrong);
	}
	json_decref(test.wanted);
	free(test.cases);
	return wrong > 0;
}
