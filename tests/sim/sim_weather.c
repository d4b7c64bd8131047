/* The weather: what becomes of a call besides its answer. Lost and late answers, refusals, and strangers who
 * act between our reading and our change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_cloud_impl.h"

static const struct {
	const char *name;
	bool reads, changes;
	unsigned weight;
} faults[] = {
#define X(id, name, reads, changes, weight) [id] = {name, reads, changes, weight},
    SIM_FAULTS(X)
#undef X
};

const char *sim_fault_name(enum sim_fault fault)
{
	return faults[fault].name;
}

/* ---- Races: somebody acts between our reading and our change. */

/* A text member of the body, in the flat form that jansson's compact dump has; "" when it is not there. */
static void member_of(const struct arrival *a, const char *name, char *out, size_t size)
{
	json_t *body = json_loads(a->call.body, 0, NULL);
	const char *text = json_string_value(json_object_get(body, name));

	snprintf(out, size, "%s", text ? text : "");
	json_decref(body);
}

static bool take_name(struct arrival *a)
{
	struct sim *sim = a->sim;
	char name[128], customer[64];

	if (a->request->method != HTTP_POST || strcmp(a->call.path, "/tenants") != 0)
		return false;
	member_of(a, "name", name, sizeof name);
	member_of(a, "customer_id", customer, sizeof customer);
	int account = sim_account_number(customer);
	if (account < 0 || (sim->excuses[account] & EXCUSE_STRANGER) ||
	    sim->cloud.tenant_count + 8 > CLOUD_MAX)
		return false;
	for (size_t i = 0; i < sim->cloud.tenant_count; i++)
		if (strcmp(sim->cloud.tenants[i].name, name) == 0)
			return false;
	sim->stranger[sim->cloud.tenant_count] = true;
	cloud_add(&sim->cloud, name, "", "");
	sim->excuses[account] |= EXCUSE_STRANGER;
	return true;
}

static bool take_login(struct arrival *a)
{
	struct sim *sim = a->sim;
	char login[96], external[96];

	if (a->request->method != HTTP_POST || strcmp(a->call.path, "/users") != 0)
		return false;
	member_of(a, "login", login, sizeof login);
	member_of(a, "external_id", external, sizeof external);
	int order = sim_order_number(external);
	if (order < 0 || sim->cloud.user_count + 8 > CLOUD_MAX)
		return false;
	for (size_t i = 0; i < sim->cloud.user_count; i++)
		if (strcmp(sim->cloud.users[i].login, login) == 0)
			return false;
	cloud_add_user(&sim->cloud, CLOUD_ELSEWHERE, login);
	sim->excuses[sim->account_of[order]] |= EXCUSE_LOGIN;
	return true;
}

static bool write_before(struct arrival *a)
{
	for (size_t i = 0; i < a->sim->cloud.tenant_count; i++) {
		struct cloud_tenant *t = &a->sim->cloud.tenants[i];
		if (!strstr(a->call.path, t->id))
			continue;
		t->version++;
		t->pricing_version++;
		for (size_t k = 0; k < CLOUD_ITEMS; k++)
			t->quota_version[k]++;
		return true;
	}
	return false;
}

/* A POST of a tenant whose new tenant stays out of listings for a while. */
static bool hide_what_is_made(struct arrival *a)
{
	struct sim *sim = a->sim;
	size_t before = sim->cloud.tenant_count;

	if (a->request->method != HTTP_POST || strcmp(a->call.path, "/tenants") != 0)
		return false;
	arrival_carry_out(a);
	if (sim->cloud.tenant_count > before)
		sim->unlisted_until[before] =
		    clock_mono_ms(&sim->clock) + (int64_t)sim_below(&sim->weather, (uint64_t)sim->settle_ms);
	/* Most often it is a lost answer that makes anybody look. */
	if (sim_chance(&sim->weather, 700))
		a->reply.failure = TRANSPORT_LOST;
	return true;
}

/* ---- Faults. */

/* An answer that leaves open whether the mail went out. */
static void note_mail_doubt(struct arrival *a)
{
	if (a->mail_order >= 0)
		a->sim->excuses[a->sim->account_of[a->mail_order]] |= EXCUSE_MAIL;
}

