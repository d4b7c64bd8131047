/* Parsing and choosing faults; see fault.h. What a fault does to an answer is in fault_play.c. */
#include "sandbox/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/operations.h"
#include "tenantry/clock.h"
#include "tenantry/mem.h"

static const char *const kind_names[] = {
#define X(kind, name, help) [kind] = name,
    FAULT_KINDS(X)
#undef X
};

struct fault_set {
	struct fault *items;
	size_t count, cap;
	uint64_t random; /* state of xorshift64 */
};

const char *fault_kind_name(enum fault_kind kind)
{
	return kind_names[kind];
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
	for (size_t i = 0; i < set->count; i++)
		free(set->items[i].spec);
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
	const char *best = kind_names[0];

	for (size_t i = 1; i < FAULT_KIND_COUNT; i++)
		if (str_distance(text, kind_names[i]) < str_distance(text, best))
			best = kind_names[i];
	return best;
}

static int read_kind(const char *text, struct fault *fault, struct error *err)
{
	for (size_t i = 0; i < FAULT_KIND_COUNT; i++) {
		if (strcmp(text, kind_names[i]) == 0)
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
	return error_set(err, ERR_USAGE, "unknown or unreadable setting %s=%s", text, value);
}

/* A fault without count hits once; one that comes again and again (every, percent) has no end unless told. */
static int read_spec(char *text, struct fault *fault, struct error *err)
{
	char *rest = NULL, *operation = strtok_r(text, ":", &rest), *kind = strtok_r(NULL, ":", &rest),
	     *setting;

	if (!operation || !kind)
		return error_set(err, ERR_USAGE, "not OPERATION:KIND[:name=value]...");
	*fault = (struct fault){.nth = 1, .count = -1, .percent = -1, .retry_after = -1, .delay_ms = 5000};
	if (read_operation(operation, fault, err) < 0 || read_kind(kind, fault, err) < 0)
		return -1;
	while ((setting = strtok_r(NULL, ":", &rest)) != NULL)
		if (read_setting(setting, fault, err) < 0)
			return -1;
	if (fault->count < 0)
		fault->count = fault->every || fault->percent >= 0 ? 0 : 1;
	fault->every = fault->every ? fault->every : 1;
	fault->percent = fault->percent >= 0 ? fault->percent : 100;
	return 0;
}

int fault_add(struct fault_set *set, const char *spec, struct error *err)
{
	char *text = mem_strdup(spec);
	struct fault fault;
	int rc = read_spec(text, &fault, err);

	free(text);
	if (rc < 0) {
		error_prefix(err, "fault %s", spec);
		return error_hint(err, "for example CreateTenant:lost-after:nth=3");
	}
	fault.spec = mem_strdup(spec);
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

static bool matches(
    const struct fault *f, const char *operation, const char *method, const char *target, struct strv body)
{
	if (strcmp(f->operation, "*") != 0 && strcmp(f->operation, operation) != 0 &&
	    strcmp(f->operation, method) != 0)
		return false;
	return !f->match[0] || strstr(target, f->match) ||
	       (body.n > 0 && memmem(body.p, body.n, f->match, strlen(f->match)));
}

static bool due(struct fault_set *set, const struct fault *f)
{
	if (f->seen < f->nth || (f->count > 0 && f->hits >= f->count) || (f->seen - f->nth) % f->every != 0)
		return false;
	return f->percent >= 100 || random_percent(set) < f->percent;
}

const struct fault *fault_pick(
    struct fault_set *set, const char *operation, const char *method, const char *target, struct strv body)
{
	struct fault *picked = NULL;

	for (size_t i = 0; i < set->count; i++) {
		struct fault *f = &set->items[i];
		if (!matches(f, operation, method, target, body))
			continue;
		f->seen++;
		if (!picked && due(set, f))
			picked = f;
	}
	if (picked)
		picked->hits++;
	return picked;
}

json_t *fault_report(const struct fault_set *set)
{
	json_t *list = json_array();

	for (size_t i = 0; i < set->count; i++)
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:I, s:I}", "fault", set->items[i].spec, "kind",
			      kind_names[set->items[i].kind], "seen", (json_int_t)set->items[i].seen, "hits",
			      (json_int_t)set->items[i].hits));
	return list;
}
