/* Plays worlds until enough nights have passed, and says what it saw. See sim.h.
 *
 *   sim [--seed N] [--nights N] [--seconds N] [--verbose]
 *
 * Worlds have the seeds N, N+1, ... A broken invariant prints the seed of its world and ends with 1; that
 * seed alone plays the same world again, --verbose with its log. With SIM_KEEP in the environment the folders
 * of the worlds stay. */
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim_check.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/signals.h"

enum { DAY_MS = 86400000, STORMY_NIGHTS = 9, CALM_NIGHTS_MAX = 5 };
static const int64_t first_evening = INT64_C(1795305600000); /* 2026-11-22 */

struct settings {
	uint64_t seed, nights;
	double seconds;
	bool verbose;
};

/* ---- One run. */

struct playing {
	struct world *world;
	bool dry_run, blind; /* blind: the subscriptions export is missing */
	unsigned steps;      /* 0: the job's */
};

/* Another run of the same job, or of another one over the same orders, while this one is under way: it must
 * be turned away. */
static void second_run(void *user)
{
	struct playing *p = user;
	struct sim *sim = p->world->sim;
	struct transport *transport = sim_transport_new(sim, NULL, NULL);
	const struct job *job = sim_chance(&sim->weather, 500) ? p->world->job : p->world->other_job;
	struct run_options options = {
	    .command = "run", .steps = job->steps, .clock = &sim->clock, .transport = transport};
	struct run_output out;
	struct error err = {0};

	sim->stats.second_runs++;
	int rc = run_job(job, &options, &out, &err);
	if (rc == 0 || error_exit_status(&err) != 4)
		sim_fail(sim, "a second run (job %s) was let in: exit status %d, %s", job->name,
		    rc == 0 ? out.exit_status : error_exit_status(&err), err.text);
	else
		sim->stats.locked_out++;
	report_free(out.report);
	plan_free(out.plan);
	transport_close(transport);
}

static void play_run(struct playing *p)
{
	struct sim *sim = p->world->sim;
	struct transport *transport = sim_transport_new(sim, second_run, p);
	struct bss_writer *writer = sim->database ? sim_writer_new(sim) : NULL;
	struct run_options options = {.command = "run",
	    .steps = p->steps ? p->steps : p->world->job->steps,
	    .dry_run = p->dry_run,
	    .keep_order_files = !p->dry_run,
	    .clock = &sim->clock,
	    .allow_disables = {sim->losses.may_pass > 0, false, (int64_t)sim->losses.may_pass},
	    .transport = transport,
	    .writer = writer};
	struct run_output out;
	struct error err = {0};

	signals_setup();
	int rc = run_job(p->world->job, &options, &out, &err);
	bss_writer_close(writer);
	transport_close(transport);
	check_run(sim, p->world, &out, rc, &err);
	report_free(out.report);
	plan_free(out.plan);
}

/* A night in a child that is killed somewhere, as kill -9 or a power cut would. */
static bool play_killed(struct playing *p)
{
	struct sim *sim = p->world->sim;
	int status = 0;

	fflush(NULL);
	pid_t child = fork();
	if (child < 0) {
		sim_fail(sim, "fork failed");
		return false;
	}
	if (child == 0) {
		sim->mortal = true;
		play_run(p);
		_exit(0);
	}
	waitpid(child, &status, 0);
	sim->mortal = false;
	if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != SIM_KILLED))
		sim_fail(sim, "the night ended with status 0x%x", (unsigned)status);
	return WIFEXITED(status) && WEXITSTATUS(status) == SIM_KILLED;
}

/* ---- Nights. */

static void begin_night(struct sim *sim)
{
	sim->events = sim->kill_at = sim->stop_at = sim->second_at = 0;
	sim->down_from = sim->down_until = 0;
	sim->stopped = sim->second_tried = false;
	sim->fault_permille = sim->meddle_permille = sim->lie_permille = 0;
	sim->lied = false;
	sim->cloud.log_count = 0;
	sim->losses.may_pass = 0;
	memset(sim->mail, 0, sizeof sim->mail);
	sim->night++;
	sim->stats.nights++;
}

