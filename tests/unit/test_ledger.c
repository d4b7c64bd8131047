/* The ledger's records: what is put comes back, run by run. Files and faults are in the other test_ledger_
 * programs. */
#include "ledger_fixture.h"

static void runs_are_found_by_id_beginning_and_last(void **state)
{
	struct fixture *f = *state;
	struct run_record run = {.run_id = "20261122-a1",
	    .job = "nightly",
	    .command = "run",
	    .folder = "/runs/a1",
	    .job_path = "jobs/nightly.yaml",
	    .started_at = 77};

	ok(f, ledger_run_begin(f->ledger, &run, &f->err));
	assert_int_equal(ledger_run_find(f->ledger, "20261122-a1", f->arena, &run, &f->err), 1);
	assert_int_equal(run.exit_status, -1);
	assert_int_equal(run.ended_at, 0);
	assert_int_equal(run.started_at, 77);
	assert_string_equal(run.document, "");
	clock_advance(&f->clock, 5000);
	ok(f, ledger_run_end(f->ledger, "20261122-a1", 1, 12, "{\"x\":1}", &f->err));
	clock_advance(&f->clock,
	    -86400000); /* the machine's clock is set back a day: the next run is still the newer */
	begin_run(f, "20261122-a2");
	begin_run(f, "20261121-b");
	assert_int_equal(ledger_run_find(f->ledger, "last", f->arena, &run, &f->err), 1);
	assert_string_equal(run.run_id, "20261121-b");
	assert_int_equal(run.started_at, START_MS * INT64_C(1000) + 5000 - 86400000);
	assert_int_equal(ledger_run_find(f->ledger, "20261122-a1", f->arena, &run, &f->err), 1);
	assert_string_equal(run.job, "nightly");
	assert_string_equal(run.command, "run");
	assert_string_equal(run.folder, "/runs/a1");
	assert_string_equal(run.job_path, "jobs/nightly.yaml");
	assert_string_equal(run.document, "{\"x\":1}");
	assert_int_equal(run.exit_status, 1);
	assert_int_equal(run.changes, 12);
	assert_int_equal(run.ended_at, START_MS * INT64_C(1000) + 5000);
	assert_int_equal(ledger_run_find(f->ledger, "20261121", f->arena, &run, &f->err), 1);
	assert_string_equal(run.run_id, "20261121-b");
	assert_int_equal(ledger_run_find(f->ledger, "2025", f->arena, &run, &f->err), 0);
	assert_int_equal(ledger_run_find(f->ledger, "", f->arena, &run, &f->err), 0);
	assert_int_equal(ledger_run_find(f->ledger, "2026112%", f->arena, &run, &f->err), 0);
	refused(f, ledger_run_find(f->ledger, "20261122", f->arena, &run, &f->err), ERR_USAGE,
	    "several runs begin with \"20261122\": 20261122-a1, 20261122-a2");
}

static void a_run_id_that_begins_another_is_itself(void **state)
{
	struct fixture *f = *state;
	struct run_record run;
	char id[16];

	for (int i = 0; i < 8; i++) {
		snprintf(id, sizeof id, "r%.*s", i, "00000000");
		begin_run(f, id);
	}
	assert_int_equal(ledger_run_find(f->ledger, "r00", f->arena, &run, &f->err), 1);
	assert_string_equal(run.run_id, "r00");
	begin_run(f, "s1");
	for (int i = 0; i < 9; i++) {
		snprintf(id, sizeof id, "t%d", i);
		begin_run(f, id);
	}
	refused(f, ledger_run_find(f->ledger, "t", f->arena, &run, &f->err), ERR_USAGE,
	    "t0, t1, t2, t3, t4, ...");
	refused(f, ledger_run_begin(f->ledger, &(struct run_record){.run_id = "s1"}, &f->err), ERR_LEDGER,
	    "UNIQUE");
	refused(f, ledger_run_end(f->ledger, "none", 0, 0, "", &f->err), ERR_LEDGER, "no run none");
}

static void no_run_no_last(void **state)
{
	struct fixture *f = *state;
	struct run_record run;

	assert_int_equal(ledger_run_find(f->ledger, "last", f->arena, &run, &f->err), 0);
}

