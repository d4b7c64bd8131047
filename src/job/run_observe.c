/* How a night reads Acronis: all of it, or what changed since the last observation that can be trusted.
 * Which, and why, is in the report. How it is read is src/reconcile's. */
#include "run_impl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/progress.h"
#include "tenantry/reconcile.h"
#include "tenantry/signals.h"

static void show_tenants(void *user, uint64_t done, uint64_t total)
{
	(void)user;
	progress_show("tenants", done, total, "reads");
}

struct observe run_observe_settings(struct run *run)
{
	return (struct observe){.job = run->job,
	    .session = &run->connection.session,
	    .known = run->known,
	    .known_count = run->known_count,
	    .subscriptions = run->subscriptions,
	    .clock = run->clock,
	    .stop = signals_stop(),
	    .progress = run->options->progress ? show_tenants : NULL,
	    .heartbeat = run_heartbeat,
	    .user = run};
}

/* ---- What it goes on from. */

struct base {
	struct run *run;
	struct snapshot_record record;
	bool found;
};

void snapshot_record_keep(struct snapshot_record *record, struct arena *arena)
{
	const char **texts[] = {&record->run_id, &record->side, &record->file, &record->digest,
	    &record->source, &record->parent, &record->api_timestamp, &record->months, &record->folder,
	    &record->job};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_strdup(arena, *texts[i]);
}

/* Only a run that came to its end: after any other its numbers may be those of a cut source. */
static int newest_whole(void *user, const struct snapshot_record *record)
{
	struct base *base = user;

	bool from_file = strncmp(record->source, "http", 4) != 0;

	if ((record->exit_status != 0 && record->exit_status != 1) || from_file)
		return 0;
	base->record = *record;
	snapshot_record_keep(&base->record, base->run->arena);
	base->found = true;
	return 1;
}

static const char *too_old(struct run *run, const struct snapshot_record *record)
{
	int64_t age = clock_wall_ms(run->clock) - record->full_at;
	char when[TIME_TEXT_SIZE];

	if (record->full_at == 0)
		return "the last observation does not say when all was read";
	if (age < 0)
		return arena_printf(run->arena,
		    "the last full read, of %s, is later than now: the clock was set back",
		    time_text(record->full_at, when));
	/* Tonight may have begun a little earlier in the day than that night, and is the night it is due all
	 * the same. */
	int64_t every = run->job->reconcile.full_every_ms,
		slack = every / 24 < 3600000 ? every / 24 : 3600000;
	if (age < every - slack)
		return NULL;
	return arena_printf(run->arena,
	    "the last full read is of %s, as long ago as reconcile.full_every or longer",
	    time_text(record->full_at, when));
}

/* Why a record cannot be gone on from, NULL when it can. */
static const char *unfit(struct run *run, const struct snapshot_record *record)
{
	int64_t stamp;

	if (record->removed_at)
		return "the snapshot of the last observation was pruned";
	if (strcmp(record->source, run->job->acronis.url) != 0)
		return "the last observation is of another address";
	if (!strv_eq_nocase(strv_of(record->parent), strv_of(run->connection.session.parent)))
		return "the last observation is of another parent tenant";
	if (!time_parse(strv_of(record->api_timestamp), &stamp, NULL))
		return "the last observation has no time of Acronis to ask for changes since";
	return too_old(run, record);
}

char *snapshot_path(const struct snapshot_record *record)
{
	return mem_printf("%s/%s", record->folder, record->file);
}

/* Read again and proved to be what was written. NULL: `why` says what is wrong with it. */
static struct observation *read_base(struct run *run, const struct snapshot_record *record, const char **why)
{
	struct error err = {0};
	char *path = snapshot_path(record);
	struct observation *o = observation_read(path, &err);

	if (!o)
		*why = arena_printf(
		    run->arena, "the snapshot of run %s cannot be read: %s", record->run_id, err.text);
	else if (strcmp(o->digest, record->digest) != 0 || o->count != record->rows)
		*why = arena_printf(
		    run->arena, "the snapshot of run %s is not what was written", record->run_id);
	else
		*why = NULL;
	free(path);
	if (*why || !o) {
		log_warn("%s: all of Acronis is read", *why);
		observation_free(o);
		return NULL;
	}
	o->parent = arena_strdup(o->arena, record->parent);
	o->source = arena_strdup(o->arena, record->source);
	o->taken_at = record->taken_at;
	o->full_at = record->full_at;
	o->deep_others = record->others;
	snprintf(o->api_timestamp, sizeof o->api_timestamp, "%s", record->api_timestamp);
	return o;
}

