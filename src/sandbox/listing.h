/* Pages: the same for tenants, users and offering items. One row more than the page is asked for, to know if
 * there is another. */
#ifndef SANDBOX_LISTING_H
#define SANDBOX_LISTING_H

#include "sandbox/cursor.h"
#include "sandbox/exchange.h"

struct listing {
	struct cursor cursor; /* where this page begins; its key is 0 0 0 at the start */
	int64_t limit;
	int64_t last[3];      /* key of the last row that is on the page */
	bool more, continued; /* continued: the request had a cursor */
	json_t *items;
};

/* Reads `after` and `limit`. With a cursor the filters of the first request take the place of x->query.
 * False: replied. */
bool listing_begin(struct exchange *x, int64_t default_limit, struct listing *listing);
/* Is there room for a row with this key? Sets `more` when there is not. */
bool listing_room(struct listing *listing, int64_t a, int64_t b, int64_t c);
/* Replies 200 with items, timestamp and paging. Takes the items. */
void listing_reply(struct exchange *x, struct listing *listing);

#endif
