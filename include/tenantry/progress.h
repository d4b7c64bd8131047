/* A progress line on the terminal: what, how far, how fast, how long still. Drawn on stderr at most ten times
 * a second; log lines clear it. */
#ifndef TENANTRY_PROGRESS_H
#define TENANTRY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct clock;
/* Only from now on is anything drawn. */
void progress_start(struct clock *clock);
/* "orders 412/1,000 (41 %), 20/s, 0:29 left". A new label starts a new count. `unit` "bytes" is shown as MB.
 */
void progress_show(const char *label, uint64_t done, uint64_t total, const char *unit);
void progress_clear(void);

#endif
