/* The BSS's subscriptions: what is read, what is quarantined and why, what counts as the same row. */
#include "intake_fixture.h"

#define HEADER                                                                                                                        \
	"Subscription Id;Subscription External Id;Account Id;Account;Username;Tier;Product Code;Status;Quantity;Currency;Start Date;" \
	"End Date;Ramp Up Months;Is Trial;Provisioning Sync Status;Updated At\n"

static struct subscriptions *load(struct fixture *f, const char *rows)
{
	struct error err = {0};
	char *text = mem_printf("%s%s", HEADER, rows);

	put(f, "subscriptions.csv", text);
	free(text);
	struct subscriptions *list = subscriptions_load(f->job, &err);
	if (!list)
		error_print(&err, stderr, true);
	assert_non_null(list);
	assert_int_equal(
	    list->rows_read, list->count + list->quarantined_count + list->repeats + list->superseded);
	return list;
}

static void reads_all_fields(void **state)
{
	struct fixture *f = *state;
	char text[DATE_TEXT_SIZE];
	struct subscriptions *list = load(f,
	    "S-1;0A0B0C0D-0000-4000-8000-00000000000E;A; Müller IT ;m@example.com;tier 2;;Active;1;gbd;"
	    "2026-01-31;2026-12-31T00:00:00+02:00;1;yes;Synchronized;2099-11-19T22:10:00Z\n"
	    "S-2;ext-2;B;;;;ccsp-t3;Suspended;2;;;;;;;\n");
	const struct subscription *s = &list->items[0];

	assert_int_equal(list->count, 2);
	assert_string_equal(s->id, "S-1");
	assert_string_equal(s->external_id, "0a0b0c0d-0000-4000-8000-00000000000e");
	assert_string_equal(s->account, "Müller IT");
	assert_string_equal(s->username, "m@example.com");
	assert_ptr_equal(s->tier, &f->job->contract.tiers[2]);
	assert_string_equal(s->currency, "GBP");
	assert_string_equal(date_text(s->start_date, text), "2026-01-31");
	assert_string_equal(date_text(s->end_date, text), "2026-12-31");
	assert_int_equal(s->ramp_up_months, 1);
	assert_int_equal(s->is_trial, 1);
	assert_string_equal(s->sync_status, "Synchronized");
	assert_int_equal(list->as_of, s->updated_at);
	assert_int_equal(s->line, 2);
	assert_string_equal(s->source, "subscriptions.csv");
	s = &list->items[1];
	assert_string_equal(s->external_id, "ext-2");
	assert_ptr_equal(s->tier, &f->job->contract.tiers[3]);
	assert_string_equal(s->quantity, "2");
	assert_string_equal(s->username, "");
	assert_int_equal(s->is_trial, -1);
	assert_false(date_is_set(s->start_date));
	subscriptions_free(list);
}

static void reads_statuses(void **state)
{
	static const struct {
		const char *word;
		enum subscription_status status;
	} cases[] = {{"Active", SUBSCRIPTION_ACTIVE}, {"SUSPENDED", SUBSCRIPTION_SUSPENDED},
	    {"Cancelled", SUBSCRIPTION_CANCELLED}, {"canceled", SUBSCRIPTION_CANCELLED},
	    {"In-Active", SUBSCRIPTION_CANCELLED}, {"Inactive", SUBSCRIPTION_CANCELLED},
	    {"Pending", SUBSCRIPTION_PENDING}, {"Failed", SUBSCRIPTION_FAILED},
	    {"Failed sync", SUBSCRIPTION_FAILED}, {"Gesperrt", SUBSCRIPTION_SUSPENDED},
	    {"on_hold", SUBSCRIPTION_ACTIVE}};
	struct text_pair own[] = {{"gesperrt", "suspended"}, {"On hold", "active"}};
	struct fixture *f = *state;

	f->job->bss.subscription_status = own;
	f->job->bss.subscription_status_count = 2;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *row = mem_printf("S-1;;A;;;Tier 1;;%s;1;EUR;;;;;;\n", cases[i].word);
		struct subscriptions *list = load(f, row);
		assert_int_equal(list->count, 1);
		assert_int_equal(list->items[0].status, cases[i].status);
		subscriptions_free(list);
		free(row);
	}
}

