/* The model again from run.json. Strict: what is missing, of another type or unknown is ERR_SOURCE with the
 * member's name, so that a report made later is never quietly poorer than the night's own. */
#include <jansson.h>
#include <stdlib.h>

#include "json_fields.h"
#include "tenantry/mem.h"

struct json_in {
	struct arena *arena;
	struct error *err;
};

static int bad(struct json_in *in, const char *name, const char *wanted)
{
	error_set(in->err, ERR_SOURCE, "not a run record: %s expected", wanted);
	error_place(in->err, "run.json", 0, 0, name);
	return error_hint(
	    in->err, "the file was edited or written by another version; run the job's `report` step again");
}

static int read_word(struct json_in *in, const struct json_field *f, const json_t *value, char *at)
{
	const char *text = json_string_value(value);

	for (int i = 0; text && i < f->words->count; i++) {
		if (strcmp(f->words->name(i), text) == 0) {
			memcpy(at, &i, sizeof i);
			return 0;
		}
	}
	return bad(in, f->name, "a known word");
}

static int read_time(struct json_in *in, const struct json_field *f, const json_t *value, int64_t *out)
{
	if (json_is_null(value)) {
		*out = 0;
		return 0;
	}
	return json_is_string(value) && time_parse(strv_of(json_string_value(value)), out, NULL)
		   ? 0
		   : bad(in, f->name, "a time or null");
}

static int read_number(struct json_in *in, const struct json_field *f, const json_t *value, char *at)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || (number < 0 && f->kind != JSON_I64))
		return bad(in, f->name, "a whole number");
	if (f->kind == JSON_U64)
		*(uint64_t *)(void *)at = (uint64_t)number;
	else if (f->kind == JSON_ULONG)
		*(unsigned long *)(void *)at = (unsigned long)number;
	else
		*(int64_t *)(void *)at = number;
	return 0;
}

static int read_text(struct json_in *in, const struct json_field *f, const json_t *value, char *at)
{
	const char *text = json_string_value(value);

	if (!text)
		return bad(in, f->name, "a text");
	if (f->kind == JSON_TEXT)
		*(const char **)(void *)at = arena_strdup(in->arena, text);
	else if (strlen(text) < f->size)
		memcpy(at, text, strlen(text) + 1);
	else
		return bad(in, f->name, "a shorter text");
	return 0;
}

static int read_value(struct json_in *in, const struct json_field *f, const json_t *value, char *at)
{
	switch (f->kind) {
	case JSON_TEXT:
	case JSON_CHARS:
		return read_text(in, f, value, at);
	case JSON_U64:
	case JSON_I64:
	case JSON_ULONG:
		return read_number(in, f, value, at);
	case JSON_FLAG:
		*(bool *)(void *)at = json_is_true(value);
		return json_is_boolean(value) ? 0 : bad(in, f->name, "true or false");
	case JSON_TIME:
		return read_time(in, f, value, (int64_t *)(void *)at);
	case JSON_WORD:
		return read_word(in, f, value, at);
	}
	return bad(in, f->name, "a known kind");
}

static int read_fields(
    struct json_in *in, const struct json_field *fields, const json_t *object, void *record)
{
	for (const struct json_field *f = fields; f->name; f++) {
		const json_t *value = json_object_get(object, f->name);
		if (!value && f->later) {
			if (f->kind == JSON_TEXT)
				*(const char **)(void *)((char *)record + f->at) = "";
			continue;
		}
		if (!value)
			return bad(in, f->name, "this member");
		if (read_value(in, f, value, (char *)record + f->at) < 0)
			return -1;
	}
	return 0;
}

static int read_counts(
    struct json_in *in, const struct json_counts *table, json_t *object, struct report *report)
{
	for (const struct json_counts *t = table; t->name; t++) {
		uint64_t *counts = (uint64_t *)(void *)((char *)report + t->at);
		json_t *members = json_object_get(object, t->name), *value;
		const char *name;
		if (!members && t->later)
			continue;
		if (!json_is_object(members))
			return bad(in, t->name, "an object");
		json_object_foreach(members, name, value)
		{
			int i = 0;
			while (i < t->words.count && strcmp(t->words.name(i), name) != 0)
				i++;
			if (i == t->words.count || !json_is_integer(value) || json_integer_value(value) < 0)
				return bad(in, name, "a known code and its count");
			counts[i] = (uint64_t)json_integer_value(value);
		}
	}
	return 0;
}

/* An array of records, into the arena. */
static int read_records(struct json_in *in, const json_t *root, const char *name,
    const struct json_field *fields, size_t size, void **out, size_t *count)
{
	const json_t *array = json_object_get(root, name);

	if (!json_is_array(array))
		return bad(in, name, "an array");
	*count = json_array_size(array);
	*out = arena_alloc(in->arena, (*count + 1) * size);
	for (size_t i = 0; i < *count; i++)
		if (read_fields(in, fields, json_array_get(array, i), (char *)*out + i * size) < 0)
			return -1;
	return 0;
}

