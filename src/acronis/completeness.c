/* See completeness.h. No calls, no clock: the same data give the same verdict. */
#include "tenantry/completeness.h"

#include <stdlib.h>
#include <string.h>

#include "tenantry/mem.h"
#include "tenantry/text_index.h"

enum {
	/* Of a subtree of which nothing is known: twice what all partners and customers of the whole service
	 * are. */
	ELEMENTS_UNKNOWN = 2000000,
	GROWTH_TIMES = 10, /* in one night, and */
	GROWTH_MORE = 100000,
	/* A server may give less on a page than it was asked for. */
	PAGES_LEAST = 100,
	PAGES_TIMES = 2
};

static const struct {
	const char *word, *text;
} faults[] = {
#define X(id, word, text) [id] = {word, text},
    LISTING_FAULTS(X)
#undef X
};

const char *listing_fault_word(enum listing_fault fault)
{
	return (size_t)fault < ARRAY_LEN(faults) ? faults[fault].word : "unknown";
}

const char *listing_fault_text(enum listing_fault fault)
{
	return (size_t)fault < ARRAY_LEN(faults) ? faults[fault].text : "";
}

/* ---- Ids. */

static uint64_t hash_of(const char *id)
{
	uint64_t hash = hash_nocase(strv_of(id));

	return hash ? hash : 1;
}

static uint64_t *slot_of(const struct id_set *set, uint64_t hash)
{
	size_t at = (size_t)hash & set->mask;

	while (set->slots[at] && set->slots[at] != hash)
		at = (at + 1) & set->mask;
	return &set->slots[at];
}

static void grow(struct id_set *set)
{
	struct id_set bigger = {.mask = set->slots ? set->mask * 2 + 1 : 63, .count = set->count};

	bigger.slots = mem_zalloc((bigger.mask + 1) * sizeof *bigger.slots);
	for (size_t i = 0; set->slots && i <= set->mask; i++)
		if (set->slots[i])
			*slot_of(&bigger, set->slots[i]) = set->slots[i];
	free(set->slots);
	*set = bigger;
}

bool id_set_add(struct id_set *set, const char *id)
{
	uint64_t hash = hash_of(id);

	if (!set->slots || set->count * 2 > set->mask)
		grow(set);
	uint64_t *slot = slot_of(set, hash);
	if (*slot)
		return false;
	*slot = hash;
	set->count++;
	return true;
}

bool id_set_has(const struct id_set *set, const char *id)
{
	return set->slots && *slot_of(set, hash_of(id)) != 0;
}

void id_set_free(struct id_set *set)
{
	free(set->slots);
	*set = (struct id_set){0};
}

/* ---- Pages. */

int64_t listing_guess(int64_t last, uint64_t known)
{
	enum { EACH = 100 /* a partner with its customers and units, well above the usual */ };

	if (last >= 0)
		return last;
	return known > 0 ? (int64_t)known * EACH : -1;
}

struct listing_bounds listing_bounds_of(int64_t last, int64_t page_size)
{
	struct listing_bounds bounds = {.elements = ELEMENTS_UNKNOWN};

	if (last >= 0)
		bounds.elements = (uint64_t)last * GROWTH_TIMES + GROWTH_MORE;
	bounds.pages =
	    PAGES_LEAST + bounds.elements * PAGES_TIMES / (page_size > 0 ? (uint64_t)page_size : 1);
	return bounds;
}

void listing_pages_begin(struct listing_pages *pages, const struct listing_bounds *bounds)
{
	struct listing_bounds usual = listing_bounds_of(-1, 1);

	*pages = (struct listing_pages){.bounds = *bounds};
	if (pages->bounds.elements == 0)
		pages->bounds.elements = usual.elements;
	if (pages->bounds.pages == 0)
		pages->bounds.pages = usual.pages;
}

/* Between separators of the query: "uuids=A%2CB&allow_deleted=true". */
static bool was_asked_for(const struct listing_pages *pages, const char *id)
{
	const char *at = pages->bounds.asked;

	if (!at)
		return true;
	while ((at = strcasestr(at, id)) != NULL) {
		char before = at == pages->bounds.asked ? '=' : at[-1], after = at[strlen(id)];
		if (strchr("=,C", before) && strchr(",%&", after))
			return true;
		at++;
	}
	return false;
}

enum listing_fault listing_pages_element(struct listing_pages *pages, const char *id)
{
	bool named = id && id[0];

	if (!named && !pages->bounds.changes)
		return LISTING_NAMELESS;
	if (named && !was_asked_for(pages, id))
		return LISTING_STRANGER;
	if (++pages->elements > pages->bounds.elements)
		return LISTING_ENDLESS;
	pages->of_page++;
	/* What has no id may be anything: it counts as new, and the bound on elements holds it. */
	pages->new_of_page += !named || id_set_add(&pages->ids, id);
	return LISTING_WHOLE;
}

enum listing_fault listing_pages_turn(struct listing_pages *pages, bool more)
{
	bool brings_nothing = pages->new_of_page == 0 && (pages->of_page > 0 || more);

	pages->of_page = pages->new_of_page = 0;
	if (brings_nothing)
		return LISTING_REPEATED;
	return ++pages->pages >= pages->bounds.pages && more ? LISTING_ENDLESS : LISTING_WHOLE;
}

void listing_pages_free(struct listing_pages *pages)
{
	id_set_free(&pages->ids);
}

/* ---- The whole. */

bool listing_shrank(const struct share *allowed, int64_t last, int64_t now)
{
	int64_t gone = last - now, scaled, limit;

	if (!allowed->set || last <= 0 || gone <= 0)
		return false;
	if (!allowed->percent)
		return gone > allowed->number;
	return __builtin_mul_overflow(gone, 100, &scaled) ||
	       __builtin_mul_overflow(last, allowed->number, &limit) || scaled > limit;
}

bool listing_emptied(bool allow_empty, int64_t last, int64_t now)
{
	return now == 0 && last > 0 && !allow_empty;
}

enum listing_fault listing_judge_missing(enum by_id answer, bool stands)
{
	if (answer == BY_ID_FAILED)
		return LISTING_UNPROVED;
	return answer == BY_ID_HERE && stands ? LISTING_LACKING : LISTING_WHOLE;
}

bool by_id_is_gone(enum by_id answer)
{
	return answer == BY_ID_NOT_FOUND || answer == BY_ID_DELETED;
}
