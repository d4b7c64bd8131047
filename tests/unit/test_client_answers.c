/* What is made of answers: foreign ones, error shapes, texts without secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../fake/client_stage.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

/* Answers that nobody can read: asked again like a 503 where that harms nobody, never where it might. */
static void unreadable_answers(void **state)
{
	static const struct {
		const char *body, *says;
	} cases[] = {
	    {"<html>hello</html>", "the answer is not JSON (application/json, it looks like HTML)"},
	    {"[1,2]", "the answer is JSON but not an object"},
	    {"\"text\"", "the answer is not JSON (application/json)"},
	    {"{\"id\":", "the answer is not JSON (application/json)"},
	    {"", "the answer is empty where a JSON object is due"},
	};
	struct client_stage s;
	char text[160];

	(void)state;
	stage_open(&s, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned before = fake_count(s.fake, HTTP_GET, "/tenants/id");
		fake_on(s.fake, HTTP_GET, "/tenants/id", 200, cases[i].body);
		struct told told = stage_call(&s, CALL_TENANT, NULL);
		assert_result(told, API_UNREADABLE);
		assert_int_equal(fake_count(s.fake, HTTP_GET, "/tenants/id") - before, 4);
		snprintf(text, sizeof text, "FetchTenant: 200, %s (4 tries)", cases[i].says);
		assert_string_equal(told.last.text, text);
		fake_on(s.fake, HTTP_GET, "/tenants/id", 200, "{\"id\":\"id\"}");
		fake_once(s.fake, HTTP_GET, "/tenants/id", 200, cases[i].body);
		fake_once(s.fake, HTTP_GET, "/tenants/id", 200, cases[i].body);
		told = stage_call(&s, CALL_TENANT, NULL);
		assert_result(told, API_OK);
		assert_int_equal(told.last.tries, 3);
		before = fake_count(s.fake, HTTP_PUT, "/tenants/id");
		fake_once(s.fake, HTTP_PUT, "/tenants/id", 200, cases[i].body);
		told = stage_call(&s, CALL_TENANT_UPDATE, json_object());
		assert_result(told, API_UNKNOWN);
		assert_int_equal(fake_count(s.fake, HTTP_PUT, "/tenants/id") - before, 1);
		snprintf(text, sizeof text, "UpdateTenant: 200, %s", cases[i].says);
		assert_string_equal(told.last.text, text);
	}
	stage_close(&s);
}

/* A page of something between us and the service is no answer of its own, whatever status it comes with. */
static void pages_of_others(void **state)
{
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/id", 404, "<html>not here</html>");
	struct told told = stage_call(&s, CALL_TENANT, NULL);
	assert_result(told, API_UNREADABLE);
	assert_int_equal(told.last.tries, 4);
	fake_on(s.fake, HTTP_GET, "/users/check_login", 200, "<html>welcome</html>");
	told = stage_call(&s, CALL_CHECK_LOGIN, NULL);
	assert_result(told, API_UNREADABLE); /* a portal's page does not make a login free */
	fake_on(s.fake, HTTP_GET, "/users/check_login", 204, "");
	told = stage_call(&s, CALL_CHECK_LOGIN, NULL);
	assert_result(told, API_OK);
	stage_close(&s);
}

static void redirections_are_told_and_not_followed(void **state)
{
	static const struct {
		const char *location, *says;
	} cases[] = {
	    {"https://signin.example.com/login?secret=1",
		"it leads to https://signin.example.com, and is not followed"},
	    {"https://user:secret@example.com/", "it leads elsewhere, and is not followed"},
	    {"/login", "it leads elsewhere, and is not followed"},
	    {NULL, "it leads elsewhere, and is not followed"},
	};
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fake_reply away = {.status = 302, .location = cases[i].location};
		char text[160];
		fake_on(s.fake, HTTP_GET, "/tenants/id", 200, "{\"id\":\"id\"}");
		fake_once_reply(s.fake, HTTP_GET, "/tenants/id", &away);
		assert_result(stage_call(&s, CALL_TENANT, NULL), API_OK);
		fake_once_reply(s.fake, HTTP_PUT, "/tenants/id", &away);
		struct told told = stage_call(&s, CALL_TENANT_UPDATE, json_object());
		assert_result(told, API_UNKNOWN);
		snprintf(text, sizeof text, "UpdateTenant: 302, %s", cases[i].says);
		assert_string_equal(told.last.text, text);
	}
	stage_close(&s);
}

