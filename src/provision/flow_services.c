/* Services: the tenant has exactly the offering items of the contract (contract.offering_items), and
 * two-factor where the job asks for it. Acronis notes section 4: an item is application, name and infra; each
 * quota has a version of its own (426). */
#include "flow_impl.h"

#include "tenantry/mem.h"

/* ---- What a contract tenant has: worked out once a run from what the parent can hand on. */

static const char *application_id(const struct acronis_session *session, const char *name)
{
	for (size_t i = 0; i < session->application_count; i++)
		if (strv_eq_nocase(strv_of(session->applications[i].type), strv_of(name)))
			return session->applications[i].id;
	return name; /* an id */
}

static bool add_named(
    const struct offering_item_ref *ref, const struct acronis_session *session, struct wanted_items *out)
{
	const char *application = application_id(session, ref->application);
	bool found = false;

	for (size_t i = 0; i < session->available_count; i++) {
		const struct acronis_offering_item *item = &session->available[i];
		if (strcmp(item->name, ref->name) != 0 ||
		    !strv_eq_nocase(strv_of(item->application_id), strv_of(application)))
			continue;
		struct acronis_offering_item *wanted = &out->items[out->count++];
		*wanted = *item;
		wanted->has_quota = ref->has_quota;
		wanted->quota_unlimited = ref->quota < 0;
		wanted->quota = ref->quota < 0 ? 0 : ref->quota;
		found = true;
	}
	return found;
}

void wanted_items_find(const struct job *job, const struct acronis_session *session, struct arena *arena,
    struct wanted_items *out)
{
	size_t refs = job->contract.all_offering_items ? 1 : job->contract.offering_item_count;

	*out = (struct wanted_items){0};
	out->items = arena_alloc(arena, (refs * session->available_count + 1) * sizeof *out->items);
	for (size_t i = 0; job->contract.all_offering_items && i < session->available_count; i++) {
		out->items[out->count] = session->available[i];
		out->items[out->count++].has_quota = false;
	}
	for (size_t i = 0; !job->contract.all_offering_items && i < refs; i++) {
		const struct offering_item_ref *ref = &job->contract.offering_items[i];
		if (!add_named(ref, session, out) && !out->missing[0])
			snprintf(out->missing, sizeof out->missing, "%s of %s", ref->name, ref->application);
	}
}

/* ---- Differences between what is wanted and what is there. */

static bool same_item(const struct acronis_offering_item *a, const struct acronis_offering_item *b)
{
	return strcmp(a->name, b->name) == 0 &&
	       strv_eq_nocase(strv_of(a->application_id), strv_of(b->application_id)) &&
	       strv_eq_nocase(strv_of(a->infra_id), strv_of(b->infra_id));
}

static const struct acronis_offering_item *find_item(
    const struct acronis_offering_item *items, size_t count, const struct acronis_offering_item *like)
{
	for (size_t i = 0; i < count; i++)
		if (same_item(&items[i], like))
			return &items[i];
	return NULL;
}

static bool quota_differs(const struct acronis_offering_item *wanted, const struct acronis_offering_item *is)
{
	if (!wanted->has_quota)
		return false;
	if (!is || !is->has_quota)
		return !wanted->quota_unlimited; /* no quota is no limit */
	return wanted->quota_unlimited != is->quota_unlimited ||
	       (!wanted->quota_unlimited && wanted->quota != is->quota);
}

static void add_change(struct flow *flow, const struct acronis_offering_item *change)
{
	flow->changes_wanted[flow->changes_count++] = *change;
}

/* What is locked keeps its status (notes section 4). With "all" that is no difference; an item that the job
 * names must be on. */
static bool compare_wanted(
    struct flow *flow, const struct acronis_offering_item *wanted, const struct acronis_offering_item *is)
{
	struct acronis_offering_item change = *wanted;
	bool status = !is || !is->enabled, quota = quota_differs(wanted, is);

