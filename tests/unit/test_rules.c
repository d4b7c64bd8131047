/* Every rule of design section 5 through the whole intake: a row that breaks it and rows that nearly do. */
#include "intake_fixture.h"

/* Accounts of the world: who has which contract. 5000 has a row that cannot be read, 6000 a tenant of ours
 * that the BSS does not list yet, 7000 one whose subscription is cancelled, 9100 the pending subscription
 * that order item OWN-9 asked for. */
static const char subscriptions[] =
    "Subscription Id,Subscription External Id,Account Id,Username,Tier,Status,Currency\n"
    "5b2bd1ba-0000-4000-8000-000000000001,,1000,one@example.com,Tier 1,Active,USD\n"
    "S-2,,2000,two@example.com,Tier 2,Suspended,EUR\n"
    "S-3,,3000,three@example.com,Tier 3,Cancelled,EUR\n"
    "S-4,,4000,four@example.com,Tier 4,Pending,EUR\n"
    "S-5,,5000,five@example.com,Tier 4,On hold,EUR\n"
    "S-7,0a0a0a0a-0000-4000-8000-000000000007,7000,seven@example.com,Tier 1,Canceled,EUR\n"
    "S-8,,8000,eight@example.com,Promo,Active,USD\n"
    "8d17265e-3b0d-8bf9-8907-f1d52601797f,,9100,own@example.com,Tier 1,Pending,USD\n";

struct world {
	struct fixture *f;
	struct subscriptions *list;
	struct facts *facts;
	struct known_tenant tenants[3];
	uint64_t broken[8]; /* of the rows, in order; 0: accepted */
	size_t rows;
	struct order_item *item;         /* the last accepted */
	bool begun;                      /* work on every item has */
	struct strv item_key;            /* what the ledger has every item under */
	const struct item_record *owner; /* whose key every item has */
	int first_reads;                 /* how often it was asked */
};

static int set_up_world(void **state)
{
	struct world *w = mem_zalloc(sizeof *w);
	struct error err = {0};

	if (set_up((void **)&w->f) < 0)
		return -1;
	put(w->f, "subscriptions.csv", subscriptions);
	w->list = subscriptions_load(w->f->job, &err);
	if (!w->list)
		return -1;
	w->facts = facts_new();
	facts_add_subscriptions(w->facts, w->list);
	const struct tier *tiers = w->f->job->contract.tiers;
	w->tenants[0] = (struct known_tenant){"6000", "0a0a0a0a-0000-4000-8000-000000000006",
	    "six@example.com", "main/OLD-6", "S-6", "", &tiers[2]};
	w->tenants[1] = (struct known_tenant){"7000", "0a0a0a0a-0000-4000-8000-000000000007",
	    "seven@example.com", "main/OLD-7", "S-7", "", &tiers[1]};
	w->tenants[2] =
	    (struct known_tenant){"2000", "", "two@example.com", "main/OWN-2", "S-2", "", &tiers[2]};
	for (size_t i = 0; i < ARRAY_LEN(w->tenants); i++)
		facts_add_tenant(w->facts, &w->tenants[i]);
	*state = w;
	return 0;
}

static int tear_down_world(void **state)
{
	struct world *w = *state;

	facts_free(w->facts);
	subscriptions_free(w->list);
	int rc = tear_down((void **)&w->f);
	free(w);
	return rc;
}

static const char *const headers[] = {
#define X(id, header, needed) header,
    ORDER_FIELDS(X)
#undef X
};

/* A good new order. */
static const char *const good[ORDER_FIELD_COUNT] = {
    [ORDER_ID] = "ORD-1",
    [ORDER_ITEM_ID] = "OI-1",
    [ORDER_DATE] = "2026-11-20",
    [ORDER_STATUS] = "Submitted",
    [ORDER_CHANNEL] = "Storefront",
    [ORDER_ACTION] = "new",
    [ORDER_ACCOUNT_ID] = "9000",
    [ORDER_ACCOUNT] = "Nine Ltd",
    [ORDER_IS_RESELLER] = "true",
    [ORDER_PRODUCT_CODE] = "CCSP-T3",
    [ORDER_TIER] = "Tier 3",
    [ORDER_QUANTITY] = "1",
    [ORDER_CURRENCY] = "EUR",
    [ORDER_EMAIL] = "nine@example.com",
    [ORDER_ADDRESS_1] = "1 High Street",
    [ORDER_CITY] = "Leeds",
    [ORDER_POST_CODE] = "LS1 1AA",
    [ORDER_COUNTRY_CODE] = "GB",
    [ORDER_TERMS_ACCEPTED] = "yes",
};

