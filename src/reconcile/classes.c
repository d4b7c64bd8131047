/* The table of classes (design section 7): for each what it is held against, when it is true, what is
 * expected and what each side says, the money at stake and its sentence. The conditions are conditions.c's.
 */
#include "reconcile/class_impl.h"

/* ---- What is expected, and what each side says. */

static void bss_tier(const struct view *v, struct strbuf *out)
{
	const struct subscription *s = v->subscription;

	strbuf_adds(out, s->tier ? s->tier->name : s->tier_text[0] ? s->tier_text : s->product_code);
}

static void expect_tier(const struct view *v, struct strbuf *out)
{
	add_tier_value(out, v->in->job, v->expected.tier->acronis);
}

static void acronis_tier(const struct view *v, struct strbuf *out)
{
	if (!v->tenant->tier_read)
		strbuf_adds(out, "a tier that was not read");
	else if (!v->tenant->has_tier)
		strbuf_adds(out, "no tier");
	else
		add_tier_value(out, v->in->job, v->tenant->tier_value);
}

static void bss_no_subscription(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "no subscription");
}

/* Of a contract that we made the order says what is expected. */
static void expect_tenant(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, "a tenant on ");
	if (v->kind == VIEW_MADE)
		strbuf_adds(out, v->done->tier);
	else
		bss_tier(v, out);
}

static void bss_of_missing(const struct view *v, struct strbuf *out)
{
	if (v->kind == VIEW_MADE)
		bss_no_subscription(v, out);
	else
		bss_tier(v, out);
}

static struct money stake_of_missing(const struct view *v)
{
	return v->kind == VIEW_MADE ? stake_of_done(v) : stake_of_subscription(v);
}

static const struct item_record *made_by_us(const struct view *v)
{
	return v->kind == VIEW_MADE ? v->done : NULL;
}

static void acronis_no_tenant(const struct view *v, struct strbuf *out)
{
	if (!v->named)
		strbuf_adds(out, "no tenant");
	else if (v->named->gone)
		strbuf_addf(out, "no tenant, the one that %s is gone",
		    v->kind == VIEW_MADE ? "was made" : "it names");
	else if (!tenant_is_present(v->named))
		strbuf_addf(out, "only one that was deleted on %.10s", v->named->deleted_at);
	else
		strbuf_addf(out, "only tenant %s, which is another account's", v->named->id);
}

static void expect_subscription(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "a live subscription");
}

static void acronis_running(const struct view *v, struct strbuf *out)
{
	acronis_tier(v, out);
	if (!v->tenant->enabled)
		strbuf_adds(out, ", disabled");
}

static void bss_status(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, subscription_status_name(v->subscription->status));
}

static void expect_enabled(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, expects(v, SUBSCRIPTION_ACTIVE) ? "enabled" : "disabled");
}

static void acronis_enabled(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->tenant->enabled ? "enabled" : "disabled");
}

static void expect_gone(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "deleted, or billed");
}

static void bss_import(const struct view *v, struct strbuf *out)
{
	if (!v->subscription)
		strbuf_adds(out, "no subscription");
	else if (v->done == tier_is_ours(v))
		bss_tier(v, out);
	else
		bss_status(v, out);
}

static void expect_import(const struct view *v, struct strbuf *out)
{
	int status = action_leads_to(v->done->action);

	if (action_sets_tier(v->done->action) || status < 0)
		strbuf_addf(out, "%s%s", v->subscription ? "" : "a subscription on ",
		    v->done->tier[0] ? v->done->tier : action_name(v->done->action));
	else
		strbuf_adds(out, subscription_status_name((enum subscription_status)status));
}

static void bss_currency(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->subscription->currency);
}

static void acronis_currency(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->tenant->currency[0] ? v->tenant->currency : "no currency");
}

static void expect_licensing(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->in->job->contract.licensing_mode);
}

static void acronis_licensing(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->tenant->licensing_mode[0] ? v->tenant->licensing_mode : "none");
}

static void expect_pricing(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "production");
}

static void acronis_pricing(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->tenant->pricing_mode);
}

static void expect_one_subscription(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "one live subscription");
}

static void bss_both_subscriptions(const struct view *v, struct strbuf *out)
{
	strbuf_addf(out, "%s and %s", v->main_subscription->id, v->subscription->id);
}

static void expect_one_tenant(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "one tenant");
}

static void acronis_both_tenants(const struct view *v, struct strbuf *out)
{
	strbuf_addf(out, "%s and %s", v->main_tenant->id, v->tenant->id);
}

