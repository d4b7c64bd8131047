/* What the files of the plan share. */
#ifndef TENANTRY_PLAN_IMPL_H
#define TENANTRY_PLAN_IMPL_H

#include "tenantry/provision.h"

/* The sentence of an action whose verdict is decided (plan_text.c). In the arena. */
const char *plan_sentence(const struct plan_action *action, struct arena *arena);

#endif
