/* The activation mails of a run, noted outside of the ledger; see sent_mails.h. */
#include "tenantry/sent_mails.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tenantry/atomic_file.h"
#include "tenantry/crash_point.h"
#include "tenantry/mem.h"

enum { FILE_MAX = 64 << 20 };

struct sent_mails {
	char *path, *run_id;
	int fd; /* -1: not made yet */
	int64_t last_step;
	struct strbuf waiting; /* lines that are not on disk yet */
};

static char *path_in(const char *folder)
{
	return mem_printf("%s/activation-mails", folder);
}

struct sent_mails *sent_mails_new(const char *folder, const char *run_id)
{
	struct sent_mails *mails = mem_zalloc(sizeof *mails);

	mails->path = path_in(folder);
	mails->run_id = mem_strdup(run_id);
	mails->fd = -1;
	return mails;
}

void sent_mails_free(struct sent_mails *mails)
{
	if (!mails)
		return;
	if (mails->fd >= 0)
		close(mails->fd);
	strbuf_free(&mails->waiting);
	free(mails->path);
	free(mails->run_id);
	free(mails);
}

/* ---- What the ledger has of it. Ids are given again after a row is lost, so the run counts too. */

static int is_known(struct ledger *ledger, int64_t step_id, const char *run_id, struct error *err)
{
	struct arena *arena = arena_new();
	struct step_record step;
	int found = ledger_step_find(ledger, step_id, arena, &step, err);

	if (found > 0)
		found = strcmp(step.run_id, run_id) == 0 && step.step == STEP_ACTIVATION;
	arena_free(arena);
	return found;
}

int sent_mails_check(struct sent_mails *mails, struct ledger *ledger, struct error *err)
{
	int known = mails->last_step ? is_known(ledger, mails->last_step, mails->run_id, err) : 1;

	if (known != 0)
		return known < 0 ? -1 : 0;
	error_set(err, ERR_LEDGER,
	    "the ledger was put back to an earlier state while run %s was at work: it has lost an activation mail that this run has sent, so no further one is",
	    mails->run_id);
	return error_hint(err,
	    "restore the ledger's newest state, or make a new one from the run folders: tenantry rebuild JOB");
}

/* ---- Noting. */

void sent_mails_add(struct sent_mails *mails, int64_t step, const char *item_key)
{
	strbuf_addf(&mails->waiting, "%" PRId64 " ", step);
	for (const char *c = item_key; *c; c++)
		strbuf_addc(&mails->waiting, *c == '\n' ? ' ' : *c);
	strbuf_addc(&mails->waiting, '\n');
	mails->last_step = step;
}

static int failed(const struct sent_mails *mails, struct error *err)
{
	error_set(err, ERR_OUTPUT, "activation mails cannot be noted, so none is sent: %s", strerror(errno));
	error_place(err, mails->path, 0, 0, NULL);
	return error_hint(err,
	    "make room there, or make the folder writable for the user that runs the job; then run the job again");
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return -1;
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

int sent_mails_sync(struct sent_mails *mails, struct error *err)
{
	if (mails->waiting.n == 0)
		return 0;
	bool made = mails->fd < 0;
	if (made)
		mails->fd = open(mails->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	CRASH_POINT("mail-note", "");
	if (mails->fd < 0 || write_all(mails->fd, mails->waiting.p, mails->waiting.n) < 0 ||
	    fdatasync(mails->fd) < 0 || (made && folder_sync_for(mails->path) < 0))
		return failed(mails, err);
	CRASH_POINT("mail-noted", "");
	strbuf_clear(&mails->waiting);
	return 0;
}

/* ---- Comparing. */

static void forget(struct forgotten_mails *out, const char *key, size_t n)
{
	size_t used = strlen(out->items), room = sizeof out->items - used;

	out->count++;
	if (n + sizeof ", ..." < room)
		snprintf(out->items + used, room, "%s%.*s", used ? ", " : "", (int)n, key);
	else if (used >= 3 && strcmp(out->items + used - 3, "...") != 0 && room > sizeof ", ...")
		snprintf(out->items + used, room, ", ...");
}

/* Newest last, as they were noted: what is lost is a tail, so a last line that is known ends the search. A
 * line without an end was not on disk yet when the power failed, so its mail was not asked for. */
static int compare(struct ledger *ledger, const char *text, size_t n, const char *run_id,
    struct forgotten_mails *out, struct error *err)
{
	while (n > 0 && text[n - 1] != '\n')
		n--;
	if (n == 0)
		return 0;
	const char *last = memrchr(text, '\n', n - 1);
	int known = is_known(ledger, strtoll(last ? last + 1 : text, NULL, 10), run_id, err);

	for (const char *line = text; known == 0 && line < text + n;) {
		const char *end = memchr(line, '\n', (size_t)(text + n - line));
		char *key;
		int has = is_known(ledger, strtoll(line, &key, 10), run_id, err);
		if (has < 0)
			return -1;
		key += *key == ' ';
		if (has == 0)
			forget(out, key, key < end ? (size_t)(end - key) : 0);
		line = end + 1;
	}
	return known < 0 ? -1 : 0;
}

int sent_mails_forgotten(struct ledger *ledger, const char *folder, const char *run_id,
    struct forgotten_mails *out, struct error *err)
{
	char *path = path_in(folder), *text = NULL;
	size_t n = 0;
	int rc = 0;

	*out = (struct forgotten_mails){0};
	if (access(path, F_OK) == 0 || errno != ENOENT) {
		text = file_read_all(path, FILE_MAX, &n, err);
		rc = text ? 0 : -1;
	}
	if (rc == 0 && n > 0)
		rc = compare(ledger, text, n, run_id, out, err);
	free(text);
	free(path);
	return rc;
}
