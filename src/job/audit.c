/* Writing an audit; see audit.h. Whatever it says comes from the ledger and from the files as they are in the
 * folder, so that a run which died is audited by the next one in the same way. */
#include "job/audit_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/atomic_file.h"
#include "tenantry/csv.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/provision.h"

const char audit_genesis[] = "0000000000000000000000000000000000000000000000000000000000000000";

const struct audit_file audit_files[] = {{"run.json", false}, {"findings.csv", true}, {"rejected.csv", false},
    {"subscriptions-fixes.csv", false}, {"subscriptions-import.csv", false}, {"orders-executed.csv", false},
    {NULL, false}};

struct audit {
	struct ledger *ledger;
	const struct run_record *run;
	const char *bss;
	const struct audit_end *end;
	char key[LEDGER_AUDIT_KEY_SIZE];
	struct atomic_file *file;
	char first[SHA256_TEXT_SIZE], prev[SHA256_TEXT_SIZE];
	int64_t lines, changes, in_doubt, events, subscriptions, orders;
	int64_t items[ITEM_STATE_COUNT];
	/* of the run, in the order of their keys */
	struct named {
		const char *key, *order_id, *id, *subscription_id;
	} * named;
	size_t named_count, named_cap;
	struct arena *arena; /* of their texts */
};

char *audit_path(const struct run_record *run, const char *name)
{
	return mem_printf("%s/%s", run->folder, name);
}

/* ---- Lines as JSON. */

/* A key that came from a file may hold what is not UTF-8, and JSON cannot. */
static json_t *text(const char *value)
{
	char *copy = mem_strdup(value ? value : "");
	ptrdiff_t bad;

	while ((bad = strv_bad_utf8(strv_of(copy))) >= 0)
		copy[bad] = '?';
	json_t *json = json_string(copy);
	free(copy);
	return json;
}

static json_t *text_or_null(const char *value)
{
	return value && value[0] ? text(value) : json_null();
}

static json_t *keyed(const char *value, const char *key)
{
	char digest[SHA256_TEXT_SIZE];

	return value && value[0] ? json_string(hmac_sha256_text(strv_of(key), strv_of(value), digest))
				 : json_null();
}

static json_t *moment(int64_t ms)
{
	char out[TIME_TEXT_SIZE];

	return ms ? json_string(time_text_ms(ms, out)) : json_null();
}

static json_t *version(int64_t number)
{
	return number ? json_integer(number) : json_null();
}

json_t *audit_change(const struct step_record *step, const char *run_id, const char *key)
{
	bool known = step->outcome_at != 0;
	json_t *line =
	    json_pack("{s:o, s:s, s:I, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "time",
		moment(step->intent_at), "event", "change", "id", (json_int_t)step->id, "item",
		text_or_null(step->item_key), "step", step_name(step->step), "call", text(step->call),
		"target", text_or_null(step->target), "request", text_or_null(step->request_digest),
		"outcome", text(known ? step->outcome : "in-doubt"), "outcome_at", moment(step->outcome_at),
		"status", step->status, "version_before", version(step->version_before), "version_after",
		version(step->version_after), "object", text_or_null(step->object_id), "detail",
		keyed(step->detail, key));

	if (strcmp(step->run_id, run_id) != 0)
		json_object_set_new(line, "of_run", text(step->run_id));
	return line;
}

json_t *audit_event(const struct event_record *event, const char *run_id, const char *key)
{
	json_t *line = json_pack("{s:o, s:o, s:o, s:o, s:o}", "time", moment(event->at), "event",
	    text(event->event), "item", text_or_null(event->item_key), "detail", text_or_null(event->detail),
	    "reason", keyed(event->reason, key));

	if (strcmp(event->run_id, run_id) != 0)
		json_object_set_new(line, "of_run", text(event->run_id));
	return line;
}

/* ---- Writing. */

/* Takes the members. */
static void add_line(struct audit *a, json_t *members)
{
	json_t *line = json_pack(
	    "{s:I, s:s, s:o}", "seq", (json_int_t)++a->lines, "prev", a->prev, "run", text(a->run->run_id));

	json_object_update(line, members);
	json_decref(members);
	char *bytes = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER);
	atomic_file_puts(a->file, bytes);
	atomic_file_puts(a->file, "\n");
	sha256_text(strv_of(bytes), a->prev);
	free(bytes);
	json_decref(line);
}

static int add_change(void *user, const struct step_record *step)
{
	struct audit *a = user;

	a->changes++;
	a->in_doubt += step->outcome_at == 0;
	add_line(a, audit_change(step, a->run->run_id, a->key));
	return 0;
}

