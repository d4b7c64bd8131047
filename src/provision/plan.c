/* What to do about each accepted order, as data. Pure: all that is known was loaded before (facts, ledger
 * records, world), so that `plan`, a dry run and the run itself decide alike and a test needs no Acronis.
 *
 * The rules (design section 6, domain notes section 2): a tenant is ours by the ledger, by the subscription's
 * external id or by our tag; the same account id alone is not enough. What a person has to look at is parked
 * here, before anything is sent. */
#include "plan_impl.h"

#include <stdlib.h>
#include <strings.h>

#include "tenantry/mem.h"
#include "tenantry/same_order.h"
#include "tenantry/tier_proof.h"

/* What this plan will already have done to an account when a later item of the same night comes to it. */
struct prior {
	const char *account_id, *tenant_id, *subscription_id, *made_by;
	const struct tier *tier;
	bool contract; /* made in this plan */
};

struct planning {
	const struct job *job;
	const struct facts *facts;
	const struct world *world;
	struct date today;
	const struct plan_gate *gate; /* NULL */
	struct plan *plan;
	struct prior *priors; /* open addressing by account id */
	size_t prior_slots;   /* a power of two, at most half full */
};

/* One item under decision. */
struct subject {
	const struct planning *planning;
	const struct order_item *item;
	const struct item_record *record; /* NULL none */
	const struct subscription *subscription;
	const struct known_tenant *known;
	struct prior *prior;
	const struct acronis_tenant *tenant; /* as the world has it; NULL */
	struct plan_action *action;
	bool let_pass; /* a person let it pass the gate */
};

static struct prior *prior_of(struct planning *p, const char *account_id)
{
	size_t at = (size_t)digest64(strv_of(account_id)) & (p->prior_slots - 1);

	while (p->priors[at].account_id && strcmp(p->priors[at].account_id, account_id) != 0)
		at = (at + 1) & (p->prior_slots - 1);
	p->priors[at].account_id = account_id;
	return &p->priors[at];
}

/* Has work on the item begun, so that its content may not change any more? An accepted one waits for its day,
 * was not come to, or a person decided how to go on with it: then the steps tell. */
static bool begun(const struct item_record *record)
{
	if (!record || record->state == ITEM_RECEIVED || record->state == ITEM_REJECTED)
		return false;
	if (record->state == ITEM_ACCEPTED)
		return record->step > STEP_SUBSCRIPTION;
	return record->state == ITEM_RUNNING || record->state == ITEM_DONE ||
	       record->step > STEP_SUBSCRIPTION || record->tenant_id[0] ||
	       fail_reason_parse(record->reason) == FAIL_IN_DOUBT;
}

/* ---- Whose subscription, which tiers. */

static const char *own_subscription(const struct order_item *item, struct arena *arena)
{
	char text[UUID_TEXT_SIZE];

	return arena_strdup(arena, uuid_from_name("subscription", strv_of(item->key), text));
}

static bool tier_is_higher(const struct tier *a, const struct tier *b)
{
	return a->acronis != b->acronis ? a->acronis > b->acronis : a->index > b->index;
}

/* A second contract is a tier change where the job says so (rules.second_contract). */
static void turn_into_tier_change(struct subject *s, const char *subscription_id, const struct tier *from)
{
	s->action->action =
	    from && s->item->tier && tier_is_higher(from, s->item->tier) ? ACTION_DOWNGRADE : ACTION_UPGRADE;
	s->action->subscription_id = subscription_id;
	s->action->from = from;
}

