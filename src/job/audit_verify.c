/* Holding an audit against what it was written from; see audit.h. The lines are made again from the ledger's
 * records and compared, so that this file knows no more of their shape than it must. What does not fit is a
 * problem with its place, never an error. */
#include "job/audit_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/identity.h"
#include "tenantry/mem.h"
#include "tenantry/report.h"
#include "tenantry/sign.h"

enum { AUDIT_MAX = 1 << 30, PROBLEMS_MAX = 1000 };

struct verify {
	struct ledger *ledger;
	const struct run_record *run;
	struct audit_record audit;
	struct arena *arena, *scratch; /* scratch: one line's records */
	struct audit_result *out;
	struct error *err;
	char key[LEDGER_AUDIT_KEY_SIZE];
	const char *path; /* of audit.ndjson */
	unsigned long line;
	int64_t *seen; /* ids of the journal's rows, in the order of the lines */
	size_t seen_count, seen_cap;
	json_t *events; /* lines that the ledger's events give, in order */
	size_t event_at;
	struct item_record *items; /* of the run, by key */
	size_t item_count, item_cap;
	int64_t events_seen, subscriptions, orders, in_doubt;
	json_t *end; /* the closing line; NULL none */
};

__attribute__((format(printf, 4, 5))) static void problem(
    struct verify *v, const char *file, unsigned long line, const char *format, ...)
{
	struct audit_result *out = v->out;
	char text[1024];
	va_list args;

	if (out->count >= PROBLEMS_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (out->count == out->cap) {
		size_t cap = out->cap ? out->cap * 2 : 8;
		struct audit_problem *grown = arena_alloc(v->arena, cap * sizeof *grown);
		if (out->count > 0)
			memcpy(grown, out->problems, out->count * sizeof *grown);
		out->problems = grown;
		out->cap = cap;
	}
	out->problems[out->count++] =
	    (struct audit_problem){arena_strdup(v->arena, file), line, arena_strdup(v->arena, text)};
}

#define wrong_line(v, ...) problem((v), (v)->path, (v)->line, __VA_ARGS__)

static const char *member(const json_t *line, const char *name)
{
	const char *text = json_string_value(json_object_get(line, name));

	return text ? text : "";
}

/* ---- Lines against the ledger. */

/* Of the members that `expected` has, the first that the line has otherwise. */
static const char *first_difference(const json_t *line, json_t *expected)
{
	const char *name;
	json_t *value;

	json_object_foreach(
	    expected, name, value) if (!json_equal(json_object_get(line, name), value)) return name;
	return NULL;
}

/* What a change was before it was known what became of it. */
static struct step_record before_outcome(const struct step_record *row)
{
	struct step_record open = *row;

