/* From fields to an order that rules can judge: trimming, statuses, tiers, currency, and what the facts know
 * of it. The only place of the rules that reads job settings by name; the rules themselves (rules.c) see the
 * result. */
#include <stdlib.h>
#include <string.h>

#include "rules/rules_impl.h"
#include "tenantry/mem.h"
#include "tenantry/order_key.h"
#include "tenantry/placeholder.h"

static struct strv_list list_of(const struct text_list *texts)
{
	struct strv_list list = {mem_zalloc(texts->count * sizeof *list.items), texts->count};

	for (size_t i = 0; i < list.count; i++)
		list.items[i] = strv_of(texts->items[i]);
	return list;
}

struct rulebook *rulebook_new(const struct job *job)
{
	struct rulebook *book = mem_zalloc(sizeof *book);
	size_t n = job->contract.tier_count;

	book->job = job;
	book->tiers = mem_zalloc(n * sizeof *book->tiers);
	book->tier_count = n;
	book->pending = list_of(&job->bss.pending);
	book->ignored = list_of(&job->bss.ignored);
	book->currencies = list_of(&job->rules.currencies);
	book->aliases =
	    (struct strv_list){mem_zalloc(job->rules.currency_alias_count * sizeof *book->aliases.items),
		job->rules.currency_alias_count};
	for (size_t i = 0; i < book->aliases.count; i++)
		book->aliases.items[i] = strv_of(job->rules.currency_aliases[i].from);
	for (size_t i = 0; i < n; i++) {
		const struct tier *tier = &job->contract.tiers[i];
		book->tiers[i] = (struct tier_names){strv_of(tier->name), strv_of(tier->product), tier};
	}
	return book;
}

void rulebook_free(struct rulebook *rulebook)
{
	if (!rulebook)
		return;
	free(rulebook->tiers);
	free(rulebook->pending.items);
	free(rulebook->ignored.items);
	free(rulebook->aliases.items);
	free(rulebook->currencies.items);
	free(rulebook);
}

bool strv_in_list(const struct strv_list *list, struct strv text)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].n == text.n && strv_eq_nocase(list->items[i], text))
			return true;
	return false;
}

static enum order_standing standing_of(const struct rulebook *book, struct strv status)
{
	if (strv_in_list(&book->pending, status))
		return ORDER_PENDING;
	return strv_in_list(&book->ignored, status) ? ORDER_IGNORED : ORDER_STANDING_UNKNOWN;
}

static void empty_placeholders(struct order *order)
{
	static const enum order_field ids[] = {
	    ORDER_ID, ORDER_ITEM_ID, ORDER_ACCOUNT_ID, ORDER_SUBSCRIPTION_ID, ORDER_PARENT_ORDER_ID};

	order->placeholder_count = 0;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct strv *field = &order->field[ids[i]];
		if (!is_placeholder(*field))
			continue;
		order->placeholders[order->placeholder_count].id = ids[i];
		order->placeholders[order->placeholder_count++].written = *field;
		*field = (struct strv){NULL, 0};
	}
}

void order_read_key(const struct rulebook *rulebook, const struct strv *fields, const int *map,
    struct strbuf *scratch, struct order *order)
{
	for (size_t i = 0; i < ORDER_FIELD_COUNT; i++) {
		struct strv v = map[i] >= 0 ? fields[map[i]] : (struct strv){NULL, 0};
		/* Nearly all are tight already. */
		if (v.n > 0 && ((unsigned char)v.p[0] <= ' ' || (unsigned char)v.p[v.n - 1] <= ' '))
			v = strv_trim(v);
		order->field[i] = v;
	}
	empty_placeholders(order);
	order->terms_read = false;
	order->owner = NULL;
	order->standing = standing_of(rulebook, order->field[ORDER_STATUS]);
	order->key = order->item_key = order_key_id(rulebook->job->bss.order_key,
	    (struct order_ids){
		order->field[ORDER_ID], order->field[ORDER_ITEM_ID], order->field[ORDER_PARENT_ORDER_ID]},
	    scratch);
}

static bool same_name(struct strv a, struct strv b)
{
	/* Names of tiers differ at their end if anywhere. */
	return a.n == b.n && a.n > 0 && ((a.p[a.n - 1] ^ b.p[b.n - 1]) & ~0x20) == 0 && strv_eq_nocase(a, b);
}