static void refuse_429(struct arrival *a, enum sim_fault fault)
{
	struct sim *sim = a->sim;
	int64_t seconds = 1 + (int64_t)sim_below(&sim->weather, 40);
	char day[DATE_TEXT_SIZE];

	arrival_fail(a, 429, "too many requests");
	if (fault == MISS_429_SECONDS)
		snprintf(a->retry_after, sizeof a->retry_after, "%lld", (long long)seconds);
	if (fault == MISS_429_DATE) {
		char text[TIME_TEXT_SIZE];
		static const char *const months[] = {
		    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
		int64_t at = clock_wall_ms(&sim->clock) + seconds * 1000;
		struct date date = date_of_ms(at);
		time_text(at, text);
		date_text(date, day);
		snprintf(a->retry_after, sizeof a->retry_after, "Sun, %.2s %s %.4s %.8s GMT", day + 8,
		    months[date.month - 1], day, text + 11);
	}
	a->reply.retry_after = a->retry_after;
}

static void cut_body(struct arrival *a)
{
	static char half[64 * 1024];

	arrival_carry_out(a);
	size_t n = strlen(a->reply.body ? a->reply.body : "");
	if (n < 4 || n >= sizeof half)
		return;
	memcpy(half, a->reply.body, n / 2);
	half[n / 2] = '\0';
	a->reply.body = half;
}

static void lose(struct arrival *a, enum transport_failure failure, bool before)
{
	if (!before)
		arrival_carry_out(a);
	a->reply.failure = failure;
	if (failure == TRANSPORT_TIMEOUT)
		a->reply.delay_ms = a->request->timeout_ms;
	if (failure != TRANSPORT_NOT_SENT)
		note_mail_doubt(a);
}

static void trouble(struct arrival *a, int status, bool before)
{
	if (!before)
		arrival_carry_out(a);
	arrival_fail(a, status, "trouble on their side");
	note_mail_doubt(a);
}

/* False: it does not apply to this call. */
static bool happen(struct arrival *a, enum sim_fault fault)
{
	switch (fault) {
	case MISS_NOT_SENT:
		lose(a, TRANSPORT_NOT_SENT, true);
		return true;
	case MISS_LOST_BEFORE:
	case MISS_LOST_AFTER:
		lose(a, TRANSPORT_LOST, fault == MISS_LOST_BEFORE);
		return true;
	case MISS_TIMEOUT_BEFORE:
	case MISS_TIMEOUT_AFTER:
		lose(a, TRANSPORT_TIMEOUT, fault == MISS_TIMEOUT_BEFORE);
		return true;
	case MISS_CUT:
		cut_body(a);
		return true;
	case MISS_PAGE:
		a->reply.body = "<html><body>Please log in</body></html>";
		a->reply.content_type = "text/html";
		note_mail_doubt(a);
		return true;
	case MISS_429:
	case MISS_429_SECONDS:
	case MISS_429_DATE:
		refuse_429(a, fault);
		return true;
	case MISS_500_BEFORE:
	case MISS_500_AFTER:
		trouble(a, 500, fault == MISS_500_BEFORE);
		return true;
	case MISS_503_BEFORE:
	case MISS_503_AFTER:
		trouble(a, 503, fault == MISS_503_BEFORE);
		return true;
	case MISS_401:
		if (arrival_is_token(a))
			return false;
		a->sim->token_expires = 0;
		arrival_carry_out(a);
		return true;
	case MISS_UNLISTED:
		return hide_what_is_made(a);
	case MISS_SLOW:
		arrival_carry_out(a);
		a->reply.delay_ms = 500 + (int64_t)sim_below(&a->sim->weather, 20000);
		return true;
	case MISS_STALE:
	case MISS_RACE_NAME:
	case MISS_RACE_LOGIN:
		if (!(fault == MISS_STALE         ? write_before(a)
			: fault == MISS_RACE_NAME ? take_name(a)
						  : take_login(a)))
			return false;
		arrival_carry_out(a);
		return true;
	default:
		return false;
	}
}

static enum sim_fault pick_fault(struct arrival *a)
{
	unsigned total = 0;

	for (size_t i = 0; i < SIM_FAULT_COUNT; i++)
		total += (a->change ? faults[i].changes : faults[i].reads) ? faults[i].weight : 0;
	unsigned at = (unsigned)sim_below(&a->sim->weather, total);
	for (size_t i = 0; i < SIM_FAULT_COUNT; i++) {
		unsigned weight = (a->change ? faults[i].changes : faults[i].reads) ? faults[i].weight : 0;
		if (at < weight)
			return (enum sim_fault)i;
		at -= weight;
	}
	return MISS_SLOW;
}

static bool is_down(const struct sim *sim)
{
	return (int64_t)sim->events >= sim->down_from && (int64_t)sim->events < sim->down_until;
}

static void meet_the_weather(struct arrival *a)
{
	struct sim *sim = a->sim;

	a->reply = (struct fake_reply){
	    .status = 200, .body = "", .delay_ms = 5 + (int64_t)sim_below(&sim->weather, 80)};
	if (is_down(sim)) {
		trouble(a, 503, true);
		sim->stats.faults[MISS_503_BEFORE]++;
		return;
	}
	if (sim_chance(&sim->weather, sim->fault_permille)) {
		enum sim_fault fault = pick_fault(a);
		if (happen(a, fault)) {
			sim->stats.faults[fault]++;
			return;
		}
	}
	arrival_carry_out(a);
}

void weather_arrive(struct arrival *a)
{
	meet_the_weather(a);
	lists_arrive(a);
}
