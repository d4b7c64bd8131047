/* The order that a person lets pass although the tier table is not proved: it is done as the first, its tier
 * is looked up in the portal, and then its tenant is the partner to name under contract.confirmed. One at a
 * time: a second one before anybody looked would be the very mistake that the gate is for. */
#include "decide_impl.h"

#include "tenantry/mem.h"

/* ---- Was this item let pass? */

static int is_pass(void *user, const struct decision_record *decision)
{
	bool *given = user;

	*given = *given || strcmp(decision->decision, DECIDED_TIER_PROVED) == 0;
	return 0;
}

/* One that was held back again since (its content changed) needs a decision of its own. */
static bool is_held_again(const struct item_record *record)
{
	return record->state == ITEM_PARKED && park_reason_parse(record->reason) == PARK_TIER_UNPROVED;
}

int first_pass_given(struct ledger *ledger, const struct order_item *item, const struct item_record *record,
    bool *given, struct error *err)
{
	*given = false;
	/* What was decided is the order as it was then: another tier is another decision. */
	if (!record || is_held_again(record) || strcmp(record->digest, item->digest) != 0)
		return 0;
	return ledger_decisions(ledger, item->key, is_pass, given, err);
}

/* ---- May another one pass? */

struct earlier {
	struct deciding *d;
	struct item_record item; /* the newest that was let pass; key NULL: none */
	struct error *err;
};

static int take_earlier(void *user, const struct decision_record *decision)
{
	struct earlier *e = user;
	struct item_record item;

	if (strcmp(decision->decision, DECIDED_TIER_PROVED) != 0 ||
	    strcmp(decision->item_key, e->d->item.key) == 0)
		return 0;
	int found = ledger_item_get(e->d->ledger, decision->item_key, e->d->arena, &item, e->err);
	if (found > 0 && item.state != ITEM_REJECTED && !is_held_again(&item))
		e->item = item;
	return found < 0 ? -1 : 0;
}

int first_pass_decide(struct deciding *d, struct error *err)
{
	struct earlier earlier = {.d = d, .item = {.key = NULL}, .err = err};
	const struct item_record *first = &earlier.item;

	if (ledger_decisions(d->ledger, NULL, take_earlier, &earlier, err) < 0)
		return -1;
	if (first->key && first->state != ITEM_DONE) {
		error_set(err, ERR_USAGE, "order item %s was let pass before and is %s: nothing was changed",
		    first->item_id[0] ? first->item_id : first->order_id, item_state_name(first->state));
		return error_hint(err,
		    "run the job, look its tier up in the management portal, and name its tenant under "
		    "contract.confirmed: then all others are done");
	}
	d->word = DECIDED_TIER_PROVED;
	d->next =
	    first->key
		? arena_printf(d->arena,
		      "the next run does it; tenant %s was let pass before: when its tier is right in the "
		      "management portal, name it under contract.confirmed, and all others are done too",
		      first->tenant_id)
		: "the next run does it; then look its tier up in the management portal and name its "
		  "tenant under contract.confirmed: all others are done then";
	return 0;
}
