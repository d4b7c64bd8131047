/* XXH3 behind our own names; see digest.h. */
#include "tenantry/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

static struct digest from_xxh(XXH128_hash_t hash)
{
	return (struct digest){hash.high64, hash.low64};
}

struct digest digest_of(struct strv bytes)
{
	return from_xxh(XXH3_128bits(bytes.p, bytes.n));
}

uint64_t digest64(struct strv bytes)
{
	return XXH3_64bits(bytes.p, bytes.n);
}

struct digest_stream *digest_stream_new(void)
{
	XXH3_state_t *state = XXH3_createState();

	if (state)
		XXH3_128bits_reset(state);
	return (struct digest_stream *)state;
}

void digest_stream_add(struct digest_stream *stream, struct strv bytes)
{
	XXH3_128bits_update((XXH3_state_t *)stream, bytes.p, bytes.n);
}

struct digest digest_stream_end(struct digest_stream *stream)
{
	struct digest digest = from_xxh(XXH3_128bits_digest((XXH3_state_t *)stream));

	XXH3_freeState((XXH3_state_t *)stream);
	return digest;
}

const char *digest_text(struct digest digest, char text[DIGEST_TEXT_SIZE])
{
	snprintf(text, DIGEST_TEXT_SIZE, "%016" PRIx64 "%016" PRIx64, digest.high, digest.low);
	return text;
}

const char *uuid_from_name(const char *space, struct strv name, char text[UUID_TEXT_SIZE])
{
	struct strbuf both = {0};

	strbuf_adds(&both, space);
	strbuf_addc(&both, '\0');
	strbuf_addv(&both, name);
	struct digest d = digest_of(strbuf_view(&both));
	strbuf_free(&both);
	/* RFC 9562: version 8 (custom) in the 13th digit, variant 10xx in the 17th. */
	d.high = (d.high & ~UINT64_C(0xf000)) | UINT64_C(0x8000);
	d.low = (d.low & ~(UINT64_C(3) << 62)) | (UINT64_C(2) << 62);
	snprintf(text, UUID_TEXT_SIZE, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
	    d.high >> 32, d.high >> 16 & 0xffff, d.high & 0xffff, d.low >> 48, d.low & UINT64_C(0xffffffffffff));
	return text;
}

bool uuid_normal(struct strv text, char out[UUID_TEXT_SIZE])
{
	if (text.n != UUID_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c >= 'A' && c <= 'F')
			c = (char)(c + ('a' - 'A'));
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		out[i] = c;
	}
	out[text.n] = '\0';
	return true;
}

bool uuid_is(struct strv text)
{
	char out[UUID_TEXT_SIZE];

	return uuid_normal(text, out);
}
