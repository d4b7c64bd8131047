/* Answers of the price list service as data; see acronis.h. It is no part of the account server: its errors
 * are flat, and of an entry only what speaks of the commitment is read. What the commitment's text means is
 * not published, so it stays text here. */
#include "tenantry/acronis.h"

#include "tenantry/mem.h"

static int wrong(struct error *err, const char *what)
{
	error_set(err, ERR_ACRONIS, "price list: %s", what);
	return error_hint(err, "the answer is not as the Acronis price list API is documented");
}

static const char *text_of(const json_t *entry, const char *name, struct arena *arena)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text ? arena_strdup(arena, text) : "";
}

int acronis_commitment_decode(const json_t *json, const char *month, struct arena *arena,
    struct acronis_commitment *out, struct error *err)
{
	const json_t *lists = json_object_get(json, "price_lists"), *entry;
	size_t found = 0, i;

	*out = (struct acronis_commitment){.currency = "", .commitment = ""};
	if (!json_is_array(lists))
		return wrong(err, "price_lists is not an array");
	json_array_foreach(lists, i, entry)
	{
		const char *of = json_string_value(json_object_get(entry, "month"));
		if (!of)
			return wrong(err, "an entry says no month");
		if (strcmp(of, month) != 0)
			continue;
		*out = (struct acronis_commitment){.currency = text_of(entry, "currency", arena),
		    .commitment = text_of(entry, "commitment", arena)};
		found++;
	}
	/* Which of two would be billed nobody can say. */
	return found == 1;
}

const char *acronis_wanted_scope(const json_t *json, struct arena *arena)
{
	const json_t *error = json_object_get(json, "error");
	const json_t *scope =
	    json_object_get(json_object_get(json_is_object(error) ? error : json, "context"), "scope");

	if (json_is_array(scope))
		scope = json_array_get(scope, 0);
	return json_is_string(scope) ? arena_strdup(arena, json_string_value(scope)) : "";
}
