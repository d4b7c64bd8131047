/* Findings and their memory over nights. Which differences there are is for reconciliation to say; what
 * becomes of one is decided in finding_life.c. */
#include "ledger_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

#include "sql.h"

static void read_ack(struct query *q, struct finding_ack *out)
{
	out->reason = next_text(q);
	out->who = next_text(q);
	out->until = next_text(q);
	out->severity = next_text(q);
	out->currency = next_text(q);
	out->money = next_text(q);
	out->sides = next_text(q);
	out->at = next_int(q);
}

/* The columns of the table in their order. */
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
	out->tier = next_text(q);
	out->report_money = next_text(q);
	out->report_currency = next_text(q);
	out->news = next_text(q);
	out->opened_at = next_int(q);
	out->cycles_open = next_int(q);
	out->times_reopened = next_int(q);
	out->resolved_at = next_int(q);
	out->resolved_run = next_text(q);
	out->resolved_how = next_text(q);
	out->assigned = next_text(q);
	out->note = next_text(q);
	read_ack(q, &out->ack);
	out->window_ms = 0;
	out->amounts = false;
}

void finding_record_keep(struct finding_record *f, struct arena *arena)
{
	const char **texts[] = {&f->finding_id, &f->run_id, &f->code, &f->severity, &f->owner, &f->state,
	    &f->account_id, &f->account, &f->subscription_id, &f->tenant_id, &f->object, &f->expected,
	    &f->bss, &f->acronis, &f->currency, &f->money, &f->sentence, &f->evidence, &f->tier,
	    &f->report_money, &f->report_currency, &f->news, &f->resolved_run, &f->resolved_how, &f->assigned,
	    &f->note, &f->ack.reason, &f->ack.who, &f->ack.until, &f->ack.severity, &f->ack.currency,
	    &f->ack.money, &f->ack.sides};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = *texts[i] && **texts[i] ? arena_strdup(arena, *texts[i]) : "";
}

/* 1 the ledger has it: *before, in the arena; 0; -1. */
static int known_before(struct ledger *ledger, const struct finding_record *finding, struct arena *arena,
    struct finding_record *before, bool *again, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql_finding_known, NULL, err) < 0)
		return -1;
	bind_text(&q, ":finding_id", finding->finding_id);
	bind_text(&q, ":run_id", finding->run_id);
	if ((rc = query_step(&q)) > 0) {
		read_finding(&q, before);
		*again = next_int(&q) != 0;
		finding_record_keep(before, arena);
	}
	int found = rc;
	return query_end(&q, rc) < 0 ? -1 : found;
}

/* Its event is NULL on error. */
static struct finding_change remember(struct ledger *ledger, struct finding_record *finding, int64_t now,
    struct arena *arena, struct error *err)
{
	struct finding_record before;
	bool again = false;
	int found = ledger ? known_before(ledger, finding, arena, &before, &again, err) : 0;

	if (found < 0)
		return (struct finding_change){.event = NULL};
	return finding_live(finding, found > 0 ? &before : NULL, again, now, arena);
}

static void bind_ack(struct query *q, const struct finding_ack *ack)
{
	bind_text(q, ":ack_reason", ack->reason);
	bind_text(q, ":ack_who", ack->who);
	bind_text(q, ":ack_until", ack->until);
	bind_text(q, ":ack_severity", ack->severity);
	bind_text(q, ":ack_currency", ack->currency);
	bind_text(q, ":ack_money", ack->money);
	bind_text(q, ":ack_sides", ack->sides);
	bind_int(q, ":ack_at", ack->at);
}

static void bind_memory(struct query *q, const struct finding_record *finding)
{
	bind_int(q, ":first_seen", finding->first_seen);
	bind_int(q, ":last_seen", finding->last_seen);
	bind_int(q, ":runs_open", finding->runs_open);
	bind_text(q, ":news", finding->news);
	bind_int(q, ":opened_at", finding->opened_at);
	bind_int(q, ":cycles_open", finding->cycles_open);
	bind_int(q, ":times_reopened", finding->times_reopened);
	bind_int(q, ":resolved_at", finding->resolved_at);
	bind_text(q, ":resolved_run", finding->resolved_run);
	bind_text(q, ":resolved_how", finding->resolved_how);
	bind_text(q, ":assigned", finding->assigned);
	bind_text(q, ":note", finding->note);
	bind_ack(q, &finding->ack);
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
	bind_text(&q, ":tier", finding->tier);
	bind_text(&q, ":report_money", finding->report_money);
	bind_text(&q, ":report_currency", finding->report_currency);
	bind_memory(&q, finding);
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

static int event_put(struct ledger *ledger, const struct finding_event *event, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql_finding_event_put, err) < 0)
		return -1;
	bind_text(&q, ":finding_id", event->finding_id);
	bind_text(&q, ":run_id", event->run_id);
	bind_text(&q, ":event", event->event);
	bind_int(&q, ":now", event->at);
	bind_text(&q, ":who", event->who);
	bind_text(&q, ":detail", event->detail);
	return query_run(&q);
}

