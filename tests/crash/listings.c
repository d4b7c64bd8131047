/* Lists of tenants that lie: each fault of a listing, at the first one of a night, at all but the first and
 * at all, alone and beside a create whose answer is lost; in the night that makes the tenants and in the one
 * after it, when they stand there. However the list lies, the end is that of a night that nobody disturbed:
 * one tenant an order, none taken from a customer, none parked as not found, and a night that says that all
 * is good has compared all there is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "tenantry/mem.h"
#include "workers.h"

/* With a page size of one the pages are the parent, the two tenants that stand there, and what is made. */
static const char *const tenant_lists[] = {
    "FetchTenantsBatch:list-empty",
    "FetchTenantsBatch:list-cut",
    "FetchTenantsBatch:list-cut:page=2",
    "FetchTenantsBatch:list-cut:page=3",
    "FetchTenantsBatch:list-short:page=2",
    "FetchTenantsBatch:list-short:holds=Reseller 203",
    "FetchTenantsBatch:list-short:holds=Reseller 204",
    "FetchTenantsBatch:list-short:holds=Reseller 101",
    "FetchTenantsBatch:list-repeated:page=2",
    "FetchTenantsBatch:list-double:page=2",
    "FetchTenantsBatch:list-double:page=3",
    "FetchTenantsBatch:list-without-ids:page=2",
    "FetchTenantsBatch:list-without-ids:holds=Reseller 204",
    "FetchTenantsBatch:list-stale",
    "FetchTenantsBatch:list-stale:behind=50",
    "FetchTenantsBatch:list-endless",
    "FetchTenantsBatch:list-same-page:page=2",
    "FetchTenantsBatch:list-same-page",
    "FetchTenantsBatch:list-flood:page=2",
    "FetchTenantsBatch:list-shifted:page=1",
    "FetchTenantsBatch:list-shifted:page=2",
    "FetchTenantsBatch:list-shifted:by=-1:page=2",
    "FetchTenantsBatch:end-null",
    "FetchTenantsBatch:end-empty",
    "FetchTenantsBatch:half-json:retry-after=0",
    "FetchTenantsBatch:wrong-types:retry-after=0",
};
static const char *const searches[] = {
    "Search:list-empty",
    "Search:list-stale:behind=50",
    "Search:list-cut",
    "Search:list-short:holds=Reseller 101",
    "Search:list-without-ids",
    "Search:403",
    "Search:html:retry-after=0",
    "Search:503:retry-after=0",
};
static const char *const user_lists[] = {
    "FetchTenantUsers:list-empty",
    "FetchTenantUsers:list-cut",
    "FetchTenantUsers:list-stale:behind=50",
    "FetchUsersBatch:list-empty",
    "FetchUsersBatch:list-cut",
    "FetchUsersBatch:list-without-ids",
    "FetchUsersBatch:list-repeated",
    "FetchUsersBatch:list-stale:behind=50",
    "FetchUsersBatch:list-endless",
    "FetchUsersBatch:list-same-page",
    "FetchUsersBatch:end-null",
    "FetchUsersBatch:end-empty",
};

/* When it hits. Beside `count` a page number counts the listings that have the page. */
static const char *const times[] = {":count=1", ":nth=2:count=0", ":count=0"};

/* What else goes wrong in that night. */
static const char *const nothing[] = {NULL};
static const char *const creates[] = {NULL, "CreateTenant:lost-after:match=Reseller 101",
    "CreateTenant:lost-after:match=Reseller 102", "CreateTenant:lost-before:match=Reseller 101"};
static const char *const user_creates[] = {
    NULL, "CreateUser:lost-after:match=r101", "CreateUser:lost-before:match=r102"};

/* Each of these faults with each of these others; `later`: in the night after the one that makes the tenants.
 */
static const struct group {
	const char *const *faults;
	size_t fault_count;
	const char *const *others;
	size_t other_count;
	bool later;
} groups[] = {
    {tenant_lists, ARRAY_LEN(tenant_lists), creates, ARRAY_LEN(creates), false},
    {searches, ARRAY_LEN(searches), creates, ARRAY_LEN(creates), false},
    {user_lists, ARRAY_LEN(user_lists), user_creates, ARRAY_LEN(user_creates), false},
    {tenant_lists, ARRAY_LEN(tenant_lists), nothing, ARRAY_LEN(nothing), true},
};

