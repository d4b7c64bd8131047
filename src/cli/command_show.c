/* `tenantry show ID`: all that is known of a run, a batch (RUN/N), an order, an account, a tenant or a
 * finding. An id may be several of these at once; then all of them are shown. */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>

#include "program.h"
#include "show_impl.h"
#include "tenantry/mem.h"

static json_t *step_json(const struct step_record *step)
{
	json_t *json = json_object();

	show_text(json, "step", step_name(step->step));
	show_text(json, "call", step->call);
	show_text(json, "target", step->target);
	show_text(json, "run", step->run_id);
	show_time(json, "intent_at", step->intent_at);
	show_time(json, "outcome_at", step->outcome_at);
	show_text(json, "outcome", step->outcome_at ? step->outcome : "in doubt");
	if (step->status)
		json_object_set_new(json, "status", json_integer(step->status));
	show_text(json, "object", step->object_id);
	show_text(json, "detail", step->detail);
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

	show_text(json, "decision", decision->decision);
	show_text(json, "parked_as", decision->parked_as);
	show_text(json, "tenant", decision->tenant_id);
	show_text(json, "reason", decision->note);
	show_text(json, "by", decision->who);
	show_time(json, "at", decision->decided_at);
	return json_array_append_new(user, json);
}

static void add_decisions(struct show *show, json_t *item, const char *key)
{
	json_t *list = json_array();

	if (ledger_decisions(show->ledger, key, add_decision, list, show->err) < 0)
		show->failed = true;
	json_object_set_new(item, "decisions", list);
}

/* Of a parked item: what settles it, ready to be given; of a failed one: what tries it again. */
static json_t *item_commands(const struct item_record *item, const char *job_path)
{
	struct strbuf settle = {0}, skip = {0};

	if (item->state == ITEM_FAILED) {
		report_add_retry_command(job_path, item, &settle);
		json_t *retry = json_pack("[s]", settle.p);
		strbuf_free(&settle);
		return retry;
	}
	report_add_settling_command(item->run_id, job_path, item, &settle);
	report_add_skip_command(job_path, item, &skip);
	json_t *commands = json_pack("[s, s]", settle.p, skip.p);
	strbuf_free(&settle);
	strbuf_free(&skip);
	return commands;
}

static json_t *item_json(const struct item_record *item, const char *job_path)
{
	json_t *json = json_object();

	show_text(json, "item", item->key);
	show_text(json, "order", item->order_id);
	show_text(json, "action", action_name(item->action));
	show_text(json, "state", item_state_name(item->state));
	show_text(json, "reason", item->reason);
	show_text(json, "text", item->text);
	if (item->state == ITEM_PARKED)
		show_text(json, "decision", park_reason_decision(park_reason_parse(item->reason)));
	show_text(json, "last_step", step_name(item->step));
	show_text(json, "account", item->account_id);
	show_text(json, "name", item->account);
	show_text(json, "login", item->login);
	show_text(json, "tier", item->tier);
	show_text(json, "currency", item->currency);
	show_text(json, "tenant", item->tenant_id);
	show_text(json, "user", item->user_id);
	show_text(json, "subscription", item->subscription_id);
	show_text(json, "run", item->run_id);
	json_object_set_new(json, "batch", json_integer(item->batch));
	json_object_set_new(json, "attempts", json_integer(item->attempts));
	show_time(json, "received_at", item->received_at);
	show_time(json, "updated_at", item->updated_at);
	show_time(json, "executed_at", item->executed_at);
	if (item->source[0]) {
		char *place = mem_printf("%s:%lu", item->source, item->line);
		show_text(json, "source", place);
		free(place);
	}
	if (item->state == ITEM_PARKED || item->state == ITEM_FAILED)
		json_object_set_new(json, "commands", item_commands(item, job_path));
	return json;
}

int show_item_record(void *user, const struct item_record *item)
{
	struct show *show = user;
	json_t *json;

	if (strcmp(item->key, show->key) == 0)
		return 0;
	show->has_orders = true;
	json = item_json(item, show->job_path);
	add_steps(show, json, item->key);
	add_decisions(show, json, item->key);
	json_array_append_new(show_section(show, "orders"), json);
	return show->failed ? -1 : 0;
}

