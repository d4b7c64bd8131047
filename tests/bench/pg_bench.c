/* How fast the BSS database is read and written: the other half of pg.sh, which makes the databases.
 *
 *   pg_bench read CONNINFO_VARIABLE FOLDER     all pending orders and subscriptions, streamed and validated;
 * prints seconds and rows pg_bench write CONNINFO_VARIABLE ORDERS BATCH   begins and activates the
 * subscriptions of OI-1 ... OI-ORDERS
 *
 * One line to stdout: WHAT SECONDS COUNT PEAK_MIB. Exit 1: something was not as it should be. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../fake/fake_job.h"
#include "tenantry/atomic_file.h"
#include "tenantry/bss_database.h"
#include "tenantry/bss_writer.h"
#include "tenantry/intake.h"
#include "tenantry/mem.h"

static struct job *database_job(const char *variable)
{
	struct job *job = fake_job_new();

	job->bss.orders =
	    (struct source_spec){.kind = SOURCE_DATABASE, .database = "pending_orders", .line = 1};
	job->bss.subscriptions =
	    (struct source_spec){.kind = SOURCE_DATABASE, .database = "subscriptions", .line = 2};
	job->bss.database = (struct secret){.kind = SECRET_ENV, .name = variable, .line = 3};
	job->bss.write_back = true;
	job->bss.connect_timeout_ms = 10000;
	job->bss.statement_timeout_ms = 600000;
	job->bss.lock_timeout_ms = 5000;
	return job;
}

static double seconds_since(int64_t begun)
{
	return (double)(clock_mono_ms(clock_machine()) - begun) / 1000;
}

static void print_result(const char *what, double seconds, uint64_t count)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf(
	    "%s %.3f %llu %.1f\n", what, seconds, (unsigned long long)count, (double)usage.ru_maxrss / 1024);
}

static int read_all(struct job *job, const char *folder, struct error *err)
{
	struct arena *arena = arena_new();
	struct bss_snapshot_settings settings = {
	    .job = job, .roles = BSS_RUN_ROLES, .run_id = "bench", .clock = clock_machine()};
	struct intake_result result = {0};
	int64_t begun = clock_mono_ms(clock_machine());
	struct bss_snapshot *snapshot = bss_snapshot_take(&settings, err);
	struct intake intake = {.job = job, .snapshot = snapshot, .folder = folder};
	int rc = -1;

	if (getenv("PG_BENCH_VERBOSE"))
		fprintf(stderr, "snapshot after %.3f s\n", seconds_since(begun));
	if (snapshot && folder_make(folder, err) == 0 && intake_run(&intake, arena, &result, err) == 0)
		rc = result.counts.read == result.counts.accepted + result.counts.rejected ? 0 : -1;
	print_result("read", seconds_since(begun), result.counts.read);
	bss_snapshot_free(snapshot);
	arena_free(arena);
	return rc;
}

struct tally {
	uint64_t good, bad;
	char text[400];
};

static void count_answer(void *user, const struct bss_answer *answer)
{
	struct tally *tally = user;

	if (answer->outcome == BSS_DONE)
		tally->good++;
	else if (tally->bad++ == 0)
		snprintf(tally->text, sizeof tally->text, "%s", answer->text);
}

static void send_one(struct bss_writer *writer, enum bss_write_kind kind, unsigned n, struct tally *tally)
{
	char item[32], account[32], subscription[UUID_TEXT_SIZE], tenant[UUID_TEXT_SIZE];

	snprintf(item, sizeof item, "OI-%u", n);
	snprintf(account, sizeof account, "%u", n);
	struct bss_write write = {.kind = kind,
	    .order_item_id = item,
	    .action = "new",
	    .account_id = account,
	    .subscription_id = uuid_from_name("subscription", strv_of(item), subscription),
	    .external_id = uuid_from_name("tenant", strv_of(item), tenant),
	    .username = "admin@example.com",
	    .product = "CCSP-T1",
	    .currency = "USD",
	    .start_date = "2026-11-22",
	    .status = "Active",
	    .ordered_action = "new",
	    .done = count_answer,
	    .user = tally};
	bss_writer_send(writer, &write);
}

/* All of one kind, so many at once. */
static int write_kind(
    struct bss_writer *writer, enum bss_write_kind kind, unsigned orders, unsigned batch, struct error *err)
{
	struct tally tally = {0};
	int64_t begun = clock_mono_ms(clock_machine());

	for (unsigned n = 1; n <= orders;) {
		for (unsigned i = 0; i < batch && n <= orders; i++)
			send_one(writer, kind, n++, &tally);
		while (bss_writer_pending(writer) > 0)
			if (bss_writer_turn(writer, 1000, err) < 0)
				return -1;
	}
	print_result(bss_write_name(kind), seconds_since(begun), tally.good);
	if (tally.bad == 0)
		return 0;
	return error_set(
	    err, ERR_BSS, "%llu writes were not done: %s", (unsigned long long)tally.bad, tally.text);
}

static int write_all(struct job *job, unsigned orders, unsigned batch, struct error *err)
{
	struct bss_writer_settings settings = {.job = job, .run_id = "bench", .clock = clock_machine()};
	struct bss_writer *writer = pg_writer_open(&settings, err);
	int rc = writer ? 0 : -1;

	if (rc == 0)
		rc = write_kind(writer, BSS_BEGIN, orders, batch, err);
	if (rc == 0)
		rc = write_kind(writer, BSS_ACTIVATE, orders, batch, err);
	bss_writer_close(writer);
	return rc;
}

int main(int argc, char **argv)
{
	struct error err = {0};
	struct job *job;
	int rc = -1;

	if (argc < 4) {
		fprintf(
		    stderr, "usage: pg_bench read VARIABLE FOLDER | pg_bench write VARIABLE ORDERS BATCH\n");
		return 2;
	}
	job = database_job(argv[2]);
	if (strcmp(argv[1], "read") == 0)
		rc = read_all(job, argv[3], &err);
	else if (strcmp(argv[1], "write") == 0 && argc > 4)
		rc = write_all(job, (unsigned)atoi(argv[3]), (unsigned)atoi(argv[4]), &err);
	if (rc < 0)
		error_print(&err, stderr, true);
	fake_job_free(job);
	return rc < 0;
}