/* Appends the good row with changes, "Order Id=X;Tier=": a value may not have ';' or a line break. */
static void add_row(struct strbuf *out, const char *changes)
{
	struct csv_writer row = {0};

	for (size_t i = 0; i < ORDER_FIELD_COUNT; i++) {
		struct strv value = strv_of(good[i]);
		for (const char *at = changes; *at; at += strcspn(at, ";"), at += *at == ';') {
			size_t n = strlen(headers[i]);
			if (strncmp(at, headers[i], n) == 0 && at[n] == '=')
				value = (struct strv){at + n + 1, strcspn(at + n + 1, ";")};
		}
		csv_writer_field(&row, value);
	}
	strbuf_addv(out, strbuf_view(&row.row));
	strbuf_addc(out, '\n');
	csv_writer_free(&row);
}

static int on_accepted(void *user, const struct order_item *item, struct error *err)
{
	struct world *w = user;

	(void)err;
	w->item = order_item_keep(w->f->arena, item);
	w->broken[w->rows++] = 0;
	return 0;
}

static int on_rejected(void *user, const struct rejected_item *item, struct error *err)
{
	struct world *w = user;

	(void)err;
	w->broken[w->rows++] = item->verdict.broken;
	return 0;
}

static int known(void *user, const struct order *order, struct known_order *out, struct error *err)
{
	const struct world *w = user;

	(void)err;
	assert_true(order->key.n > 0);
	out->begun = w->begun;
	out->item_key = w->item_key;
	out->owner = w->owner;
	if (w->owner)
		out->unlike.traits = 1U << TRAIT_ORDER | 1U << TRAIT_ACCOUNT;
	return 0;
}

static int first_read(void *user, struct strv key, struct date *day, struct error *err)
{
	struct world *w = user;

	(void)err;
	assert_memory_equal(key.p, "main/", 5);
	w->first_reads++;
	*day = (struct date){2026, 11, 22};
	return 0;
}

/* The rows' verdicts in w->broken. `rows`: changes of one row a line; a line that begins with '!' is taken as
 * it is. */
static struct intake_counts judge(struct world *w, const char *rows, bool with_facts)
{
	struct strbuf file = {0};
	struct intake_result result;
	struct error err = {0};
	struct intake intake = {.job = w->f->job,
	    .facts = with_facts ? w->facts : NULL,
	    .accepted = on_accepted,
	    .rejected = on_rejected,
	    .known = known,
	    .first_read = first_read,
	    .user = w};

	for (size_t i = 0; i < ORDER_FIELD_COUNT; i++)
		strbuf_addf(&file, "%s%s", i > 0 ? "," : "", headers[i]);
	strbuf_addc(&file, '\n');
	for (const char *at = rows;; at++) {
		size_t n = strcspn(at, "\n");
		char *line = mem_strndup(at, n);
		if (line[0] == '!')
			strbuf_addf(&file, "%s\n", line + 1);
		else
			add_row(&file, line);
		free(line);
		at += n;
		if (!*at)
			break;
	}
	put_bytes(w->f, "orders.csv", file.p, file.n);
	strbuf_free(&file);
	w->rows = 0;
	if (intake_run(&intake, w->f->arena, &result, &err) < 0)
		error_print(&err, stderr, true);
	assert_int_equal(err.code, ERR_NONE);
	assert_int_equal(
	    result.counts.read, result.counts.accepted + result.counts.rejected + result.counts.ignored);
	return result.counts;
}

enum setting { NORMAL, TERMS_ALL, TERMS_NONE, TIER_CHANGE, WITHOUT_FACTS };

/* One row: is this rule, and only this one, broken (breaks) or is the row accepted? */
struct rule_case {
	enum rule_code code;
	bool breaks;
	const char *row;
	enum setting setting;
};

