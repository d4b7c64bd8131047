/* The operations as data, and routing; see operations.h. Literal paths stand before patterns they would also
 * fit. */
#include "sandbox/operations.h"

#include <string.h>

#include "tenantry/mem.h"

#define T "/api/2/tenants/{tenant_id}"
#define U "/api/2/users/{user_id}"
#define SETTING "/api/2/applications/{application_id}/settings/tenants/{tenant_id}/{setting_name}"
#define BINDING "/api/2/applications/{application_id}/bindings/tenants/{tenant_id}"
#define LISTED_READ "200 401 403 404"

const struct operation operations[] = {
    {"RequestTokens", "POST", "/api/2/idp/token", api_token, OP_OPEN | OP_FORM, "200 400 401 403"},
    {"RequestTokensBc", "POST", "/bc/idp/token", api_token, OP_OPEN | OP_FORM | OP_EXTRA, ""},
    {"FetchClient", "GET", "/api/2/clients/{client_id}", api_client, 0, LISTED_READ},
    {"CreateClient", "POST", "/api/2/clients", api_client_create, OP_BODY | OP_EXTRA, ""},
    {"FetchTenantsBatch", "GET", "/api/2/tenants", api_tenants_list, OP_LIST, "200 400 401 403 404"},
    {"CreateTenant", "POST", "/api/2/tenants", api_tenant_create, OP_BODY, "201 401 403 415"},
    {"FetchTenantOfferingItemsBatch", "GET", "/api/2/tenants/offering_items", api_items_list, OP_LIST,
	"200 400 401 403 404"},
    {"FetchTenantsUsagesBatch", "GET", "/api/2/tenants/usages", api_usages_list, OP_LIST, "200 401 403 415"},
    {"UpdateUsages", "PUT", "/api/2/tenants/usages", api_usages_put, OP_BODY | OP_EXTRA, ""},
    {"FetchTenant", "GET", T, api_tenant_get, 0, LISTED_READ},
    {"UpdateTenant", "PUT", T, api_tenant_update, OP_BODY, "200 401 403 404 409 415"},
    {"DeleteTenant", "DELETE", T, api_tenant_delete, 0, "204 400 401 403 404"},
    {"RestoreDeletedTenant", "POST", T "/restore", api_tenant_restore, OP_OPTIONAL_BODY,
	"204 401 403 404 409"},
    {"FetchTenantChildren", "GET", T "/children", api_tenant_children, OP_LIST, LISTED_READ},
    {"FetchTenantUsers", "GET", T "/users", api_tenant_users, OP_LIST, LISTED_READ},
    {"FetchTenantMFAStatus", "GET", T "/mfa/status", api_mfa_get, 0, LISTED_READ},
    {"ManageTenantMFAStatus", "PUT", T "/mfa/status", api_mfa_set, OP_BODY, "200 400 401 403 404"},
    {"FetchTenantPricingSettings", "GET", T "/pricing", api_pricing_get, 0, LISTED_READ},
    {"UpdateTenantPricingSettings", "PUT", T "/pricing", api_pricing_set, OP_BODY, LISTED_READ},
    {"FetchTenantApplicationSetting", "GET", SETTING, api_setting_get, 0, LISTED_READ},
    {"UpdateTenantApplicationSetting", "PUT", SETTING, api_setting_set, OP_BODY, "200 401 403 404 415"},
    {"DeleteTenantApplicationSetting", "DELETE", SETTING, api_setting_delete, 0, "204 401 403 404"},
    {"FetchTenantPriceLists", "GET", "/api/price_sync/v1/effective_price_lists", api_price_lists, OP_FLAT,
	"200 400 401 403 500"},
    {"FetchApplications", "GET", "/api/2/applications", api_applications, OP_LIST, "200 401"},
    {"FetchApplication", "GET", "/api/2/applications/{application_id}", api_application, 0, "200 401 404"},
    {"TurnOnTenantApplication", "POST", BINDING, api_binding_on, OP_OPTIONAL_BODY, "204 401 403 404"},
    {"TurnOffTenantApplication", "DELETE", BINDING, api_binding_off, 0, "204 401 403 404"},
    {"FetchAvailableTenantApplications", "GET", T "/applications", api_tenant_applications, OP_LIST,
	LISTED_READ},
    {"FetchOfferingItemsAvailableForTenantChild", "GET", T "/offering_items/available_for_child",
	api_items_for_child, OP_LIST, "200 400 401 403"},
    {"FetchTenantOfferingItems", "GET", T "/offering_items", api_items_get, OP_LIST,
	"200 400 401 403 409 426"},
    {"SetTenantOfferingItems", "PUT", T "/offering_items", api_items_set, OP_BODY,
	"200 400 401 403 404 409 426"},
    {"FetchTenantUsages", "GET", T "/usages", api_usages_get, OP_LIST, "200 401 403 415"},
    {"FetchUsersBatch", "GET", "/api/2/users", api_users_list, OP_LIST, "200 400 401 403 404"},
    {"CreateUser", "POST", "/api/2/users", api_user_create, OP_BODY, "200 401 403 415"},
    {"CheckLoginNameAvailability", "GET", "/api/2/users/check_login", api_login_check, 0, "204 401 406 409"},
    {"FetchCurrentUser", "GET", "/api/2/users/me", api_me, OP_EXTRA, ""},
    {"FetchUser", "GET", U, api_user_get, 0, LISTED_READ},
    {"UpdateUser", "PUT", U, api_user_update, OP_BODY, "200 401 403 404 409 415"},
    {"DeleteUser", "DELETE", U, api_user_delete, 0, "204 401 403 404"},
    {"SendActivationEmail", "POST", U "/send-activation-email", api_user_mail, OP_OPTIONAL_BODY,
	"204 401 403 404"},
    {"SetUserPassword", "POST", U "/password", api_user_password, OP_BODY | OP_EXTRA, ""},
    {"FetchUserAccessPolicies", "GET", U "/access_policies", api_policies_get, OP_LIST, LISTED_READ},
    {"UpdateUserAccessPolicies", "PUT", U "/access_policies", api_policies_set, OP_BODY,
	"200 401 403 409 415"},
    {"Search", "GET", "/api/2/search", api_search, OP_LIST, "200 401 403 404 415"},
    {"FetchInfra", "GET", "/api/2/infra", api_infra, OP_EXTRA, ""},
    {"FetchTenantLocations", "GET", T "/locations", api_locations, OP_EXTRA, ""},
    {"FetchAccount", "GET", "/api/1/accounts", api_account, OP_OPEN | OP_EXTRA, ""},
    {"AdminState", "GET", "/admin/state", admin_state, OP_ADMIN, ""},
    {"AdminMails", "GET", "/admin/mails", admin_mails, OP_ADMIN, ""},
    {"AdminRequests", "GET", "/admin/requests", admin_requests, OP_ADMIN, ""},
    {"AdminRequestsClear", "DELETE", "/admin/requests", admin_requests_clear, OP_ADMIN, ""},
    {"AdminFaults", "GET", "/admin/faults", admin_faults, OP_ADMIN, ""},
    {"AdminFaultsAdd", "POST", "/admin/faults", admin_faults_add, OP_ADMIN | OP_BODY, ""},
    {"AdminDrift", "POST", "/admin/drift", admin_drift, OP_ADMIN | OP_BODY, ""},
    {"AdminExpireTokens", "POST", "/admin/expire-tokens", admin_expire_tokens, OP_ADMIN, ""},
    {"AdminStop", "POST", "/admin/stop", admin_stop, OP_ADMIN, ""},
};

