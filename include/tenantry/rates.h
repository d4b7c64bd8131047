/* Exchange rates as the BSS has them (bss.rates; domain notes section 4): one record a direction and a time.
 * EUR to GBP 0.87828 means that 1 EUR is 0.87828 GBP; the way back is a record of its own and never the
 * reciprocal. */
#ifndef TENANTRY_RATES_H
#define TENANTRY_RATES_H

#include "tenantry/clock.h"
#include "tenantry/intake.h"
#include "tenantry/job.h"
#include "tenantry/rational.h"
#include "tenantry/source_side.h"
#include "tenantry/subscription.h"

struct rate {
	char from[4], to[4];
	struct rational *value;           /* owned by the list */
	const char *text;                 /* plain decimal */
	struct date valid_from, valid_to; /* both days count; valid_to none: until a later record begins */
	const char *source;
	unsigned long line;
};
struct rates {
	struct arena *arena;
	struct rate *items; /* by from, to, valid_from */
	size_t count, cap;
	struct quarantined_row *quarantined; /* rows that cannot be used; their ids are "" */
	size_t quarantined_count, quarantined_cap;
	struct input_file *files;
	size_t file_count;
	struct digest digest;
};

struct bss_snapshot;
/* ERR_SOURCE: a file cannot be read. Unusable rows are quarantined. Free with rates_free(). */
struct rates *rates_load(
    const struct job *job, const struct bss_snapshot *snapshot, struct error *err) MUST_USE;
/* The same from, and into, what is kept of them (source_side.h). */
struct rates *rates_load_side(const struct job *job, struct source_side *side, struct error *err) MUST_USE;
void rates_free(struct rates *rates); /* NULL is fine */

enum rate_answer {
	RATE_FOUND,
	RATE_MISSING,  /* none for that day in that direction */
	RATE_AMBIGUOUS /* two records say different things of that day */
};
/* The rate of a day. Of several records the one that began last counts, unless an earlier one says that it is
 * still valid. `rates` NULL: there are none. *out is borrowed. */
enum rate_answer rates_find(
    const struct rates *rates, const char *from, const char *to, struct date day, const struct rate **out);

#endif