#define CHANGE "Account Id=1000;Email=one@example.com;Subscription Id=5B2BD1BA-0000-4000-8000-000000000001;"
static const struct rule_case cases[] = {
    {RULE_ROW_MALFORMED, true, "!a,b,c", NORMAL},
    {RULE_ROW_MALFORMED, true, "!a,\"b\"c", NORMAL},
    {RULE_ROW_MALFORMED, true, "Account Id=", NORMAL},
    {RULE_ROW_MALFORMED, true, "Account= ", NORMAL},
    {RULE_ROW_MALFORMED, false, CHANGE "Action=suspend;Account=", NORMAL},
    {RULE_ENCODING_INVALID, true, "City=K\xf6ln", NORMAL},
    {RULE_ENCODING_INVALID, false, "City=K\xc3\xb6ln", NORMAL},
    {RULE_ORDER_ID_MISSING, true, "Order Id=", NORMAL},
    {RULE_ORDER_ID_MISSING, true, "Order Id= \t", NORMAL},
    {RULE_ORDER_ID_MISSING, false, "Order Item Id=", NORMAL},
    {RULE_ACTION_UNKNOWN, true, "Action=renew", NORMAL},
    {RULE_ACTION_UNKNOWN, false, "Action=", NORMAL},
    {RULE_ACTION_UNKNOWN, false, "Action= NEW ", NORMAL},
    {RULE_DATE_INVALID, true, "Order Date=31.12.2026", NORMAL},
    {RULE_DATE_INVALID, true, "Order Date=2026-02-29", NORMAL},
    {RULE_DATE_INVALID, true, "Start Date=2026-13-01", NORMAL},
    {RULE_DATE_INVALID, true, "Order Date=2026-11-20 25:00", NORMAL},
    {RULE_DATE_INVALID, false, "Order Date=2028-02-29T23:59:59+02:00", NORMAL},
    {RULE_DATE_INVALID, false, "Order Date=;Start Date=", NORMAL},
    {RULE_DATE_TOO_FAR, true, "Start Date=2026-10-21", NORMAL},
    {RULE_DATE_TOO_FAR, true, "Start Date=2026-10-21T23:59:59+02:00", NORMAL},
    {RULE_DATE_TOO_FAR, true, "Start Date=2028-11-23", NORMAL},
    {RULE_DATE_TOO_FAR, true, "Start Date=2206-12-01", NORMAL},
    {RULE_DATE_TOO_FAR, false, "Start Date=2026-10-22", NORMAL},
    {RULE_DATE_TOO_FAR, false, "Start Date=2028-11-22", NORMAL},
    {RULE_DATE_TOO_FAR, false, "Start Date=", NORMAL},
    {RULE_DATE_TOO_FAR, false, CHANGE "Action=cancel;Start Date=2026-01-01", NORMAL},
    {RULE_DATE_TOO_FAR, false, CHANGE "Action=upgrade;Tier=Tier 3;Start Date=2029-01-01", NORMAL},
    {RULE_STATUS_UNKNOWN, true, "Order Status=On hold", NORMAL},
    {RULE_STATUS_UNKNOWN, false, "Order Status=", NORMAL},
    {RULE_STATUS_UNKNOWN, false, "Order Status=SUBMITTED", NORMAL},
    {RULE_PRODUCT_UNKNOWN, true, "Product Code=CPC-100", NORMAL},
    {RULE_PRODUCT_UNKNOWN, false, "Product Code=ccsp-t3", NORMAL},
    {RULE_PRODUCT_UNKNOWN, false, "Product Code=", NORMAL},
    {RULE_TIER_UNKNOWN, true, "Tier=Tier 9", NORMAL},
    {RULE_TIER_UNKNOWN, true, "Tier=;Product Code=", NORMAL},
    {RULE_TIER_UNKNOWN, false, "Tier=", NORMAL},
    {RULE_TIER_UNKNOWN, false, "Tier=TIER 3", NORMAL},
    {RULE_TIER_UNKNOWN, false, CHANGE "Action=suspend;Tier=;Product Code=", NORMAL},
    {RULE_ORDER_TIER_MISMATCH, true, "Tier=Tier 4", NORMAL},
    {RULE_ORDER_TIER_MISMATCH, false, "Tier=tier 4;Product Code=ccsp-t4", NORMAL},
    {RULE_TIER_NOT_SOLD, true, "Tier=Promo;Product Code=CCSP-PROMO", NORMAL},
    {RULE_TIER_NOT_SOLD, true, "Tier=;Product Code=CCSP-PROMO", NORMAL},
    {RULE_TIER_NOT_SOLD, false, CHANGE "Action=downgrade;Tier=Promo;Product Code=CCSP-PROMO", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=2", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=0", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=1,0", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=1e0", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=one", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=1.5", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=1.", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=-1", NORMAL},
    {RULE_QUANTITY_NOT_ONE, true, "Quantity=11", NORMAL},
    {RULE_QUANTITY_NOT_ONE, false, "Quantity= 01 ", NORMAL},
    {RULE_QUANTITY_NOT_ONE, false, "Quantity=1.0", NORMAL},
    {RULE_QUANTITY_NOT_ONE, false, CHANGE "Action=cancel;Quantity=5", NORMAL},
    {RULE_BUYER_NOT_RESELLER, true, "Is Reseller=false", NORMAL},
    {RULE_BUYER_NOT_RESELLER, true, "Is Reseller=", NORMAL},
    {RULE_BUYER_NOT_RESELLER, true, "Is Reseller=maybe", NORMAL},
    {RULE_BUYER_NOT_RESELLER, false, "Is Reseller=YES", NORMAL},
    {RULE_BUYER_NOT_RESELLER, false, "Is Reseller=1", NORMAL},
    {RULE_NOT_OWN_USE, true, "End Customer Id=9001", NORMAL},
    {RULE_NOT_OWN_USE, false, "End Customer Id=9000", NORMAL},
    {RULE_CURRENCY_MISSING, true, "Currency= ", NORMAL},
    {RULE_CURRENCY_MISSING, false, CHANGE "Action=upgrade;Currency=", NORMAL},
    {RULE_CURRENCY_NOT_ALLOWED, true, "Currency=CHF", NORMAL},
    {RULE_CURRENCY_NOT_ALLOWED, true, "Currency=EURO", NORMAL},
    {RULE_CURRENCY_NOT_ALLOWED, false, "Currency= gbp ", NORMAL},
    {RULE_CURRENCY_NOT_ALLOWED, false, "Currency=gbd", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, true, "Address 1=", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, true, "City= ", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, true, "Post Code=", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, true, "Country Code=", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, true, "Country Code=UK", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, true, "Country Code=EU", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, true, "Country Code=GBR", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, true, "Country Code=1!", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, false, "Country Code=gb", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, false, "Country Code=HK;Post Code=", NORMAL},
    {RULE_BILLING_ADDRESS_INCOMPLETE, false, CHANGE "Action=upgrade;City=;Country Code=XX", NORMAL},
    {RULE_EMAIL_MISSING, true, "Email=;Username=", NORMAL},
    {RULE_EMAIL_MISSING, false, "Email=;Username=nine@example.com", NORMAL},
    {RULE_EMAIL_MISSING, false, CHANGE "Action=cancel;Email=", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=nine.example.com", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=nine@@example.com", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=ni@ne@example.com", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=nine@example", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=nine@.example.com", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=nine@example.com.", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=ni..ne@example.com", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=ni ne@example.com", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=@example.com", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=n\xc3\xafne@example.com", NORMAL},
    {RULE_EMAIL_INVALID, true, "Email=ni%ne@example.com", NORMAL},
    {RULE_EMAIL_INVALID, false, "Email=N.i_n+e-1@sub.example.com", NORMAL},
    {RULE_USERNAME_INVALID, true, "Username=nickname", NORMAL},
    {RULE_USERNAME_INVALID, true, "Email=;Username=nickname", NORMAL},
    {RULE_USERNAME_INVALID, false, "Username=other@example.com", NORMAL},
    {RULE_USERNAME_TAKEN, true, "Email=one@example.com", NORMAL},
    {RULE_USERNAME_TAKEN, true, "Username=ONE@example.com", NORMAL},
    {RULE_USERNAME_TAKEN, true, "Username=six@example.com", NORMAL},
    {RULE_USERNAME_TAKEN, false, "Email=one@example.com;Username=nine@example.com", NORMAL},
    {RULE_USERNAME_TAKEN, false, "Email=three@example.com", NORMAL},
    {RULE_USERNAME_TAKEN, false, "Email=one@example.com", WITHOUT_FACTS},
    {RULE_TERMS_NOT_ACCEPTED, true, "Terms Accepted=", NORMAL},
    {RULE_TERMS_NOT_ACCEPTED, true, "Terms Accepted=no;Channel=", NORMAL},
    {RULE_TERMS_NOT_ACCEPTED, false, "Terms Accepted=;Channel=bss", NORMAL},
    {RULE_TERMS_NOT_ACCEPTED, true, "Terms Accepted=;Channel=BSS", TERMS_ALL},
    {RULE_TERMS_NOT_ACCEPTED, false, "Terms Accepted=1", TERMS_ALL},
    {RULE_TERMS_NOT_ACCEPTED, false, "Terms Accepted=", TERMS_NONE},
    {RULE_CONTRACT_EXISTS, true, "Account Id=1000;Email=one@example.com", NORMAL},
    {RULE_CONTRACT_EXISTS, true, "Account Id=2000;Email=two@example.com", NORMAL},
    {RULE_CONTRACT_EXISTS, true, "Account Id=4000;Email=four@example.com", NORMAL},
    {RULE_CONTRACT_EXISTS, true, "Account Id=5000", NORMAL},
    {RULE_CONTRACT_EXISTS, true, "Account Id=6000", NORMAL},
    {RULE_CONTRACT_EXISTS, false, "Account Id=2000;Email=two@example.com;Order Item Id=OWN-2", NORMAL},
    {RULE_CONTRACT_EXISTS, true, "Account Id=9100;Email=own@example.com", NORMAL},
    {RULE_CONTRACT_EXISTS, false, "Account Id=9100;Email=own@example.com;Order Item Id=OWN-9", NORMAL},
    {RULE_CONTRACT_EXISTS, false, "Account Id=3000", NORMAL},
    {RULE_CONTRACT_EXISTS, false, "Account Id=7000", NORMAL},
    {RULE_CONTRACT_EXISTS, false, "Account Id=1000;Email=one@example.com", TIER_CHANGE},
    {RULE_CONTRACT_EXISTS, false, "Account Id=1000", WITHOUT_FACTS},
    {RULE_SUBSCRIPTION_UNKNOWN, true, "Action=upgrade;Subscription Id=S-99", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, true, "Action=cancel", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, true, "Action=suspend;Subscription Id=S-2", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, true, "Action=upgrade;Account Id=3000;Subscription Id=S-3", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, true, "Action=reactivate;Account Id=3000;Subscription Id=S-3", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, true, "Action=upgrade;Account Id=6000;Subscription Id=S-77", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, false, "Action=cancel;Account Id=3000;Subscription Id=S-3", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, false, "Action=upgrade;Account Id=6000;Subscription Id=S-6", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, false, "Action=upgrade;Account Id=6000", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, false, "Action=upgrade;Account Id=1000;Email=one@example.com", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, false, CHANGE "Action=upgrade", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, false, "Action=reactivate;Account Id=2000;Email=two@example.com", NORMAL},
    {RULE_SUBSCRIPTION_UNKNOWN, false, "Action=upgrade;Subscription Id=S-99", WITHOUT_FACTS},
    {RULE_NO_TIER_CHANGE, true, CHANGE "Action=upgrade;Tier=Tier 1;Product Code=", NORMAL},
    {RULE_NO_TIER_CHANGE, true, CHANGE "Action=upgrade;Tier=Tier 0;Product Code=", NORMAL},
    {RULE_NO_TIER_CHANGE, true, CHANGE "Action=downgrade;Tier=Tier 2;Product Code=", NORMAL},
    {RULE_NO_TIER_CHANGE, true, "Action=upgrade;Account Id=6000;Tier=Tier 2;Product Code=", NORMAL},
    {RULE_NO_TIER_CHANGE, true,
	"Account Id=1000;Email=one@example.com;Tier=Tier 1;Product Code=", TIER_CHANGE},
    {RULE_NO_TIER_CHANGE, false, CHANGE "Action=downgrade;Tier=Tier 0;Product Code=", NORMAL},
    {RULE_NO_TIER_CHANGE, false,
	"Action=upgrade;Account Id=8000;Email=eight@example.com;Tier=Tier 0;Product Code=", NORMAL},
    {RULE_NO_TIER_CHANGE, false, "Account Id=3000;Tier=Tier 3", TIER_CHANGE},
};

