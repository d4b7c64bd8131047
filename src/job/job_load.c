/* From the tree to struct job: each key is looked up in the table and read by its reader, then missing keys
 * and defaults. What concerns several keys is in job_check.c. */
#include <stdarg.h>
#include <stdlib.h>

#include "job/job_impl.h"
#include "tenantry/atomic_file.h"
#include "tenantry/digest.h"
#include "tenantry/mem.h"

enum { MAX_FILE = 1 << 20, KEY_PATH_MAX = 128 };

int node_error(struct loader *l, const struct node *node, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(l->err, ERR_JOB, "%s", text);
	return error_place(l->err, l->path, node->line, node->column, l->key);
}

static int unknown_key(struct loader *l, const struct node *node, const char *prefix)
{
	char place[KEY_PATH_MAX];

	snprintf(place, sizeof place, "%.*s", prefix[0] ? (int)strlen(prefix) - 1 : 0, prefix);
	error_set(l->err, ERR_JOB, "unknown key \"%.64s\"", node->key);
	return error_place(l->err, l->path, node->key_line, node->key_column, place);
}

int check_members(struct loader *l, const struct node *map, const char *const *known)
{
	for (const struct node *n = map->first; n; n = n->next) {
		size_t i = 0;
		while (known[i] && strcmp(known[i], n->key) != 0)
			i++;
		if (known[i])
			continue;
		const char *nearest = nearest_of(n->key, known);
		char prefix[KEY_PATH_MAX];
		snprintf(prefix, sizeof prefix, "%s.", l->key);
		unknown_key(l, n, prefix);
		return nearest ? error_hint(l->err, "did you mean %s?", nearest)
			       : error_hint(l->err, "man tenantry-job shows what may stand here");
	}
	return 0;
}

/* One key is wrong; the others are still looked at, so that a file is mended in one go. */
static void keep_fault(struct loader *l)
{
	if (l->err->code == ERR_NONE)
		return; /* a list whose elements have said it already */
	l->fault_count++;
	if (l->faults.code == ERR_NONE)
		l->faults = *l->err;
	else
		error_also(&l->faults, l->err);
	error_clear(l->err);
}

static void apply_map(struct loader *l, const struct node *map, const char *prefix, char *base, bool *seen);

static int apply_key(struct loader *l, const struct node *node, const char *prefix, char *base, bool *seen)
{
	char path[KEY_PATH_MAX];
	int n = snprintf(path, sizeof path - 1, "%s%s", prefix, node->key);
	ptrdiff_t row = key_find(path);

	if (n >= (int)sizeof path - 1 || strpbrk(node->key, ".[]") || (row < 0 && !key_is_section(path))) {
		unknown_key(l, node, prefix);
		key_hint(prefix, node->key, l->err);
		return -1;
	}
	if (row >= 0) {
		const struct key_rule *rule = &key_rules()[row];
		l->key = job_keys()[row].path;
		seen[row] = true;
		return rule->read(l, node, rule, base + rule->offset);
	}
	l->key = arena_strdup(l->job->arena, path);
	if (node_is_empty(node))
		return 0;
	if (need_map(l, node, "a map of keys") < 0)
		return -1;
	snprintf(path + n, sizeof path - (size_t)n, ".");
	apply_map(l, node, path, base, seen);
	return 0;
}

static void apply_map(struct loader *l, const struct node *map, const char *prefix, char *base, bool *seen)
{
	for (const struct node *n = map->first; n; n = n->next)
		if (apply_key(l, n, prefix, base, seen) < 0)
			keep_fault(l);
}

static int apply_default(struct loader *l, size_t row, char *base)
{
	const struct key_rule *rule = &key_rules()[row];
	const char *text = job_keys()[row].fallback;
	struct node *node = yaml_read(l->job->arena, "default", strv_of(text), l->err);

	l->key = job_keys()[row].path;
	return node ? rule->read(l, node, rule, base + rule->offset) : -1;
}

/* Where a key is missing: the innermost of its sections that is there. */
static const struct node *innermost(const struct node *root, const char *path)
{
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		char section[KEY_PATH_MAX];
		snprintf(section, sizeof section, "%.*s", (int)(dot - path), path);
		const struct node *inner = node_member(root, section);
		if (!inner || inner->kind != NODE_MAP)
			break;
		root = inner;
		path = dot + 1;
	}
	return root;
}

