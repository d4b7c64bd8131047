/* What a run's report shows of findings: tonight's with what the ledger remembers of them, those that are
 * resolved, and whether one of them makes the exit status 1. */
#include "run_impl.h"

struct finding_list {
	struct report *report;
	struct finding_record **items;
	size_t *count, cap;
};

static int keep(void *user, const struct finding_record *finding)
{
	struct finding_list *list = user;

	if (*list->count == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 64;
		struct finding_record *grown = arena_alloc(list->report->arena, cap * sizeof *grown);
		if (*list->count > 0)
			memcpy(grown, *list->items, *list->count * sizeof *grown);
		*list->items = grown;
		list->cap = cap;
	}
	struct finding_record *copy = &(*list->items)[(*list->count)++];
	*copy = *finding;
	finding_record_keep(copy, list->report->arena);
	return 0;
}

static struct finding_list list_of(struct report *report, struct finding_record **items, size_t *count)
{
	*items = NULL;
	*count = 0;
	return (struct finding_list){report, items, count, 0};
}

int run_findings_foresee(struct run *run, const struct finding_record *finding, struct error *err)
{
	struct report *report = run->report;
	struct finding_record copy = *finding;

	/* What nights remember is of today, not of a day that is past. */
	struct ledger *memory = run->options->as_of.set ? NULL : run->ledger;
	if (ledger_finding_look(memory, &copy, clock_wall_ms(run->clock), run->arena, err) < 0)
		return -1;
	finding_record_keep(&copy, report->arena);
	report->findings[report->finding_count++] = copy;
	return 0;
}

/* In a dry run, of a past day and when too little was compared they were foreseen. */
static int load(struct run *run, struct error *err)
{
	struct report *report = run->report;
	struct finding_list tonight = list_of(report, &report->findings, &report->finding_count);
	struct finding_list gone = list_of(report, &report->gone, &report->gone_count);

	if (ledger_findings(run->ledger, run->run_id, NULL, keep, &tonight, err) < 0)
		return -1;
	return ledger_findings_resolved(run->ledger, run->run_id, keep, &gone, err);
}

int run_findings_report(struct run *run, struct error *err)
{
	struct report *report = run->report;

	if (!report->has_reconcile)
		return 0;
	bool kept = run->ledger && !run->options->dry_run && !run->options->as_of.set && !report->in_part;
	if (kept && load(run, err) < 0)
		return -1;
	report_count_findings(report);
	for (size_t i = 0; i < report->finding_count; i++)
		if (finding_fails(run->job, &report->findings[i]))
			run_note_status(run, 1);
	return 0;
}
