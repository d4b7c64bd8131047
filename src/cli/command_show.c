/* `tenantry show ID`: all that is known of a run, a batch (RUN/N), an order, an account, a tenant or a finding. An id may be
 * several of these at once; then all of them are shown. */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>

#include "program.h"
#include "tenantry/mem.h"

struct show {
	struct ledger *ledger;
	struct arena *arena;
	const char *id, *bss;
	const char *key; /* of the item that was shown by its own id; "" none */
	json_t *out; /* {"runs": [], "orders": [], ...} */
	bool failed;
	struct error *err;
};

static json_t *section(struct show *show, const char *name)
{
	json_t *list = json_object_get(show->out, name);

	if (!list) {
		list = json_array();
		json_object_set_new(show->out, name, list);
	}
	return list;
}

static void add_text(json_t *object, const char *name, const char *value)
{
	if (value && value[0])
		json_object_set_new(object, name, json_string(value));
}

static void add_time(json_t *object, const char *name, int64_t ms)
{
	char text[TIME_TEXT_SIZE];

	if (ms)
		add_text(object, name, time_text(ms, text));
}

static json_t *step_json(const struct step_record *step)
{
	json_t *json = json_object();

	add_text(json, "step", step_name(step->step));
	add_text(json, "call", step->call);
	add_text(json, "target", step->target);
	add_text(json, "run", step->run_id);
	add_time(json, "intent_at", step->intent_at);
	add_time(json, "outcome_at", step->outcome_at);
	add_text(json, "outcome", step->outcome_at ? step->outcome : "in doubt");
	if (step->status)
		json_object_set_new(json, "status", json_integer(step->status));
	add_text(json, "object", step->object_id);
	add_text(json, "detail", step->detail);
	return json;
}

static void add_steps(struct show *show, json_t *item, const char *key)
{
	struct step_record *steps;
	size_t count;
	json_t *list = json_array();

	if (ledger_steps(show->ledger, key, show->arena, &steps, &count, show->err) < 0)
		show->failed = true;
	else
		for (size_t i = 0; i < count; i++)
			json_array_append_new(list, step_json(&steps[i]));
	json_object_set_new(item, "steps", list);
}

static int add_decision(void *user, const struct decision_record *decision)
{
	json_t *json = json_object();

	add_text(json, "decision", decision->decision);
	add_text(json, "parked_as", decision->parked_as);
	add_text(json, "tenant", decision->tenant_id);
	add_text(json, "reason", decision->note);
	add_text(json, "by", decision->who);
	add_time(json, "at", decision->decided_at);
	return json_array_append_new(user, json);
}

static void add_decisions(struct show *show, json_t *item, const char *key)
{
	json_t *list = json_array();

	if (ledger_decisions(show->ledger, key, add_decision, list, show->err) < 0)
		show->failed = true;
	json_object_set_new(item, "decisions", list);
}

static json_t *item_json(const struct item_record *item)
{
	json_t *json = json_object();

	add_text(json, "item", item->key);
	add_text(json, "order", item->order_id);
	add_text(json, "action", action_name(item->action));
	add_text(json, "state", item_state_name(item->state));
	add_text(json, "reason", item->reason);
	add_text(json, "text", item->text);
	if (item->state == ITEM_PARKED)
		add_text(json, "decision", park_reason_decision(park_reason_parse(item->reason)));
	add_text(json, "last_step", step_name(item->step));
	add_text(json, "account", item->account_id);
	add_text(json, "name", item->account);
	add_text(json, "login", item->login);
	add_text(json, "tier", item->tier);
	add_text(json, "currency", item->currency);
	add_text(json, "tenant", item->tenant_id);
	add_text(json, "user", item->user_id);
	add_text(json, "subscription", item->subscription_id);
	add_text(json, "run", item->run_id);
	json_object_set_new(json, "batch", json_integer(item->batch));
	json_object_set_new(json, "attempts", json_integer(item->attempts));
	add_time(json, "received_at", item->received_at);
	add_time(json, "updated_at", item->updated_at);
	add_time(json, "executed_at", item->executed_at);
	if (item->source[0]) {
		char *place = mem_printf("%s:%lu", item->source, item->line);
		add_text(json, "source", place);
		free(place);
	}
	return json;
}

static int add_item(void *user, const struct item_record *item)
{
	struct show *show = user;
	json_t *json;

	if (strcmp(item->key, show->key) == 0)
		return 0;
	json = item_json(item);
	add_steps(show, json, item->key);
	add_decisions(show, json, item->key);
	json_array_append_new(section(show, "orders"), json);
	return show->failed ? -1 : 0;
}

