/* When to go on and when to stop: batches, max_errors, the circuit over accounts. Plain counting, no I/O. */
#ifndef TENANTRY_BATCH_H
#define TENANTRY_BATCH_H

#include "tenantry/provision.h"

struct tally {
	uint64_t begun, done, failed, parked,
	    left; /* begun: actions of the batches that were begun; left: neither */
};

enum next_batch { BATCH_GO, BATCH_WAIT /* until more is known */, BATCH_STOP };
/* May another batch begin? A batch begins early, while the last actions of the one before are still under
 * way, when nothing that can become of them would stop the run: the decision is the same as after waiting for
 * all of them, and connections stay busy. */
enum next_batch batch_next(const struct share *max_errors, enum on_error on_error, const struct tally *tally);
/* More failed and parked actions than max_errors allows? A percentage counts of the actions tried, once 10
 * were. */
bool batch_too_many(const struct share *max_errors, uint64_t errors, uint64_t tried);

/* The circuit: opens when that many actions in a row, of at least two accounts, failed by their side. */
enum { CIRCUIT_FAILURES = 8 };
struct circuit {
	unsigned failures, accounts;
	char last_account[128];
	bool open;
};
void circuit_failed(struct circuit *circuit, const char *account_id); /* their side */
void circuit_answered(struct circuit *circuit);                       /* anything else: they are there */

#endif