static void bss_login(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->subscription->username);
}

static void acronis_login(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->tenant->login[0] ? v->tenant->login : "nobody");
}

static void bss_name(const struct view *v, struct strbuf *out)
{
	name_add(out, strv_of(v->subscription->account));
}

static void acronis_name(const struct view *v, struct strbuf *out)
{
	name_add(out, strv_of(v->tenant->name));
}

static void expect_external_id(const struct view *v, struct strbuf *out)
{
	if (v->tenant && wrong_external_id(v))
		strbuf_addf(out, "tenant %s", v->tenant->id);
	else
		strbuf_addf(out, "account %s", v->subscription->account_id);
}

static void bss_external_id(const struct view *v, struct strbuf *out)
{
	if (wrong_external_id(v))
		strbuf_addf(out, "tenant %s", v->subscription->external_id);
	else
		strbuf_addf(out, "account %s", v->subscription->account_id);
}

static void acronis_external_id(const struct view *v, struct strbuf *out)
{
	if (v->tenant && wrong_external_id(v))
		strbuf_addf(out, "tenant %s", v->tenant->id);
	else if (v->tenant || v->named->customer_id[0])
		strbuf_addf(out, "account %s", (v->tenant ? v->tenant : v->named)->customer_id);
	else
		strbuf_adds(out, "another account");
}

static void expect_parent(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, view_parent(v));
}

static void acronis_parent(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, v->tenant->parent_id);
}

static void expect_one(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "1");
}

static void bss_quantity(const struct view *v, struct strbuf *out)
{
	strbuf_addv(out, strv_trim(strv_of(v->subscription->quantity)));
}

static void expect_done(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "done");
}

static void bss_stuck(const struct view *v, struct strbuf *out)
{
	if (v->order)
		strbuf_adds(out, v->order->state == ITEM_ACCEPTED || v->order->state == ITEM_RECEIVED
				     ? "pending"
				     : item_state_name(v->order->state));
	else
		strbuf_adds(out, v->subscription->status == SUBSCRIPTION_PENDING ? "pending" : "failed");
}

/* What stands beside a difference that the other side has no word for. */

static void bss_contract(const struct view *v, struct strbuf *out)
{
	const struct subscription *s = v->subscription ? v->subscription : v->main_subscription;

	if (!s) {
		strbuf_adds(out, "no subscription");
		return;
	}
	strbuf_addf(out, "%s, %s",
	    s->tier           ? s->tier->name
	    : s->tier_text[0] ? s->tier_text
			      : s->product_code,
	    subscription_status_name(s->status));
}

static void acronis_contract(const struct view *v, struct strbuf *out)
{
	struct view seen = *v;

	if (!seen.tenant)
		seen.tenant = v->main_tenant;
	if (seen.tenant && seen.tenant->unreadable)
		strbuf_adds(out, "not read");
	else if (seen.tenant)
		acronis_running(&seen, out);
	else if (v->unit && v->unit->present_tenants > 0)
		strbuf_addf(out, "%u tenant%s", (unsigned)v->unit->present_tenants,
		    v->unit->present_tenants == 1 ? "" : "s");
	else if (v->unit || v->order || v->subscription)
		strbuf_adds(out, "no tenant");
}

static void expect_readable(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "both sides readable");
}

static void expect_usage(const struct view *v, struct strbuf *out)
{
	(void)v;
	strbuf_adds(out, "usage on both sides, or on none");
}

static void bss_usage(const struct view *v, struct strbuf *out)
{
	strbuf_addf(out, "no usage for %s", usage_of(v)->month);
}

static void acronis_usage(const struct view *v, struct strbuf *out)
{
	strbuf_adds(out, usage_of(v)->text);
}

static void bss_gap(const struct view *v, struct strbuf *out)
{
	if (v->billing)
		strbuf_adds(out, "invoices");
	else if (v->row)
		strbuf_adds(out, "a row that cannot be used");
	else
		bss_contract(v, out);
}

static void acronis_gap(const struct view *v, struct strbuf *out)
{
	if (v->tenant && !v->tenant->unreadable)
		acronis_tier(v, out);
	else if (v->kind == VIEW_MADE)
		strbuf_adds(out, "not in the list");
	else
		acronis_contract(v, out);
}

static const char state_of_ours[] =
    "{deed} on {since}, but the tenant is {acronis}; the BSS's export, which does not show the change yet, says {bss}[; {money} a "
    "month is at stake].";

