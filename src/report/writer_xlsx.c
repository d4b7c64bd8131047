/* report.xlsx for finance: its sheets in constant memory, rows in order. Foreign text is always a string
 * cell, so that no formula and no link can run; counts and money are numbers. The same run gives the same
 * bytes: the creation time is the run's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "report_impl.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

/* Excel's own limits: characters in a cell, and the integers that a double holds exactly. */
enum { CELL_BYTES_MAX = 32767, ROWS_MAX = 1048576 };
#define EXACT_MAX (INT64_C(1) << 53)

struct book {
	const struct report *report;
	lxw_workbook *workbook;
	lxw_worksheet *sheet;
	lxw_format *bold, *head, *count, *money, *whole;
	struct strbuf scratch;
	lxw_row_t row;
	lxw_col_t column;
	bool failed; /* nothing more is given to the library, which does not survive every failure of its own
		      */
};

static void check(struct book *b, lxw_error rc)
{
	b->failed |= rc != LXW_NO_ERROR;
}

static void put(struct book *b, const char *text, lxw_format *format)
{
	if (b->failed)
		return;
	report_clean(&b->scratch, text, CLEAN_LINE);
	if (b->scratch.n > CELL_BYTES_MAX) {
		size_t n = CELL_BYTES_MAX;
		while ((b->scratch.p[n] & 0xc0) == 0x80)
			n--;
		b->scratch.p[n] = '\0';
	}
	if (b->scratch.p[0])
		check(b, worksheet_write_string(b->sheet, b->row, b->column, b->scratch.p, format));
	b->column++;
}

static void text(struct book *b, const char *value)
{
	put(b, value, NULL);
}

static void number(struct book *b, uint64_t value)
{
	if (!b->failed)
		check(b, worksheet_write_number(b->sheet, b->row, b->column++, (double)value, b->count));
}

/* An amount as a number where a spreadsheet's number can hold it; the text else. */
static void money(struct book *b, struct money amount)
{
	char shown[MONEY_TEXT_SIZE];
	bool whole = currency_exponent(amount.currency) == 0;

	money_text(amount, shown);
	if (amount.minor > EXACT_MAX || amount.minor < -EXACT_MAX) {
		text(b, shown);
		return;
	}
	if (!b->failed)
		check(b, worksheet_write_number(b->sheet, b->row, b->column++, strtod(shown, NULL),
			     whole ? b->whole : b->money));
}

/* A sum of a report, which is decimal text of that currency. */
static void sum_cell(struct book *b, const char *currency, const char *decimal)
{
	struct money amount;

	if (money_parse(strv_of(decimal), currency, &amount))
		money(b, amount);
	else
		text(b, decimal);
}

static void time_cell(struct book *b, int64_t ms)
{
	char shown[TIME_TEXT_SIZE];

	text(b, ms ? time_text(ms, shown) : "");
}

static void next_row(struct book *b)
{
	b->row++;
	b->column = 0;
}

struct column {
	const char *name;
	double width;
};

/* False: there is none. */
static bool add_sheet(struct book *b, const char *name)
{
	b->sheet = b->failed ? NULL : workbook_add_worksheet(b->workbook, name);
	b->row = 0;
	b->column = 0;
	b->failed |= !b->sheet;
	return b->sheet != NULL;
}

/* A sheet that is one table: a frozen heading, filters, widths. `rows` is the number of rows that will
 * follow. */
static void table(struct book *b, const char *name, const struct column *columns, size_t count, size_t rows)
{
	if (!add_sheet(b, name))
		return;
	for (size_t i = 0; i < count; i++)
		check(b, worksheet_set_column(b->sheet, (lxw_col_t)i, (lxw_col_t)i, columns[i].width, NULL));
	worksheet_freeze_panes(b->sheet, 1, 0);
	size_t last = rows > 0 ? (rows < ROWS_MAX - 1 ? rows : ROWS_MAX - 1) : 1;
	check(b, worksheet_autofilter(b->sheet, 0, 0, (lxw_row_t)last, (lxw_col_t)(count - 1)));
	worksheet_set_landscape(b->sheet);
	worksheet_fit_to_pages(b->sheet, 1, 0);
	worksheet_repeat_rows(b->sheet, 0, 0);
	for (size_t i = 0; i < count; i++)
		put(b, columns[i].name, b->head);
	next_row(b);
}

