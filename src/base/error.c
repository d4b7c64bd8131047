/* The one kind of error; see error.h. */
#include "tenantry/error.h"

#include <stdarg.h>
#include <string.h>

#include "tenantry/mem.h"
#include "tenantry/str.h"

static const struct {
	const char *name;
	int status;
} codes[] = {
#define X(code, name, status) [code] = {name, status},
    ERROR_CODES(X)
#undef X
};

int error_set_at(struct error *err, enum error_code code, const char *file, int line, const char *format, ...)
{
	va_list args;

	if (!err || err->code != ERR_NONE)
		return -1;
	err->code = code;
	err->file = file;
	err->file_line = line;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return -1;
}

int error_place(
    struct error *err, const char *source, unsigned long line, unsigned long column, const char *field)
{
	if (!err || err->source[0])
		return -1;
	snprintf(err->source, sizeof err->source, "%s", source ? source : "");
	err->line = line;
	err->column = column;
	snprintf(err->field, sizeof err->field, "%s", field ? field : "");
	return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
	struct strbuf text = {0};
	char prefix[512];
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	vsnprintf(prefix, sizeof prefix, format, args);
	va_end(args);
	strbuf_addf(&text, "%s: %s", prefix, err->text);
	snprintf(err->text, sizeof err->text, "%.*s", (int)sizeof err->text - 1, text.p);
	strbuf_free(&text);
	return -1;
}

int error_hint(struct error *err, const char *format, ...)
{
	va_list args;

	if (!err || err->hint[0])
		return -1;
	va_start(args, format);
	vsnprintf(err->hint, sizeof err->hint, format, args);
	va_end(args);
	return -1;
}

void error_clear(struct error *err)
{
	memset(err, 0, sizeof *err);
}

const char *error_code_name(enum error_code code)
{
	return (size_t)code < ARRAY_LEN(codes) ? codes[code].name : "unknown";
}

int error_exit_status(const struct error *err)
{
	return (size_t)err->code < ARRAY_LEN(codes) ? codes[err->code].status : 3;
}

/* "file:line:column: field: " as far as it is known. */
static int place_text(const struct error *err, char *out, size_t size)
{
	char line[24] = "", column[24] = "";

	if (!err->source[0]) {
		out[0] = '\0';
		return 0;
	}
	if (err->line)
		snprintf(line, sizeof line, "%lu:", err->line);
	if (err->line && err->column)
		snprintf(column, sizeof column, "%lu:", err->column);
	return snprintf(
	    out, size, "%s:%s%s %s%s", err->source, line, column, err->field, err->field[0] ? ": " : "");
}

void error_also(struct error *err, const struct error *other)
{
	static const char cut[] = "...\n";
	size_t n = strlen(err->more), room = sizeof err->more - n;
	char place[sizeof err->source + sizeof err->field + 64];

	place_text(other, place, sizeof place);
	int added = snprintf(err->more + n, room, "%s%s\n%s%s%s", place, other->text,
	    other->hint[0] ? "hint: " : "", other->hint, other->hint[0] ? "\n" : "");
	if (added < 0 || (size_t)added >= room - sizeof cut)
		snprintf(err->more + n, room, "%s",
		    room >= sizeof cut && !(n >= 4 && strcmp(err->more + n - 4, cut) == 0) ? cut : "");
}

void error_print(const struct error *err, FILE *out, bool verbose)
{
	char place[sizeof err->source + sizeof err->field + 64];

	place_text(err, place, sizeof place);
	fprintf(out, "%s%s\n", place, err->text);
	if (err->hint[0])
		fprintf(out, "hint: %s\n", err->hint);
	fputs(err->more, out);
	if (verbose && err->file)
		fprintf(out, "at: %s:%d (%s)\n", err->file, err->file_line, error_code_name(err->code));
}
