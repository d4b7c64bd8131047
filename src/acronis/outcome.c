/* From an HTTP response to a decision: reads the body, asks the policy, words the answer. See outcome_impl.h.
 */
#include "outcome_impl.h"

#include <stdio.h>
#include <string.h>

#include "envelope_impl.h"
#include "shape_impl.h"
#include "token_impl.h"

/* What is read back of an id is that id's, or it is believed of nobody: a proxy's cache and a mixed-up
 * connection give a whole answer too, of somebody else. */
static bool is_of_another(const struct asked *asked, const struct http_response *response, const json_t *body)
{
	if (!asked->id || response->status < 200 || response->status > 299)
		return false;
	const char *is = json_string_value(json_object_get(body, asked->id_member));
	return is && !strv_eq_nocase(strv_of(is), strv_of(asked->id));
}

/* The answer to a read or to the token call, of the wrong types. What a change answers is not held against
 * it: that it was answered is what counts, and what it left behind is read. */
static bool is_misshapen(const struct asked *asked, const json_t *body, char *text, size_t size)
{
	char why[200] = "it holds no access_token";
	bool fits = asked->kind == POLICY_CHANGE ||
		    (asked->kind == POLICY_TOKEN ? token_readable(body)
						 : shape_fits(asked->call, body, why, sizeof why));

	if (!fits)
		snprintf(text, size, "the answer is not as documented: %s", why);
	return !fits;
}

/* A redirection is never followed: it would carry our token to somebody else. Only the origin is said, the
 * rest of the address may hold secrets. */
static void say_where_to(const struct http_response *response, char *text, size_t size)
{
	const char *to = response->location ? response->location : "", *host = strstr(to, "://");
	size_t n = host ? strcspn(host + 3, "/?#") : 0;
	const char *user = n > 0 ? memrchr(host + 3, '@', n) : NULL;

	if (n == 0 || user)
		snprintf(text, size, "it leads elsewhere, and is not followed");
	else
		snprintf(text, size, "it leads to %.*s, and is not followed",
		    (int)(n < 200 ? n + 3 + (size_t)(host - to) : 200), to);
}

/* Something else than this API answered (a page, a portal, a proxy), or this API not whole: says what is
 * wrong. An empty error is within the API's manners. */
static bool is_foreign(const struct asked *asked, const struct http_response *response, const json_t *body,
    const json_error_t *json, char *text, size_t size)
{
	bool good = response->status >= 200 && response->status <= 299;

	if (response->failure != TRANSPORT_OK)
		return false;
	if (response->status >= 300 && response->status <= 399)
		say_where_to(response, text, size);
	else if (response->body_length == 0 && good && asked->body_due)
		snprintf(text, size, "the answer is empty where a JSON object is due");
	else if (response->body_length == 0)
		return false;
	else if (!json_is_object(body) && json->line > 0)
		snprintf(text, size, "the answer is not JSON (%s%s)",
		    response->content_type[0] ? response->content_type : "no Content-Type",
		    response->body[0] == '<' ? ", it looks like HTML" : "");
	else if (!json_is_object(body))
		snprintf(text, size, "the answer is JSON but not an object");
	else if (is_of_another(asked, response, body))
		snprintf(text, size, "the answer is of another id than the one that was asked for");
	else
		return good && asked->body_due && is_misshapen(asked, body, text, size);
	return true;
}

void outcome_of(const struct asked *asked, const struct http_response *response, struct outcome *out)
{
	json_error_t json_error = {.line = 0};
	struct envelope envelope;
	char text[320];
	const char *why = response->failure == TRANSPORT_OK ? NULL : response->failure_text;

	*out = (struct outcome){0};
	if (response->failure == TRANSPORT_OK && response->body_length > 0)
		out->body = json_loadb(response->body, response->body_length, 0, &json_error);
	envelope_read(response->status >= 300 ? out->body : NULL, &envelope);
	struct policy_question question = {.kind = asked->kind,
	    .checks_login = asked->checks_login,
	    .failure = response->failure,
	    .bad_certificate = response->tls_failure,
	    .status = response->status,
	    .platform_code = envelope.platform_code,
	    .foreign = is_foreign(asked, response, out->body, &json_error, text, sizeof text),
	    .token_replayed = asked->token_replayed,
	    .tries = asked->tries,
	    .retries = asked->retries,
	    .hint_ms = policy_retry_after_ms(response->retry_after, asked->wall_ms)};
	out->policy = policy_decide(&question);
	if (out->policy.action == POLICY_AGAIN || out->policy.hold_all)
		out->pause_ms = policy_pause_ms(asked->tries, question.hint_ms, asked->random);
	out->answer = (struct acronis_answer){.result = out->policy.result,
	    .status = response->status,
	    .platform_code = envelope.platform_code,
	    .tries = (int)asked->tries,
	    .their_side = out->policy.their_side,
	    .bad_certificate = response->tls_failure,
	    .body = json_is_object(out->body) ? out->body : NULL};
	memcpy(out->answer.code_word, envelope.word, sizeof out->answer.code_word);
	if (question.foreign)
		why = text;
	envelope_describe(&out->answer, asked->operation, &envelope, why);
}
