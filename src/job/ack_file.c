/* A file of decisions about findings: rows become decisions with their places; what cannot be one becomes a
 * problem. Whether a decision can be carried out is ack.c's. */
#include "ack_impl.h"

#include "tenantry/csv.h"
#include "tenantry/mem.h"

enum column { ID, DECISION, REASON, UNTIL, WHO, ASSIGN, MONEY, COLUMN_COUNT };
static const struct csv_column columns[COLUMN_COUNT] = {[ID] = {"Finding Id", CSV_NEEDED},
    [DECISION] = {"Decision", CSV_OPTIONAL},
    [REASON] = {"Reason", CSV_OPTIONAL},
    [UNTIL] = {"Until", CSV_OPTIONAL},
    [WHO] = {"Who", CSV_OPTIONAL},
    [ASSIGN] = {"Assign To", CSV_OPTIONAL},
    [MONEY] = {"Money At Stake", CSV_OPTIONAL}};

/* Where the field of that index begins: bytes from 1, in the physical line it stands in. */
static struct ack_place field_place(const struct csv_row *row, char delimiter, int index)
{
	struct ack_place at = {row->line, 1};
	bool quoted = false;

	for (size_t i = 0; i < row->raw.n && index > 0; i++) {
		char c = row->raw.p[i];
		bool ends = c == '\n' || (c == '\r' && (i + 1 == row->raw.n || row->raw.p[i + 1] != '\n'));
		quoted ^= c == '"';
		index -= c == delimiter && !quoted;
		at.column = ends ? 1 : at.column + 1;
		at.line += ends;
	}
	return at;
}

struct reading {
	struct ack_list *list;
	struct csv_reader *reader;
	const struct csv_row *row;
	const char *who;
};

static struct strv field(const struct reading *r, enum column column)
{
	return strv_trim(csv_reader_field(r->reader, r->row, column));
}

static struct ack_place place_of(const struct reading *r, enum column column)
{
	int index = csv_reader_map(r->reader)[column];

	return index < 0 ? (struct ack_place){r->row->line, 0}
			 : field_place(r->row, csv_reader_delimiter(r->reader), index);
}

/* The word in the Decision column; without one a reason or a day says that it is accepted. */
static bool read_deed(const struct reading *r, enum ack_deed *out)
{
	static const struct {
		const char *word;
		enum ack_deed deed;
	} words[] = {{"acknowledge", ACK_ACCEPT}, {"ack", ACK_ACCEPT}, {"accept", ACK_ACCEPT},
	    {"withdraw", ACK_WITHDRAW}};
	struct strv word = field(r, DECISION);

	*out = word.n == 0 && (field(r, REASON).n > 0 || field(r, UNTIL).n > 0) ? ACK_ACCEPT : ACK_NONE;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strv_eq_nocase(word, strv_of(words[i].word)))
			continue;
		*out = words[i].deed;
		return true;
	}
	if (word.n == 0)
		return true;
	ack_problem(r->list, place_of(r, DECISION), "Decision",
	    "\"%.*s\" is none of acknowledge, withdraw and nothing", (int)(word.n < 40 ? word.n : 40),
	    word.p);
	return false;
}

static const char *text_of(const struct reading *r, enum column column)
{
	struct strv text = field(r, column);

	return text.n == 0 ? "" : arena_strndup(r->list->arena, text.p, text.n);
}

static void read_row(const struct reading *r)
{
	struct ack_list *list = r->list;
	enum ack_deed deed;

	if (!read_deed(r, &deed))
		return;
	if (deed == ACK_NONE && field(r, ASSIGN).n == 0) {
		list->silent++;
		return;
	}
	if (field(r, ID).n == 0) {
		ack_problem(list, place_of(r, ID), "Finding Id", "which finding is meant?");
		return;
	}
	MEM_GROW(list->decisions, list->count, list->cap);
	list->decisions[list->count++] = (struct ack_decision){.deed = deed,
	    .finding_id = text_of(r, ID),
	    .reason = text_of(r, REASON),
	    .until = text_of(r, UNTIL),
	    .who = field(r, WHO).n > 0 ? text_of(r, WHO) : r->who,
	    .owner = field(r, ASSIGN).n > 0 ? text_of(r, ASSIGN) : NULL,
	    .money = text_of(r, MONEY),
	    .line = r->row->line,
	    .id_at = place_of(r, ID),
	    .until_at = place_of(r, UNTIL),
	    .reason_at = place_of(r, REASON),
	    .deed_at = place_of(r, DECISION),
	    .money_at = place_of(r, MONEY)};
}

int ack_read(struct ack_list *list, const char *path, const char *who, struct error *err)
{
	struct csv_settings settings = {0}; /* as findings.csv is written, or a spreadsheet saves it */
	struct csv_reader *reader;
	struct csv_row row;
	enum csv_next next;

	list->file = arena_strdup(list->arena, path);
	reader = csv_reader_open(path, columns, COLUMN_COUNT, &settings, err);
	if (!reader)
		return -1;
	struct reading r = {list, reader, &row, who};
	while ((next = csv_reader_next(reader, &row, err)) == CSV_ROW || next == CSV_BAD) {
		list->rows++;
		if (next == CSV_ROW)
			read_row(&r);
		else
			ack_problem(list, (struct ack_place){row.line, 1}, "", "the row cannot be read: %s",
			    row.problem);
	}
	csv_reader_close(reader);
	return next == CSV_DONE ? 0 : -1;
}
