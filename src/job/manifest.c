/* The manifest of a run: made when the preparer signs, held against the run whenever somebody asks (see
 * sign.h). Whose names go under it is sign.c's. */
#include "tenantry/sign.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "job/run_impl.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"
#include "tenantry/packed_file.h"
#include "tenantry/sha256.h"

/* ---- The findings as the ledger has them of this run: nothing of these rows changes any more. */

struct rows {
	struct strbuf text;
	size_t count;
};

static int add_row(void *user, const struct finding_record *f)
{
	struct rows *rows = user;
	const char *texts[] = {f->finding_id, f->code, f->severity, f->owner, f->state, f->account_id,
	    f->account, f->subscription_id, f->tenant_id, f->object, f->expected, f->bss, f->acronis,
	    f->currency, f->money, f->sentence, f->evidence};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		strbuf_add(&rows->text, texts[i], strlen(texts[i]) + 1);
	rows->count++;
	return 0;
}

static int findings_digest(struct ledger *ledger, const char *run_id, char digest[SHA256_TEXT_SIZE],
    size_t *count, struct error *err)
{
	struct rows rows = {0};
	int rc = ledger_findings(ledger, run_id, NULL, add_row, &rows, err);

	sha256_text(strbuf_view(&rows.text), digest);
	*count = rows.count;
	if (rc == 0 && rows.text.failed)
		rc = error_set(err, ERR_LEDGER, "the findings of run %s are more than 1 GiB", run_id);
	strbuf_free(&rows.text);
	return rc;
}

/* ---- What became of them. */

struct standing {
	struct finding_record *items; /* not resolved now, by id */
	size_t count, cap;
	struct arena *arena;
};

static int keep_standing(void *user, const struct finding_record *finding)
{
	struct standing *standing = user;

	MEM_GROW(standing->items, standing->count, standing->cap);
	standing->items[standing->count] = *finding;
	finding_record_keep(&standing->items[standing->count++], standing->arena);
	return 0;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(
	    ((const struct finding_record *)a)->finding_id, ((const struct finding_record *)b)->finding_id);
}

struct corrected {
	int64_t since; /* the finding was seen last */
	bool yes;
};

static int take_fix(void *user, const struct fix_record *fix)
{
	struct corrected *corrected = user;

	corrected->yes |= strcmp(fix->state, "done") == 0 && fix->updated_at >= corrected->since;
	return 0;
}

struct making {
	struct ledger *ledger;
	const struct run_record *run;
	struct standing standing;
	struct date today;
	bool of_the_past; /* the run compared a day that is past: its findings are in its record alone */
	size_t open;
	void (*against)(void *user, const char *reason);
	void *user;
	struct error *err;
};

__attribute__((format(printf, 2, 3))) static void against(struct making *m, const char *format, ...)
{
	char text[700];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	m->against(m->user, text);
}

/* An acknowledgement whose day is over is none, though the next comparison has yet to say so. */
static bool is_accepted(const struct making *m, const struct finding_record *now)
{
	struct date until;

	return strcmp(now->state, "acknowledged") == 0 && date_parse(strv_of(now->ack.until), &until) &&
	       date_to_ms(until) >= date_to_ms(m->today);
}

static int note_known(void *user, const struct finding_record *finding)
{
	(void)finding;
	*(bool *)user = true;
	return 1;
}

/* Of a past day: what no night has put is no finding that was ever resolved. */
static const char *is_known(struct making *m, const char *finding_id)
{
	bool known = false;

	if (ledger_findings(m->ledger, NULL, finding_id, note_known, &known, m->err) < 0)
		return NULL;
	return known ? "fixed" : "open";
}

/* "fixed", "corrected" (and not compared since), "accepted", "timing", "open"; NULL: the ledger failed. */
static const char *became(struct making *m, const struct finding_record *f, const struct finding_record *now)
{
	struct corrected corrected = {.since = now ? now->last_seen : 0};

	if (!now && m->of_the_past)
		return is_known(m, f->finding_id);
	if (!now)
		return "fixed";
	if (is_accepted(m, now))
		return "accepted";
	if (strcmp(now->state, "timing") == 0)
		return "timing";
	if (ledger_fixes(m->ledger, NULL, f->finding_id, take_fix, &corrected, m->err) < 0)
		return NULL;
	return corrected.yes ? "corrected" : "open";
}

static json_t *finding_json(
    const struct finding_record *f, const struct finding_record *now, const char *state)
{
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", f->finding_id, "code", f->code,
	    "severity", f->severity, "money", f->money, "currency", f->currency, "state", state);

	if (now && strcmp(state, "accepted") == 0)
		json_object_set_new(json, "accepted",
		    json_pack("{s:s, s:s, s:s}", "by", now->ack.who, "until", now->ack.until, "reason",
			now->ack.reason));
	return json;
}

