/* docs/run.schema.json against what report_to_json() writes, with a checker of the JSON Schema keywords that
 * it uses. The checker fails on a keyword that it does not know, so that the schema cannot say what is not
 * checked. */
#include "report_fixture.h"

#include <jansson.h>
#include <regex.h>

struct schema {
	json_t *root;
	char problem[512]; /* the first one; "" none */
};

static bool check(struct schema *s, json_t *rule, json_t *value, const char *where);

static bool wrong(struct schema *s, const char *where, const char *what)
{
	if (!s->problem[0])
		snprintf(s->problem, sizeof s->problem, "%.200s: %.200s", where, what);
	return false;
}

static bool is_of_type(const json_t *value, const char *type)
{
	return (strcmp(type, "object") == 0 && json_is_object(value)) ||
	       (strcmp(type, "array") == 0 && json_is_array(value)) ||
	       (strcmp(type, "string") == 0 && json_is_string(value)) ||
	       (strcmp(type, "null") == 0 && json_is_null(value)) ||
	       (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
	       (strcmp(type, "integer") == 0 && json_is_integer(value));
}

static bool check_type(struct schema *s, json_t *type, json_t *value, const char *where)
{
	size_t i;
	json_t *one;

	if (json_is_string(type))
		return is_of_type(value, json_string_value(type)) || wrong(s, where, "another type");
	json_array_foreach(type, i, one) if (is_of_type(value, json_string_value(one))) return true;
	return wrong(s, where, "none of the types");
}

static bool check_pattern(struct schema *s, const char *pattern, const char *text, const char *where)
{
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	int rc = regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return rc == 0 || wrong(s, where, text);
}

static bool check_enum(struct schema *s, json_t *words, json_t *value, const char *where)
{
	size_t i;
	json_t *one;

	json_array_foreach(words, i, one) if (json_equal(one, value)) return true;
	return wrong(s, where, "none of the allowed values");
}

/* properties and additionalProperties together: each member is allowed by one of them. */
static bool check_members(struct schema *s, json_t *rule, json_t *value, const char *where)
{
	json_t *properties = json_object_get(rule, "properties"),
	       *others = json_object_get(rule, "additionalProperties");
	json_t *names = json_object_get(rule, "propertyNames"), *member;
	const char *name;

	json_object_foreach(value, name, member)
	{
		char at[256];
		json_t *own = json_object_get(properties, name);
		snprintf(at, sizeof at, "%.150s.%.100s", where, name);
		if (names &&
		    !check_pattern(s, json_string_value(json_object_get(names, "pattern")), name, at))
			return false;
		if (own ? !check(s, own, member, at)
			: (json_is_false(others) ? !wrong(s, at, "a member that is not in the schema")
						 : json_is_object(others) && !check(s, others, member, at)))
			return false;
	}
	return true;
}

static bool check_required(struct schema *s, json_t *names, json_t *value, const char *where)
{
	size_t i;
	json_t *name;

	json_array_foreach(names, i, name) if (!json_object_get(value, json_string_value(name))) return wrong(
	    s, where, json_string_value(name));
	return true;
}

static bool check_items(struct schema *s, json_t *rule, json_t *value, const char *where)
{
	size_t i;
	json_t *one;

	json_array_foreach(value, i, one)
	{
		char at[256];
		snprintf(at, sizeof at, "%.200s[%zu]", where, i);
		if (!check(s, rule, one, at))
			return false;
	}
	return true;
}

static bool check_reference(struct schema *s, const char *reference, json_t *value, const char *where)
{
	static const char start[] = "#/$defs/";

	assert_int_equal(strncmp(reference, start, strlen(start)), 0);
	json_t *rule = json_object_get(json_object_get(s->root, "$defs"), reference + strlen(start));
	assert_non_null(rule);
	return check(s, rule, value, where);
}

static bool is_annotation(const char *keyword)
{
	static const char *const words[] = {"$schema", "$id", "$defs", "title", "description"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], keyword) == 0)
			return true;
	return false;
}

