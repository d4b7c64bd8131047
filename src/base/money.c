/* Exact money; see money.h. */
#include "tenantry/money.h"

#include <inttypes.h>
#include <stdio.h>

int currency_exponent(const char *currency)
{
	return strcmp(currency, "JPY") == 0 ? 0 : 2;
}

bool currency_is_code(struct strv code)
{
	if (code.n != 3)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (code.p[i] < 'A' || code.p[i] > 'Z')
			return false;
	return true;
}

static bool append_digit(int64_t *value, char c)
{
	return c >= '0' && c <= '9' && !__builtin_mul_overflow(*value, 10, value) &&
	       !__builtin_add_overflow(*value, c - '0', value);
}

bool money_parse(struct strv text, const char *currency, struct money *out)
{
	int exponent = currency_exponent(currency), decimals = 0;
	size_t i = text.n > 0 && text.p[0] == '-', first = i;
	bool negative = first == 1;
	int64_t value = 0;

	for (; i < text.n && text.p[i] != '.'; i++)
		if (!append_digit(&value, text.p[i]))
			return false;
	if (i == first)
		return false;
	if (i < text.n && ++i == text.n)
		return false;
	for (; i < text.n; i++, decimals++) {
		if (decimals >= exponent) {
			if (text.p[i] != '0')
				return false;
		} else if (!append_digit(&value, text.p[i])) {
			return false;
		}
	}
	for (; decimals < exponent; decimals++)
		if (__builtin_mul_overflow(value, 10, &value))
			return false;
	out->minor = negative ? -value : value;
	snprintf(out->currency, sizeof out->currency, "%s", currency);
	return true;
}

bool money_add(struct money *sum, struct money add)
{
	if (!sum->currency[0])
		*sum = (struct money){0, {add.currency[0], add.currency[1], add.currency[2], '\0'}};
	return strcmp(sum->currency, add.currency) == 0 &&
	       !__builtin_add_overflow(sum->minor, add.minor, &sum->minor);
}

const char *money_text(struct money money, char text[MONEY_TEXT_SIZE])
{
	uint64_t units = money.minor < 0 ? 0 - (uint64_t)money.minor : (uint64_t)money.minor;
	const char *sign = money.minor < 0 ? "-" : "";

	if (currency_exponent(money.currency) == 0)
		snprintf(text, MONEY_TEXT_SIZE, "%s%" PRIu64, sign, units);
	else
		snprintf(
		    text, MONEY_TEXT_SIZE, "%s%" PRIu64 ".%02u", sign, units / 100, (unsigned)(units % 100));
	return text;
}
