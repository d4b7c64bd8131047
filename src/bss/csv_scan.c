/* The fast way through a record without quotes: one pass that finds the delimiters, the line break, and whether anything
 * is there that needs the other way (a quote, a NUL) or the UTF-8 check (a high byte). SSE2 belongs to every x86-64; other
 * machines take a byte at a time. */
#include "bss/csv_impl.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#ifdef __SSE2__
static void note_delimiters(unsigned mask, const char *p, const char **ends, size_t cap, struct scan *out)
{
	for (; mask; mask &= mask - 1) {
		if (out->delimiters < cap)
			ends[out->delimiters] = p + __builtin_ctz(mask);
		out->delimiters++;
	}
}

enum scan_end csv_scan(const char *p, const char *end, char delimiter, const char **ends, size_t cap, struct scan *out)
{
	const __m128i d = _mm_set1_epi8(delimiter), lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r'),
		      quote = _mm_set1_epi8('"'), nul = _mm_setzero_si128();
	unsigned high = 0;

	*out = (struct scan){0};
	for (; p < end; p += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		__m128i lines = _mm_or_si128(_mm_cmpeq_epi8(v, lf), _mm_cmpeq_epi8(v, cr));
		__m128i others = _mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, nul));
		unsigned valid = end - p >= 16 ? 0xffffU : (1U << (end - p)) - 1;
		unsigned special = (unsigned)_mm_movemask_epi8(_mm_or_si128(lines, others)) & valid;
		unsigned delimiters = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, d)) & valid;
		unsigned highs = (unsigned)_mm_movemask_epi8(v) & valid;

		if (special) {
			unsigned before = (special & -special) - 1;
			out->at = p + __builtin_ctz(special);
			out->high = (high | (highs & before)) != 0;
			note_delimiters(delimiters & before, p, ends, cap, out);
			return *out->at == '"' || *out->at == '\0' ? SCAN_SPECIAL : SCAN_LINE;
		}
		high |= highs;
		note_delimiters(delimiters, p, ends, cap, out);
	}
	out->at = end;
	out->high = high != 0;
	return SCAN_SHORT;
}
#else
static bool is_special(char c)
{
	return c == '\n' || c == '\r' || c == '"' || c == '\0';
}

enum scan_end csv_scan(const char *p, const char *end, char delimiter, const char **ends, size_t cap, struct scan *out)
{
	unsigned char high = 0;

	*out = (struct scan){0};
	for (; p < end && !is_special(*p); p++) {
		high |= (unsigned char)*p;
		if (*p != delimiter)
			continue;
		if (out->delimiters < cap)
			ends[out->delimiters] = p;
		out->delimiters++;
	}
	out->at = p;
	out->high = (high & 0x80) != 0;
	if (p == end)
		return SCAN_SHORT;
	return *p == '"' || *p == '\0' ? SCAN_SPECIAL : SCAN_LINE;
}
#endif
