/* The file of proposed corrections: YAML that a person reads, says yes in, and gives to `apply`. What a
 * finding says comes from outside, so it stands in double quotes or, as a comment, on one line. fix_read.c
 * reads the file back. */
#include "report_impl.h"

#include <inttypes.h>

#include "tenantry/fix.h"

static const char top[] =
    "# Corrections that would close findings of run %s, proposed and not yet approved.\n"
    "#\n"
    "# Nothing here is carried out unless its entry says `do: yes`; every entry says `do: no` until a person changes it, and an\n"
    "# entry that is taken out, or has no `do`, counts as no. All else must stay as it is. To carry out what says yes:\n"
    "#   tenantry apply %s THIS-FILE [--dry-run]\n"
    "# Each tenant is read again at its moment; what is no longer as it says here is skipped, with the reason. Which side is right\n"
    "# is your decision: these changes make Acronis what the BSS says. No tenant is ever deleted.\n"
    "# Findings that no change of the program closes stand at the end, with what a person can do.\n\n";

struct writing {
	const struct report *report;
	struct strbuf *out, scratch;
};

/* Line breaks of YAML that are no control characters: U+2028 and U+2029. */
static size_t separator(const char *p)
{
	return memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0 ? 3 : 0;
}

static void add_line(struct writing *w, const char *text, bool quoted)
{
	for (const char *p = report_clean(&w->scratch, text, CLEAN_LINE); *p;) {
		size_t skip = strlen(p) >= 3 ? separator(p) : 0;
		if (skip)
			strbuf_addc(w->out, ' ');
		else if (quoted && (*p == '"' || *p == '\\'))
			strbuf_addf(w->out, "\\%c", *p);
		else
			strbuf_addc(w->out, *p);
		p += skip ? skip : 1;
	}
}

static void add_member(struct writing *w, const char *before, const char *name, const char *value)
{
	strbuf_addf(w->out, "%s%s: \"", before, name);
	add_line(w, value, true);
	strbuf_adds(w->out, "\"\n");
}

static void add_comment(struct writing *w, const char *before, const char *text)
{
	strbuf_addf(w->out, "%s# ", before);
	add_line(w, text, false);
	strbuf_addc(w->out, '\n');
}

static void add_fix(struct writing *w, const struct fix *fix)
{
	const struct finding_record *f = &fix->finding;
	char *money = f->money[0] ? arena_printf(w->report->arena, "%s %s", f->money, f->currency) : "";

	strbuf_addc(w->out, '\n');
	add_comment(w, "  ", f->sentence);
	add_member(w, "  - ", "finding", f->finding_id);
	add_member(w, "    ", "class", f->code);
	add_member(w, "    ", "account", f->account_id);
	add_member(w, "    ", "tenant", f->tenant_id);
	add_member(w, "    ", "change", fix_change_name(fix->change));
	add_member(w, "    ", "now", fix->now);
	add_member(w, "    ", "to", fix->to);
	add_member(w, "    ", "money", money);
	strbuf_adds(w->out, "    do: no\n");
}

static void add_left(struct writing *w, const struct finding_record *f, const char *why)
{
	strbuf_addf(w->out, "#\n# %s, %s, %s", f->finding_id, f->code, f->severity);
	if (f->money[0])
		strbuf_addf(w->out, ", %s %s", f->money, f->currency);
	strbuf_addc(w->out, '\n');
	add_comment(w, "", f->sentence);
	if (why[0])
		add_comment(w, "", arena_printf(w->report->arena, "Not proposed: %s.", why));
	add_comment(w, "", report_finding_advice(f->code));
}

static void add_head(struct writing *w, const char *seal)
{
	const struct report *r = w->report;
	char time[TIME_TEXT_SIZE];
	struct strbuf path = {0};

	report_add_shell(&path, r->job_path);
	strbuf_addf(w->out, top, r->run_id, path.p ? path.p : "JOB");
	strbuf_free(&path);
	strbuf_addf(w->out, "tenantry_fixes: %d\n", FIXES_FILE_VERSION);
	add_member(w, "", "job", r->job);
	add_member(w, "", "job_file", r->job_path);
	add_member(w, "", "run", r->run_id);
	add_member(w, "", "compared_at", time_text(r->observed_at, time));
	add_member(w, "", "acronis", r->acronis_url);
	add_member(w, "", "ledger", seal);
}

static bool is_proposed(struct writing *w, const struct job *job, const struct fix_journal *journal,
    const struct finding_record *f, struct fix *fix, const char **why)
{
	if (!fix_of_finding(job, f, w->report->arena, fix, why))
		return false;
	if (journal)
		fix_check_journal(fix, job, journal, w->report->arena);
	*why = fix->why;
	return fix->skip == SKIP_NONE;
}

struct fixes_counts report_fixes(const struct report *report, const struct job *job, const char *seal,
    const struct fix_journal *journal, struct strbuf *out)
{
	struct writing w = {.report = report, .out = out};
	struct fixes_counts counts = {0};
	struct strbuf left = {0};
	struct fix fix;
	const char *why;

	add_head(&w, seal);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding_record *f = &report->findings[i];
		if (is_proposed(&w, job, journal, f, &fix, &why)) {
			strbuf_adds(out, counts.proposed++ == 0 ? "fixes:\n" : "");
			add_fix(&w, &fix);
		} else {
			w.out = &left;
			add_left(&w, f, why);
			w.out = out;
			counts.left++;
		}
	}
	if (counts.proposed == 0)
		strbuf_adds(out, "fixes: []\n");
	if (counts.left > 0)
		strbuf_addf(out, "\n# ---- Findings that a person must settle: %zu\n", counts.left);
	strbuf_addv(out, strbuf_view(&left));
	strbuf_free(&left);
	strbuf_free(&w.scratch);
	return counts;
}
