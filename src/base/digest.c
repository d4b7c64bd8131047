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
	    d.high >> 32, d.high >> 16 & 0xffff, d.high & 0xffff, d.low >> 48,
	    d.low & UINT64_C(0xffffffffffff));
	return text;
}

/* The digit in lower case, or 0: no hexadecimal digit. */
static unsigned char hex_digit(unsigned char c)
{
	static const unsigned char digits[256] = {['0'] = '0',
	    ['1'] = '1',
	    ['2'] = '2',
	    ['3'] = '3',
	    ['4'] = '4',
	    ['5'] = '5',
	    ['6'] = '6',
	    ['7'] = '7',
	    ['8'] = '8',
	    ['9'] = '9',
	    ['a'] = 'a',
	    ['b'] = 'b',
	    ['c'] = 'c',
	    ['d'] = 'd',
	    ['e'] = 'e',
	    ['f'] = 'f',
	    ['A'] = 'a',
	    ['B'] = 'b',
	    ['C'] = 'c',
	    ['D'] = 'd',
	    ['E'] = 'e',
	    ['F'] = 'f'};

	return digits[c];
}

/* Millions are read from files: no branch a digit. */
bool uuid_normal(struct strv text, char out[UUID_TEXT_SIZE])
{
	static const size_t dashes[] = {8, 13, 18, 23, UUID_TEXT_SIZE - 1};
	unsigned bad = 0;
	size_t i = 0;

	if (text.n != UUID_TEXT_SIZE - 1)
		return false;
	for (size_t part = 0; part < sizeof dashes / sizeof *dashes; part++) {
		for (; i < dashes[part]; i++) {
			unsigned char digit = hex_digit((unsigned char)text.p[i]);
			bad |= digit == 0;
			out[i] = (char)digit;
		}
		if (i == text.n)
			break;
		bad |= text.p[i] != '-';
		out[i++] = '-';
	}
	out[text.n] = '\0';
	return !bad;
}

bool uuid_is(struct strv text)
{
	char out[UUID_TEXT_SIZE];

	return uuid_normal(text, out);
}
