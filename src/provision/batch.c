/* When to go on and when to stop; see batch.h. */
#include "batch.h"

enum { PERCENT_NEEDS = 10 };

bool batch_too_many(const struct share *max_errors, uint64_t errors, uint64_t tried)
{
	uint64_t limit = max_errors->number < 0 ? 0 : (uint64_t)max_errors->number;

	if (!max_errors->set)
		return false;
	if (!max_errors->percent)
		return errors > limit;
	return tried >= PERCENT_NEEDS && errors * 100 > limit * tried;
}

enum next_batch batch_next(const struct share *max_errors, enum on_error on_error, const struct tally *tally)
{
	uint64_t errors = tally->failed + tally->parked, tried = tally->done + errors;
	uint64_t open = tally->begun - tried - tally->left;

	if (open > 0 && on_error == ON_ERROR_STOP)
		return BATCH_WAIT;
	if (open > 0)
		return batch_too_many(max_errors, errors + open, tried + open) ? BATCH_WAIT : BATCH_GO;
	if (on_error == ON_ERROR_STOP && tally->failed > 0)
		return BATCH_STOP;
	return batch_too_many(max_errors, errors, tried) ? BATCH_STOP : BATCH_GO;
}

void circuit_failed(struct circuit *circuit, const char *account_id)
{
	circuit->failures++;
	if (circuit->accounts == 0 ||
	    strncmp(circuit->last_account, account_id, sizeof circuit->last_account - 1) != 0)
		circuit->accounts++;
	snprintf(circuit->last_account, sizeof circuit->last_account, "%s", account_id);
	if (circuit->failures >= CIRCUIT_FAILURES && circuit->accounts >= 2)
		circuit->open = true;
}

void circuit_answered(struct circuit *circuit)
{
	*circuit = (struct circuit){.open = circuit->open};
}
