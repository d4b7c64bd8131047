/* What a person settles between two runs: parked order items, and a lock whose owner is gone. */
#ifndef TENANTRY_DECIDE_H
#define TENANTRY_DECIDE_H

#include "tenantry/identity.h"
#include "tenantry/job.h"
#include "tenantry/ledger.h"

enum decision_kind {
	DECISION_ADOPT,       /* the order is done on a tenant that is there already */
	DECISION_RESEND_MAIL, /* mail-in-doubt: the next run sends one more */
	DECISION_SKIP,        /* mail-in-doubt: goes on without a mail; any other: the order is not done */
	DECISION_TIER_PROVED  /* tier-unproved: done as the first, so that a person can look its tier up */
};
struct decision {
	enum decision_kind kind;
	const char *order;     /* order item id, order id or key */
	const char *tenant_id; /* ADOPT */
	const char *note;      /* in the person's words; "" */
};
struct decided {
	struct item_record item; /* as it stands now */
	const char *decision;    /* adopt, resend-mail, skip-mail, skip, tier-proved */
	const char *parked_as;   /* what it was parked for */
	const char *who;
	const char *next; /* what becomes of it, a sentence */
};
/* Under the job's lock. Nothing is sent that changes Acronis; adopt reads the tenant. Who, when and what are
 * kept in the ledger. ERR_USAGE, and nothing changed: no such order, several that are parked (it lists them),
 * one that is not parked, a decision that settles nothing here, a tenant that cannot be adopted (unknown,
 * deleted, no partner, not below the parent, another account's). */
int decide(const struct job *job, const struct decision *decision, struct clock *clock, struct arena *arena,
    struct decided *out, struct error *err) MUST_USE;

struct unlocked {
	bool held; /* it was locked, and is no more */
	struct lock_owner owner;
	int64_t age_ms; /* since the last sign of life */
	enum owner_place place;
};
/* Takes the lock away from an owner that is proved gone: on this machine by the lock file that nobody holds,
 * on another by a heartbeat older than `stale_after_ms` (and than LOCK_FRESH_MS in any case). ERR_LOCKED
 * when it is not; out says who it is in every case. */
int unlock_job(const struct job *job, int64_t stale_after_ms, struct clock *clock, struct arena *arena,
    struct unlocked *out, struct error *err) MUST_USE;

#endif
