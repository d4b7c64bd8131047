/* Is the distributor's table of tiers proved? Acronis counts tiers in another way than the trade, and nothing
 * public says whether "Tier N" is the value N or N-1 (acronis-notes.md sections 0 and 3): a table that is off
 * by one bills every reseller wrongly, and no error says so. So it is held against what somebody else wrote.
 *
 * Pure: evidence in, verdict and sentences out. Who gathers the evidence is src/job/tier_evidence.c.
 * Sentences carry ids and no names: they go into mails and logs.
 */
#ifndef TENANTRY_TIER_PROOF_H
#define TENANTRY_TIER_PROOF_H

#include "tenantry/arena.h"
#include "tenantry/facts.h"
#include "tenantry/job.h"
#include "tenantry/order.h"

/* Does a contract on this tier cost money whether it is used or not: a commitment that is not zero, or a
 * value that is not -1, which is "no commitment" however tiers are counted? */
bool tier_is_paid(const struct tier *tier);
/* Can a partner on it tell the numberings apart? -1 (none) and -2 (custom) stand outside of every count. */
bool tier_is_counted(const struct tier *tier);

/* ---- Who can speak for the table: partners that the BSS bills on a paid tier, and whose tier we did not set
 * ourselves (what we wrote agrees with what we wrote). */
struct tier_witness {
	const char *tenant_id, *account_id, *account; /* borrowed from the subscriptions */
	const char *currency;                         /* that it is billed in */
	const struct tier *tier;                      /* that the BSS bills */
	struct date start;
	int64_t updated_at; /* of the subscription; 0 not known */
	bool has_value;     /* Acronis has a tier_level_value of its own for it */
	int64_t value;
	size_t turn; /* its place among those of its tier */
};
struct tier_search {
	const struct job *job;
	const struct subscriptions *subscriptions; /* NULL: none */
	const struct facts *facts;                 /* of these and of the ledger's tenants */
	const struct order_item *const *items; /* of tonight: a change of tier may stand in the BSS already */
	size_t item_count;
};
/* Those of the BSS's side, one of each tier first, then the second of each, and so on: whoever reads only
 * some reads all tiers. In the arena. */
struct tier_witness *tier_witnesses(const struct tier_search *search, struct arena *arena, size_t *count);

/* What Acronis says of its tenant. Texts never NULL. */
struct tier_sight {
	const char *kind, *customer_id, *internal_tag;
	bool deleted, has_value;
	int64_t value;
};
/* Takes the value; false when its tenant cannot speak: deleted, no partner, another account's, made by us
 * (the ledger that knew it may be lost), or without a value of its own. */
bool tier_witness_see(struct tier_witness *witness, const struct job *job, const struct tier_sight *sight);

/* ---- The evidence. */
struct tier_confirmed {          /* contract.confirmed */
	const struct tier *tier; /* NULL: the job names none */
	const char *tenant_id;
	bool has_value;
	int64_t value;
};
enum price_answer { PRICE_SAID, PRICE_FORBIDDEN, PRICE_SILENT };
struct tier_price { /* what the price list says of one partner */
	const char *tenant_id;
	int64_t value; /* the partner's tier_level_value */
	enum price_answer answer;
	const char *month, *currency, *commitment; /* PRICE_SAID: as sent */
	const char *text;                          /* else: what came instead */
	const char *scope;                         /* PRICE_FORBIDDEN: that is wanted; "" not said */
};
/* Does it say another amount than the table has for the partner's value? Who took the value from an earlier
 * reading reads it again before that is held against the table. */
bool tier_price_differs(const struct job *job, const struct tier_price *price);
struct tier_evidence {
	const struct job *job;
	struct tier_confirmed confirmed;
	const struct tier_witness *witnesses; /* those that were seen */
	size_t witness_count;
	size_t
	    possible; /* partners of the BSS that might speak; more than were seen when only some were read */
	const char *as_of; /* when Acronis was so: "as the run X saw it", "read now" */
	const struct tier_price *prices;
	size_t price_count;
	bool prices_asked; /* false: they were not needed */
};

/* ---- The verdict. */
#define TIER_VERDICTS(X)                                                                                     \
	X(TIERS_PROVED, "proved")                                                                            \
	X(TIERS_UNPROVED, "unproved")                                                                        \
	X(TIERS_CONTRADICTED, "contradicted") /* by partners' values: nothing may be written */
enum tier_verdict {
#define X(id, name) id,
	TIER_VERDICTS(X)
#undef X
	    TIER_VERDICT_COUNT
};
const char *tier_verdict_name(enum tier_verdict verdict);

enum { TIER_PARTNERS_NEEDED = 3, TIER_NOTES_MAX = 8 };
struct tier_proof {
	enum tier_verdict verdict;
	const char *by;         /* proved: what proves it, "contract.confirmed, price list"; "" */
	size_t partners, agree; /* paid partners that were compared */
	int64_t offset;         /* contradicted by partners: of Acronis' value against the table's */
	const char *summary;    /* one line */
	const char *notes[TIER_NOTES_MAX]; /* each piece of evidence, a sentence */
	size_t note_count;
	const char *advice; /* what to do; "" when it is proved */
};
/* Proved by any of: a confirmed partner on a counted tier; a commitment in a price list that is the table's
 * for the partner's value; at least TIER_PARTNERS_NEEDED partners of which all agree. Contradicted: the
 * confirmed partner has another value, or of at least TIER_PARTNERS_NEEDED partners more than half differ by
 * one and the same offset. A commitment that differs leaves it unproved whatever else speaks for it. All
 * texts in the arena. */
struct tier_proof tier_prove(const struct tier_evidence *evidence, struct arena *arena);

/* "Tier 1 = 1, Tier 2 = 2": the counted tiers that are sold, with the table's values moved by `offset`. */
const char *tier_reading(const struct job *job, int64_t offset, struct arena *arena);
/* Both readings of the trade's numbers where the names have them ("N: Tier 1 = 1 ...; N-1: Tier 1 = 0 ...;
 * the table follows N-1"), else the table's and its two neighbours'. */
const char *tier_readings(const struct job *job, struct arena *arena);

#endif
