/* Rules for users that the API and the seed share. */
#ifndef SANDBOX_USER_RULES_H
#define SANDBOX_USER_RULES_H

#include "sandbox/exchange.h"

/* Only characters that logins may have (notes section 5), at least one. */
bool login_acceptable(const char *login);
bool role_known(const char *role, bool lenient);
void user_defaults(
    struct exchange *x, const char *id, const struct tenant *tenant, const char *login, struct user *out);

#endif
