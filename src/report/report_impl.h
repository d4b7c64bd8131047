/* What the files of src/report share: the gate for foreign text, sums, order, and the words for people. */
#ifndef TENANTRY_REPORT_IMPL_H
#define TENANTRY_REPORT_IMPL_H

#include "tenantry/report.h"

/* ---- clean.c: every foreign text passes here on its way out: secrets masked, broken UTF-8 shown as U+FFFD.
 */
enum clean {
	CLEAN_KEEP, /* line breaks and tabs stay (JSON, CSV) */
	CLEAN_LINE  /* control characters become spaces, marks that turn the reading direction go */
};
/* The clean text, in `scratch` until its next use. NULL is "". */
const char *report_clean(struct strbuf *scratch, const char *text, enum clean how);

/* ---- model.c */
/* Findings by severity (high first), then account, code, object. Freed with free(). */
const struct finding_record **report_sorted_findings(const struct report *report);
/* Whole days (UTC) from the first sight to this run. */
int64_t report_age_days(const struct report *report, const struct finding_record *finding);
enum { MONEY_TOTALS_MAX = 16 };
struct money_totals {
	struct money sum[MONEY_TOTALS_MAX]; /* by currency code */
	uint64_t findings[MONEY_TOTALS_MAX];
	size_t count;
	uint64_t unknown; /* findings whose amount is not known or too large to add */
};
/* ---- ages.c: which findings are meant, how many there are and what they put at stake a month. */
enum { AGE_BUCKET_COUNT = 5 };
/* Of the open findings: of a code, NULL: of all that do not merely inform (what waits for the BSS's import is
 * not lost). What is acknowledged or timing is totalled apart. */
struct money_totals report_money(const struct report *report, const char *code);
/* Of one state, without what merely informs; or of what merely informs, whatever its state. */
struct money_totals report_money_in_state(const struct report *report, enum finding_state state);
struct money_totals report_money_informing(const struct report *report);
enum finding_state report_state(const struct finding_record *finding);
enum finding_news report_news(const struct finding_record *finding);
/* Who owns the findings of a class tonight, as the job has it; "assigned" where a person named somebody
 * (mails carry no names), "several" where they differ. */
const char *report_class_owner(const struct report *report, enum finding_code code);
/* In words for people. */
const char *report_resolved_how(const struct finding_record *finding);
/* The ageing bucket of a finding, and its days: "0-7", "8-30", "31-60", "61-90", "over 90". */
int report_age_bucket(const struct report *report, const struct finding_record *finding);
const char *report_bucket_days(int bucket);
/* The open findings by bucket and severity, and the money of each. */
struct age_table {
	uint64_t count[AGE_BUCKET_COUNT][4];
	struct money_totals money[AGE_BUCKET_COUNT][4];
};
void report_ages(const struct report *report, struct age_table *out);
/* The earliest day on which an acknowledgement ends; "" none is acknowledged. */
const char *report_first_expiry(const struct report *report);
/* "4,321.50 USD, 10.00 EUR"; "" nothing. */
void report_add_totals(struct strbuf *out, const struct money_totals *totals);
/* "4,321.50" of decimal text, as it is when it is none. */
void report_add_decimal(struct strbuf *out, const char *text);
/* Adds all sums of one to the other. */
void money_totals_join(struct money_totals *totals, const struct money_totals *more);
/* Adds to the sums; unknown ones are counted. */
void money_totals_add(struct money_totals *totals, const struct finding_record *finding);
/* Amount of one finding; false when it is not known. */
bool report_finding_money(const struct finding_record *finding, struct money *out);
/* "4,321.50": the money text, thousands apart. */
void report_add_money(struct strbuf *out, struct money money);
void report_add_number(struct strbuf *out, uint64_t number);
/* "97.6%" of part in whole, rounded down, so that 100.0% means all; "-" when the whole is 0. */
void report_add_percent(struct strbuf *out, uint64_t part, uint64_t whole);
/* "42 s", "3 min 07 s", "2 h 05 min". */
void report_add_duration(struct strbuf *out, int64_t ms);
/* Subscriptions and tenants that were not compared. */
uint64_t report_subscriptions_left(const struct report *report);
uint64_t report_tenants_left(const struct report *report);
/* ERR_INTERNAL when the counts do not close or the exit status says something else than they. */
int report_check(const struct report *report, struct error *err) MUST_USE;
const char *report_apply_end_name(enum apply_end end);
enum { APPLY_END_COUNT = APPLY_BSS_UNAVAILABLE + 1 };

