/* Signals, each in a child of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tenantry/signals.h"

/* Runs `body` in a child; gives its exit status as a shell would. */
static int in_child(int (*body)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		_exit(body());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int first(int number)
{
	signals_setup();
	if (*signals_stop() != 0)
		return 99;
	raise(number);
	return *signals_stop();
}

static int interrupt(void)
{
	return first(SIGINT);
}
static int terminate(void)
{
	return first(SIGTERM);
}
static int hang_up(void)
{
	return first(SIGHUP);
}
static int interrupt_twice(void)
{
	first(SIGINT);
	raise(SIGINT);
	return 0;
}
static int terminate_after_interrupt(void)
{
	first(SIGINT);
	raise(SIGTERM);
	return 0;
}
static int broken_pipe(void)
{
	int ends[2];

	signals_setup();
	if (pipe(ends) < 0 || close(ends[0]) < 0)
		return 99;
	return write(ends[1], "x", 1) < 0 && *signals_stop() == 0 ? 0 : 98;
}
static int ignored_stays_ignored(void)
{
	signal(SIGHUP, SIG_IGN); /* as nohup does */
	return first(SIGHUP);
}

static void test_signals(void **state)
{
	(void)state;
	assert_int_equal(in_child(interrupt), SIGINT);
	assert_int_equal(in_child(terminate), SIGTERM);
	assert_int_equal(in_child(hang_up), SIGTERM);
	assert_int_equal(in_child(interrupt_twice), 130);
	assert_int_equal(in_child(terminate_after_interrupt), 143);
	assert_int_equal(in_child(broken_pipe), 0);
	assert_int_equal(in_child(ignored_stays_ignored), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_signals)};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
