/* Which findings can be closed by a change in Acronis or by a line for the BSS, and whether that is still
 * right; see fix.h. All of it is decided from the finding's own words and the subscriptions; calls are
 * provisioning's. */
#include "tenantry/fix.h"

#include "reconcile/class_impl.h"
#include "tenantry/bss_writer.h"
#include "tenantry/mem.h"

/* Which side is right is a business decision, and this table is it: what was agreed with the customer stands
 * in the BSS, so Acronis follows. Classes that are not here need a person. */
static const struct {
	enum finding_code code;
	enum fix_change change;
	const char *meaning; /* for the reference */
} table[] = {
    {FINDING_SUSPENDED_BUT_ENABLED, FIX_DISABLE,
	"the tenant is disabled; not while another live subscription needs it"},
    {FINDING_CANCELLED_BUT_ENABLED, FIX_DISABLE,
	"the tenant is disabled and not deleted; not while a live subscription needs it"},
    {FINDING_ACTIVE_BUT_DISABLED, FIX_ENABLE, "the tenant is enabled"},
    {FINDING_TIER_MISMATCH, FIX_SET_TIER,
	"the tenant gets the tier that the BSS bills; not while another live subscription of it has another"},
    {FINDING_CURRENCY_MISMATCH, FIX_SET_CURRENCY,
	"the tenant's pricing gets the subscription's currency, where Acronis prices in it; the pricing mode stays; not while "
	"another live subscription of it has another"},
    {FINDING_EXTERNAL_ID_MISMATCH, FIX_SET_CUSTOMER_ID,
	"where the tenant is right and carries another account's id that no subscription has: the tenant's customer id becomes "
	"the account id"},
    {FINDING_EXTERNAL_ID_MISMATCH, FIX_SET_EXTERNAL_ID,
	"where the BSS names another tenant than the account's: a line in `subscriptions-fixes.csv` with the right external id, "
	"for the BSS's import (sources that are files only)"},
};

/* Currencies that Acronis prices in (notes section 3, pricing settings). */
static const char *const priced[] = {
    "AUD", "BRL", "CAD", "EUR", "CNY", "GBP", "JPY", "KZT", "NZD", "RUB", "USD", "ZAR"};

static const struct {
	const char *name, *text;
} changes[FIX_CHANGE_COUNT] = {
#define X(id, name, text) [id] = {name, text},
    FIX_CHANGES(X)
#undef X
};

const char *fix_change_name(enum fix_change change)
{
	return changes[change].name;
}

int fix_change_find(struct strv name)
{
	for (int i = 0; i < FIX_CHANGE_COUNT; i++)
		if (strv_eq(name, strv_of(changes[i].name)))
			return i;
	return -1;
}

const char *fix_skip_code(enum fix_skip skip)
{
	static const char *const codes[FIX_SKIP_COUNT] = {[SKIP_NONE] = "",
#define X(id, code) [id] = code,
	    FIX_SKIPS(X)
#undef X
	};

	return codes[skip];
}

void fix_add_tier(struct strbuf *out, const struct job *job, bool has_tier, int64_t value)
{
	if (has_tier)
		add_tier_value(out, job, value);
	else
		strbuf_adds(out, "no tier");
}

void fixes_reference_markdown(struct strbuf *out)
{
	strbuf_adds(out, "| Finding | Change | What is done |\n|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		strbuf_addf(out, "| `%s` | `%s` | %s |\n", finding_code_name(table[i].code),
		    changes[table[i].change].name, table[i].meaning);
}

/* ---- From a finding to its fix. */

/* What stands behind "account " or "tenant " in what a side says of an id; NULL when it says something else.
 */
static const char *after(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 && text[n] ? text + n : NULL;
}

static const char *fill_switch(struct fix *fix)
{
	fix->now = fix->finding.acronis;
	fix->to = fix->finding.expected;
	return NULL;
}

static const char *fill_tier(struct fix *fix, const struct job *job)
{
	fix->now = fix->finding.acronis;
	fix->to = fix->finding.bss;
	fix->tier = job_tier_by_name(job, strv_of(fix->to));
	return fix->tier ? NULL : "its tier is not in contract.tiers any more";
}

