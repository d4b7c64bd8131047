/* Users: reading, creating, changing, deleting (notes section 5). */
#include <stdlib.h>
#include <string.h>

#include "sandbox/bodies.h"
#include "sandbox/listing.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"
#include "sandbox/user_rules.h"
#include "tenantry/digest.h"

static const struct check_member business_type = {.type = CHECK_TEXT, .choices = "buyer"};
static const struct check_member notification = {.type = CHECK_TEXT,
    .choices =
	"maintenance|quota|reports|backup_error|backup_warning|backup_info|backup_daily_report|backup_critical|"
	"device_control_warning|certificate_management_error|certificate_management_warning|"
	"certificate_management_info"};

#define SHARED_MEMBERS                                                                                       \
	{.name = "login", .type = CHECK_TEXT}, {.name = "external_id", .type = CHECK_TEXT},                  \
	    {.name = "idp_id", .type = CHECK_UUID}, {.name = "enabled", .type = CHECK_BOOL},                 \
	    {.name = "language", .type = CHECK_TEXT},                                                        \
	    {.name = "notifications", .type = CHECK_ARRAY, .flags = CHECK_UNIQUE, .element = &notification}, \
	{                                                                                                    \
		.name = "disable_after", .type = CHECK_TIME                                                  \
	}

static const struct check_member post_members[] = {
    {.name = "tenant_id", .type = CHECK_UUID, .flags = CHECK_REQUIRED},
    {.name = "contact", .type = CHECK_OBJECT, .object = &user_contact_shape},
    {.name = "business_types", .type = CHECK_ARRAY, .flags = CHECK_UNIQUE, .element = &business_type},
    {.name = "use_existing_identity", .type = CHECK_BOOL},
    {.name = "origin_id", .type = CHECK_TEXT},
    {.name = "origin_external_id", .type = CHECK_TEXT},
    SHARED_MEMBERS,
    {0},
};
static const struct check_object post_shape = {post_members, false};

static const struct check_member put_members[] = {
    {.name = "version", .type = CHECK_INT, .flags = CHECK_REQUIRED},
    {.name = "contact", .type = CHECK_OBJECT, .object = &contact_shape},
    {.name = "business_types", .type = CHECK_ARRAY, .flags = CHECK_LENIENT_ONLY, .element = &business_type},
    SHARED_MEMBERS,
    {0},
};
static const struct check_object put_shape = {put_members, false};

static void take_text(struct exchange *x, const char *name, const char **field)
{
	const char *text = json_string_value(json_object_get(x->json, name));

	*field = text ? text : *field;
}

static void take_list(struct exchange *x, const char *name, const char **field)
{
	const json_t *list = json_object_get(x->json, name);
	char *text = list ? json_dumps(list, JSON_COMPACT) : NULL;

	*field = text ? arena_strdup(x->arena, text) : *field;
	free(text);
}

static void take_members(struct exchange *x, struct user *u)
{
	const json_t *enabled = json_object_get(x->json, "enabled"),
		     *contact = json_object_get(x->json, "contact");

	take_text(x, "external_id", &u->external_id);
	take_text(x, "idp_id", &u->idp_id);
	take_text(x, "language", &u->language);
	take_text(x, "origin_id", &u->origin_id);
	take_text(x, "origin_external_id", &u->origin_external_id);
	take_text(x, "disable_after", &u->disable_after);
	take_list(x, "business_types", &u->business_types);
	take_list(x, "notifications", &u->notifications);
	u->enabled = enabled ? json_is_true(enabled) : u->enabled;
	if (contact)
		u->contact = contact_merge(x, u->contact, contact, NULL, u->id);
}

/* Trimmed; NULL: replied. `but` may keep the login. */
static const char *login_for(struct exchange *x, const char *given, const char *but)
{
	struct strv trimmed = strv_trim(strv_of(given));
	const char *login = arena_strndup(x->arena, trimmed.p, trimmed.n);

	if (!login_acceptable(login)) {
		reply_error(x, API_MALFORMED, "login has characters that logins do not have, or none");
		return NULL;
	}
	if (user_login_free(x->box->store, login, but))
		return login;
	reply_error(x, API_LOGIN_TAKEN, "login %s is taken", login);
	exchange_note(x, "assumption: logins are unique on the whole platform, whatever their case");
	return NULL;
}

void api_user_create(struct exchange *x)
{
	struct store *store = x->box->store;
	struct tenant tenant;
	char id[UUID_TEXT_SIZE];

	if (!body_read(x, &post_shape) ||
	    !find_tenant(x, json_string_value(json_object_get(x->json, "tenant_id")), FIND_LIVE, &tenant))
		return;
	const char *given = json_string_value(json_object_get(x->json, "login")), *login;
	if (!given || !json_object_get(x->json, "contact")) {
		exchange_note(
		    x, "assumption: login and contact.email are needed, though only tenant_id is said to be");
		reply_error(x, API_MALFORMED, "%s is required", given ? "contact" : "login");
		return;
	}
	if (!tenant.enabled) {
		reply_error(x, API_PARENT_DISABLED, "the tenant is disabled");
		return;
	}
	if (!(login = login_for(x, given, "")))
		return;
	store_new_id(store, arena_printf(x->arena, "user/%s", store_fold(store, x->arena, login)), id);
	struct user user;
	user_defaults(x, arena_strdup(x->arena, id), &tenant, login, &user);
	take_members(x, &user);
	user_add(store, &user);
	reply_json(x, 200, render_user(&user, DETAIL_FULL));
}

