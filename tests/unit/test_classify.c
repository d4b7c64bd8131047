/* Every class of findings: a night that raises it, and nights that come near and do not. */
#include "reconcile_fixture.h"

/* An account whose both sides agree: the start of most cases. */
static struct subscription *good(struct night *n)
{
	acronis(n, 1, "1", 1);
	return bss(n, "S-1", "1", 2, SUBSCRIPTION_ACTIVE);
}

static struct observed_tenant *tenant(struct night *n)
{
	return &n->observation->items[0];
}

static void raise_tenant_missing(struct night *n)
{
	bss(n, "S-1", "1", 2, SUBSCRIPTION_ACTIVE);
}

static void near_tenant_missing(struct night *n)
{
	bss(n, "S-1", "1", 2, SUBSCRIPTION_CANCELLED);
	bss(n, "S-2", "2", 2, SUBSCRIPTION_PENDING)->updated_at = n->now - HOUR_MS;
	bss(n, "S-3", "3", 2, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 3);
	acronis(n, 3, "", 1)->name = "Company 3";
	/* The BSS has it already, and it begins on a day to come. */
	bss(n, "S-4", "4", 1, SUBSCRIPTION_ACTIVE);
	pend(n, "4", ACTION_NEW, 1, ITEM_ACCEPTED, 100)->due = (struct date){2026, 12, 24};
}

static void raise_subscription_missing(struct night *n)
{
	acronis(n, 1, "1", 1);
}

static void near_subscription_missing(struct night *n)
{
	/* A cancelled subscription (its own class), a quarantined row, our own import, a tenant that went
	 * elsewhere. */
	acronis(n, 1, "1", 1);
	bss(n, "S-1", "1", 2, SUBSCRIPTION_CANCELLED);
	acronis(n, 2, "2", 1);
	quarantine(n, "2", "S-2");
	acronis(n, 3, "3", 1);
	did(n, "3", 3, ACTION_NEW, "Tier 2", 1);
	acronis(n, 4, "4", 1)->parent_id = tenant_id(n, 99);
	acronis(n, 5, "5", 1)->kind = "customer";
	acronis(n, 6, "6", 1)->deleted_at = "2026-11-20T00:00:00";
}

static void raise_tier_mismatch(struct night *n)
{
	good(n)->account = "Northwind Ltd";
	tenant(n)->name = "Northwind Ltd";
	tenant(n)->tier_value = 0;
}

static void near_tier_mismatch(struct night *n)
{
	/* Other names of the same value agree. */
	bss(n, "S-0", "0", 0, SUBSCRIPTION_ACTIVE);
	acronis(n, 10, "0", -1);
	bss(n, "S-8", "8", 8, SUBSCRIPTION_ACTIVE);
	acronis(n, 18, "8", -1);
	/* A downgrade that the BSS shows already and that is due on the first. */
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 1, "1", 1);
	remember(n, "1", 1, &n->job->contract.tiers[2]);
	pend(n, "1", ACTION_DOWNGRADE, 1, ITEM_ACCEPTED, 100)->due = (struct date){2026, 12, 1};
	/* Unread, or still being made: unknown, not different. */
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 2, "2", 5)->tier_read = false;
	bss(n, "S-3", "3", 1, SUBSCRIPTION_PENDING)->updated_at = n->now;
	acronis(n, 3, "3", 5);
}

static void raise_suspended_but_enabled(struct night *n)
{
	good(n)->status = SUBSCRIPTION_SUSPENDED;
}

static void near_suspended_but_enabled(struct night *n)
{
	good(n)->status = SUBSCRIPTION_SUSPENDED;
	tenant(n)->enabled = false;
	/* The BSS shows it already, and our order for it is due on a day to come. */
	bss(n, "S-2", "2", 2, SUBSCRIPTION_SUSPENDED);
	acronis(n, 2, "2", 1);
	pend(n, "2", ACTION_SUSPEND, 2, ITEM_ACCEPTED, 100)->due = (struct date){2026, 12, 24};
}

static void raise_cancelled_but_enabled(struct night *n)
{
	good(n)->status = SUBSCRIPTION_CANCELLED;
}

static void near_cancelled_but_enabled(struct night *n)
{
	good(n)->status = SUBSCRIPTION_CANCELLED;
	tenant(n)->enabled = false;
	/* Another contract lives on that tenant now. */
	bss(n, "S-2", "2", 1, SUBSCRIPTION_CANCELLED)->external_id = tenant_id(n, 2);
	bss(n, "S-3", "2", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 2, "2", 0);
	/* It runs until the end of the year. */
	bss(n, "S-4", "4", 2, SUBSCRIPTION_CANCELLED);
	acronis(n, 4, "4", 1);
	pend(n, "4", ACTION_CANCEL, 2, ITEM_ACCEPTED, 100)->due = (struct date){2026, 12, 31};
}

static void raise_active_but_disabled(struct night *n)
{
	good(n);
	tenant(n)->enabled = false;
}

static void near_active_but_disabled(struct night *n)
{
	good(n)->updated_at = n->now - 48 * HOUR_MS;
	tenant(n)->enabled = false;
	did(n, "1", 1, ACTION_SUSPEND, "", 2);
	bss(n, "S-2", "2", 2, SUBSCRIPTION_ACTIVE);
	acronis(n, 2, "2", 1)->enabled = false;
	pend(n, "2", ACTION_REACTIVATE, 2, ITEM_ACCEPTED, 100)->due = (struct date){2026, 12, 24};
}

/* An order that is due is no excuse, nor is one for something else. */
static void test_only_an_order_to_come_explains_a_state(void **state)
{
	struct night *n = night_new();

	(void)state;
	good(n)->status = SUBSCRIPTION_SUSPENDED;
	struct pending_order *order = pend(n, "1", ACTION_SUSPEND, 2, ITEM_ACCEPTED, 1);
	order->due = date_of_ms(n->now);
	assert_findings(n, "suspended-but-enabled");
	order->due = (struct date){2026, 11, 23};
	assert_findings(n, "");
	n->orders[0].action = ACTION_CANCEL;
	assert_findings(n, "suspended-but-enabled");
	night_free(n);
}

static void raise_cancelled_but_present(struct night *n)
{
	good(n)->status = SUBSCRIPTION_CANCELLED;
	tenant(n)->enabled = false;
}

static void near_cancelled_but_present(struct night *n)
{
	good(n)->status = SUBSCRIPTION_CANCELLED;
	n->subscriptions.items[0].external_id = tenant_id(n, 1);
	tenant(n)->deleted_at = "2026-11-20T00:00:00";
}

static void raise_import_pending(struct night *n)
{
	acronis(n, 1, "1", 1);
	did(n, "1", 1, ACTION_NEW, "Tier 2", 1);
}

static void near_import_pending(struct night *n)
{
	/* Imported: and cancelled since. Never ours. A change that the export is newer than. */
	good(n)->status = SUBSCRIPTION_CANCELLED;
	did(n, "1", 1, ACTION_NEW, "Tier 2", 1000);
	acronis(n, 2, "2", 1);
	bss(n, "S-3", "3", 1, SUBSCRIPTION_ACTIVE)->updated_at = n->now - HOUR_MS;
	acronis(n, 3, "3", 1);
	did(n, "3", 3, ACTION_UPGRADE, "Tier 2", 2);
}

static void raise_currency_mismatch(struct night *n)
{
	good(n);
	tenant(n)->currency = "EUR";
}

static void near_currency_mismatch(struct night *n)
{
	good(n);
	tenant(n)->currency = "";
	n->observation->without_currency = true;
}

