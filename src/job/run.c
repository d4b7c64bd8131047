/* A run from its lock to its exit status; see run.h. The steps themselves are in run_intake.c,
 * run_provision.c and run_reconcile.c. Whatever stops a step, the reports and the run's row are written: a
 * night leaves its record. */
#include "run_impl.h"

#include <stdlib.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/audit.h"
#include "tenantry/bss_database.h"
#include "tenantry/identity.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/progress.h"
#include "tenantry/prune.h"
#include "tenantry/reconcile.h"
#include "tenantry/signals.h"

int exit_status_worse(int a, int b)
{
	static const int order[] = {2, 4, 130, 143, 5, 3, 1};

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return 0;
}

int run_note_raised(struct run *run, const char *text, struct error *err)
{
	struct report *report = run->report;
	struct event_record event = {
	    .run_id = run->run_id, .event = "limit-raised", .item_key = "", .detail = text, .reason = ""};

	report->raised = report->raised[0] ? arena_printf(report->arena, "%s; %s", report->raised, text)
					   : arena_strdup(report->arena, text);
	return ledger_event_put(run->ledger, &event, err);
}

bool run_stopped(const struct run *run)
{
	(void)run;
	return *signals_stop() != 0;
}

void run_note_status(struct run *run, int status)
{
	run->exit_status = exit_status_worse(run->exit_status, status);
}

void run_note_error(struct run *run, struct error *err)
{
	struct report *report = run->report;

	/* What was not sent or not repeated because of a signal comes back as Acronis not answering. */
	if (err->code == ERR_ACRONIS && run_stopped(run))
		err->code = ERR_INTERRUPTED;
	if (err->code == ERR_INTERRUPTED && *signals_stop() == 15)
		err->code = ERR_TERMINATED;
	run_note_status(run, error_exit_status(err));
	run->displaced = run->displaced || err->code == ERR_DISPLACED;
	log_mask(err->text);
	if (!report->error_code[0]) {
		struct strbuf text = {0};
		if (err->source[0])
			strbuf_addf(&text, "%s:", err->source);
		if (err->line)
			strbuf_addf(&text, "%lu:", err->line);
		strbuf_addf(
		    &text, "%s%s%s%s", text.n ? " " : "", err->field, err->field[0] ? ": " : "", err->text);
		report->error_code = error_code_name(err->code);
		report->error_text = arena_strndup(report->arena, text.p, text.n);
		report->error_hint = arena_strdup(report->arena, err->hint);
		strbuf_free(&text);
	} else {
		log_error("%s", err->text);
	}
	error_clear(err);
}

int run_heartbeat(void *user, struct error *err)
{
	struct run *run = user;

	return run->locked ? ledger_lock_beat(run->ledger, run->job->name, run->run_id, err) : 0;
}

static int open_ledger(struct run *run, struct error *err)
{
	const struct job *job = run->job;
	bool there = access(job->ledger, F_OK) == 0;

	if (ledger_check_place(job->ledger, err) < 0)
		return -1;
	if (!there && refuse_lost_ledger(job, NULL, err) < 0)
		return -1;
	if (run->options->dry_run) {
		if (!there)
			return 0;
		run->ledger = ledger_open(job->ledger, LEDGER_READ, run->clock, err);
		return run->ledger ? refuse_lost_ledger(job, run->ledger, err) : -1;
	}
	if (folder_make_for(job->ledger, err) < 0)
		return -1;
	run->ledger = ledger_open(job->ledger, LEDGER_WRITE, run->clock, err);
	if (!run->ledger)
		return -1;
	return there ? refuse_lost_ledger(job, run->ledger, err) : 0;
}

int job_lock(struct ledger *ledger, const struct job *job, const struct identity *identity, struct error *err)
{
	struct lock_owner owner = {.run_id = identity->run_id,
	    .host = identity->host,
	    .boot_id = identity->boot_id,
	    .pid = identity->pid,
	    .process_start = identity->process_start};

	return ledger_lock(ledger, job->name, &owner, owner_may_be_alive, err);
}

