/* `tenantry unlock JOB`: the lock of a run that is gone. */
#include "commands.h"

#include <inttypes.h>

#include "program.h"
#include "tenantry/decide.h"

enum { STALE_AFTER_MS = 15 * 60 * 1000 };

static void show_unlocked(
    const struct invocation *invocation, const struct job *job, const struct unlocked *lock)
{
	const struct lock_owner *owner = &lock->owner;
	char seen[TIME_TEXT_SIZE];

	if (invocation->values[OPT_JSON].set && lock->held)
		command_print_json(
		    json_pack("{s:s, s:b, s:s, s:s, s:I, s:s, s:I}", "job", job->name, "unlocked", 1, "run",
			owner->run_id, "host", owner->host, "pid", (json_int_t)owner->pid, "heartbeat_at",
			time_text(owner->heartbeat, seen), "age_seconds", (json_int_t)(lock->age_ms / 1000)));
	else if (invocation->values[OPT_JSON].set)
		command_print_json(json_pack("{s:s, s:b}", "job", job->name, "unlocked", 0));
	else if (invocation->values[OPT_QUIET].set)
		return;
	else if (lock->held)
		printf("job \"%s\" was locked by run %s (host %s, process %" PRId64
		       ", last sign of life %s), which is gone: unlocked\n"
		       "what it had begun is in the ledger; the next run goes on from there\n",
		    job->name, owner->run_id, owner->host, owner->pid, time_text(owner->heartbeat, seen));
	else
		printf("job \"%s\" is not locked\n", job->name);
}

int command_unlock(const struct invocation *invocation, struct error *err)
{
	const struct option_value *stale_after = &invocation->values[OPT_STALE_AFTER];
	struct job *job = command_job(invocation, invocation->args[0], err);
	struct arena *arena = arena_new();
	struct clock shifted, *clock;
	struct unlocked lock;
	int rc = -1;

	if (job && (clock = command_clock(invocation, job, true, &shifted, err)) != NULL) {
		rc = unlock_job(
		    job, stale_after->set ? stale_after->number : STALE_AFTER_MS, clock, arena, &lock, err);
		if (rc == 0)
			show_unlocked(invocation, job, &lock);
	}
	arena_free(arena);
	job_free(job);
	return rc;
}
