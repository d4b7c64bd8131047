/* Walks the accounts of a join, holds each thing against the table of classes and counts what was examined.
 * Coverage closes: every subscription row is examined, quarantined or not compared, and every observed tenant
 * is counted once. */
#include "reconcile/class_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/parallel.h"

/* One share of the accounts and what was found in it: several can be at work, as no account knows of another.
 */
struct classifier {
	const struct reconcile_input *in;
	struct join *join;
	const struct suggestions *suggestions;
	struct reconcile_result *result;
	struct strbuf text;
	struct unit_rows rows;
};

struct shares {
	const struct reconcile_input *in;
	struct join *join;
	const struct suggestions *suggestions;
	struct classifier *items; /* join->parts */
};

/* ---- One finding. */

static const char *keep(struct classifier *c)
{
	struct strv text = strbuf_view(&c->text);
	const char *kept = text.n == 0 ? "" : arena_strndup(c->result->arena, text.p, text.n);

	strbuf_clear(&c->text);
	return kept;
}

static const char *keep_text(struct classifier *c, const char *text)
{
	return text[0] ? arena_strdup(c->result->arena, text) : "";
}

/* What it is about, part of its identity: it must be the same tomorrow. */
static const char *object_of(struct classifier *c, const struct view *view)
{
	const struct quarantined_row *row = view->row;

	if (view->order)
		return keep_text(c, view->order->item->key);
	/* As the subscription that the BSS will have of it. */
	if (view->kind == VIEW_MADE)
		return keep_text(
		    c, view->done->subscription_id[0] ? view->done->subscription_id : view->done->key);
	if (view->billing)
		return keep_text(c, view->billing->object);
	if (row && row->subscription_id[0])
		return keep_text(c, row->subscription_id);
	if (row)
		return arena_printf(c->result->arena, "%s:%lu", row->source, row->line);
	if (view->kind == VIEW_TENANT && view->tenant)
		return keep_text(c, view->tenant->id);
	return view->subscription ? keep_text(c, view->subscription->id) : "";
}

static void set_id(struct finding *finding)
{
	struct strbuf key = {0};

	strbuf_add(&key, finding->account_id, strlen(finding->account_id) + 1);
	strbuf_adds(&key, finding_code_name(finding->code));
	strbuf_addc(&key, '\0');
	strbuf_adds(&key, finding->object);
	snprintf(finding->id, sizeof finding->id, "F-%016" PRIx64, digest_of(strbuf_view(&key)).high);
	strbuf_free(&key);
}

static enum severity severity_of(
    const struct view *view, enum finding_code code, const struct finding_policy *policy)
{
	if (code == FINDING_IMPORT_PENDING &&
	    view->in->now - done_at(view->done) > view->in->job->reconcile.stuck_after_ms)
		return SEVERITY_HIGH;
	return policy->severity;
}

/* What is at stake in the currency that the report is in, and how that was found. */
static void fill_report_money(struct classifier *c, const struct view *view, struct finding *f)
{
	const struct rate *rate;
	char text[MONEY_TEXT_SIZE];

	if (!money_in_report(view, f->at_stake, &f->in_report, &rate) || !rate)
		return;
	strbuf_addf(&c->text, "; at stake %s %s at %s (%s:%lu)", money_text(f->in_report, text),
	    f->in_report.currency, rate->text, rate->source, rate->line);
}

static void fill_texts(
    struct classifier *c, const struct view *view, const struct class *class, struct finding *f)
{
	if (class->at_stake)
		f->at_stake = class->at_stake(view);
	class->expected(view, &c->text);
	f->expected = keep(c);
	class->bss(view, &c->text);
	f->bss = keep(c);
	class->acronis(view, &c->text);
	f->acronis = keep(c);
	fill_sentence(view, class, f, &c->text);
	f->sentence = keep(c);
	fill_evidence(view, f->code, &c->text);
	fill_report_money(c, view, f);
	f->evidence = keep(c);
}

