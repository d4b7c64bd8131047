/* What the parts of the observation share: many reads at once with a bounded queue, kept alive, stopped and
 * given up in one place. */
#ifndef TENANTRY_OBSERVE_IMPL_H
#define TENANTRY_OBSERVE_IMPL_H

#include "reconcile/reconcile_impl.h"

/* On the heap: an answer that comes after its reader gave up must find it still there. */
struct gather {
	const struct observe *observe;
	struct observation *observation;
	struct acronis_client *client;
	struct arena *scratch; /* of one answer */
	struct text_index ids; /* the observation's tenants by id */
	struct word_list words;
	size_t window, outstanding;
	unsigned failures_in_a_row;
	bool abandoned, gave_up; /* gave_up: after a row of failures no more details are asked for */
	struct error fatal;      /* what stops the reading: not authorized */
	int64_t beat_at;
	uint64_t done, total, requests_before;
	void *state; /* of the part at work */
};
struct gather *gather_new(const struct observe *observe, struct observation *observation);
/* Frees, now or after the last answer that is still under way. NULL is fine. */
void gather_free(struct gather *gather);

struct ask {
	struct gather *gather;
	size_t number; /* what it is about */
	int detail;
	void (*answered)(struct gather *gather, const struct ask *ask, const struct acronis_answer *answer);
};
/* Sends one read; everything is copied. */
void gather_ask(struct gather *gather, const struct ask *ask, const struct acronis_request *request);
/* A paged list, one of the outstanding reads until its end. */
struct ask_list {
	struct gather *gather;
	size_t number;
	int (*item)(struct gather *gather, const json_t *item, struct error *err);
	void (*end)(struct gather *gather, const struct ask_list *list, enum api_result result,
	    const char *timestamp, const struct error *err);
};
void gather_list(
    struct gather *gather, const struct ask_list *list, enum acronis_call call, const char *query);
/* Calls `feed` for more as long as there is room (it sends one and gives true, or false when there is none
 * left) until all is answered. -1: a signal, the lock lost, the transport broken, not authorized. */
int gather_run(struct gather *gather, bool (*feed)(struct gather *gather), struct error *err) MUST_USE;

/* observe_details.c: pricing, tier and licensing mode of each partner. */
int observe_details(struct gather *gather, struct error *err) MUST_USE;

#endif
