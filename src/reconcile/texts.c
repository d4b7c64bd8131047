/* What people read of a finding: the sentence from its template, and the evidence: where in which source each
 * side says it. */
#include "reconcile/class_impl.h"

#include <inttypes.h>

const char *view_account_id(const struct view *view)
{
	if (view->unit)
		return view->unit->account_id;
	if (view->order)
		return view->order->item->account_id;
	if (view->billing)
		return view->billing->account_id;
	return view->row ? view->row->account_id : "";
}

const char *view_account(const struct view *view)
{
	if (view->subscription && view->subscription->account[0])
		return view->subscription->account;
	if (view->order && view->order->item->account[0])
		return view->order->item->account;
	if (view->main_subscription && view->main_subscription->account[0])
		return view->main_subscription->account;
	if (view->tenant && view->tenant->name[0])
		return view->tenant->name;
	return view->done ? view->done->account : "";
}

void add_day(struct strbuf *out, int64_t ms)
{
	char text[DATE_TEXT_SIZE];

	strbuf_adds(out, ms ? date_text(date_of_ms(ms), text) : "an unknown day");
}

void add_tier_value(struct strbuf *out, const struct job *job, int64_t value)
{
	bool named = false;

	for (size_t i = 0; i < job->contract.tier_count; i++)
		named |= job->contract.tiers[i].acronis == value;
	if (!named) {
		strbuf_addf(out, "value %" PRId64 " (not in the table)", value);
		return;
	}
	job_tier_names(job, (int)value, out);
	strbuf_addf(out, " (value %" PRId64 ")", value);
}

int64_t order_since(const struct pending_order *order)
{
	int64_t due = date_is_set(order->due) ? date_to_ms(order->due) : 0;

	return due > order->since ? due : order->since;
}

static void add_account(struct strbuf *out, const struct view *view)
{
	size_t before = out->n;
	const char *id = view_account_id(view);

	name_add(out, strv_of(view_account(view)));
	if (out->n > before)
		return;
	if (id[0])
		strbuf_addf(out, "Account %s", id);
	else if (view->billing)
		strbuf_adds(out, view->billing->subject);
	else
		strbuf_adds(out, view->row ? "A subscription without an account" : "A tenant without a name");
}

/* "The suspension of Example Ltd", "the suspension order O-1". */
static const char *action_noun(enum action action)
{
	static const char *const nouns[ACTION_COUNT] = {[ACTION_SUSPEND] = "suspension",
	    [ACTION_REACTIVATE] = "reactivation",
	    [ACTION_CANCEL] = "cancellation"};

	return nouns[action] ? nouns[action] : action_name(action);
}

static void add_deed(struct strbuf *out, const struct view *view)
{
	if (view->done->action == ACTION_NEW) {
		add_account(out, view);
		strbuf_adds(out, " was provisioned");
		return;
	}
	strbuf_addf(out, "The %s of ", action_noun(view->done->action));
	add_account(out, view);
	strbuf_adds(out, " was done in Acronis");
}

static void add_since(struct strbuf *out, const struct view *view)
{
	const struct subscription *s = view->subscription;

	if (view->done)
		add_day(out, done_at(view->done));
	else if (view->order)
		add_day(out, view->order->parked_at ? view->order->parked_at : order_since(view->order));
	else
		add_day(out, s->updated_at                ? s->updated_at
			     : date_is_set(s->start_date) ? date_to_ms(s->start_date)
							  : 0);
}

static void add_order(struct strbuf *out, const struct view *view)
{
	if (view->order)
		strbuf_addf(out, "The %s order %s of ", action_noun(view->order->item->action),
		    view->order->item->order_id);
	else
		strbuf_addf(out, "Subscription %s of ", view->subscription->id);
	add_account(out, view);
}

static void add_billing(struct strbuf *out, const struct view *view)
{
	struct strbuf account = {0};

	add_account(&account, view);
	tell_billing(view, account.p ? account.p : "", out);
	strbuf_free(&account);
}

static void add_word(
    struct strbuf *out, const struct view *view, const struct finding *finding, struct strv word)
{
	char money[MONEY_TEXT_SIZE];

	if (strv_eq(word, STRV("account")))
		add_account(out, view);
	else if (strv_eq(word, STRV("bss")))
		strbuf_adds(out, finding->bss);
	else if (strv_eq(word, STRV("waiting")))
		strbuf_adds(out, strcmp(finding->bss, "failed") == 0 ? "failing" : finding->bss);
	else if (strv_eq(word, STRV("acronis")))
		strbuf_adds(out, finding->acronis);
	else if (strv_eq(word, STRV("expected")))
		strbuf_adds(out, finding->expected);
	else if (strv_eq(word, STRV("money")))
		strbuf_addf(out, "%s %s", money_text(finding->at_stake, money), finding->at_stake.currency);
	else if (strv_eq(word, STRV("gap")))
		strbuf_adds(out, view->gap);
	else if (strv_eq(word, STRV("deed")))
		add_deed(out, view);
	else if (strv_eq(word, STRV("since")))
		add_since(out, view);
	else if (strv_eq(word, STRV("order")))
		add_order(out, view);
	else if (strv_eq(word, STRV("billing")))
		add_billing(out, view);
}

