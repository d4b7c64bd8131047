/* What rules say to people: names, sentences with the offending value, the reference table. */
#include "rules/rules_impl.h"

static const struct {
	const char *name, *text;
} rule_texts[] = {
#define X(id, code, text) [id] = {code, text},
    RULES(X)
#undef X
};

static const struct {
	const char *name, *text;
} warning_texts[] = {
#define X(id, code, text) [id] = {code, text},
    WARNINGS(X)
#undef X
};

static const char *const field_names[] = {
#define X(id, header, needed) [id] = header,
    ORDER_FIELDS(X)
#undef X
};

const char *rule_name(enum rule_code code)
{
	return (unsigned)code < RULE_COUNT ? rule_texts[code].name : "unknown";
}

const char *rule_text(enum rule_code code)
{
	return (unsigned)code < RULE_COUNT ? rule_texts[code].text : "unknown";
}

const char *warning_name(enum warning_code code)
{
	return (unsigned)code < WARNING_COUNT ? warning_texts[code].name : "unknown";
}

const char *warning_text(enum warning_code code)
{
	return (unsigned)code < WARNING_COUNT ? warning_texts[code].text : "unknown";
}

/* "value", cut where it is long, control characters as spaces. */
static void add_value(struct strbuf *out, struct strv value)
{
	enum { SHOWN = 120 };
	size_t n = value.n < SHOWN ? value.n : SHOWN;

	while (n < value.n && n > 0 && ((unsigned char)value.p[n] & 0xc0) == 0x80)
		n--;
	strbuf_addc(out, '"');
	for (size_t i = 0; i < n; i++)
		strbuf_addc(out, (unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f ? ' ' : value.p[i]);
	strbuf_adds(out, n < value.n ? "...\"" : "\"");
}

static void add_field_is(struct strbuf *out, const struct order *order, enum order_field id)
{
	strbuf_adds(out, field_names[id]);
	if (order->field[id].n == 0) {
		strbuf_adds(out, " is empty");
		return;
	}
	strbuf_adds(out, " is ");
	add_value(out, order->field[id]);
}

/* An id that is missing, or a word for that. */
static void add_written(struct strbuf *out, const char *column, struct strv written)
{
	strbuf_adds(out, column);
	if (written.n == 0) {
		strbuf_adds(out, " is empty");
		return;
	}
	strbuf_adds(out, " is ");
	add_value(out, written);
	strbuf_adds(out, ", which stands for nothing");
}

static void add_list(struct strbuf *out, const struct text_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		strbuf_addf(out, "%s%s", i > 0 ? ", " : "", list->items[i][0] ? list->items[i] : "(empty)");
}

static void add_place(struct strbuf *out, const struct order_place *place)
{
	strbuf_addf(out, "%s:%lu", place->source, place->line);
}

static void say_malformed(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	struct strv account = order_written(o, ORDER_ACCOUNT_ID);

	(void)book;
	if (o->field[ORDER_ACCOUNT_ID].n > 0)
		strbuf_adds(out, "Account is empty");
	else
		add_written(out, "Account Id", account);
	strbuf_adds(out, "; an order needs its customer");
}

static void say_no_order(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	add_written(out, "Order Id", order_written(o, ORDER_ID));
}

/* Line numbers are what most often comes twice. */
static void add_order_key_hint(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	if (book->job->bss.order_key == ORDER_KEY_ITEM && o->field[ORDER_ITEM_ID].n > 0)
		strbuf_adds(out, " (ids that are unique within their order only: bss.order_key: order_item)");
}

static void say_duplicate(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	strbuf_adds(out, "the same order item stands with other content in ");
	add_place(out, &o->duplicate_of);
	strbuf_adds(out, o->duplicate_is_others
			     ? ", there of another order or account: each item needs an id of its own"
			     : "; keep the right one");
	if (o->duplicate_is_others)
		add_order_key_hint(out, book, o);
}

static void add_order(struct strbuf *out, struct strv order, struct strv account)
{
	strbuf_addf(out, "order %.*s of account %.*s", STRV_ARG(order), STRV_ARG(account));
}

static void say_reused(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	const struct item_record *owner = o->owner;

	strbuf_adds(out, o->field[ORDER_ITEM_ID].n > 0 ? "the order item id " : "the order id ");
	add_value(out, o->field[ORDER_ITEM_ID].n > 0 ? o->field[ORDER_ITEM_ID] : o->field[ORDER_ID]);
	strbuf_adds(out, " is known for ");
	add_order(out, strv_of(owner->order_id), strv_of(owner->account_id));
	strbuf_addf(out, " (%s%s%s; %s)",
	    owner->ordered_action[0] ? owner->ordered_action : action_name(owner->action),
	    owner->tier[0] ? ", " : "", owner->tier, item_state_name(owner->state));
	strbuf_adds(out, "; this is ");
	add_order(out, o->field[ORDER_ID], o->field[ORDER_ACCOUNT_ID]);
	strbuf_adds(out, " with another ");
	order_add_differences(out, o->unlike);
	strbuf_adds(out, ": order it as an item with an id of its own");
	if (o->unlike.traits & 1U << TRAIT_ORDER)
		add_order_key_hint(out, book, o);
}

static void say_action(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	add_field_is(out, o, ORDER_ACTION);
	strbuf_adds(out, "; must be new, upgrade, downgrade, suspend, reactivate or cancel");
}

static void say_date(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	struct strv date = o->field[ORDER_DATE];

	(void)book;
	add_field_is(out, o, date.n > 0 && !time_parse(date, NULL, NULL) ? ORDER_DATE : ORDER_START_DATE);
	strbuf_adds(out, "; must be a date that exists, written as 2026-11-22 or 2026-11-22T09:30:00Z");
}

static void say_too_far(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	char day[DATE_TEXT_SIZE];

	(void)book;
	add_field_is(out, o, ORDER_START_DATE);
	strbuf_addf(out, "; the order was first read on %s: at most 31 days before and 2 years after that",
	    date_text(o->first_read, day));
}

static void say_status(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	add_field_is(out, o, ORDER_STATUS);
	strbuf_adds(out, "; pending in the job file are: ");
	add_list(out, &book->job->bss.pending);
	strbuf_adds(out, "; ignored: ");
	add_list(out, &book->job->bss.ignored);
}

static void say_product(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	add_field_is(out, o, ORDER_PRODUCT_CODE);
	strbuf_adds(out, "; it is not the product of a tier in contract.tiers");
}

static void say_tier(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	if (o->field[ORDER_TIER].n == 0) {
		strbuf_adds(out, "Product Code and Tier are both empty; one of them must name the tier");
		return;
	}
	add_field_is(out, o, ORDER_TIER);
	strbuf_adds(out, "; it is not the name of a tier in contract.tiers");
}

static void say_mismatch(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	add_field_is(out, o, ORDER_PRODUCT_CODE);
	strbuf_addf(out, " (%s) but ", o->tier_of_product->name);
	add_field_is(out, o, ORDER_TIER);
}

static void say_not_sold(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	strbuf_addf(out, "%s is no longer sold; existing contracts may keep it, new orders may not name it",
	    o->tier_named && !o->tier_named->sold ? o->tier_named->name : o->tier_of_product->name);
}

static void say_quantity(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	add_field_is(out, o, ORDER_QUANTITY);
	strbuf_adds(out, "; must be exactly 1 for a contract");
}

static void say_reseller(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	add_field_is(out, o, ORDER_IS_RESELLER);
	strbuf_adds(out, "; a contract is sold to resellers only");
}

static void say_own_use(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	add_field_is(out, o, ORDER_END_CUSTOMER_ID);
	strbuf_adds(out, " and Account Id is ");
	add_value(out, o->field[ORDER_ACCOUNT_ID]);
	strbuf_adds(out, "; a contract is for the reseller's own use");
}

static void say_currency(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	add_field_is(out, o, ORDER_CURRENCY);
	strbuf_adds(out, "; contracts are billed in ");
	add_list(out, &book->job->rules.currencies);
}

static void say_currency_missing(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)o;
	strbuf_adds(out, "Currency is empty; contracts are billed in ");
	add_list(out, &book->job->rules.currencies);
}

