/* tenantry-docs, used by the Makefile only: writes what the tables say. Man pages, the completion, and the
 * README with its generated sections renewed. A section stands between the lines `<!-- begin NAME -->` and
 * `<!-- end NAME -->`. */
#include <stdlib.h>

#include "cli/program.h"
#include "sandbox/program.h"
#include "tenantry/atomic_file.h"
#include "tenantry/job.h"
#include "tenantry/fix.h"
#include "tenantry/reconcile.h"
#include "tenantry/rules.h"

static void add_program_man(struct strbuf *out)
{
	help_man(&tenantry_program, TENANTRY_VERSION, out);
}

static void add_sandbox_man(struct strbuf *out)
{
	help_man(&sandbox_program, TENANTRY_VERSION, out);
}

static void add_job_man(struct strbuf *out)
{
	job_man(TENANTRY_VERSION, out);
}

static void add_completion(struct strbuf *out)
{
	const struct program *const programs[] = {&tenantry_program, &sandbox_program};

	help_completion(programs, 2, out);
}

static void add_program_markdown(struct strbuf *out)
{
	help_markdown(&tenantry_program, out);
}

static void add_sandbox_markdown(struct strbuf *out)
{
	help_markdown(&sandbox_program, out);
}

static void add_rules_markdown(struct strbuf *out)
{
	strbuf_adds(out, "| Code | Rejected because |\n|---|---|\n");
	for (int code = 0; code < RULE_COUNT; code++)
		strbuf_addf(
		    out, "| `%s` | %s |\n", rule_name((enum rule_code)code), rule_text((enum rule_code)code));
}

static const struct document {
	const char *name;
	void (*add)(struct strbuf *);
	bool section; /* of the README */
} documents[] = {{"tenantry.1", add_program_man, false}, {"tenantry-job.5", add_job_man, false},
    {"tenantry-sandbox.1", add_sandbox_man, false}, {"tenantry.bash", add_completion, false},
    {"commands", add_program_markdown, true}, {"sandbox", add_sandbox_markdown, true},
    {"job", job_reference_markdown, true}, {"rules", add_rules_markdown, true},
    {"findings", findings_reference_markdown, true}, {"fixes", fixes_reference_markdown, true},
    {NULL, NULL, false}};

static const struct document *find_section(const char *line, size_t n)
{
	for (const struct document *d = documents; d->name; d++) {
		struct strbuf mark = {0};
		strbuf_addf(&mark, "<!-- begin %s -->", d->name);
		bool same = d->section && strv_eq(strbuf_view(&mark), (struct strv){line, n});
		strbuf_free(&mark);
		if (same)
			return d;
	}
	return NULL;
}

/* Copies the text; what stands between the marks of a section is made anew. -1 when an end is missing. */
static int renew(const char *text, struct strbuf *out)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		const struct document *section = find_section(text, n);
		strbuf_add(out, text, n + (text[n] == '\n'));
		text += n + (text[n] == '\n');
		if (!section)
			continue;
		struct strbuf mark = {0};
		strbuf_addf(&mark, "<!-- end %s -->", section->name);
		text = strstr(text, mark.p);
		strbuf_free(&mark);
		if (!text) {
			fprintf(stderr, "tenantry-docs: the section %s does not end\n", section->name);
			return -1;
		}
		section->add(out);
	}
	return 0;
}

static int renew_file(const char *path, struct strbuf *out)
{
	struct error err = {0};
	size_t n;
	char *text = file_read_all(path, 1 << 22, &n, &err);
	int rc = text ? renew(text, out) : -1;

	if (!text)
		error_print(&err, stderr, false);
	free(text);
	return rc;
}

int main(int argc, char **argv)
{
	struct strbuf out = {0};
	int rc = -1;

	if (argc == 3 && strcmp(argv[1], "renew") == 0)
		rc = renew_file(argv[2], &out);
	for (const struct document *d = documents; d->name && argc == 2; d++) {
		if (strcmp(d->name, argv[1]) != 0)
			continue;
		d->add(&out);
		rc = 0;
	}
	if (argc < 2)
		fputs("usage: tenantry-docs NAME | renew FILE\n", stderr);
	if (rc == 0 && fwrite(out.p, 1, out.n, stdout) != out.n)
		rc = -1;
	strbuf_free(&out);
	return rc == 0 && fflush(stdout) == 0 ? 0 : 1;
}
