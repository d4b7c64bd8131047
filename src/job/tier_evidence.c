/* Gathers what the tier table is held against: what the last night read of the partners costs nothing, a
 * sample is read where there is none, and the price list is asked for a few. The verdict is tier_proof.h's.
 */
#include "tiers_impl.h"

#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/month.h"

static const char tier_setting[] = "tier_level_value";

/* ---- The partner that contract.confirmed names. */

static int ask_setting(
    const struct tier_gathering *g, const char *tenant_id, struct acronis_answer *answer, struct error *err)
{
	struct acronis_request request = {
	    .call = CALL_SETTING, .a = g->session->platform_id, .b = tenant_id, .c = tier_setting};

	return acronis_call_wait(g->session->client, &request, answer, err);
}

static int ask_confirmed(const struct tier_gathering *g, struct tier_confirmed *out,
    struct acronis_setting *setting, struct error *err)
{
	struct acronis_answer answer;
	int rc;

	if (ask_setting(g, out->tenant_id, &answer, err) < 0)
		return -1;
	if (answer.result == API_OK) {
		rc = acronis_setting_decode(answer.body, g->arena, setting, err);
	} else {
		acronis_answer_error(&answer, err);
		rc = error_prefix(
		    err, "contract.confirmed: the tier of tenant %s cannot be read", out->tenant_id);
	}
	json_decref((json_t *)answer.body);
	return rc;
}

/* In what is read anyway it may not stand; then nothing is known of it. */
static void see_confirmed(const struct tier_gathering *g, struct tier_confirmed *out)
{
	const struct observed_tenant *tenant;

	observation_pick(g->seen, &out->tenant_id, 1, &tenant);
	if (!tenant || !tenant->tier_read) {
		out->tier = NULL;
		return;
	}
	out->has_value = tenant->has_tier;
	out->value = tenant->tier_value;
}

static int take_confirmed(const struct tier_gathering *g, struct tier_confirmed *out, struct error *err)
{
	const struct job *job = g->job;
	struct acronis_setting setting = {.text = ""};

	*out = (struct tier_confirmed){.tenant_id = ""};
	if (!job->contract.confirmed.tenant)
		return 0;
	out->tenant_id = job->contract.confirmed.tenant;
	out->tier = job_tier_by_name(job, strv_of(job->contract.confirmed.tier));
	if (!g->session) {
		see_confirmed(g, out);
		return 0;
	}
	if (ask_confirmed(g, out, &setting, err) < 0)
		return -1;
	out->has_value = setting.has_own && setting.is_number;
	out->value = setting.number;
	return 0;
}

/* ---- Partners, as an earlier reading has them. */

static size_t see_witnesses(const struct tier_gathering *g, struct tier_witness *witnesses, size_t count)
{
	const char **ids = mem_zalloc((count + 1) * sizeof *ids);
	const struct observed_tenant **tenants = mem_zalloc((count + 1) * sizeof *tenants);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		ids[i] = witnesses[i].tenant_id;
	observation_pick(g->seen, ids, count, tenants);
	for (size_t i = 0; i < count; i++) {
		const struct observed_tenant *t = tenants[i];
		if (!t || !t->tier_read)
			continue;
		struct tier_sight sight = {.kind = t->kind,
		    .customer_id = t->customer_id,
		    .internal_tag = t->internal_tag,
		    .deleted = t->deleted_at[0] != '\0',
		    .has_value = t->has_tier,
		    .value = t->tier_value};
		if (tier_witness_see(&witnesses[i], g->job, &sight))
			witnesses[kept++] = witnesses[i];
	}
	free(ids);
	free(tenants);
	return kept;
}

/* ---- Partners that are read now. Answers fall into the arena: a client that is freed early still calls
 * back. */

struct reading {
	const struct tier_gathering *g;
	const char *tenant_id;
	struct acronis_tenant tenant;
	struct acronis_setting setting;
	bool has_tenant, has_setting;
	size_t *outstanding;
};

