/* Test data for the benchmarks, the same for the same arguments: gen ROWS SEED FOLDER
 *
 * Writes orders.csv, subscriptions.csv, tenants.csv and expected.json. ROWS is the number of order rows and
 * of accounts. Each row is a pure function of (seed, index) and each file has its own pseudo-random order, so
 * memory does not grow with ROWS. expected.json comes from the decisions made here, never from reading the
 * files back. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "gen.h"

static void print_orders(FILE *f, const struct gen *gen, const struct orders_expected *e)
{
	fprintf(f,
	    "  \"validate\": {\"read\": %" PRIu64 ", \"accepted\": %" PRIu64 ", \"rejected\": %" PRIu64
	    ", \"ignored\": %" PRIu64 ",\n",
	    gen->rows, e->accepted, e->rejected, e->ignored_status + e->repeated);
	fprintf(f, "    \"ignored_by\": {\"status\": %" PRIu64 ", \"repeated\": %" PRIu64 "},\n",
	    e->ignored_status, e->repeated);
	fprintf(f, "    \"warnings\": {\"currency-alias\": %" PRIu64 "},\n    \"rules\": {", e->aliases);
	for (int i = 0; i < RULE_COUNT; i++)
		fprintf(
		    f, "%s\"%s\": %" PRIu64, i > 0 ? ", " : "", rule_name((enum rule_code)i), e->by_rule[i]);
	fprintf(f, "}},\n");
}

static void print_world(FILE *f, const struct world_expected *e)
{
	static const char *const codes[] = {
#define X(id, code) code,
	    GEN_CLASSES(X)
#undef X
	};

	fprintf(f,
	    "  \"reconcile\": {\"subscriptions\": %" PRIu64 ", \"tenants\": %" PRIu64 ",\n    \"classes\": {",
	    e->subscriptions, e->tenants);
	for (int i = 0; i < CLASS_COUNT; i++)
		fprintf(f, "%s\"%s\": %" PRIu64, i > 0 ? ", " : "", codes[i], e->by_class[i]);
	fprintf(f, "}}\n}\n");
}

static int write_expected(
    const struct gen *gen, const struct orders_expected *orders, const struct world_expected *world)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/expected.json", gen->folder);
	FILE *f = fopen(path, "w");
	if (!f) {
		perror(path);
		return 1;
	}
	fprintf(f,
	    "{\n  \"rows\": %" PRIu64 ", \"seed\": %" PRIu64 ",\n  \"bytes\": {\"orders\": %" PRIu64
	    ", \"subscriptions\": %" PRIu64 ", \"tenants\": %" PRIu64 "},\n",
	    gen->rows, gen->seed, orders->bytes, world->subscription_bytes, world->tenant_bytes);
	print_orders(f, gen, orders);
	print_world(f, world);
	return fclose(f) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct orders_expected orders = {0};
	struct world_expected world = {0};

	if (argc != 4) {
		fprintf(stderr, "usage: gen ROWS SEED FOLDER\n");
		return 2;
	}
	struct gen gen = {
	    .rows = strtoull(argv[1], NULL, 10), .seed = strtoull(argv[2], NULL, 10), .folder = argv[3]};
	if (gen.rows < 100 || gen.rows > UINT64_C(900000000)) {
		fprintf(stderr, "gen: ROWS must be 100 to 900000000\n");
		return 2;
	}
	mkdir(gen.folder, 0777);
	gen.ids = permutation_of(UINT64_C(1000000000), gen_hash(&gen, 1, 3));
	gen_orders(&gen, &orders);
	gen_world(&gen, &world);
	return write_expected(&gen, &orders, &world);
}
