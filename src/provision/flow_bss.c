/* The two steps that are the BSS's: the subscription at the beginning, its activation at the end. With a
 * database each is one transaction there, guarded by the order's status and content; with CSV sources they
 * are lines that export.c writes from the item's record, and there is nothing to do here.
 *
 * What was answered is done: there is nothing to read back. A lost answer is settled like any other, by
 * looking, and only then by writing again, which the BSS takes as the same write. */
#include "flow_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

enum { LOOKS_MAX = 5, REASON_MAX = 300 };

static bool has_writer(const struct flow *flow)
{
	return flow->env->writer != NULL;
}

/* ---- What is written. */

static const char *order_item_id(const struct order_item *item)
{
	return item->item_id[0] ? item->item_id : item->order_id;
}

static const char *given(const char *text)
{
	return text && text[0] ? text : NULL;
}

static const char *product_of(const struct plan_action *action)
{
	const struct tier *tier = action->item->tier ? action->item->tier : action->from;

	return tier && tier->product ? tier->product : given(action->item->product_code);
}

static void write_item(struct flow *flow, enum bss_write_kind kind, struct flow_call *call)
{
	const struct plan_action *action = flow->action;
	const struct order_item *item = action->item;
	char day[DATE_TEXT_SIZE];

	call->write = (struct bss_write){.kind = kind,
	    .order_item_id = order_item_id(item),
	    .order_id = item->order_id,
	    .action = action_name(action->action),
	    .account_id = item->account_id,
	    .subscription_id = flow->record.subscription_id,
	    .external_id = given(flow->record.tenant_id),
	    .username = given(action->login),
	    .product = product_of(action),
	    .currency = given(action->currency),
	    .start_date =
		date_is_set(action->started) ? flow_keep(flow, date_text(action->started, day)) : NULL,
	    .ordered_product = action->remembered ? NULL : item->product_code,
	    .ordered_tier = action->remembered ? NULL : item->tier_text,
	    .ordered_action = action->remembered ? NULL : action_name(item->action)};
	snprintf(call->target, sizeof call->target, "%s", flow->record.subscription_id);
}

char *flow_write_content(const struct bss_write *write)
{
	const char *const texts[] = {bss_write_name(write->kind), write->order_item_id, write->action,
	    write->account_id, write->subscription_id, write->external_id, write->username, write->product,
	    write->currency, write->start_date, write->status, write->reason};
	struct strbuf out = {0};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		strbuf_addf(&out, "%s\n", texts[i] ? texts[i] : "");
	return strbuf_take(&out);
}

/* ---- What was answered. */

enum view flow_write_trouble(struct flow *flow, const struct bss_answer *answer)
{
	struct flow_env *env = flow->env;

	switch (answer->outcome) {
	case BSS_CHANGED:
		return flow_park(flow, PARK_ORDER_CHANGED, "%s", answer->text);
	case BSS_BUSY:
		return flow_fail(flow, FAIL_BSS_BUSY, "%s", answer->text);
	case BSS_UNKNOWN: /* of a look, which may be had again */
		if (++flow->looks < LOOKS_MAX)
			return VIEW_AGAIN;
		/* fall through */
	case BSS_UNAVAILABLE:
		env->bss_gone = env->halted = true;
		snprintf(env->bss_text, sizeof env->bss_text, "nothing can be written to the BSS: %s",
		    answer->text);
		return flow_freeze(flow);
	case BSS_STOPPED:
		return flow_freeze(flow);
	default:
		return flow_fail(flow, FAIL_BSS_REFUSED, "%s", answer->text);
	}
}

/* Nothing is asked before the first write: it says itself how things stood. */
static enum view look(struct flow *flow, struct flow_call *call)
{
	if (flow->doubt == DOUBT_NONE)
		return VIEW_DIFFERS;
	write_item(flow, BSS_LOOK, call);
	return VIEW_ASK;
}

/* ---- The subscription. */

static enum view subscription_looked(struct flow *flow, const struct bss_item_state *state)
{
	return state->there &&
		       strv_eq_nocase(strv_of(state->subscription_id), strv_of(flow->record.subscription_id))
		   ? VIEW_SAME
		   : VIEW_DIFFERS;
}

static enum view subscription_change(struct flow *flow, struct flow_call *call)
{
	write_item(flow, BSS_BEGIN, call);
	return VIEW_ASK;
}

const struct goal goal_subscription = {.name = "subscription",
    .step = STEP_SUBSCRIPTION,
    .call = CALL_COUNT,
    .write = BSS_BEGIN,
    .wanted = has_writer,
    .read = look,
    .looked = subscription_looked,
    .change = subscription_change};

/* ---- Its activation. */

static enum view activate_looked(struct flow *flow, const struct bss_item_state *state)
{
	bool executed =
	    state->there && strv_eq_nocase(strv_of(state->item_status), STRV("Executed")) &&
	    strv_eq_nocase(strv_of(state->sync_status), STRV("Synchronized")) &&
	    strv_eq_nocase(strv_of(state->subscription_id), strv_of(flow->record.subscription_id)) &&
	    strv_eq_nocase(strv_of(state->external_id), strv_of(flow->record.tenant_id));

	return executed ? VIEW_SAME : VIEW_DIFFERS;
}

static enum view activate_change(struct flow *flow, struct flow_call *call)
{
	char day[DATE_TEXT_SIZE];

	write_item(flow, BSS_ACTIVATE, call);
	call->write.status = action_status(flow->action->action);
	if (!call->write.start_date && flow->action->action == ACTION_NEW)
		call->write.start_date =
		    flow_keep(flow, date_text(date_of_ms(clock_wall_ms(flow->env->clock)), day));
	return VIEW_ASK;
}

const struct goal goal_activate = {.name = "activate",
    .step = STEP_ACTIVATE,
    .call = CALL_COUNT,
    .write = BSS_ACTIVATE,
    .wanted = has_writer,
    .read = look,
    .looked = activate_looked,
    .takes = flow_takes_all,
    .change = activate_change};

/* ---- Why a pending subscription is not there yet. */

struct mark {
	struct flow_env *env;
	int64_t row;
};

/* One whose answer was lost stays in doubt in the journal: writing it again could come after somebody's
 * correction. */
static void marked(void *user, const struct bss_answer *answer)
{
	struct mark *mark = user;
	struct flow_env *env = mark->env;

	if (!env->broken &&
	    journal_write_outcome(&env->journal, mark->row, answer->outcome, answer->text, env->err) < 0)
		env->broken = env->halted = true;
	free(mark);
}

void flow_mark_failed(
    struct flow_env *env, const struct plan_action *action, const struct item_record *record)
{
	if (!env->writer || env->bss_gone || action->action != ACTION_NEW || record->step < STEP_SUBSCRIPTION)
		return;
	char *reason = mem_printf("%s: %.*s", record->reason, REASON_MAX, record->text);
	struct bss_write write = {.kind = BSS_FAIL,
	    .order_item_id = order_item_id(action->item),
	    .order_id = action->item->order_id,
	    .subscription_id = record->subscription_id,
	    .reason = reason,
	    .done = marked};
	char *content = flow_write_content(&write);
	struct mark *mark = mem_zalloc(sizeof *mark);

	*mark = (struct mark){env, journal_write_intent(&env->journal, record->key, STEP_SUBSCRIPTION,
				       bss_write_name(BSS_FAIL), record->subscription_id, content, env->err)};
	write.user = mark;
	if (mark->row < 0) {
		env->broken = env->halted = true;
		free(mark);
	} else {
		bss_writer_send(env->writer, &write);
	}
	free(content);
	free(reason);
}