static void raise_licensing_mismatch(struct night *n)
{
	good(n);
	tenant(n)->licensing_mode = "per_device";
}

static void near_licensing_mismatch(struct night *n)
{
	good(n);
	tenant(n)->licensing_mode = "";
	tenant(n)->licensing_read = false;
}

static void raise_pricing_mode(struct night *n)
{
	good(n);
	tenant(n)->pricing_mode = "trial";
}

static void near_pricing_mode(struct night *n)
{
	good(n)->is_trial = 1;
	tenant(n)->pricing_mode = "trial";
	bss(n, "S-2", "2", 1, SUBSCRIPTION_SUSPENDED);
	acronis(n, 2, "2", 0)->enabled = false;
	n->observation->items[1].pricing_mode = "suspended";
}

static void raise_duplicate_subscription(struct night *n)
{
	good(n);
	bss(n, "S-2", "1", 2, SUBSCRIPTION_SUSPENDED);
}

static void near_duplicate_subscription(struct night *n)
{
	good(n);
	bss(n, "S-2", "1", 2, SUBSCRIPTION_CANCELLED);
	bss(n, "S-3", "1", 2, SUBSCRIPTION_FAILED)->updated_at = n->now;
}

static void raise_duplicate_tenant(struct night *n)
{
	good(n);
	acronis(n, 2, "1", 1);
}

static void near_duplicate_tenant(struct night *n)
{
	/* One that a cancelled subscription names, one deleted, one of another kind. */
	good(n);
	bss(n, "S-2", "1", 2, SUBSCRIPTION_CANCELLED)->external_id = tenant_id(n, 2);
	acronis(n, 2, "1", 1);
	acronis(n, 3, "1", 1)->deleted_at = "2026-11-20T00:00:00";
	acronis(n, 4, "1", 1)->kind = "customer";
}

static void raise_login_mismatch(struct night *n)
{
	good(n);
	tenant(n)->login = "somebody@else.example.com";
	tenant(n)->login_read = true;
}

static void near_login_mismatch(struct night *n)
{
	good(n);
	tenant(n)->login = "ADMIN@C1.example.com";
	tenant(n)->login_read = true;
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 2, "2", 0)->login = "unread@example.com";
	bss(n, "S-3", "3", 1, SUBSCRIPTION_ACTIVE)->username = "";
	acronis(n, 3, "3", 0)->login_read = true;
}

static void raise_name_drift(struct night *n)
{
	good(n);
	tenant(n)->name = "Company 1 (old)";
}

static void near_name_drift(struct night *n)
{
	good(n)->account = " Company\t\n1 ";
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE)->account = "";
	acronis(n, 2, "2", 0);
}

static void raise_external_id_mismatch(struct night *n)
{
	good(n)->external_id = tenant_id(n, 77);
}

static void near_external_id_mismatch(struct night *n)
{
	good(n)->external_id = "";
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE)->external_id = "00000000-0000-4000-8000-00000000000A";
	acronis(n, 2, "", 0)->id = "00000000-0000-4000-8000-00000000000a";
	n->observation->items[1].name = "Company 2";
}

static void raise_parent_mismatch(struct night *n)
{
	good(n);
	tenant(n)->parent_id = tenant_id(n, 99);
}

static void near_parent_mismatch(struct night *n)
{
	good(n);
	n->observation->parent = "";
	tenant(n)->parent_id = tenant_id(n, 99);
}

static void raise_subscription_quantity(struct night *n)
{
	good(n)->quantity = "3";
}

static void near_subscription_quantity(struct night *n)
{
	good(n)->quantity = " 01.00 ";
	bss(n, "S-2", "2", 1, SUBSCRIPTION_CANCELLED)->quantity = "5";
	bss(n, "S-3", "3", 1, SUBSCRIPTION_ACTIVE)->quantity = "";
	acronis(n, 3, "3", 0);
}

static void raise_order_stuck(struct night *n)
{
	pend(n, "1", ACTION_NEW, 2, ITEM_FAILED, 25);
}

static void near_order_stuck(struct night *n)
{
	pend(n, "1", ACTION_NEW, 2, ITEM_FAILED, 24);
	pend(n, "2", ACTION_DOWNGRADE, 1, ITEM_ACCEPTED, 500)->due = (struct date){2026, 12, 1};
	pend(n, "3", ACTION_NEW, 1, ITEM_REJECTED, 500);
	bss(n, "S-4", "4", 1, SUBSCRIPTION_FAILED)->updated_at = n->now - 2 * HOUR_MS;
	bss(n, "S-5", "5", 1, SUBSCRIPTION_CANCELLED)->sync_status = "Failed";
}

static void raise_shortfall_unbilled(struct night *n)
{
	good(n);
	bill(n, BILLING_SHORTFALL, 18000, 50000);
}

static void near_shortfall_unbilled(struct night *n)
{
	good(n);
	bill(n, BILLING_NO_LINES, 0, 50000); /* its tenant runs: that is usage-unbilled */
	bss(n, "S-2", "2", 1, SUBSCRIPTION_SUSPENDED);
	bill(n, BILLING_NO_LINES, 0, 0);
}

static void raise_usage_implausible(struct night *n)
{
	good(n);
	n->usages[n->usage_count++] =
	    (struct usage_note){.tenant_id = tenant_id(n, 1), .text = "storage 12", .month = "2026-10"};
}

static void near_usage_implausible(struct night *n)
{
	good(n);
	n->usages[n->usage_count++] =
	    (struct usage_note){.tenant_id = tenant_id(n, 2), .text = "storage 12", .month = "2026-10"};
}

static void raise_commitment_overbilled(struct night *n)
{
	good(n);
	struct billing_entry *e = bill(n, BILLING_OVERBILLED, 50000, 18000);
	e->free = "it is a trial";
}

static void raise_amount_mismatch(struct night *n)
{
	good(n);
	bill(n, BILLING_AMOUNT, 49900, 50000);
	n->lines = (struct invoice_month){.rate = "", .sum = {18000, 32000, -100}};
}

static void raise_usage_unbilled(struct night *n)
{
	good(n);
	bill(n, BILLING_NO_LINES, 0, 50000);
}

static void near_usage_unbilled(struct night *n)
{
	good(n);
	tenant(n)->pricing_mode = "trial";
	bill(n, BILLING_NO_LINES, 0, 50000);
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE);
	bill(n, BILLING_NO_LINES, 0, 0);
}

static void raise_not_compared(struct night *n)
{
	good(n);
	tenant(n)->pricing_read = false;
}

static void near_not_compared(struct night *n)
{
	/* Of a cancelled contract only its presence matters, and of an orphan too. */
	good(n)->status = SUBSCRIPTION_CANCELLED;
	tenant(n)->tier_read = tenant(n)->pricing_read = tenant(n)->licensing_read = false;
	acronis(n, 2, "2", 0)->pricing_read = false;
	n->observation->without_licensing = true;
	bss(n, "S-3", "3", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 3, "3", 0)->licensing_read = false;
}

