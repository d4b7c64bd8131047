/* The writers of report files: columns, escaping, numbers, limits, and the same bytes for the same run. */
#include "report_fixture.h"

#include "report/report_impl.h"
#include "tenantry/csv.h"

/* ---- The table. */

static void the_formats_of_the_job_are_written(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	f->job.report.xlsx = false;
	report->output_count = 0; /* a run that ends just now: a report written again keeps its list */
	char *import = fixture_path(f, "subscriptions-import.csv");
	assert_int_equal(atomic_file_put(import, STRV("x"), &f->err), 0);
	free(import);
	write_all(f, report);
	assert_true(
	    fixture_has(f, "findings.csv") && fixture_has(f, "failed.csv") && fixture_has(f, "report.html"));
	assert_true(fixture_has(f, "run.json"));
	assert_false(fixture_has(f, "report.xlsx"));
	char *record = fixture_read(f, "run.json", NULL);
	assert_has(record, "\"outputs\": [\n    \"subscriptions-import.csv\",\n    \"findings.csv\",\n"
			   "    \"failed.csv\",\n    \"report.html\"\n  ]");
	free(record);
	report_free(report);
}

static void named_formats_come_before_the_jobs(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();
	const char *const formats[] = {"xlsx"}, *const unknown[] = {"pdf"};

	report->folder = f->folder;
	assert_int_equal(report_write_all(report, &f->job, formats, 1, &f->err), 0);
	assert_true(fixture_has(f, "report.xlsx") && fixture_has(f, "run.json"));
	assert_false(fixture_has(f, "report.html") || fixture_has(f, "findings.csv"));
	assert_int_equal(report_write_all(report, &f->job, unknown, 1, &f->err), -1);
	assert_int_equal(f->err.code, ERR_USAGE);
	assert_has(f->err.text, "pdf");
	report_free(report);
}

/* A list without rows would say "no findings" where nobody looked. */
static void lists_of_steps_that_did_not_run_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report_stopped(ERR_SOURCE, "orders.csv: cannot read", "");

	write_all(f, report);
	assert_false(fixture_has(f, "findings.csv") || fixture_has(f, "failed.csv"));
	assert_true(
	    fixture_has(f, "report.html") && fixture_has(f, "report.xlsx") && fixture_has(f, "run.json"));
	report_free(report);
}

static void a_folder_that_is_not_there_is_an_output_error(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	report->folder = "/nonexistent/folder";
	assert_int_equal(report_write_all(report, &f->job, NULL, 0, &f->err), -1);
	assert_int_equal(f->err.code, ERR_OUTPUT);
	struct error err = {0};
	assert_int_equal(report_write_xlsx(report, &f->job, "/nonexistent/folder/report.xlsx", &err), -1);
	assert_int_equal(err.code, ERR_OUTPUT);
	report_free(report);
}

static void files_are_for_the_owner_alone(void **state)
{
	static const char *const names[] = {
	    "run.json", "findings.csv", "failed.csv", "report.html", "report.xlsx"};
	struct fixture *f = *state;
	struct report *report = fake_report();

	write_all(f, report);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = fixture_path(f, names[i]);
		struct stat st;
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		free(path);
	}
	report_free(report);
}

static void the_same_run_gives_the_same_bytes(void **state)
{
	static const char *const names[] = {
	    "run.json", "findings.csv", "failed.csv", "report.html", "report.xlsx"};
	struct fixture *f = *state;
	char *before[ARRAY_LEN(names)];
	size_t n[ARRAY_LEN(names)], m;
	struct report *report = fake_report();

	write_all(f, report);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		before[i] = fixture_read(f, names[i], &n[i]);
	report_free(report);
	/* From the record, as `tenantry report` does it. */
	report = report_from_json(before[0], &f->err);
	assert_non_null(report);
	write_all(f, report);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *after = fixture_read(f, names[i], &m);
		assert_int_equal(n[i], m);
		if (memcmp(before[i], after, m) != 0)
			fail_msg("%s differs", names[i]);
		free(before[i]);
		free(after);
	}
	report_free(report);
}

