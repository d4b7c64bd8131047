/* The modelled Acronis as a transport: what arrives is carried out by fake_cloud at once and answered after a
 * while of virtual time, unless the weather (sim_weather.c) decides otherwise. Here are the session, tokens
 * and the flights; what tenants and users are is fake_cloud's. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_cloud_impl.h"
#include "tenantry/mem.h"

struct flight {
	struct fake_reply reply; /* texts owned */
	int64_t due;
	transport_done *done;
	void *user;
	int mail_order; /* the order whose mail it sends, -1 */
};

struct sim_transport {
	struct transport base;
	struct sim *sim;
	struct flight *flights;
	size_t count, cap;
	void (*second)(void *user);
	void *second_user;
};

int sim_order_number(const char *key)
{
	const char *dash = strstr(key, "OI-");
	int number = dash ? atoi(dash + 3) : -1;

	return number >= 0 && number < SIM_ORDERS ? number : -1;
}

int sim_account_number(const char *account_id)
{
	int number = account_id[0] == 'A' ? atoi(account_id + 1) : -1;

	return number >= 0 && number < SIM_ACCOUNTS ? number : -1;
}

struct cloud_user *sim_user_of(struct sim *sim, const char *tenant, const char *login)
{
	for (size_t i = 0; i < sim->cloud.user_count; i++)
		if (strcmp(sim->cloud.users[i].tenant, tenant) == 0 &&
		    strcmp(sim->cloud.users[i].login, login) == 0)
			return &sim->cloud.users[i];
	return NULL;
}

/* ---- What the API answers that fake_cloud does not know: the session of a run. */

static const char client_body[] =
    "{\"client_id\":\"sim-client\",\"tenant_id\":\"" CLOUD_PARENT "\",\"status\":\"enabled\"}";
static const char applications_body[] =
    "{\"items\":["
    "{\"id\":\"" CLOUD_PLATFORM "\",\"name\":\"Platform\",\"type\":\"platform\"},"
    "{\"id\":\"" CLOUD_BACKUP "\",\"name\":\"Backup\",\"type\":\"backup\"}]}";
#define AVAILABLE(name)                                                                                      \
	"{\"application_id\":\"" CLOUD_BACKUP "\",\"name\":\"" name                                          \
	"\",\"edition\":\"standard\",\"type\":\"count\",\"status\":1}"
static const char available_body[] =
    "{\"items\":[" AVAILABLE("storage") "," AVAILABLE("workstations") "," AVAILABLE("notary") "]}";

static const char *session_body(const char *path)
{
	if (strncmp(path, "/clients/", 9) == 0)
		return client_body;
	if (strcmp(path, "/applications") == 0)
		return applications_body;
	return strstr(path, "/available_for_child") ? available_body : NULL;
}

static void give_token(struct arrival *a)
{
	struct sim *sim = a->sim;
	static char body[160];

	sim->token++;
	sim->token_expires = clock_mono_ms(&sim->clock) + sim->token_life_s * 1000;
	snprintf(body, sizeof body,
	    "{\"access_token\":\"token-number-%llu\",\"token_type\":\"bearer\",\"expires_in\":%lld}",
	    (unsigned long long)sim->token, (long long)sim->token_life_s);
	a->reply.body = body;
}

bool arrival_is_token(const struct arrival *a)
{
	return strncmp(a->call.path, "/idp/token", 10) == 0;
}

static bool is_authorized(const struct arrival *a)
{
	char wanted[64];

	snprintf(wanted, sizeof wanted, "Bearer token-number-%llu", (unsigned long long)a->sim->token);
	return strcmp(a->call.authorization, wanted) == 0 &&
	       clock_mono_ms(&a->sim->clock) < a->sim->token_expires;
}

/* Never set back, whatever happens to the clock of the machine that runs the job. */
int64_t sim_cloud_now(struct sim *sim)
{
	return INT64_C(1798761600000) + clock_mono_ms(&sim->clock); /* 2027-01-01 and on */
}

void arrival_fail(struct arrival *a, int status, const char *word)
{
	static char body[120];

	snprintf(body, sizeof body,
	    "{\"error\":{\"code\":%d,\"message\":\"%s\",\"domain\":null,\"details\":{}}}", status, word);
	a->reply.status = status;
	a->reply.body = body;
}

/* A tenant that was made and is not listed yet is so for less than the time that a look-up waits. */
static void list_what_is_due(struct sim *sim)
{
	for (size_t i = 0; i < sim->cloud.tenant_count; i++)
		sim->cloud.tenants[i].unlisted = clock_mono_ms(&sim->clock) < sim->unlisted_until[i];
}

void arrival_carry_out(struct arrival *a)
{
	struct sim *sim = a->sim;
	const char *body = session_body(a->call.path);

	if (arrival_is_token(a)) {
		give_token(a);
	} else if (!is_authorized(a)) {
		arrival_fail(a, 401, "the token is not valid");
	} else if (body) {
		a->reply.body = body;
	} else if (sim->cloud.tenant_count + 4 > CLOUD_MAX || sim->cloud.user_count + 4 > CLOUD_MAX) {
		sim_fail(sim, "the cloud is full: %zu tenants, %zu users", sim->cloud.tenant_count,
		    sim->cloud.user_count);
		arrival_fail(a, 500, "full");
	} else {
		list_what_is_due(sim);
		sim->cloud.now = sim_cloud_now(sim);
		sim->cloud.delay_ms = a->reply.delay_ms;
		struct sim_before before;
		losses_look(sim, &before);
		cloud_answer(&sim->cloud, &a->call, &a->reply);
		losses_note(sim, &before);
	}
	sim_event(sim);
}