int ledger_finding_put(struct ledger *ledger, struct finding_record *finding, struct error *err)
{
	if (ledger->scratch)
		arena_reset(ledger->scratch);
	else
		ledger->scratch = arena_new();
	struct finding_change change =
	    remember(ledger, finding, clock_wall_ms(ledger->clock), ledger->scratch, err);

	if (!change.event || finding_put(ledger, finding, err) < 0 ||
	    finding_copy(ledger, finding->finding_id, err) < 0)
		return -1;
	if (!change.event[0])
		return 0;
	return event_put(ledger,
	    &(struct finding_event){.finding_id = finding->finding_id,
		.run_id = finding->run_id,
		.event = change.event,
		.detail = change.detail,
		.at = finding->last_seen},
	    err);
}

int ledger_finding_look(struct ledger *ledger, struct finding_record *finding, int64_t now,
    struct arena *arena, struct error *err)
{
	return remember(ledger, finding, now, arena, err).event ? 0 : -1;
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

static int run_at(struct ledger *ledger, const char *sql, const char *run_id, bool at, struct error *err)
{
	struct query q;

	if (change_begin(&q, ledger, sql, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	if (at)
		bind_int(&q, ":now", clock_wall_ms(ledger->clock));
	return query_run(&q);
}

static int count_of(
    struct ledger *ledger, const char *sql, const char *run_id, uint64_t *out, struct error *err)
{
	struct query q;
	int rc;

	if (query_begin(&q, ledger, sql, NULL, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	if ((rc = query_step(&q)) > 0)
		*out = (uint64_t)next_int(&q);
	return query_end(&q, rc);
}

int ledger_findings_resolve(struct ledger *ledger, const char *run_id, const char *const *not_compared,
    size_t count, struct findings_settled *out, struct error *err)
{
	uint64_t known = 0;

	*out = (struct findings_settled){0};
	if (set_not_compared(ledger, not_compared, count, err) < 0 ||
	    run_at(ledger, sql_findings_resolve, run_id, true, err) < 0)
		return -1;
	out->resolved = (uint64_t)sqlite3_changes64(ledger->db);
	if (run_at(ledger, sql_findings_note_resolved, run_id, true, err) < 0 ||
	    count_of(ledger, sql_findings_count_left, run_id, &out->left, err) < 0 ||
	    count_of(ledger, sql_findings_count_known, run_id, &known, err) < 0)
		return -1;
	out->before = known + out->resolved + out->left;
	return 0;
}

int ledger_finding_decide(struct ledger *ledger, const struct finding_record *finding, const char *event,
    const char *who, const char *detail, struct error *err)
{
	struct query q;
	int rc;

	if (change_begin(&q, ledger, sql_finding_decide, err) < 0)
		return -1;
	bind_text(&q, ":finding_id", finding->finding_id);
	bind_text(&q, ":state", finding->state);
	bind_text(&q, ":owner", finding->owner);
	bind_text(&q, ":assigned", finding->assigned);
	bind_text(&q, ":note", finding->note);
	bind_ack(&q, &finding->ack);
	if (query_run(&q) < 0 || event_put(ledger,
				     &(struct finding_event){.finding_id = finding->finding_id,
					 .run_id = finding->run_id,
					 .event = event,
					 .who = who,
					 .detail = detail,
					 .at = clock_wall_ms(ledger->clock)},
				     err) < 0)
		return -1;
	/* What people write is free of nothing: the audit has a keyed digest of it. */
	char *what = mem_printf("finding %s %s%s%s", finding->finding_id, event,
	    finding->ack.until[0] ? " until " : "", finding->ack.until);
	char *reason = mem_printf("%s: %s", who, detail);
	rc = ledger_event_put(
	    ledger, &(struct event_record){.event = "decision", .detail = what, .reason = reason}, err);
	free(what);
	free(reason);
	return rc;
}

static int read_each(struct query *q, int (*each)(void *user, const struct finding_record *), void *user)
{
	int rc;

	while ((rc = query_step(q)) > 0) {
		struct finding_record finding;
		read_finding(q, &finding);
		if ((rc = each(user, &finding)) != 0)
			break;
	}
	return query_end(q, rc);
}

int ledger_findings_resolved(struct ledger *ledger, const char *run_id,
    int (*each)(void *user, const struct finding_record *), void *user, struct error *err)
{
	struct query q;

	if (query_begin(&q, ledger, sql_findings_resolved_by, NULL, err) < 0)
		return -1;
	bind_text(&q, ":run_id", run_id);
	return read_each(&q, each, user);
}

int ledger_findings(struct ledger *ledger, const char *run_id, const char *finding_id,
    int (*each)(void *user, const struct finding_record *), void *user, struct error *err)
{
	const char *sql = sql_findings_open;
	struct query q;

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
	return read_each(&q, each, user);
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
		event.who = next_text(&q);
		event.detail = next_text(&q);
		event.at = next_int(&q);
		if ((rc = each(user, &event)) != 0)
			break;
	}
	return query_end(&q, rc);
}