struct names {
	char text[256];
	size_t count, stop_at;
	int answer;
};

static int note(struct names *names, const char *name)
{
	size_t n = strlen(names->text);

	if (n + strlen(name) + 2 < sizeof names->text)
		snprintf(names->text + n, sizeof names->text - n, "%s ", name);
	return ++names->count == names->stop_at ? names->answer : 0;
}

static int note_run(void *user, const struct run_record *run)
{
	assert_string_equal(run->document, "");
	return note(user, run->run_id);
}

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

static int note_step(void *user, const struct step_record *step)
{
	return note(user, step->call);
}

static void runs_newest_first_with_a_limit(void **state)
{
	struct fixture *f = *state;
	struct names all = {0}, two = {0}, stopped = {.stop_at = 1, .answer = 1},
		     failed = {.stop_at = 2, .answer = -1};

	begin_run(f, "a");
	begin_run(f, "c");
	begin_run(f, "b");
	end_run(f, "b", 0);
	ok(f, ledger_runs(f->ledger, 0, note_run, &all, &f->err));
	assert_string_equal(all.text, "b c a ");
	ok(f, ledger_runs(f->ledger, 2, note_run, &two, &f->err));
	assert_string_equal(two.text, "b c ");
	assert_int_equal(ledger_runs(f->ledger, 0, note_run, &stopped, &f->err), 0);
	assert_string_equal(stopped.text, "b ");
	assert_int_equal(ledger_runs(f->ledger, 0, note_run, &failed, &f->err), -1);
	assert_int_equal(f->err.code, ERR_NONE);
}

