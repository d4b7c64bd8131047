/* When is an order item that comes now the one that is remembered: each trait, each part, other order ids,
 * and what earlier versions did not keep. And the keys and names of items. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tenantry/mem.h"
#include "tenantry/order_key.h"
#include "tenantry/same_order.h"

#define CONTENT "11111111222222223333333344444444555555556666666677777777"
#define OTHER_CITY "11111111222222223333333304444444555555556666666677777777"
#define OTHER_DAY "11111111222222223333333344444444055555556666666677777777"
#define OTHER_ALL "01111111022222220333333304444444055555550666666607777777"
enum { DAY = 86400000 };

static const struct item_record then = {.key = "main/OI-1",
    .order_id = "O-1",
    .item_id = "OI-1",
    .account_id = "601",
    .subscription_id = "S-1",
    .tier = "Tier 1",
    .digest = "d1",
    .ordered_action = "new",
    .ordered_product = "CCSP-T1",
    .ordered_tier = "Tier 1",
    .parent_order_id = "",
    .content = CONTENT,
    .action = ACTION_NEW,
    .state = ITEM_DONE,
    .ordered_at = DAY};

static struct order_now now_of(const struct item_record *record)
{
	return (struct order_now){.order_id = strv_of(record->order_id),
	    .item_id = strv_of(record->item_id),
	    .account_id = strv_of(record->account_id),
	    .product = STRV("CCSP-T1"),
	    .tier = STRV("Tier 1"),
	    .tier_named = true,
	    .action = ACTION_NEW,
	    .ordered_at = record->ordered_at,
	    .digest = "d2",
	    .content = CONTENT};
}

static void is(struct order_now now, const struct item_record *record, bool by_date, enum likeness likeness,
    unsigned differences, int line)
{
	struct comparison c = order_compare(&now, record, by_date);
	unsigned found = likeness == LIKE_CHANGED ? c.parts : c.traits;

	if (c.likeness != likeness || found != differences)
		fail_msg("line %d: likeness %d, differences %x", line, (int)c.likeness, found);
}
#define IS(now, record, by_date, likeness, differences)                                                      \
	is(now, record, by_date, likeness, differences, __LINE__)

static void each_trait_counts(void **state)
{
	struct order_now now = now_of(&then);

	(void)state;
	IS(now, &then, true, LIKE_SAME, 0);
	now.account_id = STRV("602");
	IS(now, &then, true, LIKE_ANOTHER, 1 << TRAIT_ACCOUNT);
	now = now_of(&then);
	now.action = ACTION_CANCEL;
	IS(now, &then, true, LIKE_ALTERED, 1 << TRAIT_ACTION);
	now.action = ACTION_COUNT;
	IS(now, &then, true, LIKE_ALTERED, 1 << TRAIT_ACTION);
	now = now_of(&then);
	now.product = STRV("CCSP-T2");
	IS(now, &then, true, LIKE_ALTERED, 1 << TRAIT_PRODUCT);
	now.product = STRV("ccsp-t1");
	IS(now, &then, true, LIKE_SAME, 0);
	now.tier = STRV("Tier 2");
	IS(now, &then, true, LIKE_ALTERED, 1 << TRAIT_TIER);
	/* A tier that is no longer said is not proved; one that the product alone names is the product's. */
	now.tier = STRV("");
	IS(now, &then, true, LIKE_ALTERED, 1 << TRAIT_TIER);
	now.tier_named = false;
	IS(now, &then, true, LIKE_SAME, 0);
	now = now_of(&then);
	now.product = STRV("");
	IS(now, &then, true, LIKE_SAME, 0);
}

