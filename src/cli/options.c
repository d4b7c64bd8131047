/* The command line parser; see options.h. getopt_long is not used because it keeps its state in globals,
 * cannot name the nearest option and would need a second copy of the table. */
#include "tenantry/options.h"

#include <stdlib.h>
#include <string.h>

#include "tenantry/clock.h"
#include "tenantry/mem.h"
#include "tenantry/str.h"

struct parser {
	const struct program *program;
	struct invocation *out;
	int argc, at;
	char **argv;
};

static size_t option_count(const struct program *program)
{
	size_t n = 0;

	while (program->options[n].name)
		n++;
	return n;
}

const struct command *program_command(const struct program *program, const char *name)
{
	for (const struct command *c = program->commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/* The nearest name when it is near enough to be meant. */
static const char *nearer(const char *given, const char *name, const char *best)
{
	size_t distance = str_distance(given, name), limit = strlen(given) / 3 + 1;

	if (distance > limit || (best && str_distance(given, best) <= distance))
		return best;
	return name;
}

static int unknown_option(struct parser *p, const char *word, const char *name, struct error *err)
{
	const char *best = NULL;

	for (const struct option *o = p->program->options; o->name; o++)
		best = nearer(name, o->name, best);
	error_set(err, ERR_USAGE, "unknown option %s", word);
	if (best)
		return error_hint(err, "did you mean --%s? (%s --help lists all)", best, p->program->name);
	return error_hint(err, "%s --help lists all options", p->program->name);
}

static bool in_choices(const char *choices, const char *text)
{
	size_t n = strlen(text);

	for (const char *at = choices; at; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, text, n) == 0 && (at[n] == '|' || at[n] == '\0') && n > 0)
			return true;
	}
	return false;
}

static bool read_share(const char *text, struct option_value *value)
{
	struct strv v = strv_of(text);

	value->percent = v.n > 0 && v.p[v.n - 1] == '%';
	v.n -= value->percent;
	return strv_to_int64(v, &value->number) && value->number >= 0 &&
	       (!value->percent || value->number <= 100);
}

/* What a value of this type must look like; NULL when the text is one. */
static const char *read_value(const struct option *option, const char *text, struct option_value *value)
{
	struct date date;

	switch (option->type) {
	case OPTION_FLAG:
	case OPTION_TEXT:
		return NULL;
	case OPTION_LIST:
		value->list = mem_resize(value->list, value->count + 1, sizeof *value->list);
		value->list[value->count++] = text;
		return NULL;
	case OPTION_COUNT:
		return strv_to_int64(strv_of(text), &value->number) && value->number >= 0 ? NULL
											  : "a whole number";
	case OPTION_SHARE:
		return read_share(text, value) ? NULL : "a whole number or a percentage such as 10%";
	case OPTION_DURATION:
		return duration_parse(strv_of(text), &value->number) ? NULL
								     : "a duration such as 50ms, 30s or 24h";
	case OPTION_TIME:
		return time_parse(strv_of(text), &value->number, NULL)
			   ? NULL
			   : "a time such as 2026-11-22T01:30:00Z";
	case OPTION_DATE:
		return date_parse(strv_of(text), &date) ? NULL : "a date such as 2026-10-31";
	case OPTION_CHOICE:
		return in_choices(option->choices, text) ? NULL : option->choices;
	}
	return NULL;
}

static int set_option(struct parser *p, size_t id, const char *text, struct error *err)
{
	const struct option *option = &p->program->options[id];
	struct option_value *value = &p->out->values[id];
	const char *wanted;

	value->set = true;
	value->text = text;
	if (text && (wanted = read_value(option, text, value)) != NULL)
		return error_set(err, ERR_USAGE, "--%s: \"%s\" is not %s%s", option->name, text,
		    option->type == OPTION_CHOICE ? "one of " : "", wanted);
	return 0;
}

/* The value of an option that needs one: what stands behind '=' or behind the letter, else the next word. */
static int take_value(struct parser *p, size_t id, const char *attached, struct error *err)
{
	const struct option *option = &p->program->options[id];

	if (!attached && p->at + 1 >= p->argc)
		return error_set(err, ERR_USAGE, "--%s needs %s", option->name, option->argument);
	return set_option(p, id, attached ? attached : p->argv[++p->at], err);
}

