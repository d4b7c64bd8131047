/* Sample models of finished runs; see fake_report.h. */
#include "fake_report.h"

#include "tenantry/mem.h"

#define STARTED INT64_C(1795312801250) /* 2026-11-22T02:00:01.250Z */
#define DAY INT64_C(86400000)

static const char *const hostile[] = {FAKE_FORMULA, FAKE_MARKUP, FAKE_RTL, FAKE_EMOJI, FAKE_LINES,
    "Example Hosting Ltd", "株式会社サンプルクラウド",
    "Überlandwerke für Datensicherung und Hochverfügbarkeit in Niederösterreich und Umgebung GmbH & Co. KG"};

static const char *name_of(size_t i)
{
	return hostile[i % ARRAY_LEN(hostile)];
}

static void identity(struct report *r)
{
	r->run_id = "20261122T020001Z-7f3a";
	r->job = "nightly";
	r->job_path = "jobs/nightly.yaml";
	r->job_digest = "0123456789abcdef0123456789abcdef";
	r->command = "run";
	r->folder = "var/runs/20261122T020001Z-7f3a";
	r->version = "0.1.0";
	r->bss = "main";
	r->acronis_url = "https://127.0.0.1:8443";
	r->parent = "11111111-2222-3333-4444-555555555555";
	r->started_at = STARTED;
	r->ended_at = STARTED + 42300;
	r->requests = 612;
	r->changes = 38;
	r->repeats = 2;
}

