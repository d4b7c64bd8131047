/* What came of the nights on a stage, and whether it is the same as what should have; see stage.h. */
#include <dirent.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage_impl.h"
#include "tenantry/ledger.h"
#include "tenantry/mem.h"

static const struct {
	const char *order, *item, *account, *login;
} orders[] = {
    {"ORD-101", "OI-101", "101", "admin@r101.example.com"},
    {"ORD-102", "OI-102", "102", "admin@r102.example.com"},
    {"ORD-203", "OI-203", "203", "admin@r203.example.com"},
    {"ORD-204", "OI-204", "204", "admin@r204.example.com"},
};

/* ---- Ids get names: which id a tenant gets depends on how many requests came before. */

static void replace(char **text, const char *from, const char *to)
{
	struct strbuf out = {0};
	const char *at = *text, *hit;

	if (!from || !from[0] || !to)
		return;
	while ((hit = strstr(at, from)) != NULL) {
		strbuf_add(&out, at, (size_t)(hit - at));
		strbuf_adds(&out, to);
		at = hit + strlen(from);
	}
	strbuf_adds(&out, at);
	free(*text);
	*text = strbuf_take(&out);
}

static void name_ids(char **text, const json_t *cloud)
{
	json_t *tenant, *user;
	size_t i, k;

	json_array_foreach(json_object_get(cloud, "tenants"), i, tenant)
	{
		replace(text, json_string_value(json_object_get(tenant, "id")),
		    json_string_value(json_object_get(tenant, "path")));
		json_array_foreach(json_object_get(tenant, "users"), k, user)
		    replace(text, json_string_value(json_object_get(user, "id")),
			json_string_value(json_object_get(user, "login")));
	}
}

static void mask_times(char *text)
{
	regex_t time;
	regmatch_t hit;

	if (regcomp(&time, "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", REG_EXTENDED) != 0)
		stage_die("regcomp");
	for (char *at = text; regexec(&time, at, 1, &hit, 0) == 0; at += hit.rm_eo)
		memset(at + hit.rm_so, 'T', (size_t)(hit.rm_eo - hit.rm_so));
	regfree(&time);
}

/* ---- Acronis. */

static json_t *cloud_facts(struct stage *stage)
{
	json_t *cloud = stage_get(stage, "state?stable=1"), *tenant, *user;
	size_t i, k;

	/* Mails are a fact of their own. */
	json_array_foreach(json_object_get(cloud, "tenants"), i, tenant)
	    json_array_foreach(json_object_get(tenant, "users"), k, user) json_object_del(user, "mails");
	return cloud;
}

static json_t *mail_facts(struct stage *stage)
{
	json_t *list = stage_get(stage, "mails"), *mail, *facts = json_object();
	size_t i;

	json_array_foreach(json_object_get(list, "mails"), i, mail)
	{
		const char *login = json_string_value(json_object_get(mail, "login"));
		json_object_set_new(
		    facts, login, json_integer(1 + json_integer_value(json_object_get(facts, login))));
	}
	json_decref(list);
	return facts;
}

/* ---- The ledger. */

struct ledger_facts {
	struct ledger *ledger;
	const json_t *cloud;
	json_t *orders;
};

/* Of what is over, only how it stands counts: what was gone on with tells so in its text. */
static json_t *item_fact(const struct item_record *item, json_int_t in_doubt)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "item",
	    item->key, "account", item->account_id, "login", item->login, "subscription",
	    item->subscription_id, "tenant", item->tenant_id, "user", item->user_id, "tier", item->tier,
	    "currency", item->currency, "action", action_name(item->action), "state",
	    item_state_name(item->state), "reason", item->reason, "text",
	    item->state == ITEM_DONE ? "" : item->text, "step", step_name(item->step), "steps_in_doubt",
	    in_doubt);
}

