/* What the goals share: from one to the next, the journal around each change, stale versions, lost answers;
 * see flow_impl.h. */
#include "flow_impl.h"
#include "items.h"
#include "shared_list.h"

#include <stdarg.h>
#include <stdlib.h>

#include "tenantry/mem.h"

/* A call under way. It outlives its flow when the run breaks off: the client calls back once, whatever
 * happens. */
struct ticket {
	struct flow *flow; /* NULL: nobody waits any more */
	int64_t row;       /* journal row of a change; 0 for a reading */
	int (*item)(struct flow *flow, const json_t *item, struct error *err);
};

void flow_free(struct flow *flow)
{
	if (!flow)
		return;
	if (flow->ticket)
		flow->ticket->flow = NULL;
	shared_list_forget(flow->env->children, flow);
	json_decref(flow->policies);
	free(flow->open);
	arena_free(flow->arena);
	free(flow);
}

static const struct goal *goal_of(const struct flow *flow)
{
	return flow->goals[flow->at];
}

const char *flow_keep(struct flow *flow, const char *text)
{
	return arena_strdup(flow->arena, text);
}

void flow_ask(struct flow_call *call, enum acronis_call name, const char *a)
{
	call->request.call = name;
	call->request.a = a;
}

/* The ledger failed: nothing can be done safely any more. The first error stays. */
static void break_off(struct flow *flow)
{
	flow->env->broken = flow->env->halted = true;
	flow->phase = FLOW_OVER;
}

/* ---- Ends. */

static void end_flow(struct flow *flow, enum flow_end end, const char *reason)
{
	static const enum item_state states[] = {[END_DONE] = ITEM_DONE,
	    [END_FAILED] = ITEM_FAILED,
	    [END_PARKED] = ITEM_PARKED,
	    [END_HELD] = ITEM_ACCEPTED};

	flow->end = end;
	flow->phase = FLOW_OVER;
	flow->record.state = states[end];
	flow->record.reason = reason;
	flow->record.text = flow->text;
	if (end == END_DONE)
		flow->record.executed_at = clock_wall_ms(flow->env->clock);
	if (item_save(&flow->env->journal, flow->action, &flow->record, flow->env->err) < 0)
		break_off(flow);
	else if (end != END_DONE && end != END_HELD)
		flow_mark_failed(flow->env, flow->action, &flow->record);
}

enum view flow_park(struct flow *flow, enum park_reason reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(flow->text, sizeof flow->text, format, args);
	va_end(args);
	flow->park = reason;
	end_flow(flow, END_PARKED, park_reason_code(reason));
	return VIEW_END;
}

enum view flow_skip(struct flow *flow, enum fix_skip reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(flow->text, sizeof flow->text, format, args);
	va_end(args);
	end_flow(flow, END_PARKED, fix_skip_code(reason));
	return VIEW_END;
}

enum view flow_fail(struct flow *flow, enum fail_reason reason, const char *format, ...)
{
	va_list args;
	int n = snprintf(flow->text, sizeof flow->text, "step %s: ", step_name(goal_of(flow)->step));

	va_start(args, format);
	vsnprintf(flow->text + n, sizeof flow->text - (size_t)n, format, args);
	va_end(args);
	flow->fail = reason;
	end_flow(flow, END_FAILED, fail_reason_code(reason));
	return VIEW_END;
}

/* As if it had not been begun: what was done of it is in the journal, and the next run goes on there. */
static void flow_hold(struct flow *flow)
{
	snprintf(flow->text, sizeof flow->text, "%s", flow_held_text);
	end_flow(flow, END_HELD, REASON_HELD);
}

enum view flow_unreadable(struct flow *flow, const struct error *err)
{
	return flow_fail(flow, FAIL_UNREADABLE, "%s", err->text);
}

enum view flow_freeze(struct flow *flow)
{
	flow->phase = FLOW_OVER;
	return VIEW_END;
}

enum view flow_trouble(struct flow *flow, const struct acronis_answer *answer)
{
	enum { PLATFORM_TENANT_LOCKED = 1012 }; /* notes section 2.3 */

