/* The client over a scripted transport and a clock that stands still: order, repetition, tokens, pace, stopping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../fake/fake_transport.h"
#include "tenantry/acronis.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

#define SECRET "s3cret-of-the-client"

static const int64_t start_of_test = INT64_C(1795351420000); /* 2026-11-22T12:43:40Z */

struct stage {
	struct clock clock;
	struct fake_transport *fake;
	struct acronis_client *client;
};

struct told {
	int times;
	struct acronis_answer last;
	int64_t at; /* monotonic */
	struct stage *stage;
	const char *then_get; /* sent from inside the callback */
};

static const struct acronis_settings usual = {.url = "http://127.0.0.1:1/",
    .client_id = "the-client",
    .client_secret = SECRET,
    .connections = 4,
    .timeout_ms = 30000,
    .retries = 3,
    .page_size = 2,
    .random_seed = 7};

static void open_with(struct stage *s, const struct acronis_settings *settings)
{
	clock_manual(&s->clock, start_of_test);
	s->fake = fake_transport_new(&s->clock);
	s->client = acronis_client_new(settings, fake_transport_base(s->fake), &s->clock);
}

static void open_stage(struct stage *s)
{
	open_with(s, &usual);
}

static void close_stage(struct stage *s)
{
	acronis_client_free(s->client);
	fake_transport_free(s->fake);
}

static void note(void *user, const struct acronis_answer *answer)
{
	struct told *told = user;

	told->times++;
	told->last = *answer;
	told->last.body = NULL;
	told->at = clock_mono_ms(&told->stage->clock);
	if (told->then_get) {
		const char *id = told->then_get;
		told->then_get = NULL;
		acronis_send(told->stage->client,
		    &(struct acronis_request){.call = CALL_TENANT, .a = id, .done = note, .user = told});
	}
}

static void send(struct stage *s, struct told *told, enum acronis_call call, const char *a, json_t *body)
{
	told->stage = s;
	acronis_send(s->client,
	    &(struct acronis_request){.call = call, .a = a, .b = "b", .c = "c", .body = body, .done = note, .user = told});
}

static void run(struct stage *s)
{
	struct error err = {0};

	for (int i = 0; i < 100000 && acronis_pending(s->client) > 0; i++)
		assert_int_equal(acronis_turn(s->client, 1000, &err), 0);
	assert_int_equal(acronis_pending(s->client), 0);
}

static struct told call(struct stage *s, enum acronis_call which, json_t *body)
{
	struct told told = {0};

	send(s, &told, which, "id", body);
	run(s);
	assert_int_equal(told.times, 1);
	return told;
}

#define assert_result(told, expected) assert_string_equal(api_result_name((told).last.result), api_result_name(expected))

static void nothing_leaves_before_the_turn(void **state)
{
	struct stage s;
	struct told told = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_POST, "/tenants", 201, "{}");
	send(&s, &told, CALL_TENANT_CREATE, NULL, json_pack("{s:s}", "name", "A"));
	assert_int_equal(acronis_pending(s.client), 1);
	assert_null(fake_nth(s.fake, 0));
	run(&s);
	assert_result(told, API_OK);
	assert_string_equal(fake_nth(s.fake, 0)->path, "/idp/token");
	assert_string_equal(fake_nth(s.fake, 0)->body, "grant_type=client_credentials");
	assert_string_equal(fake_nth(s.fake, 0)->content_type, "application/x-www-form-urlencoded");
	/* base64 of the-client:s3cret-of-the-client, by another program */
	assert_string_equal(fake_nth(s.fake, 0)->authorization, "Basic dGhlLWNsaWVudDpzM2NyZXQtb2YtdGhlLWNsaWVudA==");
	assert_string_equal(fake_nth(s.fake, 1)->path, "/tenants");
	assert_string_equal(fake_nth(s.fake, 1)->body, "{\"name\":\"A\"}");
	assert_string_equal(fake_nth(s.fake, 1)->content_type, "application/json");
	assert_string_equal(fake_nth(s.fake, 1)->authorization, "Bearer token-of-the-fake");
	close_stage(&s);
}

