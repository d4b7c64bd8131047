/* See intake_output.h. A row whose file has the output's columns and delimiter is copied as it came; the
 * others are written field by field. Columns that an earlier rejected.csv added are dropped on the way in, so
 * that it can be fed back. */
#include "bss/intake_output.h"

#include <stdlib.h>
#include <unistd.h>

#include "tenantry/mem.h"

enum { RAW_SHOWN = 16 * 1024 };

struct out_column {
	char *name, *normal;
	int column; /* ours, or -1 */
};

struct intake_output {
	char delimiter;
	bool bom;
	struct out_column *columns;
	size_t count, cap;
	struct atomic_file *accepted, *rejected;
	char *accepted_path;
	struct csv_writer writer;
	/* of the current file */
	int *source; /* output column -> index in the file, or -1 */
	bool same;   /* the file's columns are the first `width` of the output's, in the same form */
	size_t width;
	struct strbuf shown; /* delimiter, Source File, delimiter: ready to be written */
	struct strbuf text;
};

struct intake_output *intake_output_new(char delimiter, bool bom)
{
	struct intake_output *output = mem_zalloc(sizeof *output);

	output->delimiter = delimiter ? delimiter : ',';
	output->bom = bom;
	output->writer.delimiter = output->delimiter;
	return output;
}

void intake_output_free(struct intake_output *output)
{
	if (!output)
		return;
	atomic_file_abort(output->accepted);
	atomic_file_abort(output->rejected);
	for (size_t i = 0; i < output->count; i++) {
		free(output->columns[i].name);
		free(output->columns[i].normal);
	}
	free(output->columns);
	free(output->accepted_path);
	free(output->source);
	csv_writer_free(&output->writer);
	strbuf_free(&output->shown);
	strbuf_free(&output->text);
	free(output);
}

static bool is_added(const char *normal)
{
	static const char *const added[] = {"source file", "source line", "warnings", "codes", "reasons"};

	for (size_t i = 0; i < ARRAY_LEN(added); i++)
		if (strcmp(normal, added[i]) == 0)
			return true;
	return false;
}

/* The output column of a file's column, or -1. A column without a name is its own at each place. */
static int find_out(const struct intake_output *output, int column, const char *normal, size_t index)
{
	for (size_t i = 0; i < output->count; i++) {
		const struct out_column *out = &output->columns[i];
		if (column >= 0 ? out->column == column
				: out->column < 0 && strcmp(out->normal, normal) == 0) {
			if (column >= 0 || normal[0] || i == index)
				return (int)i;
		}
	}
	return -1;
}

void intake_output_columns(struct intake_output *output, const struct csv_reader *reader)
{
	for (size_t i = 0; i < csv_reader_width(reader); i++) {
		const char *name = csv_reader_header(reader, i);
		int column = csv_reader_column_at(reader, i);
		struct strbuf normal = {0};
		csv_header_normal(strv_of(name), &normal);
		if ((column < 0 && is_added(normal.p)) || find_out(output, column, normal.p, i) >= 0) {
			strbuf_free(&normal);
			continue;
		}
		MEM_GROW(output->columns, output->count, output->cap);
		output->columns[output->count++] =
		    (struct out_column){mem_strdup(name), strbuf_take(&normal), column};
	}
}

static struct atomic_file *begin_one(
    struct intake_output *output, const char *path, const char *const *added, size_t count, struct error *err)
{
	struct atomic_file *file = atomic_file_new(path, err);

	if (!file)
		return NULL;
	if (output->bom)
		atomic_file_puts(file, "\xef\xbb\xbf");
	for (size_t i = 0; i < output->count; i++)
		csv_writer_text(&output->writer, output->columns[i].name);
	for (size_t i = 0; i < count; i++)
		csv_writer_text(&output->writer, added[i]);
	csv_writer_end(&output->writer, file);
	return file;
}

int intake_output_begin(struct intake_output *output, const char *folder, struct error *err)
{
	static const char *const accepted[] = {"Source File", "Source Line", "Warnings"};
	static const char *const rejected[] = {"Source File", "Source Line", "Codes", "Reasons"};
	char *path = mem_printf("%s/rejected.csv", folder);

	output->accepted_path = mem_printf("%s/accepted.csv", folder);
	output->accepted = begin_one(output, output->accepted_path, accepted, ARRAY_LEN(accepted), err);
	if (output->accepted)
		output->rejected = begin_one(output, path, rejected, ARRAY_LEN(rejected), err);
	free(path);
	output->source = mem_zalloc((output->count + 1) * sizeof *output->source);
	return output->rejected ? 0 : -1;
}

