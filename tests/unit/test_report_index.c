/* index.html: the nights of a ledger, newest first, with their trend. */
#include "report_fixture.h"

static struct ledger *ledger_of(struct fixture *f, struct clock *clock)
{
	char *path = fixture_path(f, "ledger.db");
	struct ledger *ledger = ledger_open(path, LEDGER_WRITE, clock, &f->err);

	assert_non_null(ledger);
	free(path);
	return ledger;
}

static void begin(struct fixture *f, struct ledger *ledger, const char *id, int64_t started_at)
{
	char *folder = mem_printf("%s/%s", f->folder, id);
	struct run_record run = {.run_id = id,
	    .job = "nightly",
	    .command = "run",
	    .folder = folder,
	    .job_path = "jobs/nightly.yaml",
	    .started_at = started_at};

	assert_int_equal(ledger_run_begin(ledger, &run, &f->err), 0);
	free(folder);
}

/* A night of the ledger; frees the report. */
static void night(struct fixture *f, struct ledger *ledger, const char *id, int day, struct report *report)
{
	report->run_id = id;
	report->started_at += day * INT64_C(86400000);
	report->ended_at += day * INT64_C(86400000);
	begin(f, ledger, id, report->started_at);
	char *document = report_to_json(report, &f->err);
	assert_non_null(document);
	assert_int_equal(ledger_run_end(ledger, id, report->exit_status, 0, document, &f->err), 0);
	free(document);
	report_free(report);
}

static void nights_are_listed_newest_first_with_their_trend(void **state)
{
	struct fixture *f = *state;
	struct clock clock;
	clock_manual(&clock, INT64_C(1795312801250));
	struct ledger *ledger = ledger_of(f, &clock);

	night(f, ledger, "night-1", 0, fake_report());
	night(f, ledger, "night-2", 1, fake_report_good());
	night(f, ledger, "night-3", 2, fake_report_stopped(ERR_ACRONIS, "no answer <b>", ""));
	begin(f, ledger, "night-4", INT64_C(1795312801250) + 3 * INT64_C(86400000));
	char *folder = fixture_path(f, "night-2"), *page = fixture_path(f, "night-2/report.html");
	assert_int_equal(folder_make(folder, &f->err), 0);
	assert_int_equal(atomic_file_put(page, STRV("x"), &f->err), 0);

	assert_int_equal(report_index(ledger, &f->job, &f->err), 0);
	char *text = fixture_read(f, "index.html", NULL);
	const char *first = strstr(text, "night-1</small>"), *second = strstr(text, "night-2</small>");
	const char *last = strstr(text, "night-4</small>");
	assert_true(first && second && last && last < second && second < first);
	assert_has(text, "<a href=\"night-2/report.html\">");
	assert_lacks(text, "night-1/report.html"); /* its folder is gone */
	assert_has(text, "did not end");
	assert_has(text, "no answer &lt;b&gt;");
	assert_has(text, "<title>2026-11-22: 5 orders done, 25 findings</title>");
	assert_has(text, "<title>2026-11-23: 41 orders done, 0 findings</title>");
	assert_int_equal(
	    count_of(text, "<rect "), 2); /* the night that could not run is no point of the trend */
	assert_has(text, "<svg viewBox=");
	assert_has(text, "role=\"img\" aria-label=\"Orders done and findings of the last 2 nights");
	assert_has(text, "93.1%");
	assert_lacks(text, "<script");
	free(text);
	free(folder);
	free(page);
	ledger_close(ledger);
}

static void a_ledger_without_nights_gives_a_page(void **state)
{
	struct fixture *f = *state;
	struct clock clock;
	clock_manual(&clock, INT64_C(1795312801250));
	struct ledger *ledger = ledger_of(f, &clock);

	assert_int_equal(report_index(ledger, &f->job, &f->err), 0);
	char *text = fixture_read(f, "index.html", NULL);
	assert_has(text, "No night yet");
	assert_lacks(text, "<svg");
	free(text);
	ledger_close(ledger);
}

static void a_record_that_cannot_be_read_costs_only_its_counts(void **state)
{
	struct fixture *f = *state;
	struct clock clock;
	clock_manual(&clock, INT64_C(1795312801250));
	struct ledger *ledger = ledger_of(f, &clock);

	begin(f, ledger, "night-1", INT64_C(1795312801250));
	assert_int_equal(ledger_run_end(ledger, "night-1", 0, 0, "{\"schema\":99}", &f->err), 0);
	assert_int_equal(report_index(ledger, &f->job, &f->err), 0);
	char *text = fixture_read(f, "index.html", NULL);
	assert_has(text, "all good");
	assert_has(text, "night-1");
	free(text);
	ledger_close(ledger);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nights_are_listed_newest_first_with_their_trend),
	    TEST(a_ledger_without_nights_gives_a_page),
	    TEST(a_record_that_cannot_be_read_costs_only_its_counts),
	};

	return cmocka_run_group_tests_name("report_index", tests, NULL, NULL);
}
