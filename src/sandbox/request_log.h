/* The request log: one JSON object a line, with what was asked, what was answered, and what of the answer is
 * our assumption. Bodies, tokens and secrets never get in. */
#ifndef SANDBOX_REQUEST_LOG_H
#define SANDBOX_REQUEST_LOG_H

#include "sandbox/exchange.h"
#include "tenantry/error.h"

struct request_log; /* opaque */

/* Appends to `path`, which is made with mode 0600. */
struct request_log *request_log_open(const char *path, struct error *err) MUST_USE;
void request_log_close(struct request_log *log);                           /* NULL is fine */
void request_log_write(struct request_log *log, const struct exchange *x); /* NULL is fine */

#endif
