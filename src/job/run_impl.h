/* What the files of a run share. */
#ifndef TENANTRY_RUN_IMPL_H
#define TENANTRY_RUN_IMPL_H

#include "tenantry/billing.h"
#include "tenantry/fix.h"
#include "tenantry/identity.h"
#include "tenantry/run.h"
#include "tenantry/sent_mails.h"

/* Where invoices or rates come from in this run, and whether they are kept (run_money.c). */
struct money_side {
	struct source_side side;
	bool is_kept;                  /* read from what a run of that time kept: `record` */
	struct snapshot_record record; /* in the run's arena */
	int64_t read_at;
	const char *file; /* its name in the run's folder */
};

struct run {
	const struct job *job;
	const struct run_options *options;
	struct clock *clock;
	struct arena *arena; /* lives as long as the run */
	struct report *report;
	struct ledger *ledger; /* NULL in a dry run without one */
	const char *run_id, *folder;
	bool locked;
	bool displaced; /* another run has the lock now: nothing more is written but this run's own report */
	int exit_status;
	int64_t started_mono;

	struct connection connection;
	bool connected;

	struct bss_writer *writer;     /* while provisioning; NULL: files are written */
	struct bss_snapshot *snapshot; /* what came from the BSS database; NULL: all sources are files */

	/* facts */
	struct subscriptions *subscriptions;
	struct facts *facts;
	struct known_tenant *known;
	size_t known_count;
	struct invoices *invoices; /* NULL: the job names none */
	struct rates *rates;
	struct money_side invoices_from, rates_from;
	struct billing *billing; /* invoices held against contracts */
	struct observation_reading
	    *reading; /* the file of tenants, while the BSS's side is read; NULL: Acronis is asked */

	/* pending orders, accepted ones first */
	const struct order_item **items;
	size_t item_count, item_cap;
	struct pending_order *pending;
	size_t pending_count, pending_cap;

	struct {
		bool judged; /* once a run */
		bool held;   /* orders for paid tiers are held back: unproved, and not a rehearsal */
	} tiers;

	bool *seen;               /* of each key of options->selection: is a pending order of the source */
	struct open_orders *open; /* run_gone.c; NULL: not a run that misses an order */
	struct arena *row_arena;  /* run_known.c: of one row */
	struct strbuf scratch;

	/* Finished by us, and not shown by the BSS's export (run_journal.c). */
	struct item_record *done;
	size_t done_count, done_cap;

	struct plan *plan;
	struct budget budget; /* for what it takes away; set by run_check_budget() */
	struct loss *met;     /* what was met while it was carried out and found no room in it */
	size_t met_count, met_cap;
	bool export_owed; /* something was done that the files for the BSS do not name yet */
};

/* Notes an error that ends a step: its status counts, its text is the report's when it is the first. Clears
 * err. */
void run_note_error(struct run *run, struct error *err);
/* A status without an error: 1, a person must look. */
void run_note_status(struct run *run, int status);
/* A safety stop that --yes let pass: into the log, the report and the ledger's events. */
int run_note_raised(struct run *run, const char *text, struct error *err) MUST_USE;
bool run_stopped(const struct run *run); /* a signal came */
/* Whole and fresh enough to be believed? */
int run_guard_subscriptions(struct run *run, struct error *err) MUST_USE;
int run_connect(struct run *run, bool offering_items, struct error *err) MUST_USE;
/* The files that the BSS imports, from the ledger. */
int run_export(struct run *run, struct error *err) MUST_USE;
/* Where nothing was planned in this run: which pending orders are due later, into run->pending. */
int run_note_due_dates(struct run *run, struct error *err) MUST_USE;
/* max_changes over run->plan. ERR_STOPPED. */
int run_check_max_changes(struct run *run, uint64_t tenants, struct error *err) MUST_USE;
/* run_budget.c: how much run->plan would take away, before it is carried out: over the budget for loss, what
 * takes away becomes PLAN_HOLD. `world`: tonight's; NULL: it is read when it is needed to say who stands
 * behind. Fills report->budget. */
