/* What the files of the plan share. */
#ifndef TENANTRY_PLAN_IMPL_H
#define TENANTRY_PLAN_IMPL_H

#include "tenantry/provision.h"

/* The words of an action whose verdict is decided: sentence and reason (plan_text.c). In the arena. */
void plan_say(struct plan_action *action, struct arena *arena);

#endif
