/* How Acronis was read and how old each tier value is: one wording for all the reports. */
#include <inttypes.h>

#include "report_impl.h"

static const char *const currencies[CURRENCY_COUNT] = {
#define X(code) #code,
    CURRENCIES(X)
#undef X
};

static const char *amount_of(struct report *report, int currency, int64_t minor)
{
	struct money money = {.minor = minor};
	char text[MONEY_TEXT_SIZE];

	snprintf(money.currency, sizeof money.currency, "%s", currencies[currency]);
	return arena_strdup(report->arena, money_text(money, text));
}

void report_count_ties(struct report *report)
{
	report->has_ties = true;
	report->ties = arena_alloc(report->arena, CURRENCY_COUNT * sizeof *report->ties);
	report->tie_count = 0;
	for (int i = 0; i < CURRENCY_COUNT; i++) {
		const int64_t total = report->coverage.commitment[i].total,
			      examined = report->coverage.commitment[i].examined,
			      left = report->coverage.commitment[i].left;
		if (total != 0 || examined != 0 || left != 0)
			report->ties[report->tie_count++] = (struct tie_sum){.currency = currencies[i],
			    .total = amount_of(report, i, total),
			    .examined = amount_of(report, i, examined),
			    .left = amount_of(report, i, left)};
	}
}

int report_check_ties(const struct report *report, struct error *err)
{
	for (int i = 0; i < CURRENCY_COUNT; i++)
		if (report->coverage.commitment[i].total !=
		    report->coverage.commitment[i].examined + report->coverage.commitment[i].left)
			return error_set(err, ERR_INTERNAL,
			    "the commitments in %s do not close: total = examined + not examined",
			    currencies[i]);
	return 0;
}

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
		strbuf_addf(out, "%s: %" PRIu64 " tenant%s changed, ", o->base_run, o->changed,
		    o->changed == 1 ? "" : "s");
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

static void add_money(
    struct strbuf *out, const char *what, const char *month, const char *which, const char *run, int64_t at)
{
	char time[TIME_TEXT_SIZE];

	if (strcmp(which, "kept") == 0)
		strbuf_addf(out, "; %s%s as run %s read them %s", what, month, run, time_text(at, time));
	else if (strcmp(which, "now") == 0)
		strbuf_addf(out, "; %s%s as their source has them NOW (%s), for none are kept of that time",
		    what, month, time_text(at, time));
}

void report_add_as_of(struct strbuf *out, const struct report *report)
{
	const struct report_as_of *a = &report->as_of;
	char time[TIME_TEXT_SIZE];

	if (!a->run[0]) {
		strbuf_adds(out, "nothing is kept of that day");
		return;
	}
	strbuf_addf(
	    out, "from the snapshots of run %s, taken %s, ", a->run, time_text(a->end - a->before_ms, time));
	report_add_duration(out, a->before_ms);
	strbuf_adds(out, " before the end of that day");
	add_money(out, a->period[0] ? "invoices of " : "invoices", a->period, a->invoices, a->invoices_run,
	    a->invoices_at);
	add_money(out, "rates", "", a->rates, a->rates_run, a->rates_at);
	strbuf_adds(out, "; Acronis was not asked, and what nights remember is as it was");
}
