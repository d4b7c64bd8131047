/* What rules and planning know of the world: loaded before, asked without I/O. */
#ifndef TENANTRY_FACTS_H
#define TENANTRY_FACTS_H

#include "tenantry/subscription.h"

struct facts; /* opaque: hash indexes over borrowed records */

/* What the ledger remembers of an account's tenant. Texts never NULL. */
struct known_tenant {
	const char *account_id, *tenant_id, *login, *item_key, *subscription_id;
	const char *user_id;
	const struct tier *tier; /* last tier set by us, NULL unknown */
};

/* Takes nothing over: what is added must outlive the facts. */
struct facts *facts_new(void);
void facts_free(struct facts *facts); /* NULL is fine */
void facts_add_subscriptions(struct facts *facts, const struct subscriptions *subscriptions);
void facts_add_tenant(struct facts *facts, const struct known_tenant *tenant);

/* The live subscription of an account (an active one before a suspended before a pending one), or NULL. */
const struct subscription *facts_live_subscription(const struct facts *facts, struct strv account_id);
const struct subscription *facts_subscription(const struct facts *facts, struct strv subscription_id);
const struct subscription *facts_subscription_by_external(const struct facts *facts, struct strv tenant_id);
const struct known_tenant *facts_tenant(const struct facts *facts, struct strv account_id);
/* An account other than this one that names the tenant too: as the external id of a live subscription, or as
 * its own in the ledger; {NULL, 0} none. */
struct strv facts_tenant_rival(const struct facts *facts, struct strv tenant_id, struct strv account_id);
/* A subscription row of this account that could not be read: whether it has a contract is then not known. Or
 * NULL. */
const struct quarantined_row *facts_unreadable(const struct facts *facts, struct strv account_id);
/* The account that has this login (ASCII case-blind), by subscriptions not cancelled or by the ledger; {NULL,
 * 0} none. */
struct strv facts_login_owner(const struct facts *facts, struct strv login);

#endif
