/* The client: queue, start, answers, repetition; see acronis.h.
 *
 * A call is in exactly one place: ready (to be sent at the next turn), waiting (in a heap by the time of its
 * repetition) or in flight (the transport has it). What an answer means is policy.c, how fast calls leave is
 * pace.c, tokens are token.c; this file only moves calls between the three places. Nothing is started outside
 * acronis_turn().
 */
#include "tenantry/acronis.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "calls_impl.h"
#include "client_impl.h"
#include "envelope_impl.h"
#include "outcome_impl.h"
#include "pace_impl.h"
#include "tenantry/crash_point.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "token_impl.h"

struct call {
	struct call *prev, *next;
	struct acronis_client *client; /* NULL: freed while the transport still had the call */
	bool is_token;
	enum acronis_call which;
	acronis_done *done;
	void *user;
	char *url, *body;
	char *id; /* whose own answer is due; NULL */
	const char *id_member;
	size_t body_length;
	int64_t tries;
	bool once; /* never repeated */
	bool token_replayed;
	uint64_t token_generation; /* the token it was sent with */
};

struct call_list {
	struct call *first, *last;
	size_t count;
};

/* A call in the heap of those that wait for their repetition. */
struct waiting_call {
	int64_t due; /* monotonic */
	struct call *call;
};

struct acronis_client {
	struct transport *transport;
	struct clock *clock;
	char *url;
	int64_t connections, timeout_ms, retries, page_size;
	struct token token;
	struct pace pace;
	uint64_t random;
	struct call_list ready, in_flight; /* in_flight holds the token call too */
	struct {
		struct waiting_call *items; /* a heap, the earliest first */
		size_t count, cap;
	} waiting;
	bool stopped;
	const volatile int *stop;       /* NULL none */
	struct acronis_answer *refused; /* the token answer that ended all hope; NULL none */
	struct acronis_stats stats;
	void (*paused)(void *user, int64_t until_ms);
	void *paused_user;
};

static void list_append(struct call_list *list, struct call *call)
{
	call->next = NULL;
	call->prev = list->last;
	if (list->last)
		list->last->next = call;
	else
		list->first = call;
	list->last = call;
	list->count++;
}

static void list_prepend(struct call_list *list, struct call *call)
{
	call->prev = NULL;
	call->next = list->first;
	if (list->first)
		list->first->prev = call;
	else
		list->last = call;
	list->first = call;
	list->count++;
}

static void list_remove(struct call_list *list, struct call *call)
{
	*(call->prev ? &call->prev->next : &list->first) = call->next;
	*(call->next ? &call->next->prev : &list->last) = call->prev;
	call->prev = call->next = NULL;
	list->count--;
}

static struct call *list_pop(struct call_list *list)
{
	struct call *call = list->first;

	if (!call)
		return NULL;
	/* The analyzer supposes one call in the heap twice; a call is in exactly one place. */
	list->first = call->next; /* NOLINT(clang-analyzer-unix.Malloc) */
	*(call->next ? &call->next->prev : &list->last) = NULL;
	call->next = NULL;
	list->count--;
	return call;
}

static void wait_until(struct acronis_client *c, struct call *call, int64_t due)
{
	MEM_GROW(c->waiting.items, c->waiting.count, c->waiting.cap);
	struct waiting_call *heap = c->waiting.items;
	size_t at = c->waiting.count++;
	for (; at > 0 && heap[(at - 1) / 2].due > due; at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = (struct waiting_call){due, call};
}

static struct call *take_earliest(struct acronis_client *c)
{
	struct waiting_call *heap = c->waiting.items;
	struct call *earliest = heap[0].call;
	size_t at = 0, count = --c->waiting.count;
	struct waiting_call moved = heap[count];

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && heap[child + 1].due < heap[child].due)
			child++;
		if (heap[child].due >= moved.due)
			break;
		heap[at] = heap[child];
	}
	heap[at] = moved;
	return earliest; /* NOLINT(clang-analyzer-unix.Malloc): as in list_pop() */
}

static void call_free(struct call *call)
{
	free(call->url);
	free(call->id);
	free(call->body);
	free(call);
}

