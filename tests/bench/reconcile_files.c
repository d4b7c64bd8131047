/* The comparison alone, as a peer among others: subscriptions.csv against tenants.csv of a folder, and who
 * differs in what into findings.csv, sorted by account, code, subscription and tenant. No ledger, no reports.
 *
 *   reconcile_files DATA OUT		prints the count of each class; with BENCH_STAGES set the seconds of
 *each stage on stderr
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../fake/fake_job.h"
#include "tenantry/csv.h"
#include "tenantry/mem.h"
#include "tenantry/reconcile.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_account_code_objects(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a, *y = *(const struct finding *const *)b;
	int order = strcmp(x->account_id, y->account_id);

	if (order == 0)
		order = strcmp(finding_code_name(x->code), finding_code_name(y->code));
	if (order == 0)
		order = strcmp(x->subscription_id, y->subscription_id);
	return order ? order : strcmp(x->tenant_id, y->tenant_id);
}

static int write_findings(const struct reconcile_result *result, const char *path, struct error *err)
{
	const struct finding **sorted = mem_resize(NULL, result->count + 1, sizeof *sorted);
	struct atomic_file *file = atomic_file_new(path, err);
	struct csv_writer w = {0};
	static const char *const header[] = {"Account Id", "Code", "Subscription Id", "Tenant Id"};

	for (size_t i = 0; i < result->count; i++)
		sorted[i] = &result->findings[i];
	qsort(sorted, result->count, sizeof *sorted, by_account_code_objects);
	for (size_t i = 0; i < ARRAY_LEN(header); i++)
		csv_writer_text(&w, header[i]);
	for (size_t i = 0; file && i <= result->count; i++) {
		csv_writer_end(&w, file);
		if (i == result->count)
			break;
		csv_writer_text(&w, sorted[i]->account_id);
		csv_writer_text(&w, finding_code_name(sorted[i]->code));
		csv_writer_text(&w, sorted[i]->subscription_id);
		csv_writer_text(&w, sorted[i]->tenant_id);
	}
	csv_writer_free(&w);
	free(sorted);
	return file ? atomic_file_commit(file, err) : -1;
}

static void print_counts(const struct reconcile_result *result)
{
	for (int code = 0; code < FINDING_COUNT; code++)
		if (result->by_code[code] > 0)
			printf("%s,%llu\n", finding_code_name((enum finding_code)code),
			    (unsigned long long)result->by_code[code]);
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct job *job = fake_job_new();
	double begun = now(), read, compared;
	int rc = 1;

	mem_setup();
	if (argc != 3) {
		fprintf(stderr, "usage: reconcile_files DATA OUT\n");
		return 2;
	}
	char *subscriptions_path = mem_printf("%s/subscriptions.csv", argv[1]),
	     *tenants_path = mem_printf("%s/tenants.csv", argv[1]),
	     *out = mem_printf("%s/findings.csv", argv[2]);
	job->bss.subscriptions.csv = subscriptions_path;
	struct observation_reading *reading = observation_read_start(tenants_path);
	struct subscriptions *subscriptions = subscriptions_load(job, &err);
	struct observation *observation = observation_read_end(reading, &err);
	read = now();
	if (subscriptions && observation) {
		struct reconcile_input input = {.job = job,
		    .subscriptions = subscriptions,
		    .observation = observation,
		    .now = clock_wall_ms(clock_machine())};
		struct reconcile_result *result = reconcile(&input);
		compared = now();
		rc = write_findings(result, out, &err) < 0;
		print_counts(result);
		if (getenv("BENCH_STAGES"))
			fprintf(stderr, "reading %.3f s, comparing %.3f s, writing %.3f s\n", read - begun,
			    compared - read, now() - compared);
		reconcile_result_free(result);
	}
	if (rc)
		error_print(&err, stderr, true);
	observation_free(observation);
	subscriptions_free(subscriptions);
	free(subscriptions_path);
	free(tenants_path);
	free(out);
	fake_job_free(job);
	return rc;
}
