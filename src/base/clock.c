/* Clocks, dates and durations; see clock.h. */
#include "tenantry/clock.h"

#include <stdio.h>
#include <time.h>

#include "tenantry/mem.h"

enum { DAY_MS = 86400000 };

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t machine_wall(struct clock *clock)
{
	(void)clock;
	return read_clock(CLOCK_REALTIME);
}

static int64_t machine_mono(struct clock *clock)
{
	(void)clock;
	return read_clock(CLOCK_MONOTONIC);
}

static void machine_sleep(struct clock *clock, int64_t ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)clock;
	if (ms > 0)
		nanosleep(&t, NULL);
}

static const struct clock_ops machine_ops = {machine_wall, machine_mono, machine_sleep};

struct clock *clock_machine(void)
{
	static struct clock clock = {.ops = &machine_ops};

	return &clock;
}

static int64_t shifted_wall(struct clock *clock)
{
	return clock->wall + (read_clock(CLOCK_MONOTONIC) - clock->mono);
}

static const struct clock_ops shifted_ops = {shifted_wall, machine_mono, machine_sleep};

void clock_shifted(struct clock *clock, int64_t wall_ms)
{
	*clock = (struct clock){&shifted_ops, wall_ms, read_clock(CLOCK_MONOTONIC)};
}

static int64_t manual_wall(struct clock *clock)
{
	return clock->wall;
}

static int64_t manual_mono(struct clock *clock)
{
	return clock->mono;
}

static const struct clock_ops manual_ops = {manual_wall, manual_mono, clock_advance};

void clock_manual(struct clock *clock, int64_t wall_ms)
{
	*clock = (struct clock){&manual_ops, wall_ms, 0};
}

void clock_advance(struct clock *clock, int64_t ms)
{
	clock->wall += ms;
	clock->mono += ms;
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && leap(year) ? 29 : days[month - 1];
}

bool date_is_set(struct date date)
{
	return date.month != 0;
}

int date_compare(struct date a, struct date b)
{
	int x = (a.year * 100 + a.month) * 100 + a.day, y = (b.year * 100 + b.month) * 100 + b.day;

	return (x > y) - (x < y);
}

