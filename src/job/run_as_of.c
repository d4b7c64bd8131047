/* A comparison of a day that is past, from what was kept of it: the newest whole snapshots at or before its
 * end, and the invoices that were known then (run_money.c). A run of its own kind: it asks Acronis nothing,
 * takes no lock, leaves the memory of findings and the next night's base as they are, and writes a folder
 * with reports. */
#include "run_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/bss_database.h"
#include "tenantry/facts.h"
#include "tenantry/mem.h"
#include "tenantry/month.h"
#include "tenantry/reconcile.h"
#include "tenantry/signals.h"

int64_t as_of_end(const struct job *job, struct date day)
{
	int64_t midnight = date_to_ms(day) + INT64_C(24) * 3600000;

	return job->timezone.local ? local_day_end(day) : midnight - job->timezone.minutes * 60000;
}

/* ---- Which night. */

struct choice {
	struct run *run;
	int64_t end;
	struct snapshot_record best, oldest;
	bool found, any;
	uint64_t pruned;
};

static int look_at(void *user, const struct snapshot_record *record)
{
	struct choice *c = user;
	bool older = !c->any || record->taken_at < c->oldest.taken_at,
	     better = record->taken_at <= c->end && (!c->found || record->taken_at > c->best.taken_at);

	bool elsewhere =
	    strncmp(record->source, "http", 4) == 0 && strcmp(record->source, c->run->job->acronis.url) != 0;

	/* Only a night that came to its end, and only of this job's own cloud, or of a file that was named.
	 */
	if ((record->exit_status != 0 && record->exit_status != 1) || elsewhere)
		return 0;
	if (record->removed_at) {
		c->pruned++;
		return 0;
	}
	if (older) {
		c->oldest = *record;
		snapshot_record_keep(&c->oldest, c->run->arena);
		c->any = true;
	}
	if (better) {
		c->best = *record;
		snapshot_record_keep(&c->best, c->run->arena);
		c->found = true;
	}
	return 0;
}

static int none(const struct choice *c, struct error *err)
{
	char day[DATE_TEXT_SIZE], oldest[TIME_TEXT_SIZE];

	date_text(c->run->options->as_of.day, day);
	if (c->any)
		error_set(err, ERR_COVERAGE,
		    "there is no snapshot of %s or earlier: the oldest one that is kept is of %s", day,
		    time_text(c->oldest.taken_at, oldest));
	else
		error_set(err, ERR_COVERAGE, "there is no snapshot of %s or earlier: none is kept%s", day,
		    c->pruned ? " any more" : "");
	return error_hint(err,
	    "tenantry runs lists the nights; retention.month_ends and privacy.keep say how long their "
	    "snapshots are kept");
}

/* A night so long before says nothing of that day, as a stale export says nothing of tonight. */
static int refuse_old(const struct choice *c, struct error *err)
{
	int64_t before = c->end - c->best.taken_at, limit = c->run->job->reconcile.max_age_ms;
	char day[DATE_TEXT_SIZE], taken[TIME_TEXT_SIZE];

	if (limit <= 0 || before <= limit)
		return 0;
	error_set(err, ERR_COVERAGE,
	    "the newest snapshot of %s or earlier is of %s, %" PRId64
	    " hours before the end of that day, more than reconcile.max_age (%" PRId64 " hours) allows",
	    date_text(c->run->options->as_of.day, day), time_text(c->best.taken_at, taken), before / 3600000,
	    limit / 3600000);
	return error_hint(err,
	    "name a day that has a night (tenantry runs lists them), or raise reconcile.max_age for this one");
}

/* What is still to come has no night: the newest one there is says nothing of it, and a month that runs on is
 * not closed. */
static int refuse_future(const struct run *run, struct error *err)
{
	const int month = run->options->as_of.month;
	const struct date day = run->options->as_of.day;
	const int64_t now = clock_wall_ms(run->options->clock), a_day = INT64_C(24) * 3600000;
	char shown[DATE_TEXT_SIZE], name[MONTH_TEXT_SIZE];

	if (month != 0 && as_of_end(run->job, month_last(month)) > now)
		error_set(err, ERR_COVERAGE, "%s is not over", month_name(month, name));
	else if (as_of_end(run->job, day) - a_day > now)
		error_set(err, ERR_COVERAGE, "%s is still to come", date_text(day, shown));
	else
		return 0;
	return error_hint(err, "compare it when it is over; without --as-of and --period today is compared");
}

