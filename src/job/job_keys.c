/* The table of job file keys: the one place that names a key, its reader, its limits, its default and its
 * help. The order is that of the reference. A default is YAML text and is read by the same reader as a value
 * in the file, so that what the reference prints is what happens. Beware: keys with [] stand in each element
 * of a list, their offset counts from it. */
#include "job/job_impl.h"

#include "tenantry/mem.h"

#define J(member) offsetof(struct job, member)
#define T(member) offsetof(struct tier, member)
#define O(member) offsetof(struct offering_item_ref, member)
#define C(member) offsetof(struct class_rule, member)

/* Limits and type of a key. */
#define LIMITS(low, high, type) low, high, type
#define ANY(type) 0, 0, type
#define NUMBER(low, high) low, high, "whole number, " #low " to " #high
#define TIME(low, high, low_text, high_text) low, high, "duration, " low_text " to " high_text
#define TYPE_OF(...) TYPE_OF_(__VA_ARGS__)
#define TYPE_OF_(low, high, type) type
enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
#define YEARS(n) (INT64_C(366) * (n)*DAY)
#define SOURCE "{csv: PATH or glob} or {database: NAME, query: FILE}"
#define SECRET "{env: NAME}, {file: PATH} or {credential: NAME}"
/* ISO 3166-1 countries whose post does without codes; others may be added by a site. */
#define NO_POST_CODE                                                                                         \
	"[AE, AG, AO, AW, BF, BI, BJ, BO, BS, BW, BZ, CD, CF, CG, CI, CK, CM, CW, DJ, DM, "                  \
	"ER, FJ, GA, GD, GH, GM, GQ, GY, HK, KI, KM, KN, KP, LY, ML, MO, MR, MW, NR, NU, "                   \
	"QA, RW, SB, SC, SL, SR, ST, SX, SY, TD, TG, TK, TL, TO, TV, UG, VU, WS, YE, ZW]"