/* Exactly `n` digits at text[*at]; moves on. */
static bool digits(struct strv text, size_t *at, size_t n, int *out)
{
	int value = 0;

	if (text.n - *at < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text.p[*at + i];
		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*at += n;
	*out = value;
	return true;
}

static bool literal(struct strv text, size_t *at, char c)
{
	if (*at >= text.n || text.p[*at] != c)
		return false;
	++*at;
	return true;
}

static bool date_at(struct strv text, size_t *at, struct date *out)
{
	int year, month, day;

	if (!digits(text, at, 4, &year) || !literal(text, at, '-') || !digits(text, at, 2, &month) ||
	    !literal(text, at, '-') || !digits(text, at, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return false;
	*out = (struct date){(int16_t)year, (int8_t)month, (int8_t)day};
	return true;
}

bool date_parse(struct strv text, struct date *out)
{
	size_t at = 0;

	return date_at(text, &at, out) && at == text.n;
}

/* Days from 1970-01-01 by Howard Hinnant's civil-calendar arithmetic: eras of 400 years that begin in March.
 */
static int64_t days_from_civil(struct date d)
{
	int64_t year = d.month <= 2 ? d.year - 1 : d.year;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

int64_t date_to_ms(struct date date)
{
	return days_from_civil(date) * DAY_MS;
}

struct date date_of_ms(int64_t ms)
{
	int64_t days = (ms >= 0 ? ms : ms - (DAY_MS - 1)) / DAY_MS + 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t day_of_era = days - era * 146097;
	int64_t year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	struct date d = {.day = (int8_t)(day_of_year - (153 * month + 2) / 5 + 1),
	    .month = (int8_t)(month < 10 ? month + 3 : month - 9)};

	d.year = (int16_t)(year_of_era + era * 400 + (d.month <= 2));
	return d;
}

int64_t local_day_end(struct date date)
{
	struct tm next = {
	    .tm_year = date.year - 1900, .tm_mon = date.month - 1, .tm_mday = date.day + 1, .tm_isdst = -1};

	return (int64_t)mktime(&next) * 1000;
}

struct date date_next_first(struct date date)
{
	return date.month == 12 ? (struct date){(int16_t)(date.year + 1), 1, 1}
				: (struct date){date.year, (int8_t)(date.month + 1), 1};
}

const char *date_text(struct date date, char text[DATE_TEXT_SIZE])
{
	text[0] = '\0';
	if (date_is_set(date))
		snprintf(text, DATE_TEXT_SIZE, "%04u-%02u-%02u", (unsigned)date.year % 10000,
		    (unsigned)date.month % 100, (unsigned)date.day % 100);
	return text;
}

/* "Z", "+hh:mm", "+hhmm", "+hh" or nothing at text[*at]; minutes east of UTC. */
static bool offset_at(struct strv text, size_t *at, int *minutes)
{
	int hour, minute = 0;

	*minutes = 0;
	if (*at == text.n || literal(text, at, 'Z') || literal(text, at, 'z'))
		return true;
	int sign = text.p[*at] == '+' ? 1 : text.p[*at] == '-' ? -1 : 0;
	if (sign == 0)
		return false;
	++*at;
	if (!digits(text, at, 2, &hour))
		return false;
	bool colon = literal(text, at, ':');
	if ((colon || *at < text.n) && !digits(text, at, 2, &minute))
		return false;
	if (hour > 14 || minute > 59)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

static bool fraction_at(struct strv text, size_t *at, int *ms)
{
	int scale = 100;
	size_t start = ++*at;

	for (; *at < text.n && text.p[*at] >= '0' && text.p[*at] <= '9'; ++*at) {
		*ms += (text.p[*at] - '0') * scale;
		scale /= 10;
	}
	return *at > start;
}

bool time_parse(struct strv text, int64_t *ms, struct date *day)
{
	size_t at = 0;
	struct date d;
	int hour = 0, minute = 0, second = 0, millis = 0, offset = 0;

	if (!date_at(text, &at, &d))
		return false;
	if (at < text.n) {
		if (!literal(text, &at, 'T') && !literal(text, &at, 't') && !literal(text, &at, ' '))
			return false;
		if (!digits(text, &at, 2, &hour) || !literal(text, &at, ':') ||
		    !digits(text, &at, 2, &minute))
			return false;
		if (literal(text, &at, ':') && !digits(text, &at, 2, &second))
			return false;
		if (at < text.n && text.p[at] == '.' && !fraction_at(text, &at, &millis))
			return false;
		if (hour > 23 || minute > 59 || second > 60 || !offset_at(text, &at, &offset) || at != text.n)
			return false;
	}
	if (ms)
		*ms = date_to_ms(d) + ((hour * 60 + minute - offset) * 60 + second) * INT64_C(1000) + millis;
	if (day)
		*day = d;
	return true;
}

static const char *write_time(int64_t ms, bool with_millis, char text[TIME_TEXT_SIZE])
{
	char day[DATE_TEXT_SIZE];
	int64_t in_day = ((ms % DAY_MS) + DAY_MS) % DAY_MS;
	unsigned hour = (unsigned)(in_day / 3600000) % 24, minute = (unsigned)(in_day / 60000 % 60),
		 second = (unsigned)(in_day / 1000 % 60), millis = (unsigned)(in_day % 1000);

	date_text(date_of_ms(ms), day);
	if (with_millis)
		snprintf(text, TIME_TEXT_SIZE, "%sT%02u:%02u:%02u.%03uZ", day, hour, minute, second, millis);
	else
		snprintf(text, TIME_TEXT_SIZE, "%sT%02u:%02u:%02uZ", day, hour, minute, second);
	return text;
}

const char *time_text(int64_t ms, char text[TIME_TEXT_SIZE])
{
	return write_time(ms, false, text);
}

const char *time_text_ms(int64_t ms, char text[TIME_TEXT_SIZE])
{
	return write_time(ms, true, text);
}

bool duration_parse(struct strv text, int64_t *ms)
{
	static const struct {
		struct strv unit;
		int64_t ms;
	} units[] = {
	    {{"ms", 2}, 1}, {{"s", 1}, 1000}, {{"m", 1}, 60000}, {{"h", 1}, 3600000}, {{"d", 1}, DAY_MS}};
	size_t n = 0;

	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	struct strv unit = strv_trim((struct strv){text.p + n, text.n - n});
	int64_t value;
	if (n == 0 || !strv_to_int64((struct strv){text.p, n}, &value))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strv_eq(unit, units[i].unit))
			return !__builtin_mul_overflow(value, units[i].ms, ms);
	return false;
}
