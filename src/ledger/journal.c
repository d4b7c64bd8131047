/* The journal: what was about to be changed, and what came of it. When to commit is the caller's: an intent
 * counts only once ledger_commit() came back, before its call leaves. */
#include "ledger_impl.h"

#include "tenantry/crash_point.h"
#include "tenantry/mem.h"
#include "sql.h"

static int read_step(struct query *q, struct step_record *out)
{
	int step;

	out->id = next_int(q);
	out->item_key = next_text(q);
	out->run_id = next_text(q);
	if ((step = next_name(q, ledger_step_names, STEP_COUNT)) < 0)
		return -1;
	out->step = (enum step)step;
	out->call = next_text(q);
	out->target = next_text(q);
	out->request_digest = next_text(q);
	out->intent_at = next_int(q);
	out->outcome_at = next_int(q);
	out->outcome = next_text(q);
	out->status = (int)next_int(q);
	out->object_id = next_text(q);
	out->detail = next_text(q);
	out->version_before = next_int(q);
	out->version_after = next_int(q);
	out->audited_in = next_text(q);
	return 0;
}

int64_t ledger_intent(struct ledger *ledger, const struct step_record *step, struct error *err)
{
	struct query q;

	CRASH_POINT("intent", step->call);
	if (change_begin(&q, ledger, sql_intent, err) < 0)
		return -1;
	bind_reference(&q, ":item_key", step->item_key);
	bind_reference(&q, ":run_id", step->run_id);
	bind_text(&q, ":step", ledger_step_names[step->step]);
	bind_text(&q, ":call", step->call);
	bind_text(&q, ":target", step->target);
	bind_text(&q, ":request_digest", step->request_digest);
	bind_int(&q, ":version_before", step->version_before);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	if (query_run(&q) < 0)
		return -1;
	CRASH_POINT("intent-written", step->call);
	return sqlite3_last_insert_rowid(ledger->db);
}

int ledger_outcome(struct ledger *ledger, int64_t step_id, const char *outcome, int status,
    const char *object_id, const char *detail, struct error *err)
{
	struct step_record step = {
	    .id = step_id, .outcome = outcome, .status = status, .object_id = object_id, .detail = detail};

	return ledger_outcome_put(ledger, &step, err);
}

int ledger_outcome_put(struct ledger *ledger, const struct step_record *step, struct error *err)
{
	struct query q;

	CRASH_POINT("outcome", step->outcome);
	if (change_begin(&q, ledger, sql_outcome, err) < 0)
		return -1;
	bind_int(&q, ":id", step->id);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	bind_text(&q, ":outcome", step->outcome);
	bind_int(&q, ":status", step->status);
	bind_text(&q, ":object_id", step->object_id);
	bind_text(&q, ":detail", step->detail);
	bind_int(&q, ":version_after", step->version_after);
	if (query_run(&q) < 0)
		return -1;
	CRASH_POINT("outcome-written", step->outcome);
	if (sqlite3_changes(ledger->db) == 0)
		return error_set(err, ERR_LEDGER, "the ledger has no step %lld to write an outcome to",
		    (long long)step->id);
	return 0;
}

static int collect_steps(struct ledger *ledger, const char *sql, const char *name, const char *value,
    struct arena *arena, struct step_record **out, size_t *count, struct error *err)
{
	struct step_record *steps = NULL;
	size_t n = 0, cap = 0;
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql, arena, err) < 0)
		return -1;
	bind_text(&q, name, value);
	while ((rc = query_step(&q)) > 0) {
		MEM_GROW(steps, n, cap);
		if ((rc = read_step(&q, &steps[n])) < 0)
			break;
		n++;
	}
	*count = n;
	*out = rows_keep(arena, steps, n, sizeof *steps);
	return query_end(&q, rc);
}

int ledger_steps(struct ledger *ledger, const char *item_key, struct arena *arena, struct step_record **out,
    size_t *count, struct error *err)
{
	return collect_steps(ledger, sql_steps_of_item, ":item_key", item_key, arena, out, count, err);
}

int ledger_steps_in_doubt(struct ledger *ledger, const char *tenant_id, struct arena *arena,
    struct step_record **out, size_t *count, struct error *err)
{
	return collect_steps(ledger, sql_steps_in_doubt, ":tenant_id", tenant_id, arena, out, count, err);
}

static int each_step(struct ledger *ledger, const char *sql, const char *run_id,
    int (*each)(void *user, const struct step_record *), void *user, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql, NULL, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	while ((rc = query_step(&q)) > 0) {
		struct step_record step;
		if ((rc = read_step(&q, &step)) < 0 || (rc = each(user, &step)) != 0)
			break;
	}
	return query_end(&q, rc);
}

int ledger_run_steps(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct step_record *), void *user, struct error *err)
{
	return each_step(ledger, sql_steps_of_run, run_id, each, user, err);
}

int ledger_steps_unaudited(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct step_record *), void *user, struct error *err)
{
	return each_step(ledger, sql_steps_unaudited, run_id, each, user, err);
}

int ledger_step_find(
    struct ledger *ledger, int64_t id, struct arena *arena, struct step_record *out, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_step_by_id, arena, err) < 0)
		return -1;
	bind_int(&q, ":id", id);
	bool found = (rc = query_step(&q)) > 0;
	if (found)
		rc = read_step(&q, out);
	return query_end(&q, rc) < 0 ? -1 : found;
}