static int read_outputs(struct json_in *in, const json_t *root, struct report *report)
{
	const json_t *array = json_object_get(root, "outputs");

	if (!json_is_array(array))
		return bad(in, "outputs", "an array");
	report->output_count = json_array_size(array);
	report->outputs = arena_alloc(in->arena, (report->output_count + 1) * sizeof *report->outputs);
	for (size_t i = 0; i < report->output_count; i++) {
		const char *name = json_string_value(json_array_get(array, i));
		if (!name)
			return bad(in, "outputs", "a text");
		report->outputs[i] = arena_strdup(in->arena, name);
	}
	return 0;
}

/* A group that is null when that step was not part of the run: 1 there, 0 null, -1 neither. */
static int group_of(struct json_in *in, const json_t *root, const char *name, json_t **out)
{
	*out = json_object_get(root, name);
	if (json_is_null(*out))
		return 0;
	return json_is_object(*out) ? 1 : bad(in, name, "an object or null");
}

/* Runs of before there was billing have no such member. */
static int read_billing(struct json_in *in, const json_t *group, struct report *report)
{
	json_t *billing = json_object_get(group, "billing");
	void *records = NULL;

	if (!billing || json_is_null(billing))
		return 0;
	if (!json_is_object(billing))
		return bad(in, "billing", "an object or null");
	report->has_billing = true;
	if (read_fields(in, json_billing_fields, billing, report) < 0 ||
	    read_records(in, billing, "sums", json_sum_fields, sizeof *report->billing.sums, &records,
		&report->billing.sum_count) < 0)
		return -1;
	report->billing.sums = records;
	return 0;
}

/* Runs of earlier versions did not say. */
static int read_ties(struct json_in *in, json_t *reconciliation, struct report *report)
{
	json_t *ties = json_object_get(reconciliation, "tie_out");
	void *records = NULL;

	report->has_ties = ties != NULL;
	if (!ties)
		return 0;
	if (read_fields(in, json_union_fields, ties, report) < 0 ||
	    read_records(in, ties, "commitments", json_tie_fields, sizeof *report->ties, &records,
		&report->tie_count) < 0)
		return -1;
	report->ties = records;
	return 0;
}

static int read_observation(struct json_in *in, json_t *reconciliation, struct report *report)
{
	const json_t *observation = json_object_get(reconciliation, "observation");

	report->has_observation = observation != NULL;
	if (!observation)
		return 0;
	return read_fields(in, json_observation_fields, observation, report) < 0
		   ? -1
		   : read_fields(in, json_age_fields, json_object_get(observation, "ages"), report);
}

static int read_corrections(struct json_in *in, const json_t *root, struct report *report)
{
	json_t *group = json_object_get(root, "corrections");
	void *records = NULL;

	if (!group)
		return 0;
	report->has_fixes = true;
	if (read_fields(in, json_correction_fields, group, report) < 0 ||
	    read_records(
		in, group, "fixes", json_fix_fields, sizeof *report->fixes, &records, &report->fix_count) < 0)
		return -1;
	report->fixes = records;
	return 0;
}

static int read_budget(struct json_in *in, const json_t *root, struct report *report)
{
	json_t *group = json_object_get(root, "budget");
	void *records = NULL;

	if (!group)
		return 0;
	report->budget.any = true;
	if (read_fields(in, json_budget_fields, group, report) < 0 ||
	    read_records(in, group, "commitments", json_loss_sum_fields, sizeof *report->budget.sums,
		&records, &report->budget.sum_count) < 0)
		return -1;
	report->budget.sums = records;
	return 0;
}

/* Runs of before this was looked for have no such member. */
static int read_changed(struct json_in *in, const json_t *intake, struct report *report)
{
	void *records = NULL;

	if (!json_object_get(intake, "changed_after_done"))
		return 0;
	if (read_records(in, intake, "changed_after_done", json_changed_fields, sizeof *report->changed,
		&records, &report->changed_count) < 0)
		return -1;
	report->changed = records;
	return 0;
}

static int read_groups(struct json_in *in, const json_t *root, struct report *report)
{
	json_t *group;
	int there;

	if ((there = group_of(in, root, "error", &group)) < 0 ||
	    (there && read_fields(in, json_error_fields, group, report) < 0))
		return -1;
	if ((there = group_of(in, root, "intake", &group)) < 0)
		return -1;
	report->has_intake = there;
	if (there && (read_fields(in, json_intake_fields, group, report) < 0 ||
			 read_counts(in, json_intake_counts, group, report) < 0 ||
			 read_changed(in, group, report) < 0))
		return -1;
	if ((there = group_of(in, root, "provision", &group)) < 0)
		return -1;
	report->has_provision = there;
	if (there && (read_fields(in, json_apply_fields, group, report) < 0 ||
			 read_fields(in, json_plan_fields, json_object_get(group, "plan"), report) < 0))
		return -1;
	if (read_corrections(in, root, report) < 0 || read_budget(in, root, report) < 0 ||
	    (there = group_of(in, root, "reconciliation", &group)) < 0)
		return -1;
	report->has_reconcile = there;
	if (there &&
	    (read_fields(in, json_observed_fields, group, report) < 0 ||
		read_fields(in, json_coverage_fields, json_object_get(group, "coverage"), report) < 0 ||
		read_ties(in, group, report) < 0 || read_observation(in, group, report) < 0 ||
		read_billing(in, group, report) < 0 ||
		read_counts(in, json_finding_counts, group, report) < 0))
		return -1;
	return 0;
}