/* ---- The transport. */

static int mail_order_of(const struct sim *sim, const char *url)
{
	for (size_t i = 0; strstr(url, "/send-activation-email") && i < sim->cloud.user_count; i++)
		if (strstr(url, sim->cloud.users[i].id))
			return sim_order_number(sim->cloud.users[i].external);
	return -1;
}

static void sim_start(
    struct transport *base, const struct http_request *request, transport_done *done, void *user)
{
	struct sim_transport *t = CONTAINER_OF(base, struct sim_transport, base);
	const char *api = strstr(request->url, "/api/2");
	struct arrival a = {.sim = t->sim,
	    .request = request,
	    .change = request->method != HTTP_GET,
	    .call = {.method = request->method,
		.path = api ? api + 6 : request->url,
		.body = request->body ? request->body : "",
		.authorization = request->authorization ? request->authorization : "",
		.content_type = request->content_type ? request->content_type : ""}};

	a.mail_order = mail_order_of(t->sim, request->url);
	t->sim->stats.requests++;
	sim_event(t->sim);
	weather_arrive(&a);
	MEM_GROW(t->flights, t->count, t->cap);
	struct flight *flight = &t->flights[t->count++];
	*flight = (struct flight){.reply = a.reply,
	    .due = clock_mono_ms(&t->sim->clock) + a.reply.delay_ms,
	    .done = done,
	    .user = user,
	    .mail_order = a.mail_order};
	flight->reply.body = mem_strdup(a.reply.body ? a.reply.body : "");
	flight->reply.retry_after = mem_strdup(a.reply.retry_after ? a.reply.retry_after : "");
	if (!flight->reply.content_type)
		flight->reply.content_type = "application/json";
}

static void land(struct sim_transport *t, size_t at, enum transport_failure failure)
{
	struct flight flight = t->flights[at];
	bool ok = failure == TRANSPORT_OK;

	memmove(t->flights + at, t->flights + at + 1, (t->count - at - 1) * sizeof *t->flights);
	t->count--;
	sim_event(t->sim);
	/* 401 and 429 are asked again under the same intent. */
	if (flight.mail_order >= 0 && ok && flight.reply.status != 401 && flight.reply.status != 429)
		t->sim->mail[flight.mail_order] = MAIL_ANSWERED;
	flight.done(flight.user, &(struct http_response){.failure = failure,
				     .failure_text = ok ? "" : "the weather",
				     .status = ok ? flight.reply.status : 0,
				     .body = ok ? flight.reply.body : "",
				     .body_length = ok ? strlen(flight.reply.body) : 0,
				     .content_type = flight.reply.content_type,
				     .retry_after = flight.reply.retry_after,
				     .elapsed_ms = flight.reply.delay_ms});
	free((char *)flight.reply.body);
	free((char *)flight.reply.retry_after);
}

static bool land_due(struct sim_transport *t)
{
	int64_t now = clock_mono_ms(&t->sim->clock);
	bool any = false;

	for (size_t i = 0; i < t->count;) {
		if (t->flights[i].due > now) {
			i++;
			continue;
		}
		land(t, i, t->flights[i].reply.failure);
		any = true;
		i = 0; /* the callback may have begun others */
	}
	return any;
}

/* A signal, or somebody who starts the job a second time. */
static void disturb(struct sim_transport *t)
{
	struct sim *sim = t->sim;

	if (sim->stop_at > 0 && sim->events >= sim->stop_at && !sim->stopped) {
		sim->stopped = true;
		raise(SIGTERM);
	}
	if (t->second && sim->second_at > 0 && sim->events >= sim->second_at && !sim->second_tried) {
		sim->second_tried = true;
		t->second(t->second_user);
	}
}

static int sim_turn(struct transport *base, int64_t max_wait_ms, struct error *err)
{
	struct sim_transport *t = CONTAINER_OF(base, struct sim_transport, base);
	int64_t wait = max_wait_ms, now;

	(void)err;
	disturb(t);
	if (land_due(t) || max_wait_ms <= 0)
		return 0;
	now = clock_mono_ms(&t->sim->clock);
	for (size_t i = 0; i < t->count; i++)
		if (t->flights[i].due - now < wait)
			wait = t->flights[i].due - now;
	clock_sleep_ms(&t->sim->clock, wait);
	land_due(t);
	return 0;
}

static void sim_close(struct transport *base)
{
	struct sim_transport *t = CONTAINER_OF(base, struct sim_transport, base);

	while (t->count > 0)
		land(t, 0, TRANSPORT_CANCELLED);
	free(t->flights);
	free(t);
}

struct transport *sim_transport_new(struct sim *sim, void (*second)(void *user), void *user)
{
	static const struct transport_ops ops = {sim_start, sim_turn, sim_close};
	struct sim_transport *t = mem_zalloc(sizeof *t);

	t->base.ops = &ops;
	t->sim = sim;
	t->second = second;
	t->second_user = user;
	return &t->base;
}
