/* The plan is pure: items, the ledger's records, facts and the world in, decisions out. */
#include "provision_fixture.h"

#include "tenantry/atomic_file.h"

struct scene {
	struct fixture *f;
	struct facts *facts;
	struct subscriptions subscriptions;
	struct world *world;
	const struct item_record *records[ITEMS_MAX];
	struct known_tenant known;
	struct plan *plan;
	const struct plan_gate *gate;
};

static const struct plan_action *plan_of(struct scene *s, struct fixture *f, size_t index)
{
	const struct order_item *items[ITEMS_MAX];

	plan_free(s->plan);
	facts_free(s->facts);
	s->facts = facts_new();
	s->subscriptions = (struct subscriptions){.items = f->subscriptions, .count = f->subscription_count};
	facts_add_subscriptions(s->facts, &s->subscriptions);
	if (s->known.account_id)
		facts_add_tenant(s->facts, &s->known);
	if (!s->world)
		s->world = world_new(CLOUD_PARENT);
	for (size_t i = 0; i < f->item_count; i++)
		items[i] = &f->items[i];
	s->plan = plan_make(f->job, items, s->records, f->item_count, s->facts, s->world,
	    date_of_ms(clock_wall_ms(&f->clock)), s->gate);
	assert_int_equal(s->plan->count, f->item_count);
	return &s->plan->actions[index];
}

static void end_scene(struct scene *s)
{
	plan_free(s->plan);
	facts_free(s->facts);
	world_free(s->world);
}

static void put_tenant(struct scene *s, const char *id, const char *name, const char *customer,
    const char *tag, bool enabled, const char *deleted)
{
	struct acronis_tenant t = {.id = id,
	    .parent_id = CLOUD_PARENT,
	    .customer_id = customer,
	    .internal_tag = tag,
	    .name = name,
	    .kind = "partner",
	    .pricing_mode = "",
	    .updated_at = "",
	    .deleted_at = deleted,
	    .enabled = enabled};

	if (!s->world)
		s->world = world_new(CLOUD_PARENT);
	world_put(s->world, &t);
}

static struct item_record record(const struct order_item *item, enum item_state item_state, enum step step)
{
	return (struct item_record){.key = item->key,
	    .order_id = item->order_id,
	    .item_id = "",
	    .account_id = item->account_id,
	    .account = item->account,
	    .login = "",
	    .subscription_id = "",
	    .tenant_id = "",
	    .user_id = "",
	    .tier = "",
	    .currency = "",
	    .digest = item->digest,
	    .reason = "",
	    .text = "",
	    .run_id = "",
	    .source = "",
	    .start_date = "",
	    .action = item->action,
	    .state = item_state,
	    .step = step};
}

static const char t1[] = "10000000-0000-4000-8000-000000000001";

#define assert_verdict(action, with_verdict, with_park)                                                      \
	do {                                                                                                 \
		assert_string_equal(plan_verdict_name((action)->verdict), plan_verdict_name(with_verdict));  \
		assert_string_equal(park_reason_code((action)->park), park_reason_code(with_park));          \
	} while (0)

static void test_new_tenant(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};

	add_order(f, ACTION_NEW, 1, "Tier 1");
	const struct plan_action *a = plan_of(&s, f, 0);
	assert_verdict(a, PLAN_DO, PARK_NONE);
	assert_string_equal(a->tenant_id, "");
	assert_string_equal(a->sentence, "create tenant \"Reseller 1\" on Tier 1 (USD)");
	assert_true(uuid_is(strv_of(a->subscription_id)));
	char first[64];
	strcpy(first, a->subscription_id);
	assert_string_equal(plan_of(&s, f, 0)->subscription_id, first); /* always the same one */
	assert_int_equal(s.plan->to_do, 1);
	end_scene(&s);
}

static void test_new_tenant_that_is_ours_already(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};

	add_order(f, ACTION_NEW, 1, "Tier 1");
	put_tenant(&s, t1, "Reseller 1", "A1", "main/O-1", true, "");
	const struct plan_action *a = plan_of(&s, f, 0);
	assert_verdict(a, PLAN_DO, PARK_NONE);
	assert_string_equal(a->tenant_id, t1);
	end_scene(&s);
}