static void add_finding(struct classifier *c, const struct view *seen, enum finding_code code)
{
	struct reconcile_result *result = c->result;
	struct view view = *seen;

	view.suggestions = c->suggestions;
	if (code != FINDING_IMPORT_PENDING && view.kind != VIEW_MADE)
		view.done = class_of(code)->ours ? class_of(code)->ours(&view) : NULL;
	MEM_GROW(result->findings, result->count, result->cap);
	struct finding *f = &result->findings[result->count++];
	*f = (struct finding){.code = code};
	view_tier(&view, &c->text);
	f->tier = keep(c);
	struct finding_policy policy = finding_policy(view.in->job, code, f->tier);
	f->severity = severity_of(&view, code, &policy);
	f->owner = policy.owner;
	f->in_window = class_of(code)->may_lag && view.kind != VIEW_MADE && changed_in_window(&view);
	f->account_id = keep_text(c, view_account_id(&view));
	f->account = keep_text(c, view_account(&view));
	f->subscription_id = keep_text(c, view.subscription        ? view.subscription->id
					  : view.row               ? view.row->subscription_id
					  : view.order             ? view.order->item->subscription_id
					  : view.billing           ? view.billing->subscription_id
					  : view.kind == VIEW_MADE ? view.done->subscription_id
								   : "");
	f->tenant_id = keep_text(c, view.tenant              ? view.tenant->id
				    : view.kind == VIEW_MADE ? view.done->tenant_id
							     : "");
	f->object = object_of(c, &view);
	fill_texts(c, &view, class_of(code), f);
	if (class_of(code)->by_amount && !policy.severity_set)
		f->severity = severity_by_amount(view.in->job, f->at_stake);
	set_id(f);
}

static void hold(struct classifier *c, const struct view *view, struct unit *unit)
{
	for (int code = 0; code < FINDING_COUNT; code++) {
		const struct class *class = class_of((enum finding_code)code);
		if (!(class->on & view->kind) || !class->when(view))
			continue;
		add_finding(c, view, (enum finding_code)code);
		if (unit)
			unit->has_finding = true;
	}
}

/* ---- Views of one account. */

static enum match match_of(const struct join *join, uint32_t s, uint32_t t)
{
	const struct subscription *subscription = &join->in->subscriptions->items[s];

	if (join->subscription_names[s] == t)
		return MATCH_EXTERNAL_ID;
	if (strcmp(join->in->observation->items[t].customer_id, subscription->account_id) == 0)
		return MATCH_CUSTOMER_ID;
	return join->links[t].match == MATCH_EXTERNAL_ID ? MATCH_ACCOUNT : MATCH_LEDGER;
}

/* Of a live subscription whose tier has an amount in its own currency; -1. */
static int commitment_currency(const struct subscription *s)
{
	int currency = s->tier && subscription_is_live(s) ? currency_index(strv_of(s->currency)) : -1;

	return currency >= 0 && s->tier->commitment[currency].currency[0] ? currency : -1;
}

static void count_subscription(struct classifier *c, const struct view *v)
{
	struct coverage *coverage = &c->result->coverage;
	const struct observed_tenant *t = v->tenant;
	enum subscription_status status = v->subscription->status;

	coverage->subscriptions++;
	coverage->subscriptions_examined += v->gap == NULL;
	int currency = commitment_currency(v->subscription);
	if (currency >= 0 && v->gap)
		coverage->commitment[currency].left += v->subscription->tier->commitment[currency].minor;
	else if (currency >= 0)
		coverage->commitment[currency].examined += v->subscription->tier->commitment[currency].minor;
	if (!t || (status != SUBSCRIPTION_ACTIVE && status != SUBSCRIPTION_SUSPENDED))
		return;
	coverage->tiers_compared += t->tier_read && v->subscription->tier;
	coverage->pricing_compared += t->pricing_read;
	coverage->logins_compared += t->login_read && v->subscription->username[0];
	coverage->logins_unread += t->login_failed && v->subscription->username[0];
}

/* Of the subscription that was looked at last. Its account stays one that was compared: what money says of it
 * is said of one month. */
static void look_at_months(struct classifier *c, struct unit *unit, const struct view *seen, uint32_t s)
{
	size_t count;
	const struct billing_entry *entries = billing_entries(c->in->billing, s, &count);
	struct view v = *seen;
	char month[MONTH_TEXT_SIZE];

	v.kind = VIEW_MONTH;
	v.match = MATCH_NONE;
	v.named = NULL;
	v.done = NULL;
	for (size_t i = 0; i < count; i++) {
		v.billing = &entries[i];
		v.gap = entries[i].gap ? arena_printf(c->result->arena, "its billing of %s: %s",
					     month_name(entries[i].month, month), entries[i].gap)
				       : NULL;
		hold(c, &v, unit);
	}
}

