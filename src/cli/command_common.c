/* What commands share: the job they are about, its ledger, the clock, and how a run's result is shown. */
#include "commands.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "program.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/progress.h"
#include "tenantry/signals.h"

struct job *command_job(const struct invocation *invocation, const char *path, struct error *err)
{
	if (!path)
		path = invocation->values[OPT_JOB].text;
	if (!path || !path[0])
		path = getenv("TENANTRY_JOB");
	if (!path || !path[0]) {
		error_set(err, ERR_USAGE, "which job? its ledger is needed");
		error_hint(err, "give --job JOB, or set TENANTRY_JOB to the job file");
		return NULL;
	}
	return job_load(path, NULL, err);
}

struct ledger *command_ledger(const struct invocation *invocation, struct job **job, struct error *err)
{
	struct ledger *ledger;

	*job = command_job(invocation, NULL, err);
	if (!*job)
		return NULL;
	ledger = ledger_open((*job)->ledger, LEDGER_READ, clock_machine(), err);
	if (!ledger) {
		job_free(*job);
		*job = NULL;
	}
	return ledger;
}

struct clock *command_clock(const struct invocation *invocation, const struct job *job, bool writes,
    struct clock *shifted, struct error *err)
{
	const struct option_value *now = &invocation->values[OPT_NOW];

	if (!now->set)
		return clock_machine();
	if (writes && !job->acronis.loopback) {
		error_set(err, ERR_USAGE,
		    "--now is refused: %s is not a loopback address, and a wrong date would change real tenants",
		    job->acronis.url);
		error_hint(err, "use --now with --dry-run, with plan, or against tenantry-sandbox");
		return NULL;
	}
	clock_shifted(shifted, now->number);
	return shifted;
}

void command_run_options(const struct invocation *invocation, struct run_options *options)
{
	const struct option_value *values = invocation->values;

	options->dry_run = options->dry_run || values[OPT_DRY_RUN].set;
	options->limit = values[OPT_LIMIT].set ? (uint64_t)values[OPT_LIMIT].number : 0;
	if (values[OPT_MAX_ERRORS].set)
		options->max_errors =
		    (struct share){true, values[OPT_MAX_ERRORS].percent, values[OPT_MAX_ERRORS].number};
	if (values[OPT_MAX_CHANGES].set)
		options->max_changes =
		    (struct share){true, values[OPT_MAX_CHANGES].percent, values[OPT_MAX_CHANGES].number};
	if (values[OPT_ALLOW_DISABLES].set)
		options->allow_disables = (struct share){true, false, values[OPT_ALLOW_DISABLES].number};
	options->yes = values[OPT_YES].set;
	options->full = values[OPT_FULL].set;
	options->progress = !values[OPT_QUIET].set && !values[OPT_JSON].set && isatty(STDERR_FILENO);
	options->keep_order_files = !options->dry_run;
	if (options->progress)
		progress_start(options->clock);
}

bool command_color(const struct invocation *invocation)
{
	const struct option_value *color = &invocation->values[OPT_COLOR];

	if (color->set && strcmp(color->text, "auto") != 0)
		return strcmp(color->text, "always") == 0;
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	return isatty(STDOUT_FILENO) && !(no_color && no_color[0]) && term && strcmp(term, "dumb") != 0;
}

int command_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

void command_print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(json);
}

/* What cron should mail, and nothing else: why a person must look, and where. */
static void show_briefly(const struct report *report)
{
	printf("%s %s: %s\n", report->job, report->run_id, report->verdict);
	/* The verdict has the reason of what stopped, as a rule. */
	if (report->error_text[0] && !strstr(report->verdict, report->error_text))
		printf("%s\n", report->error_text);
	if (report->error_hint[0])
		printf("hint: %s\n", report->error_hint);
	struct strbuf held = {0};
	report_held_lines(report, &held);
	if (held.n > 0)
		fputs(held.p, stdout);
	strbuf_free(&held);
	if (!report->dry_run)
		printf("see %s, or: tenantry show %s --job %s\n", report->folder, report->run_id,
		    report->job_path);
}

static int show_json(const struct run_output *out, struct error *err)
{
	char *document = report_to_json(out->report, err);

	if (!document)
		return -1;
	fputs(document, stdout);
	free(document);
	return 0;
}

static void show_text(const struct invocation *invocation, const struct run_output *out)
{
	struct strbuf text = {0};

	if (out->plan && out->report->dry_run)
		plan_print(out->plan, &text);
	report_text(out->report, command_color(invocation), command_width(), &text);
	fwrite(text.p, 1, text.n, stdout);
	strbuf_free(&text);
}

/* What of a command line says which orders it is about, and what keeps it from ending early. */
static void add_same_options(const struct invocation *invocation, struct strbuf *out)
{
	static const int same[] = {OPT_ORDER, OPT_BATCH, OPT_CODE, OPT_INCLUDE_PARKED, OPT_LIMIT,
	    OPT_MAX_ERRORS, OPT_MAX_CHANGES, OPT_FULL};

	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		const struct option *option = &invocation->program->options[same[i]];
		const struct option_value *value = &invocation->values[same[i]];
		size_t times = option->type == OPTION_LIST ? value->count : value->set;
		for (size_t k = 0; k < times; k++) {
			strbuf_addf(out, " --%s", option->name);
			if (option->type == OPTION_FLAG)
				continue;
			strbuf_addc(out, ' ');
			report_add_shell(out, option->type == OPTION_LIST ? value->list[k] : value->text);
		}
	}
}

/* The same again; of a retry by the run's id, for "last" is another run by then. */
static void add_same_command(const struct invocation *invocation, const struct job *job,
    const struct run_options *options, struct strbuf *out)
{
	strbuf_addf(out, "tenantry %s", options->command);
	if (options->selection) {
		strbuf_addf(out, " %s --job ", options->selection->run_id);
		report_add_shell(out, job->path);
	} else if (options->fixes || options->plan_digest) {
		for (size_t i = 0; i < invocation->arg_count; i++) {
			strbuf_addc(out, ' ');
			report_add_shell(out, invocation->args[i]);
		}
	} else {
		strbuf_addc(out, ' ');
		report_add_shell(out, job->path);
	}
	add_same_options(invocation, out);
}

int command_run_job(const struct invocation *invocation, const struct job *job, struct run_options *options,
    struct error *err)
{
	struct run_output out = {0};
	struct strbuf again = {0};
	int status = 0;

	command_run_options(invocation, options);
	add_same_command(invocation, job, options, &again);
	options->again = again.p;
	signals_setup();
	if (run_job(job, options, &out, err) == 0) {
		status = out.exit_status;
		if (invocation->values[OPT_JSON].set)
			status = show_json(&out, err) < 0 ? error_exit_status(err) : status;
		else if (!invocation->values[OPT_QUIET].set)
			show_text(invocation, &out);
		else if (status != 0)
			show_briefly(out.report);
	}
	plan_free(out.plan);
	report_free(out.report);
	strbuf_free(&again);
	return status;
}
