/* What a run reads once before its first change; see acronis_session_open() in acronis.h (notes section 8,
 * steps 2, 3, 6). */
#include "tenantry/acronis.h"

#include "tenantry/mem.h"

/* One read whose answer must be good. The caller drops the body. */
static const json_t *read_once(struct acronis_client *client, enum acronis_call call, const char *a,
    const char *query, struct error *err)
{
	struct acronis_answer answer;

	if (acronis_call_wait(
		client, &(struct acronis_request){.call = call, .a = a, .query = query}, &answer, err) < 0)
		return NULL;
	if (answer.result == API_OK)
		return answer.body;
	acronis_answer_error(&answer, err);
	json_decref((json_t *)answer.body);
	return NULL;
}

static int read_own_tenant(struct acronis_session *session, const char *client_id, const char *parent,
    struct arena *arena, struct error *err)
{
	const json_t *body = read_once(session->client, CALL_CLIENT, client_id, NULL, err);
	const char *own = json_string_value(json_object_get(body, "tenant_id")),
		   *status = json_string_value(json_object_get(body, "status"));
	char normal[UUID_TEXT_SIZE];
	int result = body ? 0 : -1;

	if (body && status && strcmp(status, "disabled") == 0) {
		result = error_set(err, ERR_ACRONIS, "the API client %s is disabled", client_id);
		error_hint(err, "enable it in the Acronis portal, or name another one in acronis.client_id");
	} else if (body && !uuid_normal(strv_of(parent ? parent : own), normal)) {
		result = error_set(err, ERR_ACRONIS, "FetchClient: tenant_id is not a UUID");
	} else if (body) {
		session->parent = arena_strdup(arena, normal);
	}
	json_decref((json_t *)body);
	return result;
}

/* The items of a list answer, or NULL with an error. */
static const json_t *items_of(const json_t *body, const char *operation, struct error *err)
{
	const json_t *items = json_object_get(body, "items");

	if (json_is_array(items))
		return items;
	error_set(err, ERR_ACRONIS, "%s: items is not an array", operation);
	error_hint(err, "something else than the Acronis API answered: check acronis.url");
	return NULL;
}

static int take_application(
    struct acronis_session *session, const json_t *item, struct arena *arena, struct error *err)
{
	const char *type = json_string_value(json_object_get(item, "type")),
		   *name = json_string_value(json_object_get(item, "name"));
	char normal[UUID_TEXT_SIZE];

	if (!type || !uuid_normal(strv_of(json_string_value(json_object_get(item, "id"))), normal))
		return error_set(
		    err, ERR_ACRONIS, "FetchApplications: an application without a type or a UUID");
	struct acronis_application *app = &session->applications[session->application_count++];
	*app = (struct acronis_application){.id = arena_strdup(arena, normal),
	    .type = arena_strdup(arena, type),
	    .name = arena_strdup(arena, name ? name : "")};
	if (strcmp(type, "platform") == 0)
		session->platform_id = app->id;
	return 0;
}

static int read_applications(struct acronis_session *session, struct arena *arena, struct error *err)
{
	const json_t *body = read_once(session->client, CALL_APPLICATIONS, NULL, NULL, err), *item;
	const json_t *items = body ? items_of(body, "FetchApplications", err) : NULL;
	int result = items ? 0 : -1;
	size_t i;

	session->applications =
	    arena_alloc(arena, (json_array_size(items) + 1) * sizeof *session->applications);
	json_array_foreach(items, i, item)
	{
		if (result == 0)
			result = take_application(session, item, arena, err);
	}
	if (result == 0 && !session->platform_id) {
		result = error_set(err, ERR_ACRONIS,
		    "FetchApplications: no application of type platform, where the tier is set");
		error_hint(err, "the API client must belong to a partner tenant");
	}
	json_decref((json_t *)body);
	return result;
}

static int read_available(struct acronis_session *session, struct arena *arena, struct error *err)
{
	const json_t *body = read_once(
			 session->client, CALL_AVAILABLE, session->parent, "kind=partner&edition=*", err),
		     *item;
	const json_t *items = body ? items_of(body, "FetchOfferingItemsAvailableForTenantChild", err) : NULL;
	int result = items ? 0 : -1;
	size_t i;

	session->available = arena_alloc(arena, (json_array_size(items) + 1) * sizeof *session->available);
	json_array_foreach(items, i, item)
	{
		if (result == 0)
			result = acronis_offering_item_decode(
			    item, arena, &session->available[session->available_count++], err);
	}
	json_decref((json_t *)body);
	return result;
}

int acronis_session_open(struct acronis_client *client, const char *client_id, const char *parent,
    bool with_offering_items, struct arena *arena, struct acronis_session *out, struct error *err)
{
	*out = (struct acronis_session){.client = client};
	if (read_own_tenant(out, client_id, parent, arena, err) < 0 || read_applications(out, arena, err) < 0)
		return -1;
	if (!with_offering_items || read_available(out, arena, err) == 0)
		return 0;
	/* The first call that needs the parent itself: a wrong one shows here. */
	if (parent)
		error_prefix(err, "acronis.parent %s", out->parent);
	return -1;
}
