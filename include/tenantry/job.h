/* The job file: YAML read strictly into plain data. One table (job_keys) gives every key's type, default,
 * unit and help; parsing, the nearest-key hint, tenantry-job.5 and the README's reference all come from it.
 */
#ifndef TENANTRY_JOB_H
#define TENANTRY_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tenantry/error.h"
#include "tenantry/clock.h"
#include "tenantry/money.h"
#include "tenantry/rational.h"
#include "tenantry/str.h"

/* The currencies of domain rule 5, in this order wherever a table is indexed by currency. */
#define CURRENCIES(X) X(USD) X(EUR) X(GBP) X(AUD) X(JPY) X(CAD)
enum currency_index {
#define X(code) CURRENCY_##code,
	CURRENCIES(X)
#undef X
	    CURRENCY_COUNT
};

/* Never a literal: where a secret comes from. The value exists only between secret_read() and secret_free().
 */
enum secret_kind { SECRET_NONE, SECRET_ENV, SECRET_FILE, SECRET_CREDENTIAL };
struct secret {
	enum secret_kind kind;
	const char *name; /* of the variable, file (resolved) or credential */
	unsigned long line;
};
/* The value, registered with the log for masking; trailing line break removed. ERR_JOB when it is not there,
 * empty, or a file that group or others can read. Free with secret_free(), which wipes it. */
char *secret_read(const struct secret *secret, const char *what, struct error *err) MUST_USE;
void secret_free(char *value);

enum source_kind { SOURCE_NONE, SOURCE_CSV, SOURCE_DATABASE };
struct source_spec {
	enum source_kind kind;
	const char *csv;      /* path or glob, resolved against root */
	const char *database; /* query name */
	const char *query;    /* the site's own query file, or NULL */
	unsigned long line;
};

struct text_pair {
	const char *from, *to;
};
struct text_list {
	const char **items;
	size_t count;
};

/* One row of contract.tiers: the distributor's own table, no default (domain notes, tier table). */
struct tier {
	const char *name, *product; /* "Tier 1", "CCSP-T1" (product may be NULL) */
	int acronis;                /* tier_level_value, -2 to 7 */
	bool sold;
	struct money commitment[CURRENCY_COUNT]; /* currency "" where none is configured */
	size_t index;
};

struct offering_item_ref {
	const char *application; /* application type or id */
	const char *name;
	bool has_quota;
	int64_t quota; /* -1 unlimited */
};

/* How findings of a class, of a tier, or of both are treated. */
struct class_rule {
	const char *code, *tier;                /* NULL: of any */
	const char *severity, *owner, *fail_on; /* NULL: as without this row */
};

/* N or P%. */
struct share {
	bool set, percent;
	int64_t number;
};

enum job_step { STEP_VALIDATE = 1, STEP_PROVISION = 2, STEP_RECONCILE = 4, STEP_REPORT = 8 };
enum terms_rule { TERMS_ALWAYS, TERMS_STOREFRONT, TERMS_NEVER };
enum second_contract_rule { SECOND_CONTRACT_REJECT, SECOND_CONTRACT_TIER_CHANGE };
/* What tells order items apart, see order_key.h. */
enum order_key { ORDER_KEY_ITEM, ORDER_KEY_ORDER_ITEM };
enum change_timing { CHANGE_AT_ONCE, CHANGE_NEXT_FIRST };
enum on_error { ON_ERROR_CONTINUE, ON_ERROR_STOP };
enum csv_encoding { ENCODING_UTF8, ENCODING_WINDOWS_1252, ENCODING_UTF16 };
enum users_read { USERS_FINDINGS, USERS_ALL };
enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };
enum activation_in_doubt { ACTIVATION_PARK, ACTIVATION_RESEND };
enum decimal_mark { DECIMAL_POINT, DECIMAL_COMMA };
enum thousands_mark {
	THOUSANDS_NONE,
	THOUSANDS_COMMA,
	THOUSANDS_POINT,
	THOUSANDS_SPACE,
	THOUSANDS_APOSTROPHE
};
enum short_month { SHORT_MONTH_FULL, SHORT_MONTH_PRORATED, SHORT_MONTH_FREE };
/* Whose commitment counts in the month in which the tier changes. */
enum tier_change_rule { TIER_CHANGE_END, TIER_CHANGE_START, TIER_CHANGE_HIGHER, TIER_CHANGE_DAYS };
enum shortfall_cost { SHORTFALL_COST_UNKNOWN, SHORTFALL_COST_NONE, SHORTFALL_COST_DISCOUNTED };

struct job {
	struct arena *arena; /* owns every text below */
	const char *path, *name, *root;
	char digest[33];     /* of the file's bytes */
	unsigned steps;      /* STEP_ bits */
	const char *ledger;  /* SQLite file, resolved */
	const char *output;  /* folder of the run folders, resolved */
	int64_t deadline_ms; /* 0 none */
	struct {
		bool local;      /* the machine's */
		int64_t minutes; /* else so far ahead of UTC */
	} timezone;