static const struct {
	enum finding_code code;
	void (*raise)(struct night *);
	void (*near)(struct night *);
	const char *sentence;
} cases[] = {
    {FINDING_TENANT_MISSING, raise_tenant_missing, near_tenant_missing,
	"Company 1 is billed for Tier 2, but in Acronis there is no tenant; 500.00 USD a month is billed without a service."},
    {FINDING_SUBSCRIPTION_MISSING, raise_subscription_missing, near_subscription_missing,
	"Company 1 is in Acronis on Tier 2 (value 1), but no subscription bills it; 500.00 USD a month is not billed."},
    {FINDING_TIER_MISMATCH, raise_tier_mismatch, near_tier_mismatch,
	"Northwind Ltd is billed for Tier 2, but Acronis runs it on Tier 1 (value 0); the difference is 250.00 USD a month."},
    {FINDING_SUSPENDED_BUT_ENABLED, raise_suspended_but_enabled, near_suspended_but_enabled,
	"Company 1 is suspended in the BSS, but its tenant is still enabled in Acronis; 500.00 USD a month is at stake."},
    {FINDING_CANCELLED_BUT_ENABLED, raise_cancelled_but_enabled, near_cancelled_but_enabled,
	"Company 1 has cancelled, but its tenant is still enabled in Acronis, which goes on billing 500.00 USD a month."},
    {FINDING_ACTIVE_BUT_DISABLED, raise_active_but_disabled, near_active_but_disabled,
	"Company 1 is billed as active, but its tenant is disabled in Acronis; 500.00 USD a month is billed for a service that is off."},
    {FINDING_CANCELLED_BUT_PRESENT, raise_cancelled_but_present, near_cancelled_but_present,
	"Company 1 has cancelled and its tenant is disabled, but it is still there and Acronis goes on billing it (500.00 USD a month)."},
    {FINDING_IMPORT_PENDING, raise_import_pending, near_import_pending,
	"Company 1 was provisioned on 2026-11-21, but the BSS's export does not show it yet; 500.00 USD a month waits for the import."},
    {FINDING_CURRENCY_MISMATCH, raise_currency_mismatch, near_currency_mismatch,
	"Company 1 is billed in USD, but Acronis prices it in EUR; 500.00 USD a month is concerned."},
    {FINDING_LICENSING_MISMATCH, raise_licensing_mismatch, near_licensing_mismatch,
	"Company 1 runs in Acronis with licensing mode per_device, but the contract is per_gb; 500.00 USD a month is concerned."},
    {FINDING_PRICING_MODE, raise_pricing_mode, near_pricing_mode,
	"Company 1 has a paid contract, but Acronis has its pricing on trial; 500.00 USD a month is at stake."},
    {FINDING_DUPLICATE_SUBSCRIPTION, raise_duplicate_subscription, near_duplicate_subscription,
	"Company 1 has more than one live subscription: S-1 and S-2; 500.00 USD a month may be billed twice."},
    {FINDING_DUPLICATE_TENANT, raise_duplicate_tenant, near_duplicate_tenant,
	"Company 1 has more than one tenant in Acronis: 00000000-0000-4000-8000-000000000001 and "
	"00000000-0000-4000-8000-000000000002; 500.00 USD a month may be paid twice."},
    {FINDING_LOGIN_MISMATCH, raise_login_mismatch, near_login_mismatch,
	"The login of Company 1 is admin@c1.example.com in the BSS, but somebody@else.example.com in Acronis."},
    {FINDING_NAME_DRIFT, raise_name_drift, near_name_drift,
	"The BSS calls the account Company 1, but Acronis calls its tenant Company 1 (old)."},
    {FINDING_EXTERNAL_ID_MISMATCH, raise_external_id_mismatch, near_external_id_mismatch,
	"Company 1 is joined to its tenant by ids that do not agree: the BSS says tenant 00000000-0000-4000-8000-000000000077, "
	"Acronis says tenant 00000000-0000-4000-8000-000000000001."},
    {FINDING_PARENT_MISMATCH, raise_parent_mismatch, near_parent_mismatch,
	"The tenant of Company 1 stands below another parent in Acronis (00000000-0000-4000-8000-000000000099) than ours (" PARENT
	")."},
    {FINDING_SUBSCRIPTION_QUANTITY, raise_subscription_quantity, near_subscription_quantity,
	"Company 1 has a subscription with quantity 3, but a contract is always 1; 1000.00 USD a month may be billed wrongly."},
    {FINDING_ORDER_STUCK, raise_order_stuck, near_order_stuck,
	"The new order O-9 of Company in waiting has been failing since 2026-11-20; 500.00 USD a month waits for it."},
    {FINDING_SHORTFALL_UNBILLED, raise_shortfall_unbilled, near_shortfall_unbilled,
	"Company 1 was billed 180.00 USD for October 2026, but owes 500.00 USD: 320.00 USD is missing. It used 180.00 USD and has "
	"committed to 500.00 USD (Tier 2)."},
    {FINDING_COMMITMENT_OVERBILLED, raise_commitment_overbilled, raise_amount_mismatch,
	"Company 1 was billed 500.00 USD for October 2026, but owes 180.00 USD: 320.00 USD too much. It used 180.00 USD, and no "
	"minimum commitment is due (it is a trial)."},
    {FINDING_AMOUNT_MISMATCH, raise_amount_mismatch, raise_commitment_overbilled,
	"Company 1 was billed 499.00 USD for October 2026, credits of -1.00 USD included, but owes 500.00 USD: 1.00 USD is missing. "
	"It used 180.00 USD and has committed to 500.00 USD (Tier 2)."},
    {FINDING_USAGE_UNBILLED, raise_usage_unbilled, near_usage_unbilled,
	"Company 1 runs on Tier 2 in Acronis, but has no invoice line for October 2026: at least 500.00 USD is not billed."},
    {FINDING_USAGE_IMPLAUSIBLE, raise_usage_implausible, near_usage_implausible,
	"Company 1 is billed no usage for 2026-10, while Acronis counts storage 12 this month so far: figures trail and months "
	"differ, so this is something to look at and no difference."},
    {FINDING_NOT_COMPARED, raise_not_compared, near_not_compared,
	"Company 1 could not be compared: the tenant's pricing could not be read from Acronis."},
};

static void test_every_class_has_a_case(void **state)
{
	bool seen[FINDING_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		seen[cases[i].code] = true;
	for (int code = 0; code < FINDING_COUNT; code++)
		if (!seen[code])
			fail_msg("no case for %s", finding_code_name((enum finding_code)code));
}

static void test_each_class_is_raised_with_its_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct night *n = night_new();
		cases[i].raise(n);
		assert_findings(n, finding_code_name(cases[i].code));
		const struct finding *f = only(n, cases[i].code);
		assert_string_equal(f->sentence, cases[i].sentence);
		assert_string_equal(f->owner, finding_owner(f->code));
		if (!finding_is_money(f->code))
			assert_int_equal(f->severity, finding_severity(n->job, f->code));
		assert_string_equal(f->account_id, "1");
		assert_true(f->object[0] && f->evidence[0]);
		assert_closes(n);
		night_free(n);
	}
}

/* What a reader needs of every finding: nothing of it may be empty where it can be known. */
static bool has_no_money(enum finding_code code)
{
	return code == FINDING_LOGIN_MISMATCH || code == FINDING_NAME_DRIFT ||
	       code == FINDING_EXTERNAL_ID_MISMATCH || code == FINDING_PARENT_MISMATCH ||
	       code == FINDING_NOT_COMPARED || code == FINDING_USAGE_IMPLAUSIBLE;
}

static void must_say(const struct finding *f, const char *what, bool said)
{
	if (!said)
		fail_msg(
		    "%s: %s is missing: expected \"%s\", BSS \"%s\", Acronis \"%s\", evidence \"%s\", tier \"%s\", \"%s\"",
		    finding_code_name(f->code), what, f->expected, f->bss, f->acronis, f->evidence, f->tier,
		    f->sentence);
}

