/* Who logs in at a tenant. Users cost a call a tenant, so they are read for the accounts that need them, or
 * for all in one paged list (reconcile.users: all). Of several users the one that the BSS or the ledger
 * expects counts, else the first enabled one: that a second administrator exists is no mismatch. */
#include "reconcile/observe_impl.h"

#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { IDS_A_CALL = 100 };
enum choice { CHOICE_NONE, CHOICE_DISABLED, CHOICE_ENABLED, CHOICE_EXPECTED };

struct person {               /* one a tenant */
	const char *expected; /* by the BSS, else by the ledger; "" */
	const char *login;
	unsigned char choice;
	bool wanted, listed, failed;
};
struct user_id {
	char text[UUID_TEXT_SIZE];
	uint32_t tenant;
};
struct logins {
	struct person *people;
	size_t next_tenant, next_user;
	struct user_id *users;
	size_t user_count, user_cap;
};

static void take_login(struct gather *g, size_t tenant, const struct acronis_user *user)
{
	struct logins *l = g->state;
	struct person *person = &l->people[tenant];
	enum choice choice = user->enabled ? CHOICE_ENABLED : CHOICE_DISABLED;

	if (person->expected[0] && strv_eq_nocase(strv_of(user->login), strv_of(person->expected)))
		choice = CHOICE_EXPECTED;
	if (choice < person->choice || (choice == person->choice && strcmp(user->login, person->login) >= 0))
		return;
	person->choice = (unsigned char)choice;
	person->login = observation_text(g->observation, strv_of(user->login));
}

static int take_user(struct gather *g, const json_t *json, struct error *err)
{
	const struct logins *l = g->state;
	struct acronis_user user;

	if (acronis_user_decode(json, g->scratch, &user, err) < 0)
		return -1;
	uint32_t t = observation_find(g->observation, &g->ids, strv_of(user.tenant_id));
	if (t != INDEX_NONE && l->people[t].wanted && user.deleted_at[0] == '\0')
		take_login(g, t, &user);
	return 0;
}

/* ---- The ids of each wanted tenant's users. */

static void ids_answered(struct gather *g, const struct ask *ask, const struct acronis_answer *answer)
{
	struct logins *l = g->state;
	struct person *person = &l->people[ask->number];
	const json_t *items = answer->result == API_OK ? json_object_get(answer->body, "items") : NULL, *item;
	size_t i;

	g->done++;
	person->listed = json_is_array(items);
	if (!person->listed)
		log_debug("users of tenant %s: %s", g->observation->items[ask->number].id, answer->text);
	json_array_foreach(items, i, item)
	{
		MEM_GROW(l->users, l->user_count, l->user_cap);
		struct user_id *user = &l->users[l->user_count];
		if (!json_is_string(item) || !uuid_normal(strv_of(json_string_value(item)), user->text))
			continue;
		user->tenant = (uint32_t)ask->number;
		l->user_count++;
	}
}

static bool feed_ids(struct gather *g)
{
	struct logins *l = g->state;

	while (l->next_tenant < g->observation->count && !l->people[l->next_tenant].wanted)
		l->next_tenant++;
	if (l->next_tenant == g->observation->count || g->gave_up)
		return false;
	size_t number = l->next_tenant++;
	gather_ask(g, &(struct ask){.number = number, .answered = ids_answered},
	    &(struct acronis_request){.call = CALL_TENANT_USERS, .a = g->observation->items[number].id});
	return true;
}

/* ---- The users themselves, a hundred a call. */

static void users_end(struct gather *g, const struct ask_list *list, enum api_result result,
    const char *timestamp, const struct error *err)
{
	struct logins *l = g->state;

	(void)timestamp;
	if (result == API_OK)
		return;
	log_warn("logins could not be read: %s", err->text);
	for (size_t i = list->number; i < list->number + IDS_A_CALL && i < l->user_count; i++)
		l->people[l->users[i].tenant].failed = true;
}

static bool feed_users(struct gather *g)
{
	struct logins *l = g->state;
	struct strbuf query = {0};
	size_t first = l->next_user;

	if (first == l->user_count || g->gave_up)
		return false;
	for (; l->next_user < l->user_count && l->next_user < first + IDS_A_CALL; l->next_user++) {
		strbuf_adds(&query, l->next_user == first ? "uuids=" : "%2C");
		strbuf_adds(&query, l->users[l->next_user].text);
	}
	gather_list(
	    g, &(struct ask_list){.number = first, .item = take_user, .end = users_end}, CALL_USERS, query.p);
	strbuf_free(&query);
	return true;
}

/* ---- All of them in one list. */

