/* Known tenants: what an account has in Acronis by our doing. */
#include "ledger_impl.h"

#include "tenantry/mem.h"
#include "sql.h"

int ledger_tenant_put(struct ledger *ledger, const struct known_tenant *tenant, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_tenant_put, err) < 0)
		return -1;
	bind_text(&q, ":account_id", tenant->account_id);
	bind_text(&q, ":tenant_id", tenant->tenant_id);
	bind_text(&q, ":login", tenant->login);
	bind_text(&q, ":item_key", tenant->item_key);
	bind_text(&q, ":subscription_id", tenant->subscription_id);
	bind_text(&q, ":user_id", tenant->user_id);
	bind_text(&q, ":tier", tenant->tier ? tenant->tier->name : "");
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

int ledger_tenants(struct ledger *ledger, const struct job *job, struct arena *arena,
    struct known_tenant **out, size_t *count, struct error *err)
{
	struct known_tenant *tenants = NULL;
	size_t n = 0, cap = 0;
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_tenants_all, arena, err) < 0)
		return -1;
	while ((rc = query_step(&q)) > 0) {
		MEM_GROW(tenants, n, cap);
		struct known_tenant *tenant = &tenants[n++];
		tenant->account_id = next_text(&q);
		tenant->tenant_id = next_text(&q);
		tenant->login = next_text(&q);
		tenant->item_key = next_text(&q);
		tenant->subscription_id = next_text(&q);
		tenant->user_id = next_text(&q);
		tenant->tier = job_tier_by_name(job, strv_of(next_text(&q)));
	}
	*count = n;
	*out = rows_keep(arena, tenants, n, sizeof *tenants);
	return query_end(&q, rc);
}
