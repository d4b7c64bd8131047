/* Readers of the domain's own values: sources, the Acronis address, tiers, money, steps. Each is the `read`
 * of rows in job_keys.c. What concerns several keys at once (tiers that share a value, ...) is in
 * job_check.c. */
#include <stdlib.h>

#include "job/job_impl.h"
#include "tenantry/digest.h"
#include "tenantry/mem.h"
#include "tenantry/reconcile.h" /* the codes of findings */

/* A list of words out of "a|b|c" as bits; a word given twice is a mistake. */
static int read_words(struct loader *l, const struct node *node, const char *choices, unsigned *bits)
{
	char wanted[128];

	*bits = 0;
	snprintf(wanted, sizeof wanted, "one of %s", choices);
	if (need_list(l, node, "a list") < 0)
		return -1;
	for (const struct node *n = node->first; n; n = n->next) {
		int index = n->kind == NODE_SCALAR ? choice_index(choices, n->text) : -1;
		if (index < 0)
			return wrong_value(l, n, wanted);
		if (*bits & (1u << index))
			return node_error(l, n, "%s is given twice", n->text.p);
		*bits |= 1u << index;
	}
	return 0;
}

int read_steps(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	unsigned bits;

	(void)rule;
	if (read_words(l, node, "validate|provision|reconcile|report", &bits) < 0)
		return -1;
	if (bits == 0)
		return node_error(l, node, "at least one step is needed");
	*(unsigned *)target = bits; /* STEP_VALIDATE is bit 0, and so on in this order */
	return 0;
}

int read_formats(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	unsigned bits;

	(void)rule;
	(void)target;
	if (read_words(l, node, "html|xlsx|csv|json", &bits) < 0)
		return -1;
	l->job->report.html = bits & 1;
	l->job->report.xlsx = bits & 2;
	l->job->report.csv = bits & 4;
	l->job->report.json = bits & 8;
	return 0;
}

/* A connection text may hold a password, so a wrong value is not repeated. */
int read_ledger(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	static const char *const known[] = {"postgresql", NULL};
	struct secret secret = {0};

	if (node->kind == NODE_SCALAR && !strstr(node->text.p, "://") && !strstr(node->text.p, "host="))
		return read_path(l, node, rule, target);
	if (node->kind == NODE_SCALAR) {
		node_error(l, node, "expected the path of the ledger's file, not a database address");
		return error_hint(l->err, "ledger: var/tenantry.db");
	}
	if (need_map(l, node, "a path") < 0 || check_members(l, node, known) < 0)
		return -1;
	if (node->first && read_secret(l, node->first, rule, &secret) < 0)
		return -1;
	node_error(l, node, "a PostgreSQL ledger is not supported by this version");
	return error_hint(l->err, "give the path of a file instead, ledger: var/tenantry.db");
}

int read_source(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	static const char *const known[] = {"csv", "database", "query", NULL};
	struct source_spec *source = target;
	const struct node *csv, *database, *query;

	if (node->kind == NODE_SCALAR && !node_is_empty(node)) {
		wrong_value(l, node, rule->type);
		return error_hint(l->err, "write {csv: PATH}");
	}
	if (need_map(l, node, rule->type) < 0 || check_members(l, node, known) < 0)
		return -1;
	csv = node_member(node, "csv");
	database = node_member(node, "database");
	query = node_member(node, "query");
	if (!csv == !database)
		return node_error(l, node, "expected either csv or database");
	if (query && !database)
		return node_error(l, query, "query goes with database only");
	*source = (struct source_spec){.kind = csv ? SOURCE_CSV : SOURCE_DATABASE, .line = node->line};
	if (csv)
		return read_path(l, csv, rule, &source->csv);
	if (read_text(l, database, rule, &source->database) < 0)
		return -1;
	return query ? read_path(l, query, rule, &source->query) : 0;
}

static int delimiter_of(struct strv text)
{
	if (strv_eq(text, STRV("tab")) || strv_eq(text, STRV("\t")))
		return '\t';
	return text.n == 1 && strchr(",;|", text.p[0]) ? text.p[0] : -1;
}

