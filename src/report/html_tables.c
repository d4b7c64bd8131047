/* The tables of report.html about orders: what to decide, rejections by rule, inputs. */
#include <inttypes.h>
#include <stdlib.h>

#include "html_impl.h"
#include "tenantry/mem.h"

/* ---- Corrections. */

static void two_lines(struct strbuf *out, const char *first, const char *second)
{
	strbuf_adds(out, "<td class=\"w\">");
	html_add(out, first);
	strbuf_adds(out, "<br><small>");
	html_add(out, second);
	strbuf_adds(out, "</small></td>");
}

void html_fixes(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {"Finding", "Account", "Change", "Was", "To", "State", "Why"};

	if (!r->has_fixes)
		return;
	strbuf_adds(
	    out, "<section><h2>Corrections</h2>\n<p><small>Approved by a person, of the findings of run ");
	html_add(out, r->fixes_of);
	strbuf_adds(out, ". Skipped: not needed, or not right, any more.</small></p>\n");
	html_table(out, "Corrections by account", heads, ARRAY_LEN(heads));
	for (size_t i = 0; i < r->fix_count; i++) {
		const struct fix_record *f = &r->fixes[i];
		strbuf_adds(out, "<tr>");
		two_lines(out, f->code, f->finding_id);
		two_lines(out, f->account[0] ? f->account : f->account_id, f->tenant_id);
		html_text_cell(out, "k", f->change);
		html_text_cell(out, "s", f->was);
		html_text_cell(out, "s", f->wanted);
		html_text_cell(out, "k", f->state);
		html_text_cell(out, "w",
		    strcmp(f->state, "done") == 0 ? ""
		    : f->text[0]                  ? f->text
						  : f->reason);
		strbuf_adds(out, "</tr>\n");
	}
	html_table_end(out);
	strbuf_adds(out, "</section>\n");
}

/* ---- Orders. */

static void item_row(
    struct strbuf *out, const struct report *r, const struct item_record *item, bool decision)
{
	const char *state = item_state_name(item->state);
	struct strbuf text = {0};

	strbuf_addf(out, "<tr><td><span class=\"tag %s\">%s</span></td><th scope=\"row\">", state, state);
	html_add(out, item->order_id);
	if (item->item_id[0]) {
		strbuf_adds(out, " <small>");
		html_add(out, item->item_id);
		strbuf_adds(out, "</small>");
	}
	strbuf_adds(out, "</th><td class=\"m\">");
	html_add(out, item->account);
	strbuf_adds(out, "<br><small>");
	html_add(out, item->account_id);
	strbuf_adds(out, "</small></td><td>");
	html_add(out, action_name(item->action));
	strbuf_adds(out, item->tier[0] ? "<br><small>" : "");
	html_add(out, item->tier);
	strbuf_adds(out, item->tier[0] ? "</small></td>" : "</td>");
	strbuf_adds(out, "<td class=\"w\">");
	html_add(out, item->reason);
	strbuf_adds(out, item->reason[0] && item->text[0] ? ": " : "");
	html_add(out, item->text);
	strbuf_adds(out, "</td>");
	if (decision) {
		report_add_decision_command(r, item, &text);
		strbuf_adds(out, "<td class=\"w\">");
		html_add(out, report_decision(item));
		strbuf_adds(out, "<br><code>");
		html_add(out, text.p);
		strbuf_adds(out, "</code></td>");
	}
	strbuf_adds(out, "</tr>\n");
	strbuf_free(&text);
}

static bool needs_person(const struct item_record *item)
{
	return item->state == ITEM_FAILED || item->state == ITEM_PARKED;
}

/* The items that need a person, or the others. */
static void item_table(struct strbuf *out, const struct report *r, bool person)
{
	static const char *const heads[] = {
	    "State", "Order", "Account", "Action", "Why", "What can be decided"};
	size_t shown = 0, all = 0;

	html_table(out,
	    person ? "Failed and parked orders, with what can be decided" : "All other orders of this run",
	    heads, ARRAY_LEN(heads) - !person);
	for (size_t i = 0; i < r->item_count; i++) {
		if (needs_person(&r->items[i]) != person)
			continue;
		if (all++ >= HTML_ROWS_MAX)
			continue;
		item_row(out, r, &r->items[i], person);
		shown++;
	}
	html_table_end(out);
	if (shown < all) {
		strbuf_adds(out, "<p class=\"box warn\">The first ");
		report_add_number(out, shown);
		strbuf_adds(out, " of ");
		report_add_number(out, all);
		strbuf_addf(
		    out, " are shown; %s has all of them.</p>\n", person ? "failed.csv" : "report.xlsx");
	}
}

