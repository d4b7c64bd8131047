/* The job and the people of a world: who orders what and thinks better of it, and what somebody does in the
 * portal. See sim_world.h. */
#include "sim_world.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tenantry/mem.h"

#define CLIENT_ENV "SIM_CLIENT_ID"
#define SECRET_ENV "SIM_CLIENT_SECRET"

static int tier_number(const char *name)
{
	return strncmp(name, "Tier ", 5) == 0 ? atoi(name + 5) : -1;
}

static bool chance(struct world *w, unsigned permille)
{
	return sim_chance(&w->sim->world, permille);
}

static int below(struct world *w, int n)
{
	return (int)sim_below(&w->sim->world, (uint64_t)n);
}

static const char *one_of(struct world *w, const char *const *texts, size_t count)
{
	return texts[sim_below(&w->sim->world, count)];
}

/* ---- The job: its settings are drawn as well. */

static void add_tiers(struct strbuf *out)
{
	for (int i = 0; i < SIM_TIERS; i++)
		strbuf_addf(out, "    - {name: Tier %d, product: CCSP-T%d, acronis: %d}\n", i, i, i - 1);
}

static struct job *make_job(struct world *w, const char *name, const char *text, struct error *err)
{
	struct strbuf out = {0};
	char path[160];

	strbuf_addf(&out, "name: %s\n%s", name, text);
	snprintf(path, sizeof path, "%s/%s.yaml", w->folder, name);
	bss_write_text(path, out.p, clock_wall_ms(&w->sim->clock));
	strbuf_free(&out);
	return job_load(path, NULL, err);
}

/* The same job with the other key of order items, from a file of its own. */
static struct job *make_keyed_job(struct world *w, const char *text, struct error *err)
{
	static const char mark[] = "bss: {";
	const char *at = strstr(text, mark);
	struct strbuf out = {0};
	char path[160];

	strbuf_addf(&out, "name: sim\n%.*s%sorder_key: order_item, %s", (int)(at - text), text, mark,
	    at + strlen(mark));
	snprintf(path, sizeof path, "%s/keyed.yaml", w->folder);
	bss_write_text(path, out.p, clock_wall_ms(&w->sim->clock));
	strbuf_free(&out);
	return job_load(path, NULL, err);
}

static void draw_job(struct world *w, struct strbuf *out)
{
	static const char *const max_errors[] = {"10%", "100%", "6"};
	static const char *const timings[] = {"at_once", "next_first"};
	struct sim *sim = w->sim;

	w->goes_on = chance(w, 900);
	sim->settle_ms = 1000 + 1000 * below(w, 8);
	sim->token_life_s = chance(w, 500) ? 7200 : 30 + below(w, 600);
	strbuf_addf(out, "root: %s\nledger: ledger.db\noutput: runs\n", w->folder);
	if (chance(w, 100))
		strbuf_addf(out, "deadline: %ds\n", 2 + below(w, 30));
	strbuf_adds(
	    out, "bss: {name: main, orders: {csv: orders.csv}, subscriptions: {csv: subscriptions.csv}}\n");
	strbuf_addf(out,
	    "acronis: {url: \"http://127.0.0.1:9\", client_id: {env: " CLIENT_ENV
	    "}, client_secret: {env: " SECRET_ENV
	    "}, connections: %d, rate: %d, retries: %d, settle: %lldms, timeout: 30s}\n",
	    1 + below(w, 8), chance(w, 500) ? 0 : 5 + below(w, 40), below(w, 6), (long long)sim->settle_ms);
	strbuf_addf(out,
	    "contract:\n  licensing_mode: per_gb\n  offering_items: all\n  mfa: %s\n  upgrade: %s\n  downgrade: %s\n  tiers:\n",
	    chance(w, 300) ? "true" : "false", one_of(w, timings, 2), one_of(w, timings, 2));
	add_tiers(out);
	/* Few, so that single cancellations meet it too; not given it is five for so few contracts. */
	w->max_disables = chance(w, 300) ? 5 : (uint64_t)below(w, 4);
	strbuf_addf(out, "provision: {batch_size: %d, max_errors: %s, on_error: %s", 1 + below(w, 6),
	    one_of(w, max_errors, 3), w->goes_on ? "continue" : "stop");
	if (w->max_disables < 5)
		strbuf_addf(out, ", max_disables: %d", (int)w->max_disables);
	strbuf_adds(out, "}\n");
	/* One tenant of such a small fleet that was moved out of sight must not keep all the others from
	 * being compared. */
	strbuf_addf(out,
	    "reconcile: {max_age: 0s, max_shrink: 100%%, min_coverage: 40%%, full_every: %dd}\nreport: {formats: [json]}\n",
	    chance(w, 100) ? 0 : 2 + below(w, 12));
}

struct world *world_begin(struct sim *sim, const char *base, struct error *err)
{
	struct world *w = mem_zalloc(sizeof *w);
	struct strbuf text = {0};