static int add_event(void *user, const struct event_record *event)
{
	struct audit *a = user;

	a->events++;
	add_line(a, audit_event(event, a->run->run_id, a->key));
	return 0;
}

static int name_item(void *user, const struct item_record *item)
{
	struct audit *a = user;

	a->items[item->state]++;
	MEM_GROW(a->named, a->named_count, a->named_cap);
	a->named[a->named_count++] = (struct named){.key = arena_strdup(a->arena, item->key),
	    .order_id = arena_strdup(a->arena, item->order_id),
	    .id = arena_strdup(a->arena, item->item_id[0] ? item->item_id : item->order_id),
	    .subscription_id = arena_strdup(a->arena, item->subscription_id)};
	return 0;
}

/* The files have the ids that the BSS knows, and lines in the order of the keys: so the one after the last is
 * mostly it. Without an item of the run the id stands for itself, and the audit will not verify. */
static char *key_of_line(
    struct audit *a, size_t *at, struct strv order_id, struct strv id, struct strv subscription)
{
	for (size_t i = 0; i < a->named_count; i++) {
		const struct named *item = &a->named[(*at + i) % a->named_count];
		if (!strv_eq(strv_of(item->id), id) ||
		    !strv_eq(strv_of(item->subscription_id), subscription) ||
		    (order_id.n > 0 && !strv_eq(strv_of(item->order_id), order_id)))
			continue;
		*at += i + 1;
		return mem_strdup(item->key);
	}
	return mem_printf("%s/%.*s", a->bss, STRV_ARG(id));
}

static void add_export(
    struct audit *a, const char *name, const struct csv_reader *reader, const struct csv_row *row, size_t *at)
{
	char *key = key_of_line(a, at, csv_reader_field(reader, row, 3), csv_reader_field(reader, row, 0),
		 csv_reader_field(reader, row, 1)),
	     *subscription = strv_dup(csv_reader_field(reader, row, 1)),
	     *result = strv_dup(csv_reader_field(reader, row, 2));

	add_line(a, json_pack("{s:o, s:s, s:s, s:I, s:o, s:o, s:o}", "time", moment(a->end->ended_at),
			"event", "export", "file", name, "row", (json_int_t)row->line, "item", text(key),
			"subscription", text_or_null(subscription), "result", text(result)));
	free(key);
	free(subscription);
	free(result);
}

/* What the BSS will import: a change to it, although it makes the change itself. */
static int add_exports(
    struct audit *a, const char *name, const char *result_column, int64_t *count, struct error *err)
{
	const struct csv_column columns[] = {{"Order Item Id", CSV_NEEDED}, {"Subscription Id", CSV_NEEDED},
	    {result_column, CSV_NEEDED}, {"Order Id", CSV_OPTIONAL}};
	const struct csv_settings settings = {.delimiter = ','};
	char *path = audit_path(a->run, name), digest[SHA256_TEXT_SIZE];
	enum csv_next next = CSV_FAILED;
	struct csv_row row;
	size_t at = 0;
	int there = sha256_file(path, digest, err);
	struct csv_reader *reader =
	    there == 1 ? csv_reader_open(path, columns, ARRAY_LEN(columns), &settings, err) : NULL;

	while (reader && (next = csv_reader_next(reader, &row, err)) == CSV_ROW) {
		add_export(a, name, reader, &row, &at);
		++*count;
	}
	if (next == CSV_BAD) {
		error_set(err, ERR_OUTPUT, "cannot be read back: %s", row.problem);
		error_place(err, path, row.line, 0, NULL);
	}
	csv_reader_close(reader);
	free(path);
	return there == 0 || next == CSV_DONE ? 0 : -1;
}

static json_t *counts(const struct audit *a)
{
	json_t *items = json_object();

	for (int i = 0; i < ITEM_STATE_COUNT; i++)
		if (a->items[i] > 0)
			json_object_set_new(
			    items, item_state_name((enum item_state)i), json_integer(a->items[i]));
	return json_pack("{s:I, s:I, s:I, s:{s:I, s:I}, s:o}", "changes", (json_int_t)a->changes, "in_doubt",
	    (json_int_t)a->in_doubt, "events", (json_int_t)a->events, "exports", "subscriptions",
	    (json_int_t)a->subscriptions, "orders", (json_int_t)a->orders, "items", items);
}

