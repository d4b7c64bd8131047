/* HTTP around the exchanges: libmicrohttpd, one thread, one loop. */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include "sandbox/sandbox.h"

/* Listens, writes the port and CA files, greets on stderr, answers until SIGTERM, SIGINT or /admin/stop. 0 or
 * -1. */
int server_run(struct sandbox *box, struct error *err) MUST_USE;

#endif
