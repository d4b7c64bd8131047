/* The policy table, Retry-After and the pauses: pure functions, so every row is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "acronis/pace_impl.h"
#include "acronis/policy_impl.h"
#include "tenantry/mem.h"

static struct policy_question ask(enum policy_kind kind, int status)
{
	return (struct policy_question){
	    .kind = kind, .status = status, .tries = 1, .retries = 5, .hint_ms = -1};
}

static void expect(struct policy_question q, enum policy_action action, enum api_result result)
{
	struct policy_answer a = policy_decide(&q);

	assert_int_equal(a.action, action);
	assert_string_equal(api_result_name(a.result), api_result_name(result));
}

static void statuses(void **state)
{
	static const struct {
		int status;
		enum policy_action read_action;
		enum api_result read;
		enum policy_action change_action;
		enum api_result change;
	} cases[] = {
	    {200, POLICY_SETTLE, API_OK, POLICY_SETTLE, API_OK},
	    {201, POLICY_SETTLE, API_OK, POLICY_SETTLE, API_OK},
	    {204, POLICY_SETTLE, API_OK, POLICY_SETTLE, API_OK},
	    {302, POLICY_AGAIN, API_UNREADABLE, POLICY_SETTLE, API_UNKNOWN},
	    {400, POLICY_SETTLE, API_REFUSED, POLICY_SETTLE, API_REFUSED},
	    {401, POLICY_NEW_TOKEN, API_UNAUTHORIZED, POLICY_NEW_TOKEN, API_UNAUTHORIZED},
	    {403, POLICY_SETTLE, API_FORBIDDEN, POLICY_SETTLE, API_FORBIDDEN},
	    {404, POLICY_SETTLE, API_NOT_FOUND, POLICY_SETTLE, API_NOT_FOUND},
	    {405, POLICY_SETTLE, API_REFUSED, POLICY_SETTLE, API_REFUSED},
	    {406, POLICY_SETTLE, API_REFUSED, POLICY_SETTLE, API_REFUSED},
	    {408, POLICY_AGAIN, API_UNAVAILABLE, POLICY_SETTLE, API_UNKNOWN},
	    {409, POLICY_SETTLE, API_TAKEN, POLICY_SETTLE, API_TAKEN},
	    {412, POLICY_SETTLE, API_STALE, POLICY_SETTLE, API_STALE},
	    {415, POLICY_SETTLE, API_REFUSED, POLICY_SETTLE, API_REFUSED},
	    {426, POLICY_SETTLE, API_STALE_QUOTA, POLICY_SETTLE, API_STALE_QUOTA},
	    {429, POLICY_AGAIN, API_UNAVAILABLE, POLICY_AGAIN, API_UNAVAILABLE},
	    {500, POLICY_AGAIN, API_UNAVAILABLE, POLICY_SETTLE, API_UNKNOWN},
	    {503, POLICY_AGAIN, API_UNAVAILABLE, POLICY_SETTLE, API_UNKNOWN},
	    {0, POLICY_AGAIN, API_UNREADABLE, POLICY_SETTLE, API_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		expect(ask(POLICY_READ, cases[i].status), cases[i].read_action, cases[i].read);
		expect(ask(POLICY_CHANGE, cases[i].status), cases[i].change_action, cases[i].change);
	}
}

static void platform_codes_win_over_statuses(void **state)
{
	struct policy_question q = ask(POLICY_CHANGE, 409);

	(void)state;
	q.platform_code = 1001;
	expect(q, POLICY_SETTLE, API_STALE);
	q.platform_code = 1004;
	expect(q, POLICY_SETTLE, API_TAKEN);
	q.status = 400;
	expect(q, POLICY_SETTLE, API_TAKEN);
	q.platform_code = 1001;
	expect(q, POLICY_SETTLE, API_STALE);
	q.platform_code = 1005;
	expect(q, POLICY_SETTLE, API_NOT_FOUND);
	q.platform_code = 1006;
	expect(q, POLICY_SETTLE, API_REFUSED);
	q.platform_code = 1000; /* an internal error, whatever its status */
	expect(q, POLICY_SETTLE, API_UNKNOWN);
}

