/* Plays many cases, some at a time, each worker in a process and on a stage of its own. */
#ifndef CRASH_WORKERS_H
#define CRASH_WORKERS_H

#include "stage.h"

struct worker {
	struct stage *stage;
	void *user;   /* as given */
	size_t noted; /* for cases to count what they like */
};
/* One case: gives whether it went as it must. What it prints appears whole. */
typedef bool play_case(struct worker *worker, size_t index);

/* All `count` of them; gives how many did not go well (those that were not played as a worker died count
 * too), and adds to *noted what the workers noted. */
size_t play_all(const struct stage_settings *settings, int workers, size_t count, play_case *play, void *user,
    size_t *noted);

#endif
