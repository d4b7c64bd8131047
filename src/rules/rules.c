/* The rules of design section 5, one small pure function each, and the table that says for which actions they
 * hold. What a rule needs of the world was put into the order before (rulebook.c, the intake); the sentences
 * are in reasons.c.
 *
 * Decided here, where the design is silent: an empty Account Id (and for `new` an empty Account) is
 * `row-malformed`, since a row without its customer is no order; rules that are not bound to an action also
 * hold for an unknown action. */
#include <string.h>

#include "rules/rules_impl.h"
#include "tenantry/clock.h"
#include "tenantry/mem.h"

#define BIT(action) (1U << (action))
enum {
	FOR_NEW = BIT(ACTION_NEW),
	FOR_TIER_CHANGES = BIT(ACTION_UPGRADE) | BIT(ACTION_DOWNGRADE),
	FOR_CHANGES = FOR_TIER_CHANGES | BIT(ACTION_SUSPEND) | BIT(ACTION_REACTIVATE) | BIT(ACTION_CANCEL),
	FOR_ALL = FOR_NEW | FOR_CHANGES | BIT(ACTION_COUNT),
	/* "a missing city must not keep a contract running" */
	NOT_FOR_ENDING = FOR_ALL & ~(BIT(ACTION_SUSPEND) | BIT(ACTION_CANCEL)),
};

static struct strv field(const struct order *order, enum order_field id)
{
	return order->field[id];
}

static bool blank(const struct order *order, enum order_field id)
{
	return order->field[id].n == 0;
}

static bool account_missing(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return blank(o, ORDER_ACCOUNT_ID) || (o->action == ACTION_NEW && blank(o, ORDER_ACCOUNT));
}

static bool order_id_missing(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return blank(o, ORDER_ID);
}

static bool order_duplicate(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return o->duplicate_of.source != NULL;
}

static bool order_key_reused(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return o->owner != NULL;
}

static bool action_unknown(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return o->action == ACTION_COUNT;
}

static bool date_is_bad(struct strv text)
{
	return text.n > 0 && !time_parse(text, NULL, NULL);
}

static bool date_invalid(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return date_is_bad(field(o, ORDER_DATE)) || date_is_bad(field(o, ORDER_START_DATE));
}

/* How far a new contract may start from the day on which its order was first read. Further away the year is
 * most likely a slip of the pen: it would be billed for a past that nobody agreed on, or wait for years. */
enum { START_DAYS_BACK = 31, START_YEARS_AHEAD = 2 };

static struct date start_of(const struct order *o)
{
	struct date start = {0};

	return time_parse(field(o, ORDER_START_DATE), NULL, &start) ? start : (struct date){0};
}

static bool date_too_far(const struct rulebook *book, const struct order *o)
{
	const int64_t day_ms = INT64_C(24) * 3600000;
	struct date start = start_of(o), read = o->first_read, last = read;

	(void)book;
	if (!date_is_set(start) || !date_is_set(read))
		return false;
	last.year = (int16_t)(last.year + START_YEARS_AHEAD);
	return date_to_ms(start) < date_to_ms(read) - START_DAYS_BACK * day_ms ||
	       date_compare(start, last) > 0;
}

bool rules_first_read_counts(const struct order *order)
{
	return order->action == ACTION_NEW && !blank(order, ORDER_START_DATE) && order->key.n > 0;
}

static bool status_unknown(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return o->standing == ORDER_STANDING_UNKNOWN;
}

static bool product_unknown(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return !blank(o, ORDER_PRODUCT_CODE) && !o->tier_of_product;
}

static bool tier_unknown(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return blank(o, ORDER_TIER) ? blank(o, ORDER_PRODUCT_CODE) : !o->tier_named;
}

static bool order_tier_mismatch(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return o->tier_named && o->tier_of_product && o->tier_named != o->tier_of_product;
}

static bool tier_not_sold(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return (o->tier_named && !o->tier_named->sold) || (o->tier_of_product && !o->tier_of_product->sold);
}

/* 1, 01, 1.0: zeros may lead it, and a point with zeros may follow it. */
static bool quantity_not_one(const struct rulebook *book, const struct order *o)
{
	struct strv q = field(o, ORDER_QUANTITY);
	size_t i = 0;

	(void)book;
	while (i < q.n && q.p[i] == '0')
		i++;
	if (i == q.n || q.p[i] != '1')
		return true;
	if (++i == q.n)
		return false;
	if (q.p[i] != '.' || i + 1 == q.n)
		return true;
	for (i++; i < q.n; i++)
		if (q.p[i] != '0')
			return true;
	return false;
}

