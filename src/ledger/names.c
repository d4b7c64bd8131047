/* The words of states, steps and actions, as people and the store know them: the store keeps words, so that
 * an enum may grow in the middle without a migration. */
#include "ledger_impl.h"

#define X(id, name) [id] = (name),
const char *const ledger_item_state_names[ITEM_STATE_COUNT] = {ITEM_STATES(X)};
const char *const ledger_step_names[STEP_COUNT] = {STEPS(X)};
const char *const ledger_action_names[ACTION_COUNT] = {ACTIONS(X)};
#undef X

const char *item_state_name(enum item_state state)
{
	return (unsigned)state < ITEM_STATE_COUNT ? ledger_item_state_names[state] : "unknown";
}

const char *item_due(const struct item_record *item)
{
	const size_t n = sizeof ITEM_DUE - 1;

	return item->state == ITEM_ACCEPTED && strncmp(item->text, ITEM_DUE, n) == 0 ? item->text + n : "";
}

const char *step_name(enum step step)
{
	return (unsigned)step < STEP_COUNT ? ledger_step_names[step] : "unknown";
}
