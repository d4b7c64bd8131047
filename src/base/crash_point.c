/* Crash points; see crash_point.h. Empty in normal builds. Beware: counts for the whole process, so it is for
 * programs with one thread that works. */
#include "tenantry/crash_point.h"

#ifdef TENANTRY_CRASH_POINTS

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Written at once: what is buffered would be lost with the process. */
static void note(const char *path, unsigned long number, const char *what, const char *of)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	dprintf(fd, "%lu %s %s\n", number, what, of);
	close(fd);
}

void crash_point(const char *what, const char *of)
{
	static unsigned long passed;
	const char *at = getenv("TENANTRY_CRASH_AT"), *log = getenv("TENANTRY_CRASH_LOG");

	passed++;
	if (log)
		note(log, passed, what, of);
	if (at && strtoul(at, NULL, 10) == passed)
		kill(getpid(), SIGKILL);
}

#endif
