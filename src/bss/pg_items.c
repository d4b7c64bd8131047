/* What goes to the functions that write back, and what comes from them: order items as JSON, lists of ids and
 * words as arrays, outcomes as words. Leaves sending to pg_writer.c, which has many on the way, and to
 * pg_rehearse.c, which has one. */
#include <jansson.h>
#include <string.h>

#include "bss/pg_items.h"
#include "bss_sql.h"
#include "tenantry/mem.h"

static void add_text(json_t *item, const char *key, const char *text)
{
	if (text)
		json_object_set_new(item, key, json_string(text));
}

json_t *pg_item(const struct bss_write *w)
{
	json_t *item = json_object(), *ordered = json_object();

	add_text(item, "order_item_id", w->order_item_id);
	add_text(item, "order_id", w->order_id);
	add_text(item, "action", w->action);
	add_text(item, "account_id", w->account_id);
	add_text(item, "subscription_id", w->subscription_id);
	add_text(item, "external_id", w->external_id);
	add_text(item, "username", w->username);
	add_text(item, "product", w->product);
	add_text(item, "currency", w->currency);
	add_text(item, "start_date", w->start_date);
	add_text(item, "status", w->status);
	add_text(item, "reason", w->reason);
	add_text(ordered, "product", w->ordered_product);
	add_text(ordered, "tier", w->ordered_tier);
	add_text(ordered, "action", w->ordered_action);
	json_object_set_new(item, "ordered", ordered);
	return item;
}

void pg_array_add(struct strbuf *out, const char *text)
{
	strbuf_addc(out, out->n > 0 ? ',' : '{');
	strbuf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_addc(out, '\\');
		strbuf_addc(out, *text);
	}
	strbuf_addc(out, '"');
}

char *pg_array_take(struct strbuf *out)
{
	strbuf_adds(out, out->n > 0 ? "}" : "{}");
	return strbuf_take(out);
}

char *pg_pending_words(const struct job *job)
{
	struct strbuf out = {0};

	for (size_t i = 0; i < job->bss.pending.count; i++)
		pg_array_add(&out, job->bss.pending.items[i]);
	return pg_array_take(&out);
}

bool pg_outcome_parse(const char *word, enum bss_outcome *out)
{
	static const struct {
		const char *word;
		enum bss_outcome outcome;
	} words[] = {{"done", BSS_DONE}, {"already", BSS_DONE}, {"changed", BSS_CHANGED},
	    {"refused", BSS_REFUSED}, {"busy", BSS_BUSY}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i].word, word) != 0)
			continue;
		*out = words[i].outcome;
		return true;
	}
	return false;
}

const char *pg_write_query(enum bss_write_kind kind)
{
	static const char *const queries[BSS_WRITE_KINDS] = {[BSS_LOOK] = sql_write_look,
	    [BSS_BEGIN] = sql_write_begin,
	    [BSS_ACTIVATE] = sql_write_activate,
	    [BSS_FAIL] = sql_write_fail};

	return queries[kind];
}

int pg_write_parameters(enum bss_write_kind kind)
{
	return kind == BSS_BEGIN || kind == BSS_ACTIVATE ? 2 : 1;
}