/* What invoices say of no subscription of ours, and of all of them together. */
static void look_at_billing(struct classifier *c)
{
	const struct billing *billing = c->in->billing;

	for (size_t i = billing ? billing->of_subscriptions : 0; billing && i < billing->count; i++) {
		const struct billing_entry *entry = &billing->entries[i];
		uint32_t u = entry->account_id[0] ? join_unit(c->join, entry->account_id) : INDEX_NONE;
		struct unit *unit = u == INDEX_NONE ? NULL : &c->join->units[u];
		struct view v = {.kind = VIEW_MONTH,
		    .in = c->in,
		    .join = c->join,
		    .unit = unit,
		    .billing = entry,
		    .gap = entry->gap};
		hold(c, &v, unit);
	}
}

static void look_at_subscription(struct classifier *c, struct unit *unit, struct view *v, uint32_t s)
{
	const struct observed_tenant *tenants = c->in->observation->items;
	uint32_t t = c->join->subscription_tenant[s], named = c->join->subscription_names[s];

	v->kind = VIEW_SUBSCRIPTION;
	v->subscription = &c->in->subscriptions->items[s];
	v->tenant = t == INDEX_NONE ? NULL : &tenants[t];
	/* A tenant of this account that another subscription has is no wrong id: that there are two
	 * subscriptions is the finding. */
	bool other = named != INDEX_NONE && named != t &&
		     (!tenant_is_present(&tenants[named]) ||
			 c->join->links[named].unit != c->join->subscription_unit[s]);
	v->named = other ? &tenants[named] : NULL;
	v->match = t == INDEX_NONE ? MATCH_NONE : match_of(c->join, s, t);
	v->explained = false;
	view_expect(v);
	v->gap = gap_of_subscription(c->result->arena, v);
	v->done = import_waited_for(v);
	unit->not_compared |= v->gap != NULL;
	c->result->coverage.made_lacking += is_lacking(v);
	count_subscription(c, v);
	hold(c, v, unit);
	look_at_months(c, unit, v, s);
}

/* The subscription's own view has counted the details; a tenant counts as examined with its subscription. */
static void look_at_tenant(struct classifier *c, struct unit *unit, struct view *v, uint32_t t)
{
	uint32_t s = c->join->links[t].subscription, done = c->join->links[t].done;
	struct view other = *v;

	v->kind = VIEW_TENANT;
	v->tenant = &c->in->observation->items[t];
	v->subscription = s == INDEX_NONE ? NULL : &c->in->subscriptions->items[s];
	v->named = NULL;
	v->match = s == INDEX_NONE ? MATCH_NONE : match_of(c->join, s, t);
	v->explained = s != INDEX_NONE && v->subscription->status == SUBSCRIPTION_CANCELLED &&
		       c->join->subscription_names[s] == t;
	v->alone = s == INDEX_NONE || c->join->subscription_tenant[s] != t;
	view_expect(v);
	v->done = v->subscription      ? import_waited_for(v)
		  : done == INDEX_NONE ? NULL
				       : &c->in->done_items[done];
	v->gap = gap_of_tenant(v);
	other.subscription = v->subscription;
	other.tenant = v->tenant;
	other.named = NULL;
	bool examined = !v->gap && (s == INDEX_NONE || !gap_of_subscription(c->result->arena, &other));
	c->result->coverage.tenants++;
	c->result->coverage.tenants_examined += examined;
	unit->not_compared |= !examined;
	hold(c, v, unit);
}

/* The account's contract: the live subscription that has the tenant, and only without one the first by
 * preference. */
static const struct subscription *main_subscription_of(const struct join *join, const struct unit_rows *rows)
{
	const struct subscription *items = join->in->subscriptions->items;

	for (size_t i = 0;
	     i < rows->subscription_count && subscription_is_live(&items[rows->subscriptions[i]]); i++)
		if (join->subscription_tenant[rows->subscriptions[i]] != INDEX_NONE)
			return &items[rows->subscriptions[i]];
	return rows->subscription_count > 0 ? &items[rows->subscriptions[0]] : NULL;
}

