/* accepted.csv and rejected.csv: the input's columns and what was found. */
#ifndef TENANTRY_INTAKE_OUTPUT_H
#define TENANTRY_INTAKE_OUTPUT_H

#include "tenantry/csv.h"
#include "tenantry/rules.h"

struct intake_output;

/* Knows of each file's columns before anything is written: call intake_output_columns() for each, then
 * _begin(). */
struct intake_output *intake_output_new(char delimiter, bool bom);
void intake_output_free(struct intake_output *output); /* NULL is fine; what was not committed is removed */
void intake_output_columns(struct intake_output *output, const struct csv_reader *reader);
int intake_output_begin(struct intake_output *output, const char *folder, struct error *err) MUST_USE;
/* The file whose rows come next. */
void intake_output_file(struct intake_output *output, const struct csv_reader *reader, const char *shown);
void intake_output_accepted(struct intake_output *output, const struct csv_row *row, struct verdict verdict);
void intake_output_rejected(
    struct intake_output *output, const struct csv_row *row, struct verdict verdict, struct strv reasons);
/* A row that cannot be read: its columns stay empty, since nothing says which text belongs to which; its text
 * is in Reasons. */
void intake_output_unreadable(struct intake_output *output, const struct csv_row *row, enum rule_code code);
int intake_output_commit(struct intake_output *output, struct error *err) MUST_USE;

#endif
