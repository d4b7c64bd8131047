/* What report.html shows of findings: what changed since the last run, money and age, the classes, the
 * findings with what people accepted of them, and those that are resolved. */
#include <inttypes.h>
#include <stdlib.h>

#include "html_impl.h"
#include "tenantry/mem.h"

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void tile(struct strbuf *out, const char *sign, uint64_t number, const char *label)
{
	if (sign[0])
		strbuf_addf(out, "<span class=\"sign\" aria-hidden=\"true\">%s</span>", sign);
	strbuf_adds(out, "<div class=\"tile\"><b>");
	report_add_number(out, number);
	strbuf_addf(out, "</b><span>%s</span></div>\n", label);
}

/* ---- What changed, in counts that close. */

static void news_tiles(struct strbuf *out, const struct report *r)
{
	/* Of a past day no night is remembered. */
	if (r->as_of.day[0])
		return;
	strbuf_adds(out, "<h3>Since the last run</h3>\n<div class=\"tiles\">\n");
	tile(out, "", r->finding_count, plural(r->finding_count)[0] ? "findings" : "finding");
	tile(out, "=", r->by_news[NEWS_NEW], "new");
	tile(out, "+", r->by_news[NEWS_KNOWN], "known");
	tile(out, "+", r->by_news[NEWS_REOPENED], "reopened");
	strbuf_adds(out, "</div>\n");
	if (r->before > 0) {
		strbuf_adds(out, "<p><small>Before it there were ");
		report_add_number(out, r->before);
		strbuf_adds(out, ": ");
		report_add_number(out, r->by_news[NEWS_KNOWN]);
		strbuf_adds(out, " are still there, ");
		report_add_number(out, r->resolved);
		strbuf_adds(out, " are resolved, ");
		report_add_number(out, r->left);
		strbuf_adds(
		    out, " were left as they are, because their accounts were not compared.</small></p>\n");
	}
	if (r->by_state[STATE_OPEN] == r->finding_count)
		return;
	strbuf_adds(out, "<div class=\"tiles\">\n");
	tile(out, "", r->finding_count, plural(r->finding_count)[0] ? "findings" : "finding");
	tile(out, "=", r->by_state[STATE_OPEN], "open");
	tile(out, "+", r->by_state[STATE_ACKNOWLEDGED], "acknowledged");
	tile(out, "+", r->by_state[STATE_TIMING], "timing");
	strbuf_adds(out, "</div>\n");
}

/* ---- Money. */

/* What the tiles leave out, so that nobody adds it in mind. */
static void left_out(struct strbuf *out, const char *what, uint64_t count, const struct money_totals *totals)
{
	if (count == 0)
		return;
	strbuf_addf(out, "%s%" PRIu64 " %s", out->n > 0 ? "; " : "", count, what);
	if (totals->count == 0)
		return;
	strbuf_adds(out, " (");
	report_add_totals(out, totals);
	strbuf_adds(out, ")");
}

static void money_tiles(struct strbuf *out, const struct report *r)
{
	struct money_totals totals = report_money(r, NULL),
			    accepted = report_money_in_state(r, STATE_ACKNOWLEDGED),
			    timing = report_money_in_state(r, STATE_TIMING),
			    informing = report_money_informing(r);
	struct strbuf apart = {0};

	left_out(&apart, "acknowledged", r->by_state[STATE_ACKNOWLEDGED], &accepted);
	left_out(&apart, "timing", r->by_state[STATE_TIMING], &timing);
	left_out(&apart, "that merely inform", r->by_severity[SEVERITY_INFO], &informing);
	strbuf_adds(out, "<h3>Money at stake a month, by open findings</h3>\n<div class=\"tiles\">\n");
	for (size_t i = 0; i < totals.count; i++) {
		strbuf_adds(out, "<div class=\"tile\"><b>");
		report_add_money(out, totals.sum[i]);
		strbuf_addf(out, "</b><span>%s, %" PRIu64 " finding%s</span></div>\n", totals.sum[i].currency,
		    totals.findings[i], plural(totals.findings[i]));
	}
	if (totals.unknown > 0)
		strbuf_addf(out,
		    "<div class=\"tile\"><b>%" PRIu64
		    "</b><span>finding%s without a known amount</span></div>\n",
		    totals.unknown, plural(totals.unknown));
	if (totals.count == 0 && totals.unknown == 0)
		strbuf_adds(out, "<div class=\"tile\"><b>0</b><span>nothing that is open</span></div>\n");
	strbuf_adds(out, "</div>\n");
	if (apart.n > 0) {
		strbuf_adds(out, "<p><small>Not in these sums: ");
		html_add(out, apart.p);
		strbuf_adds(out, ".</small></p>\n");
	}
	strbuf_free(&apart);
}

/* ---- Ages. */

static void age_cell(struct strbuf *out, uint64_t count, const struct money_totals *totals)
{
	strbuf_adds(out, "<td class=\"n\">");
	report_add_number(out, count);
	for (size_t i = 0; i < totals->count; i++) {
		strbuf_adds(out, "<br><small>");
		report_add_money(out, totals->sum[i]);
		strbuf_addf(out, " %s</small>", totals->sum[i].currency);
	}
	strbuf_adds(out, "</td>");
}