static void all_end(struct gather *g, const struct ask_list *list, enum api_result result,
    const char *timestamp, const struct error *err)
{
	struct logins *l = g->state;

	(void)list;
	(void)timestamp;
	if (result != API_OK)
		log_warn("logins could not be read: %s", err->text);
	for (size_t i = 0; i < g->observation->count; i++)
		l->people[i].listed = result == API_OK;
}

static bool feed_all(struct gather *g)
{
	struct logins *l = g->state;
	char *query;

	if (l->next_tenant > 0)
		return false;
	l->next_tenant = 1;
	query = mem_printf("subtree_root_tenant_id=%s", g->observe->session->parent);
	gather_list(g, &(struct ask_list){.item = take_user, .end = all_end}, CALL_USERS, query);
	free(query);
	return true;
}

/* ---- Whose. */

static bool contains(const struct text_index *index, const char *const *accounts, const char *account)
{
	struct strv text = strv_of(account);
	size_t at = INDEX_START;
	uint32_t i;

	while ((i = index_next(index, hash_text(text), &at)) != INDEX_NONE)
		if (strv_eq(strv_of(accounts[i]), text))
			return true;
	return false;
}

static const char *expected_login(const struct join *join, size_t t)
{
	uint32_t s = join->links[t].subscription, known = join->links[t].known;

	if (s != INDEX_NONE && join->in->subscriptions->items[s].username[0])
		return join->in->subscriptions->items[s].username;
	return known == INDEX_NONE ? "" : join->in->known[known].login;
}

static void choose_people(const struct gather *g, struct logins *l, const char *const *accounts, size_t count)
{
	static const struct subscriptions none;
	const struct observe *observe = g->observe;
	const struct reconcile_input input = {.job = observe->job,
	    .subscriptions = observe->subscriptions ? observe->subscriptions : &none,
	    .observation = g->observation,
	    .known = observe->known,
	    .known_count = observe->known_count};
	bool all = observe->job->reconcile.users == USERS_ALL;
	struct text_index index = {0};
	struct unit_rows rows = {0};
	struct join join;

	for (size_t i = 0; i < count; i++)
		if (!contains(&index, accounts, accounts[i]))
			index_add(&index, hash_text(strv_of(accounts[i])), (uint32_t)i);
	join_make(&join, &input);
	for (size_t u = 0; u < join.unit_count; u++) {
		join_rows(&join, &join.units[u], &rows);
		join_pair(&join, &rows);
	}
	unit_rows_free(&rows);
	for (size_t t = 0; t < g->observation->count; t++) {
		const struct observed_tenant *tenant = &g->observation->items[t];
		uint32_t u = join.links[t].unit;
		l->people[t] = (struct person){.expected = "", .login = ""};
		if (u == INDEX_NONE || !tenant_has_details(tenant))
			continue;
		l->people[t].wanted = all || contains(&index, accounts, join.units[u].account_id);
		l->people[t].expected = expected_login(&join, t);
	}
	join_free(&join);
	index_free(&index);
}

static int read_logins(struct gather *g, struct logins *l, struct error *err)
{
	if (g->observe->job->reconcile.users == USERS_ALL)
		return gather_run(g, feed_all, err);
	for (size_t i = 0; i < g->observation->count; i++)
		g->total += l->people[i].wanted;
	if (gather_run(g, feed_ids, err) < 0)
		return -1;
	int rc = gather_run(g, feed_users, err);
	/* What was not even asked for, because the reading gave up, is not read either. */
	for (size_t i = l->next_user; i < l->user_count; i++)
		l->people[l->users[i].tenant].failed = true;
	return rc;
}

int observe_logins(const struct observe *observe, struct observation *observation,
    const char *const *accounts, size_t count, struct error *err)
{
	struct logins l = {.people = mem_zalloc((observation->count + 1) * sizeof *l.people)};
	struct gather *g = gather_new(observe, observation);

	observation_index(observation, &g->ids);
	choose_people(g, &l, accounts, count);
	g->state = &l;
	int rc = read_logins(g, &l, err);
	for (size_t t = 0; rc == 0 && t < observation->count; t++) {
		struct observed_tenant *tenant = &observation->items[t];
		tenant->login_read = l.people[t].wanted && l.people[t].listed && !l.people[t].failed;
		tenant->login_failed = l.people[t].wanted && !tenant->login_read;
		tenant->login = tenant->login_read ? l.people[t].login : "";
	}
	observation_count(observation);
	observation->requests += acronis_stats(g->client).requests - g->requests_before;
	g->state = NULL;
	gather_free(g);
	free(l.people);
	free(l.users);
	return rc;
}
