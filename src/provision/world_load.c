/* The world, read and proved: one subtree listing, the known tenants that it lacks by their ids, and the
 * verdict of completeness.h over both. On a list that is not proved a tenant would be made a second time, and
 * an order on one that is there parked as not found. */
#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/provision.h"

enum { ANCESTORS_MAX = 32 };

struct loading {
	const struct world_question *question;
	struct world *world;
	struct arena *arena; /* of one tenant */
	uint64_t elements;
	/* By ids: */
	struct id_set asked;
	const char **ids; /* to be asked for; borrowed from the question or the world */
	size_t count, cap;
	const char **read; /* answered and there, borrowed from the world */
	size_t read_count, read_cap;
	const char **gone;
	size_t gone_count, gone_cap;
	struct arena *kept; /* the caller's */
	enum listing_fault fault;
	char why[512];
	struct error failed; /* of an id without an answer */
};

/* ---- The list. */

static int put_tenant(struct loading *l, const json_t *item, struct error *err)
{
	struct acronis_tenant tenant;

	arena_reset(l->arena);
	if (acronis_tenant_decode(item, l->arena, &tenant, err) < 0)
		return -1;
	world_put(l->world, &tenant);
	return 0;
}

static int add_tenant(void *user, const json_t *item, struct error *err)
{
	struct loading *l = user;

	l->elements++;
	return put_tenant(l, item, err);
}

static int list_all(struct loading *l, enum api_result *result, struct error *err)
{
	const struct acronis_session *session = l->question->session;
	char *query = mem_printf("subtree_root_id=%s&allow_deleted=true", session->parent);
	int64_t last = listing_guess(l->question->last_elements, l->question->known_count);
	struct acronis_listing listing = {.call = CALL_TENANTS,
	    .query = query,
	    .last = last > 0 ? (uint64_t)last : 0,
	    .item = add_tenant,
	    .user = l,
	    .result = result};

	*result = API_CANCELLED;
	int rc = acronis_list_wait(session->client, &listing, NULL, err);
	free(query);
	return rc;
}

/* ---- Known tenants that it lacks. */

static void fault(struct loading *l, enum listing_fault fault, const char *text)
{
	if (l->fault != LISTING_WHOLE)
		return;
	l->fault = fault;
	snprintf(l->why, sizeof l->why, "%s", text);
}

static void want(struct loading *l, const char *id)
{
	if (world_by_id(l->world, id) || !id_set_add(&l->asked, id))
		return;
	MEM_GROW(l->ids, l->count, l->cap);
	l->ids[l->count++] = id;
}

static void keep_gone(struct loading *l, const char *id)
{
	MEM_GROW(l->gone, l->gone_count, l->gone_cap);
	l->gone[l->gone_count++] = arena_strdup(l->kept, id);
}

static void answered(void *user, const char *id, const struct acronis_id_answer *answer)
{
	struct loading *l = user;
	struct error err = {0};
	char text[512];

	if (by_id_is_gone(answer->how))
		keep_gone(l, id);
	if (answer->how == BY_ID_NOT_FOUND)
		world_note_absent(l->world, id);
	if (answer->tenant && put_tenant(l, answer->tenant, &err) == 0 && answer->how == BY_ID_HERE) {
		MEM_GROW(l->read, l->read_count, l->read_cap);
		l->read[l->read_count++] = world_by_id(l->world, id)->id;
	}
	if (answer->how != BY_ID_FAILED && err.code == ERR_NONE)
		return;
	snprintf(text, sizeof text, "tenant %s is not in it, and gave no answer by its id: %.300s", id,
	    err.code == ERR_NONE ? answer->text : err.text);
	fault(l, LISTING_UNPROVED, text);
	if (answer->result == API_UNAUTHORIZED && l->failed.code == ERR_NONE)
		l->failed = *answer->err;
}

/* True: below the parent, however deep; the list goes down to there. `unknown`: the first of those above it
 * that nobody has told of, or NULL. */
static bool stands_below(const struct loading *l, const struct acronis_tenant *tenant, const char **unknown)
{
	const char *parent = world_parent(l->world);
	const struct acronis_tenant *at = tenant;

	*unknown = NULL;
	for (int i = 0; i < ANCESTORS_MAX; i++) {
		if (strv_eq_nocase(strv_of(at->parent_id), strv_of(parent)))
			return true;
		if (strv_eq_nocase(strv_of(at->parent_id), strv_of(at->id)))
			return false;
		const struct acronis_tenant *above = world_by_id(l->world, at->parent_id);
		if (!above) {
			*unknown = at->parent_id;
			return false;
		}
		at = above;
	}
	return false;
}

/* What is there by its id must be in the list when it stands below the parent: then who else is lacking
 * nobody knows. Where it stands may take asking for those above it. */
