/* A lock whose owner is gone. On this machine the lock file beside the ledger tells; of a run on another one
 * only the heartbeat is known, which a run that is alive writes every few seconds. */
#include "decide_impl.h"

#include <inttypes.h>
#include <unistd.h>

#include "tenantry/log.h"

static int refuse_alive(
    const struct unlocked *lock, const struct job *job, int64_t stale_after_ms, struct error *err)
{
	const struct lock_owner *owner = &lock->owner;

	error_set(err, ERR_LOCKED,
	    "job \"%s\" stays locked: run %s, process %" PRId64 " on host %s, last sign of life %" PRId64
	    " s ago",
	    job->name, owner->run_id, owner->pid, owner->host, lock->age_ms / 1000);
	if (lock->place == OWNER_HERE)
		return error_hint(err,
		    "it is at work on this machine: wait for its end, or stop process %" PRId64
		    " (as %s numbers it) with a plain kill: it saves and ends",
		    owner->pid, owner->host);
	return error_hint(err,
	    "the heartbeat must be %" PRId64
	    " s old; make sure that the run is gone over there, then wait or give --stale-after",
	    stale_after_ms / 1000);
}

/* Nobody here holds the file: it is ours while the row is judged, so that nobody begins meanwhile. */
static bool is_gone(
    const struct unlocked *lock, const struct lock_file *file, int64_t stale_after_ms, int64_t now)
{
	if (lock->place ==
	    OWNER_ELSEWHERE) /* a heartbeat of the future proves nothing but a clock that was set */
		return lock->age_ms >= stale_after_ms;
	return !owner_may_be_alive(&lock->owner, now) && !ledger_lock_is_vague(&lock->owner, file, now);
}

static int take_away(struct ledger *ledger, const struct job *job, int64_t stale_after_ms,
    struct clock *clock, struct arena *arena, struct unlocked *out, struct error *err)
{
	char holder[LOCK_HOLDER_SIZE];
	struct machine here;
	struct error busy = {0};
	int64_t now = clock_wall_ms(clock);
	int found = ledger_lock_owner(ledger, job->name, arena, &out->owner, err);

	if (found <= 0)
		return found;
	machine_read(&here, now);
	out->held = true;
	out->place = owner_place(&out->owner, &here);
	out->age_ms = now - out->owner.heartbeat;
	if (stale_after_ms < LOCK_FRESH_MS)
		stale_after_ms = LOCK_FRESH_MS;
	struct lock_file *file = lock_file_take(job->ledger, "unlock", holder, &busy);
	if (!file && (busy.code != ERR_LOCKED || strcmp(holder, out->owner.run_id) != 0)) {
		*err = busy;
		return -1;
	}
	int rc = -1;
	if (!file || !is_gone(out, file, stale_after_ms, now)) {
		refuse_alive(out, job, stale_after_ms, err);
		lock_file_discard(file);
		file = NULL;
	} else {
		log_warn("the lock of job \"%s\" is taken from run %s (host %s, process %" PRId64
			 "), which is gone",
		    job->name, out->owner.run_id, out->owner.host, out->owner.pid);
		rc = ledger_lock_release(ledger, job->name, out->owner.run_id, err);
	}
	lock_file_free(file);
	return rc;
}

int unlock_job(const struct job *job, int64_t stale_after_ms, struct clock *clock, struct arena *arena,
    struct unlocked *out, struct error *err)
{
	struct ledger *ledger;
	int rc;

	*out = (struct unlocked){0};
	if (access(job->ledger, F_OK) != 0)
		return 0;
	ledger = ledger_open(job->ledger, LEDGER_WRITE, clock, err);
	if (!ledger)
		return -1;
	rc = take_away(ledger, job, stale_after_ms, clock, arena, out, err);
	ledger_close(ledger);
	return rc;
}
