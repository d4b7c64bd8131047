/* Fingerprints of what an order says: of the whole row as it is written, and of its parts. The whole tells
 * the same row again; the parts name what has changed without keeping it. */
#include "rules/rules_impl.h"

struct strv order_written(const struct order *order, enum order_field id)
{
	for (unsigned i = 0; i < order->placeholder_count; i++)
		if (order->placeholders[i].id == id)
			return order->placeholders[i].written;
	return order->field[id];
}

static void add_field(struct strbuf *out, struct strv text)
{
	strbuf_addv(out, text);
	strbuf_addc(out, '\0'); /* no field has one */
}

/* Ledgers hold it, so what it covers stays as it is: the fields up to Start Date, as they are written. */
struct digest order_digest(const struct order *order, struct strbuf *scratch)
{
	strbuf_clear(scratch);
	for (size_t i = 0; i < ORDER_PARENT_ORDER_ID; i++)
		add_field(scratch,
		    order->placeholder_count ? order_written(order, (enum order_field)i) : order->field[i]);
	return digest_of(strbuf_view(scratch));
}

/* An item that stands in an order and in its sub-order is one: proved by the parent, or, where ids of items
 * are unique over all orders, by the Order Date among all that is equal. */
struct digest order_row_digest(const struct order *order, enum order_key key, struct strbuf *scratch)
{
	struct strv parent = order->field[ORDER_PARENT_ORDER_ID], of = order->field[ORDER_ID];
	bool by_date = key == ORDER_KEY_ITEM && order->field[ORDER_DATE].n > 0;

	if (order->field[ORDER_ITEM_ID].n > 0)
		of = by_date ? (struct strv){NULL, 0} : parent.n > 0 ? parent : of;
	strbuf_clear(scratch);
	add_field(scratch, of);
	for (size_t i = ORDER_ID + 1; i < ORDER_PARENT_ORDER_ID; i++)
		add_field(scratch, order->field[i]);
	return digest_of(strbuf_view(scratch));
}

#define NOWHERE ORDER_PART_COUNT
static const enum order_part part_of[ORDER_FIELD_COUNT] = {
    [ORDER_ID] = NOWHERE,
    [ORDER_ITEM_ID] = NOWHERE,
    [ORDER_DATE] = PART_ORDER_DATE,
    [ORDER_STATUS] = NOWHERE,
    [ORDER_CHANNEL] = PART_TERMS,
    [ORDER_ACTION] = NOWHERE,
    [ORDER_ACCOUNT_ID] = NOWHERE,
    [ORDER_ACCOUNT] = PART_CONTACT,
    [ORDER_IS_RESELLER] = PART_TERMS,
    [ORDER_END_CUSTOMER_ID] = PART_TERMS,
    [ORDER_PRODUCT_CODE] = NOWHERE,
    [ORDER_TIER] = NOWHERE,
    [ORDER_QUANTITY] = PART_QUANTITY,
    [ORDER_CURRENCY] = PART_CURRENCY,
    [ORDER_EMAIL] = PART_CONTACT,
    [ORDER_USERNAME] = PART_CONTACT,
    [ORDER_FIRST_NAME] = PART_CONTACT,
    [ORDER_LAST_NAME] = PART_CONTACT,
    [ORDER_PHONE] = PART_CONTACT,
    [ORDER_ADDRESS_1] = PART_ADDRESS,
    [ORDER_ADDRESS_2] = PART_ADDRESS,
    [ORDER_CITY] = PART_ADDRESS,
    [ORDER_REGION] = PART_ADDRESS,
    [ORDER_POST_CODE] = PART_ADDRESS,
    [ORDER_COUNTRY_CODE] = PART_ADDRESS,
    [ORDER_TERMS_ACCEPTED] = PART_TERMS,
    [ORDER_SUBSCRIPTION_ID] = NOWHERE,
    [ORDER_START_DATE] = PART_START_DATE,
    [ORDER_PARENT_ORDER_ID] = NOWHERE,
};

/* Every order that is accepted has some. */
static void add_hex(char *text, uint64_t digest)
{
	for (unsigned i = 0; i < PART_TEXT; i++)
		text[i] = "0123456789abcdef"[digest >> (60 - 4 * i) & 15];
}

void order_content(const struct order *order, struct strbuf *scratch, char text[ORDER_CONTENT_SIZE])
{
	for (unsigned part = 0; part < ORDER_PART_COUNT; part++) {
		strbuf_clear(scratch);
		strbuf_add(scratch, "", 0);
		for (size_t i = 0; i < ORDER_FIELD_COUNT; i++)
			if (part_of[i] == part)
				add_field(scratch, order->field[i]);
		add_hex(text + (size_t)part * PART_TEXT, digest64(strbuf_view(scratch)));
	}
	text[ORDER_CONTENT_SIZE - 1] = '\0';
}

void order_tell(const struct order *order, struct strbuf *scratch, struct order_told *out)
{
	struct strv tier = order->field[ORDER_TIER];

	digest_text(order_digest(order, scratch), out->digest);
	order_content(order, scratch, out->content);
	out->now = (struct order_now){.order_id = order->field[ORDER_ID],
	    .item_id = order->field[ORDER_ITEM_ID],
	    .parent_order_id = order->field[ORDER_PARENT_ORDER_ID],
	    .account_id = order->field[ORDER_ACCOUNT_ID],
	    .product = order->field[ORDER_PRODUCT_CODE],
	    .tier = order->tier ? strv_of(order->tier->name) : tier,
	    .tier_named = tier.n > 0,
	    .subscription_id = order->field[ORDER_SUBSCRIPTION_ID],
	    .action = order->action,
	    .digest = out->digest,
	    .content = out->content};
	if (!time_parse(order->field[ORDER_DATE], &out->now.ordered_at, NULL))
		out->now.ordered_at = 0;
}
