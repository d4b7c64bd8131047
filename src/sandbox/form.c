/* Form fields, percent encoding and base64; see form.h. */
#include "sandbox/form.h"

#include <stdint.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *percent_decode(struct arena *arena, struct strv text, bool plus)
{
	char *out = arena_alloc(arena, text.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c == '%') {
			int high = i + 2 < text.n ? hex_digit(text.p[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(text.p[i + 2]) : -1;
			if (low < 0)
				return NULL;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		if (c == '\0')
			return NULL;
		out[n++] = c;
	}
	out[n] = '\0';
	return out;
}

bool form_parse(struct form *form, struct arena *arena, struct strv text)
{
	form->count = 0;
	while (text.n > 0) {
		const char *amp = memchr(text.p, '&', text.n);
		struct strv pair = {text.p, amp ? (size_t)(amp - text.p) : text.n};
		const char *equals = pair.n ? memchr(pair.p, '=', pair.n) : NULL;
		struct strv name = {pair.p, equals ? (size_t)(equals - pair.p) : pair.n};
		struct strv value = {equals ? equals + 1 : "", equals ? pair.n - name.n - 1 : 0};

		text = (struct strv){text.p + pair.n + (amp != NULL), text.n - pair.n - (amp != NULL)};
		if (pair.n == 0)
			continue;
		if (form->count == FORM_MAX)
			return false;
		form->field[form->count].name = percent_decode(arena, name, true);
		form->field[form->count].value = percent_decode(arena, value, true);
		if (!form->field[form->count].name || !form->field[form->count].value)
			return false;
		form->count++;
	}
	return true;
}

const char *form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->field[i].name, name) == 0)
			return form->field[i].value;
	return NULL;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(struct arena *arena, struct strv bytes)
{
	char *out = arena_alloc(arena, (bytes.n + 2) / 3 * 4 + 1), *at = out;

	for (size_t i = 0; i < bytes.n; i += 3) {
		uint32_t group = 0;
		for (size_t j = 0; j < 3; j++)
			group = group << 8 | (i + j < bytes.n ? (unsigned char)bytes.p[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			*at++ = i + j > bytes.n ? '=' : alphabet[group >> (18 - 6 * j) & 63];
	}
	*at = '\0';
	return out;
}

bool base64_decode(struct arena *arena, struct strv text, struct strv *bytes)
{
	size_t padding = 0;

	if (text.n % 4 != 0)
		return false;
	while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
		padding++;
	char *out = arena_alloc(arena, text.n / 4 * 3 + 1);
	for (size_t i = 0; i < text.n; i++) {
		const char *digit = i < text.n - padding ? strchr(alphabet, text.p[i]) : alphabet;
		if (!digit || !*digit)
			return false;
		size_t value = (size_t)(digit - alphabet), at = i / 4 * 3;
		switch (i % 4) {
		case 0:
			out[at] = (char)(value << 2);
			break;
		case 1:
			out[at] = (char)(out[at] | (char)(value >> 4));
			out[at + 1] = (char)(value << 4);
			break;
		case 2:
			out[at + 1] = (char)(out[at + 1] | (char)(value >> 2));
			out[at + 2] = (char)(value << 6);
			break;
		default:
			out[at + 2] = (char)(out[at + 2] | (char)value);
		}
	}
	*bytes = (struct strv){out, text.n / 4 * 3 - padding};
	return true;
}