static const char *fill_currency(struct fix *fix)
{
	fix->now = fix->finding.acronis;
	fix->to = fix->finding.bss;
	for (size_t i = 0; i < ARRAY_LEN(priced); i++)
		if (strcmp(priced[i], fix->to) == 0)
			return NULL;
	return "Acronis does not price in this currency";
}

static const char *fill_customer_id(struct fix *fix)
{
	fix->now = after(fix->finding.acronis, "account ");
	fix->to = after(fix->finding.bss, "account ");
	return fix->now && fix->to ? NULL : "";
}

static const char *fill_external_id(struct fix *fix, const struct job *job)
{
	fix->now = after(fix->finding.bss, "tenant ");
	fix->to = after(fix->finding.acronis, "tenant ");
	if (!fix->now || !fix->to)
		return "the external id names a tenant of another account: find out which of the two has it";
	return bss_writes_back(job) ? "the BSS is a database: correct the external id there" : NULL;
}

/* What is in the way; NULL nothing. */
static const char *fill(struct fix *fix, const struct job *job)
{
	switch (fix->change) {
	case FIX_DISABLE:
	case FIX_ENABLE:
		return fill_switch(fix);
	case FIX_SET_TIER:
		return fill_tier(fix, job);
	case FIX_SET_CURRENCY:
		return fill_currency(fix);
	case FIX_SET_CUSTOMER_ID:
		return fill_customer_id(fix);
	default:
		return fill_external_id(fix, job);
	}
}

bool fix_of_finding(const struct job *job, const struct finding_record *finding, struct arena *arena,
    struct fix *out, const char **why)
{
	*why = "";
	if (strcmp(finding->state, "open") != 0) {
		*why = arena_printf(arena, "it is %s", finding->state);
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (strcmp(finding_code_name(table[i].code), finding->code) != 0)
			continue;
		*out = (struct fix){.finding = *finding, .change = table[i].change, .why = ""};
		*why = finding->tenant_id[0] ? fill(out, job) : "no tenant of the account is known";
		if (!*why)
			return true;
	}
	return false;
}

/* ---- Is it still right, as far as the BSS goes? */

static const struct subscription *subscription_of(
    const struct fix *fix, const struct subscriptions *subscriptions)
{
	for (size_t i = 0; i < subscriptions->count; i++)
		if (strcmp(subscriptions->items[i].id, fix->finding.subscription_id) == 0)
			return &subscriptions->items[i];
	return NULL;
}

static void skip(struct fix *fix, enum fix_skip reason, const char *why)
{
	fix->skip = reason;
	fix->why = why;
}

/* What the BSS says of it today, in the words in which the finding has it. */
static const char *bss_says(const struct fix *fix, const struct job *job, struct arena *arena)
{
	const struct reconcile_input in = {.job = job};
	const struct subscription *s = fix->subscription;
	const struct view view = {.kind = VIEW_SUBSCRIPTION, .in = &in, .subscription = s};
	struct strbuf text = {0};

	if (fix->change == FIX_SET_CUSTOMER_ID)
		strbuf_addf(&text, "account %s", s->account_id);
	else if (fix->change == FIX_SET_EXTERNAL_ID)
		strbuf_addf(&text, "tenant %s", s->external_id);
	else
		for (int code = 0; code < FINDING_COUNT; code++)
			if (strcmp(finding_code_name((enum finding_code)code), fix->finding.code) == 0)
				class_of((enum finding_code)code)->bss(&view, &text);
	const char *kept = arena_strndup(arena, text.n ? text.p : "", text.n);
	strbuf_free(&text);
	return kept;
}

/* Another live one that runs on the tenant, or may: it names none. */
static bool shares_tenant(const struct fix *fix, const struct subscription *s)
{
	const struct finding_record *f = &fix->finding;
	bool own = strcmp(s->account_id, f->account_id) == 0 && !s->external_id[0];

	return subscription_is_live(s) &&
	       (own || strv_eq_nocase(strv_of(s->external_id), strv_of(f->tenant_id)));
}

/* Another subscription that needs the tenant on, the id that the tenant carries, or another tier or currency
 * than the one to be set: which of the two is right a person must say first. */
