/* Text slices and the text builder; see str.h. */
#include "tenantry/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tenantry/mem.h"

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool strv_eq_nocase(struct strv a, struct strv b)
{
	if (a.n != b.n)
		return false;
	if (a.n == 0 || memcmp(a.p, b.p, a.n) == 0)
		return true;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool strv_has_prefix(struct strv v, struct strv prefix)
{
	return v.n >= prefix.n && (prefix.n == 0 || memcmp(v.p, prefix.p, prefix.n) == 0);
}

struct strv strv_trim_spaces(struct strv v)
{
	while (v.n > 0 && is_space(v.p[v.n - 1]))
		v.n--;
	while (v.n > 0 && is_space(v.p[0])) {
		v.p++;
		v.n--;
	}
	return v;
}

bool strv_to_int64(struct strv v, int64_t *out)
{
	size_t i = v.n > 0 && (v.p[0] == '-' || v.p[0] == '+');
	bool negative = i && v.p[0] == '-';
	int64_t value = 0;

	if (i == v.n)
		return false;
	for (; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
		int digit = v.p[i] - '0';
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, negative ? -digit : digit, &value))
			return false;
	}
	*out = value;
	return true;
}

int strv_to_bool(struct strv v)
{
	v = strv_trim(v);
	if (strv_eq_nocase(v, STRV("true")) || strv_eq_nocase(v, STRV("yes")) || strv_eq(v, STRV("1")))
		return 1;
	if (strv_eq_nocase(v, STRV("false")) || strv_eq_nocase(v, STRV("no")) || strv_eq(v, STRV("0")))
		return 0;
	return -1;
}

char *strv_dup(struct strv v)
{
	return mem_strndup(v.p, v.n);
}

/* Length of the well-formed sequence at p (1 to 4), or 0. RFC 3629 table 3-7: the second byte's range depends
 * on the lead. */
static size_t utf8_sequence(const unsigned char *p, size_t n)
{
	static const struct {
		unsigned char lead_low, lead_high, length, second_low, second_high;
	} forms[] = {
	    {0xe0, 0xe0, 3, 0xa0, 0xbf},
	    {0xe1, 0xec, 3, 0x80, 0xbf},
	    {0xed, 0xed, 3, 0x80, 0x9f},
	    {0xee, 0xef, 3, 0x80, 0xbf},
	    {0xf0, 0xf0, 4, 0x90, 0xbf},
	    {0xf1, 0xf3, 4, 0x80, 0xbf},
	    {0xf4, 0xf4, 4, 0x80, 0x8f},
	};

	/* The commonest two first: this decides how fast a file is read. */
	if (p[0] <= 0x7f)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		return n >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
	for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
		if (p[0] < forms[f].lead_low || p[0] > forms[f].lead_high)
			continue;
		if (n < forms[f].length)
			return 0;
		if (forms[f].length > 1 && (p[1] < forms[f].second_low || p[1] > forms[f].second_high))
			return 0;
		for (size_t i = 2; i < forms[f].length; i++)
			if ((p[i] & 0xc0) != 0x80)
				return 0;
		return forms[f].length;
	}
	return 0;
}

ptrdiff_t strv_bad_utf8(struct strv v)
{
	size_t i = 0;

	while (i < v.n) {
		uint64_t eight;

		/* Most text is ASCII: eight bytes at a time while no high bit is set, then straight to the
		 * first that has one. */
		if (v.n - i >= sizeof eight) {
			memcpy(&eight, v.p + i, sizeof eight);
			eight &= UINT64_C(0x8080808080808080);
			if (!eight) {
				i += sizeof eight;
				continue;
			}
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
			i += (size_t)__builtin_ctzll(eight) / 8;
#endif
		}
		size_t length = utf8_sequence((const unsigned char *)v.p + i, v.n - i);
		if (length == 0)
			return (ptrdiff_t)i;
		i += length;
	}
	return -1;
}

size_t str_distance(const char *a, const char *b)
{
	size_t columns = strlen(b) + 1, row[64];

	if (columns > ARRAY_LEN(row))
		return strlen(a) > columns ? strlen(a) : columns;
	for (size_t j = 0; j < columns; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j < columns; j++) {
			size_t best = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[columns - 1];
}

/* Room for n more bytes and the terminator; false when that would pass the maximum. */
static bool make_room(struct strbuf *b, size_t n)
{
	size_t max = b->max ? b->max : (size_t)1 << 30;

	if (b->failed || n > max || b->n > max - n) {
		b->failed = true;
		return false;
	}
	if (b->n + n + 1 > b->cap) {
		size_t cap = b->cap ? b->cap : 64;
		while (cap < b->n + n + 1)
			cap *= 2;
		b->p = mem_resize(b->p, cap, 1);
		b->cap = cap;
	}
	return true;
}

void strbuf_add(struct strbuf *b, const char *p, size_t n)
{
	if (!make_room(b, n))
		return;
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void strbuf_addv(struct strbuf *b, struct strv v)
{
	strbuf_add(b, v.p, v.n);
}

void strbuf_adds(struct strbuf *b, const char *s)
{
	strbuf_add(b, s, strlen(s));
}

void strbuf_addf(struct strbuf *b, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n >= 0 && make_room(b, (size_t)n)) {
		vsnprintf(b->p + b->n, (size_t)n + 1, format, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

void strbuf_add_url(struct strbuf *b, struct strv v)
{
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];
		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    (c && strchr("-._~", c)))
			strbuf_addc(b, (char)c);
		else
			strbuf_addf(b, "%%%02X", c);
	}
}

void strbuf_clear(struct strbuf *b)
{
	b->n = 0;
	b->failed = false;
	if (b->p)
		b->p[0] = '\0';
}

void strbuf_free(struct strbuf *b)
{
	free(b->p);
	*b = (struct strbuf){.max = b->max};
}

struct strv strbuf_view(const struct strbuf *b)
{
	return (struct strv){b->p, b->n};
}

char *strbuf_take(struct strbuf *b)
{
	if (!make_room(b, 0))
		b->n = 0;
	if (b->p)
		b->p[b->n] = '\0'; /* nothing may have been added yet */
	char *text = b->p ? b->p : mem_strdup("");
	*b = (struct strbuf){.max = b->max};
	return text;
}
