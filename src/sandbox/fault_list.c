/* Faults of lists; see fault_list.h. They work on the finished reply, so that every list can meet them, and
 * make their cursors from what listing_reply() left in the exchange. */
#include "sandbox/fault_list.h"

#include <inttypes.h>
#include <string.h>

#include "sandbox/fault_play.h"
#include "sandbox/listing.h"
#include "sandbox/operations.h"
#include "sandbox/store.h"
#include "tenantry/mem.h"

void fault_list_ask(struct exchange *x, struct fault_question *q)
{
	const char *after = query_text(x, "after");
	struct cursor cursor;

	q->filters = "";
	q->lists = x->operation->flags & OP_LIST;
	q->page = q->lists;
	if (!q->lists || !after || !cursor_open(after, x->arena, &cursor))
		return;
	q->page = cursor.page;
	q->filters = cursor.filters;
}

void fault_list_view(struct exchange *x, struct fault_question *q)
{
	/* The pages that follow show the moment of the first. */
	if (!q->lists || q->page != 1)
		return;
	q->moment = FAULT_AT_VIEW;
	q->mark = store_mark(x->box->store);
	const struct fault *fault = fault_pick(x->box->faults, q);
	if (!fault)
		return;
	fault_note(x, fault);
	x->made_until = fault_view(fault, store_clock(x->box->store));
}

/* ---- items ---- */

static json_t *items_of(struct exchange *x)
{
	return json_object_get(x->reply, "items");
}

/* Does the fault mean this item of the page? */
static bool means(const struct fault *fault, const json_t *items, size_t at)
{
	size_t last = json_array_size(items) - 1;
	size_t wanted = fault->item > 0 ? (size_t)fault->item - 1 : 0;

	if (fault->holds[0])
		return fault_holds(fault, json_array_get(items, at));
	return at == (wanted < last ? wanted : last);
}

static void take_away(json_t *items, const struct fault *fault)
{
	json_t *kept = json_array();

	for (size_t i = 0; i < json_array_size(items); i++)
		if (!means(fault, items, i))
			json_array_append(kept, json_array_get(items, i));
	json_array_clear(items);
	json_array_extend(items, kept);
	json_decref(kept);
}

static void repeat(json_t *items, const struct fault *fault)
{
	for (size_t i = json_array_size(items); i > 0; i--)
		if (means(fault, items, i - 1))
			json_array_insert(items, i, json_array_get(items, i - 1));
}

/* An offering item has no id of its own, its tenant's says whose it is. */
static void take_ids(json_t *items, const struct fault *fault)
{
	bool all = !fault->holds[0] && fault->item == 0;

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);
		if (!all && !means(fault, items, i))
			continue;
		if (json_object_del(item, "id") < 0)
			json_object_del(item, "tenant_id");
	}
}

static void rename_item(json_t *item, const char *member, int64_t page)
{
	const char *old = json_string_value(json_object_get(item, member));

	if (old)
		json_object_set_new(item, member, json_sprintf("%s %" PRId64, old, page));
}

static void invent(struct exchange *x, json_t *items)
{
	static const char *const members[] = {"name", "login", "customer_id", "internal_tag"};
	char id[UUID_TEXT_SIZE];

	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);
		const char *old = json_string_value(json_object_get(item, "id"));
		store_new_id(x->box->store,
		    arena_printf(x->arena, "%s %" PRId64, old ? old : "", x->listing->cursor.page), id);
		json_object_set_new(item, "id", json_string(id));
		for (size_t m = 0; m < ARRAY_LEN(members); m++)
			rename_item(item, members[m], x->listing->cursor.page);
	}
}

/* ---- pages ---- */

static void set_after(struct exchange *x, json_t *after)
{
	json_t *cursors = json_object_get(json_object_get(x->reply, "paging"), "cursors");

	if (after)
		json_object_set_new(cursors, "after", after);
	else
		json_object_del(cursors, "after");
}

static void end_here(struct exchange *x)
{
	if (x->listing)
		set_after(x, NULL);
}

static void cut(struct exchange *x)
{
	json_t *items = items_of(x);

	/* Of what was the end anyway only a part is told. */
	if (!x->listing || !x->listing->more)
		for (size_t i = json_array_size(items), half = i / 2; i > half; i--)
			json_array_remove(items, i - 1);
	end_here(x);
}

static void same_again(struct exchange *x)
{
	set_after(x, json_string(listing_cursor(x, x->listing, listing_key(x->listing, -1), 0, true)));
}

static void another_page(struct exchange *x)
{
	ptrdiff_t last = (ptrdiff_t)x->listing->key_count - 1;

	set_after(x, json_string(listing_cursor(x, x->listing, listing_key(x->listing, last), 0, false)));
}

static void shift(struct exchange *x, int64_t by)
{
	ptrdiff_t last = (ptrdiff_t)x->listing->key_count - 1;
	const int64_t *key = listing_key(x->listing, by < 0 ? last + (ptrdiff_t)by : last);

	set_after(x, json_string(listing_cursor(x, x->listing, key, by > 0 ? by : 0, false)));
}

static void play(struct exchange *x, const struct fault *fault)
{
	json_t *items = items_of(x);

	switch (fault->kind) {
	case FAULT_LIST_EMPTY:
		json_array_clear(items);
		end_here(x);
		break;
	case FAULT_LIST_CUT:
		cut(x);
		break;
	case FAULT_LIST_SHORT:
		take_away(items, fault);
		break;
	case FAULT_LIST_REPEATED:
		repeat(items, fault);
		break;
	case FAULT_LIST_WITHOUT_IDS:
		take_ids(items, fault);
		break;
	case FAULT_LIST_FLOOD:
		if (x->listing->cursor.again)
			invent(x, items);
		same_again(x);
		break;
	case FAULT_LIST_DOUBLE:
	case FAULT_LIST_SAME_PAGE:
		same_again(x);
		break;
	case FAULT_LIST_ENDLESS:
		another_page(x);
		break;
	case FAULT_LIST_SHIFTED:
		shift(x, fault->by);
		break;
	case FAULT_END_NULL:
		set_after(x, json_null());
		break;
	case FAULT_END_EMPTY:
		set_after(x, json_string(""));
		break;
	default: /* end-absent is how the sandbox ends a listing by itself */
		break;
	}
}

static unsigned page_is(const struct exchange *x, const json_t *items)
{
	unsigned is = json_array_size(items) > 0 ? FITS_ITEMS : 0;

	if (!x->listing)
		return is | FITS_LAST | FITS_FRESH;
	return is | FITS_PAGED | (x->listing->more ? FITS_MORE : FITS_LAST) |
	       (x->listing->cursor.again ? 0 : FITS_FRESH);
}

void fault_list_page(struct exchange *x, struct fault_question *q)
{
	json_t *items = items_of(x);

	if (!q->lists || x->status != 200 || !json_is_array(items))
		return;
	q->moment = FAULT_AT_PAGE;
	q->items = items;
	q->is = page_is(x, items);
	const struct fault *fault = fault_pick(x->box->faults, q);
	if (!fault)
		return;
	fault_note(x, fault);
	play(x, fault);
}
