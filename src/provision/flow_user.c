/* The reseller's administrator: the user, its role, the activation mail. Acronis notes section 5: creation
 * answers 200, the roles are replaced as a whole, and each call of the activation mail sends another mail, so
 * that one is never repeated. */
#include "flow_impl.h"

#include <stdlib.h>

#include "tenantry/mem.h"

/* ---- The user exists. */

static bool is_create(const struct step_record *row)
{
	return strcmp(row->call, acronis_call_name(CALL_USER_CREATE)) == 0;
}

/* A create of ours that was in doubt when this flow began, or since. Within one flow a create follows another
 * only when that was not refused. */
static bool in_doubt_of_late(const struct flow *flow)
{
	for (size_t i = 0; i < flow->row_count; i++)
		if (is_create(&flow->rows[i]) && flow->rows[i].outcome_at == 0)
			return true;
	return flow->changes > 1;
}

/* One whose answer was lost or could not be read, and which was then not found, in an earlier run: it may
 * have shown up since. */
static bool unseen_before(const struct flow *flow)
{
	for (size_t i = 0; i < flow->row_count; i++) {
		const struct step_record *row = &flow->rows[i];
		if (is_create(row) && !row->object_id[0] &&
		    (strcmp(row->outcome, "settled") == 0 ||
			strcmp(row->outcome, api_result_name(API_OK)) == 0))
			return true;
	}
	return false;
}

/* A create before the one at hand that may have made the user after all, which then showed up late: without
 * an outcome, or settled by reading. What was refused made nobody. */
static bool tried_before(const struct flow *flow)
{
	if (in_doubt_of_late(flow))
		return true;
	for (size_t i = 0; i < flow->row_count; i++) {
		const struct step_record *row = &flow->rows[i];
		if (is_create(row) && (strcmp(row->outcome, "settled") == 0 ||
					  strcmp(row->outcome, api_result_name(API_OK)) == 0))
			return true;
	}
	return false;
}

/* Found because a create was refused, or in a run after one that was lost: ours only when it carries our key
 * and can have come from an earlier try. A first create that is refused met somebody with the same key, such
 * as a job with another ledger, who has sent or will send the mail. */
static bool is_ours(const struct flow *flow, const struct acronis_user *user)
{
	if (flow->changes > 0 && !flow->taken)
		return true;
	return strcmp(user->external_id, flow->record.key) == 0 &&
	       (flow->changes > 0 ? tried_before(flow) : unseen_before(flow));
}

static void take_user(struct flow *flow, const struct acronis_user *user)
{
	flow->record.user_id = flow_keep(flow, user->id);
	flow->user_is_active = user->activated;
	flow->user_is_ours = is_ours(flow, user);
}

static int see_user(struct flow *flow, const json_t *item, struct error *err)
{
	struct acronis_user user;

	if (acronis_user_decode(item, flow->arena, &user, err) < 0)
		return -1;
	if (user.deleted_at[0] || !strv_eq_nocase(strv_of(user.tenant_id), strv_of(flow->record.tenant_id)))
		return 0;
	if (strcmp(user.external_id, flow->record.key) == 0 ||
	    strv_eq_nocase(strv_of(user.login), strv_of(flow->action->login)))
		take_user(flow, &user);
	return 0;
}

static enum view look(
    struct flow *flow, struct flow_call *call, enum user_look stage, enum acronis_call name, const char *a)
{
	flow->look = stage;
	flow_ask(call, name, a);
	return VIEW_ASK;
}

enum { USERS_AT_ONCE = 100 }; /* uuids in one call (notes section 5) */

/* The query for the next of the ids; the others stay for the call after it. */
static const char *next_users(struct flow *flow)
{
	const char *ids = flow->user_ids, *end = ids;

	for (size_t n = 0; n < USERS_AT_ONCE && *end; n++)
		end += strcspn(end + (n > 0), ",") + (n > 0);
	flow->user_ids = *end ? end + 1 : NULL;
	return arena_printf(flow->arena, "uuids=%.*s", (int)(end - ids), ids);
}

