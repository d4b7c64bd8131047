/* The files that the BSS imports after a night. */
#include "provision_fixture.h"

#include "tenantry/atomic_file.h"

static char *content(struct fixture *f, const char *name)
{
	struct error err = {0};
	size_t n;
	char *path = mem_printf("%s/%s", f->folder, name), *text = file_read_all(path, 1 << 20, &n, &err);

	free(path);
	if (!text)
		fail_msg("%s", err.text);
	char *kept = arena_strdup(f->arena, text);
	free(text);
	return kept;
}

/* The whole line that begins with `start` (a comma belongs to it), or NULL. */
static const char *line_of(struct fixture *f, const char *text, const char *start)
{
	for (const char *at = text; *at; at = strchr(at, '\n') + 1)
		if (strncmp(at, start, strlen(start)) == 0)
			return arena_strndup(f->arena, at, strcspn(at, "\n"));
	return NULL;
}

static void test_done_items(void **state)
{
	struct fixture *f = *state;
	struct order_item *item = add_order(f, ACTION_NEW, 1, "Tier 1");
	char id[UUID_TEXT_SIZE];

	item->account = "Example, \"Inc\"";
	add_change(f, ACTION_UPGRADE, 2, "Tier 1", "Tier 3");
	add_change(f, ACTION_SUSPEND, 3, "Tier 2", NULL);
	add_change(f, ACTION_CANCEL, 4, "Tier 2", NULL);
	add_change(f, ACTION_REACTIVATE, 5, "Tier 2", NULL)->enabled = false;
	f->items[1].item_id = "I-7";
	night(f);
	const char *subscriptions = content(f, "subscriptions-import.csv"),
		   *orders = content(f, "orders-executed.csv");
	assert_non_null(line_of(f, subscriptions,
	    "Subscription Id,Subscription External Id,Account Id,Account,Username,Tier,Product Code,Status,Quantity,Currency,"
	    "Start Date,End Date,Ramp Up Months,Is Trial,Provisioning Sync Status,Updated At,Order Item Id"));
	uuid_from_name("subscription", strv_of(item->key), id);
	struct cloud_tenant *t = cloud_tenant_by_tag(f->cloud, item->key);
	const char *line = line_of(f, subscriptions, id);
	char *expected = arena_printf(f->arena,
	    "%s,%s,A1,\"Example, \"\"Inc\"\"\",owner@reseller1.example.com,Tier 1,CCSP-T1,Active,1,USD,2026-11-22,,,,Synchronized,",
	    id, t->id);
	assert_non_null(line);
	assert_true(strncmp(line, expected, strlen(expected)) == 0);
	assert_non_null(strstr(line, ",O-1"));
	assert_non_null(strstr(line_of(f, subscriptions, "S-2,"), ",Tier 3,CCSP-T3,Active,1,USD,"));
	assert_non_null(strstr(line_of(f, subscriptions, "S-2,"), ",I-7"));
	assert_non_null(strstr(line_of(f, subscriptions, "S-3,"), ",Tier 2,CCSP-T2,Suspended,1,USD,"));
	assert_non_null(strstr(line_of(f, subscriptions, "S-4,"), ",Cancelled,1,USD,,2026-11-22,"));
	assert_non_null(strstr(line_of(f, subscriptions, "S-5,"), ",Active,1,USD,"));
	assert_non_null(strstr(line_of(f, orders, "O-1,O-1,2026-11-22T"), ",done"));
	assert_non_null(line_of(f, orders, "O-2,I-7,2026-11-22T"));
	assert_non_null(strstr(line_of(f, orders, "O-1,"), t->id));
}

static void test_failed_and_parked_items(void **state)
{
	struct fixture *f = *state;
	char id[UUID_TEXT_SIZE];

	strcpy(f->cloud->taken_login, "owner@reseller1.example.com");
	add_order(f, ACTION_NEW, 1, "Tier 1");                  /* parked in the tenant step */
	add_order(f, ACTION_NEW, 2, "Tier 1");                  /* fails in pricing */
	add_change(f, ACTION_DOWNGRADE, 3, "Tier 3", "Tier 1"); /* due later */
	add_change(f, ACTION_SUSPEND, 4, "Tier 3", NULL)->locked = true;
	cloud_fault(f->cloud, FAULT_STATUS, CALL_PRICING_SET, 0, 9);
	f->cloud->faults[0].status = 400;
	night(f);
	const char *subscriptions = content(f, "subscriptions-import.csv"),
		   *orders = content(f, "orders-executed.csv");
	uuid_from_name("subscription", strv_of(f->items[0].key), id);
	assert_non_null(strstr(line_of(f, subscriptions, id), ",Pending,1,USD,,,,,Failed,"));
	uuid_from_name("subscription", strv_of(f->items[1].key), id);
	assert_non_null(strstr(line_of(f, subscriptions, id), cloud_tenant_by_tag(f->cloud, "main/O-2")->id));
	assert_null(line_of(f, subscriptions, "S-3,"));
	assert_null(line_of(f, subscriptions, "S-4,")); /* nothing happened to it */
	assert_non_null(strstr(line_of(f, orders, "O-1,O-1,,"), ",parked"));
	assert_non_null(strstr(line_of(f, orders, "O-2,O-2,,"), ",failed"));
	assert_null(line_of(f, orders, "O-3,"));
	assert_non_null(line_of(f, orders, "O-4,O-4,,S-4,"));
}

/* Only what a run touched is in its files; written again they have the same bytes. */
static void test_only_this_run_and_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	struct export_counts counts;
	struct error err = {0};

	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	add_order(f, ACTION_NEW, 2, "Tier 1");
	night(f);
	const char *orders = content(f, "orders-executed.csv"),
		   *subscriptions = content(f, "subscriptions-import.csv");
	assert_null(line_of(f, orders, "O-1,"));
	assert_non_null(line_of(f, orders, "O-2,"));
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_READ, &f->clock, &err);
	struct run_record run;
	assert_int_equal(ledger_run_find(ledger, "last", f->arena, &run, &err), 1);
	clock_advance(&f->clock, 3600000);
	assert_int_equal(export_write(ledger, f->job, run.run_id, f->folder, &counts, &err), 0);
	assert_int_equal(counts.subscriptions, 1);
	assert_int_equal(counts.orders, 1);
	assert_string_equal(content(f, "orders-executed.csv"), orders);
	assert_string_equal(content(f, "subscriptions-import.csv"), subscriptions);
	ledger_close(ledger);
}

static void test_a_folder_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct export_counts counts;
	struct error err = {0};

	add_order(f, ACTION_NEW, 1, "Tier 1");
	night(f);
	struct ledger *ledger = ledger_open(f->ledger_path, LEDGER_READ, &f->clock, &err);
	assert_int_equal(export_write(ledger, f->job, "run", "/nonexistent", &counts, &err), -1);
	assert_int_equal(err.code, ERR_OUTPUT);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_done_items, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_failed_and_parked_items, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_only_this_run_and_the_same_bytes, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_a_folder_that_is_not_there, setup, teardown),
	};

	return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
