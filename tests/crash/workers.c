/* Workers over a shared counter; see workers.h. */
#include "workers.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage_impl.h"

struct shared {
	atomic_size_t next, well, noted;
};

static void work(struct shared *shared, const struct stage_settings *settings, int number, size_t count,
    play_case *play, void *user)
{
	struct stage_settings mine = *settings;
	size_t index;

	mine.number = (size_t)number + 1;
	struct worker worker = {stage_open(&mine), user, 0};
	while ((index = atomic_fetch_add(&shared->next, 1)) < count) {
		if (play(&worker, index))
			atomic_fetch_add(&shared->well, 1);
		fflush(stdout);
	}
	atomic_fetch_add(&shared->noted, worker.noted);
	stage_close(worker.stage);
}

size_t play_all(const struct stage_settings *settings, int workers, size_t count, play_case *play, void *user,
    size_t *noted)
{
	struct shared *shared =
	    mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		stage_die("mmap");
	fflush(stdout);
	for (int i = 0; i < workers; i++) {
		pid_t parent = getpid(), pid = fork();
		if (pid < 0)
			stage_die("fork");
		if (pid > 0)
			continue;
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
			_exit(126);
		work(shared, settings, i, count, play, user);
		exit(0);
	}
	while (wait(NULL) > 0)
		;
	size_t wrong = count - atomic_load(&shared->well);
	*noted += atomic_load(&shared->noted);
	munmap(shared, sizeof *shared);
	return wrong;
}