/* ---- Summary: two columns, no table. */

static void line_text(struct book *b, const char *name, const char *value)
{
	text(b, name);
	text(b, value);
	next_row(b);
}

static void line_number(struct book *b, const char *name, uint64_t value)
{
	text(b, name);
	number(b, value);
	next_row(b);
}

static void line_time(struct book *b, const char *name, int64_t ms)
{
	text(b, name);
	time_cell(b, ms);
	next_row(b);
}

static void heading(struct book *b, const char *name)
{
	next_row(b);
	put(b, name, b->bold);
	next_row(b);
}

static void summary_warnings(struct book *b)
{
	const struct report *r = b->report;
	struct strbuf value = {0};

	for (int i = 0; i < WARNING_COUNT && r->has_intake; i++)
		if (r->intake.by_warning[i] > 0)
			line_number(b, warning_name((enum warning_code)i), r->intake.by_warning[i]);
	if (r->changed_count > 0)
		heading(b, "Done, and something else by now");
	for (size_t i = 0; i < r->changed_count && !b->failed; i++) {
		const struct changed_order *c = &r->changed[i];
		strbuf_clear(&value);
		strbuf_addf(&value, "%s (account %s, %s:%lu)", c->what, c->account_id, c->source, c->line);
		line_text(b, c->item, value.p);
	}
	strbuf_free(&value);
}

static void summary_counts(struct book *b)
{
	const struct report *r = b->report;

	if (r->has_intake) {
		heading(b, "Order items: read = accepted + rejected + ignored");
		line_number(b, "read", r->intake.read);
		line_number(b, "accepted", r->intake.accepted);
		line_number(b, "rejected", r->intake.rejected);
		line_number(b, "ignored", r->intake.ignored);
		summary_warnings(b);
	}
	if (r->has_provision) {
		heading(b, "Actions: planned = done + failed + parked + deferred + not started");
		line_number(b, "planned", r->apply.planned);
		line_number(b, "done", r->apply.done);
		line_number(b, "failed", r->apply.failed);
		line_number(b, "parked", r->apply.parked);
		line_number(b, "deferred", r->apply.deferred);
		line_number(b, "not started", r->apply.not_started);
		line_number(b, "waiting for a decision from earlier runs", r->waiting);
		if (r->still.run[0]) {
			line_number(b, "failed in the same night, still waiting", r->still.failed);
			line_number(b, "not begun in the same night, still waiting", r->still.not_begun);
			line_number(b, "in doubt since the same night", r->still.in_doubt);
		}
	}
}

static void summary_findings(struct book *b)
{
	const struct report *r = b->report;
	struct money_totals totals = report_money(r, NULL),
			    accepted = report_money_in_state(r, STATE_ACKNOWLEDGED);

	if (!r->has_reconcile) {
		heading(b, "Nothing was compared: reconciliation was not part of this run");
		return;
	}
	heading(b, "Findings by severity");
	for (int i = SEVERITY_HIGH; i >= SEVERITY_INFO; i--)
		line_number(b, severity_name((enum severity)i), r->by_severity[i]);
	heading(b, "Findings by state: open + acknowledged + timing");
	for (int i = 0; i < FINDING_STATE_COUNT; i++)
		line_number(b, finding_state_name((enum finding_state)i), r->by_state[i]);
	heading(b, "Against the run before: new + known + reopened");
	for (int i = 0; i < FINDING_NEWS_COUNT; i++)
		line_number(b, finding_news_name((enum finding_news)i), r->by_news[i]);
	line_number(b, "open before that run: known + resolved + left", r->before);
	line_number(b, "resolved", r->resolved);
	line_number(b, "left, as their accounts were not compared", r->left);
	heading(b, "Money at stake a month, acknowledged");
	for (size_t i = 0; i < accepted.count; i++) {
		text(b, accepted.sum[i].currency);
		money(b, accepted.sum[i]);
		next_row(b);
	}
	heading(b, "Money at stake a month, open");
	for (size_t i = 0; i < totals.count; i++) {
		text(b, totals.sum[i].currency);
		money(b, totals.sum[i]);
		next_row(b);
	}
	line_number(b, "findings without a known amount", totals.unknown);
	heading(b, "Not compared");
	line_number(b, "subscriptions", report_subscriptions_left(r));
	line_number(b, "tenants", report_tenants_left(r));
}