/* ---- settle.c: failed and parked orders. */
void report_add_job_path(const char *job_path, struct strbuf *out); /* " --job JOB" */
/* What can be decided about a failed or parked item, the command that goes with it, and both: "advice:
 * command". "" for others. */
const char *report_decision(const struct item_record *item);
void report_add_decision_command(
    const struct report *report, const struct item_record *item, struct strbuf *out);
void report_add_decision(const struct report *report, const struct item_record *item, struct strbuf *out);

/* ---- advice.c: what people can do about it. */
const char *report_rule_advice(enum rule_code code);
enum severity report_severity(const struct finding_record *finding);

struct next_step {
	const char *what;    /* a sentence */
	const char *command; /* exact; "" when there is none */
};
enum { NEXT_STEPS_MAX = 12 };
/* The next things to do, most urgent first, texts in the arena. */
size_t report_next_steps(
    const struct report *report, struct arena *arena, struct next_step steps[NEXT_STEPS_MAX]);

/* ---- json_read.c: `head` reads all but the items and findings (for the list of nights). */
struct report *report_read_json(const char *text, bool head, struct error *err) MUST_USE;

/* ---- html_page.c */
extern const char report_style[];
/* Escaped text. */
void html_add(struct strbuf *out, const char *text);
/* Escaped, of this length only known to be ours. */
void html_begin(struct strbuf *out, const char *title);
void html_end(struct strbuf *out);
/* "ok", "warn" or "bad": the verdict's colour class; and its word, "All good". */
const char *html_verdict_class(int exit_status);
const char *html_verdict_word(int exit_status);
void html_add_time(struct strbuf *out, int64_t ms);

/* ---- budget.c: the budget for loss in words; see struct budget_report. */
void report_add_budget(struct strbuf *out, const struct report *report);        /* asked, used, limit */
void report_add_behind(struct strbuf *out, const struct report *report);        /* money and end customers */
void report_add_fixes_command(struct strbuf *out, const struct report *report); /* of corrections */
/* "ORD-1 (account 1), ... and 3 more": what was held back, at most so many by name. */
void report_add_held(struct strbuf *out, const struct report *report, size_t most);

/* ---- the writers */
int report_write_json(
    const struct report *report, const struct job *job, const char *path, struct error *err) MUST_USE;
int report_write_findings_csv(
    const struct report *report, const struct job *job, const char *path, struct error *err) MUST_USE;
int report_write_failed_csv(
    const struct report *report, const struct job *job, const char *path, struct error *err) MUST_USE;
int report_write_html(
    const struct report *report, const struct job *job, const char *path, struct error *err) MUST_USE;
int report_write_xlsx(
    const struct report *report, const struct job *job, const char *path, struct error *err) MUST_USE;

/* ---- observed.c: how Acronis was read, and the age of tier values. */
enum { AGE_ROWS = 7 };
struct age_row {
	const char *name; /* "up to 1 day old" */
	uint64_t tenants;
};
/* Those that occur; 0 when the run does not say. */
size_t report_age_rows(const struct report *report, struct age_row rows[AGE_ROWS]);
/* Do the commitments close? ERR_INTERNAL. */
int report_check_ties(const struct report *report, struct error *err) MUST_USE;
/* Of report->as_of: which snapshots, and how far from the day. */
void report_add_as_of(struct strbuf *out, const struct report *report);
void report_add_reading(
    struct strbuf *out, const struct report *report); /* "all tenants: asked for with --full" */
void report_add_ages(struct strbuf *out, const struct report *report); /* all rows and the oldest, one line */

#endif