static void urls_are_built_and_encoded(void **state)
{
	struct stage s;
	struct told told = {.stage = &s};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/", 200, "{}");
	acronis_send(s.client,
	    &(struct acronis_request){
		.call = CALL_SETTING, .a = "app", .b = "ten/ant", .c = "tier level", .query = "x=1", .done = note, .user = &told});
	run(&s);
	assert_int_equal(fake_count(s.fake, HTTP_GET, "/applications/app/settings/tenants/ten%2Fant/tier%20level?x=1"), 1);
	assert_string_equal(fake_last(s.fake, HTTP_GET, "/")->content_type, "");
	close_stage(&s);
}

static void callbacks_may_send_more(void **state)
{
	struct stage s;
	struct told told = {.then_get = "second"};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	send(&s, &told, CALL_TENANT, "first", NULL);
	run(&s);
	assert_int_equal(told.times, 2);
	assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants/second"), 1);
	close_stage(&s);
}

static void connections_limit_and_one_token_for_all(void **state)
{
	struct stage s;
	struct told told = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	for (int i = 0; i < 50; i++)
		send(&s, &told, CALL_TENANT, "id", NULL);
	run(&s);
	assert_int_equal(told.times, 50);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
	assert_int_equal(fake_most_in_flight(s.fake), 4);
	assert_int_equal(acronis_stats(s.client).requests, 51);
	assert_int_equal(acronis_stats(s.client).tokens, 1);
	assert_int_equal(acronis_stats(s.client).changes, 0);
	close_stage(&s);
}

static void reads_are_repeated_changes_are_not(void **state)
{
	static const struct fake_reply lost = {.failure = TRANSPORT_LOST};
	struct stage s;

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/id", 200, "{}");
	fake_on(s.fake, HTTP_POST, "/tenants", 201, "{}");
	fake_once(s.fake, HTTP_GET, "/tenants/id", 503, "{}");
	fake_once_reply(s.fake, HTTP_GET, "/tenants/id", &lost);
	struct told told = call(&s, CALL_TENANT, NULL);
	assert_result(told, API_OK);
	assert_int_equal(told.last.tries, 3);
	assert_int_equal(acronis_stats(s.client).repeats, 2);
	fake_once(s.fake, HTTP_POST, "/tenants", 503, "{}");
	told = call(&s, CALL_TENANT_CREATE, json_object());
	assert_result(told, API_UNKNOWN);
	assert_true(told.last.their_side);
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &lost);
	told = call(&s, CALL_TENANT_CREATE, json_object());
	assert_result(told, API_UNKNOWN);
	assert_int_equal(told.last.tries, 1);
	assert_string_equal(told.last.text, "CreateTenant: scripted failure");
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 2);
	close_stage(&s);
}

static void a_change_that_was_not_sent_is_sent_again(void **state)
{
	static const struct fake_reply unsent = {.failure = TRANSPORT_NOT_SENT};
	struct stage s;

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_POST, "/users/", 204, "");
	fake_once_reply(s.fake, HTTP_POST, "/users/", &unsent);
	struct told told = call(&s, CALL_ACTIVATION_MAIL, json_object());
	assert_result(told, API_OK);
	assert_int_equal(told.last.tries, 2);
	assert_string_equal(fake_last(s.fake, HTTP_POST, "/users/")->body, "{}");
	close_stage(&s);
}

static void tries_run_out(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/id", 500, "{\"error\":{\"code\":1000,\"message\":\"internal\",\"domain\":null}}");
	struct told told = call(&s, CALL_TENANT, NULL);
	assert_result(told, API_UNAVAILABLE);
	assert_int_equal(told.last.tries, 4);
	assert_string_equal(told.last.text, "FetchTenant: 500, 1000 internal (4 tries)");
	assert_in_range(told.at, 1, 7000);
	close_stage(&s);
}

static void a_waiting_call_does_not_block_others(void **state)
{
	struct stage s;
	struct told slow = {0}, quick = {0};
	struct acronis_settings one = usual;

	(void)state;
	one.connections = 1;
	open_with(&s, &one);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	fake_once(s.fake, HTTP_GET, "/tenants/slow", 503, "{}");
	send(&s, &slow, CALL_TENANT, "slow", NULL);
	send(&s, &quick, CALL_TENANT, "quick", NULL);
	run(&s);
	assert_result(slow, API_OK);
	assert_true(quick.at < slow.at);
	assert_int_equal(quick.at, 0);
	close_stage(&s);
}

