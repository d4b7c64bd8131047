/* Doing what the plan says: batches, as many actions at once as there are connections, one account's actions
 * in order.
 *
 * One loop, one thread: begin batches, start actions, wake the ones whose pause is over, commit, then give
 * the client (and the writer to the BSS) a turn. The commit stands between writing an intent and sending its
 * call; nothing else may call acronis_turn() in between. Whatever becomes of a single action is a state of
 * its item; only the ledger or the client failing ends the run with an error. */
#include <inttypes.h>
#include <stdlib.h>

#include "accounts.h"
#include "batch.h"
#include "flow_impl.h"
#include "items.h"
#include "shared_list.h"

#include "tenantry/log.h"
#include "tenantry/mem.h"

enum {
	BEAT_MS = 3000,
	TURN_MS = 200,           /* a signal is noticed within */
	PATIENCE_MS = 30 * 1000, /* for calls in flight after one */
	WRITING_MS = 5           /* how long Acronis alone is listened to while the BSS is to answer */
};

enum stage {
	STAGE_WAITING,
	STAGE_BEGUN,
	STAGE_DEFERRED,
	STAGE_HELD, /* by the budget for loss */
	STAGE_DONE,
	STAGE_FAILED,
	STAGE_PARKED,
	STAGE_LEFT,
	STAGE_COUNT
};

struct applying {
	const struct apply *apply;
	struct apply_result *out;
	struct error *err;
	struct flow_env env;
	struct arena *arena;
	struct accounts *accounts;
	enum stage *stages; /* of each action */
	bool *in_batch;     /* of each action */
	size_t *batch_of;   /* then */
	struct batch_record *batches;
	size_t *unfinished; /* of each batch */
	size_t next_action; /* the first one that no batch has yet */
	size_t *ready;      /* ring: actions that may start */
	size_t ready_head, ready_count;
	struct {
		struct flow *flow;
	} * active;
	size_t active_count, active_cap;
	struct tally tally;
	struct tally excused; /* as it stood when a stop was raised: what came before counts no more */
	struct circuit circuit;
	bool closing; /* no new batch; what is begun goes on */
	int64_t beat_at;
	int64_t stopped_at; /* monotonic; 0 not yet */
};

/* ---- Items that get a state without a call. */

static int64_t batch_number(const struct applying *a, size_t index)
{
	return a->in_batch[index] ? a->batches[a->batch_of[index]].number : 0;
}

static int put_without_calls(
    struct applying *a, size_t index, enum item_state state, const char *reason, const char *text)
{
	return item_put_without_calls(&a->env.journal, &a->apply->plan->actions[index],
	    batch_number(a, index), state, reason, text, a->err);
}

static int put_not_started(struct applying *a, size_t index, const char *why)
{
	return item_put_not_started(
	    &a->env.journal, &a->apply->plan->actions[index], batch_number(a, index), why, a->err);
}

/* What was planned and nobody came to: a retry of this run does it. */
static int put_rest(struct applying *a)
{
	for (size_t i = 0; i < a->apply->plan->count; i++)
		if ((a->stages[i] == STAGE_WAITING || a->stages[i] == STAGE_BEGUN) &&
		    put_not_started(a, i, a->out->text) < 0)
			return -1;
	return 0;
}

/* Held back by the budget for loss. Later items of the account wait, for its order is kept, but not behind
 * what would have been done on another day. */
static int hold(struct applying *a, size_t index)
{
	const struct plan_action *action = &a->apply->plan->actions[index];

	a->stages[index] = STAGE_HELD;
	if (!date_is_set(action->due))
		accounts_hold(a->accounts, index);
	return item_put_held(&a->env.journal, action, batch_number(a, index), flow_held_text, a->err);
}

static int defer(struct applying *a, size_t index)
{
	const struct plan_action *action = &a->apply->plan->actions[index];
	char day[DATE_TEXT_SIZE], text[32];
	int taken = loss_begin(&a->env.losses, action, a->err);

	if (taken <= 0)
		return taken < 0 ? -1 : hold(a, index);
	snprintf(text, sizeof text, ITEM_DUE "%s", date_text(action->due, day));
	a->stages[index] = STAGE_DEFERRED;
	return put_without_calls(a, index, ITEM_ACCEPTED, "", text);
}

