/* Time: the one place that asks the machine what time it is. Tests and --now replace it.
 *
 * Wall-clock time is int64_t milliseconds since 1970 in UTC; monotonic time is milliseconds from an arbitrary
 * start and is the only one used for time-outs, pauses and rates, so that a clock set back or forward harms
 * nothing.
 */
#ifndef TENANTRY_CLOCK_H
#define TENANTRY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "tenantry/str.h"

struct clock;
struct clock_ops {
	int64_t (*wall_ms)(struct clock *);
	int64_t (*mono_ms)(struct clock *);
	void (*sleep_ms)(struct clock *, int64_t ms);
};
struct clock {
	const struct clock_ops *ops;
	int64_t wall, mono; /* for the settable clocks; the machine's own ignores them */
};

/* The machine's clock. Borrowed, static. */
struct clock *clock_machine(void);
/* Starts at `wall_ms` and goes on at the machine's pace (--now). */
void clock_shifted(struct clock *clock, int64_t wall_ms);
/* Stands still until clock_advance(); sleeping advances it. For tests. */
void clock_manual(struct clock *clock, int64_t wall_ms);
void clock_advance(struct clock *clock, int64_t ms);

static inline int64_t clock_wall_ms(struct clock *clock)
{
	return clock->ops->wall_ms(clock);
}
static inline int64_t clock_mono_ms(struct clock *clock)
{
	return clock->ops->mono_ms(clock);
}
static inline void clock_sleep_ms(struct clock *clock, int64_t ms)
{
	clock->ops->sleep_ms(clock, ms);
}

struct date {
	int16_t year; /* 0000-00-00: none; small, for there are millions of them */
	int8_t month, day;
};

bool date_is_set(struct date date);
int date_compare(struct date a, struct date b);
/* A calendar date that exists, "2026-11-22". */
bool date_parse(struct strv text, struct date *out);
/* The UTC day of a time, midnight UTC of a day, the first day of the month after a day. */
struct date date_of_ms(int64_t ms);
int64_t date_to_ms(struct date date);
struct date date_next_first(struct date date);
/* The end of a day in the time zone of this machine (TZ), with its summer time. */
int64_t local_day_end(struct date date);
enum { DATE_TEXT_SIZE = 11, TIME_TEXT_SIZE = 25 };
const char *date_text(struct date date, char text[DATE_TEXT_SIZE]); /* "" when none */

/* ISO 8601: a date, or a date-time with 'T' or a space, seconds and a fraction optional, and Z, +hh:mm,
 * +hhmm, +hh or nothing (then UTC, as in the Acronis notes section 2.1). `day` is the local date as written
 * (billing takes that one). */
bool time_parse(struct strv text, int64_t *ms, struct date *day);
/* "2026-11-22T12:43:40Z"; with milliseconds: "...40.123Z". */
const char *time_text(int64_t ms, char text[TIME_TEXT_SIZE]);
const char *time_text_ms(int64_t ms, char text[TIME_TEXT_SIZE]);
/* "30s", "5m", "24h", "7d", "250ms"; a number alone is refused. */
bool duration_parse(struct strv text, int64_t *ms);

#endif