static void on_setting(void *user, const struct acronis_answer *answer)
{
	struct reading *r = user;
	struct error err = {0};

	--*r->outstanding;
	r->has_setting = answer->result == API_OK &&
			 acronis_setting_decode(answer->body, r->g->arena, &r->setting, &err) == 0;
}

static void on_tenant(void *user, const struct acronis_answer *answer)
{
	struct reading *r = user;
	struct error err = {0};

	--*r->outstanding;
	r->has_tenant = answer->result == API_OK &&
			acronis_tenant_decode(answer->body, r->g->arena, &r->tenant, &err) == 0;
}

static void send(struct reading *r, const struct acronis_request *request)
{
	++*r->outstanding;
	acronis_send(r->g->session->client, request);
}

static void begin_reading(struct reading *r)
{
	const struct acronis_tenant *known = r->g->world ? world_by_id(r->g->world, r->tenant_id) : NULL;

	if (known) {
		r->tenant = *known;
		r->has_tenant = true;
	} else if (r->g->world) {
		return; /* not below the parent */
	} else {
		send(r, &(struct acronis_request){.call = CALL_TENANT,
			    .a = r->tenant_id,
			    .query = "allow_deleted=true",
			    .done = on_tenant,
			    .user = r});
	}
	send(r, &(struct acronis_request){.call = CALL_SETTING,
		    .a = r->g->session->platform_id,
		    .b = r->tenant_id,
		    .c = tier_setting,
		    .done = on_setting,
		    .user = r});
}

static bool take_reading(const struct reading *r, struct tier_witness *witness)
{
	if (!r->has_tenant || !r->has_setting)
		return false;
	struct tier_sight sight = {.kind = r->tenant.kind,
	    .customer_id = r->tenant.customer_id,
	    .internal_tag = r->tenant.internal_tag,
	    .deleted = r->tenant.deleted_at[0] != '\0',
	    .has_value = r->setting.has_own && r->setting.is_number,
	    .value = r->setting.number};
	return tier_witness_see(witness, r->g->job, &sight);
}

