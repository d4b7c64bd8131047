/* Which tenant may be adopted for an order: one that is there, directly below the parent, a partner, and
 * nobody else's. The flow does the rest on it and creates none, as the item has a tenant then. */
#include "decide_impl.h"

#include <stdlib.h>

#include "tenantry/facts.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/subscription.h"

static int read_tenant(struct deciding *d, struct connection *connection, const char *id,
    struct acronis_tenant *out, struct error *err)
{
	struct acronis_request request = {.call = CALL_TENANT, .a = id, .query = "allow_deleted=true"};
	struct acronis_answer answer;
	int rc;

	if (acronis_call_wait(connection->client, &request, &answer, err) < 0)
		return -1;
	if (answer.result == API_OK) {
		rc = acronis_tenant_decode(answer.body, d->arena, out, err);
	} else if (answer.result == API_NOT_FOUND || answer.result == API_FORBIDDEN) {
		error_set(err, ERR_USAGE, "there is no tenant %s below %s: nothing was changed", id,
		    connection->session.parent);
		rc = error_hint(err, "look for its id in the Acronis console, or with tenantry reconcile");
	} else {
		rc = acronis_answer_error(&answer, err);
	}
	json_decref((json_t *)answer.body);
	return rc;
}

static int refuse(struct error *err, const struct acronis_tenant *tenant, const char *why, const char *hint)
{
	error_set(err, ERR_USAGE, "tenant %s (\"%s\") cannot be adopted: %s", tenant->id, tenant->name, why);
	return error_hint(err, "%s", hint);
}

static int check_place(const struct acronis_tenant *tenant, const char *parent, struct error *err)
{
	if (tenant->deleted_at[0])
		return refuse(
		    err, tenant, "it was deleted", "restore it in Acronis first, or skip the order");
	if (strcmp(tenant->kind, "partner") != 0)
		return refuse(
		    err, tenant, "it is no partner tenant", "a contract needs a tenant of kind partner");
	if (!strv_eq_nocase(strv_of(tenant->parent_id), strv_of(parent)))
		return refuse(err, tenant, "it does not stand directly below our own tenant",
		    "move it there first, or skip the order");
	return 0;
}

static int refuse_other_account(
    struct error *err, const struct acronis_tenant *tenant, const char *account, const char *by)
{
	char *why = mem_printf("it belongs to account %s, as %s says", account, by);
	int rc = refuse(
	    err, tenant, why, "each tenant is one account's; look for the right one, or skip the order");

	free(why);
	return rc;
}

/* What the ledger knows: the tenants of other accounts, and our tag with the key of another account's item.
 */
