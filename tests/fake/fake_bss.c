/* See fake_bss.h. Answers come in the turn after a write was sent, in the order of sending. */
#include "fake_bss.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tenantry/arena.h"
#include "tenantry/mem.h"

struct fake_writer {
	struct bss_writer base;
	struct fake_bss *bss;
	const struct fake_bss_hooks *hooks;
	struct arena *arena;
	struct bss_write *queue;
	size_t queued, cap;
	bool stopped;
};

static void put(char *out, size_t size, const char *text)
{
	if (text)
		snprintf(out, size, "%s", text);
}
#define PUT(field, text) put(field, sizeof field, text)

struct fake_bss_order *fake_bss_find(struct fake_bss *bss, const char *order_item_id)
{
	for (size_t i = 0; i < bss->order_count; i++)
		if (strcmp(bss->orders[i].order_item_id, order_item_id) == 0)
			return &bss->orders[i];
	return NULL;
}

struct fake_bss_order *fake_bss_add(
    struct fake_bss *bss, const char *order_item_id, const char *account_id, const char *action)
{
	struct fake_bss_order *order = &bss->orders[bss->order_count++];

	*order = (struct fake_bss_order){.status = "Submitted"};
	PUT(order->order_item_id, order_item_id);
	PUT(order->account_id, account_id);
	PUT(order->action, action);
	return order;
}

struct fake_bss_subscription *fake_bss_subscription(struct fake_bss *bss, const char *id)
{
	for (size_t i = 0; i < bss->subscription_count; i++)
		if (strv_eq_nocase(strv_of(bss->subscriptions[i].id), strv_of(id)))
			return &bss->subscriptions[i];
	return NULL;
}

static struct fake_bss_subscription *subscription_of_item(struct fake_bss *bss, const char *order_item_id)
{
	for (size_t i = 0; i < bss->subscription_count; i++)
		if (strcmp(bss->subscriptions[i].order_item_id, order_item_id) == 0)
			return &bss->subscriptions[i];
	return NULL;
}

/* ---- What the functions do. */

static enum bss_outcome say(struct bss_answer *answer, enum bss_outcome outcome, const char *text)
{
	snprintf(answer->text, sizeof answer->text, "%s", text);
	return answer->outcome = outcome;
}

static bool differs(const char *now, const char *ordered)
{
	return ordered && strcmp(now, ordered) != 0;
}

static const char *problem(const struct fake_bss_order *order, const struct bss_write *w)
{
	if (!order)
		return "the order item is not there any more";
	if (strcmp(order->status, "Submitted") != 0 && order->status[0] && !order->executed)
		return "the order's status is another now";
	if (order->executed)
		return "the order item is Executed already";
	if (strcmp(order->account_id, w->account_id) != 0)
		return "the order is another account's now";
	if (differs(order->product, w->ordered_product) || differs(order->tier, w->ordered_tier) ||
	    differs(order->action, w->ordered_action))
		return "the content is another now";
	return NULL;
}

static void begin(struct fake_bss *bss, const struct bss_write *w, struct bss_answer *answer)
{
	struct fake_bss_order *order = fake_bss_find(bss, w->order_item_id);
	struct fake_bss_subscription *there = subscription_of_item(bss, w->order_item_id);
	const char *why = problem(order, w);

	if (why || (there && strcmp(there->id, w->subscription_id) != 0)) {
		say(answer, BSS_CHANGED, why ? why : "the order item has another subscription already");
		return;
	}
	say(answer, BSS_DONE, "");
	if (there)
		return;
	bss->twice += fake_bss_subscription(bss, w->subscription_id) != NULL;
	struct fake_bss_subscription *s = &bss->subscriptions[bss->subscription_count++];
	*s = (struct fake_bss_subscription){.status = "Pending", .sync_status = "Pending"};
	PUT(s->id, w->subscription_id);
	PUT(s->order_item_id, w->order_item_id);
	PUT(s->account_id, w->account_id);
	PUT(s->product, w->product);
	PUT(s->currency, w->currency);
	PUT(s->start_date, w->start_date);
	bss->begun++;
}

static void activate(struct fake_bss *bss, const struct bss_write *w, struct bss_answer *answer)
{
	struct fake_bss_order *order = fake_bss_find(bss, w->order_item_id);
	struct fake_bss_subscription *s = fake_bss_subscription(bss, w->subscription_id);
	const char *why = problem(order, w);
	bool done = order && order->executed && s && strcmp(order->subscription_id, s->id) == 0 &&
		    strcmp(s->status, w->status) == 0 && strcmp(s->sync_status, "Synchronized") == 0 &&
		    strv_eq_nocase(strv_of(s->external_id), strv_of(w->external_id));

	if (done) {
		say(answer, BSS_DONE, "");
		return;
	}
	if (why || !s) {
		say(answer, BSS_CHANGED, why ? why : "the subscription is not there any more");
		return;
	}
	bss->twice += order->executed;
	PUT(s->status, w->status);
	PUT(s->sync_status, "Synchronized");
	PUT(s->comment, "");
	PUT(s->external_id, w->external_id);
	PUT(s->product, w->product);
	if (!s->start_date[0])
		PUT(s->start_date, w->start_date);
	PUT(order->status, "Executed");
	PUT(order->subscription_id, s->id);
	order->executed = true;
	bss->activated++;
	say(answer, BSS_DONE, "");
}