/* The first of them, which stand in turns over the tiers; gives how many could be seen. -1. */
static int read_witnesses(
    const struct tier_gathering *g, struct tier_witness *witnesses, size_t *count, struct error *err)
{
	enum { TURN_MS = 250 };
	size_t n = *count < TIER_SAMPLE_MAX ? *count : TIER_SAMPLE_MAX, kept = 0;
	struct reading *readings = arena_alloc(g->arena, (n + 1) * sizeof *readings);
	size_t *outstanding = arena_alloc(g->arena, sizeof *outstanding);

	for (size_t i = 0; i < n; i++) {
		readings[i] =
		    (struct reading){.g = g, .tenant_id = witnesses[i].tenant_id, .outstanding = outstanding};
		begin_reading(&readings[i]);
	}
	while (*outstanding > 0)
		if (acronis_turn(g->session->client, TURN_MS, err) < 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (take_reading(&readings[i], &witnesses[i]))
			witnesses[kept++] = witnesses[i];
	*count = kept;
	return 0;
}

/* ---- Price lists. */

/* A month in which the tier may have changed has one commitment for a part of it and another for the rest. */
static bool is_settled(const struct tier_witness *w, int month, bool strictly)
{
	bool began = !date_is_set(w->start) || month_of(w->start) < month;
	bool untouched = w->updated_at == 0 || month_of(date_of_ms(w->updated_at)) < month;

	return began && (untouched || !strictly);
}

/* Does the table say what its value costs in the currency that it is billed in? */
static bool has_commitment(const struct job *job, const struct tier_witness *w)
{
	int currency = currency_index(strv_of(w->currency));

	for (size_t i = 0; currency >= 0 && i < job->contract.tier_count; i++)
		if (job->contract.tiers[i].acronis == w->value &&
		    job->contract.tiers[i].commitment[currency].currency[0])
			return true;
	return false;
}

static bool is_picked(const struct tier_price *prices, size_t count, int64_t value)
{
	for (size_t i = 0; i < count; i++)
		if (prices[i].value == value)
			return true;
	return false;
}

/* One of each value: an off-by-one shows in any of them, and more rows of the table are held against it. Who
 * may have changed this month is asked about only when there is nobody else. */
static size_t pick_prices(const struct tier_gathering *g, const struct tier_evidence *e, int month,
    struct tier_price prices[TIER_PRICES_MAX])
{
	const struct tier_confirmed *c = &e->confirmed;
	size_t n = 0;

	if (c->tier && c->has_value && c->value >= 0)
		prices[n++] = (struct tier_price){.tenant_id = c->tenant_id, .value = c->value};
	for (int strictly = 1; strictly >= (n == 0 ? 0 : 1); strictly--)
		for (size_t i = 0; i < e->witness_count && n < TIER_PRICES_MAX; i++) {
			const struct tier_witness *w = &e->witnesses[i];
			if (w->value < 0 || !has_commitment(g->job, w) || !is_settled(w, month, strictly) ||
			    is_picked(prices, n, w->value))
				continue;
			prices[n++] = (struct tier_price){.tenant_id = w->tenant_id, .value = w->value};
		}
	return n;
}

static void take_price(
    const struct tier_gathering *g, const struct acronis_answer *answer, struct tier_price *price)
{
	struct acronis_commitment commitment = {.currency = "", .commitment = ""};
	struct error err = {0};

	price->text = arena_strdup(g->arena, answer->text);
	price->answer = answer->result == API_FORBIDDEN ? PRICE_FORBIDDEN : PRICE_SILENT;
	if (answer->result == API_FORBIDDEN)
		price->scope = acronis_wanted_scope(answer->body, g->arena);
	if (answer->result != API_OK)
		return;
	int found = acronis_commitment_decode(answer->body, price->month, g->arena, &commitment, &err);
	if (found < 0)
		price->text = arena_strdup(g->arena, err.text);
	else if (found == 0)
		price->text = arena_printf(g->arena, "no single entry for %s", price->month);
	if (found <= 0)
		return;
	price->answer = PRICE_SAID;
	price->currency = commitment.currency;
	price->commitment = commitment.commitment;
}

static int ask_price(const struct tier_gathering *g, struct tier_price *price, struct error *err)
{
	char *query = mem_printf("tenant_id=%s&months=%s", price->tenant_id, price->month);
	struct acronis_request request = {.call = CALL_PRICE_LISTS, .query = query, .once = true};
	struct acronis_answer answer;
	int rc = acronis_call_wait(g->session->client, &request, &answer, err);

	free(query);
	if (rc < 0)
		return -1;
	take_price(g, &answer, price);
	json_decref((json_t *)answer.body);
	return 0;
}

/* Its value is of an earlier reading: a tier that was changed since is no difference. */
static int value_again(const struct tier_gathering *g, struct tier_price *price, struct error *err)
{
	struct acronis_setting setting = {.text = ""};
	struct acronis_answer answer;
	struct error unreadable = {0};

	if (ask_setting(g, price->tenant_id, &answer, err) < 0)
		return -1;
	bool good = answer.result == API_OK &&
		    acronis_setting_decode(answer.body, g->arena, &setting, &unreadable) == 0;
	json_decref((json_t *)answer.body);
	if (good && setting.has_own && setting.is_number) {
		price->value = setting.number;
		return 0;
	}
	price->answer = PRICE_SILENT;
	price->text = "its tier could not be read again";
	return 0;
}

/* Who is refused once is refused for all, and a service that is not there is not asked again. */
static int ask_prices(const struct tier_gathering *g, struct tier_evidence *e, struct error *err)
{
	int month = month_of(date_of_ms(clock_wall_ms(g->clock)));
	struct tier_price *prices = arena_alloc(g->arena, TIER_PRICES_MAX * sizeof *prices);
	size_t n = pick_prices(g, e, month, prices);
	char text[MONTH_TEXT_SIZE];

	e->prices_asked = true;
	e->prices = prices;
	for (size_t i = 0; i < n; i++) {
		prices[i].month = arena_strdup(g->arena, month_text(month, text));
		prices[i].currency = prices[i].commitment = prices[i].text = prices[i].scope = "";
		if (ask_price(g, &prices[i], err) < 0)
			return -1;
		if (g->seen && tier_price_differs(g->job, &prices[i]) && value_again(g, &prices[i], err) < 0)
			return -1;
		e->price_count = i + 1;
		if (prices[i].answer != PRICE_SAID)
			break;
	}
	return 0;
}

/* ---- All of it. */

int tier_evidence(const struct tier_gathering *g, struct tier_evidence *out, struct error *err)
{
	size_t count = g->witness_count;

	*out = (struct tier_evidence){.job = g->job, .witnesses = g->witnesses, .as_of = "read now"};
	if (take_confirmed(g, &out->confirmed, err) < 0)
		return -1;
	if (g->seen) {
		out->as_of = g->seen_as;
		count = see_witnesses(g, g->witnesses, count);
	} else if (read_witnesses(g, g->witnesses, &count, err) < 0) {
		return -1;
	}
	out->witness_count = count;
	/* Those that were looked at and cannot speak do not wait to be read. */
	out->possible = !g->seen && g->witness_count > TIER_SAMPLE_MAX ? g->witness_count : count;
	return g->prices && g->session ? ask_prices(g, out, err) : 0;
}

/* Those that differ first: they are what the contradiction rests on. */
static int differing_first(const void *a, const void *b)
{
	const struct tier_witness *x = a, *y = b;
	bool x_differs = x->value != x->tier->acronis, y_differs = y->value != y->tier->acronis;

	if (x_differs != y_differs)
		return x_differs ? -1 : 1;
	return x->turn != y->turn ? (x->turn < y->turn ? -1 : 1) : (int)x->tier->index - (int)y->tier->index;
}

/* Still as it was seen: all that was read again differs as before. */
static bool still_differ(const struct tier_witness *before, const struct tier_witness *now, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (before[i].value != now[i].value)
			return false;
	return true;
}

/* What an earlier night saw may have been put right since: it stops no night before it was read again. */
static int look_again(
    const struct tier_gathering *g, struct tier_evidence *evidence, struct tier_proof *out, struct error *err)
{
	size_t n = evidence->witness_count, count = n < TIER_SAMPLE_MAX ? n : TIER_SAMPLE_MAX, seen = count;
	struct tier_witness *sorted = arena_alloc(g->arena, (n + 1) * sizeof *sorted);
	struct tier_witness *now = arena_alloc(g->arena, (n + 1) * sizeof *now);

	memcpy(sorted, evidence->witnesses, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, differing_first);
	memcpy(now, sorted, n * sizeof *now);
	if (read_witnesses(g, now, &seen, err) < 0)
		return -1;
	evidence->as_of = arena_printf(g->arena, "%s, %zu of them read again now", g->seen_as, count);
	if (seen < count || !still_differ(sorted, now, count)) {
		evidence->witnesses = now;
		evidence->witness_count = seen;
		evidence->as_of = "read now";
	}
	*out = tier_prove(evidence, g->arena);
	return 0;
}

int tier_evidence_judge(
    const struct tier_gathering *g, struct tier_evidence *evidence, struct tier_proof *out, struct error *err)
{
	*out = tier_prove(evidence, g->arena);
	/* What contract.confirmed says was read now. */
	if (out->verdict != TIERS_CONTRADICTED || !g->seen || !g->session ||
	    out->partners < TIER_PARTNERS_NEEDED)
		return 0;
	return look_again(g, evidence, out, err);
}
