/* Command lines as tables: parsing, --help, man pages, completion and the README's reference come from the
 * same rows.
 *
 * Both programs describe themselves with a `struct program`; a command names the options it takes as a set of
 * bits, one a row of the program's option table. Every command takes --help.
 */
#ifndef TENANTRY_OPTIONS_H
#define TENANTRY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tenantry/error.h"
#include "tenantry/str.h"

enum option_type {
	OPTION_FLAG,     /* --quiet */
	OPTION_TEXT,     /* --output FILE */
	OPTION_LIST,     /* --format F, given several times */
	OPTION_COUNT,    /* a whole number, 0 or more */
	OPTION_SHARE,    /* N or P%: number and percent */
	OPTION_DURATION, /* 50ms, 30s, 24h: number is milliseconds */
	OPTION_TIME,     /* ISO 8601 date-time: number is milliseconds since 1970 */
	OPTION_DATE,     /* ISO 8601 date: text */
	OPTION_CHOICE    /* one of `choices`, separated by '|' */
};

struct option {
	const char *name; /* without the dashes */
	char letter;      /* 'q' for -q, 0 for none */
	enum option_type type;
	const char *argument; /* "FILE"; NULL for a flag */
	const char *choices;  /* for OPTION_CHOICE */
	const char *fallback; /* shown as the default; NULL: none */
	const char *help;     /* one sentence, lower case, no full stop */
};

enum { OPTION_MAX = 64 };
#define OPTION_BIT(id) (UINT64_C(1) << (id))

struct invocation;
struct command {
	const char *name;
	const char *arguments; /* "JOB", "RUN", "" */
	const char *summary;   /* one line */
	const char *text;      /* paragraphs for --help and the man page, separated by empty lines */
	const char *examples;  /* lines; NULL none */
	size_t min_args, max_args;
	uint64_t options;
	/* Gives the exit status; on failure sets err, whose status then counts. */
	int (*run)(const struct invocation *, struct error *err);
};

struct heading_text {
	const char *heading, *text;
}; /* a man page section of its own, such as FILES */

struct program {
	const char *name, *summary, *text;
	const struct option *options; /* ends with a NULL name */
	const struct command
	    *commands; /* ends with a NULL name; a program without commands has one row named "" */
	const struct heading_text *sections; /* ends with a NULL heading */
};

struct option_value {
	bool set, percent;
	const char *text; /* as given; borrowed from argv */
	int64_t number;
	const char **list; /* OPTION_LIST: all of them, owned by the invocation */
	size_t count;
};

struct invocation {
	const struct program *program;
	const struct command *command;
	const char **args; /* the words that are not options */
	size_t arg_count;
	bool help, version;                     /* asked for: args are not checked then */
	struct option_value values[OPTION_MAX]; /* by row of program->options */
};

/* Reads argv (argv[0] is skipped). Options may stand before or after the command and its words; "--" ends
 * them; short flags may be joined. ERR_USAGE names the nearest known option or command. Free with
 * invocation_free() in both cases. */
int options_parse(
    const struct program *program, int argc, char **argv, struct invocation *out, struct error *err) MUST_USE;
void invocation_free(struct invocation *invocation);
const struct command *program_command(const struct program *program, const char *name); /* or NULL */

/* The parts of one command line table as text for people (help.c). All write to a strbuf. */
struct strbuf;
void help_program(const struct program *program, struct strbuf *out); /* tenantry --help */
void help_command(const struct program *program, const struct command *command, struct strbuf *out);
void help_man(const struct program *program, const char *version, struct strbuf *out); /* roff, section 1 */
/* Words from column `at` on, wrapped at 80 columns to `indent`; ends the line. */
void help_add_wrapped(struct strbuf *out, struct strv text, size_t at, size_t indent);
void help_markdown(const struct program *program, struct strbuf *out); /* for the README */
void help_completion(const struct program *const *programs, size_t count, struct strbuf *out); /* bash */

#endif
