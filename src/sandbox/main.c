/* tenantry-sandbox: read the command line, run, turn an error into an exit status. */
#include <stdio.h>
#include <stdlib.h>

#include "sandbox/program.h"
#include "tenantry/error.h"
#include "tenantry/str.h"

static void print_help(void)
{
	struct strbuf text = {0};

	help_program(&sandbox_program, &text);
	fwrite(text.p, 1, text.n, stdout);
	strbuf_free(&text);
}

int main(int argc, char **argv)
{
	struct invocation in;
	struct error err = {0};
	int status = 0;

	if (options_parse(&sandbox_program, argc, argv, &in, &err) == 0) {
		if (in.help)
			print_help();
		else if (in.version)
			printf("tenantry-sandbox %s\n", TENANTRY_VERSION);
		else
			status = in.command->run(&in, &err);
	}
	if (err.code != ERR_NONE) {
		fputs("tenantry-sandbox: ", stderr);
		error_print(&err, stderr, false);
		status = error_exit_status(&err);
	}
	invocation_free(&in);
	return status;
}