/* A tenant that this flow has just made is empty; its login was free a moment ago. Otherwise: the known user;
 * or the ids of the tenant's users (one call, most often an empty list), then these users. */
static enum view user_read(struct flow *flow, struct flow_call *call)
{
	if (flow->record.user_id[0])
		return look(flow, call, LOOK_KNOWN, CALL_USER, flow->record.user_id);
	if (flow->user_ids) {
		call->request.query = next_users(flow);
		call->item = see_user;
		return look(flow, call, LOOK_USERS, CALL_USERS, NULL);
	}
	if (flow->tenant_is_new && flow->doubt == DOUBT_NONE && !flow->taken)
		return VIEW_DIFFERS;
	return look(flow, call, LOOK_IDS, CALL_TENANT_USERS, flow->record.tenant_id);
}

static enum view judge_known_user(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_user user = {.id = ""};
	struct error err = {0};

	if (answer->result != API_OK && answer->result != API_NOT_FOUND)
		return flow_trouble(flow, answer);
	if (answer->result == API_OK && acronis_user_decode(answer->body, flow->arena, &user, &err) < 0)
		return flow_unreadable(flow, &err);
	if (!user.id[0] || user.deleted_at[0] ||
	    !strv_eq_nocase(strv_of(user.tenant_id), strv_of(flow->record.tenant_id))) {
		flow->record.user_id = ""; /* gone, or somebody else's: looked for like an unknown one */
		return VIEW_AGAIN;
	}
	take_user(flow, &user);
	return VIEW_SAME;
}

/* A list that cannot be read is not an empty one: on that a second user would be made. */
static enum view judge_user_ids(struct flow *flow, const struct acronis_answer *answer)
{
	const json_t *items = json_object_get(answer->body, "items"), *id;
	struct strbuf ids = {0};
	struct error err = {0};
	size_t index;

	if (answer->result != API_OK)
		return flow_trouble(flow, answer);
	if (!json_is_array(items))
		error_set(
		    &err, ERR_ACRONIS, "the users of tenant %s: items is not a list", flow->record.tenant_id);
	json_array_foreach(items, index, id)
	{
		if (!json_is_string(id) || !json_string_value(id)[0])
			error_set(&err, ERR_ACRONIS,
			    "the users of tenant %s: element %zu of items is not an id",
			    flow->record.tenant_id, index + 1);
		else
			strbuf_addf(&ids, "%s%s", ids.n ? "," : "", json_string_value(id));
	}
	if (err.code == ERR_NONE && ids.n > 0)
		flow->user_ids = flow_keep(flow, ids.p);
	strbuf_free(&ids);
	if (err.code != ERR_NONE)
		return flow_unreadable(flow, &err);
	return flow->user_ids ? VIEW_AGAIN : VIEW_DIFFERS;
}

/* Nobody of the tenant is it. */
static enum view no_user(struct flow *flow)
{
	if (!flow->taken)
		return VIEW_DIFFERS;
	/* Lists lag and lose elements: the next run looks again, and whom no list has by then is somebody
	 * else's. */
	if (in_doubt_of_late(flow))
		return flow_fail(flow, FAIL_IN_DOUBT,
		    "the login %s is taken, perhaps by the user that a call without an answer made; no list of the tenant's users has it yet",
		    flow->action->login);
	return flow_park(
	    flow, PARK_LOGIN_TAKEN, "the login %s belongs to a user outside the tenant", flow->action->login);
}

static enum view user_judge(struct flow *flow, const struct acronis_answer *answer)
{
	enum view view;

	switch (flow->look) {
	case LOOK_KNOWN:
		return judge_known_user(flow, answer);
	case LOOK_IDS:
		view = judge_user_ids(flow, answer);
		return view == VIEW_DIFFERS ? no_user(flow) : view;
	default:
		if (answer->result != API_OK)
			return flow_trouble(flow, answer);
		if (flow->record.user_id[0])
			return VIEW_SAME;
		return flow->user_ids ? VIEW_AGAIN : no_user(flow);
	}
}

