/* The tables of run.json's members; see json_fields.h. */
#include "json_fields.h"

#define F(type, member, name, kind)                                                                          \
	{                                                                                                    \
		name, kind, offsetof(type, member), 0, NULL, false                                           \
	}
/* Came with a later version than the first. */
#define LATER(type, member, name, kind)                                                                      \
	{                                                                                                    \
		name, kind, offsetof(type, member), 0, NULL, true                                            \
	}
#define CHARS(type, member, name)                                                                            \
	{                                                                                                    \
		name, JSON_CHARS, offsetof(type, member), sizeof(((type *)0)->member), NULL, false           \
	}
#define WORD(type, member, name, words)                                                                      \
	{                                                                                                    \
		name, JSON_WORD, offsetof(type, member), 0, &(words), false                                  \
	}
#define END                                                                                                  \
	{                                                                                                    \
		NULL, JSON_TEXT, 0, 0, NULL, false                                                           \
	}

/* Calls through a pointer to a function of another enum type would be undefined: hence these. */
static const char *action_word(int v)
{
	return action_name((enum action)v);
}
static const char *state_word(int v)
{
	return item_state_name((enum item_state)v);
}
static const char *step_word(int v)
{
	return step_name((enum step)v);
}
static const char *end_word(int v)
{
	return report_apply_end_name((enum apply_end)v);
}
static const char *rule_word(int v)
{
	return rule_name((enum rule_code)v);
}
static const char *warning_word(int v)
{
	return warning_name((enum warning_code)v);
}
static const char *ignored_word(int v)
{
	return ignored_name((enum ignored_reason)v);
}
static const char *finding_word(int v)
{
	return finding_code_name((enum finding_code)v);
}
static const char *finding_state_word(int v)
{
	return finding_state_name((enum finding_state)v);
}
static const char *finding_news_word(int v)
{
	return finding_news_name((enum finding_news)v);
}
static const char *severity_word(int v)
{
	return severity_name((enum severity)v);
}

static const struct json_words actions = {action_word, ACTION_COUNT}, states = {state_word, ITEM_STATE_COUNT},
			       steps = {step_word, STEP_COUNT}, ends = {end_word, APPLY_END_COUNT};

const struct json_field json_run_fields[] = {
    F(struct report, run_id, "id", JSON_TEXT),
    F(struct report, command, "command", JSON_TEXT),
    F(struct report, dry_run, "dry_run", JSON_FLAG),
    F(struct report, started_at, "started_at", JSON_TIME),
    F(struct report, ended_at, "ended_at", JSON_TIME),
    F(struct report, folder, "folder", JSON_TEXT),
    F(struct report, job, "job", JSON_TEXT),
    F(struct report, job_path, "job_file", JSON_TEXT),
    F(struct report, job_digest, "job_digest", JSON_TEXT),
    F(struct report, bss, "bss", JSON_TEXT),
    F(struct report, acronis_url, "acronis_url", JSON_TEXT),
    F(struct report, parent, "parent", JSON_TEXT),
    F(struct report, retry_of, "retry_of", JSON_TEXT),
    F(struct report, max_errors, "max_errors", JSON_TEXT),
    F(struct report, max_changes, "max_changes", JSON_TEXT),
    F(struct report, raised, "raised", JSON_TEXT),
    END,
};

const struct json_field json_error_fields[] = {
    F(struct report, error_code, "code", JSON_TEXT),
    F(struct report, error_text, "text", JSON_TEXT),
    F(struct report, error_hint, "hint", JSON_TEXT),
    END,
};

const struct json_field json_warning_fields[] = {
    F(struct report_warning, about, "about", JSON_TEXT),
    F(struct report_warning, text, "text", JSON_TEXT),
    F(struct report_warning, hint, "hint", JSON_TEXT),
    END,
};

const struct json_field json_input_fields[] = {
    F(struct input_file, role, "role", JSON_TEXT),
    F(struct input_file, path, "path", JSON_TEXT),
    F(struct input_file, bytes, "bytes", JSON_U64),
    F(struct input_file, rows, "rows", JSON_U64),
    CHARS(struct input_file, digest, "digest"),
    F(struct input_file, note, "note", JSON_TEXT),
    END,
};

