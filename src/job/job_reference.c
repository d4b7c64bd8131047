/* The job file's reference, from the table of keys: for the README and as tenantry-job.5. The words around
 * the table stand here and nowhere else. */
#include <stdlib.h>

#include "job/job_impl.h"

static bool is_choice(const char *type)
{
	return strchr(type, '|') && !strchr(type, ' ') && !strchr(type, '"');
}

/* "a|b|c" as "a, b or c". */
static void add_type(struct strbuf *out, const char *type)
{
	if (!is_choice(type)) {
		strbuf_adds(out, type);
		return;
	}
	while (*type) {
		size_t n = strcspn(type, "|");
		strbuf_add(out, type, n);
		type += n;
		if (*type && strchr(++type, '|'))
			strbuf_adds(out, ", ");
		else if (*type)
			strbuf_adds(out, " or ");
	}
}

static bool is_value(const char *fallback)
{
	return fallback[0] && strncmp(fallback, "required", 8) != 0;
}

static void add_cell(struct strbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			strbuf_addc(out, '\\');
		strbuf_addc(out, *text);
	}
}

void job_reference_markdown(struct strbuf *out)
{
	struct strbuf type = {0};

	strbuf_adds(out, "| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
	for (const struct job_key *key = job_keys(); key->path; key++) {
		strbuf_clear(&type);
		add_type(&type, key->type);
		strbuf_addf(out, "| `%s` | ", key->path);
		add_cell(out, type.p);
		strbuf_adds(out, " | ");
		if (is_value(key->fallback))
			strbuf_adds(out, "`");
		else if (key->fallback[0])
			strbuf_adds(out, "**");
		add_cell(out, key->fallback);
		if (is_value(key->fallback))
			strbuf_adds(out, "`");
		else if (key->fallback[0])
			strbuf_adds(out, "**");
		strbuf_adds(out, " | ");
		add_cell(out, key->help);
		strbuf_adds(out, " |\n");
	}
	strbuf_free(&type);
}

/* roff: a backslash is an escape, '-' alone would become a hyphen, and '.' or '\'' begins a request at a
 * line's start. */
static void add_roff(struct strbuf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		strbuf_adds(out, "\\&");
	for (; *text; text++) {
		if (*text == '\\')
			strbuf_adds(out, "\\e");
		else if (*text == '-')
			strbuf_adds(out, "\\-");
		else
			strbuf_addc(out, *text);
	}
}

static const char man_begin[] =
    ".SH NAME\n"
    "tenantry\\-job \\- job file of tenantry\n"
    ".SH DESCRIPTION\n"
    "A job file says what one nightly run works with: where orders and subscriptions come from, which Acronis data\n"
    "centre and tenant the resellers belong to, the distributor\\(aqs own table of contract tiers, and the limits that\n"
    "stop a run. It is YAML, UTF\\-8, one document, at most 1 MiB. It is read strictly: an unknown key, a wrong type, a\n"
    "duplicate key or a missing required key is an error with its line and column, and nothing is done. Aliases and\n"
    "tags are refused.\n"
    ".PP\n"
    "Paths are relative to\n"
    ".BR root .\n"
    "A duration is a number and a unit: 250ms, 30s, 5m, 24h, 7d. An amount is exact decimal text, quoted or not.\n"
    ".PP\n"
    "A secret never stands in the file:\n"
    ".B {env: NAME}\n"
    "takes it from the environment,\n"
    ".B {file: PATH}\n"
    "from a file that only its owner can read (mode 0600),\n"
    ".B {credential: NAME}\n"
    "from the folder that systemd passes for\n"
    ".BR LoadCredential= .\n"
    ".SH KEYS\n";
static const char man_end[] =
    ".SH EXAMPLE\n"
    ".EX\n"
    "name: nightly\n"
    "root: /var/lib/tenantry\n"
    "ledger: var/tenantry.db\n"
    "output: var/runs\n"
    "bss:\n"
    "  name: main\n"
    "  orders: {csv: orders/*.csv}\n"
    "  subscriptions: {csv: subscriptions.csv}\n"
    "acronis:\n"
    "  url: https://eu2\\-cloud.acronis.com\n"
    "  client_id: {credential: acronis\\-client\\-id}\n"
    "  client_secret: {credential: acronis\\-client\\-secret}\n"
    "  parent: 6d1f1b3c\\-9a43\\-4c3e\\-8d2a\\-0c5b1a7e9f10\n"
    "contract:\n"
    "  licensing_mode: per_gb\n"
    "  offering_items: all\n"
    "  confirmed: {tenant: 1f4e8a52\\-7c0d\\-4b6e\\-9f3a\\-2d5c8b7a6e41, tier: Tier 1, by: A. Example}\n"
    "  tiers:\n"
    "    \\- {name: Tier 0, product: CCSP\\-T0, acronis: \\-1, commitment: {USD: 0}}\n"
    "    \\- {name: Tier 1, product: CCSP\\-T1, acronis: 0, commitment: {USD: 250}}\n"
    ".EE\n"
    ".SH SEE ALSO\n"
    ".BR tenantry (1)\n";

void job_man(const char *version, struct strbuf *out)
{
	strbuf_addf(out, ".TH TENANTRY\\-JOB 5 \"\" \"tenantry %s\" \"File formats\"\n", version);
	strbuf_adds(out, man_begin);
	for (const struct job_key *key = job_keys(); key->path; key++) {
		struct strbuf words = {0};
		add_type(&words, key->type);
		char *type = strbuf_take(&words);
		strbuf_adds(out, ".TP\n.B ");
		add_roff(out, key->path);
		strbuf_adds(out, "\n");
		add_roff(out, key->help);
		strbuf_adds(out, ".\n.br\n");
		add_roff(out, type);
		strbuf_adds(out, is_value(key->fallback) ? "; default " : key->fallback[0] ? "; " : "");
		add_roff(out, key->fallback);
		strbuf_adds(out, ".\n");
		free(type);
	}
	strbuf_adds(out, man_end);
}
