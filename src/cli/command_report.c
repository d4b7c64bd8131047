/* `tenantry report` and `tenantry runs`: what the ledger remembers of nights, shown or written again. */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>

#include "program.h"
#include "tenantry/atomic_file.h"
#include "tenantry/audit.h"
#include "tenantry/sign.h"

/* The run's report as it was written; ERR_USAGE when there is no such run, or it did not come to its end. */
static struct report *load_report(
    struct ledger *ledger, const char *id, struct arena *arena, struct error *err)
{
	struct run_record run;
	int found = ledger_run_find(ledger, id, arena, &run, err);

	if (found < 0)
		return NULL;
	if (found == 0) {
		error_set(err, ERR_USAGE, "no run %s in the ledger", id);
		error_hint(err, "tenantry runs lists them");
		return NULL;
	}
	if (!run.document[0]) {
		error_set(err, ERR_USAGE, "run %s did not come to its end, so it has no report", run.run_id);
		error_hint(err, "run the job again: what was begun is in the ledger and goes on from there");
		return NULL;
	}
	return report_from_json(run.document, err);
}

static int show_report(const struct invocation *invocation, const struct report *report, struct error *err)
{
	struct strbuf text = {0};

	if (invocation->values[OPT_JSON].set) {
		char *document = report_to_json(report, err);
		if (!document)
			return -1;
		fputs(document, stdout);
		free(document);
	} else if (!invocation->values[OPT_QUIET].set) {
		report_text(report, command_color(invocation), command_width(), &text);
		fwrite(text.p, 1, text.n, stdout);
	}
	strbuf_free(&text);
	return 0;
}

/* A signed folder is not written to: its files are what was signed. */
static int write_reports(const struct invocation *invocation, const struct job *job, struct report *report,
    const struct run_signatures *signatures, struct error *err)
{
	const struct option_value *formats = &invocation->values[OPT_FORMAT];

	if (!signatures->by[SIGN_PREPARER])
		return folder_make(report->folder, err) < 0
			   ? -1
			   : report_write_all(
				 report, job, (const char *const *)formats->list, formats->count, err);
	if (!formats->set)
		return 0;
	error_set(err, ERR_USAGE, "run %s is %s: its folder is frozen, and no report was written",
	    report->run_id, sign_state(signatures));
	return error_hint(err, "the reports as they were signed are in %s", report->folder);
}

static void print_signatures(const struct invocation *invocation, const struct run_signatures *signatures)
{
	char at[TIME_TEXT_SIZE];

	if (invocation->values[OPT_JSON].set || invocation->values[OPT_QUIET].set)
		return;
	for (int role = 0; role < SIGN_ROLE_COUNT; role++) {
		const struct signature_record *s = signatures->by[role];
		if (s)
			printf("%s by %s at %s, manifest SHA-256 %s\n",
			    role == SIGN_PREPARER ? "prepared" : "reviewed", s->name,
			    time_text(s->signed_at, at), s->manifest);
	}
}

int command_report(const struct invocation *invocation, struct error *err)
{
	struct arena *arena = arena_new();
	struct run_signatures signatures;
	struct job *job = NULL;
	struct ledger *ledger = command_ledger(invocation, &job, err);
	struct report *report = ledger ? load_report(ledger, invocation->args[0], arena, err) : NULL;
	int status = -1;

	if (report && sign_standing(ledger, report->run_id, arena, &signatures, err) == 0 &&
	    write_reports(invocation, job, report, &signatures, err) == 0 &&
	    show_report(invocation, report, err) == 0) {
		print_signatures(invocation, &signatures);
		status = 0;
	}
	report_free(report);
	ledger_close(ledger);
	job_free(job);
	arena_free(arena);
	return status;
}

static const char *status_word(const struct run_record *run)
{
	static const struct {
		int status;
		const char *word;
	} words[] = {{-1, "did not end"}, {0, "all good"}, {1, "look"}, {2, "usage or job file"},
	    {3, "could not"}, {4, "locked"}, {5, "safety stop"}, {130, "interrupted"},
	    {EXIT_DID_NOT_END, "did not end"}, {143, "terminated"}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].status == run->exit_status)
			return words[i].word;
	return "?";
}

struct listing {
	json_t *list;                        /* NULL: text */
	struct signature_record *signatures; /* all that stand */
	size_t signature_count;
};

static const char *signed_state(const struct listing *listing, const char *run_id)
{
	struct run_signatures standing = {0};

	for (size_t i = 0; i < listing->signature_count; i++) {
		const struct signature_record *s = &listing->signatures[i];
		if (strcmp(s->run_id, run_id) == 0)
			standing.by[strcmp(s->role, "reviewer") == 0 ? SIGN_REVIEWER : SIGN_PREPARER] = s;
	}
	return sign_state(&standing);
}

/* A run's id begins with its start: the line does without it, and fits 80 columns. "reconcile --period
 * 2026-10" is shown as "reconcile 2026-10". */
static int print_run(void *user, const struct run_record *run)
{
	const char *state = signed_state(user, run->run_id), *of = strrchr(run->command, ' ');
	int64_t seconds = run->ended_at ? (run->ended_at - run->started_at + 500) / 1000 : 0;
	char command[32];

	snprintf(
	    command, sizeof command, "%.*s%s", (int)strcspn(run->command, " "), run->command, of ? of : "");
	printf("%-23s  %-20s %5" PRId64 "s %7" PRIu64 "  %d %s%s%s\n", run->run_id, command, seconds,
	    run->changes, run->exit_status, status_word(run), state[0] ? ", " : "", state);
	return 0;
}

static int add_run(void *user, const struct run_record *run)
{
	char started[TIME_TEXT_SIZE], ended[TIME_TEXT_SIZE] = "";

	if (run->ended_at)
		time_text(run->ended_at, ended);
	return json_array_append_new(((struct listing *)user)->list,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:I, s:s, s:s}", "run", run->run_id, "job",
		run->job, "command", run->command, "started_at", time_text(run->started_at, started),
		"ended_at", ended, "exit_status", run->exit_status, "result", status_word(run), "changes",
		(json_int_t)run->changes, "folder", run->folder, "sign_off",
		signed_state(user, run->run_id)));
}

int command_runs(const struct invocation *invocation, struct error *err)
{
	const struct option_value *limit = &invocation->values[OPT_LIMIT];
	bool json = invocation->values[OPT_JSON].set;
	struct job *job = NULL;
	struct ledger *ledger = command_ledger(invocation, &job, err);
	struct arena *arena = arena_new();
	struct listing listing = {.list = json ? json_array() : NULL};
	int rc = -1;

	if (ledger &&
	    ledger_signatures(ledger, NULL, arena, &listing.signatures, &listing.signature_count, err) == 0) {
		if (!json)
			printf("%-23s  %-20s %6s %7s  %s\n", "Run (UTC)", "Command", "Took", "Changes",
			    "Result, sign-off");
		rc = ledger_runs(ledger, limit->set ? (size_t)limit->number : 0, json ? add_run : print_run,
		    &listing, err);
	}
	if (json && rc == 0)
		command_print_json(listing.list);
	else
		json_decref(listing.list);
	arena_free(arena);
	ledger_close(ledger);
	job_free(job);
	return rc;
}
