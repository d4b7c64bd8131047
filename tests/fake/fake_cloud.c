/* See fake_cloud.h. */
#include "fake_cloud.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tenantry/mem.h"

static const char *const item_names[CLOUD_ITEMS] = {"storage", "workstations", "notary"};

struct question {
	struct cloud *cloud;
	const struct fake_call *call;
	enum acronis_call which;
	char a[40], c[40]; /* path parts: object, setting */
	json_t *body;
};

/* ---- Which call is it? */

static const struct {
	enum http_method method;
	const char *pattern; /* '*' is one path part */
	enum acronis_call call;
} routes[] = {
    {HTTP_GET, "/tenants", CALL_TENANTS},
    {HTTP_POST, "/tenants", CALL_TENANT_CREATE},
    {HTTP_GET, "/tenants/*", CALL_TENANT},
    {HTTP_PUT, "/tenants/*", CALL_TENANT_UPDATE},
    {HTTP_GET, "/tenants/*/users", CALL_TENANT_USERS},
    {HTTP_GET, "/tenants/*/mfa/status", CALL_MFA},
    {HTTP_PUT, "/tenants/*/mfa/status", CALL_MFA_SET},
    {HTTP_GET, "/tenants/*/pricing", CALL_PRICING},
    {HTTP_PUT, "/tenants/*/pricing", CALL_PRICING_SET},
    {HTTP_GET, "/applications/*/settings/tenants/*/*", CALL_SETTING},
    {HTTP_PUT, "/applications/*/settings/tenants/*/*", CALL_SETTING_SET},
    {HTTP_GET, "/tenants/*/offering_items", CALL_OFFERING_ITEMS},
    {HTTP_PUT, "/tenants/*/offering_items", CALL_OFFERING_ITEMS_SET},
    {HTTP_GET, "/search", CALL_SEARCH},
    {HTTP_GET, "/users/check_login", CALL_CHECK_LOGIN},
    {HTTP_GET, "/users", CALL_USERS},
    {HTTP_POST, "/users", CALL_USER_CREATE},
    {HTTP_GET, "/users/*", CALL_USER},
    {HTTP_GET, "/users/*/access_policies", CALL_ACCESS_POLICIES},
    {HTTP_PUT, "/users/*/access_policies", CALL_ACCESS_POLICIES_SET},
    {HTTP_POST, "/users/*/send-activation-email", CALL_ACTIVATION_MAIL},
};

/* Fills parts[] with what stands for each '*'. */
static bool path_fits(const char *pattern, const char *path, char parts[3][40])
{
	size_t part = 0;

	while (*pattern) {
		if (*pattern != '*') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t n = strcspn(path, "/?");
		if (part == 3 || n == 0 || n >= 40)
			return false;
		memcpy(parts[part], path, n);
		parts[part++][n] = '\0';
		path += n;
		pattern++;
	}
	return *path == '\0' || *path == '?';
}

static bool route(struct question *q)
{
	char parts[3][40] = {"", "", ""};

	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (routes[i].method != q->call->method ||
		    !path_fits(routes[i].pattern, q->call->path, parts))
			continue;
		bool setting = routes[i].call == CALL_SETTING || routes[i].call == CALL_SETTING_SET;
		q->which = routes[i].call;
		memcpy(q->a, setting ? parts[1] : parts[0], sizeof q->a);
		memcpy(q->c, setting ? parts[2] : "", setting ? sizeof q->c : 1);
		return true;
	}
	return false;
}

/* ---- Objects. */

struct cloud_tenant *cloud_tenant(struct cloud *cloud, const char *id)
{
	for (size_t i = 0; i < cloud->tenant_count; i++)
		if (strcmp(cloud->tenants[i].id, id) == 0)
			return &cloud->tenants[i];
	return NULL;
}

static struct cloud_user *user_of(struct cloud *cloud, const char *id)
{
	for (size_t i = 0; i < cloud->user_count; i++)
		if (strcmp(cloud->users[i].id, id) == 0)
			return &cloud->users[i];
	return NULL;
}

struct cloud_tenant *cloud_tenant_by_tag(struct cloud *cloud, const char *tag)
{
	for (size_t i = 0; i < cloud->tenant_count; i++)
		if (strcmp(cloud->tenants[i].tag, tag) == 0)
			return &cloud->tenants[i];
	return NULL;
}