static void a_change_is_for_one_subscription(void **state)
{
	struct item_record suspended = then;
	struct order_now now;

	(void)state;
	suspended.action = ACTION_SUSPEND;
	suspended.ordered_action = "suspend";
	suspended.ordered_tier = suspended.ordered_product = "";
	now = now_of(&suspended);
	now.action = ACTION_SUSPEND;
	now.subscription_id = STRV("s-1");
	IS(now, &suspended, true, LIKE_SAME, 0);
	now.subscription_id = STRV("S-2");
	IS(now, &suspended, true, LIKE_ALTERED, 1 << TRAIT_SUBSCRIPTION);
	now.subscription_id = STRV("");
	IS(now, &suspended, true, LIKE_SAME, 0);
	/* What a new order became is none of its own saying. */
	now = now_of(&then);
	now.subscription_id = STRV("S-9");
	IS(now, &then, true, LIKE_SAME, 0);
}

static void each_part_is_named(void **state)
{
	struct order_now now = now_of(&then);
	struct strbuf text = {0};

	(void)state;
	now.content = OTHER_CITY;
	IS(now, &then, true, LIKE_CHANGED, 1 << PART_ADDRESS);
	now.digest = "d1"; /* the same row */
	IS(now, &then, true, LIKE_SAME, 0);
	now.digest = "d2";
	now.content = OTHER_ALL;
	IS(now, &then, true, LIKE_CHANGED, (1 << ORDER_PART_COUNT) - 1);
	order_add_differences(&text, order_compare(&now, &then, true));
	assert_string_equal(text.p, "quantity, currency, contact, address, order date, start date and terms");
	strbuf_clear(&text);
	now.account_id = STRV("602");
	now.tier = STRV("Tier 2");
	order_add_differences(&text, order_compare(&now, &then, true));
	assert_string_equal(text.p, "account and tier");
	strbuf_free(&text);
}

static void another_order_id_needs_proof(void **state)
{
	struct order_now now = now_of(&then);
	struct item_record moved = then;

	(void)state;
	now.order_id = STRV("O-2");
	IS(now, &then, true, LIKE_SAME, 0);
	IS(now, &then, false, LIKE_ANOTHER, 1 << TRAIT_ORDER);
	now.content = OTHER_CITY;
	IS(now, &then, true, LIKE_CHANGED, 1 << PART_ADDRESS);
	now.content = CONTENT;
	now.ordered_at = 2 * DAY;
	IS(now, &then, true, LIKE_ANOTHER, 1 << TRAIT_ORDER);
	now.ordered_at = 0;
	IS(now, &then, true, LIKE_ANOTHER, 1 << TRAIT_ORDER);
	now = now_of(&then);
	now.order_id = STRV("O-2");
	now.tier = STRV("Tier 2");
	IS(now, &then, true, LIKE_ANOTHER, 1 << TRAIT_ORDER | 1 << TRAIT_TIER);
	/* The parent waives the day, and nothing else. */
	now.parent_order_id = STRV("O-1");
	now.ordered_at = 2 * DAY;
	IS(now, &then, true, LIKE_ALTERED, 1 << TRAIT_TIER);
	now.tier = STRV("Tier 1");
	IS(now, &then, false, LIKE_SAME, 0);
	now.account_id = STRV("602");
	IS(now, &then, true, LIKE_ANOTHER, 1 << TRAIT_ACCOUNT);
	/* And back: the record is of the sub-order. */
	moved.order_id = "O-2";
	moved.parent_order_id = "O-1";
	now = now_of(&then);
	IS(now, &moved, false, LIKE_SAME, 0);
}