static void test_each_class_says_all_that_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct night *n = night_new();
		cases[i].raise(n);
		compare(n);
		const struct finding *f = only(n, cases[i].code);
		size_t length = strlen(f->sentence);
		must_say(f, "what was expected", f->expected[0]);
		must_say(f, "what the BSS says", f->bss[0]);
		must_say(f, "what Acronis says", f->acronis[0]);
		must_say(f, "the account", f->account_id[0] && f->account[0]);
		must_say(f, "the tier", f->tier[0]);
		must_say(f, "the money",
		    has_no_money(f->code) || (f->at_stake.currency[0] && f->in_report.currency[0]));
		must_say(f, "the source's line or the ledger",
		    strstr(f->evidence, ".csv:") || strstr(f->evidence, "ledger: ") ||
			strstr(f->evidence, "GET /"));
		must_say(f, "the call", f->code == FINDING_ORDER_STUCK || strstr(f->evidence, "GET /"));
		must_say(f, "the time of the call",
		    f->code == FINDING_ORDER_STUCK || strstr(f->evidence, " at 20"));
		must_say(f, "a whole sentence",
		    length > 20 && f->sentence[length - 1] == '.' && f->sentence[0] >= 'A' &&
			f->sentence[0] <= 'Z' && !strpbrk(f->sentence, "{}[]"));
		night_free(n);
	}
}

static void test_near_misses_are_not_raised(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct night *n = night_new();
		cases[i].near(n);
		compare(n);
		if (n->result->by_code[cases[i].code] != 0)
			fail_msg("%s raised by its near miss", finding_code_name(cases[i].code));
		assert_closes(n);
		night_free(n);
	}
}

static void test_a_folder_of_ours_is_no_other_parent(void **state)
{
	struct night *n = night_new();

	(void)state;
	good(n);
	acronis(n, 98, "", 0)->kind = "folder";
	tenant(n)->parent_id = tenant_id(n, 98);
	assert_findings(n, "");
	assert_int_equal(n->result->coverage.tenants_other, 1);
	n->observation->items[1].parent_id = tenant_id(n, 99);
	assert_findings(n, "parent-mismatch");
	night_free(n);
}

static void test_what_each_side_says(void **state)
{
	struct night *n = night_new();

	(void)state;
	raise_tier_mismatch(n);
	compare(n);
	const struct finding *f = only(n, FINDING_TIER_MISMATCH);
	assert_string_equal(f->expected, "Tier 2 (value 1)");
	assert_string_equal(f->bss, "Tier 2");
	assert_string_equal(f->acronis, "Tier 1 (value 0)");
	assert_string_equal(f->subscription_id, "S-1");
	assert_string_equal(f->tenant_id, "00000000-0000-4000-8000-000000000001");
	assert_string_equal(f->object, "S-1");
	assert_int_equal(f->at_stake.minor, 25000);
	assert_string_equal(f->at_stake.currency, "USD");
	assert_string_equal(f->evidence,
	    "subscriptions.csv:2; GET /applications/{platform}/settings/tenants/00000000-0000-4000-8000-000000000001/tier_level_value"
	    " at 2026-11-21T23:00:00Z; matched by customer id");
	/* From a file the evidence names the file. All names of a value are shown, and one that has none. */
	n->observation->source = "tenants.csv";
	tenant(n)->tier_value = -1;
	compare(n);
	assert_string_equal(only(n, FINDING_TIER_MISMATCH)->acronis, "Tier 0 / Promo (value -1)");
	assert_non_null(strstr(only(n, FINDING_TIER_MISMATCH)->evidence, "tenants.csv: tenant 00000000"));
	tenant(n)->tier_value = INT64_MAX;
	compare(n);
	assert_string_equal(
	    only(n, FINDING_TIER_MISMATCH)->acronis, "value 9223372036854775807 (not in the table)");
	tenant(n)->has_tier = false;
	compare(n);
	assert_string_equal(only(n, FINDING_TIER_MISMATCH)->acronis, "no tier");
	night_free(n);
}

static void test_money_is_known_or_left_out(void **state)
{
	struct night *n = night_new();

	(void)state;
	/* Two names of the value with different commitments: not known. The ledger knows which one we set. */
	acronis(n, 1, "1", -1);
	compare(n);
	assert_string_equal(only(n, FINDING_SUBSCRIPTION_MISSING)->at_stake.currency, "");
	assert_string_equal(only(n, FINDING_SUBSCRIPTION_MISSING)->sentence,
	    "Company 1 is in Acronis on Tier 0 / Promo (value -1), but no subscription bills it.");
	remember(n, "1", 1, &n->job->contract.tiers[8]);
	compare(n);
	assert_int_equal(only(n, FINDING_SUBSCRIPTION_MISSING)->at_stake.minor, 9900);
	/* No amount configured for the currency: nothing is converted. Yen have no decimals. */
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE);
	snprintf(n->subscriptions.items[0].currency, 4, "JPY");
	compare(n);
	assert_string_equal(only(n, FINDING_TENANT_MISSING)->at_stake.currency, "");
	n->job->contract.tiers[1].commitment[CURRENCY_JPY] = (struct money){37343, "JPY"};
	compare(n);
	assert_non_null(strstr(
	    only(n, FINDING_TENANT_MISSING)->sentence, "; 37343 JPY a month is billed without a service."));
	/* A trial has no commitment. */
	n->subscriptions.items[0].is_trial = 1;
	compare(n);
	assert_string_equal(only(n, FINDING_TENANT_MISSING)->at_stake.currency, "");
	night_free(n);
}

static void test_quantity_times_commitment_does_not_overflow(void **state)
{
	struct night *n = night_new();

	(void)state;
	good(n)->quantity = "9223372036854775807";
	compare(n);
	assert_string_equal(only(n, FINDING_SUBSCRIPTION_QUANTITY)->at_stake.currency, "");
	n->subscriptions.items[0].quantity = "0";
	compare(n);
	assert_int_equal(only(n, FINDING_SUBSCRIPTION_QUANTITY)->at_stake.minor, 50000);
	static const char *const others[] = {"1,0", "1e0", "one", "10", "1.5", "1.", "-1", "0"};
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		n->subscriptions.items[0].quantity = others[i];
		assert_findings(n, "subscription-quantity");
	}
	static const char *const ones[] = {"1", "01", "1.0", "0001.000", " 1 "};
	for (size_t i = 0; i < ARRAY_LEN(ones); i++) {
		n->subscriptions.items[0].quantity = ones[i];
		assert_findings(n, "");
	}
	night_free(n);
}

static void test_severity_is_the_jobs(void **state)
{
	static struct text_pair severities[] = {{"name-drift", "high"}, {"tier-mismatch", "info"}};
	struct night *n = night_new();

	(void)state;
	n->job->reconcile.severities = severities;
	n->job->reconcile.severity_count = 2;
	raise_name_drift(n);
	tenant(n)->tier_value = 0;
	assert_findings(n, "name-drift tier-mismatch");
	assert_int_equal(n->result->by_severity[SEVERITY_HIGH], 1);
	assert_int_equal(n->result->by_severity[SEVERITY_INFO], 1);
	night_free(n);
}

/* How long it waits counts from the order; how long it is parked, from the parking. */
static void test_a_parked_order_says_when_it_was_parked(void **state)
{
	struct night *n = night_new();
	struct pending_order *p = pend(n, "9", ACTION_NEW, 2, ITEM_PARKED, 72);
	struct strbuf day = {0};

	(void)state;
	p->parked_at = n->now - 2 * HOUR_MS;
	compare(n);
	strbuf_addf(
	    &day, "has been parked since %s", date_text(date_of_ms(p->parked_at), (char[DATE_TEXT_SIZE]){0}));
	assert_non_null(strstr(only(n, FINDING_ORDER_STUCK)->sentence, day.p));
	strbuf_free(&day);
	night_free(n);
}

