/* What becomes of a call after each kind of answer: one table, no I/O, no state. */
#ifndef ACRONIS_POLICY_IMPL_H
#define ACRONIS_POLICY_IMPL_H

#include "tenantry/acronis.h"

enum policy_kind { POLICY_READ, POLICY_CHANGE, POLICY_TOKEN, POLICY_KIND_COUNT };

enum policy_action {
	POLICY_SETTLE,    /* the call is over, with `result` */
	POLICY_AGAIN,     /* the same call again after a pause */
	POLICY_NEW_TOKEN, /* a new token, then the same call once more */
};

struct policy_question {
	enum policy_kind kind;
	bool checks_login; /* CALL_CHECK_LOGIN: 406 has a meaning of its own */
	enum transport_failure failure;
	bool bad_certificate;
	int status;
	int64_t platform_code; /* 0 none */
	bool foreign;        /* something else than this API answered, or not all of it: it cannot be read */
	bool token_replayed; /* a 401 got a new token before */
	int64_t tries, retries; /* times sent so far; repetitions allowed */
	int64_t hint_ms;        /* Retry-After, -1 none */
};

struct policy_answer {
	enum policy_action action;
	enum api_result result; /* when settled; also what a repetition that is not made would have been */
	bool hold_all;          /* nobody sends anything before the pause is over */
	bool their_side;
};

struct policy_answer policy_decide(const struct policy_question *question);

/* Retry-After as seconds or as an HTTP date, in milliseconds from now, capped; -1 when absent or unreadable.
 */
int64_t policy_retry_after_ms(const char *header, int64_t wall_ms);
/* How long to wait before try number tries + 1: the server's hint when it gave one, else exponential with
 * full jitter. */
int64_t policy_pause_ms(int64_t tries, int64_t hint_ms, uint64_t *random);

#endif