static void test_new_tenant_parked(void **state)
{
	static const struct {
		const char *name, *customer, *tag, *deleted;
		bool enabled;
		enum park_reason park;
	} cases[] = {
	    {"Somebody", "A1", "", "", true, PARK_TENANT_EXISTS},
	    {"Somebody", "A1", "main/O-99", "", true, PARK_TENANT_EXISTS},
	    {"reSELLER 1", "other", "", "", true, PARK_NAME_CLASH},
	    {"Reseller 1", "A1", "main/O-1", "2026-01-01", true, PARK_TENANT_DELETED},
	    {"Reseller 1", "A1", "main/O-1", "", false, PARK_TENANT_DISABLED},
	    {"Reseller 1", "A1", "", "2026-01-01", true,
		PARK_NONE}, /* a deleted stranger is in nobody's way */
	};
	struct fixture *f = *state;

	add_order(f, ACTION_NEW, 1, "Tier 1");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s = {0};
		put_tenant(&s, t1, cases[i].name, cases[i].customer, cases[i].tag, cases[i].enabled,
		    cases[i].deleted);
		const struct plan_action *a = plan_of(&s, f, 0);
		assert_verdict(a, cases[i].park ? PLAN_PARK : PLAN_DO, cases[i].park);
		if (cases[i].park)
			assert_non_null(strstr(a->sentence, park_reason_decision(cases[i].park)));
		if (cases[i].park)
			assert_non_null(strstr(a->why, t1)); /* which tenant is in the way */
		end_scene(&s);
	}
}

static void test_resume(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};
	struct item_record r = record(add_order(f, ACTION_NEW, 1, "Tier 1"), ITEM_FAILED, STEP_PRICING);

	r.tenant_id = t1;
	r.user_id = "u-1";
	s.records[0] = &r;
	put_tenant(&s, t1, "Reseller 1", "A1", "main/O-1", true, "");
	const struct plan_action *a = plan_of(&s, f, 0);
	assert_verdict(a, PLAN_RESUME, PARK_NONE);
	assert_int_equal(a->after, STEP_PRICING);
	assert_string_equal(a->tenant_id, t1);
	assert_string_equal(a->user_id, "u-1");
	assert_non_null(strstr(a->sentence, "go on after step pricing"));

	r.digest = "another content";
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_ORDER_CHANGED);
	/* Nothing was made yet: the corrected order is taken. */
	r.state = ITEM_FAILED;
	r.step = STEP_SUBSCRIPTION;
	r.tenant_id = "";
	assert_verdict(plan_of(&s, f, 0), PLAN_RESUME, PARK_NONE);
	r.reason = "in-doubt";
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_ORDER_CHANGED);
	r.reason = "";
	r.state = ITEM_ACCEPTED;
	assert_verdict(plan_of(&s, f, 0), PLAN_DO, PARK_NONE);
	end_scene(&s);
}

static void test_change_finds_its_tenant(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};
	struct order_item *item = add_order(f, ACTION_UPGRADE, 1, "Tier 3");

	item->subscription_id = "S-1";
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_TENANT_NOT_FOUND);
	struct subscription *sub = add_subscription(f, 1, "Tier 1", t1);
	/* That a list lacks it says nothing: apply asks. Only its own answer parks it here. */
	assert_verdict(plan_of(&s, f, 0), PLAN_DO, PARK_NONE);
	world_note_absent(s.world, t1);
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_TENANT_NOT_FOUND);
	put_tenant(&s, t1, "Reseller 1", "A1", "", true, "");
	const struct plan_action *a = plan_of(&s, f, 0);
	assert_verdict(a, PLAN_DO, PARK_NONE);
	assert_string_equal(a->tenant_id, t1);
	assert_string_equal(a->from->name, "Tier 1");
	assert_string_equal(a->sentence, "move tenant \"Reseller 1\" up from Tier 1 to Tier 3");
	sub->external_id = "not a uuid";
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_TENANT_NOT_FOUND);
	s.known = (struct known_tenant){.account_id = "A1",
	    .tenant_id = t1,
	    .login = "",
	    .item_key = "main/O-0",
	    .subscription_id = "S-1",
	    .user_id = ""};
	a = plan_of(&s, f, 0);
	assert_verdict(a, PLAN_DO, PARK_NONE);
	assert_string_equal(a->made_by, "main/O-0");
	item->currency[0] = '\0';
	item->login = "";
	a = plan_of(&s, f, 0); /* where the order is silent the subscription speaks */
	assert_string_equal(a->currency, "USD");
	assert_string_equal(a->login, "owner@reseller1.example.com");
	end_scene(&s);
}

