/* The client over a scripted transport and a clock that stands still: order, repetition, pace, stopping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../fake/client_stage.h"
#include "tenantry/mem.h"

static void nothing_leaves_before_the_turn(void **state)
{
	struct client_stage s;
	struct told told = {0};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_POST, "/tenants", 201, "{}");
	stage_send(&s, &told, CALL_TENANT_CREATE, NULL, json_pack("{s:s}", "name", "A"));
	assert_int_equal(acronis_pending(s.client), 1);
	assert_null(fake_nth(s.fake, 0));
	stage_run(&s);
	assert_result(told, API_OK);
	assert_string_equal(fake_nth(s.fake, 0)->path, "/idp/token");
	assert_string_equal(fake_nth(s.fake, 0)->body, "grant_type=client_credentials");
	assert_string_equal(fake_nth(s.fake, 0)->content_type, "application/x-www-form-urlencoded");
	/* base64 of the-client:s3cret-of-the-client, by another program */
	assert_string_equal(
	    fake_nth(s.fake, 0)->authorization, "Basic dGhlLWNsaWVudDpzM2NyZXQtb2YtdGhlLWNsaWVudA==");
	assert_string_equal(fake_nth(s.fake, 1)->path, "/tenants");
	assert_string_equal(fake_nth(s.fake, 1)->body, "{\"name\":\"A\"}");
	assert_string_equal(fake_nth(s.fake, 1)->content_type, "application/json");
	assert_string_equal(fake_nth(s.fake, 1)->authorization, "Bearer token-of-the-fake");
	stage_close(&s);
}

static void urls_are_built_and_encoded(void **state)
{
	struct client_stage s;
	struct told told = {.stage = &s};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/", 200, "{}");
	acronis_send(s.client, &(struct acronis_request){.call = CALL_SETTING,
				   .a = "app",
				   .b = "ten/ant",
				   .c = "tier level",
				   .query = "x=1",
				   .done = stage_note,
				   .user = &told});
	stage_run(&s);
	assert_int_equal(
	    fake_count(s.fake, HTTP_GET, "/applications/app/settings/tenants/ten%2Fant/tier%20level?x=1"), 1);
	assert_string_equal(fake_last(s.fake, HTTP_GET, "/")->content_type, "");
	stage_close(&s);
}

/* The price list is a service beside the account server, and no night waits for it. */
static void a_service_of_its_own_is_asked_once(void **state)
{
	static const char path[] = "/api/price_sync/v1/effective_price_lists?tenant_id=x";
	struct client_stage s;
	struct told told = {.stage = &s};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/api/price_sync/", 500, "{\"code\":\"INTERNAL\",\"message\":\"down\"}");
	acronis_send(s.client, &(struct acronis_request){.call = CALL_PRICE_LISTS,
				   .query = "tenant_id=x",
				   .once = true,
				   .done = stage_note,
				   .user = &told});
	stage_run(&s);
	assert_result(told, API_UNAVAILABLE);
	assert_int_equal(told.last.tries, 1);
	assert_string_equal(told.last.text, "FetchTenantPriceLists: 500, INTERNAL, down");
	assert_int_equal(fake_count(s.fake, HTTP_GET, path), 1);
	stage_close(&s);
}

static void callbacks_may_send_more(void **state)
{
	struct client_stage s;
	struct told told = {.then_get = "second"};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	stage_send(&s, &told, CALL_TENANT, "first", NULL);
	stage_run(&s);
	assert_int_equal(told.times, 2);
	assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants/second"), 1);
	stage_close(&s);
}

static void connections_limit_and_one_token_for_all(void **state)
{
	struct client_stage s;
	struct told told = {0};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	for (int i = 0; i < 50; i++)
		stage_send(&s, &told, CALL_TENANT, "id", NULL);
	stage_run(&s);
	assert_int_equal(told.times, 50);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
	assert_int_equal(fake_most_in_flight(s.fake), 4);
	assert_int_equal(acronis_stats(s.client).requests, 51);
	assert_int_equal(acronis_stats(s.client).tokens, 1);
	assert_int_equal(acronis_stats(s.client).changes, 0);
	stage_close(&s);
}