int run_check_budget(struct run *run, const struct world *world, struct error *err) MUST_USE;
/* Right before it is carried out: that --allow-disables lets it pass goes into log, report and audit. */
int run_note_budget(struct run *run, struct error *err) MUST_USE;
/* apply's no_room: `user` is the run. */
void run_note_no_room(void *user, const struct loss *loss);
/* After it was carried out: notes what was held back, and gives what run_apply_end() gives. `world` as above.
 */
int run_budget_end(struct run *run, const struct world *world, struct error *err) MUST_USE;

/* Carries run->plan out, into report->apply; then run_apply_end() gives the error that an early end stands
 * for. */
int run_apply(struct run *run, struct world *world, struct error *err) MUST_USE;
int run_apply_end(const struct run *run, struct error *err) MUST_USE;
int run_heartbeat(void *user, struct error *err); /* user: the run */

/* run_known.c: what the ledger knows of a row of the intake (intake.known). user: the run. */
int run_known(void *user, const struct order *order, struct known_order *known, struct error *err) MUST_USE;

/* run_gone.c: which orders that were accepted on earlier nights, and not done, tonight's source does not
 * have. begin: before the orders are read. seen: a row is this item of the ledger. not_pending: of a row that
 * its status passes by (intake.passed_by); user: the run. next: one after the other, *at begins as 0; NULL at
 * the end; borrowed from the run. */
int run_gone_begin(struct run *run, struct error *err) MUST_USE;
void run_gone_seen(struct run *run, const char *key);
void run_gone_not_pending(void *user, const struct order *order);
int run_gone_settle(struct run *run, struct error *err) MUST_USE; /* after the orders were read */
const struct item_record *run_gone_next(const struct run *run, size_t *at);
void run_gone_free(struct run *run);

/* run_retry.c. -1: the key is not one of the selection. */
ptrdiff_t run_selection_find(const struct run_selection *selection, struct strv key);
/* What a retry would do with an item: as it is now, and as it stood at the end of the run. */
enum retry_kind { RETRY_NOTHING, RETRY_FAILED, RETRY_NOT_BEGUN, RETRY_IN_DOUBT, RETRY_PARKED };
enum retry_kind retry_kind(const struct item_record *now, const struct item_record *then);
/* run_left.c: what of the night that the selection goes back to waits beside it. Texts in the arena. */
int run_count_left(struct ledger *ledger, const struct run_selection *selection, struct arena *arena,
    struct still_waiting *out, struct error *err) MUST_USE;
/* "3", "10%", "" not set; and back. */
const char *share_text(struct share share, char text[24]);
struct share share_parse(const char *text);

/* lost_ledger.c. Is the ledger behind the run folders of the job? 1: gives the newest run that may have
 * changed something and that it does not know, or one that it knows but not all activation mails of; 0; -1
 * error. `ledger` NULL: there is none. */
struct ledger_behind {
	char run_id[RUN_ID_SIZE];
	struct forgotten_mails mails; /* count 0: the run itself is not known */
};
int ledger_is_behind(
    const struct job *job, struct ledger *ledger, struct ledger_behind *out, struct error *err) MUST_USE;
/* Is the folder of the job's newest run gone, though nobody pruned it? 1 with its id, 0, -1 error. Then only
 * the ledger tells what was done, and nothing tells whether it is the newest copy. */
int newest_folder_is_gone(
    const struct job *job, struct ledger *ledger, char run_id[RUN_ID_SIZE], struct error *err) MUST_USE;
/* ERR_LEDGER when it is: going on would make again what was made. */
int refuse_lost_ledger(const struct job *job, struct ledger *ledger, struct error *err) MUST_USE;
/* The job's ledger, which must be there and not behind: for what goes on with earlier runs. */
struct ledger *open_known_ledger(
    const struct job *job, enum ledger_mode mode, struct clock *clock, struct error *err) MUST_USE;
