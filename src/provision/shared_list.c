/* See shared_list.h. */
#include "shared_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "tenantry/completeness.h"
#include "tenantry/log.h"
#include "tenantry/mem.h"

struct waiter {
	struct flow *flow;
	uint64_t begun; /* so many lists had begun when it came: those are too old, but for its `since` */
	int64_t since;  /* monotonic: one that began then or later will do */
};

/* On the heap: the client calls back also when nobody waits any more. */
struct reading {
	struct shared_list *list; /* NULL: given up */
	struct arena *arena;      /* of one tenant */
	struct id_set ids;
	uint64_t mark; /* of the world, when it began */
};

struct shared_list {
	struct flow_env *env;
	struct waiter *waiters;
	size_t count, cap;
	struct reading *reading; /* NULL none */
	uint64_t begun;          /* lists, so far */
	int64_t began_at;        /* the last of them */
	int64_t wake_at;         /* before it is read again */
	unsigned reads;          /* of the same need; 0: none is owed */
	bool ended;              /* `last` says how the one that began at began_at ended */
	struct shared_answer last;
};

struct shared_list *shared_list_new(struct flow_env *env)
{
	struct shared_list *list = mem_zalloc(sizeof *list);

	list->env = env;
	return list;
}

void shared_list_free(struct shared_list *list)
{
	if (!list)
		return;
	if (list->reading)
		list->reading->list = NULL;
	free(list->waiters);
	free(list);
}

static bool will_do(const struct shared_list *list, const struct waiter *waiter)
{
	return list->begun > waiter->begun || (list->begun > 0 && list->began_at >= waiter->since);
}

bool shared_list_wait(struct shared_list *list, struct flow *flow, int64_t age, struct shared_answer *out)
{
	int64_t now = clock_mono_ms(list->env->clock);
	struct waiter waiter = {flow, list->begun, age > 0 ? now - age : INT64_MAX};

	if (list->ended && list->last.proved && will_do(list, &waiter)) {
		*out = list->last;
		return true;
	}
	MEM_GROW(list->waiters, list->count, list->cap);
	list->waiters[list->count++] = waiter;
	return false;
}

void shared_list_forget(struct shared_list *list, const struct flow *flow)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (list->waiters[i].flow == flow)
			list->waiters[i--] = list->waiters[--list->count];
}

/* ---- A list is over. */

static void tell(struct shared_list *list)
{
	struct waiter *waiters = list->waiters;
	size_t count = list->count;

	/* Who is told may come back to wait. */
	list->waiters = NULL;
	list->count = list->cap = 0;
	for (size_t i = 0; i < count; i++) {
		if (will_do(list, &waiters[i])) {
			flow_listed(waiters[i].flow, &list->last);
		} else {
			MEM_GROW(list->waiters, list->count, list->cap);
			list->waiters[list->count++] = waiters[i];
		}
	}
	free(waiters);
}

static void judge(
    struct shared_list *list, const struct reading *reading, enum api_result result, const struct error *err)
{
	struct shared_answer *last = &list->last;
	const struct acronis_tenant *lacking;

	*last = (struct shared_answer){.answer = {.result = result}};
	if (result != API_OK || err->code != ERR_NONE) {
		if (result == API_OK)
			last->answer.result = API_UNREADABLE;
		last->answer.their_side = result == API_UNAVAILABLE || result == API_UNREADABLE;
		snprintf(last->answer.text, sizeof last->answer.text, "%.*s",
		    (int)sizeof last->answer.text - 1, err->text);
		return;
	}
	lacking = world_child_not_in(list->env->world, reading->mark, &reading->ids);
	last->lags = lacking != NULL;
	last->proved = !last->lags;
	if (lacking)
		snprintf(last->answer.text, sizeof last->answer.text,
		    "the list of tenants lags behind: it lacks tenant %s, which was there before",
		    lacking->id);
}

static void end(
    struct shared_list *list, const struct reading *reading, enum api_result result, const struct error *err)
{
	int64_t now = clock_mono_ms(list->env->clock);

	judge(list, reading, result, err);
	if (!list->last.proved && list_may_be_read_again(result) && list->reads < LISTING_READS) {
		log_warn("the list of tenants is read again: %s", list->last.answer.text);
		list->wake_at = now + list->env->job->acronis.settle_ms;
		return;
	}
	list->reads = 0;
	list->ended = true;
	tell(list);
}

/* ---- The reading. */

static int on_item(void *user, const json_t *item, struct error *err)
{
	struct reading *reading = user;
	struct acronis_tenant tenant;

	if (!reading->list || reading->list->env->broken)
		return error_set(err, ERR_ACRONIS, "the listing was given up");
	arena_reset(reading->arena);
	if (acronis_tenant_decode(item, reading->arena, &tenant, err) < 0)
		return -1;
	world_put(reading->list->env->world, &tenant);
	id_set_add(&reading->ids, tenant.id);
	return 0;
}

static void on_end(void *user, enum api_result result, const char *timestamp, const struct error *err)
{
	struct reading *reading = user;
	struct shared_list *list = reading->list;

	(void)timestamp;
	if (list) {
		list->reading = NULL;
		list->env->in_flight--;
		if (!list->env->halted)
			end(list, reading, result, err);
	}
	id_set_free(&reading->ids);
	arena_free(reading->arena);
	free(reading);
}

static void begin(struct shared_list *list)
{
	struct flow_env *env = list->env;
	struct reading *reading = mem_zalloc(sizeof *reading);
	char *query = mem_printf("parent_id=%s&allow_deleted=true", env->session->parent);

	*reading = (struct reading){.list = list, .arena = arena_new(), .mark = world_mark(env->world)};
	list->reading = reading;
	list->begun++;
	list->began_at = clock_mono_ms(env->clock);
	list->ended = false;
	list->reads++;
	env->in_flight++;
	acronis_list(env->session->client,
	    &(struct acronis_listing){
		.call = CALL_TENANTS, .query = query, .item = on_item, .end = on_end, .user = reading});
	free(query);
}

void shared_list_turn(struct shared_list *list)
{
	if (list->reading || list->env->halted)
		return;
	if (list->count == 0)
		list->reads = 0; /* nobody needs it any more */
	else if (list->reads == 0 || clock_mono_ms(list->env->clock) >= list->wake_at)
		begin(list);
}

size_t shared_list_busy(const struct shared_list *list)
{
	return list->reading || list->reads == 0 ? list->count : 0;
}

int64_t shared_list_due(const struct shared_list *list, int64_t most)
{
	int64_t wait = list->reads > 0 ? list->wake_at - clock_mono_ms(list->env->clock) : 0;

	if (list->count == 0 || list->reading || wait >= most)
		return most;
	return wait > 0 ? wait : 0;
}
