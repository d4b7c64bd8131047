/* What the sandbox says when it is ready. */
#ifndef SANDBOX_GREETING_H
#define SANDBOX_GREETING_H

#include <stdint.h>

#include "sandbox/sandbox.h"

/* One block on stderr: address, client, and the lines for a job file. */
void greeting_print(struct sandbox *box, uint16_t port);

#endif
