/* See same_order.h. What is compared, in turn: the account, the order, what is ordered, what else is said. */
#include "tenantry/same_order.h"

#define BIT(n) (1U << (n))

static const char *const trait_words[] = {
#define X(id, word) [id] = word,
    ORDER_TRAITS(X)
#undef X
};

const char *order_trait_word(enum order_trait trait)
{
	return (unsigned)trait < ORDER_TRAIT_COUNT ? trait_words[trait] : "unknown";
}

/* Versions before this one kept the digest of an order and what was done, not what was ordered. */
static bool knows_what_was_ordered(const struct item_record *then)
{
	return then->content && then->content[0];
}

/* Found in Acronis when the ledger was lost, or decided about when it had changed: what it said is not known,
 * and its tier is not what was ordered but what there is. */
static bool says_nothing(const struct item_record *then)
{
	return !then->digest[0];
}

/* Both given and different: what one of them does not say differs from nothing. */
static bool differ(struct strv now, const char *then)
{
	return now.n > 0 && then && then[0] && !strv_eq_nocase(now, strv_of(then));
}

static bool is_tier_order(enum action action)
{
	return action == ACTION_NEW || action == ACTION_UPGRADE || action == ACTION_DOWNGRADE;
}

/* A second contract may have been done as a tier change (rules.second_contract), and that was all that was
 * kept of it. */
static bool could_have_been(enum action ordered, enum action done)
{
	return ordered == done ||
	       (ordered == ACTION_NEW && (done == ACTION_UPGRADE || done == ACTION_DOWNGRADE));
}

/* Then its ids may be a guess from our tag. */
static bool ids_are_a_guess(const struct item_record *then)
{
	return says_nothing(then) && strcmp(then->order_id, then->item_id) == 0;
}

/* A tag is that of the order that made the tenant: one that orders something else only has its id. */
static bool may_be_of_the_tag(enum action ordered, const struct item_record *then)
{
	return ids_are_a_guess(then) && could_have_been(ordered, then->action);
}

static unsigned traits_then_unknown(const struct order_now *now, const struct item_record *then)
{
	unsigned traits = 0;

	if (!could_have_been(now->action, then->action))
		traits |= BIT(TRAIT_ACTION);
	/* Of the others the record has what the subscription had. */
	if (!says_nothing(then) && is_tier_order(now->action) && differ(now->tier, then->tier))
		traits |= BIT(TRAIT_TIER);
	return traits;
}

/* One that is named by its product alone is the product's, whatever contract.tiers calls it by now. */
static bool other_tier(const struct order_now *now, const struct item_record *then)
{
	if (!now->tier_named && now->product.n > 0 &&
	    strv_eq_nocase(now->product, strv_of(then->ordered_product)))
		return false;
	return is_tier_order(now->action) ? !strv_eq_nocase(now->tier, strv_of(then->ordered_tier))
					  : differ(now->tier, then->ordered_tier);
}

static unsigned traits_known(const struct order_now *now, const struct item_record *then)
{
	unsigned traits = 0;

	if (now->action == ACTION_COUNT || strcmp(action_name(now->action), then->ordered_action) != 0)
		traits |= BIT(TRAIT_ACTION);
	if (differ(now->product, then->ordered_product))
		traits |= BIT(TRAIT_PRODUCT);
	if (other_tier(now, then))
		traits |= BIT(TRAIT_TIER);
	return traits;
}

static unsigned what_was_ordered(const struct order_now *now, const struct item_record *then)
{
	unsigned traits =
	    knows_what_was_ordered(then) ? traits_known(now, then) : traits_then_unknown(now, then);

	if (now->action != ACTION_NEW && !says_nothing(then) &&
	    differ(now->subscription_id, then->subscription_id))
		traits |= BIT(TRAIT_SUBSCRIPTION);
	return traits;
}

/* The BSS moves items into sub-orders on part delivery. */
static bool is_family(const struct order_now *now, const struct item_record *then)
{
	const char *parent = then->parent_order_id ? then->parent_order_id : "";

	return (now->parent_order_id.n > 0 && strv_eq(now->parent_order_id, strv_of(then->order_id))) ||
	       (parent[0] && strv_eq(strv_of(parent), now->order_id)) ||
	       (parent[0] && strv_eq(strv_of(parent), now->parent_order_id));
}

