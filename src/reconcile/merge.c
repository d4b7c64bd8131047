/* An observation and the list of what changed since, made into the observation of now. Pure: no clock, no
 * calls. What a full read would keep is kept (below the parent, or known by its id wherever it is now), and
 * nothing else, so that both ways end in the same list. */
#include "reconcile/reconcile_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

/* ---- Ids that somebody knows: the ledger, or a subscription. */

void wanted_make(struct wanted *wanted, const struct known_tenant *known, size_t known_count,
    const struct subscriptions *subscriptions)
{
	*wanted = (struct wanted){0};
	for (size_t i = 0; i < known_count; i++)
		wanted_add(wanted, known[i].tenant_id);
	for (size_t i = 0; subscriptions && i < subscriptions->count; i++)
		wanted_add(wanted, subscriptions->items[i].external_id);
}

bool wanted_has(const struct wanted *wanted, struct strv id)
{
	size_t at = INDEX_START;
	uint32_t i;

	while (wanted->ids && (i = index_next(&wanted->index, hash_nocase(id), &at)) != INDEX_NONE)
		if (strv_eq_nocase(strv_of(wanted->ids[i]), id))
			return true;
	return false;
}

bool wanted_add(struct wanted *wanted, const char *id)
{
	struct strv text = strv_of(id);

	if (!uuid_is(text) || wanted_has(wanted, text))
		return false;
	index_add(&wanted->index, hash_nocase(text), (uint32_t)wanted->count);
	MEM_GROW(wanted->ids, wanted->count, wanted->cap);
	wanted->ids[wanted->count++] = id;
	return true;
}

void wanted_free(struct wanted *wanted)
{
	free(wanted->ids);
	index_free(&wanted->index);
}

/* ---- Copies. */

static struct observed_tenant *copy_tenant(
    struct observation *o, struct word_cache *words, const struct observed_tenant *from)
{
	const struct strv texts[] = {strv_of(from->id), strv_of(from->customer_id),
	    strv_of(from->internal_tag), strv_of(from->name), strv_of(from->updated_at),
	    strv_of(from->deleted_at)};
	const char *kept[ARRAY_LEN(texts)];
	struct observed_tenant *to = observation_add(o);

	observation_texts(o, texts, ARRAY_LEN(texts), kept);
	*to = *from;
	to->id = kept[0];
	to->customer_id = kept[1];
	to->internal_tag = kept[2];
	to->name = kept[3];
	to->updated_at = kept[4];
	to->deleted_at = kept[5];
	to->parent_id = observation_word(o, words, strv_of(from->parent_id));
	to->kind = observation_word(o, words, strv_of(from->kind));
	to->licensing_mode = observation_word(o, words, strv_of(from->licensing_mode));
	to->currency = observation_word(o, words, strv_of(from->currency));
	to->pricing_mode = observation_word(o, words, strv_of(from->pricing_mode));
	/* Whose logins are read is decided anew each night. */
	to->login = "";
	to->login_read = to->login_failed = false;
	return to;
}

static void copy_all(struct observation *o, const struct merge_input *in)
{
	struct word_cache words = {0};
	struct text_index changed = {0}, was = {0};

	observation_index(in->changes, &changed);
	observation_index(in->base, &was);
	for (size_t i = 0; i < in->base->count; i++)
		if (observation_find(in->changes, &changed, strv_of(in->base->items[i].id)) == INDEX_NONE)
			copy_tenant(o, &words, &in->base->items[i]);
	for (size_t i = 0; i < in->changes->count; i++) {
		struct observed_tenant now = in->changes->items[i];
		uint32_t before = observation_find(in->base, &was, strv_of(now.id));
		/* The list of changes has no details: they stay what they were. */
		if (before != INDEX_NONE)
			tenant_keep_details(&now, &in->base->items[before]);
		copy_tenant(o, &words, &now);
	}
	index_free(&changed);
	index_free(&was);
}

/* As a full read lists it: what is below the parent and not deleted; others by their ids. */
void observation_keep_ours(struct observation *o, const struct wanted *wanted)
{
	struct text_index ids = {0};
	bool *keep = mem_zalloc((o->count + 1) * sizeof *keep);
	size_t kept = 0;

	observation_index(o, &ids);
	for (size_t i = 0; i < o->count; i++) {
		const struct observed_tenant *t = &o->items[i];
		keep[i] = observation_lists(o, &ids, t) || wanted_has(wanted, strv_of(t->id));
	}
	index_free(&o->ids); /* of where they stood */
	for (size_t i = 0; i < o->count; i++)
		if (keep[i])
			o->items[kept++] = o->items[i];
	o->count = kept;
	free(keep);
	index_free(&ids);
}

struct observation *observation_merge(const struct merge_input *in)
{
	struct observation *o = observation_new();
	struct wanted wanted;

	o->parent = observation_text(o, strv_of(in->base->parent));
	o->source = observation_text(o, strv_of(in->base->source));
	o->full_at = in->base->full_at;
	o->deep_others = in->base->deep_others;
	o->taken_at = in->changes->taken_at;
	o->complete = in->changes->complete;
	o->trouble = observation_text(o, strv_of(in->changes->trouble));
	o->changed = in->changes->count;
	memcpy(o->api_timestamp, in->changes->api_timestamp, sizeof o->api_timestamp);
	copy_all(o, in);
	wanted_make(&wanted, in->known, in->known_count, in->subscriptions);
	observation_keep_ours(o, &wanted);
	wanted_free(&wanted);
	observation_sort(o);
	return o;
}
