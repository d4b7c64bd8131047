/* JSON of the API; see render.h. */
#include "sandbox/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/catalog.h"
#include "sandbox/store.h"

static json_t *time_with(int64_t ms, bool fraction, const char *offset)
{
	char time[TIME_TEXT_SIZE], text[TIME_TEXT_SIZE + 8];

	if (ms == 0)
		return json_null();
	fraction ? time_text_ms(ms, time) : time_text(ms, time);
	snprintf(text, sizeof text, "%.*s%s", (int)strcspn(time, "Z"), time, offset);
	return json_string(text);
}

json_t *render_time_bare(int64_t ms)
{
	return time_with(ms, false, "");
}

json_t *render_time(int64_t ms)
{
	return time_with(ms, false, "+00:00");
}

json_t *render_time_fraction(int64_t ms)
{
	return time_with(ms, true, "+00:00");
}

json_t *render_text(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *parsed(const char *text)
{
	json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

	return value ? value : json_null();
}

static json_t *contact_list(const struct tenant *t, bool filled)
{
	json_t *list = json_array();

	if (filled)
		json_array_append_new(list, parsed(t->contact));
	if (filled && t->billing_contact)
		json_array_append_new(list, parsed(t->billing_contact));
	return list;
}

static void add_full_tenant(json_t *out, const struct tenant *t)
{
	json_t *lock = json_pack("{s:b, s:o}", "enabled", (int)t->update_lock, "owner_id",
	    render_text(t->update_lock ? t->lock_owner : NULL));
	json_t *rest = json_pack(
	    "{s:s, s:o, s:o, s:s, s:o, s:n, s:s, s:b, s:n, s:b, s:s, s:o, s:b, s:s, s:s, s:o, s:o}",
	    "customer_type", t->customer_type, "customer_id", render_text(t->customer_id), "internal_tag",
	    render_text(t->internal_tag), "language", t->language, "contact", parsed(t->contact), "brand_id",
	    "brand_uuid", "00000000-0000-0000-0000-000000000000", "brand_enabled", 0, "owner_id",
	    "has_children", (int)t->has_children, "default_idp_id", t->default_idp_id, "update_lock", lock,
	    "ancestral_access", (int)t->ancestral_access, "mfa_status", t->mfa ? "enabled" : "disabled",
	    "pricing_mode", t->pricing_mode, "production_start_date", render_time_bare(t->production_start),
	    "external_operation_status", render_text(t->operation_status));

	json_object_update(out, rest);
	json_decref(rest);
}

json_t *render_tenant(struct exchange *x, const struct tenant *t, enum detail detail, bool with_contacts)
{
	json_t *out = json_pack("{s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "id", t->id, "parent_id", t->parent_id,
	    "version", (json_int_t)t->version, "created_at", render_time_bare(t->created), "updated_at",
	    render_time_bare(t->updated), "deleted_at", render_time_bare(t->deleted), "contacts",
	    contact_list(t, with_contacts));

	(void)x;
	if (detail >= DETAIL_BASIC) {
		json_object_set_new(out, "name", json_string(t->name));
		json_object_set_new(out, "kind", json_string(t->kind));
		json_object_set_new(out, "enabled", json_boolean(t->enabled));
	}
	if (detail >= DETAIL_FULL)
		add_full_tenant(out, t);
	return out;
}

static void add_full_user(json_t *out, const struct user *u)
{
	json_t *rest = json_pack("{s:o, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:n, s:o, s:o, s:s, s:s, s:n}",
	    "contact", parsed(u->contact), "activated", (int)u->activated, "language", u->language, "idp_id",
	    u->idp_id, "external_id", json_string(u->external_id ? u->external_id : ""), "origin_id",
	    render_text(u->origin_id), "origin_external_id", render_text(u->origin_external_id),
	    "disable_after", render_text(u->disable_after), "personal_tenant_id", "business_types",
	    parsed(u->business_types), "notifications", parsed(u->notifications), "mfa_status", "disabled",
	    "session_mfa_status", "passed_or_not_required", "external_operation_status");

	json_object_update(out, rest);
	json_decref(rest);
}

json_t *render_user(const struct user *u, enum detail detail)
{
	json_t *out = json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "id", u->id, "tenant_id", u->tenant_id,
	    "version", (json_int_t)u->version, "created_at", render_time(u->created), "updated_at",
	    render_time(u->updated), "deleted_at", render_time(u->deleted));

	if (detail >= DETAIL_BASIC) {
		json_object_set_new(out, "login", json_string(u->login));
		json_object_set_new(out, "enabled", json_boolean(u->enabled));
	}
	if (detail >= DETAIL_FULL)
		add_full_user(out, u);
	return out;
}

