/* report.html: a run for people, on one page. What matters first: verdict, what to do, what was not compared;
 * then the counts, the findings, the orders, the rejections and the inputs. Long lists end at 2,000 rows;
 * findings.csv and report.xlsx have all. */
#include <inttypes.h>
#include <stdlib.h>

#include "html_impl.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

void html_text_cell(struct strbuf *out, const char *class, const char *text)
{
	strbuf_addf(out, "<td%s%s%s>", class[0] ? " class=\"" : "", class, class[0] ? "\"" : "");
	html_add(out, text);
	strbuf_adds(out, "</td>");
}

void html_number_cell(struct strbuf *out, uint64_t number)
{
	strbuf_adds(out, "<td class=\"n\">");
	report_add_number(out, number);
	strbuf_adds(out, "</td>");
}

void html_money_cell(struct strbuf *out, const struct money_totals *totals)
{
	strbuf_adds(out, "<td class=\"n\">");
	for (size_t i = 0; i < totals->count; i++) {
		strbuf_adds(out, i ? "<br>" : "");
		report_add_money(out, totals->sum[i]);
		strbuf_addf(out, " %s", totals->sum[i].currency);
	}
	strbuf_adds(out, "</td>");
}

/* "1,234.50" of decimal text. */
static void decimal_cell(struct strbuf *out, const char *text)
{
	strbuf_adds(out, "<td class=\"n\">");
	report_add_decimal(out, text);
	strbuf_adds(out, "</td>");
}

/* Where there is no room for columns each cell says its heading: styles take it from the table's variables.
 */
static void add_labels(struct strbuf *out, const char *const *heads, size_t count)
{
	strbuf_addf(out, "<table class=\"%s\" style=\"", count > 5 ? "wide" : "slim");
	for (size_t i = 0; i < count; i++)
		strbuf_addf(out, "--c%zu:'%s';", i + 1, heads[i] + (heads[i][0] == '#'));
	strbuf_adds(out, "\">\n");
}