static void check_login_has_its_own_406(void **state)
{
	struct policy_question q = ask(POLICY_READ, 406);

	(void)state;
	q.checks_login = true;
	expect(q, POLICY_SETTLE, API_NOT_ACCEPTABLE);
}

static void failures_without_a_status(void **state)
{
	static const struct {
		enum transport_failure failure;
		enum policy_action read_action;
		enum api_result read;
		enum policy_action change_action;
		enum api_result change;
	} cases[] = {
	    {TRANSPORT_NOT_SENT, POLICY_AGAIN, API_UNAVAILABLE, POLICY_AGAIN, API_UNAVAILABLE},
	    {TRANSPORT_LOST, POLICY_AGAIN, API_UNAVAILABLE, POLICY_SETTLE, API_UNKNOWN},
	    {TRANSPORT_TIMEOUT, POLICY_AGAIN, API_UNAVAILABLE, POLICY_SETTLE, API_UNKNOWN},
	    {TRANSPORT_CANCELLED, POLICY_AGAIN, API_UNAVAILABLE, POLICY_SETTLE, API_UNKNOWN},
	    {TRANSPORT_TOO_LARGE, POLICY_SETTLE, API_UNREADABLE, POLICY_SETTLE, API_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct policy_question q = ask(POLICY_READ, 0);
		q.failure = cases[i].failure;
		expect(q, cases[i].read_action, cases[i].read);
		q.kind = POLICY_CHANGE;
		expect(q, cases[i].change_action, cases[i].change);
	}
	struct policy_question q = ask(POLICY_READ, 0);
	q.failure = TRANSPORT_NOT_SENT;
	q.bad_certificate = true;
	expect(q, POLICY_SETTLE, API_UNAVAILABLE);
}

static void tries_run_out(void **state)
{
	struct policy_question q = ask(POLICY_READ, 500);

	(void)state;
	q.tries = 5;
	expect(q, POLICY_AGAIN, API_UNAVAILABLE);
	q.tries = 6;
	expect(q, POLICY_SETTLE, API_UNAVAILABLE);
	q.status = 401;
	expect(q, POLICY_NEW_TOKEN, API_UNAUTHORIZED);
	q.token_replayed = true;
	expect(q, POLICY_SETTLE, API_UNAUTHORIZED);
}

/* What cannot be read may be read when it is asked for again, as long as asking again harms nobody. */
static void foreign_bodies(void **state)
{
	struct policy_question q = ask(POLICY_READ, 200);

	(void)state;
	q.foreign = true;
	expect(q, POLICY_AGAIN, API_UNREADABLE);
	q.tries = q.retries + 1;
	expect(q, POLICY_SETTLE, API_UNREADABLE);
	q.tries = 1;
	q.kind = POLICY_TOKEN;
	expect(q, POLICY_AGAIN, API_UNREADABLE);
	q.kind = POLICY_CHANGE;
	expect(q, POLICY_SETTLE, API_UNKNOWN);
	q.kind = POLICY_READ;
	q.status = 404; /* a proxy's page is no proof that a tenant is not there */
	expect(q, POLICY_AGAIN, API_UNREADABLE);
	q.kind = POLICY_CHANGE;
	expect(q, POLICY_SETTLE, API_UNKNOWN);
	q.kind = POLICY_READ;
	q.status = 502;
	expect(q, POLICY_AGAIN, API_UNAVAILABLE);
}

static void token_answers(void **state)
{
	(void)state;
	expect(ask(POLICY_TOKEN, 200), POLICY_SETTLE, API_OK);
	expect(ask(POLICY_TOKEN, 400), POLICY_SETTLE, API_UNAUTHORIZED);
	expect(ask(POLICY_TOKEN, 401), POLICY_SETTLE, API_UNAUTHORIZED);
	expect(ask(POLICY_TOKEN, 403), POLICY_SETTLE, API_UNAUTHORIZED);
	expect(ask(POLICY_TOKEN, 404), POLICY_SETTLE, API_UNREADABLE);
	expect(ask(POLICY_TOKEN, 429), POLICY_AGAIN, API_UNAVAILABLE);
	expect(ask(POLICY_TOKEN, 503), POLICY_AGAIN, API_UNAVAILABLE);
}

static void who_is_held_and_whose_side(void **state)
{
	struct policy_question q = ask(POLICY_CHANGE, 429);

	(void)state;
	assert_true(policy_decide(&q).hold_all);
	assert_true(policy_decide(&q).their_side);
	q.status = 503;
	assert_false(policy_decide(&q).hold_all);
	assert_true(policy_decide(&q).their_side);
	q.hint_ms = 1000;
	assert_true(policy_decide(&q).hold_all);
	q.status = 200;
	assert_false(policy_decide(&q).hold_all);
	q.status = 409;
	q.hint_ms = -1;
	assert_false(policy_decide(&q).their_side);
}

static void retry_after(void **state)
{
	const int64_t now = INT64_C(1795351420000); /* 2026-11-22T12:43:40Z, a Sunday */

	(void)state;
	assert_int_equal(policy_retry_after_ms("", now), -1);
	assert_int_equal(policy_retry_after_ms("soon", now), -1);
	assert_int_equal(policy_retry_after_ms("0", now), 0);
	assert_int_equal(policy_retry_after_ms(" 7 ", now), 7000);
	assert_int_equal(policy_retry_after_ms("86400", now), 300000);
	assert_int_equal(policy_retry_after_ms("99999999999999999999", now), 300000);
	assert_int_equal(policy_retry_after_ms("Sun, 22 Nov 2026 12:44:00 GMT", now), 20000);
	assert_int_equal(policy_retry_after_ms("Sun, 22 Nov 2026 12:00:00 GMT", now), 0);
	assert_int_equal(policy_retry_after_ms("Mon, 23 Nov 2026 12:00:00 GMT", now), 300000);
}

static void pauses_grow_and_are_spread(void **state)
{
	uint64_t random = 7, again = 7;
	int64_t most[10] = {0}, least[10];

	(void)state;
	for (int t = 1; t < 10; t++) {
		least[t] = INT64_MAX;
		for (int i = 0; i < 2000; i++) {
			int64_t ms = policy_pause_ms(t, -1, &random);
			most[t] = ms > most[t] ? ms : most[t];
			least[t] = ms < least[t] ? ms : least[t];
		}
	}
	assert_in_range(most[1], 950, 1000);
	assert_in_range(most[3], 3800, 4000);
	assert_in_range(most[9], 28500, 30000);
	for (int t = 1; t < 10; t++)
		assert_in_range(least[t], 0, most[t] / 50); /* full jitter begins at nothing */
	assert_int_equal(policy_pause_ms(9, 1234, &random), 1234);
	random = 7;
	for (int i = 0; i < 10; i++) /* the same seed, the same night */
		assert_int_equal(policy_pause_ms(3, -1, &random), policy_pause_ms(3, -1, &again));
}

static int64_t sent_within(struct pace *pace, int64_t from, int64_t to)
{
	int64_t count = 0;

	for (int64_t now = from; now < to;) {
		int64_t wait = pace_wait_ms(pace, now);
		if (wait == 0 && pace_take(pace, now))
			count++;
		else
			now += wait > 0 ? wait : 1;
	}
	return count;
}

static void rate_is_kept(void **state)
{
	struct pace pace;

	(void)state;
	pace_setup(&pace, 20, 0);
	assert_in_range(sent_within(&pace, 0, 10000), 199, 202);
	pace_setup(&pace, 1000, 5000);
	assert_in_range(sent_within(&pace, 5000, 6000), 990, 1101);
	pace_setup(&pace, 0, 0);
	for (int i = 0; i < 100000; i++)
		assert_true(pace_take(&pace, 0));
}

static void a_hold_stops_all_then_halves_and_recovers(void **state)
{
	struct pace pace;

	(void)state;
	pace_setup(&pace, 100, 0);
	sent_within(&pace, 0, 1000);
	assert_int_equal(pace_hold(&pace, 1000, 6000), 5000);
	assert_int_equal(pace_hold(&pace, 1010, 6000), 0); /* the others that were under way */
	assert_int_equal(pace_hold(&pace, 1020, 6500), 500);
	assert_int_equal(sent_within(&pace, 1020, 6500), 0);
	assert_in_range(sent_within(&pace, 6500, 7500), 48, 53);
	assert_in_range(sent_within(&pace, 7500, 8500), 53, 59);
	sent_within(&pace, 8500, 20000);
	assert_in_range(sent_within(&pace, 20000, 21000), 98, 102);
}

/* What was saved up before the pause, and the time of the pause itself, count for nothing: all that waited
 * would leave in one burst, and a server that asks for less gets more than ever. */
static void no_burst_after_a_pause(void **state)
{
	static const int64_t rates[] = {100, 1000, 0};
	struct pace pace;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		pace_setup(&pace, rates[i], 0);
		for (int64_t now = 0; now < 1000; now += rates[i] == 100 ? 10 : 1)
			assert_true(pace_take(&pace, now));
		/* A while without a request fills what may leave at once. */
		pace_hold(&pace, 1150, 6000);
		assert_in_range(pace.limit, 40, 900);
		assert_int_equal(sent_within(&pace, 1150, 6000), 0);
		assert_in_range(sent_within(&pace, 6000, 6010), 0, pace.limit / 100 + 1);
		assert_in_range(sent_within(&pace, 6010, 6100), 0, pace.limit * 9 / 100 + 1);
	}
}

