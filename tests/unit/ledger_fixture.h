/* What the ledger's tests share: a ledger in a folder of its own with a clock that stands still. */
#ifndef TENANTRY_TESTS_LEDGER_FIXTURE_H
#define TENANTRY_TESTS_LEDGER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/ledger_impl.h"
#include "tenantry/ledger.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

#define FIXTURE __attribute__((unused)) static

enum { START_MS = 1795305600 }; /* seconds; 2026-11-22T00:00:00Z */

struct fixture {
	char folder[64], path[96];
	struct clock clock;
	struct ledger *ledger;
	struct arena *arena;
	struct error err;
	FILE *log;
};

FIXTURE int setup(void **state)
{
	struct fixture *f = mem_zalloc(sizeof *f);

	strcpy(f->folder, "/tmp/tenantry-ledger-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/night.db", f->folder);
	clock_manual(&f->clock, START_MS * INT64_C(1000));
	f->arena = arena_new();
	f->log = tmpfile();
	log_setup(&(struct log_settings){.level = LOG_INFO, .out = f->log});
	f->ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	*state = f;
	return f->ledger ? 0 : -1;
}

FIXTURE int teardown(void **state)
{
	struct fixture *f = *state;
	char name[512];

	ledger_close(f->ledger);
	arena_free(f->arena);
	log_setup(&(struct log_settings){.level = LOG_INFO});
	fclose(f->log);
	DIR *dir = opendir(f->folder);
	for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
		snprintf(name, sizeof name, "%s/%s", f->folder, entry->d_name);
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			remove(name);
	}
	closedir(dir);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* Fails the test with the ledger's own words. */
#define ok(f, call)                                                                                          \
	do {                                                                                                 \
		if ((call) < 0)                                                                              \
			fail_msg("%s: %s", #call, (f)->err.text);                                            \
	} while (0)

#define refused(f, call, with_code, with_text)                                                               \
	do {                                                                                                 \
		assert_int_equal((call), -1);                                                                \
		assert_int_equal((f)->err.code, (with_code));                                                \
		if (!strstr((f)->err.text, (with_text)))                                                     \
			fail_msg("\"%s\" does not say \"%s\"", (f)->err.text, (with_text));                  \
		error_clear(&(f)->err);                                                                      \
	} while (0)

FIXTURE void reopen(struct fixture *f)
{
	ledger_close(f->ledger);
	f->ledger = ledger_open(f->path, LEDGER_WRITE, &f->clock, &f->err);
	if (!f->ledger)
		fail_msg("%s", f->err.text);
}

FIXTURE void begin_run(struct fixture *f, const char *run_id)
{
	struct run_record run = {.run_id = run_id, .job = "nightly", .command = "run", .folder = "/runs/x"};

	ok(f, ledger_run_begin(f->ledger, &run, &f->err));
}

FIXTURE void end_run(struct fixture *f, const char *run_id, int exit_status)
{
	ok(f, ledger_run_end(f->ledger, run_id, exit_status, 0, "{}", &f->err));
}

FIXTURE void put_item(struct fixture *f, const char *run_id, const char *key, enum item_state state)
{
	struct item_record item = {
	    .key = key, .account_id = "1001", .order_id = "O-1", .run_id = run_id, .state = state};

	ok(f, ledger_item_put(f->ledger, &item, &f->err));
}

/* What a callback was shown: up to 256 bytes of names, and how many there were. */
struct names {
	char text[256];
	size_t count, stop_at;
	int answer;
};

FIXTURE int note(struct names *names, const char *name)
{
	size_t n = strlen(names->text);

	if (n + strlen(name) + 2 < sizeof names->text)
		snprintf(names->text + n, sizeof names->text - n, "%s ", name);
	return ++names->count == names->stop_at ? names->answer : 0;
}

FIXTURE bool log_says(struct fixture *f, const char *text)
{
	char line[1024];
	bool found = false;

	rewind(f->log);
	while (fgets(line, sizeof line, f->log))
		found = found || strstr(line, text);
	return found;
}

#endif