static void find_contract_of_new(struct subject *s)
{
	const struct planning *p = s->planning;
	const char *own = own_subscription(s->item, p->plan->arena);
	const struct subscription *live = facts_live_subscription(p->facts, strv_of(s->item->account_id));
	bool other = live && strcmp(live->id, own) != 0;

	s->action->subscription_id = own;
	if (p->job->rules.second_contract == SECOND_CONTRACT_TIER_CHANGE &&
	    !(s->record && begun(s->record) && s->record->action == ACTION_NEW)) {
		if (s->prior->contract) {
			turn_into_tier_change(s, s->prior->subscription_id, s->prior->tier);
			return;
		}
		if (other) {
			s->subscription = live;
			turn_into_tier_change(s, live->id, s->prior->tier ? s->prior->tier : live->tier);
			return;
		}
	}
	s->subscription = facts_subscription(p->facts, strv_of(own));
}

static void find_contract_of_change(struct subject *s)
{
	const struct planning *p = s->planning;

	s->subscription = s->item->subscription_id[0]
			      ? facts_subscription(p->facts, strv_of(s->item->subscription_id))
			      : facts_live_subscription(p->facts, strv_of(s->item->account_id));
	s->action->subscription_id = s->item->subscription_id[0] ? s->item->subscription_id
				     : s->subscription           ? s->subscription->id
								 : "";
	s->action->from = s->prior->tier ? s->prior->tier : s->subscription ? s->subscription->tier : NULL;
	if (!s->action->from && s->known)
		s->action->from = s->known->tier;
}

static void find_contract(struct subject *s)
{
	const struct order_item *item = s->item;
	struct plan_action *action = s->action;

	action->action = item->action;
	if (item->action == ACTION_NEW)
		find_contract_of_new(s);
	else
		find_contract_of_change(s);
	action->login = item->login[0]                                    ? item->login
			: s->subscription && s->subscription->username[0] ? s->subscription->username
			: s->known                                        ? s->known->login
									  : "";
	action->currency = item->currency[0] ? item->currency
			   : s->subscription ? s->subscription->currency
					     : "";
	action->started =
	    action->action == ACTION_NEW || !s->subscription ? item->start_date : s->subscription->start_date;
}

/* ---- Which tenant. */

static const char *external_id(const struct subject *s)
{
	return s->subscription && uuid_is(strv_of(s->subscription->external_id))
		   ? s->subscription->external_id
		   : "";
}

static const char *first_of(const char *a, const char *b, const char *c, const char *d)
{
	return a && a[0] ? a : b && b[0] ? b : c && c[0] ? c : d ? d : "";
}

static void find_tenant(struct subject *s)
{
	const struct planning *p = s->planning;
	struct plan_action *action = s->action;
	const char *recorded = s->record ? s->record->tenant_id : "",
		   *known = s->known ? s->known->tenant_id : "";
	const struct acronis_tenant *tagged =
	    p->world && action->action == ACTION_NEW ? world_by_tag(p->world, s->item->key) : NULL;

	/* What a person adopted is both the item's and the account's: it goes before the BSS's external id.
	 */
	bool settled = recorded[0] && strv_eq_nocase(strv_of(recorded), strv_of(known));
	if (action->action == ACTION_NEW)
		action->tenant_id = first_of(recorded, tagged ? tagged->id : "", external_id(s), known);
	else if (settled)
		action->tenant_id = recorded;
	else
		action->tenant_id = first_of(external_id(s), recorded, s->prior->tenant_id, known);
	s->tenant = p->world && action->tenant_id[0] ? world_by_id(p->world, action->tenant_id) : NULL;

	bool same_tenant =
	    s->known && strv_eq_nocase(strv_of(s->known->tenant_id), strv_of(action->tenant_id));
	action->tenant_is_known = same_tenant;
	bool same_login = same_tenant && strv_eq_nocase(strv_of(s->known->login), strv_of(action->login));
	action->user_id =
	    first_of(s->record ? s->record->user_id : "", same_login ? s->known->user_id : "", "", "");
	/* The ledger's tenant belongs to the newest contract of the account: a `new` makes it its own. */
	action->made_by = action->action == ACTION_NEW ? s->item->key
						       : first_of(same_tenant ? s->known->item_key : "",
							     s->prior->made_by, s->item->key, "");
}

