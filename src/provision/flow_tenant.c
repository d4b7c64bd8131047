/* The tenant: is its login free, does its contact say what the order says, is it switched on. Acronis notes
 * sections 2 and 5. There is no idempotency key: what is looked at before one is made, and before that is
 * repeated, is in flow_seek.c. */
#include "flow_impl.h"

/* ---- Login free (or ours), before anything is made. Once the tenant is known the user step looks into it.
 */

static bool tenant_is_unknown(const struct flow *flow)
{
	return !flow->record.tenant_id[0] && !world_by_tag(flow->env->world, flow->record.key);
}

static enum view login_read(struct flow *flow, struct flow_call *call)
{
	struct strbuf query = {0};

	strbuf_adds(&query, "username=");
	strbuf_add_url(&query, strv_of(flow->action->login));
	flow_ask(call, CALL_CHECK_LOGIN, NULL);
	call->request.query = flow_keep(flow, query.p);
	strbuf_free(&query);
	return VIEW_ASK;
}

static enum view login_judge(struct flow *flow, const struct acronis_answer *answer)
{
	switch (answer->result) {
	case API_OK:
		return VIEW_SAME;
	case API_TAKEN:
		return flow_park(flow, PARK_LOGIN_TAKEN,
		    "the login %s belongs to a user elsewhere in Acronis; nothing was created",
		    flow->action->login);
	case API_NOT_ACCEPTABLE:
		return flow_fail(flow, FAIL_LOGIN_NOT_ACCEPTABLE, "Acronis does not accept %s as a login",
		    flow->action->login);
	default:
		return flow_trouble(flow, answer);
	}
}

const struct goal goal_login = {.name = "login",
    .step = STEP_TENANT,
    .call = CALL_COUNT,
    .wanted = tenant_is_unknown,
    .read = login_read,
    .judge = login_judge};

/* ---- The tenant exists. */

static struct acronis_contact wanted_contact(const struct order_item *item)
{
	return (struct acronis_contact){.email = item->email[0] ? item->email : item->login,
	    .first_name = item->first_name,
	    .last_name = item->last_name,
	    .phone = item->phone,
	    .address1 = item->address1,
	    .address2 = item->address2,
	    .city = item->city,
	    .state = item->region,
	    .zipcode = item->post_code,
	    .country = item->country,
	    .legal = true,
	    .billing = true};
}

static enum view tenant_create(struct flow *flow, struct flow_call *call)
{
	const struct order_item *item = flow->action->item;
	struct acronis_tenant_new tenant = {.name = item->account,
	    .parent_id = flow->env->session->parent,
	    .customer_id = item->account_id,
	    .internal_tag = item->key,
	    .contact = wanted_contact(item)};

	flow->seek = SEEK_NOTHING_YET;
	flow_ask(call, CALL_TENANT_CREATE, NULL);
	call->request.body = acronis_tenant_create_body(&tenant);
	return VIEW_ASK;
}

static enum view tenant_created(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_tenant tenant;
	struct error err = {0};

	if (answer->result == API_TAKEN) {
		flow->taken = true;
		return VIEW_AGAIN;
	}
	if (answer->result != API_OK)
		return VIEW_COMMON;
	/* Made, but its id cannot be read, or the answer is of another one: looked up by its tag. */
	if (acronis_tenant_decode(answer->body, flow->arena, &tenant, &err) < 0 || !tenant.id[0] ||
	    strcmp(tenant.internal_tag, flow->record.key) != 0)
		return VIEW_COMMON;
	world_put(flow->env->world, &tenant);
	flow->record.tenant_id = tenant.id;
	flow->tenant_is_new = true;
	flow_save(flow, STEP_TENANT);
	return VIEW_SAME;
}

const struct goal goal_tenant = {.name = "tenant",
    .step = STEP_TENANT,
    .call = CALL_TENANT_CREATE,
    .read = flow_seek,
    .judge = flow_sought,
    .change = tenant_create,
    .changed = tenant_created};

/* ---- The tenant as it is now: known ids are read directly. */

static enum view tenant_ask(struct flow *flow, struct flow_call *call)
{
	if (!flow->record.tenant_id[0])
		return flow_park(flow, PARK_TENANT_NOT_FOUND, "%s", park_reason_text(PARK_TENANT_NOT_FOUND));
	flow_ask(call, CALL_TENANT, flow->record.tenant_id);
	call->request.query = "allow_deleted=true";
	return VIEW_ASK;
}

/* The plan looked at a listing, or at none where only the ledger named the tenant: nothing is done to a
 * tenant that says itself whose it is, unless it was made for this account or adopted. */
