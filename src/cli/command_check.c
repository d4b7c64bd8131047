/* `tenantry check`: is everything there that a night needs? */
#include "commands.h"

#include "program.h"
#include "tenantry/str.h"

int command_check(const struct invocation *invocation, struct error *err)
{
	struct job *job = command_job(invocation, invocation->args[0], err);
	struct strbuf text = {0};
	struct clock shifted, *clock;
	int status = -1;

	if (!job)
		return -1;
	clock = command_clock(invocation, job, false, &shifted, err);
	if (clock) {
		struct preflight_options options = {.json = invocation->values[OPT_JSON].set,
		    .rehearse = invocation->values[OPT_REHEARSE].set};
		status = preflight(job, clock, &options, &text);
		if (!invocation->values[OPT_QUIET].set || status != 0)
			fwrite(text.p, 1, text.n, stdout);
	}
	strbuf_free(&text);
	job_free(job);
	return status;
}