static int add_item(void *user, const struct item_record *item)
{
	struct ledger_facts *f = user;
	struct arena *arena = arena_new();
	struct step_record *steps;
	struct error err = {0};
	json_int_t in_doubt = 0;
	size_t count = 0;

	if (ledger_steps(f->ledger, item->key, arena, &steps, &count, &err) < 0)
		stage_die("the ledger: %s", err.text);
	for (size_t i = 0; i < count; i++)
		in_doubt += steps[i].outcome_at == 0;
	arena_free(arena);
	json_t *fact = item_fact(item, in_doubt);
	char *text = json_dumps(fact, JSON_COMPACT);
	name_ids(&text, f->cloud);
	json_object_set_new(f->orders, item->order_id, json_loads(text, 0, NULL));
	json_decref(fact);
	free(text);
	return 0;
}

static json_t *order_facts(struct stage *stage, const json_t *cloud)
{
	char *path = stage_path(stage, "var/night.db");
	struct error err = {0};
	struct ledger_facts facts = {
	    ledger_open(path, LEDGER_READ, clock_machine(), &err), cloud, json_object()};

	if (!facts.ledger ||
	    ledger_items(facts.ledger, &(struct item_filter){.state = -1}, add_item, &facts, &err) < 0)
		stage_die("the ledger: %s", err.text);
	ledger_close(facts.ledger);
	free(path);
	return facts.orders;
}

/* ---- What the BSS imports, of all runs together. */

static int is_folder(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && entry->d_name[0] != '.';
}

static void add_lines(json_t *list, const char *path, const json_t *cloud, bool settled)
{
	char *text = stage_read(path), *rest = text, *line;

	name_ids(&text, cloud);
	mask_times(text);
	rest = text;
	for (bool header = true; (line = strsep(&rest, "\n")) != NULL; header = false)
		if (!header && line[0] &&
		    !(settled &&
			(strstr(line, ",Failed,") || strstr(line, ",failed") || strstr(line, ",parked"))))
			json_array_append_new(list, json_string(line));
	free(text);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(json_string_value(*(json_t *const *)a), json_string_value(*(json_t *const *)b));
}

static json_t *sorted(json_t *list)
{
	size_t n = json_array_size(list), i;
	json_t **items = mem_resize(NULL, n + 1, sizeof(json_t *)), *item, *out = json_array();

	json_array_foreach(list, i, item) items[i] = item;
	qsort(items, n, sizeof(json_t *), by_text);
	for (i = 0; i < n; i++)
		json_array_append(out, items[i]);
	free(items);
	json_decref(list);
	return out;
}

/* Of the newest run. */
static json_t *finding_facts(const char *folder)
{
	char *path = mem_printf("%s/run.json", folder);
	json_t *run = json_load_file(path, 0, NULL), *finding, *list = json_array();
	size_t i;

	json_array_foreach(json_object_get(run, "findings"), i, finding) json_array_append_new(
	    list, json_sprintf("%s %s,%s", json_string_value(json_object_get(finding, "code")),
		      json_string_value(json_object_get(finding, "account_id")),
		      json_string_value(json_object_get(finding, "state"))));
	json_decref(run);
	free(path);
	return sorted(list);
}

/* The newest run folder, "" when there is none; the caller frees. */
static char *last_folder(const struct stage *stage)
{
	char *runs = stage_path(stage, "var/runs"), *last = mem_strdup("");
	struct dirent **entries;
	int n = scandir(runs, &entries, is_folder, alphasort);

	for (int i = 0; i < n; i++) {
		free(last);
		last = mem_printf("%s/%s", runs, entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	free(runs);
	return last;
}

json_t *stage_last_run(const struct stage *stage)
{
	char *folder = last_folder(stage), *path = mem_printf("%s/run.json", folder);
	json_t *run = json_load_file(path, 0, NULL);

	free(folder);
	free(path);
	return run ? run : json_null();
}

json_t *stage_facts(struct stage *stage, bool settled)
{
	json_t *cloud = stage_get(stage, "state"), *import = json_array(), *executed = json_array();
	char *runs = stage_path(stage, "var/runs"), *last = NULL;
	struct dirent **entries;
	int n = scandir(runs, &entries, is_folder, alphasort);

	for (int i = 0; i < n; i++) {
		char *folder = mem_printf("%s/%s", runs, entries[i]->d_name),
		     *a = mem_printf("%s/subscriptions-import.csv", folder),
		     *b = mem_printf("%s/orders-executed.csv", folder);
		add_lines(import, a, cloud, settled);
		add_lines(executed, b, cloud, settled);
		free(a);
		free(b);
		free(last);
		last = folder;
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	json_t *facts = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "cloud", cloud_facts(stage), "mails",
	    mail_facts(stage), "orders", order_facts(stage, cloud), "import", sorted(import), "executed",
	    sorted(executed), "findings", finding_facts(last ? last : ""));
	json_decref(cloud);
	free(last);
	free(runs);
	return facts;
}

/* ---- Comparing. */

static bool is_in_doubt(const json_t *facts, const char *order)
{
	const json_t *item = json_object_get(json_object_get(facts, "orders"), order);
	const char *state = json_string_value(json_object_get(item, "state")),
		   *reason = json_string_value(json_object_get(item, "reason"));

	return state && reason && strcmp(state, "parked") == 0 && strcmp(reason, "mail-in-doubt") == 0;
}

size_t facts_in_doubt(const json_t *facts)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(orders); i++)
		n += is_in_doubt(facts, orders[i].order);
	return n;
}