void html_orders(struct strbuf *out, const struct report *r)
{
	size_t person = 0;

	for (size_t i = 0; i < r->item_count; i++)
		person += needs_person(&r->items[i]);
	if (r->item_count == 0)
		return;
	strbuf_adds(out, "<section><h2>Orders</h2>\n");
	if (person > 0)
		item_table(out, r, true);
	if (person < r->item_count) {
		strbuf_adds(out, "<details><summary>");
		report_add_number(out, r->item_count - person);
		strbuf_adds(out, " other orders: done, deferred or under way</summary>\n");
		item_table(out, r, false);
		strbuf_adds(out, "</details>\n");
	}
	strbuf_adds(out, "</section>\n");
}

/* ---- Rejections and inputs. */

void html_rejections(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {"Rule", "What is wrong", "What to do", "#Orders"};

	if (!r->has_intake || r->intake.rejected == 0)
		return;
	strbuf_adds(out, "<section><h2>Rejected orders by rule</h2>\n");
	html_table(out, "One order can break several rules; rejected.csv has every order with its reasons",
	    heads, ARRAY_LEN(heads));
	for (int i = 0; i < RULE_COUNT; i++) {
		enum rule_code rule = (enum rule_code)i;
		if (r->intake.by_rule[i] == 0)
			continue;
		strbuf_addf(out, "<tr><th scope=\"row\" class=\"k\">%s</th>", rule_name(rule));
		html_text_cell(out, "w", rule_text(rule));
		html_text_cell(out, "w", report_rule_advice(rule));
		html_number_cell(out, r->intake.by_rule[i]);
		strbuf_adds(out, "</tr>\n");
	}
	html_table_end(out);
	strbuf_adds(out, "</section>\n");
}

static void changed_orders(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {"Order", "Account", "What differs", "Where"};
	uint64_t all = r->intake.by_warning[WARNING_CHANGED_AFTER_DONE];

	if (r->changed_count == 0)
		return;
	html_table(
	    out, "Done, and something else by now: what was done stays as it is", heads, ARRAY_LEN(heads));
	for (size_t i = 0; i < r->changed_count; i++) {
		const struct changed_order *c = &r->changed[i];
		strbuf_adds(out, "<tr>");
		two_lines(out, c->order_id, c->item);
		html_text_cell(out, "m", c->account_id);
		html_text_cell(out, "w", c->what);
		strbuf_adds(out, "<td class=\"m\">");
		html_add(out, c->source);
		strbuf_addf(out, ":%lu</td></tr>\n", c->line);
	}
	html_table_end(out);
	if (r->changed_count < all)
		strbuf_addf(out, "<p class=\"box warn\">The first %zu of %" PRIu64 " are shown.</p>\n",
		    r->changed_count, all);
}

void html_warnings(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {"Warning", "What it means", "#Orders"};
	uint64_t any = 0;

	for (int i = 0; i < WARNING_COUNT; i++)
		any += r->intake.by_warning[i];
	if (!r->has_intake || any == 0)
		return;
	strbuf_adds(out, "<section><h2>Orders with a warning</h2>\n");
	html_table(out, "Orders that were accepted, or done before, with a warning", heads, ARRAY_LEN(heads));
	for (int i = 0; i < WARNING_COUNT; i++) {
		enum warning_code warning = (enum warning_code)i;
		if (r->intake.by_warning[i] == 0)
			continue;
		strbuf_addf(out, "<tr><th scope=\"row\" class=\"k\">%s</th>", warning_name(warning));
		html_text_cell(out, "w", warning_text(warning));
		html_number_cell(out, r->intake.by_warning[i]);
		strbuf_adds(out, "</tr>\n");
	}
	html_table_end(out);
	changed_orders(out, r);
	strbuf_adds(out, "</section>\n");
}

void html_inputs(struct strbuf *out, const struct report *r)
{
	static const char *const heads[] = {
	    "What", "File", "#Bytes", "#Rows", "Fingerprint (XXH3, 128 bits)"};

	strbuf_adds(out, "<section><h2>Inputs</h2>\n");
	html_table(out, "What this run read, so that the same inputs can be shown to be the same", heads,
	    ARRAY_LEN(heads));
	strbuf_adds(out, "<tr><th scope=\"row\">job file</th>");
	html_text_cell(out, "m", r->job_path);
	strbuf_adds(out, "<td></td><td></td><td><code>");
	html_add(out, r->job_digest);
	strbuf_adds(out, "</code></td></tr>\n");
	for (size_t i = 0; i < r->file_count; i++) {
		const struct input_file *file = &r->files[i];
		strbuf_adds(out, "<tr><th scope=\"row\">");
		html_add(out, file->role);
		strbuf_adds(out, "</th><td class=\"m\">");
		html_add(out, file->path);
		strbuf_adds(out, file->note[0] ? "<br><small>" : "");
		html_add(out, file->note);
		strbuf_adds(out, file->note[0] ? "</small></td>" : "</td>");
		html_number_cell(out, file->bytes);
		html_number_cell(out, file->rows);
		strbuf_adds(out, "<td><code>");
		html_add(out, file->digest);
		strbuf_adds(out, "</code></td></tr>\n");
	}
	html_table_end(out);
	strbuf_adds(out, "</section>\n");
}
