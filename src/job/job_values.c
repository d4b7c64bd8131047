/* Readers of plain values: text, numbers, durations, choices, secrets. Each is the `read` of rows in
 * job_keys.c. A quoted scalar is text, never a number or a yes; YAML's own idea of types is not asked. */
#include <stdlib.h>
#include <sys/stat.h>

#include "job/job_impl.h"
#include "tenantry/clock.h"
#include "tenantry/mem.h"

enum { NAME_MAX_LENGTH = 64, SHOWN_MAX = 60 };

static const char *kind_name(const struct node *node)
{
	if (node_is_empty(node))
		return "nothing";
	switch (node->kind) {
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a map of keys";
	case NODE_SCALAR:
		break;
	}
	return "text";
}

int wrong_value(struct loader *l, const struct node *node, const char *wanted)
{
	bool shown = node->kind == NODE_SCALAR && !node_is_empty(node) && node->text.n <= SHOWN_MAX;

	for (size_t i = 0; shown && i < node->text.n; i++)
		shown = (unsigned char)node->text.p[i] >= ' ' && node->text.p[i] != 0x7f;
	if (shown)
		return node_error(l, node, "expected %s, not \"%s\"", wanted, node->text.p);
	return node_error(l, node, "expected %s, not %s", wanted, kind_name(node));
}

int need_scalar(struct loader *l, const struct node *node, const char *wanted, struct strv *out)
{
	*out = STRV("");
	if (node->kind != NODE_SCALAR || node_is_empty(node) || node->text.n == 0)
		return wrong_value(l, node, wanted);
	for (size_t i = 0; i < node->text.n; i++)
		if ((unsigned char)node->text.p[i] < ' ')
			return node_error(l, node, "expected %s, not text with control characters", wanted);
	*out = node->text;
	return 0;
}

int need_map(struct loader *l, const struct node *node, const char *wanted)
{
	return node->kind == NODE_MAP ? 0 : wrong_value(l, node, wanted);
}

int need_list(struct loader *l, const struct node *node, const char *wanted)
{
	return node->kind == NODE_LIST ? 0 : wrong_value(l, node, wanted);
}

bool scalar_int(const struct node *node, int64_t *out)
{
	return node->kind == NODE_SCALAR && node->plain && strv_to_int64(node->text, out);
}

int choice_index(const char *choices, struct strv text)
{
	int index = 0;

	for (const char *at = choices; *at; index++) {
		size_t n = strcspn(at, "|");
		if (strv_eq(text, (struct strv){at, n}))
			return index;
		at += n + (at[n] == '|');
	}
	return -1;
}

const char *resolve_path(const struct loader *l, struct strv path)
{
	if (path.n == 0 || path.p[0] == '/' || strcmp(l->job->root, ".") == 0)
		return arena_strndup(l->job->arena, path.p, path.n);
	bool slash = l->job->root[strlen(l->job->root) - 1] == '/';
	return arena_printf(l->job->arena, "%s%s%.*s", l->job->root, slash ? "" : "/", STRV_ARG(path));
}

int read_text(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct strv text;

	(void)rule;
	if (need_scalar(l, node, "text", &text) < 0)
		return -1;
	*(const char **)target = arena_strndup(l->job->arena, text.p, text.n);
	return 0;
}

/* Names become parts of file names and of keys that must stay the same for years. */
int read_name(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct strv text;

	if (need_scalar(l, node, "a name", &text) < 0)
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '_' || (i > 0 && (c == '-' || c == '.'));
		if (!fine || i == NAME_MAX_LENGTH)
			return wrong_value(
			    l, node, "a name of letters, digits, '-', '_' and '.' (at most 64)");
	}
	return read_text(l, node, rule, target);
}

/* FOLDER/REL without the ".." that only go back: "jobs" and ".." is ".". A folder that is a symbolic link is
 * not stepped out of this way, for its parent is another one. */
static const char *join_folder(struct arena *arena, struct strv folder, struct strv rel)
{
	while (strv_eq(rel, STRV("..")) || strv_has_prefix(rel, STRV("../"))) {
		const char *slash = folder.n ? memrchr(folder.p, '/', folder.n) : NULL;
		struct strv last =
		    slash ? (struct strv){slash + 1, folder.n - (size_t)(slash + 1 - folder.p)} : folder;
		struct stat st;

		if (last.n == 0 || strv_eq(last, STRV(".")) || strv_eq(last, STRV("..")) ||
		    lstat(arena_strndup(arena, folder.p, folder.n), &st) < 0 || S_ISLNK(st.st_mode))
			break;
		folder.n = slash == folder.p ? 1 : slash ? (size_t)(slash - folder.p) : 0;
		rel.p += rel.n > 2 ? 3 : 2;
		rel.n -= rel.n > 2 ? 3 : 2;
	}
	if (folder.n == 0)
		return rel.n ? arena_strndup(arena, rel.p, rel.n) : ".";
	if (rel.n == 0)
		return arena_strndup(arena, folder.p, folder.n);
	return arena_printf(arena, "%.*s%s%.*s", STRV_ARG(folder),
	    folder.n == 1 && folder.p[0] == '/' ? "" : "/", STRV_ARG(rel));
}

