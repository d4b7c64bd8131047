/* `tenantry run`, `validate` and `reconcile`: the same run with all, the first, or only the comparing steps.
 */
#include "commands.h"

#include "program.h"
#include "tenantry/month.h"

static int run_steps(const struct invocation *invocation, struct run_options *options, unsigned wanted,
    bool writes, struct error *err)
{
	struct job *job = command_job(invocation, invocation->args[0], err);
	struct clock shifted;
	int status = -1;

	if (!job)
		return -1;
	options->steps = wanted ? wanted : job->steps;
	options->clock =
	    command_clock(invocation, job, writes && !invocation->values[OPT_DRY_RUN].set, &shifted, err);
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

/* Which day and which month are meant, where one is. */
static int read_as_of(const struct invocation *invocation, struct run_options *options, struct error *err)
{
	const struct option_value *day = &invocation->values[OPT_AS_OF],
				  *period = &invocation->values[OPT_PERIOD];

	options->as_of.set = day->set || period->set;
	options->as_of.day_given = day->set;
	if (period->set && !month_parse(strv_of(period->text), &options->as_of.month))
		return error_set(
		    err, ERR_USAGE, "--period: \"%s\" is not a month such as 2026-10", period->text);
	if (day->set && !date_parse(strv_of(day->text), &options->as_of.day))
		return error_set(
		    err, ERR_USAGE, "--as-of: \"%s\" is not a date such as 2026-10-31", day->text);
	if (period->set && !day->set)
		options->as_of.day = month_last(options->as_of.month);
	if (options->as_of.set &&
	    (invocation->values[OPT_TENANTS].set || invocation->values[OPT_FULL].set || options->propose))
		return error_set(err, ERR_USAGE,
		    "a day that is past is compared from what was kept of it: --tenants, --full "
		    "and --propose do not go with it");
	return 0;
}

int command_reconcile(const struct invocation *invocation, struct error *err)
{
	struct run_options options = {.command = "reconcile",
	    .tenants_file = invocation->values[OPT_TENANTS].text,
	    .propose = invocation->values[OPT_PROPOSE].text};

	if (options.propose && invocation->values[OPT_DRY_RUN].set) {
		error_set(err, ERR_USAGE, "--propose needs findings in the ledger, and --dry-run keeps none");
		return error_hint(
		    err, "leave out --dry-run: reconcile changes nothing in Acronis nor in the BSS");
	}
	if (read_as_of(invocation, &options, err) < 0)
		return -1;
	struct strbuf name = {0};
	strbuf_adds(&name, "reconcile");
	if (invocation->values[OPT_PERIOD].set)
		strbuf_addf(&name, " --period %s", invocation->values[OPT_PERIOD].text);
	if (invocation->values[OPT_AS_OF].set)
		strbuf_addf(&name, " --as-of %s", invocation->values[OPT_AS_OF].text);
	options.command = name.p;
	/* A past day takes none of the steps: no lock, no call. */
	int status = run_steps(
	    invocation, &options, (options.as_of.set ? 0 : STEP_RECONCILE) | STEP_REPORT, false, err);
	strbuf_free(&name);
	return status;
}
