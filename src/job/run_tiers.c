/* The proof of the tier table within a run: once, before anything is written. What is not proved holds the
 * orders for paid tiers back; what is contradicted stops all writing, and the comparison is made all the
 * same. Against a server on this machine (a rehearsal) an unproved table is only a warning. */
#include "run_impl.h"
#include "tiers_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

static const char about[] = "tier-table";

static struct tier_gathering gathering_of(const struct run *run)
{
	struct tier_gathering g = {.job = run->job, .clock = run->clock, .arena = run->arena};
	struct tier_search search = {.job = run->job,
	    .subscriptions = run->subscriptions,
	    .facts = run->facts,
	    .items = run->items,
	    .item_count = run->item_count};

	g.witnesses = tier_witnesses(&search, run->arena, &g.witness_count);
	return g;
}

bool run_has_paid_orders(const struct run *run)
{
	for (size_t i = 0; i < run->item_count; i++) {
		const struct order_item *item = run->items[i];
		bool sets_tier = item->action == ACTION_NEW || item->action == ACTION_UPGRADE ||
				 item->action == ACTION_DOWNGRADE;
		if (sets_tier && item->tier && tier_is_paid(item->tier))
			return true;
	}
	return false;
}

/* "SUMMARY. NOTE; NOTE", and the numberings where neither is proved. */
static const char *in_words(struct run *run, const struct tier_proof *proof)
{
	struct strbuf text = {0};

	strbuf_adds(&text, proof->summary);
	for (size_t i = 0; i < proof->note_count; i++)
		strbuf_addf(&text, "%s%s", i ? "; " : ". ", proof->notes[i]);
	if (proof->verdict == TIERS_UNPROVED)
		strbuf_addf(&text, ". %s", tier_readings(run->job, run->arena));
	const char *words = arena_strdup(run->arena, text.p);
	strbuf_free(&text);
	return words;
}

static int contradicted(const struct run *run, const struct tier_proof *proof, struct error *err)
{
	error_set(err, ERR_TIERS, "%s; nothing was written to Acronis or the BSS", proof->summary);
	error_place(err, run->job->path, 0, 0, NULL);
	return error_hint(
	    err, "%s; tenantry check %s shows what speaks for what", proof->advice, run->job->path);
}

/* A night without orders for paid tiers is not told every time: nothing waits for the proof. */
static void unproved(struct run *run, const struct tier_proof *proof, bool paid)
{
	const char *words = in_words(run, proof);

	run->tiers.held = !run->job->acronis.loopback;
	if (!paid)
		return;
	report_warn(run->report, about,
	    run->tiers.held
		? words
		: arena_printf(run->arena,
		      "%s. Orders for paid tiers are done all the same, because the server is on this machine",
		      words),
	    proof->advice);
	if (run->tiers.held)
		log_warn("orders for paid tiers are held back: %s", words);
}

static int judge(struct run *run, const struct tier_gathering *g, bool paid, struct error *err)
{
	struct tier_evidence evidence;
	struct tier_proof proof;
	uint64_t before = acronis_stats(run->connection.client).requests;

	if (tier_evidence(g, &evidence, err) < 0 || tier_evidence_judge(g, &evidence, &proof, err) < 0)
		return -1;
	log_info("tier table: %s (%" PRIu64 " calls)",
	    proof.verdict == TIERS_PROVED ? proof.summary : tier_verdict_name(proof.verdict),
	    acronis_stats(run->connection.client).requests - before);
	if (proof.verdict == TIERS_CONTRADICTED)
		return contradicted(run, &proof, err);
	if (proof.verdict == TIERS_UNPROVED)
		unproved(run, &proof, paid);
	return 0;
}

int run_prove_tiers(struct run *run, const struct world *world, bool paid, struct error *err)
{
	struct observation *seen = NULL;
	const char *seen_in = "";

	if (run->tiers.judged)
		return 0;
	run->tiers.judged = true;
	struct tier_gathering g = gathering_of(run);
	if (g.witness_count > 0 && run_last_observation(run, &seen, &seen_in, err) < 0)
		return -1;
	g.session = &run->connection.session;
	g.world = world;
	g.seen = seen;
	g.seen_as = arena_printf(run->arena, "as run %s read them", seen_in);
	g.prices = paid;
	int rc = judge(run, &g, paid, err);
	observation_free(seen);
	return rc;
}

void run_tiers_compared(struct run *run, const struct observation *observation)
{
	struct tier_evidence evidence;
	struct tier_proof proof;
	struct error none = {0};

	if (run->tiers.judged)
		return;
	struct tier_gathering g = gathering_of(run);
	g.seen = observation;
	g.seen_as = "as they are compared";
	/* Nothing is asked, so nothing can fail. */
	if (tier_evidence(&g, &evidence, &none) < 0 || tier_evidence_judge(&g, &evidence, &proof, &none) < 0)
		return;
	if (proof.verdict != TIERS_CONTRADICTED)
		return;
	log_warn("%s", proof.summary);
	report_warn(run->report, about, proof.summary, proof.advice);
}