static void no_secret_reaches_any_report(void **state)
{
	static const char *const names[] = {"run.json", "findings.csv", "failed.csv", "report.html"};
	struct fixture *f = *state;
	struct report *report = fake_report();

	log_secret("t0ps3cret");
	report->items[5].text = report->findings[0].sentence = report->findings[1].account =
	    "it said t0ps3cret";
	report->error_code = "acronis";
	report->error_text = report->error_hint = "Bearer t0ps3cret";
	report->exit_status = 3;
	write_all(f, report);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *text = fixture_read(f, names[i], NULL);
		assert_lacks(text, "t0ps3cret");
		assert_has(text, "****");
		free(text);
	}
	struct strbuf out = {0};
	report_text(report, false, 80, &out);
	assert_lacks(out.p, "t0ps3cret");
	strbuf_free(&out);
	log_secret_forget("t0ps3cret");
	report_free(report);
}

/* ---- CSV. */

static void findings_csv_has_the_columns_of_the_design(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	write_all(f, report);
	char *text = fixture_read(f, "findings.csv", NULL);
	assert_begins(text,
	    "Finding Id,Run,Code,Severity,Owner,State,Account Id,Account,Subscription Id,Tenant Id,Expected,BSS,"
	    "Acronis,Currency,Money At Stake,First Seen,Age Days,Runs Open,Sentence,Evidence,"
	    "Tier,Report Currency,Money In Report Currency,News,Age Bucket,Cycles Open,Open Since,Times Reopened,"
	    "Ack Reason,Ack By,Ack Until,Note,What To Do\n");
	assert_has(text,
	    "\nf00000000,20261122T020001Z-7f3a,tenant-missing,high,operations,open,2000,'" FAKE_FORMULA
	    ",SUB-100,bbbbbbbb-0000-4000-8000-000000000000,\"Tier 2, enabled\",\"Tier 2, active\","
	    "\"Tier 0 / Promo, enabled\",USD,250.00,2026-11-22T02:00:06Z,0,1,");
	assert_has(text, ",EUR,-75.50,2026-11-20T02:00:06Z,2,3,");
	assert_has(text,
	    ",Tier 2,EUR,1234.50,known,0-7,1,2026-11-21T02:00:01Z,0,agreed with the reseller & <sales>,"
	    "'=Ana,2026-12-31,,");
	assert_has(text, ",reopened,0-7,");
	assert_has(text, ",8-30,");
	assert_has(text, ",,,,acknowledgement expired on 2026-11-20,");
	assert_has(text, "\"Two\nLines, \"\"quoted\"\" GmbH\"");
	assert_has(text, FAKE_RTL);
	assert_has(text, FAKE_EMOJI);
	for (int i = 0; i < FINDING_COUNT; i++)
		assert_has(text, finding_code_name((enum finding_code)i));
	free(text);
	report_free(report);
}

/* Every cell of a file, read back. */
static void each_cell(struct fixture *f, const char *name, void (*look)(struct strv cell))
{
	static const struct csv_column none[] = {{"Run", CSV_NEEDED}};
	struct csv_settings settings = {.delimiter = ','};
	char *path = fixture_path(f, name);
	struct csv_reader *reader = csv_reader_open(path, none, 1, &settings, &f->err);
	struct csv_row row;
	size_t rows = 0;

	assert_non_null(reader);
	while (csv_reader_next(reader, &row, &f->err) == CSV_ROW) {
		rows++;
		for (size_t i = 0; i < row.count; i++)
			look(row.fields[i]);
	}
	assert_true(rows > 0);
	csv_reader_close(reader);
	free(path);
}

static void runs_nothing(struct strv cell)
{
	if (cell.n == 0 || !strchr("=+-@\t\r", cell.p[0]))
		return;
	for (size_t i = 1; i < cell.n; i++)
		assert_true(
		    (cell.p[i] >= '0' && cell.p[i] <= '9') || cell.p[i] == '.'); /* an amount of ours */
	assert_true(cell.n > 1 && cell.p[0] == '-');
}

static void no_cell_is_a_formula(void **state)
{
	static const char *const texts[] = {"=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "\r=1"};
	struct fixture *f = *state;
	struct report *report = fake_report();

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		report->findings[i].account = report->findings[i].sentence = report->findings[i].expected =
		    texts[i];
		report->items[i + 3].reason = report->items[i + 3].text = report->items[i + 3].order_id =
		    texts[i];
	}
	write_all(f, report);
	each_cell(f, "findings.csv", runs_nothing);
	each_cell(f, "failed.csv", runs_nothing);
	report_free(report);
}

