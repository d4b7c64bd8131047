/* Playing faults; see fault_play.h. */
#include "sandbox/fault_play.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/store.h"

static void throttle(struct exchange *x, const struct fault *fault, bool as_date)
{
	int64_t seconds = fault->retry_after >= 0 ? fault->retry_after : 1;

	reply_error(x, API_THROTTLED, "injected by the sandbox");
	if (!as_date) {
		x->retry_after = arena_printf(x->arena, "%" PRId64, seconds);
		return;
	}
	/* From the sandbox's own clock: who moves it with --now moves the client's as well. */
	time_t when = (time_t)(clock_wall_ms(x->box->clock) / 1000 + seconds);
	struct tm parts;
	char *text = arena_alloc(x->arena, 64);
	strftime(text, 64, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&when, &parts));
	x->retry_after = text;
}

/* The header, where the fault asks for it. */
static void hint(struct exchange *x, const struct fault *fault)
{
	if (fault->retry_after >= 0)
		x->retry_after = arena_printf(x->arena, "%" PRId64, fault->retry_after);
}

static void fail_server(struct exchange *x, const struct fault *fault)
{
	reply_error(x, fault->kind == FAULT_500 ? API_INTERNAL : API_UNAVAILABLE, "injected by the sandbox");
	hint(x, fault);
}

static void expire_token(struct exchange *x)
{
	const char *token = x->authorization ? strchr(x->authorization, ' ') : NULL;

	store_begin(x->box->store);
	if (token)
		tokens_forget(x->box->store, token + 1);
	store_commit(x->box->store);
	reply_error(x, API_UNAUTHORIZED, "the token has expired");
}

void fault_note(struct exchange *x, const struct fault *fault)
{
	const char *name = fault_kind_name(fault->kind);

	x->fault = x->fault ? arena_printf(x->arena, "%s+%s", x->fault, name) : name;
}

static void show_page(struct exchange *x, const struct fault *fault)
{
	hint(x, fault);
	x->status = 200;
	x->reply_type = "text/html; charset=utf-8";
	x->reply_text = "<!DOCTYPE html><html><head><title>Sign in</title></head>"
			"<body><h1>Sign in to the network</h1></body></html>";
}

bool fault_before(struct exchange *x, const struct fault *fault)
{
	fault_note(x, fault);
	switch (fault->kind) {
	case FAULT_LOST_BEFORE:
		x->cut = CUT_ALL;
		x->status = 0;
		return true;
	case FAULT_429:
	case FAULT_429_DATE:
	case FAULT_429_NO_HINT:
		throttle(x, fault, fault->kind == FAULT_429_DATE);
		if (fault->kind == FAULT_429_NO_HINT)
			x->retry_after = NULL;
		return true;
	case FAULT_500:
	case FAULT_503:
		if (!fault->commit)
			fail_server(x, fault);
		return !fault->commit;
	case FAULT_EXPIRED_TOKEN:
		expire_token(x);
		return true;
	case FAULT_403:
		reply_error(x, API_FORBIDDEN, "injected by the sandbox");
		return true;
	case FAULT_1001:
		reply_error(x, API_STALE, "injected by the sandbox");
		return true;
	case FAULT_1004:
		reply_error(x, API_NAME_CONFLICT, "injected by the sandbox");
		return true;
	case FAULT_426:
		reply_error(x, API_STALE_QUOTA, "injected by the sandbox");
		return true;
	case FAULT_MAIL_REFUSED:
		reply_error(x, API_MAIL_REFUSED, "injected by the sandbox");
		return true;
	case FAULT_HTML:
		if (!fault->commit)
			show_page(x, fault);
		return !fault->commit;
	case FAULT_REDIRECT:
		show_page(x, fault);
		x->status = 302;
		x->location = "https://signin.example.com/";
		return true;
	default:
		return false;
	}
}

/* Strings become numbers, numbers strings, booleans strings, lists objects; members keep their names. */
static json_t *swap_types(const json_t *value)
{
	const char *name;
	json_t *member, *out;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		out = json_object();
		json_object_foreach((json_t *)value, name, member)
		{
			json_object_set_new(out, name, swap_types(member));
		}
		return out;
	case JSON_ARRAY:
		out = json_object();
		json_array_foreach(value, i, member)
		{
			json_object_set_new(out, i == 0 ? "first" : "last", swap_types(member));
		}
		return out;
	case JSON_STRING:
		return json_integer((json_int_t)json_string_length(value));
	case JSON_NULL:
		return json_false();
	default:
		return json_string("seven");
	}
}

static void set_reply(struct exchange *x, json_t *body)
{
	json_decref(x->reply);
	x->reply = body;
}

static const char *half_of(struct exchange *x)
{
	char *text = json_dumps(x->reply, JSON_COMPACT | JSON_ENCODE_ANY);
	const char *half = arena_strndup(x->arena, text ? text : "", text ? strlen(text) / 2 : 0);

	free(text);
	return half;
}

void fault_after(struct exchange *x, const struct fault *fault)
{
	switch (fault->kind) {
	case FAULT_LOST_AFTER:
		x->cut = CUT_ALL;
		break;
	case FAULT_CUT_BODY:
		x->cut = x->reply ? CUT_BODY : CUT_ALL;
		break;
	case FAULT_SLOW:
		x->delay_ms += fault->delay_ms;
		break;
	case FAULT_500:
	case FAULT_503:
		fail_server(x, fault);
		break;
	case FAULT_WRONG_TYPES:
		hint(x, fault);
		if (x->reply && x->status < 300)
			set_reply(x, swap_types(x->reply));
		break;
	case FAULT_HTML:
		if (x->status < 300)
			show_page(x, fault);
		break;
	case FAULT_HALF_JSON:
		hint(x, fault);
		if (x->reply)
			x->reply_text = half_of(x);
		break;
	case FAULT_NO_OBJECT:
		hint(x, fault);
		if (x->status < 300)
			set_reply(x, json_pack("[s]", "no object"));
		break;
	case FAULT_NO_BODY:
		hint(x, fault);
		if (x->status < 300)
			set_reply(x, NULL);
		break;
	default:
		break;
	}
}