static void error_shapes(void **state)
{
	static const struct {
		const char *body;
		int64_t code;
		const char *word, *text;
	} cases[] = {
	    {"{\"error\":{\"code\":1004,\"message\":\"Tenant name conflict\",\"domain\":\"P\",\"details\":{\"info\":\"taken\"}}}",
		1004, "", "CreateTenant: 409, 1004 Tenant name conflict: taken"},
	    {"{\"error\":{\"code\":\"ParameterMalformed\",\"message\":\"bad\",\"extra\":[]}}", 0,
		"ParameterMalformed", "CreateTenant: 409, ParameterMalformed, bad"},
	    {"{\"error\":{\"code\":\"1001\",\"message\":\"Version\\nmismatch\"}}", 1001, "",
		"CreateTenant: 409, 1001 Version mismatch"},
	    {"{\"error\":{\"code\":409}}", 0, "", "CreateTenant: 409"},
	    {"{\"code\":\"ACCESS_DENIED_ERROR\",\"domain\":\"ACCESS\"}", 0, "ACCESS_DENIED_ERROR",
		"CreateTenant: 409, ACCESS_DENIED_ERROR"},
	    {"{\"error\":\"invalid_request\",\"error_description\":\"no\"}", 0, "invalid_request",
		"CreateTenant: 409, invalid_request, no"},
	    {"{\"error\":{\"code\":{},\"message\":5,\"details\":\"x\"}}", 0, "", "CreateTenant: 409"},
	    {"{\"error\":null}", 0, "", "CreateTenant: 409"},
	};
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fake_once(s.fake, HTTP_POST, "/tenants", 409, cases[i].body);
		struct told told = stage_call(&s, CALL_TENANT_CREATE, json_object());
		assert_string_equal(told.last.text, cases[i].text);
		assert_string_equal(told.last.code_word, cases[i].word);
		assert_int_equal(told.last.platform_code, cases[i].code);
		assert_result(told, cases[i].code == 1001 ? API_STALE : API_TAKEN);
	}
	stage_close(&s);
}

/* A server that quotes our headers back must not carry them into reports. */
static void secrets_are_masked_in_foreign_text(void **state)
{
	struct client_stage s;

	(void)state;
	stage_open(&s, NULL);
	fake_once(s.fake, HTTP_GET, "/tenants/", 400,
	    "{\"error\":{\"code\":\"Bad\",\"message\":\"got Bearer token-of-the-fake\"}}");
	struct told told = stage_call(&s, CALL_TENANT, NULL);
	assert_string_equal(told.last.text, "FetchTenant: 400, Bad, got Bearer ****");
	stage_close(&s);
}

static void the_log_says_what_but_no_secret(void **state)
{
	struct client_stage s;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	log_setup(&(struct log_settings){.level = LOG_DEBUG, .out = out});
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/", 200, "{}");
	stage_call(&s, CALL_TENANT, NULL);
	stage_close(&s);
	log_setup(&(struct log_settings){.level = LOG_INFO});
	fclose(out);
	assert_non_null(strstr(text, "FetchTenant: 200"));
	assert_non_null(strstr(text, "RequestTokens: 200"));
	assert_null(strstr(text, CLIENT_SECRET));
	assert_null(strstr(text, "token-of-the-fake"));
	assert_null(strstr(text, "Basic "));
	free(text);
}

static void call_wait_gives_the_answer_and_its_body(void **state)
{
	struct client_stage s;
	struct acronis_answer answer;
	struct error err = {0};

	(void)state;
	stage_open(&s, NULL);
	fake_on(s.fake, HTTP_GET, "/tenants/id", 200, "{\"id\":\"ID\"}");
	assert_int_equal(acronis_call_wait(s.client,
			     &(struct acronis_request){.call = CALL_TENANT, .a = "id"}, &answer, &err),
	    0);
	assert_result((struct told){.last = answer}, API_OK);
	assert_string_equal(json_string_value(json_object_get(answer.body, "id")), "ID");
	json_decref((json_t *)answer.body);
	stage_close(&s);
}

/* A whole and readable answer that is somebody else's is believed of nobody: each read by an id. */
static void an_answer_of_another_id_is_unreadable(void **state)
{
	static const struct {
		enum acronis_call call;
		const char *path, *body;
	} cases[] = {
	    {CALL_SETTING, "/applications/a/settings/tenants/t/n",
		"{\"name\":\"other\",\"own\":{\"value\":3}}"},
	    {CALL_TENANT, "/tenants/a", "{\"id\":\"b\"}"},
	    {CALL_USER, "/users/a", "{\"id\":\"b\"}"},
	    {CALL_CLIENT, "/clients/a", "{\"client_id\":\"b\",\"tenant_id\":\"a\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct client_stage s;
		struct acronis_answer answer;
		struct error err = {0};
		stage_open(&s, NULL);
		fake_on(s.fake, HTTP_GET, cases[i].path, 200, cases[i].body);
		assert_int_equal(
		    acronis_call_wait(s.client,
			&(struct acronis_request){.call = cases[i].call, .a = "a", .b = "t", .c = "n"},
			&answer, &err),
		    0);
		assert_result((struct told){.last = answer}, API_UNREADABLE);
		assert_non_null(strstr(answer.text, "of another id than the one that was asked for"));
		json_decref((json_t *)answer.body);
		stage_close(&s);
	}
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
	    cmocka_unit_test(unreadable_answers),
	    cmocka_unit_test(pages_of_others),
	    cmocka_unit_test(redirections_are_told_and_not_followed),
	    cmocka_unit_test(error_shapes),
	    cmocka_unit_test(secrets_are_masked_in_foreign_text),
	    cmocka_unit_test(the_log_says_what_but_no_secret),
	    cmocka_unit_test(call_wait_gives_the_answer_and_its_body),
	    cmocka_unit_test(an_answer_of_another_id_is_unreadable),
	    cmocka_unit_test(names),
	};

	return cmocka_run_group_tests_name("client_answers", tests, NULL, NULL);
}
