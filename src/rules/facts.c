/* Hash indexes over subscriptions and known tenants that others own; see facts.h. An index holds record
 * numbers only (4 bytes a slot); hashes find candidates, the ids themselves decide. Ids are compared as
 * written, UUIDs and logins ASCII case-blind. */
#include "tenantry/facts.h"

#include <stdlib.h>
#include <string.h>

#include "tenantry/mem.h"

/* Open addressing with linear probing; a slot is a record number + 1, 0 empty. */
struct index {
	uint32_t *slots;
	size_t mask, used;
};

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

struct facts {
	struct subscription_ref *subscriptions;
	size_t subscription_count, subscription_cap;
	struct tenant_ref *tenants;
	size_t tenant_count, tenant_cap;
	struct row_ref *unreadable;
	size_t unreadable_count, unreadable_cap;
	struct claim *claims;
	size_t claim_count, claim_cap;
	struct index by_id, by_account, by_external, by_login;
	struct index tenant_by_account, tenant_by_login, unreadable_by_account, claim_by_tenant;
};

/* The text of record n that an index is about. */
typedef const char *(*key_of)(const struct facts *, size_t n);

static const char *subscription_id(const struct facts *f, size_t n)
{
	return f->subscriptions[n].it->id;
}
static const char *subscription_account(const struct facts *f, size_t n)
{
	return f->subscriptions[n].it->account_id;
}
static const char *subscription_external(const struct facts *f, size_t n)
{
	return f->subscriptions[n].it->external_id;
}
static const char *subscription_login(const struct facts *f, size_t n)
{
	return f->subscriptions[n].it->username;
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

/* FNV-1a over lower-cased bytes: the same for all spellings that may be equal; then mixed, since slots take
 * the low bits. */
static size_t hash_nocase(struct strv text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		hash =
		    (hash ^ (c >= 'A' && c <= 'Z' ? (unsigned)c + ('a' - 'A') : c)) * UINT64_C(0x100000001b3);
	}
	hash ^= hash >> 32;
	return (size_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 16);
}

typedef bool (*same_text)(struct strv, struct strv);

static bool same_id(struct strv a, struct strv b)
{
	return strv_eq(a, b) || (uuid_is(a) && strv_eq_nocase(a, b));
}

/* The slot of `text`, or the empty one where it belongs. */
static uint32_t *find(
    const struct facts *facts, const struct index *index, key_of key, same_text same, struct strv text)
{
	size_t at = hash_nocase(text) & index->mask;

	while (index->slots[at] && !same(strv_of(key(facts, index->slots[at] - 1)), text))
		at = (at + 1) & index->mask;
	return &index->slots[at];
}

static void reserve(struct facts *facts, struct index *index, key_of key, size_t more)
{
	struct index wider = {.mask = 63};

	if (index->slots && (index->used + more) * 2 <= index->mask + 1)
		return;
	while ((index->used + more) * 2 > wider.mask + 1)
		wider.mask = wider.mask * 2 + 1;
	wider.slots = mem_zalloc((wider.mask + 1) * sizeof *wider.slots);
	for (size_t i = 0; index->slots && i <= index->mask; i++) {
		if (!index->slots[i])
			continue;
		size_t at = hash_nocase(strv_of(key(facts, index->slots[i] - 1))) & wider.mask;
		while (wider.slots[at])
			at = (at + 1) & wider.mask;
		wider.slots[at] = index->slots[i];
		wider.used++;
	}
	free(index->slots);
	*index = wider;
}

/* The first record with a key stays, unless `better` says that the new one is. */
static void add(struct facts *facts, struct index *index, key_of key, same_text same, size_t n,
    bool (*better)(const struct facts *, size_t now, size_t then))
{
	struct strv text = strv_of(key(facts, n));

	if (text.n == 0)
		return;
	reserve(facts, index, key, 1);
	uint32_t *slot = find(facts, index, key, same, text);
	if (!*slot) {
		*slot = (uint32_t)n + 1;
		index->used++;
	} else if (better && better(facts, n, *slot - 1)) {
		*slot = (uint32_t)n + 1;
	}
}

/* Record number + 1, or 0. */
static size_t look_up(
    const struct facts *facts, const struct index *index, key_of key, same_text same, struct strv text)
{
	return index->slots && text.n > 0 ? *find(facts, index, key, same, text) : 0;
}

struct facts *facts_new(void)
{
	return mem_zalloc(sizeof(struct facts));
}

void facts_free(struct facts *facts)
{
	if (!facts)
		return;
	const struct index all[] = {facts->by_id, facts->by_account, facts->by_external, facts->by_login,
	    facts->tenant_by_account, facts->tenant_by_login, facts->unreadable_by_account,
	    facts->claim_by_tenant};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i].slots);
	free(facts->subscriptions);
	free(facts->tenants);
	free(facts->unreadable);
	free(facts->claims);
	free(facts);
}

