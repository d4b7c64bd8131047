/* The audit of runs made by hand in a ledger: what its lines say and leave out, the chain over runs, runs
 * that did not end, what verify finds. Tampering with every file and line is in tests/cli/verify.sh. */
#include "ledger_fixture.h"

#include <jansson.h>

#include "../fake/fake_job.h"
#include "tenantry/atomic_file.h"
#include "tenantry/audit.h"
#include "tenantry/sha256.h"

enum { LINES_MAX = 64 };

struct stage {
	struct fixture *f;
	struct job *job;
	json_t *lines[LINES_MAX];
	char hash[LINES_MAX][SHA256_TEXT_SIZE];
	size_t count;
};

static int open_stage(void **state)
{
	struct stage *s = mem_zalloc(sizeof *s);

	if (setup((void **)&s->f) < 0)
		return -1;
	s->job = fake_job_new();
	*state = s;
	return 0;
}

static void forget_lines(struct stage *s)
{
	while (s->count > 0)
		json_decref(s->lines[--s->count]);
}

static const char *folder_of(struct stage *s, const char *run_id)
{
	return arena_printf(s->f->arena, "%s/%s", s->f->folder, run_id);
}

static const char *file_of(struct stage *s, const char *run_id, const char *name)
{
	return arena_printf(s->f->arena, "%s/%s/%s", s->f->folder, run_id, name);
}

static int close_stage(void **state)
{
	static const char *const runs[] = {"r1", "r2", "r3"};
	static const char *const names[] = {
	    "audit.ndjson", "run.json", "findings.csv", "subscriptions-import.csv", "orders-executed.csv"};
	struct stage *s = *state;
	struct fixture *f = s->f;

	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			remove(file_of(s, runs[i], names[k]));
		rmdir(folder_of(s, runs[i]));
	}
	forget_lines(s);
	fake_job_free(s->job);
	free(s);
	return teardown((void **)&f);
}

static struct run_record record(struct stage *s, const char *run_id)
{
	return (struct run_record){.run_id = run_id,
	    .job = s->job->name,
	    .command = "run",
	    .folder = folder_of(s, run_id),
	    .started_at = clock_wall_ms(&s->f->clock)};
}

static void begin(struct stage *s, const char *run_id)
{
	struct run_record run = record(s, run_id);

	ok(s->f, ledger_audit_open(s->f->ledger, run_id, &s->f->err));
	ok(s->f, ledger_run_begin(s->f->ledger, &run, &s->f->err));
	ok(s->f, ledger_commit(s->f->ledger, &s->f->err));
	ok(s->f, folder_make(folder_of(s, run_id), &s->f->err));
}

static void write_file(struct stage *s, const char *run_id, const char *name, const char *text)
{
	ok(s->f, atomic_file_put(file_of(s, run_id, name), strv_of(text), &s->f->err));
}

static void put(struct stage *s, const char *run_id, const char *key, enum item_state state)
{
	struct item_record item = {.key = key,
	    .account_id = "1001",
	    .account = "Secretive Reseller Ltd",
	    .login = "boss@example.com",
	    .order_id = "O-1",
	    .item_id = strchr(key, '/') + 1,
	    .subscription_id = "S-1",
	    .tenant_id = "T-1",
	    .tier = "Tier 1",
	    .currency = "USD",
	    .run_id = run_id,
	    .state = state,
	    .step = STEP_TENANT};

	ok(s->f, ledger_item_put(s->f->ledger, &item, &s->f->err));
}

static int64_t change(struct stage *s, const char *run_id, const char *key, const char *call)
{
	struct step_record step = {.item_key = key,
	    .run_id = run_id,
	    .call = call,
	    .step = STEP_TENANT,
	    .request_digest = "d1",
	    .version_before = 3};
	int64_t id = ledger_intent(s->f->ledger, &step, &s->f->err);

	assert_true(id > 0);
	return id;
}

