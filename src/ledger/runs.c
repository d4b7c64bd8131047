/* Runs and their batches. */
#include "ledger_impl.h"

#include "tenantry/crash_point.h"
#include "tenantry/mem.h"
#include "sql.h"

enum { MATCHES_LISTED = 5 };

static void read_run(struct query *q, struct run_record *out)
{
	out->run_id = next_text(q);
	out->job = next_text(q);
	out->command = next_text(q);
	out->folder = next_text(q);
	out->job_path = next_text(q);
	out->started_at = next_int(q);
	out->ended_at = next_int(q);
	out->exit_status = (int)next_int(q);
	out->changes = (uint64_t)next_int(q);
	out->document = next_text(q);
}

/* What is known of a run when it begins. */
static void bind_run(struct query *q, const struct run_record *run)
{
	bind_text(q, ":run_id", run->run_id);
	bind_text(q, ":job", run->job);
	bind_text(q, ":command", run->command);
	bind_text(q, ":folder", run->folder);
	bind_text(q, ":job_path", run->job_path);
	bind_int(q, ":started_at", run->started_at ? run->started_at : clock_wall_ms(q->ledger->clock));
}

static int run_put(struct ledger *ledger, const struct run_record *run, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_run_begin, err) < 0)
		return -1;
	bind_run(&q, run);
	return query_run(&q);
}

int ledger_run_restore(struct ledger *ledger, const struct run_record *run, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_run_restore, err) < 0)
		return -1;
	bind_run(&q, run);
	bind_int(&q, ":ended_at", run->ended_at);
	bind_int(&q, ":exit_status", run->exit_status);
	bind_int(&q, ":changes", (int64_t)run->changes);
	bind_text(&q, ":document", run->document);
	return query_run(&q);
}

int ledger_run_begin(struct ledger *ledger, const struct run_record *run, struct error *err)
{
	bool own;

	CRASH_POINT("run-begin", run->command);
	if (durable_begin(ledger, &own, err) < 0)
		return -1;
	return durable_end(ledger, own, run_put(ledger, run, err), err);
}

int ledger_run_end(struct ledger *ledger, const char *run_id, int exit_status, uint64_t changes,
    const char *document, struct error *err)
{
	struct query q;

	CRASH_POINT("run-end", "");
	/* The end of a run must be known even when a change before it failed: what that broke is undone, as
	 * the caller was told. */
	if (ledger->broken)
		ledger_rollback(ledger);
	if (change_begin(&q, ledger, sql_run_end, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	bind_int(&q, ":exit_status", exit_status);
	bind_int(&q, ":changes", (int64_t)changes);
	bind_text(&q, ":document", document);
	if (query_run(&q) < 0)
		return -1;
	if (sqlite3_changes(ledger->db) == 0)
		return error_set(err, ERR_LEDGER, "the ledger knows no run %s that could end", run_id);
	return ledger_commit(ledger, err);
}

/* The other runs that begin so, into the error text. */
static int refuse_ambiguous(
    struct query *q, const char *wanted, const struct run_record *first, struct error *err)
{
	struct strbuf names = {0};
	struct run_record run;
	int rc = 1;

	strbuf_adds(&names, first->run_id);
	for (size_t n = 1; rc > 0; n++) {
		read_run(q, &run);
		strbuf_addf(&names, ", %s", n < MATCHES_LISTED ? run.run_id : "...");
		rc = n < MATCHES_LISTED ? query_step(q) : 0;
	}
	if (rc == 0) {
		rc = error_set(err, ERR_USAGE, "several runs begin with \"%s\": %s", wanted, names.p);
		error_hint(err, "give more of the run id, or `last`");
	}
	strbuf_free(&names);
	return rc;
}

int ledger_run_find(
    struct ledger *ledger, const char *run_id, struct arena *arena, struct run_record *out, struct error *err)
{
	bool last = strcmp(run_id, "last") == 0, found;
	struct query q;
	int rc;

	if (!run_id[0])
		return 0;
	if (query_begin(&q, ledger, last ? sql_run_last : sql_runs_like, arena, err) < 0)
		return -1;
	if (!last)
		bind_text(&q, ":run_id", run_id);
	if ((found = (rc = query_step(&q)) > 0)) {
		read_run(&q, out);
		if (!last && strcmp(out->run_id, run_id) != 0 && (rc = query_step(&q)) > 0)
			rc = refuse_ambiguous(&q, run_id, out, err);
	}
	return query_end(&q, rc) < 0 ? -1 : found;
}

int ledger_runs(struct ledger *ledger, size_t limit, int (*each)(void *user, const struct run_record *),
    void *user, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_runs_newest, NULL, err) < 0)
		return -1;
	bind_int(&q, ":limit", limit ? (int64_t)limit : -1);
	while ((rc = query_step(&q)) > 0) {
		struct run_record run;
		read_run(&q, &run);
		if ((rc = each(user, &run)) != 0)
			break;
	}
	return query_end(&q, rc);
}

int runs_read(struct ledger *ledger, const char *sql, const char *job, struct arena *arena,
    struct run_record **out, size_t *count, struct error *err)
{
	struct run_record *runs = NULL;
	size_t n = 0, cap = 0;
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql, arena, err) < 0)
		return -1;
	bind_text(&q, ":job", job);
	while ((rc = query_step(&q)) > 0) {
		MEM_GROW(runs, n, cap);
		read_run(&q, &runs[n++]);
	}
	*count = n;
	*out = rows_keep(arena, runs, n, sizeof *runs);
	return query_end(&q, rc);
}

int ledger_batch_put(struct ledger *ledger, const struct batch_record *batch, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_batch_put, err) < 0)
		return -1;
	bind_text(&q, ":run_id", batch->run_id);
	bind_int(&q, ":number", batch->number);
	bind_int(&q, ":planned", batch->planned);
	bind_int(&q, ":done", batch->done);
	bind_int(&q, ":failed", batch->failed);
	bind_int(&q, ":parked", batch->parked);
	bind_int(&q, ":started_at", batch->started_at);
	bind_int(&q, ":ended_at", batch->ended_at);
	return query_run(&q);
}

int ledger_batches(struct ledger *ledger, const char *run_id, struct arena *arena, struct batch_record **out,
    size_t *count, struct error *err)
{
	struct batch_record *batches = NULL;
	size_t n = 0, cap = 0;
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_batches_of_run, arena, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	while ((rc = query_step(&q)) > 0) {
		MEM_GROW(batches, n, cap);
		struct batch_record *batch = &batches[n++];
		batch->run_id = next_text(&q);
		batch->number = next_int(&q);
		batch->planned = next_int(&q);
		batch->done = next_int(&q);
		batch->failed = next_int(&q);
		batch->parked = next_int(&q);
		batch->started_at = next_int(&q);
		batch->ended_at = next_int(&q);
	}
	*count = n;
	*out = rows_keep(arena, batches, n, sizeof *batches);
	return query_end(&q, rc);
}

int ledger_run_pruned(struct ledger *ledger, const char *run_id, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_run_pruned_set, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

int ledger_run_pruned_at(struct ledger *ledger, const char *run_id, int64_t *at, struct error *err)
{
	struct query q;
	int rc;

	*at = 0;
	if (query_begin(&q, ledger, sql_run_pruned_get, NULL, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	if ((rc = query_step(&q)) > 0)
		*at = next_int(&q);
	return query_end(&q, rc);
}
