/* One list of what stands directly below the parent, deleted ones too, for all flows that wait for one: the
 * look-up after a lost create, and the second look where a search says nothing.
 *
 * A list proves absence only when it has every live child of the parent that the world had when it began,
 * which all tenants that this run made before are: one that lags, or is cut, lacks them. Such a list, and one
 * that fails, is read again twice, acronis.settle apart. Who begins to wait while it is read waits for the
 * next one, so that each list was begun after what it is asked about. */
#ifndef TENANTRY_SHARED_LIST_H
#define TENANTRY_SHARED_LIST_H

#include "flow_impl.h"

/* The environment's client, world, clock and job; borrowed, must outlive it. */
struct shared_list *shared_list_new(struct flow_env *env);
/* What is under way is given up; its answers go nowhere. NULL is fine. */
void shared_list_free(struct shared_list *list);

/* A list that begins after this call or, with an `age`, one that began so many milliseconds before it. True:
 * the last one will do, and *out says how it ended; false: the flow waits, and flow_listed() is called, once.
 */
bool shared_list_wait(struct shared_list *list, struct flow *flow, int64_t age, struct shared_answer *out);
/* The flow waits no more. */
void shared_list_forget(struct shared_list *list, const struct flow *flow);
/* Between turns of the client: begins a list when somebody waits, none is being read, and its pause is over.
 */
void shared_list_turn(struct shared_list *list);
/* Flows that wait for one that is being read, or is about to be: each will have a call to send then. One that
 * pauses before it is read again keeps nobody out. */
size_t shared_list_busy(const struct shared_list *list);
/* Milliseconds until shared_list_turn() has something to do, at most `most`. */
int64_t shared_list_due(const struct shared_list *list, int64_t most);

#endif
