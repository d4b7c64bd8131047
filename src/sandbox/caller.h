/* Who calls: Bearer tokens and, for the calls example clients make before they have one, Basic credentials.
 */
#ifndef SANDBOX_CALLER_H
#define SANDBOX_CALLER_H

#include "sandbox/exchange.h"

/* Fills client_id and root. False: replied 401. */
bool caller_authenticate(struct exchange *x);
/* "Basic ..." into its two halves; false when it is not that. */
bool caller_basic(struct exchange *x, const char **user, const char **password);
/* Is this the client's secret, and may the client work? Loads both. */
enum credentials { CREDENTIALS_GOOD, CREDENTIALS_WRONG, CREDENTIALS_DISABLED };
enum credentials caller_check(struct exchange *x, const char *client_id, const char *secret,
    struct api_client *client, struct tenant *tenant);

#endif
