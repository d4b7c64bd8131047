/* Rules, a log of what was asked, and answers in the order they come due; see fake_transport.h. */
#include "fake_transport.h"

#include <stdio.h>
#include <stdlib.h>

#include "tenantry/arena.h"
#include "tenantry/mem.h"

struct rule {
	enum http_method method;
	const char *prefix;
	bool once, used;
	struct fake_reply reply;
	fake_reply_fn *fn;
	void *user;
};

struct flight {
	struct fake_reply reply;
	int64_t due;
	transport_done *done;
	void *user;
};

struct fake_transport {
	struct transport base;
	struct clock *clock;
	struct arena *arena;
	struct rule *rules;
	size_t rule_count, rule_cap;
	struct fake_call *log;
	size_t log_count, log_cap;
	struct flight *flights; /* in the order they began */
	size_t flight_count, flight_cap;
	unsigned most_in_flight;
};

static bool fits(enum http_method method, const char *prefix, const struct fake_call *call)
{
	return method == call->method && strncmp(call->path, prefix, strlen(prefix)) == 0;
}

static struct rule *find_rule(struct fake_transport *f, const struct fake_call *call)
{
	for (size_t i = 0; i < f->rule_count; i++)
		if (f->rules[i].once && !f->rules[i].used &&
		    fits(f->rules[i].method, f->rules[i].prefix, call))
			return &f->rules[i];
	for (size_t i = f->rule_count; i-- > 0;)
		if (!f->rules[i].once && fits(f->rules[i].method, f->rules[i].prefix, call))
			return &f->rules[i];
	return NULL;
}

static struct fake_reply reply_to(struct fake_transport *f, const struct fake_call *call)
{
	struct rule *rule = find_rule(f, call);
	struct fake_reply reply = {.status = 200, .body = ""};

	if (rule) {
		rule->used = true;
		if (rule->fn)
			rule->fn(rule->user, call, &reply);
		else
			reply = rule->reply;
	} else if (fits(HTTP_POST, "/idp/token", call)) {
		reply.body =
		    "{\"access_token\":\"token-of-the-fake\",\"token_type\":\"bearer\",\"expires_in\":7200}";
	} else {
		fprintf(stderr, "fake_transport: no rule for method %d %s\n", (int)call->method, call->path);
		reply.status = 418;
		reply.body = "{\"error\":{\"code\":\"NoRule\",\"message\":\"no rule in the test\"}}";
	}
	return reply;
}

static void fake_start(
    struct transport *base, const struct http_request *request, transport_done *done, void *user)
{
	struct fake_transport *f = CONTAINER_OF(base, struct fake_transport, base);
	const char *api = strstr(request->url, "/api/2"), *other = strstr(request->url, "/api/");

	MEM_GROW(f->log, f->log_count, f->log_cap);
	struct fake_call *call = &f->log[f->log_count++];
	*call = (struct fake_call){.method = request->method,
	    .path = arena_strdup(f->arena, api     ? api + 6
					   : other ? other
						   : request->url),
	    .body = request->body ? arena_strndup(f->arena, request->body, request->body_length) : "",
	    .authorization = request->authorization ? arena_strdup(f->arena, request->authorization) : "",
	    .content_type = request->content_type ? arena_strdup(f->arena, request->content_type) : ""};
	struct fake_call kept = *call;
	struct fake_reply reply = reply_to(f, &kept);
	reply.body = arena_strdup(f->arena, reply.body ? reply.body : "");
	reply.retry_after = arena_strdup(f->arena, reply.retry_after ? reply.retry_after : "");
	MEM_GROW(f->flights, f->flight_count, f->flight_cap);
	f->flights[f->flight_count++] = (struct flight){
	    .reply = reply, .due = clock_mono_ms(f->clock) + reply.delay_ms, .done = done, .user = user};
	if (f->flight_count > f->most_in_flight)
		f->most_in_flight = (unsigned)f->flight_count;
}

static void land(struct fake_transport *f, size_t at, enum transport_failure failure)
{
	struct flight flight = f->flights[at];
	bool ok = failure == TRANSPORT_OK;

	memmove(f->flights + at, f->flights + at + 1, (f->flight_count - at - 1) * sizeof *f->flights);
	f->flight_count--;
	flight.done(flight.user,
	    &(struct http_response){.failure = failure,
		.failure_text = ok ? "" : "scripted failure",
		.tls_failure = flight.reply.tls_failure,
		.status = ok ? flight.reply.status : 0,
		.body = ok ? flight.reply.body : "",
		.body_length = ok ? strlen(flight.reply.body) : 0,
		.content_type = flight.reply.content_type ? flight.reply.content_type : "application/json",
		.retry_after = flight.reply.retry_after,
		.location = flight.reply.location,
		.elapsed_ms = flight.reply.delay_ms});
}

