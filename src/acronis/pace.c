/* A token bucket whose rate halves when the server is overrun; see pace_impl.h. */
#include "pace_impl.h"

enum {
	SECOND_MS = 1000,
	WHOLE = 1000,
	SHORTEST_WINDOW_MS = 250,
	LEAST_MEASURED = 20,
	NO_LIMIT_ABOVE = 10000
};

void pace_setup(struct pace *pace, int64_t requests_per_second, int64_t now)
{
	*pace = (struct pace){.ceiling = requests_per_second,
	    .limit = requests_per_second,
	    .credit = WHOLE,
	    .credit_at = now,
	    .slowed_at = now - SECOND_MS,
	    .raised_at = now,
	    .window_at = now};
}

/* The bucket holds a tenth of a second's requests: enough to make up for a late wake-up, too little for a
 * burst. */
static int64_t bucket_size(const struct pace *pace)
{
	int64_t size = pace->limit * (WHOLE / 10);

	return size < WHOLE ? WHOLE : size;
}

static void recover(struct pace *pace, int64_t now)
{
	if (pace->limit == pace->ceiling) {
		pace->raised_at = now;
		return;
	}
	for (; now - pace->raised_at >= SECOND_MS && pace->limit != pace->ceiling;
	     pace->raised_at += SECOND_MS) {
		pace->limit += pace->limit < 10 ? 1 : pace->limit / 10;
		if (pace->ceiling ? pace->limit > pace->ceiling : pace->limit > NO_LIMIT_ABOVE)
			pace->limit = pace->ceiling;
	}
}

static void refill(struct pace *pace, int64_t now)
{
	int64_t elapsed = now - pace->credit_at, size = bucket_size(pace);

	if (elapsed < 0)
		return; /* inside a pause, whose end is where credit begins again */
	recover(pace, now);
	if (elapsed > SECOND_MS)
		elapsed = SECOND_MS;
	pace->credit += elapsed * pace->limit;
	if (pace->credit > size)
		pace->credit = size;
	pace->credit_at = now;
	if (now - pace->window_at >= SECOND_MS) {
		pace->window_rate = pace->window_count * SECOND_MS / (now - pace->window_at);
		pace->window_count = 0;
		pace->window_at = now;
	}
}

int64_t pace_wait_ms(struct pace *pace, int64_t now)
{
	if (now < pace->held_until)
		return pace->held_until - now;
	refill(pace, now);
	if (!pace->limit || pace->credit >= WHOLE)
		return 0;
	return (WHOLE - pace->credit + pace->limit - 1) / pace->limit;
}

bool pace_take(struct pace *pace, int64_t now)
{
	if (pace_wait_ms(pace, now) > 0)
		return false;
	if (pace->limit)
		pace->credit -= WHOLE;
	pace->window_count++;
	return true;
}

/* Requests a second of late, where the settings name none: the last whole second or the one under way. */
static int64_t measured_rate(const struct pace *pace, int64_t now)
{
	int64_t elapsed = now - pace->window_at, rate;

	if (elapsed < SHORTEST_WINDOW_MS)
		elapsed = SHORTEST_WINDOW_MS;
	rate = pace->window_count * SECOND_MS / elapsed;
	if (rate < pace->window_rate)
		rate = pace->window_rate;
	return rate < LEAST_MEASURED ? LEAST_MEASURED : rate;
}

int64_t pace_hold(struct pace *pace, int64_t now, int64_t until)
{
	int64_t from = pace->held_until > now ? pace->held_until : now;

	refill(pace, now);
	/* Calls that were under way together come back refused together: that is one sign, not thirty. */
	if (now - pace->slowed_at >= SECOND_MS && now >= pace->held_until) {
		int64_t rate = pace->limit ? pace->limit : measured_rate(pace, now);
		pace->limit = rate > 1 ? rate / 2 : 1;
		pace->slowed_at = now;
	}
	if (until <= from)
		return 0;
	pace->held_until = until;
	pace->raised_at = until;
	pace->credit = 0;
	pace->credit_at = until;
	return until - from;
}