static int add_end(struct audit *a, struct error *err)
{
	const struct audit_end *end = a->end;
	json_t *files = json_object();

	for (const struct audit_file *f = audit_files; f->name; f++) {
		char *path = audit_path(a->run, f->name), digest[SHA256_TEXT_SIZE];
		int there = sha256_file(path, digest, err);
		free(path);
		if (there < 0) {
			json_decref(files);
			return -1;
		}
		json_object_set_new(files, f->name, text_or_null(digest));
	}
	add_line(a, json_pack("{s:o, s:s, s:b, s:i, s:o, s:o, s:o, s:o}", "time", moment(end->ended_at),
			"event", "run-end", "ended", !end->closed_by[0], "exit_status", end->exit_status,
			"error", text_or_null(end->error), "closed_by", text_or_null(end->closed_by),
			"counts", counts(a), "files", files));
	return 0;
}

static int add_all(struct audit *a, struct error *err)
{
	const char *run_id = a->run->run_id;

	add_line(a, json_pack("{s:o, s:s, s:o, s:o}", "time", moment(a->run->started_at), "event",
			"run-begin", "job", text(a->run->job), "command", text(a->run->command)));
	if (ledger_events_unaudited(a->ledger, run_id, add_event, a, err) < 0 ||
	    ledger_steps_unaudited(a->ledger, run_id, add_change, a, err) < 0 ||
	    ledger_items(a->ledger, &(struct item_filter){.run_id = run_id, .state = -1}, name_item, a, err) <
		0 ||
	    add_exports(a, "subscriptions-import.csv", "Status", &a->subscriptions, err) < 0 ||
	    add_exports(a, "orders-executed.csv", "Result", &a->orders, err) < 0)
		return -1;
	return add_end(a, err);
}

int audit_write(struct ledger *ledger, const struct run_record *run, const char *bss,
    const struct audit_end *end, struct error *err)
{
	struct audit a = {.ledger = ledger, .run = run, .bss = bss, .end = end, .arena = arena_new()};
	char *path = audit_path(run, "audit.ndjson");
	int rc = -1;

	if (ledger_audit_key(ledger, a.key, err) < 0 || ledger_audit_start(ledger, a.prev, err) < 0)
		goto out;
	memcpy(a.first, a.prev, sizeof a.first);
	if (!a.prev[0])
		memcpy(a.prev, audit_genesis, sizeof a.prev);
	a.file = atomic_file_new(path, err);
	if (!a.file)
		goto out;
	if (add_all(&a, err) < 0) {
		atomic_file_abort(a.file);
		goto out;
	}
	if (atomic_file_commit(a.file, err) < 0)
		goto out;
	rc = ledger_audit_close(ledger,
	    &(struct audit_record){.run_id = run->run_id,
		.prev = a.first,
		.head = a.prev,
		.lines = a.lines,
		.closed_by = end->closed_by},
	    err);
out:
	if (rc < 0)
		ledger_rollback(ledger);
	free(path);
	free(a.named);
	arena_free(a.arena);
	return rc;
}

/* ---- Runs that did not end. */

static int count_step(void *user, const struct step_record *step)
{
	(void)step;
	++*(uint64_t *)user;
	return 0;
}

static int close_run(struct ledger *ledger, const struct job *job, const struct run_record *run,
    const struct audit_end *end, struct error *err)
{
	struct export_counts exported;
	uint64_t changes = 0;

	/* What it had brought to an end must reach the BSS; no later run writes it. */
	if (folder_make(run->folder, err) < 0 ||
	    export_write(ledger, job, run->run_id, run->folder, &exported, err) < 0 ||
	    ledger_run_steps(ledger, run->run_id, count_step, &changes, err) < 0 ||
	    audit_write(ledger, run, job->bss.name, end, err) < 0)
		return error_prefix(err, "run %s did not end and cannot be closed", run->run_id);
	return ledger_run_end(ledger, run->run_id, end->exit_status, changes, "", err);
}

int audit_close_dead(struct ledger *ledger, const struct job *job, const char *by_run_id, struct clock *clock,
    struct error *err)
{
	struct arena *arena = arena_new();
	struct audit_end end = {.exit_status = EXIT_DID_NOT_END,
	    .ended_at = clock_wall_ms(clock),
	    .error = "",
	    .closed_by = by_run_id};
	struct run_record *runs;
	size_t count = 0;
	int rc = ledger_runs_unclosed(ledger, job->name, arena, &runs, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		log_warn("run %s did not end; it is closed now, and what it began is gone on with",
		    runs[i].run_id);
		rc = close_run(ledger, job, &runs[i], &end, err);
	}
	arena_free(arena);
	return rc;
}