static void drop_lines(json_t *list, const char *holding)
{
	for (size_t i = json_array_size(list); i-- > 0;)
		if (strstr(json_string_value(json_array_get(list, i)), holding))
			json_array_remove(list, i);
}

/* Takes away what an order in doubt may have otherwise than it should. */
static void forget(json_t *facts, size_t i)
{
	char *account = mem_printf(" %s,", orders[i].account);

	json_object_del(json_object_get(facts, "mails"), orders[i].login);
	json_object_del(json_object_get(facts, "orders"), orders[i].order);
	drop_lines(json_object_get(facts, "import"), orders[i].item);
	drop_lines(json_object_get(facts, "executed"), orders[i].item);
	drop_lines(json_object_get(facts, "findings"), account);
	free(account);
}

static void tell(const char *name, const char *path, const json_t *wanted, const json_t *got)
{
	char *a = wanted ? json_dumps(wanted, JSON_ENCODE_ANY | JSON_COMPACT) : mem_strdup("nothing"),
	     *b = got ? json_dumps(got, JSON_ENCODE_ANY | JSON_COMPACT) : mem_strdup("nothing");

	printf("    %s: %s: wanted %s, got %s\n", name, path, a, b);
	free(a);
	free(b);
}

static void tell_differences(const char *name, const char *path, const json_t *wanted, const json_t *got)
{
	const char *key;
	json_t *member, *other;

	if (json_equal(wanted, got))
		return;
	if (!json_is_object(wanted) || !json_is_object(got)) {
		if (json_is_array(wanted) && json_array_size(wanted) == json_array_size(got)) {
			for (size_t i = 0; i < json_array_size(wanted); i++) {
				char *inner = mem_printf("%s[%zu]", path, i);
				tell_differences(
				    name, inner, json_array_get(wanted, i), json_array_get(got, i));
				free(inner);
			}
		} else {
			tell(name, path, wanted, got);
		}
		return;
	}
	json_object_foreach((json_t *)wanted, key, member)
	{
		char *inner = mem_printf("%s.%s", path, key);
		other = json_object_get(got, key);
		if (other)
			tell_differences(name, inner, member, other);
		else
			tell(name, inner, member, NULL);
		free(inner);
	}
	json_object_foreach((json_t *)got, key, member) if (!json_object_get(wanted, key))
	    tell(name, key, NULL, member);
}

bool facts_same(const json_t *wanted, const json_t *got, const char *name)
{
	json_t *a = json_deep_copy(wanted), *b = json_deep_copy(got);
	bool same = true;

	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		if (!is_in_doubt(got, orders[i].order))
			continue;
		json_int_t mails =
		    json_integer_value(json_object_get(json_object_get(got, "mails"), orders[i].login));
		if (mails > 1) {
			printf("    %s: %s has %d mails\n", name, orders[i].login, (int)mails);
			same = false;
		}
		forget(a, i);
		forget(b, i);
	}
	if (!json_equal(a, b)) {
		tell_differences(name, "", a, b);
		same = false;
	}
	json_decref(a);
	json_decref(b);
	return same;
}
