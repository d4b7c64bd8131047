/* Is the ledger the one that the run folders speak of? One that is gone, or was put back from a backup, would
 * have forgotten what was made, and it would be made again.
 *
 * A folder says whose it is by its run.json. That of a run which was killed has none: it counts as ours
 * unless other jobs write to the same output folder. */
#include "run_impl.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tenantry/mem.h"

/* Far more than what stands before the items in run.json. */
enum { HEAD_SIZE = 1 << 18 };

enum folder { FOLDER_EMPTY, FOLDER_CUT_OFF, FOLDER_OTHERS, FOLDER_READ_ONLY, FOLDER_CHANGED };

static bool has_file(const struct job *job, const char *run_id, const char *name)
{
	char *path = mem_printf("%s/%s/%s", job->output, run_id, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

static struct report *read_run(const struct job *job, const char *run_id)
{
	char *path = mem_printf("%s/%s/run.json", job->output, run_id), *text = mem_zalloc(HEAD_SIZE);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, HEAD_SIZE - 1);
	struct error ignored = {0};
	struct report *report = n > 0 ? report_head_from_json(text, &ignored) : NULL;

	if (fd >= 0)
		close(fd);
	free(text);
	free(path);
	return report;
}

/* The orders that were accepted are written before anything is provisioned: without that file nothing was. */
static enum folder look_at(const struct job *job, const char *run_id)
{
	struct report *report = has_file(job, run_id, "run.json") ? read_run(job, run_id) : NULL;
	enum folder is = FOLDER_CHANGED;

	if (!report)
		return has_file(job, run_id, "accepted.csv") || has_file(job, run_id, "audit.ndjson")
			   ? FOLDER_CUT_OFF
			   : FOLDER_EMPTY;
	if (strcmp(report->job, job->name) != 0 || strcmp(report->bss, job->bss.name) != 0)
		is = FOLDER_OTHERS;
	else if (!report->has_provision || report->apply.changes == 0)
		is = FOLDER_READ_ONLY;
	report_free(report);
	return is;
}

static bool output_is_shared(const struct job *job, const char *const *ids, size_t count)
{
	for (size_t i = count; i-- > 0;)
		if (look_at(job, ids[i]) == FOLDER_OTHERS)
			return true;
	return false;
}

/* 1 known, 0 not, -1 error. */
static int knows_run(struct ledger *ledger, const char *run_id, struct error *err)
{
	struct arena *arena = arena_new();
	struct run_record run;
	int found = ledger ? ledger_run_find(ledger, run_id, arena, &run, err) : 0;

	arena_free(arena);
	return found;
}

int ledger_is_behind(
    const struct job *job, struct ledger *ledger, char run_id[RUN_ID_SIZE], struct error *err)
{
	struct arena *arena = arena_new();
	const char **ids;
	size_t count;
	int behind = run_folders_list(job->output, arena, &ids, &count, err);

	/* All of them: a clock that was set back gives a newer run an older name. */
	for (size_t i = count; behind == 0 && i-- > 0;) {
		int known = knows_run(ledger, ids[i], err);
		enum folder is = known == 0 ? look_at(job, ids[i]) : FOLDER_EMPTY;
		bool ours =
		    is == FOLDER_CHANGED || (is == FOLDER_CUT_OFF && !output_is_shared(job, ids, count));
		if (ours)
			snprintf(run_id, RUN_ID_SIZE, "%s", ids[i]);
		behind = known < 0 ? -1 : ours;
	}
	arena_free(arena);
	return behind;
}

int refuse_lost_ledger(const struct job *job, struct ledger *ledger, struct error *err)
{
	char run_id[RUN_ID_SIZE];
	int behind = ledger_is_behind(job, ledger, run_id, err);

	if (behind <= 0)
		return behind;
	if (ledger)
		error_set(err, ERR_LEDGER,
		    "the ledger does not know run %s in %s, which may have changed Acronis: it is an older copy, and nothing was done",
		    run_id, job->output);
	else
		error_set(err, ERR_LEDGER,
		    "the ledger is missing, but there is run %s, which may have changed Acronis: nothing was done",
		    run_id);
	error_place(err, job->ledger, 0, 0, NULL);
	return error_hint(err,
	    "restore the ledger's newest backup, or make a new one: tenantry rebuild %s; only when %s belongs to another ledger, move it away",
	    job->path, job->output);
}

struct ledger *open_known_ledger(
    const struct job *job, enum ledger_mode mode, struct clock *clock, struct error *err)
{
	struct ledger *ledger;

	if (access(job->ledger, F_OK) != 0) {
		if (refuse_lost_ledger(job, NULL, err) < 0)
			return NULL;
		error_set(err, ERR_LEDGER, "there is no ledger yet");
		error_place(err, job->ledger, 0, 0, NULL);
		error_hint(err, "the first run makes it; if there was one, look at `ledger` in the job file");
		return NULL;
	}
	ledger = ledger_open(job->ledger, mode, clock, err);
	if (ledger && refuse_lost_ledger(job, ledger, err) < 0) {
		ledger_close(ledger);
		return NULL;
	}
	return ledger;
}