static void outcome(struct stage *s, int64_t id, const char *word, const char *detail)
{
	ok(s->f, ledger_outcome_put(s->f->ledger,
		     &(struct step_record){.id = id,
			 .outcome = word,
			 .status = 200,
			 .object_id = "T-1",
			 .detail = detail,
			 .version_after = 4},
		     &s->f->err));
}

static void finish(struct stage *s, const char *run_id, int exit_status)
{
	struct run_record run = record(s, run_id);
	struct audit_end end = {.exit_status = exit_status,
	    .ended_at = clock_wall_ms(&s->f->clock),
	    .error = "",
	    .closed_by = ""};

	ok(s->f, audit_write(s->f->ledger, &run, "main", &end, &s->f->err));
	ok(s->f, ledger_run_end(s->f->ledger, run_id, exit_status, 0, "", &s->f->err));
}

static void read_lines(struct stage *s, const char *run_id)
{
	size_t size;
	char *text = file_read_all(file_of(s, run_id, "audit.ndjson"), 1 << 20, &size, &s->f->err);

	forget_lines(s);
	if (!text)
		fail_msg("%s", s->f->err.text);
	for (char *at = text, *stop; (stop = strchr(at, '\n')) != NULL; at = stop + 1) {
		*stop = '\0';
		sha256_text(strv_of(at), s->hash[s->count]);
		s->lines[s->count] = json_loads(at, 0, NULL);
		assert_non_null(s->lines[s->count++]);
	}
	/* Nothing about people. */
	assert_null(strstr(text, "Secretive"));
	assert_null(strstr(text, "boss@"));
	free(text);
}

static const char *word(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	return text ? text : "";
}

static long long number(const json_t *line, const char *name)
{
	return json_integer_value(json_object_get(line, name));
}

static struct audit_result verify(struct stage *s, const char *run_id)
{
	struct run_record run;
	struct audit_result result;

	assert_int_equal(ledger_run_find(s->f->ledger, run_id, s->f->arena, &run, &s->f->err), 1);
	ok(s->f, audit_verify(s->f->ledger, &run, s->f->arena, &result, &s->f->err));
	return result;
}

static void assert_fits(struct stage *s, const char *run_id)
{
	struct audit_result result = verify(s, run_id);

	if (result.count > 0)
		fail_msg(
		    "%s:%lu: %s", result.problems[0].file, result.problems[0].line, result.problems[0].text);
}

