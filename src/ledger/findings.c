/* Findings and their memory over nights. Which differences there are is for reconciliation to say. */
#include "ledger_impl.h"

#include "sql.h"

static void read_finding(struct query *q, struct finding_record *out)
{
	out->account_id = next_text(q);
	out->finding_id = next_text(q);
	out->run_id = next_text(q);
	out->code = next_text(q);
	out->severity = next_text(q);
	out->owner = next_text(q);
	out->state = next_text(q);
	out->account = next_text(q);
	out->subscription_id = next_text(q);
	out->tenant_id = next_text(q);
	out->object = next_text(q);
	out->expected = next_text(q);
	out->bss = next_text(q);
	out->acronis = next_text(q);
	out->currency = next_text(q);
	out->money = next_text(q);
	out->sentence = next_text(q);
	out->evidence = next_text(q);
	out->first_seen = next_int(q);
	out->last_seen = next_int(q);
	out->runs_open = next_int(q);
}

/* Fills in what earlier nights say: state, first_seen, last_seen, runs_open. Gives the event to note, ""
 * none, NULL on error. */
static const char *remember(struct ledger *ledger, struct finding_record *finding, struct error *err)
{
	const char *event = "opened";
	struct query q;
	int rc;

	finding->state = "open";
	finding->first_seen = finding->last_seen = clock_wall_ms(ledger->clock);
	finding->runs_open = 1;
	if (query_begin(&q, ledger, sql_finding_known, NULL, err) < 0)
		return NULL;
	bind_text(&q, ":finding_id", finding->finding_id);
	bind_text(&q, ":run_id", finding->run_id);
	if ((rc = query_step(&q)) > 0) {
		const char *state = next_text(&q);
		event = strcmp(state, "resolved") == 0 ? "reopened" : "";
		if (strcmp(state, "acknowledged") == 0)
			finding->state = "acknowledged";
		finding->first_seen = next_int(&q);
		finding->runs_open = next_int(&q);
		bool put_before = next_int(&q) != 0;
		finding->runs_open += !put_before;
	}
	return query_end(&q, rc) < 0 ? NULL : event;
}

static int finding_put(struct ledger *ledger, const struct finding_record *finding, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_finding_put, err) < 0)
		return -1;
	bind_text(&q, ":account_id", finding->account_id);
	bind_text(&q, ":finding_id", finding->finding_id);
	bind_text(&q, ":run_id", finding->run_id);
	bind_text(&q, ":code", finding->code);
	bind_text(&q, ":severity", finding->severity);
	bind_text(&q, ":owner", finding->owner);
	bind_text(&q, ":state", finding->state);
	bind_text(&q, ":account", finding->account);
	bind_text(&q, ":subscription_id", finding->subscription_id);
	bind_text(&q, ":tenant_id", finding->tenant_id);
	bind_text(&q, ":object", finding->object);
	bind_text(&q, ":expected", finding->expected);
	bind_text(&q, ":bss", finding->bss);
	bind_text(&q, ":acronis", finding->acronis);
	bind_text(&q, ":currency", finding->currency);
	bind_text(&q, ":money", finding->money);
	bind_text(&q, ":sentence", finding->sentence);
	bind_text(&q, ":evidence", finding->evidence);
	bind_int(&q, ":first_seen", finding->first_seen);
	bind_int(&q, ":last_seen", finding->last_seen);
	bind_int(&q, ":runs_open", finding->runs_open);
	return query_run(&q);
}

static int finding_copy(struct ledger *ledger, const char *finding_id, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_finding_copy, err) < 0)
		return -1;
	bind_text(&q, ":finding_id", finding_id);
	return query_run(&q);
}

static int event_put(
    struct ledger *ledger, const struct finding_record *finding, const char *event, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_finding_event_put, err) < 0)
		return -1;
	bind_text(&q, ":finding_id", finding->finding_id);
	bind_text(&q, ":run_id", finding->run_id);
	bind_text(&q, ":event", event);
	bind_int(&q, ":now", finding->last_seen);
	return query_run(&q);
}

int ledger_finding_put(struct ledger *ledger, struct finding_record *finding, struct error *err)
{
	const char *event = remember(ledger, finding, err);

	if (!event || finding_put(ledger, finding, err) < 0 ||
	    finding_copy(ledger, finding->finding_id, err) < 0)
		return -1;
	return event[0] ? event_put(ledger, finding, event, err) : 0;
}

static int set_not_compared(
    struct ledger *ledger, const char *const *accounts, size_t count, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_not_compared_clear, err) < 0 || query_run(&q) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (change_begin(&q, ledger, sql_not_compared_add, err) < 0)
			return -1;
		bind_text(&q, ":account_id", accounts[i]);
		if (query_run(&q) < 0)
			return -1;
	}
	return 0;
}

int ledger_findings_resolve(struct ledger *ledger, const char *run_id, const char *const *not_compared,
    size_t count, uint64_t *resolved, struct error *err)
{
	struct query q;

	if (set_not_compared(ledger, not_compared, count, err) < 0)
		return -1;
	if (change_begin(&q, ledger, sql_findings_note_resolved, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	if (query_run(&q) < 0 || change_begin(&q, ledger, sql_findings_resolve, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	if (query_run(&q) < 0)
		return -1;
	*resolved = (uint64_t)sqlite3_changes64(ledger->db);
	return 0;
}

int ledger_findings(struct ledger *ledger, const char *run_id, const char *finding_id,
    int (*each)(void *user, const struct finding_record *), void *user, struct error *err)
{
	const char *sql = sql_findings_open;
	struct query q;
	int rc;

	if (run_id)
		sql = sql_findings_of_run;
	else if (finding_id)
		sql = sql_finding_by_id;
	if (query_begin(&q, ledger, sql, NULL, err) < 0)
		return -1;
	if (run_id)
		bind_text(&q, ":run_id", run_id);
	if (finding_id)
		bind_text(&q, ":finding_id", finding_id);
	while ((rc = query_step(&q)) > 0) {
		struct finding_record finding;
		read_finding(&q, &finding);
		if ((rc = each(user, &finding)) != 0)
			break;
	}
	return query_end(&q, rc);
}

int ledger_finding_events(struct ledger *ledger, const char *finding_id,
    int (*each)(void *user, const struct finding_event *), void *user, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_finding_events, NULL, err) < 0)
		return -1;
	bind_text(&q, ":finding_id", finding_id);
	while ((rc = query_step(&q)) > 0) {
		struct finding_event event;
		event.finding_id = next_text(&q);
		event.run_id = next_text(&q);
		event.event = next_text(&q);
		event.at = next_int(&q);
		if ((rc = each(user, &event)) != 0)
			break;
	}
	return query_end(&q, rc);
}
