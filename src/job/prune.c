/* Which run folders go, and their removal; see prune.h. What a folder holds is found out here; deciding is
 * pure. */
#include "tenantry/prune.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run_impl.h"
#include "tenantry/identity.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/month.h"

/* ---- Deciding. */

static int64_t month_end(const struct job *job, int month)
{
	return job ? as_of_end(job, month_last(month)) : date_to_ms(month_first(month + 1));
}

/* The month at whose end a snapshot would be compared, in the job's time zone. */
static int month_of_snapshot(const struct job *job, int64_t at)
{
	int month = month_of(date_of_ms(at));

	if (at > month_end(job, month))
		return month + 1;
	return at <= month_end(job, month - 1) ? month - 1 : month;
}

/* In the time that month ends are kept? */
static bool is_in_reach(int64_t taken, const struct prune_settings *s)
{
	return taken != 0 && (s->month_ends_ms == 0 || s->now - taken < s->month_ends_ms);
}

static bool is_month_end(
    const struct prune_folder *folders, size_t count, size_t at, const struct prune_settings *s)
{
	int64_t taken = folders[at].snapshot_at;

	if (!is_in_reach(taken, s))
		return false;
	int month = month_of_snapshot(s->job, taken);
	for (size_t i = 0; i < count; i++)
		if (folders[i].snapshot_at > taken &&
		    month_of_snapshot(s->job, folders[i].snapshot_at) == month)
			return false;
	return true;
}

void prune_decide(struct prune_folder *folders, size_t count, const struct prune_settings *s)
{
	for (size_t i = 0; i < count; i++) {
		struct prune_folder *f = &folders[i];
		f->kept = s->keep_ms == 0 || s->now - f->began < s->keep_ms ? "young enough"
			  : i + 1 == count                                  ? "the newest"
			  : f->at_work                                      ? "at work, or not ended yet"
			  : f->is_signed                                    ? "signed"
			  : f->has_open_items                               ? "open orders refer to it"
			  : f->next_base                                    ? "the next night goes on from it"
			  : is_month_end(folders, count, i, s)              ? "a month's end"
			  : is_in_reach(f->invoices_at, s)                  ? "the newest invoices of a month"
									    : NULL;
	}
}

/* ---- Looking. */

static uint64_t size_of(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct stat st;
	uint64_t sum = 0;

	while (dir && (entry = readdir(dir)) != NULL)
		/* What another folder holds too (invoices that were the same) is freed with the last one. */
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && st.st_nlink == 1)
			sum += (uint64_t)st.st_size;
	if (dir)
		closedir(dir);
	return sum;
}

struct looking {
	struct prune_folder *folders;
	size_t count;
	bool base_found;
	struct strbuf months; /* whose newest invoices were seen */
};

static struct prune_folder *folder_of(const struct looking *l, const char *run_id)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->folders[i].run_id, run_id) == 0)
			return &l->folders[i];
	return NULL;
}

/* Newest first: the first whole one is what the next night goes on from. */
static int note_snapshot(void *user, const struct snapshot_record *snapshot)
{
	struct looking *l = user;
	struct prune_folder *f = folder_of(l, snapshot->run_id);

	if (!f || snapshot->removed_at || (snapshot->exit_status != 0 && snapshot->exit_status != 1))
		return 0;
	f->snapshot_at = snapshot->taken_at;
	f->next_base = !l->base_found;
	l->base_found = true;
	return 0;
}

/* Newest first: what a month is compared with when no day is given (run_money.c). */
static int note_invoices(void *user, const struct snapshot_record *snapshot)
{
	struct looking *l = user;
	struct prune_folder *f = folder_of(l, snapshot->run_id);
	const char *month = snapshot->months;
	size_t n;

	if (!f || snapshot->removed_at || (snapshot->exit_status != 0 && snapshot->exit_status != 1))
		return 0;
	for (; (n = strcspn(month, " ")) > 0; month += n + (month[n] == ' ')) {
		if (l->months.n > 0 && memmem(l->months.p, l->months.n, month, n))
			continue;
		strbuf_add(&l->months, month, n);
		strbuf_addc(&l->months, ' ');
		f->invoices_at = snapshot->taken_at;
	}
	return 0;
}

static int note_run(void *user, const struct run_record *run)
{
	struct prune_folder *f = folder_of(user, run->run_id);

	if (f)
		f->at_work = run->ended_at == 0;
	return 0;
}

static int note_item(void *user, const struct item_record *item)
{
	struct prune_folder *f = folder_of(user, item->run_id);

	if (f)
		f->has_open_items = true;
	return 0;
}

