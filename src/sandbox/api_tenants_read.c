/* Reading tenants (notes section 2.1). */
#include <stdlib.h>
#include <string.h>

#include "sandbox/items.h"
#include "sandbox/listing.h"
#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"

struct tenants_page {
	struct exchange *x;
	struct listing listing;
	enum detail detail;
	bool with_contacts, with_items, all_items;
};

static bool add_tenant(void *ctx, const struct tenant *tenant)
{
	struct tenants_page *page = ctx;

	if (!listing_room(page->x, &page->listing, tenant->level, tenant->seq, 0))
		return false;
	json_t *item = render_tenant(page->x, tenant, page->detail, page->with_contacts),
	       *offering_items = json_array();
	if (page->with_items)
		items_render(page->x, tenant, page->all_items, offering_items);
	json_object_set_new(item, "offering_items", offering_items);
	if (page->detail == DETAIL_FULL)
		json_object_set_new(item, "barrier", json_integer(0));
	json_array_append_new(page->listing.items, item);
	return true;
}

static bool read_detail(struct exchange *x, enum detail *detail)
{
	const char *lod = query_text(x, "lod");

	*detail = DETAIL_FULL;
	if (!lod || strcmp(lod, "full") == 0)
		return true;
	if (strcmp(lod, "full_without_contacts") == 0) {
		exchange_note(
		    x, "lod=full_without_contacts is not in the description; an official client sends it");
		return true;
	}
	if (!check_choice("stamps|basic", lod)) {
		reply_error(x, API_MALFORMED, "query parameter lod must be stamps, basic or full");
		return false;
	}
	*detail = strcmp(lod, "basic") == 0 ? DETAIL_BASIC : DETAIL_STAMPS;
	return true;
}

/* Which tenants: exactly one of ids, parent and subtree. The named parent or root must be visible. */
static bool read_selector(struct exchange *x, struct tenant_filter *filter, struct tenant *root)
{
	const char *subtree = NULL;

	if (!query_ids(x, "uuids", 100, &filter->ids) || !query_id(x, "parent_id", &filter->parent_id) ||
	    !query_id(x, "subtree_root_id", &subtree))
		return false;
	int given = (filter->ids != NULL) + (filter->parent_id != NULL) + (subtree != NULL);
	if (given != 1) {
		exchange_note(x,
		    given
			? "assumption: 400 for selectors that exclude each other"
			: "400 without a selector: seen by a user of the real service, not in the reference");
		reply_error(x, API_MALFORMED,
		    given ? "uuids, parent_id and subtree_root_id exclude each other"
			  : "required_without_all: uuids, parent_id, subtree_root_id or after");
		return false;
	}
	filter->root = &x->root;
	if (filter->parent_id)
		return find_tenant(x, filter->parent_id, FIND_DELETED_TOO, root);
	if (!subtree)
		return true;
	filter->root = root;
	return find_tenant(x, subtree, FIND_DELETED_TOO, root);
}

/* The official Go client asks for its own tenant's parent by id; lenient lets it see that one. */
static bool id_visible(struct exchange *x, const struct tenant *tenant)
{
	if (tenant_visible(x, tenant))
		return true;
	if (!x->box->settings->lenient || !tenant_below(&x->root, tenant))
		return false;
	exchange_note(x, "lenient: tenants above the caller's are shown by id");
	return true;
}

/* A listed id that the caller may not see is a refusal, not a gap. What is left is visible wherever it
 * stands. */
static bool ids_visible(struct exchange *x, struct tenant_filter *filter, struct tenant *top)
{
	json_t *ids = filter->ids ? json_loads(filter->ids, 0, NULL) : NULL, *id;
	struct tenant tenant;
	bool visible = true;
	size_t i;

	json_array_foreach(ids, i, id)
	{
		if (!tenant_load(x->box->store, x->arena, json_string_value(id), &tenant) ||
		    id_visible(x, &tenant))
			continue;
		reply_error(x, API_FORBIDDEN, "tenant %s is not below the caller's", json_string_value(id));
		visible = false;
		break;
	}
	if (ids && tenant_load_seq(x->box->store, x->arena, 1, top))
		filter->root = top;
	json_decref(ids);
	return visible;
}

