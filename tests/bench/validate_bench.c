/* How fast intake is: validate_bench FOLDER [RUNS], on what gen wrote there. Each run is a process of its
 * own, so that the peak of its memory is its own. Writes accepted.csv and rejected.csv to FOLDER/out and
 * holds all counts against expected.json.
 *
 * Prints a line a run: seconds, processor seconds, rows/s, MB/s, peak MiB; then the median's rate against the
 * target. Exit 1: counts differ. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../fake/fake_job.h"
#include "tenantry/atomic_file.h"
#include "tenantry/intake.h"
#include "tenantry/mem.h"

enum { TARGET_ROWS = 1000000, TARGET_MIB = 32, RUNS_MAX = 99 };

static int must_be(const char *name, json_t *expected, uint64_t found)
{
	if (expected && (uint64_t)json_integer_value(expected) == found)
		return 0;
	fprintf(stderr, "validate_bench: %s: expected %lld, found %llu\n", name,
	    (long long)json_integer_value(expected), (unsigned long long)found);
	return 1;
}

static int check(const struct intake_counts *n, const char *folder)
{
	char *path = mem_printf("%s/expected.json", folder);
	json_t *root = json_load_file(path, 0, NULL), *v = json_object_get(root, "validate");
	json_t *rules = json_object_get(v, "rules"), *ignored = json_object_get(v, "ignored_by");
	int bad = must_be("read", json_object_get(v, "read"), n->read) +
		  must_be("accepted", json_object_get(v, "accepted"), n->accepted) +
		  must_be("rejected", json_object_get(v, "rejected"), n->rejected) +
		  must_be("ignored", json_object_get(v, "ignored"), n->ignored) +
		  must_be("repeated", json_object_get(ignored, "repeated"), n->by_ignored[IGNORED_REPEATED]) +
		  must_be("currency-alias", json_object_get(json_object_get(v, "warnings"), "currency-alias"),
		      n->by_warning[WARNING_CURRENCY_ALIAS]);

	for (int i = 0; i < RULE_COUNT; i++)
		bad += must_be(rule_name((enum rule_code)i),
		    json_object_get(rules, rule_name((enum rule_code)i)), n->by_rule[i]);
	json_decref(root);
	free(path);
	return bad;
}

/* In the child. */
static int run_once(const char *folder)
{
	struct job *job = fake_job_new();
	struct arena *arena = arena_new();
	struct intake_result result;
	struct error err = {0};
	char *orders = mem_printf("%s/orders.csv", folder), *out = mem_printf("%s/out", folder);
	struct intake intake = {.job = job, .folder = out};
	int status = 1;

	job->bss.orders.csv = orders;
	if (folder_make(out, &err) < 0 || intake_run(&intake, arena, &result, &err) < 0)
		error_print(&err, stderr, true);
	else
		status = check(&result.counts, folder) ? 1 : 0;
	free(orders);
	free(out);
	arena_free(arena);
	fake_job_free(job);
	return status;
}

static double seconds_of(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Seconds, or a negative number when the child failed. The processor's time tells more where others use the
 * machine too. */
static double measure(const char *folder, double *cpu, double *peak_mib)
{
	int64_t begun = clock_mono_ms(clock_machine());
	struct rusage usage;
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(run_once(folder));
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0)
		return -1;
	*peak_mib = (double)usage.ru_maxrss / 1024;
	*cpu = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
	return (double)(clock_mono_ms(clock_machine()) - begun) / 1000;
}

static void input_size(const char *folder, double *rows, double *bytes)
{
	char *path = mem_printf("%s/expected.json", folder);
	json_t *root = json_load_file(path, 0, NULL);

	*rows = (double)json_integer_value(json_object_get(root, "rows"));
	*bytes = (double)json_integer_value(json_object_get(json_object_get(root, "bytes"), "orders"));
	json_decref(root);
	free(path);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double seconds[RUNS_MAX], rows, bytes, peak = 0;
	int runs = argc > 2 ? atoi(argv[2]) : 5;

	if (argc < 2 || runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: validate_bench FOLDER [RUNS]\n");
		return 2;
	}
	input_size(argv[1], &rows, &bytes);
	for (int i = 0; i < runs; i++) {
		double mib = 0, cpu = 0;
		seconds[i] = measure(argv[1], &cpu, &mib);
		if (seconds[i] < 0)
			return 1;
		peak = mib > peak ? mib : peak;
		printf("validate: %.3f s (processor %.3f s), %.0f rows/s, %.0f MB/s, peak %.1f MiB\n",
		    seconds[i], cpu, rows / seconds[i], bytes / seconds[i] / 1e6, mib);
	}
	qsort(seconds, (size_t)runs, sizeof *seconds, by_value);
	double rate = rows / seconds[runs / 2];
	printf(
	    "validate %.0f rows: median %.0f rows/s (target %d, ratio %.2f), peak %.1f MiB (limit %d); all counts as expected\n",
	    rows, rate, TARGET_ROWS, rate / TARGET_ROWS, peak, TARGET_MIB);
	printf("figure\tvalidate %.0f\t%.0f rows/s\t%d rows/s, %d MiB\t%.2f\t%.1f MiB\t%s\n", rows, rate,
	    TARGET_ROWS, TARGET_MIB, rate / TARGET_ROWS, peak,
	    rate >= TARGET_ROWS && peak <= TARGET_MIB ? "yes" : "no");
	return 0;
}
