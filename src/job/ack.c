/* Decisions about findings: each held against the ledger, then all of them written or none. Reading a file of
 * them is ack_file.c's. */
#include "ack_impl.h"

#include <stdarg.h>
#include <stdlib.h>

#include "run_impl.h"
#include "tenantry/mem.h"
#include "tenantry/money.h"
#include "tenantry/reconcile.h"

struct acting {
	const struct job *job;
	struct ack_list *list;
	struct ledger *ledger;
	int64_t now;
};

void ack_problem(struct ack_list *list, struct ack_place at, const char *field, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	MEM_GROW(list->problems, list->problem_count, list->problem_cap);
	list->problems[list->problem_count++] =
	    (struct ack_problem){at, field, arena_strdup(list->arena, text)};
}

void ack_list_free(struct ack_list *list)
{
	free(list->decisions);
	free(list->problems);
	free(list->effects);
	arena_free(list->arena);
	*list = (struct ack_list){0};
}

/* ---- One decision against the ledger. */

struct found {
	struct arena *arena;
	struct finding_record finding;
	bool is;
};

static int keep(void *user, const struct finding_record *finding)
{
	struct found *found = user;

	found->finding = *finding;
	found->is = true;
	finding_record_keep(&found->finding, found->arena);
	return 1;
}

static bool is_acknowledged(const struct finding_record *f)
{
	return strcmp(f->state, "acknowledged") == 0;
}

static void refuse_gone(struct ack_list *list, const struct ack_decision *d, const struct finding_record *f)
{
	char day[DATE_TEXT_SIZE];

	ack_problem(list, d->id_at, "Finding Id",
	    "finding %s is resolved since %s (run %s): there is nothing to decide", f->finding_id,
	    date_text(date_of_ms(f->resolved_at), day), f->resolved_run[0] ? f->resolved_run : "not known");
}

/* True: it can be accepted so. */
static bool check_accept(struct acting *a, const struct ack_decision *d)
{
	size_t before = a->list->problem_count;
	struct date until, today = date_of_ms(a->now);
	char day[DATE_TEXT_SIZE];

	if (strv_trim(strv_of(d->reason)).n == 0)
		ack_problem(a->list, d->reason_at, "Reason",
		    "a reason is missing: whoever looks later wants to know why");
	if (strv_trim(strv_of(d->until)).n == 0)
		ack_problem(
		    a->list, d->until_at, "Until", "the last day is missing: nothing is accepted for ever");
	else if (!date_parse(strv_trim(strv_of(d->until)), &until))
		ack_problem(
		    a->list, d->until_at, "Until", "\"%.40s\" is not a date such as 2026-12-31", d->until);
	else if (date_compare(until, today) < 0)
		ack_problem(a->list, d->until_at, "Until", "%.40s is over: today is %s", d->until,
		    date_text(today, day));
	return a->list->problem_count == before;
}

/* A file may be of an earlier night: nobody accepts more than was seen. */
static bool check_seen(struct acting *a, const struct ack_decision *d, const struct finding_record *f)
{
	struct money seen, now;

	if (!d->money[0] || !f->money[0] || !money_parse(strv_of(f->money), f->currency, &now))
		return true;
	if (!money_parse(strv_of(d->money), f->currency, &seen))
		ack_problem(a->list, d->money_at, "Money At Stake",
		    "\"%.40s\" is no amount such as 1234.50; without this column nothing is compared",
		    d->money);
	else if (now.minor > seen.minor)
		ack_problem(a->list, d->money_at, "Money At Stake",
		    "%s %s are at stake by now, not %.40s: look again", f->money, f->currency, d->money);
	else
		return true;
	return false;
}