/* The item whose key, or order item id, it is. */
static int show_item(struct show *show)
{
	const char *keys[] = {show->id, arena_printf(show->arena, "%s/%s", show->bss, show->id)};
	struct item_record item;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		int found = ledger_item_get(show->ledger, keys[i], show->arena, &item, show->err);
		if (found < 0 || (found > 0 && add_item(show, &item) < 0))
			return -1;
		if (found > 0)
			show->key = item.key;
	}
	return 0;
}

/* Items are asked for by key, order and account in one pass each that the ledger can answer. */
static int show_items(struct show *show)
{
	struct item_filter by_order = {.order_id = show->id, .state = -1}, by_account = {.account_id = show->id, .state = -1};
	struct item_filter parked = {.state = ITEM_PARKED};

	if (strcmp(show->id, "parked") == 0)
		return ledger_items(show->ledger, &parked, add_item, show, show->err);
	if (show_item(show) < 0)
		return -1;
	if (ledger_items(show->ledger, &by_order, add_item, show, show->err) < 0)
		return -1;
	return ledger_items(show->ledger, &by_account, add_item, show, show->err);
}

static int add_rejection(void *user, const struct rejection_record *r)
{
	struct show *show = user;
	json_t *json = json_object();
	char *place = mem_printf("%s:%lu", r->source, r->line);

	add_text(json, "item", r->key);
	add_text(json, "order", r->order_id);
	add_text(json, "account", r->account_id);
	add_text(json, "codes", r->codes);
	add_text(json, "source", place);
	add_text(json, "run", r->run_id);
	free(place);
	json_array_append_new(section(show, "rejections"), json);
	return 0;
}

static int add_finding(void *user, const struct finding_record *f)
{
	struct show *show = user;
	json_t *json;

	if (strcmp(f->finding_id, show->id) != 0 && strcmp(f->account_id, show->id) != 0 && strcmp(f->tenant_id, show->id) != 0 &&
	    strcmp(f->subscription_id, show->id) != 0)
		return 0;
	json = json_object();
	add_text(json, "finding", f->finding_id);
	add_text(json, "code", f->code);
	add_text(json, "severity", f->severity);
	add_text(json, "owner", f->owner);
	add_text(json, "state", f->state);
	add_text(json, "sentence", f->sentence);
	add_text(json, "account", f->account_id);
	add_text(json, "name", f->account);
	add_text(json, "subscription", f->subscription_id);
	add_text(json, "tenant", f->tenant_id);
	add_text(json, "expected", f->expected);
	add_text(json, "bss", f->bss);
	add_text(json, "acronis", f->acronis);
	add_text(json, "money_at_stake", f->money);
	add_text(json, "currency", f->currency);
	add_time(json, "first_seen", f->first_seen);
	add_time(json, "last_seen", f->last_seen);
	json_object_set_new(json, "runs_open", json_integer(f->runs_open));
	add_text(json, "evidence", f->evidence);
	json_array_append_new(section(show, "findings"), json);
	return 0;
}

static int show_findings(struct show *show)
{
	/* By id whatever its state; by account, tenant or subscription only what is open. */
	int rc = ledger_findings(show->ledger, NULL, show->id, add_finding, show, show->err);

	if (rc == 0 && !json_object_get(show->out, "findings"))
		rc = ledger_findings(show->ledger, NULL, NULL, add_finding, show, show->err);
	return rc;
}

static json_t *batch_json(const struct batch_record *b)
{
	json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I}", "batch", (json_int_t)b->number, "planned", (json_int_t)b->planned, "done",
	    (json_int_t)b->done, "failed", (json_int_t)b->failed, "parked", (json_int_t)b->parked);

	add_time(json, "started_at", b->started_at);
	add_time(json, "ended_at", b->ended_at);
	return json;
}

struct batch_items {
	json_t *list;
	int64_t number;
};

static int add_batch_item(void *user, const struct item_record *item)
{
	struct batch_items *batch = user;

	if (item->batch == batch->number)
		json_array_append_new(batch->list, item_json(item));
	return 0;
}

/* One batch, "RUN/3": its row and its items. */
static int show_batch(struct show *show, const struct run_record *run, const struct batch_record *batch)
{
	struct batch_items items = {json_array(), batch->number};
	struct item_filter filter = {.run_id = run->run_id, .state = -1};
	json_t *json = batch_json(batch);
	int rc = ledger_items(show->ledger, &filter, add_batch_item, &items, show->err);

	json_object_set_new(json, "run", json_string(run->run_id));
	json_object_set_new(json, "orders", items.list);
	json_array_append_new(section(show, "batches"), json);
	return rc;
}

