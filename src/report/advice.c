/* What people can do about what a run found: one sentence a rule, a finding class and a parked item, and the
 * list of next steps with the exact commands. Facts and counts come from the model; how they look is the
 * writers'. */
#include "report_impl.h"

#include <inttypes.h>
#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/order_key.h"

static const char *const rule_advice[RULE_COUNT] = {
    [RULE_ROW_MALFORMED] =
	"Open the file at the line that is named and mend the quotes or the number of fields.",
    [RULE_ENCODING_INVALID] =
	"Export the file as UTF-8, or name its encoding in the job file (bss.csv.encoding).",
    [RULE_FIELD_TOO_LONG] = "Look for a quote that was never closed, or shorten the field.",
    [RULE_ORDER_ID_MISSING] = "Export the orders again with their Order Id.",
    [RULE_ORDER_DUPLICATE] = "Find out which of the rows is right and take the others out.",
    [RULE_ORDER_KEY_REUSED] =
	"Give the item an id of its own, or set bss.order_key: order_item when ids begin anew in each order.",
    [RULE_ACTION_UNKNOWN] = "Use new, upgrade, downgrade, suspend, reactivate or cancel; empty is new.",
    [RULE_DATE_INVALID] = "Write dates as 2026-11-22; change the export's date format when all rows have it.",
    [RULE_DATE_TOO_FAR] =
	"Look at the year of Start Date; correct it in the order, or agree on another day with the reseller.",
    [RULE_STATUS_UNKNOWN] =
	"Say in the job file (bss.order_status) whether this status is pending or ignored.",
    [RULE_PRODUCT_UNKNOWN] = "Correct the product, or add it to contract.tiers in the job file.",
    [RULE_TIER_UNKNOWN] = "Correct the tier, or add it to contract.tiers in the job file.",
    [RULE_ORDER_TIER_MISMATCH] = "Ask sales which tier was sold and correct the product or the tier.",
    [RULE_TIER_NOT_SOLD] = "Offer the reseller a tier that is sold and replace the order.",
    [RULE_QUANTITY_NOT_ONE] = "Set the quantity to 1; more than one contract for a reseller is not possible.",
    [RULE_BUYER_NOT_RESELLER] =
	"Mark the account as a reseller in the BSS if it is one; else cancel the order.",
    [RULE_NOT_OWN_USE] = "Sell the end customer a consumption product; a contract has no end customer.",
    [RULE_CURRENCY_MISSING] = "Set the account's currency in the BSS.",
    [RULE_CURRENCY_NOT_ALLOWED] =
	"Set the account to a contract currency, or allow this one in rules.currencies.",
    [RULE_BILLING_ADDRESS_INCOMPLETE] =
	"Complete street, city, post code and country of the billing address.",
    [RULE_EMAIL_MISSING] = "Enter the reseller's e-mail address; it becomes the Acronis login.",
    [RULE_EMAIL_INVALID] = "Correct the address: one @, a dotted domain, no spaces or umlauts.",
    [RULE_USERNAME_INVALID] = "The username must be an e-mail address; correct it or leave it empty.",
    [RULE_USERNAME_TAKEN] = "Ask the reseller for another login; this one belongs to another account.",
    [RULE_TERMS_NOT_ACCEPTED] = "Have the reseller accept the Acronis terms of use in the Storefront.",
    [RULE_CONTRACT_EXISTS] = "Order an upgrade or downgrade of the contract in place of a second one.",
    [RULE_SUBSCRIPTION_UNKNOWN] = "Correct the Subscription Id, or wait for the subscription to be exported.",
    [RULE_NO_TIER_CHANGE] = "Check the wanted tier: it is the present one, or lies in the other direction.",
};

