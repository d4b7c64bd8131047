/* What writing and verifying an audit share: the lines as JSON, made from the ledger's records alone. */
#ifndef JOB_AUDIT_IMPL_H
#define JOB_AUDIT_IMPL_H

#include <jansson.h>

#include "tenantry/audit.h"
#include "tenantry/sha256.h"

extern const char audit_genesis[]; /* `prev` of the very first line */

/* The files whose digests close an audit. */
struct audit_file {
	const char *name;
	bool may_appear; /* `tenantry report` can write it later */
};
extern const struct audit_file audit_files[]; /* ends with a NULL name */

/* The members after seq, prev and run. New references. */
json_t *audit_change(const struct step_record *step, const char *run_id, const char *key);
json_t *audit_event(const struct event_record *event, const char *run_id, const char *key);
/* The caller frees. */
char *audit_path(const struct run_record *run, const char *name);

#endif