/* path, reader, offset, limits and type (the choices where the reader is read_choice), default, help */
#define JOB_KEYS(X)                                                                                             \
	X("name", read_name, J(name), ANY("name"), "required",                                                  \
	    "names the job in logs, reports and the ledger; keep it for ever")                                  \
	X("root", read_root, J(root), ANY("folder"), "",                                                        \
	    "relative paths count from here; relative to the job file's own folder; default: the working "      \
	    "directory")                                                                                        \
	X("reconcile.timezone", read_timezone, J(timezone), ANY("UTC, local or an offset"), "UTC",              \
	    "whose day --as-of means; local: of the machine that runs the job")                                 \
	X("steps", read_steps, J(steps), ANY("list of validate, provision, reconcile, report"),                 \
	    "[validate, provision, reconcile, report]", "what run does")                                        \
	X("ledger", read_ledger, J(ledger), ANY("path"), "required",                                            \
	    "SQLite file that remembers runs, items and steps; back it up")                                     \
	X("output", read_path, J(output), ANY("path"), "required", "folder that gets one folder a run")         \
	X("deadline", read_duration, J(deadline_ms), TIME(0, 7 * (int64_t)DAY, "0s", "7d"), "0s",               \
	    "a run that takes longer stops between calls, saved; 0s: never")                                    \
	X("bss.name", read_name, J(bss.name), ANY("name"), "required",                                          \
	    "part of every order item's key; changing it makes every order new")                                \
	X("bss.order_key", read_choice, J(bss.order_key), ANY("item|order_item"), "item",                       \
	    "what is unique: Order Item Id over all orders (item), or only within its order (order_item); "     \
	    "changing it makes no done order new")                                                              \
	X("bss.orders", read_source, J(bss.orders), ANY(SOURCE), "required", "order items, one a row")          \
	X("bss.subscriptions", read_source, J(bss.subscriptions), ANY(SOURCE), "",                              \
	    "subscriptions: facts for the rules, one side of reconciliation")                                   \
	X("bss.invoices", read_source, J(bss.invoices), ANY(SOURCE), "",                                        \
	    "invoice lines; they enable the money findings")                                                    \
	X("bss.rates", read_source, J(bss.rates), ANY(SOURCE), "", "exchange rates with their validity")        \
	X("bss.database", read_secret, J(bss.database), ANY(SECRET), "",                                        \
	    "PostgreSQL connection string of the BSS database")                                                 \
	X("bss.write_back", read_bool, J(bss.write_back), ANY("true or false"), "true",                         \
	    "write subscriptions and order status to the BSS database; with CSV sources always to files")       \
	X("bss.allow_plain", read_bool, J(bss.allow_plain), ANY("true or false"), "false",                      \
	    "let an unencrypted database connection leave this machine: for networks that are encrypted "       \
	    "themselves")                                                                                       \
	X("bss.connect_timeout", read_duration, J(bss.connect_timeout_ms),                                      \
	    TIME(100, 10 * MINUTE, "100ms", "10m"), "10s", "for a connection to one host of the database")      \
	X("bss.statement_timeout", read_duration, J(bss.statement_timeout_ms),                                  \
	    TIME(0, 24 * (int64_t)HOUR, "0s", "24h"), "15m",                                                    \
	    "for one statement in the database; 0s: no limit")                                                  \
	X("bss.lock_timeout", read_duration, J(bss.lock_timeout_ms), TIME(1, 10 * MINUTE, "1ms", "10m"),        \
	    "5s", "how long a write-back waits for an order that somebody else has locked")                     \
	X("bss.retries", read_count, J(bss.retries), NUMBER(0, 20), "3",                                        \
	    "further tries of a connection and of reading")                                                     \
	X("bss.order_status.pending", read_text_list, J(bss.pending), ANY("list of texts"),                     \
	    "[Submitted, \"\"]", "order statuses that are worked on")                                           \
	X("bss.order_status.ignored", read_text_list, J(bss.ignored), ANY("list of texts"),                     \
	    "[Draft, Executed, Canceled, Cancelled]",                                                           \
	    "order statuses that are counted and left; any other is rejected as status-unknown")                \
	X("bss.csv.delimiter", read_delimiter_auto, J(bss.csv.delimiter),                                       \
	    ANY("auto, \",\", \";\", tab or \"|\""), "auto", "auto finds it from the header line")              \
	X("bss.csv.encoding", read_choice, J(bss.csv.encoding), ANY("utf-8|windows-1252|utf-16"), "utf-8",      \
	    "of the input files; a byte order mark is fine")                                                    \
	X("bss.csv.columns", read_text_map, J(bss.csv.columns), ANY("map of header to column"), "{}",           \
	    "headers of your export that differ from ours, such as E-Mail-Adresse: Email")                      \
	X("bss.csv.decimal", read_choice, J(bss.csv.decimal), ANY("point|comma"), "point",                      \
	    "decimal mark of amounts in invoices and rates; anything else is refused with its line")            \
	X("bss.csv.thousands", read_choice, J(bss.csv.thousands), ANY("none|comma|point|space|apostrophe"),     \
	    "none",                                                                                             \
	    "what stands between groups of three digits in amounts; none: such an amount is refused")           \
	X("bss.invoice_kinds", read_invoice_kinds, J(bss.invoice_kinds),                                        \
	    ANY("map of text to usage, commitment, credit"), "{}",                                              \
	    "further words of your export for an invoice line's Kind, such as Shortfall: commitment")           \
	X("bss.subscription_status", read_status_map, J(bss.subscription_status),                               \
	    ANY("map of text to active, suspended, cancelled, pending, failed"), "{}",                          \
	    "further words of your export for a subscription's status; the usual English ones are known")       \
	X("acronis.url", read_url, J(acronis.url), ANY("https address or {env: NAME}"), "required",             \
	    "your data centre; http only to this machine")                                                      \
	X("acronis.client_id", read_secret, J(acronis.client_id), ANY(SECRET), "required",                      \
	    "API client of the distributor's tenant")                                                           \
	X("acronis.client_secret", read_secret, J(acronis.client_secret), ANY(SECRET), "required",              \
	    "its secret")                                                                                       \
	X("acronis.parent", read_parent, J(acronis.parent), ANY("UUID or auto"), "auto",                        \
	    "tenant below which resellers are made; auto, the client's own tenant, only with a server on this " \
	    "machine")                                                                                          \
	X("acronis.ca_file", read_path_or_env, J(acronis.ca_file), ANY("path or {env: NAME}"), "",              \
	    "certificates to trust in place of the system's")                                                   \
	X("acronis.connections", read_count, J(acronis.connections), NUMBER(1, 128), "16",                      \
	    "calls of different accounts in flight at the same time")                                           \
	X("acronis.rate", read_count, J(acronis.rate), NUMBER(0, 10000), "20",                                  \
	    "requests a second; 0: no limit of ours")                                                           \
	X("acronis.timeout", read_duration, J(acronis.timeout_ms), TIME(100, 10 * MINUTE, "100ms", "10m"),      \
	    "30s", "for one call")                                                                              \
	X("acronis.retries", read_count, J(acronis.retries), NUMBER(0, 20), "5",                                \
	    "further tries of a call that may be repeated")                                                     \
	X("acronis.settle", read_duration, J(acronis.settle_ms), TIME(0, 10 * MINUTE, "0s", "10m"), "5s",       \
	    "after a lost answer, absence counts only in two readings this far apart; so far apart is a list "  \
	    "that failed read again")                                                                           \
	X("acronis.http2", read_bool, J(acronis.http2), ANY("true or false"), "true",                           \
	    "use HTTP/2 where it is offered")                                                                   \
	X("acronis.page_size", read_count, J(acronis.page_size), NUMBER(1, 5000), "1000",                       \
	    "elements a page of a listing")                                                                     \
	X("acronis.body_limit", read_size, J(acronis.body_limit),                                               \
	    LIMITS(64 * 1024, INT64_C(1) << 30, "size, 64KiB to 1GiB"), "64MiB",                                \
	    "an answer larger than this is an error")                                                           \
	X("contract.licensing_mode", read_choice_text, J(contract.licensing_mode), ANY("per_gb|per_device"),    \
	    "required", "set on every reseller's tenant")                                                       \
	X("contract.offering_items", read_offering_items, J(contract.offering_items),                           \
	    ANY("all, or a list of the keys below"), "required off loopback",                                   \
	    "what a reseller may use; all: every item that is available for a child partner")                   \
	X("contract.offering_items[].application", read_text, O(application), ANY("text"), "required",          \
	    "application type or id")                                                                           \
	X("contract.offering_items[].name", read_text, O(name), ANY("text"), "required", "offering item")       \
	X("contract.offering_items[].quota", read_quota, 0, ANY("whole number or unlimited"), "",               \
	    "in the item's unit; not given: as Acronis sets it")                                                \
	X("contract.confirmed.tenant", read_uuid, J(contract.confirmed.tenant), ANY("UUID"), "",                \
	    "a partner on a paid tier, read before anything is written; none yet: leave it out")                \
	X("contract.confirmed.tier", read_text, J(contract.confirmed.tier), ANY("tier name"), "",               \
	    "the tier that this partner has in the management portal")                                          \
	X("contract.confirmed.by", read_text, J(contract.confirmed.by), ANY("text"), "", "who confirmed it")    \
	X("contract.tiers", read_tiers, J(contract.tiers), ANY("list of the keys below"), "required",           \
	    "your own tier table; nothing is guessed")                                                          \
	X("contract.tiers[].name", read_text, T(name), ANY("text"), "required",                                 \
	    "as orders and reports name it")                                                                    \
	X("contract.tiers[].product", read_text, T(product), ANY("text"), "", "product code in the BSS")        \
	X("contract.tiers[].acronis", read_small_count, T(acronis), NUMBER(-2, 7), "required",                  \
	    "Acronis' tier_level_value; not the number in the tier's name")                                     \
	X("contract.tiers[].sold", read_bool, T(sold), ANY("true or false"), "true",                            \
	    "false: existing subscriptions only, no new orders")                                                \
	X("contract.tiers[].commitment", read_commitment, T(commitment), ANY("map of currency to amount"),      \
	    "{}", "minimum commitment a month")                                                                 \
	X("contract.upgrade", read_choice, J(contract.upgrade), ANY("at_once|next_first"), "at_once",           \
	    "when a higher tier takes effect")                                                                  \
	X("contract.downgrade", read_choice, J(contract.downgrade), ANY("at_once|next_first"), "next_first",    \
	    "when a lower tier takes effect; next_first: on the first of the next month")                       \
	X("contract.mfa", read_bool, J(contract.mfa), ANY("true or false"), "false",                            \
	    "switch two-factor authentication on for new tenants")                                              \
	X("rules.currencies", read_currencies, J(rules.currencies), ANY("list of currencies"),                  \
	    "[USD, EUR, GBP, AUD, JPY, CAD]", "currencies in which contracts are sold")                         \
	X("rules.currency_aliases", read_aliases, J(rules.currency_aliases),                                    \
	    ANY("map of currency to currency"), "{GBD: GBP}", "codes read as another one, with a warning")      \
	X("rules.terms", read_choice, J(rules.terms), ANY("always|storefront|never"), "storefront",             \
	    "when Terms Accepted must be true; storefront: unless Channel is BSS")                              \
	X("rules.second_contract", read_choice, J(rules.second_contract), ANY("reject|tier_change"),            \
	    "reject", "a new order of an account that has a contract")                                          \
	X("rules.no_post_code", read_countries, J(rules.no_post_code), ANY("list of country codes"),            \
	    NO_POST_CODE, "countries whose addresses need no Post Code")                                        \
	X("provision.batch_size", read_count, J(provision.batch_size), NUMBER(1, 10000), "50",                  \
	    "accounts a batch")                                                                                 \
	X("provision.max_errors", read_share, J(provision.max_errors), ANY("number or percentage"), "10%",      \
	    "more failed or parked actions than this stop the run; a percentage counts once 10 were tried")     \
	X("provision.max_changes", read_share, J(provision.max_changes), ANY("number or percentage"), "500",    \
	    "more planned actions than this and nothing is done; a percentage counts of the known tenants")     \
	X("provision.max_disables", read_share, J(provision.max_disables), ANY("number or percentage"), "",     \
	    "more disables, suspensions, cancellations and tier drops of more than one step than this in 24 "   \
	    "hours, and none of those that are asked for is done; a percentage counts of the live contracts; "  \
	    "not given: 2%, but at least 5 and at most 25")                                                     \
	X("provision.on_error", read_choice, J(provision.on_error), ANY("continue|stop"), "continue",           \
	    "after an item failed")                                                                             \
	X("provision.activation_in_doubt", read_choice, J(provision.activation_in_doubt),                       \
	    ANY("park|resend"), "park", "when nobody knows whether the activation mail went out")               \
	X("provision.action_timeout", read_duration, J(provision.action_timeout_ms),                            \
	    TIME(0, 24 * (int64_t)HOUR, "0s", "24h"), "10m",                                                    \
	    "an action that takes longer ends as failed between two calls, and the next run goes on with it; "  \
	    "0s: never")                                                                                        \
	X("provision.check_subscriptions", read_bool, J(provision.check_subscriptions),                         \
	    ANY("true or false"), "true",                                                                       \
	    "provision nothing while the subscriptions are missing, stale or cut")                              \
	X("reconcile.tolerance", read_tolerance, J(reconcile.tolerance),                                        \
	    ANY("map of percent or currency to amount"),                                                        \
	    "{percent: 0.5, USD: 1.00, EUR: 1.00, GBP: 1.00, AUD: 1.00, CAD: 1.00, JPY: 150}",                  \
	    "differences of money up to this are no finding")                                                   \
	X("reconcile.stuck_after", read_duration, J(reconcile.stuck_after_ms),                                  \
	    TIME(0, YEARS(1), "0s", "366d"), "24h",                                                             \
	    "age at which a pending order or an import becomes a finding")                                      \
	X("reconcile.max_age", read_duration, J(reconcile.max_age_ms), TIME(0, YEARS(10), "0s", "3660d"),       \
	    "36h",                                                                                              \
	    "subscriptions older than this are stale; so is what was kept this long before the "                \
	    "end of a day that is past; 0s: any age")                                                           \
	X("reconcile.full_every", read_duration, J(reconcile.full_every_ms),                                    \
	    TIME(0, YEARS(1), "0s", "366d"), "7d",                                                              \
	    "all of Acronis is read this often, and each tier value; in between only what changed; 0d: always " \
	    "all")                                                                                              \
	X("reconcile.min_coverage", read_permille, J(reconcile.min_coverage_permille), ANY("percentage"),       \
	    "95%", "a comparison that covers less is no result")                                                \
	X("reconcile.max_shrink", read_share, J(reconcile.max_shrink), ANY("number or percentage"), "20%",      \
	    "a listing that lost more rows than this since the last run counts as cut: nothing is made or "     \
	    "compared on it")                                                                                   \
	X("reconcile.allow_empty", read_bool, J(reconcile.allow_empty), ANY("true or false"), "false",          \
	    "an empty listing is fine even after one with rows")                                                \
	X("reconcile.fail_on", read_fail_on, J(reconcile.fail_on), ANY("info|low|medium|high|never"),           \
	    "high", "findings from this severity up make the exit status 1")                                    \
	X("reconcile.users", read_choice, J(reconcile.users), ANY("findings|all"), "findings",                  \
	    "whose logins are compared: accounts with orders or findings, or all (one call a tenant)")          \
	X("reconcile.usages", read_bool, J(reconcile.usages), ANY("true or false"), "true",                     \
	    "with invoices: ask Acronis for the usage of contracts whose last month bills none, as a hint")     \
	X("reconcile.severity", read_severities, J(reconcile.severities), ANY("map of code to severity"),       \
	    "{}", "severities of your own, such as name-drift: info")                                           \
	X("reconcile.classes", read_class_rules, J(reconcile.classes), ANY("list of the keys below"), "[]",     \
	    "findings that are treated in another way, by class, by tier or by both; of several rows that fit " \
	    "the last one that says it counts")                                                                 \
	X("reconcile.classes[].code", read_class_code, C(code), ANY("code of a finding"), "",                   \
	    "the class; not given: all")                                                                        \
	X("reconcile.classes[].tier", read_text, C(tier), ANY("tier name"), "",                                 \
	    "the tier that is billed, or runs where nothing is billed; not given: all")                         \
	X("reconcile.classes[].severity", read_choice_text, C(severity), ANY("info|low|medium|high"), "",       \
	    "its severity, in place of the table's, of reconcile.severity and of the amount")                   \
	X("reconcile.classes[].owner", read_text, C(owner), ANY("text"), "",                                    \
	    "who looks at it; ack --owner goes before it")                                                      \
	X("reconcile.classes[].fail_on", read_choice_text, C(fail_on), ANY("info|low|medium|high|never"),       \
	    "", "in place of reconcile.fail_on")                                                                \
	X("reconcile.cut_off", read_duration, J(reconcile.cut_off_ms), TIME(0, 20 * HOUR, "0s", "20h"),         \
	    "0s",                                                                                               \
	    "a difference that comes of a change so shortly before the older of both sides was read is timing " \
	    "for so long, which fails no night; it is open when it is still there later")                       \
	X("billing.discount", read_percent, J(billing.discount), ANY("percentage as a number"), "",             \
	    "the Distributor Discount(%) of the BSS: cost = sell less this; not given: costs are not compared") \
	X("billing.rounding", read_choice, J(billing.rounding), ANY("half_up|half_even|down"), "half_up",       \
	    "how an invoice line is rounded, once, to its currency's smallest unit; half_up: away from zero")   \
	X("billing.short_month", read_choice, J(billing.short_month), ANY("full|prorated|free"), "full",        \
	    "minimum commitment of a month in which the contract begins after the first or ends before the "    \
	    "last day")                                                                                         \
	X("billing.tier_change", read_choice, J(billing.tier_change), ANY("end|start|higher|days"), "end",      \
	    "whose minimum commitment counts in a month in which the tier changes: that of its end, its "       \
	    "start, the higher one, or each for its days")                                                      \
	X("billing.shortfall_cost", read_choice, J(billing.shortfall_cost), ANY("unknown|none|discounted"),     \
	    "unknown", "what Acronis bills the distributor for a shortfall; unknown: not compared")             \
	X("billing.commitment_currency", read_currency_code, J(billing.commitment_currency),                    \
	    ANY("currency"), "USD",                                                                             \
	    "the tier's amount that is converted where it has none in the contract's own currency")             \
	X("billing.ramp_up_max", read_count, J(billing.ramp_up_max), NUMBER(0, 120), "1",                       \
	    "months without a minimum commitment at most, from the month in which the contract begins")         \
	X("billing.ramp_up_since", read_day, J(billing.ramp_up_since), ANY("date"), "2023-11-01",               \
	    "contracts that began earlier have ramp_up_max_before in place of ramp_up_max")                     \
	X("billing.ramp_up_max_before", read_count, J(billing.ramp_up_max_before), NUMBER(0, 120), "3",         \
	    "months at most for contracts that began before ramp_up_since")                                     \
	X("billing.months", read_count, J(billing.months), NUMBER(1, 24), "1",                                  \
	    "closed months whose invoices are compared every night; findings of earlier ones stay open")        \
	X("billing.invoiced_by", read_count, J(billing.invoiced_by), NUMBER(1, 28), "3",                        \
	    "day of the month on which the month before counts as invoiced")                                    \
	X("billing.min_lines", read_permille, J(billing.min_lines_permille), ANY("percentage"), "50%",          \
	    "when fewer of the contracts have an invoice line for a month, its invoices count as cut")          \
	X("billing.medium_from", read_count, J(billing.medium_from), NUMBER(0, 1000000), "10",                  \
	    "money findings are medium from this many times the tolerance of their currency, low below")        \
	X("billing.high_from", read_count, J(billing.high_from), NUMBER(0, 1000000), "100",                     \
	    "money findings are high from this many times the tolerance of their currency")                     \
	X("report.formats", read_formats, J(report), ANY("list of html, xlsx, csv, json"),                      \
	    "[html, xlsx, csv, json]", "which reports a run writes")                                            \
	X("report.metrics", read_path, J(report.metrics), ANY("path"), "",                                      \
	    "file for the Prometheus textfile collector")                                                       \
	X("report.currency", read_currency_code, J(report.currency), ANY("currency"), "USD",                    \
	    "money at stake is shown in it too, where bss.rates has the rate of the day")                       \
	X("report.csv.delimiter", read_delimiter, J(report.csv_delimiter),                                      \
	    ANY("\",\", \";\", tab or \"|\""), "\",\"", "of the CSV files that a run writes")                   \
	X("report.csv.bom", read_bool, J(report.csv_bom), ANY("true or false"), "false",                        \
	    "begin CSV files with a byte order mark, as Excel likes it")                                        \
	X("retention.month_ends", read_duration, J(retention.month_ends_ms),                                    \
	    TIME(0, YEARS(30), "0d", "10980d"), "1100d",                                                        \
	    "the last complete snapshot and the newest invoices of a month are kept this long, whatever "       \
	    "privacy.keep says; 0d: for good")                                                                  \
	X("privacy.keep", read_duration, J(privacy.keep_ms), TIME(0, YEARS(20), "0d", "7320d"), "90d",          \
	    "run folders older than this are removed by the next run, but for those that prune keeps; 0d: never")

