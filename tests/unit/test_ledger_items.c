/* Order items, now and as each run left them, and what was rejected. */
#include "ledger_fixture.h"

static int note_item(void *user, const struct item_record *item)
{
	return note(user, item->key);
}

static int note_item_state(void *user, const struct item_record *item)
{
	return note(user, item_state_name(item->state));
}

static int note_rejection(void *user, const struct rejection_record *rejection)
{
	return note(user, rejection->order_id);
}

static const struct item_record full_item = {.key = "main/OI-1",
    .order_id = "O-1",
    .item_id = "OI-1",
    .account_id = "1001",
    .account = "Große Wolke GmbH",
    .login = "it@example.com",
    .subscription_id = "S-1",
    .tenant_id = "T-1",
    .user_id = "U-1",
    .tier = "Tier 3",
    .currency = "EUR",
    .digest = "d1",
    .reason = "refused",
    .text = "it said \"no\"; '--",
    .run_id = "r1",
    .source = "orders.csv",
    .start_date = "2026-12-01",
    .line = 17,
    .action = ACTION_UPGRADE,
    .state = ITEM_FAILED,
    .step = STEP_PRICING,
    .batch = 4,
    .attempts = 2,
    .executed_at = 99,
    .ordered_at = 17,
    .ordered_action = "new",
    .ordered_product = "CCSP-T3",
    .ordered_tier = "Tier 3",
    .parent_order_id = "O-0",
    .content = "0123",
    .blocker = "T-9"};

static void assert_same_item(const struct item_record *a, const struct item_record *b)
{
	assert_string_equal(a->key, b->key);
	assert_string_equal(a->order_id, b->order_id);
	assert_string_equal(a->item_id, b->item_id);
	assert_string_equal(a->account_id, b->account_id);
	assert_string_equal(a->account, b->account);
	assert_string_equal(a->login, b->login);
	assert_string_equal(a->subscription_id, b->subscription_id);
	assert_string_equal(a->tenant_id, b->tenant_id);
	assert_string_equal(a->user_id, b->user_id);
	assert_string_equal(a->tier, b->tier);
	assert_string_equal(a->currency, b->currency);
	assert_string_equal(a->digest, b->digest);
	assert_string_equal(a->reason, b->reason);
	assert_string_equal(a->text, b->text);
	assert_int_equal(a->ordered_at, b->ordered_at);
	assert_string_equal(a->ordered_action, b->ordered_action);
	assert_string_equal(a->ordered_product, b->ordered_product);
	assert_string_equal(a->ordered_tier, b->ordered_tier);
	assert_string_equal(a->parent_order_id, b->parent_order_id);
	assert_string_equal(a->content, b->content);
	assert_string_equal(a->blocker, b->blocker);
	assert_string_equal(a->run_id, b->run_id);
	assert_string_equal(a->source, b->source);
	assert_string_equal(a->start_date, b->start_date);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->action, b->action);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->step, b->step);
	assert_int_equal(a->batch, b->batch);
	assert_int_equal(a->attempts, b->attempts);
	assert_int_equal(a->executed_at, b->executed_at);
}

static int assert_full_item(void *user, const struct item_record *item)
{
	assert_same_item(item, &full_item);
	return note_item(user, item);
}