static bool buyer_not_reseller(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return strv_to_bool(field(o, ORDER_IS_RESELLER)) != 1;
}

static bool not_own_use(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return !blank(o, ORDER_END_CUSTOMER_ID) &&
	       !strv_eq(field(o, ORDER_END_CUSTOMER_ID), field(o, ORDER_ACCOUNT_ID));
}

static bool currency_missing(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return blank(o, ORDER_CURRENCY);
}

static bool currency_not_allowed(const struct rulebook *book, const struct order *o)
{
	if (blank(o, ORDER_CURRENCY))
		return false;
	for (size_t i = 0; i < book->currencies.count; i++)
		if (book->currencies.items[i].n == 3 &&
		    memcmp(book->currencies.items[i].p, o->currency, 3) == 0)
			return false;
	return true;
}

bool post_code_may_be_blank(const struct job *job, struct strv country)
{
	for (size_t i = 0; i < job->rules.no_post_code.count; i++)
		if (strv_eq_nocase(strv_of(job->rules.no_post_code.items[i]), country))
			return true;
	return false;
}

static bool billing_address_incomplete(const struct rulebook *book, const struct order *o)
{
	if (blank(o, ORDER_ADDRESS_1) || blank(o, ORDER_CITY) ||
	    !country_is_assigned(field(o, ORDER_COUNTRY_CODE)))
		return true;
	return blank(o, ORDER_POST_CODE) && !post_code_may_be_blank(book->job, field(o, ORDER_COUNTRY_CODE));
}

static bool email_missing(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return o->login.n == 0;
}

/* What an address is made of, a byte each: 1 a character, 2 a dot, 3 an at sign, 0 anything else. */
static const unsigned char email_classes[256] = {
    ['a' ... 'z'] = 1,
    ['A' ... 'Z'] = 1,
    ['0' ... '9'] = 1,
    ['_'] = 1,
    ['+'] = 1,
    ['-'] = 1,
    ['.'] = 2,
    ['@'] = 3,
};

bool email_is_valid(struct strv text)
{
	size_t at = 0, dots = 0;
	unsigned before = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned class = email_classes[(unsigned char)text.p[i]];
		if (class == 0 || (class == 3 && (at > 0 || i == 0)))
			return false;
		/* Dots are not doubled, and one does not begin the domain. */
		if (class == 2 && (before == 2 || before == 3))
			return false;
		dots += class == 2 && at > 0;
		if (class == 3)
			at = i;
		before = class;
	}
	return at > 0 && dots > 0 && before == 1;
}

static bool email_invalid(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return !blank(o, ORDER_EMAIL) && !o->email_valid;
}

static bool username_invalid(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return !blank(o, ORDER_USERNAME) && !o->username_valid;
}

static bool username_taken(const struct rulebook *book, const struct order *o)
{
	(void)book;
	return o->login_before.source ||
	       (o->login_owner.n > 0 && !strv_eq(o->login_owner, field(o, ORDER_ACCOUNT_ID)));
}

static bool terms_not_accepted(const struct rulebook *book, const struct order *o)
{
	if (book->job->rules.terms == TERMS_NEVER || strv_to_bool(field(o, ORDER_TERMS_ACCEPTED)) == 1)
		return false;
	return book->job->rules.terms == TERMS_ALWAYS ||
	       !strv_eq_nocase(field(o, ORDER_CHANNEL), STRV("BSS"));
}

/* A tenant of ours whose subscription the BSS does not list yet is a contract too; one that it lists is
 * judged by its state. */
static bool waits_for_import(const struct order *o)
{
	return o->known && !facts_subscription(o->facts, strv_of(o->known->subscription_id)) &&
	       !facts_subscription_by_external(o->facts, strv_of(o->known->tenant_id));
}

static bool contract_exists(const struct rulebook *book, const struct order *o)
{
	if (o->contract_before.source)
		return true;
	if (!o->facts || o->own_tenant)
		return false;
	if (o->unreadable)
		return true;
	return book->job->rules.second_contract == SECOND_CONTRACT_REJECT &&
	       (o->subject || waits_for_import(o));
}

static bool subject_fits(const struct order *o)
{
	const struct subscription *s = o->subject;

	if (!s || !strv_eq(strv_of(s->account_id), field(o, ORDER_ACCOUNT_ID)))
		return false;
	/* What is cancelled already may be ended once more; nothing else can be done with it. */
	return s->status != SUBSCRIPTION_CANCELLED || o->action == ACTION_CANCEL ||
	       o->action == ACTION_SUSPEND;
}