static void draw_weather(struct sim *sim)
{
	static const unsigned permilles[] = {0, 0, 5, 20, 60, 150, 400};
	struct sim_random *r = &sim->weather;

	sim->fault_permille = permilles[sim_below(r, ARRAY_LEN(permilles))];
	if (sim_chance(r, 100)) {
		sim->down_from = (int64_t)sim_below(r, 150);
		sim->down_until = sim->down_from + (int64_t)sim_below(r, 400);
	}
	if (sim_chance(r, 100))
		sim->stop_at = 1 + sim_below(r, 300);
	if (sim_chance(r, 150))
		sim->second_at = 1 + sim_below(r, 150);
	if (sim_chance(r, 350))
		sim->kill_at = 1 + sim_below(r, sim_chance(r, 500) ? 60 : 500);
	if (sim->database && sim_chance(r, 200))
		sim->meddle_permille = 100;
	if (sim_chance(r, 80)) {
		sim->losses.may_pass = 1 + sim_below(r, SIM_ACCOUNTS);
		sim->stats.let_pass++;
	}
	sim_draw_lie(sim);
}

static void tell(const struct sim *sim, const char *what)
{
	char text[TIME_TEXT_SIZE];

	log_info("night %u %s: %s, faults %u/1000, kill at %" PRIu64 ", stop at %" PRIu64
		 ", second at %" PRIu64 ", down %" PRId64 "-%" PRId64 ", lists %u/1000 %s",
	    sim->night, time_text(clock_wall_ms((struct clock *)&sim->clock), text), what,
	    sim->fault_permille, sim->kill_at, sim->stop_at, sim->second_at, sim->down_from, sim->down_until,
	    sim->lie_permille, sim->lie_permille ? sim_lie_name(sim->lie) : "");
}

static void play_night(struct world *w, struct playing *p)
{
	struct sim *sim = w->sim;
	bool killed = false;

	tell(sim, p->dry_run ? "dry run" : "run");
	unsigned before = sim->cloud.changes;
	if (sim->kill_at > 0)
		killed = play_killed(p);
	else
		play_run(p);
	sim->stats.kills += killed;
	sim->stats.interrupted += sim->stopped;
	if ((p->dry_run || p->blind || p->steps == STEP_RECONCILE) && sim->cloud.changes != before)
		sim_fail(sim, "a %s changed the cloud",
		    p->dry_run ? "dry run"
		    : p->blind ? "run without subscriptions"
			       : "comparison");
	if (sim->database)
		database_notice(w);
	check_night(w, !killed && !p->dry_run);
	clock_advance(&sim->clock, 1000 + (int64_t)sim_below(&sim->world, 60000));
}

/* To the next evening; some days are skipped, some nights are followed by another one at once, and the wall
 * clock is not always right. */
static void pass_time(struct sim *sim)
{
	if (sim_chance(&sim->world, 120))
		return;
	clock_advance(&sim->clock, DAY_MS * (1 + (int64_t)sim_below(&sim->world, 3)));
	if (sim_chance(&sim->world, 50))
		sim->clock.wall -= (int64_t)sim_below(&sim->world, 3 * 3600000);
}

static void stormy_nights(struct world *w)
{
	struct sim *sim = w->sim;

	for (int n = 0; n < STORMY_NIGHTS && !sim->failure[0]; n++) {
		struct playing p = {
		    .world = w, .dry_run = sim_chance(&sim->world, 40), .blind = sim_chance(&sim->world, 30)};
		if (sim_chance(&sim->world, 50))
			p.steps = STEP_RECONCILE;
		world_day(w);
		if (p.blind)
			unlink(w->job->bss.subscriptions.csv);
		begin_night(sim);
		draw_weather(sim);
		if (p.dry_run)
			sim->second_at = 0; /* it takes no lock */
		play_night(w, &p);
		pass_time(sim);
	}
}

static void calm_night(struct world *w)
{
	struct playing p = {.world = w};

	world_day(w);
	begin_night(w->sim);
	w->sim->losses.may_pass = SIM_ORDERS;
	play_night(w, &p);
}

