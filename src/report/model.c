/* The model of a finished run: its life, the sums that several writers show, and the check that its counts
 * close. How it looks is the writers'; what it means for people is verdict.c and advice.c. */
#include "report_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/mem.h"

struct report *report_new(void)
{
	struct arena *arena = arena_new();
	struct report *report = arena_alloc(arena, sizeof *report);

	report->arena = arena;
	report->run_id = report->job = report->job_path = report->job_digest = "";
	report->command = report->folder = report->version = report->bss = "";
	report->acronis_url = report->parent = report->verdict = "";
	report->error_code = report->error_text = report->error_hint = "";
	report->billing.months = report->fixes_of = report->proposed = "";
	report->as_of.day = report->as_of.period = report->as_of.run = "";
	report->as_of.invoices = report->as_of.invoices_run = "";
	report->as_of.rates = report->as_of.rates_run = "";
	report->observation.mode = report->observation.why = report->observation.base_run = "";
	report->retry_of = report->max_errors = report->max_changes = report->raised = "";
	report->still.run = "";
	report->budget.rule = report->budget.allowed = report->budget.command = "";
	report->budget.in_report = report->budget.report_currency = "";
	report->budget.customers = -1;
	return report;
}

void report_warn(struct report *report, const char *about, const char *text, const char *hint)
{
	size_t n = report->warning_count;

	for (size_t i = 0; i < n; i++)
		if (strcmp(report->warnings[i].about, about) == 0 &&
		    strcmp(report->warnings[i].text, text) == 0)
			return;
	struct report_warning *all = arena_alloc(report->arena, (n + 1) * sizeof *all);
	if (n > 0)
		memcpy(all, report->warnings, n * sizeof *all);
	all[n] = (struct report_warning){arena_strdup(report->arena, about),
	    arena_strdup(report->arena, text), arena_strdup(report->arena, hint)};
	report->warnings = all;
	report->warning_count = n + 1;
}

void report_free(struct report *report)
{
	if (report)
		arena_free(report->arena);
}

enum severity report_severity(const struct finding_record *finding)
{
	enum severity severity = SEVERITY_INFO;

	/* An unknown word (a run of a newer version) counts as high: nothing may look smaller than it is. */
	return severity_parse(strv_of(finding->severity), &severity) ? severity : SEVERITY_HIGH;
}

static int by_urgency(const void *a, const void *b)
{
	const struct finding_record *x = *(const struct finding_record *const *)a;
	const struct finding_record *y = *(const struct finding_record *const *)b;
	int d = (int)report_severity(y) - (int)report_severity(x);

	if (d == 0)
		d = strcmp(x->account_id, y->account_id);
	if (d == 0)
		d = strcmp(x->code, y->code);
	return d ? d : strcmp(x->object, y->object);
}

const struct finding_record **report_sorted_findings(const struct report *report)
{
	const struct finding_record **sorted = mem_resize(NULL, report->finding_count + 1, sizeof(void *));

	for (size_t i = 0; i < report->finding_count; i++)
		sorted[i] = &report->findings[i];
	qsort(sorted, report->finding_count, sizeof(void *), by_urgency);
	return sorted;
}

int64_t finding_age_days(int64_t first_seen, int64_t at)
{
	const int64_t day = INT64_C(86400000);
	int64_t now = date_to_ms(date_of_ms(at)), then = date_to_ms(date_of_ms(first_seen));

	return first_seen == 0 || then > now ? 0 : (now - then) / day;
}

int64_t report_age_days(const struct report *report, const struct finding_record *finding)
{
	return finding_age_days(finding->first_seen, report->started_at);
}

bool report_finding_money(const struct finding_record *finding, struct money *out)
{
	return currency_is_code(strv_of(finding->currency)) &&
	       money_parse(strv_of(finding->money), finding->currency, out);
}

/* The place of a currency in the sums, which are kept in the order of the codes. */
static size_t total_of(struct money_totals *totals, const char *currency)
{
	size_t i = 0;

	while (i < totals->count && strcmp(totals->sum[i].currency, currency) < 0)
		i++;
	if (i < totals->count && strcmp(totals->sum[i].currency, currency) == 0)
		return i;
	if (totals->count == MONEY_TOTALS_MAX)
		return MONEY_TOTALS_MAX;
	for (size_t j = totals->count++; j > i; j--) {
		totals->sum[j] = totals->sum[j - 1];
		totals->findings[j] = totals->findings[j - 1];
	}
	totals->sum[i] = (struct money){0, {currency[0], currency[1], currency[2], '\0'}};
	totals->findings[i] = 0;
	return i;
}

