/* The curl transport against a real socket: what it sends, what it gives back, and what it must never do
 * twice. */
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
#include "tenantry/mem.h"
#include "tenantry/str.h"
#include "tenantry/transport.h"

struct result {
	enum transport_failure failure;
	int status, answers;
	bool tls_failure;
	char body[256], content_type[64], retry_after[64], failure_text[256];
};

static void keep(void *user, const struct http_response *response)
{
	struct result *r = user;

	r->failure = response->failure;
	r->tls_failure = response->tls_failure;
	r->status = response->status;
	r->answers++;
	snprintf(r->body, sizeof r->body, "%s", response->body);
	snprintf(r->content_type, sizeof r->content_type, "%s", response->content_type);
	snprintf(r->retry_after, sizeof r->retry_after, "%s", response->retry_after);
	snprintf(r->failure_text, sizeof r->failure_text, "%s", response->failure_text);
}

static const struct transport_settings plain = {
    .connections = 4, .body_limit = 1 << 20, .connect_timeout_ms = 5000, .plain_allowed = true};

static struct transport *open_transport(const struct transport_settings *settings)
{
	struct error err = {0};
	struct transport *t = transport_curl_new(settings, &err);

	assert_non_null(t);
	return t;
}

static void wait_for(struct transport *t, const int *answers, int count)
{
	struct error err = {0};

	for (int i = 0; i < 1000 && *answers < count; i++)
		assert_int_equal(t->ops->turn(t, 100, &err), 0);
	assert_int_equal(*answers, count);
}

static struct result exchange(struct transport *t, enum http_method method, const char *url, const char *body)
{
	struct result r = {0};

	t->ops->start(t,
	    &(struct http_request){.method = method,
		.url = url,
		.body = body,
		.body_length = body ? strlen(body) : 0,
		.content_type = body ? "application/json" : NULL,
		.authorization = "Bearer secret",
		.timeout_ms = 5000},
	    keep, &r);
	assert_int_equal(r.answers, 0); /* never inside start() */
	wait_for(t, &r.answers, 1);
	return r;
}

static char *url_of(struct fake_server *server, const char *path)
{
	static char url[256];

	snprintf(url, sizeof url, "%s%s", fake_server_url(server), path);
	return url;
}

struct seen {
	char headers[2048], body[256], method[16];
};

static void echo(void *user, const struct fake_request *request, struct fake_answer *answer)
{
	struct seen *seen = user;

	snprintf(seen->headers, sizeof seen->headers, "%s", request->headers);
	snprintf(seen->body, sizeof seen->body, "%s", request->body);
	snprintf(seen->method, sizeof seen->method, "%s", request->method);
	answer->status = 201;
	answer->body = "{\"id\":1}";
	answer->headers = "Retry-After: 7\r\n";
}

