/* The Acronis Account Management API v2 as this job uses it: calls in, typed answers out.
 *
 * The client owns token, pace (rate, 429 and Retry-After hold back everything), repetition of what may be
 * repeated, and pages. It never repeats a change whose outcome is not known: such a call ends as API_UNKNOWN
 * and the caller looks first. acronis_send() only queues; nothing is transmitted before the next
 * acronis_turn(), so a caller that journals between the two has its intents on disk before a byte leaves.
 * Callbacks run inside acronis_turn() and may send more.
 */
#ifndef TENANTRY_ACRONIS_H
#define TENANTRY_ACRONIS_H

#include <jansson.h>

#include "tenantry/arena.h"
#include "tenantry/clock.h"
#include "tenantry/completeness.h"
#include "tenantry/digest.h"
#include "tenantry/error.h"
#include "tenantry/transport.h"

/* May a call be sent again when its answer is not known? FREELY: reads. LOOK: only after reading what it left
 * behind. NEVER: only when a person says so. (A 401, a 429 and a request that never left were not carried
 * out: those are repeated whatever the column says.) NEVER goes over a connection of its own: a kept one that
 * has died meanwhile would leave it in doubt for no reason. */
enum acronis_repeat { REPEAT_FREELY, REPEAT_LOOK, REPEAT_NEVER };

/* id, operationId in acronis-openapi.yaml, method, path below /api/2, or a whole one that begins with /api/
 * ({a} {b} {c} are replaced), repeat */
#define ACRONIS_CALLS(X)                                                                                     \
	X(CALL_CLIENT, "FetchClient", HTTP_GET, "/clients/{a}", REPEAT_FREELY)                               \
	X(CALL_APPLICATIONS, "FetchApplications", HTTP_GET, "/applications", REPEAT_FREELY)                  \
	X(CALL_TENANTS, "FetchTenantsBatch", HTTP_GET, "/tenants", REPEAT_FREELY)                            \
	X(CALL_TENANT, "FetchTenant", HTTP_GET, "/tenants/{a}", REPEAT_FREELY)                               \
	X(CALL_TENANT_CREATE, "CreateTenant", HTTP_POST, "/tenants", REPEAT_LOOK)                            \
	X(CALL_TENANT_UPDATE, "UpdateTenant", HTTP_PUT, "/tenants/{a}", REPEAT_LOOK)                         \
	X(CALL_TENANT_USERS, "FetchTenantUsers", HTTP_GET, "/tenants/{a}/users", REPEAT_FREELY)              \
	X(CALL_MFA, "FetchTenantMFAStatus", HTTP_GET, "/tenants/{a}/mfa/status", REPEAT_FREELY)              \
	X(CALL_MFA_SET, "ManageTenantMFAStatus", HTTP_PUT, "/tenants/{a}/mfa/status", REPEAT_LOOK)           \
	X(CALL_PRICING, "FetchTenantPricingSettings", HTTP_GET, "/tenants/{a}/pricing", REPEAT_FREELY)       \
	X(CALL_PRICING_SET, "UpdateTenantPricingSettings", HTTP_PUT, "/tenants/{a}/pricing", REPEAT_LOOK)    \
	X(CALL_SETTING, "FetchTenantApplicationSetting", HTTP_GET,                                           \
	    "/applications/{a}/settings/tenants/{b}/{c}", REPEAT_FREELY)                                     \
	X(CALL_SETTING_SET, "UpdateTenantApplicationSetting", HTTP_PUT,                                      \
	    "/applications/{a}/settings/tenants/{b}/{c}", REPEAT_LOOK)                                       \
	X(CALL_PRICE_LISTS, "FetchTenantPriceLists", HTTP_GET, "/api/price_sync/v1/effective_price_lists",   \
	    REPEAT_FREELY)                                                                                   \
	X(CALL_AVAILABLE, "FetchOfferingItemsAvailableForTenantChild", HTTP_GET,                             \
	    "/tenants/{a}/offering_items/available_for_child", REPEAT_FREELY)                                \
	X(CALL_OFFERING_ITEMS, "FetchTenantOfferingItems", HTTP_GET, "/tenants/{a}/offering_items",          \
	    REPEAT_FREELY)                                                                                   \
	X(CALL_OFFERING_ITEMS_SET, "SetTenantOfferingItems", HTTP_PUT, "/tenants/{a}/offering_items",        \
	    REPEAT_LOOK)                                                                                     \
	X(CALL_USAGES, "FetchTenantsUsagesBatch", HTTP_GET, "/tenants/usages", REPEAT_FREELY)                \
	X(CALL_CHECK_LOGIN, "CheckLoginNameAvailability", HTTP_GET, "/users/check_login", REPEAT_FREELY)     \
	X(CALL_USERS, "FetchUsersBatch", HTTP_GET, "/users", REPEAT_FREELY)                                  \
	X(CALL_USER, "FetchUser", HTTP_GET, "/users/{a}", REPEAT_FREELY)                                     \
	X(CALL_SEARCH, "Search", HTTP_GET, "/search", REPEAT_FREELY)                                         \
	X(CALL_USER_CREATE, "CreateUser", HTTP_POST, "/users", REPEAT_LOOK)                                  \
	X(CALL_ACCESS_POLICIES, "FetchUserAccessPolicies", HTTP_GET, "/users/{a}/access_policies",           \
	    REPEAT_FREELY)                                                                                   \
	X(CALL_ACCESS_POLICIES_SET, "UpdateUserAccessPolicies", HTTP_PUT, "/users/{a}/access_policies",      \
	    REPEAT_LOOK)                                                                                     \
	X(CALL_ACTIVATION_MAIL, "SendActivationEmail", HTTP_POST, "/users/{a}/send-activation-email",        \
	    REPEAT_NEVER)

