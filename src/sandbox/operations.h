/* The table of operations: method, path, handler, what is documented (acronis-openapi.yaml), and finding one
 * for a request. */
#ifndef SANDBOX_OPERATIONS_H
#define SANDBOX_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "sandbox/exchange.h"

enum operation_flags {
	OP_OPEN = 1,          /* no token needed */
	OP_BODY = 2,          /* a JSON body is read */
	OP_OPTIONAL_BODY = 4, /* a JSON body may be there */
	OP_FORM = 8,          /* a form body is read */
	OP_EXTRA = 16,        /* not in the description, but official example clients call it */
	OP_ADMIN = 32,        /* ours: loopback only, no faults, not counted */
	OP_LIST = 64,         /* the answer is a list: a member "items" */
	OP_FLAT = 128         /* of the price list service: errors are flat, a refusal names the scope */
};

struct operation {
	const char *id, *method, *pattern;
	void (*handle)(struct exchange *);
	unsigned flags;
	const char *listed; /* the statuses that the description lists without an assumption mark */
};

extern const struct operation operations[];
size_t operation_count(void);
size_t operation_index(const struct operation *operation);
const struct operation *operation_named(const char *id);
const char *operation_nearest(const char *id);

/* Where a path leads. */
enum route { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };
struct route_match {
	const struct operation *operation;
	const char *param[PARAM_MAX];
	char allow[64]; /* with ROUTE_NO_METHOD */
};
/* Slashes at the end and doubled ones are forgiven; HEAD finds GET. Parameters are copied into the arena. */
enum route route_find(const char *method, const char *path, struct arena *arena, struct route_match *match);
bool operation_lists(const struct operation *operation, int status);

/* Handlers, by file. */
#define HANDLERS(X)                                                                                          \
	X(api_token)                                                                                         \
	X(api_client)                                                                                        \
	X(api_client_create)                                                                                 \
	X(api_me)                                                                                            \
	X(api_account)                                                                                       \
	X(api_tenants_list)                                                                                  \
	X(api_tenant_children)                                                                               \
	X(api_tenant_get)                                                                                    \
	X(api_tenant_create)                                                                                 \
	X(api_tenant_update)                                                                                 \
	X(api_tenant_delete)                                                                                 \
	X(api_tenant_restore)                                                                                \
	X(api_tenant_users)                                                                                  \
	X(api_mfa_get)                                                                                       \
	X(api_mfa_set)                                                                                       \
	X(api_pricing_get)                                                                                   \
	X(api_pricing_set)                                                                                   \
	X(api_setting_get)                                                                                   \
	X(api_setting_set)                                                                                   \
	X(api_setting_delete)                                                                                \
	X(api_price_lists)                                                                                   \
	X(api_applications)                                                                                  \
	X(api_application)                                                                                   \
	X(api_binding_on)                                                                                    \
	X(api_binding_off)                                                                                   \
	X(api_tenant_applications)                                                                           \
	X(api_items_for_child)                                                                               \
	X(api_items_get)                                                                                     \
	X(api_items_set)                                                                                     \
	X(api_items_list)                                                                                    \
	X(api_usages_list)                                                                                   \
	X(api_usages_put)                                                                                    \
	X(api_usages_get)                                                                                    \
	X(api_users_list)                                                                                    \
	X(api_user_create)                                                                                   \
	X(api_login_check)                                                                                   \
	X(api_user_get)                                                                                      \
	X(api_user_update)                                                                                   \
	X(api_user_delete)                                                                                   \
	X(api_user_mail)                                                                                     \
	X(api_user_password)                                                                                 \
	X(api_policies_get)                                                                                  \
	X(api_policies_set)                                                                                  \
	X(api_search)                                                                                        \
	X(api_infra)                                                                                         \
	X(api_locations)                                                                                     \
	X(admin_state)                                                                                       \
	X(admin_mails)                                                                                       \
	X(admin_requests)                                                                                    \
	X(admin_requests_clear)                                                                              \
	X(admin_faults) X(admin_faults_add) X(admin_drift) X(admin_expire_tokens) X(admin_stop)
#define X(name) void name(struct exchange *x);
HANDLERS(X)
#undef X

#endif