static void say_country(struct strbuf *out, const struct order *o)
{
	struct strv code = o->field[ORDER_COUNTRY_CODE];

	add_value(out, code);
	strbuf_adds(out, " is not an assigned ISO 3166-1 alpha-2 code");
	if (strv_eq_nocase(code, STRV("UK")))
		strbuf_adds(out, " (the United Kingdom is GB)");
	else if (strv_eq_nocase(code, STRV("EL")))
		strbuf_adds(out, " (Greece is GR)");
}

static void say_address(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	static const enum order_field fields[] = {
	    ORDER_ADDRESS_1, ORDER_CITY, ORDER_POST_CODE, ORDER_COUNTRY_CODE};
	struct strv country = o->field[ORDER_COUNTRY_CODE];
	bool any = false;

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (o->field[fields[i]].n > 0)
			continue;
		if (fields[i] == ORDER_POST_CODE && post_code_may_be_blank(book->job, country))
			continue;
		strbuf_addf(out, "%s%s is empty", any ? ", " : "", field_names[fields[i]]);
		any = true;
	}
	if (country.n > 0 && !country_is_assigned(country)) {
		strbuf_addf(out, "%sCountry Code ", any ? ", " : "");
		say_country(out, o);
	}
}

static void say_email_missing(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	(void)o;
	strbuf_adds(out, "Email and Username are both empty; Acronis sends the activation mail there");
}