void intake_output_file(struct intake_output *output, const struct csv_reader *reader, const char *shown)
{
	size_t width = csv_reader_width(reader);

	for (size_t i = 0; i < output->count; i++)
		output->source[i] = -1;
	output->width = width;
	output->same = csv_reader_delimiter(reader) == output->delimiter;
	for (size_t i = 0; i < width; i++) {
		struct strbuf normal = {0};
		csv_header_normal(strv_of(csv_reader_header(reader, i)), &normal);
		int column = csv_reader_column_at(reader, i);
		int out = column < 0 && is_added(normal.p) ? -1 : find_out(output, column, normal.p, i);
		strbuf_free(&normal);
		if (out >= 0)
			output->source[out] = (int)i;
		output->same &= out == (int)i;
	}
	csv_writer_text(&output->writer, shown);
	strbuf_clear(&output->shown);
	strbuf_addc(&output->shown, output->delimiter);
	strbuf_addv(&output->shown, strbuf_view(&output->writer.row));
	strbuf_addc(&output->shown, output->delimiter);
	strbuf_clear(&output->writer.row);
	output->writer.started = false;
}

static void add_line(struct strbuf *out, unsigned long line)
{
	char text[24];
	size_t at = sizeof text;

	do
		text[--at] = (char)('0' + line % 10);
	while ((line /= 10) > 0);
	strbuf_add(out, text + at, sizeof text - at);
}

/* The input's columns, Source File and Source Line, up to where the added texts begin. */
static void begin_row(struct intake_output *output, const struct csv_row *row, struct atomic_file *file)
{
	struct csv_writer *writer = &output->writer;
	struct strbuf *out = &writer->row;

	if (row->fields && output->same) {
		atomic_file_writev(file, row->raw);
		for (size_t i = output->width; i < output->count; i++)
			strbuf_addc(out, output->delimiter);
	} else {
		for (size_t i = 0; i < output->count; i++) {
			int from = output->source[i];
			csv_writer_field(
			    writer, row->fields && from >= 0 ? row->fields[from] : (struct strv){NULL, 0});
		}
	}
	strbuf_addv(out, strbuf_view(&output->shown));
	add_line(out, row->line);
	writer->started = true;
}

void intake_output_accepted(struct intake_output *output, const struct csv_row *row, struct verdict verdict)
{
	begin_row(output, row, output->accepted);
	if (verdict.warnings) {
		strbuf_clear(&output->text);
		warnings_codes(verdict, &output->text);
		csv_writer_field(&output->writer, strbuf_view(&output->text));
	} else {
		strbuf_addc(&output->writer.row, output->delimiter);
	}
	csv_writer_end(&output->writer, output->accepted);
}

void intake_output_rejected(
    struct intake_output *output, const struct csv_row *row, struct verdict verdict, struct strv reasons)
{
	begin_row(output, row, output->rejected);
	strbuf_clear(&output->text);
	rules_codes(verdict, &output->text);
	csv_writer_field(&output->writer, strbuf_view(&output->text));
	csv_writer_field(&output->writer, reasons);
	csv_writer_end(&output->writer, output->rejected);
}

/* Text of a bad row as UTF-8: what is none becomes the replacement character, so that the file can be read by
 * all. */
static void add_readable(struct strbuf *out, struct strv raw)
{
	size_t limit = raw.n < RAW_SHOWN ? raw.n : RAW_SHOWN;
	struct strv left = {raw.p, limit};

	while (left.n > 0) {
		const char *nul = memchr(left.p, '\0', left.n);
		struct strv part = {left.p, nul ? (size_t)(nul - left.p) : left.n};
		ptrdiff_t bad = strv_bad_utf8(part);
		size_t good = bad >= 0 ? (size_t)bad : part.n;
		strbuf_add(out, left.p, good);
		left.p += good;
		left.n -= good;
		if (left.n == 0)
			break;
		strbuf_adds(out, "\xef\xbf\xbd");
		left.p++;
		left.n--;
	}
	if (limit < raw.n)
		strbuf_adds(out, "...");
}

void intake_output_unreadable(struct intake_output *output, const struct csv_row *row, enum rule_code code)
{
	struct strbuf *text = &output->text;

	begin_row(output, row, output->rejected);
	csv_writer_text(&output->writer, rule_name(code));
	strbuf_clear(text);
	strbuf_addf(text, "%s: %s; the line is: ", rule_name(code), row->problem);
	add_readable(text, row->raw);
	csv_writer_field(&output->writer, strbuf_view(text));
	csv_writer_end(&output->writer, output->rejected);
}

int intake_output_commit(struct intake_output *output, struct error *err)
{
	struct atomic_file *accepted = output->accepted, *rejected = output->rejected;

	output->accepted = output->rejected = NULL;
	if (!accepted)
		return 0;
	if (atomic_file_commit(accepted, err) < 0) {
		atomic_file_abort(rejected);
		return -1;
	}
	if (atomic_file_commit(rejected, err) == 0)
		return 0;
	/* One without the other would look like a night without rejections. */
	unlink(output->accepted_path);
	return -1;
}
