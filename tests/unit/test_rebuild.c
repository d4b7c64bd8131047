/* What an order item becomes in a new ledger, from what run folders, Acronis and the BSS say of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "job/rebuild_impl.h"
#include "tenantry/mem.h"

#include "../fake/fake_job.h"

enum { NO_USER, WAITING, ACTIVE };

struct judged {
	const char *what;
	bool from_folder, has_tenant, billed;
	int user;
	enum action action;
	enum item_state state;
	enum step step;
	const char *reason;
	/* what becomes of it */
	enum item_state becomes;
	const char *with;
	enum step after;
};

static const struct judged cases[] = {
    {"done is done", true, true, false, WAITING, ACTION_NEW, ITEM_DONE, STEP_ACTIVATE, "", ITEM_DONE, "",
	STEP_ACTIVATE},
    {"done, and its tenant is gone", true, false, false, NO_USER, ACTION_NEW, ITEM_DONE, STEP_ACTIVATE, "",
	ITEM_DONE, "", STEP_ACTIVATE},
    {"parked stays parked", true, true, false, ACTIVE, ACTION_NEW, ITEM_PARKED, STEP_USER, "mail-in-doubt",
	ITEM_PARKED, "mail-in-doubt", STEP_USER},
    {"skipped stays skipped", true, true, false, WAITING, ACTION_NEW, ITEM_REJECTED, STEP_USER, "skipped",
	ITEM_REJECTED, "skipped", STEP_USER},
    {"failed before anything", true, false, false, NO_USER, ACTION_NEW, ITEM_FAILED, STEP_SUBSCRIPTION,
	"unavailable", ITEM_FAILED, "unavailable", STEP_SUBSCRIPTION},
    {"not begun, but a later run did", true, true, false, NO_USER, ACTION_NEW, ITEM_ACCEPTED, STEP_NONE,
	"not-started", ITEM_FAILED, "in-doubt", STEP_NONE},
    {"a user who waits for a mail", true, true, false, WAITING, ACTION_NEW, ITEM_FAILED, STEP_CONTRACT,
	"unavailable", ITEM_PARKED, "mail-in-doubt", STEP_CONTRACT},
    {"a user who waits, found after the user step", true, true, false, WAITING, ACTION_NEW, ITEM_RUNNING,
	STEP_USER, "", ITEM_PARKED, "mail-in-doubt", STEP_CONTRACT},
    {"an active user needs no mail", true, true, false, ACTIVE, ACTION_NEW, ITEM_RUNNING, STEP_USER, "",
	ITEM_FAILED, "in-doubt", STEP_CONTRACT},
    {"the mail went out before", true, true, false, WAITING, ACTION_NEW, ITEM_FAILED, STEP_ACTIVATION,
	"unavailable", ITEM_FAILED, "in-doubt", STEP_ACTIVATION},
    {"cut off in its create", true, false, false, NO_USER, ACTION_NEW, ITEM_RUNNING, STEP_SUBSCRIPTION, "",
	ITEM_FAILED, "in-doubt", STEP_SUBSCRIPTION},
    {"a tag and no more", false, true, false, NO_USER, ACTION_NEW, ITEM_RUNNING, STEP_SUBSCRIPTION, "",
	ITEM_FAILED, "in-doubt", STEP_SUBSCRIPTION},
    {"a tag and a waiting user", false, true, false, WAITING, ACTION_NEW, ITEM_RUNNING, STEP_SUBSCRIPTION, "",
	ITEM_PARKED, "mail-in-doubt", STEP_SUBSCRIPTION},
    {"a tag that the BSS bills", false, true, true, WAITING, ACTION_NEW, ITEM_RUNNING, STEP_SUBSCRIPTION, "",
	ITEM_DONE, "", STEP_ACTIVATE},
    {"a folder knows better than the BSS", true, true, true, NO_USER, ACTION_NEW, ITEM_FAILED, STEP_TENANT,
	"refused", ITEM_FAILED, "in-doubt", STEP_TENANT},
    {"a change that was cut off", true, true, false, NO_USER, ACTION_UPGRADE, ITEM_RUNNING, STEP_NONE, "",
	ITEM_FAILED, "in-doubt", STEP_NONE},
    {"a change that failed", true, true, false, WAITING, ACTION_SUSPEND, ITEM_FAILED, STEP_NONE, "stale",
	ITEM_FAILED, "stale", STEP_NONE},
};