static void a_run_in_lines(void **state)
{
	struct stage *s = *state;

	begin(s, "r1");
	put(s, "r1", "main/1", ITEM_DONE);
	put(s, "r1", "main/2", ITEM_FAILED);
	outcome(s, change(s, "r1", "main/1", "CreateTenant"), "ok", "");
	outcome(
	    s, change(s, "r1", "main/2", "CreateTenant"), "taken", "Secretive Reseller Ltd is there already");
	change(s, "r1", "main/2", "CreateUser");
	ok(s->f, ledger_event_put(s->f->ledger,
		     &(struct event_record){.run_id = "r1",
			 .event = "limit-raised",
			 .detail = "max_changes 5",
			 .reason = "boss@example.com said so"},
		     &s->f->err));
	write_file(s, "r1", "orders-executed.csv",
	    "Order Id,Order Item Id,Executed At,Subscription Id,Tenant Id,Result\nO-1,1,,S-1,T-1,done\nO-1,2,,S-1,T-1,failed\n");
	finish(s, "r1", 1);
	read_lines(s, "r1");
	assert_int_equal(s->count, 8);
	for (size_t i = 0; i < s->count; i++) {
		assert_int_equal(number(s->lines[i], "seq"), i + 1);
		assert_string_equal(word(s->lines[i], "run"), "r1");
		if (i > 0)
			assert_string_equal(word(s->lines[i], "prev"), s->hash[i - 1]);
	}
	assert_string_equal(
	    word(s->lines[0], "prev"), "0000000000000000000000000000000000000000000000000000000000000000");
	assert_string_equal(word(s->lines[0], "event"), "run-begin");
	assert_string_equal(word(s->lines[1], "event"), "limit-raised");
	assert_string_equal(word(s->lines[1], "detail"), "max_changes 5");
	assert_int_equal(strlen(word(s->lines[1], "reason")), 64); /* keyed */
	assert_string_equal(word(s->lines[2], "call"), "CreateTenant");
	assert_string_equal(word(s->lines[2], "item"), "main/1");
	assert_string_equal(word(s->lines[2], "request"), "d1");
	assert_int_equal(number(s->lines[2], "version_before"), 3);
	assert_int_equal(number(s->lines[2], "version_after"), 4);
	assert_string_equal(word(s->lines[3], "outcome"), "taken");
	assert_int_equal(strlen(word(s->lines[3], "detail")), 64); /* keyed */
	assert_string_equal(word(s->lines[4], "outcome"), "in-doubt");
	assert_true(json_is_null(json_object_get(s->lines[4], "outcome_at")));
	assert_string_equal(word(s->lines[6], "event"), "export");
	assert_string_equal(word(s->lines[6], "item"), "main/2");
	assert_string_equal(word(s->lines[6], "result"), "failed");
	const json_t *end = s->lines[7], *counts = json_object_get(end, "counts");
	assert_true(json_is_true(json_object_get(end, "ended")));
	assert_int_equal(number(counts, "changes"), 3);
	assert_int_equal(number(counts, "in_doubt"), 1);
	assert_int_equal(number(json_object_get(counts, "exports"), "orders"), 2);
	assert_int_equal(number(json_object_get(counts, "items"), "failed"), 1);
	assert_int_equal(strlen(word(json_object_get(end, "files"), "orders-executed.csv")), 64);
	assert_true(json_is_null(json_object_get(json_object_get(end, "files"), "run.json")));
	assert_fits(s, "r1");
}

/* The chain goes on from run to run; what was in doubt comes again when it is settled, with the run that made
 * the call. */
static void the_next_run_follows(void **state)
{
	struct stage *s = *state;
	char head[SHA256_TEXT_SIZE];

	begin(s, "r1");
	put(s, "r1", "main/1", ITEM_RUNNING);
	int64_t open = change(s, "r1", "main/1", "CreateTenant");
	finish(s, "r1", 143);
	read_lines(s, "r1");
	memcpy(head, s->hash[s->count - 1], sizeof head);
	begin(s, "r2");
	put(s, "r2", "main/1", ITEM_DONE);
	outcome(s, open, "settled", "");
	finish(s, "r2", 0);
	read_lines(s, "r2");
	assert_string_equal(word(s->lines[0], "prev"), head);
	assert_string_equal(word(s->lines[1], "outcome"), "settled");
	assert_string_equal(word(s->lines[1], "of_run"), "r1");
	assert_fits(s, "r1");
	assert_fits(s, "r2");
	assert_string_equal(verify(s, "r2").head, s->hash[s->count - 1]);
}

/* A run that died is audited by the next, its files for the BSS are made, and it is over with 137. */
static void a_dead_run_is_closed(void **state)
{
	struct stage *s = *state;
	struct run_record run;
	struct audit_result result;

	begin(s, "r1");
	put(s, "r1", "main/1", ITEM_DONE);
	put(s, "r1", "main/2", ITEM_RUNNING);
	outcome(s, change(s, "r1", "main/1", "CreateTenant"), "ok", "");
	change(s, "r1", "main/2", "CreateTenant");
	ok(s->f, ledger_commit(s->f->ledger, &s->f->err));
	result = verify(s, "r1");
	assert_int_equal(result.count, 1);
	assert_non_null(strstr(result.problems[0].text, "did not end"));
	reopen(s->f);
	ok(s->f, audit_close_dead(s->f->ledger, s->job, "r2", &s->f->clock, &s->f->err));
	begin(s, "r2");
	assert_int_equal(ledger_run_find(s->f->ledger, "r1", s->f->arena, &run, &s->f->err), 1);
	assert_int_equal(run.exit_status, EXIT_DID_NOT_END);
	assert_true(run.ended_at != 0);
	assert_int_equal(run.changes, 2);
	read_lines(s, "r1");
	const json_t *end = s->lines[s->count - 1];
	assert_true(json_is_false(json_object_get(end, "ended")));
	assert_string_equal(word(end, "closed_by"), "r2");
	assert_int_equal(number(json_object_get(json_object_get(end, "counts"), "exports"), "orders"), 1);
	assert_fits(s, "r1");
	ok(s->f,
	    audit_close_dead(s->f->ledger, s->job, "r3", &s->f->clock, &s->f->err)); /* r2 is the only one */
	assert_int_equal(ledger_run_find(s->f->ledger, "r2", s->f->arena, &run, &s->f->err), 1);
	assert_int_equal(run.exit_status, EXIT_DID_NOT_END);
	assert_fits(s, "r2");
}