static void age_table(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {"Age", "#High", "#Medium", "#Low", "#Info"};
	struct age_table ages;

	if (r->by_state[STATE_OPEN] == 0)
		return;
	report_ages(r, &ages);
	html_table(out, "Open findings by age, in days since they were first seen, and their money a month",
	    heads, ARRAY_LEN(heads));
	for (int bucket = 0; bucket < AGE_BUCKET_COUNT; bucket++) {
		const uint64_t *count = ages.count[bucket];
		if (count[SEVERITY_HIGH] + count[SEVERITY_MEDIUM] + count[SEVERITY_LOW] +
			count[SEVERITY_INFO] ==
		    0)
			continue;
		strbuf_addf(
		    out, "<tr><th scope=\"row\" class=\"k\">%s days</th>", report_bucket_days(bucket));
		for (int s = SEVERITY_HIGH; s >= SEVERITY_INFO; s--)
			age_cell(out, count[s], &ages.money[bucket][s]);
		strbuf_adds(out, "</tr>\n");
	}
	html_table_end(out);
}

/* ---- Classes. */

static uint64_t open_of(const struct report *r, const char *code)
{
	uint64_t count = 0;

	for (size_t i = 0; i < r->finding_count; i++)
		count +=
		    report_state(&r->findings[i]) == STATE_OPEN && strcmp(r->findings[i].code, code) == 0;
	return count;
}

static void class_table(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {
	    "Class", "What it means", "What to do", "Owner", "#Findings", "#Open", "#At stake a month"};

	html_table(out, "Findings by class", heads, ARRAY_LEN(heads));
	for (int i = 0; i < FINDING_COUNT; i++) {
		const char *code = finding_code_name((enum finding_code)i);
		if (r->by_code[i] == 0)
			continue;
		struct money_totals totals = report_money(r, code);
		strbuf_addf(out, "<tr><th scope=\"row\" class=\"k\">%s</th>", code);
		html_text_cell(out, "w", report_finding_meaning(code));
		html_text_cell(out, "w", report_finding_advice(code));
		html_text_cell(out, "k", report_class_owner(r, (enum finding_code)i));
		html_number_cell(out, r->by_code[i]);
		html_number_cell(out, open_of(r, code));
		html_money_cell(out, &totals);
		strbuf_adds(out, "</tr>\n");
	}
	html_table_end(out);
}

/* ---- The findings. */

static void money_cell(struct strbuf *out, const struct finding_record *f)
{
	struct money_totals totals = {0};

	if (f->currency[0])
		money_totals_add(&totals, f);
	if (totals.count > 0 || !f->money[0])
		html_money_cell(out, &totals);
	else
		html_text_cell(out, "n", f->money);
}

static void what_is_wrong(struct strbuf *out, const struct finding_record *f)
{
	strbuf_adds(out, "<th scope=\"row\" class=\"w\">");
	html_add(out, f->sentence);
	strbuf_adds(out, "<br><small>");
	html_add(out, f->code);
	strbuf_adds(out, " <code class=\"id\">");
	html_add(out, f->finding_id);
	strbuf_adds(out, "</code>");
	if (f->times_reopened > 0)
		strbuf_addf(out, ", reopened %" PRId64 " time%s", f->times_reopened,
		    f->times_reopened == 1 ? "" : "s");
	if (f->note && f->note[0]) {
		strbuf_adds(out, ", ");
		html_add(out, f->note);
	}
	strbuf_adds(out, "</small></th>");
}

static void account_cell(struct strbuf *out, const struct finding_record *f)
{
	strbuf_adds(out, "<td class=\"m\">");
	html_add(out, f->account);
	strbuf_adds(out, "<br><small>");
	html_add(out, f->account_id);
	strbuf_adds(out, "</small></td>");
}

static void severity_cell(struct strbuf *out, const struct finding_record *f)
{
	const char *severity = severity_name(report_severity(f));

	strbuf_addf(out, "<tr><td><span class=\"tag %s\">%s</span>", severity, severity);
	if (report_state(f) == STATE_TIMING)
		strbuf_adds(out, " <span class=\"tag\">timing</span>");
	strbuf_adds(out, "</td>");
}

static void open_row(struct strbuf *out, const struct report *r, const struct finding_record *f)
{
	int64_t age = report_age_days(r, f);

	severity_cell(out, f);
	what_is_wrong(out, f);
	account_cell(out, f);
	html_text_cell(out, "s", f->expected);
	html_text_cell(out, "s", f->bss);
	html_text_cell(out, "s", f->acronis);
	money_cell(out, f);
	if (age == 0)
		strbuf_adds(out, "<td class=\"n\">today</td>");
	else
		strbuf_addf(out, "<td class=\"n\">%" PRId64 " day%s</td>", age, age == 1 ? "" : "s");
	html_text_cell(out, "k", f->owner);
	strbuf_adds(out, "</tr>\n");
}