static void failed_csv_says_what_can_be_decided(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	write_all(f, report);
	char *text = fixture_read(f, "failed.csv", NULL);
	assert_begins(text, "Order Id,Order Item Id,Account Id,State,Reason,Text,Decision,Run\n");
	assert_int_equal(count_of(text, "20261122T020001Z-7f3a\n"), 4); /* one failed, three parked */
	assert_has(text,
	    "\nSO-5007,ITEM-7,1007,parked,mail-in-doubt,it is not known whether the activation mail went out,"
	    "ask the reseller; then resend or skip the mail: tenantry decide ITEM-7 --resend-mail "
	    "--job jobs/nightly.yaml,");
	free(text);
	report_free(report);
}

static void delimiter_and_mark_are_the_jobs(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	f->job.report.csv_delimiter = ';';
	f->job.report.csv_bom = true;
	write_all(f, report);
	char *text = fixture_read(f, "findings.csv", NULL);
	assert_begins(text, "\xef\xbb\xbf"
			    "Finding Id;Run;Code;");
	assert_has(text, ";Tier 2, enabled;");
	free(text);
	report_free(report);
}

/* ---- HTML. */

/* Opening and closing tags of one name balance. */
static void balances(const char *text, const char *tag)
{
	char open[16], bare[16], close[16];

	snprintf(open, sizeof open, "<%s ", tag);
	snprintf(bare, sizeof bare, "<%s>", tag);
	snprintf(close, sizeof close, "</%s>", tag);
	if (count_of(text, open) + count_of(text, bare) != count_of(text, close))
		fail_msg("<%s> does not balance", tag);
}

static void the_page_is_whole_and_needs_nothing_else(void **state)
{
	static const char *const tags[] = {"table", "thead", "tbody", "tr", "td", "th", "caption", "section",
	    "main", "header", "footer", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "div",
	    "span", "small", "code", "b", "details", "summary", "style", "title", "i"};
	struct fixture *f = *state;
	struct report *report = fake_report();

	write_all(f, report);
	char *text = fixture_read(f, "report.html", NULL);
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		balances(text, tags[i]);
	assert_begins(text, "<!DOCTYPE html>\n<html lang=\"en\">");
	assert_lacks(text, "<script");
	assert_lacks(text, "<link");
	assert_lacks(text, "src=");
	assert_lacks(text, "url(");
	assert_int_equal(count_of(text, "<caption>"), count_of(text, "<table "));
	assert_int_equal(
	    count_of(text, "<th "), count_of(text, "<th scope=")); /* every heading says for what */
	assert_lacks(text, "<th>");
	free(text);
	report_free(report);
}

static void foreign_text_is_escaped(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	report->job = "<b>\"job\"</b>";
	report->items[5].order_id = "<img src=x onerror=alert(1)>";
	report->findings[0].expected = "a\xe2\x80\xae"
				       "b";
	report->files[0].path = "x\"><script>";
	write_all(f, report);
	char *text = fixture_read(f, "report.html", NULL);
	assert_lacks(text, "<script");
	assert_lacks(text, "<img");
	assert_lacks(text, "<b>\"job");
	assert_lacks(text, "\xe2\x80\xae");
	assert_has(text, "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; Söhne");
	assert_has(text, "&lt;img src=x onerror=alert(1)&gt;");
	assert_has(text, "x&quot;&gt;&lt;script&gt;");
	assert_has(text, FAKE_RTL);
	free(text);
	report_free(report);
}

