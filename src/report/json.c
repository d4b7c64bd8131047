/* run.json: the record of a run for programs, and the model's own memory (json_read.c reads it back). Written
 * by hand and not through a tree, so that 100,000 findings cost their text and no more. Members stand in the
 * order of the tables; items and findings come last, one a line, so that the head can be read without them.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "json_fields.h"
#include "tenantry/atomic_file.h"

struct json_out {
	struct strbuf *text;
	struct strbuf scratch;
	int depth;  /* of indentation */
	bool begun; /* the open object or array has a member already */
	bool flat;  /* all on one line */
};

static void add_string(struct json_out *out, const char *text)
{
	const char *p = report_clean(&out->scratch, text, CLEAN_KEEP);

	strbuf_addc(out->text, '"');
	for (; *p; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '"' || c == '\\')
			strbuf_addf(out->text, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			strbuf_addf(out->text, "\\u%04x", c);
		else
			strbuf_addc(out->text, (char)c);
	}
	strbuf_addc(out->text, '"');
}

static void new_line(struct json_out *out)
{
	strbuf_addc(out->text, '\n');
	for (int i = 0; i < out->depth; i++)
		strbuf_adds(out->text, "  ");
}

/* What stands before a member (named) or an element (NULL). */
static void begin_member(struct json_out *out, const char *name)
{
	if (out->begun)
		strbuf_addc(out->text, ',');
	if (!out->flat)
		new_line(out);
	else if (out->begun)
		strbuf_addc(out->text, ' ');
	out->begun = true;
	if (name) {
		add_string(out, name);
		strbuf_adds(out->text, ": ");
	}
}

static void open_group(struct json_out *out, const char *name, char bracket)
{
	begin_member(out, name);
	strbuf_addc(out->text, bracket);
	out->depth++;
	out->begun = false;
}

static void close_group(struct json_out *out, char bracket)
{
	out->depth--;
	if (!out->flat && out->begun)
		new_line(out);
	strbuf_addc(out->text, bracket);
	out->begun = true;
}

static void add_time(struct json_out *out, int64_t ms)
{
	char text[TIME_TEXT_SIZE];

	if (ms == 0)
		strbuf_adds(out->text, "null");
	else
		strbuf_addf(out->text, "\"%s\"", time_text_ms(ms, text));
}

static void add_value(struct json_out *out, const struct json_field *field, const char *at)
{
	switch (field->kind) {
	case JSON_TEXT:
		add_string(out, *(const char *const *)(const void *)at);
		break;
	case JSON_CHARS:
		add_string(out, at);
		break;
	case JSON_U64:
		strbuf_addf(out->text, "%" PRIu64, *(const uint64_t *)(const void *)at);
		break;
	case JSON_I64:
		strbuf_addf(out->text, "%" PRId64, *(const int64_t *)(const void *)at);
		break;
	case JSON_ULONG:
		strbuf_addf(out->text, "%lu", *(const unsigned long *)(const void *)at);
		break;
	case JSON_FLAG:
		strbuf_adds(out->text, *(const bool *)(const void *)at ? "true" : "false");
		break;
	case JSON_TIME:
		add_time(out, *(const int64_t *)(const void *)at);
		break;
	case JSON_WORD: {
		int value;
		memcpy(&value, at, sizeof value);
		add_string(out, field->words->name(value));
		break;
	}
	}
}

static void add_fields(struct json_out *out, const struct json_field *fields, const void *record)
{
	for (const struct json_field *f = fields; f->name; f++) {
		begin_member(out, f->name);
		add_value(out, f, (const char *)record + f->at);
	}
}

static void add_object(
    struct json_out *out, const char *name, const struct json_field *fields, const void *record)
{
	open_group(out, name, '{');
	add_fields(out, fields, record);
	close_group(out, '}');
}

static void add_counts(struct json_out *out, const struct json_counts *table, const struct report *report)
{
	for (const struct json_counts *t = table; t->name; t++) {
		const uint64_t *counts = (const uint64_t *)(const void *)((const char *)report + t->at);
		open_group(out, t->name, '{');
		for (int i = 0; i < t->words.count; i++) {
			if (counts[i] == 0)
				continue;
			begin_member(out, t->words.name(i));
			strbuf_addf(out->text, "%" PRIu64, counts[i]);
		}
		close_group(out, '}');
	}
}

