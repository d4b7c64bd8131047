/* JSON bodies against tables; see check.h. The first breach is reported, with its place in the body. */
#include "sandbox/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tenantry/clock.h"
#include "tenantry/digest.h"
#include "tenantry/str.h"

static bool check_value(const struct check_member *member, json_t **value, struct check_report *report);
static bool check_members(const struct check_object *shape, json_t *object, struct check_report *report);

static bool refuse(struct check_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool refuse(struct check_report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(report->text, sizeof report->text, format, args);
	va_end(args);
	return false;
}

bool check_choice(const char *choices, const char *text)
{
	size_t n = strlen(text);

	for (const char *at = choices; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, text, n) == 0 && (at[n] == '|' || at[n] == '\0') && n > 0)
			return true;
	}
	return false;
}

/* UTF-8 characters: all bytes but continuations. */
static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool email_like(const char *text)
{
	const char *at = strchr(text, '@');

	return !text[0] || (at && at > text && at[1] && !strpbrk(text, " \t\r\n"));
}

/* What official scripts send: "2", "true" and 7 in place of 2, true and "7". Gives NULL when it cannot be
 * meant. */
static json_t *repaired(enum check_type type, const json_t *value)
{
	const char *text = json_string_value(value);
	int64_t number;
	char digits[32];

	if (type == CHECK_INT && text && strv_to_int64(strv_of(text), &number))
		return json_integer(number);
	if (type == CHECK_INT && json_is_real(value) &&
	    json_real_value(value) == (double)(int64_t)json_real_value(value))
		return json_integer((int64_t)json_real_value(value));
	if (type == CHECK_BOOL && text && strv_to_bool(strv_of(text)) >= 0)
		return json_boolean(strv_to_bool(strv_of(text)));
	if (type == CHECK_BOOL && json_is_integer(value) && (json_integer_value(value) | 1) == 1)
		return json_boolean(json_integer_value(value) == 1);
	if (type == CHECK_TEXT && json_is_integer(value)) {
		snprintf(digits, sizeof digits, "%lld", json_integer_value(value));
		return json_string(digits);
	}
	return NULL;
}

static bool type_fits(enum check_type type, const json_t *value)
{
	switch (type) {
	case CHECK_INT:
		return json_is_integer(value);
	case CHECK_BOOL:
		return json_is_boolean(value);
	case CHECK_OBJECT:
		return json_is_object(value);
	case CHECK_ARRAY:
		return json_is_array(value);
	case CHECK_ANY:
		return true;
	default:
		return json_is_string(value);
	}
}

static bool check_text(const struct check_member *member, json_t *value, struct check_report *report)
{
	const char *text = json_string_value(value);
	char id[UUID_TEXT_SIZE];
	int64_t ms;

	if (member->type == CHECK_UUID) {
		if (!uuid_normal(strv_of(text), id))
			return refuse(report, "must be a UUID");
		return json_string_set(value, id) == 0;
	}
	if (member->type == CHECK_TIME && !(strlen(text) >= 19 && time_parse(strv_of(text), &ms, NULL)))
		return refuse(report, "must be a date-time such as 2026-11-22T12:43:40+00:00");
	if (member->type == CHECK_EMAIL && !email_like(text))
		return refuse(report, "must be an e-mail address or empty");
	if (member->choices && !check_choice(member->choices, text))
		return refuse(report, "must be one of %s", member->choices);
	if (member->max && characters(text) > member->max)
		return refuse(report, "must have at most %zu characters", member->max);
	return true;
}

