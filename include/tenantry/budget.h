/* The budget for loss: how much of what takes something away from resellers one ledger lets pass in a day.
 *
 * Source: README "A budget for loss". What counts is a tenant that is switched off (disable, suspend, cancel)
 * and a tier that drops by more than one step; a step is the next row of contract.tiers by commitment. All of
 * it is plain data here: what is planned comes from the plan (loss.h), what was done or accepted in the last
 * 24 hours from the ledger (ledger.h). Nothing here asks, sends or remembers anything.
 */
#ifndef TENANTRY_BUDGET_H
#define TENANTRY_BUDGET_H

#include "tenantry/job.h"

#define LOSS_KINDS(X) /* id, word in reports and in the ledger */                                            \
	X(LOSS_DISABLE, "disable")                                                                           \
	X(LOSS_SUSPEND, "suspend")                                                                           \
	X(LOSS_CANCEL, "cancel")                                                                             \
	X(LOSS_TIER_DROP, "tier-drop")
enum loss_kind {
	LOSS_NONE,
#define X(id, name) id,
	LOSS_KINDS(X)
#undef X
	    LOSS_KIND_COUNT
};
const char *loss_kind_name(enum loss_kind kind);  /* "" for LOSS_NONE */
enum loss_kind loss_kind_parse(const char *name); /* LOSS_NONE when it is none */

enum { LOSS_STEPS_UNKNOWN = 1000 /* more than any table has rows */ };

/* How many steps down from one row of the table to another; 0: not down. Commitments are compared in each
 * currency in which both rows have one, Acronis values always, for not every row has a commitment; the
 * greater number counts. Rows of the same amount (or value) are one step of the ladder; rows that are not
 * sold any more stand on it too. `from` NULL: not known, LOSS_STEPS_UNKNOWN. */
unsigned loss_steps(
    const struct tier *tiers, size_t count, const struct tier *from, const struct tier *to) MUST_USE;
/* The same from a value that Acronis has: the row with that value that stands furthest above `to`; a value
 * that the table does not have and that is above: LOSS_STEPS_UNKNOWN. */
unsigned loss_steps_from_value(
    const struct tier *tiers, size_t count, int64_t value, const struct tier *to) MUST_USE;

/* Something that is to be taken away. Texts are borrowed. */
struct loss {
	const char *key; /* of the order item; of a correction the finding's id */
	const char *account_id, *tenant_id;
	enum loss_kind kind;
	const struct tier *from, *to; /* what it has, NULL not known; `to`: of a drop */
	const char *currency;         /* of the contract; "" not known */
	unsigned steps; /* of a drop: from the highest that the account had in the last 24 hours */
	bool later;     /* to be accepted for a day to come */
	bool standing;  /* was counted when it began, or when it was accepted for later */
};
/* A drop of one step does not count; everything else does. */
bool loss_counts(const struct loss *loss);

struct budget {
	uint64_t limit; /* budget_limit() */
	uint64_t used;  /* counted in the last 24 hours */
	bool may_exceed;
	uint64_t allowed; /* --allow-disables, when may_exceed */
};
/* provision.max_disables of a site with so many live contracts: a number is itself, a percentage is rounded
 * down. Not set: 2 %, but at least 5 and at most 25. */
uint64_t budget_limit(struct share max_disables, uint64_t live_contracts);
/* The same in words: "6: 2% of 300 live contracts, at least 5, at most 25", "12: 4% of 300 live contracts",
 * "12". */
void budget_add_rule(struct strbuf *out, struct share max_disables, uint64_t live_contracts);

struct budget_decision {
	uint64_t asked; /* that count and do not stand already */
	uint64_t by_kind[LOSS_KIND_COUNT];
	bool over;   /* more than is left */
	bool passed; /* over, and --allow-disables lets it pass: it names at least as many as are asked for */
};
/* All or nothing: over and not passed, none of what is asked for may be done or accepted. */
struct budget_decision budget_decide(const struct budget *budget, const struct loss *losses, size_t count);
/* Is this loss one of those that are not done? */
bool budget_holds(const struct budget_decision *decision, const struct loss *loss);
/* May one more be taken when `taken` were in this run? For the look right before it is done. */
bool budget_has_room(const struct budget *budget, uint64_t taken);

#endif