static void apply(struct job *job, enum setting setting)
{
	job->rules.terms = setting == TERMS_ALL    ? TERMS_ALWAYS
			   : setting == TERMS_NONE ? TERMS_NEVER
						   : TERMS_STOREFRONT;
	job->rules.second_contract =
	    setting == TIER_CHANGE ? SECOND_CONTRACT_TIER_CHANGE : SECOND_CONTRACT_REJECT;
}

static void holds_each_rule(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct rule_case *c = &cases[i];
		apply(w->f->job, c->setting);
		judge(w, c->row, c->setting != WITHOUT_FACTS);
		uint64_t expected = c->breaks ? RULE_BIT(c->code) : 0;
		if (w->rows != 1 || w->broken[0] != expected) {
			struct strbuf codes = {0};
			rules_codes((struct verdict){w->broken[0], 0}, &codes);
			print_error("%s: row %s: found %s\n", rule_name(c->code), c->row,
			    codes.p ? codes.p : "nothing");
			strbuf_free(&codes);
		}
		assert_int_equal(w->rows, 1);
		assert_int_equal(w->broken[0], expected);
	}
}

/* Rules that a single row cannot break, with their own tests below or in test_intake.c. */
static bool elsewhere(enum rule_code code)
{
	return code == RULE_FIELD_TOO_LONG || code == RULE_ORDER_DUPLICATE || code == RULE_ORDER_KEY_REUSED;
}

