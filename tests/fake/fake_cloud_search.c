/* GET /search of the small Acronis: name, Account Id and the contact's mail and names, without regard to
 * case, below the tenant that is asked for; never the tag. */
#include "fake_cloud.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A query parameter, decoded; "" when it is absent. */
static void parameter(const char *path, const char *name, char *out, size_t size)
{
	const char *at = strchr(path, '?');
	size_t n = strlen(name), length = 0;

	while (at && strncmp(at + 1, name, n) != 0)
		at = strchr(at + 1, '&');
	for (at = at ? at + 1 + n : ""; *at && *at != '&' && length + 1 < size; at++) {
		unsigned byte = (unsigned char)*at;
		if (*at == '%' && sscanf(at + 1, "%2x", &byte) == 1)
			at += 2;
		out[length++] = *at == '+' ? ' ' : (char)byte;
	}
	out[length] = '\0';
}

static bool holds(const char *text, const char *wanted)
{
	return text && strcasestr(text, wanted) != NULL;
}

static bool found(const struct cloud_tenant *t, const char *wanted)
{
	static const char *const members[] = {"firstname", "lastname", "email"};
	json_t *contact = json_loads(t->contact, 0, NULL);
	bool hit = holds(t->name, wanted) || holds(t->customer, wanted);

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		hit = hit || holds(json_string_value(json_object_get(contact, members[i])), wanted);
	json_decref(contact);
	return hit;
}

json_t *cloud_search(const struct cloud *cloud, const char *path)
{
	char tenant[64], text[256], limit[16], deleted[8];
	json_t *items = json_array();

	parameter(path, "tenant=", tenant, sizeof tenant);
	parameter(path, "text=", text, sizeof text);
	parameter(path, "limit=", limit, sizeof limit);
	parameter(path, "allow_deleted=", deleted, sizeof deleted);
	size_t most = limit[0] ? (size_t)atol(limit) : 10;
	for (size_t i = 0; i < cloud->tenant_count && json_array_size(items) < most; i++) {
		const struct cloud_tenant *t = &cloud->tenants[i];
		if ((strcmp(t->parent, tenant) != 0 && !cloud->search_below) ||
		    (t->deleted && strcmp(deleted, "true") != 0) || t->unsearched ||
		    !acronis_search_can(text) || !found(t, text))
			continue;
		json_array_append_new(items,
		    json_pack("{s:s,s:s,s:s,s:[s],s:s,s:s,s:s?}", "obj_type", "tenant", "id", t->id,
			"parent_id", t->parent, "path", "parent", "kind", t->folder ? "folder" : "partner",
			"name", t->name, "deleted_at", t->deleted ? "2026-11-01T00:00:00" : NULL));
	}
	return json_pack("{s:o}", "items", items);
}
