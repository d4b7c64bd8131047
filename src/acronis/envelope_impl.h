/* Errors as the API words them, in each of its shapes, and the sentence for people. */
#ifndef ACRONIS_ENVELOPE_IMPL_H
#define ACRONIS_ENVELOPE_IMPL_H

#include "tenantry/acronis.h"

struct envelope {
	int64_t platform_code;
	char word[64], message[256];
};

/* {"error": {code, message, details.info}}, {"error": word, "error_description"}, or {code, domain, message}.
 * Members of an unexpected type are left out. `json` may be NULL. */
void envelope_read(const json_t *json, struct envelope *out);
/* "CreateTenant: 409, 1004 Tenant name conflict (2 tries)" into answer->text, secrets masked. `why` replaces
 * the server's message when not NULL. */
void envelope_describe(
    struct acronis_answer *answer, const char *operation, const struct envelope *envelope, const char *why);

#endif
