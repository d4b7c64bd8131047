/* Strictness: JSON bodies held against tables of members (notes sections 2 and 9).
 *
 * Strict is stricter than the real service, which coerces: a number sent as a string is refused, so is an
 * unknown member where the description says additionalProperties: false. Lenient repairs the value in place
 * instead and says that it did.
 */
#ifndef SANDBOX_CHECK_H
#define SANDBOX_CHECK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum check_type {
	CHECK_TEXT,
	CHECK_INT,
	CHECK_BOOL,
	CHECK_UUID, /* lower-cased in place */
	CHECK_TIME,
	CHECK_EMAIL, /* may be empty */
	CHECK_OBJECT,
	CHECK_ARRAY,
	CHECK_ANY
};
enum check_flags {
	CHECK_REQUIRED = 1,
	CHECK_NULLABLE = 2,
	CHECK_LENIENT_ONLY = 4, /* unknown when strict */
	CHECK_NOT_NEGATIVE = 8,
	CHECK_NOT_EMPTY = 16, /* an array with one element or more */
	CHECK_UNIQUE = 32
};

struct check_object;
struct check_member {
	const char *name; /* NULL for the elements of an array */
	enum check_type type;
	unsigned flags;
	const char *choices; /* CHECK_TEXT: "a|b|c", NULL any */
	size_t max;          /* CHECK_TEXT: characters, 0 any */
	const struct check_object *object;
	const struct check_member *element;
};
struct check_object {
	const struct check_member *members; /* ends with a NULL name */
	bool open;                          /* unknown members are tolerated */
};

struct check_report {
	bool lenient;           /* in */
	bool repaired, dropped; /* lenient did something */
	char where[128];        /* "contact.types[1]"; "" the body itself */
	char text[160];
};

/* False: `text` says what is wrong at `where`. */
bool check_body(const struct check_object *shape, json_t *body, struct check_report *report);
/* Is `text` one of "a|b|c"? */
bool check_choice(const char *choices, const char *text);

#endif
