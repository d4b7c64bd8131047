/* findings.csv and failed.csv, the columns of design section 8. Reports for people: cells that a spreadsheet
 * would run are defused by the CSV writer; plain negative numbers are none and stay as they are. */
#include <stdlib.h>

#include "report_impl.h"
#include "tenantry/csv.h"

struct csv_report {
	struct csv_writer writer;
	struct strbuf scratch;
	struct atomic_file *file;
};

static int open_report(struct csv_report *out, const struct job *job, const char *path, struct error *err)
{
	*out = (struct csv_report){
	    .writer = {.delimiter = job && job->report.csv_delimiter ? job->report.csv_delimiter : ',',
		.defuse = true}};
	out->file = atomic_file_new(path, err);
	if (!out->file)
		return -1;
	if (job && job->report.csv_bom)
		atomic_file_puts(out->file, "\xef\xbb\xbf");
	return 0;
}

static int close_report(struct csv_report *out, struct error *err)
{
	strbuf_free(&out->scratch);
	csv_writer_free(&out->writer);
	return atomic_file_commit(out->file, err);
}

static void cell(struct csv_report *out, const char *text)
{
	csv_writer_text(&out->writer, report_clean(&out->scratch, text, CLEAN_KEEP));
}

static void end_row(struct csv_report *out)
{
	csv_writer_end(&out->writer, out->file);
}

static void header(struct csv_report *out, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		csv_writer_text(&out->writer, names[i]);
	end_row(out);
}

static void time_cell(struct csv_report *out, int64_t ms)
{
	char text[TIME_TEXT_SIZE];

	csv_writer_text(&out->writer, ms ? time_text(ms, text) : "");
}

/* The columns that came later stand at the end. */
static void memory_cells(struct csv_report *out, const struct report *report, const struct finding_record *f)
{
	cell(out, f->tier);
	cell(out, f->report_currency);
	cell(out, f->report_money);
	cell(out, f->news);
	cell(out, report_bucket_days(report_age_bucket(report, f)));
	csv_writer_number(&out->writer, f->cycles_open);
	time_cell(out, f->opened_at);
	csv_writer_number(&out->writer, f->times_reopened);
	cell(out, f->ack.reason);
	cell(out, f->ack.who);
	cell(out, f->ack.until);
	cell(out, f->note);
	cell(out, report_finding_advice(f->code));
}

static void finding_row(struct csv_report *out, const struct report *report, const struct finding_record *f)
{
	const char *const cells[] = {f->finding_id, report->run_id, f->code, f->severity, f->owner, f->state,
	    f->account_id, f->account, f->subscription_id, f->tenant_id, f->expected, f->bss, f->acronis,
	    f->currency, f->money};

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
		cell(out, cells[i]);
	time_cell(out, f->first_seen);
	csv_writer_number(&out->writer, report_age_days(report, f));
	csv_writer_number(&out->writer, f->runs_open);
	cell(out, f->sentence);
	cell(out, f->evidence);
	memory_cells(out, report, f);
	end_row(out);
}

int report_write_findings_csv(
    const struct report *report, const struct job *job, const char *path, struct error *err)
{
	static const char *const names[] = {"Finding Id", "Run", "Code", "Severity", "Owner", "State",
	    "Account Id", "Account", "Subscription Id", "Tenant Id", "Expected", "BSS", "Acronis", "Currency",
	    "Money At Stake", "First Seen", "Age Days", "Runs Open", "Sentence", "Evidence", "Tier",
	    "Report Currency", "Money In Report Currency", "News", "Age Bucket", "Cycles Open", "Open Since",
	    "Times Reopened", "Ack Reason", "Ack By", "Ack Until", "Note", "What To Do"};
	struct csv_report out;

	if (open_report(&out, job, path, err) < 0)
		return -1;
	const struct finding_record **sorted = report_sorted_findings(report);
	header(&out, names, sizeof names / sizeof *names);
	for (size_t i = 0; i < report->finding_count; i++)
		finding_row(&out, report, sorted[i]);
	free(sorted);
	return close_report(&out, err);
}

static void item_row(struct csv_report *out, const struct report *report, const struct item_record *item)
{
	struct strbuf decision = {0};
	const char *const cells[] = {item->order_id, item->item_id, item->account_id,
	    item_state_name(item->state), item->reason, item->text};

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
		cell(out, cells[i]);
	report_add_decision(report, item, &decision);
	cell(out, decision.p);
	cell(out, report->run_id);
	end_row(out);
	strbuf_free(&decision);
}

int report_write_failed_csv(
    const struct report *report, const struct job *job, const char *path, struct error *err)
{
	static const char *const names[] = {
	    "Order Id", "Order Item Id", "Account Id", "State", "Reason", "Text", "Decision", "Run"};
	struct csv_report out;

	if (open_report(&out, job, path, err) < 0)
		return -1;
	header(&out, names, sizeof names / sizeof *names);
	for (size_t i = 0; i < report->item_count; i++)
		if (report->items[i].state == ITEM_FAILED || report->items[i].state == ITEM_PARKED)
			item_row(&out, report, &report->items[i]);
	return close_report(&out, err);
}
