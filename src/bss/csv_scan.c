/* The fast way through a record: one pass that finds the delimiters and the line break, and whether a high
 * byte is there that needs the UTF-8 check. A quoted field without quotes and line breaks inside is part of
 * it; whatever else has a quote, and a NUL, is left to libcsv. 64 bytes become one word a kind of mark, a bit
 * a byte: SSE2 belongs to every x86-64, other machines make the words a byte at a time. */
#include "bss/csv_impl.h"

enum { BLOCK = CSV_SCAN_PAD };

/* What matters in the next 64 bytes. A stop is a line break, a quote or a NUL. */
struct marks {
	uint64_t delimiters, stops, highs;
};

typedef struct marks (*marks_at)(const char *p, char delimiter);

/* Up to the next stop at or after p, or `end`. Notes delimiters up to there, `cap` of them in all. */
static inline __attribute__((always_inline)) const char *next_stop_by(marks_at marks_of, const char *p,
    const char *end, char delimiter, const char **ends, size_t cap, struct scan *out)
{
	size_t count = out->delimiters;
	uint64_t high = 0;

	for (; p < end; p += BLOCK) {
		struct marks marks = marks_of(p, delimiter);
		uint64_t before = marks.stops ? (marks.stops & -marks.stops) - 1 : ~UINT64_C(0);
		/* What lies after the end is no part of it. */
		if (end - p < BLOCK)
			before &= (UINT64_C(1) << (end - p)) - 1;
		high |= marks.highs & before;
		for (uint64_t left = marks.delimiters & before; left && count < cap; left &= left - 1)
			ends[count++] = p + __builtin_ctzll(left);
		if (marks.stops) {
			p += __builtin_ctzll(marks.stops);
			break;
		}
	}
	out->delimiters = count;
	out->high |= high != 0;
	return p < end ? p : end;
}

#ifdef __SSE2__
#include <immintrin.h>

static inline __attribute__((always_inline)) struct marks marks_sse2(const char *p, char delimiter)
{
	struct marks marks = {0, 0, 0};

	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
		__m128i lines = _mm_or_si128(
		    _mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
		__m128i others = _mm_or_si128(
		    _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_setzero_si128()));
		__m128i found = _mm_cmpeq_epi8(v, _mm_set1_epi8(delimiter));
		marks.delimiters |= (uint64_t)(unsigned)_mm_movemask_epi8(found) << i;
		marks.stops |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(lines, others)) << i;
		marks.highs |= (uint64_t)(unsigned)_mm_movemask_epi8(v) << i;
	}
	return marks;
}

/* The same with registers twice as wide, where the processor has them. */
#define AVX2 __attribute__((target("avx2")))
static inline AVX2 struct marks marks_avx2(const char *p, char delimiter)
{
	struct marks marks = {0, 0, 0};

	for (unsigned i = 0; i < BLOCK; i += 32) {
		__m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
		__m256i lines = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\n')),
		    _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\r')));
		__m256i others = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
		    _mm256_cmpeq_epi8(v, _mm256_setzero_si256()));
		__m256i found = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(delimiter));
		marks.delimiters |= (uint64_t)(unsigned)_mm256_movemask_epi8(found) << i;
		marks.stops |= (uint64_t)(unsigned)_mm256_movemask_epi8(_mm256_or_si256(lines, others)) << i;
		marks.highs |= (uint64_t)(unsigned)_mm256_movemask_epi8(v) << i;
	}
	return marks;
}

static AVX2 const char *next_stop_avx2(
    const char *p, const char *end, char delimiter, const char **ends, size_t cap, struct scan *out)
{
	return next_stop_by(marks_avx2, p, end, delimiter, ends, cap, out);
}

static const char *next_stop(
    const char *p, const char *end, char delimiter, const char **ends, size_t cap, struct scan *out)
{
	if (__builtin_cpu_supports("avx2"))
		return next_stop_avx2(p, end, delimiter, ends, cap, out);
	return next_stop_by(marks_sse2, p, end, delimiter, ends, cap, out);
}
#else
static inline struct marks marks_plain(const char *p, char delimiter)
{
	struct marks marks = {0, 0, 0};

	for (unsigned i = 0; i < BLOCK; i++) {
		char c = p[i];
		marks.delimiters |= (uint64_t)(c == delimiter) << i;
		marks.stops |= (uint64_t)(c == '\n' || c == '\r' || c == '"' || c == '\0') << i;
		marks.highs |= (uint64_t)((unsigned char)c >> 7) << i;
	}
	return marks;
}

static const char *next_stop(
    const char *p, const char *end, char delimiter, const char **ends, size_t cap, struct scan *out)
{
	return next_stop_by(marks_plain, p, end, delimiter, ends, cap, out);
}
#endif

/* Past the quoted field that begins at p: its closing quote + 1. NULL: not one that is read here. Skimming,
 * doubled quotes and line breaks inside are passed over. */
static const char *quoted_end(
    const char *begin, const char *p, const char *end, char delimiter, bool skim, struct scan *out)
{
	if (p > begin && p[-1] != delimiter)
		return NULL;
	for (p++;; p++) {
		p = next_stop(p, end, delimiter, NULL, 0, out);
		if (p >= end || *p == '\0' || p + 1 >= end)
			return NULL;
		if (*p == '"' && p[1] != '"')
			break;
		if (!skim)
			return NULL;
		out->complex = true;
		if (*p == '"')
			p++;
		else
			out->breaks += *p == '\r' || p[-1] != '\r'; /* CRLF is one */
	}
	char after = p[1];
	return after == delimiter || after == '\n' || after == '\r' ? p + 1 : NULL;
}

enum scan_end csv_scan(const char *begin, const char *end, char delimiter, const char **ends, size_t cap,
    bool skim, struct scan *out)
{
	const char *p = begin;

	*out = (struct scan){0};
	for (;;) {
		p = next_stop(p, end, delimiter, ends, cap, out);
		out->at = p;
		if (p == end)
			return SCAN_SHORT;
		if (*p == '\n' || *p == '\r')
			return SCAN_LINE;
		out->quoted = true;
		p = *p == '"' ? quoted_end(begin, p, end, delimiter, skim, out) : NULL;
		if (!p)
			return SCAN_SPECIAL;
	}
}