static void settle(struct call *call, struct acronis_answer *answer)
{
	call->done(call->user, answer);
	call_free(call);
}

/* Tells the caller of a call that gets no answer any more. */
static void tell(const struct call *call, enum api_result result, const char *why)
{
	struct acronis_answer answer = {.result = result, .tries = (int)call->tries};

	envelope_describe(&answer, acronis_call_name(call->which), &(struct envelope){0}, why);
	call->done(call->user, &answer);
}

static void change_point(const char *what, enum acronis_call which)
{
	(void)what;
	if (acronis_call_changes(which))
		CRASH_POINT(what, acronis_call_name(which));
}

/* ---- Sending */

static void on_response(void *user, const struct http_response *response);

static void transmit(struct acronis_client *c, struct call *call, const struct http_request *request)
{
	call->tries++;
	c->stats.requests++;
	if (call->tries > 1)
		c->stats.repeats++;
	list_append(&c->in_flight, call);
	c->transport->ops->start(c->transport, request, on_response, call);
}

static void start_token(struct acronis_client *c)
{
	struct call *call = mem_zalloc(sizeof *call);
	struct http_request request = token_request(&c->token, c->timeout_ms);

	call->client = c;
	call->is_token = true;
	call->tries = c->token.tries;
	c->token.asked = true;
	c->stats.tokens++;
	transmit(c, call, &request);
}

static void start_call(struct acronis_client *c, struct call *call)
{
	struct http_request request = {.method = call_method(call->which),
	    .url = call->url,
	    .body = call->body,
	    .body_length = call->body_length,
	    .content_type = call->body ? "application/json" : NULL,
	    .authorization = c->token.bearer,
	    .timeout_ms = c->timeout_ms,
	    .fresh_connection = call_wants_fresh_connection(call->which)};

	call->token_generation = c->token.generation;
	if (acronis_call_changes(call->which))
		c->stats.changes++;
	change_point("send", call->which);
	transmit(c, call, &request);
	change_point("sent", call->which);
}

static void fail_ready(struct acronis_client *c, const struct acronis_answer *cause)
{
	struct call_list failed = c->ready;

	c->ready = (struct call_list){0};
	for (struct call *call; (call = list_pop(&failed)) != NULL;) {
		struct acronis_answer answer = *cause;
		answer.tries = (int)call->tries;
		settle(call, &answer);
	}
}

static void cancel(struct call *call, const char *why)
{
	tell(call, API_CANCELLED, why);
	call_free(call);
}

/* Everything that is not in flight ends; gives whether anything did. What callbacks send meanwhile is for the
 * next time. */
static bool cancel_unsent(struct acronis_client *c)
{
	struct call_list ready = c->ready;
	bool any = ready.count > 0 || c->waiting.count > 0;

	c->ready = (struct call_list){0};
	for (struct call *call; (call = list_pop(&ready)) != NULL;)
		cancel(call, "not sent: the run was told to stop");
	while (c->waiting.count > 0)
		cancel(take_earliest(c), "not sent again: the run was told to stop");
	return any;
}

static bool have_room(const struct acronis_client *c)
{
	return c->in_flight.count < (size_t)c->connections;
}

/* Gives whether a call was settled, so that the caller hears of it before anybody waits. */
static bool start_what_may(struct acronis_client *c, int64_t now)
{
	while (c->waiting.count > 0 && c->waiting.items[0].due <= now)
		list_prepend(&c->ready, take_earliest(c));
	if (!c->ready.first)
		return false;
	if (c->refused) {
		fail_ready(c, c->refused);
		return true;
	}
	if (token_due(&c->token, now) && have_room(c) && pace_take(&c->pace, now))
		start_token(c);
	while (c->ready.first && token_good(&c->token, now) && have_room(c) && pace_take(&c->pace, now)) {
		start_call(c, list_pop(&c->ready));
	}
	return false;
}

/* ---- Answers */

