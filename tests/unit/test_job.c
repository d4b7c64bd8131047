/* The job file: what is accepted and with which meaning, what is refused and where. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "job/job_impl.h"
#include "tenantry/mem.h"

static char folder[] = "/tmp/tenantry-job-XXXXXX";
static char path[64];
static int home; /* the folder the tests were started in */

static const char minimal[] =
    "name: n\nledger: l.db\noutput: o\n"
    "bss: {name: main, orders: {csv: o.csv}}\n"
    "acronis: {url: 'http://127.0.0.1:8080/', client_id: {env: ID}, client_secret: {env: S}}\n"
    "contract:\n  licensing_mode: per_gb\n  offering_items: all\n"
    "  tiers: [{name: Tier 0, product: P0, acronis: -1}]\n";

static void put(const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	close(fd);
}

static struct job *load(const char *text, struct error *err)
{
	put(text, strlen(text));
	return job_load(path, NULL, err);
}

static struct job *load_good(const char *text)
{
	struct error err = {0};
	struct job *job = load(text, &err);

	if (!job)
		error_print(&err, stderr, true);
	assert_non_null(job);
	return job;
}

/* Refused at this line and column, with this in the text or the hint. */
static void refused(const char *text, unsigned long line, unsigned long column, const char *part)
{
	struct error err = {0};

	assert_null(load(text, &err));
	if (err.line != line || err.column != column || (!strstr(err.text, part) && !strstr(err.hint, part)))
		error_print(&err, stderr, true);
	assert_int_equal(err.code, ERR_JOB);
	assert_string_equal(err.source, path);
	assert_int_equal(err.line, line);
	assert_int_equal(err.column, column);
	assert_true(strstr(err.text, part) || strstr(err.hint, part));
}

/* The minimal job and more lines; what is refused stands in the first of them, line 10. */
static void refused_more(const char *more, unsigned long column, const char *part)
{
	char *text = mem_printf("%s%s", minimal, more);

	refused(text, 10, column, part);
	free(text);
}

/* The minimal job with `from` replaced. Line and column as given. */
static void refused_instead(
    const char *from, const char *to, unsigned long line, unsigned long column, const char *part)
{
	const char *at = strstr(minimal, from);
	char *text;

	assert_non_null(at);
	text = mem_printf("%.*s%s%s", (int)(at - minimal), minimal, to, at + strlen(from));
	refused(text, line, column, part);
	free(text);
}

static void test_defaults(void **state)
{
	struct job *job = load_good(minimal);

	(void)state;
	assert_string_equal(job->name, "n");
	assert_string_equal(job->root, ".");
	assert_string_equal(job->ledger, "l.db");
	assert_int_equal(job->steps, STEP_VALIDATE | STEP_PROVISION | STEP_RECONCILE | STEP_REPORT);
	assert_int_equal(strlen(job->digest), 32);
	assert_string_equal(job->acronis.url, "http://127.0.0.1:8080");
	assert_true(job->acronis.loopback);
	assert_null(job->acronis.parent);
	assert_int_equal(job->acronis.connections, 16);
	assert_int_equal(job->acronis.timeout_ms, 30000);
	assert_int_equal(job->acronis.settle_ms, 5000);
	assert_int_equal(job->acronis.body_limit, 64 << 20);
	assert_true(job->acronis.http2);
	assert_int_equal(job->bss.orders.kind, SOURCE_CSV);
	assert_int_equal(job->bss.subscriptions.kind, SOURCE_NONE);
	assert_int_equal(job->bss.pending.count, 2);
	assert_string_equal(job->bss.pending.items[1], "");
	assert_int_equal(job->bss.csv.delimiter, 0);
	assert_int_equal(job->bss.csv.column_count, 0);
	assert_int_equal(job->bss.csv.encoding, ENCODING_UTF8);
	assert_true(job->contract.all_offering_items);
	assert_int_equal(job->contract.upgrade, CHANGE_AT_ONCE);
	assert_int_equal(job->contract.downgrade, CHANGE_NEXT_FIRST);
	assert_true(job->contract.tiers[0].sold);
	assert_int_equal(job->rules.currencies.count, 6);
	assert_string_equal(job->rules.currency_aliases[0].to, "GBP");
	assert_true(job->rules.no_post_code.count > 50);
	assert_int_equal(job->provision.batch_size, 50);
	assert_true(job->provision.max_errors.percent);
	assert_int_equal(job->provision.max_errors.number, 10);
	assert_false(job->provision.max_changes.percent);
	assert_true(job->provision.check_subscriptions);
	assert_int_equal(job->reconcile.min_coverage_permille, 950);
	assert_int_equal(job->reconcile.tolerance.absolute[CURRENCY_JPY].minor, 150);
	assert_null(job->billing.discount);
	assert_int_equal(job->billing.rounding, ROUNDING_HALF_UP);
	assert_int_equal(job->billing.ramp_up_max, 1);
	assert_int_equal(job->billing.ramp_up_since.year, 2023);
	assert_int_equal(job->billing.months, 1);
	assert_int_equal(job->report.currency, CURRENCY_USD);
	assert_string_equal(job->reconcile.tolerance.percent, "0.5");
	assert_int_equal(job->reconcile.fail_on, SEVERITY_HIGH);
	assert_false(job->reconcile.fail_on_never);
	assert_true(job->report.html && job->report.xlsx && job->report.csv && job->report.json);
	assert_int_equal(job->report.csv_delimiter, ',');
	assert_int_equal(job->privacy.keep_ms, INT64_C(90) * 86400000);
	job_free(job);
}

