/* `tenantry run`, `validate` and `reconcile`: the same run with all, the first, or only the comparing steps. */
#include "commands.h"

#include "program.h"

static int run_steps(const struct invocation *invocation, struct run_options *options, unsigned wanted, bool writes, struct error *err)
{
	struct job *job = command_job(invocation, invocation->args[0], err);
	struct clock shifted;
	int status = -1;

	if (!job)
		return -1;
	options->steps = wanted ? wanted : job->steps;
	options->clock = command_clock(invocation, job, writes && !invocation->values[OPT_DRY_RUN].set, &shifted, err);
	if (options->clock)
		status = command_run_job(invocation, job, options, err);
	job_free(job);
	return status;
}

int command_run(const struct invocation *invocation, struct error *err)
{
	struct run_options options = {.command = "run"};

	return run_steps(invocation, &options, 0, true, err);
}

int command_validate(const struct invocation *invocation, struct error *err)
{
	struct run_options options = {.command = "validate"};

	return run_steps(invocation, &options, STEP_VALIDATE | STEP_REPORT, false, err);
}

int command_reconcile(const struct invocation *invocation, struct error *err)
{
	struct run_options options = {.command = "reconcile",
	    .tenants_file = invocation->values[OPT_TENANTS].text,
	    .propose = invocation->values[OPT_PROPOSE].text};

	if (options.propose && invocation->values[OPT_DRY_RUN].set) {
		error_set(err, ERR_USAGE, "--propose needs findings in the ledger, and --dry-run keeps none");
		return error_hint(err, "leave out --dry-run: reconcile changes nothing in Acronis nor in the BSS");
	}

	return run_steps(invocation, &options, STEP_RECONCILE | STEP_REPORT, false, err);
}