static int put_deferred_and_held(struct applying *a)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < a->apply->plan->count; i++) {
		enum plan_verdict verdict = a->apply->plan->actions[i].verdict;
		rc = verdict == PLAN_DEFER ? defer(a, i) : verdict == PLAN_HOLD ? hold(a, i) : 0;
	}
	return rc;
}

/* ---- An action is over. */

static void push_ready(struct applying *a, size_t index)
{
	a->ready[(a->ready_head + a->ready_count++) % a->apply->plan->count] = index;
}

static void finish_batch(struct applying *a, size_t number)
{
	struct batch_record *batch = &a->batches[number];

	batch->ended_at = clock_wall_ms(a->apply->clock);
	if (journal_batch(&a->env.journal, batch, a->err) < 0)
		a->env.broken = a->env.halted = true;
}

static void finish_action(struct applying *a, size_t index, enum stage stage)
{
	struct batch_record *batch = &a->batches[a->batch_of[index]];
	size_t next = accounts_leave(a->accounts, index);

	/* A correction that is not needed any more is no error, nor is an order that waits for the proof of
	 * the tier table: Tier 0 goes on, however many there are. */
	const struct plan_action *action = &a->apply->plan->actions[index];
	bool excused = stage == STAGE_PARKED && (action->fix || action->park == PARK_TIER_UNPROVED);

	a->stages[index] = stage;
	a->tally.done += stage == STAGE_DONE || excused;
	a->tally.failed += stage == STAGE_FAILED;
	a->tally.parked += stage == STAGE_PARKED && !excused;
	a->tally.left += stage == STAGE_LEFT || stage == STAGE_HELD;
	batch->done += stage == STAGE_DONE;
	batch->failed += stage == STAGE_FAILED;
	batch->parked += stage == STAGE_PARKED;
	if (next != SIZE_MAX)
		push_ready(a, next);
	if (--a->unfinished[a->batch_of[index]] == 0)
		finish_batch(a, a->batch_of[index]);
	if (a->apply->progress)
		a->apply->progress(a->apply->user,
		    &(struct apply_progress){a->tally.done + a->tally.failed + a->tally.parked,
			a->apply->plan->count - a->apply->plan->deferred - a->apply->plan->held});
}

static void remove_active(struct applying *a, const struct flow *flow)
{
	for (size_t i = 0; i < a->active_count; i++) {
		if (a->active[i].flow == flow) {
			a->active[i] = a->active[--a->active_count];
			return;
		}
	}
}

static const char *kind_of(const struct plan_action *action)
{
	return action->fix ? "finding" : "order item";
}

static void flow_over(void *user, struct flow *flow)
{
	static const enum stage stages[] = {[END_NONE] = STAGE_LEFT,
	    [END_DONE] = STAGE_DONE,
	    [END_FAILED] = STAGE_FAILED,
	    [END_PARKED] = STAGE_PARKED,
	    [END_HELD] = STAGE_HELD};
	struct applying *a = user;
	struct account *account = accounts_of(a->accounts, flow->index);

	snprintf(account->tenant_id, sizeof account->tenant_id, "%s", flow->record.tenant_id);
	snprintf(account->user_id, sizeof account->user_id, "%s", flow->record.user_id);
	if (flow->end == END_FAILED)
		account->failed = flow->action->item->key;
	if (flow->end == END_HELD)
		accounts_hold(a->accounts, flow->index);
	flow_release_loss(flow);
	if (flow->end == END_FAILED && flow->their_side)
		circuit_failed(&a->circuit, account->id);
	else if (flow->end != END_NONE)
		circuit_answered(&a->circuit);
	if (flow->end == END_FAILED || flow->end == END_PARKED)
		log_warn("%s %s: %s: %s", kind_of(flow->action), flow->action->item->key, flow->record.reason,
		    flow->end == END_FAILED ? fail_reason_text(flow->fail)
		    : flow->park            ? park_reason_text(flow->park)
					    : flow->text);
	remove_active(a, flow);
	finish_action(a, flow->index, stages[flow->end]);
	flow_free(flow);
}

/* ---- An action starts. */