static bool subscription_unknown(const struct rulebook *book, const struct order *o)
{
	struct strv id = field(o, ORDER_SUBSCRIPTION_ID);

	(void)book;
	if (!o->facts || subject_fits(o))
		return false;
	/* The ledger may know a contract that the BSS's export does not have yet. */
	return !o->known || o->subject ||
	       (id.n > 0 && !strv_eq_nocase(strv_of(o->known->subscription_id), id));
}

const struct tier *current_tier(const struct order *o)
{
	if (o->subject)
		return o->subject->tier;
	return o->known ? o->known->tier : NULL;
}

static bool no_tier_change(const struct rulebook *book, const struct order *o)
{
	const struct tier *now = current_tier(o);

	if (!now || !o->tier || (o->action != ACTION_NEW && o->subject && !subject_fits(o)))
		return false;
	if (o->action == ACTION_NEW)
		return book->job->rules.second_contract == SECOND_CONTRACT_TIER_CHANGE && !o->own_tenant &&
		       (o->subject || waits_for_import(o)) && now == o->tier;
	if (now == o->tier)
		return true;
	return o->action == ACTION_UPGRADE ? o->tier->acronis < now->acronis
					   : o->tier->acronis > now->acronis;
}

const struct rule rule_table[] = {
    {RULE_ROW_MALFORMED, FOR_ALL, account_missing},
    {RULE_ORDER_ID_MISSING, FOR_ALL, order_id_missing},
    {RULE_ORDER_DUPLICATE, FOR_ALL, order_duplicate},
    {RULE_ORDER_KEY_REUSED, FOR_ALL, order_key_reused},
    {RULE_ACTION_UNKNOWN, FOR_ALL, action_unknown},
    {RULE_DATE_INVALID, FOR_ALL, date_invalid},
    {RULE_DATE_TOO_FAR, FOR_NEW, date_too_far},
    {RULE_STATUS_UNKNOWN, FOR_ALL, status_unknown},
    {RULE_PRODUCT_UNKNOWN, NOT_FOR_ENDING, product_unknown},
    {RULE_TIER_UNKNOWN, NOT_FOR_ENDING, tier_unknown},
    {RULE_ORDER_TIER_MISMATCH, NOT_FOR_ENDING, order_tier_mismatch},
    {RULE_TIER_NOT_SOLD, FOR_NEW, tier_not_sold},
    {RULE_QUANTITY_NOT_ONE, NOT_FOR_ENDING, quantity_not_one},
    {RULE_BUYER_NOT_RESELLER, NOT_FOR_ENDING, buyer_not_reseller},
    {RULE_NOT_OWN_USE, NOT_FOR_ENDING, not_own_use},
    {RULE_CURRENCY_MISSING, FOR_NEW, currency_missing},
    {RULE_CURRENCY_NOT_ALLOWED, FOR_NEW, currency_not_allowed},
    {RULE_BILLING_ADDRESS_INCOMPLETE, FOR_NEW, billing_address_incomplete},
    {RULE_EMAIL_MISSING, NOT_FOR_ENDING, email_missing},
    {RULE_EMAIL_INVALID, NOT_FOR_ENDING, email_invalid},
    {RULE_USERNAME_INVALID, NOT_FOR_ENDING, username_invalid},
    {RULE_USERNAME_TAKEN, NOT_FOR_ENDING, username_taken},
    {RULE_TERMS_NOT_ACCEPTED, FOR_NEW, terms_not_accepted},
    {RULE_CONTRACT_EXISTS, FOR_NEW, contract_exists},
    {RULE_SUBSCRIPTION_UNKNOWN, FOR_CHANGES, subscription_unknown},
    {RULE_NO_TIER_CHANGE, FOR_NEW | FOR_TIER_CHANGES, no_tier_change},
};
const size_t rule_table_count = ARRAY_LEN(rule_table);

struct verdict rules_judge(const struct rulebook *rulebook, const struct order *order)
{
	struct verdict verdict = {0, 0};
	unsigned action = BIT(order->action);

	for (size_t i = 0; i < ARRAY_LEN(rule_table); i++)
		if ((rule_table[i].actions & action) && rule_table[i].broken(rulebook, order))
			verdict.broken |= RULE_BIT(rule_table[i].code);
	if (order->currency_alias && order->action == ACTION_NEW)
		verdict.warnings |= RULE_BIT(WARNING_CURRENCY_ALIAS);
	if (order->placeholder_count > 0)
		verdict.warnings |= RULE_BIT(WARNING_ID_PLACEHOLDER);
	return verdict;
}

bool rules_login_counts(const struct order *order)
{
	return (BIT(order->action) & NOT_FOR_ENDING) != 0 && order->login.n > 0;
}