/* No disk, no audit: the run is not ended either, so the next one writes it. */
static void an_audit_that_cannot_be_written_leaves_the_run_open(void **state)
{
	struct stage *s = *state;
	struct run_record run = record(s, "r1"), *open;
	struct audit_end end = {.error = "", .closed_by = ""};
	size_t count;

	begin(s, "r1");
	put(s, "r1", "main/1", ITEM_DONE);
	outcome(s, change(s, "r1", "main/1", "CreateTenant"), "ok", "");
	ok(s->f, ledger_commit(s->f->ledger, &s->f->err));
	rmdir(folder_of(s, "r1"));
	refused(s->f, audit_write(s->f->ledger, &run, "main", &end, &s->f->err), ERR_OUTPUT, "cannot write");
	ok(s->f, ledger_runs_unclosed(s->f->ledger, s->job->name, s->f->arena, &open, &count, &s->f->err));
	assert_int_equal(count, 1);
	ok(s->f, audit_close_dead(s->f->ledger, s->job, "r2", &s->f->clock, &s->f->err));
	assert_fits(s, "r1");
	read_lines(s, "r1");
	assert_string_equal(word(s->lines[1], "call"), "CreateTenant");
}

/* What is no line of ours at all: garbage, no JSON, nothing. */
static void foreign_content_is_a_problem_and_no_crash(void **state)
{
	static const char *const contents[] = {"", "\n", "\n\n\n", "{}", "[]\n", "{\"event\":5}\n",
	    "{\"event\":\"change\",\"id\":\"x\"}\n",
	    "{\"event\":\"run-end\"}\n{\"event\":\"run-end\",\"counts\":[]}\n",
	    "{\"event\":\"export\",\"file\":null}\n", "\xff\xfe\n"};
	struct stage *s = *state;

	begin(s, "r1");
	put(s, "r1", "main/1", ITEM_DONE);
	finish(s, "r1", 0);
	assert_fits(s, "r1");
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		write_file(s, "r1", "audit.ndjson", contents[i]);
		assert_true(verify(s, "r1").count > 0);
	}
}

static void a_run_without_a_lock_has_nothing_to_verify(void **state)
{
	struct stage *s = *state;
	struct run_record run = record(s, "r1");

	ok(s->f, ledger_run_begin(s->f->ledger, &run, &s->f->err));
	end_run(s->f, "r1", 0);
	struct audit_result result = verify(s, "r1");
	assert_int_equal(result.count, 0);
	assert_non_null(strstr(result.note, "no lock"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_run_in_lines, open_stage, close_stage),
	    cmocka_unit_test_setup_teardown(the_next_run_follows, open_stage, close_stage),
	    cmocka_unit_test_setup_teardown(a_dead_run_is_closed, open_stage, close_stage),
	    cmocka_unit_test_setup_teardown(
		an_audit_that_cannot_be_written_leaves_the_run_open, open_stage, close_stage),
	    cmocka_unit_test_setup_teardown(
		foreign_content_is_a_problem_and_no_crash, open_stage, close_stage),
	    cmocka_unit_test_setup_teardown(
		a_run_without_a_lock_has_nothing_to_verify, open_stage, close_stage),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