static int start_flow(struct applying *a, size_t index)
{
	const struct plan_action *action = &a->apply->plan->actions[index];
	const struct account *account = accounts_of(a->accounts, index);
	struct arena *arena = arena_new();
	struct item_history history;

	if (item_load(&a->env.journal, action, arena, &history, a->err) < 0)
		goto fail;
	struct item_record *record = &history.record;
	if (!record->tenant_id[0])
		record->tenant_id = arena_strdup(arena, account->tenant_id);
	record->state = ITEM_RUNNING;
	record->reason = record->text = "";
	record->attempts++;
	record->batch = a->batches[a->batch_of[index]].number;
	if (item_save(&a->env.journal, action, record, a->err) < 0)
		goto fail;
	MEM_GROW(a->active, a->active_count, a->active_cap);
	struct flow *flow = flow_new(&a->env, action, index, record, history.rows, history.row_count, arena);
	a->active[a->active_count++].flow = flow;
	flow_go(flow);
	return a->env.broken ? -1 : 0;
fail:
	arena_free(arena);
	return -1;
}

/* The order of an account's items is kept over nights too: behind one that failed or was held back nothing is
 * done before that one was. */
static int leave_behind(struct applying *a, size_t index, const char *before, const char *what)
{
	char text[256];

	snprintf(text, sizeof text, "waits for %s %s of the same account, which %s",
	    kind_of(&a->apply->plan->actions[index]), before, what);
	int rc = put_not_started(a, index, text);
	finish_action(a, index, STAGE_LEFT);
	return rc;
}

/* The BSS shows it too, where its subscription is pending. */
static int mark_parked(struct applying *a, const struct plan_action *action)
{
	struct arena *arena = arena_new();
	struct item_record record;
	int found =
	    a->env.writer ? ledger_item_get(a->apply->ledger, action->item->key, arena, &record, a->err) : 0;

	if (found == 1)
		flow_mark_failed(&a->env, action, &record);
	arena_free(arena);
	return found < 0 || a->env.broken ? -1 : 0;
}

static int start_action(struct applying *a, size_t index)
{
	const struct plan_action *action = &a->apply->plan->actions[index];
	const struct account *account = accounts_of(a->accounts, index);
	int rc;

	if (action->verdict == PLAN_PARK) {
		rc = put_without_calls(a, index, ITEM_PARKED,
		    action->fix ? fix_skip_code(action->fix->skip) : park_reason_code(action->park),
		    action->why);
		finish_action(a, index, STAGE_PARKED);
		if (rc == 0)
			rc = mark_parked(a, action);
		return rc;
	}
	if (account->failed)
		return leave_behind(a, index, account->failed, "failed");
	if (account->held && account->held_at < index)
		return leave_behind(a, index, account->held, "was held back");
	rc = loss_begin(&a->env.losses, action, a->err);
	if (rc > 0)
		return start_flow(a, index);
	if (rc == 0)
		rc = hold(a, index);
	finish_action(a, index, STAGE_HELD);
	return rc;
}

/* A flow that pauses has no call under way and keeps nobody out. */
static bool has_room(const struct applying *a)
{
	return !a->env.halted && !a->circuit.open &&
	       a->env.in_flight + a->env.writing + shared_list_busy(a->env.children) <
		   (size_t)a->apply->job->acronis.connections;
}

static int start_ready(struct applying *a)
{
	while (a->ready_count > 0 && has_room(a)) {
		size_t index = a->ready[a->ready_head];
		a->ready_head = (a->ready_head + 1) % a->apply->plan->count;
		a->ready_count--;
		if (start_action(a, index) < 0)
			return -1;
	}
	return 0;
}

/* ---- Batches. */

static void end_early(struct applying *a, enum apply_end end, const char *text)
{
	a->closing = true;
	if (a->out->end != APPLY_ALL)
		return;
	a->out->end = end;
	snprintf(a->out->text, sizeof a->out->text, "%.*s", (int)sizeof a->out->text - 1, text);
}

static bool more_to_begin(struct applying *a)
{
	while (a->next_action < a->apply->plan->count &&
	       (a->stages[a->next_action] == STAGE_DEFERRED || a->stages[a->next_action] == STAGE_HELD))
		a->next_action++;
	return !a->closing && a->next_action < a->apply->plan->count;
}

static int beat(struct applying *a)
{
	a->beat_at = clock_mono_ms(a->apply->clock) + BEAT_MS;
	return a->apply->heartbeat ? a->apply->heartbeat(a->apply->user, a->err) : 0;
}