/* The tenant that the account's contract runs on: others are duplicates of it. */
static const struct observed_tenant *main_tenant_of(const struct join *join, const struct unit_rows *rows)
{
	const struct observed_tenant *items = join->in->observation->items;
	uint32_t first = INDEX_NONE;

	for (size_t i = 0; i < rows->subscription_count; i++) {
		uint32_t s = rows->subscriptions[i], t = join->subscription_tenant[s];
		if (join->in->subscriptions->items[s].status == SUBSCRIPTION_CANCELLED)
			break;
		if (t != INDEX_NONE && tenant_is_present(&items[t]))
			return &items[t];
	}
	for (size_t i = 0; i < rows->tenant_count && first == INDEX_NONE; i++) {
		uint32_t t = rows->tenants[i], s = join->links[t].subscription;
		if (tenant_is_present(&items[t]) && !(s != INDEX_NONE && join->subscription_names[s] == t))
			first = t;
	}
	return first == INDEX_NONE ? NULL : &items[first];
}

/* The account's newest contract of ours that the BSS has not shown yet, unless we ended it since. */
static const struct item_record *made_contract(const struct join *join, const struct unit *unit)
{
	const struct item_record *made = NULL, *ended = NULL;

	for (uint32_t i = unit->done; i != INDEX_NONE; i = join->done_next[i]) {
		const struct item_record *done = &join->in->done_items[i];
		const struct item_record **latest = done->action == ACTION_NEW      ? &made
						    : done->action == ACTION_CANCEL ? &ended
										    : NULL;
		if (latest && (!*latest || done_at(*latest) < done_at(done)))
			*latest = done;
	}
	return made && ended && done_at(ended) >= done_at(made) ? NULL : made;
}

/* A contract that neither side has any more is the journal's alone to miss: its tenant is gone before the BSS
 * imported it. While the tenant is there it is looked at with it. */
static void look_at_made(struct classifier *c, struct unit *unit, const struct view *seen)
{
	const struct item_record *made = made_contract(c->join, unit);

	if (!made || !made->tenant_id[0] || unit->has_live || unit->quarantined != INDEX_NONE ||
	    seen->main_tenant)
		return;
	uint32_t t = observation_find(c->in->observation, &c->join->tenant_index, strv_of(made->tenant_id));
	const struct observed_tenant *tenant = t == INDEX_NONE ? NULL : &c->in->observation->items[t];
	if (tenant && tenant_is_present(tenant))
		return;
	struct view v = {.kind = VIEW_MADE,
	    .in = c->in,
	    .join = c->join,
	    .unit = unit,
	    .done = made,
	    .named = tenant,
	    .gap = tenant ? NULL : gap_of_lacking(c->result->arena, made->tenant_id)};
	c->result->coverage.made_lacking += !tenant;
	unit->not_compared |= !tenant;
	hold(c, &v, unit);
}

static void look_at_unit(struct classifier *c, struct unit *unit)
{
	struct coverage *coverage = &c->result->coverage;
	struct view v = {.in = c->in, .join = c->join, .unit = unit};

	join_rows(c->join, unit, &c->rows);
	join_pair(c->join, &c->rows);
	v.main_subscription = main_subscription_of(c->join, &c->rows);
	v.main_tenant = main_tenant_of(c->join, &c->rows);
	for (size_t i = 0; i < c->rows.subscription_count; i++)
		look_at_subscription(c, unit, &v, c->rows.subscriptions[i]);
	for (size_t i = 0; i < c->rows.tenant_count; i++)
		if (tenant_is_present(&c->in->observation->items[c->rows.tenants[i]]))
			look_at_tenant(c, unit, &v, c->rows.tenants[i]);
	look_at_made(c, unit, &v);
	bool in_bss = unit->subscriptions != INDEX_NONE || unit->quarantined != INDEX_NONE,
	     in_acronis = unit->present_tenants > 0;
	coverage->accounts++;
	coverage->accounts_matched += in_bss && in_acronis;
	coverage->accounts_bss_only += in_bss && !in_acronis;
	coverage->accounts_acronis_only += !in_bss && in_acronis;
	coverage->accounts_neither += !in_bss && !in_acronis;
}

/* A unit's rows are all over the memory; those of some units ahead are asked for early, first the records,
 * then their texts. */
