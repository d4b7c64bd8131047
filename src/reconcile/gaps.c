/* Why something could not be compared: a side that could not be read, or that says too little. What is merely
 * unknown is never a difference. Pure; texts in the arena or static. */
#include "reconcile/class_impl.h"

#include "tenantry/mem.h"

static const char *unread_details(
    struct arena *arena, const struct observed_tenant *t, bool without_licensing)
{
	const struct {
		bool read;
		const char *name;
	} details[] = {{t->tier_read, "tier"}, {t->pricing_read, "pricing"},
	    {t->licensing_read || without_licensing, "licensing mode"}};
	struct strbuf text = {0};

	for (size_t i = 0; i < ARRAY_LEN(details); i++)
		if (!details[i].read)
			strbuf_addf(&text, "%s%s", text.n > 0 ? ", " : "the tenant's ", details[i].name);
	if (text.n == 0)
		return NULL;
	strbuf_adds(&text, " could not be read from Acronis");
	const char *gap = arena_strndup(arena, text.p, text.n);
	strbuf_free(&text);
	return gap;
}

/* There by its id, and not listed: then nobody knows what else of the account is not. */
static const char *unlisted_gap(const struct view *v)
{
	return v->tenant && v->tenant->unlisted && v->in->observation->fault == LISTING_LACKING
		   ? "the list of tenants lacks its tenant, which is there when asked for by its id"
		   : NULL;
}

const char *gap_of_lacking(struct arena *arena, const char *tenant_id)
{
	return arena_printf(arena,
	    "tenant %s, which we made, is not in the list of tenants, and nothing proves that it is gone",
	    tenant_id);
}

bool is_lacking(const struct view *v)
{
	return v->unit->lacking != INDEX_NONE && !v->tenant && !v->named &&
	       (has_status(v, SUBSCRIPTION_ACTIVE) || has_status(v, SUBSCRIPTION_SUSPENDED));
}

const char *gap_of_subscription(struct arena *arena, const struct view *v)
{
	const struct subscription *s = v->subscription;
	const struct observed_tenant *t = v->tenant;

	if (t && t->unreadable)
		return "its tenant could not be read from Acronis";
	if (unlisted_gap(v))
		return unlisted_gap(v);
	if (!t && !v->named && s->status == SUBSCRIPTION_ACTIVE && !v->in->observation->complete)
		return "the list of tenants did not come to its end";
	if (is_lacking(v))
		return gap_of_lacking(arena, v->in->known[v->unit->lacking].tenant_id);
	if (s->status != SUBSCRIPTION_ACTIVE && s->status != SUBSCRIPTION_SUSPENDED)
		return NULL;
	if (t && !tenant_is_partner(t))
		return arena_printf(
		    arena, "its tenant is of kind %s, which cannot carry a contract", t->kind);
	if (!s->tier)
		return arena_printf(arena, "its tier \"%s\" is not in contract.tiers",
		    s->tier_text[0] ? s->tier_text : s->product_code);
	if (!s->currency[0])
		return "its subscription names no currency";
	return t ? unread_details(arena, t, v->in->observation->without_licensing) : NULL;
}

const char *gap_of_tenant(const struct view *v)
{
	if (v->tenant->unreadable)
		return "its tenant could not be read from Acronis";
	if (unlisted_gap(v))
		return unlisted_gap(v);
	if (!v->subscription && v->unit->quarantined != INDEX_NONE)
		return "a subscription of this account cannot be used";
	if (!v->subscription && join_is_disputed(v->join, v->tenant))
		return "a subscription row without an account names it";
	return NULL;
}
