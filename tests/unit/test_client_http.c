/* The client over the curl transport and a real socket: what an operator meets on a bad day, to the end of
 * the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../fake/fake_server.h"
#include "../fake/tls_front.h"
#include "tenantry/acronis.h"
#include "tenantry/mem.h"

struct stage {
	struct fake_server *server;
	struct transport *transport;
	struct acronis_client *client;
	const char *path;          /* what the script answers in its own way */
	struct fake_answer answer; /* for `path` */
};

#define TOKEN "{\"access_token\":\"the-token\",\"token_type\":\"bearer\",\"expires_in\":7200}"

static void play(void *user, const struct fake_request *request, struct fake_answer *answer)
{
	const struct stage *stage = user;

	answer->body = strstr(request->path, "/idp/token") ? TOKEN : "{\"id\":\"x\"}";
	if (strstr(request->path, stage->path))
		*answer = stage->answer;
}

static void connect_client(struct stage *s, const char *url, struct transport_settings transport)
{
	struct error err = {0};

	transport.connections = 4;
	transport.connect_timeout_ms = 5000;
	s->transport = transport_curl_new(&transport, &err);
	assert_non_null(s->transport);
	s->client = acronis_client_new(&(struct acronis_settings){.url = url,
					   .client_id = "id",
					   .client_secret = "secret",
					   .connections = 4,
					   .timeout_ms = 5000,
					   .retries = 0,
					   .page_size = 100,
					   .random_seed = 7},
	    s->transport, clock_machine());
}

static const struct transport_settings plain = {.body_limit = 1 << 20, .plain_allowed = true};

static void open_stage(struct stage *s, const char *path, struct fake_answer answer)
{
	*s = (struct stage){.path = path, .answer = answer};
	if (!s->answer.status)
		s->answer.status = 200;
	s->server = fake_server_start(play, s);
	connect_client(s, fake_server_url(s->server), plain);
}

static void close_stage(struct stage *s)
{
	acronis_client_free(s->client);
	transport_close(s->transport);
	fake_server_stop(s->server);
}

static enum api_result ask(struct stage *s, enum acronis_call call, struct error *err)
{
	struct acronis_answer answer;

	assert_int_equal(
	    acronis_call_wait(s->client,
		&(struct acronis_request){
		    .call = call, .a = "x", .body = acronis_call_changes(call) ? json_object() : NULL},
		&answer, err),
	    0);
	if (answer.result != API_OK)
		acronis_answer_error(&answer, err);
	json_decref((json_t *)answer.body);
	return answer.result;
}

#define assert_message(err, part, advice)                                                                    \
	do {                                                                                                 \
		assert_int_equal((err).code, ERR_ACRONIS);                                                   \
		assert_non_null(strstr((err).text, (part)));                                                 \
		assert_non_null(strstr((err).hint, (advice)));                                               \
	} while (0)

static void all_is_well(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s, "nothing", (struct fake_answer){0});
	assert_int_equal(ask(&s, CALL_TENANT, &err), API_OK);
	assert_int_equal(ask(&s, CALL_TENANT_CREATE, &err), API_OK);
	assert_int_equal(fake_server_arrivals(s.server, "GET /api/2/tenants/x"), 1);
	assert_int_equal(fake_server_arrivals(s.server, "POST /api/2/tenants"), 1);
	assert_int_equal(fake_server_connections(s.server), 1);
	close_stage(&s);
}

static void a_wrong_client_secret(void **state)
{
	struct stage s;
	struct error err = {0};

	(void)state;
	open_stage(&s, "/idp/token",
	    (struct fake_answer){.status = 401,
		.body =
		    "{\"error\":\"invalid_client\",\"error_description\":\"Client authentication failed\"}"});
	assert_int_equal(ask(&s, CALL_TENANT, &err), API_UNAUTHORIZED);
	assert_message(err, "RequestTokens: 401, invalid_client", "acronis.client_secret");
	close_stage(&s);
}