static void many_waiting_calls_come_back_in_time_order(void **state)
{
	struct stage s;
	struct told told[40] = {{0}};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		fake_once(s.fake, HTTP_GET, "/tenants/id", 500, "{}");
		send(&s, &told[i], CALL_TENANT, "id", NULL);
	}
	run(&s);
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		assert_result(told[i], API_OK);
		assert_int_equal(told[i].last.tries, 2);
		assert_in_range(told[i].at, 0, 1000);
	}
	close_stage(&s);
}

/* ---- 429 */

static void retry_after_holds_back_everybody(void **state)
{
	static const struct {
		const char *header;
		int64_t least, most;
	} cases[] = {{"7", 7000, 7000}, {"Sun, 22 Nov 2026 12:43:50 GMT", 10000, 10000}, {"", 0, 1000}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake_reply busy = {.status = 429, .retry_after = cases[i].header};
		struct stage s;
		struct told first = {0}, other = {0};
		struct error err = {0};
		open_stage(&s);
		fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
		fake_on(s.fake, HTTP_POST, "/tenants", 201, "{}");
		fake_once_reply(s.fake, HTTP_POST, "/tenants", &busy);
		send(&s, &first, CALL_TENANT_CREATE, NULL, json_object());
		for (int turn = 0; turn < 4; turn++) /* token, then the 429, no time passes */
			assert_int_equal(acronis_turn(s.client, 0, &err), 0);
		assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 1);
		send(&s, &other, CALL_TENANT, "other", NULL);
		run(&s);
		assert_result(first, API_OK); /* a change, and repeated: a 429 was not carried out */
		assert_int_equal(first.last.tries, 2);
		assert_result(other, API_OK);
		assert_true(other.at >= cases[i].least && first.at >= cases[i].least);
		/* afterwards at half the pace, which one request a second is the least of */
		assert_true(first.at <= cases[i].most + 2000 && other.at <= cases[i].most + 2000);
		assert_int_equal(acronis_stats(s.client).pauses, 1);
		assert_in_range(acronis_stats(s.client).paused_ms, cases[i].least, cases[i].most);
		close_stage(&s);
	}
}

static void a_change_answered_503_with_retry_after_is_unknown_but_all_wait(void **state)
{
	static const struct fake_reply busy = {.status = 503, .retry_after = "5"};
	struct stage s;

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &busy);
	struct told told = call(&s, CALL_TENANT_CREATE, json_object());
	assert_result(told, API_UNKNOWN);
	told = call(&s, CALL_TENANT, NULL);
	assert_in_range(told.at, 5000, 6000);
	close_stage(&s);
}

static void the_rate_is_kept(void **state)
{
	struct acronis_settings slow = usual;
	struct stage s;
	struct told told = {0};

	(void)state;
	slow.rate = 20;
	open_with(&s, &slow);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	for (int i = 0; i < 100; i++)
		send(&s, &told, CALL_TENANT, "id", NULL);
	run(&s);
	assert_in_range(told.at, 4800, 5200);
	close_stage(&s);
}

/* ---- Tokens */

static void token_for(void *user, const struct fake_call *asked, struct fake_reply *reply)
{
	static char body[256];
	unsigned *count = user;

	(void)asked;
	snprintf(body, sizeof body, "{\"access_token\":\"token-%u\",\"token_type\":\"bearer\",\"expires_on\":%lld}", ++*count,
	    (long long)(start_of_test / 1000 + 7200));
	reply->body = body;
}

static void the_token_is_renewed_before_it_ends(void **state)
{
	struct stage s;
	unsigned tokens = 0;

	(void)state;
	open_stage(&s);
	fake_on_call(s.fake, HTTP_POST, "/idp/token", token_for, &tokens);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	call(&s, CALL_TENANT, NULL);
	clock_advance(&s.clock, 6290000); /* 910 s are left */
	call(&s, CALL_TENANT, NULL);
	assert_int_equal(tokens, 1);
	clock_advance(&s.clock, 20000); /* 890 s */
	call(&s, CALL_TENANT, NULL);
	assert_int_equal(tokens, 2);
	call(&s, CALL_TENANT, NULL);
	assert_string_equal(fake_last(s.fake, HTTP_GET, "/tenants/")->authorization, "Bearer token-2");
	close_stage(&s);
}