struct cloud_tenant *cloud_add(struct cloud *cloud, const char *name, const char *customer, const char *tag)
{
	struct cloud_tenant *t = &cloud->tenants[cloud->tenant_count++];

	*t = (struct cloud_tenant){.enabled = true,
	    .version = 1,
	    .pricing_version = 1,
	    .mode = "production",
	    .updated = cloud->now,
	    .parent = CLOUD_PARENT};
	snprintf(t->id, sizeof t->id, "10000000-0000-4000-8000-%012zu", cloud->tenant_count);
	snprintf(t->name, sizeof t->name, "%s", name);
	snprintf(t->customer, sizeof t->customer, "%s", customer);
	snprintf(t->tag, sizeof t->tag, "%s", tag);
	snprintf(t->contact, sizeof t->contact, "{}");
	for (size_t i = 0; i < CLOUD_ITEMS; i++)
		t->quota[i] = -1;
	return t;
}

struct cloud_user *cloud_add_user(struct cloud *cloud, const char *tenant, const char *login)
{
	struct cloud_user *u = &cloud->users[cloud->user_count++];

	*u = (struct cloud_user){0};
	snprintf(u->id, sizeof u->id, "20000000-0000-4000-8000-%012zu", cloud->user_count);
	snprintf(u->tenant, sizeof u->tenant, "%s", tenant);
	snprintf(u->login, sizeof u->login, "%s", login);
	return u;
}

void cloud_fault(
    struct cloud *cloud, enum cloud_fault_kind kind, enum acronis_call call, unsigned nth, unsigned times)
{
	for (size_t i = 0; i < ARRAY_LEN(cloud->faults); i++) {
		if (cloud->faults[i].kind != FAULT_NONE)
			continue;
		cloud->faults[i] = (struct cloud_fault){kind, call, nth, times, 0, 0};
		return;
	}
}

/* ---- Answers. */

static json_t *tenant_json(const struct cloud_tenant *t)
{
	json_t *contact = json_loads(t->contact, 0, NULL);
	char updated[TIME_TEXT_SIZE];

	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:i,s:s?,s:s?,s:{s:b},s:o}", "id", t->id,
	    "parent_id", t->parent, "name", t->name, "customer_id", t->customer, "internal_tag", t->tag,
	    "kind", t->folder ? "folder" : "partner", "pricing_mode", t->mode, "enabled", (int)t->enabled,
	    "version", t->version, "deleted_at", t->deleted ? "2026-11-01T00:00:00" : NULL, "updated_at",
	    t->updated ? time_text_ms(t->updated, updated) : NULL, "update_lock", "enabled", (int)t->locked,
	    "contact", contact ? contact : json_object());
}

static json_t *user_json(const struct cloud_user *u)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:n,s:b,s:b,s:i,s:{}}", "id", u->id, "tenant_id", u->tenant,
	    "login", u->login, "external_id", u->external, "deleted_at", "enabled", 1, "activated",
	    (int)u->activated, "version", 1, "contact");
}

static json_t *failure(int *status, int with, int code)
{
	*status = with;
	return json_pack(
	    "{s:{s:i,s:s,s:n,s:{}}}", "error", "code", code, "message", "as scripted", "domain", "details");
}

static const char *member(const struct question *q, const char *name)
{
	const char *text = json_string_value(json_object_get(q->body, name));

	return text ? text : "";
}

static bool login_taken(const struct cloud *cloud, const char *login)
{
	for (size_t i = 0; i < cloud->user_count; i++)
		if (strv_eq_nocase(strv_of(cloud->users[i].login), strv_of(login)))
			return true;
	return strv_eq_nocase(strv_of(cloud->taken_login), strv_of(login));
}

static bool version_fits(const struct question *q, int version)
{
	return json_integer_value(json_object_get(q->body, "version")) == version;
}

/* What is out of the client's subtree is never shown, what is deleted only when asked for. */
static int64_t since_of(const char *path)
{
	const char *at = strstr(path, "updated_since=");
	char text[40] = "";
	int64_t ms = 0;
	size_t n = 0;

	for (at = at ? at + strlen("updated_since=") : ""; *at && *at != '&' && n + 1 < sizeof text; at++) {
		bool colon = strncmp(at, "%3A", 3) == 0;
		text[n++] = colon ? ':' : *at;
		at += colon ? 2 : 0;
	}
	return time_parse(strv_of(text), &ms, NULL) ? ms : 0;
}