const struct json_field json_intake_fields[] = {
    F(struct report, intake.read, "read", JSON_U64),
    F(struct report, intake.accepted, "accepted", JSON_U64),
    F(struct report, intake.rejected, "rejected", JSON_U64),
    F(struct report, intake.ignored, "ignored", JSON_U64),
    END,
};
const struct json_field json_changed_fields[] = {
    F(struct changed_order, item, "item", JSON_TEXT),
    F(struct changed_order, order_id, "order_id", JSON_TEXT),
    F(struct changed_order, account_id, "account_id", JSON_TEXT),
    F(struct changed_order, source, "source", JSON_TEXT),
    F(struct changed_order, line, "line", JSON_ULONG),
    F(struct changed_order, what, "what", JSON_TEXT),
    END,
};
const struct json_counts json_intake_counts[] = {
    {"rejected_by_rule", {rule_word, RULE_COUNT}, offsetof(struct report, intake.by_rule), false},
    {"warnings", {warning_word, WARNING_COUNT}, offsetof(struct report, intake.by_warning), false},
    {"ignored_by_reason", {ignored_word, IGNORED_COUNT}, offsetof(struct report, intake.by_ignored), false},
    {NULL, {NULL, 0}, 0, false},
};

/* Of a retry only. */
const struct json_field json_still_fields[] = {
    F(struct report, still.run, "run", JSON_TEXT),
    F(struct report, still.failed, "failed", JSON_U64),
    F(struct report, still.not_begun, "not_begun", JSON_U64),
    F(struct report, still.in_doubt, "in_doubt", JSON_U64),
    END,
};
const struct json_field json_plan_fields[] = {
    F(struct report, plan_to_do, "to_do", JSON_U64),
    F(struct report, plan_deferred, "deferred", JSON_U64),
    F(struct report, plan_parked, "parked", JSON_U64),
    END,
};
const struct json_field json_apply_fields[] = {
    F(struct report, apply.planned, "planned", JSON_U64),
    F(struct report, apply.done, "done", JSON_U64),
    F(struct report, apply.failed, "failed", JSON_U64),
    F(struct report, apply.parked, "parked", JSON_U64),
    F(struct report, apply.deferred, "deferred", JSON_U64),
    F(struct report, apply.not_started, "not_started", JSON_U64),
    F(struct report, apply.batches, "batches", JSON_U64),
    F(struct report, apply.changes, "changes", JSON_U64),
    WORD(struct report, apply.end, "end", ends),
    CHARS(struct report, apply.text, "text"),
    END,
};

/* What takes away, against the budget for it. */
const struct json_field json_budget_fields[] = {
    F(struct report, budget.rule, "rule", JSON_TEXT),
    F(struct report, budget.limit, "limit", JSON_U64),
    F(struct report, budget.live, "live_contracts", JSON_U64),
    F(struct report, budget.used, "used", JSON_U64),
    F(struct report, budget.ahead, "used_ahead", JSON_U64),
    F(struct report, budget.asked, "asked", JSON_U64),
    F(struct report, budget.by_kind[LOSS_DISABLE], "disable", JSON_U64),
    F(struct report, budget.by_kind[LOSS_SUSPEND], "suspend", JSON_U64),
    F(struct report, budget.by_kind[LOSS_CANCEL], "cancel", JSON_U64),
    F(struct report, budget.by_kind[LOSS_TIER_DROP], "tier_drop", JSON_U64),
    F(struct report, budget.over, "over", JSON_FLAG),
    F(struct report, budget.passed, "passed", JSON_FLAG),
    F(struct report, budget.allowed, "allow_disables", JSON_TEXT),
    F(struct report, budget.held, "held", JSON_U64),
    F(struct report, budget.command, "command", JSON_TEXT),
    F(struct report, budget.stopped, "stopped", JSON_FLAG),
    F(struct report, budget.unknown, "commitments_unknown", JSON_U64),
    F(struct report, budget.in_report, "in_report_currency", JSON_TEXT),
    F(struct report, budget.report_currency, "report_currency", JSON_TEXT),
    F(struct report, budget.customers, "end_customers", JSON_I64),
    END,
};
const struct json_field json_loss_sum_fields[] = {
    F(struct loss_sum, currency, "currency", JSON_TEXT),
    F(struct loss_sum, amount, "amount", JSON_TEXT),
    END,
};

