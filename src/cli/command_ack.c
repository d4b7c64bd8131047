/* `tenantry ack FINDING`, `tenantry ack --import FILE`: what people accept, take back, and give to somebody.
 */
#include "commands.h"

#include <inttypes.h>
#include <stdlib.h>

#include "program.h"
#include "tenantry/ack.h"
#include "tenantry/identity.h"
#include "tenantry/mem.h"

static int wrong_words(struct error *err, const char *what)
{
	error_set(err, ERR_USAGE, "%s", what);
	return error_hint(err,
	    "tenantry ack FINDING --reason TEXT --until DATE | --withdraw | --owner NAME; or "
	    "tenantry ack --import decisions.csv");
}

static int check_words(const struct invocation *invocation, struct error *err)
{
	const struct option_value *values = invocation->values;
	bool import = values[OPT_IMPORT].set, one = invocation->arg_count > 0;

	if (import && one)
		return wrong_words(err, "either one finding or a file of decisions");
	if (!import && !one)
		return wrong_words(err, "which finding?");
	if (import && (values[OPT_REASON].set || values[OPT_UNTIL].set || values[OPT_WITHDRAW].set ||
			  values[OPT_OWNER].set))
		return wrong_words(err, "with --import the file says what was decided");
	if (import)
		return 0;
	if (values[OPT_WITHDRAW].set && values[OPT_UNTIL].set)
		return wrong_words(err, "either accepted until a day or withdrawn");
	if (!values[OPT_WITHDRAW].set && !values[OPT_OWNER].set && !values[OPT_UNTIL].set &&
	    !values[OPT_REASON].set)
		return wrong_words(err, "what was decided?");
	return 0;
}

/* "Ana Diaz (login ana)": a name that is given does not hide whose login it was. */
static const char *who_of(const struct invocation *invocation, struct arena *arena)
{
	const struct option_value *who = &invocation->values[OPT_WHO];
	char login[WHO_SIZE];

	identity_who(login);
	if (!who->set || strv_trim(strv_of(who->text)).n == 0 || strcmp(who->text, login) == 0)
		return arena_strdup(arena, login);
	return arena_printf(arena, "%s (login %s)", who->text, login);
}

static void add_one(struct ack_list *list, const struct invocation *invocation, const char *who)
{
	const struct option_value *values = invocation->values;
	bool accept = values[OPT_UNTIL].set ||
		      (values[OPT_REASON].set && !values[OPT_WITHDRAW].set && !values[OPT_OWNER].set);

	MEM_GROW(list->decisions, list->count, list->cap);
	list->decisions[list->count++] = (struct ack_decision){.deed = values[OPT_WITHDRAW].set ? ACK_WITHDRAW
								       : accept                 ? ACK_ACCEPT
												: ACK_NONE,
	    .money = "",
	    .finding_id = invocation->args[0],
	    .reason = values[OPT_REASON].set ? values[OPT_REASON].text : "",
	    .until = values[OPT_UNTIL].set ? values[OPT_UNTIL].text : "",
	    .who = who,
	    .owner = values[OPT_OWNER].set ? values[OPT_OWNER].text : NULL};
}

/* ---- What is shown. */

static json_t *effect_json(const struct ack_effect *effect)
{
	const struct finding_record *f = &effect->finding;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "finding", f->finding_id,
	    "code", f->code, "account", f->account_id, "was", effect->state_before, "state", f->state,
	    "owner", f->owner, "until", f->ack.until, "reason", f->ack.reason, "what", effect->what,
	    "unchanged", effect->unchanged);
}

static json_t *problem_json(const struct ack_list *list, const struct ack_problem *problem)
{
	return json_pack("{s:s, s:I, s:I, s:s, s:s}", "file", list->file, "line",
	    (json_int_t)problem->at.line, "column", (json_int_t)problem->at.column, "field", problem->field,
	    "text", problem->text);
}