enum acronis_call {
#define X(id, name, method, path, repeat) id,
	ACRONIS_CALLS(X)
#undef X
	    CALL_COUNT
};
const char *acronis_call_name(enum acronis_call call);
bool acronis_call_changes(enum acronis_call call); /* anything but GET */
enum acronis_repeat acronis_call_repeat(enum acronis_call call);

/* Expected answers are values; the flow decides what each means for its step. */
#define API_RESULTS(X)                                                                                       \
	X(API_OK, "ok")               /* 2xx with a body of the right shape (or none where none is due) */   \
	X(API_NOT_FOUND, "not-found") /* 404, 1005 */                                                        \
	X(API_TAKEN, "taken") /* 409 that is not 1001: 1004 name, a login (409 of check_login too) */        \
	X(API_STALE, "stale") /* 1001 whatever its status; 412 */                                            \
	X(API_STALE_QUOTA, "stale-quota")       /* 426 */                                                    \
	X(API_NOT_ACCEPTABLE, "not-acceptable") /* 406 of check_login: not a login */                        \
	X(API_REFUSED, "refused")               /* other 4xx: will be refused again */                       \
	X(API_FORBIDDEN, "forbidden")           /* 403: not ours to see or change */                         \
	X(API_UNKNOWN, "unknown")               /* a change: perhaps carried out. Look first. */             \
	X(API_UNAVAILABLE, "unavailable")   /* not carried out; tries used up; their side or the network */  \
	X(API_UNREADABLE, "unreadable")     /* a read answered with something that is not this API */        \
	X(API_UNAUTHORIZED, "unauthorized") /* the client id or secret is not accepted: stops the run */     \
	X(API_CANCELLED, "cancelled")       /* the client was told to stop before it was sent */
enum api_result {
#define X(id, name) id,
	API_RESULTS(X)
#undef X
	    API_RESULT_COUNT
};
const char *api_result_name(enum api_result result);

struct acronis_answer {
	enum api_result result;
	int status;            /* HTTP, 0 none */
	int64_t platform_code; /* 1000 and up, 0 none (error.code as a number) */
	char code_word[64];    /* error.code as a word */
	char text[512];        /* for people: "CreateTenant: 409, 1004 tenant name conflict (2 tries)" */
	const json_t *body;    /* borrowed during the callback; NULL none */
	int tries;
	bool their_side;      /* 5xx, network, time-out: counts towards the circuit */
	bool bad_certificate; /* nothing was sent: the server's certificate is not accepted */
};
typedef void acronis_done(void *user, const struct acronis_answer *answer);