static int read_long(struct parser *p, const char *word, struct error *err)
{
	char name[64];
	const char *equals = strchr(word + 2, '=');
	struct strv given = {word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2)};

	if (strv_eq(given, STRV("help")))
		return (p->out->help = true), 0;
	if (strv_eq(given, STRV("version")))
		return (p->out->version = true), 0;
	for (size_t id = 0; p->program->options[id].name; id++) {
		const struct option *option = &p->program->options[id];
		if (!strv_eq(given, strv_of(option->name)))
			continue;
		if (option->type != OPTION_FLAG)
			return take_value(p, id, equals ? equals + 1 : NULL, err);
		if (equals)
			return error_set(err, ERR_USAGE, "--%s takes no value", option->name);
		return set_option(p, id, NULL, err);
	}
	snprintf(name, sizeof name, "%.*s", STRV_ARG(given));
	return unknown_option(p, word, name, err);
}

static int read_short(struct parser *p, const char *word, struct error *err)
{
	for (const char *at = word + 1; *at; at++) {
		size_t id = 0;
		if (*at == 'h') {
			p->out->help = true;
			continue;
		}
		while (p->program->options[id].name && p->program->options[id].letter != *at)
			id++;
		if (!p->program->options[id].name)
			return unknown_option(p, word, word, err);
		if (p->program->options[id].type != OPTION_FLAG)
			return take_value(p, id, at[1] ? at + 1 : NULL, err);
		if (set_option(p, id, NULL, err) < 0)
			return -1;
	}
	return 0;
}

static int read_word(struct parser *p, const char *word, struct error *err)
{
	const char *best = NULL;

	/* `tenantry help COMMAND` is what `tenantry COMMAND --help` is. */
	if (!p->out->command && !p->out->help && strcmp(word, "help") == 0)
		return (p->out->help = true, 0);
	if (!p->out->command) {
		p->out->command = program_command(p->program, word);
		if (p->out->command)
			return 0;
		for (const struct command *c = p->program->commands; c->name; c++)
			best = nearer(word, c->name, best);
		error_set(err, ERR_USAGE, "unknown command %s", word);
		if (best)
			return error_hint(err, "did you mean %s %s? (%s --help lists all)", p->program->name,
			    best, p->program->name);
		return error_hint(err, "%s --help lists the commands", p->program->name);
	}
	p->out->args = mem_resize(p->out->args, p->out->arg_count + 1, sizeof *p->out->args);
	p->out->args[p->out->arg_count++] = word;
	return 0;
}

static int check_words(const struct invocation *out, struct error *err)
{
	const struct command *command = out->command;

	if (out->arg_count < command->min_args)
		error_set(err, ERR_USAGE, "%s%s%s needs %s", out->program->name, command->name[0] ? " " : "",
		    command->name, command->arguments);
	else if (out->arg_count > command->max_args)
		error_set(err, ERR_USAGE, "unexpected word %s", out->args[command->max_args]);
	else
		return 0;
	return error_hint(err, "%s%s%s --help shows the command", out->program->name,
	    command->name[0] ? " " : "", command->name);
}

static int check_options(const struct invocation *out, struct error *err)
{
	for (size_t id = 0; id < option_count(out->program); id++) {
		if (!out->values[id].set || (out->command->options & OPTION_BIT(id)))
			continue;
		error_set(err, ERR_USAGE, "%s %s does not take --%s", out->program->name, out->command->name,
		    out->program->options[id].name);
		return error_hint(
		    err, "%s %s --help shows what it takes", out->program->name, out->command->name);
	}
	return 0;
}

int options_parse(
    const struct program *program, int argc, char **argv, struct invocation *out, struct error *err)
{
	struct parser p = {.program = program, .out = out, .argc = argc, .at = 1, .argv = argv};
	bool words_only = false;

	*out = (struct invocation){.program = program, .command = program_command(program, "")};
	for (; p.at < argc; p.at++) {
		const char *word = argv[p.at];
		int rc;
		if (words_only || word[0] != '-' || word[1] == '\0')
			rc = read_word(&p, word, err);
		else if (strcmp(word, "--") == 0)
			rc = (words_only = true, 0);
		else
			rc = word[1] == '-' ? read_long(&p, word, err) : read_short(&p, word, err);
		if (rc < 0)
			return -1;
	}
	if (out->help || out->version)
		return 0;
	if (!out->command) {
		error_set(err, ERR_USAGE, "which command?");
		return error_hint(err, "%s --help lists the commands", program->name);
	}
	return check_words(out, err) < 0 ? -1 : check_options(out, err);
}

void invocation_free(struct invocation *invocation)
{
	for (size_t id = 0; id < OPTION_MAX; id++)
		free(invocation->values[id].list);
	free(invocation->args);
	*invocation = (struct invocation){0};
}
