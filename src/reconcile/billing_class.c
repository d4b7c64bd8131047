/* The classes of money findings: when each is true, its money at stake and severity, and what people read of
 * it. The comparison itself is billing.c's. */
#include "reconcile/billing_impl.h"
#include "reconcile/class_impl.h"

#include <inttypes.h>

#include "tenantry/mem.h"

/* ---- When. */

/* A tenant that is there, and not one on trial: it makes usage that somebody must pay. */
static bool runs_in_production(const struct view *v)
{
	return v->tenant && tenant_is_present(v->tenant) && !v->tenant->unreadable &&
	       (!v->tenant->pricing_read || strcmp(v->tenant->pricing_mode, "production") == 0);
}

bool when_usage_unbilled(const struct view *v)
{
	return v->billing->kind == BILLING_NO_LINES && runs_in_production(v);
}

bool when_shortfall_unbilled(const struct view *v)
{
	return v->billing->kind == BILLING_SHORTFALL ||
	       (v->billing->kind == BILLING_NO_LINES && !runs_in_production(v) && v->billing->should > 0);
}

bool when_commitment_overbilled(const struct view *v)
{
	return v->billing->kind == BILLING_OVERBILLED;
}

bool when_amount_mismatch(const struct view *v)
{
	return v->billing->kind == BILLING_AMOUNT || v->billing->kind == BILLING_COST ||
	       v->billing->kind == BILLING_TOTAL;
}

/* ---- Money at stake, and severity by it. */

struct money stake_of_month(const struct view *v)
{
	const struct billing_entry *b = v->billing;
	struct money money = {b->difference < 0 ? -b->difference : b->difference, ""};

	if (b->difference != 0 && b->difference != INT64_MIN)
		memcpy(money.currency, b->currency, sizeof money.currency);
	return money;
}

enum severity severity_by_amount(const struct job *job, struct money stake)
{
	int index = currency_index(strv_of(stake.currency));
	int64_t unit, high, medium;

	if (!stake.currency[0])
		return SEVERITY_LOW;
	unit = index < 0 ? 0 : job->reconcile.tolerance.absolute[index].minor;
	if (__builtin_mul_overflow(unit, job->billing.high_from, &high) ||
	    __builtin_mul_overflow(unit, job->billing.medium_from, &medium))
		return SEVERITY_HIGH;
	return stake.minor >= high ? SEVERITY_HIGH : stake.minor >= medium ? SEVERITY_MEDIUM : SEVERITY_LOW;
}

bool money_in_report(const struct view *v, struct money stake, struct money *out, const struct rate **rate)
{
	static const char *const codes[] = {
#define X(code) #code,
	    CURRENCIES(X)
#undef X
	};
	const char *to = codes[v->in->job->report.currency];
	struct date day = v->billing ? v->billing->day : date_of_ms(v->in->now);
	struct rational *value;

	*rate = NULL;
	if (strcmp(stake.currency, to) == 0) {
		*out = stake;
		return true;
	}
	if (!stake.currency[0] || rates_find(v->in->rates, stake.currency, to, day, rate) != RATE_FOUND)
		return false;
	value = rational_new();
	rational_set_money(value, stake);
	rational_multiply(value, (*rate)->value);
	bool fits = rational_money(value, to, v->in->job->billing.rounding, out);
	rational_free(value);
	return fits;
}

/* ---- What people read. */

static void add_money(struct strbuf *out, int64_t minor, const char *currency)
{
	struct money money = {minor, {currency[0], currency[1], currency[2], '\0'}};
	char text[MONEY_TEXT_SIZE];

	strbuf_addf(out, "%s %s", money_text(money, text), money.currency);
}

/* "commitment 250.00 USD (Tier 1)" or why there is none. `verb` leads to the amount. */
static void add_commitment(struct strbuf *out, const struct billing_entry *b, const char *verb)
{
	if (b->free[0] || !b->tier) {
		strbuf_addf(out, "no minimum commitment is due (%s)", b->free);
		return;
	}
	strbuf_addf(out, "%s ", verb);
	add_money(out, b->expected.commitment, b->currency);
	strbuf_addf(out, " (%s)", b->tier->name);
}

static int64_t billed_part(const struct billing_entry *b, enum invoice_kind kind)
{
	return b->lines ? b->lines->sum[kind] : 0;
}

void expect_billed(const struct view *v, struct strbuf *out)
{
	const struct billing_entry *b = v->billing;

	if (b->kind == BILLING_TOTAL) {
		strbuf_adds(out, "differences that cancel out");
		return;
	}
	add_money(out, b->should, b->currency);
	if (b->cost) {
		strbuf_addf(out, ": sell prices less %s %%", v->in->job->billing.discount);
		return;
	}
	strbuf_adds(out, ": usage ");
	add_money(out, b->expected.usage, b->currency);
	strbuf_adds(out, ", shortfall ");
	add_money(out, b->expected.shortfall, b->currency);
	strbuf_adds(out, "; ");
	add_commitment(out, b, "commitment");
}

void bss_billed(const struct view *v, struct strbuf *out)
{
	static const char *const names[] = {"usage", "commitment", "credits"};
	const struct billing_entry *b = v->billing;

	if (b->kind == BILLING_TOTAL) {
		strbuf_addf(out, "%" PRIu64 " differences, together ", b->contracts);
		add_money(out, b->difference, b->currency);
		return;
	}
	if (b->kind == BILLING_NO_LINES) {
		strbuf_adds(out, "no invoice line");
		return;
	}
	add_money(out, b->billed, b->currency);
	for (int kind = 0; kind < INVOICE_KIND_COUNT && !b->cost; kind++) {
		strbuf_addf(out, "%s %s ", kind ? "," : ":", names[kind]);
		add_money(out, billed_part(b, (enum invoice_kind)kind), b->currency);
	}
}

