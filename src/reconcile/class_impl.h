/* What the table of classes and its conditions share. */
#ifndef TENANTRY_CLASS_IMPL_H
#define TENANTRY_CLASS_IMPL_H

#include "reconcile/reconcile_impl.h"

bool has_status(const struct view *v, enum subscription_status status); /* in the BSS */
/* By the newer of the BSS's row and our own changes. */
bool expects(const struct view *v, enum subscription_status status);
/* The change of ours that is newer than the BSS's row and says otherwise; NULL. */
const struct item_record *tier_is_ours(const struct view *v);
const struct item_record *status_is_ours(const struct view *v);
const char *view_parent(const struct view *v); /* ours; "" unknown */
bool tier_differs(const struct view *v);
bool wrong_external_id(const struct view *v);

/* ---- gaps.c: why it is not compared; NULL it is. */
const char *gap_of_subscription(struct arena *arena, const struct view *v);
const char *gap_of_tenant(const struct view *v);
/* The list of tenants lacks this one, which we made, and its own answer is not known either. */
const char *gap_of_lacking(struct arena *arena, const char *tenant_id);
/* Is that so of the tenant that the ledger knows for the subscription's account? */
bool is_lacking(const struct view *v);

/* ---- policy.c */
/* The tier that a finding is about: the one that is billed, else all names of the value that runs. */
void view_tier(const struct view *v, struct strbuf *out);
/* Was a side changed so shortly before the older of both was read that the other may not show it yet? */
bool changed_in_window(const struct view *v);

bool when_tenant_missing(const struct view *v);
bool when_subscription_missing(const struct view *v);
bool when_tier_mismatch(const struct view *v);
bool when_suspended_but_enabled(const struct view *v);
bool when_cancelled_but_enabled(const struct view *v);
bool when_active_but_disabled(const struct view *v);
bool when_cancelled_but_present(const struct view *v);
bool when_import_pending(const struct view *v);
bool when_currency_mismatch(const struct view *v);
bool when_licensing_mismatch(const struct view *v);
bool when_pricing_mode(const struct view *v);
bool when_duplicate_subscription(const struct view *v);
bool when_duplicate_tenant(const struct view *v);
bool when_login_mismatch(const struct view *v);
bool when_name_drift(const struct view *v);
bool when_external_id_mismatch(const struct view *v);
bool when_parent_mismatch(const struct view *v);
bool when_subscription_quantity(const struct view *v);
bool when_order_stuck(const struct view *v);
bool when_not_compared(const struct view *v);

/* ---- billing_class.c: of VIEW_MONTH. */
bool when_usage_unbilled(const struct view *v);
bool when_usage_implausible(const struct view *v);
const struct usage_note *usage_of(const struct view *v); /* NULL none */
bool when_shortfall_unbilled(const struct view *v);
bool when_commitment_overbilled(const struct view *v);
bool when_amount_mismatch(const struct view *v);
struct money stake_of_month(const struct view *v);
enum severity severity_by_amount(const struct job *job, struct money stake);
/* The stake in the report's currency, at the rate of the invoice's day, else of today (NULL: it is in it).
 * False: the rate is not known. */
bool money_in_report(const struct view *v, struct money stake, struct money *out, const struct rate **rate);
void expect_billed(const struct view *v, struct strbuf *out);
void bss_billed(const struct view *v, struct strbuf *out);
void tell_billing(const struct view *v, const char *account, struct strbuf *out);
void add_billing_evidence(struct strbuf *out, const struct view *v);

#endif