static void accept(struct acting *a, const struct ack_decision *d, struct finding_record *f)
{
	struct arena *arena = a->list->arena;
	struct strv reason = strv_trim(strv_of(d->reason)), until = strv_trim(strv_of(d->until));
	char *sides = arena_alloc(arena, FINDING_SIDES_SIZE);

	finding_sides(f, sides);
	f->state = "acknowledged";
	f->note = "";
	f->ack = (struct finding_ack){.reason = arena_strndup(arena, reason.p, reason.n),
	    .who = d->who,
	    .until = arena_strndup(arena, until.p, until.n),
	    .severity = f->severity,
	    .currency = f->currency,
	    .money = f->money,
	    .sides = sides,
	    .at = a->now};
}

static void withdraw(struct acting *a, const struct ack_decision *d, struct finding_record *f)
{
	f->state = "open";
	f->note = arena_printf(a->list->arena, "acknowledgement withdrawn by %s", d->who);
	f->ack = (struct finding_ack){"", "", "", "", "", "", "", 0};
}

static void assign(struct acting *a, const struct ack_decision *d, struct finding_record *f)
{
	int code = finding_code_parse(f->code);

	f->assigned = d->owner;
	if (d->owner[0])
		f->owner = d->owner;
	else if (code >= 0)
		f->owner = finding_policy(a->job, (enum finding_code)code, f->tier).owner;
}

static bool same_decision(const struct finding_record *before, const struct finding_record *after)
{
	return strcmp(before->state, after->state) == 0 && strcmp(before->assigned, after->assigned) == 0 &&
	       strcmp(before->ack.reason, after->ack.reason) == 0 &&
	       strcmp(before->ack.until, after->ack.until) == 0 &&
	       strcmp(before->ack.who, after->ack.who) == 0 &&
	       strcmp(before->ack.sides, after->ack.sides) == 0 &&
	       strcmp(before->ack.money, after->ack.money) == 0;
}

static const char *what_of(struct acting *a, const struct ack_decision *d, const struct finding_record *f)
{
	const char *owner = !d->owner ? ""
			    : d->owner[0]
				? arena_printf(a->list->arena, "owner %s", d->owner)
				: arena_printf(a->list->arena, "owner %s, as its class has it", f->owner);
	const char *deed = d->deed == ACK_ACCEPT ? arena_printf(a->list->arena, "acknowledged until %s by %s",
						       f->ack.until, d->who)
			   : d->deed == ACK_WITHDRAW
			       ? arena_printf(a->list->arena, "acknowledgement withdrawn by %s", d->who)
			       : "";

	return arena_printf(a->list->arena, "%s%s%s", deed, deed[0] && owner[0] ? "; " : "", owner);
}

/* 0 it may be done, and its effect is noted; -1 error. What is wrong is a problem and no error. */
static int weigh(struct acting *a, const struct ack_decision *d, struct error *err)
{
	struct ack_list *list = a->list;
	struct found found = {.arena = list->arena};

	if (ledger_findings(a->ledger, NULL, d->finding_id, keep, &found, err) < 0)
		return -1;
	struct finding_record f = found.finding;
	if (!found.is) {
		ack_problem(list, d->id_at, "Finding Id", "the ledger has no finding %.80s", d->finding_id);
		if (d->deed == ACK_ACCEPT)
			check_accept(a, d);
		return 0;
	}
	if (strcmp(f.state, "resolved") == 0) {
		refuse_gone(list, d, &f);
		return 0;
	}
	if (d->deed == ACK_ACCEPT && (!check_accept(a, d) || !check_seen(a, d, &f)))
		return 0;
	if (d->deed == ACK_WITHDRAW && !is_acknowledged(&f)) {
		ack_problem(list, d->deed_at.column ? d->deed_at : d->id_at, "Decision",
		    "finding %s is %s, not acknowledged: there is nothing to withdraw", f.finding_id,
		    f.state);
		return 0;
	}
	if (d->deed == ACK_ACCEPT)
		accept(a, d, &f);
	else if (d->deed == ACK_WITHDRAW)
		withdraw(a, d, &f);
	if (d->owner)
		assign(a, d, &f);
	struct ack_effect *effect = &list->effects[list->effect_count++];
	*effect = (struct ack_effect){.finding = f,
	    .state_before = found.finding.state,
	    .owner_before = found.finding.owner,
	    .what = what_of(a, d, &f),
	    .unchanged = same_decision(&found.finding, &f)};
	list->unchanged += effect->unchanged;
	return 0;
}