	open.outcome_at = open.version_after = 0;
	open.status = 0;
	open.outcome = open.object_id = open.detail = "";
	return open;
}

static int check_change(struct verify *v, const json_t *line)
{
	int64_t id = json_integer_value(json_object_get(line, "id"));
	struct step_record row;
	int found;

	arena_reset(v->scratch);
	found = ledger_step_find(v->ledger, id, v->scratch, &row, v->err);
	if (found < 0)
		return -1;
	v->out->changes++;
	v->in_doubt += strcmp(member(line, "outcome"), "in-doubt") == 0;
	MEM_GROW(v->seen, v->seen_count, v->seen_cap);
	v->seen[v->seen_count++] = id;
	if (found == 0) {
		wrong_line(v, "the ledger's journal has no row %" PRId64, id);
		return 0;
	}
	/* What was in doubt then may be settled since: a later audit shows that. */
	if (strcmp(row.audited_in, v->run->run_id) != 0)
		row = before_outcome(&row);
	json_t *expected = audit_change(&row, v->run->run_id, v->key);
	const char *name = first_difference(line, expected);
	if (name)
		wrong_line(v, "%s is not what the ledger's journal has in row %" PRId64, name, id);
	json_decref(expected);
	return 0;
}

static int by_key(const void *key, const void *item)
{
	return strcmp(key, ((const struct item_record *)item)->key);
}

static void check_export(struct verify *v, const json_t *line)
{
	bool orders = strcmp(member(line, "file"), "orders-executed.csv") == 0;
	const char *key = member(line, "item");
	const struct item_record *item =
	    v->item_count ? bsearch(key, v->items, v->item_count, sizeof *item, by_key) : NULL;

	v->out->exports++;
	v->orders += orders;
	v->subscriptions += !orders;
	if (!item)
		wrong_line(v, "the ledger has no item %s in this run", key);
	else if (strcmp(item->subscription_id, member(line, "subscription")) != 0)
		wrong_line(v, "subscription of %s is %s in the ledger", key, item->subscription_id);
	else if (orders && strcmp(item_state_name(item->state), member(line, "result")) != 0)
		wrong_line(v, "%s is %s in the ledger", key, item_state_name(item->state));
}

static void check_event(struct verify *v, const json_t *line)
{
	json_t *expected = json_array_get(v->events, v->event_at++);

	v->events_seen++;
	if (!expected) {
		wrong_line(v, "the ledger has no such event");
		return;
	}
	const char *name = first_difference(line, expected);
	if (name)
		wrong_line(v, "%s is not what the ledger has of this event", name);
}

static void check_begin(struct verify *v, const json_t *line)
{
	if (v->line != 1)
		wrong_line(v, "a second beginning");
	if (strcmp(member(line, "job"), v->run->job) != 0 ||
	    strcmp(member(line, "command"), v->run->command) != 0)
		wrong_line(v, "job or command is not what the ledger has of the run");
}

static int check_line(struct verify *v, json_t *line)
{
	const char *event = member(line, "event");

	if (json_integer_value(json_object_get(line, "seq")) != (json_int_t)v->line)
		wrong_line(v, "seq is not %lu", v->line);
	if (strcmp(member(line, "run"), v->run->run_id) != 0)
		wrong_line(v, "a line of another run");
	if (v->end)
		wrong_line(v, "a line after the last one");
	if (strcmp(event, "run-begin") == 0)
		check_begin(v, line);
	else if (strcmp(event, "change") == 0)
		return check_change(v, line);
	else if (strcmp(event, "export") == 0)
		check_export(v, line);
	else if (strcmp(event, "run-end") == 0 && !v->end)
		v->end = json_incref(line);
	else
		check_event(v, line);
	return 0;
}

/* ---- The chain. */

/* A line's hash stands in the next one, of the last in the ledger: a difference means that the line itself
 * was changed. */
static void check_link(struct verify *v, const json_t *line, const char *hash_before)
{
	if (strcmp(member(line, "prev"), hash_before) == 0)
		return;
	if (v->line == 1)
		wrong_line(v, "prev is not the hash that the ledger has of the audit before%s%s",
		    v->audit.run_before[0] ? ", of run " : "", v->audit.run_before);
	else
		problem(v, v->path, v->line - 1,
		    "changed since it was written, or a line is missing after it (line %lu has another hash of it)",
		    v->line);
}

static int check_lines(struct verify *v, const char *content, size_t size)
{
	char hash[SHA256_TEXT_SIZE];
	int rc = 0;

	snprintf(hash, sizeof hash, "%s", v->audit.prev[0] ? v->audit.prev : audit_genesis);
	for (const char *at = content, *end = content + size; rc == 0 && at < end; at++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((stop ? stop : end) - at);
		json_error_t error;
		json_t *line = json_loadb(at, n, JSON_REJECT_DUPLICATES, &error);
		v->line++;
		if (!json_is_object(line)) {
			wrong_line(v, "not a JSON object: %s", line ? "something else" : error.text);
		} else {
			check_link(v, line, hash);
			rc = check_line(v, line);
		}
		if (!stop)
			wrong_line(v, "the line break at the end is missing");
		json_decref(line);
		sha256_text((struct strv){at, n}, hash);
		at += n;
	}
	v->out->lines = (int64_t)v->line;
	v->out->head = arena_strdup(v->arena, hash);
	return rc;
}

static void check_chain(struct verify *v)
{
	const struct audit_record *audit = &v->audit;

	if ((int64_t)v->line != audit->lines)
		problem(v, v->path, 0, "has %lu lines, the ledger knows %" PRId64, v->line, audit->lines);
	if (strcmp(v->out->head, audit->head) != 0)
		problem(v, v->path, v->line, "the last line has not the hash that the ledger has of it");
	if (strcmp(audit->prev, audit->head_before) != 0)
		problem(v, "", 0, "the ledger: the audit does not follow that of run %s",
		    audit->run_before[0] ? audit->run_before : "before it (there is none)");
	if (audit->run_after[0] && strcmp(audit->head, audit->prev_after) != 0)
		problem(
		    v, "", 0, "the ledger: the audit of run %s does not follow this one", audit->run_after);
}

/* ---- The closing line, the files, run.json. */

static void check_number(
    struct verify *v, const json_t *group, const char *name, int64_t wanted, const char *of)
{
	if (json_integer_value(json_object_get(group, name)) != wanted)
		wrong_line(v, "%s: %" JSON_INTEGER_FORMAT ", but there are %" PRId64 " %s", name,
		    json_integer_value(json_object_get(group, name)), wanted, of);
}

static void count_items(const struct verify *v, int64_t of_state[ITEM_STATE_COUNT])
{
	for (size_t i = 0; i < v->item_count; i++)
		of_state[v->items[i].state]++;
}

static void check_end(struct verify *v)
{
	const json_t *counts = json_object_get(v->end, "counts"),
		     *exports = json_object_get(counts, "exports");
	int64_t of_state[ITEM_STATE_COUNT] = {0};

	if (!v->end) {
		wrong_line(v, "the closing line is missing");
		return;
	}
	check_number(v, v->end, "exit_status", v->run->exit_status, "in the ledger");
	check_number(v, counts, "changes", v->out->changes, "lines of changes");
	check_number(v, counts, "in_doubt", v->in_doubt, "lines in doubt");
	check_number(v, counts, "events", v->events_seen, "lines of events");
	check_number(v, exports, "subscriptions", v->subscriptions, "lines of subscriptions-import.csv");
	check_number(v, exports, "orders", v->orders, "lines of orders-executed.csv");
	count_items(v, of_state);
	for (int i = 0; i < ITEM_STATE_COUNT; i++)
		check_number(v, json_object_get(counts, "items"), item_state_name((enum item_state)i),
		    of_state[i], "items of this state in the ledger");
	if (json_array_size(v->events) > v->event_at)
		wrong_line(v, "the ledger has %zu events that are not in the audit",
		    json_array_size(v->events) - v->event_at);
}

static int check_files(struct verify *v)
{
	const json_t *files = json_object_get(v->end, "files");

	for (const struct audit_file *f = audit_files; v->end && f->name; f++) {
		char *path = audit_path(v->run, f->name), digest[SHA256_TEXT_SIZE];
		const char *wanted = member(files, f->name);
		int there = sha256_file(path, digest, v->err);
		if (there == 0 && wanted[0])
			problem(v, path, 0, "is missing");
		else if (there == 1 && !wanted[0] && !f->may_appear)
			problem(v, path, 0, "was not there when the run ended");
		else if (there == 1 && wanted[0] && strcmp(digest, wanted) != 0)
			problem(v, path, 0, "changed since the run ended (SHA-256 %.12s..., was %.12s...)",
			    digest, wanted);
		free(path);
		if (there < 0)
			return -1;
	}
	return 0;
}

static void check_report_items(struct verify *v, const char *path, const struct report *report)
{
	if (report->item_count != v->item_count)
		problem(v, path, 0, "has %zu items, the ledger has %zu of this run", report->item_count,
		    v->item_count);
	for (size_t i = 0; i < report->item_count; i++) {
		const struct item_record *said = &report->items[i],
					 *item = v->item_count ? bsearch(said->key, v->items, v->item_count,
								     sizeof *item, by_key)
							       : NULL;
		if (!item)
			problem(v, path, 0, "the ledger has no item %s in this run", said->key);
		else if (item->state != said->state || strcmp(item->tenant_id, said->tenant_id) != 0)
			problem(v, path, 0, "item %s is %s in the ledger, tenant %s", said->key,
			    item_state_name(item->state), item->tenant_id[0] ? item->tenant_id : "none");
	}
}

/* A run that did not end has no run.json of its own making: what may lie there is nobody's last word. */
static int check_report(struct verify *v)
{
	char *path = audit_path(v->run, "run.json"), *document = NULL;
	struct error unreadable = {0};
	struct report *report = NULL;
	size_t size;
	int rc = 0;

	if (v->audit.closed_by[0] || access(path, F_OK) != 0)
		goto out;
	document = file_read_all(path, AUDIT_MAX, &size, v->err);
	rc = document ? 0 : -1;
	if (rc < 0)
		goto out;
	if (strcmp(document, v->run->document) != 0)
		problem(v, path, 0, "is not what the ledger keeps of the run");
	report = report_from_json(document, &unreadable); /* checks that its counts close */
	if (!report && strcmp(document, v->run->document) == 0)
		v->out->note = "run.json is of another version of tenantry, so its counts were not compared";
	else if (!report)
		problem(v, path, 0, "cannot be read: %s", unreadable.text);
	if (!report)
		goto out;
	if (report->exit_status != v->run->exit_status)
		problem(v, path, 0, "exit status %d, the ledger has %d", report->exit_status,
		    v->run->exit_status);
	check_report_items(v, path, report);
out:
	report_free(report);
	free(document);
	free(path);
	return rc;
}

/* ---- What the ledger has of the run. */

static int keep_item(void *user, const struct item_record *item)
{
	struct verify *v = user;

	MEM_GROW(v->items, v->item_count, v->item_cap);
	struct item_record *kept = &v->items[v->item_count++];
	*kept = (struct item_record){.state = item->state};
	kept->key = arena_strdup(v->arena, item->key);
	kept->subscription_id = arena_strdup(v->arena, item->subscription_id);
	kept->tenant_id = arena_strdup(v->arena, item->tenant_id);
	return 0;
}

static int keep_event(void *user, const struct event_record *event)
{
	struct verify *v = user;

	json_array_append_new(v->events, audit_event(event, v->run->run_id, v->key));
	return 0;
}

static int load(struct verify *v)
{
	struct item_filter mine = {.run_id = v->run->run_id, .state = -1};

	return ledger_audit_key(v->ledger, v->key, v->err) < 0 ||
		       ledger_items(v->ledger, &mine, keep_item, v, v->err) < 0 ||
		       ledger_events_audited(v->ledger, v->run->run_id, keep_event, v, v->err) < 0
		   ? -1
		   : 0;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int must_be_seen(void *user, const struct step_record *row)
{
	struct verify *v = user;

	if (strcmp(row->audited_in, "-") != 0 &&
	    (v->seen_count == 0 || !bsearch(&row->id, v->seen, v->seen_count, sizeof row->id, by_id)))
		problem(v, v->path, 0,
		    "the change %s in row %" PRId64 " of the ledger's journal is not in the audit", row->call,
		    row->id);
	return 0;
}

/* ---- All of it. */

static int verify_closed(struct verify *v)
{
	char *path = audit_path(v->run, "audit.ndjson"), *content = NULL;
	size_t size = 0;
	int rc = -1;

	v->path = arena_strdup(v->arena, path);
	free(path);
	if (access(v->path, F_OK) != 0) {
		problem(v, v->path, 0, "is missing");
		return 0;
	}
	content = file_read_all(v->path, AUDIT_MAX, &size, v->err);
	if (!content || load(v) < 0 || check_lines(v, content, size) < 0)
		goto out;
	check_chain(v);
	check_end(v);
	if (v->seen_count > 1)
		qsort(v->seen, v->seen_count, sizeof *v->seen, by_id);
	if (ledger_run_steps(v->ledger, v->run->run_id, must_be_seen, v, v->err) < 0 || check_files(v) < 0 ||
	    check_report(v) < 0)
		goto out;
	rc = 0;
out:
	free(content);
	return rc;
}

static void manifest_problem(void *user, const char *file, const char *text)
{
	problem(user, file, 0, "%s", text);
}

static bool was_pruned(struct verify *v)
{
	int64_t at;

	return ledger_run_pruned_at(v->ledger, v->run->run_id, &at, v->err) == 0 && at > 0;
}

/* Why there is no audit to look at; false: there should be one. */
static bool nothing_to_verify(struct verify *v, int found)
{
	struct lock_owner owner;

	if (found == 0) {
		v->out->note =
		    "the ledger knows of no audit: it took no lock and changed nothing, or the ledger is younger than the run";
	} else if (v->audit.number == 0) {
		if (ledger_lock_owner(v->ledger, v->run->job, v->arena, &owner, v->err) == 1 &&
		    strcmp(owner.run_id, v->run->run_id) == 0 &&
		    owner_at_work(v->ledger, &owner, clock_wall_ms(clock_machine())))
			v->out->note = "it is at work";
		else
			problem(v, "", 0, "the run did not end; the next run of the job closes it");
	} else if (access(v->run->folder, F_OK) != 0 && was_pruned(v)) {
		v->out->note =
		    "its folder was removed as old (privacy.keep, prune); its place in the chain is in the ledger";
		v->out->head = v->audit.head;
	} else {
		return false;
	}
	return true;
}

int audit_verify(struct ledger *ledger, const struct run_record *run, struct arena *arena,
    struct audit_result *out, struct error *err)
{
	struct verify v = {.ledger = ledger,
	    .run = run,
	    .arena = arena,
	    .scratch = arena_new(),
	    .out = out,
	    .err = err,
	    .events = json_array()};
	int found, rc = 0;

	*out = (struct audit_result){.note = "", .head = ""};
	found = ledger_audit_find(ledger, run->run_id, arena, &v.audit, err);
	if (found < 0)
		rc = -1;
	else if (!nothing_to_verify(&v, found))
		rc = verify_closed(&v);
	/* A comparison of a past day takes no lock and has no audit, and can be signed all the same. */
	if (rc == 0 && (v.path || found == 0))
		rc = manifest_check(ledger, run, arena, manifest_problem, &out->is_signed, &v, err);
	json_decref(v.events);
	json_decref(v.end);
	arena_free(v.scratch);
	free(v.seen);
	free(v.items);
	return rc < 0 || err->code != ERR_NONE ? -1 : 0;
}