static void no_code_lacks_a_case(void **state)
{
	(void)state;
	for (int code = 0; code < RULE_COUNT; code++) {
		bool broken = false, kept = false;
		for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
			broken |= (int)cases[i].code == code && cases[i].breaks;
			kept |= (int)cases[i].code == code && !cases[i].breaks;
		}
		if (!elsewhere((enum rule_code)code) && (!broken || !kept))
			fail_msg("no case for %s", rule_name((enum rule_code)code));
	}
}

static void too_long_fields(void **state)
{
	struct world *w = *state;
	char *city = mem_zalloc(70000);

	memcpy(city, "City=", 5);
	memset(city + 5, 'x', 65537);
	judge(w, city, true);
	assert_int_equal(w->broken[0], RULE_BIT(RULE_FIELD_TOO_LONG));
	city[5 + 65536] = '\0';
	judge(w, city, true);
	assert_int_equal(w->broken[0], 0);
	free(city);
}

static void reports_all_breaches(void **state)
{
	struct world *w = *state;

	judge(w,
	    "Quantity=2;Is Reseller=no;Currency=XXX;City=;Email=;Terms Accepted=;Order Date=x;Tier=Tier 9",
	    true);
	assert_int_equal(w->broken[0], RULE_BIT(RULE_QUANTITY_NOT_ONE) | RULE_BIT(RULE_BUYER_NOT_RESELLER) |
					   RULE_BIT(RULE_CURRENCY_NOT_ALLOWED) |
					   RULE_BIT(RULE_BILLING_ADDRESS_INCOMPLETE) |
					   RULE_BIT(RULE_EMAIL_MISSING) | RULE_BIT(RULE_TERMS_NOT_ACCEPTED) |
					   RULE_BIT(RULE_DATE_INVALID) | RULE_BIT(RULE_TIER_UNKNOWN));
	judge(w, "Email=bad;Username=worse", true);
	assert_int_equal(w->broken[0], RULE_BIT(RULE_EMAIL_INVALID) | RULE_BIT(RULE_USERNAME_INVALID));
	judge(w, "Email=bad;Username=bad", true);
	assert_int_equal(w->broken[0], RULE_BIT(RULE_EMAIL_INVALID) | RULE_BIT(RULE_USERNAME_INVALID));
}

