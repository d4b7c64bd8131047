/* --help: a program or a command as text for a terminal of 80 columns. The man page and the README are made
 * in help_man.c. */
#include "cli/help_impl.h"

enum { WIDTH = 79, LABEL_MAX = 30 };

bool program_is_single(const struct program *program)
{
	return program->commands[0].name && program->commands[0].name[0] == '\0';
}

bool command_takes(const struct command *command, size_t option)
{
	return command->options & OPTION_BIT(option);
}

void add_option_label(const struct option *option, struct strbuf *out)
{
	if (option->letter)
		strbuf_addf(out, "-%c, ", option->letter);
	strbuf_addf(out, "--%s", option->name);
	if (option->argument)
		strbuf_addf(out, " %s", option->argument);
}

bool next_line(const char **text, struct strv *line)
{
	if (!*text || !**text)
		return false;
	*line = (struct strv){*text, strcspn(*text, "\n")};
	*text += line->n + ((*text)[line->n] == '\n');
	return true;
}

bool next_paragraph(const char **text, struct strv *paragraph)
{
	const char *end;

	if (!*text || !**text)
		return false;
	end = strstr(*text, "\n\n");
	*paragraph = (struct strv){*text, end ? (size_t)(end - *text) : strlen(*text)};
	*text += paragraph->n + (end ? 2 : 0);
	return true;
}

bool split_columns(struct strv line, struct strv *term, struct strv *rest)
{
	const char *space = memmem(line.p, line.n, "  ", 2);

	if (!space || space == line.p)
		return false;
	*term = (struct strv){line.p, (size_t)(space - line.p)};
	*rest = strv_trim((struct strv){space, line.n - term->n});
	return true;
}

/* Columns, not bytes. */
static size_t columns_of(struct strv v)
{
	size_t n = 0;

	for (size_t i = 0; i < v.n; i++)
		n += ((unsigned char)v.p[i] & 0xc0) != 0x80;
	return n;
}

void help_add_wrapped(struct strbuf *out, struct strv text, size_t at, size_t indent)
{
	bool first = true;

	while (text.n > 0) {
		const char *space = memchr(text.p, ' ', text.n);
		struct strv word = {text.p, space ? (size_t)(space - text.p) : text.n};
		size_t columns = columns_of(word);

		text.p += word.n + (space != NULL);
		text.n -= word.n + (space != NULL);
		if (!first && at + 1 + columns > WIDTH) {
			strbuf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
			first = true;
		}
		if (!first)
			strbuf_addc(out, ' ');
		strbuf_addv(out, word);
		at += columns + !first;
		first = false;
	}
	strbuf_addc(out, '\n');
}

static void add_text(struct strbuf *out, const char *text)
{
	struct strv paragraph;

	while (next_paragraph(&text, &paragraph)) {
		strbuf_addc(out, '\n');
		help_add_wrapped(out, paragraph, 0, 0);
	}
}

/* "  label   text", the text in a column of its own. */
static void add_row(struct strbuf *out, struct strv label, const char *text, size_t column)
{
	size_t used = 2 + columns_of(label);

	strbuf_addf(out, "  %.*s", STRV_ARG(label));
	if (used + 2 > column) {
		strbuf_addc(out, '\n');
		used = 0;
	}
	strbuf_addf(out, "%*s", (int)(column - used), "");
	help_add_wrapped(out, strv_of(text), column, column);
}

static void add_option(struct strbuf *out, const struct option *option, size_t column)
{
	struct strbuf label = {0}, text = {0};

	if (!option->letter)
		strbuf_adds(&label, "    ");
	add_option_label(option, &label);
	strbuf_adds(&text, option->help);
	if (option->fallback)
		strbuf_addf(&text, " [%s]", option->fallback);
	add_row(out, strbuf_view(&label), text.p, column);
	strbuf_free(&label);
	strbuf_free(&text);
}

