/* What the files of `tenantry show` share. */
#ifndef TENANTRY_SHOW_IMPL_H
#define TENANTRY_SHOW_IMPL_H

#include <jansson.h>

#include "tenantry/job.h"
#include "tenantry/ledger.h"

struct show {
	struct ledger *ledger;
	struct arena *arena;
	const char *id, *bss, *job_path;
	const char *key;    /* of the item that was shown by its own id; "" none */
	bool has_orders;    /* some item was shown */
	bool is_order;      /* the id is an order's, or the word parked */
	bool finding_by_id; /* the id is a finding's */
	json_t *out;        /* {"runs": [], "orders": [], ...} */
	bool failed;
	struct error *err;
};

/* The list of that name, made when it is first asked for. Borrowed. */
json_t *show_section(struct show *show, const char *name);
/* Left out when empty, or 0. */
void show_text(json_t *object, const char *name, const char *value);
void show_time(json_t *object, const char *name, int64_t ms);
/* An order item with its steps and decisions, unless it was shown already. `user` is the show. */
int show_item_record(void *user, const struct item_record *item);

/* ---- show_finding.c: findings by their id, whatever their state; by account, tenant or subscription those
 * that are not resolved. */
int show_findings(struct show *show);
/* ---- show_known.c, as are the pieces above: what the ledger and the last night's snapshots know of an
 * account, a tenant or a subscription. */
int show_known(struct show *show, const struct job *job);

/* ---- show_signed.c: corrections and signatures. NULL: none, or the ledger failed (err is set). */
json_t *show_fixes(
    struct ledger *ledger, const char *run_id, const char *finding_id, struct error *err); /* one of them */
json_t *show_signatures(struct ledger *ledger, const char *run_id, struct error *err);

#endif
