/* Roles, the activation mail and passwords (notes section 5). */
#include <string.h>

#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"
#include "sandbox/user_rules.h"
#include "tenantry/digest.h"

static const char no_id[] = "00000000-0000-0000-0000-000000000000";

static void reply_policies(struct exchange *x, const struct user *user)
{
	reply_json(x, 200,
	    json_pack("{s:o, s:o}", "timestamp", render_time_fraction(store_mark(x->box->store)), "items",
		render_policies(x, user, false)));
}

void api_policies_get(struct exchange *x)
{
	struct user user;

	if (find_user(x, x->param[0], FIND_LIVE, &user))
		reply_policies(x, &user);
}

/* The policies a user has now, to keep what the request names again. */
struct kept {
	struct policy items[64];
	size_t count;
};

static bool keep(void *ctx, const struct policy *policy)
{
	struct kept *kept = ctx;

	if (kept->count < sizeof kept->items / sizeof *kept->items)
		kept->items[kept->count++] = *policy;
	return true;
}

static const struct policy *same_policy(const struct kept *kept, const struct policy *wanted)
{
	bool is_new = strcmp(wanted->id, no_id) == 0;

	for (size_t i = 0; i < kept->count; i++) {
		const struct policy *p = &kept->items[i];
		if (is_new ? strcmp(p->tenant_id, wanted->tenant_id) == 0 &&
				 strcmp(p->role_id, wanted->role_id) == 0
			   : strcasecmp(p->id, wanted->id) == 0)
			return p;
	}
	return NULL;
}

/* A policy of the request as it will be stored. False: replied. */
static bool read_policy(struct exchange *x, const struct user *user, const json_t *item,
    const struct kept *kept, struct policy *out)
{
	struct tenant tenant;
	char id[UUID_TEXT_SIZE];

	*out = (struct policy){.id = json_string_value(json_object_get(item, "id")),
	    .user_id = user->id,
	    .tenant_id = json_string_value(json_object_get(item, "tenant_id")),
	    .role_id = json_string_value(json_object_get(item, "role_id")),
	    .trustee_type = json_string_value(json_object_get(item, "trustee_type")),
	    .issuer_id = x->client_id,
	    .version = json_integer_value(json_object_get(item, "version"))};
	if (strcasecmp(json_string_value(json_object_get(item, "trustee_id")), user->id) != 0) {
		reply_error(x, API_MALFORMED, "trustee_id must be the user of the path");
		return false;
	}
	if (!role_known(out->role_id, x->box->settings->lenient)) {
		reply_error(x, API_MALFORMED, "unknown role_id %s", out->role_id);
		return false;
	}
	if (!find_tenant(x, out->tenant_id, FIND_LIVE, &tenant))
		return false;
	out->tenant_id = tenant.id;
	if (strcmp(out->role_id, "partner_admin") == 0 && !check_choice("root|partner|folder", tenant.kind)) {
		reply_error(x, API_RULE, "partner_admin is a role for partner tenants");
		return false;
	}
	const struct policy *old = same_policy(kept, out);
	if (strcmp(out->id, no_id) != 0 && (!old || old->version != out->version)) {
		reply_error(x, API_STALE, "no policy %s of version %lld", out->id, (long long)out->version);
		return false;
	}
	if (old) {
		*out = *old;
		return true;
	}
	store_new_id(
	    x->box->store, arena_printf(x->arena, "policy/%s/%s/%s", user->id, tenant.id, out->role_id), id);
	out->id = arena_strdup(x->arena, id);
	out->version = 1;
	out->created = out->updated = store_stamp(x->box->store);
	return true;
}

static void replace_policies(struct exchange *x, const struct kept *old, const struct kept *wanted)
{
	for (size_t i = 0; i < old->count; i++)
		if (!same_policy(wanted, &old->items[i]))
			policy_delete(x->box->store, old->items[i].id, store_stamp(x->box->store));
	for (size_t i = 0; i < wanted->count; i++)
		if (!same_policy(old, &wanted->items[i]))
			policy_add(x->box->store, &wanted->items[i]);
}