	flow->their_side = answer->their_side;
	switch (answer->result) {
	case API_UNAUTHORIZED:
		flow->env->unauthorized = flow->env->halted = true;
		snprintf(
		    flow->env->unauthorized_text, sizeof flow->env->unauthorized_text, "%s", answer->text);
		return flow_freeze(flow);
	case API_CANCELLED:
		return flow_freeze(flow);
	case API_UNAVAILABLE:
	case API_UNKNOWN:
		return flow_fail(
		    flow, flow->open_count > 0 ? FAIL_IN_DOUBT : FAIL_UNAVAILABLE, "%s", answer->text);
	case API_UNREADABLE:
		return flow_fail(flow, FAIL_UNREADABLE, "%s", answer->text);
	case API_FORBIDDEN:
		if (answer->platform_code == PLATFORM_TENANT_LOCKED)
			return flow_park(flow, PARK_TENANT_LOCKED, "%s", answer->text);
		return flow_fail(flow, FAIL_FORBIDDEN, "%s", answer->text);
	case API_STALE:
	case API_STALE_QUOTA:
		return flow_fail(flow, FAIL_STALE, "%s", answer->text);
	default:
		return flow_fail(flow, FAIL_REFUSED, "%s", answer->text);
	}
}

/* ---- Calls. */

static void take_answer(struct ticket *ticket, const struct acronis_answer *answer);

static void call_done(void *user, const struct acronis_answer *answer)
{
	take_answer(user, answer);
}

static int list_item(void *user, const json_t *item, struct error *err)
{
	struct ticket *ticket = user;

	return ticket->flow ? ticket->item(ticket->flow, item, err) : 0;
}

static void list_end(void *user, enum api_result result, const char *timestamp, const struct error *err)
{
	struct acronis_answer answer = {
	    .result = result, .their_side = result == API_UNAVAILABLE || result == API_UNREADABLE};

	(void)timestamp;
	/* A list that broke inside (an element that is no tenant, a cursor that came twice) has an error but
	 * may say OK. */
	if (err && err->code != ERR_NONE) {
		snprintf(answer.text, sizeof answer.text, "%.*s", (int)sizeof answer.text - 1, err->text);
		if (result == API_OK)
			answer.result = API_UNREADABLE;
	}
	take_answer(user, &answer);
}

static void send_call(struct flow *flow, struct flow_call *call)
{
	struct flow_env *env = flow->env;
	struct ticket *ticket = mem_zalloc(sizeof *ticket);

	ticket->flow = flow;
	ticket->item = call->item;
	if (acronis_call_changes(call->request.call)) {
		ticket->row = journal_intent(&env->journal, flow->record.key, goal_of(flow)->step,
		    &call->request, call->target, env->err);
		if (ticket->row < 0) {
			json_decref(call->request.body);
			free(ticket);
			break_off(flow);
			return;
		}
		flow->changes++;
		flow->sent = true;
	}
	flow->ticket = ticket;
	env->in_flight++;
	if (call->item) {
		acronis_list(env->session->client, &(struct acronis_listing){.call = call->request.call,
						       .query = call->request.query,
						       .item = list_item,
						       .end = list_end,
						       .user = ticket});
		return;
	}
	call->request.done = call_done;
	call->request.user = ticket;
	acronis_send(env->session->client, &call->request);
}

/* ---- Writes to the BSS: like calls, with an answer of its own kind. */

static void write_done(void *user, const struct bss_answer *answer);

static void send_write(struct flow *flow, struct flow_call *call)
{
	struct flow_env *env = flow->env;
	struct ticket *ticket = mem_zalloc(sizeof *ticket);

	ticket->flow = flow;
	if (call->write.kind != BSS_LOOK) {
		char *content = flow_write_content(&call->write);
		ticket->row = journal_write_intent(&env->journal, flow->record.key, goal_of(flow)->step,
		    bss_write_name(call->write.kind), call->target, content, env->err);
		free(content);
		if (ticket->row < 0) {
			free(ticket);
			break_off(flow);
			return;
		}
		flow->changes++;
		flow->sent = true;
	}
	flow->ticket = ticket;
	env->writing++;
	call->write.done = write_done;
	call->write.user = ticket;
	bss_writer_send(env->writer, &call->write);
}

/* ---- Doubt. */

static void keep_open(struct flow *flow, int64_t row)
{
	MEM_GROW(flow->open, flow->open_count, flow->open_cap);
	flow->open[flow->open_count++] = row;
	flow->doubt = DOUBT_FIRST;
}