/* A slip in the export: account A1's subscription names the tenant of A2. */
static void test_a_tenant_of_another_account_is_not_touched(void **state)
{
	static const enum action actions[] = {
	    ACTION_NEW, ACTION_UPGRADE, ACTION_DOWNGRADE, ACTION_SUSPEND, ACTION_REACTIVATE, ACTION_CANCEL};
	struct fixture *f = *state;

	f->job->contract.downgrade = CHANGE_AT_ONCE;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		struct scene s = {0};
		f->item_count = f->subscription_count = 0;
		struct order_item *item = add_order(f, actions[i], 1, "Tier 3");
		struct subscription *sub = add_subscription(f, 1, "Tier 1", t1);
		item->subscription_id = sub->id;
		if (actions[i] == ACTION_NEW)
			sub->id = arena_strdup(f->arena, plan_of(&s, f, 0)->subscription_id);
		put_tenant(&s, t1, "Somebody", "A2", "", true, "");
		const struct plan_action *a = plan_of(&s, f, 0);
		assert_verdict(a, PLAN_PARK, PARK_TENANT_OF_ANOTHER);
		assert_string_equal(a->tenant_id, ""); /* nor does the item remember it */
		s.known = (struct known_tenant){.account_id = "A1",
		    .tenant_id = t1,
		    .login = "",
		    .item_key = "main/O-0",
		    .subscription_id = "S-1",
		    .user_id = ""};
		assert_verdict(plan_of(&s, f, 0), PLAN_DO, PARK_NONE); /* adopted by a person */
		end_scene(&s);
	}
}

static void test_an_external_id_that_is_not_the_ledgers_tenant(void **state)
{
	static const char t2[] = "10000000-0000-4000-8000-000000000002";
	struct fixture *f = *state;
	struct scene s = {0};
	struct order_item *item = add_order(f, ACTION_SUSPEND, 1, NULL);

	item->subscription_id = add_subscription(f, 1, "Tier 1", t2)->id;
	put_tenant(&s, t1, "Reseller 1", "A1", "main/O-0", true, "");
	put_tenant(&s, t2, "Reseller 1 again", "A1", "", true, "");
	assert_verdict(plan_of(&s, f, 0), PLAN_DO, PARK_NONE);
	s.known = (struct known_tenant){.account_id = "A1",
	    .tenant_id = t1,
	    .login = "",
	    .item_key = "main/O-0",
	    .subscription_id = "S-1",
	    .user_id = ""};
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_EXTERNAL_ID_DIFFERS);
	struct item_record r = record(item, ITEM_PARKED, STEP_NONE);
	r.tenant_id = t1; /* adopted */
	s.records[0] = &r;
	const struct plan_action *a = plan_of(&s, f, 0);
	assert_verdict(a, PLAN_RESUME, PARK_NONE);
	assert_string_equal(a->tenant_id, t1);
	end_scene(&s);
}

static void test_two_accounts_with_one_tenant(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};

	for (unsigned i = 1; i <= 3; i++) {
		struct order_item *item = add_order(f, ACTION_UPGRADE, i, "Tier 3");
		item->subscription_id =
		    add_subscription(f, i, "Tier 1", i == 2 ? "10000000-0000-4000-8000-000000000002" : t1)
			->id;
	}
	put_tenant(&s, t1, "Reseller", "", "", true, "");
	put_tenant(&s, "10000000-0000-4000-8000-000000000002", "Reseller 2", "A2", "", true, "");
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_TENANT_OF_ANOTHER);
	assert_verdict(&s.plan->actions[1], PLAN_DO, PARK_NONE);
	assert_verdict(&s.plan->actions[2], PLAN_PARK, PARK_TENANT_OF_ANOTHER);
	assert_int_equal(s.plan->to_do, 1);
	assert_int_equal(s.plan->parked, 2);
	assert_non_null(strstr(s.plan->actions[0].sentence, park_reason_decision(PARK_TENANT_OF_ANOTHER)));
	assert_non_null(strstr(s.plan->actions[0].sentence, t1));
	end_scene(&s);
}

/* A tenant that carries nobody's id, and two accounts' records name it; only one of them has an order
 * tonight. */
