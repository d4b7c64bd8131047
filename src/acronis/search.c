/* Finding tenants by words; see acronis.h (notes section 2.1, /search). */
#include "tenantry/acronis.h"

#include "tenantry/mem.h"

bool acronis_search_can(const char *text)
{
	size_t characters = 0;

	/* The bytes that go on a UTF-8 character do not count. */
	for (; *text && characters < ACRONIS_SEARCH_SHORTEST; text++)
		characters += ((unsigned char)*text & 0xc0) != 0x80;
	return characters >= ACRONIS_SEARCH_SHORTEST;
}

char *acronis_search_query(const char *tenant_id, const char *text, int64_t limit)
{
	struct strbuf query = {0};

	strbuf_adds(&query, "tenant=");
	strbuf_add_url(&query, strv_of(tenant_id));
	strbuf_adds(&query, "&text=");
	strbuf_add_url(&query, strv_of(text));
	strbuf_addf(&query, "&limit=%lld", (long long)limit);
	return strbuf_take(&query);
}

int acronis_hits_decode(
    const json_t *body, int64_t limit, struct arena *arena, struct acronis_hits *out, struct error *err)
{
	const json_t *items = json_object_get(body, "items"), *item;
	size_t i, count = json_array_size(items);

	*out = (struct acronis_hits){0};
	if (!json_is_array(items)) {
		error_set(err, ERR_ACRONIS, "Search: items is not an array");
		return error_hint(err, "something else than the Acronis API answered: check acronis.url");
	}
	out->items = arena_alloc(arena, (count + 1) * sizeof *out->items);
	json_array_foreach(items, i, item)
	{
		if (acronis_hit_decode(item, arena, &out->items[out->count++], err) < 0)
			return -1;
	}
	/* There is no cursor: a list that is as long as was asked for may go on. */
	out->cut = (int64_t)count >= limit;
	return 0;
}
