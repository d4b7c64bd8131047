/* The calls' table in acronis.h as data: names, paths, what may be repeated. */
#include "calls_impl.h"

#include "tenantry/mem.h"

static const struct {
	const char *name, *path;
	enum http_method method;
	enum acronis_repeat repeat;
} calls[] = {
#define X(id, name, method, path, repeat) [id] = {name, path, method, repeat},
    ACRONIS_CALLS(X)
#undef X
};

/* A new connection costs a handshake, so only what nobody may send twice pays for it. */
static const bool fresh_connection[] = {
    [REPEAT_FREELY] = false, [REPEAT_LOOK] = false, [REPEAT_NEVER] = true};

static const char *const results[] = {
#define X(id, name) [id] = name,
    API_RESULTS(X)
#undef X
};

const char *acronis_call_name(enum acronis_call call)
{
	return (size_t)call < ARRAY_LEN(calls) ? calls[call].name : "unknown";
}

bool acronis_call_changes(enum acronis_call call)
{
	return calls[call].method != HTTP_GET;
}

enum acronis_repeat acronis_call_repeat(enum acronis_call call)
{
	return calls[call].repeat;
}

const char *api_result_name(enum api_result result)
{
	return (size_t)result < ARRAY_LEN(results) ? results[result] : "unknown";
}

enum http_method call_method(enum acronis_call call)
{
	return calls[call].method;
}

/* The two calls that the API answers with 204. */
bool call_has_answer_body(enum acronis_call call)
{
	return call != CALL_CHECK_LOGIN && call != CALL_ACTIVATION_MAIL;
}

struct call_id call_id_of(const struct acronis_request *request)
{
	switch (request->call) {
	case CALL_CLIENT:
		return (struct call_id){"client_id", request->a};
	case CALL_TENANT:
	case CALL_USER:
		return (struct call_id){"id", request->a};
	case CALL_SETTING:
		return (struct call_id){"name", request->c};
	default:
		return (struct call_id){NULL, NULL};
	}
}

bool call_wants_fresh_connection(enum acronis_call call)
{
	return fresh_connection[calls[call].repeat];
}

char *call_url(const char *base, const struct acronis_request *request)
{
	const char *const parts[] = {request->a, request->b, request->c};
	struct strbuf url = {0};

	strbuf_adds(&url, base);
	if (strncmp(calls[request->call].path, "/api/", 5) != 0)
		strbuf_adds(&url, "/api/2");
	for (const char *p = calls[request->call].path; *p;) {
		if (*p == '{') {
			strbuf_add_url(&url, strv_of(parts[p[1] - 'a']));
			p += 3;
			continue;
		}
		strbuf_addc(&url, *p++);
	}
	if (request->query && request->query[0]) {
		strbuf_addc(&url, '?');
		strbuf_adds(&url, request->query);
	}
	return strbuf_take(&url);
}
