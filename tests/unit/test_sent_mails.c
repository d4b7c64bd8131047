/* Activation mails noted outside of the ledger: what it has forgotten is found, whatever came to have the
 * same row since, and a line that was never whole says nothing. */
#include "ledger_fixture.h"

#include <fcntl.h>

#include "tenantry/atomic_file.h"
#include "tenantry/sent_mails.h"

static const char run_1[] = "20261121T013000Z-00000a", run_2[] = "20261122T013000Z-00000b";

static int64_t intend(struct fixture *f, const char *run_id, const char *key, enum step step)
{
	int64_t id = ledger_intent(f->ledger,
	    &(struct step_record){.item_key = key, .run_id = run_id, .step = step, .call = "x", .target = ""},
	    &f->err);

	assert_true(id > 0);
	return id;
}

static struct sent_mails *begin(struct fixture *f)
{
	begin_run(f, run_1);
	begin_run(f, run_2);
	for (int i = 1; i <= 9; i++) {
		char key[16];
		snprintf(key, sizeof key, "main/OI-%d", i);
		put_item(f, run_1, key, ITEM_RUNNING);
	}
	return sent_mails_new(f->folder, run_1);
}

static void send_mail(struct fixture *f, struct sent_mails *mails, const char *key)
{
	ok(f, sent_mails_check(mails, f->ledger, &f->err));
	sent_mails_add(mails, intend(f, run_1, key, STEP_ACTIVATION), key);
	ok(f, ledger_commit(f->ledger, &f->err));
	ok(f, sent_mails_sync(mails, &f->err));
}

static void forget_steps_after(struct fixture *f, int64_t id)
{
	char *sql = mem_printf("DELETE FROM steps WHERE id > %lld", (long long)id);

	assert_int_equal(sqlite3_exec(f->ledger->db, sql, NULL, NULL, NULL), SQLITE_OK);
	free(sql);
}

static void forgotten(struct fixture *f, uint64_t count, const char *items)
{
	struct forgotten_mails out;

	ok(f, sent_mails_forgotten(f->ledger, f->folder, run_1, &out, &f->err));
	assert_int_equal(out.count, count);
	assert_string_equal(out.items, items);
}

static void the_tail_that_is_lost(void **state)
{
	struct fixture *f = *state;
	struct sent_mails *mails = begin(f);

	forgotten(f, 0, ""); /* no file */
	send_mail(f, mails, "main/OI-1");
	int64_t kept = intend(f, run_1, "main/OI-2", STEP_USER);
	send_mail(f, mails, "main/OI-2");
	send_mail(f, mails, "main/OI-3");
	forgotten(f, 0, "");
	forget_steps_after(f, kept);
	forgotten(f, 2, "main/OI-2, main/OI-3");
	/* Ids are given again: to another run's mail, to another step of this one. */
	intend(f, run_2, "main/OI-4", STEP_ACTIVATION);
	intend(f, run_1, "main/OI-3", STEP_USER);
	ok(f, ledger_commit(f->ledger, &f->err));
	forgotten(f, 2, "main/OI-2, main/OI-3");
	refused(f, sent_mails_check(mails, f->ledger, &f->err), ERR_LEDGER,
	    "put back to an earlier state while run 20261121T013000Z-00000a was at work");
	sent_mails_free(mails);
}

static void many_are_named_as_far_as_they_fit(void **state)
{
	struct fixture *f = *state;
	struct sent_mails *mails = begin(f);
	struct forgotten_mails out;

	for (int i = 0; i < 40; i++)
		send_mail(f, mails, "main/OI-5");
	forget_steps_after(f, 0);
	ok(f, sent_mails_forgotten(f->ledger, f->folder, run_1, &out, &f->err));
	assert_int_equal(out.count, 40);
	assert_true(strlen(out.items) < sizeof out.items);
	assert_string_equal(out.items + strlen(out.items) - 14, "main/OI-5, ...");
	sent_mails_free(mails);
}

/* The power fails while a line is written: its mail was not asked for yet. */
static void a_line_that_is_not_whole(void **state)
{
	struct fixture *f = *state;
	char *path = mem_printf("%s/activation-mails", f->folder);

	sent_mails_free(begin(f));
	ok(f, atomic_file_put(path, STRV(""), &f->err));
	forgotten(f, 0, "");
	ok(f, atomic_file_put(path, STRV("77 main/OI"), &f->err));
	forgotten(f, 0, "");
	ok(f, atomic_file_put(path, STRV("77 main/OI-7\n78 mai"), &f->err));
	forgotten(f, 1, "main/OI-7");
	free(path);
}

/* Nothing is asked for that could not be noted; nothing is made where no mail is sent. */
static void what_cannot_be_noted(void **state)
{
	struct fixture *f = *state;
	struct sent_mails *mails = sent_mails_new("/nonexistent", run_1);
	char *path = mem_printf("%s/activation-mails", f->folder);

	ok(f, sent_mails_sync(mails, &f->err));
	sent_mails_add(mails, 5, "main/OI-1");
	refused(f, sent_mails_sync(mails, &f->err), ERR_OUTPUT, "cannot be noted, so none is sent");
	sent_mails_free(mails);
	sent_mails_free(begin(f));
	assert_int_equal(access(path, F_OK), -1);
	/* A link in its place could lead anywhere. */
	assert_int_equal(symlink("elsewhere", path), 0);
	mails = sent_mails_new(f->folder, run_1);
	sent_mails_add(mails, 5, "main/OI-1\n6 main/OI-2");
	refused(f, sent_mails_sync(mails, &f->err), ERR_OUTPUT, "cannot be noted");
	unlink(path);
	ok(f, sent_mails_sync(mails, &f->err));
	forgotten(f, 1, "main/OI-1 6 main/OI-2");
	sent_mails_free(mails);
	sent_mails_free(NULL);
	free(path);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(the_tail_that_is_lost),
	    T(many_are_named_as_far_as_they_fit),
	    T(a_line_that_is_not_whole),
	    T(what_cannot_be_noted),
	};
	return cmocka_run_group_tests_name("sent_mails", tests, NULL, NULL);
}
