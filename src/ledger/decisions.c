/* What people decided about parked items. Only added to: who decided what, and when, stays. */
#include "ledger_impl.h"

#include "sql.h"

static void add(struct strbuf *out, const char *before, const char *text)
{
	if (text && text[0])
		strbuf_addf(out, "%s%s", out->n ? before : "", text);
}

/* For the next audit, which carries what was decided, and of who and why a keyed digest. */
static int put_event(struct ledger *ledger, const struct decision_record *decision, struct error *err)
{
	struct strbuf detail = {0}, reason = {0};

	add(&detail, "", decision->decision);
	add(&detail, " ", decision->tenant_id);
	add(&detail, ", was parked as ", decision->parked_as);
	add(&reason, "", decision->who);
	add(&reason, ": ", decision->note);
	int rc = ledger_event_put(ledger,
	    &(struct event_record){
		.event = "decision", .item_key = decision->item_key, .detail = detail.p, .reason = reason.p},
	    err);
	strbuf_free(&detail);
	strbuf_free(&reason);
	return rc;
}

int ledger_decision_put(struct ledger *ledger, const struct decision_record *decision, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_decision_put, err) < 0)
		return -1;
	bind_text(&q, ":account_id", decision->account_id);
	bind_text(&q, ":item_key", decision->item_key);
	bind_text(&q, ":decision", decision->decision);
	bind_text(&q, ":parked_as", decision->parked_as);
	bind_text(&q, ":tenant_id", decision->tenant_id);
	bind_text(&q, ":note", decision->note);
	bind_text(&q, ":who", decision->who);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q) < 0 ? -1 : put_event(ledger, decision, err);
}

static void read_decision(struct query *q, struct decision_record *out)
{
	out->account_id = next_text(q);
	out->item_key = next_text(q);
	out->decision = next_text(q);
	out->parked_as = next_text(q);
	out->tenant_id = next_text(q);
	out->note = next_text(q);
	out->who = next_text(q);
	out->decided_at = next_int(q);
}

int ledger_decisions(struct ledger *ledger, const char *item_key,
    int (*each)(void *user, const struct decision_record *), void *user, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, item_key ? sql_decisions_of_item : sql_decisions_all, NULL, err) < 0)
		return -1;
	if (item_key)
		bind_text(&q, ":item_key", item_key);
	while ((rc = query_step(&q)) > 0) {
		struct decision_record decision;
		read_decision(&q, &decision);
		if ((rc = each(user, &decision)) != 0)
			break;
	}
	return query_end(&q, rc);
}
