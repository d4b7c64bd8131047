/* A new ledger when the old one is lost: from our tags in Acronis, the BSS's subscriptions and the run
 * folders. */
#ifndef TENANTRY_REBUILD_H
#define TENANTRY_REBUILD_H

#include "tenantry/job.h"
#include "tenantry/ledger.h"

struct rebuilt {
	const char *kept_as;    /* what the old ledger is called now; "" there was none */
	uint64_t runs, cut_off; /* run folders of the job: with a record, and of runs that were killed */
	uint64_t tenants;       /* below the parent with one of our tags */
	uint64_t accounts;      /* that have a tenant now */
	uint64_t by_state[ITEM_STATE_COUNT];
	uint64_t mails_in_doubt;
	struct item_record *parked; /* in the arena, by key */
	size_t parked_count;
};
/* ERR_USAGE: the ledger is there and knows the newest run. ERR_LOCKED: a run or another rebuild is at work. A
 * dry run writes nothing. The new ledger takes its place only when all of it is on disk. */
int rebuild_ledger(const struct job *job, bool dry_run, struct clock *clock, struct arena *arena,
    struct rebuilt *out, struct error *err) MUST_USE;

#endif
