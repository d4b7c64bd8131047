/* The sandbox's own certificate authority and server certificate, made afresh at each start. */
#ifndef SANDBOX_TLS_H
#define SANDBOX_TLS_H

#include <stdbool.h>

#include "tenantry/error.h"

struct tls_identity {
	char *ca, *certificate, *key; /* PEM, terminated */
};

struct tls_wanted {
	const char *address; /* it is for localhost, 127.0.0.1, ::1 and this */
	const char *host;    /* it is for this host and for nothing else; NULL: as above */
	bool expired;        /* both certificates ended yesterday */
};
int tls_identity_make(
    struct tls_identity *identity, const struct tls_wanted *wanted, struct error *err) MUST_USE;
void tls_identity_free(struct tls_identity *identity);

#endif