static int choose(struct run *run, struct snapshot_record *out, struct error *err)
{
	struct choice c = {.run = run, .end = as_of_end(run->job, run->options->as_of.day)};

	if (refuse_future(run, err) < 0)
		return -1;
	if (!run->ledger) {
		error_set(
		    err, ERR_COVERAGE, "there is no ledger, so there is no snapshot of an earlier night");
		return error_hint(err, "run the job first");
	}
	if (ledger_snapshots(run->ledger, "tenants", NULL, look_at, &c, err) < 0)
		return -1;
	if (!c.found)
		return none(&c, err);
	*out = c.best;
	return refuse_old(&c, err);
}

/* ---- What it held. */

int snapshot_is_changed(const struct snapshot_record *record, struct error *err)
{
	error_set(err, ERR_COVERAGE, "%s of run %s is not what was written (its hash is another)",
	    record->file, record->run_id);
	return error_hint(err,
	    "put the file back from a copy, or name an earlier day: nothing is compared from a changed "
	    "snapshot");
}

static struct observation *read_tenants(
    struct run *run, const struct snapshot_record *record, struct error *err)
{
	char *path = snapshot_path(record);
	struct observation *o = observation_read(path, err);

	if (o && (strcmp(o->digest, record->digest) != 0 || o->count != record->rows)) {
		snapshot_is_changed(record, err);
		observation_free(o);
		o = NULL;
	}
	if (o) {
		o->parent = arena_strdup(o->arena, record->parent);
		o->source = arena_strdup(o->arena, record->source);
		o->taken_at = record->taken_at;
		o->full_at = record->full_at;
		o->deep_others = record->others;
		struct input_file file = {.role = "tenants",
		    .path = arena_strdup(run->report->arena, path),
		    .rows = o->count,
		    .note = "as kept"};
		snprintf(file.digest, sizeof file.digest, "%s", record->digest);
		run_add_input(run, &file);
	}
	free(path);
	return o;
}

static int take_record(void *user, const struct snapshot_record *record)
{
	struct choice *c = user;

	c->best = *record;
	snapshot_record_keep(&c->best, c->run->arena);
	c->found = true;
	return 1;
}

static int read_subscriptions(struct run *run, const char *run_id, struct error *err)
{
	struct choice c = {.run = run};
	char text[DIGEST_TEXT_SIZE];

	if (ledger_snapshots(run->ledger, "subscriptions", run_id, take_record, &c, err) < 0)
		return -1;
	if (!c.found) {
		error_set(err, ERR_COVERAGE, "run %s kept no copy of the subscriptions", run_id);
		return error_hint(err, "runs of earlier versions did not; name a later day");
	}
	char *path = snapshot_path(&c.best);
	run->subscriptions = subscriptions_read(run->job, path, text, err);
	if (run->subscriptions && strcmp(text, c.best.digest) != 0)
		snapshot_is_changed(&c.best, err);
	struct input_file file = {
	    .role = "subscriptions", .path = arena_strdup(run->report->arena, path), .note = "as kept"};
	free(path);
	if (!run->subscriptions || err->code != ERR_NONE)
		return -1;
	run->subscriptions->as_of = c.best.taken_at;
	file.rows = run->subscriptions->rows_read;
	memcpy(file.digest, text, sizeof file.digest);
	run_add_input(run, &file);
	run->report->subscriptions_as_of = c.best.taken_at;
	facts_add_subscriptions(run->facts, run->subscriptions);
	return 0;
}

/* Of the BSS's database only money is read that was not kept: all else is as it was kept. */
static int take_money(struct run *run, struct error *err)
{
	unsigned roles = (run->invoices_from.is_kept ? 0 : 1u << BSS_INVOICES) |
			 (run->rates_from.is_kept ? 0 : 1u << BSS_RATES);
	struct bss_snapshot_settings settings = {.job = run->job,
	    .roles = roles,
	    .run_id = run->run_id,
	    .clock = run->clock,
	    .stop = signals_stop()};

	if (!bss_reads_database(run->job, roles))
		return 0;
	run->snapshot = bss_snapshot_take(&settings, err);
	return run->snapshot ? 0 : -1;
}

