/* Records as the JSON of the API (schemas of acronis-openapi.yaml), and the contacts inside them. */
#ifndef SANDBOX_RENDER_H
#define SANDBOX_RENDER_H

#include <jansson.h>

#include "sandbox/exchange.h"

/* The service shows times in several ways (notes section 2.1); so does the sandbox. 0 is null. */
json_t *render_time_bare(int64_t ms);     /* 2026-11-22T12:43:40, tenants */
json_t *render_time(int64_t ms);          /* 2026-11-22T12:43:40+00:00, the rest */
json_t *render_time_fraction(int64_t ms); /* 2026-11-22T12:43:40.123+00:00, `timestamp` */
json_t *render_text(const char *text);    /* NULL is null */

enum detail { DETAIL_STAMPS, DETAIL_BASIC, DETAIL_FULL };
/* One tenant; contacts filled when asked. Lists add members of their own. */
json_t *render_tenant(
    struct exchange *x, const struct tenant *tenant, enum detail detail, bool with_contacts);
json_t *render_user(const struct user *user, enum detail detail);
/* The roles of a user; those of a deleted user count as deleted with it. */
json_t *render_policies(struct exchange *x, const struct user *user, bool deleted_too);
json_t *render_item(const struct tenant *tenant, const struct item_state *state, bool as_offer);

/* Members of `given` over the stored contact (NULL: a new one of these types), as stored text. */
const char *contact_merge(
    struct exchange *x, const char *stored, const json_t *given, const char *types, const char *key);

#endif
