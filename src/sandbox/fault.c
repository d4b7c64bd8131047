/* Parsing and choosing faults; see fault.h. What a fault does to an answer is in fault_play.c. */
#include "sandbox/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/operations.h"
#include "tenantry/clock.h"
#include "tenantry/mem.h"

enum { SLOW_MS = 5000, MOST_SHIFTED = 1000 };

static const struct {
	const char *name;
	enum fault_moment moment;
	unsigned fits; /* enum fault_fits */
} kinds[] = {
#define X(kind, name, help) [kind] = {name, FAULT_AT_REQUEST, 0},
    FAULT_KINDS_OF_ANSWERS(X)
#undef X
#define X(kind, name, help, fits) [kind] = {name, FAULT_AT_PAGE, fits},
	FAULT_KINDS_OF_LISTS(X)
#undef X
};

struct fault_set {
	struct fault *items;
	size_t count, cap;
	uint64_t random; /* state of xorshift64 */
};

const char *fault_kind_name(enum fault_kind kind)
{
	return kinds[kind].name;
}

struct fault_set *fault_set_new(uint64_t random_seed)
{
	struct fault_set *set = mem_zalloc(sizeof *set);

	set->random = random_seed * UINT64_C(0x9e3779b97f4a7c15) + UINT64_C(0x2545f4914f6cdd1d);
	if (set->random == 0)
		set->random = 1;
	return set;
}

void fault_clear(struct fault_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		free(set->items[i].spec);
		free(set->items[i].marks);
	}
	set->count = 0;
}

void fault_set_free(struct fault_set *set)
{
	if (!set)
		return;
	fault_clear(set);
	free(set->items);
	free(set);
}

static const char *nearest_kind(const char *text)
{
	const char *best = kinds[0].name;

	for (size_t i = 1; i < FAULT_KIND_COUNT; i++)
		if (str_distance(text, kinds[i].name) < str_distance(text, best))
			best = kinds[i].name;
	return best;
}

static int read_kind(const char *text, struct fault *fault, struct error *err)
{
	for (size_t i = 0; i < FAULT_KIND_COUNT; i++) {
		if (strcmp(text, kinds[i].name) == 0)
			return (fault->kind = (enum fault_kind)i), 0;
	}
	error_set(err, ERR_USAGE, "unknown kind \"%s\"", text);
	return error_hint(
	    err, "did you mean %s? (tenantry-sandbox --help lists all kinds)", nearest_kind(text));
}

static int read_operation(const char *text, struct fault *fault, struct error *err)
{
	const char *best;

	if (strcmp(text, "*") != 0 && !operation_named(text) && !check_choice("GET|POST|PUT|DELETE", text)) {
		error_set(err, ERR_USAGE, "unknown operation \"%s\"", text);
		best = operation_nearest(text);
		return error_hint(err, "did you mean %s? A method (POST) or * also works", best);
	}
	snprintf(fault->operation, sizeof fault->operation, "%s", text);
	return 0;
}

static int read_number(
    const char *name, const char *value, int64_t low, int64_t high, int64_t *out, struct error *err)
{
	if (strv_to_int64(strv_of(value), out) && *out >= low && *out <= high)
		return 0;
	return error_set(err, ERR_USAGE, "%s=%s: not a whole number from %lld to %lld", name, value,
	    (long long)low, (long long)high);
}