static bool is_of_another(const struct flow *flow, const struct acronis_tenant *tenant)
{
	const struct plan_action *action = flow->action;
	bool known =
	    action->tenant_is_known && strv_eq_nocase(strv_of(action->tenant_id), strv_of(tenant->id));

	return !known && tenant_names_another(tenant, action->item->account_id) &&
	       strcmp(tenant->internal_tag, flow->record.key) != 0 &&
	       strcmp(tenant->internal_tag, action->made_by) != 0;
}

static enum view park_of_another(struct flow *flow, const struct acronis_tenant *tenant)
{
	flow->record.tenant_id = flow->record.user_id = "";
	return flow_park(flow, PARK_TENANT_OF_ANOTHER,
	    "the tenant %s carries the id of account %s, not %s; nothing was changed", tenant->id,
	    tenant->customer_id, flow->action->item->account_id);
}

/* VIEW_SAME: it is there, below the parent, and nobody else's. */
static enum view take_tenant(
    struct flow *flow, const struct acronis_answer *answer, bool must_be_enabled, struct acronis_tenant *out)
{
	struct error err = {0};

	*out = (struct acronis_tenant){.id = ""};
	if (answer->result == API_NOT_FOUND)
		return flow_park(
		    flow, PARK_TENANT_NOT_FOUND, "the tenant %s is not there", flow->record.tenant_id);
	/* 403 hides what is outside the client's subtree (notes section 7): a tenant that was ours has left
	 * it. */
	if (answer->result == API_FORBIDDEN)
		return flow_park(flow, PARK_TENANT_MOVED, "the tenant %s is out of our reach: %s",
		    flow->record.tenant_id, answer->text);
	if (answer->result != API_OK)
		return flow_trouble(flow, answer);
	if (acronis_tenant_decode(answer->body, flow->arena, out, &err) < 0)
		return flow_unreadable(flow, &err);
	world_put(flow->env->world, out);
	flow->version = out->version;
	flow->enabled = out->enabled;
	if (is_of_another(flow, out))
		return park_of_another(flow, out);
	if (out->deleted_at[0])
		return flow_park(
		    flow, PARK_TENANT_DELETED, "the tenant %s was deleted at %s", out->id, out->deleted_at);
	if (!strv_eq_nocase(strv_of(out->parent_id), strv_of(flow->env->session->parent)))
		return flow_park(
		    flow, PARK_TENANT_MOVED, "the tenant %s stands below %s now", out->id, out->parent_id);
	if (must_be_enabled && !out->enabled)
		return flow_park(flow, PARK_TENANT_DISABLED, "the tenant %s is disabled", out->id);
	return VIEW_SAME;
}

static enum view contact_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_contact wanted = wanted_contact(flow->action->item);
	struct acronis_tenant tenant;
	enum view view = take_tenant(flow, answer, true, &tenant);

	if (view != VIEW_SAME)
		return view;
	return acronis_contact_matches(&wanted, &tenant.contact) ? VIEW_SAME : VIEW_DIFFERS;
}

static enum view contact_change(struct flow *flow, struct flow_call *call)
{
	struct acronis_contact wanted = wanted_contact(flow->action->item);

	flow_ask(call, CALL_TENANT_UPDATE, flow->record.tenant_id);
	call->request.body = acronis_contact_update_body(flow->version, &wanted);
	snprintf(call->target, sizeof call->target, "%s", flow->record.tenant_id);
	return VIEW_ASK;
}

const struct goal goal_contact = {.name = "contact",
    .step = STEP_TENANT,
    .call = CALL_TENANT_UPDATE,
    .read = tenant_ask,
    .judge = contact_judge,
    .change = contact_change};

/* ---- For a tier change: the tenant must be there and in use. */

static enum view present_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_tenant tenant;

	return take_tenant(flow, answer, true, &tenant);
}

const struct goal goal_present = {
    .name = "tenant", .step = STEP_CONTRACT, .call = CALL_COUNT, .read = tenant_ask, .judge = present_judge};

/* ---- Suspend and cancel switch off, reactivate switches on. Nothing is ever deleted. */

static enum view switch_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_tenant tenant;
	enum view view = take_tenant(flow, answer, false, &tenant);

	if (view != VIEW_SAME)
		return view;
	return tenant.enabled == (flow->action->action == ACTION_REACTIVATE) ? VIEW_SAME : VIEW_DIFFERS;
}

static enum view switch_change(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_TENANT_UPDATE, flow->record.tenant_id);
	call->request.body = acronis_enabled_body(flow->version, flow->action->action == ACTION_REACTIVATE);
	snprintf(call->target, sizeof call->target, "%s", flow->record.tenant_id);
	return VIEW_ASK;
}

const struct goal goal_switch = {.name = "switch",
    .step = STEP_SWITCH,
    .call = CALL_TENANT_UPDATE,
    .read = tenant_ask,
    .judge = switch_judge,
    .takes = flow_takes_all,
    .change = switch_change};
