/* Findings by what nights and people made of them: states, news, ageing buckets, and the money of each. Whole
 * days and buckets are those of domain notes section 5. */
#include "report_impl.h"

#include "tenantry/mem.h"

static const char *const states[FINDING_STATE_COUNT] = {
    [STATE_OPEN] = "open", [STATE_ACKNOWLEDGED] = "acknowledged", [STATE_TIMING] = "timing"};
static const char *const news[FINDING_NEWS_COUNT] = {
    [NEWS_NEW] = "new", [NEWS_KNOWN] = "known", [NEWS_REOPENED] = "reopened"};
static const struct {
	int64_t last_day;
	const char *days;
} buckets[AGE_BUCKET_COUNT] = {
    {7, "0-7"}, {30, "8-30"}, {60, "31-60"}, {90, "61-90"}, {INT64_MAX, "over 90"}};

const char *finding_state_name(enum finding_state state)
{
	return states[state];
}

const char *finding_news_name(enum finding_news what)
{
	return news[what];
}

/* Words of a newer version count as open and known: nothing may look smaller than it is. */
enum finding_state report_state(const struct finding_record *finding)
{
	for (int i = 0; i < FINDING_STATE_COUNT; i++)
		if (strcmp(finding->state, states[i]) == 0)
			return (enum finding_state)i;
	return STATE_OPEN;
}

enum finding_news report_news(const struct finding_record *finding)
{
	for (int i = 0; finding->news && i < FINDING_NEWS_COUNT; i++)
		if (strcmp(finding->news, news[i]) == 0)
			return (enum finding_news)i;
	return NEWS_KNOWN;
}

int report_age_bucket(const struct report *report, const struct finding_record *finding)
{
	int64_t age = report_age_days(report, finding);
	int bucket = 0;

	while (age > buckets[bucket].last_day)
		bucket++;
	return bucket;
}

const char *report_bucket_days(int bucket)
{
	return buckets[bucket].days;
}

const char *report_resolved_how(const struct finding_record *finding)
{
	if (strcmp(finding->resolved_how, "own-fix") == 0)
		return "corrected by us";
	return strcmp(finding->resolved_how, "own-change") == 0 ? "gone after a change of ours"
								: "no longer found";
}

const char *report_class_owner(const struct report *report, enum finding_code code)
{
	const char *name = finding_code_name(code), *owner = NULL;

	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding_record *f = &report->findings[i];
		if (strcmp(f->code, name) != 0)
			continue;
		const char *mine = f->assigned && f->assigned[0] ? "assigned" : f->owner;
		if (owner && strcmp(owner, mine) != 0)
			return "several";
		owner = mine;
	}
	return owner ? owner : finding_owner(code);
}

void report_count_findings(struct report *report)
{
	memset(report->by_code, 0, sizeof report->by_code);
	memset(report->by_severity, 0, sizeof report->by_severity);
	memset(report->by_state, 0, sizeof report->by_state);
	memset(report->by_news, 0, sizeof report->by_news);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding_record *f = &report->findings[i];
		int code = finding_code_parse(f->code);
		if (code >= 0)
			report->by_code[code]++;
		report->by_severity[report_severity(f)]++;
		report->by_state[report_state(f)]++;
		report->by_news[report_news(f)]++;
	}
}

void report_ages(const struct report *report, struct age_table *out)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding_record *f = &report->findings[i];
		if (report_state(f) != STATE_OPEN)
			continue;
		int bucket = report_age_bucket(report, f), severity = (int)report_severity(f);
		out->count[bucket][severity]++;
		money_totals_add(&out->money[bucket][severity], f);
	}
}

static bool informs(const struct finding_record *finding)
{
	return report_severity(finding) == SEVERITY_INFO;
}

struct money_totals report_money(const struct report *report, const char *code)
{
	struct money_totals totals = {0};

	if (!code)
		return report_money_in_state(report, STATE_OPEN);
	for (size_t i = 0; i < report->finding_count; i++)
		if (strcmp(code, report->findings[i].code) == 0 &&
		    report_state(&report->findings[i]) == STATE_OPEN)
			money_totals_add(&totals, &report->findings[i]);
	return totals;
}

struct money_totals report_money_in_state(const struct report *report, enum finding_state state)
{
	struct money_totals totals = {0};

	for (size_t i = 0; i < report->finding_count; i++)
		if (report_state(&report->findings[i]) == state && !informs(&report->findings[i]))
			money_totals_add(&totals, &report->findings[i]);
	return totals;
}

struct money_totals report_money_informing(const struct report *report)
{
	struct money_totals totals = {0};

	for (size_t i = 0; i < report->finding_count; i++)
		if (informs(&report->findings[i]))
			money_totals_add(&totals, &report->findings[i]);
	return totals;
}

const char *report_first_expiry(const struct report *report)
{
	const char *first = "";

	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding_record *f = &report->findings[i];
		if (report_state(f) == STATE_ACKNOWLEDGED && f->ack.until && f->ack.until[0] &&
		    (!first[0] || strcmp(f->ack.until, first) < 0))
			first = f->ack.until;
	}
	return first;
}
