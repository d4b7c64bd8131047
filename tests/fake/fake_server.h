/* An HTTP/1.1 server in a thread of its own, on a loopback port that the kernel gives, that does what a test
 * tells it: answers, cuts the line, keeps silent, closes kept connections at the worst moment. It counts what
 * really arrived. */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

#include <stddef.h>

struct fake_server; /* opaque */

struct fake_request {
	const char *method, *path; /* path with the query */
	const char *headers;       /* the whole head, for strcasestr() */
	const char *body;
	size_t body_length;
	unsigned connection;    /* 1 the first one accepted */
	unsigned on_connection; /* 1 the first request on it */
};

enum fake_then {
	FAKE_KEEP,      /* answer, keep the connection */
	FAKE_CLOSE,     /* answer, close */
	FAKE_NO_ANSWER, /* close without a byte */
	FAKE_HALF,      /* half of the body, then close */
	FAKE_SILENCE    /* nothing, ever */
};

struct fake_answer { /* preset to 200, no body, FAKE_KEEP */
	int status;
	const char *body;         /* NULL none */
	const char *content_type; /* NULL: application/json */
	const char *headers;      /* more header lines with CRLF; NULL none */
	enum fake_then then;
};

/* Runs in the server's thread. What it points the answer to must outlive the call only by a moment: it is
 * copied. */
typedef void fake_script(void *user, const struct fake_request *request, struct fake_answer *answer);

struct fake_server *fake_server_start(fake_script *script, void *user);
void fake_server_stop(struct fake_server *server);             /* NULL is fine */
const char *fake_server_url(const struct fake_server *server); /* http://127.0.0.1:PORT */
int fake_server_port(const struct fake_server *server);
/* Each answer leaves this much later. */
void fake_server_delay(struct fake_server *server, int ms);
/* From now on a second request on a connection is not even read: the connection is closed as it comes in. */
void fake_server_close_kept(struct fake_server *server);
/* Whole requests read so far whose "METHOD path" begins with this. */
unsigned fake_server_arrivals(struct fake_server *server, const char *prefix);
unsigned fake_server_connections(struct fake_server *server);
/* Connections on which at least one byte came in. */
unsigned fake_server_spoken_to(struct fake_server *server);

#endif
