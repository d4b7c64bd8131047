/* What the files of the HTML report share: writer_html.c (the page, what is said at its top), html_findings.c
 * and html_tables.c (orders and inputs). */
#ifndef TENANTRY_HTML_IMPL_H
#define TENANTRY_HTML_IMPL_H

#include "report_impl.h"

enum { HTML_ROWS_MAX = 2000 };

/* `class` "" none. */
void html_text_cell(struct strbuf *out, const char *class, const char *text);
void html_number_cell(struct strbuf *out, uint64_t number);
/* Begins a table; a heading that begins with '#' stands over numbers. */
void html_table(struct strbuf *out, const char *caption, const char *const *heads, size_t count);
void html_table_end(struct strbuf *out);
/* "<td>1,234.50 USD</td>", amounts one below the other. */
void html_money_cell(struct strbuf *out, const struct money_totals *totals);

/* The sections; each writes nothing when the run has nothing of it. */
void html_fixes(struct strbuf *out, const struct report *report);
void html_findings(struct strbuf *out, const struct report *report);
void html_orders(struct strbuf *out, const struct report *report);
void html_rejections(struct strbuf *out, const struct report *report);
void html_warnings(struct strbuf *out, const struct report *report);
void html_inputs(struct strbuf *out, const struct report *report);

#endif
