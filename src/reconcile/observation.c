/* The container of an observed Acronis state: items and the arena that their texts live in. */
#include "reconcile/reconcile_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

struct observation *observation_new(void)
{
	struct observation *observation = mem_zalloc(sizeof *observation);

	observation->arena = arena_new();
	observation->parent = observation->source = observation->trouble = "";
	return observation;
}

void observation_free(struct observation *observation)
{
	if (!observation)
		return;
	arena_free(observation->arena);
	free(observation->items);
	free(observation);
}

struct observed_tenant *observation_add(struct observation *observation)
{
	MEM_GROW(observation->items, observation->count, observation->cap);
	struct observed_tenant *item = &observation->items[observation->count++];

	*item = (struct observed_tenant){.id = "", .parent_id = "", .customer_id = "", .internal_tag = "", .name = "", .kind = "",
	    .updated_at = "", .deleted_at = "", .licensing_mode = "", .currency = "", .pricing_mode = "", .login = ""};
	return item;
}

const char *observation_text(struct observation *observation, struct strv text)
{
	return text.n == 0 ? "" : arena_strndup(observation->arena, text.p, text.n);
}

const char *observation_word(struct observation *observation, struct word_list *words, struct strv text)
{
	for (size_t i = words->count; i > 0; i--)
		if (strv_eq(strv_of(words->words[i - 1]), text))
			return words->words[i - 1];
	const char *word = observation_text(observation, text);
	if (words->count < ARRAY_LEN(words->words))
		words->words[words->count++] = word;
	return word;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct observed_tenant *)a)->id, ((const struct observed_tenant *)b)->id);
}

void observation_sort(struct observation *observation)
{
	for (size_t i = 1; i < observation->count; i++) {
		if (by_id(&observation->items[i - 1], &observation->items[i]) > 0) {
			qsort(observation->items, observation->count, sizeof *observation->items, by_id);
			return;
		}
	}
}
