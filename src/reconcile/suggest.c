/* Who an orphan might belong to. Exact-name matching breaks on spellings and renames (domain notes section
 * 5), so a login or a name never joins two rows: it only tells the person who looks at an orphan where to
 * look first. */
#include "reconcile/reconcile_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/parallel.h"

struct suggestions {
	const struct join *join;
	uint32_t *orphans; /* tenants, by id */
	size_t count;
	struct text_index names, logins; /* of the orphans by their numbers in the list, the first of each */
	struct alike *alike;             /* one a part and orphan */
};

/* The subscriptions with an orphan's name and login that have the smallest ids. */
struct alike {
	uint32_t by_name, by_login;
};

static const struct observed_tenant *orphan(const struct suggestions *s, uint32_t number)
{
	return &s->join->in->observation->items[s->orphans[number]];
}

static bool is_orphan(const struct join *join, uint32_t t)
{
	const struct observed_tenant *tenant = &join->in->observation->items[t];

	/* Nearly all are named by a subscription, which is then of their account. */
	return join->links[t].match != MATCH_EXTERNAL_ID && join->links[t].unit != INDEX_NONE &&
	       tenant_is_present(tenant) && !tenant->unreadable &&
	       join->units[join->links[t].unit].subscriptions == INDEX_NONE;
}

static uint32_t find_name(const struct suggestions *s, struct strv name)
{
	uint64_t hash = name_hash(name);
	size_t at = INDEX_START;
	uint32_t i;

	while ((i = index_next(&s->names, hash, &at)) != INDEX_NONE)
		if (name_alike(strv_of(orphan(s, i)->name), name))
			break;
	return i;
}

static uint32_t find_login(const struct suggestions *s, struct strv login)
{
	uint64_t hash = hash_nocase(login);
	size_t at = INDEX_START;
	uint32_t i;

	while ((i = index_next(&s->logins, hash, &at)) != INDEX_NONE)
		if (strv_eq_nocase(strv_of(orphan(s, i)->login), login))
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
	size_t cap = 0;

	for (size_t i = 0; i < observation->count; i++) {
		if (!is_orphan(s->join, (uint32_t)i))
			continue;
		MEM_GROW(s->orphans, s->count, cap);
		s->orphans[s->count++] = (uint32_t)i;
	}
	if (s->count > 1)
		qsort_r(s->orphans, s->count, sizeof *s->orphans, by_tenant_id, (void *)observation);
	for (uint32_t i = 0; i < s->count; i++) {
		struct strv name = strv_of(orphan(s, i)->name), login = strv_of(orphan(s, i)->login);
		if (name.n > 0 && find_name(s, name) == INDEX_NONE)
			index_add(&s->names, name_hash(name), i);
		if (login.n > 0 && find_login(s, login) == INDEX_NONE)
			index_add(&s->logins, hash_nocase(login), i);
	}
}

static void suggest(const struct suggestions *s, uint32_t *of, uint32_t subscription)
{
	const struct subscription *items = s->join->in->subscriptions->items;

	if (subscription == INDEX_NONE)
		return;
	if (*of == INDEX_NONE || strcmp(items[subscription].id, items[*of].id) < 0)
		*of = subscription;
}

/* A share of the subscriptions. */
static void find_alike(void *user, size_t part)
{
	struct suggestions *s = user;
	const struct subscriptions *subscriptions = s->join->in->subscriptions;
	struct alike *alike = &s->alike[part * s->count];
	size_t i, end;

	for (size_t k = 0; k < s->count; k++)
		alike[k] = (struct alike){INDEX_NONE, INDEX_NONE};
	parallel_share(subscriptions->count, part, s->join->parts, &i, &end);
	for (; i < end; i++) {
		struct strv name = strv_of(subscriptions->items[i].account),
			    login = strv_of(subscriptions->items[i].username);
		uint32_t k = name.n > 0 ? find_name(s, name) : INDEX_NONE;
		if (k != INDEX_NONE)
			suggest(s, &alike[k].by_name, (uint32_t)i);
		k = login.n > 0 ? find_login(s, login) : INDEX_NONE;
		if (k != INDEX_NONE)
			suggest(s, &alike[k].by_login, (uint32_t)i);
	}
}

struct suggestions *suggestions_make(const struct join *join)
{
	struct suggestions *s = mem_zalloc(sizeof *s);

	s->join = join;
	index_orphans(s);
	if (s->count == 0)
		return s;
	s->alike = mem_resize(NULL, join->parts * s->count, sizeof *s->alike);
	parallel_run(join->parts, find_alike, s);
	for (size_t i = s->count; i < join->parts * s->count; i++) {
		suggest(s, &s->alike[i % s->count].by_name, s->alike[i].by_name);
		suggest(s, &s->alike[i % s->count].by_login, s->alike[i].by_login);
	}
	return s;
}

void suggestions_free(struct suggestions *s)
{
	if (!s)
		return;
	index_free(&s->names);
	index_free(&s->logins);
	free(s->orphans);
	free(s->alike);
	free(s);
}

const struct subscription *suggest_for_tenant(
    const struct suggestions *s, const struct observed_tenant *tenant, const char **why)
{
	struct strv name = strv_of(tenant->name), login = strv_of(tenant->login);
	uint32_t k = login.n > 0 ? find_login(s, login) : INDEX_NONE, i = INDEX_NONE;

	*why = "login";
	if (k != INDEX_NONE && orphan(s, k) == tenant)
		i = s->alike[k].by_login;
	if (i == INDEX_NONE && name.n > 0 && (k = find_name(s, name)) != INDEX_NONE &&
	    orphan(s, k) == tenant) {
		*why = "name";
		i = s->alike[k].by_name;
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
	return i == INDEX_NONE ? NULL : orphan(s, i);
}
