/* index.html beside the run folders: the nights of the ledger, newest first, with the trend of orders done
 * and findings. Each row comes from the head of that night's run.json; nights beyond the newest 180 are left
 * to `tenantry runs`. */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "report_impl.h"
#include "tenantry/atomic_file.h"
#include "tenantry/mem.h"

enum {
	NIGHTS_MAX = 180,
	TREND_MAX = 60,
	CHART_WIDTH = 960,
	CHART_HEIGHT = 170,
	CHART_TOP = 12,
	CHART_LEFT = 44
};

struct night {
	struct run_record run;
	struct report *report;           /* NULL: it did not end, or its record cannot be read */
	const char *prepared, *reviewed; /* who signed; NULL nobody */
};
struct nights {
	struct arena *arena;
	struct night items[NIGHTS_MAX];
	size_t count;
};

static int keep_night(void *user, const struct run_record *run)
{
	struct nights *nights = user;
	struct arena *arena = nights->arena;

	nights->items[nights->count++].run = (struct run_record){.run_id = arena_strdup(arena, run->run_id),
	    .job = arena_strdup(arena, run->job),
	    .command = arena_strdup(arena, run->command),
	    .folder = arena_strdup(arena, run->folder),
	    .started_at = run->started_at,
	    .ended_at = run->ended_at,
	    .exit_status = run->exit_status};
	return 0;
}

