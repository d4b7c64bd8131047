/* Faults on demand: which answer goes wrong, how, and when. Grammar and kinds are in the help text
 * (program.c).
 *
 * Three moments of a request ask for a fault: before anything is done, when a list looks for what it shows,
 * and when the page of a list is made. A request can meet one of each. */
#ifndef SANDBOX_FAULT_H
#define SANDBOX_FAULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tenantry/error.h"
#include "tenantry/str.h"

enum fault_moment { FAULT_AT_REQUEST, FAULT_AT_VIEW, FAULT_AT_PAGE };

/* What a page must be to be spoilt by a kind; what is not, is not counted. */
enum fault_fits {
	FITS_ITEMS = 1, /* not empty */
	FITS_LAST = 2,  /* nothing comes after it */
	FITS_MORE = 4,  /* something does */
	FITS_PAGED = 8, /* of an operation that has cursors */
	FITS_FRESH = 16 /* not one that is here again because of a fault */
};

/* kind, name, help: faults of any answer */
#define FAULT_KINDS_OF_ANSWERS(X)                                                                                        \
	X(FAULT_LOST_AFTER, "lost-after",                                                                                \
	    "the change is made, then the connection is cut without an answer")                                          \
	X(FAULT_LOST_BEFORE, "lost-before", "the connection is cut and nothing was done")                                \
	X(FAULT_429, "429", "too many requests, with Retry-After in seconds (retry-after=S, default 1)")                 \
	X(FAULT_429_DATE, "429-date", "the same with Retry-After as a date")                                             \
	X(FAULT_429_NO_HINT, "429-no-hint", "too many requests without Retry-After")                                     \
	X(FAULT_500, "500", "internal server error (commit=yes: after the change was made)")                             \
	X(FAULT_503, "503",                                                                                              \
	    "service unavailable (retry-after=S adds the header, to html and the kinds below too; commit=yes as above)") \
	X(FAULT_SLOW, "slow",                                                                                            \
	    "the change is made at once, the answer comes late (for=DURATION, default 5s)")                              \
	X(FAULT_CUT_BODY, "cut-body", "the change is made, the answer breaks off in its middle")                         \
	X(FAULT_EXPIRED_TOKEN, "expired-token", "401, and the token that was used is gone")                              \
	X(FAULT_403, "403", "forbidden, and nothing was done")                                                           \
	X(FAULT_1001, "1001", "version mismatch")                                                                        \
	X(FAULT_1004, "1004", "tenant name conflict")                                                                    \
	X(FAULT_426, "426", "quota version mismatch")                                                                    \
	X(FAULT_MAIL_REFUSED, "mail-refused", "mail could not be sent (code 1025)")                                      \
	X(FAULT_HTML, "html",                                                                                            \
	    "200 with a page of HTML, as a proxy in between would send; nothing was done (commit=yes: it was)")          \
	X(FAULT_REDIRECT, "redirect", "302 to a page for signing in, and nothing was done")                              \
	X(FAULT_WRONG_TYPES, "wrong-types",                                                                              \
	    "the change is made, the answer's strings, numbers and lists swap types")                                    \
	X(FAULT_HALF_JSON, "half-json",                                                                                  \
	    "the change is made, the answer is whole for HTTP and half a JSON text")                                     \
	X(FAULT_NO_OBJECT, "no-object", "the change is made, the answer is JSON and no object")                          \
	X(FAULT_NO_BODY, "no-body", "the change is made, the answer has no body")

