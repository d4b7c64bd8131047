/* An account, a tenant or a subscription in `tenantry show`: what is known of it though nothing is wrong. The
 * ledger knows what we made and the order that made it; the tenants of the last night's snapshot and the
 * subscriptions of the job's files say the rest. */
#include <inttypes.h>

#include "show_impl.h"
#include "tenantry/reconcile.h"

json_t *show_section(struct show *show, const char *name)
{
	json_t *list = json_object_get(show->out, name);

	if (!list) {
		list = json_array();
		json_object_set_new(show->out, name, list);
	}
	return list;
}

void show_text(json_t *object, const char *name, const char *value)
{
	if (value && value[0])
		json_object_set_new(object, name, json_string(value));
}

void show_time(json_t *object, const char *name, int64_t ms)
{
	char text[TIME_TEXT_SIZE];

	if (ms)
		show_text(object, name, time_text(ms, text));
}

static bool is_one_of(const char *id, const char *a, const char *b, const char *c)
{
	struct strv wanted = strv_of(id);

	return strv_eq_nocase(wanted, strv_of(a)) || strv_eq_nocase(wanted, strv_of(b)) ||
	       strv_eq_nocase(wanted, strv_of(c));
}

/* ---- What we made. */

static int show_made(struct show *show, const struct job *job)
{
	struct known_tenant *known;
	struct item_record item;
	size_t count;

	if (ledger_tenants(show->ledger, job, show->arena, &known, &count, show->err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct known_tenant *k = &known[i];
		if (!is_one_of(show->id, k->account_id, k->tenant_id, k->subscription_id))
			continue;
		json_t *json = json_object();
		show_text(json, "account", k->account_id);
		show_text(json, "tenant", k->tenant_id);
		show_text(json, "subscription", k->subscription_id);
		show_text(json, "login", k->login);
		show_text(json, "user", k->user_id);
		show_text(json, "tier_we_set", k->tier ? k->tier->name : "");
		show_text(json, "made_by_order", k->item_key);
		json_array_append_new(show_section(show, "provisioned"), json);
		int found = k->item_key[0] && !show->has_orders
				? ledger_item_get(show->ledger, k->item_key, show->arena, &item, show->err)
				: 0;
		if (found < 0 || (found > 0 && show_item_record(show, &item) < 0))
			return -1;
	}
	return 0;
}

/* ---- What the last night saw in Acronis. */

struct last_snapshot {
	struct arena *arena;
	const char *path, *run_id;
	int64_t taken_at;
};

static int take_usable(void *user, const struct snapshot_record *snapshot)
{
	struct last_snapshot *last = user;

	if (snapshot->removed_at || (snapshot->exit_status != 0 && snapshot->exit_status != 1))
		return 0;
	last->path = arena_printf(last->arena, "%s/%s", snapshot->folder, snapshot->file);
	last->run_id = arena_strdup(last->arena, snapshot->run_id);
	last->taken_at = snapshot->taken_at;
	return 1;
}

static json_t *tenant_json(const struct job *job, const struct observed_tenant *t)
{
	json_t *json = json_object();
	struct strbuf tier = {0};

	if (t->has_tier)
		job_tier_names(job, (int)t->tier_value, &tier);
	show_text(json, "tenant", t->id);
	show_text(json, "name", t->name);
	show_text(json, "account", t->customer_id);
	show_text(json, "kind", t->kind);
	show_text(json, "state", t->deleted_at[0] ? "deleted" : t->enabled ? "enabled" : "disabled");
	show_text(json, "tier", tier.p);
	show_text(json, "pricing", t->pricing_mode);
	show_text(json, "currency", t->currency);
	show_text(json, "licensing", t->licensing_mode);
	show_text(json, "login", t->login);
	show_text(json, "parent", t->parent_id);
	show_text(json, "made_by_order", t->internal_tag);
	show_text(json, "updated_at", t->updated_at);
	strbuf_free(&tier);
	return json;
}

static int show_observed(struct show *show, const struct job *job)
{
	struct last_snapshot last = {.arena = show->arena};
	struct error ignored = {0};
	struct observation *observation;

	if (ledger_snapshots(show->ledger, "tenants", NULL, take_usable, &last, show->err) < 0)
		return -1;
	observation = last.path ? observation_read(last.path, &ignored) : NULL;
	for (size_t i = 0; observation && i < observation->count; i++) {
		const struct observed_tenant *t = &observation->items[i];
		if (!is_one_of(show->id, t->id, t->customer_id, t->internal_tag))
			continue;
		json_t *json = tenant_json(job, t);
		show_time(json, "last_compared", last.taken_at);
		show_text(json, "run", last.run_id);
		json_array_append_new(show_section(show, "tenants"), json);
	}
	observation_free(observation);
	return 0;
}

/* ---- What the BSS says now, where that takes no connection. */

static json_t *subscription_json(const struct subscription *s)
{
	json_t *json = json_object();
	char day[DATE_TEXT_SIZE];

	show_text(json, "subscription", s->id);
	show_text(json, "account", s->account_id);
	show_text(json, "name", s->account);
	show_text(json, "status", subscription_status_name(s->status));
	show_text(json, "tier", s->tier ? s->tier->name : s->tier_text);
	show_text(json, "currency", s->currency);
	show_text(json, "quantity", s->quantity);
	show_text(json, "tenant", s->external_id);
	show_text(json, "login", s->username);
	show_text(json, "since", date_text(s->start_date, day));
	show_time(json, "updated_at", s->updated_at);
	return json;
}

static void show_billed(struct show *show, const struct job *job)
{
	struct error ignored = {0};
	struct subscriptions *all =
	    job->bss.subscriptions.kind == SOURCE_CSV ? subscriptions_load(job, &ignored) : NULL;

	for (size_t i = 0; all && i < all->count; i++) {
		const struct subscription *s = &all->items[i];
		if (!is_one_of(show->id, s->id, s->account_id, s->external_id))
			continue;
		json_t *json = subscription_json(s);
		show_text(json, "source", arena_printf(show->arena, "%s:%u", s->source, s->line));
		json_array_append_new(show_section(show, "subscriptions"), json);
	}
	subscriptions_free(all);
}

int show_known(struct show *show, const struct job *job)
{
	bool found;

	if (!job || show->is_order || json_object_get(show->out, "runs") ||
	    json_object_get(show->out, "batches"))
		return 0;
	if (show->finding_by_id)
		return 0;
	if (show_made(show, job) < 0 || show_observed(show, job) < 0)
		return -1;
	show_billed(show, job);
	found = json_object_get(show->out, "tenants") || json_object_get(show->out, "subscriptions");
	if (found && !json_object_get(show->out, "findings"))
		json_object_set_new(show->out, "open_findings", json_string("none"));
	return 0;
}