/* Ledgers of earlier versions have the digest, and what was done. */
static void what_was_not_kept_differs_from_nothing(void **state)
{
	struct item_record old = then;
	struct order_now now;

	(void)state;
	old.content = old.ordered_action = old.ordered_product = old.ordered_tier = "";
	now = now_of(&old);
	now.product = STRV("CCSP-T9");
	IS(now, &old, true, LIKE_CHANGED, 0);
	now.digest = "d1";
	IS(now, &old, true, LIKE_SAME, 0);
	now = now_of(&old);
	now.tier = STRV("Tier 2");
	IS(now, &old, true, LIKE_ALTERED, 1 << TRAIT_TIER);
	now.account_id = STRV("602");
	IS(now, &old, true, LIKE_ANOTHER, 1 << TRAIT_ACCOUNT | 1 << TRAIT_TIER);
	/* A second contract that was done as a tier change. */
	now = now_of(&old);
	old.action = ACTION_UPGRADE;
	IS(now, &old, true, LIKE_CHANGED, 0);
	now.action = ACTION_SUSPEND;
	IS(now, &old, true, LIKE_ALTERED, 1 << TRAIT_ACTION);
	/* Its day, before there was one. */
	old = then;
	old.content = "";
	now = now_of(&old);
	now.order_id = STRV("O-2");
	IS(now, &old, true, LIKE_CHANGED, 0);
	now.ordered_at = 2 * DAY;
	IS(now, &old, true, LIKE_ANOTHER, 1 << TRAIT_ORDER);
	/* Which proves nothing: a customer may well be suspended twice. */
	old.ordered_at = 0;
	IS(now, &old, true, LIKE_ANOTHER, 1 << TRAIT_ORDER);
	/* Found in Acronis: the account is all that is known, and that a tenant was made. */
	struct item_record found = {.key = "main/OI-1",
	    .order_id = "OI-1",
	    .item_id = "OI-1",
	    .account_id = "601",
	    .subscription_id = "",
	    .tier = "Tier 7",
	    .digest = "",
	    .content = "",
	    .action = ACTION_NEW};
	now = now_of(&then);
	IS(now, &found, true, LIKE_CHANGED, 0);
	now.tier = STRV("Tier 7");
	IS(now, &found, true, LIKE_SAME, 0);
	now.action = ACTION_CANCEL;
	IS(now, &found, true, LIKE_ANOTHER, 1 << TRAIT_ORDER | 1 << TRAIT_ACTION);
	now.action = ACTION_NEW;
	now.account_id = STRV("602");
	IS(now, &found, true, LIKE_ANOTHER, 1 << TRAIT_ACCOUNT);
	/* Under the order's id alone, work may be under way: with another action it does not go on. */
	struct order_item item = {.key = "main/OI-1",
	    .order_id = "OI-1",
	    .item_id = "",
	    .parent_order_id = "",
	    .account_id = "601",
	    .subscription_id = "",
	    .product_code = "",
	    .tier_text = "Tier 1",
	    .action = ACTION_CANCEL};
	assert_true(order_item_changed(&item, &found));
	item.action = ACTION_NEW;
	assert_false(order_item_changed(&item, &found));
}

static void work_goes_on_with_what_did_not_change(void **state)
{
	static const struct tier tier = {.name = "Tier 1", .product = "CCSP-T1"};
	struct order_item item = {.key = "main/OI-1",
	    .order_id = "O-1",
	    .item_id = "OI-1",
	    .parent_order_id = "",
	    .account_id = "601",
	    .subscription_id = "",
	    .product_code = "CCSP-T1",
	    .tier_text = "Tier 1",
	    .tier = &tier,
	    .order_time = DAY,
	    .digest = "d2",
	    .content = CONTENT};
	struct item_record old = then;

	(void)state;
	assert_false(order_item_changed(&item, &then)); /* another status */
	memcpy(item.content, OTHER_CITY, ORDER_CONTENT_SIZE);
	assert_true(order_item_changed(&item, &then));
	memcpy(item.digest, "d1", 3);
	assert_false(order_item_changed(&item, &then));
	memcpy(item.digest, "d2", 3);
	memcpy(item.content, OTHER_DAY, ORDER_CONTENT_SIZE);
	assert_true(order_item_changed(&item, &then));
	/* A sub-order has a day of its own. */
	item.order_id = "O-2";
	item.parent_order_id = "O-1";
	item.order_time = 2 * DAY;
	assert_false(order_item_changed(&item, &then));
	item.tier_text = "Tier 2";
	item.tier = NULL;
	assert_true(order_item_changed(&item, &then));
	old.content = "";
	old.digest = "d2";
	assert_false(order_item_changed(&item, &old));
	old.digest = "d3";
	assert_true(order_item_changed(&item, &old));
	old.digest = "";
	assert_false(order_item_changed(&item, &old));
}

