/* Where the rows of invoices and rates come from: the job's source, or what an earlier run kept of it; and
 * whether they are kept now. Kept are the rows themselves, unusable ones too, with the file and line of the
 * source: read again they say, and are refused for, what they were then. */
#ifndef TENANTRY_SOURCE_SIDE_H
#define TENANTRY_SOURCE_SIDE_H

#include "tenantry/digest.h"

struct bss_snapshot;

struct source_side {
	const struct bss_snapshot *snapshot; /* has the roles that are a database; NULL when none is */
	const char *keep; /* the compressed file to keep the rows in that are in reach; NULL: none */
	const char *kept; /* such a file, to read in place of the job's source; NULL: the source */
	/* out, with one of those two */
	char digest[DIGEST_TEXT_SIZE]; /* of the kept text */
	uint64_t rows;                 /* in it */
};

#endif