size_t operation_count(void)
{
	return ARRAY_LEN(operations);
}

size_t operation_index(const struct operation *operation)
{
	return (size_t)(operation - operations);
}

const struct operation *operation_named(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++)
		if (strcmp(operations[i].id, id) == 0)
			return &operations[i];
	return NULL;
}

const char *operation_nearest(const char *id)
{
	const char *best = operations[0].id;

	for (size_t i = 1; i < ARRAY_LEN(operations); i++)
		if (str_distance(id, operations[i].id) < str_distance(id, best))
			best = operations[i].id;
	return best;
}

/* The next segment of a path, without slashes; empty at the end. */
static struct strv segment(const char **at)
{
	while (**at == '/')
		++*at;
	size_t n = strcspn(*at, "/");
	struct strv v = {*at, n};
	*at += n;
	return v;
}

static bool pattern_fits(
    const char *pattern, const char *path, struct arena *arena, struct route_match *match)
{
	size_t count = 0;

	for (;;) {
		struct strv want = segment(&pattern), have = segment(&path);
		if (want.n == 0 || have.n == 0)
			return want.n == have.n;
		if (want.p[0] == '{')
			match->param[count++] = arena_strndup(arena, have.p, have.n);
		else if (!strv_eq(want, have))
			return false;
	}
}

enum route route_find(const char *method, const char *path, struct arena *arena, struct route_match *match)
{
	const char *pattern = NULL, *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
	struct strbuf allow = {.max = sizeof match->allow - 1};

	*match = (struct route_match){0};
	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		const struct operation *op = &operations[i];
		/* The first pattern that fits decides: /tenants/usages is never a tenant called "usages". */
		if (pattern ? strcmp(op->pattern, pattern) != 0
			    : !pattern_fits(op->pattern, path, arena, match))
			continue;
		pattern = op->pattern;
		if (strcmp(op->method, wanted) == 0) {
			match->operation = op;
			strbuf_free(&allow);
			return ROUTE_FOUND;
		}
		strbuf_addf(&allow, "%s%s", allow.n ? ", " : "", op->method);
		if (strcmp(op->method, "GET") == 0)
			strbuf_adds(&allow, ", HEAD");
	}
	memcpy(match->allow, allow.p ? allow.p : "", allow.n + 1);
	strbuf_free(&allow);
	return pattern ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}

bool operation_lists(const struct operation *operation, int status)
{
	char text[4] = {
	    (char)('0' + status / 100), (char)('0' + status / 10 % 10), (char)('0' + status % 10), '\0'};

	return strstr(operation->listed, text) != NULL;
}
