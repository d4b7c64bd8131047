/* The second step of a run: what is to be done about the accepted orders, the safety stop over it, doing it,
 * and the files that the BSS imports. */
#include "run_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/bss_writer.h"
#include "tenantry/fix.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/progress.h"
#include "tenantry/signals.h"

/* The ledger's record of each item, NULL where it has none. */
static const struct item_record **load_records(struct run *run, struct error *err)
{
	const struct item_record **records = mem_zalloc((run->item_count + 1) * sizeof *records);

	for (size_t i = 0; run->ledger && i < run->item_count; i++) {
		struct item_record record;
		int found = ledger_item_get(run->ledger, run->items[i]->key, run->arena, &record, err);
		if (found < 0) {
			free(records);
			return NULL;
		}
		if (found == 0)
			continue;
		struct item_record *kept = arena_alloc(run->arena, sizeof *kept);
		*kept = record;
		records[i] = kept;
	}
	return records;
}

/* The day from which an order waits for us: when it is due, or was. */
static struct date due_day(const struct plan_action *action, struct date today)
{
	struct date start = action->item->start_date;
	bool has_begun = date_is_set(action->effective) && date_compare(action->effective, today) < 0;

	if (action->verdict == PLAN_DEFER)
		return action->due;
	return has_begun && date_compare(action->effective, start) > 0 ? action->effective : start;
}

/* Changes that are due later are not a difference until then, nor are they late before: reconciliation is
 * told. Items and pending orders stand in the order of intake, so one walk over both finds them. */
static void note_due_dates(struct run *run)
{
	struct date today = date_of_ms(clock_wall_ms(run->clock));
	size_t k = 0;

	for (size_t i = 0; i < run->item_count; i++) {
		const struct plan_action *action = &run->plan->actions[i];
		while (k < run->pending_count && run->pending[k].item != run->items[i])
			k++;
		if (k < run->pending_count)
			run->pending[k].due = due_day(action, today);
	}
}

int run_note_due_dates(struct run *run, struct error *err)
{
	const struct item_record **records;

	if (run->plan)
		return 0;
	if (!(records = load_records(run, err)))
		return -1;
	run->plan = plan_make(run->job, run->items, records, run->item_count, run->facts, NULL,
	    date_of_ms(clock_wall_ms(run->clock)), NULL);
	free(records);
	note_due_dates(run);
	plan_free(run->plan);
	run->plan = NULL;
	return 0;
}

static int check_plan_digest(const struct run *run, struct error *err)
{
	const char *wanted = run->options->plan_digest;

	if (!wanted || strcmp(wanted, run->plan->digest) == 0)
		return 0;
	error_set(err, ERR_MOVED,
	    "the world has moved since the plan was made: orders, ledger or tenants are not the same; nothing was done");
	return error_hint(err, "make a new plan and read it: tenantry plan %s -o FILE", run->job->path);
}

int run_check_max_changes(struct run *run, uint64_t tenants, struct error *err)
{
	char text[160];

	struct share share =
	    run->options->max_changes.set ? run->options->max_changes : run->job->provision.max_changes;
	uint64_t limit = (uint64_t)share.number;

	if (!share.set)
		return 0;
	if (share.percent)
		limit = (uint64_t)share.number * tenants / 100;
	if (run->plan->to_do <= limit)
		return 0;
	snprintf(text, sizeof text, "%zu actions are planned, more than max_changes (%" PRId64 "%s)",
	    run->plan->to_do, share.number, share.percent ? "% of the tenants, rounded down" : "");
	if (run->options->yes) {
		log_warn("%s: goes on, as --yes says", text);
		return run_note_raised(run, text, err);
	}
	error_set(err, ERR_STOPPED, "%s: nothing was done", text);
	if (run->options->fixes)
		return error_hint(err, "look at %s; if it is right, give the same command again with --yes",
		    run->options->fixes->path);
	return error_hint(err,
	    "look at the plan (tenantry plan %s); if it is right, give the same command again with --yes",
	    run->job->path);
}

/* Until a pause is over that Acronis asked an earlier process for. The last moment of it is the client's,
 * which begins at half its pace then. */