void api_policies_set(struct exchange *x)
{
	static const struct check_member item_members[] = {
	    {.name = "id", .type = CHECK_UUID, .flags = CHECK_REQUIRED},
	    {.name = "issuer_id", .type = CHECK_TEXT, .flags = CHECK_REQUIRED},
	    {.name = "trustee_id", .type = CHECK_UUID, .flags = CHECK_REQUIRED},
	    {.name = "trustee_type",
		.type = CHECK_TEXT,
		.flags = CHECK_REQUIRED,
		.choices = "user|user_group|client"},
	    {.name = "tenant_id", .type = CHECK_UUID, .flags = CHECK_REQUIRED},
	    {.name = "role_id", .type = CHECK_TEXT, .flags = CHECK_REQUIRED},
	    {.name = "version", .type = CHECK_INT, .flags = CHECK_REQUIRED},
	    {0},
	};
	static const struct check_object item_shape = {item_members, true};
	static const struct check_member item = {.type = CHECK_OBJECT, .object = &item_shape};
	static const struct check_member members[] = {
	    {.name = "items", .type = CHECK_ARRAY, .flags = CHECK_REQUIRED, .element = &item}, {0}};
	static const struct check_object shape = {members, true};
	struct kept kept = {.count = 0}, wanted = {.count = 0};
	struct user user;
	json_t *given;
	size_t i;

	if (!body_read(x, &shape) || !find_user(x, x->param[0], FIND_LIVE, &user))
		return;
	policy_list(x->box->store, x->arena, user.id, false, keep, &kept);
	json_array_foreach(json_object_get(x->json, "items"), i, given)
	{
		struct policy policy;
		if (!read_policy(x, &user, given, &kept, &policy))
			return;
		if (!same_policy(&wanted, &policy))
			keep(&wanted, &policy);
	}
	replace_policies(x, &kept, &wanted);
	user.updated = store_stamp(x->box->store);
	user_save(x->box->store, &user);
	reply_policies(x, &user);
}

static bool any_policy(void *ctx, const struct policy *policy)
{
	(void)policy;
	*(bool *)ctx = true;
	return false;
}

void api_user_mail(struct exchange *x)
{
	struct user user;
	bool has_role = false;

	if (!find_user(x, x->param[0], FIND_LIVE, &user))
		return;
	if (strcmp(user.tenant_id, x->root.id) == 0) {
		reply_error(
		    x, API_FORBIDDEN, "activation mails are for users of tenants below the client's own");
		return;
	}
	if (!user.enabled) {
		reply_error(x, API_USER_DISABLED, "the user is disabled");
		return;
	}
	policy_list(x->box->store, x->arena, user.id, false, any_policy, &has_role);
	if (!has_role)
		exchange_note(x,
		    "mail before a role: one official sample says that partner users need partner_admin first");
	json_t *contact = json_loads(user.contact, 0, NULL);
	const char *email = json_string_value(json_object_get(contact, "email"));
	struct mail mail = {
	    store_stamp(x->box->store), user.login, email ? email : "", user.id, user.tenant_id};
	mail_add(x->box->store, &mail);
	user.mails++;
	user_save(x->box->store, &user);
	json_decref(contact);
	reply_empty(x, 204);
}

/* Activation by password. The password is not kept: nobody logs in here. */
void api_user_password(struct exchange *x)
{
	static const struct check_member members[] = {
	    {.name = "password", .type = CHECK_TEXT, .flags = CHECK_REQUIRED}, {0}};
	static const struct check_object shape = {members, true};
	struct user user;

	if (!body_read(x, &shape) || !find_user(x, x->param[0], FIND_LIVE, &user))
		return;
	user.activated = true;
	user.updated = store_stamp(x->box->store);
	user_save(x->box->store, &user);
	reply_empty(x, 204);
}