/* The ledger has a signature before its file appears, and until it is withdrawn. */
static int note_signatures(struct ledger *ledger, struct arena *arena, struct looking *l, struct error *err)
{
	for (size_t i = 0; i < l->count; i++) {
		struct signature_record *signatures;
		size_t count;
		if (ledger_signatures(ledger, l->folders[i].run_id, arena, &signatures, &count, err) < 0)
			return -1;
		for (size_t j = 0; j < count; j++)
			l->folders[i].is_signed |= signatures[j].withdrawn_at == 0;
	}
	return 0;
}

static int look_into_ledger(struct ledger *ledger, struct looking *l, struct error *err)
{
	static const enum item_state open[] = {
	    ITEM_RECEIVED, ITEM_ACCEPTED, ITEM_RUNNING, ITEM_FAILED, ITEM_PARKED};

	if (ledger_snapshots(ledger, "tenants", NULL, note_snapshot, l, err) < 0 ||
	    ledger_snapshots(ledger, "invoices", NULL, note_invoices, l, err) < 0 ||
	    ledger_runs(ledger, 0, note_run, l, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(open); i++) {
		struct item_filter filter = {.state = (int)open[i]};
		if (ledger_items(ledger, &filter, note_item, l, err) < 0)
			return -1;
	}
	return 0;
}

static int look(const struct job *job, struct ledger *ledger, struct arena *arena, struct prune_result *out,
    struct error *err)
{
	const char **ids;

	if (run_folders_list(job->output, arena, &ids, &out->count, err) < 0)
		return -1;
	out->folders = arena_alloc(arena, (out->count + 1) * sizeof *out->folders);
	for (size_t i = 0; i < out->count; i++) {
		char *path = mem_printf("%s/%s", job->output, ids[i]),
		     *manifest = mem_printf("%s/manifest.json", path);
		out->folders[i] = (struct prune_folder){
		    .run_id = ids[i], .bytes = size_of(path), .is_signed = access(manifest, F_OK) == 0};
		if (!run_id_time(ids[i], &out->folders[i].began))
			out->folders[i].began = INT64_MAX;
		free(manifest);
		free(path);
	}
	struct looking l = {.folders = out->folders, .count = out->count};
	int rc = note_signatures(ledger, arena, &l, err) < 0 ? -1 : look_into_ledger(ledger, &l, err);
	strbuf_free(&l.months);
	return rc;
}

/* ---- Removing. */

static int note_event(struct ledger *ledger, const struct prune_result *done, const char *run_id,
    struct strbuf *ids, struct error *err)
{
	struct strbuf detail = {0};

	strbuf_addf(
	    &detail, "%" PRIu64 " run folders, %" PRIu64 " bytes:%s", done->removed, done->freed, ids->p);
	struct event_record event = {
	    .run_id = run_id, .event = "pruned", .item_key = "", .detail = detail.p, .reason = ""};
	int rc = ledger_event_put(ledger, &event, err);
	strbuf_free(&detail);
	return rc;
}

static int remove_them(const struct job *job, struct ledger *ledger, struct prune_result *out,
    const char *run_id, struct error *err)
{
	struct strbuf ids = {0};
	int rc = 0;

	for (size_t i = 0; i < out->count && rc == 0; i++) {
		const struct prune_folder *f = &out->folders[i];
		if (f->kept)
			continue;
		/* The word first: a folder that is gone and not noted would look like one that somebody took.
		 */
		if (ledger_run_pruned(ledger, f->run_id, err) < 0 ||
		    ledger_snapshots_removed(ledger, f->run_id, err) < 0 || ledger_commit(ledger, err) < 0 ||
		    run_folder_remove(job->output, f->run_id, err) < 0) {
			rc = -1;
			break;
		}
		out->removed++;
		out->freed += f->bytes;
		strbuf_addf(&ids, " %s", f->run_id);
		log_info("removed run folder %s", f->run_id);
	}
	if (out->removed > 0 && (note_event(ledger, out, run_id, &ids, rc < 0 ? NULL : err) < 0 ||
				    ledger_commit(ledger, rc < 0 ? NULL : err) < 0))
		rc = -1;
	strbuf_free(&ids);
	return rc;
}

int prune_runs(const struct job *job, struct ledger *ledger, const struct prune_settings *settings,
    const char *run_id, bool dry, struct arena *arena, struct prune_result *out, struct error *err)
{
	*out = (struct prune_result){0};
	if (look(job, ledger, arena, out, err) < 0)
		return -1;
	prune_decide(out->folders, out->count, settings);
	/* Its own run is under way, whatever the ledger says by now. */
	for (size_t i = 0; i < out->count; i++)
		if (!out->folders[i].kept && strcmp(out->folders[i].run_id, run_id) == 0)
			out->folders[i].kept = "at work, or not ended yet";
	if (!dry)
		return remove_them(job, ledger, out, run_id, err);
	for (size_t i = 0; i < out->count; i++) {
		out->removed += !out->folders[i].kept;
		out->freed += out->folders[i].kept ? 0 : out->folders[i].bytes;
	}
	return 0;
}
