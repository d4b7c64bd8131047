/* What the files of a run share. */
#ifndef TENANTRY_RUN_IMPL_H
#define TENANTRY_RUN_IMPL_H

#include "tenantry/run.h"

struct run {
	const struct job *job;
	const struct run_options *options;
	struct clock *clock;
	struct arena *arena; /* lives as long as the run */
	struct report *report;
	struct ledger *ledger; /* NULL in a dry run without one */
	const char *run_id, *folder;
	bool locked;
	int exit_status;
	int64_t started_mono;

	struct connection connection;
	bool connected;

	/* facts */
	struct subscriptions *subscriptions;
	struct facts *facts;
	struct known_tenant *known;
	size_t known_count;

	/* pending orders, accepted ones first */
	const struct order_item **items;
	size_t item_count, item_cap;
	struct pending_order *pending;
	size_t pending_count, pending_cap;

	struct plan *plan;
};

/* Notes an error that ends a step: its status counts, its text is the report's when it is the first. Clears err. */
void run_note_error(struct run *run, struct error *err);
/* A status without an error: 1, a person must look. */
void run_note_status(struct run *run, int status);
bool run_stopped(const struct run *run); /* a signal came */
int run_connect(struct run *run, bool offering_items, struct error *err) MUST_USE;
int run_heartbeat(void *user, struct error *err); /* user: the run */

/* The steps. Each gives -1 with err when it could not be done; what it found is in the run and its report. */
int run_facts(struct run *run, struct error *err) MUST_USE;	/* subscriptions, known tenants (run_intake.c) */
int run_intake(struct run *run, struct error *err) MUST_USE;	/* orders and rules (run_intake.c) */
int run_plan(struct run *run, struct error *err) MUST_USE;	/* what is to be done (run_provision.c) */
int run_provision(struct run *run, struct error *err) MUST_USE; /* doing it (run_provision.c) */
int run_reconcile(struct run *run, struct error *err) MUST_USE; /* observe and compare (run_reconcile.c) */

#endif
