/* One CSV record after the other into a file; see csv.h. */
#include <stdio.h>

#include "tenantry/csv.h"
#include "tenantry/packed_file.h"

static bool needs_quotes(char delimiter, struct strv field)
{
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];
		if (c == delimiter || c == '"' || c == '\n' || c == '\r')
			return true;
	}
	return false;
}

/* What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection"). A plain number keeps its
 * sign. */
static bool is_formula(struct strv field)
{
	if (field.n == 0 || !strchr("=+-@\t\r", field.p[0]) || field.p[0] == '\0')
		return false;
	if (field.p[0] != '-' && field.p[0] != '+')
		return true;
	for (size_t i = 1; i < field.n; i++)
		if ((field.p[i] < '0' || field.p[i] > '9') && field.p[i] != '.')
			return true;
	return field.n == 1;
}

void csv_writer_field(struct csv_writer *writer, struct strv field)
{
	struct strbuf *row = &writer->row;
	char delimiter = writer->delimiter ? writer->delimiter : ',';
	bool defuse = writer->defuse && is_formula(field);

	if (writer->started)
		strbuf_addc(row, delimiter);
	writer->started = true;
	if (!needs_quotes(delimiter, field)) {
		strbuf_adds(row, defuse ? "'" : "");
		strbuf_addv(row, field);
		return;
	}
	strbuf_adds(row, defuse ? "\"'" : "\"");
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			strbuf_addc(row, '"');
		strbuf_addc(row, field.p[i]);
	}
	strbuf_addc(row, '"');
}

void csv_writer_text(struct csv_writer *writer, const char *text)
{
	csv_writer_field(writer, strv_of(text));
}

void csv_writer_number(struct csv_writer *writer, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)number);
	csv_writer_text(writer, text);
}

void csv_writer_end(struct csv_writer *writer, struct atomic_file *out)
{
	strbuf_addc(&writer->row, '\n');
	atomic_file_writev(out, strbuf_view(&writer->row));
	strbuf_clear(&writer->row);
	writer->started = false;
}

void csv_writer_end_packed(struct csv_writer *writer, struct packed_writer *out, size_t piece)
{
	strbuf_addc(&writer->row, '\n');
	writer->started = false;
	if (writer->row.n < piece)
		return;
	packed_writer_add(out, strbuf_view(&writer->row));
	strbuf_clear(&writer->row);
}

void csv_writer_free(struct csv_writer *writer)
{
	strbuf_free(&writer->row);
}
