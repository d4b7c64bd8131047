/* Tokens: when one is asked for, what ends it, and what a refused one means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../fake/client_stage.h"
#include "tenantry/mem.h"

static void token_for(void *user, const struct fake_call *asked, struct fake_reply *reply)
{
	static char body[256];
	unsigned *count = user;

	(void)asked;
	snprintf(body, sizeof body,
	    "{\"access_token\":\"token-%u\",\"token_type\":\"bearer\",\"expires_on\":%lld}", ++*count,
	    (long long)(client_stage_start / 1000 + 7200));
	reply->body = body;
}

static void the_token_is_renewed_before_it_ends(void **state)
{
	struct client_stage s;
	unsigned tokens = 0;

	(void)state;
	stage_open(&s, NULL);
	fake_on_call(s.fake, HTTP_POST, "/idp/token", token_for, &tokens);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	stage_call(&s, CALL_TENANT, NULL);
	clock_advance(&s.clock, 6290000); /* 910 s are left */
	stage_call(&s, CALL_TENANT, NULL);
	assert_int_equal(tokens, 1);
	clock_advance(&s.clock, 20000); /* 890 s */
	stage_call(&s, CALL_TENANT, NULL);
	assert_int_equal(tokens, 2);
	stage_call(&s, CALL_TENANT, NULL);
	assert_string_equal(fake_last(s.fake, HTTP_GET, "/tenants/")->authorization, "Bearer token-2");
	stage_close(&s);
}

static void a_short_life_is_renewed_in_its_last_quarter(void **state)
{
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_POST, "/idp/token", 200, "{\"access_token\":\"tttt\",\"expires_in\":100}");
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	stage_call(&s, CALL_TENANT, NULL);
	clock_advance(&s.clock, 74000);
	stage_call(&s, CALL_TENANT, NULL);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
	clock_advance(&s.clock, 2000);
	stage_call(&s, CALL_TENANT, NULL);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
	stage_close(&s);
}

/* Neither end is given, or one that makes no sense beside our clock (--now): two hours count. */
static void a_token_without_an_end_is_good_for_two_hours(void **state)
{
	static const char *const bodies[] = {"{\"access_token\":\"tttt\"}",
	    "{\"access_token\":\"tttt\",\"expires_on\":1000000000,\"expires_in\":-5}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct client_stage s;
		stage_open(&s, NULL);
		fake_on(s.fake, HTTP_POST, "/idp/token", 200, bodies[i]);
		fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
		stage_call(&s, CALL_TENANT, NULL);
		clock_advance(&s.clock, 6200000);
		stage_call(&s, CALL_TENANT, NULL);
		assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
		clock_advance(&s.clock, 200000);
		stage_call(&s, CALL_TENANT, NULL);
		assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
		stage_close(&s);
	}
}

static void an_expired_token_in_mid_run_costs_one_new_one(void **state)
{
	struct client_stage s;
	struct told told[8] = {{0}};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_POST, "/tenants", 201, "{}");
	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		if (i < 4)
			fake_once(s.fake, HTTP_POST, "/tenants", 401,
			    "{\"error\":{\"code\":401,\"message\":\"expired\"}}");
		stage_send(&s, &told[i], CALL_TENANT_CREATE, NULL, json_object());
	}
	stage_run(&s);
	for (size_t i = 0; i < ARRAY_LEN(told); i++)
		assert_result(told[i], API_OK);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 12);
	stage_close(&s);
}

static void a_second_401_ends_the_call(void **state)
{
	struct client_stage s;
	struct error err = {0};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 401, "{\"error\":{\"code\":401,\"message\":\"no\"}}");
	struct told told = stage_call(&s, CALL_TENANT, NULL);
	assert_result(told, API_UNAUTHORIZED);
	assert_int_equal(told.last.tries, 2);
	assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants/"), 2);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 2);
	assert_int_equal(acronis_answer_error(&told.last, &err), -1);
	assert_int_equal(err.code, ERR_ACRONIS);
	assert_non_null(strstr(err.hint, "acronis.client_secret"));
	stage_close(&s);
}

static void a_wrong_secret_stops_everything_at_once(void **state)
{
	struct client_stage s;
	struct told told = {0};
	struct error err = {0};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_POST, "/idp/token", 401,
	    "{\"error\":\"invalid_client\",\"error_description\":\"Client authentication failed\",\"domain\":\"Access\"}");
	for (int i = 0; i < 20; i++)
		stage_send(&s, &told, CALL_TENANT, "id", NULL);
	stage_run(&s);
	assert_int_equal(told.times, 20);
	assert_result(told, API_UNAUTHORIZED);
	assert_string_equal(
	    told.last.text, "RequestTokens: 401, invalid_client, Client authentication failed");
	assert_string_equal(told.last.code_word, "invalid_client");
	assert_false(told.last.their_side);
	acronis_answer_error(&told.last, &err);
	assert_non_null(strstr(err.hint, "acronis.client_id and acronis.client_secret in the job file"));
	stage_call(&s, CALL_TENANT, NULL); /* and nobody tries the secret again */
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 1);
	assert_int_equal(fake_count(s.fake, HTTP_GET, ""), 0);
	stage_close(&s);
}

