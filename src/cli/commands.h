/* The commands, one file each (command_NAME.c); the rows that name them are in program.c. */
#ifndef TENANTRY_COMMANDS_H
#define TENANTRY_COMMANDS_H

#include "tenantry/options.h"
#include "tenantry/run.h"

int command_run(const struct invocation *invocation, struct error *err);
int command_check(const struct invocation *invocation, struct error *err);
int command_validate(const struct invocation *invocation, struct error *err);
int command_plan(const struct invocation *invocation, struct error *err);
int command_apply(const struct invocation *invocation, struct error *err);
int command_retry(const struct invocation *invocation, struct error *err);
int command_decide(const struct invocation *invocation, struct error *err);
int command_ack(const struct invocation *invocation, struct error *err);
int command_unlock(const struct invocation *invocation, struct error *err);
int command_rebuild(const struct invocation *invocation, struct error *err);
int command_export(const struct invocation *invocation, struct error *err);
int command_reconcile(const struct invocation *invocation, struct error *err);
int command_prune(const struct invocation *invocation, struct error *err);
int command_report(const struct invocation *invocation, struct error *err);
int command_runs(const struct invocation *invocation, struct error *err);
int command_show(const struct invocation *invocation, struct error *err);
int command_sign(const struct invocation *invocation, struct error *err);
int command_verify(const struct invocation *invocation, struct error *err);

/* ---- What commands share (command_common.c). */

/* The job named on the command line, by --job or by TENANTRY_JOB. */
struct job *command_job(const struct invocation *invocation, const char *path, struct error *err) MUST_USE;
/* The ledger of that job, for reading. Gives the job too; both are the caller's. */
struct ledger *command_ledger(
    const struct invocation *invocation, struct job **job, struct error *err) MUST_USE;
/* --now, or the machine's. Refused where it could reach a real data centre with writes. */
struct clock *command_clock(const struct invocation *invocation, const struct job *job, bool writes,
    struct clock *shifted, struct error *err) MUST_USE;
/* --dry-run, --limit, --max-errors, --max-changes, --allow-disables, --yes, --quiet of a command that runs.
 * What was set before stays where the command line says nothing. */
void command_run_options(const struct invocation *invocation, struct run_options *options);
/* Runs the job and shows the result as the options ask. Gives the exit status. */
int command_run_job(const struct invocation *invocation, const struct job *job, struct run_options *options,
    struct error *err);
bool command_color(const struct invocation *invocation);
/* Columns of the terminal on stdout, 0 when it is none. */
int command_width(void);
/* Prints JSON, with a line break, to stdout. Takes the reference. */
void command_print_json(json_t *json);

#endif
