/* How many requests a second the Acronis client moves, against what the latency allows: POSTs over kept
 * connections to a scripted server in a thread of this process.
 *
 *   bench_client [REQUESTS [CONNECTIONS]]
 *
 * One line a case: name, requests, seconds, requests/s, the ideal (connections / latency, 0 none), the ratio,
 * peak memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../fake/fake_server.h"
#include "tenantry/acronis.h"
#include "tenantry/mem.h"

enum { TARGET_PERCENT = 90 };

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void serve(void *user, const struct fake_request *request, struct fake_answer *answer)
{
	(void)user;
	answer->body =
	    strstr(request->path, "/idp/token")
		? "{\"access_token\":\"bench\",\"expires_in\":7200}"
		: "{\"id\":\"5092f7ca-4219-4a16-99a0-808705b68285\",\"version\":1,\"enabled\":true,\"kind\":\"partner\"}";
}

static void count_ok(void *user, const struct acronis_answer *answer)
{
	long *ok = user;

	*ok += answer->result == API_OK;
}

static json_t *tenant_body(long number)
{
	char key[32];
	struct acronis_tenant_new tenant = {.name = "Northwind IT Services Ltd",
	    .parent_id = "b5ca3d7e-02f4-42a0-9dc0-b40212ed288d",
	    .customer_id = key,
	    .internal_tag = key,
	    .contact = {.email = "anna@msp.example.com",
		.first_name = "Anna",
		.last_name = "Berg",
		.phone = "",
		.address1 = "12 High Street",
		.address2 = "",
		.city = "London",
		.state = "",
		.zipcode = "12345",
		.country = "GB"}};

	snprintf(key, sizeof key, "ACC-%09ld", number);
	return acronis_tenant_create_body(&tenant);
}

/* All requests are queued at once, as a large batch does: the queue's length must not cost anything. */
static long send_all(struct acronis_client *client, long requests, struct error *err)
{
	long ok = 0;

	for (long i = 0; i < requests; i++)
		acronis_send(client,
		    &(struct acronis_request){
			.call = CALL_TENANT_CREATE, .body = tenant_body(i), .done = count_ok, .user = &ok});
	while (acronis_pending(client) > 0)
		if (acronis_turn(client, 1000, err) < 0)
			break;
	return ok;
}

static int measure(const char *name, long requests, int connections, int delay_ms)
{
	struct error err = {0};
	struct fake_server *server = fake_server_start(serve, NULL);
	struct transport *transport =
	    transport_curl_new(&(struct transport_settings){.connections = connections,
				   .body_limit = 1 << 20,
				   .connect_timeout_ms = 5000,
				   .plain_allowed = true},
		&err);
	struct acronis_client *client =
	    acronis_client_new(&(struct acronis_settings){.url = fake_server_url(server),
				   .client_id = "id",
				   .client_secret = "secret",
				   .connections = connections,
				   .timeout_ms = 30000,
				   .retries = 0,
				   .page_size = 1000},
		transport, clock_machine());
	struct rusage usage;
	double ideal = delay_ms ? connections * 1000.0 / delay_ms : 0, start;

	send_all(client, connections, &err); /* token and connections are there before the clock runs */
	fake_server_delay(server, delay_ms);
	start = seconds();
	long ok = send_all(client, requests, &err);
	double took = seconds() - start, rate = (double)requests / took;
	getrusage(RUSAGE_SELF, &usage);
	printf("%s requests=%ld s=%.3f req/s=%.0f ideal=%.0f ratio=%.3f peak_kib=%ld\n", name, requests, took,
	    rate, ideal, ideal > 0 ? rate / ideal : 0, usage.ru_maxrss);
	if (ideal > 0)
		printf(
		    "figure\tclient, %d connections at %d ms\t%.0f requests/s\t%d %% of %.0f\t%.2f\t%.1f MiB\t%s\n",
		    connections, delay_ms, rate, TARGET_PERCENT, ideal, rate / ideal,
		    (double)usage.ru_maxrss / 1024, rate / ideal * 100 >= TARGET_PERCENT ? "yes" : "no");
	acronis_client_free(client);
	transport_close(transport);
	fake_server_stop(server);
	if (ok == requests)
		return 0;
	fprintf(stderr, "%s: only %ld of %ld went well\n", name, ok, requests);
	error_print(&err, stderr, true);
	return 1;
}

int main(int argc, char **argv)
{
	long requests = argc > 1 ? atol(argv[1]) : 6400;
	int connections = argc > 2 ? atoi(argv[2]) : 32;

	return measure("client_50ms", requests, connections, 50) |
	       measure("client_0ms", requests * 10, connections, 0);
}