static void say_address_form(struct strbuf *out, const struct order *o, enum order_field id)
{
	add_field_is(out, o, id);
	strbuf_adds(out,
	    "; must look like name@example.com: one @, a domain with a dot, and only A-Z a-z 0-9 . _ + -");
}

static void say_email(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	say_address_form(out, o, ORDER_EMAIL);
}

static void say_username(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	say_address_form(out, o, ORDER_USERNAME);
}

static void say_taken(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	strbuf_adds(out, "the login ");
	add_value(out, o->login);
	strbuf_adds(out, " belongs to another account");
	if (o->login_before.source) {
		strbuf_adds(out, ", ordered in ");
		add_place(out, &o->login_before);
	} else {
		strbuf_addf(out, ", %.*s", STRV_ARG(o->login_owner));
	}
}

static void say_terms(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	add_field_is(out, o, ORDER_TERMS_ACCEPTED);
	strbuf_adds(out, "; the buyer must accept the Acronis terms of use first");
}

static void say_contract(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	(void)book;
	strbuf_adds(out, "the account ");
	add_value(out, o->field[ORDER_ACCOUNT_ID]);
	if (o->contract_before.source) {
		strbuf_adds(out, " is given a contract by ");
		add_place(out, &o->contract_before);
	} else if (o->unreadable) {
		strbuf_addf(out, " may have a contract: its subscription in %s:%lu cannot be read",
		    o->unreadable->source, o->unreadable->line);
	} else if (o->subject) {
		strbuf_addf(out, " has the contract %s (%s); order an upgrade or a downgrade of it",
		    o->subject->id, subscription_status_name(o->subject->status));
	} else {
		strbuf_adds(out, " has a contract that was provisioned and is not in the subscriptions yet");
	}
}

static void say_subscription(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	const struct subscription *s = o->subject;

	(void)book;
	if (o->field[ORDER_SUBSCRIPTION_ID].n == 0) {
		strbuf_adds(out, "Subscription Id is empty and the account ");
		add_value(out, o->field[ORDER_ACCOUNT_ID]);
		strbuf_adds(out, " has no contract");
		return;
	}
	strbuf_adds(out, "the subscription ");
	add_value(out, o->field[ORDER_SUBSCRIPTION_ID]);
	if (!s)
		strbuf_adds(out, " is not in the subscriptions");
	else if (!strv_eq(strv_of(s->account_id), o->field[ORDER_ACCOUNT_ID]))
		strbuf_addf(out, " belongs to the account \"%s\"", s->account_id);
	else
		strbuf_addf(out, " is %s", subscription_status_name(s->status));
}

static void say_no_change(struct strbuf *out, const struct rulebook *book, const struct order *o)
{
	const struct tier *now = current_tier(o);

	(void)book;
	if (now == o->tier)
		strbuf_addf(out, "the contract is on %s already", now->name);
	else
		strbuf_addf(out, "from %s to %s is not %s", now->name, o->tier->name,
		    o->action == ACTION_UPGRADE ? "an upgrade" : "a downgrade");
}