static void test_a_tenant_that_another_accounts_records_name(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};

	add_order(f, ACTION_UPGRADE, 1, "Tier 3")->subscription_id = add_subscription(f, 1, "Tier 1", t1)->id;
	put_tenant(&s, t1, "Reseller", "", "", true, "");
	assert_verdict(plan_of(&s, f, 0), PLAN_DO, PARK_NONE);
	add_subscription(f, 2, "Tier 1", t1);
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_TENANT_OF_ANOTHER);
	f->subscriptions[1].status = SUBSCRIPTION_CANCELLED;
	assert_verdict(plan_of(&s, f, 0), PLAN_DO, PARK_NONE);
	s.known = (struct known_tenant){.account_id = "A2",
	    .tenant_id = t1,
	    .login = "",
	    .item_key = "main/O-0",
	    .subscription_id = "S-2",
	    .user_id = ""};
	assert_verdict(plan_of(&s, f, 0), PLAN_PARK, PARK_TENANT_OF_ANOTHER);
	s.known.account_id = "A1"; /* ours after all: the ledger has it */
	f->subscriptions[1].status = SUBSCRIPTION_ACTIVE;
	assert_verdict(plan_of(&s, f, 0), PLAN_DO, PARK_NONE);
	put_tenant(&s, t1, "Reseller", "A1", "", true, "");
	s.known = (struct known_tenant){0};
	assert_verdict(plan_of(&s, f, 0), PLAN_DO, PARK_NONE); /* it says itself whose it is */
	end_scene(&s);
}

static void test_change_of_a_tenant_in_another_state(void **state)
{
	static const struct {
		enum action action;
		bool enabled;
		const char *deleted;
		enum park_reason park;
	} cases[] = {
	    {ACTION_UPGRADE, false, "", PARK_TENANT_DISABLED},
	    {ACTION_SUSPEND, false, "", PARK_NONE},
	    {ACTION_CANCEL, false, "", PARK_NONE},
	    {ACTION_REACTIVATE, false, "", PARK_NONE},
	    {ACTION_CANCEL, false, "2026-01-01", PARK_TENANT_DELETED},
	    {ACTION_UPGRADE, true, "2026-01-01", PARK_TENANT_DELETED},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s = {0};
		f->item_count = f->subscription_count = 0;
		add_order(f, cases[i].action, 1, "Tier 3")->subscription_id = "S-1";
		add_subscription(f, 1, "Tier 1", t1);
		put_tenant(&s, t1, "Reseller 1", "A1", "", cases[i].enabled, cases[i].deleted);
		assert_verdict(plan_of(&s, f, 0), cases[i].park ? PLAN_PARK : PLAN_DO, cases[i].park);
		end_scene(&s);
	}
}

static void test_when(void **state)
{
	static const struct {
		enum action action;
		struct date ordered, start;
		const char *due; /* "" now; today is 2026-11-22 */
	} cases[] = {
	    {ACTION_UPGRADE, {2026, 11, 20}, {0, 0, 0}, ""},
	    {ACTION_UPGRADE, {2026, 11, 20}, {2027, 1, 15}, "2027-01-15"},
	    {ACTION_UPGRADE, {2026, 11, 20}, {2026, 11, 1}, ""},
	    {ACTION_DOWNGRADE, {2026, 11, 20}, {0, 0, 0}, "2026-12-01"},
	    {ACTION_DOWNGRADE, {2026, 10, 31}, {0, 0, 0}, ""},          /* 2026-11-01 is past */
	    {ACTION_DOWNGRADE, {2026, 11, 1}, {0, 0, 0}, "2026-12-01"}, /* ordered on a first: the next one */
	    {ACTION_DOWNGRADE, {2026, 11, 20}, {2027, 1, 1}, "2027-01-01"},
	    {ACTION_DOWNGRADE, {2026, 11, 20}, {2027, 1, 2}, "2027-02-01"},
	    {ACTION_DOWNGRADE, {0, 0, 0}, {0, 0, 0}, "2026-12-01"},
	    {ACTION_NEW, {2026, 11, 20}, {0, 0, 0}, ""},
	    {ACTION_NEW, {2026, 11, 20}, {2026, 11, 22}, ""},
	    {ACTION_NEW, {2026, 11, 20}, {2026, 11, 23}, "2026-11-23"},
	    {ACTION_SUSPEND, {2026, 11, 20}, {2026, 12, 24}, "2026-12-24"},
	    {ACTION_SUSPEND, {2026, 11, 20}, {2026, 10, 1}, ""},
	    {ACTION_REACTIVATE, {2026, 11, 20}, {2027, 1, 2}, "2027-01-02"},
	    {ACTION_CANCEL, {2026, 11, 19}, {2026, 12, 31}, "2026-12-31"},
	    {ACTION_CANCEL, {2026, 11, 19}, {0, 0, 0}, ""},
	};
	struct fixture *f = *state;
	char due[DATE_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s = {0};
		f->item_count = f->subscription_count = 0;
		struct order_item *item = add_order(f, cases[i].action, 1, "Tier 3");
		item->order_date = cases[i].ordered;
		item->start_date = cases[i].start;
		if (cases[i].action != ACTION_NEW) {
			item->subscription_id = "S-1";
			add_subscription(f, 1, "Tier 2", t1);
			put_tenant(&s, t1, "Reseller 1", "A1", "", true, "");
		}
		const struct plan_action *a = plan_of(&s, f, 0);
		assert_verdict(a, cases[i].due[0] ? PLAN_DEFER : PLAN_DO, PARK_NONE);
		assert_string_equal(date_text(a->due, due), cases[i].due);
		assert_int_equal(strncmp(a->sentence, "on 20", 5) == 0, cases[i].due[0] != '\0');
		end_scene(&s);
	}
}

