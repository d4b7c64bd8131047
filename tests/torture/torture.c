/* The nth allocation, write, fsync, rename, SQLite call, curl call of a night fails, for every n; then the
 * job runs again.
 *
 * The night that is hit must end with a documented exit status, by itself, without leaks, and leave only
 * whole files. After the next one everything must be as after a night that nothing happened to, and the audit
 * must fit the ledger; only a mail whose intent was on disk and whose outcome was not may wait for a person.
 * What fails, and how, is the shim's (shim.c). */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../crash/stage_impl.h"
#include "../crash/workers.h"
#include "files.h"
#include "kinds.h"
#include "tenantry/mem.h"

enum { LEAK_STATUS = 99 };
#define ASAN_OPTIONS "exitcode=99:verify_asan_link_order=0:allocator_may_return_null=1"

static const struct {
	const char *name, *what;
} kinds[] = {
#define X(kind, name, what) {name, what},
    TORTURE_KINDS(X)
#undef X
};

struct point {
	enum torture_kind kind;
	unsigned long n;
	bool on_from_there; /* all that come after fail too, as when a disk stays full */
};

struct torture {
	struct stage_settings settings;
	const char *shim, *leaks;
	int workers;
	unsigned long most; /* points of a kind; 0: all */
	const char *kind;   /* only this one; NULL all */
	const char *at;     /* only this point, as in the variable of the shim; NULL all */
	json_t *wanted;
	int status; /* of the undisturbed night */
	unsigned long long passed[TORTURE_KIND_COUNT];
	struct point *points;
	size_t count, cap;
};

/* ---- A night with the shim. */

static struct torture_counts *map_counts(const struct stage *stage)
{
	char *path = stage_path(stage, "torture.counts");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct torture_counts *counts = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof *counts) == 0)
		counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (counts == MAP_FAILED)
		stage_die("%s: %s", path, strerror(errno));
	memset(counts, 0, sizeof *counts);
	close(fd);
	setenv("TENANTRY_TORTURE_COUNTS", path, 1);
	free(path);
	return counts;
}

/* Gives the exit status, or minus the signal, and what the night passed. Leaks cannot be looked for while
 * reading goes through the shim: the checker's second process reads with all signals blocked, and would wait
 * for ever. */
static int tortured_night(const struct torture *torture, struct stage *stage, const char *order, bool leaks,
    struct torture_counts *out)
{
	struct torture_counts *counts = map_counts(stage);
	char *preload = mem_printf("%s%s%s", torture->shim, leaks && torture->leaks ? " " : "",
		 leaks && torture->leaks ? torture->leaks : ""),
	     *place = stage_path(stage, "torture.place");

	unlink(place);
	setenv("TENANTRY_TORTURE", order, 1);
	setenv("TENANTRY_TORTURE_PLACE", place, 1);
	setenv("LD_PRELOAD", preload, 1);
	setenv("ASAN_OPTIONS", leaks ? ASAN_OPTIONS : ASAN_OPTIONS ":detect_leaks=0", 1);
	int status = stage_night(stage, 1, 0);
	unsetenv("LD_PRELOAD");
	unsetenv("TENANTRY_TORTURE");
	memcpy(out, counts, sizeof *out);
	munmap(counts, sizeof *counts);
	free(preload);
	free(place);
	return status;
}

/* ---- What has to be true. */

static void say_file(const struct stage *stage, const char *file, size_t lines)
{
	char *path = stage_path(stage, file), *text = stage_read(path), *rest = text, *line;

	while (lines-- > 0 && (line = strsep(&rest, "\n")) != NULL)
		if (line[0])
			printf("      %s: %s\n", file, line);
	free(text);
	free(path);
}

/* It says so and ends where it stands, as if it was killed: what it holds then is no leak, and what is on
 * disk need not say so. */
static bool ran_out_of_memory(const char *said)
{
	return strstr(said, "tenantry: out of memory; what was done is in the ledger") != NULL;
}

static bool status_is_documented(int status, const char *said, const char *name)
{
	static const int documented[] = {0, 1, 2, 3, 5};
	bool well = false;

	for (size_t i = 0; i < ARRAY_LEN(documented); i++)
		well |= status == documented[i];
	if (!well)
		printf("    %s: %s\n", name,
		    status == LEAK_STATUS ? "memory is lost"
		    : status == -14       ? "it hangs"
					  : "no documented exit status");
	if (strstr(said, "ERROR: AddressSanitizer") || strstr(said, "runtime error:")) {
		printf("    %s: a sanitizer reports\n", name);
		well = false;
	}
	return well;
}