/* What a person said yes to: skipped ones are not needed, or not right, any more. */
const struct json_field json_correction_fields[] = {
    F(struct report, fixes_of, "findings_of", JSON_TEXT),
    F(struct report, apply.planned, "planned", JSON_U64),
    F(struct report, apply.done, "done", JSON_U64),
    F(struct report, apply.parked, "skipped", JSON_U64),
    F(struct report, apply.failed, "failed", JSON_U64),
    F(struct report, apply.not_started, "not_started", JSON_U64),
    F(struct report, apply.batches, "batches", JSON_U64),
    F(struct report, apply.changes, "changes", JSON_U64),
    WORD(struct report, apply.end, "end", ends),
    CHARS(struct report, apply.text, "text"),
    END,
};
const struct json_field json_fix_fields[] = {
    F(struct fix_record, finding_id, "finding", JSON_TEXT),
    F(struct fix_record, found_in, "found_in", JSON_TEXT),
    F(struct fix_record, code, "code", JSON_TEXT),
    F(struct fix_record, change, "change", JSON_TEXT),
    F(struct fix_record, account_id, "account_id", JSON_TEXT),
    F(struct fix_record, account, "account", JSON_TEXT),
    F(struct fix_record, subscription_id, "subscription_id", JSON_TEXT),
    F(struct fix_record, tenant_id, "tenant_id", JSON_TEXT),
    F(struct fix_record, was, "now", JSON_TEXT),
    F(struct fix_record, wanted, "to", JSON_TEXT),
    F(struct fix_record, currency, "currency", JSON_TEXT),
    F(struct fix_record, money, "money", JSON_TEXT),
    F(struct fix_record, state, "state", JSON_TEXT),
    F(struct fix_record, reason, "reason", JSON_TEXT),
    F(struct fix_record, text, "text", JSON_TEXT),
    F(struct fix_record, batch, "batch", JSON_I64),
    F(struct fix_record, updated_at, "updated_at", JSON_TIME),
    END,
};

const struct json_field json_item_fields[] = {
    F(struct item_record, key, "key", JSON_TEXT),
    F(struct item_record, order_id, "order_id", JSON_TEXT),
    F(struct item_record, item_id, "item_id", JSON_TEXT),
    F(struct item_record, account_id, "account_id", JSON_TEXT),
    F(struct item_record, account, "account", JSON_TEXT),
    F(struct item_record, login, "login", JSON_TEXT),
    WORD(struct item_record, action, "action", actions),
    F(struct item_record, tier, "tier", JSON_TEXT),
    F(struct item_record, currency, "currency", JSON_TEXT),
    WORD(struct item_record, state, "state", states),
    WORD(struct item_record, step, "step", steps),
    F(struct item_record, reason, "reason", JSON_TEXT),
    F(struct item_record, text, "text", JSON_TEXT),
    F(struct item_record, subscription_id, "subscription_id", JSON_TEXT),
    F(struct item_record, tenant_id, "tenant_id", JSON_TEXT),
    F(struct item_record, user_id, "user_id", JSON_TEXT),
    F(struct item_record, start_date, "start_date", JSON_TEXT),
    F(struct item_record, run_id, "run_id", JSON_TEXT),
    F(struct item_record, source, "source", JSON_TEXT),
    F(struct item_record, line, "line", JSON_ULONG),
    F(struct item_record, digest, "digest", JSON_TEXT),
    F(struct item_record, batch, "batch", JSON_I64),
    F(struct item_record, attempts, "attempts", JSON_I64),
    F(struct item_record, received_at, "received_at", JSON_TIME),
    F(struct item_record, updated_at, "updated_at", JSON_TIME),
    F(struct item_record, executed_at, "executed_at", JSON_TIME),
    LATER(struct item_record, ordered_at, "ordered_at", JSON_TIME),
    LATER(struct item_record, ordered_action, "ordered_action", JSON_TEXT),
    LATER(struct item_record, ordered_product, "ordered_product", JSON_TEXT),
    LATER(struct item_record, ordered_tier, "ordered_tier", JSON_TEXT),
    LATER(struct item_record, parent_order_id, "parent_order_id", JSON_TEXT),
    LATER(struct item_record, content, "content", JSON_TEXT),
    LATER(struct item_record, blocker, "blocker", JSON_TEXT),
    END,
};

