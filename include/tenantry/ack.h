/* What people decide about findings: accept one until a day, take that back, give it to somebody. One at a
 * time, or many from a file of decisions; then all of them or none. */
#ifndef TENANTRY_ACK_H
#define TENANTRY_ACK_H

#include "tenantry/job.h"
#include "tenantry/ledger.h"

enum ack_deed {
	ACK_NONE,    /* the owner alone, when one is given; else the row says nothing */
	ACK_ACCEPT,  /* with reason and last day */
	ACK_WITHDRAW /* the acknowledgement; it is open again */
};
/* Where a field stands in the file: bytes from 1 in its physical line; column 0: the file has none. */
struct ack_place {
	unsigned long line, column;
};
/* One decision as it was given. Texts are never NULL but where said. */
struct ack_decision {
	enum ack_deed deed;
	const char *finding_id, *reason, *until, *who;
	const char *owner;  /* NULL: stays; "": its class's again */
	const char *money;  /* that was at stake when it was looked at, as findings.csv has it; "" not said */
	unsigned long line; /* of the file, where its row begins; 0: from the command line */
	struct ack_place id_at, until_at, reason_at, deed_at, money_at;
};
/* What is wrong with a decision, and where. */
struct ack_problem {
	struct ack_place at;
	const char *field; /* the column's name */
	const char *text;
};
/* What a decision does, or would do. */
struct ack_effect {
	struct finding_record finding; /* as it is afterwards */
	const char *state_before, *owner_before;
	const char *what; /* "acknowledged until 2026-12-31 by ana; owner ana" */
	bool unchanged;   /* it was so already */
};
struct ack_list {
	struct arena *arena; /* of all texts */
	const char *file;    /* "" the command line */
	struct ack_decision *decisions;
	size_t count, cap;
	uint64_t rows, silent; /* of the file: read; without a decision. rows = count + silent + rows with
				  problems found while reading */
	struct ack_problem *problems; /* in the order of lines */
	size_t problem_count, problem_cap;
	struct ack_effect *effects; /* of the decisions without a problem */
	size_t effect_count;
	uint64_t unchanged;
	bool applied; /* the ledger has it */
};
/* Reads a file of decisions (CSV in UTF-8, its delimiter found): columns Finding Id, Decision (acknowledge,
 * withdraw, or empty), Reason, Until, Who, Assign To, Money At Stake; others are ignored, so that
 * findings.csv with a Reason and an Until column is one. `who` stands in for an empty Who. What is wrong with
 * rows goes to the problems. ERR_SOURCE when the file cannot be read. */
int ack_read(struct ack_list *list, const char *path, const char *who, struct error *err) MUST_USE;
/* Holds all decisions against the ledger and, unless there is a problem or `dry_run`, writes them in one
 * transaction under the job's lock, each with who and when and the run that saw the finding last. A decision
 * is refused for a finding that is not known or is resolved, that stands in the list twice, without a reason,
 * without a last day or with one that is over, when more money is at stake by now than the file says, and
 * when there is nothing to take back. */
int ack_decide(const struct job *job, struct ack_list *list, bool dry_run, struct clock *clock,
    struct error *err) MUST_USE;
void ack_list_free(struct ack_list *list);

#endif