static void summary_inputs(struct book *b)
{
	const struct report *r = b->report;

	heading(b, "Inputs");
	line_text(b, r->job_path, r->job_digest);
	for (size_t i = 0; i < r->file_count; i++)
		line_text(b, r->files[i].path, r->files[i].digest);
}

static void summary(struct book *b)
{
	const struct report *r = b->report;

	if (!add_sheet(b, "Summary"))
		return;
	check(b, worksheet_set_column(b->sheet, 0, 0, 44, NULL));
	check(b, worksheet_set_column(b->sheet, 1, 1, 60, NULL));
	put(b, "Tenantry", b->bold);
	put(b, r->verdict, b->bold);
	next_row(b);
	if (r->as_of.day[0]) {
		struct strbuf how = {0};
		put(b, "AS OF", b->bold);
		put(b, r->as_of.day, b->bold);
		next_row(b);
		report_add_as_of(&how, r);
		line_text(b, "compared", how.p);
		strbuf_free(&how);
	}
	line_text(b, "job", r->job);
	line_text(b, "run", r->run_id);
	line_text(b, "command", r->command);
	line_text(b, "dry run", r->dry_run ? "yes: nothing was changed" : "no");
	line_time(b, "began", r->started_at);
	line_time(b, "ended", r->ended_at);
	line_number(b, "exit status", (uint64_t)r->exit_status);
	line_text(b, "what stopped it", r->error_text);
	for (size_t i = 0; i < r->warning_count; i++) {
		line_text(b, "warning", r->warnings[i].text);
		if (r->warnings[i].hint[0])
			line_text(b, "", r->warnings[i].hint);
	}
	line_time(b, "BSS as of", r->subscriptions_as_of);
	line_time(b, "Acronis as of", r->observed_at);
	summary_counts(b);
	summary_findings(b);
	summary_inputs(b);
}

/* ---- The tables. */

static void report_money_cells(struct book *b, const struct finding_record *f)
{
	struct money amount;
	bool known = f->report_currency && f->report_currency[0] &&
		     money_parse(strv_of(f->report_money), f->report_currency, &amount);

	text(b, known ? f->report_currency : "");
	if (known)
		money(b, amount);
	else
		b->column++;
}

static void finding_row(struct book *b, const struct finding_record *f)
{
	const char *const before[] = {f->finding_id, f->code, f->severity, f->owner, f->state, f->account_id,
	    f->account, f->subscription_id, f->tenant_id, f->expected, f->bss, f->acronis, f->currency};
	struct money amount;

	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		text(b, before[i]);
	if (report_finding_money(f, &amount))
		money(b, amount);
	else
		text(b, f->money);
	time_cell(b, f->first_seen);
	number(b, (uint64_t)report_age_days(b->report, f));
	number(b, f->runs_open > 0 ? (uint64_t)f->runs_open : 0);
	text(b, f->sentence);
	text(b, report_finding_advice(f->code));
	text(b, f->evidence);
	text(b, f->tier);
	report_money_cells(b, f);
	text(b, f->news);
	text(b, report_bucket_days(report_age_bucket(b->report, f)));
	number(b, f->cycles_open > 0 ? (uint64_t)f->cycles_open : 0);
	number(b, f->times_reopened > 0 ? (uint64_t)f->times_reopened : 0);
	text(b, f->ack.reason);
	text(b, f->ack.who);
	text(b, f->ack.until);
	text(b, f->note);
	next_row(b);
}