/* What has begun is finished, whatever day the order names by now. */
static void test_what_has_begun_does_not_wait(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};
	struct order_item *item = add_order(f, ACTION_NEW, 1, "Tier 1");
	struct item_record begun = record(item, ITEM_RUNNING, STEP_TENANT);

	item->start_date = (struct date){2027, 1, 1};
	s.records[0] = &begun;
	assert_verdict(plan_of(&s, f, 0), PLAN_RESUME, PARK_NONE);
	begun = record(item, ITEM_ACCEPTED, STEP_NONE);
	assert_verdict(plan_of(&s, f, 0), PLAN_DEFER, PARK_NONE);
	end_scene(&s);
}

static void test_timing_is_settable(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};

	f->job->contract.upgrade = CHANGE_NEXT_FIRST;
	f->job->contract.downgrade = CHANGE_AT_ONCE;
	add_order(f, ACTION_UPGRADE, 1, "Tier 3")->subscription_id = "S-1";
	add_order(f, ACTION_DOWNGRADE, 1, "Tier 1")->subscription_id = "S-1";
	add_subscription(f, 1, "Tier 2", t1);
	put_tenant(&s, t1, "Reseller 1", "A1", "", true, "");
	assert_verdict(plan_of(&s, f, 0), PLAN_DEFER, PARK_NONE);
	assert_verdict(&s.plan->actions[1], PLAN_DO, PARK_NONE);
	assert_int_equal(s.plan->deferred, 1);
	end_scene(&s);
}

static void test_second_contract(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};

	f->job->rules.second_contract = SECOND_CONTRACT_TIER_CHANGE;
	f->job->contract.downgrade = CHANGE_AT_ONCE;
	add_order(f, ACTION_NEW, 1, "Tier 4");
	add_order(f, ACTION_NEW, 1, "Tier 2");
	add_order(f, ACTION_NEW, 2, "Tier 2");
	add_subscription(f, 1, "Tier 3", t1);
	put_tenant(&s, t1, "Reseller 1", "A1", "", true, "");
	const struct plan_action *a = plan_of(&s, f, 0);
	assert_int_equal(a[0].action, ACTION_UPGRADE);
	assert_string_equal(a[0].subscription_id, "S-1");
	assert_string_equal(a[0].tenant_id, t1);
	assert_int_equal(a[1].action, ACTION_DOWNGRADE);
	assert_string_equal(a[1].from->name, "Tier 4"); /* where the first one puts it */
	assert_int_equal(a[2].action, ACTION_NEW);
	f->job->rules.second_contract = SECOND_CONTRACT_REJECT;
	assert_int_equal(plan_of(&s, f, 0)->action, ACTION_NEW);
	end_scene(&s);
}

