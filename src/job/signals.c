/* Signals; see signals.h. */
#include "tenantry/signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile int stop;

/* Only what a handler may do: note the first, leave at the second. The ledger is safe against that as against
 * kill -9. */
static void on_signal(int number)
{
	int meaning = number == SIGINT ? SIGINT : SIGTERM;

	if (stop != 0)
		_exit(128 + meaning);
	stop = meaning;
}

/* Without SA_RESTART, so that a pause or a read that waits ends at once. */
void signals_setup(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN}, old;

	stop = 0;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaddset(&action.sa_mask, numbers[i]);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		/* nohup and shells that start a job in the background have a signal ignored on purpose. */
		if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

const volatile int *signals_stop(void)
{
	return &stop;
}