/* What ends a contract is held against next to nothing: not even a broken address keeps it running. */
static void ending_is_easy(void **state)
{
	static const char *const actions[] = {"suspend", "cancel"};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		char *row = mem_printf(
		    "Action=%s;Account Id=1000;Quantity=7;Is Reseller=;Currency=;City=;Email=;Country Code=;"
		    "Terms Accepted=;Tier=Tier 9;Product Code=x;End Customer Id=1",
		    actions[i]);
		judge(w, row, true);
		assert_int_equal(w->broken[0], 0);
		assert_string_equal(w->item->subscription_id, "5b2bd1ba-0000-4000-8000-000000000001");
		assert_null(w->item->tier);
		free(row);
	}
	judge(w, "Action=reactivate;Account Id=1000;Quantity=7", true);
	assert_int_equal(w->broken[0], RULE_BIT(RULE_QUANTITY_NOT_ONE));
}

static void one_after_another(void **state)
{
	struct world *w = *state;

	/* A second contract, and then the same with a change of tier allowed. */
	judge(w, "\nOrder Item Id=OI-2", true);
	assert_int_equal(w->broken[0], 0);
	assert_int_equal(w->broken[1], RULE_BIT(RULE_CONTRACT_EXISTS));
	apply(w->f->job, TIER_CHANGE);
	judge(w, "\nOrder Item Id=OI-2;Tier=Tier 4;Product Code=", true);
	assert_int_equal(w->broken[1], RULE_BIT(RULE_CONTRACT_EXISTS));
	apply(w->f->job, NORMAL);
	/* A rejected one before it is no contract. */
	judge(w, "Quantity=2\nOrder Item Id=OI-2", true);
	assert_int_equal(w->broken[1], 0);
	/* The login of another account. */
	judge(w, "\nOrder Item Id=OI-2;Account Id=9001;Email=Nine@Example.com", true);
	assert_int_equal(w->broken[1], RULE_BIT(RULE_USERNAME_TAKEN));
	judge(w, "Quantity=2\nOrder Item Id=OI-2;Account Id=9001", true);
	assert_int_equal(w->broken[1], 0);
	judge(w, "\nOrder Item Id=OI-2;Account Id=9001;Username=other@example.com", true);
	assert_int_equal(w->broken[1], 0);
}