/* An empty list is refused for as long as the job does not say that it is right; a person does, where it is.
 */
static bool nobody_is_left(const struct sim *sim)
{
	for (size_t i = 0; i < sim->cloud.tenant_count; i++)
		if (!sim->cloud.tenants[i].deleted && strcmp(sim->cloud.tenants[i].parent, CLOUD_PARENT) == 0)
			return false;
	return true;
}

static bool has_failed(const struct world *w)
{
	for (int i = 0; i < w->order_count; i++)
		if (w->orders[i].known && w->orders[i].state == ITEM_FAILED)
			return true;
	return false;
}

/* Nothing fails any more, all that was written is imported, and the first of the next month comes. */
static void calm_nights(struct world *w)
{
	struct sim *sim = w->sim;

	w->calm = true;
	for (int n = 0; n < CALM_NIGHTS_MAX && !sim->failure[0]; n++) {
		w->decided = n > 1;
		w->job->reconcile.allow_empty = nobody_is_left(sim);
		calm_night(w);
		clock_advance(&sim->clock, n == 1 ? INT64_C(62) * DAY_MS : DAY_MS);
	}
	if (sim->failure[0])
		return;
	world_day(w); /* the last import */
	check_end(w);
	uint64_t before = check_cloud_digest(sim), changes = sim->cloud.changes;
	calm_night(w);
	/* What failed for good is tried each night; it must come to nothing. */
	bool tried = sim->cloud.changes != changes && !has_failed(w);
	if (tried || check_cloud_digest(sim) != before)
		sim_fail(sim, "a rerun with nothing to do changed the cloud (%u calls)",
		    (unsigned)(sim->cloud.changes - changes));
	check_records(w);
}

/* ---- Worlds. */

static void begin_world(struct sim *sim, uint64_t seed)
{
	struct sim_stats stats = sim->stats;

	memset(sim, 0, sizeof *sim);
	sim->stats = stats;
	sim->stats.worlds++;
	sim->seed = seed;
	sim->world.state = seed * 3 + 1;
	sim->weather.state = seed * 5 + 2;
	sim->machine.state = seed * 7 + 3;
	for (int i = 0; i < SIM_ORDERS; i++)
		sim->account_of[i] = -1;
	/* Exactly once must not hang on a clash of names that Acronis happens to notice. */
	sim->cloud.names_repeat = sim_chance(&sim->world, 500);
	sim->database = seed % 5 >= 3;
	sim->stats.databases += sim->database;
	clock_manual(&sim->clock, first_evening + (int64_t)sim_below(&sim->world, 300) * DAY_MS);
}

static void play_world(struct sim *sim, const char *base)
{
	struct error err = {0};
	struct world *w = world_begin(sim, base, &err);

	if (!w) {
		sim_fail(sim, "the world cannot be made: %s:%lu: %s", err.source, err.line, err.text);
		return;
	}
	stormy_nights(w);
	calm_nights(w);
	if (!getenv("SIM_KEEP"))
		world_end(w);
}

/* ---- What it saw. */

static void print_some(const char *what, const char *name, uint64_t count)
{
	if (count > 0)
		printf("  %-10s %-34s %10" PRIu64 "\n", what, name, count);
}

