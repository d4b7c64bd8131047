/* How fast a night is compared, from files: subscriptions.csv against a compressed snapshot of as many
 * tenants. Each run is a process of its own, so that its peak memory is known; each is held against the
 * findings that the generator says must come out.
 *
 *   bench_reconcile FOLDER [RUNS]		FOLDER: what tests/bench/gen wrote
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../fake/fake_job.h"
#include "tenantry/mem.h"
#include "tenantry/reconcile.h"

enum { RUNS_MAX = 25 };

struct figures {
	double subscriptions, tenants, compare, all; /* seconds */
	double peak_mib;
	uint64_t rows, findings;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static json_t *expected_classes(const char *folder)
{
	char *path = mem_printf("%s/expected.json", folder);
	json_t *root = json_load_file(path, 0, NULL),
	       *classes = json_object_get(json_object_get(root, "reconcile"), "classes");

	json_incref(classes);
	json_decref(root);
	free(path);
	return classes;
}

/* Every class, those that must not come up too. */
static int check(const struct reconcile_result *result, const char *folder)
{
	json_t *classes = expected_classes(folder);
	int wrong = 0;

	for (int code = 0; code < FINDING_COUNT; code++) {
		const char *name = finding_code_name((enum finding_code)code);
		json_int_t must = json_integer_value(json_object_get(classes, name));
		if ((uint64_t)must == result->by_code[code])
			continue;
		fprintf(stderr, "bench_reconcile: %s: %llu, must be %lld\n", name,
		    (unsigned long long)result->by_code[code], (long long)must);
		wrong = 1;
	}
	json_decref(classes);
	return wrong;
}

static int compare(const char *folder, struct figures *out)
{
	struct job *job = fake_job_new();
	struct error err = {0};
	char *subscriptions_path = mem_printf("%s/subscriptions.csv", folder),
	     *tenants_path = mem_printf("%s/tenants.csv.zst", folder);
	double begun = now();
	int status = 1;

	job->bss.subscriptions.csv = subscriptions_path;
	struct subscriptions *subscriptions = subscriptions_load(job, &err);
	out->subscriptions = now() - begun;
	struct observation *observation = subscriptions ? observation_read(tenants_path, &err) : NULL;
	out->tenants = now() - begun - out->subscriptions;
	if (observation) {
		struct reconcile_input input = {.job = job,
		    .subscriptions = subscriptions,
		    .observation = observation,
		    .now = clock_wall_ms(clock_machine())};
		double from = now();
		struct reconcile_result *result = reconcile(&input);
		out->compare = now() - from;
		out->rows = result->coverage.subscriptions + result->coverage.tenants;
		out->findings = result->count;
		status = check(result, folder);
		reconcile_result_free(result);
	} else {
		error_print(&err, stderr, true);
	}
	observation_free(observation);
	subscriptions_free(subscriptions);
	free(subscriptions_path);
	free(tenants_path);
	fake_job_free(job);
	return status;
}

static int run_once(const char *folder, struct figures *out)
{
	struct rusage usage;
	int pipes[2], status;
	double begun = now();

	if (pipe(pipes) < 0)
		return -1;
	pid_t child = fork();
	if (child == 0) {
		struct figures figures = {0};
		status = compare(folder, &figures);
		if (write(pipes[1], &figures, sizeof figures) != sizeof figures)
			status = 1;
		_exit(status);
	}
	close(pipes[1]);
	ssize_t n = read(pipes[0], out, sizeof *out);
	close(pipes[0]);
	if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != 0 || n != sizeof *out)
		return -1;
	out->all = now() - begun;
	out->peak_mib = (double)usage.ru_maxrss / 1024;
	return 0;
}

/* The snapshot that a night would have left. */
static int make_snapshot(const char *folder)
{
	char *from = mem_printf("%s/tenants.csv", folder), *to = mem_printf("%s.zst", from),
	     digest[DIGEST_TEXT_SIZE];
	struct error err = {0};
	int rc = 0;

	if (access(to, R_OK) != 0) {
		struct observation *observation = observation_read(from, &err);
		rc = observation ? observation_write(observation, to, digest, &err) : -1;
		observation_free(observation);
	}
	if (rc < 0)
		error_print(&err, stderr, true);
	free(from);
	free(to);
	return rc;
}

static int by_all(const void *a, const void *b)
{
	double x = ((const struct figures *)a)->all, y = ((const struct figures *)b)->all;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	struct figures figures[RUNS_MAX];
	int runs = argc > 2 ? atoi(argv[2]) : 5;

	if (argc < 2 || runs < 1 || runs > RUNS_MAX) {
		fprintf(stderr, "usage: bench_reconcile FOLDER [RUNS]\n");
		return 2;
	}
	/* In a child: what it takes must not count as the peak of the runs. */
	pid_t child = fork();
	int status;
	if (child == 0)
		_exit(make_snapshot(argv[1]) < 0);
	if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
		return 1;
	for (int i = 0; i < runs; i++)
		if (run_once(argv[1], &figures[i]) < 0)
			return 1;
	qsort(figures, (size_t)runs, sizeof *figures, by_all);
	const struct figures *f = &figures[runs / 2];
	printf(
	    "reconcile: %llu rows, %llu findings as generated: %.3f s (median of %d), %.2f M rows/s, peak %.0f MiB\n",
	    (unsigned long long)f->rows, (unsigned long long)f->findings, f->all, runs,
	    (double)f->rows / f->all / 1e6, f->peak_mib);
	printf("  subscriptions %.3f s, snapshot %.3f s, join and classes %.3f s (%.2f M rows/s)\n",
	    f->subscriptions, f->tenants, f->compare, (double)f->rows / f->compare / 1e6);
	return 0;
}
