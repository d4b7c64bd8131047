/* TLS and HTTP/2 before a fake server: nghttpx (Debian's nghttp2-proxy) with a certificate from
 * tests/fake/tls, behind a relay that can cut all its client's connections at once.
 *
 *   client --TCP--> relay --unix socket--> nghttpx (TLS, HTTP/2) --HTTP/1.1--> fake server */
#ifndef TLS_FRONT_H
#define TLS_FRONT_H

struct tls_front; /* opaque */

/* certificate: "tests/fake/tls/server.crt" (good until 2120, its own authority) or
 * "tests/fake/tls/expired.crt". NULL when nghttpx is not installed: the test then skips. */
struct tls_front *tls_front_start(int backend_port, const char *certificate);
const char *tls_front_url(const struct tls_front *front); /* https://localhost:PORT */
/* Closes every connection of a client; safe to call from the fake server's thread. Returns when it is done.
 */
void tls_front_cut(struct tls_front *front);
unsigned tls_front_connections(struct tls_front *front);
void tls_front_stop(struct tls_front *front); /* NULL is fine */

#endif
