/* The verdict: one sentence for each exit status, made of the counts. It is the last line of text, run.json's
 * `verdict`, and the top of the HTML report, so that they cannot disagree. It holds counts and our own error
 * texts, no personal data. */
#include "report_impl.h"

#include <inttypes.h>

/* Parts joined by ", ". */
struct sentence {
	struct strbuf text;
	bool begun;
};

static struct strbuf *next_part(struct sentence *s)
{
	if (s->begun)
		strbuf_adds(&s->text, ", ");
	s->begun = true;
	return &s->text;
}

static void part(struct sentence *s, uint64_t n, const char *one, const char *many)
{
	strbuf_addf(next_part(s), "%" PRIu64 " %s", n, n == 1 ? one : many);
}

static void part_if(struct sentence *s, uint64_t n, const char *one, const char *many)
{
	if (n > 0)
		part(s, n, one, many);
}

/* "12 findings (4 high)": the worst severity there is. What is acknowledged or timing stands apart. */
static void findings_part(struct sentence *s, const struct report *report)
{
	uint64_t open = report->by_state[STATE_OPEN], by_severity[4] = {0};
	bool all = open == report->finding_count;

	for (size_t i = 0; i < report->finding_count; i++)
		if (report_state(&report->findings[i]) == STATE_OPEN)
			by_severity[report_severity(&report->findings[i])]++;
	if (open == 0)
		strbuf_adds(next_part(s), all ? "no findings" : "no open findings");
	else
		part(s, open, all ? "finding" : "open finding", all ? "findings" : "open findings");
	for (int severity = SEVERITY_HIGH; severity >= SEVERITY_INFO; severity--) {
		if (by_severity[severity] == 0)
			continue;
		strbuf_addf(&s->text, " (%" PRIu64 " %s)", by_severity[severity],
		    severity_name((enum severity)severity));
		break;
	}
	part_if(s, report->by_state[STATE_ACKNOWLEDGED], "acknowledged", "acknowledged");
	part_if(s, report->by_state[STATE_TIMING], "timing", "timing");
}

static void not_compared_part(struct sentence *s, const struct report *report)
{
	part_if(
	    s, report_subscriptions_left(report), "subscription not compared", "subscriptions not compared");
	part_if(s, report_tenants_left(report), "tenant not compared", "tenants not compared");
	part_if(s, report->coverage.logins_unread, "login not read", "logins not read");
}

static void provision_part(struct sentence *s, const struct report *report)
{
	if (report->dry_run)
		part(s, report->plan_to_do, "order would be done", "orders would be done");
	else if (report->apply.planned == 0)
		strbuf_adds(next_part(s), "nothing to provision");
	else
		part(s, report->apply.done, "order done", "orders done");
	part_if(
	    s, report->dry_run ? report->plan_deferred : report->apply.deferred, "due later", "due later");
}

/* Of a dry run: the run itself would stop there. */
static void held_part(struct sentence *s, const struct report *report)
{
	part_if(s, report->dry_run ? report->budget.held : 0, "would be held back by max_disables",
	    "would be held back by max_disables");
}

static void corrections_part(struct sentence *s, const struct report *report)
{
	const struct apply_result *a = &report->apply;

	if (!report->has_fixes)
		return;
	part(s, report->dry_run ? report->plan_to_do : a->done,
	    report->dry_run ? "correction would be made" : "correction made",
	    report->dry_run ? "corrections would be made" : "corrections made");
	part_if(s, report->dry_run ? report->plan_parked : a->parked, "skipped", "skipped");
	part_if(s, a->failed, "failed", "failed");
	part_if(s, a->not_started, "not started", "not started");
}

static void waiting_part(struct sentence *s, const struct report *report)
{
	part_if(s, report->waiting, "order waits for a decision", "orders wait for a decision");
}

/* In a retry: what else of its night was not done. */
static void still_part(struct sentence *s, const struct report *report)
{
	struct strbuf left = {0};

	if (report_add_still_waiting(&left, &report->still))
		strbuf_addf(next_part(s), "%s still wait", left.p);
	strbuf_free(&left);
}

static void all_good(struct sentence *s, const struct report *report)
{
	strbuf_adds(&s->text, report->dry_run ? "all good (dry run, nothing was changed): " : "all good: ");
	if (report->has_provision)
		provision_part(s, report);
	else if (report->has_intake)
		part(s, report->intake.accepted, "order accepted", "orders accepted");
	corrections_part(s, report);
	held_part(s, report);
	waiting_part(s, report);
	if (report->has_reconcile) {
		part(s, report->coverage.tenants_examined, "tenant compared", "tenants compared");
		not_compared_part(s, report);
		findings_part(s, report);
	}
	if (!s->begun)
		strbuf_adds(next_part(s), "nothing to do");
}

