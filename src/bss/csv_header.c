/* A CSV file's header: its delimiter, and which column is which of ours. Leaves reading the record to
 * csv_reader.c. */
#include <stdlib.h>
#include <string.h>

#include "bss/csv_impl.h"
#include "tenantry/mem.h"

char csv_header_delimiter(struct strv line)
{
	static const char candidates[] = ",;\t|";
	size_t counts[sizeof candidates - 1] = {0}, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < line.n; i++) {
		const char *hit = line.p[i] ? strchr(candidates, line.p[i]) : NULL;
		if (line.p[i] == '"')
			quoted = !quoted;
		else if (hit && !quoted)
			counts[hit - candidates]++;
	}
	for (size_t i = 1; i < ARRAY_LEN(counts); i++)
		if (counts[i] > counts[best])
			best = i;
	return candidates[best];
}

void csv_header_normal(struct strv name, struct strbuf *out)
{
	bool gap = false;

	strbuf_clear(out);
	strbuf_add(out, "", 0);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (c == '_' || c == '-' || c == ' ' || (c >= '\t' && c <= '\r')) {
			gap = out->n > 0;
			continue;
		}
		if (gap)
			strbuf_addc(out, ' ');
		gap = false;
		strbuf_addc(out, (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
	}
}

static char *normal_copy(struct strv name)
{
	struct strbuf b = {0};

	csv_header_normal(name, &b);
	return strbuf_take(&b);
}

/* The index of our column that a normalised header names, or -1. */
static int known_column(const struct csv_header *header, const char *name)
{
	int found = -1;

	for (size_t i = 0; i < header->column_count && found < 0; i++) {
		char *ours = normal_copy(strv_of(header->columns[i].name));
		if (strcmp(ours, name) == 0)
			found = (int)i;
		free(ours);
	}
	return found;
}

static int find_column(const struct csv_header *header, const char *name, const struct csv_settings *settings)
{
	for (size_t i = 0; i < settings->alias_count; i++) {
		char *from = normal_copy(strv_of(settings->aliases[i].from));
		bool same = strcmp(from, name) == 0;
		free(from);
		if (!same)
			continue;
		char *to = normal_copy(strv_of(settings->aliases[i].to));
		int column = known_column(header, to);
		free(to);
		if (column >= 0)
			return column;
	}
	return known_column(header, name);
}

static int twice(const char *file, unsigned long line, const char *first, const char *second,
    const char *ours, struct error *err)
{
	if (ours)
		error_set(err, ERR_SOURCE, "two columns are %s: \"%s\" and \"%s\"", ours, first, second);
	else
		error_set(err, ERR_SOURCE, "the column \"%s\" is there twice", second);
	error_place(err, file, line, 0, NULL);
	return error_hint(
	    err, "keep one of them, or rename one in the export, in the query or in bss.csv.columns");
}

/* The header that was most likely meant as `name` but is none of ours. */
static const char *nearest(const struct csv_header *header, const char *name)
{
	const char *best = NULL;
	size_t limit = strlen(name) / 3 + 1;

	for (size_t i = 0; i < header->width; i++) {
		size_t distance = str_distance(header->names[i], name);
		if (header->column_at[i] < 0 && distance <= limit) {
			best = header->names[i];
			limit = distance - (distance > 0);
		}
	}
	return best;
}

static void add_name(struct strbuf *list, const char *name)
{
	if (list->n > 0)
		strbuf_adds(list, ", ");
	strbuf_adds(list, name);
}

static void list_missing(const struct csv_header *header, struct strbuf *missing, const char **first)
{
	struct strbuf either = {0};
	bool has_either = false;

	for (size_t i = 0; i < header->column_count; i++) {
		const struct csv_column *column = &header->columns[i];
		bool there = header->index_of[i] >= 0;
		if (column->need == CSV_EITHER) {
			has_either |= there;
			strbuf_addf(&either, "%s%s", either.n > 0 ? " or " : "", column->name);
		} else if (column->need == CSV_NEEDED && !there) {
			add_name(missing, column->name);
			*first = *first ? *first : column->name;
		}
	}
	if (either.n > 0 && !has_either)
		add_name(missing, either.p);
	strbuf_free(&either);
}

static int check_needed(
    const struct csv_header *header, const char *file, unsigned long line, struct error *err)
{
	struct strbuf missing = {0}, there = {0};
	const char *first = NULL;
	int rc = 0;

	list_missing(header, &missing, &first);
	if (missing.n > 0) {
		for (size_t i = 0; i < header->width; i++)
			add_name(&there, header->names[i]);
		rc =
		    error_set(err, ERR_SOURCE, "the header lacks %.300s; it has: %.600s", missing.p, there.p);
		error_place(err, file, line, 0, NULL);
		const char *near = first ? nearest(header, first) : NULL;
		if (near)
			error_hint(err,
			    "is \"%s\" the column %s? Then name it so under bss.csv.columns in the job file",
			    near, first);
		else
			error_hint(err,
			    "add the column to the export or the query, or name the one that holds it under bss.csv.columns");
	}
	strbuf_free(&missing);
	strbuf_free(&there);
	return rc;
}

static int map_one(struct csv_header *header, size_t i, char **normal, const char *file, unsigned long line,
    const struct csv_settings *settings, struct error *err)
{
	int column = normal[i][0] ? find_column(header, normal[i], settings) : -1;

	header->column_at[i] = column;
	if (column >= 0) {
		int before = header->index_of[column];
		if (before >= 0)
			return twice(file, line, header->names[before], header->names[i],
			    header->columns[column].name, err);
		header->index_of[column] = (int)i;
		return 0;
	}
	for (size_t j = 0; j < i && normal[i][0]; j++)
		if (strcmp(normal[i], normal[j]) == 0)
			return twice(file, line, header->names[j], header->names[i], NULL, err);
	return 0;
}

int csv_header_map(struct csv_header *header, const char *file, const struct csv_row *row,
    const struct csv_settings *settings, struct error *err)
{
	char **normal = mem_zalloc(row->count * sizeof *normal);
	int rc = 0;

	header->width = row->count;
	header->names = mem_zalloc(row->count * sizeof *header->names);
	header->column_at = mem_zalloc(row->count * sizeof *header->column_at);
	header->index_of = mem_zalloc(header->column_count * sizeof *header->index_of);
	for (size_t i = 0; i < header->column_count; i++)
		header->index_of[i] = -1;
	for (size_t i = 0; i < row->count; i++) {
		header->names[i] = strv_dup(strv_trim(row->fields[i]));
		normal[i] = normal_copy(row->fields[i]);
	}
	for (size_t i = 0; i < row->count && rc == 0; i++)
		rc = map_one(header, i, normal, file, row->line, settings, err);
	if (rc == 0)
		rc = check_needed(header, file, row->line, err);
	for (size_t i = 0; i < row->count; i++)
		free(normal[i]);
	free(normal);
	return rc;
}

void csv_header_free(struct csv_header *header)
{
	for (size_t i = 0; header->names && i < header->width; i++)
		free(header->names[i]);
	free(header->names);
	free(header->column_at);
	free(header->index_of);
}

struct csv_settings csv_settings_of(const struct job *job)
{
	return (struct csv_settings){.delimiter = job->bss.csv.delimiter,
	    .encoding = job->bss.csv.encoding,
	    .aliases = job->bss.csv.columns,
	    .alias_count = job->bss.csv.column_count};
}
