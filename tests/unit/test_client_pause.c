/* Pauses that outlive a process, and clocks that jump: the client tells when everybody must wait, keeps what
 * an earlier process was told, and counts its own waiting on the monotonic clock alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fake/client_stage.h"

enum { HOUR_MS = 3600000 };

struct heard {
	int times;
	int64_t until_ms;
};

static void hear(void *user, int64_t until_ms)
{
	struct heard *heard = user;

	heard->times++;
	heard->until_ms = until_ms;
}

static void a_pause_is_told_with_its_end(void **state)
{
	struct client_stage s;
	struct heard heard = {0};

	(void)state;
	stage_open(&s, NULL);
	acronis_on_pause(s.client, hear, &heard);
	fake_on(s.fake, HTTP_GET, "/", 200, "{}");
	stage_call(&s, CALL_TENANT, NULL);
	assert_int_equal(heard.times, 0);
	fake_once_reply(s.fake, HTTP_GET, "/tenants",
	    &(struct fake_reply){.status = 429, .retry_after = "120", .delay_ms = 300});
	assert_result(stage_call(&s, CALL_TENANT, NULL), API_OK);
	assert_int_equal(heard.times, 1);
	assert_int_equal(heard.until_ms, client_stage_start + 300 + 120000);
	stage_close(&s);
}

static void a_pause_of_before_holds_back_the_first_request(void **state)
{
	struct client_stage s;
	struct heard heard = {0};
	struct told told;

	(void)state;
	stage_open(&s, NULL);
	acronis_on_pause(s.client, hear, &heard);
	acronis_pause_until(s.client, client_stage_start + 90000);
	fake_on(s.fake, HTTP_GET, "/", 200, "{}");
	struct told early = {0};
	stage_send(&s, &early, CALL_TENANT, "id", NULL);
	stage_turn(&s, 3);
	assert_null(fake_nth(s.fake, 0)); /* not even the token */
	stage_run(&s);
	assert_in_range(early.at, 90000, 90500); /* and then at a slower pace */
	assert_int_equal(acronis_stats(s.client).paused_ms, 90000);
	assert_int_equal(heard.times, 0); /* known already */
	told = stage_call(&s, CALL_TENANT, NULL);
	assert_true(told.at < 92000);
	acronis_pause_until(s.client, client_stage_start); /* over: nothing to keep */
	told = stage_call(&s, CALL_TENANT, NULL);
	assert_true(told.at < 93000);
	stage_close(&s);
}

/* The wall clock is set back or forward in the middle of a pause: it lasts as long as it was meant to. */
static void the_wall_clock_does_not_change_a_pause(void **state)
{
	static const int64_t jumps[] = {-24 * HOUR_MS, -1000, 1000, 24 * HOUR_MS};

	(void)state;
	for (size_t i = 0; i < sizeof jumps / sizeof *jumps; i++) {
		struct client_stage s;
		struct told told = {0};
		stage_open(&s, NULL);
		fake_once_reply(
		    s.fake, HTTP_GET, "/tenants", &(struct fake_reply){.status = 429, .retry_after = "60"});
		fake_on(s.fake, HTTP_GET, "/", 200, "{}");
		stage_send(&s, &told, CALL_TENANT, "id", NULL);
		stage_turn(&s, 4);
		assert_int_equal(told.times, 0);
		s.clock.wall += jumps[i];
		stage_run(&s);
		assert_result(told, API_OK);
		assert_in_range(told.at, 60000, 60500);
		stage_close(&s);
	}
}

/* So does a token: it is good for two hours of the monotonic clock. */
static void the_wall_clock_does_not_end_a_token(void **state)
{
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/", 200, "{}");
	stage_call(&s, CALL_TENANT, NULL);
	s.clock.wall += 365 * 24 * (int64_t)HOUR_MS;
	stage_call(&s, CALL_TENANT, NULL);
	s.clock.wall -= 730 * 24 * (int64_t)HOUR_MS;
	stage_call(&s, CALL_TENANT, NULL);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
	clock_advance(&s.clock, 3 * HOUR_MS);
	stage_call(&s, CALL_TENANT, NULL);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pause_is_told_with_its_end),
	    cmocka_unit_test(a_pause_of_before_holds_back_the_first_request),
	    cmocka_unit_test(the_wall_clock_does_not_change_a_pause),
	    cmocka_unit_test(the_wall_clock_does_not_end_a_token),
	};

	return cmocka_run_group_tests_name("client_pause", tests, NULL, NULL);
}
