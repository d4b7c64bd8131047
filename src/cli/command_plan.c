/* `tenantry plan` and `tenantry apply`: what a run would do, as text and as a file; and doing exactly that or
 * nothing. */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "program.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"
#include "tenantry/signals.h"

static int write_plan(
    const struct run_output *out, const struct job *job, const char *file, struct error *err)
{
	char created[TIME_TEXT_SIZE], *text;
	int rc = 0;

	text = plan_to_json(out->plan, job, time_text(out->report->started_at, created));
	if (file)
		rc = atomic_file_put(file, strv_of(text), err);
	else
		fputs(text, stdout);
	free(text);
	return rc;
}

/* What --allow-disables let pass here passes there only when it is given again. */
static void add_apply_command(const struct report *report, const char *file, struct strbuf *out)
{
	strbuf_addf(out, "\nThe plan is in %s. To do exactly this: tenantry apply ", file);
	report_add_shell(out, file);
	if (report->budget.passed)
		strbuf_addf(out, " --allow-disables %s", report->budget.allowed);
	strbuf_addc(out, '\n');
}

static int show_plan(const struct invocation *invocation, const struct job *job, const struct run_output *out,
    struct error *err)
{
	const char *file = invocation->values[OPT_OUTPUT].text;
	struct strbuf text = {0};

	if (!out->plan)
		return 0;
	if (file && write_plan(out, job, file, err) < 0)
		return -1;
	if (invocation->values[OPT_JSON].set)
		return write_plan(out, job, NULL, err);
	plan_print(out->plan, &text);
	if (file)
		add_apply_command(out->report, file, &text);
	if (!invocation->values[OPT_QUIET].set)
		fwrite(text.p, 1, text.n, stdout);
	strbuf_free(&text);
	return 0;
}

/* A plan that could not be made, or orders that were rejected on the way to it. */
static void show_trouble(const struct run_output *out)
{
	const struct report *report = out->report;

	if (report->error_text[0])
		fprintf(stderr, "tenantry: %s\n", report->error_text);
	if (report->error_hint[0])
		fprintf(stderr, "hint: %s\n", report->error_hint);
	if (report->intake.rejected > 0)
		fprintf(stderr,
		    "tenantry: %" PRIu64 " of %" PRIu64 " orders break a rule and are not in the plan\n"
		    "hint: tenantry validate %s writes rejected.csv with the reasons\n",
		    report->intake.rejected, report->intake.read, report->job_path);
}

int command_plan(const struct invocation *invocation, struct error *err)
{
	struct job *job = command_job(invocation, invocation->args[0], err);
	struct run_options options = {
	    .command = "plan", .steps = STEP_VALIDATE | STEP_PROVISION, .dry_run = true};
	struct run_output out = {0};
	struct clock shifted;
	int status = -1;

	if (!job)
		return -1;
	options.clock = command_clock(invocation, job, false, &shifted, err);
	if (options.clock) {
		command_run_options(invocation, &options);
		signals_setup();
		if (run_job(job, &options, &out, err) == 0) {
			status = out.exit_status;
			if (show_plan(invocation, job, &out, err) == 0)
				show_trouble(&out);
		}
	}
	plan_free(out.plan);
	report_free(out.report);
	job_free(job);
	return status;
}

static int check_job_unchanged(
    const struct plan_file *plan, const struct job *job, const char *path, struct error *err)
{
	if (strcmp(plan->job_digest, job->digest) == 0)
		return 0;
	error_set(err, ERR_MOVED, "the job file %s was changed after the plan was made: nothing was done",
	    plan->job_path);
	error_place(err, path, 0, 0, NULL);
	return error_hint(err, "make a new plan and read it: tenantry plan %s -o %s", plan->job_path, path);
}

static int apply_plan(
    const struct invocation *invocation, const char *job_path, const char *path, struct error *err)
{
	struct arena *arena = arena_new();
	struct run_options options = {
	    .command = "apply", .steps = STEP_VALIDATE | STEP_PROVISION | STEP_REPORT};
	struct job *job = NULL;
	struct plan_file plan;
	struct clock shifted;
	int status = -1;

	if (plan_file_read(path, arena, &plan, err) < 0)
		goto out;
	job = job_load(job_path ? job_path : plan.job_path, NULL, err);
	if (!job || check_job_unchanged(&plan, job, path, err) < 0)
		goto out;
	options.plan_digest = plan.plan_digest;
	options.clock = command_clock(invocation, job, true, &shifted, err);
	if (options.clock)
		status = command_run_job(invocation, job, &options, err);
out:
	job_free(job);
	arena_free(arena);
	return status;
}

/* Read with a handle of its own, for the run opens the ledger when it has the lock. */
static struct fixes *read_fixes(const struct job *job, const char *path, struct error *err)
{
	struct ledger *ledger = ledger_open(job->ledger, LEDGER_READ, clock_machine(), err);
	struct fixes *fixes = ledger ? fixes_read(path, job, ledger, err) : NULL;

	ledger_close(ledger);
	return fixes;
}

static int apply_fixes(
    const struct invocation *invocation, const char *job_path, const char *path, struct error *err)
{
	struct arena *arena = arena_new();
	struct run_options options = {.command = "apply", .steps = STEP_REPORT};
	struct fixes *fixes = NULL;
	struct job *job = NULL;
	struct clock shifted;
	int status = -1;

	if (!job_path)
		job_path = fixes_file_job(path, arena, err);
	job = job_path ? job_load(job_path, NULL, err) : NULL;
	fixes = job ? read_fixes(job, path, err) : NULL;
	options.fixes = fixes;
	options.clock =
	    fixes ? command_clock(invocation, job, !invocation->values[OPT_DRY_RUN].set, &shifted, err)
		  : NULL;
	if (options.clock)
		status = command_run_job(invocation, job, &options, err);
	fixes_free(fixes);
	job_free(job);
	arena_free(arena);
	return status;
}

int command_apply(const struct invocation *invocation, struct error *err)
{
	const char *job_path = invocation->arg_count > 1 ? invocation->args[0] : NULL,
		   *path = invocation->args[invocation->arg_count - 1];

	return fixes_file_is(path) ? apply_fixes(invocation, job_path, path, err)
				   : apply_plan(invocation, job_path, path, err);
}