static void settle(struct flow *flow, bool carried_out)
{
	const struct goal *goal = goal_of(flow);
	const char *made = !carried_out                       ? ""
			   : goal->call == CALL_TENANT_CREATE ? flow->record.tenant_id
			   : goal->call == CALL_USER_CREATE   ? flow->record.user_id
							      : "";

	for (size_t i = 0; i < flow->open_count; i++)
		if (journal_settled(&flow->env->journal, flow->open[i], carried_out, made, flow->env->err) <
		    0)
			break_off(flow);
	flow->open_count = 0;
	flow->doubt = DOUBT_NONE;
}

/* What an earlier run left without an outcome is in doubt from the start. */
static void enter_goal(struct flow *flow)
{
	const struct goal *goal = goal_of(flow);

	flow->phase = FLOW_READ;
	flow->changes = flow->looks = 0;
	flow->last = API_OK;
	flow->doubt = DOUBT_NONE;
	flow->open_count = 0;
	flow->taken = false;
	flow->seek = SEEK_NOTHING_YET;
	flow->user_ids = NULL;
	const char *call = goal->write                ? bss_write_name(goal->write)
			   : goal->call != CALL_COUNT ? acronis_call_name(goal->call)
						      : NULL;
	for (size_t i = 0; call && i < flow->row_count; i++) {
		const struct step_record *row = &flow->rows[i];
		if (row->outcome_at == 0 && row->step == goal->step && strcmp(row->call, call) == 0 &&
		    (!goal->setting || strstr(row->target, goal->setting)))
			keep_open(flow, row->id);
	}
}

/* Finished in an earlier run: gone on after the last goal of that step. Without the tenant's id nothing later
 * can be true. */
static void skip_finished_steps(struct flow *flow)
{
	if (flow->record.step > STEP_SUBSCRIPTION && !flow->record.tenant_id[0])
		return;
	for (size_t i = 0; flow->goals[i + 1]; i++)
		if (flow->goals[i]->step == flow->record.step)
			flow->at = i + 1;
}

struct flow *flow_new(struct flow_env *env, const struct plan_action *action, size_t index,
    const struct item_record *record, struct step_record *rows, size_t row_count, struct arena *arena)
{
	struct flow *flow = mem_zalloc(sizeof *flow);

	*flow = (struct flow){.env = env,
	    .action = action,
	    .index = index,
	    .arena = arena,
	    .record = *record,
	    .rows = rows,
	    .row_count = row_count,
	    .goals = flow_goals(action),
	    .started_at = clock_mono_ms(env->clock)};
	skip_finished_steps(flow);
	enter_goal(flow);
	return flow;
}

/* ---- From goal to goal. */

static void note_tenant(struct flow *flow, enum step step)
{
	const struct plan_action *action = flow->action;
	const struct order_item *item = action->item;
	bool tier_set = step >= STEP_CONTRACT && item->tier;
	struct known_tenant known = {.account_id = item->account_id,
	    .tenant_id = flow->record.tenant_id,
	    .login = action->login,
	    .item_key = action->made_by,
	    .subscription_id = action->subscription_id,
	    .user_id = flow->record.user_id,
	    .tier = tier_set ? item->tier : action->from};

	if (journal_tenant(&flow->env->journal, &known, flow->env->err) < 0)
		break_off(flow);
}

void flow_save(struct flow *flow, enum step step)
{
	/* A correction makes no tenant and knows no login. */
	if (!flow->action->fix && flow->record.tenant_id[0] &&
	    (step == STEP_TENANT || step == STEP_CONTRACT || step == STEP_USER))
		note_tenant(flow, step);
	if (item_save(&flow->env->journal, flow->action, &flow->record, flow->env->err) < 0)
		break_off(flow);
}

static void finish_step(struct flow *flow, enum step step)
{
	flow->record.step = step;
	if (goal_of(flow))
		flow_save(flow, step);
}

/* A word of failure whose answer was lost: the subscription is synchronized now, so it does not show. */
static void settle_marks(struct flow *flow)
{
	for (size_t i = 0; i < flow->row_count && flow->phase != FLOW_OVER; i++)
		if (flow->rows[i].outcome_at == 0 &&
		    strcmp(flow->rows[i].call, bss_write_name(BSS_FAIL)) == 0 &&
		    journal_settled(&flow->env->journal, flow->rows[i].id, false, "", flow->env->err) < 0)
			break_off(flow);
}

