/* A stage on which a small night is played with the real programs, again and again from the same beginning:
 * two new orders, an upgrade and a suspension against a fresh tenantry-sandbox. What came of it is one JSON
 * object of facts, free of what may differ between two nights that did the same (ids, versions, times, run
 * ids), so that two of them can be compared.
 *
 * Beware: whatever cannot be set up ends the process with a message; the sandbox and the program die with it.
 */
#ifndef CRASH_STAGE_H
#define CRASH_STAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct stage_settings {
	const char *tenantry, *sandbox; /* programs */
	const char *folder;             /* where the stage makes its own */
	int connections;
	const char *timeout; /* of a call, as in the job file */
	int page_size;       /* of the sandbox's lists, 0: as asked for */
	bool mfa;            /* the job wants two-factor for new tenants */
	bool full;     /* an order that is rejected too, all formats of reports, one repetition of a call */
	size_t number; /* tells stages apart */
};
struct stage; /* opaque */

struct stage *stage_open(const struct stage_settings *settings);
void stage_close(struct stage *stage);
/* Everything from the beginning: a new cloud, no ledger, no runs. */
void stage_clear(struct stage *stage);
/* Plays night 1, 2, 3 (an hour apart). crash_at 0: to the end. Gives the exit status, or minus the signal
 * that ended it. */
int stage_night(struct stage *stage, int night, unsigned long crash_at);
/* The same with `tenantry retry last` in place of the night's run. */
int stage_retry(struct stage *stage, int night, unsigned long crash_at);
/* A night over other orders under the ids of the first ones: each must be refused (order-key-reused),
 * whatever became of the first ones, and nothing changed. Says to stdout what was not. */
bool stage_reused_night(struct stage *stage, int night, const char *name);
/* A night in which everybody cancels, over the budget for loss: all of it must be held back, whatever became
 * of the nights before, and nothing changed. Says to stdout what was not. */
bool stage_fleet_night(struct stage *stage, int night, const char *name);
/* `tenantry verify all`: do audits, ledger and reports of all nights agree? Says to stdout what does not. */
bool stage_verify(struct stage *stage, const char *name);
/* Lines "k WHAT OF" of the points that a night passed; crash builds only. The caller frees. */
char *stage_points(const struct stage *stage, int night);
/* Activation mails whose intent was on disk and whose outcome was not when the night ended, by its points.
 * What a failure struck in between (points "struck") may or may not have an outcome, and counts. */
size_t stage_mails_in_doubt(const struct stage *stage, int night);
/* Prints what it wrote to stdout and stderr in the night. */
void stage_say(const struct stage *stage, int night);
/* Faults of the sandbox; NULL: none any more. */
void stage_fault(struct stage *stage, const char *spec);
/* How often the faults hit since stage_clear(). */
json_int_t stage_hits(struct stage *stage);
/* run.json of the newest run, null when there is none. The caller drops it. */
json_t *stage_last_run(const struct stage *stage);
/* Calls that change something since the last time this was asked. */
json_int_t stage_changes(struct stage *stage);

/* {"cloud": state, "mails": {login: count}, "orders": {order: as the ledger has it}, "import": [line],
 * "executed": [line], "findings": [line]}. Lines of all runs; `settled`: only of what was brought to its end,
 * not of what failed on the way. */
json_t *stage_facts(struct stage *stage, bool settled);

/* Orders that are parked for their mail. */
size_t facts_in_doubt(const json_t *facts);
/* Are both the same, apart from orders whose mail is in doubt in `got` (which have 0 or 1 mail, and all else
 * as it must be)? Says to stdout what differs, each line beginning with `name`. */
bool facts_same(const json_t *wanted, const json_t *got, const char *name);

#endif
