/* Seed files: JSON that says what stands below the distributor before the first request. The format is in the
 * help text. Drift (api_drift.c) adds tenants in the same words. */
#ifndef SANDBOX_SEED_H
#define SANDBOX_SEED_H

#include <jansson.h>

#include "sandbox/exchange.h"

struct seed_head { /* NULL where the file says nothing */
	const char *client_id, *client_secret, *tenant_id, *tenant_name;
};
struct seed {
	const char *path;
	json_t *json;
	struct seed_head head; /* borrowed from json */
};

/* ERR_SOURCE with file, line and column when it is not JSON, with the member when it is not a seed. */
int seed_read(struct seed *seed, struct exchange *x, const char *path, struct error *err) MUST_USE;
int seed_apply(const struct seed *seed, struct exchange *x, const struct tenant *distributor,
    struct error *err) MUST_USE;
void seed_free(struct seed *seed);

/* One tenant object with its users and children; `where` names it in errors. Gives the tenant. */
int seed_tenant(struct exchange *x, const struct tenant *parent, json_t *object, const char *where,
    struct tenant *out, struct error *err) MUST_USE;
/* The parts of a tenant object that drift also changes one by one. */
int seed_services(struct exchange *x, const struct tenant *tenant, const json_t *object, const char *where,
    struct error *err) MUST_USE;

#endif
