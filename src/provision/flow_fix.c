/* Corrections: one property of one tenant is made what the BSS says, if it still is what the finding says.
 * Who wants to know what a fix does to a tenant reads this table. A tenant is never deleted here, renamed or
 * moved.
 *
 * Each goal reads the tenant at its moment. As wanted without our doing: skipped as already-so. Neither as
 * the file has it nor as wanted: somebody was at it, skipped as moved. That is judged where a change would
 * begin, so that a change in doubt is settled by two readings before (flow_impl.h). */
#include "flow_impl.h"

static const struct fix *fix_of(const struct flow *flow)
{
	return flow->action->fix;
}

/* Nothing was sent for this goal, in this run or in one that was cut off. */
static bool is_untouched(const struct flow *flow)
{
	return flow->changes == 0 && flow->open_count == 0;
}

static enum view judge_value(struct flow *flow, bool as_wanted, const char *is)
{
	if (as_wanted && is_untouched(flow))
		return flow_skip(flow, SKIP_ALREADY, "it is \"%s\" already; nothing was changed", is);
	if (as_wanted)
		return VIEW_SAME;
	flow->moved = strv_eq_nocase(strv_of(is), strv_of(fix_of(flow)->now)) ? NULL : flow_keep(flow, is);
	return VIEW_DIFFERS;
}

static enum view refuse_moved(struct flow *flow)
{
	return flow_skip(flow, SKIP_MOVED, "Acronis says \"%s\" now, not \"%s\"; nothing was changed",
	    flow->moved, fix_of(flow)->now);
}

/* ---- The tenant. */

static enum view tenant_ask(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_TENANT, flow->record.tenant_id);
	call->request.query = "allow_deleted=true";
	return VIEW_ASK;
}

/* VIEW_SAME: it is there and a partner. */
static enum view take_tenant(
    struct flow *flow, const struct acronis_answer *answer, struct acronis_tenant *out)
{
	struct error err = {0};

	if (answer->result == API_NOT_FOUND || answer->result == API_FORBIDDEN)
		return flow_skip(flow, SKIP_TENANT_GONE, "tenant %s is not there, or out of our reach",
		    flow->record.tenant_id);
	if (answer->result != API_OK)
		return flow_trouble(flow, answer);
	if (acronis_tenant_decode(answer->body, flow->arena, out, &err) < 0)
		return flow_unreadable(flow, &err);
	flow->version = out->version;
	flow->enabled = out->enabled;
	if (out->deleted_at[0])
		return flow_skip(
		    flow, SKIP_TENANT_GONE, "tenant %s was deleted at %s", out->id, out->deleted_at);
	if (strcmp(out->kind, "partner") != 0)
		return flow_skip(flow, SKIP_TENANT_GONE, "tenant %s is of kind %s", out->id, out->kind);
	return VIEW_SAME;
}

/* What carries another account's id is settled first (external-id-mismatch). */
static enum view take_own(struct flow *flow, const struct acronis_answer *answer, struct acronis_tenant *out)
{
	enum view view = take_tenant(flow, answer, out);

	if (view == VIEW_SAME && tenant_names_another(out, fix_of(flow)->finding.account_id))
		return flow_skip(flow, SKIP_OF_ANOTHER, "tenant %s carries the id of account %s, not %s",
		    out->id, out->customer_id, fix_of(flow)->finding.account_id);
	return view;
}

static enum view own_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_tenant tenant = {.id = "", .customer_id = ""};

	return take_own(flow, answer, &tenant);
}

static const struct goal fix_own_pricing = {
    .name = "tenant", .step = STEP_PRICING, .call = CALL_COUNT, .read = tenant_ask, .judge = own_judge};
static const struct goal fix_own_contract = {
    .name = "tenant", .step = STEP_CONTRACT, .call = CALL_COUNT, .read = tenant_ask, .judge = own_judge};
/* The line for the BSS is written of what is done (export_fixes). */
static const struct goal fix_external_id = {
    .name = "external id", .step = STEP_TENANT, .call = CALL_COUNT, .read = tenant_ask, .judge = own_judge};

static enum view update_tenant(struct flow *flow, struct flow_call *call, json_t *body)
{
	flow_ask(call, CALL_TENANT_UPDATE, flow->record.tenant_id);
	call->request.body = body;
	snprintf(call->target, sizeof call->target, "%s", flow->record.tenant_id);
	return VIEW_ASK;
}

/* ---- Enabled or not. */

static enum view switch_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_tenant tenant = {.id = "", .customer_id = ""};
	enum view view = take_own(flow, answer, &tenant);

	if (view != VIEW_SAME)
		return view;
	return judge_value(flow, tenant.enabled == (fix_of(flow)->change == FIX_ENABLE),
	    tenant.enabled ? "enabled" : "disabled");
}

