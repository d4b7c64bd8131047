/* The metrics file: every line well formed, readable by others, the last completed run kept over a failed
 * one. */
#include "report_fixture.h"

#include <regex.h>

static char *metrics_of(struct fixture *f, struct report *report)
{
	char *path = fixture_path(f, "t.prom");

	assert_int_equal(report_metrics(report, path, &f->err), 0);
	free(path);
	return fixture_read(f, "t.prom", NULL);
}

static void the_values_are_the_runs(void **state)
{
	static const char *const lines[] = {
	    "tenantry_last_run_start_timestamp_seconds{job=\"nightly\"} 1795312801.250\n",
	    "tenantry_last_run_end_timestamp_seconds{job=\"nightly\"} 1795312843.550\n",
	    "tenantry_last_run_duration_seconds{job=\"nightly\"} 42.300\n",
	    "tenantry_last_completed_run_timestamp_seconds{job=\"nightly\"} 1795312843.550\n",
	    "tenantry_last_run_exit_status{job=\"nightly\"} 1\n",
	    "tenantry_orders_read{job=\"nightly\"} 53\n",
	    "tenantry_orders{job=\"nightly\",state=\"rejected\"} 26\n",
	    "tenantry_orders_rejected{job=\"nightly\",rule=\"quantity-not-one\"} 3\n",
	    "tenantry_orders_ignored{job=\"nightly\",reason=\"already-done\"} 3\n",
	    "tenantry_actions{job=\"nightly\",state=\"not_started\"} 2\n",
	    "tenantry_items_waiting{job=\"nightly\"} 2\n",
	    "tenantry_findings{job=\"nightly\",code=\"tier-mismatch\"} 1\n",
	    "tenantry_findings_by_severity{job=\"nightly\",severity=\"high\"} 13\n",
	    "tenantry_money_at_stake{job=\"nightly\",currency=\"USD\"} 6250.00\n",
	    "tenantry_side_records{job=\"nightly\",side=\"bss\"} 44\n",
	    "tenantry_side_examined{job=\"nightly\",side=\"acronis\"} 42\n",
	    "tenantry_coverage_ratio{job=\"nightly\"} 0.931\n", "tenantry_requests{job=\"nightly\"} 612\n",
	    "tenantry_build_info{job=\"nightly\",version=\"0.1.0\"} 1\n"};
	struct fixture *f = *state;
	struct report *report = fake_report();
	char *text = metrics_of(f, report);

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		assert_has(text, lines[i]);
	free(text);
	report_free(report);
}

/* Each sample follows a HELP and a TYPE of its name, each name is described once. */
static void every_line_is_well_formed(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();
	regex_t sample;
	char current[128] = "";

	report->job = "a \"quoted\" \\ job\nname";
	char *text = metrics_of(f, report);
	assert_int_equal(
	    regcomp(&sample,
		"^tenantry_[a-z_]+\\{job=\"a \\\\\"quoted\\\\\" \\\\\\\\ job name\"(,[a-z]+=\"[^\"]*\")*\\} "
		"-?[0-9]+([.][0-9]+)?$",
		REG_EXTENDED | REG_NOSUB),
	    0);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char name[128], type[16];
		if (sscanf(line, "# HELP %127s", name) == 1) {
			assert_string_not_equal(name, current);
			snprintf(current, sizeof current, "%s", name);
		} else if (sscanf(line, "# TYPE %127s %15s", name, type) == 2) {
			assert_string_equal(name, current);
			assert_string_equal(type, "gauge");
		} else {
			if (regexec(&sample, line, 0, NULL, 0) != 0)
				fail_msg("not a sample: %s", line);
			assert_int_equal(strncmp(line, current, strlen(current)), 0);
			assert_int_equal(line[strlen(current)], '{');
		}
	}
	regfree(&sample);
	free(text);
	report_free(report);
}

static void the_file_is_for_all_to_read_whatever_the_mask(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();
	mode_t mask = umask(077);
	char *path;
	struct stat st;

	free(metrics_of(f, report));
	umask(mask);
	path = fixture_path(f, "t.prom");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	free(path);
	report_free(report);
}

static void a_failed_run_keeps_when_the_last_one_completed(void **state)
{
	static const char completed[] =
	    "tenantry_last_completed_run_timestamp_seconds{job=\"nightly\"} 1795312843.550\n";
	struct fixture *f = *state;
	struct report *good = fake_report_good(), *bad = fake_report_stopped(ERR_ACRONIS, "no answer", "");

	char *text = metrics_of(f, bad);
	assert_lacks(text, "tenantry_last_completed_run_timestamp_seconds{");
	free(text);
	free(metrics_of(f, good));
	bad->ended_at += 86400000;
	for (int night = 0; night < 2; night++) {
		text = metrics_of(f, bad);
		assert_has(text, completed);
		assert_has(text, "tenantry_last_run_exit_status{job=\"nightly\"} 3\n");
		free(text);
	}
	report_free(good);
	report_free(bad);
}

/* What was not looked at has no series: a zero would say that all is well. */
static void steps_that_did_not_run_have_no_series(void **state)
{
	struct fixture *f = *state;
	struct report *bad = fake_report_stopped(ERR_ACRONIS, "no answer", "");
	char *text = metrics_of(f, bad);

	assert_lacks(text, "tenantry_findings");
	assert_lacks(text, "tenantry_coverage_ratio");
	assert_lacks(text, "tenantry_orders");
	assert_lacks(text, "tenantry_actions");
	free(text);
	report_free(bad);
}

static void a_place_that_cannot_be_written_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct report *report = fake_report();

	assert_int_equal(report_metrics(report, "/nonexistent/t.prom", &f->err), -1);
	assert_int_equal(f->err.code, ERR_OUTPUT);
	report_free(report);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_values_are_the_runs),
	    TEST(every_line_is_well_formed),
	    TEST(the_file_is_for_all_to_read_whatever_the_mask),
	    TEST(a_failed_run_keeps_when_the_last_one_completed),
	    TEST(steps_that_did_not_run_have_no_series),
	    TEST(a_place_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
