/* Turning offering items on and off and setting quotas (notes section 4). All of a request or nothing of it.
 */
#include <string.h>

#include "sandbox/catalog.h"
#include "sandbox/items.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"

static const struct check_member quota_members[] = {
    {.name = "value", .type = CHECK_INT, .flags = CHECK_REQUIRED | CHECK_NULLABLE | CHECK_NOT_NEGATIVE},
    {.name = "overage", .type = CHECK_INT, .flags = CHECK_REQUIRED | CHECK_NULLABLE | CHECK_NOT_NEGATIVE},
    {.name = "version", .type = CHECK_INT, .flags = CHECK_REQUIRED | CHECK_NOT_NEGATIVE},
    {0},
};
static const struct check_object quota_shape = {quota_members, false};
/* What lenient takes from clients that leave out null members. */
static const struct check_member loose_quota_members[] = {
    {.name = "value", .type = CHECK_INT, .flags = CHECK_NULLABLE | CHECK_NOT_NEGATIVE},
    {.name = "overage", .type = CHECK_INT, .flags = CHECK_NULLABLE | CHECK_NOT_NEGATIVE},
    {.name = "version", .type = CHECK_INT, .flags = CHECK_NOT_NEGATIVE},
    {0},
};
static const struct check_object loose_quota_shape = {loose_quota_members, false};

#define ITEM_SHAPE(prefix, quota)                                                                            \
	static const struct check_member prefix##_item_members[] = {                                         \
	    {.name = "application_id", .type = CHECK_UUID, .flags = CHECK_REQUIRED},                         \
	    {.name = "name", .type = CHECK_TEXT, .flags = CHECK_REQUIRED},                                   \
	    {.name = "status", .type = CHECK_INT},                                                           \
	    {.name = "infra_id", .type = CHECK_UUID},                                                        \
	    {.name = "quota", .type = CHECK_OBJECT, .object = &quota},                                       \
	    {0},                                                                                             \
	};                                                                                                   \
	static const struct check_object prefix##_item_shape = {prefix##_item_members, true};                \
	static const struct check_member prefix##_item = {                                                   \
	    .type = CHECK_OBJECT, .object = &prefix##_item_shape};                                           \
	static const struct check_member prefix##_members[] = {                                              \
	    {.name = "offering_items",                                                                       \
		.type = CHECK_ARRAY,                                                                         \
		.flags = CHECK_REQUIRED,                                                                     \
		.element = &prefix##_item},                                                                  \
	    {.name = "check_usage", .type = CHECK_BOOL},                                                     \
	    {0},                                                                                             \
	};                                                                                                   \
	static const struct check_object prefix##_shape = {prefix##_members, false}

ITEM_SHAPE(strict, quota_shape);
ITEM_SHAPE(loose, loose_quota_shape);

static int64_t known_item(
    struct exchange *x, const struct tenant *parent, const struct tenant *tenant, const json_t *given)
{
	const char *name = json_string_value(json_object_get(given, "name"));
	const char *application = json_string_value(json_object_get(given, "application_id"));
	const char *infra = json_string_value(json_object_get(given, "infra_id"));
	int64_t item = catalog_find(application, name, infra), any = catalog_find_name(name);

	if (item < 0 && !infra && any >= 0 && catalog[any].infra_id) {
		reply_error(x, API_MALFORMED, "%s is of type infra and needs infra_id", name);
		return -1;
	}
	if (item >= 0 && in_list(catalog[item].kinds, tenant->kind) && item_on(x, parent, item))
		return item;
	reply_error(x, API_ITEM_UNAVAILABLE, "%s of application %s is not available to this tenant", name,
	    application);
	return -1;
}

static bool take_quota(struct exchange *x, const json_t *quota, const char *name, struct item_state *state)
{
	const json_t *value = json_object_get(quota, "value"), *overage = json_object_get(quota, "overage");
	int64_t version = json_integer_value(json_object_get(quota, "version"));
	struct item_state wanted = *state;

	if (!quota)
		return true;
	if (version != state->version) {
		reply_error(x, API_STALE_QUOTA, "the quota version of %s is %lld, not %lld", name,
		    (long long)state->version, (long long)version);
		return false;
	}
	wanted.has_value = json_is_integer(value);
	wanted.value = json_integer_value(value);
	wanted.has_overage = json_is_integer(overage);
	wanted.overage = json_integer_value(overage);
	bool same = wanted.has_value == state->has_value && wanted.value == state->value &&
		    wanted.has_overage == state->has_overage && wanted.overage == state->overage;
	wanted.version = same ? state->version : state->version ? state->version + 1 : VERSION_64_BIT;
	*state = wanted;
	return true;
}

/* One item of the request. False: replied. */
static bool set_item(
    struct exchange *x, const struct tenant *parent, const struct tenant *tenant, const json_t *given)
{
	const json_t *status = json_object_get(given, "status");
	int64_t item = known_item(x, parent, tenant, given);
	struct item_state state;

	if (item < 0)
		return false;
	item_load(x->box->store, tenant->id, item, &state);
	bool on = status ? json_integer_value(status) == 1 : state.on;
	if (status && json_integer_value(status) != 0 && json_integer_value(status) != 1) {
		reply_error(x, API_MALFORMED, "status of %s must be 0 or 1", catalog[item].name);
		return false;
	}
	if (state.on && !on && json_is_true(json_object_get(x->json, "check_usage")) &&
	    usage_load(x->box->store, tenant->id, item) > 0) {
		reply_error(x, API_IN_USE, "%s has usage", catalog[item].name);
		return false;
	}
	if (!take_quota(x, json_object_get(given, "quota"), catalog[item].name, &state))
		return false;
	item_switch(x, tenant, &state, on);
	return true;
}

/* Customers have one edition only; items without an edition do not count. */
static bool one_edition(struct exchange *x, const struct tenant *tenant)
{
	const char *edition = NULL;

	if (strcmp(tenant->kind, "customer") != 0)
		return true;
	for (int64_t i = 0; i < (int64_t)catalog_count(); i++) {
		const char *this = catalog[i].edition;
		/* Editions of one service exclude each other, those of different services do not. */
		if (!this || strcmp(applications[catalog[i].application].type, "backup") != 0 ||
		    !item_on(x, tenant, i))
			continue;
		if (edition && strcmp(edition, this) != 0) {
			reply_error(x, API_RULE, "a customer has one edition, not %s and %s", edition, this);
			return false;
		}
		edition = this;
	}
	return true;
}

void api_items_set(struct exchange *x)
{
	struct tenant tenant, parent;
	json_t *given;
	size_t i;

	if (!body_read(x, x->box->settings->lenient ? &loose_shape : &strict_shape) ||
	    !find_tenant(x, x->param[0], FIND_LIVE, &tenant))
		return;
	if (strcmp(tenant.id, x->root.id) == 0 ||
	    !tenant_load(x->box->store, x->arena, tenant.parent_id, &parent)) {
		exchange_note(x, "assumption: a client cannot set its own tenant's offering items");
		reply_error(x, API_FORBIDDEN, "offering items are set from above");
		return;
	}
	json_array_foreach(json_object_get(x->json, "offering_items"), i, given)
	{
		if (!set_item(x, &parent, &tenant, given))
			return;
	}
	if (!one_edition(x, &tenant))
		return;
	exchange_note(x, "assumption: items that were left out stay as they are");
	json_t *items = json_array();
	items_render(x, &tenant, true, items);
	reply_json(x, 200,
	    json_pack(
		"{s:o, s:o}", "timestamp", render_time_fraction(store_mark(x->box->store)), "items", items));
}