struct one {
	const char *fault, *when, *other;
	bool later; /* in the night after the one that made the tenants */
};

struct list_test {
	struct one *cases;
	size_t count, cap;
	unsigned long at;
	json_t *wanted;
};

/* ---- What must hold at every moment, also after the night that was lied to. */

static bool one_each(const json_t *facts, const char *name)
{
	const json_t *tenants = json_object_get(json_object_get(facts, "cloud"), "tenants"), *tenant, *mails;
	json_t *seen = json_object(), *count;
	const char *account, *login;
	bool well = true;
	size_t i;

	json_array_foreach(tenants, i, tenant)
	{
		account = json_string_value(json_object_get(tenant, "customer_id"));
		if (!account)
			continue;
		if (json_object_get(seen, account)) {
			printf("    %s: account %s has a second tenant\n", name, account);
			well = false;
		}
		json_object_set_new(seen, account, json_true());
		if (strcmp(account, "204") != 0 && !json_is_true(json_object_get(tenant, "enabled"))) {
			printf("    %s: the tenant of account %s is disabled\n", name, account);
			well = false;
		}
	}
	json_decref(seen);
	mails = json_object_get(facts, "mails");
	json_object_foreach((json_t *)mails, login, count)
	{
		if (json_integer_value(count) > 1) {
			printf("    %s: %s has %d mails\n", name, login, (int)json_integer_value(count));
			well = false;
		}
	}
	return well;
}

static bool none_not_found(const json_t *facts, const char *name)
{
	const json_t *order;
	const char *id;
	bool well = true;

	json_object_foreach(json_object_get((json_t *)facts, "orders"), id, order)
	{
		const char *reason = json_string_value(json_object_get(order, "reason"));
		if (reason && strcmp(reason, "tenant-not-found") == 0) {
			printf("    %s: %s is parked as not found\n", name, id);
			well = false;
		}
	}
	return well;
}

/* How many tenants of ours stand in the cloud. */
static size_t standing(const json_t *facts)
{
	const json_t *tenant;
	size_t i, count = 0;

	json_array_foreach(json_object_get(json_object_get(facts, "cloud"), "tenants"), i, tenant) count +=
	    json_is_string(json_object_get(tenant, "customer_id"));
	return count;
}

/* Who says that all is good has compared all there is, and called nothing missing that stands there. */
static bool nothing_uncompared(struct stage *stage, const json_t *facts, int status, const char *name)
{
	json_t *run = stage_last_run(stage), *finding;
	const json_t *coverage = json_object_get(json_object_get(run, "reconciliation"), "coverage");
	json_int_t examined = json_integer_value(json_object_get(coverage, "tenants_examined"));
	bool well = true;
	size_t i;

	if (status == 0 && (size_t)examined != standing(facts)) {
		printf("    %s: all good, and %d of %zu tenants were compared\n", name, (int)examined,
		    standing(facts));
		well = false;
	}
	json_array_foreach(json_object_get(run, "findings"), i, finding)
	{
		const char *code = json_string_value(json_object_get(finding, "code"));
		if (!code || strcmp(code, "tenant-missing") != 0)
			continue;
		printf("    %s: the tenant of account %s is called missing\n", name,
		    json_string_value(json_object_get(finding, "account_id")));
		well = false;
	}
	json_decref(run);
	return well;
}

static bool holds(struct stage *stage, int status, const char *name)
{
	json_t *facts = stage_facts(stage, true);
	bool well = one_each(facts, name);

	well = none_not_found(facts, name) && well;
	well = nothing_uncompared(stage, facts, status, name) && well;
	if (status != 0 && status != 1 && status != 3) {
		printf("    %s: the night ends with %d\n", name, status);
		well = false;
	}
	json_decref(facts);
	return well;
}

/* ---- One case. */

static char *name_of(const struct one *one)
{
	return mem_printf("%s%s%s%s%s", one->fault, one->when, one->other ? " and " : "",
	    one->other ? one->other : "", one->later ? ", the night after" : "");
}