/* The item whose key, or order item id, it is. */
static int show_item(struct show *show)
{
	const char *keys[] = {show->id, arena_printf(show->arena, "%s/%s", show->bss, show->id)};
	struct item_record item;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		int found = ledger_item_get(show->ledger, keys[i], show->arena, &item, show->err);
		if (found < 0 || (found > 0 && show_item_record(show, &item) < 0))
			return -1;
		if (found > 0)
			show->key = item.key;
	}
	return 0;
}

/* "parked" and "failed" are what waits for somebody, whatever run left it; -1: another word. */
static int state_of_word(const char *word)
{
	static const enum item_state states[] = {ITEM_PARKED, ITEM_FAILED};

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(word, item_state_name(states[i])) == 0)
			return (int)states[i];
	return -1;
}

/* Items are asked for by key, order and account in one pass each that the ledger can answer. */
static int show_items(struct show *show)
{
	struct item_filter by_order = {.order_id = show->id, .state = -1},
			   by_account = {.account_id = show->id, .state = -1};
	struct item_filter in_state = {.state = state_of_word(show->id)};

	show->is_order = in_state.state >= 0;
	if (show->is_order)
		return ledger_items(show->ledger, &in_state, show_item_record, show, show->err);
	if (show_item(show) < 0)
		return -1;
	if (ledger_items(show->ledger, &by_order, show_item_record, show, show->err) < 0)
		return -1;
	show->is_order = show->has_orders;
	return ledger_items(show->ledger, &by_account, show_item_record, show, show->err);
}

static int add_rejection(void *user, const struct rejection_record *r)
{
	struct show *show = user;
	json_t *json = json_object();
	char *place = mem_printf("%s:%lu", r->source, r->line);

	show_text(json, "item", r->key);
	show_text(json, "order", r->order_id);
	show_text(json, "account", r->account_id);
	show_text(json, "codes", r->codes);
	show_text(json, "source", place);
	show_text(json, "run", r->run_id);
	free(place);
	json_array_append_new(show_section(show, "rejections"), json);
	return 0;
}

static json_t *batch_json(const struct batch_record *b)
{
	json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:I}", "batch", (json_int_t)b->number, "planned",
	    (json_int_t)b->planned, "done", (json_int_t)b->done, "failed", (json_int_t)b->failed, "parked",
	    (json_int_t)b->parked);

	show_time(json, "started_at", b->started_at);
	show_time(json, "ended_at", b->ended_at);
	return json;
}

struct batch_items {
	json_t *list;
	int64_t number;
	const char *job_path;
};

static int add_batch_item(void *user, const struct item_record *item)
{
	struct batch_items *batch = user;

	if (item->batch == batch->number)
		json_array_append_new(batch->list, item_json(item, batch->job_path));
	return 0;
}

/* One batch, "RUN/3": its row and its items. */
static int show_batch(struct show *show, const struct run_record *run, const struct batch_record *batch)
{
	struct batch_items items = {json_array(), batch->number, show->job_path};
	struct item_filter filter = {.run_id = run->run_id, .state = -1};
	json_t *json = batch_json(batch);
	int rc = ledger_items(show->ledger, &filter, add_batch_item, &items, show->err);

	json_object_set_new(json, "run", json_string(run->run_id));
	json_object_set_new(json, "orders", items.list);
	json_array_append_new(show_section(show, "batches"), json);
	return rc;
}

static void show_run(
    struct show *show, const struct run_record *run, const struct batch_record *batches, size_t count)
{
	json_t *json = json_object(), *list = json_array();

	show_text(json, "run", run->run_id);
	show_text(json, "job", run->job);
	show_text(json, "command", run->command);
	show_time(json, "started_at", run->started_at);
	show_time(json, "ended_at", run->ended_at);
	json_object_set_new(json, "exit_status", json_integer(run->exit_status));
	json_object_set_new(json, "changes", json_integer((json_int_t)run->changes));
	show_text(json, "folder", run->folder);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, batch_json(&batches[i]));
	json_object_set_new(json, "batches", list);
	json_t *signatures = show_signatures(show->ledger, run->run_id, show->err);
	if (signatures)
		json_object_set_new(json, "signatures", signatures);
	if (run->document[0])
		json_object_set_new(json, "report", json_loads(run->document, 0, NULL));
	json_array_append_new(show_section(show, "runs"), json);
}