static void inputs(struct report *r)
{
	static const struct input_file files[] = {
	    {"orders", "samples/orders-storefront.csv", 18211, 41, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
	    {"orders", "samples/orders-storefront-copy.csv", 18211, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"same content as samples/orders-storefront.csv: not read again"},
	    {"subscriptions", "samples/subscriptions.csv", 9120, 44, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", ""},
	};

	r->file_count = ARRAY_LEN(files);
	r->files = arena_alloc(r->arena, sizeof files);
	memcpy(r->files, files, sizeof files);
}

static void warnings(struct report *r)
{
	report_warn(
	    r, "bss-database", "begin_subscriptions runs with the rights of <postgres>, a superuser", "");
	report_warn(r, "bss-database", "in the schema tenantry everybody may create functions",
	    "run samples/bss/tenantry.sql again as an administrator of the database, and look at docs/bss-database.md");
	report_warn(r, "bss-database", "in the schema tenantry everybody may create functions", "");
}

static void intake(struct report *r)
{
	static const uint64_t ignored[IGNORED_COUNT] = {3, 3, 3, 2, 2, 1, 1};
	struct intake_counts *c = &r->intake;

	r->has_intake = true;
	c->accepted = 12;
	c->rejected = 26;
	c->ignored = 15;
	c->read = c->accepted + c->rejected + c->ignored;
	for (int i = 0; i < RULE_COUNT; i++)
		c->by_rule[i] = 1;
	c->by_rule[RULE_QUANTITY_NOT_ONE] = 3;
	c->by_warning[WARNING_CURRENCY_ALIAS] = 1;
	c->by_warning[WARNING_CHANGED_AFTER_DONE] = 1;
	memcpy(c->by_ignored, ignored, sizeof ignored);
	r->changed_count = 1;
	r->changed = arena_alloc(r->arena, sizeof *r->changed);
	r->changed[0] = (struct changed_order){.item = "ITEM-" FAKE_MARKUP,
	    .order_id = "SO-4999",
	    .account_id = "1000",
	    .source = "samples/orders-storefront.csv",
	    .line = 3,
	    .what = "address and start date"};
}

static struct item_record item_of(
    struct report *r, size_t i, enum item_state state, const char *reason, const char *text)
{
	struct arena *a = r->arena;

	return (struct item_record){
	    .key = arena_printf(a, "main/ITEM-%zu", i),
	    .order_id = arena_printf(a, "SO-%zu", 5000 + i),
	    .item_id = arena_printf(a, "ITEM-%zu", i),
	    .account_id = arena_printf(a, "%zu", 1000 + i),
	    .account = name_of(i),
	    .login = arena_printf(a, "admin%zu@reseller.example.com", i),
	    .subscription_id = arena_printf(a, "SUB-%zu", i),
	    .tenant_id = state == ITEM_DONE ? arena_printf(a, "aaaaaaaa-0000-4000-8000-%012zu", i) : "",
	    .user_id = "",
	    .tier = i % 3 ? "Tier 1" : "Tier 0",
	    .currency = i % 2 ? "USD" : "JPY",
	    .digest = "cccccccccccccccccccccccccccccccc",
	    .reason = reason,
	    .text = text,
	    .run_id = r->run_id,
	    .source = "samples/orders-storefront.csv",
	    .start_date = state == ITEM_ACCEPTED ? "2026-12-01" : "",
	    .ordered_action = "new",
	    .ordered_product = "CCSP-T1",
	    .ordered_tier = i % 3 ? "Tier 1" : "Tier 0",
	    .parent_order_id = i == 4 ? "SO-4000" : "",
	    .content = "11111111222222223333333344444444555555556666666677777777",
	    .blocker = "",
	    .line = (unsigned long)i + 2,
	    .action = state == ITEM_ACCEPTED ? ACTION_DOWNGRADE : (enum action)(i % ACTION_COUNT),
	    .state = state,
	    .step = state == ITEM_DONE ? STEP_ACTIVATE : STEP_TENANT,
	    .batch = 1,
	    .attempts = 1,
	    .updated_at = STARTED + 20000,
	    .received_at = STARTED + 1000,
	    .executed_at = state == ITEM_DONE ? STARTED + 20000 : 0,
	};
}

static void items(struct report *r)
{
	static const struct {
		enum item_state state;
		const char *reason, *text;
	} rows[] = {
	    {ITEM_DONE, "", ""},
	    {ITEM_DONE, "", ""},
	    {ITEM_DONE, "", ""},
	    {ITEM_DONE, "", ""},
	    {ITEM_DONE, "", ""},
	    {ITEM_FAILED, "refused", "Acronis refused the tenant: the address " FAKE_MARKUP " is not valid"},
	    {ITEM_PARKED, "tenant-exists",
		"a tenant with this account id is there already and was not made for this order"},
	    {ITEM_PARKED, "mail-in-doubt", "it is not known whether the activation mail went out"},
	    {ITEM_PARKED, "login-taken", "the login belongs to a user elsewhere in Acronis"},
	    {ITEM_ACCEPTED, "", "due on 2026-12-01"},
	    {ITEM_RUNNING, "", ""},
	    {ITEM_RECEIVED, "", ""},
	    {ITEM_REJECTED, "quantity-not-one", ""},
	};

	r->item_count = ARRAY_LEN(rows);
	r->items = arena_alloc(r->arena, ARRAY_LEN(rows) * sizeof *r->items);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		r->items[i] = item_of(r, i, rows[i].state, rows[i].reason, rows[i].text);
	r->items[6].order_id = r->items[6].item_id = "$(reboot) 'SO'";
	r->has_provision = true;
	r->plan_to_do = 8;
	r->plan_deferred = 1;
	r->plan_parked = 3;
	r->waiting = 2;
	r->apply = (struct apply_result){.planned = 12,
	    .done = 5,
	    .failed = 1,
	    .parked = 3,
	    .deferred = 1,
	    .not_started = 2,
	    .batches = 1,
	    .changes = 38,
	    .end = APPLY_ALL};
}

static struct finding_record finding_of(struct report *r, size_t i, enum finding_code code)
{
	static const char *const amounts[] = {"250.00", "", "-75.50", "37343", "1250.00"};
	static const char *const currencies[] = {"USD", "", "EUR", "JPY", "USD"};
	struct arena *a = r->arena;

	return (struct finding_record){
	    .finding_id = arena_printf(a, "f%08zx", i * 2654435761u % 0xffffffffu),
	    .run_id = r->run_id,
	    .code = finding_code_name(code),
	    .severity = severity_name(finding_severity(NULL, code)),
	    .owner = finding_owner(code),
	    .state = i == 3 ? "acknowledged" : "open",
	    .account_id = arena_printf(a, "%zu", 2000 + i),
	    .account = name_of(i),
	    .subscription_id = arena_printf(a, "SUB-%zu", 100 + i),
	    .tenant_id = arena_printf(a, "bbbbbbbb-0000-4000-8000-%012zu", i),
	    .object = arena_printf(a, "SUB-%zu", 100 + i),
	    .expected = "Tier 2, enabled",
	    .bss = "Tier 2, active",
	    .acronis = "Tier 0 / Promo, enabled",
	    .currency = currencies[i % 5],
	    .money = amounts[i % 5],
	    .sentence = arena_printf(a, "The BSS bills %s for Tier 2, but Acronis runs Tier 0.", name_of(i)),
	    .evidence =
		arena_printf(a, "subscriptions.csv:%zu; GET /tenants/%zu at 2026-11-22T02:00:30Z", i + 2, i),
	    .first_seen = STARTED - (int64_t)i * DAY + 5000,
	    .last_seen = STARTED + 30000,
	    .runs_open = (int64_t)i + 1,
	    .tier = "Tier 2",
	    .report_money = i % 5 == 1 ? "" : "1234.50",
	    .report_currency = i % 5 == 1 ? "" : "EUR",
	    .news = i == 0   ? "new"
		    : i == 5 ? "reopened"
			     : "known",
	    .opened_at = STARTED - (int64_t)(i / 2) * DAY,
	    .cycles_open = 1 + (int64_t)i / 20,
	    .times_reopened = i == 5,
	    .resolved_run = "",
	    .resolved_how = "",
	    .assigned = i == 2 ? "Ana <Diaz>" : "",
	    .note = i == 4 ? "acknowledgement expired on 2026-11-20" : "",
	    .ack = i == 3 ? (struct finding_ack){.reason = "agreed with the reseller & <sales>",
				.who = "=Ana",
				.until = "2026-12-31",
				.at = STARTED - DAY}
			  : (struct finding_ack){.reason = "", .who = "", .until = ""},
	};
}

void fake_report_count(struct report *r)
{
	report_count_findings(r);
	r->before = r->by_news[NEWS_KNOWN] + r->resolved + r->left;
}

static const struct billing_sum sums[] = {
    {"JPY", "74000", "74000", "0", "0", 20}, {"USD", "12138.34", "11000.00", "1000.00", "138.34", 99}};

static void findings(struct report *r)
{
	r->has_reconcile = true;
	r->observed_at = STARTED + 30000;
	r->subscriptions_as_of = STARTED - 3600000;
	r->resolved = 2;
	r->left = 1;
	r->gone_count = 2;
	r->gone = arena_alloc(r->arena, r->gone_count * sizeof *r->gone);
	for (size_t i = 0; i < r->gone_count; i++) {
		r->gone[i] = finding_of(r, 900 + i, FINDING_TIER_MISMATCH);
		r->gone[i].state = "resolved";
		r->gone[i].resolved_at = STARTED + 30000;
		r->gone[i].resolved_run = r->run_id;
		r->gone[i].resolved_how = i ? "own-change" : "gone";
	}
	r->coverage = (struct coverage){.subscriptions = 44,
	    .subscriptions_examined = 41,
	    .subscriptions_quarantined = 2,
	    .tenants = 43,
	    .tenants_examined = 42,
	    .tenants_other = 5,
	    .tenants_deleted = 2,
	    .accounts = 47,
	    .accounts_matched = 39,
	    .accounts_clean = 27,
	    .tiers_compared = 39,
	    .pricing_compared = 38,
	    .logins_compared = 12,
	    .logins_unread = 1,
	    .permille = 931};
	r->has_billing = true;
	r->billing = (struct billing_summary){.months = "2026-10",
	    .contracts = 41,
	    .compared = 39,
	    .agreed = 35,
	    .lines = 120,
	    .unreadable = 1,
	    .sum_count = ARRAY_LEN(sums)};
	r->billing.sums = arena_alloc(r->arena, sizeof sums);
	memcpy(r->billing.sums, sums, sizeof sums);
	r->finding_count = FINDING_COUNT;
	r->findings = arena_alloc(r->arena, FINDING_COUNT * sizeof *r->findings);
	for (size_t i = 0; i < FINDING_COUNT; i++)
		r->findings[i] = finding_of(r, i, (enum finding_code)i);
	r->findings[FINDING_NOT_COMPARED].sentence =
	    "The subscription's row could not be read, so this account was not compared.";
	fake_report_count(r);
}

void fake_report_add_findings(struct report *r, size_t count)
{
	struct finding_record *all = arena_alloc(r->arena, (r->finding_count + count) * sizeof *all);

	if (r->finding_count > 0)
		memcpy(all, r->findings, r->finding_count * sizeof *all);
	r->findings = all;
	for (size_t i = 0; i < count; i++)
		all[r->finding_count++] = finding_of(r, 100 + i, FINDING_NAME_DRIFT);
	fake_report_count(r);
}

static void outputs(struct report *r)
{
	static const char *names[] = {"accepted.csv", "rejected.csv", "tenants.csv.zst"};

	r->outputs = names;
	r->output_count = ARRAY_LEN(names);
}

struct report *fake_report(void)
{
	struct report *r = report_new();

	identity(r);
	warnings(r);
	inputs(r);
	intake(r);
	items(r);
	findings(r);
	outputs(r);
	r->exit_status = 1;
	report_verdict(r);
	return r;
}

struct report *fake_report_good(void)
{
	struct report *r = report_new();

	identity(r);
	inputs(r);
	outputs(r);
	r->has_intake = r->has_provision = r->has_reconcile = true;
	r->intake.read = r->intake.accepted = 41;
	r->apply = (struct apply_result){.planned = 41, .done = 41, .batches = 1, .changes = 300};
	r->plan_to_do = 41;
	r->observed_at = STARTED + 30000;
	r->subscriptions_as_of = STARTED - 3600000;
	r->coverage = (struct coverage){.subscriptions = 41,
	    .subscriptions_examined = 41,
	    .tenants = 41,
	    .tenants_examined = 41,
	    .accounts = 41,
	    .accounts_matched = 41,
	    .accounts_clean = 41,
	    .tiers_compared = 41,
	    .pricing_compared = 41,
	    .permille = 1000};
	report_verdict(r);
	return r;
}

struct report *fake_report_stopped(enum error_code code, const char *text, const char *hint)
{
	struct report *r = report_new();
	struct error err = {.code = code};

	identity(r);
	r->error_code = error_code_name(code);
	r->error_text = text;
	r->error_hint = hint;
	r->exit_status = error_exit_status(&err);
	report_verdict(r);
	return r;
}

void fake_report_job(struct job *job, const char *output)
{
	*job = (struct job){.name = "nightly", .path = "jobs/nightly.yaml", .output = output};
	job->report.html = job->report.xlsx = job->report.csv = job->report.json = true;
	job->report.csv_delimiter = ',';
}

static struct loss_sum loss_sums[] = {{"EUR", "460.00"}, {"USD", "1250.00"}};

struct report *fake_report_held(void)
{
	struct report *r = fake_report();

	r->exit_status = 5;
	r->error_code = error_code_name(ERR_STOPPED);
	r->error_text = "3 disables are asked for (1 suspend, 2 cancel): none of them was done";
	r->error_hint = "look at what was held back";
	for (size_t i = 10; i < 12; i++) {
		r->items[i].state = ITEM_RECEIVED;
		r->items[i].reason = REASON_HELD;
		r->items[i].action = ACTION_CANCEL;
	}
	r->apply.held = 2;
	r->budget = (struct budget_report){.any = true,
	    .rule = "1: 2% of 51 live contracts",
	    .limit = 1,
	    .live = 51,
	    .used = 4,
	    .ahead = 1,
	    .asked = 3,
	    .by_kind = {[LOSS_SUSPEND] = 1, [LOSS_CANCEL] = 2},
	    .over = true,
	    .allowed = "2",
	    .command = "tenantry run jobs/nightly.yaml",
	    .held = 2,
	    .stopped = true,
	    .sums = loss_sums,
	    .sum_count = ARRAY_LEN(loss_sums),
	    .unknown = 1,
	    .in_report = "1750.00",
	    .report_currency = "USD",
	    .customers = 1234};
	return r;
}
