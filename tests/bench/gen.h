/* What the files of the data generator share: decisions as pure functions of (seed, index), and buffered
 * output. */
#ifndef TENANTRY_BENCH_GEN_H
#define TENANTRY_BENCH_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tenantry/rules.h"

/* A pseudo-random permutation of [0, n): a Feistel network with cycle walking, so that no list of rows is
 * kept. */
struct permutation {
	uint64_t n, key, mask;
	unsigned half;
};
struct permutation permutation_of(uint64_t n, uint64_t key);
uint64_t permuted(const struct permutation *p, uint64_t x);

struct gen {
	uint64_t seed, rows;
	const char *folder;
	struct permutation ids; /* account number -> the number in its id */
};
/* A hash of (seed, stream, i). */
uint64_t gen_hash(const struct gen *gen, uint64_t stream, uint64_t i);

struct out {
	FILE *file;
	char *buffer;
	size_t n;
};
void out_open(struct out *out, const struct gen *gen, const char *name);
uint64_t out_close(struct out *out); /* bytes written */
void out_text(struct out *out, const char *text);
void out_number(struct out *out, uint64_t value, int width);
void out_comma(struct out *out);
void out_line(struct out *out);

void out_account_id(struct out *out, const struct gen *gen, uint64_t account);
void out_company(struct out *out, const struct gen *gen, uint64_t account); /* some need quotes */
void out_email(struct out *out, const struct gen *gen, uint64_t account,
    int variant); /* 0, 1: another case, 2: another one */
void out_date(struct out *out, uint64_t hash);
void out_uuid(struct out *out, const struct gen *gen, uint64_t stream, uint64_t i);

/* gen_orders.c: orders.csv, and what intake must find in it. */
struct orders_expected {
	uint64_t bytes, accepted, rejected, ignored_status, repeated, aliases;
	uint64_t by_rule[RULE_COUNT];
};
void gen_orders(const struct gen *gen, struct orders_expected *expected);

/* gen_world.c: subscriptions.csv and tenants.csv, and the findings that reconciling them must give. */
#define GEN_CLASSES(X)                                                                                       \
	X(TENANT_MISSING, "tenant-missing")                                                                  \
	X(SUBSCRIPTION_MISSING, "subscription-missing")                                                      \
	X(TIER_MISMATCH, "tier-mismatch")                                                                    \
	X(CURRENCY_MISMATCH, "currency-mismatch")                                                            \
	X(SUSPENDED_BUT_ENABLED, "suspended-but-enabled")                                                    \
	X(CANCELLED_BUT_ENABLED, "cancelled-but-enabled")                                                    \
	X(ACTIVE_BUT_DISABLED, "active-but-disabled")                                                        \
	X(CANCELLED_BUT_PRESENT, "cancelled-but-present")                                                    \
	X(DUPLICATE_TENANT, "duplicate-tenant")                                                              \
	X(DUPLICATE_SUBSCRIPTION, "duplicate-subscription")                                                  \
	X(LOGIN_MISMATCH, "login-mismatch")                                                                  \
	X(PRICING_MODE, "pricing-mode")
enum gen_class {
#define X(id, code) CLASS_##id,
	GEN_CLASSES(X)
#undef X
	    CLASS_COUNT
};
struct world_expected {
	uint64_t subscription_bytes, tenant_bytes, subscriptions, tenants;
	uint64_t by_class[CLASS_COUNT];
};
void gen_world(const struct gen *gen, struct world_expected *expected);

#endif
