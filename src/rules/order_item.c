/* From a judged order to the plain data that provisioning works on; see order.h. */
#include "rules/rules_impl.h"

static const char *kept(struct arena *arena, const struct order *order, enum order_field id)
{
	return arena_strndup(arena, order->field[id].p, order->field[id].n);
}

static char *upper_copy(struct arena *arena, struct strv text)
{
	char *copy = arena_strndup(arena, text.p, text.n);

	for (char *c = copy; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - ('a' - 'A'));
	return copy;
}

/* The subscription that a change is for: the one that the row names, else the account's own. */
static const char *subscription_of(struct arena *arena, const struct order *order)
{
	if (order->action == ACTION_NEW)
		return "";
	if (order->field[ORDER_SUBSCRIPTION_ID].n > 0)
		return kept(arena, order, ORDER_SUBSCRIPTION_ID);
	if (order->subject)
		return arena_strdup(arena, order->subject->id);
	return order->known ? arena_strdup(arena, order->known->subscription_id) : "";
}

static void set_customer(struct order_item *item, const struct order *order, struct arena *arena)
{
	struct strbuf name = {0};
	struct strv email = order->field[ORDER_EMAIL].n > 0 ? order->field[ORDER_EMAIL] : order->login;

	account_name_normal(order->field[ORDER_ACCOUNT], &name);
	item->account = arena_strndup(arena, name.p, name.n);
	strbuf_free(&name);
	item->account_id = kept(arena, order, ORDER_ACCOUNT_ID);
	item->email = arena_strndup(arena, email.p, email.n);
	item->login = arena_strndup(arena, order->login.p, order->login.n);
	item->first_name = kept(arena, order, ORDER_FIRST_NAME);
	item->last_name = kept(arena, order, ORDER_LAST_NAME);
	item->phone = kept(arena, order, ORDER_PHONE);
	item->address1 = kept(arena, order, ORDER_ADDRESS_1);
	item->address2 = kept(arena, order, ORDER_ADDRESS_2);
	item->city = kept(arena, order, ORDER_CITY);
	item->region = kept(arena, order, ORDER_REGION);
	item->post_code = kept(arena, order, ORDER_POST_CODE);
	item->country = upper_copy(arena, order->field[ORDER_COUNTRY_CODE]);
}

struct order_item *order_item_of(
    const struct rulebook *rulebook, const struct order *order, struct arena *arena)
{
	struct order_item *item = arena_alloc(arena, sizeof *item);
	struct strbuf scratch = {0};

	item->key = arena_printf(arena, "%s/%.*s", rulebook->job->bss.name, STRV_ARG(order->item_key));
	item->order_id = kept(arena, order, ORDER_ID);
	item->item_id = kept(arena, order, ORDER_ITEM_ID);
	item->parent_order_id = kept(arena, order, ORDER_PARENT_ORDER_ID);
	set_customer(item, order, arena);
	item->subscription_id = subscription_of(arena, order);
	item->product_code = kept(arena, order, ORDER_PRODUCT_CODE);
	item->tier_text = kept(arena, order, ORDER_TIER);
	item->action = order->action;
	item->tier = order->tier;
	memcpy(item->currency, order->currency, sizeof item->currency);
	time_parse(order->field[ORDER_DATE], &item->order_time, &item->order_date);
	time_parse(order->field[ORDER_START_DATE], NULL, &item->start_date);
	item->source = arena_strdup(arena, order->source ? order->source : "");
	item->line = order->line;
	digest_text(order_digest(order, &scratch), item->digest);
	order_content(order, &scratch, item->content);
	strbuf_free(&scratch);
	return item;
}