static inline __attribute__((always_inline)) void fetch_ahead(const struct join *join, size_t at)
{
	const struct observed_tenant *tenants = join->in->observation->items;
	const struct subscription *subscriptions = join->in->subscriptions->items;

	if (at + INDEX_AHEAD < join->unit_count) {
		const struct unit *unit = &join->units[at + INDEX_AHEAD];
		if (unit->subscriptions != INDEX_NONE)
			fetch(&subscriptions[unit->subscriptions], sizeof *subscriptions);
		if (unit->tenants != INDEX_NONE) {
			fetch(&tenants[unit->tenants], sizeof *tenants);
			fetch(&join->links[unit->tenants], sizeof *join->links);
		}
	}
	if (at + INDEX_AHEAD / 2 < join->unit_count) {
		const struct unit *unit = &join->units[at + INDEX_AHEAD / 2];
		if (unit->subscriptions != INDEX_NONE)
			fetch(subscriptions[unit->subscriptions].id, USUAL_TEXTS);
		if (unit->tenants != INDEX_NONE)
			fetch(tenants[unit->tenants].id, USUAL_TEXTS);
	}
}

static void look_at_share(void *user, size_t part)
{
	struct shares *shares = user;
	struct classifier *c = &shares->items[part];
	size_t begin, end;

	parallel_share(c->join->unit_count, part, c->join->parts, &begin, &end);
	for (size_t i = begin; i < end; i++) {
		fetch_ahead(c->join, i);
		look_at_unit(c, &c->join->units[i]);
	}
}

static void look_at_rows(struct classifier *c)
{
	const struct subscriptions *subscriptions = c->in->subscriptions;

	for (size_t i = 0; i < subscriptions->quarantined_count; i++) {
		const struct quarantined_row *row = &subscriptions->quarantined[i];
		uint32_t u = join_unit(c->join, row->account_id);
		struct unit *unit = u == INDEX_NONE ? NULL : &c->join->units[u];
		struct view v = {.kind = VIEW_ROW,
		    .in = c->in,
		    .join = c->join,
		    .unit = unit,
		    .row = row,
		    .gap = row->reason};
		hold(c, &v, unit);
	}
	c->result->coverage.subscriptions += subscriptions->quarantined_count;
	c->result->coverage.subscriptions_quarantined = subscriptions->quarantined_count;
}

static void look_at_orders(struct classifier *c)
{
	for (size_t i = 0; i < c->in->pending_count; i++) {
		uint32_t u = join_unit(c->join, c->in->pending[i].item->account_id);
		struct unit *unit = u == INDEX_NONE ? NULL : &c->join->units[u];
		struct view v = {.kind = VIEW_ORDER,
		    .in = c->in,
		    .join = c->join,
		    .unit = unit,
		    .order = &c->in->pending[i]};
		hold(c, &v, unit);
	}
}

/* ---- The whole. */

static int by_severity_account_code_object(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = (int)y->severity - (int)x->severity;

	if (order == 0)
		order = strcmp(x->account_id, y->account_id);
	if (order == 0)
		order = strcmp(finding_code_name(x->code), finding_code_name(y->code));
	if (order == 0)
		order = strcmp(x->object, y->object);
	return order ? order : strcmp(x->evidence, y->evidence);
}

/* The same id twice (a row that stands in the export twice with other content) is one finding. */
static void sort_and_count(struct reconcile_result *result)
{
	size_t kept = 0;

	if (result->count > 1)
		qsort(result->findings, result->count, sizeof *result->findings,
		    by_severity_account_code_object);
	for (size_t i = 0; i < result->count; i++) {
		if (kept > 0 && strcmp(result->findings[kept - 1].id, result->findings[i].id) == 0)
			continue;
		result->findings[kept++] = result->findings[i];
	}
	result->count = kept;
	for (size_t i = 0; i < kept; i++) {
		result->by_code[result->findings[i].code]++;
		result->by_severity[result->findings[i].severity]++;
	}
}

static int64_t permille(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 1000 : (int64_t)(part * 1000 / whole);
}

