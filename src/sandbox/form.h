/* application/x-www-form-urlencoded: queries and the token request. Also percent-decoding and base64. */
#ifndef SANDBOX_FORM_H
#define SANDBOX_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "tenantry/arena.h"
#include "tenantry/str.h"

enum { FORM_MAX = 32 };
struct form {
	struct {
		const char *name, *value;
	} field[FORM_MAX];
	size_t count;
};

/* Decoded names and values live in the arena. false: more than FORM_MAX fields or broken percent encoding. */
bool form_parse(struct form *form, struct arena *arena, struct strv text);
const char *form_get(const struct form *form, const char *name); /* the first, or NULL */
/* %xx becomes a byte; with `plus` a '+' becomes a space. NULL when broken or when a NUL byte would result. */
char *percent_decode(struct arena *arena, struct strv text, bool plus);

char *base64_encode(struct arena *arena, struct strv bytes);
/* Standard alphabet, padding required. false when it is not base64. */
bool base64_decode(struct arena *arena, struct strv text, struct strv *bytes);

#endif
