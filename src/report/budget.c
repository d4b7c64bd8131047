/* The budget for loss in words: what was asked for and what is left of the day, what stands behind it, and
 * which orders and corrections were held back. Numbers and ids only: mails carry them. */
#include "report_impl.h"

#include <inttypes.h>

static void add_kinds(struct strbuf *out, const struct budget_report *b)
{
	const char *before = " (";

	for (int kind = LOSS_NONE + 1; kind < LOSS_KIND_COUNT; kind++) {
		if (b->by_kind[kind] == 0)
			continue;
		strbuf_adds(out, before);
		report_add_number(out, b->by_kind[kind]);
		strbuf_addf(out, " %s", loss_kind_name((enum loss_kind)kind));
		before = ", ";
	}
	strbuf_adds(out, before[0] == ',' ? ")" : "");
}

void report_add_budget(struct strbuf *out, const struct report *report)
{
	const struct budget_report *b = &report->budget;

	report_add_number(out, b->asked);
	strbuf_adds(out, " asked for");
	add_kinds(out, b);
	strbuf_adds(out, ", ");
	report_add_number(out, b->used);
	strbuf_addf(out, " in the last 24 hours; max_disables is %s", b->rule);
	if (b->passed)
		strbuf_addf(out, "; let pass by --allow-disables %s", b->allowed);
	if (b->ahead > 0)
		strbuf_addf(out,
		    "; %" PRIu64
		    " of these are dated later than now, as the clock of this machine was set back: they count until 24 "
		    "hours after that time, or after a run that --allow-disables lets pass",
		    b->ahead);
}

void report_add_behind(struct strbuf *out, const struct report *report)
{
	const struct budget_report *b = &report->budget;

	for (size_t i = 0; i < b->sum_count; i++) {
		strbuf_adds(out, i ? " + " : "");
		report_add_decimal(out, b->sums[i].amount);
		strbuf_addf(out, " %s", b->sums[i].currency);
	}
	strbuf_adds(out, b->sum_count ? " of minimum commitments a month" : "no known minimum commitment");
	if (b->in_report[0] && (b->sum_count > 1 || strcmp(b->sums[0].currency, b->report_currency) != 0)) {
		strbuf_adds(out, " (");
		report_add_decimal(out, b->in_report);
		strbuf_addf(out, " %s)", b->report_currency);
	}
	if (b->unknown > 0)
		strbuf_addf(out, ", %" PRIu64 " without a known amount", b->unknown);
	if (b->customers < 0) {
		strbuf_adds(out, "; how many end customers is not known");
		return;
	}
	strbuf_adds(out, "; ");
	report_add_number(out, (uint64_t)b->customers);
	strbuf_adds(out, b->customers == 1 ? " end customer" : " end customers");
}

/* "ORD-1 (account 1)"; of a correction its finding. */
static void add_one(
    struct strbuf *out, struct strbuf *scratch, size_t shown, const char *id, const char *account)
{
	strbuf_adds(out, shown ? ", " : "");
	strbuf_adds(out, report_clean(scratch, id, CLEAN_LINE));
	strbuf_addf(out, " (account %s)", report_clean(scratch, account, CLEAN_LINE));
}

void report_add_held(struct strbuf *out, const struct report *report, size_t most)
{
	struct strbuf scratch = {0};
	size_t all = 0, shown = 0;

	for (size_t i = 0; i < report->item_count; i++) {
		const struct item_record *item = &report->items[i];
		if (strcmp(item->reason, REASON_HELD) == 0 && all++ < most)
			add_one(out, &scratch, shown++, item->order_id, item->account_id);
	}
	for (size_t i = 0; i < report->fix_count; i++) {
		const struct fix_record *fix = &report->fixes[i];
		if (strcmp(fix->reason, REASON_HELD) == 0 && all++ < most)
			add_one(out, &scratch, shown++, fix->finding_id, fix->account_id);
	}
	if (all > shown) {
		strbuf_adds(out, " and ");
		report_add_number(out, all - shown);
		strbuf_adds(out, " more; run.json has all");
	}
	strbuf_free(&scratch);
}

void report_held_lines(const struct report *report, struct strbuf *out)
{
	struct strbuf which = {0};

	if (report->budget.held == 0)
		return;
	report_add_held(&which, report, HELD_SHOWN);
	if (which.n > 0)
		strbuf_addf(out, "held back: %s\n", which.p);
	strbuf_adds(out, "behind it: ");
	report_add_behind(out, report);
	strbuf_addc(out, '\n');
	strbuf_free(&which);
}

static const char *fixes_file(const struct report *report)
{
	for (size_t i = 0; i < report->file_count; i++)
		if (strcmp(report->files[i].role, "fixes") == 0)
			return report->files[i].path;
	return "FIXES";
}

void report_add_fixes_command(struct strbuf *out, const struct report *report)
{
	strbuf_adds(out, "tenantry apply ");
	report_add_shell(out, report->job_path[0] ? report->job_path : "JOB");
	strbuf_addc(out, ' ');
	report_add_shell(out, fixes_file(report));
}

void report_add_allow_command(struct strbuf *out, const struct report *report)
{
	const char *job = report->job_path[0] ? report->job_path : "JOB";

	if (report->budget.command[0]) {
		strbuf_adds(out, report->budget.command);
	} else if (report->fixes_of[0]) {
		report_add_fixes_command(out, report);
	} else if (report->retry_of[0]) {
		strbuf_addf(out, "tenantry retry %s --job ", report->retry_of);
		report_add_shell(out, job);
	} else {
		strbuf_adds(out, "tenantry run ");
		report_add_shell(out, job);
	}
	strbuf_addf(out, " --allow-disables %" PRIu64, report->budget.held);
}