static int show_runs(struct show *show)
{
	const char *slash = strrchr(show->id, '/');
	char *run_id = slash ? arena_strndup(show->arena, show->id, (size_t)(slash - show->id))
			     : arena_strdup(show->arena, show->id);
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

static void add_word(struct strbuf *out, const json_t *word)
{
	if (json_is_string(word))
		strbuf_addf(out, "  %s", json_string_value(word));
}

/* One line for each of a list. */
static void print_compact(const json_t *list, const char *name, int depth, struct strbuf *out)
{
	const char *key;
	json_t *element, *word;
	size_t i;

	strbuf_addf(out, "%*s%s\n", depth * 2, "", name);
	json_array_foreach(list, i, element)
	{
		strbuf_addf(out, "%*s", depth * 2, "");
		add_word(out, element);
		json_object_foreach(element, key, word) add_word(out, word);
		strbuf_addc(out, '\n');
	}
}

/* JSON as indented "name: value" lines: the same facts for people. */
static void print_lines(const json_t *value, const char *name, int depth, struct strbuf *out)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach((json_t *)value, key, member) if (strcmp(key, "report") != 0)
		    print_lines(member, key, depth, out);
		return;
	}
	if (json_is_array(value)) {
		if (json_array_size(value) == 0)
			return;
		if (strcmp(name, "history") == 0 || strcmp(name, "commands") == 0) {
			print_compact(value, name, depth, out);
			return;
		}
		strbuf_addf(out, "%*s%s\n", depth * 2, "", name);
		json_array_foreach((json_t *)value, i, member)
		{
			print_lines(member, name, depth + 1, out);
			strbuf_addc(out, '\n');
		}
		return;
	}
	if (json_is_string(value)) {
		size_t before = out->n;
		strbuf_addf(out, "%*s%-14s ", depth * 2, "", name);
		help_add_wrapped(
		    out, strv_of(json_string_value(value)), out->n - before, (size_t)depth * 2 + 15);
	} else if (json_is_integer(value))
		strbuf_addf(out, "%*s%-14s %" JSON_INTEGER_FORMAT "\n", depth * 2, "", name,
		    json_integer_value(value));
}

/* A run's own summary says more than its row. */
static void print_reports(const struct invocation *invocation, const json_t *out, struct strbuf *text)
{
	json_t *run;
	size_t i;

	json_array_foreach(json_object_get(out, "runs"), i, run)
	{
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

	if (json_object_size(show->out) == 0 && state_of_word(show->id) >= 0)
		show_section(show, "orders");
	if (json_object_size(show->out) == 0) {
		error_set(show->err, ERR_USAGE, "nothing is known of %s", show->id);
		return error_hint(show->err,
		    "give a run, RUN/BATCH, an order or order item, an account, a tenant or a finding; tenantry runs lists the runs");
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
	struct show show = {
	    .id = invocation->args[0], .key = "", .arena = arena_new(), .out = json_object(), .err = err};
	int rc = -1;

	if (!show.id[0]) {
		error_set(err, ERR_USAGE, "show needs an id, this one is empty");
		error_hint(err, "is a variable of the calling script not set?");
		goto out;
	}
	show.ledger = command_ledger(invocation, &job, err);
	show.bss = job ? job->bss.name : "";
	show.job_path = job ? job->path : "";
	if (show.ledger && show_runs(&show) == 0 && show_items(&show) == 0 &&
	    ledger_rejections(show.ledger, NULL, show.id, add_rejection, &show, err) == 0 &&
	    show_findings(&show) == 0 && show_known(&show, job) == 0)
		rc = print_all(invocation, &show);
out:
	json_decref(show.out);
	arena_free(show.arena);
	ledger_close(show.ledger);
	job_free(job);
	return rc;
}