struct acronis_request {
	enum acronis_call call;
	const char *a, *b, *c; /* path parts */
	const char *query;     /* without '?', encoded; NULL none */
	json_t *body;          /* taken over; NULL none */
	bool once; /* a read that the run can do without: no answer is an answer, it is not repeated */
	acronis_done *done;
	void *user;
};

struct acronis_settings {
	const char *url;
	const char *client_id, *client_secret; /* copied; wiped on free */
	int64_t connections, rate, timeout_ms, retries, page_size;
	uint64_t random_seed; /* jitter; 0: from the machine */
};

struct acronis_client; /* opaque */
/* `transport` and `clock` are borrowed. Never NULL; nothing is sent yet. */
struct acronis_client *acronis_client_new(
    const struct acronis_settings *settings, struct transport *transport, struct clock *clock);
void acronis_client_free(
    struct acronis_client *client); /* NULL is fine; unfinished calls end as API_CANCELLED or UNKNOWN */
/* Queues a call; everything in the request is copied, the body taken over. */
void acronis_send(struct acronis_client *client, const struct acronis_request *request);
/* Starts what may start (connections, rate, pause), moves data, calls back. Waits at most max_wait_ms
 * (monotonic). */
int acronis_turn(struct acronis_client *client, int64_t max_wait_ms, struct error *err) MUST_USE;
/* Queued plus in flight; 0: idle. */
size_t acronis_pending(const struct acronis_client *client);
/* From now on nothing new is started: what is queued ends as API_CANCELLED, what is in flight is awaited. */
void acronis_stop(struct acronis_client *client);
/* The same as soon as *stop is not 0 (a signal), so that what waits for an answer does not wait on for its
 * repetitions. Borrowed. */
void acronis_stop_on(struct acronis_client *client, const volatile int *stop);

/* `paused` is told, inside acronis_turn(), when the server asks everybody to wait or to wait longer: until
 * when, wall clock. */
void acronis_on_pause(
    struct acronis_client *client, void (*paused)(void *user, int64_t until_ms), void *user);
/* Nothing is sent before this time (wall clock), and then at half the pace: a pause that an earlier process
 * was asked to keep. */
void acronis_pause_until(struct acronis_client *client, int64_t until_ms);

struct acronis_stats {
	uint64_t requests, changes, repeats, tokens, pauses; /* requests = all that left, token calls too */
	int64_t paused_ms;
};
struct acronis_stats acronis_stats(const struct acronis_client *client);

/* Sends and turns until it is answered. The body in `out` is a new reference: json_decref((json_t
 * *)out->body). */
int acronis_call_wait(struct acronis_client *client, const struct acronis_request *request,
    struct acronis_answer *out, struct error *err) MUST_USE;
/* Turns a bad answer into an error (ERR_ACRONIS, with what to do for the usual causes). -1. */
int acronis_answer_error(const struct acronis_answer *answer, struct error *err);

/* Follows all pages of CALL_TENANTS or CALL_USERS (cursor absent, null or empty ends; a cursor that comes
 * again is an error, and so is what completeness.h finds in the pages: API_UNREADABLE). `item` gets each
 * element; -1 from it ends the listing with its error. `end` is called once: result API_OK, or what the
 * failing page gave. timestamp: of the first page, for updated_since; "" when absent. A query that begins
 * with "uuids=" must give none but those. */
struct acronis_listing {
	enum acronis_call call;
	const char *query; /* filters, encoded; limit is added */
	bool changes;      /* with updated_since: elements may have no id (notes section 2.1) */
	uint64_t last;     /* elements of such a list the last time, 0 not known: how many it may have now */
	int (*item)(void *user, const json_t *item, struct error *err);
	void (*end)(void *user, enum api_result result, const char *timestamp, const struct error *err);
	void *user;
	enum api_result *result; /* of acronis_list_wait(): how it ended; NULL */
};
void acronis_list(struct acronis_client *client, const struct acronis_listing *listing);
/* The same, waiting. ERR_ACRONIS. timestamp may be NULL. */
int acronis_list_wait(struct acronis_client *client, const struct acronis_listing *listing,
    char timestamp[40], struct error *err) MUST_USE;