static void reads_are_repeated_changes_are_not(void **state)
{
	static const struct fake_reply lost = {.failure = TRANSPORT_LOST};
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/id", 200, "{}");
	fake_on(s.fake, HTTP_POST, "/tenants", 201, "{}");
	fake_once(s.fake, HTTP_GET, "/tenants/id", 503, "{}");
	fake_once_reply(s.fake, HTTP_GET, "/tenants/id", &lost);
	struct told told = stage_call(&s, CALL_TENANT, NULL);
	assert_result(told, API_OK);
	assert_int_equal(told.last.tries, 3);
	assert_int_equal(acronis_stats(s.client).repeats, 2);
	fake_once(s.fake, HTTP_POST, "/tenants", 503, "{}");
	told = stage_call(&s, CALL_TENANT_CREATE, json_object());
	assert_result(told, API_UNKNOWN);
	assert_true(told.last.their_side);
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &lost);
	told = stage_call(&s, CALL_TENANT_CREATE, json_object());
	assert_result(told, API_UNKNOWN);
	assert_int_equal(told.last.tries, 1);
	assert_string_equal(told.last.text, "CreateTenant: scripted failure");
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 2);
	stage_close(&s);
}

static void a_change_that_was_not_sent_is_sent_again(void **state)
{
	static const struct fake_reply unsent = {.failure = TRANSPORT_NOT_SENT};
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_POST, "/users/", 204, "");
	fake_once_reply(s.fake, HTTP_POST, "/users/", &unsent);
	struct told told = stage_call(&s, CALL_ACTIVATION_MAIL, json_object());
	assert_result(told, API_OK);
	assert_int_equal(told.last.tries, 2);
	assert_string_equal(fake_last(s.fake, HTTP_POST, "/users/")->body, "{}");
	stage_close(&s);
}

static void tries_run_out(void **state)
{
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/id", 500,
	    "{\"error\":{\"code\":1000,\"message\":\"internal\",\"domain\":null}}");
	struct told told = stage_call(&s, CALL_TENANT, NULL);
	assert_result(told, API_UNAVAILABLE);
	assert_int_equal(told.last.tries, 4);
	assert_string_equal(told.last.text, "FetchTenant: 500, 1000 internal (4 tries)");
	assert_in_range(told.at, 1, 7000);
	stage_close(&s);
}

static void a_waiting_call_does_not_block_others(void **state)
{
	struct client_stage s;
	struct told slow = {0}, quick = {0};
	struct acronis_settings one = client_stage_settings;

	(void)state;
	one.connections = 1;
	stage_open(&s, &one);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	fake_once(s.fake, HTTP_GET, "/tenants/slow", 503, "{}");
	stage_send(&s, &slow, CALL_TENANT, "slow", NULL);
	stage_send(&s, &quick, CALL_TENANT, "quick", NULL);
	stage_run(&s);
	assert_result(slow, API_OK);
	assert_true(quick.at < slow.at);
	assert_int_equal(quick.at, 0);
	stage_close(&s);
}

static void many_waiting_calls_come_back_in_time_order(void **state)
{
	struct client_stage s;
	struct told told[40] = {{0}};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		fake_once(s.fake, HTTP_GET, "/tenants/id", 500, "{}");
		stage_send(&s, &told[i], CALL_TENANT, "id", NULL);
	}
	stage_run(&s);
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		assert_result(told[i], API_OK);
		assert_int_equal(told[i].last.tries, 2);
		assert_in_range(told[i].at, 0, 1000);
	}
	stage_close(&s);
}

static void retry_after_holds_back_everybody(void **state)
{
	static const struct {
		const char *header;
		int64_t least, most;
	} cases[] = {{"7", 7000, 7000}, {"Sun, 22 Nov 2026 12:43:50 GMT", 10000, 10000}, {"", 0, 1000}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake_reply busy = {.status = 429, .retry_after = cases[i].header};
		struct client_stage s;
		struct told first = {0}, other = {0};
		stage_open(&s, NULL);
		fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
		fake_on(s.fake, HTTP_POST, "/tenants", 201, "{}");
		fake_once_reply(s.fake, HTTP_POST, "/tenants", &busy);
		stage_send(&s, &first, CALL_TENANT_CREATE, NULL, json_object());
		stage_turn(&s, 4); /* token, then the 429, no time passes */
		assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 1);
		stage_send(&s, &other, CALL_TENANT, "other", NULL);
		stage_run(&s);
		assert_result(first, API_OK); /* a change, and repeated: a 429 was not carried out */
		assert_int_equal(first.last.tries, 2);
		assert_result(other, API_OK);
		assert_true(other.at >= cases[i].least && first.at >= cases[i].least);
		/* afterwards at half the pace, which one request a second is the least of */
		assert_true(first.at <= cases[i].most + 2000 && other.at <= cases[i].most + 2000);
		assert_int_equal(acronis_stats(s.client).pauses, 1);
		assert_in_range(acronis_stats(s.client).paused_ms, cases[i].least, cases[i].most);
		stage_close(&s);
	}
}