/* ---- What a person has to decide: the first line that holds parks the item. */

static bool order_changed(const struct subject *s)
{
	return s->record && begun(s->record) && order_item_changed(s->item, s->record);
}

/* A slip in the export must not switch off, or put on another tier, somebody else: what the tenant itself
 * says goes before the external id, and only what was made for the account or adopted by a person goes before
 * that. */
static bool tenant_of_another(const struct subject *s)
{
	const struct acronis_tenant *tenant = s->tenant;
	struct strv account = strv_of(s->item->account_id);

	if (!tenant || s->action->tenant_is_known || strcmp(tenant->internal_tag, s->item->key) == 0)
		return false;
	if (strv_trim(strv_of(tenant->customer_id)).n > 0)
		return tenant_names_another(tenant, s->item->account_id);
	/* It says of nobody that it is theirs: then the records must not say so of two. */
	return facts_tenant_rival(s->planning->facts, strv_of(tenant->id), account).n > 0;
}

static bool external_id_differs(const struct subject *s)
{
	const char *external = external_id(s);

	return s->known && s->known->tenant_id[0] && external[0] &&
	       strv_eq_nocase(strv_of(s->action->tenant_id), strv_of(external)) &&
	       !s->action->tenant_is_known;
}

/* Before the tenant is looked at: what holds it back is settled for all such orders at once, and then they go
 * on by themselves. */
static bool tier_unproved(const struct subject *s)
{
	const struct plan_gate *gate = s->planning->gate;

	if (!gate || !gate->tiers_unproved || s->let_pass || !s->item->tier || !tier_is_paid(s->item->tier))
		return false;
	return !s->record || s->record->step < STEP_CONTRACT;
}

static bool tenant_deleted(const struct subject *s)
{
	return s->tenant && s->tenant->deleted_at[0];
}

static bool tenant_moved(const struct subject *s)
{
	return s->tenant &&
	       !strv_eq_nocase(strv_of(s->tenant->parent_id), strv_of(world_parent(s->planning->world)));
}

static bool tenant_disabled(const struct subject *s)
{
	return s->tenant && !s->tenant->enabled;
}

/* A list that lacks it proves nothing: it was asked for by its id, and answered that it is not there. Where
 * nobody has asked, apply does. */
static bool tenant_not_found(const struct subject *s)
{
	const char *id = s->action->tenant_id;

	if (s->prior->contract)
		return false;
	if (!id[0])
		return true;
	return s->planning->world && !s->tenant && world_is_absent(s->planning->world, id);
}

static bool tenant_exists(const struct subject *s)
{
	const struct world *world = s->planning->world;
	const struct acronis_tenant *tenant =
	    world && !s->action->tenant_id[0] ? world_by_customer(world, s->item->account_id) : NULL;

	return tenant && tenant->deleted_at[0] == '\0';
}

static bool name_clash(const struct subject *s)
{
	return s->planning->world && !s->action->tenant_id[0] &&
	       world_by_name(s->planning->world, s->item->account);
}

enum {
	NEW = 1 << ACTION_NEW,
	TIER = 1 << ACTION_UPGRADE | 1 << ACTION_DOWNGRADE,
	CHANGE = TIER | 1 << ACTION_SUSPEND | 1 << ACTION_REACTIVATE | 1 << ACTION_CANCEL
};
static const struct {
	int actions;
	bool (*holds)(const struct subject *);
	enum park_reason park;
} checks[] = {
    {NEW | CHANGE, order_changed, PARK_ORDER_CHANGED},
    {NEW | TIER, tier_unproved, PARK_TIER_UNPROVED},
    {NEW | CHANGE, tenant_of_another, PARK_TENANT_OF_ANOTHER},
    {NEW | CHANGE, external_id_differs, PARK_EXTERNAL_ID_DIFFERS},
    {NEW | CHANGE, tenant_deleted, PARK_TENANT_DELETED},
    {NEW | CHANGE, tenant_moved, PARK_TENANT_MOVED},
    {NEW | TIER, tenant_disabled, PARK_TENANT_DISABLED},
    {CHANGE, tenant_not_found, PARK_TENANT_NOT_FOUND},
    {NEW, tenant_exists, PARK_TENANT_EXISTS},
    {NEW, name_clash, PARK_NAME_CLASH},
};

