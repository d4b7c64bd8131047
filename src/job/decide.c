/* A parked item and what a person decided about it: which item is meant, whether the decision settles it, and
 * what the ledger is told so that the next run does the rest. Nothing here changes Acronis. Which tenants may
 * be adopted is in adopt.c. */
#include "decide_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"
#include "tenantry/order_key.h"
#include "tenantry/report.h"

/* ---- Which item. */

struct matches {
	struct arena *arena;
	const char *order;
	struct item_record *items;
	size_t count, cap;
};

static int add_match(void *user, const struct item_record *item)
{
	struct matches *m = user;

	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->items[i].key, item->key) == 0)
			return 0;
	MEM_GROW(m->items, m->count, m->cap);
	m->items[m->count] = *item;
	item_record_keep(&m->items[m->count++], m->arena);
	return 0;
}

static int match_key(struct deciding *d, struct matches *m, const char *key, struct error *err)
{
	struct item_record item;
	int found = ledger_item_get(d->ledger, key, d->arena, &item, err);

	return found > 0 ? add_match(m, &item) : found;
}

static int add_line(void *user, const struct item_record *item)
{
	struct matches *m = user;

	return strcmp(item->item_id, m->order) == 0 ? add_match(m, item) : 0;
}

static int find_matches(struct deciding *d, struct matches *m, struct error *err)
{
	const char *order = d->decision->order;
	struct item_filter by_order = {.order_id = order, .state = -1}, parked = {.state = ITEM_PARKED};

	if (match_key(d, m, order, err) < 0 ||
	    match_key(d, m, arena_printf(d->arena, "%s/%s", d->job->bss.name, order), err) < 0)
		return -1;
	if (ledger_items(d->ledger, &by_order, add_match, m, err) < 0)
		return -1;
	/* By the id of its own alone, where that is not all of its name. */
	return m->count > 0 ? 0 : ledger_items(d->ledger, &parked, add_line, m, err);
}

/* What there is to do about one that waits for no decision. */
static void add_next_command(const struct deciding *d, const struct item_record *item, struct strbuf *out)
{
	if (item->state == ITEM_FAILED) {
		strbuf_adds(out, "what failed is tried again by the next run, or with ");
		report_add_retry_command(d->job->path, item, out);
		return;
	}
	strbuf_adds(out, "tenantry show ");
	report_add_shell(out, item_record_name(item));
	strbuf_addf(out, " --job %s says how it stands", d->job->path);
}

static int refuse_not_parked(
    const struct deciding *d, const struct matches *m, const char *order, struct error *err)
{
	struct strbuf command = {0};

	if (m->count == 0) {
		error_set(err, ERR_USAGE, "the ledger has no order %s: nothing was changed", order);
		return error_hint(err, "tenantry show parked lists what waits for a decision");
	}
	if (m->count == 1)
		error_set(err, ERR_USAGE, "order item %s is %s, not parked: nothing was changed",
		    item_record_name(&m->items[0]), item_state_name(m->items[0].state));
	else
		error_set(err, ERR_USAGE, "none of the %zu items of order %s is parked: nothing was changed",
		    m->count, order);
	add_next_command(d, &m->items[0], &command);
	error_hint(err, "only parked orders need a decision: %s", command.p);
	strbuf_free(&command);
	return -1;
}

static int refuse_ambiguous(const struct matches *m, const char *order, struct error *err)
{
	struct strbuf names = {.max = 600};

	for (size_t i = 0; i < m->count; i++)
		if (m->items[i].state == ITEM_PARKED)
			strbuf_addf(&names, "%s%s (%s)", names.n ? ", " : "", item_record_name(&m->items[i]),
			    m->items[i].reason);
	error_set(err, ERR_USAGE, "several items of order %s are parked: %s", order, names.p ? names.p : "");
	strbuf_free(&names);
	return error_hint(err, "decide each by its own id, as it stands there");
}

static int find_item(struct deciding *d, struct error *err)
{
	struct matches m = {.arena = d->arena, .order = d->decision->order};
	size_t parked = 0;
	int rc = find_matches(d, &m, err);

	for (size_t i = 0; i < m.count; i++) {
		if (m.items[i].state != ITEM_PARKED)
			continue;
		d->item = m.items[i];
		parked++;
	}
	if (rc == 0 && parked == 0)
		rc = refuse_not_parked(d, &m, d->decision->order, err);
	else if (rc == 0 && parked > 1)
		rc = refuse_ambiguous(&m, d->decision->order, err);
	d->parked_as = park_reason_parse(d->item.reason ? d->item.reason : "");
	free(m.items);
	return rc;
}

/* ---- The mail: the journal decides whether it is sent (flow_user.c), so the decision is written there. */

static bool is_mail(const struct step_record *step)
{
	return strcmp(step->call, acronis_call_name(CALL_ACTIVATION_MAIL)) == 0;
}

/* Every mail that is in doubt gets this outcome; where none was journalled (an adopted tenant, a rebuilt
 * ledger) a row is added. */
static int settle_mail(struct deciding *d, const char *outcome, struct error *err)
{
	struct step_record *steps, added = {.item_key = d->item.key,
				       .step = STEP_ACTIVATION,
				       .call = acronis_call_name(CALL_ACTIVATION_MAIL),
				       .target = d->item.user_id};
	char *detail = mem_printf("decided by %s", d->who);
	size_t count, settled = 0;
	int rc = ledger_steps(d->ledger, d->item.key, d->arena, &steps, &count, err);

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (!is_mail(&steps[i]) || steps[i].outcome_at)
			continue;
		rc = ledger_outcome(d->ledger, steps[i].id, outcome, 0, "", detail, err);
		settled++;
	}
	if (rc == 0 && settled == 0) {
		int64_t id = ledger_intent(d->ledger, &added, err);
		rc = id < 0 ? -1 : ledger_outcome(d->ledger, id, outcome, 0, "", detail, err);
	}
	free(detail);
	return rc;
}