/* The lock of the job, for a run or for what must not meet one. ERR_LOCKED. */
int job_lock(struct ledger *ledger, const struct job *job, const struct identity *identity,
    struct error *err) MUST_USE;
/* first_pass.c: did a person let this item pass the gate of an unproved tier table, as it is now? `record`:
 * the ledger's of it, or NULL. */
int first_pass_given(struct ledger *ledger, const struct order_item *item, const struct item_record *record,
    bool *given, struct error *err) MUST_USE;
/* What is kept of a ledger's record beyond a callback. */
void item_record_keep(struct item_record *record, struct arena *arena);

/* Does the run write to the BSS, rather than files for it? */
bool run_writes_back(const struct run *run);

/* run_report.c. From the ledger into run->report. */
int run_fill_report(struct run *run, struct error *err) MUST_USE;
/* options->propose, after that. */
int run_propose(struct run *run, struct error *err) MUST_USE;

/* How the run names the source of its subscriptions. Borrowed. */
const char *run_subscriptions_shown(const struct run *run);

/* One input file more in the report. Its texts live as long as the run. */
void run_add_input(struct run *run, const struct input_file *file);

/* run_money.c: of a day that is past, which night's invoices and rates are those of that time; where none are
 * kept, they stay with their source. ERR_COVERAGE: the month's are kept, but none of that day or earlier. */
int run_choose_money(struct run *run, struct error *err) MUST_USE;
/* Sets run->invoices and run->rates. ERR_SOURCE; ERR_COVERAGE: what was kept is not what was written. */
int run_read_money(struct run *run, struct error *err) MUST_USE;
/* Into the ledger: what run_read_money() put into the run's folder. */
int run_keep_money(struct run *run, struct error *err) MUST_USE;

/* run_billing.c: reads invoices and rates and compares them. ERR_SOURCE. */
int run_billing(struct run *run, struct error *err) MUST_USE;
/* Money findings of earlier nights about months that were not compared tonight are put again.
 * After tonight's findings were put, before the others are resolved. */
int run_billing_carry(struct run *run, struct error *err) MUST_USE;
void run_billing_report(struct run *run);
void run_billing_free(struct run *run);

/* run_observe.c: Acronis tonight, in full or as changes since the last observation that can be trusted (or
 * the file that was named). NULL with err. */
struct observation *run_observe(struct run *run, struct error *err) MUST_USE;
struct observe run_observe_settings(struct run *run);
/* After changes only: details of what the first comparison has findings about are read again, where they are
 * of an earlier night. Gives how many tenants. */
int run_observe_findings(struct run *run, struct observation *observation,
    const struct reconcile_result *first, uint64_t *reread, struct error *err) MUST_USE;
void run_observe_report(struct run *run, const struct observation *observation);
/* Writes it into the run's folder, for the next night and for later comparisons. */
int run_keep_observation(struct run *run, const struct observation *observation, struct error *err) MUST_USE;
int run_keep_subscriptions(struct run *run, struct error *err) MUST_USE;
void snapshot_record_keep(struct snapshot_record *record, struct arena *arena);
/* ERR_COVERAGE: -1. */
int snapshot_is_changed(const struct snapshot_record *record, struct error *err);
char *snapshot_path(const struct snapshot_record *record); /* the caller frees */

/* The last observation that the night would go on from, and whose run's it is; NULL: none. The caller frees.
 */
int run_last_observation(
    struct run *run, struct observation **out, const char **run_id, struct error *err) MUST_USE;

/* run_tiers.c: is the tier table proved? Once a run, before anything is written. ERR_TIERS: it is
 * contradicted. Sets run->tiers; what is not proved is a warning of the report. `paid`: something for a paid
 * tier is to be written, so price lists are asked too. `world` NULL: partners are asked for one by one. */
int run_prove_tiers(struct run *run, const struct world *world, bool paid, struct error *err) MUST_USE;
/* Are there orders of tonight that would write a paid tier? */
bool run_has_paid_orders(const struct run *run);
/* What a comparison has read says of the table; where the run did not judge it, only a warning. */
void run_tiers_compared(struct run *run, const struct observation *observation);