static int read_top(struct json_in *in, const json_t *root, struct report *report)
{
	static const struct json_field top[] = {
	    {"tenantry", JSON_TEXT, offsetof(struct report, version), 0, NULL, false},
	    {"verdict", JSON_TEXT, offsetof(struct report, verdict), 0, NULL, false},
	    {"waiting", JSON_U64, offsetof(struct report, waiting), 0, NULL, false},
	    {NULL, JSON_TEXT, 0, 0, NULL, false},
	};
	const json_t *status = json_object_get(root, "exit_status"),
		     *schema = json_object_get(root, "schema");

	if (!json_is_integer(schema) || json_integer_value(schema) != RUN_SCHEMA_VERSION)
		return bad(in, "schema", "version 1");
	if (!json_is_integer(status) || json_integer_value(status) < 0 || json_integer_value(status) > 255)
		return bad(in, "exit_status", "an exit status");
	report->exit_status = (int)json_integer_value(status);
	return read_fields(in, top, root, report);
}

/* Of tonight: there is none. */
static int read_as_of(struct json_in *in, const json_t *root, struct report *report)
{
	const json_t *as_of = json_object_get(root, "as_of");

	return as_of ? read_fields(in, json_as_of_fields, as_of, report) : 0;
}

/* A run without any has no such member. */
static int read_warnings(struct json_in *in, const json_t *root, struct report *report)
{
	void *records = NULL;

	if (!json_object_get(root, "warnings"))
		return 0;
	if (read_records(in, root, "warnings", json_warning_fields, sizeof *report->warnings, &records,
		&report->warning_count) < 0)
		return -1;
	report->warnings = records;
	return 0;
}

/* Only retries have it, and not those of earlier versions. */
static int read_still(struct json_in *in, const json_t *root, struct report *report)
{
	const json_t *still = json_object_get(root, "still_waiting");

	return still ? read_fields(in, json_still_fields, still, report) : 0;
}

static int read_document(struct json_in *in, const json_t *root, bool head, struct report *report)
{
	void *records = NULL;

	if (read_top(in, root, report) < 0 || read_as_of(in, root, report) < 0 ||
	    read_still(in, root, report) < 0 || read_warnings(in, root, report) < 0 ||
	    read_groups(in, root, report) < 0 ||
	    read_fields(in, json_run_fields, json_object_get(root, "run"), report) < 0 ||
	    read_fields(in, json_effort_fields, json_object_get(root, "effort"), report) < 0 ||
	    read_outputs(in, root, report) < 0)
		return -1;
	if (read_records(in, root, "inputs", json_input_fields, sizeof *report->files, &records,
		&report->file_count) < 0)
		return -1;
	report->files = records;
	if (head)
		return 0;
	if (read_records(in, root, "items", json_item_fields, sizeof *report->items, &records,
		&report->item_count) < 0)
		return -1;
	report->items = records;
	if (read_records(in, root, "findings", json_finding_fields, sizeof *report->findings, &records,
		&report->finding_count) < 0)
		return -1;
	report->findings = records;
	/* Runs of before findings had a memory of more than their age: all of them were open, or
	 * acknowledged. */
	if (!json_object_get(root, "resolved")) {
		report_count_findings(report);
		return report_check(report, in->err);
	}
	if (read_records(in, root, "resolved", json_finding_fields, sizeof *report->gone, &records,
		&report->gone_count) < 0)
		return -1;
	report->gone = records;
	return report_check(report, in->err);
}

/* The head alone: all before the line where json.c begins the items. A text cannot hold a line break
 * unescaped, so the mark is found nowhere else. */
static json_t *parse(const char *text, bool head, json_error_t *why)
{
	const char *mark = head ? strstr(text, ",\n  \"items\": [") : NULL;

	if (!mark)
		return json_loads(text, JSON_REJECT_DUPLICATES, why);
	char *cut = mem_printf("%.*s\n}\n", (int)(mark - text), text);
	json_t *root = json_loads(cut, JSON_REJECT_DUPLICATES, why);
	free(cut);
	return root;
}

struct report *report_read_json(const char *text, bool head, struct error *err)
{
	json_error_t why;
	json_t *root = parse(text, head, &why);
	struct report *report = NULL;

	if (!root) {
		error_set(err, ERR_SOURCE, "not a run record: %s", why.text);
		error_place(err, "run.json", (unsigned long)(why.line > 0 ? why.line : 0),
		    (unsigned long)(why.column > 0 ? why.column : 0), NULL);
		return NULL;
	}
	report = report_new();
	struct json_in in = {report->arena, err};
	if (read_document(&in, root, head, report) < 0) {
		report_free(report);
		report = NULL;
	}
	json_decref(root);
	return report;
}

struct report *report_from_json(const char *text, struct error *err)
{
	return report_read_json(text, false, err);
}

struct report *report_head_from_json(const char *text, struct error *err)
{
	return report_read_json(text, true, err);
}
