/* Reading a file of corrections back. A person edits it, so every entry is held against what the ledger has
 * of its finding and against what would be proposed for it now: only `do` may differ. One wrong entry refuses
 * the whole file, with its place. */
#include "job_impl.h"
#include "run_impl.h"

#include <stdlib.h>

#include "tenantry/atomic_file.h"
#include "tenantry/fix.h"
#include "tenantry/mem.h"
#include "tenantry/sha256.h"

enum { FIXES_FILE_MAX = 256 << 20 };

struct reading {
	const char *path;
	const struct job *job;
	struct ledger *ledger;
	struct fixes *fixes;
	struct error *err;
	size_t cap;
	struct seen {
		const char *finding_id;
		unsigned long line;
	} * seen;
	size_t seen_count, seen_cap;
};

static const char *const top_keys[] = {
    "tenantry_fixes", "job", "job_file", "run", "compared_at", "acronis", "ledger", "fixes", NULL};
static const char *const entry_keys[] = {
    "finding", "class", "account", "tenant", "change", "now", "to", "money", "do", NULL};

int fixes_seal(struct ledger *ledger, const char *run_id, char seal[FIXES_SEAL_SIZE], struct error *err)
{
	char key[LEDGER_AUDIT_KEY_SIZE] = "", digest[SHA256_TEXT_SIZE];
	char *content = mem_printf("fixes of %s", run_id);
	int found = ledger_audit_key(ledger, key, err);

	hmac_sha256_text(strv_of(key), strv_of(content), digest);
	snprintf(seal, FIXES_SEAL_SIZE, "%.*s", FIXES_SEAL_SIZE - 1, digest);
	free(content);
	return found < 0 ? -1 : 0;
}

void fixes_free(struct fixes *fixes)
{
	if (!fixes)
		return;
	free(fixes->items);
	arena_free(fixes->arena);
	free(fixes);
}

/* ---- Errors with their place. */

__attribute__((format(printf, 4, 5))) static int wrong(
    struct reading *r, const struct node *node, const char *field, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(r->err, ERR_JOB, "%s", text);
	error_place(r->err, r->path, node->line, node->column, field);
	return error_hint(r->err,
	    "nothing was done; only `do` may be edited. A new file: tenantry reconcile %s --propose FILE",
	    r->job->path);
}

static int check_keys(struct reading *r, const struct node *map, const char *const *known)
{
	for (const struct node *n = map->first; n; n = n->next) {
		size_t i = 0;
		while (known[i] && strcmp(known[i], n->key) != 0)
			i++;
		if (known[i])
			continue;
		const char *nearest = nearest_of(n->key, known);
		struct node at = {.line = n->key_line, .column = n->key_column};
		return wrong(r, &at, n->key, "unknown key%s%s%s", nearest ? " (did you mean " : "",
		    nearest ? nearest : "", nearest ? "?)" : "");
	}
	return 0;
}

/* The text of a key that must be there. NULL: an error was set. */
static const char *text_of(struct reading *r, const struct node *map, const char *key)
{
	const struct node *node = node_member(map, key);

	if (!node) {
		wrong(r, map, key, "is missing");
		return NULL;
	}
	if (node->kind != NODE_SCALAR) {
		wrong(r, node, key, "expected a text");
		return NULL;
	}
	return node->text.p ? node->text.p : "";
}

/* A text that must be what it was when the file was written. */
static int must_be(
    struct reading *r, const struct node *map, const char *key, const char *wanted, const char *whose)
{
	const char *text = text_of(r, map, key);

	if (!text)
		return -1;
	if (strcmp(text, wanted) == 0)
		return 0;
	return wrong(r, node_member(map, key), key, "\"%s\" is not %s (\"%s\")", text, whose, wanted);
}

/* ---- One entry. */

struct one_finding {
	struct fixes *fixes;
	struct finding_record *out;
	bool found;
};

static int keep_finding(void *user, const struct finding_record *finding)
{
	struct one_finding *one = user;

	*one->out = *finding;
	finding_record_keep(one->out, one->fixes->arena);
	one->found = true;
	return 1;
}

/* The finding as the file's run put it, and as it stands now. */
static int find_finding(
    struct reading *r, const struct node *entry, const char *id, struct finding_record *out)
{
	struct finding_record now;
	struct one_finding then = {r->fixes, out, false}, today = {r->fixes, &now, false};
	const struct node *at = node_member(entry, "finding");

