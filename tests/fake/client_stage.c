/* See client_stage.h. */
#include "client_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

const int64_t client_stage_start = INT64_C(1795351420000);

const struct acronis_settings client_stage_settings = {.url = "http://127.0.0.1:1/",
    .client_id = "the-client",
    .client_secret = CLIENT_SECRET,
    .connections = 4,
    .timeout_ms = 30000,
    .retries = 3,
    .page_size = 2,
    .random_seed = 7};

void stage_open(struct client_stage *s, const struct acronis_settings *settings)
{
	clock_manual(&s->clock, client_stage_start);
	s->fake = fake_transport_new(&s->clock);
	s->client = acronis_client_new(
	    settings ? settings : &client_stage_settings, fake_transport_base(s->fake), &s->clock);
}

void stage_close(struct client_stage *s)
{
	acronis_client_free(s->client);
	fake_transport_free(s->fake);
}

void stage_note(void *user, const struct acronis_answer *answer)
{
	struct told *told = user;
	const char *id = told->then_get;

	told->times++;
	told->last = *answer;
	told->last.body = NULL;
	told->at = clock_mono_ms(&told->stage->clock);
	told->then_get = NULL;
	if (id)
		acronis_send(
		    told->stage->client, &(struct acronis_request){
					     .call = CALL_TENANT, .a = id, .done = stage_note, .user = told});
}

void stage_send(
    struct client_stage *s, struct told *told, enum acronis_call call, const char *a, json_t *body)
{
	told->stage = s;
	acronis_send(s->client,
	    &(struct acronis_request){
		.call = call, .a = a, .b = "b", .c = "c", .body = body, .done = stage_note, .user = told});
}

void stage_turn(struct client_stage *s, int times)
{
	struct error err = {0};

	for (int i = 0; i < times; i++)
		assert_int_equal(acronis_turn(s->client, 0, &err), 0);
}

void stage_run(struct client_stage *s)
{
	struct error err = {0};

	for (int i = 0; i < 100000 && acronis_pending(s->client) > 0; i++)
		assert_int_equal(acronis_turn(s->client, 1000, &err), 0);
	assert_int_equal(acronis_pending(s->client), 0);
}

struct told stage_call(struct client_stage *s, enum acronis_call which, json_t *body)
{
	struct told told = {0};

	stage_send(s, &told, which, "id", body);
	stage_run(s);
	assert_int_equal(told.times, 1);
	return told;
}