static const struct job_key keys[] = {
#define X(path, reader, offset, limits, fallback, help) {path, TYPE_OF(limits), fallback, help},
    JOB_KEYS(X)
#undef X
	{NULL, NULL, NULL, NULL}};

static const struct key_rule rules[] = {
#define X(path, reader, offset, limits, fallback, help) {reader, offset, limits},
    JOB_KEYS(X)
#undef X
};

const struct job_key *job_keys(void)
{
	return keys;
}

const struct key_rule *key_rules(void)
{
	return rules;
}

size_t key_count(void)
{
	return ARRAY_LEN(rules);
}

ptrdiff_t key_find(const char *path)
{
	for (size_t i = 0; keys[i].path; i++)
		if (strcmp(keys[i].path, path) == 0)
			return (ptrdiff_t)i;
	return -1;
}

bool key_is_section(const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; keys[i].path; i++)
		if (strncmp(keys[i].path, path, n) == 0 && keys[i].path[n] == '.')
			return true;
	return false;
}

bool key_is_required(const struct job_key *key, bool loopback)
{
	if (strcmp(key->fallback, "required off loopback") == 0)
		return !loopback;
	return strcmp(key->fallback, "required") == 0;
}

static bool near_enough(const char *given, const char *name, size_t *best)
{
	size_t distance = str_distance(given, name), limit = strlen(given) / 3 + 1;

	if (distance > limit || distance >= *best)
		return false;
	*best = distance;
	return true;
}

