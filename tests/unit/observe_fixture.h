/* Acronis behind a scripted transport, and one observation of it: what the tests of reading share. */
#ifndef OBSERVE_FIXTURE_H
#define OBSERVE_FIXTURE_H

#include "reconcile_fixture.h"

#include <signal.h>

#include "../fake/fake_transport.h"

#define PLATFORM "7459244f-68f3-3bf4-9f53-5f63ecc1d91f"

struct setup {
	struct night *n;
	struct clock clock;
	struct fake_transport *fake;
	struct acronis_client *client;
	struct acronis_session session;
	struct observe observe;
	struct error err;
	volatile int stop;
	uint64_t progress_done, progress_total;
	int beats, beat_result;
};

static inline int setup(void **state)
{
	struct setup *s = mem_zalloc(sizeof *s);
	const struct acronis_settings settings = {.url = "https://cloud.example.com",
	    .client_id = "id",
	    .client_secret = "secret-value",
	    .connections = 4,
	    .timeout_ms = 1000,
	    .retries = 1,
	    .page_size = 2,
	    .random_seed = 1};

	s->n = night_new();
	s->n->job->acronis.url = "https://cloud.example.com";
	s->n->job->acronis.connections = 4;
	s->n->job->acronis.page_size = 2;
	clock_manual(&s->clock, s->n->now);
	s->fake = fake_transport_new(&s->clock);
	s->client = acronis_client_new(&settings, fake_transport_base(s->fake), &s->clock);
	s->session = (struct acronis_session){.client = s->client, .parent = PARENT, .platform_id = PLATFORM};
	s->observe = (struct observe){.job = s->n->job,
	    .session = &s->session,
	    .known = s->n->known,
	    .subscriptions = &s->n->subscriptions,
	    .clock = &s->clock,
	    .stop = &s->stop};
	*state = s;
	return 0;
}

static inline int teardown(void **state)
{
	struct setup *s = *state;

	acronis_client_free(s->client);
	fake_transport_free(s->fake);
	night_free(s->n);
	free(s);
	return 0;
}

static inline char *tenant_json(struct setup *s, int number, const char *more)
{
	return arena_printf(s->n->arena,
	    "{\"id\":\"%s\",\"parent_id\":\"" PARENT
	    "\",\"version\":1,\"name\":\"Company %d\",\"kind\":\"partner\",\"enabled\":true,"
	    "\"customer_id\":\"%d\",\"internal_tag\":\"main/OI-%d\",\"contact\":{},\"deleted_at\":null,\"updated_at\":\"2026-11-01T00:00:00\"%s}",
	    tenant_id(s->n, number), number, number, number, more);
}

#define ELSEWHERE ",\"parent_id\":\"00000000-0000-4000-8000-0000000000aa\""

static inline void list(struct setup *s, const char *prefix, const char *items, const char *after)
{
	fake_on(s->fake, HTTP_GET, prefix, 200,
	    arena_printf(s->n->arena,
		"{\"timestamp\":\"2026-11-22T00:00:01\",\"paging\":{\"cursors\":{%s%s%s}},\"items\":[%s]}",
		after ? "\"after\":\"" : "", after ? after : "", after ? "\"" : "", items));
}

/* The details of one tenant; the tier is what stands in "own". */
static inline void details(
    struct setup *s, int number, const char *pricing, const char *tier, const char *licensing)
{
	const char *id = tenant_id(s->n, number);
	struct arena *a = s->n->arena;

	fake_on(s->fake, HTTP_GET, arena_printf(a, "/tenants/%s/pricing", id), 200, pricing);
	fake_on(s->fake, HTTP_GET,
	    arena_printf(a, "/applications/" PLATFORM "/settings/tenants/%s/tier_level_value", id), 200,
	    arena_printf(a,
		"{\"name\":\"tier_level_value\",\"application_id\":\"" PLATFORM
		"\",\"own\":%s,\"effective\":null}",
		tier));
	fake_on(s->fake, HTTP_GET,
	    arena_printf(a, "/applications/" PLATFORM "/settings/tenants/%s/licensing_mode", id), 200,
	    arena_printf(a,
		"{\"name\":\"licensing_mode\",\"application_id\":\"" PLATFORM
		"\",\"own\":%s,\"effective\":null}",
		licensing));
}

#define PRICING                                                                                              \
	"{\"mode\":\"production\",\"currency\":\"USD\",\"version\":1497533157730,\"production_start_date\":null}"
#define PER_GB "{\"value\":\"per_gb\",\"lock\":false,\"exclusive\":false}"
#define TIER(value) "{\"value\":" #value ",\"lock\":false,\"exclusive\":false}"

static inline struct observation *observe(struct setup *s)
{
	s->observe.known_count = s->n->known_count;
	struct observation *o = observe_tenants(&s->observe, &s->err);
	if (!o)
		fail_msg("%s", s->err.text);
	return o;
}

#endif
