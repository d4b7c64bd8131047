/* Names: of findings and their owners, and of tenants as the name rule sees them (design section 1: Account,
 * trimmed, each run of white space or control characters one space). Two spellings of one name are compared
 * without building either. */
#include "reconcile/reconcile_impl.h"

#include "tenantry/mem.h"

static const struct {
	const char *code;
	enum severity severity;
	const char *owner;
} findings[] = {
#define X(id, code, severity, owner) [id] = {code, severity, owner},
    FINDINGS(X)
#undef X
};

const char *finding_code_name(enum finding_code code)
{
	return (size_t)code < ARRAY_LEN(findings) ? findings[code].code : "unknown";
}

const char *finding_owner(enum finding_code code)
{
	return (size_t)code < ARRAY_LEN(findings) ? findings[code].owner : "operations";
}

enum severity finding_severity(const struct job *job, enum finding_code code)
{
	enum severity severity = findings[code].severity;

	for (size_t i = 0; job && i < job->reconcile.severity_count; i++)
		if (strcmp(job->reconcile.severities[i].from, findings[code].code) == 0 &&
		    severity_parse(strv_of(job->reconcile.severities[i].to), &severity))
			return severity;
	return severity;
}

int finding_code_parse(const char *code)
{
	for (size_t i = 0; i < FINDING_COUNT; i++)
		if (strcmp(findings[i].code, code) == 0)
			return (int)i;
	return -1;
}

bool finding_is_money(enum finding_code code)
{
	return class_of(code)->by_amount;
}

void findings_reference_markdown(struct strbuf *out)
{
	strbuf_adds(out, "| Code | When | Severity | Owner |\n|---|---|---|---|\n");
	for (size_t i = 0; i < FINDING_COUNT; i++)
		strbuf_addf(out, "| `%s` | %s | %s | %s |\n", findings[i].code,
		    class_of((enum finding_code)i)->meaning,
		    finding_is_money((enum finding_code)i) ? "by amount"
							   : severity_name(findings[i].severity),
		    findings[i].owner);
}

/* Bytes of the white space or control character at p, 0 when it is neither. Two and three bytes: U+0080 to
 * U+00A0 (C1 controls, no-break space), U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000. */
static size_t gap_at(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	if (p[0] <= ' ' || p[0] == 0x7f)
		return 1;
	if (p[0] < 0x7f) /* nearly every byte of nearly every name */
		return 0;
	if (n >= 2 && p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0xa0)
		return 2;
	if (n < 3 || p[0] < 0xe1 || p[0] > 0xe3)
		return 0;
	bool gap =
	    (p[0] == 0xe1 && p[1] == 0x9a && p[2] == 0x80) ||
	    (p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80) ||
	    (p[0] == 0xe2 && p[1] == 0x81 && p[2] == 0x9f) ||
	    (p[0] == 0xe2 && p[1] == 0x80 && (p[2] <= 0x8a || p[2] == 0xa8 || p[2] == 0xa9 || p[2] == 0xaf));
	return gap ? 3 : 0;
}

static void skip_gaps(struct strv *rest)
{
	size_t n;

	while (rest->n > 0 && (n = gap_at(rest->p, rest->n)) > 0) {
		rest->p += n;
		rest->n -= n;
	}
}

/* The next byte of the normal form, -1 at the end. */
static int next_byte(struct strv *rest, bool first)
{
	size_t before = rest->n;

	skip_gaps(rest);
	if (rest->n == 0)
		return -1;
	if (!first && rest->n < before)
		return ' ';
	rest->n--;
	return (unsigned char)*rest->p++;
}

static int lower(int c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static int same(int c)
{
	return c;
}

static bool compare_names(struct strv a, struct strv b, int (*fold)(int))
{
	bool first = true;
	int x, y;

	do {
		x = fold(next_byte(&a, first));
		y = fold(next_byte(&b, first));
		first = false;
	} while (x == y && x >= 0);
	return x == y;
}

bool name_equal(struct strv a, struct strv b)
{
	return strv_eq(a, b) || compare_names(a, b, same);
}

bool name_alike(struct strv a, struct strv b)
{
	return strv_eq(a, b) || compare_names(a, b, lower);
}

void name_add(struct strbuf *out, struct strv name)
{
	bool first = true;

	for (int c; (c = next_byte(&name, first)) >= 0; first = false)
		strbuf_addc(out, (char)c);
}

/* A name that is in its normal form already but for the case of its letters, as nearly all are: no white
 * space but single spaces between words, and no lead byte of a wide space. */
static bool lower_normal(struct strv name, char *out)
{
	bool space = true;

	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		bool strange = c < ' ' || c == 0x7f || c == 0xc2 || (c >= 0xe1 && c <= 0xe3);
		if (strange || (c == ' ' && space))
			return false;
		space = c == ' ';
		out[i] = (char)lower(c);
	}
	return !space;
}

uint64_t name_hash(struct strv name)
{
	struct strbuf normal = {0};
	char text[256];
	bool first = true;

	if (name.n <= sizeof text && lower_normal(name, text))
		return hash_text((struct strv){text, name.n});
	for (int c; (c = next_byte(&name, first)) >= 0; first = false)
		strbuf_addc(&normal, (char)lower(c));
	uint64_t hash = hash_text(strbuf_view(&normal));
	strbuf_free(&normal);
	return hash;
}
