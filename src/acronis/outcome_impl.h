/* What came back for a call, and what the policy makes of it. */
#ifndef ACRONIS_OUTCOME_IMPL_H
#define ACRONIS_OUTCOME_IMPL_H

#include "policy_impl.h"

struct asked {
	const char *operation;  /* operationId */
	enum acronis_call call; /* but for tokens: whose answer it is */
	enum policy_kind kind;
	bool checks_login;     /* CALL_CHECK_LOGIN */
	bool body_due;         /* a 2xx answer must hold a JSON object */
	const char *id;        /* whose own answer it is; NULL: whatever comes */
	const char *id_member; /* of the answer, which holds that id */
	bool token_replayed;   /* a 401 got a new token before */
	int64_t tries, retries, wall_ms;
	uint64_t *random;
};

struct outcome {
	json_t *body; /* the caller's to drop; NULL none */
	struct policy_answer policy;
	struct acronis_answer answer; /* its body is borrowed from `body` */
	int64_t pause_ms;             /* when the policy repeats or holds */
};

void outcome_of(const struct asked *asked, const struct http_response *response, struct outcome *out);

#endif
