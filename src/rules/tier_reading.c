/* The numberings of tiers in words; see tier_proof.h. The trade's number is read from the end of a tier's
 * name, only to show what the table would be under either reading: what is written is the table's. */
#include "tenantry/tier_proof.h"

#include <inttypes.h>

#include "tenantry/mem.h"

/* 3 of "Tier 3"; -1: the name does not end with a number of its own. */
static int64_t number_of(const struct tier *tier)
{
	const char *end = tier->name + strlen(tier->name), *at = end;
	int64_t number;

	while (at > tier->name && at[-1] >= '0' && at[-1] <= '9')
		at--;
	return at > tier->name && at < end && strv_to_int64(strv_of(at), &number) ? number : -1;
}

static bool is_shown(const struct tier *tier)
{
	return tier->sold && tier_is_counted(tier);
}

static const char *list(const struct job *job, bool by_number, int64_t offset, struct arena *arena)
{
	struct strbuf text = {0};

	for (size_t i = 0; i < job->contract.tier_count; i++) {
		const struct tier *tier = &job->contract.tiers[i];
		if (!is_shown(tier))
			continue;
		int64_t value = (by_number ? number_of(tier) : tier->acronis) + offset;
		strbuf_addf(&text, "%s%s = %" PRId64, text.n ? ", " : "", tier->name, value);
	}
	const char *kept = arena_strdup(arena, text.p ? text.p : "no tier with a commitment is sold");
	strbuf_free(&text);
	return kept;
}

const char *tier_reading(const struct job *job, int64_t offset, struct arena *arena)
{
	return list(job, false, offset, arena);
}

/* All shown tiers have a number, and what the table's values are against it: the same for all, else `mixed`.
 */
static bool numbered(const struct job *job, int64_t *offset, bool *mixed)
{
	bool any = false;

	*mixed = false;
	for (size_t i = 0; i < job->contract.tier_count; i++) {
		const struct tier *tier = &job->contract.tiers[i];
		int64_t number = number_of(tier);
		if (!is_shown(tier))
			continue;
		if (number < 0)
			return false;
		*mixed = *mixed || (any && tier->acronis - number != *offset);
		*offset = any ? *offset : tier->acronis - number;
		any = true;
	}
	return any;
}

const char *tier_readings(const struct job *job, struct arena *arena)
{
	int64_t offset = 0;
	bool mixed;

	if (!numbered(job, &offset, &mixed))
		return arena_printf(arena, "the table: %s; one higher: %s; one lower: %s",
		    list(job, false, 0, arena), list(job, false, 1, arena), list(job, false, -1, arena));
	return arena_printf(arena, "N: %s; N-1: %s; the table follows %s", list(job, true, 0, arena),
	    list(job, true, -1, arena),
	    mixed || offset < -1 || offset > 0 ? "neither"
	    : offset == 0                      ? "N"
					       : "N-1");
}