static bool is_listed(const struct question *q, const struct cloud_tenant *t)
{
	if (q->cloud->now && t->updated < since_of(q->call->path))
		return false;
	if (strcmp(t->parent, CLOUD_ELSEWHERE) == 0 || (t->unlisted && !strstr(q->call->path, "uuids=")))
		return false;
	if (t->deleted && !strstr(q->call->path, "allow_deleted=true"))
		return false;
	if (strstr(q->call->path, "parent_id=") && strcmp(t->parent, CLOUD_PARENT) != 0)
		return false;
	return !strstr(q->call->path, "uuids=") || strstr(q->call->path, t->id);
}

static json_t *list_tenants(struct question *q)
{
	struct cloud *cloud = q->cloud;
	json_t *items = json_array();
	size_t shown = cloud->tenant_count;

	if (cloud->hidden_listings > 0 && cloud->arrivals[CALL_TENANT_CREATE] > 0) {
		cloud->hidden_listings--;
		shown -= shown > 0;
	}
	if (cloud->listed_most && shown > cloud->listed_most)
		shown = cloud->listed_most;
	for (size_t i = 0; i < shown; i++) {
		if (!is_listed(q, &cloud->tenants[i]))
			continue;
		json_t *tenant = tenant_json(&cloud->tenants[i]);
		if (cloud->tenants[i].without_id)
			json_object_del(tenant, "id");
		json_array_append_new(items, tenant);
	}
	char now[TIME_TEXT_SIZE];
	return json_pack("{s:s,s:o}", "timestamp",
	    cloud->now ? time_text_ms(cloud->now, now) : "2026-11-22T00:00:00", "items", items);
}

static json_t *create_tenant(struct question *q, int *status)
{
	for (size_t i = 0; i < q->cloud->tenant_count; i++)
		if (!q->cloud->names_repeat && !q->cloud->tenants[i].deleted &&
		    strv_eq_nocase(strv_of(q->cloud->tenants[i].name), strv_of(member(q, "name"))))
			return failure(status, 409, 1004);
	struct cloud_tenant *t =
	    cloud_add(q->cloud, member(q, "name"), member(q, "customer_id"), member(q, "internal_tag"));
	char *contact = json_dumps(json_object_get(q->body, "contact"), JSON_COMPACT);
	snprintf(t->contact, sizeof t->contact, "%s", contact ? contact : "{}");
	free(contact);
	*status = 201;
	return tenant_json(t);
}

static json_t *update_tenant(struct question *q, struct cloud_tenant *t, int *status)
{
	const json_t *enabled = json_object_get(q->body, "enabled"),
		     *contact = json_object_get(q->body, "contact");

	if (t->locked)
		return failure(status, 403, 1012);
	if (!version_fits(q, t->version))
		return failure(status, 409, 1001);
	if (enabled)
		t->enabled = json_is_true(enabled);
	if (json_object_get(q->body, "internal_tag"))
		snprintf(t->tag, sizeof t->tag, "%s", member(q, "internal_tag"));
	if (contact) {
		char *text = json_dumps(contact, JSON_COMPACT);
		snprintf(t->contact, sizeof t->contact, "%s", text);
		free(text);
	}
	t->version++;
	t->updated = q->cloud->now;
	return tenant_json(t);
}

static json_t *offering_items(const struct cloud_tenant *t)
{
	json_t *items = json_array();

	for (size_t i = 0; i < CLOUD_ITEMS; i++)
		json_array_append_new(items,
		    json_pack("{s:s,s:s,s:s,s:s,s:i,s:{s:o,s:n,s:i}}", "application_id", CLOUD_BACKUP, "name",
			item_names[i], "edition", "standard", "type", "count", "status", (int)t->item_on[i],
			"quota", "value", t->quota[i] < 0 ? json_null() : json_integer(t->quota[i]),
			"overage", "version", t->quota_version[i]));
	return json_pack("{s:s,s:o}", "timestamp", "2026-11-22T00:00:00", "items", items);
}