static void sends_method_body_and_headers(void **state)
{
	struct seen seen = {0};
	struct fake_server *server = fake_server_start(echo, &seen);
	struct transport *t = open_transport(&plain);
	struct result r = exchange(t, HTTP_POST, url_of(server, "/api/2/tenants"), "{\"name\":\"A\"}");

	(void)state;
	assert_int_equal(r.failure, TRANSPORT_OK);
	assert_int_equal(r.status, 201);
	assert_string_equal(r.body, "{\"id\":1}");
	assert_string_equal(r.content_type, "application/json");
	assert_string_equal(r.retry_after, "7");
	assert_string_equal(seen.method, "POST");
	assert_string_equal(seen.body, "{\"name\":\"A\"}");
	assert_non_null(strstr(seen.headers, "\r\nAccept: application/json\r\n"));
	assert_non_null(strstr(seen.headers, "\r\nUser-Agent: tenantry/"));
	assert_non_null(strstr(seen.headers, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(seen.headers, "\r\nAuthorization: Bearer secret\r\n"));
	assert_null(strstr(seen.headers, "Expect:"));
	exchange(t, HTTP_PUT, url_of(server, "/x"), "{}");
	assert_string_equal(seen.method, "PUT");
	assert_string_equal(seen.body, "{}");
	exchange(t, HTTP_GET, url_of(server, "/x"), NULL);
	assert_string_equal(seen.method, "GET");
	assert_string_equal(seen.body, "");
	assert_null(strstr(seen.headers, "Content-Type:"));
	exchange(t, HTTP_DELETE, url_of(server, "/x"), NULL);
	assert_string_equal(seen.method, "DELETE");
	exchange(t, HTTP_POST, url_of(server, "/x"), NULL);
	assert_string_equal(seen.method, "POST");
	assert_null(strstr(seen.headers, "Content-Type:"));
	assert_int_equal(fake_server_connections(server), 1);
	transport_close(t);
	fake_server_stop(server);
}

/* Answers the first request of a connection; what `then` says to each later one. */
static void then_on_kept(void *user, const struct fake_request *request, struct fake_answer *answer)
{
	const enum fake_then *then = user;

	answer->body = "{}";
	if (request->on_connection > 1)
		answer->then = *then;
}

/* The control: libcurl does send a GET again when the kept connection dies, so the situation is the dangerous
 * one. */
static void get_is_sent_again_on_a_dead_kept_connection(void **state)
{
	enum fake_then then = FAKE_NO_ANSWER;
	struct fake_server *server = fake_server_start(then_on_kept, &then);
	struct transport *t = open_transport(&plain);

	(void)state;
	exchange(t, HTTP_GET, url_of(server, "/first"), NULL);
	struct result r = exchange(t, HTTP_GET, url_of(server, "/second"), NULL);
	assert_int_equal(r.failure, TRANSPORT_OK);
	assert_int_equal(fake_server_arrivals(server, "GET /second"), 2);
	assert_int_equal(fake_server_connections(server), 2);
	transport_close(t);
	fake_server_stop(server);
}

static void change_arrives_once_on_a_dead_kept_connection(void **state)
{
	static const enum http_method changes[] = {HTTP_POST, HTTP_PUT, HTTP_DELETE};
	static const char *const lines[] = {"POST /second", "PUT /second", "DELETE /second"};
	enum fake_then then = FAKE_NO_ANSWER;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		struct fake_server *server = fake_server_start(then_on_kept, &then);
		struct transport *t = open_transport(&plain);
		exchange(t, HTTP_GET, url_of(server, "/first"), NULL);
		struct result r = exchange(t, changes[i], url_of(server, "/second"), i < 2 ? "{}" : NULL);
		assert_int_equal(r.failure, TRANSPORT_LOST);
		assert_int_equal(r.status, 0);
		assert_int_equal(fake_server_arrivals(server, lines[i]), 1);
		assert_int_equal(fake_server_spoken_to(server), 1);
		r = exchange(
		    t, HTTP_GET, url_of(server, "/third"), NULL); /* the transport is fine afterwards */
		assert_int_equal(r.failure, TRANSPORT_OK);
		assert_int_equal(fake_server_arrivals(server, lines[i]), 1);
		transport_close(t);
		fake_server_stop(server);
	}
}

/* On a connection of its own there is nothing kept to die: it is answered, once, and the kept ones are not
 * even spoken to. */
static void what_wants_a_fresh_connection_gets_one(void **state)
{
	enum fake_then then = FAKE_NO_ANSWER;
	struct fake_server *server = fake_server_start(then_on_kept, &then);
	struct transport *t = open_transport(&plain);

	(void)state;
	for (unsigned i = 1; i <= 9; i++) {
		struct result r = {0};
		char url[128], line[64];
		snprintf(url, sizeof url, "%s/%u.", fake_server_url(server), i);
		snprintf(line, sizeof line, "POST /%u.", i);
		t->ops->start(t,
		    &(struct http_request){.method = HTTP_POST,
			.url = url,
			.body = "{}",
			.body_length = 2,
			.timeout_ms = 5000,
			.fresh_connection = true},
		    keep, &r);
		wait_for(t, &r.answers, 1);
		assert_int_equal(r.failure, TRANSPORT_OK);
		assert_int_equal(fake_server_arrivals(server, line), 1);
		assert_int_equal(fake_server_connections(server), i);
	}
	transport_close(t);
	fake_server_stop(server);
}

/* Closed as the request comes in, unread: the server saw nothing, but nobody can know that. */
static void change_is_lost_when_the_connection_closes_unread(void **state)
{
	enum fake_then then = FAKE_KEEP;
	struct fake_server *server = fake_server_start(then_on_kept, &then);
	struct transport *t = open_transport(&plain);

	(void)state;
	exchange(t, HTTP_GET, url_of(server, "/first"), NULL);
	fake_server_close_kept(server);
	struct result r = exchange(t, HTTP_POST, url_of(server, "/second"), "{}");
	assert_int_equal(r.failure, TRANSPORT_LOST);
	assert_int_equal(fake_server_arrivals(server, "POST"), 0);
	assert_int_equal(fake_server_spoken_to(server), 1);
	transport_close(t);
	fake_server_stop(server);
}

