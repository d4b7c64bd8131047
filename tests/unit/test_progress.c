/* The progress line, drawn into a pipe in place of the terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "tenantry/clock.h"
#include "tenantry/log.h"
#include "tenantry/progress.h"

static int saved, ends[2];
static struct clock the_clock;

/* What was drawn since the last time. */
static const char *drawn(void)
{
	static char text[4096];
	ssize_t n;

	assert_int_equal(write(STDERR_FILENO, "", 1), 1); /* so that reading never waits */
	n = read(ends[0], text, sizeof text - 1);
	assert_true(n > 0);
	text[n - 1] = '\0';
	return text;
}

static int setup(void **state)
{
	(void)state;
	saved = dup(STDERR_FILENO);
	if (saved < 0 || pipe(ends) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
		return -1;
	clock_manual(&the_clock, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	progress_start(NULL);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void test_silent_until_started(void **state)
{
	(void)state;
	progress_start(NULL);
	progress_show("orders", 1, 10, "orders");
	progress_clear();
	assert_string_equal(drawn(), "");
}

static void test_line(void **state)
{
	(void)state;
	progress_start(&the_clock);
	progress_show("orders", 0, 1000, "orders");
	assert_string_equal(drawn(), "\rorders 0/1,000 (0 %)\033[K");
	clock_advance(&the_clock, 50);
	progress_show("orders", 1, 1000, "orders");
	assert_string_equal(drawn(), ""); /* not so soon again */
	clock_advance(&the_clock, 950);
	progress_show("orders", 20, 1000, "orders");
	assert_string_equal(drawn(), "\rorders 20/1,000 (2 %), 20/s, 0:49 left\033[K");
	clock_advance(&the_clock, 9000);
	progress_show("orders", 21, 1000000, "orders");
	assert_string_equal(drawn(), "\rorders 21/1,000,000 (0 %), 2/s, 132:16:21 left\033[K");
	clock_advance(&the_clock, 100);
	progress_show("orders", 1000, 1000, "orders");
	assert_string_equal(drawn(), "\rorders 1,000/1,000 (100 %), 99/s\033[K");
	clock_advance(&the_clock, 1);
	progress_show("files", 1500000, 12300000, "bytes"); /* another label is drawn at once */
	assert_string_equal(drawn(), "\rfiles 1.5/12.3 MB (12 %)\033[K");
	clock_advance(&the_clock, 1000);
	progress_show("files", 4000000, 0, "bytes");
	assert_string_equal(drawn(), "\rfiles 4.0 MB, 2.5 MB/s\033[K");
	clock_advance(&the_clock, 1000);
	progress_show("files", 4000001, 4000003, "files");
	assert_non_null(strstr(drawn(), "4,000,001/4,000,003 (99 %)"));
	clock_advance(&the_clock, 1000);
	progress_show("files", UINT64_MAX - 1, UINT64_MAX, "orders");
	assert_non_null(strstr(drawn(), "(100 %)"));
}

static void test_log_clears(void **state)
{
	struct log_settings settings = {.level = LOG_INFO, .clock = &the_clock};
	const char *text;

	(void)state;
	progress_start(&the_clock);
	progress_show("orders", 1, 2, "orders");
	drawn();
	log_setup(&settings);
	log_info("hello");
	text = drawn();
	assert_memory_equal(text, "\r\033[K", 4);
	assert_non_null(strstr(text, "info: hello\n"));
	log_info("again");
	assert_null(strstr(drawn(), "\033[K")); /* nothing to clear */
	progress_clear();
	assert_string_equal(drawn(), "");
}

static void test_no_escapes_without_colour(void **state)
{
	(void)state;
	setenv("NO_COLOR", "1", 1);
	progress_start(&the_clock);
	unsetenv("NO_COLOR");
	progress_show("orders", 1, 1000, "orders");
	assert_string_equal(drawn(), "\rorders 1/1,000 (0 %)");
	clock_advance(&the_clock, 100);
	progress_show("a", 0, 0, "orders");
	assert_string_equal(drawn(), "\ra 0                 "); /* over all of the longer line */
	progress_clear();
	assert_string_equal(drawn(), "\r   \r");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_silent_until_started, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_log_clears, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_escapes_without_colour, setup, teardown)};

	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
