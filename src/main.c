/* Finds the command, runs it, prints its error once, gives the exit status. Nothing else. */
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/program.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/str.h"

static int print_help(const struct invocation *invocation)
{
	struct strbuf text = {0};

	if (invocation->version)
		strbuf_addf(&text, "tenantry %s\n", TENANTRY_VERSION);
	else if (invocation->command)
		help_command(&tenantry_program, invocation->command, &text);
	else
		help_program(&tenantry_program, &text);
	fputs(text.p, stdout);
	strbuf_free(&text);
	return 0;
}

static void setup_log(const struct invocation *invocation)
{
	const struct option_value *values = invocation->values;
	const char *format = values[OPT_LOG_FORMAT].text;
	struct log_settings settings = {.level = values[OPT_VERBOSE].set ? LOG_DEBUG
						 : values[OPT_QUIET].set ? LOG_WARN
									 : LOG_INFO,
	    .json = format && strcmp(format, "json") == 0};

	log_setup(&settings);
}

/* JSON is UTF-8; what an error quotes need not be. */
static void make_utf8(char *text)
{
	ptrdiff_t bad;

	while ((bad = strv_bad_utf8(strv_of(text))) >= 0)
		text[bad] = '?';
}

/* One object on stderr: stdout holds results only. */
static void print_json_error(const struct error *err)
{
	json_t *json = json_pack("{s:{s:s, s:i, s:s}}", "error", "code", error_code_name(err->code),
	    "exit_status", error_exit_status(err), "text", err->text);
	json_t *members = json_object_get(json, "error");

	if (err->source[0])
		json_object_set_new(members, "source", json_string(err->source));
	if (err->line)
		json_object_set_new(members, "line", json_integer((json_int_t)err->line));
	if (err->column)
		json_object_set_new(members, "column", json_integer((json_int_t)err->column));
	if (err->field[0])
		json_object_set_new(members, "field", json_string(err->field));
	if (err->hint[0])
		json_object_set_new(members, "hint", json_string(err->hint));
	json_dumpf(json, stderr, JSON_COMPACT);
	fputc('\n', stderr);
	json_decref(json);
}

/* Errors may quote what a server or a file said: secrets are masked here as in the log. */
static int print_error(const struct invocation *invocation, struct error *err)
{
	char *const texts[] = {err->source, err->field, err->text, err->hint};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		log_mask(texts[i]);
		make_utf8(texts[i]);
	}
	if (invocation->values[OPT_JSON].set) {
		print_json_error(err);
	} else {
		fputs("tenantry: ", stderr);
		error_print(err, stderr, invocation->values[OPT_VERBOSE].set);
	}
	return error_exit_status(err);
}

/* Started with a closed stdin, stdout or stderr, the next file opened (the ledger) would take its number and
 * receive what is printed. */
static void fill_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Trees that are built to be written would lose members without a word. */
static void *allocate_json(size_t n)
{
	return mem_resize(NULL, n, 1);
}

int main(int argc, char **argv)
{
	struct invocation invocation;
	struct error err = {0};
	int status = 0;

	mem_setup();
	umask(077);
	fill_standard_files();
	json_set_alloc_funcs(allocate_json, free);
	if (options_parse(&tenantry_program, argc, argv, &invocation, &err) == 0) {
		setup_log(&invocation);
		status = invocation.help || invocation.version ? print_help(&invocation)
							       : invocation.command->run(&invocation, &err);
	}
	if (status < 0 && err.code == ERR_NONE)
		error_set(&err, ERR_INTERNAL, "%s failed without saying why", argv[0]);
	if (err.code != ERR_NONE)
		status = print_error(&invocation, &err);
	/* A result that did not arrive is no result: a full disk behind a redirection, for one. */
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fprintf(stderr,
		    "tenantry: cannot write the result to standard output; the command itself ended with status %d"
		    " (of a run, run.json has it)\n",
		    status);
		if (status == 0)
			status = 3;
	}
	invocation_free(&invocation);
	return status;
}
