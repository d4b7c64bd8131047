/* How fast the ledger takes what a night gives it: bench_ledger [FOLDER [PAIRS]]. The folder's disk is what
 * is measured: give one on the disk that ledgers are on, never a memory file system.
 *
 * Prints a line a measure: name, value, unit. The journal is driven as provisioning drives it: a group of 32
 * intents is durable before their calls leave, and their outcomes become durable together with the next
 * group's intents. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tenantry/ledger.h"
#include "tenantry/mem.h"

enum { GROUP = 32, TARGET_PAIRS = 5000, ITEMS = 20000 };

struct bench {
	struct ledger *ledger;
	struct error err;
	int64_t begun;
	char *path;
};

static void remove_ledger(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		char *name = mem_printf("%s%s", path, ends[i]);
		unlink(name);
		free(name);
	}
}

static void must(struct bench *bench, int64_t rc)
{
	if (rc >= 0)
		return;
	error_print(&bench->err, stderr, true);
	ledger_close(bench->ledger);
	remove_ledger(bench->path);
	exit(1);
}

static void begin(struct bench *bench)
{
	bench->begun = clock_mono_ms(clock_machine());
}

static double end(struct bench *bench, const char *name, size_t count, const char *unit)
{
	int64_t ms = clock_mono_ms(clock_machine()) - bench->begun;
	double rate = (double)count * 1000.0 / (double)(ms > 0 ? ms : 1);

	printf("ledger_%s %.0f %s/s\n", name, rate, unit);
	return rate;
}

static void put_items(struct bench *bench)
{
	char key[32], account[32];
	struct item_record item = {.key = key,
	    .account_id = account,
	    .account = "Example Cloud Ltd",
	    .order_id = key,
	    .login = "it@example.com",
	    .tier = "Tier 1",
	    .currency = "EUR",
	    .source = "orders.csv",
	    .run_id = "bench"};

	begin(bench);
	for (int i = 0; i < ITEMS; i++) {
		snprintf(key, sizeof key, "main/OI-%06d", i);
		snprintf(account, sizeof account, "%d", 100000 + i * 7919 % ITEMS);
		must(bench, ledger_item_put(bench->ledger, &item, &bench->err));
		if (i % GROUP == GROUP - 1)
			must(bench, ledger_commit(bench->ledger, &bench->err));
	}
	must(bench, ledger_commit(bench->ledger, &bench->err));
	end(bench, "item_puts", ITEMS, "items");
}

static void look_up(struct bench *bench, int from, const char *name)
{
	enum item_state state;
	char key[32];

	begin(bench);
	for (int i = 0; i < 10 * ITEMS; i++) {
		int n = snprintf(key, sizeof key, "main/OI-%06d", from + i * 31 % ITEMS);
		must(bench, ledger_item_state(
				bench->ledger, (struct strv){key, (size_t)n}, &state, NULL, &bench->err));
	}
	end(bench, name, 10 * (size_t)ITEMS, "items");
}

static void outcomes(struct bench *bench, const int64_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		must(bench, ledger_outcome(bench->ledger, ids[i], "ok", 200,
				"9d1c3a52-6a1b-4b8e-9a57-2f6f3f5a1e11", "", &bench->err));
}

static double journal(struct bench *bench, size_t pairs)
{
	int64_t ids[GROUP];
	size_t in_flight = 0;
	char key[32];
	struct step_record step = {.item_key = key,
	    .run_id = "bench",
	    .step = STEP_PRICING,
	    .call = "putPricing",
	    .target = "9d1c3a52-6a1b-4b8e-9a57-2f6f3f5a1e11",
	    .request_digest = "0123456789abcdef0123456789abcdef"};

	begin(bench);
	for (size_t done = 0; done < pairs; done += in_flight) {
		outcomes(bench, ids, in_flight);
		for (in_flight = 0; in_flight < GROUP && done + in_flight < pairs; in_flight++) {
			snprintf(key, sizeof key, "main/OI-%06zu", (done + in_flight) % ITEMS);
			must(bench, ids[in_flight] = ledger_intent(bench->ledger, &step, &bench->err));
		}
		must(bench, ledger_commit(bench->ledger, &bench->err));
	}
	outcomes(bench, ids, in_flight);
	must(bench, ledger_commit(bench->ledger, &bench->err));
	return end(bench, "journal_pairs", pairs, "pairs");
}

static void findings(struct bench *bench, const char *run_id, const char *name)
{
	struct findings_settled settled;
	char id[32];
	struct finding_record finding = {.finding_id = id,
	    .run_id = run_id,
	    .code = "tier-mismatch",
	    .severity = "high",
	    .owner = "finance",
	    .object = "tier",
	    .sentence = "the BSS bills Tier 2, Acronis runs Tier 1"};

	must(bench, ledger_run_begin(bench->ledger, &(struct run_record){.run_id = run_id}, &bench->err));
	begin(bench);
	for (int i = 0; i < ITEMS; i++) {
		snprintf(id, sizeof id, "F%08d", i);
		finding.account_id = id;
		must(bench, ledger_finding_put(bench->ledger, &finding, &bench->err));
	}
	must(bench, ledger_findings_resolve(bench->ledger, run_id, NULL, 0, &settled, &bench->err));
	must(bench, ledger_commit(bench->ledger, &bench->err));
	end(bench, name, ITEMS, "findings");
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	struct rusage usage;
	size_t pairs = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 50000;

	bench.path = mem_printf("%s/bench-ledger-%ld.db", argc > 1 ? argv[1] : ".", (long)getpid());
	bench.ledger = ledger_open(bench.path, LEDGER_WRITE, clock_machine(), &bench.err);
	must(&bench, bench.ledger ? 0 : -1);
	must(&bench, ledger_run_begin(bench.ledger, &(struct run_record){.run_id = "bench"}, &bench.err));
	put_items(&bench);
	look_up(&bench, 0, "known_item_lookups");
	look_up(&bench, ITEMS, "new_item_lookups");
	double rate = journal(&bench, pairs);
	findings(&bench, "night-1", "findings_new");
	findings(&bench, "night-2", "findings_again");
	getrusage(RUSAGE_SELF, &usage);
	printf(
	    "ledger_journal_target %d pairs/s\nledger_journal_ratio %.2f of target\nledger_peak_memory %ld KiB\n",
	    TARGET_PAIRS, rate / TARGET_PAIRS, usage.ru_maxrss);
	printf("figure\tledger journal\t%.0f pairs/s\t%d pairs/s\t%.2f\t%.1f MiB\t%s\n", rate, TARGET_PAIRS,
	    rate / TARGET_PAIRS, (double)usage.ru_maxrss / 1024, rate >= TARGET_PAIRS ? "yes" : "no");
	ledger_close(bench.ledger);
	remove_ledger(bench.path);
	free(bench.path);
	return rate >= TARGET_PAIRS ? 0 : 1;
}