static bool check_array(const struct check_member *member, json_t *array, struct check_report *report)
{
	size_t n = strlen(report->where);

	if ((member->flags & CHECK_NOT_EMPTY) && json_array_size(array) == 0)
		return refuse(report, "must not be empty");
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *element = json_array_get(array, i), *before = element;
		snprintf(report->where + n, sizeof report->where - n, "[%zu]", i);
		if (member->element && !check_value(member->element, &element, report))
			return false;
		if (element != before)
			json_array_set_new(array, i, element);
		for (size_t j = 0; (member->flags & CHECK_UNIQUE) && j < i; j++)
			if (json_equal(json_array_get(array, j), json_array_get(array, i)))
				return refuse(report, "must not repeat an element");
	}
	report->where[n] = '\0';
	return true;
}

/* May replace *value by a repaired one (a new reference). */
static bool check_value(const struct check_member *member, json_t **value, struct check_report *report)
{
	static const char *const names[] = {[CHECK_TEXT] = "a string",
	    [CHECK_INT] = "an integer",
	    [CHECK_BOOL] = "a boolean",
	    [CHECK_UUID] = "a string",
	    [CHECK_TIME] = "a string",
	    [CHECK_EMAIL] = "a string",
	    [CHECK_OBJECT] = "an object",
	    [CHECK_ARRAY] = "an array",
	    [CHECK_ANY] = "a value"};

	if (json_is_null(*value) && member->type != CHECK_ANY)
		return (member->flags & CHECK_NULLABLE) ? true : refuse(report, "must not be null");
	if (!type_fits(member->type, *value)) {
		json_t *better = report->lenient ? repaired(member->type, *value) : NULL;
		if (!better)
			return refuse(report, "must be %s", names[member->type]);
		*value = better;
		report->repaired = true;
	}
	if (member->type == CHECK_INT)
		return !(member->flags & CHECK_NOT_NEGATIVE) || json_integer_value(*value) >= 0
			   ? true
			   : refuse(report, "must not be negative");
	if (member->type == CHECK_ARRAY)
		return check_array(member, *value, report);
	if (member->type == CHECK_OBJECT)
		return !member->object || check_members(member->object, *value, report);
	return !json_is_string(*value) || member->type == CHECK_ANY || check_text(member, *value, report);
}

static const struct check_member *member_named(
    const struct check_object *shape, const char *name, bool lenient)
{
	for (const struct check_member *m = shape->members; m->name; m++)
		if (strcmp(m->name, name) == 0 && (lenient || !(m->flags & CHECK_LENIENT_ONLY)))
			return m;
	return NULL;
}

static bool check_one(
    const struct check_object *shape, json_t *object, const char *name, struct check_report *report)
{
	const struct check_member *member = member_named(shape, name, report->lenient);
	json_t *value = json_object_get(object, name), *before = value;

	if (!member && shape->open)
		return true;
	if (!member && report->lenient) {
		report->dropped = true;
		json_object_del(object, name);
		return true;
	}
	if (!member)
		return refuse(report, "is not a member of this request");
	if (!check_value(member, &value, report)) {
		if (value != before)
			json_decref(value);
		return false;
	}
	if (value != before)
		json_object_set_new(object, name, value);
	return true;
}

static bool check_members(const struct check_object *shape, json_t *object, struct check_report *report)
{
	size_t n = strlen(report->where);
	const char *name;
	void *next;
	json_t *value;

	for (const struct check_member *m = shape->members; m->name; m++) {
		if (!(m->flags & CHECK_REQUIRED) || json_object_get(object, m->name))
			continue;
		snprintf(report->where + n, sizeof report->where - n, "%s%s", n ? "." : "", m->name);
		return refuse(report, "is required");
	}
	json_object_foreach_safe(object, next, name, value)
	{
		snprintf(report->where + n, sizeof report->where - n, "%s%.60s", n ? "." : "", name);
		if (!check_one(shape, object, name, report))
			return false;
	}
	report->where[n] = '\0';
	return true;
}

bool check_body(const struct check_object *shape, json_t *body, struct check_report *report)
{
	report->where[0] = report->text[0] = '\0';
	if (!json_is_object(body))
		return refuse(report, "must be an object");
	return check_members(shape, body, report);
}