static void note_claim(struct facts *facts, const char *tenant_id, const char *account_id)
{
	size_t n = look_up(facts, &facts->claim_by_tenant, claimed_tenant, same_id, strv_of(tenant_id));

	if (!tenant_id[0])
		return;
	if (n == 0) {
		MEM_GROW(facts->claims, facts->claim_count, facts->claim_cap);
		facts->claims[facts->claim_count] = (struct claim){tenant_id, account_id, NULL};
		add(facts, &facts->claim_by_tenant, claimed_tenant, same_id, facts->claim_count++, NULL);
	} else if (!facts->claims[n - 1].other_id && strcmp(facts->claims[n - 1].account_id, account_id) != 0) {
		facts->claims[n - 1].other_id = account_id;
	}
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

void facts_add_subscriptions(struct facts *facts, const struct subscriptions *subscriptions)
{
	size_t count = subscriptions->count;

	reserve(facts, &facts->by_id, subscription_id, count);
	reserve(facts, &facts->by_account, subscription_account, count);
	reserve(facts, &facts->by_external, subscription_external, count);
	reserve(facts, &facts->by_login, subscription_login, count);
	facts->subscription_cap = facts->subscription_count + count;
	facts->subscriptions =
	    mem_resize(facts->subscriptions, facts->subscription_cap, sizeof *facts->subscriptions);
	for (size_t i = 0; i < count; i++) {
		const struct subscription *s = &subscriptions->items[i];
		size_t n = facts->subscription_count++;
		facts->subscriptions[n].it = s;
		add(facts, &facts->by_id, subscription_id, same_id, n, more_alive);
		if (subscription_is_live(s)) {
			add(facts, &facts->by_account, subscription_account, strv_eq, n, more_alive);
			note_claim(facts, s->external_id, s->account_id);
		}
		add(facts, &facts->by_external, subscription_external, same_id, n, more_alive);
		if (s->status != SUBSCRIPTION_CANCELLED)
			add(facts, &facts->by_login, subscription_login, strv_eq_nocase, n, NULL);
	}
	for (size_t i = 0; i < subscriptions->quarantined_count; i++) {
		MEM_GROW(facts->unreadable, facts->unreadable_count, facts->unreadable_cap);
		facts->unreadable[facts->unreadable_count++].it = &subscriptions->quarantined[i];
		add(facts, &facts->unreadable_by_account, unreadable_account, strv_eq,
		    facts->unreadable_count - 1, NULL);
	}
}

void facts_add_tenant(struct facts *facts, const struct known_tenant *tenant)
{
	MEM_GROW(facts->tenants, facts->tenant_count, facts->tenant_cap);
	facts->tenants[facts->tenant_count++].it = tenant;
	add(facts, &facts->tenant_by_account, tenant_account, strv_eq, facts->tenant_count - 1, NULL);
	add(facts, &facts->tenant_by_login, tenant_login, strv_eq_nocase, facts->tenant_count - 1, NULL);
	note_claim(facts, tenant->tenant_id, tenant->account_id);
}

const struct subscription *facts_live_subscription(const struct facts *facts, struct strv account_id)
{
	size_t n = look_up(facts, &facts->by_account, subscription_account, strv_eq, account_id);

	return n ? facts->subscriptions[n - 1].it : NULL;
}

const struct subscription *facts_subscription(const struct facts *facts, struct strv subscription_id_text)
{
	size_t n = look_up(facts, &facts->by_id, subscription_id, same_id, subscription_id_text);

	return n ? facts->subscriptions[n - 1].it : NULL;
}

const struct subscription *facts_subscription_by_external(const struct facts *facts, struct strv tenant_id)
{
	size_t n = look_up(facts, &facts->by_external, subscription_external, same_id, tenant_id);

	return n ? facts->subscriptions[n - 1].it : NULL;
}

const struct known_tenant *facts_tenant(const struct facts *facts, struct strv account_id)
{
	size_t n = look_up(facts, &facts->tenant_by_account, tenant_account, strv_eq, account_id);

	return n ? facts->tenants[n - 1].it : NULL;
}

struct strv facts_tenant_rival(const struct facts *facts, struct strv tenant_id, struct strv account_id)
{
	size_t n = look_up(facts, &facts->claim_by_tenant, claimed_tenant, same_id, tenant_id);

	if (n == 0)
		return (struct strv){NULL, 0};
	const struct claim *claim = &facts->claims[n - 1];
	if (!strv_eq(strv_of(claim->account_id), account_id))
		return strv_of(claim->account_id);
	return claim->other_id ? strv_of(claim->other_id) : (struct strv){NULL, 0};
}

const struct quarantined_row *facts_unreadable(const struct facts *facts, struct strv account_id)
{
	size_t n = look_up(facts, &facts->unreadable_by_account, unreadable_account, strv_eq, account_id);

	return n ? facts->unreadable[n - 1].it : NULL;
}

struct strv facts_login_owner(const struct facts *facts, struct strv login)
{
	size_t n = look_up(facts, &facts->by_login, subscription_login, strv_eq_nocase, login);

	if (n)
		return strv_of(facts->subscriptions[n - 1].it->account_id);
	n = look_up(facts, &facts->tenant_by_login, tenant_login, strv_eq_nocase, login);
	return n ? strv_of(facts->tenants[n - 1].it->account_id) : (struct strv){NULL, 0};
}
