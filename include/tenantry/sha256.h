/* SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), for what must stand against somebody who would change it:
 * the audit's chain, and keyed digests where a name or an address must not be guessed from its fingerprint.
 * For identities and hash tables: digest.h. */
#ifndef TENANTRY_SHA256_H
#define TENANTRY_SHA256_H

#include "tenantry/error.h"
#include "tenantry/str.h"

enum { SHA256_SIZE = 32, SHA256_TEXT_SIZE = 65 };

/* 64 lower-case hex digits; gives `text`. */
const char *sha256_text(struct strv bytes, char text[SHA256_TEXT_SIZE]);
const char *hmac_sha256_text(struct strv key, struct strv bytes, char text[SHA256_TEXT_SIZE]);
/* Of a whole file: 1 there, 0 no such file ("" then), -1 ERR_SOURCE: it cannot be read. */
int sha256_file(const char *path, char text[SHA256_TEXT_SIZE], struct error *err) MUST_USE;

#endif