static void a_server_that_is_not_there(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int held = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* bound, never listening */
	struct stage s = {0};
	struct error err = {0};
	char url[64];

	(void)state;
	assert_int_equal(bind(held, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(held, (struct sockaddr *)&at, &size), 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(at.sin_port));
	connect_client(&s, url, plain);
	assert_int_equal(ask(&s, CALL_TENANT_CREATE, &err), API_UNAVAILABLE);
	assert_message(err, "RequestTokens: ", "acronis.url");
	close_stage(&s);
	close(held);
}

static void plain_http_to_another_machine(void **state)
{
	struct stage s = {0};
	struct error err = {0};

	(void)state;
	connect_client(&s, "http://acronis.example.com", plain);
	assert_int_equal(ask(&s, CALL_TENANT, &err), API_UNAVAILABLE);
	assert_message(err, "plain http is only for loopback addresses", "acronis.url");
	close_stage(&s);
}

static void a_server_that_speaks_html(void **state)
{
	static const struct fake_answer page = {
	    .body = "<html><body>Sign in</body></html>", .content_type = "text/html"};
	struct stage s;
	struct error err = {0}, token_err = {0};

	(void)state;
	open_stage(&s, "/tenants", page);
	assert_int_equal(ask(&s, CALL_TENANT, &err), API_UNREADABLE);
	assert_message(err, "not JSON (text/html, it looks like HTML)", "acronis.url");
	error_clear(&err);
	assert_int_equal(ask(&s, CALL_TENANT_CREATE, &err), API_UNKNOWN);
	close_stage(&s);
	open_stage(&s, "/", page);
	assert_int_equal(ask(&s, CALL_TENANT, &token_err), API_UNREADABLE);
	assert_message(token_err, "RequestTokens: 200, the answer is not JSON", "acronis.url");
	close_stage(&s);
}

static void a_lost_answer_to_a_create(void **state)
{
	static const enum fake_then cuts[] = {FAKE_NO_ANSWER, FAKE_HALF};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		struct stage s;
		struct error err = {0};
		open_stage(&s, "/tenants",
		    (struct fake_answer){.status = 201, .body = "{\"id\":\"created\"}", .then = cuts[i]});
		assert_int_equal(ask(&s, CALL_TENANT_CREATE, &err), API_UNKNOWN);
		assert_message(err, "CreateTenant: ", "look before it is sent again");
		assert_int_equal(fake_server_arrivals(s.server, "POST /api/2/tenants"), 1);
		close_stage(&s);
	}
}

/* Kept connections are dead for whatever changes something (a load balancer's way). The activation mail,
 * which nobody may repeat, never meets one: it arrives, once, and its answer is known. A call that may be
 * looked up shares what there is. */
static void kill_kept(void *user, const struct fake_request *request, struct fake_answer *answer)
{
	play(user, request, answer);
	if (request->on_connection > 1 && strcmp(request->method, "POST") == 0)
		answer->then = FAKE_NO_ANSWER;
}

static void the_activation_mail_meets_no_dead_connection(void **state)
{
	struct stage s = {.path = "send-activation-email", .answer = {.status = 204}};
	struct error err = {0};

	(void)state;
	s.server = fake_server_start(kill_kept, &s);
	connect_client(&s, fake_server_url(s.server), plain);
	for (unsigned i = 1; i <= 6; i++) {
		assert_int_equal(ask(&s, CALL_TENANT, &err), API_OK);
		unsigned before = fake_server_connections(s.server);
		assert_int_equal(ask(&s, CALL_ACTIVATION_MAIL, &err), API_OK);
		assert_int_equal(
		    fake_server_arrivals(s.server, "POST /api/2/users/x/send-activation-email"), i);
		assert_int_equal(fake_server_connections(s.server), before + 1);
	}
	close_stage(&s);
	/* The control: any other change finds the dead connection, and is in doubt. */
	s.server = fake_server_start(kill_kept, &s);
	connect_client(&s, fake_server_url(s.server), plain);
	assert_int_equal(ask(&s, CALL_TENANT_CREATE, &err), API_UNKNOWN);
	assert_int_equal(fake_server_arrivals(s.server, "POST /api/2/tenants"), 1);
	close_stage(&s);
}