/* Rules that are not here say their sentence of the table. */
static void (*const sayings[RULE_COUNT])(struct strbuf *, const struct rulebook *, const struct order *) = {
    [RULE_ROW_MALFORMED] = say_malformed,
    [RULE_ORDER_ID_MISSING] = say_no_order,
    [RULE_ORDER_DUPLICATE] = say_duplicate,
    [RULE_ORDER_KEY_REUSED] = say_reused,
    [RULE_ACTION_UNKNOWN] = say_action,
    [RULE_DATE_INVALID] = say_date,
    [RULE_DATE_TOO_FAR] = say_too_far,
    [RULE_STATUS_UNKNOWN] = say_status,
    [RULE_PRODUCT_UNKNOWN] = say_product,
    [RULE_TIER_UNKNOWN] = say_tier,
    [RULE_ORDER_TIER_MISMATCH] = say_mismatch,
    [RULE_TIER_NOT_SOLD] = say_not_sold,
    [RULE_QUANTITY_NOT_ONE] = say_quantity,
    [RULE_BUYER_NOT_RESELLER] = say_reseller,
    [RULE_NOT_OWN_USE] = say_own_use,
    [RULE_CURRENCY_MISSING] = say_currency_missing,
    [RULE_CURRENCY_NOT_ALLOWED] = say_currency,
    [RULE_BILLING_ADDRESS_INCOMPLETE] = say_address,
    [RULE_EMAIL_MISSING] = say_email_missing,
    [RULE_EMAIL_INVALID] = say_email,
    [RULE_USERNAME_INVALID] = say_username,
    [RULE_USERNAME_TAKEN] = say_taken,
    [RULE_TERMS_NOT_ACCEPTED] = say_terms,
    [RULE_CONTRACT_EXISTS] = say_contract,
    [RULE_SUBSCRIPTION_UNKNOWN] = say_subscription,
    [RULE_NO_TIER_CHANGE] = say_no_change,
};

void rules_reasons(
    const struct rulebook *rulebook, const struct order *order, struct verdict verdict, struct strbuf *out)
{
	bool any = false;

	for (int i = 0; i < RULE_COUNT; i++) {
		if (!(verdict.broken & RULE_BIT(i)))
			continue;
		strbuf_addf(out, "%s%s: ", any ? " | " : "", rule_texts[i].name);
		if (sayings[i])
			sayings[i](out, rulebook, order);
		else
			strbuf_adds(out, rule_texts[i].text);
		any = true;
	}
}

static void add_code(struct strbuf *out, const char *code, bool *any)
{
	if (*any)
		strbuf_addc(out, ' ');
	strbuf_adds(out, code);
	*any = true;
}

void rules_codes(struct verdict verdict, struct strbuf *out)
{
	bool any = false;

	for (int i = 0; i < RULE_COUNT; i++)
		if (verdict.broken & RULE_BIT(i))
			add_code(out, rule_texts[i].name, &any);
}

void warnings_codes(struct verdict verdict, struct strbuf *out)
{
	bool any = false;

	for (int i = 0; i < WARNING_COUNT; i++)
		if (verdict.warnings & RULE_BIT(i))
			add_code(out, warning_texts[i].name, &any);
}

static void add_actions(struct strbuf *out, unsigned actions)
{
	unsigned all = (1U << ACTION_COUNT) - 1;
	bool any = false;

	if ((actions & all) == all) {
		strbuf_adds(out, "all");
		return;
	}
	for (int i = 0; i < ACTION_COUNT; i++) {
		if (!(actions & (1U << i)))
			continue;
		strbuf_addf(out, "%s%s", any ? ", " : "", action_name((enum action)i));
		any = true;
	}
}

void rules_reference_markdown(struct strbuf *out)
{
	strbuf_adds(out, "| Code | Rejected because | Held for |\n| --- | --- | --- |\n");
	for (int i = 0; i < RULE_COUNT; i++) {
		unsigned actions = (1U << ACTION_COUNT) - 1;
		for (size_t r = 0; r < rule_table_count; r++)
			if (rule_table[r].code == (enum rule_code)i)
				actions = rule_table[r].actions;
		strbuf_addf(out, "| `%s` | %s | ", rule_texts[i].name, rule_texts[i].text);
		add_actions(out, actions);
		strbuf_adds(out, " |\n");
	}
	for (int i = 0; i < WARNING_COUNT; i++)
		strbuf_addf(out, "| `%s` (warning) | %s | %s |\n", warning_texts[i].name,
		    warning_texts[i].text, i == WARNING_CURRENCY_ALIAS ? "new" : "all");
}