static void read_logins(struct order *order)
{
	struct strv email = order->field[ORDER_EMAIL], username = order->field[ORDER_USERNAME];

	order->login = username.n > 0 ? username : email;
	order->email_valid = email_is_valid(email);
	/* Often the same text in both. */
	order->username_valid = strv_eq(username, email) ? order->email_valid : email_is_valid(username);
}

static void find_tiers(const struct rulebook *rulebook, struct order *order)
{
	order->tier_named = order->tier_of_product = NULL;
	for (size_t i = 0; i < rulebook->tier_count && !(order->tier_named && order->tier_of_product); i++) {
		const struct tier_names *names = &rulebook->tiers[i];
		if (!order->tier_named && same_name(names->name, order->field[ORDER_TIER]))
			order->tier_named = names->tier;
		if (!order->tier_of_product && same_name(names->product, order->field[ORDER_PRODUCT_CODE]))
			order->tier_of_product = names->tier;
	}
	order->tier = order->tier_named ? order->tier_named : order->tier_of_product;
}

static void read_currency(const struct rulebook *book, struct order *order)
{
	struct strv text = order->field[ORDER_CURRENCY];

	order->currency[0] = '\0';
	order->currency_alias = false;
	for (size_t i = 0; i < book->aliases.count; i++) {
		if (!strv_eq_nocase(book->aliases.items[i], text))
			continue;
		text = strv_of(book->job->rules.currency_aliases[i].to);
		order->currency_alias = true;
		break;
	}
	if (text.n != 3)
		return;
	for (size_t i = 0; i < 3; i++)
		order->currency[i] =
		    (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - ('a' - 'A') : text.p[i]);
	order->currency[3] = '\0';
}

/* Is the item key (bss.name + "/" + id) this order's? */
static bool is_key_of(const char *item_key, const char *bss_name, struct strv id)
{
	size_t n = strlen(bss_name);

	return id.n > 0 && strncmp(item_key, bss_name, n) == 0 && item_key[n] == '/' &&
	       strv_eq(strv_of(item_key + n + 1), id);
}

/* The BSS lists a contract that is under way as pending, under the id that was derived for it. */
static bool is_own_subscription(const struct rulebook *book, const struct order *order)
{
	char text[UUID_TEXT_SIZE];
	struct strbuf key = {0};

	if (order->action != ACTION_NEW || !order->subject)
		return false;
	strbuf_addf(&key, "%s/%.*s", book->job->bss.name, STRV_ARG(order->item_key));
	uuid_from_name("subscription", strbuf_view(&key), text);
	strbuf_free(&key);
	return strv_eq_nocase(strv_of(order->subject->id), strv_of(text));
}

static void meet_facts(const struct rulebook *rulebook, const struct facts *facts, struct order *order)
{
	struct strv account = order->field[ORDER_ACCOUNT_ID], id = order->field[ORDER_SUBSCRIPTION_ID];

	order->known = facts_tenant(facts, account);
	order->unreadable = facts_unreadable(facts, account);
	order->subject = order->action != ACTION_NEW && id.n > 0 ? facts_subscription(facts, id)
								 : facts_live_subscription(facts, account);
	if (order->login.n > 0)
		order->login_owner = facts_login_owner(facts, order->login);
	order->own_tenant =
	    (order->known && is_key_of(order->known->item_key, rulebook->job->bss.name, order->item_key)) ||
	    is_own_subscription(rulebook, order);
}

void order_read_terms(const struct rulebook *rulebook, struct order *order)
{
	if (order->terms_read)
		return;
	order->terms_read = true;
	if (!action_parse(order->field[ORDER_ACTION], &order->action))
		order->action = ACTION_COUNT;
	find_tiers(rulebook, order);
}

void order_read(const struct rulebook *rulebook, const struct facts *facts, struct order *order)
{
	order_read_terms(rulebook, order);
	read_logins(order);
	read_currency(rulebook, order);
	order->facts = facts;
	order->subject = NULL;
	order->known = NULL;
	order->unreadable = NULL;
	order->login_owner = (struct strv){NULL, 0};
	order->own_tenant = false;
	if (facts)
		meet_facts(rulebook, facts, order);
}