static void set_faults(struct stage *stage, const struct one *one)
{
	char *spec = mem_printf("%s%s", one->fault, one->when);

	stage_fault(stage, spec);
	free(spec);
	if (one->other)
		stage_fault(stage, one->other);
}

static bool play_one(struct worker *worker, size_t index)
{
	const struct list_test *test = worker->user;
	const struct one *one = &test->cases[index];
	struct stage *stage = worker->stage;
	char *name = name_of(one);
	int night = 0, status;
	bool well = true;

	stage_clear(stage);
	if (one->later)
		stage_night(stage, ++night, 0);
	set_faults(stage, one);
	stage_changes(stage);
	status = stage_night(stage, ++night, 0);
	worker->noted += stage_hits(stage) > 0;
	well = holds(stage, status, name);
	if (one->later && stage_changes(stage) != 0) {
		printf("    %s: a night with nothing to do changes something\n", name);
		well = false;
	}
	stage_fault(stage, NULL);
	status = stage_night(stage, ++night, 0);
	well = holds(stage, status, name) && well;
	json_t *facts = stage_facts(stage, true);
	well = facts_same(test->wanted, facts, name) && well;
	json_decref(facts);
	stage_changes(stage);
	stage_night(stage, ++night, 0);
	json_int_t changes = stage_changes(stage);
	if (changes != 0) {
		printf("    %s: the night after made %d changes\n", name, (int)changes);
		well = false;
	}
	well = stage_verify(stage, name) && well;
	if (!well)
		printf("not ok %s\n", name);
	if (!well && test->at)
		for (int i = 1; i <= night; i++)
			stage_say(stage, i);
	free(name);
	return well;
}

static void add(struct list_test *test, const struct driver *driver, struct one one, unsigned long number)
{
	if (driver->at ? number != driver->at : number % driver->every != 0)
		return;
	MEM_GROW(test->cases, test->count, test->cap);
	test->cases[test->count++] = one;
	if (driver->at) {
		char *name = name_of(&one);
		printf("case %lu: %s\n", number, name);
		free(name);
	}
}

static void choose_of_group(
    struct list_test *test, const struct driver *driver, const struct group *group, unsigned long *number)
{
	for (size_t o = 0; o < group->other_count; o++)
		for (size_t t = 0; t < ARRAY_LEN(times); t++)
			for (size_t f = 0; f < group->fault_count; f++)
				add(test, driver,
				    (struct one){group->faults[f], times[t], group->others[o], group->later},
				    ++*number);
}

static void choose_cases(struct list_test *test, const struct driver *driver)
{
	unsigned long number = 0;

	for (size_t g = 0; g < ARRAY_LEN(groups); g++)
		choose_of_group(test, driver, &groups[g], &number);
	printf("%zu of %lu cases are tried\n", test->count, number);
}

static bool play_wanted(struct list_test *test, const struct stage_settings *settings)
{
	struct stage *stage = stage_open(settings);

	stage_clear(stage);
	int status = stage_night(stage, 1, 0);
	test->wanted = stage_facts(stage, true);
	bool well = status == 0 && json_object_size(json_object_get(test->wanted, "mails")) == 2 &&
		    holds(stage, status, "undisturbed");
	printf("%s an undisturbed night\n", well ? "ok" : "not ok");
	stage_close(stage);
	return well;
}

int main(int argc, char **argv)
{
	struct list_test test = {0};
	struct driver driver;
	size_t wrong = 1, met = 0;

	driver_options(argc, argv, &driver);
	driver.settings.page_size = 1;
	test.at = driver.at;
	if (play_wanted(&test, &driver.settings)) {
		choose_cases(&test, &driver);
		wrong = play_all(&driver.settings, driver.workers, test.count, play_one, &test, &met);
		printf(
		    "%s %zu nights with lists that lie: %zu met one, %zu end otherwise than an undisturbed night\n",
		    wrong ? "not ok" : "ok", test.count, met, wrong);
	}
	json_decref(test.wanted);
	free(test.cases);
	return wrong > 0;
}