static void describe(struct run *run)
{
	struct report *report = run->report;
	char share[24];

	report->run_id = run->run_id;
	report->job = run->job->name;
	report->job_path = run->job->path;
	report->job_digest = run->job->digest;
	report->command = run->options->command;
	report->folder = run->folder;
	report->version = TENANTRY_VERSION;
	report->bss = run->job->bss.name;
	report->acronis_url = run->job->acronis.url;
	report->started_at = clock_wall_ms(run->clock);
	report->dry_run = run->options->dry_run;
	report->retry_of =
	    run->options->selection ? arena_strdup(report->arena, run->options->selection->run_id) : "";
	if (run->options->again)
		report->budget.command = arena_strdup(report->arena, run->options->again);
	report->max_errors = arena_strdup(report->arena, share_text(run->options->max_errors, share));
	report->max_changes = arena_strdup(report->arena, share_text(run->options->max_changes, share));
}

static struct run_record record_of(const struct run *run)
{
	return (struct run_record){.run_id = run->run_id,
	    .job = run->job->name,
	    .command = run->options->command,
	    .folder = run->folder,
	    .job_path = run->job->path,
	    .started_at = run->report->started_at,
	    .exit_status = -1,
	    .document = ""};
}

/* Told, and no reason to stop: nothing that could be repeated by mistake comes of it. */
static int warn_of_lost_folder(struct run *run, struct error *err)
{
	char run_id[RUN_ID_SIZE];
	int gone = newest_folder_is_gone(run->job, run->ledger, run_id, err);

	if (gone <= 0)
		return gone;
	char *text = mem_printf(
	    "the folder of run %s, the newest before this one, is gone from %s: whether the ledger "
	    "is its newest copy cannot be told from there",
	    run_id, run->job->output);
	static const char hint[] =
	    "if the ledger was put back from a backup, make a new one (tenantry rebuild) before the next run; "
	    "else nothing is to be done";
	log_warn("%s", text);
	report_warn(run->report, "run-folder-gone", text, hint);
	free(text);
	return 0;
}

/* What holds the lock has an audit, and closes those that earlier holders left open. */
static int begin_record(struct run *run, struct error *err)
{
	struct run_record record = record_of(run);

	if (run->locked && (audit_close_dead(run->ledger, run->job, run->run_id, run->clock, err) < 0 ||
			       ledger_audit_open(run->ledger, run->run_id, err) < 0))
		return -1;
	if (folder_make(run->folder, err) < 0 || ledger_run_begin(run->ledger, &record, err) < 0)
		return -1;
	return ledger_commit(run->ledger, err);
}

static int begin(struct run *run, struct error *err)
{
	struct identity identity;

	run->started_mono = clock_mono_ms(run->clock);
	identity_of_run(&identity, run->clock);
	run->run_id = arena_strdup(run->report->arena, identity.run_id);
	run->folder = arena_printf(run->report->arena, "%s/%s", run->job->output, run->run_id);
	describe(run);
	log_context(run->run_id, run->job->name);
	if (open_ledger(run, err) < 0)
		return -1;
	if (run->options->dry_run)
		return 0;
	/* Rules alone change nothing, so they need no lock: a night that runs goes on. */
	if (run->options->fixes || run->options->steps & (STEP_PROVISION | STEP_RECONCILE)) {
		if (job_lock(run->ledger, run->job, &identity, err) < 0)
			return -1;
		run->locked = true;
	}
	if (warn_of_lost_folder(run, err) < 0)
		return -1;
	return begin_record(run, err);
}

/* A step that fails is noted and ends what depends on it. Reconciliation still runs after a safety stop, for
 * drift does not wait; it does not after a signal, nor when Acronis could not be reached, nor when the orders
 * could not be read. */
