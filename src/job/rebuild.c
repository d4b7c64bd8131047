/* A new ledger in place of a lost one: may it be made, what goes into it, and how it takes its place. It is
 * written beside the old one, which keeps its place until all is on disk. */
#include "rebuild_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/lock_file.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

/* ---- May it be made? */

static int refuse_fine(const struct job *job, struct error *err)
{
	error_set(err, ERR_USAGE,
	    "the ledger is there and knows the newest run: there is nothing to rebuild, and nothing was changed");
	error_place(err, job->ledger, 0, 0, NULL);
	return error_hint(err, "if it must be made anew all the same, move it away first: mv %s %s.old",
	    job->ledger, job->ledger);
}

/* The lock file is kept until the new ledger has taken the old one's place, so nobody begins in between. */
static int lock_old(const struct job *job, struct ledger *old, const struct identity *identity,
    struct lock_file **hold, struct error *err)
{
	char holder[LOCK_HOLDER_SIZE];

	if (old) {
		if (job_lock(old, job, identity, err) < 0)
			return -1;
		*hold = ledger_lock_detach(old);
	} else if (folder_make_for(job->ledger, err) == 0) {
		*hold = lock_file_take(job->ledger, identity->run_id, holder, err);
	}
	return *hold ? 0 : -1;
}

/* Gives the old ledger, locked unless this is a dry run; NULL when there is none. */
static int open_old(const struct job *job, bool dry_run, const struct identity *identity, struct clock *clock,
    struct ledger **old, struct lock_file **hold, struct error *err)
{
	struct ledger_behind newest;
	bool there = access(job->ledger, F_OK) == 0;

	*old = there ? ledger_open(job->ledger, dry_run ? LEDGER_READ : LEDGER_WRITE, clock, err) : NULL;
	if ((there && !*old) || (!dry_run && lock_old(job, *old, identity, hold, err) < 0))
		return -1;
	int behind = there ? ledger_is_behind(job, *old, &newest, err) : 1;
	if (behind == 0)
		return refuse_fine(job, err);
	return behind < 0 ? -1 : 0;
}

/* ---- What goes into it. */

static int put_items(struct rebuild *r, struct ledger *ledger, struct error *err)
{
	for (const struct found_item *item = r->first; item; item = item->next) {
		const struct item_record *record = &item->record;
		struct step_record mail = {.item_key = record->key,
		    .step = STEP_ACTIVATION,
		    .call = acronis_call_name(CALL_ACTIVATION_MAIL),
		    .target = record->user_id};
		if (ledger_item_settle(ledger, record, err) < 0 ||
		    rebuild_put_item_loss(ledger, record, err) < 0)
			return -1;
		/* The journal is lost, the run folder says how far it came: a mail that went out must not go
		 * out again. */
		if (record->state == ITEM_DONE || record->action != ACTION_NEW ||
		    record->step < STEP_ACTIVATION)
			continue;
		int64_t id = ledger_intent(ledger, &mail, err);
		if (id < 0 || ledger_outcome(ledger, id, api_result_name(API_OK), 0, "",
				  "as the run folder says", err) < 0)
			return -1;
	}
	return 0;
}

static int put_sides(struct ledger *ledger, const struct report *report, struct error *err)
{
	if (!report->has_reconcile || report->exit_status > 1)
		return 0;
	if (ledger_side_put(ledger, report->run_id, "tenants", report->coverage.tenants, "", "", err) < 0)
		return -1;
	return ledger_side_put(
	    ledger, report->run_id, "subscriptions", report->coverage.subscriptions, "", "", err);
}

static int put_run(struct rebuild *r, void *user, const struct run_record *run, const struct report *report,
    struct error *err)
{
	struct ledger *ledger = user;

	if (ledger_run_restore(ledger, run, err) < 0 ||
	    (report && rebuild_put_fix_losses(r->job, ledger, report, err) < 0))
		return -1;
	for (size_t i = 0; report && i < report->item_count; i++)
		if (ledger_item_note(ledger, &report->items[i], err) < 0)
			return -1;
	return report ? put_sides(ledger, report, err) : 0;
}

static int put_tenant(void *user, const struct known_tenant *tenant, struct error *err)
{
	return ledger_tenant_put(user, tenant, err);
}

/* The chain of audits begins anew: the next one must say why. */
static int put_event(struct rebuild *r, struct ledger *ledger, struct error *err)
{
	char *detail =
	    arena_printf(r->arena, "of %zu run folders, the newest %s, and %llu tenants", r->run_count,
		r->run_count ? r->run_ids[r->run_count - 1] : "none", (unsigned long long)r->out->tenants);

	return ledger_event_put(
	    ledger, &(struct event_record){.event = "ledger-rebuilt", .detail = detail}, err);
}