static void accepted_row(struct strbuf *out, const struct report *r, const struct finding_record *f)
{
	(void)r;
	severity_cell(out, f);
	what_is_wrong(out, f);
	account_cell(out, f);
	money_cell(out, f);
	html_text_cell(out, "w", f->ack.reason);
	html_text_cell(out, "m", f->ack.who);
	html_text_cell(out, "k", f->ack.until);
	strbuf_adds(out, "</tr>\n");
}

static void gone_row(struct strbuf *out, const struct report *r, const struct finding_record *f)
{
	(void)r;
	severity_cell(out, f);
	what_is_wrong(out, f);
	account_cell(out, f);
	money_cell(out, f);
	html_text_cell(out, "w", report_resolved_how(f));
	strbuf_addf(out, "<td class=\"n\">%" PRId64 "</td></tr>\n", f->runs_open);
}

struct finding_table {
	const char *caption, *elsewhere; /* where all of them are, when there are too many */
	const char *const *heads;
	size_t head_count;
	void (*row)(struct strbuf *out, const struct report *r, const struct finding_record *f);
};

static void add_table(struct strbuf *out, const struct report *r, const struct finding_table *table,
    const struct finding_record *const *findings, size_t count)
{
	size_t shown = count < HTML_ROWS_MAX ? count : HTML_ROWS_MAX;

	if (count == 0)
		return;
	html_table(out, table->caption, table->heads, table->head_count);
	for (size_t i = 0; i < shown; i++)
		table->row(out, r, findings[i]);
	html_table_end(out);
	if (shown == count)
		return;
	strbuf_adds(out, "<p class=\"box warn\">The first ");
	report_add_number(out, shown);
	strbuf_adds(out, " of ");
	report_add_number(out, count);
	strbuf_addf(out, " findings are shown; %s has all of them.</p>\n", table->elsewhere);
}

static void finding_tables(struct strbuf *out, const struct report *r)
{
	static const char *const open_heads[] = {"Severity", "What is wrong", "Account", "Expected", "BSS",
	    "Acronis", "#At stake a month", "#Age", "Owner"};
	static const char *const accepted_heads[] = {
	    "Severity", "What is wrong", "Account", "#At stake a month", "Why it is accepted", "By", "Until"};
	static const struct finding_table
	    open = {"Findings, most severe first; tenantry show ID tells all about one", "findings.csv",
		open_heads, ARRAY_LEN(open_heads), open_row},
	    accepted = {"Acknowledged: known and accepted until a day", "findings.csv", accepted_heads,
		ARRAY_LEN(accepted_heads), accepted_row};
	const struct finding_record **sorted = report_sorted_findings(r),
				    **part = mem_resize(NULL, r->finding_count + 1, sizeof *part);
	size_t count = 0;

	for (size_t i = 0; i < r->finding_count; i++)
		if (report_state(sorted[i]) != STATE_ACKNOWLEDGED)
			part[count++] = sorted[i];
	add_table(out, r, &open, part, count);
	count = 0;
	for (size_t i = 0; i < r->finding_count; i++)
		if (report_state(sorted[i]) == STATE_ACKNOWLEDGED)
			part[count++] = sorted[i];
	add_table(out, r, &accepted, part, count);
	free(part);
	free(sorted);
}

static void gone_table(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {
	    "Severity", "What was wrong", "Account", "#Was at stake a month", "How", "#Runs it was seen in"};
	static const struct finding_table table = {
	    "Resolved since the last run", "run.json", heads, ARRAY_LEN(heads), gone_row};
	const struct finding_record **all;

	if (r->gone_count == 0)
		return;
	all = mem_resize(NULL, r->gone_count, sizeof *all);
	for (size_t i = 0; i < r->gone_count; i++)
		all[i] = &r->gone[i];
	strbuf_adds(out, "<details><summary>");
	report_add_number(out, r->gone_count);
	strbuf_addf(out, " finding%s of earlier runs resolved</summary>\n", plural(r->gone_count));
	add_table(out, r, &table, all, r->gone_count);
	strbuf_adds(out, "</details>\n");
	free(all);
}

void html_findings(struct strbuf *out, const struct report *r)
{
	if (!r->has_reconcile)
		return;
	strbuf_adds(out, "<section><h2>Findings</h2>\n");
	if (r->finding_count == 0) {
		strbuf_adds(out, "<p>None: what was compared agrees.</p>\n");
	} else {
		strbuf_addf(out, "<p>%zu finding%s: ", r->finding_count, plural(r->finding_count));
		for (int i = SEVERITY_HIGH; i >= SEVERITY_INFO; i--)
			strbuf_addf(out, "<span class=\"tag %s\">%" PRIu64 " %s</span> ",
			    severity_name((enum severity)i), r->by_severity[i],
			    severity_name((enum severity)i));
		strbuf_adds(out, "</p>\n");
		news_tiles(out, r);
		money_tiles(out, r);
		age_table(out, r);
		class_table(out, r);
		finding_tables(out, r);
	}
	gone_table(out, r);
	strbuf_adds(out, "</section>\n");
}
