/* Reading requests and writing replies; see exchange.h. */
#include "sandbox/exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/operations.h"
#include "sandbox/store.h"
#include "tenantry/digest.h"

static const struct {
	int status, code;
	const char *word, *message, *note;
} errors[] = {
#define X(name, status, code, word, message, note) [name] = {status, code, word, message, note},
    API_ERRORS(X)
#undef X
};

void exchange_init(struct exchange *x, struct sandbox *box)
{
	*x = (struct exchange){.box = box, .arena = arena_new()};
}

void exchange_free(struct exchange *x)
{
	json_decref(x->json);
	json_decref(x->reply);
	arena_free(x->arena);
}

void exchange_note(struct exchange *x, const char *note)
{
	for (size_t i = 0; i < x->note_count; i++)
		if (strcmp(x->notes[i], note) == 0)
			return;
	if (x->note_count < NOTE_MAX)
		x->notes[x->note_count++] = note;
}

int64_t exchange_mark(struct exchange *x)
{
	return x->made_until ? x->made_until : store_mark(x->box->store);
}

static void set_reply(struct exchange *x, int status, json_t *body)
{
	json_decref(x->reply);
	x->reply = body;
	x->status = status;
	if (x->operation && !(x->operation->flags & (OP_ADMIN | OP_EXTRA)) &&
	    !operation_lists(x->operation, status))
		exchange_note(x,
		    arena_printf(x->arena, "assumption: status %d is not listed for this operation", status));
}

void reply_json(struct exchange *x, int status, json_t *body)
{
	set_reply(x, status, body);
}

void reply_empty(struct exchange *x, int status)
{
	set_reply(x, status, NULL);
}

int api_error_status(enum api_error error)
{
	return errors[error].status;
}

/* Words of the price spec's errors. */
static const char *flat_code(int status)
{
	return status == 401   ? "UNAUTHORIZED_ERROR"
	       : status == 403 ? "ACCESS_DENIED_ERROR"
	       : status >= 500 ? "INTERNAL_SERVER_ERROR"
			       : "BAD_REQUEST_ERROR";
}

void reply_flat_error(struct exchange *x, int status, const char *code, const char *message)
{
	json_t *text = json_string(message);
	json_t *body = json_pack("{s:s, s:s, s:o}", "code", code, "domain",
	    status == 401 || status == 403 ? "ACCESS" : "GENERAL", "message",
	    text ? text : json_string("unreadable text"));

	if (status == 403)
		json_object_set_new(body, "context",
		    json_pack("{s:s}", "scope", "urn:acronis.com::service_plans_manager::price_list_reader"));
	set_reply(x, status, body);
}

void reply_error(struct exchange *x, enum api_error error, const char *format, ...)
{
	char info[512];
	va_list args;

	va_start(args, format);
	vsnprintf(info, sizeof info, format, args);
	va_end(args);
	if (x->operation && (x->operation->flags & OP_FLAT)) {
		reply_flat_error(x, errors[error].status, flat_code(errors[error].status), info);
		return;
	}
	json_t *code =
	    errors[error].word ? json_string(errors[error].word) : json_integer(errors[error].code);
	/* Long texts may have been cut inside a character. */
	json_t *text = json_string(info);
	json_t *details = json_pack("{s:o}", "info", text ? text : json_string("unreadable text"));
	set_reply(x, errors[error].status,
	    json_pack("{s:{s:o, s:s, s:s, s:o, s:{}}}", "error", "code", code, "message",
		errors[error].message, "domain", "PlatformAccountServer", "details", details, "context"));
	if (errors[error].note)
		exchange_note(x, arena_printf(x->arena, "assumption: %s", errors[error].note));
}

void reply_token_error(struct exchange *x, int status, const char *error, const char *description)
{
	set_reply(x, status, json_pack("{s:s, s:s}", "error", error, "error_description", description));
	if (!check_choice("access_denied|invalid_request", error))
		exchange_note(x, arena_printf(x->arena,
				     "assumption: token error \"%s\" is not in the documented list", error));
	x->no_store = true;
}

const char *query_text(struct exchange *x, const char *name)
{
	const char *value = form_get(&x->query, name);

	return value && value[0] ? value : NULL;
}

static bool refuse_query(struct exchange *x, const char *name, const char *wanted)
{
	reply_error(x, API_MALFORMED, "query parameter %s must be %s", name, wanted);
	return false;
}

bool query_bool(struct exchange *x, const char *name, bool *value)
{
	const char *text = query_text(x, name);

	if (!text)
		return true;
	int given = strv_to_bool(strv_of(text));
	if (given < 0)
		return refuse_query(x, name, "true or false");
	*value = given == 1;
	return true;
}