static void the_page_says_all_that_matters(void **state)
{
	static const char *const parts[] = {"<header class=\"warn\">",
	    "<b>a person must look</b>: 26 orders rejected", "<section class=\"box warn\"><h2>Warnings</h2>",
	    "the rights of &lt;postgres&gt;, a superuser</li>",
	    "everybody may create functions<br><small>run samples/bss/tenantry.sql again",
	    "20261122T020001Z-7f3a", "<h2>Not compared</h2>",
	    "<b>3 subscriptions</b> (of these 2 unreadable) and <b>1 tenant</b>", "<b>53</b><span>read",
	    "<b>12</b><span>accepted", "<b>26</b><span>rejected", "<b>15</b><span>ignored",
	    "<b>12</b><span>planned", "<b>5</b><span>done", "<b>2</b><span>not started",
	    "41</b> of 44 examined (93.1%)", "42</b> of 43 examined (97.6%)",
	    "6,250.00</b><span>USD, 9 findings", "149,372</b><span>JPY",
	    "5</b><span>findings without a known amount", "quantity-not-one", "Set the quantity to 1",
	    "tenantry show f00000000 --job jobs/nightly.yaml", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "0123456789abcdef0123456789abcdef", "same content as samples/orders-storefront.csv", "7 days",
	    "accepted until a day", "agreed with the reseller &amp; &lt;sales&gt;",
	    "2 findings of earlier runs resolved", "gone after a change of ours",
	    "Not in these sums: 1 acknowledged (37,343 JPY); 2 that merely inform", "reopened 1 time",
	    "acknowledgement expired on 2026-11-20", "12,138.34", "tenant-exists", "due on 2026-12-01"};
	struct fixture *f = *state;
	struct report *report = fake_report();

	write_all(f, report);
	char *text = fixture_read(f, "report.html", NULL);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		assert_has(text, parts[i]);
	const char *high = strstr(text, "tag high\">high</span>"),
		   *low = strstr(text, "tag low\">low</span>");
	assert_true(high && low && high < low);
	free(text);
	report_free(report);
}

static void each_verdict_has_its_colour(void **state)
{
	struct fixture *f = *state;
	struct report *good = fake_report_good(),
		      *bad = fake_report_stopped(ERR_COVERAGE, "the listing was cut", "run it again");

	write_all(f, good);
	char *text = fixture_read(f, "report.html", NULL);
	assert_has(text, "<header class=\"ok\">");
	assert_has(text, "<h2>Everything was compared</h2>");
	free(text);
	write_all(f, bad);
	text = fixture_read(f, "report.html", NULL);
	assert_has(text, "<header class=\"bad\">");
	assert_has(text, "<h2>Nothing was compared</h2>");
	assert_has(text, "<b>could not compare</b>: the listing was cut");
	assert_has(text, "run it again");
	free(text);
	report_free(good);
	report_free(bad);
}

static void a_large_night_ends_at_two_thousand_rows(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	fake_report_add_findings(report, 2500);
	write_all(f, report);
	char *text = fixture_read(f, "report.html", NULL);
	assert_int_equal(count_of(text, "<span class=\"tag low\">low</span>") +
			     count_of(text, "<span class=\"tag high\">high</span>") +
			     count_of(text, "<span class=\"tag medium\">medium</span>"),
	    2000 + 1 + 2); /* one is acknowledged, two are resolved: they have tables of their own */
	assert_has(text, "The first 2,000 of 2,524 findings are shown; findings.csv has all of them.");
	free(text);
	text = fixture_read(f, "findings.csv", NULL);
	assert_int_equal(count_of(text, ",name-drift,"), 2501);
	free(text);
	report_free(report);
}

static void a_dry_run_says_what_would_be(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	report->dry_run = true;
	write_all(f, report);
	char *text = fixture_read(f, "report.html", NULL);
	assert_has(text, "dry run: nothing was changed");
	assert_has(text, "<b>8</b><span>to do");
	assert_lacks(text, "<span>planned");
	free(text);
	report_free(report);
}

/* ---- XLSX: its XML, taken out with unzip. */

static char *sheet(struct fixture *f, const char *part)
{
	char *command = mem_printf("unzip -p '%s/report.xlsx' '%s'", f->folder, part);
	FILE *pipe = popen(command, "r");
	struct strbuf text = {0};
	char block[4096];
	size_t n;

	assert_non_null(pipe);
	while ((n = fread(block, 1, sizeof block, pipe)) > 0)
		strbuf_add(&text, block, n);
	assert_int_equal(pclose(pipe), 0);
	free(command);
	return strbuf_take(&text);
}

static void need_unzip(void)
{
	if (system("command -v unzip >/dev/null 2>&1") != 0) {
		print_message("skipped: unzip is not installed\n");
		skip();
	}
}

