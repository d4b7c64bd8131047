/* The access token: when it is good, when to ask for a new one, what the answer says. Sends nothing itself.
 */
#ifndef ACRONIS_TOKEN_IMPL_H
#define ACRONIS_TOKEN_IMPL_H

#include "tenantry/transport.h"

#include <jansson.h>

struct token {
	char *url, *basic;   /* basic: the Authorization header of the token call, a secret */
	char *text, *bearer; /* the token, and the Authorization header of all other calls; NULL none */
	int64_t renew_at, expires_at; /* monotonic ms */
	int64_t ask_after;            /* monotonic: not before, after a failure */
	int64_t tries;                /* of the request under way */
	uint64_t generation; /* counts tokens, so that a 401 for an old one does not throw a new one away */
	bool asked;          /* a request is under way */
};

void token_setup(struct token *token, const char *url, const char *client_id, const char *client_secret);
void token_wipe(struct token *token); /* forgets and frees all secrets */
bool token_good(const struct token *token, int64_t now_mono);
/* Should a request be sent now? Not while one is under way. */
bool token_due(const struct token *token, int64_t now_mono);
/* Borrowed from the token. */
struct http_request token_request(const struct token *token, int64_t timeout_ms);
/* The server answered 401 to a call with this generation. */
void token_reject(struct token *token, uint64_t generation);
/* Does a 200 answer hold a token? */
bool token_readable(const json_t *body);
/* Takes a 200 answer that holds one. POST /idp/token, acronis-notes.md section 1. */
void token_accept(struct token *token, const json_t *body, int64_t now_mono, int64_t now_wall);

#endif
