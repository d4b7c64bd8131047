/* What a run reads of Acronis before it plans: which tenants must be in the list or are asked for, and what
 * is remembered of it for the nights to come. How it is read and proved is provision's (world_load.c). */
#include "run_impl.h"

#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/signals.h"

/* Sides of the ledger: live tenants below the parent, and all elements that the list had. */
#define SIDE_LISTED "listed"
#define SIDE_ELEMENTS "list-elements"

/* ---- What earlier nights know. */

static int last_of(struct run *run, const char *side, int64_t *out, struct error *err)
{
	uint64_t rows;
	int64_t seen_at;
	int found = run->ledger ? ledger_side_last(run->ledger, side, &rows, &seen_at, err) : 0;

	*out = found > 0 ? (int64_t)rows : -1;
	return found < 0 ? -1 : 0;
}

int run_last_listing(struct run *run, int64_t *listed, int64_t *elements, struct error *err)
{
	if (last_of(run, SIDE_LISTED, listed, err) < 0)
		return -1;
	return last_of(run, SIDE_ELEMENTS, elements, err);
}

int run_keep_listing(struct run *run, uint64_t listed, uint64_t elements, struct error *err)
{
	if (!run->ledger || run->options->dry_run)
		return 0;
	if (ledger_side_put(run->ledger, run->run_id, SIDE_LISTED, listed, "", "", err) < 0)
		return -1;
	return ledger_side_put(run->ledger, run->run_id, SIDE_ELEMENTS, elements, "", "", err);
}

int run_absents(struct run *run, struct id_set *out, struct error *err)
{
	int64_t since = clock_wall_ms(run->clock) - run->job->reconcile.full_every_ms;
	const char **ids;
	size_t count;

	*out = (struct id_set){0};
	if (!run->ledger)
		return 0;
	if (ledger_absents(run->ledger, since, run->arena, &ids, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		id_set_add(out, ids[i]);
	return 0;
}

int run_keep_absents(struct run *run, const char *const *ids, size_t count, struct error *err)
{
	if (!run->ledger || run->options->dry_run)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (ledger_absent_put(run->ledger, run->run_id, ids[i], err) < 0)
			return -1;
	return 0;
}

/* ---- Whom the list must have. */

struct known_ids {
	const char **ids;
	size_t count, cap;
	struct id_set seen;
};

static void add_id(struct known_ids *known, const char *id)
{
	if (!uuid_is(strv_of(id)) || !id_set_add(&known->seen, id))
		return;
	MEM_GROW(known->ids, known->count, known->cap);
	known->ids[known->count++] = id;
}

/* An order is about it tonight: then what an earlier night was told is too old. */
static struct id_set accounts_of_tonight(const struct run *run)
{
	struct id_set accounts = {0};

	for (size_t i = 0; i < run->item_count; i++)
		id_set_add(&accounts, run->items[i]->account_id);
	return accounts;
}

static int gather_known(struct run *run, struct known_ids *known, struct error *err)
{
	struct id_set tonight = accounts_of_tonight(run), absent;
	int rc = run_absents(run, &absent, err);

	for (size_t i = 0; rc == 0 && i < run->known_count; i++) {
		const struct known_tenant *tenant = &run->known[i];
		if (!id_set_has(&absent, tenant->tenant_id) || id_set_has(&tonight, tenant->account_id))
			add_id(known, tenant->tenant_id);
	}
	for (size_t i = 0; rc == 0 && run->subscriptions && i < run->subscriptions->count; i++) {
		const struct subscription *s = &run->subscriptions->items[i];
		if (!id_set_has(&absent, s->external_id) || id_set_has(&tonight, s->account_id))
			add_id(known, s->external_id);
	}
	id_set_free(&tonight);
	id_set_free(&absent);
	return rc;
}

/* ---- The reading. */

int run_read_world(struct run *run, struct world **world, struct error *err)
{
	struct world_question question = {.job = run->job,
	    .session = &run->connection.session,
	    .clock = run->clock,
	    .stop = signals_stop(),
	    .heartbeat = run_heartbeat,
	    .user = run};
	struct known_ids known = {0};
	struct world_proof proof;
	int rc = -1;

	*world = NULL;
	if (gather_known(run, &known, err) == 0 &&
	    run_last_listing(run, &question.last_listed, &question.last_elements, err) == 0) {
		question.known = known.ids;
		question.known_count = known.count;
		*world = world_load(&question, run->arena, &proof, err);
		rc = *world ? 0 : error_prefix(err, "nothing was provisioned");
	}
	if (rc == 0)
		rc = run_keep_listing(run, proof.listed, proof.elements, err);
	if (rc == 0)
		rc = run_keep_absents(run, proof.gone, proof.gone_count, err);
	free(known.ids);
	id_set_free(&known.seen);
	return rc;
}