/* Everything that waited for the end of a pause leaves at the pace that was asked for, not at once. */
static void what_waited_for_a_pause_does_not_leave_at_once(void **state)
{
	static const struct fake_reply good = {.status = 200, .body = "{}", .delay_ms = 10},
				       busy = {.status = 429, .retry_after = "5"};
	struct acronis_settings many = client_stage_settings;
	struct told told[400] = {{0}};
	struct client_stage s;

	(void)state;
	many.connections = 100;
	many.rate = 1000;
	stage_open(&s, &many);
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		fake_once_reply(s.fake, HTTP_GET, "/tenants/", &good);
		stage_send(&s, &told[i], CALL_TENANT, "id", NULL);
	}
	stage_run(&s);
	clock_advance(&s.clock, 150);
	memset(told, 0, sizeof told);
	fake_once_reply(s.fake, HTTP_GET, "/tenants/", &busy);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	stage_send(&s, &told[0], CALL_TENANT, "id", NULL);
	stage_turn(&s, 4);
	assert_int_equal(acronis_stats(s.client).pauses, 1);
	int64_t end = clock_mono_ms(&s.clock) + 5000;
	for (size_t i = 1; i < ARRAY_LEN(told); i++)
		stage_send(&s, &told[i], CALL_TENANT, "id", NULL);
	stage_run(&s);
	size_t at_once = 0, in_a_second = 0;
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		assert_result(told[i], API_OK);
		assert_true(told[i].at >= end);
		at_once += told[i].at < end + 20;
		in_a_second += told[i].at < end + 1000;
	}
	assert_in_range(at_once, 0, 20);
	assert_in_range(in_a_second, 300, 400);
	stage_close(&s);
}

static void a_change_answered_503_with_retry_after_is_unknown_but_all_wait(void **state)
{
	static const struct fake_reply busy = {.status = 503, .retry_after = "5"};
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &busy);
	struct told told = stage_call(&s, CALL_TENANT_CREATE, json_object());
	assert_result(told, API_UNKNOWN);
	told = stage_call(&s, CALL_TENANT, NULL);
	assert_in_range(told.at, 5000, 6000);
	stage_close(&s);
}

static void the_rate_is_kept(void **state)
{
	struct acronis_settings slow = client_stage_settings;
	struct client_stage s;
	struct told told = {0};

	(void)state;
	slow.rate = 20;
	stage_open(&s, &slow);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	for (int i = 0; i < 100; i++)
		stage_send(&s, &told, CALL_TENANT, "id", NULL);
	stage_run(&s);
	assert_in_range(told.at, 4800, 5200);
	stage_close(&s);
}

static void stop_awaits_what_is_in_flight_and_cancels_the_rest(void **state)
{
	struct client_stage s;
	struct told told[6] = {{0}}, late = {0};

	(void)state;
	stage_open(&s, NULL);
	fake_once_reply(s.fake, HTTP_POST, "/tenants",
	    &(struct fake_reply){.status = 201, .body = "{}", .delay_ms = 500});
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &(struct fake_reply){.status = 429, .delay_ms = 500});
	fake_once_reply(
	    s.fake, HTTP_POST, "/tenants", &(struct fake_reply){.failure = TRANSPORT_LOST, .delay_ms = 500});
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &(struct fake_reply){.status = 401, .delay_ms = 500});
	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		stage_send(&s, &told[i], CALL_TENANT_CREATE, NULL, json_object());
	stage_turn(&s, 2);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 4);
	acronis_stop(s.client);
	stage_send(&s, &late, CALL_TENANT, "id", NULL);
	assert_int_equal(told[4].times, 0); /* only turns call back */
	stage_run(&s);
	assert_result(told[0], API_OK);
	assert_result(told[1], API_CANCELLED); /* a 429 and a 401 were not carried out */
	assert_result(told[2], API_UNKNOWN);
	assert_result(told[3], API_CANCELLED);
	assert_result(told[4], API_CANCELLED);
	assert_result(told[5], API_CANCELLED);
	assert_result(late, API_CANCELLED);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 4);
	stage_close(&s);
}