/* Relative to the job file's own folder, so that the job works from any working directory. */
int read_root(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	const char *slash = strrchr(l->path, '/');
	struct strv text, folder = {l->path, slash ? (size_t)(slash - l->path) : 0};

	(void)rule;
	if (need_scalar(l, node, "a folder", &text) < 0)
		return -1;
	if (slash == l->path)
		folder.n = 1;
	if (text.p[0] == '/')
		*(const char **)target = arena_strndup(l->job->arena, text.p, text.n);
	else
		*(const char **)target = join_folder(l->job->arena, folder, text);
	return 0;
}

int read_path(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct strv text;

	(void)rule;
	if (need_scalar(l, node, "a path", &text) < 0)
		return -1;
	*(const char **)target = resolve_path(l, text);
	return 0;
}

int text_or_env(struct loader *l, const struct node *node, const char *wanted, struct strv *out)
{
	static const char *const known[] = {"env", NULL};
	const struct node *name;

	*out = STRV("");
	if (node->kind != NODE_MAP)
		return need_scalar(l, node, wanted, out);
	if (check_members(l, node, known) < 0)
		return -1;
	if ((name = node_member(node, "env")) == NULL)
		return wrong_value(l, node, wanted);
	if (need_scalar(l, name, "the name of an environment variable", out) < 0)
		return -1;
	const char *value = getenv(name->text.p);
	if (!value || !value[0]) {
		node_error(
		    l, name, "the environment variable %s is %s", name->text.p, value ? "empty" : "not set");
		return error_hint(l->err, "set %s, or write the value here", name->text.p);
	}
	*out = strv_of(arena_strdup(l->job->arena, value));
	return 0;
}

int read_path_or_env(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct strv text;

	(void)rule;
	if (text_or_env(l, node, "a path or {env: NAME}", &text) < 0)
		return -1;
	*(const char **)target = resolve_path(l, text);
	return 0;
}

int read_bool(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	int value = -1;

	(void)rule;
	if (node->kind == NODE_SCALAR && node->plain && node->text.n > 1) /* 1 and 0 are numbers here */
		value = strv_eq_nocase(node->text, STRV("on"))    ? 1
			: strv_eq_nocase(node->text, STRV("off")) ? 0
								  : strv_to_bool(node->text);
	if (value < 0)
		return wrong_value(l, node, "true or false");
	*(bool *)target = value;
	return 0;
}

/* A value between the row's limits. */
static int in_range(struct loader *l, const struct node *node, const struct key_rule *rule, int64_t value)
{
	if (value >= rule->low && value <= rule->high)
		return 0;
	return wrong_value(l, node, rule->type);
}

int read_count(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	int64_t value;

	if (!scalar_int(node, &value)) {
		wrong_value(l, node, rule->type);
		if (node->kind == NODE_SCALAR && strv_to_int64(node->text, &value))
			error_hint(l->err, "write the number without quotes");
		return -1;
	}
	if (in_range(l, node, rule, value) < 0)
		return -1;
	*(int64_t *)target = value;
	return 0;
}

/* The same into an int. */
int read_small_count(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	int64_t value = 0;

	if (read_count(l, node, rule, &value) < 0)
		return -1;
	*(int *)target = (int)value;
	return 0;
}

int read_duration(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	int64_t value;

	if (node->kind != NODE_SCALAR || !duration_parse(node->text, &value)) {
		wrong_value(l, node, rule->type);
		return error_hint(l->err, "a number and its unit: ms, s, m, h or d");
	}
	if (in_range(l, node, rule, value) < 0)
		return -1;
	*(int64_t *)target = value;
	return 0;
}

/* "64KiB", "16 MiB" or plain bytes. */
int read_size(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	static const struct {
		struct strv unit;
		int shift;
	} units[] = {{{"KiB", 3}, 10}, {{"MiB", 3}, 20}, {{"GiB", 3}, 30}, {{"", 0}, 0}};
	struct strv number = node->text;
	int64_t value = -1;

	for (size_t i = 0; node->kind == NODE_SCALAR && i < ARRAY_LEN(units); i++) {
		struct strv unit = units[i].unit;
		if (number.n < unit.n || memcmp(number.p + number.n - unit.n, unit.p, unit.n) != 0)
			continue;
		number.n -= unit.n;
		if (!strv_to_int64(strv_trim(number), &value) ||
		    __builtin_mul_overflow(value, INT64_C(1) << units[i].shift, &value))
			value = -1;
		break;
	}
	if (value < 0)
		return wrong_value(l, node, rule->type);
	if (in_range(l, node, rule, value) < 0)
		return -1;
	*(int64_t *)target = value;
	return 0;
}

static int need_choice(struct loader *l, const struct node *node, const struct key_rule *rule)
{
	int index = node->kind == NODE_SCALAR ? choice_index(rule->type, node->text) : -1;
	char wanted[256];

	if (index >= 0)
		return index;
	snprintf(wanted, sizeof wanted, "one of %s", rule->type);
	return wrong_value(l, node, wanted);
}