static void a_short_life_is_renewed_in_its_last_quarter(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_POST, "/idp/token", 200, "{\"access_token\":\"tttt\",\"expires_in\":100}");
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	call(&s, CALL_TENANT, NULL);
	clock_advance(&s.clock, 74000);
	call(&s, CALL_TENANT, NULL);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
	clock_advance(&s.clock, 2000);
	call(&s, CALL_TENANT, NULL);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
	close_stage(&s);
}

/* Neither end is given, or one that makes no sense beside our clock (--now): two hours count. */
static void a_token_without_an_end_is_good_for_two_hours(void **state)
{
	static const char *const bodies[] = {
	    "{\"access_token\":\"tttt\"}", "{\"access_token\":\"tttt\",\"expires_on\":1000000000,\"expires_in\":-5}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct stage s;
		open_stage(&s);
		fake_on(s.fake, HTTP_POST, "/idp/token", 200, bodies[i]);
		fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
		call(&s, CALL_TENANT, NULL);
		clock_advance(&s.clock, 6200000);
		call(&s, CALL_TENANT, NULL);
		assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
		clock_advance(&s.clock, 200000);
		call(&s, CALL_TENANT, NULL);
		assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
		close_stage(&s);
	}
}

static void an_expired_token_in_mid_run_costs_one_new_one(void **state)
{
	struct stage s;
	struct told told[8] = {{0}};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_POST, "/tenants", 201, "{}");
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		if (i < 4)
			fake_once(s.fake, HTTP_POST, "/tenants", 401, "{\"error\":{\"code\":401,\"message\":\"expired\"}}");
		send(&s, &told[i], CALL_TENANT_CREATE, NULL, json_object());
	}
	run(&s);
	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		assert_result(told[i], API_OK);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 12);
	close_stage(&s);
}

static void a_second_401_ends_the_call(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 401, "{\"error\":{\"code\":401,\"message\":\"no\"}}");
	struct told told = call(&s, CALL_TENANT, NULL);
	assert_result(told, API_UNAUTHORIZED);
	assert_int_equal(told.last.tries, 2);
	assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants/"), 2);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
	assert_int_equal(acronis_answer_error(&told.last, &err), -1);
	assert_int_equal(err.code, ERR_ACRONIS);
	assert_non_null(strstr(err.hint, "acronis.client_secret"));
	close_stage(&s);
}

static void a_wrong_secret_stops_everything_at_once(void **state)
{
	struct stage s;
	struct told told = {0};
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_POST, "/idp/token", 401,
	    "{\"error\":\"invalid_client\",\"error_description\":\"Client authentication failed\",\"domain\":\"Access\"}");
	for (int i = 0; i < 20; i++)
		send(&s, &told, CALL_TENANT, "id", NULL);
	run(&s);
	assert_int_equal(told.times, 20);
	assert_result(told, API_UNAUTHORIZED);
	assert_string_equal(told.last.text, "RequestTokens: 401, invalid_client, Client authentication failed");
	assert_string_equal(told.last.code_word, "invalid_client");
	assert_false(told.last.their_side);
	acronis_answer_error(&told.last, &err);
	assert_non_null(strstr(err.hint, "acronis.client_id and acronis.client_secret in the job file"));
	call(&s, CALL_TENANT, NULL); /* and nobody tries the secret again */
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
	assert_int_equal(fake_count(s.fake, HTTP_GET, ""), 0);
	close_stage(&s);
}

static void a_token_service_that_is_down_is_tried_again(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	fake_once(s.fake, HTTP_POST, "/idp/token", 503, "");
	fake_once_reply(s.fake, HTTP_POST, "/idp/token", &(struct fake_reply){.failure = TRANSPORT_TIMEOUT});
	struct told told = call(&s, CALL_TENANT, NULL);
	assert_result(told, API_OK);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 3);
	close_stage(&s);
	open_stage(&s);
	fake_on(s.fake, HTTP_POST, "/idp/token", 503, "");
	told = call(&s, CALL_TENANT_CREATE, json_object());
	assert_result(told, API_UNAVAILABLE); /* the change was never sent: not unknown */
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 4);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 0);
	close_stage(&s);
}

