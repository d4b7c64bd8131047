/* Threads for a few large parts of work; see parallel.h. A thread that cannot be had is no error: its part is
 * done here. */
#include "tenantry/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "tenantry/mem.h"

enum { PARTS_MAX = 16 };

struct background {
	void (*work)(void *user);
	void *user;
	pthread_t thread;
	bool threaded;
};

static void *play(void *arg)
{
	struct background *background = arg;

	background->work(background->user);
	return NULL;
}

struct background *background_start(void (*work)(void *user), void *user)
{
	struct background *background = mem_zalloc(sizeof *background);
	sigset_t all, before;

	background->work = work;
	background->user = user;
	/* A signal is the main thread's: it has the lock and the ledger. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	background->threaded = pthread_create(&background->thread, NULL, play, background) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!background->threaded)
		work(user);
	return background;
}

void background_wait(struct background *background)
{
	if (background && background->threaded)
		pthread_join(background->thread, NULL);
	free(background);
}

size_t parallel_parts(size_t count, size_t least)
{
	cpu_set_t ours;
	int processors = sched_getaffinity(0, sizeof ours, &ours) == 0 ? CPU_COUNT(&ours) : 1;
	size_t parts = processors > PARTS_MAX ? PARTS_MAX : (size_t)processors;

	while (parts > 1 && count / parts < least)
		parts--;
	return parts;
}

void parallel_share(size_t count, size_t part, size_t parts, size_t *begin, size_t *end)
{
	*begin = count / parts * part + (part < count % parts ? part : count % parts);
	*end = *begin + count / parts + (part < count % parts);
}

struct part {
	void (*work)(void *user, size_t part);
	void *user;
	size_t number;
};

static void play_part(void *arg)
{
	struct part *part = arg;

	part->work(part->user, part->number);
}

void parallel_run(size_t parts, void (*work)(void *user, size_t part), void *user)
{
	struct part list[PARTS_MAX];
	struct background *others[PARTS_MAX];

	for (size_t i = 1; i < parts; i++) {
		list[i] = (struct part){work, user, i};
		others[i] = background_start(play_part, &list[i]);
	}
	work(user, 0);
	for (size_t i = 1; i < parts; i++)
		background_wait(others[i]);
}