static enum park_reason reason_to_park(const struct subject *s)
{
	for (size_t i = 0; i < ARRAY_LEN(checks); i++)
		if (checks[i].actions & 1 << s->action->action && checks[i].holds(s))
			return checks[i].park;
	return PARK_NONE;
}

/* The tenant that is in the way. */
static const char *blocker_of(const struct subject *s, enum park_reason reason)
{
	const struct world *world = s->planning->world;

	if (reason == PARK_TENANT_EXISTS)
		return world_by_customer(world, s->item->account_id)->id;
	if (reason == PARK_NAME_CLASH)
		return world_by_name(world, s->item->account)->id;
	if (reason == PARK_TIER_UNPROVED)
		return "";
	return s->tenant ? s->tenant->id : "";
}

/* ---- When. */

/* At once means when it was ordered for; a Start Date in the future is such an order. "The next first" is the
 * first of a month after the order date; a Start Date that is a first is that day itself. */
static struct date day_of_change(const struct subject *s, enum change_timing timing)
{
	struct date start = s->item->start_date, ordered = s->item->order_date;

	if (timing == CHANGE_AT_ONCE)
		return date_is_set(start) && date_compare(start, s->planning->today) > 0 ? start
											 : s->planning->today;
	if (date_is_set(start))
		return start.day == 1 ? start : date_next_first(start);
	return date_next_first(date_is_set(ordered) ? ordered : s->planning->today);
}

/* Every action waits for its day: a contract that begins next month has no tenant and no mail today, and one
 * that ends at the end of the year runs until then. */
static bool is_later(struct subject *s)
{
	const struct job *job = s->planning->job;
	struct plan_action *action = s->action;
	bool is_tier_change = (TIER & 1 << action->action) != 0;
	enum change_timing timing = !is_tier_change                    ? CHANGE_AT_ONCE
				    : action->action == ACTION_UPGRADE ? job->contract.upgrade
								       : job->contract.downgrade;
	struct date day = day_of_change(s, timing);

	if (is_tier_change)
		action->effective = day;
	if (begun(s->record) || date_compare(s->planning->today, day) >= 0)
		return false;
	action->due = day;
	return true;
}

/* ---- One item. */

/* The item does not get a tenant that is not its account's: a later run must not take it for a known one. */
static void park(struct plan_action *action, enum park_reason reason, const char *blocker)
{
	action->park = reason;
	action->blocker = blocker;
	action->verdict = PLAN_PARK;
	if (reason == PARK_TENANT_OF_ANOTHER || reason == PARK_EXTERNAL_ID_DIFFERS ||
	    reason == PARK_TIER_UNPROVED)
		action->tenant_id = action->user_id = "";
}

static void decide(struct subject *s)
{
	struct plan_action *action = s->action;
	bool again = s->record && (s->record->state == ITEM_RUNNING || s->record->state == ITEM_FAILED ||
				      s->record->state == ITEM_PARKED || s->record->state == ITEM_DONE ||
				      begun(s->record));

	find_contract(s);
	find_tenant(s);
	action->after = again ? s->record->step : STEP_NONE;
	if (is_later(s)) {
		action->verdict = PLAN_DEFER;
		return;
	}
	enum park_reason reason = reason_to_park(s);
	if (reason != PARK_NONE)
		park(action, reason, blocker_of(s, reason));
	else
		action->verdict = again ? PLAN_RESUME : PLAN_DO;
}