static enum view switch_change(struct flow *flow, struct flow_call *call)
{
	if (flow->moved)
		return refuse_moved(flow);
	return update_tenant(
	    flow, call, acronis_enabled_body(flow->version, fix_of(flow)->change == FIX_ENABLE));
}

static const struct goal fix_switch = {.name = "switch",
    .step = STEP_SWITCH,
    .call = CALL_TENANT_UPDATE,
    .read = tenant_ask,
    .judge = switch_judge,
    .takes = flow_takes_all,
    .change = switch_change};

/* ---- The customer id. */

static enum view customer_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_tenant tenant = {.id = "", .customer_id = ""};
	enum view view = take_tenant(flow, answer, &tenant);

	if (view != VIEW_SAME)
		return view;
	return judge_value(flow, strcmp(tenant.customer_id, fix_of(flow)->to) == 0, tenant.customer_id);
}

static enum view customer_change(struct flow *flow, struct flow_call *call)
{
	if (flow->moved)
		return refuse_moved(flow);
	return update_tenant(flow, call, acronis_customer_id_body(flow->version, fix_of(flow)->to));
}

static const struct goal fix_customer_id = {.name = "customer id",
    .step = STEP_TENANT,
    .call = CALL_TENANT_UPDATE,
    .read = tenant_ask,
    .judge = customer_judge,
    .change = customer_change};

/* ---- The tier. */

static enum view tier_read(struct flow *flow, struct flow_call *call)
{
	return flow_ask_setting(flow, call, CALL_SETTING, flow_tier_setting);
}

static enum view tier_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_setting is;
	struct strbuf text = {0};
	enum view view = flow_take_tier(flow, answer, &is);

	if (view != VIEW_SAME)
		return view;
	fix_add_tier(&text, flow->env->job, flow->has_value, is.number);
	view = judge_value(flow, flow->has_value && is.number == fix_of(flow)->tier->acronis, text.p);
	strbuf_free(&text);
	return view;
}

static enum view tier_change(struct flow *flow, struct flow_call *call)
{
	if (flow->moved)
		return refuse_moved(flow);
	call->request.body = acronis_setting_number_body(fix_of(flow)->tier->acronis);
	return flow_ask_setting(flow, call, CALL_SETTING_SET, flow_tier_setting);
}

static const struct goal fix_tier = {.name = flow_tier_setting,
    .step = STEP_CONTRACT,
    .call = CALL_SETTING_SET,
    .setting = flow_tier_setting,
    .read = tier_read,
    .judge = tier_judge,
    .takes = flow_takes_tier,
    .change = tier_change};

/* ---- The currency. The mode is written as it was read: to production is one way, and not ours to take here.
 */

static enum view currency_read(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_PRICING, flow->record.tenant_id);
	return VIEW_ASK;
}

static enum view currency_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_pricing pricing;
	struct error err = {0};

	if (answer->result != API_OK)
		return flow_trouble(flow, answer);
	if (acronis_pricing_decode(answer->body, flow->arena, &pricing, &err) < 0)
		return flow_unreadable(flow, &err);
	flow->version = pricing.version;
	flow->pricing_mode = pricing.mode;
	return judge_value(flow, strcmp(pricing.currency, fix_of(flow)->to) == 0,
	    pricing.currency[0] ? pricing.currency : "no currency");
}

static enum view currency_change(struct flow *flow, struct flow_call *call)
{
	if (flow->moved)
		return refuse_moved(flow);
	flow_ask(call, CALL_PRICING_SET, flow->record.tenant_id);
	call->request.body = acronis_pricing_body(flow->version, flow->pricing_mode, fix_of(flow)->to);
	snprintf(call->target, sizeof call->target, "%s", flow->record.tenant_id);
	return VIEW_ASK;
}

static const struct goal fix_currency = {.name = "currency",
    .step = STEP_PRICING,
    .call = CALL_PRICING_SET,
    .read = currency_read,
    .judge = currency_judge,
    .change = currency_change};

/* ---- What is done for each change. */

static const struct goal *const do_switch[] = {&fix_switch, NULL},
				*const do_tier[] = {&fix_own_contract, &fix_tier, NULL},
				*const do_currency[] = {&fix_own_pricing, &fix_currency, NULL},
				*const do_customer_id[] = {&fix_customer_id, NULL},
				*const do_external_id[] = {&fix_external_id, NULL};

const struct goal *const *flow_fix_goals(enum fix_change change)
{
	static const struct goal *const *const goals[FIX_CHANGE_COUNT] = {
	    [FIX_DISABLE] = do_switch,
	    [FIX_ENABLE] = do_switch,
	    [FIX_SET_TIER] = do_tier,
	    [FIX_SET_CURRENCY] = do_currency,
	    [FIX_SET_CUSTOMER_ID] = do_customer_id,
	    [FIX_SET_EXTERNAL_ID] = do_external_id,
	};

	return goals[change];
}
