/* `tenantry retry RUN`: what of a run is still open, done again as a run of its own. */
#include "commands.h"

#include <inttypes.h>
#include <unistd.h>

#include "program.h"
#include "tenantry/log.h"

static int select_items(const struct invocation *invocation, const struct job *job, struct arena *arena,
    struct retry *out, struct error *err)
{
	const struct option_value *values = invocation->values;
	struct retry_filter filter = {.orders = values[OPT_ORDER].list,
	    .order_count = values[OPT_ORDER].count,
	    .codes = values[OPT_CODE].list,
	    .code_count = values[OPT_CODE].count,
	    .batch = values[OPT_BATCH].number,
	    .include_parked = values[OPT_INCLUDE_PARKED].set};

	return retry_select(job, invocation->args[0], &filter, arena, out, err);
}

/* The job that was named is the run's own, unless several jobs share the ledger: then the run's own is read.
 */
static int take_jobs_run(struct job **job, const struct retry *retry, struct error *err)
{
	const struct run_record *run = &retry->run;
	struct job *own;

	if (strcmp((*job)->name, run->job) != 0) {
		own = job_load(run->job_path, NULL, err);
		if (!own)
			return error_prefix(err, "run %s is of job \"%s\"", run->run_id, run->job);
		job_free(*job);
		*job = own;
	}
	if (strcmp((*job)->name, run->job) != 0)
		return error_set(err, ERR_USAGE, "run %s is of job \"%s\", and %s is now job \"%s\"",
		    run->run_id, run->job, run->job_path, (*job)->name);
	if (retry->job_digest[0] && strcmp(retry->job_digest, (*job)->digest) != 0)
		log_info("the job file is not the one that run %s read; it counts as it is now", run->run_id);
	return 0;
}

/* What the selection left out of the night. */
static bool show_left(const struct job *job, const struct retry *retry)
{
	struct strbuf left = {0};
	bool any = report_add_still_waiting(&left, &retry->still);

	if (any) {
		strbuf_addf(&left, " still wait: tenantry retry %s --job ", retry->still.run);
		report_add_shell(&left, job->path);
		printf("%s\n", left.p);
	}
	strbuf_free(&left);
	return any;
}

static void show_parked(const struct retry *retry)
{
	if (retry->parked_left > 0)
		printf(
		    "%" PRIu64
		    " of its orders %s parked: decide them (tenantry show parked), or give --include-parked once the cause is gone\n",
		    retry->parked_left, retry->parked_left == 1 ? "is" : "are");
}

static void show_nothing(
    const struct invocation *invocation, const struct job *job, const struct retry *retry)
{
	const struct still_waiting *still = &retry->still;

	if (invocation->values[OPT_JSON].set) {
		command_print_json(json_pack("{s:s, s:i, s:I, s:I, s:s*, s:{s:s, s:I, s:I, s:I}}", "retry_of",
		    retry->run.run_id, "selected", 0, "parked", (json_int_t)retry->parked_left, "deferred",
		    (json_int_t)retry->deferred, "due", retry->deferred ? retry->deferred_to : NULL,
		    "still_waiting", "run", still->run, "failed", (json_int_t)still->failed, "not_begun",
		    (json_int_t)still->not_begun, "in_doubt", (json_int_t)still->in_doubt));
		return;
	}
	if (invocation->values[OPT_QUIET].set) {
		show_parked(retry);
		show_left(job, retry);
		return;
	}
	printf("nothing to do again in run %s\n", retry->run.run_id);
	if (retry->deferred > 0)
		printf("%" PRIu64 " of its orders %s deferred: the run of %s%s does %s\n", retry->deferred,
		    retry->deferred == 1 ? "is" : "are", retry->deferred_to,
		    retry->deferred == 1 ? "" : ", or a later one,", retry->deferred == 1 ? "it" : "them");
	if (invocation->values[OPT_INCLUDE_PARKED].set && retry->parked_elsewhere > 0)
		printf("%" PRIu64
		       " order%s of other runs %s parked: tenantry show parked names them and their runs\n",
		    retry->parked_elsewhere, retry->parked_elsewhere == 1 ? "" : "s",
		    retry->parked_elsewhere == 1 ? "is" : "are");
	show_parked(retry);
	show_left(job, retry);
}

static int run_again(
    const struct invocation *invocation, const struct job *job, const struct retry *retry, struct error *err)
{
	struct run_options options = {.command = "retry",
	    .steps = STEP_VALIDATE | STEP_PROVISION | STEP_REPORT,
	    .max_errors = retry->max_errors,
	    .max_changes = retry->max_changes,
	    .selection = &retry->selection};
	struct clock shifted;

	options.clock = command_clock(invocation, job, !invocation->values[OPT_DRY_RUN].set, &shifted, err);
	if (!options.clock)
		return -1;
	log_info("again of run %s: %" PRIu64 " failed, %" PRIu64 " not begun, %" PRIu64 " in doubt, %" PRIu64
		 " parked",
	    retry->run.run_id, retry->failed, retry->not_started, retry->in_doubt, retry->parked);
	return command_run_job(invocation, job, &options, err);
}

int command_retry(const struct invocation *invocation, struct error *err)
{
	struct job *job = command_job(invocation, NULL, err);
	struct arena *arena = arena_new();
	struct retry retry;
	int status = -1;

	if (!job || select_items(invocation, job, arena, &retry, err) < 0)
		goto out;
	if (retry.selection.count == 0) {
		show_nothing(invocation, job, &retry);
		status =
		    retry.still.failed + retry.still.not_begun + retry.still.in_doubt + retry.parked_left > 0;
	} else if (take_jobs_run(&job, &retry, err) == 0) {
		status = run_again(invocation, job, &retry, err);
	}
out:
	arena_free(arena);
	job_free(job);
	return status;
}