static int begin_batch(struct applying *a)
{
	size_t number = a->out->batches++;
	struct batch_record *batch = &a->batches[number];

	*batch = (struct batch_record){.run_id = a->apply->run_id,
	    .number = (int64_t)number + 1,
	    .started_at = clock_wall_ms(a->apply->clock)};
	while (batch->planned < a->apply->job->provision.batch_size && more_to_begin(a)) {
		size_t index = a->next_action++;
		a->stages[index] = STAGE_BEGUN;
		a->in_batch[index] = true;
		a->batch_of[index] = number;
		batch->planned++;
		a->unfinished[number]++;
		a->tally.begun++;
		if (accounts_enter(a->accounts, index))
			push_ready(a, index);
	}
	if (journal_batch(&a->env.journal, batch, a->err) < 0)
		return -1;
	return beat(a);
}

/* What counts towards a stop: all of it, or what came after one was raised. */
static struct tally counted(const struct applying *a)
{
	struct tally all = a->tally, before = a->excused;

	return (struct tally){.begun = all.begun - before.begun,
	    .done = all.done - before.done,
	    .failed = all.failed - before.failed,
	    .parked = all.parked - before.parked,
	    .left = all.left - before.left};
}

/* Once, and seen: a second stop of the same kind holds. Nothing is open when a stop is decided. */
static bool raise_stop(struct applying *a, const char *text)
{
	if (!a->apply->raise_stop || a->out->raised[0])
		return false;
	snprintf(a->out->raised, sizeof a->out->raised, "%s", text);
	a->excused = a->tally;
	log_warn("%s: goes on, as --yes says", text);
	return true;
}

/* The stops that are looked at before each batch (design section 6). */
static bool may_begin(struct applying *a)
{
	char text[160];
	struct tally tally = counted(a);
	enum next_batch next = batch_next(&a->apply->max_errors, a->apply->job->provision.on_error, &tally);

	if (a->apply->deadline_mono_ms && clock_mono_ms(a->apply->clock) >= a->apply->deadline_mono_ms) {
		end_early(a, APPLY_DEADLINE, "the run's deadline came before all batches were begun");
		return false;
	}
	if (next == BATCH_STOP) {
		snprintf(text, sizeof text,
		    "%" PRIu64 " of %" PRIu64 " actions failed or were parked, more than %s allows",
		    tally.failed + tally.parked, tally.begun,
		    a->apply->job->provision.on_error == ON_ERROR_STOP ? "on_error: stop" : "max_errors");
		if (raise_stop(a, text))
			return true;
		snprintf(text + strlen(text), sizeof text - strlen(text), ": no further batch was begun");
		end_early(a, APPLY_TOO_MANY_ERRORS, text);
	}
	return next == BATCH_GO;
}

static int begin_batches(struct applying *a)
{
	if (!has_room(a) || a->ready_count > 0 || !more_to_begin(a) || !may_begin(a))
		return 0;
	return begin_batch(a);
}

/* ---- The loop. */

static void wake_paused(struct applying *a)
{
	for (size_t i = a->active_count; i-- > 0;)
		if (a->env.halted || a->active[i].flow->phase == FLOW_PAUSED)
			flow_go(a->active[i].flow);
}

static bool patience_is_over(const struct applying *a, int64_t since)
{
	return clock_mono_ms(a->apply->clock) - since >= PATIENCE_MS;
}

/* What is still in flight is in doubt: the journal has its intent, and the next run looks. */
static void give_up_waiting(struct applying *a)
{
	if (a->out->end == APPLY_INTERRUPTED)
		snprintf(a->out->text, sizeof a->out->text,
		    "interrupted; %zu calls had no answer after %d s, which the next run looks for; everything is saved",
		    a->env.in_flight + a->env.writing, PATIENCE_MS / 1000);
	while (a->active_count > 0)
		flow_over(a, a->active[a->active_count - 1].flow);
}

