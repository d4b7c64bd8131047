/* Tenants read by their ids (acronis_by_id()): those that a listing does not have, and those whose turn it
 * is. */
#include "reconcile/observe_impl.h"

#include "tenantry/log.h"

static void failed(struct gather *g, const char *id, enum api_result result, const char *text, bool shared)
{
	struct id_reading *r = g->state;

	if (shared && r->failed_shared++ == 0)
		snprintf(r->why, sizeof r->why, "%s", text);
	else if (!shared && result != API_NOT_FOUND)
		log_warn("tenant %s could not be read: %s", id, text);
	r->failed(g, id, result);
}

static void one_answered(struct gather *g, const char *id, const struct acronis_id_answer *answer)
{
	struct id_reading *r = g->state;
	struct error err = {0};

	if (!answer->tenant)
		failed(g, id, answer->result, answer->text, answer->shared);
	else if (r->take(g, answer->tenant, &err) < 0)
		failed(g, id, API_UNREADABLE, err.text, false);
}

static bool feed_ids(struct gather *g)
{
	struct id_reading *r = g->state;

	if (r->sent)
		return false;
	r->sent = true;
	gather_by_id(g, &r->ids, one_answered);
	return true;
}

int gather_ids(struct gather *g, struct id_reading *reading, struct error *err)
{
	g->state = reading;
	int rc = gather_run(g, feed_ids, err);
	g->state = NULL;
	if (reading->failed_shared > 0)
		log_warn("%zu known tenants could not be read: %s", reading->failed_shared, reading->why);
	return rc;
}
