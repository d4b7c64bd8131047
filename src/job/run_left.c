/* What of a night still waits beside what a retry is about: a retry of one order that ends well is no good
 * night while its neighbours wait. */
#include "run_impl.h"

/* A retry goes back to a run that may have been one itself: the night is the first of them. */
static int find_night(
    struct ledger *ledger, const char *run_id, struct arena *arena, const char **night, struct error *err)
{
	enum { LONGEST = 1000 };

	*night = run_id;
	for (int i = 0; i < LONGEST; i++) {
		struct error unreadable = {0};
		struct run_record run;
		int found = ledger_run_find(ledger, *night, arena, &run, err);
		if (found < 0)
			return -1;
		struct report *report =
		    found && run.document[0] ? report_head_from_json(run.document, &unreadable) : NULL;
		const char *before = report ? arena_strdup(arena, report->retry_of) : "";
		report_free(report);
		if (!before[0])
			return 0;
		*night = before;
	}
	return 0;
}

struct counting {
	struct ledger *ledger;
	const struct run_selection *selection;
	struct still_waiting *out;
	struct error *err;
};

static int count(void *user, const struct item_record *then)
{
	struct counting *c = user;
	struct item_record now;
	struct arena *arena;
	int found;

	if (run_selection_find(c->selection, strv_of(then->key)) >= 0)
		return 0;
	arena = arena_new();
	found = ledger_item_get(c->ledger, then->key, arena, &now, c->err);
	switch (found > 0 ? retry_kind(&now, then) : RETRY_NOTHING) {
	case RETRY_FAILED:
		c->out->failed++;
		break;
	case RETRY_NOT_BEGUN:
		c->out->not_begun++;
		break;
	case RETRY_IN_DOUBT:
		c->out->in_doubt++;
		break;
	case RETRY_PARKED: /* counted with all that wait for a decision */
	case RETRY_NOTHING:
		break;
	}
	arena_free(arena);
	return found < 0 ? -1 : 0;
}

int run_count_left(struct ledger *ledger, const struct run_selection *selection, struct arena *arena,
    struct still_waiting *out, struct error *err)
{
	struct counting c = {.ledger = ledger, .selection = selection, .out = out, .err = err};
	struct item_filter touched = {.state = -1};

	*out = (struct still_waiting){.run = ""};
	if (find_night(ledger, selection->run_id, arena, &out->run, err) < 0)
		return -1;
	out->run = arena_strdup(arena, out->run);
	touched.run_id = out->run;
	return ledger_items(ledger, &touched, count, &c, err);
}
