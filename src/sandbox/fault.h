/* Faults on demand: which answer goes wrong, how, and when. Grammar and kinds are in the help text
 * (program.c). */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tenantry/error.h"
#include "tenantry/str.h"

/* kind, name, help */
#define FAULT_KINDS(X)                                                                                       \
	X(FAULT_LOST_AFTER, "lost-after",                                                                    \
	    "the change is made, then the connection is cut without an answer")                              \
	X(FAULT_LOST_BEFORE, "lost-before", "the connection is cut and nothing was done")                    \
	X(FAULT_429, "429", "too many requests, with Retry-After in seconds (retry-after=S, default 1)")     \
	X(FAULT_429_DATE, "429-date", "the same with Retry-After as a date")                                 \
	X(FAULT_429_NO_HINT, "429-no-hint", "too many requests without Retry-After")                         \
	X(FAULT_500, "500", "internal server error (commit=yes: after the change was made)")                 \
	X(FAULT_503, "503", "service unavailable (retry-after=S adds the header; commit=yes as above)")      \
	X(FAULT_SLOW, "slow",                                                                                \
	    "the change is made at once, the answer comes late (for=DURATION, default 5s)")                  \
	X(FAULT_CUT_BODY, "cut-body", "the change is made, the answer breaks off in its middle")             \
	X(FAULT_EXPIRED_TOKEN, "expired-token", "401, and the token that was used is gone")                  \
	X(FAULT_403, "403", "forbidden, and nothing was done")                                               \
	X(FAULT_1001, "1001", "version mismatch")                                                            \
	X(FAULT_1004, "1004", "tenant name conflict")                                                        \
	X(FAULT_426, "426", "quota version mismatch")                                                        \
	X(FAULT_MAIL_REFUSED, "mail-refused", "mail could not be sent (code 1025)")                          \
	X(FAULT_HTML, "html", "200 with a page of HTML, as a proxy in between would send; nothing was done") \
	X(FAULT_WRONG_TYPES, "wrong-types",                                                                  \
	    "the change is made, the answer's strings, numbers and lists swap types")

enum fault_kind {
#define X(kind, name, help) kind,
	FAULT_KINDS(X)
#undef X
	    FAULT_KIND_COUNT
};

struct fault {
	char *spec;         /* as given, owned */
	char operation[64]; /* an operation id, a method or "*" */
	enum fault_kind kind;
	int64_t nth;     /* the first matching request it may hit, from 1 */
	int64_t count;   /* hits at most; 0: no end */
	int64_t every;   /* from the nth on, each so many-th */
	int64_t percent; /* of the matching requests; 100: all */
	int64_t retry_after, delay_ms;
	bool commit;
	char match[64]; /* only requests that have this text in target or body */
	int64_t seen, hits;
};

struct fault_set; /* opaque */

struct fault_set *fault_set_new(uint64_t random_seed);
void fault_set_free(struct fault_set *set);
/* "OPERATION:KIND[:name=value]..."; ERR_USAGE says what is wrong and names the nearest known word. */
int fault_add(struct fault_set *set, const char *spec, struct error *err) MUST_USE;
void fault_clear(struct fault_set *set);
/* The fault that this request meets, or NULL. Every fault that could match counts the request. */
const struct fault *fault_pick(
    struct fault_set *set, const char *operation, const char *method, const char *target, struct strv body);
json_t *fault_report(const struct fault_set *set); /* for /admin/faults */
const char *fault_kind_name(enum fault_kind kind);

#endif