const char *nearest_of(const char *given, const char *const *names)
{
	const char *found = NULL;
	size_t best = SIZE_MAX;

	for (size_t i = 0; names[i]; i++)
		if (near_enough(given, names[i], &best))
			found = names[i];
	return found;
}

/* Is it a key or section directly below the prefix? Its own part of the path is copied out. */
static bool is_child(const char *path, const char *prefix, char name[64])
{
	size_t n = strlen(prefix);

	if (strncmp(path, prefix, n) != 0)
		return false;
	snprintf(name, 64, "%.*s", (int)strcspn(path + n, ".["), path + n);
	return true;
}

void key_hint(const char *prefix, const char *given, struct error *err)
{
	char name[64], found[64] = "";
	size_t best = SIZE_MAX;

	for (size_t i = 0; keys[i].path; i++)
		if (is_child(keys[i].path, prefix, name) && near_enough(given, name, &best))
			snprintf(found, sizeof found, "%s", name);
	for (size_t i = 0; keys[i].path && !found[0]; i++) {
		const char *last = strrchr(keys[i].path, '.');
		if (last && strcmp(last + 1, given) == 0) {
			error_hint(err, "it belongs below %.*s:", (int)(last - keys[i].path), keys[i].path);
			return;
		}
	}
	if (found[0])
		error_hint(err, "did you mean %s?", found);
	else
		error_hint(err, "man tenantry-job lists all keys");
}
