/* Order items as plain data: names of actions, the tenant's name, deep copies. */
#include "tenantry/order.h"

static const char *const action_names[] = {
#define X(id, name) [id] = name,
    ACTIONS(X)
#undef X
};

static const struct strv action_texts[] = {
#define X(id, name) [id] = {name, sizeof name - 1},
    ACTIONS(X)
#undef X
};

static const char *const part_words[] = {
#define X(id, word) [id] = word,
    ORDER_PARTS(X)
#undef X
};

const char *order_part_word(enum order_part part)
{
	return (unsigned)part < ORDER_PART_COUNT ? part_words[part] : "unknown";
}

const char *action_name(enum action action)
{
	return (unsigned)action < ACTION_COUNT ? action_names[action] : "unknown";
}

const char *action_status(enum action action)
{
	static const char *const words[] = {[ACTION_NEW] = "Active",
	    [ACTION_UPGRADE] = "Active",
	    [ACTION_DOWNGRADE] = "Active",
	    [ACTION_SUSPEND] = "Suspended",
	    [ACTION_REACTIVATE] = "Active",
	    [ACTION_CANCEL] = "Cancelled"};

	return words[action];
}

bool action_parse(struct strv text, enum action *out)
{
	text = strv_trim(text);
	if (text.n == 0) {
		*out = ACTION_NEW;
		return true;
	}
	for (int i = 0; i < ACTION_COUNT; i++) {
		if (strv_eq_nocase(text, action_texts[i])) {
			*out = (enum action)i;
			return true;
		}
	}
	return false;
}

/* The bytes of white space or a control character at `at`, 0 when it is another: ASCII, C1 controls and the
 * no-break space. */
static size_t gap_at(struct strv text, size_t at)
{
	unsigned char c = (unsigned char)text.p[at];

	if (c <= ' ' || c == 0x7f)
		return 1;
	if (c == 0xc2 && at + 1 < text.n) {
		unsigned char d = (unsigned char)text.p[at + 1];
		return d >= 0x80 && d <= 0xa0 ? 2 : 0;
	}
	return 0;
}

void account_name_normal(struct strv account, struct strbuf *out)
{
	bool gap = false;
	size_t n;

	strbuf_clear(out);
	strbuf_add(out, "", 0);
	for (size_t i = 0; i < account.n; i += n) {
		n = gap_at(account, i);
		if (n > 0) {
			gap = out->n > 0;
			continue;
		}
		if (gap)
			strbuf_addc(out, ' ');
		gap = false;
		n = 1;
		strbuf_addc(out, account.p[i]);
	}
}

struct order_item *order_item_keep(struct arena *arena, const struct order_item *item)
{
	struct order_item *copy = arena_alloc(arena, sizeof *copy);

	*copy = *item;
	const char **texts[] = {&copy->key, &copy->order_id, &copy->item_id, &copy->parent_order_id,
	    &copy->account_id, &copy->account, &copy->email, &copy->login, &copy->first_name,
	    &copy->last_name, &copy->phone, &copy->address1, &copy->address2, &copy->city, &copy->region,
	    &copy->post_code, &copy->country, &copy->subscription_id, &copy->product_code, &copy->tier_text,
	    &copy->source};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*texts[i] = arena_strdup(arena, *texts[i] ? *texts[i] : "");
	return copy;
}