static void keeps_items(void **state)
{
	struct world *w = *state;
	char text[TIME_TEXT_SIZE];

	judge(w,
	    "Account=  Nine \t  and\xc2\xa0 Co ;Email= Nine@Example.com ;Currency=gbd;Country Code=gb;Start Date=2026-12-01;"
	    "Order Date=2026-11-20T01:30:00+02:00;Order Item Id=",
	    true);
	const struct order_item *item = w->item;
	assert_string_equal(item->key, "main/ORD-1");
	assert_string_equal(item->item_id, "");
	assert_string_equal(item->account, "Nine and Co");
	assert_string_equal(item->email, "Nine@Example.com");
	assert_string_equal(item->login, "Nine@Example.com");
	assert_string_equal(item->currency, "GBP");
	assert_string_equal(item->country, "GB");
	assert_string_equal(item->region, "");
	assert_string_equal(item->source, "orders.csv");
	assert_int_equal(item->line, 2);
	assert_ptr_equal(item->tier, &w->f->job->contract.tiers[3]);
	assert_string_equal(time_text(item->order_time, text), "2026-11-19T23:30:00Z");
	assert_string_equal(date_text(item->order_date, text), "2026-11-20");
	assert_string_equal(date_text(item->start_date, text), "2026-12-01");
	const char *digest = item->digest;
	judge(w, "Order Item Id=;Account=Nine", true);
	assert_string_not_equal(w->item->digest, digest);
	judge(w, "Email=;Username=nine@example.com", true);
	assert_string_equal(w->item->email, "nine@example.com");
}

/* What a half done change has reached already must not keep it from its end; what is wrong with the order
 * does. */
static void what_has_begun_goes_on(void **state)
{
	struct world *w = *state;
	const char *same = CHANGE "Action=upgrade;Tier=Tier 1;Product Code=";

	w->begun = false;
	assert_int_equal(judge(w, same, true).rejected, 1);
	w->begun = true;
	assert_int_equal(judge(w, same, true).accepted, 1);
	assert_int_equal(
	    judge(w, "Action=upgrade;Account Id=3000;Email=three@example.com;Subscription Id=S-99", true)
		.accepted,
	    1);
	assert_int_equal(
	    judge(w, CHANGE "Action=upgrade;Tier=Tier 1;Product Code=;Quantity=2", true).rejected, 1);
	assert_int_equal(w->broken[0], RULE_BIT(RULE_QUANTITY_NOT_ONE));
	assert_int_equal(judge(w, "Account Id=1000;Email=one@example.com", true).rejected, 1);
	assert_int_equal(judge(w, "Start Date=2026-01-01", true).accepted, 1);
}

/* Nobody is asked when a row was first read where no rule depends on it. */
static void asks_for_the_first_read_of_new_items_with_a_start_only(void **state)
{
	struct world *w = *state;

	w->first_reads = 0;
	judge(w,
	    "\nOrder Item Id=OI-2;Account Id=1;"
	    "Action=upgrade;Start Date=2026-12-01",
	    true);
	assert_int_equal(w->first_reads, 0);
	judge(w, "Start Date=2026-12-01\nOrder Id=;Order Item Id=;Start Date=2026-12-01", true);
	assert_int_equal(w->first_reads, 1);
}

static void warns_of_an_alias(void **state)
{
	struct world *w = *state;
	struct intake_counts counts = judge(w, "Currency=GBD", true);

	assert_int_equal(counts.accepted, 1);
	assert_int_equal(counts.by_warning[WARNING_CURRENCY_ALIAS], 1);
	counts = judge(w, "Currency=GBP", true);
	assert_int_equal(counts.by_warning[WARNING_CURRENCY_ALIAS], 0);
}

/* A word for nothing is no id: of an account or an order it is missing, of an item the order's counts. */
static void words_for_nothing_are_no_ids(void **state)
{
	static const char *const words[] = {"NULL", "(null)", "None", "nan", "undefined", "\\N", "#N/A",
	    "#REF!", "########", "-", "0", "<NA>", "00000000-0000-0000-0000-000000000000"};
	struct world *w = *state;
	char row[100];

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		snprintf(row, sizeof row, "Account Id=%s", words[i]);
		judge(w, row, true);
		assert_int_equal(w->broken[0], RULE_BIT(RULE_ROW_MALFORMED));
		snprintf(row, sizeof row, "Order Id=%s", words[i]);
		judge(w, row, true);
		assert_int_equal(w->broken[0], RULE_BIT(RULE_ORDER_ID_MISSING));
		snprintf(row, sizeof row, "Order Item Id=%s;Subscription Id=%s", words[i], words[i]);
		struct intake_counts counts = judge(w, row, true);
		assert_int_equal(counts.accepted, 1);
		assert_int_equal(counts.by_warning[WARNING_ID_PLACEHOLDER], 1);
		assert_string_equal(w->item->key, "main/ORD-1");
		assert_string_equal(w->item->item_id, "");
	}
	struct intake_counts counts = judge(w, "Order Item Id=None-1;Parent Order Id=ORD-0", true);
	assert_int_equal(counts.by_warning[WARNING_ID_PLACEHOLDER], 0);
	assert_string_equal(w->item->key, "main/None-1");
	assert_string_equal(w->item->parent_order_id, "ORD-0");
	counts = judge(w, CHANGE "Action=upgrade;Subscription Id=NULL", true);
	assert_int_equal(counts.accepted, 1);
	assert_true(
	    strv_eq_nocase(strv_of(w->item->subscription_id), STRV("5B2BD1BA-0000-4000-8000-000000000001")));
}