int read_delimiter(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	int c = node->kind == NODE_SCALAR ? delimiter_of(node->text) : -1;

	if (c < 0) {
		wrong_value(l, node, rule->type);
		return error_hint(l->err, "quote it: delimiter: \";\"");
	}
	*(char *)target = (char)c;
	return 0;
}

int read_delimiter_auto(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	if (node->kind != NODE_SCALAR || !strv_eq(node->text, STRV("auto")))
		return read_delimiter(l, node, rule, target);
	*(char *)target = '\0';
	return 0;
}

/* The site's words come first; the words every site has stay known unless the site gives them another
 * meaning. */
int read_status_map(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	static const char meanings[] = "active|suspended|cancelled|pending|failed";
	static const struct text_pair usual[] = {{"Active", "active"}, {"Suspended", "suspended"},
	    {"Cancelled", "cancelled"}, {"Canceled", "cancelled"}, {"Pending", "pending"},
	    {"Failed", "failed"}, {"Failed sync", "failed"}};
	struct text_pair *pairs;
	size_t count = 0;

	if (need_map(l, node, rule->type) < 0)
		return -1;
	pairs = arena_alloc(l->job->arena, (node->count + ARRAY_LEN(usual)) * sizeof *pairs);
	for (const struct node *n = node->first; n; n = n->next) {
		if (n->kind != NODE_SCALAR || choice_index(meanings, n->text) < 0)
			return wrong_value(l, n, "one of active|suspended|cancelled|pending|failed");
		pairs[count++] = (struct text_pair){
		    arena_strdup(l->job->arena, n->key), arena_strndup(l->job->arena, n->text.p, n->text.n)};
	}
	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		bool given = false;
		for (size_t j = 0; j < node->count; j++)
			given |= strv_eq_nocase(strv_of(pairs[j].from), strv_of(usual[i].from));
		if (!given)
			pairs[count++] = usual[i];
	}
	store_list(target, pairs, count);
	return 0;
}

int read_url(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	const char *why = NULL;
	struct strv url;

	(void)rule;
	if (text_or_env(l, node, "an address such as https://eu2-cloud.acronis.com", &url) < 0)
		return -1;
	l->job->acronis.loopback = url_is_loopback(url, &why);
	if (why) {
		node_error(l, node, "%s", why);
		return error_hint(l->err, "the data centre's address alone: https://eu2-cloud.acronis.com");
	}
	url.n -= url.p[url.n - 1] == '/';
	*(const char **)target = arena_strndup(l->job->arena, url.p, url.n);
	return 0;
}

int read_uuid(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	char text[UUID_TEXT_SIZE];

	(void)rule;
	if (node->kind != NODE_SCALAR || !uuid_normal(node->text, text))
		return wrong_value(l, node, "a tenant's UUID");
	*(const char **)target = arena_strdup(l->job->arena, text);
	return 0;
}

int read_parent(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	if (node->kind != NODE_SCALAR || !strv_eq(node->text, STRV("auto")))
		return read_uuid(l, node, rule, target);
	*(const char **)target = NULL;
	return 0;
}

int read_offering_items(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct offering_item_ref *items = NULL;
	size_t count = 0;
	void *list = NULL;

	l->job->contract.all_offering_items = node->kind == NODE_SCALAR && strv_eq(node->text, STRV("all"));
	if (l->job->contract.all_offering_items)
		return 0;
	if (node->kind != NODE_LIST || node->count == 0)
		return wrong_value(l, node, rule->type);
	if (read_items(l, node, "contract.offering_items[].", sizeof *items, &list, &count) < 0)
		return -1;
	store_list(target, list, count);
	return 0;
}

int read_quota(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct offering_item_ref *item = target;

	item->has_quota = true;
	item->quota = -1;
	if (node->kind == NODE_SCALAR && strv_eq(node->text, STRV("unlimited")))
		return 0;
	if (!scalar_int(node, &item->quota) || item->quota < 0)
		return wrong_value(l, node, rule->type);
	return 0;
}

