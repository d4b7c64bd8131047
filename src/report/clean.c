/* The gate for foreign text on its way into a report: names, ids and messages come from orders and from
 * Acronis, and may hold a secret that an error quoted, bytes that are no text, terminal escapes or marks that
 * turn the reading direction. Escaping for a format (HTML, JSON, CSV) is the writer's; this gate comes before
 * it. */
#include "report_impl.h"

#include "tenantry/log.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Length of a mark that overrides or embeds a reading direction (U+202A to U+202E, U+2066 to U+2069), or 0.
 */
static size_t direction_mark(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] != 0xe2)
		return 0;
	if (u[1] == 0x80 && u[2] >= 0xaa && u[2] <= 0xae)
		return 3;
	return u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9 ? 3 : 0;
}

/* Length of a control character: C0, DEL, or C1 as UTF-8 (U+0080 to U+009F), or 0. */
static size_t control(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] < 0x20 || u[0] == 0x7f)
		return 1;
	return u[0] == 0xc2 && u[1] >= 0x80 && u[1] <= 0x9f ? 2 : 0;
}

static void add_line(struct strbuf *out, struct strv text)
{
	/* Text is terminated behind every slice given here, so looking two bytes ahead is safe. */
	for (size_t i = 0; i < text.n;) {
		size_t skip = direction_mark(text.p + i), blank = control(text.p + i);
		if (skip == 0 && blank == 0)
			strbuf_addc(out, text.p[i]);
		else if (blank > 0)
			strbuf_addc(out, ' ');
		i += skip + blank > 0 ? skip + blank : 1;
	}
}

static void add_utf8(struct strbuf *out, struct strv text, enum clean how)
{
	ptrdiff_t bad;

	while (text.n > 0) {
		bad = strv_bad_utf8(text);
		struct strv good = {text.p, bad < 0 ? text.n : (size_t)bad};
		if (how == CLEAN_LINE)
			add_line(out, good);
		else
			strbuf_addv(out, good);
		if (bad < 0)
			return;
		strbuf_adds(out, REPLACEMENT);
		text = (struct strv){text.p + bad + 1, text.n - (size_t)bad - 1};
	}
}

const char *report_clean(struct strbuf *scratch, const char *text, enum clean how)
{
	strbuf_clear(scratch);
	strbuf_add(scratch, "", 0);
	add_utf8(scratch, strv_of(text), how);
	log_mask(scratch->p);
	scratch->n = strlen(scratch->p);
	return scratch->p;
}

void report_add_shell(struct strbuf *out, const char *word)
{
	static const char harmless[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:@%+=,-";
	struct strbuf scratch = {0};
	const char *clean = report_clean(&scratch, word, CLEAN_LINE);

	if (clean[0] && strspn(clean, harmless) == strlen(clean)) {
		strbuf_adds(out, clean);
	} else {
		strbuf_addc(out, '\'');
		for (; *clean; clean++) {
			if (*clean == '\'')
				strbuf_adds(out, "'\\''");
			else
				strbuf_addc(out, *clean);
		}
		strbuf_addc(out, '\'');
	}
	strbuf_free(&scratch);
}