static void note_prior(const struct subject *s)
{
	const struct plan_action *action = s->action;
	struct prior *prior = s->prior;

	if (action->verdict != PLAN_DO && action->verdict != PLAN_RESUME)
		return;
	if (action->tenant_id[0])
		prior->tenant_id = action->tenant_id;
	prior->subscription_id = action->subscription_id;
	prior->made_by = action->made_by;
	if (action->action == ACTION_NEW)
		prior->contract = true;
	if (s->item->tier && (action->action == ACTION_NEW || TIER & 1 << action->action))
		prior->tier = s->item->tier;
}

/* The plan outlives what it was made from. */
static void keep_texts(struct plan_action *action, struct arena *arena)
{
	action->tenant_id = arena_strdup(arena, action->tenant_id);
	action->user_id = arena_strdup(arena, action->user_id);
	action->subscription_id = arena_strdup(arena, action->subscription_id);
	action->login = arena_strdup(arena, action->login);
	action->currency = arena_strdup(arena, action->currency);
	action->made_by = arena_strdup(arena, action->made_by);
	action->blocker = arena_strdup(arena, action->blocker ? action->blocker : "");
	plan_say(action, arena);
}

static void plan_item(
    struct planning *p, const struct order_item *item, const struct item_record *record, bool let_pass)
{
	struct plan *plan = p->plan;

	MEM_GROW(plan->actions, plan->count, plan->cap);
	struct plan_action *action = &plan->actions[plan->count++];
	*action = (struct plan_action){.item = order_item_keep(plan->arena, item)};
	struct subject s = {.planning = p,
	    .item = action->item,
	    .record = record,
	    .known = facts_tenant(p->facts, strv_of(item->account_id)),
	    .prior = prior_of(p, action->item->account_id),
	    .action = action,
	    .let_pass = let_pass};
	decide(&s);
	keep_texts(action, plan->arena);
	note_prior(&s);
	plan->to_do += action->verdict == PLAN_DO || action->verdict == PLAN_RESUME;
	plan->deferred += action->verdict == PLAN_DEFER;
	plan->parked += action->verdict == PLAN_PARK;
}

/* ---- All items: one tenant is one account's. */

static bool acts_on_tenant(const struct plan_action *action)
{
	return (action->verdict == PLAN_DO || action->verdict == PLAN_RESUME) && action->tenant_id[0];
}

static int by_tenant(const void *a, const void *b)
{
	const struct plan_action *x = *(struct plan_action *const *)a, *y = *(struct plan_action *const *)b;

	return strcasecmp(x->tenant_id, y->tenant_id);
}

static void park_shared(struct plan *plan, struct plan_action **actions, size_t count)
{
	bool shared = false;

	for (size_t i = 1; i < count; i++)
		shared = shared || strcmp(actions[i]->item->account_id, actions[0]->item->account_id) != 0;
	for (size_t i = 0; shared && i < count; i++) {
		park(actions[i], PARK_TENANT_OF_ANOTHER, actions[i]->tenant_id);
		plan_say(actions[i], plan->arena);
		plan->to_do--;
		plan->parked++;
	}
}

/* Which of the accounts is right cannot be told here, so none of them gets it. */
static void park_shared_tenants(struct plan *plan)
{
	struct plan_action **actions = mem_zalloc((plan->count + 1) * sizeof *actions);
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (acts_on_tenant(&plan->actions[i]))
			actions[count++] = &plan->actions[i];
	if (count > 0)
		qsort(actions, count, sizeof *actions, by_tenant);
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count && by_tenant(&actions[first], &actions[end]) == 0; end++)
			;
		park_shared(plan, actions + first, end - first);
	}
	free(actions);
}