static int check_ledger(struct deciding *d, const struct acronis_tenant *tenant, struct error *err)
{
	struct known_tenant *known;
	struct item_record tagged;
	size_t count;

	if (ledger_tenants(d->ledger, d->job, d->arena, &known, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (strv_eq_nocase(strv_of(known[i].tenant_id), strv_of(tenant->id)) &&
		    strcmp(known[i].account_id, d->item.account_id) != 0)
			return refuse_other_account(err, tenant, known[i].account_id, "the ledger");
	int found = tenant->internal_tag[0]
			? ledger_item_get(d->ledger, tenant->internal_tag, d->arena, &tagged, err)
			: 0;
	if (found > 0 && strcmp(tagged.account_id, d->item.account_id) != 0)
		return refuse_other_account(err, tenant, tagged.account_id, "its internal tag");
	return found < 0 ? -1 : 0;
}

static int check_facts(
    struct deciding *d, const struct acronis_tenant *tenant, const struct facts *facts, struct error *err)
{
	struct strv customer = strv_of(tenant->customer_id);
	char id[UUID_TEXT_SIZE];

	if (!uuid_normal(strv_of(tenant->id), id))
		return 0;
	const struct subscription *owner = facts_subscription_by_external(facts, strv_of(id));
	if (owner && subscription_is_live(owner) && strcmp(owner->account_id, d->item.account_id) != 0)
		return refuse_other_account(
		    err, tenant, owner->account_id, "the external id of its subscription");
	if (customer.n == 0 || strv_eq(customer, strv_of(d->item.account_id)))
		return 0;
	if (facts_live_subscription(facts, customer))
		return refuse_other_account(err, tenant, tenant->customer_id, "its customer id");
	log_warn(
	    "tenant %s has the customer id %s, not %s: correct it in Acronis, reconciliation matches by it",
	    tenant->id, tenant->customer_id, d->item.account_id);
	return 0;
}

static int check_subscriptions(struct deciding *d, const struct acronis_tenant *tenant, struct error *err)
{
	struct subscriptions *subscriptions;
	struct facts *facts;
	int rc;

	if (d->job->bss.subscriptions.kind == SOURCE_NONE)
		return 0;
	subscriptions = subscriptions_load(d->job, err);
	if (!subscriptions)
		return -1;
	facts = facts_new();
	facts_add_subscriptions(facts, subscriptions);
	rc = check_facts(d, tenant, facts, err);
	facts_free(facts);
	subscriptions_free(subscriptions);
	return rc;
}

/* What was done on the tenant before it is to be done on this one. Mails to the user over there are no longer
 * in doubt. */
static int forget_other_tenant(struct deciding *d, struct error *err)
{
	struct step_record *steps;
	size_t count;

	d->item.user_id = "";
	if (ledger_steps(d->ledger, d->item.key, d->arena, &steps, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (steps[i].outcome_at == 0 &&
		    strcmp(steps[i].call, acronis_call_name(CALL_ACTIVATION_MAIL)) == 0 &&
		    ledger_outcome(
			d->ledger, steps[i].id, "skipped", 0, "", "another tenant was adopted", err) < 0)
			return -1;
	return 0;
}

static int put_tenant(struct deciding *d, const struct acronis_tenant *tenant, struct error *err)
{
	bool other = d->item.tenant_id[0] && !strv_eq_nocase(strv_of(d->item.tenant_id), strv_of(tenant->id));

	if (other && forget_other_tenant(d, err) < 0)
		return -1;
	d->item.tenant_id = tenant->id;
	/* All steps are looked at again: they change only what is not as ordered. */
	if (d->item.step > STEP_SUBSCRIPTION)
		d->item.step = STEP_SUBSCRIPTION;
	struct known_tenant known = {.account_id = d->item.account_id,
	    .tenant_id = tenant->id,
	    .login = d->item.login,
	    .item_key = d->item.key,
	    .subscription_id = d->item.subscription_id,
	    .user_id = d->item.user_id};
	return ledger_tenant_put(d->ledger, &known, err);
}

int adopt_tenant(struct deciding *d, struct error *err)
{
	struct connection connection;
	struct acronis_tenant tenant;
	char id[UUID_TEXT_SIZE];
	int rc;

	if (!uuid_normal(strv_of(d->decision->tenant_id), id)) {
		error_set(err, ERR_USAGE, "--adopt %s: not a tenant's id", d->decision->tenant_id);
		return error_hint(err,
		    "a tenant's id is a UUID; tenantry show %s says which tenant stands there",
		    d->decision->order);
	}
	if (connection_open(&connection, d->job, false, d->clock, d->arena, err) < 0)
		return -1;
	rc = ledger_bind(d->ledger, d->job->bss.name, connection.session.parent, err);
	if (rc == 0)
		rc = read_tenant(d, &connection, id, &tenant, err);
	if (rc == 0)
		rc = check_place(&tenant, connection.session.parent, err);
	connection_close(&connection);
	if (rc != 0 || check_ledger(d, &tenant, err) < 0 || check_subscriptions(d, &tenant, err) < 0)
		return -1;
	return put_tenant(d, &tenant, err);
}
