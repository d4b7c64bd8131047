/* What the four functions that write back promise; see pg_calls.c. */
#ifndef TENANTRY_PG_CALLS_H
#define TENANTRY_PG_CALLS_H

#include "bss/pg_impl.h"
#include "tenantry/bss_database.h"

/* A line of what is well. */
void pg_good(const struct bss_check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says of each function what it answers, or what is wrong with that. None is called. They are all there, and
 * this role may call them (pg_write_rights). */
void pg_calls_check(struct pg *pg, const struct bss_check *check);

#endif
