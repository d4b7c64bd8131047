/* The parts of a seeded tenant: what it has and who is in it. */
#ifndef SANDBOX_SEED_PARTS_H
#define SANDBOX_SEED_PARTS_H

#include "sandbox/seed.h"

int seed_check(
    const struct check_object *shape, json_t *value, const char *where, struct error *err) MUST_USE;
int seed_users(struct exchange *x, const struct tenant *tenant, json_t *users, const char *where,
    struct error *err) MUST_USE;

#endif
