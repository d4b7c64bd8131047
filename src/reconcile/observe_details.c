/* Pricing, tier and licensing mode of each partner that lacks them: three reads a tenant, because the API has
 * no batch for them (acronis-notes.md section 3). What cannot be read stays unread and is counted; it never
 * becomes an empty value. */
#include "reconcile/observe_impl.h"

#include "tenantry/log.h"

enum detail { DETAIL_PRICING, DETAIL_TIER, DETAIL_LICENSING, DETAIL_COUNT };

struct cursor {
	size_t tenant;
	int detail;
};

static int take_pricing(
    struct gather *g, struct observed_tenant *tenant, const json_t *json, struct error *err)
{
	struct acronis_pricing pricing;

	if (acronis_pricing_decode(json, g->scratch, &pricing, err) < 0)
		return -1;
	tenant->pricing_mode = observation_word(g->observation, &g->words, strv_of(pricing.mode));
	tenant->currency = observation_word(g->observation, &g->words, strv_of(pricing.currency));
	tenant->pricing_read = true;
	return 0;
}

static int take_setting(struct gather *g, struct observed_tenant *tenant, enum detail detail,
    const json_t *json, struct error *err)
{
	struct acronis_setting setting;

	if (acronis_setting_decode(json, g->scratch, &setting, err) < 0)
		return -1;
	if (detail == DETAIL_TIER) {
		if (setting.has_own && !setting.is_number)
			return error_set(err, ERR_ACRONIS, "tier_level_value is not an integer");
		tenant->tier_read = true;
		tenant->has_tier = setting.has_own;
		tenant->tier_value = setting.number;
		return 0;
	}
	if (setting.has_own && !setting.text[0])
		return error_set(err, ERR_ACRONIS, "licensing_mode is not a text");
	tenant->licensing_mode = observation_word(g->observation, &g->words, strv_of(setting.text));
	tenant->licensing_read = true;
	return 0;
}

static void detail_answered(struct gather *g, const struct ask *ask, const struct acronis_answer *answer)
{
	struct observed_tenant *tenant = &g->observation->items[ask->number];
	struct error err = {0};
	int rc = answer->result == API_OK ? 0 : -1;

	g->done++;
	if (rc == 0 && ask->detail == DETAIL_PRICING)
		rc = take_pricing(g, tenant, answer->body, &err);
	else if (rc == 0)
		rc = take_setting(g, tenant, (enum detail)ask->detail, answer->body, &err);
	if (rc < 0)
		log_debug("tenant %s: %s", tenant->id, err.code ? err.text : answer->text);
}

static bool is_wanting(const struct observed_tenant *tenant)
{
	return tenant_has_details(tenant) && !tenant_details_read(tenant);
}

static bool feed_details(struct gather *g)
{
	static const char *const settings[] = {
	    [DETAIL_TIER] = "tier_level_value", [DETAIL_LICENSING] = "licensing_mode"};
	const struct observation *o = g->observation;
	struct cursor *at = g->state;

	while (at->detail == 0 && at->tenant < o->count && !is_wanting(&o->items[at->tenant]))
		at->tenant++;
	if (at->tenant == o->count || g->gave_up)
		return false;
	const struct ask ask = {.number = at->tenant, .detail = at->detail, .answered = detail_answered};
	const char *id = o->items[at->tenant].id;
	if (at->detail == DETAIL_PRICING)
		gather_ask(g, &ask, &(struct acronis_request){.call = CALL_PRICING, .a = id});
	else
		gather_ask(g, &ask,
		    &(struct acronis_request){.call = CALL_SETTING,
			.a = g->observe->session->platform_id,
			.b = id,
			.c = settings[at->detail]});
	if (++at->detail == DETAIL_COUNT) {
		at->detail = 0;
		at->tenant++;
	}
	return true;
}

/* The beginning of the observation counts: a value is never younger than it says. */
static void note_times(struct observation *o)
{
	for (size_t i = 0; i < o->count; i++) {
		struct observed_tenant *t = &o->items[i];
		bool any = t->pricing_read || t->tier_read || t->licensing_read;
		if (tenant_has_details(t) && any && t->details_at == 0)
			t->details_at = o->taken_at;
	}
}

int observe_details(struct gather *g, struct error *err)
{
	struct observation *o = g->observation;
	struct cursor cursor = {0};

	uint64_t wanting = 0;
	for (size_t i = 0; i < o->count; i++) {
		if (!is_wanting(&o->items[i]))
			continue;
		tenant_drop_details(&o->items[i]);
		wanting++;
	}
	o->reread += wanting;
	g->total += wanting * DETAIL_COUNT;
	g->state = &cursor;
	int rc = gather_run(g, feed_details, err);
	g->state = NULL;
	note_times(o);
	observation_count(o);
	if (rc == 0 && o->unread > 0)
		log_warn("%llu of %zu tenants could not be read whole; they are not compared",
		    (unsigned long long)o->unread, o->count);
	return rc;
}
