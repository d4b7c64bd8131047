/* The container of an observed Acronis state: items and the arena that their texts live in. */
#include "reconcile/reconcile_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

struct observation *observation_new(void)
{
	struct observation *observation = mem_zalloc(sizeof *observation);

	observation->arena = arena_new();
	observation->parent = observation->source = observation->trouble = observation->base_run = "";
	return observation;
}

void observation_free(struct observation *observation)
{
	if (!observation)
		return;
	arena_free(observation->arena);
	free(observation->items);
	index_free(&observation->ids);
	free(observation);
}

struct observed_tenant *observation_add(struct observation *observation)
{
	index_free(&observation->ids);
	MEM_GROW(observation->items, observation->count, observation->cap);
	struct observed_tenant *item = &observation->items[observation->count++];

	*item = (struct observed_tenant){.id = "",
	    .parent_id = "",
	    .customer_id = "",
	    .internal_tag = "",
	    .name = "",
	    .kind = "",
	    .updated_at = "",
	    .deleted_at = "",
	    .licensing_mode = "",
	    .currency = "",
	    .pricing_mode = "",
	    .login = ""};
	return item;
}

const char *observation_text(struct observation *observation, struct strv text)
{
	return text.n == 0 ? "" : arena_strndup(observation->arena, text.p, text.n);
}

void observation_texts(
    struct observation *observation, const struct strv *texts, size_t count, const char **out)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += texts[i].n > 0 ? texts[i].n + 1 : 0;
	char *at = arena_bytes(observation->arena, size);
	for (size_t i = 0; i < count; i++) {
		out[i] = "";
		if (texts[i].n == 0)
			continue;
		out[i] = memcpy(at, texts[i].p, texts[i].n);
		at[texts[i].n] = '\0';
		at += texts[i].n + 1;
	}
}

const char *observation_word(struct observation *observation, struct word_cache *words, struct strv text)
{
	return arena_word(observation->arena, words, text);
}

static uint32_t find_hashed(
    const struct observation *observation, const struct text_index *index, uint64_t hash, struct strv id)
{
	size_t at = INDEX_START;
	uint32_t i;

	while ((i = index_next(index, hash, &at)) != INDEX_NONE)
		if (strv_eq_nocase(strv_of(observation->items[i].id), id))
			break;
	return i;
}

void observation_index(const struct observation *observation, struct text_index *index)
{
	const struct observed_tenant *items = observation->items;
	uint64_t hashes[INDEX_AHEAD];

	index_reserve(index, observation->count);
	for (size_t begin = 0, n; begin < observation->count; begin += n) {
		n = observation->count - begin < INDEX_AHEAD ? observation->count - begin : INDEX_AHEAD;
		for (size_t i = 0; i < n; i++) {
			hashes[i] = hash_nocase(strv_of(items[begin + i].id));
			index_prefetch(index, hashes[i]);
		}
		for (size_t i = 0; i < n; i++)
			if (find_hashed(observation, index, hashes[i], strv_of(items[begin + i].id)) ==
			    INDEX_NONE)
				index_add(index, hashes[i], (uint32_t)(begin + i));
	}
}

uint32_t observation_find(
    const struct observation *observation, const struct text_index *index, struct strv id)
{
	return id.n == 0 ? INDEX_NONE : find_hashed(observation, index, hash_nocase(id), id);
}

void observation_find_all(const struct observation *observation, const struct text_index *index,
    const struct strv *ids, size_t count, uint32_t *out)
{
	uint64_t hashes[INDEX_AHEAD];

	for (size_t i = 0; i < count; i++) {
		hashes[i] = hash_nocase(ids[i]);
		index_prefetch(index, hashes[i]);
	}
	for (size_t i = 0; i < count; i++) {
		out[i] = ids[i].n == 0 ? INDEX_NONE : index_first(index, hashes[i]);
		if (out[i] != INDEX_NONE)
			__builtin_prefetch(&observation->items[out[i]].id);
	}
	for (size_t i = 0; i < count; i++)
		if (out[i] != INDEX_NONE)
			__builtin_prefetch(observation->items[out[i]].id);
	for (size_t i = 0; i < count; i++)
		if (out[i] != INDEX_NONE)
			out[i] = find_hashed(observation, index, hashes[i], ids[i]);
}

void observation_pick(const struct observation *observation, const char *const *ids, size_t count,
    const struct observed_tenant **out)
{
	struct text_index index = {0};

	observation_index(observation, &index);
	for (size_t i = 0; i < count; i++) {
		uint32_t at = observation_find(observation, &index, strv_of(ids[i]));
		out[i] = at == INDEX_NONE ? NULL : &observation->items[at];
	}
	index_free(&index);
}