static void a_token_service_that_is_down_is_tried_again(void **state)
{
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	fake_once(s.fake, HTTP_POST, "/idp/token", 503, "");
	fake_once_reply(s.fake, HTTP_POST, "/idp/token", &(struct fake_reply){.failure = TRANSPORT_TIMEOUT});
	struct told told = stage_call(&s, CALL_TENANT, NULL);
	assert_result(told, API_OK);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 3);
	stage_close(&s);
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_POST, "/idp/token", 503, "");
	told = stage_call(&s, CALL_TENANT_CREATE, json_object());
	assert_result(told, API_UNAVAILABLE); /* the change was never sent: not unknown */
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 4);
	assert_int_equal(fake_count(s.fake, HTTP_POST, "/tenants"), 0);
	stage_close(&s);
}

/* Asked again like a 503: a page of a proxy at one o'clock must not cost the night. */
static void a_token_answer_without_a_token_is_unreadable(void **state)
{
	static const struct {
		int status;
		const char *body, *says;
	} cases[] = {
	    {200, "<html>sign in</html>",
		"RequestTokens: 200, the answer is not JSON (application/json, it looks like HTML) (4 tries)"},
	    {200, "{\"access_token\":7}",
		"RequestTokens: 200, the answer is not as documented: it holds no access_token (4 tries)"},
	    {200, "{\"access_token\":\"a\\r\\nX: y\"}",
		"RequestTokens: 200, the answer is not as documented: it holds no access_token (4 tries)"},
	    {200, "{\"access_token\":\"half",
		"RequestTokens: 200, the answer is not JSON (application/json) (4 tries)"},
	    {200, "[]", "RequestTokens: 200, the answer is JSON but not an object (4 tries)"},
	    {200, "", "RequestTokens: 200, the answer is empty where a JSON object is due (4 tries)"},
	    {400, "<html>no</html>",
		"RequestTokens: 400, the answer is not JSON (application/json, it looks like HTML) (4 tries)"},
	    {302, "", "RequestTokens: 302, it leads elsewhere, and is not followed (4 tries)"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct client_stage s;
		stage_open(&s, NULL);
		fake_on(s.fake, HTTP_POST, "/idp/token", cases[i].status, cases[i].body);
		struct told told = stage_call(&s, CALL_TENANT_CREATE, json_object());
		assert_result(told, API_UNREADABLE); /* the change was never sent: not unknown */
		assert_string_equal(told.last.text, cases[i].says);
		assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 4);
		stage_close(&s);
		/* It is in time that it comes right. */
		stage_open(&s, NULL);
		fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
		fake_once(s.fake, HTTP_POST, "/idp/token", cases[i].status, cases[i].body);
		fake_once(s.fake, HTTP_POST, "/idp/token", cases[i].status, cases[i].body);
		assert_result(stage_call(&s, CALL_TENANT, NULL), API_OK);
		assert_int_equal(fake_count(s.fake, HTTP_POST, "/idp/token"), 3);
		stage_close(&s);
	}
}

static void a_failed_renewal_goes_unnoticed_while_the_token_is_good(void **state)
{
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	stage_call(&s, CALL_TENANT, NULL);
	clock_advance(&s.clock, 6310000);
	fake_on(s.fake, HTTP_POST, "/idp/token", 503, "");
	for (int i = 0; i < 20; i++) {
		struct told told = stage_call(&s, CALL_TENANT, NULL);
		assert_result(told, API_OK);
		clock_advance(&s.clock, 1000);
	}
	stage_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_token_is_renewed_before_it_ends),
	    cmocka_unit_test(a_short_life_is_renewed_in_its_last_quarter),
	    cmocka_unit_test(a_token_without_an_end_is_good_for_two_hours),
	    cmocka_unit_test(an_expired_token_in_mid_run_costs_one_new_one),
	    cmocka_unit_test(a_second_401_ends_the_call),
	    cmocka_unit_test(a_wrong_secret_stops_everything_at_once),
	    cmocka_unit_test(a_token_service_that_is_down_is_tried_again),
	    cmocka_unit_test(a_token_answer_without_a_token_is_unreadable),
	    cmocka_unit_test(a_failed_renewal_goes_unnoticed_while_the_token_is_good),
	};

	return cmocka_run_group_tests_name("client_token", tests, NULL, NULL);
}