static int keep_pause(struct run *run, struct error *err)
{
	enum { LAST_MOMENT_MS = 50, LOOK_MS = 200, BEAT_MS = 3000 };
	int64_t left = 0, now = clock_mono_ms(run->clock), beat_at = now + BEAT_MS;

	if (run->ledger && ledger_pause_get(run->ledger, &left, err) < 0)
		return -1;
	int64_t end = now + left - LAST_MOMENT_MS;
	if (now < end)
		log_info("Acronis asked for a pause; %" PRId64 " s of it are left", (left + 999) / 1000);
	for (; now < end; now = clock_mono_ms(run->clock)) {
		if (run_stopped(run))
			return error_set(err, ERR_INTERRUPTED,
			    "stopped by a signal in a pause that Acronis asked for; nothing was done");
		if (now >= beat_at) {
			if (run_heartbeat(run, err) < 0)
				return -1;
			beat_at = now + BEAT_MS;
		}
		clock_sleep_ms(run->clock, end - now < LOOK_MS ? end - now : LOOK_MS);
	}
	return 0;
}

int run_connect(struct run *run, bool offering_items, struct error *err)
{
	if (run->connected && (!offering_items || run->connection.session.available))
		return 0;
	if (run->connected)
		connection_close(&run->connection);
	run->connected =
	    keep_pause(run, err) == 0 &&
	    connection_open_over(&run->connection, run->job, run->options->transport,
		run->options->dry_run ? NULL : run->ledger, offering_items, run->clock, run->arena, err) == 0;
	if (!run->connected)
		return -1;
	run->report->parent = arena_strdup(run->report->arena, run->connection.session.parent);
	if (!run->ledger || run->options->dry_run)
		return 0;
	return ledger_bind(run->ledger, run->job->bss.name, run->connection.session.parent, err);
}

bool run_writes_back(const struct run *run)
{
	return run->options->writer || bss_writes_back(run->job);
}

static bool is_planned(const struct run *run, const char *key)
{
	for (size_t i = 0; i < run->item_count; i++)
		if (strcmp(run->items[i]->key, key) == 0)
			return true;
	return false;
}

/* Is it not known whether the item's order was executed in the BSS? 1, 0, -1 error. */
static int activation_is_open(struct run *run, const char *key, struct error *err)
{
	struct step_record *steps;
	size_t count;
	struct arena *arena = arena_new();
	int rc = ledger_steps(run->ledger, key, arena, &steps, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++)
		if (steps[i].outcome_at == 0 && strcmp(steps[i].call, bss_write_name(BSS_ACTIVATE)) == 0)
			rc = 1;
	arena_free(arena);
	return rc;
}

struct open_items {
	struct run *run;
	struct item_record *items;
	size_t count, cap;
};

static int keep_open_item(void *user, const struct item_record *item)
{
	struct open_items *open = user;

	if (is_planned(open->run, item->key))
		return 0;
	MEM_GROW(open->items, open->count, open->cap);
	open->items[open->count] = *item;
	item_record_keep(&open->items[open->count++], open->run->arena);
	return 0;
}

/* An order whose execution is in doubt may have left the pending ones for that very reason: it is looked up,
 * not forgotten. */
static int add_open(struct run *run, struct error *err)
{
	struct item_filter running = {.state = ITEM_RUNNING}, failed = {.state = ITEM_FAILED};
	struct open_items open = {.run = run};
	int rc = 0;

	if (!run->ledger || !run_writes_back(run))
		return 0;
	if (ledger_items(run->ledger, &running, keep_open_item, &open, err) < 0 ||
	    ledger_items(run->ledger, &failed, keep_open_item, &open, err) < 0)
		rc = -1;
	for (size_t i = 0; rc >= 0 && i < open.count; i++) {
		rc = activation_is_open(run, open.items[i].key, err);
		if (rc == 1)
			plan_add_open(run->plan, run->job, &open.items[i]);
	}
	free(open.items);
	return rc < 0 ? -1 : 0;
}

/* The answer to an execution that is in doubt may be why it is gone: add_open() sees to it. */
static int add_missed(struct run *run, struct error *err)
{
	const struct item_record *record;
	size_t at = 0;

	while ((record = run_gone_next(run, &at)) != NULL) {
		int executed = run_writes_back(run) ? activation_is_open(run, record->key, err) : 0;
		if (executed < 0)
			return -1;
		if (executed == 0)
			plan_add_gone(run->plan, run->job, record);
	}
	return 0;
}

