/* Hash indexes over subscriptions and known tenants that others own; see facts.h. Hashes find candidates, the
 * ids themselves decide: as written, UUIDs and logins ASCII case-blind. An index is made when it is first
 * asked for: a night without orders asks for few, and a million subscriptions are not looked at for nothing.
 */
#include "tenantry/facts.h"

#include <stdlib.h>
#include <string.h>

#include "tenantry/mem.h"
#include "tenantry/text_index.h"

/* What was added; borrowed. */
struct subscription_ref {
	const struct subscription *it;
};
struct tenant_ref {
	const struct known_tenant *it;
};
/* Who names a tenant: the first account that does, and the first other one, NULL none. */
struct claim {
	const char *tenant_id, *account_id, *other_id;
};
struct row_ref {
	const struct quarantined_row *it;
};

enum by {
	BY_ID,
	BY_ACCOUNT,
	BY_EXTERNAL,
	BY_LOGIN,
	TENANT_BY_ACCOUNT,
	TENANT_BY_LOGIN,
	UNREADABLE_BY_ACCOUNT,
	CLAIM_BY_TENANT,
	BY_COUNT
};

struct facts {
	struct subscription_ref *subscriptions;
	size_t subscription_count, subscription_cap;
	struct tenant_ref *tenants;
	size_t tenant_count, tenant_cap;
	struct row_ref *unreadable;
	size_t unreadable_count, unreadable_cap;
	struct claim *claims;
	size_t claim_count, claim_cap;
	size_t claiming_subscriptions, claiming_tenants; /* whose claims are noted */
	struct text_index indexes[BY_COUNT];
	size_t indexed[BY_COUNT]; /* records that are in it, or have no place in it */
};

static bool same_id(struct strv a, struct strv b)
{
	return strv_eq(a, b) || (uuid_is(a) && strv_eq_nocase(a, b));
}

static int rank(const struct subscription *s)
{
	switch (s->status) {
	case SUBSCRIPTION_ACTIVE:
		return 3;
	case SUBSCRIPTION_SUSPENDED:
		return 2;
	case SUBSCRIPTION_PENDING:
		return 1;
	case SUBSCRIPTION_CANCELLED:
	case SUBSCRIPTION_FAILED:
	case SUBSCRIPTION_STATUS_COUNT:
		break;
	}
	return 0;
}

static bool more_alive(const struct facts *facts, size_t now, size_t then)
{
	return rank(facts->subscriptions[now].it) > rank(facts->subscriptions[then].it);
}

/* The texts that the indexes are about; "" has no place there. */
static const char *subscription_id(const struct facts *f, size_t n)
{
	return f->subscriptions[n].it->id;
}
static const char *live_account(const struct facts *f, size_t n)
{
	return subscription_is_live(f->subscriptions[n].it) ? f->subscriptions[n].it->account_id : "";
}
static const char *subscription_external(const struct facts *f, size_t n)
{
	return f->subscriptions[n].it->external_id;
}
static const char *login_in_use(const struct facts *f, size_t n)
{
	const struct subscription *s = f->subscriptions[n].it;

	return s->status == SUBSCRIPTION_CANCELLED ? "" : s->username;
}
static const char *tenant_account(const struct facts *f, size_t n)
{
	return f->tenants[n].it->account_id;
}
static const char *tenant_login(const struct facts *f, size_t n)
{
	return f->tenants[n].it->login;
}
static const char *unreadable_account(const struct facts *f, size_t n)
{
	return f->unreadable[n].it->account_id;
}
static const char *claimed_tenant(const struct facts *f, size_t n)
{
	return f->claims[n].tenant_id;
}

static size_t subscription_count(const struct facts *f)
{
	return f->subscription_count;
}
static size_t tenant_count(const struct facts *f)
{
	return f->tenant_count;
}
static size_t unreadable_count(const struct facts *f)
{
	return f->unreadable_count;
}
static size_t claim_count(const struct facts *f)
{
	return f->claim_count;
}

