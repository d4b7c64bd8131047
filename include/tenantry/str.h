/* Slices of text that somebody else owns, and a buffer that builds text. */
#ifndef TENANTRY_STR_H
#define TENANTRY_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed piece of text, not terminated. {NULL, 0} is empty. */
struct strv {
	const char *p;
	size_t n;
};

#define STRV(literal) ((struct strv){"" literal, sizeof(literal) - 1})
#define STRV_ARG(v) (int)(v).n, (v).p /* for "%.*s" */

static inline struct strv strv_of(const char *s)
{
	return (struct strv){s, s ? strlen(s) : 0};
}
static inline bool strv_eq(struct strv a, struct strv b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
/* ASCII letters only; other bytes compare as they are. */
bool strv_eq_nocase(struct strv a, struct strv b);
bool strv_has_prefix(struct strv v, struct strv prefix);
/* Without ASCII white space at both ends (space, tab, CR, LF, VT, FF). */
struct strv strv_trim_spaces(struct strv v);
static inline struct strv strv_trim(struct strv v)
{
	/* Nearly every field of a file has none. */
	if (v.n == 0 || ((unsigned char)v.p[0] > ' ' && (unsigned char)v.p[v.n - 1] > ' '))
		return v;
	return strv_trim_spaces(v);
}
/* A whole decimal number with an optional sign and nothing else; false when it is not one or does not fit. */
bool strv_to_int64(struct strv v, int64_t *out);
/* true/false, yes/no, 1/0, any case, after trimming (design section 5). Gives 1, 0, or -1 when it is none of
 * them. */
int strv_to_bool(struct strv v);
/* A copy that is terminated. The caller frees. */
char *strv_dup(struct strv v) __attribute__((returns_nonnull));
/* The index of the first byte that is not well-formed UTF-8, or -1 when all is (RFC 3629: no surrogates, no
 * overlong). */
ptrdiff_t strv_bad_utf8(struct strv v);
/* Levenshtein distance over bytes, ASCII case ignored, for "did you mean". */
size_t str_distance(const char *a, const char *b);

/* Text under construction. Zero-initialised is ready to use. Terminated whenever `p` is not NULL. Beyond
 * `max` bytes (0: 1 GiB) nothing more is added and `failed` stays true: check it once at the end. */
struct strbuf {
	char *p;
	size_t n, cap, max;
	bool failed;
};

void strbuf_add(struct strbuf *b, const char *p, size_t n);
void strbuf_addv(struct strbuf *b, struct strv v);
void strbuf_adds(struct strbuf *b, const char *s);
static inline void strbuf_addc(struct strbuf *b, char c)
{
	if (b->failed || b->n + 1 >= b->cap || (b->max && b->n >= b->max)) {
		strbuf_add(b, &c, 1);
		return;
	}
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}
void strbuf_addf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Percent-encodes all but RFC 3986 unreserved characters: one query value or path segment. */
void strbuf_add_url(struct strbuf *b, struct strv v);
void strbuf_clear(struct strbuf *b); /* empty, memory kept */
void strbuf_free(struct strbuf *b);
struct strv strbuf_view(const struct strbuf *b); /* borrowed until the next change */
/* The text, never NULL. The caller frees; the buffer is empty afterwards. */
char *strbuf_take(struct strbuf *b);

#endif
