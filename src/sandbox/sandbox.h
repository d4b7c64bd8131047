/* The sandbox itself: its settings and what lives as long as the process. Shared inside this folder only.
 *
 * One thread does everything (server.c), so nothing here is locked.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "tenantry/clock.h"
#include "tenantry/error.h"

struct fault_set;
struct request_log;
struct store;

/* What the command line says; texts are borrowed from it. */
struct sandbox_settings {
	const char *listen, *port_file, *ca_out, *state, *seed, *request_log;
	const char *client_id, *client_secret; /* NULL: the seed's or the well-known ones */
	const char *tls_host, *tls_version;    /* NULL: the address it listens on; what the library has */
	uint16_t port;
	bool allow_remote, tls, tls_expired, lenient, quiet, seeded;
	uint64_t random_seed;
	int64_t page_size; /* 0: what the caller asks for */
	int64_t token_life_ms, latency_ms;
	int64_t tier_low, tier_high;
	int64_t now_ms; /* 0: the machine's time */
	const char **faults;
	size_t fault_count;
};

struct sandbox {
	const struct sandbox_settings *settings;
	struct clock *clock;
	struct store *store;
	struct fault_set *faults;
	struct request_log *log;
	int64_t *calls; /* answered requests, a counter for each row of the operation table */
	bool stopping;  /* POST /admin/stop was answered */
};

/* Opens the state, makes or seeds the world when it is new, reads the faults, opens the log. */
int sandbox_open(struct sandbox *box, const struct sandbox_settings *settings, struct clock *clock,
    struct error *err) MUST_USE;
void sandbox_close(struct sandbox *box);

struct exchange;
/* Answers one request: x holds the request, afterwards the reply (exchange.h). */
void sandbox_handle(struct sandbox *box, struct exchange *x);

#endif
