/* Reports: one model of a finished run, and a table of writers. The model is plain data that can be loaded
 * again from the ledger's copy of run.json, its items and findings, so that `tenantry report RUN` gives the
 * same bytes as the night did. */
#ifndef TENANTRY_REPORT_H
#define TENANTRY_REPORT_H

#include "tenantry/intake.h"
#include "tenantry/ledger.h"
#include "tenantry/provision.h"
#include "tenantry/reconcile.h"

enum { RUN_SCHEMA_VERSION = 1 };

/* What a finding of a run can be; resolved ones are no findings of it. */
enum finding_state { STATE_OPEN, STATE_ACKNOWLEDGED, STATE_TIMING, FINDING_STATE_COUNT };
const char *finding_state_name(enum finding_state state);
/* What it is against the comparison before. */
enum finding_news { NEWS_NEW, NEWS_KNOWN, NEWS_REOPENED, FINDING_NEWS_COUNT };
const char *finding_news_name(enum finding_news news);

/* Invoice amounts of one currency, as decimal text: total = tied + other_months + untied. */
struct billing_sum {
	const char *currency, *total, *tied, *other_months, *untied;
	uint64_t lines;
};
/* What the invoices of the compared months were held against. */
struct billing_summary {
	const char *months;         /* "2026-10" or "2026-09 to 2026-10" */
	uint64_t contracts;         /* months of contracts that ran or were billed */
	uint64_t compared, agreed;  /* of those */
	uint64_t lines, unreadable; /* invoice lines; of those without a readable amount: in no sum */
	struct billing_sum *sums;
	size_t sum_count;
};

/* Minimum commitments of live subscriptions a month, in one currency: total = examined + left. */
struct tie_sum {
	const char *currency, *total, *examined, *left;
};

/* How Acronis was read, and how old what it says is. */
struct observation_summary {
	const char *mode, *why, *base_run; /* full or changes; why full, "" the first time it is due; the run
					      it went on from, "" */
	int64_t full_at;                   /* when all was last read */
	uint64_t requests, changed,
	    reread; /* tenants in the list of changes; tenants whose details were read */
	struct detail_ages ages;
};

/* A comparison of a day that is past. */
struct report_as_of {
	const char *day;    /* "2026-10-31"; "" tonight's */
	const char *period; /* "2026-10": its invoices; "" */
	const char *run;    /* whose snapshots were compared; "" there are none */
	int64_t end;        /* of the day, in the job's time zone */
	int64_t before_ms;  /* so long before it they were taken */
	/* "kept": as that run read them at that time; "now": nothing was kept, so as their source has them by
	 * now; "" none were compared. */
	const char *invoices, *invoices_run, *rates, *rates_run;
	int64_t invoices_at, rates_at;
};

/* What a person should mend, though the run went on and its exit status is not worse for it. */
struct report_warning {
	const char *about;       /* a word: "bss-database" */
	const char *text, *hint; /* a sentence each; hint "" */
};

/* Minimum commitments a month of what is to be taken away, in one currency. */
struct loss_sum {
	const char *currency, *amount;
};
/* The budget for loss (budget.h) as this run met it. */
struct budget_report {
	bool any;                          /* something was to be taken away that did not stand already */
	const char *rule;                  /* "6 (2% of 300 live contracts)" */
	uint64_t limit, live, used, ahead; /* ahead: of the used, dated later than this machine's clock */
	uint64_t asked, by_kind[LOSS_KIND_COUNT];
	bool over, passed;   /* passed: --allow-disables let it */
	const char *allowed; /* --allow-disables as given; "" */
	uint64_t held;       /* not done for it; in a dry run: would not be done */
	const char *command; /* that does the same again, without --allow-disables; "" not known */
	bool stopped;        /* and that is the error of the run */
	/* what stands behind all that is asked for; known only where it is over */
	struct loss_sum *sums;
	size_t sum_count;
	uint64_t unknown;                        /* whose commitment is not known */
	const char *in_report, *report_currency; /* the sums in the report's currency; "" not known */
	int64_t customers; /* end customers below their tenants in the last full list; -1 not known */
};

