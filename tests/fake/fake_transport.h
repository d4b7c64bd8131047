/* A transport inside the test: rules say what answers which request; nothing leaves the process. With a
 * manual clock a delayed answer costs no time: waiting moves the clock.
 *
 * A rule fits by method and by the beginning of what follows "/api/2" in the URL, query included
 * ("/tenants?parent_id="), or of the whole path of another service ("/api/price_sync/"). Rules for once come first, in the order they were given; then of the lasting ones
 * the newest that fits. POST /idp/token is answered with a token of two hours unless a rule says otherwise. A
 * request without a rule gets 418 and is told to stderr. */
#ifndef FAKE_TRANSPORT_H
#define FAKE_TRANSPORT_H

#include "tenantry/clock.h"
#include "tenantry/transport.h"

struct fake_transport; /* opaque */

struct fake_call {
	enum http_method method;
	const char *path;                         /* after /api/2, with the query */
	const char *body;                         /* "" none */
	const char *authorization, *content_type; /* "" none */
};

struct fake_reply { /* preset to TRANSPORT_OK, 200, "" */
	enum transport_failure failure;
	bool tls_failure;
	int status;
	const char *body;         /* copied */
	const char *content_type; /* NULL: application/json */
	const char *retry_after;  /* NULL none; copied */
	const char *location;     /* NULL none; not copied */
	int64_t delay_ms;
};
typedef void fake_reply_fn(void *user, const struct fake_call *call, struct fake_reply *reply);

struct fake_transport *fake_transport_new(struct clock *clock);
struct transport *fake_transport_base(struct fake_transport *fake); /* for acronis_client_new() */
/* Calls what is in flight back as TRANSPORT_CANCELLED and frees all; the same as transport_close() on the
 * base. */
void fake_transport_free(struct fake_transport *fake);

void fake_on(
    struct fake_transport *fake, enum http_method method, const char *prefix, int status, const char *body);
void fake_once(
    struct fake_transport *fake, enum http_method method, const char *prefix, int status, const char *body);
void fake_once_reply(
    struct fake_transport *fake, enum http_method method, const char *prefix, const struct fake_reply *reply);
void fake_on_call(struct fake_transport *fake, enum http_method method, const char *prefix,
    fake_reply_fn *reply, void *user);

/* What was asked so far. A call is borrowed until the next request, its texts until fake_transport_free(). */
unsigned fake_count(const struct fake_transport *fake, enum http_method method, const char *prefix);
/* The last one that fits, or NULL. */
const struct fake_call *fake_last(
    const struct fake_transport *fake, enum http_method method, const char *prefix);
/* The nth of all (0 the first), token calls too, or NULL. */
const struct fake_call *fake_nth(const struct fake_transport *fake, size_t n);
unsigned fake_most_in_flight(const struct fake_transport *fake);

#endif