void api_tenants_list(struct exchange *x)
{
	struct tenants_page page = {.x = x};
	struct tenant_filter filter = {0};
	struct tenant root;

	if (!listing_begin(x, 5000, &page.listing))
		return;
	if (!read_selector(x, &filter, &root) || !ids_visible(x, &filter, &root) ||
	    !read_detail(x, &page.detail) || !query_bool(x, "with_contacts", &page.with_contacts) ||
	    !query_bool(x, "with_offering_items", &page.with_items) ||
	    !query_bool(x, "expand_offering_items", &page.all_items) ||
	    !query_bool(x, "allow_deleted", &filter.deleted_too) ||
	    !query_time(x, "updated_since", &filter.updated_after)) {
		json_decref(page.listing.items);
		return;
	}
	page.with_items = page.with_items || page.all_items;
	filter.made_until = x->made_until;
	filter.after_level = page.listing.cursor.key[0];
	filter.after_seq = page.listing.cursor.key[1];
	filter.limit = page.listing.limit + 1;
	tenant_list(x->box->store, x->arena, &filter, add_tenant, &page);
	listing_reply(x, &page.listing);
}

/* Ancestor ids, the nearest first. */
static json_t *path_of(struct exchange *x, const struct tenant *tenant)
{
	json_t *path = json_array();
	struct tenant at = *tenant;

	while (strcmp(at.parent_id, at.id) != 0 && tenant_load(x->box->store, x->arena, at.parent_id, &at))
		json_array_append_new(path, json_string(at.id));
	return path;
}

void api_tenant_get(struct exchange *x)
{
	bool deleted = false, path = false, contacts = false;
	struct tenant tenant;

	if (!query_bool(x, "allow_deleted", &deleted) || !query_bool(x, "embed_path", &path) ||
	    !query_bool(x, "with_contacts", &contacts) ||
	    !find_tenant(x, x->param[0], deleted ? FIND_DELETED_TOO : FIND_LIVE, &tenant))
		return;
	json_t *reply = render_tenant(x, &tenant, DETAIL_FULL, contacts);
	if (path)
		json_object_set_new(reply, "path", path_of(x, &tenant));
	reply_json(x, 200, reply);
}

struct named_id {
	const char *name, *id;
};
struct id_list {
	struct exchange *x;
	struct named_id *items;
	size_t count, cap;
};

static void add_id(struct id_list *list, const char *name, const char *id)
{
	if (list->count == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 64;
		struct named_id *grown = arena_alloc(list->x->arena, cap * sizeof *grown);
		if (list->count > 0)
			memcpy(grown, list->items, list->count * sizeof *grown);
		list->items = grown;
		list->cap = cap;
	}
	list->items[list->count++] =
	    (struct named_id){store_fold(list->x->box->store, list->x->arena, name), id};
}

static bool add_child(void *ctx, const struct tenant *tenant)
{
	add_id(ctx, tenant->name, tenant->id);
	return true;
}

static bool add_user(void *ctx, const struct user *user)
{
	add_id(ctx, user->login, user->id);
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct named_id *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->id, y->id);
}

/* Orders that the sandbox has no figures for come out as created ("as_is"). */
static void reply_ids(struct exchange *x, struct id_list *list)
{
	const char *order = query_text(x, "order");
	bool reverse = order && order[0] == '-';
	json_t *items = json_array();

	if ((!order || check_choice("name|login", order + reverse)) && list->count > 0)
		qsort(list->items, list->count, sizeof *list->items, by_name);
	for (size_t i = 0; i < list->count; i++) {
		size_t at = reverse ? list->count - 1 - i : i;
		json_array_append_new(items, json_string(list->items[at].id));
	}
	reply_json(x, 200, json_pack("{s:o}", "items", items));
}

void api_tenant_children(struct exchange *x)
{
	struct tenant_filter filter = {.root = &x->root, .made_until = x->made_until, .limit = -1};
	struct id_list list = {.x = x};
	struct tenant tenant;

	if (!query_bool(x, "allow_deleted", &filter.deleted_too) ||
	    !find_tenant(x, x->param[0], filter.deleted_too ? FIND_DELETED_TOO : FIND_LIVE, &tenant))
		return;
	filter.parent_id = tenant.id;
	tenant_list(x->box->store, x->arena, &filter, add_child, &list);
	reply_ids(x, &list);
}

void api_tenant_users(struct exchange *x)
{
	struct user_filter filter = {.made_until = x->made_until, .limit = -1};
	struct id_list list = {.x = x};
	struct tenant tenant;
	bool below = false;

	if (!query_bool(x, "allow_deleted", &filter.deleted_too) ||
	    !query_bool(x, "include_grand_children", &below) ||
	    !find_tenant(x, x->param[0], filter.deleted_too ? FIND_DELETED_TOO : FIND_LIVE, &tenant))
		return;
	filter.root = &tenant;
	filter.tenant_id = below ? NULL : tenant.id;
	user_list(x->box->store, x->arena, &filter, add_user, &list);
	reply_ids(x, &list);
}
