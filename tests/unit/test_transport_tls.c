/* The curl transport over TLS and HTTP/2, through nghttpx before a fake server. Skipped where nghttpx is not
 * installed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../fake/fake_server.h"
#include "../fake/tls_front.h"
#include "tenantry/mem.h"
#include "tenantry/str.h"
#include "tenantry/transport.h"

#define GOOD "tests/fake/tls/server.crt"
#define EXPIRED "tests/fake/tls/expired.crt"

struct result {
	enum transport_failure failure;
	int status, answers;
	bool tls_failure;
};

static void keep(void *user, const struct http_response *response)
{
	struct result *r = user;

	r->failure = response->failure;
	r->tls_failure = response->tls_failure;
	r->status = response->status;
	r->answers++;
}

struct stage {
	struct fake_server *server;
	_Atomic(struct tls_front *) front;
	atomic_bool saw_via;
	struct transport *transport;
};

/* A path with "cut" in it: the request has arrived, the client's connection dies, no answer ever. */
static void script(void *user, const struct fake_request *request, struct fake_answer *answer)
{
	struct stage *stage = user;

	if (strcasestr(request->headers, "\r\nvia: 2 nghttpx"))
		atomic_store(&stage->saw_via, true);
	answer->body = "{}";
	if (strstr(request->path, "cut") && fake_server_arrivals(stage->server, request->method) < 2) {
		tls_front_cut(atomic_load(&stage->front));
		answer->then = FAKE_SILENCE;
	}
}

static void open_stage(struct stage *stage, const char *certificate, const char *ca, bool http2)
{
	struct error err = {0};

	memset(stage, 0, sizeof *stage);
	stage->server = fake_server_start(script, stage);
	atomic_store(&stage->front, tls_front_start(fake_server_port(stage->server), certificate));
	if (!atomic_load(&stage->front)) {
		fake_server_stop(stage->server);
		print_message("nghttpx is not installed: skipped\n");
		skip();
	}
	stage->transport = transport_curl_new(&(struct transport_settings){.ca_file = ca,
						  .connections = 8,
						  .body_limit = 1 << 20,
						  .connect_timeout_ms = 5000,
						  .http2 = http2},
	    &err);
	assert_non_null(stage->transport);
}

static void close_stage(struct stage *stage)
{
	transport_close(stage->transport);
	tls_front_stop(atomic_load(&stage->front));
	fake_server_stop(stage->server);
}

static struct result exchange(struct stage *stage, enum http_method method, const char *path)
{
	struct transport *t = stage->transport;
	struct result r = {0};
	struct error err = {0};
	char url[256];

	snprintf(url, sizeof url, "%s%s", tls_front_url(atomic_load(&stage->front)), path);
	t->ops->start(t,
	    &(struct http_request){.method = method,
		.url = url,
		.body = method == HTTP_GET ? NULL : "{}",
		.body_length = method == HTTP_GET ? 0 : 2,
		.timeout_ms = 10000},
	    keep, &r);
	for (int i = 0; i < 200 && !r.answers; i++)
		assert_int_equal(t->ops->turn(t, 100, &err), 0);
	assert_int_equal(r.answers, 1);
	return r;
}

static void speaks_http2_when_offered(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage, GOOD, GOOD, true);
	assert_int_equal(exchange(&stage, HTTP_POST, "/x").status, 200);
	assert_true(atomic_load(&stage.saw_via)); /* "via: 2 nghttpx" is said of HTTP/2 only */
	close_stage(&stage);
	open_stage(&stage, GOOD, GOOD, false);
	assert_int_equal(exchange(&stage, HTTP_POST, "/x").status, 200);
	assert_false(atomic_load(&stage.saw_via));
	close_stage(&stage);
}

static void many_calls_share_one_http2_connection(void **state)
{
	struct stage stage;
	struct error err = {0};
	struct result r = {0};
	char url[256];

	(void)state;
	open_stage(&stage, GOOD, GOOD, true);
	struct transport *t = stage.transport;
	snprintf(url, sizeof url, "%s/x", tls_front_url(atomic_load(&stage.front)));
	for (int i = 0; i < 64; i++)
		t->ops->start(
		    t, &(struct http_request){.method = HTTP_GET, .url = url, .timeout_ms = 10000}, keep, &r);
	for (int i = 0; i < 200 && r.answers < 64; i++)
		assert_int_equal(t->ops->turn(t, 100, &err), 0);
	assert_int_equal(r.answers, 64);
	assert_int_equal(tls_front_connections(atomic_load(&stage.front)), 1);
	close_stage(&stage);
}

/* Over HTTP/1.1 libcurl sends the GET again, which shows that the situation is the dangerous one. Over HTTP/2
 * this libcurl gives up itself, and a later one may not. */
static void a_dead_kept_connection_never_doubles_a_change(void **state)
{
	static const struct {
		enum http_method method;
		const char *line;
		bool http2;
		unsigned least, most;
	} cases[] = {{HTTP_GET, "GET /cut", false, 2, 2}, {HTTP_GET, "GET /cut", true, 1, 2},
	    {HTTP_POST, "POST /cut", false, 1, 1}, {HTTP_POST, "POST /cut", true, 1, 1},
	    {HTTP_PUT, "PUT /cut", false, 1, 1}, {HTTP_PUT, "PUT /cut", true, 1, 1}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stage stage;
		open_stage(&stage, GOOD, GOOD, cases[i].http2);
		/* A connection that served a request before is what libcurl takes for stale. */
		enum http_method warm = cases[i].method == HTTP_GET ? HTTP_POST : HTTP_GET;
		assert_int_equal(exchange(&stage, warm, "/warm").failure, TRANSPORT_OK);
		struct result r = exchange(&stage, cases[i].method, "/cut");
		unsigned arrived = fake_server_arrivals(stage.server, cases[i].line);
		assert_in_range(arrived, cases[i].least, cases[i].most);
		assert_int_equal(r.failure, arrived > 1 ? TRANSPORT_OK : TRANSPORT_LOST);
		assert_int_equal(exchange(&stage, HTTP_GET, "/after").failure, TRANSPORT_OK);
		assert_int_equal(fake_server_arrivals(stage.server, cases[i].line), arrived);
		close_stage(&stage);
	}
}

static void certificates_are_checked(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage, GOOD, NULL, true); /* an authority that nobody knows */
	struct result r = exchange(&stage, HTTP_POST, "/x");
	assert_int_equal(r.failure, TRANSPORT_NOT_SENT);
	assert_true(r.tls_failure);
	assert_int_equal(fake_server_arrivals(stage.server, ""), 0);
	close_stage(&stage);
	open_stage(&stage, EXPIRED, EXPIRED, true);
	r = exchange(&stage, HTTP_POST, "/x");
	assert_int_equal(r.failure, TRANSPORT_NOT_SENT);
	assert_true(r.tls_failure);
	assert_int_equal(fake_server_arrivals(stage.server, ""), 0);
	close_stage(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(speaks_http2_when_offered),
	    cmocka_unit_test(many_calls_share_one_http2_connection),
	    cmocka_unit_test(a_dead_kept_connection_never_doubles_a_change),
	    cmocka_unit_test(certificates_are_checked),
	};

	return cmocka_run_group_tests_name("transport_tls", tests, NULL, NULL);
}