static void many_dying_connections_never_double_a_change(void **state)
{
	enum fake_then then = FAKE_NO_ANSWER;
	struct fake_server *server = fake_server_start(then_on_kept, &then);
	struct transport *t = open_transport(&plain);
	struct result results[200] = {{0}};
	unsigned sent = 0, lost = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(results); i += 4) {
		for (size_t j = i; j < i + 4; j++) {
			char url[128];
			snprintf(url, sizeof url, "%s/%zu.", fake_server_url(server), j);
			t->ops->start(t,
			    &(struct http_request){.method = HTTP_POST,
				.url = url,
				.body = "{}",
				.body_length = 2,
				.timeout_ms = 5000},
			    keep, &results[j]);
		}
		for (size_t j = i; j < i + 4; j++)
			wait_for(t, &results[j].answers, 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		char line[64];
		snprintf(line, sizeof line, "POST /%zu.", i);
		unsigned arrived = fake_server_arrivals(server, line);
		assert_in_range(arrived, results[i].failure == TRANSPORT_OK, 1);
		sent += results[i].failure == TRANSPORT_OK;
		lost += results[i].failure == TRANSPORT_LOST;
	}
	assert_int_equal(sent + lost, ARRAY_LEN(results));
	assert_true(sent > 0 && lost > 0);
	transport_close(t);
	fake_server_stop(server);
}

static void play_then(void *user, const struct fake_request *request, struct fake_answer *answer)
{
	(void)request;
	answer->then = *(const enum fake_then *)user;
	answer->body = "{\"a\":\"a body that can be cut in half\"}";
}

static void cut_lines_are_lost(void **state)
{
	static const enum fake_then cuts[] = {FAKE_NO_ANSWER, FAKE_HALF};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		enum fake_then then = cuts[i];
		struct fake_server *server = fake_server_start(play_then, &then);
		struct transport *t = open_transport(&plain);
		struct result r = exchange(t, HTTP_POST, url_of(server, "/x"), "{}");
		assert_int_equal(r.failure, TRANSPORT_LOST);
		assert_int_equal(r.status, 0);
		assert_true(r.failure_text[0] != '\0');
		assert_int_equal(fake_server_arrivals(server, "POST"), 1);
		transport_close(t);
		fake_server_stop(server);
	}
}

static void silence_is_a_time_out(void **state)
{
	enum fake_then then = FAKE_SILENCE;
	struct fake_server *server = fake_server_start(play_then, &then);
	struct transport *t = open_transport(&plain);
	struct result r = {0};

	(void)state;
	t->ops->start(t,
	    &(struct http_request){.method = HTTP_GET, .url = url_of(server, "/x"), .timeout_ms = 30}, keep,
	    &r);
	wait_for(t, &r.answers, 1);
	assert_int_equal(r.failure, TRANSPORT_TIMEOUT);
	transport_close(t);
	fake_server_stop(server);
}

static void body_limit_is_kept(void **state)
{
	struct transport_settings small = plain;
	enum fake_then then = FAKE_KEEP;
	struct fake_server *server = fake_server_start(play_then, &then);

	(void)state;
	small.body_limit = 16;
	struct transport *t = open_transport(&small);
	struct result r = exchange(t, HTTP_GET, url_of(server, "/x"), NULL);
	assert_int_equal(r.failure, TRANSPORT_TOO_LARGE);
	assert_string_equal(r.body, "");
	transport_close(t);
	fake_server_stop(server);
}

static void redirect(void *user, const struct fake_request *request, struct fake_answer *answer)
{
	(void)user;
	(void)request;
	answer->status = 302;
	answer->headers = "Location: /elsewhere\r\n";
}

static void redirects_are_not_followed(void **state)
{
	struct fake_server *server = fake_server_start(redirect, NULL);
	struct transport *t = open_transport(&plain);
	struct result r = exchange(t, HTTP_GET, url_of(server, "/x"), NULL);

	(void)state;
	assert_int_equal(r.status, 302);
	assert_int_equal(fake_server_arrivals(server, "GET"), 1);
	transport_close(t);
	fake_server_stop(server);
}

/* A port that the kernel gave and nobody listens on. */
static int dead_port(int *held)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;

	*held = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*held, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(*held, (struct sockaddr *)&at, &size), 0);
	return ntohs(at.sin_port);
}