static void an_item_comes_back_whole(void **state)
{
	struct fixture *f = *state;
	struct names in_run = {0};
	struct item_record item;
	enum item_state now;

	begin_run(f, "r1");
	assert_int_equal(ledger_item_get(f->ledger, "main/OI-1", f->arena, &item, &f->err), 0);
	assert_int_equal(ledger_item_state(f->ledger, STRV("main/OI-1"), &now, NULL, &f->err), 0);
	ok(f, ledger_item_put(f->ledger, &full_item, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	assert_int_equal(ledger_item_get(f->ledger, "main/OI-1", f->arena, &item, &f->err), 1);
	assert_same_item(&item, &full_item);
	assert_int_equal(item.updated_at, START_MS * INT64_C(1000));
	assert_int_equal(item.received_at, START_MS * INT64_C(1000));
	char digest[DIGEST_TEXT_SIZE] = "";
	assert_int_equal(
	    ledger_item_state(f->ledger, (struct strv){"main/OI-1x", 9}, &now, digest, &f->err), 1);
	assert_int_equal(now, ITEM_FAILED);
	assert_string_equal(digest, "d1");
	ok(f, ledger_items(f->ledger, &(struct item_filter){.run_id = "r1", .state = -1}, assert_full_item,
		  &in_run, &f->err));
	assert_int_equal(in_run.count, 1);
}

/* Whatever the key was made of. */
static void an_item_is_found_by_its_ids(void **state)
{
	static const struct {
		const char *key, *order, *item;
	} items[] = {{"main/1", "O-1", "1"}, {"main/O-2/1", "O-2", "1"}, {"main/O-2/2", "O-2", "2"},
	    {"main/O-3", "O-3", ""}};
	static const struct {
		const char *order, *item; /* NULL: any */
		size_t found;
	} asked[] = {{"O-1", "1", 1}, {"O-1", "2", 0}, {"O-2", NULL, 2}, {"O-2", "2", 1}, {"O-2", "", 0},
	    {"O-3", "", 1}, {"O-9", NULL, 0}, {"main/1", NULL, 0},
	    /* of any order, where the item's id is not its key */
	    {NULL, "1", 1}, {NULL, "2", 1}, {NULL, "3", 0}, {NULL, "O-3", 0}};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		ok(f, ledger_item_settle(f->ledger,
			  &(struct item_record){.key = items[i].key,
			      .order_id = items[i].order,
			      .item_id = items[i].item,
			      .account_id = "1"},
			  &f->err));
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		struct names found = {0};
		struct strv item = strv_of(asked[i].item);
		ok(f,
		    ledger_items_named(f->ledger, strv_of(asked[i].order), item, note_item, &found, &f->err));
		assert_int_equal(found.count, asked[i].found);
	}
}

static void an_item_keeps_when_it_was_received_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct item_record item = full_item;
	struct names old = {0}, moved = {0};

	begin_run(f, "r1");
	item.received_at = 41;
	ok(f, ledger_item_put(f->ledger, &item, &f->err));
	clock_advance(&f->clock, 1000);
	/* All else may change, the account too: an order can be corrected in the BSS. */
	struct item_record next = {
	    .key = item.key, .account_id = "1002", .run_id = "r1", .received_at = 42, .state = ITEM_DONE};
	ok(f, ledger_item_put(f->ledger, &next, &f->err));
	assert_int_equal(ledger_item_get(f->ledger, item.key, f->arena, &item, &f->err), 1);
	assert_int_equal(item.received_at, 41);
	assert_int_equal(item.updated_at, START_MS * INT64_C(1000) + 1000);
	assert_string_equal(item.account_id, "1002");
	assert_string_equal(item.tenant_id, "");
	assert_int_equal(item.step, STEP_NONE);
	assert_int_equal(item.state, ITEM_DONE);
	ok(f, ledger_items(f->ledger, &(struct item_filter){.account_id = "1001", .state = -1}, note_item,
		  &old, &f->err));
	ok(f, ledger_items(f->ledger, &(struct item_filter){.account_id = "1002", .state = -1}, note_item,
		  &moved, &f->err));
	assert_int_equal(old.count, 0);
	assert_int_equal(moved.count, 1);
}

static void each_run_shows_its_items_as_they_stood_then(void **state)
{
	struct fixture *f = *state;
	struct names first = {0}, second = {0}, now = {0};

	begin_run(f, "r1");
	put_item(f, "r1", "k1", ITEM_RUNNING);
	put_item(f, "r1", "k1", ITEM_FAILED);
	put_item(f, "r1", "k2", ITEM_DONE);
	end_run(f, "r1", 1);
	begin_run(f, "r2");
	put_item(f, "r2", "k1", ITEM_DONE);
	end_run(f, "r2", 0);
	put_item(f, "", "k1", ITEM_PARKED); /* by a person, between runs */
	ok(f, ledger_commit(f->ledger, &f->err));
	ok(f, ledger_items(f->ledger, &(struct item_filter){.run_id = "r1", .state = -1}, note_item_state,
		  &first, &f->err));
	ok(f, ledger_items(f->ledger, &(struct item_filter){.run_id = "r2", .state = -1}, note_item_state,
		  &second, &f->err));
	ok(f, ledger_items(f->ledger, &(struct item_filter){.state = -1}, note_item_state, &now, &f->err));
	assert_string_equal(first.text, "failed done ");
	assert_string_equal(second.text, "done ");
	assert_string_equal(now.text, "parked done ");
}