static void test_import_pending_grows_old(void **state)
{
	struct night *n = night_new();

	(void)state;
	acronis(n, 1, "1", 1);
	did(n, "1", 1, ACTION_NEW, "Tier 2", 24);
	compare(n);
	assert_int_equal(only(n, FINDING_IMPORT_PENDING)->severity, SEVERITY_INFO);
	n->now++;
	compare(n);
	assert_int_equal(only(n, FINDING_IMPORT_PENDING)->severity, SEVERITY_HIGH);
	assert_non_null(
	    strstr(only(n, FINDING_IMPORT_PENDING)->evidence, "ledger: order item main/OI-7 done"));
	/* In the export now, under an id of the BSS's own. */
	bss(n, "S-new", "1", 2, SUBSCRIPTION_ACTIVE);
	assert_findings(n, "");
	night_free(n);
}

static void test_new_contract_after_a_cancelled_one_waits_for_import(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-old", "1", 2, SUBSCRIPTION_CANCELLED)->external_id = tenant_id(n, 1);
	acronis(n, 1, "1", 1)->enabled = false;
	acronis(n, 2, "1", 1);
	did(n, "1", 2, ACTION_NEW, "Tier 2", 1);
	assert_findings(n, "cancelled-but-present import-pending");
	assert_string_equal(only(n, FINDING_IMPORT_PENDING)->tenant_id, tenant_id(n, 2));
	night_free(n);
}

static void test_our_own_change_waits_for_import_however_long(void **state)
{
	struct night *n = night_new();

	(void)state;
	struct subscription *s = good(n);
	s->updated_at = n->now - 300 * HOUR_MS;
	tenant(n)->tier_value = 2;
	did(n, "1", 1, ACTION_UPGRADE, "Tier 3", 2);
	assert_findings(n, "import-pending");
	assert_int_equal(n->result->findings[0].severity, SEVERITY_INFO);
	assert_string_equal(n->result->findings[0].expected, "Tier 3");
	assert_string_equal(n->result->findings[0].bss, "Tier 2");
	assert_string_equal(n->result->findings[0].sentence,
	    "The upgrade of Company 1 was done in Acronis on 2026-11-21, but the BSS's export does not show it yet; "
	    "1000.00 USD a month waits for the import.");
	n->done[0].executed_at = n->now - 25 * HOUR_MS; /* longer than stuck_after */
	assert_findings(n, "import-pending");
	assert_int_equal(n->result->findings[0].severity, SEVERITY_HIGH);
	n->done[0].executed_at = n->now - 200 * HOUR_MS;
	assert_findings(n, "import-pending");
	/* The row is newer, whatever it says. */
	s->updated_at = n->now - HOUR_MS;
	assert_findings(n, "tier-mismatch");
	/* A row of a day to come is no newer one. */
	s->updated_at = n->now + 100 * HOUR_MS;
	assert_findings(n, "import-pending");
	/* One without a time says less than the journal. */
	s->updated_at = 0;
	assert_findings(n, "import-pending");
	/* The BSS has it. */
	s->tier = &n->job->contract.tiers[3];
	assert_findings(n, "");
	night_free(n);
}

/* What the journal says is expected of the tenant too: undone by somebody, the change is missed, and its
 * row's tier is not what is asked for. */
static void test_a_change_of_ours_that_is_not_there(void **state)
{
	struct night *n = night_new();

	(void)state;
	good(n)->updated_at = n->now - 30 * HOUR_MS;
	did(n, "1", 1, ACTION_UPGRADE, "Tier 3", 2);
	assert_findings(n, "tier-mismatch");
	const struct finding *f = &n->result->findings[0];
	assert_string_equal(f->expected, "Tier 3 (value 2)");
	assert_string_equal(f->bss, "Tier 2");
	assert_string_equal(f->acronis, "Tier 2 (value 1)");
	assert_int_equal(f->at_stake.minor, 50000);
	assert_string_equal(f->sentence,
	    "The upgrade of Company 1 was done in Acronis on 2026-11-21, but the tenant runs on Tier 2 (value 1) and not on "
	    "Tier 3 (value 2); the BSS's export, which does not show the change yet, says Tier 2; the difference is 500.00 USD "
	    "a month.");
	assert_non_null(strstr(f->evidence, "; ledger: order item main/OI-7 done"));
	tenant(n)->tier_value = 5; /* neither the one nor the other */
	assert_findings(n, "tier-mismatch");
	assert_string_equal(n->result->findings[0].expected, "Tier 3 (value 2)");
	/* Of several changes the last one counts. */
	did(n, "1", 1, ACTION_DOWNGRADE, "Tier 6", 1);
	tenant(n)->tier_value = 5;
	assert_findings(n, "import-pending");
	/* One of another contract says nothing of this one. */
	n->done_count = 1;
	n->done[0].tenant_id = tenant_id(n, 77);
	assert_findings(n, "tier-mismatch");
	assert_string_equal(n->result->findings[0].expected, "Tier 2 (value 1)");
	n->done[0].subscription_id = "S-1";
	compare(n);
	assert_string_equal(n->result->findings[0].expected, "Tier 3 (value 2)");
	night_free(n);
}

/* The BSS's own word for it: failed as a status, or beside one that says active; not in the first day. */
static void test_what_failed_in_the_bss_is_stuck(void **state)
{
	struct night *n = night_new();

	(void)state;
	struct subscription *s = bss(n, "S-1", "1", 2, SUBSCRIPTION_FAILED);
	s->updated_at = n->now - 25 * HOUR_MS;
	assert_findings(n, "order-stuck");
	assert_string_equal(n->result->findings[0].bss, "failed");
	s->updated_at = n->now - 23 * HOUR_MS;
	assert_findings(n, "");
	s->status = SUBSCRIPTION_ACTIVE;
	s->sync_status = " failed ";
	s->updated_at = n->now - 25 * HOUR_MS;
	acronis(n, 1, "1", 1);
	assert_findings(n, "order-stuck");
	s->sync_status = "Synchronized";
	assert_findings(n, "");
	/* Of a failed one no tenant is expected, and one that is there is its. */
	s->status = SUBSCRIPTION_FAILED;
	s->updated_at = n->now - HOUR_MS;
	assert_findings(n, "");
	tenant(n)->deleted_at = "2026-11-20T00:00:00";
	assert_findings(n, "");
	night_free(n);
}

/* Each of our changes of state against each older row: told as waiting while the tenant is as we left it, and
 * as a difference when it is not. */
