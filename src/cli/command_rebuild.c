/* `tenantry rebuild JOB`: a new ledger, and what was found for it. */
#include "commands.h"

#include <inttypes.h>

#include "program.h"
#include "tenantry/order_key.h"
#include "tenantry/rebuild.h"
#include "tenantry/signals.h"

static json_t *parked_json(const struct rebuilt *rebuilt)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rebuilt->parked_count; i++) {
		const struct item_record *item = &rebuilt->parked[i];
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s, s:s}", "item", item->key, "order", item->order_id,
			"account", item->account_id, "reason", item->reason, "tenant", item->tenant_id));
	}
	return list;
}

static void show_json(const struct job *job, const struct rebuilt *rebuilt, bool dry_run)
{
	json_t *states = json_object();

	for (int state = 0; state < ITEM_STATE_COUNT; state++)
		if (rebuilt->by_state[state])
			json_object_set_new(states, item_state_name((enum item_state)state),
			    json_integer((json_int_t)rebuilt->by_state[state]));
	command_print_json(json_pack("{s:s, s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:o, s:I, s:o}", "job",
	    job->name, "ledger", job->ledger, "dry_run", dry_run, "old_ledger", rebuilt->kept_as, "runs",
	    (json_int_t)rebuilt->runs, "runs_cut_off", (json_int_t)rebuilt->cut_off, "tenants",
	    (json_int_t)rebuilt->tenants, "accounts", (json_int_t)rebuilt->accounts, "orders", states,
	    "mails_in_doubt", (json_int_t)rebuilt->mails_in_doubt, "parked", parked_json(rebuilt)));
}

/* A rebuilt ledger has no run that could be retried: decisions only. */
static void show_parked(const struct job *job, const struct rebuilt *rebuilt)
{
	for (size_t i = 0; i < rebuilt->parked_count; i++) {
		const struct item_record *item = &rebuilt->parked[i];
		struct strbuf settle = {0}, skip = {0};
		printf("  %s  %s: %s\n", item_record_name(item), item->reason,
		    park_reason_decision(park_reason_parse(item->reason)));
		report_add_settling_command(item->run_id, job->path, item, &settle);
		report_add_skip_command(job->path, item, &skip);
		printf("    %s\n    %s\n", settle.p, skip.p);
		strbuf_free(&settle);
		strbuf_free(&skip);
	}
}

static void show_text(const struct job *job, const struct rebuilt *rebuilt, bool dry_run)
{
	const uint64_t *states = rebuilt->by_state;

	printf("run folders  %" PRIu64 " with a record, %" PRIu64 " of runs that were cut off\n",
	    rebuilt->runs, rebuilt->cut_off);
	printf("Acronis      %" PRIu64 " tenants with our tags\n", rebuilt->tenants);
	printf("orders       %" PRIu64 " done, %" PRIu64 " to go on with, %" PRIu64 " accepted, %" PRIu64
	       " parked (%" PRIu64 " mails in doubt)\n",
	    states[ITEM_DONE], states[ITEM_FAILED] + states[ITEM_RUNNING], states[ITEM_ACCEPTED],
	    states[ITEM_PARKED], rebuilt->mails_in_doubt);
	printf("tenants      %" PRIu64 " accounts have one\n", rebuilt->accounts);
	show_parked(job, rebuilt);
	if (dry_run)
		printf("dry run: nothing was written\n");
	else
		printf("the new ledger is %s%s%s; findings begin anew\nnext: tenantry run %s\n", job->ledger,
		    rebuilt->kept_as[0] ? ", the old one is kept as " : "", rebuilt->kept_as, job->path);
}

int command_rebuild(const struct invocation *invocation, struct error *err)
{
	bool dry_run = invocation->values[OPT_DRY_RUN].set;
	struct job *job = command_job(invocation, invocation->args[0], err);
	struct arena *arena = arena_new();
	struct clock shifted, *clock;
	struct rebuilt rebuilt;
	int status = -1;

	if (job && (clock = command_clock(invocation, job, !dry_run, &shifted, err)) != NULL) {
		signals_setup();
		if (rebuild_ledger(job, dry_run, clock, arena, &rebuilt, err) == 0) {
			status = rebuilt.parked_count > 0;
			if (invocation->values[OPT_JSON].set)
				show_json(job, &rebuilt, dry_run);
			else if (!invocation->values[OPT_QUIET].set || status != 0)
				show_text(job, &rebuilt, dry_run);
		}
	}
	arena_free(arena);
	job_free(job);
	return status;
}
