/* What is kept of earlier nights, and what goes: run folders with their reports and snapshots. */
#ifndef TENANTRY_PRUNE_H
#define TENANTRY_PRUNE_H

#include "tenantry/job.h"
#include "tenantry/ledger.h"

/* One run folder, and what speaks for keeping it. */
struct prune_folder {
	const char *run_id;
	uint64_t bytes;
	int64_t began;       /* of its id */
	int64_t snapshot_at; /* of its whole snapshot of tenants; 0 none */
	int64_t invoices_at; /* of the newest invoices of some month that are kept, when it has them; 0 */
	bool is_signed;      /* it holds a manifest.json */
	bool at_work;        /* or it did not end yet */
	bool has_open_items; /* orders that are failed, parked or under way were last touched by it */
	bool next_base;      /* the next night reads the changes since it */
	const char *kept;    /* set by prune_decide(): why it stays; NULL: it goes */
};
struct prune_settings {
	int64_t now, keep_ms;  /* 0: nothing goes */
	int64_t month_ends_ms; /* 0: for good */
	const struct job *job; /* its time zone says when a month ends; NULL: UTC */
};
/* Pure: oldest first in, `kept` out. Never goes: the newest folder, what was signed, what is at work, what
 * open orders or the next night need, the last whole snapshot of a month and the newest invoices of a month
 * for month_ends_ms, and what is younger than keep_ms. */
void prune_decide(struct prune_folder *folders, size_t count, const struct prune_settings *settings);

struct prune_result {
	struct prune_folder *folders; /* in the arena */
	size_t count;
	uint64_t removed, freed; /* folders, bytes; in a dry run: that would be */
};
/* Looks and decides, and unless dry removes what goes, notes it in the ledger (each run, its snapshots, and
 * an event that the next audit shows) and commits. `run_id`: the run that tidies up; "" a person does.
 * ERR_OUTPUT: a folder could not be removed; what was removed before is noted. */
int prune_runs(const struct job *job, struct ledger *ledger, const struct prune_settings *settings,
    const char *run_id, bool dry, struct arena *arena, struct prune_result *out, struct error *err) MUST_USE;

#endif
