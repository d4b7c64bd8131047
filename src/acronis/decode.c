/* Answers become structs here; see acronis.h. Members that the API lists as required must be there, unknown
 * ones are passed over, null counts as absent. Ids are lower-cased, dates stay as sent: their forms vary
 * (notes section 2.1). */
#include "tenantry/acronis.h"

#include <string.h>

#include "tenantry/mem.h"

/* One object being read. The first member that does not fit is the error; the rest then gives empty values.
 */
struct reader {
	const json_t *object;
	const char *what; /* "tenant" */
	struct arena *arena;
	struct error *err;
	bool failed;
};

static const char *type_name(const json_t *value)
{
	static const char *const names[] = {[JSON_OBJECT] = "an object",
	    [JSON_ARRAY] = "an array",
	    [JSON_STRING] = "a text",
	    [JSON_INTEGER] = "an integer",
	    [JSON_REAL] = "a fraction",
	    [JSON_TRUE] = "true",
	    [JSON_FALSE] = "false",
	    [JSON_NULL] = "null"};

	return value ? names[json_typeof(value)] : "absent";
}

/* Without an id only its name says to people which one it is. */
static void wrong(struct reader *r, const char *member, const char *expected)
{
	const char *name =
	    strcmp(member, "id") == 0 ? json_string_value(json_object_get(r->object, "name")) : NULL;

	if (!r->failed) {
		error_set(r->err, ERR_ACRONIS, "%s%s%.200s%s: %s is %s, expected %s", r->what,
		    name ? " \"" : "", name ? name : "", name ? "\"" : "", member,
		    type_name(json_object_get(r->object, member)), expected);
		error_hint(r->err, "the answer is not as the Acronis API is documented: check acronis.url");
	}
	r->failed = true;
}

static const json_t *member(struct reader *r, const char *name)
{
	const json_t *value = json_object_get(r->object, name);

	return json_is_null(value) ? NULL : value;
}

static const char *text(struct reader *r, const char *name, bool needed)
{
	const json_t *value = member(r, name);

	if (json_is_string(value))
		return arena_strdup(r->arena, json_string_value(value));
	if (value || needed)
		wrong(r, name, "a text");
	return "";
}

static const char *id(struct reader *r, const char *name, bool needed)
{
	const char *value = text(r, name, needed);
	char normal[UUID_TEXT_SIZE];

	if (needed && !value[0] && strcmp(name, "id") == 0)
		wrong(r, name, "a text that is not empty");
	return uuid_normal(strv_of(value), normal) ? arena_strdup(r->arena, normal) : value;
}

static int64_t integer(struct reader *r, const char *name, bool needed)
{
	const json_t *value = member(r, name);

	if (json_is_integer(value))
		return json_integer_value(value);
	if (value || needed)
		wrong(r, name, "an integer");
	return 0;
}

static bool boolean(struct reader *r, const char *name, bool needed)
{
	const json_t *value = member(r, name);

	if (json_is_boolean(value))
		return json_is_true(value);
	if (value || needed)
		wrong(r, name, "true or false");
	return false;
}

/* A member that is an object, or NULL. */
static const json_t *object(struct reader *r, const char *name)
{
	const json_t *value = member(r, name);

	if (value && !json_is_object(value))
		wrong(r, name, "an object");
	return json_is_object(value) ? value : NULL;
}

static struct reader reader_of(const json_t *json, const char *what, struct arena *arena, struct error *err)
{
	struct reader r = {.object = json, .what = what, .arena = arena, .err = err};

	if (!json_is_object(json)) {
		error_set(
		    err, ERR_ACRONIS, "%s: the answer is %s, expected an object", what, type_name(json));
		r.failed = true;
	}
	return r;
}

static void read_contact_types(struct reader *r, struct acronis_contact *out)
{
	const json_t *types = member(r, "types"), *type;
	size_t i;

	if (types && !json_is_array(types))
		wrong(r, "types", "an array");
	json_array_foreach(types, i, type)
	{
		const char *name = json_string_value(type);
		if (!name) {
			wrong(r, "types", "an array of texts");
			return;
		}
		out->legal = out->legal || strcmp(name, "legal") == 0;
		out->billing = out->billing || strcmp(name, "billing") == 0;
	}
}

static bool read_contact(const json_t *json, const struct reader *outer, struct acronis_contact *out)
{
	struct reader r = {
	    .object = json, .what = "tenant: contact", .arena = outer->arena, .err = outer->err};

	*out = (struct acronis_contact){.email = text(&r, "email", false),
	    .first_name = text(&r, "firstname", false),
	    .last_name = text(&r, "lastname", false),
	    .phone = text(&r, "phone", false),
	    .address1 = text(&r, "address1", false),
	    .address2 = text(&r, "address2", false),
	    .city = text(&r, "city", false),
	    .state = text(&r, "state", false),
	    .zipcode = text(&r, "zipcode", false),
	    .country = text(&r, "country", false)};
	read_contact_types(&r, out);
	return !r.failed;
}