/* kind, name, help, what a page must be: faults of lists */
#define FAULT_KINDS_OF_LISTS(X)                                                                                               \
	X(FAULT_LIST_EMPTY, "list-empty", "nothing is on the page and nothing comes after it", 0)                             \
	X(FAULT_LIST_CUT, "list-cut",                                                                                         \
	    "the listing ends with this page, as if nothing came after it; the latter half of a page that is the "            \
	    "last anyway is gone",                                                                                            \
	    FITS_ITEMS)                                                                                                       \
	X(FAULT_LIST_SHORT, "list-short", "an item is missing in the page (item=N or holds=TEXT: which)",                     \
	    FITS_ITEMS)                                                                                                       \
	X(FAULT_LIST_REPEATED, "list-repeated", "an item stands twice in the page (item=N or holds=TEXT)",                    \
	    FITS_ITEMS)                                                                                                       \
	X(FAULT_LIST_DOUBLE, "list-double", "the page comes twice, then the listing goes on",                                 \
	    FITS_ITEMS | FITS_PAGED | FITS_FRESH)                                                                             \
	X(FAULT_LIST_WITHOUT_IDS, "list-without-ids",                                                                         \
	    "the items of the page have no id (item=N or holds=TEXT: only these)", FITS_ITEMS)                                \
	X(FAULT_LIST_STALE, "list-stale",                                                                                     \
	    "the listing lags, with all its pages: it shows tenants and users as of behind=N listings before it (default 1, " \
	    "counted over those that fit), or as of for=DURATION before on the clock of the sandbox; never less than what "   \
	    "stood there when the fault was set. Incremental listings lack the later changes too",                            \
	    0)                                                                                                                \
	X(FAULT_LIST_ENDLESS, "list-endless",                                                                                 \
	    "the last page has a cursor to an empty page, and so has each of these, without end",                             \
	    FITS_LAST | FITS_PAGED)                                                                                           \
	X(FAULT_LIST_SAME_PAGE, "list-same-page",                                                                             \
	    "the page comes again and again, each time with a new cursor", FITS_ITEMS | FITS_PAGED)                           \
	X(FAULT_LIST_FLOOD, "list-flood", "the same, and the items have new ids and names each time",                         \
	    FITS_ITEMS | FITS_PAGED)                                                                                          \
	X(FAULT_LIST_SHIFTED, "list-shifted",                                                                                 \
	    "rows shift while they are paged: by=N of them fall between this page and the next (default 1), with a "          \
	    "negative number the last ones come again on the next",                                                           \
	    FITS_ITEMS | FITS_MORE | FITS_PAGED)                                                                              \
	X(FAULT_END_ABSENT, "end-absent", "the last page has no member after", FITS_LAST | FITS_PAGED)                        \
	X(FAULT_END_NULL, "end-null", "the last page has after: null", FITS_LAST | FITS_PAGED)                                \
	X(FAULT_END_EMPTY, "end-empty", "the last page has after: \"\"", FITS_LAST | FITS_PAGED)

enum fault_kind {
#define X(kind, ...) kind,
	FAULT_KINDS_OF_ANSWERS(X) FAULT_KINDS_OF_LISTS(X)
#undef X
	    FAULT_KIND_COUNT
};

struct fault {
	char *spec;         /* as given, owned */
	char operation[64]; /* an operation id, a method or "*" */
	enum fault_kind kind;
	int64_t nth;     /* the first matching request it may hit, from 1 */
	int64_t count;   /* hits at most; 0: no end */
	int64_t every;   /* from the nth on, each so many-th */
	int64_t percent; /* of the matching requests; 100: all */
	int64_t page;    /* only this page of a listing, from 1; 0: any */
	int64_t retry_after, delay_ms;
	bool commit;
	char match[64]; /* only requests that have this text in target or body; "!text": that have it not */
	/* of lists */
	int64_t item; /* from 1; a page with fewer has its last taken; 0: not said */
	char holds[64];
	int64_t by, behind;
	int64_t *marks; /* list-stale: the moment of each listing that fitted, the fault's own first; owned */
	size_t mark_count, mark_cap;
	int64_t seen, hits;
};

/* A request, or what has become of it so far. */
struct fault_question {
	enum fault_moment moment;
	const char *operation, *method, *target;
	const char *filters; /* of the listing that the request goes on with, "" none */
	struct strv body;
	bool lists;          /* the operation gives a list */
	int64_t page;        /* of the listing, from 1; 0: it gives no list */
	int64_t mark;        /* FAULT_AT_VIEW: the moment of the request */
	unsigned is;         /* FAULT_AT_PAGE: enum fault_fits, what the page is */
	const json_t *items; /* FAULT_AT_PAGE: borrowed */
};

struct fault_set; /* opaque */

struct fault_set *fault_set_new(uint64_t random_seed);
void fault_set_free(struct fault_set *set);
/* "OPERATION:KIND[:name=value]..."; ERR_USAGE says what is wrong and names the nearest known word. `mark` is
 * the moment at which it is set (store_mark). */
int fault_add(struct fault_set *set, const char *spec, int64_t mark, struct error *err) MUST_USE;
/* A fault that was set before there was a moment (mark 0) is set now. */
void fault_set_marks(struct fault_set *set, int64_t mark);
void fault_clear(struct fault_set *set);
/* The fault that this moment of the request meets, or NULL. Every fault that could match counts it. */
const struct fault *fault_pick(struct fault_set *set, const struct fault_question *question);
/* list-stale: the moment that the list shows, with the clock at now_ms. */
int64_t fault_view(const struct fault *fault, int64_t now_ms);
/* Does the item hold the text of holds=, anywhere in it? */
bool fault_holds(const struct fault *fault, const json_t *item);
json_t *fault_report(const struct fault_set *set); /* for /admin/faults */
const char *fault_kind_name(enum fault_kind kind);

#endif
