/* Pages; see listing.h. */
#include "sandbox/listing.h"

#include <string.h>

#include "sandbox/operations.h"
#include "sandbox/render.h"
#include "sandbox/store.h"

/* The query but for the place and the size, in its own encoding, to travel inside the cursor. */
static const char *filters_of(struct exchange *x)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < x->query.count; i++) {
		if (strcmp(x->query.field[i].name, "after") == 0 ||
		    strcmp(x->query.field[i].name, "limit") == 0)
			continue;
		strbuf_adds(&text, text.n ? "&" : "");
		strbuf_add_url(&text, strv_of(x->query.field[i].name));
		strbuf_addc(&text, '=');
		strbuf_add_url(&text, strv_of(x->query.field[i].value));
	}
	const char *kept = arena_strndup(x->arena, text.p, text.n);
	strbuf_free(&text);
	return kept;
}

bool listing_begin(struct exchange *x, int64_t default_limit, struct listing *l)
{
	const char *after = query_text(x, "after");
	int64_t limit = 0, page = x->box->settings->page_size;

	*l = (struct listing){.continued = after != NULL};
	if (!query_int(x, "limit", 1, INT32_MAX, &limit))
		return false;
	if (after) {
		if (!cursor_read(after, x->operation->id, x->root.id, x->arena, &l->cursor) ||
		    !form_parse(&x->query, x->arena, strv_of(l->cursor.filters))) {
			exchange_note(x, "assumption: 400 for a changed or foreign cursor");
			reply_error(
			    x, API_MALFORMED, "query parameter after is not a cursor of this listing");
			return false;
		}
		limit = limit ? limit : l->cursor.limit;
	} else {
		l->cursor = (struct cursor){
		    .operation = x->operation->id, .root_id = x->root.id, .filters = filters_of(x)};
	}
	l->limit = limit ? limit : default_limit;
	l->cursor.limit = l->limit;
	if (page > 0 && l->limit > page)
		l->limit = page;
	l->items = json_array();
	return true;
}

bool listing_room(struct listing *l, int64_t a, int64_t b, int64_t c)
{
	if ((int64_t)json_array_size(l->items) >= l->limit) {
		l->more = true;
		return false;
	}
	l->last[0] = a;
	l->last[1] = b;
	l->last[2] = c;
	return true;
}

void listing_reply(struct exchange *x, struct listing *l)
{
	json_t *cursors = json_object();
	const char *after = NULL;

	if (l->more) {
		memcpy(l->cursor.key, l->last, sizeof l->last);
		after = cursor_write(&l->cursor, x->arena);
		json_object_set_new(cursors, "after", json_string(after));
	}
	reply_json(x, 200,
	    json_pack("{s:{s:o}, s:o, s:o}", "paging", "cursors", cursors, "timestamp",
		render_time_fraction(store_mark(x->box->store)), "items", l->items));
}