static void show_json(const struct ack_list *list, bool dry_run)
{
	json_t *effects = json_array(), *problems = json_array();

	for (size_t i = 0; i < list->effect_count; i++)
		json_array_append_new(effects, effect_json(&list->effects[i]));
	for (size_t i = 0; i < list->problem_count; i++)
		json_array_append_new(problems, problem_json(list, &list->problems[i]));
	command_print_json(json_pack("{s:b, s:b, s:I, s:I, s:I, s:o, s:o}", "applied", list->applied,
	    "dry_run", dry_run, "rows", (json_int_t)list->rows, "without_decision", (json_int_t)list->silent,
	    "unchanged", (json_int_t)list->unchanged, "decisions", effects, "errors", problems));
}

static void show_problems(const struct ack_list *list)
{
	for (size_t i = 0; i < list->problem_count; i++) {
		const struct ack_problem *p = &list->problems[i];
		printf("%s:%lu:%lu: %s%s%s\n", list->file, p->at.line, p->at.column, p->field,
		    p->field[0] ? ": " : "", p->text);
	}
	printf("nothing was changed: %zu error%s in %s; correct %s and import the whole file again\n",
	    list->problem_count, list->problem_count == 1 ? "" : "s", list->file,
	    list->problem_count == 1 ? "it" : "them");
}

static void show_effect(const struct ack_effect *effect)
{
	const struct finding_record *f = &effect->finding;

	printf("%s %s, account %s: %s%s (was %s, owner %s)\n", f->finding_id, f->code,
	    f->account_id[0] ? f->account_id : "unknown", effect->what,
	    effect->unchanged ? ", as it was already" : "", effect->state_before, effect->owner_before);
}

static void show_text(const struct ack_list *list, bool dry_run)
{
	uint64_t done = list->effect_count - list->unchanged;

	for (size_t i = 0; i < list->effect_count; i++)
		show_effect(&list->effects[i]);
	if (list->file[0])
		printf("%s: %" PRIu64 " row%s = %" PRIu64 " %s + %" PRIu64 " unchanged + %" PRIu64
		       " without a decision\n",
		    list->file, list->rows, list->rows == 1 ? "" : "s", done,
		    dry_run ? "that would be applied" : "applied", list->unchanged, list->silent);
	else if (strcmp(list->effects[0].finding.state, "acknowledged") == 0)
		printf(
		    "it fails no night until that day is over, or until it becomes worse; tenantry ack %s --withdraw takes it back\n",
		    list->effects[0].finding.finding_id);
	if (dry_run)
		printf("dry run: nothing was changed\n");
}

/* One decision that cannot be carried out is a wrong command; a file has its list. */
static int show(const struct invocation *invocation, const struct ack_list *list, struct error *err)
{
	bool dry_run = invocation->values[OPT_DRY_RUN].set, bad = list->problem_count > 0;

	if (bad && !list->file[0]) {
		error_set(err, ERR_USAGE, "%s: nothing was changed", list->problems[0].text);
		return error_hint(err,
		    "tenantry show FINDING tells all about one; tenantry show last lists those of the last night");
	}
	if (invocation->values[OPT_JSON].set)
		show_json(list, dry_run);
	else if (bad)
		show_problems(list);
	else if (!invocation->values[OPT_QUIET].set)
		show_text(list, dry_run);
	return bad;
}

int command_ack(const struct invocation *invocation, struct error *err)
{
	const struct option_value *values = invocation->values;
	bool dry_run = values[OPT_DRY_RUN].set;
	struct ack_list list = {.arena = arena_new(), .file = ""};
	struct clock shifted, *clock;
	struct job *job = NULL;
	int rc = -1;

	if (check_words(invocation, err) == 0 && (job = command_job(invocation, NULL, err)) != NULL &&
	    (clock = command_clock(invocation, job, !dry_run, &shifted, err)) != NULL) {
		const char *who = who_of(invocation, list.arena);
		if (values[OPT_IMPORT].set)
			rc = ack_read(&list, values[OPT_IMPORT].text, who, err);
		else
			rc = (add_one(&list, invocation, who), 0);
		if (rc == 0)
			rc = ack_decide(job, &list, dry_run, clock, err);
		if (rc == 0)
			rc = show(invocation, &list, err);
	}
	ack_list_free(&list);
	job_free(job);
	return rc;
}