static const struct {
	const char *meaning, *advice;
} finding_words[FINDING_COUNT] = {
    [FINDING_TENANT_MISSING] = {"billed, but not running: no tenant in Acronis",
	"Provision the reseller, or stop billing until it is done."},
    [FINDING_SUBSCRIPTION_MISSING] = {"running, but not billed: no subscription in the BSS",
	"Create the subscription, or disable the tenant if nobody ordered it."},
    [FINDING_TIER_MISMATCH] = {"the BSS bills another tier than Acronis runs",
	"Find out which tier was agreed, then order the change or correct the subscription."},
    [FINDING_SUSPENDED_BUT_ENABLED] = {"suspended in the BSS, but enabled in Acronis",
	"Disable the tenant, or reactivate the subscription."},
    [FINDING_CANCELLED_BUT_ENABLED] = {"cancelled in the BSS, but enabled in Acronis",
	"Disable the tenant: it goes on costing money."},
    [FINDING_ACTIVE_BUT_DISABLED] = {"active in the BSS, but disabled in Acronis",
	"Enable the tenant: the reseller pays and cannot work; or suspend the subscription."},
    [FINDING_CANCELLED_BUT_PRESENT] = {"cancelled, disabled, but still there: Acronis goes on billing it",
	"Agree with the reseller on deletion; tenantry never deletes a tenant."},
    [FINDING_IMPORT_PENDING] = {"provisioned, but not yet in the BSS's export",
	"Import subscriptions-import.csv into the BSS."},
    [FINDING_CURRENCY_MISMATCH] = {"billed in one currency, priced in another",
	"Correct the pricing currency in Acronis or the account's currency in the BSS."},
    [FINDING_LICENSING_MISMATCH] = {"another licensing mode than the contract's",
	"Change the licensing mode in Acronis before the month is billed."},
    [FINDING_PRICING_MODE] = {"the tenant is not in production pricing",
	"Switch it to production: a trial is not billed, and the switch cannot be taken back."},
    [FINDING_DUPLICATE_SUBSCRIPTION] = {"two live subscriptions for one account",
	"Cancel the one that is too many; the reseller is billed twice."},
    [FINDING_DUPLICATE_TENANT] = {"two live tenants for one account",
	"Find the one in use and disable the other."},
    [FINDING_LOGIN_MISMATCH] = {"the administrator's login differs",
	"Correct the username in the BSS or in Acronis."},
    [FINDING_NAME_DRIFT] = {"the name differs", "Correct the name on the side that is out of date."},
    [FINDING_EXTERNAL_ID_MISMATCH] = {"the subscription points at another tenant",
	"Correct the Subscription External Id in the BSS."},
    [FINDING_PARENT_MISMATCH] = {"the tenant stands below another parent",
	"Move it back, or accept the finding when the move was wanted."},
    [FINDING_SUBSCRIPTION_QUANTITY] = {"a contract with another quantity than 1",
	"Set the subscription's quantity to 1 and check its invoices."},
    [FINDING_ORDER_STUCK] = {"an order that waits too long",
	"Look at the order's history and settle what holds it up."},
    [FINDING_SHORTFALL_UNBILLED] = {"the minimum commitment was not billed in full",
	"Bill the shortfall of that month, or correct the contract's tier, ramp-up or trial in the BSS."},
    [FINDING_COMMITMENT_OVERBILLED] = {"more minimum commitment was billed than is due",
	"Credit the difference; then look why the BSS billed it: ramp-up, trial, tier or rate."},
    [FINDING_AMOUNT_MISMATCH] = {"the amount billed, or its cost, is not what is owed",
	"Hold the invoice against the contract: credits, discount, rounding and exchange rate."},
    [FINDING_USAGE_UNBILLED] = {"a running contract has no invoice line for the month",
	"Find out why the BSS billed nothing: usage collection, billing day or the subscription's product."},
    [FINDING_USAGE_IMPLAUSIBLE] = {"usage is counted in Acronis, and the last month bills none",
	"Look whether the contract is new in use, or its usage is not collected; before the month is billed."},
    [FINDING_NOT_COMPARED] = {"could not be compared: not a match, not a difference",
	"Mend the source that is named and reconcile again before signing off."},
};

const char *report_rule_advice(enum rule_code code)
{
	return rule_advice[code];
}

static int finding_code_of(const char *code)
{
	for (int i = 0; i < FINDING_COUNT; i++)
		if (strcmp(finding_code_name((enum finding_code)i), code) == 0)
			return i;
	return -1;
}

const char *report_finding_advice(const char *code)
{
	int i = finding_code_of(code);

	return i < 0 ? "" : finding_words[i].advice;
}

const char *report_finding_meaning(const char *code)
{
	int i = finding_code_of(code);

	return i < 0 ? "" : finding_words[i].meaning;
}

static void add_job(const struct report *report, struct strbuf *out)
{
	report_add_job_path(report->job_path, out);
}

static void add_command(const struct report *report, struct strbuf *out, const char *verb, const char *id)
{
	strbuf_addf(out, "tenantry %s ", verb);
	report_add_shell(out, id);
	add_job(report, out);
}

/* ---- The list of next steps. */

struct step_list {
	const struct report *report;
	struct arena *arena;
	struct next_step *steps;
	size_t count;
};