static void next_goal(struct flow *flow)
{
	enum step before = goal_of(flow)->step;

	settle(flow, true);
	if (goal_of(flow)->write == BSS_ACTIVATE && flow->env->writer)
		settle_marks(flow);
	flow->at++;
	if (!goal_of(flow) || goal_of(flow)->step != before)
		finish_step(flow, before);
	if (flow->phase == FLOW_OVER)
		return;
	if (goal_of(flow)) {
		enter_goal(flow);
		return;
	}
	snprintf(flow->text, sizeof flow->text, "%s", flow->action->sentence);
	end_flow(flow, END_DONE, "");
}

static void pause_before_second_reading(struct flow *flow)
{
	flow->doubt = DOUBT_SECOND;
	flow->phase = FLOW_PAUSED;
	flow->wake_at = clock_mono_ms(flow->env->clock) + flow->env->job->acronis.settle_ms;
}

static unsigned changes_allowed(const struct flow *flow)
{
	if (flow->last == API_OK && flow->changes > 0)
		return 2; /* taken, and yet it reads otherwise: once more, then a person should look */
	if (flow->last == API_UNKNOWN && flow->env->job->acronis.retries < CHANGES_MAX)
		return (unsigned)flow->env->job->acronis.retries + 1;
	return CHANGES_MAX;
}

static enum view give_up(struct flow *flow)
{
	if (flow->last == API_OK)
		return flow_fail(
		    flow, FAIL_NOT_KEPT, "%s: was written and reads otherwise", goal_of(flow)->name);
	if (flow->last == API_UNKNOWN) {
		flow->their_side = true;
		return flow->open_count > 0
			   ? flow_fail(flow, FAIL_IN_DOUBT, "%s", flow->last_text)
			   : flow_fail(flow, FAIL_UNAVAILABLE, "%s (was not carried out)", flow->last_text);
	}
	return flow_fail(flow, FAIL_STALE, "%s", flow->last_text);
}

/* A reading found it otherwise. */
static void differs(struct flow *flow)
{
	if (flow->doubt == DOUBT_FIRST) {
		pause_before_second_reading(flow);
		return;
	}
	if (flow->doubt == DOUBT_SECOND)
		settle(flow, false);
	if (flow->phase == FLOW_OVER)
		return;
	if (flow->changes > 0 && flow->changes >= changes_allowed(flow))
		give_up(flow);
	else
		flow->phase = FLOW_CHANGE;
}

static void move(struct flow *flow, enum view view)
{
	if (flow->phase == FLOW_OVER)
		return;
	switch (view) {
	case VIEW_SAME:
		next_goal(flow);
		break;
	case VIEW_DIFFERS:
		differs(flow);
		break;
	case VIEW_AGAIN:
		flow->phase = FLOW_READ;
		break;
	case VIEW_WAIT:
		flow->phase = FLOW_WAITING;
		break;
	default:
		break;
	}
}

/* The common rule for the answer to a change. */
static enum view changed(struct flow *flow, const struct acronis_answer *answer)
{
	const struct goal *goal = goal_of(flow);
	enum view view = goal->changed ? goal->changed(flow, answer) : VIEW_COMMON;

	if (view != VIEW_COMMON)
		return view;
	switch (answer->result) {
	case API_OK:
		flow->doubt = DOUBT_FIRST; /* until it is read back */
		return VIEW_AGAIN;
	case API_STALE:
	case API_STALE_QUOTA:
	case API_UNKNOWN:
		return VIEW_AGAIN;
	default:
		return flow_trouble(flow, answer);
	}
}

static enum view take_change(struct flow *flow, int64_t row, const struct acronis_answer *answer)
{
	flow->last = answer->result;
	snprintf(flow->last_text, sizeof flow->last_text, "%s", answer->text);
	if (answer->result == API_UNKNOWN)
		keep_open(flow, row);
	enum view view = changed(flow, answer);
	const char *made = goal_of(flow)->call == CALL_TENANT_CREATE ? flow->record.tenant_id
			   : goal_of(flow)->call == CALL_USER_CREATE ? flow->record.user_id
								     : "";
	if (journal_outcome(
		&flow->env->journal, row, answer, answer->result == API_OK ? made : "", flow->env->err) < 0)
		break_off(flow);
	return view;
}