static json_t *set_offering_items(struct question *q, struct cloud_tenant *t, int *status)
{
	const json_t *items = json_object_get(q->body, "offering_items"), *item;
	size_t index;

	json_array_foreach(items, index, item)
	{
		for (size_t i = 0; i < CLOUD_ITEMS; i++) {
			const json_t *quota = json_object_get(item, "quota");
			if (strcmp(json_string_value(json_object_get(item, "name")), item_names[i]) != 0)
				continue;
			if (quota &&
			    json_integer_value(json_object_get(quota, "version")) != t->quota_version[i])
				return failure(status, 426, 426);
			t->item_on[i] = json_integer_value(json_object_get(item, "status")) == 1;
			if (!quota)
				continue;
			const json_t *value = json_object_get(quota, "value");
			t->quota[i] = json_is_integer(value) ? json_integer_value(value) : -1;
			t->quota_version[i]++;
		}
	}
	return offering_items(t);
}

static json_t *pricing(const struct cloud_tenant *t)
{
	return json_pack("{s:s,s:s?,s:i,s:n}", "mode", t->mode, "currency",
	    t->currency[0] ? t->currency : NULL, "version", t->pricing_version, "production_start_date");
}

static json_t *set_pricing(struct question *q, struct cloud_tenant *t, int *status)
{
	if (!version_fits(q, t->pricing_version))
		return failure(status, 409, 1001);
	snprintf(t->mode, sizeof t->mode, "%s", member(q, "mode"));
	snprintf(t->currency, sizeof t->currency, "%s", member(q, "currency"));
	t->pricing_version++;
	return pricing(t);
}

static json_t *setting(const struct question *q, const struct cloud_tenant *t)
{
	json_t *value = strcmp(q->c, "licensing_mode") == 0
			    ? (t->licensing[0] ? json_string(t->licensing) : NULL)
			: t->has_tier ? json_integer(t->tier)
				      : NULL;
	json_t *own =
	    value ? json_pack("{s:o,s:b,s:b}", "value", value, "lock", 0, "exclusive", 0) : json_null();

	return json_pack("{s:s,s:o,s:n}", "name", q->c, "own", own, "effective");
}

static json_t *set_setting(struct question *q, struct cloud_tenant *t)
{
	const json_t *value = json_object_get(q->body, "value");

	if (strcmp(q->c, "licensing_mode") == 0) {
		snprintf(t->licensing, sizeof t->licensing, "%s", member(q, "value"));
	} else {
		t->has_tier = true;
		t->tier = (int)json_integer_value(value);
	}
	return setting(q, t);
}

static json_t *users_of(struct question *q)
{
	if (q->cloud->users_items)
		return json_pack("{s:o}", "items", json_loads(q->cloud->users_items, JSON_DECODE_ANY, NULL));
	json_t *items = json_array();
	for (size_t i = 0; i < q->cloud->user_count; i++)
		if (strcmp(q->cloud->users[i].tenant, q->a) == 0)
			json_array_append_new(items, json_string(q->cloud->users[i].id));
	return json_pack("{s:o}", "items", items);
}

static json_t *list_users(struct question *q)
{
	json_t *items = json_array();

	for (size_t i = 0; i < q->cloud->user_count; i++)
		if (strstr(q->call->path, q->cloud->users[i].id))
			json_array_append_new(items, user_json(&q->cloud->users[i]));
	return json_pack("{s:s,s:o}", "timestamp", "2026-11-22T00:00:00", "items", items);
}

static json_t *create_user(struct question *q, int *status)
{
	if (login_taken(q->cloud, member(q, "login")))
		return failure(status, 409, 409);
	struct cloud_user *u = cloud_add_user(q->cloud, member(q, "tenant_id"), member(q, "login"));
	snprintf(u->external, sizeof u->external, "%s", member(q, "external_id"));
	return user_json(u);
}

static json_t *policies(const struct cloud_user *u)
{
	static const char nobody[] = "00000000-0000-0000-0000-000000000000";
	json_t *items = json_array();

	for (int i = 0; i < u->other_roles + (u->admin ? 1 : 0); i++)
		json_array_append_new(
		    items, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:s}", "id", nobody, "issuer_id", nobody,
			       "trustee_id", u->id, "trustee_type", "user", "tenant_id", u->tenant, "role_id",
			       i < u->other_roles ? "readonly_admin" : "partner_admin", "version", 0,
			       "created_at", "2026-11-22T00:00:00"));
	return json_pack("{s:s,s:o}", "timestamp", "2026-11-22T00:00:00", "items", items);
}