/* ---- All of them. */

static int by_id_then_line(const void *x, const void *y)
{
	const struct ack_decision *a = *(const struct ack_decision *const *)x;
	const struct ack_decision *b = *(const struct ack_decision *const *)y;
	int d = strcmp(a->finding_id, b->finding_id);

	return d ? d : (a->line > b->line) - (a->line < b->line);
}

static int by_line(const void *x, const void *y)
{
	const struct ack_problem *a = x, *b = y;

	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	return (a->at.column > b->at.column) - (a->at.column < b->at.column);
}

/* Two decisions about one finding: nobody can say which was meant. */
static void find_repeats(struct ack_list *list)
{
	const struct ack_decision **sorted = mem_resize(NULL, list->count + 1, sizeof *sorted);
	size_t first = 0;

	for (size_t i = 0; i < list->count; i++)
		sorted[i] = &list->decisions[i];
	qsort(sorted, list->count, sizeof *sorted, by_id_then_line);
	for (size_t i = 1; i < list->count; i++) {
		if (strcmp(sorted[first]->finding_id, sorted[i]->finding_id) != 0)
			first = i;
		else
			ack_problem(list, sorted[i]->id_at, "Finding Id",
			    "finding %s was decided in line %lu already", sorted[i]->finding_id,
			    sorted[first]->line);
	}
	free(sorted);
}

static int write_all(struct acting *a, struct error *err)
{
	static const char *const events[] = {
	    [ACK_NONE] = "assigned", [ACK_ACCEPT] = "acknowledged", [ACK_WITHDRAW] = "withdrawn"};

	for (size_t i = 0; i < a->list->count; i++) {
		const struct ack_decision *d = &a->list->decisions[i];
		const struct ack_effect *effect = &a->list->effects[i];
		if (effect->unchanged)
			continue;
		char *detail = mem_printf(
		    "%s%s%s", effect->what, strv_trim(strv_of(d->reason)).n > 0 ? ": " : "", d->reason);
		int rc =
		    ledger_finding_decide(a->ledger, &effect->finding, events[d->deed], d->who, detail, err);
		free(detail);
		if (rc < 0)
			return -1;
	}
	a->list->applied = true;
	return ledger_commit(a->ledger, err);
}

static int act(struct acting *a, bool dry_run, struct error *err)
{
	struct ack_list *list = a->list;

	list->effects = mem_zalloc((list->count + 1) * sizeof *list->effects);
	find_repeats(list);
	for (size_t i = 0; i < list->count; i++)
		if (weigh(a, &list->decisions[i], err) < 0)
			return -1;
	if (list->problem_count > 1)
		qsort(list->problems, list->problem_count, sizeof *list->problems, by_line);
	return dry_run || list->problem_count > 0 ? 0 : write_all(a, err);
}

int ack_decide(
    const struct job *job, struct ack_list *list, bool dry_run, struct clock *clock, struct error *err)
{
	struct acting a = {.job = job, .list = list, .now = clock_wall_ms(clock)};
	struct identity identity;
	struct error ignored = {0};
	int rc = -1;

	identity_of_run(&identity, clock);
	a.ledger = open_known_ledger(job, dry_run ? LEDGER_READ : LEDGER_WRITE, clock, err);
	if (!a.ledger)
		return -1;
	if (dry_run) {
		rc = act(&a, true, err);
	} else if (job_lock(a.ledger, job, &identity, err) == 0) {
		rc = act(&a, false, err);
		if (rc < 0)
			ledger_rollback(a.ledger);
		if (ledger_lock_release(a.ledger, job->name, identity.run_id, rc == 0 ? err : &ignored) < 0)
			rc = -1;
	}
	ledger_close(a.ledger);
	list->applied = list->applied && rc == 0;
	return rc;
}