static void look_at_stop(struct applying *a)
{
	if (a->apply->stop && *a->apply->stop && !a->env.halted) {
		a->env.halted = true;
		a->stopped_at = clock_mono_ms(a->apply->clock);
		acronis_stop(a->env.session->client);
		if (a->env.writer)
			bss_writer_stop(a->env.writer);
		end_early(a, APPLY_INTERRUPTED,
		    "interrupted; the calls in flight were awaited and everything is saved");
	}
	if (a->stopped_at != 0 && a->active_count > 0 && patience_is_over(a, a->stopped_at))
		give_up_waiting(a);
	if (a->env.unauthorized && a->out->end == APPLY_ALL) {
		acronis_stop(a->env.session->client);
		end_early(a, APPLY_UNAUTHORIZED, a->env.unauthorized_text);
	}
	if (a->env.bss_gone && a->out->end == APPLY_ALL) {
		acronis_stop(a->env.session->client);
		end_early(a, APPLY_BSS_UNAVAILABLE, a->env.bss_text);
	}
}

/* They are in trouble, or one more answer says that they are not. */
static int probe_circuit(struct applying *a)
{
	struct acronis_request request = {.call = CALL_TENANT, .a = a->env.session->parent};
	struct acronis_answer answer = {0};
	char text[700];

	if (!a->circuit.open || a->active_count > 0 || a->env.halted)
		return 0;
	if (journal_commit(&a->env.journal, a->err) < 0 ||
	    acronis_call_wait(a->env.session->client, &request, &answer, a->err) < 0)
		return -1;
	json_decref((json_t *)answer.body);
	a->circuit = (struct circuit){0};
	if (answer.result == API_OK)
		return 0;
	snprintf(text, sizeof text, "%d actions in a row failed on Acronis' side, and a probe too: %s",
	    CIRCUIT_FAILURES, answer.text);
	end_early(a, answer.result == API_UNAUTHORIZED ? APPLY_UNAUTHORIZED : APPLY_CIRCUIT_OPEN, text);
	a->env.halted = true;
	return 0;
}

static int64_t time_to_wait(const struct applying *a)
{
	int64_t now = clock_mono_ms(a->apply->clock), wait = TURN_MS;

	for (size_t i = 0; i < a->active_count; i++)
		if (a->active[i].flow->phase == FLOW_PAUSED && a->active[i].flow->wake_at - now < wait)
			wait = a->active[i].flow->wake_at - now;
	return shared_list_due(a->env.children, wait > 0 ? wait : 0);
}

/* What its answers set off has its intents on disk before the client may send anything. */
static int turn_writer(struct applying *a, int64_t wait)
{
	if (bss_writer_turn(a->env.writer, wait, a->err) < 0)
		return -1;
	return journal_commit(&a->env.journal, a->err);
}

static int turn(struct applying *a)
{
	int64_t wait = time_to_wait(a);
	bool writing = bss_writer_pending(a->env.writer) > 0;

	if (journal_commit(&a->env.journal, a->err) < 0)
		return -1;
	if (clock_mono_ms(a->apply->clock) >= a->beat_at && beat(a) < 0)
		return -1;
	if (writing && turn_writer(a, a->env.in_flight > 0 ? 0 : wait) < 0)
		return -1;
	if (writing && wait > WRITING_MS)
		wait = WRITING_MS;
	if (a->env.in_flight > 0)
		return acronis_turn(a->env.session->client, wait, a->err);
	if (a->active_count > 0 && !writing)
		clock_sleep_ms(a->apply->clock, wait);
	return 0;
}

static bool is_over(struct applying *a)
{
	/* What was told the BSS of items that are over is awaited too. */
	if (a->active_count > 0 || (bss_writer_pending(a->env.writer) > 0 &&
				       !(a->stopped_at != 0 && patience_is_over(a, a->stopped_at))))
		return false;
	return a->env.halted || (a->ready_count == 0 && !more_to_begin(a));
}

static int work(struct applying *a)
{
	if (put_deferred_and_held(a) < 0 || beat(a) < 0)
		return -1;
	for (;;) {
		look_at_stop(a);
		if (begin_batches(a) < 0 || start_ready(a) < 0 || probe_circuit(a) < 0)
			return -1;
		wake_paused(a);
		shared_list_turn(a->env.children);
		if (a->env.broken)
			return -1;
		if (is_over(a))
			return put_rest(a) < 0 ? -1 : journal_commit(&a->env.journal, a->err);
		if (turn(a) < 0 || a->env.broken)
			return -1;
	}
}

/* The ledger, the lock or the client failed. What is queued must not leave; what is in flight is awaited, and
 * its answers are lost: those steps are in doubt and the next run looks. */
