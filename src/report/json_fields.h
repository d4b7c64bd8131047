/* run.json's members as tables: one row gives the name, the kind and the place in the model, for writing
 * (json.c) and reading (json_read.c) alike, so that a round trip gives the same bytes. docs/run.schema.json
 * says the same for others. */
#ifndef TENANTRY_JSON_FIELDS_H
#define TENANTRY_JSON_FIELDS_H

#include <stddef.h>

#include "report_impl.h"

enum json_kind {
	JSON_TEXT,  /* const char *, arena-owned */
	JSON_CHARS, /* char[size] */
	JSON_U64,   /* uint64_t */
	JSON_I64,   /* int64_t */
	JSON_ULONG, /* unsigned long */
	JSON_FLAG,  /* bool */
	JSON_TIME,  /* int64_t milliseconds: ISO 8601 with milliseconds, null for 0 */
	JSON_WORD   /* an enum with a table of names */
};

/* The names of an enum, 0 to count - 1. */
struct json_words {
	const char *(*name)(int value);
	int count;
};

struct json_field {
	const char *name; /* NULL ends the table */
	enum json_kind kind;
	size_t at, size;
	const struct json_words *words;
	bool later; /* runs of earlier versions do not have it: "" or 0 */
};

extern const struct json_field json_run_fields[], json_error_fields[], json_warning_fields[],
    json_input_fields[], json_intake_fields[], json_changed_fields[], json_still_fields[], json_plan_fields[],
    json_apply_fields[], json_correction_fields[], json_budget_fields[], json_loss_sum_fields[],
    json_fix_fields[], json_item_fields[], json_observed_fields[], json_coverage_fields[],
    json_observation_fields[], json_age_fields[], json_as_of_fields[], json_union_fields[], json_tie_fields[],
    json_billing_fields[], json_sum_fields[], json_finding_fields[], json_effort_fields[];

/* Counts by a code: a member for each that is not 0. */
struct json_counts {
	const char *name;
	struct json_words words;
	size_t at; /* uint64_t[words.count] in struct report */
	bool later;
};
extern const struct json_counts json_intake_counts[], json_finding_counts[]; /* end with a NULL name */

#endif