static void print_stats(const struct sim *sim, double seconds)
{
	static const char *const bss_faults[] = {[BSS_FINE] = "",
	    [BSS_LOSE_BEFORE] = "lost before the write",
	    [BSS_LOSE_AFTER] = "lost after the write",
	    [BSS_LOCKED_OUT] = "locked by others",
	    [BSS_REFUSES] = "refused",
	    [BSS_IS_GONE] = "database gone"};
	const struct sim_stats *s = &sim->stats;
	char name[32];

	printf("%" PRIu64 " nights in %" PRIu64 " worlds, %.0f nights a minute\n", s->nights, s->worlds,
	    seconds > 0 ? (double)s->nights * 60 / seconds : 0.0);
	printf("%" PRIu64 " orders (%" PRIu64 " changed or withdrawn), %" PRIu64 " rows imported, %" PRIu64
	       " clicks in the portal, %" PRIu64 " requests\n",
	    s->orders, s->changed_orders, s->imports, s->drifts, s->requests);
	printf("%" PRIu64 " rows used the id of another order\n", s->reused);
	printf("%" PRIu64 " nights killed, %" PRIu64 " interrupted, %" PRIu64
	       " second runs turned away, %" PRIu64 " decisions\n",
	    s->kills, s->interrupted, s->locked_out, s->decisions);
	printf("%" PRIu64 " worlds with a database: %" PRIu64 " writes, %" PRIu64
	       " orders changed at that moment\n",
	    s->databases, s->writes, s->meddled);
	printf("%" PRIu64 " days on which all were to be switched off, %" PRIu64
	       " held back in nights, %" PRIu64 " nights let some pass\n",
	    s->mass_days, s->held, s->let_pass);
	printf("%" PRIu64 " nights read all of Acronis, %" PRIu64 " read changes\n", s->whole, s->partial);
	for (size_t i = 0; i < SIM_FAULT_COUNT; i++)
		print_some("fault", sim_fault_name((enum sim_fault)i), s->faults[i]);
	for (size_t i = 0; i < SIM_LIE_COUNT; i++)
		print_some("lie", sim_lie_name((enum sim_lie)i), s->lies[i]);
	for (size_t i = 0; i < ARRAY_LEN(s->bss_faults); i++)
		print_some("BSS fault", bss_faults[i], s->bss_faults[i]);
	for (size_t i = 1; i < PARK_REASON_COUNT; i++)
		print_some("parked", park_reason_code((enum park_reason)i), s->parked[i]);
	for (size_t i = 0; i < ARRAY_LEN(s->exits); i++) {
		snprintf(name, sizeof name, "%zu", i);
		print_some("exit", name, s->exits[i]);
	}
}

static double now_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool read_settings(int argc, char **argv, struct settings *s)
{
	static const struct option options[] = {{"seed", required_argument, NULL, 's'},
	    {"nights", required_argument, NULL, 'n'}, {"seconds", required_argument, NULL, 't'},
	    {"verbose", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};

	*s = (struct settings){.seed = 1, .nights = 1000};
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 's')
			s->seed = strtoull(optarg, NULL, 10);
		else if (c == 'n')
			s->nights = strtoull(optarg, NULL, 10);
		else if (c == 't')
			s->seconds = strtod(optarg, NULL);
		else if (c == 'v')
			s->verbose = true;
		else
			return false;
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	struct settings settings;
	char base[64];
	double begun = now_seconds();

	if (!read_settings(argc, argv, &settings)) {
		fprintf(stderr, "usage: sim [--seed N] [--nights N] [--seconds N] [--verbose]\n");
		return 2;
	}
	const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
	snprintf(base, sizeof base, "%.40s/tenantry-sim-XXXXXX", tmp ? tmp : "/tmp");
	struct sim *sim = mmap(NULL, sizeof *sim, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sim == MAP_FAILED || !mkdtemp(base)) {
		perror("sim");
		return 3;
	}
	log_setup(&(struct log_settings){
	    .level = settings.verbose ? LOG_DEBUG : LOG_ERROR + 1, .clock = &sim->clock});
	sim_points_setup(sim);
	/* Thousands of short runs want the same large buffers again and again. */
	mallopt(M_MMAP_THRESHOLD, 1 << 28);
	mallopt(M_TRIM_THRESHOLD, 1 << 28);
	for (uint64_t seed = settings.seed; sim->stats.nights < settings.nights && !sim->failure[0]; seed++) {
		if (settings.seconds > 0 && now_seconds() - begun > settings.seconds)
			break;
		begin_world(sim, seed);
		play_world(sim, base);
	}
	print_stats(sim, now_seconds() - begun);
	if (sim->failure[0])
		printf("BROKEN in seed %" PRIu64 ", night %u: %s\n  again: make sim SEED=%" PRIu64
		       " NIGHTS=1\n",
		    sim->seed, sim->night, sim->failure, sim->seed);
	rmdir(base);
	return sim->failure[0] ? 1 : 0;
}