static void do_steps(struct run *run)
{
	unsigned steps = run->options->steps;
	struct error err = {0};

	if (run->options->as_of.set) {
		if (run_as_of(run, &err) < 0)
			run_note_error(run, &err);
		return;
	}
	if ((steps & STEP_RECONCILE) && run->options->tenants_file)
		run->reading = observation_read_start(run->options->tenants_file);
	if (run_facts(run, &err) < 0 ||
	    (run->options->fixes ? run_fixes(run, &err) : run_intake(run, &err)) < 0) {
		run_note_error(run, &err);
		return;
	}
	if ((steps & STEP_PROVISION) &&
	    (run->options->dry_run ? run_plan(run, &err) : run_provision(run, &err)) < 0) {
		/* A wrong tier table says nothing against a comparison: it shows where they differ. */
		bool go_on = err.code == ERR_STOPPED || err.code == ERR_TIERS;
		run_note_error(run, &err);
		if (!go_on)
			return;
	}
	if ((steps & STEP_RECONCILE) && !run_stopped(run) && run_reconcile(run, &err) < 0)
		run_note_error(run, &err);
	else if (run_stopped(run)) {
		error_set(
		    &err, ERR_INTERRUPTED, "stopped by a signal; what was in flight was finished and saved");
		error_hint(&err, "run the job again to go on");
		run_note_error(run, &err);
	}
}

static int write_audit(struct run *run, struct error *err)
{
	const struct report *report = run->report;
	struct run_record record = record_of(run);
	struct audit_end end = {.exit_status = report->exit_status,
	    .ended_at = report->ended_at,
	    .error = report->error_code,
	    .closed_by = ""};
	struct event_record stop = {
	    .run_id = run->run_id, .event = "safety-stop", .detail = report->error_text};

	if (!run->locked)
		return 0;
	/* The texts of safety stops are made of numbers and settings only. */
	if (strcmp(report->error_code, error_code_name(ERR_STOPPED)) == 0 &&
	    ledger_event_put(run->ledger, &stop, err) < 0)
		return -1;
	return audit_write(run->ledger, &record, run->job->bss.name, &end, err);
}

/* What is done must reach the BSS. A run that cannot write that down is not over: the next one closes it, and
 * tries again. */
static int settle_export(struct run *run, struct error *err)
{
	/* Who has the lock now closes this run, and writes the files of what it had done. */
	if (!run->export_owed || run->displaced)
		return 0;
	ledger_rollback(run->ledger);
	return run_export(run, err);
}

/* The status is known now; what fails from here on changes it, and whatever tells it is written again. */
static void settle_status(struct run *run, struct error *err)
{
	if (err->code != ERR_NONE)
		run_note_error(run, err);
	run->report->exit_status = run->exit_status;
	report_verdict(run->report);
}

static void write_metrics(struct run *run)
{
	struct error err = {0};

	/* They are of the last night. */
	if (run->job->report.metrics && !run->options->as_of.set &&
	    report_metrics(run->report, run->job->report.metrics, &err) < 0)
		settle_status(run, &err);
}

/* Audit and row become durable together. A ledger that failed over that may have kept them all the same: the
 * row tells. Gives 1 when it cannot: what was written before stays, for the audit may vouch for it. */
static int end_record(struct run *run, const char *document, struct error *err)
{
	const struct report *report = run->report;
	struct run_record record;
	struct error unknown = {0};

	if (write_audit(run, err) == 0 && ledger_run_end(run->ledger, run->run_id, report->exit_status,
					      report->changes, document, err) == 0)
		return 0;
	int found = ledger_run_find(run->ledger, run->run_id, run->arena, &record, &unknown);
	if (found < 0)
		log_warn("the ledger cannot tell whether it has the end of the run; run.json stays as it is");
	if (found <= 0 || record.ended_at == 0)
		return found < 0 ? 1 : -1;
	log_warn("%s; the end of the run is recorded all the same", err->text);
	error_clear(err);
	return 0;
}

