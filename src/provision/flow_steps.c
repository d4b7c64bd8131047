/* The steps of each action, in order (design section 6). Who wants to know what a night does to a tenant
 * reads this table. */
#include "flow_impl.h"

static const struct goal *const steps_new[] = {
    &goal_subscription, /* subscription */
    &goal_login,
    &goal_tenant,
    &goal_contact, /* tenant */
    &goal_services,
    &goal_mfa,     /* services */
    &goal_pricing, /* pricing */
    &goal_licensing,
    &goal_tier, /* contract */
    &goal_user,
    &goal_role,     /* user */
    &goal_mail,     /* activation */
    &goal_activate, /* activate */
    NULL,
};
static const struct goal *const steps_tier[] = {&goal_present, &goal_tier, &goal_activate, NULL};
static const struct goal *const steps_off[] = {&goal_switch, &goal_activate, NULL};
static const struct goal *const steps_on[] = {&goal_switch, &goal_tier_kept, &goal_activate, NULL};

const struct goal *const *flow_goals(const struct plan_action *action)
{
	static const struct goal *const *const steps[] = {
	    [ACTION_NEW] = steps_new,
	    [ACTION_UPGRADE] = steps_tier,
	    [ACTION_DOWNGRADE] = steps_tier,
	    [ACTION_SUSPEND] = steps_off,
	    [ACTION_REACTIVATE] = steps_on,
	    [ACTION_CANCEL] = steps_off,
	};

	return action->fix ? flow_fix_goals(action->fix->change) : steps[action->action];
}