/* The enums that are set here number their choices in the order of the row. */
int read_choice(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	int index = need_choice(l, node, rule);

	if (index < 0)
		return -1;
	*(int *)target = index;
	return 0;
}

int read_choice_text(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	return need_choice(l, node, rule) < 0 ? -1 : read_text(l, node, rule, target);
}

int read_share(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct share *share = target;
	struct strv text = node->text;
	bool percent = node->kind == NODE_SCALAR && text.n > 0 && text.p[text.n - 1] == '%';
	int64_t value;

	text.n -= percent;
	if (node->kind != NODE_SCALAR || !strv_to_int64(text, &value) || value < 0 ||
	    (percent && value > 100))
		return wrong_value(l, node, rule->type);
	*share = (struct share){.set = true, .percent = percent, .number = value};
	return 0;
}

/* "95%" or "99.5%" in thousandths. */
int read_permille(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct strv text = node->text;
	const char *point = node->kind == NODE_SCALAR ? memchr(text.p, '.', text.n) : NULL;
	bool percent =
	    node->kind == NODE_SCALAR && text.n > 1 && text.p[text.n - 1] == '%' && text.p[0] != '+';
	int64_t whole = -1, tenth = 0;

	if (percent) {
		struct strv before = {text.p, point ? (size_t)(point - text.p) : text.n - 1};
		if (!strv_to_int64(before, &whole))
			whole = -1;
		if (point && (text.n - before.n != 3 || point[1] < '0' || point[1] > '9'))
			whole = -1;
		tenth = point ? point[1] - '0' : 0;
	}
	if (whole < 0 || whole > 100 || whole * 10 + tenth > 1000)
		return wrong_value(l, node, rule->type);
	*(int64_t *)target = whole * 10 + tenth;
	return 0;
}

static bool is_variable_name(struct strv name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return name.n > 0;
}

/* Nothing of what stands here is ever repeated in an error: it may be the secret itself. */
int read_secret(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	static const char *const kinds[] = {"env", "file", "credential"};
	static const char advice[] =
	    "write {env: NAME}, {file: PATH} or {credential: NAME}, and keep the value there; if "
	    "this file was shared, change the secret";
	struct secret *secret = target;
	const struct node *value = node->first;

	(void)rule;
	if (node->kind != NODE_MAP) {
		node_error(l, node, "a secret must not stand in the job file itself");
		return error_hint(l->err, "%s", advice);
	}
	for (size_t i = 0; node->count == 1 && i < ARRAY_LEN(kinds); i++)
		if (strcmp(value->key, kinds[i]) == 0)
			secret->kind = (enum secret_kind)(SECRET_ENV + (int)i);
	if (secret->kind == SECRET_NONE) {
		node_error(
		    l, node, "expected exactly one of {env: NAME}, {file: PATH} and {credential: NAME}");
		return -1;
	}
	if (value->kind != NODE_SCALAR || value->text.n == 0 || node_is_empty(value) ||
	    (secret->kind == SECRET_ENV && !is_variable_name(value->text)) ||
	    (secret->kind == SECRET_CREDENTIAL && memchr(value->text.p, '/', value->text.n))) {
		node_error(l, value, "expected the name of %s",
		    secret->kind == SECRET_ENV    ? "an environment variable (letters, digits and _)"
		    : secret->kind == SECRET_FILE ? "a file"
						  : "a systemd credential");
		return error_hint(l->err, "%s", advice);
	}
	secret->name = secret->kind == SECRET_FILE
			   ? resolve_path(l, value->text)
			   : arena_strndup(l->job->arena, value->text.p, value->text.n);
	secret->line = value->line;
	return 0;
}

/* Empty elements are allowed where they are quoted: "" is an order status that some exports have. */
int read_text_list(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct text_list *list = target;

	if (need_list(l, node, rule->type) < 0)
		return -1;
	list->items = arena_alloc(l->job->arena, (node->count + 1) * sizeof *list->items);
	list->count = 0;
	for (const struct node *n = node->first; n; n = n->next) {
		if (n->kind != NODE_SCALAR || node_is_empty(n))
			return wrong_value(l, n, "text");
		list->items[list->count++] = arena_strndup(l->job->arena, n->text.p, n->text.n);
	}
	return 0;
}

void store_list(void *target, void *items, size_t count)
{
	memcpy(target, &items, sizeof items);
	memcpy((char *)target + sizeof items, &count, sizeof count);
}

int read_text_map(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct text_pair *pairs;
	struct strv text;
	size_t count = 0;

	if (need_map(l, node, rule->type) < 0)
		return -1;
	pairs = arena_alloc(l->job->arena, (node->count + 1) * sizeof *pairs);
	for (const struct node *n = node->first; n; n = n->next) {
		if (need_scalar(l, n, "text", &text) < 0)
			return -1;
		pairs[count++] = (struct text_pair){
		    arena_strdup(l->job->arena, n->key), arena_strndup(l->job->arena, text.p, text.n)};
	}
	store_list(target, pairs, count);
	return 0;
}
