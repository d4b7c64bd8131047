/* What the run folders remember: run.json of each run has its items as they stood at its end. */
#include "rebuild_impl.h"

#include <stdlib.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { RUN_JSON_MAX = 1 << 30 };

/* A run that was killed left no record; whose it was is not known then, and it says nothing but that it was.
 */
static bool was_cut_off(const char *folder)
{
	char *orders = mem_printf("%s/accepted.csv", folder), *audit = mem_printf("%s/audit.ndjson", folder);
	bool is = access(orders, F_OK) == 0 || access(audit, F_OK) == 0;

	free(orders);
	free(audit);
	return is;
}

static struct run_record record_of(const struct rebuild *r, const char *run_id, const char *folder,
    const struct report *report, const char *text)
{
	struct run_record record = {.run_id = run_id,
	    .job = r->job->name,
	    .command = report ? report->command : "unknown",
	    .folder = folder,
	    .job_path = report ? report->job_path : r->job->path,
	    .exit_status = -1,
	    .document = text ? text : ""};

	if (report) {
		record.started_at = report->started_at;
		record.ended_at = report->ended_at;
		record.exit_status = report->exit_status;
		record.changes = report->changes;
	} else if (!run_id_time(run_id, &record.started_at)) {
		record.started_at = 0;
	}
	return record;
}

static bool is_ours(const struct rebuild *r, const struct report *report)
{
	return strcmp(report->job, r->job->name) == 0 && strcmp(report->bss, r->job->bss.name) == 0;
}

/* 1 ours, 0 not (or nothing to be read there). */
static int read_folder(
    struct rebuild *r, const char *run_id, const char *folder, char **text, struct report **report)
{
	char *path = mem_printf("%s/run.json", folder);
	struct error why = {0};
	size_t n;

	*report = NULL;
	*text = access(path, F_OK) == 0 ? file_read_all(path, RUN_JSON_MAX, &n, &why) : NULL;
	if (*text)
		*report = report_from_json(*text, &why);
	if (!*report && why.code != ERR_NONE)
		log_warn("run %s: its record cannot be used: %s", run_id, why.text);
	free(path);
	return *report ? is_ours(r, *report) : was_cut_off(folder);
}

int rebuild_each_run(struct rebuild *r,
    int (*each)(struct rebuild *r, void *user, const struct run_record *run, const struct report *report,
	struct error *err),
    void *user, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->run_count; i++) {
		char *folder = mem_printf("%s/%s", r->job->output, r->run_ids[i]), *text;
		struct report *report;
		if (read_folder(r, r->run_ids[i], folder, &text, &report)) {
			struct run_record record =
			    record_of(r, r->run_ids[i], folder, report, report ? text : NULL);
			rc = each(r, user, &record, report, err);
		}
		report_free(report);
		free(text);
		free(folder);
	}
	return rc;
}

/* The newest run that touched an item says how it stands; what was done once stays done. */
static int take_items(struct rebuild *r, void *user, const struct run_record *run,
    const struct report *report, struct error *err)
{
	(void)user;
	(void)run;
	(void)err;
	r->out->runs += report != NULL;
	r->out->cut_off += report == NULL;
	for (size_t i = 0; report && i < report->item_count; i++) {
		struct found_item *item = rebuild_item(r, report->items[i].key);
		if (item->from_folder && item->record.state == ITEM_DONE)
			continue;
		item->record = report->items[i];
		item_record_keep(&item->record, r->arena);
		item->from_folder = true;
	}
	return 0;
}

int rebuild_read_folders(struct rebuild *r, struct error *err)
{
	if (run_folders_list(r->job->output, r->arena, &r->run_ids, &r->run_count, err) < 0)
		return -1;
	return rebuild_each_run(r, take_items, NULL, err);
}
