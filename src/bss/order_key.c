/* See order_key.h. In "ORDER/ITEM" a slash and a percent sign of the order's id are written as %2F and %25,
 * so that no two pairs of ids make one key. */
#include "tenantry/order_key.h"

static void add_escaped(struct strbuf *out, struct strv id)
{
	for (size_t i = 0; i < id.n; i++) {
		if (id.p[i] == '/')
			strbuf_adds(out, "%2F");
		else if (id.p[i] == '%')
			strbuf_adds(out, "%25");
		else
			strbuf_addc(out, id.p[i]);
	}
}

static void add_unescaped(struct strbuf *out, struct strv text)
{
	for (size_t i = 0; i < text.n; i++) {
		struct strv code = {text.p + i, text.n - i < 3 ? text.n - i : 3};
		bool escaped = strv_eq(code, STRV("%2F")) || strv_eq(code, STRV("%25"));
		strbuf_addc(out, !escaped ? text.p[i] : text.p[i + 2] == 'F' ? '/' : '%');
		if (escaped)
			i += 2;
	}
}

struct strv order_key_id(enum order_key kind, struct order_ids ids, struct strbuf *scratch)
{
	struct strv order = ids.parent_order_id.n > 0 ? ids.parent_order_id : ids.order_id;

	if (ids.item_id.n == 0)
		return ids.order_id;
	if (kind == ORDER_KEY_ITEM)
		return ids.item_id;
	strbuf_clear(scratch);
	add_escaped(scratch, order);
	strbuf_addc(scratch, '/');
	strbuf_addv(scratch, ids.item_id);
	return strbuf_view(scratch);
}

/* Where `id` begins as the last part of the key; NULL when it is not that. */
static const char *part_at_end(const char *key, size_t n, struct strv id)
{
	const char *at = key + n - id.n;

	return id.n > 0 && id.n < n && at[-1] == '/' && memcmp(at, id.p, id.n) == 0 ? at : NULL;
}

static const char *order_at_end(const char *key, const char *item, const char *order_id)
{
	struct strbuf escaped = {0};

	add_escaped(&escaped, strv_of(order_id));
	const char *order = part_at_end(key, (size_t)(item - key) - 1, strbuf_view(&escaped));
	strbuf_free(&escaped);
	return order;
}

const char *item_record_name(const struct item_record *item)
{
	size_t n = strlen(item->key);
	const char *own = part_at_end(item->key, n, strv_of(item->item_id)), *order;

	if (!own) {
		order = part_at_end(item->key, n, strv_of(item->order_id));
		return order ? order : item->item_id[0] ? item->item_id : item->order_id;
	}
	order = order_at_end(item->key, own, item->order_id);
	if (!order)
		order = order_at_end(item->key, own, item->parent_order_id);
	return order ? order : own;
}

bool order_key_split(enum order_key kind, const char *bss_name, const char *key, struct strbuf *order_id,
    struct strbuf *item_id)
{
	size_t n = strlen(bss_name);
	const char *id = key + n + 1, *slash;

	if (strncmp(key, bss_name, n) != 0 || key[n] != '/' || !*id)
		return false;
	strbuf_clear(order_id);
	strbuf_clear(item_id);
	slash = kind == ORDER_KEY_ORDER_ITEM ? strchr(id, '/') : NULL;
	if (slash && slash > id && slash[1]) {
		add_unescaped(order_id, (struct strv){id, (size_t)(slash - id)});
		strbuf_adds(item_id, slash + 1);
	} else {
		strbuf_adds(order_id, id);
		strbuf_adds(item_id, id);
	}
	return true;
}
