/* Findings in `tenantry show`: what each is about, what people accepted of it, its history over the nights,
 * and what can be done. */
#include <string.h>

#include "show_impl.h"
#include "tenantry/report.h"

static int add_event(void *user, const struct finding_event *event)
{
	json_t *json = json_object();

	show_time(json, "at", event->at);
	show_text(json, "event", event->event);
	show_text(json, "by", event->who);
	show_text(json, "detail", event->detail);
	show_text(json, "run", event->run_id);
	return json_array_append_new(user, json);
}

static void add_history(struct show *show, json_t *json, const char *finding_id)
{
	json_t *list = json_array();

	if (ledger_finding_events(show->ledger, finding_id, add_event, list, show->err) < 0)
		show->failed = true;
	json_object_set_new(json, "history", list);
}

static json_t *acknowledgement(const struct finding_ack *ack)
{
	json_t *json = json_object();

	show_text(json, "until", ack->until);
	show_text(json, "reason", ack->reason);
	show_text(json, "by", ack->who);
	show_time(json, "at", ack->at);
	return json;
}

static void add_memory(json_t *json, const struct finding_record *f)
{
	show_time(json, "first_seen", f->first_seen);
	if (f->opened_at != f->first_seen)
		show_time(json, "open_since", f->opened_at);
	show_time(json, "last_seen", f->last_seen);
	json_object_set_new(json, "age_days", json_integer(finding_age_days(f->first_seen, f->last_seen)));
	json_object_set_new(json, "runs_open", json_integer(f->runs_open));
	json_object_set_new(json, "cycles_open", json_integer(f->cycles_open));
	if (f->times_reopened > 0)
		json_object_set_new(json, "times_reopened", json_integer(f->times_reopened));
	show_time(json, "resolved_at", f->resolved_at);
	show_text(json, "resolved_run", f->resolved_run);
	show_text(json, "resolved_how", f->resolved_how);
}

/* What people can do about it: the class's advice, then the commands for it. */
static void add_next(struct show *show, json_t *json, const struct finding_record *f)
{
	const char *job = show->job_path, *id = f->finding_id;
	json_t *commands;

	if (strcmp(f->state, "resolved") == 0) {
		show_text(json, "what_to_do", "nothing: it is resolved");
		return;
	}
	show_text(json, "what_to_do", report_finding_advice(f->code));
	commands = json_array();
	if (strcmp(f->state, "acknowledged") == 0)
		json_array_append_new(commands, json_sprintf("tenantry ack %s --withdraw --job %s", id, job));
	else
		json_array_append_new(
		    commands, json_sprintf("tenantry ack %s --reason TEXT --until DATE --job %s", id, job));
	json_array_append_new(commands, json_sprintf("tenantry ack %s --owner NAME --job %s", id, job));
	if (f->tenant_id[0])
		json_array_append_new(commands, json_sprintf("tenantry show %s --job %s", f->tenant_id, job));
	json_object_set_new(json, "commands", commands);
}

static bool is_about(const struct finding_record *f, const char *id)
{
	const char *const names[] = {f->finding_id, f->account_id, f->tenant_id, f->subscription_id};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(names[i], id) == 0)
			return true;
	return false;
}

static int add_finding(void *user, const struct finding_record *f)
{
	struct show *show = user;
	json_t *json;

	if (!is_about(f, show->id))
		return 0;
	json = json_object();
	show_text(json, "finding", f->finding_id);
	show_text(json, "sentence", f->sentence);
	show_text(json, "code", f->code);
	show_text(json, "severity", f->severity);
	show_text(json, "owner", f->owner);
	show_text(json, "assigned", f->assigned);
	show_text(json, "state", f->state);
	show_text(json, "note", f->note);
	if (f->ack.until[0])
		json_object_set_new(json, "acknowledged", acknowledgement(&f->ack));
	show_text(json, "account", f->account_id);
	show_text(json, "name", f->account);
	show_text(json, "subscription", f->subscription_id);
	show_text(json, "tenant", f->tenant_id);
	show_text(json, "tier", f->tier);
	show_text(json, "expected", f->expected);
	show_text(json, "bss", f->bss);
	show_text(json, "acronis", f->acronis);
	show_text(json, "money_at_stake", f->money);
	show_text(json, "currency", f->currency);
	if (strcmp(f->report_currency, f->currency) != 0) {
		show_text(json, "money_in_report", f->report_money);
		show_text(json, "report_currency", f->report_currency);
	}
	show_text(json, "evidence", f->evidence);
	add_memory(json, f);
	add_next(show, json, f);
	json_t *fixes = show_fixes(show->ledger, NULL, f->finding_id, show->err);
	if (fixes)
		json_object_set_new(json, "corrections", fixes);
	add_history(show, json, f->finding_id);
	json_array_append_new(show_section(show, "findings"), json);
	return show->failed ? -1 : 0;
}

int show_findings(struct show *show)
{
	int rc = ledger_findings(show->ledger, NULL, show->id, add_finding, show, show->err);

	show->finding_by_id = json_object_get(show->out, "findings") != NULL;
	if (rc == 0 && !json_object_get(show->out, "findings"))
		rc = ledger_findings(show->ledger, NULL, NULL, add_finding, show, show->err);
	return rc;
}