static void mark(struct fake_bss *bss, const struct bss_write *w, struct bss_answer *answer)
{
	struct fake_bss_subscription *s = fake_bss_subscription(bss, w->subscription_id);

	if (!s || strcmp(s->sync_status, "Synchronized") == 0) {
		say(answer, BSS_CHANGED, "there is nothing to mark");
		return;
	}
	PUT(s->sync_status, "Failed");
	PUT(s->comment, w->reason);
	bss->failed++;
	say(answer, BSS_DONE, "");
}

static void look(struct fake_bss *bss, const struct bss_write *w, struct bss_answer *answer)
{
	const struct fake_bss_order *order = fake_bss_find(bss, w->order_item_id);
	const struct fake_bss_subscription *s = subscription_of_item(bss, w->order_item_id);

	say(answer, BSS_DONE, "");
	if (!order)
		return;
	if (order->executed)
		s = fake_bss_subscription(bss, order->subscription_id);
	answer->state = (struct bss_item_state){.there = true,
	    .order_status = order->status,
	    .item_status = order->executed ? "Executed" : "",
	    .subscription_id = s ? s->id : "",
	    .external_id = s ? s->external_id : "",
	    .status = s ? s->status : "",
	    .sync_status = s ? s->sync_status : ""};
}

static void carry_out(struct fake_bss *bss, const struct bss_write *w, struct bss_answer *answer)
{
	switch (w->kind) {
	case BSS_BEGIN:
		begin(bss, w, answer);
		break;
	case BSS_ACTIVATE:
		activate(bss, w, answer);
		break;
	case BSS_FAIL:
		mark(bss, w, answer);
		break;
	default:
		look(bss, w, answer);
		break;
	}
}

/* ---- The writer. */

static struct fake_writer *self(const struct bss_writer *base)
{
	return CONTAINER_OF((struct bss_writer *)base, struct fake_writer, base);
}

static void fake_send(struct bss_writer *base, const struct bss_write *write)
{
	struct fake_writer *w = self(base);

	MEM_GROW(w->queue, w->queued, w->cap);
	struct bss_write *copy = &w->queue[w->queued++];
	*copy = *write;
	const char **texts[] = {&copy->order_item_id, &copy->action, &copy->account_id,
	    &copy->subscription_id, &copy->external_id, &copy->username, &copy->product, &copy->currency,
	    &copy->start_date, &copy->status, &copy->reason, &copy->ordered_product, &copy->ordered_tier,
	    &copy->ordered_action};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_strdup(w->arena, *texts[i]);
}

static void event(const struct fake_writer *w)
{
	if (w->hooks && w->hooks->event)
		w->hooks->event(w->hooks->user);
}

static void answer_one(struct fake_writer *w, const struct bss_write *write)
{
	struct bss_answer answer = {.state = {.order_status = "",
					.item_status = "",
					.subscription_id = "",
					.external_id = "",
					.status = "",
					.sync_status = ""}};
	enum fake_bss_fault fault =
	    w->hooks && w->hooks->fault ? w->hooks->fault(w->hooks->user, write) : BSS_FINE;

	event(w);
	if (w->stopped)
		say(&answer, BSS_STOPPED, "stopped");
	else if (fault == BSS_LOSE_BEFORE)
		say(&answer, BSS_UNKNOWN, "the connection was lost");
	else if (fault == BSS_LOCKED_OUT && write->kind != BSS_LOOK)
		say(&answer, BSS_BUSY, "somebody else has the lock");
	else if (fault == BSS_REFUSES && write->kind != BSS_LOOK)
		say(&answer, BSS_REFUSED, "a constraint says no");
	else if (fault == BSS_IS_GONE)
		say(&answer, BSS_UNAVAILABLE, "the database cannot be reached");
	else
		carry_out(w->bss, write, &answer);
	event(w);
	if (fault == BSS_LOSE_AFTER)
		say(&answer, BSS_UNKNOWN, "the connection was lost");
	write->done(write->user, &answer);
}

static int fake_turn(struct bss_writer *base, int64_t max_wait_ms, struct error *err)
{
	struct fake_writer *w = self(base);
	struct bss_write *now = w->queue;
	size_t count = w->queued;

	(void)max_wait_ms;
	(void)err;
	w->queue = NULL;
	w->queued = w->cap = 0;
	for (size_t i = 0; i < count; i++)
		answer_one(w, &now[i]);
	free(now);
	return 0;
}

static size_t fake_pending(const struct bss_writer *base)
{
	return self(base)->queued;
}

static void fake_stop(struct bss_writer *base)
{
	self(base)->stopped = true;
}

static void fake_close(struct bss_writer *base)
{
	struct fake_writer *w = self(base);

	arena_free(w->arena);
	free(w->queue);
	free(w);
}

struct bss_writer *fake_bss_writer_new(struct fake_bss *bss, const struct fake_bss_hooks *hooks)
{
	static const struct bss_writer_ops ops = {fake_send, fake_turn, fake_pending, fake_stop, fake_close};
	struct fake_writer *w = mem_zalloc(sizeof *w);

	w->base.ops = &ops;
	w->bss = bss;
	w->hooks = hooks;
	w->arena = arena_new();
	return &w->base;
}