/* What every run makes anew for all of them: the next one repairs it. */
static void tidy(struct run *run)
{
	const struct job *job = run->job;
	struct error err = {0};

	if (report_index(run->ledger, job, &err) < 0)
		log_warn("the page of all nights could not be written: %s", err.text);
	error_clear(&err);
	const struct prune_settings settings = {.now = clock_wall_ms(run->clock),
	    .keep_ms = job->privacy.keep_ms,
	    .month_ends_ms = job->retention.month_ends_ms,
	    .job = job};
	struct prune_result pruned;
	if (job->privacy.keep_ms > 0 && !run->options->as_of.set &&
	    prune_runs(job, run->ledger, &settings, run->run_id, false, run->arena, &pruned, &err) < 0)
		log_warn("old run folders could not be removed: %s", err.text);
}

/* 0, -1, or 1 as end_record(). */
static int finish(struct run *run, struct error *err)
{
	struct error none = {0};

	if (settle_export(run, err) < 0 || run_fill_report(run, err) < 0)
		return -1;
	if (run_propose(run, &none) < 0)
		run_note_error(run, &none);
	run->report->ended_at = clock_wall_ms(run->clock);
	settle_status(run, &none);
	if (run->options->dry_run)
		return 0;
	if (run->displaced)
		return report_write_all(run->report, run->job, NULL, 0, err);
	write_metrics(run);
	if (report_write_all(run->report, run->job, NULL, 0, err) < 0)
		return -1;
	char *document = report_to_json(run->report, err);
	int rc = document ? end_record(run, document, err) : -1;
	free(document);
	if (rc == 0)
		tidy(run);
	return rc;
}

static void forget_missing_outputs(struct report *report)
{
	size_t kept = 0;

	for (size_t i = 0; i < report->output_count; i++) {
		char *path = mem_printf("%s/%s", report->folder, report->outputs[i]);
		if (access(path, F_OK) == 0)
			report->outputs[kept++] = report->outputs[i];
		free(path);
	}
	report->output_count = kept;
}

/* The run could not be closed: the next one does it. Until then run.json says how this one ended, or is not
 * there. */
static void correct_record(struct run *run)
{
	static const char *const json[] = {"json"};
	char *path = mem_printf("%s/run.json", run->folder);
	struct error err = {0};

	forget_missing_outputs(run->report);
	write_metrics(run);
	if (report_write_all(run->report, run->job, json, ARRAY_LEN(json), &err) < 0)
		unlink(path);
	free(path);
}

static void end(struct run *run)
{
	struct error err = {0};

	if (run->reading)
		observation_free(observation_read_end(run->reading, NULL));
	if (run->connected)
		connection_close(&run->connection);
	if (run->locked && ledger_lock_release(run->ledger, run->job->name, run->run_id, &err) < 0)
		log_warn("the lock could not be released: %s", err.text);
	ledger_close(run->ledger);
	bss_snapshot_free(run->snapshot);
	facts_free(run->facts);
	run_billing_free(run);
	subscriptions_free(run->subscriptions);
	free(run->items);
	free(run->pending);
	free(run->done);
	free(run->met);
	free(run->seen);
	run_gone_free(run);
	arena_free(run->row_arena);
	strbuf_free(&run->scratch);
	arena_free(run->arena);
	progress_clear();
	log_context(NULL, NULL);
}

int run_job(
    const struct job *job, const struct run_options *options, struct run_output *out, struct error *err)
{
	struct run run = {.job = job,
	    .options = options,
	    .clock = options->clock,
	    .arena = arena_new(),
	    .report = report_new()};
	int rc = begin(&run, err);

	if (rc == 0) {
		do_steps(&run);
		struct error trouble = {0};
		int ended = finish(&run, &trouble);
		if (ended != 0)
			settle_status(&run, &trouble);
		if (ended < 0 && !options->dry_run)
			correct_record(&run);
	}
	*out = (struct run_output){run.report, run.plan, run.exit_status};
	end(&run);
	return rc;
}