/* What a run or a retry goes on with and the source does not have any more is parked, not provisioned. */
static int add_gone(struct run *run, struct error *err)
{
	const struct run_selection *selection = run->options->selection;

	if (!selection)
		return add_missed(run, err);

	for (size_t i = 0; i < selection->count; i++) {
		struct item_record record;
		if (run->seen[i])
			continue;
		int found = ledger_item_get(run->ledger, selection->keys[i], run->arena, &record, err);
		if (found < 0)
			return -1;
		if (found && run_writes_back(run) && activation_is_open(run, record.key, err) != 0)
			continue;
		if (found && record.state != ITEM_DONE && record.state != ITEM_REJECTED)
			plan_add_gone(run->plan, run->job, &record);
	}
	return 0;
}

static void count_plan(struct run *run)
{
	run->report->plan_to_do = run->plan->to_do;
	run->report->plan_deferred = run->plan->deferred;
	run->report->plan_parked = run->plan->parked;
}

/* Those that a person let pass although the tier table is not proved. */
static int let_pass(
    struct run *run, const struct item_record *const *records, bool *passes, struct error *err)
{
	for (size_t i = 0; run->ledger && i < run->item_count; i++)
		if (first_pass_given(run->ledger, run->items[i], records[i], &passes[i], err) < 0)
			return -1;
	return 0;
}

static int make_plan(struct run *run, const struct world *world, struct error *err)
{
	const struct item_record **records = load_records(run, err);
	bool *passes = mem_zalloc((run->item_count + 1) * sizeof *passes);
	struct plan_gate gate = {.tiers_unproved = run->tiers.held, .let_pass = passes};
	int rc = records ? 0 : -1;

	if (rc == 0 && gate.tiers_unproved)
		rc = let_pass(run, records, passes, err);
	if (rc == 0)
		run->plan = plan_make(run->job, run->items, records, run->item_count, run->facts, world,
		    date_of_ms(clock_wall_ms(run->clock)), &gate);
	free(passes);
	free(records);
	return rc;
}

static int plan_in_world(struct run *run, const struct world *world, struct error *err)
{
	if (run_prove_tiers(run, world, run_has_paid_orders(run), err) < 0 || make_plan(run, world, err) < 0)
		return -1;
	if (add_open(run, err) < 0 || add_gone(run, err) < 0)
		return -1;
	run->report->has_provision = true;
	note_due_dates(run);
	if (!run->options->dry_run && check_plan_digest(run, err) < 0)
		return -1;
	if (run_check_budget(run, world, err) < 0)
		return -1;
	count_plan(run);
	return 0;
}

/* The rules about contracts have held only as far as the subscriptions are whole: with a cut export an
 * account that has a contract looks like a new one. */
static int check_facts(struct run *run, struct error *err)
{
	if (!run->job->provision.check_subscriptions || !run->subscriptions ||
	    run_guard_subscriptions(run, err) == 0)
		return 0;
	error_prefix(err, "nothing was provisioned");
	return -1;
}

static int load_world(struct run *run, struct world **world, struct error *err)
{
	if (check_facts(run, err) < 0)
		return -1;
	if (run_connect(run, true, err) < 0)
		return -1;
	return run_read_world(run, world, err);
}

int run_plan(struct run *run, struct error *err)
{
	struct world *world = NULL;
	int rc = load_world(run, &world, err);

	if (rc == 0)
		rc = plan_in_world(run, world, err);
	world_free(world);
	return rc;
}

static void show_actions(void *user, const struct apply_progress *progress)
{
	(void)user;
	progress_show("orders", progress->done, progress->total, "orders");
}

/* Ends that are not the end of the list become the error they stand for. */
int run_apply_end(const struct run *run, struct error *err)
{
	const struct apply_result *result = &run->report->apply;
	static const struct {
		enum error_code code;
		const char *hint;
	} ends[] = {
	    [APPLY_ALL] = {ERR_NONE, NULL},
	    [APPLY_TOO_MANY_ERRORS] = {ERR_STOPPED,
		"see what failed, then run the job again, with --yes to let this stop pass once"},
	    [APPLY_INTERRUPTED] = {ERR_INTERRUPTED, "everything is saved; run the job again to go on"},
	    [APPLY_DEADLINE] = {ERR_DEADLINE, "run the job again to go on, or give it a longer deadline"},
	    [APPLY_CIRCUIT_OPEN] = {ERR_ACRONIS, "Acronis is in trouble; run the job again later"},
	    [APPLY_UNAUTHORIZED] = {ERR_ACRONIS, "check acronis.client_id and acronis.client_secret"},
	    [APPLY_BSS_UNAVAILABLE] = {ERR_BSS, "what was begun goes on when the job is run again"},
	};
	enum error_code code = ends[result->end].code;

	if (result->end == APPLY_ALL)
		return 0;
	if (code == ERR_INTERRUPTED && *signals_stop() == 15)
		code = ERR_TERMINATED;
	error_set(err, code,
	    "%s; done %" PRIu64 ", failed %" PRIu64 ", parked %" PRIu64 ", not started %" PRIu64,
	    result->text, result->done, result->failed, result->parked, result->not_started);
	if (result->end == APPLY_TOO_MANY_ERRORS && !run->options->fixes)
		return error_hint(err,
		    "tenantry show failed --job %s says what failed, and why; then run the job "
		    "again, with --yes to let this stop pass once",
		    run->job->path);
	return error_hint(err, "%s; tenantry show %s has the details", ends[result->end].hint, run->run_id);
}