static bool is_of_that_date(const struct order_now *now, const struct item_record *then)
{
	return now->ordered_at != 0 && now->ordered_at == then->ordered_at;
}

static unsigned changed_parts(const char *now, const char *then)
{
	unsigned parts = 0;

	for (unsigned i = 0; i < ORDER_PART_COUNT; i++)
		if (memcmp(now + (size_t)i * PART_TEXT, then + (size_t)i * PART_TEXT, PART_TEXT) != 0)
			parts |= BIT(i);
	return parts;
}

static bool is_content(const char *content)
{
	return content && strlen(content) == ORDER_CONTENT_SIZE - 1;
}

/* What else the order says; of records of earlier versions the digest alone knows, and it knows moves too. */
static void compare_content(
    const struct order_now *now, const struct item_record *then, struct comparison *out)
{
	out->likeness = LIKE_SAME;
	if (says_nothing(then)) {
		/* On another tier by now, or never on the one that was ordered: nobody can tell which. */
		if (ids_are_a_guess(then) && differ(now->tier, then->tier))
			out->likeness = LIKE_CHANGED;
		return;
	}
	if (strcmp(now->digest, then->digest) == 0)
		return;
	if (!is_content(then->content) || !is_content(now->content)) {
		out->likeness = LIKE_CHANGED;
		return;
	}
	out->parts = changed_parts(now->content, then->content);
	if (out->parts)
		out->likeness = LIKE_CHANGED;
}

struct comparison order_compare(const struct order_now *now, const struct item_record *then, bool by_date)
{
	struct comparison out = {.likeness = LIKE_ANOTHER};
	bool same_order =
	    strv_eq(now->order_id, strv_of(then->order_id)) || may_be_of_the_tag(now->action, then);

	if (!strv_eq(now->account_id, strv_of(then->account_id)))
		out.traits |= BIT(TRAIT_ACCOUNT);
	out.traits |= what_was_ordered(now, then);
	out.moved = !same_order;
	if (!same_order && !is_family(now, then) &&
	    !(by_date && out.traits == 0 && is_of_that_date(now, then))) {
		out.traits |= BIT(TRAIT_ORDER);
		return out;
	}
	if (out.traits & BIT(TRAIT_ACCOUNT))
		return out;
	if (out.traits)
		out.likeness = LIKE_ALTERED;
	else
		compare_content(now, then, &out);
	return out;
}

bool order_item_changed(const struct order_item *item, const struct item_record *then)
{
	const struct order_now now = {.order_id = strv_of(item->order_id),
	    .item_id = strv_of(item->item_id),
	    .parent_order_id = strv_of(item->parent_order_id),
	    .account_id = strv_of(item->account_id),
	    .product = strv_of(item->product_code),
	    .tier = strv_of(item->tier ? item->tier->name : item->tier_text),
	    .tier_named = item->tier_text[0] != '\0',
	    .subscription_id = strv_of(item->subscription_id),
	    .action = item->action,
	    .ordered_at = item->order_time,
	    .digest = item->digest,
	    .content = item->content};

	/* Of an item that was found in Acronis without a journal no more is known than what made it. */
	if (says_nothing(then))
		return ids_are_a_guess(then) && !could_have_been(item->action, then->action);
	if (strcmp(item->digest, then->digest) == 0)
		return false;
	struct comparison c = order_compare(&now, then, true);
	/* A sub-order has a day of its own. */
	if (c.likeness == LIKE_CHANGED && c.moved && c.parts)
		return (c.parts & ~BIT(PART_ORDER_DATE)) != 0;
	return c.likeness != LIKE_SAME;
}

static void add_word(struct strbuf *out, const char *word, unsigned left)
{
	strbuf_adds(out, word);
	if (left)
		strbuf_adds(out, left & (left - 1) ? ", " : " and ");
}

void order_add_differences(struct strbuf *out, struct comparison comparison)
{
	bool changed = comparison.likeness == LIKE_CHANGED;
	unsigned left = changed ? comparison.parts : comparison.traits;

	if (!left)
		strbuf_adds(out, "content");
	for (unsigned i = 0; left; i++) {
		if (!(left & BIT(i)))
			continue;
		left &= ~BIT(i);
		add_word(out,
		    changed ? order_part_word((enum order_part)i) : order_trait_word((enum order_trait)i),
		    left);
	}
}
