/* The audit of a run: audit.ndjson in its folder, one JSON object a line, each with the hash of the line
 * before.
 *
 * Every line has `seq` (from 1), `prev` (SHA-256 of the line before without its line break; the first line of
 * a run carries that of the last line of the audit before, 64 zeros when there is none), `run`, `time` and
 * `event`: run-begin  job, command change     one call that changes Acronis, from the ledger's journal: id,
 * item, step, call, target, request (keyed digest of the body), outcome ("in-doubt" when it is not known),
 * outcome_at, status, version_before, version_after, object, detail (keyed digest of what the server said);
 * of_run where another run made the call and it was settled here export     one line for the BSS: file, row,
 * item, subscription, result run-end    ended (false: the process died, and the run in closed_by wrote the
 * audit), exit_status, error, counts, files (name: SHA-256, null when it is not there) and what
 * ledger_event_put() was told: limit-raised, safety-stop, decision ... with item, detail and reason (keyed
 * digest). There is no personal data in it: names, mails and addresses appear as HMAC-SHA-256 with a key that
 * only the ledger has.
 *
 * A run that holds the lock has an audit; others change nothing. It is written at the end from the ledger, so
 * a run that was killed loses nothing of it: the next run of the job writes it. */
#ifndef TENANTRY_AUDIT_H
#define TENANTRY_AUDIT_H

#include "tenantry/job.h"
#include "tenantry/ledger.h"

enum { EXIT_DID_NOT_END = 137 /* as a shell says of SIGKILL */ };

struct audit_end {
	int exit_status;
	int64_t ended_at;
	const char *error;     /* code of what stopped it, "" nothing */
	const char *closed_by; /* "" the run itself */
};
/* Writes the run's audit.ndjson (whole or not at all) over what the ledger and the folder hold now, and gives
 * it its place in the chain. Leaves the ledger's transaction open: ledger_run_end() comes next and makes both
 * durable. ERR_LEDGER, ERR_OUTPUT. */
int audit_write(struct ledger *ledger, const struct run_record *run, const char *bss,
    const struct audit_end *end, struct error *err) MUST_USE;
/* Ends the job's runs that did not end: write-back files and audit from the ledger, exit status
 * EXIT_DID_NOT_END. The caller holds the job's lock and has not begun its own run. */
int audit_close_dead(struct ledger *ledger, const struct job *job, const char *by_run_id, struct clock *clock,
    struct error *err) MUST_USE;

/* ---- Does it still fit? */
struct audit_problem {
	const char *file; /* "" none: the ledger */
	unsigned long line;
	const char *text;
};
struct audit_result {
	bool is_signed;   /* its manifest was compared too */
	const char *note; /* why there was less to look at, "" */
	int64_t lines, changes, exports;
	const char *head; /* hash of the last line, "" none */
	struct audit_problem *problems;
	size_t count, cap;
};
/* Holds audit.ndjson, the ledger and the reports of a run against each other. What does not fit is data, in
 * the arena; -1 only when something cannot be read. */
int audit_verify(struct ledger *ledger, const struct run_record *run, struct arena *arena,
    struct audit_result *out, struct error *err) MUST_USE;

#endif