/* An array of records, one a line. */
static void add_records(struct json_out *out, const char *name, const struct json_field *fields,
    const void *records, size_t count, size_t size)
{
	open_group(out, name, '[');
	for (size_t i = 0; i < count; i++) {
		begin_member(out, NULL);
		out->flat = true;
		out->begun = false;
		strbuf_addc(out->text, '{');
		add_fields(out, fields, (const char *)records + i * size);
		strbuf_addc(out->text, '}');
		out->flat = false;
		out->begun = true;
	}
	close_group(out, ']');
}

static void add_null(struct json_out *out, const char *name)
{
	begin_member(out, name);
	strbuf_adds(out->text, "null");
}

static void add_intake(struct json_out *out, const struct report *report)
{
	if (!report->has_intake) {
		add_null(out, "intake");
		return;
	}
	open_group(out, "intake", '{');
	add_fields(out, json_intake_fields, report);
	add_counts(out, json_intake_counts, report);
	add_records(out, "changed_after_done", json_changed_fields, report->changed, report->changed_count,
	    sizeof *report->changed);
	close_group(out, '}');
}

static void add_provision(struct json_out *out, const struct report *report)
{
	if (!report->has_provision) {
		add_null(out, "provision");
		return;
	}
	open_group(out, "provision", '{');
	add_object(out, "plan", json_plan_fields, report);
	add_fields(out, json_apply_fields, report);
	close_group(out, '}');
}

static void add_billing(struct json_out *out, const struct report *report)
{
	if (!report->has_billing) {
		add_null(out, "billing");
		return;
	}
	open_group(out, "billing", '{');
	add_fields(out, json_billing_fields, report);
	add_records(out, "sums", json_sum_fields, report->billing.sums, report->billing.sum_count,
	    sizeof *report->billing.sums);
	close_group(out, '}');
}

static void add_observation(struct json_out *out, const struct report *report)
{
	if (!report->has_observation)
		return;
	open_group(out, "observation", '{');
	add_fields(out, json_observation_fields, report);
	add_object(out, "ages", json_age_fields, report);
	close_group(out, '}');
}

static void add_amounts(struct json_out *out, const struct money_totals *totals)
{
	char money[MONEY_TEXT_SIZE];

	strbuf_adds(out->text, "\"money\": {");
	for (size_t i = 0; i < totals->count; i++)
		strbuf_addf(out->text, "%s\"%s\": \"%s\"", i ? ", " : "", totals->sum[i].currency,
		    money_text(totals->sum[i], money));
	strbuf_addc(out->text, '}');
}

/* Of the open findings; made of them again when the record is read. */
static void add_ages(struct json_out *out, const struct report *report)
{
	struct age_table ages;

	report_ages(report, &ages);
	open_group(out, "open_by_age", '[');
	for (int bucket = 0; bucket < AGE_BUCKET_COUNT; bucket++) {
		begin_member(out, NULL);
		strbuf_addf(out->text, "{\"days\": \"%s\"", report_bucket_days(bucket));
		for (int s = SEVERITY_HIGH; s >= SEVERITY_INFO; s--) {
			strbuf_addf(out->text, ", \"%s\": {\"findings\": %" PRIu64 ", ",
			    severity_name((enum severity)s), ages.count[bucket][s]);
			add_amounts(out, &ages.money[bucket][s]);
			strbuf_addc(out->text, '}');
		}
		strbuf_addc(out->text, '}');
	}
	close_group(out, ']');
}

static void add_ties(struct json_out *out, const struct report *report)
{
	if (!report->has_ties)
		return;
	open_group(out, "tie_out", '{');
	add_fields(out, json_union_fields, report);
	add_records(
	    out, "commitments", json_tie_fields, report->ties, report->tie_count, sizeof *report->ties);
	close_group(out, '}');
}

