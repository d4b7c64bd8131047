/* What is kept of each side of a night: where the file is, what it must hash to, and how the next night goes
 * on from it. The files themselves are others'. */
#include "ledger_impl.h"

#include "sql.h"

int ledger_snapshot_put(struct ledger *ledger, const struct snapshot_record *snapshot, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_snapshot_put, err) < 0)
		return -1;
	bind_text(&q, ":run_id", snapshot->run_id);
	bind_text(&q, ":side", snapshot->side);
	bind_text(&q, ":file", snapshot->file);
	bind_text(&q, ":digest", snapshot->digest);
	bind_int(&q, ":rows", (int64_t)snapshot->rows);
	bind_int(&q, ":taken_at", snapshot->taken_at);
	bind_text(&q, ":source", snapshot->source);
	bind_text(&q, ":parent", snapshot->parent);
	bind_text(&q, ":api_timestamp", snapshot->api_timestamp);
	bind_int(&q, ":full_at", snapshot->full_at);
	bind_int(&q, ":others", (int64_t)snapshot->others);
	bind_text(&q, ":months", snapshot->months);
	return query_run(&q);
}

static void read_snapshot(struct query *q, struct snapshot_record *out)
{
	out->run_id = next_text(q);
	out->side = next_text(q);
	out->file = next_text(q);
	out->digest = next_text(q);
	out->rows = (uint64_t)next_int(q);
	out->taken_at = next_int(q);
	out->source = next_text(q);
	out->parent = next_text(q);
	out->api_timestamp = next_text(q);
	out->full_at = next_int(q);
	out->others = (uint64_t)next_int(q);
	out->months = next_text(q);
	out->removed_at = next_int(q);
	out->folder = next_text(q);
	out->job = next_text(q);
	out->exit_status = (int)next_int(q);
}

int ledger_snapshots(struct ledger *ledger, const char *side, const char *run_id,
    int (*each)(void *user, const struct snapshot_record *), void *user, struct error *err)
{
	struct query q;
	int rc, told = 0;

	if (query_begin(&q, ledger, sql_snapshots_of_side, NULL, err) < 0)
		return -1;
	bind_text(&q, ":side", side);
	bind_text(&q, ":run_id", run_id);
	while (told == 0 && (rc = query_step(&q)) > 0) {
		struct snapshot_record snapshot;
		read_snapshot(&q, &snapshot);
		told = each(user, &snapshot);
	}
	return query_end(&q, told < 0 ? -1 : told > 0 ? 0 : rc) < 0 ? -1 : 0;
}

int ledger_snapshots_removed(struct ledger *ledger, const char *run_id, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_snapshot_removed, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}
