/* Reading applications and offering items (notes section 4). */
#include <string.h>

#include "sandbox/catalog.h"
#include "sandbox/items.h"
#include "sandbox/listing.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"

static json_t *render_application(struct exchange *x, const struct application *a)
{
	json_t *usages = json_array();
	const char *base = arena_printf(x->arena, "%s://%s%s", x->box->settings->tls ? "https" : "http",
	    x->host ? x->host : "127.0.0.1", a->api_path);

	for (size_t i = 0; i < catalog_count(); i++)
		if (&applications[catalog[i].application] == a)
			json_array_append_new(usages, json_string(catalog[i].usage_name));
	return json_pack("{s:s, s:s, s:s, s:o, s:s}", "id", a->id, "name", a->name, "type", a->type, "usages",
	    usages, "api_base_url", base);
}

void api_applications(struct exchange *x)
{
	json_t *items = json_array();

	for (size_t i = 0; i < application_count(); i++)
		json_array_append_new(items, render_application(x, &applications[i]));
	reply_json(x, 200, json_pack("{s:o}", "items", items));
}

void api_application(struct exchange *x)
{
	const struct application *application = application_by_id(x->param[0]);

	if (application)
		reply_json(x, 200, render_application(x, application));
	else
		reply_error(x, API_NOT_FOUND, "no application %s", x->param[0]);
}

void api_tenant_applications(struct exchange *x)
{
	json_t *items = json_array();
	struct tenant tenant;

	if (find_tenant(x, x->param[0], FIND_LIVE, &tenant)) {
		for (size_t i = 0; i < application_count(); i++)
			if (binding_exists(x->box->store, tenant.id, applications[i].id))
				json_array_append_new(items, json_string(applications[i].id));
		reply_json(x, 200, json_pack("{s:O}", "items", items));
	}
	json_decref(items);
}

static void switch_binding(struct exchange *x, bool on)
{
	const struct application *application = application_by_id(x->param[0]);
	struct item_state state;
	struct tenant tenant;

	if (!application) {
		reply_error(x, API_NOT_FOUND, "no application %s", x->param[0]);
		return;
	}
	if (!find_tenant(x, x->param[1], FIND_LIVE, &tenant))
		return;
	binding_set(x->box->store, tenant.id, application->id, on);
	for (int64_t i = 0; !on && i < (int64_t)catalog_count(); i++)
		if (&applications[catalog[i].application] == application &&
		    item_load(x->box->store, tenant.id, i, &state) && state.on)
			item_switch(x, &tenant, &state, false);
	reply_empty(x, 204);
}

void api_binding_on(struct exchange *x)
{
	switch_binding(x, true);
}

void api_binding_off(struct exchange *x)
{
	switch_binding(x, false);
}

/* Without `edition` only the standard one is shown, "*" shows all. */
static bool edition_fits(struct exchange *x, const struct catalog_item *item)
{
	const char *edition = query_text(x, "edition");

	edition = edition ? edition : "standard";
	return strcmp(edition, "*") == 0 || (item->edition && strcmp(edition, item->edition) == 0);
}

static void reply_items(struct exchange *x, json_t *items)
{
	reply_json(x, 200,
	    json_pack("{s:o, s:o}", "timestamp", render_time_fraction(exchange_mark(x)), "items", items));
}

void api_items_for_child(struct exchange *x)
{
	const char *kind = query_text(x, "kind");
	struct tenant parent;

	if (!find_tenant(x, x->param[0], FIND_LIVE, &parent))
		return;
	json_t *items = json_array();
	for (int64_t i = 0; i < (int64_t)catalog_count(); i++) {
		struct item_state state = {.item = i};
		if (edition_fits(x, &catalog[i]) && (!kind || in_list(catalog[i].kinds, kind)) &&
		    item_on(x, &parent, i))
			json_array_append_new(items, render_item(&parent, &state, true));
	}
	reply_items(x, items);
}

static bool item_wanted(
    struct exchange *x, const struct catalog_item *item, const struct item_state *state, int64_t status)
{
	const char *infra = query_text(x, "infra_uuid"), *type = query_text(x, "type");

	return edition_fits(x, item) &&
	       (!infra || (item->infra_id && strcasecmp(infra, item->infra_id) == 0)) &&
	       (!type || strcmp(type, item->type) == 0) && (status < 0 || status == (state->on ? 1 : 0)) &&
	       in_list(query_text(x, "usage_names"), item->usage_name);
}

void api_items_get(struct exchange *x)
{
	bool available_only = false;
	int64_t status = -1;
	struct item_state state;
	struct tenant tenant;

	if (!query_int(x, "status", 0, 1, &status) || !query_bool(x, "available_only", &available_only) ||
	    !find_tenant(x, x->param[0], FIND_LIVE, &tenant))
		return;
	json_t *items = json_array();
	for (int64_t i = 0; i < (int64_t)catalog_count(); i++)
		if (item_listed(x, &tenant, i, &state) && item_wanted(x, &catalog[i], &state, status))
			json_array_append_new(items, render_item(&tenant, &state, false));
	reply_items(x, items);
}

struct items_page {
	struct exchange *x;
	struct listing listing;
	const char *editions, *usage_names, *names;
	int64_t updated_after;
};

static bool add_items(void *ctx, const struct tenant *tenant)
{
	struct items_page *page = ctx;
	struct item_state state;
	/* The tenant that the page before ended in goes on after its last item there. */
	int64_t from = tenant->seq == page->listing.cursor.key[1] ? page->listing.cursor.key[2] : 0;

	for (int64_t i = from; i < (int64_t)catalog_count(); i++) {
		if (!item_load(page->x->box->store, tenant->id, i, &state) ||
		    state.updated <= page->updated_after || !in_list(page->editions, catalog[i].edition) ||
		    !in_list(page->usage_names, catalog[i].usage_name) ||
		    !in_list(page->names, catalog[i].name))
			continue;
		if (!listing_room(page->x, &page->listing, tenant->level, tenant->seq, i + 1))
			return false;
		json_array_append_new(page->listing.items, render_item(tenant, &state, false));
	}
	return true;
}

void api_items_list(struct exchange *x)
{
	struct items_page page = {.x = x};
	struct tenant_filter filter = {.limit = -1};
	const char *id = NULL;
	struct tenant root;

	if (!listing_begin(x, 5000, &page.listing))
		return;
	if (!query_id(x, "subtree_root_tenant_id", &id) ||
	    !query_bool(x, "allow_deleted", &filter.deleted_too) ||
	    !query_time(x, "updated_since", &page.updated_after))
		goto replied;
	if (!id) {
		reply_error(x, API_MALFORMED, "subtree_root_tenant_id or after is required");
		goto replied;
	}
	if (!find_tenant(x, id, FIND_DELETED_TOO, &root))
		goto replied;
	page.editions = query_text(x, "editions");
	page.usage_names = query_text(x, "usage_names");
	page.names = query_text(x, "offering_items");
	filter.root = &root;
	filter.made_until = x->made_until;
	filter.after_level = page.listing.cursor.key[0];
	filter.after_seq = page.listing.cursor.key[1] > 0 ? page.listing.cursor.key[1] - 1 : 0;
	tenant_list(x->box->store, x->arena, &filter, add_items, &page);
	listing_reply(x, &page.listing);
	return;
replied:
	json_decref(page.listing.items);
}
