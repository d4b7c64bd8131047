/* Signatures under runs. Only added to: who signed what, when, and who took it back and why, stays. What a
 * manifest holds is not known here; its hash also goes into the events, and with them into the chain of
 * audits. */
#include "ledger_impl.h"

#include <stdlib.h>

#include "sql.h"
#include "tenantry/crash_point.h"
#include "tenantry/mem.h"

static int put_event(struct ledger *ledger, const char *event, const struct signature_record *s,
    const char *words, struct error *err)
{
	char *detail = mem_printf("%s %s %s", s->run_id, s->role, s->manifest),
	     *reason = mem_printf("%s: %s", s->login, words);
	int rc = ledger_event_put(
	    ledger, &(struct event_record){.event = event, .detail = detail, .reason = reason}, err);

	free(detail);
	free(reason);
	return rc;
}

int ledger_signature_put(struct ledger *ledger, const struct signature_record *s, struct error *err)
{
	struct query q;

	CRASH_POINT("signature", s->role);
	if (change_begin(&q, ledger, sql_signature_put, err) < 0)
		return -1;
	bind_text(&q, ":run_id", s->run_id);
	bind_text(&q, ":role", s->role);
	bind_text(&q, ":name", s->name);
	bind_text(&q, ":login", s->login);
	bind_text(&q, ":manifest", s->manifest);
	bind_text(&q, ":document", s->document);
	bind_int(&q, ":now", s->signed_at);
	return query_run(&q) < 0 ? -1 : put_event(ledger, "signed", s, s->name, err);
}

int ledger_signature_withdraw(struct ledger *ledger, const struct signature_record *s, const char *login,
    const char *reason, struct error *err)
{
	struct signature_record by = *s;
	struct query q;

	by.login = login;
	if (change_begin(&q, ledger, sql_signature_withdraw, err) < 0)
		return -1;
	bind_int(&q, ":id", s->id);
	bind_text(&q, ":login", login);
	bind_text(&q, ":reason", reason);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q) < 0 ? -1 : put_event(ledger, "signature-withdrawn", &by, reason, err);
}

static void read_signature(struct query *q, struct signature_record *out)
{
	out->id = next_int(q);
	out->run_id = next_text(q);
	out->role = next_text(q);
	out->name = next_text(q);
	out->login = next_text(q);
	out->manifest = next_text(q);
	out->document = next_text(q);
	out->signed_at = next_int(q);
	out->withdrawn_at = next_int(q);
	out->withdrawn_by = next_text(q);
	out->withdrawn_reason = next_text(q);
}

int ledger_signatures(struct ledger *ledger, const char *run_id, struct arena *arena,
    struct signature_record **out, size_t *count, struct error *err)
{
	struct signature_record *rows = NULL;
	size_t n = 0, cap = 0;
	struct query q;
	int rc;

	if (query_begin(&q, ledger, run_id ? sql_signatures_of_run : sql_signatures_standing, arena, err) < 0)
		return -1;
	if (run_id)
		bind_text(&q, ":run_id", run_id);
	while ((rc = query_step(&q)) > 0) {
		MEM_GROW(rows, n, cap);
		read_signature(&q, &rows[n++]);
	}
	*count = n;
	*out = rows_keep(arena, rows, n, sizeof *rows);
	return query_end(&q, rc);
}

int ledger_signature_noted(
    struct ledger *ledger, const struct signature_record *s, bool *noted, struct error *err)
{
	char *detail = mem_printf("%s %s %s", s->run_id, s->role, s->manifest);
	struct query q;
	int rc = query_begin(&q, ledger, sql_events_like, NULL, err);

	if (rc == 0) {
		bind_text(&q, ":event", "signed");
		bind_text(&q, ":detail", detail);
		if ((rc = query_step(&q)) > 0)
			*noted = next_int(&q) > 0;
		rc = query_end(&q, rc);
	}
	free(detail);
	return rc;
}