static bool check_keyword(
    struct schema *s, const char *keyword, json_t *rule, json_t *operand, json_t *value, const char *where)
{
	if (strcmp(keyword, "$ref") == 0)
		return check_reference(s, json_string_value(operand), value, where);
	if (strcmp(keyword, "type") == 0)
		return check_type(s, operand, value, where);
	if (strcmp(keyword, "enum") == 0)
		return check_enum(s, operand, value, where);
	if (strcmp(keyword, "const") == 0)
		return json_equal(operand, value) || wrong(s, where, "not the constant");
	if (strcmp(keyword, "pattern") == 0)
		return !json_is_string(value) ||
		       check_pattern(s, json_string_value(operand), json_string_value(value), where);
	if (strcmp(keyword, "minLength") == 0)
		return !json_is_string(value) ||
		       (json_int_t)json_string_length(value) >= json_integer_value(operand) ||
		       wrong(s, where, "too short");
	if (strcmp(keyword, "minimum") == 0)
		return !json_is_integer(value) || json_integer_value(value) >= json_integer_value(operand) ||
		       wrong(s, where, "too small");
	if (strcmp(keyword, "maximum") == 0)
		return !json_is_integer(value) || json_integer_value(value) <= json_integer_value(operand) ||
		       wrong(s, where, "too large");
	if (strcmp(keyword, "required") == 0)
		return !json_is_object(value) || check_required(s, operand, value, where);
	if (strcmp(keyword, "items") == 0)
		return !json_is_array(value) || check_items(s, operand, value, where);
	/* Handled with additionalProperties, which every object of this schema has. */
	if (strcmp(keyword, "properties") == 0 || strcmp(keyword, "propertyNames") == 0)
		return json_object_get(rule, "additionalProperties") ||
		       wrong(s, where, "additionalProperties is missing");
	if (strcmp(keyword, "additionalProperties") == 0)
		return !json_is_object(value) || check_members(s, rule, value, where);
	return is_annotation(keyword) || wrong(s, where, keyword);
}

static bool check(struct schema *s, json_t *rule, json_t *value, const char *where)
{
	const char *keyword;
	json_t *operand;

	json_object_foreach(
	    rule, keyword, operand) if (!check_keyword(s, keyword, rule, operand, value, where)) return false;
	return true;
}

static int load_schema(void **state)
{
	struct schema *s = mem_zalloc(sizeof *s);
	const char *root = getenv("TENANTRY_ROOT");
	char *path = mem_printf("%s/docs/run.schema.json", root ? root : ".");

	s->root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	free(path);
	*state = s;
	return s->root ? 0 : -1;
}

static int free_schema(void **state)
{
	struct schema *s = *state;

	json_decref(s->root);
	free(s);
	return 0;
}

static json_t *document_of(struct report *report)
{
	struct error err = {0};
	char *text = report_to_json(report, &err);

	assert_string_equal(err.text, "");
	json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(document);
	free(text);
	report_free(report);
	return document;
}

static void conforms(struct schema *s, struct report *report)
{
	json_t *document = document_of(report);

	s->problem[0] = '\0';
	check(s, s->root, document, "run");
	assert_string_equal(s->problem, "");
	json_decref(document);
}

static void every_kind_of_night_conforms(void **state)
{
	conforms(*state, fake_report());
	conforms(*state, fake_report_held());
	conforms(*state, fake_report_good());
	for (int code = ERR_USAGE; code < ERROR_CODE_COUNT; code++)
		conforms(*state, fake_report_stopped((enum error_code)code, "text", "hint"));
	struct report *validate = fake_report_good();
	validate->has_provision = validate->has_reconcile = false;
	conforms(*state, validate);
}

static void every_action_step_and_end_conforms(void **state)
{
	for (int i = 0; i < STEP_COUNT; i++) {
		struct report *report = fake_report();
		report->items[0].step = (enum step)i;
		report->items[0].action = (enum action)(i % ACTION_COUNT);
		report->apply.end = (enum apply_end)(i % (APPLY_BSS_UNAVAILABLE + 1));
		conforms(*state, report);
	}
}

/* The checker itself: a document that was changed is refused, and where. */
static void what_breaks_the_schema_is_seen(void **state)
{
	struct schema *s = *state;
	static const struct {
		const char *group, *name, *value, *problem;
	} changes[] = {
	    {NULL, "extra", "1", "run.extra: a member that is not in the schema"},
	    {NULL, "exit_status", "6", "run.exit_status: none of the allowed values"},
	    {NULL, "schema", "2", "run.schema: not the constant"},
	    {NULL, "waiting", "-1", "run.waiting: too small"},
	    {NULL, "verdict", "\"\"", "run.verdict: too short"},
	    {NULL, "items", "{}", "run.items: another type"},
	    {NULL, "items", "[{}]", "run.items[0]: key"},
	    {NULL, "intake", "[]", "run.intake: none of the types"},
	    {"run", "started_at", "\"yesterday\"", "run.run.started_at: yesterday"},
	    {"run", "id", "null", "run.run.id: another type"},
	};

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		json_t *document = document_of(fake_report());
		json_t *group = changes[i].group ? json_object_get(document, changes[i].group) : document;
		json_object_set_new(
		    group, changes[i].name, json_loads(changes[i].value, JSON_DECODE_ANY, NULL));
		s->problem[0] = '\0';
		assert_false(check(s, s->root, document, "run"));
		assert_string_equal(s->problem, changes[i].problem);
		json_decref(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_kind_of_night_conforms, load_schema, free_schema),
	    cmocka_unit_test_setup_teardown(every_action_step_and_end_conforms, load_schema, free_schema),
	    cmocka_unit_test_setup_teardown(what_breaks_the_schema_is_seen, load_schema, free_schema),
	};

	return cmocka_run_group_tests_name("report_schema", tests, NULL, NULL);
}