int run_export(struct run *run, struct error *err)
{
	struct export_counts exported;

	if (!run->options->writer &&
	    export_write(run->ledger, run->job, run->run_id, run->folder, &exported, err) < 0)
		return -1;
	run->export_owed = false;
	return 0;
}

int run_apply(struct run *run, struct world *world, struct error *err)
{
	struct apply apply = {.job = run->job,
	    .plan = run->plan,
	    .world = world,
	    .session = &run->connection.session,
	    .ledger = run->ledger,
	    .writer = run->writer,
	    .clock = run->clock,
	    .run_id = run->run_id,
	    .folder = run->folder,
	    .max_errors =
		run->options->max_errors.set ? run->options->max_errors : run->job->provision.max_errors,
	    .raise_stop = run->options->yes,
	    .budget = run->budget,
	    .no_room = run_note_no_room,
	    .deadline_mono_ms = run->job->deadline_ms ? run->started_mono + run->job->deadline_ms : 0,
	    .stop = signals_stop(),
	    .progress = run->options->progress ? show_actions : NULL,
	    .heartbeat = run_heartbeat,
	    .user = run};

	if (run_note_budget(run, err) < 0)
		return -1;
	int rc = apply_run(&apply, &run->report->apply, err);
	progress_clear();
	if (rc == 0 && run->report->apply.raised[0])
		rc = run_note_raised(run, run->report->apply.raised, err);
	return rc;
}

static int apply_plan(struct run *run, struct world *world, struct error *err)
{
	run->export_owed = true;
	int rc = run_apply(run, world, err);
	if (rc < 0 && err->code == ERR_DISPLACED)
		return -1;
	/* What was done before a failure must reach the BSS all the same. */
	if (ledger_commit(run->ledger, err) < 0 || run_export(run, err) < 0)
		return -1;
	if (rc < 0)
		return -1;
	if (run->report->apply.failed + run->report->apply.parked > 0)
		run_note_status(run, 1);
	return run_budget_end(run, world, err);
}

static void warn_of_database(void *user, const char *text, const char *hint)
{
	struct run *run = user;

	log_warn("BSS database: %s", text);
	report_warn(run->report, "bss-database", text, hint);
}

/* Before anything is made in Acronis that could then not be written down in the BSS. */
static int open_writer(struct run *run, struct error *err)
{
	struct bss_writer_settings settings = {.job = run->job,
	    .run_id = run->run_id,
	    .clock = run->clock,
	    .stop = signals_stop(),
	    .warn = warn_of_database,
	    .user = run};

	run->writer = run->options->writer;
	if (run->writer || !run_writes_back(run))
		return 0;
	run->writer = pg_writer_open(&settings, err);
	return run->writer ? 0 : error_prefix(err, "nothing was provisioned");
}

int run_provision(struct run *run, struct error *err)
{
	struct world *world = NULL;
	int rc = open_writer(run, err);

	if (rc == 0)
		rc = load_world(run, &world, err);
	if (rc == 0)
		rc = plan_in_world(run, world, err);
	if (rc == 0)
		rc = run_check_max_changes(run, world_count(world), err);
	if (rc == 0)
		rc = apply_plan(run, world, err);
	else if (run->plan)
		run->report->apply =
		    (struct apply_result){.planned = run->plan->count, .not_started = run->plan->count};
	if (!run->options->writer)
		bss_writer_close(run->writer);
	run->writer = NULL;
	world_free(world);
	return rc;
}