void money_totals_add(struct money_totals *totals, const struct finding_record *finding)
{
	struct money money;
	size_t at =
	    report_finding_money(finding, &money) ? total_of(totals, money.currency) : MONEY_TOTALS_MAX;

	if (at == MONEY_TOTALS_MAX || !money_add(&totals->sum[at], money))
		totals->unknown++;
	else
		totals->findings[at]++;
}

void money_totals_join(struct money_totals *totals, const struct money_totals *more)
{
	totals->unknown += more->unknown;
	for (size_t i = 0; i < more->count; i++) {
		size_t at = total_of(totals, more->sum[i].currency);
		if (at == MONEY_TOTALS_MAX || !money_add(&totals->sum[at], more->sum[i]))
			totals->unknown += more->findings[i];
		else
			totals->findings[at] += more->findings[i];
	}
}

/* Digits before the point in groups of three. */
static void add_grouped(struct strbuf *out, const char *digits)
{
	size_t whole = strcspn(digits, "."), start = digits[0] == '-';

	for (size_t i = 0; digits[i]; i++) {
		if (i > start && i < whole && (whole - i) % 3 == 0)
			strbuf_addc(out, ',');
		strbuf_addc(out, digits[i]);
	}
}

void report_add_money(struct strbuf *out, struct money money)
{
	char text[MONEY_TEXT_SIZE];

	add_grouped(out, money_text(money, text));
}

void report_add_decimal(struct strbuf *out, const char *text)
{
	add_grouped(out, text);
}

void report_add_totals(struct strbuf *out, const struct money_totals *totals)
{
	for (size_t i = 0; i < totals->count; i++) {
		strbuf_adds(out, i ? ", " : "");
		report_add_money(out, totals->sum[i]);
		strbuf_addf(out, " %s", totals->sum[i].currency);
	}
}

void report_add_number(struct strbuf *out, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, number);
	add_grouped(out, text);
}

void report_add_percent(struct strbuf *out, uint64_t part, uint64_t whole)
{
	if (whole == 0) {
		strbuf_adds(out, "-");
		return;
	}
	uint64_t permille = (uint64_t)((unsigned __int128)part * 1000 / whole);
	strbuf_addf(out, "%" PRIu64 ".%u%%", permille / 10, (unsigned)(permille % 10));
}

void report_add_duration(struct strbuf *out, int64_t ms)
{
	int64_t s = ms > 0 ? ms / 1000 : 0;

	if (s == 0)
		strbuf_adds(out, "under 1 s");
	else if (s < 60)
		strbuf_addf(out, "%" PRId64 " s", s);
	else if (s < 3600)
		strbuf_addf(out, "%" PRId64 " min %02" PRId64 " s", s / 60, s % 60);
	else
		strbuf_addf(out, "%" PRId64 " h %02" PRId64 " min", s / 3600, s / 60 % 60);
}

uint64_t report_subscriptions_left(const struct report *report)
{
	return report->coverage.subscriptions - report->coverage.subscriptions_examined;
}

uint64_t report_tenants_left(const struct report *report)
{
	return report->coverage.tenants - report->coverage.tenants_examined;
}

const char *report_apply_end_name(enum apply_end end)
{
	static const char *const names[APPLY_END_COUNT] = {[APPLY_ALL] = "all",
	    [APPLY_TOO_MANY_ERRORS] = "too-many-errors",
	    [APPLY_INTERRUPTED] = "interrupted",
	    [APPLY_DEADLINE] = "deadline",
	    [APPLY_CIRCUIT_OPEN] = "circuit-open",
	    [APPLY_UNAUTHORIZED] = "unauthorized",
	    [APPLY_BSS_UNAVAILABLE] = "bss-unavailable"};

	return names[end];
}

static uint64_t sum_of(const uint64_t *counts, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += counts[i];
	return sum;
}

static int unequal(struct error *err, const char *what, uint64_t a, uint64_t b)
{
	error_set(err, ERR_INTERNAL, "the counts do not close: %s (%" PRIu64 " and %" PRIu64 ")", what, a, b);
	return error_hint(
	    err, "this is a fault of tenantry: keep the run folder and the ledger, and report it");
}

