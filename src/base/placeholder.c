/* See placeholder.h. */
#include "tenantry/placeholder.h"

#include "tenantry/mem.h"

#define WORD(text)                                                                                           \
	{                                                                                                    \
		text, sizeof text - 1                                                                        \
	}
static const struct strv words[] = {
    /* databases, languages, people */
    WORD("null"), WORD("nil"), WORD("none"), WORD("nan"), WORD("nat"), WORD("na"), WORD("n/a"), WORD("n.a."),
    WORD("\\n"), WORD("undefined"), WORD("unknown"), WORD("empty"), WORD("blank"), WORD("missing"), WORD("?"),
    WORD("."),
    /* spreadsheets */
    WORD("#n/a"), WORD("#na"), WORD("#ref!"), WORD("#value!"), WORD("#name?"), WORD("#num!"), WORD("#null!"),
    WORD("#div/0!"), WORD("#spill!"), WORD("#calc!"), WORD("#field!"), WORD("#error!"), WORD("#getting_data"),
    WORD("#unknown!"), WORD("#blocked!"), WORD("#connect!"), WORD("#busy!")};

#define YES(c) [c] = 1
/* White space, zeros, dashes of all kinds, brackets, and the first letters of the words. */
const unsigned char placeholder_beginnings[256] = {[0 ... ' '] = 1,
    YES('0'),
    YES('-'),
    YES(0xe2),
    YES('('),
    YES('<'),
    YES('['),
    YES('{'),
    YES('#'),
    YES('\\'),
    YES('?'),
    YES('.'),
    YES('n'),
    YES('N'),
    YES('u'),
    YES('U'),
    YES('e'),
    YES('E'),
    YES('b'),
    YES('B'),
    YES('m'),
    YES('M')};

static bool all_of(struct strv text, const char *bytes)
{
	for (size_t i = 0; i < text.n; i++)
		if (!strchr(bytes, text.p[i]) || text.p[i] == '\0')
			return false;
	return true;
}

/* Dashes of any length and kind: -, --, an en or an em dash, a minus sign. */
static bool all_dashes(struct strv text)
{
	static const char *const dashes[] = {"-", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x88\x92"};

	while (text.n > 0) {
		size_t n = 0;
		for (size_t i = 0; i < ARRAY_LEN(dashes) && n == 0; i++)
			if (strv_has_prefix(text, strv_of(dashes[i])))
				n = strlen(dashes[i]);
		if (n == 0)
			return false;
		text.p += n;
		text.n -= n;
	}
	return true;
}

/* "(null)", "<NA>", "[none]" */
static struct strv without_brackets(struct strv text)
{
	static const char pairs[][2] = {{'(', ')'}, {'<', '>'}, {'[', ']'}, {'{', '}'}};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (text.n > 2 && text.p[0] == pairs[i][0] && text.p[text.n - 1] == pairs[i][1])
			return strv_trim((struct strv){text.p + 1, text.n - 2});
	return text;
}

bool is_placeholder_word(struct strv text)
{
	text = strv_trim(text);
	if (text.n == 0)
		return false;
	if (text.p[0] == '-' || text.p[0] == '\xe2')
		return all_dashes(text);
	text = without_brackets(text);
	/* 0, 0.0, the UUID of zeros; ######## */
	if (text.p[0] == '0' || all_of(text, "#"))
		return all_of(text, text.p[0] == '0' ? "0.-" : "#");
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strv_eq_nocase(text, words[i]))
			return true;
	return false;
}