/* The base, or NULL with the reason for reading all. -1: the ledger failed. */
static int find_base(
    struct run *run, struct observation **out, const char **run_id, const char **why, struct error *err)
{
	struct base base = {.run = run};

	*out = NULL;
	*why = NULL;
	if (run->options->full)
		*why = "asked for with --full";
	else if (run->job->reconcile.full_every_ms == 0)
		*why = "reconcile.full_every is 0";
	else if (!run->ledger)
		*why = "there is no ledger yet";
	if (*why)
		return 0;
	if (ledger_snapshots(run->ledger, "tenants", NULL, newest_whole, &base, err) < 0)
		return -1;
	*why = base.found ? unfit(run, &base.record) : "no earlier observation is known";
	if (!*why)
		*out = read_base(run, &base.record, why);
	*run_id = base.found ? base.record.run_id : "";
	return 0;
}

int run_last_observation(struct run *run, struct observation **out, const char **run_id, struct error *err)
{
	const char *why;

	*run_id = "";
	return find_base(run, out, run_id, &why, err);
}

/* ---- Whose tiers could have changed without a stamp. */

struct accounts {
	struct run *run;
	const char **items;
	size_t count, cap;
	int64_t since;
};

static void add_account(struct accounts *accounts, const char *id)
{
	if (!id[0])
		return;
	MEM_GROW(accounts->items, accounts->count, accounts->cap);
	accounts->items[accounts->count++] = id;
}

static int add_finding(void *user, const struct finding_record *finding)
{
	struct accounts *accounts = user;

	add_account(accounts, arena_strdup(accounts->run->arena, finding->account_id));
	add_account(accounts, arena_strdup(accounts->run->arena, finding->tenant_id));
	return 0;
}

static int add_item(void *user, const struct item_record *item)
{
	struct accounts *accounts = user;

	if (item->updated_at >= accounts->since)
		add_account(accounts, arena_strdup(accounts->run->arena, item->account_id));
	return 0;
}

static int gather_accounts(struct accounts *accounts, struct error *err)
{
	struct run *run = accounts->run;
	struct item_filter any = {.state = -1};

	for (size_t i = 0; i < run->pending_count; i++)
		add_account(accounts, run->pending[i].item->account_id);
	for (size_t i = 0; run->subscriptions && i < run->subscriptions->count; i++)
		if (run->subscriptions->items[i].updated_at >= accounts->since)
			add_account(accounts, run->subscriptions->items[i].account_id);
	if (ledger_items(run->ledger, &any, add_item, accounts, err) < 0)
		return -1;
	return ledger_findings(run->ledger, NULL, NULL, add_finding, accounts, err);
}

/* ---- Reading. */

static void tell(struct run *run, const struct observation *o, const char *why)
{
	struct observation_summary *summary = &run->report->observation;

	*summary = (struct observation_summary){.mode = o->base_run[0] ? "changes" : "full",
	    .why = arena_strdup(run->report->arena, why ? why : ""),
	    .base_run = arena_strdup(run->report->arena, o->base_run),
	    .full_at = o->full_at,
	    .changed = o->changed};
	run->report->has_observation = true;
}

static struct observation *read_changes(
    struct run *run, struct observation *base, const char *base_run, const char **why, struct error *err)
{
	struct accounts accounts = {.run = run, .since = base->taken_at};
	struct observe settings = run_observe_settings(run);
	struct observation *o = NULL;

	if (gather_accounts(&accounts, err) == 0) {
		settings.base = base;
		settings.accounts = accounts.items;
		settings.account_count = accounts.count;
		o = observe_tenants(&settings, err);
	}
	free(accounts.items);
	if (!o)
		return NULL;
	o->base_run = arena_strdup(o->arena, base_run);
	if (!o->mistrusted)
		return o;
	*why =
	    arena_printf(run->arena, "the changes since run %s cannot be believed: %s", base_run, o->trouble);
	log_warn("%s; all of Acronis is read", *why);
	observation_free(o);
	return NULL;
}

