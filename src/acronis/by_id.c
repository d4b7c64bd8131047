/* Tenants by their ids: a hundred a call, and each by itself where that says nothing of it; see acronis.h. */
#include "tenantry/acronis.h"

#include <stdlib.h>

#include "tenantry/mem.h"

enum { IDS_A_CALL = 100, WINDOW = 8 /* under way at once */, TURN_MS = 250 };

/* On the heap: who asked may have gone before the last answer comes. */
struct reading {
	struct acronis_client *client;
	struct acronis_by_id asked;
	char **ids;
	size_t count, next;
	bool *answered;
	size_t *alone; /* each by itself */
	size_t alone_count, alone_next;
	size_t outstanding;
};

struct one {
	struct reading *reading;
	size_t number; /* of the id; of a batch the first */
};

static void feed(struct reading *r);

static void dispose(struct reading *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->ids[i]);
	free(r->ids);
	free(r->answered);
	free(r->alone);
	free(r);
}

static void answer(struct reading *r, size_t number, const struct acronis_id_answer *found)
{
	r->answered[number] = true;
	r->asked.answer(r->asked.user, r->ids[number], found);
}

static enum by_id there(const json_t *tenant)
{
	const char *deleted = json_string_value(json_object_get(tenant, "deleted_at"));

	return deleted && deleted[0] ? BY_ID_DELETED : BY_ID_HERE;
}

static void arrived(struct one *one)
{
	struct reading *r = one->reading;

	free(one);
	r->outstanding--;
	feed(r);
}

/* ---- A batch. */

static size_t end_of_batch(const struct reading *r, size_t first)
{
	return first + IDS_A_CALL < r->count ? first + IDS_A_CALL : r->count;
}

static int take_listed(void *user, const json_t *item, struct error *err)
{
	struct one *batch = user;
	struct reading *r = batch->reading;
	struct strv id = strv_of(json_string_value(json_object_get(item, "id")));

	(void)err;
	for (size_t i = batch->number; i < end_of_batch(r, batch->number); i++)
		if (!r->answered[i] && strv_eq_nocase(strv_of(r->ids[i]), id))
			answer(r, i,
			    &(struct acronis_id_answer){
				.how = there(item), .result = API_OK, .tenant = item, .text = ""});
	return 0;
}

/* A batch is refused as a whole when one of its tenants is not there or not below us (notes section 7). */
static bool is_refused(enum api_result result)
{
	return result == API_NOT_FOUND || result == API_FORBIDDEN || result == API_REFUSED;
}

/* A list that passes over an id has not said that it is not there: only its own answer does. */
static void batch_end(void *user, enum api_result result, const char *timestamp, const struct error *err)
{
	struct one *batch = user;
	struct reading *r = batch->reading;

	(void)timestamp;
	for (size_t i = batch->number; i < end_of_batch(r, batch->number); i++) {
		if (r->answered[i])
			continue;
		if (result == API_OK || is_refused(result))
			r->alone[r->alone_count++] = i;
		else
			answer(r, i,
			    &(struct acronis_id_answer){.how = BY_ID_FAILED,
				.result = result,
				.shared = true,
				.text = err->text,
				.err = err});
	}
	arrived(batch);
}

static void send_batch(struct reading *r)
{
	struct strbuf query = {0};
	struct one *batch = mem_zalloc(sizeof *batch);

	*batch = (struct one){r, r->next};
	for (; r->next < end_of_batch(r, batch->number); r->next++) {
		strbuf_adds(&query, r->next == batch->number ? "uuids=" : "%2C");
		strbuf_add_url(&query, strv_of(r->ids[r->next]));
	}
	strbuf_adds(&query, "&allow_deleted=true");
	acronis_list(r->client, &(struct acronis_listing){.call = CALL_TENANTS,
				    .query = query.p,
				    .item = take_listed,
				    .end = batch_end,
				    .user = batch});
	strbuf_free(&query);
}

/* ---- One by itself. */

static enum by_id how_of(const struct acronis_answer *answer)
{
	switch (answer->result) {
	case API_OK:
		return there(answer->body);
	case API_NOT_FOUND:
		return BY_ID_NOT_FOUND;
	case API_FORBIDDEN:
		return BY_ID_HIDDEN;
	default:
		return BY_ID_FAILED;
	}
}

static void one_answered(void *user, const struct acronis_answer *got)
{
	struct one *one = user;
	struct error err = {0};

	if (got->result != API_OK)
		acronis_answer_error(got, &err);
	answer(one->reading, one->number,
	    &(struct acronis_id_answer){.how = how_of(got),
		.result = got->result,
		.tenant = got->result == API_OK ? got->body : NULL,
		.text = got->text,
		.err = &err});
	arrived(one);
}

static void send_one(struct reading *r)
{
	struct one *one = mem_zalloc(sizeof *one);

	*one = (struct one){r, r->alone[r->alone_next++]};
	acronis_send(r->client, &(struct acronis_request){.call = CALL_TENANT,
				    .a = r->ids[one->number],
				    .query = "allow_deleted=true",
				    .done = one_answered,
				    .user = one});
}

static void feed(struct reading *r)
{
	while (r->outstanding < WINDOW && (r->next < r->count || r->alone_next < r->alone_count)) {
		r->outstanding++;
		if (r->next < r->count)
			send_batch(r);
		else
			send_one(r);
	}
	if (r->outstanding > 0)
		return;
	r->asked.end(r->asked.user);
	dispose(r);
}

void acronis_by_id(struct acronis_client *client, const struct acronis_by_id *asked)
{
	struct reading *r = mem_zalloc(sizeof *r);

	*r = (struct reading){.client = client, .asked = *asked, .count = asked->count};
	r->ids = mem_zalloc((r->count + 1) * sizeof *r->ids);
	r->answered = mem_zalloc(r->count + 1);
	r->alone = mem_zalloc((r->count + 1) * sizeof *r->alone);
	for (size_t i = 0; i < r->count; i++)
		r->ids[i] = mem_strdup(asked->ids[i]);
	feed(r);
}

/* ---- The same, waiting. */

struct waiter {
	struct acronis_by_id asked;
	bool ended, abandoned;
};

static void pass_answer(void *user, const char *id, const struct acronis_id_answer *answer)
{
	struct waiter *waiter = user;

	if (!waiter->abandoned)
		waiter->asked.answer(waiter->asked.user, id, answer);
}

static void note_end(void *user)
{
	struct waiter *waiter = user;

	waiter->ended = true;
	if (waiter->abandoned)
		free(waiter);
}

int acronis_by_id_wait(struct acronis_client *client, const struct acronis_by_id *asked, struct error *err)
{
	struct waiter *waiter = mem_zalloc(sizeof *waiter);
	struct acronis_by_id passed = *asked;

	waiter->asked = *asked;
	passed.answer = pass_answer;
	passed.end = note_end;
	passed.user = waiter;
	acronis_by_id(client, &passed);
	while (!waiter->ended) {
		if (acronis_turn(client, TURN_MS, err) < 0) {
			waiter->abandoned = true;
			return -1;
		}
	}
	free(waiter);
	return 0;
}
