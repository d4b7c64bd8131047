/* Decimal text in a stated format to a plain decimal; see amount.h. */
#include "bss/amount.h"

#include <string.h>

static const char *const not_a_number = "must be a plain decimal number such as 1234.56";

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of the thousands mark at p, 0 when there is none. A space may be one that does not break (U+00A0,
 * U+202F), as spreadsheets write it. */
static size_t thousands_at(struct amount_format format, const char *p, size_t n)
{
	switch (format.thousands) {
	case THOUSANDS_NONE:
		return 0;
	case THOUSANDS_COMMA:
		return n > 0 && *p == ',';
	case THOUSANDS_POINT:
		return n > 0 && *p == '.';
	case THOUSANDS_APOSTROPHE:
		return n >= 3 && memcmp(p, "\xe2\x80\x99", 3) == 0 ? 3 : n > 0 && *p == '\'';
	case THOUSANDS_SPACE:
		if (n >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
			return 2;
		return n >= 3 && memcmp(p, "\xe2\x80\xaf", 3) == 0 ? 3 : n > 0 && *p == ' ';
	}
	return 0;
}

/* What people should know of a character that does not belong there. */
static const char *why_not(struct amount_format format, char c)
{
	if (c == 'e' || c == 'E')
		return "exponents are not read, write all digits";
	if (c == ',' && format.decimal == DECIMAL_POINT)
		return "it has a comma; say bss.csv.decimal: comma or bss.csv.thousands: comma when the export writes so";
	if (c == '.' && format.decimal == DECIMAL_COMMA)
		return "it has a point; say bss.csv.thousands: point when the export writes so";
	if (c == ' ' || c == '\'' || c == '\xc2' || c == '\xe2')
		return "it has separators; say bss.csv.thousands when the export writes so";
	return not_a_number;
}

struct scan {
	struct amount_format format;
	struct strv rest;
	char *out;
	size_t used;
	const char **why;
};

static bool put(struct scan *scan, char c)
{
	if (scan->used + 1 >= AMOUNT_TEXT_SIZE) {
		*scan->why = "it has too many digits";
		return false;
	}
	scan->out[scan->used++] = c;
	return true;
}

/* A run of digits; gives how many, -1 when there is no room. */
static int digits(struct scan *scan)
{
	int count = 0;

	for (; scan->rest.n > 0 && is_digit(*scan->rest.p); scan->rest.p++, scan->rest.n--, count++)
		if (!put(scan, *scan->rest.p))
			return -1;
	return count;
}

/* Groups are of three digits, the first one of one to three; without any mark it is one group of any length.
 */
static bool whole_part(struct scan *scan)
{
	int count = digits(scan);
	size_t mark;

	if (count <= 0) {
		if (count == 0)
			*scan->why = scan->rest.n > 0 ? why_not(scan->format, *scan->rest.p) : not_a_number;
		return false;
	}
	for (bool first = true; (mark = thousands_at(scan->format, scan->rest.p, scan->rest.n)) > 0;
	     first = false) {
		scan->rest.p += mark;
		scan->rest.n -= mark;
		int group = digits(scan);
		if (group < 0)
			return false;
		if (group != 3 || (first && count > 3)) {
			*scan->why = "its groups of digits are not of three";
			return false;
		}
	}
	return true;
}

bool amount_normal(
    struct amount_format format, struct strv text, char out[AMOUNT_TEXT_SIZE], const char **why)
{
	struct scan scan = {.format = format, .rest = text, .out = out, .why = why};
	char mark = format.decimal == DECIMAL_COMMA ? ',' : '.';

	if (text.n > 0 && text.p[0] == '-') {
		put(&scan, '-');
		scan.rest.p++;
		scan.rest.n--;
	}
	if (!whole_part(&scan))
		return false;
	if (scan.rest.n > 1 && *scan.rest.p == mark) {
		scan.rest.p++;
		scan.rest.n--;
		if (!put(&scan, '.') || digits(&scan) < 0)
			return false;
	}
	if (scan.rest.n > 0 || out[scan.used - 1] == '.') {
		*why = scan.rest.n > 0 ? why_not(format, *scan.rest.p) : not_a_number;
		return false;
	}
	out[scan.used] = '\0';
	return true;
}

bool amount_parse(struct amount_format format, struct strv text, int64_t *millionths, const char **why)
{
	char plain[AMOUNT_TEXT_SIZE];
	int64_t value = 0;
	int decimals = -1;

	if (!amount_normal(format, text, plain, why))
		return false;
	*why = "it is larger than any amount of money should be";
	for (const char *p = plain + (plain[0] == '-'); *p; p++) {
		if (*p == '.') {
			decimals = 0;
		} else if (decimals == AMOUNT_DECIMALS) {
			if (*p != '0') {
				*why = "it has more than six decimals";
				return false;
			}
		} else {
			if (__builtin_mul_overflow(value, 10, &value) ||
			    __builtin_add_overflow(value, *p - '0', &value))
				return false;
			decimals += decimals >= 0;
		}
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < AMOUNT_DECIMALS; decimals++)
		if (__builtin_mul_overflow(value, 10, &value))
			return false;
	*millionths = plain[0] == '-' ? -value : value;
	return true;
}