/* Takes the text of both buffers, which are empty afterwards. */
static void add_step(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	if (list->count < NEXT_STEPS_MAX)
		list->steps[list->count++] =
		    (struct next_step){arena_strdup(list->arena, what->p ? what->p : ""),
			arena_strdup(list->arena, command->p ? command->p : "")};
	strbuf_clear(what);
	strbuf_clear(command);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* "reconcile", with the day when it is of one. */
static bool is_comparison(const struct report *report)
{
	return strncmp(report->command, "reconcile", strlen("reconcile")) == 0;
}

/* What takes away waits for a person; all else went on. */
static void step_held(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	const struct report *report = list->report;

	strbuf_addf(what, "look at the %" PRIu64 " that were held back: resellers would lose something",
	    report->budget.held);
	if (report->fixes_of[0]) {
		report_add_fixes_command(command, report);
		strbuf_adds(command, " --dry-run");
	} else {
		strbuf_adds(command, "tenantry plan ");
		report_add_shell(command, report->job_path[0] ? report->job_path : "JOB");
	}
	add_step(list, what, command);
	strbuf_adds(
	    what, report->fixes_of[0]
		      ? "if it is right, let so many pass once; else say no to them in the file"
		      : "if it is right, let so many pass once; else take the orders back in the BSS");
	report_add_allow_command(command, report);
	add_step(list, what, command);
}

static bool stopped_by_errors(const struct report *report)
{
	return report->exit_status == 5 && report->has_provision &&
	       report->apply.end == APPLY_TOO_MANY_ERRORS && !report->budget.stopped;
}

/* Why comes first: what failed for one cause fails again. */
static void step_stopped_by_errors(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	const struct report *report = list->report;

	strbuf_adds(what, "see what failed, and why, before anything is tried again");
	add_command(report, command, "show", "failed");
	add_step(list, what, command);
	strbuf_adds(what, "when the cause is gone, try again what failed and what was not begun");
	add_command(report, command, "retry", report->run_id);
	add_step(list, what, command);
	strbuf_adds(what, "or go on as it is, and let the stop pass once");
	strbuf_adds(command, "tenantry run --yes ");
}

/* After an error that ended the run: its own advice, and the command that goes on. */
static void step_error(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	const struct report *report = list->report;
	bool moved = strcmp(report->error_code, error_code_name(ERR_MOVED)) == 0;
	/* What a safety stop and a plan that is out of date advise stands below, with the commands. */
	bool said_below = report->exit_status == 5 && (!report->fixes_of[0] || report->budget.stopped);
	struct strbuf scratch = {0};

	if (report->error_hint[0] && !said_below) {
		strbuf_adds(what, report_clean(&scratch, report->error_hint, CLEAN_LINE));
		add_step(list, what, command);
	}
	strbuf_free(&scratch);
	if (report->budget.stopped && report->exit_status == 5) {
		step_held(list, what, command);
		return;
	}
	if (report->fixes_of[0]) {
		strbuf_adds(what, "then give the same file again: what is done is not done again");
		add_step(list, what, command);
		return;
	}
	switch (report->exit_status) {
	case 2:
		strbuf_adds(what, "correct the job file, then look whether all is well");
		strbuf_adds(command, "tenantry check ");
		break;
	case 3:
		/* What was not kept of a past day does not come back. */
		if (report->as_of.day[0] && !report->as_of.run[0])
			return;
		strbuf_adds(what, report->as_of.day[0]
				      ? "then compare it again"
				      : "trying later helps; what was done is kept and is not done again");
		strbuf_addf(command, "tenantry %s ", is_comparison(report) ? report->command : "run");
		break;
	case 4:
		strbuf_adds(what, "wait until the other run has ended; the list of runs shows it");
		strbuf_adds(command, "tenantry runs");
		add_job(report, command);
		add_step(list, what, command);
		return;
	case 5:
		if (moved) {
			strbuf_adds(what, "make a new plan and read it before it is applied");
			strbuf_adds(command, "tenantry plan -o FILE ");
			break;
		}
		if (stopped_by_errors(report)) {
			step_stopped_by_errors(list, what, command);
			break;
		}
		strbuf_adds(what, "look at what would be done before raising a limit");
		strbuf_adds(command, "tenantry plan ");
		report_add_shell(command, report->job_path[0] ? report->job_path : "JOB");
		add_step(list, what, command);
		strbuf_adds(what, "if it is right, let the stop pass once");
		strbuf_adds(command, "tenantry run --yes ");
		break;
	case 130:
	case 143:
		strbuf_adds(what, "go on where it stopped");
		strbuf_addf(command, "tenantry %s ", is_comparison(report) ? report->command : "run");
		break;
	default:
		return;
	}
	report_add_shell(command, report->job_path[0] ? report->job_path : "JOB");
	add_step(list, what, command);
}

/* Parked items first: nobody but a person moves them. */
static void step_parked(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	const struct report *report = list->report;
	bool unproved = false; /* one of them passes as the first, so one of them is named */
	size_t shown = 0;

	for (size_t i = 0; i < report->item_count && shown < 3; i++) {
		const struct item_record *item = &report->items[i];
		bool waits = park_reason_parse(item->reason) == PARK_TIER_UNPROVED;
		if (item->state != ITEM_PARKED || (waits && unproved))
			continue;
		unproved = unproved || waits;
		struct strbuf scratch = {0};
		strbuf_addf(what, "order %s is parked", report_clean(&scratch, item->order_id, CLEAN_LINE));
		strbuf_addf(what, " (%s): ", report_clean(&scratch, item->reason, CLEAN_LINE));
		enum park_reason reason = park_reason_parse(item->reason);
		strbuf_adds(
		    what, reason == PARK_NONE ? "decide what becomes of it" : park_reason_decision(reason));
		strbuf_free(&scratch);
		strbuf_adds(what, reason == PARK_MAIL_IN_DOUBT ? " (without it: " : " (not at all: ");
		report_add_skip_command("", item, what);
		strbuf_addc(what, ')');
		report_add_settling_command(report->run_id, report->job_path, item, command);
		add_step(list, what, command);
		shown++;
	}
	if (report->waiting > 0) {
		strbuf_addf(what, "%" PRIu64 " order%s of earlier runs wait%s for a decision",
		    report->waiting, plural(report->waiting), report->waiting == 1 ? "s" : "");
		add_command(report, command, "show", "parked");
		add_step(list, what, command);
	}
}

static const struct item_record *first_failed(const struct report *report)
{
	for (size_t i = 0; i < report->item_count; i++)
		if (report->items[i].state == ITEM_FAILED)
			return &report->items[i];
	return NULL;
}

static void step_orders(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	const struct report *report = list->report;
	uint64_t failed = report->has_provision ? report->apply.failed : 0;

	if (failed > 0 && !stopped_by_errors(report)) {
		const struct item_record *item = first_failed(report);
		strbuf_addf(what, "%" PRIu64 " order%s failed%s: see why, the next run tries again", failed,
		    plural(failed), failed > 1 ? " (failed.csv has all of them)" : "");
		add_command(report, command, "show", failed == 1 && item ? item_record_name(item) : "failed");
		add_step(list, what, command);
		strbuf_adds(what, "or try again at once what failed and what was not begun");
		add_command(report, command, "retry", report->run_id);
		add_step(list, what, command);
	}
	if (report_add_still_waiting(what, &report->still)) {
		strbuf_adds(what, " still wait");
		add_command(report, command, "retry", report->still.run);
		add_step(list, what, command);
	}
	if (report->has_intake && report->intake.rejected > 0) {
		uint64_t n = report->intake.rejected;
		strbuf_addf(what,
		    "correct %" PRIu64 " rejected order%s in the BSS; rejected.csv has every reason", n,
		    plural(n));
		add_step(list, what, command);
	}
}

/* Nothing is done about it, and nobody may have meant it. */
static void step_changed(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	const struct report *report = list->report;
	uint64_t n = report->has_intake ? report->intake.by_warning[WARNING_CHANGED_AFTER_DONE] : 0;
	struct strbuf scratch = {0};

	if (n == 0 || report->changed_count == 0)
		return;
	strbuf_addf(what, "%" PRIu64 " order%s that %s done say%s something else now (", n, plural(n),
	    n == 1 ? "was" : "were", n == 1 ? "s" : "");
	strbuf_addf(what, "%s: ", report_clean(&scratch, report->changed[0].item, CLEAN_LINE));
	strbuf_addf(what, "%s%s): what is meant to change needs an order of its own",
	    report_clean(&scratch, report->changed[0].what, CLEAN_LINE), n > 1 ? " ..." : "");
	add_command(report, command, "show", report->changed[0].item);
	add_step(list, what, command);
	strbuf_free(&scratch);
}

static void step_corrections(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	const struct apply_result *apply = &list->report->apply;

	if (!list->report->has_fixes || list->report->dry_run)
		return;
	/* What was held back has its own advice, and only a person changes anything about it. */
	uint64_t open = apply->failed + apply->not_started - list->report->budget.held;
	if (open > 0) {
		strbuf_addf(what,
		    "%" PRIu64 " correction%s failed or not begun: see why, then give the same file again",
		    open, plural(open));
		add_command(list->report, command, "show", list->report->run_id);
		add_step(list, what, command);
	}
	if (apply->done > 0) {
		strbuf_adds(what, "compare again: what was corrected is then resolved");
		strbuf_adds(command, "tenantry reconcile ");
		report_add_shell(command, list->report->job_path[0] ? list->report->job_path : "JOB");
		add_step(list, what, command);
	}
}

/* What stands first of two of one severity: the one with more money. In the report's currency where that is
 * known; else the bare amounts are compared, which is better than the order of the accounts. */
static bool has_more_money(const struct finding_record *a, const struct finding_record *b)
{
	struct money x = {0}, y = {0};
	bool same = a->report_currency && b->report_currency && a->report_currency[0] &&
		    strcmp(a->report_currency, b->report_currency) == 0;

	if (same)
		return money_parse(strv_of(a->report_money), a->report_currency, &x) &&
		       (!money_parse(strv_of(b->report_money), b->report_currency, &y) || x.minor > y.minor);
	if (!report_finding_money(a, &x))
		return false;
	if (!report_finding_money(b, &y))
		return true;
	return x.minor * (currency_exponent(x.currency) ? 1 : 100) >
	       y.minor * (currency_exponent(y.currency) ? 1 : 100);
}

enum { FINDINGS_SHOWN = 3 };

/* The open findings to begin with: the gravest, and of those the ones with the most money. */
static size_t most_urgent(const struct report *report, const struct finding_record *out[FINDINGS_SHOWN])
{
	const struct finding_record **sorted = report_sorted_findings(report);
	size_t count = 0;

	for (size_t i = 0; i < report->finding_count; i++) {
		const struct finding_record *f = sorted[i];
		size_t at = count;
		if (report_severity(f) < SEVERITY_MEDIUM || report_state(f) != STATE_OPEN)
			continue;
		while (at > 0 && report_severity(out[at - 1]) == report_severity(f) &&
		       has_more_money(f, out[at - 1]))
			at--;
		if (at == FINDINGS_SHOWN)
			continue;
		if (count < FINDINGS_SHOWN)
			count++;
		for (size_t j = count - 1; j > at; j--)
			out[j] = out[j - 1];
		out[at] = f;
	}
	free(sorted);
	return count;
}

static void step_findings(struct step_list *list, struct strbuf *what, struct strbuf *command)
{
	const struct report *report = list->report;
	const struct finding_record *urgent[FINDINGS_SHOWN];
	size_t count = most_urgent(report, urgent);
	struct strbuf scratch = {0};

	for (size_t i = 0; i < count; i++) {
		const struct finding_record *f = urgent[i];
		struct money money;
		strbuf_addf(what, "%s", report_clean(&scratch, f->code, CLEAN_LINE));
		if (f->account_id[0])
			strbuf_addf(what, ", account %s", report_clean(&scratch, f->account_id, CLEAN_LINE));
		if (report_finding_money(f, &money)) {
			strbuf_adds(what, ", ");
			report_add_money(what, money);
			strbuf_addf(what, " %s a month", money.currency);
		}
		/* What was found of a past day, or of too little, is not remembered: only this run's files
		 * have it. */
		if (!report->as_of.day[0] && !report->in_part)
			add_command(report, command, "show", f->finding_id);
		add_step(list, what, command);
	}
	strbuf_free(&scratch);
}

size_t report_next_steps(
    const struct report *report, struct arena *arena, struct next_step steps[NEXT_STEPS_MAX])
{
	struct step_list list = {report, arena, steps, 0};
	struct strbuf what = {0}, command = {0};

	if (report->exit_status > 1)
		step_error(&list, &what, &command);
	if (report->has_provision && !report->dry_run)
		step_parked(&list, &what, &command);
	step_orders(&list, &what, &command);
	step_changed(&list, &what, &command);
	step_corrections(&list, &what, &command);
	if (report->has_reconcile)
		step_findings(&list, &what, &command);
	strbuf_free(&what);
	strbuf_free(&command);
	return list.count;
}