static void a_token_answer_without_a_token_is_unreadable(void **state)
{
	static const char *const bodies[] = {"<html>sign in</html>", "{\"access_token\":7}", "{\"access_token\":\"a\\r\\nX: y\"}", ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct stage s;
		open_stage(&s);
		fake_on(s.fake, HTTP_POST, "/idp/token", 200, bodies[i]);
		struct told told = call(&s, CALL_TENANT, NULL);
		assert_result(told, API_UNREADABLE);
		close_stage(&s);
	}
}

static void a_failed_renewal_goes_unnoticed_while_the_token_is_good(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	call(&s, CALL_TENANT, NULL);
	clock_advance(&s.clock, 6310000);
	fake_on(s.fake, HTTP_POST, "/idp/token", 503, "");
	for (int i = 0; i < 20; i++) {
		struct told told = call(&s, CALL_TENANT, NULL);
		assert_result(told, API_OK);
		clock_advance(&s.clock, 1000);
	}
	close_stage(&s);
}

/* ---- Foreign answers */

static void html_and_wrong_types(void **state)
{
	static const char *const bodies[] = {"<html>hello</html>", "[1,2]", "\"text\"", "{\"id\":", ""};
	struct stage s;

	(void)state;
	open_stage(&s);
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		fake_once(s.fake, HTTP_GET, "/tenants/id", 200, bodies[i]);
		struct told told = call(&s, CALL_TENANT, NULL);
		assert_result(told, API_UNREADABLE);
		fake_once(s.fake, HTTP_PUT, "/tenants/id", 200, bodies[i]);
		told = call(&s, CALL_TENANT_UPDATE, json_object());
		assert_result(told, API_UNKNOWN);
		if (i == 0)
			assert_string_equal(told.last.text,
			    "UpdateTenant: 200, the answer is not JSON (application/json, it looks like HTML)");
		if (i == 4)
			assert_string_equal(told.last.text, "UpdateTenant: 200, the answer is empty where a JSON object is due");
	}
	fake_once(s.fake, HTTP_GET, "/tenants/id", 404, "<html>not here</html>");
	struct told told = call(&s, CALL_TENANT, NULL);
	assert_result(told, API_UNREADABLE);
	fake_once(s.fake, HTTP_GET, "/users/check_login", 200, "<html>welcome</html>");
	told = call(&s, CALL_CHECK_LOGIN, NULL);
	assert_result(told, API_UNREADABLE); /* a portal's page does not make a login free */
	fake_once(s.fake, HTTP_GET, "/users/check_login", 204, "");
	told = call(&s, CALL_CHECK_LOGIN, NULL);
	assert_result(told, API_OK);
	close_stage(&s);
}

static void error_shapes(void **state)
{
	static const struct {
		const char *body;
		int64_t code;
		const char *word, *text;
	} cases[] = {
	    {"{\"error\":{\"code\":1004,\"message\":\"Tenant name conflict\",\"domain\":\"P\",\"details\":{\"info\":\"taken\"}}}", 1004, "",
		"CreateTenant: 409, 1004 Tenant name conflict: taken"},
	    {"{\"error\":{\"code\":\"ParameterMalformed\",\"message\":\"bad\",\"extra\":[]}}", 0, "ParameterMalformed",
		"CreateTenant: 409, ParameterMalformed, bad"},
	    {"{\"error\":{\"code\":\"1001\",\"message\":\"Version\\nmismatch\"}}", 1001, "", "CreateTenant: 409, 1001 Version mismatch"},
	    {"{\"error\":{\"code\":409}}", 0, "", "CreateTenant: 409"},
	    {"{\"code\":\"ACCESS_DENIED_ERROR\",\"domain\":\"ACCESS\"}", 0, "ACCESS_DENIED_ERROR", "CreateTenant: 409, ACCESS_DENIED_ERROR"},
	    {"{\"error\":\"invalid_request\",\"error_description\":\"no\"}", 0, "invalid_request", "CreateTenant: 409, invalid_request, no"},
	    {"{\"error\":{\"code\":{},\"message\":5,\"details\":\"x\"}}", 0, "", "CreateTenant: 409"},
	    {"{\"error\":null}", 0, "", "CreateTenant: 409"},
	};
	struct stage s;

	(void)state;
	open_stage(&s);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fake_once(s.fake, HTTP_POST, "/tenants", 409, cases[i].body);
		struct told told = call(&s, CALL_TENANT_CREATE, json_object());
		assert_string_equal(told.last.text, cases[i].text);
		assert_string_equal(told.last.code_word, cases[i].word);
		assert_int_equal(told.last.platform_code, cases[i].code);
		assert_result(told, cases[i].code == 1001 ? API_STALE : API_TAKEN);
	}
	close_stage(&s);
}