static void batches_are_updated_in_place(void **state)
{
	struct fixture *f = *state;
	struct batch_record *batches, batch = {.run_id = "a", .number = 2, .planned = 50, .started_at = 5};
	size_t count;

	begin_run(f, "a");
	begin_run(f, "b");
	ok(f, ledger_batch_put(f->ledger, &batch, &f->err));
	batch = (struct batch_record){"a", 2, 50, 40, 7, 3, 5, 9};
	ok(f, ledger_batch_put(f->ledger, &batch, &f->err));
	batch = (struct batch_record){"a", 1, 50, 50, 0, 0, 1, 4};
	ok(f, ledger_batch_put(f->ledger, &batch, &f->err));
	ok(f, ledger_batches(f->ledger, "a", f->arena, &batches, &count, &f->err));
	assert_int_equal(count, 2);
	assert_int_equal(batches[0].number, 1);
	assert_string_equal(batches[1].run_id, "a");
	assert_int_equal(batches[1].planned, 50);
	assert_int_equal(batches[1].done, 40);
	assert_int_equal(batches[1].failed, 7);
	assert_int_equal(batches[1].parked, 3);
	assert_int_equal(batches[1].started_at, 5);
	assert_int_equal(batches[1].ended_at, 9);
	ok(f, ledger_batches(f->ledger, "b", f->arena, &batches, &count, &f->err));
	assert_int_equal(count, 0);
	assert_null(batches);
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
    .executed_at = 99};

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
	assert_int_equal(ledger_item_state(f->ledger, STRV("main/OI-1"), &now, &f->err), 0);
	ok(f, ledger_item_put(f->ledger, &full_item, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	assert_int_equal(ledger_item_get(f->ledger, "main/OI-1", f->arena, &item, &f->err), 1);
	assert_same_item(&item, &full_item);
	assert_int_equal(item.updated_at, START_MS * INT64_C(1000));
	assert_int_equal(item.received_at, START_MS * INT64_C(1000));
	assert_int_equal(ledger_item_state(f->ledger, (struct strv){"main/OI-1x", 9}, &now, &f->err), 1);
	assert_int_equal(now, ITEM_FAILED);
	ok(f, ledger_items(f->ledger, &(struct item_filter){.run_id = "r1", .state = -1}, assert_full_item,
		  &in_run, &f->err));
	assert_int_equal(in_run.count, 1);
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
	int found = ledger_item_state(f->ledger, strv_of(key), &item, &f->err);

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

static void the_journal_tells_intent_and_outcome(void **state)
{
	struct fixture *f = *state;
	struct step_record *steps, step = {.item_key = "k1",
				       .run_id = "r1",
				       .step = STEP_TENANT,
				       .call = "createTenant",
				       .target = "/tenants",
				       .request_digest = "abc"};
	struct names in_run = {0};
	size_t count;

	begin_run(f, "r1");
	put_item(f, "r1", "k1", ITEM_RUNNING);
	put_item(f, "r1", "k2", ITEM_RUNNING);
	int64_t first = ledger_intent(f->ledger, &step, &f->err);
	step.call = "createUser";
	step.step = STEP_USER;
	int64_t second = ledger_intent(f->ledger, &step, &f->err);
	step.item_key = "k2";
	step.call = "setPricing";
	int64_t other = ledger_intent(f->ledger, &step, &f->err);
	assert_true(first > 0 && second > first && other > second);
	clock_advance(&f->clock, 250);
	ok(f, ledger_outcome(f->ledger, second, "ok", 201, "U-1", "made", &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	reopen(f);
	ok(f, ledger_steps(f->ledger, "k1", f->arena, &steps, &count, &f->err));
	assert_int_equal(count, 2);
	assert_int_equal(steps[0].id, first);
	assert_int_equal(steps[0].outcome_at, 0); /* in doubt */
	assert_string_equal(steps[0].outcome, "");
	assert_string_equal(steps[0].item_key, "k1");
	assert_string_equal(steps[0].run_id, "r1");
	assert_string_equal(steps[0].call, "createTenant");
	assert_string_equal(steps[0].target, "/tenants");
	assert_string_equal(steps[0].request_digest, "abc");
	assert_int_equal(steps[0].step, STEP_TENANT);
	assert_int_equal(steps[0].intent_at, START_MS * INT64_C(1000));
	assert_int_equal(steps[1].outcome_at, START_MS * INT64_C(1000) + 250);
	assert_string_equal(steps[1].outcome, "ok");
	assert_int_equal(steps[1].status, 201);
	assert_string_equal(steps[1].object_id, "U-1");
	assert_string_equal(steps[1].detail, "made");
	ok(f, ledger_outcome(f->ledger, first, "settled", 0, "T-1", "", &f->err));
	ok(f, ledger_run_steps(f->ledger, "r1", note_step, &in_run, &f->err));
	assert_string_equal(in_run.text, "createTenant createUser setPricing ");
	ok(f, ledger_steps(f->ledger, "k3", f->arena, &steps, &count, &f->err));
	assert_int_equal(count, 0);
}

static void the_journal_refuses_what_belongs_nowhere(void **state)
{
	struct fixture *f = *state;
	struct step_record step = {.item_key = "k1", .call = "createTenant"};

	refused(f, ledger_outcome(f->ledger, 5, "ok", 200, "", "", &f->err), ERR_LEDGER, "no step 5");
	refused(f, ledger_intent(f->ledger, &step, &f->err), ERR_LEDGER,
	    "does not know the run or the order item");
	ledger_rollback(f->ledger);
	step.item_key = ""; /* a correction outside of any order */
	assert_true(ledger_intent(f->ledger, &step, &f->err) > 0);
}

static void known_tenants_come_back_with_their_tier(void **state)
{
	struct fixture *f = *state;
	struct tier tiers[] = {{.name = "Tier 0"}, {.name = "Tier 4"}};
	struct job job = {.contract = {.tiers = tiers, .tier_count = 2}};
	struct known_tenant *tenants, tenant = {.account_id = "2",
					  .tenant_id = "T-2",
					  .login = "a@example.com",
					  .item_key = "k2",
					  .subscription_id = "S-2",
					  .user_id = "U-2",
					  .tier = &tiers[1]};
	size_t count;

	ok(f, ledger_tenant_put(f->ledger, &tenant, &f->err));
	ok(f, ledger_tenant_put(
		  f->ledger, &(struct known_tenant){.account_id = "1", .tenant_id = "old"}, &f->err));
	ok(f, ledger_tenant_put(
		  f->ledger, &(struct known_tenant){.account_id = "1", .tenant_id = "T-1"}, &f->err));
	ok(f, ledger_commit(f->ledger, &f->err));
	ok(f, ledger_tenants(f->ledger, &job, f->arena, &tenants, &count, &f->err));
	assert_int_equal(count, 2);
	assert_string_equal(tenants[0].tenant_id, "T-1");
	assert_null(tenants[0].tier);
	assert_string_equal(tenants[0].login, "");
	assert_string_equal(tenants[1].account_id, "2");
	assert_string_equal(tenants[1].login, "a@example.com");
	assert_string_equal(tenants[1].item_key, "k2");
	assert_string_equal(tenants[1].subscription_id, "S-2");
	assert_string_equal(tenants[1].user_id, "U-2");
	assert_ptr_equal(tenants[1].tier, &tiers[1]);
	job.contract.tier_count = 1; /* a tier that the job no longer has is not known */
	ok(f, ledger_tenants(f->ledger, &job, f->arena, &tenants, &count, &f->err));
	assert_null(tenants[1].tier);
}

static void a_side_counts_once_its_run_closed_well(void **state)
{
	struct fixture *f = *state;
	uint64_t rows;
	int64_t seen_at;

	begin_run(f, "r1");
	ok(f, ledger_side_put(f->ledger, "r1", "tenants", 100, "tenants.csv.zst", "aa", &f->err));
	assert_int_equal(ledger_side_last(f->ledger, "tenants", &rows, &seen_at, &f->err), 0);
	end_run(f, "r1", 1);
	assert_int_equal(ledger_side_last(f->ledger, "tenants", &rows, &seen_at, &f->err), 1);
	assert_int_equal(rows, 100);
	assert_int_equal(seen_at, START_MS * INT64_C(1000));
	clock_advance(&f->clock, 60000);
	begin_run(f, "r0"); /* a cut listing: could not compare */
	ok(f, ledger_side_put(f->ledger, "r0", "tenants", 3, "", "", &f->err));
	end_run(f, "r0", 3);
	assert_int_equal(ledger_side_last(f->ledger, "tenants", &rows, &seen_at, &f->err), 1);
	assert_int_equal(rows, 100);
	begin_run(f, "r3");
	ok(f, ledger_side_put(f->ledger, "r3", "tenants", 102, "", "", &f->err));
	ok(f, ledger_side_put(f->ledger, "r3", "tenants", 103, "", "", &f->err));
	end_run(f, "r3", 0);
	assert_int_equal(ledger_side_last(f->ledger, "tenants", &rows, &seen_at, &f->err), 1);
	assert_int_equal(rows, 103);
	assert_int_equal(seen_at, START_MS * INT64_C(1000) + 60000);
	assert_int_equal(ledger_side_last(f->ledger, "subscriptions", &rows, &seen_at, &f->err), 0);
}

static void states_and_steps_have_their_words(void **state)
{
	(void)state;
	assert_string_equal(item_state_name(ITEM_PARKED), "parked");
	assert_string_equal(step_name(STEP_NONE), "");
	assert_string_equal(step_name(STEP_ACTIVATE), "activate");
	assert_string_equal(item_state_name((enum item_state)99), "unknown");
	assert_string_equal(step_name((enum step)99), "unknown");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(runs_are_found_by_id_beginning_and_last),
	    T(a_run_id_that_begins_another_is_itself),
	    T(no_run_no_last),
	    T(runs_newest_first_with_a_limit),
	    T(batches_are_updated_in_place),
	    T(an_item_comes_back_whole),
	    T(an_item_keeps_when_it_was_received_and_nothing_else),
	    T(each_run_shows_its_items_as_they_stood_then),
	    T(items_are_filtered_by_all_that_is_given),
	    T(a_callback_may_ask_the_same_again),
	    T(known_items_are_known_whoever_put_them),
	    T(an_item_of_an_unknown_run_is_refused),
	    T(a_state_that_is_none_of_ours_is_an_error),
	    T(the_first_ten_thousand_rejections_are_kept),
	    T(rejections_are_found_by_run_and_order),
	    T(the_journal_tells_intent_and_outcome),
	    T(the_journal_refuses_what_belongs_nowhere),
	    T(known_tenants_come_back_with_their_tier),
	    T(a_side_counts_once_its_run_closed_well),
	    T(states_and_steps_have_their_words),
	};
	return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
