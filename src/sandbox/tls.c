/* Certificates through GnuTLS; see tls.h. Validity counts from the machine's clock, whatever --now says:
 * clients do that too. */
#include "sandbox/tls.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tenantry/clock.h"
#include "tenantry/mem.h"

enum { DAY_S = 86400 };

struct made {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

/* The first failure counts; later calls are skipped. */
struct steps {
	int rc;
};
#define STEP(steps, call)                                                                                    \
	do {                                                                                                 \
		if ((steps)->rc >= 0)                                                                        \
			(steps)->rc = (call);                                                                \
	} while (0)

static void common_parts(
    struct steps *s, struct made *m, const char *name, unsigned char serial, bool expired)
{
	time_t now = (time_t)(clock_wall_ms(clock_machine()) / 1000);
	unsigned char id[20];
	size_t n = sizeof id;

	STEP(s, gnutls_x509_crt_init(&m->crt));
	STEP(s, gnutls_x509_privkey_init(&m->key));
	STEP(s, gnutls_x509_privkey_generate(
		    m->key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	STEP(s, gnutls_x509_crt_set_version(m->crt, 3));
	STEP(s, gnutls_x509_crt_set_serial(m->crt, &serial, 1));
	STEP(s, gnutls_x509_crt_set_dn_by_oid(
		    m->crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name)));
	STEP(s, gnutls_x509_crt_set_activation_time(m->crt, now - (expired ? 30 : 1) * DAY_S));
	STEP(s, gnutls_x509_crt_set_expiration_time(m->crt, now + (expired ? -1 : 365) * DAY_S));
	STEP(s, gnutls_x509_crt_set_key(m->crt, m->key));
	STEP(s, gnutls_x509_crt_get_key_id(m->crt, 0, id, &n));
	STEP(s, gnutls_x509_crt_set_subject_key_id(m->crt, id, n));
}

static void add_address(struct steps *s, gnutls_x509_crt_t crt, const char *address)
{
	unsigned char bytes[16];
	unsigned n = inet_pton(AF_INET, address, bytes) == 1    ? 4
		     : inet_pton(AF_INET6, address, bytes) == 1 ? 16
								: 0;

	if (n)
		STEP(s, gnutls_x509_crt_set_subject_alt_name(
			    crt, GNUTLS_SAN_IPADDRESS, bytes, n, GNUTLS_FSAN_APPEND));
}

static void add_places(struct steps *s, gnutls_x509_crt_t crt, const struct tls_wanted *wanted)
{
	const char *name = wanted->host ? wanted->host : "localhost";

	STEP(s, gnutls_x509_crt_set_subject_alt_name(
		    crt, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name), GNUTLS_FSAN_SET));
	if (wanted->host)
		return;
	add_address(s, crt, "127.0.0.1");
	add_address(s, crt, "::1");
	if (strcmp(wanted->address, "127.0.0.1") != 0 && strcmp(wanted->address, "::1") != 0)
		add_address(s, crt, wanted->address);
}

static void server_parts(
    struct steps *s, struct made *server, const struct made *ca, const struct tls_wanted *wanted)
{
	STEP(s, gnutls_x509_crt_set_basic_constraints(server->crt, 0, -1));
	STEP(s, gnutls_x509_crt_set_key_usage(server->crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
	STEP(s, gnutls_x509_crt_set_key_purpose_oid(server->crt, GNUTLS_KP_TLS_WWW_SERVER, 0));
	add_places(s, server->crt, wanted);
	STEP(s, gnutls_x509_crt_sign2(server->crt, ca->crt, ca->key, GNUTLS_DIG_SHA256, 0));
}

static char *exported(struct steps *s,
    int (*export2)(gnutls_x509_crt_t, gnutls_x509_crt_fmt_t, gnutls_datum_t *), gnutls_x509_crt_t crt)
{
	gnutls_datum_t out = {0};

	STEP(s, export2(crt, GNUTLS_X509_FMT_PEM, &out));
	char *text = out.data ? mem_strndup((char *)out.data, out.size) : NULL;
	gnutls_free(out.data);
	return text;
}

static char *exported_key(struct steps *s, gnutls_x509_privkey_t key)
{
	gnutls_datum_t out = {0};

	STEP(s, gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &out));
	char *text = out.data ? mem_strndup((char *)out.data, out.size) : NULL;
	gnutls_free(out.data);
	return text;
}

int tls_identity_make(struct tls_identity *identity, const struct tls_wanted *wanted, struct error *err)
{
	struct steps s = {0};
	struct made ca = {0}, server = {0};

	*identity = (struct tls_identity){0};
	common_parts(&s, &ca, "Tenantry sandbox CA", 1, wanted->expired);
	STEP(&s, gnutls_x509_crt_set_basic_constraints(ca.crt, 1, 0));
	STEP(&s, gnutls_x509_crt_set_key_usage(ca.crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN));
	STEP(&s, gnutls_x509_crt_sign2(ca.crt, ca.crt, ca.key, GNUTLS_DIG_SHA256, 0));
	common_parts(&s, &server, wanted->host ? wanted->host : "localhost", 2, wanted->expired);
	server_parts(&s, &server, &ca, wanted);
	identity->ca = exported(&s, gnutls_x509_crt_export2, ca.crt);
	identity->certificate = exported(&s, gnutls_x509_crt_export2, server.crt);
	identity->key = exported_key(&s, server.key);
	gnutls_x509_crt_deinit(ca.crt);
	gnutls_x509_crt_deinit(server.crt);
	gnutls_x509_privkey_deinit(ca.key);
	gnutls_x509_privkey_deinit(server.key);
	if (s.rc >= 0)
		return 0;
	tls_identity_free(identity);
	return error_set(err, ERR_INTERNAL, "cannot make a certificate: %s", gnutls_strerror(s.rc));
}

void tls_identity_free(struct tls_identity *identity)
{
	free(identity->ca);
	free(identity->certificate);
	if (identity->key)
		explicit_bzero(identity->key, strlen(identity->key));
	free(identity->key);
	*identity = (struct tls_identity){0};
}
