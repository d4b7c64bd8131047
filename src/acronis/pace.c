/* A token bucket whose rate goes down when the server asks for less; see pace_impl.h.
 *
 * One refusal among many requests is a hiccup: an eighth less for half a second. Several that were under way
 * together, or again after few requests, mean that the server is overrun: half, which recovers slowly.
 * Halving for each hiccup would come down to a crawl where one request in a hundred is refused, however few
 * are sent. */
#include "pace_impl.h"

enum {
	SECOND_MS = 1000,
	WHOLE = 1000,
	WINDOW_MS = 250,
	LEAST_MEASURED = 20,
	NO_LIMIT_ABOVE = 10000,
	FEW_REQUESTS = 50,
	HICCUP_SHARE = 8, /* of the pace, taken back in five steps */
	STEP_MS = 100,
	STEP_SHARE = 5 * HICCUP_SHARE
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

static void raise(struct pace *pace, int64_t by, int64_t step_ms)
{
	pace->limit += by > 0 ? by : 1;
	pace->raised_at += step_ms;
	if (pace->ceiling ? pace->limit > pace->ceiling : pace->limit > NO_LIMIT_ABOVE)
		pace->limit = pace->ceiling;
}

static void recover(struct pace *pace, int64_t now)
{
	while (
	    pace->limit != pace->ceiling && pace->limit < pace->hiccup_at && now - pace->raised_at >= STEP_MS)
		raise(pace, pace->hiccup_at / STEP_SHARE, STEP_MS);
	if (pace->limit >= pace->hiccup_at)
		pace->hiccup_at = 0;
	while (pace->limit != pace->ceiling && !pace->hiccup_at && now - pace->raised_at >= SECOND_MS)
		raise(pace, pace->limit / 10, SECOND_MS);
	if (pace->limit == pace->ceiling)
		pace->raised_at = now;
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
	if (now - pace->window_at >= WINDOW_MS) {
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
	pace->taken++;
	return true;
}

/* Requests a second of late, whether it was the limit or the connections that kept them down: the window
 * under way, or the last whole one where that is too young to tell. */
static int64_t measured_rate(const struct pace *pace, int64_t now)
{
	int64_t elapsed = now - pace->window_at, rate = pace->window_rate;

	if (elapsed < WINDOW_MS)
		elapsed = WINDOW_MS;
	if (rate < pace->window_count * SECOND_MS / elapsed)
		rate = pace->window_count * SECOND_MS / elapsed;
	return rate < LEAST_MEASURED ? LEAST_MEASURED : rate;
}

static void slow_down(struct pace *pace, int64_t now, bool overrun)
{
	int64_t rate = pace->slowed_from;

	pace->limit = overrun ? rate / 2 : rate - rate / HICCUP_SHARE;
	if (pace->limit < 1)
		pace->limit = 1;
	pace->hiccup_at = overrun ? 0 : rate;
	pace->overrun = overrun;
	pace->slowed_at = now;
}

int64_t pace_hold(struct pace *pace, int64_t now, int64_t until)
{
	int64_t from = pace->held_until > now ? pace->held_until : now, rate;
	bool again = pace->taken < FEW_REQUESTS;

	refill(pace, now);
	rate = measured_rate(pace, now);
	/* Calls that were under way together come back refused together: that is one sign, not thirty. */
	if (again && !pace->overrun && pace->slowed_from) {
		slow_down(pace, now, true);
	} else if (!again || (now - pace->slowed_at >= SECOND_MS && now >= pace->held_until)) {
		pace->slowed_from = pace->limit && pace->limit < rate ? pace->limit : rate;
		slow_down(pace, now, again);
		pace->taken = 0;
	}
	if (until <= from)
		return 0;
	/* A pause is not measured. */
	if (now - pace->window_at >= WINDOW_MS)
		pace->window_rate = rate;
	pace->window_count = 0;
	pace->window_at = until;
	pace->held_until = until;
	/* What was gone of a second before the pause counts after it: a pause each second must not keep the
	 * pace down for good. */
	pace->raised_at = pace->raised_at < from ? until - (from - pace->raised_at) : until;
	pace->credit = 0;
	pace->credit_at = until;
	return until - from;
}