static void add_off(struct strbuf *out, const struct billing_entry *b)
{
	add_money(out, b->difference < 0 ? -b->difference : b->difference, b->currency);
	strbuf_adds(out, b->difference < 0 ? " is missing" : " too much");
}

static void tell_no_lines(const struct view *v, const char *account, const char *month, struct strbuf *out)
{
	const struct billing_entry *b = v->billing;

	if (when_usage_unbilled(v))
		strbuf_addf(out, "%s runs%s%s in Acronis, but has no invoice line for %s", account,
		    b->tier ? " on " : "", b->tier ? b->tier->name : "", month);
	else
		strbuf_addf(out, "%s has no invoice line for %s, but ", account, month),
		    add_commitment(out, b, "has committed to");
	if (b->should > 0) {
		strbuf_adds(out, ": at least ");
		add_money(out, b->should, b->currency);
		strbuf_adds(out, " is not billed");
	}
}

/* More ramp-up months than there may be count as those. */
static void add_ramp_up(const struct view *v, struct strbuf *out)
{
	int64_t most = billing_ramp_up_max(v->in->job, v->subscription);

	if (v->subscription->ramp_up_months > most)
		strbuf_addf(out, "; its ramp-up of %d months is over the maximum of %" PRId64,
		    v->subscription->ramp_up_months, most);
}

static void tell_charge(const struct view *v, const char *account, const char *month, struct strbuf *out)
{
	const struct billing_entry *b = v->billing;

	strbuf_addf(out, "%s was billed ", account);
	add_money(out, b->billed, b->currency);
	strbuf_addf(out, " for %s", month);
	if (billed_part(b, INVOICE_CREDIT) != 0) {
		strbuf_adds(out, ", credits of ");
		add_money(out, billed_part(b, INVOICE_CREDIT), b->currency);
		strbuf_adds(out, " included");
	}
	strbuf_adds(out, ", but owes ");
	add_money(out, b->should, b->currency);
	strbuf_adds(out, ": ");
	add_off(out, b);
	strbuf_adds(out, ". It used ");
	add_money(out, b->expected.usage, b->currency);
	strbuf_adds(out, b->free[0] ? ", and " : " and ");
	add_commitment(out, b, "has committed to");
	add_ramp_up(v, out);
}

static void tell_cost(const struct view *v, const char *account, const char *month, struct strbuf *out)
{
	const struct billing_entry *b = v->billing;

	strbuf_addf(out, "The costs of %s for %s are booked as ", account, month);
	add_money(out, b->billed, b->currency);
	strbuf_addf(
	    out, ", but its sell prices less the discount of %s %% come to ", v->in->job->billing.discount);
	add_money(out, b->should, b->currency);
	strbuf_adds(out, ": ");
	add_off(out, b);
}

static void tell_total(const struct billing_entry *b, const char *month, struct strbuf *out)
{
	strbuf_addf(out, "%s %" PRIu64 " contract%s in %s %s by little for %s, but together ",
	    b->cost ? "The costs of" : "The charges of", b->contracts, b->contracts == 1 ? "" : "s",
	    b->currency, "differ", month);
	add_off(out, b);
}

void tell_billing(const struct view *v, const char *account, struct strbuf *out)
{
	char month[MONTH_TEXT_SIZE];

	month_name(v->billing->month, month);
	if (v->billing->kind == BILLING_TOTAL)
		tell_total(v->billing, month, out);
	else if (v->billing->kind == BILLING_NO_LINES)
		tell_no_lines(v, account, month, out);
	else if (v->billing->cost)
		tell_cost(v, account, month, out);
	else
		tell_charge(v, account, month, out);
	strbuf_addc(out, '.');
}

static void add_invoices(struct strbuf *out, const struct billing_entry *b)
{
	enum { SHOWN = 3 };
	char day[DATE_TEXT_SIZE];
	int count = 0;

	for (const struct invoice_ref *ref = b->lines->invoices; ref; ref = ref->next, count++)
		if (count < SHOWN)
			strbuf_addf(out, "%s%s of %s", count ? ", " : " (invoice ", ref->id,
			    date_text(ref->date, day));
	if (count > SHOWN)
		strbuf_addf(out, " and %d more", count - SHOWN);
	if (count > 0)
		strbuf_addc(out, ')');
}

void add_billing_evidence(struct strbuf *out, const struct view *v)
{
	const struct billing_entry *b = v->billing;

	if (out->n > 0 && (b->place[0] || b->lines))
		strbuf_adds(out, "; ");
	strbuf_adds(out, b->place);
	if (b->lines) {
		invoice_places(v->in->billing->invoices, b->lines, out);
		add_invoices(out, b);
	}
	if (b->rate) {
		strbuf_addf(out, "; %s to %s %s (%s:%lu)", b->rate->from, b->rate->to, b->rate->text,
		    b->rate->source, b->rate->line);
		if (b->lines && b->lines->rate[0] && strcmp(b->lines->rate, b->rate->text) != 0)
			strbuf_addf(out, ", but the invoice says rate %s", b->lines->rate);
	}
	if (b->difference != 0) {
		strbuf_addf(out, "%sdifference ", out->n > 0 ? "; " : "");
		add_money(out, b->difference, b->currency);
		strbuf_addf(out, ", rounded %s", rounding_name(v->in->job->billing.rounding));
	}
}
