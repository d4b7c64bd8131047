/* What goes to the functions that write back, and what comes from them; see pg_items.c. */
#ifndef TENANTRY_PG_ITEMS_H
#define TENANTRY_PG_ITEMS_H

#include <jansson.h>

#include "tenantry/bss_writer.h"
#include "tenantry/str.h"

/* The item as the functions take it: texts that are not NULL. A new reference. */
json_t *pg_item(const struct bss_write *w);
/* A text more in the literal of a text[], which begins with an empty buffer. */
void pg_array_add(struct strbuf *out, const char *text);
/* The literal ended; the caller frees. */
char *pg_array_take(struct strbuf *out);
/* The job's pending order statuses as a text[]; the caller frees. */
char *pg_pending_words(const struct job *job);
/* False: none of the words that a function may answer. */
bool pg_outcome_parse(const char *word, enum bss_outcome *out);
/* The statement of a kind, and how many parameters it has: the items (of BSS_LOOK their ids), and the pending
 * words where there are two. */
const char *pg_write_query(enum bss_write_kind kind);
int pg_write_parameters(enum bss_write_kind kind);

#endif