/* Does the run's own record, where there is one, say how it ended? It cannot where nobody knows whether the
 * ledger has the end. */
static bool record_agrees(const struct stage *stage, int status, const char *said, const char *name)
{
	if (ran_out_of_memory(said) || strstr(said, "cannot tell whether it has the end of the run"))
		return true;

	char *pattern = stage_path(stage, "var/runs/*/run.json");
	glob_t found = {0};
	json_t *run = glob(pattern, 0, NULL, &found) == 0 ? json_load_file(found.gl_pathv[0], 0, NULL) : NULL;
	bool well = run ? json_integer_value(json_object_get(run, "exit_status")) == status : status > 1;

	if (!well)
		printf("    %s: exit status %d, and %s\n", name, status,
		    run ? "run.json says otherwise" : "there is no run.json");
	json_decref(run);
	globfree(&found);
	free(pattern);
	return well;
}

/* What the tortured night left by itself. Gives its exit status, or minus the signal, as the program meant
 * it. */
static bool ended_well(const struct stage *stage, int *status, enum torture_kind kind, const char *name)
{
	char *output = stage_path(stage, "night-1.out"), *said = stage_read(output),
	     *var = stage_path(stage, "var");

	if (ran_out_of_memory(said) && *status == LEAK_STATUS)
		*status = 3;
	bool well = status_is_documented(*status, said, name);
	well = files_are_whole(var, kind == TORTURE_FOLDER, name) && well;
	well = record_agrees(stage, *status, said, name) && well;
	free(said);
	free(output);
	free(var);
	return well;
}

static bool is_repaired(const struct torture *torture, struct worker *worker, const char *name)
{
	struct stage *stage = worker->stage;
	int status = stage_night(stage, 2, 0);
	json_t *facts = stage_facts(stage, true);
	size_t parked = facts_in_doubt(facts), in_doubt = stage_mails_in_doubt(stage, 1);
	bool well = facts_same(torture->wanted, facts, name);

	worker->noted += parked > 0;
	if (parked > in_doubt) {
		printf(
		    "    %s: %zu mails are in doubt, %zu orders are parked for it\n", name, in_doubt, parked);
		well = false;
	}
	if (status != torture->status) {
		printf("    %s: the next night ends with %d, wanted %d\n", name, status, torture->status);
		well = false;
	}
	json_decref(facts);
	return stage_verify(stage, name) && well;
}

/* ---- One point. */

static bool play_point(struct worker *worker, size_t index)
{
	const struct torture *torture = worker->user;
	const struct point *point = &torture->points[index];
	struct stage *stage = worker->stage;
	struct torture_counts counts;
	char *name =
	    mem_printf("%s:%lu%s", kinds[point->kind].name, point->n, point->on_from_there ? "+" : "");

	stage_clear(stage);
	int status = tortured_night(torture, stage, name, point->kind != TORTURE_READ, &counts);
	bool well = ended_well(stage, &status, point->kind, name);
	well = is_repaired(torture, worker, name) && well;
	if (!well) {
		printf("not ok %s: the night ended with %d\n", name, status);
		say_file(stage, "torture.place", torture->at ? 60 : 12);
		say_file(stage, "night-1.out", torture->at ? 200 : 6);
		if (torture->at)
			say_file(stage, "night-2.out", 60);
	}
	free(name);
	return well;
}

/* ---- Which points. */

static void add_point(struct torture *torture, enum torture_kind kind, unsigned long n, bool on_from_there)
{
	MEM_GROW(torture->points, torture->count, torture->cap);
	torture->points[torture->count++] = (struct point){kind, n, on_from_there};
}

/* All of them, or evenly spread over the night; of a short-lived sample every other failure lasts, of all
 * each one does both. */
static void choose_points(struct torture *torture, enum torture_kind kind)
{
	unsigned long total = (unsigned long)torture->passed[kind],
		      most = torture->most ? torture->most : total;
	bool sample = most < total;

	if (!sample)
		most = total;
	for (unsigned long i = 0; i < most; i++) {
		unsigned long n = sample ? 1 + i * total / most : i + 1;
		if (!sample || i % 2 == 0)
			add_point(torture, kind, n, false);
		if (kind != TORTURE_SHORT && (!sample || i % 2 == 1))
			add_point(torture, kind, n, true);
	}
}