static void filtered(struct fixture *f, struct item_filter filter, const char *expected)
{
	struct names names = {0};

	ok(f, ledger_items(f->ledger, &filter, note_item, &names, &f->err));
	assert_string_equal(names.text, expected);
}

static void items_are_filtered_by_all_that_is_given(void **state)
{
	struct fixture *f = *state;
	static const struct item_record items[] = {
	    {.key = "d", .account_id = "1", .order_id = "A", .run_id = "r1", .state = ITEM_DONE},
	    {.key = "b", .account_id = "1", .order_id = "B", .run_id = "r1", .state = ITEM_PARKED},
	    {.key = "c", .account_id = "2", .order_id = "A", .run_id = "r1", .state = ITEM_PARKED},
	    {.key = "a", .account_id = "2", .order_id = "B", .run_id = "r2", .state = ITEM_DONE}};

	begin_run(f, "r1");
	begin_run(f, "r2");
	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		ok(f, ledger_item_put(f->ledger, &items[i], &f->err));
	filtered(f, (struct item_filter){.state = -1}, "a b c d ");
	filtered(f, (struct item_filter){.state = ITEM_PARKED}, "b c ");
	filtered(f, (struct item_filter){.account_id = "1", .state = -1}, "b d ");
	filtered(f, (struct item_filter){.account_id = "1", .state = ITEM_DONE}, "d ");
	filtered(f, (struct item_filter){.order_id = "A", .state = -1}, "c d ");
	filtered(f, (struct item_filter){.order_id = "A", .account_id = "2", .state = -1}, "c ");
	filtered(f, (struct item_filter){.order_id = "A", .account_id = "2", .state = ITEM_DONE}, "");
	filtered(f, (struct item_filter){.run_id = "r1", .state = -1}, "b c d ");
	filtered(f, (struct item_filter){.run_id = "r1", .order_id = "A", .state = ITEM_PARKED}, "c ");
	filtered(f, (struct item_filter){.run_id = "r1", .account_id = "1", .state = -1}, "b d ");
	filtered(f, (struct item_filter){.run_id = "r3", .state = -1}, "");
}

static int count_again(void *user, const struct item_record *item)
{
	struct fixture *f = user;
	struct names inner = {0};
	struct item_record same;

	ok(f, ledger_items(f->ledger, &(struct item_filter){.state = -1}, note_item, &inner, &f->err));
	assert_int_equal(inner.count, 3);
	assert_int_equal(ledger_item_get(f->ledger, item->key, f->arena, &same, &f->err), 1);
	assert_string_equal(same.key, item->key);
	put_item(f, "", "k1", ITEM_DONE);
	return 0;
}

static void a_callback_may_ask_the_same_again(void **state)
{
	struct fixture *f = *state;

	put_item(f, "", "k1", ITEM_DONE);
	put_item(f, "", "k2", ITEM_DONE);
	put_item(f, "", "k3", ITEM_DONE);
	ok(f, ledger_items(f->ledger, &(struct item_filter){.state = -1}, count_again, f, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
}

static int state_of(struct fixture *f, const char *key)
{
	enum item_state item;
	int found = ledger_item_state(f->ledger, strv_of(key), &item, NULL, &f->err);

	return found == 1 ? (int)item : -1;
}

static void known_items_are_known_whoever_put_them(void **state)
{
	struct fixture *f = *state;
	struct ledger *other = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	char key[32];

	assert_int_equal(state_of(f, "new"), -1);
	put_item(f, "", "new", ITEM_PARKED);
	assert_int_equal(state_of(f, "new"), ITEM_PARKED);
	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof key, "main/%d", i);
		put_item(f, "", key, ITEM_DONE);
	}
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	for (int i = 0; i < 6000; i++) {
		snprintf(key, sizeof key, "main/%d", i);
		assert_int_equal(state_of(f, key), i < 3000 ? (int)ITEM_DONE : -1);
	}
	ok(f, ledger_item_put(other,
		  &(struct item_record){.key = "theirs", .account_id = "1", .state = ITEM_FAILED}, &f->err));
	ok(f, ledger_commit(other, &f->err));
	for (int i = 0; i < 1024; i++)
		assert_int_equal(state_of(f, "nobody's"), -1);
	assert_int_equal(state_of(f, "theirs"), ITEM_FAILED);
	ledger_close(other);
}

