/* Calls that official example clients make beside the described ones: storages and locations. */
#include "sandbox/catalog.h"
#include "sandbox/operations.h"

static const char location[] = "8f6d2c07-41b9-4e5a-b3d8-1f7a90c6e254";

void api_infra(struct exchange *x)
{
	const char *ids = query_text(x, "uuids");
	json_t *items = json_array(), *seen = json_object();

	for (size_t i = 0; i < catalog_count(); i++) {
		const char *id = catalog[i].infra_id;
		if (!id || !in_list(ids, id) || json_object_get(seen, id))
			continue;
		json_object_set_new(seen, id, json_true());
		json_array_append_new(
		    items, json_pack("{s:s, s:s, s:s, s:[s], s:n}", "id", id, "name", "Sandbox storage",
			       "location_id", location, "capabilities", "backup", "owner_tenant_id"));
	}
	json_decref(seen);
	reply_json(x, 200, json_pack("{s:o}", "items", items));
}

void api_locations(struct exchange *x)
{
	struct tenant tenant;

	if (find_tenant(x, x->param[0], FIND_LIVE, &tenant))
		reply_json(x, 200, json_pack("{s:[s]}", "locations", location));
}