static void stop_cancels_what_waits_for_its_repetition(void **state)
{
	struct client_stage s;
	struct told told = {0};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 503, "{}");
	stage_send(&s, &told, CALL_TENANT, "id", NULL);
	stage_turn(&s, 3);
	assert_int_equal(acronis_pending(s.client), 1);
	acronis_stop(s.client);
	stage_run(&s);
	assert_result(told, API_CANCELLED);
	stage_close(&s);
}

static void free_tells_everybody(void **state)
{
	static const struct fake_reply slow = {.status = 200, .body = "{}", .delay_ms = 5000};
	struct client_stage s;
	struct told change = {0}, get = {0}, queued = {0};

	(void)state;
	stage_open(&s, NULL);
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &slow);
	fake_once_reply(s.fake, HTTP_GET, "/tenants/", &slow);
	stage_send(&s, &change, CALL_TENANT_CREATE, NULL, json_object());
	stage_send(&s, &get, CALL_TENANT, "id", NULL);
	stage_turn(&s, 2);
	stage_send(&s, &queued, CALL_TENANT_CREATE, NULL, json_object());
	acronis_client_free(s.client);
	assert_result(change, API_UNKNOWN);
	assert_result(get, API_CANCELLED);
	assert_result(queued, API_CANCELLED);
	fake_transport_free(s.fake); /* its late answers find nobody and harm nothing */
	assert_int_equal(change.times + get.times + queued.times, 3);
	acronis_client_free(NULL);
}

static void free_while_the_token_is_asked_for(void **state)
{
	struct client_stage s;
	struct told told = {0};

	(void)state;
	stage_open(&s, NULL);
	stage_send(&s, &told, CALL_TENANT_CREATE, NULL, json_object());
	assert_int_equal(acronis_pending(s.client), 1);
	fake_once_reply(s.fake, HTTP_POST, "/idp/token",
	    &(struct fake_reply){.status = 200, .body = "{}", .delay_ms = 5000});
	stage_turn(&s, 1);
	assert_int_equal(acronis_pending(s.client), 1);
	stage_close(&s);
	assert_result(told, API_CANCELLED);
}

static void an_idle_turn_waits_for_nothing(void **state)
{
	struct client_stage s;
	struct error err = {0};

	(void)state;
	stage_open(&s, NULL);
	assert_int_equal(acronis_turn(s.client, 60000, &err), 0);
	assert_int_equal(clock_mono_ms(&s.clock), 0);
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_leaves_before_the_turn),
	    cmocka_unit_test(urls_are_built_and_encoded),
	    cmocka_unit_test(a_service_of_its_own_is_asked_once),
	    cmocka_unit_test(callbacks_may_send_more),
	    cmocka_unit_test(connections_limit_and_one_token_for_all),
	    cmocka_unit_test(reads_are_repeated_changes_are_not),
	    cmocka_unit_test(a_change_that_was_not_sent_is_sent_again),
	    cmocka_unit_test(tries_run_out),
	    cmocka_unit_test(a_waiting_call_does_not_block_others),
	    cmocka_unit_test(many_waiting_calls_come_back_in_time_order),
	    cmocka_unit_test(retry_after_holds_back_everybody),
	    cmocka_unit_test(what_waited_for_a_pause_does_not_leave_at_once),
	    cmocka_unit_test(a_change_answered_503_with_retry_after_is_unknown_but_all_wait),
	    cmocka_unit_test(the_rate_is_kept),
	    cmocka_unit_test(stop_awaits_what_is_in_flight_and_cancels_the_rest),
	    cmocka_unit_test(stop_cancels_what_waits_for_its_repetition),
	    cmocka_unit_test(free_tells_everybody),
	    cmocka_unit_test(free_while_the_token_is_asked_for),
	    cmocka_unit_test(an_idle_turn_waits_for_nothing),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