static bool choose_one(struct torture *torture)
{
	char *end;

	for (size_t kind = 0; kind < ARRAY_LEN(kinds); kind++) {
		size_t n = strlen(kinds[kind].name);
		if (strncmp(torture->at, kinds[kind].name, n) != 0 || torture->at[n] != ':')
			continue;
		unsigned long at = strtoul(torture->at + n + 1, &end, 10);
		add_point(torture, (enum torture_kind)kind, at, *end == '+');
		return true;
	}
	return false;
}

/* A night with the shim and no failure: what there is to fail, and how it ends. */
static bool play_wanted(struct torture *torture)
{
	struct stage *stage = stage_open(&torture->settings);
	struct torture_counts counts;

	stage_clear(stage);
	torture->status = tortured_night(torture, stage, "alloc:0", false, &counts);
	torture->wanted = stage_facts(stage, true);
	for (size_t i = 0; i < TORTURE_KIND_COUNT; i++)
		torture->passed[i] = atomic_load(&counts.passed[i]);
	char *points = stage_points(stage, 1);
	/* One order is rejected: the undisturbed night ends with 1. */
	bool well = torture->status == 1 && points[0] &&
		    json_object_size(json_object_get(torture->wanted, "mails")) == 2;
	printf("%s an undisturbed night%s\n", well ? "ok" : "not ok",
	    points[0] ? "" : "; the program has no crash points");
	if (!well)
		say_file(stage, "night-1.out", 60);
	free(points);
	stage_close(stage);
	return well;
}

static size_t play_kind(struct torture *torture, enum torture_kind kind)
{
	size_t parked = 0;

	torture->count = 0;
	choose_points(torture, kind);
	size_t wrong =
	    play_all(&torture->settings, torture->workers, torture->count, play_point, torture, &parked);
	printf("%s %s: %zu of %llu points tried, %zu park an order for its mail, %zu wrong (%s)\n",
	    wrong ? "not ok" : "ok", kinds[kind].name, torture->count,
	    torture->passed[kind] * (kind == TORTURE_SHORT ? 1 : 2), parked, wrong, kinds[kind].what);
	return wrong;
}

static void read_options(int argc, char **argv, struct torture *out)
{
	static const struct option options[] = {{"tenantry", required_argument, NULL, 't'},
	    {"sandbox", required_argument, NULL, 's'}, {"folder", required_argument, NULL, 'f'},
	    {"shim", required_argument, NULL, 'i'}, {"leaks", required_argument, NULL, 'l'},
	    {"points", required_argument, NULL, 'p'}, {"kind", required_argument, NULL, 'k'},
	    {"at", required_argument, NULL, 'a'}, {"workers", required_argument, NULL, 'w'}, {0}};
	int option;

	*out = (struct torture){.settings = {.connections = 1, .timeout = "10s", .full = true}, .workers = 2};
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 't':
			out->settings.tenantry = optarg;
			break;
		case 's':
			out->settings.sandbox = optarg;
			break;
		case 'f':
			out->settings.folder = optarg;
			break;
		case 'i':
			out->shim = optarg;
			break;
		case 'l':
			out->leaks = optarg;
			break;
		case 'p':
			out->most = strtoul(optarg, NULL, 10);
			break;
		case 'k':
			out->kind = optarg;
			break;
		case 'a':
			out->at = optarg;
			break;
		case 'w':
			out->workers = atoi(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (optind < argc || !out->settings.tenantry || !out->settings.sandbox || !out->settings.folder ||
	    !out->shim || out->workers < 1) {
		fprintf(stderr,
		    "usage: %s --tenantry FILE --sandbox FILE --folder FOLDER --shim FILE [--leaks FILE] [--points N] [--kind NAME] "
		    "[--at KIND:N[+]] [--workers N]\n",
		    argv[0]);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct torture torture;
	size_t wrong = 0, noted = 0;

	read_options(argc, argv, &torture);
	setenv("LSAN_OPTIONS", "exitcode=99", 0);
	setenv("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99", 0);
	if (!play_wanted(&torture) || (torture.at && !choose_one(&torture)))
		return 1;
	if (torture.at)
		wrong = play_all(&torture.settings, 1, 1, play_point, &torture, &noted);
	if (torture.at && !wrong)
		printf("ok %s\n", torture.at);
	for (int kind = 0; !torture.at && kind < TORTURE_KIND_COUNT; kind++)
		if (!torture.kind || strcmp(torture.kind, kinds[kind].name) == 0)
			wrong += play_kind(&torture, (enum torture_kind)kind);
	json_decref(torture.wanted);
	free(torture.points);
	return wrong > 0;
}
