/* One run at a time: of a job, and of all jobs that share the ledger, for they share its items too.
 *
 * On one machine the lock file beside the ledger decides (lock_file.h): who gets it is alone. The rows say
 * who it is, whose work was left open, and who may be at work on another machine; whether the owner of a row
 * can be alive though the file is free is the caller's to say. */
#include "ledger_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tenantry/crash_point.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "sql.h"

static struct lock_owner next_owner(struct query *q)
{
	struct lock_owner owner = {.run_id = next_text(q)};

	owner.host = next_text(q);
	owner.boot_id = next_text(q);
	owner.pid = next_int(q);
	owner.process_start = next_int(q);
	owner.heartbeat = next_int(q);
	owner.by_file = next_int(q) != 0;
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
    int64_t taken_at, const char *hint, struct error *err)
{
	error_set(err, ERR_LOCKED,
	    "job \"%s\" is locked by run %s on host %s, process %" PRId64 ", for %" PRId64
	    " s, last sign of life %" PRId64 " s ago",
	    job, held->run_id, held->host, held->pid, seconds_since(ledger, taken_at),
	    seconds_since(ledger, held->heartbeat));
	return error_hint(err, "%s", hint);
}

bool ledger_lock_is_vague(const struct lock_owner *owner, const struct lock_file *file, int64_t now)
{
	return owner->by_file && lock_file_is_new(file) && now - owner->heartbeat < LOCK_FRESH_MS;
}

static bool is_alive(const struct ledger *ledger, const struct lock_owner *owner, lock_alive *alive)
{
	int64_t now = clock_wall_ms(ledger->clock);

	return !alive || alive(owner, now) || ledger_lock_is_vague(owner, ledger->hold, now);
}

/* Nobody else may be alive. A dead owner's lock of another job stays for that job's next run to take over: it
 * has that run to close. */
static int refuse_others(struct ledger *ledger, const char *job, const struct lock_owner *owner,
    struct arena *arena, lock_alive *alive, struct error *err)
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
		if (is_alive(ledger, &held, alive)) {
			rc = refuse_locked(ledger, other_job, &held, taken_at,
			    "wait until that run has ended; if its machine is gone for good, `tenantry unlock` its job",
			    err);
			break;
		}
	}
	return query_end(&q, rc);
}

/* The file is held: its row says more than the file. The rows are read without waiting for their owner, who
 * may stand still in a transaction. */
static int refuse_holder(struct ledger *ledger, const char *job, const char *holder, struct error *err)
{
	struct arena *arena = arena_new();
	struct error named = {0}, trouble = {0};
	struct query q;
	int rc = query_begin(&q, ledger, sql_lock_others, arena, &trouble);

	if (rc == 0) {
		bind_text(&q, ":job", job);
		bind_text(&q, ":run_id", "");
		while ((rc = query_step(&q)) > 0 && named.code == ERR_NONE) {
			const char *its_job = next_text(&q);
			struct lock_owner held = next_owner(&q);
			int64_t taken_at = next_int(&q);
			if (strcmp(held.run_id, holder) == 0)
				refuse_locked(ledger, its_job, &held, taken_at,
				    "wait until it has ended: it is at work on this machine", &named);
		}
		if (query_end(&q, rc < 0 ? rc : 0) < 0)
			log_debug("who holds the lock cannot be read: %s", trouble.text);
	}
	if (named.code != ERR_NONE)
		*err = named;
	arena_free(arena);
	return -1;
}

static int hold_file(struct ledger *ledger, const char *job, const char *run_id, struct error *err)
{
	char holder[LOCK_HOLDER_SIZE];

	ledger->hold = lock_file_take(ledger->path, run_id, holder, err);
	if (ledger->hold)
		return 0;
	return err->code == ERR_LOCKED ? refuse_holder(ledger, job, holder, err) : -1;
}

static int lock_take(struct ledger *ledger, const char *job, const struct lock_owner *owner,
    lock_alive *alive, struct arena *arena, struct error *err)
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

static void forget_hold(struct ledger *ledger)
{
	free(ledger->held_job);
	free(ledger->held_run);
	ledger->held_job = ledger->held_run = NULL;
}

int ledger_lock(struct ledger *ledger, const char *job, const struct lock_owner *owner, lock_alive *alive,
    struct error *err)
{
	bool own, had_file = ledger->hold != NULL;

