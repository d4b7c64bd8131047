/* Corrections as a run: what a person said yes to is held against the BSS of now, kept within the safety
 * stops of provisioning, and carried out by its engine, which reads each tenant at its moment. Orders are not
 * looked at. */
#include "run_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/fix.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/tier_proof.h"

/* ---- What the ledger says of a finding at this moment: the file was read before the lock was taken. */

struct standing {
	struct run *run;
	const char *state;
};

static int take_state(void *user, const struct finding_record *finding)
{
	struct standing *standing = user;

	standing->state = arena_strdup(standing->run->arena, finding->state);
	return 1;
}

static int check_finding(struct run *run, struct fix *fix, struct error *err)
{
	struct standing standing = {run, "gone"};

	if (ledger_findings(run->ledger, NULL, fix->finding.finding_id, take_state, &standing, err) < 0)
		return -1;
	if (strcmp(standing.state, "open") == 0)
		return 0;
	fix->skip = SKIP_FINDING_GONE;
	fix->why = arena_printf(run->arena, "the finding is %s now", standing.state);
	return 0;
}

static int check_fixes(struct run *run, struct fix *fixes, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		if (check_finding(run, &fixes[i], err) < 0)
			return -1;
		if (fixes[i].skip == SKIP_NONE)
			fix_check_bss(&fixes[i], run->job, run->subscriptions, run->arena);
		struct fix_journal journal = run_fix_journal(run);
		fix_check_journal(&fixes[i], run->job, &journal, run->arena);
	}
	return 0;
}

/* ---- What is written for the BSS. */

struct exporting {
	const struct fix *fixes;
	size_t count;
	const struct fix **done;
	size_t done_count;
};

static int keep_done(void *user, const struct fix_record *record)
{
	struct exporting *x = user;

	for (size_t i = 0; i < x->count && strcmp(record->state, "done") == 0; i++)
		if (x->fixes[i].change == FIX_SET_EXTERNAL_ID &&
		    strcmp(x->fixes[i].finding.finding_id, record->finding_id) == 0)
			x->done[x->done_count++] = &x->fixes[i];
	return 0;
}

static int export_done(struct run *run, const struct fix *fixes, size_t count, struct error *err)
{
	struct exporting x = {fixes, count, mem_zalloc((count + 1) * sizeof *x.done), 0};
	int rc = ledger_fixes(run->ledger, run->run_id, NULL, keep_done, &x, err);

	if (rc == 0 && x.done_count > 0)
		rc = export_fixes(run->job, x.done, x.done_count, run->folder, err);
	free(x.done);
	return rc;
}

/* ---- Who approved what. */

/* The file as it was read, among the inputs. */
static void note_input(struct run *run, const struct fixes *fixes)
{
	struct input_file file = {.role = "fixes",
	    .path = arena_strdup(run->report->arena, fixes->path),
	    .bytes = fixes->bytes,
	    .rows = fixes->count + fixes->left,
	    .note = ""};

	memcpy(file.digest, fixes->digest, sizeof file.digest);
	run_add_input(run, &file);
}

/* Into the audit: how many, of which run, in which file; and, keyed, the login that gave it. */
static int note_approval(struct run *run, const struct fixes *fixes, struct error *err)
{
	char who[WHO_SIZE];

	identity_who(who);
	return ledger_event_put(run->ledger,
	    &(struct event_record){.run_id = run->run_id,
		.event = "corrections",
		.detail =
		    arena_printf(run->arena, "%zu approved, %zu not, of the findings of run %s; file %s",
			fixes->count, fixes->left, fixes->run_id, fixes->digest),
		.reason = who},
	    err);
}

/* ---- The run. */

/* A share of max_changes counts of the tenants that the last comparison saw. */
static int tenants_seen(struct run *run, uint64_t *out, struct error *err)
{
	int64_t seen_at;

	*out = 0;
	return ledger_side_last(run->ledger, "tenants", out, &seen_at, err) < 0 ? -1 : 0;
}