void html_table(struct strbuf *out, const char *caption, const char *const *heads, size_t count)
{
	/* A wide table scrolls by itself on a phone: reachable by keyboard, hence the role and the tab stop.
	 */
	strbuf_adds(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
	html_add(out, caption);
	strbuf_adds(out, "\">");
	add_labels(out, heads, count);
	strbuf_adds(out, "<caption>");
	html_add(out, caption);
	strbuf_adds(out, "</caption>\n<thead><tr>");
	for (size_t i = 0; i < count; i++) {
		/* A heading that begins with '#' stands over numbers. */
		bool number = heads[i][0] == '#';
		strbuf_addf(out, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
		html_add(out, heads[i] + number);
		strbuf_adds(out, "</th>");
	}
	strbuf_adds(out, "</tr></thead>\n<tbody>\n");
}

void html_table_end(struct strbuf *out)
{
	strbuf_adds(out, "</tbody>\n</table></div>\n");
}

static void fact(struct strbuf *out, const char *name, const char *value)
{
	if (!value[0])
		return;
	strbuf_addf(out, "<div><dt>%s</dt><dd>", name);
	html_add(out, value);
	strbuf_adds(out, "</dd></div>\n");
}

static void time_fact(struct strbuf *out, const char *name, int64_t ms)
{
	strbuf_addf(out, "<div><dt>%s</dt><dd>", name);
	html_add_time(out, ms);
	strbuf_adds(out, "</dd></div>\n");
}

/* "all good: 41 orders ..." with the words before the colon in the verdict's colour. */
static void add_verdict(struct strbuf *out, const char *verdict)
{
	size_t n = strcspn(verdict, ":");
	char *word = strv_dup((struct strv){verdict, n});

	strbuf_adds(out, "<p class=\"verdict\"><b>");
	html_add(out, word);
	strbuf_adds(out, "</b>");
	html_add(out, verdict + n);
	strbuf_adds(out, "</p>\n");
	free(word);
}

static void band(struct strbuf *out, const struct report *r)
{
	struct strbuf took = {0}, status = {0};

	strbuf_addf(out, "<header class=\"%s\"><div>\n<h1>Tenantry ", html_verdict_class(r->exit_status));
	if (r->as_of.day[0])
		strbuf_addf(out, "AS OF %s: ", r->as_of.day);
	else
		strbuf_adds(out, "night report: ");
	html_add(out, r->job);
	strbuf_adds(out, r->dry_run ? " (dry run: nothing was changed)</h1>\n" : "</h1>\n");
	add_verdict(out, r->verdict);
	report_add_duration(&took, r->ended_at - r->started_at);
	strbuf_addf(&status, "%d", r->exit_status);
	strbuf_adds(out, "<dl class=\"facts\">\n");
	fact(out, "Run", r->run_id);
	fact(out, "Command", r->command);
	time_fact(out, "Began", r->started_at);
	fact(out, "Took", took.p);
	fact(out, "Exit status", status.p);
	if (r->has_reconcile) {
		time_fact(out, "BSS as of", r->subscriptions_as_of);
		time_fact(out, "Acronis as of", r->observed_at);
	}
	fact(out, "BSS", r->bss);
	fact(out, "Acronis", r->acronis_url);
	strbuf_adds(out, "</dl>\n</div></header>\n");
	strbuf_free(&took);
	strbuf_free(&status);
}

static void as_of_box(struct strbuf *out, const struct report *r)
{
	struct strbuf how = {0};

	if (!r->as_of.day[0])
		return;
	report_add_as_of(&how, r);
	strbuf_addf(out, "<section class=\"box\"><h2>As of %s, not as of today</h2>\n<p>%s", r->as_of.day,
	    r->as_of.run[0] ? "Compared " : "Not compared: ");
	html_add(out, how.p);
	strbuf_adds(out, ".</p></section>\n");
	strbuf_free(&how);
}

static void error_box(struct strbuf *out, const struct report *r)
{
	if (!r->error_code[0])
		return;
	strbuf_adds(out, "<section class=\"box bad\"><h2>What stopped the run</h2>\n<p>");
	html_add(out, r->error_text);
	strbuf_adds(out, " <small>(");
	html_add(out, r->error_code);
	strbuf_adds(out, ")</small></p>\n");
	strbuf_adds(out, "</section>\n");
}

static void warnings_box(struct strbuf *out, const struct report *r)
{
	if (r->warning_count == 0)
		return;
	strbuf_adds(out, "<section class=\"box warn\"><h2>Warnings</h2>\n<ul>\n");
	for (size_t i = 0; i < r->warning_count; i++) {
		strbuf_adds(out, "<li>");
		html_add(out, r->warnings[i].text);
		if (r->warnings[i].hint[0]) {
			strbuf_adds(out, "<br><small>");
			html_add(out, r->warnings[i].hint);
			strbuf_adds(out, "</small>");
		}
		strbuf_adds(out, "</li>\n");
	}
	strbuf_adds(out, "</ul></section>\n");
}

static void next_steps(struct strbuf *out, const struct report *r)
{
	struct next_step steps[NEXT_STEPS_MAX];
	struct arena *arena = arena_new();
	size_t count = report_next_steps(r, arena, steps);

	if (count > 0)
		strbuf_adds(out, "<section><h2>What to do next</h2>\n<ol class=\"next\">\n");
	for (size_t i = 0; i < count; i++) {
		strbuf_adds(out, "<li>");
		html_add(out, steps[i].what);
		if (steps[i].command[0]) {
			strbuf_adds(out, "<code>");
			html_add(out, steps[i].command);
			strbuf_adds(out, "</code>");
		}
		strbuf_adds(out, "</li>\n");
	}
	if (count > 0)
		strbuf_adds(out, "</ol></section>\n");
	arena_free(arena);
}

static void not_compared_list(struct strbuf *out, const struct report *r)
{
	size_t shown = 0;

	strbuf_adds(out, "<ul>\n");
	for (size_t i = 0; i < r->finding_count && shown < 50; i++) {
		const struct finding_record *f = &r->findings[i];
		if (strcmp(f->code, finding_code_name(FINDING_NOT_COMPARED)) != 0)
			continue;
		strbuf_adds(out, "<li>");
		html_add(out, f->sentence);
		strbuf_adds(out, " <small>");
		html_add(out, f->account_id);
		strbuf_adds(out, "</small>");
		strbuf_adds(out, "</li>\n");
		shown++;
	}
	if (shown < r->by_code[FINDING_NOT_COMPARED])
		strbuf_adds(out, "<li>and more, see findings.csv</li>\n");
	strbuf_adds(out, "</ul>\n");
}

static void not_compared(struct strbuf *out, const struct report *r)
{
	uint64_t subscriptions = report_subscriptions_left(r), tenants = report_tenants_left(r);

	if (r->fixes_of[0]) /* corrections alone: nobody expects a comparison */
		return;
	if (!r->has_reconcile) {
		strbuf_adds(out,
		    "<section class=\"box warn\"><h2>Nothing was compared</h2>\n<p>Reconciliation was not part of this "
		    "run, or did not come to its end: this page proves nothing about what is billed and what runs.</p></section>\n");
		return;
	}
	if (subscriptions + tenants + r->by_code[FINDING_NOT_COMPARED] == 0) {
		strbuf_adds(out,
		    "<section class=\"box ok\"><h2>Everything was compared</h2>\n<p>Every subscription and every tenant "
		    "was examined; nothing was left out.</p></section>\n");
		return;
	}
	strbuf_adds(out, "<section class=\"box bad\"><h2>Not compared</h2>\n<p><b>");
	report_add_number(out, subscriptions);
	strbuf_addf(out, " subscription%s</b> (of these ", subscriptions == 1 ? "" : "s");
	report_add_number(out, r->coverage.subscriptions_quarantined);
	strbuf_adds(out, " unreadable) and <b>");
	report_add_number(out, tenants);
	strbuf_addf(out,
	    " tenant%s</b> could not be examined. They are neither a match nor a difference: do not sign the month "
	    "off before they are compared.</p>\n",
	    tenants == 1 ? "" : "s");
	if (r->by_code[FINDING_NOT_COMPARED] > 0)
		not_compared_list(out, r);
	strbuf_adds(out, "</section>\n");
}

/* What takes away, where it was more than the budget for it lets pass. */
static void held_box(struct strbuf *out, const struct report *r)
{
	struct strbuf text = {0};

	if (!r->budget.any)
		return;
	strbuf_addf(out, "<section class=\"box%s\"><h2>%s</h2>\n<p>Disables: ", r->budget.held ? " bad" : "",
	    r->budget.held ? "Held back" : "What takes away");
	report_add_budget(&text, r);
	html_add(out, text.p);
	strbuf_adds(out, ".</p>\n");
	if (r->budget.over) {
		strbuf_clear(&text);
		report_add_behind(&text, r);
		strbuf_adds(out, "<p>Behind it: ");
		html_add(out, text.p);
		strbuf_adds(out, ".</p>\n");
	}
	strbuf_clear(&text);
	report_add_held(&text, r, HTML_ROWS_MAX);
	if (r->budget.held > 0) {
		strbuf_addf(out, "<p><b>%" PRIu64 " %s not done</b> and stay%s pending: ", r->budget.held,
		    r->budget.held == 1 ? "was" : "were", r->budget.held == 1 ? "s" : "");
		html_add(out, text.n ? text.p : "");
		strbuf_adds(out, ".</p>\n");
	}
	strbuf_adds(out, "</section>\n");
	strbuf_free(&text);
}

static void tile(struct strbuf *out, const char *sign, const char *class, uint64_t number, const char *label)
{
	if (sign[0])
		strbuf_addf(out, "<span class=\"sign\" aria-hidden=\"true\">%s</span>", sign);
	strbuf_addf(out, "<div class=\"tile %s\"><b>", number > 0 ? class : "");
	report_add_number(out, number);
	strbuf_addf(out, "</b><span>%s</span></div>\n", label);
}

static void count_tiles(struct strbuf *out, const struct report *r)
{
	const struct intake_counts *c = &r->intake;
	const struct apply_result *a = &r->apply;

	if (r->has_intake) {
		strbuf_adds(out, "<h3>Order items read</h3>\n<div class=\"tiles\">\n");
		tile(out, "", "", c->read, "read");
		tile(out, "=", "ok", c->accepted, "accepted");
		tile(out, "+", "warn", c->rejected, "rejected");
		tile(out, "+", "", c->ignored, "ignored");
		strbuf_adds(out, "</div>\n");
	}
	if (r->has_provision && r->dry_run) {
		strbuf_adds(out, "<h3>What would be done</h3>\n<div class=\"tiles\">\n");
		tile(out, "", "", r->plan_to_do, "to do");
		tile(out, "", "", r->plan_deferred, "due later");
		tile(out, "", "warn", r->plan_parked, "parked");
		strbuf_adds(out, "</div>\n");
	} else if (r->has_provision) {
		strbuf_adds(out, "<h3>Actions in Acronis</h3>\n<div class=\"tiles\">\n");
		tile(out, "", "", a->planned, "planned");
		tile(out, "=", "ok", a->done, "done");
		tile(out, "+", "bad", a->failed, "failed");
		tile(out, "+", "warn", a->parked, "parked");
		tile(out, "+", "", a->deferred, "deferred");
		tile(out, "+", "warn", a->not_started, "not started");
		strbuf_adds(out, "</div>\n");
	}
}

static void counts(struct strbuf *out, const struct report *r)
{
	if (!r->has_intake && !r->has_provision)
		return;
	strbuf_adds(out, "<section><h2>Orders, in counts that close</h2>\n");
	count_tiles(out, r);
	if (r->waiting > 0)
		strbuf_addf(out,
		    "<p>%" PRIu64 " parked order%s of earlier runs still need%s a decision.</p>\n",
		    r->waiting, r->waiting == 1 ? "" : "s", r->waiting == 1 ? "s" : "");
	strbuf_adds(out, "</section>\n");
}

static void coverage_bar(struct strbuf *out, const char *name, uint64_t examined, uint64_t total)
{
	uint64_t permille = total ? examined * 1000 / total : 1000;

	strbuf_addf(out, "<div><p><span>%s</span><span><b>", name);
	report_add_number(out, examined);
	strbuf_adds(out, "</b> of ");
	report_add_number(out, total);
	strbuf_adds(out, " examined (");
	report_add_percent(out, examined, total);
	strbuf_addf(out,
	    ")</span></p><div class=\"bar%s\" aria-hidden=\"true\"><i style=\"width:%" PRIu64 ".%" PRIu64
	    "%%\"></i></div></div>\n",
	    examined < total ? " warn" : "", permille / 10, permille % 10);
}

static void ties(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {
	    "Currency", "#Commitments of live subscriptions", "#Examined", "#Not examined"};
	const struct coverage *c = &r->coverage;

	if (!r->has_ties)
		return;
	strbuf_addf(out,
	    "<p>Accounts: %" PRIu64 " = %" PRIu64 " on both sides + %" PRIu64 " in the BSS only + %" PRIu64
	    " in Acronis only + %" PRIu64 " on neither (deleted).</p>\n",
	    c->accounts, c->accounts_matched, c->accounts_bss_only, c->accounts_acronis_only,
	    c->accounts_neither);
	html_table(out, "Tie-out: minimum commitments a month", heads, ARRAY_LEN(heads));
	for (size_t i = 0; i < r->tie_count; i++) {
		strbuf_adds(out, "<tr>");
		html_text_cell(out, "", r->ties[i].currency);
		decimal_cell(out, r->ties[i].total);
		decimal_cell(out, r->ties[i].examined);
		decimal_cell(out, r->ties[i].left);
		strbuf_adds(out, "</tr>\n");
	}
	html_table_end(out);
}

static void reading(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {"Tier values", "#Tenants"};
	struct age_row rows[AGE_ROWS];
	size_t count = report_age_rows(r, rows);
	struct strbuf how = {0};
	char time[TIME_TEXT_SIZE];

	if (!r->has_observation)
		return;
	report_add_reading(&how, r);
	strbuf_adds(out, "<p>Acronis was read: ");
	html_add(out, how.p);
	strbuf_adds(out, ".</p>\n");
	strbuf_free(&how);
	html_table(out, "Age of tier, pricing and licensing values", heads, ARRAY_LEN(heads));
	for (size_t i = 0; i < count; i++) {
		strbuf_adds(out, "<tr>");
		html_text_cell(out, "", rows[i].name);
		html_number_cell(out, rows[i].tenants);
		strbuf_adds(out, "</tr>\n");
	}
	html_table_end(out);
	if (r->observation.ages.oldest_at)
		strbuf_addf(out, "<p><small>The oldest value is of %s.</small></p>\n",
		    time_text(r->observation.ages.oldest_at, time));
}

static void coverage(struct strbuf *out, const struct report *r)
{
	const struct coverage *c = &r->coverage;

	if (!r->has_reconcile)
		return;
	strbuf_adds(out, "<section><h2>Coverage</h2>\n");
	if (r->in_part)
		strbuf_adds(
		    out, "<p><b>Compared in part: not conclusive, and nothing was resolved.</b></p>\n");
	strbuf_adds(out, "<div class=\"cover\">\n");
	coverage_bar(out, "BSS subscriptions", c->subscriptions_examined, c->subscriptions);
	coverage_bar(out, "Acronis tenants", c->tenants_examined, c->tenants);
	strbuf_adds(out, "</div>\n<p><small>");
	report_add_number(out, c->accounts);
	strbuf_adds(out, " accounts on either side, ");
	report_add_number(out, c->accounts_matched);
	strbuf_adds(out, " on both, ");
	report_add_number(out, c->accounts_clean);
	strbuf_adds(out, " without a finding. Compared: ");
	report_add_number(out, c->tiers_compared);
	strbuf_adds(out, " tiers, ");
	report_add_number(out, c->pricing_compared);
	strbuf_adds(out, " prices, ");
	report_add_number(out, c->logins_compared);
	strbuf_adds(out, " logins");
	if (c->logins_unread > 0) {
		strbuf_adds(out, " of ");
		report_add_number(out, c->logins_compared + c->logins_unread);
		strbuf_adds(out, "; <b>logins not read for ");
		report_add_number(out, c->logins_unread);
		strbuf_addf(out, " tenant%s</b>", c->logins_unread == 1 ? "" : "s");
	}
	strbuf_adds(out, ".</small></p>\n");
	ties(out, r);
	reading(out, r);
	strbuf_adds(out, "</section>\n");
}

static void billing(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {
	    "Currency", "#Lines", "#Sum", "#Tied to subscriptions", "#Other months", "#Not tied"};
	const struct billing_summary *b = &r->billing;

	if (!r->has_billing)
		return;
	strbuf_adds(out, "<section><h2>Invoices of ");
	html_add(out, b->months);
	strbuf_adds(out, "</h2>\n<div class=\"cover\">\n");
	coverage_bar(out, "Contracts compared", b->compared, b->contracts);
	strbuf_adds(out, "</div>\n");
	html_table(out, "Amounts of the invoice lines", heads, ARRAY_LEN(heads));
	for (size_t i = 0; i < b->sum_count; i++) {
		const struct billing_sum *sum = &b->sums[i];
		strbuf_adds(out, "<tr>");
		html_text_cell(out, "", sum->currency);
		html_number_cell(out, sum->lines);
		decimal_cell(out, sum->total);
		decimal_cell(out, sum->tied);
		decimal_cell(out, sum->other_months);
		decimal_cell(out, sum->untied);
		strbuf_adds(out, "</tr>\n");
	}
	html_table_end(out);
	strbuf_adds(out, "<p><small>");
	report_add_number(out, b->agreed);
	strbuf_adds(out, " contracts agree with their invoices. ");
	report_add_number(out, b->unreadable);
	strbuf_addf(out, " line%s no readable amount.</small></p></section>\n",
	    b->unreadable == 1 ? " has" : "s have");
}

static void page(struct strbuf *out, const struct report *r)
{
	struct strbuf title = {0};

	strbuf_addf(&title, "Tenantry %s: %s", r->job, r->verdict);
	html_begin(out, title.p);
	strbuf_free(&title);
	band(out, r);
	strbuf_adds(out, "<main>\n");
	as_of_box(out, r);
	error_box(out, r);
	warnings_box(out, r);
	held_box(out, r);
	not_compared(out, r);
	counts(out, r);
	coverage(out, r);
	billing(out, r);
	next_steps(out, r);
	html_fixes(out, r);
	html_findings(out, r);
	html_orders(out, r);
	html_rejections(out, r);
	html_warnings(out, r);
	html_inputs(out, r);
	strbuf_adds(out, "</main>\n<footer>Made by tenantry ");
	html_add(out, r->version);
	strbuf_adds(out,
	    " from the run's own record (run.json beside this page). It holds personal data: keep it as the BSS is "
	    "kept.</footer>\n");
	html_end(out);
}

int report_write_html(const struct report *report, const struct job *job, const char *path, struct error *err)
{
	struct strbuf out = {0};

	(void)job;
	page(&out, report);
	int rc = atomic_file_put(path, strbuf_view(&out), err);
	strbuf_free(&out);
	return rc;
}
