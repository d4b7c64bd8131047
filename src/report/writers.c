/* The table of writers, and writing all that a job wants into the run folder, run.json last: it names what
 * stands beside it. */
#include <stdlib.h>
#include <unistd.h>

#include "report_impl.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

/* An empty list must never look like "nothing wrong" when nobody looked. */
static bool was_compared(const struct report *report)
{
	return report->has_reconcile;
}

static bool was_provisioned(const struct report *report)
{
	return report->has_provision;
}

/* A format with several files has several rows. */
static const struct report_writer writers[] = {
    {"json", "run.json", report_write_json, NULL},
    {"csv", "findings.csv", report_write_findings_csv, was_compared},
    {"csv", "failed.csv", report_write_failed_csv, was_provisioned},
    {"html", "report.html", report_write_html, NULL},
    {"xlsx", "report.xlsx", report_write_xlsx, NULL},
    {NULL, NULL, NULL, NULL},
};

const struct report_writer *report_writers(void)
{
	return writers;
}

static bool job_wants(const struct job *job, const char *name)
{
	return (strcmp(name, "csv") == 0 && job->report.csv) ||
	       (strcmp(name, "html") == 0 && job->report.html) ||
	       (strcmp(name, "xlsx") == 0 && job->report.xlsx);
}

static bool wanted(const struct report *report, const struct job *job, const char *const *formats,
    size_t count, const struct report_writer *w)
{
	if (w->applies && !w->applies(report))
		return false;
	if (count == 0)
		return job_wants(job, w->name);
	for (size_t i = 0; i < count; i++)
		if (strcmp(formats[i], w->name) == 0)
			return true;
	return false;
}

static int check_formats(const char *const *formats, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct report_writer *w = writers;
		while (w->name && strcmp(w->name, formats[i]) != 0)
			w++;
		if (w->name)
			continue;
		error_set(err, ERR_USAGE, "unknown report format \"%s\"", formats[i]);
		return error_hint(err, "the formats are json, csv, html and xlsx");
	}
	return 0;
}

/* Each name once, in the order in which they came. */
static void note_output(struct report *report, const char *file)
{
	const char **outputs;

	for (size_t i = 0; i < report->output_count; i++)
		if (strcmp(report->outputs[i], file) == 0)
			return;
	outputs = arena_alloc(report->arena, (report->output_count + 1) * sizeof *outputs);
	if (report->output_count > 0)
		memcpy(outputs, report->outputs, report->output_count * sizeof *outputs);
	outputs[report->output_count++] = file;
	report->outputs = outputs;
}

/* What the steps of the run left in its folder (design section 8). Not audit.ndjson: it comes last and
 * vouches for run.json. */
static void note_files_of_steps(struct report *report)
{
	static const char *const names[] = {"accepted.csv", "rejected.csv", "subscriptions-import.csv",
	    "orders-executed.csv", "tenants.csv.zst", "subscriptions.csv.zst", "invoices.csv.zst",
	    "rates.csv.zst"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = mem_printf("%s/%s", report->folder, names[i]);
		if (access(path, F_OK) == 0)
			note_output(report, names[i]);
		free(path);
	}
}

static int write_one(
    const struct report *report, const struct job *job, const struct report_writer *w, struct error *err)
{
	char *path = mem_printf("%s/%s", report->folder, w->file);
	int rc = w->write(report, job, path, err);

	free(path);
	return rc;
}

static void note_outputs(
    struct report *report, const struct job *job, const char *const *formats, size_t count)
{
	note_files_of_steps(report);
	for (const struct report_writer *w = writers + 1; w->name; w++)
		if (wanted(report, job, formats, count, w))
			note_output(report, w->file);
}

int report_write_all(
    struct report *report, const struct job *job, const char *const *formats, size_t count, struct error *err)
{
	if (check_formats(formats, count, err) < 0)
		return -1;
	report_verdict(report);
	/* Written again, run.json must be what it was: the audit has its hash. */
	if (report->output_count == 0)
		note_outputs(report, job, formats, count);
	for (const struct report_writer *w = writers + 1; w->name; w++)
		if (wanted(report, job, formats, count, w) && write_one(report, job, w, err) < 0)
			return -1;
	return write_one(report, job, writers, err);
}