/* What else of a night that a retry goes back to was not done, beside what the retry was about. */
struct still_waiting {
	const char *run; /* the night, which an earlier retry may have gone back to; "" no retry */
	uint64_t failed, not_begun, in_doubt;
};

/* A row of an order that was done and that says something else now. */
struct changed_order {
	const char *item; /* as commands take it */
	const char *order_id, *account_id, *source;
	unsigned long line;
	const char *what; /* "address and start date" */
};
enum { CHANGED_ORDERS_MAX = 100 }; /* that are listed; all are counted */

struct report {
	struct arena *arena;
	/* identity */
	const char *run_id, *job, *job_path, *job_digest, *command, *folder, *version, *bss, *acronis_url,
	    *parent;
	int64_t started_at, ended_at;
	bool dry_run;
	const char *retry_of;                 /* run that was done again; "" */
	const char *max_errors, *max_changes; /* as the command line gave them, "3" or "10%"; "" the job's */
	const char *raised;                   /* the safety stops that --yes let pass; "" none */
	int exit_status;
	const char *verdict; /* one sentence: the last line of text, and run.json's */
	struct report_as_of as_of;
	/* what stopped it; code "" when nothing did */
	const char *error_code, *error_text, *error_hint;
	struct report_warning *warnings;
	size_t warning_count;
	/* inputs */
	struct input_file *files;
	size_t file_count;
	/* intake */
	bool has_intake;
	struct intake_counts intake;
	struct changed_order *changed; /* the first of them */
	size_t changed_count;
	/* provisioning */
	bool has_provision;
	uint64_t plan_to_do, plan_deferred, plan_parked;
	struct apply_result apply;
	struct item_record *items; /* of this run, by key: done, failed, parked, deferred */
	size_t item_count;
	/* corrections (apply of fixes): how it went is in `apply`, with skipped ones as parked */
	bool has_fixes;
	const char *fixes_of;     /* the run whose findings they are; "" */
	const char *proposed;     /* file of proposed corrections that this run wrote; "" none */
	struct fix_record *fixes; /* of this run, by account */
	size_t fix_count;
	struct budget_report budget;
	uint64_t waiting; /* parked items of earlier runs that still need a decision */
	struct still_waiting still;
	/* reconciliation */
	bool has_reconcile;
	bool in_part; /* under reconcile.min_coverage, or a tenant that we made is neither there nor proved
			 gone: not conclusive, and nothing was resolved */
	struct coverage coverage;
	bool has_ties; /* false: of a version that did not say */
	struct tie_sum *ties;
	size_t tie_count;
	bool has_observation; /* false: of a version that did not say */
	struct observation_summary observation;
	bool has_billing; /* with invoices */
	struct billing_summary billing;
	int64_t observed_at, subscriptions_as_of;
	struct finding_record *findings;
	size_t finding_count;
	uint64_t by_code[FINDING_COUNT], by_severity[4];
	/* memory: findings = by_state together = by_news together; before = known + resolved + left */
	uint64_t by_state[FINDING_STATE_COUNT], by_news[FINDING_NEWS_COUNT];
	uint64_t before, resolved, left;
	struct finding_record *gone; /* that this run resolved */
	size_t gone_count;
	/* effort */
	uint64_t requests, changes, repeats;
	/* files written beside run.json, names only */
	const char **outputs;
	size_t output_count;
};

/* run.json (schema: docs/run.schema.json). The caller frees. Counts close or ERR_INTERNAL. */
char *report_to_json(const struct report *report, struct error *err) MUST_USE;
/* The model again from run.json's text (items and findings too). ERR_SOURCE when it is not one. */
struct report *report_from_json(const char *text, struct error *err) MUST_USE;
/* The same without items and findings: `text` may be cut off anywhere behind where they begin. */
struct report *report_head_from_json(const char *text, struct error *err) MUST_USE;
void report_free(struct report *report);
/* What can be done about a class of findings, and what is meant by it, a sentence each; "" for a code that is
 * not ours. */
