/* Calendar months: what contracts are billed by. A month is a number, year * 12 + month - 1, so that they can
 * be counted and compared. */
#ifndef TENANTRY_MONTH_H
#define TENANTRY_MONTH_H

#include "tenantry/clock.h"

int month_of(struct date date);
struct date month_first(int month);
struct date month_last(int month);
int month_days(int month);
enum { MONTH_TEXT_SIZE = 16 };
const char *month_text(int month, char text[MONTH_TEXT_SIZE]); /* "2026-10" */
const char *month_name(int month, char text[MONTH_TEXT_SIZE]); /* "October 2026" */
/* "2026-10"; false when it is none. */
bool month_parse(struct strv text, int *out);

#endif