static struct order_ids ids(const char *order, const char *item, const char *parent)
{
	return (struct order_ids){strv_of(order), strv_of(item), strv_of(parent)};
}

static void keys(void **state)
{
	static const struct {
		struct {
			const char *order, *item, *parent;
		} ids;
		const char *item, *order_item;
	} cases[] = {{{"O-1", "1", ""}, "1", "O-1/1"}, {{"O-1", "", ""}, "O-1", "O-1"},
	    {{"O-2", "1", "O-1"}, "1", "O-1/1"}, {{"O-2", "", "O-1"}, "O-2", "O-2"},
	    {{"", "1", ""}, "1", "/1"}, {{"", "", ""}, "", ""}, {{"A/B", "C", ""}, "C", "A%2FB/C"},
	    {{"A", "B/C", ""}, "B/C", "A/B/C"}, {{"A%2FB", "C", ""}, "C", "A%252FB/C"}};
	struct strbuf scratch = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct order_ids of = ids(cases[i].ids.order, cases[i].ids.item, cases[i].ids.parent);
		assert_true(strv_eq(order_key_id(ORDER_KEY_ITEM, of, &scratch), strv_of(cases[i].item)));
		assert_true(
		    strv_eq(order_key_id(ORDER_KEY_ORDER_ITEM, of, &scratch), strv_of(cases[i].order_item)));
	}
	strbuf_free(&scratch);
}

static void names(void **state)
{
	static const struct {
		const char *key, *order, *item, *parent, *name;
	} cases[] = {{"main/OI-1", "O-1", "OI-1", "", "OI-1"}, {"main/O-1", "O-1", "", "", "O-1"},
	    {"main/O-1/1", "O-1", "1", "", "O-1/1"}, {"main/O-1/1", "O-2", "1", "O-1", "O-1/1"},
	    {"main/A%2FB/1", "A/B", "1", "", "A%2FB/1"}, {"a/b/OI-1", "O-1", "OI-1", "", "OI-1"},
	    {"main/NULL", "O-1", "NULL", "", "NULL"}, {"main/other", "O-1", "OI-1", "", "OI-1"},
	    {"main/OI-1", "OI-1", "OI-1", "", "OI-1"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct item_record item = {.key = cases[i].key,
		    .order_id = cases[i].order,
		    .item_id = cases[i].item,
		    .parent_order_id = cases[i].parent};
		assert_string_equal(item_record_name(&item), cases[i].name);
	}
}

static void keys_are_taken_apart(void **state)
{
	struct strbuf order = {0}, item = {0};

	(void)state;
	assert_true(order_key_split(ORDER_KEY_ITEM, "main", "main/O-1/1", &order, &item));
	assert_string_equal(order.p, "O-1/1");
	assert_string_equal(item.p, "O-1/1");
	assert_true(order_key_split(ORDER_KEY_ORDER_ITEM, "main", "main/A%2FB%25/1/2", &order, &item));
	assert_string_equal(order.p, "A/B%");
	assert_string_equal(item.p, "1/2");
	assert_true(order_key_split(ORDER_KEY_ORDER_ITEM, "main", "main/O-1", &order, &item));
	assert_string_equal(order.p, "O-1");
	assert_string_equal(item.p, "O-1");
	assert_false(order_key_split(ORDER_KEY_ITEM, "main", "other/O-1", &order, &item));
	assert_false(order_key_split(ORDER_KEY_ITEM, "main", "main/", &order, &item));
	strbuf_free(&order);
	strbuf_free(&item);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_trait_counts),
	    cmocka_unit_test(a_change_is_for_one_subscription), cmocka_unit_test(each_part_is_named),
	    cmocka_unit_test(another_order_id_needs_proof),
	    cmocka_unit_test(what_was_not_kept_differs_from_nothing),
	    cmocka_unit_test(work_goes_on_with_what_did_not_change), cmocka_unit_test(keys),
	    cmocka_unit_test(names), cmocka_unit_test(keys_are_taken_apart)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
