/* `tenantry verify`: do audit, ledger and reports of a run still say the same? */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>

#include "program.h"
#include "tenantry/audit.h"
#include "tenantry/mem.h"

struct verifying {
	struct ledger *ledger;
	const struct job *job;
	struct arena *arena;
	const struct invocation *invocation;
	json_t *list; /* NULL: text */
	struct {
		char **items;
		size_t count, cap;
	} runs;
	size_t fit, unfit;
	const char *head; /* of the newest audit looked at */
};

static int note_run(void *user, const struct run_record *run)
{
	struct verifying *v = user;

	MEM_GROW(v->runs.items, v->runs.count, v->runs.cap);
	v->runs.items[v->runs.count++] = mem_strdup(run->run_id);
	return 0;
}

static void add_json(struct verifying *v, const struct run_record *run, const struct audit_result *result)
{
	json_t *problems = json_array();

	for (size_t i = 0; i < result->count; i++) {
		const struct audit_problem *p = &result->problems[i];
		json_array_append_new(problems,
		    json_pack("{s:o, s:o, s:s}", "file", p->file[0] ? json_string(p->file) : json_null(),
			"line", p->line ? json_integer((json_int_t)p->line) : json_null(), "text", p->text));
	}
	json_array_append_new(
	    v->list, json_pack("{s:s, s:b, s:I, s:I, s:I, s:s, s:s, s:o}", "run", run->run_id, "fits",
			 result->count == 0, "lines", (json_int_t)result->lines, "changes",
			 (json_int_t)result->changes, "exports", (json_int_t)result->exports, "head",
			 result->head, "note", result->note, "problems", problems));
}

static void print_result(
    const struct verifying *v, const struct run_record *run, const struct audit_result *result)
{
	if (result->count == 0 && v->invocation->values[OPT_QUIET].set)
		return;
	if (result->count > 0)
		printf("%s  does not fit:\n", run->run_id);
	else if (result->lines > 0)
		printf("%s  fits: %" PRId64 " lines, %" PRId64 " changes to Acronis, %" PRId64
		       " lines for the BSS%s%s\n",
		    run->run_id, result->lines, result->changes, result->exports, result->note[0] ? "; " : "",
		    result->note);
	else if (result->is_signed)
		printf("%s  fits: its files are those that were signed; no audit: %s\n", run->run_id,
		    result->note);
	else
		printf("%s  not compared: %s\n", run->run_id, result->note);
	for (size_t i = 0; i < result->count; i++) {
		const struct audit_problem *p = &result->problems[i];
		printf("  %s", p->file);
		if (p->line)
			printf(":%lu", p->line);
		printf("%s%s\n", p->file[0] ? ": " : "", p->text);
	}
}

static int verify_run(struct verifying *v, const char *run_id, struct error *err)
{
	struct run_record run;
	struct audit_result result;
	int found = ledger_run_find(v->ledger, run_id, v->arena, &run, err);

	if (found < 0)
		return -1;
	if (found == 0) {
		error_set(err, ERR_USAGE, "no run %s in the ledger", run_id);
		return error_hint(err, "tenantry runs lists them");
	}
	if (audit_verify(v->ledger, &run, v->arena, &result, err) < 0)
		return -1;
	v->fit += result.count == 0 && (result.lines > 0 || result.is_signed);
	v->unfit += result.count > 0;
	if (result.head[0])
		v->head = result.head;
	if (v->list)
		add_json(v, &run, &result);
	else
		print_result(v, &run, &result);
	return 0;
}

/* The oldest first: an audit stands on the ones before it. */
static int verify_all(struct verifying *v, struct error *err)
{
	int rc = ledger_runs(v->ledger, 0, note_run, v, err);

	for (size_t i = v->runs.count; rc == 0 && i-- > 0;)
		rc = verify_run(v, v->runs.items[i], err);
	for (size_t i = 0; i < v->runs.count; i++)
		free(v->runs.items[i]);
	free(v->runs.items);
	return rc;
}

static void print_end(const struct verifying *v)
{
	bool quiet = v->invocation->values[OPT_QUIET].set && v->unfit == 0;

	if (v->list) {
		command_print_json(json_pack("{s:b, s:I, s:s, s:O}", "fits", v->unfit == 0, "compared",
		    (json_int_t)v->fit + (json_int_t)v->unfit, "head", v->head, "runs", v->list));
	} else if (!quiet) {
		if (v->head[0])
			printf("the last line compared has SHA-256 %s\n", v->head);
		if (v->unfit > 0)
			printf("%zu of %zu runs: what is written does not fit together any more\n", v->unfit,
			    v->fit + v->unfit);
		else if (v->fit == 0)
			puts("nothing was compared: no run with an audit or a signature");
		else
			printf("all fits: %zu %s\n", v->fit, v->fit == 1 ? "run" : "runs");
	}
}

int command_verify(const struct invocation *invocation, struct error *err)
{
	struct verifying v = {.arena = arena_new(), .invocation = invocation, .head = ""};
	struct job *job = NULL;
	const char *which = invocation->args[0];
	int status = -1;

	v.list = invocation->values[OPT_JSON].set ? json_array() : NULL;
	v.ledger = command_ledger(invocation, &job, err);
	v.job = job;
	if (v.ledger && (strcmp(which, "all") == 0 ? verify_all(&v, err) : verify_run(&v, which, err)) == 0) {
		print_end(&v);
		status = v.unfit > 0;
	}
	json_decref(v.list);
	ledger_close(v.ledger);
	job_free(job);
	arena_free(v.arena);
	return status;
}