static void quarantines(void **state)
{
	static const struct {
		const char *row, *reason;
	} cases[] = {
	    {";;A;;;Tier 1;;Active;1;EUR;;;;;;", "Subscription Id is empty"},
	    {"S-1;; ;;;Tier 1;;Active;1;EUR;;;;;;", "Account Id is empty"},
	    {"S-1;;A;;;Tier 1;;;1;EUR;;;;;;", "Status is empty"},
	    {"S-1;;A;;;Tier 1;;On hold;1;EUR;;;;;;",
		"Status is \"On hold\"; name it under bss.subscription_status"},
	    {"S-1;;A;;;Tier 1;;Active;1;EURO;;;;;;", "Currency is \"EURO\""},
	    {"S-1;;A;;;Tier 1;;Active;1;1 2;;;;;;", "Currency is \"1 2\""},
	    {"S-1;;A;;;Tier 1;;Active;1;EUR;31.12.2026;;;;;",
		"Start Date is \"31.12.2026\"; must be an ISO 8601 date"},
	    {"S-1;;A;;;Tier 1;;Active;1;EUR;;2026-02-30;;;;", "End Date"},
	    {"S-1;;A;;;Tier 1;;Active;1;EUR;;;two;;;", "Ramp Up Months"},
	    {"S-1;;A;;;Tier 1;;Active;1;EUR;;;-1;;;", "Ramp Up Months"},
	    {"S-1;;A;;;Tier 1;;Active;1;EUR;;;;perhaps;;", "Is Trial"},
	    {"S-1;;A;;;Tier 1;;Active;1;EUR;;;;;;yesterday", "Updated At"},
	    {"S-1;;A;;;Tier 1;;Active", "8 fields where the header has 16"},
	    {"S-1;;A;\xff;;Tier 1;;Active;1;EUR;;;;;;", "not UTF-8"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *rows = mem_printf("%s\nS-2;;B;;;Tier 9;;Active;1;EUR;;;;;;\n", cases[i].row);
		struct subscriptions *list = load(f, rows);
		assert_int_equal(list->quarantined_count, 1);
		assert_int_equal(list->quarantined[0].line, 2);
		if (!strstr(list->quarantined[0].reason, cases[i].reason))
			print_error("row %s: %s\n", cases[i].row, list->quarantined[0].reason);
		assert_non_null(strstr(list->quarantined[0].reason, cases[i].reason));
		/* A tier that is in no table is no reason: reconciliation shows it. */
		assert_int_equal(list->count, 1);
		assert_null(list->items[0].tier);
		assert_string_equal(list->items[0].tier_text, "Tier 9");
		subscriptions_free(list);
		free(rows);
	}
}

/* A word for nothing is no id: of the tenant there is none yet, without the others the row cannot be used. */
static void words_for_nothing_are_no_ids(void **state)
{
	struct subscriptions *list = load(*state, "S-1;NULL;A;;;Tier 1;;Active;1;EUR;;;;;;\n"
						  "S-2;#N/A;B;;;Tier 1;;Active;1;EUR;;;;;;\n"
						  "S-3;T-3;C;;;Tier 1;;Active;1;EUR;;;;;;\n"
						  "(null);;D;;;Tier 1;;Active;1;EUR;;;;;;\n"
						  "S-5;;0;;;Tier 1;;Active;1;EUR;;;;;;\n");

	assert_int_equal(list->count, 3);
	assert_string_equal(list->items[0].external_id, "");
	assert_string_equal(list->items[2].external_id, "T-3");
	assert_int_equal(list->placeholders, 2);
	assert_string_equal(list->placeholder.word, "NULL");
	assert_string_equal(list->placeholder.source, "subscriptions.csv");
	assert_int_equal(list->placeholder.line, 2);
	assert_int_equal(list->quarantined_count, 2);
	assert_string_equal(
	    list->quarantined[0].reason, "Subscription Id is \"(null)\", which stands for nothing");
	assert_string_equal(list->quarantined[1].reason, "Account Id is \"0\", which stands for nothing");
	subscriptions_free(list);
}

static void drops_repeats_only(void **state)
{
	struct strbuf rows = {0};

	for (int i = 0; i < 1000; i++)
		strbuf_addf(&rows, "S-%d;;A%d;;;Tier 1;;Active;1;EUR;;;;;;\n", i, i);
	strbuf_adds(
	    &rows, "S-7;;A7;;;Tier 1;;Active;1;EUR;;;;;;\n \"S-8\";;A8;;;Tier 1;;Active;1;EUR;;;;;;\n");
	strbuf_adds(&rows, "S-8;;A8;;;Tier 1;;active;1;eur;;;;;;\nS-9;;A9;;;Tier 2;;Active;1;EUR;;;;;;\n");
	struct subscriptions *list = load(*state, rows.p);
	assert_int_equal(list->repeats, 2);
	assert_int_equal(list->count, 1000);
	/* A broken row, and one that contradicts another without saying which is newer. */
	assert_int_equal(list->quarantined_count, 2);
	assert_non_null(
	    strstr(list->quarantined[1].reason, "stands already at subscriptions.csv:11 with other content"));
	subscriptions_free(list);
	strbuf_free(&rows);
}

static void takes_the_newer_state(void **state)
{
	struct subscriptions *list =
	    load(*state, "S-1;;A;;;Tier 1;;Active;1;EUR;;;;;;2026-11-01T00:00:00Z\n"
			 "S-1;;A;;;Tier 2;;Suspended;1;EUR;;;;;;2026-11-03T00:00:00Z\n"
			 "S-1;;A;;;Tier 3;;Active;1;EUR;;;;;;2026-11-02T00:00:00Z\n"
			 "S-2;;A;;;Tier 3;;Active;1;EUR;;;;;;2026-11-02T00:00:00Z\n");

	assert_int_equal(list->count, 2);
	assert_int_equal(list->superseded, 2);
	assert_int_equal(list->items[0].status, SUBSCRIPTION_SUSPENDED);
	assert_string_equal(list->items[0].tier_text, "Tier 2");
	assert_int_equal(list->items[0].line, 3);
	subscriptions_free(list);
}

static void reads_several_files(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};

	put(f, "sub-1.csv", HEADER "S-1;;A;;;Tier 1;;Active;1;EUR;;;;;;\n");
	put(f, "sub-2.csv",
	    HEADER "S-1;;A;;;Tier 1;;Active;1;EUR;;;;;;\nS-2;;B;;;Tier 1;;Active;1;EUR;;;;;;\n");
	put(f, "sub-3.csv", HEADER "S-1;;A;;;Tier 1;;Active;1;EUR;;;;;;\n");
	f->job->bss.subscriptions.csv = in_folder(f, "sub-*.csv");
	struct subscriptions *list = subscriptions_load(f->job, &err);
	assert_non_null(list);
	assert_int_equal(list->count, 2);
	assert_int_equal(list->rows_read, 3);
	assert_string_equal(list->items[1].source, "sub-2.csv");
	subscriptions_free(list);
}