static struct asked asked_of(struct acronis_client *c, const struct call *call)
{
	if (call->is_token)
		return (struct asked){.operation = "RequestTokens",
		    .kind = POLICY_TOKEN,
		    .body_due = true,
		    .tries = call->tries,
		    .retries = c->retries,
		    .wall_ms = clock_wall_ms(c->clock),
		    .random = &c->random};
	return (struct asked){.operation = acronis_call_name(call->which),
	    .call = call->which,
	    .kind = acronis_call_changes(call->which) ? POLICY_CHANGE : POLICY_READ,
	    .checks_login = call->which == CALL_CHECK_LOGIN,
	    .body_due = call_has_answer_body(call->which),
	    .id = call->id,
	    .id_member = call->id_member,
	    .token_replayed = call->token_replayed,
	    .tries = call->tries,
	    .retries = call->once ? 0 : c->retries,
	    .wall_ms = clock_wall_ms(c->clock),
	    .random = &c->random};
}

static void hold_everybody(struct acronis_client *c, int64_t now, int64_t pause_ms)
{
	int64_t longer = pace_hold(&c->pace, now, now + pause_ms);

	if (longer == 0)
		return;
	c->stats.pauses++;
	c->stats.paused_ms += longer;
	log_debug("acronis: the server asks for less; nothing is sent for %lld ms", (long long)pause_ms);
	if (c->paused)
		c->paused(c->paused_user, clock_wall_ms(c->clock) + pause_ms);
}

/* A renewal that fails while the old token is good is tried again later, and nobody need know. */
static void give_up_token(
    struct acronis_client *c, const struct call *call, const struct acronis_answer *cause, int64_t now)
{
	if (cause->result == API_UNAUTHORIZED) {
		c->refused = mem_zalloc(sizeof *c->refused);
		*c->refused = *cause;
	}
	c->token.ask_after = now + policy_pause_ms(call->tries, -1, &c->random);
	if (!token_good(&c->token, now))
		fail_ready(c, cause);
}

static void on_token(struct acronis_client *c, struct call *call, struct outcome *o, int64_t now)
{
	c->token.asked = false;
	c->token.tries = 0;
	if (o->policy.action == POLICY_AGAIN) {
		c->token.tries = call->tries;
		c->token.ask_after = now + o->pause_ms;
	} else if (o->answer.result != API_OK) {
		o->answer.body = NULL;
		give_up_token(c, call, &o->answer, now);
	} else {
		token_accept(&c->token, o->body, now, clock_wall_ms(c->clock));
	}
	call_free(call);
}

static void on_answer(struct acronis_client *c, struct call *call, struct outcome *o, int64_t now)
{
	enum acronis_call which = call->which;

	change_point("answered", which);
	if (o->policy.action == POLICY_SETTLE) {
		settle(call, &o->answer);
	} else if (c->stopped) {
		cancel(call, "not sent again: the run was told to stop");
	} else if (o->policy.action == POLICY_NEW_TOKEN) {
		token_reject(&c->token, call->token_generation);
		call->token_replayed = true;
		list_prepend(&c->ready, call);
	} else {
		wait_until(c, call, now + o->pause_ms);
	}
	change_point("answer-taken", which);
}

static void on_response(void *user, const struct http_response *response)
{
	struct call *call = user;
	struct acronis_client *c = call->client;
	struct outcome o;

	if (!c) {
		call_free(call);
		return;
	}
	int64_t now = clock_mono_ms(c->clock);
	list_remove(&c->in_flight, call);
	struct asked asked = asked_of(c, call);
	outcome_of(&asked, response, &o);
	if (log_enabled(LOG_DEBUG))
		log_debug("acronis: %s, %lld ms, try %lld: %s", o.answer.text,
		    (long long)response->elapsed_ms, (long long)call->tries,
		    api_result_name(o.answer.result));
	if (o.policy.hold_all)
		hold_everybody(c, now, o.pause_ms);
	if (call->is_token)
		on_token(c, call, &o, now);
	else
		on_answer(c, call, &o, now);
	json_decref(o.body);
}

/* ---- The public face */

int64_t client_page_size(const struct acronis_client *c)
{
	return c->page_size;
}