const struct json_field json_observed_fields[] = {
    F(struct report, observed_at, "observed_at", JSON_TIME),
    F(struct report, subscriptions_as_of, "subscriptions_as_of", JSON_TIME),
    F(struct report, resolved, "resolved", JSON_U64),
    LATER(struct report, before, "before", JSON_U64),
    LATER(struct report, left, "left", JSON_U64),
    F(struct report, in_part, "in_part", JSON_FLAG),
    END,
};
const struct json_field json_coverage_fields[] = {
    F(struct report, coverage.subscriptions, "subscriptions", JSON_U64),
    F(struct report, coverage.subscriptions_examined, "subscriptions_examined", JSON_U64),
    F(struct report, coverage.subscriptions_quarantined, "subscriptions_quarantined", JSON_U64),
    F(struct report, coverage.tenants, "tenants", JSON_U64),
    F(struct report, coverage.tenants_examined, "tenants_examined", JSON_U64),
    F(struct report, coverage.tenants_other, "tenants_other", JSON_U64),
    F(struct report, coverage.tenants_deleted, "tenants_deleted", JSON_U64),
    F(struct report, coverage.accounts, "accounts", JSON_U64),
    F(struct report, coverage.accounts_matched, "accounts_matched", JSON_U64),
    F(struct report, coverage.accounts_clean, "accounts_clean", JSON_U64),
    F(struct report, coverage.tiers_compared, "tiers_compared", JSON_U64),
    F(struct report, coverage.pricing_compared, "pricing_compared", JSON_U64),
    F(struct report, coverage.logins_compared, "logins_compared", JSON_U64),
    F(struct report, coverage.logins_unread, "logins_unread", JSON_U64),
    F(struct report, coverage.permille, "permille", JSON_I64),
    END,
};
const struct json_field json_union_fields[] = {
    F(struct report, coverage.accounts_bss_only, "accounts_bss_only", JSON_U64),
    F(struct report, coverage.accounts_acronis_only, "accounts_acronis_only", JSON_U64),
    F(struct report, coverage.accounts_neither, "accounts_neither", JSON_U64),
    END,
};
const struct json_field json_tie_fields[] = {
    F(struct tie_sum, currency, "currency", JSON_TEXT),
    F(struct tie_sum, total, "total", JSON_TEXT),
    F(struct tie_sum, examined, "examined", JSON_TEXT),
    F(struct tie_sum, left, "not_examined", JSON_TEXT),
    END,
};
const struct json_field json_as_of_fields[] = {
    F(struct report, as_of.day, "day", JSON_TEXT),
    F(struct report, as_of.period, "period", JSON_TEXT),
    F(struct report, as_of.run, "run", JSON_TEXT),
    F(struct report, as_of.end, "end", JSON_TIME),
    F(struct report, as_of.before_ms, "before_ms", JSON_I64),
    LATER(struct report, as_of.invoices, "invoices", JSON_TEXT),
    LATER(struct report, as_of.invoices_run, "invoices_run", JSON_TEXT),
    LATER(struct report, as_of.invoices_at, "invoices_at", JSON_TIME),
    LATER(struct report, as_of.rates, "rates", JSON_TEXT),
    LATER(struct report, as_of.rates_run, "rates_run", JSON_TEXT),
    LATER(struct report, as_of.rates_at, "rates_at", JSON_TIME),
    END,
};
const struct json_field json_observation_fields[] = {
    F(struct report, observation.mode, "mode", JSON_TEXT),
    F(struct report, observation.why, "why", JSON_TEXT),
    F(struct report, observation.base_run, "base_run", JSON_TEXT),
    F(struct report, observation.full_at, "full_at", JSON_TIME),
    F(struct report, observation.requests, "requests", JSON_U64),
    F(struct report, observation.changed, "changed", JSON_U64),
    F(struct report, observation.reread, "reread", JSON_U64),
    END,
};
const struct json_field json_age_fields[] = {
    F(struct report, observation.ages.tonight, "tonight", JSON_U64),
    F(struct report, observation.ages.day, "up_to_1_day", JSON_U64),
    F(struct report, observation.ages.three_days, "up_to_3_days", JSON_U64),
    F(struct report, observation.ages.week, "up_to_7_days", JSON_U64),
    F(struct report, observation.ages.older, "older", JSON_U64),
    F(struct report, observation.ages.unknown, "unknown", JSON_U64),
    F(struct report, observation.ages.unread, "unread", JSON_U64),
    F(struct report, observation.ages.oldest_at, "oldest_at", JSON_TIME),
    END,
};
const struct json_field json_billing_fields[] = {
    F(struct report, billing.months, "months", JSON_TEXT),
    F(struct report, billing.contracts, "contracts", JSON_U64),
    F(struct report, billing.compared, "compared", JSON_U64),
    F(struct report, billing.agreed, "agreed", JSON_U64),
    F(struct report, billing.lines, "lines", JSON_U64),
    F(struct report, billing.unreadable, "unreadable", JSON_U64),
    END,
};
const struct json_field json_sum_fields[] = {
    F(struct billing_sum, currency, "currency", JSON_TEXT),
    F(struct billing_sum, total, "total", JSON_TEXT),
    F(struct billing_sum, tied, "tied", JSON_TEXT),
    F(struct billing_sum, other_months, "other_months", JSON_TEXT),
    F(struct billing_sum, untied, "untied", JSON_TEXT),
    F(struct billing_sum, lines, "lines", JSON_U64),
    END,
};
const struct json_counts json_finding_counts[] = {
    {"by_code", {finding_word, FINDING_COUNT}, offsetof(struct report, by_code), false},
    {"by_severity", {severity_word, 4}, offsetof(struct report, by_severity), false},
    {"by_state", {finding_state_word, FINDING_STATE_COUNT}, offsetof(struct report, by_state), true},
    {"by_news", {finding_news_word, FINDING_NEWS_COUNT}, offsetof(struct report, by_news), true},
    {NULL, {NULL, 0}, 0, false},
};