static int read_setting(char *text, struct fault *fault, struct error *err)
{
	const struct {
		const char *name;
		int64_t low, high, *out;
	} numbers[] = {
	    {"nth", 1, INT64_MAX, &fault->nth},
	    {"count", 0, INT64_MAX, &fault->count},
	    {"every", 1, INT64_MAX, &fault->every},
	    {"percent", 0, 100, &fault->percent},
	    {"retry-after", 0, 86400, &fault->retry_after},
	    {"page", 1, INT64_MAX, &fault->page},
	    {"item", 1, INT64_MAX, &fault->item},
	    {"by", -MOST_SHIFTED, MOST_SHIFTED, &fault->by},
	    {"behind", 1, INT64_MAX, &fault->behind},
	};
	char *value = strchr(text, '=');

	if (!value)
		return error_set(err, ERR_USAGE, "\"%s\" is not name=value", text);
	*value++ = '\0';
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (strcmp(text, numbers[i].name) == 0)
			return read_number(text, value, numbers[i].low, numbers[i].high, numbers[i].out, err);
	if (strcmp(text, "for") == 0)
		return duration_parse(strv_of(value), &fault->delay_ms)
			   ? 0
			   : error_set(err, ERR_USAGE, "for=%s: not a duration such as 5s", value);
	if (strcmp(text, "commit") == 0 && strv_to_bool(strv_of(value)) >= 0)
		return (fault->commit = strv_to_bool(strv_of(value)) == 1), 0;
	if (strcmp(text, "match") == 0 && value[0] && strlen(value) < sizeof fault->match)
		return snprintf(fault->match, sizeof fault->match, "%s", value) < 0 ? -1 : 0;
	if (strcmp(text, "holds") == 0 && value[0] && strlen(value) < sizeof fault->holds)
		return snprintf(fault->holds, sizeof fault->holds, "%s", value) < 0 ? -1 : 0;
	return error_set(err, ERR_USAGE, "unknown or unreadable setting %s=%s", text, value);
}

/* A list fault of an operation that gives no list would never hit. */
static int check_lists(const struct fault *fault, struct error *err)
{
	const struct operation *operation = operation_named(fault->operation);
	struct strbuf names = {0};

	if (!operation || (operation->flags & OP_LIST) || kinds[fault->kind].moment == FAULT_AT_REQUEST)
		return 0;
	error_set(err, ERR_USAGE, "%s gives no list", fault->operation);
	for (size_t i = 0; i < operation_count(); i++)
		if (operations[i].flags & OP_LIST)
			strbuf_addf(&names, "%s%s", names.n ? ", " : "", operations[i].id);
	error_hint(err, "lists are given by %s", names.p);
	strbuf_free(&names);
	return -1;
}

/* Once, but for kinds that only mean something when they go on. */
static int64_t count_unless_told(const struct fault *fault)
{
	switch (fault->kind) {
	case FAULT_LIST_ENDLESS:
	case FAULT_LIST_SAME_PAGE:
	case FAULT_LIST_FLOOD:
		return 0;
	default:
		return fault->every || fault->percent >= 0 ? 0 : 1;
	}
}

/* A fault without count hits once; one that comes again and again (every, percent) has no end unless told. */
static int read_spec(char *text, struct fault *fault, struct error *err)
{
	char *rest = NULL, *operation = strtok_r(text, ":", &rest), *kind = strtok_r(NULL, ":", &rest),
	     *setting;

	if (!operation || !kind)
		return error_set(err, ERR_USAGE, "not OPERATION:KIND[:name=value]...");
	*fault =
	    (struct fault){.nth = 1, .count = -1, .percent = -1, .retry_after = -1, .delay_ms = -1, .by = 1};
	if (read_operation(operation, fault, err) < 0 || read_kind(kind, fault, err) < 0 ||
	    check_lists(fault, err) < 0)
		return -1;
	while ((setting = strtok_r(NULL, ":", &rest)) != NULL)
		if (read_setting(setting, fault, err) < 0)
			return -1;
	if (fault->count < 0)
		fault->count = count_unless_told(fault);
	fault->every = fault->every ? fault->every : 1;
	fault->percent = fault->percent >= 0 ? fault->percent : 100;
	if (fault->behind == 0 && fault->delay_ms < 0)
		fault->behind = 1;
	if (fault->delay_ms < 0 && fault->kind == FAULT_SLOW)
		fault->delay_ms = SLOW_MS;
	return 0;
}

static void add_mark(struct fault *fault, int64_t mark)
{
	MEM_GROW(fault->marks, fault->mark_count, fault->mark_cap);
	fault->marks[fault->mark_count++] = mark;
}

