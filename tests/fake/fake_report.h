/* Sample models of finished runs, for tests of what reads or writes reports. Built the same each time. */
#ifndef FAKE_REPORT_H
#define FAKE_REPORT_H

#include "tenantry/report.h"

/* Names that reports must survive: formulas, markup, right-to-left, four-byte characters, line breaks,
 * quotes. */
#define FAKE_FORMULA "=cmd|' /C calc'!A0"
#define FAKE_MARKUP "<script>alert(\"x\")</script> & Söhne"
#define FAKE_RTL "شركة المثال للخدمات"
#define FAKE_EMOJI "Sky \xf0\x9f\x9a\x80 Cloud"
#define FAKE_LINES "Two\nLines, \"quoted\" GmbH"

/* A night with everything in it: every finding class, every item state, rejections by each rule. Exit
 * status 1. Free with report_free(). */
struct report *fake_report(void);
/* A night on which all is well. Exit status 0. */
struct report *fake_report_good(void);
/* A night that was stopped: the status and error of `code`, with text and hint. */
struct report *fake_report_stopped(enum error_code code, const char *text, const char *hint);
/* A night that held back two of three: the budget for loss (budget.h). Exit status 5. */
struct report *fake_report_held(void);
/* The counts by code and severity again, after a test has changed the findings. */
void fake_report_count(struct report *report);
/* `count` more findings, low ones, as a large night has. */
void fake_report_add_findings(struct report *report, size_t count);
/* The part of a job that reports read. Nothing to free. */
void fake_report_job(struct job *job, const char *output);

#endif
