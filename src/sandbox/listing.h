/* Pages: the same for tenants, users and offering items. One row more than the page is asked for, to know if
 * there is another. */
#ifndef SANDBOX_LISTING_H
#define SANDBOX_LISTING_H

#include "sandbox/cursor.h"
#include "sandbox/exchange.h"

struct listing {
	struct cursor cursor; /* where this page begins; its key is 0 0 0 at the start */
	int64_t limit;
	int64_t (*keys)[3]; /* of the rows on the page, in the exchange's arena */
	size_t key_count, key_cap;
	bool more;
	json_t *items;
};

/* Reads `after` and `limit`. With a cursor the filters of the first request take the place of x->query.
 * False: replied. */
bool listing_begin(struct exchange *x, int64_t default_limit, struct listing *listing);
/* Is there room for a row with this key? Sets `more` when there is not. */
bool listing_room(struct exchange *x, struct listing *listing, int64_t a, int64_t b, int64_t c);
/* Replies 200 with items, timestamp and paging. Takes the items; leaves a copy of the rest in x->listing. */
void listing_reply(struct exchange *x, struct listing *listing);

/* What follows is for faults. Where a page that comes after row `row` (counted from 0) of this one begins;
 * -1: where this one began. */
const int64_t *listing_key(const struct listing *listing, ptrdiff_t row);
/* A cursor to the page after the key. `skip` rows are passed over; `again`: it is this page once more. */
const char *listing_cursor(
    struct exchange *x, const struct listing *listing, const int64_t key[3], int64_t skip, bool again);

#endif
