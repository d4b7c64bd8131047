/* kill -9 at every point of a night, then the job again: the end must be that of a night that nobody
 * disturbed.
 *
 * With --fault the lists of tenants lie as well, in the night that dies and in its repair; the night after
 * that one must end it.
 *
 * The one exception is the activation mail: who dies between its intent and its outcome leaves an order that
 * is parked for a person, with no mail or one, never two. Which points these are is read from the points that
 * the dead run had passed. The program must be built with crash points (make FLAVOUR=crash). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "tenantry/mem.h"
#include "workers.h"

static const char mail[] = "SendActivationEmail";

struct crash_test {
	struct driver driver;
	json_t *wanted;
	int status, status_after; /* of the undisturbed night, and of the one after it */
	unsigned long *points;
	size_t count;
};

static bool fits(const struct crash_test *test, struct stage *stage, int night, int status, int wanted_status,
    size_t in_doubt, const char *name)
{
	/* Where lists lie an order may fail on its way, as one whose tenant no list can be asked about: it
	 * waits for the next run. */
	json_t *facts = stage_facts(stage, test->driver.fault != NULL);
	bool well = facts_same(test->wanted, facts, name);

	if (facts_in_doubt(facts) != in_doubt) {
		printf("    %s: %zu mails are in doubt, %zu orders are parked for it\n", name, in_doubt,
		    facts_in_doubt(facts));
		well = false;
	}
	/* An order that waits for a person is worth a look. */
	if (status != wanted_status && !(in_doubt > 0 && status == 1)) {
		printf("    %s: night %d ends with %d, wanted %d\n", name, night, status, wanted_status);
		well = false;
	}
	if (!well && test->driver.at)
		stage_say(stage, night);
	json_decref(facts);
	return well;
}

static bool play_point(struct worker *worker, size_t index)
{
	const struct crash_test *test = worker->user;
	struct stage *stage = worker->stage;
	unsigned long k = test->points[index];
	char *name = mem_printf("killed at point %lu", k);
	int night = 1, status;
	bool well = true;

	stage_clear(stage);
	if (test->driver.fault)
		stage_fault(stage, test->driver.fault);
	status = stage_night(stage, night, k);
	size_t in_doubt = stage_mails_in_doubt(stage, night);
	/* With several connections answers come in any order, and with lists that lie less is done: the last
	 * points may not be reached. */
	if (status != -9 && test->driver.settings.connections == 1 && !test->driver.fault) {
		printf("    %s: the run ended with %d\n", name, status);
		well = false;
	}
	if (test->driver.twice || test->driver.retry) {
		unsigned long again = test->driver.twice ? 3 + k * 7 % 101 : 0;
		if (test->driver.retry)
			stage_retry(stage, ++night, again);
		else
			stage_night(stage, ++night, again);
		in_doubt += stage_mails_in_doubt(stage, night);
	}
	if (test->driver.fault) {
		stage_night(stage, ++night, 0);
		stage_fault(stage, NULL);
	}
	status = stage_night(stage, ++night, 0);
	well = fits(test, stage, night, status, test->driver.fault ? test->status_after : test->status,
		   in_doubt, name) &&
	       well;
	stage_changes(stage);
	status = stage_night(stage, ++night, 0);
	well = fits(test, stage, night, status, test->status_after, in_doubt, name) && well;
	json_int_t changes = stage_changes(stage);
	if (changes != 0) {
		printf("    %s: the night after the repair made %d changes\n", name, (int)changes);
		well = false;
	}
	/* Wherever the first night ended: its orders are known by more than their ids. */
	if (index % 4 == 0 && !stage_reused_night(stage, ++night, name))
		well = false;
	if (index % 4 == 2 && !stage_fleet_night(stage, ++night, name))
		well = false;
	well = stage_verify(stage, name) && well;
	worker->noted += in_doubt > 0;
	if (!well)
		printf("not ok %s (%zu mails in doubt)\n", name, in_doubt);
	free(name);
	return well;
}

/* Each Nth point, and all around the mail. */
static void choose_points(struct crash_test *test, const char *text)
{
	size_t cap = 0;
	unsigned long k = 0, near = 0, total = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		total++;
	bool *wanted = mem_zalloc(total + 1);
	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		const char *end = strchr(line, '\n');
		k++;
		if (memmem(line, (size_t)(end - line), mail, strlen(mail)))
			near = k + 3;
		wanted[k] = test->driver.at ? k == test->driver.at : k % test->driver.every == 0 || k <= near;
	}
	for (k = 1; k <= total; k++) {
		if (!wanted[k])
			continue;
		MEM_GROW(test->points, test->count, cap);
		test->points[test->count++] = k;
	}
	printf("a night of %lu points; %zu of them are tried\n", total, test->count);
	free(wanted);
}

/* A night that nobody disturbs, and the one after it, which must change nothing. */
static bool play_wanted(struct crash_test *test)
{
	struct stage *stage = stage_open(&test->driver.settings);

	stage_clear(stage);
	test->status = stage_night(stage, 1, 0);
	test->wanted = stage_facts(stage, false);
	char *points = stage_points(stage, 1);
	stage_changes(stage);
	test->status_after = stage_night(stage, 2, 0);
	bool well = fits(test, stage, 2, test->status_after, test->status_after, 0, "undisturbed");
	well = well && stage_changes(stage) == 0 && points[0] && test->status >= 0 && test->status < 2 &&
	       json_object_size(json_object_get(test->wanted, "mails")) == 2;
	if (!well) {
		printf("not ok the undisturbed night (exit %d, then %d%s)\n", test->status,
		    test->status_after, points[0] ? "" : "; the program has no crash points");
	} else {
		choose_points(test, points);
	}
	free(points);
	stage_close(stage);
	return well;
}

int main(int argc, char **argv)
{
	struct crash_test test = {0};
	size_t wrong = 1, parked = 0;

	driver_options(argc, argv, &test.driver);
	if (play_wanted(&test)) {
		printf("ok an undisturbed night\n");
		wrong = play_all(
		    &test.driver.settings, test.driver.workers, test.count, play_point, &test, &parked);
		printf(
		    "%s killed at %zu points%s%s%s%s, %d connection%s: %zu park an order for its mail, %zu end otherwise than an undisturbed night\n",
		    wrong ? "not ok" : "ok", test.count, test.driver.twice ? ", and again in the repair" : "",
		    test.driver.retry ? ", then retry" : "", test.driver.fault ? " under " : "",
		    test.driver.fault ? test.driver.fault : "", test.driver.settings.connections,
		    test.driver.settings.connections == 1 ? "" : "s", parked, wrong);
	}
	json_decref(test.wanted);
	free(test.points);
	return wrong > 0;
}