static size_t option_column(const struct program *program, const struct command *command)
{
	size_t column = 0;

	for (size_t i = 0; program->options[i].name; i++) {
		struct strbuf label = {0};
		if (!command_takes(command, i))
			continue;
		add_option_label(&program->options[i], &label);
		size_t n = label.n + (program->options[i].letter ? 4 : 8);
		if (n > column && n <= LABEL_MAX)
			column = n;
		strbuf_free(&label);
	}
	return column < 16 ? 16 : column;
}

static void add_options(struct strbuf *out, const struct program *program, const struct command *command)
{
	size_t column = option_column(program, command);

	strbuf_adds(out, "\nOptions:\n");
	for (size_t i = 0; program->options[i].name; i++)
		if (command_takes(command, i))
			add_option(out, &program->options[i], column);
	add_row(out, STRV("-h, --help"), "show this", column);
	if (program_is_single(program))
		add_row(out, STRV("    --version"), "show the version", column);
}

static void add_examples(struct strbuf *out, const char *examples)
{
	struct strv line;

	if (!examples)
		return;
	strbuf_adds(out, "\nExamples:\n");
	while (next_line(&examples, &line))
		strbuf_addf(out, "  %.*s\n", STRV_ARG(line));
}

/* A section of the man page for a program without one at hand: tables (lines that begin with spaces) stay as
 * they are. */
static void add_section(struct strbuf *out, const struct heading_text *section)
{
	const char *text = section->text;
	struct strv paragraph, line;

	strbuf_addf(out, "\n%s\n", section->heading);
	for (bool first = true; next_paragraph(&text, &paragraph); first = false) {
		if (!first)
			strbuf_addc(out, '\n');
		for (const char *at = paragraph.p; at < paragraph.p + paragraph.n; at += line.n + 1) {
			const char *end = memchr(at, '\n', (size_t)(paragraph.p + paragraph.n - at));
			line = (struct strv){
			    at, end ? (size_t)(end - at) : (size_t)(paragraph.p + paragraph.n - at)};
			size_t indent = strspn(at, " ");
			strbuf_addf(out, "%*s", (int)indent, "");
			help_add_wrapped(
			    out, (struct strv){line.p + indent, line.n - indent}, indent, indent);
		}
	}
}

void help_command(const struct program *program, const struct command *command, struct strbuf *out)
{
	const char *space = command->name[0] ? " " : "";

	strbuf_addf(out, "usage: %s%s%s [OPTION...]%s%s\n", program->name, space, command->name,
	    command->arguments[0] ? " " : "", command->arguments);
	if (command->summary && command->summary[0]) {
		strbuf_addc(out, '\n');
		help_add_wrapped(out, strv_of(command->summary), 0, 0);
	}
	add_text(out, command->text);
	add_options(out, program, command);
	add_examples(out, command->examples);
	for (const struct heading_text *s = program->sections; program_is_single(program) && s->heading; s++)
		add_section(out, s);
}

static void add_commands(struct strbuf *out, const struct program *program)
{
	size_t column = 0;

	for (const struct command *c = program->commands; c->name; c++) {
		size_t n = strlen(c->name) + strlen(c->arguments) + 5;
		column = n > column ? n : column;
	}
	strbuf_adds(out, "\nCommands:\n");
	for (const struct command *c = program->commands; c->name; c++) {
		struct strbuf label = {0};
		strbuf_addf(&label, "%s%s%s", c->name, c->arguments[0] ? " " : "", c->arguments);
		add_row(out, strbuf_view(&label), c->summary, column);
		strbuf_free(&label);
	}
}

void help_program(const struct program *program, struct strbuf *out)
{
	if (program_is_single(program)) {
		help_command(program, &program->commands[0], out);
		return;
	}
	strbuf_addf(
	    out, "%s: %s\n\nusage: %s COMMAND [OPTION...]\n", program->name, program->summary, program->name);
	add_text(out, program->text);
	add_commands(out, program);
	strbuf_addf(out, "\n%s COMMAND --help shows a command and its options, --version the version.\n",
	    program->name);
	strbuf_addf(out, "man %s has the exit statuses, the environment and the files.\n", program->name);
}