static const struct {
	size_t (*count)(const struct facts *facts);
	const char *(*key)(const struct facts *facts, size_t n);
	bool (*same)(struct strv a, struct strv b);
	bool (*better)(const struct facts *facts, size_t now, size_t then); /* NULL: the first record stays */
} indexes[BY_COUNT] = {
    [BY_ID] = {subscription_count, subscription_id, same_id, more_alive},
    [BY_ACCOUNT] = {subscription_count, live_account, strv_eq, more_alive},
    [BY_EXTERNAL] = {subscription_count, subscription_external, same_id, more_alive},
    [BY_LOGIN] = {subscription_count, login_in_use, strv_eq_nocase, NULL},
    [TENANT_BY_ACCOUNT] = {tenant_count, tenant_account, strv_eq, NULL},
    [TENANT_BY_LOGIN] = {tenant_count, tenant_login, strv_eq_nocase, NULL},
    [UNREADABLE_BY_ACCOUNT] = {unreadable_count, unreadable_account, strv_eq, NULL},
    [CLAIM_BY_TENANT] = {claim_count, claimed_tenant, same_id, NULL},
};

/* The record with this text, INDEX_NONE; *at is its slot. */
static uint32_t find(const struct facts *facts, enum by by, struct strv text, uint64_t hash, size_t *at)
{
	uint32_t n;

	*at = INDEX_START;
	while ((n = index_next(&facts->indexes[by], hash, at)) != INDEX_NONE)
		if (indexes[by].same(strv_of(indexes[by].key(facts, n)), text))
			break;
	return n;
}

static void add(struct facts *facts, enum by by, size_t n)
{
	struct strv text = strv_of(indexes[by].key(facts, n));
	uint64_t hash = hash_nocase(text);
	size_t at;

	if (text.n == 0)
		return;
	uint32_t found = find(facts, by, text, hash, &at);
	if (found == INDEX_NONE)
		index_add(&facts->indexes[by], hash, (uint32_t)n);
	else if (indexes[by].better && indexes[by].better(facts, n, found))
		index_replace(&facts->indexes[by], at, (uint32_t)n);
}

/* Up to the last record that was added. */
static void catch_up(struct facts *facts, enum by by)
{
	size_t count = indexes[by].count(facts);

	if (facts->indexed[by] == count)
		return;
	index_reserve(&facts->indexes[by], count);
	for (size_t n = facts->indexed[by]; n < count; n++)
		add(facts, by, n);
	facts->indexed[by] = count;
}

/* Record number + 1, or 0. For the caller nothing changes when an index is made. */
static size_t look_up(const struct facts *facts, enum by by, struct strv text)
{
	size_t at;

	catch_up((struct facts *)facts, by);
	if (text.n == 0)
		return 0;
	uint32_t n = find(facts, by, text, hash_nocase(text), &at);
	return n == INDEX_NONE ? 0 : (size_t)n + 1;
}

static void note_claim(struct facts *facts, const char *tenant_id, const char *account_id)
{
	size_t n = look_up(facts, CLAIM_BY_TENANT, strv_of(tenant_id));

	if (!tenant_id[0])
		return;
	if (n == 0) {
		MEM_GROW(facts->claims, facts->claim_count, facts->claim_cap);
		facts->claims[facts->claim_count++] = (struct claim){tenant_id, account_id, NULL};
	} else if (!facts->claims[n - 1].other_id &&
		   strcmp(facts->claims[n - 1].account_id, account_id) != 0) {
		facts->claims[n - 1].other_id = account_id;
	}
}

