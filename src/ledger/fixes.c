/* Corrections of findings, as each run left them. What may be corrected is not known here. */
#include "ledger_impl.h"

#include "sql.h"
#include "tenantry/crash_point.h"
#include "tenantry/mem.h"

int ledger_fix_put(struct ledger *ledger, const struct fix_record *fix, struct error *err)
{
	struct query q;

	CRASH_POINT("fix", fix->state);
	if (change_begin(&q, ledger, sql_fix_put, err) < 0)
		return -1;
	bind_text(&q, ":run_id", fix->run_id);
	bind_text(&q, ":finding_id", fix->finding_id);
	bind_text(&q, ":found_in", fix->found_in);
	bind_text(&q, ":code", fix->code);
	bind_text(&q, ":change", fix->change);
	bind_text(&q, ":account_id", fix->account_id);
	bind_text(&q, ":account", fix->account);
	bind_text(&q, ":subscription_id", fix->subscription_id);
	bind_text(&q, ":tenant_id", fix->tenant_id);
	bind_text(&q, ":was", fix->was);
	bind_text(&q, ":wanted", fix->wanted);
	bind_text(&q, ":currency", fix->currency);
	bind_text(&q, ":money", fix->money);
	bind_text(&q, ":state", fix->state);
	bind_text(&q, ":reason", fix->reason);
	bind_text(&q, ":text", fix->text);
	bind_int(&q, ":batch", fix->batch);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

static void read_fix(struct query *q, struct fix_record *out)
{
	out->run_id = next_text(q);
	out->finding_id = next_text(q);
	out->found_in = next_text(q);
	out->code = next_text(q);
	out->change = next_text(q);
	out->account_id = next_text(q);
	out->account = next_text(q);
	out->subscription_id = next_text(q);
	out->tenant_id = next_text(q);
	out->was = next_text(q);
	out->wanted = next_text(q);
	out->currency = next_text(q);
	out->money = next_text(q);
	out->state = next_text(q);
	out->reason = next_text(q);
	out->text = next_text(q);
	out->batch = next_int(q);
	out->updated_at = next_int(q);
}

int ledger_fixes(struct ledger *ledger, const char *run_id, const char *finding_id,
    int (*each)(void *user, const struct fix_record *), void *user, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, run_id ? sql_fixes_of_run : sql_fixes_of_finding, NULL, err) < 0)
		return -1;
	if (run_id)
		bind_text(&q, ":run_id", run_id);
	else
		bind_text(&q, ":finding_id", finding_id);
	while ((rc = query_step(&q)) > 0) {
		struct fix_record fix;
		read_fix(&q, &fix);
		if ((rc = each(user, &fix)) != 0)
			break;
	}
	return query_end(&q, rc);
}
