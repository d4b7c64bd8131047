/* The invariants: what must hold after every night, whatever failed in it. Each breach is noted with
 * sim_fail(); the first one stays. */
#ifndef TENANTRY_SIM_CHECK_H
#define TENANTRY_SIM_CHECK_H

#include "sim_world.h"

/* In the process that ran: the run's own words. `rc` and `err` are run_job()'s. */
void check_run(struct sim *sim, const struct world *world, const struct run_output *out, int rc,
    const struct error *err);
/* What the night says Acronis looks like (sim_observed.c): as it is, or with the age of what it read earlier.
 */
void check_observed(struct sim *sim, const struct world *world, const struct report *report);
/* After a night: the cloud, the ledger's states and journal; after one that came to its end, the lock as
 * well. */
void check_night(struct world *world, bool ended);
/* Once nothing fails any more and every day has come: each order at its end, both sides the same. */
void check_end(struct world *world);
/* After the last night: the audit of every run fits, and accounts that had a quiet life have no findings. */
void check_records(struct world *world);
/* Of all that a run could change in the cloud: equal before and after a rerun that has nothing to do. */
uint64_t check_cloud_digest(const struct sim *sim);

#endif
