/* A lock whose owner is gone. On this host the process tells; of another host only the heartbeat is known,
 * and a run that is alive writes one every few seconds. */
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
	if (lock->same_host)
		return error_hint(err,
		    "the process is at work: wait for its end, or stop it with kill %" PRId64
		    " (it saves and ends)",
		    owner->pid);
	return error_hint(err,
	    "the heartbeat must be %" PRId64
	    " s old; make sure that the run is gone over there, then wait or give --stale-after",
	    stale_after_ms / 1000);
}

static int take_away(struct ledger *ledger, const struct job *job, int64_t stale_after_ms,
    struct clock *clock, struct arena *arena, struct unlocked *out, struct error *err)
{
	struct identity here;
	int found = ledger_lock_owner(ledger, job->name, arena, &out->owner, err);

	if (found <= 0)
		return found;
	identity_of_run(&here, clock);
	out->held = true;
	out->same_host = strcmp(here.host, out->owner.host) == 0;
	out->age_ms = clock_wall_ms(clock) - out->owner.heartbeat;
	/* A heartbeat of the future proves nothing but a clock that was set. */
	bool gone = out->same_host ? !identity_owner_alive(&out->owner) : out->age_ms >= stale_after_ms;
	if (!gone)
		return refuse_alive(out, job, stale_after_ms, err);
	log_warn("the lock of job \"%s\" is taken from run %s (host %s, process %" PRId64 "), which is gone",
	    job->name, out->owner.run_id, out->owner.host, out->owner.pid);
	return ledger_lock_release(ledger, job->name, out->owner.run_id, err);
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