static void must_look(struct sentence *s, const struct report *report)
{
	strbuf_adds(&s->text, "a person must look: ");
	if (report->has_intake)
		part_if(s, report->intake.rejected, "order rejected", "orders rejected");
	if (report->has_provision) {
		if (report->still.run[0])
			part_if(s, report->apply.done, "order done", "orders done");
		part_if(s, report->apply.failed, "order failed", "orders failed");
		part_if(s, report->dry_run ? report->plan_parked : report->apply.parked, "parked", "parked");
		if (!report->dry_run)
			part_if(s, report->apply.not_started, "not started", "not started");
	}
	corrections_part(s, report);
	held_part(s, report);
	still_part(s, report);
	waiting_part(s, report);
	if (report->has_reconcile) {
		not_compared_part(s, report);
		findings_part(s, report);
	}
	if (!s->begun)
		strbuf_adds(next_part(s), "see the log");
}

static void reason(struct sentence *s, const struct report *report)
{
	struct strbuf scratch = {0};
	const char *text = report->error_text[0] ? report->error_text : report->apply.text;

	strbuf_adds(&s->text, text[0] ? report_clean(&scratch, text, CLEAN_LINE) : "see the log");
	strbuf_free(&scratch);
}

/* How far provisioning came before the run ended early. */
static void progress(struct sentence *s, const struct report *report)
{
	struct strbuf left = {0};

	if (report->has_provision && !report->dry_run && report->apply.planned > 0)
		strbuf_addf(&s->text, "; %" PRIu64 " of %" PRIu64 " orders done", report->apply.done,
		    report->apply.planned);
	if (report->has_fixes && !report->dry_run)
		strbuf_addf(&s->text, "; %" PRIu64 " of %" PRIu64 " corrections made", report->apply.done,
		    report->apply.planned);
	if (report_add_still_waiting(&left, &report->still))
		strbuf_addf(&s->text, "; %s still wait", left.p);
	strbuf_free(&left);
}

static void saved(struct sentence *s, const struct report *report, const char *how)
{
	strbuf_addf(&s->text, "%s, the state is saved: ", how);
	reason(s, report);
	progress(s, report);
	strbuf_adds(&s->text, "; the next run goes on from here");
}

/* It had the lock, and may have done something. */
static void displaced(struct sentence *s, const struct report *report)
{
	uint64_t changes = report->apply.changes;

	strbuf_adds(&s->text, "stopped, the lock was lost: ");
	reason(s, report);
	progress(s, report);
	if (changes == 0)
		strbuf_adds(&s->text, "; this run changed nothing");
	else
		strbuf_addf(&s->text, "; %" PRIu64 " %s sent before that and saved", changes,
		    changes == 1 ? "change was" : "changes were");
	strbuf_adds(&s->text, ", the run that has the lock goes on from there");
}

static void stopped(struct sentence *s, const struct report *report)
{
	if (strcmp(report->error_code, error_code_name(ERR_DEADLINE)) == 0) {
		saved(s, report, "stopped at the deadline");
		return;
	}
	switch (report->exit_status) {
	case 2:
		strbuf_adds(&s->text, strcmp(report->error_code, error_code_name(ERR_TIERS)) == 0
					  ? "nothing was provisioned: "
					  : "not started: ");
		reason(s, report);
		return;
	case 4:
		if (strcmp(report->error_code, error_code_name(ERR_DISPLACED)) == 0) {
			displaced(s, report);
			return;
		}
		strbuf_adds(&s->text, report->apply.changes > 0 ? "locked: " : "locked, nothing was done: ");
		reason(s, report);
		progress(s, report);
		return;
	case 5:
		strbuf_adds(&s->text, strcmp(report->error_code, error_code_name(ERR_MOVED)) == 0
					  ? "the plan is out of date: "
					  : "safety stop: ");
		reason(s, report);
		progress(s, report);
		strbuf_adds(&s->text, report->budget.stopped ? "; all else of the night went on"
							     : "; nothing further was changed");
		return;
	case 130:
	case 143:
		saved(s, report, "interrupted");
		return;
	default:
		strbuf_adds(&s->text, strcmp(report->error_code, "coverage") == 0 ||
					      strncmp(report->command, "reconcile", strlen("reconcile")) == 0
					  ? "could not compare: "
					  : "could not run: ");
		reason(s, report);
		progress(s, report);
	}
}

const char *report_verdict(struct report *report)
{
	struct sentence s = {0};

	if (report->as_of.day[0])
		strbuf_addf(&s.text, "as of %s, ", report->as_of.day);
	if (report->exit_status == 0)
		all_good(&s, report);
	else if (report->exit_status == 1)
		must_look(&s, report);
	else
		stopped(&s, report);
	report->verdict = arena_strdup(report->arena, s.text.p);
	strbuf_free(&s.text);
	return report->verdict;
}