/* Live subscriptions first, then what the ledger knows. */
static void note_claims(struct facts *facts)
{
	index_reserve(&facts->indexes[CLAIM_BY_TENANT], facts->subscription_count + facts->tenant_count);
	for (; facts->claiming_subscriptions < facts->subscription_count; facts->claiming_subscriptions++) {
		const struct subscription *s = facts->subscriptions[facts->claiming_subscriptions].it;
		if (subscription_is_live(s))
			note_claim(facts, s->external_id, s->account_id);
	}
	for (; facts->claiming_tenants < facts->tenant_count; facts->claiming_tenants++) {
		const struct known_tenant *tenant = facts->tenants[facts->claiming_tenants].it;
		note_claim(facts, tenant->tenant_id, tenant->account_id);
	}
}

struct facts *facts_new(void)
{
	return mem_zalloc(sizeof(struct facts));
}

void facts_free(struct facts *facts)
{
	if (!facts)
		return;
	for (size_t i = 0; i < BY_COUNT; i++)
		index_free(&facts->indexes[i]);
	free(facts->subscriptions);
	free(facts->tenants);
	free(facts->unreadable);
	free(facts->claims);
	free(facts);
}

void facts_add_subscriptions(struct facts *facts, const struct subscriptions *subscriptions)
{
	for (size_t i = 0; i < subscriptions->count; i++) {
		MEM_GROW(facts->subscriptions, facts->subscription_count, facts->subscription_cap);
		facts->subscriptions[facts->subscription_count++].it = &subscriptions->items[i];
	}
	for (size_t i = 0; i < subscriptions->quarantined_count; i++) {
		MEM_GROW(facts->unreadable, facts->unreadable_count, facts->unreadable_cap);
		facts->unreadable[facts->unreadable_count++].it = &subscriptions->quarantined[i];
	}
}

void facts_add_tenant(struct facts *facts, const struct known_tenant *tenant)
{
	MEM_GROW(facts->tenants, facts->tenant_count, facts->tenant_cap);
	facts->tenants[facts->tenant_count++].it = tenant;
}

const struct subscription *facts_live_subscription(const struct facts *facts, struct strv account_id)
{
	size_t n = look_up(facts, BY_ACCOUNT, account_id);

	return n ? facts->subscriptions[n - 1].it : NULL;
}

const struct subscription *facts_subscription(const struct facts *facts, struct strv subscription_id_text)
{
	size_t n = look_up(facts, BY_ID, subscription_id_text);

	return n ? facts->subscriptions[n - 1].it : NULL;
}

const struct subscription *facts_subscription_by_external(const struct facts *facts, struct strv tenant_id)
{
	size_t n = look_up(facts, BY_EXTERNAL, tenant_id);

	return n ? facts->subscriptions[n - 1].it : NULL;
}

const struct known_tenant *facts_tenant(const struct facts *facts, struct strv account_id)
{
	size_t n = look_up(facts, TENANT_BY_ACCOUNT, account_id);

	return n ? facts->tenants[n - 1].it : NULL;
}

struct strv facts_tenant_rival(const struct facts *facts, struct strv tenant_id, struct strv account_id)
{
	note_claims((struct facts *)facts);
	size_t n = look_up(facts, CLAIM_BY_TENANT, tenant_id);

	if (n == 0)
		return (struct strv){NULL, 0};
	const struct claim *claim = &facts->claims[n - 1];
	if (!strv_eq(strv_of(claim->account_id), account_id))
		return strv_of(claim->account_id);
	return claim->other_id ? strv_of(claim->other_id) : (struct strv){NULL, 0};
}

const struct quarantined_row *facts_unreadable(const struct facts *facts, struct strv account_id)
{
	size_t n = look_up(facts, UNREADABLE_BY_ACCOUNT, account_id);

	return n ? facts->unreadable[n - 1].it : NULL;
}

struct strv facts_login_owner(const struct facts *facts, struct strv login)
{
	size_t n = look_up(facts, BY_LOGIN, login);

	if (n)
		return strv_of(facts->subscriptions[n - 1].it->account_id);
	n = look_up(facts, TENANT_BY_LOGIN, login);
	return n ? strv_of(facts->tenants[n - 1].it->account_id) : (struct strv){NULL, 0};
}
