/* What the tests of reports share: a folder of their own, a job and an error. */
#ifndef REPORT_FIXTURE_H
#define REPORT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../fake/fake_report.h"
#include "tenantry/atomic_file.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

struct fixture {
	char folder[64];
	struct job job;
	struct error err;
};

static inline int fixture_open(void **state)
{
	struct fixture *f = mem_zalloc(sizeof *f);

	snprintf(f->folder, sizeof f->folder, "/tmp/tenantry-report.XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	fake_report_job(&f->job, f->folder);
	*state = f;
	return 0;
}

static inline int fixture_close(void **state)
{
	struct fixture *f = *state;
	char *command = mem_printf("rm -rf '%s'", f->folder);
	int rc = system(command);

	free(command);
	free(f);
	return rc;
}

static inline char *fixture_path(const struct fixture *f, const char *name)
{
	return mem_printf("%s/%s", f->folder, name);
}

static inline bool fixture_has(const struct fixture *f, const char *name)
{
	char *path = fixture_path(f, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

/* The whole of a file in the fixture's folder; the caller frees. */
static inline char *fixture_read(struct fixture *f, const char *name, size_t *n)
{
	size_t ignored;
	char *path = fixture_path(f, name),
	     *text = file_read_all(path, (size_t)1 << 28, n ? n : &ignored, &f->err);

	assert_string_equal(f->err.text, "");
	assert_non_null(text);
	free(path);
	return text;
}

static inline void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%.4000s", part, text);
}

static inline void assert_begins(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("\"%s\" does not begin:\n%.1000s", start, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
	const char *at = strstr(text, part);

	if (at)
		fail_msg("\"%s\" is in it: ...%.200s", part, at);
}

/* How often `part` stands in `text`. */
static inline size_t count_of(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
		n++;
	return n;
}

static inline void write_all(struct fixture *f, struct report *report)
{
	report->folder = f->folder;
	if (report_write_all(report, &f->job, NULL, 0, &f->err) < 0)
		fail_msg("%s: %s", f->err.source, f->err.text);
}

#endif