/* A list that could not be had, or not be believed, is read again twice, a pause apart (list_again.c). */
enum { LISTING_READS = 3 };
struct list_again {
	struct clock *clock;
	int64_t pause_ms;                                /* acronis.settle */
	const volatile int *stop;                        /* a signal; NULL */
	int (*heartbeat)(void *user, struct error *err); /* every few seconds; NULL */
	void *user;
	unsigned reads; /* so many were made */
};
/* Does another reading make sense after this result? Not where a person has to do something first. */
bool list_may_be_read_again(enum api_result result);
/* After a reading that `why` speaks against: true when there is to be another one, after the pause. False: it
 * was the last, or (err set) a signal came or the heartbeat failed. `what`: "the list of tenants". */
bool list_read_again(struct list_again *again, const char *what, const char *why, struct error *err);

/* Tenants by their ids, deleted ones too (by_id.c): a hundred a call, and one that a batch does not give, or
 * whose batch is refused, by itself, so that BY_ID_NOT_FOUND always is a 404 to its own id. */
struct acronis_id_answer {
	enum by_id how;
	enum api_result result;
	const json_t *tenant;    /* BY_ID_HERE, BY_ID_DELETED: borrowed during the callback; NULL */
	bool shared;             /* one answer for many of them: their batch failed */
	const char *text;        /* for people, "" where it is there */
	const struct error *err; /* BY_ID_FAILED: with its hint; NULL */
};
struct acronis_by_id {
	const char *const *ids; /* copied */
	size_t count;
	/* Once for each id, in no order. */
	void (*answer)(void *user, const char *id, const struct acronis_id_answer *answer);
	void (*end)(void *user); /* once, after the last; at once when there are none */
	void *user;
};
void acronis_by_id(struct acronis_client *client, const struct acronis_by_id *asked);
/* The same, waiting; `end` is not looked at. -1: the transport broke. */
int acronis_by_id_wait(
    struct acronis_client *client, const struct acronis_by_id *asked, struct error *err) MUST_USE;

/* ---- Answers as data (decode.c). Texts in the arena, never NULL. A member of the wrong type: -1,
 * ERR_ACRONIS naming it. */
struct acronis_contact {
	const char *email, *first_name, *last_name, *phone, *address1, *address2, *city, *state, *zipcode,
	    *country;
	bool legal, billing;
};
struct acronis_tenant {
	const char *id, *parent_id, *customer_id, *internal_tag, *name, *kind, *pricing_mode;
	const char *updated_at, *deleted_at; /* as sent; "" null */
	bool enabled, locked;
	int64_t version;
	struct acronis_contact contact;
};
struct acronis_pricing {
	const char *mode, *currency; /* currency "" when null */
	int64_t version;
};
struct acronis_setting {
	bool has_own;
	bool has_value; /* of its own, of whatever type */
	bool is_number;
	int64_t number;   /* when is_number */
	const char *text; /* otherwise: a string value; "" for others */
};
struct acronis_user {
	const char *id, *tenant_id, *login, *external_id, *deleted_at;
	bool enabled, activated;
	int64_t version;
};
struct acronis_offering_item {
	const char *application_id, *name, *infra_id, *edition, *type; /* infra_id "" when it has none */
	bool enabled, locked, has_quota, quota_unlimited, overage_unlimited;
	int64_t quota, overage, quota_version;
};
/* One find of CALL_SEARCH. It holds neither Account Id (customer_id) nor tag: who needs them reads the
 * tenant. */
struct acronis_hit {
	bool is_tenant;                       /* else a user, whose kind and name are "" */
	const char *id, *parent_id;           /* parent_id: of a user the tenant that it belongs to */
	const char *kind, *name, *deleted_at; /* deleted_at as sent; "" null */
};
int acronis_tenant_decode(
    const json_t *json, struct arena *arena, struct acronis_tenant *out, struct error *err) MUST_USE;
int acronis_pricing_decode(
    const json_t *json, struct arena *arena, struct acronis_pricing *out, struct error *err) MUST_USE;
int acronis_setting_decode(
    const json_t *json, struct arena *arena, struct acronis_setting *out, struct error *err) MUST_USE;
int acronis_user_decode(
    const json_t *json, struct arena *arena, struct acronis_user *out, struct error *err) MUST_USE;
int acronis_offering_item_decode(
    const json_t *json, struct arena *arena, struct acronis_offering_item *out, struct error *err) MUST_USE;