static void test_own_subscription_in_the_export_is_not_a_second_contract(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};

	f->job->rules.second_contract = SECOND_CONTRACT_TIER_CHANGE;
	add_order(f, ACTION_NEW, 1, "Tier 4");
	const char *own = arena_strdup(f->arena, plan_of(&s, f, 0)->subscription_id);
	add_subscription(f, 1, "Tier 4", t1)->id = own;
	put_tenant(&s, t1, "Reseller 1", "A1", "", true, "");
	const struct plan_action *a = plan_of(&s, f, 0);
	assert_int_equal(a->action, ACTION_NEW);
	assert_string_equal(a->tenant_id, t1); /* ours by the external id */
	end_scene(&s);
}

static void test_without_a_world_nothing_is_parked_for_it(void **state)
{
	struct fixture *f = *state;
	struct facts *facts = facts_new();
	const struct order_item *items[] = {add_order(f, ACTION_NEW, 1, "Tier 1")};
	struct plan *plan = plan_make(f->job, items, NULL, 1, facts, NULL, (struct date){2026, 11, 22}, NULL);

	assert_verdict(&plan->actions[0], PLAN_DO, PARK_NONE);
	plan_free(plan);
	facts_free(facts);
}

static void test_digest_sees_what_apply_would_act_on(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};
	char before[DIGEST_TEXT_SIZE];

	add_order(f, ACTION_NEW, 1, "Tier 1");
	plan_of(&s, f, 0);
	strcpy(before, s.plan->digest);
	plan_of(&s, f, 0);
	assert_string_equal(before, s.plan->digest);
	strcpy(f->items[0].digest, "another");
	plan_of(&s, f, 0);
	assert_string_not_equal(before, s.plan->digest);
	strcpy(f->items[0].digest, "content-of-1");
	put_tenant(&s, t1, "Reseller 1", "A1", "main/O-1", true, "");
	plan_of(&s, f, 0);
	assert_string_not_equal(before, s.plan->digest);
	end_scene(&s);
}

static void write_text(const char *path, const char *text)
{
	struct error err = {0};

	assert_int_equal(atomic_file_put(path, strv_of(text), &err), 0);
}

static void test_plan_file(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};
	struct plan_file file;
	struct error err = {0};
	char *path = arena_printf(f->arena, "%s/plan.json", f->folder);

	add_order(f, ACTION_NEW, 1, "Tier 1")->account = "Κόσμος \"Ltd\"\n";
	add_order(f, ACTION_DOWNGRADE, 2, "Tier 1");
	plan_of(&s, f, 0);
	char *text = plan_to_json(s.plan, f->job, "2026-11-22T00:00:00Z");
	write_text(path, text);
	assert_int_equal(plan_file_read(path, f->arena, &file, &err), 0);
	assert_string_equal(file.plan_digest, s.plan->digest);
	assert_string_equal(file.job_path, f->job->path);
	assert_string_equal(file.job_name, "fake");
	assert_int_equal(file.to_do, 1);

	*strstr(text, "Tier 1") = 'X';
	write_text(path, text);
	assert_int_equal(plan_file_read(path, f->arena, &file, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "edited"));
	free(text);
	end_scene(&s);
}