static int check_intake(const struct intake_counts *intake, struct error *err)
{
	uint64_t sum = intake->accepted + intake->rejected + intake->ignored;
	uint64_t ignored = sum_of(intake->by_ignored, IGNORED_COUNT);

	if (intake->read != sum)
		return unequal(err, "read = accepted + rejected + ignored", intake->read, sum);
	if (intake->ignored != ignored)
		return unequal(err, "ignored = the sum of its reasons", intake->ignored, ignored);
	return 0;
}

static int check_provision(const struct apply_result *apply, struct error *err)
{
	uint64_t sum = apply->done + apply->failed + apply->parked + apply->deferred + apply->not_started;

	if (apply->planned != sum)
		return unequal(
		    err, "planned = done + failed + parked + deferred + not started", apply->planned, sum);
	return 0;
}

static int check_memory(const struct report *report, struct error *err)
{
	uint64_t states = sum_of(report->by_state, FINDING_STATE_COUNT),
		 news = sum_of(report->by_news, FINDING_NEWS_COUNT);

	if (report->finding_count != states)
		return unequal(err, "findings = open + acknowledged + timing", report->finding_count, states);
	if (report->finding_count != news)
		return unequal(err, "findings = new + known + reopened", report->finding_count, news);
	news = report->by_news[NEWS_KNOWN] + report->resolved + report->left;
	if (report->before > 0 && report->before != news)
		return unequal(err, "findings before = known + resolved + left", report->before, news);
	return 0;
}

static int check_reconcile(const struct report *report, struct error *err)
{
	const struct coverage *c = &report->coverage;
	uint64_t codes = sum_of(report->by_code, FINDING_COUNT), severities = sum_of(report->by_severity, 4);

	if (report->finding_count != codes)
		return unequal(err, "findings = the sum of their codes", report->finding_count, codes);
	if (report->finding_count != severities)
		return unequal(
		    err, "findings = the sum of their severities", report->finding_count, severities);
	if (check_memory(report, err) < 0)
		return -1;
	if (c->subscriptions < c->subscriptions_examined + c->subscriptions_quarantined)
		return unequal(err, "subscriptions >= examined + quarantined", c->subscriptions,
		    c->subscriptions_examined + c->subscriptions_quarantined);
	if (c->tenants < c->tenants_examined)
		return unequal(err, "tenants >= examined", c->tenants, c->tenants_examined);
	uint64_t accounts =
	    c->accounts_matched + c->accounts_bss_only + c->accounts_acronis_only + c->accounts_neither;
	if (report->has_ties && c->accounts != accounts)
		return unequal(err, "accounts = on both sides + on one + on neither", c->accounts, accounts);
	/* Kept as text in run.json: held against each other where they were added up. */
	if (report_check_ties(report, err) < 0)
		return -1;
	return 0;
}

static int check_status(const struct report *report, struct error *err)
{
	uint64_t bad = (report->has_intake ? report->intake.rejected : 0) +
		       (report->has_provision || report->has_fixes ? report->apply.failed : 0);
	bool stopped = report->exit_status > 1;

	if (report->exit_status == 0 && bad > 0)
		return error_set(
		    err, ERR_INTERNAL, "exit status 0 with %" PRIu64 " orders rejected or failed", bad);
	uint64_t still = report->still.failed + report->still.not_begun + report->still.in_doubt;

	if (report->exit_status == 0 && still > 0)
		return error_set(
		    err, ERR_INTERNAL, "exit status 0 with %" PRIu64 " orders of the same night left", still);
	if (!stopped && report->budget.held > 0 && !report->dry_run)
		return error_set(err, ERR_INTERNAL, "exit status %d with %" PRIu64 " held back",
		    report->exit_status, report->budget.held);
	if (!stopped && report->error_code[0])
		return error_set(err, ERR_INTERNAL, "exit status %d with the error %s", report->exit_status,
		    report->error_code);
	return 0;
}

int report_check(const struct report *report, struct error *err)
{
	if (report->has_intake && check_intake(&report->intake, err) < 0)
		return -1;
	if ((report->has_provision || report->has_fixes) && check_provision(&report->apply, err) < 0)
		return -1;
	if (report->has_reconcile && check_reconcile(report, err) < 0)
		return -1;
	return check_status(report, err);
}