struct policies_out {
	json_t *list;
	int64_t user_deleted;
};

static bool add_policy(void *ctx, const struct policy *p)
{
	const struct policies_out *out = ctx;

	json_array_append_new(out->list,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:o}", "id", p->id, "issuer_id",
		p->issuer_id, "trustee_id", p->user_id, "trustee_type", p->trustee_type, "tenant_id",
		p->tenant_id, "role_id", p->role_id, "version", (json_int_t)p->version, "created_at",
		render_time(p->created), "updated_at", render_time(p->updated), "deleted_at",
		render_time(p->deleted ? p->deleted : out->user_deleted)));
	return true;
}

json_t *render_policies(struct exchange *x, const struct user *user, bool deleted_too)
{
	struct policies_out out = {json_array(), user->deleted};

	policy_list(x->box->store, x->arena, user->id, deleted_too, add_policy, &out);
	return out.list;
}

json_t *render_item(const struct tenant *tenant, const struct item_state *s, bool as_offer)
{
	const struct catalog_item *item = &catalog[s->item];
	json_t *quota = json_pack("{s:o, s:o, s:I}", "value",
	    s->has_value && !as_offer ? json_integer(s->value) : json_null(), "overage",
	    s->has_overage && !as_offer ? json_integer(s->overage) : json_null(), "version",
	    (json_int_t)(as_offer ? 0 : s->version));
	json_t *out = json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:n, s:i, s:b, s:o, s:s, s:s}",
	    "application_id", applications[item->application].id, "name", item->name, "edition",
	    render_text(item->edition), "usage_name", item->usage_name, "tenant_id", tenant->id, "updated_at",
	    render_time(s->updated ? s->updated : tenant->created), "deleted_at", "status",
	    as_offer || (s->on && !tenant->deleted) ? 1 : 0, "locked", 0, "quota", quota, "type", item->type,
	    "measurement_unit", item->unit);

	if (item->infra_id)
		json_object_set_new(out, "infra_id", json_string(item->infra_id));
	return out;
}

static const char *const contact_fields[] = {"address1", "address2", "country", "state", "city", "zipcode",
    "phone", "firstname", "lastname", "title", "website", "industry", "organization_size", "aan", "language",
    "fax", "email_confirmed"};

static json_t *new_contact(struct exchange *x, const char *types, const char *key)
{
	json_t *contact = json_object();
	char id[UUID_TEXT_SIZE];

	store_new_id(x->box->store, arena_printf(x->arena, "contact/%s", key), id);
	json_object_set_new(contact, "id", json_string(id));
	json_object_set_new(contact, "created_at", render_time(store_mark(x->box->store)));
	json_object_set_new(contact, "types", types ? json_pack("[s]", types) : json_array());
	json_object_set_new(contact, "email", json_string(""));
	for (size_t i = 0; i < sizeof contact_fields / sizeof *contact_fields; i++)
		json_object_set_new(contact, contact_fields[i], json_null());
	return contact;
}

const char *contact_merge(
    struct exchange *x, const char *stored, const json_t *given, const char *types, const char *key)
{
	json_t *contact = stored ? parsed(stored) : new_contact(x, types, key);
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)given, name, value)
	{
		bool types_given = strcmp(name, "types") == 0 && json_is_array(value);
		/* What the caller may not set (ids, times) is echoed by some clients; it stays ours. */
		bool known =
		    strcmp(name, "types") != 0 && strcmp(name, "id") != 0 && json_object_get(contact, name);
		if (types_given || (known && strcmp(name, "created_at") != 0))
			json_object_set(contact, name, value);
	}
	json_object_set_new(contact, "updated_at", render_time(store_mark(x->box->store)));
	char *text = json_dumps(contact, JSON_COMPACT);
	const char *kept = arena_strdup(x->arena, text);
	free(text);
	json_decref(contact);
	return kept;
}
