/* Request bodies; see acronis.h. The API refuses unknown members, and a blank one would overwrite or be
 * refused, so blank texts are left out. Shapes: acronis-openapi.yaml TenantPost, TenantPut, TenantPricingPut,
 * SettingPut, OfferingItemsPut, UserPost, AccessPolicyListPut. */
#include "tenantry/acronis.h"

#include "tenantry/mem.h"

static bool given(const char *text)
{
	return text && text[0];
}

static void add(json_t *object, const char *name, const char *text)
{
	if (given(text))
		json_object_set_new(object, name, json_string(text));
}

static json_t *contact_body(const struct acronis_contact *contact)
{
	json_t *body = json_pack("{s:[s,s]}", "types", "legal", "billing");

	add(body, "email", contact->email);
	add(body, "firstname", contact->first_name);
	add(body, "lastname", contact->last_name);
	add(body, "address1", contact->address1);
	add(body, "address2", contact->address2);
	add(body, "city", contact->city);
	add(body, "state", contact->state);
	add(body, "zipcode", contact->zipcode);
	add(body, "country", contact->country);
	add(body, "phone", contact->phone);
	return body;
}

json_t *acronis_tenant_create_body(const struct acronis_tenant_new *tenant)
{
	json_t *body = json_object();

	add(body, "name", tenant->name);
	add(body, "parent_id", tenant->parent_id);
	add(body, "kind", "partner");
	add(body, "customer_id", tenant->customer_id);
	add(body, "internal_tag", tenant->internal_tag);
	json_object_set_new(body, "contact", contact_body(&tenant->contact));
	return body;
}

json_t *acronis_contact_update_body(int64_t version, const struct acronis_contact *contact)
{
	return json_pack("{s:I, s:o}", "version", (json_int_t)version, "contact", contact_body(contact));
}

json_t *acronis_enabled_body(int64_t version, bool enabled)
{
	return json_pack("{s:I, s:b}", "version", (json_int_t)version, "enabled", (int)enabled);
}

json_t *acronis_customer_id_body(int64_t version, const char *customer_id)
{
	return json_pack("{s:I, s:s}", "version", (json_int_t)version, "customer_id", customer_id);
}

json_t *acronis_pricing_body(int64_t version, const char *mode, const char *currency)
{
	json_t *body = json_pack("{s:I}", "version", (json_int_t)version);

	add(body, "mode", mode);
	add(body, "currency", currency);
	return body;
}

json_t *acronis_setting_number_body(int64_t value)
{
	return json_pack("{s:I}", "value", (json_int_t)value);
}

json_t *acronis_setting_text_body(const char *value)
{
	return json_pack("{s:s}", "value", value);
}

static json_t *amount(bool unlimited, int64_t value)
{
	return unlimited ? json_null() : json_integer((json_int_t)value);
}

static json_t *offering_item_body(const struct acronis_offering_item *item)
{
	json_t *body = json_object();

	add(body, "application_id", item->application_id);
	add(body, "name", item->name);
	json_object_set_new(body, "status", json_integer(item->enabled ? 1 : 0));
	add(body, "infra_id", item->infra_id);
	if (item->has_quota)
		json_object_set_new(body, "quota",
		    json_pack("{s:o, s:o, s:I}", "value", amount(item->quota_unlimited, item->quota),
			"overage", amount(item->overage_unlimited, item->overage), "version",
			(json_int_t)item->quota_version));
	return body;
}

json_t *acronis_offering_items_body(const struct acronis_offering_item *items, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, offering_item_body(&items[i]));
	return json_pack("{s:o}", "offering_items", list);
}

json_t *acronis_user_create_body(
    const char *tenant_id, const char *login, const char *external_id, const struct acronis_contact *contact)
{
	json_t *body = json_object(), *person = json_object();

	add(body, "tenant_id", tenant_id);
	add(body, "login", login);
	add(body, "external_id", external_id);
	add(person, "email", contact->email);
	add(person, "firstname", contact->first_name);
	add(person, "lastname", contact->last_name);
	json_object_set_new(body, "contact", person);
	return body;
}

json_t *acronis_partner_admin_body(const char *user_id, const char *tenant_id)
{
	static const char nobody[] = "00000000-0000-0000-0000-000000000000";

	return json_pack("{s:[{s:s, s:s, s:s, s:s, s:s, s:s, s:i}]}", "items", "id", nobody, "issuer_id",
	    nobody, "trustee_id", user_id, "trustee_type", "user", "tenant_id", tenant_id, "role_id",
	    "partner_admin", "version", 0);
}

bool acronis_contact_matches(const struct acronis_contact *wanted, const struct acronis_contact *is)
{
	const struct {
		const char *wanted, *is;
		bool any_case;
	} members[] = {{wanted->email, is->email, true}, {wanted->first_name, is->first_name, false},
	    {wanted->last_name, is->last_name, false}, {wanted->phone, is->phone, false},
	    {wanted->address1, is->address1, false}, {wanted->address2, is->address2, false},
	    {wanted->city, is->city, false}, {wanted->state, is->state, false},
	    {wanted->zipcode, is->zipcode, false}, {wanted->country, is->country, true}};

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		struct strv a = strv_of(members[i].wanted), b = strv_of(members[i].is);
		if (a.n > 0 && !(members[i].any_case ? strv_eq_nocase(a, b) : strv_eq(a, b)))
			return false;
	}
	return true;
}