	CRASH_POINT("lock", job);
	forget_hold(ledger);
	if (!had_file && hold_file(ledger, job, owner->run_id, err) < 0)
		return -1;
	struct arena *arena = arena_new();
	/* A look before the transaction as well: to hear whose turn it is must not wait for its owner's,
	 * which may stand still. */
	int rc = refuse_others(ledger, job, owner, arena, alive, err);
	if (rc == 0)
		rc = durable_begin(ledger, &own, err);
	if (rc == 0)
		rc = durable_end(ledger, own, lock_take(ledger, job, owner, alive, arena, err), err);
	arena_free(arena);
	if (rc == 0) {
		ledger->held_job = mem_strdup(job);
		ledger->held_run = mem_strdup(owner->run_id);
		lock_file_keep(ledger->hold);
	} else if (!had_file) {
		lock_file_discard(ledger_lock_detach(ledger));
	}
	return rc;
}

struct lock_file *ledger_lock_detach(struct ledger *ledger)
{
	struct lock_file *file = ledger->hold;

	ledger->hold = NULL;
	return file;
}

/* ---- Is it still so? Asked in each transaction of who holds it, before anything is written. */

static int refuse_displaced(struct ledger *ledger, struct error *err)
{
	struct arena *arena = arena_new();
	struct error ignored = {0};
	struct lock_owner now;

	if (lock_get(ledger, ledger->held_job, arena, &now, &ignored) > 0)
		error_set(err, ERR_DISPLACED,
		    "run %s no longer holds the lock of job \"%s\": run %s has it (host %s, process %" PRId64
		    ")",
		    ledger->held_run, ledger->held_job, now.run_id, now.host, now.pid);
	else
		error_set(err, ERR_DISPLACED,
		    "run %s no longer holds the lock of job \"%s\": it was taken from it", ledger->held_run,
		    ledger->held_job);
	arena_free(arena);
	return error_hint(err, "this run stops, and what it saved is kept: the next run goes on from there");
}

/* What is written into a file that is not the ledger any more is lost with it. */
static int refuse_replaced(struct ledger *ledger, struct error *err)
{
	struct stat st;

	if (stat(ledger->path, &st) == 0 && st.st_dev == ledger->device && st.st_ino == ledger->inode)
		return 0;
	error_set(err, ERR_LEDGER,
	    "the ledger was moved away or replaced while run %s was at work, which stops: what it wrote since is in the file that was there",
	    ledger->held_run);
	error_place(err, ledger->path, 0, 0, NULL);
	return error_hint(err,
	    "put that file back into its place, or make a new ledger from the run folders: tenantry rebuild JOB");
}

static int row_is_ours(struct ledger *ledger, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_lock_holds, NULL, err) < 0)
		return -1;
	bind_text(&q, ":job", ledger->held_job);
	bind_text(&q, ":run_id", ledger->held_run);
	bool ours = (rc = query_step(&q)) > 0;
	return query_end(&q, rc) < 0 ? -1 : ours;
}

int lock_is_held(struct ledger *ledger, struct error *err)
{
	int ours;

	if (!ledger->held_run)
		return 0;
	if (refuse_replaced(ledger, err) < 0 || (ours = row_is_ours(ledger, err)) < 0)
		return -1;
	return ours ? 0 : refuse_displaced(ledger, err);
}

int ledger_lock_holder(struct ledger *ledger, char holder[LOCK_HOLDER_SIZE], struct error *err)
{
	return lock_file_holder(ledger->path, holder, err);
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

	if (ledger->hold && lock_file_renew(ledger->hold, err) < 0)
		return -1;
	if (durable_begin(ledger, &own, err) < 0)
		return -1;
	int rc = change_lock(ledger, sql_lock_beat, job, run_id, err);
	if (rc == 0 && sqlite3_changes(ledger->db) == 0) {
		rc = error_set(
		    err, ERR_DISPLACED, "run %s no longer holds the lock of job \"%s\"", run_id, job);
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
	bool is_mine = ledger->held_run && strcmp(ledger->held_run, run_id) == 0;
	if (is_mine)
		forget_hold(ledger);
	int rc = durable_begin(ledger, &own, err);
	if (rc == 0)
		rc = durable_end(ledger, own, change_lock(ledger, sql_lock_release, job, run_id, err), err);
	/* The row goes first: who gets the file next must not find it. */
	if (is_mine)
		lock_file_free(ledger_lock_detach(ledger));
	return rc;
}

void lock_close(struct ledger *ledger)
{
	forget_hold(ledger);
	lock_file_free(ledger_lock_detach(ledger));
}