static enum view user_create(struct flow *flow, struct flow_call *call)
{
	const struct order_item *item = flow->action->item;
	struct acronis_contact contact = {.email = item->email[0] ? item->email : item->login,
	    .first_name = item->first_name,
	    .last_name = item->last_name,
	    .phone = item->phone,
	    .address1 = "",
	    .address2 = "",
	    .city = "",
	    .state = "",
	    .zipcode = "",
	    .country = ""};

	flow_ask(call, CALL_USER_CREATE, NULL);
	call->request.body =
	    acronis_user_create_body(flow->record.tenant_id, flow->action->login, item->key, &contact);
	snprintf(call->target, sizeof call->target, "%s", flow->record.tenant_id);
	return VIEW_ASK;
}

static enum view user_created(struct flow *flow, const struct acronis_answer *answer)
{
	struct acronis_user user;
	struct error err = {0};

	if (answer->result == API_TAKEN) {
		flow->taken = true;
		return VIEW_AGAIN;
	}
	if (answer->result != API_OK)
		return VIEW_COMMON;
	/* An answer that is of another user is not believed: the tenant's users are read. */
	if (acronis_user_decode(answer->body, flow->arena, &user, &err) < 0 || !user.id[0] ||
	    strcmp(user.external_id, flow->record.key) != 0 ||
	    !strv_eq_nocase(strv_of(user.tenant_id), strv_of(flow->record.tenant_id)))
		return VIEW_COMMON;
	take_user(flow, &user);
	flow_save(flow, STEP_USER);
	return VIEW_SAME;
}

const struct goal goal_user = {.name = "user",
    .step = STEP_USER,
    .call = CALL_USER_CREATE,
    .read = user_read,
    .judge = user_judge,
    .change = user_create,
    .changed = user_created};

/* ---- Somebody removed the user between two steps. Making another is for a person to decide: when the item
 * is taken up again the user step begins anew, and a new user gets a mail of its own. */

static enum view user_trouble(struct flow *flow, const struct acronis_answer *answer)
{
	if (answer->result != API_NOT_FOUND)
		return flow_trouble(flow, answer);
	const char *gone = flow->record.user_id;
	flow->record.user_id = "";
	flow->record.step = STEP_CONTRACT;
	return flow_park(
	    flow, PARK_USER_GONE, "the user %s (%s) is not in Acronis any more", flow->action->login, gone);
}

/* ---- partner_admin in its own tenant. The call replaces all roles, so those it has are sent back with it.
 */

static enum view role_read(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_ACCESS_POLICIES, flow->record.user_id);
	return VIEW_ASK;
}

static bool is_our_role(const struct flow *flow, const json_t *policy)
{
	const char *role = json_string_value(json_object_get(policy, "role_id"));
	const char *tenant = json_string_value(json_object_get(policy, "tenant_id"));

	return role && tenant && strcmp(role, "partner_admin") == 0 &&
	       strv_eq_nocase(strv_of(tenant), strv_of(flow->record.tenant_id));
}

static enum view role_judge(struct flow *flow, const struct acronis_answer *answer)
{
	json_t *items = json_object_get(answer->body, "items"), *policy;
	size_t index;

	if (answer->result != API_OK)
		return user_trouble(flow, answer);
	json_decref(flow->policies);
	flow->policies = json_incref(items);
	json_array_foreach(items, index, policy) if (is_our_role(flow, policy)) return VIEW_SAME;
	return VIEW_DIFFERS;
}

static enum view role_change(struct flow *flow, struct flow_call *call)
{
	static const char *const members[] = {
	    "id", "issuer_id", "trustee_id", "trustee_type", "tenant_id", "role_id", "version"};
	json_t *body = acronis_partner_admin_body(flow->record.user_id, flow->record.tenant_id), *policy;
	size_t index;

	json_array_foreach(flow->policies, index, policy)
	{
		json_t *copy = json_object();
		for (size_t i = 0; i < ARRAY_LEN(members); i++)
			json_object_set(copy, members[i], json_object_get(policy, members[i]));
		json_array_append_new(json_object_get(body, "items"), copy);
	}
	flow_ask(call, CALL_ACCESS_POLICIES_SET, flow->record.user_id);
	call->request.body = body;
	snprintf(call->target, sizeof call->target, "%s", flow->record.user_id);
	return VIEW_ASK;
}

