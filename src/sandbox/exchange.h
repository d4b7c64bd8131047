/* One request and its reply, free of HTTP library types, so that tests can drive the operations without a
 * socket.
 *
 * Handlers read the request through these functions and end with exactly one reply_*() call. A reply with a
 * status of 400 or more undoes what the handler wrote (sandbox.c).
 */
#ifndef SANDBOX_EXCHANGE_H
#define SANDBOX_EXCHANGE_H

#include <jansson.h>

#include "sandbox/check.h"
#include "sandbox/form.h"
#include "sandbox/records.h"
#include "sandbox/sandbox.h"
#include "tenantry/arena.h"
#include "tenantry/str.h"

enum { PARAM_MAX = 4, NOTE_MAX = 8 };
enum cut { CUT_NONE, CUT_ALL, CUT_BODY };

struct listing;
struct operation;
struct exchange {
	struct sandbox *box;
	struct arena *arena; /* lives as long as the exchange */

	/* the request, set by the server */
	const char *method;
	const char *target; /* path and query as they came */
	const char *authorization, *content_type, *origin, *host;
	struct strv body;
	bool loopback, body_cut; /* body_cut: larger than is taken */
	uint64_t connection;

	/* found out on the way */
	const struct operation *operation;
	const char *path; /* decoded, without trailing slashes */
	const char *param[PARAM_MAX];
	struct form query;
	json_t *json;          /* the body, owned */
	const char *client_id; /* the caller's */
	struct tenant root;    /* the caller's tenant; all below it is visible */
	int64_t made_until;    /* lists show nothing that was made or changed later; 0: they show all */

	/* the reply */
	int status;
	json_t *reply;          /* owned; NULL: no body */
	const char *reply_text; /* instead of `reply`, for faults */
	const char *reply_type; /* of reply_text; NULL: JSON */
	const char *allow, *location;
	const char *retry_after;
	bool no_store;
	enum cut cut;
	int64_t delay_ms;
	const struct listing *listing; /* of a reply that has pages; NULL: it has none */
	const char *fault;             /* the kinds that were played, for the log */
	const char *notes[NOTE_MAX];
	size_t note_count;
};

/* Errors of the API (notes section 7): name, status, platform code (0: `word` is the code), word, message,
 * and what of it is an assumption (NULL: documented). */
#define API_ERRORS(X)                                                                                        \
	X(API_MALFORMED, 400, 0, "ParameterMalformed", "Malformed request",                                  \
	    "the code word for refused input is an assumption")                                              \
	X(API_TOO_LARGE, 413, 0, "BodyTooLarge", "Request body too large", "413 is an assumption")           \
	X(API_UNAUTHORIZED, 401, 401, NULL, "Unauthorized", NULL)                                            \
	X(API_FORBIDDEN, 403, 1002, NULL, "Access denied", NULL)                                             \
	X(API_NOT_FOUND, 404, 1005, NULL, "Entity not found", NULL)                                          \
	X(API_NO_ROUTE, 404, 404, NULL, "Not found", NULL)                                                   \
	X(API_METHOD, 405, 405, NULL, "Method not allowed", NULL)                                            \
	X(API_LOGIN_UNACCEPTABLE, 406, 406, NULL, "Login is not acceptable", NULL)                           \
	X(API_MEDIA, 415, 415, NULL, "Unsupported media type", NULL)                                         \
	X(API_STALE, 409, 1001, NULL, "Version mismatch", "status 409 for code 1001 is an assumption")       \
	X(API_PARENT_DISABLED, 403, 1003, NULL, "Parent tenant is disabled",                                 \
	    "status 403 for code 1003 is an assumption")                                                     \
	X(API_NAME_CONFLICT, 409, 1004, NULL, "Tenant name conflict",                                        \
	    "status 409 for code 1004 is an assumption, and so is what counts as the same name")             \
	X(API_STILL_ENABLED, 400, 1006, NULL, "Tenant is enabled", NULL)                                     \
	X(API_MOVE_BELOW_CHILD, 400, 1007, NULL, "Tenant cannot be moved below its own child",               \
	    "status 400 for code 1007 is an assumption")                                                     \
	X(API_MOVE_IN_CUSTOMER, 400, 1008, NULL, "Tenant cannot be moved within a customer",                 \
	    "status 400 for code 1008 is an assumption")                                                     \
	X(API_LOCKED, 403, 1012, NULL, "Tenant is locked", "status 403 for code 1012 is an assumption")      \
	X(API_MOVE_BELOW_DISABLED, 400, 1013, NULL, "Tenant cannot be moved below a disabled tenant",        \
	    "status 400 for code 1013 is an assumption")                                                     \
	X(API_USER_DISABLED, 403, 1018, NULL, "User is disabled",                                            \
	    "status 403 for code 1018 is an assumption")                                                     \
	X(API_ITEM_UNAVAILABLE, 400, 1021, NULL, "Offering item is not available",                           \
	    "status 400 for code 1021 is an assumption")                                                     \
	X(API_IN_USE, 409, 1009, NULL, "Offering item is in use",                                            \
	    "status 409 for code 1009 is an assumption")                                                     \
	X(API_MAIL_REFUSED, 400, 1025, NULL, "Mail could not be sent",                                       \
	    "status 400 for code 1025 is an assumption")                                                     \
	X(API_RULE, 400, 1027, NULL, "Business rule violated", "status 400 for code 1027 is an assumption")  \
	X(API_LOGIN_TAKEN, 409, 0, "LoginConflict", "Login is already in use",                               \
	    "the code word for a taken login is an assumption")                                              \
	X(API_CONFLICT, 409, 409, NULL, "Conflict", NULL)                                                    \
	X(API_STALE_QUOTA, 426, 426, NULL, "Quota version mismatch", NULL)                                   \
	X(API_THROTTLED, 429, 429, NULL, "Too many requests", "429 is not documented for this API")          \
	X(API_INTERNAL, 500, 1000, NULL, "Internal server error", NULL)                                      \
	X(API_UNAVAILABLE, 503, 503, NULL, "Service unavailable", NULL)

