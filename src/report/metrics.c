/* The metrics file for node_exporter's textfile collector (Prometheus text format 0.0.4): gauges of the last
 * run. Readable by all (it holds counts alone), whole or not at all. A night that could not finish keeps the
 * time of the last one that did. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "report_impl.h"
#include "tenantry/atomic_file.h"

#define COMPLETED "tenantry_last_completed_run_timestamp_seconds"

struct metrics {
	struct strbuf text;
	struct strbuf labels; /* job="nightly", escaped */
};

static void add_label_text(struct strbuf *out, const char *text)
{
	struct strbuf scratch = {0};

	for (const char *p = report_clean(&scratch, text, CLEAN_LINE); *p; p++) {
		if (*p == '"' || *p == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, *p);
	}
	strbuf_free(&scratch);
}

static void describe(struct metrics *m, const char *name, const char *help)
{
	strbuf_addf(&m->text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

/* `label` NULL: none beside the job. */
static void sample(struct metrics *m, const char *name, const char *label, const char *value,
    const char *format, ...) __attribute__((format(printf, 5, 6)));
static void sample(
    struct metrics *m, const char *name, const char *label, const char *value, const char *format, ...)
{
	char number[64];
	va_list args;

	va_start(args, format);
	vsnprintf(number, sizeof number, format, args);
	va_end(args);
	strbuf_addf(&m->text, "%s{%s", name, m->labels.p);
	if (label) {
		strbuf_addf(&m->text, ",%s=\"", label);
		add_label_text(&m->text, value);
		strbuf_addc(&m->text, '"');
	}
	strbuf_addf(&m->text, "} %s\n", number);
}

static void gauge(struct metrics *m, const char *name, const char *help, uint64_t value)
{
	describe(m, name, help);
	sample(m, name, NULL, NULL, "%" PRIu64, value);
}

struct labelled {
	const char *label;
	uint64_t value;
};

static void gauges(struct metrics *m, const char *name, const char *help, const char *label,
    const struct labelled *rows, size_t count)
{
	describe(m, name, help);
	for (size_t i = 0; i < count; i++)
		sample(m, name, label, rows[i].label, "%" PRIu64, rows[i].value);
}

/* Seconds with milliseconds, exact. */
static void add_seconds(struct metrics *m, const char *name, int64_t ms)
{
	sample(m, name, NULL, NULL, "%" PRId64 ".%03d", ms / 1000, (int)(ms % 1000));
}

/* The line of the earlier file, to be kept when this run did not finish. */
static void keep_completed(struct metrics *m, const char *path)
{
	struct error ignored = {0};
	struct strbuf start = {0};
	size_t n;
	char *before = file_read_all(path, 1 << 20, &n, &ignored);

	strbuf_addf(&start, "\n%s{%s} ", COMPLETED, m->labels.p);
	const char *line = before ? strstr(before, start.p) : NULL;
	if (line)
		strbuf_addf(&m->text, "%.*s\n", (int)strcspn(line + 1, "\n"), line + 1);
	strbuf_free(&start);
	free(before);
}

static void times(struct metrics *m, const struct report *r, const char *path)
{
	describe(m, "tenantry_build_info", "The version that ran; always 1.");
	sample(m, "tenantry_build_info", "version", r->version, "1");
	describe(m, "tenantry_last_run_start_timestamp_seconds", "When the last run began.");
	add_seconds(m, "tenantry_last_run_start_timestamp_seconds", r->started_at);
	describe(m, "tenantry_last_run_end_timestamp_seconds", "When the last run ended.");
	add_seconds(m, "tenantry_last_run_end_timestamp_seconds", r->ended_at);
	describe(m, "tenantry_last_run_duration_seconds", "How long the last run took.");
	add_seconds(m, "tenantry_last_run_duration_seconds",
	    r->ended_at > r->started_at ? r->ended_at - r->started_at : 0);
	describe(m, COMPLETED, "When a run last came to its end (exit status 0 or 1).");
	if (r->exit_status <= 1)
		add_seconds(m, COMPLETED, r->ended_at);
	else
		keep_completed(m, path);
	gauge(m, "tenantry_last_run_exit_status",
	    "0 all good, 1 a person must look, 3 could not run or compare, 5 safety stop.",
	    (uint64_t)r->exit_status);
	gauge(m, "tenantry_last_run_dry_run", "1 when the last run changed nothing on purpose.", r->dry_run);
}

static void intake(struct metrics *m, const struct report *r)
{
	const struct intake_counts *c = &r->intake;
	const struct labelled states[] = {
	    {"accepted", c->accepted}, {"rejected", c->rejected}, {"ignored", c->ignored}};

	gauge(m, "tenantry_orders_read", "Order items read; the sum of tenantry_orders.", c->read);
	gauges(m, "tenantry_orders", "Order items by what became of them at intake.", "state", states, 3);
	describe(m, "tenantry_orders_rejected", "Order items that broke a rule; one item can break several.");
	for (int i = 0; i < RULE_COUNT; i++)
		sample(m, "tenantry_orders_rejected", "rule", rule_name((enum rule_code)i), "%" PRIu64,
		    c->by_rule[i]);
	describe(m, "tenantry_orders_warnings", "Order items that were accepted or done, with a warning.");
	for (int i = 0; i < WARNING_COUNT; i++)
		sample(m, "tenantry_orders_warnings", "warning", warning_name((enum warning_code)i),
		    "%" PRIu64, c->by_warning[i]);
	describe(m, "tenantry_orders_ignored", "Order items ignored, by reason.");
	for (int i = 0; i < IGNORED_COUNT; i++)
		sample(m, "tenantry_orders_ignored", "reason", ignored_name((enum ignored_reason)i),
		    "%" PRIu64, c->by_ignored[i]);
}

static void provision(struct metrics *m, const struct report *r)
{
	const struct apply_result *a = &r->apply;
	const struct labelled states[] = {{"done", a->done}, {"failed", a->failed}, {"parked", a->parked},
	    {"deferred", a->deferred}, {"not_started", a->not_started}};

	gauge(m, "tenantry_actions_planned", "Actions planned; the sum of tenantry_actions.", a->planned);
	gauges(m, "tenantry_actions", "Actions by state at the end of the run.", "state", states, 5);
	gauge(m, "tenantry_batches", "Batches worked through.", a->batches);
}

static void money(struct metrics *m, const struct report *r)
{
	struct money_totals totals = report_money(r, NULL);

	describe(m, "tenantry_money_at_stake", "Money at stake a month over all open findings, by currency.");
	for (size_t i = 0; i < totals.count; i++) {
		char text[MONEY_TEXT_SIZE];
		sample(m, "tenantry_money_at_stake", "currency", totals.sum[i].currency, "%s",
		    money_text(totals.sum[i], text));
	}
}

static void ages(struct metrics *m, const struct report *r)
{
	static const char count[] = "tenantry_findings_open_by_age",
			  money[] = "tenantry_money_at_stake_by_age";
	struct age_table table;
	char text[MONEY_TEXT_SIZE];

	report_ages(r, &table);
	describe(m, count, "Open findings by age in days and severity.");
	for (int bucket = 0; bucket < AGE_BUCKET_COUNT; bucket++)
		for (int s = SEVERITY_INFO; s <= SEVERITY_HIGH; s++)
			strbuf_addf(&m->text, "%s{%s,age=\"%s\",severity=\"%s\"} %" PRIu64 "\n", count,
			    m->labels.p, report_bucket_days(bucket), severity_name((enum severity)s),
			    table.count[bucket][s]);
	describe(m, money, "Money at stake a month of open findings, by age in days and currency.");
	for (int bucket = 0; bucket < AGE_BUCKET_COUNT; bucket++) {
		struct money_totals totals = {0};
		for (int s = SEVERITY_LOW; s <= SEVERITY_HIGH; s++)
			money_totals_join(&totals, &table.money[bucket][s]);
		for (size_t i = 0; i < totals.count; i++)
			strbuf_addf(&m->text, "%s{%s,age=\"%s\",currency=\"%s\"} %s\n", money, m->labels.p,
			    report_bucket_days(bucket), totals.sum[i].currency,
			    money_text(totals.sum[i], text));
	}
}

static void memory(struct metrics *m, const struct report *r)
{
	struct money_totals accepted = report_money_in_state(r, STATE_ACKNOWLEDGED);

	describe(m, "tenantry_findings_by_state", "Findings of the last run, by state.");
	for (int i = 0; i < FINDING_STATE_COUNT; i++)
		sample(m, "tenantry_findings_by_state", "state", finding_state_name((enum finding_state)i),
		    "%" PRIu64, r->by_state[i]);
	describe(m, "tenantry_findings_by_news", "Findings of the last run, against the run before.");
	for (int i = 0; i < FINDING_NEWS_COUNT; i++)
		sample(m, "tenantry_findings_by_news", "news", finding_news_name((enum finding_news)i),
		    "%" PRIu64, r->by_news[i]);
	ages(m, r);
	describe(m, "tenantry_money_acknowledged",
	    "Money at stake a month of acknowledged findings, by currency.");
	for (size_t i = 0; i < accepted.count; i++) {
		char text[MONEY_TEXT_SIZE];
		sample(m, "tenantry_money_acknowledged", "currency", accepted.sum[i].currency, "%s",
		    money_text(accepted.sum[i], text));
	}
}

static void compared(struct metrics *m, const struct report *r)
{
	const struct coverage *c = &r->coverage;
	const struct labelled totals[] = {{"bss", c->subscriptions}, {"acronis", c->tenants}},
			      examined[] = {
				  {"bss", c->subscriptions_examined}, {"acronis", c->tenants_examined}};

	describe(m, "tenantry_findings", "Findings of the last run, by code.");
	for (int i = 0; i < FINDING_COUNT; i++)
		sample(m, "tenantry_findings", "code", finding_code_name((enum finding_code)i), "%" PRIu64,
		    r->by_code[i]);
	describe(m, "tenantry_findings_by_severity", "Findings of the last run, by severity.");
	for (int i = SEVERITY_INFO; i <= SEVERITY_HIGH; i++)
		sample(m, "tenantry_findings_by_severity", "severity", severity_name((enum severity)i),
		    "%" PRIu64, r->by_severity[i]);
	gauge(m, "tenantry_findings_resolved", "Findings of earlier runs that are gone.", r->resolved);
	memory(m, r);
	money(m, r);
	gauges(m, "tenantry_side_records", "Subscriptions (bss) and tenants (acronis) there are.", "side",
	    totals, 2);
	gauges(m, "tenantry_side_examined", "Subscriptions and tenants that were compared.", "side", examined,
	    2);
	describe(m, "tenantry_coverage_ratio", "Examined of total, the smaller of both sides.");
	sample(m, "tenantry_coverage_ratio", NULL, NULL, "%" PRId64 ".%03d", c->permille / 1000,
	    (int)(c->permille % 1000));
	describe(m, "tenantry_observed_timestamp_seconds", "When Acronis was observed.");
	add_seconds(m, "tenantry_observed_timestamp_seconds", r->observed_at);
	describe(m, "tenantry_subscriptions_timestamp_seconds", "How old the subscriptions export is.");
	add_seconds(m, "tenantry_subscriptions_timestamp_seconds", r->subscriptions_as_of);
}

static int write_public(const char *path, struct strv text, struct error *err)
{
	struct atomic_file *file = atomic_file_new(path, err);

	if (!file)
		return -1;
	atomic_file_writev(file, text);
	int fd = atomic_file_fd(file);
	if (fd >= 0 && fchmod(fd, 0644) < 0) {
		atomic_file_abort(file);
		error_set(err, ERR_OUTPUT, "cannot make the metrics readable for all");
		return error_place(err, path, 0, 0, NULL);
	}
	return atomic_file_commit(file, err);
}

int report_metrics(const struct report *report, const char *path, struct error *err)
{
	struct metrics m = {0};

	strbuf_adds(&m.labels, "job=\"");
	add_label_text(&m.labels, report->job);
	strbuf_adds(&m.labels, "\"");
	times(&m, report, path);
	if (report->has_intake)
		intake(&m, report);
	if (report->has_provision)
		provision(&m, report);
	gauge(&m, "tenantry_items_waiting", "Parked items of earlier runs that need a decision.",
	    report->waiting);
	if (report->has_reconcile)
		compared(&m, report);
	gauge(&m, "tenantry_requests", "Requests to Acronis.", report->requests);
	gauge(&m, "tenantry_changes", "Requests that changed something.", report->changes);
	gauge(&m, "tenantry_repeats", "Requests sent again.", report->repeats);
	int rc = write_public(path, strbuf_view(&m.text), err);
	strbuf_free(&m.text);
	strbuf_free(&m.labels);
	return rc;
}
