/* What each side of the comparison held in a run, and the snapshots' hashes. */
#include "ledger_impl.h"

#include "sql.h"

int ledger_side_put(struct ledger *ledger, const char *run_id, const char *side, uint64_t rows,
    const char *path, const char *digest, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_side_put, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	bind_text(&q, ":side", side);
	bind_int(&q, ":rows", (int64_t)rows);
	bind_text(&q, ":path", path);
	bind_text(&q, ":digest", digest);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

int ledger_side_last(
    struct ledger *ledger, const char *side, uint64_t *rows, int64_t *seen_at, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_side_last, NULL, err) < 0)
		return -1;
	bind_text(&q, ":side", side);
	bool found = (rc = query_step(&q)) > 0;
	if (found) {
		*rows = (uint64_t)next_int(&q);
		*seen_at = next_int(&q);
	}
	return query_end(&q, rc) < 0 ? -1 : found;
}