static const char full[] =
    "name: nightly\n"
    "root: /srv\n"
    "steps: [reconcile]\n"
    "deadline: 4h\n"
    "ledger: var/t.db\n"
    "output: /var/runs\n"
    "bss:\n"
    "  name: main\n"
    "  orders: {csv: samples/*.csv}\n"
    "  subscriptions: {database: subs, query: sql/subs.sql}\n"
    "  database: {file: secrets/bss}\n"
    "  write_back: no\n"
    "  order_status: {pending: [New], ignored: []}\n"
    "  csv: {delimiter: \"|\", encoding: windows-1252, columns: {E-Mail-Adresse: Email, \"Land\": Country Code}, decimal: comma, thousands: point}\n"
    "  invoice_kinds: {Shortfall: commitment, Gutschrift: credit}\n"
    "  subscription_status: {Aktiv: active, active: suspended}\n"
    "acronis:\n"
    "  url: https://eu2-cloud.acronis.com\n"
    "  client_id: {credential: id}\n"
    "  client_secret: {env: S_1}\n"
    "  parent: 6D1F1B3C-9A43-4C3E-8D2A-0C5B1A7E9F10\n"
    "  ca_file: ca.pem\n"
    "  rate: 0\n"
    "  body_limit: 1 MiB\n"
    "  http2: off\n"
    "contract:\n"
    "  licensing_mode: per_device\n"
    "  offering_items: [{application: backup, name: storage, quota: unlimited}, {application: a, name: b}]\n"
    "  confirmed: {tenant: 1f4e8a52-7c0d-4b6e-9f3a-2d5c8b7a6e41, tier: tier 1, by: Ann}\n"
    "  upgrade: next_first\n"
    "  downgrade: at_once\n"
    "  mfa: true\n"
    "  tiers:\n"
    "    - {name: Tier 1, product: CCSP-T1, acronis: 0, commitment: {USD: 250.10, JPY: \"37343\"}}\n"
    "    - {name: Promo, acronis: 0, sold: false}\n"
    "rules: {currencies: [USD], terms: always, second_contract: tier_change, no_post_code: [NO]}\n"
    "provision: {max_errors: 3, max_changes: 5%, on_error: stop, activation_in_doubt: resend}\n"
    "reconcile: {users: all, fail_on: never, min_coverage: 99.5%, severity: {name-drift: info}, full_every: 0s, cut_off: 6h,\n"
    "  classes: [{code: tier-mismatch, tier: promo, severity: low, fail_on: never}, {tier: Tier 1, owner: Ann Lee}]}\n"
    "report: {formats: [csv], metrics: m.prom, csv: {delimiter: tab, bom: true}, currency: GBP}\n"
    "billing: {discount: 17.5, rounding: half_even, short_month: prorated, tier_change: days, shortfall_cost: none,\n"
    "  commitment_currency: EUR, ramp_up_max: 2, ramp_up_max_before: 4, ramp_up_since: 2024-01-31, months: 3,\n"
    "  invoiced_by: 5, min_lines: 75%, medium_from: 1, high_from: 2}\n"
    "privacy: {keep: 0d}\n";

