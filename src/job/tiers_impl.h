/* What the files about the proof of the tier table share: evidence is gathered here, judged in tier_proof.h.
 */
#ifndef TENANTRY_TIERS_IMPL_H
#define TENANTRY_TIERS_IMPL_H

#include "tenantry/reconcile.h"
#include "tenantry/run.h"
#include "tenantry/tier_proof.h"

/* How many partners are read one by one where no night has read them before, and how many price lists are
 * asked for: the proof must not cost a night more than a handful of calls. */
enum { TIER_SAMPLE_MAX = 12, TIER_PRICES_MAX = 3 };

struct tier_gathering {
	const struct job *job;
	const struct acronis_session *session; /* NULL: nothing is asked, `seen` is all there is */
	struct clock *clock;
	struct arena *arena; /* outlives the session's client: answers that nobody waits for fall into it */
	struct tier_witness *witnesses; /* tier_witnesses(); what is learned of them is put in */
	size_t witness_count;
	const struct world *world;      /* what stands there; NULL: each partner is asked for */
	const struct observation *seen; /* of an earlier night, or tonight's; NULL: a sample is read */
	const char *seen_as;            /* "as run X read them" */
	bool prices;                    /* ask for price lists */
};

/* Who can speak, what contract.confirmed has now (one call), the partners' values from `seen` or of a sample,
 * and of up to TIER_PRICES_MAX partners the price list of this month. What cannot be read is no evidence;
 * only contract.confirmed must be readable: ERR_ACRONIS. */
int tier_evidence(
    const struct tier_gathering *gathering, struct tier_evidence *out, struct error *err) MUST_USE;
/* The same judged; a contradiction that rests on `seen` is read again before it is believed. */
int tier_evidence_judge(const struct tier_gathering *gathering, struct tier_evidence *evidence,
    struct tier_proof *out, struct error *err) MUST_USE;

/* ---- tier_check.c: what `tenantry check` says of the table. */
struct tier_check {
	const struct job *job;
	const struct connection *connection;
	struct clock *clock;
	struct arena *arena;
	const struct subscriptions *subscriptions; /* NULL: none */
	const struct facts *facts;                 /* of these and of the ledger's tenants */
	/* One line: what it is about, "ok", "note" or "warning", and a sentence. Here with names: it is for
	 * the person who looks them up. */
	void (*line)(void *user, const char *what, const char *result, const char *text);
	void *user;
};
/* The verdict with what speaks for what, the values in use with examples, and both readings. ERR_TIERS when
 * the table is contradicted (the other lines are said all the same), ERR_ACRONIS when contract.confirmed
 * cannot be read. */
int tier_check(const struct tier_check *check, enum tier_verdict *verdict, struct error *err) MUST_USE;

#endif
