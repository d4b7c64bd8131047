/* From a job's settings to a client that has a token and knows its place; see run.h. */
#include "tenantry/run.h"

#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"
#include "tenantry/signals.h"

static struct transport *open_transport(const struct job *job, struct error *err)
{
	struct transport_settings settings = {.ca_file = job->acronis.ca_file,
	    .connections = job->acronis.connections,
	    .body_limit = job->acronis.body_limit,
	    .connect_timeout_ms = job->acronis.timeout_ms,
	    .http2 = job->acronis.http2,
	    .plain_allowed = job->acronis.loopback};

	return transport_curl_new(&settings, err);
}

static int open_client(
    struct connection *connection, const struct job *job, struct clock *clock, struct error *err)
{
	struct acronis_settings settings = {.url = job->acronis.url,
	    .connections = job->acronis.connections,
	    .rate = job->acronis.rate,
	    .timeout_ms = job->acronis.timeout_ms,
	    .retries = job->acronis.retries,
	    .page_size = job->acronis.page_size};
	char *secret;

	connection->client_id = secret_read(&job->acronis.client_id, "acronis.client_id", err);
	if (!connection->client_id)
		return -1;
	secret = secret_read(&job->acronis.client_secret, "acronis.client_secret", err);
	if (!secret)
		return -1;
	if (!connection->transport)
		connection->transport = open_transport(job, err);
	if (connection->transport) {
		settings.client_id = connection->client_id;
		settings.client_secret = secret;
		connection->client = acronis_client_new(&settings, connection->transport, clock);
		acronis_stop_on(connection->client, signals_stop());
	}
	secret_free(secret);
	return connection->client ? 0 : -1;
}

int connection_open(struct connection *connection, const struct job *job, bool offering_items,
    struct clock *clock, struct arena *arena, struct error *err)
{
	return connection_open_over(connection, job, NULL, NULL, offering_items, clock, arena, err);
}

/* A process that is killed in a pause must not make the next one hurry. */
static void note_pause(void *user, int64_t until_ms)
{
	struct error err = {0};

	if (ledger_pause_put(user, until_ms, &err) < 0)
		log_warn("the pause that Acronis asked for could not be noted: %s", err.text);
}

static int keep_pauses(
    struct connection *connection, struct ledger *ledger, struct clock *clock, struct error *err)
{
	int64_t left;

	if (!ledger)
		return 0;
	acronis_on_pause(connection->client, note_pause, ledger);
	if (ledger_pause_get(ledger, &left, err) < 0)
		return -1;
	acronis_pause_until(connection->client, clock_wall_ms(clock) + left);
	return 0;
}

int connection_open_over(struct connection *connection, const struct job *job, struct transport *transport,
    struct ledger *ledger, bool offering_items, struct clock *clock, struct arena *arena, struct error *err)
{
	*connection = (struct connection){.transport = transport, .borrowed = transport != NULL};
	if (open_client(connection, job, clock, err) < 0 || keep_pauses(connection, ledger, clock, err) < 0 ||
	    acronis_session_open(connection->client, connection->client_id, job->acronis.parent,
		offering_items, arena, &connection->session, err) < 0) {
		connection_close(connection);
		return -1;
	}
	return 0;
}

void connection_close(struct connection *connection)
{
	acronis_client_free(connection->client);
	if (!connection->borrowed)
		transport_close(connection->transport);
	secret_free(connection->client_id);
	*connection = (struct connection){0};
}