static int missing_key(struct loader *l, const struct node *place, const struct job_key *key)
{
	l->key = NULL;
	node_error(l, place, "missing key %s%s", key->path,
	    strcmp(key->fallback, "required") == 0
		? ""
		: ", which is needed unless the server is on this machine");
	return error_hint(l->err, "%s (%s)", key->help, key->type);
}

/* Rows below the prefix that the file did not give. Rows of list elements belong to the elements. */
static void fill_in(
    struct loader *l, const struct node *map, const char *prefix, char *base, const bool *seen)
{
	const struct job_key *keys = job_keys();
	size_t n = strlen(prefix);

	for (size_t row = 0; keys[row].path; row++) {
		const char *rest = keys[row].path + n;
		if (seen[row] || strncmp(keys[row].path, prefix, n) != 0 || strchr(rest, '['))
			continue;
		bool required = key_is_required(&keys[row], l->job->acronis.loopback);
		if (!required && (!keys[row].fallback[0] || strncmp(keys[row].fallback, "required", 8) == 0))
			continue;
		if ((required ? missing_key(l, innermost(map, rest), &keys[row])
			      : apply_default(l, row, base)) < 0)
			keep_fault(l);
	}
}

int read_items(
    struct loader *l, const struct node *list, const char *prefix, size_t size, void **items, size_t *count)
{
	char *base = arena_alloc(l->job->arena, size * (list->count + 1));
	bool *seen = arena_alloc(l->job->arena, key_count() * sizeof *seen);

	size_t before = l->fault_count;

	*items = base;
	*count = 0;
	for (const struct node *n = list->first; n; n = n->next, base += size, ++*count) {
		if (need_map(l, n, "a map of keys") < 0) {
			keep_fault(l);
			continue;
		}
		memset(seen, 0, key_count() * sizeof *seen);
		apply_map(l, n, prefix, base, seen);
		fill_in(l, n, prefix, base, seen);
	}
	return l->fault_count > before ? -1 : 0;
}

/* The root decides how every path is read, so it is read before them, wherever it stands. */
static int read_job_root(struct loader *l, const struct node *root, const char *base)
{
	const struct node *node = node_member(root, "root");

	l->job->root = base && base[0] ? arena_strdup(l->job->arena, base) : ".";
	l->key = "root";
	return node ? read_root(l, node, NULL, &l->job->root) : 0;
}

static int read_tree(struct loader *l, const struct node *root, const char *base)
{
	bool *seen = arena_alloc(l->job->arena, key_count() * sizeof *seen);

	if (root->kind != NODE_MAP)
		return node_error(l, root, "expected a map of keys, such as name: nightly");
	if (read_job_root(l, root, base) < 0)
		return -1;
	apply_map(l, root, "", (char *)l->job, seen);
	fill_in(l, root, "", (char *)l->job, seen);
	l->key = NULL;
	if (l->faults.code != ERR_NONE) {
		*l->err = l->faults;
		return -1;
	}
	return job_check(l, root);
}

/* The same refusals as file_read_all() gives, but of the job. */
static char *read_file(const char *path, size_t *n, struct error *err)
{
	struct error why = {0};
	char *text = file_read_all(path, MAX_FILE, n, &why);

	if (text)
		return text;
	error_set(
	    err, ERR_JOB, "%s%s", why.text, strstr(why.text, "larger") ? " for a job file (1 MiB)" : "");
	error_place(err, path, 0, 0, NULL);
	error_hint(err, "give the path of a job file, such as jobs/nightly.yaml");
	return NULL;
}

struct job *job_load(const char *path, const char *base, struct error *err)
{
	size_t n = 0;
	char *text = read_file(path, &n, err);
	struct loader l = {.path = path, .err = err};
	struct job *job;

	if (!text)
		return NULL;
	job = mem_zalloc(sizeof *job);
	job->arena = arena_new();
	job->path = arena_strdup(job->arena, path);
	digest_text(digest_of((struct strv){text, n}), job->digest);
	l.job = job;
	struct node *root = yaml_read(job->arena, path, (struct strv){text, n}, err);
	if (!root || read_tree(&l, root, base) < 0) {
		job_free(job);
		job = NULL;
	}
	free(text);
	return job;
}

void job_free(struct job *job)
{
	if (!job)
		return;
	arena_free(job->arena);
	free(job);
}