static void knows_its_bytes(void **state)
{
	struct fixture *f = *state;
	struct subscriptions *list = load(f, "S-1;;A;;;Tier 1;;Active;1;EUR;;;;;;\n");
	struct digest whole = digest_of(strv_of(get(f, "subscriptions.csv")));

	assert_int_equal(list->digest.high, whole.high);
	assert_int_equal(list->digest.low, whole.low);
	assert_true(list->as_of > 0);
	subscriptions_free(list);
	list = load(f, "");
	assert_int_equal(list->count, 0);
	subscriptions_free(list);
	subscriptions_free(NULL);
}

static void refuses_files(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};

	assert_null(subscriptions_load(f->job, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	error_clear(&err);
	put(f, "subscriptions.csv", "Subscription Id,Account Id,Status\n");
	assert_null(subscriptions_load(f->job, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	assert_non_null(strstr(err.text, "lacks Currency, Tier or Product Code"));
}

static void names_statuses(void **state)
{
	(void)state;
	assert_string_equal(subscription_status_name(SUBSCRIPTION_CANCELLED), "cancelled");
	assert_string_equal(ignored_name(IGNORED_ALREADY_DONE), "already-done");
	assert_string_equal(action_name(ACTION_REACTIVATE), "reactivate");
	assert_string_equal(action_name(ACTION_COUNT), "unknown");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(reads_all_fields), TEST(reads_statuses), TEST(quarantines),
	    TEST(words_for_nothing_are_no_ids), TEST(drops_repeats_only), TEST(takes_the_newer_state),
	    TEST(reads_several_files), TEST(knows_its_bytes), TEST(refuses_files), TEST(names_statuses)};

	return cmocka_run_group_tests_name("subscriptions", tests, NULL, NULL);
}