/* 200 a second, and then one refusal. */
static void refuse_once(struct pace *pace)
{
	pace_setup(pace, 0, 0);
	for (int64_t now = 0; now < 2000; now += 5)
		assert_true(pace_take(pace, now));
	pace_hold(pace, 2000, 3000);
}

static void a_hold_without_a_limit_halves_what_was_measured(void **state)
{
	struct pace pace;

	(void)state;
	refuse_once(&pace);
	pace_hold(&pace, 2001, 3000);
	assert_in_range(sent_within(&pace, 3000, 4000), 95, 108);
	/* Or when the next one comes after few requests. */
	refuse_once(&pace);
	assert_in_range(sent_within(&pace, 3000, 3200), 32, 38);
	pace_hold(&pace, 3200, 4000);
	assert_in_range(sent_within(&pace, 4000, 5000), 95, 108);
}

/* Were it halved each time, the pace would go down to nothing with one refusal in so many requests, however
 * few are sent. */
static void a_refusal_among_many_requests_costs_little(void **state)
{
	struct pace pace;
	int64_t now = 3000;

	(void)state;
	refuse_once(&pace);
	assert_in_range(sent_within(&pace, now, now + 500), 85, 98);
	assert_in_range(sent_within(&pace, now + 500, now + 1000), 95, 105);
	for (int i = 0; i < 50; i++) {
		int64_t begun = now;
		for (int64_t sent = 0; sent < 300; now += 10)
			sent += sent_within(&pace, now, now + 10);
		if (i > 5)
			assert_in_range(now - begun, 600, 1700);
		pace_hold(&pace, now, now + 1000);
		now += 1000;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(statuses),
	    cmocka_unit_test(platform_codes_win_over_statuses),
	    cmocka_unit_test(check_login_has_its_own_406),
	    cmocka_unit_test(failures_without_a_status),
	    cmocka_unit_test(tries_run_out),
	    cmocka_unit_test(foreign_bodies),
	    cmocka_unit_test(token_answers),
	    cmocka_unit_test(who_is_held_and_whose_side),
	    cmocka_unit_test(retry_after),
	    cmocka_unit_test(pauses_grow_and_are_spread),
	    cmocka_unit_test(rate_is_kept),
	    cmocka_unit_test(a_hold_stops_all_then_halves_and_recovers),
	    cmocka_unit_test(no_burst_after_a_pause),
	    cmocka_unit_test(a_hold_without_a_limit_halves_what_was_measured),
	    cmocka_unit_test(a_refusal_among_many_requests_costs_little),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