static void findings(struct book *b)
{
	static const struct column columns[] = {{"Finding Id", 20}, {"Code", 24}, {"Severity", 10},
	    {"Owner", 16}, {"State", 13}, {"Account Id", 12}, {"Account", 32}, {"Subscription Id", 20},
	    {"Tenant Id", 38}, {"Expected", 22}, {"BSS", 22}, {"Acronis", 22}, {"Currency", 10},
	    {"Money At Stake", 15}, {"First Seen", 22}, {"Age Days", 10}, {"Runs Open", 11}, {"Sentence", 70},
	    {"What To Do", 60}, {"Evidence", 50}, {"Tier", 14}, {"Report Currency", 15},
	    {"In Report Currency", 17}, {"News", 10}, {"Age Bucket", 11}, {"Cycles Open", 12},
	    {"Times Reopened", 15}, {"Ack Reason", 40}, {"Ack By", 22}, {"Ack Until", 12}, {"Note", 40}};
	const struct finding_record **sorted = report_sorted_findings(b->report);

	table(b, "Findings", columns, ARRAY_LEN(columns), b->report->finding_count);
	for (size_t i = 0; i < b->report->finding_count && b->row < ROWS_MAX && !b->failed; i++)
		finding_row(b, sorted[i]);
	free(sorted);
}

static void resolved(struct book *b)
{
	static const struct column columns[] = {{"Finding Id", 20}, {"Code", 24}, {"Severity", 10},
	    {"Account Id", 12}, {"Account", 32}, {"Currency", 10}, {"Was At Stake", 15}, {"First Seen", 22},
	    {"Runs Seen", 11}, {"How", 28}, {"Sentence", 70}};

	table(b, "Resolved", columns, ARRAY_LEN(columns), b->report->gone_count);
	for (size_t i = 0; i < b->report->gone_count && b->row < ROWS_MAX && !b->failed; i++) {
		const struct finding_record *f = &b->report->gone[i];
		const char *const cells[] = {
		    f->finding_id, f->code, f->severity, f->account_id, f->account, f->currency};
		struct money amount;
		for (size_t j = 0; j < ARRAY_LEN(cells); j++)
			text(b, cells[j]);
		if (report_finding_money(f, &amount))
			money(b, amount);
		else
			text(b, f->money);
		time_cell(b, f->first_seen);
		number(b, f->runs_open > 0 ? (uint64_t)f->runs_open : 0);
		text(b, report_resolved_how(f));
		text(b, f->sentence);
		next_row(b);
	}
}

/* A row a bucket and severity that has findings. */
static void finding_ages(struct book *b)
{
	static const struct column columns[] = {{"Age Days", 12}, {"Severity", 10}, {"Open Findings", 14},
	    {"Currency", 10}, {"At Stake A Month", 18}};
	struct age_table all;

	report_ages(b->report, &all);
	table(b, "Ages", columns, ARRAY_LEN(columns), (size_t)AGE_BUCKET_COUNT * 4);
	for (int bucket = 0; bucket < AGE_BUCKET_COUNT && !b->failed; bucket++) {
		for (int s = SEVERITY_HIGH; s >= SEVERITY_INFO; s--) {
			const struct money_totals *sums = &all.money[bucket][s];
			if (all.count[bucket][s] == 0)
				continue;
			text(b, report_bucket_days(bucket));
			text(b, severity_name((enum severity)s));
			number(b, all.count[bucket][s]);
			for (size_t i = 0; i < sums->count; i++) {
				b->column = 3;
				text(b, sums->sum[i].currency);
				money(b, sums->sum[i]);
				if (i + 1 < sums->count)
					next_row(b);
			}
			next_row(b);
		}
	}
}