static void test_every_key(void **state)
{
	struct job *job = load_good(full);
	struct strbuf names = {0};

	(void)state;
	assert_int_equal(job->steps, STEP_RECONCILE);
	assert_int_equal(job->deadline_ms, 4 * 3600000);
	assert_string_equal(job->ledger, "/srv/var/t.db");
	assert_string_equal(job->output, "/var/runs");
	assert_string_equal(job->bss.orders.csv, "/srv/samples/*.csv");
	assert_string_equal(job->bss.subscriptions.database, "subs");
	assert_string_equal(job->bss.subscriptions.query, "/srv/sql/subs.sql");
	assert_int_equal(job->bss.database.kind, SECRET_FILE);
	assert_string_equal(job->bss.database.name, "/srv/secrets/bss");
	assert_false(job->bss.write_back);
	assert_int_equal(job->bss.ignored.count, 0);
	assert_int_equal(job->bss.csv.delimiter, '|');
	assert_int_equal(job->bss.csv.encoding, ENCODING_WINDOWS_1252);
	assert_int_equal(job->bss.csv.column_count, 2);
	assert_string_equal(job->bss.csv.columns[1].from, "Land");
	assert_string_equal(job->bss.csv.columns[1].to, "Country Code");
	assert_string_equal(job->bss.subscription_status[1].to, "suspended");
	for (size_t i = 2; i < job->bss.subscription_status_count; i++)
		assert_string_not_equal(job->bss.subscription_status[i].from, "Active");
	assert_false(job->acronis.loopback);
	assert_int_equal(job->acronis.client_id.kind, SECRET_CREDENTIAL);
	assert_string_equal(job->acronis.client_secret.name, "S_1");
	assert_string_equal(job->acronis.parent, "6d1f1b3c-9a43-4c3e-8d2a-0c5b1a7e9f10");
	assert_string_equal(job->acronis.ca_file, "/srv/ca.pem");
	assert_int_equal(job->acronis.body_limit, 1 << 20);
	assert_false(job->acronis.http2);
	assert_int_equal(job->contract.offering_item_count, 2);
	assert_true(job->contract.offering_items[0].has_quota);
	assert_int_equal(job->contract.offering_items[0].quota, -1);
	assert_false(job->contract.offering_items[1].has_quota);
	assert_true(job->contract.mfa);
	assert_int_equal(job->contract.upgrade, CHANGE_NEXT_FIRST);
	assert_int_equal(job->contract.tiers[0].commitment[CURRENCY_USD].minor, 25010);
	assert_int_equal(job->contract.tiers[0].commitment[CURRENCY_JPY].minor, 37343);
	assert_string_equal(job->contract.tiers[0].commitment[CURRENCY_EUR].currency, "");
	assert_ptr_equal(job_tier_by_name(job, STRV("TIER 1")), &job->contract.tiers[0]);
	assert_ptr_equal(job_tier_by_product(job, STRV("ccsp-t1")), &job->contract.tiers[0]);
	assert_null(job_tier_by_product(job, STRV("")));
	assert_int_equal(job->contract.tiers[1].index, 1);
	job_tier_names(job, 0, &names);
	assert_string_equal(names.p, "Tier 1 / Promo");
	strbuf_clear(&names);
	job_tier_names(job, 5, &names);
	assert_string_equal(names.p, "value 5 (not in the table)");
	strbuf_free(&names);
	assert_string_equal(job->rules.no_post_code.items[0], "NO");
	assert_int_equal(job->rules.terms, TERMS_ALWAYS);
	assert_int_equal(job->rules.second_contract, SECOND_CONTRACT_TIER_CHANGE);
	assert_int_equal(job->provision.on_error, ON_ERROR_STOP);
	assert_int_equal(job->provision.activation_in_doubt, ACTIVATION_RESEND);
	assert_true(job->provision.max_changes.percent);
	assert_int_equal(job->reconcile.users, USERS_ALL);
	assert_true(job->reconcile.fail_on_never);
	assert_int_equal(job->reconcile.min_coverage_permille, 995);
	assert_string_equal(job->reconcile.severities[0].from, "name-drift");
	assert_int_equal(job->reconcile.cut_off_ms, 6 * 3600000);
	assert_int_equal(job->reconcile.class_count, 2);
	assert_string_equal(job->reconcile.classes[0].code, "tier-mismatch");
	assert_string_equal(job->reconcile.classes[0].fail_on, "never");
	assert_null(job->reconcile.classes[0].owner);
	assert_null(job->reconcile.classes[1].code);
	assert_string_equal(job->reconcile.classes[1].owner, "Ann Lee");
	assert_true(job->report.csv && !job->report.html);
	assert_int_equal(job->report.csv_delimiter, '\t');
	assert_true(job->report.csv_bom);
	assert_string_equal(job->report.metrics, "/srv/m.prom");
	assert_int_equal(job->privacy.keep_ms, 0);
	assert_int_equal(job->report.currency, CURRENCY_GBP);
	assert_int_equal(job->bss.csv.decimal, DECIMAL_COMMA);
	assert_int_equal(job->bss.csv.thousands, THOUSANDS_POINT);
	assert_string_equal(job->bss.invoice_kinds[1].from, "Gutschrift");
	assert_string_equal(job->bss.invoice_kinds[1].to, "credit");
	assert_string_equal(job->billing.discount, "17.5");
	assert_int_equal(job->billing.rounding, ROUNDING_HALF_EVEN);
	assert_int_equal(job->billing.short_month, SHORT_MONTH_PRORATED);
	assert_int_equal(job->billing.tier_change, TIER_CHANGE_DAYS);
	assert_int_equal(job->billing.shortfall_cost, SHORTFALL_COST_NONE);
	assert_int_equal(job->billing.commitment_currency, CURRENCY_EUR);
	assert_int_equal(job->billing.ramp_up_max, 2);
	assert_int_equal(job->billing.ramp_up_max_before, 4);
	assert_int_equal(job->billing.ramp_up_since.day, 31);
	assert_int_equal(job->billing.months, 3);
	assert_int_equal(job->billing.invoiced_by, 5);
	assert_int_equal(job->billing.min_lines_permille, 750);
	assert_int_equal(job->billing.medium_from, 1);
	assert_int_equal(job->billing.high_from, 2);
	job_free(job);
}