int acronis_hit_decode(
    const json_t *json, struct arena *arena, struct acronis_hit *out, struct error *err) MUST_USE;

/* ---- Finding tenants by words (search.c): CALL_SEARCH looks at name, Account Id (custom id), contact names
 * and e-mail, without regard to case and anywhere in them; not at the internal tag. It has no pages (notes
 * section 2.1). */
enum { ACRONIS_SEARCH_SHORTEST = 3 }; /* characters; the service finds nothing for fewer */
/* Is the text long enough to be searched for? */
bool acronis_search_can(const char *text);
/* The query of CALL_SEARCH, encoded: all that stands below the tenant (a UUID) and holds the text, at most
 * `limit` finds. The caller frees. */
char *acronis_search_query(const char *tenant_id, const char *text, int64_t limit);
struct acronis_hits {
	struct acronis_hit *items;
	size_t count;
	bool cut; /* as many as were asked for: there may be more, so that what is missing proves nothing */
};
/* A whole answer of CALL_SEARCH that was asked with `limit`. Texts in the arena. -1: ERR_ACRONIS. */
int acronis_hits_decode(const json_t *body, int64_t limit, struct arena *arena, struct acronis_hits *out,
    struct error *err) MUST_USE;

/* ---- The price list, a service of its own beside the account server (decode_price.c): what Acronis bills.
 */
struct acronis_commitment {
	const char *currency;   /* as sent; "" when it was no text */
	const char *commitment; /* as sent: its format is not published; "" when it was no text */
};
/* The entry of one month ("2026-11") of GET /effective_price_lists. 1 found, 0 there is no single entry of
 * that month, -1 (ERR_ACRONIS) the answer is not of the published shape. Texts in the arena. */
int acronis_commitment_decode(const json_t *json, const char *month, struct arena *arena,
    struct acronis_commitment *out, struct error *err) MUST_USE;
/* The scope that a refusal says the API client lacks (context.scope, flat or in the envelope), in the arena;
 * "" when it names none. `json` may be NULL. */
const char *acronis_wanted_scope(const json_t *json, struct arena *arena);

/* ---- Request bodies (encode.c). The caller owns the reference until it is given to acronis_send(). */
struct acronis_tenant_new {
	const char *name, *parent_id, *customer_id, *internal_tag;
	struct acronis_contact contact;
};
json_t *acronis_tenant_create_body(
    const struct acronis_tenant_new *tenant); /* kind partner, contact legal + billing */
json_t *acronis_contact_update_body(
    int64_t version, const struct acronis_contact *contact);                /* PUT /tenants/{id} */
json_t *acronis_enabled_body(int64_t version, bool enabled);                /* PUT /tenants/{id} */
json_t *acronis_customer_id_body(int64_t version, const char *customer_id); /* PUT /tenants/{id} */
json_t *acronis_pricing_body(int64_t version, const char *mode, const char *currency);
json_t *acronis_setting_number_body(int64_t value);
json_t *acronis_setting_text_body(const char *value);
json_t *acronis_offering_items_body(
    const struct acronis_offering_item *items, size_t count); /* status, quota of each */
json_t *acronis_user_create_body(
    const char *tenant_id, const char *login, const char *external_id, const struct acronis_contact *contact);
json_t *acronis_partner_admin_body(const char *user_id, const char *tenant_id);
/* Same address, names, phone and mail as far as we set them (blank = not set by us)? */
bool acronis_contact_matches(const struct acronis_contact *wanted, const struct acronis_contact *is);

/* ---- What a run needs once (session.c). */
struct acronis_application {
	const char *id, *type, *name;
};
struct acronis_session {
	struct acronis_client *client;
	const char *parent;      /* UUID: the configured one, or the client's own tenant */
	const char *platform_id; /* application of type "platform" */
	struct acronis_application *applications;
	size_t application_count;
	struct acronis_offering_item *available; /* for a child partner, edition=* */
	size_t available_count;
};
/* FetchClient, FetchApplications, available_for_child of the parent. `parent` NULL: the client's own tenant.
 * ERR_ACRONIS. */
int acronis_session_open(struct acronis_client *client, const char *client_id, const char *parent,
    bool with_offering_items, struct arena *arena, struct acronis_session *out, struct error *err) MUST_USE;

#endif