bool observation_is_ours(const struct observation *observation, const struct text_index *index,
    const char *parent, const struct observed_tenant *tenant)
{
	struct strv ours = strv_of(parent), above = strv_of(tenant->parent_id);

	/* Never more steps than there are tenants: foreign data may be a ring. */
	for (size_t i = 0; i <= observation->count && !strv_eq_nocase(above, ours); i++) {
		uint32_t t = observation_find(observation, index, above);
		if (t == INDEX_NONE || strcmp(observation->items[t].kind, "folder") != 0)
			return false;
		above = strv_of(observation->items[t].parent_id);
	}
	return strv_eq_nocase(above, ours);
}

/* Whose own customers and units these are the chain of parents would say; a partner of ours they never are.
 */
bool observation_is_deep_kind(const char *parent, const char *kind, const char *parent_id)
{
	return kind[0] && strcmp(kind, "partner") != 0 && strcmp(kind, "folder") != 0 &&
	       !strv_eq_nocase(strv_of(parent_id), strv_of(parent));
}

bool observation_lists(const struct observation *observation, const struct text_index *index,
    const struct observed_tenant *tenant)
{
	return !tenant->unreadable && tenant_is_present(tenant) &&
	       !observation_is_deep_kind(observation->parent, tenant->kind, tenant->parent_id) &&
	       observation_is_ours(observation, index, observation->parent, tenant);
}

bool observation_has(struct observation *observation, const char *tenant_id)
{
	if (!observation->ids.slots)
		observation_index(observation, &observation->ids);
	return observation_find(observation, &observation->ids, strv_of(tenant_id)) != INDEX_NONE;
}

void observation_note_gone(struct observation *observation, const char *tenant_id)
{
	if (!tenant_id[0] || observation_has(observation, tenant_id))
		return;
	struct observed_tenant *item = observation_add(observation);
	item->id = observation_text(observation, strv_of(tenant_id));
	item->gone = true;
	index_add(&observation->ids, hash_nocase(strv_of(item->id)), (uint32_t)(observation->count - 1));
}

uint64_t observation_rows(const struct observation *observation)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < observation->count; i++)
		rows += !observation->items[i].gone;
	return rows;
}

bool tenant_is_present(const struct observed_tenant *tenant)
{
	return tenant->deleted_at[0] == '\0' && !tenant->gone;
}

bool tenant_is_partner(const struct observed_tenant *tenant)
{
	return tenant->kind[0] == '\0' || strcmp(tenant->kind, "partner") == 0;
}

bool tenant_has_details(const struct observed_tenant *tenant)
{
	return !tenant->unreadable && tenant_is_present(tenant) && tenant_is_partner(tenant);
}

bool tenant_details_read(const struct observed_tenant *tenant)
{
	return tenant->tier_read && tenant->pricing_read && tenant->licensing_read;
}

void tenant_keep_details(struct observed_tenant *to, const struct observed_tenant *was)
{
	to->licensing_mode = was->licensing_mode;
	to->currency = was->currency;
	to->pricing_mode = was->pricing_mode;
	to->tier_value = was->tier_value;
	to->details_at = was->details_at;
	to->has_tier = was->has_tier;
	to->tier_read = was->tier_read;
	to->pricing_read = was->pricing_read;
	to->licensing_read = was->licensing_read;
}

void tenant_drop_details(struct observed_tenant *tenant)
{
	static const struct observed_tenant none = {.licensing_mode = "", .currency = "", .pricing_mode = ""};

	tenant_keep_details(tenant, &none);
}

void observation_count(struct observation *observation)
{
	observation->unread = observation->logins_read = 0;
	for (size_t i = 0; i < observation->count; i++) {
		const struct observed_tenant *t = &observation->items[i];
		bool whole = tenant_details_read(t) ||
			     (observation->without_licensing && t->tier_read && t->pricing_read);
		observation->unread += t->unreadable || (tenant_has_details(t) && !whole);
		observation->logins_read += t->login_read;
	}
}

static int by_id(const void *a, const void *b, void *user)
{
	const struct id_place *x = a, *y = b;
	const struct observed_tenant *items = user;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	int order = strcmp(items[x->number].id, items[y->number].id);
	return order ? order : (x->number > y->number) - (x->number < y->number);
}

static uint64_t first_bytes(const char *id)
{
	uint64_t key = 0;

	for (size_t i = 0; i < sizeof key; i++) {
		key = key << 8 | (unsigned char)*id;
		id += *id != '\0';
	}
	return key;
}

struct id_place *observation_by_id(const struct observation *observation)
{
	struct id_place *places = mem_resize(NULL, observation->count + 1, sizeof *places);

	for (size_t i = 0; i < observation->count; i++)
		places[i] = (struct id_place){first_bytes(observation->items[i].id), (uint32_t)i};
	qsort_r(places, observation->count, sizeof *places, by_id, observation->items);
	return places;
}

void observation_sort(struct observation *observation)
{
	struct id_place *places = observation_by_id(observation);
	struct observed_tenant *sorted = mem_resize(NULL, observation->count + 1, sizeof *observation->items);

	for (size_t i = 0; i < observation->count; i++)
		sorted[i] = observation->items[places[i].number];
	index_free(&observation->ids);
	free(observation->items);
	observation->items = sorted;
	observation->cap = observation->count + 1;
	free(places);
}