	if (ledger_findings(r->ledger, r->fixes->run_id, id, keep_finding, &then, r->err) < 0 ||
	    ledger_findings(r->ledger, NULL, id, keep_finding, &today, r->err) < 0)
		return -1;
	if (!then.found)
		return wrong(r, at, "finding", "%s is no finding of run %s", id, r->fixes->run_id);
	if (!today.found || strcmp(now.state, "resolved") == 0)
		return wrong(r, at, "finding", "%s is resolved: there is nothing to correct", id);
	if (strcmp(now.state, "open") != 0)
		return wrong(
		    r, at, "finding", "%s is %s now: what is accepted is not corrected", id, now.state);
	return 0;
}

static int note_seen(struct reading *r, const struct node *entry, const char *id)
{
	const struct node *at = node_member(entry, "finding");

	for (size_t i = 0; i < r->seen_count; i++)
		if (strcmp(r->seen[i].finding_id, id) == 0)
			return wrong(
			    r, at, "finding", "%s stands here twice, first in line %lu", id, r->seen[i].line);
	MEM_GROW(r->seen, r->seen_count, r->seen_cap);
	r->seen[r->seen_count++] = (struct seen){id, at->line};
	return 0;
}

/* What a person may have meant by another value is said, and then it is refused all the same. */
static int check_change(struct reading *r, const struct node *entry, const struct fix *fix)
{
	const char *change = text_of(r, entry, "change");

	if (!change)
		return -1;
	if (strcmp(change, "delete") == 0)
		return wrong(r, node_member(entry, "change"), "change", "tenantry never deletes a tenant");
	if (fix_change_find(strv_of(change)) < 0)
		return wrong(
		    r, node_member(entry, "change"), "change", "\"%s\" is no change that there is", change);
	return must_be(
	    r, entry, "change", fix_change_name(fix->change), "the change that closes this finding");
}

static int check_to(struct reading *r, const struct node *entry, const struct fix *fix)
{
	const char *to = text_of(r, entry, "to");

	if (to && fix->change == FIX_SET_TIER && !job_tier_by_name(r->job, strv_of(to)))
		return wrong(r, node_member(entry, "to"), "to", "\"%s\" is no tier of contract.tiers", to);
	return to ? must_be(r, entry, "to", fix->to, "what the BSS says, so it would not close the finding")
		  : -1;
}

/* 1 yes, 0 no, -1 error. */
static int read_do(struct reading *r, const struct node *entry)
{
	const struct node *node = node_member(entry, "do");

	if (!node || node_is_empty(node))
		return 0;
	int value = node->kind == NODE_SCALAR ? strv_to_bool(node->text) : -1;
	return value >= 0 ? value : wrong(r, node, "do", "expected yes or no");
}

static int check_entry(struct reading *r, const struct node *entry, const struct fix *fix)
{
	const struct finding_record *f = &fix->finding;

	if (must_be(r, entry, "class", f->code, "the finding's class") < 0 ||
	    must_be(r, entry, "account", f->account_id, "the finding's account") < 0 ||
	    must_be(r, entry, "tenant", f->tenant_id, "the finding's tenant") < 0 ||
	    check_change(r, entry, fix) < 0 || must_be(r, entry, "now", fix->now, "what Acronis said") < 0)
		return -1;
	return check_to(r, entry, fix);
}

static int read_entry(struct reading *r, const struct node *entry)
{
	struct finding_record finding;
	struct fix fix;
	const char *id, *why;

	if (entry->kind != NODE_MAP)
		return wrong(r, entry, "fixes", "expected an entry with its keys");
	if (check_keys(r, entry, entry_keys) < 0 || !(id = text_of(r, entry, "finding")) ||
	    note_seen(r, entry, id) < 0 || find_finding(r, entry, id, &finding) < 0)
		return -1;
	if (!fix_of_finding(r->job, &finding, r->fixes->arena, &fix, &why))
		return wrong(r, node_member(entry, "finding"), "finding", "%s (%s) has no correction%s%s", id,
		    finding.code, why[0] ? ": " : "", why);
	if (check_entry(r, entry, &fix) < 0)
		return -1;
	int wanted = read_do(r, entry);
	if (wanted < 0)
		return -1;
	if (wanted == 0) {
		r->fixes->left++;
		return 0;
	}
	MEM_GROW(r->fixes->items, r->fixes->count, r->cap);
	r->fixes->items[r->fixes->count++] = fix;
	return 0;
}

