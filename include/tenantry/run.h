/* A run: the steps of a job in order, under one lock, with one folder, one ledger row and one exit status. */
#ifndef TENANTRY_RUN_H
#define TENANTRY_RUN_H

#include "tenantry/clock.h"
#include "tenantry/fix.h"
#include "tenantry/job.h"
#include "tenantry/provision.h"
#include "tenantry/report.h"

/* The order items that a retry is about: only these are planned, everything else is ignored as not-selected.
 */
struct run_selection {
	const char *run_id;      /* the run that is done again */
	const char *const *keys; /* in the order of strcmp */
	size_t count;
	bool parked; /* parked ones are tried again too */
};

/* What the command line adds to the job file. */
struct run_options {
	const char *command;                  /* "run", "validate", ... as the ledger and run.json show it */
	unsigned steps;                       /* STEP_ bits: what this command does of the job */
	bool dry_run;                         /* everything up to the first change; writes nothing anywhere */
	bool keep_order_files;                /* accepted.csv and rejected.csv appear */
	bool progress;                        /* a line on the terminal */
	uint64_t limit;                       /* 0 none */
	struct share max_errors, max_changes; /* .set false: the job's */
	struct {
		bool set;
		struct date day;
		bool day_given; /* else it is the month's last one */
		int month; /* the invoices of this month (month.h); 0: those of the closed months before the
			      day */
	} as_of;           /* reconcile: a day that is past, from what was kept of it; takes no step */
	bool full;         /* all of Acronis is read, whatever an earlier night knows */
	bool yes;          /* each kind of safety stop is passed once, and the run's record says so */
	struct share
	    allow_disables; /* so many may pass the budget for loss; .set false: none. Never a share */
	const struct run_selection *selection; /* retry; NULL: all orders */
	const struct fixes *fixes;             /* apply of corrections: these, and no orders; NULL */
	const char *propose;                   /* reconcile: the file for proposed corrections; NULL */
	const char *again;        /* the command that does the same again, for the budget's advice; NULL */
	const char *plan_digest;  /* apply: only when the plan of now is this one; NULL */
	const char *tenants_file; /* reconcile: the observed state; NULL: the API */
	struct clock *clock;
	struct transport
	    *transport; /* borrowed, closed by the caller; NULL: curl. Tests put a modelled Acronis here */
	struct bss_writer
	    *writer; /* borrowed; NULL: the job's database, or files. Tests put a modelled BSS here */
};

struct run_output {
	struct report *report; /* never NULL after run_job(); free with report_free() */
	struct plan *plan;     /* what would be done (dry run), or was; NULL when the run did not come to it;
				  plan_free() */
	int exit_status;
};

/* Runs it. Whatever happens is in out->report; -1 only when the run could not begin (locked, no ledger, no
 * folder): then err says why and nothing was done. */
int run_job(const struct job *job, const struct run_options *options, struct run_output *out,
    struct error *err) MUST_USE;

/* ---- retry: what of a run is to be done again (run_retry.c). */
struct retry_filter {
	const char *const *orders; /* order item ids, order ids or keys; count 0: all */
	size_t order_count;
	const char *const *codes; /* reasons of failed, parked and not started items; "in-doubt" also finds
				     what was cut off */
	size_t code_count;
	int64_t batch; /* 0: any */
	bool include_parked;
};
struct retry {
	struct run_record run; /* the run that is done again */
	struct run_selection selection;
	uint64_t failed, not_started, in_doubt, parked; /* what the selection is made of */
	struct still_waiting still;                     /* what else of that night waits */
	uint64_t parked_left;                           /* parked in that run and not asked for */
	uint64_t deferred;                              /* whose day has not come */
	char deferred_to[DATE_TEXT_SIZE];               /* the first of these days */
	uint64_t parked_elsewhere;                      /* parked now, and last touched by other runs */
	struct share max_errors, max_changes;           /* that were given on its command line */
	const char *job_digest; /* of the job file as that run read it; "" when it left no record */
};
/* From the ledger of `job`; `run_id` may be "last". What the run touched and has not been done since: failed,
 * not begun, cut off; parked only when asked for. ERR_USAGE: no such run, an order, batch or code that the
 * run does not have; ERR_LOCKED: it is still at work. Texts live in the arena. */
int retry_select(const struct job *job, const char *run_id, const struct retry_filter *filter,
    struct arena *arena, struct retry *out, struct error *err) MUST_USE;

/* The one exit status where several apply (design section 4): 2, 4, 130, 143, 5, 3, 1, 0 in this order. */
int exit_status_worse(int a, int b);

/* Job and secrets into a working connection; used by runs and by `check`. */
struct connection {
	struct transport *transport;
	bool borrowed; /* the transport is the caller's */
	struct acronis_client *client;
	struct acronis_session session;
	char *client_id; /* not secret alone, but marked */
};
/* Token, own tenant, applications, and with `offering_items` what a child can be offered. */
int connection_open(struct connection *connection, const struct job *job, bool offering_items,
    struct clock *clock, struct arena *arena, struct error *err) MUST_USE;
/* The same over the caller's transport, which it must outlive; NULL: curl. `ledger`, borrowed as long: pauses
 * that Acronis asks for are noted there, and what is left of an earlier one is kept; NULL: neither. */
int connection_open_over(struct connection *connection, const struct job *job, struct transport *transport,
    struct ledger *ledger, bool offering_items, struct clock *clock, struct arena *arena,
    struct error *err) MUST_USE;
void connection_close(struct connection *connection);

/* `tenantry check`: one line for each thing looked at, and what a full observation costs. Gives the exit
 * status; writes nothing. */
struct preflight_options {
	bool json;
	bool rehearse; /* one pending order through the BSS's functions, rolled back */
};
int preflight(
    const struct job *job, struct clock *clock, const struct preflight_options *options, struct strbuf *out);

#endif