void fill_sentence(
    const struct view *view, const struct class *class, const struct finding *finding, struct strbuf *out)
{
	bool has_money = finding->at_stake.currency[0] && finding->at_stake.minor != 0;

	const char *template = class->sentence_ours && view->done ? class->sentence_ours : class->sentence;

	for (const char *p = template; *p; p++) {
		if (*p == '[' && !has_money) {
			p += strcspn(p, "]");
		} else if (*p == '{') {
			size_t n = strcspn(p, "}");
			add_word(out, view, finding, (struct strv){p + 1, n - 1});
			p += n;
		} else if (*p != '[' && *p != ']') {
			strbuf_addc(out, *p);
		}
	}
}

static void add_part(struct strbuf *out)
{
	if (out->n > 0)
		strbuf_adds(out, "; ");
}

static void add_tenant_evidence(
    struct strbuf *out, const struct view *view, const struct observed_tenant *tenant, const char *reads)
{
	const struct observation *observation = view->in->observation;
	bool setting = reads[0] && reads[0] != '/', counted = strcmp(reads, "/usages") == 0;
	char time[TIME_TEXT_SIZE];

	add_part(out);
	if (strncmp(observation->source, "http", 4) != 0)
		strbuf_addf(out, "%s: tenant %s", observation->source[0] ? observation->source : "tenants",
		    tenant->id);
	else if (setting)
		strbuf_addf(out, "GET /applications/{platform}/settings/tenants/%s/%s", tenant->id, reads);
	else if (counted)
		strbuf_addf(out, "GET /tenants/usages?tenants=%s", tenant->id);
	else if (reads[0] || !observation->base_run[0])
		strbuf_addf(out, "GET /tenants/%s%s", tenant->id, reads);
	else
		strbuf_addf(out, "tenant %s, with the list of changes", tenant->id);
	strbuf_addf(out, " at %s",
	    time_text(reads[0] && !counted && tenant->details_at ? tenant->details_at : observation->taken_at,
		time));
}

static void add_suggestion(struct strbuf *out, const struct view *view, enum finding_code code)
{
	const struct subscription *subscription;
	const struct observed_tenant *tenant;
	const char *why;

	if (code == FINDING_SUBSCRIPTION_MISSING &&
	    (subscription = suggest_for_tenant(view->suggestions, view->tenant, &why)))
		strbuf_addf(out, "; perhaps account %s, subscription %s (same %s)", subscription->account_id,
		    subscription->id, why);
	if (code == FINDING_TENANT_MISSING && view->subscription &&
	    (tenant = suggest_for_subscription(view->suggestions, view->subscription, &why)))
		strbuf_addf(out, "; perhaps tenant %s (same %s)", tenant->id, why);
}

static void add_listing_evidence(struct strbuf *out, const struct view *view)
{
	const struct observation *observation = view->in->observation;
	char time[TIME_TEXT_SIZE];

	add_part(out);
	if (strncmp(observation->source, "http", 4) == 0)
		strbuf_addf(out, "GET /tenants?subtree_root_id=%s at %s", observation->parent,
		    time_text(observation->taken_at, time));
	else
		strbuf_addf(out, "%s at %s", observation->source[0] ? observation->source : "tenants",
		    time_text(observation->taken_at, time));
}

void fill_evidence(const struct view *view, enum finding_code code, struct strbuf *out)
{
	const char *reads = class_of(code)->reads;
	static const char *const matches[] = {[MATCH_NONE] = "",
	    [MATCH_EXTERNAL_ID] = "matched by external id",
	    [MATCH_CUSTOMER_ID] = "matched by customer id",
	    [MATCH_LEDGER] = "matched by the ledger's memory",
	    [MATCH_ACCOUNT] = "named by another subscription of the account"};

	if (view->row)
		strbuf_addf(out, "%s:%lu", view->row->source, view->row->line);
	if (view->subscription)
		strbuf_addf(out, "%s:%u", view->subscription->source, view->subscription->line);
	if (view->billing)
		add_billing_evidence(out, view);
	if (view->order) {
		add_part(out);
		strbuf_addf(out, "%s:%lu", view->order->item->source, view->order->item->line);
	}
	if (reads && view->tenant)
		add_tenant_evidence(out, view, view->tenant, reads);
	if (view->named)
		add_tenant_evidence(out, view, view->named, "");
	if (reads && (view->subscription || view->kind == VIEW_MADE) && !view->tenant && !view->named)
		add_listing_evidence(out, view);
	if (view->subscription && view->tenant && view->match != MATCH_NONE)
		strbuf_addf(out, "; %s", matches[view->match]);
	if (view->done)
		strbuf_addf(out, "; ledger: order item %s done", view->done->key);
	if (view->suggestions)
		add_suggestion(out, view, code);
}
