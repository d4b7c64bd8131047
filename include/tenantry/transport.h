/* One HTTP exchange: request in, response out, without any knowledge of Acronis. The real one is curl's multi
 * interface (transport_curl.c); tests script one. */
#ifndef TENANTRY_TRANSPORT_H
#define TENANTRY_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tenantry/error.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE };

/* What became of an exchange that has no status. NOT_SENT: no byte of the request can have reached the
 * server's application (name, connection or TLS failed). LOST: sent, or perhaps sent, and no whole answer
 * came. */
enum transport_failure {
	TRANSPORT_OK,
	TRANSPORT_NOT_SENT,
	TRANSPORT_LOST,
	TRANSPORT_TIMEOUT,   /* like LOST */
	TRANSPORT_TOO_LARGE, /* the answer passed the body limit; like LOST */
	TRANSPORT_CANCELLED  /* given up by transport close; like LOST */
};

struct http_request {
	enum http_method method;
	const char *url;
	const char *body; /* NULL none */
	size_t body_length;
	const char *content_type;  /* NULL none */
	const char *authorization; /* value of the header, a secret; NULL none */
	int64_t timeout_ms;
	bool fresh_connection; /* not over one that was kept */
};

struct http_response {
	enum transport_failure failure;
	const char *failure_text; /* for people; "" when OK */
	bool tls_failure;         /* NOT_SENT because the certificate was not accepted */
	int status;               /* 0 without an answer */
	const char *body;         /* terminated; "" when empty; borrowed during the callback */
	size_t body_length;
	const char *content_type; /* "" when absent */
	const char *retry_after;  /* the header as sent; "" when absent */
	const char *location;     /* the same; NULL is "" */
	int64_t elapsed_ms;
};

struct transport;
typedef void transport_done(void *user, const struct http_response *response);
struct transport_ops {
	/* Copies the request and begins it. `done` is called exactly once, later, inside turn() or close().
	 */
	void (*start)(struct transport *, const struct http_request *, transport_done *done, void *user);
	/* Moves data and calls `done` for what finished; waits at most max_wait_ms for something to happen.
	 */
	int (*turn)(struct transport *, int64_t max_wait_ms, struct error *err);
	void (*close)(struct transport *);
};
struct transport {
	const struct transport_ops *ops;
};

struct transport_settings {
	const char *ca_file; /* NULL: the system's */
	int64_t connections; /* at most, to one host */
	int64_t body_limit;  /* bytes of an answer */
	int64_t connect_timeout_ms;
	bool http2;         /* offer it over TLS */
	bool plain_allowed; /* http:// (loopback only; the caller has checked) */
};
/* Only a GET is ever repeated by curl itself: a second start of any other request is refused before its
 * headers leave, and its body cannot be rewound. ERR_ACRONIS when the CA file cannot be read. */
struct transport *transport_curl_new(const struct transport_settings *settings, struct error *err) MUST_USE;
static inline void transport_close(struct transport *transport)
{
	if (transport)
		transport->ops->close(transport);
}

#endif
