/* The token's life; see token_impl.h. */
#include "token_impl.h"

#include <stdlib.h>
#include <string.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/str.h"

enum {
	RENEW_BEFORE_MS = 900000, /* as official scripts do (acronis-notes.md section 1) */
	DEFAULT_LIFE_S = 7200,
	LONGEST_LIFE_S = 7 * 86400
};

static char *base64(struct strv in)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct strbuf out = {0};

	for (size_t i = 0; i < in.n; i += 3) {
		size_t left = in.n - i;
		unsigned bits = (unsigned)(unsigned char)in.p[i] << 16;
		if (left > 1)
			bits |= (unsigned)(unsigned char)in.p[i + 1] << 8;
		if (left > 2)
			bits |= (unsigned char)in.p[i + 2];
		strbuf_addc(&out, digits[bits >> 18]);
		strbuf_addc(&out, digits[bits >> 12 & 63]);
		strbuf_addc(&out, left > 1 ? digits[bits >> 6 & 63] : '=');
		strbuf_addc(&out, left > 2 ? digits[bits & 63] : '=');
	}
	return strbuf_take(&out);
}

static void wipe(char **text)
{
	if (*text) {
		log_secret_forget(*text);
		explicit_bzero(*text, strlen(*text));
	}
	free(*text);
	*text = NULL;
}

void token_setup(struct token *token, const char *url, const char *client_id, const char *client_secret)
{
	char *pair = mem_printf("%s:%s", client_id, client_secret), *encoded = base64(strv_of(pair));

	*token = (struct token){
	    .url = mem_printf("%s/api/2/idp/token", url), .basic = mem_printf("Basic %s", encoded)};
	log_secret(token->basic);
	wipe(&pair);
	wipe(&encoded);
}

static void drop(struct token *token)
{
	wipe(&token->text);
	wipe(&token->bearer);
}

void token_wipe(struct token *token)
{
	drop(token);
	wipe(&token->basic);
	free(token->url);
	token->url = NULL;
}

bool token_good(const struct token *token, int64_t now_mono)
{
	return token->bearer && now_mono < token->expires_at;
}

bool token_due(const struct token *token, int64_t now_mono)
{
	return !token->asked && now_mono >= token->ask_after &&
	       (!token->bearer || now_mono >= token->renew_at);
}

struct http_request token_request(const struct token *token, int64_t timeout_ms)
{
	static const char form[] = "grant_type=client_credentials";

	return (struct http_request){.method = HTTP_POST,
	    .url = token->url,
	    .body = form,
	    .body_length = sizeof form - 1,
	    .content_type = "application/x-www-form-urlencoded",
	    .authorization = token->basic,
	    .timeout_ms = timeout_ms};
}

void token_reject(struct token *token, uint64_t generation)
{
	if (token->generation == generation)
		drop(token);
}

/* expires_on is the server's clock against ours: when they disagree wildly (or --now re-enacts another day)
 * it says nothing, and what counts from now is taken. */
static int64_t life_seconds(const json_t *body, int64_t now_wall)
{
	const json_t *on = json_object_get(body, "expires_on"), *in = json_object_get(body, "expires_in");

	if (json_is_integer(on)) {
		int64_t left = json_integer_value(on) - now_wall / 1000;
		if (left > 0 && left <= LONGEST_LIFE_S)
			return left;
	}
	if (json_is_integer(in) && json_integer_value(in) > 0 && json_integer_value(in) <= LONGEST_LIFE_S)
		return json_integer_value(in);
	return DEFAULT_LIFE_S;
}

bool token_readable(const json_t *body)
{
	const char *text = json_string_value(json_object_get(body, "access_token"));

	return text && text[0] && !strpbrk(text, "\r\n");
}

void token_accept(struct token *token, const json_t *body, int64_t now_mono, int64_t now_wall)
{
	const char *text = json_string_value(json_object_get(body, "access_token"));
	int64_t life = life_seconds(body, now_wall) * 1000, margin = life / 4;

	drop(token);
	token->text = mem_strdup(text);
	token->bearer = mem_printf("Bearer %s", text);
	log_secret(token->text);
	token->expires_at = now_mono + life;
	token->renew_at = token->expires_at - (margin < RENEW_BEFORE_MS ? margin : RENEW_BEFORE_MS);
	token->generation++;
}
