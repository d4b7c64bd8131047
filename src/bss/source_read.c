/* Rows of a source's files in their order; see source_read.h. */
#include "bss/source_read.h"

#include "bss/input_files.h"
#include "bss/kept_rows.h"

struct strv source_field(const struct source_row *row, size_t column)
{
	return strv_trim(csv_reader_field(row->reader, row->row, column));
}

bool source_currency(const struct job *job, struct strv text, char out[4])
{
	for (size_t i = 0; i < job->rules.currency_alias_count; i++)
		if (strv_eq_nocase(strv_of(job->rules.currency_aliases[i].from), text))
			text = strv_of(job->rules.currency_aliases[i].to);
	if (text.n != 3)
		return false;
	for (size_t i = 0; i < 3; i++)
		out[i] = (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - ('a' - 'A') : text.p[i]);
	out[3] = '\0';
	return currency_is_code((struct strv){out, 3});
}

void source_problem(const struct source_row *row, const struct csv_column *column, size_t index,
    const char *why, struct strbuf *out)
{
	struct strv value = source_field(row, index);

	strbuf_clear(out);
	if (value.n == 0)
		strbuf_addf(out, "%s is empty", column->name);
	else
		strbuf_addf(out, "%s is \"%.*s\": %s", column->name, (int)(value.n < 60 ? value.n : 60),
		    value.p, why);
}

static void add_digest(struct source_seen *seen, struct digest file)
{
	struct digest both[2] = {seen->digest, file};
	bool first = seen->digest.high == 0 && seen->digest.low == 0;

	seen->digest = first ? file : digest_of((struct strv){(const char *)both, sizeof both});
}

static int read_rows(const struct source_reading *reading, const struct source_row *row,
    struct csv_row *record, struct csv_reader *reader, struct kept_writer *keep, struct input_file *info,
    struct error *err)
{
	enum csv_next next;

	while ((next = csv_reader_next(reader, record, err)) == CSV_ROW || next == CSV_BAD) {
		int told = reading->row(reading->user, row, err);
		info->rows++;
		if (told < 0)
			return -1;
		if (keep && told == 0)
			kept_writer_row(keep, row);
	}
	return next == CSV_DONE ? csv_reader_unchanged(reader, err) : -1;
}

static int read_file(const struct source_reading *reading, const struct source_files *files, size_t number,
    struct kept_writer *keep, struct source_seen *seen, struct error *err)
{
	const struct source_file *file = &files->items[number];
	struct csv_reader *reader =
	    csv_reader_open(file->path, reading->columns, reading->column_count, &files->csv, err);
	struct csv_row record;
	struct source_row row = {
	    .reader = reader, .row = &record, .shown = file->shown, .file = (uint32_t)number};
	int rc;

	if (!reader)
		return -1;
	if (!files->csv.rows) {
		row.format.decimal = reading->job->bss.csv.decimal;
		row.format.thousands = reading->job->bss.csv.thousands;
	}
	rc = read_rows(reading, &row, &record, reader, keep, file->info, err);
	if (rc == 0) {
		digest_text(csv_reader_digest(reader), file->info->digest);
		add_digest(seen, csv_reader_digest(reader));
		seen->rows += file->info->rows;
		if (csv_reader_modified_ms(reader) > seen->as_of)
			seen->as_of = csv_reader_modified_ms(reader);
	}
	csv_reader_close(reader);
	return rc;
}

static int read_files(const struct source_reading *reading, const struct source_files *files,
    struct kept_writer *keep, struct source_seen *seen, struct error *err)
{
	for (size_t i = 0; i < files->count; i++)
		if (!files->items[i].skip && read_file(reading, files, i, keep, seen, err) < 0)
			return -1;
	return 0;
}

static int read_source(
    const struct source_reading *reading, struct arena *arena, struct source_seen *seen, struct error *err)
{
	struct source_side *side = reading->side;
	struct kept_writer *keep = NULL;
	struct source_files files;

	if (source_files_find(reading->job, reading->role, side->snapshot, arena, &files, err) < 0)
		return -1;
	if (side->keep && !(keep = kept_writer_new(side->keep, reading->columns, reading->column_count, err)))
		return -1;
	if (read_files(reading, &files, keep, seen, err) < 0) {
		kept_writer_abort(keep);
		return -1;
	}
	if (keep && kept_writer_commit(keep, side, err) < 0)
		return -1;
	if (bss_snapshot_rows(side->snapshot, reading->role))
		seen->as_of = bss_snapshot_as_of(side->snapshot);
	seen->files = files.infos;
	seen->file_count = files.count;
	return 0;
}

int source_read(
    const struct source_reading *reading, struct arena *arena, struct source_seen *seen, struct error *err)
{
	*seen = (struct source_seen){0};
	return reading->side->kept ? kept_rows_read(reading, arena, seen, err)
				   : read_source(reading, arena, seen, err);
}