static json_t *set_policies(struct question *q, struct cloud_user *u)
{
	const json_t *items = json_object_get(q->body, "items"), *item;
	size_t index;

	u->admin = false;
	u->other_roles = 0;
	json_array_foreach(items, index, item)
	{
		bool admin =
		    strcmp(json_string_value(json_object_get(item, "role_id")), "partner_admin") == 0;
		u->admin = u->admin || admin;
		u->other_roles += !admin;
	}
	return policies(u);
}

static json_t *check_login(struct question *q, int *status)
{
	const char *login = strstr(q->call->path, "username=") + strlen("username=");
	char plain[96];
	size_t n = 0;

	for (; *login && n + 1 < sizeof plain; login++) {
		if (strncmp(login, "%40", 3) == 0) {
			plain[n++] = '@';
			login += 2;
		} else {
			plain[n++] = *login;
		}
	}
	plain[n] = '\0';
	if (strstr(plain, "unacceptable"))
		return failure(status, 406, 406);
	if (login_taken(q->cloud, plain))
		return failure(status, 409, 409);
	*status = 204;
	return NULL;
}

static json_t *answer_tenant(struct question *q, int *status)
{
	struct cloud_tenant *t = cloud_tenant(q->cloud, q->a);

	if (!t)
		return failure(status, 404, 1005);
	if (strcmp(t->parent, CLOUD_ELSEWHERE) == 0)
		return failure(status, 403, 1002);
	switch (q->which) {
	case CALL_TENANT:
		return tenant_json(t);
	case CALL_TENANT_UPDATE:
		return update_tenant(q, t, status);
	case CALL_TENANT_USERS:
		return users_of(q);
	case CALL_MFA_SET:
		t->mfa = json_is_true(json_object_get(q->body, "enabled"));
		/* fall through */
	case CALL_MFA:
		return json_pack("{s:s,s:b,s:i,s:i}", "mfa_status", t->mfa ? "enabled" : "disabled",
		    "update_allowed", 1, "users_count", 0, "users_with_totp_enabled_count", 0);
	case CALL_PRICING:
		return pricing(t);
	case CALL_PRICING_SET:
		return set_pricing(q, t, status);
	case CALL_SETTING:
		return setting(q, t);
	case CALL_SETTING_SET:
		return set_setting(q, t);
	case CALL_OFFERING_ITEMS:
		return offering_items(t);
	default:
		return set_offering_items(q, t, status);
	}
}

static json_t *answer_user(struct question *q, int *status)
{
	struct cloud_user *u = user_of(q->cloud, q->a);

	if (!u)
		return failure(status, 404, 1005);
	switch (q->which) {
	case CALL_USER:
		return user_json(u);
	case CALL_ACCESS_POLICIES:
		return policies(u);
	case CALL_ACCESS_POLICIES_SET:
		return set_policies(q, u);
	default:
		u->mails++;
		*status = 204;
		return NULL;
	}
}

static json_t *do_call(struct question *q, int *status)
{
	switch (q->which) {
	case CALL_TENANTS:
		return list_tenants(q);
	case CALL_TENANT_CREATE:
		return create_tenant(q, status);
	case CALL_SEARCH:
		return cloud_search(q->cloud, q->call->path);
	case CALL_CHECK_LOGIN:
		return check_login(q, status);
	case CALL_USERS:
		return list_users(q);
	case CALL_USER_CREATE:
		return create_user(q, status);
	case CALL_USER:
	case CALL_ACCESS_POLICIES:
	case CALL_ACCESS_POLICIES_SET:
	case CALL_ACTIVATION_MAIL:
		return answer_user(q, status);
	default:
		return answer_tenant(q, status);
	}
}

/* ---- Faults and kills. */

static const struct cloud_fault *fault_now(const struct cloud *cloud, enum acronis_call call)
{
	static const struct cloud_fault none;
	unsigned arrival = cloud->arrivals[call] - 1;

	for (size_t i = 0; i < ARRAY_LEN(cloud->faults); i++) {
		const struct cloud_fault *f = &cloud->faults[i];
		if (f->kind != FAULT_NONE && f->call == call && arrival >= f->nth &&
		    arrival - f->nth < f->times)
			return f;
	}
	return &none;
}

