/* The file of corrections, written and read back: whatever names and ids hold, it stays the YAML that was
 * meant, and only what was proposed is carried out. What a person may edit is tests/cli/fixes.sh's. And: a
 * correction resolves its finding by name. */
#include "ledger_fixture.h"

#include "../fake/fake_job.h"
#include "tenantry/atomic_file.h"
#include "tenantry/fix.h"
#include "tenantry/report.h"

/* A finding of run R1 that can be corrected. */
static struct finding_record finding(const char *id, const char *account, const char *sentence)
{
	return (struct finding_record){.finding_id = id,
	    .run_id = "R1",
	    .code = "tier-mismatch",
	    .severity = "high",
	    .owner = "finance",
	    .state = "open",
	    .account_id = account,
	    .account = sentence,
	    .subscription_id = "S",
	    .tenant_id = "T",
	    .object = id,
	    .expected = "Tier 1 (value 0)",
	    .bss = "Tier 1",
	    .acronis = "Tier 2 (value 1)",
	    .currency = "USD",
	    .money = "250.00",
	    .sentence = sentence,
	    .evidence = ""};
}

static char *written(struct fixture *f, struct job *job, const struct finding_record *findings, size_t count)
{
	char seal[FIXES_SEAL_SIZE], *path = mem_printf("%s/fixes.yaml", f->folder);
	struct report *report = report_new();
	struct strbuf text = {0};

	report->run_id = "R1";
	report->job = job->name;
	report->job_path = job->path;
	report->acronis_url = job->acronis.url;
	report->findings = arena_alloc(report->arena, count * sizeof *report->findings);
	memcpy(report->findings, findings, count * sizeof *findings);
	report->finding_count = count;
	ok(f, fixes_seal(f->ledger, "R1", seal, &f->err));
	struct fixes_counts counts = report_fixes(report, job, seal, NULL, &text);
	assert_int_equal(counts.proposed, count);
	for (char *at = text.p; (at = strstr(at, "\n    do: no\n")) != NULL; at++)
		memcpy(at, "\n    do: on\n", 12); /* one of the words that are neither */
	ok(f, atomic_file_put(path, strbuf_view(&text), &f->err));
	strbuf_free(&text);
	report_free(report);
	return path;
}

static void replace(struct fixture *f, const char *path, const char *from, const char *to)
{
	size_t n;
	char *text = file_read_all(path, 1 << 20, &n, &f->err);
	struct strbuf out = {0};

	for (const char *at = text, *next; *at; at = next) {
		next = strstr(at, from);
		strbuf_add(&out, at, next ? (size_t)(next - at) : strlen(at));
		if (next)
			strbuf_adds(&out, to);
		next = next ? next + strlen(from) : at + strlen(at);
	}
	ok(f, atomic_file_put(path, strbuf_view(&out), &f->err));
	strbuf_free(&out);
	free(text);
}

static void test_hostile_texts(void **state)
{
	/* Line breaks of YAML (CR, LF, NEL, U+2028, U+2029), quotes, backslashes, what opens an entry or a
	 * document. */
	static const char *const texts[] = {"Acme\n    do: yes", "Acme\r- finding: x", "Acme\xc2\x85 do: yes",
	    "Acme\xe2\x80\xa8- x", "Acme\xe2\x80\xa9- x", "\"quoted\" \\ back", "...\n---", "# x: [",
	    "\xe2\x80\xaeright to left", "\xff\xfe bad bytes", "", "it's"};
	struct fixture *f = *state;
	struct job *job = fake_job_new();
	struct finding_record list[ARRAY_LEN(texts)];
	char ids[ARRAY_LEN(texts)][8];

	job->acronis.url = "https://cloud.example.com";
	begin_run(f, "R1");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		snprintf(ids[i], sizeof ids[i], "F-%zu", i);
		list[i] = finding(ids[i], i == 11 ? "it's \"1\" \\ {2}: #3" : "1", texts[i]);
		ok(f, ledger_finding_put(f->ledger, &list[i], &f->err));
	}
	ok(f, ledger_commit(f->ledger, &f->err));
	char *path = written(f, job, list, ARRAY_LEN(texts));
	struct fixes *none = fixes_read(path, job, f->ledger, &f->err);
	assert_null(none);
	assert_string_equal(f->err.text, "expected yes or no");
	assert_true(f->err.line > 0 && f->err.column > 0);
	error_clear(&f->err);
	replace(f, path, "    do: on\n", "    do: yes\n");
	struct fixes *fixes = fixes_read(path, job, f->ledger, &f->err);
	if (!fixes)
		fail_msg("%s:%lu: %s", f->err.source, f->err.line, f->err.text);
	assert_int_equal(fixes->count, ARRAY_LEN(texts));
	for (size_t i = 0; i < fixes->count; i++) {
		assert_string_equal(fixes->items[i].finding.finding_id, ids[i]);
		assert_string_equal(fixes->items[i].finding.account_id, list[i].account_id);
		assert_int_equal(fixes->items[i].change, FIX_SET_TIER);
	}
	fixes_free(fixes);
	free(path);
	fake_job_free(job);
}

static int take_how(void *user, const struct finding_record *finding)
{
	snprintf(user, 32, "%s", finding->resolved_how);
	return 0;
}

static int take_detail(void *user, const struct finding_event *event)
{
	snprintf(user, 32, "%s", event->detail);
	return 0;
}

static void fixed(struct fixture *f, const char *state)
{
	struct fix_record fix = {.run_id = "FIX",
	    .finding_id = "F-1",
	    .code = "tier-mismatch",
	    .change = "set-tier",
	    .state = state};

	ok(f, ledger_fix_put(f->ledger, &fix, &f->err));
}

/* A night without the finding, after one with it and a correction between them that came to `state`. */
static void resolved_how(struct fixture *f, const char *state, const char *how, const char *detail)
{
	struct finding_record one = finding("F-1", "1", "x");
	struct findings_settled settled;
	char is[32] = "";

	begin_run(f, "R1");
	ok(f, ledger_finding_put(f->ledger, &one, &f->err));
	clock_advance(&f->clock, 1000);
	begin_run(f, "FIX");
	fixed(f, "running");
	fixed(f, state);
	clock_advance(&f->clock, 1000);
	begin_run(f, "R2");
	ok(f, ledger_findings_resolve(f->ledger, "R2", NULL, 0, &settled, &f->err));
	assert_int_equal(settled.resolved, 1);
	ok(f, ledger_findings(f->ledger, NULL, "F-1", take_how, is, &f->err));
	assert_string_equal(is, how);
	ok(f, ledger_finding_events(f->ledger, "F-1", take_detail, is, &f->err));
	assert_string_equal(is, detail);
}

static void test_resolved_by_it(void **state)
{
	resolved_how(*state, "done", "own-fix", "own-fix FIX");
}

static void test_resolved_without_it(void **state)
{
	resolved_how(*state, "skipped", "gone", "gone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_hostile_texts, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_resolved_by_it, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_resolved_without_it, setup, teardown)};

	return cmocka_run_group_tests_name("fix_file", tests, NULL, NULL);
}