static int carry_out(struct run *run, const struct fix *fixes, size_t count, struct error *err)
{
	int rc = run_apply(run, NULL, err);

	if (rc < 0 && err->code == ERR_DISPLACED)
		return -1;
	if (ledger_commit(run->ledger, err) < 0 || export_done(run, fixes, count, err) < 0)
		return -1;
	if (rc < 0)
		return -1;
	if (run->report->apply.failed + run->report->apply.parked > 0)
		run_note_status(run, 1);
	return run_budget_end(run, NULL, err);
}

static bool sets_paid_tier(const struct fix *fix)
{
	return fix->skip == SKIP_NONE && fix->change == FIX_SET_TIER && fix->tier && tier_is_paid(fix->tier);
}

/* Before anything is corrected: a table that is off by one makes a correction of every tenant that is right.
 */
static int prove_tiers(struct run *run, struct fix *fixes, size_t count, struct error *err)
{
	size_t paid = 0;

	for (size_t i = 0; i < count; i++)
		paid += sets_paid_tier(&fixes[i]);
	if (run_prove_tiers(run, NULL, paid > 0, err) < 0)
		return -1;
	if (!run->tiers.held || paid == 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		/* What the budget holds back stays held back. */
		if (!sets_paid_tier(&fixes[i]) || run->plan->actions[i].verdict != PLAN_DO)
			continue;
		fixes[i].skip = SKIP_TIER_UNPROVED;
		fixes[i].why =
		    "the tier table is not proved: name a partner on a paid tier under contract.confirmed";
		plan_skip_fix(run->plan, i);
	}
	run->report->plan_to_do = run->plan->to_do;
	run->report->plan_parked = run->plan->parked;
	return 0;
}

static int prepare(struct run *run, struct fix *fixes, size_t count, struct error *err)
{
	if (!run->subscriptions) {
		error_set(
		    err, ERR_COVERAGE, "nothing was corrected: the job file names no bss.subscriptions");
		return error_hint(err, "without the BSS's word nobody knows whether the findings still hold");
	}
	if (!run->ledger)
		return error_set(err, ERR_LEDGER, "nothing was corrected: there is no ledger");
	if (run_guard_subscriptions(run, err) < 0 ||
	    run_journal_side(run, clock_wall_ms(run->clock), err) < 0 ||
	    check_fixes(run, fixes, count, err) < 0)
		return error_prefix(err, "nothing was corrected");
	run->plan = plan_of_fixes(fixes, count);
	run->report->has_fixes = true;
	if (run_check_budget(run, NULL, err) < 0)
		return -1;
	run->report->plan_to_do = run->plan->to_do;
	run->report->plan_parked = run->plan->parked;
	return 0;
}

int run_fixes(struct run *run, struct error *err)
{
	const struct fixes *wanted = run->options->fixes;
	struct fix *fixes = arena_alloc(run->arena, (wanted->count + 1) * sizeof *fixes);
	uint64_t tenants = 0;

	if (wanted->count > 0)
		memcpy(fixes, wanted->items, wanted->count * sizeof *fixes);
	run->report->fixes_of = arena_strdup(run->report->arena, wanted->run_id);
	note_input(run, wanted);
	if (prepare(run, fixes, wanted->count, err) < 0)
		return -1;
	if (run->options->dry_run)
		return 0;
	int rc = note_approval(run, wanted, err);
	if (rc == 0)
		rc = tenants_seen(run, &tenants, err);
	if (rc == 0)
		rc = run_check_max_changes(run, tenants, err);
	if (rc == 0 && run->plan->to_do > 0) {
		rc = run_connect(run, false, err);
		if (rc == 0)
			rc = prove_tiers(run, fixes, wanted->count, err);
	}
	if (rc == 0)
		return carry_out(run, fixes, wanted->count, err);
	run->report->apply =
	    (struct apply_result){.planned = run->plan->count, .not_started = run->plan->count};
	return rc;
}