void api_user_get(struct exchange *x)
{
	bool deleted = false;
	struct user user;

	if (query_bool(x, "allow_deleted", &deleted) &&
	    find_user(x, x->param[0], deleted ? FIND_DELETED_TOO : FIND_LIVE, &user))
		reply_json(x, 200, render_user(&user, DETAIL_FULL));
}

static bool version_fits(struct exchange *x, const struct user *user, int64_t version)
{
	if (user->version == version)
		return true;
	reply_error(x, API_STALE, "version is %lld, not %lld", (long long)user->version, (long long)version);
	return false;
}

void api_user_update(struct exchange *x)
{
	struct user user;

	if (!body_read(x, &put_shape) || !find_user(x, x->param[0], FIND_LIVE, &user) ||
	    !version_fits(x, &user, json_integer_value(json_object_get(x->json, "version"))))
		return;
	const char *login = json_string_value(json_object_get(x->json, "login"));
	if (login && !(user.login = login_for(x, login, user.id)))
		return;
	take_members(x, &user);
	user.version++;
	user.updated = store_stamp(x->box->store);
	user_save(x->box->store, &user);
	reply_json(x, 200, render_user(&user, DETAIL_FULL));
}

void api_user_delete(struct exchange *x)
{
	int64_t version = -1;
	struct user user;

	if (!query_text(x, "version")) {
		reply_error(x, API_MALFORMED, "query parameter version is required");
		return;
	}
	if (!query_int(x, "version", 0, INT64_MAX, &version) ||
	    !find_user(x, x->param[0], FIND_LIVE, &user) || !version_fits(x, &user, version))
		return;
	user.version++;
	user.deleted = user.updated = store_stamp(x->box->store);
	user_save(x->box->store, &user);
	reply_empty(x, 204);
}

void api_login_check(struct exchange *x)
{
	const char *given = form_get(&x->query, "username");

	if (!given) {
		reply_error(x, API_MALFORMED, "query parameter username is required");
		return;
	}
	struct strv trimmed = strv_trim(strv_of(given));
	const char *login = arena_strndup(x->arena, trimmed.p, trimmed.n);
	if (!login_acceptable(login))
		reply_error(x, API_LOGIN_UNACCEPTABLE, "logins have ASCII letters, digits and some signs");
	else if (!user_login_free(x->box->store, login, ""))
		reply_error(x, API_LOGIN_TAKEN, "login %s is taken", login);
	else
		reply_empty(x, 204);
}

struct users_page {
	struct exchange *x;
	struct listing listing;
	enum detail detail;
	bool with_policies, deleted_too;
};

static bool add_user(void *ctx, const struct user *user)
{
	struct users_page *page = ctx;

	if (!listing_room(page->x, &page->listing, user->seq, 0, 0))
		return false;
	json_t *item = render_user(user, page->detail);
	if (page->with_policies)
		json_object_set_new(
		    item, "access_policies", render_policies(page->x, user, page->deleted_too));
	json_array_append_new(page->listing.items, item);
	return true;
}

/* Which users: by id, by external id within a tenant, or of a subtree. False: replied. */
static bool read_selector(struct exchange *x, struct user_filter *filter, struct tenant *root)
{
	const char *externals = query_text(x, "external_ids"), *tenant = NULL, *subtree = NULL;

	if (!query_ids(x, "uuids", 100, &filter->ids) || !query_id(x, "tenant_id", &tenant) ||
	    !query_id(x, "subtree_root_tenant_id", &subtree))
		return false;
	if ((filter->ids != NULL) + (externals != NULL || tenant != NULL) + (subtree != NULL) != 1 ||
	    (externals && !tenant)) {
		reply_error(x, API_MALFORMED,
		    "give uuids, or external_ids with tenant_id, or subtree_root_tenant_id");
		return false;
	}
	filter->root = &x->root;
	if (tenant || subtree) {
		if (!find_tenant(x, tenant ? tenant : subtree, FIND_DELETED_TOO, root))
			return false;
		filter->root = root;
	}
	filter->tenant_id = tenant;
	if (externals) {
		json_t *list = json_array();
		char *copy = arena_strdup(x->arena, externals), *rest = NULL;
		for (char *id = strtok_r(copy, ",", &rest); id; id = strtok_r(NULL, ",", &rest))
			json_array_append_new(list, json_string(id));
		char *text = json_dumps(list, JSON_COMPACT);
		filter->external_ids = arena_strdup(x->arena, text);
		free(text);
		json_decref(list);
	}
	return true;
}

void api_users_list(struct exchange *x)
{
	struct users_page page = {.x = x, .detail = DETAIL_FULL};
	struct user_filter filter = {0};
	struct tenant root;

	if (!listing_begin(x, 2000, &page.listing))
		return;
	const char *lod = query_text(x, "lod");
	if (lod && !check_choice("stamps|basic|full", lod)) {
		reply_error(x, API_MALFORMED, "query parameter lod must be stamps, basic or full");
		goto replied;
	}
	if (!read_selector(x, &filter, &root) || !query_bool(x, "allow_deleted", &filter.deleted_too) ||
	    !query_bool(x, "with_access_policies", &page.with_policies) ||
	    !query_time(x, "updated_since", &filter.updated_after))
		goto replied;
	if (lod)
		page.detail = strcmp(lod, "full") == 0    ? DETAIL_FULL
			      : strcmp(lod, "basic") == 0 ? DETAIL_BASIC
							  : DETAIL_STAMPS;
	page.deleted_too = filter.deleted_too;
	filter.made_until = x->made_until;
	filter.after_seq = page.listing.cursor.key[0];
	filter.limit = page.listing.limit + 1;
	user_list(x->box->store, x->arena, &filter, add_user, &page);
	listing_reply(x, &page.listing);
	return;
replied:
	json_decref(page.listing.items);
}