int fault_add(struct fault_set *set, const char *spec, int64_t mark, struct error *err)
{
	char *text = mem_strdup(spec);
	struct fault fault = {0};
	int rc = read_spec(text, &fault, err);

	free(text);
	if (rc < 0) {
		error_prefix(err, "fault %s", spec);
		return error_hint(err, "for example CreateTenant:lost-after:nth=3");
	}
	fault.spec = mem_strdup(spec);
	add_mark(&fault, mark);
	MEM_GROW(set->items, set->count, set->cap);
	set->items[set->count++] = fault;
	return 0;
}

static int64_t random_percent(struct fault_set *set)
{
	set->random ^= set->random << 13;
	set->random ^= set->random >> 7;
	set->random ^= set->random << 17;
	return (int64_t)(set->random >> 11) % 100;
}

static bool text_in(const char *text, const struct fault_question *q)
{
	return strstr(q->target, text) || strstr(q->filters, text) ||
	       (q->body.n > 0 && memmem(q->body.p, q->body.n, text, strlen(text)));
}

static enum fault_moment moment_of(const struct fault *f)
{
	return f->kind == FAULT_LIST_STALE ? FAULT_AT_VIEW : kinds[f->kind].moment;
}

bool fault_holds(const struct fault *fault, const json_t *item)
{
	char *text = json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);
	bool holds = text && strstr(text, fault->holds);

	free(text);
	return holds;
}

static bool page_holds(const struct fault *f, const json_t *items)
{
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		if (fault_holds(f, item))
			return true;
	}
	return false;
}

static bool matches(const struct fault *f, const struct fault_question *q)
{
	unsigned wanted = kinds[f->kind].fits;

	if (moment_of(f) != q->moment || (q->moment != FAULT_AT_REQUEST && !q->lists))
		return false;
	if (strcmp(f->operation, "*") != 0 && strcmp(f->operation, q->operation) != 0 &&
	    strcmp(f->operation, q->method) != 0)
		return false;
	if (f->match[0] == '!' ? text_in(f->match + 1, q) : f->match[0] && !text_in(f->match, q))
		return false;
	if (f->page > 0 && f->page != q->page)
		return false;
	return (q->is & wanted) == wanted && (!f->holds[0] || !q->items || page_holds(f, q->items));
}

static bool due(struct fault_set *set, const struct fault *f)
{
	if (f->seen < f->nth || (f->count > 0 && f->hits >= f->count) || (f->seen - f->nth) % f->every != 0)
		return false;
	return f->percent >= 100 || random_percent(set) < f->percent;
}

const struct fault *fault_pick(struct fault_set *set, const struct fault_question *q)
{
	struct fault *picked = NULL;

	for (size_t i = 0; i < set->count; i++) {
		struct fault *f = &set->items[i];
		if (!matches(f, q))
			continue;
		f->seen++;
		if (q->moment == FAULT_AT_VIEW)
			add_mark(f, q->mark);
		if (!picked && due(set, f))
			picked = f;
	}
	if (picked)
		picked->hits++;
	return picked;
}

void fault_set_marks(struct fault_set *set, int64_t mark)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->items[i].marks[0] == 0)
			set->items[i].marks[0] = mark;
}

int64_t fault_view(const struct fault *fault, int64_t now_ms)
{
	int64_t back = fault->seen - fault->behind, view = fault->marks[back > 0 ? back : 0];

	if (fault->delay_ms >= 0 && now_ms - fault->delay_ms < view)
		view = now_ms - fault->delay_ms;
	return view > fault->marks[0] ? view : fault->marks[0];
}

json_t *fault_report(const struct fault_set *set)
{
	json_t *list = json_array();

	for (size_t i = 0; i < set->count; i++)
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:I, s:I}", "fault", set->items[i].spec, "kind",
			      kinds[set->items[i].kind].name, "seen", (json_int_t)set->items[i].seen, "hits",
			      (json_int_t)set->items[i].hits));
	return list;
}
