/* What `tenantry` understands: its options, its commands, its man page. All else is made from this table. */
#ifndef TENANTRY_PROGRAM_H
#define TENANTRY_PROGRAM_H

#include "tenantry/options.h"

/* Rows of tenantry_program.options, to index invocation.values. */
enum tenantry_option {
	OPT_DRY_RUN,
	OPT_LIMIT,
	OPT_MAX_ERRORS,
	OPT_MAX_CHANGES,
	OPT_ALLOW_DISABLES,
	OPT_OUTPUT,
	OPT_TENANTS,
	OPT_FORMAT,
	OPT_JOB,
	OPT_NOW,
	OPT_JSON,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_COLOR,
	OPT_LOG_FORMAT,
	OPT_YES,
	OPT_ORDER,
	OPT_BATCH,
	OPT_CODE,
	OPT_INCLUDE_PARKED,
	OPT_ADOPT,
	OPT_RESEND_MAIL,
	OPT_SKIP,
	OPT_TIER_PROVED,
	OPT_REASON,
	OPT_STALE_AFTER,
	OPT_FULL,
	OPT_AS_OF,
	OPT_PERIOD,
	OPT_KEEP,
	OPT_KEEP_MONTH_ENDS,
	OPT_PROPOSE,
	OPT_UNTIL,
	OPT_WHO,
	OPT_OWNER,
	OPT_WITHDRAW,
	OPT_IMPORT,
	OPT_PREPARER,
	OPT_REVIEWER,
	OPT_REHEARSE,
	TENANTRY_OPTION_COUNT
};

extern const struct program tenantry_program;

#endif