static void each_becomes_what_is_proved(void **state)
{
	static const struct observed_tenant tenant = {.id = "t"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct judged *c = &cases[i];
		struct found_item item = {.record = {.key = "main/1",
					      .action = c->action,
					      .state = c->state,
					      .step = c->step,
					      .reason = c->reason,
					      .text = "",
					      .tenant_id = c->has_tenant ? "t" : ""},
		    .from_folder = c->from_folder,
		    .tenant = c->has_tenant ? &tenant : NULL,
		    .has_user = c->user != NO_USER,
		    .user_activated = c->user == ACTIVE,
		    .billed = c->billed};
		rebuild_judge(&item);
		if (item.record.state != c->becomes || strcmp(item.record.reason, c->with) != 0 ||
		    item.record.step != c->after)
			fail_msg("%s: %s \"%s\" after %s", c->what, item_state_name(item.record.state),
			    item.record.reason, step_name(item.record.step));
	}
}

struct accounts {
	struct known_tenant tenants[8];
	size_t count;
};

static int take_account(void *user, const struct known_tenant *tenant, struct error *err)
{
	struct accounts *accounts = user;

	(void)err;
	accounts->tenants[accounts->count++] = *tenant;
	return 0;
}

static void add(struct rebuild *r, const char *key, const char *account, enum action action,
    enum item_state state, const char *tenant, const char *tier, int64_t at)
{
	struct item_record *record = &rebuild_item(r, key)->record;

	*record = (struct item_record){.key = record->key,
	    .account_id = account,
	    .action = action,
	    .state = state,
	    .tenant_id = tenant,
	    .tier = tier,
	    .executed_at = at,
	    .login = "",
	    .subscription_id = key,
	    .user_id = "",
	    .reason = "",
	    .text = ""};
}

static void an_account_has_the_tenant_of_its_newest_contract(void **state)
{
	struct job *job = fake_job_new();
	struct rebuild r = {.job = job, .arena = arena_new()};
	struct accounts accounts = {0};
	struct error err = {0};

	(void)state;
	add(&r, "main/4", "B", ACTION_NEW, ITEM_FAILED, "", "Tier 1", 10); /* none was made */
	add(&r, "main/3", "A", ACTION_UPGRADE, ITEM_DONE, "t1", "Tier 4", 30);
	add(&r, "main/1", "A", ACTION_NEW, ITEM_DONE, "t1", "Tier 1", 10);
	add(&r, "main/5", "A", ACTION_UPGRADE, ITEM_FAILED, "t1", "Tier 6", 40);
	add(&r, "main/6", "C", ACTION_NEW, ITEM_DONE, "t2", "Tier 2", 10);
	add(&r, "main/7", "C", ACTION_NEW, ITEM_FAILED, "t3", "Tier 3", 20); /* its tier may not be set yet */
	assert_int_equal(rebuild_tenants(&r, take_account, &accounts, &err), 0);
	assert_int_equal(accounts.count, 2);
	assert_string_equal(accounts.tenants[0].account_id, "A");
	assert_string_equal(accounts.tenants[0].item_key, "main/1");
	assert_string_equal(accounts.tenants[0].tier->name, "Tier 4");
	assert_string_equal(accounts.tenants[1].tenant_id, "t3");
	assert_null(accounts.tenants[1].tier);
	free(r.slots);
	arena_free(r.arena);
	fake_job_free(job);
}

static void items_are_found_by_key_however_many(void **state)
{
	struct rebuild r = {.arena = arena_new()};
	char key[32];

	(void)state;
	assert_null(rebuild_find(&r, "main/0"));
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "main/%d", i);
		rebuild_item(&r, key)->record.line = (unsigned long)i;
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "main/%d", i);
		assert_int_equal(rebuild_item(&r, key)->record.line, i);
	}
	assert_int_equal(r.count, 5000);
	assert_null(rebuild_find(&r, "main/5000"));
	free(r.slots);
	arena_free(r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_becomes_what_is_proved),
	    cmocka_unit_test(an_account_has_the_tenant_of_its_newest_contract),
	    cmocka_unit_test(items_are_found_by_key_however_many),
	};

	return cmocka_run_group_tests_name("rebuild", tests, NULL, NULL);
}