	struct {
		const char *name;
		enum order_key order_key;
		struct source_spec orders, subscriptions, invoices, rates;
		struct secret database;
		bool write_back;
		bool allow_plain; /* an unencrypted connection may leave this machine */
		int64_t connect_timeout_ms, statement_timeout_ms, lock_timeout_ms,
		    retries;                       /* of the database */
		struct text_list pending, ignored; /* order statuses */
		struct {
			char delimiter; /* 0: found from the header line */
			enum csv_encoding encoding;
			struct text_pair *columns; /* header in the file -> our column */
			size_t column_count;
			enum decimal_mark decimal; /* of amounts in invoices and rates */
			enum thousands_mark thousands;
		} csv;
		struct text_pair *invoice_kinds; /* the site's words -> usage, commitment, credit */
		size_t invoice_kind_count;
		struct text_pair *subscription_status; /* the site's words -> active, suspended, cancelled,
							  failed, pending */
		size_t subscription_status_count;
	} bss;

	struct {
		const char *url; /* without a slash at the end */
		bool loopback;   /* the host is 127.0.0.0/8, ::1 or localhost */
		struct secret client_id, client_secret;
		const char *parent; /* UUID; NULL: auto */
		const char *ca_file;
		int64_t connections, rate, retries;
		int64_t timeout_ms, settle_ms, body_limit, page_size;
		bool http2;
	} acronis;

	struct {
		const char *licensing_mode;
		bool all_offering_items;
		struct offering_item_ref *offering_items;
		size_t offering_item_count;
		struct {
			const char *tenant, *tier, *by; /* NULL when not given */
		} confirmed;
		struct tier *tiers;
		size_t tier_count;
		enum change_timing upgrade, downgrade;
		bool mfa; /* switch two-factor on for new tenants */
	} contract;

	struct {
		struct text_list currencies;
		struct text_pair *currency_aliases;
		size_t currency_alias_count;
		enum terms_rule terms;
		enum second_contract_rule second_contract;
		struct text_list no_post_code; /* ISO 3166-1 alpha-2 codes */
	} rules;

	struct {
		int64_t batch_size;
		struct share max_errors, max_changes;
		struct share max_disables; /* not set: budget_limit() has the rule */
		enum on_error on_error;
		enum activation_in_doubt activation_in_doubt;
		int64_t action_timeout_ms; /* 0 none */
		bool check_subscriptions;  /* stop when the subscriptions export is missing */
	} provision;

	struct {
		struct {
			bool has_percent;
			const char *percent; /* decimal text */
			struct money absolute[CURRENCY_COUNT];
		} tolerance;
		int64_t stuck_after_ms, max_age_ms, full_every_ms;
		int64_t min_coverage_permille; /* 950 = 95% */
		struct share max_shrink;
		bool allow_empty;
		enum severity fail_on;
		bool fail_on_never;
		enum users_read users;
		bool usages;                  /* /tenants/usages is asked where invoices bill none */
		struct text_pair *severities; /* finding code -> severity name */
		size_t severity_count;
		struct class_rule *classes; /* the last row that fits and says it counts */
		size_t class_count;
		int64_t cut_off_ms; /* 0: no finding is timing */
	} reconcile;

	/* How the BSS bills a contract: what reconciliation expects of invoices. */
	struct {
		const char
		    *discount; /* the distributor's, per cent as decimal text; NULL: costs are not compared */
		enum rounding rounding;
		enum short_month short_month;
		enum tier_change_rule tier_change;
		enum shortfall_cost shortfall_cost;
		int commitment_currency; /* index; converted where a tier has no amount in the contract's own
					    currency */
		int64_t ramp_up_max, ramp_up_max_before;
		struct date ramp_up_since; /* contracts that began on or after it have ramp_up_max */
		int64_t months;            /* closed months that are compared */
		int64_t invoiced_by;       /* day of the month by which the month before is invoiced */
		int64_t min_lines_permille;
		int64_t medium_from, high_from; /* times the tolerance of the currency */
	} billing;

	struct {
		bool html, xlsx, csv, json;
		int currency;        /* index; findings show their money in it too where rates allow */
		const char *metrics; /* file, resolved; NULL none */
		char csv_delimiter;
		bool csv_bom;
	} report;

	struct {
		int64_t month_ends_ms; /* a month's last complete snapshot is kept so long; 0: for good */
	} retention;

	struct {
		int64_t keep_ms; /* run folders older than this are removed by the next run; 0: keep all */
	} privacy;
};

/* Reads and checks a job file. `base` is where relative paths count from when the file has no `root:` (NULL:
 * the working directory). All errors are ERR_JOB with file:line:column and the nearest known key. Free with
 * job_free(). */
struct job *job_load(const char *path, const char *base, struct error *err) MUST_USE;
void job_free(struct job *job); /* NULL is fine */

const struct tier *job_tier_by_name(const struct job *job, struct strv name);       /* case-blind, or NULL */
const struct tier *job_tier_by_product(const struct job *job, struct strv product); /* case-blind, or NULL */
/* All names that carry an Acronis value, "Tier 0 / Promo"; "value 5 (not in the table)" when none does. */
void job_tier_names(const struct job *job, int acronis, struct strbuf *out);
/* -1 when it is none of CURRENCIES. */
int currency_index(struct strv code);

/* One row a key, for the reference: section.key, type, default, unit, help. Ends with a NULL path. */
struct job_key {
	const char *path;     /* "acronis.timeout" */
	const char *type;     /* "duration", "text", "one of per_gb, per_device", ... */
	const char *fallback; /* "" none, "required" when it must be there */
	const char *help;
};
const struct job_key *job_keys(void);
void job_reference_markdown(struct strbuf *out);       /* the README's table */
void job_man(const char *version, struct strbuf *out); /* tenantry-job.5 */

const char *severity_name(enum severity severity);
bool severity_parse(struct strv text, enum severity *out);

#endif