static enum view role_changed(struct flow *flow, const struct acronis_answer *answer)
{
	return answer->result == API_NOT_FOUND ? user_trouble(flow, answer) : VIEW_COMMON;
}

const struct goal goal_role = {.name = "partner_admin",
    .step = STEP_USER,
    .call = CALL_ACCESS_POLICIES_SET,
    .read = role_read,
    .judge = role_judge,
    .change = role_change,
    .changed = role_changed};

/* ---- The activation mail: once. Nothing in Acronis tells whether it went out, so the journal alone decides.
 */

static enum view mail_in_doubt(struct flow *flow)
{
	if (flow->env->job->provision.activation_in_doubt == ACTIVATION_PARK)
		return flow_park(flow, PARK_MAIL_IN_DOUBT, "%s", park_reason_text(PARK_MAIL_IN_DOUBT));
	/* The job says that a second mail does less harm than none. */
	flow->doubt = DOUBT_NONE;
	return VIEW_DIFFERS;
}

enum mail { MAIL_NOT_TRIED, MAIL_TRIED /* and known not to have gone out */, MAIL_SETTLED };

/* "skipped" is what a person's decision writes for a mail that is not wanted, "resend" for one that may go
 * out again. */
static enum mail mail_so_far(const struct flow *flow)
{
	enum mail mail = MAIL_NOT_TRIED;

	for (size_t i = 0; i < flow->row_count; i++) {
		const struct step_record *row = &flow->rows[i];
		/* A mail to the user of another tenant, before this one was adopted, says nothing. */
		if (strcmp(row->call, acronis_call_name(CALL_ACTIVATION_MAIL)) != 0 ||
		    (row->target[0] && !strv_eq_nocase(strv_of(row->target), strv_of(flow->record.user_id))))
			continue;
		if (strcmp(row->outcome, api_result_name(API_OK)) == 0 ||
		    strcmp(row->outcome, "skipped") == 0)
			return MAIL_SETTLED;
		mail = MAIL_TRIED;
	}
	return mail;
}

/* Did an earlier run make the user, or may it have? */
static bool made_user(const struct flow *flow)
{
	for (size_t i = 0; i < flow->row_count; i++) {
		const struct step_record *row = &flow->rows[i];
		if (strcmp(row->call, acronis_call_name(CALL_USER_CREATE)) == 0 &&
		    (row->outcome_at == 0 || strcmp(row->object_id, flow->record.user_id) == 0))
			return true;
	}
	return false;
}

static enum view mail_read(struct flow *flow, struct flow_call *call)
{
	enum mail mail = mail_so_far(flow);

	(void)call;
	if (mail == MAIL_SETTLED)
		return VIEW_SAME;
	if (flow->open_count > 0)
		return mail_in_doubt(flow);
	if (mail == MAIL_TRIED || flow->user_is_ours || made_user(flow))
		return VIEW_DIFFERS;
	/* The user was not made by this order, as far as the journal goes: who is active needs no mail; else
	 * it is not known whether one was sent (an adopted tenant, a rebuilt ledger). */
	return flow->user_is_active ? VIEW_SAME : mail_in_doubt(flow);
}

static enum view mail_send(struct flow *flow, struct flow_call *call)
{
	flow_ask(call, CALL_ACTIVATION_MAIL, flow->record.user_id);
	call->request.body = json_object();
	snprintf(call->target, sizeof call->target, "%s", flow->record.user_id);
	return VIEW_ASK;
}

static enum view mail_sent(struct flow *flow, const struct acronis_answer *answer)
{
	if (answer->result == API_OK)
		return VIEW_SAME;
	if (answer->result != API_UNKNOWN)
		return user_trouble(flow, answer);
	if (flow->changes >= CHANGES_MAX)
		return flow_trouble(flow, answer);
	return mail_in_doubt(flow);
}

const struct goal goal_mail = {.name = "activation mail",
    .step = STEP_ACTIVATION,
    .call = CALL_ACTIVATION_MAIL,
    .read = mail_read,
    .change = mail_send,
    .changed = mail_sent};
