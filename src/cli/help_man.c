/* The command line table as man page (roff, section 1) and as markdown for the README. */
#include "cli/help_impl.h"

/* A backslash is an escape, '-' alone would be set as a hyphen, and '.' or '\'' begins a request at a line's
 * start. */
static void add_roff(struct strbuf *out, struct strv text)
{
	if (text.n > 0 && (text.p[0] == '.' || text.p[0] == '\''))
		strbuf_adds(out, "\\&");
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			strbuf_adds(out, "\\e");
		else if (text.p[i] == '-')
			strbuf_adds(out, "\\-");
		else if (text.p[i] == '\'')
			strbuf_adds(out, "\\(aq");
		else
			strbuf_addc(out, text.p[i]);
	}
}

static void add_roff_line(struct strbuf *out, struct strv text)
{
	add_roff(out, text);
	strbuf_addc(out, '\n');
}

/* Lines with two columns become tagged paragraphs, others run together. */
static void add_paragraphs(struct strbuf *out, const char *text)
{
	struct strv paragraph, line, term, rest;

	for (bool first = true; next_paragraph(&text, &paragraph); first = false) {
		const char *at = paragraph.p, *end = paragraph.p + paragraph.n;
		if (!first)
			strbuf_adds(out, ".PP\n");
		while (at < end && next_line(&at, &line)) {
			if (line.p + line.n > end)
				line.n = (size_t)(end - line.p);
			if (split_columns(line, &term, &rest)) {
				strbuf_adds(out, ".TP\n.B ");
				add_roff_line(out, term);
				line = rest;
			}
			add_roff_line(out, line);
		}
	}
}

static void add_examples(struct strbuf *out, const char *examples)
{
	struct strv line;

	if (!examples)
		return;
	strbuf_adds(out, ".PP\n.EX\n");
	while (next_line(&examples, &line))
		add_roff_line(out, line);
	strbuf_adds(out, ".EE\n");
}

static void add_option(struct strbuf *out, const struct option *option)
{
	struct strbuf label = {0};

	add_option_label(option, &label);
	strbuf_adds(out, ".TP\n.B ");
	add_roff_line(out, strbuf_view(&label));
	add_roff(out, strv_of(option->help));
	if (option->fallback) {
		strbuf_adds(out, " (default ");
		add_roff(out, strv_of(option->fallback));
		strbuf_addc(out, ')');
	}
	strbuf_adds(out, ".\n");
	strbuf_free(&label);
}

static void add_synopsis(struct strbuf *out, const struct program *program)
{
	strbuf_adds(out, ".SH SYNOPSIS\n");
	for (const struct command *c = program->commands; c->name; c++) {
		strbuf_adds(out, ".B ");
		add_roff(out, strv_of(program->name));
		strbuf_addf(out, "%s%s\n.RI [ OPTION .\\|.\\|.]\\&\n", c->name[0] ? " " : "", c->name);
		if (c->arguments[0])
			strbuf_addf(out, ".I %s\n", c->arguments);
		if (c[1].name)
			strbuf_adds(out, ".br\n");
	}
}

/* The options of a command by name, behind its text. */
static void add_option_names(struct strbuf *out, const struct program *program, const struct command *command)
{
	const char *before = ".IP\nOptions:\n.BR";

	for (size_t i = 0; program->options[i].name; i++) {
		if (!command_takes(command, i))
			continue;
		strbuf_adds(out, before);
		strbuf_adds(out, " \\-\\-");
		add_roff(out, strv_of(program->options[i].name));
		before = " ,\n.BR";
	}
	strbuf_adds(out, " .\n");
}

static void add_command(struct strbuf *out, const struct program *program, const struct command *command)
{
	const char *text = command->text;
	struct strv paragraph;

	strbuf_addf(out, ".TP\n.BI %s%s%s\n", command->name, command->arguments[0] ? " \" \" " : "",
	    command->arguments);
	add_roff(out, strv_of(command->summary));
	strbuf_adds(
	    out, command->summary[0] && command->summary[strlen(command->summary) - 1] == '?' ? "\n" : ".\n");
	while (next_paragraph(&text, &paragraph)) {
		strbuf_adds(out, ".IP\n");
		add_roff_line(out, paragraph);
	}
	add_option_names(out, program, command);
	if (command->examples) {
		strbuf_adds(out, ".RS\n");
		add_examples(out, command->examples);
		strbuf_adds(out, ".RE\n");
	}
}