static void a_slow_answer(void **state)
{
	struct stage s = {.path = "/tenants", .answer = {.status = 200, .then = FAKE_SILENCE}};
	struct error err = {0};

	(void)state;
	s.server = fake_server_start(play, &s);
	s.transport = transport_curl_new(
	    &(struct transport_settings){
		.connections = 1, .body_limit = 1024, .connect_timeout_ms = 5000, .plain_allowed = true},
	    &err);
	s.client = acronis_client_new(&(struct acronis_settings){.url = fake_server_url(s.server),
					  .client_id = "id",
					  .client_secret = "secret",
					  .connections = 1,
					  .timeout_ms = 500,
					  .page_size = 1},
	    s.transport, clock_machine());
	assert_int_equal(ask(&s, CALL_TENANT_CREATE, &err), API_UNKNOWN);
	error_clear(&err);
	assert_int_equal(ask(&s, CALL_TENANT, &err), API_UNAVAILABLE);
	assert_message(err, "FetchTenant: ", "try again later");
	close_stage(&s);
}

static void an_answer_that_is_too_large(void **state)
{
	char *large = mem_zalloc((2 << 20) + 1);
	struct stage s;
	struct error err = {0};

	(void)state;
	memset(large, ' ', 2 << 20);
	open_stage(&s, "/tenants", (struct fake_answer){.body = large});
	assert_int_equal(ask(&s, CALL_TENANT, &err), API_UNREADABLE);
	assert_message(err, "the answer is larger than the limit", "acronis.url");
	error_clear(&err);
	assert_int_equal(ask(&s, CALL_TENANT_CREATE, &err), API_UNKNOWN);
	close_stage(&s);
	free(large);
}

static void certificates(void **state)
{
	static const struct {
		const char *certificate, *ca;
		enum api_result result;
	} cases[] = {{"tests/fake/tls/server.crt", "tests/fake/tls/server.crt", API_OK},
	    {"tests/fake/tls/server.crt", NULL, API_UNAVAILABLE},
	    {"tests/fake/tls/expired.crt", "tests/fake/tls/expired.crt", API_UNAVAILABLE}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage s = {.path = "nothing"};
		struct error err = {0};
		s.server = fake_server_start(play, &s);
		struct tls_front *front = tls_front_start(fake_server_port(s.server), cases[i].certificate);
		if (!front) {
			fake_server_stop(s.server);
			skip();
		}
		connect_client(&s, tls_front_url(front),
		    (struct transport_settings){
			.ca_file = cases[i].ca, .body_limit = 1 << 20, .http2 = true});
		assert_int_equal(ask(&s, CALL_TENANT, &err), cases[i].result);
		if (cases[i].result != API_OK)
			assert_message(err, "certificate", "acronis.ca_file");
		acronis_client_free(s.client);
		transport_close(s.transport);
		tls_front_stop(front);
		fake_server_stop(s.server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_is_well),
	    cmocka_unit_test(a_wrong_client_secret),
	    cmocka_unit_test(a_server_that_is_not_there),
	    cmocka_unit_test(plain_http_to_another_machine),
	    cmocka_unit_test(a_server_that_speaks_html),
	    cmocka_unit_test(a_lost_answer_to_a_create),
	    cmocka_unit_test(the_activation_mail_meets_no_dead_connection),
	    cmocka_unit_test(a_slow_answer),
	    cmocka_unit_test(an_answer_that_is_too_large),
	    cmocka_unit_test(certificates),
	};

	return cmocka_run_group_tests_name("client_http", tests, NULL, NULL);
}