	w->sim = sim;
	snprintf(w->folder, sizeof w->folder, "%s/world", base);
	mkdir(w->folder, 0700);
	setenv(CLIENT_ENV, "sim-client", 1);
	setenv(SECRET_ENV, "sim-client-secret", 1);
	w->account_count = 3 + below(w, SIM_ACCOUNTS - 3 + 1);
	w->changes_key = chance(w, 300);
	draw_job(w, &text);
	w->by_item = w->job = make_job(w, "sim", text.p, err);
	w->by_both = w->job ? make_keyed_job(w, text.p, err) : NULL;
	w->other_job = w->by_both ? make_job(w, "other", text.p, err) : NULL;
	strbuf_free(&text);
	if (!w->other_job) {
		world_end(w);
		return NULL;
	}
	return w;
}

static void remove_tree(const char *folder, int depth)
{
	char path[400];
	DIR *dir = opendir(folder);

	for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		int n = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (n < (int)sizeof path && unlink(path) < 0 && depth > 0)
			remove_tree(path, depth - 1);
	}
	if (dir)
		closedir(dir);
	rmdir(folder);
}

void world_end(struct world *w)
{
	if (!w)
		return;
	remove_tree(w->folder, 3);
	job_free(w->by_item);
	job_free(w->by_both);
	job_free(w->other_job);
	free(w->rows);
	free(w->imported);
	free(w);
}

/* ---- People order. */

struct world_subscription *world_live(struct world *w, int account)
{
	for (int i = 0; i < w->subscription_count; i++) {
		struct world_subscription *s = &w->subscriptions[i];
		if (s->account == account &&
		    (strcmp(s->status, "Active") == 0 || strcmp(s->status, "Suspended") == 0))
			return s;
	}
	return NULL;
}

bool world_has_open(const struct world *w, int account)
{
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].account == account && w->orders[i].status == ORDER_SUBMITTED)
			return true;
	return bss_awaits(w, account);
}

static bool has_orders(const struct world *w, int account)
{
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].account == account)
			return true;
	return false;
}

void world_place(
    struct world *w, int account, enum action action, int tier, const struct world_subscription *s)
{
	struct world_order *o = &w->orders[w->order_count];

	*o = (struct world_order){.account = account,
	    .action = action,
	    .tier = tier,
	    .placed = clock_wall_ms(&w->sim->clock) - (int64_t)below(w, 20) * 3600000,
	    .tiers_seen = tier >= 0 ? 1U << tier : 0,
	    .overlap = world_has_open(w, account)};
	if (s)
		snprintf(o->subscription_id, sizeof o->subscription_id, "%s", s->id);
	if (o->overlap)
		w->sim->excuses[account] |= EXCUSE_OVERLAP;
	w->sim->account_of[w->order_count++] = account;
	w->sim->stats.orders++;
}

static void place_first(struct world *w, int account)
{
	struct world_order *o = &w->orders[w->order_count];

	world_place(w, account, ACTION_NEW, below(w, SIM_TIERS), NULL);
	o->never = chance(w, 60);
	o->bad_login = !o->never && w->goes_on && chance(w, 25);
}

static void place_change(struct world *w, int account, const struct world_subscription *s)
{
	int tier = tier_number(s->tier), dice = below(w, 100);
	bool suspended = strcmp(s->status, "Suspended") == 0;

	if (suspended)
		world_place(w, account, dice < 80 ? ACTION_REACTIVATE : ACTION_CANCEL, tier, s);
	else if (dice < 40 && tier < SIM_TIERS - 1)
		world_place(w, account, ACTION_UPGRADE, tier + 1 + below(w, SIM_TIERS - 1 - tier), s);
	else if (dice < 70 && tier > 0)
		world_place(w, account, ACTION_DOWNGRADE, below(w, tier), s);
	else if (dice < 92)
		world_place(w, account, ACTION_SUSPEND, -1, s);
	else
		world_place(w, account, ACTION_CANCEL, -1, s);
}

static void order_something(struct world *w)
{
	int account = below(w, w->account_count);
	const struct world_subscription *s = world_live(w, account);

	if (w->order_count == SIM_ORDERS)
		return;
	if (!has_orders(w, account))
		place_first(w, account);
	else if (s && (!world_has_open(w, account) || chance(w, 150)))
		place_change(w, account, s);
	else if (!s && chance(w, 50)) {
		/* A second contract, or a first one again: somebody did not wait. */
		w->sim->excuses[account] |= EXCUSE_OVERLAP;
		world_place(w, account, ACTION_NEW, below(w, SIM_TIERS), NULL);
		w->orders[w->order_count - 1].overlap = true;
	}
}

