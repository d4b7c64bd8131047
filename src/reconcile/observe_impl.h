/* What the parts of the observation share: many reads at once with a bounded queue, kept alive, stopped and
 * given up in one place. */
#ifndef TENANTRY_OBSERVE_IMPL_H
#define TENANTRY_OBSERVE_IMPL_H

#include "reconcile/reconcile_impl.h"
#include "tenantry/completeness.h"

/* On the heap: an answer that comes after its reader gave up must find it still there. */
struct gather {
	const struct observe *observe;
	struct observation *observation;
	struct acronis_client *client;
	struct arena *scratch; /* of one answer */
	struct text_index ids; /* the observation's tenants by id */
	struct id_set listed;  /* of a full list: all that it had, also what is not ours */
	struct word_cache words;
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
	bool changes;  /* acronis_listing.changes */
	uint64_t last; /* acronis_listing.last */
	int (*item)(struct gather *gather, const json_t *item, struct error *err);
	void (*end)(struct gather *gather, const struct ask_list *list, enum api_result result,
	    const char *timestamp, const struct error *err);
};
void gather_list(
    struct gather *gather, const struct ask_list *list, enum acronis_call call, const char *query);
/* Tenants by their ids, one of the outstanding reads until the last answer. `ids` are copied. */
void gather_by_id(struct gather *gather, const struct wanted *ids,
    void (*one)(struct gather *gather, const char *id, const struct acronis_id_answer *answer));
/* Calls `feed` for more as long as there is room (it sends one and gives true, or false when there is none
 * left) until all is answered. -1: a signal, the lock lost, the transport broken, not authorized. */
int gather_run(struct gather *gather, bool (*feed)(struct gather *gather), struct error *err) MUST_USE;

/* ---- observe.c: how a list of tenants ended, into the observation. */
void gather_list_ended(struct observation *observation, enum api_result result, const struct error *err);
/* One tenant into the gather's observation; of one that is there already the details stay.
 * Moves items. */
struct observed_tenant *gather_keep_tenant(struct gather *gather, const struct acronis_tenant *tenant);
int gather_take_tenant(struct gather *gather, const json_t *json, struct error *err) MUST_USE;
/* Asked for by its id, and no answer: nothing but that is known. */
void gather_unreadable(struct gather *gather, const char *id);
/* Asked for by its id, and the answer was that it is not there. */
void gather_gone(struct gather *gather, const char *id);

/* ---- observe_ids.c: tenants by their ids, deleted ones too, while g->state is the reading. Of those that
 * are not there, may not be seen or gave no answer, `failed` is called: API_NOT_FOUND is a 404 to the id's
 * own call.
 */
struct id_reading {
	struct wanted ids; /* the caller's */
	int (*take)(struct gather *gather, const json_t *tenant, struct error *err);
	void (*failed)(struct gather *gather, const char *id, enum api_result result);
	void *user;
	bool sent;            /* from here on its own */
	size_t failed_shared; /* of batches that failed as a whole, told once */
	char why[256];
};
int gather_ids(struct gather *gather, struct id_reading *reading, struct error *err) MUST_USE;

/* observe_changes.c: with observe->base. */
struct observation *observe_changes(const struct observe *observe, struct error *err) MUST_USE;

/* observe_details.c: pricing, tier and licensing mode of each partner that lacks one of them. */
int observe_details(struct gather *gather, struct error *err) MUST_USE;

#endif