static void test_states_of_ours(void **state)
{
	static const struct {
		enum action action;
		enum subscription_status row;
		bool left_on;
		const char *not_kept;
	} ways[] = {
	    {ACTION_SUSPEND, SUBSCRIPTION_ACTIVE, false, "suspended-but-enabled"},
	    {ACTION_CANCEL, SUBSCRIPTION_ACTIVE, false, "cancelled-but-enabled"},
	    {ACTION_CANCEL, SUBSCRIPTION_SUSPENDED, false, "cancelled-but-enabled"},
	    {ACTION_REACTIVATE, SUBSCRIPTION_SUSPENDED, true, "active-but-disabled"},
	    {ACTION_REACTIVATE, SUBSCRIPTION_CANCELLED, true, "active-but-disabled"},
	    {ACTION_NEW, SUBSCRIPTION_CANCELLED, true, "active-but-disabled"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		for (int hours = 2; hours < 1000; hours += 700) {
			struct night *n = night_new();
			struct subscription *s = good(n);
			s->status = ways[i].row;
			s->external_id = tenant_id(n, 1);
			s->updated_at = n->now - 2000 * HOUR_MS;
			did(n, "1", 1, ways[i].action, "Tier 2", hours);
			tenant(n)->enabled = ways[i].left_on;
			assert_findings(n, "import-pending");
			assert_string_equal(
			    n->result->findings[0].bss, subscription_status_name(ways[i].row));
			assert_closes(n);
			tenant(n)->enabled = !ways[i].left_on;
			assert_findings(n, ways[i].not_kept);
			assert_non_null(
			    strstr(n->result->findings[0].sentence, "does not show the change yet"));
			/* The row came after it. */
			s->updated_at = n->now - HOUR_MS;
			tenant(n)->enabled = ways[i].row == SUBSCRIPTION_ACTIVE;
			compare(n);
			assert_int_equal(n->result->by_code[FINDING_IMPORT_PENDING], 0);
			night_free(n);
		}
	}
}

/* A contract that we made, whose tenant is gone before the BSS has it: nobody but the journal misses it. */
static void test_made_by_us_and_gone(void **state)
{
	struct night *n = night_new();

	(void)state;
	did(n, "1", 1, ACTION_NEW, "Tier 2", 30)->account = "Company 1";
	acronis(n, 1, "1", 1)->deleted_at = "2026-11-21T10:00:00";
	assert_findings(n, "tenant-missing");
	const struct finding *f = &n->result->findings[0];
	assert_int_equal(f->severity, SEVERITY_HIGH);
	assert_string_equal(f->account_id, "1");
	assert_string_equal(f->account, "Company 1");
	assert_string_equal(f->subscription_id, "ours");
	assert_string_equal(f->object, "ours"); /* the same finding when the BSS has the row */
	assert_string_equal(f->tenant_id, tenant_id(n, 1));
	assert_string_equal(f->tier, "Tier 2");
	assert_string_equal(f->expected, "a tenant on Tier 2");
	assert_string_equal(f->bss, "no subscription");
	assert_int_equal(f->at_stake.minor, 50000);
	assert_string_equal(f->sentence,
	    "Company 1 was provisioned on 2026-11-20, but in Acronis there is only one that was deleted on 2026-11-21, and the "
	    "BSS's export does not have the contract yet; 500.00 USD a month is ordered without a service.");
	assert_non_null(strstr(f->evidence, "GET /tenants/"));
	assert_non_null(strstr(f->evidence, "ledger: order item main/OI-7 done"));
	char id[sizeof f->id];
	memcpy(id, f->id, sizeof id);
	assert_int_equal(n->result->coverage.made_lacking, 0);
	assert_closes(n);
	/* 404 to its own id is as good. */
	tenant(n)->deleted_at = "";
	tenant(n)->gone = true;
	assert_findings(n, "tenant-missing");
	assert_string_equal(n->result->findings[0].acronis, "no tenant, the one that was made is gone");
	/* A change of it does not hide that, its end does. */
	did(n, "1", 1, ACTION_SUSPEND, "Tier 2", 2);
	assert_findings(n, "tenant-missing");
	n->done[1].action = ACTION_CANCEL;
	assert_findings(n, "");
	n->done_count = 1;
	/* A row that cannot be used may be it; a live one says for itself what is missing. */
	quarantine(n, "1", "S-9");
	assert_findings(n, "not-compared");
	n->subscriptions.quarantined_count = 0;
	bss(n, "ours", "1", 2, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	assert_findings(n, "tenant-missing");
	assert_string_equal(n->result->findings[0].id, id);
	n->subscriptions.count = 0;
	/* While it is there it waits for its import. */
	tenant(n)->gone = false;
	assert_findings(n, "import-pending");
	night_free(n);
}

/* A list that says nothing of a tenant that we made proves nothing. */
static void test_made_by_us_and_not_listed(void **state)
{
	struct night *n = night_new();
	struct error err = {0};

	(void)state;
	did(n, "1", 1, ACTION_NEW, "Tier 2", 1);
	assert_findings(n, "not-compared");
	const struct finding *f = &n->result->findings[0];
	assert_non_null(
	    strstr(f->sentence, "is not in the list of tenants, and nothing proves that it is gone"));
	assert_string_equal(f->acronis, "not in the list");
	assert_int_equal(n->result->coverage.made_lacking, 1);
	assert_int_equal(n->result->not_compared_count, 1);
	assert_int_equal(reconcile_guard_coverage(n->job, &n->result->coverage, &err), -1);
	assert_non_null(strstr(err.text, "lacks 1 that we made"));
	assert_closes(n);
	/* The same of one that the ledger knows and the BSS has as running: it is not called missing. */
	n->done_count = 0;
	remember(n, "1", 1, NULL);
	bss(n, "S-1", "1", 2, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	assert_findings(n, "not-compared");
	assert_int_equal(n->result->coverage.made_lacking, 1);
	n->subscriptions.items[0].status = SUBSCRIPTION_CANCELLED;
	assert_findings(n, "");
	/* Nobody knows of any: an empty list is what it is. */
	n->subscriptions.count = n->known_count = 0;
	assert_findings(n, "");
	err = (struct error){0};
	assert_int_equal(reconcile_guard_coverage(n->job, &n->result->coverage, &err), 0);
	night_free(n);
}

/* The tenant of a contract that we cancelled may be gone before the BSS knows of the end. */
static void test_cancelled_by_us_and_gone(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-1", "1", 2, SUBSCRIPTION_ACTIVE)->updated_at = n->now - 300 * HOUR_MS;
	did(n, "1", 1, ACTION_CANCEL, "Tier 2", 200)->subscription_id = "S-1";
	assert_findings(n, "import-pending");
	assert_string_equal(n->result->findings[0].expected, "cancelled");
	assert_string_equal(n->result->findings[0].acronis, "no tenant");
	n->done[0].action = ACTION_UPGRADE;
	assert_findings(n, "tenant-missing");
	night_free(n);
}

static void test_due_change_excuses_only_itself(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE);
	acronis(n, 1, "1", 1);
	remember(n, "1", 1, &n->job->contract.tiers[2]);
	struct pending_order *p = pend(n, "1", ACTION_DOWNGRADE, 1, ITEM_ACCEPTED, 1);
	p->due = (struct date){2026, 12, 1};
	assert_findings(n, "");
	p->due = (struct date){2026, 11, 22}; /* today: it should be there */
	assert_findings(n, "tier-mismatch");
	p->due = (struct date){2026, 12, 1};
	n->observation->items[0].tier_value = 5; /* moved by somebody else */
	assert_findings(n, "tier-mismatch");
	n->observation->items[0].tier_value = 1;
	n->orders[0].tier = &n->job->contract.tiers[3]; /* due for another tier than the BSS shows */
	assert_findings(n, "tier-mismatch");
	night_free(n);
}

static void test_gaps_are_named(void **state)
{
	struct night *n = night_new();

	(void)state;
	good(n)->tier = NULL;
	n->subscriptions.items[0].tier_text = "Gold";
	assert_findings(n, "not-compared");
	assert_string_equal(n->result->findings[0].sentence,
	    "Company 1 could not be compared: its tier \"Gold\" is not in contract.tiers.");
	assert_int_equal(n->result->not_compared_count, 1);
	assert_string_equal(n->result->not_compared[0], "1");
	assert_int_equal(n->result->coverage.subscriptions_examined, 0);
	assert_int_equal(n->result->coverage.tenants_examined, 0);
	n->subscriptions.items[0].tier = &n->job->contract.tiers[2];
	n->subscriptions.items[0].currency[0] = '\0';
	assert_findings(n, "not-compared");
	snprintf(n->subscriptions.items[0].currency, 4, "USD");
	tenant(n)->unreadable = true;
	n->subscriptions.items[0].external_id = tenant_id(n, 1);
	assert_findings(n, "not-compared");
	assert_non_null(strstr(n->result->findings[0].sentence, "its tenant could not be read"));
	night_free(n);
}

static void test_cut_listing_proves_nothing_missing(void **state)
{
	struct night *n = night_new();

	(void)state;
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE);
	n->observation->complete = false;
	assert_findings(n, "not-compared");
	assert_closes(n);
	night_free(n);
}

static void test_quarantined_rows_are_findings(void **state)
{
	struct night *n = night_new();

	(void)state;
	quarantine(n, "7", "S-7");
	quarantine(n, "", "");
	assert_findings(n, "not-compared not-compared");
	assert_string_equal(n->result->findings[0].object, "subscriptions.csv:99");
	assert_string_equal(n->result->findings[1].object, "S-7");
	assert_string_equal(n->result->findings[1].evidence, "subscriptions.csv:99");
	assert_string_equal(n->result->findings[1].sentence,
	    "Account 7 could not be compared: its status \"In-Active\" is not known.");
	assert_int_equal(n->result->not_compared_count, 1);
	assert_int_equal(n->result->coverage.permille, 0);
	assert_int_equal(n->result->coverage.accounts, 1);
	assert_closes(n);
	night_free(n);
}

/* It may be the tenant's own subscription: "not billed" would be a guess. */
static void test_a_row_without_an_account_disputes_its_tenant(void **state)
{
	struct night *n = night_new();

	(void)state;
	acronis(n, 1, "1", 0);
	acronis(n, 2, "2", 0);
	quarantine(n, "", "S-1");
	n->subscriptions.quarantined[0].external_id = tenant_id(n, 1);
	assert_findings(n, "not-compared subscription-missing");
	assert_string_equal(n->result->findings[1].account_id, "2");
	assert_int_equal(n->result->coverage.tenants_examined, 1);
	assert_int_equal(n->result->not_compared_count, 1);
	assert_string_equal(n->result->not_compared[0], "1");
	assert_closes(n);
	night_free(n);
}

static void test_money_findings_say_what_each_side_says(void **state)
{
	struct night *n = night_new();

	(void)state;
	raise_shortfall_unbilled(n);
	compare(n);
	const struct finding *f = only(n, FINDING_SHORTFALL_UNBILLED);
	assert_string_equal(f->expected,
	    "500.00 USD: usage 180.00 USD, shortfall 320.00 USD; commitment 500.00 USD (Tier 2)");
	assert_string_equal(f->bss, "180.00 USD: usage 180.00 USD, commitment 0.00 USD, credits 0.00 USD");
	assert_string_equal(f->object, "S-1 2026-10");
	assert_int_equal(f->at_stake.minor, 32000);
	assert_string_equal(f->evidence,
	    "subscriptions.csv:2; invoices.csv:7-9; difference -320.00 USD, rounded half-up; "
	    "GET /tenants/00000000-0000-4000-8000-000000000001 at 2026-11-21T23:00:00Z");
	assert_int_equal(f->in_report.minor, 32000); /* the report is in dollars too: nothing is converted */
	night_free(n);
}

static void test_money_in_the_reports_currency(void **state)
{
	struct night *n = night_new();
	struct rates rates = {0};
	struct rate rate = {.from = "USD",
	    .to = "EUR",
	    .value = rational_new(),
	    .text = "0.9213",
	    .valid_from = {2026, 11, 1},
	    .source = "rates.csv",
	    .line = 2};

	(void)state;
	rational_parse(rate.value, STRV("0.9213"));
	rates.items = &rate;
	rates.count = 1;
	n->rates = &rates;
	n->job->report.currency = CURRENCY_EUR;
	raise_shortfall_unbilled(n);
	compare(n);
	const struct finding *f = only(n, FINDING_SHORTFALL_UNBILLED);
	assert_int_equal(f->in_report.minor, 29482); /* 294.816 */
	assert_non_null(strstr(f->evidence, "; at stake 294.82 EUR at 0.9213 (rates.csv:2)"));
	rate.valid_from.day = 2;
	compare(n);
	assert_string_equal(only(n, FINDING_SHORTFALL_UNBILLED)->in_report.currency, "");
	rational_free(rate.value);
	night_free(n);
}

static void test_severity_of_money_is_by_amount(void **state)
{
	struct text_pair set[] = {{"commitment-shortfall-unbilled", "info"}};
	static const struct {
		int64_t missing;
		enum severity severity;
	} amounts[] = {
	    {10000, SEVERITY_HIGH}, {9999, SEVERITY_MEDIUM}, {1000, SEVERITY_MEDIUM}, {999, SEVERITY_LOW}};
	struct night *n = night_new();

	(void)state;
	good(n);
	n->job->reconcile.tolerance.absolute[CURRENCY_USD] = (struct money){100, "USD"};
	bill(n, BILLING_SHORTFALL, 18000, 50000);
	for (size_t i = 0; i < ARRAY_LEN(amounts); i++) {
		n->entries[0].difference = -amounts[i].missing;
		compare(n);
		assert_int_equal(only(n, FINDING_SHORTFALL_UNBILLED)->severity, amounts[i].severity);
	}
	n->entries[0] = (struct billing_entry){0};
	n->billing.count = 0;
	bill(n, BILLING_NO_LINES, 0, 0); /* of a tier without a commitment: how much is not known */
	compare(n);
	assert_int_equal(only(n, FINDING_USAGE_UNBILLED)->severity, SEVERITY_LOW);
	n->billing.count = 0;
	bill(n, BILLING_SHORTFALL, 0, 50000);
	n->job->reconcile.severities = set;
	n->job->reconcile.severity_count = 1;
	compare(n);
	assert_int_equal(only(n, FINDING_SHORTFALL_UNBILLED)->severity, SEVERITY_INFO);
	n->job->reconcile.severity_count = 0;
	night_free(n);
}

/* Money that cannot be compared is a finding, and says nothing about the account's state. */
static void test_money_gaps_are_findings(void **state)
{
	struct night *n = night_new();

	(void)state;
	good(n);
	bill(n, BILLING_GAP, 0, 0)->gap = "invoices.csv:7: Amount is \"1e3\": exponents are not read";
	compare(n);
	const struct finding *f = only(n, FINDING_NOT_COMPARED);
	assert_string_equal(f->sentence,
	    "Company 1 could not be compared: its billing of October 2026: invoices.csv:7: Amount is \"1e3\": exponents are not read.");
	assert_int_equal(n->result->not_compared_count, 0);
	assert_int_equal(n->result->coverage.permille, 1000);
	n->entries[0].said = true;
	compare(n);
	assert_int_equal(n->result->count, 0);
	n->entries[0].said = false;
	n->entries[0].subscription = BILLING_NO_SUBSCRIPTION;
	n->entries[0].subject = "Subscription X";
	n->billing.of_subscriptions = 0;
	compare(n);
	f = only(n, FINDING_NOT_COMPARED);
	assert_non_null(strstr(f->sentence, "Subscription X could not be compared: "));
	assert_string_equal(f->account_id, "");
	n->entries[0].account_id = "1";
	compare(n);
	assert_string_equal(only(n, FINDING_NOT_COMPARED)->account_id, "1");
	night_free(n);
}

static void test_costs_and_totals_have_their_sentences(void **state)
{
	struct night *n = night_new();

	(void)state;
	good(n);
	n->job->billing.discount = "20";
	bill(n, BILLING_COST, 15000, 14400)->cost = true;
	compare(n);
	assert_string_equal(only(n, FINDING_AMOUNT_MISMATCH)->sentence,
	    "The costs of Company 1 for October 2026 are booked as 150.00 USD, but its sell prices less the discount of 20 % come to "
	    "144.00 USD: 6.00 USD too much.");
	struct billing_entry *e = &n->entries[0];
	e->kind = BILLING_TOTAL;
	e->cost = false;
	e->lines = NULL;
	e->subscription = BILLING_NO_SUBSCRIPTION;
	e->contracts = 37;
	e->difference = -1840;
	n->billing.of_subscriptions = 0;
	compare(n);
	assert_string_equal(only(n, FINDING_AMOUNT_MISMATCH)->sentence,
	    "The charges of 37 contracts in USD differ by little for October 2026, but together 18.40 USD is missing.");
	night_free(n);
}

static void test_ramp_up_over_the_maximum_is_named(void **state)
{
	struct night *n = night_new();

	(void)state;
	good(n)->ramp_up_months = 3;
	n->job->billing.ramp_up_max = 1;
	bill(n, BILLING_SHORTFALL, 18000, 50000);
	compare(n);
	assert_non_null(strstr(only(n, FINDING_SHORTFALL_UNBILLED)->sentence,
	    "(Tier 2); its ramp-up of 3 months is over the maximum of 1."));
	night_free(n);
}

static void test_reference_has_every_code(void **state)
{
	struct strbuf out = {0};

	(void)state;
	findings_reference_markdown(&out);
	for (int code = 0; code < FINDING_COUNT; code++) {
		char *row = mem_printf("| `%s` | ", finding_code_name((enum finding_code)code));
		assert_non_null(strstr(out.p, row));
		free(row);
	}
	strbuf_free(&out);
}

/* All of the BSS was compared, and of Acronis a fifth: the smaller of both sides is what was covered. */
static void test_coverage_is_that_of_the_smaller_side(void **state)
{
	struct night *n = night_new();
	struct error err = {0};

	(void)state;
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	acronis(n, 1, "1", 0);
	for (int i = 2; i <= 5; i++)
		acronis(n, i, "", 0)->unreadable = true;
	compare(n);
	assert_int_equal(n->result->coverage.subscriptions_examined, 1);
	assert_int_equal(n->result->coverage.tenants_examined, 1);
	assert_int_equal(n->result->coverage.permille, 200);
	assert_int_equal(reconcile_guard_coverage(n->job, &n->result->coverage, &err), -1);
	assert_non_null(strstr(err.text, "1 of 5 tenants"));
	night_free(n);
	/* And the other way round. */
	n = night_new();
	for (int i = 1; i <= 5; i++)
		bss(n, arena_printf(n->arena, "S-%d", i), arena_printf(n->arena, "%d", i), 1,
		    SUBSCRIPTION_ACTIVE)
		    ->tier = i == 1 ? &n->job->contract.tiers[1] : NULL;
	acronis(n, 1, "1", 0);
	compare(n);
	assert_int_equal(n->result->coverage.permille, 200);
	night_free(n);
}

/* A list that lacks a tenant which answers by its id: what lacks is not compared, nor is what nobody found,
 * and what the list has is. */
static void test_what_the_list_lacks_is_not_compared(void **state)
{
	struct night *n = night_new();
	struct error err = {0};

	(void)state;
	bss(n, "S-1", "1", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 1);
	acronis(n, 1, "1", 2)->unlisted = true; /* on another tier than the BSS says */
	bss(n, "S-2", "2", 1, SUBSCRIPTION_ACTIVE);
	bss(n, "S-3", "3", 1, SUBSCRIPTION_ACTIVE)->external_id = tenant_id(n, 3);
	acronis(n, 3, "3", 2);
	acronis(n, 4, "4", 2);
	n->observation->complete = false;
	n->observation->fault = LISTING_LACKING;
	n->observation->trouble = "tenant 1 stands below the parent, and it was not listed";
	compare(n);
	assert_int_equal(n->result->by_code[FINDING_NOT_COMPARED], 2);
	assert_int_equal(n->result->by_code[FINDING_TENANT_MISSING], 0);
	assert_int_equal(
	    n->result->by_code[FINDING_TIER_MISMATCH], 2); /* what its own answer says is true of S-1 too */
	assert_int_equal(n->result->by_code[FINDING_SUBSCRIPTION_MISSING], 1);
	assert_int_equal(n->result->coverage.subscriptions_examined, 1);
	assert_int_equal(n->result->coverage.tenants_examined, 2);
	assert_true(n->result->coverage.permille < 1000);
	assert_closes(n);
	assert_int_equal(reconcile_guard_list(n->observation, &err), -1);
	assert_int_equal(err.code, ERR_COVERAGE);
	assert_non_null(strstr(err.text, "tenant 1 stands below the parent"));
	/* One that a whole list lacks because it stands elsewhere is compared as ever. */
	n->observation->complete = true;
	n->observation->fault = LISTING_WHOLE;
	compare(n);
	assert_int_equal(n->result->by_code[FINDING_NOT_COMPARED], 0);
	assert_int_equal(reconcile_guard_list(n->observation, &(struct error){0}), 0);
	night_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_class_has_a_case),
	    cmocka_unit_test(test_each_class_is_raised_with_its_sentence),
	    cmocka_unit_test(test_each_class_says_all_that_is_known),
	    cmocka_unit_test(test_near_misses_are_not_raised),
	    cmocka_unit_test(test_only_an_order_to_come_explains_a_state),
	    cmocka_unit_test(test_a_folder_of_ours_is_no_other_parent),
	    cmocka_unit_test(test_what_each_side_says),
	    cmocka_unit_test(test_money_is_known_or_left_out),
	    cmocka_unit_test(test_quantity_times_commitment_does_not_overflow),
	    cmocka_unit_test(test_severity_is_the_jobs),
	    cmocka_unit_test(test_a_parked_order_says_when_it_was_parked),
	    cmocka_unit_test(test_import_pending_grows_old),
	    cmocka_unit_test(test_new_contract_after_a_cancelled_one_waits_for_import),
	    cmocka_unit_test(test_our_own_change_waits_for_import_however_long),
	    cmocka_unit_test(test_a_change_of_ours_that_is_not_there),
	    cmocka_unit_test(test_states_of_ours),
	    cmocka_unit_test(test_what_failed_in_the_bss_is_stuck),
	    cmocka_unit_test(test_made_by_us_and_gone),
	    cmocka_unit_test(test_made_by_us_and_not_listed),
	    cmocka_unit_test(test_what_the_list_lacks_is_not_compared),
	    cmocka_unit_test(test_coverage_is_that_of_the_smaller_side),
	    cmocka_unit_test(test_cancelled_by_us_and_gone),
	    cmocka_unit_test(test_due_change_excuses_only_itself),
	    cmocka_unit_test(test_gaps_are_named),
	    cmocka_unit_test(test_cut_listing_proves_nothing_missing),
	    cmocka_unit_test(test_a_row_without_an_account_disputes_its_tenant),
	    cmocka_unit_test(test_quarantined_rows_are_findings),
	    cmocka_unit_test(test_money_findings_say_what_each_side_says),
	    cmocka_unit_test(test_money_in_the_reports_currency),
	    cmocka_unit_test(test_severity_of_money_is_by_amount),
	    cmocka_unit_test(test_money_gaps_are_findings),
	    cmocka_unit_test(test_costs_and_totals_have_their_sentences),
	    cmocka_unit_test(test_ramp_up_over_the_maximum_is_named),
	    cmocka_unit_test(test_reference_has_every_code),
	};
	return cmocka_run_group_tests_name("classify", tests, NULL, NULL);
}
