/* A client over a scripted transport and a clock that stands still, for the tests of the client. */
#ifndef CLIENT_STAGE_H
#define CLIENT_STAGE_H

#include "fake_transport.h"
#include "tenantry/acronis.h"

#define CLIENT_SECRET "s3cret-of-the-client"

struct client_stage {
	struct clock clock; /* begins at 2026-11-22T12:43:40Z, monotonic 0 */
	struct fake_transport *fake;
	struct acronis_client *client;
};

/* What the callback of a call was told; zero it first. */
struct told {
	int times;
	struct acronis_answer last; /* without its body */
	int64_t at;                 /* monotonic */
	struct client_stage *stage;
	const char *then_get; /* a FetchTenant of this id is sent from inside the callback */
};

extern const int64_t client_stage_start;                    /* wall clock */
extern const struct acronis_settings client_stage_settings; /* 4 connections, 3 retries, no rate */

void stage_open(
    struct client_stage *stage, const struct acronis_settings *settings); /* NULL: client_stage_settings */
void stage_close(struct client_stage *stage);
/* An acronis_done whose user is a struct told with its stage set. */
void stage_note(void *user, const struct acronis_answer *answer);
void stage_send(
    struct client_stage *stage, struct told *told, enum acronis_call call, const char *a, json_t *body);
void stage_turn(struct client_stage *stage, int times); /* turns that wait for nothing */
void stage_run(struct client_stage *stage);             /* until nothing is pending */
struct told stage_call(struct client_stage *stage, enum acronis_call call, json_t *body);

#define assert_result(told, expected)                                                                        \
	assert_string_equal(api_result_name((told).last.result), api_result_name(expected))

#endif