static void test_what_is_no_plan_file(void **state)
{
	static const char *const texts[] = {"", "not json", "[]", "{}", "{\"tenantry_plan\":2}",
	    "{\"tenantry_plan\":1}", "{\"tenantry_plan\":\"1\"}"};
	struct fixture *f = *state;
	struct plan_file file;
	char *path = arena_printf(f->arena, "%s/plan.json", f->folder);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct error err = {0};
		write_text(path, texts[i]);
		assert_int_equal(plan_file_read(path, f->arena, &file, &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
		assert_true(err.hint[0] != '\0');
	}
	struct error err = {0};
	assert_int_equal(plan_file_read("/nonexistent/plan.json", f->arena, &file, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void test_the_page_for_people(void **state)
{
	struct fixture *f = *state;
	struct scene s = {0};
	struct strbuf out = {0};

	add_order(f, ACTION_NEW, 1, "Tier 1");
	add_order(f, ACTION_NEW, 2, "Tier 1");
	add_order(f, ACTION_DOWNGRADE, 3, "Tier 1")->subscription_id = "S-3";
	add_subscription(f, 3, "Tier 3", t1);
	put_tenant(&s, t1, "Another", "A2", "", true, "");
	plan_of(&s, f, 0);
	plan_print(s.plan, &out);
	assert_non_null(strstr(out.p, "To do:\n  O-1  create tenant"));
	assert_non_null(strstr(out.p, "Due later:\n  O-3  on 2026-12-01: move tenant"));
	assert_non_null(strstr(out.p, "Needs a decision:\n  O-2  tenant-exists: not done"));
	assert_non_null(strstr(out.p, "1 to do, 1 due later, 1 to decide."));
	strbuf_free(&out);
	end_scene(&s);
}

/* What is held back while nobody has shown that the tier table is right. */
static void test_the_gate_of_an_unproved_table(void **state)
{
	static const struct {
		enum action action;
		const char *tier;
		enum step step; /* of a record; STEP_NONE: there is none */
		bool let_pass, held;
	} cases[] = {
	    {ACTION_NEW, "Tier 1", STEP_NONE, false, true},
	    {ACTION_NEW, "Tier 1", STEP_NONE, true, false},
	    {ACTION_NEW, "Tier 0", STEP_NONE, false, false},
	    {ACTION_NEW, "Tier 1", STEP_TENANT, false, true},    /* its tier would be written now */
	    {ACTION_NEW, "Tier 1", STEP_CONTRACT, false, false}, /* it was written: the rest goes on */
	    {ACTION_UPGRADE, "Tier 2", STEP_NONE, false, true},
	    {ACTION_DOWNGRADE, "Tier 0", STEP_NONE, false, false},
	    {ACTION_SUSPEND, NULL, STEP_NONE, false, false},
	    {ACTION_REACTIVATE, NULL, STEP_NONE, false, false},
	    {ACTION_CANCEL, "Tier 1", STEP_NONE, false, false},
	};
	struct fixture *f = *state;

	f->job->contract.downgrade = CHANGE_AT_ONCE;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s = {0};
		bool passes[ITEMS_MAX] = {cases[i].let_pass};
		const struct plan_gate gate = {.tiers_unproved = true, .let_pass = passes};
		f->item_count = f->subscription_count = 0;
		const struct order_item *item = add_order(f, cases[i].action, 1, cases[i].tier);
		if (cases[i].action != ACTION_NEW)
			add_subscription(f, 1, "Tier 1", t1);
		struct item_record r = record(item, ITEM_FAILED, cases[i].step);
		s.records[0] = cases[i].step == STEP_NONE ? NULL : &r;
		s.gate = &gate;
		put_tenant(&s, t1, "Reseller 1", "A1", "main/O-1", true, "");
		const struct plan_action *a = plan_of(&s, f, 0);
		if (cases[i].held) {
			assert_verdict(a, PLAN_PARK, PARK_TIER_UNPROVED);
			assert_string_equal(a->tenant_id, ""); /* not yet known to be this account's */
		} else {
			assert_int_equal(a->park, PARK_NONE);
		}
		end_scene(&s);
	}
}

static void test_reasons_have_their_words(void **state)
{
	(void)state;
	for (int i = PARK_NONE + 1; i < PARK_REASON_COUNT; i++) {
		assert_int_equal(park_reason_parse(park_reason_code((enum park_reason)i)), i);
		assert_true(
		    park_reason_text((enum park_reason)i)[0] && park_reason_decision((enum park_reason)i)[0]);
	}
	for (int i = FAIL_NONE + 1; i < FAIL_REASON_COUNT; i++) {
		assert_int_equal(fail_reason_parse(fail_reason_code((enum fail_reason)i)), i);
		assert_true(fail_reason_text((enum fail_reason)i)[0]);
	}
	assert_int_equal(park_reason_parse("unavailable"), PARK_NONE);
	assert_int_equal(fail_reason_parse(""), FAIL_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_new_tenant, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_new_tenant_that_is_ours_already, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_new_tenant_parked, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_resume, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_has_begun_does_not_wait, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_change_finds_its_tenant, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_tenant_of_another_account_is_not_touched, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_an_external_id_that_is_not_the_ledgers_tenant, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_two_accounts_with_one_tenant, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_a_tenant_that_another_accounts_records_name, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_change_of_a_tenant_in_another_state, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_when, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_timing_is_settable, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_second_contract, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		test_own_subscription_in_the_export_is_not_a_second_contract, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_without_a_world_nothing_is_parked_for_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_digest_sees_what_apply_would_act_on, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_plan_file, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_is_no_plan_file, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_the_page_for_people, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_the_gate_of_an_unproved_table, setup, teardown),
	    cmocka_unit_test(test_reasons_have_their_words),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
