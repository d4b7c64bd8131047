/* A ready job without a job file: tiers Tier 0 to Tier 7 and Promo, default rules, statuses. Tests change
 * what they need. */
#ifndef TENANTRY_FAKE_JOB_H
#define TENANTRY_FAKE_JOB_H

#include "tenantry/arena.h"
#include "tenantry/job.h"

/* Tier 0 is CCSP-T0, Acronis -1; Tier N is CCSP-TN, Acronis N-1; Promo (CCSP-PROMO, -1) is not sold. bss.name
 * is "main". Texts that a test sets may come from job->arena. */
struct job *fake_job_new(void);
void fake_job_free(struct job *job);

#endif