static void close_coverage(struct classifier *c)
{
	const struct observation *observation = c->in->observation;
	struct coverage *coverage = &c->result->coverage;
	struct reconcile_result *result = c->result;
	size_t not_compared_cap = 0;

	const struct subscriptions *side = c->in->subscriptions;
	for (size_t i = 0; i < side->count; i++) {
		const struct subscription *s = &side->items[i];
		int currency = commitment_currency(s);
		if (currency >= 0)
			coverage->commitment[currency].total += s->tier->commitment[currency].minor;
	}
	coverage->tenants_other = observation->deep_others;
	for (size_t i = 0; i < observation->count; i++) {
		if (!tenant_is_present(&observation->items[i]))
			coverage->tenants_deleted++;
		else if (c->join->links[i].unit == INDEX_NONE)
			coverage->tenants_other++;
	}
	for (size_t i = 0; i < c->join->unit_count; i++) {
		const struct unit *unit = &c->join->units[i];
		coverage->accounts_clean += !unit->has_finding && !unit->not_compared;
		if (!unit->not_compared || !unit->account_id[0])
			continue;
		MEM_GROW(result->not_compared, result->not_compared_count, not_compared_cap);
		result->not_compared[result->not_compared_count++] = keep_text(c, unit->account_id);
	}
	int64_t subscriptions = permille(coverage->subscriptions_examined, coverage->subscriptions);
	int64_t tenants = permille(coverage->tenants_examined, coverage->tenants);
	coverage->permille = subscriptions < tenants ? subscriptions : tenants;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct reconcile_result *result_new(void)
{
	struct reconcile_result *result = mem_zalloc(sizeof *result);

	result->arena = arena_new();
	return result;
}

static void add_coverage(struct coverage *all, const struct coverage *part)
{
	all->subscriptions += part->subscriptions;
	all->subscriptions_examined += part->subscriptions_examined;
	all->tenants += part->tenants;
	all->tenants_examined += part->tenants_examined;
	all->accounts += part->accounts;
	all->accounts_matched += part->accounts_matched;
	all->accounts_bss_only += part->accounts_bss_only;
	all->accounts_acronis_only += part->accounts_acronis_only;
	all->accounts_neither += part->accounts_neither;
	for (size_t i = 0; i < CURRENCY_COUNT; i++) {
		all->commitment[i].examined += part->commitment[i].examined;
		all->commitment[i].left += part->commitment[i].left;
	}
	all->tiers_compared += part->tiers_compared;
	all->pricing_compared += part->pricing_compared;
	all->logins_compared += part->logins_compared;
	all->logins_unread += part->logins_unread;
	all->made_lacking += part->made_lacking;
}

/* What looking at units adds to a result: its findings, and counts. */
static void take_over(struct reconcile_result *all, struct reconcile_result *part)
{
	all->cap = all->count + part->count;
	all->findings = mem_resize(all->findings, all->cap, sizeof *all->findings);
	if (part->count > 0)
		memcpy(all->findings + all->count, part->findings, part->count * sizeof *all->findings);
	all->count = all->cap;
	add_coverage(&all->coverage, &part->coverage);
	arena_take_over(all->arena, part->arena);
	free(part->findings);
	free(part);
}

/* What is no account's, in the first share's hands, and then the accounts, when none has to be looked for any
 * more. */
static struct reconcile_result *classify(struct shares *shares)
{
	for (size_t i = 0; i < shares->join->parts; i++)
		shares->items[i] = (struct classifier){.in = shares->in,
		    .join = shares->join,
		    .suggestions = shares->suggestions,
		    .result = result_new()};
	struct classifier *c = &shares->items[0];
	look_at_rows(c);
	look_at_orders(c);
	look_at_billing(c);
	index_free(&shares->join->unit_index);
	parallel_run(shares->join->parts, look_at_share, shares);
	for (size_t i = 1; i < shares->join->parts; i++)
		take_over(c->result, shares->items[i].result);
	close_coverage(c);
	for (size_t i = 0; i < shares->join->parts; i++) {
		unit_rows_free(&shares->items[i].rows);
		strbuf_free(&shares->items[i].text);
	}
	return c->result;
}

struct reconcile_result *reconcile(const struct reconcile_input *in)
{
	struct join join;

	join_make(&join, in);
	struct suggestions *suggestions = suggestions_make(&join);
	struct shares shares = {.in = in,
	    .join = &join,
	    .suggestions = suggestions,
	    .items = mem_zalloc(join.parts * sizeof *shares.items)};
	struct reconcile_result *result = classify(&shares);
	sort_and_count(result);
	if (result->not_compared_count > 1)
		qsort(
		    result->not_compared, result->not_compared_count, sizeof *result->not_compared, by_text);
	free(shares.items);
	suggestions_free(suggestions);
	join_free(&join);
	return result;
}

void reconcile_result_free(struct reconcile_result *result)
{
	if (!result)
		return;
	arena_free(result->arena);
	free(result->findings);
	free(result->not_compared);
	free(result);
}
