/* The way of a request: route, fault, caller, body, operation, fault again, log. And opening and closing it
 * all. */
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/caller.h"
#include "sandbox/exchange.h"
#include "sandbox/fault_list.h"
#include "sandbox/fault_play.h"
#include "sandbox/operations.h"
#include "sandbox/request_log.h"
#include "sandbox/store.h"
#include "sandbox/world.h"
#include "tenantry/mem.h"

enum { TARGET_MAX = 64 * 1024 };

/* Splits the target and finds the operation. False: the reply is made. */
static bool route(struct exchange *x)
{
	const char *mark = strchr(x->target, '?');
	struct strv path = {x->target, mark ? (size_t)(mark - x->target) : strlen(x->target)};
	struct route_match match = {0};

	x->path = strlen(x->target) < TARGET_MAX ? percent_decode(x->arena, path, false) : NULL;
	if (!x->path || strv_bad_utf8(strv_of(x->path)) >= 0 ||
	    !form_parse(&x->query, x->arena, strv_of(mark ? mark + 1 : ""))) {
		reply_error(x, API_MALFORMED, "the path or the query cannot be read");
		return false;
	}
	enum route found = route_find(x->method, x->path, x->arena, &match);
	if (found == ROUTE_FOUND) {
		x->operation = match.operation;
		memcpy(x->param, match.param, sizeof x->param);
		return true;
	}
	if (found == ROUTE_NO_PATH) {
		reply_error(x, API_NO_ROUTE, "no such path");
		return false;
	}
	x->allow = arena_strdup(x->arena, match.allow);
	reply_error(x, API_METHOD, "this path takes %s", x->allow);
	return false;
}

static bool media_is(const char *type, const char *wanted)
{
	size_t n = strlen(wanted);

	if (!type || strncasecmp(type, wanted, n) != 0)
		return false;
	type += n;
	type += strspn(type, " \t");
	return *type == '\0' || *type == ';';
}

static bool read_json(struct exchange *x)
{
	json_error_t error;
	struct strv text = strv_trim(x->body);

	if ((x->operation->flags & OP_OPTIONAL_BODY) && text.n == 0)
		return true;
	if (!x->content_type && x->box->settings->lenient) {
		exchange_note(x, "lenient: a body without Content-Type is taken for JSON");
	} else if (!media_is(x->content_type, "application/json")) {
		reply_error(x, API_MEDIA, "Content-Type must be application/json");
		return false;
	}
	x->json = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!x->json) {
		reply_error(x, API_MALFORMED, "the body is not JSON: %s", error.text);
		return false;
	}
	if ((x->operation->flags & OP_OPTIONAL_BODY) && !json_is_object(x->json)) {
		reply_error(x, API_MALFORMED, "the body must be a JSON object");
		return false;
	}
	return true;
}

static bool admin_allowed(struct exchange *x)
{
	/* Origin is what browsers add: a web page must not be able to change the sandbox. */
	if (x->loopback && !x->origin)
		return true;
	reply_error(x, API_FORBIDDEN, "the admin path is for programs on this machine only");
	return false;
}

static void run_operation(struct exchange *x)
{
	unsigned flags = x->operation->flags;

	if ((flags & OP_ADMIN) ? !admin_allowed(x) : !(flags & OP_OPEN) && !caller_authenticate(x))
		return;
	if (x->body_cut) {
		reply_error(x, API_TOO_LARGE, "the body is larger than the sandbox takes");
		return;
	}
	if ((flags & (OP_BODY | OP_OPTIONAL_BODY)) && !read_json(x))
		return;
	x->operation->handle(x);
}

/* All of it or, after a refusal, nothing. */
static void carry_out(struct exchange *x)
{
	struct store *store = x->box->store;

	store_begin(store);
	run_operation(x);
	if (x->status >= 400 || store_failed(store))
		store_rollback(store);
	else
		store_commit(store);
	if (store_failed(store))
		reply_error(x, API_INTERNAL, "the sandbox's state: %s", store_failed(store));
}

/* What the API answers, with the faults that it meets on the way. */
static void answer(struct exchange *x)
{
	struct fault_question question = {
	    .operation = x->operation->id, .method = x->method, .target = x->target, .body = x->body};

	fault_list_ask(x, &question);
	const struct fault *fault = fault_pick(x->box->faults, &question);
	if (fault && fault_before(x, fault))
		return;
	fault_list_view(x, &question);
	carry_out(x);
	fault_list_page(x, &question);
	if (fault)
		fault_after(x, fault);
	if (x->operation->flags & OP_EXTRA)
		exchange_note(x, "this call is not in the description; official example clients make it");
	x->delay_ms += x->box->settings->latency_ms;
}

void sandbox_handle(struct sandbox *box, struct exchange *x)
{
	if (route(x)) {
		if (x->operation->flags & OP_ADMIN)
			carry_out(x);
		else
			answer(x);
	}
	if (x->operation && !(x->operation->flags & OP_ADMIN))
		box->calls[operation_index(x->operation)]++;
	request_log_write(box->log, x);
}

int sandbox_open(
    struct sandbox *box, const struct sandbox_settings *settings, struct clock *clock, struct error *err)
{
	*box = (struct sandbox){.settings = settings, .clock = clock};
	box->calls = mem_zalloc(operation_count() * sizeof *box->calls);
	box->faults = fault_set_new(settings->random_seed);
	for (size_t i = 0; i < settings->fault_count; i++)
		if (fault_add(box->faults, settings->faults[i], 0, err) < 0)
			goto fail;
	box->store = store_open(settings->state, clock, settings->seeded, settings->random_seed, err);
	if (!box->store || world_prepare(box, err) < 0)
		goto fail;
	fault_set_marks(box->faults, store_mark(box->store));
	if (settings->request_log && !(box->log = request_log_open(settings->request_log, err)))
		goto fail;
	return 0;
fail:
	sandbox_close(box);
	return -1;
}

void sandbox_close(struct sandbox *box)
{
	request_log_close(box->log);
	store_close(box->store);
	fault_set_free(box->faults);
	free(box->calls);
	*box = (struct sandbox){0};
}