static void item_row(struct book *b, const struct item_record *item)
{
	const char *const cells[] = {item->order_id, item->item_id, item->account_id, item->account,
	    action_name(item->action), item->tier, item->currency, item_state_name(item->state),
	    step_name(item->step), item->reason, item->text};
	struct strbuf decision = {0};

	for (size_t i = 0; i < ARRAY_LEN(cells); i++)
		text(b, cells[i]);
	report_add_decision(b->report, item, &decision);
	text(b, decision.p);
	strbuf_free(&decision);
	text(b, item->subscription_id);
	text(b, item->tenant_id);
	time_cell(b, item->executed_at);
	next_row(b);
}

static void orders(struct book *b)
{
	static const struct column columns[] = {{"Order Id", 18}, {"Order Item Id", 18}, {"Account Id", 12},
	    {"Account", 32}, {"Action", 12}, {"Tier", 10}, {"Currency", 10}, {"State", 11}, {"Last Step", 14},
	    {"Reason", 20}, {"Text", 50}, {"Decision", 60}, {"Subscription Id", 38}, {"Tenant Id", 38},
	    {"Executed At", 22}};

	table(b, "Orders", columns, ARRAY_LEN(columns), b->report->item_count);
	for (size_t i = 0; i < b->report->item_count && b->row < ROWS_MAX && !b->failed; i++)
		item_row(b, &b->report->items[i]);
}

static void rejections(struct book *b)
{
	static const struct column columns[] = {
	    {"Rule", 28}, {"Order Items", 12}, {"What Is Wrong", 64}, {"What To Do", 76}};
	size_t rows = 0;

	for (int i = 0; i < RULE_COUNT; i++)
		rows += b->report->intake.by_rule[i] > 0;
	table(b, "Rejections by rule", columns, ARRAY_LEN(columns), rows);
	for (int i = 0; i < RULE_COUNT && !b->failed; i++) {
		enum rule_code rule = (enum rule_code)i;
		if (b->report->intake.by_rule[i] == 0)
			continue;
		text(b, rule_name(rule));
		number(b, b->report->intake.by_rule[i]);
		text(b, rule_text(rule));
		text(b, report_rule_advice(rule));
		next_row(b);
	}
}

static void coverage(struct book *b)
{
	static const struct column columns[] = {
	    {"Side", 34}, {"Total", 12}, {"Examined", 12}, {"Not Compared", 14}, {"Share", 10}};
	const struct coverage *c = &b->report->coverage;
	const struct {
		const char *name;
		uint64_t total, examined;
	} rows[] = {{"BSS subscriptions", c->subscriptions, c->subscriptions_examined},
	    {"Acronis tenants", c->tenants, c->tenants_examined},
	    {"accounts on both sides, of either", c->accounts, c->accounts_matched},
	    {"accounts without a finding", c->accounts, c->accounts_clean}};

	table(b, "Coverage", columns, ARRAY_LEN(columns), b->report->has_reconcile ? ARRAY_LEN(rows) : 0);
	for (size_t i = 0; i < ARRAY_LEN(rows) && b->report->has_reconcile && !b->failed; i++) {
		struct strbuf share = {0};
		text(b, rows[i].name);
		number(b, rows[i].total);
		number(b, rows[i].examined);
		if (i < 2)
			number(b, rows[i].total - rows[i].examined);
		else
			b->column++;
		report_add_percent(&share, rows[i].examined, rows[i].total);
		text(b, share.p);
		strbuf_free(&share);
		next_row(b);
	}
}

static void ties(struct book *b)
{
	static const struct column columns[] = {
	    {"Currency", 12}, {"Commitments A Month", 22}, {"Examined", 18}, {"Not Examined", 18}};

	if (!b->report->has_ties)
		return;
	table(b, "Tie-Out", columns, ARRAY_LEN(columns), b->report->tie_count);
	for (size_t i = 0; i < b->report->tie_count && !b->failed; i++) {
		const struct tie_sum *tie = &b->report->ties[i];
		text(b, tie->currency);
		sum_cell(b, tie->currency, tie->total);
		sum_cell(b, tie->currency, tie->examined);
		sum_cell(b, tie->currency, tie->left);
		next_row(b);
	}
}

