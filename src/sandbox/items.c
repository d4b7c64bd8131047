/* Offering items of a tenant; see items.h. */
#include "sandbox/items.h"

#include <string.h>

#include "sandbox/catalog.h"
#include "sandbox/render.h"
#include "sandbox/store.h"

bool item_on(struct exchange *x, const struct tenant *tenant, int64_t item)
{
	struct item_state state;

	if (strcmp(tenant->kind, "root") == 0)
		return true;
	return item_load(x->box->store, tenant->id, item, &state) && state.on;
}

bool item_listed(struct exchange *x, const struct tenant *tenant, int64_t item, struct item_state *state)
{
	bool set = item_load(x->box->store, tenant->id, item, state);
	struct tenant parent;

	if (!binding_exists(x->box->store, tenant->id, applications[catalog[item].application].id))
		return false;
	return set || (in_list(catalog[item].kinds, tenant->kind) &&
			  tenant_load(x->box->store, x->arena, tenant->parent_id, &parent) &&
			  item_on(x, &parent, item));
}

void items_render(struct exchange *x, const struct tenant *tenant, bool all, json_t *list)
{
	struct item_state state;

	for (int64_t i = 0; i < (int64_t)catalog_count(); i++) {
		bool shown =
		    all ? item_listed(x, tenant, i, &state) : item_load(x->box->store, tenant->id, i, &state);
		if (shown)
			json_array_append_new(list, render_item(tenant, &state, false));
	}
}

void item_switch(struct exchange *x, const struct tenant *tenant, struct item_state *state, bool on)
{
	state->on = on;
	state->updated = store_stamp(x->box->store);
	item_save(x->box->store, tenant->id, state);
	tenant_touch(x->box->store, tenant->id, state->updated);
	if (on)
		binding_set(
		    x->box->store, tenant->id, applications[catalog[state->item].application].id, true);
}