static void show_run(struct show *show, const struct run_record *run, const struct batch_record *batches, size_t count)
{
	json_t *json = json_object(), *list = json_array();

	add_text(json, "run", run->run_id);
	add_text(json, "job", run->job);
	add_text(json, "command", run->command);
	add_time(json, "started_at", run->started_at);
	add_time(json, "ended_at", run->ended_at);
	json_object_set_new(json, "exit_status", json_integer(run->exit_status));
	json_object_set_new(json, "changes", json_integer((json_int_t)run->changes));
	add_text(json, "folder", run->folder);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, batch_json(&batches[i]));
	json_object_set_new(json, "batches", list);
	if (run->document[0])
		json_object_set_new(json, "report", json_loads(run->document, 0, NULL));
	json_array_append_new(section(show, "runs"), json);
}

static int show_runs(struct show *show)
{
	const char *slash = strrchr(show->id, '/');
	char *run_id = slash ? arena_strndup(show->arena, show->id, (size_t)(slash - show->id)) : arena_strdup(show->arena, show->id);
	int64_t number = 0;
	struct run_record run;
	struct batch_record *batches;
	size_t count;

	if (slash && !strv_to_int64(strv_of(slash + 1), &number))
		return 0;
	int found = ledger_run_find(show->ledger, run_id, show->arena, &run, show->err);
	if (found <= 0)
		return found;
	if (ledger_batches(show->ledger, run.run_id, show->arena, &batches, &count, show->err) < 0)
		return -1;
	if (!slash) {
		show_run(show, &run, batches, count);
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		if (batches[i].number == number && show_batch(show, &run, &batches[i]) < 0)
			return -1;
	return 0;
}

/* JSON as indented "name: value" lines: the same facts for people. */
static void print_lines(const json_t *value, const char *name, int depth, struct strbuf *out)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, member)
			if (strcmp(key, "report") != 0)
				print_lines(member, key, depth, out);
		return;
	}
	if (json_is_array(value)) {
		if (json_array_size(value) == 0)
			return;
		strbuf_addf(out, "%*s%s\n", depth * 2, "", name);
		json_array_foreach((json_t *)value, i, member) {
			print_lines(member, name, depth + 1, out);
			strbuf_addc(out, '\n');
		}
		return;
	}
	if (json_is_string(value))
		strbuf_addf(out, "%*s%-14s %s\n", depth * 2, "", name, json_string_value(value));
	else if (json_is_integer(value))
		strbuf_addf(out, "%*s%-14s %" JSON_INTEGER_FORMAT "\n", depth * 2, "", name, json_integer_value(value));
}

/* A run's own summary says more than its row. */
static void print_reports(const struct invocation *invocation, const json_t *out, struct strbuf *text)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(out, "runs"), i, run) {
		struct error ignored = {0};
		char *document = json_dumps(json_object_get(run, "report"), JSON_PRESERVE_ORDER);
		struct report *report = document ? report_from_json(document, &ignored) : NULL;
		if (report)
			report_text(report, command_color(invocation), command_width(), text);
		report_free(report);
		free(document);
	}
}

static int print_all(const struct invocation *invocation, struct show *show)
{
	struct strbuf text = {0};

	if (json_object_size(show->out) == 0 && strcmp(show->id, "parked") == 0)
		section(show, "orders");
	if (json_object_size(show->out) == 0) {
		error_set(show->err, ERR_USAGE, "nothing is known of %s", show->id);
		return error_hint(show->err, "give a run, RUN/BATCH, an order or order item, an account, a tenant or a finding; tenantry runs lists the runs");
	}
	if (invocation->values[OPT_JSON].set) {
		command_print_json(json_incref(show->out));
		return 0;
	}
	print_lines(show->out, "", 0, &text);
	print_reports(invocation, show->out, &text);
	fwrite(text.p, 1, text.n, stdout);
	strbuf_free(&text);
	return 0;
}

int command_show(const struct invocation *invocation, struct error *err)
{
	struct job *job = NULL;
	struct show show = {.id = invocation->args[0], .key = "", .arena = arena_new(), .out = json_object(), .err = err};
	int rc = -1;

	if (!show.id[0]) {
		error_set(err, ERR_USAGE, "show needs an id, this one is empty");
		error_hint(err, "is a variable of the calling script not set?");
		goto out;
	}
	show.ledger = command_ledger(invocation, &job, err);
	show.bss = job ? job->bss.name : "";
	if (show.ledger && show_runs(&show) == 0 && show_items(&show) == 0 &&
	    ledger_rejections(show.ledger, NULL, show.id, add_rejection, &show, err) == 0 && show_findings(&show) == 0)
		rc = print_all(invocation, &show);
out:
	json_decref(show.out);
	arena_free(show.arena);
	ledger_close(show.ledger);
	job_free(job);
	return rc;
}
