/* Many reads at once: a bounded queue over the client, with signals, the run's heartbeat and the progress
 * looked at between turns. The client calls back for everything it was given, also after this reading has
 * failed: then the answers fall on nothing. */
#include "reconcile/observe_impl.h"

#include <signal.h>
#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { TURN_MS = 250, BEAT_MS = 5000, QUEUED_PER_CONNECTION = 4, LEAST_WINDOW = 8, FAILURES_IN_A_ROW = 20 };

struct gather *gather_new(const struct observe *observe, struct observation *observation)
{
	struct gather *gather = mem_zalloc(sizeof *gather);
	size_t connections =
	    observe->job->acronis.connections > 0 ? (size_t)observe->job->acronis.connections : 1;

	gather->observe = observe;
	gather->observation = observation;
	gather->client = observe->session->client;
	gather->scratch = arena_new();
	gather->window = connections * QUEUED_PER_CONNECTION;
	if (gather->window < LEAST_WINDOW)
		gather->window = LEAST_WINDOW;
	gather->beat_at = clock_mono_ms(observe->clock) + BEAT_MS;
	gather->requests_before = acronis_stats(gather->client).requests;
	return gather;
}

static void dispose(struct gather *gather)
{
	arena_free(gather->scratch);
	index_free(&gather->ids);
	id_set_free(&gather->listed);
	free(gather);
}

void gather_free(struct gather *gather)
{
	if (!gather)
		return;
	gather->abandoned = true;
	if (gather->outstanding == 0)
		dispose(gather);
}

/* One answer less to wait for. False: nobody waits for it any more. */
static bool arrived(struct gather *gather)
{
	gather->outstanding--;
	if (!gather->abandoned)
		return true;
	if (gather->outstanding == 0)
		dispose(gather);
	return false;
}

/* Their side has failed too often one after the other: more questions only lengthen the queue there. */
static void watch_failures(struct gather *gather, const struct acronis_answer *answer)
{
	if (answer->result == API_UNAUTHORIZED)
		acronis_answer_error(answer, &gather->fatal);
	gather->failures_in_a_row = answer->their_side ? gather->failures_in_a_row + 1 : 0;
	if (gather->failures_in_a_row < FAILURES_IN_A_ROW || gather->gave_up)
		return;
	gather->gave_up = true;
	log_warn("Acronis failed %d reads in a row, no more are tried: %s", FAILURES_IN_A_ROW, answer->text);
}

static void on_answer(void *user, const struct acronis_answer *answer)
{
	struct ask *ask = user;

	if (arrived(ask->gather)) {
		watch_failures(ask->gather, answer);
		ask->answered(ask->gather, ask, answer);
		arena_reset(ask->gather->scratch);
	}
	free(ask);
}

void gather_ask(struct gather *gather, const struct ask *ask, const struct acronis_request *request)
{
	struct acronis_request sent = *request;
	struct ask *kept = mem_zalloc(sizeof *kept);

	*kept = *ask;
	kept->gather = gather;
	sent.done = on_answer;
	sent.user = kept;
	gather->outstanding++;
	acronis_send(gather->client, &sent);
}

static int on_item(void *user, const json_t *item, struct error *err)
{
	struct ask_list *list = user;

	if (list->gather->abandoned)
		return error_set(err, ERR_ACRONIS, "the listing was given up");
	int rc = list->item(list->gather, item, err);
	arena_reset(list->gather->scratch);
	return rc;
}

static void on_end(void *user, enum api_result result, const char *timestamp, const struct error *err)
{
	struct ask_list *list = user;

	if (arrived(list->gather)) {
		if (result == API_UNAUTHORIZED)
			list->gather->fatal = *err;
		list->end(list->gather, list, result, timestamp, err);
	}
	free(list);
}

void gather_list(
    struct gather *gather, const struct ask_list *list, enum acronis_call call, const char *query)
{
	struct ask_list *kept = mem_zalloc(sizeof *kept);

	*kept = *list;
	kept->gather = gather;
	gather->outstanding++;
	acronis_list(gather->client, &(struct acronis_listing){.call = call,
					 .query = query,
					 .changes = list->changes,
					 .last = list->last,
					 .item = on_item,
					 .end = on_end,
					 .user = kept});
}

struct ids_asked {
	struct gather *gather;
	void (*one)(struct gather *gather, const char *id, const struct acronis_id_answer *answer);
};

static void on_id(void *user, const char *id, const struct acronis_id_answer *answer)
{
	struct ids_asked *asked = user;
	struct gather *gather = asked->gather;

	if (gather->abandoned)
		return;
	if (answer->result == API_UNAUTHORIZED && answer->err)
		gather->fatal = *answer->err;
	asked->one(gather, id, answer);
	arena_reset(gather->scratch);
}

static void on_last_id(void *user)
{
	struct ids_asked *asked = user;

	arrived(asked->gather);
	free(asked);
}

void gather_by_id(struct gather *gather, const struct wanted *ids,
    void (*one)(struct gather *gather, const char *id, const struct acronis_id_answer *answer))
{
	struct ids_asked *asked = mem_zalloc(sizeof *asked);

	*asked = (struct ids_asked){gather, one};
	gather->outstanding++;
	acronis_by_id(gather->client,
	    &(struct acronis_by_id){
		.ids = ids->ids, .count = ids->count, .answer = on_id, .end = on_last_id, .user = asked});
}

static int check_stop(const struct gather *gather, struct error *err)
{
	int signal = gather->observe->stop ? *gather->observe->stop : 0;

	if (signal == 0)
		return 0;
	acronis_stop(gather->client);
	return error_set(err, signal == SIGTERM ? ERR_TERMINATED : ERR_INTERRUPTED,
	    "stopped by a signal while reading Acronis");
}

static int beat(struct gather *gather, struct error *err)
{
	int64_t now = clock_mono_ms(gather->observe->clock);

	if (!gather->observe->heartbeat || now < gather->beat_at)
		return 0;
	gather->beat_at = now + BEAT_MS;
	return gather->observe->heartbeat(gather->observe->user, err);
}

int gather_run(struct gather *gather, bool (*feed)(struct gather *gather), struct error *err)
{
	bool more = true;

	for (;;) {
		while (more && gather->outstanding < gather->window)
			more = gather->fatal.code == ERR_NONE && feed(gather);
		if (gather->outstanding == 0)
			break;
		if (check_stop(gather, err) < 0 || beat(gather, err) < 0 ||
		    acronis_turn(gather->client, TURN_MS, err) < 0)
			return -1;
		if (gather->observe->progress && gather->total > 0)
			gather->observe->progress(gather->observe->user, gather->done, gather->total);
	}
	if (gather->fatal.code == ERR_NONE)
		return check_stop(gather, err);
	if (err && err->code == ERR_NONE)
		*err = gather->fatal;
	return -1;
}
