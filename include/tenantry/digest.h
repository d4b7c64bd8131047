/* Fingerprints: XXH3 with 128 bits, for "is it the same bytes", identities and short keys. Not against an
 * attacker. */
#ifndef TENANTRY_DIGEST_H
#define TENANTRY_DIGEST_H

#include <stdint.h>

#include "tenantry/error.h"
#include "tenantry/str.h"

enum { DIGEST_TEXT_SIZE = 33, UUID_TEXT_SIZE = 37 };

struct digest {
	uint64_t high, low;
};
struct digest_stream; /* opaque */

struct digest digest_of(struct strv bytes);
uint64_t digest64(struct strv bytes); /* for hash tables */
struct digest_stream *digest_stream_new(void);
void digest_stream_add(struct digest_stream *stream, struct strv bytes);
struct digest digest_stream_end(struct digest_stream *stream); /* frees */
/* 32 lower-case hex digits. */
const char *digest_text(struct digest digest, char text[DIGEST_TEXT_SIZE]);
/* A UUID (version 8, variant 1) that is always the same for the same name in the same space. */
const char *uuid_from_name(const char *space, struct strv name, char text[UUID_TEXT_SIZE]);
/* 8-4-4-4-12 hex digits, any case? */
bool uuid_is(struct strv text);
/* Lower-cases a copy; false when it is not a UUID. GUIDs are compared case-blind (domain notes section 3). */
bool uuid_normal(struct strv text, char out[UUID_TEXT_SIZE]);

#endif
