/* Tenants that answered that they are gone, so that not every night asks for each of them again. */
#include "ledger_impl.h"

#include "tenantry/mem.h"
#include "sql.h"

int ledger_absent_put(struct ledger *ledger, const char *run_id, const char *tenant_id, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_absent_put, err) < 0)
		return -1;
	bind_text(&q, ":tenant_id", tenant_id);
	bind_text(&q, ":run_id", run_id);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

int ledger_absents(struct ledger *ledger, int64_t since, struct arena *arena, const char ***out,
    size_t *count, struct error *err)
{
	const char **ids = NULL;
	size_t n = 0, cap = 0;
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_absents_since, arena, err) < 0)
		return -1;
	bind_int(&q, ":since", since);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	while ((rc = query_step(&q)) > 0) {
		MEM_GROW(ids, n, cap);
		ids[n++] = next_text(&q);
	}
	*count = n;
	*out = rows_keep(arena, ids, n, sizeof *ids);
	return query_end(&q, rc);
}

int ledger_absents_clear(struct ledger *ledger, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_absents_clear, err) < 0)
		return -1;
	return query_run(&q);
}