static void an_item_of_an_unknown_run_is_refused(void **state)
{
	struct fixture *f = *state;
	struct item_record item = {.key = "k", .account_id = "1", .run_id = "never-begun"};

	refused(f, ledger_item_put(f->ledger, &item, &f->err), ERR_LEDGER, "does not know the run");
	ledger_rollback(f->ledger);
	assert_int_equal(ledger_item_get(f->ledger, "k", f->arena, &item, &f->err), 0);
}

static void a_state_that_is_none_of_ours_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct item_record item;

	put_item(f, "", "k1", ITEM_DONE);
	ok(f, ledger_commit(f->ledger, &f->err));
	assert_int_equal(
	    sqlite3_exec(f->ledger->db, "UPDATE items SET state = 'almost'", NULL, NULL, NULL), SQLITE_OK);
	refused(
	    f, ledger_item_get(f->ledger, "k1", f->arena, &item, &f->err), ERR_LEDGER, "\"almost\" as state");
}

static void the_first_ten_thousand_rejections_are_kept(void **state)
{
	struct fixture *f = *state;
	struct rejection_record rejection = {.run_id = "r1",
	    .key = "main/1",
	    .order_id = "O-1",
	    .account_id = "1",
	    .source = "orders.csv",
	    .codes = "email-missing currency-missing"};
	struct names all = {0}, other = {0};

	begin_run(f, "r1");
	begin_run(f, "r2");
	for (unsigned long i = 1; i <= LEDGER_REJECTIONS_KEPT + 1; i++) {
		rejection.line = i;
		ok(f, ledger_rejection_put(f->ledger, &rejection, &f->err));
	}
	rejection.run_id = "r2";
	ok(f, ledger_rejection_put(f->ledger, &rejection, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	ok(f, ledger_rejections(f->ledger, "r1", NULL, note_rejection, &all, &f->err));
	assert_int_equal(all.count, 10000);
	ok(f, ledger_rejections(f->ledger, "r2", NULL, note_rejection, &other, &f->err));
	assert_int_equal(other.count, 1);
}

static int assert_rejection(void *user, const struct rejection_record *rejection)
{
	assert_string_equal(rejection->run_id, "r2");
	assert_string_equal(rejection->key, "main/OI-2");
	assert_string_equal(rejection->account_id, "7");
	assert_string_equal(rejection->source, "b.csv");
	assert_string_equal(rejection->codes, "quantity-not-one");
	assert_int_equal(rejection->line, 9);
	return note_rejection(user, rejection);
}

static void rejections_are_found_by_run_and_order(void **state)
{
	struct fixture *f = *state;
	struct names one = {0}, order = {0}, run = {0}, all = {0};

	/* The newer run's id sorts first: the order is that of the runs, not of their names. */
	begin_run(f, "r9");
	begin_run(f, "r2");
	ok(f, ledger_rejection_put(f->ledger,
		  &(struct rejection_record){"r2", "main/OI-2", "O-2", "7", "b.csv", "quantity-not-one", 9},
		  &f->err));
	ok(f, ledger_rejection_put(
		  f->ledger, &(struct rejection_record){.run_id = "r9", .order_id = "O-1"}, &f->err));
	ok(f, ledger_rejection_put(
		  f->ledger, &(struct rejection_record){.run_id = "r9", .order_id = "O-2"}, &f->err));
	ok(f, ledger_rejections(f->ledger, "r2", "O-2", assert_rejection, &one, &f->err));
	assert_int_equal(one.count, 1);
	ok(f, ledger_rejections(f->ledger, NULL, "O-2", note_rejection, &order, &f->err));
	assert_int_equal(order.count, 2);
	ok(f, ledger_rejections(f->ledger, "r9", NULL, note_rejection, &run, &f->err));
	assert_string_equal(run.text, "O-1 O-2 ");
	ok(f, ledger_rejections(f->ledger, NULL, NULL, note_rejection, &all, &f->err));
	assert_string_equal(all.text, "O-1 O-2 O-2 ");
}

static int64_t first_read(struct fixture *f, const char *key, bool note, int64_t now)
{
	ok(f, ledger_first_read(f->ledger, strv_of(key), note, &now, &f->err));
	return now;
}

static void the_first_read_stays(void **state)
{
	struct fixture *f = *state;
	struct item_record item = full_item;

	assert_int_equal(first_read(f, "main/OI-9", false, 5000), 5000);
	assert_int_equal(first_read(f, "main/OI-9", true, 6000), 6000); /* looking did not note it */
	assert_int_equal(first_read(f, "main/OI-9", true, 7000), 6000);
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	assert_int_equal(first_read(f, "main/OI-9", false, 8000), 6000);
	assert_int_equal(first_read(f, "main/OI-", false, 8000), 8000);
	/* An item that an earlier version received. */
	begin_run(f, "r1");
	item.received_at = 4000;
	ok(f, ledger_item_put(f->ledger, &item, &f->err));
	assert_int_equal(first_read(f, "main/OI-1", true, 9000), 4000);
	item.key = "main/OI-9";
	ok(f, ledger_item_put(f->ledger, &item, &f->err));
	assert_int_equal(first_read(f, "main/OI-9", true, 9000), 4000);
}

/* Contracts that the BSS was seen to have wait for it no more, on the day of that and later. */
static void what_was_imported_is_known(void **state)
{
	struct fixture *f = *state;
	struct item_record item = full_item;
	struct names all = {0}, later = {0}, before = {0};
	int64_t at;

	begin_run(f, "r1");
	item.state = ITEM_DONE;
	ok(f, ledger_item_put(f->ledger, &item, &f->err)); /* an upgrade */
	item.key = "main/OI-2";
	item.action = ACTION_NEW;
	ok(f, ledger_item_put(f->ledger, &item, &f->err));
	item.key = "main/OI-3";
	item.state = ITEM_FAILED;
	ok(f, ledger_item_put(f->ledger, &item, &f->err));
	ok(f, ledger_items_unimported(f->ledger, 9000, note_item, &all, &f->err));
	assert_string_equal(all.text, "main/OI-1 main/OI-2 ");
	ok(f, ledger_import_at(f->ledger, "main/OI-2", &at, &f->err));
	assert_int_equal(at, 0);
	ok(f, ledger_import_put(f->ledger, "main/OI-2", 5000, &f->err));
	ok(f, ledger_import_put(f->ledger, "main/OI-2", 7000, &f->err)); /* the first time stays */
	ok(f, ledger_import_put(f->ledger, "main/OI-1", 5000, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	ok(f, ledger_import_at(f->ledger, "main/OI-2", &at, &f->err));
	assert_int_equal(at, 5000);
	ok(f, ledger_items_unimported(f->ledger, 9000, note_item, &later, &f->err));
	assert_string_equal(later.text, "main/OI-1 "); /* of a change its row's time tells */
	ok(f, ledger_items_unimported(f->ledger, 4999, note_item, &before, &f->err));
	assert_string_equal(before.text, "main/OI-1 main/OI-2 ");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(an_item_comes_back_whole),
	    T(an_item_is_found_by_its_ids),
	    T(an_item_keeps_when_it_was_received_and_nothing_else),
	    T(each_run_shows_its_items_as_they_stood_then),
	    T(items_are_filtered_by_all_that_is_given),
	    T(a_callback_may_ask_the_same_again),
	    T(known_items_are_known_whoever_put_them),
	    T(an_item_of_an_unknown_run_is_refused),
	    T(a_state_that_is_none_of_ours_is_an_error),
	    T(the_first_read_stays),
	    T(what_was_imported_is_known),
	    T(the_first_ten_thousand_rejections_are_kept),
	    T(rejections_are_found_by_run_and_order),
	};
	return cmocka_run_group_tests_name("ledger_items", tests, NULL, NULL);
}
