/* All pages of a list; see acronis_list() in acronis.h. Cursors are opaque: encoded, sent back, compared,
 * never parsed (acronis-notes.md section 2.1). Keeps one page at a time; whether the pages make a list that
 * can be believed is completeness.h's to say. */
#include "tenantry/acronis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client_impl.h"
#include "tenantry/completeness.h"
#include "tenantry/mem.h"

#define FOREIGN_HINT "something else than the Acronis API answered: check acronis.url"

enum { TURN_MS = 1000 };

struct pages {
	struct acronis_client *client;
	struct acronis_listing listing;
	char *asked; /* the query, where it names ids; NULL */
	struct listing_pages check;
	struct digest *seen; /* cursors that were followed */
	size_t seen_count, seen_cap;
	char timestamp[40];
	bool first_done;
};

static void on_page(void *user, const struct acronis_answer *answer);

static void ask(struct pages *p, const char *query)
{
	acronis_send(p->client,
	    &(struct acronis_request){.call = p->listing.call, .query = query, .done = on_page, .user = p});
}

static void end(struct pages *p, enum api_result result, const struct error *err)
{
	p->listing.end(p->listing.user, result, p->timestamp, err);
	listing_pages_free(&p->check);
	free(p->asked);
	free(p->seen);
	free(p);
}

static int refuse(struct pages *p, enum listing_fault fault, const char *name, struct error *err)
{
	error_set(err, ERR_ACRONIS, "%s: page %llu%s%.200s%s: %s", acronis_call_name(p->listing.call),
	    (unsigned long long)p->check.pages + 1, name[0] ? ", \"" : "", name, name[0] ? "\"" : "",
	    listing_fault_text(fault));
	return error_hint(
	    err, "such a list is not believed; try again, and report it to Acronis when it stays");
}

/* Its id, or NULL. What the element is beyond that the caller decodes. */
static const char *id_of(const json_t *item)
{
	return json_string_value(json_object_get(item, "id"));
}

static int give_item(struct pages *p, const json_t *item, struct error *err)
{
	const char *id = id_of(item), *name = json_string_value(json_object_get(item, "name"));
	enum listing_fault fault = listing_pages_element(&p->check, id);

	if (fault != LISTING_WHOLE)
		return refuse(p, fault, name ? name : id ? id : "", err);
	return p->listing.item(p->listing.user, item, err);
}

static int give_items(struct pages *p, const json_t *body, struct error *err)
{
	const json_t *items = json_object_get(body, "items"), *item;
	size_t i;

	if (!json_is_array(items)) {
		error_set(err, ERR_ACRONIS, "%s: items is not an array", acronis_call_name(p->listing.call));
		return error_hint(err, FOREIGN_HINT);
	}
	json_array_foreach(items, i, item)
	{
		if (give_item(p, item, err) < 0)
			return -1;
	}
	return 0;
}

/* The next cursor, "" at the end (absent, null and empty are all the end), NULL with an error. */
static const char *next_cursor(struct pages *p, const json_t *body, struct error *err)
{
	const json_t *after =
	    json_object_get(json_object_get(json_object_get(body, "paging"), "cursors"), "after");
	const char *call = acronis_call_name(p->listing.call);

	if (!after || json_is_null(after))
		return "";
	if (!json_is_string(after)) {
		error_set(err, ERR_ACRONIS, "%s: paging.cursors.after is not a text", call);
		error_hint(err, FOREIGN_HINT);
		return NULL;
	}
	struct digest digest = digest_of(strv_of(json_string_value(after)));
	for (size_t i = 0; i < p->seen_count; i++) {
		if (p->seen[i].high != digest.high || p->seen[i].low != digest.low)
			continue;
		error_set(err, ERR_ACRONIS,
		    "%s: page %zu gives the cursor of page %zu again, the listing would never end", call,
		    p->seen_count + 1, i + 1);
		error_hint(err, "nothing was compared; try again, and report it to Acronis when it stays");
		return NULL;
	}
	MEM_GROW(p->seen, p->seen_count, p->seen_cap);
	p->seen[p->seen_count++] = digest;
	return json_string_value(after);
}