/* A server that quotes our headers back must not carry them into reports. */
static void secrets_are_masked_in_foreign_text(void **state)
{
	struct stage s;

	(void)state;
	open_stage(&s);
	fake_once(s.fake, HTTP_GET, "/tenants/", 400,
	    "{\"error\":{\"code\":\"Bad\",\"message\":\"got Bearer token-of-the-fake\"}}");
	struct told told = call(&s, CALL_TENANT, NULL);
	assert_string_equal(told.last.text, "FetchTenant: 400, Bad, got Bearer ****");
	close_stage(&s);
}

static void the_log_says_what_but_no_secret(void **state)
{
	struct stage s;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	log_setup(&(struct log_settings){.level = LOG_DEBUG, .out = out});
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	call(&s, CALL_TENANT, NULL);
	close_stage(&s);
	log_setup(&(struct log_settings){.level = LOG_INFO});
	fclose(out);
	assert_non_null(strstr(text, "FetchTenant: 200"));
	assert_non_null(strstr(text, "RequestTokens: 200"));
	assert_null(strstr(text, SECRET));
	assert_null(strstr(text, "token-of-the-fake"));
	assert_null(strstr(text, "Basic "));
	free(text);
}

/* ---- Stopping */

static void stop_awaits_what_is_in_flight_and_cancels_the_rest(void **state)
{
	struct stage s;
	struct told told[6] = {{0}}, late = {0};
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &(struct fake_reply){.status = 201, .body = "{}", .delay_ms = 500});
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &(struct fake_reply){.status = 429, .delay_ms = 500});
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &(struct fake_reply){.failure = TRANSPORT_LOST, .delay_ms = 500});
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &(struct fake_reply){.status = 401, .delay_ms = 500});
	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		send(&s, &told[i], CALL_TENANT_CREATE, NULL, json_object());
	for (int i = 0; i < 2; i++)
		assert_int_equal(acronis_turn(s.client, 0, &err), 0);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 4);
	acronis_stop(s.client);
	send(&s, &late, CALL_TENANT, "id", NULL);
	assert_int_equal(told[4].times, 0); /* only turns call back */
	run(&s);
	assert_result(told[0], API_OK);
	assert_result(told[1], API_CANCELLED); /* a 429 and a 401 were not carried out */
	assert_result(told[2], API_UNKNOWN);
	assert_result(told[3], API_CANCELLED);
	assert_result(told[4], API_CANCELLED);
	assert_result(told[5], API_CANCELLED);
	assert_result(late, API_CANCELLED);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 4);
	close_stage(&s);
}

