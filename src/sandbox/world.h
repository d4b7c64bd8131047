/* The world a new sandbox begins with: a root, the distributor's partner tenant with an API client, and a
 * stranger beside it. */
#ifndef SANDBOX_WORLD_H
#define SANDBOX_WORLD_H

#include "sandbox/exchange.h"
#include "tenantry/error.h"

#define WELL_KNOWN_CLIENT "7a1f3c52-9b0e-4d68-8f27-5e4d3c2b1a09"
#define WELL_KNOWN_SECRET "sandbox-secret-for-rehearsals"
#define WELL_KNOWN_TENANT "d157b000-0000-4000-8000-000000000001"

/* Makes the world when the state is empty (from the seed file, if any); otherwise leaves it as it is. */
int world_prepare(struct sandbox *box, struct error *err) MUST_USE;
/* The tenant of the first client: what "the distributor" means to seed and admin. */
bool world_distributor(struct exchange *x, struct tenant *out);

#endif