static void abandon(struct applying *a)
{
	struct error ignored = {0};
	int64_t since = clock_mono_ms(a->apply->clock);

	a->env.broken = a->env.halted = true;
	acronis_stop(a->env.session->client);
	while (a->env.in_flight > 0 && !patience_is_over(a, since) &&
	       acronis_turn(a->env.session->client, TURN_MS, &ignored) == 0)
		;
	if (a->env.writer)
		bss_writer_stop(a->env.writer);
	while (bss_writer_pending(a->env.writer) > 0 && !patience_is_over(a, since) &&
	       bss_writer_turn(a->env.writer, TURN_MS, &ignored) == 0)
		;
	while (a->active_count > 0)
		flow_free(a->active[--a->active_count].flow);
}

/* Every action has become something, and the counts close. */
static int close_counts(struct applying *a, struct error *err)
{
	struct apply_result *out = a->out;
	uint64_t of_stage[STAGE_COUNT] = {0};

	for (size_t i = 0; i < a->apply->plan->count; i++)
		of_stage[a->stages[i]]++;
	out->planned = a->apply->plan->count;
	out->done = of_stage[STAGE_DONE];
	out->failed = of_stage[STAGE_FAILED];
	out->parked = of_stage[STAGE_PARKED];
	out->deferred = of_stage[STAGE_DEFERRED];
	out->held = of_stage[STAGE_HELD];
	out->exceeded = a->env.losses.exceeded;
	out->not_started = of_stage[STAGE_WAITING] + of_stage[STAGE_BEGUN] + of_stage[STAGE_LEFT] + out->held;
	out->changes = a->env.journal.changes;
	if (out->planned != out->done + out->failed + out->parked + out->deferred + out->not_started)
		return error_set(err, ERR_INTERNAL,
		    "provisioning does not close: %" PRIu64 " planned, %" PRIu64 " done, %" PRIu64
		    " failed, %" PRIu64 " parked, %" PRIu64 " deferred, %" PRIu64 " not started",
		    out->planned, out->done, out->failed, out->parked, out->deferred, out->not_started);
	return 0;
}

static void prepare(struct applying *a)
{
	const struct apply *apply = a->apply;
	size_t n = apply->plan->count + 1;

	a->arena = arena_new();
	a->env = (struct flow_env){.job = apply->job,
	    .session = apply->session,
	    .world = apply->world,
	    .writer = apply->writer,
	    .clock = apply->clock,
	    .journal = {.ledger = apply->ledger,
		.run_id = apply->run_id,
		.mails = apply->folder ? sent_mails_new(apply->folder, apply->run_id) : NULL},
	    .losses = {.job = apply->job,
		.ledger = apply->ledger,
		.run_id = apply->run_id,
		.budget = apply->budget,
		.no_room = apply->no_room,
		.user = apply->user},
	    .err = a->err,
	    .over = flow_over,
	    .user = a};
	wanted_items_find(apply->job, apply->session, a->arena, &a->env.items);
	a->env.children = shared_list_new(&a->env);
	a->accounts = accounts_new(apply->plan);
	a->stages = mem_zalloc(n * sizeof *a->stages);
	a->in_batch = mem_zalloc(n * sizeof *a->in_batch);
	a->batch_of = mem_zalloc(n * sizeof *a->batch_of);
	a->batches = mem_zalloc(n * sizeof *a->batches);
	a->unfinished = mem_zalloc(n * sizeof *a->unfinished);
	a->ready = mem_zalloc(n * sizeof *a->ready);
}

int apply_run(const struct apply *apply, struct apply_result *out, struct error *err)
{
	struct applying a = {.apply = apply, .out = out, .err = err};
	struct error count_error = {0};

	*out = (struct apply_result){0};
	prepare(&a);
	int rc = work(&a);
	if (rc < 0)
		abandon(&a);
	if (close_counts(&a, &count_error) < 0 && rc == 0) {
		*err = count_error;
		rc = -1;
	}
	shared_list_free(a.env.children);
	sent_mails_free(a.env.journal.mails);
	accounts_free(a.accounts);
	free(a.stages);
	free(a.in_batch);
	free(a.batch_of);
	free(a.batches);
	free(a.unfinished);
	free(a.ready);
	free(a.active);
	arena_free(a.arena);
	return rc;
}