static bool is_needed(const struct fix *fix, const struct subscription *s)
{
	const struct finding_record *f = &fix->finding;

	if (s == fix->subscription)
		return false;
	switch (fix->change) {
	case FIX_SET_CUSTOMER_ID:
		return strcmp(s->account_id, fix->now) == 0;
	case FIX_SET_TIER:
		return shares_tenant(fix, s) && (!s->tier || s->tier->acronis != fix->tier->acronis);
	case FIX_SET_CURRENCY:
		return shares_tenant(fix, s) && strcmp(s->currency, fix->to) != 0;
	case FIX_DISABLE:
		return (s->status == SUBSCRIPTION_ACTIVE || s->status == SUBSCRIPTION_PENDING) &&
		       (strcmp(s->account_id, f->account_id) == 0 ||
			   strv_eq_nocase(strv_of(s->external_id), strv_of(f->tenant_id)));
	default:
		return false;
	}
}

static bool sets_value(const struct fix *fix)
{
	return fix->change == FIX_SET_TIER || fix->change == FIX_SET_CURRENCY;
}

void fix_check_bss(
    struct fix *fix, const struct job *job, const struct subscriptions *subscriptions, struct arena *arena)
{
	fix->subscription = subscription_of(fix, subscriptions);
	if (!fix->subscription) {
		skip(fix, SKIP_BSS_MOVED,
		    arena_printf(
			arena, "the BSS has no subscription %s any more", fix->finding.subscription_id));
		return;
	}
	const char *says = bss_says(fix, job, arena);
	if (strcmp(fix->subscription->account_id, fix->finding.account_id) != 0)
		skip(fix, SKIP_BSS_MOVED, "the subscription is another account's now");
	else if (!strv_eq_nocase(strv_of(says), strv_of(fix->finding.bss)))
		skip(fix, SKIP_BSS_MOVED,
		    arena_printf(arena, "the BSS says \"%s\" now, not \"%s\"", says, fix->finding.bss));
	for (size_t i = 0; fix->skip == SKIP_NONE && i < subscriptions->count; i++)
		if (is_needed(fix, &subscriptions->items[i]))
			skip(fix, SKIP_IN_USE,
			    arena_printf(arena, "subscription %s of account %s needs it%s",
				subscriptions->items[i].id, subscriptions->items[i].account_id,
				sets_value(fix) ? " with another value" : ""));
}

/* ---- Would it undo what we did for an order? */

static const struct item_record *undone_by(const struct fix *fix, const struct expected *expected)
{
	switch (fix->change) {
	case FIX_DISABLE:
		return expected->status == SUBSCRIPTION_ACTIVE ? expected->status_by : NULL;
	case FIX_ENABLE:
		return expected->status == SUBSCRIPTION_ACTIVE ? NULL : expected->status_by;
	case FIX_SET_TIER:
		return expected->tier && expected->tier->acronis != fix->tier->acronis ? expected->tier_by
										       : NULL;
	default:
		return NULL;
	}
}

void fix_check_journal(
    struct fix *fix, const struct job *job, const struct fix_journal *journal, struct arena *arena)
{
	const struct finding_record *f = &fix->finding;
	const struct subscription *s = NULL;
	struct expected expected;
	char day[DATE_TEXT_SIZE];

	for (size_t i = 0; fix->skip == SKIP_NONE && i < journal->done_count; i++) {
		const struct item_record *done = &journal->done[i];
		if (strcmp(done->account_id, f->account_id) != 0)
			continue;
		/* Few accounts have any: the subscriptions are gone through for those only. */
		if (!s) {
			if (!(s = subscription_of(fix, journal->subscriptions)))
				return;
			expected_of_row(&expected, s);
		}
		if (change_is_of(done, s, f->tenant_id))
			expected_after(&expected, job, s, done, journal->now);
	}
	const struct item_record *order = s ? undone_by(fix, &expected) : NULL;
	if (order)
		skip(fix, SKIP_ORDER_NEWER,
		    arena_printf(arena,
			"the %s order %s was carried out on %s, and the BSS's export does not show it yet",
			action_name(order->action), order->order_id,
			date_text(date_of_ms(done_at(order)), day)));
}