static void change_mind(struct world *w)
{
	struct world_order *o = w->order_count > 0 ? &w->orders[below(w, w->order_count)] : NULL;

	if (!o || o->status != ORDER_SUBMITTED)
		return;
	w->sim->stats.changed_orders++;
	o->changed = true;
	if (chance(w, 400)) {
		o->status = ORDER_WITHDRAWN;
		w->sim->excuses[o->account] |= EXCUSE_OVERLAP;
		return;
	}
	o->version++;
	if (o->action == ACTION_NEW && chance(w, 500)) {
		o->tier = below(w, SIM_TIERS);
		o->tiers_seen |= 1U << o->tier;
	}
}

/* ---- Somebody clicks in the portal. */

/* The places stay: the cloud numbers its users by their count. */
static void remove_users(struct sim *sim, const char *tenant)
{
	for (size_t i = 0; i < sim->cloud.user_count; i++)
		if (strcmp(sim->cloud.users[i].tenant, tenant) == 0)
			sim->cloud.users[i] = (struct cloud_user){.id = "removed by hand"};
}

static void delete_tenant(struct sim *sim, struct cloud_tenant *t)
{
	t->deleted = true;
	t->enabled = false;
	remove_users(sim, t->id);
}

/* An empty list after one with tenants is believed by nobody (reconcile.allow_empty), and the nights would
 * wait for a person for ever. */
static bool is_the_last(const struct sim *sim)
{
	unsigned live = 0;

	for (size_t i = 0; i < sim->cloud.tenant_count; i++)
		live +=
		    !sim->cloud.tenants[i].deleted && strcmp(sim->cloud.tenants[i].parent, CLOUD_PARENT) == 0;
	return live < 2;
}

static void click(struct world *w)
{
	struct sim *sim = w->sim;
	size_t count = sim->cloud.tenant_count;
	size_t number = count ? sim_below(&sim->world, count) : 0;
	struct cloud_tenant *t = &sim->cloud.tenants[number];
	int account = count && !sim->stranger[number] ? sim_account_number(t->customer) : -1;

	if (account < 0 || t->deleted)
		return;
	int what = below(w, 8);
	if ((what == 3 || what == 4) && is_the_last(sim))
		return;
	sim->stats.drifts++;
	/* Settings, users and items are written beside the tenant. */
	if (what != 2 && what != 5) {
		t->version++;
		t->updated = sim_cloud_now(sim);
	}
	switch (what) {
	case 0:
		snprintf(t->name, sizeof t->name, "Renamed %d by hand", account);
		sim->excuses[account] |= EXCUSE_RENAMED;
		break;
	case 1:
		t->enabled = !t->enabled;
		sim->excuses[account] |= EXCUSE_DISABLED;
		break;
	case 2:
		t->has_tier = chance(w, 800);
		t->tier = below(w, SIM_TIERS) - 1;
		sim->excuses[account] |= EXCUSE_TIER;
		break;
	case 3:
		delete_tenant(sim, t);
		sim->excuses[account] |= EXCUSE_DELETED;
		break;
	case 4:
		snprintf(t->parent, sizeof t->parent, "%s",
		    chance(w, 500) ? CLOUD_ELSEWHERE : sim->cloud.tenants[0].id);
		sim->excuses[account] |= EXCUSE_MOVED;
		break;
	case 5:
		remove_users(sim, t->id);
		sim->excuses[account] |= EXCUSE_USER;
		break;
	case 6:
		t->locked = !t->locked;
		sim->excuses[account] |= EXCUSE_LOCKED;
		break;
	default:
		t->item_on[below(w, CLOUD_ITEMS)] = false;
		break;
	}
}

/* Somebody made the reseller by hand, before or beside us. */
static void make_stranger(struct world *w)
{
	struct sim *sim = w->sim;
	int account = below(w, w->account_count);
	char name[32], customer[16];

	if (sim->cloud.tenant_count + 12 > CLOUD_MAX || (sim->excuses[account] & EXCUSE_STRANGER))
		return;
	world_account_name(account, name);
	for (size_t i = 0; i < sim->cloud.tenant_count; i++)
		if (strcmp(sim->cloud.tenants[i].name, name) == 0)
			return;
	snprintf(customer, sizeof customer, "A%d", account);
	sim->stranger[sim->cloud.tenant_count] = true;
	sim->cloud.now = sim_cloud_now(sim);
	cloud_add(&sim->cloud, name, chance(w, 500) ? customer : "", "");
	sim->excuses[account] |= EXCUSE_STRANGER;
	sim->stats.drifts++;
}

void world_day(struct world *w)
{
	bss_import(w);
	people_decide(w);
	if (!w->calm) {
		for (int n = w->night == 0 ? 3 : below(w, 5); n > 0; n--)
			order_something(w);
		if (chance(w, 150))
			change_mind(w);
		if (chance(w, 80))
			click(w);
		if (chance(w, 40))
			make_stranger(w);
	}
	people_panic(w);
	if (w->changes_key)
		w->job = chance(w, 500) ? w->by_item : w->by_both;
	world_reuse(w);
	bss_export(w);
	w->night++;
}