static bool land_due(struct fake_transport *f)
{
	int64_t now = clock_mono_ms(f->clock);
	bool any = false;

	for (size_t i = 0; i < f->flight_count;) {
		if (f->flights[i].due > now) {
			i++;
			continue;
		}
		land(f, i, f->flights[i].reply.failure);
		any = true;
	}
	return any;
}

static int fake_turn(struct transport *base, int64_t max_wait_ms, struct error *err)
{
	struct fake_transport *f = CONTAINER_OF(base, struct fake_transport, base);
	int64_t wait = max_wait_ms, now = clock_mono_ms(f->clock);

	(void)err;
	if (land_due(f) || max_wait_ms <= 0)
		return 0;
	for (size_t i = 0; i < f->flight_count; i++)
		if (f->flights[i].due - now < wait)
			wait = f->flights[i].due - now;
	clock_sleep_ms(f->clock, wait);
	land_due(f);
	return 0;
}

static void fake_close(struct transport *base)
{
	struct fake_transport *f = CONTAINER_OF(base, struct fake_transport, base);

	while (f->flight_count > 0)
		land(f, 0, TRANSPORT_CANCELLED);
	free(f->rules);
	free(f->log);
	free(f->flights);
	arena_free(f->arena);
	free(f);
}

struct fake_transport *fake_transport_new(struct clock *clock)
{
	static const struct transport_ops ops = {fake_start, fake_turn, fake_close};
	struct fake_transport *f = mem_zalloc(sizeof *f);

	f->base.ops = &ops;
	f->clock = clock;
	f->arena = arena_new();
	return f;
}

struct transport *fake_transport_base(struct fake_transport *f)
{
	return &f->base;
}

void fake_transport_free(struct fake_transport *f)
{
	if (f)
		fake_close(&f->base);
}

static struct rule *add_rule(struct fake_transport *f, enum http_method method, const char *prefix)
{
	MEM_GROW(f->rules, f->rule_count, f->rule_cap);
	f->rules[f->rule_count] = (struct rule){.method = method, .prefix = arena_strdup(f->arena, prefix)};
	return &f->rules[f->rule_count++];
}

static struct fake_reply keep_reply(struct fake_transport *f, const struct fake_reply *reply)
{
	struct fake_reply kept = *reply;

	kept.body = arena_strdup(f->arena, reply->body);
	kept.retry_after = arena_strdup(f->arena, reply->retry_after);
	kept.status = reply->status ? reply->status : 200;
	return kept;
}

void fake_on(
    struct fake_transport *f, enum http_method method, const char *prefix, int status, const char *body)
{
	add_rule(f, method, prefix)->reply =
	    keep_reply(f, &(struct fake_reply){.status = status, .body = body});
}

void fake_once(
    struct fake_transport *f, enum http_method method, const char *prefix, int status, const char *body)
{
	fake_once_reply(f, method, prefix, &(struct fake_reply){.status = status, .body = body});
}

void fake_once_reply(
    struct fake_transport *f, enum http_method method, const char *prefix, const struct fake_reply *reply)
{
	struct rule *rule = add_rule(f, method, prefix);

	rule->once = true;
	rule->reply = keep_reply(f, reply);
}

void fake_on_call(
    struct fake_transport *f, enum http_method method, const char *prefix, fake_reply_fn *reply, void *user)
{
	struct rule *rule = add_rule(f, method, prefix);

	rule->fn = reply;
	rule->user = user;
}

unsigned fake_count(const struct fake_transport *f, enum http_method method, const char *prefix)
{
	unsigned count = 0;

	for (size_t i = 0; i < f->log_count; i++)
		count += fits(method, prefix, &f->log[i]);
	return count;
}

const struct fake_call *fake_last(const struct fake_transport *f, enum http_method method, const char *prefix)
{
	for (size_t i = f->log_count; i-- > 0;)
		if (fits(method, prefix, &f->log[i]))
			return &f->log[i];
	return NULL;
}

const struct fake_call *fake_nth(const struct fake_transport *f, size_t n)
{
	return n < f->log_count ? &f->log[n] : NULL;
}

unsigned fake_most_in_flight(const struct fake_transport *f)
{
	return f->most_in_flight;
}
