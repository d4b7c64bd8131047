/* All rows of a source, file after file: what the readers of invoices and rates share. */
#ifndef TENANTRY_SOURCE_READ_H
#define TENANTRY_SOURCE_READ_H

#include "bss/amount.h"
#include "tenantry/bss_database.h"
#include "tenantry/intake.h"
#include "tenantry/source_side.h"

struct source_row {
	const struct csv_reader *reader;
	const struct csv_row *row;
	struct amount_format
	    format; /* of its amounts: a database writes plain decimals whatever the job says of files */
	const char *shown; /* the file, as the run names it; lives in the arena */
	uint32_t file;     /* its number */
};
/* Trimmed. */
struct strv source_field(const struct source_row *row, size_t column);
/* A code of three letters in any case, spelled as rules.currency_aliases says. */
bool source_currency(const struct job *job, struct strv text, char out[4]);

struct source_reading {
	const struct job *job;
	enum bss_role role;
	struct source_side *side;
	const struct csv_column *columns;
	size_t column_count;
	/* Readable or not (row->fault). -1 ends the reading; 1: the row is in nobody's reach and not worth
	 * keeping. */
	int (*row)(void *user, const struct source_row *row, struct error *err);
	void *user;
};
struct source_seen {
	struct input_file *files; /* in the arena, with rows and digest */
	size_t file_count;
	struct digest digest; /* of one file its own, of several that of theirs in a row */
	uint64_t rows;
	int64_t as_of; /* newest file time, or the snapshot's moment */
};
/* From the job's source, or from what was kept of it (source_side.h). ERR_SOURCE: a file is missing,
 * unreadable, lacks a needed column or changed while it was read; and what row() says. ERR_OUTPUT: the rows
 * cannot be kept. */
int source_read(const struct source_reading *reading, struct arena *arena, struct source_seen *seen,
    struct error *err) MUST_USE;

/* "Amount is \"1e3\": exponents ...", "Amount is empty"; long values are cut. Into `out`, which is emptied
 * first. */
void source_problem(const struct source_row *row, const struct csv_column *column, size_t index,
    const char *why, struct strbuf *out);

#endif