/* ---- The head: of this job, this cloud, this ledger. */

static int check_head(struct reading *r, const struct node *root)
{
	char seal[FIXES_SEAL_SIZE], version[12];
	struct run_record run;

	snprintf(version, sizeof version, "%d", FIXES_FILE_VERSION);
	if (root->kind != NODE_MAP || !node_member(root, "tenantry_fixes"))
		return wrong(r, root, NULL, "this is no file of corrections");
	if (check_keys(r, root, top_keys) < 0 ||
	    must_be(r, root, "tenantry_fixes", version, "the version that this program reads") < 0 ||
	    must_be(r, root, "job", r->job->name, "this job") < 0 ||
	    must_be(r, root, "acronis", r->job->acronis.url, "the Acronis of this job") < 0)
		return -1;
	const char *run_id = text_of(r, root, "run");
	if (!run_id)
		return -1;
	int found = ledger_run_find(r->ledger, run_id, r->fixes->arena, &run, r->err);
	if (found < 0)
		return -1;
	if (found == 0 || strcmp(run.run_id, run_id) != 0)
		return wrong(r, node_member(root, "run"), "run",
		    "the ledger has no run %s: the file is of another one", run_id);
	r->fixes->run_id = run.run_id;
	const char *sealed = text_of(r, root, "ledger");
	if (!sealed || fixes_seal(r->ledger, run.run_id, seal, r->err) < 0)
		return -1;
	return strcmp(sealed, seal) == 0
		   ? 0
		   : wrong(r, node_member(root, "ledger"), "ledger", "the file was made over another ledger");
}

static int read_all(struct reading *r, const struct node *root)
{
	if (check_head(r, root) < 0)
		return -1;
	const struct node *list = node_member(root, "fixes");
	if (!list)
		return wrong(r, root, "fixes", "is missing");
	if (list->kind != NODE_LIST)
		return node_is_empty(list) ? 0 : wrong(r, list, "fixes", "expected a list");
	for (const struct node *entry = list->first; entry; entry = entry->next)
		if (read_entry(r, entry) < 0)
			return -1;
	return 0;
}

/* `fixes` NULL: nobody asks what was read. */
static struct node *read_tree(const char *path, struct arena *arena, struct fixes *fixes, struct error *err)
{
	struct error unreadable = {0};
	size_t n;
	char *text = file_read_all(path, FIXES_FILE_MAX, &n, &unreadable);

	if (!text) {
		error_set(err, ERR_USAGE, "%s", unreadable.text);
		error_place(err, path, 0, 0, NULL);
		return NULL;
	}
	if (fixes) {
		fixes->bytes = n;
		digest_text(digest_of((struct strv){text, n}), fixes->digest);
	}
	struct node *root = yaml_read(arena, path, (struct strv){text, n}, err);
	free(text);
	return root;
}

struct fixes *fixes_read(const char *path, const struct job *job, struct ledger *ledger, struct error *err)
{
	struct fixes *fixes = mem_zalloc(sizeof *fixes);
	struct reading r = {.path = path, .job = job, .ledger = ledger, .fixes = fixes, .err = err};

	fixes->arena = arena_new();
	fixes->path = arena_strdup(fixes->arena, path);
	fixes->run_id = "";
	const struct node *root = read_tree(path, fixes->arena, fixes, err);
	if (!root || read_all(&r, root) < 0) {
		fixes_free(fixes);
		fixes = NULL;
	}
	free(r.seen);
	return fixes;
}

/* ---- Before the job is known. */

const char *fixes_file_job(const char *path, struct arena *arena, struct error *err)
{
	const struct node *root = read_tree(path, arena, NULL, err);
	const struct node *job = root && root->kind == NODE_MAP ? node_member(root, "job_file") : NULL;

	if (!root)
		return NULL;
	if (job && job->kind == NODE_SCALAR && job->text.n > 0)
		return job->text.p;
	error_set(err, ERR_USAGE, "this file names no job file");
	error_place(err, path, root->line, root->column, "job_file");
	error_hint(err, "give the job: tenantry apply JOB %s", path);
	return NULL;
}

bool fixes_file_is(const char *path)
{
	FILE *file = fopen(path, "re");
	int c = EOF;

	while (file && (c = getc(file)) != EOF && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
		;
	if (file)
		fclose(file);
	return c != EOF && c != '{';
}