static void add_reconcile(struct json_out *out, const struct report *report)
{
	if (!report->has_reconcile) {
		add_null(out, "reconciliation");
		return;
	}
	open_group(out, "reconciliation", '{');
	add_fields(out, json_observed_fields, report);
	add_object(out, "coverage", json_coverage_fields, report);
	add_ties(out, report);
	add_observation(out, report);
	add_billing(out, report);
	add_counts(out, json_finding_counts, report);
	add_ages(out, report);
	close_group(out, '}');
}

/* Only where there were any: other runs have no such member. */
static void add_corrections(struct json_out *out, const struct report *report)
{
	if (!report->has_fixes)
		return;
	open_group(out, "corrections", '{');
	add_fields(out, json_correction_fields, report);
	add_records(out, "fixes", json_fix_fields, report->fixes, report->fix_count, sizeof *report->fixes);
	close_group(out, '}');
}

/* Only where something was to be taken away. */
static void add_budget(struct json_out *out, const struct report *report)
{
	if (!report->budget.any)
		return;
	open_group(out, "budget", '{');
	add_fields(out, json_budget_fields, report);
	add_records(out, "commitments", json_loss_sum_fields, report->budget.sums, report->budget.sum_count,
	    sizeof *report->budget.sums);
	close_group(out, '}');
}

static void add_outputs(struct json_out *out, const struct report *report)
{
	open_group(out, "outputs", '[');
	for (size_t i = 0; i < report->output_count; i++) {
		begin_member(out, NULL);
		add_string(out, report->outputs[i]);
	}
	close_group(out, ']');
}

static void add_document(struct json_out *out, const struct report *report)
{
	strbuf_addc(out->text, '{');
	out->depth = 1;
	begin_member(out, "schema");
	strbuf_addf(out->text, "%d", RUN_SCHEMA_VERSION);
	begin_member(out, "tenantry");
	add_string(out, report->version);
	begin_member(out, "exit_status");
	strbuf_addf(out->text, "%d", report->exit_status);
	begin_member(out, "verdict");
	add_string(out, report->verdict);
	if (report->error_code[0])
		add_object(out, "error", json_error_fields, report);
	else
		add_null(out, "error");
	if (report->warning_count > 0)
		add_records(out, "warnings", json_warning_fields, report->warnings, report->warning_count,
		    sizeof *report->warnings);
	if (report->as_of.day[0])
		add_object(out, "as_of", json_as_of_fields, report);
	add_object(out, "run", json_run_fields, report);
	add_records(
	    out, "inputs", json_input_fields, report->files, report->file_count, sizeof *report->files);
	add_intake(out, report);
	add_provision(out, report);
	add_corrections(out, report);
	add_budget(out, report);
	begin_member(out, "waiting");
	strbuf_addf(out->text, "%" PRIu64, report->waiting);
	if (report->still.run[0])
		add_object(out, "still_waiting", json_still_fields, report);
	add_reconcile(out, report);
	add_object(out, "effort", json_effort_fields, report);
	add_outputs(out, report);
	add_records(out, "items", json_item_fields, report->items, report->item_count, sizeof *report->items);
	add_records(out, "findings", json_finding_fields, report->findings, report->finding_count,
	    sizeof *report->findings);
	add_records(
	    out, "resolved", json_finding_fields, report->gone, report->gone_count, sizeof *report->gone);
	strbuf_adds(out->text, "\n}\n");
}

char *report_to_json(const struct report *report, struct error *err)
{
	struct strbuf text = {0};
	struct json_out out = {.text = &text};

	if (report_check(report, err) < 0)
		return NULL;
	add_document(&out, report);
	strbuf_free(&out.scratch);
	if (text.failed) {
		strbuf_free(&text);
		error_set(err, ERR_OUTPUT, "run.json would be larger than 1 GiB");
		return NULL;
	}
	return strbuf_take(&text);
}

int report_write_json(const struct report *report, const struct job *job, const char *path, struct error *err)
{
	char *text = report_to_json(report, err);

	(void)job;
	if (!text)
		return -1;
	int rc = atomic_file_put(path, strv_of(text), err);
	free(text);
	return rc;
}
