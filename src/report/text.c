/* The summary for a terminal and for mails from cron: what happened in counts that close, what was not
 * compared, what to do next with exact commands, and the verdict as the last line. Counts and ids only: no
 * names, no addresses. Lines fit 80 columns, but for commands (they are copied whole) and the verdict (one
 * line, the same as run.json's). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "report_impl.h"

enum { LABEL = 13, WIDTH = 80, NARROW = 40 };

struct text_out {
	struct strbuf *out;
	const struct report *report;
	bool color;
	size_t width;
};

enum paint { PLAIN, BOLD, RED, GREEN, YELLOW, DIM };

static void paint(struct text_out *t, enum paint how)
{
	static const char *const codes[] = {
	    "\033[0m", "\033[1m", "\033[31m", "\033[32m", "\033[33m", "\033[2m"};

	if (t->color)
		strbuf_adds(t->out, codes[how]);
}

/* A blank at which no line is broken: "3 email-invalid" stays together. */
#define JOINED "\x1f"

/* "Label        text", wrapped at blanks, later lines under the text's beginning. */
static void add_wrapped(struct text_out *t, const char *label, size_t indent, const char *text)
{
	size_t column = indent;

	strbuf_addf(t->out, "%-*s", (int)indent, label);
	for (const char *word = text; *word;) {
		size_t n = strcspn(word, " ");
		if (column > indent && column + 1 + n > t->width) {
			strbuf_addf(t->out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			strbuf_addc(t->out, ' ');
			column++;
		}
		for (size_t i = 0; i < n; i++)
			strbuf_addc(t->out, word[i] == JOINED[0] ? ' ' : word[i]);
		column += n;
		word += n;
		word += strspn(word, " ");
	}
	strbuf_addc(t->out, '\n');
}

static void row(struct text_out *t, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void row(struct text_out *t, const char *label, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	add_wrapped(t, label, LABEL, text);
}

/* An amount of a sum that closes, and what follows it: " = ", " tied + ". */
static void add_amount(struct strbuf *out, const char *decimal, const char *after)
{
	report_add_decimal(out, decimal);
	strbuf_adds(out, after);
}

static void head(struct text_out *t)
{
	const struct report *r = t->report;
	char from[TIME_TEXT_SIZE];
	struct strbuf took = {0}, scratch = {0};

	paint(t, BOLD);
	strbuf_addf(t->out, "Tenantry %s", report_clean(&scratch, r->job, CLEAN_LINE));
	paint(t, PLAIN);
	strbuf_addf(t->out, "%s\n", r->dry_run ? "  DRY RUN: nothing was changed" : "");
	report_add_duration(&took, r->ended_at - r->started_at);
	row(t, "Run", "%s, %s", report_clean(&scratch, r->run_id, CLEAN_LINE), r->command);
	row(t, "Time", "%s, took %s", time_text(r->started_at, from), took.p);
	if (r->as_of.day[0]) {
		struct strbuf how = {0};
		strbuf_addf(&how, "%s, ", r->as_of.day);
		report_add_as_of(&how, r);
		paint(t, BOLD);
		add_wrapped(t, "AS OF", LABEL, how.p);
		paint(t, PLAIN);
		strbuf_free(&how);
	}
	strbuf_free(&took);
	strbuf_free(&scratch);
}

static void warnings(struct text_out *t)
{
	const struct report *r = t->report;
	struct strbuf scratch = {0};

	for (size_t i = 0; i < r->warning_count; i++) {
		paint(t, YELLOW);
		add_wrapped(t, "WARNING", LABEL, report_clean(&scratch, r->warnings[i].text, CLEAN_LINE));
		paint(t, PLAIN);
		if (r->warnings[i].hint[0])
			add_wrapped(
			    t, "  hint", LABEL, report_clean(&scratch, r->warnings[i].hint, CLEAN_LINE));
	}
	strbuf_free(&scratch);
}

/* "3 quantity-not-one, 2 email-invalid": all codes that occurred. */
static void add_counts(struct strbuf *out, const uint64_t *counts, int n, const char *(*name)(int))
{
	for (int i = 0; i < n; i++)
		if (counts[i] > 0)
			strbuf_addf(out, "%s%" PRIu64 JOINED "%s", out->n ? ", " : "", counts[i], name(i));
}

static const char *rule_word(int i)
{
	return rule_name((enum rule_code)i);
}
static const char *ignored_word(int i)
{
	return ignored_name((enum ignored_reason)i);
}
static const char *warning_word(int i)
{
	return warning_name((enum warning_code)i);
}

static void counts_row(
    struct text_out *t, const char *label, const uint64_t *counts, int n, const char *(*name)(int))
{
	struct strbuf text = {0};

	add_counts(&text, counts, n, name);
	if (text.n > 0)
		add_wrapped(t, label, LABEL, text.p);
	strbuf_free(&text);
}

static void intake(struct text_out *t)
{
	const struct intake_counts *c = &t->report->intake;

	row(t, "Orders",
	    "%" PRIu64 " read = %" PRIu64 " accepted + %" PRIu64 " rejected + %" PRIu64 " ignored", c->read,
	    c->accepted, c->rejected, c->ignored);
	counts_row(t, "  rejected", c->by_rule, RULE_COUNT, rule_word);
	counts_row(t, "  ignored", c->by_ignored, IGNORED_COUNT, ignored_word);
	counts_row(t, "  warnings", c->by_warning, WARNING_COUNT, warning_word);
}

/* When the next of those that wait for their day is done; "" none does. */
static const char *next_due(const struct report *r)
{
	const char *next = "";

	for (size_t i = 0; i < r->item_count; i++) {
		const char *due = item_due(&r->items[i]);
		if (due[0] && (!next[0] || strcmp(due, next) < 0))
			next = due;
	}
	return next;
}

static void provision(struct text_out *t)
{
	const struct report *r = t->report;
	const struct apply_result *a = &r->apply;
	struct strbuf scratch = {0}, left = {0};

	if (r->dry_run) {
		row(t, "Plan", "%" PRIu64 " to do, %" PRIu64 " due later, %" PRIu64 " parked", r->plan_to_do,
		    r->plan_deferred, r->plan_parked);
		return;
	}
	if (a->planned == 0)
		row(t, "Actions", "nothing to provision: every accepted order is done already");
	else
		row(t, "Actions",
		    "%" PRIu64 " planned = %" PRIu64 " done + %" PRIu64 " failed + %" PRIu64
		    " parked + %" PRIu64 " deferred + %" PRIu64 JOINED "not" JOINED "started",
		    a->planned, a->done, a->failed, a->parked, a->deferred, a->not_started);
	if (a->deferred > 0)
		row(t, "  deferred", "%" PRIu64 " wait%s for %s day, the first on %s", a->deferred,
		    a->deferred == 1 ? "s" : "", a->deferred == 1 ? "its" : "their", next_due(r));
	if (a->end != APPLY_ALL)
		row(t, "  stopped", "%s: %s", report_apply_end_name(a->end),
		    report_clean(&scratch, a->text, CLEAN_LINE));
	if (report_add_still_waiting(&left, &r->still)) {
		strbuf_adds(&left, " still wait: they were no part of this retry");
		add_wrapped(t, "  left", LABEL, left.p);
	}
	strbuf_free(&left);
	if (r->waiting > 0)
		row(t, "  waiting", "%" PRIu64 " order%s of earlier runs wait%s for a decision", r->waiting,
		    r->waiting == 1 ? "" : "s", r->waiting == 1 ? "s" : "");
	strbuf_free(&scratch);
}

/* Every blank of these words becomes one at which no line is broken. */
static void keep_together(struct strbuf *text, const char *words)
{
	size_t n = strlen(words);

	for (char *at = text->n ? strstr(text->p, words) : NULL; at; at = strstr(at + n, words))
		for (size_t i = 0; i < n; i++)
			if (at[i] == ' ')
				at[i] = JOINED[0];
}

/* What takes away: what of the budget for it was asked for, and what was held back. */
static void budget(struct text_out *t)
{
	const struct report *r = t->report;
	struct strbuf text = {0};

	if (!r->budget.any)
		return;
	report_add_budget(&text, r);
	add_wrapped(t, "Disables", LABEL, text.p);
	if (r->budget.over) {
		strbuf_clear(&text);
		report_add_behind(&text, r);
		add_wrapped(t, "  behind", LABEL, text.p);
	}
	strbuf_clear(&text);
	report_add_held(&text, r, HELD_SHOWN);
	keep_together(&text, " (account ");
	if (r->budget.held > 0) {
		paint(t, RED);
		row(t, "HELD BACK", "%" PRIu64 " of them %s not done and stay%s pending%s%s", r->budget.held,
		    r->dry_run            ? "would be"
		    : r->budget.held == 1 ? "was"
					  : "were",
		    r->budget.held == 1 ? "s" : "", text.n ? ": " : "", text.n ? text.p : "");
		paint(t, PLAIN);
	}
	strbuf_free(&text);
}

/* What finance can hold against its own figures. */
static void ties(struct text_out *t)
{
	const struct coverage *c = &t->report->coverage;
	struct strbuf text = {0};

	if (!t->report->has_ties)
		return;
	row(t, "  accounts",
	    "%" PRIu64 " = %" PRIu64 " on both sides + %" PRIu64 " BSS only + %" PRIu64
	    " Acronis only + %" PRIu64 " on neither",
	    c->accounts, c->accounts_matched, c->accounts_bss_only, c->accounts_acronis_only,
	    c->accounts_neither);
	for (size_t i = 0; i < t->report->tie_count; i++) {
		const struct tie_sum *tie = &t->report->ties[i];
		strbuf_clear(&text);
		strbuf_addf(&text, "%s ", tie->currency);
		add_amount(&text, tie->total, " = ");
		add_amount(&text, tie->examined, " examined + ");
		add_amount(&text, tie->left, " not");
		add_wrapped(t, i == 0 ? "  commitment" : "", LABEL, text.p);
	}
	strbuf_free(&text);
}

static void reading(struct text_out *t)
{
	struct strbuf how = {0}, ages = {0};

	if (!t->report->has_observation)
		return;
	report_add_reading(&how, t->report);
	add_wrapped(t, "  read", LABEL, how.p);
	strbuf_adds(&ages, "tier values: ");
	size_t before = ages.n;
	report_add_ages(&ages, t->report);
	if (ages.n > before)
		add_wrapped(t, "  age", LABEL, ages.p);
	strbuf_free(&how);
	strbuf_free(&ages);
}

static void corrections(struct text_out *t)
{
	const struct report *r = t->report;
	const struct apply_result *a = &r->apply;

	if (!r->has_fixes)
		return;
	if (r->dry_run)
		row(t, "Corrections",
		    "%" PRIu64 " to make, %" PRIu64 " skipped; tenants are read when it is applied",
		    r->plan_to_do, r->plan_parked);
	else
		row(t, "Corrections",
		    "%" PRIu64 " planned = %" PRIu64 " done + %" PRIu64 " skipped + %" PRIu64
		    " failed + %" PRIu64 JOINED "not" JOINED "started",
		    a->planned, a->done, a->parked, a->failed, a->not_started);
	for (size_t i = 0; i < r->fix_count; i++)
		if (strcmp(r->fixes[i].state, "done") != 0)
			strbuf_addf(t->out, "  %-11s %s %s%s%s\n", r->fixes[i].state, r->fixes[i].finding_id,
			    r->fixes[i].change, r->fixes[i].reason[0] ? ": " : "", r->fixes[i].reason);
	row(t, "", "of the findings of run %s", r->fixes_of);
}

static void proposed(struct text_out *t)
{
	struct strbuf scratch = {0};

	if (t->report->proposed[0])
		row(t, "Proposed", "corrections in %s; nothing is done before a person says yes there",
		    report_clean(&scratch, t->report->proposed, CLEAN_LINE));
	strbuf_free(&scratch);
}

/* Of most accounts they are not asked for, so they are no part of the shares above. */
static void logins(struct text_out *t)
{
	const struct coverage *c = &t->report->coverage;

	if (c->logins_compared + c->logins_unread == 0)
		return;
	row(t, "  logins", "compared %" PRIu64 " of %" PRIu64, c->logins_compared,
	    c->logins_compared + c->logins_unread);
	if (c->logins_unread == 0)
		return;
	paint(t, YELLOW);
	row(t, "NOT COMPARED",
	    "logins not read for %" PRIu64 " tenant%s: what was found there before stays open",
	    c->logins_unread, c->logins_unread == 1 ? "" : "s");
	paint(t, PLAIN);
}

static void coverage(struct text_out *t)
{
	const struct coverage *c = &t->report->coverage;
	struct strbuf a = {0}, b = {0};

	if (!t->report->has_reconcile) {
		row(t, "Coverage", "nothing was compared: %s",
		    t->report->exit_status > 1 ? "the run ended before it"
					       : "reconciliation was not part of this run");
		return;
	}
	report_add_percent(&a, c->subscriptions_examined, c->subscriptions);
	report_add_percent(&b, c->tenants_examined, c->tenants);
	row(t, "Coverage",
	    "examined: subscriptions %" PRIu64 " of %" PRIu64 " (%s), tenants %" PRIu64 " of %" PRIu64 JOINED
	    "(%s)",
	    c->subscriptions_examined, c->subscriptions, a.p, c->tenants_examined, c->tenants, b.p);
	strbuf_free(&a);
	strbuf_free(&b);
	if (t->report->in_part) {
		paint(t, RED);
		row(t, "", "compared in part: not conclusive, and nothing was resolved");
		paint(t, PLAIN);
	}
	if (c->tenants_other + c->tenants_deleted > 0)
		row(t, "  not ours", "%" PRIu64 " tenant%s that %s no partner%s of ours, %" PRIu64 " deleted",
		    c->tenants_other, c->tenants_other == 1 ? "" : "s", c->tenants_other == 1 ? "is" : "are",
		    c->tenants_other == 1 ? "" : "s", c->tenants_deleted);
	uint64_t left = report_subscriptions_left(t->report), tenants = report_tenants_left(t->report);
	if (left + tenants > 0 || t->report->by_code[FINDING_NOT_COMPARED] > 0) {
		paint(t, YELLOW);
		row(t, "NOT COMPARED",
		    "%" PRIu64 " subscription%s (%" PRIu64 " unreadable), %" PRIu64
		    " tenant%s: neither a match nor a "
		    "difference; do not sign off before they are",
		    left, left == 1 ? "" : "s", c->subscriptions_quarantined, tenants,
		    tenants == 1 ? "" : "s");
		paint(t, PLAIN);
	}
	ties(t);
	reading(t);
	logins(t);
}

static void billing(struct text_out *t)
{
	const struct billing_summary *b = &t->report->billing;
	struct strbuf text = {0};

	if (!t->report->has_billing)
		return;
	strbuf_addf(&text, "%s: %" PRIu64 " of %" PRIu64 " contracts compared, %" PRIu64 " agree", b->months,
	    b->compared, b->contracts, b->agreed);
	if (b->unreadable > 0)
		strbuf_addf(&text, "; %" PRIu64 " line%s without a readable amount", b->unreadable,
		    b->unreadable == 1 ? "" : "s");
	add_wrapped(t, "Billing", LABEL, text.p);
	for (size_t i = 0; i < b->sum_count; i++) {
		const struct billing_sum *sum = &b->sums[i];
		char label[8];
		snprintf(label, sizeof label, "  %.3s", sum->currency);
		strbuf_clear(&text);
		add_amount(&text, sum->total, " = ");
		add_amount(&text, sum->tied, " tied + ");
		add_amount(&text, sum->other_months, " other months + ");
		add_amount(&text, sum->untied, " not tied");
		add_wrapped(t, label, LABEL, text.p);
	}
	strbuf_free(&text);
}

/* One line a class that occurred. */
static void finding_classes(struct text_out *t)
{
	const struct report *r = t->report;
	struct strbuf scratch = {0};

	for (int severity = SEVERITY_HIGH; severity >= SEVERITY_INFO; severity--) {
		uint64_t seen[FINDING_COUNT] = {0};
		for (size_t i = 0; i < r->finding_count; i++)
			for (int code = 0; code < FINDING_COUNT; code++)
				if ((int)report_severity(&r->findings[i]) == severity &&
				    strcmp(r->findings[i].code, finding_code_name((enum finding_code)code)) ==
					0)
					seen[code]++;
		for (int code = 0; code < FINDING_COUNT; code++)
			if (seen[code] > 0)
				strbuf_addf(t->out, "  %-7s %-29s %4" PRIu64 " %s\n",
				    severity_name((enum severity)severity),
				    finding_code_name((enum finding_code)code), seen[code],
				    report_clean(&scratch, report_class_owner(r, (enum finding_code)code),
					CLEAN_LINE));
	}
	strbuf_free(&scratch);
}

static void money(struct text_out *t)
{
	struct money_totals totals = report_money(t->report, NULL);
	struct strbuf text = {0};

	report_add_totals(&text, &totals);
	if (totals.count > 0)
		strbuf_adds(&text, " a month");
	if (totals.unknown > 0)
		strbuf_addf(&text, "%s%" PRIu64 " finding%s without a known amount", totals.count ? "; " : "",
		    totals.unknown, totals.unknown == 1 ? "" : "s");
	if (text.n > 0)
		add_wrapped(t, "At stake", LABEL, text.p);
	strbuf_free(&text);
}

/* "8-30 days: 3 high, 1 low, 250.00 USD": the open findings of a bucket. */
static void add_bucket(struct strbuf *text, const struct age_table *ages, int bucket)
{
	struct money_totals totals = {0};
	bool any = false;

	for (int s = SEVERITY_HIGH; s >= SEVERITY_INFO; s--) {
		if (ages->count[bucket][s] == 0)
			continue;
		if (any)
			strbuf_adds(text, ", ");
		else
			strbuf_addf(
			    text, "%s%s" JOINED "days: ", text->n ? "; " : "", report_bucket_days(bucket));
		strbuf_addf(
		    text, "%" PRIu64 JOINED "%s", ages->count[bucket][s], severity_name((enum severity)s));
		if (s != SEVERITY_INFO)
			money_totals_join(&totals, &ages->money[bucket][s]);
		any = true;
	}
	if (any && totals.count > 0) {
		strbuf_adds(text, ", ");
		report_add_totals(text, &totals);
	}
}

static void ages(struct text_out *t)
{
	struct age_table table;
	struct strbuf text = {0};

	report_ages(t->report, &table);
	for (int bucket = 0; bucket < AGE_BUCKET_COUNT; bucket++)
		add_bucket(&text, &table, bucket);
	if (text.n > 0)
		add_wrapped(t, "  by age", LABEL, text.p);
	strbuf_free(&text);
}

/* What does not count tonight, and its money. */
static void apart(struct text_out *t, enum finding_state state, const char *label, const char *until)
{
	struct money_totals totals = report_money_in_state(t->report, state);
	uint64_t count = t->report->by_state[state];
	struct strbuf text = {0};

	if (count == 0)
		return;
	strbuf_addf(&text, "%" PRIu64 " finding%s", count, count == 1 ? "" : "s");
	if (totals.count > 0) {
		strbuf_adds(&text, ", ");
		report_add_totals(&text, &totals);
		strbuf_adds(&text, " a month");
	}
	if (until[0])
		strbuf_addf(&text, "; the first until %s", until);
	if (state == STATE_TIMING)
		strbuf_adds(&text, ": younger than the cut-off, open when still there the next night");
	add_wrapped(t, label, LABEL, text.p);
	strbuf_free(&text);
}

/* Against the comparison before: both sums close. */
static void news(struct text_out *t)
{
	const struct report *r = t->report;

	/* Of a past day no night is remembered. */
	if (r->finding_count > 0 && !r->as_of.day[0])
		row(t, "  changes", "%" PRIu64 " new + %" PRIu64 " known + %" PRIu64 " reopened",
		    r->by_news[NEWS_NEW], r->by_news[NEWS_KNOWN], r->by_news[NEWS_REOPENED]);
	if (r->before > 0)
		row(t, "  before",
		    "%" PRIu64 " = %" PRIu64 " known + %" PRIu64 " resolved + %" PRIu64 " left%s", r->before,
		    r->by_news[NEWS_KNOWN], r->resolved, r->left,
		    r->left ? " (their accounts were not compared)" : "");
}

static void findings(struct text_out *t)
{
	const struct report *r = t->report;
	char resolved[64];

	if (!r->has_reconcile)
		return;
	snprintf(resolved, sizeof resolved, "; %" PRIu64 " resolved since the last run", r->resolved);
	if (r->finding_count == 0)
		row(t, "Findings", "none%s", r->resolved ? resolved : "");
	else
		row(t, "Findings",
		    "%zu = %" PRIu64 " high + %" PRIu64 " medium + %" PRIu64 " low + %" PRIu64 " info%s",
		    r->finding_count, r->by_severity[SEVERITY_HIGH], r->by_severity[SEVERITY_MEDIUM],
		    r->by_severity[SEVERITY_LOW], r->by_severity[SEVERITY_INFO], r->resolved ? resolved : "");
	if (r->by_state[STATE_OPEN] < r->finding_count)
		row(t, "  states", "%" PRIu64 " open + %" PRIu64 " acknowledged + %" PRIu64 " timing",
		    r->by_state[STATE_OPEN], r->by_state[STATE_ACKNOWLEDGED], r->by_state[STATE_TIMING]);
	news(t);
	finding_classes(t);
	money(t);
	ages(t);
	apart(t, STATE_ACKNOWLEDGED, "Acknowledged", report_first_expiry(r));
	apart(t, STATE_TIMING, "Timing", "");
}

static void effort(struct text_out *t)
{
	const struct report *r = t->report;

	row(t, "Acronis", "%" PRIu64 " request%s, %" PRIu64 " change%s, %" PRIu64 " repeated", r->requests,
	    r->requests == 1 ? "" : "s", r->changes, r->changes == 1 ? "" : "s", r->repeats);
}

static void next_steps(struct text_out *t)
{
	struct next_step steps[NEXT_STEPS_MAX];
	struct arena *arena = arena_new();
	size_t count = report_next_steps(t->report, arena, steps);

	if (count > 0) {
		paint(t, BOLD);
		strbuf_adds(t->out, "What to do next\n");
		paint(t, PLAIN);
	}
	for (size_t i = 0; i < count; i++) {
		char number[32];
		snprintf(number, sizeof number, "  %zu.", i + 1);
		add_wrapped(t, number, 5, steps[i].what);
		if (steps[i].command[0])
			strbuf_addf(t->out, "       %s\n", steps[i].command);
	}
	arena_free(arena);
}

static void outputs(struct text_out *t)
{
	const struct report *r = t->report;
	struct strbuf scratch = {0}, names = {0};

	if (r->output_count > 0 && r->folder[0]) {
		row(t, "Reports in", "%s/", report_clean(&scratch, r->folder, CLEAN_LINE));
		for (size_t i = 0; i < r->output_count; i++)
			strbuf_addf(
			    &names, "%s%s", i ? ", " : "", report_clean(&scratch, r->outputs[i], CLEAN_LINE));
		add_wrapped(t, "", LABEL, names.p);
	}
	strbuf_free(&names);
	strbuf_free(&scratch);
}

void report_text(const struct report *report, bool color, int width, struct strbuf *out)
{
	/* Commands and ids need some room, and lines over 110 are hard to read. */
	size_t wide = width < NARROW ? WIDTH : width > 110 ? 110 : (size_t)width;
	struct text_out t = {out, report, color, wide};

	head(&t);
	warnings(&t);
	if (report->has_intake)
		intake(&t);
	if (report->has_provision)
		provision(&t);
	corrections(&t);
	budget(&t);
	if (report->has_reconcile || !report->fixes_of[0])
		coverage(&t);
	billing(&t);
	findings(&t);
	proposed(&t);
	if (report->requests > 0)
		effort(&t);
	next_steps(&t);
	outputs(&t);
	paint(&t, report->exit_status == 0 ? GREEN : report->exit_status == 1 ? YELLOW : RED);
	strbuf_adds(out, report->verdict);
	paint(&t, PLAIN);
	strbuf_addc(out, '\n');
}