static void the_key_is_what_the_job_says(void **state)
{
	struct world *w = *state;

	w->f->job->bss.order_key = ORDER_KEY_ORDER_ITEM;
	judge(w, "", true);
	assert_string_equal(w->item->key, "main/ORD-1/OI-1");
	judge(w, "Order Item Id=", true);
	assert_string_equal(w->item->key, "main/ORD-1");
	judge(w, "Order Id=A/B%;Order Item Id=1/2", true);
	assert_string_equal(w->item->key, "main/A%2FB%25/1/2");
	judge(w, "Parent Order Id=ORD-0", true);
	assert_string_equal(w->item->key, "main/ORD-0/OI-1");
	assert_string_equal(w->item->order_id, "ORD-1");
	judge(w,
	    "Order Id=ORD-1;Order Item Id=1\nOrder Id=ORD-2;Order Item Id=1;Account Id=1;Email=x@example.com",
	    true);
	assert_int_equal(w->broken[0] | w->broken[1], 0);
	/* What the ledger has it under goes before it. */
	w->item_key = STRV("OI-1");
	judge(w, "", true);
	assert_string_equal(w->item->key, "main/OI-1");
}

static void a_reused_key_is_refused_with_all_else(void **state)
{
	static const struct item_record owner = {.key = "main/OI-1",
	    .order_id = "ORD-7",
	    .item_id = "OI-1",
	    .account_id = "7000",
	    .tier = "Tier 1",
	    .ordered_action = "new",
	    .state = ITEM_DONE};
	struct world *w = *state;

	w->owner = &owner;
	judge(w, "\nOrder Item Id=OI-2;Quantity=2", true);
	assert_int_equal(w->broken[0], RULE_BIT(RULE_ORDER_KEY_REUSED));
	assert_int_equal(w->broken[1], RULE_BIT(RULE_ORDER_KEY_REUSED) | RULE_BIT(RULE_QUANTITY_NOT_ONE));
}

static void knows_countries(void **state)
{
	size_t assigned = 0;

	(void)state;
	for (char a = 'A'; a <= 'Z'; a++)
		for (char b = 'A'; b <= 'Z'; b++)
			assigned += country_is_assigned((struct strv){(char[]){a, b}, 2});
	assert_int_equal(assigned, 249);
	assert_false(country_is_assigned(STRV("XK")));
	assert_false(country_is_assigned(STRV("{A")));
	assert_false(country_is_assigned(STRV("D")));
}

static void explains_itself(void **state)
{
	struct strbuf out = {0};

	(void)state;
	rules_reference_markdown(&out);
	for (int i = 0; i < RULE_COUNT; i++)
		assert_non_null(strstr(out.p, rule_name((enum rule_code)i)));
	assert_non_null(
	    strstr(out.p, "| `no-tier-change` | the change does not go to another tier in its direction | "
			  "new, upgrade, downgrade |"));
	assert_non_null(strstr(out.p, "| `quantity-not-one` | Quantity must be exactly 1 for a contract | "
				      "new, upgrade, downgrade, reactivate |"));
	assert_non_null(strstr(out.p, "`currency-alias` (warning)"));
	strbuf_free(&out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)
	const struct CMUnitTest tests[] = {TEST(holds_each_rule), TEST(no_code_lacks_a_case),
	    TEST(too_long_fields), TEST(reports_all_breaches), TEST(ending_is_easy), TEST(one_after_another),
	    TEST(keeps_items), TEST(what_has_begun_goes_on),
	    TEST(asks_for_the_first_read_of_new_items_with_a_start_only), TEST(warns_of_an_alias),
	    TEST(words_for_nothing_are_no_ids), TEST(the_key_is_what_the_job_says),
	    TEST(a_reused_key_is_refused_with_all_else), TEST(knows_countries), TEST(explains_itself)};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