static void add_description(struct strbuf *out, const struct program *program)
{
	strbuf_adds(out, ".SH DESCRIPTION\n");
	add_paragraphs(out, program->text);
	if (program_is_single(program)) {
		if (program->commands[0].text && program->commands[0].text[0]) {
			strbuf_adds(out, ".PP\n");
			add_paragraphs(out, program->commands[0].text);
		}
		return;
	}
	strbuf_adds(out, ".SH COMMANDS\n");
	for (const struct command *c = program->commands; c->name; c++)
		add_command(out, program, c);
}

static void add_upper(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '-')
			strbuf_adds(out, "\\-");
		else
			strbuf_addc(out, *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text);
	}
}

void help_man(const struct program *program, const char *version, struct strbuf *out)
{
	strbuf_adds(out, ".TH ");
	add_upper(out, program->name);
	strbuf_addf(out, " 1 \"\" \"tenantry %s\" \"User Commands\"\n.SH NAME\n", version);
	add_roff(out, strv_of(program->name));
	strbuf_adds(out, " \\- ");
	add_roff_line(out, strv_of(program->summary));
	add_synopsis(out, program);
	add_description(out, program);
	strbuf_adds(
	    out, ".SH OPTIONS\nOptions may stand before or after the other words;\n.B \\-\\-\nends them.\n");
	for (const struct option *o = program->options; o->name; o++)
		add_option(out, o);
	strbuf_adds(out, ".TP\n.BR \\-h \", \" \\-\\-help\nShow help");
	strbuf_adds(out, program_is_single(program) ? ".\n" : ", also of one command.\n");
	strbuf_adds(out, ".TP\n.B \\-\\-version\nShow the version.\n");
	for (const struct heading_text *s = program->sections; s && s->heading; s++) {
		strbuf_addf(out, ".SH %s\n", s->heading);
		add_paragraphs(out, s->text);
	}
	if (program_is_single(program) && program->commands[0].examples) {
		strbuf_adds(out, ".SH EXAMPLES\n");
		add_examples(out, program->commands[0].examples);
	}
}

static void add_cell(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			strbuf_addc(out, '\\');
		strbuf_addc(out, *text);
	}
}

/* The options of all commands are said once, below the table. */
static uint64_t common_options(const struct program *program)
{
	uint64_t common = UINT64_MAX;

	for (const struct command *c = program->commands; c->name; c++)
		common &= c->options;
	return common;
}

static void add_option_list(struct strbuf *out, const struct program *program, uint64_t set)
{
	const char *before = "";

	for (size_t i = 0; program->options[i].name; i++) {
		if (!(set & OPTION_BIT(i)))
			continue;
		strbuf_addf(out, "%s`--%s`", before, program->options[i].name);
		before = " ";
	}
}

static void add_command_table(struct strbuf *out, const struct program *program)
{
	uint64_t common = common_options(program);

	strbuf_adds(out, "| Command | Does | Options |\n|---|---|---|\n");
	for (const struct command *c = program->commands; c->name; c++) {
		strbuf_addf(out, "| `%s %s%s%s` | ", program->name, c->name, c->arguments[0] ? " " : "",
		    c->arguments);
		add_cell(out, c->summary);
		strbuf_adds(out, " | ");
		add_option_list(out, program, c->options & ~common);
		strbuf_adds(out, " |\n");
	}
	strbuf_adds(out, "\nAll commands take ");
	add_option_list(out, program, common);
	strbuf_adds(out, " `--help`.\n\n");
}

void help_markdown(const struct program *program, struct strbuf *out)
{
	if (!program_is_single(program))
		add_command_table(out, program);
	strbuf_adds(out, "| Option | Meaning |\n|---|---|\n");
	for (const struct option *o = program->options; o->name; o++) {
		struct strbuf label = {0};
		add_option_label(o, &label);
		strbuf_adds(out, "| `");
		add_cell(out, label.p);
		strbuf_adds(out, "` | ");
		add_cell(out, o->help);
		if (o->fallback)
			strbuf_addf(out, " (default `%s`)", o->fallback);
		strbuf_adds(out, " |\n");
		strbuf_free(&label);
	}
}