int read_tiers(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	void *list = NULL;
	size_t count = 0;

	if (node->kind != NODE_LIST || node->count == 0)
		return wrong_value(l, node, rule->type);
	if (read_items(l, node, "contract.tiers[].", sizeof(struct tier), &list, &count) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		((struct tier *)list)[i].index = i;
	store_list(target, list, count);
	return 0;
}

/* An amount is exact decimal text, quoted or not; it never becomes a binary number. */
static int read_amount(struct loader *l, const struct node *node, struct money *table)
{
	int index = currency_index(strv_of(node->key));
	struct money amount;

	if (index < 0) {
		error_set(l->err, ERR_JOB, "unknown currency \"%.16s\"", node->key);
		error_place(l->err, l->path, node->key_line, node->key_column, l->key);
		return error_hint(l->err, "one of USD, EUR, GBP, AUD, JPY, CAD");
	}
	if (node->kind != NODE_SCALAR || !money_parse(node->text, node->key, &amount))
		return wrong_value(l, node,
		    currency_exponent(node->key) ? "an amount such as 250 or 250.00"
						 : "an amount without decimals");
	if (amount.minor < 0)
		return node_error(l, node, "an amount cannot be negative");
	table[index] = amount;
	return 0;
}

int read_commitment(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	if (need_map(l, node, rule->type) < 0)
		return -1;
	for (const struct node *n = node->first; n; n = n->next)
		if (read_amount(l, n, target) < 0)
			return -1;
	return 0;
}

int read_tolerance(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	struct job *job = l->job;

	(void)target;
	if (need_map(l, node, rule->type) < 0)
		return -1;
	for (const struct node *n = node->first; n; n = n->next) {
		if (strcmp(n->key, "percent") != 0) {
			if (read_amount(l, n, job->reconcile.tolerance.absolute) < 0)
				return -1;
			continue;
		}
		if (n->kind != NODE_SCALAR || !is_percentage(n->text))
			return wrong_value(l, n, "a percentage such as 0.5");
		job->reconcile.tolerance.has_percent = true;
		job->reconcile.tolerance.percent = arena_strndup(job->arena, n->text.p, n->text.n);
	}
	return 0;
}

static int need_codes(struct loader *l, const struct node *node, const struct text_list *list, size_t length,
    const char *wanted)
{
	const struct node *n = node->first;

	for (size_t i = 0; i < list->count; i++, n = n->next) {
		if (strlen(list->items[i]) != length)
			return wrong_value(l, n, wanted);
		for (size_t j = 0; j < length; j++)
			if (list->items[i][j] < 'A' || list->items[i][j] > 'Z')
				return wrong_value(l, n, wanted);
	}
	return 0;
}

int read_currencies(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	if (read_text_list(l, node, rule, target) < 0 ||
	    need_codes(l, node, target, 3, "a currency code such as USD, in upper case") < 0)
		return -1;
	return ((struct text_list *)target)->count ? 0
						   : node_error(l, node, "at least one currency is needed");
}

int read_countries(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	if (read_text_list(l, node, rule, target) < 0)
		return -1;
	return need_codes(l, node, target, 2, "a country code such as HK, in upper case");
}

int read_aliases(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	if (read_text_map(l, node, rule, target) < 0)
		return -1;
	for (const struct node *n = node->first; n; n = n->next)
		if (!currency_is_code(strv_of(n->key)) || !currency_is_code(n->text))
			return wrong_value(l, n, rule->type);
	return 0;
}

int read_fail_on(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	(void)target;
	l->job->reconcile.fail_on_never = node->kind == NODE_SCALAR && strv_eq(node->text, STRV("never"));
	if (l->job->reconcile.fail_on_never)
		return 0;
	if (node->kind != NODE_SCALAR || !severity_parse(node->text, &l->job->reconcile.fail_on))
		return wrong_value(l, node, rule->type);
	return 0;
}

int read_severities(struct loader *l, const struct node *node, const struct key_rule *rule, void *target)
{
	static const char *const codes[] = {
#define X(id, code, severity, owner) code,
	    FINDINGS(X)
#undef X
		NULL};
	enum severity severity;

	if (read_text_map(l, node, rule, target) < 0 || check_members(l, node, codes) < 0)
		return -1;
	for (const struct node *n = node->first; n; n = n->next)
		if (!severity_parse(n->text, &severity))
			return wrong_value(l, n, "one of info|low|medium|high");
	return 0;
}
