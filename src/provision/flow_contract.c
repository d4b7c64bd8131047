/* Pricing and the contract itself: mode production in the ordered currency, licensing mode, tier. The tier is
 * a setting of the platform application (Acronis notes section 3) without a version; its value comes from
 * contract.tiers, never from arithmetic. */
#include "flow_impl.h"

/* ---- Pricing. Its version has nothing to do with the tenant's; to production is one way. */

static enum view pricing_read(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_PRICING, flow->record.tenant_id);
	return VIEW_ASK;
}

static enum view pricing_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_pricing pricing;
	struct error err = {0};

	if (answer->result != API_OK)
		return flow_trouble(flow, answer);
	if (acronis_pricing_decode(answer->body, flow->arena, &pricing, &err) < 0)
		return flow_unreadable(flow, &err);
	flow->version = pricing.version;
	return strcmp(pricing.mode, "production") == 0 &&
		       strcmp(pricing.currency, flow->action->currency) == 0
		   ? VIEW_SAME
		   : VIEW_DIFFERS;
}

static enum view pricing_change(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_PRICING_SET, flow->record.tenant_id);
	call->request.body = acronis_pricing_body(flow->version, "production", flow->action->currency);
	snprintf(call->target, sizeof call->target, "%s", flow->record.tenant_id);
	return VIEW_ASK;
}

const struct goal goal_pricing = {.name = "pricing",
    .step = STEP_PRICING,
    .call = CALL_PRICING_SET,
    .read = pricing_read,
    .judge = pricing_judge,
    .change = pricing_change};

/* ---- Settings. */

static const char licensing_setting[] = "licensing_mode";
const char flow_tier_setting[] = "tier_level_value";

enum view flow_ask_setting(
    struct flow *flow, struct flow_call *call, enum acronis_call name, const char *setting)
{
	flow_ask(call, name, flow->env->session->platform_id);
	call->request.b = flow->record.tenant_id;
	call->request.c = setting;
	snprintf(call->target, sizeof call->target, "%s/%s", flow->record.tenant_id, setting);
	return VIEW_ASK;
}

enum view flow_take_setting(
    struct flow *flow, const struct acronis_answer *answer, struct acronis_setting *out)
{
	struct error err = {0};

	*out = (struct acronis_setting){.text = ""};
	/* Never written: 404 or an empty `own`, both are assumptions of the notes. */
	if (answer->result == API_NOT_FOUND)
		return VIEW_SAME;
	if (answer->result != API_OK)
		return flow_trouble(flow, answer);
	if (acronis_setting_decode(answer->body, flow->arena, out, &err) < 0)
		return flow_unreadable(flow, &err);
	return VIEW_SAME;
}

enum view flow_take_tier(struct flow *flow, const struct acronis_answer *answer, struct acronis_setting *out)
{
	enum view view = flow_take_setting(flow, answer, out);

	if (view != VIEW_SAME)
		return view;
	if (out->has_value && !out->is_number)
		return flow_fail(
		    flow, FAIL_UNREADABLE, "%s is there and is no whole number", flow_tier_setting);
	flow->has_value = out->has_own && out->is_number;
	flow->value = out->number;
	return VIEW_SAME;
}

static enum view licensing_read(struct flow *flow, struct flow_call *call)
{
	return flow_ask_setting(flow, call, CALL_SETTING, licensing_setting);
}

static enum view licensing_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_setting is;
	enum view view = flow_take_setting(flow, answer, &is);

	if (view != VIEW_SAME)
		return view;
	return is.has_own && strcmp(is.text, flow->env->job->contract.licensing_mode) == 0 ? VIEW_SAME
											   : VIEW_DIFFERS;
}

static enum view licensing_change(struct flow *flow, struct flow_call *call)
{
	call->request.body = acronis_setting_text_body(flow->env->job->contract.licensing_mode);
	return flow_ask_setting(flow, call, CALL_SETTING_SET, licensing_setting);
}

const struct goal goal_licensing = {.name = licensing_setting,
    .step = STEP_CONTRACT,
    .call = CALL_SETTING_SET,
    .setting = licensing_setting,
    .read = licensing_read,
    .judge = licensing_judge,
    .change = licensing_change};

static enum view tier_read(struct flow *flow, struct flow_call *call)
{
	return flow_ask_setting(flow, call, CALL_SETTING, flow_tier_setting);
}

static enum view tier_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_setting is;
	enum view view = flow_take_tier(flow, answer, &is);

	if (view != VIEW_SAME)
		return view;
	return flow->has_value && is.number == flow->action->item->tier->acronis ? VIEW_SAME : VIEW_DIFFERS;
}

static enum view tier_change(struct flow *flow, struct flow_call *call)
{
	call->request.body = acronis_setting_number_body(flow->action->item->tier->acronis);
	return flow_ask_setting(flow, call, CALL_SETTING_SET, flow_tier_setting);
}

const struct goal goal_tier = {.name = flow_tier_setting,
    .step = STEP_CONTRACT,
    .call = CALL_SETTING_SET,
    .setting = flow_tier_setting,
    .read = tier_read,
    .judge = tier_judge,
    .takes = flow_takes_tier,
    .change = tier_change};

/* After reactivation the tier must be what it was: the order's, else the subscription's. It is not set here:
 * that it was lost may have cost money, and a person has to know. */
static enum view tier_kept_judge(struct flow *flow, const struct acronis_answer *answer)
{
	const struct tier *tier = flow->action->item->tier ? flow->action->item->tier : flow->action->from;
	struct acronis_setting is;
	enum view view = flow_take_setting(flow, answer, &is);

	if (view != VIEW_SAME)
		return view;
	if (is.has_own && is.is_number && (!tier || is.number == tier->acronis))
		return VIEW_SAME;
	if (!is.has_own || !is.is_number)
		return flow_park(flow, PARK_TIER_LOST, "the tenant is enabled and has no tier any more");
	return flow_park(flow, PARK_TIER_LOST,
	    "the tenant is enabled and its tier value is %lld, not the %d of %s", (long long)is.number,
	    tier->acronis, tier->name);
}

const struct goal goal_tier_kept = {.name = "tier survived",
    .step = STEP_CONTRACT,
    .call = CALL_COUNT,
    .read = tier_read,
    .judge = tier_kept_judge};