static bool turn_page(struct pages *p, const char *after, struct error *err)
{
	enum listing_fault fault = listing_pages_turn(&p->check, after[0] != '\0');

	if (fault != LISTING_WHOLE)
		refuse(p, fault, "", err);
	return fault == LISTING_WHOLE;
}

static void on_page(void *user, const struct acronis_answer *answer)
{
	struct pages *p = user;
	struct error err = {0};
	struct strbuf query = {0};
	const char *timestamp = json_string_value(json_object_get(answer->body, "timestamp"));

	if (answer->result != API_OK) {
		acronis_answer_error(answer, &err);
		end(p, answer->result, &err);
		return;
	}
	if (!p->first_done)
		snprintf(p->timestamp, sizeof p->timestamp, "%s", timestamp ? timestamp : "");
	p->first_done = true;
	const char *after = give_items(p, answer->body, &err) < 0 ? NULL : next_cursor(p, answer->body, &err);
	if (after && !turn_page(p, after, &err))
		after = NULL;
	if (!after || !after[0]) {
		end(p, after ? API_OK : API_UNREADABLE, &err);
		return;
	}
	strbuf_addf(&query, "limit=%lld&after=", (long long)client_page_size(p->client));
	strbuf_add_url(&query, strv_of(after));
	ask(p, query.p);
	strbuf_free(&query);
}

void acronis_list(struct acronis_client *client, const struct acronis_listing *listing)
{
	struct pages *p = mem_zalloc(sizeof *p);
	const char *filters = listing->query ? listing->query : "";
	char *query =
	    mem_printf("%s%slimit=%lld", filters, filters[0] ? "&" : "", (long long)client_page_size(client));

	p->client = client;
	p->listing = *listing;
	if (strncmp(filters, "uuids=", 6) == 0)
		p->asked = mem_strdup(filters);
	struct listing_bounds bounds =
	    listing_bounds_of(listing->last > 0 ? (int64_t)listing->last : -1, client_page_size(client));
	bounds.changes = listing->changes;
	bounds.asked = p->asked;
	listing_pages_begin(&p->check, &bounds);
	ask(p, query);
	free(query);
}

/* On the heap for the same reason as a single call's: the listing goes on when waiting for it fails. */
struct list_waiter {
	struct acronis_listing listing;
	struct error err;
	enum api_result result;
	char timestamp[40];
	bool ended, abandoned;
};

static int pass_item(void *user, const json_t *item, struct error *err)
{
	struct list_waiter *waiter = user;

	if (waiter->abandoned)
		return error_set(err, ERR_ACRONIS, "the listing was given up");
	return waiter->listing.item(waiter->listing.user, item, err);
}

static void note_end(void *user, enum api_result result, const char *timestamp, const struct error *err)
{
	struct list_waiter *waiter = user;

	if (waiter->abandoned) {
		free(waiter);
		return;
	}
	waiter->result = result;
	waiter->err = *err;
	snprintf(waiter->timestamp, sizeof waiter->timestamp, "%s", timestamp);
	waiter->ended = true;
}

int acronis_list_wait(struct acronis_client *client, const struct acronis_listing *listing,
    char timestamp[40], struct error *err)
{
	struct list_waiter *waiter = mem_zalloc(sizeof *waiter);
	struct acronis_listing passed = *listing;

	waiter->listing = *listing;
	passed.item = pass_item;
	passed.end = note_end;
	passed.user = waiter;
	acronis_list(client, &passed);
	while (!waiter->ended)
		if (acronis_turn(client, TURN_MS, err) < 0)
			break;
	if (!waiter->ended) {
		waiter->abandoned = true;
		return -1;
	}
	bool ok = waiter->result == API_OK;
	if (listing->result)
		*listing->result = waiter->result;
	if (timestamp)
		snprintf(timestamp, 40, "%s", waiter->timestamp);
	if (!ok && err && err->code == ERR_NONE)
		*err = waiter->err;
	free(waiter);
	return ok ? 0 : -1;
}