static void stop_cancels_what_waits_for_its_repetition(void **state)
{
	struct stage s;
	struct told told = {0};
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/", 503, "{}");
	send(&s, &told, CALL_TENANT, "id", NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(acronis_turn(s.client, 0, &err), 0);
	assert_int_equal(acronis_pending(s.client), 1);
	acronis_stop(s.client);
	run(&s);
	assert_result(told, API_CANCELLED);
	close_stage(&s);
}

static void free_tells_everybody(void **state)
{
	static const struct fake_reply slow = {.status = 200, .body = "{}", .delay_ms = 5000};
	struct stage s;
	struct told change = {0}, get = {0}, queued = {0};
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_once_reply(s.fake, HTTP_POST, "/tenants", &slow);
	fake_once_reply(s.fake, HTTP_GET, "/tenants/", &slow);
	send(&s, &change, CALL_TENANT_CREATE, NULL, json_object());
	send(&s, &get, CALL_TENANT, "id", NULL);
	for (int i = 0; i < 2; i++)
		assert_int_equal(acronis_turn(s.client, 0, &err), 0);
	send(&s, &queued, CALL_TENANT_CREATE, NULL, json_object());
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
	struct stage s;
	struct told told = {0};
	struct error err = {0};

	(void)state;
	open_stage(&s);
	send(&s, &told, CALL_TENANT_CREATE, NULL, json_object());
	assert_int_equal(acronis_pending(s.client), 1);
	fake_once_reply(s.fake, HTTP_POST, "/idp/token", &(struct fake_reply){.status = 200, .body = "{}", .delay_ms = 5000});
	assert_int_equal(acronis_turn(s.client, 0, &err), 0);
	assert_int_equal(acronis_pending(s.client), 1);
	close_stage(&s);
	assert_result(told, API_CANCELLED);
}

static void call_wait_gives_the_answer_and_its_body(void **state)
{
	struct stage s;
	struct acronis_answer answer;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	fake_on(s.fake, HTTP_GET, "/tenants/id", 200, "{\"id\":\"x\"}");
	assert_int_equal(acronis_call_wait(s.client, &(struct acronis_request){.call = CALL_TENANT, .a = "id"}, &answer, &err), 0);
	assert_result((struct told){.last = answer}, API_OK);
	assert_string_equal(json_string_value(json_object_get(answer.body, "id")), "x");
	json_decref((json_t *)answer.body);
	close_stage(&s);
}

static void an_idle_turn_waits_for_nothing(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s);
	assert_int_equal(acronis_turn(s.client, 60000, &err), 0);
	assert_int_equal(clock_mono_ms(&s.clock), 0);
	close_stage(&s);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(acronis_call_name(CALL_TENANT_CREATE), "CreateTenant");
	assert_true(acronis_call_changes(CALL_ACTIVATION_MAIL));
	assert_false(acronis_call_changes(CALL_CHECK_LOGIN));
	assert_int_equal(acronis_call_repeat(CALL_ACTIVATION_MAIL), REPEAT_NEVER);
	assert_int_equal(acronis_call_repeat(CALL_USER_CREATE), REPEAT_LOOK);
	assert_string_equal(api_result_name(API_STALE_QUOTA), "stale-quota");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_leaves_before_the_turn),
	    cmocka_unit_test(urls_are_built_and_encoded),
	    cmocka_unit_test(callbacks_may_send_more),
	    cmocka_unit_test(connections_limit_and_one_token_for_all),
	    cmocka_unit_test(reads_are_repeated_changes_are_not),
	    cmocka_unit_test(a_change_that_was_not_sent_is_sent_again),
	    cmocka_unit_test(tries_run_out),
	    cmocka_unit_test(a_waiting_call_does_not_block_others),
	    cmocka_unit_test(many_waiting_calls_come_back_in_time_order),
	    cmocka_unit_test(retry_after_holds_back_everybody),
	    cmocka_unit_test(a_change_answered_503_with_retry_after_is_unknown_but_all_wait),
	    cmocka_unit_test(the_rate_is_kept),
	    cmocka_unit_test(the_token_is_renewed_before_it_ends),
	    cmocka_unit_test(a_short_life_is_renewed_in_its_last_quarter),
	    cmocka_unit_test(a_token_without_an_end_is_good_for_two_hours),
	    cmocka_unit_test(an_expired_token_in_mid_run_costs_one_new_one),
	    cmocka_unit_test(a_second_401_ends_the_call),
	    cmocka_unit_test(a_wrong_secret_stops_everything_at_once),
	    cmocka_unit_test(a_token_service_that_is_down_is_tried_again),
	    cmocka_unit_test(a_token_answer_without_a_token_is_unreadable),
	    cmocka_unit_test(a_failed_renewal_goes_unnoticed_while_the_token_is_good),
	    cmocka_unit_test(html_and_wrong_types),
	    cmocka_unit_test(error_shapes),
	    cmocka_unit_test(secrets_are_masked_in_foreign_text),
	    cmocka_unit_test(the_log_says_what_but_no_secret),
	    cmocka_unit_test(stop_awaits_what_is_in_flight_and_cancels_the_rest),
	    cmocka_unit_test(stop_cancels_what_waits_for_its_repetition),
	    cmocka_unit_test(free_tells_everybody),
	    cmocka_unit_test(free_while_the_token_is_asked_for),
	    cmocka_unit_test(call_wait_gives_the_answer_and_its_body),
	    cmocka_unit_test(an_idle_turn_waits_for_nothing),
	    cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