bool query_int(struct exchange *x, const char *name, int64_t low, int64_t high, int64_t *value)
{
	const char *text = query_text(x, name);
	int64_t given;

	if (!text)
		return true;
	if (!strv_to_int64(strv_of(text), &given) || given < low || given > high)
		return refuse_query(x, name, "an integer in range");
	*value = given;
	return true;
}

bool query_time(struct exchange *x, const char *name, int64_t *ms)
{
	const char *text = query_text(x, name);
	/* A plus that was not encoded arrives as a space: the offset of RFC 3339 is the usual victim. */
	char *repaired = text ? arena_strdup(x->arena, text) : NULL,
	     *space = repaired ? strrchr(repaired, ' ') : NULL;

	if (!text)
		return true;
	if (space && strlen(space) == 6 && strchr(repaired, 'T')) {
		*space = '+';
		exchange_note(
		    x, "the query has a plus that is not URL-encoded; read as an offset all the same");
	}
	return time_parse(strv_of(repaired), ms, NULL) ? true : refuse_query(x, name, "a date-time");
}

bool query_id(struct exchange *x, const char *name, const char **id)
{
	const char *text = query_text(x, name);
	char normal[UUID_TEXT_SIZE];

	if (!text)
		return true;
	if (!uuid_normal(strv_of(text), normal))
		return refuse_query(x, name, "a UUID");
	*id = arena_strdup(x->arena, normal);
	return true;
}

bool query_ids(struct exchange *x, const char *name, size_t max, const char **ids)
{
	const char *text = query_text(x, name);
	struct strbuf list = {0};
	size_t count = 0;
	char normal[UUID_TEXT_SIZE];

	if (!text)
		return true;
	for (const char *at = text; at; count++) {
		size_t n = strcspn(at, ",");
		if (!uuid_normal(strv_trim((struct strv){at, n}), normal) || count == max) {
			strbuf_free(&list);
			reply_error(x, API_MALFORMED,
			    "query parameter %s must be at most %zu UUIDs separated by commas", name, max);
			return false;
		}
		strbuf_addf(&list, "%s\"%s\"", count ? "," : "[", normal);
		at = at[n] ? at + n + 1 : NULL;
	}
	strbuf_addc(&list, ']');
	*ids = arena_strdup(x->arena, list.p);
	strbuf_free(&list);
	return true;
}

bool in_list(const char *list, const char *value)
{
	size_t n = value ? strlen(value) : 0;

	if (!list)
		return true;
	for (const char *at = list; value && at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, value, n) == 0 && (at[n] == ',' || at[n] == '\0'))
			return true;
	}
	return false;
}

bool body_read(struct exchange *x, const struct check_object *shape)
{
	struct check_report report = {.lenient = x->box->settings->lenient};

	if (!check_body(shape, x->json, &report)) {
		reply_error(x, API_MALFORMED, "%s%s%s", report.where[0] ? report.where : "the body", " ",
		    report.text);
		return false;
	}
	if (report.repaired)
		exchange_note(x, "lenient: numbers or booleans sent as another type were converted");
	if (report.dropped)
		exchange_note(x, "lenient: unknown members were ignored");
	return true;
}

bool tenant_visible(const struct exchange *x, const struct tenant *tenant)
{
	return tenant_below(tenant, &x->root);
}

bool find_tenant(struct exchange *x, const char *id, enum find find, struct tenant *out)
{
	char normal[UUID_TEXT_SIZE];
	bool found = uuid_normal(strv_of(id), normal) && tenant_load(x->box->store, x->arena, normal, out);

	if (!found || (out->deleted && find == FIND_LIVE && tenant_visible(x, out))) {
		reply_error(x, API_NOT_FOUND, "no tenant %s", id);
		return false;
	}
	if (!tenant_visible(x, out)) {
		reply_error(x, API_FORBIDDEN, "tenant %s is not below the caller's", id);
		return false;
	}
	return true;
}

bool find_user(struct exchange *x, const char *id, enum find find, struct user *out)
{
	char normal[UUID_TEXT_SIZE];
	bool found = uuid_normal(strv_of(id), normal) && user_load(x->box->store, x->arena, normal, out);
	bool visible = found && strncmp(out->tenant_path, x->root.path, strlen(x->root.path)) == 0;

	if (!found || (visible && out->deleted && find == FIND_LIVE)) {
		reply_error(x, API_NOT_FOUND, "no user %s", id);
		return false;
	}
	if (!visible)
		reply_error(x, API_FORBIDDEN, "user %s is not below the caller's tenant", id);
	return visible;
}