static void test_unknown_keys(void **state)
{
	(void)state;
	refused_more("steqs: [validate]\n", 1, "did you mean steps?");
	refused_more("timeout: 3s\n", 1, "it belongs below acronis:");
	refused_more("zzzzzzzz: 1\n", 1, "man tenantry-job");
	refused_more("\"bss.name\": x\n", 1, "unknown key");
	refused_more("rules: {currency: [USD]}\n", 9, "did you mean currencies?");
	refused_instead("orders: {csv: o.csv}",
	    "orders: {csv: o.csv}, csv: {decimal: comma, thousands: comma}", 4, 46,
	    "cannot be the decimal mark");
	refused_instead("{csv: o.csv}", "{cvs: o.csv}", 4, 28, "did you mean csv?");
	refused_instead("acronis: -1", "acronis: -1, solt: false", 9, 52, "did you mean sold?");
}

static void test_wrong_types(void **state)
{
	static const struct {
		const char *line;
		unsigned long column;
		const char *part;
	} cases[] = {
	    {"steps: validate", 8, "expected a list"},
	    {"steps: [validate, validate]", 19, "given twice"},
	    {"steps: []", 8, "at least one step"},
	    {"steps: [deploy]", 9, "one of validate|provision"},
	    {"deadline: 30", 11, "duration"},
	    {"deadline: 8d", 11, "0s to 7d"},
	    {"rules: [USD]", 8, "expected a map of keys, not a list"},
	    {"rules: {terms: maybe}", 16, "one of always|storefront|never"},
	    {"rules: {currencies: [usd]}", 22, "upper case"},
	    {"rules: {currencies: []}", 21, "at least one"},
	    {"rules: {no_post_code: [NOR]}", 24, "country code"},
	    {"rules: {currency_aliases: {GB: GBP}}", 32, "currency"},
	    {"provision: {batch_size: \"50\"}", 25, "without quotes"},
	    {"provision: {batch_size: 0}", 25, "1 to 10000"},
	    {"provision: {batch_size: 1e2}", 25, "whole number"},
	    {"provision: {max_errors: 101%}", 25, "percentage"},
	    {"provision: {max_errors: -1}", 25, "percentage"},
	    {"provision: {check_subscriptions: 1}", 34, "true or false"},
	    {"provision: {check_subscriptions: \"true\"}", 34, "true or false"},
	    {"reconcile: {min_coverage: 95}", 27, "percentage"},
	    {"reconcile: {min_coverage: 100.5%}", 27, "percentage"},
	    {"reconcile: {tolerance: {USD: -1}}", 30, "negative"},
	    {"reconcile: {tolerance: {CHF: 1}}", 25, "unknown currency"},
	    {"reconcile: {tolerance: {JPY: 1.5}}", 30, "without decimals"},
	    {"reconcile: {tolerance: {percent: 0.5%}}", 34, "percentage such as 0.5"},
	    {"reconcile: {severity: {name-drift: awful}}", 36, "info|low|medium|high"},
	    {"reconcile: {severity: {name-drft: info}}", 24, "did you mean name-drift?"},
	    {"reconcile: {classes: {}}", 22, "expected a list"},
	    {"reconcile: {classes: [{code: tier-mismach, severity: low}]}", 30,
		"did you mean tier-mismatch?"},
	    {"reconcile: {classes: [{code: tier-mismatch, severity: awful}]}", 55, "info|low|medium|high"},
	    {"reconcile: {classes: [{code: tier-mismatch, fail_on: no}]}", 54, "never"},
	    {"reconcile: {classes: [{tier: Tier 17, owner: x}]}", 30, "not in contract.tiers"},
	    {"reconcile: {classes: [{owner: x}]}", 23, "code, tier or both"},
	    {"reconcile: {classes: [{code: tier-mismatch}]}", 23, "severity, owner or fail_on"},
	    {"reconcile: {cut_off: 21h}", 22, "0s to 20h"},
	    {"reconcile: {fail_on: [high]}", 22, "info|low|medium|high|never"},
	    {"report: {csv: {delimiter: auto}}", 27, "quote it"},
	    {"report: {formats: [pdf]}", 20, "html|xlsx|csv|json"},
	    {"report: {metrics: }", 19, "a path, not nothing"},
	    {"report: {metrics: \"a\\nb\"}", 19, "control characters"},
	    {"privacy: {keep: 90}", 17, "a number and its unit"},
	    {"root: [a]", 7, "expected a folder"},
	    {"report: {currency: usd}", 20, "one of USD, EUR"},
	    {"billing: {discount: 100}", 21, "without the percent sign"},
	    {"billing: {discount: 20%}", 21, "a percentage such as 20"},
	    {"billing: {rounding: up}", 21, "half_up|half_even|down"},
	    {"billing: {ramp_up_since: 1.11.2023}", 26, "a date such as"},
	    {"billing: {months: 0}", 19, "1 to 24"},
	    {"billing: {invoiced_by: 29}", 24, "1 to 28"},
	    {"billing: {commitment_currency: CHF}", 32, "one of USD"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *line = mem_printf("%s\n", cases[i].line);
		refused_more(line, cases[i].column, cases[i].part);
		free(line);
	}
}

static void test_required(void **state)
{
	(void)state;
	refused_instead("name: n\n", "", 1, 1, "missing key name");
	refused_instead("ledger: l.db\n", "", 1, 1, "missing key ledger");
	refused_instead("output: o\n", "", 1, 1, "missing key output");
	refused_instead("bss: {name: main, orders: {csv: o.csv}}\n", "", 1, 1, "missing key bss.name");
	refused_instead(", orders: {csv: o.csv}", "", 4, 6, "missing key bss.orders");
	refused_instead("client_id: {env: ID}, ", "", 5, 10, "missing key acronis.client_id");
	refused_instead(", client_secret: {env: S}", "", 5, 10, "missing key acronis.client_secret");
	refused_instead("url: 'http://127.0.0.1:8080/', ", "", 5, 10, "missing key acronis.url");
	refused_instead("  licensing_mode: per_gb\n", "", 7, 3, "missing key contract.licensing_mode");
	refused_instead(
	    "  tiers: [{name: Tier 0, product: P0, acronis: -1}]\n", "", 7, 3, "missing key contract.tiers");
	refused_instead(", acronis: -1", "", 9, 11, "missing key contract.tiers[].acronis");
	refused_instead("name: Tier 0, ", "", 9, 11, "missing key contract.tiers[].name");
}

static void test_required_off_loopback(void **state)
{
	static const char far[] =
	    "name: n\nledger: l\noutput: o\nbss: {name: m, orders: {csv: o}}\n"
	    "acronis: {url: 'https://cloud.example.com', client_id: {env: I}, client_secret: {env: S}%s}\n"
	    "contract:\n  licensing_mode: per_gb\n  tiers: [{name: Tier 0, acronis: -1}]\n%s%s";
	static const char parent[] = ", parent: 6d1f1b3c-9a43-4c3e-8d2a-0c5b1a7e9f10",
			  items[] = "  offering_items: all\n";
	static const char confirmed[] =
	    "  confirmed: {tenant: 6d1f1b3c-9a43-4c3e-8d2a-0c5b1a7e9f11, tier: Tier 0, by: A}\n";
	char *text;

	(void)state;
	text = mem_printf(far, parent, items, confirmed);
	job_free(load_good(text));
	free(text);
	text = mem_printf(far, "", items, confirmed);
	refused(text, 1, 1, "parent tenant's UUID");
	free(text);
	text = mem_printf(far, ", parent: auto", items, confirmed);
	refused(text, 5, 99, "parent tenant's UUID");
	free(text);
	text = mem_printf(far, parent, "", confirmed);
	refused(text, 7, 3, "missing key contract.offering_items");
	free(text);
	/* Who has nobody on a paid tier yet cannot name one: the tier table is unproved then. */
	text = mem_printf(far, parent, items, "");
	job_free(load_good(text));
	free(text);
	text = mem_printf(far, parent, items,
	    "  confirmed: {tenant: 6d1f1b3c-9a43-4c3e-8d2a-0c5b1a7e9f11, tier: Tier 9, by: A}\n");
	refused(text, 10, 67, "not in contract.tiers");
	free(text);
}

static void test_tiers(void **state)
{
	static const struct {
		const char *tiers;
		unsigned long column;
		const char *part;
	} cases[] = {
	    {"[{name: A, acronis: 0}, {name: a, acronis: 1}]", 41, "same name"},
	    {"[{name: A, acronis: 0, product: p}, {name: B, acronis: 1, product: P}]", 77, "same product"},
	    {"[{name: A, acronis: 0}, {name: B, acronis: 0}]", 53, "both sold"},
	    {"[{name: A, acronis: 0, sold: false}]", 10, "no tier is sold"},
	    {"[]", 10, "list"},
	    {"[A]", 11, "map of keys"},
	    {"[{name: A, acronis: 8}]", 30, "-2 to 7"},
	    {"[{name: A, acronis: -3}]", 30, "-2 to 7"},
	    {"[{name: A, acronis: \"0\"}]", 30, "without quotes"},
	    {"[{name: A, acronis: 0.0}]", 30, "whole number"},
	    {"[{name: A, acronis: 0, commitment: {USD: -1}}]", 51, "negative"},
	    {"[{name: A, acronis: 0, commitment: {USD: 1e3}}]", 51, "amount"},
	    {"[{name: A, acronis: 0, commitment: {USD: 1.005}}]", 51, "amount"},
	    {"[{name: A, acronis: 0, commitment: {USD: '1,000'}}]", 51, "amount"},
	    {"[{name: A, acronis: 0, commitment: {XXX: 1}}]", 46, "unknown currency"},
	    {"[{name: A, acronis: 0, commitment: 250}]", 45, "map of currency"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		refused_instead("[{name: Tier 0, product: P0, acronis: -1}]", cases[i].tiers, 9,
		    cases[i].column, cases[i].part);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *url;
		bool fine, loopback;
	} cases[] = {
	    {"https://eu2-cloud.acronis.com", true, false},
	    {"https://eu2-cloud.acronis.com/", true, false},
	    {"https://127.0.0.1:8443", true, true},
	    {"http://127.9.9.9", true, true},
	    {"http://localhost:1", true, true},
	    {"http://[::1]:8080", true, true},
	    {"https://[2001:db8::1]", true, false},
	    {"http://127.0.0.1.example.com", false, false},
	    {"http://[::2]", false, false},
	    {"http://127.1", false, false},
	    {"http://example.com", false, false},
	    {"ftp://example.com", false, false},
	    {"https://", false, false},
	    {"https:///", false, false},
	    {"https://a b", false, false},
	    {"https://example.com/api", false, false},
	    {"https://example.com//", false, false},
	    {"https://example.com?x", false, false},
	    {"https://example.com:0", false, false},
	    {"https://example.com:65536", false, false},
	    {"https://example.com:", false, false},
	    {"https://example.com:+1", false, false},
	    {"https://[::1", false, false},
	    {"https://u:p@example.com", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *why = NULL;
		bool loopback = url_is_loopback(strv_of(cases[i].url), &why);
		if ((why == NULL) != cases[i].fine || (cases[i].fine && loopback != cases[i].loopback))
			print_error("%s: %s\n", cases[i].url, why ? why : "accepted");
		assert_int_equal(why == NULL, cases[i].fine);
		if (cases[i].fine)
			assert_int_equal(loopback, cases[i].loopback);
	}
}

static void test_address_from_environment(void **state)
{
	const char *from = "'http://127.0.0.1:8080/'";
	const char *at = strstr(minimal, from);
	char *text =
	    mem_printf("%.*s{env: TENANTRY_TEST_URL}%s", (int)(at - minimal), minimal, at + strlen(from));
	struct job *job;

	(void)state;
	unsetenv("TENANTRY_TEST_URL");
	refused(text, 5, 22, "not set");
	setenv("TENANTRY_TEST_URL", "https://localhost:9/", 1);
	job = load_good(text);
	assert_string_equal(job->acronis.url, "https://localhost:9");
	assert_true(job->acronis.loopback);
	job_free(job);
	unsetenv("TENANTRY_TEST_URL");
	free(text);
}

/* A secret in the file is refused without a word of it in the error. */
static void test_literal_secrets(void **state)
{
	static const char *const values[] = {"hunter2secret", "{env: \"hunter2-secret\"}",
	    "{value: hunter2secret}", "[hunter2secret]", "{env: A, file: hunter2secret}", "{hunter2secret}",
	    "{credential: ../hunter2secret}", "\"\"", "{file: }"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const char *at = strstr(minimal, "{env: S}");
		char *text = mem_printf("%.*s%s%s", (int)(at - minimal), minimal, values[i], at + 8);
		struct error err = {0};
		assert_null(load(text, &err));
		assert_int_equal(err.code, ERR_JOB);
		assert_int_equal(err.line, 5);
		assert_string_equal(err.field, "acronis.client_secret");
		assert_null(strstr(err.text, "hunter2"));
		assert_null(strstr(err.hint, "hunter2"));
		free(text);
	}
	refused_instead("l.db", "postgresql://u:hunter2@h/d", 2, 9, "not a database address");
	refused_instead("l.db", "{postgresql: {env: X}}", 2, 9, "not supported by this version");
	refused_instead("l.db", "{postgresql: secret}", 2, 22, "must not stand in the job file");
	refused_more("report: {metrics: {env: X}}\n", 19, "a path");
}

static void test_not_a_job(void **state)
{
	static const char binary[] = "\x7f"
				     "ELF\x02\x01\x01\0\0\0";
	struct error err = {0};
	char *large = mem_zalloc((1 << 20) + 2);

	(void)state;
	refused("", 1, 1, "empty");
	refused("# nothing\n---\n", 1, 1, "empty");
	refused("~\n", 1, 1, "empty");
	refused("just text\n", 1, 1, "expected a map");
	refused("- a\n", 1, 1, "expected a map");
	refused("name: a\n---\nname: b\n", 2, 1, "second document");
	refused("name: a\nname: b\n", 2, 1, "duplicate key \"name\", first given on line 1");
	refused("bss: {a: 1, a: 2}\n", 1, 13, "duplicate key");
	refused("name: &x a\nledger: *x\n", 2, 9, "alias");
	refused("name: &x [*x]\n", 1, 11, "alias");
	refused("name: n\n<<: *x\n", 2, 5, "alias");
	refused("*x : n\n", 1, 1, "alias");
	refused("name: !!str n\n", 1, 7, "tag");
	refused("name: !!python/object {a: b}\n", 1, 7, "tag");
	refused("[a]: n\n", 1, 1, "key must be text");
	refused("name: n\n\tledger: x\n", 2, 1, "not YAML");
	refused("name: [a\n", 2, 1, "not YAML");
	refused("a: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n", 1, 20, "too deeply");
	refused("name: \xff\n", 1, 7, "not UTF-8");
	put(binary, sizeof binary);
	assert_null(job_load(path, NULL, &err));
	assert_int_equal(err.code, ERR_JOB);
	assert_non_null(strstr(err.text, "not YAML"));
	error_clear(&err);
	memset(large, '#', (1 << 20) + 1);
	assert_null(load(large, &err));
	assert_non_null(strstr(err.text, "larger than allowed for a job file"));
	error_clear(&err);
	assert_null(job_load(folder, NULL, &err));
	assert_int_equal(err.code, ERR_JOB);
	assert_non_null(strstr(err.text, "directory"));
	error_clear(&err);
	assert_null(job_load("/nonexistent/job.yaml", NULL, &err));
	assert_int_equal(err.code, ERR_JOB);
	assert_string_equal(err.source, "/nonexistent/job.yaml");
	free(large);
}

static void test_names_and_sources(void **state)
{
	(void)state;
	refused_instead("name: n\n", "name: a/b\n", 1, 7, "a name of letters");
	refused_instead("name: n\n", "name: .hidden\n", 1, 7, "a name of letters");
	refused_instead("name: main", "name: ../x", 4, 13, "a name of letters");
	refused_instead("{csv: o.csv}", "o.csv", 4, 27, "write {csv: PATH}");
	refused_instead("{csv: o.csv}", "{}", 4, 27, "either csv or database");
	refused_instead("{csv: o.csv}", "{csv: a, database: b}", 4, 27, "either csv or database");
	refused_instead("{csv: o.csv}", "{csv: a, query: b}", 4, 43, "query goes with database");
	refused_instead("{csv: o.csv}", "{database: pending}", 4, 27, "bss.database is missing");
	refused_instead("{csv: o.csv}", "{csv: a}, order_status: {pending: [X], ignored: [\" x\"]}", 4, 51,
	    "both pending and ignored");
	refused_instead(
	    "{csv: o.csv}", "{csv: a}, subscription_status: {Aktiv: live}", 4, 66, "one of active|");
	refused_instead("per_gb", "per_tb", 7, 19, "one of per_gb|per_device");
	refused_instead("offering_items: all", "offering_items: some", 8, 19, "all, or a list");
	refused_instead("offering_items: all", "offering_items: [{application: a, name: b, quota: -1}]", 8,
	    53, "unlimited");
}

/* The job at `at` with this root: where its ledger is. */
static void rooted(const char *at, const char *root, const char *wanted)
{
	struct error err = {0};
	char *text = mem_printf("%sroot: %s\n", minimal, root);

	put(text, strlen(text));
	struct job *job = job_load(at, "/not/used", &err);
	if (!job)
		error_print(&err, stderr, true);
	assert_non_null(job);
	assert_string_equal(job->ledger, wanted);
	job_free(job);
	free(text);
}

static void test_root(void **state)
{
	struct error err = {0};
	char *base = strrchr(folder, '/') + 1, *link = mem_printf("%s-link", folder),
	     *linked = mem_printf("%s/job.yaml", link);
	char *wanted = mem_printf("%s/../l.db", link), *back = mem_printf("../%s", base),
	     *again = mem_printf("/tmp/%s/l.db", base);
	struct job *job;

	(void)state;
	assert_int_equal(symlink(folder, link), 0);
	rooted(path, "..", "/tmp/l.db");
	rooted(path, "../", "/tmp/l.db");
	rooted(path, "../..", "/l.db");
	rooted(path, "../../etc", "/etc/l.db");
	rooted(path, back, again);
	rooted(path, "/var", "/var/l.db");
	rooted(linked, "..", wanted);
	assert_int_equal(chdir(folder), 0);
	rooted("job.yaml", "..", "../l.db");
	rooted("./job.yaml", "..", "./../l.db");
	rooted("job.yaml", ".", "l.db");
	assert_int_equal(chdir("/tmp"), 0);
	char *relative = mem_printf("%s/job.yaml", base);
	rooted(relative, "..", "l.db");
	rooted(relative, "../x", "x/l.db");
	assert_int_equal(fchdir(home), 0);
	put(minimal, strlen(minimal));
	job = job_load(path, "/base", &err);
	assert_non_null(job);
	assert_string_equal(job->output, "/base/o");
	job_free(job);
	unlink(link);
	free(relative);
	free(again);
	free(back);
	free(wanted);
	free(linked);
	free(link);
}

/* Every row is complete, its default is one that its reader accepts (load), and a hint finds each misspelt
 * key. */
static void test_table(void **state)
{
	(void)state;
	for (const struct job_key *key = job_keys(); key->path; key++) {
		struct error err = {0};
		const char *dot = strrchr(key->path, '.');
		char *prefix = mem_strndup(key->path, dot ? (size_t)(dot + 1 - key->path) : 0);
		const char *name = dot ? dot + 1 : key->path;
		char *wrong = mem_printf("%sx", name), *wanted = mem_printf("did you mean %s?", name);

		assert_true(key->type[0] && key->help[0]);
		assert_true(key->help[strlen(key->help) - 1] != '.');
		assert_ptr_equal(&job_keys()[key_find(key->path)], key);
		key_hint(prefix, wrong, &err);
		if (strlen(name) > 3)
			assert_string_equal(err.hint, wanted);
		free(wrong);
		free(wanted);
		free(prefix);
	}
}

static void test_reference(void **state)
{
	struct strbuf text = {0}, man = {0};

	(void)state;
	job_reference_markdown(&text);
	job_man("1.2.3", &man);
	for (const struct job_key *key = job_keys(); key->path; key++) {
		char *cell = mem_printf("| `%s` |", key->path);
		assert_non_null(strstr(text.p, cell));
		free(cell);
	}
	assert_non_null(strstr(man.p, "tenantry 1.2.3"));
	assert_non_null(strstr(man.p, "client_secret"));
	assert_false(text.failed || man.failed);
	strbuf_free(&text);
	strbuf_free(&man);
}

/* The shipped jobs; the tests run in the project's folder. */
static void test_shipped_jobs(void **state)
{
	struct error err = {0};
	struct job *job = job_load("jobs/nightly.yaml", NULL, &err);

	(void)state;
	if (!job)
		error_print(&err, stderr, true);
	assert_non_null(job);
	assert_string_equal(job->ledger, "var/tenantry.db");
	assert_false(job->acronis.loopback);
	assert_int_equal(job->contract.tier_count, 9);
	job_free(job);
	job = job_load("jobs/demo.yaml", NULL, &err);
	if (!job)
		error_print(&err, stderr, true);
	assert_non_null(job);
	assert_true(job->acronis.loopback);
	assert_string_equal(job->acronis.ca_file, "var/demo/ca.pem");
	job_free(job);
}

static void test_words(void **state)
{
	enum severity severity;

	(void)state;
	for (int i = SEVERITY_INFO; i <= SEVERITY_HIGH; i++) {
		assert_true(severity_parse(strv_of(severity_name((enum severity)i)), &severity));
		assert_int_equal(severity, i);
	}
	assert_false(severity_parse(STRV("awful"), &severity));
	assert_int_equal(currency_index(STRV("CAD")), CURRENCY_CAD);
	assert_int_equal(currency_index(STRV("usd")), -1);
	assert_int_equal(currency_index(STRV("")), -1);
}

static int setup(void **state)
{
	(void)state;
	home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (home < 0 || !mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/job.yaml", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(home);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_every_key),
	    cmocka_unit_test(test_unknown_keys), cmocka_unit_test(test_wrong_types),
	    cmocka_unit_test(test_required), cmocka_unit_test(test_required_off_loopback),
	    cmocka_unit_test(test_tiers), cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_address_from_environment), cmocka_unit_test(test_literal_secrets),
	    cmocka_unit_test(test_not_a_job), cmocka_unit_test(test_names_and_sources),
	    cmocka_unit_test(test_root), cmocka_unit_test(test_table), cmocka_unit_test(test_reference),
	    cmocka_unit_test(test_shipped_jobs), cmocka_unit_test(test_words)};

	return cmocka_run_group_tests_name("job", tests, setup, teardown);
}
