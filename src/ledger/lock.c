/* One run at a time: of a job, and of all jobs that share the ledger, for they share its items too. Whether
 * an owner is still alive is the caller's to say: here is only who holds what. */
#include "ledger_impl.h"

#include <inttypes.h>

#include "tenantry/crash_point.h"
#include "tenantry/log.h"
#include "sql.h"

static struct lock_owner next_owner(struct query *q)
{
	struct lock_owner owner = {.run_id = next_text(q)};

	owner.host = next_text(q);
	owner.boot_id = next_text(q);
	owner.pid = next_int(q);
	owner.process_start = next_int(q);
	owner.heartbeat = next_int(q);
	return owner;
}

/* 1 held (the texts in the arena), 0 free, -1 error. */
static int lock_get(
    struct ledger *ledger, const char *job, struct arena *arena, struct lock_owner *out, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_lock_get, arena, err) < 0)
		return -1;
	bind_text(&q, ":job", job);
	bool held = (rc = query_step(&q)) > 0;
	if (held)
		*out = next_owner(&q);
	return query_end(&q, rc) < 0 ? -1 : held;
}

static int lock_put(struct ledger *ledger, const char *job, const struct lock_owner *owner, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_lock_put, err) < 0)
		return -1;
	bind_text(&q, ":job", job);
	bind_text(&q, ":run_id", owner->run_id);
	bind_text(&q, ":host", owner->host);
	bind_text(&q, ":boot_id", owner->boot_id);
	bind_int(&q, ":pid", owner->pid);
	bind_int(&q, ":process_start", owner->process_start);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

static int64_t seconds_since(struct ledger *ledger, int64_t at)
{
	int64_t ms = clock_wall_ms(ledger->clock) - at;

	return ms > 0 ? ms / 1000 : 0;
}

static int refuse_locked(struct ledger *ledger, const char *job, const struct lock_owner *held,
    int64_t taken_at, struct error *err)
{
	error_set(err, ERR_LOCKED,
	    "job \"%s\" is locked by run %s on host %s, process %" PRId64 ", for %" PRId64
	    " s, last sign of life %" PRId64 " s ago",
	    job, held->run_id, held->host, held->pid, seconds_since(ledger, taken_at),
	    seconds_since(ledger, held->heartbeat));
	return error_hint(
	    err, "wait until that run has ended; if its machine is gone for good, `tenantry unlock` its job");
}

/* Nobody else may be alive. A dead owner's lock of another job stays for that job's next run to take over: it
 * has that run to close. */
static int refuse_others(struct ledger *ledger, const char *job, const struct lock_owner *owner,
    struct arena *arena, bool (*alive)(const struct lock_owner *), struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_lock_others, arena, err) < 0)
		return -1;
	bind_text(&q, ":job", job);
	bind_text(&q, ":run_id", owner->run_id);
	while ((rc = query_step(&q)) > 0) {
		const char *other_job = next_text(&q);
		struct lock_owner held = next_owner(&q);
		int64_t taken_at = next_int(&q);
		if (!alive || alive(&held)) {
			rc = refuse_locked(ledger, other_job, &held, taken_at, err);
			break;
		}
	}
	return query_end(&q, rc);
}

static int lock_take(struct ledger *ledger, const char *job, const struct lock_owner *owner,
    bool (*alive)(const struct lock_owner *), struct arena *arena, struct error *err)
{
	struct lock_owner held;
	int found;

	if (refuse_others(ledger, job, owner, arena, alive, err) < 0 ||
	    (found = lock_get(ledger, job, arena, &held, err)) < 0)
		return -1;
	if (found > 0 && strcmp(held.run_id, owner->run_id) != 0)
		log_warn("the lock of job \"%s\" is taken over from run %s (host %s, process %" PRId64
			 "), which is gone",
		    job, held.run_id, held.host, held.pid);
	return lock_put(ledger, job, owner, err);
}

int ledger_lock(struct ledger *ledger, const char *job, const struct lock_owner *owner,
    bool (*alive)(const struct lock_owner *), struct error *err)
{
	struct arena *arena = arena_new();
	bool own;

	CRASH_POINT("lock", job);
	/* A look before the transaction as well: to hear whose turn it is must not wait for its owner's,
	 * which may stand still. */
	int rc = refuse_others(ledger, job, owner, arena, alive, err);
	if (rc == 0)
		rc = durable_begin(ledger, &own, err);
	if (rc == 0)
		rc = durable_end(ledger, own, lock_take(ledger, job, owner, alive, arena, err), err);
	arena_free(arena);
	return rc;
}

int ledger_lock_owner(
    struct ledger *ledger, const char *job, struct arena *arena, struct lock_owner *out, struct error *err)
{
	return lock_get(ledger, job, arena, out, err);
}

static int change_lock(
    struct ledger *ledger, const char *sql, const char *job, const char *run_id, struct error *err)
{
	struct query q;

	CRASH_POINT(sql == sql_lock_beat ? "lock-beat" : "lock-release", job);
	if (change_begin(&q, ledger, sql, err) < 0)
		return -1;
	bind_text(&q, ":job", job);
	bind_text(&q, ":run_id", run_id);
	if (sql == sql_lock_beat)
		bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

int ledger_lock_beat(struct ledger *ledger, const char *job, const char *run_id, struct error *err)
{
	bool own;

	if (durable_begin(ledger, &own, err) < 0)
		return -1;
	int rc = change_lock(ledger, sql_lock_beat, job, run_id, err);
	if (rc == 0 && sqlite3_changes(ledger->db) == 0) {
		rc = error_set(err, ERR_LOCKED, "run %s no longer holds the lock of job \"%s\"", run_id, job);
		error_hint(err, "another run took it over; this one stops, and what it saved is kept");
	}
	return durable_end(ledger, own, rc, err);
}

int ledger_lock_release(struct ledger *ledger, const char *job, const char *run_id, struct error *err)
{
	bool own;

	/* To join what is open would leave the lock behind when the caller closes the ledger next, as after
	 * an error. */
	ledger_rollback(ledger);
	if (durable_begin(ledger, &own, err) < 0)
		return -1;
	return durable_end(ledger, own, change_lock(ledger, sql_lock_release, job, run_id, err), err);
}
