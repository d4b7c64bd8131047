/* How fast calls may leave: a rate of our own, and pauses that the server asks for. Time comes in as
 * monotonic ms. */
#ifndef ACRONIS_PACE_IMPL_H
#define ACRONIS_PACE_IMPL_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int64_t ceiling; /* requests a second from the settings, 0: no limit of ours */
	int64_t limit;   /* in force now, 0: none */
	int64_t credit;  /* thousandths of a request */
	int64_t credit_at;
	int64_t held_until;
	int64_t slowed_at, raised_at;
	int64_t slowed_from; /* the pace when the server last asked for less; 0 never */
	int64_t hiccup_at;   /* the pace that is taken back at once; 0 none */
	int64_t taken;       /* requests since then */
	bool overrun;        /* halved then */
	int64_t window_at, window_count, window_rate; /* what really left in the last quarter of a second */
};

void pace_setup(struct pace *pace, int64_t requests_per_second, int64_t now);
/* May one request leave now? Takes its share when it may. */
bool pace_take(struct pace *pace, int64_t now);
/* Milliseconds until pace_take() may succeed; 0: at once. */
int64_t pace_wait_ms(struct pace *pace, int64_t now);
/* The server asks for less: nothing leaves before `until`, and then at a lower pace: half of it when it is
 * overrun, which recovers a tenth a second, little less for a while when it was one refusal among many
 * requests. Gives by how much the pause became longer. */
int64_t pace_hold(struct pace *pace, int64_t now, int64_t until);

#endif
