/* Who an orphan might belong to. Exact-name matching breaks on spellings and renames (domain notes section
 * 5), so a login or a name never joins two rows: it only tells the person who looks at an orphan where to
 * look first. */
#include "reconcile/reconcile_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

struct suggestions {
	const struct join *join;
	struct text_index names, logins; /* of orphan tenants, the first of each */
	uint32_t *by_name, *by_login;    /* one a tenant: a subscription */
};

static bool is_orphan(const struct join *join, uint32_t t)
{
	const struct observed_tenant *tenant = &join->in->observation->items[t];

	return join->tenant_unit[t] != INDEX_NONE && tenant_is_present(tenant) && !tenant->unreadable &&
	       join->units[join->tenant_unit[t]].subscriptions == INDEX_NONE;
}

static uint32_t find_name(const struct suggestions *s, struct strv name)
{
	uint64_t hash = name_hash(name);
	size_t at = INDEX_START;
	uint32_t i;

	while ((i = index_next(&s->names, hash, &at)) != INDEX_NONE)
		if (name_alike(strv_of(s->join->in->observation->items[i].name), name))
			break;
	return i;
}

static uint32_t find_login(const struct suggestions *s, struct strv login)
{
	uint64_t hash = hash_nocase(login);
	size_t at = INDEX_START;
	uint32_t i;

	while ((i = index_next(&s->logins, hash, &at)) != INDEX_NONE)
		if (strv_eq_nocase(strv_of(s->join->in->observation->items[i].login), login))
			break;
	return i;
}

static int by_tenant_id(const void *a, const void *b, void *user)
{
	const struct observation *observation = user;

	return strcmp(
	    observation->items[*(const uint32_t *)a].id, observation->items[*(const uint32_t *)b].id);
}

/* Of several with one name the smallest id is taken, so that no order of rows shows through. */
static void index_orphans(struct suggestions *s)
{
	const struct observation *observation = s->join->in->observation;
	uint32_t *order = mem_resize(NULL, observation->count + 1, sizeof *order);
	size_t count = 0;

	for (size_t i = 0; i < observation->count; i++)
		if (is_orphan(s->join, (uint32_t)i))
			order[count++] = (uint32_t)i;
	qsort_r(order, count, sizeof *order, by_tenant_id, (void *)observation);
	for (size_t i = 0; i < count; i++) {
		const struct observed_tenant *tenant = &observation->items[order[i]];
		struct strv name = strv_of(tenant->name), login = strv_of(tenant->login);
		if (name.n > 0 && find_name(s, name) == INDEX_NONE)
			index_add(&s->names, name_hash(name), order[i]);
		if (login.n > 0 && find_login(s, login) == INDEX_NONE)
			index_add(&s->logins, hash_nocase(login), order[i]);
	}
	free(order);
}

static void suggest(const struct suggestions *s, uint32_t *of, uint32_t subscription)
{
	const struct subscription *items = s->join->in->subscriptions->items;

	if (*of == INDEX_NONE || strcmp(items[subscription].id, items[*of].id) < 0)
		*of = subscription;
}

struct suggestions *suggestions_make(const struct join *join)
{
	const struct subscriptions *subscriptions = join->in->subscriptions;
	struct suggestions *s = mem_zalloc(sizeof *s);
	size_t tenants = join->in->observation->count;

	s->join = join;
	index_orphans(s);
	if (s->names.count == 0 && s->logins.count == 0)
		return s;
	s->by_name = mem_resize(NULL, tenants, sizeof *s->by_name);
	s->by_login = mem_resize(NULL, tenants, sizeof *s->by_login);
	memset(s->by_name, 0xff, tenants * sizeof *s->by_name);
	memset(s->by_login, 0xff, tenants * sizeof *s->by_login);
	for (size_t i = 0; i < subscriptions->count; i++) {
		struct strv name = strv_of(subscriptions->items[i].account),
			    login = strv_of(subscriptions->items[i].username);
		uint32_t t = name.n > 0 ? find_name(s, name) : INDEX_NONE;
		if (t != INDEX_NONE)
			suggest(s, &s->by_name[t], (uint32_t)i);
		t = login.n > 0 ? find_login(s, login) : INDEX_NONE;
		if (t != INDEX_NONE)
			suggest(s, &s->by_login[t], (uint32_t)i);
	}
	return s;
}

void suggestions_free(struct suggestions *s)
{
	if (!s)
		return;
	index_free(&s->names);
	index_free(&s->logins);
	free(s->by_name);
	free(s->by_login);
	free(s);
}

const struct subscription *suggest_for_tenant(
    const struct suggestions *s, const struct observed_tenant *tenant, const char **why)
{
	size_t t = (size_t)(tenant - s->join->in->observation->items);
	uint32_t i = s->by_login ? s->by_login[t] : INDEX_NONE;

	*why = "login";
	if (i == INDEX_NONE && s->by_name) {
		*why = "name";
		i = s->by_name[t];
	}
	return i == INDEX_NONE ? NULL : &s->join->in->subscriptions->items[i];
}

const struct observed_tenant *suggest_for_subscription(
    const struct suggestions *s, const struct subscription *subscription, const char **why)
{
	struct strv name = strv_of(subscription->account), login = strv_of(subscription->username);
	uint32_t i = login.n > 0 ? find_login(s, login) : INDEX_NONE;

	*why = "login";
	if (i == INDEX_NONE && name.n > 0) {
		*why = "name";
		i = find_name(s, name);
	}
	return i == INDEX_NONE ? NULL : &s->join->in->observation->items[i];
}