struct acronis_client *acronis_client_new(
    const struct acronis_settings *settings, struct transport *transport, struct clock *clock)
{
	struct acronis_client *c = mem_zalloc(sizeof *c);

	c->transport = transport;
	c->clock = clock;
	c->url = mem_strdup(settings->url);
	for (size_t n = strlen(c->url); n > 0 && c->url[n - 1] == '/'; n--)
		c->url[n - 1] = '\0';
	c->connections = settings->connections > 0 ? settings->connections : 1;
	c->timeout_ms = settings->timeout_ms;
	c->retries = settings->retries;
	c->page_size = settings->page_size;
	c->random = settings->random_seed;
	if (c->random == 0 && getrandom(&c->random, sizeof c->random, 0) < 0)
		c->random = (uint64_t)clock_mono_ms(clock);
	token_setup(&c->token, c->url, settings->client_id, settings->client_secret);
	pace_setup(&c->pace, settings->rate, clock_mono_ms(clock));
	return c;
}

void acronis_client_free(struct acronis_client *c)
{
	if (!c)
		return;
	c->stopped = true;
	for (struct call *call; (call = list_pop(&c->in_flight)) != NULL;) {
		call->client = NULL; /* the transport still has it; it is freed with its answer */
		if (!call->is_token)
			tell(call, acronis_call_changes(call->which) ? API_UNKNOWN : API_CANCELLED,
			    "given up before its answer came");
	}
	while (cancel_unsent(c))
		;
	token_wipe(&c->token);
	free(c->waiting.items);
	free(c->refused);
	free(c->url);
	free(c);
}

void acronis_send(struct acronis_client *c, const struct acronis_request *request)
{
	struct call *call = mem_zalloc(sizeof *call);

	call->client = c;
	call->which = request->call;
	call->done = request->done;
	call->user = request->user;
	call->once = request->once;
	call->url = call_url(c->url, request);
	call->id_member = call_id_of(request).member;
	call->id = mem_strdup(call_id_of(request).id);
	if (request->body) {
		call->body = json_dumps(request->body, JSON_COMPACT);
		call->body_length = call->body ? strlen(call->body) : 0;
		json_decref(request->body);
	}
	list_append(&c->ready, call);
}

/* Until the next thing that time alone brings, at most max_wait_ms. */
static int64_t time_to_next(struct acronis_client *c, int64_t now, int64_t max_wait_ms)
{
	int64_t next = max_wait_ms, pace = pace_wait_ms(&c->pace, now);

	if (c->waiting.count > 0 && c->waiting.items[0].due - now < next)
		next = c->waiting.items[0].due - now;
	if (c->ready.first && have_room(c) && pace > 0 && pace < next)
		next = pace;
	if (c->ready.first && !c->token.asked && c->token.ask_after > now && c->token.ask_after - now < next)
		next = c->token.ask_after - now;
	return next > 0 ? next : 0;
}

int acronis_turn(struct acronis_client *c, int64_t max_wait_ms, struct error *err)
{
	int64_t now = clock_mono_ms(c->clock);

	if (c->stop && *c->stop)
		c->stopped = true;
	bool settled = c->stopped ? cancel_unsent(c) : start_what_may(c, now);
	int64_t wait = settled ? 0 : time_to_next(c, now, max_wait_ms);

	if (c->in_flight.count > 0)
		return c->transport->ops->turn(c->transport, wait, err);
	if (wait > 0 && acronis_pending(c) > 0)
		clock_sleep_ms(c->clock, wait);
	return 0;
}

size_t acronis_pending(const struct acronis_client *c)
{
	return c->ready.count + c->waiting.count + c->in_flight.count - (c->token.asked ? 1 : 0);
}

void acronis_stop(struct acronis_client *c)
{
	c->stopped = true;
}

void acronis_stop_on(struct acronis_client *c, const volatile int *stop)
{
	c->stop = stop;
}

void acronis_on_pause(struct acronis_client *c, void (*paused)(void *user, int64_t until_ms), void *user)
{
	c->paused = paused;
	c->paused_user = user;
}

void acronis_pause_until(struct acronis_client *c, int64_t until_ms)
{
	int64_t now = clock_mono_ms(c->clock), left = until_ms - clock_wall_ms(c->clock);

	if (left > 0)
		c->stats.paused_ms += pace_hold(&c->pace, now, now + left);
}

struct acronis_stats acronis_stats(const struct acronis_client *c)
{
	return c->stats;
}
