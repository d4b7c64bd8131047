/* What the files of a decision share. */
#ifndef TENANTRY_DECIDE_IMPL_H
#define TENANTRY_DECIDE_IMPL_H

#include "run_impl.h"
#include "tenantry/decide.h"

struct deciding {
	const struct job *job;
	const struct decision *decision;
	struct clock *clock;
	struct arena *arena;
	struct ledger *ledger;
	char who[WHO_SIZE];
	struct item_record item; /* as the ledger has it, then as it will be */
	enum park_reason parked_as;
	const char *word, *next; /* what was decided, and what becomes of it */
};

/* first_pass.c: the order that is done before the tier table is proved. Sets word and next. ERR_USAGE:
 * another one was let pass and is not done yet. */
int first_pass_decide(struct deciding *d, struct error *err) MUST_USE;

/* adopt.c: checks the tenant in Acronis and puts it into the item and the account's record. */
int adopt_tenant(struct deciding *d, struct error *err) MUST_USE;

#endif