/* run_as_of.c: a past day, from what was kept. ERR_COVERAGE: there is nothing of it, or it is not what was
 * written. */
int run_as_of(struct run *run, struct error *err) MUST_USE;
int64_t as_of_end(const struct job *job, struct date day); /* of the day, in the job's time zone */
/* run_reconcile.c: compares and reports, and leaves the ledger as it is. */
int run_compare_kept(struct run *run, const struct observation *observation,
    const struct reconcile_input *input, struct error *err) MUST_USE;
/* An order as the ledger has it, into the pending ones; gives it, borrowed until the next one is added. */
struct pending_order *run_add_pending_record(struct run *run, const struct item_record *item);
/* run_journal.c: into run->done what was finished (of a past day: by `now`, when what is compared was kept)
 * and the export that was read does not show. A run that may change something notes in the ledger what it
 * does show, and commits. */
int run_journal_side(struct run *run, int64_t now, struct error *err) MUST_USE;
/* The same for corrections; borrowed from the run. */
struct fix_journal run_fix_journal(const struct run *run);

/* run_usage.c: sets input->usages. */
int run_read_usages(struct run *run, const struct observation *observation, struct reconcile_input *input,
    struct error *err) MUST_USE;

/* run_logins.c: logins cost calls, so not all are read every night. */
int run_read_logins(struct run *run, const struct observe *settings, struct observation *observation,
    const struct reconcile_result *first, struct error *err) MUST_USE;
/* A login that was not read tonight says nothing about what was found there before: that is put again, and
 * counted. After tonight's findings were put, before the others are resolved. */
int run_logins_carry(struct run *run, const struct observation *observation, struct error *err) MUST_USE;
/* A copy of an earlier night's finding that lives as long as the run, under this run's id. */
struct finding_record run_keep_finding(const struct run *run, const struct finding_record *finding);

/* run_findings.c: findings and what the ledger remembers of them into the report, and whether one makes the
 * exit status 1. */
int run_findings_report(struct run *run, struct error *err) MUST_USE;
/* In a dry run: what would be noted of one. There must be room in the report's findings. */
int run_findings_foresee(struct run *run, const struct finding_record *finding, struct error *err) MUST_USE;

/* run_world.c: what is there in Acronis before anything is planned, proved (world_load()); and what is kept
 * of it: how long the list was, and who answered that it is gone. The caller frees the world. */
int run_read_world(struct run *run, struct world **world, struct error *err) MUST_USE;
/* Of the last list that was proved, in a run that came to its end; -1 never. */
int run_last_listing(struct run *run, int64_t *listed, int64_t *elements, struct error *err) MUST_USE;
int run_keep_listing(struct run *run, uint64_t listed, uint64_t elements, struct error *err) MUST_USE;
/* Tenants that answered that they are gone and are not asked again yet. The caller frees the set. */
int run_absents(struct run *run, struct id_set *out, struct error *err) MUST_USE;
int run_keep_absents(struct run *run, const char *const *ids, size_t count, struct error *err) MUST_USE;

/* The steps. Each gives -1 with err when it could not be done; what it found is in the run and its report. */
int run_facts(struct run *run, struct error *err) MUST_USE;  /* subscriptions, known tenants (run_intake.c) */
int run_intake(struct run *run, struct error *err) MUST_USE; /* orders and rules (run_intake.c) */
int run_plan(struct run *run, struct error *err) MUST_USE;   /* what is to be done (run_provision.c) */
int run_provision(struct run *run, struct error *err) MUST_USE; /* doing it (run_provision.c) */
int run_fixes(struct run *run, struct error *err) MUST_USE; /* corrections in place of orders (run_fixes.c) */
int run_reconcile(struct run *run, struct error *err) MUST_USE; /* observe and compare (run_reconcile.c) */

#endif
