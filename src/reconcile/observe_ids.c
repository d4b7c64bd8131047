/* Tenants read by their ids, a hundred a call: those that a listing does not have, and those whose turn it
 * is. */
#include "reconcile/observe_impl.h"

#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { IDS_A_CALL = 100 };

static int take_one(struct gather *g, const json_t *json, struct error *err)
{
	struct id_reading *r = g->state;
	const char *id = json_string_value(json_object_get(json, "id"));

	if (id)
		id_set_add(&r->given, id);
	return r->take(g, json, err);
}

static void one_failed(struct gather *g, size_t number, enum api_result result, const char *text)
{
	const struct id_reading *r = g->state;

	if (result != API_NOT_FOUND)
		log_warn("tenant %s could not be read: %s", r->ids.ids[number], text);
	r->failed(g, r->ids.ids[number], result);
}

/* A batch is refused as a whole when one of its tenants is not below us (notes section 7). One that it passes
 * over in silence is asked for by itself too: a list that lacks it proves nothing. */
static bool is_refused(enum api_result result)
{
	return result == API_NOT_FOUND || result == API_FORBIDDEN || result == API_REFUSED;
}

static void one_answered(struct gather *g, const struct ask *ask, const struct acronis_answer *answer)
{
	struct error err = {0};

	if (answer->result != API_OK)
		one_failed(g, ask->number, answer->result, answer->text);
	else if (take_one(g, answer->body, &err) < 0)
		one_failed(g, ask->number, API_UNREADABLE, err.text);
}

static void batch_end(struct gather *g, const struct ask_list *list, enum api_result result,
    const char *timestamp, const struct error *err)
{
	struct id_reading *r = g->state;

	(void)timestamp;
	for (size_t i = list->number; i < list->number + IDS_A_CALL && i < r->ids.count; i++) {
		if (result == API_OK && id_set_has(&r->given, r->ids.ids[i]))
			continue;
		if (result == API_OK || is_refused(result)) {
			MEM_GROW(r->alone, r->alone_count, r->alone_cap);
			r->alone[r->alone_count++] = i;
		} else {
			r->failed(g, r->ids.ids[i], result);
		}
	}
	if (result != API_OK && !is_refused(result))
		log_warn("known tenants could not be read: %s", err->text);
}

static void send_batch(struct gather *g, struct id_reading *r)
{
	struct strbuf query = {0};
	size_t first = r->next;

	for (; r->next < r->ids.count && r->next < first + IDS_A_CALL; r->next++) {
		strbuf_adds(&query, r->next == first ? "uuids=" : "%2C");
		strbuf_adds(&query, r->ids.ids[r->next]);
	}
	strbuf_adds(&query, "&allow_deleted=true");
	gather_list(g, &(struct ask_list){.number = first, .item = take_one, .end = batch_end}, CALL_TENANTS,
	    query.p);
	strbuf_free(&query);
}

static bool feed_ids(struct gather *g)
{
	struct id_reading *r = g->state;

	if (r->next < r->ids.count) {
		send_batch(g, r);
		return true;
	}
	if (r->alone_next == r->alone_count)
		return false;
	size_t number = r->alone[r->alone_next++];
	gather_ask(g, &(struct ask){.number = number, .answered = one_answered},
	    &(struct acronis_request){
		.call = CALL_TENANT, .a = r->ids.ids[number], .query = "allow_deleted=true"});
	return true;
}

int gather_ids(struct gather *g, struct id_reading *reading, struct error *err)
{
	int rc;

	g->state = reading;
	do {
		rc = gather_run(g, feed_ids, err);
	} while (rc == 0 && reading->alone_next < reading->alone_count);
	g->state = NULL;
	free(reading->alone);
	reading->alone = NULL;
	id_set_free(&reading->given);
	return rc;
}
