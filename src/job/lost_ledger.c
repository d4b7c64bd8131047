/* Is the ledger the one that the run folders speak of? One that is gone, or was put back from a backup, would
 * have forgotten what was made, and it would be made again. One that was put back to the middle of a run (a
 * snapshot of its volume) knows that run, but not all activation mails that its folder has noted; those alone
 * could not be found again in Acronis.
 *
 * A folder says whose it is by its run.json. That of a run which was killed has none: it counts as ours
 * unless other jobs write to the same output folder. */
#include "run_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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

static int behind_by_run(
    const struct job *job, const char *const *ids, size_t count, size_t at, struct ledger_behind *out)
{
	enum folder is = look_at(job, ids[at]);
	bool ours = is == FOLDER_CHANGED || (is == FOLDER_CUT_OFF && !output_is_shared(job, ids, count));

	if (ours)
		snprintf(out->run_id, sizeof out->run_id, "%s", ids[at]);
	return ours;
}

/* Of a run that a rebuilt ledger has from its folder there is no journal, and no audit. */
static int behind_by_mails(const struct job *job, struct ledger *ledger, const char *run_id,
    struct arena *arena, struct ledger_behind *out, struct error *err)
{
	const char *folder = arena_printf(arena, "%s/%s", job->output, run_id);
	struct audit_record audit;
	int found = ledger_audit_find(ledger, run_id, arena, &audit, err);

	if (found <= 0)
		return found;
	if (sent_mails_forgotten(ledger, folder, run_id, &out->mails, err) < 0)
		return -1;
	if (out->mails.count > 0)
		snprintf(out->run_id, sizeof out->run_id, "%s", run_id);
	return out->mails.count > 0;
}

int ledger_is_behind(
    const struct job *job, struct ledger *ledger, struct ledger_behind *out, struct error *err)
{
	struct arena *arena = arena_new();
	const char **ids;
	size_t count;
	int behind = run_folders_list(job->output, arena, &ids, &count, err);

	*out = (struct ledger_behind){0};
	/* All of them: a clock that was set back gives a newer run an older name. */
	for (size_t i = count; behind == 0 && i-- > 0;) {
		int known = knows_run(ledger, ids[i], err);
		behind = known < 0    ? -1
			 : known == 0 ? behind_by_run(job, ids, count, i, out)
				      : behind_by_mails(job, ledger, ids[i], arena, out, err);
	}
	arena_free(arena);
	return behind;
}

int refuse_lost_ledger(const struct job *job, struct ledger *ledger, struct error *err)
{
	struct ledger_behind behind;
	int is = ledger_is_behind(job, ledger, &behind, err);

	if (is <= 0)
		return is;
	if (behind.mails.count > 0)
		error_set(err, ERR_LEDGER,
		    "the ledger was put back to the middle of run %s: it knows nothing of %" PRIu64
		    " activation mail%s of that run (%s), which would go out again; nothing was done",
		    behind.run_id, behind.mails.count, behind.mails.count == 1 ? "" : "s",
		    behind.mails.items);
	else if (ledger)
		error_set(err, ERR_LEDGER,
		    "the ledger does not know run %s in %s, which may have changed Acronis: it is an older copy, and nothing was done",
		    behind.run_id, job->output);
	else
		error_set(err, ERR_LEDGER,
		    "the ledger is missing, but there is run %s, which may have changed Acronis: nothing was done",
		    behind.run_id);
	error_place(err, job->ledger, 0, 0, NULL);
	return error_hint(err,
	    "restore the ledger's newest backup, or make a new one: tenantry rebuild %s; only when %s belongs to another ledger, move it away",
	    job->path, job->output);
}

struct newest {
	const struct job *job;
	struct arena *arena;
	const char *run_id, *folder;
};

/* Newest first: the first of the job. */
static int keep_newest(void *user, const struct run_record *run)
{
	struct newest *newest = user;

	if (strcmp(run->job, newest->job->name) != 0)
		return 0;
	newest->run_id = arena_strdup(newest->arena, run->run_id);
	newest->folder = arena_strdup(newest->arena, run->folder);
	return 1;
}

int newest_folder_is_gone(
    const struct job *job, struct ledger *ledger, char run_id[RUN_ID_SIZE], struct error *err)
{
	struct arena *arena = arena_new();
	struct newest newest = {.job = job, .arena = arena};
	int64_t pruned_at = 0;
	int gone = 0;

	if (ledger_runs(ledger, 0, keep_newest, &newest, err) < 0 ||
	    (newest.run_id && ledger_run_pruned_at(ledger, newest.run_id, &pruned_at, err) < 0))
		gone = -1;
	else if (newest.run_id && pruned_at == 0 && access(newest.folder, F_OK) != 0 && errno == ENOENT)
		gone = 1;
	if (gone == 1)
		snprintf(run_id, RUN_ID_SIZE, "%s", newest.run_id);
	arena_free(arena);
	return gone;
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