static int refuse_other_reason(const struct deciding *d, const char *option, struct error *err)
{
	struct strbuf command = {0};

	error_set(err, ERR_USAGE, "%s settles nothing here: order item %s is parked as %s (%s)", option,
	    item_record_name(&d->item), d->item.reason, park_reason_text(d->parked_as));
	report_add_settling_command(d->item.run_id, d->job->path, &d->item, &command);
	error_hint(err, "what can be decided: %s: %s", park_reason_decision(d->parked_as), command.p);
	strbuf_free(&command);
	return -1;
}

static int resend_mail(struct deciding *d, struct error *err)
{
	if (d->parked_as != PARK_MAIL_IN_DOUBT)
		return refuse_other_reason(d, "--resend-mail", err);
	d->word = "resend-mail";
	d->next = "the next run sends the activation mail once more and goes on";
	return settle_mail(d, "resend", err);
}

static int skip(struct deciding *d, struct error *err)
{
	if (d->parked_as == PARK_MAIL_IN_DOUBT) {
		d->word = "skip-mail";
		d->next = "the next run goes on without an activation mail";
		return settle_mail(d, "skipped", err);
	}
	d->word = "skip";
	d->next = "the order is not done, and no later run takes it up";
	d->item.state = ITEM_REJECTED;
	d->item.reason = "skipped";
	/* It was decided about what the order says by now, not about what work began with. */
	if (d->parked_as == PARK_ORDER_CHANGED)
		d->item.digest = d->item.content = "";
	return 0;
}

static int tier_proved(struct deciding *d, struct error *err)
{
	if (d->parked_as != PARK_TIER_UNPROVED)
		return refuse_other_reason(d, "--tier-proved", err);
	return first_pass_decide(d, err);
}

static int adopt(struct deciding *d, struct error *err)
{
	/* A tenant settles nothing where the order, the user, the mail or the tier is what is wrong. */
	if (d->parked_as == PARK_MAIL_IN_DOUBT || d->parked_as == PARK_ORDER_CHANGED ||
	    d->parked_as == PARK_USER_GONE || d->parked_as == PARK_ORDER_GONE ||
	    d->parked_as == PARK_TIER_LOST || d->parked_as == PARK_TIER_UNPROVED)
		return refuse_other_reason(d, "--adopt", err);
	d->word = "adopt";
	d->next = "the next run does the order on this tenant and creates none";
	return adopt_tenant(d, err);
}

/* ---- What the ledger is told. */

static int write_decision(struct deciding *d, struct error *err)
{
	const struct decision *decision = d->decision;
	struct decision_record record = {.account_id = d->item.account_id,
	    .item_key = d->item.key,
	    .decision = d->word,
	    .parked_as = park_reason_code(d->parked_as),
	    .tenant_id = decision->kind == DECISION_ADOPT ? d->item.tenant_id : "",
	    .note = decision->note,
	    .who = d->who};

	if (d->item.state == ITEM_PARKED) {
		d->item.state = ITEM_ACCEPTED;
		d->item.reason = "";
	}
	d->item.text = arena_printf(
	    d->arena, "%s by %s%s%s", d->word, d->who, decision->note[0] ? ": " : "", decision->note);
	/* No run did this: how the item stood in its last run stays as it was. */
	d->item.run_id = "";
	if (ledger_item_settle(d->ledger, &d->item, err) < 0 ||
	    ledger_decision_put(d->ledger, &record, err) < 0)
		return -1;
	return ledger_commit(d->ledger, err);
}

static int decide_locked(struct deciding *d, struct error *err)
{
	static int (*const kinds[])(struct deciding *, struct error *) = {[DECISION_ADOPT] = adopt,
	    [DECISION_RESEND_MAIL] = resend_mail,
	    [DECISION_SKIP] = skip,
	    [DECISION_TIER_PROVED] = tier_proved};

	if (find_item(d, err) < 0)
		return -1;
	return kinds[d->decision->kind](d, err) < 0 ? -1 : write_decision(d, err);
}

int decide(const struct job *job, const struct decision *decision, struct clock *clock, struct arena *arena,
    struct decided *out, struct error *err)
{
	struct deciding d = {.job = job, .decision = decision, .clock = clock, .arena = arena};
	struct identity identity;
	struct error ignored = {0};
	int rc = -1;

	identity_who(d.who);
	identity_of_run(&identity, clock);
	d.ledger = open_known_ledger(job, LEDGER_WRITE, clock, err);
	if (!d.ledger)
		return -1;
	if (job_lock(d.ledger, job, &identity, err) == 0) {
		rc = decide_locked(&d, err);
		if (ledger_lock_release(d.ledger, job->name, identity.run_id, rc == 0 ? err : &ignored) < 0)
			rc = -1;
	}
	ledger_close(d.ledger);
	*out = (struct decided){.item = d.item,
	    .decision = d.word,
	    .parked_as = park_reason_code(d.parked_as),
	    .who = arena_strdup(arena, d.who),
	    .next = d.next};
	return rc;
}