static void the_workbook_has_its_sheets(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	need_unzip();
	write_all(f, report);
	char *text = sheet(f, "xl/workbook.xml");
	assert_has(text, "name=\"Summary\"");
	assert_has(text, "name=\"Findings\"");
	assert_has(text, "name=\"Orders\"");
	assert_has(text, "name=\"Rejections by rule\"");
	assert_has(text, "name=\"Coverage\"");
	assert_has(text, "name=\"Invoices\"");
	free(text);
	text = sheet(f, "docProps/core.xml");
	assert_has(text, ">2026-11-22T02:00:01Z</dcterms:created>");
	free(text);
	text = sheet(f, "xl/worksheets/sheet1.xml");
	assert_has(text, "a person must look: 26 orders rejected");
	assert_has(text, "in the schema tenantry everybody may create functions");
	assert_has(text, "<v>6250</v>");
	free(text);
	report_free(report);
}

static void workbook_cells_are_strings_or_our_numbers(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	need_unzip();
	write_all(f, report);
	char *text = sheet(f, "xl/worksheets/sheet2.xml");
	assert_has(text, "<t>=cmd|' /C calc'!A0</t>");
	assert_has(text, "&lt;script&gt;alert(\"x\")&lt;/script&gt; &amp; Söhne");
	assert_has(text, FAKE_RTL);
	assert_has(text, FAKE_EMOJI);
	assert_has(text, "<v>250</v>");
	assert_has(text, "<v>-75.5</v>");
	assert_has(text, "<v>37343</v>");
	assert_has(text, "state=\"frozen\"");
	assert_has(text, "<autoFilter ref=\"A1:AE26\"");
	assert_has(text, "<t>agreed with the reseller &amp; &lt;sales&gt;</t>");
	assert_has(text, "<v>1234.5</v>");
	assert_lacks(text, "<f>");
	assert_lacks(text, "<hyperlink");
	free(text);
	text = sheet(f, "xl/workbook.xml");
	assert_has(text, "name=\"Resolved\"");
	assert_has(text, "name=\"Ages\"");
	free(text);
	text = sheet(f, "xl/worksheets/sheet3.xml");
	assert_has(text, "$(reboot) 'SO'");
	assert_has(text, "adopt it, or skip the order");
	assert_lacks(text, "<f>");
	free(text);
	text = sheet(f, "xl/worksheets/sheet4.xml");
	for (int i = 0; i < RULE_COUNT; i++)
		assert_has(text, rule_name((enum rule_code)i));
	free(text);
	text = sheet(f, "xl/worksheets/sheet5.xml");
	assert_has(text, "93.1%");
	free(text);
	report_free(report);
}

static void a_cell_that_is_too_long_is_cut_between_characters(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report_good();
	struct strbuf longer = {0};

	need_unzip();
	strbuf_adds(&longer, "a");
	for (int i = 0; i < 20000; i++)
		strbuf_adds(&longer, "ü");
	fake_report_add_findings(report, 1);
	report->findings[0].sentence = longer.p;
	write_all(f, report);
	char *text = sheet(f, "xl/worksheets/sheet2.xml");
	assert_int_equal(count_of(text, "ü"), 16383);
	assert_has(text, "ü</t>");
	free(text);
	strbuf_free(&longer);
	report_free(report);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_formats_of_the_job_are_written),
	    TEST(named_formats_come_before_the_jobs),
	    TEST(lists_of_steps_that_did_not_run_are_left_out),
	    TEST(a_folder_that_is_not_there_is_an_output_error),
	    TEST(files_are_for_the_owner_alone),
	    TEST(the_same_run_gives_the_same_bytes),
	    TEST(no_secret_reaches_any_report),
	    TEST(findings_csv_has_the_columns_of_the_design),
	    TEST(no_cell_is_a_formula),
	    TEST(failed_csv_says_what_can_be_decided),
	    TEST(delimiter_and_mark_are_the_jobs),
	    TEST(the_page_is_whole_and_needs_nothing_else),
	    TEST(foreign_text_is_escaped),
	    TEST(the_page_says_all_that_matters),
	    TEST(each_verdict_has_its_colour),
	    TEST(a_large_night_ends_at_two_thousand_rows),
	    TEST(a_dry_run_says_what_would_be),
	    TEST(the_workbook_has_its_sheets),
	    TEST(workbook_cells_are_strings_or_our_numbers),
	    TEST(a_cell_that_is_too_long_is_cut_between_characters),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