static int add_findings(struct making *m, const struct report *report, json_t *list)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding_record *f = &report->findings[i];
		const struct finding_record *now =
		    m->standing.count ? bsearch(f, m->standing.items, m->standing.count, sizeof *f, by_id)
				      : NULL;
		const char *state = became(m, f, now);
		if (!state)
			return -1;
		m->open += strcmp(state, "open") == 0;
		if (strcmp(state, "open") == 0 && strcmp(f->severity, "high") == 0)
			against(m,
			    "finding %s (%s, high) is neither fixed nor accepted: correct it and compare again, or accept "
			    "it with a reason and a day, also where it is disputed",
			    f->finding_id, f->code);
		json_array_append_new(list, finding_json(f, now, state));
	}
	return 0;
}

static json_t *findings_json(struct making *m, const struct report *report)
{
	char digest[SHA256_TEXT_SIZE];
	size_t count = 0;
	json_t *list = json_array();

	if (ledger_findings(m->ledger, NULL, NULL, keep_standing, &m->standing, m->err) < 0 ||
	    findings_digest(m->ledger, m->run->run_id, digest, &count, m->err) < 0) {
		json_decref(list);
		return NULL;
	}
	if (m->standing.count > 1)
		qsort(m->standing.items, m->standing.count, sizeof *m->standing.items, by_id);
	if (add_findings(m, report, list) < 0) {
		json_decref(list);
		return NULL;
	}
	if (!m->of_the_past && count != report->finding_count)
		against(m, "the ledger has %zu findings of this run, its report %zu", count,
		    report->finding_count);
	return json_pack("{s:I, s:I, s:s, s:o}", "count", (json_int_t)count, "open", (json_int_t)m->open,
	    "ledger_sha256", digest, "list", list);
}

/* ---- The files. */

static bool is_frozen_name(const char *name)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, MANIFEST_NAME) != 0;
}

