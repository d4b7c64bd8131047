/* The budget for loss on the way of an action: the last look before a change that takes away; see loss.h. */
#include "flow_impl.h"

const char flow_held_text[] = "held back: more would be taken away than provision.max_disables allows";

bool flow_takes_all(const struct flow *flow, struct loss *loss)
{
	return loss_of_action(flow->env->job, flow->action, loss);
}

/* A correction that finds another tier than its file says changes nothing. */
bool flow_takes_tier(const struct flow *flow, struct loss *loss)
{
	return !flow->moved &&
	       loss_of_value(flow->env->job, flow->action, flow->has_value, flow->value, loss);
}

int flow_take_loss(struct flow *flow, const struct goal *goal)
{
	struct loss loss;

	if (!goal->takes || !goal->takes(flow, &loss))
		return 1;
	flow->env->journal.dirty = true;
	return loss_take(&flow->env->losses, flow->action, &loss, flow->env->err);
}

void flow_release_loss(struct flow *flow)
{
	struct flow_env *env = flow->env;
	bool over = flow->end == END_FAILED || flow->end == END_PARKED;

	if (!over || flow->sent || flow->row_count > 0 || env->broken)
		return;
	env->journal.dirty = true;
	if (ledger_loss_release(env->losses.ledger, flow->action->item->key, env->losses.run_id, env->err) <
	    0)
		env->broken = env->halted = true;
}
