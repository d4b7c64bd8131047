/* What `tenantry check` says of the tier table: the verdict, what speaks for what, the values that partners
 * have with somebody to look up in the portal, and what the table would be under either numbering. */
#include "tiers_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/mem.h"

enum { EXTRAS_A_TIER = 2, EXAMPLES_MAX = 2 };

/* A partner of the BSS and the value that Acronis has for it. */
struct in_use {
	const char *tenant_id, *name;
	const struct tier *tier;
	int64_t value;
};

struct values {
	const struct tier_check *check;
	struct in_use *items;
	size_t count, cap;
};

static void add_value(struct values *v, const struct in_use *item)
{
	MEM_GROW(v->items, v->count, v->cap);
	v->items[v->count++] = *item;
}

/* 1: it has one; 0: it has none, or it could not be read. -1. */
static int read_value(
    const struct tier_check *check, const char *tenant_id, int64_t *value, struct error *err)
{
	const struct acronis_session *session = &check->connection->session;
	struct acronis_request request = {
	    .call = CALL_SETTING, .a = session->platform_id, .b = tenant_id, .c = "tier_level_value"};
	struct acronis_answer answer;
	struct acronis_setting setting = {.text = ""};
	struct error unreadable = {0};

	if (acronis_call_wait(session->client, &request, &answer, err) < 0)
		return -1;
	bool good = answer.result == API_OK &&
		    acronis_setting_decode(answer.body, check->arena, &setting, &unreadable) == 0;
	json_decref((json_t *)answer.body);
	*value = setting.number;
	return good && setting.has_own && setting.is_number;
}

static bool is_known(const struct values *v, const char *tenant_id)
{
	for (size_t i = 0; i < v->count; i++)
		if (strv_eq_nocase(strv_of(v->items[i].tenant_id), strv_of(tenant_id)))
			return true;
	return false;
}

/* Of each tier a few more, also those that prove nothing: on Tier 0, or put there by us. */
static int add_extras(struct values *v, struct error *err)
{
	const struct subscriptions *s = v->check->subscriptions;
	size_t *asked =
	    arena_alloc(v->check->arena, (v->check->job->contract.tier_count + 1) * sizeof *asked);

	for (size_t i = 0; s && i < s->count; i++) {
		const struct subscription *row = &s->items[i];
		int64_t value;
		if (!row->tier || !subscription_is_live(row) || !uuid_is(strv_of(row->external_id)) ||
		    asked[row->tier->index] >= EXTRAS_A_TIER || is_known(v, row->external_id))
			continue;
		asked[row->tier->index]++;
		int has = read_value(v->check, row->external_id, &value, err);
		if (has < 0)
			return -1;
		if (has)
			add_value(v, &(struct in_use){row->external_id, row->account, row->tier, value});
	}
	return 0;
}

static void add_witnesses(struct values *v, const struct tier_evidence *evidence)
{
	for (size_t i = 0; i < evidence->witness_count; i++) {
		const struct tier_witness *w = &evidence->witnesses[i];
		add_value(v, &(struct in_use){w->tenant_id, w->account, w->tier, w->value});
	}
}

static int by_value(const void *a, const void *b)
{
	const struct in_use *x = a, *y = b;

	return x->value != y->value               ? (x->value < y->value ? -1 : 1)
	       : x->tier->index != y->tier->index ? (x->tier->index < y->tier->index ? -1 : 1)
						  : strcmp(x->tenant_id, y->tenant_id);
}

/* "value 0 (Tier 1 of the table): 3 of 7 partners read, billed as Tier 1; such as "X" (ID)". */
static void say_value(const struct values *v, size_t first, size_t end)
{
	struct strbuf text = {0};
	const struct tier *last = NULL;

	strbuf_addf(&text, "value %" PRId64 " (", v->items[first].value);
	job_tier_names(v->check->job, (int)v->items[first].value, &text);
	strbuf_addf(&text, " in the table): %zu of %zu partners read, billed as ", end - first, v->count);
	for (size_t i = first; i < end; i++) {
		if (v->items[i].tier != last)
			strbuf_addf(&text, "%s%s", last ? ", " : "", v->items[i].tier->name);
		last = v->items[i].tier;
	}
	for (size_t i = first; i < end && i < first + EXAMPLES_MAX; i++)
		strbuf_addf(&text, "%s\"%s\" (%s)", i == first ? "; such as " : ", ", v->items[i].name,
		    v->items[i].tenant_id);
	v->check->line(v->check->user, "tier values", "note", text.p);
	strbuf_free(&text);
}

static int say_values(const struct tier_check *check, const struct tier_evidence *evidence, struct error *err)
{
	struct values v = {.check = check};

	add_witnesses(&v, evidence);
	int rc = add_extras(&v, err);
	if (v.count > 0)
		qsort(v.items, v.count, sizeof *v.items, by_value);
	for (size_t first = 0, end; rc == 0 && first < v.count; first = end) {
		for (end = first + 1; end < v.count && v.items[end].value == v.items[first].value; end++)
			;
		say_value(&v, first, end);
	}
	if (rc == 0 && v.count == 0)
		check->line(
		    check->user, "tier values", "note", "no partner of the BSS has one that can be read");
	free(v.items);
	return rc;
}

static void say_verdict(const struct tier_check *check, const struct tier_proof *proof)
{
	if (proof->verdict == TIERS_PROVED)
		check->line(check->user, "tier table", "ok", proof->summary);
	else if (proof->verdict == TIERS_UNPROVED)
		check->line(check->user, "tier table", "warning",
		    arena_printf(check->arena, "%s; orders for paid tiers %s", proof->summary,
			check->job->acronis.loopback ? "would be parked, were the server not on this machine"
						     : "will be parked as tier-unproved"));
	for (size_t i = 0; i < proof->note_count; i++)
		check->line(check->user, "tier table", "note", proof->notes[i]);
	if (proof->verdict == TIERS_UNPROVED)
		check->line(check->user, "", "hint", proof->advice);
}

int tier_check(const struct tier_check *check, enum tier_verdict *verdict, struct error *err)
{
	struct tier_search search = {
	    .job = check->job, .subscriptions = check->subscriptions, .facts = check->facts};
	struct tier_gathering g = {.job = check->job,
	    .session = &check->connection->session,
	    .clock = check->clock,
	    .arena = check->arena,
	    .prices = true};
	struct tier_evidence evidence;
	struct tier_proof proof;

	g.witnesses = tier_witnesses(&search, check->arena, &g.witness_count);
	if (tier_evidence(&g, &evidence, err) < 0 || tier_evidence_judge(&g, &evidence, &proof, err) < 0)
		return -1;
	*verdict = proof.verdict;
	say_verdict(check, &proof);
	check->line(check->user, "tier readings", "note", tier_readings(check->job, check->arena));
	if (say_values(check, &evidence, err) < 0)
		return -1;
	if (proof.verdict != TIERS_CONTRADICTED)
		return 0;
	error_set(err, ERR_TIERS, "%s", proof.summary);
	return error_hint(err, "%s", proof.advice);
}