static int load_signatures(struct ledger *ledger, struct nights *nights, struct error *err)
{
	struct signature_record *rows;
	size_t count;

	if (ledger_signatures(ledger, NULL, nights->arena, &rows, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < nights->count; i++)
		for (size_t k = 0; k < count; k++) {
			struct night *night = &nights->items[i];
			if (strcmp(rows[k].run_id, night->run.run_id) != 0)
				continue;
			if (strcmp(rows[k].role, "reviewer") == 0)
				night->reviewed = rows[k].name;
			else
				night->prepared = rows[k].name;
		}
	return 0;
}

/* The counts of each night, one record in memory at a time. */
static int load_heads(struct ledger *ledger, struct nights *nights, struct error *err)
{
	struct arena *arena = arena_new();
	int found = 1;

	for (size_t i = 0; i < nights->count && found >= 0; i++) {
		struct run_record run;
		struct error ignored = {0};
		found = ledger_run_find(ledger, nights->items[i].run.run_id, arena, &run, err);
		/* A record that cannot be read any more costs the night its counts, not the page. */
		if (found == 1 && run.document[0])
			nights->items[i].report = report_read_json(run.document, true, &ignored);
		arena_reset(arena);
	}
	arena_free(arena);
	return found < 0 ? -1 : 0;
}

/* ---- The trend: bars are orders done, the line is findings; oldest left. */

struct trend {
	uint64_t done[TREND_MAX], findings[TREND_MAX];
	int64_t at[TREND_MAX];
	bool compared[TREND_MAX];
	size_t count;
	uint64_t top;
};

static uint64_t finding_count(const struct report *r)
{
	uint64_t n = 0;

	for (int i = 0; i < 4; i++)
		n += r->by_severity[i];
	return n;
}

static void collect(const struct nights *nights, struct trend *t)
{
	for (size_t i = nights->count; i-- > 0;) {
		const struct report *r = nights->items[i].report;
		if (!r || r->dry_run || (!r->has_provision && !r->has_reconcile) || i >= TREND_MAX)
			continue;
		size_t at = t->count++;
		t->at[at] = r->started_at;
		t->done[at] = r->has_provision ? r->apply.done : 0;
		t->findings[at] = finding_count(r);
		t->compared[at] = r->has_reconcile;
		if (t->done[at] > t->top)
			t->top = t->done[at];
		if (t->findings[at] > t->top)
			t->top = t->findings[at];
	}
}

static unsigned height_of(const struct trend *t, uint64_t value)
{
	return (unsigned)(value * (CHART_HEIGHT - CHART_TOP) / (t->top ? t->top : 1));
}

static void chart_axes(struct strbuf *out, const struct trend *t, unsigned step)
{
	char day[TIME_TEXT_SIZE];

	for (unsigned i = 0; i <= 2; i++) {
		uint64_t value = t->top * i / 2;
		unsigned y = CHART_HEIGHT - height_of(t, value);
		if (i > 0 && value == t->top * (i - 1) / 2)
			continue;
		strbuf_addf(out,
		    "<line x1=\"%d\" x2=\"%d\" y1=\"%u\" y2=\"%u\" stroke=\"var(--line)\"/>"
		    "<text x=\"%d\" y=\"%u\" text-anchor=\"end\">%" PRIu64 "</text>\n",
		    CHART_LEFT, CHART_WIDTH, y, y, CHART_LEFT - 6, y + 4, value);
	}
	size_t every = t->count > 12 ? (t->count + 9) / 10 : 1;
	for (size_t i = 0; i < t->count; i += every)
		strbuf_addf(out, "<text x=\"%u\" y=\"%d\" text-anchor=\"middle\">%.5s</text>\n",
		    CHART_LEFT + (unsigned)i * step + step / 2, CHART_HEIGHT + 18,
		    time_text(t->at[i], day) + 5);
}

static void chart_marks(struct strbuf *out, const struct trend *t, unsigned step)
{
	struct strbuf line = {0};

	for (size_t i = 0; i < t->count; i++) {
		unsigned x = CHART_LEFT + (unsigned)i * step, h = height_of(t, t->done[i]);
		char day[TIME_TEXT_SIZE];
		strbuf_addf(out,
		    "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"var(--accent)\" opacity=\".55\">"
		    "<title>%.10s: %" PRIu64 " orders done, %" PRIu64 " findings</title></rect>\n",
		    x + step / 6, CHART_HEIGHT - h, step - step / 3, h, time_text(t->at[i], day), t->done[i],
		    t->findings[i]);
		if (!t->compared[i])
			continue;
		unsigned y = CHART_HEIGHT - height_of(t, t->findings[i]);
		strbuf_addf(&line, "%s%u,%u", line.n ? " " : "", x + step / 2, y);
		strbuf_addf(
		    out, "<circle cx=\"%u\" cy=\"%u\" r=\"3\" fill=\"var(--bad)\"/>\n", x + step / 2, y);
	}
	if (line.n > 0)
		strbuf_addf(out,
		    "<polyline points=\"%s\" fill=\"none\" stroke=\"var(--bad)\" stroke-width=\"2\"/>\n",
		    line.p);
	strbuf_free(&line);
}

static void chart(struct strbuf *out, const struct nights *nights)
{
	struct trend t = {0};

	collect(nights, &t);
	if (t.count == 0)
		return;
	unsigned step = (unsigned)(CHART_WIDTH - CHART_LEFT) / (unsigned)(t.count < 8 ? 8 : t.count);
	strbuf_adds(out,
	    "<section><h2>Trend</h2>\n<p><span style=\"color:var(--accent)\">&#9632;</span> orders done a night "
	    "&#160; <span style=\"color:var(--bad)\">&#9679;</span> findings a night</p>\n");
	strbuf_addf(out,
	    "<div class=\"scroll\"><svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
	    "aria-label=\"Orders done and findings of the last %zu nights; the table below has the numbers\">\n",
	    CHART_WIDTH, CHART_HEIGHT + 26, CHART_WIDTH, CHART_HEIGHT + 26, t.count);
	chart_axes(out, &t, step);
	chart_marks(out, &t, step);
	strbuf_adds(out, "</svg></div></section>\n");
}

/* ---- The table. */

static void cell(struct strbuf *out, bool known, uint64_t value)
{
	strbuf_adds(out, "<td class=\"n\">");
	if (known)
		report_add_number(out, value);
	strbuf_adds(out, "</td>");
}

/* Linked while the folder is there: privacy.keep takes old ones away. */
static void night_name(struct strbuf *out, const struct job *job, const struct night *night)
{
	const char *slash = strrchr(night->run.folder, '/'), *folder = slash ? slash + 1 : night->run.folder;
	char *page = mem_printf("%s/%s/report.html", job->output, folder);
	bool there = folder[0] && access(page, F_OK) == 0;

	if (there) {
		strbuf_adds(out, "<a href=\"");
		strbuf_add_url(out, strv_of(folder));
		strbuf_adds(out, "/report.html\">");
	}
	html_add_time(out, night->run.started_at);
	strbuf_adds(out, there ? "</a><br><small>" : "<br><small>");
	html_add(out, night->run.run_id);
	strbuf_adds(out, "</small>");
	free(page);
}

static void verdict_cell(struct strbuf *out, const struct night *night)
{
	const struct report *r = night->report;

	if (night->run.ended_at == 0) {
		strbuf_adds(out, "<td class=\"w\"><span class=\"tag bad\">did not end</span></td>");
		return;
	}
	strbuf_addf(out, "<td class=\"w\"><span class=\"tag %s\">%s</span> <small>",
	    html_verdict_class(night->run.exit_status), html_verdict_word(night->run.exit_status));
	if (r) {
		const char *rest = strchr(r->verdict, ':');
		html_add(out, rest ? rest + 1 : r->verdict);
	}
	strbuf_adds(out, "</small></td>");
}

static void signed_note(struct strbuf *out, const struct night *night)
{
	if (!night->prepared)
		return;
	strbuf_addf(
	    out, "<br><span class=\"tag ok\">%s</span> <small>", night->reviewed ? "signed" : "prepared");
	html_add(out, night->prepared);
	if (night->reviewed) {
		strbuf_adds(out, ", ");
		html_add(out, night->reviewed);
	}
	strbuf_adds(out, "</small>");
}

static void night_row(struct strbuf *out, const struct job *job, const struct night *night)
{
	const struct report *r = night->report;
	bool orders = r && r->has_intake, actions = r && r->has_provision && !r->dry_run,
	     compared = r && r->has_reconcile;

	strbuf_adds(out, "<tr><th scope=\"row\" class=\"k\">");
	night_name(out, job, night);
	strbuf_adds(out, "</th><td>");
	html_add(out, night->run.command);
	signed_note(out, night);
	strbuf_adds(out, r && r->dry_run ? "<br><small>dry run</small></td>" : "</td>");
	verdict_cell(out, night);
	cell(out, orders, r ? r->intake.read : 0);
	cell(out, orders, r ? r->intake.rejected : 0);
	cell(out, actions, r ? r->apply.done : 0);
	cell(out, actions, r ? r->apply.failed + r->apply.parked : 0);
	cell(out, compared, r ? finding_count(r) : 0);
	strbuf_adds(out, "<td class=\"n\">");
	if (compared)
		strbuf_addf(
		    out, "%" PRId64 ".%d%%", r->coverage.permille / 10, (int)(r->coverage.permille % 10));
	strbuf_adds(out, "</td></tr>\n");
}

static void page(struct strbuf *out, const struct job *job, const struct nights *nights)
{
	const struct night *newest = nights->count > 0 ? &nights->items[0] : NULL;
	struct strbuf title = {0};

	strbuf_addf(&title, "Tenantry %s: all nights", job->name);
	html_begin(out, title.p);
	strbuf_addf(
	    out, "<header class=\"%s\"><div><h1>", newest ? html_verdict_class(newest->run.exit_status) : "");
	html_add(out, title.p);
	strbuf_adds(out, "</h1>\n<p class=\"verdict\">");
	strbuf_adds(out, newest ? "Last: <b>" : "No night yet");
	if (newest)
		html_add(out,
		    newest->report ? newest->report->verdict : html_verdict_word(newest->run.exit_status));
	strbuf_adds(out, newest ? "</b></p>\n</div></header>\n<main>\n" : "</p>\n</div></header>\n<main>\n");
	chart(out, nights);
	strbuf_adds(out,
	    "<section><h2>Nights</h2>\n<div class=\"scroll\"><table>\n<caption>Newest first; a night whose folder is "
	    "still kept links to its report</caption>\n<thead><tr><th scope=\"col\">Night</th><th scope=\"col\">Command"
	    "</th><th scope=\"col\">Verdict</th><th scope=\"col\" class=\"n\">Read</th><th scope=\"col\" class=\"n\">"
	    "Rejected</th><th scope=\"col\" class=\"n\">Done</th><th scope=\"col\" class=\"n\">Failed, parked</th>"
	    "<th scope=\"col\" class=\"n\">Findings</th><th scope=\"col\" class=\"n\">Coverage</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < nights->count; i++)
		night_row(out, job, &nights->items[i]);
	strbuf_adds(out, "</tbody></table></div>\n");
	if (nights->count == NIGHTS_MAX)
		strbuf_addf(
		    out, "<p>The newest %d are shown; tenantry runs has all of them.</p>\n", NIGHTS_MAX);
	strbuf_adds(out, "</section>\n</main>\n");
	html_end(out);
	strbuf_free(&title);
}

int report_index(struct ledger *ledger, const struct job *job, struct error *err)
{
	struct nights *nights = mem_zalloc(sizeof *nights);
	struct strbuf out = {0};
	int rc = -1;

	nights->arena = arena_new();
	if (ledger_runs(ledger, NIGHTS_MAX, keep_night, nights, err) < 0 ||
	    load_signatures(ledger, nights, err) < 0 || load_heads(ledger, nights, err) < 0)
		goto out;
	page(&out, job, nights);
	char *path = mem_printf("%s/index.html", job->output);
	rc = atomic_file_put(path, strbuf_view(&out), err);
	free(path);
out:
	for (size_t i = 0; i < nights->count; i++)
		report_free(nights->items[i].report);
	arena_free(nights->arena);
	free(nights);
	strbuf_free(&out);
	return rc;
}