int acronis_tenant_decode(
    const json_t *json, struct arena *arena, struct acronis_tenant *out, struct error *err)
{
	struct reader r = reader_of(json, "tenant", arena, err);

	if (r.failed)
		return -1;
	*out = (struct acronis_tenant){.id = id(&r, "id", true),
	    .parent_id = id(&r, "parent_id", true),
	    .customer_id = text(&r, "customer_id", false),
	    .internal_tag = text(&r, "internal_tag", false),
	    .name = text(&r, "name", true),
	    .kind = text(&r, "kind", true),
	    .pricing_mode = text(&r, "pricing_mode", false),
	    .updated_at = text(&r, "updated_at", false),
	    .deleted_at = text(&r, "deleted_at", false),
	    .enabled = boolean(&r, "enabled", true),
	    .version = integer(&r, "version", true)};
	const json_t *lock = object(&r, "update_lock");
	if (lock) {
		struct reader inner = reader_of(lock, "tenant: update_lock", arena, err);
		out->locked = boolean(&inner, "enabled", false);
		r.failed = r.failed || inner.failed;
	}
	if (!read_contact(object(&r, "contact"), &r, &out->contact))
		r.failed = true;
	return r.failed ? -1 : 0;
}

int acronis_pricing_decode(
    const json_t *json, struct arena *arena, struct acronis_pricing *out, struct error *err)
{
	struct reader r = reader_of(json, "pricing", arena, err);

	if (r.failed)
		return -1;
	*out = (struct acronis_pricing){.mode = text(&r, "mode", true),
	    .currency = text(&r, "currency", false),
	    .version = integer(&r, "version", true)};
	return r.failed ? -1 : 0;
}

int acronis_setting_decode(
    const json_t *json, struct arena *arena, struct acronis_setting *out, struct error *err)
{
	struct reader r = reader_of(json, "setting", arena, err);

	if (r.failed)
		return -1;
	const json_t *own = object(&r, "own"), *value = json_object_get(own, "value");
	*out = (struct acronis_setting){.has_own = own != NULL,
	    .has_value = value && !json_is_null(value),
	    .is_number = json_is_integer(value),
	    .number = json_integer_value(value),
	    .text = json_is_string(value) ? arena_strdup(arena, json_string_value(value)) : ""};
	return r.failed ? -1 : 0;
}

int acronis_user_decode(const json_t *json, struct arena *arena, struct acronis_user *out, struct error *err)
{
	struct reader r = reader_of(json, "user", arena, err);

	if (r.failed)
		return -1;
	*out = (struct acronis_user){.id = id(&r, "id", true),
	    .tenant_id = id(&r, "tenant_id", true),
	    .login = text(&r, "login", true),
	    .external_id = text(&r, "external_id", false),
	    .deleted_at = text(&r, "deleted_at", false),
	    .enabled = boolean(&r, "enabled", true),
	    .activated = boolean(&r, "activated", false),
	    .version = integer(&r, "version", true)};
	return r.failed ? -1 : 0;
}

/* null, null, 0 is how the API says "no quota" (notes section 4). */
static bool read_quota(const json_t *quota, const struct reader *outer, struct acronis_offering_item *out)
{
	struct reader r = {
	    .object = quota, .what = "offering item: quota", .arena = outer->arena, .err = outer->err};

	out->quota_unlimited = !member(&r, "value");
	out->overage_unlimited = !member(&r, "overage");
	out->quota = integer(&r, "value", false);
	out->overage = integer(&r, "overage", false);
	out->quota_version = integer(&r, "version", true);
	out->has_quota = !out->quota_unlimited || !out->overage_unlimited || out->quota_version != 0;
	return !r.failed;
}

int acronis_offering_item_decode(
    const json_t *json, struct arena *arena, struct acronis_offering_item *out, struct error *err)
{
	struct reader r = reader_of(json, "offering item", arena, err);

	if (r.failed)
		return -1;
	int64_t status = integer(&r, "status", true);
	*out = (struct acronis_offering_item){.application_id = id(&r, "application_id", true),
	    .name = text(&r, "name", true),
	    .infra_id = id(&r, "infra_id", false),
	    .edition = text(&r, "edition", false),
	    .type = text(&r, "type", false),
	    .enabled = status == 1,
	    .locked = boolean(&r, "locked", false)};
	const json_t *quota = object(&r, "quota");
	if (quota && !read_quota(quota, &r, out))
		r.failed = true;
	return r.failed ? -1 : 0;
}

int acronis_hit_decode(const json_t *json, struct arena *arena, struct acronis_hit *out, struct error *err)
{
	struct reader r = reader_of(json, "search: find", arena, err);

	if (r.failed)
		return -1;
	const char *type = text(&r, "obj_type", true);
	*out = (struct acronis_hit){.is_tenant = strcmp(type, "tenant") == 0,
	    .id = id(&r, "id", true),
	    .parent_id = id(&r, "parent_id", true),
	    .kind = text(&r, "kind", false),
	    .name = text(&r, "name", false),
	    .deleted_at = text(&r, "deleted_at", false)};
	return r.failed ? -1 : 0;
}