const struct json_field json_finding_fields[] = {
    F(struct finding_record, finding_id, "id", JSON_TEXT),
    F(struct finding_record, run_id, "run_id", JSON_TEXT),
    F(struct finding_record, code, "code", JSON_TEXT),
    F(struct finding_record, severity, "severity", JSON_TEXT),
    F(struct finding_record, owner, "owner", JSON_TEXT),
    F(struct finding_record, state, "state", JSON_TEXT),
    F(struct finding_record, account_id, "account_id", JSON_TEXT),
    F(struct finding_record, account, "account", JSON_TEXT),
    F(struct finding_record, subscription_id, "subscription_id", JSON_TEXT),
    F(struct finding_record, tenant_id, "tenant_id", JSON_TEXT),
    F(struct finding_record, object, "object", JSON_TEXT),
    F(struct finding_record, expected, "expected", JSON_TEXT),
    F(struct finding_record, bss, "bss", JSON_TEXT),
    F(struct finding_record, acronis, "acronis", JSON_TEXT),
    F(struct finding_record, currency, "currency", JSON_TEXT),
    F(struct finding_record, money, "money", JSON_TEXT),
    F(struct finding_record, first_seen, "first_seen", JSON_TIME),
    F(struct finding_record, last_seen, "last_seen", JSON_TIME),
    F(struct finding_record, runs_open, "runs_open", JSON_I64),
    F(struct finding_record, sentence, "sentence", JSON_TEXT),
    F(struct finding_record, evidence, "evidence", JSON_TEXT),
    LATER(struct finding_record, tier, "tier", JSON_TEXT),
    LATER(struct finding_record, report_currency, "report_currency", JSON_TEXT),
    LATER(struct finding_record, report_money, "report_money", JSON_TEXT),
    LATER(struct finding_record, news, "news", JSON_TEXT),
    LATER(struct finding_record, opened_at, "opened_at", JSON_TIME),
    LATER(struct finding_record, cycles_open, "cycles_open", JSON_I64),
    LATER(struct finding_record, times_reopened, "times_reopened", JSON_I64),
    LATER(struct finding_record, resolved_at, "resolved_at", JSON_TIME),
    LATER(struct finding_record, resolved_run, "resolved_run", JSON_TEXT),
    LATER(struct finding_record, resolved_how, "resolved_how", JSON_TEXT),
    LATER(struct finding_record, assigned, "assigned", JSON_TEXT),
    LATER(struct finding_record, note, "note", JSON_TEXT),
    LATER(struct finding_record, ack.reason, "ack_reason", JSON_TEXT),
    LATER(struct finding_record, ack.who, "ack_who", JSON_TEXT),
    LATER(struct finding_record, ack.until, "ack_until", JSON_TEXT),
    LATER(struct finding_record, ack.at, "ack_at", JSON_TIME),
    END,
};

const struct json_field json_effort_fields[] = {
    F(struct report, requests, "requests", JSON_U64),
    F(struct report, changes, "changes", JSON_U64),
    F(struct report, repeats, "repeats", JSON_U64),
    END,
};
