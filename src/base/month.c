/* Calendar months as numbers; see month.h. */
#include "tenantry/month.h"

#include <stdio.h>

int month_of(struct date date)
{
	return date.year * 12 + date.month - 1;
}

struct date month_first(int month)
{
	return (struct date){(int16_t)(month / 12), (int8_t)(month % 12 + 1), 1};
}

int month_days(int month)
{
	int64_t days = date_to_ms(month_first(month + 1)) - date_to_ms(month_first(month));

	return (int)(days / INT64_C(86400000));
}

struct date month_last(int month)
{
	struct date date = month_first(month);

	date.day = (int8_t)month_days(month);
	return date;
}

const char *month_text(int month, char text[MONTH_TEXT_SIZE])
{
	snprintf(text, MONTH_TEXT_SIZE, "%04d-%02d", month / 12, month % 12 + 1);
	return text;
}

const char *month_name(int month, char text[MONTH_TEXT_SIZE])
{
	static const char *const names[] = {"January", "February", "March", "April", "May", "June", "July",
	    "August", "September", "October", "November", "December"};

	snprintf(text, MONTH_TEXT_SIZE, "%s %d", names[month % 12], month / 12);
	return text;
}

bool month_parse(struct strv text, int *out)
{
	char day[DATE_TEXT_SIZE];
	struct date date;

	if (text.n != 7)
		return false;
	snprintf(day, sizeof day, "%.7s-01", text.p);
	if (!date_parse((struct strv){day, DATE_TEXT_SIZE - 1}, &date))
		return false;
	*out = month_of(date);
	return true;
}