struct observation *run_observe(struct run *run, struct error *err)
{
	struct observation *base, *o = NULL;
	const char *why = NULL, *base_run = "";

	if (run->reading) {
		struct observation_reading *reading = run->reading;
		run->reading = NULL;
		o = observation_read_end(reading, err);
		if (o)
			tell(run, o, "read from a file");
		return o;
	}
	if (run_connect(run, false, err) < 0 || find_base(run, &base, &base_run, &why, err) < 0)
		return NULL;
	if (base)
		o = read_changes(run, base, base_run, &why, err);
	observation_free(base);
	if (!o && err->code == ERR_NONE) {
		struct observe settings = run_observe_settings(run);
		if (run_last_listing(run, &settings.last_listed, &settings.last_elements, err) == 0)
			o = observe_tenants(&settings, err);
	}
	if (o)
		tell(run, o, why);
	return o;
}

/* A difference is never told from an old value: what the first comparison found is read again before the
 * last. */
int run_observe_findings(struct run *run, struct observation *observation,
    const struct reconcile_result *first, uint64_t *reread, struct error *err)
{
	struct observe settings = run_observe_settings(run);
	const char **accounts;
	size_t count = 0;

	*reread = 0;
	if (!observation->base_run[0])
		return 0;
	accounts = mem_zalloc((2 * first->count + 1) * sizeof *accounts);
	for (size_t i = 0; i < first->count; i++) {
		if (first->findings[i].account_id[0])
			accounts[count++] = first->findings[i].account_id;
		if (first->findings[i].tenant_id[0])
			accounts[count++] = first->findings[i].tenant_id;
	}
	int rc = observe_again(&settings, observation, accounts, count, reread, err);
	free(accounts);
	return rc;
}

void run_observe_report(struct run *run, const struct observation *observation)
{
	struct observation_summary *summary = &run->report->observation;

	summary->requests = observation->requests;
	summary->reread = observation->reread;
	summary->ages = observation_ages(observation);
}

/* ---- What the next night goes on from, and what a closed month is compared from. */

int run_keep_subscriptions(struct run *run, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE], *path = mem_printf("%s/subscriptions.csv.zst", run->folder);
	struct snapshot_record record = {.run_id = run->run_id,
	    .side = "subscriptions",
	    .file = "subscriptions.csv.zst",
	    .digest = digest,
	    .rows = run->subscriptions->count,
	    .taken_at = run->subscriptions->as_of,
	    .source = run_subscriptions_shown(run)};
	int rc = subscriptions_write(run->subscriptions, path, digest, err);

	free(path);
	return rc < 0 ? -1 : ledger_snapshot_put(run->ledger, &record, err);
}

/* Of a full read: how long the list was, and who answered that it is gone. What earlier nights were told of
 * that is told anew. */
static int keep_list(struct run *run, const struct observation *o, struct error *err)
{
	if (run_keep_listing(run, o->listed, o->elements, err) < 0 ||
	    ledger_absents_clear(run->ledger, err) < 0)
		return -1;
	for (size_t i = 0; i < o->count; i++)
		if ((o->items[i].gone || o->items[i].deleted_at[0]) &&
		    run_keep_absents(run, &o->items[i].id, 1, err) < 0)
			return -1;
	return 0;
}

int run_keep_observation(struct run *run, const struct observation *observation, struct error *err)
{
	char digest[DIGEST_TEXT_SIZE], *path = mem_printf("%s/tenants.csv.zst", run->folder);
	bool asked = !run->options->tenants_file;
	struct snapshot_record record = {.run_id = run->run_id,
	    .side = "tenants",
	    .file = "tenants.csv.zst",
	    .digest = digest,
	    .rows = observation->count,
	    .taken_at = observation->taken_at,
	    .source = observation->source,
	    .parent = observation->parent,
	    .api_timestamp = asked ? observation->api_timestamp : "",
	    .full_at = asked ? observation->full_at : 0,
	    .others = observation->deep_others};
	int rc = observation_write(observation, path, digest, err);

	if (rc == 0)
		rc = ledger_side_put(
		    run->ledger, run->run_id, "tenants", observation_rows(observation), path, digest, err);
	if (rc == 0)
		rc = ledger_snapshot_put(run->ledger, &record, err);
	if (rc == 0 && asked && !observation->base_run[0])
		rc = keep_list(run, observation, err);
	free(path);
	return rc;
}
