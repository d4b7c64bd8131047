/* What a plan would take away from resellers, and what the ledger remembers of it: the budget for loss
 * (budget.h) between the two. Holding is all or nothing for a run; taking is looked at again one by one,
 * right before it is done. */
#ifndef TENANTRY_LOSS_H
#define TENANTRY_LOSS_H

#include "tenantry/budget.h"
#include "tenantry/provision.h"

/* Pure. Does the action take something away, as far as the plan knows? What only Acronis can say (an upgrade
 * of a tenant that has a higher tier than the BSS believes) is met by loss_of_value() when it is read. True:
 * *out is filled but for `standing`; texts are borrowed from the action. Parked actions take nothing. */
bool loss_of_action(const struct job *job, const struct plan_action *action, struct loss *out);
/* The same where a tier is about to be written over a value that was read. False: it does not go down. */
bool loss_of_value(
    const struct job *job, const struct plan_action *action, bool has_value, int64_t value, struct loss *out);

struct plan_losses {
	struct loss *items;
	size_t *actions; /* their places in the plan */
	size_t count;
};
/* All that the plan takes away, with what stands already and with drops measured from the highest tier of the
 * last 24 hours, which is noted with the actions. `ledger` NULL: nothing is remembered. In the arena. */
int plan_losses(struct plan *plan, const struct job *job, struct ledger *ledger, struct arena *arena,
    struct plan_losses *out, struct error *err) MUST_USE;
/* What the decision holds becomes PLAN_HOLD: it is neither done nor accepted nor parked. The plan's digest
 * stays: what is held is a matter of the day, not of the world. */
void plan_hold(struct plan *plan, const struct plan_losses *losses, const struct budget_decision *decision);

/* The look before each: what apply asks before an action that takes away begins, before one is accepted for
 * later, and again before each of its changing calls. */
struct loss_guard {
	const struct job *job;
	struct ledger *ledger;
	const char *run_id;
	struct budget budget; /* `used` is counted anew each time */
	uint64_t taken;       /* counted in this run */
	bool exceeded;        /* one passed only because of --allow-disables */
	void (*no_room)(void *user, const struct loss *loss); /* NULL: nobody asks */
	void *user;
};
/* 1: it may be done, and the ledger has it (in the open transaction: commit before a call leaves); 0: there
 * is no room; -1 error. What stands already is not counted twice. */
int loss_take(struct loss_guard *guard, const struct plan_action *action, struct loss *loss,
    struct error *err) MUST_USE;
/* The same of what the action takes by the plan; 1 too when that is nothing. */
int loss_begin(struct loss_guard *guard, const struct plan_action *action, struct error *err) MUST_USE;

#endif