	if (status && is && is->locked) {
		if (flow->env->job->contract.all_offering_items)
			return true;
		flow_fail(flow, FAIL_ITEM_LOCKED, "%s is locked on the tenant", wanted->name);
		return false;
	}
	if (!status && !quota)
		return true;
	change.enabled = true;
	change.has_quota = quota;
	change.quota_version = is ? is->quota_version : 0;
	change.overage = is ? is->overage : 0;
	change.overage_unlimited = !is || !is->has_quota || is->overage_unlimited;
	add_change(flow, &change);
	return true;
}

static bool compare(struct flow *flow, const struct acronis_offering_item *is, size_t count)
{
	const struct wanted_items *wanted = &flow->env->items;

	flow->changes_count = 0;
	flow->changes_wanted =
	    arena_alloc(flow->arena, (wanted->count + count + 1) * sizeof *flow->changes_wanted);
	for (size_t i = 0; i < wanted->count; i++)
		if (!compare_wanted(flow, &wanted->items[i], find_item(is, count, &wanted->items[i])))
			return false;
	for (size_t i = 0; i < count; i++) {
		struct acronis_offering_item change = is[i];
		if (!is[i].enabled || is[i].locked || find_item(wanted->items, wanted->count, &is[i]))
			continue;
		change.enabled = false;
		change.has_quota = false;
		add_change(flow, &change);
	}
	return true;
}

static enum view services_read(struct flow *flow, struct flow_call *call)
{
	if (flow->env->items.missing[0])
		return flow_fail(flow, FAIL_ITEM_NOT_AVAILABLE,
		    "the parent cannot hand on %s (contract.offering_items)", flow->env->items.missing);
	flow_ask(call, CALL_OFFERING_ITEMS, flow->record.tenant_id);
	call->request.query = "edition=*";
	return VIEW_ASK;
}

static enum view services_judge(struct flow *flow, const struct acronis_answer *answer)
{
	struct error err = {0};
	const json_t *list = answer->body ? json_object_get(answer->body, "items") : NULL, *element;
	size_t index;

	if (answer->result != API_OK)
		return flow_trouble(flow, answer);
	struct acronis_offering_item *is = arena_alloc(flow->arena, (json_array_size(list) + 1) * sizeof *is);
	json_array_foreach(
	    list, index, element) if (acronis_offering_item_decode(element, flow->arena, &is[index], &err) <
				      0) return flow_unreadable(flow, &err);
	if (!compare(flow, is, json_array_size(list)))
		return VIEW_END;
	return flow->changes_count == 0 ? VIEW_SAME : VIEW_DIFFERS;
}

static enum view services_change(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_OFFERING_ITEMS_SET, flow->record.tenant_id);
	call->request.body = acronis_offering_items_body(flow->changes_wanted, flow->changes_count);
	snprintf(call->target, sizeof call->target, "%s", flow->record.tenant_id);
	return VIEW_ASK;
}

const struct goal goal_services = {.name = "offering items",
    .step = STEP_SERVICES,
    .call = CALL_OFFERING_ITEMS_SET,
    .read = services_read,
    .judge = services_judge,
    .change = services_change};

/* ---- Two-factor. */

static bool mfa_is_wanted(const struct flow *flow)
{
	return flow->env->job->contract.mfa;
}

static enum view mfa_read(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_MFA, flow->record.tenant_id);
	return VIEW_ASK;
}

static enum view mfa_judge(struct flow *flow, const struct acronis_answer *answer)
{
	const char *status = json_string_value(json_object_get(answer->body, "mfa_status"));

	if (answer->result != API_OK)
		return flow_trouble(flow, answer);
	return status && strcmp(status, "enabled") == 0 ? VIEW_SAME : VIEW_DIFFERS;
}

static enum view mfa_change(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_MFA_SET, flow->record.tenant_id);
	call->request.body = json_pack("{s:b}", "enabled", 1);
	snprintf(call->target, sizeof call->target, "%s", flow->record.tenant_id);
	return VIEW_ASK;
}

const struct goal goal_mfa = {.name = "two-factor",
    .step = STEP_SERVICES,
    .call = CALL_MFA_SET,
    .wanted = mfa_is_wanted,
    .read = mfa_read,
    .judge = mfa_judge,
    .change = mfa_change};
