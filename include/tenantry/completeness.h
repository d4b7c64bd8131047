/* Is a listing whole? One check for every listing that something is decided on: a page brings new ids, pages
 * and elements have an end, each element has an id (and is one that was asked for), the list did not shrink
 * beyond reconcile.max_shrink, and it has every tenant that is known to stand there. A list that fails it
 * proves no absence: nothing is made, and nothing is called missing, on its word.
 *
 * Pure: plain data in, a verdict out. Who asks Acronis is elsewhere: pages are acronis_list()'s, known
 * tenants that a list lacks are asked for by world_load() and observe_tenants(). Sources: acronis-notes.md
 * section 2.1 (what cursors and pages do not promise), design section 6 (absence is proved before anything is
 * made). */
#ifndef TENANTRY_COMPLETENESS_H
#define TENANTRY_COMPLETENESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tenantry/job.h"

#define LISTING_FAULTS(X) /* id, word, what it means */                                                      \
	X(LISTING_WHOLE, "whole", "nothing speaks against it")                                               \
	X(LISTING_NAMELESS, "nameless", "an element has no id")                                              \
	X(LISTING_STRANGER, "stranger", "an element is none of those that were asked for")                   \
	X(LISTING_REPEATED, "repeated", "a page brings no id that the pages before it had not")              \
	X(LISTING_ENDLESS, "endless", "it has more pages or elements than such a list can have")             \
	X(LISTING_EMPTIED, "emptied", "it is empty, and the last one was not")                               \
	X(LISTING_SHRUNKEN, "shrunken", "it lost more than max_shrink allows since the last one")            \
	X(LISTING_LACKING, "lacking", "it lacks a tenant that stands there, as its own answer says")         \
	X(LISTING_UNPROVED, "unproved", "a known tenant that it lacks gave no answer when asked for by id")
enum listing_fault {
#define X(id, word, text) id,
	LISTING_FAULTS(X)
#undef X
	    LISTING_FAULT_COUNT
};
const char *listing_fault_word(enum listing_fault fault);
const char *listing_fault_text(enum listing_fault fault);

/* ---- Ids, letters without case. Zero-initialised is ready; kept as 64 bits of a hash, so that two ids of
 * millions may be taken for one once in a hundred thousand lists. */
struct id_set {
	uint64_t *slots; /* a power of two; 0 is free */
	size_t mask, count;
};
bool id_set_add(struct id_set *set, const char *id); /* false: it was there */
bool id_set_has(const struct id_set *set, const char *id);
void id_set_free(struct id_set *set);

/* ---- While the pages come. */
struct listing_bounds {
	uint64_t elements, pages; /* 0: as listing_bounds_of() has them where nothing is known */
	bool changes;      /* a list of changes: elements without an id are its way (notes section 2.1) */
	const char *asked; /* the query with the ids that were asked for; NULL: whatever there is */
};
/* What stands for the length of the last list where none is known: a hundred elements for each tenant that
 * somebody knows; -1 where nobody knows of any. */
int64_t listing_guess(int64_t last, uint64_t known);
/* How much a listing may hold that had `last` elements the last time (-1: never seen): ten times as many and
 * some, in pages of `page_size`. */
struct listing_bounds listing_bounds_of(int64_t last, int64_t page_size);

struct listing_pages {
	struct listing_bounds bounds;
	struct id_set ids;
	uint64_t elements, pages;
	uint64_t of_page, new_of_page; /* elements of the page at hand; those among them that are new */
};
void listing_pages_begin(struct listing_pages *pages, const struct listing_bounds *bounds);
/* One element: `id` NULL or "" when it has none. */
enum listing_fault listing_pages_element(struct listing_pages *pages, const char *id);
/* The page's elements have come; `more`: it gives a cursor. The last page may be empty, as a list whose
 * length is a multiple of the page's ends. */
enum listing_fault listing_pages_turn(struct listing_pages *pages, bool more);
void listing_pages_free(struct listing_pages *pages);

/* ---- When it is all there. */
/* Did a side lose more rows than `allowed` since `last` (-1: never seen)? To nothing is not shrinking: see
 * listing_emptied(). */
bool listing_shrank(const struct share *allowed, int64_t last, int64_t now);
bool listing_emptied(bool allow_empty, int64_t last, int64_t now);

/* What became of asking for a known tenant by its id. */
enum by_id {
	BY_ID_NOT_ASKED, /* it is listed, or answered not long ago that it is gone */
	BY_ID_HERE,      /* there and not deleted */
	BY_ID_DELETED,
	BY_ID_NOT_FOUND, /* 404 to a GET by its id */
	BY_ID_HIDDEN,    /* 403: out of our reach, so not below the parent */
	BY_ID_FAILED     /* no answer that can be read */
};
/* One that the list lacks. `stands`: its answer (BY_ID_HERE) says that it stands where the list says all. */
enum listing_fault listing_judge_missing(enum by_id answer, bool stands);
/* Is what it answered worth remembering until the next full read: it is gone for good, as far as ids go? */
bool by_id_is_gone(enum by_id answer);

#endif
