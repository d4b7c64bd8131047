/* Work on more than one core: a few large parts that share nothing they change. */
#ifndef TENANTRY_PARALLEL_H
#define TENANTRY_PARALLEL_H

#include <stddef.h>

/* As many parts as there are processors for `count` things, when each part has at least `least` of them; 1
 * otherwise: small work is done at once. At most 16. */
size_t parallel_parts(size_t count, size_t least);
/* The things of one part: from *begin up to *end. */
void parallel_share(size_t count, size_t part, size_t parts, size_t *begin, size_t *end);
/* Calls work(user, 0) to work(user, parts - 1), each on a thread of its own where one can be had, and waits
 * for all. Signals stay with the thread that calls. */
void parallel_run(size_t parts, void (*work)(void *user, size_t part), void *user);

/* Something to be waited for later. */
struct background; /* opaque */
/* Calls work(user) on a thread of its own; at once when none can be had. */
struct background *background_start(void (*work)(void *user), void *user);
void background_wait(struct background *background); /* and frees it; NULL is fine */

#endif
