/* Another try at a list; see acronis.h. A page that was lost on the way comes the next time, and a list that
 * lags has caught up: only what stays wrong stops anything. */
#include "tenantry/acronis.h"

#include <signal.h>

#include "tenantry/log.h"

enum { LOOK_MS = 200, BEAT_MS = 3000 };

bool list_may_be_read_again(enum api_result result)
{
	return result != API_UNAUTHORIZED && result != API_FORBIDDEN && result != API_CANCELLED;
}

static int stopped(const struct list_again *again, struct error *err)
{
	int signal = again->stop ? *again->stop : 0;

	return signal == 0 ? 0
			   : error_set(err, signal == SIGTERM ? ERR_TERMINATED : ERR_INTERRUPTED,
				 "stopped by a signal while reading Acronis");
}

static int beat(const struct list_again *again, struct error *err)
{
	return again->heartbeat ? again->heartbeat(again->user, err) : 0;
}

static int pause_before(const struct list_again *again, struct error *err)
{
	int64_t now = clock_mono_ms(again->clock), end = now + again->pause_ms, beat_at = now;

	for (; now < end; now = clock_mono_ms(again->clock)) {
		if (stopped(again, err) < 0)
			return -1;
		if (now >= beat_at) {
			if (beat(again, err) < 0)
				return -1;
			beat_at = now + BEAT_MS;
		}
		clock_sleep_ms(again->clock, end - now < LOOK_MS ? end - now : LOOK_MS);
	}
	return stopped(again, err) < 0 ? -1 : beat(again, err);
}

bool list_read_again(struct list_again *again, const char *what, const char *why, struct error *err)
{
	if (++again->reads >= LISTING_READS)
		return false;
	log_warn("%s is read again (%u of %d): %s", what, again->reads + 1, LISTING_READS, why);
	return pause_before(again, err) == 0;
}
