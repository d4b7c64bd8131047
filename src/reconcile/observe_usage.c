/* What /tenants/usages counts at tenants whose invoices bill no usage. Month to date, trailing by seconds to
 * hours, and of another month than the invoices: it can only say that somebody should look (acronis-notes.md
 * section 6). */
#include "reconcile/observe_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/log.h"
#include "tenantry/mem.h"

enum { IDS_A_CALL = 100, NAMED_MAX = 3 };

struct usages {
	const char *const *ids;
	size_t count, next;
	const char *month;
	struct arena *arena;
	struct usage_note *items;
	size_t found, cap;
	uint64_t failed;
};

/* "storage 120, workstations 3"; "" when nothing is used. */
static void name_usages(const json_t *list, struct strbuf *out)
{
	const json_t *usage;
	size_t i, named = 0, more = 0;

	json_array_foreach(list, i, usage)
	{
		const char *name = json_string_value(json_object_get(usage, "name"));
		json_int_t value = json_integer_value(json_object_get(usage, "value"));
		if (value <= 0 || !name)
			continue;
		if (named++ >= NAMED_MAX) {
			more++;
			continue;
		}
		strbuf_addf(out, "%s%s %" PRIdMAX, out->n ? ", " : "", name, (intmax_t)value);
	}
	if (more > 0)
		strbuf_addf(out, " and %zu more", more);
}

static void take_batch(struct usages *u, const json_t *body)
{
	const json_t *items = json_object_get(body, "items"), *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const char *id = json_string_value(json_object_get(item, "tenant"));
		struct strbuf text = {0};
		char normal[UUID_TEXT_SIZE];
		name_usages(json_object_get(item, "usages"), &text);
		if (text.n > 0 && id && uuid_normal(strv_of(id), normal)) {
			MEM_GROW(u->items, u->found, u->cap);
			u->items[u->found++] =
			    (struct usage_note){.tenant_id = arena_strdup(u->arena, normal),
				.text = arena_strdup(u->arena, text.p),
				.month = u->month};
		}
		strbuf_free(&text);
	}
}

static void answered(struct gather *g, const struct ask *ask, const struct acronis_answer *answer)
{
	struct usages *u = g->state;

	(void)ask;
	if (answer->result == API_OK && json_is_array(json_object_get(answer->body, "items")))
		take_batch(u, answer->body);
	else if (u->failed++ == 0)
		log_warn("usage could not be read: %s", answer->text);
}

static bool feed(struct gather *g)
{
	struct usages *u = g->state;
	struct strbuf query = {0};

	if (u->next == u->count)
		return false;
	for (size_t n = 0; n < IDS_A_CALL && u->next < u->count; n++, u->next++)
		strbuf_addf(&query, "%s%s", n ? "%2C" : "tenants=", u->ids[u->next]);
	gather_ask(g, &(struct ask){.answered = answered},
	    &(struct acronis_request){.call = CALL_USAGES, .query = query.p});
	strbuf_free(&query);
	return true;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct usage_note *)a)->tenant_id, ((const struct usage_note *)b)->tenant_id);
}

int observe_usages(const struct observe *observe, const char *const *tenant_ids, size_t count,
    const char *month, struct arena *arena, struct usage_note **out, size_t *found, struct error *err)
{
	struct observation *none = observation_new();
	struct gather *g = gather_new(observe, none);
	struct usages u = {.ids = tenant_ids, .count = count, .month = month, .arena = arena};

	g->state = &u;
	int rc = gather_run(g, feed, err);
	gather_free(g);
	observation_free(none);
	if (u.found > 0)
		qsort(u.items, u.found, sizeof *u.items, by_id);
	*found = u.found;
	*out = u.found ? arena_alloc(arena, u.found * sizeof **out) : NULL;
	if (u.found > 0)
		memcpy(*out, u.items, u.found * sizeof **out);
	free(u.items);
	return rc;
}