static int put_all(struct rebuild *r, struct ledger *ledger, struct error *err)
{
	if (put_items(r, ledger, err) < 0 || rebuild_each_run(r, put_run, ledger, err) < 0 ||
	    rebuild_tenants(r, put_tenant, ledger, err) < 0 ||
	    ledger_bind(ledger, r->job->bss.name, r->parent, err) < 0 || put_event(r, ledger, err) < 0)
		return -1;
	return ledger_commit(ledger, err);
}

/* ---- How it takes its place. */

static const char *const parts[] = {"", "-wal", "-shm"};

static void remove_ledger(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		char *part = mem_printf("%s%s", path, parts[i]);
		unlink(part);
		free(part);
	}
}

/* One that a killed rebuild left behind is thrown away. The lock file of the ledger is ours, so no other
 * rebuild is at work on it. */
static int write_new(struct rebuild *r, const char *path, struct error *err)
{
	remove_ledger(path);
	struct ledger *ledger = ledger_open(path, LEDGER_WRITE, r->clock, err);
	int rc = ledger ? put_all(r, ledger, err) : -1;

	ledger_close(ledger);
	return rc;
}

static int move(const char *from, const char *to, struct error *err)
{
	if (rename(from, to) == 0 || errno == ENOENT)
		return 0;
	error_set(err, ERR_LEDGER, "cannot move %s to %s: %s", from, to, strerror(errno));
	return error_hint(err, "make its folder writable for the user that runs the job, and rebuild again");
}

/* A log of the old one beside the new one would be taken for the new one's: all parts go, and nothing comes
 * before they did. */
static int move_old(const char *path, const char *aside, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		char *from = mem_printf("%s%s", path, parts[i]), *to = mem_printf("%s%s", aside, parts[i]);
		int rc = move(from, to, err);
		free(from);
		free(to);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int take_place(
    struct rebuild *r, const char *fresh, const struct identity *identity, bool had_old, struct error *err)
{
	const char *path = r->job->ledger;
	char *aside = arena_printf(r->arena, "%s.before-%s", path, identity->run_id);

	if (move_old(path, aside, err) < 0 || move(fresh, path, err) < 0)
		return -1;
	if (folder_sync_for(path) < 0)
		log_warn("%s: its folder cannot be synced: %s", path, strerror(errno));
	r->out->kept_as = had_old ? aside : "";
	return 0;
}

/* ---- The whole. */

static void count(struct rebuild *r)
{
	struct rebuilt *out = r->out;

	out->parked = arena_alloc(r->arena, (r->count + 1) * sizeof *out->parked);
	for (const struct found_item *item = r->first; item; item = item->next) {
		const struct item_record *record = &item->record;
		out->by_state[record->state]++;
		if (record->state != ITEM_PARKED)
			continue;
		out->mails_in_doubt += park_reason_parse(record->reason) == PARK_MAIL_IN_DOUBT;
		out->parked[out->parked_count++] = *record;
	}
}

static int count_account(void *user, const struct known_tenant *tenant, struct error *err)
{
	uint64_t *accounts = user;

	(void)tenant;
	(void)err;
	++*accounts;
	return 0;
}

static int gather(struct rebuild *r, struct error *err)
{
	if (rebuild_read_folders(r, err) < 0 || rebuild_observe(r, err) < 0)
		return -1;
	for (struct found_item *item = r->first; item; item = item->next)
		rebuild_judge(item);
	count(r);
	return rebuild_tenants(r, count_account, &r->out->accounts, err);
}

static int make(struct rebuild *r, const struct identity *identity, struct ledger **old, struct error *err)
{
	char *fresh = arena_printf(r->arena, "%s.rebuild", r->job->ledger);
	bool had_old = *old != NULL;

	if (write_new(r, fresh, err) < 0)
		return -1;
	/* Closing it moves its log into it. */
	if (*old && ledger_lock_release(*old, r->job->name, identity->run_id, err) < 0)
		return -1;
	ledger_close(*old);
	*old = NULL;
	return take_place(r, fresh, identity, had_old, err);
}

int rebuild_ledger(const struct job *job, bool dry_run, struct clock *clock, struct arena *arena,
    struct rebuilt *out, struct error *err)
{
	struct rebuild r = {.job = job, .clock = clock, .arena = arena, .out = out};
	struct identity identity;
	struct error ignored = {0};
	struct ledger *old = NULL;
	struct lock_file *hold = NULL;

	*out = (struct rebuilt){.kept_as = ""};
	identity_of_run(&identity, clock);
	int rc = open_old(job, dry_run, &identity, clock, &old, &hold, err);
	if (rc == 0)
		rc = gather(&r, err);
	if (rc == 0 && !dry_run)
		rc = make(&r, &identity, &old, err);
	if (old && !dry_run && ledger_lock_release(old, job->name, identity.run_id, &ignored) < 0)
		log_warn("the lock could not be released: %s", ignored.text);
	ledger_close(old);
	lock_file_free(hold);
	observation_free(r.observation);
	free(r.slots);
	return rc;
}