static void digest_plan(struct plan *plan)
{
	struct strbuf line = {0};
	struct digest_stream *stream = digest_stream_new();
	char due[DATE_TEXT_SIZE];

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_action *a = &plan->actions[i];
		strbuf_clear(&line);
		strbuf_addf(&line, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%d\n%s\n%s\n", a->item->key,
		    a->item->digest, action_name(a->action), plan_verdict_name(a->verdict),
		    park_reason_code(a->park), a->tenant_id, a->user_id, a->subscription_id,
		    a->item->tier ? a->item->tier->acronis : -99, date_text(a->due, due),
		    step_name(a->after));
		digest_stream_add(stream, strbuf_view(&line));
	}
	digest_text(digest_stream_end(stream), plan->digest);
	strbuf_free(&line);
}

struct plan *plan_make(const struct job *job, const struct order_item *const *items,
    const struct item_record *const *records, size_t count, const struct facts *facts,
    const struct world *world, struct date today, const struct plan_gate *gate)
{
	struct planning p = {
	    .job = job, .facts = facts, .world = world, .today = today, .gate = gate, .prior_slots = 16};

	while (p.prior_slots < count * 2)
		p.prior_slots *= 2;
	p.priors = mem_zalloc(p.prior_slots * sizeof *p.priors);
	p.plan = mem_zalloc(sizeof *p.plan);
	p.plan->arena = arena_new();
	for (size_t i = 0; i < count; i++)
		plan_item(
		    &p, items[i], records ? records[i] : NULL, gate && gate->let_pass && gate->let_pass[i]);
	park_shared_tenants(p.plan);
	digest_plan(p.plan);
	free(p.priors);
	return p.plan;
}

/* The order as the ledger remembers it: enough to say what it was, not to do it. */
static struct order_item *remembered_item(
    const struct job *job, const struct item_record *record, struct arena *arena)
{
	struct order_item item = {.key = record->key,
	    .order_id = record->order_id,
	    .item_id = record->item_id,
	    .parent_order_id = record->parent_order_id,
	    .account_id = record->account_id,
	    .account = record->account,
	    .email = "",
	    .login = record->login,
	    .first_name = "",
	    .last_name = "",
	    .phone = "",
	    .address1 = "",
	    .address2 = "",
	    .city = "",
	    .region = "",
	    .post_code = "",
	    .country = "",
	    .subscription_id = record->subscription_id,
	    .product_code = "",
	    .tier_text = record->tier,
	    .action = record->action,
	    .tier = job_tier_by_name(job, strv_of(record->tier)),
	    .source = record->source,
	    .line = record->line};

	snprintf(item.currency, sizeof item.currency, "%s", record->currency);
	snprintf(item.digest, sizeof item.digest, "%s", record->digest);
	if (!date_parse(strv_of(record->start_date), &item.start_date))
		item.start_date = (struct date){0};
	return order_item_keep(arena, &item);
}

static void add_remembered(struct plan *plan, const struct job *job, const struct item_record *record,
    enum plan_verdict verdict, enum park_reason park)
{
	MEM_GROW(plan->actions, plan->count, plan->cap);
	struct plan_action *action = &plan->actions[plan->count++];

	*action = (struct plan_action){.item = remembered_item(job, record, plan->arena),
	    .action = record->action,
	    .verdict = verdict,
	    .park = park,
	    .remembered = true,
	    .tenant_id = record->tenant_id,
	    .user_id = record->user_id,
	    .subscription_id = record->subscription_id,
	    .login = record->login,
	    .currency = record->currency,
	    .made_by = record->key,
	    .after = record->step};
	action->started = action->item->start_date;
	keep_texts(action, plan->arena);
	digest_plan(plan);
}

void plan_add_gone(struct plan *plan, const struct job *job, const struct item_record *record)
{
	add_remembered(plan, job, record, PLAN_PARK, PARK_ORDER_GONE);
	plan->parked++;
}

void plan_add_open(struct plan *plan, const struct job *job, const struct item_record *record)
{
	add_remembered(plan, job, record, PLAN_RESUME, PARK_NONE);
	plan->to_do++;
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	arena_free(plan->arena);
	free(plan->actions);
	free(plan);
}