static void unsent_requests_say_so(void **state)
{
	int held, port = dead_port(&held);
	struct transport *t = open_transport(&plain);
	struct transport_settings https_only = plain;
	char url[64];

	(void)state;
	snprintf(url, sizeof url, "http://127.0.0.1:%d/x", port);
	struct result r = exchange(t, HTTP_POST, url, "{}");
	assert_int_equal(r.failure, TRANSPORT_NOT_SENT);
	assert_false(r.tls_failure);
	r = exchange(t, HTTP_POST, "http://acronis.example.com/x", "{}");
	assert_int_equal(r.failure, TRANSPORT_NOT_SENT);
	assert_non_null(strstr(r.failure_text, "loopback"));
	r = exchange(t, HTTP_POST, "http://127.0.0.1@acronis.example.com/x", "{}");
	assert_int_equal(r.failure, TRANSPORT_NOT_SENT);
	assert_non_null(strstr(r.failure_text, "loopback"));
	r = exchange(t, HTTP_POST, "http://127.0.0.1.example.com/x", "{}");
	assert_non_null(strstr(r.failure_text, "loopback"));
	r = exchange(t, HTTP_GET, "file:///etc/hostname", NULL);
	assert_int_equal(r.failure, TRANSPORT_NOT_SENT);
	assert_string_equal(r.body, "");
	transport_close(t);
	https_only.plain_allowed = false;
	t = open_transport(&https_only);
	r = exchange(t, HTTP_GET, url, NULL);
	assert_int_equal(r.failure, TRANSPORT_NOT_SENT);
	assert_non_null(strstr(r.failure_text, "https"));
	transport_close(t);
	close(held);
}

static void proxies_do_not_touch_loopback(void **state)
{
	struct seen seen = {0};
	struct fake_server *server = fake_server_start(echo, &seen);

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	struct transport *t = open_transport(&plain);
	struct result r = exchange(t, HTTP_GET, url_of(server, "/x"), NULL);
	assert_int_equal(r.status, 201);
	transport_close(t);
	unsetenv("http_proxy");
	fake_server_stop(server);
}

static void connections_stay_within_the_limit(void **state)
{
	enum fake_then then = FAKE_KEEP;
	struct fake_server *server = fake_server_start(then_on_kept, &then);
	struct transport *t = open_transport(&plain);
	struct result r = {0};

	(void)state;
	fake_server_delay(server, 5);
	for (int i = 0; i < 40; i++)
		t->ops->start(t,
		    &(struct http_request){
			.method = HTTP_GET, .url = url_of(server, "/x"), .timeout_ms = 5000},
		    keep, &r);
	wait_for(t, &r.answers, 40);
	assert_in_range(fake_server_connections(server), 1, 4);
	transport_close(t);
	fake_server_stop(server);
}

static void close_answers_what_is_in_flight(void **state)
{
	enum fake_then then = FAKE_SILENCE;
	struct fake_server *server = fake_server_start(play_then, &then);
	struct transport *t = open_transport(&plain);
	struct result r = {0};
	struct error err = {0};

	(void)state;
	t->ops->start(t,
	    &(struct http_request){.method = HTTP_GET, .url = url_of(server, "/x"), .timeout_ms = 5000}, keep,
	    &r);
	assert_int_equal(t->ops->turn(t, 0, &err), 0);
	transport_close(t);
	assert_int_equal(r.answers, 1);
	assert_int_equal(r.failure, TRANSPORT_CANCELLED);
	fake_server_stop(server);
}

static void missing_ca_file_is_an_error(void **state)
{
	struct transport_settings settings = plain;
	struct error err = {0};

	(void)state;
	settings.ca_file = "/nowhere/ca.pem";
	assert_null(transport_curl_new(&settings, &err));
	assert_int_equal(err.code, ERR_ACRONIS);
	assert_non_null(strstr(err.text, "/nowhere/ca.pem"));
	assert_non_null(strstr(err.hint, "acronis.ca_file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sends_method_body_and_headers),
	    cmocka_unit_test(get_is_sent_again_on_a_dead_kept_connection),
	    cmocka_unit_test(change_arrives_once_on_a_dead_kept_connection),
	    cmocka_unit_test(what_wants_a_fresh_connection_gets_one),
	    cmocka_unit_test(change_is_lost_when_the_connection_closes_unread),
	    cmocka_unit_test(many_dying_connections_never_double_a_change),
	    cmocka_unit_test(cut_lines_are_lost),
	    cmocka_unit_test(silence_is_a_time_out),
	    cmocka_unit_test(body_limit_is_kept),
	    cmocka_unit_test(redirects_are_not_followed),
	    cmocka_unit_test(unsent_requests_say_so),
	    cmocka_unit_test(proxies_do_not_touch_loopback),
	    cmocka_unit_test(connections_stay_within_the_limit),
	    cmocka_unit_test(close_answers_what_is_in_flight),
	    cmocka_unit_test(missing_ca_file_is_an_error),
	};

	return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
