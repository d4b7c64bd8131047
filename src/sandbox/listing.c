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

	*l = (struct listing){0};
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
		x->made_until = l->cursor.until;
	} else {
		l->cursor = (struct cursor){.operation = x->operation->id,
		    .root_id = x->root.id,
		    .filters = filters_of(x),
		    .until = x->made_until,
		    .page = 1};
	}
	l->limit = limit ? limit : default_limit;
	l->cursor.limit = l->limit;
	if (page > 0 && l->limit > page)
		l->limit = page;
	l->limit += l->cursor.skip;
	l->items = json_array();
	return true;
}

bool listing_room(struct exchange *x, struct listing *l, int64_t a, int64_t b, int64_t c)
{
	if ((int64_t)l->key_count >= l->limit) {
		l->more = true;
		return false;
	}
	if (l->key_count == l->key_cap) {
		size_t cap = l->key_cap ? l->key_cap * 2 : 64;
		int64_t(*grown)[3] = arena_alloc(x->arena, cap * sizeof *grown);
		if (l->key_count > 0)
			memcpy(grown, l->keys, l->key_count * sizeof *grown);
		l->keys = grown;
		l->key_cap = cap;
	}
	int64_t *key = l->keys[l->key_count++];
	key[0] = a;
	key[1] = b;
	key[2] = c;
	return true;
}

const int64_t *listing_key(const struct listing *l, ptrdiff_t row)
{
	return row < 0 || (size_t)row >= l->key_count ? l->cursor.key : l->keys[row];
}

const char *listing_cursor(
    struct exchange *x, const struct listing *l, const int64_t key[3], int64_t skip, bool again)
{
	struct cursor next = l->cursor;

	memcpy(next.key, key, sizeof next.key);
	next.page++;
	next.skip = skip;
	next.again = again;
	return cursor_write(&next, x->arena);
}

/* The rows that a shift passed over were read with the page. */
static void drop_skipped(struct listing *l)
{
	size_t skipped = (size_t)l->cursor.skip < l->key_count ? (size_t)l->cursor.skip : l->key_count;

	for (size_t i = 0; i < skipped; i++)
		json_array_remove(l->items, 0);
	l->keys += skipped;
	l->key_count -= skipped;
	l->cursor.skip = 0;
}

void listing_reply(struct exchange *x, struct listing *l)
{
	json_t *cursors = json_object();
	struct listing *kept = arena_alloc(x->arena, sizeof *kept);

	if (l->cursor.skip > 0)
		drop_skipped(l);
	if (l->more)
		json_object_set_new(cursors, "after",
		    json_string(listing_cursor(x, l, listing_key(l, (ptrdiff_t)l->key_count - 1), 0, false)));
	reply_json(x, 200,
	    json_pack("{s:{s:o}, s:o, s:o}", "paging", "cursors", cursors, "timestamp",
		render_time_fraction(exchange_mark(x)), "items", l->items));
	*kept = *l;
	kept->items = NULL;
	x->listing = kept;
}
