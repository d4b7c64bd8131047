/* A sandbox in memory with a clock that stands still, and requests to it without a socket. */
#ifndef TESTS_SANDBOX_FIXTURE_H
#define TESTS_SANDBOX_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sandbox/exchange.h"
#include "sandbox/operations.h"
#include "sandbox/world.h"
#include "tenantry/mem.h"

#define NOON INT64_C(1795348800000) /* 2026-11-22T12:00:00Z */

struct fixture {
	struct sandbox_settings settings;
	struct clock clock;
	struct sandbox box;
	char *token;
	struct exchange x; /* the last request */
	char json[4096];   /* its reply as text, cut */
};

static inline void fixture_request(
    struct fixture *f, const char *method, const char *target, const char *body)
{
	char *authorization = mem_printf("Bearer %s", f->token ? f->token : "");

	exchange_free(&f->x);
	exchange_init(&f->x, &f->box);
	f->x.method = method;
	f->x.target = arena_strdup(f->x.arena, target);
	f->x.authorization = arena_strdup(f->x.arena, authorization);
	f->x.content_type = body ? "application/json" : NULL;
	f->x.body = (struct strv){arena_strdup(f->x.arena, body ? body : ""), body ? strlen(body) : 0};
	f->x.loopback = true;
	free(authorization);
	sandbox_handle(&f->box, &f->x);
	char *text = f->x.reply ? json_dumps(f->x.reply, JSON_COMPACT) : NULL;
	snprintf(f->json, sizeof f->json, "%s", text ? text : "");
	free(text);
}

static inline const char *fixture_text(const struct fixture *f, const char *name)
{
	return json_string_value(json_object_get(f->x.reply, name));
}

static inline int64_t fixture_number(const struct fixture *f, const char *name)
{
	return json_integer_value(json_object_get(f->x.reply, name));
}

static inline json_t *fixture_items(const struct fixture *f)
{
	return json_object_get(f->x.reply, "items");
}

/* The code of an error envelope: a platform code, or 0 when it is a word. */
static inline int64_t fixture_code(const struct fixture *f)
{
	return json_integer_value(json_object_get(json_object_get(f->x.reply, "error"), "code"));
}

static inline void fixture_sign_in(struct fixture *f)
{
	exchange_free(&f->x);
	exchange_init(&f->x, &f->box);
	f->x.method = "POST";
	f->x.target = "/api/2/idp/token";
	f->x.content_type = "application/x-www-form-urlencoded";
	f->x.body = STRV(
	    "grant_type=client_credentials&client_id=" WELL_KNOWN_CLIENT "&client_secret=" WELL_KNOWN_SECRET);
	sandbox_handle(&f->box, &f->x);
	free(f->token);
	f->token = mem_strdup(fixture_text(f, "access_token"));
}

/* settings may name what is not the default; NULL: all defaults. */
static inline void fixture_open(struct fixture *f, const struct sandbox_settings *settings)
{
	struct error err = {0};

	*f = (struct fixture){.settings = settings ? *settings : (struct sandbox_settings){0}};
	f->settings.seeded = true;
	f->settings.token_life_ms = f->settings.token_life_ms ? f->settings.token_life_ms : 7200000;
	f->settings.tier_low = -2;
	f->settings.tier_high = 7;
	clock_manual(&f->clock, NOON);
	if (sandbox_open(&f->box, &f->settings, &f->clock, &err) < 0)
		fail_msg("%s", err.text);
	exchange_init(&f->x, &f->box);
	fixture_sign_in(f);
}

static inline void fixture_close(struct fixture *f)
{
	exchange_free(&f->x);
	free(f->token);
	sandbox_close(&f->box);
}

#endif
