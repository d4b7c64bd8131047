/* Words that exports write where a value is missing. */
#ifndef TENANTRY_PLACEHOLDER_H
#define TENANTRY_PLACEHOLDER_H

#include "tenantry/str.h"

/* Is the text, trimmed, such a word and therefore no id? NULL and its relatives of databases and languages
 * (case-blind, also in brackets), a spreadsheet's errors (#N/A, #REF! ...) and its ######## of a column that
 * is too narrow, dashes, zeros, the UUID of zeros. An empty text is none: it says itself that nothing is
 * there. For columns of ids only: "None" is a fine name for a city. */
bool is_placeholder_word(struct strv text);
extern const unsigned char placeholder_beginnings[256]; /* 1: such a word may begin with this byte */
static inline bool is_placeholder(struct strv text)
{
	/* Every id of every row is asked about, and nearly all begin otherwise. */
	return text.n > 0 && placeholder_beginnings[(unsigned char)text.p[0]] && is_placeholder_word(text);
}

#endif