static void ages(struct book *b)
{
	static const struct column columns[] = {{"Tier Values", 34}, {"Tenants", 12}};
	struct age_row rows[AGE_ROWS];
	size_t count = report_age_rows(b->report, rows);

	if (!b->report->has_observation)
		return;
	table(b, "Age Of Values", columns, ARRAY_LEN(columns), count);
	for (size_t i = 0; i < count && !b->failed; i++) {
		text(b, rows[i].name);
		number(b, rows[i].tenants);
		next_row(b);
	}
}

/* Texts: a sum may have more digits than a number of a spreadsheet holds. */
static void billing(struct book *b)
{
	static const struct column columns[] = {{"Months", 22}, {"Currency", 10}, {"Lines", 12}, {"Sum", 18},
	    {"Tied To Subscriptions", 22}, {"Other Months", 18}, {"Not Tied", 18}};
	const struct billing_summary *summary = &b->report->billing;

	if (!b->report->has_billing)
		return;
	table(b, "Invoices", columns, ARRAY_LEN(columns), summary->sum_count);
	for (size_t i = 0; i < summary->sum_count && !b->failed; i++) {
		const struct billing_sum *sum = &summary->sums[i];
		text(b, summary->months);
		text(b, sum->currency);
		number(b, sum->lines);
		sum_cell(b, sum->currency, sum->total);
		sum_cell(b, sum->currency, sum->tied);
		sum_cell(b, sum->currency, sum->other_months);
		sum_cell(b, sum->currency, sum->untied);
		next_row(b);
	}
}

static lxw_format *format_of(struct book *b, const char *number_format, bool bold)
{
	lxw_format *format = workbook_add_format(b->workbook);

	b->failed |= !format;
	if (!format)
		return NULL;
	if (number_format)
		format_set_num_format(format, number_format);
	if (bold)
		format_set_bold(format);
	return format;
}

static void fill(struct book *b)
{
	char title[] = "Tenantry night report", author[] = "tenantry";
	lxw_doc_properties properties = {
	    .title = title, .author = author, .created = (time_t)(b->report->started_at / 1000)};

	check(b, workbook_set_properties(b->workbook, &properties));
	b->bold = format_of(b, NULL, true);
	b->head = format_of(b, NULL, true);
	if (b->head) {
		format_set_bg_color(b->head, 0xE8ECF1);
		format_set_bottom(b->head, LXW_BORDER_THIN);
	}
	b->count = format_of(b, "#,##0", false);
	b->money = format_of(b, "#,##0.00", false);
	b->whole = format_of(b, "#,##0", false);
	summary(b);
	findings(b);
	orders(b);
	rejections(b);
	coverage(b);
	ties(b);
	ages(b);
	billing(b);
	resolved(b);
	finding_ages(b);
}

/* The library opens files by name alone; the descriptor's name is the temporary file's. */
static bool write_book(const struct report *report, int fd)
{
	struct book b = {.report = report};
	lxw_workbook_options options = {.constant_memory = LXW_TRUE};
	char name[64];

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	b.workbook = workbook_new_opt(name, &options);
	if (b.workbook) {
		fill(&b);
		if (b.failed)
			lxw_workbook_free(b.workbook);
		else
			check(&b, workbook_close(b.workbook));
	}
	strbuf_free(&b.scratch);
	return b.workbook && !b.failed;
}

/* The library does not survive a lack of memory, and this process must: it works in one of its own. */
static bool write_book_apart(const struct report *report, int fd)
{
	int status = 0;

	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(write_book(report, fd) ? EXIT_SUCCESS : EXIT_FAILURE);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

int report_write_xlsx(const struct report *report, const struct job *job, const char *path, struct error *err)
{
	struct atomic_file *file = atomic_file_new(path, err);

	(void)job;
	if (!file)
		return -1;
	if (!write_book_apart(report, atomic_file_fd(file))) {
		atomic_file_abort(file);
		error_set(err, ERR_OUTPUT, "cannot write the workbook");
		error_hint(err,
		    "look whether there is memory left, and space there and in the folder for temporary files");
		return error_place(err, path, 0, 0, NULL);
	}
	return atomic_file_commit(file, err);
}