/* Each file of the folder, in the order of names; ERR_OUTPUT when it cannot be looked at. */
static int each_file(
    const char *folder, int (*each)(void *user, const char *name), void *user, struct error *err)
{
	struct dirent **names = NULL;
	int n = scandir(folder, &names, NULL, alphasort), rc = 0;

	if (n < 0) {
		error_set(err, ERR_OUTPUT, "cannot look into the run's folder: %s", strerror(errno));
		return error_place(err, folder, 0, 0, NULL);
	}
	for (int i = 0; i < n; i++) {
		if (rc == 0 && is_frozen_name(names[i]->d_name))
			rc = each(user, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return rc;
}

struct freezing {
	const char *folder;
	json_t *files;
	struct error *err;
};

static int freeze_file(void *user, const char *name)
{
	struct freezing *f = user;
	char *path = mem_printf("%s/%s", f->folder, name), digest[SHA256_TEXT_SIZE];
	struct stat st = {0};
	int there = stat(path, &st) == 0 ? sha256_file(path, digest, f->err) : 0;

	if (there == 1)
		json_object_set_new(f->files, name,
		    json_pack("{s:I, s:s}", "bytes", (json_int_t)st.st_size, "sha256", digest));
	else if (there == 0)
		error_set(f->err, ERR_OUTPUT, "%s went away while it was looked at", path);
	free(path);
	return there == 1 ? 0 : -1;
}

static json_t *files_json(struct making *m)
{
	struct freezing freezing = {m->run->folder, json_object(), m->err};

	if (each_file(m->run->folder, freeze_file, &freezing, m->err) < 0) {
		json_decref(freezing.files);
		return NULL;
	}
	return freezing.files;
}

/* What the run wrote must be there, and the observed tenants must be those that the ledger knows. */
static int check_snapshot(void *user, const struct snapshot_record *snapshot)
{
	struct making *m = user;
	struct error unreadable = {0};
	char *path = mem_printf("%s/%s", m->run->folder, snapshot->file);
	struct observation *o = snapshot->removed_at ? NULL : observation_read(path, &unreadable);

	if (!o)
		against(m, "%s cannot be read: %s", path,
		    snapshot->removed_at ? "it was pruned" : unreadable.text);
	else if (strcmp(o->digest, snapshot->digest) != 0)
		against(m, "%s is not what was observed: it was changed since", path);
	observation_free(o);
	free(path);
	return 0;
}

/* The sides that are read again as they are: a text and its hash. */
static int check_kept(void *user, const struct snapshot_record *snapshot)
{
	struct making *m = user;
	struct error unreadable = {0};
	char *path = mem_printf("%s/%s", m->run->folder, snapshot->file), digest[DIGEST_TEXT_SIZE];

	if (snapshot->removed_at)
		against(m, "%s cannot be read: it was pruned", path);
	else if (packed_file_digest(path, digest, &unreadable) < 0)
		against(m, "%s cannot be read: %s", path, unreadable.text);
	else if (strcmp(digest, snapshot->digest) != 0)
		against(m, "%s is not what was read: it was changed since", path);
	free(path);
	return 0;
}

static int check_sides(struct making *m)
{
	static const char *const kept[] = {"subscriptions", "invoices", "rates"};

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (ledger_snapshots(m->ledger, kept[i], m->run->run_id, check_kept, m, m->err) < 0)
			return -1;
	return ledger_snapshots(m->ledger, "tenants", m->run->run_id, check_snapshot, m, m->err);
}

static void check_outputs(struct making *m, const struct report *report, const json_t *files)
{
	for (size_t i = 0; i < report->output_count; i++)
		if (!json_object_get(files, report->outputs[i]))
			against(m, "%s/%s is missing: the run wrote it", m->run->folder, report->outputs[i]);
}

/* ---- All of it. */

static json_t *audit_json(struct making *m, struct arena *arena)
{
	struct audit_record audit = {0};
	int found = ledger_audit_find(m->ledger, m->run->run_id, arena, &audit, m->err);

	if (found < 0)
		return NULL;
	return json_pack("{s:I, s:s, s:I}", "number", (json_int_t)(found ? audit.number : 0), "head",
	    found ? audit.head : "", "lines", (json_int_t)(found ? audit.lines : 0));
}

json_t *manifest_make(struct ledger *ledger, const struct run_record *run, const struct report *report,
    int64_t now, size_t *open, void (*tell)(void *user, const char *reason), void *user, struct error *err)
{
	struct making m = {.ledger = ledger,
	    .run = run,
	    .standing = {.arena = arena_new()},
	    .today = date_of_ms(now),
	    .of_the_past = report->as_of.day[0],
	    .against = tell,
	    .user = user,
	    .err = err};
	json_t *frozen = report_frozen(report, run->document), *findings = findings_json(&m, report),
	       *files = findings ? files_json(&m) : NULL,
	       *audit = files ? audit_json(&m, m.standing.arena) : NULL;
	json_t *out = NULL;

	if (audit && check_sides(&m) == 0) {
		check_outputs(&m, report, files);
		out = json_pack("{s:i}", "tenantry_manifest", MANIFEST_VERSION);
		json_object_update(out, frozen);
		json_object_set(out, "findings", findings);
		json_object_set(out, "audit", audit);
		json_object_set(out, "files", files);
	}
	*open = m.open;
	json_decref(frozen);
	json_decref(findings);
	json_decref(files);
	json_decref(audit);
	free(m.standing.items);
	arena_free(m.standing.arena);
	return out;
}

json_t *manifest_signature(const char *role, const char *name, const char *login, int64_t at)
{
	char time[TIME_TEXT_SIZE];

	return json_pack(
	    "{s:s, s:s, s:s, s:s}", "role", role, "name", name, "login", login, "at", time_text(at, time));
}

/* ---- Does it still fit? */

struct checking {
	struct ledger *ledger;
	const struct run_record *run;
	const struct signature_record *last;
	json_t *manifest;
	void (*problem)(void *user, const char *file, const char *text);
	void *user;
	struct error *err;
};

__attribute__((format(printf, 3, 4))) static void wrong(
    struct checking *c, const char *name, const char *format, ...)
{
	char *file = name[0] ? mem_printf("%s/%s", c->run->folder, name) : mem_strdup(""), text[700];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	c->problem(c->user, file, text);
	free(file);
}

static int check_frozen_file(struct checking *c, const char *name, const json_t *file)
{
	char *path = mem_printf("%s/%s", c->run->folder, name), digest[SHA256_TEXT_SIZE];
	const char *wanted = json_string_value(json_object_get(file, "sha256"));
	int there = sha256_file(path, digest, c->err);

	free(path);
	if (there == 0)
		wrong(c, name, "is missing, and stands in the manifest that %s signed", c->last->name);
	else if (there == 1 && (!wanted || strcmp(wanted, digest) != 0))
		wrong(c, name, "changed since %s signed (SHA-256 %.12s..., was %.12s...)", c->last->name,
		    digest, wanted ? wanted : "");
	return there < 0 ? -1 : 0;
}

static int check_added(void *user, const char *name)
{
	struct checking *c = user;

	if (!json_object_get(json_object_get(c->manifest, "files"), name))
		wrong(c, name, "was added since %s signed", c->last->name);
	return 0;
}

static int check_files(struct checking *c)
{
	const char *name;
	json_t *file;

	json_object_foreach(json_object_get(c->manifest, "files"), name, file)
	{
		if (check_frozen_file(c, name, file) < 0)
			return -1;
	}
	return each_file(c->run->folder, check_added, c, c->err);
}

static int check_ledger(struct checking *c, struct arena *arena)
{
	const json_t *findings = json_object_get(c->manifest, "findings"),
		     *audit = json_object_get(c->manifest, "audit");
	const char *wanted = json_string_value(json_object_get(findings, "ledger_sha256")),
		   *head = json_string_value(json_object_get(audit, "head"));
	struct audit_record is = {.head = ""};
	char digest[SHA256_TEXT_SIZE];
	size_t count;

	if (findings_digest(c->ledger, c->run->run_id, digest, &count, c->err) < 0 ||
	    ledger_audit_find(c->ledger, c->run->run_id, arena, &is, c->err) < 0)
		return -1;
	if (!wanted || strcmp(wanted, digest) != 0)
		wrong(c, "", "the ledger: its findings of this run are not those that %s signed",
		    c->last->name);
	if (!head || strcmp(head, is.head) != 0)
		wrong(
		    c, "", "the ledger: its audit of this run is not the one that %s signed", c->last->name);
	return 0;
}

static int check_manifest_file(struct checking *c)
{
	char *path = mem_printf("%s/%s", c->run->folder, MANIFEST_NAME), digest[SHA256_TEXT_SIZE];
	int there = sha256_file(path, digest, c->err);

	free(path);
	if (there == 0 && c->last)
		wrong(c, MANIFEST_NAME, "is missing: %s signed it as %s", c->last->name, c->last->role);
	else if (there == 1 && !c->last)
		wrong(c, MANIFEST_NAME, "is there, and nobody's signature stands in the ledger");
	else if (there == 1 && strcmp(digest, c->last->manifest) != 0)
		wrong(c, MANIFEST_NAME, "is not the one that %s signed as %s", c->last->name, c->last->role);
	return there < 0 ? -1 : 0;
}

/* Who signed, and when, stands in the signed text too. */
static bool stands_in_document(const struct signature_record *s)
{
	json_t *document = json_loads(s->document, JSON_REJECT_DUPLICATES, NULL), *is;
	json_t *wanted = manifest_signature(s->role, s->name, s->login, s->signed_at);
	bool found = false;
	size_t i;

	json_array_foreach(json_object_get(document, "signatures"), i, is)
	{
		found |= json_equal(is, wanted) != 0;
	}
	json_decref(document);
	json_decref(wanted);
	return found;
}

/* Each signature's own hash: in the row, of the document, in the events. */
static int check_signature(struct checking *c, const struct signature_record *s)
{
	char digest[SHA256_TEXT_SIZE];
	bool noted = false;

	if (ledger_signature_noted(c->ledger, s, &noted, c->err) < 0)
		return -1;
	sha256_text(strv_of(s->document), digest);
	if (strcmp(digest, s->manifest) != 0)
		wrong(c, "", "the ledger: the manifest that %s signed as %s was changed there", s->name,
		    s->role);
	else if (!stands_in_document(s))
		wrong(c, "",
		    "the ledger: who signed as %s, or when, is not what the signed manifest says (here %s)",
		    s->role, s->name);
	if (!noted)
		wrong(c, "", "the ledger: no event tells of this signature of %s as %s", s->name, s->role);
	return 0;
}

int manifest_check(struct ledger *ledger, const struct run_record *run, struct arena *arena,
    void (*problem)(void *user, const char *file, const char *text), bool *is_signed, void *user,
    struct error *err)
{
	struct checking c = {.ledger = ledger, .run = run, .problem = problem, .user = user, .err = err};
	struct run_signatures standing;
	int rc = sign_standing(ledger, run->run_id, arena, &standing, err);

	for (int role = 0; rc == 0 && role < SIGN_ROLE_COUNT; role++) {
		if (!standing.by[role])
			continue;
		c.last = standing.by[role];
		rc = check_signature(&c, c.last);
	}
	if (rc == 0)
		rc = check_manifest_file(&c);
	*is_signed = c.last != NULL;
	if (rc < 0 || !c.last)
		return rc;
	c.manifest = json_loads(c.last->document, JSON_REJECT_DUPLICATES, NULL);
	rc = check_files(&c) < 0 || check_ledger(&c, arena) < 0 ? -1 : 0;
	json_decref(c.manifest);
	return rc;
}