static void take_answer(struct ticket *ticket, const struct acronis_answer *answer)
{
	struct flow *flow = ticket->flow;
	int64_t row = ticket->row;

	free(ticket);
	if (!flow)
		return;
	flow->ticket = NULL;
	flow->env->in_flight--;
	if (flow->env->broken && row && answer->result == API_CANCELLED)
		flow->env->journal.changes--;
	if (flow->env->broken)
		flow_freeze(flow);
	else if (row)
		move(flow, take_change(flow, row, answer));
	else
		move(flow, goal_of(flow)->judge(flow, answer));
	flow_go(flow);
}

void flow_listed(struct flow *flow, const struct shared_answer *answer)
{
	flow->list = *answer;
	if (flow->env->broken)
		flow_freeze(flow);
	else
		move(flow, goal_of(flow)->judge(flow, &flow->list.answer));
	flow_go(flow);
}

/* A write that was answered is done: it was one transaction, so there is nothing to read back. */
static enum view take_write(struct flow *flow, int64_t row, const struct bss_answer *answer)
{
	enum view view = VIEW_AGAIN;

	flow->last = answer->outcome == BSS_UNKNOWN ? API_UNKNOWN : API_OK;
	snprintf(flow->last_text, sizeof flow->last_text, "%s", answer->text);
	if (answer->outcome == BSS_UNKNOWN)
		keep_open(flow, row);
	else
		view = answer->outcome == BSS_DONE ? VIEW_SAME : flow_write_trouble(flow, answer);
	if (journal_write_outcome(&flow->env->journal, row, answer->outcome, answer->text, flow->env->err) <
	    0)
		break_off(flow);
	return view;
}

static void write_done(void *user, const struct bss_answer *answer)
{
	struct ticket *ticket = user;
	struct flow *flow = ticket->flow;
	int64_t row = ticket->row;

	free(ticket);
	if (!flow)
		return;
	flow->ticket = NULL;
	flow->env->writing--;
	if (flow->env->broken)
		flow_freeze(flow);
	else if (row)
		move(flow, take_write(flow, row, answer));
	else if (answer->outcome == BSS_DONE)
		move(flow, goal_of(flow)->looked(flow, &answer->state));
	else
		move(flow, flow_write_trouble(flow, answer));
	flow_go(flow);
}

/* Looked at between two calls, never in the middle of one. */
static bool took_too_long(struct flow *flow)
{
	int64_t limit = flow->env->job->provision.action_timeout_ms;

	if (limit == 0 || clock_mono_ms(flow->env->clock) - flow->started_at < limit)
		return false;
	flow_fail(flow, flow->open_count > 0 ? FAIL_IN_DOUBT : FAIL_TOO_LONG, "it took longer than %lld s%s",
	    (long long)(limit / 1000), flow->open_count > 0 ? ", and a call is in doubt" : "");
	return true;
}

/* Whatever was planned: what the loss is measured by was just read. */
static bool may_change(struct flow *flow)
{
	int taken = flow_take_loss(flow, goal_of(flow));

	if (taken < 0)
		break_off(flow);
	else if (taken == 0)
		flow_hold(flow);
	return taken > 0;
}

/* Asks or changes; what needs no call goes on at once. */
static void act(struct flow *flow)
{
	const struct goal *goal = goal_of(flow);
	struct flow_call call = {0};
	enum view view;

	if (took_too_long(flow) || (flow->phase == FLOW_CHANGE && !may_change(flow)))
		return;
	if (flow->phase == FLOW_CHANGE)
		view = goal->change(flow, &call);
	else if (goal->wanted && !goal->wanted(flow))
		view = VIEW_SAME;
	else
		view = goal->read(flow, &call);
	if (view == VIEW_ASK && call.write.kind != BSS_NOTHING)
		send_write(flow, &call);
	else if (view == VIEW_ASK)
		send_call(flow, &call);
	else
		move(flow, view);
}

void flow_go(struct flow *flow)
{
	struct flow_env *env = flow->env;

	if (flow->phase == FLOW_PAUSED && clock_mono_ms(env->clock) >= flow->wake_at)
		flow->phase = FLOW_READ;
	while (!env->halted && !flow->ticket && (flow->phase == FLOW_READ || flow->phase == FLOW_CHANGE))
		act(flow);
	if (env->halted && !flow->ticket)
		flow->phase = FLOW_OVER;
	if (flow->phase == FLOW_OVER)
		env->over(env->user, flow);
}
