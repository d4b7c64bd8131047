/* What may be called what and stand where: rules for tenants that the API, the seed and drift share. */
#ifndef SANDBOX_TENANT_RULES_H
#define SANDBOX_TENANT_RULES_H

#include "sandbox/exchange.h"

/* Trimmed, 1 to 255 characters; NULL: replied. */
const char *tenant_name(struct exchange *x, const char *name);
/* False: replied 409/1004. `but` may keep the name. */
bool tenant_name_allowed(struct exchange *x, const char *parent_id, const char *name, const char *but);
/* May a tenant of this kind be made below the parent? False: replied. */
bool tenant_may_hold(struct exchange *x, const struct tenant *parent, const char *kind);
bool tenant_may_move(struct exchange *x, const struct tenant *tenant, const struct tenant *parent);
bool kind_below(const char *parent_kind, const char *kind);
/* A tenant as one is when nothing but the required members was sent. */
void tenant_defaults(
    struct exchange *x, const char *id, const char *kind, const char *name, struct tenant *out);

#endif