static void judge_read(struct loading *l)
{
	for (size_t i = 0; i < l->read_count; i++) {
		const struct acronis_tenant *tenant = world_by_id(l->world, l->read[i]);
		const char *unknown;
		bool stands = stands_below(l, tenant, &unknown);
		char text[256];

		if (unknown && uuid_is(strv_of(unknown)))
			want(l, unknown);
		snprintf(
		    text, sizeof text, "tenant %s stands below the parent, and is not in it", tenant->id);
		enum listing_fault found = listing_judge_missing(BY_ID_HERE, stands);
		if (found != LISTING_WHOLE)
			fault(l, found, text);
	}
}

static int ask_for_known(struct loading *l, struct error *err)
{
	const struct world_question *q = l->question;

	for (size_t i = 0; i < q->known_count; i++)
		if (uuid_is(strv_of(q->known[i])))
			want(l, q->known[i]);
	while (l->count > 0 && l->fault == LISTING_WHOLE) {
		struct acronis_by_id asked = {
		    .ids = l->ids, .count = l->count, .answer = answered, .user = l};
		if (acronis_by_id_wait(q->session->client, &asked, err) < 0)
			return -1;
		l->count = 0;
		judge_read(l);
	}
	return 0;
}

/* ---- The verdict over one reading. */

static void judge_size(struct loading *l, struct world_proof *proof)
{
	const struct job *job = l->question->job;
	int64_t last = l->question->last_listed, now = (int64_t)proof->listed;
	char text[256];

	snprintf(text, sizeof text, "it has %" PRId64 " tenants below the parent, the last one had %" PRId64,
	    now, last);
	if (listing_emptied(job->reconcile.allow_empty, last, now))
		fault(l, LISTING_EMPTIED, text);
	else if (now > 0 && listing_shrank(&job->reconcile.max_shrink, last, now))
		fault(l, LISTING_SHRUNKEN, text);
}

static int tell(const struct loading *l, struct error *err)
{
	static const char *const hints[LISTING_FAULT_COUNT] = {
	    [LISTING_EMPTIED] =
		"look why Acronis shows no tenants; when it is right, set reconcile.allow_empty: true",
	    [LISTING_SHRUNKEN] =
		"look whether tenants were removed; when it is right, raise reconcile.max_shrink for one run",
	};

	if (l->failed.code != ERR_NONE) {
		*err = l->failed;
		return -1;
	}
	error_set(err, ERR_COVERAGE, "the list of tenants is not whole: %s", l->why);
	return error_hint(err, "%s",
	    hints[l->fault] ? hints[l->fault]
			    : "run the same command again later; what stays is for Acronis to mend");
}

/* 1 proved, 0 not (err says why), -1 nothing more is to be tried. */
static int read_once(struct loading *l, struct world_proof *proof, struct error *err)
{
	enum api_result result;

	if (list_all(l, &result, err) < 0) {
		error_prefix(err, "tenants below %s", l->question->session->parent);
		return list_may_be_read_again(result) ? 0 : -1;
	}
	*proof = (struct world_proof){.listed = world_listed(l->world), .elements = l->elements};
	judge_size(l, proof);
	if (ask_for_known(l, err) < 0)
		return -1;
	if (l->fault == LISTING_WHOLE)
		return 1;
	tell(l, err);
	return l->failed.code != ERR_NONE ? -1 : 0;
}

static void end_reading(struct loading *l, struct world_proof *proof, bool proved)
{
	if (proved && l->gone_count > 0) {
		const char **gone = arena_alloc(l->kept, l->gone_count * sizeof *gone);
		memcpy(gone, l->gone, l->gone_count * sizeof *gone);
		proof->gone = gone;
		proof->gone_count = l->gone_count;
	}
	if (!proved) {
		world_free(l->world);
		l->world = NULL;
	}
	arena_free(l->arena);
	id_set_free(&l->asked);
	free(l->ids);
	free(l->read);
	free(l->gone);
}

struct world *world_load(
    const struct world_question *question, struct arena *arena, struct world_proof *proof, struct error *err)
{
	struct list_again again = {.clock = question->clock,
	    .pause_ms = question->job->acronis.settle_ms,
	    .stop = question->stop,
	    .heartbeat = question->heartbeat,
	    .user = question->user};

	for (;;) {
		struct error failed = {0};
		struct loading l = {.question = question,
		    .world = world_new(question->session->parent),
		    .arena = arena_new(),
		    .kept = arena};
		*proof = (struct world_proof){0};
		int rc = read_once(&l, proof, &failed);
		end_reading(&l, proof, rc > 0);
		if (rc > 0)
			return l.world;
		if (rc == 0 && list_read_again(&again, "the list of tenants", failed.text, err))
			continue;
		if (err->code != ERR_NONE)
			return NULL;
		*err = failed;
		if (rc == 0)
			error_prefix(err, "after %d readings", LISTING_READS);
		return NULL;
	}
}