const char *report_finding_advice(const char *code);
const char *report_finding_meaning(const char *code);
/* A word for a shell: as it is when harmless, else in single quotes. */
void report_add_shell(struct strbuf *out, const char *word);
/* "8 failed, 14 not begun and 1 in doubt of run R"; false, and nothing, when nothing of it waits. */
bool report_add_still_waiting(struct strbuf *out, const struct still_waiting *still);
/* Adds the command that settles a parked item, or that goes on once its cause is gone. run_id: the run that
 * parked it; job_path: "" when the environment names the job. */
void report_add_settling_command(
    const char *run_id, const char *job_path, const struct item_record *item, struct strbuf *out);
/* The one that ends it without doing the order, or without its mail. */
void report_add_skip_command(const char *job_path, const struct item_record *item, struct strbuf *out);
/* The one that tries the item again at once; of one that no run remembers, the job's next run. */
void report_add_retry_command(const char *job_path, const struct item_record *item, struct strbuf *out);
/* What was held back by the budget for loss, for a mail: which orders and corrections (at most HELD_SHOWN of
 * them), and what stands behind. Nothing where nothing was. */
enum { HELD_SHOWN = 20 };
void report_held_lines(const struct report *report, struct strbuf *out);
/* The command that lets it pass once. */
void report_add_allow_command(struct strbuf *out, const struct report *report);
/* Whole days (UTC) from the first sight to a moment. */
int64_t finding_age_days(int64_t first_seen, int64_t at);
/* Counts the findings by code, severity, state and news. */
void report_count_findings(struct report *report);
/* A new model with an arena and "" for every text. */
struct report *report_new(void);
/* Texts are copied. The same warning twice is one. */
void report_warn(struct report *report, const char *about, const char *text, const char *hint);

/* Sets ties from the coverage's commitments. */
void report_count_ties(struct report *report);

/* The writers: name, file, whether the job asked for it. A format with several files has several rows of one
 * name. */
struct report_writer {
	const char *name; /* "html" */
	const char *file; /* "report.html" */
	int (*write)(const struct report *report, const struct job *job, const char *path, struct error *err);
	bool (*applies)(const struct report
		*report); /* NULL: to every run; else the file is left out where it would mislead */
};
const struct report_writer *report_writers(
    void); /* ends with a NULL name: json, csv (findings.csv, failed.csv), html, xlsx */
/* All wanted formats (by the job, or by `formats` when count > 0) into the run folder; run.json always, and
 * last. */
int report_write_all(struct report *report, const struct job *job, const char *const *formats, size_t count,
    struct error *err) MUST_USE;

/* The file in which the corrections of this run's findings are proposed (fix.h). `seal` is fixes_seal().
 * `journal`: what none of them may undo; NULL nothing. */
struct fixes_counts {
	size_t proposed, left;
};
struct fix_journal;
struct fixes_counts report_fixes(const struct report *report, const struct job *job, const char *seal,
    const struct fix_journal *journal, struct strbuf *out);

/* Inputs, settings, counts and totals of a run, for its manifest (sign.h). `document`: its run.json. A new
 * reference. */
json_t *report_frozen(const struct report *report, const char *document);

/* The text summary for the terminal and for mails from cron: counts and ids only, no personal data. Width 0:
 * not a terminal. */
void report_text(const struct report *report, bool color, int width, struct strbuf *out);
/* The last line of text: the verdict. Exit status, this line and run.json always agree. */
const char *report_verdict(struct report *report);

/* Prometheus text file (report.metrics). ERR_OUTPUT. */
int report_metrics(const struct report *report, const char *path, struct error *err) MUST_USE;
/* OUTPUT/index.html: all nights of the ledger, newest first, with trends. */
int report_index(struct ledger *ledger, const struct job *job, struct error *err) MUST_USE;

#endif