static void event(struct cloud *cloud)
{
	if (++cloud->events == cloud->kill_at)
		_exit(9);
}

/* Somebody else writes between our reading and our change. */
static void others_write(struct question *q)
{
	struct cloud_tenant *t = cloud_tenant(q->cloud, q->a);

	if (!t)
		return;
	t->version++;
	t->pricing_version++;
	for (size_t i = 0; i < CLOUD_ITEMS; i++)
		t->quota_version[i]++;
}

static json_t *pretend(struct question *q, int *status)
{
	struct cloud_tenant *tenants = mem_zalloc(sizeof q->cloud->tenants);
	struct cloud_user *users = mem_zalloc(sizeof q->cloud->users);

	memcpy(tenants, q->cloud->tenants, sizeof q->cloud->tenants);
	memcpy(users, q->cloud->users, sizeof q->cloud->users);
	json_t *body = do_call(q, status);
	memcpy(q->cloud->tenants, tenants, sizeof q->cloud->tenants);
	memcpy(q->cloud->users, users, sizeof q->cloud->users);
	free(tenants);
	free(users);
	return body;
}

static void answer_of_another(json_t *body)
{
	static const char *const members[] = {"internal_tag", "external_id"};

	json_object_set_new(body, "id", json_string("30000000-0000-4000-8000-000000000001"));
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (json_object_get(body, members[i]))
			json_object_set_new(body, members[i], json_string("another's"));
}

static json_t *carry_out(struct question *q, struct fake_reply *reply)
{
	struct cloud *cloud = q->cloud;
	const struct cloud_fault *fault = fault_now(cloud, q->which);
	json_t *body = NULL;

	if (fault->kind == FAULT_LOST_BEFORE) {
		reply->failure = TRANSPORT_LOST;
		return NULL;
	}
	if (fault->kind == FAULT_STATUS || cloud->down)
		return failure(
		    &reply->status, cloud->down ? 503 : fault->status, cloud->down ? 503 : fault->code);
	if (fault->kind == FAULT_OTHERS_WRITE)
		others_write(q);
	if (fault->kind == FAULT_OTHERS_FIRST)
		json_decref(do_call(q, &reply->status));
	body = fault->kind == FAULT_NOT_KEPT ? pretend(q, &reply->status) : do_call(q, &reply->status);
	if (fault->kind == FAULT_OF_ANOTHER)
		answer_of_another(body);
	if (fault->kind == FAULT_LOST_AFTER)
		reply->failure = TRANSPORT_LOST;
	return body;
}

void cloud_answer(struct cloud *cloud, const struct fake_call *call, struct fake_reply *reply)
{
	static char text[128 * 1024]; /* borrowed until the fake has copied it */
	struct question q = {.cloud = cloud, .call = call};

	if (strncmp(call->path, "/idp/token", 10) == 0) {
		reply->body =
		    "{\"access_token\":\"token-of-the-cloud\",\"token_type\":\"bearer\",\"expires_in\":7200}";
		return;
	}
	if (!route(&q)) {
		reply->status = 404;
		return;
	}
	q.body = call->body[0] ? json_loads(call->body, 0, NULL) : NULL;
	if (q.cloud->log_count < ARRAY_LEN(q.cloud->log))
		q.cloud->log[q.cloud->log_count++] = q.which;
	q.cloud->arrivals[q.which]++;
	q.cloud->changes += acronis_call_changes(q.which);
	event(q.cloud);
	json_t *body = carry_out(&q, reply);
	event(q.cloud);
	char *dump = body ? json_dumps(body, JSON_COMPACT) : NULL;
	snprintf(text, sizeof text, "%s", dump ? dump : "");
	free(dump);
	json_decref(body);
	json_decref(q.body);
	reply->body = text;
	reply->delay_ms = q.cloud->delay_ms;
}

static void serve(void *user, const struct fake_call *call, struct fake_reply *reply)
{
	cloud_answer(user, call, reply);
}

void cloud_serve(struct cloud *cloud, struct fake_transport *fake)
{
	static const enum http_method methods[] = {HTTP_GET, HTTP_POST, HTTP_PUT};

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		fake_on_call(fake, methods[i], "", serve, cloud);
}