static const struct class classes[FINDING_COUNT] = {
    [FINDING_TENANT_MISSING] = {.on = VIEW_SUBSCRIPTION | VIEW_MADE,
	.may_lag = true,
	.when = when_tenant_missing,
	.at_stake = stake_of_missing,
	.expected = expect_tenant,
	.bss = bss_of_missing,
	.acronis = acronis_no_tenant,
	.sentence =
	    "{account} is billed for {bss}, but in Acronis there is {acronis}[; {money} a month is billed without a service].",
	.ours = made_by_us,
	.sentence_ours =
	    "{deed} on {since}, but in Acronis there is {acronis}, and the BSS's export does not have the contract yet[; {money} a "
	    "month is ordered without a service].",
	.reads = "",
	.meaning =
	    "an active subscription, or a contract that we made and the BSS has not imported yet, has no tenant: "
	    "billed, not provisioned"},
    [FINDING_SUBSCRIPTION_MISSING] = {.on = VIEW_TENANT,
	.may_lag = true,
	.when = when_subscription_missing,
	.at_stake = stake_of_tenant,
	.expected = expect_subscription,
	.bss = bss_no_subscription,
	.acronis = acronis_running,
	.sentence =
	    "{account} is in Acronis on {acronis}, but no subscription bills it[; {money} a month is not billed].",
	.reads = "",
	.meaning = "a tenant has no subscription at all: running, not billed"},
    [FINDING_TIER_MISMATCH] = {.on = VIEW_SUBSCRIPTION,
	.may_lag = true,
	.when = when_tier_mismatch,
	.at_stake = stake_of_difference,
	.expected = expect_tier,
	.bss = bss_tier,
	.acronis = acronis_tier,
	.sentence =
	    "{account} is billed for {bss}, but Acronis runs it on {acronis}[; the difference is {money} a month].",
	.ours = tier_is_ours,
	.sentence_ours =
	    "{deed} on {since}, but the tenant runs on {acronis} and not on {expected}; the BSS's export, which does not show the change yet, says {bss}[; the difference is {money} a month].",
	.reads = "tier_level_value",
	.meaning =
	    "the tier that is billed maps to another Acronis value than the tenant's (a change that is due later is none)"},
    [FINDING_SUSPENDED_BUT_ENABLED] = {.on = VIEW_SUBSCRIPTION | VIEW_TENANT,
	.may_lag = true,
	.when = when_suspended_but_enabled,
	.at_stake = stake_of_subscription,
	.expected = expect_enabled,
	.bss = bss_status,
	.acronis = acronis_enabled,
	.sentence =
	    "{account} is suspended in the BSS, but its tenant is still enabled in Acronis[; {money} a month is at stake].",
	.ours = status_is_ours,
	.sentence_ours = state_of_ours,
	.reads = "",
	.meaning = "the subscription is suspended, the tenant is enabled"},
    [FINDING_CANCELLED_BUT_ENABLED] = {.on = VIEW_TENANT,
	.may_lag = true,
	.when = when_cancelled_but_enabled,
	.at_stake = stake_of_tenant,
	.expected = expect_enabled,
	.bss = bss_status,
	.acronis = acronis_enabled,
	.sentence =
	    "{account} has cancelled, but its tenant is still enabled in Acronis[, which goes on billing {money} a month].",
	.ours = status_is_ours,
	.sentence_ours = state_of_ours,
	.reads = "",
	.meaning = "the subscription is cancelled, the tenant is enabled"},
    [FINDING_ACTIVE_BUT_DISABLED] = {.on = VIEW_SUBSCRIPTION | VIEW_TENANT,
	.may_lag = true,
	.when = when_active_but_disabled,
	.at_stake = stake_of_subscription,
	.expected = expect_enabled,
	.bss = bss_status,
	.acronis = acronis_enabled,
	.sentence =
	    "{account} is billed as active, but its tenant is disabled in Acronis[; {money} a month is billed for a service that is off].",
	.ours = status_is_ours,
	.sentence_ours = state_of_ours,
	.reads = "",
	.meaning = "the subscription is active, the tenant is disabled"},
    [FINDING_CANCELLED_BUT_PRESENT] = {.on = VIEW_TENANT,
	.when = when_cancelled_but_present,
	.at_stake = stake_of_tenant,
	.expected = expect_gone,
	.bss = bss_status,
	.acronis = acronis_enabled,
	.sentence =
	    "{account} has cancelled and its tenant is disabled, but it is still there and Acronis goes on billing it[ ({money} a month)].",
	.reads = "",
	.meaning = "cancelled, and the tenant is disabled but still there: Acronis goes on billing it"},
    [FINDING_IMPORT_PENDING] = {.on = VIEW_SUBSCRIPTION | VIEW_TENANT,
	.when = when_import_pending,
	.at_stake = stake_of_done,
	.expected = expect_import,
	.bss = bss_import,
	.acronis = acronis_contract,
	.sentence =
	    "{deed} on {since}, but the BSS's export does not show it yet[; {money} a month waits for the import].",
	.reads = "",
	.meaning = "done by us, not yet in the BSS's export (high after `stuck_after`)"},
    [FINDING_CURRENCY_MISMATCH] = {.on = VIEW_SUBSCRIPTION,
	.may_lag = true,
	.when = when_currency_mismatch,
	.at_stake = stake_of_subscription,
	.expected = bss_currency,
	.bss = bss_currency,
	.acronis = acronis_currency,
	.sentence =
	    "{account} is billed in {bss}, but Acronis prices it in {acronis}[; {money} a month is concerned].",
	.reads = "/pricing",
	.meaning = "billed in one currency, priced by Acronis in another"},
    [FINDING_LICENSING_MISMATCH] = {.on = VIEW_SUBSCRIPTION,
	.may_lag = true,
	.when = when_licensing_mismatch,
	.at_stake = stake_of_subscription,
	.expected = expect_licensing,
	.bss = bss_contract,
	.acronis = acronis_licensing,
	.sentence =
	    "{account} runs in Acronis with licensing mode {acronis}, but the contract is {expected}[; {money} a month is concerned].",
	.reads = "licensing_mode",
	.meaning = "the tenant's licensing mode is not the contract's"},
    [FINDING_PRICING_MODE] = {.on = VIEW_SUBSCRIPTION,
	.may_lag = true,
	.when = when_pricing_mode,
	.at_stake = stake_of_subscription,
	.expected = expect_pricing,
	.bss = bss_status,
	.acronis = acronis_pricing,
	.sentence =
	    "{account} has a paid contract, but Acronis has its pricing on {acronis}[; {money} a month is at stake].",
	.reads = "/pricing",
	.meaning = "the tenant is on trial, or its pricing is suspended, while the contract is paid"},
    [FINDING_DUPLICATE_SUBSCRIPTION] = {.on = VIEW_SUBSCRIPTION,
	.may_lag = true,
	.when = when_duplicate_subscription,
	.at_stake = stake_of_subscription,
	.expected = expect_one_subscription,
	.bss = bss_both_subscriptions,
	.acronis = acronis_contract,
	.sentence =
	    "{account} has more than one live subscription: {bss}[; {money} a month may be billed twice].",
	.reads = "",
	.meaning = "two live subscriptions for one account"},
    [FINDING_DUPLICATE_TENANT] = {.on = VIEW_TENANT,
	.may_lag = true,
	.when = when_duplicate_tenant,
	.at_stake = stake_of_tenant,
	.expected = expect_one_tenant,
	.bss = bss_contract,
	.acronis = acronis_both_tenants,
	.sentence =
	    "{account} has more than one tenant in Acronis: {acronis}[; {money} a month may be paid twice].",
	.reads = "",
	.meaning = "two tenants that are there for one account"},
    [FINDING_LOGIN_MISMATCH] = {.on = VIEW_SUBSCRIPTION,
	.may_lag = true,
	.when = when_login_mismatch,
	.expected = bss_login,
	.bss = bss_login,
	.acronis = acronis_login,
	.sentence = "The login of {account} is {bss} in the BSS, but {acronis} in Acronis.",
	.reads = "/users",
	.meaning = "the login differs (where it was read)"},
    [FINDING_NAME_DRIFT] = {.on = VIEW_SUBSCRIPTION,
	.may_lag = true,
	.when = when_name_drift,
	.expected = bss_name,
	.bss = bss_name,
	.acronis = acronis_name,
	.sentence = "The BSS calls the account {bss}, but Acronis calls its tenant {acronis}.",
	.reads = "",
	.meaning = "the tenant's name is not the account's"},
    [FINDING_EXTERNAL_ID_MISMATCH] = {.on = VIEW_SUBSCRIPTION,
	.may_lag = true,
	.when = when_external_id_mismatch,
	.expected = expect_external_id,
	.bss = bss_external_id,
	.acronis = acronis_external_id,
	.sentence =
	    "{account} is joined to its tenant by ids that do not agree: the BSS says {bss}, Acronis says {acronis}.",
	.reads = "",
	.meaning =
	    "the subscription's external id is not its tenant, or the tenant's customer id is not the account"},
    [FINDING_PARENT_MISMATCH] = {.on = VIEW_TENANT,
	.when = when_parent_mismatch,
	.expected = expect_parent,
	.bss = bss_contract,
	.acronis = acronis_parent,
	.sentence =
	    "The tenant of {account} stands below another parent in Acronis ({acronis}) than ours ({expected}).",
	.reads = "",
	.meaning = "a known tenant stands below another parent now"},
    [FINDING_SUBSCRIPTION_QUANTITY] = {.on = VIEW_SUBSCRIPTION,
	.when = when_subscription_quantity,
	.at_stake = stake_of_quantity,
	.expected = expect_one,
	.bss = bss_quantity,
	.acronis = acronis_contract,
	.sentence =
	    "{account} has a subscription with quantity {bss}, but a contract is always 1[; {money} a month may be billed wrongly].",
	.reads = "",
	.meaning = "a live subscription with another quantity than 1"},
    [FINDING_ORDER_STUCK] = {.on = VIEW_ORDER | VIEW_SUBSCRIPTION,
	.when = when_order_stuck,
	.at_stake = stake_of_order,
	.expected = expect_done,
	.bss = bss_stuck,
	.acronis = acronis_contract,
	.sentence = "{order} has been {waiting} since {since}[; {money} a month waits for it].",
	.reads = "",
	.meaning = "pending or failed longer than `stuck_after`"},
    [FINDING_SHORTFALL_UNBILLED] = {.on = VIEW_MONTH,
	.when = when_shortfall_unbilled,
	.at_stake = stake_of_month,
	.expected = expect_billed,
	.bss = bss_billed,
	.acronis = acronis_contract,
	.by_amount = true,
	.sentence = "{billing}",
	.reads = "",
	.meaning =
	    "with invoices: a month was billed less than its minimum commitment, and the shortfall is not made up"},
    [FINDING_COMMITMENT_OVERBILLED] = {.on = VIEW_MONTH,
	.when = when_commitment_overbilled,
	.at_stake = stake_of_month,
	.expected = expect_billed,
	.bss = bss_billed,
	.acronis = acronis_contract,
	.by_amount = true,
	.sentence = "{billing}",
	.reads = "",
	.meaning =
	    "with invoices: a minimum commitment was billed that is not due: in a trial or ramp-up, above usage, or too much"},
    [FINDING_AMOUNT_MISMATCH] = {.on = VIEW_MONTH,
	.when = when_amount_mismatch,
	.at_stake = stake_of_month,
	.expected = expect_billed,
	.bss = bss_billed,
	.acronis = acronis_contract,
	.by_amount = true,
	.sentence = "{billing}",
	.reads = "",
	.meaning =
	    "with invoices: credits below what is owed, costs that are not the sell price less the discount, many small differences that go one way"},
    [FINDING_USAGE_UNBILLED] = {.on = VIEW_MONTH,
	.when = when_usage_unbilled,
	.at_stake = stake_of_month,
	.expected = expect_billed,
	.bss = bss_billed,
	.acronis = acronis_running,
	.by_amount = true,
	.sentence = "{billing}",
	.reads = "",
	.meaning = "with invoices: a tenant in production ran for the month, and no invoice line bills it"},
    [FINDING_USAGE_IMPLAUSIBLE] = {.on = VIEW_SUBSCRIPTION,
	.when = when_usage_implausible,
	.at_stake = NULL,
	.expected = expect_usage,
	.bss = bss_usage,
	.acronis = acronis_usage,
	.sentence =
	    "{account} is billed {bss}, while Acronis counts {acronis} this month so far: figures trail and months "
	    "differ, so this is something to look at and no difference.",
	.reads = "/usages",
	.meaning =
	    "with invoices: a month bills no usage, and /tenants/usages counts some; a hint, never an equality"},
    [FINDING_NOT_COMPARED] = {.on = VIEW_SUBSCRIPTION | VIEW_TENANT | VIEW_ROW | VIEW_MONTH | VIEW_MADE,
	.when = when_not_compared,
	.at_stake = NULL,
	.expected = expect_readable,
	.bss = bss_gap,
	.acronis = acronis_gap,
	.sentence = "{account} could not be compared: {gap}.",
	.reads = "",
	.meaning = "a side was missing, stale, empty or cut for this account: blocks sign-off"},
};

const struct class *class_of(enum finding_code code)
{
	return &classes[code];
}
