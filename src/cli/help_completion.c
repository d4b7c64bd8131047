/* Bash completion for all programs, from their tables. Works without the bash-completion package. Where
 * nothing is offered bash completes file names (complete -o default). */
#include "cli/help_impl.h"

static void add_function_name(struct strbuf *out, const char *name)
{
	strbuf_addc(out, '_');
	for (; *name; name++)
		strbuf_addc(out, *name == '-' ? '_' : *name);
}

static void add_option_words(struct strbuf *out, const struct program *program, const struct command *command)
{
	for (size_t i = 0; program->options[i].name; i++)
		if (command_takes(command, i))
			strbuf_addf(out, "--%s ", program->options[i].name);
	strbuf_adds(out, "--help");
	if (program_is_single(program))
		strbuf_adds(out, " --version");
}

/* After an option that needs a value: its choices, or whatever bash offers. */
static void add_values(struct strbuf *out, const struct program *program)
{
	strbuf_adds(out, "\tcase $before in\n");
	for (const struct option *o = program->options; o->name; o++) {
		if (!o->argument)
			continue;
		strbuf_addf(out, "\t--%s", o->name);
		if (o->letter)
			strbuf_addf(out, " | -%c", o->letter);
		if (!o->choices) {
			strbuf_adds(out, ") return ;;\n");
			continue;
		}
		strbuf_adds(out, ") offer=\"");
		for (const char *c = o->choices; *c; c++)
			strbuf_addc(out, *c == '|' ? ' ' : *c);
		strbuf_adds(out, "\" ;;\n");
	}
	strbuf_adds(out, "\tesac\n");
}

static void add_commands(struct strbuf *out, const struct program *program)
{
	strbuf_adds(out, "\tlocal word command=\n"
			 "\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
			 "\t\tcase $word in\n\t\t");
	for (const struct command *c = program->commands; c->name; c++)
		strbuf_addf(out, "%s%s", c == program->commands ? "" : " | ", c->name);
	strbuf_adds(out, ") command=$word && break ;;\n\t\tesac\n\tdone\n");
	strbuf_adds(out, "\tcase $command in\n");
	for (const struct command *c = program->commands; c->name; c++) {
		strbuf_addf(out, "\t%s) options=\"", c->name);
		add_option_words(out, program, c);
		strbuf_adds(out, "\" ;;\n");
	}
	strbuf_adds(out, "\t*) options=\"--help --version\" words=\"");
	for (const struct command *c = program->commands; c->name; c++)
		strbuf_addf(out, "%s%s", c == program->commands ? "" : " ", c->name);
	strbuf_adds(out, "\" ;;\n\tesac\n");
}

static void add_program(struct strbuf *out, const struct program *program)
{
	add_function_name(out, program->name);
	strbuf_adds(out,
	    "() {\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} offer='' options='' words=''\n"
	    "\tCOMPREPLY=()\n"
	    "\t[[ $cur == = ]] && cur=\n"
	    "\t[[ $before == = ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n");
	if (program_is_single(program)) {
		strbuf_adds(out, "\toptions=\"");
		add_option_words(out, program, &program->commands[0]);
		strbuf_adds(out, "\"\n");
	} else {
		add_commands(out, program);
	}
	add_values(out, program);
	strbuf_adds(out, "\tif [[ -z $offer ]]; then\n"
			 "\t\toffer=$words\n"
			 "\t\t[[ $cur == -* ]] && offer=$options\n"
			 "\tfi\n"
			 "\t[[ -n $offer ]] && mapfile -t COMPREPLY < <(compgen -W \"$offer\" -- \"$cur\")\n"
			 "}\n");
	strbuf_adds(out, "complete -o default -F ");
	add_function_name(out, program->name);
	strbuf_addf(out, " %s\n", program->name);
}

void help_completion(const struct program *const *programs, size_t count, struct strbuf *out)
{
	strbuf_adds(out, "# bash completion for");
	for (size_t i = 0; i < count; i++)
		strbuf_addf(out, " %s", programs[i]->name);
	strbuf_adds(out, "; made from the option tables, do not edit\n");
	for (size_t i = 0; i < count; i++)
		add_program(out, programs[i]);
}