enum api_error {
#define X(name, status, code, word, message, note) name,
	API_ERRORS(X)
#undef X
};

void exchange_init(struct exchange *x, struct sandbox *box);
void exchange_free(struct exchange *x);
/* Adds to the notes of the log line, once each. Texts must be static or live in the arena. */
void exchange_note(struct exchange *x, const char *note);
/* The moment that a list shows: now, unless a fault makes it lag. */
int64_t exchange_mark(struct exchange *x);

void reply_json(struct exchange *x, int status, json_t *body); /* takes the body */
void reply_empty(struct exchange *x, int status);
/* The envelope of notes section 7; the format gives details.info. Of an operation whose errors are flat the
 * same in its shape. */
void reply_error(struct exchange *x, enum api_error error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The OAuth shape of the token operation. */
void reply_token_error(struct exchange *x, int status, const char *error, const char *description);
/* The flat shape of the price list service; a 403 names the scope that is wanted. */
void reply_flat_error(struct exchange *x, int status, const char *code, const char *message);
int api_error_status(enum api_error error);

/* One query parameter or NULL; an empty one counts as absent. */
const char *query_text(struct exchange *x, const char *name);
/* false: replied 400. Absent leaves the value as it is. */
bool query_bool(struct exchange *x, const char *name, bool *value);
bool query_int(struct exchange *x, const char *name, int64_t low, int64_t high, int64_t *value);
bool query_time(struct exchange *x, const char *name, int64_t *ms);
/* Comma-separated ids, normalized, as a JSON array of texts in *ids ("" when absent); more than `max`: 400.
 */
bool query_ids(struct exchange *x, const char *name, size_t max, const char **ids);
bool query_id(struct exchange *x, const char *name, const char **id);
/* Is `value` in the comma-separated list? True when there is no list. */
bool in_list(const char *list, const char *value);

/* The JSON body, held against its shape. false: replied 400. */
bool body_read(struct exchange *x, const struct check_object *shape);

/* The tenant or user a path parameter names, when the caller may see it. false: replied 404 or 403. */
enum find { FIND_LIVE, FIND_DELETED_TOO };
bool find_tenant(struct exchange *x, const char *id, enum find find, struct tenant *out);
bool find_user(struct exchange *x, const char *id, enum find find, struct user *out);
bool tenant_visible(const struct exchange *x, const struct tenant *tenant);

#endif
