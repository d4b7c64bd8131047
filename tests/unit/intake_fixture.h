/* Order files in a fresh folder, and the intake over them: what the tests of CSV, rules, facts and intake
 * share. */
#ifndef TENANTRY_INTAKE_FIXTURE_H
#define TENANTRY_INTAKE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "../fake/fake_job.h"
#include "tenantry/atomic_file.h"
#include "tenantry/csv.h"
#include "tenantry/intake.h"
#include "tenantry/mem.h"

struct fixture {
	char folder[64];
	struct job *job;
	struct arena *arena;
};

static inline const char *in_folder(const struct fixture *f, const char *name)
{
	return arena_printf(f->arena, "%s/%s", f->folder, name);
}

static inline int set_up(void **state)
{
	struct fixture *f = mem_zalloc(sizeof *f);

	snprintf(f->folder, sizeof f->folder, "/tmp/tenantry-intake-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	f->arena = arena_new();
	f->job = fake_job_new();
	f->job->root = arena_strdup(f->arena, f->folder);
	f->job->bss.orders.csv = in_folder(f, "orders.csv");
	f->job->bss.subscriptions.csv = in_folder(f, "subscriptions.csv");
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;
	char *command = mem_printf("rm -rf '%s'", f->folder);
	int rc = system(command);

	free(command);
	fake_job_free(f->job);
	arena_free(f->arena);
	free(f);
	return rc;
}

static inline void put_bytes(const struct fixture *f, const char *name, const char *p, size_t n)
{
	FILE *file = fopen(in_folder(f, name), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(p, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static inline void put(const struct fixture *f, const char *name, const char *text)
{
	put_bytes(f, name, text, strlen(text));
}

static inline const char *get(const struct fixture *f, const char *name)
{
	struct error err = {0};
	size_t n;
	char *text = file_read_all(in_folder(f, name), 1 << 26, &n, &err);
	const char *kept = text ? arena_strdup(f->arena, text) : NULL;

	free(text);
	return kept;
}

static inline bool exists(const struct fixture *f, const char *name)
{
	return access(in_folder(f, name), F_OK) == 0;
}

#endif
