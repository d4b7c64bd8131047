/* `tenantry prune JOB`: run folders and snapshots beyond their time go. */
#include "commands.h"

#include <inttypes.h>

#include "program.h"
#include "tenantry/identity.h"
#include "tenantry/prune.h"

static json_t *folder_json(const struct prune_folder *folder, bool dry)
{
	return json_pack("{s:s, s:I, s:s, s:s?}", "run", folder->run_id, "bytes", (json_int_t)folder->bytes,
	    "result",
	    folder->kept ? "kept"
	    : dry        ? "would be removed"
			 : "removed",
	    "why", folder->kept);
}

static void show(
    const struct invocation *invocation, const struct job *job, const struct prune_result *result, bool dry)
{
	const char *verb = dry ? "would be removed" : "removed";

	if (invocation->values[OPT_JSON].set) {
		json_t *folders = json_array();
		for (size_t i = 0; i < result->count; i++)
			json_array_append_new(folders, folder_json(&result->folders[i], dry));
		command_print_json(json_pack("{s:s, s:b, s:I, s:I, s:o}", "job", job->name, "dry_run",
		    (int)dry, "removed", (json_int_t)result->removed, "freed_bytes",
		    (json_int_t)result->freed, "runs", folders));
		return;
	}
	if (invocation->values[OPT_QUIET].set)
		return;
	for (size_t i = 0; i < result->count; i++) {
		const struct prune_folder *f = &result->folders[i];
		printf("%s  %9" PRIu64 " kB  %s%s\n", f->run_id, (f->bytes + 1023) / 1024,
		    f->kept ? "kept: " : verb, f->kept ? f->kept : "");
	}
	printf("%" PRIu64 " of %zu run folders %s, %" PRIu64 " kB freed; %zu kept\n", result->removed,
	    result->count, verb, (result->freed + 1023) / 1024, result->count - (size_t)result->removed);
}

static int prune_job(
    const struct invocation *invocation, const struct job *job, struct clock *clock, struct error *err)
{
	const struct option_value *keep = &invocation->values[OPT_KEEP],
				  *ends = &invocation->values[OPT_KEEP_MONTH_ENDS];
	const struct prune_settings settings = {.now = clock_wall_ms(clock),
	    .keep_ms = keep->set ? keep->number : job->privacy.keep_ms,
	    .month_ends_ms = ends->set ? ends->number : job->retention.month_ends_ms,
	    .job = job};
	bool dry = invocation->values[OPT_DRY_RUN].set;
	struct ledger *ledger = ledger_open(job->ledger, dry ? LEDGER_READ : LEDGER_WRITE, clock, err);
	struct arena *arena = arena_new();
	struct prune_result result;
	int rc = ledger ? prune_runs(job, ledger, &settings, "", dry, arena, &result, err) : -1;

	if (rc == 0)
		show(invocation, job, &result, dry);
	ledger_close(ledger);
	arena_free(arena);
	return rc;
}

int command_prune(const struct invocation *invocation, struct error *err)
{
	struct job *job = command_job(invocation, invocation->args[0], err);
	struct clock shifted, *clock;
	int rc = -1;

	if (job && (clock = command_clock(
			invocation, job, !invocation->values[OPT_DRY_RUN].set, &shifted, err)) != NULL)
		rc = prune_job(invocation, job, clock, err);
	job_free(job);
	return rc;
}