static int check_period(const struct run *run, struct error *err)
{
	char month[MONTH_TEXT_SIZE];

	if (run->options->as_of.month == 0)
		return 0;
	if (!run->invoices) {
		error_set(
		    err, ERR_COVERAGE, "the job names no bss.invoices: no period can be compared with them");
		return error_hint(err, "add bss.invoices, or give --as-of alone to compare what was there");
	}
	for (size_t i = 0; i < run->invoices->count; i++)
		if (run->invoices->items[i].month == run->options->as_of.month)
			return 0;
	error_set(err, ERR_COVERAGE, "the invoices have no line of %s",
	    month_text(run->options->as_of.month, month));
	return error_hint(err, "bss.invoices must name the export of that month");
}

/* ---- The comparison. */

static void tell(struct run *run, const struct snapshot_record *record)
{
	struct report_as_of *as_of = &run->report->as_of;
	char text[MONTH_TEXT_SIZE];

	as_of->run = arena_strdup(run->report->arena, record->run_id);
	as_of->period = run->options->as_of.month
			    ? arena_strdup(run->report->arena, month_text(run->options->as_of.month, text))
			    : "";
	as_of->end = as_of_end(run->job, run->options->as_of.day);
	as_of->before_ms = as_of->end - record->taken_at;
}

/* What the ledger knows today may have been made after that day; of what was made by then, a reading of
 * Acronis asked for each tenant by its id, and earlier versions did not keep which answered that they are
 * gone. */
static void settle_known(struct run *run, struct observation *observation)
{
	size_t kept = 0;

	for (size_t i = 0; i < run->known_count; i++)
		if (observation_has(observation, run->known[i].tenant_id))
			run->known[kept++] = run->known[i];
	run->known_count = kept;
	for (size_t i = 0; strncmp(observation->source, "http", 4) == 0 && i < run->done_count; i++)
		if (run->done[i].action == ACTION_NEW)
			observation_note_gone(observation, run->done[i].tenant_id);
}

/* What waited for its day then explains a difference of then; which tier we had set last is known of today
 * only. */
static int add_waiting(void *user, const struct item_record *item)
{
	struct run *run = user;
	struct date due;

	if (!date_parse(strv_of(item_due(item)), &due))
		return 0;
	run_add_pending_record(run, item)->due = due;
	for (size_t i = 0; i < run->known_count; i++)
		if (strcmp(run->known[i].account_id, item->account_id) == 0)
			run->known[i].tier = NULL;
	return 0;
}

static int compare(struct run *run, const char *night, struct observation *observation, struct error *err)
{
	struct item_filter accepted = {.run_id = night, .state = ITEM_ACCEPTED};

	if (run_journal_side(run, observation->taken_at, err) < 0)
		return -1;
	settle_known(run, observation);
	if (ledger_items(run->ledger, &accepted, add_waiting, run, err) < 0)
		return -1;
	return run_compare_kept(run, observation,
	    &(struct reconcile_input){.job = run->job,
		.subscriptions = run->subscriptions,
		.observation = observation,
		.known = run->known,
		.known_count = run->known_count,
		.done_items = run->done,
		.done_count = run->done_count,
		.pending = run->pending,
		.pending_count = run->pending_count,
		.billing = run->billing,
		.rates = run->rates,
		.now = observation->taken_at},
	    err);
}

int run_as_of(struct run *run, struct error *err)
{
	struct snapshot_record record = {.run_id = "", .file = "", .digest = ""};
	struct observation *observation = NULL;
	char day[DATE_TEXT_SIZE];
	int rc = -1;

	run->facts = facts_new();
	run->report->as_of.day = arena_strdup(run->report->arena, date_text(run->options->as_of.day, day));
	if (choose(run, &record, err) < 0)
		goto out;
	tell(run, &record);
	if (!(observation = read_tenants(run, &record, err)) ||
	    read_subscriptions(run, record.run_id, err) < 0 ||
	    ledger_tenants(run->ledger, run->job, run->arena, &run->known, &run->known_count, err) < 0 ||
	    run_choose_money(run, err) < 0 || take_money(run, err) < 0 || run_billing(run, err) < 0 ||
	    check_period(run, err) < 0)
		goto out;
	rc = compare(run, record.run_id, observation, err);
out:
	observation_free(observation);
	if (rc < 0)
		error_prefix(err, "not compared");
	return rc;
}
