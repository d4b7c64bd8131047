/* How Acronis was read and how old each tier value is: one wording for all the reports. */
#include <inttypes.h>

#include "report_impl.h"

size_t report_age_rows(const struct report *report, struct age_row rows[AGE_ROWS])
{
	const struct detail_ages *a = &report->observation.ages;
	const struct age_row all[AGE_ROWS] = {{"read in this run", a->tonight}, {"up to 1 day old", a->day},
	    {"1 to 3 days old", a->three_days}, {"3 to 7 days old", a->week}, {"over 7 days old", a->older},
	    {"of unknown age", a->unknown}, {"not read", a->unread}};
	size_t count = 0;

	for (size_t i = 0; report->has_observation && i < AGE_ROWS; i++)
		if (all[i].tenants > 0)
			rows[count++] = all[i];
	return count;
}

void report_add_reading(struct strbuf *out, const struct report *report)
{
	const struct observation_summary *o = &report->observation;
	char time[TIME_TEXT_SIZE];

	if (strcmp(o->mode, "changes") == 0) {
		strbuf_adds(out, "changes since run ");
		strbuf_addf(out, "%s: %" PRIu64 " tenant%s changed, ", o->base_run, o->changed, o->changed == 1 ? "" : "s");
		strbuf_addf(out, "tiers of %" PRIu64 " read again; all was last read %s", o->reread,
		    o->full_at ? time_text(o->full_at, time) : "at an unknown time");
		return;
	}
	strbuf_adds(out, "all tenants");
	if (o->why[0])
		strbuf_addf(out, ": %s", o->why);
}

void report_add_ages(struct strbuf *out, const struct report *report)
{
	struct age_row rows[AGE_ROWS];
	size_t count = report_age_rows(report, rows);
	int64_t oldest = report->observation.ages.oldest_at;
	char time[TIME_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		strbuf_adds(out, i ? ", " : "");
		report_add_number(out, rows[i].tenants);
		strbuf_addf(out, " %s", rows[i].name);
	}
	if (oldest)
		strbuf_addf(out, "%soldest of %s", count ? "; " : "", time_text(oldest, time));
}

void report_add_as_of(struct strbuf *out, const struct report *report)
{
	const struct report_as_of *a = &report->as_of;
	char time[TIME_TEXT_SIZE];

	if (!a->run[0]) {
		strbuf_adds(out, "nothing is kept of that day");
		return;
	}
	strbuf_addf(out, "from the snapshots of run %s, taken %s, ", a->run, time_text(a->end - a->before_ms, time));
	report_add_duration(out, a->before_ms);
	strbuf_adds(out, " before the end of that day");
	if (a->period[0])
		strbuf_addf(out, "; invoices of %s", a->period);
	strbuf_adds(out, "; Acronis was not asked, and what nights remember is as it was");
}
